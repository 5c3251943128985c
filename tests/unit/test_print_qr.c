/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "print/qr.h"
#include "print_support.h"

#define ADDRESS "https://sede.example.org/verificar?csv=REF-2026-ABCD-1234"

static int clean(void **state)
{
    (void)state;
    support_clean();
    return 0;
}

static void test_lengths(void **state)
{
    (void)state;
    struct qr *qr = NULL;
    struct buf text;
    buf_init(&text, 1 << 16);
    assert_int_equal(qr_new(SLICE_EMPTY, &qr, NULL), RFD_E_ARGUMENT);
    buf_fill(&text, 0xE1, 2331);
    assert_int_equal(qr_new(buf_slice(&text), &qr, NULL), RFD_OK);
    assert_int_equal(qr_modules(qr), 177);
    qr_free(qr);
    qr = NULL;
    buf_put_byte(&text, 'x');
    assert_int_equal(qr_new(buf_slice(&text), &qr, NULL), RFD_E_ARGUMENT);
    assert_null(qr);
    qr_free(NULL);
    assert_int_equal(qr_new(SLICE("a"), &qr, NULL), RFD_OK);
    assert_int_equal(qr_modules(qr), 21);
    qr_free(qr);
    buf_dispose(&text);
}

static void test_no_memory(void **state)
{
    (void)state;
    struct qr *qr = NULL;
    (void)memory_fail_after(1);
    rfd_status status = qr_new(SLICE("a"), &qr, NULL);
    (void)memory_fail_after(0);
    assert_int_equal(status, RFD_E_MEMORY);
    assert_null(qr);
}

/** A whole path for all dark modules, then one fill. */
static void test_one_path(void **state)
{
    (void)state;
    struct qr *qr = NULL;
    struct canvas c;
    canvas_init(&c, NULL, (struct pdf_reference){1, 0});
    assert_int_equal(qr_new(SLICE(ADDRESS), &qr, NULL), RFD_OK);
    qr_draw(qr, &c, 10, 10, 100);
    assert_int_equal(canvas_check(&c, NULL), RFD_OK);
    size_t fills = 0;
    for (size_t i = 1; i + 1 < c.content.length; i++)
        fills += c.content.data[i] == 'f' && c.content.data[i + 1] == '\n';
    assert_int_equal(fills, 2);
    qr_free(qr);
    canvas_dispose(&c);
}

static void draw_page(double side, struct buf *file)
{
    struct fonts *fonts = NULL;
    struct qr *qr = NULL;
    struct print_page page;
    buf_init(file, 1 << 20);
    assert_int_equal(fonts_new(NULL, &fonts, NULL), RFD_OK);
    assert_int_equal(print_page_begin(&page, fonts, side + 20, side + 20, NULL), RFD_OK);
    assert_int_equal(qr_new(SLICE(ADDRESS), &qr, NULL), RFD_OK);
    canvas_fill_rectangle(&page.canvas, 0, 0, side + 20, side + 20, 0xd0d0ff);
    qr_draw(qr, &page.canvas, 10, 10, side);
    assert_int_equal(print_page_end(&page, file, NULL), RFD_OK);
    qr_free(qr);
    fonts_free(fonts);
}

/** A reader of codes finds the text in the rendered page, at the size of a stamp. */
static void test_read_back(void **state)
{
    (void)state;
    struct buf file, out;
    char picture[128];
    const char *path = support_path("qr.pdf"), *stem = support_path("qr");
    draw_page(60, &file);
    support_write(path, buf_slice(&file), SLICE_EMPTY);
    buf_dispose(&file);
    if (support_run((const char *const[]){"pdftoppm", "-r", "200", "-png", "-singlefile", path, stem, NULL}) != 0)
        skip();
    (void)snprintf(picture, sizeof picture, "%s.png", stem);
    buf_init(&out, 1 << 16);
    int status = print_run((const char *const[]){"zbarimg", "-q", "--raw", picture, NULL}, &out);
    bool same = slice_starts(buf_slice(&out), SLICE(ADDRESS));
    buf_dispose(&out);
    if (status == -1) skip();
    assert_int_equal(status, 0);
    assert_true(same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_one_path),
        cmocka_unit_test(test_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
