/* SPDX-License-Identifier: EUPL-1.2
 *
 * An object is a row of named values, a list a row of values without names; both grow by doubling in the arena.
 */
#include "template/view.h"

#include "base/number.h"

#include <stdio.h>

enum { FIRST_ENTRIES = 8 };

struct entry {
    uint32_t hash;
    slice name;
    struct view_value value;
};

/** All views of one tree share it. What is put where there was no memory for a view goes to `lost`, which keeps
 * nothing. */
struct tree {
    struct arena *arena;
    struct view *lost;
    bool spoiled;
};
struct view {
    struct tree *tree;
    struct entry *entries;
    uint32_t count, capacity;
};

uint32_t view_hash(slice name)
{
    /* FNV-1a. */
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < name.length; i++) hash = (hash ^ name.data[i]) * 16777619U;
    return hash;
}

struct view *view_new(struct arena *a)
{
    struct tree *tree = arena_zeroed(a, 1, sizeof *tree);
    struct view *views = arena_zeroed(a, 2, sizeof *views);
    if (tree == NULL || views == NULL) return NULL;
    views[0].tree = views[1].tree = tree;
    *tree = (struct tree){.arena = a, .lost = &views[1]};
    return &views[0];
}

static bool grow(struct view *view)
{
    uint32_t capacity = view->capacity == 0 ? FIRST_ENTRIES : view->capacity * 2;
    struct entry *entries =
        capacity > UINT32_MAX / 2 ? NULL : arena_allocate(view->tree->arena, capacity * sizeof *entries);
    if (entries == NULL) {
        view->tree->spoiled = true;
        return false;
    }
    if (view->count > 0) memcpy(entries, view->entries, view->count * sizeof *entries);
    view->entries = entries;
    view->capacity = capacity;
    return true;
}

/** `name` NULL: an item. */
static void put(struct view *view, const char *name, struct view_value value)
{
    if (view == NULL || view == view->tree->lost || (view->count == view->capacity && !grow(view))) return;
    slice text = name == NULL ? SLICE_EMPTY : slice_text(name);
    view->entries[view->count++] = (struct entry){view_hash(text), text, value};
}

static struct view *put_view(struct view *view, const char *name, enum view_kind kind)
{
    if (view == NULL || view == view->tree->lost) return view;
    struct view *inside = arena_zeroed(view->tree->arena, 1, sizeof *inside);
    if (inside == NULL) {
        view->tree->spoiled = true;
        return view->tree->lost;
    }
    inside->tree = view->tree;
    put(view, name, (struct view_value){.kind = kind, .view = inside});
    return inside;
}

void view_text(struct view *view, const char *name, slice text)
{
    put(view, name, (struct view_value){.kind = VIEW_TEXT, .text = text});
}

void view_string(struct view *view, const char *name, const char *text)
{
    view_text(view, name, text == NULL ? SLICE_EMPTY : slice_text(text));
}

void view_number(struct view *view, const char *name, int64_t number)
{
    put(view, name, (struct view_value){.kind = VIEW_NUMBER, .number = number});
}

void view_flag(struct view *view, const char *name, bool flag)
{
    put(view, name, (struct view_value){.kind = VIEW_FLAG, .flag = flag});
}

void view_markup(struct view *view, const char *name, slice markup)
{
    put(view, name, (struct view_value){.kind = VIEW_MARKUP, .text = markup});
}

struct view *view_object(struct view *view, const char *name)
{
    return put_view(view, name, VIEW_OBJECT);
}

struct view *view_list(struct view *view, const char *name)
{
    return put_view(view, name, VIEW_LIST);
}

struct view *view_item(struct view *list)
{
    return put_view(list, NULL, VIEW_OBJECT);
}

void view_item_text(struct view *list, slice text)
{
    view_text(list, NULL, text);
}

struct arena *view_arena(const struct view *view)
{
    return view == NULL ? NULL : view->tree->arena;
}

bool view_is_spoiled(const struct view *view)
{
    return view == NULL || view->tree->spoiled;
}

const struct view_value *view_get(const struct view *view, const struct view_name *name)
{
    for (size_t i = view->count; i-- > 0;) {
        const struct entry *e = &view->entries[i];
        if (e->hash == name->hash && slice_equal(e->name, name->text)) return &e->value;
    }
    return NULL;
}

size_t view_count(const struct view *list)
{
    return list->count;
}

const struct view_value *view_at(const struct view *list, size_t index)
{
    return &list->entries[index].value;
}

bool view_is_true(const struct view_value *value)
{
    switch (value->kind) {
    case VIEW_TEXT:
    case VIEW_MARKUP: return value->text.length > 0;
    case VIEW_NUMBER: return value->number != 0;
    case VIEW_FLAG: return value->flag;
    case VIEW_LIST: return value->view->count > 0;
    case VIEW_OBJECT: break;
    }
    return true;
}

slice view_shown(const struct view_value *value, char number[VIEW_NUMBER_SIZE])
{
    switch (value->kind) {
    case VIEW_TEXT:
    case VIEW_MARKUP: return value->text;
    case VIEW_NUMBER:
        return slice_of(number, (size_t)snprintf(number, VIEW_NUMBER_SIZE, "%lld", (long long)value->number));
    case VIEW_FLAG: return value->flag ? SLICE("true") : SLICE("false");
    case VIEW_OBJECT:
    case VIEW_LIST: break;
    }
    return SLICE_EMPTY;
}

/** One step down a dotted name: a name in an object, the number of an item in a list. */
static const struct view_value *step_down(const struct view_value *at, slice part)
{
    uint64_t index;
    if (at->kind == VIEW_OBJECT) return view_get(at->view, &(struct view_name){part, view_hash(part)});
    if (at->kind != VIEW_LIST || !number_unsigned(part, UINT32_MAX, &index) || index >= at->view->count) return NULL;
    return view_at(at->view, index);
}

slice view_find(const struct view *view, const char *name)
{
    if (view == NULL) return SLICE_EMPTY;
    struct view_value root = {.kind = VIEW_OBJECT, .view = view};
    const struct view_value *at = &root;
    for (slice rest = slice_text(name); at != NULL && rest.length > 0;) {
        const uint8_t *dot = memchr(rest.data, '.', rest.length);
        size_t length = dot == NULL ? rest.length : (size_t)(dot - rest.data);
        at = step_down(at, slice_part(rest, 0, length));
        rest = slice_from(rest, dot == NULL ? length : length + 1);
    }
    if (at == NULL || at->kind == VIEW_OBJECT) return SLICE_EMPTY;
    char number[VIEW_NUMBER_SIZE];
    struct view_value count = {.kind = VIEW_NUMBER, .number = at->kind == VIEW_LIST ? (int64_t)at->view->count : 0};
    slice shown = view_shown(at->kind == VIEW_LIST ? &count : at, number);
    if (shown.data == (const uint8_t *)number) return arena_copy(view->tree->arena, shown);
    return shown.data == NULL ? SLICE("") : shown;
}
