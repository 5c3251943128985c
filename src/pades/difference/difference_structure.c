/* SPDX-License-Identifier: EUPL-1.2
 *
 * The structure tree of a tagged document (ISO 32000-2 §14.7). A new annotation brings its element, with an object
 * reference to it, and an entry in the parent tree; what was there stays, but for elements of nothing but annotations
 * where those may go. New elements may not claim page content.
 */
#include "pades/difference/difference_internal.h"

#include "base/memory.h"

#include <stdlib.h>

enum { DEPTH_MAXIMUM = 16, TREE_DEPTH_MAXIMUM = 32, LEAVES_MAXIMUM = 4 * 1000 * 1000 };

/* ---- kids ---- */

/** /K is one kid or an array of them; a kid's reference must not be lost. */
static struct walk_list kids_of(const struct pdf_value *found, const struct pdf_value *resolved)
{
    return resolved->kind == PDF_ARRAY ? walk_list_of(resolved) : (struct walk_list){found, resolved->kind != PDF_NULL};
}

static bool is_new_kid(struct walk *w, const struct pdf_value *kid, int depth)
{
    struct walk_value v = walk_new(w, kid);
    if (v.value->kind != PDF_DICTIONARY || depth > DEPTH_MAXIMUM || !walk_spend(w, 1)) return false;
    if (pdf_is_name(walk_new_entry(w, v.value, "Type"), "OBJR"))
        return walk_new_entry(w, v.value, "Obj")->kind == PDF_DICTIONARY;
    if (walk_new_entry(w, v.value, "S")->kind != PDF_NAME) return false;
    const struct pdf_value *found = pdf_entry_of(v.value, "K");
    struct walk_list kids = kids_of(found, walk_new(w, found).value);
    for (uint32_t i = 0; i < kids.count; i++) {
        if (!is_new_kid(w, &kids.items[i], depth + 1)) return false;
    }
    return true;
}

/** True for an element, or its object reference, that stands for markup and nothing else. */
static bool is_of_markup(struct walk *w, const struct pdf_value *kid, int depth)
{
    const struct pdf_value *v = walk_old(w, kid).value;
    if (v->kind != PDF_DICTIONARY || depth > DEPTH_MAXIMUM || !walk_spend(w, 1)) return false;
    if (pdf_is_name(walk_old_entry(w, v, "Type"), "OBJR")) {
        const struct pdf_value *object = walk_old_entry(w, v, "Obj");
        return object->kind == PDF_DICTIONARY && !annotation_is_widget(w, object, false);
    }
    const struct pdf_value *found = pdf_entry_of(v, "K");
    struct walk_list kids = kids_of(found, walk_old(w, found).value);
    for (uint32_t i = 0; i < kids.count; i++) {
        if (!is_of_markup(w, &kids.items[i], depth + 1)) return false;
    }
    return kids.count > 0 && walk_old_entry(w, v, "S")->kind == PDF_NAME;
}

void structure_kids(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                    const struct walk_path *path, const struct walk_field *field)
{
    struct walk_match match;
    struct walk_value b = walk_new(w, new);
    struct walk_list before = kids_of(old, walk_old(w, old).value);
    struct walk_list after = kids_of(new, b.value);
    if (b.value->kind == PDF_ARRAY) walk_mark(w, b.number, MARK_VISITED);
    if (!walk_match_lists(w, before, after, &match)) return;
    w->hint = RFD_FINDING_COUNT;
    bool kept = match.in_order;
    bool removed = false;
    for (uint32_t i = 0; kept && i < before.count; i++) {
        removed = removed || !match.kept[i];
        kept = match.kept[i] || is_of_markup(w, &before.items[i], 0);
    }
    if (!kept || b.unreadable) {
        walk_refuse(w, RFD_FINDING_CHANGE_STRUCTURE, path, field);
        return;
    }
    if (removed) walk_report(w, RFD_CHANGE_ANNOTATION, RFD_FINDING_CHANGE_ANNOTATION, path, field);
    for (uint32_t i = 0; i < after.count && w->status == RFD_OK && walk_spend(w, 1); i++) {
        const struct walk_path *below = walk_index(w, path, i);
        if (match.old_of_new[i] != 0) {
            const struct pdf_value *from = &before.items[match.old_of_new[i] - 1];
            if (!walk_is_unchanged(w, from, &after.items[i]))
                walk_push(w, (struct walk_item){from, &after.items[i], WALK_STRUCTURE_ELEMENT, below, field});
        } else if (is_new_kid(w, &after.items[i], 0)) {
            walk_accept(w, &after.items[i]);
            walk_report_accompanying(w, below);
        } else {
            walk_refuse(w, RFD_FINDING_CHANGE_STRUCTURE, below, field);
        }
    }
}

/* ---- the parent tree ---- */

struct leaf {
    int64_t key;
    const struct pdf_value *value;
};
struct leaves {
    struct leaf *items;
    size_t count, capacity;
    bool good;
};

static bool add_leaf(struct walk *w, struct leaves *l, int64_t key, const struct pdf_value *value)
{
    if (l->count == LEAVES_MAXIMUM) return false;
    if (l->count == l->capacity) {
        size_t capacity = l->capacity == 0 ? 64 : l->capacity * 2;
        struct leaf *bigger = memory_resize(l->items, capacity * sizeof *bigger);
        if (bigger == NULL) {
            walk_fail(w, RFD_E_MEMORY);
            return false;
        }
        l->items = bigger;
        l->capacity = capacity;
    }
    l->items[l->count++] = (struct leaf){key, value};
    return true;
}

/** §7.9.7: a number tree's leaves. False when it is not well formed. */
static bool read_leaves(struct walk *w, const struct pdf_value *node, bool new_side, int depth, struct leaves *out)
{
    struct walk_value (*look)(struct walk *, const struct pdf_value *) = new_side ? walk_new : walk_old;
    struct walk_value v = look(w, node);
    if (new_side) walk_mark(w, v.number, MARK_VISITED);
    if (v.value->kind == PDF_NULL) return !v.unreadable;
    if (v.value->kind != PDF_DICTIONARY || depth > TREE_DEPTH_MAXIMUM || !walk_spend(w, 1)) return false;
    const struct pdf_value *kids = look(w, pdf_entry_of(v.value, "Kids")).value;
    struct walk_value list = look(w, pdf_entry_of(v.value, "Nums"));
    if (new_side) walk_mark(w, list.number, MARK_VISITED);
    for (uint32_t i = 0; kids->kind == PDF_ARRAY && i < kids->count; i++) {
        if (!read_leaves(w, &kids->items[i], new_side, depth + 1, out)) return false;
    }
    if (list.value->kind != PDF_ARRAY) return true;
    for (uint32_t i = 0; i + 1 < list.value->count; i += 2) {
        int64_t key;
        if (!walk_spend(w, 1) || !pdf_integer(look(w, &list.value->items[i]).value, &key)) return false;
        if (!add_leaf(w, out, key, &list.value->items[i + 1])) return false;
    }
    return true;
}

static int by_key(const void *a, const void *b)
{
    const struct leaf *x = a;
    const struct leaf *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

static bool is_element(struct walk *w, const struct pdf_value *v)
{
    const struct pdf_value *element = walk_new(w, v).value;
    return element->kind == PDF_DICTIONARY && walk_new_entry(w, element, "S")->kind == PDF_NAME;
}

static bool is_new_leaf(struct walk *w, const struct pdf_value *v)
{
    const struct pdf_value *value = walk_new(w, v).value;
    if (value->kind != PDF_ARRAY) return is_element(w, v);
    for (uint32_t i = 0; i < value->count; i++) {
        if (!is_element(w, &value->items[i])) return false;
    }
    return true;
}

/** Steps over leaves below `key` (NULL: all that are left) that have gone with their markup; false for other ones. */
static bool skip_removed(struct walk *w, const struct leaves *old, const int64_t *key, size_t *at,
                         const struct walk_path *path)
{
    for (; *at < old->count && (key == NULL || old->items[*at].key < *key); ++*at) {
        if (!is_of_markup(w, old->items[*at].value, 0)) return false;
        walk_report(w, RFD_CHANGE_ANNOTATION, RFD_FINDING_CHANGE_ANNOTATION, path, NULL);
    }
    return true;
}

static bool compare_leaves(struct walk *w, const struct leaves *old, const struct leaves *new,
                           const struct walk_path *path)
{
    size_t o = 0;
    bool added = false;
    for (size_t n = 0; n < new->count && w->status == RFD_OK; n++) {
        const struct leaf *leaf = &new->items[n];
        if (n > 0 && leaf->key == leaf[-1].key) return false;
        if (!skip_removed(w, old, &leaf->key, &o, path)) return false;
        if (o < old->count && old->items[o].key == leaf->key) {
            if (!walk_equal(w, old->items[o].value, leaf->value)) return false;
            o++;
        } else {
            if (!is_new_leaf(w, leaf->value)) return false;
            walk_accept(w, leaf->value);
            added = true;
        }
    }
    if (!skip_removed(w, old, NULL, &o, path)) return false;
    if (added) walk_report_accompanying(w, path);
    return true;
}

void structure_parents(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                       const struct walk_path *path, const struct walk_field *field)
{
    struct leaves before = {0};
    struct leaves after = {0};
    if (walk_equal(w, old, new)) return;
    bool good = read_leaves(w, old, false, 0, &before) && read_leaves(w, new, true, 0, &after);
    w->hint = RFD_FINDING_COUNT;
    if (before.count > 1) qsort(before.items, before.count, sizeof *before.items, by_key);
    if (after.count > 1) qsort(after.items, after.count, sizeof *after.items, by_key);
    if (!good || !compare_leaves(w, &before, &after, path)) walk_refuse(w, RFD_FINDING_CHANGE_STRUCTURE, path, field);
    memory_free(before.items);
    memory_free(after.items);
}

/** §14.7.2: the next free key only grows. */
void structure_next(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                    const struct walk_path *path, const struct walk_field *field)
{
    int64_t before = 0;
    int64_t after;
    if (!pdf_integer(walk_old(w, old).value, &before)) before = 0;
    if (!pdf_integer(walk_new(w, new).value, &after) || after < before)
        walk_refuse(w, RFD_FINDING_CHANGE_STRUCTURE, path, field);
}

void structure_namespaces(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                          const struct walk_path *path, const struct walk_field *field)
{
    struct walk_value b = walk_new(w, new);
    struct walk_list before = walk_list_of(walk_old(w, old).value);
    struct walk_list after = walk_list_of(b.value);
    bool good = b.value->kind == PDF_ARRAY && after.count >= before.count;
    walk_mark(w, b.number, MARK_VISITED);
    w->hint = RFD_FINDING_COUNT;
    for (uint32_t i = 0; good && i < before.count; i++) good = walk_equal(w, &before.items[i], &after.items[i]);
    for (uint32_t i = before.count; good && i < after.count; i++) walk_accept(w, &after.items[i]);
    if (!good)
        walk_refuse(w, RFD_FINDING_CHANGE_STRUCTURE, path, field);
    else if (after.count > before.count)
        walk_report_accompanying(w, path);
}
