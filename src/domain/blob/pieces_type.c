/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a file is, by what it begins with: never by its name, nor by what who sent it says.
 */
#include "domain/blob/pieces.h"

#include "base/text.h"

enum { PDF_BEGINS_WITHIN = 1024 };

static bool has_pdf_mark(slice s)
{
    static const char mark[] = "%PDF-";
    slice head = slice_part(s, 0, PDF_BEGINS_WITHIN);
    return head.length > 0 && memmem(head.data, head.length, mark, sizeof mark - 1) != NULL;
}

/** How many separators a line has outside of quotes; `*next` is what follows it. */
static size_t separators(slice line, uint8_t separator, slice *next)
{
    size_t count = 0;
    size_t i = 0;
    bool quoted = false;
    for (; i < line.length && (quoted || line.data[i] != '\n'); i++) {
        if (line.data[i] == '"') quoted = !quoted;
        count += !quoted && line.data[i] == separator;
    }
    *next = slice_from(line, i + 1);
    return count;
}

static bool is_text(slice s)
{
    for (size_t i = 0; i < s.length; i++)
        if (s.data[i] < ' ' && s.data[i] != '\n' && s.data[i] != '\r' && s.data[i] != '\t') return false;
    return s.length > 0;
}

/** Text whose first line has separators, and whose second, if there is one, has as many. */
static bool is_csv(slice s)
{
    static const uint8_t known[] = {',', ';', '\t'};
    if (!is_text(s)) return false;
    for (size_t i = 0; i < sizeof known; i++) {
        slice second;
        slice rest;
        size_t first = separators(s, known[i], &second);
        if (first > 0 && (second.length == 0 || separators(second, known[i], &rest) == first)) return true;
    }
    return false;
}

slice pieces_type(slice sample)
{
    if (slice_starts(sample, SLICE("\x89PNG\r\n\x1A\n"))) return SLICE("image/png");
    if (slice_starts(sample, SLICE("\xFF\xD8\xFF"))) return SLICE("image/jpeg");
    if (sample.length > 0 && has_pdf_mark(sample)) return SLICE("application/pdf");
    return is_csv(sample) ? SLICE("text/csv") : SLICE("application/octet-stream");
}
