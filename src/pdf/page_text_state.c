/* SPDX-License-Identifier: EUPL-1.2
 *
 * Graphics state, colours and marked content (ISO 32000-2 §8.4, §8.6, §14.6). Of colours only one thing is asked:
 * whether they are plain white, since a white area is how some producers begin a page.
 */
#include "base/memory.h"
#include "pdf/page_text_reader.h"

enum { SAVED_MAXIMUM = 512, FIRST_SAVED = 16 };

static bool make_room(struct page_reader *r)
{
    if (r->saved_count < r->saved_room) return true;
    size_t room = r->saved_room == 0 ? FIRST_SAVED : r->saved_room * 2;
    struct page_state *saved = memory_resize(r->saved, room * sizeof *saved);
    if (saved == NULL) {
        page_text_fail(r, error_memory(r->error));
        return false;
    }
    r->saved = saved;
    r->saved_room = room;
    return true;
}

/** Beyond the maximum, levels are only counted, so that they still pair up. */
static void save(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n, (void)o;
    if (r->saved_count == SAVED_MAXIMUM) {
        r->saved_beyond++;
        r->work.complete = false;
        return;
    }
    if (make_room(r)) r->saved[r->saved_count++] = r->state;
}

/** A Q too many is passed over; a form cannot restore what was saved outside it. */
static void restore(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n, (void)o;
    if (r->saved_beyond > 0)
        r->saved_beyond--;
    else if (r->saved_count > r->saved_base)
        r->state = r->saved[--r->saved_count];
}

static void transform(struct page_reader *r, const double *n, const struct content_operation *o)
{
    struct pdf_matrix m = {n[0], n[1], n[2], n[3], n[4], n[5]};
    (void)o;
    r->state.ctm = pdf_matrix_multiply(&m, &r->state.ctm);
}

static void set_width(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)o;
    r->state.line_width = n[0] > 0 ? n[0] : 0;
}

/* ---- colours ---- */

static void set(struct page_paint *p, enum page_colours space, const double *n, size_t count)
{
    bool white = space != PAGE_OTHER;
    for (size_t i = 0; i < count; i++) white = white && (space == PAGE_CMYK ? n[i] <= 0 : n[i] >= 1);
    *p = (struct page_paint){space, white};
}

#define DEVICE_COLOUR(name, member, space, count)                                                                      \
    static void name(struct page_reader *r, const double *n, const struct content_operation *o)                        \
    {                                                                                                                  \
        (void)o;                                                                                                       \
        set(&r->state.member, space, n, count);                                                                        \
    }
DEVICE_COLOUR(fill_gray, fill, PAGE_GRAY, 1)
DEVICE_COLOUR(stroke_gray, stroke, PAGE_GRAY, 1)
DEVICE_COLOUR(fill_rgb, fill, PAGE_RGB, 3)
DEVICE_COLOUR(stroke_rgb, stroke, PAGE_RGB, 3)
DEVICE_COLOUR(fill_cmyk, fill, PAGE_CMYK, 4)
DEVICE_COLOUR(stroke_cmyk, stroke, PAGE_CMYK, 4)

static const struct {
    const char *name;
    enum page_colours space;
} spaces[] = {
    {"DeviceGray", PAGE_GRAY}, {"CalGray", PAGE_GRAY}, {"G", PAGE_GRAY},    {"DeviceRGB", PAGE_RGB},
    {"CalRGB", PAGE_RGB},      {"RGB", PAGE_RGB},      {"CMYK", PAGE_CMYK}, {"DeviceCMYK", PAGE_CMYK},
};

static enum page_colours space_named(const struct pdf_value *name)
{
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
        if (pdf_is_name(name, spaces[i].name)) return spaces[i].space;
    }
    return PAGE_OTHER;
}

static enum page_colours space_of(struct page_reader *r, const struct pdf_value *name)
{
    static const enum page_colours components[] = {PAGE_OTHER, PAGE_GRAY, PAGE_OTHER, PAGE_RGB, PAGE_CMYK};
    struct pdf_view *view = &r->work.view;
    enum page_colours named = space_named(name);
    if (named != PAGE_OTHER) return named;
    const struct pdf_value *space = page_text_resource(r, "ColorSpace", name);
    const struct pdf_value *family = space->kind == PDF_ARRAY ? pdf_item(view, space, 0) : space;
    int64_t n;
    if (!pdf_is_name(family, "ICCBased")) return space_named(family);
    bool known = pdf_integer(pdf_get(view, pdf_item(view, space, 1), "N"), &n) && n >= 1 && n <= 4;
    return known ? components[n] : PAGE_OTHER;
}

/** §8.6.8: a space begins with black, or with what its own rules say. */
static void set_space(struct page_reader *r, struct page_paint *p, const struct content_operation *o)
{
    if (o->count > 0) *p = (struct page_paint){space_of(r, &o->operands[o->count - 1]), false};
}

static void fill_space(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n;
    set_space(r, &r->state.fill, o);
}

static void stroke_space(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n;
    set_space(r, &r->state.stroke, o);
}

static void set_colour(struct page_paint *p, const struct content_operation *o)
{
    static const size_t wanted[] = {[PAGE_GRAY] = 1, [PAGE_RGB] = 3, [PAGE_CMYK] = 4, [PAGE_OTHER] = 0};
    double n[4];
    p->white = false;
    if (p->space == PAGE_OTHER || o->count != wanted[p->space]) return;
    for (size_t i = 0; i < o->count; i++) {
        if (!pdf_number(&o->operands[i], &n[i])) return;
    }
    set(p, p->space, n, o->count);
}

static void fill_colour(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n;
    set_colour(&r->state.fill, o);
}

static void stroke_colour(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n;
    set_colour(&r->state.stroke, o);
}

/* ---- marked content ---- */

static void mark(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n, (void)o;
    r->marked++;
}

static void mark_with(struct page_reader *r, const double *n, const struct content_operation *o)
{
    mark(r, n, o);
    if (r->actual.active || o->count == 0) return;
    const struct pdf_value *properties = &o->operands[o->count - 1];
    if (properties->kind == PDF_NAME) properties = page_text_resource(r, "Properties", properties);
    const struct pdf_value *text = pdf_get(&r->work.view, properties, "ActualText");
    if (text->kind != PDF_STRING || !page_work_spend(&r->work, text->bytes.length)) return;
    buf_reset(&r->actual.text);
    pdf_text_to_utf8(text->bytes, &r->actual.text);
    if (buf_status(&r->actual.text) == RFD_E_MEMORY) page_text_fail(r, error_memory(r->error));
    if (buf_status(&r->actual.text) != RFD_OK) return;
    r->actual.active = true;
    r->actual.used = false;
    r->actual.level = r->marked;
}

static void unmark(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n, (void)o;
    if (r->actual.active && r->marked <= r->actual.level) r->actual.active = false;
    if (r->marked > 0) r->marked--;
}

const struct page_operator page_text_state_operators[] = {
    {"q", 0, save},         {"Q", 0, restore},       {"cm", 6, transform},     {"w", 1, set_width},
    {"g", 1, fill_gray},    {"G", 1, stroke_gray},   {"rg", 3, fill_rgb},      {"RG", 3, stroke_rgb},
    {"k", 4, fill_cmyk},    {"K", 4, stroke_cmyk},   {"cs", 0, fill_space},    {"CS", 0, stroke_space},
    {"sc", 0, fill_colour}, {"scn", 0, fill_colour}, {"SC", 0, stroke_colour}, {"SCN", 0, stroke_colour},
    {"BDC", 0, mark_with},  {"BMC", 0, mark},        {"EMC", 0, unmark},       {"", 0, NULL},
};
