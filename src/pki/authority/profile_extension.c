/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/authority/profile_extension.h"

#include "base/error.h"
#include "pki/issue/issue.h"

enum { NAME_MAIL = DER_CONTEXT(1), NAME_HOST = DER_CONTEXT(2) };

static void put_purposes(struct buf *b, const struct profile *p)
{
    if (p->purpose_count == 0) return;
    struct authority_extension e = authority_open_extension(b, OID_EXTENDED_KEY_USAGE, p->purposes_critical);
    size_t list = der_open(b, DER_SEQUENCE);
    for (size_t i = 0; i < p->purpose_count; i++) der_put_oid(b, oid(p->purposes[i]));
    der_close(b, list);
    authority_close_extension(b, e);
}

/* --- Policies (RFC 5280 §4.2.1.4) -------------------------------------------------------------------------------- */

static void put_qualifiers(struct buf *b, const struct profile_policy *policy)
{
    if (policy->cps == NULL && policy->notice == NULL) return;
    size_t qualifiers = der_open(b, DER_SEQUENCE);
    if (policy->cps != NULL) {
        size_t qualifier = der_open(b, DER_SEQUENCE);
        der_put_oid(b, oid(OID_QUALIFIER_CPS));
        der_put(b, DER_IA5_STRING, slice_text(policy->cps));
        der_close(b, qualifier);
    }
    if (policy->notice != NULL) {
        size_t qualifier = der_open(b, DER_SEQUENCE);
        der_put_oid(b, oid(OID_QUALIFIER_USER_NOTICE));
        size_t notice = der_open(b, DER_SEQUENCE);
        der_put(b, DER_UTF8_STRING, slice_text(policy->notice));
        der_close(b, notice);
        der_close(b, qualifier);
    }
    der_close(b, qualifiers);
}

static rfd_status put_policies(struct buf *b, const struct profile *p, struct rfd_error *error)
{
    uint8_t octets[64];
    if (p->policy_count == 0) return RFD_OK;
    struct authority_extension e = authority_open_extension(b, OID_CERTIFICATE_POLICIES, false);
    size_t list = der_open(b, DER_SEQUENCE);
    for (size_t i = 0; i < p->policy_count; i++) {
        size_t length = oid_parse(p->policies[i].oid, octets, sizeof octets);
        if (length == 0) return error_set(error, RFD_E_ARGUMENT, "%s: policy %s", p->name, p->policies[i].oid);
        size_t information = der_open(b, DER_SEQUENCE);
        der_put_oid(b, slice_of(octets, length));
        put_qualifiers(b, &p->policies[i]);
        der_close(b, information);
    }
    der_close(b, list);
    authority_close_extension(b, e);
    return RFD_OK;
}

/* --- QC statements (EN 319 412-5) -------------------------------------------------------------------------------- */

static void put_claim(struct buf *b, enum oid_name name)
{
    size_t statement = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(name));
    der_close(b, statement);
}

static void put_types(struct buf *b, unsigned types)
{
    static const enum oid_name names[] = {OID_QCT_ESIGN, OID_QCT_ESEAL, OID_QCT_WEB};
    size_t statement = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(OID_QCS_TYPE));
    size_t list = der_open(b, DER_SEQUENCE);
    for (size_t i = 0; i < 3; i++) {
        if ((types & 1U << i) != 0) der_put_oid(b, oid(names[i]));
    }
    der_close(b, list);
    der_close(b, statement);
}

static void put_disclosures(struct buf *b, const struct profile_qc *qc)
{
    size_t statement = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(OID_QCS_PDS));
    size_t list = der_open(b, DER_SEQUENCE);
    for (size_t i = 0; i < PROFILE_DISCLOSURES_MAXIMUM && qc->disclosures[i].url != NULL; i++) {
        size_t location = der_open(b, DER_SEQUENCE);
        der_put(b, DER_IA5_STRING, slice_text(qc->disclosures[i].url));
        der_put(b, DER_PRINTABLE_STRING, slice_text(qc->disclosures[i].language));
        der_close(b, location);
    }
    der_close(b, list);
    der_close(b, statement);
}

static void put_laws(struct buf *b, const struct profile_qc *qc)
{
    size_t statement = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(OID_QCS_LEGISLATION));
    size_t list = der_open(b, DER_SEQUENCE);
    for (size_t i = 0; i < PROFILE_LAWS_MAXIMUM && qc->laws[i] != NULL; i++) {
        der_put(b, DER_PRINTABLE_STRING, slice_text(qc->laws[i]));
    }
    der_close(b, list);
    der_close(b, statement);
}

/* id-qcs-pkixQCSyntax-v2 with SemanticsInformation (RFC 3739 §3.2.6.1). */
static void put_semantics(struct buf *b, enum profile_semantics semantics)
{
    size_t statement = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(OID_QCS_SYNTAX_V2));
    size_t information = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(semantics == PROFILE_SEMANTICS_NATURAL ? OID_SEMANTICS_NATURAL : OID_SEMANTICS_LEGAL));
    der_close(b, information);
    der_close(b, statement);
}

static void put_statements(struct buf *b, const struct profile_qc *qc)
{
    bool any = qc->compliance || qc->device || qc->types != 0 || qc->semantics != PROFILE_NO_SEMANTICS ||
               qc->disclosures[0].url != NULL || qc->laws[0] != NULL;
    if (!any) return;
    struct authority_extension e = authority_open_extension(b, OID_QC_STATEMENTS, false);
    size_t list = der_open(b, DER_SEQUENCE);
    if (qc->compliance) put_claim(b, OID_QCS_COMPLIANCE);
    if (qc->device) put_claim(b, OID_QCS_SSCD);
    if (qc->types != 0) put_types(b, qc->types);
    if (qc->disclosures[0].url != NULL) put_disclosures(b, qc);
    if (qc->laws[0] != NULL) put_laws(b, qc);
    if (qc->semantics != PROFILE_NO_SEMANTICS) put_semantics(b, qc->semantics);
    der_close(b, list);
    authority_close_extension(b, e);
}

/* --- Names and addresses ----------------------------------------------------------------------------------------- */

static rfd_status put_alternative_names(struct buf *b, const struct profile *p, const struct profile_order *order,
                                        struct rfd_error *error)
{
    if ((order->mail_count > 0 && !p->mail_allowed) || (order->host_count > 0 && !p->hosts_allowed)) {
        return error_set(error, RFD_E_ARGUMENT, "%s: alternative names are not foreseen", p->name);
    }
    if (order->mail_count == 0 && order->host_count == 0) return RFD_OK;
    struct authority_extension e = authority_open_extension(b, OID_SUBJECT_ALT_NAME, false);
    size_t list = der_open(b, DER_SEQUENCE);
    for (size_t i = 0; i < order->mail_count; i++) der_put(b, NAME_MAIL, slice_text(order->mails[i]));
    for (size_t i = 0; i < order->host_count; i++) der_put(b, NAME_HOST, slice_text(order->hosts[i]));
    der_close(b, list);
    authority_close_extension(b, e);
    return RFD_OK;
}

static void put_addresses(struct buf *b, const struct profile *p, const struct profile_order *order)
{
    const char *crl_point = order->crl_point != NULL ? order->crl_point : p->crl_point;
    if (p->ocsp != NULL || p->ca_issuers != NULL) issue_put_authority_access(b, p->ocsp, p->ca_issuers);
    if (crl_point != NULL) issue_put_crl_point(b, crl_point);
    if (p->freshest != NULL) issue_put_freshest_crl(b, p->freshest);
}

rfd_status profile_put_extensions(struct buf *b, const struct profile *p, const struct profile_order *order,
                                  slice subject_key_id, slice authority_key_id, struct rfd_error *error)
{
    if (authority_key_id.length > 0) issue_put_authority_key_id(b, authority_key_id);
    issue_put_subject_key_id(b, subject_key_id);
    issue_put_key_usage(b, p->key_usage);
    if ((p->kind & LINT_AUTHORITIES) != 0) issue_put_basic_constraints(b, p->path_length);
    put_purposes(b, p);
    TRY(put_policies(b, p, error));
    TRY(put_alternative_names(b, p, order, error));
    put_addresses(b, p, order);
    put_statements(b, &p->qc);
    if (p->ocsp_nocheck) issue_put_ocsp_nocheck(b);
    return RFD_OK;
}
