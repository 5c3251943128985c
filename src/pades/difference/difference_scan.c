/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reading objects for their references only: each is parsed into memory that is given back at once, whether it stands
 * in the file or in an object stream. The lexer is the one that the document is read with, so what is no reference
 * here is none there.
 */
#include "pades/difference/difference_internal.h"

#include "base/error.h"
#include "base/memory.h"
#include "pdf/lexer.h"

#include <stdlib.h>

enum { NUMBER_MAXIMUM = INT32_MAX };
#define CONTAINER_MAXIMUM ((size_t)256 << 20)

/* ---- edges ---- */

static bool is_back_link(slice key)
{
    return slice_is(key, "Parent") || slice_is(key, "P") || slice_is(key, "Pg");
}

static rfd_status add_edge(struct graph *g, uint32_t node, bool back, struct rfd_error *error)
{
    if (g->edge_count == g->edge_capacity) {
        uint32_t capacity = g->edge_capacity == 0 ? 1024 : g->edge_capacity * 2;
        if (capacity > UINT32_MAX / 8) return error_set(error, RFD_E_LIMIT, "more references than can be analysed");
        uint32_t *bigger = memory_resize(g->edges, (size_t)capacity * sizeof *bigger);
        if (bigger == NULL) return error_memory(error);
        g->edges = bigger;
        g->edge_capacity = capacity;
    }
    g->edges[g->edge_count++] = node << 1 | back;
    return RFD_OK;
}

/** Recursion is as deep as the lexer allows values to nest. */
static rfd_status add_references(struct graph *g, const struct pdf_value *v, slice key, struct rfd_error *error)
{
    uint32_t node;
    if (v->kind == PDF_REFERENCE && graph_find(g, v->reference.number, &node))
        return add_edge(g, node, is_back_link(key), error);
    if (v->kind == PDF_ARRAY) {
        for (uint32_t i = 0; i < v->count; i++) TRY(add_references(g, &v->items[i], SLICE_EMPTY, error));
    } else if (v->kind == PDF_DICTIONARY) {
        for (uint32_t i = 0; i < v->count; i++) TRY(add_references(g, &v->entries[i].value, v->entries[i].key, error));
    }
    return RFD_OK;
}

static bool has(const struct pdf_value *dictionary, const char *key)
{
    return pdf_entry_of(dictionary, key)->kind != PDF_NULL;
}

static enum graph_kind classify(const struct pdf_value *v)
{
    static const char *const structure[] = {"Page", "Pages", "Catalog", "StructTreeRoot", "StructElem"};
    const struct pdf_value *type = pdf_entry_of(v, "Type");
    if (v->kind != PDF_DICTIONARY) return GRAPH_PLAIN;
    for (size_t i = 0; i < sizeof structure / sizeof *structure; i++) {
        if (pdf_is_name(type, structure[i])) return GRAPH_STRUCTURE;
    }
    if (pdf_is_name(type, "Annot") || has(v, "FT") || (has(v, "Subtype") && has(v, "Rect")) ||
        (has(v, "T") && has(v, "Kids")))
        return GRAPH_FIELD;
    return has(v, "S") && pdf_entry_of(v, "P")->kind == PDF_REFERENCE ? GRAPH_STRUCTURE : GRAPH_PLAIN;
}

/** Takes the references of a value that the lexer stands before. One that cannot be read has none, and is null. */
static rfd_status scan_value(struct graph *g, struct lexer *l, struct graph_version *version, struct pdf_value *out,
                             struct rfd_error *error)
{
    struct pdf_value v;
    rfd_status status = lexer_value(l, &v, NULL);
    version->first_edge = g->edge_count;
    *out = pdf_null;
    if (status == RFD_E_MEMORY) return error_memory(error);
    if (status != RFD_OK) return RFD_OK;
    *out = v;
    TRY(add_references(g, &v, SLICE_EMPTY, error));
    version->edge_count = g->edge_count - version->first_edge;
    version->twofold = l->duplicate_key;
    lexer_skip_space(l);
    version->kind = (uint8_t)(lexer_keyword(l, "stream") ? GRAPH_PLAIN : classify(&v));
    return RFD_OK;
}

/** What a revision lists must stand in it: bytes that come later decide what is there, and nobody signed them (§7.5.6,
 * §12.8.1). An offset behind the file is left alone, for nothing can be read there. */
static rfd_status check_begin(const struct graph *g, size_t revision, uint32_t number, uint64_t offset,
                              struct rfd_error *error)
{
    bool ahead = offset >= pdf_revision(g->doc, revision)->end && offset < source_size(pdf_source(g->doc));
    return ahead ? error_set(error, RFD_E_PDF_DAMAGED, "object %u of revision %zu begins in a later one", number,
                             revision + 1)
                 : RFD_OK;
}

static rfd_status ends_later(size_t revision, uint32_t number, struct rfd_error *error)
{
    return error_set(error, RFD_E_PDF_DAMAGED, "object %u of revision %zu ends in a later one", number, revision + 1);
}

/** The same for the end of a value, at `position`, and of the stream that it is the dictionary of: only a /Length that
 * reaches so far makes that worth reading, and one that leads to no endstream ends nowhere. */
static rfd_status check_end(const struct graph *g, size_t revision, uint32_t number, const struct pdf_value *v,
                            uint64_t position, struct rfd_error *error)
{
    uint64_t end = pdf_revision(g->doc, revision)->end;
    const struct pdf_value *value = pdf_entry_of(v, "Length");
    rfd_status status = RFD_OK;
    int64_t length;
    if (v->kind != PDF_NULL && position > end) return ends_later(revision, number, error);
    if (value->kind == PDF_REFERENCE) status = pdf_object(g->doc, revision, value->reference.number, &value, NULL);
    if (status == RFD_OK && (!pdf_integer(value, &length) || length < 0)) return RFD_OK;
    if (status == RFD_OK && position < end && (uint64_t)length <= end - position) return RFD_OK;
    if (status == RFD_OK) status = pdf_object(g->doc, revision, number, &value, NULL);
    if (status == RFD_E_MEMORY) return error_memory(error);
    if (status != RFD_OK || value->kind != PDF_STREAM) return RFD_OK;
    if (value->stream->offset + value->stream->encoded.length <= end) return RFD_OK;
    return ends_later(revision, number, error);
}

static rfd_status scan_plain(struct graph *g, size_t revision, uint64_t offset, struct graph_version *version,
                             struct arena *scratch, struct rfd_error *error)
{
    struct lexer l;
    struct pdf_value v;
    uint64_t ignored;
    uint32_t number = g->numbers[version->node];
    TRY(check_begin(g, revision, number, offset, error));
    lexer_at(&l, pdf_source(g->doc), offset, scratch);
    lexer_skip_space(&l);
    if (!lexer_unsigned(&l, NUMBER_MAXIMUM, &ignored)) return RFD_OK;
    lexer_skip_space(&l);
    if (!lexer_unsigned(&l, UINT16_MAX, &ignored)) return RFD_OK;
    lexer_skip_space(&l);
    if (!lexer_keyword(&l, "obj")) return RFD_OK;
    TRY(scan_value(g, &l, version, &v, error));
    return check_end(g, revision, number, &v, l.position, error);
}

/* ---- object streams ---- */

struct compressed {
    uint32_t container, index;
    uint32_t version;
};

static int by_container(const void *a, const void *b)
{
    const struct compressed *x = a;
    const struct compressed *y = b;
    if (x->container != y->container) return x->container < y->container ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static bool all_direct(const struct pdf_value *v)
{
    if (v->kind == PDF_REFERENCE) return false;
    for (uint32_t i = 0; v->kind == PDF_ARRAY && i < v->count; i++) {
        if (!all_direct(&v->items[i])) return false;
    }
    for (uint32_t i = 0; v->kind == PDF_DICTIONARY && i < v->count; i++) {
        if (!all_direct(&v->entries[i].value)) return false;
    }
    return true;
}

static uint64_t offset_in_container(const uint64_t *offsets, size_t count, uint32_t index)
{
    return index < count ? offsets[index] : UINT64_MAX;
}

static size_t read_offsets(slice data, uint64_t first, uint64_t *offsets, size_t count, struct arena *scratch)
{
    struct lexer l;
    lexer_memory(&l, slice_part(data, 0, (size_t)first), scratch);
    for (size_t i = 0; i < count; i++) {
        uint64_t number;
        lexer_skip_space(&l);
        if (!lexer_unsigned(&l, NUMBER_MAXIMUM, &number)) return i;
        lexer_skip_space(&l);
        if (!lexer_unsigned(&l, UINT32_MAX, &offsets[i])) return i;
    }
    return count;
}

static rfd_status scan_entries(struct graph *g, slice data, uint64_t first, size_t count,
                               const struct compressed *entries, size_t entry_count, struct arena *scratch,
                               struct rfd_error *error)
{
    if (first > data.length || count > data.length) return RFD_OK;
    uint64_t *offsets = arena_zeroed(scratch, count + 1, sizeof *offsets);
    if (offsets == NULL) return arena_failed(scratch, error);
    count = read_offsets(data, first, offsets, count, scratch);
    for (size_t i = 0; i < entry_count; i++) {
        struct lexer l;
        struct pdf_value ignored;
        struct arena_mark mark = arena_mark(scratch);
        uint64_t at = offset_in_container(offsets, count, entries[i].index);
        if (at >= data.length - first) continue;
        lexer_memory(&l, data, scratch);
        l.position = first + at;
        rfd_status status = scan_value(g, &l, &g->versions[entries[i].version], &ignored, error);
        arena_release(scratch, mark);
        TRY(status);
    }
    return RFD_OK;
}

/** Decodes one object stream for a moment only; what cannot be read here cannot be read by the walk either. */
static rfd_status scan_container(struct graph *g, size_t revision, const struct compressed *entries, size_t count,
                                 struct arena *scratch, struct rfd_error *error)
{
    const struct pdf_value *stream;
    struct pdf_view view = pdf_view(g->doc, revision);
    int64_t objects;
    int64_t first;
    slice data;
    rfd_status status = pdf_object(g->doc, revision, entries[0].container, &stream, error);
    if (status == RFD_E_MEMORY) return status;
    if (status != RFD_OK || stream->kind != PDF_STREAM) return RFD_OK;
    if (!pdf_integer(pdf_get(&view, stream, "N"), &objects) || objects < 0) return RFD_OK;
    if (!pdf_integer(pdf_get(&view, stream, "First"), &first) || first < 0) return RFD_OK;
    bool release = all_direct(pdf_entry_of(stream, "Filter")) && all_direct(pdf_entry_of(stream, "DecodeParms")) &&
                   all_direct(pdf_entry_of(stream, "Type"));
    struct arena_mark mark = arena_mark(pdf_arena(g->doc));
    status = pdf_stream_data(&view, stream, CONTAINER_MAXIMUM, &data, error);
    if (status == RFD_OK)
        status = scan_entries(g, data, (uint64_t)first, (size_t)objects, entries, count, scratch, error);
    else if (status != RFD_E_MEMORY)
        status = RFD_OK;
    if (release) arena_release(pdf_arena(g->doc), mark);
    return status;
}

/* ---- a revision ---- */

rfd_status graph_scan(struct graph *g, size_t revision, struct arena *scratch, struct rfd_error *error)
{
    uint32_t begin = g->first_version[revision];
    size_t count = 0;
    rfd_status status = RFD_OK;
    struct compressed *compressed = memory_zeroed(g->version_count - begin + 1, sizeof *compressed);
    if (compressed == NULL) return error_memory(error);
    for (uint32_t v = begin; v < g->version_count; v++) {
        uint32_t node;
        struct arena_mark mark = arena_mark(scratch);
        struct pdf_location at = pdf_locate(g->doc, revision, g->numbers[g->versions[v].node]);
        if (at.kind == PDF_ENTRY_COMPRESSED) {
            compressed[count++] = (struct compressed){at.container, at.index, v};
            if (graph_find(g, at.container, &node)) g->containers[node] = 1;
        } else if (at.kind == PDF_ENTRY_OFFSET) {
            TRY_OUT(scan_plain(g, revision, at.offset, &g->versions[v], scratch, error));
        }
        arena_release(scratch, mark);
    }
    if (count > 1) qsort(compressed, count, sizeof *compressed, by_container);
    for (size_t i = 0; i < count;) {
        size_t next = i;
        while (next < count && compressed[next].container == compressed[i].container) next++;
        struct arena_mark mark = arena_mark(scratch);
        TRY_OUT(scan_container(g, revision, compressed + i, next - i, scratch, error));
        arena_release(scratch, mark);
        i = next;
    }
out:
    memory_free(compressed);
    return status;
}
