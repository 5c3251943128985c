/* SPDX-License-Identifier: EUPL-1.2
 *
 * Objects in object streams (ISO 32000-2 §7.5.7). A stream is decoded once, its objects are parsed when asked for.
 */
#include "base/map.h"
#include "pdf/document_internal.h"

enum { SHORTEST_PAIR = 4 /* "1 0 " in an object stream's head */ };
#define CONTAINER_MAXIMUM ((size_t)256 << 20)

/** A decoded object stream (§7.5.7). */
struct container {
    rfd_status status; /* a failure is remembered: decoding is what hostile files make expensive */
    struct rfd_error failure;
    slice data;
    uint32_t count;
    uint32_t *numbers;
    uint32_t *offsets; /* in `data` */
    const struct pdf_value **values;
};

static rfd_status bad_container(const struct pdf_value *stream, const char *what, struct rfd_error *error)
{
    return error_set(error, RFD_E_PDF_DAMAGED, "object stream %u: %s (ISO 32000-2 §7.5.7)",
                     stream->stream->owner.number, what);
}

static rfd_status read_pairs(const struct pdf_value *stream, struct container *c, uint64_t first, struct arena *arena,
                             struct rfd_error *error)
{
    struct lexer l;
    lexer_memory(&l, slice_part(c->data, 0, (size_t)first), arena);
    for (uint32_t i = 0; i < c->count; i++) {
        uint64_t number;
        uint64_t offset;
        lexer_skip_space(&l);
        bool good = lexer_unsigned(&l, XREF_NUMBER_MAXIMUM, &number);
        lexer_skip_space(&l);
        if (!good || !lexer_unsigned(&l, UINT32_MAX, &offset))
            return bad_container(stream, "its list of objects", error);
        if (offset >= c->data.length - first) return bad_container(stream, "an offset beyond its end", error);
        c->numbers[i] = (uint32_t)number;
        c->offsets[i] = (uint32_t)(first + offset);
    }
    return RFD_OK;
}

/** Readers that go by number and readers that go by index must find the same objects. */
static rfd_status check_unique(const struct pdf_value *stream, const struct container *c, struct rfd_error *error)
{
    struct map seen = {0};
    rfd_status status = RFD_OK;
    for (uint32_t i = 0; i < c->count && status == RFD_OK; i++) {
        if (map_has(&seen, c->numbers[i]))
            status = bad_container(stream, "it holds an object twice", error);
        else if (map_set(&seen, c->numbers[i], 1) != RFD_OK)
            status = error_memory(error);
    }
    map_dispose(&seen);
    return status;
}

static rfd_status fill_container(struct pdf_document *doc, size_t revision, const struct pdf_value *stream,
                                 struct container *c, struct rfd_error *error)
{
    struct pdf_view view = pdf_view(doc, revision);
    int64_t count;
    int64_t first;
    if (!pdf_is_name(pdf_get(&view, stream, "Type"), "ObjStm")) return bad_container(stream, "/Type", error);
    if (!pdf_integer(pdf_get(&view, stream, "N"), &count) || count < 0) return bad_container(stream, "/N", error);
    if (!pdf_integer(pdf_get(&view, stream, "First"), &first) || first < 0)
        return bad_container(stream, "/First", error);
    TRY(pdf_stream_data(&view, stream, CONTAINER_MAXIMUM, &c->data, error));
    if ((uint64_t)first > c->data.length) return bad_container(stream, "/First", error);
    if ((uint64_t)count > ((uint64_t)first + 1) / SHORTEST_PAIR) return bad_container(stream, "/N", error);
    c->count = (uint32_t)count;
    c->numbers = arena_zeroed(&doc->arena, c->count, sizeof *c->numbers);
    c->offsets = arena_zeroed(&doc->arena, c->count, sizeof *c->offsets);
    c->values = arena_zeroed(&doc->arena, c->count, sizeof *c->values);
    if (c->numbers == NULL || c->offsets == NULL || c->values == NULL) return arena_failed(&doc->arena, error);
    TRY(read_pairs(stream, c, (uint64_t)first, &doc->arena, error));
    return doc->strict ? check_unique(stream, c, error) : RFD_OK;
}

static rfd_status open_container(struct pdf_document *doc, size_t revision, uint32_t number, struct container **out,
                                 struct rfd_error *error)
{
    struct pdf_location at;
    const struct pdf_value *stream;
    TRY(xref_locate(doc, doc->newest_section[revision], number, &at, error));
    if (at.kind != PDF_ENTRY_OFFSET)
        return error_set(error, RFD_E_PDF_DAMAGED, "object stream %u is not there (ISO 32000-2 §7.5.7)", number);
    TRY(load_plain(doc, revision, number, at, &stream, error));
    if (stream->kind != PDF_STREAM)
        return error_set(error, RFD_E_PDF_DAMAGED, "object %u is no object stream (ISO 32000-2 §7.5.7)", number);
    struct container *c = map_get_pointer(&doc->containers, (uintptr_t)stream);
    if (c == NULL) {
        c = arena_zeroed(&doc->arena, 1, sizeof *c);
        if (c == NULL) return arena_failed(&doc->arena, error);
        if (map_set_pointer(&doc->containers, (uintptr_t)stream, c) != RFD_OK) return error_memory(error);
        c->status = fill_container(doc, revision, stream, c, &c->failure);
    }
    if (c->status != RFD_OK && error != NULL) *error = c->failure;
    if (c->status == RFD_OK) *out = c;
    return c->status;
}

/** The index that the cross-reference gives, or (tolerated) the one that has the number; `count` when there is none. */
static rfd_status find_in_container(struct pdf_document *doc, const struct container *c, uint32_t number,
                                    uint32_t index, uint32_t *out, struct rfd_error *error)
{
    *out = index;
    if (index < c->count && c->numbers[index] == number) return RFD_OK;
    TRY(document_tolerate(doc, PDF_ANOMALY_OBJECT_HEADER, error, "object %u is not at index %u of its object stream",
                          number, index));
    TRY(load_spend(doc, c->count, error));
    for (*out = 0; *out < c->count && c->numbers[*out] != number; ++*out) {
    }
    return RFD_OK;
}

static rfd_status parse_in_container(struct pdf_document *doc, const struct container *c, uint32_t index,
                                     const struct pdf_value **out, struct rfd_error *error)
{
    struct lexer l;
    struct pdf_value *v = arena_zeroed(&doc->arena, 1, sizeof *v);
    if (v == NULL) return arena_failed(&doc->arena, error);
    lexer_memory(&l, c->data, &doc->arena);
    l.position = c->offsets[index];
    rfd_status status = lexer_value(&l, v, error);
    if (status == RFD_OK)
        status = load_spend(doc, l.position - c->offsets[index], error);
    else
        (void)load_spend(doc, l.position - c->offsets[index], NULL);
    if (status == RFD_OK && l.duplicate_key)
        status = document_tolerate(doc, PDF_ANOMALY_DUPLICATE_KEY, error, "object %u", c->numbers[index]);
    if (status == RFD_OK) *out = c->values[index] = v;
    return status;
}

rfd_status container_object(struct pdf_document *doc, size_t revision, uint32_t number, struct pdf_location at,
                            const struct pdf_value **out, struct rfd_error *error)
{
    struct container *c = NULL;
    uint32_t index;
    TRY(open_container(doc, revision, at.container, &c, error));
    TRY(find_in_container(doc, c, number, at.index, &index, error));
    if (index == c->count) {
        *out = &pdf_null;
        return RFD_OK;
    }
    if (c->values[index] == NULL) return parse_in_container(doc, c, index, out, error);
    *out = c->values[index];
    return RFD_OK;
}
