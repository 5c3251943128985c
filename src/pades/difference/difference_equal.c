/* SPDX-License-Identifier: EUPL-1.2
 *
 * Deep equality. Two values are equal when every path into them ends at equal scalars, whether a value is direct or
 * referred to, in whatever order keys stand and however a number is written. References are put on a list instead of
 * being followed at once, and a pair met again counts as equal: cycles end, and nothing recurses deeper than the lexer
 * lets values nest. What a failed comparison had taken for equal is forgotten.
 *
 * References to the same object that leads to no change are equal without a look. So are links to the same page,
 * field or structure element, whose changes are judged where they belong.
 */
#include "pades/difference/difference_internal.h"

#include "base/memory.h"

#define REAL_TOLERANCE       1e-6
#define DECODE_MAXIMUM       ((size_t)32 << 20) /* one stream */
#define DECODE_TOTAL_MAXIMUM ((size_t)128 << 20)

struct pending {
    const struct pdf_value *old, *new;
    slice key; /* under which they were found */
};

struct comparison {
    struct walk *w;
    struct pending *list;
    size_t count, capacity;
};

static uint64_t pair_key(const void *a, const void *b)
{
    uint64_t h = (uint64_t)(uintptr_t)a * UINT64_C(0x9E3779B97F4A7C15);
    h ^= h >> 29;
    h += (uint64_t)(uintptr_t)b;
    h *= UINT64_C(0xBF58476D1CE4E5B9);
    return h ^ h >> 32;
}

static bool postpone(struct comparison *c, const struct pdf_value *old, const struct pdf_value *new, slice key)
{
    if (c->count == c->capacity) {
        size_t capacity = c->capacity == 0 ? 64 : c->capacity * 2;
        struct pending *bigger = memory_resize(c->list, capacity * sizeof *bigger);
        if (bigger == NULL) {
            walk_fail(c->w, RFD_E_MEMORY);
            return false;
        }
        c->list = bigger;
        c->capacity = capacity;
    }
    c->list[c->count++] = (struct pending){old, new, key};
    return true;
}

/** Keys under which an annotation or field is referred to without becoming part of what refers to it. */
static bool is_link_key(slice key)
{
    static const char *const keys[] = {"Parent", "Obj", "IRT", "Popup", "T", "Fields", "Annotation", "TA", "AN", "CO"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (slice_is(key, keys[i])) return true;
    }
    return false;
}

static bool is_link(struct walk *w, uint32_t number, slice key)
{
    uint32_t node;
    if (!graph_find(w->graph, number, &node)) return false;
    const struct graph_version *before = graph_before(w->graph, node);
    if (before == NULL || !before->used) return false;
    return before->kind == GRAPH_STRUCTURE || (before->kind == GRAPH_FIELD && is_link_key(key));
}

static bool same_reference(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, slice key)
{
    if (old->kind != PDF_REFERENCE || new->kind != PDF_REFERENCE) return false;
    if (old->reference.number != new->reference.number || old->reference.generation != new->reference.generation)
        return false;
    return !walk_is_dirty(w, new->reference.number) || is_link(w, new->reference.number, key);
}

/* ---- scalars ---- */

/** Writers keep reals as single precision; what that loses is no change. */
static bool same_real(double a, double b)
{
    double off = a > b ? a - b : b - a;
    double size = a < 0 ? -a : a;
    return off <= size * REAL_TOLERANCE;
}

static bool same_number(const struct pdf_value *old, const struct pdf_value *new)
{
    double a;
    double b;
    if (old->kind == PDF_INTEGER && new->kind == PDF_INTEGER) return old->integer == new->integer;
    return pdf_number(old, &a) && pdf_number(new, &b) && same_real(a, b);
}

static bool same_scalar(const struct pdf_value *old, const struct pdf_value *new)
{
    switch (old->kind) {
    case PDF_NULL: return new->kind == PDF_NULL;
    case PDF_BOOLEAN: return new->kind == PDF_BOOLEAN && old->boolean == new->boolean;
    case PDF_INTEGER:
    case PDF_REAL: return same_number(old, new);
    case PDF_NAME:
    case PDF_STRING: return new->kind == old->kind &&slice_equal(old->bytes, new->bytes);
    default: return false;
    }
}

/* ---- containers ---- */

static bool compare(struct comparison *c, const struct pdf_value *old, const struct pdf_value *new, slice key);

static const struct pdf_value *find(struct walk *w, const struct pdf_entry *entries, uint32_t count, slice key,
                                    uint32_t hint)
{
    if (hint < count && slice_equal(entries[hint].key, key)) return &entries[hint].value;
    (void)walk_spend(w, count);
    for (uint32_t i = 0; i < count; i++) {
        if (slice_equal(entries[i].key, key)) return &entries[i].value;
    }
    return &pdf_null;
}

/** What a stream's dictionary says about how its bytes are packed. */
static bool is_packing(slice key)
{
    return slice_is(key, "Filter") || slice_is(key, "DecodeParms") || slice_is(key, "DL");
}

enum stream_part { NO_STREAM, SAME_BYTES, SAME_DATA };

static bool skipped(slice key, enum stream_part part)
{
    return part != NO_STREAM && (slice_is(key, "Length") || (part == SAME_DATA && is_packing(key)));
}

static bool same_entries(struct comparison *c, const struct pdf_value *old, const struct pdf_value *new,
                         enum stream_part part)
{
    const struct pdf_entry *a = pdf_entries(old);
    const struct pdf_entry *b = pdf_entries(new);
    for (uint32_t i = 0; i < old->count; i++) {
        if (skipped(a[i].key, part)) continue;
        if (!compare(c, &a[i].value, find(c->w, b, new->count, a[i].key, i), a[i].key)) return false;
    }
    for (uint32_t i = 0; i < new->count; i++) {
        if (skipped(b[i].key, part)) continue;
        if (find(c->w, a, old->count, b[i].key, i) == &pdf_null && !compare(c, &pdf_null, &b[i].value, b[i].key))
            return false;
    }
    return true;
}

static bool same_items(struct comparison *c, const struct pdf_value *old, const struct pdf_value *new, slice key)
{
    if (new->kind != PDF_ARRAY || old->count != new->count) return false;
    for (uint32_t i = 0; i < old->count; i++) {
        if (!compare(c, &old->items[i], &new->items[i], key)) return false;
    }
    return true;
}

/* ---- streams ---- */

static bool encoded(struct walk *w, const struct pdf_value *stream, slice *out)
{
    rfd_status status = pdf_stream_encoded(w->doc, stream, out, &w->failure);
    if (status != RFD_OK) walk_fail(w, status);
    return status == RFD_OK;
}

static bool same_bytes(struct walk *w, const struct pdf_value *old, const struct pdf_value *new)
{
    slice a;
    slice b;
    if (old->stream->encoded.length != new->stream->encoded.length) return false;
    if (pdf_is_encrypted(w->doc) && old->stream->owner.number != new->stream->owner.number) return false;
    if (!encoded(w, old, &a) || !encoded(w, new, &b)) return false;
    (void)walk_spend(w, a.length / 64);
    return slice_equal(a, b);
}

static bool same_data(struct walk *w, const struct pdf_value *old, const struct pdf_value *new)
{
    slice a;
    slice b;
    struct pdf_view before = pdf_view(w->doc, w->revision - 1);
    struct pdf_view after = pdf_view(w->doc, w->revision);
    if (w->decoded > DECODE_TOTAL_MAXIMUM) return false;
    if (pdf_stream_data(&before, old, DECODE_MAXIMUM, &a, NULL) != RFD_OK) return false;
    if (pdf_stream_data(&after, new, DECODE_MAXIMUM, &b, NULL) != RFD_OK) return false;
    w->decoded += a.length + b.length;
    return slice_equal(a, b);
}

static bool same_stream(struct comparison *c, const struct pdf_value *old, const struct pdf_value *new)
{
    if (new->kind != PDF_STREAM) return false;
    if (old == new || same_bytes(c->w, old, new)) return same_entries(c, old, new, SAME_BYTES);
    return same_data(c->w, old, new) && same_entries(c, old, new, SAME_DATA);
}

/* ---- comparisons ---- */

/** Two direct values; references in them are put on the list. */
static bool compare(struct comparison *c, const struct pdf_value *old, const struct pdf_value *new, slice key)
{
    if (!walk_spend(c->w, 1)) return false;
    if (same_reference(c->w, old, new, key)) return true;
    if (old->kind == PDF_REFERENCE || new->kind == PDF_REFERENCE) return postpone(c, old, new, key);
    if (old->kind == PDF_ARRAY) return same_items(c, old, new, key);
    if (old->kind == PDF_DICTIONARY) return new->kind == PDF_DICTIONARY &&same_entries(c, old, new, NO_STREAM);
    if (old->kind == PDF_STREAM) return same_stream(c, old, new);
    return same_scalar(old, new);
}

/** Why two values differ, when a reference tells. */
static void set_hint(struct walk *w, const struct pending *p, struct walk_value old, struct walk_value new)
{
    if (w->hint != RFD_FINDING_COUNT) return;
    if (new.unreadable)
        w->hint = RFD_FINDING_CHANGE_UNREADABLE;
    else if (old.value->kind == PDF_NULL && p->old->kind == PDF_REFERENCE && new.value->kind != PDF_NULL)
        w->hint = RFD_FINDING_CHANGE_FUTURE_REFERENCE;
    else if (new.number != 0 && new.number != old.number && walk_was_hidden(w, new.number))
        w->hint = RFD_FINDING_CHANGE_HIDDEN_OBJECT;
}

/** True when the pair was found equal before, or is being compared; else it is now. */
static bool known(struct walk *w, const struct pdf_value *old, const struct pdf_value *new)
{
    uint64_t by;
    uint64_t key = pair_key(old, new);
    if (map_get(&w->equal, key, &by) && (by == w->comparison || !map_has(&w->unequal, by))) return true;
    if (map_set(&w->equal, key, w->comparison) != RFD_OK) walk_fail(w, RFD_E_MEMORY);
    return false;
}

static bool compare_pending(struct comparison *c, struct pending p)
{
    struct walk *w = c->w;
    struct walk_value old = walk_old(w, p.old);
    struct walk_value new = walk_new(w, p.new);
    bool container = pdf_entries(old.value) != NULL || old.value->kind == PDF_ARRAY;
    if (w->status != RFD_OK) return false;
    walk_mark(w, new.number, MARK_VISITED);
    if (container && known(w, old.value, new.value)) return true;
    bool equal = !(new.unreadable && !old.unreadable) && compare(c, old.value, new.value, p.key);
    if (!equal) set_hint(w, &p, old, new);
    return equal;
}

static bool equal_under(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, slice key)
{
    struct comparison c = {.w = w};
    bool equal;
    w->comparison++;
    w->hint = RFD_FINDING_COUNT;
    if (same_reference(w, old, new, key)) return true;
    equal = compare_pending(&c, (struct pending){old, new, key});
    while (equal && c.count > 0) equal = compare_pending(&c, c.list[--c.count]);
    memory_free(c.list);
    if (w->status != RFD_OK) return false;
    if (!equal && map_set(&w->unequal, w->comparison, 1) != RFD_OK) walk_fail(w, RFD_E_MEMORY);
    return equal;
}

bool walk_equal(struct walk *w, const struct pdf_value *old, const struct pdf_value *new)
{
    return equal_under(w, old, new, SLICE_EMPTY);
}

bool walk_require_equal(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                        enum rfd_finding_code code, const struct walk_path *path, const struct walk_field *field)
{
    if (equal_under(w, old, new, path == NULL ? SLICE_EMPTY : path->key)) return true;
    walk_refuse(w, code, path, field);
    walk_accept(w, new); /* refused once is enough */
    return false;
}
