/* SPDX-License-Identifier: EUPL-1.2
 *
 * Pages by index: trees that are sound, that lie, that go in circles.
 */
#include "pdf_draft.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

/* ---- tests: page trees ---- */

static struct opened open_tree(struct draft *d, const char *const *nodes, size_t count)
{
    draft_begin(d);
    draft_object(d, 1, "<</Type/Catalog/Pages 2 0 R>>");
    for (size_t i = 0; i < count; i++) draft_object(d, (uint32_t)(i + 2), nodes[i]);
    draft_table(d, "/Root 1 0 R");
    return draft_open(d, true);
}

static void page_trees(void **state)
{
    (void)state;
    static const char *const nodes[] = {
        "<</Type/Pages/Count 4/Kids[3 0 R 6 0 R<</Type/Page/Rotate 90>>]/MediaBox[0 0 1 1]/Rotate 0>>",
        "<</Type/Pages/Count 2/Kids[4 0 R 5 0 R]/MediaBox[0 0 2 2]>>",
        "<</Type/Page/CropBox[0 0 1 1]>>",
        "<</Type/Page/MediaBox[0 0 3 3]>>",
        "<</Type/Pages/Count 1/Kids[7 0 R]/Resources<</A 1>>>>",
        "<</Type/Page>>",
    };
    static const struct {
        uint32_t number;
        int64_t box, rotate;
    } expected[] = {{4, 2, 0}, {5, 3, 0}, {7, 1, 0}, {0, 1, 90}};
    struct draft d;
    size_t count = 0;
    struct opened o = open_tree(&d, nodes, sizeof nodes / sizeof *nodes);
    struct pdf_view view = pdf_latest(draft_must_open(&o));
    assert_int_equal(pdf_page_count(&view, &count, NULL), RFD_OK);
    assert_int_equal(count, 4);
    for (size_t i = 0; i < 4; i++) {
        struct pdf_page page;
        assert_int_equal(pdf_page(&view, i, &page, NULL), RFD_OK);
        assert_int_equal(page.reference.number, expected[i].number);
        assert_int_equal(page.media_box->items[2].integer, expected[i].box);
        assert_int_equal(page.rotate->integer, expected[i].rotate);
        assert_int_equal(page.resources->kind, i == 2 ? PDF_DICTIONARY : PDF_NULL);
    }
    draft_close_opened(&o);
    buf_dispose(&d.b);
}

static void page_trees_that_lie(void **state)
{
    (void)state;
    static const char *const nodes[] = {
        "<</Type/Pages/Count 9/Kids[3 0 R 6 0 R 8 0 R]>>",
        "<</Type/Pages/Count 1/Kids[4 0 R 5 0 R]>>",
        "<</Type/Page>>",
        "<</Type/Page>>",
        "<</Type/Pages/Count -5/Kids[7 0 R]>>",
        "<</Type/Page>>",
        "(no page)",
    };
    static const uint32_t trusted[] = {4, 7};
    struct draft d;
    struct pdf_page page;
    size_t count = 0;
    struct opened o = open_tree(&d, nodes, sizeof nodes / sizeof *nodes);
    struct pdf_view view = pdf_latest(draft_must_open(&o));
    assert_int_equal(pdf_page_count(&view, &count, NULL), RFD_OK);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pdf_page(&view, i, &page, NULL), RFD_OK);
        assert_int_equal(page.reference.number, trusted[i]);
    }
    assert_int_equal(pdf_page(&view, 2, &page, NULL), RFD_OK); /* found by counting leaves */
    assert_int_equal(page.reference.number, 7);
    assert_int_equal(pdf_page(&view, 3, &page, NULL), RFD_E_ARGUMENT);
    draft_close_opened(&o);
    buf_dispose(&d.b);
}

static void page_trees_in_circles(void **state)
{
    (void)state;
    static const char *const trees[][2] = {
        {"<</Type/Pages/Count 3/Kids[2 0 R]>>", "null"},
        {"<</Type/Pages/Count 3/Kids[3 0 R]>>", "<</Type/Pages/Count 3/Kids[2 0 R]>>"},
        {"<</Type/Pages/Kids[3 0 R 3 0 R]>>", "<</Type/Pages/Kids[]>>"},
        {"<</Type/Pages/Kids(x)>>", "null"},
        {"null", "null"},
    };
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
        struct draft d;
        struct pdf_page page;
        size_t count;
        struct opened o = open_tree(&d, trees[i], 2);
        struct pdf_view view = pdf_latest(draft_must_open(&o));
        assert_int_equal(pdf_page_count(&view, &count, NULL), RFD_E_PDF_DAMAGED);
        assert_int_equal(pdf_page(&view, 0, &page, NULL), RFD_E_PDF_DAMAGED);
        draft_close_opened(&o);
        buf_dispose(&d.b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_trees),
        cmocka_unit_test(page_trees_that_lie),
        cmocka_unit_test(page_trees_in_circles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
