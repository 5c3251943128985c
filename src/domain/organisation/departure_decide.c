/* SPDX-License-Identifier: EUPL-1.2
 *
 * What becomes of a departure's proposals: each is confirmed, which closes the thing, or kept, once.
 */
#include "domain/organisation/internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/access/access.h"

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
                                     .decided = v[7].type == STORE_NULL ? RFD_TIME_NONE : v[7].integer};
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

/** What ends does so when the person leaves, and never before now where it still counts. */
static rfd_time when(const struct departure *d)
{
    rfd_time now = clock_now();
    return d->leaves > now ? d->leaves : now;
}

static rfd_status close_appointment(struct transaction *t, const struct actor *actor, const struct departure *d,
                                    int64_t target, struct rfd_error *error)
{
    return appointment_end_now(t, actor, target, d->leaves, error);
}

static rfd_status close_role(struct transaction *t, const struct actor *actor, const struct departure *d,
                             int64_t target, struct rfd_error *error)
{
    return role_end(t, actor, target, when(d), d->reason, error);
}

static rfd_status close_group(struct transaction *t, const struct actor *actor, const struct departure *d,
                              int64_t target, struct rfd_error *error)
{
    return support_group_leave(t, actor, target, d->person, error);
}

typedef rfd_status close_kind(struct transaction *t, const struct actor *actor, const struct departure *d,
                              int64_t target, struct rfd_error *error);
static const struct {
    const char *kind;
    close_kind *close;
} kinds[] = {{"appointment", close_appointment}, {"role", close_role}, {"support-group", close_group}};

/* What somebody else has closed in the meantime is closed. */
static rfd_status close_thing(struct transaction *t, const struct actor *actor, const struct departure *d,
                              const struct departure_proposal *p, struct rfd_error *error)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!slice_is(p->kind, kinds[i].kind)) continue;
        rfd_status status = kinds[i].close(t, actor, d, p->target, error);
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

rfd_status departure_decide(struct transaction *t, const struct actor *actor, int64_t proposal, bool confirm,
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
    if (confirm) TRY(close_thing(t, actor, &d, &p, error));
    return tell(t, actor, &p, confirm, error);
}
