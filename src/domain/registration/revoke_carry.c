/* SPDX-License-Identifier: EUPL-1.2
 *
 * A revocation on its way: entered (with who orders it and what they signed), revoked by the authority, concluded and
 * told. Each is a transaction; the request is due until the last, so that the worker goes on with what was left.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "domain/audit/audit.h"
#include "domain/registration/catalogue.h"
#include "domain/registration/holding_internal.h"
#include "packs/identity.h"

/* How long whoever ordered it has to carry it out before the worker does; and until it tries again. */
enum { ORDER_SECONDS = 10, AGAIN_SECONDS = 30, TICK_ITEMS = 100, SERIAL_MAXIMUM = 20, TOLD_AGENTS = 20 };

rfd_status revoke_row_of(struct transaction *t, int64_t certificate, struct revoke_row *out, struct rfd_error *error)
{
    const struct store_value key = store_integer(certificate);
    struct store_rows rows;
    *out = (struct revoke_row){.state = REQUEST_NONE};
    TRY(store_run(t,
                  "SELECT r.id, coalesce(r.requester, 0), coalesce(v.agent, 0), r.state, r.due IS NOT NULL "
                  "FROM revocation v JOIN request r ON r.id = v.request WHERE v.certificate = $1 AND NOT v.rejected",
                  &key, 1, &rows, error));
    if (rows.count == 0) return RFD_OK;
    const struct store_value *v = store_cell(&rows, 0, 0);
    *out = (struct revoke_row){.request = v[0].integer,
                               .requester = v[1].integer,
                               .agent = v[2].integer,
                               .state = request_state_from(v[3].bytes),
                               .begun = v[4].integer != 0};
    return RFD_OK;
}

/* ---- Entering ---- */

/** Whom the certificate is of, as the request has it that it came of. */
static rfd_status holder_of(struct transaction *t, const struct registration_settings *settings,
                            const struct holding *h, struct applicant *out, slice *language, struct rfd_error *error)
{
    struct request origin;
    slice number = SLICE_EMPTY;
    const struct pack_document *document = packs_identity_of_subject(settings->packs, h->row.subject_id, &number);
    const struct applicant *known = NULL;
    *language = SLICE("es");
    if (h->request != 0) {
        TRY(request_find(t, h->request, &origin, error));
        known = request_applicant(&origin, h->applicant);
        *language = origin.language;
    }
    *out = (struct applicant){.given_names = h->name,
                              .mail = h->row.mail,
                              .country = slice_text(holding_country(settings, &h->row)),
                              .document = document == NULL ? SLICE_EMPTY : slice_text(document->name),
                              .number = h->number};
    if (known != NULL)
        *out = (struct applicant){.person = known->person,
                                  .given_names = known->given_names,
                                  .surname = known->surname,
                                  .second_surname = known->second_surname,
                                  .country = known->country,
                                  .document = known->document,
                                  .number = known->number,
                                  .second_document = known->second_document,
                                  .second_number = known->second_number,
                                  .mail = known->mail,
                                  .mobile = known->mobile,
                                  .unit = known->unit,
                                  .post = known->post,
                                  .organisation = known->organisation};
    out->profile = h->row.profile;
    out->certificate = h->row.id;
    out->document_issued = out->installation_at = RFD_TIME_NONE;
    return RFD_OK;
}

/** A certificate of nobody's unit is attended where the one works who asks, or by the first entity. */
static rfd_status place_of(struct transaction *t, const struct revoke_entry *e, struct request *r,
                           struct rfd_error *error)
{
    struct access_object home = {.entity = e->holding->entity, .unit = e->holding->unit};
    if (home.entity == 0 && e->actor->person != 0) TRY(person_home(t, e->actor->person, &home, error));
    if (home.entity == 0) {
        struct store_rows rows;
        TRY(store_run(t, "SELECT id FROM entity WHERE NOT closed ORDER BY id LIMIT 1", NULL, 0, &rows, error));
        if (rows.count == 0) return error_set(error, RFD_E_STATE, "there is no entity");
        home.entity = store_cell(&rows, 0, 0)->integer;
    }
    r->entity = home.entity;
    r->unit = home.unit;
    return RFD_OK;
}

static slice name_of(const struct actor *actor)
{
    return actor->name.length > 0 ? actor->name : actor->code;
}

static rfd_status insert_row(struct transaction *t, const struct revoke_entry *e, int64_t request,
                             struct rfd_error *error)
{
    bool by_agent = e->begin && !e->holding->own;
    slice serial = holding_serial(e->holding->row.serial, store_arena(t));
    if (serial.data == NULL) return arena_failed(store_arena(t), error);
    const struct store_value values[] = {
        store_integer(request),
        store_integer(e->holding->row.id),
        store_text(e->reason->code),
        store_integer(e->reason->rfc),
        store_text(name_of(e->actor)),
        store_reference(by_agent ? e->actor->person : 0),
        store_text(serial),
        store_text(by_agent ? e->order->signed_text : SLICE_EMPTY),
        store_bytes(by_agent ? e->order->signature : SLICE_EMPTY),
        store_boolean(false),
    };
    TRY(store_run(t,
                  "INSERT INTO revocation(request, certificate, reason, rfc_reason, asker, agent, serial, signed_text, "
                  "signature, rejected) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                  values, sizeof values / sizeof *values, NULL, error));
    /* Found by the serial number, too. */
    const struct store_value word[] = {store_text(serial), store_integer(request)};
    return store_run(t, "INSERT INTO request_word(word, id) VALUES ($1, $2) ON CONFLICT DO NOTHING", word, 2, NULL,
                     error);
}

/** The order, for the audit: what comes of it may be done by the worker. */
static rfd_status note_order(struct transaction *t, const struct revoke_entry *e, int64_t request, slice code,
                             struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    const char *object = arena_print(a, "request:%lld", (long long)request);
    const char *detail =
        arena_print(a, "{\"code\":\"%.*s\",\"reason\":\"%.*s\"}", (int)code.length, (const char *)code.data,
                    (int)e->reason->code.length, (const char *)e->reason->code.data);
    if (object == NULL || detail == NULL) return arena_failed(a, error);
    const struct audit_event event = {.action = "revocation.order",
                                      .actor = actor_audit(e->actor, a),
                                      .object = slice_text(object),
                                      .detail = slice_text(detail)};
    if (e->signer != 0) TRY(holding_used(t, e->signer, "revocation", code, error));
    return audit_put(t, &event, error);
}

/** Agents who may decide about it, but for who asked. */
static rfd_status tell_agents(struct transaction *t, const struct revoke_entry *e, const struct request *r,
                              struct rfd_error *error)
{
    struct access_object object;
    struct store_rows rows;
    rfd_time now = clock_now();
    TRY(holding_object(t, e->holding, &object, error));
    const struct store_value values[] = {store_integer(now), store_text(object.path), store_integer(r->entity),
                                         store_integer(e->actor->person), store_integer(TOLD_AGENTS)};
    TRY(store_run(t,
                  "SELECT DISTINCT a.person FROM role_assignment a LEFT JOIN unit u ON u.id = a.unit "
                  "WHERE a.role = 'certifying_agent' AND a.starts <= $1 AND (a.ends IS NULL OR a.ends > $1) "
                  "AND (a.entity IS NULL OR a.entity = $3) AND a.person <> $4 "
                  "AND (a.unit IS NULL OR substr($2, 1, length(u.path)) = u.path) LIMIT $5",
                  values, sizeof values / sizeof *values, &rows, error));
    const char *link = arena_print(store_arena(t), "/agente/revocaciones/%lld", (long long)r->id);
    if (link == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++) {
        struct view *view = NULL;
        TRY(request_view(t, r, link, &view, error));
        view_text(view, "subject", e->holding->name);
        view_text(view, "reason", e->reason->title);
        TRY(request_mail_person(t, "revocation-asked", store_cell(&rows, i, 0)->integer, view, NULL, error));
    }
    return RFD_OK;
}

rfd_status revoke_enter(struct transaction *t, const struct revoke_entry *entry, struct request *out,
                        struct rfd_error *error)
{
    struct applicant holder;
    struct request r = {.way = WAY_REVOCATION,
                        .kind = SLICE("revoke"),
                        .motive = entry->reason->code,
                        .description = entry->reason->title,
                        .country = slice_text(holding_country(entry->settings, &entry->holding->row)),
                        .requester = entry->actor->person,
                        .sent = RFD_TIME_NONE,
                        .taken = RFD_TIME_NONE,
                        .concluded = RFD_TIME_NONE,
                        .due = RFD_TIME_NONE,
                        .applicants = &holder,
                        .applicant_count = 1};
    if (entry->begin) {
        r.due = clock_now() + ORDER_SECONDS * RFD_SECOND;
        r.taker = entry->holding->own ? 0 : entry->actor->person;
    }
    const struct request_step step = {
        .event = REQUEST_EVENT_ASK, .to = REQUEST_ASKED, .actor = entry->actor, .note = entry->order->note};
    TRY(place_of(t, entry, &r, error));
    TRY(holder_of(t, entry->settings, entry->holding, &holder, &r.language, error));
    TRY(request_enter(t, entry->settings->zone, &r, &step, error));
    TRY(insert_row(t, entry, r.id, error));
    TRY(entry->begin ? note_order(t, entry, r.id, r.code, error) : tell_agents(t, entry, &r, error));
    *out = r;
    return RFD_OK;
}

rfd_status revoke_begin(struct transaction *t, const struct revoke_entry *entry, int64_t request,
                        struct rfd_error *error)
{
    const bool by_agent = !entry->holding->own;
    const struct store_value values[] = {
        store_integer(request),
        store_integer(clock_now() + ORDER_SECONDS * RFD_SECOND),
        store_reference(by_agent ? entry->actor->person : 0),
        store_text(entry->reason->code),
        store_text(entry->reason->title),
    };
    const struct store_value row[] = {
        values[0],
        values[2],
        values[3],
        store_integer(entry->reason->rfc),
        store_text(by_agent ? entry->order->signed_text : SLICE_EMPTY),
        store_bytes(by_agent ? entry->order->signature : SLICE_EMPTY),
    };
    struct store_rows rows;
    TRY(store_run(t,
                  "UPDATE request SET due = $2, taker = $3, motive = $4, description = $5 "
                  "WHERE id = $1 AND state = 'asked' AND due IS NULL RETURNING code",
                  values, sizeof values / sizeof *values, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_STATE, "somebody else was faster");
    TRY(store_run(t,
                  "UPDATE revocation SET agent = $2, reason = $3, rfc_reason = $4, signed_text = $5, signature = $6 "
                  "WHERE request = $1",
                  row, sizeof row / sizeof *row, NULL, error));
    return note_order(t, entry, request, store_cell(&rows, 0, 0)->bytes, error);
}

/* ---- Carrying it out ---- */

struct carrying {
    const struct registration_settings *settings;
    const struct actor *actor;
    int64_t request;
    struct authority_change change;
    uint8_t serial[SERIAL_MAXIMUM];
    bool open; /* ordered, and not concluded */
};

static rfd_status read_order(struct transaction *t, void *context, struct rfd_error *error)
{
    struct carrying *c = context;
    const struct store_value key = store_integer(c->request);
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT c.authority, c.serial, v.rfc_reason FROM revocation v JOIN request r ON r.id = v.request "
                  "JOIN certificate c ON c.id = v.certificate "
                  "WHERE v.request = $1 AND r.state = 'asked' AND r.due IS NOT NULL",
                  &key, 1, &rows, error));
    c->open = rows.count > 0;
    if (!c->open) return RFD_OK;
    const struct store_value *v = store_cell(&rows, 0, 0);
    if (v[1].bytes.length > sizeof c->serial) return error_set(error, RFD_E_INTERNAL, "a serial number");
    memcpy(c->serial, v[1].bytes.data, v[1].bytes.length);
    c->change.authority = v[0].integer;
    c->change.serial = slice_of(c->serial, v[1].bytes.length);
    c->change.reason = (int)v[2].integer;
    c->change.invalid_since = RFD_TIME_NONE;
    return RFD_OK;
}

static rfd_status tell_holder(struct transaction *t, const struct carrying *c, const struct request *r,
                              const struct holding *h, struct rfd_error *error)
{
    struct catalogue_entry entry = {.es = SLICE_EMPTY};
    struct view *view = NULL;
    slice serial = holding_serial(h->row.serial, store_arena(t));
    slice day = registration_day(c->settings->zone, h->row.revoked_at, store_arena(t));
    if (serial.data == NULL || day.data == NULL) return arena_failed(store_arena(t), error);
    rfd_status status = catalogue_find(t, c->settings->packs, r->country, "revocation", r->motive, &entry, error);
    if (status != RFD_E_NOT_FOUND) TRY(status);
    error_clear(error);
    TRY(request_view(t, r, "/certificados", &view, error));
    view_text(view, "serial", serial);
    view_text(view, "reason", status == RFD_OK ? catalogue_title(&entry, r->language) : r->description);
    view_text(view, "when", day);
    return request_mail(t, "certificate-revoked", r, &r->applicants[0], view, "once", error);
}

static rfd_status conclude_revoked(struct transaction *t, const struct carrying *c, struct request *r,
                                   const struct holding *h, struct rfd_error *error)
{
    const struct request_step step = {.event = REQUEST_EVENT_REVOKE, .to = REQUEST_REVOKED, .actor = c->actor};
    const struct store_value done[] = {store_integer(r->id), store_moment(h->row.revoked_at)};
    const struct store_value revoker[] = {store_integer(h->row.id), store_reference(r->taker)};
    r->due = RFD_TIME_NONE;
    TRY(request_step(t, r, &step, error));
    TRY(store_run(t, "UPDATE revocation SET revoked = $2 WHERE request = $1", done, 2, NULL, error));
    TRY(store_run(t, "UPDATE certificate_agent SET revoker = $2 WHERE certificate = $1", revoker, 2, NULL, error));
    return tell_holder(t, c, r, h, error);
}

/** It came to its end before it could be revoked. */
static rfd_status conclude_over(struct transaction *t, const struct carrying *c, struct request *r,
                                struct rfd_error *error)
{
    const struct store_value key[] = {store_integer(r->id), store_boolean(true)};
    const struct request_step step = {.event = REQUEST_EVENT_REJECT,
                                      .to = REQUEST_REJECTED,
                                      .actor = c->actor,
                                      .note = SLICE("El certificado ya había vencido")};
    r->due = RFD_TIME_NONE;
    TRY(request_step(t, r, &step, error));
    return store_run(t, "UPDATE revocation SET rejected = $2 WHERE request = $1", key, 2, NULL, error);
}

static rfd_status conclude(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct carrying *c = context;
    struct request r;
    struct holding h;
    TRY(request_find(t, c->request, &r, error));
    if (r.state != REQUEST_ASKED) return RFD_OK; /* somebody else did */
    TRY(holding_load(t, c->settings, r.applicants[0].certificate, &h, error));
    if (h.row.state == CERTIFICATE_REVOKED) return conclude_revoked(t, c, &r, &h, error);
    if (h.row.state == CERTIFICATE_EXPIRED) return conclude_over(t, c, &r, error);
    return error_set(error, RFD_E_STATE, "a certificate that is %s was to be revoked",
                     certificate_state_name(h.row.state));
}

rfd_status revoke_carry_out(struct authority_domain *authority, const struct actor *actor,
                            const struct registration_settings *settings, int64_t request, struct rfd_error *error)
{
    struct carrying c = {.settings = settings, .actor = actor, .request = request};
    struct arena a;
    TRY(store_read(authority->store, read_order, &c, error));
    if (!c.open) return RFD_OK;
    arena_init(&a, 4096);
    c.change.actor = actor_audit(actor, &a);
    rfd_status status = authority_revoke(authority, &c.change, error);
    arena_dispose(&a);
    /* Of another state by now: for another reason, by somebody else, or at its end. */
    if (status == RFD_E_STATE) error_clear(error);
    if (status != RFD_OK && status != RFD_E_STATE) return status;
    return store_write(authority->store, conclude, &c, error);
}

/* ---- The worker's ---- */

struct ticking {
    rfd_time now;
    int64_t requests[TICK_ITEMS];
    size_t count;
    int64_t failed;
};

static rfd_status read_due(struct transaction *t, void *context, struct rfd_error *error)
{
    struct ticking *k = context;
    const struct store_value values[] = {store_integer(k->now), store_integer(TICK_ITEMS)};
    struct store_rows rows;
    TRY(store_run(t, "SELECT id FROM request WHERE due <= $1 AND way = 'revocation' ORDER BY due LIMIT $2", values, 2,
                  &rows, error));
    for (k->count = 0; k->count < rows.count; k->count++)
        k->requests[k->count] = store_cell(&rows, k->count, 0)->integer;
    return RFD_OK;
}

static rfd_status put_off(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct ticking *k = context;
    const struct store_value values[] = {store_integer(k->failed), store_integer(k->now + AGAIN_SECONDS * RFD_SECOND)};
    return store_run(t, "UPDATE request SET due = $2 WHERE id = $1 AND due IS NOT NULL", values, 2, NULL, error);
}

rfd_status revoke_tick(struct authority_domain *authority, const struct registration_settings *settings, rfd_time now,
                       unsigned *done, struct rfd_error *error)
{
    const struct actor worker = actor_system("worker");
    struct ticking k = {.now = now};
    TRY(store_read(authority->store, read_due, &k, error));
    for (size_t i = 0; i < k.count; i++) {
        struct rfd_error one = RFD_ERROR_INIT;
        rfd_status status = revoke_carry_out(authority, &worker, settings, k.requests[i], &one);
        if (status == RFD_OK) {
            *done += 1;
            continue;
        }
        log_failure(LOG_WARNING, "revocation-waits", "a revocation could not be carried out yet", &one);
        k.failed = k.requests[i];
        TRY(store_write(authority->store, put_off, &k, error));
    }
    return RFD_OK;
}
