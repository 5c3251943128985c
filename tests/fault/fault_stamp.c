/* SPDX-License-Identifier: EUPL-1.2
 *
 * Stamps while allocations fail: made, placed, drawn on one page and on all, and previewed; a clean error or a good
 * signature, never half of one.
 */
#include "../soak/workshop.h"
#include "../unit/pdf_support.h"
#include "fault.h"

#include "base/buf.h"
#include "base/error.h"

enum { BYTES_MAXIMUM = 1 << 20 };

struct scene {
    struct workshop w;
    struct buf document;
    struct rfd_stamp_options stamp;
    struct rfd_place place;
    struct rfd_stamp *ready; /* NULL: a new one for each run */
};

static rfd_status sign_with(struct scene *s, const struct rfd_stamp *stamp, struct rfd_error *error)
{
    struct rfd_sign_options options = workshop_sign_options(&s->w);
    rfd_bytes update = {0};
    options.reason = "Conforme ✓";
    options.stamp = stamp;
    options.place = &s->place;
    rfd_status status = rfd_sign_memory(buf_slice(&s->document), &options, &update, NULL, error);
    if (status != RFD_OK && update.data != NULL) status = fault_wrong(error, "an update in spite of an error");
    if (status == RFD_OK && memmem(update.data, update.length, "/AP<</N ", 8) == NULL)
        status = fault_wrong(error, "no appearance");
    rfd_bytes_free(&update);
    return status;
}

static rfd_status make(void *context, struct rfd_error *error)
{
    struct scene *s = context;
    struct rfd_stamp *stamp = NULL;
    TRY(rfd_stamp_new(&s->stamp, &stamp, error));
    rfd_stamp_free(stamp);
    return RFD_OK;
}

static rfd_status sign(void *context, struct rfd_error *error)
{
    struct scene *s = context;
    struct rfd_stamp *stamp = NULL;
    if (s->ready != NULL) return sign_with(s, s->ready, error);
    TRY(rfd_stamp_new(&s->stamp, &stamp, error));
    rfd_status status = sign_with(s, stamp, error);
    rfd_stamp_free(stamp);
    return status;
}

static rfd_status preview(void *context, struct rfd_error *error)
{
    struct scene *s = context;
    struct rfd_sign_options options = workshop_sign_options(&s->w);
    rfd_bytes document = {0};
    int page = 0;
    options.stamp = s->ready;
    options.place = &s->place;
    TRY(rfd_preview_memory(buf_slice(&s->document), SLICE_EMPTY, &options, &document, &page, error));
    rfd_bytes_free(&document);
    return page == 2 ? RFD_OK : fault_wrong(error, "another page");
}

/** Two pages, tagged, with a marker and an inherited resource. */
static void make_document(struct buf *document)
{
    static const char *const objects[] = {
        "<</Type/Catalog/Pages 2 0 R/MarkInfo<</Marked true>>/StructTreeRoot 7 0 R>>",
        "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/Resources<</Font<</F 6 0 R>>>>>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Rotate 90>>",
        "<</Length 48>>stream\nBT /F 12 Tf 60 700 Td (Visto: {{firma:1}}) Tj ET\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        "<</Type/StructTreeRoot/ParentTree 8 0 R>>",
        "<</Nums[]>>",
    };
    buf_init(document, BYTES_MAXIMUM);
    support_make_pdf(document, objects, sizeof objects / sizeof *objects, "/Root 1 0 R");
}

int main(void)
{
    struct scene s = {.stamp = RFD_STAMP_OPTIONS_INIT, .place = RFD_PLACE_INIT};
    (void)folder_new();
    workshop_open(&s.w, "P-256");
    make_document(&s.document);
    s.stamp.qr = "https://verifica.example/{number}/{name}";
    s.stamp.number = "2026-0001";
    s.stamp.post = "Alcaldesa";
    fault_run("making a stamp", make, &s);
    fault_run("making one and signing with it", sign, &s);
    if (rfd_stamp_new(&s.stamp, &s.ready, NULL) != RFD_OK) return 1;
    fault_run("signing at the first free place", sign, &s);
    fault_run("a preview", preview, &s);
    s.place.kind = RFD_PLACE_MARKER;
    s.place.marker = "{{firma:1}}";
    fault_run("signing over a marker", sign, &s);
    s.place.kind = RFD_PLACE_ANCHOR;
    s.place.all_pages = true;
    fault_run("signing on all pages", sign, &s);
    rfd_stamp_free(s.ready);
    buf_dispose(&s.document);
    workshop_close(&s.w);
    folder_remove();
    return fault_end();
}
