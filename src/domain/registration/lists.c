/* SPDX-License-Identifier: EUPL-1.2
 *
 * The lists of the agent's desk. Each has an index in the order of time, and one in the order of names, for the states
 * that it shows; requests of no unit are seen by all agents of their entity.
 */
#include "base/error.h"
#include "base/i18n.h"
#include "domain/registration/internal.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
/* The list's own rows: every order has an index for them (0012-registration.sql). */
#define ROWS(which) "(SELECT * FROM request WHERE " which ") r"
#define NAME                                                                                                           \
    "a.given_names || ' ' || a.surname || CASE WHEN a.second_surname = '' THEN '' ELSE ' ' || a.second_surname END"

#define CODE_COLUMN                                                                                                    \
    {                                                                                                                  \
        .name = "code", .title = N_("Folio"), .sql = "r.code", .kind = LIST_TEXT                                       \
    } /* es: "Folio" */
#define NAME_COLUMN                                                                                                    \
    {                                                                                                                  \
        .name = "name", .title = N_("Full name"), .sql = NAME, .kind = LIST_TEXT, .sort = "r.sort_name"                \
    } /* es: "Nombre completo" */
#define NUMBER_COLUMN                                                                                                  \
    {                                                                                                                  \
        .name = "number", .title = N_("Identity number"), .sql = "a.number", .kind = LIST_TEXT                         \
    } /* es: "Número de documento" */
#define CREATED_COLUMN                                                                                                 \
    {                                                                                                                  \
        .name = "created", .title = N_("Date of request"), .sql = "r.created", .kind = LIST_TIME, .sort = "r.created"  \
    } /* es: "Fecha solicitud" */
#define STATE_COLUMN                                                                                                   \
    {                                                                                                                  \
        .name = "state", .title = N_("State"), .sql = "r.state", .kind = LIST_TEXT, .words = request_state_title,      \
        .tone = state_tone                                                                                             \
    } /* es: "Estado" */
#define DAYS_COLUMN                                                                                                    \
    {                                                                                                                  \
        .name = "days", .title = N_("Days"), .sql = "r.created", .kind = LIST_AGE                                      \
    } /* es: "Días" */

static const char *state_tone(slice state)
{
    return request_state_tone(request_state_from(state));
}

static const struct list_column columns[] = {CODE_COLUMN,    NAME_COLUMN,  NUMBER_COLUMN,
                                             CREATED_COLUMN, STATE_COLUMN, DAYS_COLUMN};
static const struct list_filter filters[] = {
    {"state", "r.state = $?", LIST_TEXT},         {"unit", "r.unit = $?", LIST_NUMBER},
    {"taker", "r.taker = $?", LIST_NUMBER},       {"kind", "r.kind = $?", LIST_TEXT},
    {"in-person", "r.in_person = $?", LIST_FLAG}, {"from", "r.created >= $?", LIST_TIME},
    {"until", "r.created < $?", LIST_TIME},
};

#define REQUEST_LIST(called, rows, condition, sorted, asked)                                                           \
    {                                                                                                                  \
        .name = called, .where = condition,                                                                            \
        .from = ROWS(rows) " LEFT JOIN applicant a ON a.request = r.id AND a.place = 1", .count = ROWS(rows),          \
        .id = "r.id", .words = "request_word", .columns = columns, .column_count = COUNT_OF(columns),                  \
        .filters = filters, .filter_count = COUNT_OF(filters), .order = sorted, .walked = true,                        \
        .leading = "taker in-person state ", .action = asked, .scope_entity = "r.entity", .scope_unit = "r.unit",      \
        .scope_tree = true, .scope_shared = "r.unit IS NULL AND r.entity"                                              \
    }

const struct list_definition request_unverified_list = REQUEST_LIST(
    "correo-sin-validar", "way = 'online' AND state = 'unverified'", NULL, "created", ACTION_REGISTRATION_SEE);
const struct list_definition request_started_list =
    REQUEST_LIST("iniciados", "way = 'online' AND state = 'started'", NULL, "created", ACTION_REGISTRATION_SEE);
/* Of one taker always. */
const struct list_definition request_own_list =
    REQUEST_LIST("mis-solicitudes", "way = 'online'", "r.state IN ('taken', 'observed', 'approved')", "created",
                 ACTION_REGISTRATION_ATTEND);
const struct list_definition request_list =
    REQUEST_LIST("requerimientos", "way = 'online'", NULL, "-created", ACTION_REGISTRATION_SEE);

/* ---- How many ---- */

/** The same rows as the lists have, counted by them: nothing else decides what an actor may see. */
static const struct list_definition counting = {.name = "cuenta",
                                                .id = "r.id",
                                                .columns = columns,
                                                .filters = filters,
                                                .filter_count = COUNT_OF(filters),
                                                .scope_entity = "r.entity",
                                                .scope_unit = "r.unit",
                                                .scope_tree = true,
                                                .scope_shared = "r.unit IS NULL AND r.entity"};

static const struct {
    const char *from;
    enum action action;
} ways[] = {
    [WAY_ONLINE] = {"(SELECT * FROM request WHERE way = 'online') r", ACTION_REGISTRATION_SEE},
    [WAY_AGENCY] = {"(SELECT * FROM request WHERE way = 'agency') r", ACTION_AGENCY_ATTEND},
    [WAY_REVOCATION] = {"(SELECT * FROM request WHERE way = 'revocation') r", ACTION_CERTIFICATE_SEE},
};

/** Those that an agent has, or that somebody filed for a unit. */
static rfd_status count_own(struct transaction *t, const struct actor *actor, enum request_way way,
                            enum request_state state, uint64_t *count, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(actor->person), store_text(slice_text(request_way_name(way))),
                                         store_text(slice_text(request_state_name(state))),
                                         store_integer(REQUEST_COUNTED + 1)};
    struct store_rows rows;
    const char *sql = way == WAY_AGENCY ? "SELECT count(*) FROM (SELECT 1 AS one_ FROM request WHERE requester = $1 "
                                          "AND way = $2 AND state = $3 LIMIT $4) c_"
                                        : "SELECT count(*) FROM (SELECT 1 AS one_ FROM request WHERE taker = $1 AND "
                                          "way = $2 AND state = $3 LIMIT $4) c_";
    TRY(store_plan_by_values(t, error));
    TRY(store_run(t, sql, values, sizeof values / sizeof *values, &rows, error));
    *count = (uint64_t)store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

rfd_status request_count(struct transaction *t, const struct actor *actor, enum request_way way,
                         enum request_state state, bool own, uint64_t *count, struct rfd_error *error)
{
    struct list_definition rows = counting;
    const struct list_query query = {.filters = {{.name = "state", .value = slice_text(request_state_name(state))}}};
    if (own) return count_own(t, actor, way, state, count, error);
    rows.from = ways[way].from;
    rows.action = ways[way].action;
    return list_count(t, &rows, &query, actor, REQUEST_COUNTED, count, error);
}
