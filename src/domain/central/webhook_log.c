/* SPDX-License-Identifier: EUPL-1.2
 *
 * Notices as those see them who administer portals: the list, one with its attempts, and sending it again.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/number.h"
#include "domain/central/internal.h"
#include "domain/central/webhook.h"

static enum webhook_state state_from(slice text)
{
    uint64_t number = 0;
    return number_unsigned(text, WEBHOOK_GIVEN_UP, &number) ? (enum webhook_state)number : (enum webhook_state)0;
}

static const char *state_title(slice state)
{
    return webhook_state_title(state_from(state));
}

static const char *state_tone(slice state)
{
    return webhook_state_tone(state_from(state));
}

static const struct list_column columns[] = {
    {.name = "created", .title = N_("When"), .sql = "w.created", .kind = LIST_TIME, .sort = "w.created"},
    {.name = "event", .title = N_("What is told"), .sql = "w.event", .words = webhook_event_title},
    {.name = "reference", .title = N_("Reference"), .sql = "s.reference"},
    {.name = "state", .title = N_("State"), .sql = "CAST(w.state AS text)", .words = state_title, .tone = state_tone},
    {.name = "attempts", .title = N_("Attempts"), .sql = "w.attempts", .kind = LIST_NUMBER},
    {.name = "status", .title = N_("Last answer"), .sql = "w.status", .kind = LIST_NUMBER},
};
static const struct list_filter filters[] = {
    {.name = "portal", .sql = "w.portal = $?", .kind = LIST_NUMBER},
    {.name = "state", .sql = "w.state = $?", .kind = LIST_NUMBER},
};
const struct list_definition webhook_list = {.name = "avisos",
                                             .from = "webhook w JOIN signing s ON s.id = w.signing",
                                             .id = "w.id",
                                             .count = "webhook w",
                                             .columns = columns,
                                             .column_count = sizeof columns / sizeof *columns,
                                             .filters = filters,
                                             .filter_count = sizeof filters / sizeof *filters,
                                             .order = "-created",
                                             .action = ACTION_CENTRAL_PORTALS};

static rfd_status read_attempts(struct transaction *t, struct webhook *w, struct rfd_error *error)
{
    const struct store_value id = store_integer(w->id);
    struct store_rows rows;
    TRY(store_run(t, "SELECT number, time, status, why FROM webhook_attempt WHERE webhook = $1 ORDER BY number", &id, 1,
                  &rows, error));
    w->log = arena_zeroed(store_arena(t), rows.count + 1, sizeof *w->log);
    if (w->log == NULL) return arena_failed(store_arena(t), error);
    for (w->log_count = 0; w->log_count < rows.count; w->log_count++) {
        const struct store_value *v = store_cell(&rows, w->log_count, 0);
        w->log[w->log_count] =
            (struct webhook_attempt){(unsigned)v[0].integer, v[1].integer, (long)v[2].integer, v[3].bytes};
    }
    return RFD_OK;
}

rfd_status webhook_find(struct transaction *t, int64_t portal, int64_t id, struct webhook *out, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(id), store_integer(portal)};
    struct store_rows rows;
    TRY(store_run(
        t,
        "SELECT id, portal, identity, event, body, state, attempts, created, due, sent FROM webhook WHERE id = "
        "$1 AND portal = $2",
        values, 2, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such notice");
    const struct store_value *v = store_cell(&rows, 0, 0);
    *out = (struct webhook){.id = v[0].integer,
                            .portal = v[1].integer,
                            .identity = v[2].bytes,
                            .event = v[3].bytes,
                            .body = v[4].bytes,
                            .state = (enum webhook_state)v[5].integer,
                            .attempts = (unsigned)v[6].integer,
                            .created = v[7].integer,
                            .due = v[8].integer,
                            .sent = store_moment_of(&v[9])};
    return read_attempts(t, out, error);
}

rfd_status webhook_again(struct transaction *t, const struct actor *actor, int64_t portal, int64_t id,
                         struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(id), store_integer(clock_now())};
    struct webhook w;
    TRY(actor_check(actor, ACTION_CENTRAL_PORTALS, NULL, error));
    TRY(webhook_find(t, portal, id, &w, error));
    TRY(store_run(t, "UPDATE webhook SET state = 1, tries = 0, due = $2, sent = NULL WHERE id = $1", values, 2, NULL,
                  error));
    return central_audit(t, actor, "webhook.again", "webhook", id,
                         central_detail(t, "delivery", w.identity, NULL, SLICE_EMPTY), error);
}
