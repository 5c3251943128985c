/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reading files of comma-separated values as spreadsheets write them (RFC 4180): cells with quotes may hold separators,
 * line breaks and doubled quotes; comma, semicolon or tab, by the first line; UTF-8 with or without mark, else ISO
 * 8859-1. From strangers: everything is bounded.
 */
#ifndef DOMAIN_ORGANISATION_CSV_H
#define DOMAIN_ORGANISATION_CSV_H

#include "base/arena.h"
#include "base/buf.h"

enum { CSV_MAXIMUM = 16 << 20, CSV_LINES = 20000, CSV_CELLS = 32, CSV_CELL_MAXIMUM = 4000 };

struct csv {
    slice text; /* what is left */
    struct buf converted;
    unsigned line; /* of the next row, from 1 */
    uint8_t separator;
};
struct csv_row {
    unsigned line; /* where it begins */
    slice cells[CSV_CELLS];
    size_t count;
    const char *wrong; /* N_(): why it cannot be read; NULL: it could */
};
/** RFD_E_LIMIT; RFD_E_INVALID for what is no text (UTF-16, a spreadsheet's own format). Borrows `text`. */
rfd_status csv_open(slice text, struct csv *out, struct rfd_error *error) RFD_MUST_CHECK;
void csv_dispose(struct csv *csv);
/** The next row that is not blank; false at the end. Cells without the blanks around them, borrowed from the text or in
 * the arena (data NULL: no memory). */
bool csv_next(struct csv *csv, struct arena *a, struct csv_row *row);

#endif
