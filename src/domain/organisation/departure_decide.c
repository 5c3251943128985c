/* SPDX-License-Identifier: EUPL-1.2
 *
 * What becomes of a departure's proposals: each is confirmed, which closes the thing, or kept, once.
 */
#include "domain/organisation/internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/access/access.h"
#include "domain/registration/catalogue.h"
#include "domain/registration/registration.h"

#define COLUMNS "SELECT id, departure, kind, target, name, text, state, decided FROM departure_proposal "

static void take(const struct store_value *v, struct departure_proposal *p)
{
    *p = (struct departure_proposal){.id = v[0].integer,
                                     .departure = v[1].integer,
                                     .kind = v[2].bytes,
                                     .target = v[3].integer,
                                     .name = v[4].bytes,
                                     .text = v[5].bytes,
                                     .state = v[6].bytes,
                                     .decided = store_moment_of(&v[7])};
}

rfd_status departure_proposals(struct transaction *t, int64_t departure, struct departure_proposal **out, size_t *count,
                               struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value value = store_integer(departure);
    TRY(store_run(t, COLUMNS "WHERE departure = $1 ORDER BY id", &value, 1, &rows, error));
    struct departure_proposal *list = arena_zeroed(store_arena(t), rows.count + 1, sizeof *list);
    if (list == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++) take(store_cell(&rows, i, 0), &list[i]);
    *out = list;
    *count = rows.count;
    return RFD_OK;
}

/* ---- Closing, by kind ---- */

struct closing {
    const struct actor *actor;
    const struct registration_settings *settings;
    const struct departure *departure;
    int64_t target;
};

/** What ends does so when the person leaves, and never before now where it still counts. */
static rfd_time when(const struct departure *d)
{
    rfd_time now = clock_now();
    return d->leaves > now ? d->leaves : now;
}

static rfd_status close_appointment(struct transaction *t, const struct closing *c, struct rfd_error *error)
{
    return appointment_end_now(t, c->actor, c->target, c->departure->leaves, error);
}

static rfd_status close_role(struct transaction *t, const struct closing *c, struct rfd_error *error)
{
    return role_end(t, c->actor, c->target, when(c->departure), c->departure->reason, error);
}

static rfd_status close_group(struct transaction *t, const struct closing *c, struct rfd_error *error)
{
    return support_group_leave(t, c->actor, c->target, c->departure->person, error);
}

/** The first that the country has for departures. */
static rfd_status find_reason(struct transaction *t, const struct registration_settings *settings, slice country,
                              slice *out, struct rfd_error *error)
{
    struct catalogue_entry *entries;
    size_t count;
    TRY(catalogue_read(t, settings->packs, country, "revocation", false, &entries, &count, error));
    for (size_t i = 0; i < count; i++) {
        if (catalogue_value(&entries[i], "by").length == 0 || !catalogue_has(&entries[i], "by", SLICE("departure")))
            continue;
        *out = entries[i].code;
        return RFD_OK;
    }
    return error_set(error, RFD_E_STATE, "the catalogue of reasons to revoke has none for departures");
}

/** It is the office that revokes: what is confirmed here is that it is asked to. */
static rfd_status close_certificate(struct transaction *t, const struct closing *c, struct rfd_error *error)
{
    const struct actor departures = actor_system("departure");
    struct faults faults = {.count = 0};
    struct revocation_order order = {.certificate = c->target, .note = c->departure->reason};
    struct entity entity;
    struct person person;
    int64_t request;
    if (c->settings == NULL) return error_set(error, RFD_E_UNSUPPORTED, "no settings of registration");
    TRY(entity_find(t, c->departure->entity, &entity, error));
    TRY(person_find(t, c->departure->person, &person, error));
    TRY(find_reason(t, c->settings, entity.country, &order.reason, error));
    order.number = person.number;
    return revocation_ask(t, &departures, c->settings, &order, &faults, &request, error);
}

typedef rfd_status close_kind(struct transaction *t, const struct closing *c, struct rfd_error *error);
static const struct {
    const char *kind;
    close_kind *close;
} kinds[] = {{"appointment", close_appointment},
             {"role", close_role},
             {"support-group", close_group},
             {"certificate", close_certificate}};

/* What somebody else has closed in the meantime is closed. */
static rfd_status close_thing(struct transaction *t, const struct closing *c, const struct departure_proposal *p,
                              struct rfd_error *error)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!slice_is(p->kind, kinds[i].kind)) continue;
        rfd_status status = kinds[i].close(t, c, error);
        if (status != RFD_E_STATE) return status;
        error_clear(error);
        return RFD_OK;
    }
    return error_set(error, RFD_E_UNSUPPORTED, "proposal %lld", (long long)p->id);
}

/* ---- Deciding ---- */

static rfd_status check_actor(struct transaction *t, const struct actor *actor, const struct departure *d,
                              struct rfd_error *error)
{
    struct unit unit;
    TRY(unit_find(t, d->unit, &unit, error));
    TRY(organisation_check_unit(actor, ACTION_DEPARTURE_CONFIRM, &unit, error));
    if (actor->person != 0 && actor->person == d->person)
        return error_set(error, RFD_E_FORBIDDEN, "it is one's own departure");
    return RFD_OK;
}

static rfd_status mark(struct transaction *t, const struct actor *actor, const struct departure_proposal *p,
                       bool confirm, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_integer(p->id), store_text(confirm ? SLICE("confirmed") : SLICE("kept")),
                                         store_integer(clock_now()), store_text(actor_audit(actor, store_arena(t)))};
    const struct store_value departure = store_integer(p->departure);
    TRY(store_run(t,
                  "UPDATE departure_proposal SET state = $2, decided = $3, decider = $4 WHERE id = $1 AND state = "
                  "'proposed'",
                  values, 4, &rows, error));
    if (rows.changed == 0) return error_set(error, RFD_E_STATE, "proposal %lld is decided", (long long)p->id);
    return store_run(t, "UPDATE departure SET undecided = undecided - 1 WHERE id = $1", &departure, 1, NULL, error);
}

static rfd_status tell(struct transaction *t, const struct actor *actor, const struct departure_proposal *p,
                       bool confirm, struct rfd_error *error)
{
    char detail[160];
    (void)snprintf(detail, sizeof detail, "{\"proposal\":%lld,\"kind\":\"%.*s\",\"target\":%lld}", (long long)p->id,
                   (int)p->kind.length, (const char *)p->kind.data, (long long)p->target);
    return record_audit(t, actor, &departure_record, p->departure, confirm ? "confirm" : "keep", slice_text(detail),
                        error);
}

rfd_status departure_decide(struct transaction *t, const struct actor *actor,
                            const struct registration_settings *settings, int64_t proposal, bool confirm,
                            struct rfd_error *error)
{
    struct store_rows rows;
    struct departure_proposal p;
    struct departure d;
    const struct store_value value = store_integer(proposal);
    TRY(store_run(t, COLUMNS "WHERE id = $1", &value, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "proposal %lld", (long long)proposal);
    take(store_cell(&rows, 0, 0), &p);
    TRY(departure_find(t, p.departure, &d, error));
    TRY(check_actor(t, actor, &d, error));
    TRY(mark(t, actor, &p, confirm, error));
    const struct closing closing = {actor, settings, &d, p.target};
    if (confirm) TRY(close_thing(t, &closing, &p, error));
    return tell(t, actor, &p, confirm, error);
}
