/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/i18n.h"
#include "domain/central/internal.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const struct list_column portal_columns[] = {
    {.name = "name", .title = N_("Portal"), .sql = "p.name", .sort = "p.name"},
    {.name = "client", .title = N_("Identifier"), .sql = "p.client"},
    {.name = "entity", .title = N_("Entity"), .sql = "e.name"},
    {.name = "created", .title = N_("Registered"), .sql = "p.created", .kind = LIST_TIME},
};
static const struct list_filter portal_filters[] = {
    {.name = "entity", .sql = "p.entity = $?", .kind = LIST_NUMBER},
    {.name = "closed", .sql = "p.closed = $?", .kind = LIST_FLAG},
};
const struct list_definition portal_list = {.name = "portales",
                                            .from = "portal p JOIN entity e ON e.id = p.entity",
                                            .id = "p.id",
                                            .words = "portal_word",
                                            .count = "portal p",
                                            .columns = portal_columns,
                                            .column_count = COUNT_OF(portal_columns),
                                            .filters = portal_filters,
                                            .filter_count = COUNT_OF(portal_filters),
                                            .order = "name",
                                            .action = ACTION_CENTRAL_PORTALS};

static const char *state_title(slice state)
{
    return signing_state_title(signing_state_from(state));
}

static const char *state_tone(slice state)
{
    return signing_state_tone(signing_state_from(state));
}

/* An open one whose time is over is not told apart before the worker has seen it. */
static const struct list_column signing_columns[] = {
    {.name = "created", .title = N_("Begun"), .sql = "s.created", .kind = LIST_TIME, .sort = "s.created"},
    {.name = "portal", .title = N_("Portal"), .sql = "coalesce(p.name, '')"},
    {.name = "purpose", .title = N_("What for"), .sql = "s.purpose"},
    {.name = "documents",
     .title = N_("Documents"),
     .sql = "(SELECT count(*) FROM signing_document d WHERE d.signing = s.id)",
     .kind = LIST_NUMBER},
    {.name = "state", .title = N_("State"), .sql = "s.state", .words = state_title, .tone = state_tone},
    {.name = "concluded", .title = N_("Concluded"), .sql = "s.concluded", .kind = LIST_TIME},
    {.name = "token", .title = N_("Address"), .sql = "s.token", .kind = LIST_ID},
};
static const struct list_filter signing_filters[] = {
    {.name = "person", .sql = "s.person = $?", .kind = LIST_NUMBER},
    {.name = "portal", .sql = "s.portal = $?", .kind = LIST_NUMBER},
    {.name = "state", .sql = "s.state = $?", .kind = LIST_TEXT},
};
const struct list_definition signing_list = {.name = "firmas",
                                             .from = "signing s LEFT JOIN portal p ON p.id = s.portal",
                                             .id = "s.id",
                                             .count = "signing s",
                                             .columns = signing_columns,
                                             .column_count = COUNT_OF(signing_columns),
                                             .filters = signing_filters,
                                             .filter_count = COUNT_OF(signing_filters),
                                             .order = "-created",
                                             .action = ACTION_CENTRAL_SIGN,
                                             .scope_person = "s.person"};

/* Who administers portals sees how it went, not whose it is, nor the address by which it could be taken. */
static const struct list_column portal_signing_columns[] = {
    {.name = "created", .title = N_("Begun"), .sql = "s.created", .kind = LIST_TIME, .sort = "s.created"},
    {.name = "purpose", .title = N_("What for"), .sql = "s.purpose"},
    {.name = "reference", .title = N_("Reference"), .sql = "s.reference"},
    {.name = "documents",
     .title = N_("Documents"),
     .sql = "(SELECT count(*) FROM signing_document d WHERE d.signing = s.id)",
     .kind = LIST_NUMBER},
    {.name = "state", .title = N_("State"), .sql = "s.state", .words = state_title, .tone = state_tone},
    {.name = "concluded", .title = N_("Concluded"), .sql = "s.concluded", .kind = LIST_TIME},
};
const struct list_definition portal_signing_list = {.name = "operaciones",
                                                    .from = "signing s",
                                                    .id = "s.id",
                                                    .words = "signing_word",
                                                    .count = "signing s",
                                                    .columns = portal_signing_columns,
                                                    .column_count = COUNT_OF(portal_signing_columns),
                                                    .filters = signing_filters + 1,
                                                    .filter_count = COUNT_OF(signing_filters) - 1,
                                                    .order = "-created",
                                                    .action = ACTION_CENTRAL_PORTALS};
