/* SPDX-License-Identifier: EUPL-1.2
 *
 * Pages as seen: every turn, crop, unit and order of corners; boxes that make no sense.
 */
#include "pdf_draft.h"

#include "pdf/page_geometry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-6;
}

static bool same_box(struct pdf_box a, struct pdf_box b)
{
    return near(a.left, b.left) && near(a.bottom, b.bottom) && near(a.right, b.right) && near(a.top, b.top);
}

/** The geometry of a page whose dictionary holds `entries`, below a node that holds `inherited`. */
static struct pdf_geometry geometry_of(const char *inherited, const char *entries)
{
    struct draft d;
    char text[400];
    struct pdf_page page;
    draft_begin(&d);
    draft_object(&d, 1, "<</Type/Catalog/Pages 2 0 R>>");
    (void)snprintf(text, sizeof text, "<</Type/Pages/Count 1/Kids[3 0 R]%s>>", inherited);
    draft_object(&d, 2, text);
    (void)snprintf(text, sizeof text, "<</Type/Page/Parent 2 0 R%s>>", entries);
    draft_object(&d, 3, text);
    draft_object(&d, 4, "300");
    draft_table(&d, "/Root 1 0 R");
    struct opened o = draft_open(&d, true);
    struct pdf_view view = pdf_latest(draft_must_open(&o));
    assert_int_equal(pdf_page(&view, 0, &page, NULL), RFD_OK);
    struct pdf_geometry g = pdf_geometry(&view, &page);
    draft_close_opened(&o);
    buf_dispose(&d.b);
    return g;
}

static void boxes(void **state)
{
    (void)state;
    static const struct {
        const char *inherited, *entries;
        struct pdf_box box;
    } cases[] = {
        {"", "", {0, 0, 612, 792}},
        {"", "/MediaBox[0 0 595 842]", {0, 0, 595, 842}},
        {"/MediaBox[0 0 595 842]", "", {0, 0, 595, 842}},
        {"/MediaBox[0 0 595 842]", "/MediaBox[0 0 100 4 0 R]", {0, 0, 100, 300}},
        {"", "/MediaBox[595 842 0 0]", {0, 0, 595, 842}},
        {"", "/MediaBox[0 842 595 0]", {0, 0, 595, 842}},
        {"", "/MediaBox[-100 -200 100.5 200]", {-100, -200, 100.5, 200}},
        {"/CropBox[10 20 300 400]", "/MediaBox[0 0 595 842]", {10, 20, 300, 400}},
        {"", "/MediaBox[0 0 595 842]/CropBox[300 400 10 20]", {10, 20, 300, 400}},
        {"", "/MediaBox[0 0 595 842]/CropBox[-10 -20 300 4000]", {0, 0, 300, 842}},
        {"", "/MediaBox[0 0 595 842]/CropBox[600 900 700 1000]", {0, 0, 595, 842}},
        {"", "/MediaBox[0 0 595 842]/CropBox[10 10 10 400]", {0, 0, 595, 842}},
        {"", "/MediaBox[0 0 595 842]/CropBox[10 10 (x) 400]", {0, 0, 595, 842}},
        {"", "/MediaBox[0 0 595 842]/CropBox[10 10 20]", {0, 0, 595, 842}},
        {"", "/MediaBox[0 0 595 842]/CropBox 7", {0, 0, 595, 842}},
        {"", "/MediaBox[0 0 0 842]", {0, 0, 612, 792}},
        {"", "/MediaBox[5 5 5 5]/CropBox[0 0 100 100]", {0, 0, 100, 100}},
        {"", "/MediaBox[0 0 99999999999999999999999999 5]", {0, 0, 612, 792}},
        {"", "/MediaBox null", {0, 0, 612, 792}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pdf_geometry g = geometry_of(cases[i].inherited, cases[i].entries);
        if (!same_box(g.box, cases[i].box)) fail_msg("case %zu", i);
        assert_true(near(g.width, g.box.right - g.box.left) && near(g.height, g.box.top - g.box.bottom));
    }
}

static void turns(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int rotate;
    } cases[] = {
        {"0", 0},      {"90", 90},    {"180", 180}, {"270", 270}, {"360", 0},  {"450", 90}, {"-90", 270},
        {"-180", 180}, {"-450", 270}, {"45", 0},    {"90.0", 90}, {"89", 0},   {"90.5", 0}, {"(90)", 0},
        {"null", 0},   {"-36000", 0}, {"4 0 R", 0}, {"/N", 0},    {"[90]", 0}, {"810", 90}, {"9223372036854775800", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[60];
        (void)snprintf(text, sizeof text, "/Rotate %s", cases[i].text);
        assert_int_equal(geometry_of(text, "").rotate, cases[i].rotate);
        assert_int_equal(geometry_of("/Rotate 90", text).rotate,
                         strcmp(cases[i].text, "null") == 0 ? 90 : cases[i].rotate);
    }
}

static void units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double unit;
    } cases[] = {{"1", 1},         {"2.5", 2.5}, {".5", .5},      {"0", 1},   {"-3", 1},
                 {"75000", 75000}, {"75001", 1}, {"0.000001", 1}, {"(2)", 1}, {"4 0 R", 300}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[60];
        (void)snprintf(text, sizeof text, "/UserUnit %s", cases[i].text);
        struct pdf_geometry g = geometry_of("/UserUnit 7", text); /* not inheritable: §7.7.3.3 table 31 */
        assert_true(near(g.unit, cases[i].unit));
        assert_true(near(g.width, 612 * g.unit) && near(g.height, 792 * g.unit));
    }
}

/** Where a renderer shows a point of user space: turned clockwise step by step, then moved to the origin. */
static struct pdf_point shown(const struct pdf_geometry *g, double x, double y)
{
    struct pdf_box box = g->box;
    for (int degrees = 0; degrees < g->rotate; degrees += 90) {
        double old = x;
        x = y;
        y = -old;
        box = (struct pdf_box){box.bottom, -box.right, box.top, -box.left};
    }
    return (struct pdf_point){(x - box.left) * g->unit, (y - box.bottom) * g->unit};
}

static void check_both_ways(const struct pdf_geometry *g)
{
    static const double shares[] = {0, 0.25, 0.9, 1};
    struct pdf_matrix to_seen = pdf_geometry_to_seen(g), to_user = pdf_geometry_to_user(g);
    for (size_t i = 0; i < 16; i++) {
        double x = g->box.left + shares[i / 4] * (g->box.right - g->box.left);
        double y = g->box.bottom + shares[i % 4] * (g->box.top - g->box.bottom);
        struct pdf_point seen = pdf_matrix_point(&to_seen, x, y);
        struct pdf_point wanted = shown(g, x, y), back = pdf_matrix_point(&to_user, seen.x, seen.y);
        assert_true(near(seen.x, wanted.x) && near(seen.y, wanted.y));
        assert_true(near(back.x, x) && near(back.y, y));
    }
    struct pdf_box whole = pdf_geometry_box_to_seen(g, g->box);
    assert_true(same_box(whole, (struct pdf_box){0, 0, g->width, g->height}));
    assert_true(same_box(pdf_geometry_box_to_user(g, whole), g->box));
}

/** §12.5.5: the /BBox through /Matrix, then scaled and moved into /Rect, is where it should be, the right way up. */
static void check_appearance(const struct pdf_geometry *g)
{
    struct pdf_box seen = {10, 20, 70, 40}, bbox = {0, 0, 60, 20};
    struct pdf_box rect = pdf_geometry_box_to_user(g, seen);
    struct pdf_matrix matrix = pdf_geometry_upright(g), to_seen = pdf_geometry_to_seen(g);
    struct pdf_box turned = pdf_matrix_box(&matrix, bbox);
    double sx = (rect.right - rect.left) / (turned.right - turned.left);
    double sy = (rect.top - rect.bottom) / (turned.top - turned.bottom);
    assert_true(near(sx, 1) && near(sy, 1));
    struct pdf_matrix fit = {sx, 0, 0, sy, rect.left - turned.left * sx, rect.bottom - turned.bottom * sy};
    struct pdf_matrix all = pdf_matrix_multiply(&matrix, &fit);
    all = pdf_matrix_multiply(&all, &to_seen);
    struct pdf_point origin = pdf_matrix_point(&all, 0, 0), far = pdf_matrix_point(&all, 60, 20);
    assert_true(near(origin.x, 10) && near(origin.y, 20) && near(far.x, 70) && near(far.y, 40));
}

static void every_page(void **state)
{
    (void)state;
    static const char *const crops[] = {"", "/CropBox[30 40 500 700]", "/CropBox[500 40 30 700]",
                                        "/CropBox[-50 -60 5000 500]"};
    static const char *const media[] = {"[0 0 595 842]", "[595 842 0 0]", "[-300 -400 310 420]", "[842 0 0 595]"};
    static const char *const unit[] = {"", "/UserUnit 2", "/UserUnit 0.5"};
    for (int rotate = -90; rotate <= 450; rotate += 90) {
        for (size_t i = 0; i < 4 * 4 * 3; i++) {
            char text[200];
            (void)snprintf(text, sizeof text, "/MediaBox%s%s%s/Rotate %d", media[i / 12], crops[i / 3 % 4], unit[i % 3],
                           rotate);
            struct pdf_geometry g = geometry_of("", text);
            assert_int_equal(g.rotate, (rotate + 360) % 360);
            check_both_ways(&g);
            check_appearance(&g);
        }
    }
}

static void boxes_together(void **state)
{
    (void)state;
    struct pdf_box a = {0, 0, 10, 10}, out = {7, 7, 7, 7};
    assert_false(pdf_box_intersect(a, (struct pdf_box){10, 0, 20, 10}, &out));
    assert_true(same_box(out, (struct pdf_box){7, 7, 7, 7}));
    assert_true(pdf_box_intersect(a, (struct pdf_box){5, -5, 20, 5}, &out));
    assert_true(same_box(out, (struct pdf_box){5, 0, 10, 5}));
    assert_true(same_box(pdf_box_join(a, (struct pdf_box){5, -5, 20, 5}), (struct pdf_box){0, -5, 20, 10}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes),      cmocka_unit_test(turns),          cmocka_unit_test(units),
        cmocka_unit_test(every_page), cmocka_unit_test(boxes_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
