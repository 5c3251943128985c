/* SPDX-License-Identifier: EUPL-1.2
 *
 * The lists of the organisation. Names are sorted by their normalised form.
 */
#include "domain/organisation/organisation.h"

#include "base/i18n.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* ---- Entities ---- */

static const struct list_column entity_columns[] = {
    {"short_name", N_("Short name"), "e.short_name", LIST_TEXT, NULL, NULL, NULL},
    {"name", N_("Name"), "e.name", LIST_TEXT, "e.sort_name", NULL, NULL},
    {"tax_number", N_("Tax number"), "e.tax_number", LIST_TEXT, NULL, NULL, NULL},
    {"domains", N_("Mail domains"), "e.domains", LIST_TEXT, NULL, NULL, NULL},
    {"closed", N_("Closed"), "e.closed", LIST_FLAG, NULL, NULL, NULL}};
static const struct list_filter entity_filters[] = {{"closed", "e.closed = $?", LIST_FLAG}};
const struct list_definition entity_list = {.name = "entidades",
                                            .from = "entity e",
                                            .id = "e.id",
                                            .words = "entity_word",
                                            .count = "entity e",
                                            .columns = entity_columns,
                                            .column_count = COUNT(entity_columns),
                                            .filters = entity_filters,
                                            .filter_count = COUNT(entity_filters),
                                            .order = "name",
                                            .action = ACTION_ORGANISATION_SEE,
                                            .scope_entity = "e.id"};

/* ---- Units and positions ---- */

static const struct list_column unit_columns[] = {
    {"code", N_("Code"), "u.code", LIST_TEXT, "u.code", NULL, NULL},
    {"abbreviation", N_("Abbreviation"), "u.abbreviation", LIST_TEXT, NULL, NULL, NULL},
    {"name", N_("Name"), "u.name", LIST_TEXT, "u.sort_name", NULL, NULL},
    {"above", N_("Unit above"), "o.abbreviation", LIST_TEXT, NULL, NULL, NULL},
    {"entity", N_("Entity"), "e.short_name", LIST_TEXT, NULL, NULL, NULL},
    {"closed", N_("Closed"), "u.closed", LIST_FLAG, NULL, NULL, NULL}};
static const struct list_filter unit_filters[] = {{"entity", "u.entity = $?", LIST_NUMBER},
                                                  {"parent", "u.parent = $?", LIST_NUMBER},
                                                  {"closed", "u.closed = $?", LIST_FLAG}};
const struct list_definition unit_list = {
    .name = "unidades",
    .from = "unit u JOIN entity e ON e.id = u.entity LEFT JOIN unit o ON o.id = u.parent",
    .id = "u.id",
    .words = "unit_word",
    .count = "unit u",
    .columns = unit_columns,
    .column_count = COUNT(unit_columns),
    .filters = unit_filters,
    .filter_count = COUNT(unit_filters),
    .order = "code",
    .action = ACTION_ORGANISATION_SEE,
    .scope_entity = "u.entity",
    .scope_unit = "u.id",
    .scope_path = "u.path"};

static const struct list_column position_columns[] = {
    {"name", N_("Position"), "p.name", LIST_TEXT, "p.sort_name", NULL, NULL},
    {"unit", N_("Unit"), "u.abbreviation", LIST_TEXT, NULL, NULL, NULL},
    {"head", N_("Leads the unit"), "p.head", LIST_FLAG, NULL, NULL, NULL},
    {"places", N_("Places"), "p.places", LIST_NUMBER, NULL, NULL, NULL},
    {"closed", N_("Closed"), "p.closed", LIST_FLAG, NULL, NULL, NULL}};
static const struct list_filter position_filters[] = {{"entity", "u.entity = $?", LIST_NUMBER},
                                                      {"unit", "p.unit = $?", LIST_NUMBER},
                                                      {"closed", "p.closed = $?", LIST_FLAG}};
const struct list_definition position_list = {.name = "cargos",
                                              .from = "position p JOIN unit u ON u.id = p.unit",
                                              .id = "p.id",
                                              .words = "position_word",
                                              .count = "position p",
                                              .columns = position_columns,
                                              .column_count = COUNT(position_columns),
                                              .filters = position_filters,
                                              .filter_count = COUNT(position_filters),
                                              .order = "name",
                                              .action = ACTION_ORGANISATION_SEE,
                                              .scope_entity = "u.entity",
                                              .scope_unit = "p.unit",
                                              .scope_path = "u.path"};

/* ---- People ---- */

#define FULL_NAME                                                                                                      \
    "h.surname || CASE WHEN h.second_surname = '' THEN '' ELSE ' ' || h.second_surname END || ', ' || h.given_names"

#define IN_GROUP "h.id IN (SELECT person FROM support_group_member WHERE support_group = $?)"

static const struct list_column person_columns[] = {
    {"name", N_("Name"), FULL_NAME, LIST_TEXT, "h.sort_name", NULL, NULL},
    {"document", N_("Document"), "upper(h.document)", LIST_TEXT, NULL, NULL, NULL},
    {"number", N_("Number"), "h.number", LIST_TEXT, "h.number", NULL, NULL},
    {"unit", N_("Unit"), "u.abbreviation", LIST_TEXT, NULL, NULL, NULL},
    {"mail", N_("E-mail"), "h.mail", LIST_TEXT, NULL, NULL, NULL}};
static const struct list_filter person_filters[] = {
    {"entity", "h.entity = $?", LIST_NUMBER}, {"unit", "h.unit = $?", LIST_NUMBER}, {"group", IN_GROUP, LIST_NUMBER}};
const struct list_definition person_list = {.name = "personas",
                                            .from = "person h LEFT JOIN unit u ON u.id = h.unit",
                                            .id = "h.id",
                                            .words = "person_word",
                                            .count = "person h",
                                            .columns = person_columns,
                                            .column_count = COUNT(person_columns),
                                            .filters = person_filters,
                                            .filter_count = COUNT(person_filters),
                                            .order = "name",
                                            .action = ACTION_ORGANISATION_SEE,
                                            .scope_person = "h.id",
                                            .scope_entity = "h.entity",
                                            .scope_unit = "h.unit",
                                            .scope_path = "u.path"};

static const struct list_column appointment_columns[] = {
    {"person", N_("Person"), FULL_NAME, LIST_TEXT, NULL, NULL, NULL},
    {"position", N_("Position"), "p.name", LIST_TEXT, NULL, NULL, NULL},
    {"unit", N_("Unit"), "u.abbreviation", LIST_TEXT, NULL, NULL, NULL},
    {"acting", N_("Acting"), "a.acting", LIST_FLAG, NULL, NULL, NULL},
    {"starts", N_("From"), "a.starts", LIST_DAY, "a.starts", NULL, NULL},
    {"ends", N_("Last day"), "a.ends - 1", LIST_DAY, NULL, NULL, NULL}};
static const struct list_filter appointment_filters[] = {{"entity", "a.entity = $?", LIST_NUMBER},
                                                         {"unit", "p.unit = $?", LIST_NUMBER},
                                                         {"position", "a.position = $?", LIST_NUMBER},
                                                         {"person", "a.person = $?", LIST_NUMBER}};
const struct list_definition appointment_list = {
    .name = "nombramientos",
    .from = "appointment a JOIN person h ON h.id = a.person JOIN position p ON p.id = a.position JOIN unit u ON u.id = "
            "p.unit",
    .id = "a.id",
    .words = "appointment_word",
    .count = "appointment a",
    .columns = appointment_columns,
    .column_count = COUNT(appointment_columns),
    .filters = appointment_filters,
    .filter_count = COUNT(appointment_filters),
    .order = "-starts",
    .action = ACTION_ORGANISATION_SEE,
    .scope_person = "a.person",
    .scope_entity = "a.entity",
    .scope_unit = "p.unit",
    .scope_path = "u.path"};

/* ---- Mailboxes and groups ---- */

static const char *level_words(slice value)
{
    if (slice_is(value, "central")) return N_("Central");
    if (slice_is(value, "regional")) return N_("Regional");
    return N_("Local");
}

static const struct list_column mailbox_columns[] = {
    {"mail", N_("Address"), "m.mail", LIST_TEXT, "m.mail", NULL, NULL},
    {"unit", N_("Unit"), "u.abbreviation", LIST_TEXT, NULL, NULL, NULL},
    {"level", N_("Level"), "m.level", LIST_TEXT, NULL, level_words, NULL},
    {"closed", N_("Closed"), "m.closed", LIST_FLAG, NULL, NULL, NULL}};
static const struct list_filter mailbox_filters[] = {{"entity", "u.entity = $?", LIST_NUMBER},
                                                     {"unit", "m.unit = $?", LIST_NUMBER},
                                                     {"level", "m.level = $?", LIST_TEXT}};
const struct list_definition institutional_mailbox_list = {.name = "buzones",
                                                           .from =
                                                               "institutional_mailbox m JOIN unit u ON u.id = m.unit",
                                                           .id = "m.id",
                                                           .words = "institutional_mailbox_word",
                                                           .count = "institutional_mailbox m",
                                                           .columns = mailbox_columns,
                                                           .column_count = COUNT(mailbox_columns),
                                                           .filters = mailbox_filters,
                                                           .filter_count = COUNT(mailbox_filters),
                                                           .order = "mail",
                                                           .action = ACTION_ORGANISATION_SEE,
                                                           .scope_entity = "u.entity",
                                                           .scope_unit = "m.unit",
                                                           .scope_path = "u.path"};

static const struct list_column group_columns[] = {
    {"name", N_("Group"), "g.name", LIST_TEXT, "g.name", NULL, NULL},
    {"mail", N_("E-mail"), "g.mail", LIST_TEXT, NULL, NULL, NULL},
    {"members", N_("Members"), "(SELECT count(*) FROM support_group_member s WHERE s.support_group = g.id)",
     LIST_NUMBER, NULL, NULL, NULL},
    {"closed", N_("Closed"), "g.closed", LIST_FLAG, NULL, NULL, NULL}};
static const struct list_filter group_filters[] = {{"entity", "g.entity = $?", LIST_NUMBER}};
const struct list_definition support_group_list = {.name = "grupos",
                                                   .from = "support_group g",
                                                   .id = "g.id",
                                                   .words = "support_group_word",
                                                   .count = "support_group g",
                                                   .columns = group_columns,
                                                   .column_count = COUNT(group_columns),
                                                   .filters = group_filters,
                                                   .filter_count = COUNT(group_filters),
                                                   .order = "name",
                                                   .action = ACTION_ORGANISATION_SEE,
                                                   .scope_entity = "g.entity"};

/* ---- Departures ---- */

static const struct list_column departure_columns[] = {
    {"person", N_("Person"), FULL_NAME, LIST_TEXT, NULL, NULL, NULL},
    {"unit", N_("Unit"), "u.abbreviation", LIST_TEXT, NULL, NULL, NULL},
    {"leaves", N_("Last day"), "d.leaves - 1", LIST_DAY, "d.leaves", NULL, NULL},
    {"reported", N_("Reported"), "d.reported", LIST_TIME, "d.reported", NULL, NULL},
    {"undecided", N_("To be decided"), "d.undecided", LIST_NUMBER, NULL, NULL, NULL}};
static const struct list_filter departure_filters[] = {{"entity", "d.entity = $?", LIST_NUMBER},
                                                       {"unit", "d.unit = $?", LIST_NUMBER},
                                                       {"person", "d.person = $?", LIST_NUMBER}};
const struct list_definition departure_list = {
    .name = "ceses",
    .from = "departure d JOIN person h ON h.id = d.person JOIN unit u ON u.id = d.unit",
    .id = "d.id",
    .words = "departure_word",
    .count = "departure d",
    .columns = departure_columns,
    .column_count = COUNT(departure_columns),
    .filters = departure_filters,
    .filter_count = COUNT(departure_filters),
    .order = "-reported",
    .action = ACTION_ORGANISATION_SEE,
    .scope_entity = "d.entity",
    .scope_unit = "d.unit",
    .scope_path = "u.path"};
