/* SPDX-License-Identifier: EUPL-1.2
 *
 * The bytes of an update. Readers that rebuild a cross-reference find every "n g obj" in a file, whether the update
 * lists it or not; an incremental saving attack counts on that. So nothing that looks like an object, a
 * cross-reference or a trailer may stand between the objects that the update lists (ISO 32000-2 §7.5.6).
 */
#include "pades/difference/difference_internal.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>

struct extent {
    uint64_t from, to;
};

/** Words of a gap, one byte at a time, comments left out. */
struct gap {
    uint64_t position;
    uint64_t found; /* where a word was that should not be there */
    size_t length;
    char word[12];
    bool comment;
};

static bool is_structural(const struct gap *g)
{
    static const char *const words[] = {"obj", "xref", "trailer", "startxref", "stream"};
    slice word = slice_of(g->word, g->length);
    for (size_t i = 0; g->length < sizeof g->word && i < sizeof words / sizeof *words; i++) {
        if (slice_is(word, words[i])) return true;
    }
    return false;
}

static rfd_status take_piece(void *context, slice piece, struct rfd_error *error)
{
    struct gap *g = context;
    (void)error;
    for (size_t i = 0; i < piece.length; i++, g->position++) {
        uint8_t c = piece.data[i];
        bool regular = c > ' ' && memchr("()<>[]{}/%", c, 10) == NULL;
        if (!regular && g->found == 0 && is_structural(g)) g->found = g->position;
        if (!regular) g->length = 0;
        if (c == '%') g->comment = true;
        if (c == '\n' || c == '\r') g->comment = false;
        if (!regular || g->comment) continue;
        if (g->length < sizeof g->word) g->word[g->length++] = (char)c;
    }
    return RFD_OK;
}

static rfd_status look_through(struct source *source, uint64_t from, uint64_t to, uint64_t *extra,
                               struct rfd_error *error)
{
    struct gap g = {.position = from};
    if (to <= from) return RFD_OK;
    TRY(source_stream(source, from, to - from, take_piece, &g, error));
    if (g.found == 0 && is_structural(&g)) g.found = to;
    *extra = g.found;
    return RFD_OK;
}

/** Where an object's value ends in the source; `from` when it cannot be read. */
static rfd_status end_of(struct pdf_document *doc, size_t revision, uint32_t number, uint64_t from, uint64_t *out,
                         struct rfd_error *error)
{
    const struct pdf_value *v;
    slice start;
    *out = from;
    rfd_status status = pdf_object(doc, revision, number, &v, error);
    if (status == RFD_E_MEMORY) return status;
    if (status != RFD_OK) return RFD_OK;
    if (v->kind == PDF_STREAM) {
        /* "stream" itself is followed by the bytes, "endstream" is no word to look for */
        *out = v->stream->offset + v->stream->encoded.length;
        return RFD_OK;
    }
    TRY(source_view(pdf_source(doc), from, 0, &start, error));
    uintptr_t base = (uintptr_t)start.data;
    uintptr_t end = (uintptr_t)v->raw.data + v->raw.length;
    if (v->raw.data != NULL && end >= base) *out = from + (end - base);
    return RFD_OK;
}

static int by_from(const void *a, const void *b)
{
    const struct extent *x = a;
    const struct extent *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

static rfd_status list_extents(struct pdf_document *doc, const struct graph *g, size_t revision, struct extent whole,
                               struct extent *out, size_t *count, struct rfd_error *error)
{
    const struct pdf_revision *r = pdf_revision(doc, revision);
    int64_t hybrid;
    out[(*count)++] = (struct extent){r->startxref, r->end};
    if (pdf_integer(pdf_entry_of(r->trailer, "XRefStm"), &hybrid) && hybrid > 0) {
        uint64_t at = (uint64_t)hybrid + pdf_offset_shift(doc);
        if (at >= whole.from && at < r->startxref) out[(*count)++] = (struct extent){at, r->startxref};
    }
    for (uint32_t v = g->first_version[revision]; v < g->first_version[revision + 1]; v++) {
        uint32_t number = g->numbers[g->versions[v].node];
        struct pdf_location at = pdf_locate(doc, revision, number);
        if (at.kind != PDF_ENTRY_OFFSET || at.offset < whole.from || at.offset >= whole.to) continue;
        struct extent e = {at.offset, at.offset};
        TRY(end_of(doc, revision, number, at.offset, &e.to, error));
        if (e.to > e.from) out[(*count)++] = e;
    }
    return RFD_OK;
}

rfd_status body_check(struct pdf_document *doc, const struct graph *g, size_t revision, uint64_t *extra,
                      struct rfd_error *error)
{
    const struct pdf_revision *before = pdf_revision(doc, revision - 1);
    struct extent whole = {before->end, pdf_revision(doc, revision)->end};
    size_t count = 0;
    uint64_t at = whole.from;
    rfd_status status;
    *extra = 0;
    if (before->eof_marker == 0) return RFD_OK;
    size_t listed = g->first_version[revision + 1] - g->first_version[revision];
    struct extent *extents = memory_zeroed(listed + 2, sizeof *extents);
    if (extents == NULL) return error_memory(error);
    TRY_OUT(list_extents(doc, g, revision, whole, extents, &count, error));
    qsort(extents, count, sizeof *extents, by_from);
    for (size_t i = 0; i < count && *extra == 0; i++) {
        TRY_OUT(look_through(pdf_source(doc), at, extents[i].from, extra, error));
        if (extents[i].to > at) at = extents[i].to;
    }
out:
    memory_free(extents);
    return status;
}
