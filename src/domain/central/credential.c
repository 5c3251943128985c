/* SPDX-License-Identifier: EUPL-1.2
 *
 * Credentials: what the personal keeper has of a holder, beside what the register says of their certificates. An
 * approval that an agent gave later than the one that a credential was made by is handed on: it unlocks, and brings the
 * mobile up to date.
 */
#include "base/clock.h"
#include "base/error.h"
#include "domain/central/internal.h"
#include "pki/certificate/certificate.h"

enum { NAME_MAXIMUM = 128, SPKI_MAXIMUM = 4096, CERTIFICATE_MAXIMUM = 16 << 10, ADDRESS_MAXIMUM = 320, MOST = 100 };

bool central_credential_is_usable(const struct central_credential *c, rfd_time now)
{
    return c->state == PERSONAL_ACTIVE && c->certificate.length > 0 && c->registered != 0 && !c->revoked && !c->held &&
           now >= c->not_before && now < c->not_after;
}

/* ---- From the personal keeper ---- */

struct listing {
    const struct central *c;
    struct arena *a;
    slice holder;
    struct central_credential *items;
    rfd_time *approved; /* when what holds was approved */
    size_t count;
    struct enrolment *later;        /* the newest enrolment that each may be of */
    struct central_credential *now; /* that is looked for in the register */
};

static rfd_status keep(struct arena *a, slice value, slice *out, struct rfd_error *error)
{
    slice copy = arena_copy(a, value);
    if (copy.data == NULL) return arena_failed(a, error);
    *out = copy;
    return RFD_OK;
}

static void read_name(struct message_reader *f, size_t size, char *out)
{
    slice text = message_get_text(f, size - 1);
    if (text.length > 0) memcpy(out, text.data, text.length);
    out[text.length] = '\0';
}

static rfd_status read_one(struct message_reader *f, struct arena *a, struct central_credential *out,
                           rfd_time *approved, struct rfd_error *error)
{
    struct central_credential c = {.registered = 0};
    read_name(f, sizeof c.id, c.id);
    read_name(f, sizeof c.holder, c.holder);
    TRY(keep(a, message_get_text(f, NAME_MAXIMUM), &c.profile, error));
    c.state = (enum personal_state)message_get_u8(f);
    TRY(keep(a, message_get_text(f, NAME_MAXIMUM), &c.algorithm, error));
    c.created = message_get_i64(f);
    TRY(keep(a, message_get_bytes(f, SPKI_MAXIMUM), &c.spki, error));
    TRY(keep(a, message_get_bytes(f, CERTIFICATE_MAXIMUM), &c.certificate, error));
    c.passwords_left = message_get_u8(f);
    c.codes_refused_until = message_get_i64(f);
    c.channel = (enum personal_channel)message_get_u8(f);
    TRY(keep(a, message_get_text(f, ADDRESS_MAXIMUM), &c.masked_mobile, error));
    TRY(keep(a, message_get_text(f, ADDRESS_MAXIMUM), &c.masked_mail, error));
    *approved = message_get_i64(f);
    uint8_t kind = message_get_u8(f);
    c.entity = kind >= 1;
    c.code = kind == 2;
    *out = c;
    return RFD_OK;
}

static rfd_status read_all(struct listing *l, struct message_reader *f, struct rfd_error *error)
{
    uint32_t count = message_get_u32(f);
    if (count > MOST) return error_set(error, RFD_E_PROTOCOL, "%u credentials of one holder", count);
    l->items = arena_zeroed(l->a, (size_t)count + 1, sizeof *l->items);
    l->approved = arena_zeroed(l->a, (size_t)count + 1, sizeof *l->approved);
    l->later = arena_zeroed(l->a, (size_t)count + 1, sizeof *l->later);
    if (l->items == NULL || l->approved == NULL || l->later == NULL) return arena_failed(l->a, error);
    for (l->count = 0; l->count < count; l->count++)
        TRY(read_one(f, l->a, &l->items[l->count], &l->approved[l->count], error));
    return message_end(f, "credentials", error);
}

static rfd_status ask_list(struct listing *l, struct rfd_error *error)
{
    struct keeper_reply reply = {.fields = message_read(SLICE_EMPTY)};
    struct buf body;
    buf_init(&body, KEEPER_MESSAGE_MAXIMUM);
    message_put_bytes(&body, l->holder);
    rfd_status status = central_ask(l->c, PERSONAL_LIST, &body, &reply, error);
    if (status == RFD_OK) status = read_all(l, &reply.fields, error);
    keeper_reply_dispose(&reply);
    buf_dispose(&body);
    return status;
}

/* ---- From the register ---- */

static rfd_status find_registered(struct transaction *t, struct central_credential *c, slice serial,
                                  struct rfd_error *error)
{
    const struct store_value value = store_bytes(serial);
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT s.certificate, s.state, d.der FROM certificate_status s "
                  "JOIN certificate_der d ON d.certificate = s.certificate WHERE s.serial = $1",
                  &value, 1, &rows, error));
    for (size_t i = 0; i < rows.count; i++) {
        if (!slice_equal(store_cell(&rows, i, 2)->bytes, c->certificate)) continue;
        c->registered = store_cell(&rows, i, 0)->integer;
        c->revoked = store_cell(&rows, i, 1)->integer == CERTIFICATE_REVOKED;
        c->held = store_cell(&rows, i, 1)->integer == CERTIFICATE_HELD;
    }
    return RFD_OK;
}

/** Of a seal: who made its key. One that was never stored here is looked after by nobody. */
static rfd_status find_keeper_person(struct transaction *t, struct central_credential *c, struct rfd_error *error)
{
    const struct store_value value = store_text(slice_text(c->id));
    struct store_rows rows;
    TRY(store_run(t, "SELECT person FROM central_key WHERE credential = $1", &value, 1, &rows, error));
    c->keeper_person = rows.count == 0 ? 0 : store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

static rfd_status look_up(struct transaction *t, struct central_credential *c, struct rfd_error *error)
{
    const struct certificate *certificate = NULL;
    if (c->entity) TRY(find_keeper_person(t, c, error));
    if (c->certificate.length == 0) return RFD_OK;
    TRY(certificate_parse(c->certificate, &certificate, error));
    c->not_before = certificate->not_before;
    c->not_after = certificate->not_after;
    rfd_status status = find_registered(t, c, certificate->serial, error);
    certificate_unref(certificate);
    return status;
}

/** People have one enrolment that counts; of seals, each is of who looks after it. */
static rfd_status find_later(struct transaction *t, struct listing *l, const struct enrolment *own, size_t i,
                             struct rfd_error *error)
{
    struct enrolment *e = &l->later[i];
    const struct central_credential *c = &l->items[i];
    *e = *own;
    if (c->entity) TRY(central_seal_enrolment_of(t, l->holder, c->profile, c->keeper_person, clock_now(), e, error));
    for (size_t k = 0; k < e->approval_count; k++) TRY(store_keep(l->a, &e->approvals[k], error));
    return store_keep(l->a, &e->profile, error);
}

static rfd_status look_all_up(struct transaction *t, void *context, struct rfd_error *error)
{
    struct listing *l = context;
    struct enrolment own;
    TRY(central_enrolment_of(t, l->holder, clock_now(), &own, error));
    for (size_t i = 0; i < l->count; i++) {
        TRY(look_up(t, &l->items[i], error));
        TRY(find_later(t, l, &own, i, error));
    }
    return RFD_OK;
}

/* ---- Later approvals ---- */

static rfd_status adopt(const struct listing *l, const struct central_credential *c, const struct enrolment *e,
                        struct rfd_error *error)
{
    struct buf body;
    buf_init(&body, KEEPER_MESSAGE_MAXIMUM);
    message_put_text(&body, c->id);
    message_put_u32(&body, (uint32_t)e->approval_count);
    for (size_t i = 0; i < e->approval_count; i++) message_put_bytes(&body, e->approvals[i]);
    rfd_status status = central_ask(l->c, PERSONAL_ADOPT, &body, NULL, error);
    buf_dispose(&body);
    return status;
}

/** One that the keeper does not believe is none: the credential stays as it is. */
static rfd_status adopt_later_one(struct listing *l, bool *changed, struct rfd_error *error)
{
    *changed = false;
    for (size_t i = 0; i < l->count; i++) {
        const struct central_credential *c = &l->items[i];
        const struct enrolment *e = &l->later[i];
        if (e->id == 0 || !slice_equal(e->profile, c->profile)) continue;
        if (c->state == PERSONAL_DESTROYED || e->time <= l->approved[i]) continue;
        rfd_status status = adopt(l, c, e, error);
        if (status != RFD_OK && status != RFD_E_APPROVAL) return status;
        *changed = *changed || status == RFD_OK;
        error_clear(error);
    }
    return RFD_OK;
}

/* ---- Together ---- */

static void sort(struct listing *l)
{
    for (size_t i = 1; i < l->count; i++) {
        struct central_credential c = l->items[i];
        size_t k = i;
        for (; k > 0 && l->items[k - 1].created < c.created; k--) l->items[k] = l->items[k - 1];
        l->items[k] = c;
    }
}

rfd_status central_credentials(const struct central *c, struct arena *a, slice holder, struct central_credential **out,
                               size_t *count, struct rfd_error *error)
{
    struct listing l = {.c = c, .a = a, .holder = holder};
    bool changed = false;
    TRY(ask_list(&l, error));
    TRY(store_read(c->store, look_all_up, &l, error));
    TRY(adopt_later_one(&l, &changed, error));
    if (changed) {
        TRY(ask_list(&l, error));
        TRY(store_read(c->store, look_all_up, &l, error));
    }
    sort(&l);
    *out = l.items;
    *count = l.count;
    return RFD_OK;
}

/* ---- One by its number ---- */

static rfd_status look_one_up(struct transaction *t, void *context, struct rfd_error *error)
{
    return look_up(t, context, error);
}

rfd_status central_credential_show(const struct central *c, slice id, struct arena *a, struct central_credential *out,
                                   struct rfd_error *error)
{
    struct keeper_reply reply = {.fields = message_read(SLICE_EMPTY)};
    struct central_credential found;
    rfd_time approved;
    struct buf body;
    buf_init(&body, KEEPER_MESSAGE_MAXIMUM);
    message_put_bytes(&body, id);
    rfd_status status = central_ask(c, PERSONAL_SHOW, &body, &reply, error);
    if (status == RFD_OK) status = read_one(&reply.fields, a, &found, &approved, error);
    if (status == RFD_OK) status = message_end(&reply.fields, "credential", error);
    keeper_reply_dispose(&reply);
    buf_dispose(&body);
    TRY(status);
    TRY(store_read(c->store, look_one_up, &found, error));
    *out = found;
    return RFD_OK;
}

/* ---- One's own ---- */

struct owning {
    const struct central *c;
    const struct actor *actor;
    struct arena *a;
    slice holder;
};

static rfd_status find_holder(struct transaction *t, void *context, struct rfd_error *error)
{
    struct owning *o = context;
    TRY(central_holder_of(t, o->c->packs, o->actor->person, &o->holder, error));
    return store_keep(o->a, &o->holder, error);
}

rfd_status central_own_credential(const struct central *c, const struct actor *actor, struct arena *a, slice id,
                                  slice *holder, struct central_credential *out, struct rfd_error *error)
{
    struct owning o = {.c = c, .actor = actor, .a = a};
    struct central_credential *all = NULL;
    size_t count = 0;
    TRY(actor_check(actor, ACTION_CENTRAL_SIGN, NULL, error));
    if (actor->person == 0) return error_set(error, RFD_E_FORBIDDEN, "only people have credentials");
    TRY(store_read(c->store, find_holder, &o, error));
    TRY(central_credentials(c, a, o.holder, &all, &count, error));
    for (size_t i = 0; i < count; i++) {
        if (!slice_is(id, all[i].id) || !slice_is(o.holder, all[i].holder) || all[i].entity) continue;
        *holder = o.holder;
        *out = all[i];
        return RFD_OK;
    }
    return error_set(error, RFD_E_NOT_FOUND, "there is no such credential");
}

/* ---- Seals that one looks after ---- */

enum { SEALS_MOST = 64 };

struct keeping {
    const struct actor *actor;
    struct arena *a;
    slice holders[SEALS_MOST];
    size_t count;
};

static rfd_status find_holders(struct transaction *t, void *context, struct rfd_error *error)
{
    struct keeping *k = context;
    const struct store_value values[] = {store_integer(k->actor->person), store_integer(SEALS_MOST)};
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT DISTINCT holder FROM central_enrolment WHERE person = $1 AND entity IS NOT NULL "
                  "ORDER BY holder LIMIT $2",
                  values, 2, &rows, error));
    for (k->count = 0; k->count < rows.count; k->count++) {
        k->holders[k->count] = store_cell(&rows, k->count, 0)->bytes;
        TRY(store_keep(k->a, &k->holders[k->count], error));
    }
    return RFD_OK;
}

/** Those of one entity, behind what was found before. */
static rfd_status add_kept(const struct central *c, const struct keeping *k, slice holder,
                           struct central_credential *kept, size_t *count, struct rfd_error *error)
{
    struct central_credential *all = NULL;
    size_t of_entity = 0;
    TRY(central_credentials(c, k->a, holder, &all, &of_entity, error));
    for (size_t i = 0; i < of_entity && *count < SEALS_MOST; i++) {
        if (all[i].entity && all[i].keeper_person == k->actor->person) kept[(*count)++] = all[i];
    }
    return RFD_OK;
}

rfd_status central_kept_seals(const struct central *c, const struct actor *actor, struct arena *a,
                              struct central_credential **out, size_t *count, struct rfd_error *error)
{
    struct keeping k = {.actor = actor, .a = a};
    struct central_credential *kept = arena_zeroed(a, SEALS_MOST, sizeof *kept);
    size_t found = 0;
    TRY(actor_check(actor, ACTION_CENTRAL_SIGN, NULL, error));
    if (kept == NULL) return arena_failed(a, error);
    if (actor->person != 0) TRY(store_read(c->store, find_holders, &k, error));
    for (size_t i = 0; i < k.count; i++) TRY(add_kept(c, &k, k.holders[i], kept, &found, error));
    *out = kept;
    *count = found;
    return RFD_OK;
}

rfd_status central_kept_credential(const struct central *c, const struct actor *actor, struct arena *a, slice id,
                                   struct central_credential *out, struct rfd_error *error)
{
    struct central_credential *seals = NULL;
    struct rfd_error own = RFD_ERROR_INIT;
    slice holder;
    size_t count = 0;
    rfd_status status = central_own_credential(c, actor, a, id, &holder, out, &own);
    if (status != RFD_E_NOT_FOUND) {
        if (status != RFD_OK && error != NULL) *error = own;
        return status;
    }
    TRY(central_kept_seals(c, actor, a, &seals, &count, error));
    for (size_t i = 0; i < count; i++) {
        if (!slice_is(id, seals[i].id)) continue;
        *out = seals[i];
        return RFD_OK;
    }
    return error_set(error, RFD_E_NOT_FOUND, "there is no such credential");
}
