/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/i18n.h"
#include "domain/outbox/message.h"

static const char *state_words(slice value)
{
    if (slice_is(value, "1")) return N_("Waits");
    return slice_is(value, "2") ? N_("Sent") : N_("Given up");
}

static const char *state_tone(slice value)
{
    if (slice_is(value, "1")) return "neutral";
    return slice_is(value, "2") ? "good" : "bad";
}

static const char *channel_words(slice value)
{
    return slice_is(value, "1") ? "SMS" : N_("Mail");
}

static const char *name_words(slice value)
{
    const struct message_info *info = message_info(value);
    return info == NULL ? N_("Notice of the authority") : info->title;
}

static const struct list_column columns[] = {
    {.name = "creado", .title = N_("Written"), .sql = "o.created", .kind = LIST_TIME, .sort = "o.created"},
    {.name = "via", .title = N_("Way"), .sql = "CAST(o.channel AS text)", .words = channel_words},
    {.name = "mensaje", .title = N_("Message"), .sql = "o.name", .words = name_words},
    {.name = "destino", .title = N_("To"), .sql = "o.recipient"},
    {.name = "estado", .title = N_("State"), .sql = "CAST(o.state AS text)", .words = state_words, .tone = state_tone},
    {.name = "intentos", .title = N_("Tries"), .sql = "o.attempts", .kind = LIST_NUMBER},
    {.name = "motivo", .title = N_("Why not"), .sql = "o.why"},
};
static const struct list_filter filters[] = {
    {.name = "estado", .sql = "o.state = $?", .kind = LIST_NUMBER},
    {.name = "via", .sql = "o.channel = $?", .kind = LIST_NUMBER},
};
const struct list_definition outbox_list = {.name = "mensajes",
                                            .from = "outbox o",
                                            .id = "o.id",
                                            .count = "outbox o",
                                            .columns = columns,
                                            .column_count = sizeof columns / sizeof *columns,
                                            .filters = filters,
                                            .filter_count = sizeof filters / sizeof *filters,
                                            .order = "-creado",
                                            .action = ACTION_MESSAGES_SEE};
