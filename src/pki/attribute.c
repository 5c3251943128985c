/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/attribute.h"

static const struct {
    enum oid_name type;
    const char *word;
} words[] = {
    {OID_COUNTRY, "c"},
    {OID_STATE, "st"},
    {OID_LOCALITY, "l"},
    {OID_STREET, "street"},
    {OID_POSTAL_CODE, "postalCode"},
    {OID_ORGANIZATION, "o"},
    {OID_ORGANIZATIONAL_UNIT, "ou"},
    {OID_ORGANIZATION_IDENTIFIER, "organizationIdentifier"},
    {OID_BUSINESS_CATEGORY, "businessCategory"},
    {OID_TITLE, "title"},
    {OID_SURNAME, "sn"},
    {OID_GIVEN_NAME, "givenName"},
    {OID_INITIALS, "initials"},
    {OID_GENERATION_QUALIFIER, "generationQualifier"},
    {OID_PSEUDONYM, "pseudonym"},
    {OID_SERIAL_NUMBER, "serialNumber"},
    {OID_DN_QUALIFIER, "dnQualifier"},
    {OID_DESCRIPTION, "description"},
    {OID_NAME, "name"},
    {OID_COMMON_NAME, "cn"},
    {OID_USER_ID, "uid"},
    {OID_DOMAIN_COMPONENT, "dc"},
};
enum { WORDS = sizeof words / sizeof *words };

const char *attribute_word(enum oid_name type)
{
    for (size_t i = 0; i < WORDS; i++) {
        if (words[i].type == type) return words[i].word;
    }
    return NULL;
}

enum oid_name attribute_from_word(slice word)
{
    for (size_t i = 0; i < WORDS; i++) {
        if (slice_is(word, words[i].word)) return words[i].type;
    }
    return OID_COUNT;
}
