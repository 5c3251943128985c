/* SPDX-License-Identifier: EUPL-1.2
 *
 * Where things go: pages are 300 points high with 240 for content, lines of text 14.5.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "paper.h"

enum { CONTENT = 240, STEP = 5, ROWS = 12 };

/** Texts in a row, in this order, on a page. */
static void expect_order(struct paper *p, size_t page, const char *const *texts, size_t count)
{
    const char *at = paper_text(p, page);
    for (size_t i = 0; i < count; i++) {
        const char *found = strstr(at, texts[i]);
        if (found == NULL) fail_msg("\"%s\" is missing or too early on page %zu", texts[i], page);
        at = found;
    }
}

static void test_reading_order(void **state)
{
    (void)state;
    struct paper p;
    const struct printed_column columns[] = {{"Concepto", 1, ALIGN_LEFT}, {"Importe", 1, ALIGN_RIGHT}};
    const struct printed_cell cells[] = {{"Obra", 0, 0}, {"7,10", 0, 0}};
    const struct printed_pair pair = {"Nombre", "Ana"};
    const struct span item = {SLICE("Primero"), FONT_REGULAR, 0};
    const char *const order[] = {"Informe",  "Una frase", "Bien", "Hoy",  "Nombre", "Ana",
                                 "Concepto", "Importe",   "Obra", "7,10", "Primero"};
    struct printed_settings settings = paper_settings();
    settings.height = 600;
    paper_begin(&p, &settings);
    printed_heading(p.printed, 1, "Informe");
    printed_words(p.printed, "Una frase");
    printed_banner(p.printed, "Bien", "Hoy", 0xeeeeee, COLOUR_BLACK);
    printed_pairs(p.printed, &pair, 1, 60);
    printed_table(p.printed, columns, 2, cells, 1);
    printed_item(p.printed, &item, 1);
    paper_finish(&p);
    assert_int_equal(p.pages, 1);
    expect_order(&p, 1, order, sizeof order / sizeof *order);
    paper_close(&p);
}

static void test_letters(void **state)
{
    (void)state;
    static const char *const words[] = {"ñandú", "col·legi", "intel·ligència", "ch'aska", "p'unchaw", "güe",
                                        "ç",     "ŀl",       "jaqï",           "ʼ",       "‘’",       "€",
                                        "Ünï",   "ĉ"};
    struct paper p;
    paper_begin(&p, NULL);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) printed_words(p.printed, words[i]);
    paper_finish(&p);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (paper_find(&p, words[i]) == 0) fail_msg("%s is not found", words[i]);
    }
    paper_close(&p);
}

/** No .notdef glyph: glyph 0 is in no content (ISO 19005-2 §6.2.11.8). */
static void test_letters_that_no_face_has(void **state)
{
    (void)state;
    struct paper p;
    const struct span spans[] = {{SLICE("uno \xF3\xB0\x80\x80 dos"), FONT_BOLD, 0}, {SLICE("\ntres"), FONT_REGULAR, 0}};
    paper_begin(&p, NULL);
    printed_paragraph(p.printed, spans, 2, NULL);
    printed_words(p.printed, "control \x01 and \xFF bad");
    paper_finish(&p);
    const char *text = paper_text(&p, 1);
    assert_non_null(strstr(text, "uno \xF3\xB0\x80\x80 dos")); /* shown as U+FFFD, copied as what it was */
    assert_non_null(strstr(text, "tres"));
    assert_true(paper_has(&p, 1, "control"));
    paper_close(&p);
}

/** Six lines after any space: never one alone on a page. */
static void test_no_widows(void **state)
{
    (void)state;
    static const char *const lines[] = {"one", "two", "three", "four", "five", "six"};
    for (double space = 0; space < CONTENT; space += STEP) {
        struct paper p;
        size_t first = 0;
        paper_begin(&p, NULL);
        printed_words(p.printed, "zero");
        printed_space(p.printed, space);
        printed_words(p.printed, "one\ntwo\nthree\nfour\nfive\nsix");
        paper_finish(&p);
        const char *text = paper_text(&p, 1);
        while (first < 6 && strstr(text, lines[first]) != NULL) first++;
        if (first == 1 || first == 5) fail_msg("%zu lines after %.0f points", first, space);
        if (first < 6) assert_int_equal(paper_find(&p, lines[first]), 2);
        assert_int_equal(p.pages, first == 6 ? 1 : 2);
        paper_close(&p);
    }
}

static void test_keep(void **state)
{
    (void)state;
    for (double space = 0; space < CONTENT; space += 2 * STEP) {
        struct paper p;
        const struct span span = {SLICE("one\ntwo\nthree\nfour\nfive\nsix"), FONT_REGULAR, 0};
        paper_begin(&p, NULL);
        printed_words(p.printed, "zero");
        printed_space(p.printed, space);
        printed_paragraph(p.printed, &span, 1, &(struct printed_text){.keep = true});
        paper_finish(&p);
        assert_int_equal(paper_find(&p, "one"), paper_find(&p, "six"));
        paper_close(&p);
    }
}

typedef void add_part(struct printed *p);
static void add_paragraph(struct printed *p)
{
    printed_words(p, "first\nsecond\nthird\nfourth");
}
static void add_three_lines(struct printed *p)
{
    printed_words(p, "first\nsecond\nthird");
}
static void add_item(struct printed *p)
{
    const struct span span = {SLICE("first\nsecond"), FONT_REGULAR, 0};
    printed_item(p, &span, 1);
}
static void add_table(struct printed *p)
{
    const struct printed_column column = {"Head", 1, ALIGN_LEFT};
    const struct printed_cell cells[] = {{"first\nsecond", 0, 0}, {"row", 0, 0}};
    printed_table(p, &column, 1, cells, 2);
}
static void add_pairs(struct printed *p)
{
    const struct printed_pair pair = {"first", "second\nthird"};
    printed_pairs(p, &pair, 1, 0);
}
static void add_banner(struct printed *p)
{
    printed_banner(p, "first", "second", 0xeeeeee, COLOUR_BLACK);
}
static void add_headings(struct printed *p)
{
    printed_heading(p, 2, "Deeper");
    printed_heading(p, 3, "Deepest");
    printed_words(p, "first");
}

/** A heading is on the page of what follows it, whatever that is. */
static void test_headings_stay(void **state)
{
    (void)state;
    add_part *const parts[] = {add_paragraph, add_three_lines, add_item,    add_table,
                               add_pairs,     add_banner,      add_headings};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        for (double space = 60; space < CONTENT; space += 2 * STEP) {
            struct paper p;
            paper_begin(&p, NULL);
            printed_words(p.printed, "zero");
            printed_space(p.printed, space);
            printed_heading(p.printed, 1, "Title");
            parts[i](p.printed);
            paper_finish(&p);
            size_t page = paper_find(&p, "Title");
            if (page == 0 || page != paper_find(&p, "first"))
                fail_msg("part %zu after %.0f points: heading on page %zu", i, space, page);
            paper_close(&p);
        }
    }
}

/** Rows whose lines are all on one page; the head must be there, too. */
static size_t count_rows(struct paper *p, size_t page)
{
    size_t rows = 0;
    const char *text = paper_text(p, page);
    for (int i = 0; i < ROWS; i++) {
        char first[8];
        char last[8];
        (void)snprintf(first, sizeof first, "a%02d", i);
        (void)snprintf(last, sizeof last, "d%02d", i);
        assert_true((strstr(text, first) != NULL) == (strstr(text, last) != NULL));
        rows += strstr(text, first) != NULL;
    }
    if (rows > 0) assert_non_null(strstr(text, "Left"));
    if (rows > 0) assert_non_null(strstr(text, "Right"));
    return rows;
}

/** Head on each page, rows whole, wherever the table begins. */
static void test_table_breaks(void **state)
{
    (void)state;
    static char texts[ROWS][32];
    struct printed_cell cells[2 * ROWS];
    const struct printed_column columns[] = {{"Left", 1, ALIGN_LEFT}, {"Right", 1, ALIGN_RIGHT}};
    for (int i = 0; i < ROWS; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "a%02d\nb%02d\nc%02d\nd%02d", i, i, i, i);
        cells[2 * i] = (struct printed_cell){texts[i], FONT_REGULAR, 0};
        cells[2 * i + 1] = (struct printed_cell){"1,00", FONT_REGULAR, 0};
    }
    for (double space = 0; space < CONTENT; space += 4 * STEP) {
        struct paper p;
        size_t rows = 0;
        paper_begin(&p, NULL);
        printed_words(p.printed, "zero");
        printed_space(p.printed, space);
        printed_table(p.printed, columns, 2, cells, ROWS);
        paper_finish(&p);
        for (size_t page = 1; page <= p.pages; page++) rows += count_rows(&p, page);
        assert_int_equal(rows, ROWS);
        paper_close(&p);
    }
}

static void test_tall_cell(void **state)
{
    (void)state;
    struct paper p;
    struct buf tall;
    const struct printed_column columns[] = {{"Left", 1, ALIGN_LEFT}, {"Right", 1, ALIGN_LEFT}};
    buf_init(&tall, 1 << 16);
    for (int i = 0; i < 60; i++) buf_print(&tall, "%sline%02d", i > 0 ? "\n" : "", i);
    buf_put_byte(&tall, 0);
    const struct printed_cell cells[] = {{"before", 0, 0}, {"x", 0, 0},      {(const char *)tall.data, 0, 0},
                                         {"short", 0, 0},  {"behind", 0, 0}, {"y", 0, 0}};
    paper_begin(&p, NULL);
    printed_heading(p.printed, 1, "Title");
    printed_table(p.printed, columns, 2, cells, 3);
    paper_finish(&p);
    assert_int_equal(paper_find(&p, "Title"), 1);
    assert_int_equal(paper_find(&p, "before"), 1);
    for (int i = 0; i < 60; i++) {
        char line[8];
        (void)snprintf(line, sizeof line, "line%02d", i);
        size_t page = paper_find(&p, line);
        assert_true(page > 0 && paper_has(&p, page, "Left"));
    }
    assert_int_equal(paper_find(&p, "behind"), p.pages);
    paper_close(&p);
    buf_dispose(&tall);
}

static void test_small_tables(void **state)
{
    (void)state;
    struct paper p;
    const struct printed_column with[] = {{"Head", 1, ALIGN_LEFT}};
    const struct printed_column without[] = {{NULL, 0, ALIGN_LEFT}};
    const struct printed_cell cells[] = {{NULL, 0, 0}, {"", 0, 0}, {"last", 0, 0}};
    paper_begin(&p, NULL);
    printed_table(p.printed, with, 1, NULL, 0);
    printed_table(p.printed, without, 1, NULL, 0);
    printed_table(p.printed, without, 1, cells, 3);
    printed_pairs(p.printed, NULL, 0, 0);
    paper_finish(&p);
    assert_true(paper_has(&p, 1, "Head"));
    assert_true(paper_has(&p, 1, "last"));
    paper_close(&p);
}

/** A number is one word on one line, though its share of the width is too small. */
static void test_numbers_are_whole(void **state)
{
    (void)state;
    struct paper p;
    const struct printed_column columns[] = {{"Text", 20, ALIGN_LEFT}, {"N", 1, ALIGN_RIGHT}};
    const struct printed_cell cells[] = {{"words in a cell that is wide", 0, 0}, {"98.412.345,55", 0, 0}};
    paper_begin(&p, NULL);
    printed_table(p.printed, columns, 2, cells, 1);
    paper_finish(&p);
    assert_true(paper_has(&p, 1, "98.412.345,55"));
    paper_close(&p);
}

static void test_long_words(void **state)
{
    (void)state;
    struct paper p;
    static char word[2001];
    memset(word, 'w', sizeof word - 1);
    const struct printed_column columns[] = {{word, 1, ALIGN_LEFT}, {"b", 1, ALIGN_RIGHT}};
    const struct printed_cell cells[] = {{word, 0, 0}, {word, 0, 0}};
    struct printed_settings settings = paper_settings();
    settings.header = word;
    settings.footer = word;
    settings.page_label = word;
    paper_begin(&p, &settings);
    printed_heading(p.printed, 1, word);
    printed_words(p.printed, word);
    printed_banner(p.printed, word, word, 0xeeeeee, COLOUR_WHITE);
    printed_table(p.printed, columns, 2, cells, 1);
    paper_finish(&p);
    assert_true(p.pages > 10 && p.pages < 100);
    paper_close(&p);
}

static void test_breaks(void **state)
{
    (void)state;
    struct paper p;
    paper_begin(&p, NULL);
    printed_page_break(p.printed);
    printed_words(p.printed, "one");
    printed_page_break(p.printed);
    printed_page_break(p.printed);
    printed_words(p.printed, "two");
    printed_page_break(p.printed);
    paper_finish(&p);
    assert_int_equal(p.pages, 2);
    assert_int_equal(paper_find(&p, "two"), 2);
    paper_close(&p);
}

static rfd_status draw_words(void *context, struct canvas *c, double width, double height, struct rfd_error *error)
{
    double *size = context;
    size[0] = width;
    size[1] = height;
    canvas_fill_rectangle(c, 0, 0, width, height, 0xcccccc);
    return canvas_check(c, error);
}

/** What is larger than a page is made smaller and takes one. */
static void test_large_figures(void **state)
{
    (void)state;
    struct paper p;
    double size[2] = {0};
    paper_begin(&p, NULL);
    printed_words(p.printed, "one");
    printed_qr(p.printed, "x", 1000, "a code");
    printed_drawing(p.printed, 5000, "a drawing", draw_words, size);
    printed_drawing(p.printed, 10, NULL, draw_words, size);
    paper_finish(&p);
    assert_int_equal(p.pages, 4);
    assert_true(size[0] == 240 && size[1] == 10);
    paper_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading_order),
        cmocka_unit_test(test_letters),
        cmocka_unit_test(test_letters_that_no_face_has),
        cmocka_unit_test(test_no_widows),
        cmocka_unit_test(test_keep),
        cmocka_unit_test(test_headings_stay),
        cmocka_unit_test(test_table_breaks),
        cmocka_unit_test(test_tall_cell),
        cmocka_unit_test(test_small_tables),
        cmocka_unit_test(test_numbers_are_whole),
        cmocka_unit_test(test_long_words),
        cmocka_unit_test(test_breaks),
        cmocka_unit_test(test_large_figures),
    };
    return cmocka_run_group_tests(tests, paper_setup, paper_teardown);
}
