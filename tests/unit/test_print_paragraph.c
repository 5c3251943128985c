/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "print_support.h"

#include <math.h>
#include <unistd.h>

#define HEBREW_FONT "/usr/share/fonts/truetype/noto/NotoSansHebrew-Regular.ttf"

static struct fonts *fonts;

static const char *const *font_files(void)
{
    static const char *const files[] = {HEBREW_FONT, NULL};
    return access(HEBREW_FONT, R_OK) == 0 ? files : NULL;
}

static int open_fonts(void **state)
{
    (void)state;
    return fonts_new(font_files(), &fonts, NULL) == RFD_OK ? 0 : -1;
}

static int close_fonts(void **state)
{
    (void)state;
    fonts_free(fonts);
    support_clean();
    return 0;
}

static struct paragraph lay(struct arena *arena, const struct span *spans, size_t count, enum alignment alignment,
                            double width)
{
    struct paragraph p = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    const struct paragraph_style style = {.size = 10, .alignment = alignment};
    arena_init(arena, 1 << 24);
    if (paragraph_layout(fonts, arena, spans, count, &style, width, &p, &error) != RFD_OK) fail_msg("%s", error.detail);
    return p;
}

static double natural_width(const char *text)
{
    struct arena arena;
    struct span span = {slice_text(text), FONT_REGULAR, 0};
    struct paragraph p = lay(&arena, &span, 1, ALIGN_LEFT, 1e5);
    arena_dispose(&arena);
    return p.width;
}

/** The lines' text joined by '|', as their pieces say, without the blanks that lines were broken at. */
static void read_lines(const struct paragraph *p, struct buf *b)
{
    buf_init(b, 1 << 20);
    for (size_t i = 0; i < p->count; i++) {
        if (b->length > 0 && b->data[b->length - 1] == ' ') b->length--;
        if (i > 0) buf_put_byte(b, '|');
        for (size_t j = 0; j < p->lines[i].count; j++) {
            const struct paragraph_piece *piece = &p->lines[i].pieces[j];
            for (size_t k = piece->from; k < piece->to; k++) {
                const struct glyph *g = &piece->text->glyphs[k];
                if (g->starts) buf_put_slice(b, slice_part(piece->text->text, g->text, g->text_length));
            }
        }
    }
    if (b->length > 0 && b->data[b->length - 1] == ' ') b->length--;
    buf_put_byte(b, 0);
}

static void test_breaks(void **state)
{
    (void)state;
    /* The line is as wide as `fits`. */
    static const struct {
        const char *text, *fits, *lines;
    } cases[] = {
        {"", "x", ""},
        {"\n", "x", "|"},
        {"one", "x one", "one"},
        {"one two three", "one two three", "one two three"},
        {"one two three", "one two", "one two|three"},
        {"one two three", "three", "one|two|three"},
        {"one two three ", "one two three", "one two three"},
        {"one   two", "one", "one|two"},
        {"a\nb\n\nc", "wide enough", "a|b||c"},
        {"a\n", "wide enough", "a|"},
        {"one\ntwo", "one", "one|two"},
        {"Ayuntamiento-Alcalde", "Ayuntamiento-", "Ayuntamiento-|Alcalde"},
        {"https://example.org/a", "https://", "https://|exampl|e.org/a"},
        {"no\xC2\xA0"
         "break here",
         "no\xC2\xA0"
         "break",
         "no\xC2\xA0"
         "break|here"},
        {"mmmmmmmm", "mmm", "mmm|mmm|mm"},
        {"a mmmmmm b", "mmm", "a|mmm|mmm|b"},
        {"on 12/03/2026", "on 12/03/20", "on|12/03/2026"},
        {"at -5 and/or", "at -5 and/", "at -5 and/|or"},
        {"at -5", "at -", "at|-5"},
        {"mm", "", "m|m"},
        {"e\xCC\x81"
         "e\xCC\x81",
         "e", "e\xCC\x81|e\xCC\x81"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena;
        struct buf lines;
        struct span span = {slice_text(cases[i].text), FONT_REGULAR, 0};
        struct paragraph p = lay(&arena, &span, 1, ALIGN_LEFT, natural_width(cases[i].fits));
        read_lines(&p, &lines);
        if (strcmp((const char *)lines.data, cases[i].lines) != 0)
            fail_msg("%s: %s, not %s", cases[i].text, (const char *)lines.data, cases[i].lines);
        assert_true(fabs(p.height - 12.5 * (double)p.count) < 1e-9);
        buf_dispose(&lines);
        arena_dispose(&arena);
    }
}

/** A word goes on from one span into the next without a chance to break, and pieces keep their styles. */
static void test_spans(void **state)
{
    (void)state;
    struct arena arena;
    struct buf lines;
    const struct span spans[] = {{SLICE("Signed by "), FONT_REGULAR, 1},
                                 {SLICE("Jos\xC3\xA9"), FONT_BOLD, 2},
                                 {SLICE(", today"), FONT_REGULAR, 3}};
    struct paragraph p = lay(&arena, spans, 3, ALIGN_LEFT, natural_width("Signed by "));
    read_lines(&p, &lines);
    assert_string_equal((const char *)lines.data, "Signed by|Jos\xC3\xA9,|today");
    assert_int_equal(p.lines[1].count, 2);
    assert_int_equal(p.lines[1].pieces[0].fill, 2);
    assert_int_equal(p.lines[1].pieces[0].text->glyphs[0].face, FONT_BOLD);
    assert_int_equal(p.lines[1].pieces[1].fill, 3);
    assert_true(p.lines[1].pieces[1].x > 10);
    buf_dispose(&lines);
    arena_dispose(&arena);
}

static void test_alignment(void **state)
{
    (void)state;
    static const struct {
        enum alignment alignment;
        double share;
    } cases[] = {{ALIGN_LEFT, 0}, {ALIGN_CENTRE, 0.5}, {ALIGN_RIGHT, 1}, {ALIGN_JUSTIFY, 0}};
    const struct span span = {SLICE("short\nlonger line"), FONT_REGULAR, 0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena;
        struct paragraph p = lay(&arena, &span, 1, cases[i].alignment, 200);
        for (size_t j = 0; j < p.count; j++) {
            double expected = (200 - p.lines[j].width) * cases[i].share;
            assert_true(fabs(p.lines[j].pieces[0].x - expected) < 1e-6);
            assert_true(p.lines[j].word_space == 0);
        }
        arena_dispose(&arena);
    }
}

static void test_justified(void **state)
{
    (void)state;
    struct arena arena;
    const struct span spans[] = {{SLICE("one two "), FONT_REGULAR, 0}, {SLICE("three four five"), FONT_BOLD, 0}};
    double width = natural_width("one two three fo");
    struct paragraph p = lay(&arena, spans, 2, ALIGN_JUSTIFY, width);
    assert_int_equal(p.count, 2);
    assert_true(fabs(p.lines[0].width - width) < 1e-6);
    assert_true(p.lines[0].word_space > 0);
    assert_true(p.lines[1].word_space == 0);
    /* The last piece ends at the right edge; then comes the blank that the line was broken at. */
    const struct paragraph_piece *last = &p.lines[0].pieces[1];
    double end = last->x;
    assert_true(last->text->text.data[last->text->glyphs[last->to - 1].text] == ' ');
    for (size_t i = last->from; i + 1 < last->to; i++) end += last->text->glyphs[i].advance * 10 / 1000.0;
    assert_true(fabs(end - width) < 1e-6);
    arena_dispose(&arena);
}

/** The first word of a right-to-left passage stays on the first line when the passage breaks. */
static void test_right_to_left(void **state)
{
    (void)state;
    if (access(HEBREW_FONT, R_OK) != 0) skip();
    struct arena arena;
    const char *text = "\xD7\x90\xD7\x90\xD7\x90 \xD7\x91\xD7\x91\xD7\x91 \xD7\x92\xD7\x92\xD7\x92";
    struct span span = {slice_text(text), FONT_REGULAR, 0};
    double whole = natural_width(text);
    struct paragraph p = lay(&arena, &span, 1, ALIGN_LEFT, whole * 0.75);
    assert_int_equal(p.count, 2);
    const struct shaped *first = p.lines[0].pieces[0].text, *second = p.lines[1].pieces[0].text;
    assert_true(slice_is(first->text, "\xD7\x90\xD7\x90\xD7\x90 \xD7\x91\xD7\x91\xD7\x91"));
    assert_true(slice_is(second->text, "\xD7\x92\xD7\x92\xD7\x92"));
    assert_int_equal(first->glyphs[first->count - 1].text, 0);
    arena_dispose(&arena);
}

static void test_missing(void **state)
{
    (void)state;
    struct arena arena;
    const struct span span = {SLICE("a\xE6\xBC\xA2\n\xE6\xBC\xA2"), FONT_REGULAR, 0};
    struct paragraph p = lay(&arena, &span, 1, ALIGN_LEFT, 200);
    assert_int_equal(p.missing, 2);
    arena_dispose(&arena);
}

static void test_arguments(void **state)
{
    (void)state;
    static const double sizes[] = {0, -1, NAN, INFINITY, 1e9}, widths[] = {-1, NAN, INFINITY};
    const struct span span = {SLICE("a"), FONT_REGULAR, 0};
    struct arena arena;
    struct paragraph p;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct paragraph_style style = {.size = sizes[i]};
        assert_int_equal(paragraph_layout(fonts, &arena, &span, 1, &style, 100, &p, NULL), RFD_E_ARGUMENT);
    }
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        struct paragraph_style style = {.size = 10};
        assert_int_equal(paragraph_layout(fonts, &arena, &span, 1, &style, widths[i], &p, NULL), RFD_E_ARGUMENT);
    }
    struct paragraph_style style = {.size = 10};
    assert_int_equal(paragraph_layout(fonts, &arena, NULL, 0, &style, 100, &p, NULL), RFD_OK);
    assert_int_equal(p.count, 0);
    arena_dispose(&arena);
}

/** Drawn and read by another program, line by line. */
static void test_drawn(void **state)
{
    (void)state;
    struct print_page page;
    struct paragraph p;
    struct buf file, out;
    struct rfd_error error = RFD_ERROR_INIT;
    const struct paragraph_style style = {.size = 10, .alignment = ALIGN_JUSTIFY};
    const struct span spans[] = {{SLICE("El Ayuntamiento de Alcal\xC3\xA1 de Henares "), FONT_REGULAR, 0},
                                 {SLICE("certifica"), FONT_BOLD, 0x203080},
                                 {SLICE(" que el documento ha sido firmado."), FONT_REGULAR, 0}};
    buf_init(&file, 1 << 20);
    buf_init(&out, 1 << 20);
    assert_int_equal(print_page_begin(&page, fonts, 220, 100, &error), RFD_OK);
    assert_int_equal(paragraph_layout(fonts, &page.arena, spans, 3, &style, 200, &p, &error), RFD_OK);
    paragraph_draw(&p, &page.canvas, 10, 90, 0, p.count);
    assert_int_equal(print_page_end(&page, &file, &error), RFD_OK);
    bool read = print_read_text(&file, &out);
    buf_put_byte(&out, 0);
    if (read) {
        assert_non_null(strstr((const char *)out.data, "El Ayuntamiento de Alcal\xC3\xA1 de Henares"));
        assert_non_null(strstr((const char *)out.data, "certifica que el documento ha sido"));
    }
    buf_dispose(&file);
    buf_dispose(&out);
    if (!read) skip();
}

/** A form with a paragraph in it, on a page. */
static rfd_status whole_run(struct fonts *with, struct buf *file)
{
    struct print_page page;
    struct canvas form;
    struct paragraph p;
    const struct paragraph_style style = {.size = 10, .alignment = ALIGN_JUSTIFY};
    const struct span spans[] = {{SLICE("Señor 漢 ffi one two\nthree"), FONT_REGULAR, 0},
                                 {SLICE(" → אב ג"), FONT_ITALIC, 0}};
    buf_init(file, 1 << 20);
    rfd_status status = print_page_begin(&page, with, 100, 100, NULL);
    if (status != RFD_OK) return status;
    struct pdf_reference r = pdf_update_new(page.update);
    canvas_init(&form, page.use, page.canvas.profile);
    status = paragraph_layout(with, &page.arena, spans, 2, &style, 60, &p, NULL);
    if (status == RFD_OK) {
        paragraph_draw(&p, &form, 0, 90, 0, p.count);
        canvas_write_form(&form, page.update, r, 60, 60);
        status = canvas_check(&form, NULL);
    }
    canvas_dispose(&form);
    canvas_xobject(&page.canvas, r);
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
            assert_int_equal(fonts_new(font_files(), &own, NULL), RFD_OK);
            (void)ways[way](++n);
            rfd_status status = whole_run(own, &file);
            seen = memory_fail_after(0);
            bool same = status == RFD_OK && slice_equal(buf_slice(&file), buf_slice(&expected));
            if (!same && (status != RFD_E_MEMORY || seen < n))
                fail_msg("allocation %lu: %s", n, rfd_status_name(status));
            buf_dispose(&file);
            fonts_free(own);
        } while (seen >= n);
    }
    buf_dispose(&expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_breaks),    cmocka_unit_test(test_spans),         cmocka_unit_test(test_alignment),
        cmocka_unit_test(test_justified), cmocka_unit_test(test_right_to_left), cmocka_unit_test(test_missing),
        cmocka_unit_test(test_arguments), cmocka_unit_test(test_drawn),         cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, open_fonts, close_fonts);
}
