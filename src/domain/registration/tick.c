/* SPDX-License-Identifier: EUPL-1.2
 *
 * What time does to requests: those that are approved and not issued are gone on with, those that their agents leave
 * alone are offered to others. Each step is one transaction that changes the row only where it is still as it was seen.
 */
#include "base/clock.h"
#include "base/error.h"
#include "domain/registration/internal.h"

enum { BATCH = 100, AGAIN_SECONDS = 60 };

struct due {
    const char *state;
    rfd_time until;
    int64_t ids[BATCH];
    size_t count;
};
struct returning {
    int64_t id;
    rfd_time until;
    bool done;
};

static rfd_status read_due(struct transaction *t, void *context, struct rfd_error *error)
{
    struct due *d = context;
    const struct store_value values[] = {store_integer(d->until), store_text(slice_text(d->state)),
                                         store_integer(BATCH)};
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT id FROM request WHERE due IS NOT NULL AND due <= $1 AND state = $2 AND way <> 'revocation' "
                  "ORDER BY due LIMIT $3",
                  values, 3, &rows, error));
    for (d->count = 0; d->count < rows.count && d->count < BATCH; d->count++)
        d->ids[d->count] = store_cell(&rows, d->count, 0)->integer;
    return RFD_OK;
}

/* ---- Approved, not issued ---- */

/** It could not be issued now: nobody tries again for a while. */
static rfd_status put_off(struct transaction *t, void *context, struct rfd_error *error)
{
    const int64_t *id = context;
    const struct store_value values[] = {store_integer(*id), store_integer(clock_now() + AGAIN_SECONDS * RFD_SECOND)};
    return store_run(t, "UPDATE request SET due = $2 WHERE id = $1 AND state = 'approved'", values, 2, NULL, error);
}

static rfd_status issue_due(struct authority_domain *authority, const struct registration_settings *settings,
                            rfd_time now, unsigned *done, struct rfd_error *error)
{
    struct due due = {.state = request_state_name(REQUEST_APPROVED), .until = now};
    rfd_status first = RFD_OK;
    if (authority->keeper == NULL) return RFD_OK; /* another node has it */
    TRY(store_look(authority->store, read_due, &due, error));
    for (size_t i = 0; i < due.count; i++) {
        TRY(store_write(authority->store, put_off, &due.ids[i], error));
        rfd_status status = request_issue(authority, settings, due.ids[i], NULL, first == RFD_OK ? error : NULL);
        if (status == RFD_OK) (*done)++;
        if (status != RFD_OK && first == RFD_OK) first = status;
    }
    return first;
}

/* ---- Left alone ---- */

static rfd_status give_back(struct transaction *t, void *context, struct rfd_error *error)
{
    struct returning *b = context;
    const struct actor worker = actor_system("worker");
    const struct request_step step = {.event = REQUEST_EVENT_RETURN, .actor = &worker, .is_public = true};
    struct request r;
    b->done = false;
    TRY(request_find(t, b->id, &r, error));
    if (r.state != REQUEST_TAKEN || r.due == RFD_TIME_NONE || r.due > b->until) return RFD_OK;
    TRY(request_step(t, &r, &step, error));
    b->done = true;
    return RFD_OK;
}

static rfd_status return_due(struct store *store, const struct registration_settings *settings, rfd_time now,
                             unsigned *done, struct rfd_error *error)
{
    struct due due = {.state = request_state_name(REQUEST_TAKEN),
                      .until = now - (rfd_time)settings->return_days * REGISTRATION_DAY};
    TRY(store_look(store, read_due, &due, error));
    for (size_t i = 0; i < due.count; i++) {
        struct returning b = {.id = due.ids[i], .until = due.until};
        TRY(store_write(store, give_back, &b, error));
        *done += b.done;
    }
    return RFD_OK;
}

rfd_status request_tick(struct authority_domain *authority, const struct registration_settings *settings, rfd_time now,
                        unsigned *done, struct rfd_error *error)
{
    rfd_status first = issue_due(authority, settings, now, done, error);
    struct rfd_error *rest = first == RFD_OK ? error : NULL;
    rfd_status statuses[] = {
        return_due(authority->store, settings, now, done, rest),
        revoke_tick(authority, settings, now, done, rest),
        reminder_tick(authority->store, settings, now, done, rest),
        statistics_tick(authority->store, settings, done, rest),
    };
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses && first == RFD_OK; i++) first = statuses[i];
    return first;
}
