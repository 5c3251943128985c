/* SPDX-License-Identifier: EUPL-1.2
 *
 * Rules of the extensions' form (RFC 5280 §4.2) and of where a certificate's authority is found.
 */
#include "base/text.h"
#include "pki/authority/lint_internal.h"
#include "pki/certificate/certificate_internal.h"

enum { NAME_MAIL = DER_CONTEXT(1), NAME_HOST = DER_CONTEXT(2), NAME_URI = DER_CONTEXT(6) };

/* --- Criticality ------------------------------------------------------------------------------------------------- */

enum criticality { MUST, MUST_NOT, MAY };
static const struct {
    enum oid_name name;
    enum criticality critical;
} known[] = {
    {OID_AUTHORITY_KEY_ID, MUST_NOT},
    {OID_SUBJECT_KEY_ID, MUST_NOT},
    {OID_KEY_USAGE, MUST},
    {OID_CERTIFICATE_POLICIES, MUST_NOT},
    {OID_POLICY_MAPPINGS, MAY},
    {OID_SUBJECT_ALT_NAME, MUST_NOT},
    {OID_ISSUER_ALT_NAME, MUST_NOT},
    {OID_BASIC_CONSTRAINTS, MAY},
    {OID_NAME_CONSTRAINTS, MUST},
    {OID_POLICY_CONSTRAINTS, MUST},
    {OID_EXTENDED_KEY_USAGE, MAY},
    {OID_CRL_DISTRIBUTION_POINTS, MUST_NOT},
    {OID_INHIBIT_ANY_POLICY, MUST},
    {OID_FRESHEST_CRL, MUST_NOT},
    {OID_AUTHORITY_INFO_ACCESS, MUST_NOT},
    {OID_QC_STATEMENTS, MUST_NOT},
    {OID_OCSP_NOCHECK, MUST_NOT},
    {OID_VALIDITY_ASSURED_SHORT_TERM, MUST_NOT},
    {OID_SUBJECT_INFO_ACCESS, MUST_NOT},
    {OID_SUBJECT_DIRECTORY_ATTRIBUTES, MUST_NOT},
};

static bool flag_is_right(slice id, bool critical)
{
    enum oid_name name = oid_find(id);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].name == name) return known[i].critical == MAY || critical == (known[i].critical == MUST);
    }
    return !critical;
}

bool lint_rule_critical_flags(const struct lint_target *t)
{
    slice rest = t->certificate->extensions;
    slice id;
    slice value;
    bool critical;
    while (certificate_next_extension(&rest, &id, &critical, &value)) {
        if (!flag_is_right(id, critical)) return false;
    }
    return rest.length == 0;
}

bool lint_rule_boolean_form(const struct lint_target *t)
{
    slice rest = t->certificate->extensions;
    slice extension;
    slice id;
    slice flag;
    while (der_take_optional(&rest, DER_SEQUENCE, &extension)) {
        (void)der_take_optional(&extension, DER_OID, &id);
        if (der_take_optional(&extension, DER_BOOLEAN, &flag) && !slice_equal(flag, SLICE("\xFF"))) return false;
    }
    return true;
}

/* basicConstraints of a user is the one that may be empty. */
bool lint_rule_not_empty(const struct lint_target *t)
{
    slice rest = t->certificate->extensions;
    slice id;
    slice value;
    bool critical;
    if (rest.length == 0) return false;
    while (certificate_next_extension(&rest, &id, &critical, &value)) {
        bool empty = value.length == 0 || slice_equal(value, SLICE("\x30\x00"));
        if (empty && !slice_equal(id, oid(OID_BASIC_CONSTRAINTS))) return false;
    }
    return true;
}

/* --- Keys -------------------------------------------------------------------------------------------------------- */

bool lint_rule_authority_key(const struct lint_target *t)
{
    slice list;
    slice id;
    return lint_extension_list(t, OID_AUTHORITY_KEY_ID, &list) && der_take_optional(&list, DER_CONTEXT(0), &id) &&
           list.length == 0 && t->issuer != NULL && id.length > 0 && slice_equal(id, t->issuer->subject_key_id);
}

bool lint_rule_subject_key(const struct lint_target *t)
{
    size_t length = t->certificate->subject_key_id.length;
    return length >= 8 && length <= 32;
}

/* --- Policies ---------------------------------------------------------------------------------------------------- */

bool lint_rule_policies_present(const struct lint_target *t)
{
    slice list;
    return lint_extension_list(t, OID_CERTIFICATE_POLICIES, &list) && list.length > 0;
}

/* UserNotice ::= SEQUENCE { noticeRef OPTIONAL, explicitText DisplayText OPTIONAL }: no noticeRef, as few read it. */
static bool is_notice(slice notice)
{
    slice content;
    slice text;
    size_t characters = 0;
    if (!der_take_optional(&notice, DER_SEQUENCE, &content) || notice.length > 0 ||
        !der_take_optional(&content, DER_UTF8_STRING, &text) || content.length > 0 || !text_is_utf8(text)) {
        return false;
    }
    for (; text.length > 0; characters++) (void)text_next(&text);
    return characters > 0 && characters <= 200;
}

static bool are_qualifiers(slice list)
{
    slice qualifier;
    slice id;
    slice address;
    if (list.length == 0) return false;
    while (list.length > 0) {
        if (!der_take_optional(&list, DER_SEQUENCE, &qualifier) || !der_take_optional(&qualifier, DER_OID, &id)) {
            return false;
        }
        bool cps = slice_equal(id, oid(OID_QUALIFIER_CPS));
        bool good = cps ? der_take_optional(&qualifier, DER_IA5_STRING, &address) && qualifier.length == 0 &&
                              lint_is_web_address(address)
                        : slice_equal(id, oid(OID_QUALIFIER_USER_NOTICE)) && is_notice(qualifier);
        if (!good) return false;
    }
    return true;
}

bool lint_rule_policies_form(const struct lint_target *t)
{
    enum { SEEN_MAXIMUM = 16 };
    slice seen[SEEN_MAXIMUM];
    slice value;
    slice list = SLICE_EMPTY;
    slice information;
    slice qualifiers;
    if (!lint_extension(t, OID_CERTIFICATE_POLICIES, &value)) return true;
    if (!lint_extension_list(t, OID_CERTIFICATE_POLICIES, &list)) return false;
    for (size_t count = 0; list.length > 0; count++) {
        if (count == SEEN_MAXIMUM || !der_take_optional(&list, DER_SEQUENCE, &information) ||
            !der_take_optional(&information, DER_OID, &seen[count])) {
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            if (slice_equal(seen[i], seen[count])) return false;
        }
        if (der_take_optional(&information, DER_SEQUENCE, &qualifiers) && !are_qualifiers(qualifiers)) return false;
        if (information.length > 0) return false;
    }
    return true;
}

/* --- Addresses --------------------------------------------------------------------------------------------------- */

/* The first address of a DistributionPoint { [0] { [0] fullName } }. */
static bool point_address(slice point, slice *address)
{
    slice name;
    slice full;
    return der_take_optional(&point, DER_CONTEXT_CONSTRUCTED(0), &name) && point.length == 0 &&
           der_take_optional(&name, DER_CONTEXT_CONSTRUCTED(0), &full) && name.length == 0 &&
           der_take_optional(&full, NAME_URI, address);
}

bool lint_rule_crl_point(const struct lint_target *t)
{
    slice list;
    slice point;
    slice address;
    size_t web = 0;
    if (!lint_extension_list(t, OID_CRL_DISTRIBUTION_POINTS, &list)) return false;
    while (der_take_optional(&list, DER_SEQUENCE, &point)) {
        if (!point_address(point, &address)) return false;
        if (lint_is_web_address(address) && memcmp(address.data, "http://", 7) == 0) web++;
    }
    return list.length == 0 && web > 0;
}

/* Whether there is an address for `method`. */
static bool has_access(const struct lint_target *t, enum oid_name method)
{
    slice list;
    slice description;
    slice id;
    slice address;
    if (!lint_extension_list(t, OID_AUTHORITY_INFO_ACCESS, &list)) return false;
    while (der_take_optional(&list, DER_SEQUENCE, &description)) {
        if (der_take_optional(&description, DER_OID, &id) && slice_equal(id, oid(method)) &&
            der_take_optional(&description, NAME_URI, &address)) {
            return true;
        }
    }
    return false;
}

bool lint_rule_access(const struct lint_target *t)
{
    return has_access(t, OID_AD_OCSP) && has_access(t, OID_AD_CA_ISSUERS);
}

bool lint_rule_access_form(const struct lint_target *t)
{
    slice value;
    slice list = SLICE_EMPTY;
    slice description;
    slice id;
    slice address;
    if (!lint_extension(t, OID_AUTHORITY_INFO_ACCESS, &value)) return true;
    if (!lint_extension_list(t, OID_AUTHORITY_INFO_ACCESS, &list)) return false;
    while (list.length > 0) {
        if (!der_take_optional(&list, DER_SEQUENCE, &description) || !der_take_optional(&description, DER_OID, &id) ||
            !der_take_optional(&description, NAME_URI, &address) || description.length > 0 ||
            !lint_is_web_address(address)) {
            return false;
        }
    }
    return true;
}

/* --- Alternative names ------------------------------------------------------------------------------------------- */

static bool is_mail(slice text)
{
    size_t at = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] <= ' ' || text.data[i] >= 0x7F) return false;
        if (text.data[i] == '@') at++;
    }
    return at == 1 && text.data[0] != '@' && text.data[text.length - 1] != '@' && text.length <= 255;
}

/* Labels of 1 to 63 letters, digits and hyphens (RFC 1034 §3.5), the first may be '*'. */
static bool is_host(slice text)
{
    size_t label = 0;
    if (text.length > 2 && memcmp(text.data, "*.", 2) == 0) text = slice_from(text, 2);
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (c == '.') {
            if (label == 0) return false;
            label = 0;
        } else if ((!letter && (c != '-' || label == 0)) || ++label > 63) {
            return false;
        }
    }
    return label > 0 && text.length <= 253;
}

bool lint_rule_alternative_name(const struct lint_target *t)
{
    slice value;
    slice list = SLICE_EMPTY;
    struct der_item name;
    if (!lint_extension(t, OID_SUBJECT_ALT_NAME, &value)) return true;
    if (!lint_extension_list(t, OID_SUBJECT_ALT_NAME, &list) || list.length == 0) return false;
    while (der_next(&list, &name)) {
        bool good = name.tag == NAME_MAIL   ? is_mail(name.content)
                    : name.tag == NAME_HOST ? is_host(name.content)
                    : name.tag == NAME_URI
                        ? lint_is_web_address(name.content)
                        : name.tag == DER_CONTEXT(7) && (name.content.length == 4 || name.content.length == 16);
        if (!good) return false;
    }
    return list.length == 0;
}
