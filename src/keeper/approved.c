/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/approved.h"

#include "base/error.h"

void approved_dispose(struct approved *a)
{
    for (size_t i = 0; i < a->count; i++) cms_dispose(&a->signed_data[i]);
    a->count = 0;
}

/** One SignedData with the text inside, signed in the usual way. */
static rfd_status take_signed_data(struct approved *a, slice bytes, struct rfd_error *error)
{
    struct cms *cms = &a->signed_data[a->count];
    TRY(cms_parse(bytes, cms, error));
    a->count++;
    if (!cms->has_content || cms->was_ber || !slice_equal(cms->content_type, oid(OID_DATA)))
        return error_set(error, RFD_E_APPROVAL, "no SignedData in DER with the text inside (RFC 5652 §5.2)");
    if (!cms->has_signed_attributes) return error_set(error, RFD_E_APPROVAL, "without signed attributes");
    if (a->count > 1 && !slice_equal(cms->content, a->signed_data[0].content))
        return error_set(error, RFD_E_APPROVAL, "the agents signed different texts");
    return RFD_OK;
}

rfd_status approved_take(struct approved *a, struct message_reader *r, struct rfd_error *error)
{
    uint32_t count = message_get_u32(r);
    if (!r->failed && (count == 0 || count > APPROVALS_MAXIMUM))
        return error_set(error, RFD_E_APPROVAL_FEW, "%u approvals", count);
    for (uint32_t i = 0; i < count; i++) {
        slice bytes = message_get_bytes(r, APPROVAL_SIGNED_MAXIMUM);
        if (r->failed) break;
        rfd_status status = take_signed_data(a, bytes, error);
        if (status == RFD_OK) continue;
        if (status == RFD_E_MEMORY) return status;
        if (error != NULL) error->code = RFD_E_APPROVAL; /* and the detail says what is wrong with it */
        return RFD_E_APPROVAL;
    }
    if (r->failed) return message_end(r, "approvals", error);
    TRY(approval_read(a->signed_data[0].content, &a->approval, error));
    return digest_of(DIGEST_SHA256, a->signed_data[0].content, a->hash, error);
}

/* ---- Who signed ---- */

static rfd_status check_signature(const struct cms *cms, const struct registered *r, struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    struct cms_check check;
    if (!digest_is_strong(cms->digest) || !digest_is_strong(cms->algorithm.digest))
        return error_set(error, RFD_E_APPROVAL, "signed with a digest that is not relied on");
    TRY(digest_of(cms->digest, cms->content, digest, error));
    cms_verify(cms, r->certificate, slice_of(digest, digest_size(cms->digest)), &check);
    if (check.no_memory) return error_memory(error);
    if (check.digest_matches && check.signature_matches && check.content_type_matches && check.algorithms_consistent &&
        (check.signing_certificate_matches || !check.signing_certificate_present))
        return RFD_OK;
    return error_set(error, RFD_E_APPROVAL, "the signature of %s is wrong: %s", r->name, check.detail);
}

static rfd_status check_signer(const struct registered_list *l, const struct approved *a, const struct cms *cms,
                               rfd_time now, const struct registered **out, struct rfd_error *error)
{
    const struct registered *r = registered_signer(l, cms);
    if (r == NULL) return error_set(error, RFD_E_APPROVAL, "signed by nobody who is registered");
    if (!registered_has_profile(r, a->approval.profile))
        return error_set(error, RFD_E_APPROVAL, "%s may not approve this profile", r->name);
    if (now < r->certificate->not_before || now > r->certificate->not_after)
        return error_set(error, RFD_E_APPROVAL, "the certificate of %s is not valid now", r->name);
    TRY(check_signature(cms, r, error));
    *out = r;
    return RFD_OK;
}

rfd_status approved_check_signers(const struct registered_list *l, const struct approved *a, size_t wanted,
                                  rfd_time now, struct rfd_error *error)
{
    const struct registered *signers[APPROVALS_MAXIMUM] = {NULL};
    if (a->count < wanted) return error_set(error, RFD_E_APPROVAL_FEW, "%zu of %zu", a->count, wanted);
    for (size_t i = 0; i < a->count; i++) {
        TRY(check_signer(l, a, &a->signed_data[i], now, &signers[i], error));
        if (a->count > 1 && signers[i]->kind != KEEPER_AGENT)
            return error_set(error, RFD_E_APPROVAL_FEW, "%s is no agent", signers[i]->name);
    }
    if (a->count > 1 && signers[0] == signers[1])
        return error_set(error, RFD_E_APPROVAL_FEW, "twice by %s", signers[0]->name);
    return RFD_OK;
}
