/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/organisation/csv.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/text.h"

#define MARK SLICE("\xEF\xBB\xBF")

/* ---- Opening ---- */

/* Which one the first line has most of, outside of quotes. */
static uint8_t find_separator(slice text)
{
    static const uint8_t separators[] = {',', ';', '\t'};
    size_t counts[3] = {0};
    bool quoted = false;
    size_t best = 0;
    for (size_t i = 0; i < text.length && (quoted || text.data[i] != '\n') && i < CSV_CELL_MAXIMUM; i++) {
        quoted = quoted != (text.data[i] == '"');
        for (size_t s = 0; s < 3; s++) counts[s] += !quoted && text.data[i] == separators[s];
    }
    for (size_t s = 1; s < 3; s++) best = counts[s] > counts[best] ? s : best;
    return separators[best];
}

/* A spreadsheet may tell the separator in a line of its own: "sep=;". */
static void take_separator_line(struct csv *csv)
{
    slice s = csv->text;
    if (s.length < 6 || !slice_starts(s, SLICE("sep=")) || (s.data[5] != '\n' && s.data[5] != '\r')) return;
    csv->separator = s.data[4];
    csv->text = slice_from(s, s.data[5] == '\r' && s.length > 6 && s.data[6] == '\n' ? 7 : 6);
    csv->line++;
}

rfd_status csv_open(slice text, struct csv *out, struct rfd_error *error)
{
    struct csv csv = {.line = 1};
    if (text.length > CSV_MAXIMUM) return error_set(error, RFD_E_LIMIT, "the file has more than 16 MiB");
    if (text.length > 0 && memchr(text.data, 0, text.length) != NULL)
        return error_set(error, RFD_E_INVALID, "the file is no text of CSV: save it as CSV UTF-8");
    if (slice_starts(text, MARK)) text = slice_from(text, 3);
    buf_init(&csv.converted, 2 * CSV_MAXIMUM);
    if (!text_is_utf8(text)) {
        text_from_latin1(text, &csv.converted);
        rfd_status status = buf_check(&csv.converted, "CSV", error);
        if (status != RFD_OK) {
            buf_dispose(&csv.converted);
            return status;
        }
        text = buf_slice(&csv.converted);
    }
    csv.text = text;
    csv.separator = find_separator(text);
    take_separator_line(&csv);
    *out = csv;
    return RFD_OK;
}

void csv_dispose(struct csv *csv)
{
    buf_dispose(&csv->converted);
}

/* ---- Rows ---- */

static bool is_break(uint8_t c)
{
    return c == '\n' || c == '\r';
}

/* To the beginning of the next line. */
static void skip_break(struct csv *csv)
{
    if (csv->text.length == 0) return;
    bool two = csv->text.length > 1 && csv->text.data[0] == '\r' && csv->text.data[1] == '\n';
    csv->text = slice_from(csv->text, two ? 2 : 1);
    csv->line++;
}

static void skip_line(struct csv *csv)
{
    while (csv->text.length > 0 && !is_break(csv->text.data[0])) csv->text = slice_from(csv->text, 1);
    skip_break(csv);
}

static slice trimmed(slice s)
{
    while (s.length > 0 && (s.data[0] == ' ' || s.data[0] == '\t')) s = slice_from(s, 1);
    while (s.length > 0 && (s.data[s.length - 1] == ' ' || s.data[s.length - 1] == '\t')) s.length--;
    return s;
}

static const char *take_plain(struct csv *csv, slice *out)
{
    size_t length = 0;
    while (length < csv->text.length && csv->text.data[length] != csv->separator && !is_break(csv->text.data[length]))
        length++;
    if (length > CSV_CELL_MAXIMUM) return N_("A cell is too long");
    *out = trimmed(slice_part(csv->text, 0, length));
    csv->text = slice_from(csv->text, length);
    return NULL;
}

/* Behind the opening quote. Doubled quotes become one, line breaks a blank. */
static const char *take_quoted(struct csv *csv, struct arena *a, slice *out)
{
    slice s = csv->text;
    size_t from = 1, length = 0;
    unsigned breaks = 0;
    uint8_t *copy = arena_allocate(a, CSV_CELL_MAXIMUM);
    if (copy == NULL) return N_("There is no memory left for this file");
    for (;; from++) {
        if (from >= s.length) return N_("A quotation mark is not closed");
        uint8_t c = s.data[from];
        if (c == '"' && (from + 1 >= s.length || s.data[from + 1] != '"')) break;
        if (length == CSV_CELL_MAXIMUM) return N_("A cell is too long, or a quotation mark is not closed");
        from += c == '"';
        breaks += c == '\n';
        copy[length++] = is_break(c) ? ' ' : c;
    }
    csv->text = slice_from(s, from + 1);
    csv->line += breaks;
    *out = trimmed(slice_of(copy, length));
    if (csv->text.length > 0 && csv->text.data[0] != csv->separator && !is_break(csv->text.data[0]))
        return N_("There is something behind a closing quotation mark");
    return NULL;
}

static const char *take_cells(struct csv *csv, struct arena *a, struct csv_row *row)
{
    for (;;) {
        if (row->count == CSV_CELLS) return N_("The line has too many cells");
        bool quoted = csv->text.length > 0 && csv->text.data[0] == '"';
        const char *wrong =
            quoted ? take_quoted(csv, a, &row->cells[row->count]) : take_plain(csv, &row->cells[row->count]);
        if (wrong != NULL) return wrong;
        row->count++;
        if (csv->text.length == 0 || is_break(csv->text.data[0])) return NULL;
        csv->text = slice_from(csv->text, 1);
    }
}

static bool is_blank(const struct csv_row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        if (row->cells[i].length > 0) return false;
    }
    return true;
}

bool csv_next(struct csv *csv, struct arena *a, struct csv_row *row)
{
    while (csv->text.length > 0) {
        *row = (struct csv_row){.line = csv->line};
        row->wrong = take_cells(csv, a, row);
        if (row->wrong != NULL) {
            skip_line(csv);
            return true;
        }
        skip_break(csv);
        if (!is_blank(row)) return true;
    }
    return false;
}
