/* SPDX-License-Identifier: EUPL-1.2
 *
 * Bookmarks from headings (ISO 32000-2 §12.3.3). The tree is made from the list of headings with one pass and a stack
 * of the entries whose descendants may still come.
 */
#include "print/printed_internal.h"

enum { DEPTH = 4 }; /* the root and three levels */

struct outline_node {
    const struct outline_entry *entry;
    struct outline_node *parent, *previous, *next, *first, *last;
    size_t descendants;
};

static void adopt(struct outline_node *parent, struct outline_node *node)
{
    node->parent = parent;
    node->previous = parent->last;
    if (parent->last != NULL)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    for (struct outline_node *up = parent; up != NULL; up = up->parent) up->descendants++;
}

static void put_link(struct buf *b, const char *key, struct pdf_reference to)
{
    buf_put_text(b, key);
    pdf_put_reference(b, to);
}

static void put_children(struct buf *b, const struct outline_node *node)
{
    if (node->first == NULL) return;
    put_link(b, " /First ", node->first->entry->self);
    put_link(b, " /Last ", node->last->entry->self);
    buf_put_text(b, " /Count ");
    buf_put_unsigned(b, node->descendants);
}

/** The destination shows the heading at the window's top and keeps left edge and zoom (table 149). */
static void write_node(struct pdf_update *update, const struct outline_node *node, struct pdf_reference root)
{
    const struct outline_entry *entry = node->entry;
    struct buf *b = pdf_update_object(update, entry->self);
    buf_put_text(b, "<</Title ");
    pdf_update_text(update, entry->title);
    put_link(b, " /Parent ", node->parent->entry == NULL ? root : node->parent->entry->self);
    if (node->previous != NULL) put_link(b, " /Prev ", node->previous->entry->self);
    if (node->next != NULL) put_link(b, " /Next ", node->next->entry->self);
    put_children(b, node);
    put_link(b, " /Dest [", entry->page);
    buf_put_text(b, " /XYZ null ");
    canvas_put_number(b, entry->y);
    buf_put_text(b, " null]>>");
    pdf_update_end(update);
}

struct pdf_reference outline_write(const struct outline *o, struct pdf_update *update, struct arena *arena,
                                   struct rfd_error *error)
{
    struct outline_node top = {0};
    struct outline_node *open[DEPTH] = {&top};
    struct outline_node *nodes = NULL;
    size_t depth = 0;
    size_t count = 0;
    size_t at = 0;
    if (o->first == NULL) return (struct pdf_reference){0};
    for (const struct outline_entry *e = o->first; e != NULL; e = e->next) count++;
    nodes = arena_zeroed(arena, count, sizeof *nodes);
    if (nodes == NULL) {
        (void)arena_failed(arena, error);
        return (struct pdf_reference){0};
    }
    for (const struct outline_entry *e = o->first; e != NULL; e = e->next) {
        while (depth > 0 && open[depth]->entry->level >= e->level) depth--;
        nodes[at].entry = e;
        adopt(open[depth], &nodes[at]);
        open[++depth] = &nodes[at++];
    }
    struct pdf_reference root = pdf_update_new(update);
    for (at = 0; at < count; at++) write_node(update, &nodes[at], root);
    struct buf *b = pdf_update_object(update, root);
    buf_put_text(b, "<</Type /Outlines");
    put_children(b, &top);
    buf_put_text(b, ">>");
    pdf_update_end(update);
    return root;
}
