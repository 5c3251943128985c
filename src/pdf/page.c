/* SPDX-License-Identifier: EUPL-1.2
 *
 * Pages by index (ISO 32000-2 §7.7.3). Subtrees are skipped by their /Count, and in a node whose /Count is its number
 * of kids the kid is taken directly, so that one page of a large document costs a few objects. When the counts lied,
 * the leaves are counted one by one.
 */
#include "base/memory.h"
#include "pdf/document_internal.h"

enum { TREE_DEPTH_MAXIMUM = 512, NODES_MAXIMUM = 4 << 20, FIRST_LEVELS = 4 };

/** An inner node on the way down. */
struct level {
    const struct pdf_value *kids;
    uint32_t next; /* kid to visit */
    struct pdf_page inherited;
};

struct walk {
    struct pdf_view *view;
    struct level *levels;
    unsigned depth, room;
    size_t nodes;
    struct map seen; /* object numbers of inner nodes */
    struct rfd_error *error;
    struct level first[FIRST_LEVELS]; /* `levels`, while they are enough */
};

static const struct pdf_value *own_or(struct pdf_view *view, const struct pdf_value *node, const char *key,
                                      const struct pdf_value *inherited)
{
    const struct pdf_value *own = pdf_get(view, node, key);
    return own->kind == PDF_NULL ? inherited : own;
}

/** §7.7.3.4. */
static struct pdf_page inherit(struct pdf_view *view, const struct pdf_value *node, const struct pdf_page *from)
{
    return (struct pdf_page){
        .dictionary = node,
        .media_box = own_or(view, node, "MediaBox", from->media_box),
        .crop_box = own_or(view, node, "CropBox", from->crop_box),
        .resources = own_or(view, node, "Resources", from->resources),
        .rotate = own_or(view, node, "Rotate", from->rotate),
    };
}

static bool is_inner(struct pdf_view *view, const struct pdf_value *node)
{
    const struct pdf_value *type = pdf_get(view, node, "Type");
    if (pdf_is_name(type, "Pages")) return true;
    return !pdf_is_name(type, "Page") && pdf_get(view, node, "Kids")->kind == PDF_ARRAY;
}

static rfd_status make_room(struct walk *w)
{
    if (w->depth < w->room) return RFD_OK;
    unsigned room = w->room * 2;
    bool first = w->levels == w->first;
    struct level *levels = memory_resize(first ? NULL : w->levels, room * sizeof *levels);
    if (levels == NULL) return error_memory(w->error);
    if (first) memcpy(levels, w->first, sizeof w->first);
    w->levels = levels;
    w->room = room;
    return RFD_OK;
}

/** Goes down into an inner node. */
static rfd_status enter(struct walk *w, struct pdf_reference reference, const struct pdf_value *node)
{
    static const struct pdf_page nothing = {{0}, &pdf_null, &pdf_null, &pdf_null, &pdf_null, &pdf_null};
    if (w->depth == TREE_DEPTH_MAXIMUM)
        return error_set(w->error, RFD_E_LIMIT, "page tree deeper than %d", TREE_DEPTH_MAXIMUM);
    if (reference.number != 0 && map_has(&w->seen, reference.number))
        return error_set(w->error, RFD_E_PDF_DAMAGED, "page tree: node %u is met twice (ISO 32000-2 §7.7.3)",
                         reference.number);
    if (reference.number != 0 && map_set(&w->seen, reference.number, 1) != RFD_OK) return error_memory(w->error);
    TRY(make_room(w));
    struct level *l = &w->levels[w->depth];
    l->inherited = inherit(w->view, node, w->depth == 0 ? &nothing : &w->levels[w->depth - 1].inherited);
    l->kids = pdf_get(w->view, node, "Kids");
    l->next = 0;
    w->depth++;
    return RFD_OK;
}

static rfd_status begin(struct walk *w, struct pdf_view *view, struct rfd_error *error)
{
    const struct pdf_value *catalog = pdf_catalog(view);
    const struct pdf_value *root = pdf_get(view, catalog, "Pages");
    *w = (struct walk){.view = view, .error = error, .levels = w->first, .room = FIRST_LEVELS};
    TRY(pdf_view_status(view, error));
    if (pdf_get(view, root, "Kids")->kind != PDF_ARRAY)
        return error_set(error, RFD_E_PDF_DAMAGED, "the catalog leads to no page tree (ISO 32000-2 §7.7.3)");
    return enter(w, pdf_reference_of(catalog, "Pages"), root);
}

static void finish(struct walk *w)
{
    map_dispose(&w->seen);
    if (w->levels != w->first) memory_free(w->levels);
}

static struct pdf_reference reference_of(const struct pdf_value *v)
{
    return v->kind == PDF_REFERENCE ? v->reference : (struct pdf_reference){0};
}

/** The next kid in tree order, leaving finished nodes; NULL at the end. */
static const struct pdf_value *next_kid(struct walk *w)
{
    while (w->depth > 0) {
        struct level *l = &w->levels[w->depth - 1];
        if (l->next < l->kids->count) return &l->kids->items[l->next++];
        w->depth--;
    }
    return NULL;
}

static rfd_status count_node(struct walk *w)
{
    if (++w->nodes > NODES_MAXIMUM) return error_set(w->error, RFD_E_LIMIT, "more than %d pages", NODES_MAXIMUM);
    return pdf_view_status(w->view, w->error);
}

/** Leaves below an inner node as its /Count says; -1 when that cannot be. */
static int64_t stated_count(struct pdf_view *view, const struct pdf_value *node)
{
    int64_t count;
    return pdf_integer(pdf_get(view, node, "Count"), &count) && count >= 0 && count <= NODES_MAXIMUM ? count : -1;
}

/** Skips to kid `index` when every kid of the node just entered must be one leaf. */
static void jump(struct walk *w, const struct pdf_value *node, size_t *index)
{
    struct level *l = &w->levels[w->depth - 1];
    if (stated_count(w->view, node) != (int64_t)l->kids->count || *index >= l->kids->count) return;
    if (is_inner(w->view, pdf_resolve(w->view, &l->kids->items[*index]))) return;
    l->next = (uint32_t)*index;
    *index = 0;
}

/** Finds leaf number `index`; `trust` takes /Count at its word. `*found` stays false when there are too few. */
static rfd_status find(struct walk *w, size_t index, bool trust, struct pdf_page *out, bool *found)
{
    const struct pdf_value *kid;
    if (trust) jump(w, w->levels[0].inherited.dictionary, &index);
    while ((kid = next_kid(w)) != NULL) {
        const struct pdf_value *node = pdf_resolve(w->view, kid);
        TRY(count_node(w));
        if (node->kind != PDF_DICTIONARY) continue;
        if (!is_inner(w->view, node)) {
            if (index-- > 0) continue;
            *out = inherit(w->view, node, &w->levels[w->depth - 1].inherited);
            out->reference = reference_of(kid);
            *found = true;
            return pdf_view_status(w->view, w->error);
        }
        int64_t below = trust ? stated_count(w->view, node) : -1;
        if (below >= 0 && (uint64_t)below <= index) {
            index -= (size_t)below;
            continue;
        }
        TRY(enter(w, reference_of(kid), node));
        if (trust) jump(w, node, &index);
    }
    return RFD_OK;
}

static rfd_status find_once(struct pdf_view *view, size_t index, bool trust, struct pdf_page *out, bool *found,
                            struct rfd_error *error)
{
    struct walk w;
    rfd_status status = begin(&w, view, error);
    if (status == RFD_OK) status = find(&w, index, trust, out, found);
    finish(&w);
    return status;
}

rfd_status pdf_page(struct pdf_view *view, size_t index, struct pdf_page *out, struct rfd_error *error)
{
    bool found = false;
    TRY(find_once(view, index, true, out, &found, error));
    if (!found) TRY(find_once(view, index, false, out, &found, error));
    return found ? RFD_OK : error_set(error, RFD_E_ARGUMENT, "there is no page %zu", index + 1);
}

/** Counts a node's kids at one go when the first of them is a leaf and /Count says that all are. */
static bool count_leaves(struct walk *w, const struct pdf_value *node, size_t *total)
{
    struct level *l = &w->levels[w->depth - 1];
    if (l->kids->count == 0 || stated_count(w->view, node) != (int64_t)l->kids->count) return false;
    if (is_inner(w->view, pdf_resolve(w->view, &l->kids->items[0]))) return false;
    *total += l->kids->count;
    w->depth--;
    return true;
}

static rfd_status count_all(struct walk *w, size_t *total)
{
    const struct pdf_value *kid;
    if (count_leaves(w, w->levels[0].inherited.dictionary, total)) return RFD_OK;
    while ((kid = next_kid(w)) != NULL) {
        const struct pdf_value *node = pdf_resolve(w->view, kid);
        TRY(count_node(w));
        if (node->kind != PDF_DICTIONARY) continue;
        if (is_inner(w->view, node)) {
            TRY(enter(w, reference_of(kid), node));
            (void)count_leaves(w, node, total);
        } else {
            ++*total;
        }
    }
    return RFD_OK;
}

rfd_status pdf_page_count(struct pdf_view *view, size_t *out, struct rfd_error *error)
{
    struct walk w;
    size_t total = 0;
    rfd_status status = begin(&w, view, error);
    if (status == RFD_OK) status = count_all(&w, &total);
    finish(&w);
    if (status == RFD_OK) *out = total;
    return status;
}
