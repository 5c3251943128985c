/* SPDX-License-Identifier: EUPL-1.2
 *
 * Rules of the subject's attributes: string types and upper bounds are a table (RFC 5280 App. A.1, X.520 Annex C).
 */
#include "base/text.h"
#include "pki/authority/lint_internal.h"

enum { UTF8 = 1, PRINTABLE = 2, IA5 = 4 };

static const struct {
    enum oid_name type;
    unsigned strings;
    size_t maximum; /* characters */
} attributes[] = {
    {OID_COUNTRY, PRINTABLE, 2},
    {OID_SERIAL_NUMBER, PRINTABLE, 64},
    {OID_DN_QUALIFIER, PRINTABLE, 64},
    {OID_EMAIL_ADDRESS, IA5, 255},
    {OID_DOMAIN_COMPONENT, IA5, 63},
    {OID_COMMON_NAME, UTF8 | PRINTABLE, 64},
    {OID_SURNAME, UTF8 | PRINTABLE, 32768},
    {OID_GIVEN_NAME, UTF8 | PRINTABLE, 32768},
    {OID_PSEUDONYM, UTF8 | PRINTABLE, 128},
    {OID_ORGANIZATION, UTF8 | PRINTABLE, 64},
    {OID_ORGANIZATIONAL_UNIT, UTF8 | PRINTABLE, 64},
    {OID_ORGANIZATION_IDENTIFIER, UTF8 | PRINTABLE, 256},
    {OID_LOCALITY, UTF8 | PRINTABLE, 128},
    {OID_STATE, UTF8 | PRINTABLE, 128},
    {OID_STREET, UTF8 | PRINTABLE, 128},
    {OID_POSTAL_CODE, UTF8 | PRINTABLE, 40},
    {OID_TITLE, UTF8 | PRINTABLE, 64},
    {OID_DESCRIPTION, UTF8 | PRINTABLE, 1024},
    {OID_BUSINESS_CATEGORY, UTF8 | PRINTABLE, 128},
};
enum { ATTRIBUTES = sizeof attributes / sizeof *attributes };

/* The row of a type, ATTRIBUTES when it has none. */
static size_t row_of(slice type)
{
    size_t i = 0;
    enum oid_name name = oid_find(type);
    while (i < ATTRIBUTES && attributes[i].type != name) i++;
    return i;
}

/* `each` holds for all attributes of the subject, which is well-formed. */
static bool for_all(const struct lint_target *t, bool (*each)(slice type, const struct der_item *value))
{
    slice whole = t->certificate->subject;
    slice rdns;
    slice set = SLICE_EMPTY;
    slice type;
    struct der_item value;
    bool malformed;
    if (!der_take_optional(&whole, DER_SEQUENCE, &rdns)) return false;
    while (lint_next_attribute(&rdns, &set, &type, &value, &malformed)) {
        if (!each(type, &value)) return false;
    }
    return !malformed;
}

bool lint_rule_name_single(const struct lint_target *t)
{
    slice whole = t->certificate->subject;
    slice rdns;
    slice set;
    slice attribute;
    if (!der_take_optional(&whole, DER_SEQUENCE, &rdns)) return false;
    while (rdns.length > 0) {
        if (!der_take_optional(&rdns, DER_SET, &set) || !der_take_optional(&set, DER_SEQUENCE, &attribute))
            return false;
        if (set.length > 0) return false;
    }
    return true;
}

bool lint_rule_name_repeat(const struct lint_target *t)
{
    enum { SEEN_MAXIMUM = 32 };
    slice seen[SEEN_MAXIMUM];
    size_t count = 0;
    slice whole = t->certificate->subject;
    slice rdns;
    slice set = SLICE_EMPTY;
    slice type;
    struct der_item value;
    bool malformed;
    if (!der_take_optional(&whole, DER_SEQUENCE, &rdns)) return false;
    while (lint_next_attribute(&rdns, &set, &type, &value, &malformed)) {
        enum oid_name name = oid_find(type);
        if (name == OID_ORGANIZATIONAL_UNIT || name == OID_DOMAIN_COMPONENT) continue;
        for (size_t i = 0; i < count; i++) {
            if (slice_equal(seen[i], type)) return false;
        }
        if (count == SEEN_MAXIMUM) return false;
        seen[count++] = type;
    }
    return !malformed;
}

static unsigned string_of(uint8_t tag)
{
    switch (tag) {
    case DER_UTF8_STRING: return UTF8;
    case DER_PRINTABLE_STRING: return PRINTABLE;
    case DER_IA5_STRING: return IA5;
    default: return 0;
    }
}

static bool has_right_type(slice type, const struct der_item *value)
{
    size_t row = row_of(type);
    unsigned allowed = row < ATTRIBUTES ? attributes[row].strings : UTF8 | PRINTABLE | IA5;
    return (string_of(value->tag) & allowed) != 0;
}

bool lint_rule_name_type(const struct lint_target *t)
{
    return for_all(t, has_right_type);
}

static bool has_right_length(slice type, const struct der_item *value)
{
    size_t row = row_of(type);
    size_t characters = 0;
    for (slice rest = value->content; rest.length > 0; characters++) (void)text_next(&rest);
    return characters > 0 && (row == ATTRIBUTES || characters <= attributes[row].maximum);
}

bool lint_rule_name_length(const struct lint_target *t)
{
    return for_all(t, has_right_length);
}

/* PrintableString's letters (X.680 §41.4). */
static bool is_printable(slice text)
{
    static const char others[] = " '()+,-./:=?";
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (c == 0 || strchr(others, c) == NULL)) return false;
    }
    return true;
}

static bool has_control(slice text)
{
    while (text.length > 0) {
        uint32_t c = text_next(&text);
        /* C0, C1, line and paragraph separators, and marks that turn the order of reading around. */
        bool turns = (c >= 0x200E && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
        if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0xFEFF || turns) return true;
    }
    return false;
}

static bool is_proper_text(slice type, const struct der_item *value)
{
    slice text = value->content;
    (void)type;
    if (value->tag == DER_PRINTABLE_STRING && !is_printable(text)) return false;
    if (value->tag == DER_IA5_STRING && !text_is_ascii(text)) return false;
    if (!text_is_utf8(text) || has_control(text)) return false;
    return text.length == 0 || (text.data[0] != ' ' && text.data[text.length - 1] != ' ');
}

bool lint_rule_name_text(const struct lint_target *t)
{
    return for_all(t, is_proper_text);
}

static bool is_country_if_country(slice type, const struct der_item *value)
{
    return !slice_equal(type, oid(OID_COUNTRY)) || lint_is_country(value->content);
}

bool lint_rule_name_country(const struct lint_target *t)
{
    return for_all(t, is_country_if_country);
}
