/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reading one section: its subsections become runs, its trailer is parsed, its entries stay where they are.
 */
#include "pdf/xref.h"

#include "base/buf.h"
#include "base/number.h"
#include "pdf/document_internal.h"

#include <stdlib.h>

enum {
    COPIED_LENGTH = 11, /* 1 + 8 + 2 */
    SHORT_ENTRY = 19,   /* with one byte of line end */
    SHORTEST_ENTRY = 6  /* "0 0 n" and a line's end, in a malformed table */
};
#define DECODED_MAXIMUM ((size_t)256 << 20)

/* ---- the runs of a section ---- */

struct runs {
    struct buf items; /* of struct xref_run */
};

static rfd_status add_run(struct runs *r, uint64_t first, uint64_t count, uint64_t offset, const uint8_t *data,
                          struct rfd_error *error)
{
    if (first > XREF_NUMBER_MAXIMUM || count > (uint64_t)XREF_NUMBER_MAXIMUM + 1 - first)
        return error_set(error, RFD_E_LIMIT, "cross-reference to object %llu", (unsigned long long)(first + count));
    struct xref_run run = {(uint32_t)first, (uint32_t)count, offset, data};
    if (count > 0) buf_put(&r->items, &run, sizeof run);
    return buf_check(&r->items, "cross-reference", error);
}

static int by_first(const void *a, const void *b)
{
    const struct xref_run *x = a;
    const struct xref_run *y = b;
    return (x->first > y->first) - (x->first < y->first);
}

static void cut_front(const struct xref_section *s, struct xref_run *run, uint32_t by)
{
    run->first += by;
    run->count -= by;
    run->offset += (uint64_t)by * XREF_ENTRY_LENGTH;
    if (run->data != NULL) run->data += by * xref_entry_length(s);
}

/** Sorts the runs into the section; an object listed twice is read from the run that begins lower. */
static rfd_status settle_runs(struct pdf_document *doc, struct runs *r, struct xref_section *s, struct rfd_error *error)
{
    size_t count = r->items.length / sizeof(struct xref_run);
    struct xref_run *runs = arena_allocate(&doc->arena, r->items.length);
    if (runs == NULL) return arena_failed(&doc->arena, error);
    if (count > 0) memcpy(runs, r->items.data, r->items.length);
    bool sorted = true;
    for (size_t i = 1; i < count; i++) sorted &= runs[i - 1].first < runs[i].first;
    if (!sorted) qsort(runs, count, sizeof *runs, by_first);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct xref_run run = runs[i];
        if (run.first < s->size) {
            uint32_t listed = s->size - run.first;
            TRY(document_tolerate(doc, PDF_ANOMALY_XREF_OVERLAP, error, "object %u at byte %llu", run.first,
                                  (unsigned long long)s->offset));
            if (listed >= run.count) continue;
            cut_front(s, &run, listed);
        }
        s->size = run.first + run.count;
        s->entry_count += run.count;
        runs[kept++] = run;
    }
    s->runs = runs;
    s->run_count = kept;
    return RFD_OK;
}

/* ---- tables ---- */

static bool exact_at(struct pdf_document *doc, uint64_t offset)
{
    slice entry;
    return source_view(doc->source, offset, XREF_ENTRY_LENGTH, &entry, NULL) == RFD_OK &&
           xref_entry_is_exact(entry.data);
}

/** The line's end after a subsection's header, and nothing more. */
static void skip_line_end(struct lexer *l)
{
    while (lexer_peek(l) == ' ') l->position++;
    if (lexer_peek(l) == '\r') l->position++;
    if (lexer_peek(l) == '\n') l->position++;
}

/** True, with the lexer after the entries, when `count` of them seem to lie there with 20 bytes each. */
static bool take_exact(struct pdf_document *doc, struct lexer *l, uint64_t count)
{
    uint64_t from = l->position;
    if (count > (source_size(doc->source) - from) / XREF_ENTRY_LENGTH) return false;
    if (!exact_at(doc, from) || !exact_at(doc, from + (count - 1) * XREF_ENTRY_LENGTH)) return false;
    l->position = from + count * XREF_ENTRY_LENGTH;
    lexer_skip_space(l);
    int c = lexer_peek(l);
    if (c == 't' || (c >= '0' && c <= '9')) return true;
    l->position = from;
    return false;
}

static void put_big_endian(uint8_t *to, uint64_t value, size_t length)
{
    for (size_t i = 0; i < length; i++) to[i] = (uint8_t)(value >> (8 * (length - 1 - i)));
}

/** "nnnnnnnnnn ggggg n" and one byte of line end. */
static bool is_short_entry(const uint8_t *entry)
{
    static const char shape[] = "dddddddddd ddddd ";
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        bool digit = entry[i] >= '0' && entry[i] <= '9';
        if (shape[i] == 'd' ? !digit : entry[i] != ' ') return false;
    }
    uint8_t line_end = entry[SHORT_ENTRY - 1];
    return (entry[SHORT_ENTRY - 2] == 'n' || entry[SHORT_ENTRY - 2] == 'f') && (line_end == '\n' || line_end == '\r');
}

/** True when all entries lack the blank before their line end, as some producers write them. */
static bool are_short(struct pdf_document *doc, uint64_t from, uint64_t count)
{
    slice entries;
    if (count > source_size(doc->source) / SHORT_ENTRY) return false;
    if (source_view(doc->source, from, count * SHORT_ENTRY, &entries, NULL) != RFD_OK) return false;
    for (uint64_t i = 0; i < count; i++) {
        if (!is_short_entry(entries.data + i * SHORT_ENTRY)) return false;
    }
    return true;
}

/** Reads entries token by token into the arena. */
static rfd_status copy_entries(struct pdf_document *doc, struct lexer *l, uint64_t count, struct xref_section *s,
                               const uint8_t **out, struct rfd_error *error)
{
    if (are_short(doc, l->position, count))
        s->short_entries = true;
    else
        TRY(document_tolerate(doc, PDF_ANOMALY_XREF_ENTRY_LENGTH, error, "byte %llu", (unsigned long long)l->position));
    if (count > (source_size(doc->source) - l->position) / SHORTEST_ENTRY)
        return error_set(error, RFD_E_PDF_DAMAGED, "byte %llu: a subsection of %llu entries does not fit (§7.5.4)",
                         (unsigned long long)l->position, (unsigned long long)count);
    uint8_t *to = arena_allocate(&doc->arena, (size_t)count * COPIED_LENGTH);
    if (to == NULL) return arena_failed(&doc->arena, error);
    *out = to;
    for (uint64_t i = 0; i < count; i++, to += COPIED_LENGTH) {
        uint64_t offset;
        uint64_t generation;
        lexer_skip_space(l);
        bool good = lexer_unsigned(l, INT64_MAX, &offset);
        lexer_skip_space(l);
        good = good && lexer_unsigned(l, UINT16_MAX, &generation);
        lexer_skip_space(l);
        bool used = good && lexer_keyword(l, "n");
        if (!good || (!used && !lexer_keyword(l, "f")))
            return error_set(error, RFD_E_PDF_DAMAGED, "byte %llu: not a cross-reference entry (§7.5.4)",
                             (unsigned long long)l->position);
        to[0] = used;
        put_big_endian(to + 1, offset, 8);
        put_big_endian(to + 9, generation, 2);
    }
    return RFD_OK;
}

static rfd_status read_subsections(struct pdf_document *doc, struct lexer *l, struct xref_section *s, struct runs *runs,
                                   struct rfd_error *error)
{
    for (;;) {
        uint64_t first;
        uint64_t count;
        const uint8_t *copied = NULL;
        lexer_skip_space(l);
        if (lexer_keyword(l, "trailer")) return RFD_OK;
        bool good = lexer_unsigned(l, XREF_NUMBER_MAXIMUM, &first);
        lexer_skip_space(l);
        if (!good || !lexer_unsigned(l, XREF_NUMBER_MAXIMUM, &count))
            return error_set(error, RFD_E_PDF_DAMAGED, "byte %llu: neither a subsection nor the trailer (§7.5.4)",
                             (unsigned long long)l->position);
        skip_line_end(l);
        uint64_t offset = l->position;
        if (count > 0 && !take_exact(doc, l, count)) TRY(copy_entries(doc, l, count, s, &copied, error));
        TRY(add_run(runs, first, count, offset, copied, error));
    }
}

/** Short entries are harmless in a file's first table, which every signature covers; in a later one, readers that step
 * by 20 bytes and readers that go by tokens could be led to two documents. */
static rfd_status judge_short_entries(struct pdf_document *doc, const struct xref_section *s, struct rfd_error *error)
{
    if (!s->short_entries) return RFD_OK;
    document_note(doc, PDF_ANOMALY_XREF_ENTRY_LENGTH);
    if (pdf_entry_of(s->trailer, "Prev")->kind == PDF_NULL) return RFD_OK;
    return document_tolerate(doc, PDF_ANOMALY_XREF_ENTRY_LENGTH, error, "in an update, byte %llu",
                             (unsigned long long)s->offset);
}

static rfd_status read_table(struct pdf_document *doc, struct lexer *l, struct xref_section *s, struct rfd_error *error)
{
    struct runs runs;
    buf_init(&runs.items, doc->arena.maximum);
    rfd_status status;
    struct pdf_value *trailer = arena_zeroed(&doc->arena, 1, sizeof *trailer);
    if (trailer == NULL) return arena_failed(&doc->arena, error);
    memcpy(s->widths, (uint8_t[]){1, 8, 2}, 3);
    TRY_OUT(read_subsections(doc, l, s, &runs, error));
    TRY_OUT(settle_runs(doc, &runs, s, error));
    lexer_skip_space(l);
    TRY_OUT(lexer_value(l, trailer, error));
    if (trailer->kind != PDF_DICTIONARY)
        status = error_set(error, RFD_E_PDF_DAMAGED, "byte %llu: the trailer is no dictionary (§7.5.5)",
                           (unsigned long long)l->position);
    s->trailer = trailer;
    s->end = l->position;
    if (status == RFD_OK) status = judge_short_entries(doc, s, error);
out:
    buf_dispose(&runs.items);
    return status;
}

/* ---- streams ---- */

static rfd_status bad_stream(const struct xref_section *s, const char *what, struct rfd_error *error)
{
    return error_set(error, RFD_E_PDF_DAMAGED, "cross-reference stream at byte %llu: %s (§7.5.8.2)",
                     (unsigned long long)s->offset, what);
}

static rfd_status read_widths(struct xref_section *s, const struct pdf_value *w, struct rfd_error *error)
{
    if (w->kind != PDF_ARRAY || w->count < 3) return bad_stream(s, "/W", error);
    for (int i = 0; i < 3; i++) {
        int64_t width;
        if (!pdf_integer(&w->items[i], &width) || width < 0 || width > 8) return bad_stream(s, "/W", error);
        s->widths[i] = (uint8_t)width;
    }
    return xref_entry_length(s) == 0 ? bad_stream(s, "/W", error) : RFD_OK;
}

/** One pair of /Index; `data` is what is left of the stream. */
static rfd_status read_index_pair(struct pdf_document *doc, const struct xref_section *s, int64_t first, int64_t count,
                                  slice *data, struct runs *runs, struct rfd_error *error)
{
    size_t there = data->length / xref_entry_length(s);
    if (first < 0 || count < 0) return bad_stream(s, "/Index", error);
    if ((uint64_t)count > there) {
        TRY(document_tolerate(doc, PDF_ANOMALY_XREF_ENTRY_LENGTH, error, "%zu of %lld entries", there,
                              (long long)count));
        count = (int64_t)there;
    }
    TRY(add_run(runs, (uint64_t)first, (uint64_t)count, 0, data->data, error));
    *data = slice_from(*data, (size_t)count * xref_entry_length(s));
    return RFD_OK;
}

static rfd_status read_index(struct pdf_document *doc, const struct xref_section *s, slice data, struct runs *runs,
                             struct rfd_error *error)
{
    const struct pdf_value *index = pdf_entry_of(s->trailer, "Index");
    int64_t first = 0;
    int64_t count;
    if (index->kind == PDF_NULL) {
        if (!pdf_integer(pdf_entry_of(s->trailer, "Size"), &count)) return bad_stream(s, "/Size", error);
        return read_index_pair(doc, s, 0, count, &data, runs, error);
    }
    if (index->kind != PDF_ARRAY || index->count % 2 != 0) return bad_stream(s, "/Index", error);
    for (uint32_t i = 0; i < index->count; i += 2) {
        if (!pdf_integer(&index->items[i], &first) || !pdf_integer(&index->items[i + 1], &count))
            return bad_stream(s, "/Index", error);
        TRY(read_index_pair(doc, s, first, count, &data, runs, error));
    }
    return RFD_OK;
}

static rfd_status read_stream(struct pdf_document *doc, struct xref_section *s, struct rfd_error *error)
{
    const struct loaded *object;
    struct runs runs;
    slice data;
    rfd_status status;
    struct pdf_view view = pdf_view(doc, 0);
    TRY(load_at(doc, 0, s->offset, &object, error));
    if (object->value.kind != PDF_STREAM || !pdf_is_name(pdf_entry_of(&object->value, "Type"), "XRef"))
        return error_set(error, RFD_E_PDF_DAMAGED, "byte %llu: object %u is no cross-reference stream",
                         (unsigned long long)s->offset, object->header.number);
    s->kind = PDF_XREF_STREAM;
    s->trailer = &object->value.stream->dictionary;
    s->end = object->end;
    TRY(read_widths(s, pdf_entry_of(s->trailer, "W"), error));
    TRY(pdf_stream_data(&view, &object->value, DECODED_MAXIMUM, &data, error));
    buf_init(&runs.items, doc->arena.maximum);
    TRY_OUT(read_index(doc, s, data, &runs, error));
    TRY_OUT(settle_runs(doc, &runs, s, error));
out:
    buf_dispose(&runs.items);
    return status;
}

/** §7.5.8.4: the stream that a table's trailer names holds what older readers shall not see. */
static rfd_status read_hybrid(struct pdf_document *doc, struct xref_section *s, struct rfd_error *error)
{
    int64_t at;
    const struct pdf_value *written = pdf_entry_of(s->trailer, "XRefStm");
    if (written->kind == PDF_NULL) return RFD_OK;
    if (!pdf_integer(written, &at) || at < 0)
        return error_set(error, RFD_E_PDF_DAMAGED, "trailer at byte %llu: /XRefStm", (unsigned long long)s->end);
    struct xref_section *hybrid = arena_zeroed(&doc->arena, 1, sizeof *hybrid);
    if (hybrid == NULL) return arena_failed(&doc->arena, error);
    hybrid->offset = (uint64_t)at + doc->shift;
    TRY(read_stream(doc, hybrid, error));
    s->hybrid = hybrid;
    s->kind = PDF_XREF_HYBRID;
    s->entry_count += hybrid->entry_count;
    if (s->size < hybrid->size) s->size = hybrid->size;
    return RFD_OK;
}

rfd_status xref_read(struct pdf_document *doc, uint64_t offset, struct xref_section **out, struct rfd_error *error)
{
    struct lexer l;
    struct xref_section *s = arena_zeroed(&doc->arena, 1, sizeof *s);
    if (s == NULL) return arena_failed(&doc->arena, error);
    s->offset = offset;
    lexer_at(&l, doc->source, offset, &doc->arena);
    if (lexer_keyword(&l, "xref")) {
        TRY(read_table(doc, &l, s, error));
        if (l.duplicate_key) TRY(document_tolerate(doc, PDF_ANOMALY_DUPLICATE_KEY, error, "in the trailer"));
        TRY(read_hybrid(doc, s, error));
    } else {
        TRY(read_stream(doc, s, error));
    }
    *out = s;
    return RFD_OK;
}
