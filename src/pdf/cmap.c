/* SPDX-License-Identifier: EUPL-1.2
 *
 * A CMap is PostScript, but its useful parts are lists between "beginX" and "endX": read as content, the operation
 * "endX" has the list as its operands. Codes are compared as numbers whatever their length, since ToUnicode CMaps of
 * one-byte fonts are often written with two.
 */
#include "pdf/cmap.h"

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "pdf/content.h"

#include <stdlib.h>

enum { RANGES_MAXIMUM = 1 << 18, TEXT_MAXIMUM = 128, OVERLAPS_MAXIMUM = 16, CODE_BYTES = 4 };

struct maker {
    struct arena *arena;
    struct cmap *map;
    struct buf ranges;
    rfd_status status; /* of the arena */
};

static bool is_code(const struct pdf_value *v)
{
    return v->kind == PDF_STRING && v->bytes.length >= 1 && v->bytes.length <= CODE_BYTES;
}

static uint32_t code_of(const struct pdf_value *v)
{
    return (uint32_t)number_big_endian(v->bytes.data, v->bytes.length);
}

static void add_range(struct maker *m, struct cmap_range range)
{
    range.order = (uint32_t)(m->ranges.length / sizeof range);
    if (range.low > range.high) return;
    if (range.order < RANGES_MAXIMUM)
        buf_put(&m->ranges, &range, sizeof range);
    else
        m->map->complete = false;
}

/** A string of one character is kept as its number: one byte (not correct, but met), one unit, or a surrogate pair. */
static bool single_character(slice text, uint32_t *out)
{
    uint32_t number = (uint32_t)number_big_endian(text.data, text.length < CODE_BYTES ? text.length : CODE_BYTES);
    *out = number;
    if (text.length <= 2) return text.length > 0;
    bool pair = text.length == 4 && (number >> 26) == 0x36 && (number >> 10 & 0x3F) == 0x37;
    *out = 0x10000 + ((number >> 16 & 0x3FF) << 10) + (number & 0x3FF);
    return pair;
}

static void add_text(struct maker *m, uint32_t low, uint32_t high, const struct pdf_value *target)
{
    struct cmap_range range = {.low = low, .high = high};
    if (target->kind != PDF_STRING || target->bytes.length == 0) return;
    if (!single_character(target->bytes, &range.value)) {
        range.text = arena_copy(m->arena, slice_part(target->bytes, 0, TEXT_MAXIMUM));
        if (range.text.data == NULL) m->status = m->arena->status;
    }
    add_range(m, range);
}

static void add_bfchar(struct maker *m, const struct pdf_value *v, size_t count)
{
    for (size_t i = 0; i + 1 < count; i += 2) {
        if (is_code(&v[i])) add_text(m, code_of(&v[i]), code_of(&v[i]), &v[i + 1]);
    }
}

static void add_bfrange(struct maker *m, const struct pdf_value *v, size_t count)
{
    for (size_t i = 0; i + 2 < count; i += 3) {
        if (!is_code(&v[i]) || !is_code(&v[i + 1])) continue;
        uint32_t low = code_of(&v[i]), high = code_of(&v[i + 1]);
        if (v[i + 2].kind != PDF_ARRAY) {
            add_text(m, low, high, &v[i + 2]);
            continue;
        }
        for (uint32_t j = 0; j < v[i + 2].count && j <= high - low && low <= high; j++)
            add_text(m, low + j, low + j, &v[i + 2].items[j]);
    }
}

static void add_cid(struct maker *m, uint32_t low, uint32_t high, const struct pdf_value *identifier)
{
    if (identifier->kind != PDF_INTEGER || identifier->integer < 0 || identifier->integer > UINT16_MAX) return;
    add_range(m, (struct cmap_range){.low = low, .high = high, .value = (uint32_t)identifier->integer});
}

static void add_cidchar(struct maker *m, const struct pdf_value *v, size_t count)
{
    for (size_t i = 0; i + 1 < count; i += 2) {
        if (is_code(&v[i])) add_cid(m, code_of(&v[i]), code_of(&v[i]), &v[i + 1]);
    }
}

static void add_cidrange(struct maker *m, const struct pdf_value *v, size_t count)
{
    for (size_t i = 0; i + 2 < count; i += 3) {
        if (is_code(&v[i]) && is_code(&v[i + 1])) add_cid(m, code_of(&v[i]), code_of(&v[i + 1]), &v[i + 2]);
    }
}

static void add_codespace(struct maker *m, const struct pdf_value *v, size_t count)
{
    for (size_t i = 0; i + 1 < count; i += 2) {
        if (!is_code(&v[i]) || !is_code(&v[i + 1]) || v[i].bytes.length != v[i + 1].bytes.length) continue;
        if (m->map->codespace_count == CMAP_CODESPACES) {
            m->map->complete = false;
            return;
        }
        struct cmap_codespace *space = &m->map->codespaces[m->map->codespace_count++];
        space->length = (uint8_t)v[i].bytes.length;
        memcpy(space->low, v[i].bytes.data, space->length);
        memcpy(space->high, v[i + 1].bytes.data, space->length);
    }
}

static const struct {
    const char *name;
    void (*add)(struct maker *m, const struct pdf_value *operands, size_t count);
} lists[] = {
    {"endbfchar", add_bfchar},     {"endbfrange", add_bfrange},          {"endcidchar", add_cidchar},
    {"endcidrange", add_cidrange}, {"endcodespacerange", add_codespace},
};

static void read_lists(struct maker *m, struct content *content)
{
    struct content_operation operation;
    while (m->status == RFD_OK && content_next(content, &operation)) {
        for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
            if (slice_is(operation.name, lists[i].name)) lists[i].add(m, operation.operands, operation.count);
        }
    }
    if (content->status != RFD_OK) m->status = content->status;
}

static int by_low(const void *a, const void *b)
{
    const struct cmap_range *x = a, *y = b;
    if (x->low != y->low) return x->low < y->low ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static rfd_status keep_ranges(struct maker *m, struct rfd_error *error)
{
    struct cmap_range *ranges = (struct cmap_range *)(void *)m->ranges.data;
    m->map->range_count = m->ranges.length / sizeof *ranges;
    if (m->map->range_count == 0) return RFD_OK;
    qsort(ranges, m->map->range_count, sizeof *ranges, by_low);
    slice kept = arena_copy(m->arena, buf_slice(&m->ranges));
    if (kept.data == NULL) return arena_failed(m->arena, error);
    m->map->ranges = (const struct cmap_range *)(const void *)kept.data;
    return RFD_OK;
}

rfd_status cmap_read(slice bytes, struct arena *arena, struct cmap *out, struct rfd_error *error)
{
    struct cmap map = {.complete = true};
    struct maker m = {.arena = arena, .map = &map, .status = RFD_OK};
    struct content content;
    rfd_status status;
    buf_init(&m.ranges, RANGES_MAXIMUM * sizeof(struct cmap_range));
    content_init(&content, bytes);
    read_lists(&m, &content);
    if (m.status != RFD_OK) {
        status = m.status == RFD_E_MEMORY ? error_memory(error) : arena_failed(arena, error);
        goto out;
    }
    TRY_OUT(buf_check(&m.ranges, "a CMap", error));
    TRY_OUT(keep_ranges(&m, error));
    *out = map;
out:
    content_dispose(&content);
    buf_dispose(&m.ranges);
    return status;
}

static bool in_codespace(const struct cmap_codespace *space, slice string)
{
    if (space->length > string.length) return false;
    for (size_t i = 0; i < space->length; i++) {
        if (string.data[i] < space->low[i] || string.data[i] > space->high[i]) return false;
    }
    return true;
}

size_t cmap_next(const struct cmap *m, slice *string, uint32_t *code)
{
    size_t length = string->length < 2 ? 1 : 2;
    size_t best = CODE_BYTES + 1;
    for (size_t i = 0; i < m->codespace_count; i++) {
        const struct cmap_codespace *space = &m->codespaces[i];
        if (space->length < best && in_codespace(space, *string)) best = space->length;
    }
    if (best <= CODE_BYTES) length = best;
    *code = (uint32_t)number_big_endian(string->data, length);
    *string = slice_from(*string, length);
    return length;
}

/** The last range that begins at or before the code; some before it too, where ranges overlap. */
static const struct cmap_range *find(const struct cmap *m, uint32_t code)
{
    size_t from = 0, to = m->range_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (m->ranges[middle].low <= code)
            from = middle + 1;
        else
            to = middle;
    }
    for (size_t i = 0; i < OVERLAPS_MAXIMUM && i < from; i++) {
        if (m->ranges[from - 1 - i].high >= code) return &m->ranges[from - 1 - i];
    }
    return NULL;
}

bool cmap_value(const struct cmap *m, uint32_t code, uint32_t *value)
{
    const struct cmap_range *range = find(m, code);
    if (range == NULL || range->text.length > 0) return false;
    *value = range->value + (code - range->low);
    return true;
}

static bool is_character(uint32_t c)
{
    return c > 0 && c <= 0x10FFFF && !(c >= 0xD800 && c < 0xE000) && c != 0xFFFD;
}

bool cmap_put_text(const struct cmap *m, uint32_t code, struct buf *out)
{
    const struct cmap_range *range = find(m, code);
    uint8_t text[TEXT_MAXIMUM];
    if (range == NULL) return false;
    if (range->text.length == 0) {
        uint32_t c = range->value + (code - range->low);
        if (is_character(c)) text_put_utf8(out, c);
        return is_character(c);
    }
    size_t length = range->text.length & ~(size_t)1;
    memcpy(text, range->text.data, length);
    uint32_t last = (uint32_t)number_big_endian(text + length - 2, 2) + (code - range->low);
    text[length - 2] = (uint8_t)(last >> 8);
    text[length - 1] = (uint8_t)last;
    text_from_utf16(slice_of(text, length), true, out);
    return true;
}
