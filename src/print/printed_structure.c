/* SPDX-License-Identifier: EUPL-1.2
 *
 * The structure tree (ISO 32000-2 §14.7) is written as it is walked: an element takes its number when it begins,
 * gathers its children's references as text, and becomes an object when it ends. Of what ended nothing stays in memory
 * but a reference in its parent.
 */
#include "print/printed_internal.h"

enum { KIDS_MAXIMUM = 128 << 20 };

void structure_begin(struct structure *s, struct pdf_update *update)
{
    *s = (struct structure){.update = update};
    buf_init(&s->marked, KIDS_MAXIMUM);
    buf_init(&s->numbers, KIDS_MAXIMUM);
    s->root = pdf_update_new(update);
    s->tree = pdf_update_new(update);
    structure_open(s, &s->document, NULL, "Document", NULL);
}

void structure_drop(struct element *e)
{
    buf_dispose(&e->kids);
}

void structure_dispose(struct structure *s)
{
    structure_drop(&s->document);
    buf_dispose(&s->marked);
    buf_dispose(&s->numbers);
}

void structure_open(struct structure *s, struct element *e, struct element *parent, const char *type,
                    const char *attributes)
{
    *e = (struct element){.parent = parent, .type = type, .attributes = attributes, .self = pdf_update_new(s->update)};
    buf_init(&e->kids, KIDS_MAXIMUM);
}

static void put_kid(struct element *e, struct pdf_reference kid)
{
    pdf_put_reference(&e->kids, kid);
    buf_put_byte(&e->kids, ' ');
}

/** Content on the element's own page is a number, elsewhere a marked-content reference (table 357). */
void structure_mark(struct structure *s, struct element *e, struct canvas *c)
{
    unsigned mark = s->marks++;
    canvas_begin_marked(c, e->type, (int)mark);
    pdf_put_reference(&s->marked, e->self);
    buf_put_byte(&s->marked, ' ');
    if (e->page.number == 0) e->page = s->page;
    bool here = e->page.number == s->page.number;
    if (!here) {
        buf_put_text(&e->kids, "<</Type /MCR /Pg ");
        pdf_put_reference(&e->kids, s->page);
        buf_put_text(&e->kids, " /MCID ");
    }
    buf_put_unsigned(&e->kids, mark);
    buf_put_text(&e->kids, here ? " " : ">> ");
}

/** A child that failed to grow makes the parent fail, whose bytes would lie. */
static void inherit_failure(struct structure *s, const struct element *e)
{
    if (e->kids.status != RFD_OK && s->numbers.status == RFD_OK) s->numbers.status = e->kids.status;
}

void structure_close(struct structure *s, struct element *e)
{
    struct buf *b = pdf_update_object(s->update, e->self);
    buf_put_text(b, "<</Type /StructElem /S /");
    buf_put_text(b, e->type);
    buf_put_text(b, " /P ");
    pdf_put_reference(b, e->parent == NULL ? s->root : e->parent->self);
    if (e->page.number != 0) {
        buf_put_text(b, " /Pg ");
        pdf_put_reference(b, e->page);
    }
    if (e->attributes != NULL) {
        buf_put_text(b, " /A <<");
        buf_put_text(b, e->attributes);
        buf_put_text(b, ">>");
    }
    if (e->alternative.length > 0) {
        buf_put_text(b, " /Alt ");
        pdf_update_text(s->update, e->alternative);
    }
    if (e->kids.length > 0) {
        buf_put_text(b, " /K [");
        buf_put(b, e->kids.data, e->kids.length - 1); /* without the last space */
        buf_put_byte(b, ']');
    }
    buf_put_text(b, ">>");
    pdf_update_end(s->update);
    inherit_failure(s, e);
    if (e->parent != NULL) put_kid(e->parent, e->self);
    structure_drop(e);
}

unsigned structure_begin_page(struct structure *s, struct pdf_reference page)
{
    s->page = page;
    s->marks = 0;
    buf_reset(&s->marked);
    return s->pages++;
}

void structure_end_page(struct structure *s)
{
    struct pdf_reference marked = pdf_update_new(s->update);
    struct buf *b = pdf_update_object(s->update, marked);
    buf_put_byte(b, '[');
    buf_put_slice(b, buf_slice(&s->marked));
    buf_put_byte(b, ']');
    pdf_update_end(s->update);
    if (s->marked.status != RFD_OK) s->numbers.status = s->marked.status;
    buf_put_unsigned(&s->numbers, s->pages - 1);
    buf_put_byte(&s->numbers, ' ');
    pdf_put_reference(&s->numbers, marked);
    buf_put_byte(&s->numbers, '\n');
}

struct pdf_reference structure_finish(struct structure *s)
{
    structure_close(s, &s->document);
    struct buf *b = pdf_update_object(s->update, s->tree);
    buf_put_text(b, "<</Nums [");
    buf_put_slice(b, buf_slice(&s->numbers));
    buf_put_text(b, "]>>");
    pdf_update_end(s->update);
    b = pdf_update_object(s->update, s->root);
    buf_put_text(b, "<</Type /StructTreeRoot /K ");
    pdf_put_reference(b, s->document.self);
    buf_put_text(b, " /ParentTree ");
    pdf_put_reference(b, s->tree);
    buf_put_text(b, " /ParentTreeNextKey ");
    buf_put_unsigned(b, s->pages);
    buf_put_text(b, ">>");
    pdf_update_end(s->update);
    return s->root;
}

rfd_status structure_check(const struct structure *s, struct rfd_error *error)
{
    TRY(buf_check(&s->document.kids, "structure", error));
    TRY(buf_check(&s->marked, "structure", error));
    return buf_check(&s->numbers, "structure", error);
}
