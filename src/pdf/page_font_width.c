/* SPDX-License-Identifier: EUPL-1.2 */
#include "pdf/page_font_width.h"

#include "base/buf.h"

#include <math.h>
#include <stdlib.h>

enum { FIRST_LISTED = ' ', LISTED = 95, RANGES_MAXIMUM = 1 << 17 };
static const double width_maximum = 1e6;

/* Of the characters from space to '~'. */
static const uint16_t sans[LISTED] = {278,  278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
                                      556,  556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
                                      1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
                                      667,  778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
                                      333,  556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
                                      556,  556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584};
static const uint16_t sans_bold[LISTED] = {
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667,
    611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556,
    278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584};
static const uint16_t serif[LISTED] = {250, 333, 408, 500, 500, 833, 778, 180, 333, 333, 500, 564, 250, 333, 250, 278,
                                       500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 278, 278, 564, 564, 564, 444,
                                       921, 722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722, 611, 889, 722, 722,
                                       556, 722, 667, 556, 611, 722, 722, 944, 722, 722, 611, 333, 278, 333, 469, 500,
                                       333, 444, 500, 444, 500, 444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500,
                                       500, 500, 333, 389, 278, 500, 500, 722, 500, 500, 444, 480, 200, 480, 541};
static const uint16_t serif_bold[LISTED] = {
    250, 333, 555, 500, 500, 1000, 833, 278, 333, 333, 500, 570, 250, 333, 250, 278, 500, 500,  500,
    500, 500, 500, 500, 500, 500,  500, 333, 333, 570, 570, 570, 500, 930, 722, 667, 722, 722,  667,
    611, 778, 778, 389, 500, 778,  667, 944, 722, 778, 611, 778, 722, 556, 667, 722, 722, 1000, 722,
    722, 667, 333, 278, 333, 581,  500, 333, 500, 556, 444, 556, 444, 333, 500, 556, 278, 333,  556,
    278, 833, 556, 500, 556, 556,  444, 389, 333, 556, 500, 722, 500, 500, 444, 394, 220, 394,  520};

static bool holds(slice name, const char *part)
{
    return name.length > 0 && memmem(name.data, name.length, part, strlen(part)) != NULL;
}

static const uint16_t *metrics_of(slice name)
{
    bool bold = holds(name, "Bold");
    bool is_serif = holds(name, "Times") || holds(name, "Serif") || holds(name, "Roman");
    return is_serif ? bold ? serif_bold : serif : bold ? sans_bold : sans;
}

static void guess(slice name, const uint32_t unicode[FONT_CODES], double widths[FONT_CODES])
{
    enum { MONOSPACED = 600 };
    const uint16_t *metrics = metrics_of(name);
    bool monospaced = holds(name, "Courier") || holds(name, "Mono");
    for (size_t code = 0; code < FONT_CODES; code++) {
        uint32_t c = page_font_plain(unicode[code]);
        bool listed = c >= FIRST_LISTED && c < FIRST_LISTED + LISTED;
        widths[code] = monospaced ? MONOSPACED : metrics[listed ? c - FIRST_LISTED : '0' - FIRST_LISTED];
    }
}

static bool read_width(const struct pdf_value *v, double *out)
{
    double width;
    if (!pdf_number(v, &width) || !(fabs(width) <= width_maximum)) return false;
    *out = width;
    return true;
}

void page_font_width_simple(struct page_work *w, const struct pdf_value *font, const struct pdf_value *descriptor,
                            const uint32_t unicode[FONT_CODES], double widths[FONT_CODES])
{
    const struct pdf_value *array = pdf_get(&w->view, font, "Widths");
    const struct pdf_value *name = pdf_get(&w->view, font, "BaseFont");
    double missing = 0;
    int64_t first = 0;
    if (array->kind != PDF_ARRAY) {
        guess(name->kind == PDF_NAME ? name->bytes : SLICE_EMPTY, unicode, widths);
        return;
    }
    (void)read_width(pdf_get(&w->view, descriptor, "MissingWidth"), &missing);
    for (size_t code = 0; code < FONT_CODES; code++) widths[code] = missing;
    (void)pdf_integer(pdf_get(&w->view, font, "FirstChar"), &first);
    for (uint32_t i = 0; i < array->count && i < FONT_CODES && first >= 0 && first + i < FONT_CODES; i++)
        (void)read_width(pdf_item(&w->view, array, i), &widths[(size_t)first + i]);
}

static int by_first(const void *a, const void *b)
{
    const struct page_font_width *x = a, *y = b;
    return (x->first > y->first) - (x->first < y->first);
}

static bool read_identifier(const struct pdf_value *v, uint32_t *out)
{
    int64_t n;
    if (!pdf_integer(v, &n) || n < 0 || n > UINT16_MAX) return false;
    *out = (uint32_t)n;
    return true;
}

static void add(struct page_work *w, struct buf *ranges, uint32_t first, uint32_t last, const struct pdf_value *width)
{
    struct page_font_width range = {.first = first, .last = last};
    if (!read_width(pdf_resolve(&w->view, width), &range.width) || first > last) return;
    if (ranges->length / sizeof range < RANGES_MAXIMUM)
        buf_put(ranges, &range, sizeof range);
    else
        w->complete = false;
}

/** §9.7.4.3: "c [w1 w2 ...]" or "first last w". */
static void read_ranges(struct page_work *w, const struct pdf_value *array, struct buf *ranges)
{
    uint32_t first, last;
    for (size_t i = 0; i + 1 < array->count;) {
        const struct pdf_value *second = pdf_item(&w->view, array, i + 1);
        if (!page_work_spend(w, 1)) return;
        if (!read_identifier(pdf_item(&w->view, array, i), &first)) {
            i++;
        } else if (second->kind == PDF_ARRAY) {
            if (!page_work_spend(w, second->count)) return;
            for (uint32_t j = 0; j < second->count; j++) add(w, ranges, first + j, first + j, &second->items[j]);
            i += 2;
        } else {
            if (read_identifier(second, &last)) add(w, ranges, first, last, pdf_item(&w->view, array, i + 2));
            i += 3;
        }
    }
}

rfd_status page_font_width_ranges(struct page_work *w, const struct pdf_value *array,
                                  const struct page_font_width **ranges, size_t *count, struct rfd_error *error)
{
    struct arena *arena = &w->scratch;
    struct buf found;
    rfd_status status;
    slice kept;
    buf_init(&found, RANGES_MAXIMUM * sizeof(struct page_font_width));
    if (array->kind == PDF_ARRAY) read_ranges(w, array, &found);
    TRY_OUT(buf_check(&found, "widths of a font", error));
    if (!page_work_spend_bytes(w, found.length)) goto out;
    if (found.length > 0) qsort(found.data, found.length / sizeof **ranges, sizeof **ranges, by_first);
    kept = arena_copy(arena, buf_slice(&found));
    if (kept.data == NULL) {
        status = arena_failed(arena, error);
        goto out;
    }
    *count = found.length / sizeof **ranges;
    *ranges = (const struct page_font_width *)(const void *)kept.data;
out:
    buf_dispose(&found);
    return status;
}

bool page_font_width_find(const struct page_font_width *ranges, size_t count, uint32_t character, double *width)
{
    size_t from = 0, to = count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (ranges[middle].first <= character)
            from = middle + 1;
        else
            to = middle;
    }
    if (from == 0 || ranges[from - 1].last < character) return false;
    *width = ranges[from - 1].width;
    return true;
}
