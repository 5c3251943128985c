/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/error.h"
#include "base/source.h"
#include "base/zone.h"
#include "cli/platform.h"
#include "cli/safe_text.h"
#include "domain/organisation/organisation.h"

struct importing {
    const struct arguments *a;
    struct ca_home *home;
    struct actor actor;
    struct zone *zone;
    struct rfd_language *language;
    slice csv;
    struct import_counts counts;
};

static rfd_status find_entity(struct transaction *t, const char *number, int64_t *id, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_text(slice_text(number == NULL ? "" : number))};
    TRY(store_run(t, "SELECT id FROM entity WHERE $1 = '' OR tax_number = $1 LIMIT 2", values, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such entity");
    if (rows.count > 1) return error_set(error, RFD_E_ARGUMENT, "there are several entities; name one with --entity");
    *id = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

static const char *change_text(enum import_change change)
{
    switch (change) {
    case IMPORT_NEW: return tr(N_("new"));
    case IMPORT_CHANGED: return tr(N_("changed"));
    case IMPORT_WRONG: return tr(N_("wrong"));
    default: return tr(N_("same"));
    }
}

static rfd_status show_line(void *context, const struct import_line *line, struct rfd_error *error)
{
    struct importing *i = context;
    (void)error;
    if (i->a->quiet || (line->change == IMPORT_SAME && !i->a->verbose)) return RFD_OK;
    (void)printf("%6u  %-10s %s  %s\n", line->line, change_text(line->change), ca_text(&i->home->arena, line->what),
                 ca_text(&i->home->arena, line->detail));
    return RFD_OK;
}

static rfd_status import(struct transaction *t, void *context, struct rfd_error *error)
{
    struct importing *i = context;
    int64_t entity = 0;
    TRY(find_entity(t, i->a->entity, &entity, error));
    const struct import_options options = {.packs = i->home->packs,
                                           .entity = entity,
                                           .dry_run = i->a->dry_run,
                                           .language = i->language,
                                           .zone = i->zone,
                                           .each = show_line,
                                           .context = i};
    return organisation_import(t, &i->actor, i->csv, &options, &i->counts, error);
}

int organisation_import_command(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct ca_home home = {.live = false};
    struct importing i = {.a = a, .home = &home, .actor = actor_system("admin")};
    struct source *source = NULL;
    if (a->operand_count != 1) {
        message_error("%s", tr(N_("Give one file")));
        return EXIT_USAGE;
    }
    rfd_status status = source_open_file(a->operands[0], &source, &error);
    if (status == RFD_OK) status = source_view(source, 0, source_size(source), &i.csv, &error);
    if (status == RFD_OK) status = ca_home_open(a, CA_HOME_STORE, &home, &error);
    if (status == RFD_OK) status = messages_open_language(&i.language, &error);
    if (status == RFD_OK) status = zone_open(home.settings->web.zone, &i.zone, &error);
    if (status == RFD_OK) status = store_write(home.store, import, &i, &error);
    zone_close(i.zone);
    rfd_language_close(i.language);
    ca_home_close(&home);
    source_close(source);
    if (status == RFD_OK && !a->quiet)
        (void)printf("%s: %u, %s: %u, %s: %u\n", tr(N_("new")), i.counts.added, tr(N_("changed")), i.counts.changed,
                     tr(N_("same")), i.counts.same);
    return status == RFD_OK ? 0 : ca_exit(a->operands[0], &error);
}
