/* SPDX-License-Identifier: EUPL-1.2
 *
 * Operations: handed in, opened by their person, cancelled, over.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/number.h"
#include "base/text.h"
#include "domain/account/token.h"
#include "domain/central/internal.h"

#include <stdio.h>
#include <time.h>

enum {
    LINE_MAXIMUM = 200,
    REFERENCE_MAXIMUM = 100,
    STATEMENT_MAXIMUM = 60000,
    HOURS = 24, /* unless who calls says otherwise */
    DAYS_MOST = 31,
    PAGE_MOST = 1 << 24,
    BATCH = 100,
    TICK_SECONDS = 10 /* for each part of a tick; what is left is the next one's */
};

/* ---- Handing in ---- */

struct handing {
    struct transaction *t;
    const struct portal *portal;
    const struct signing *wanted;
    struct faults *faults;
    rfd_time now;
};

static void check_line(const struct handing *h, slice text, size_t maximum, const char *field)
{
    if (text_characters(text) > maximum || (text.length > 0 && !text_is_printable(text)))
        fault_add(h->faults, field, N_("This is too long, or has characters that cannot be used"));
}

static bool is_page(slice page)
{
    uint64_t number;
    return page.length == 0 || slice_is(page, "first") || slice_is(page, "last") ||
           (number_unsigned(page, PAGE_MOST, &number) && number > 0);
}

static bool is_return(const struct portal *portal, slice address)
{
    if (address.length == 0) return true;
    for (size_t i = 0; portal != NULL && i < portal->return_count; i++) {
        if (slice_equal(portal->returns[i], address)) return true;
    }
    return false;
}

static void check_rest(const struct handing *h)
{
    const struct signing *w = h->wanted;
    check_line(h, w->purpose, LINE_MAXIMUM, "purpose");
    check_line(h, w->reference, REFERENCE_MAXIMUM, "reference");
    check_line(h, w->options.reason, LINE_MAXIMUM, "reason");
    check_line(h, w->options.location, LINE_MAXIMUM, "location");
    check_line(h, w->holder, PERSONAL_HOLDER_SIZE - 1, "holder");
    if (!text_is_ascii(w->holder)) /* as all that certificates have as serialNumber here */
        fault_add(h->faults, "holder", N_("This is too long, or has characters that cannot be used"));
    if (w->ends != RFD_TIME_NONE && w->ends > h->now + DAYS_MOST * REGISTRATION_DAY)
        fault_add(h->faults, "ends", N_("This is more than 31 days away"));
    if (!is_page(w->options.page)) fault_add(h->faults, "page", N_("Write first, last, or the number of a page"));
    if (!is_return(h->portal, w->return_address))
        fault_add(h->faults, "return_address", N_("This address is not registered for the portal"));
    if (!is_return(h->portal, w->error_address))
        fault_add(h->faults, "error_address", N_("This address is not registered for the portal"));
    if (w->statement.length > STATEMENT_MAXIMUM || !text_is_ascii(w->statement))
        fault_add(h->faults, "statement", N_("This is too long, or has characters that cannot be used"));
    if (w->count == 0) fault_add(h->faults, "document", N_("Choose at least one document"));
    if (w->count > SIGNING_DOCUMENTS) fault_add(h->faults, "document", N_("These are too many documents"));
}

/** The same twice has the same hash, which is signed once. */
static bool is_repeated(const struct signing *s, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (slice_equal(s->documents[k].blob, s->documents[i].blob)) return true;
    }
    return false;
}

static rfd_status check_document(const struct handing *h, const struct signing_document *d, size_t number,
                                 uint64_t *size, struct rfd_error *error)
{
    char field[FAULT_FIELD_SIZE];
    struct blob blob;
    (void)snprintf(field, sizeof field, "document-%zu", number);
    if (d->title.length == 0 || d->title.length > OPERATION_TITLE_MAXIMUM || !text_is_printable(d->title))
        fault_add(h->faults, field, N_("Each document needs a title of at most 200 octets of UTF-8"));
    rfd_status status = blob_find(h->t, d->blob, &blob, error);
    if (status != RFD_OK && status != RFD_E_NOT_FOUND) return status;
    error_clear(error);
    if (status != RFD_OK)
        fault_add(h->faults, field, N_("This document is not here"));
    else if (!slice_is(blob.type, "application/pdf"))
        fault_add(h->faults, field, N_("This is no PDF"));
    if (is_repeated(h->wanted, number - 1)) fault_add(h->faults, field, N_("This document is here twice"));
    *size = status == RFD_OK ? blob.size : 0;
    return RFD_OK;
}

/** Of one portal, one after the other: whoever counts has waited for who counted before. */
static rfd_status check_quota(const struct handing *h, struct rfd_error *error)
{
    if (h->portal == NULL) return RFD_OK;
    const struct store_value values[] = {store_integer(h->portal->id), store_integer(h->now - REGISTRATION_DAY),
                                         store_integer(h->now / REGISTRATION_DAY)};
    struct store_rows rows;
    TRY(store_run(h->t, "UPDATE portal SET quota = quota WHERE id = $1 AND NOT closed", values, 1, &rows, error));
    if (rows.changed == 0) return error_set(error, RFD_E_FORBIDDEN, "this portal was closed");
    if (h->portal->quota == 0) return RFD_OK;
    /* Together with today's authorizations of the CSC API (domain/csc/use.c). */
    TRY(store_run(h->t,
                  "SELECT (SELECT count(*) FROM signing WHERE portal = $1 AND created > $2) + coalesce((SELECT "
                  "operations FROM portal_day WHERE portal = $1 AND day >= $3), 0)",
                  values, 3, &rows, error));
    if (store_cell(&rows, 0, 0)->integer < h->portal->quota) return RFD_OK;
    return error_set(error, RFD_E_SLOW_DOWN, "the portal's operations of a day are used up");
}

static rfd_time ends_of(const struct handing *h)
{
    rfd_time least = h->now + RFD_SECOND;
    if (h->wanted->ends == 0 || h->wanted->ends == RFD_TIME_NONE) return h->now + (rfd_time)HOURS * 3600 * RFD_SECOND;
    return h->wanted->ends < least ? least : h->wanted->ends;
}

static rfd_status insert(const struct handing *h, const struct actor *actor, int64_t *id, struct rfd_error *error)
{
    const struct signing *w = h->wanted;
    char token[TOKEN_TEXT_SIZE];
    uint8_t hash[TOKEN_HASH_SIZE];
    bool own = h->portal == NULL;
    TRY(token_make(token, hash, error));
    const struct store_value values[] = {
        store_text(slice_text(token)),
        store_reference(own ? 0 : h->portal->id),
        store_reference(own ? actor->account : 0),
        store_reference(own ? actor->person : 0),
        store_text(w->holder),
        store_text(w->purpose),
        store_text(w->reference),
        store_integer((int64_t)w->options.level),
        store_boolean(w->options.visible),
        store_text(w->options.page),
        store_text(w->options.reason),
        store_text(w->options.location),
        store_text(w->return_address),
        store_text(w->error_address),
        store_text(w->statement),
        store_integer(h->now),
        store_integer(ends_of(h)),
        store_bytes(SLICE("")),
    };
    struct store_rows rows;
    TRY(store_run(
        h->t,
        "INSERT INTO signing(token, portal, account, person, holder, purpose, reference, state, level, visible, "
        "page, reason, location, return_address, error_address, statement, credential, operation, "
        "operation_text, failure, created, ends) VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, $9, $10, "
        "$11, $12, $13, $14, $15, '', $18, '', '', $16, $17) RETURNING id",
        values, sizeof values / sizeof *values, &rows, error));
    *id = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

static rfd_status insert_document(const struct handing *h, int64_t id, size_t i, uint64_t size, struct rfd_error *error)
{
    const struct signing_document *d = &h->wanted->documents[i];
    const struct store_value values[] = {
        store_integer(id),   store_integer((int64_t)i + 1), store_text(d->title),
        store_text(d->blob), store_integer((int64_t)size),  store_integer((int64_t)d->pages)};
    return store_run(
        h->t,
        "INSERT INTO signing_document(signing, place, title, blob, size, pages, failure, prepared, session) "
        "VALUES ($1, $2, $3, $4, $5, $6, '', '', '')",
        values, sizeof values / sizeof *values, NULL, error);
}

static rfd_status find_id(struct transaction *t, slice token, int64_t id, struct signing *out, struct rfd_error *error)
{
    struct signing_row row;
    TRY(signing_load(t, token, id, clock_now(), &row, error));
    *out = row.s;
    return RFD_OK;
}

rfd_status signing_new(struct transaction *t, const struct actor *actor, const struct portal *portal,
                       const struct signing *wanted, struct faults *faults, struct signing *out,
                       struct rfd_error *error)
{
    struct faults own = {.count = 0};
    const struct handing h = {t, portal, wanted, faults == NULL ? &own : faults, clock_now()};
    uint64_t sizes[SIGNING_DOCUMENTS] = {0};
    int64_t id = 0;
    TRY(actor_check(actor, ACTION_CENTRAL_SIGN, NULL, error));
    if (portal == NULL && actor->person == 0) return error_set(error, RFD_E_FORBIDDEN, "nobody would sign it");
    check_rest(&h);
    for (size_t i = 0; i < wanted->count && i < SIGNING_DOCUMENTS; i++)
        TRY(check_document(&h, &wanted->documents[i], i + 1, &sizes[i], error));
    TRY(faults_end(h.faults, error));
    TRY(check_quota(&h, error));
    TRY(insert(&h, actor, &id, error));
    for (size_t i = 0; i < wanted->count; i++) TRY(insert_document(&h, id, i, sizes[i], error));
    const slice words[] = {wanted->reference, wanted->purpose};
    if (portal != NULL) TRY(list_index(t, "signing_word", id, words, 2, error));
    slice detail =
        central_detail(t, "portal", portal == NULL ? SLICE("") : portal->client, "reference", wanted->reference);
    TRY(central_audit(t, actor, "signing.new", "signing", id, detail, error));
    return find_id(t, SLICE_EMPTY, id, out, error);
}

/* ---- Opening ---- */

rfd_status signing_find(struct transaction *t, slice token, struct signing *out, struct rfd_error *error)
{
    if (token.length == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such operation");
    return find_id(t, token, 0, out, error);
}

/** Whether the certificates of this person may be of this holder: "IDCPE-70000001" has their country and number. Which
 * document it is is looked at when a credential is chosen. */
static rfd_status check_holder(struct transaction *t, slice holder, int64_t person, struct rfd_error *error)
{
    enum { KIND = 3, PREFIX = 6 };
    struct person p;
    if (holder.length == 0) return RFD_OK;
    TRY(person_find(t, person, &p, error));
    bool same = holder.length == PREFIX + p.number.length && p.country.length == 2 && holder.data[PREFIX - 1] == '-' &&
                (holder.data[KIND] | 0x20) == p.country.data[0] &&
                (holder.data[KIND + 1] | 0x20) == p.country.data[1] &&
                slice_equal(slice_from(holder, PREFIX), p.number);
    return same ? RFD_OK : error_set(error, RFD_E_FORBIDDEN, "somebody else has to sign this");
}

static rfd_status take(struct transaction *t, const struct actor *actor, const struct signing *s,
                       struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(s->id), store_reference(actor->account),
                                         store_integer(actor->person)};
    struct store_rows rows;
    TRY(check_holder(t, s->holder, actor->person, error));
    TRY(store_run(t,
                  "UPDATE signing SET account = $2, person = $3 WHERE id = $1 AND person IS NULL AND state = 'waiting'",
                  values, 3, &rows, error));
    if (rows.changed == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such operation");
    return central_audit(t, actor, "signing.take", "signing", s->id,
                         central_detail(t, "reference", s->reference, NULL, SLICE_EMPTY), error);
}

rfd_status signing_open(struct transaction *t, const struct actor *actor, slice token, struct signing *out,
                        struct rfd_error *error)
{
    struct signing s;
    TRY(actor_check(actor, ACTION_CENTRAL_SIGN, NULL, error));
    if (actor->person == 0) return error_set(error, RFD_E_FORBIDDEN, "only people sign here");
    TRY(signing_find(t, token, &s, error));
    if (s.person == 0 && s.state == SIGNING_WAITING) {
        TRY(take(t, actor, &s, error));
        TRY(signing_find(t, token, &s, error));
    }
    TRY(signing_check_owner(&s, actor, error));
    *out = s;
    return RFD_OK;
}

/* ---- Ends ---- */

rfd_status signing_cancel(struct transaction *t, const struct actor *actor, slice token, struct rfd_error *error)
{
    struct signing s;
    TRY(actor_check(actor, ACTION_CENTRAL_SIGN, NULL, error));
    TRY(signing_find(t, token, &s, error));
    if (actor->account != 0) TRY(signing_check_owner(&s, actor, error));
    if (s.state == SIGNING_CANCELLED) return RFD_OK;
    return signing_end(t, actor, &s, SIGNING_CANCELLED, "signing.cancel", clock_now(), error);
}

struct expiring {
    rfd_time now;
    int64_t ids[BATCH];
    size_t count;
};

static rfd_status read_over(struct transaction *t, void *context, struct rfd_error *error)
{
    struct expiring *e = context;
    const struct store_value values[] = {store_integer(e->now), store_integer(BATCH)};
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT id FROM signing WHERE state IN ('waiting', 'prepared') AND ends <= $1 AND "
                  "(busy IS NULL OR busy <= $1) ORDER BY ends LIMIT $2",
                  values, 2, &rows, error));
    for (e->count = 0; e->count < rows.count; e->count++) e->ids[e->count] = store_cell(&rows, e->count, 0)->integer;
    return RFD_OK;
}

/** What was signed before stays signed. */
static rfd_status expire(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct expiring *e = context;
    const struct actor worker = actor_system("worker");
    for (size_t i = 0; i < e->count; i++) {
        struct signing_row row;
        size_t done = 0;
        TRY(signing_load(t, SLICE_EMPTY, e->ids[i], e->now, &row, error));
        if (row.s.state != SIGNING_EXPIRED) continue;
        for (size_t k = 0; k < row.s.count; k++) done += row.s.documents[k].result.length > 0;
        rfd_status status = signing_end(t, &worker, &row.s, done > 0 ? SIGNING_PARTLY : SIGNING_EXPIRED,
                                        "signing.expire", e->now, error);
        if (status == RFD_E_STATE)
            error_clear(error); /* somebody was faster, or it was ended */
        else
            TRY(status);
    }
    return RFD_OK;
}

static rfd_status expire_some(const struct central *c, rfd_time now, bool *more, struct rfd_error *error)
{
    struct expiring e = {.now = now};
    TRY(store_look(c->store, read_over, &e, error));
    if (e.count > 0) TRY(store_write(c->store, expire, &e, error));
    *more = e.count == BATCH;
    return RFD_OK;
}

/* ---- The worker's ---- */

typedef rfd_status tick_part(const struct central *c, rfd_time now, bool *more, struct rfd_error *error);

static int64_t seconds_here(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

/** Batch after batch, also when something of one failed: the first failure. */
static rfd_status run_part(tick_part *part, const struct central *c, rfd_time now, struct rfd_error *error)
{
    int64_t until = seconds_here() + TICK_SECONDS;
    rfd_status first = RFD_OK;
    bool more = true;
    while (more && seconds_here() < until) {
        more = false;
        rfd_status status = part(c, now, &more, first == RFD_OK ? error : NULL);
        if (first == RFD_OK) first = status;
    }
    return first;
}

rfd_status signing_tick(const struct central *c, rfd_time now, struct rfd_error *error)
{
    static tick_part *const parts[] = {expire_some, central_finish_due, spool_sweep};
    rfd_status first = RFD_OK;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        rfd_status status = run_part(parts[i], c, now, first == RFD_OK ? error : NULL);
        if (first == RFD_OK) first = status;
    }
    return first;
}
