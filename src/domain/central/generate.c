/* SPDX-License-Identifier: EUPL-1.2
 *
 * From an enrolment to a certificate whose key is kept here, in steps each of which may be the last that this process
 * does:
 *
 *   begin     the personal keeper looks at the agent's approval and sends the code.
 *   activate  it makes the key, and attests so; what it attested is stored.
 *   issue     the authority issues under the idempotency key of the credential, or gives the same certificate again.
 *   certify   the personal keeper gets the certificate, which twice is once.
 *   enter     the request is issued, the holder told: one transaction, which does nothing where another was faster.
 *
 * Who dies after a key was stored is gone on for by the worker. One who dies before it leaves a key that nobody
 * certifies.
 */
#include "base/clock.h"
#include "base/error.h"
#include "domain/authority/register.h"
#include "domain/central/internal.h"
#include "domain/registration/holding_internal.h"

enum { AGAIN_SECONDS = 60, FINISHING_MEMORY = 1 << 20, SPKI_MAXIMUM = 4096, BATCH = 20 };

/* ---- Begin ---- */

struct enrolled {
    const struct central *c;
    const struct actor *actor;
    struct arena *a;
    slice holder;
    int64_t wanted; /* of a seal */
    struct enrolment enrolment;
};

static rfd_status keep_enrolment(struct arena *a, struct enrolment *e, struct rfd_error *error)
{
    TRY(store_keep(a, &e->holder, error));
    TRY(store_keep(a, &e->profile, error));
    for (size_t i = 0; i < e->approval_count; i++) TRY(store_keep(a, &e->approvals[i], error));
    return RFD_OK;
}

static rfd_status find_enrolment(struct transaction *t, void *context, struct rfd_error *error)
{
    struct enrolled *e = context;
    TRY(central_holder_of(t, e->c->packs, e->actor->person, &e->holder, error));
    TRY(central_enrolment_of(t, e->holder, clock_now(), &e->enrolment, error));
    if (e->enrolment.id == 0) return error_set(error, RFD_E_NOT_FOUND, "no agent has approved it");
    TRY(store_keep(e->a, &e->holder, error));
    return keep_enrolment(e->a, &e->enrolment, error);
}

/** A seal that the person answers for. */
static rfd_status find_seal_enrolment(struct transaction *t, void *context, struct rfd_error *error)
{
    struct enrolled *e = context;
    struct enrolment *all = NULL;
    size_t count = 0;
    TRY(central_seal_enrolments(t, e->actor->person, clock_now(), &all, &count, error));
    for (size_t i = 0; i < count; i++) {
        if (all[i].id != e->wanted) continue;
        e->enrolment = all[i];
        return keep_enrolment(e->a, &e->enrolment, error);
    }
    return error_set(error, RFD_E_NOT_FOUND, "no agents have approved it");
}

static rfd_status check_actor(const struct actor *actor, struct rfd_error *error)
{
    TRY(actor_check(actor, ACTION_CENTRAL_SIGN, NULL, error));
    if (actor->person == 0) return error_set(error, RFD_E_FORBIDDEN, "only people have certificates here");
    if (actor->level < LEVEL_ADVANCED)
        return error_set(error, RFD_E_FORBIDDEN, "the account is not of the advanced level");
    return RFD_OK;
}

static rfd_status begin(struct enrolled *e, store_work *find, slice language, struct central_authorisation *out,
                        struct rfd_error *error)
{
    struct central_begin b = {.text = {.kind = OPERATION_GENERATE, .portal = slice_text(e->c->settings->web.name)},
                              .language = language};
    TRY(check_actor(e->actor, error));
    TRY(store_read(e->c->store, find, e, error));
    TRY(central_approval_hash(e->enrolment.approvals[0], b.text.approval, error));
    b.approvals = e->enrolment.approvals;
    b.approval_count = e->enrolment.approval_count;
    return central_begin(e->c, &b, e->a, out, error);
}

rfd_status central_generate_begin(const struct central *c, const struct actor *actor, struct arena *a, slice language,
                                  struct central_authorisation *out, struct rfd_error *error)
{
    struct enrolled e = {.c = c, .actor = actor, .a = a};
    return begin(&e, find_enrolment, language, out, error);
}

rfd_status central_generate_seal_begin(const struct central *c, const struct actor *actor, struct arena *a,
                                       int64_t enrolment, slice language, struct central_authorisation *out,
                                       struct rfd_error *error)
{
    struct enrolled e = {.c = c, .actor = actor, .a = a, .wanted = enrolment};
    return begin(&e, find_seal_enrolment, language, out, error);
}

/* ---- A key that was made ---- */

struct making {
    const struct central *c;
    const struct actor *actor;
    slice holder, credential, spki, attestation, signature;
    uint8_t approval[APPROVAL_HASH_SIZE];
    int64_t person;
};

static rfd_status read_made(struct message_reader *f, struct making *m, struct rfd_error *error)
{
    struct attestation attestation;
    m->credential = message_get_text(f, PERSONAL_ID_SIZE - 1);
    m->spki = message_get_bytes(f, SPKI_MAXIMUM);
    m->attestation = message_get_bytes(f, ATTESTATION_MAXIMUM);
    m->signature = message_get_bytes(f, ATTESTATION_SIGNATURE_MAXIMUM);
    TRY(message_end(f, "a key that was made", error));
    if (m->credential.length != PERSONAL_ID_SIZE - 1) return error_set(error, RFD_E_PROTOCOL, "a key that was made");
    TRY(attestation_read(m->attestation, &attestation, error));
    memcpy(m->approval, attestation.approval, sizeof m->approval);
    return RFD_OK;
}

/** The enrolment that the key was made by: the person's own, or of a seal that they answer for. */
static rfd_status find_approved(struct transaction *t, const struct making *m, int64_t *id, struct rfd_error *error)
{
    const struct store_value values[] = {store_text(m->holder), store_integer(m->person), store_integer(BATCH)};
    struct store_rows rows;
    TRY(store_run(
        t,
        "SELECT id, approval FROM central_enrolment WHERE holder = $1 OR (person = $2 AND entity IS NOT NULL) "
        "ORDER BY time DESC, id DESC LIMIT $3",
        values, 3, &rows, error));
    for (size_t i = 0; i < rows.count; i++) {
        uint8_t hash[APPROVAL_HASH_SIZE];
        TRY(central_approval_hash(store_cell(&rows, i, 1)->bytes, hash, error));
        if (memcmp(hash, m->approval, sizeof hash) != 0) continue;
        *id = store_cell(&rows, i, 0)->integer;
        return RFD_OK;
    }
    return error_set(error, RFD_E_NOT_FOUND, "the key was made for somebody else");
}

static rfd_status store_key(struct transaction *t, void *context, struct rfd_error *error)
{
    struct making *m = context;
    rfd_time now = clock_now();
    int64_t enrolment = 0;
    TRY(central_holder_of(t, m->c->packs, m->person, &m->holder, error));
    TRY(find_approved(t, m, &enrolment, error));
    const struct store_value values[] = {store_text(m->credential),   store_integer(enrolment),
                                         store_integer(m->person),    store_bytes(m->spki),
                                         store_bytes(m->attestation), store_bytes(m->signature),
                                         store_integer(now),          store_integer(now + AGAIN_SECONDS * RFD_SECOND)};
    TRY(store_run(t,
                  "INSERT INTO central_key(credential, enrolment, person, spki, attestation, signature, created, due) "
                  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                  values, sizeof values / sizeof *values, NULL, error));
    return central_audit(t, m->actor, "credential.make", "enrolment", enrolment,
                         central_detail(t, "credential", m->credential, NULL, SLICE_EMPTY), error);
}

/* ---- Its certificate ---- */

struct finishing {
    const struct central *c;
    struct arena *a;
    slice credential, spki, attestation, signature, number;
    int64_t person, enrolment_id, certificate;
    struct enrolment enrolment;
    struct certificate_row row;
    rfd_time due; /* RFD_TIME_NONE: never again */
};

static rfd_status read_key(struct transaction *t, void *context, struct rfd_error *error)
{
    struct finishing *f = context;
    const struct store_value key = store_text(f->credential);
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT spki, attestation, signature, person, enrolment, coalesce(certificate, 0) FROM central_key "
                  "WHERE credential = $1",
                  &key, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "no such key was made here");
    const struct store_value *v = store_cell(&rows, 0, 0);
    f->spki = v[0].bytes;
    f->attestation = v[1].bytes;
    f->signature = v[2].bytes;
    f->person = v[3].integer;
    f->certificate = v[5].integer;
    TRY(central_enrolment_find(t, v[4].integer, &f->enrolment, &f->number, error));
    TRY(store_keep(f->a, &f->spki, error));
    TRY(store_keep(f->a, &f->attestation, error));
    TRY(store_keep(f->a, &f->signature, error));
    TRY(store_keep(f->a, &f->number, error));
    return keep_enrolment(f->a, &f->enrolment, error);
}

static rfd_status issue(struct finishing *f, struct rfd_error *error)
{
    struct authority_domain d = {f->c->store, f->c->keeper, f->c->packs};
    const char *key = arena_print(f->a, "central:%.*s", (int)f->credential.length, (const char *)f->credential.data);
    struct authority_issue order = {.actor = SLICE("system:central"),
                                    .spki = f->spki,
                                    .approvals = f->enrolment.approvals,
                                    .approval_count = f->enrolment.approval_count,
                                    .attestation = f->attestation,
                                    .attestation_signature = f->signature};
    bool again;
    if (key == NULL) return arena_failed(f->a, error);
    order.idempotency = slice_text(key);
    TRY(registration_approved_authority(&d, f->a, f->enrolment.approvals[0], &order.authority, error));
    return authority_issue(&d, &order, f->a, &f->row, &again, error);
}

/** The certificate of the authority that has signed: the personal keeper looks at the signature. */
static rfd_status find_issuer(const struct finishing *f, slice *out, struct rfd_error *error)
{
    struct authority_domain d = {f->c->store, f->c->keeper, f->c->packs};
    struct authority_list list;
    int64_t id = 0;
    TRY(registration_approved_authority(&d, f->a, f->enrolment.approvals[0], &id, error));
    TRY(authority_list(&d, f->a, &list, error));
    for (size_t i = 0; i < list.count; i++) {
        if (list.items[i].id != id) continue;
        *out = list.items[i].certificate;
        return RFD_OK;
    }
    return error_set(error, RFD_E_NOT_FOUND, "the authority is not here");
}

static rfd_status certify(const struct finishing *f, struct rfd_error *error)
{
    struct buf body;
    slice issuer = SLICE_EMPTY;
    TRY(find_issuer(f, &issuer, error));
    buf_init(&body, KEEPER_MESSAGE_MAXIMUM);
    message_put_bytes(&body, f->credential);
    message_put_bytes(&body, f->row.der);
    message_put_bytes(&body, issuer);
    rfd_status status = central_ask(f->c, PERSONAL_CERTIFY, &body, NULL, error);
    buf_dispose(&body);
    return status;
}

static rfd_status tell(struct transaction *t, const struct finishing *f, struct rfd_error *error)
{
    struct view *view = view_new(store_arena(t));
    const char *once = arena_print(store_arena(t), "%lld", (long long)f->row.id);
    if (view == NULL || once == NULL) return arena_failed(store_arena(t), error);
    view_text(view, "serial", holding_serial(f->row.serial, store_arena(t)));
    view_text(view, "until", registration_day(f->c->zone, f->row.not_after, store_arena(t)));
    view_string(view, "link", CENTRAL_PAGE_CREDENTIALS);
    return request_mail_person(t, "central-issued", f->person, view, once, error);
}

static rfd_status enter(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct finishing *f = context;
    const struct actor itself = actor_system("central");
    const struct store_value values[] = {store_text(f->credential), store_integer(f->row.id)};
    struct store_rows rows;
    TRY(store_run(t,
                  "UPDATE central_key SET certificate = $2, due = NULL WHERE credential = $1 AND certificate IS NULL",
                  values, 2, &rows, error));
    if (rows.changed == 0) return RFD_OK; /* somebody else has */
    TRY(request_central_issued(t, f->number, &f->row, error));
    TRY(central_audit(t, &itself, "credential.issue", "certificate", f->row.id,
                      central_detail(t, "credential", f->credential, NULL, SLICE_EMPTY), error));
    return tell(t, f, error);
}

static rfd_status put_off(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct finishing *f = context;
    const struct store_value values[] = {store_text(f->credential), store_moment(f->due)};
    return store_run(t, "UPDATE central_key SET due = $2 WHERE credential = $1 AND certificate IS NULL", values, 2,
                     NULL, error);
}

/** What stays the same however often one asks: a key without a certificate, of which its holder makes another. */
static bool for_good(rfd_status status)
{
    return status != RFD_E_MEMORY && rfd_status_class(status) == RFD_CLASS_INPUT && status != RFD_E_PROTOCOL &&
           status != RFD_E_STORE_CONFLICT && status != RFD_E_SLOW_DOWN;
}

static rfd_status finish(const struct central *c, struct arena *a, slice credential, struct rfd_error *error)
{
    struct finishing f = {.c = c, .a = a, .credential = credential, .due = RFD_TIME_NONE};
    TRY(store_read(c->store, read_key, &f, error));
    if (f.certificate != 0) return RFD_OK;
    rfd_status status = issue(&f, error);
    if (status == RFD_OK) status = certify(&f, error);
    if (status == RFD_OK) return store_write(c->store, enter, &f, error);
    if (for_good(status) && store_write(c->store, put_off, &f, NULL) != RFD_OK) { /* then it is asked once more */
    }
    return status;
}

rfd_status central_generate_finish(const struct central *c, slice credential, struct rfd_error *error)
{
    struct arena a;
    arena_init(&a, FINISHING_MEMORY);
    rfd_status status = finish(c, &a, credential, error);
    arena_dispose(&a);
    return status;
}

rfd_status central_generate(const struct central *c, const struct actor *actor, struct arena *a,
                            const uint8_t *operation, const struct central_proofs *proofs,
                            char credential[PERSONAL_ID_SIZE], struct rfd_error *error)
{
    struct keeper_reply reply = {.fields = message_read(SLICE_EMPTY)};
    struct making m = {.c = c, .actor = actor, .person = actor->person};
    char made[PERSONAL_ID_SIZE] = "";
    rfd_status status = RFD_OK;
    TRY_OUT(check_actor(actor, error));
    TRY_OUT(central_activate(c, operation, proofs, &reply, error));
    TRY_OUT(read_made(&reply.fields, &m, error));
    TRY_OUT(store_write(c->store, store_key, &m, error));
    memcpy(made, m.credential.data, m.credential.length);
    TRY_OUT(finish(c, a, slice_text(made), error));
    memcpy(credential, made, sizeof made);
out:
    keeper_reply_dispose(&reply);
    return status;
}

/* ---- The worker's ---- */

struct due {
    rfd_time now;
    char ids[BATCH][PERSONAL_ID_SIZE];
    size_t count;
};

static rfd_status read_due(struct transaction *t, void *context, struct rfd_error *error)
{
    struct due *d = context;
    const struct store_value values[] = {store_integer(d->now), store_integer(BATCH)};
    struct store_rows rows;
    TRY(store_run(t, "SELECT credential FROM central_key WHERE due IS NOT NULL AND due <= $1 ORDER BY due LIMIT $2",
                  values, 2, &rows, error));
    for (d->count = 0; d->count < rows.count; d->count++) {
        slice id = store_cell(&rows, d->count, 0)->bytes;
        if (id.length >= PERSONAL_ID_SIZE) return error_set(error, RFD_E_INTERNAL, "a credential's number");
        memcpy(d->ids[d->count], id.data, id.length);
        d->ids[d->count][id.length] = '\0';
    }
    return RFD_OK;
}

rfd_status central_finish_due(const struct central *c, rfd_time now, bool *more, struct rfd_error *error)
{
    struct due due = {.now = now};
    rfd_status first = RFD_OK;
    if (c->keeper == NULL || c->personal == NULL) return RFD_OK; /* another node has them */
    TRY(store_look(c->store, read_due, &due, error));
    *more = due.count == BATCH;
    for (size_t i = 0; i < due.count; i++) {
        struct finishing later = {.credential = slice_text(due.ids[i]), .due = now + AGAIN_SECONDS * RFD_SECOND};
        TRY(store_write(c->store, put_off, &later, error));
        rfd_status status = central_generate_finish(c, later.credential, first == RFD_OK ? error : NULL);
        if (status != RFD_OK && first == RFD_OK) first = status;
    }
    return first;
}
