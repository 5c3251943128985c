/* SPDX-License-Identifier: EUPL-1.2
 *
 * Rules of persons' certificates: their names (EN 319 412-1, -2, -3) and what they claim to be (EN 319 412-5).
 */
#include "pki/authority/lint_internal.h"

static bool has(const struct lint_target *t, enum oid_name name)
{
    slice value;
    return lint_attribute(t, name, &value) && value.length > 0;
}

bool lint_rule_natural_attributes(const struct lint_target *t)
{
    /* Either would do: not everybody has both. */
    bool named = has(t, OID_GIVEN_NAME) || has(t, OID_SURNAME);
    bool hidden = has(t, OID_PSEUDONYM);
    return has(t, OID_COUNTRY) && has(t, OID_COMMON_NAME) && has(t, OID_SERIAL_NUMBER) && named != hidden;
}

bool lint_rule_legal_attributes(const struct lint_target *t)
{
    return has(t, OID_COUNTRY) && has(t, OID_COMMON_NAME) && has(t, OID_ORGANIZATION) &&
           has(t, OID_ORGANIZATION_IDENTIFIER);
}

/* --- Semantics identifiers (EN 319 412-1 §5.1) ------------------------------------------------------------------- */

/* Three letters and a country, or two letters and ':' for a scheme of one's own; then '-' and the number. */
static bool is_identifier(slice text, const char *const *schemes)
{
    if (text.length < 7 || text.data[5] != '-') return false;
    if (!lint_is_country(slice_part(text, 3, 2))) return false;
    slice scheme = slice_part(text, 0, 3);
    if (scheme.data[2] == ':') return lint_is_country(slice_part(scheme, 0, 2));
    for (; *schemes != NULL; schemes++) {
        if (slice_is(scheme, *schemes)) return true;
    }
    return false;
}

/* Whether id-qcs-pkixQCSyntax-v2 claims these semantics; without the claim the number may be of any form. */
static bool claims(const struct lint_target *t, enum oid_name semantics)
{
    slice information;
    slice content;
    slice id;
    return lint_statement(t, OID_QCS_SYNTAX_V2, &information) &&
           der_take_optional(&information, DER_SEQUENCE, &content) && der_take_optional(&content, DER_OID, &id) &&
           slice_equal(id, oid(semantics));
}

static bool keeps(const struct lint_target *t, enum oid_name semantics, enum oid_name attribute,
                  const char *const *schemes)
{
    slice value;
    if (!claims(t, semantics)) return true;
    return lint_attribute(t, attribute, &value) && is_identifier(value, schemes);
}

bool lint_rule_natural_semantics(const struct lint_target *t)
{
    static const char *const schemes[] = {"PAS", "IDC", "PNO", "TAX", "TIN", NULL};
    return keeps(t, OID_SEMANTICS_NATURAL, OID_SERIAL_NUMBER, schemes) && !claims(t, OID_SEMANTICS_LEGAL);
}

bool lint_rule_legal_semantics(const struct lint_target *t)
{
    static const char *const schemes[] = {"VAT", "NTR", "PSD", "LEI", NULL};
    return keeps(t, OID_SEMANTICS_LEGAL, OID_ORGANIZATION_IDENTIFIER, schemes) && !claims(t, OID_SEMANTICS_NATURAL);
}

/* --- Key usage (EN 319 412-2 §4.3.2, table 1) -------------------------------------------------------------------- */

bool lint_rule_usage_type(const struct lint_target *t)
{
    enum { N = KEY_USAGE_NON_REPUDIATION, D = KEY_USAGE_DIGITAL_SIGNATURE };
    enum { E = KEY_USAGE_KEY_ENCIPHERMENT, A = KEY_USAGE_KEY_AGREEMENT };
    static const unsigned types[] = {N, N | D, D, D | E, D | A, N | D | E, N | D | A, E, A};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (t->certificate->key_usage == types[i]) return true;
    }
    return false;
}

/* --- QC statements (EN 319 412-5) -------------------------------------------------------------------------------- */

static bool is_nothing(slice information)
{
    return information.length == 0;
}

/* QcType ::= SEQUENCE OF OBJECT IDENTIFIER (§4.2.3). */
static bool is_type(slice information)
{
    slice list;
    slice id;
    if (!der_take_optional(&information, DER_SEQUENCE, &list) || information.length > 0 || list.length == 0)
        return false;
    while (der_take_optional(&list, DER_OID, &id)) {
        enum oid_name name = oid_find(id);
        if (name != OID_QCT_ESIGN && name != OID_QCT_ESEAL && name != OID_QCT_WEB) return false;
    }
    return list.length == 0;
}

/* PdsLocation ::= SEQUENCE { url IA5String, language PrintableString (2) }, https (§4.3.4). */
static bool is_disclosure(slice information)
{
    slice list;
    slice location;
    slice url;
    slice language;
    if (!der_take_optional(&information, DER_SEQUENCE, &list) || information.length > 0 || list.length == 0)
        return false;
    while (der_take_optional(&list, DER_SEQUENCE, &location)) {
        if (!der_take_optional(&location, DER_IA5_STRING, &url) ||
            !der_take_optional(&location, DER_PRINTABLE_STRING, &language) || location.length > 0) {
            return false;
        }
        bool lower = language.length == 2 && language.data[0] >= 'a' && language.data[0] <= 'z' &&
                     language.data[1] >= 'a' && language.data[1] <= 'z';
        if (!lower || !slice_starts(url, SLICE("https://")) || !lint_is_web_address(url)) return false;
    }
    return list.length == 0;
}

/* QcCClegislation ::= SEQUENCE OF CountryName (§4.2.4). */
static bool is_legislation(slice information)
{
    slice list;
    slice country;
    if (!der_take_optional(&information, DER_SEQUENCE, &list) || information.length > 0 || list.length == 0)
        return false;
    while (der_take_optional(&list, DER_PRINTABLE_STRING, &country)) {
        if (!lint_is_country(country)) return false;
    }
    return list.length == 0;
}

static bool is_semantics(slice information)
{
    slice content;
    slice id;
    return der_take_optional(&information, DER_SEQUENCE, &content) && information.length == 0 &&
           der_take_optional(&content, DER_OID, &id);
}

static bool is_years(slice information)
{
    slice years;
    uint64_t count;
    return der_take_optional(&information, DER_INTEGER, &years) && information.length == 0 &&
           der_unsigned(years, &count) && count <= 100;
}

static const struct {
    enum oid_name name;
    bool (*holds)(slice information);
} statements[] = {
    {OID_QCS_COMPLIANCE, is_nothing},
    {OID_QCS_SSCD, is_nothing},
    {OID_QCS_TYPE, is_type},
    {OID_QCS_PDS, is_disclosure},
    {OID_QCS_LEGISLATION, is_legislation},
    {OID_QCS_SYNTAX_V2, is_semantics},
    {OID_QCS_RETENTION, is_years},
};

static bool is_statement(slice id, slice information)
{
    enum oid_name name = oid_find(id);
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        if (statements[i].name == name) return statements[i].holds(information);
    }
    return true;
}

bool lint_rule_qc_form(const struct lint_target *t)
{
    enum { SEEN_MAXIMUM = 16 };
    slice seen[SEEN_MAXIMUM];
    slice value;
    slice list = SLICE_EMPTY;
    slice statement;
    if (!lint_extension(t, OID_QC_STATEMENTS, &value)) return true;
    if (!lint_extension_list(t, OID_QC_STATEMENTS, &list) || list.length == 0) return false;
    for (size_t count = 0; list.length > 0; count++) {
        if (count == SEEN_MAXIMUM || !der_take_optional(&list, DER_SEQUENCE, &statement) ||
            !der_take_optional(&statement, DER_OID, &seen[count]) || !is_statement(seen[count], statement)) {
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            if (slice_equal(seen[i], seen[count])) return false;
        }
    }
    return true;
}

bool lint_rule_qc_complete(const struct lint_target *t)
{
    slice information;
    if (!lint_statement(t, OID_QCS_COMPLIANCE, &information)) return true;
    return lint_statement(t, OID_QCS_TYPE, &information) && lint_statement(t, OID_QCS_PDS, &information);
}
