/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates for people: nothing without an approval. What was approved is read from the signed text alone; the
 * request brings only the public key, whose hash the text has. An approval that is in the journal is not looked at
 * again: it was good, and what it was used for is given once more.
 */
#include "keeper/issuing.h"

#include "base/error.h"

enum { EARLY_SECONDS = 300 /* that an agent's clock may be ahead */ };

struct approved {
    struct cms signed_data[APPROVALS_MAXIMUM];
    size_t count;
    struct approval approval;
    uint8_t hash[APPROVAL_HASH_SIZE];
};

static void approved_dispose(struct approved *a)
{
    for (size_t i = 0; i < a->count; i++) cms_dispose(&a->signed_data[i]);
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

static rfd_status take_approvals(struct approved *a, struct message_reader *r, struct rfd_error *error)
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
    TRY(message_end(r, "issue", error));
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

static rfd_status check_signer(const struct keeper *k, const struct approved *a, const struct cms *cms, rfd_time now,
                               const struct registered **out, struct rfd_error *error)
{
    const struct registered *r = registered_signer(&k->registered, cms);
    if (r == NULL) return error_set(error, RFD_E_APPROVAL, "signed by nobody who is registered");
    if (!registered_has_profile(r, a->approval.profile))
        return error_set(error, RFD_E_APPROVAL, "%s may not approve this profile", r->name);
    if (now < r->certificate->not_before || now > r->certificate->not_after)
        return error_set(error, RFD_E_APPROVAL, "the certificate of %s is not valid now", r->name);
    TRY(check_signature(cms, r, error));
    *out = r;
    return RFD_OK;
}

/** As many as the profile wants; two are of two agents. */
static rfd_status check_signers(const struct keeper *k, const struct approved *a, const struct pack_profile *profile,
                                rfd_time now, struct rfd_error *error)
{
    const struct registered *signers[APPROVALS_MAXIMUM] = {NULL};
    if (a->count < profile->approvals)
        return error_set(error, RFD_E_APPROVAL_FEW, "%zu of %u", a->count, profile->approvals);
    for (size_t i = 0; i < a->count; i++) {
        TRY(check_signer(k, a, &a->signed_data[i], now, &signers[i], error));
        if (a->count > 1 && signers[i]->kind != KEEPER_AGENT)
            return error_set(error, RFD_E_APPROVAL_FEW, "%s is no agent", signers[i]->name);
    }
    if (a->count > 1 && signers[0] == signers[1])
        return error_set(error, RFD_E_APPROVAL_FEW, "twice by %s", signers[0]->name);
    return RFD_OK;
}

static rfd_status check_age(const struct keeper *k, const struct keeper_key *key, const struct approval *a,
                            rfd_time now, struct rfd_error *error)
{
    rfd_time began = journal_began(k->journal);
    if (began != RFD_TIME_NONE && a->time < began / RFD_SECOND * RFD_SECOND)
        return error_set(error, RFD_E_APPROVAL, "it is older than the journal, which cannot tell whether it was used");
    if (a->time > now + EARLY_SECONDS * RFD_SECOND) return error_set(error, RFD_E_APPROVAL, "it is of the future");
    if (now - a->time <= (rfd_time)key->authority.policy.approval_seconds * RFD_SECOND) return RFD_OK;
    return error_set(error, RFD_E_APPROVAL, "it is too old");
}

/* ---- What for ---- */

static rfd_status check_key(const struct approval *a, slice spki, bool used, struct rfd_error *error)
{
    uint8_t hash[APPROVAL_HASH_SIZE];
    if (a->central) return error_set(error, RFD_E_UNSUPPORTED, "keys that the keeper makes for people");
    TRY(digest_of(DIGEST_SHA256, spki, hash, error));
    if (memcmp(hash, a->key, sizeof hash) == 0) return RFD_OK;
    if (used) return error_set(error, RFD_E_APPROVAL_USED, "for another key");
    return error_set(error, RFD_E_APPROVAL, "it is for another key");
}

static rfd_status place_order(struct issuing *i, const struct approval *a, struct rfd_error *error)
{
    for (size_t n = 0; n < a->subject_count; n++)
        TRY(issuing_add_attribute(i, a->subject[n].type, a->subject[n].value, error));
    for (size_t n = 0; n < a->mail_count; n++) TRY(issuing_add_mail(i, a->mails[n], error));
    for (size_t n = 0; n < a->host_count; n++) TRY(issuing_add_host(i, a->hosts[n], error));
    return RFD_OK;
}

static rfd_status check_approved(struct keeper *k, struct keeper_key *key, const struct approved *a,
                                 const struct pack_profile *profile, struct rfd_error *error)
{
    rfd_time now;
    TRY(keeper_key_time(key, &now, error));
    TRY(check_age(k, key, &a->approval, now, error));
    return check_signers(k, a, profile, now, error);
}

static rfd_status issue_approved(struct keeper *k, struct keeper_key *key, const struct approved *a, slice spki,
                                 struct buf *memory, struct issued *made, bool *repeated, struct rfd_error *error)
{
    struct journal_record before;
    const struct pack_profile *profile = NULL;
    if (memcmp(a->approval.authority, key->authority.key_hash, sizeof a->approval.authority) != 0)
        return error_set(error, RFD_E_APPROVAL, "it is for another authority");
    TRY(keeper_journal_ready(k, error));
    TRY(journal_find(k->journal, slice_of(a->hash, sizeof a->hash), memory, &before, repeated, error));
    TRY(check_key(&a->approval, spki, *repeated, error));
    TRY(issuing_profile(k, key, a->approval.profile, &profile, error));
    if ((profile->profile.kind & LINT_AUTHORITIES) != 0)
        return error_set(error, RFD_E_KEY_REFUSED, "%s is for authorities", profile->profile.name);
    if (!*repeated) TRY(check_approved(k, key, a, profile, error));
    struct issuing i = {.key = key,
                        .profile = &profile->profile,
                        .where = &key->authority.policy,
                        .spki = spki,
                        .approval = slice_of(a->hash, sizeof a->hash),
                        .before = *repeated ? &before : NULL};
    TRY(place_order(&i, &a->approval, error));
    return issuing_make(k, &i, made, error);
}

rfd_status keeper_issue(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                        struct rfd_error *error)
{
    struct approved a = {.count = 0};
    struct buf certificate, memory;
    struct issued made = {.certificate = &certificate};
    bool repeated = false;
    rfd_status status = RFD_OK;
    buf_init(&certificate, PROFILE_CERTIFICATE_MAXIMUM);
    buf_init(&memory, KEEPER_MESSAGE_MAXIMUM);
    slice spki = message_get_bytes(r, KEY_CERTIFICATE_MAXIMUM);
    TRY_OUT(take_approvals(&a, r, error));
    TRY_OUT(keeper_authority_ready(key, true, error));
    TRY_OUT(issue_approved(k, key, &a, spki, &memory, &made, &repeated, error));
    issuing_put_answer(answer, &made);
    message_put_u8(answer, repeated);
out:
    approved_dispose(&a);
    buf_dispose(&certificate);
    buf_dispose(&memory);
    return status;
}
