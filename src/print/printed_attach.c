/* SPDX-License-Identifier: EUPL-1.2
 *
 * Files that go along with the pages: embedded (ISO 32000-2 §7.11.4), named in the catalog for viewers (§7.7.4) and
 * associated with the document as its data (§14.13), as ISO 19005-3 §6.8 wants it.
 */
#include "print/printed_internal.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdio.h>

enum { ENTRIES_SIZE = 512 };

static slice copy(struct printed *p, slice given)
{
    slice kept = arena_copy(&p->arena, given);
    if (kept.data == NULL && p->failure.code == RFD_OK) (void)arena_failed(&p->arena, &p->failure);
    return kept;
}

void printed_attach(struct printed *p, const struct printed_attachment *attachment)
{
    const slice name = slice_text(attachment->name), type = slice_text(attachment->type);
    const slice about = slice_text(attachment->description == NULL ? "" : attachment->description);
    if (p->failure.code != RFD_OK) return;
    if (name.length == 0 || !text_is_ascii(name) || type.length == 0 || !text_is_ascii(type) ||
        metadata_check("description", about, NULL) != RFD_OK) {
        (void)error_set(&p->failure, RFD_E_ARGUMENT, "an attachment's name, type or description");
        return;
    }
    struct attached *a = arena_zeroed(&p->arena, 1, sizeof *a);
    if (a == NULL) {
        (void)arena_failed(&p->arena, &p->failure);
        return;
    }
    struct attached **at = &p->attached;
    while (*at != NULL && slice_compare((*at)->name, name) < 0) at = &(*at)->next;
    *a = (struct attached){*at, copy(p, name), copy(p, type), copy(p, about), copy(p, attachment->content)};
    *at = a;
}

static struct pdf_reference write_file(const struct printed *p, struct pdf_update *update, const struct attached *a)
{
    char date[CLOCK_TEXT_SIZE];
    struct buf entries;
    struct pdf_reference self = pdf_update_new(update);
    buf_init(&entries, ENTRIES_SIZE);
    buf_put_text(&entries, "/Type /EmbeddedFile /Subtype ");
    pdf_put_name(&entries, a->type);
    buf_print(&entries, " /Params <</Size %zu", a->content.length);
    if (p->time != RFD_TIME_NONE) buf_print(&entries, " /ModDate (%s)", clock_pdf(p->time, date));
    buf_put_text(&entries, ">>");
    buf_put_byte(&entries, '\0');
    if (entries.status != RFD_OK)
        pdf_update_buffer(update)->status = entries.status;
    else
        pdf_update_stream(update, self, (const char *)entries.data, a->content, true);
    buf_dispose(&entries);
    return self;
}

static struct pdf_reference write_one(const struct printed *p, struct pdf_update *update, const struct attached *a)
{
    struct pdf_reference file = write_file(p, update, a);
    struct pdf_reference self = pdf_update_new(update);
    struct buf *b = pdf_update_object(update, self);
    buf_put_text(b, "<</Type /Filespec /F ");
    pdf_update_string(update, a->name);
    buf_put_text(b, " /UF ");
    pdf_update_text(update, a->name);
    if (a->description.length > 0) buf_put_text(b, " /Desc ");
    if (a->description.length > 0) pdf_update_text(update, a->description);
    buf_put_text(b, " /AFRelationship /Data /EF <</F ");
    pdf_put_reference(b, file);
    buf_put_text(b, " /UF ");
    pdf_put_reference(b, file);
    buf_put_text(b, ">>>>");
    pdf_update_end(update);
    return self;
}

/** A name tree of one leaf, in order (§7.9.6). */
void attach_write(const struct printed *p, struct pdf_update *update, struct buf *entries)
{
    struct buf list;
    if (p->attached == NULL) return;
    buf_init(&list, entries->maximum);
    buf_put_text(entries, " /Names <</EmbeddedFiles <</Names [");
    for (const struct attached *a = p->attached; a != NULL; a = a->next) {
        struct pdf_reference one = write_one(p, update, a);
        buf_put_byte(entries, '<');
        buf_put_hex(entries, a->name, false);
        buf_put_text(entries, "> ");
        pdf_put_reference(entries, one);
        pdf_put_reference(&list, one);
        buf_put_byte(&list, ' ');
    }
    buf_put_text(entries, "]>>>> /AF [");
    buf_put_slice(entries, buf_slice(&list));
    buf_put_byte(entries, ']');
    if (list.status != RFD_OK) entries->status = list.status;
    buf_dispose(&list);
}
