/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/visible.h"

#include "base/error.h"
#include "pades/appearance/draw.h"
#include "pades/sign/visible_pages.h"
#include "pdf/archive/archive.h"
#include "pki/keys/key.h"

#include <math.h>

enum { DRAWING_MEMORY = 16 << 20, RECTANGLE_MAXIMUM = 128 };

/** Below this a stamp's text cannot be read, in points: smaller fields get a larger drawing made smaller. */
static const double readable_height = 30, readable_width = 60;

/** An existing field has its place already: its own widget's. */
static rfd_status choose_existing(struct sign_run *run, struct visible *v, bool *shown, struct rfd_error *error)
{
    TRY(place_of_widget(&run->view, run->place.field, &v->spot, shown, error));
    if (!*shown)
        report_sign_check(run->report, "stamp", RFD_CHECK_WARNING, RFD_OK,
                          "field %s has no visible rectangle: the signature shows no stamp", run->place.name);
    return RFD_OK;
}

/** ISO 32000-2 §12.7.5.5: a signature field has one widget. What else is seen is page content, which nothing that was
 * signed allows to change. */
static rfd_status refuse_all_pages(struct sign_run *run, struct rfd_error *error)
{
    struct pdf_reference certification = {0};
    if (run->place.signed_count == 0 && pdf_certification(&run->view, &certification) == 0) return RFD_OK;
    return error_set(error, RFD_E_STAMP_PAGES, "%zu signatures are there already", run->place.signed_count);
}

static rfd_status choose_new(struct sign_run *run, struct visible *v, struct rfd_error *error)
{
    const struct rfd_stamp *stamp = run->options.stamp;
    if (v->place.all_pages) TRY(refuse_all_pages(run, error));
    stamp_size(stamp, run->options.commitment == RFD_COMMITMENT_APPROVAL, &v->wish.width, &v->wish.height);
    v->wish.strip = stamp->style == RFD_STAMP_STRIP;
    TRY(place_find(&run->view, &v->wish, &v->spot, error));
    if (v->spot.crowded)
        report_sign_check(run->report, "stamp", RFD_CHECK_WARNING, RFD_OK,
                          "page %zu has no empty place: the stamp lies over its content", v->spot.index + 1);
    run->place.page = v->spot.page;
    return RFD_OK;
}

static bool needs_opaque(const struct rfd_stamp *stamp)
{
    return (stamp->image != NULL && image_has_alpha(stamp->image)) ||
           (stamp->crest != NULL && image_has_alpha(stamp->crest));
}

rfd_status visible_choose(struct sign_run *run, struct rfd_error *error)
{
    const struct rfd_stamp *stamp = run->options.stamp;
    int part = 0;
    bool shown = true;
    run->visible = NULL;
    if (stamp == NULL) return RFD_OK;
    struct visible *v = arena_zeroed(&run->arena, 1, sizeof *v);
    if (v == NULL) return arena_failed(&run->arena, error);
    TRY(place_read(run->options.place, &v->place, error));
    v->wish.place = &v->place;
    if (run->place.field != NULL)
        TRY(choose_existing(run, v, &shown, error));
    else
        TRY(choose_new(run, v, error));
    if (!shown) return RFD_OK;
    if (needs_opaque(stamp)) TRY(pdf_archive_claim(&run->view, &part, error));
    v->opaque = part == 1;
    run->visible = v;
    return RFD_OK;
}

/* ---- drawing ---- */

static double width_of(struct pdf_box box)
{
    return box.right - box.left;
}

static double height_of(struct pdf_box box)
{
    return box.top - box.bottom;
}

/** How much larger than its rectangle the drawing is: §12.5.5 makes it fit. */
static double enlargement(const struct visible *v)
{
    return fmax(1, fmax(readable_height / height_of(v->spot.seen), readable_width / width_of(v->spot.seen)));
}

/** The turn of the page without its scale, which fitting into /Rect brings about. */
static struct pdf_matrix turn_of(const struct pdf_geometry *g)
{
    struct pdf_matrix m = pdf_geometry_upright(g);
    return (struct pdf_matrix){m.a * g->unit, m.b * g->unit, m.c * g->unit, m.d * g->unit, 0, 0};
}

static rfd_status put_rectangle(struct sign_run *run, const struct visible *v, slice *out, struct rfd_error *error)
{
    struct pdf_box box = pdf_geometry_box_to_user(&v->spot.geometry, v->spot.seen);
    const double numbers[] = {box.left, box.bottom, box.right, box.top};
    uint8_t text[RECTANGLE_MAXIMUM];
    struct buf b = {.data = text, .capacity = sizeof text, .maximum = sizeof text};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        buf_put_byte(&b, i == 0 ? '[' : ' ');
        canvas_put_number(&b, numbers[i]);
    }
    buf_put_byte(&b, ']');
    TRY(buf_check(&b, "a rectangle", error));
    *out = arena_copy(&run->arena, buf_slice(&b));
    return out->data == NULL ? arena_failed(&run->arena, error) : RFD_OK;
}

rfd_status visible_draw(struct sign_run *run, struct pdf_update *update, struct placement_visible *out,
                        struct rfd_error *error)
{
    const struct visible *v = run->visible;
    const struct rfd_sign_options *o = &run->options;
    struct placement_visible result = {0};
    struct arena arena;
    slice alternate;
    double scale = enlargement(v);
    struct stamp_signer signer = {.certificate = key_certificate(o->key),
                                  .name = o->name,
                                  .reason = o->reason,
                                  .location = o->location,
                                  .time = o->time,
                                  .endorses = o->commitment == RFD_COMMITMENT_APPROVAL};
    struct draw_request request = {.stamp = o->stamp,
                                   .signer = &signer,
                                   .width = width_of(v->spot.seen) * scale,
                                   .height = height_of(v->spot.seen) * scale,
                                   .matrix = turn_of(&v->spot.geometry),
                                   .opaque = v->opaque,
                                   .covers = v->place.kind == RFD_PLACE_MARKER && run->place.field == NULL};
    rfd_status status = RFD_OK;
    arena_init(&arena, DRAWING_MEMORY);
    TRY_OUT(draw_stamp(&request, update, &arena, &result.appearance, &alternate, error));
    result.alternate = arena_copy(&run->arena, alternate);
    if (result.alternate.data == NULL) {
        status = arena_failed(&run->arena, error);
        goto out;
    }
    TRY_OUT(put_rectangle(run, v, &result.rectangle, error));
    if (v->place.all_pages && run->place.field == NULL)
        TRY_OUT(visible_pages_write(run, update, result.appearance, request.matrix, request.width, error));
    *out = result;
out:
    arena_dispose(&arena);
    return status;
}
