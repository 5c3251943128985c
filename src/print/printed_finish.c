/* SPDX-License-Identifier: EUPL-1.2
 *
 * From parts to a file: the walk, and around it what makes the file whole, with the catalog (ISO 32000-2 §7.7.2) last.
 */
#include "print/printed_internal.h"

#include "pdf/create.h"

#include <assert.h>

enum { LAYOUT_MAXIMUM = 1 << 30, OUTLINE_MAXIMUM = 64 << 20, ENTRIES_MAXIMUM = 1 << 20 };

struct catalog {
    struct pdf_reference pages, structure, outline, metadata, intent;
    struct buf attached; /* entries */
};

/** ISO 19005-2 §6.2.3: one profile for all colours of the file, which are in its space anyway. */
static struct pdf_reference write_intent(struct flow *f)
{
    struct pdf_reference self = pdf_update_new(f->update);
    struct buf *b = pdf_update_object(f->update, self);
    buf_put_text(b, "<</Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB IEC61966-2.1)"
                    " /RegistryName (http://www.color.org) /Info (sRGB IEC61966-2.1) /DestOutputProfile ");
    pdf_put_reference(b, f->profile);
    buf_put_text(b, ">>");
    pdf_update_end(f->update);
    return self;
}

static void put_entry(struct buf *b, const char *key, struct pdf_reference to)
{
    if (to.number == 0) return;
    buf_put_text(b, key);
    pdf_put_reference(b, to);
}

static struct pdf_reference write_catalog(struct flow *f, const struct catalog *c)
{
    struct pdf_reference self = pdf_update_new(f->update);
    struct buf *b = pdf_update_object(f->update, self);
    buf_put_text(b, "<</Type /Catalog");
    put_entry(b, " /Pages ", c->pages);
    put_entry(b, " /Metadata ", c->metadata);
    put_entry(b, " /StructTreeRoot ", c->structure);
    put_entry(b, " /Outlines ", c->outline);
    buf_put_text(b, " /MarkInfo <</Marked true>>");
    if (f->printed->language.length > 0) {
        buf_put_text(b, " /Lang ");
        pdf_update_string(f->update, f->printed->language);
    }
    if (f->printed->title.length > 0) buf_put_text(b, " /ViewerPreferences <</DisplayDocTitle true>>");
    buf_put_text(b, " /OutputIntents [");
    pdf_put_reference(b, c->intent);
    buf_put_byte(b, ']');
    buf_put_slice(b, buf_slice(&c->attached));
    if (c->attached.status != RFD_OK) b->status = c->attached.status;
    buf_put_text(b, ">>");
    pdf_update_end(f->update);
    return self;
}

static rfd_status begin(const struct printed *p, struct flow *f, struct rfd_error *error)
{
    arena_init(&f->arena, LAYOUT_MAXIMUM);
    arena_init(&f->entries, OUTLINE_MAXIMUM);
    f->printed = p;
    TRY(pdf_create_begin(&f->update, error));
    TRY(font_use_new(p->fonts, f->update, &f->fonts, error));
    f->profile = colour_write_profile(f->update);
    structure_begin(&f->structure, f->update);
    return RFD_OK;
}

static void dispose(struct flow *f)
{
    page_dispose(&f->pages);
    structure_dispose(&f->structure);
    font_use_free(f->fonts);
    pdf_update_free(f->update);
    arena_dispose(&f->arena);
    arena_dispose(&f->entries);
}

static rfd_status flow_status(const struct flow *f, struct rfd_error *error)
{
    if (flow_ok(f)) return RFD_OK;
    if (error != NULL) *error = f->failure;
    return f->failure.code;
}

static rfd_status write_rest(struct flow *f, rfd_bytes *out, struct rfd_error *error)
{
    struct rfd_error failure;
    struct catalog c = {0};
    slice file;
    c.pages = page_finish(f);
    c.outline = outline_write(&f->outline, f->update, &f->entries, &failure);
    if (f->outline.first != NULL && c.outline.number == 0) flow_failed(f, &failure);
    TRY(structure_check(&f->structure, error));
    c.structure = structure_finish(&f->structure);
    c.metadata = metadata_write_xmp(f->printed, f->update);
    c.intent = write_intent(f);
    struct pdf_reference info = metadata_write_info(f->printed, f->update);
    buf_init(&c.attached, ENTRIES_MAXIMUM);
    attach_write(f->printed, f->update, &c.attached);
    struct pdf_reference root = write_catalog(f, &c);
    buf_dispose(&c.attached);
    TRY(flow_status(f, error));
    TRY(font_use_write(f->fonts, error));
    TRY(pdf_create_finish(f->update, root, info, &file, error));
    if (file.length > PRINTED_FILE_MAXIMUM) return error_set(error, RFD_E_LIMIT, "a file of %zu bytes", file.length);
    return buf_take(pdf_update_buffer(f->update), out, error);
}

rfd_status printed_finish(struct printed *p, rfd_bytes *out, struct rfd_error *error)
{
    struct flow f = {0};
    rfd_status status = p->failure.code;
    if (status != RFD_OK && error != NULL) *error = p->failure;
    if (status != RFD_OK) return status;
    TRY_OUT(begin(p, &f, error));
    flow_run(&f);
    TRY_OUT(flow_status(&f, error));
    TRY_OUT(write_rest(&f, out, error));
out:
    dispose(&f);
    return status;
}
