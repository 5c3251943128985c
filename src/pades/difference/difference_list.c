/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which items of two arrays belong together: first those at the same place or with the same reference, then, in their
 * order, those that are equal although one is direct or has another number. What is left was removed or added.
 */
#include "pades/difference/difference_internal.h"

struct walk_list walk_list_of(const struct pdf_value *v)
{
    if (v->kind == PDF_ARRAY) return (struct walk_list){v->items, v->count};
    return (struct walk_list){v, v->kind != PDF_NULL};
}

static bool same_object(const struct pdf_value *old, const struct pdf_value *new)
{
    return old->kind == PDF_REFERENCE && new->kind == PDF_REFERENCE && old->reference.number == new->reference.number;
}

static void pair(struct walk_match *m, uint32_t old, uint32_t new)
{
    m->old_of_new[new] = old + 1;
    m->kept[old] = true;
}

static bool by_reference(struct walk *w, struct walk_list old, struct walk_list new, uint32_t from,
                         struct walk_match *m)
{
    struct map numbers = {0};
    bool good = true;
    for (uint32_t i = from; good && i < old.count; i++) {
        if (old.items[i].kind == PDF_REFERENCE) good = map_set(&numbers, old.items[i].reference.number, i) == RFD_OK;
    }
    for (uint32_t i = from; good && i < new.count; i++) {
        uint64_t at;
        if (new.items[i].kind == PDF_REFERENCE && map_get(&numbers, new.items[i].reference.number, &at) && !m->kept[at])
            pair(m, (uint32_t)at, i);
    }
    map_dispose(&numbers);
    if (!good) walk_fail(w, RFD_E_MEMORY);
    return good;
}

static void by_content(struct walk *w, struct walk_list old, struct walk_list new, struct walk_match *m)
{
    uint32_t next = 0;
    for (uint32_t i = 0; i < new.count; i++) {
        if (m->old_of_new[i] != 0) continue;
        while (next < old.count && m->kept[next]) next++;
        if (next == old.count) break;
        if (walk_equal(w, &old.items[next], &new.items[i])) pair(m, next, i);
    }
}

bool walk_match_lists(struct walk *w, struct walk_list old, struct walk_list new, struct walk_match *out)
{
    struct walk_match m = {.old_of_new = walk_allocate(w, (size_t) new.count + 1, sizeof *m.old_of_new),
                           .kept = walk_allocate(w, (size_t)old.count + 1, sizeof *m.kept),
                           .in_order = true};
    uint32_t same = 0;
    uint32_t last = 0;
    if (m.old_of_new == NULL || m.kept == NULL) return false;
    for (; same < old.count && same < new.count &&same_object(&old.items[same], &new.items[same]); same++)
        pair(&m, same, same);
    if (same < old.count && same < new.count) {
        if (!by_reference(w, old, new, same, &m)) return false;
        by_content(w, old, new, &m);
    }
    for (uint32_t i = 0; i < new.count; i++) {
        if (m.old_of_new[i] == 0) continue;
        m.in_order = m.in_order && m.old_of_new[i] > last;
        last = m.old_of_new[i];
    }
    *out = m;
    return w->status == RFD_OK;
}
