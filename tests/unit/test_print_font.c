/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "pdf/filter.h"
#include "print/font_family.h"
#include "print/fonts.h"
#include "print_support.h"

#include <hb-ot.h>
#include <pthread.h>
#include <unistd.h>

/* Spanish, Guaraní and Aymara, Catalan, Quechua with both apostrophes, a ligature's character. */
#define NAMES       "José Ñandú Quispe Mamani, Lluís l·l Çà, q'aqʼa Ch'aska, ﬁ"
#define HEBREW_FONT "/usr/share/fonts/truetype/noto/NotoSansHebrew-Regular.ttf"
#define HEBREW      "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D" /* shin lamed vav mem */

static struct fonts *fonts;

static int open_fonts(void **state)
{
    (void)state;
    return fonts_new(NULL, &fonts, NULL) == RFD_OK ? 0 : -1;
}

static int close_fonts(void **state)
{
    (void)state;
    fonts_free(fonts);
    support_clean();
    return 0;
}

static struct shaped shape(struct arena *arena, enum font_style style, const char *text)
{
    struct shaped s = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    arena_init(arena, 1 << 24);
    if (fonts_shape(fonts, style, slice_text(text), arena, &s, &error) != RFD_OK) fail_msg("%s", error.detail);
    return s;
}

/* ---- Shaping ---- */

/** Clusters follow each other without gap and cover the text. */
static void check_covered(const struct shaped *s)
{
    uint32_t at = 0;
    int64_t width = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct glyph *g = &s->glyphs[i];
        width += g->advance;
        if (!g->starts) {
            assert_int_equal(g->text, s->glyphs[i - 1].text);
            continue;
        }
        assert_int_equal(g->text, at);
        at += g->text_length;
    }
    assert_int_equal(at, s->text.length);
    assert_int_equal(width, s->width);
}

static void test_names(void **state)
{
    (void)state;
    struct arena arena;
    for (int style = 0; style < FONT_STYLE_COUNT; style++) {
        struct shaped s = shape(&arena, (enum font_style)style, NAMES);
        assert_int_equal(s.missing, 0);
        assert_false(s.reordered);
        check_covered(&s);
        for (size_t i = 0; i < s.count; i++) {
            assert_int_equal(s.glyphs[i].face, style);
            assert_int_not_equal(s.glyphs[i].id, 0);
        }
        arena_dispose(&arena);
    }
}

static void test_kerning_and_ligatures(void **state)
{
    (void)state;
    struct arena a, b, c;
    struct shaped pair = shape(&a, FONT_REGULAR, "AV"), left = shape(&b, FONT_REGULAR, "A"),
                  right = shape(&c, FONT_REGULAR, "V");
    assert_true(pair.width < left.width + right.width);
    arena_dispose(&a);
    arena_dispose(&b);
    arena_dispose(&c);
    pair = shape(&a, FONT_REGULAR, "ffi");
    assert_int_equal(pair.count, 1);
    assert_int_equal(pair.glyphs[0].text_length, 3);
    arena_dispose(&a);
}

/** Guaraní's g with tilde has no character of its own: the mark stands on the letter and takes no room. */
static void test_marks(void **state)
{
    (void)state;
    struct arena a, b;
    struct shaped with = shape(&a, FONT_REGULAR, "g\xCC\x83x"), without = shape(&b, FONT_REGULAR, "gx");
    assert_int_equal(with.missing, 0);
    assert_int_equal(with.width, without.width);
    assert_int_equal(with.count, 3);
    assert_true(with.glyphs[0].starts);
    assert_false(with.glyphs[1].starts);
    assert_int_equal(with.glyphs[0].text_length, 3);
    assert_int_equal(with.glyphs[1].advance, 0);
    check_covered(&with);
    arena_dispose(&a);
    arena_dispose(&b);
}

static void test_signs(void **state)
{
    (void)state;
    struct arena arena;
    struct shaped s = shape(&arena, FONT_BOLD, "→ ✓ ≤ ≠ • € №");
    assert_int_equal(s.missing, 0);
    assert_int_equal(s.glyphs[0].face, 3);
    assert_int_equal(s.glyphs[1].face, FONT_BOLD);
    assert_int_equal(s.glyphs[2].face, 4);
    check_covered(&s);
    arena_dispose(&arena);
}

static void test_missing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t missing, count;
    } cases[] = {{"", 0, 0},
                 {"a漢字b", 2, 4},
                 {"漢", 1, 1},
                 {"a\xFF"
                  "b",
                  0, 3},
                 {"\x01", 0, 1},
                 {"a\tb\n", 0, 4},
                 {"\xED\xA0\x80", 0, 3},
                 {"a\xE2\x80\x8B"
                  "b",
                  0, 2},
                 {"\xCC\x81", 0, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena;
        struct shaped s = shape(&arena, FONT_REGULAR, cases[i].text);
        if (s.missing != cases[i].missing || s.count != cases[i].count)
            fail_msg("%s: %zu missing, %zu glyphs", cases[i].text, s.missing, s.count);
        for (size_t j = 0; j < s.count; j++) assert_int_not_equal(s.glyphs[j].id, 0);
        arena_dispose(&arena);
    }
}

static void test_limits(void **state)
{
    (void)state;
    struct arena arena;
    struct shaped s;
    struct buf text;
    buf_init(&text, 1 << 20);
    buf_fill(&text, 'a', (1 << 17) + 1);
    arena_init(&arena, 1 << 16);
    assert_int_equal(fonts_shape(fonts, FONT_REGULAR, buf_slice(&text), &arena, &s, NULL), RFD_E_LIMIT);
    assert_int_equal(fonts_shape(fonts, FONT_REGULAR, slice_part(buf_slice(&text), 0, 1 << 16), &arena, &s, NULL),
                     RFD_E_LIMIT);
    arena_dispose(&arena);
    /* Marks without end on one letter. */
    arena_init(&arena, 1 << 24);
    buf_reset(&text);
    buf_put_byte(&text, 'e');
    for (int i = 0; i < 5000; i++) buf_put_text(&text, "\xCC\x81");
    assert_int_equal(fonts_shape(fonts, FONT_REGULAR, buf_slice(&text), &arena, &s, NULL), RFD_OK);
    assert_int_equal(s.text.length, 10001);
    arena_dispose(&arena);
    buf_dispose(&text);
}

static void test_metrics(void **state)
{
    (void)state;
    for (int style = 0; style < FONT_STYLE_COUNT; style++) {
        struct font_metrics m = fonts_metrics(fonts, (enum font_style)style);
        assert_true(m.ascent > m.cap_height && m.cap_height > 600 && m.descent < -100 && m.descent > -400);
    }
}

/** Lines that are met again come from memory: equal, but over the text given now. */
static void test_lines_again(void **state)
{
    (void)state;
    struct fonts *kept = fonts;
    assert_int_equal(fonts_new(NULL, &fonts, NULL), RFD_OK);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 600; i++) {
            char text[32];
            struct arena a, b;
            (void)snprintf(text, sizeof text, "Línea ffi %d 漢", i / 2);
            enum font_style style = i % 2 == 0 ? FONT_REGULAR : FONT_BOLD;
            struct shaped first = shape(&a, style, text), again = shape(&b, style, text);
            assert_ptr_equal(again.text.data, text);
            assert_int_equal(first.count, again.count);
            assert_int_equal(first.width, again.width);
            assert_int_equal(again.missing, 1);
            assert_int_equal(again.glyphs[0].face, style);
            assert_memory_equal(first.glyphs, again.glyphs, first.count * sizeof *first.glyphs);
            check_covered(&again);
            arena_dispose(&a);
            arena_dispose(&b);
        }
    }
    fonts_free(fonts);
    fonts = kept;
}

/** UAX #9 by examples: what is seen from left to right. */
static void test_right_to_left(void **state)
{
    (void)state;
    static const char *const files[] = {HEBREW_FONT, NULL};
    static const struct {
        const char *logical, *visual;
    } cases[] = {
        {"x אב", "x בא"},
        {"ab אב 12 cd", "ab 12 בא cd"},
        {"ab 12 אב", "ab 12 בא"},
        {"אב cd", "cd בא"},
        {"אב 12/03 גד", "דג 12/03 בא"},
        {"12 אב", "בא 12"},
        {"a, אב, ג.", "a, ג ,בא."},
        {"אב ab cd גד", "דג ab cd בא"},
        {"- אב", "בא -"},
        {"a +", "a +"},
    };
    if (access(HEBREW_FONT, R_OK) != 0) skip();
    struct fonts *kept = fonts;
    assert_int_equal(fonts_new(files, &fonts, NULL), RFD_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena;
        struct buf seen;
        struct shaped s = shape(&arena, FONT_REGULAR, cases[i].logical);
        buf_init(&seen, 256);
        for (size_t j = 0; j < s.count; j++)
            buf_put_slice(&seen, slice_part(s.text, s.glyphs[j].text, s.glyphs[j].text_length));
        if (!slice_is(buf_slice(&seen), cases[i].visual))
            fail_msg("%s: %.*s, not %s", cases[i].logical, (int)seen.length, (const char *)seen.data, cases[i].visual);
        assert_int_equal(s.missing, 0);
        assert_int_equal(s.reordered, cases[i].logical[0] != 'a' || cases[i].logical[2] != '+');
        buf_dispose(&seen);
        arena_dispose(&arena);
    }
    fonts_free(fonts);
    fonts = kept;
}

/* ---- Files ---- */

/** The built-in regular face with a few bytes changed in its directory's entry or in a table. */
static const char *altered_font(const char *tag, const char *new_tag, size_t at, uint16_t value)
{
    const char *path = support_path("altered.ttf");
    slice original = font_family[0];
    uint8_t *copy = memory_copy(original.data, original.length);
    assert_non_null(copy);
    unsigned tables = (unsigned)(copy[4] << 8 | copy[5]);
    for (unsigned i = 0; i < tables; i++) {
        uint8_t *entry = copy + 12 + 16 * i;
        if (memcmp(entry, tag, 4) != 0) continue;
        size_t offset = (size_t)entry[8] << 24 | (size_t)entry[9] << 16 | (size_t)entry[10] << 8 | entry[11];
        if (new_tag != NULL) {
            memcpy(entry, new_tag, 4);
        } else {
            copy[offset + at] = (uint8_t)(value >> 8);
            copy[offset + at + 1] = (uint8_t)value;
        }
    }
    support_write(path, slice_of(copy, original.length), SLICE_EMPTY);
    memory_free(copy);
    return path;
}

static rfd_status try_file(const char *path)
{
    struct fonts *tried = NULL;
    const char *const files[] = {path, NULL};
    rfd_status status = fonts_new(files, &tried, NULL);
    if (status != RFD_OK) assert_null(tried);
    fonts_free(tried);
    return status;
}

static void test_files(void **state)
{
    (void)state;
    static const uint16_t allowed[] = {0x0000, 0x0004, 0x0008, 0x000C}, refused[] = {0x0002, 0x0100, 0x0200, 0x0104};
    enum { FS_TYPE = 8 };
    const char *junk = support_path("junk.ttf");
    assert_int_equal(try_file("/nonexistent.ttf"), RFD_E_IO_READ);
    support_write(junk, SLICE("OTTO is no font"), SLICE_EMPTY);
    assert_int_equal(try_file(junk), RFD_E_FONT);
    support_write(junk, SLICE(""), SLICE_EMPTY);
    assert_int_equal(try_file(junk), RFD_E_FONT);
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        assert_int_equal(try_file(altered_font("OS/2", NULL, FS_TYPE, allowed[i])), RFD_OK);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_int_equal(try_file(altered_font("OS/2", NULL, FS_TYPE, refused[i])), RFD_E_FONT);
    assert_int_equal(try_file(altered_font("glyf", "CFF ", 0, 0)), RFD_E_FONT);
    assert_int_equal(try_file(altered_font("cmap", "xmap", 0, 0)), RFD_E_FONT);
}

static void test_too_many_files(void **state)
{
    (void)state;
    const char *files[FONT_FACES_MAXIMUM + 1] = {NULL};
    struct fonts *many = NULL;
    const char *path = altered_font("none", NULL, 0, 0);
    for (size_t i = 0; i < FONT_FACES_MAXIMUM - FONT_FAMILY_COUNT; i++) files[i] = path;
    assert_int_equal(fonts_new(files, &many, NULL), RFD_OK);
    fonts_free(many);
    many = NULL;
    files[FONT_FACES_MAXIMUM - FONT_FAMILY_COUNT] = path;
    assert_int_equal(fonts_new(files, &many, NULL), RFD_E_ARGUMENT);
    assert_null(many);
}

/* ---- Embedding ---- */

static void make_page(struct fonts *with, const char *regular, const char *bold, struct buf *file)
{
    struct print_page page;
    struct rfd_error error = RFD_ERROR_INIT;
    buf_init(file, 1 << 24);
    rfd_status status = print_page_begin(&page, with, 500, 100, &error);
    if (status == RFD_OK) status = print_line(&page, with, FONT_REGULAR, regular, 60, &error);
    if (status == RFD_OK && bold != NULL) status = print_line(&page, with, FONT_BOLD, bold, 30, &error);
    if (status == RFD_OK) status = print_page_end(&page, file, &error);
    if (status != RFD_OK) fail_msg("%s", error.detail);
}

/** The first font object of a kind in the file. */
static const struct pdf_value *find_object(struct support_document *d, const char *key, const char *name)
{
    const struct pdf_value *found;
    for (uint32_t n = 1; n < pdf_revision(d->doc, 0)->size; n++) {
        if (pdf_object(d->doc, 0, n, &found, NULL) != RFD_OK) continue;
        if (pdf_is_name(pdf_entry_of(found, key), name)) return found;
    }
    fail_msg("no /%s /%s", key, name);
    return &pdf_null;
}

static slice stream_of(struct support_document *d, const struct pdf_value *dictionary, const char *key)
{
    slice data = SLICE_EMPTY;
    struct pdf_view view = pdf_latest(d->doc);
    assert_int_equal(pdf_stream_data(&view, pdf_get(&view, dictionary, key), 1 << 24, &data, NULL), RFD_OK);
    return data;
}

/** The glyphs in /W, with the widths that it gives; returns how many have an outline in the program. */
static size_t check_widths(const struct pdf_value *w, hb_font_t *program, const struct font_face *face, bool *selected)
{
    size_t drawn = 0;
    for (uint32_t i = 0; i + 1 < w->count; i += 2) {
        int64_t first = w->items[i].integer;
        const struct pdf_value *widths = &w->items[i + 1];
        assert_int_equal(widths->kind, PDF_ARRAY);
        for (uint32_t j = 0; j < widths->count; j++) {
            unsigned glyph = (unsigned)first + j;
            hb_glyph_extents_t extents = {0};
            assert_int_equal(widths->items[j].integer, hb_font_get_glyph_h_advance(program, glyph));
            assert_int_equal(widths->items[j].integer, face->widths[glyph]);
            selected[glyph] = true;
            (void)hb_font_get_glyph_extents(program, glyph, &extents);
            drawn += extents.width != 0;
        }
    }
    return drawn;
}

/** Only digits with their punctuation were shown: their class is in the program, no letter is. */
static void test_subset(void **state)
{
    (void)state;
    struct support_document d;
    support_init(&d);
    make_page(fonts, "12.5", NULL, &d.bytes);
    if (support_open(&d, "", true) != RFD_OK) fail_msg("%s", d.error.detail);
    const struct font_face *face = &fonts->faces[FONT_REGULAR];
    struct pdf_view view = pdf_latest(d.doc);
    const struct pdf_value *font = find_object(&d, "Subtype", "CIDFontType2");
    const struct pdf_value *descriptor = pdf_get(&view, font, "FontDescriptor");
    slice file = stream_of(&d, descriptor, "FontFile2"), set = stream_of(&d, descriptor, "CIDSet");
    int64_t length;
    assert_true(pdf_integer(pdf_get(&view, pdf_get(&view, descriptor, "FontFile2"), "Length1"), &length));
    assert_int_equal(length, file.length);

    hb_blob_t *blob =
        hb_blob_create((const char *)file.data, (unsigned)file.length, HB_MEMORY_MODE_READONLY, NULL, NULL);
    hb_face_t *program = hb_face_create(blob, 0);
    hb_font_t *sized = hb_font_create(program);
    bool *selected = arena_zeroed(pdf_arena(d.doc), face->glyph_count, sizeof *selected);
    size_t drawn = check_widths(pdf_get(&view, font, "W"), sized, face, selected);
    assert_int_equal(drawn, 17); /* ten digits and ( ) , - . / : */
    for (const char *c = "0123456789()-./,: "; *c != '\0'; c++) {
        hb_codepoint_t glyph;
        assert_true(hb_font_get_nominal_glyph(face->font, (hb_codepoint_t)*c, &glyph));
        assert_true(selected[glyph]);
    }
    for (unsigned i = 0; i < hb_face_get_glyph_count(program); i++) {
        if (!selected[i]) assert_int_equal(hb_font_get_glyph_h_advance(sized, i), 0);
        assert_true((set.data[i / 8] & 0x80 >> i % 8) != 0);
    }
    assert_int_equal(set.length, (hb_face_get_glyph_count(program) + 7) / 8);
    assert_true(file.length < 4000);
    hb_font_destroy(sized);
    hb_face_destroy(program);
    hb_blob_destroy(blob);
    support_close(&d);
}

static void test_other_programs(void **state)
{
    (void)state;
    struct buf file, out;
    const char *path = support_path("fonts.pdf");
    buf_init(&out, 1 << 20);
    make_page(fonts, NAMES, "Bold efficient g\xCC\x83 → ✓", &file);
    support_write(path, buf_slice(&file), SLICE_EMPTY);
    if (print_run((const char *const[]){"pdffonts", path, NULL}, &out) != 0) {
        buf_dispose(&file);
        buf_dispose(&out);
        skip();
    }
    size_t rows = 0;
    slice rest = buf_slice(&out);
    for (const uint8_t *at; (at = memmem(rest.data, rest.length, "yes yes yes", 11)) != NULL; rows++)
        rest = slice_from(rest, (size_t)(at - rest.data) + 11);
    assert_int_equal(rows, 4);
    buf_reset(&out);
    assert_true(print_read_text(&file, &out));
    buf_put_byte(&out, 0);
    const char *first = strstr((const char *)out.data, NAMES), *second;
    assert_non_null(first);
    second = strstr((const char *)out.data, "Bold efficient g\xCC\x83 → ✓");
    assert_non_null(second);
    assert_true(first < second);
    if (support_has("qpdf")) assert_int_equal(support_run((const char *const[]){"qpdf", "--check", path, NULL}), 0);
    buf_dispose(&file);
    buf_dispose(&out);
}

/** What reads otherwise than its glyphs says what it is: characters that no face has, a glyph of two characters. */
static void test_actual_text(void **state)
{
    (void)state;
    struct buf file, out;
    buf_init(&out, 1 << 20);
    make_page(fonts, "x漢y", NULL, &file);
    assert_non_null(memmem(file.data, file.length, "/Span<</ActualText<FEFF6F22>>>BDC", 33));
    bool read = print_read_text(&file, &out);
    if (read)
        assert_true(slice_starts(slice_from(buf_slice(&out), strspn((const char *)out.data, " ")), SLICE("x漢y")));
    buf_dispose(&file);
    buf_dispose(&out);
    if (!read) skip();
}

/** In an encrypted document everything that is embedded is encrypted, too (ISO 32000-2 §7.6). */
static void add_line_to(struct support_document *d, struct support_document *to)
{
    struct pdf_update *u = NULL;
    struct font_use *use = NULL;
    struct canvas c;
    struct shaped s;
    struct arena arena;
    struct buf resources;
    struct pdf_view view = pdf_latest(d->doc);
    struct pdf_page page;
    arena_init(&arena, 1 << 20);
    buf_init(&resources, 4096);
    assert_int_equal(pdf_page(&view, 0, &page, NULL), RFD_OK);
    assert_int_equal(pdf_update_begin(d->doc, &u, NULL), RFD_OK);
    assert_int_equal(font_use_new(fonts, u, &use, NULL), RFD_OK);
    canvas_init(&c, use, colour_write_profile(u));
    assert_int_equal(fonts_shape(fonts, FONT_BOLD, SLICE("Núria ffi 漢"), &arena, &s, NULL), RFD_OK);
    canvas_text(&c, 10, 10, 12, COLOUR_BLACK, &s, 0, s.count);
    pdf_update_stream(u, pdf_reference_of(page.dictionary, "Contents"), "", buf_slice(&c.content), true);
    canvas_put_resources(&c, &resources);
    const struct pdf_change change = {"Resources", buf_slice(&resources)};
    (void)pdf_update_object(u, page.reference);
    pdf_update_dictionary(u, page.dictionary, page.reference, &change, 1);
    pdf_update_end(u);
    assert_int_equal(font_use_write(use, NULL), RFD_OK);
    font_use_free(use);
    support_apply(d, u, "user", to);
    canvas_dispose(&c);
    buf_dispose(&resources);
    arena_dispose(&arena);
}

static void test_encrypted(void **state)
{
    (void)state;
    static const char *const objects[] = {
        "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 50]>>",
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>", "<</Length 3>>\nstream\nq Q\nendstream"};
    if (!support_has("qpdf") || support_run((const char *const[]){"pdftotext", "-v", NULL}) == -1) skip();
    for (size_t variant = 0; variant < (size_t)2 * SUPPORT_ENCRYPTIONS; variant += 2) {
        struct buf plain, out;
        struct support_document before, after;
        const char *path = support_path("encrypted.pdf");
        buf_init(&plain, 1 << 20);
        buf_init(&out, 1 << 20);
        support_make_pdf(&plain, objects, 4, "/Root 1 0 R");
        support_init(&before);
        support_encrypt(&before, &plain, variant, "user", "owner");
        if (support_open(&before, "user", true) != RFD_OK) fail_msg("%s", before.error.detail);
        add_line_to(&before, &after);
        support_write(path, buf_slice(&after.bytes), SLICE_EMPTY);
        assert_int_equal(print_run((const char *const[]){"pdftotext", "-upw", "user", path, "-", NULL}, &out), 0);
        if (!slice_starts(buf_slice(&out), SLICE("Núria ffi 漢")))
            fail_msg("variant %zu: %.*s", variant, (int)out.length, (const char *)out.data);
        support_close(&before);
        support_close(&after);
        buf_dispose(&plain);
        buf_dispose(&out);
    }
}

/* ---- The same bytes again ---- */

static const char *const regular_texts[] = {NAMES, "Ayuntamiento de Alcalá, 12/03/2026", "Señor Wałęsa",
                                            "→ Ǣ ✓ efficient"};
static const char *const bold_texts[] = {"María 1", "Ñ", "Ajuntament", "q̃"};
enum { TEXTS = 4, THREADS = 4, ROUNDS = 25 };

struct worker {
    pthread_t thread;
    struct fonts *fonts;
    const struct buf *expected;
    bool good;
};

/** No cmocka here: its checks are not for threads. */
static void *work(void *context)
{
    struct worker *w = context;
    w->good = true;
    for (size_t i = 0; i < ROUNDS && w->good; i++) {
        struct print_page page;
        struct buf file;
        size_t n = i % TEXTS;
        buf_init(&file, 1 << 24);
        w->good = print_page_begin(&page, w->fonts, 500, 100, NULL) == RFD_OK &&
                  print_line(&page, w->fonts, FONT_REGULAR, regular_texts[n], 60, NULL) == RFD_OK &&
                  print_line(&page, w->fonts, FONT_BOLD, bold_texts[n], 30, NULL) == RFD_OK &&
                  print_page_end(&page, &file, NULL) == RFD_OK &&
                  slice_equal(buf_slice(&file), buf_slice(&w->expected[n]));
        buf_dispose(&file);
    }
    return NULL;
}

static void test_deterministic(void **state)
{
    (void)state;
    struct buf expected[TEXTS];
    struct worker workers[THREADS];
    struct fonts *fresh = NULL;
    for (size_t i = 0; i < TEXTS; i++) make_page(fonts, regular_texts[i], bold_texts[i], &expected[i]);
    assert_int_equal(fonts_new(NULL, &fresh, NULL), RFD_OK);
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.fonts = fresh, .expected = expected};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_true(workers[i].good);
    }
    for (size_t i = 0; i < TEXTS; i++) buf_dispose(&expected[i]);
    fonts_free(fresh);
}

static size_t kept_programs(const struct fonts *f)
{
    size_t n = 0;
    for (const struct font_program *p = f->programs.newest; p != NULL; p = p->older) n++;
    return n;
}

/** Documents that differ in names and numbers share a program. */
static void test_programs_are_shared(void **state)
{
    (void)state;
    struct fonts *fresh = NULL;
    assert_int_equal(fonts_new(NULL, &fresh, NULL), RFD_OK);
    for (int i = 0; i < 20; i++) {
        char text[64];
        struct buf file;
        (void)snprintf(text, sizeof text, "%s García, 2026-01-%02d", i % 2 == 0 ? "José" : "Núria", i + 1);
        make_page(fresh, text, NULL, &file);
        buf_dispose(&file);
    }
    assert_int_equal(kept_programs(fresh), 1);
    fonts_free(fresh);
}

static struct font_program *heavy_program(size_t bytes, uint64_t hash)
{
    struct font_program *p = memory_zeroed(1, sizeof *p);
    assert_non_null(p);
    p->references = 1;
    p->hash = hash;
    buf_init(&p->file, bytes);
    buf_init(&p->key, 8);
    buf_fill(&p->file, 0, bytes);
    return p;
}

static void test_programs_are_bounded(void **state)
{
    (void)state;
    struct font_programs all = {0};
    for (uint64_t i = 0; i < 8; i++) {
        struct font_program *p = heavy_program((size_t)3 << 20, i);
        font_programs_keep(&all, p);
        font_program_release(p);
        assert_true(all.bytes <= (size_t)8 << 20);
        assert_ptr_equal(all.newest, p);
    }
    assert_int_equal(all.oldest->hash, 6);
    struct font_program *huge = heavy_program((size_t)9 << 20, 99);
    font_programs_keep(&all, huge);
    assert_ptr_not_equal(all.newest, huge);
    font_program_release(huge);
    font_programs_dispose(&all);
    assert_null(all.newest);
    assert_int_equal(all.bytes, 0);
}

/* ---- No memory ---- */

static rfd_status whole_run(struct fonts *with, struct buf *file)
{
    struct print_page page;
    buf_init(file, 1 << 24);
    rfd_status status = print_page_begin(&page, with, 300, 50, NULL);
    if (status == RFD_OK) status = print_line(&page, with, FONT_REGULAR, "Señora 漢 ffi →", 20, NULL);
    if (status == RFD_OK) status = print_page_end(&page, file, NULL);
    print_page_free(&page);
    return status;
}

/** A failed allocation is told, or nothing of the file depended on it. */
static void test_no_memory(void **state)
{
    (void)state;
    typedef unsigned long fail_function(unsigned long n);
    static fail_function *const ways[] = {memory_fail_after, memory_fail_once};
    struct buf expected, file;
    assert_int_equal(whole_run(fonts, &expected), RFD_OK);
    for (size_t way = 0; way < 2; way++) {
        unsigned long n = 0, seen;
        do {
            struct fonts *own = NULL;
            (void)ways[way](++n);
            buf_init(&file, 1);
            rfd_status status = fonts_new(NULL, &own, NULL);
            if (status == RFD_OK) status = whole_run(own, &file);
            fonts_free(own);
            seen = memory_fail_after(0);
            bool same = status == RFD_OK && slice_equal(buf_slice(&file), buf_slice(&expected));
            if (!same && (status != RFD_E_MEMORY || seen < n))
                fail_msg("allocation %lu: %s", n, rfd_status_name(status));
            buf_dispose(&file);
        } while (seen >= n);
    }
    buf_dispose(&expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_kerning_and_ligatures),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_signs),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_lines_again),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_metrics),
        cmocka_unit_test(test_right_to_left),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_too_many_files),
        cmocka_unit_test(test_subset),
        cmocka_unit_test(test_other_programs),
        cmocka_unit_test(test_actual_text),
        cmocka_unit_test(test_encrypted),
        cmocka_unit_test(test_deterministic),
        cmocka_unit_test(test_programs_are_shared),
        cmocka_unit_test(test_programs_are_bounded),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, open_fonts, close_fonts);
}
