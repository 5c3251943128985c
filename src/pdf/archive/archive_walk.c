/* SPDX-License-Identifier: EUPL-1.2
 *
 * Everything that the trailer reaches, each indirect object once, in no particular order. Direct values are followed in
 * place (the lexer bounds their depth); references go onto a stack.
 */
#include "pdf/archive/archive_internal.h"

#include "base/memory.h"

enum { OBJECTS_MAXIMUM = 8388607, DEPTH_MAXIMUM = 70 };

struct pending {
    uint32_t number;
    slice under, above;
};
struct stack {
    struct pending *items;
    size_t count, capacity;
    struct map seen;
    size_t visited;
};

static void push(struct archive *a, struct stack *s, struct pdf_reference reference, const struct archive_place *at)
{
    if (map_has(&s->seen, reference.number) || a->status != RFD_OK) return;
    if (s->count == s->capacity) {
        size_t capacity = s->capacity == 0 ? 256 : s->capacity * 2;
        struct pending *bigger = memory_resize(s->items, capacity * sizeof *bigger);
        if (bigger == NULL) {
            a->status = RFD_E_MEMORY;
            return;
        }
        s->items = bigger;
        s->capacity = capacity;
    }
    a->status = map_set(&s->seen, reference.number, 1);
    s->items[s->count++] = (struct pending){reference.number, at->under, at->above};
}

static void visit(struct archive *a, struct stack *s, const struct pdf_value *v, const struct archive_place *at,
                  int depth)
{
    if (depth > DEPTH_MAXIMUM || a->status != RFD_OK) return;
    if (v->kind == PDF_REFERENCE) {
        push(a, s, v->reference, at);
        return;
    }
    archive_check_value(a, v, at);
    if (v->kind == PDF_ARRAY) {
        for (uint32_t i = 0; i < v->count; i++) visit(a, s, &v->items[i], at, depth + 1);
        return;
    }
    const struct pdf_entry *entries = pdf_entries(v);
    for (uint32_t i = 0; entries != NULL && i < v->count; i++) {
        const struct archive_place below = {at->object, entries[i].key, at->under};
        visit(a, s, &entries[i].value, &below, depth + 1);
    }
}

static void visit_object(struct archive *a, struct stack *s, const struct pending *p)
{
    const struct pdf_value *v;
    const struct archive_place at = {p->number, p->under, p->above};
    if (!archive_read(a, pdf_object(a->view->doc, a->view->revision, p->number, &v, NULL))) return;
    archive_check_framing(a, p->number);
    visit(a, s, v, &at, 0);
    archive_settle(a);
}

void archive_walk(struct archive *a)
{
    struct stack s = {0};
    const struct archive_place top = {0};
    const struct pdf_value *trailer = pdf_trailer(a->view);
    const struct pdf_entry *entries = pdf_entries(trailer);
    for (uint32_t i = 0; entries != NULL && i < trailer->count; i++) {
        const struct archive_place at = {0, entries[i].key, top.under};
        if (!slice_is(entries[i].key, "Prev")) visit(a, &s, &entries[i].value, &at, 0);
    }
    archive_settle(a);
    while (s.count > 0 && a->status == RFD_OK) {
        struct pending next = s.items[--s.count];
        if (++s.visited > OBJECTS_MAXIMUM) {
            a->complete = false;
            break;
        }
        visit_object(a, &s, &next);
    }
    memory_free(s.items);
    map_dispose(&s.seen);
}
