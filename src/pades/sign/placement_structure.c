/* SPDX-License-Identifier: EUPL-1.2
 *
 * The element goes below the Document element when the root has just that one kid, else below the root. The parent
 * tree is a number tree whose next key only grows: a tree of one node gets one more number, a tree with branches one
 * more branch.
 */
#include "pades/sign/placement_structure.h"

#include "base/error.h"
#include "pades/update_text.h"

enum { TREE_DEPTH_MAXIMUM = 32, ENTRIES_MAXIMUM = 1 << 22 };

struct structure {
    struct pdf_update *update;
    struct pdf_view *view;
    struct arena *arena;
    struct pdf_reference root_object, parent_object, tree_object, element;
    const struct pdf_value *root, *parent, *tree;
    int64_t key;
    struct rfd_error *error;
};

/** An indirect dictionary under a key. */
static bool take_indirect(struct structure *s, const struct pdf_value *owner, const char *key,
                          struct pdf_reference *object, const struct pdf_value **out)
{
    *object = pdf_reference_of(owner, key);
    *out = pdf_get(s->view, owner, key);
    return object->number != 0 && (*out)->kind == PDF_DICTIONARY;
}

/** The highest key in a number tree (§7.9.7); false when it cannot be told. `entries`: nodes and numbers so far, of
 * which a tree whose branches share nodes has more than the file is long. */
static bool highest_key(struct structure *s, const struct pdf_value *node, int depth, int *entries, int64_t *highest)
{
    const struct pdf_value *kids = pdf_get(s->view, node, "Kids");
    const struct pdf_value *numbers = pdf_get(s->view, node, "Nums");
    if (depth > TREE_DEPTH_MAXIMUM || ++*entries > ENTRIES_MAXIMUM) return false;
    for (uint32_t i = 0; numbers->kind == PDF_ARRAY && i + 1 < numbers->count; i += 2) {
        int64_t key;
        if (!pdf_integer(pdf_item(s->view, numbers, i), &key) || key < 0 || key >= INT32_MAX) return false;
        if (++*entries > ENTRIES_MAXIMUM) return false;
        if (key > *highest) *highest = key;
    }
    for (uint32_t i = 0; kids->kind == PDF_ARRAY && i < kids->count; i++) {
        if (!highest_key(s, pdf_item(s->view, kids, i), depth + 1, entries, highest)) return false;
    }
    return true;
}

/** False for a document that is not tagged, or in another way than usual. */
static bool find_tree(struct structure *s)
{
    const struct pdf_value *catalog = pdf_catalog(s->view);
    const struct pdf_value *marked = pdf_get(s->view, pdf_get(s->view, catalog, "MarkInfo"), "Marked");
    int entries = 0;
    int64_t highest = -1, next = 0;
    if (marked->kind != PDF_BOOLEAN || !marked->boolean) return false;
    if (!take_indirect(s, catalog, "StructTreeRoot", &s->root_object, &s->root)) return false;
    if (!take_indirect(s, s->root, "ParentTree", &s->tree_object, &s->tree)) return false;
    if (!highest_key(s, s->tree, 0, &entries, &highest)) return false;
    (void)pdf_integer(pdf_get(s->view, s->root, "ParentTreeNextKey"), &next);
    s->key = next > highest && next < INT32_MAX ? next : highest + 1;
    return true;
}

/** The one Document element, or the root. */
static void find_parent(struct structure *s)
{
    const struct pdf_value *entry = pdf_entry_of(s->root, "K");
    const struct pdf_value *kids = pdf_resolve(s->view, entry);
    if (kids->kind == PDF_ARRAY && kids->count == 1) entry = &kids->items[0];
    const struct pdf_value *only = pdf_resolve(s->view, entry);
    bool document = entry->kind == PDF_REFERENCE && only->kind == PDF_DICTIONARY &&
                    pdf_is_name(pdf_get(s->view, only, "S"), "Document");
    s->parent = document ? only : s->root;
    s->parent_object = document ? entry->reference : s->root_object;
}

static void write_element(const struct structure *s, const struct pdf_page *page, struct pdf_reference field)
{
    struct buf *b = pdf_update_object(s->update, s->element);
    buf_put_text(b, "<</Type/StructElem/S/Form/P ");
    pdf_put_reference(b, s->parent_object);
    buf_put_text(b, "/Pg ");
    pdf_put_reference(b, page->reference);
    buf_put_text(b, "/K<</Type/OBJR/Obj ");
    pdf_put_reference(b, field);
    buf_put_text(b, "/Pg ");
    pdf_put_reference(b, page->reference);
    buf_put_text(b, ">>>>");
    pdf_update_end(s->update);
}

/** /K with the element added: a single kid becomes an array. For the open object `owner`; an indirect array becomes a
 * direct one. */
static rfd_status put_kids(const struct structure *s, const struct pdf_value *dictionary, struct pdf_reference owner,
                           slice *out)
{
    struct buf *b = pdf_update_buffer(s->update);
    size_t from = b->length;
    const struct pdf_value *entry = pdf_entry_of(dictionary, "K");
    const struct pdf_value *kids = pdf_resolve(s->view, entry);
    if (kids->kind == PDF_ARRAY) {
        struct pdf_reference array = entry->kind == PDF_REFERENCE ? entry->reference : owner;
        update_text_array(s->update, kids, array, &s->element, 1);
    } else {
        buf_put_byte(b, '[');
        if (kids->kind != PDF_NULL) pdf_update_value(s->update, entry, owner);
        buf_put_byte(b, ' ');
        pdf_put_reference(b, s->element);
        buf_put_byte(b, ']');
    }
    return update_text_capture(s->update, s->arena, from, out, s->error);
}

/** The root with its next key, and with the element where that is its own kid. */
static rfd_status write_root(const struct structure *s)
{
    struct pdf_change changes[2] = {{.key = "ParentTreeNextKey"}, {.key = "K"}};
    const char *next = arena_print(s->arena, "%lld", (long long)s->key + 1);
    if (next == NULL) return arena_failed(s->arena, s->error);
    changes[0].value = slice_text(next);
    bool kid = s->parent == s->root;
    (void)pdf_update_object(s->update, s->root_object);
    if (kid) TRY(put_kids(s, s->root, s->root_object, &changes[1].value));
    pdf_update_dictionary(s->update, s->root, s->root_object, changes, kid ? 2 : 1);
    pdf_update_end(s->update);
    return RFD_OK;
}

static rfd_status write_parent(const struct structure *s)
{
    struct pdf_change change = {.key = "K"};
    if (s->parent == s->root) return RFD_OK;
    (void)pdf_update_object(s->update, s->parent_object);
    TRY(put_kids(s, s->parent, s->parent_object, &change.value));
    pdf_update_dictionary(s->update, s->parent, s->parent_object, &change, 1);
    pdf_update_end(s->update);
    return RFD_OK;
}

/** A leaf of its own for a tree with branches. */
static struct pdf_reference write_branch(const struct structure *s)
{
    struct pdf_reference branch = pdf_update_new(s->update);
    struct buf *b = pdf_update_object(s->update, branch);
    buf_print(b, "<</Limits[%lld %lld]/Nums[%lld ", (long long)s->key, (long long)s->key, (long long)s->key);
    pdf_put_reference(b, s->element);
    buf_put_text(b, "]>>");
    pdf_update_end(s->update);
    return branch;
}

/** The items of an array with the new key and element, for the open object `owner`. */
static rfd_status put_numbers(const struct structure *s, const struct pdf_value *numbers, struct pdf_reference owner,
                              slice *out)
{
    struct buf *b = pdf_update_buffer(s->update);
    size_t from = b->length;
    update_text_array(s->update, numbers, owner, NULL, 0);
    if (b->length > from) b->length--;
    buf_print(b, " %lld ", (long long)s->key);
    pdf_put_reference(b, s->element);
    buf_put_byte(b, ']');
    return update_text_capture(s->update, s->arena, from, out, s->error);
}

static rfd_status write_tree(const struct structure *s)
{
    const struct pdf_value *kids = pdf_get(s->view, s->tree, "Kids");
    bool branches = kids->kind == PDF_ARRAY && kids->count > 0;
    const char *key = branches ? "Kids" : "Nums";
    const struct pdf_value *entry = pdf_entry_of(s->tree, key);
    const struct pdf_value *array = pdf_resolve(s->view, entry);
    struct pdf_reference branch = branches ? write_branch(s) : (struct pdf_reference){0};
    struct pdf_reference owner = entry->kind == PDF_REFERENCE ? entry->reference : s->tree_object;
    struct pdf_change change = {.key = key};
    struct buf *b = pdf_update_object(s->update, owner);
    size_t from = b->length;
    if (branches)
        update_text_array(s->update, array, owner, &branch, 1);
    else
        TRY(put_numbers(s, array, owner, &change.value));
    if (entry->kind == PDF_REFERENCE) { /* the array is an object of its own */
        buf_put_slice(b, change.value);
    } else {
        if (branches) TRY(update_text_capture(s->update, s->arena, from, &change.value, s->error));
        pdf_update_dictionary(s->update, s->tree, owner, &change, 1);
    }
    pdf_update_end(s->update);
    return RFD_OK;
}

rfd_status placement_structure_write(struct pdf_update *update, struct pdf_view *view, const struct pdf_page *page,
                                     struct pdf_reference field, int64_t *key, struct rfd_error *error)
{
    struct structure s = {.update = update, .view = view, .arena = pdf_arena(view->doc), .error = error};
    *key = -1;
    bool tagged = find_tree(&s);
    TRY(pdf_view_status(view, error));
    if (!tagged) return RFD_OK;
    find_parent(&s);
    s.element = pdf_update_new(update);
    write_element(&s, page, field);
    TRY(write_root(&s));
    TRY(write_parent(&s));
    TRY(write_tree(&s));
    *key = s.key;
    return pdf_view_status(view, error);
}
