/* SPDX-License-Identifier: EUPL-1.2
 *
 * The judge. In this order, so that nobody learns anything he should not, and what costs little comes first: is it the
 * first time that we see this ciphertext; was it encrypted for this operation; is the code right (entities' seals sign
 * without); is the password.
 * Every attempt is counted on disk before it is looked at.
 */
#include "personal/internal.h"

#include "base/clock.h"
#include "base/error.h"

#include <openssl/evp.h>

/** An activation on its way. */
struct judging {
    struct pending *o;
    struct entry *entry; /* NULL: generate */
    struct record record;
    struct proofs proofs;
    struct hpke_message message;
    bool opened;
    rfd_time now;
};

static bool wants(const struct judging *j, enum personal_proof proof)
{
    return (j->o->proofs & proof) != 0;
}

/** A ciphertext is judged once: who repeats it cannot use up the person's tries. */
static rfd_status check_new(struct judging *j, struct rfd_error *error)
{
    uint8_t hash[OPERATION_HASH_SIZE];
    struct pending *o = j->o;
    TRY(digest_of(DIGEST_SHA256, j->message.sealed, hash, error));
    for (size_t i = 0; i < o->judged_count; i++) {
        if (memcmp(o->judged[i], hash, sizeof hash) == 0)
            return error_set(error, RFD_E_ARGUMENT, "it was judged already");
    }
    if (o->judged_count == PERSONAL_JUDGED_MAXIMUM) return error_set(error, RFD_E_ACTIVATION_ENDED, "too many tries");
    memcpy(o->judged[o->judged_count++], hash, sizeof hash);
    return RFD_OK;
}

static rfd_status check_state(const struct judging *j, struct rfd_error *error)
{
    if (j->entry == NULL) return RFD_OK;
    if (j->record.state == PERSONAL_DESTROYED) return error_set(error, RFD_E_ACTIVATION_ENDED, "the key was destroyed");
    if (j->record.state == PERSONAL_LOCKED && wants(j, PERSONAL_PROOF_PASSWORD))
        return error_set(error, RFD_E_CREDENTIAL_LOCKED, "after too many wrong passwords");
    return RFD_OK;
}

/** What cannot be opened is judged all the same: as a wrong code, or password where no code is wanted. */
static void open_proofs(struct personal *p, struct judging *j)
{
    buf_init_secret(&j->proofs.bytes, PROOFS_MAXIMUM);
    j->opened =
        personal_open(p, &j->message, &j->proofs.bytes, NULL) == RFD_OK && proofs_read(&j->proofs, NULL) == RFD_OK;
}

/* ---- Codes ---- */

/** The code of the app: each step's once; what was accepted for this operation is accepted for it again. */
static bool is_app_code(struct judging *j, int64_t *step)
{
    char again[PERSONAL_CODE_SIZE] = "";
    const struct record *r = &j->record;
    if (!r->has_totp) return false;
    *step = code_totp_step(r->totp, j->proofs.code, j->now, r->totp_step);
    if (*step >= 0) return true;
    bool same = j->o->totp_step > 0 && code_totp(r->totp, j->o->totp_step, again) && code_is(again, j->proofs.code);
    secret_wipe(again, sizeof again);
    return same;
}

/** The code that the same portal had sent for this seal: once, whatever comes of the rest. */
static bool is_code_of_seal(struct personal *p, const struct judging *j)
{
    (void)pthread_mutex_lock(&p->lock);
    struct pending *sent = pending_code_of(p, j->entry, j->o->operation.portal);
    bool right = sent != NULL && code_is(sent->ways[0].code, j->proofs.code);
    if (right) pending_end(sent, PERSONAL_DONE);
    (void)pthread_mutex_unlock(&p->lock);
    return right;
}

static bool is_first_code(struct personal *p, struct judging *j, int64_t *step)
{
    if (j->o->channel == PERSONAL_TOTP) return is_app_code(j, step);
    if (j->o->channel == PERSONAL_NO_CHANNEL) return is_code_of_seal(p, j);
    return code_is(j->o->ways[0].code, j->proofs.code);
}

static bool is_second_code(const struct judging *j)
{
    const struct pending *o = j->o;
    if (!wants(j, PERSONAL_PROOF_SECOND_CODE)) return true;
    if (o->operation.kind == OPERATION_TOTP) return code_totp_step(o->totp, j->proofs.second_code, j->now, 0) >= 0;
    return code_is(o->ways[1].code, j->proofs.second_code);
}

static rfd_status judge_codes(struct personal *p, struct judging *j, struct rfd_error *error)
{
    struct pending *o = j->o;
    int64_t step = -1;
    if (!wants(j, PERSONAL_PROOF_CODE)) return RFD_OK;
    TRY(count_code(p, o->holder, error));
    if (!j->opened) return count_wrong_code(p, o->holder, RFD_E_ARGUMENT, error);
    bool first = is_first_code(p, j, &step);
    bool second = is_second_code(j);
    if (!first || !second) return count_wrong_code(p, o->holder, RFD_E_ACTIVATION_CODE, error);
    if (step >= 0) {
        j->record.totp_step = o->totp_step = step;
        TRY(record_write(p, &j->record, true, error));
    }
    return count_right_code(p, o->holder, error);
}

/* ---- Passwords ---- */

/** Nothing but the password is wanted, and nothing but memory changes: others may be judged meanwhile. */
static bool is_try_of_seal(const struct pending *o)
{
    return o->operation.kind == OPERATION_SIGN && o->proofs == PERSONAL_PROOF_PASSWORD;
}

static rfd_status open_key(struct personal *p, struct judging *j, struct evp_pkey_st **key, struct rfd_error *error)
{
    bool together = is_try_of_seal(j->o);
    if (together) holders_leave(p, j->o->holder);
    rfd_status status = password_unwrap(p, &j->record, j->proofs.password, key, error);
    if (together) holders_return(p, j->o->holder);
    return status;
}

static rfd_status judge_password(struct personal *p, struct judging *j, struct evp_pkey_st **key,
                                 struct rfd_error *error)
{
    if (!wants(j, PERSONAL_PROOF_PASSWORD)) return RFD_OK;
    TRY(count_password(p, j->entry, &j->record, error));
    rfd_status status = j->opened ? open_key(p, j, key, error) : RFD_E_ACTIVATION_PASSWORD;
    return count_judged(p, j->entry, &j->record, status, error);
}

static rfd_status judge(struct personal *p, struct judging *j, struct buf *answer, struct rfd_error *error)
{
    struct activation a = {.o = j->o,
                           .r = j->entry == NULL ? NULL : &j->record,
                           .proofs = &j->proofs,
                           .answer = answer,
                           .after = PERSONAL_DONE};
    TRY(personal_now(p, &j->now, error));
    a.now = j->now;
    TRY(check_new(j, error));
    TRY(holders_ready(p, j->o->holder, error));
    if (j->entry != NULL) TRY(record_read(p, j->entry->id, &j->record, error));
    TRY(check_state(j, error));
    if (wants(j, PERSONAL_PROOF_CODE)) TRY(count_check_codes(p, j->o->holder, error));
    open_proofs(p, j);
    if (j->opened && wants(j, PERSONAL_PROOF_NEW_PASSWORD)) TRY(password_check_rule(j->proofs.new_password, error));
    TRY(judge_codes(p, j, error));
    rfd_status status = judge_password(p, j, &a.key, error);
    if (status == RFD_OK) status = activate_work(p, &a, error);
    EVP_PKEY_free(a.key);
    if (status == RFD_OK && a.after == PERSONAL_DONE) {
        (void)pthread_mutex_lock(&p->lock);
        pending_end(j->o, PERSONAL_DONE);
        (void)pthread_mutex_unlock(&p->lock);
    }
    return status;
}

/* ---- The operation ---- */

uint64_t personal_lane(struct personal *p, const struct message *message, unsigned *most)
{
    struct message_reader r = message_read(message->body);
    struct pending *o = NULL;
    const void *lane = NULL;
    if (message->type != PERSONAL_ACTIVATE) return 0;
    slice id = message_get_bytes(&r, PERSONAL_OPERATION_SIZE);
    (void)pthread_mutex_lock(&p->lock);
    if (!r.failed && pending_find(p, id, &o, NULL) == RFD_OK) {
        bool together = is_try_of_seal(o);
        lane = together ? (const void *)o->entry : (const void *)o->holder;
        *most = together ? count_room(p, o->entry) : 1;
    }
    (void)pthread_mutex_unlock(&p->lock);
    return (uint64_t)(uintptr_t)lane; /* both stay where they are as long as the keeper does */
}

/** What was activated, changed or locked while it was waited for. Under `lock`. */
static rfd_status give_back(struct personal *p, const struct pending *o, struct rfd_error *error)
{
    o->holder->busy = false;
    (void)pthread_cond_broadcast(&p->released);
    if (o->entry != NULL && o->entry->state == PERSONAL_LOCKED)
        return error_set(error, RFD_E_CREDENTIAL_LOCKED, "after too many wrong passwords");
    return error_set(error, RFD_E_ACTIVATION_ENDED, "it has ended meanwhile");
}

static rfd_status take_operation(struct personal *p, slice id, struct judging *j, struct rfd_error *error)
{
    struct pending *o = NULL;
    (void)pthread_mutex_lock(&p->lock);
    rfd_status status = pending_find(p, id, &o, error);
    if (status == RFD_OK && o->state != PERSONAL_BEGUN)
        status = error_set(error, RFD_E_ACTIVATION_ENDED, "it was activated, or has ended");
    if (status == RFD_OK && o->operation.kind == OPERATION_CODE)
        status = error_set(error, RFD_E_ARGUMENT, "its code is given with what the seal signs");
    if (status == RFD_OK && o->users > 0) status = error_set(error, RFD_E_BUSY, "it is being activated");
    if (status == RFD_OK) {
        o->users++; /* it stays while the holder is waited for */
        if (is_try_of_seal(o))
            holders_take_for_try(p, o->entry);
        else
            holders_take(p, o->holder);
        if (o->state != PERSONAL_BEGUN || p->monotonic() >= o->ends_here) {
            o->users--;
            status = give_back(p, o, error);
        }
    }
    if (status == RFD_OK) {
        j->o = o;
        j->entry = o->entry;
    }
    (void)pthread_mutex_unlock(&p->lock);
    return status;
}

/** After these the person may try again. */
static bool is_open_after(rfd_status status)
{
    return status == RFD_OK || status == RFD_E_ACTIVATION_CODE || status == RFD_E_ACTIVATION_PASSWORD ||
           status == RFD_E_ARGUMENT || status == RFD_E_PASSWORD_WEAK;
}

static void give_operation(struct personal *p, struct judging *j, rfd_status status)
{
    struct holder *h = j->o->holder;
    (void)pthread_mutex_lock(&p->lock);
    j->o->users--;
    if (!is_open_after(status)) pending_end(j->o, PERSONAL_ENDED);
    if (j->entry != NULL && j->entry->state != PERSONAL_ACTIVE && j->entry->state != PERSONAL_WAITING)
        pending_end_of(p, j->entry, j->o);
    (void)pthread_mutex_unlock(&p->lock);
    holders_release(p, h);
}

rfd_status activate_operation(struct personal *p, struct personal_request *q, struct message_reader *r,
                              struct buf *answer, struct rfd_error *error)
{
    struct judging j = {.o = NULL};
    slice id = message_get_bytes(r, PERSONAL_OPERATION_SIZE);
    j.message.encapsulated = message_get_bytes(r, HPKE_POINT_SIZE);
    j.message.sealed = message_get_bytes(r, PROOFS_MAXIMUM);
    TRY(message_end(r, "activate", error));
    TRY(take_operation(p, id, &j, error));
    j.message.info = buf_slice(&j.o->info);
    if (j.entry != NULL) memcpy(q->event.key, j.entry->id, sizeof j.entry->id);
    rfd_status status = judge(p, &j, answer, error);
    give_operation(p, &j, status);
    proofs_dispose(&j.proofs);
    record_dispose(&j.record);
    return status;
}
