/* SPDX-License-Identifier: EUPL-1.2
 *
 * Running the table. The TBSCertificate is wrapped into a certificate with a stand-in for the signature, so that the
 * project's own parser is the first judge: it refuses what is malformed, and an extension that occurs twice.
 */
#include "pki/authority/lint.h"

#include "base/error.h"
#include "pki/authority/lint_internal.h"
#include "pki/certificate/certificate_internal.h"

static const struct lint_rule rules[] = {
#define LINT(function, id, clause, kinds, says) {id, clause, kinds, says, lint_rule_##function},
#include "pki/authority/lint.def"
#undef LINT
};
enum { RULES = sizeof rules / sizeof *rules };

const struct lint_rule *lint_rules(size_t *count)
{
    *count = RULES;
    return rules;
}

/* The algorithm inside is repeated outside (RFC 5280 §4.1.1.2): the third field, after [0] version and serial. */
static rfd_status parse_tbs(slice tbs, const struct certificate **out, struct rfd_error *error)
{
    enum { OVERHEAD = 64 };
    slice in;
    slice ignored;
    struct der_item algorithm;
    struct buf b;
    TRY(der_only(tbs, DER_SEQUENCE, &in, "TBSCertificate", error));
    (void)der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(0), &ignored);
    TRY(der_take(&in, DER_INTEGER, &ignored, "serialNumber", error));
    if (!der_next(&in, &algorithm)) return error_set(error, RFD_E_DER, "TBSCertificate without an algorithm");
    buf_init(&b, tbs.length + algorithm.whole.length + OVERHEAD);
    size_t opened = der_open(&b, DER_SEQUENCE);
    buf_put_slice(&b, tbs);
    buf_put_slice(&b, algorithm.whole);
    der_put_bits(&b, SLICE("stand-in"));
    der_close(&b, opened);
    rfd_status status = buf_check(&b, "certificate", error);
    if (status == RFD_OK) status = certificate_parse(buf_slice(&b), out, error);
    buf_dispose(&b);
    return status;
}

static void find_extensions(struct lint_target *t)
{
    slice rest = t->certificate->extensions;
    bool critical;
    for (; t->extension_count < LINT_EXTENSIONS_MAXIMUM; t->extension_count++) {
        struct lint_extension *e = &t->extensions[t->extension_count];
        if (!certificate_next_extension(&rest, &e->oid, &critical, &e->value)) return;
    }
}

rfd_status lint_certificate(slice tbs, const struct certificate *issuer, enum lint_kind kind, lint_report *report,
                            void *context, struct rfd_error *error)
{
    const struct certificate *certificate = NULL;
    const struct lint_rule *first = NULL;
    size_t broken = 0;
    TRY(parse_tbs(tbs, &certificate, error));
    struct lint_target target;
    target.certificate = certificate;
    target.issuer = issuer;
    target.kind = kind;
    target.extension_count = 0;
    find_extensions(&target);
    for (size_t i = 0; i < RULES; i++) {
        if ((rules[i].kinds & kind) == 0 || rules[i].holds(&target)) continue;
        if (first == NULL) first = &rules[i];
        broken++;
        if (report != NULL) report(context, &rules[i]);
    }
    certificate_unref(certificate);
    if (first == NULL) return RFD_OK;
    return error_set(error, RFD_E_ARGUMENT, "the certificate breaks %zu rule%s, first %s: %s (%s)", broken,
                     broken == 1 ? "" : "s", first->id, first->says, first->clause);
}

/* --- Shared by the rules ----------------------------------------------------------------------------------------- */

bool lint_extension(const struct lint_target *t, enum oid_name name, slice *value)
{
    slice wanted = oid(name);
    for (size_t i = 0; i < t->extension_count; i++) {
        if (!slice_equal(t->extensions[i].oid, wanted)) continue;
        *value = t->extensions[i].value;
        return true;
    }
    return false;
}

bool lint_extension_list(const struct lint_target *t, enum oid_name name, slice *list)
{
    slice value;
    slice content;
    if (!lint_extension(t, name, &value) || !der_take_optional(&value, DER_SEQUENCE, &content) || value.length > 0) {
        return false;
    }
    *list = content;
    return true;
}

bool lint_next_attribute(slice *rdns, slice *rest_of_set, slice *type, struct der_item *value, bool *malformed)
{
    slice attribute;
    *malformed = false;
    if (rest_of_set->length == 0) {
        if (rdns->length == 0) return false;
        *malformed = !der_take_optional(rdns, DER_SET, rest_of_set) || rest_of_set->length == 0;
        if (*malformed) return false;
    }
    *malformed = !der_take_optional(rest_of_set, DER_SEQUENCE, &attribute) ||
                 !der_take_optional(&attribute, DER_OID, type) || !der_next(&attribute, value) || attribute.length > 0;
    return !*malformed;
}

bool lint_attribute(const struct lint_target *t, enum oid_name name, slice *value)
{
    slice whole = t->certificate->subject;
    slice rdns;
    slice set = SLICE_EMPTY;
    slice type;
    struct der_item item;
    bool malformed;
    if (!der_take_optional(&whole, DER_SEQUENCE, &rdns)) return false;
    while (lint_next_attribute(&rdns, &set, &type, &item, &malformed)) {
        if (!slice_equal(type, oid(name))) continue;
        *value = item.content;
        return true;
    }
    return false;
}

bool lint_is_web_address(slice url)
{
    if (!slice_starts(url, SLICE("http://")) && !slice_starts(url, SLICE("https://"))) return false;
    for (size_t i = 0; i < url.length; i++) {
        if (url.data[i] <= ' ' || url.data[i] >= 0x7F) return false;
    }
    return url.length > sizeof "https://";
}

bool lint_is_country(slice text)
{
    return text.length == 2 && text.data[0] >= 'A' && text.data[0] <= 'Z' && text.data[1] >= 'A' && text.data[1] <= 'Z';
}

bool lint_statement(const struct lint_target *t, enum oid_name name, slice *information)
{
    slice list;
    slice statement;
    slice id;
    if (!lint_extension_list(t, OID_QC_STATEMENTS, &list)) return false;
    while (der_take_optional(&list, DER_SEQUENCE, &statement)) {
        if (!der_take_optional(&statement, DER_OID, &id) || !slice_equal(id, oid(name))) continue;
        *information = statement;
        return true;
    }
    return false;
}
