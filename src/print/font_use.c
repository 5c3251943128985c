/* SPDX-License-Identifier: EUPL-1.2 */
#include "print/fonts.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

enum { WORD_BITS = 64, EXTRAS_MAXIMUM = 65535, TEXT_MAXIMUM = 1 << 20, KEY_MAXIMUM = 8 << 20, EXTRA_TEXT_MAXIMUM = 64 };

struct used_face {
    struct pdf_reference reference; /* {0}: not used */
    uint32_t classes;
    uint64_t *single;
};

struct font_use {
    struct fonts *fonts;
    struct pdf_update *update;
    struct used_face faces[FONT_FACES_MAXIMUM];
    struct arena arena;
    struct font_extra *extras;
    size_t extra_count, extra_capacity;
    rfd_status status;
};

rfd_status font_use_new(struct fonts *fonts, struct pdf_update *update, struct font_use **out, struct rfd_error *error)
{
    struct font_use *use = memory_zeroed(1, sizeof *use);
    if (use == NULL) return error_memory(error);
    use->fonts = fonts;
    use->update = update;
    arena_init(&use->arena, KEY_MAXIMUM);
    *out = use;
    return RFD_OK;
}

void font_use_free(struct font_use *use)
{
    if (use == NULL) return;
    arena_dispose(&use->arena);
    memory_free(use->extras);
    memory_free(use);
}

const struct fonts *font_use_fonts(const struct font_use *use)
{
    return use->fonts;
}

/* ---- Collecting ---- */

static bool begin_face(struct font_use *use, size_t index)
{
    struct used_face *face = &use->faces[index];
    size_t words = (use->fonts->faces[index].glyph_count + WORD_BITS - 1) / WORD_BITS;
    face->single = arena_zeroed(&use->arena, words, sizeof *face->single);
    if (face->single == NULL) return false;
    face->reference = pdf_update_new(use->update);
    return true;
}

/** Index of an extra, or where it would have to be put. They are few. */
static size_t find_extra(const struct font_use *use, const struct glyph *g, bool *found)
{
    size_t i = 0;
    while (i < use->extra_count &&
           (use->extras[i].face < g->face || (use->extras[i].face == g->face && use->extras[i].glyph < g->id)))
        i++;
    *found = i < use->extra_count && use->extras[i].face == g->face && use->extras[i].glyph == g->id;
    return i;
}

static bool add_extra(struct font_use *use, const struct glyph *g, slice text)
{
    bool found;
    size_t at = find_extra(use, g, &found);
    if (found) return true;
    if (use->extra_count == use->extra_capacity) {
        size_t capacity = use->extra_capacity == 0 ? 16 : use->extra_capacity * 2;
        struct font_extra *grown = memory_resize(use->extras, capacity * sizeof *grown);
        if (grown == NULL) return false;
        use->extras = grown;
        use->extra_capacity = capacity;
    }
    slice kept = arena_copy(&use->arena, text);
    if (kept.data == NULL) return false;
    memmove(use->extras + at + 1, use->extras + at, (use->extra_count - at) * sizeof *use->extras);
    use->extras[at] = (struct font_extra){g->face, g->id, kept};
    use->extra_count++;
    return true;
}

/** Its cluster's text, kept short: what is longer is told by /ActualText. */
static slice text_of(const struct shaped *text, const struct glyph *g)
{
    return slice_part(text->text, g->text, g->text_length < EXTRA_TEXT_MAXIMUM ? g->text_length : EXTRA_TEXT_MAXIMUM);
}

static bool add_glyph(struct font_use *use, const struct shaped *text, const struct glyph *g)
{
    struct used_face *face = &use->faces[g->face];
    const struct font_face *f = &use->fonts->faces[g->face];
    if (face->reference.number == 0 && !begin_face(use, g->face)) return false;
    if (f->classes[g->id] != 0) {
        face->classes |= UINT32_C(1) << f->classes[g->id];
        return true;
    }
    face->single[g->id / WORD_BITS] |= UINT64_C(1) << (g->id % WORD_BITS);
    return f->characters[g->id] != 0 || add_extra(use, g, text_of(text, g));
}

void font_use_add(struct font_use *use, const struct shaped *text, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < text->count && use->status == RFD_OK; i++) {
        if (add_glyph(use, text, &text->glyphs[i])) continue;
        use->status = use->arena.status == RFD_E_LIMIT ? RFD_E_LIMIT : RFD_E_MEMORY;
    }
}

void font_use_put_resources(struct font_use *use, struct buf *b)
{
    for (size_t i = 0; i < use->fonts->count; i++) {
        if (use->faces[i].reference.number == 0) continue;
        buf_put_text(b, "/F");
        buf_put_unsigned(b, i);
        buf_put_byte(b, ' ');
        pdf_put_reference(b, use->faces[i].reference);
    }
}

/* ---- Reading ---- */

static bool put_glyph_text(const struct font_use *use, const struct glyph *g, struct buf *b)
{
    bool found;
    if (font_face_put_text(&use->fonts->faces[g->face], g->id, b)) return true;
    size_t at = find_extra(use, g, &found);
    if (found) buf_put_slice(b, use->extras[at].text);
    return found;
}

/** Text without the characters that are not seen. */
static bool same_text(slice a, slice b)
{
    for (;;) {
        uint32_t left = 0, right = 0;
        while (a.length > 0 && font_is_ignorable(left = text_next(&a))) left = 0;
        while (b.length > 0 && font_is_ignorable(right = text_next(&b))) right = 0;
        if (left != right) return false;
        if (left == 0) return a.length == 0 && b.length == 0;
    }
}

bool font_use_reads_right(struct font_use *use, const struct shaped *text, size_t from, size_t to)
{
    const struct glyph *g = &text->glyphs[from];
    slice wanted = slice_part(text->text, g->text, g->text_length);
    const struct font_face *f = &use->fonts->faces[g->face];
    slice rest = wanted;
    uint32_t c = wanted.length > 0 ? text_next(&rest) : 0;
    if (to == from + 1 && rest.length == 0 && f->characters[g->id] == c && !font_face_is_ligature(c)) return true;
    struct buf shown;
    buf_init(&shown, TEXT_MAXIMUM);
    bool right = true;
    for (size_t i = from; i < to && right; i++) right = put_glyph_text(use, &text->glyphs[i], &shown);
    if (buf_status(&shown) != RFD_OK && use->status == RFD_OK) use->status = buf_status(&shown);
    right = right && same_text(buf_slice(&shown), wanted);
    buf_dispose(&shown);
    return right;
}

/* ---- Writing ---- */

/** A program for the selection, from those kept or made now. */
static rfd_status get_program(struct fonts *fonts, const struct font_selection *selection, struct font_program **out,
                              struct rfd_error *error)
{
    struct buf key;
    const struct font_face *f = &fonts->faces[selection->face];
    rfd_status status = RFD_OK;
    buf_init(&key, KEY_MAXIMUM);
    font_program_key(f, selection, &key);
    TRY_OUT(buf_check(&key, "glyphs of a font", error));
    pthread_mutex_lock(&fonts->lock);
    struct font_program *program = font_programs_find(&fonts->programs, buf_slice(&key));
    pthread_mutex_unlock(&fonts->lock);
    if (program == NULL) {
        TRY_OUT(font_program_new(f, selection, &key, &program, error));
        pthread_mutex_lock(&fonts->lock);
        font_programs_keep(&fonts->programs, program);
        pthread_mutex_unlock(&fonts->lock);
    }
    *out = program;
out:
    buf_dispose(&key);
    return status;
}

struct font_objects {
    struct pdf_reference font, descendant, descriptor, file, unicode, set;
};

static void put_entry(struct buf *b, const char *key, struct pdf_reference r)
{
    buf_put_text(b, key);
    pdf_put_reference(b, r);
}

static void write_dictionaries(struct pdf_update *u, const struct font_face *f, const struct font_program *p,
                               const struct font_objects *o)
{
    enum { SYMBOLIC = 1 << 2, ITALIC = 1 << 6 };
    struct buf *b = pdf_update_object(u, o->font);
    buf_print(b, "<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H", p->name);
    put_entry(b, "/DescendantFonts[", o->descendant);
    put_entry(b, "]/ToUnicode ", o->unicode);
    buf_put_text(b, ">>");
    pdf_update_end(u);

    b = pdf_update_object(u, o->descendant);
    buf_print(b, "<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry", p->name);
    pdf_update_string(u, SLICE("Adobe"));
    buf_put_text(b, "/Ordering");
    pdf_update_string(u, SLICE("Identity"));
    buf_put_text(b, "/Supplement 0>>/CIDToGIDMap/Identity/DW 0/W");
    buf_put_slice(b, buf_slice(&p->widths));
    put_entry(b, "/FontDescriptor ", o->descriptor);
    buf_put_text(b, ">>");
    pdf_update_end(u);

    b = pdf_update_object(u, o->descriptor);
    buf_print(b, "<</Type/FontDescriptor/FontName/%s/Flags %d/FontBBox[%d %d %d %d]/ItalicAngle %d", p->name,
              SYMBOLIC | (f->italic_angle != 0 ? ITALIC : 0), f->box[0], f->box[1], f->box[2], f->box[3],
              f->italic_angle);
    /* Nobody can measure stems of a whole font; this follows the weights of common families. */
    buf_print(b, "/Ascent %d/Descent %d/CapHeight %d/StemV %d", f->ascent, f->descent, f->cap_height,
              50 + f->weight * f->weight / 4225);
    put_entry(b, "/FontFile2 ", o->file);
    put_entry(b, "/CIDSet ", o->set);
    buf_put_text(b, ">>");
    pdf_update_end(u);
}

static void write_objects(struct pdf_update *u, const struct font_face *f, const struct font_program *p,
                          struct pdf_reference font)
{
    char entries[64];
    struct font_objects o = {.font = font};
    struct pdf_reference *const fresh[] = {&o.descendant, &o.descriptor, &o.file, &o.unicode, &o.set};
    for (size_t i = 0; i < sizeof fresh / sizeof(struct pdf_reference *); i++) *fresh[i] = pdf_update_new(u);
    write_dictionaries(u, f, p, &o);
    (void)snprintf(entries, sizeof entries, "/Filter/FlateDecode/Length1 %zu", p->file_length);
    pdf_update_stream(u, o.file, entries, buf_slice(&p->file), false);
    pdf_update_stream(u, o.unicode, "/Filter/FlateDecode", buf_slice(&p->unicode), false);
    pdf_update_stream(u, o.set, "/Filter/FlateDecode", buf_slice(&p->set), false);
}

static rfd_status write_face(struct font_use *use, size_t index, struct rfd_error *error)
{
    const struct used_face *face = &use->faces[index];
    struct font_program *program = NULL;
    size_t first = 0, end;
    while (first < use->extra_count && use->extras[first].face < index) first++;
    for (end = first; end < use->extra_count && use->extras[end].face == index; end++) continue;
    struct font_selection selection = {.face = (uint8_t)index,
                                       .classes = face->classes,
                                       .single = face->single,
                                       .extras = end > first ? use->extras + first : NULL,
                                       .extra_count = end - first};
    TRY(get_program(use->fonts, &selection, &program, error));
    write_objects(use->update, &use->fonts->faces[index], program, face->reference);
    pthread_mutex_lock(&use->fonts->lock);
    font_program_release(program);
    pthread_mutex_unlock(&use->fonts->lock);
    return RFD_OK;
}

rfd_status font_use_write(struct font_use *use, struct rfd_error *error)
{
    if (use->status == RFD_E_LIMIT) return error_set(error, RFD_E_LIMIT, "too many different glyphs");
    if (use->status != RFD_OK) return error_memory(error);
    for (size_t i = 0; i < use->fonts->count; i++) {
        if (use->faces[i].reference.number != 0) TRY(write_face(use, i, error));
    }
    return RFD_OK;
}
