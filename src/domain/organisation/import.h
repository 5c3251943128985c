/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of the import: one file on its way. Each kind of file is a row of a table: its columns, and the function that
 * takes one line over.
 */
#ifndef DOMAIN_ORGANISATION_IMPORT_H
#define DOMAIN_ORGANISATION_IMPORT_H

#include "base/map.h"
#include "domain/organisation/csv.h"
#include "domain/organisation/internal.h"

struct importing;
struct import_column {
    const char *name; /* as list_words() makes it of the header, with blanks: "primer apellido" */
    bool required;
    const char *fields[2]; /* of faults: what the first and the second call of a line name it; NULL: neither */
};
/** Fills what, change and detail of the line; wrong ones by import_wrong(). Fails only where the whole import has to.
 */
typedef rfd_status import_row(struct importing *i, struct rfd_error *error);
struct import_kind {
    const char *title; /* N_(), of what a line is about */
    const struct import_column *columns;
    size_t count;
    import_row *row;
};
extern const struct import_kind import_units, import_positions, import_people, import_departures;

struct importing {
    struct transaction *t;
    const struct actor *actor;
    const struct packs *packs;
    const struct rfd_language *language;
    const struct zone *zone;
    struct entity entity;
    const struct import_kind *kind;
    int places[CSV_CELLS]; /* of the kind's columns in a row; -1: the file has no such column */
    struct csv csv;
    struct csv_row row;
    struct map seen;   /* what a line is about → the line */
    struct map people; /* those whom a line was about */
    struct buf what, detail;
    enum import_change change;
    struct import_counts counts;
    import_each *each;
    void *context;
};

/** The cell of a column of the kind; empty when there is none. */
slice import_cell(const struct importing *i, size_t column);
/** What a cell says instead of what is there: nothing leaves it, "-" empties it. */
slice import_text(const struct importing *i, size_t column, slice now);
/** Reads yes or no; false when the cell is neither. */
bool import_flag(const struct importing *i, size_t column, bool now, bool *out);
/** The first instant of the day ("2026-01-31" or "31/01/2026"), so many days later; an empty cell leaves `*out`. */
bool import_day(const struct importing *i, size_t column, int later, rfd_time *out);

/** The line is wrong: a message (N_()) about a column, or -1. */
void import_wrong(struct importing *i, int column, const char *message);
/** After a put: takes over what it refused, as a wrong line; RFD_OK then. `call`: 0 or 1, whose fields the faults
 * name. */
rfd_status import_judge(struct importing *i, rfd_status status, const struct faults *faults, unsigned call,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** Adds "column: a → b" where they differ. */
void import_difference(struct importing *i, size_t column, slice before, slice after);
void import_difference_flag(struct importing *i, size_t column, bool before, bool after);
/** Adds a text of its own. */
void import_note(struct importing *i, const char *message, slice text);
/** Says what the line is about: "Unit GAF". */
void import_about(struct importing *i, slice a, slice b);
/** False, and the line is wrong, when another line was about the same. */
bool import_first(struct importing *i, const slice *key, size_t count);
uint64_t import_hash(const slice *parts, size_t count);

#endif
