/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/number.h"
#include "print_support.h"

#include <math.h>

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

/* ---- Numbers ---- */

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"},          {-0.0, "0"},           {1, "1"},         {-1, "-1"},
                 {0.5, ".5"},       {-0.5, "-.5"},         {0.001, ".001"},  {1e-7, "0"},
                 {-1e-7, "0"},      {0.0005, ".001"},      {1.25, "1.25"},   {2.0004, "2"},
                 {2.9996, "3"},     {595.2756, "595.276"}, {1e5, "100000"},  {-12.34, "-12.34"},
                 {0.1 + 0.2, ".3"}, {10.01, "10.01"},      {100.1, "100.1"}, {1e6, "1000000"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b;
        buf_init(&b, 64);
        canvas_put_number(&b, cases[i].value);
        if (!slice_is(buf_slice(&b), cases[i].text))
            fail_msg("%g: %.*s, not %s", cases[i].value, (int)b.length, (const char *)b.data, cases[i].text);
        buf_dispose(&b);
    }
}

static void test_no_numbers(void **state)
{
    (void)state;
    const double cases[] = {NAN, INFINITY, -INFINITY, 1e9, -1e300};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct canvas c;
        canvas_init(&c, NULL, (struct pdf_reference){0});
        canvas_line(&c, 0, 0, cases[i], 5, 1, COLOUR_BLACK);
        canvas_save(&c);
        assert_int_equal(canvas_check(&c, NULL), RFD_E_LIMIT);
        canvas_dispose(&c);
    }
}

/* ---- Operators ---- */

static void expect(struct canvas *c, const char *text)
{
    struct rfd_error error = RFD_ERROR_INIT;
    if (canvas_check(c, &error) != RFD_OK) fail_msg("%s", error.detail);
    if (!slice_is(buf_slice(&c->content), text))
        fail_msg("%.*s\nnot\n%s", (int)c->content.length, (const char *)c->content.data, text);
    buf_reset(&c->content);
}

static void test_operators(void **state)
{
    (void)state;
    struct canvas c;
    canvas_init(&c, NULL, (struct pdf_reference){7, 0});
    canvas_fill_rectangle(&c, 1, 2, 3.5, 4, 0xff8000);
    expect(&c, "/C cs 1 .502 0 scn\n1 2 3.5 4 re f\n");
    canvas_fill_rectangle(&c, 0, 0, 1, 1, 0xff8000);
    expect(&c, "0 0 1 1 re f\n");
    canvas_fill_rectangle(&c, 0, 0, 1, 1, COLOUR_BLACK);
    expect(&c, "0 0 0 scn\n0 0 1 1 re f\n");
    canvas_stroke_rectangle(&c, 0, 0, 1, 1, 0.25, COLOUR_WHITE);
    expect(&c, "/C CS 1 1 1 SCN\n.25 w\n0 0 1 1 re S\n");
    canvas_save(&c);
    canvas_transform(&c, 1, 0, 0, -1, 5, 6);
    canvas_clip(&c, 0, 0, 9, 9);
    canvas_line(&c, 0, 0, 1, 1, 1, COLOUR_WHITE);
    canvas_restore(&c);
    expect(&c, "q\n1 0 0 -1 5 6 cm\n0 0 9 9 re W n\n1 w\n0 0 m\n1 1 l S\nQ\n");
    /* After Q nothing is known of the colours. */
    canvas_fill_rectangle(&c, 0, 0, 1, 1, COLOUR_BLACK);
    expect(&c, "/C cs 0 0 0 scn\n0 0 1 1 re f\n");
    canvas_begin_marked(&c, "P", 3);
    canvas_begin_marked(&c, "Span", -1);
    canvas_begin_artifact(&c);
    canvas_end_marked(&c);
    expect(&c, "/P <</MCID 3>> BDC\n/Span BMC\n/Artifact BMC\nEMC\n");
    canvas_dispose(&c);
}

static void test_round_shapes(void **state)
{
    (void)state;
    struct canvas c;
    canvas_init(&c, NULL, (struct pdf_reference){0});
    canvas_circle(&c, 10, 10, 5, 1, CANVAS_NONE, CANVAS_NONE);
    canvas_round_rectangle(&c, 0, 0, 9, 9, 2, 1, CANVAS_NONE, CANVAS_NONE);
    expect(&c, "");
    canvas_circle(&c, 10, 10, 10, 1, 0, CANVAS_NONE);
    expect(&c, "/C cs 0 0 0 scn\n20 10 m\n20 15.523 15.523 20 10 20 c\n4.477 20 0 15.523 0 10 c\n"
               "0 4.477 4.477 0 10 0 c\n15.523 0 20 4.477 20 10 c\nh f\n");
    /* A radius never exceeds half of a side. */
    canvas_round_rectangle(&c, 0, 0, 4, 2, 50, 1, 0, 0);
    assert_non_null(memmem(c.content.data, c.content.length, "1 0 m\n3 0 l\n", 12));
    assert_true(c.content.data[c.content.length - 2] == 'b');
    canvas_dispose(&c);
}

static void test_xobjects(void **state)
{
    (void)state;
    struct canvas c;
    struct buf b;
    canvas_init(&c, NULL, (struct pdf_reference){7, 0});
    buf_init(&b, 4096);
    canvas_xobject(&c, (struct pdf_reference){20, 0});
    canvas_xobject(&c, (struct pdf_reference){21, 0});
    canvas_xobject(&c, (struct pdf_reference){20, 0});
    expect(&c, "/X0 Do\n/X1 Do\n/X0 Do\n");
    canvas_put_resources(&c, &b);
    assert_true(slice_is(buf_slice(&b), "<</XObject<</X0 20 0 R/X1 21 0 R>>/ColorSpace<</C[/ICCBased 7 0 R]>>>>"));
    for (uint32_t i = 0; i < CANVAS_IMAGES_MAXIMUM; i++) canvas_xobject(&c, (struct pdf_reference){20 + i, 0});
    assert_int_equal(canvas_check(&c, NULL), RFD_OK);
    canvas_xobject(&c, (struct pdf_reference){1000, 0});
    assert_int_equal(canvas_check(&c, NULL), RFD_E_LIMIT);
    buf_dispose(&b);
    canvas_dispose(&c);
}

/* ---- Text ---- */

static void test_text(void **state)
{
    (void)state;
    struct print_page p;
    struct rfd_error error = RFD_ERROR_INIT;
    struct shaped s;
    struct buf file;
    assert_int_equal(print_page_begin(&p, fonts, 100, 100, &error), RFD_OK);
    assert_int_equal(fonts_shape(fonts, FONT_REGULAR, SLICE("a b"), &p.arena, &s, &error), RFD_OK);
    canvas_text(&p.canvas, 1, 2, 10, COLOUR_BLACK, &s, 0, 0);
    canvas_text(&p.canvas, 1, 2, 0, COLOUR_BLACK, &s, 0, 3);
    expect(&p.canvas, "");
    canvas_text(&p.canvas, 1, 2, 10, COLOUR_BLACK, &s, 0, 99);
    char wanted[128];
    (void)snprintf(wanted, sizeof wanted, "/C cs 0 0 0 scn\nBT\n1 2 Td\n/F0 10 Tf\n[<%04X%04X%04X>]TJ\nET\n",
                   s.glyphs[0].id, s.glyphs[1].id, s.glyphs[2].id);
    expect(&p.canvas, wanted);
    /* 2 points more after the blank are 200 thousandths of 10 points. */
    canvas_text_spaced(&p.canvas, 1, 2, 10, COLOUR_BLACK, &s, 0, 3, 2);
    (void)snprintf(wanted, sizeof wanted, "BT\n1 2 Td\n/F0 10 Tf\n[<%04X%04X>-200<%04X>]TJ\nET\n", s.glyphs[0].id,
                   s.glyphs[1].id, s.glyphs[2].id);
    expect(&p.canvas, wanted);
    buf_init(&file, 1 << 20);
    assert_int_equal(print_page_end(&p, &file, &error), RFD_OK);
    buf_dispose(&file);
}

static void test_form(void **state)
{
    (void)state;
    struct print_page p;
    struct canvas form;
    struct buf file;
    struct rfd_error error = RFD_ERROR_INIT;
    struct support_document d;
    assert_int_equal(print_page_begin(&p, fonts, 100, 100, &error), RFD_OK);
    struct pdf_reference r = pdf_update_new(p.update);
    canvas_init(&form, p.use, p.canvas.profile);
    canvas_fill_rectangle(&form, 0, 0, 10, 10, 0x00ff00);
    canvas_write_form(&form, p.update, r, 12.5, 20);
    assert_int_equal(canvas_check(&form, &error), RFD_OK);
    canvas_dispose(&form);
    canvas_xobject(&p.canvas, r);
    buf_init(&file, 1 << 20);
    assert_int_equal(print_page_end(&p, &file, &error), RFD_OK);
    support_init(&d);
    buf_put_slice(&d.bytes, buf_slice(&file));
    if (support_open(&d, "", true) != RFD_OK) fail_msg("%s", d.error.detail);
    const struct pdf_value *v;
    struct pdf_view view = pdf_latest(d.doc);
    assert_int_equal(pdf_object(d.doc, 0, r.number, &v, &error), RFD_OK);
    assert_true(pdf_is_name(pdf_entry_of(v, "Subtype"), "Form"));
    assert_int_equal(pdf_entry_of(v, "Group")->kind, PDF_NULL);
    assert_int_equal(pdf_get(&view, pdf_entry_of(v, "Resources"), "ColorSpace")->kind, PDF_DICTIONARY);
    slice box = pdf_entry_of(v, "BBox")->raw;
    assert_true(slice_is(box, "[0 0 12.5 20]"));
    support_close(&d);
    buf_dispose(&file);
}

/* ---- Colour ---- */

/** ICC.1:2001-04 clause 6: what every reader looks at first. */
static void test_profile(void **state)
{
    (void)state;
    static const char *const tags[] = {"desc", "cprt", "wtpt", "rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC"};
    slice p = colour_profile();
    assert_int_equal(number_big_endian(p.data, 4), p.length);
    assert_true(p.length < 700);
    assert_memory_equal(p.data + 12, "mntrRGB XYZ ", 12);
    assert_memory_equal(p.data + 36, "acsp", 4);
    assert_int_equal(number_big_endian(p.data + 128, 4), 9);
    for (size_t i = 0; i < 9; i++) {
        const uint8_t *entry = p.data + 132 + 12 * i;
        uint64_t offset = number_big_endian(entry + 4, 4), length = number_big_endian(entry + 8, 4);
        assert_memory_equal(entry, tags[i], 4);
        assert_int_equal(offset % 4, 0);
        assert_true(offset >= 128 + 4 + 9 * 12 && offset + length <= p.length);
        const char *type = i == 0 ? "desc" : i == 1 ? "text" : i < 6 ? "XYZ " : "curv";
        assert_memory_equal(p.data + offset, type, 4);
    }
    /* The primaries together are the white point. */
    const uint8_t *white = p.data + number_big_endian(p.data + 132 + 24 + 4, 4) + 8;
    for (size_t axis = 0; axis < 3; axis++) {
        uint64_t sum = 0;
        for (size_t i = 3; i < 6; i++) {
            uint64_t offset = number_big_endian(p.data + 132 + 12 * i + 4, 4);
            sum += number_big_endian(p.data + offset + 8 + 4 * axis, 4);
        }
        assert_int_equal(sum, number_big_endian(white + 4 * axis, 4));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),      cmocka_unit_test(test_no_numbers), cmocka_unit_test(test_operators),
        cmocka_unit_test(test_round_shapes), cmocka_unit_test(test_xobjects),   cmocka_unit_test(test_text),
        cmocka_unit_test(test_form),         cmocka_unit_test(test_profile),
    };
    return cmocka_run_group_tests(tests, open_fonts, close_fonts);
}
