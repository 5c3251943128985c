/* SPDX-License-Identifier: EUPL-1.2
 *
 * The lists of certificates that came by requests here, and of requests to revoke. Those that one agent made or
 * withdrew are always to be filtered by who it is.
 */
#include "base/i18n.h"
#include "domain/registration/internal.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define NAME            "trim(p.given_names || ' ' || p.surname || ' ' || p.second_surname)"
/* The list's own rows: every order has an index for them (0012-registration.sql). */
#define ROWS(which) "(SELECT * FROM certificate_agent WHERE " which ") a"
#define BESIDE      " LEFT JOIN applicant p ON p.id = a.applicant LEFT JOIN certificate c ON c.id = a.certificate"

static const struct {
    const char *name, *title, *tone;
} states[] = {
    {"valid", N_("In force"), "good"},
    {"held", N_("Suspended"), "warn"},
    {"revoked", N_("Revoked"), "bad"},
    {"expired", N_("Expired"), "neutral"},
};

const char *holding_state_title(slice state)
{
    for (size_t i = 0; i < COUNT_OF(states); i++)
        if (slice_is(state, states[i].name)) return states[i].title;
    return "";
}

const char *holding_state_tone(slice state)
{
    for (size_t i = 0; i < COUNT_OF(states); i++)
        if (slice_is(state, states[i].name)) return states[i].tone;
    return "neutral";
}

static const char *request_tone(slice state)
{
    return request_state_tone(request_state_from(state));
}

#define SERIAL_COLUMN                                                                                                  \
    {                                                                                                                  \
        "serial", N_("Serial number"), "a.serial", LIST_TEXT, NULL, NULL, NULL                                         \
    } /* es: "Serie" */
#define NAME_COLUMN                                                                                                    \
    {                                                                                                                  \
        "name", N_("Full name"), NAME, LIST_TEXT, "a.sort_name", NULL, NULL                                            \
    } /* es: "Nombre completo" */
#define NUMBER_COLUMN                                                                                                  \
    {                                                                                                                  \
        "number", N_("Identity number"), "a.number", LIST_TEXT, NULL, NULL, NULL                                       \
    }
#define ISSUED_COLUMN                                                                                                  \
    {                                                                                                                  \
        "issued", N_("Date of issue"), "a.issued", LIST_TIME, "a.issued", NULL, NULL                                   \
    } /* es: "Fecha creación" */
#define REVOKED_COLUMN                                                                                                 \
    {                                                                                                                  \
        "revoked", N_("Date of revocation"), "a.revoked", LIST_TIME, "a.revoked", NULL, NULL                           \
    } /* es: "Fecha revocación" */
#define STATE_COLUMN                                                                                                   \
    {                                                                                                                  \
        "state", N_("State"),                                                                                          \
            "CASE a.state WHEN 1 THEN 'valid' WHEN 2 THEN 'held' WHEN 3 THEN 'revoked' ELSE 'expired' END", LIST_TEXT, \
            NULL, holding_state_title, holding_state_tone                                                              \
    }

static const struct list_column valid_columns[] = {SERIAL_COLUMN,
                                                   NAME_COLUMN,
                                                   NUMBER_COLUMN,
                                                   ISSUED_COLUMN,
                                                   {"until", N_("Until"), "c.not_after", LIST_DAY, NULL, NULL, NULL},
                                                   STATE_COLUMN};
static const struct list_column revoked_columns[] = {SERIAL_COLUMN, NAME_COLUMN, NUMBER_COLUMN, ISSUED_COLUMN,
                                                     REVOKED_COLUMN};
static const struct list_column made_columns[] = {SERIAL_COLUMN, NAME_COLUMN, NUMBER_COLUMN, ISSUED_COLUMN,
                                                  STATE_COLUMN};
static const struct list_filter holding_filters[] = {
    {"agent", "a.agent = $?", LIST_NUMBER}, {"revoker", "a.revoker = $?", LIST_NUMBER},
    {"unit", "a.unit = $?", LIST_NUMBER},   {"from", "a.issued >= $?", LIST_TIME},
    {"until", "a.issued < $?", LIST_TIME},
};

#define HOLDING_LIST(list_name, which, table, first)                                                                   \
    {                                                                                                                  \
        .name = (list_name), .from = ROWS(which) BESIDE, .count = ROWS(which), .id = "a.certificate",                  \
        .words = "certificate_agent_word", .columns = (table), .column_count = COUNT_OF(table),                        \
        .filters = holding_filters, .filter_count = COUNT_OF(holding_filters), .order = (first), .walked = true,       \
        .leading = "agent revoker ", .action = ACTION_CERTIFICATE_SEE, .scope_entity = "a.entity",                     \
        .scope_unit = "a.unit", .scope_tree = true, .scope_shared = "a.unit IS NULL AND a.entity"                      \
    }

const struct list_definition holding_valid_list =
    HOLDING_LIST("certificados-validos", "state <= 2", valid_columns, "-issued");
const struct list_definition holding_revoked_list =
    HOLDING_LIST("certificados-revocados", "revoked IS NOT NULL", revoked_columns, "-revoked");
const struct list_definition holding_made_list = HOLDING_LIST("mis-certificados", "1 = 1", made_columns, "-issued");
const struct list_definition holding_withdrawn_list =
    HOLDING_LIST("mis-revocados", "revoker IS NOT NULL", revoked_columns, "-revoked");

/* ---- Requests to revoke ---- */

static const struct list_column revocation_columns[] = {
    {"code", N_("Request"), "r.code", LIST_TEXT, "r.code", NULL, NULL},
    {"serial", N_("Serial number"), "v.serial", LIST_TEXT, NULL, NULL, NULL},
    {"name", N_("Full name"), NAME, LIST_TEXT, NULL, NULL, NULL},
    {"number", N_("Identity number"), "p.number", LIST_TEXT, NULL, NULL, NULL},
    {"reason", N_("Reason"), "r.description", LIST_TEXT, NULL, NULL, NULL}, /* es: "Motivo" */
    {"asked", N_("Asked for on"), "r.created", LIST_TIME, "r.created", NULL, NULL},
    {"revoked", N_("Date of revocation"), "v.revoked", LIST_TIME, NULL, NULL, NULL},
    {"state", N_("Status"), "r.state", LIST_TEXT, NULL, request_state_title, request_tone}, /* es: "Estatus" */
    {"asker", N_("Asked by"), "v.asker", LIST_TEXT, NULL, NULL, NULL},
};
static const struct list_filter revocation_filters[] = {
    {"state", "r.state = $?", LIST_TEXT},
    {"requester", "r.requester = $?", LIST_NUMBER},
    {"not-requester", "(r.requester IS NULL OR r.requester <> $?)", LIST_NUMBER},
    {"taker", "r.taker = $?", LIST_NUMBER},
    {"unit", "r.unit = $?", LIST_NUMBER},
    {"from", "r.created >= $?", LIST_TIME},
    {"until", "r.created < $?", LIST_TIME},
};
#define REVOCATIONS "(SELECT * FROM request WHERE way = 'revocation') r"
const struct list_definition revocation_list = {
    .name = "revocaciones",
    .from = REVOCATIONS " LEFT JOIN revocation v ON v.request = r.id LEFT JOIN applicant p ON p.request = r.id AND "
                        "p.place = 1",
    .id = "r.id",
    .words = "request_word",
    .count = REVOCATIONS,
    .columns = revocation_columns,
    .column_count = COUNT_OF(revocation_columns),
    .filters = revocation_filters,
    .filter_count = COUNT_OF(revocation_filters),
    .order = "-asked",
    .walked = true,
    .action = ACTION_CERTIFICATE_SEE,
    .scope_entity = "r.entity",
    .scope_unit = "r.unit",
    .scope_tree = true,
    .scope_shared = "r.unit IS NULL AND r.entity"};
