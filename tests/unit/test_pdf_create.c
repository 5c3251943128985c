/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "pdf/create.h"
#include "pdf_support.h"

enum { FILLERS = 40 };

/** A file of one page; objects are written in another order than they were numbered in. */
static rfd_status make(struct buf *out, struct rfd_error *error)
{
    struct pdf_update *u = NULL;
    slice file = SLICE_EMPTY;
    TRY(pdf_create_begin(&u, error));
    struct pdf_reference root = pdf_update_new(u);
    struct pdf_reference pages = pdf_update_new(u);
    struct pdf_reference page = pdf_update_new(u);
    struct pdf_reference info = pdf_update_new(u);
    pdf_update_stream(u, pdf_update_new(u), "/Note /Stream", SLICE("q 0 0 10 10 re f Q"), true);
    struct buf *b = pdf_update_object(u, info);
    buf_put_text(b, "<</Title ");
    pdf_update_text(u, SLICE("Espa\xC3\xB1"
                             "a (1)"));
    buf_put_text(b, ">>");
    pdf_update_end(u);
    buf_put_text(pdf_update_object(u, page), "<</Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 5 0 R>>");
    pdf_update_end(u);
    buf_put_text(pdf_update_object(u, pages), "<</Type /Pages /Kids [3 0 R] /Count 1>>");
    pdf_update_end(u);
    buf_put_text(pdf_update_object(u, root), "<</Type /Catalog /Pages 2 0 R>>");
    pdf_update_end(u);
    for (int i = 0; i < FILLERS; i++) pdf_update_stream(u, pdf_update_new(u), "", SLICE("filler"), false);
    rfd_status status = pdf_create_finish(u, root, info, &file, error);
    if (status == RFD_OK) {
        buf_put_slice(out, file);
        status = buf_check(out, "copy", error);
    }
    pdf_update_free(u);
    return status;
}

static void test_is_read(void **state)
{
    (void)state;
    struct support_document d;
    support_init(&d);
    if (make(&d.bytes, &d.error) != RFD_OK) fail_msg("%s", d.error.detail);
    assert_memory_equal(d.bytes.data, "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n", 15);
    if (support_open(&d, "", true) != RFD_OK) fail_msg("%s", d.error.detail);
    struct pdf_view view = pdf_latest(d.doc);
    assert_true(slice_is(pdf_get(&view, pdf_catalog(&view), "Type")->bytes, "Catalog"));
    assert_true(slice_is(pdf_get(&view, pdf_get(&view, pdf_trailer(&view), "Info"), "Title")->bytes, "Espa\xF1"
                                                                                                     "a (1)"));
    const struct pdf_value *id = pdf_get(&view, pdf_trailer(&view), "ID");
    assert_int_equal(id->count, 2);
    assert_int_equal(id->items[0].bytes.length, 16);
    assert_true(slice_equal(id->items[0].bytes, id->items[1].bytes));
    assert_int_equal(pdf_revision(d.doc, 0)->size, 6 + FILLERS);
    support_close(&d);
}

static void test_qpdf_agrees(void **state)
{
    (void)state;
    if (!support_has("qpdf")) skip();
    struct support_document d;
    support_init(&d);
    assert_int_equal(make(&d.bytes, &d.error), RFD_OK);
    const char *path = support_path("created.pdf");
    support_write(path, buf_slice(&d.bytes), SLICE_EMPTY);
    const char *const check[] = {"qpdf", "--check", path, NULL};
    assert_int_equal(support_run(check), 0);
    support_close(&d);
    support_clean();
}

static void test_same_bytes(void **state)
{
    (void)state;
    struct buf one;
    struct buf two;
    buf_init(&one, 1 << 20);
    buf_init(&two, 1 << 20);
    assert_int_equal(make(&one, NULL), RFD_OK);
    assert_int_equal(make(&two, NULL), RFD_OK);
    assert_true(slice_equal(buf_slice(&one), buf_slice(&two)));
    buf_dispose(&one);
    buf_dispose(&two);
}

/** What is made can be updated as any file. */
static void test_is_updated(void **state)
{
    (void)state;
    struct support_document before;
    struct support_document after;
    struct pdf_update *u = NULL;
    support_init(&before);
    assert_int_equal(make(&before.bytes, &before.error), RFD_OK);
    assert_int_equal(support_open(&before, "", true), RFD_OK);
    assert_int_equal(pdf_update_begin(before.doc, &u, NULL), RFD_OK);
    pdf_update_stream(u, pdf_update_new(u), "", SLICE("new"), false);
    support_apply(&before, u, "", &after);
    assert_int_equal(pdf_revision_count(after.doc), 2);
    support_close(&before);
    support_close(&after);
}

static rfd_status finish_with(int objects, struct pdf_reference root)
{
    struct pdf_update *u = NULL;
    slice file;
    assert_int_equal(pdf_create_begin(&u, NULL), RFD_OK);
    for (int i = 0; i < objects; i++) pdf_update_stream(u, pdf_update_new(u), "", SLICE("x"), false);
    if (objects == 2) (void)pdf_update_new(u); /* and never write it */
    rfd_status status = pdf_create_finish(u, root, (struct pdf_reference){0}, &file, NULL);
    pdf_update_free(u);
    return status;
}

static void test_promises_not_kept(void **state)
{
    (void)state;
    struct pdf_reference root = {1, 0};
    assert_int_equal(finish_with(0, root), RFD_E_INTERNAL);
    assert_int_equal(finish_with(1, (struct pdf_reference){0}), RFD_E_INTERNAL);
    assert_int_equal(finish_with(1, root), RFD_OK);
    assert_int_equal(finish_with(2, root), RFD_E_INTERNAL);
}

static void test_memory_fails(void **state)
{
    (void)state;
    for (int once = 0; once < 2; once++) {
        rfd_status status = RFD_E_MEMORY;
        for (unsigned long n = 1; status != RFD_OK; n++) {
            struct buf out;
            struct rfd_error error = RFD_ERROR_INIT;
            buf_init(&out, 1 << 20);
            (void)(once == 1 ? memory_fail_once(n) : memory_fail_after(n));
            status = make(&out, &error);
            (void)memory_fail_after(0);
            assert_true(status == RFD_OK || status == RFD_E_MEMORY);
            assert_int_equal(error.code, status);
            buf_dispose(&out);
            assert_true(n < 1000);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_read),           cmocka_unit_test(test_qpdf_agrees),
        cmocka_unit_test(test_same_bytes),        cmocka_unit_test(test_is_updated),
        cmocka_unit_test(test_promises_not_kept), cmocka_unit_test(test_memory_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
