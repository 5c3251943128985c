/* SPDX-License-Identifier: EUPL-1.2
 *
 * Tables of the organisation that are handed in: rows come in order, and no cell is larger than the limit or no text.
 */
#include "base/text.h"
#include "domain/organisation/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct csv csv;
    struct csv_row row;
    struct arena a;
    unsigned line = 0;
    unsigned count = 0;
    if (csv_open(slice_of(data, size), &csv, NULL) != RFD_OK) return 0;
    arena_init(&a, 1 << 20);
    while (csv_next(&csv, &a, &row) && count++ < CSV_LINES) {
        if (row.line <= line || row.count > CSV_CELLS) __builtin_trap();
        line = row.line;
        for (size_t i = 0; row.wrong == NULL && i < row.count; i++)
            if (row.cells[i].length > CSV_CELL_MAXIMUM || !text_is_utf8(row.cells[i])) __builtin_trap();
    }
    arena_dispose(&a);
    csv_dispose(&csv);
    return 0;
}
