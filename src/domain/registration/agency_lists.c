/* SPDX-License-Identifier: EUPL-1.2
 *
 * The lists of units' requests: those of the units that one files for, and the queue of the certification office. A
 * walk in the order of time has an index for each way of choosing: requester, unit, state.
 */
#include "base/i18n.h"
#include "domain/registration/agency.h"

/* The list's own rows: every order has an index for them (0012-registration.sql). */
#define ROWS(which)     "(SELECT * FROM request WHERE " which ") r"
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
/* "Quispe, Ana": of the first applicant. Read for the rows that are shown only. */
#define FIRST                                                                                                          \
    "coalesce((SELECT a.surname || ', ' || a.given_names FROM applicant a WHERE a.request = r.id ORDER BY a.place "    \
    "LIMIT 1), '')"

#define CREATED_COLUMN                                                                                                 \
    {                                                                                                                  \
        .name = "created", .title = N_("Date and time"), .sql = "r.created", .kind = LIST_TIME, .sort = "r.created"    \
    } /* es: "Fecha y hora" */
#define CODE_COLUMN                                                                                                    \
    {                                                                                                                  \
        .name = "code", .title = N_("Request code"), .sql = "r.code", .kind = LIST_TEXT                                \
    } /* es: "Código" */
#define KIND_COLUMN                                                                                                    \
    {                                                                                                                  \
        .name = "kind", .title = N_("Kind of request"), .sql = "r.kind", .kind = LIST_TEXT                             \
    } /* es: "Solicitud" */
#define MOTIVE_COLUMN                                                                                                  \
    {                                                                                                                  \
        .name = "motive", .title = N_("Motive"), .sql = "r.motive", .kind = LIST_TEXT                                  \
    } /* es: "Motivo" */
#define DESCRIPTION_COLUMN                                                                                             \
    {                                                                                                                  \
        .name = "description", .title = N_("Description"), .sql = "r.description", .kind = LIST_TEXT                   \
    } /* es: "Descripción" */
#define DETAIL_COLUMN                                                                                                  \
    {                                                                                                                  \
        .name = "detail", .title = N_("Detail"), .sql = FIRST, .kind = LIST_TEXT                                       \
    } /* es: "Detalle" */
#define UNIT_COLUMN                                                                                                    \
    {                                                                                                                  \
        .name = "unit", .title = N_("Unit"), .sql = "u.abbreviation", .kind = LIST_TEXT                                \
    }
#define STATE_COLUMN                                                                                                   \
    {                                                                                                                  \
        .name = "state", .title = N_("State"), .sql = "r.state", .kind = LIST_TEXT, .words = request_state_title,      \
        .tone = request_state_name_tone                                                                                \
    }

static const char *request_state_name_tone(slice state)
{
    return request_state_tone(request_state_from(state));
}

static const struct list_column request_columns[] = {CREATED_COLUMN,     CODE_COLUMN,   KIND_COLUMN, MOTIVE_COLUMN,
                                                     DESCRIPTION_COLUMN, DETAIL_COLUMN, STATE_COLUMN};
static const struct list_column queue_columns[] = {CREATED_COLUMN,     CODE_COLUMN,   KIND_COLUMN, MOTIVE_COLUMN,
                                                   DESCRIPTION_COLUMN, DETAIL_COLUMN, UNIT_COLUMN, STATE_COLUMN};
static const struct list_filter filters[] = {
    {"state", "r.state = $?", LIST_TEXT},
    {"in-process", "r.state IN ('sent', $?)", LIST_TEXT}, /* and the other that is: "taken" */
    {"requester", "r.requester = $?", LIST_NUMBER},
    {"taker", "r.taker = $?", LIST_NUMBER},
    {"unit", "r.unit = $?", LIST_NUMBER},
    {"kind", "r.kind = $?", LIST_TEXT},
    {"from", "r.created >= $?", LIST_TIME},
    {"until", "r.created < $?", LIST_TIME},
};

const struct list_definition agency_request_list = {.name = "solicitudes-de-certificados",
                                                    .from = ROWS("way = 'agency'") " LEFT JOIN unit u ON u.id = r.unit",
                                                    .id = "r.id",
                                                    .count = ROWS("way = 'agency'"),
                                                    .words = "request_word",
                                                    .columns = request_columns,
                                                    .column_count = COUNT_OF(request_columns),
                                                    .filters = filters,
                                                    .filter_count = COUNT_OF(filters),
                                                    .order = "-created",
                                                    .walked = true,
                                                    .leading = "requester taker state ",
                                                    .action = ACTION_AGENCY_REQUEST,
                                                    .scope_entity = "r.entity",
                                                    .scope_unit = "r.unit",
                                                    .scope_tree = true};
const struct list_definition agency_queue_list = {
    .name = "bandeja-de-certificados",
    .from = ROWS("way = 'agency' AND state <> 'draft'") " LEFT JOIN unit u ON u.id = r.unit",
    .id = "r.id",
    .count = ROWS("way = 'agency' AND state <> 'draft'"),
    .words = "request_word",
    .columns = queue_columns,
    .column_count = COUNT_OF(queue_columns),
    .filters = filters,
    .filter_count = COUNT_OF(filters),
    .order = "-created",
    .walked = true,
    .leading = "requester taker state ",
    .action = ACTION_AGENCY_ATTEND,
    .scope_entity = "r.entity",
    .scope_unit = "r.unit",
    .scope_tree = true};
