/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/attested.h"

#include "base/error.h"
#include "pki/authority/p256_verifier.h"

/** What the journal knows the use by. */
static rfd_status hash_use(struct attested *a, struct rfd_error *error)
{
    uint8_t both[2 * APPROVAL_HASH_SIZE];
    memcpy(both, a->attestation.approval, APPROVAL_HASH_SIZE);
    memcpy(both + APPROVAL_HASH_SIZE, a->attestation.key, APPROVAL_HASH_SIZE);
    return digest_of(DIGEST_SHA256, slice_of(both, sizeof both), a->use, error);
}

rfd_status attested_take(struct attested *a, const struct approved *approved, slice spki, struct message_reader *r,
                         struct rfd_error *error)
{
    uint8_t key[APPROVAL_HASH_SIZE];
    if (r->left.length == 0) return error_set(error, RFD_E_APPROVAL, "nobody attests the key");
    a->text = message_get_bytes(r, ATTESTATION_MAXIMUM);
    a->signature = message_get_bytes(r, ATTESTATION_SIGNATURE_MAXIMUM);
    TRY(message_end(r, "issue", error));
    TRY(attestation_read(a->text, &a->attestation, error));
    TRY(digest_of(DIGEST_SHA256, spki, key, error));
    if (memcmp(a->attestation.approval, approved->hash, sizeof approved->hash) != 0)
        return error_set(error, RFD_E_APPROVAL, "the attestation is of another approval");
    if (memcmp(a->attestation.key, key, sizeof key) != 0)
        return error_set(error, RFD_E_APPROVAL, "the attestation is of another key");
    return hash_use(a, error);
}

static bool is_signed_by(const struct registered *r, slice digest, slice signature)
{
    slice point;
    return r->kind == KEEPER_PERSONAL && p256_point(r->proof, &point) &&
           p256_verify(point, digest, signature, NULL) == RFD_OK;
}

static rfd_status check_signature(const struct attested *a, const struct registered_list *l, struct rfd_error *error)
{
    uint8_t digest[APPROVAL_HASH_SIZE];
    TRY(digest_of(DIGEST_SHA256, a->text, digest, error));
    for (size_t i = 0; i < l->count; i++) {
        if (is_signed_by(l->items[i], slice_of(digest, sizeof digest), a->signature)) return RFD_OK;
    }
    return error_set(error, RFD_E_APPROVAL, "the attestation is signed by no personal keeper that is registered");
}

rfd_status attested_check(const struct attested *a, const struct approved *approved, const struct registered_list *l,
                          rfd_time began, rfd_time now, struct rfd_error *error)
{
    const rfd_time early = APPROVED_EARLY_SECONDS * RFD_SECOND;
    rfd_time made = a->attestation.time;
    rfd_time agreed = approved->approval.time;
    if (agreed > now + early || made > now + early) return error_set(error, RFD_E_APPROVAL, "it is of the future");
    if (now - agreed > APPROVAL_CENTRAL_SECONDS * RFD_SECOND || now - made > ATTESTED_SECONDS * RFD_SECOND)
        return error_set(error, RFD_E_APPROVAL, "it is too old");
    if (made < agreed - early) return error_set(error, RFD_E_APPROVAL, "the key is older than its approval");
    if (began != RFD_TIME_NONE && made < began / RFD_SECOND * RFD_SECOND)
        return error_set(error, RFD_E_APPROVAL, "it is older than the journal, which cannot tell whether it was used");
    return check_signature(a, l, error);
}
