/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the kinds of files have in common: cells, and what is said of a line.
 */
#include "domain/organisation/import.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"

enum { ABOUT_MAXIMUM = 300 };

/* ---- Cells ---- */

slice import_cell(const struct importing *i, size_t column)
{
    int place = i->places[column];
    return place < 0 || (size_t)place >= i->row.count ? SLICE_EMPTY : i->row.cells[place];
}

slice import_text(const struct importing *i, size_t column, slice now)
{
    slice cell = import_cell(i, column);
    if (cell.length == 0) return now;
    return slice_is(cell, "-") ? SLICE_EMPTY : cell;
}

bool import_flag(const struct importing *i, size_t column, bool now, bool *out)
{
    static const char *const yes[] = {"si", "s", "x", "1", "yes", "y", "true", "verdadero"};
    static const char *const no[] = {"no", "n", "0", "false", "falso"};
    slice cell = import_cell(i, column);
    struct list_words words;
    *out = now;
    if (cell.length == 0) return true;
    *out = false;
    if (slice_is(cell, "-")) return true;
    list_words(&cell, 1, &words);
    if (words.count != 1) return false;
    for (size_t n = 0; n < sizeof no / sizeof *no; n++) {
        if (strcmp(words.words[0], no[n]) == 0) return true;
    }
    *out = true;
    for (size_t n = 0; n < sizeof yes / sizeof *yes; n++) {
        if (strcmp(words.words[0], yes[n]) == 0) return true;
    }
    return false;
}

/* Three numbers between slashes or dashes; the year is the one of four digits. */
static bool read_day(slice cell, struct civil *out)
{
    uint64_t numbers[3];
    size_t lengths[3];
    for (size_t n = 0; n < 3; n++) {
        size_t length = 0;
        while (length < cell.length && cell.data[length] != '/' && cell.data[length] != '-') length++;
        if ((n < 2) != (length < cell.length)) return false;
        if (!number_unsigned(slice_part(cell, 0, length), 9999, &numbers[n])) return false;
        lengths[n] = length;
        cell = slice_from(cell, length + 1);
    }
    bool year_first = lengths[0] == 4;
    if (!year_first && lengths[2] != 4) return false;
    *out = (struct civil){
        .year = (int)numbers[year_first ? 0 : 2], .month = (int)numbers[1], .day = (int)numbers[year_first ? 2 : 0]};
    return true;
}

bool import_day(const struct importing *i, size_t column, int later, rfd_time *out)
{
    slice cell = import_cell(i, column);
    struct civil day;
    rfd_time moment;
    if (cell.length == 0) return true;
    if (slice_is(cell, "-")) {
        *out = RFD_TIME_NONE;
        return true;
    }
    if (!read_day(cell, &day) || !zone_from_civil(i->zone, &day, &moment)) return false;
    *out = later == 0 ? moment : zone_day_start(i->zone, zone_day(i->zone, moment) + later);
    return true;
}

/* ---- What is said of a line ---- */

static const char *text(const struct importing *i, const char *message)
{
    return language_get(i->language, message);
}

static void separate(struct importing *i)
{
    if (i->detail.length > 0) buf_put_text(&i->detail, "; ");
}

void import_wrong(struct importing *i, int column, const char *message)
{
    if (i->change != IMPORT_WRONG) buf_reset(&i->detail);
    i->change = IMPORT_WRONG;
    separate(i);
    if (column >= 0) buf_print(&i->detail, "%s: ", i->kind->columns[column].name);
    buf_put_text(&i->detail, text(i, message));
}

static int column_of(const struct importing *i, const char *field, unsigned call)
{
    for (size_t n = 0; n < i->kind->count; n++) {
        const char *name = i->kind->columns[n].fields[call];
        if (name != NULL && strcmp(name, field) == 0) return (int)n;
    }
    return -1;
}

rfd_status import_judge(struct importing *i, rfd_status status, const struct faults *faults, unsigned call,
                        struct rfd_error *error)
{
    switch (status) {
    case RFD_OK: return RFD_OK;
    case RFD_E_INVALID:
        for (unsigned n = 0; n < faults->count; n++)
            import_wrong(i, column_of(i, faults->items[n].field, call), faults->items[n].message);
        break;
    case RFD_E_STATE:
    case RFD_E_FORBIDDEN:
    case RFD_E_NOT_FOUND: import_wrong(i, -1, rfd_status_message(status)); break;
    default: return status;
    }
    error_clear(error);
    return RFD_OK;
}

static void put_or_nothing(struct importing *i, slice s)
{
    if (s.length == 0)
        buf_put_text(&i->detail, "–");
    else
        buf_put_slice(&i->detail, s);
}

void import_difference(struct importing *i, size_t column, slice before, slice after)
{
    if (i->change == IMPORT_WRONG || slice_equal(before, after)) return;
    separate(i);
    buf_print(&i->detail, "%s: ", i->kind->columns[column].name);
    put_or_nothing(i, before);
    buf_put_text(&i->detail, " → ");
    put_or_nothing(i, after);
}

void import_difference_flag(struct importing *i, size_t column, bool before, bool after)
{
    slice yes = slice_text(text(i, N_("yes"))), no = slice_text(text(i, N_("no")));
    import_difference(i, column, before ? yes : no, after ? yes : no);
}

void import_note(struct importing *i, const char *message, slice what)
{
    if (i->change == IMPORT_WRONG) return;
    separate(i);
    if (message != NULL) buf_print(&i->detail, "%s: ", text(i, message));
    buf_put_slice(&i->detail, what);
}

void import_about(struct importing *i, slice a, slice b)
{
    buf_reset(&i->what);
    buf_print(&i->what, "%s ", text(i, i->kind->title));
    if (a.data != NULL) buf_put(&i->what, a.data, a.length < ABOUT_MAXIMUM ? a.length : ABOUT_MAXIMUM);
    if (b.data == NULL || b.length == 0) return;
    buf_put_byte(&i->what, ' ');
    buf_put(&i->what, b.data, b.length < ABOUT_MAXIMUM ? b.length : ABOUT_MAXIMUM);
}

/* ---- Lines about the same ---- */

/* FNV-1a; that two keys have one hash would be told as a repetition, and nothing would be lost. */
uint64_t import_hash(const slice *parts, size_t count)
{
    uint64_t hash = 0xCBF29CE484222325u;
    for (size_t n = 0; n < count; n++) {
        for (size_t at = 0; at < parts[n].length; at++) hash = (hash ^ parts[n].data[at]) * 0x100000001B3u;
        hash = (hash ^ 0xFF) * 0x100000001B3u; /* no byte of UTF-8 */
    }
    return hash;
}

bool import_first(struct importing *i, const slice *key, size_t count)
{
    uint64_t hash = import_hash(key, count), line;
    if (map_get(&i->seen, hash, &line)) {
        import_wrong(i, -1, N_("Another line is about the same"));
        buf_print(&i->detail, " (%llu)", (unsigned long long)line);
        return false;
    }
    if (map_set(&i->seen, hash, i->row.line) != RFD_OK) import_wrong(i, -1, rfd_status_message(RFD_E_MEMORY));
    return i->change != IMPORT_WRONG;
}
