/* SPDX-License-Identifier: EUPL-1.2
 *
 * The lists of requests and roles.
 */
#include "domain/access/access_internal.h"

#include "base/i18n.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define SUBJECT         "s.given_names || ' ' || s.surname"
#define REQUESTER       "q.given_names || ' ' || q.surname"
#define REQUESTS                                                                                                       \
    "access_request r LEFT JOIN person s ON s.id = r.subject LEFT JOIN person q ON q.id = r.requester LEFT JOIN unit u ON u.id = r.unit"

#define CODE_COLUMN                                                                                                    \
    {                                                                                                                  \
        "code", N_("Request"), "coalesce(r.code, '#' || r.id)", LIST_TEXT, NULL, NULL, NULL                            \
    }
#define SUBJECT_COLUMN                                                                                                 \
    {                                                                                                                  \
        "subject", N_("For"), SUBJECT, LIST_TEXT, NULL, NULL, NULL                                                     \
    }
#define REQUESTER_COLUMN                                                                                               \
    {                                                                                                                  \
        "requester", N_("Asked by"), REQUESTER, LIST_TEXT, NULL, NULL, NULL                                            \
    }
#define UNIT_COLUMN                                                                                                    \
    {                                                                                                                  \
        "unit", N_("Unit"), "u.abbreviation", LIST_TEXT, NULL, NULL, NULL                                              \
    }
#define CREATED_COLUMN                                                                                                 \
    {                                                                                                                  \
        "created", N_("Begun"), "r.created", LIST_TIME, "r.created", NULL, NULL                                        \
    }
#define SENT_COLUMN                                                                                                    \
    {                                                                                                                  \
        "sent", N_("Sent"), "r.sent", LIST_TIME, "r.sent", NULL, NULL                                                  \
    }
#define STATE_COLUMN                                                                                                   \
    {                                                                                                                  \
        "state", N_("State"), "r.state", LIST_TEXT, NULL, access_state_title, access_state_tone                        \
    }

static const struct list_column sent_columns[] = {CODE_COLUMN,    SUBJECT_COLUMN, UNIT_COLUMN,
                                                  CREATED_COLUMN, SENT_COLUMN,    STATE_COLUMN};
static const struct list_column tray_columns[] = {CODE_COLUMN, SUBJECT_COLUMN, REQUESTER_COLUMN, UNIT_COLUMN,
                                                  SENT_COLUMN};
static const struct list_column request_columns[] = {CODE_COLUMN,    SUBJECT_COLUMN, REQUESTER_COLUMN, UNIT_COLUMN,
                                                     CREATED_COLUMN, SENT_COLUMN,    STATE_COLUMN};
static const struct list_filter request_filters[] = {
    {"state", "r.state = $?", LIST_TEXT},
    {"requester", "r.requester = $?", LIST_NUMBER},
    {"subject", "r.subject = $?", LIST_NUMBER},
    {"unit", "r.unit = $?", LIST_NUMBER},
    {"from", "r.created >= $?", LIST_TIME},
    {"until", "r.created < $?", LIST_TIME},
    {"not-person", "(r.requester <> $? AND r.subject <> $?)", LIST_NUMBER},
};

/* Of one requester always: "+" keeps SQLite from going through the whole unit instead, by that index. */
const struct list_definition access_sent_list = {.name = "solicitudes",
                                                 .from = REQUESTS,
                                                 .id = "r.id",
                                                 .words = "access_request_word",
                                                 .count = "access_request r",
                                                 .columns = sent_columns,
                                                 .column_count = COUNT_OF(sent_columns),
                                                 .filters = request_filters,
                                                 .filter_count = COUNT_OF(request_filters),
                                                 .order = "-created",
                                                 .action = ACTION_ACCESS_REQUEST,
                                                 .scope_unit = "+r.unit",
                                                 .scope_entity = "+r.entity",
                                                 .scope_path = "u.path"};
const struct list_definition access_tray_list = {.name = "bandeja",
                                                 .from = REQUESTS,
                                                 .id = "r.id",
                                                 .where = "r.state = 'sent' AND NOT r.agent",
                                                 .words = "access_request_word",
                                                 .count = "access_request r",
                                                 .columns = tray_columns,
                                                 .column_count = COUNT_OF(tray_columns),
                                                 .filters = request_filters,
                                                 .filter_count = COUNT_OF(request_filters),
                                                 .order = "sent",
                                                 .action = ACTION_ACCESS_APPROVE,
                                                 .scope_unit = "r.tray"};
const struct list_definition access_agent_list = {.name = "agentes",
                                                  .from = REQUESTS,
                                                  .id = "r.id",
                                                  .where = "r.state = 'sent' AND r.agent",
                                                  .words = "access_request_word",
                                                  .count = "access_request r",
                                                  .columns = tray_columns,
                                                  .column_count = COUNT_OF(tray_columns),
                                                  .filters = request_filters,
                                                  .filter_count = COUNT_OF(request_filters),
                                                  .order = "sent",
                                                  .action = ACTION_ACCESS_AGENT_APPROVE,
                                                  .scope_entity = "r.entity"};
const struct list_definition access_request_list = {.name = "accesos",
                                                    .from = REQUESTS,
                                                    .id = "r.id",
                                                    .where = "r.state <> 'draft'",
                                                    .words = "access_request_word",
                                                    .count = "access_request r",
                                                    .columns = request_columns,
                                                    .column_count = COUNT_OF(request_columns),
                                                    .filters = request_filters,
                                                    .filter_count = COUNT_OF(request_filters),
                                                    .order = "-created",
                                                    .action = ACTION_ACCESS_SEE,
                                                    .scope_person = "r.subject",
                                                    .scope_entity = "r.entity",
                                                    .scope_unit = "r.unit",
                                                    .scope_path = "u.path"};

/* ---- Roles ---- */

static const struct list_column history_columns[] = {
    {"person", N_("Person"), SUBJECT, LIST_TEXT, "a.sort_name", NULL, NULL},
    {"document", N_("Number"), "s.number", LIST_TEXT, NULL, NULL, NULL},
    {"role", N_("Role"), "a.role", LIST_TEXT, "a.role", role_title, NULL},
    {"unit", N_("Unit"), "coalesce(u.abbreviation, '')", LIST_TEXT, NULL, NULL, NULL},
    {"starts", N_("From"), "a.starts", LIST_DAY, "a.starts", NULL, NULL},
    {"ends", N_("Until"), "a.ends - 1", LIST_DAY, NULL, NULL, NULL},
    {"request", N_("Request"), "coalesce(r.code, '')", LIST_TEXT, NULL, NULL, NULL},
};
static const struct list_filter history_filters[] = {
    {"person", "a.person = $?", LIST_NUMBER},
    {"role", "a.role = $?", LIST_TEXT},
    {"unit", "a.home = $?", LIST_NUMBER},
    {"started", "a.starts <= $?", LIST_TIME},
    {"not-ended", "(a.ends IS NULL OR a.ends > $?)", LIST_TIME},
};
const struct list_definition role_history_list = {
    .name = "historial",
    .from = "role_assignment a LEFT JOIN person s ON s.id = a.person LEFT JOIN unit u ON u.id = a.home "
            "LEFT JOIN access_request r ON r.id = a.request",
    .id = "a.id",
    .words = "role_assignment_word",
    .count = "role_assignment a",
    .columns = history_columns,
    .column_count = COUNT_OF(history_columns),
    .filters = history_filters,
    .filter_count = COUNT_OF(history_filters),
    .order = "-starts",
    .action = ACTION_ACCESS_SEE,
    .scope_person = "a.person",
    .scope_entity = "u.entity",
    .scope_unit = "a.home",
    .scope_path = "u.path"};

static const struct list_column review_columns[] = {
    {"person", N_("Person"), SUBJECT, LIST_TEXT, "v.sort_name", NULL, NULL},
    {"role", N_("Role"), "a.role", LIST_TEXT, NULL, role_title, NULL},
    {"unit", N_("Unit"), "u.abbreviation", LIST_TEXT, NULL, NULL, NULL},
    {"starts", N_("Since"), "a.starts", LIST_DAY, NULL, NULL, NULL},
    {"ends", N_("Until"), "a.ends - 1", LIST_DAY, NULL, NULL, NULL},
    {"opened", N_("To be confirmed since"), "v.opened", LIST_DAY, "v.opened", NULL, NULL},
};
static const struct list_filter review_filters[] = {
    {"not-person", "v.person <> $?", LIST_NUMBER},
    {"unit", "v.unit = $?", LIST_NUMBER},
};
const struct list_definition access_review_list = {
    .name = "revision",
    .from = "access_review v LEFT JOIN role_assignment a ON a.id = v.assignment LEFT JOIN person s ON s.id = v.person "
            "LEFT JOIN unit u ON u.id = v.unit",
    .id = "v.id",
    .where = "v.state = 'open'",
    .columns = review_columns,
    .column_count = COUNT_OF(review_columns),
    .filters = review_filters,
    .filter_count = COUNT_OF(review_filters),
    .order = "person",
    .action = ACTION_ACCESS_REVIEW,
    .scope_unit = "v.tray"};

/* ---- Colleagues ---- */

static const struct list_column colleague_columns[] = {
    {"name", N_("Name"), SUBJECT, LIST_TEXT, "s.sort_name", NULL, NULL},
    {"document", N_("Number"), "s.number", LIST_TEXT, "s.number", NULL, NULL},
    {"unit", N_("Unit"), "u.abbreviation", LIST_TEXT, NULL, NULL, NULL},
};
static const struct list_filter colleague_filters[] = {
    {"not-person", "s.id <> $?", LIST_NUMBER},
    {"unit", "s.unit = $?", LIST_NUMBER},
};
const struct list_definition access_colleague_list = {.name = "personas",
                                                      .from = "person s JOIN unit u ON u.id = s.unit",
                                                      .id = "s.id",
                                                      .where = "NOT s.closed",
                                                      .words = "person_word",
                                                      .columns = colleague_columns,
                                                      .column_count = COUNT_OF(colleague_columns),
                                                      .filters = colleague_filters,
                                                      .filter_count = COUNT_OF(colleague_filters),
                                                      .order = "name",
                                                      .action = ACTION_ACCESS_REQUEST,
                                                      .scope_unit = "s.unit",
                                                      .scope_entity = "s.entity",
                                                      .scope_path = "u.path"};
