/* SPDX-License-Identifier: EUPL-1.2
 *
 * Widths grow with the size, so one layout without line breaks tells how many lines each size needs at least; that
 * is where the search begins, and it mostly ends there, too. Breaking lines of a stamp is ugly: a date that runs over
 * two lines is only put up with when the text would be much smaller otherwise.
 */
#include "pades/appearance/fit.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"

#include <math.h>

enum { GROUP_MAXIMUM = 512 * 1024 };
static const double smallest = 5, largest = 10, step = 0.25, leading = 1.2;
static const double comfortable = 5.5, worth_breaking = 0.72;
static const double hair = 0.01, unbroken = 1e6, measured = 10;

struct fitting {
    struct fonts *fonts;
    struct arena *arena;
    const struct fit_request *request;
    struct span *spans; /* one a part */
    double *factors;
    size_t count;
    struct rfd_error *error;
};

static bool same_style(const struct fit_line *a, const struct fit_line *b)
{
    return a->style == b->style && a->fill == b->fill && !(a->factor < b->factor) && !(a->factor > b->factor);
}

/** Joins runs of lines that look alike. */
static rfd_status make_spans(struct fitting *f)
{
    const struct fit_request *r = f->request;
    f->spans = arena_zeroed(f->arena, r->count + 1, sizeof *f->spans);
    f->factors = arena_zeroed(f->arena, r->count + 1, sizeof *f->factors);
    if (f->spans == NULL || f->factors == NULL) return arena_failed(f->arena, f->error);
    for (size_t i = 0; i < r->count;) {
        const struct fit_line *first = &r->lines[i];
        struct buf b;
        buf_init(&b, GROUP_MAXIMUM);
        for (bool more = false; i < r->count && same_style(first, &r->lines[i]); i++, more = true) {
            if (more) buf_put_byte(&b, '\n');
            buf_put_slice(&b, r->lines[i].text);
        }
        rfd_status status = buf_check(&b, "the stamp's text", f->error);
        slice text = status == RFD_OK ? arena_copy(f->arena, buf_slice(&b)) : SLICE_EMPTY;
        buf_dispose(&b);
        TRY(status);
        if (text.data == NULL) return arena_failed(f->arena, f->error);
        f->factors[f->count] = first->factor;
        f->spans[f->count++] = (struct span){text, first->style, first->fill};
    }
    return RFD_OK;
}

static rfd_status lay_out(const struct fitting *f, double size, double width, struct fit_part *parts)
{
    for (size_t i = 0; i < f->count; i++) {
        double own = size * f->factors[i];
        struct paragraph_style style = {.size = own, .leading = own * leading, .alignment = f->request->alignment};
        TRY(paragraph_layout(f->fonts, f->arena, &f->spans[i], 1, &style, width, &parts[i].paragraph, f->error));
        parts[i].shown = parts[i].paragraph.count;
    }
    return RFD_OK;
}

static double height_of(const struct fit_part *parts, size_t count)
{
    double height = 0;
    for (size_t i = 0; i < count; i++) height += (double)parts[i].shown * parts[i].paragraph.style.leading;
    return height;
}

/** The height that all lines of `parts`, laid out without breaks at `measured`, have at least at another size. */
static double least_height(const struct fit_part *parts, size_t count, double size, double width)
{
    double height = 0;
    double scale = size / measured;
    for (size_t i = 0; i < count; i++) {
        const struct paragraph *p = &parts[i].paragraph;
        for (size_t k = 0; k < p->count; k++)
            height += fmax(1, ceil(p->lines[k].width * scale / width - hair)) * p->style.leading * scale;
    }
    return height;
}

static double widest(const struct fit_part *parts, size_t count)
{
    double width = 0;
    for (size_t i = 0; i < count; i++) width = fmax(width, parts[i].paragraph.width);
    return width;
}

/** The largest step at which no line has to be broken and all fit; less than `smallest` when there is none. */
static double unbroken_size(const struct fitting *f, const struct fit_part *parts, double maximum)
{
    const struct fit_request *r = f->request;
    double scale = fmin(r->width / fmax(hair, widest(parts, f->count)), r->height / height_of(parts, f->count));
    return fmin(maximum, floor(measured * scale / step) * step);
}

static double smaller(double maximum, unsigned steps)
{
    return maximum - steps * step;
}

/** Lines are broken only where that makes the text markedly larger. */
static rfd_status choose_size(const struct fitting *f, struct fit_part *parts, double *size)
{
    const struct fit_request *r = f->request;
    double maximum = r->maximum > 0 ? r->maximum : largest;
    struct arena_mark mark = arena_mark(f->arena);
    TRY(lay_out(f, measured, unbroken, parts));
    double whole = unbroken_size(f, parts, maximum);
    double s = maximum;
    unsigned steps = 0;
    while (s > smallest && least_height(parts, f->count, s, r->width) > r->height + hair) s = smaller(maximum, ++steps);
    for (; s > smallest && s * worth_breaking > whole; s = smaller(maximum, ++steps)) {
        arena_release(f->arena, mark);
        TRY(lay_out(f, s, r->width, parts));
        if (height_of(parts, f->count) <= r->height + hair) break;
    }
    arena_release(f->arena, mark);
    bool keeps_whole = whole >= comfortable && whole >= s * worth_breaking;
    *size = fmax(keeps_whole ? whole : s, smallest);
    return RFD_OK;
}

/* ---- what was found before ---- */

void fit_memory_init(struct fit_memory *m)
{
    *m = (struct fit_memory){.next = 0};
    (void)pthread_mutex_init(&m->lock, NULL);
}

void fit_memory_dispose(struct fit_memory *m)
{
    (void)pthread_mutex_destroy(&m->lock);
}

/** FNV-1a of everything that the size depends on. */
static uint64_t add_to_key(uint64_t key, const void *data, size_t length)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < length; i++) key = (key ^ bytes[i]) * UINT64_C(0x100000001b3);
    return key;
}

static uint64_t key_of(const struct fitting *f)
{
    const struct fit_request *r = f->request;
    const double numbers[] = {r->width, r->height, r->maximum};
    uint64_t key = add_to_key(UINT64_C(0xcbf29ce484222325), numbers, sizeof numbers);
    for (size_t i = 0; i < f->count; i++) {
        key = add_to_key(key, &f->factors[i], sizeof f->factors[i]);
        key = add_to_key(key, &f->spans[i].style, sizeof f->spans[i].style);
        key = add_to_key(key, f->spans[i].text.data, f->spans[i].text.length);
    }
    return key;
}

/** 0 when it is not known. */
static double recall(struct fit_memory *m, uint64_t key)
{
    double size = 0;
    (void)pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < FIT_MEMORY_SIZE; i++) {
        if (m->found[i].key == key && m->found[i].size > 0) size = m->found[i].size;
    }
    (void)pthread_mutex_unlock(&m->lock);
    return size;
}

static void remember(struct fit_memory *m, uint64_t key, double size)
{
    (void)pthread_mutex_lock(&m->lock);
    m->found[m->next].key = key;
    m->found[m->next].size = size;
    m->next = (m->next + 1) % FIT_MEMORY_SIZE;
    (void)pthread_mutex_unlock(&m->lock);
}

static rfd_status find_size(const struct fitting *f, struct fit_part *parts, double *size)
{
    struct fit_memory *m = f->request->memory;
    if (m == NULL) return choose_size(f, parts, size);
    uint64_t key = key_of(f);
    *size = recall(m, key);
    if (*size > 0) return RFD_OK;
    TRY(choose_size(f, parts, size));
    remember(m, key, *size);
    return RFD_OK;
}

/* ---- too much text ---- */

/** The text of a line as it was before it was laid out. */
static void put_line_text(struct buf *b, const struct paragraph_line *line)
{
    for (size_t i = 0; i < line->count; i++) {
        const struct paragraph_piece *piece = &line->pieces[i];
        size_t from = SIZE_MAX;
        size_t to = 0;
        for (size_t k = piece->from; k < piece->to; k++) {
            const struct glyph *g = &piece->text->glyphs[k];
            if (g->text < from) from = g->text;
            if (g->text + g->text_length > to) to = g->text + g->text_length;
        }
        if (from < to) buf_put_slice(b, slice_part(piece->text->text, from, to - from));
    }
}

/** Takes the last character off, and the blanks before it. */
static slice shorten(slice text)
{
    if (text.length > 0) text.length--;
    while (text.length > 0 && (text.data[text.length] & 0xc0) == 0x80) text.length--;
    while (text.length > 0 && text.data[text.length - 1] == ' ') text.length--;
    return text;
}

/** One line of `part` anew, its end replaced by an ellipsis; nothing when not even that fits. */
static rfd_status end_in_ellipsis(const struct fitting *f, size_t part, slice text, double size, struct fit_part *out)
{
    struct paragraph_style style = {size, size * leading, f->request->alignment};
    struct span span = f->spans[part];
    struct buf b;
    rfd_status status = RFD_OK;
    buf_init(&b, GROUP_MAXIMUM);
    struct arena_mark before = arena_mark(f->arena);
    for (bool more = true; more; text = shorten(text)) {
        arena_release(f->arena, before); /* of the attempt before */
        buf_reset(&b);
        buf_put_slice(&b, text);
        buf_put_text(&b, "…");
        TRY_OUT(buf_check(&b, "the stamp's text", f->error));
        span.text = arena_copy(f->arena, buf_slice(&b));
        status = span.text.data == NULL ? arena_failed(f->arena, f->error) : RFD_OK;
        if (status != RFD_OK) goto out;
        TRY_OUT(paragraph_layout(f->fonts, f->arena, &span, 1, &style, unbroken, &out->paragraph, f->error));
        out->shown = out->paragraph.width <= f->request->width + hair;
        more = out->shown == 0 && text.length > 0;
    }
    /* Again with the width that the alignment counts with. */
    if (out->shown > 0)
        status = paragraph_layout(f->fonts, f->arena, &span, 1, &style, f->request->width + 2 * hair, &out->paragraph,
                                  f->error);
out:
    buf_dispose(&b);
    return status;
}

/** Leaves out the lines that do not fit; the last one shown becomes a part of its own. */
static rfd_status cut(const struct fitting *f, double size, struct fit_part *parts, size_t *count)
{
    double left = f->request->height + hair;
    size_t last = SIZE_MAX;
    for (size_t i = 0; i < f->count; i++) {
        double line = parts[i].paragraph.style.leading;
        size_t room = left < line ? 0 : (size_t)(left / line);
        bool all = room >= parts[i].shown;
        if (!all) parts[i].shown = room;
        if (parts[i].shown > 0) last = i;
        left -= (double)parts[i].shown * line;
        if (!all) break;
    }
    *count = last == SIZE_MAX ? 0 : last + 1;
    if (*count == 0) return RFD_OK;
    struct buf b;
    buf_init(&b, GROUP_MAXIMUM);
    put_line_text(&b, &parts[last].paragraph.lines[--parts[last].shown]);
    while (b.length > 0 && b.data[b.length - 1] == ' ') b.length--;
    rfd_status status = buf_check(&b, "the stamp's text", f->error);
    if (status == RFD_OK) status = end_in_ellipsis(f, last, buf_slice(&b), size * f->factors[last], &parts[*count]);
    ++*count;
    buf_dispose(&b);
    return status;
}

rfd_status fit_text(struct fonts *fonts, struct arena *arena, const struct fit_request *request, struct fit *out,
                    struct rfd_error *error)
{
    struct fitting f = {.fonts = fonts, .arena = arena, .request = request, .error = error};
    struct fit result = {.size = request->size};
    TRY(make_spans(&f));
    struct fit_part *parts = arena_zeroed(arena, f.count + 2, sizeof *parts);
    if (parts == NULL) return arena_failed(arena, error);
    if (!(result.size > 0)) TRY(find_size(&f, parts, &result.size));
    TRY(lay_out(&f, result.size, request->width, parts));
    result.parts = parts;
    result.count = f.count;
    if (height_of(parts, f.count) > request->height + hair) {
        result.cut = true;
        TRY(cut(&f, result.size, parts, &result.count));
    }
    for (size_t i = 0; i < result.count; i++) result.width = fmax(result.width, parts[i].paragraph.width);
    result.height = height_of(parts, result.count);
    *out = result;
    return RFD_OK;
}

void fit_draw(const struct fit *f, struct canvas *c, double x, double top)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct fit_part *part = &f->parts[i];
        if (part->shown > 0) paragraph_draw(&part->paragraph, c, x, top, 0, part->shown);
        top -= (double)part->shown * part->paragraph.style.leading;
    }
}
