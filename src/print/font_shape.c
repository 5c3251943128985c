/* SPDX-License-Identifier: EUPL-1.2
 *
 * A line is cut into items of one face, script and direction; each is shaped by HarfBuzz on its own, and the items are
 * put into visual order.
 */
#include "print/fonts.h"

#include "base/error.h"
#include "base/text.h"
#include "print/font_direction.h"

enum { TEXT_MAXIMUM = 1 << 17, REPLACEMENT = 0xFFFD, DISTANCE_MAXIMUM = 100000 };

struct item {
    struct item *next; /* in logical order */
    const struct glyph *glyphs;
    size_t count;
    unsigned level;
};

struct shaping {
    struct fonts *fonts;
    struct arena *arena;
    slice text;
    size_t style;
    hb_buffer_t *buffer;
    struct item *first, **last;
    size_t item_count;
    size_t missing;
    struct font_direction direction;
    struct { /* the item that is being collected in the buffer */
        size_t face;
        hb_script_t script; /* HB_SCRIPT_COMMON until a letter decides */
        unsigned level;
        uint32_t end; /* byte after it */
    } now;
};

/* ---- Items ---- */

/** The bytes of each cluster: up to where the next one in reading order begins. */
static void set_lengths(struct glyph *glyphs, size_t count, bool rtl, uint32_t end)
{
    for (size_t n = 0; n < count; n++) {
        size_t i = rtl ? n : count - 1 - n;
        size_t before = rtl ? i - 1 : i + 1; /* the glyph whose end is known already */
        if (n == 0)
            glyphs[i].text_length = end - glyphs[i].text;
        else if (glyphs[before].text == glyphs[i].text)
            glyphs[i].text_length = glyphs[before].text_length;
        else
            glyphs[i].text_length = glyphs[before].text - glyphs[i].text;
    }
}

/** A hostile font's measures must not overflow sums. */
static int32_t bounded(hb_position_t distance)
{
    if (distance > DISTANCE_MAXIMUM) return DISTANCE_MAXIMUM;
    return distance < -DISTANCE_MAXIMUM ? -DISTANCE_MAXIMUM : distance;
}

static rfd_status take_glyphs(struct shaping *s, struct item *item, struct rfd_error *error)
{
    unsigned count;
    const hb_glyph_info_t *info = hb_buffer_get_glyph_infos(s->buffer, &count);
    const hb_glyph_position_t *at = hb_buffer_get_glyph_positions(s->buffer, &count);
    const struct font_face *face = &s->fonts->faces[s->now.face];
    struct glyph *glyphs = arena_allocate(s->arena, count * sizeof *glyphs);
    if (glyphs == NULL) return arena_failed(s->arena, error);
    for (unsigned i = 0; i < count; i++) {
        bool good = info[i].codepoint > 0 && info[i].codepoint < face->glyph_count;
        glyphs[i] = (struct glyph){.id = (uint16_t)(good ? info[i].codepoint : 0),
                                   .face = (uint8_t)s->now.face,
                                   .starts = i == 0 || info[i].cluster != info[i - 1].cluster,
                                   .advance = bounded(at[i].x_advance),
                                   .x = bounded(at[i].x_offset),
                                   .y = bounded(at[i].y_offset),
                                   .text = info[i].cluster};
        if (!good) s->missing++;
    }
    set_lengths(glyphs, count, item->level % 2 == 1, s->now.end);
    item->glyphs = glyphs;
    item->count = count;
    return RFD_OK;
}

/** Shapes what the buffer holds and begins anew. */
static rfd_status end_item(struct shaping *s, struct rfd_error *error)
{
    if (hb_buffer_get_length(s->buffer) == 0) return RFD_OK;
    struct item *item = arena_zeroed(s->arena, 1, sizeof *item);
    if (item == NULL) return arena_failed(s->arena, error);
    item->level = s->now.level;
    hb_buffer_set_content_type(s->buffer, HB_BUFFER_CONTENT_TYPE_UNICODE);
    hb_buffer_set_direction(s->buffer, item->level % 2 == 1 ? HB_DIRECTION_RTL : HB_DIRECTION_LTR);
    hb_buffer_set_script(s->buffer, s->now.script);
    hb_shape(s->fonts->faces[s->now.face].font, s->buffer, NULL, 0);
    if (!hb_buffer_allocation_successful(s->buffer)) return error_memory(error);
    TRY(take_glyphs(s, item, error));
    hb_buffer_clear_contents(s->buffer);
    hb_buffer_set_flags(s->buffer, fonts_buffer_flags);
    *s->last = item;
    s->last = &item->next;
    s->item_count++;
    return RFD_OK;
}

/* ---- Clusters: a character and the marks upon it ---- */

enum { CLUSTER_MAXIMUM = 32 };
struct cluster {
    uint32_t characters[CLUSTER_MAXIMUM];
    uint32_t at[CLUSTER_MAXIMUM]; /* their bytes */
    size_t count;
};

static bool is_mark(uint32_t c)
{
    if (c < 0x300) return false;
    switch (hb_unicode_general_category(hb_unicode_funcs_get_default(), c)) {
    case HB_UNICODE_GENERAL_CATEGORY_NON_SPACING_MARK:
    case HB_UNICODE_GENERAL_CATEGORY_SPACING_MARK:
    case HB_UNICODE_GENERAL_CATEGORY_ENCLOSING_MARK: return true;
    default: return font_is_ignorable(c);
    }
}

/** Line ends and tabulators are blanks here; other control characters show that something is wrong. */
static uint32_t shown(uint32_t c)
{
    if (c == '\t' || c == '\n' || c == '\r') return ' ';
    return c < ' ' || (c >= 0x7F && c < 0xA0) ? REPLACEMENT : c;
}

static void next_cluster(slice *rest, slice text, struct cluster *out)
{
    out->count = 0;
    do {
        slice ahead = *rest;
        uint32_t c = shown(text_next(&ahead));
        if (out->count > 0 && !is_mark(c)) break;
        out->characters[out->count] = c;
        out->at[out->count++] = (uint32_t)(rest->data - text.data);
        *rest = ahead;
    } while (rest->length > 0 && out->count < CLUSTER_MAXIMUM);
}

/** HarfBuzz takes characters apart and puts marks together as the face needs it (UAX #15). Only letters have places for
 * marks: signs such as U+2260 had better come whole from another face. */
static bool shows(const struct font_face *f, const struct cluster *cluster, size_t i)
{
    hb_unicode_funcs_t *unicode = hb_unicode_funcs_get_default();
    uint32_t c = cluster->characters[i];
    hb_codepoint_t a, b;
    if (font_is_ignorable(c) || font_face_has(f, c)) return true;
    if (c < 0x80) return false;
    if (hb_unicode_decompose(unicode, c, &a, &b) && font_direction_script(a) != HB_SCRIPT_COMMON &&
        font_face_has(f, a) && (b == 0 || font_face_has(f, b)))
        return true;
    return i > 0 && hb_unicode_compose(unicode, cluster->characters[i - 1], c, &a) && font_face_has(f, a);
}

static bool shows_all(const struct font_face *f, const struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->count; i++) {
        if (!shows(f, cluster, i)) return false;
    }
    return true;
}

/** The style's own face where it can, then the built-in ones for signs, then the files. What none has becomes U+FFFD
 * of the style's face: .notdef must not be shown (ISO 19005-2 §6.2.11.8). */
static size_t choose_face(struct shaping *s, struct cluster *cluster)
{
    const struct fonts *fonts = s->fonts;
    if (shows_all(&fonts->faces[s->style], cluster)) return s->style;
    for (size_t i = FONT_STYLE_COUNT; i < fonts->count; i++) {
        if (shows_all(&fonts->faces[i], cluster)) return i;
    }
    for (size_t i = 0; i < cluster->count; i++) {
        if (shows(&fonts->faces[s->style], cluster, i)) continue;
        cluster->characters[i] = REPLACEMENT;
        s->missing++;
    }
    return s->style;
}

/** Blanks and commas between words of a right-to-left script stay with them. */
static bool stays(const struct shaping *s, size_t face, unsigned level, const struct cluster *cluster)
{
    return level == 1 && s->now.level == 1 && face == s->style && shows_all(&s->fonts->faces[s->now.face], cluster);
}

static rfd_status add_cluster(struct shaping *s, struct cluster *cluster, slice rest, struct rfd_error *error)
{
    uint32_t c = cluster->characters[0];
    hb_script_t script = font_direction_script(c);
    bool common = script == HB_SCRIPT_COMMON;
    unsigned level = font_direction_next(&s->direction, c, script, rest);
    size_t face = choose_face(s, cluster);
    if (common && stays(s, face, level, cluster)) face = s->now.face;
    bool other_script = !common && s->now.script != HB_SCRIPT_COMMON && script != s->now.script;
    if (face != s->now.face || level != s->now.level || other_script) {
        TRY(end_item(s, error));
        s->now.script = HB_SCRIPT_COMMON;
    }
    if (!common) s->now.script = script;
    s->now.face = face;
    s->now.level = level;
    s->now.end = (uint32_t)(rest.data - s->text.data);
    for (size_t i = 0; i < cluster->count; i++) hb_buffer_add(s->buffer, cluster->characters[i], cluster->at[i]);
    return RFD_OK;
}

static rfd_status shape_items(struct shaping *s, struct rfd_error *error)
{
    slice rest = s->text;
    s->now.face = s->style;
    s->now.script = HB_SCRIPT_COMMON;
    while (rest.length > 0) {
        struct cluster cluster;
        next_cluster(&rest, s->text, &cluster);
        TRY(add_cluster(s, &cluster, rest, error));
    }
    return end_item(s, error);
}

/* ---- Visual order ---- */

static void reverse(struct item **items, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct item *kept = items[i];
        items[i] = items[count - 1 - i];
        items[count - 1 - i] = kept;
    }
}

/** UAX #9 rule L2: from the highest level down, runs of that level and above are turned round. */
static void order_items(struct item **items, size_t count)
{
    for (unsigned level = 2; level > 0; level--) {
        for (size_t i = 0, n; i < count; i += n) {
            for (n = 0; i + n < count && items[i + n]->level >= level; n++) continue;
            reverse(items + i, n);
            if (n == 0) n = 1;
        }
    }
}

static rfd_status join_items(struct shaping *s, const struct glyph **out, size_t *out_count, struct rfd_error *error)
{
    size_t count = 0, n = 0;
    struct item **items = arena_zeroed(s->arena, s->item_count, sizeof(struct item *));
    if (items == NULL) return arena_failed(s->arena, error);
    for (struct item *i = s->first; i != NULL; i = i->next) {
        items[n++] = i;
        count += i->count;
    }
    order_items(items, n);
    struct glyph *glyphs = arena_zeroed(s->arena, count, sizeof *glyphs);
    if (glyphs == NULL) return arena_failed(s->arena, error);
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        memcpy(glyphs + at, items[i]->glyphs, items[i]->count * sizeof *glyphs);
        at += items[i]->count;
    }
    *out = glyphs;
    *out_count = count;
    return RFD_OK;
}

static rfd_status finish(struct shaping *s, struct shaped *out, struct rfd_error *error)
{
    struct shaped result = {.text = s->text, .missing = s->missing};
    if (s->item_count == 1) {
        result.glyphs = s->first->glyphs;
        result.count = s->first->count;
    } else if (s->item_count > 1) {
        TRY(join_items(s, &result.glyphs, &result.count, error));
    }
    int64_t width = 0;
    for (size_t i = 0; i < result.count; i++) width += result.glyphs[i].advance;
    result.width = (int32_t)(width > INT32_MAX ? INT32_MAX : width < 0 ? 0 : width);
    for (struct item *i = s->first; i != NULL; i = i->next) result.reordered |= i->level > 0;
    result.right_to_left = s->direction.base == 1;
    *out = result;
    return RFD_OK;
}

static rfd_status shape_line(struct fonts *fonts, const struct font_line_key *key, struct arena *arena,
                             struct shaped *out, struct rfd_error *error)
{
    if (key->text.length > TEXT_MAXIMUM)
        return error_set(error, RFD_E_LIMIT, "a line of more than %d bytes", (int)TEXT_MAXIMUM);
    struct shaping s = {.fonts = fonts, .arena = arena, .text = key->text, .style = key->style, .last = &s.first};
    font_direction_begin(&s.direction, key->text, key->base);
    s.buffer = fonts_take_buffer(fonts);
    rfd_status status = hb_buffer_allocation_successful(s.buffer) ? RFD_OK : error_memory(error);
    if (status == RFD_OK) status = shape_items(&s, error);
    if (status == RFD_OK) status = finish(&s, out, error);
    fonts_give_buffer(fonts, s.buffer);
    return status;
}

rfd_status fonts_shape_line(struct fonts *fonts, enum font_style style, int base, slice text, struct arena *arena,
                            struct shaped *out, struct rfd_error *error)
{
    const struct font_line_key key = {text, style, base};
    pthread_mutex_lock(&fonts->lock);
    bool found = font_lines_find(&fonts->lines, &key, arena, out);
    pthread_mutex_unlock(&fonts->lock);
    if (found) return RFD_OK;
    TRY(shape_line(fonts, &key, arena, out, error));
    pthread_mutex_lock(&fonts->lock);
    font_lines_keep(&fonts->lines, &key, out);
    pthread_mutex_unlock(&fonts->lock);
    return RFD_OK;
}

rfd_status fonts_shape(struct fonts *fonts, enum font_style style, slice text, struct arena *arena, struct shaped *out,
                       struct rfd_error *error)
{
    return fonts_shape_line(fonts, style, -1, text, arena, out, error);
}
