/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/csc/validation.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "pades/sign/evidence.h"
#include "pki/cms/timestamp.h"

struct csc_validation {
    struct evidence evidence;
    struct evidence_set set;
    rfd_time now;
};

static rfd_status collect(struct csc_validation *v, const struct certificate *leaf, enum path_purpose purpose,
                          struct rfd_error *error)
{
    const struct evidence_wish wish = {
        .purpose = purpose, .at = v->now, .fresh_from = RFD_TIME_NONE, .proven = RFD_TIME_NONE};
    return evidence_collect(&v->evidence, leaf, &wish, &v->set, error);
}

static rfd_status begin(struct csc_validation *v, const slice *chain, size_t count, struct rfd_error *error)
{
    const struct rfd_sign_options options = RFD_SIGN_OPTIONS_INIT;
    v->now = clock_now();
    TRY(evidence_open(&v->evidence, &options, v->now, error));
    for (size_t i = 0; i < count; i++) TRY(certificate_list_read(&v->evidence.known, chain[i], error));
    if (v->evidence.known.count == 0) return error_set(error, RFD_E_ARGUMENT, "no certificate");
    return collect(v, v->evidence.known.items[0], PATH_SIGNER, error);
}

rfd_status csc_validation_new(const slice *chain, size_t count, struct csc_validation **out, struct rfd_error *error)
{
    struct csc_validation *v = memory_zeroed(1, sizeof *v);
    if (v == NULL) return error_memory(error);
    rfd_status status = begin(v, chain, count, error);
    if (status == RFD_OK)
        *out = v;
    else
        csc_validation_free(v);
    return status;
}

static rfd_status add_stamp(struct csc_validation *v, slice token, struct rfd_error *error)
{
    struct timestamp t;
    rfd_status status = RFD_OK;
    TRY(timestamp_parse(token, &t, error));
    for (size_t i = 0; i < t.cms.certificates.count && status == RFD_OK; i++)
        status = certificate_list_add(&v->evidence.known, t.cms.certificates.items[i], error);
    if (status == RFD_OK && t.cms.signer != NULL) status = collect(v, t.cms.signer, PATH_TSA, error);
    timestamp_dispose(&t);
    if (status != RFD_E_REVOCATION_MISSING && status != RFD_E_CERTIFICATE_REVOKED) return status;
    error_clear(error);
    return RFD_OK;
}

rfd_status csc_validation_add(struct csc_validation *v, slice cms, struct rfd_error *error)
{
    struct cms read;
    TRY(cms_parse(cms, &read, error));
    slice token = cms_signature_timestamp(&read, 0);
    rfd_status status = token.length == 0 ? RFD_OK : add_stamp(v, token, error);
    cms_dispose(&read);
    return status;
}

rfd_status csc_validation_walk(const struct csc_validation *v, csc_validation_take *take, void *context,
                               struct rfd_error *error)
{
    for (size_t i = 0; i < v->set.item_count; i++) {
        const struct revocation_item *item = &v->evidence.store.items[v->set.items[i]];
        TRY(take(context, item->is_crl ? "crl" : "ocsp", slice_bytes(item->der), error));
    }
    for (size_t i = 0; i < v->set.certificates.count; i++)
        TRY(take(context, "certificates", v->set.certificates.items[i]->der, error));
    return RFD_OK;
}

void csc_validation_free(struct csc_validation *v)
{
    if (v == NULL) return;
    evidence_set_dispose(&v->set);
    evidence_dispose(&v->evidence);
    memory_free(v);
}
