/* SPDX-License-Identifier: EUPL-1.2 */
#include "personal/internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "ipc/answer.h"

#include <stdio.h>
#include <time.h>

#define ACTIVATION_KEY  SLICE("activation")
#define ATTESTATION_KEY SLICE("attestation")

const struct personal_options personal_defaults = {.algorithm = KEY_ALGORITHM_RSA_2048,
                                                   .memory_kib = 19456, /* RFC 9106 leaves it to us; OWASP's choice */
                                                   .passes = 2,
                                                   .operation_seconds = 300,
                                                   .sad_seconds = 300,
                                                   .again_seconds = 30,
                                                   .wrong_passwords = 5,
                                                   .wrong_codes = 5,
                                                   .mail = false,
                                                   .messages = 30};

/* ---- Who may ask for what ---- */

#define ANYBODY        (KEEPER_FROM_ADMIN | KEEPER_FROM_STATUS | KEEPER_FROM_WORKER | KEEPER_FROM_WEB)
#define ALL_BUT_STATUS (KEEPER_FROM_ADMIN | KEEPER_FROM_WORKER | KEEPER_FROM_WEB)

static personal_work say_hello;

static const struct row {
    uint16_t type;
    const char *name;
    unsigned senders; /* mask of enum keeper_sender */
    bool slow;        /* waits for a disk, a key or Argon2id */
    personal_work *work;
} rows[] = {
    {KEEPER_HELLO, "hello", ANYBODY, false, say_hello},
    {KEEPER_REGISTER, "register", KEEPER_FROM_ADMIN, true, register_put},
    {KEEPER_UNREGISTER, "unregister", KEEPER_FROM_ADMIN | KEEPER_FROM_WORKER, true, register_remove},
    {KEEPER_LIST_REGISTERED, "list-registered", ALL_BUT_STATUS, true, register_list},
    {PERSONAL_KEYS, "personal-keys", ALL_BUT_STATUS, false, personal_show_keys},
    {PERSONAL_LIST, "personal-list", ALL_BUT_STATUS, true, personal_show_list},
    {PERSONAL_SHOW, "personal-show", ALL_BUT_STATUS, true, personal_show_one},
    {PERSONAL_BEGIN, "personal-begin", KEEPER_FROM_WEB, true, begin_operation},
    {PERSONAL_PROGRESS, "personal-progress", KEEPER_FROM_WEB | KEEPER_FROM_WORKER, false, progress_show},
    {PERSONAL_SEND_AGAIN, "personal-send-again", KEEPER_FROM_WEB, false, progress_send_again},
    {PERSONAL_ACTIVATE, "personal-activate", KEEPER_FROM_WEB, true, activate_operation},
    {PERSONAL_SIGN, "personal-sign", KEEPER_FROM_WEB, true, sign_hashes},
    {PERSONAL_CHECK, "personal-check", KEEPER_FROM_WEB, false, sign_check},
    {PERSONAL_SIGN_DOCUMENTS, "personal-sign-documents", KEEPER_FROM_WEB, true, sign_documents},
    {PERSONAL_READ_DOCUMENT, "personal-read-document", KEEPER_FROM_WEB, true, document_read},
    {PERSONAL_READ_REVISION, "personal-read-revision", KEEPER_FROM_WEB, true, document_read_revision},
    {PERSONAL_SIGN_REVISION, "personal-sign-revision", KEEPER_FROM_WEB, true, sign_revision},
    {PERSONAL_CERTIFY, "personal-certify", ALL_BUT_STATUS, true, change_certify},
    {PERSONAL_CANCEL, "personal-cancel", KEEPER_FROM_WEB, false, progress_cancel},
    {PERSONAL_READ_LOG, "personal-read-log", ALL_BUT_STATUS, true, personal_show_log},
    {PERSONAL_ADOPT, "personal-adopt", ALL_BUT_STATUS, true, change_adopt},
    {PERSONAL_SET_CLOCK, "personal-set-clock", KEEPER_FROM_ADMIN, true, clock_back_accept},
    {PERSONAL_TAKE_CODES, "personal-take-codes", KEEPER_FROM_WORKER, false, delivery_take},
    {PERSONAL_CODES_SENT, "personal-codes-sent", KEEPER_FROM_WORKER, false, delivery_sent},
};

static const struct row *row_of(uint16_t type)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].type == type) return &rows[i];
    }
    return NULL;
}

bool personal_is_slow(const struct message *message)
{
    const struct row *row = row_of(message->type);
    return row != NULL && row->slow;
}

static rfd_status say_hello(struct personal *p, struct personal_request *q, struct message_reader *r,
                            struct buf *answer, struct rfd_error *error)
{
    (void)p;
    (void)q;
    uint32_t version = message_get_u32(r);
    TRY(message_end(r, "hello", error));
    if (version != KEEPER_VERSION) return error_set(error, RFD_E_UNSUPPORTED, "version %u of the protocol", version);
    message_put_u32(answer, KEEPER_VERSION);
    return RFD_OK;
}

/* ---- Keys and secrets of the store ---- */

static rfd_status derive(struct personal *p, slice label, struct secret *out, struct rfd_error *error)
{
    uint8_t bytes[KEYSTORE_SECRET_SIZE];
    TRY(keystore_derive(p->store, label, bytes, error));
    rfd_status status = secret_set(out, slice_of(bytes, sizeof bytes), error);
    secret_wipe(bytes, sizeof bytes);
    return status;
}

static rfd_status open_key(struct personal *p, slice name, enum key_purpose purpose, struct stored_key **out,
                           struct rfd_error *error)
{
    struct key_description wanted = {.purpose = purpose, .algorithm = KEY_ALGORITHM_P256};
    rfd_status status = keystore_open_key(p->store, name, out, error);
    if (status == RFD_E_KEY_UNKNOWN) {
        error_clear(error);
        memcpy(wanted.name, name.data, name.length);
        status = keystore_create(p->store, &wanted, out, error);
    }
    if (status != RFD_OK) return status;
    const struct key_description *d = stored_key_description(*out);
    if (d->purpose == purpose && d->algorithm == KEY_ALGORITHM_P256) return RFD_OK;
    return error_set(error, RFD_E_KEYSTORE_DAMAGED, "key %s is not of the personal keeper", d->name);
}

static rfd_status agree(void *context, slice point, uint8_t shared[HPKE_SHARED_SIZE], struct rfd_error *error)
{
    return stored_key_agree(context, point, shared, error);
}

rfd_status personal_open(struct personal *p, const struct hpke_message *m, struct buf *plain, struct rfd_error *error)
{
    /* The point is the end of the SubjectPublicKeyInfo (RFC 5480 §2.2). */
    slice spki = stored_key_description(p->activation)->public_key;
    slice own = spki.length < HPKE_POINT_SIZE ? SLICE_EMPTY : slice_from(spki, spki.length - HPKE_POINT_SIZE);
    (void)pthread_mutex_lock(&p->store_lock);
    rfd_status status = hpke_open(agree, p->activation, own, m, plain, error);
    (void)pthread_mutex_unlock(&p->store_lock);
    return status;
}

rfd_status personal_attest(struct personal *p, slice message, struct buf *signature, struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    struct signature_algorithm a = stored_key_algorithm(p->attestation);
    TRY(digest_of(a.digest, message, digest, error));
    (void)pthread_mutex_lock(&p->store_lock);
    rfd_status status =
        stored_key_sign(p->attestation, &a, message, slice_of(digest, digest_size(a.digest)), signature, error);
    (void)pthread_mutex_unlock(&p->store_lock);
    return status;
}

/* ---- Time ---- */

static rfd_time read_monotonic(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (rfd_time)t.tv_sec * RFD_SECOND + t.tv_nsec / 1000;
}

rfd_status personal_now(struct personal *p, rfd_time *out, struct rfd_error *error)
{
    rfd_time now = clock_now();
    (void)pthread_mutex_lock(&p->lock);
    rfd_time floor = p->floor;
    if (now > floor) p->floor = now;
    (void)pthread_mutex_unlock(&p->lock);
    if (now < floor - (rfd_time)PERSONAL_SKEW_SECONDS * RFD_SECOND)
        return error_set(error, RFD_E_CLOCK, "it went back by %lld seconds", (long long)((floor - now) / RFD_SECOND));
    *out = now > floor ? now : floor;
    return RFD_OK;
}

/* ---- Logs ---- */

void personal_put_member(struct buf *b, const char *name, slice value)
{
    buf_print(b, ",\"%s\":\"", name);
    for (size_t i = 0; i < value.length; i++) {
        if (value.data[i] == '"' || value.data[i] == '\\') buf_put_byte(b, '\\');
        buf_put_byte(b, value.data[i]);
    }
    buf_put_byte(b, '"');
}

pthread_mutex_t *personal_log_lock(struct personal *p, const struct entry *e)
{
    return &p->log_locks[(unsigned char)(e->id[0] * 7 + e->id[1]) % PERSONAL_LOG_LOCKS];
}

rfd_status personal_log(struct personal *p, struct entry *e, const char *event, slice members, struct rfd_error *error)
{
    const struct holder_log_place where = {p->store->folder, &p->log_secret, e->id};
    char time[CLOCK_TEXT_SIZE];
    struct buf b;
    buf_init(&b, HOLDER_LOG_LINE_MAXIMUM);
    buf_print(&b, "\"time\":\"%s\",\"event\":\"%s\"", clock_iso(clock_now() / RFD_SECOND * RFD_SECOND, time), event);
    buf_put_slice(&b, members);
    buf_put_byte(&b, '\0');
    rfd_status status = buf_check(&b, "log", error);
    (void)pthread_mutex_lock(personal_log_lock(p, e));
    if (status == RFD_OK) status = holder_log_append(&e->log, &where, buf_slice(&b), 1, error);
    (void)pthread_mutex_unlock(personal_log_lock(p, e));
    buf_dispose(&b);
    return status;
}

/* ---- From beginning to end ---- */

static void make_locks(struct personal *p)
{
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_mutex_init(&p->store_lock, NULL);
    (void)pthread_mutex_init(&p->audit_lock, NULL);
    (void)pthread_mutex_init(&p->argon.lock, NULL);
    for (size_t i = 0; i < PERSONAL_LOG_LOCKS; i++) (void)pthread_mutex_init(&p->log_locks[i], NULL);
    (void)pthread_rwlock_init(&p->registered_lock, NULL);
    (void)pthread_cond_init(&p->released, NULL);
}

static void destroy_locks(struct personal *p)
{
    (void)pthread_mutex_destroy(&p->lock);
    (void)pthread_mutex_destroy(&p->store_lock);
    (void)pthread_mutex_destroy(&p->audit_lock);
    (void)pthread_mutex_destroy(&p->argon.lock);
    for (size_t i = 0; i < PERSONAL_LOG_LOCKS; i++) (void)pthread_mutex_destroy(&p->log_locks[i]);
    (void)pthread_rwlock_destroy(&p->registered_lock);
    (void)pthread_cond_destroy(&p->released);
}

static rfd_status check_options(const struct personal_options *o, struct rfd_error *error)
{
    bool fits = o->algorithm == KEY_ALGORITHM_RSA_2048 || o->algorithm == KEY_ALGORITHM_RSA_3072 ||
                o->algorithm == KEY_ALGORITHM_P256;
    if (!fits) return error_set(error, RFD_E_KEY_ALGORITHM, "%s for people", key_algorithm_name(o->algorithm));
    if (o->memory_kib >= 8 && o->passes > 0 && o->wrong_passwords > 0 && o->wrong_passwords < UINT8_MAX &&
        o->wrong_codes > 0 && o->wrong_codes < UINT8_MAX && o->operation_seconds > 0 && o->sad_seconds > 0)
        return RFD_OK;
    return error_set(error, RFD_E_ARGUMENT, "options of the personal keeper");
}

static rfd_status open_all(struct personal *p, struct rfd_error *error)
{
    TRY(check_options(&p->options, error));
    p->pending = memory_zeroed(1, sizeof *p->pending);
    p->entries = memory_zeroed(1, sizeof *p->entries);
    p->holders = memory_zeroed(1, sizeof *p->holders);
    if (p->pending == NULL || p->entries == NULL || p->holders == NULL) return error_memory(error);
    TRY(derive(p, SLICE("refrenda personal records"), &p->record_secret, error));
    TRY(derive(p, SLICE("refrenda personal logs"), &p->log_secret, error));
    TRY(derive(p, SLICE("refrenda registered"), &p->registered_secret, error));
    TRY(open_key(p, ACTIVATION_KEY, PURPOSE_ACTIVATION, &p->activation, error));
    TRY(open_key(p, ATTESTATION_KEY, PURPOSE_ATTESTATION, &p->attestation, error));
    TRY(registered_open(p->store->folder, &p->registered_secret, &p->registered, error));
    return holders_load(p, error);
}

rfd_status personal_new(struct keystore *store, const struct personal_options *options, keeper_audit *audit,
                        void *context, struct personal **out, struct rfd_error *error)
{
    struct personal *p = memory_zeroed(1, sizeof *p);
    if (p == NULL) return error_memory(error);
    p->store = store;
    p->options = *options;
    p->audit = audit;
    p->context = context;
    p->monotonic = read_monotonic;
    make_locks(p);
    rfd_status status = open_all(p, error);
    if (status == RFD_OK)
        *out = p;
    else
        personal_free(p);
    return status;
}

void personal_free(struct personal *p)
{
    if (p == NULL) return;
    pending_free_all(p);
    holders_free(p);
    memory_free(p->entries);
    memory_free(p->holders);
    registered_close(&p->registered);
    stored_key_free(p->activation);
    stored_key_free(p->attestation);
    secret_dispose(&p->record_secret);
    secret_dispose(&p->log_secret);
    secret_dispose(&p->registered_secret);
    password_blocks_dispose(&p->argon);
    destroy_locks(p);
    memory_free(p);
}

/* ---- One question ---- */

static rfd_status do_work(struct personal *p, const struct row *row, const struct keeper_session *session,
                          struct personal_request *q, slice body, struct buf *answer, struct rfd_error *error)
{
    struct message_reader r = message_read(body);
    if ((row->senders & session->sender) == 0)
        return error_set(error, RFD_E_KEY_REFUSED, "%s from %s", row->name, keeper_sender_name(session->sender));
    TRY(row->work(p, q, &r, answer, error));
    return buf_check(answer, row->name, error);
}

/** Tells the audit; what it cannot take is refused. */
static rfd_status tell(struct personal *p, struct personal_request *q, rfd_status status, struct rfd_error *why)
{
    struct rfd_error unrecorded = RFD_ERROR_INIT;
    q->event.status = status;
    q->event.detail = why->detail;
    (void)pthread_mutex_lock(&p->audit_lock);
    rfd_status told = p->audit(p->context, &q->event, &unrecorded);
    (void)pthread_mutex_unlock(&p->audit_lock);
    if (told == RFD_OK) return status;
    *why = unrecorded;
    return unrecorded.code;
}

rfd_status personal_handle(struct personal *p, struct keeper_session *session, const struct message *message,
                           struct buf *answer, struct rfd_error *error)
{
    size_t start = answer->length;
    struct rfd_error why = RFD_ERROR_INIT;
    const struct row *row = row_of(message->type);
    if (row == NULL) return error_set(error, RFD_E_PROTOCOL, "operation %u", message->type);
    if (!session->greeted && row->type != KEEPER_HELLO)
        return error_set(error, RFD_E_PROTOCOL, "%s before hello", row->name);
    struct personal_request q = {
        .event = {.time = clock_now(), .sender = session->sender, .operation = row->name, .detail = ""}};
    message_put_u32(answer, RFD_OK);
    rfd_status status = do_work(p, row, session, &q, message->body, answer, &why);
    if (status == RFD_OK && row->type == KEEPER_HELLO) session->greeted = true;
    status = tell(p, &q, status, &why);
    if (status != RFD_OK) answer_put_refusal(answer, start, &why);
    return buf_check(answer, "answer", error);
}
