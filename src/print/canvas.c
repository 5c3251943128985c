/* SPDX-License-Identifier: EUPL-1.2
 *
 * Operators are written as they come; only the colours in force are remembered, to be set once.
 */
#include "print/canvas.h"

#include "base/error.h"

#include <math.h>

enum { CONTENT_MAXIMUM = 64 << 20 };

void canvas_init(struct canvas *c, struct font_use *fonts, struct pdf_reference profile)
{
    *c = (struct canvas){.fonts = fonts, .profile = profile};
    buf_init(&c->content, CONTENT_MAXIMUM);
}

void canvas_dispose(struct canvas *c)
{
    buf_dispose(&c->content);
}

rfd_status canvas_check(const struct canvas *c, struct rfd_error *error)
{
    if (c->status == RFD_E_LIMIT)
        return error_set(error, RFD_E_LIMIT, "a page's content: more than %d pictures", (int)CANVAS_IMAGES_MAXIMUM);
    if (c->status != RFD_OK) return error_memory(error);
    return buf_check(&c->content, "a page's content", error);
}

/* ---- Operands ---- */

/** Readers need not take numbers beyond 32,767 (ISO 32000-1 Annex C); what is no number at all fails, too. */
void canvas_put_number(struct buf *b, double value)
{
    static const double greatest = 1e6;
    if (!(value >= -greatest && value <= greatest)) {
        if (b->status == RFD_OK) b->status = RFD_E_LIMIT;
        return;
    }
    long thousandths = lround(value * 1000);
    if (thousandths < 0) {
        buf_put_byte(b, '-');
        thousandths = -thousandths;
    }
    unsigned fraction = (unsigned)(thousandths % 1000);
    if (thousandths >= 1000 || fraction == 0) buf_put_unsigned(b, (uint64_t)thousandths / 1000);
    if (fraction == 0) return;
    uint8_t digits[] = {'.', (uint8_t)('0' + fraction / 100), (uint8_t)('0' + fraction / 10 % 10),
                        (uint8_t)('0' + fraction % 10)};
    size_t length = digits[3] != '0' ? 4 : digits[2] != '0' ? 3 : 2;
    buf_put(b, digits, length);
}

/** Numbers with a blank after each, then the operator and a line's end. */
static void operator(struct canvas *c, const double *operands, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        canvas_put_number(&c->content, operands[i]);
        buf_put_byte(&c->content, ' ');
    }
    buf_put_text(&c->content, name);
    buf_put_byte(&c->content, '\n');
}

#define OPERATOR(c, name, ...)                                                                                         \
    operator(c, (const double[]){__VA_ARGS__}, sizeof((const double[]){__VA_ARGS__}) / sizeof(double), name)

static void put_colour(struct canvas *c, colour value, const char *space, const char *name)
{
    if (space != NULL) buf_put_text(&c->content, space);
    OPERATOR(c, name, (value >> 16 & 0xFF) / 255.0, (value >> 8 & 0xFF) / 255.0, (value & 0xFF) / 255.0);
}

void canvas_set_fill(struct canvas *c, colour value)
{
    if (c->has_fill && c->fill == value) return;
    put_colour(c, value, c->has_fill ? NULL : "/C cs ", "scn");
    c->fill = value;
    c->has_fill = true;
}

static void set_stroke(struct canvas *c, colour value, double line)
{
    if (!c->has_stroke || c->stroke != value) {
        put_colour(c, value, c->has_stroke ? NULL : "/C CS ", "SCN");
        c->stroke = value;
        c->has_stroke = true;
    }
    OPERATOR(c, "w", line);
}

/* ---- State ---- */

void canvas_save(struct canvas *c)
{
    buf_put_text(&c->content, "q\n");
}

/** The colours of before canvas_save() are in force again; which ones is not worth remembering. */
void canvas_restore(struct canvas *c)
{
    buf_put_text(&c->content, "Q\n");
    c->has_fill = c->has_stroke = false;
}

void canvas_transform(struct canvas *c, double a, double b, double cc, double d, double e, double f)
{
    OPERATOR(c, "cm", a, b, cc, d, e, f);
}

void canvas_clip(struct canvas *c, double x, double y, double width, double height)
{
    OPERATOR(c, "re W n", x, y, width, height);
}

/* ---- Shapes ---- */

void canvas_fill_rectangle(struct canvas *c, double x, double y, double width, double height, colour fill)
{
    canvas_set_fill(c, fill);
    OPERATOR(c, "re f", x, y, width, height);
}

void canvas_stroke_rectangle(struct canvas *c, double x, double y, double width, double height, double line,
                             colour stroke)
{
    set_stroke(c, stroke, line);
    OPERATOR(c, "re S", x, y, width, height);
}

void canvas_line(struct canvas *c, double x1, double y1, double x2, double y2, double line, colour stroke)
{
    set_stroke(c, stroke, line);
    OPERATOR(c, "m", x1, y1);
    OPERATOR(c, "l S", x2, y2);
}

/** Fills and strokes the path that `path` writes; either colour may be CANVAS_NONE. */
static bool begin_path(struct canvas *c, double line, colour fill, colour stroke)
{
    if (fill != CANVAS_NONE) canvas_set_fill(c, fill);
    if (stroke != CANVAS_NONE) set_stroke(c, stroke, line);
    return fill != CANVAS_NONE || stroke != CANVAS_NONE;
}

static void end_path(struct canvas *c, colour fill, colour stroke)
{
    buf_put_text(&c->content, stroke == CANVAS_NONE ? "h f\n" : fill == CANVAS_NONE ? "s\n" : "b\n");
}

/** How far a Bézier curve's control points lie from the corner, as a part of the radius, to make a quarter circle. */
#define CORNER (1 - 0.5522847498)

void canvas_round_rectangle(struct canvas *c, double x, double y, double width, double height, double radius,
                            double line, colour fill, colour stroke)
{
    double r = fmin(radius, fmin(width, height) / 2), k = r * CORNER, right = x + width, top = y + height;
    if (!begin_path(c, line, fill, stroke)) return;
    OPERATOR(c, "m", x + r, y);
    OPERATOR(c, "l", right - r, y);
    OPERATOR(c, "c", right - k, y, right, y + k, right, y + r);
    OPERATOR(c, "l", right, top - r);
    OPERATOR(c, "c", right, top - k, right - k, top, right - r, top);
    OPERATOR(c, "l", x + r, top);
    OPERATOR(c, "c", x + k, top, x, top - k, x, top - r);
    OPERATOR(c, "l", x, y + r);
    OPERATOR(c, "c", x, y + k, x + k, y, x + r, y);
    end_path(c, fill, stroke);
}

void canvas_circle(struct canvas *c, double x, double y, double radius, double line, colour fill, colour stroke)
{
    double r = radius, k = radius * (1 - CORNER);
    if (!begin_path(c, line, fill, stroke)) return;
    OPERATOR(c, "m", x + r, y);
    OPERATOR(c, "c", x + r, y + k, x + k, y + r, x, y + r);
    OPERATOR(c, "c", x - k, y + r, x - r, y + k, x - r, y);
    OPERATOR(c, "c", x - r, y - k, x - k, y - r, x, y - r);
    OPERATOR(c, "c", x + k, y - r, x + r, y - k, x + r, y);
    end_path(c, fill, stroke);
}

/* ---- XObjects and marked content ---- */

void canvas_xobject(struct canvas *c, struct pdf_reference object)
{
    size_t i = 0;
    while (i < c->image_count && c->images[i].number != object.number) i++;
    if (i == CANVAS_IMAGES_MAXIMUM) {
        c->status = RFD_E_LIMIT;
        return;
    }
    if (i == c->image_count) c->images[c->image_count++] = object;
    buf_put_text(&c->content, "/X");
    buf_put_unsigned(&c->content, i);
    buf_put_text(&c->content, " Do\n");
}

void canvas_begin_marked(struct canvas *c, const char *tag, int mcid)
{
    pdf_put_name(&c->content, slice_text(tag));
    if (mcid < 0) {
        buf_put_text(&c->content, " BMC\n");
        return;
    }
    buf_put_text(&c->content, " <</MCID ");
    buf_put_unsigned(&c->content, (unsigned)mcid);
    buf_put_text(&c->content, ">> BDC\n");
}

void canvas_begin_artifact(struct canvas *c)
{
    buf_put_text(&c->content, "/Artifact BMC\n");
}

void canvas_end_marked(struct canvas *c)
{
    buf_put_text(&c->content, "EMC\n");
}

/* ---- Whole ---- */

void canvas_put_resources(const struct canvas *c, struct buf *b)
{
    buf_put_text(b, "<<");
    if (c->text_used) {
        buf_put_text(b, "/Font<<");
        font_use_put_resources(c->fonts, b);
        buf_put_text(b, ">>");
    }
    if (c->image_count > 0) buf_put_text(b, "/XObject<<");
    for (size_t i = 0; i < c->image_count; i++) {
        buf_put_text(b, "/X");
        buf_put_unsigned(b, i);
        buf_put_byte(b, ' ');
        pdf_put_reference(b, c->images[i]);
    }
    if (c->image_count > 0) buf_put_text(b, ">>");
    if (c->profile.number != 0) {
        buf_put_text(b, "/ColorSpace<</C[/ICCBased ");
        pdf_put_reference(b, c->profile);
        buf_put_text(b, "]>>");
    }
    buf_put_text(b, ">>");
}

void canvas_write_form(struct canvas *c, struct pdf_update *update, struct pdf_reference reference, double width,
                       double height)
{
    enum { WORTHWHILE = 2048 }; /* below, compressing costs more time than a whole stamp otherwise does */
    struct buf entries;
    buf_init(&entries, CONTENT_MAXIMUM);
    buf_put_text(&entries, "/Type/XObject/Subtype/Form/BBox[0 0 ");
    canvas_put_number(&entries, width);
    buf_put_byte(&entries, ' ');
    canvas_put_number(&entries, height);
    buf_put_text(&entries, "]/Resources");
    canvas_put_resources(c, &entries);
    buf_put_byte(&entries, '\0');
    if (entries.status != RFD_OK)
        c->status = RFD_E_MEMORY;
    else
        pdf_update_stream(update, reference, (const char *)entries.data, buf_slice(&c->content),
                          c->content.length > WORTHWHILE);
    buf_dispose(&entries);
}
