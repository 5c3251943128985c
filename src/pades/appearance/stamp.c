/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/appearance/stamp.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <zlib.h>

enum { STAMP_MEMORY = 4 << 20, CONTENT_MAXIMUM = 4 << 20, TIME_ZONE_MAXIMUM = 24 * 60 };
static const double millimetre = 72 / 25.4;
static const double side_minimum = 3, side_maximum = 5000; /* millimetres */
static const double font_minimum = 1, font_maximum = 200;  /* points */

/* What a style needs, in millimetres; more with a code that phones can read, or a crest. Strips are as high as their
 * page. */
static const struct {
    double width, height;
} sizes[] = {
    [RFD_STAMP_TEXT] = {70, 25},        [RFD_STAMP_IMAGE] = {45, 20}, [RFD_STAMP_IMAGE_LEFT] = {80, 25},
    [RFD_STAMP_IMAGE_ABOVE] = {50, 35}, [RFD_STAMP_STRIP] = {8, 0},
};
static const double strip_with_qr = 14, for_qr = 20, for_crest = 10, for_column = 12;

static bool in_range(double value, double minimum, double maximum)
{
    return value == 0 || (isfinite(value) && value >= minimum && value <= maximum);
}

static rfd_status check_options(const struct rfd_stamp_options *o, struct rfd_error *error)
{
    if ((unsigned)o->style > RFD_STAMP_STRIP || (unsigned)o->look > RFD_LOOK_NOTIFICATION)
        return error_set(error, RFD_E_ARGUMENT, "stamp style %d, look %d", (int)o->style, (int)o->look);
    if (!in_range(o->width, side_minimum, side_maximum) || !in_range(o->height, side_minimum, side_maximum))
        return error_set(error, RFD_E_ARGUMENT, "a stamp's sides are %g to %g mm", side_minimum, side_maximum);
    if (!in_range(o->font_size, font_minimum, font_maximum))
        return error_set(error, RFD_E_ARGUMENT, "font sizes are %g to %g points", font_minimum, font_maximum);
    if (o->time_zone < -TIME_ZONE_MAXIMUM || o->time_zone > TIME_ZONE_MAXIMUM)
        return error_set(error, RFD_E_ARGUMENT, "time zone %d minutes", o->time_zone);
    bool pictured =
        o->style == RFD_STAMP_IMAGE || o->style == RFD_STAMP_IMAGE_LEFT || o->style == RFD_STAMP_IMAGE_ABOVE;
    if (pictured && o->image.length == 0) return error_set(error, RFD_E_ARGUMENT, "this style of stamp needs an image");
    return RFD_OK;
}

static rfd_status keep_value(struct rfd_stamp *s, const char *text, const char *what, slice *out,
                             struct rfd_error *error)
{
    if (text == NULL) return RFD_OK;
    if (!text_is_utf8(slice_text(text))) return error_set(error, RFD_E_ARGUMENT, "%s is not UTF-8", what);
    return template_value(slice_text(text), &s->arena, out, error);
}

/** Our own lines, or the caller's. */
static rfd_status read_lines(struct rfd_stamp *s, const struct rfd_stamp_options *o, struct rfd_error *error)
{
    struct buf b;
    if (s->own_text) return template_parse(slice_text(o->text), true, &s->arena, &s->text, error);
    buf_init(&b, TEMPLATE_TEXT_MAXIMUM);
    look_put_text(&b, s->style == RFD_STAMP_STRIP, o->language);
    rfd_status status = buf_check(&b, "the stamp's text", error);
    if (status == RFD_OK) status = template_parse(buf_slice(&b), true, &s->arena, &s->text, error);
    buf_dispose(&b);
    return status;
}

static rfd_status read_texts(struct rfd_stamp *s, const struct rfd_stamp_options *o, struct rfd_error *error)
{
    s->own_text = o->text != NULL;
    TRY(read_lines(s, o, error));
    for (int look = RFD_LOOK_APPROVAL; look < STAMP_LOOK_COUNT; look++) {
        const char *title = language_get(o->language, look_of((enum rfd_stamp_look)look)->title);
        s->titles[look] = arena_text(&s->arena, slice_text(title));
        if (s->titles[look] == NULL) return arena_failed(&s->arena, error);
    }
    slice alternate = slice_text(language_get(o->language, N_("Signature of {name}")));
    return template_parse(alternate, false, &s->arena, &s->alternate, error);
}

/** Deflates without a container of its own: /FlateDecode (ISO 32000-2 §7.4.4). */
static rfd_status deflate_content(slice content, struct buf *out, struct rfd_error *error)
{
    uLongf length = compressBound((uLong)content.length);
    uint8_t *to = buf_reserve(out, length);
    if (to == NULL) return buf_check(out, "QR code", error);
    if (compress2(to, &length, content.data, (uLong)content.length, Z_BEST_COMPRESSION) != Z_OK)
        return error_memory(error);
    out->length += length;
    return RFD_OK;
}

rfd_status stamp_qr_content(slice text, struct buf *out, struct rfd_error *error)
{
    struct qr *qr = NULL;
    struct canvas canvas;
    TRY(qr_new(text, &qr, error));
    canvas_init(&canvas, NULL, (struct pdf_reference){0});
    qr_draw(qr, &canvas, 0, 0, STAMP_QR_SIDE);
    rfd_status status = canvas_check(&canvas, error);
    if (status == RFD_OK) status = deflate_content(buf_slice(&canvas.content), out, error);
    canvas_dispose(&canvas);
    qr_free(qr);
    return status;
}

static bool depends_on_signature(const struct template *t)
{
    for (size_t i = 0; i < t->count; i++) {
        for (size_t k = 0; k < t->lines[i].count; k++) {
            enum template_word word = t->lines[i].pieces[k].word;
            if (word != TEMPLATE_LITERAL && word != TEMPLATE_POST && word != TEMPLATE_NUMBER) return true;
        }
    }
    return false;
}

static rfd_status read_qr(struct rfd_stamp *s, const struct rfd_stamp_options *o, struct rfd_error *error)
{
    if (o->qr == NULL) return RFD_OK;
    if (strchr(o->qr, '\n') != NULL) return error_set(error, RFD_E_ARGUMENT, "the code's text has more than one line");
    TRY(template_parse(slice_text(o->qr), false, &s->arena, &s->qr_text, error));
    s->has_qr = true;
    if (depends_on_signature(&s->qr_text)) return RFD_OK;
    const slice values[TEMPLATE_WORD_COUNT] = {[TEMPLATE_POST] = s->post, [TEMPLATE_NUMBER] = s->number};
    const struct template_text *lines;
    size_t count = 0;
    TRY(template_fill(&s->qr_text, values, &s->arena, &lines, &count, error));
    if (count > 0 && lines[0].text.length > 0) return stamp_qr_content(lines[0].text, &s->qr_fixed, error);
    s->has_qr = false; /* nothing to say */
    return RFD_OK;
}

static rfd_status read_pictures(struct rfd_stamp *s, const struct rfd_stamp_options *o, struct rfd_error *error)
{
    bool pictured = s->style != RFD_STAMP_TEXT && s->style != RFD_STAMP_STRIP;
    if (pictured) TRY(image_read(o->image, &s->image, error));
    if (o->crest.length > 0 && s->style != RFD_STAMP_IMAGE) TRY(image_read(o->crest, &s->crest, error));
    return RFD_OK;
}

static rfd_status fill(struct rfd_stamp *s, const struct rfd_stamp_options *o, struct rfd_error *error)
{
    s->sizes = arena_zeroed(&s->arena, 1, sizeof *s->sizes);
    if (s->sizes == NULL) return arena_failed(&s->arena, error);
    fit_memory_init(s->sizes);
    s->style = o->style;
    s->look = o->look;
    s->width = o->width;
    s->height = o->height;
    s->font_size = o->font_size;
    s->time_zone = o->time_zone;
    (void)snprintf(s->language, sizeof s->language, "%s", language_code(o->language));
    TRY(keep_value(s, o->post, "the post", &s->post, error));
    TRY(keep_value(s, o->number, "the number", &s->number, error));
    TRY(read_texts(s, o, error));
    TRY(read_qr(s, o, error));
    TRY(read_pictures(s, o, error));
    return fonts_new(o->fonts, &s->fonts, error);
}

rfd_status rfd_stamp_new(const struct rfd_stamp_options *options, struct rfd_stamp **out, struct rfd_error *error)
{
    struct rfd_stamp_options o = RFD_STAMP_OPTIONS_INIT;
    if (options == NULL || options->size < sizeof options->size || options->size > sizeof o)
        return error_set(error, RFD_E_ARGUMENT, "options not initialised with RFD_STAMP_OPTIONS_INIT");
    memcpy(&o, options, options->size);
    TRY(check_options(&o, error));
    struct rfd_stamp *s = memory_zeroed(1, sizeof *s);
    if (s == NULL) return error_memory(error);
    arena_init(&s->arena, STAMP_MEMORY);
    buf_init(&s->qr_fixed, CONTENT_MAXIMUM);
    rfd_status status = fill(s, &o, error);
    if (status == RFD_OK)
        *out = s;
    else
        rfd_stamp_free(s);
    return status;
}

void rfd_stamp_free(struct rfd_stamp *stamp)
{
    if (stamp == NULL) return;
    image_free(stamp->image);
    image_free(stamp->crest);
    fonts_free(stamp->fonts);
    buf_dispose(&stamp->qr_fixed);
    if (stamp->sizes != NULL) fit_memory_dispose(stamp->sizes);
    arena_dispose(&stamp->arena);
    memory_free(stamp);
}

enum rfd_stamp_look stamp_look(const struct rfd_stamp *stamp, bool endorses)
{
    if (stamp->look != RFD_LOOK_BY_KIND) return stamp->look;
    return endorses ? RFD_LOOK_ENDORSEMENT : RFD_LOOK_APPROVAL;
}

static double usual_width(const struct rfd_stamp *s, enum rfd_stamp_look look)
{
    if (s->style == RFD_STAMP_STRIP) return s->has_qr ? strip_with_qr : sizes[s->style].width;
    bool column = look_of(look)->where == LOOK_COLUMN && (s->style == RFD_STAMP_IMAGE_LEFT || s->has_qr);
    return sizes[s->style].width + (s->has_qr ? for_qr : 0) + (s->crest != NULL ? for_crest : 0) +
           (column ? for_column : 0);
}

void stamp_size(const struct rfd_stamp *stamp, bool endorses, double *width, double *height)
{
    bool strip = stamp->style == RFD_STAMP_STRIP;
    double usual = usual_width(stamp, stamp_look(stamp, endorses));
    *width = (stamp->width > 0 ? stamp->width : usual) * millimetre;
    *height = strip ? 0 : (stamp->height > 0 ? stamp->height : sizes[stamp->style].height) * millimetre;
}
