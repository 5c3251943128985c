/* SPDX-License-Identifier: EUPL-1.2
 *
 * A file's way: its header says what it is; each line is put with the very functions that the pages use, and what they
 * refuse makes it wrong. A dry run is the same run, taken back.
 */
#include "domain/organisation/import.h"

#include "base/error.h"
#include "domain/audit/audit.h"

enum { WRONG_MAXIMUM = 1000, WHAT_MAXIMUM = 1024, DETAIL_MAXIMUM = 16 << 10 };

/* ---- The header ---- */

static const struct import_kind *const kinds[] = {&import_units, &import_people, &import_departures, &import_positions};

/* "Primer_Apellido" is "primer apellido". */
static bool is_column(slice cell, const char *name)
{
    struct list_words words;
    slice left = slice_text(name), word;
    list_words(&cell, 1, &words);
    for (size_t i = 0; i < words.count; i++) {
        if (!organisation_next_word(&left, &word) || !slice_is(word, words.words[i])) return false;
    }
    return words.count > 0 && !organisation_next_word(&left, &word);
}

static int place_of(const struct csv_row *row, const char *name)
{
    for (size_t n = 0; n < row->count; n++) {
        if (is_column(row->cells[n], name)) return (int)n;
    }
    return -1;
}

static bool has_all(const struct csv_row *row, const struct import_kind *kind)
{
    for (size_t n = 0; n < kind->count; n++) {
        if (kind->columns[n].required && place_of(row, kind->columns[n].name) < 0) return false;
    }
    return true;
}

static bool is_known(const struct import_kind *kind, slice cell)
{
    for (size_t n = 0; n < kind->count; n++) {
        if (is_column(cell, kind->columns[n].name)) return true;
    }
    return false;
}

static void check_header(struct importing *i)
{
    for (size_t n = 0; n < i->row.count; n++) {
        slice cell = i->row.cells[n];
        if (cell.length == 0) continue;
        if (!is_known(i->kind, cell)) {
            import_wrong(i, -1, N_("This column is not known"));
            buf_print(&i->detail, ": %.*s", (int)slice_part(cell, 0, 100).length, (const char *)cell.data);
        } else if (place_of(&i->row, i->kind->columns[0].name) >= 0) {
            for (size_t other = 0; other < n; other++) {
                if (slice_equal(i->row.cells[other], cell)) import_wrong(i, -1, N_("A column is there twice"));
            }
        }
    }
}

/* Which kind it is: the first whose required columns are all there. */
static void read_header(struct importing *i)
{
    i->kind = NULL;
    if (!csv_next(&i->csv, store_arena(i->t), &i->row)) i->row = (struct csv_row){.line = 1};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds && i->kind == NULL; k++) {
        if (i->row.wrong == NULL && has_all(&i->row, kinds[k])) i->kind = kinds[k];
    }
    if (i->kind == NULL) {
        i->kind = kinds[0];
        import_wrong(i, -1,
                     i->row.wrong != NULL
                         ? i->row.wrong
                         : N_("The first line has to name the columns of units, positions, people or departures"));
        return;
    }
    check_header(i);
    for (size_t n = 0; n < i->kind->count; n++) i->places[n] = place_of(&i->row, i->kind->columns[n].name);
}

/* ---- Lines ---- */

static rfd_status tell(struct importing *i, struct rfd_error *error)
{
    unsigned *const counts[] = {&i->counts.added, &i->counts.changed, &i->counts.same, &i->counts.wrong};
    struct import_line line = {.line = i->row.line, .change = i->change};
    TRY(buf_check(&i->what, "import", error));
    TRY(buf_check(&i->detail, "import", error));
    line.what = buf_slice(&i->what);
    line.detail = buf_slice(&i->detail);
    (*counts[i->change])++;
    return i->each == NULL ? RFD_OK : i->each(i->context, &line, error);
}

static void begin_line(struct importing *i)
{
    buf_reset(&i->what);
    buf_reset(&i->detail);
    i->change = IMPORT_SAME;
}

static rfd_status take_line(struct importing *i, struct rfd_error *error)
{
    begin_line(i);
    i->counts.lines++;
    if (i->counts.lines > CSV_LINES) {
        import_wrong(i, -1, N_("The file has too many lines: divide it"));
        return RFD_OK;
    }
    if (i->row.wrong != NULL) {
        import_wrong(i, -1, i->row.wrong);
        return RFD_OK;
    }
    return i->kind->row(i, error);
}

/* What a line needs of the transaction's memory is given back after it. */
static rfd_status take_lines(struct importing *i, struct rfd_error *error)
{
    struct arena *a = store_arena(i->t);
    begin_line(i);
    read_header(i);
    if (i->change == IMPORT_WRONG) return tell(i, error);
    for (;;) {
        struct arena_mark mark = arena_mark(a);
        bool more = csv_next(&i->csv, a, &i->row);
        rfd_status status = more ? take_line(i, error) : RFD_OK;
        if (more && status == RFD_OK) status = tell(i, error);
        arena_release(a, mark);
        if (!more || status != RFD_OK || i->counts.lines > CSV_LINES || i->counts.wrong >= WRONG_MAXIMUM) return status;
    }
}

/* ---- The whole ---- */

static rfd_status tell_audit(const struct importing *i, struct rfd_error *error)
{
    char object[40], detail[128];
    (void)snprintf(object, sizeof object, "entity:%lld", (long long)i->entity.id);
    (void)snprintf(detail, sizeof detail, "{\"lines\":%u,\"added\":%u,\"changed\":%u}", i->counts.lines,
                   i->counts.added, i->counts.changed);
    struct audit_event event = {.action = "organisation.import",
                                .actor = actor_audit(i->actor, store_arena(i->t)),
                                .object = slice_text(object),
                                .detail = slice_text(detail)};
    return audit_put(i->t, &event, error);
}

/* Both databases take back what was done since a savepoint. */
static rfd_status run_dry(struct importing *i, struct rfd_error *error)
{
    TRY(store_run(i->t, "SAVEPOINT organisation_import", NULL, 0, NULL, error));
    TRY(take_lines(i, error));
    TRY(store_run(i->t, "ROLLBACK TO SAVEPOINT organisation_import", NULL, 0, NULL, error));
    return store_run(i->t, "RELEASE SAVEPOINT organisation_import", NULL, 0, NULL, error);
}

static rfd_status run(struct importing *i, struct rfd_error *error)
{
    TRY(take_lines(i, error));
    if (i->counts.wrong > 0)
        return error_set(error, RFD_E_INVALID, "%u lines are wrong: nothing was imported", i->counts.wrong);
    return i->counts.added + i->counts.changed == 0 ? RFD_OK : tell_audit(i, error);
}

rfd_status organisation_import(struct transaction *t, const struct actor *actor, slice csv,
                               const struct import_options *options, struct import_counts *counts,
                               struct rfd_error *error)
{
    struct importing i = {.t = t,
                          .actor = actor,
                          .packs = options->packs,
                          .language = options->language,
                          .zone = options->zone,
                          .each = options->each,
                          .context = options->context};
    const struct access_object object = {.entity = options->entity};
    TRY(actor_check(actor, ACTION_ORGANISATION_IMPORT, &object, error));
    TRY(record_find(t, &entity_record, options->entity, &i.entity, error));
    if (i.entity.closed) return error_set(error, RFD_E_STATE, "entity %lld is closed", (long long)options->entity);
    TRY(csv_open(csv, &i.csv, error));
    buf_init(&i.what, WHAT_MAXIMUM);
    buf_init(&i.detail, DETAIL_MAXIMUM);
    rfd_status status = options->dry_run ? run_dry(&i, error) : run(&i, error);
    csv_dispose(&i.csv);
    buf_dispose(&i.what);
    buf_dispose(&i.detail);
    map_dispose(&i.seen);
    map_dispose(&i.people);
    if (status == RFD_OK || status == RFD_E_INVALID) *counts = i.counts;
    return status;
}
