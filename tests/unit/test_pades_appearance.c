/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "pades/appearance/content_depth.h"
#include "pades/appearance/fit.h"
#include "pades/appearance/slot.h"
#include "pades/appearance/values.h"

#include <math.h>

enum { MEMORY = 64 << 20 };

/* ---- templates ---- */

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, MEMORY);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_dispose(&arena);
    return 0;
}

static void assert_text(slice text, const char *wanted)
{
    if (!slice_is(text, wanted))
        print_error("\"%.*s\", wanted \"%s\"\n", (int)text.length, (const char *)text.data, wanted);
    assert_true(slice_is(text, wanted));
}

static const struct template_text *filled(const char *text, const slice *values, size_t *count)
{
    struct template t;
    const struct template_text *lines = NULL;
    assert_int_equal(template_parse(slice_text(text), true, &arena, &t, NULL), RFD_OK);
    assert_int_equal(template_fill(&t, values, &arena, &lines, count, NULL), RFD_OK);
    return lines;
}

static void words_are_replaced(void **state)
{
    (void)state;
    const slice values[TEMPLATE_WORD_COUNT] = {[TEMPLATE_NAME] = SLICE("Ñandú"), [TEMPLATE_POST] = SLICE("Alcaldesa")};
    size_t count = 0;
    const struct template_text *lines = filled("Firmado por\n*{name}\n{post}, {organisation}", values, &count);
    assert_int_equal(count, 3);
    assert_text(lines[0].text, "Firmado por");
    assert_false(lines[0].bold);
    assert_text(lines[1].text, "Ñandú");
    assert_true(lines[1].bold);
    assert_text(lines[2].text, "Alcaldesa, ");
}

static void lines_that_say_nothing_are_left_out(void **state)
{
    (void)state;
    const slice values[TEMPLATE_WORD_COUNT] = {[TEMPLATE_NAME] = SLICE("A")};
    size_t count = 0;
    const struct template_text *lines =
        filled("Motivo: {reason}\n{name}{post}\n\n*{number} {place}\nfin", values, &count);
    assert_int_equal(count, 3);
    assert_text(lines[0].text, "A");
    assert_text(lines[1].text, "");
    assert_text(lines[2].text, "fin");
}

static void two_braces_are_one(void **state)
{
    (void)state;
    const slice values[TEMPLATE_WORD_COUNT] = {[TEMPLATE_NAME] = SLICE("A")};
    size_t count = 0;
    assert_text(filled("{{firma}} {{{name}}", values, &count)[0].text, "{firma}} {A}");
    assert_text(filled("a{{", values, &count)[0].text, "a{");
    assert_text(filled("1\r\n2", values, &count)[1].text, "2");
}

static void unknown_words_are_errors(void **state)
{
    (void)state;
    static const char *const bad[] = {"{nombre}", "{", "{name", "{}", "{Name}", "a {name }", "{{{"};
    struct template t;
    struct rfd_error error = RFD_ERROR_INIT;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(template_parse(slice_text(bad[i]), true, &arena, &t, &error), RFD_E_STAMP_TEMPLATE);
    assert_string_equal(error.detail, "{ is not closed");
    assert_int_equal(template_parse(SLICE("\xff"), true, &arena, &t, &error), RFD_E_ARGUMENT);
    char lines[2 * TEMPLATE_LINES_MAXIMUM + 1] = "";
    for (size_t i = 0; i < TEMPLATE_LINES_MAXIMUM; i++) lines[i] = '\n';
    assert_int_equal(template_parse(slice_text(lines), true, &arena, &t, &error), RFD_E_ARGUMENT);
}

static void values_cannot_break_lines_or_reorder_them(void **state)
{
    (void)state;
    slice out;
    assert_int_equal(template_value(SLICE("a\nb\tc\x7f"
                                          "d\xe2\x80\xa8"
                                          "e"),
                                    &arena, &out, NULL),
                     RFD_OK);
    assert_text(out, "a b c d e");
    assert_int_equal(template_value(SLICE("a\xe2\x80\xae"
                                          "b"),
                                    &arena, &out, NULL),
                     RFD_OK); /* U+202E */
    assert_text(out, "a\xef\xbf\xbd"
                     "b");
    static uint8_t many[3 * TEMPLATE_VALUE_MAXIMUM];
    memset(many, 'x', sizeof many);
    assert_int_equal(template_value(slice_of(many, sizeof many), &arena, &out, NULL), RFD_OK);
    assert_int_equal(out.length, TEMPLATE_VALUE_MAXIMUM);
}

static void dates_have_the_form_of_the_language(void **state)
{
    (void)state;
    char text[VALUES_TEXT_SIZE];
    rfd_time moment = INT64_C(1795291445) * RFD_SECOND; /* 2026-11-21T20:04:05Z */
    values_date(moment, -300, "es", text);
    assert_string_equal(text, "21/11/2026");
    values_date(moment, 300, "ca", text);
    assert_string_equal(text, "22/11/2026");
    values_date(moment, 0, "en", text);
    assert_string_equal(text, "2026-11-21");
    values_time(moment, -300, text);
    assert_string_equal(text, "15:04:05 -05:00");
    values_time(moment, 330, text);
    assert_string_equal(text, "01:34:05 +05:30");
    values_time(INT64_MAX, 1440, text); /* no overflow */
}

/* ---- slots ---- */

static const double mm = 72 / 25.4;

static struct pdf_box box(double left, double bottom, double width, double height)
{
    return (struct pdf_box){left * mm, bottom * mm, (left + width) * mm, (bottom + height) * mm};
}

static bool is_near(double a, double b)
{
    return fabs(a - b) < 0.01;
}

static struct slot_grid *grid(const struct pdf_box *taken, size_t count)
{
    struct slot_grid *g = NULL;
    assert_int_equal(slot_grid_new(210 * mm, 297 * mm, &g, NULL), RFD_OK);
    for (size_t i = 0; i < count; i++) slot_grid_take(g, taken[i], 2 * mm);
    slot_grid_close(g);
    return g;
}

static void the_first_slot_is_the_lowest_and_leftmost(void **state)
{
    (void)state;
    struct pdf_box area = box(10, 10, 190, 277);
    struct pdf_box taken[] = {box(10, 10, 70, 25)};
    struct pdf_box found;
    struct slot_grid *g = grid(NULL, 0);
    assert_true(slot_first(g, area, 70 * mm, 25 * mm, &found));
    assert_true(is_near(found.left, 10 * mm) && is_near(found.bottom, 10 * mm));
    slot_grid_free(g);
    g = grid(taken, 1);
    assert_true(slot_first(g, area, 70 * mm, 25 * mm, &found));
    assert_true(is_near(found.left, 82 * mm) && is_near(found.bottom, 10 * mm));
    assert_true(slot_first(g, area, 130 * mm, 25 * mm, &found));
    assert_true(is_near(found.left, 10 * mm) && is_near(found.bottom, 38 * mm));
    assert_false(slot_first(g, area, 191 * mm, 25 * mm, &found));
    slot_grid_free(g);
}

static void the_nearest_slot_is_near(void **state)
{
    (void)state;
    struct pdf_box area = box(10, 10, 190, 277);
    struct pdf_box wanted = box(130, 10, 70, 25);
    struct pdf_box found;
    struct slot_grid *g = grid(&wanted, 1);
    assert_true(slot_nearest(g, area, wanted, &found));
    assert_true(is_near(found.left, wanted.left) && is_near(found.bottom, 38 * mm));
    assert_false(slot_overlap(found, wanted));
    struct pdf_box everything = box(0, 0, 210, 297);
    slot_grid_free(g);
    g = grid(&everything, 1);
    assert_false(slot_nearest(g, area, wanted, &found));
    assert_false(slot_first(g, area, mm, mm, &found));
    slot_grid_free(g);
}

static void every_cell_is_counted_once(void **state)
{
    (void)state;
    struct pdf_box taken[] = {box(20, 20, 10, 10), box(25, 25, 10, 10), box(-50, -50, 60, 60), box(205, 290, 50, 50)};
    struct slot_grid *g = NULL;
    assert_int_equal(slot_grid_new(210 * mm, 297 * mm, &g, NULL), RFD_OK);
    for (size_t i = 0; i < 4; i++) slot_grid_take(g, taken[i], 0);
    slot_grid_close(g);
    for (int y = 0; y < 297; y += 3) {
        for (int x = 0; x < 210; x += 3) {
            struct pdf_box b = box(x, y, 3, 3);
            bool is_free = true;
            for (size_t i = 0; i < 4; i++) is_free = is_free && !slot_overlap(b, taken[i]);
            /* A cell is never free when it is not; it may be taken when only its edge is. */
            if (!is_free) assert_false(slot_grid_is_free(g, b));
        }
    }
    assert_true(slot_grid_is_free(g, box(100, 100, 50, 50)));
    assert_true(slot_grid_is_free(g, box(30, 10, 100, 10)));
    slot_grid_free(g);
}

static void absurd_pages_cost_little(void **state)
{
    (void)state;
    struct slot_grid *g = NULL;
    struct pdf_box found;
    assert_int_equal(slot_grid_new(1e9, 3, &g, NULL), RFD_OK);
    slot_grid_take(g, (struct pdf_box){-1e30, -1e30, 1e30, 1e30}, 1);
    slot_grid_take(g, (struct pdf_box){NAN, NAN, NAN, NAN}, 1);
    slot_grid_close(g);
    assert_false(slot_first(g, (struct pdf_box){0, 0, 1e9, 3}, 1, 1, &found));
    slot_grid_free(g);
}

/* ---- fitting ---- */

static const char lorem[] = "Se resuelve aprobar el expediente y notificar a las partes interesadas, conforme a la ley";

static struct fit fitted(struct fonts *fonts, const struct fit_line *lines, size_t count, double width, double height,
                         double size)
{
    struct fit f;
    struct fit_request request = {.lines = lines, .count = count, .width = width, .height = height, .size = size};
    assert_int_equal(fit_text(fonts, &arena, &request, &f, NULL), RFD_OK);
    assert_true(f.width <= width + 0.1);
    assert_true(f.height <= height + 0.1);
    return f;
}

static void text_is_as_large_as_fits(void **state)
{
    (void)state;
    struct fonts *fonts = NULL;
    const struct fit_line lines[] = {{SLICE("Firmado por"), FONT_REGULAR, 0, 1},
                                     {SLICE("QUISPE ÑAHUI"), FONT_BOLD, 0, 1.1},
                                     {slice_text(lorem), FONT_REGULAR, 0, 1}};
    assert_int_equal(fonts_new(NULL, &fonts, NULL), RFD_OK);
    assert_true(is_near(fitted(fonts, lines, 2, 200, 70, 0).size, 10));
    struct fit f = fitted(fonts, lines, 3, 200, 70, 0);
    assert_false(f.cut);
    assert_true(f.size > 5 && f.size <= 10);
    assert_true(is_near(fmod(f.size, 0.25), 0));
    assert_true(is_near(fitted(fonts, lines, 2, 200, 70, 7.3).size, 7.3));
    assert_int_equal(fitted(fonts, lines, 0, 200, 70, 0).count, 0);
    fonts_free(fonts);
}

static void nothing_leaves_the_box(void **state)
{
    (void)state;
    struct fonts *fonts = NULL;
    const struct fit_line lines[] = {{SLICE("QUISPE ÑAHUI"), FONT_BOLD, 0, 1.1},
                                     {slice_text(lorem), FONT_REGULAR, 0, 1},
                                     {SLICE("Palabralarguísimaquenocabeenningunalínea"), FONT_REGULAR, 0, 1},
                                     {slice_text(lorem), FONT_REGULAR, 0, 1}};
    assert_int_equal(fonts_new(NULL, &fonts, NULL), RFD_OK);
    for (double width = 20; width < 300; width += 37) {
        for (double height = 1; height < 100; height += 13) {
            (void)fitted(fonts, lines, 4, width, height, 0);
            (void)fitted(fonts, lines, 4, width, height, 12);
        }
    }
    fonts_free(fonts);
}

static void what_is_cut_ends_in_an_ellipsis(void **state)
{
    (void)state;
    struct fonts *fonts = NULL;
    const struct fit_line lines[] = {{SLICE("Motivo"), FONT_BOLD, 0, 1}, {slice_text(lorem), FONT_REGULAR, 0, 1}};
    assert_int_equal(fonts_new(NULL, &fonts, NULL), RFD_OK);
    struct fit f = fitted(fonts, lines, 2, 60, 20, 0);
    assert_true(f.cut);
    const struct fit_part *last = &f.parts[f.count - 1];
    assert_int_equal(last->shown, 1);
    const struct paragraph_line *line = &last->paragraph.lines[0];
    slice text = line->pieces[line->count - 1].text->text;
    assert_text(slice_from(text, text.length - 3), "…");
    assert_int_equal(fitted(fonts, lines, 2, 60, 3, 0).count, 0);
    fonts_free(fonts);
}

static void sizes_are_remembered(void **state)
{
    (void)state;
    struct fonts *fonts = NULL;
    struct fit_memory memory;
    struct fit first, second;
    const struct fit_line line = {slice_text(lorem), FONT_REGULAR, 0, 1};
    fit_memory_init(&memory);
    assert_int_equal(fonts_new(NULL, &fonts, NULL), RFD_OK);
    struct fit_request request = {.lines = &line, .count = 1, .width = 100, .height = 50, .memory = &memory};
    for (int i = 0; i < 2 * FIT_MEMORY_SIZE; i++) {
        request.width = 100 + i;
        assert_int_equal(fit_text(fonts, &arena, &request, &first, NULL), RFD_OK);
        assert_int_equal(fit_text(fonts, &arena, &request, &second, NULL), RFD_OK);
        assert_true(is_near(first.size, second.size) && is_near(first.height, second.height));
    }
    fonts_free(fonts);
    fit_memory_dispose(&memory);
}

/* ---- content ---- */

static void unpaired_q_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *content;
        unsigned missing, left;
    } cases[] = {
        {"", 0, 0},
        {"q 1 0 0 1 0 0 cm Q", 0, 0},
        {"q q Q", 0, 1},
        {"Q Q q", 2, 1},
        {"(q \\) q (q)) Tj [(q)]TJ/q Do q", 0, 1},
        {"% q q\nq", 0, 1},
        {"q BI /W 1 ID q Q Q \nEI Q", 0, 0},
        {"<71>q<<>>Q[q]", 0, 1},
        {"qq", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct content_depth d = {0};
        assert_int_equal(content_depth_add(&d, slice_text(cases[i].content)), RFD_OK);
        assert_int_equal(d.missing, cases[i].missing);
        assert_int_equal(d.left, cases[i].left);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_replaced),
        cmocka_unit_test(lines_that_say_nothing_are_left_out),
        cmocka_unit_test(two_braces_are_one),
        cmocka_unit_test(unknown_words_are_errors),
        cmocka_unit_test(values_cannot_break_lines_or_reorder_them),
        cmocka_unit_test(dates_have_the_form_of_the_language),
        cmocka_unit_test(the_first_slot_is_the_lowest_and_leftmost),
        cmocka_unit_test(the_nearest_slot_is_near),
        cmocka_unit_test(every_cell_is_counted_once),
        cmocka_unit_test(absurd_pages_cost_little),
        cmocka_unit_test(text_is_as_large_as_fits),
        cmocka_unit_test(nothing_leaves_the_box),
        cmocka_unit_test(what_is_cut_ends_in_an_ellipsis),
        cmocka_unit_test(sizes_are_remembered),
        cmocka_unit_test(unpaired_q_are_counted),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
