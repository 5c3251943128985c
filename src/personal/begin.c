/* SPDX-License-Identifier: EUPL-1.2
 *
 * The beginning of an operation: what is to be agreed to is read and compared with what is on disk, codes are made, and
 * all of it waits in memory to be activated. Where codes go is known from the credential or from the agents' approval,
 * never from who asks.
 */
#include "personal/internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "pki/certificate/certificate.h"

#include <openssl/rand.h>
#include <stdio.h>

enum { STATEMENT_MAXIMUM = 56 << 10 };

static const struct {
    uint8_t proofs;
    bool while_locked; /* a forgotten password must not keep a key alive */
    bool by_message;   /* the code comes to mobile or mail, not from the app */
} by_kind[OPERATION_KINDS] = {
    [OPERATION_SIGN] = {PERSONAL_PROOF_PASSWORD | PERSONAL_PROOF_CODE, false, false},
    [OPERATION_GENERATE] = {PERSONAL_PROOF_CODE | PERSONAL_PROOF_NEW_PASSWORD, false, true},
    [OPERATION_PASSWORD] = {PERSONAL_PROOF_PASSWORD | PERSONAL_PROOF_CODE | PERSONAL_PROOF_NEW_PASSWORD, false, false},
    /* What comes second is changed by who has both: a stolen telephone alone changes nothing. */
    [OPERATION_MOBILE] = {PERSONAL_PROOF_PASSWORD | PERSONAL_PROOF_CODE | PERSONAL_PROOF_SECOND_CODE, false, true},
    [OPERATION_TOTP] = {PERSONAL_PROOF_PASSWORD | PERSONAL_PROOF_CODE | PERSONAL_PROOF_SECOND_CODE, false, true},
    [OPERATION_DESTROY] = {PERSONAL_PROOF_CODE, true, false},
    [OPERATION_CODE] = {0, false, true}, /* it is given with what the seal signs */
};

/** The fields of the question. */
struct wanted {
    slice text, language, statement, point;
    uint8_t channel;
    struct approved approved;
};

static rfd_status take_wanted(struct wanted *w, struct message_reader *r, struct rfd_error *error)
{
    w->text = message_get_bytes(r, PERSONAL_TEXT_MAXIMUM);
    struct message_reader peek = *r;
    if (message_get_u32(&peek) == 0)
        *r = peek;
    else
        TRY(approved_take(&w->approved, r, error));
    w->channel = message_get_u8(r);
    w->language = message_get_text(r, PERSONAL_LANGUAGE_SIZE - 1);
    w->statement = message_get_bytes(r, STATEMENT_MAXIMUM);
    w->point = message_get_bytes(r, HPKE_POINT_SIZE);
    return message_end(r, "begin", error);
}

static bool is_language(slice s)
{
    for (size_t i = 0; i < s.length; i++) {
        if ((s.data[i] < 'a' || s.data[i] > 'z') && s.data[i] != '-') return false;
    }
    return true;
}

/* ---- The text ---- */

/** Decodes the hashes; no two are the same. */
static rfd_status take_hashes(struct pending *o, struct rfd_error *error)
{
    uint8_t hash[DIGEST_SIZE_MAXIMUM];
    size_t count = o->operation.count;
    if (count == 0) return RFD_OK;
    o->hash_size = digest_size(o->operation.digest);
    o->hashes = memory_allocate(count * o->hash_size);
    o->used = memory_zeroed(count, sizeof *o->used);
    if (o->hashes == NULL || o->used == NULL) return error_memory(error);
    for (size_t i = 0; i < count; i++) {
        if (operation_hash(&o->operation.documents[i], hash) != o->hash_size)
            return error_set(error, RFD_E_ARGUMENT, "hash %zu", i + 1);
        for (size_t k = 0; k < i; k++) {
            if (memcmp(o->hashes + k * o->hash_size, hash, o->hash_size) == 0)
                return error_set(error, RFD_E_ARGUMENT, "hash %zu is there twice", i + 1);
        }
        memcpy(o->hashes + i * o->hash_size, hash, o->hash_size);
    }
    return RFD_OK;
}

/** No more memory than the documents take. */
static rfd_status keep_documents(struct pending *o, struct rfd_error *error)
{
    size_t count = o->operation.count;
    struct operation_document *kept = count == 0 ? NULL : memory_resize(o->operation.documents, count * sizeof *kept);
    if (count > 0 && kept == NULL) return error_memory(error);
    if (count == 0) memory_free(o->operation.documents);
    o->operation.documents = kept;
    return RFD_OK;
}

static rfd_status take_text(struct pending *o, slice text, rfd_time now, struct rfd_error *error)
{
    buf_put_slice(&o->text, text);
    TRY(buf_check(&o->text, "operation", error));
    o->operation.documents = memory_zeroed(PERSONAL_HASHES_MAXIMUM, sizeof *o->operation.documents);
    if (o->operation.documents == NULL) return error_memory(error);
    TRY(operation_read(buf_slice(&o->text), o->operation.documents, PERSONAL_HASHES_MAXIMUM, &o->operation, error));
    TRY(keep_documents(o, error));
    rfd_time skew = (rfd_time)PERSONAL_SKEW_SECONDS * RFD_SECOND;
    if (o->operation.time < now - skew || o->operation.time > now + skew)
        return error_set(error, RFD_E_ARGUMENT, "the operation's time is not now");
    return take_hashes(o, error);
}

/* ---- Channels and codes ---- */

/** Where it is allowed, and there is nothing better: whoever asks does not choose the lower level. */
static bool has_mail(const struct personal *p, const struct pending *o, bool has_totp)
{
    const bool by_app = has_totp && !by_kind[o->operation.kind].by_message;
    return p->options.mail && o->mail[0] != '\0' && o->mobile[0] == '\0' && !by_app &&
           o->operation.kind != OPERATION_MOBILE;
}

static bool has_channel(const struct personal *p, const struct pending *o, bool has_totp, uint8_t channel)
{
    switch (channel) {
    case PERSONAL_SMS: return o->mobile[0] != '\0';
    case PERSONAL_TOTP: return has_totp && !by_kind[o->operation.kind].by_message;
    case PERSONAL_MAIL: return has_mail(p, o, has_totp);
    default: return false;
    }
}

static rfd_status choose_channel(const struct personal *p, struct pending *o, const struct record *r, uint8_t asked,
                                 struct rfd_error *error)
{
    bool has_totp = r != NULL && r->has_totp;
    const uint8_t choices[] = {r != NULL ? r->channel : PERSONAL_SMS, PERSONAL_SMS, PERSONAL_MAIL};
    if (asked != PERSONAL_NO_CHANNEL) {
        if (!has_channel(p, o, has_totp, asked)) return error_set(error, RFD_E_ARGUMENT, "channel %u", asked);
        o->channel = asked;
        return RFD_OK;
    }
    for (size_t i = 0; i < sizeof choices && o->channel == PERSONAL_NO_CHANNEL; i++) {
        if (has_channel(p, o, has_totp, choices[i])) o->channel = choices[i];
    }
    if (o->channel != PERSONAL_NO_CHANNEL) return RFD_OK;
    return error_set(error, RFD_E_STATE, "there is no way for a code");
}

static rfd_status make_code(struct code_way *way, uint8_t channel, slice address, struct rfd_error *error)
{
    if (address.length >= sizeof way->address) return error_set(error, RFD_E_INTERNAL, "address of a code");
    way->wanted = true;
    way->delivery = PERSONAL_QUEUED;
    way->channel = channel;
    memcpy(way->address, address.data, address.length);
    return code_make(way->code, error);
}

static rfd_status make_codes(struct pending *o, struct rfd_error *error)
{
    if (o->channel != PERSONAL_TOTP) {
        const char *to = o->channel == PERSONAL_MAIL ? o->mail : o->mobile;
        TRY(make_code(&o->ways[0], o->channel, slice_text(to), error));
    }
    if (o->operation.kind != OPERATION_MOBILE) return RFD_OK;
    if (slice_is(o->operation.mobile, o->mobile)) return error_set(error, RFD_E_ARGUMENT, "the number is the same");
    return make_code(&o->ways[1], PERSONAL_SMS, o->operation.mobile, error);
}

/** Who has given too many wrong ones gets no other. */
static rfd_status check_codes(struct personal *p, struct holder *h, struct rfd_error *error)
{
    (void)pthread_mutex_lock(&p->lock);
    holders_take(p, h);
    (void)pthread_mutex_unlock(&p->lock);
    rfd_status status = holders_ready(p, h, error);
    if (status == RFD_OK) status = count_check_codes(p, h, error);
    holders_release(p, h);
    return status;
}

static rfd_status prepare_codes(struct personal *p, struct pending *o, const struct record *r, uint8_t channel,
                                struct rfd_error *error)
{
    TRY(check_codes(p, o->holder, error));
    TRY(choose_channel(p, o, r, channel, error));
    return make_codes(o, error);
}

/* ---- Approvals ---- */

slice begin_holder_of(const struct approval *a)
{
    slice found = approval_holder(a);
    return found.length < PERSONAL_HOLDER_SIZE ? found : SLICE_EMPTY;
}

static rfd_status check_agents(struct personal *p, const struct approved *a, struct rfd_error *error)
{
    for (size_t i = 0; i < a->count; i++) {
        const struct registered *r = registered_signer(&p->registered, &a->signed_data[i]);
        if (r == NULL || r->kind != KEEPER_AGENT) return error_set(error, RFD_E_APPROVAL, "not by an agent");
    }
    return RFD_OK;
}

rfd_status begin_check_approval(struct personal *p, const struct approved *a, bool agents_only, rfd_time now,
                                struct rfd_error *error)
{
    const struct approval *v = &a->approval;
    if (!v->central) return error_set(error, RFD_E_APPROVAL, "it is not for a central key");
    if (begin_holder_of(v).length == 0) return error_set(error, RFD_E_APPROVAL, "it is of nobody");
    if (v->mobile.length == 0 && !(p->options.mail && v->mail_count > 0))
        return error_set(error, RFD_E_APPROVAL, "it has no mobile");
    if (v->mail_count > 0 && v->mails[0].length >= PERSONAL_ADDRESS_SIZE)
        return error_set(error, RFD_E_APPROVAL, "its mail is too long");
    if (v->time > now + APPROVED_EARLY_SECONDS * RFD_SECOND)
        return error_set(error, RFD_E_APPROVAL, "it is of the future");
    if (now - v->time > (rfd_time)APPROVAL_CENTRAL_SECONDS * RFD_SECOND)
        return error_set(error, RFD_E_APPROVAL, "it is too old");
    (void)pthread_rwlock_rdlock(&p->registered_lock);
    rfd_status status = approved_check_signers(&p->registered, a, 1, now, error);
    if (status == RFD_OK && agents_only) status = check_agents(p, a, error);
    (void)pthread_rwlock_unlock(&p->registered_lock);
    return status;
}

static bool is_active(const struct entry *e, rfd_time now)
{
    return (e->state == PERSONAL_ACTIVE || e->state == PERSONAL_LOCKED) && e->expires > now;
}

rfd_status begin_check_holder(const struct pending *o, rfd_time now, struct rfd_error *error)
{
    const struct holder *h = o->holder;
    size_t active = 0;
    for (size_t i = 0; i < h->count; i++) {
        if (is_active(h->entries[i], now)) active++;
        if (h->entries[i]->entity != o->entity)
            return error_set(error, RFD_E_APPROVAL, "people and entities do not share a number");
        if (h->entries[i]->approved > o->approved)
            return error_set(error, RFD_E_APPROVAL, "a later one of the same holder was used already");
    }
    if (active < PERSONAL_ACTIVE_MAXIMUM) return RFD_OK;
    return error_set(error, RFD_E_LIMIT, "%zu credentials of this holder", active);
}

/** Under `lock`: the credential of the same approval whose number the holder changed last; NULL: none. */
static const struct entry *find_changed(const struct holder *h, rfd_time approved)
{
    const struct entry *found = NULL;
    for (size_t i = 0; i < h->count; i++) {
        const struct entry *e = h->entries[i];
        if (e->approved != approved || e->mobile_changed == 0) continue;
        if (found == NULL || e->mobile_changed > found->mobile_changed) found = e;
    }
    return found;
}

rfd_status begin_check_mobile(const struct pending *o, struct rfd_error *error)
{
    const struct entry *changed = find_changed(o->holder, o->approved);
    if ((changed == NULL ? 0 : changed->mobile_changed) == o->mobile_changed) return RFD_OK;
    return error_set(error, RFD_E_ACTIVATION_ENDED, "the mobile was changed meanwhile");
}

/** An old approval must not bring back a number that its holder has given up. */
static rfd_status use_changed(struct personal *p, struct pending *o, const struct entry *changed,
                              struct rfd_error *error)
{
    struct record r = {.state = 0};
    if (changed == NULL) return RFD_OK;
    TRY(record_read(p, changed->id, &r, error));
    memcpy(o->mobile, r.mobile, sizeof o->mobile);
    o->mobile_changed = r.mobile_changed;
    record_dispose(&r);
    return RFD_OK;
}

static rfd_status use_approval(struct personal *p, struct pending *o, const struct approved *a, rfd_time now,
                               struct rfd_error *error)
{
    const struct approval *v = &a->approval;
    const struct entry *changed = NULL;
    if (a->count == 0) return error_set(error, RFD_E_APPROVAL_FEW, "none");
    if (memcmp(a->hash, o->operation.approval, sizeof a->hash) != 0)
        return error_set(error, RFD_E_APPROVAL, "it is not the one of the operation");
    TRY(begin_check_approval(p, a, false, now, error));
    buf_put_slice(&o->profile, v->profile);
    memcpy(o->mobile, v->mobile.data == NULL ? (const uint8_t *)"" : v->mobile.data, v->mobile.length);
    if (v->mail_count > 0) memcpy(o->mail, v->mails[0].data, v->mails[0].length);
    o->approved = v->time;
    o->entity = approval_is_of_entity(v);
    o->code = v->code;
    memcpy(o->authority, v->authority, sizeof o->authority);
    (void)pthread_mutex_lock(&p->lock);
    rfd_status status = holders_get(p, begin_holder_of(v), &o->holder, error);
    if (status == RFD_OK) status = begin_check_holder(o, now, error);
    if (status == RFD_OK) changed = find_changed(o->holder, v->time);
    (void)pthread_mutex_unlock(&p->lock);
    if (status == RFD_OK) status = use_changed(p, o, changed, error);
    return status == RFD_OK ? buf_check(&o->profile, "profile", error) : status;
}

/* ---- Credentials ---- */

static rfd_status check_state(const struct pending *o, const struct record *r, rfd_time now, struct rfd_error *error)
{
    if (r->state == PERSONAL_DESTROYED) return error_set(error, RFD_E_NOT_FOUND, "the key was destroyed");
    if (r->state == PERSONAL_LOCKED && !by_kind[o->operation.kind].while_locked)
        return error_set(error, RFD_E_CREDENTIAL_LOCKED, "after too many wrong passwords");
    if (o->operation.kind != OPERATION_SIGN && o->operation.kind != OPERATION_CODE) return RFD_OK;
    if (r->state == PERSONAL_WAITING) return error_set(error, RFD_E_STATE, "there is no certificate yet");
    if (r->expires <= now) return error_set(error, RFD_E_CERTIFICATE_EXPIRED, "credential %s", r->id);
    return RFD_OK;
}

static rfd_status use_credential(struct personal *p, struct pending *o, struct record *r, rfd_time now,
                                 struct rfd_error *error)
{
    (void)pthread_mutex_lock(&p->lock);
    rfd_status status = holders_entry(p, o->operation.credential, &o->entry, error);
    if (status == RFD_OK) o->holder = o->entry->holder;
    if (status == RFD_OK) o->changes = o->entry->changes;
    (void)pthread_mutex_unlock(&p->lock);
    if (status != RFD_OK) return status;
    TRY(record_read(p, o->entry->id, r, error));
    TRY(check_state(o, r, now, error));
    memcpy(o->mobile, r->mobile, sizeof o->mobile);
    memcpy(o->mail, r->mail, sizeof o->mail);
    return RFD_OK;
}

/* ---- Seals, documents ---- */

/** What the message calls a seal: its certificate's name, or else its holder's number. */
static void set_title(struct pending *o, const struct certificate *c)
{
    struct buf name;
    buf_init(&name, sizeof o->title - 1);
    bool named = certificate_name_attribute(c->subject, oid(OID_COMMON_NAME), &name) && buf_status(&name) == RFD_OK &&
                 name.length > 0 && text_is_printable(buf_slice(&name));
    (void)snprintf(o->title, sizeof o->title, "%.*s", named ? (int)name.length : PERSONAL_HOLDER_SIZE,
                   named ? (const char *)name.data : o->holder->name);
    buf_dispose(&name);
}

/** Nobody is there who has a telephone, unless agents have said that somebody is. */
static rfd_status prepare_seal(struct personal *p, struct pending *o, const struct record *r, struct rfd_error *error)
{
    bool code = o->operation.kind == OPERATION_CODE;
    if (code && !r->code) return error_set(error, RFD_E_ARGUMENT, "it signs without codes");
    if (code) return prepare_codes(p, o, r, PERSONAL_SMS, error);
    o->proofs = PERSONAL_PROOF_PASSWORD | (r->code ? PERSONAL_PROOF_CODE : 0);
    return r->code ? check_codes(p, o->holder, error) : RFD_OK;
}

static rfd_status use_certificate(struct pending *o, const struct record *r, struct rfd_error *error)
{
    if (o->operation.of == OPERATION_OF_BOTH && !r->entity)
        return error_set(error, RFD_E_ARGUMENT, "people agree to hashes, or to documents");
    if (o->operation.of == OPERATION_OF_HASHES && o->operation.kind != OPERATION_CODE) return RFD_OK;
    TRY(certificate_parse(r->certificate, &o->certificate, error));
    if (o->operation.kind == OPERATION_CODE) set_title(o, o->certificate);
    return RFD_OK;
}

/* ---- The answer ---- */

static rfd_status make_secrets(struct pending *o, slice point, struct rfd_error *error)
{
    struct operation_text bound = o->operation;
    bound.point = point;
    if (RAND_bytes(o->id, sizeof o->id) != 1 || RAND_bytes(o->nonce, sizeof o->nonce) != 1 ||
        (o->operation.kind == OPERATION_TOTP && RAND_priv_bytes(o->totp, sizeof o->totp) != 1))
        return error_set(error, RFD_E_INTERNAL, "no random octets");
    return personal_activation_info(buf_slice(&o->text), &bound, o->nonce, &o->info, error);
}

static void set_times(const struct personal *p, struct pending *o, rfd_time now)
{
    rfd_time here = p->monotonic();
    rfd_time length = (rfd_time)p->options.operation_seconds * RFD_SECOND;
    rfd_time again = (rfd_time)p->options.again_seconds * RFD_SECOND;
    o->ends = now + length;
    o->ends_here = here + length;
    o->again = o->ways[0].wanted ? now + again : 0;
    o->again_here = here + again;
}

static rfd_status put_totp(const struct pending *o, slice point, struct buf *answer, struct rfd_error *error)
{
    uint8_t encapsulated[HPKE_POINT_SIZE];
    struct buf sealed;
    if (o->operation.kind != OPERATION_TOTP)
        return point.length == 0 ? RFD_OK : error_set(error, RFD_E_ARGUMENT, "a point belongs to totp");
    buf_init(&sealed, PERSONAL_TOTP_SIZE + HPKE_TAG_SIZE);
    rfd_status status = hpke_seal(point, buf_slice(&o->info), SLICE_EMPTY, slice_of(o->totp, sizeof o->totp),
                                  encapsulated, &sealed, error);
    if (status == RFD_OK) {
        message_put_bytes(answer, slice_of(encapsulated, sizeof encapsulated));
        message_put_bytes(answer, buf_slice(&sealed));
    }
    buf_dispose(&sealed);
    return status;
}

static rfd_status put_answer(const struct pending *o, slice point, struct buf *answer, struct rfd_error *error)
{
    char masked[PERSONAL_ADDRESS_SIZE] = "";
    if (o->channel == PERSONAL_SMS) code_mask_mobile(o->mobile, masked);
    if (o->channel == PERSONAL_MAIL) code_mask_mail(o->mail, masked);
    message_put_bytes(answer, slice_of(o->id, sizeof o->id));
    message_put_bytes(answer, slice_of(o->nonce, sizeof o->nonce));
    message_put_i64(answer, o->ends);
    message_put_u8(answer, o->proofs);
    message_put_u8(answer, o->channel);
    message_put_text(answer, masked);
    message_put_i64(answer, o->again);
    return put_totp(o, point, answer, error);
}

static rfd_status prepare(struct personal *p, struct pending *o, const struct wanted *w, struct record *r, rfd_time now,
                          struct rfd_error *error)
{
    TRY(take_text(o, w->text, now, error));
    bool generate = o->operation.kind == OPERATION_GENERATE;
    if (!generate && w->approved.count > 0) return error_set(error, RFD_E_ARGUMENT, "approvals belong to generate");
    if (!is_language(w->language)) return error_set(error, RFD_E_ARGUMENT, "language");
    slice language = w->language.length > 0 ? w->language : SLICE("es");
    memcpy(o->language, language.data, language.length);
    TRY(generate ? use_approval(p, o, &w->approved, now, error) : use_credential(p, o, r, now, error));
    TRY(statement_check(p, &o->operation, w->statement, now, error));
    o->proofs = by_kind[o->operation.kind].proofs;
    TRY(use_certificate(o, r, error));
    if (o->operation.kind == OPERATION_CODE || (o->operation.kind == OPERATION_SIGN && r->entity))
        TRY(prepare_seal(p, o, r, error));
    else
        TRY(prepare_codes(p, o, generate ? NULL : r, w->channel, error));
    TRY(make_secrets(o, w->point, error));
    set_times(p, o, now);
    return RFD_OK;
}

/** Under `lock`: the code before this one is none any more. */
static void end_code(struct personal *p, const struct pending *o)
{
    struct pending *before = pending_code_of(p, o->entry, o->operation.portal);
    if (before != NULL) pending_end(before, PERSONAL_ENDED);
}

rfd_status begin_operation(struct personal *p, struct personal_request *q, struct message_reader *r, struct buf *answer,
                           struct rfd_error *error)
{
    struct wanted w = {.channel = 0};
    struct record record = {.state = 0};
    struct pending *o = pending_new();
    rfd_status status = RFD_OK;
    rfd_time now;
    if (o == NULL) return error_memory(error);
    TRY_OUT(take_wanted(&w, r, error));
    TRY_OUT(personal_now(p, &now, error));
    TRY_OUT(prepare(p, o, &w, &record, now, error));
    if (o->entry != NULL) memcpy(q->event.key, o->entry->id, sizeof o->entry->id);
    TRY_OUT(put_answer(o, w.point, answer, error));
    (void)pthread_mutex_lock(&p->lock);
    /* A number that was given up meanwhile gets no code. */
    if (o->entry != NULL && o->changes != o->entry->changes)
        status = error_set(error, RFD_E_BUSY, "the credential is being changed");
    if (status == RFD_OK && o->ways[0].wanted) status = count_message(p, o->holder, error);
    if (status == RFD_OK && o->operation.kind == OPERATION_CODE) end_code(p, o);
    if (status == RFD_OK) status = pending_add(p, o, error);
    (void)pthread_mutex_unlock(&p->lock);
    if (status == RFD_OK) o = NULL;
out:
    approved_dispose(&w.approved);
    record_dispose(&record);
    pending_free(o);
    return status;
}
