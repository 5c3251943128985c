/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates for people: nothing without an approval. What was approved is read from the signed text alone; the
 * request brings only the public key, whose hash the text has; or, when the key is "central", the attestation of the
 * personal keeper that made it. An approval that is in the journal is not looked at again: it was good, and what it was
 * used for is given once more.
 */
#include "keeper/attested.h"
#include "keeper/issuing.h"

#include "base/error.h"

/** All that a certificate for a person is asked for with. */
struct request {
    slice spki;
    struct approved approved;
    struct attested attested; /* when its key is "central" */
    slice use;                /* SHA-256 by which the journal knows what is used once */
};

static rfd_status take_request(struct request *q, struct message_reader *r, struct rfd_error *error)
{
    q->spki = message_get_bytes(r, KEY_CERTIFICATE_MAXIMUM);
    TRY(approved_take(&q->approved, r, error));
    q->use = slice_of(q->approved.hash, sizeof q->approved.hash);
    if (!q->approved.approval.central) return message_end(r, "issue", error);
    q->use = slice_of(q->attested.use, sizeof q->attested.use);
    return attested_take(&q->attested, &q->approved, q->spki, r, error);
}

static rfd_status check_age(const struct keeper *k, const struct keeper_key *key, const struct approval *a,
                            rfd_time now, struct rfd_error *error)
{
    rfd_time began = journal_began(k->journal);
    if (began != RFD_TIME_NONE && a->time < began / RFD_SECOND * RFD_SECOND)
        return error_set(error, RFD_E_APPROVAL, "it is older than the journal, which cannot tell whether it was used");
    if (a->time > now + APPROVED_EARLY_SECONDS * RFD_SECOND)
        return error_set(error, RFD_E_APPROVAL, "it is of the future");
    if (now - a->time <= (rfd_time)key->authority.policy.approval_seconds * RFD_SECOND) return RFD_OK;
    return error_set(error, RFD_E_APPROVAL, "it is too old");
}

/* ---- What for ---- */

static rfd_status check_key(const struct approval *a, slice spki, bool used, struct rfd_error *error)
{
    uint8_t hash[APPROVAL_HASH_SIZE];
    if (a->central) return RFD_OK; /* the attestation is about this key */
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

static rfd_status check_request(struct keeper *k, struct keeper_key *key, const struct request *q,
                                const struct pack_profile *profile, struct rfd_error *error)
{
    rfd_time now;
    TRY(keeper_key_time(key, &now, error));
    if (q->approved.approval.central)
        TRY(attested_check(&q->attested, &q->approved, &k->registered, journal_began(k->journal), now, error));
    else
        TRY(check_age(k, key, &q->approved.approval, now, error));
    return approved_check_signers(&k->registered, &q->approved, profile->approvals, now, error);
}

static rfd_status issue_requested(struct keeper *k, struct keeper_key *key, const struct request *q, struct buf *memory,
                                  struct issued *made, bool *repeated, struct rfd_error *error)
{
    const struct approval *a = &q->approved.approval;
    struct journal_record before;
    const struct pack_profile *profile = NULL;
    if (memcmp(a->authority, key->authority.key_hash, sizeof a->authority) != 0)
        return error_set(error, RFD_E_APPROVAL, "it is for another authority");
    TRY(keeper_journal_ready(k, error));
    TRY(journal_find(k->journal, q->use, memory, &before, repeated, error));
    TRY(check_key(a, q->spki, *repeated, error));
    TRY(issuing_profile(k, key, a->profile, &profile, error));
    if ((profile->profile.kind & LINT_AUTHORITIES) != 0)
        return error_set(error, RFD_E_KEY_REFUSED, "%s is for authorities", profile->profile.name);
    if (!*repeated) TRY(check_request(k, key, q, profile, error));
    struct issuing i = {.key = key,
                        .profile = &profile->profile,
                        .where = &key->authority.policy,
                        .spki = q->spki,
                        .approval = q->use,
                        .before = *repeated ? &before : NULL};
    TRY(place_order(&i, a, error));
    return issuing_make(k, &i, made, error);
}

rfd_status keeper_issue(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                        struct rfd_error *error)
{
    struct request q = {.use = SLICE_EMPTY};
    struct buf certificate, memory;
    struct issued made = {.certificate = &certificate};
    bool repeated = false;
    rfd_status status = RFD_OK;
    buf_init(&certificate, PROFILE_CERTIFICATE_MAXIMUM);
    buf_init(&memory, KEEPER_MESSAGE_MAXIMUM);
    TRY_OUT(take_request(&q, r, error));
    TRY_OUT(keeper_authority_ready(key, true, error));
    TRY_OUT(issue_requested(k, key, &q, &memory, &made, &repeated, error));
    issuing_put_answer(answer, &made);
    message_put_u8(answer, repeated);
out:
    approved_dispose(&q.approved);
    buf_dispose(&certificate);
    buf_dispose(&memory);
    return status;
}
