/* SPDX-License-Identifier: EUPL-1.2
 *
 * Updates as no writer of ours would make them: cross-references by hand, and objects in object streams.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "compare_support.h"

/* ---- updates written by hand ---- */

static void open_raw(struct support_document *d, const char *const *objects, size_t count, const char *tail)
{
    support_init(d);
    support_make_pdf(&d->bytes, objects, count, TRAILER);
    size_t base_end = d->bytes.length;
    size_t table = 0;
    for (size_t i = 0; i + 9 < base_end; i++) {
        if (memcmp(d->bytes.data + i, "\nxref\n", 6) == 0) table = i + 1;
    }
    size_t xref = 0;
    for (; *tail != '\0'; tail++) {
        if (*tail == '@') {
            if (tail[1] == 'P') buf_print(&d->bytes, "%zu", table);
            if (tail[1] == 'O') buf_print(&d->bytes, "%010zu", base_end);
            if (tail[1] == 'X') buf_print(&d->bytes, "%zu", xref);
            tail++;
        } else {
            if (strncmp(tail, "xref\n", 5) == 0 && tail[-1] == '\n') xref = d->bytes.length;
            buf_put_byte(&d->bytes, (uint8_t)*tail);
        }
    }
    if (support_open(d, "", false) != RFD_OK) fail_msg("%s", d->error.detail);
}

static const struct {
    const char *name, *tail;
    enum rfd_change_level level;
    enum rfd_finding_code code;
} raw[] = {
    {"clean",
     "5 0 obj\n<</Contents [6 0 R 60 0 R] /Type /Page /Resources 7 0 R /Parent 2 0 R>>\nendobj\nxref\n5 1\n@O 00000 n\r\n"
     "trailer\n<</Size 31 " TRAILER " /Prev @P>>\nstartxref\n@X\n%%EOF\n",
     RFD_CHANGE_NONE, CODE(IDENTICAL)},
    {"unlisted object",
     "5 0 obj\n<</Contents [6 0 R 60 0 R] /Type /Page /Resources 7 0 R /Parent 2 0 R>>\nendobj\n"
     "6 0 obj\n<</Length 1>>\nstream\n \nendstream\nendobj\nxref\n5 1\n@O 00000 n\r\n"
     "trailer\n<</Size 31 " TRAILER " /Prev @P>>\nstartxref\n@X\n%%EOF\n",
     RFD_CHANGE_OTHER, RFD_FINDING_TRAILING_BYTES},
    {"comment",
     "5 0 obj\n<</Contents [6 0 R 60 0 R] /Type /Page /Resources 7 0 R /Parent 2 0 R>>\nendobj\n"
     "% obj xref trailer\nxref\n5 1\n@O 00000 n\r\n"
     "trailer\n<</Size 31 " TRAILER " /Prev @P>>\nstartxref\n@X\n%%EOF\n",
     RFD_CHANGE_NONE, ANY},
    {"trailer key",
     "\nxref\n0 1\n0000000000 65535 f\r\n"
     "trailer\n<</Size 31 " TRAILER " /Foo (x) /Prev @P>>\nstartxref\n@X\n%%EOF\n",
     RFD_CHANGE_OTHER, CODE(TRAILER)},
    {"other file",
     "\nxref\n0 1\n0000000000 65535 f\r\n"
     "trailer\n<</Size 31 /Root 1 0 R /ID [<99><00112233>] /Prev @P>>\nstartxref\n@X\n%%EOF\n",
     RFD_CHANGE_OTHER, CODE(TRAILER)},
    {"new information",
     "31 0 obj\n<</Producer (x)>>\nendobj\nxref\n31 1\n@O 00000 n\r\n"
     "trailer\n<</Size 32 " TRAILER " /Info 31 0 R /Prev @P>>\nstartxref\n@X\n%%EOF\n",
     RFD_CHANGE_LTA, CODE(METADATA)},
    {"other root",
     "31 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\nxref\n31 1\n@O 00000 n\r\n"
     "trailer\n<</Size 32 /Root 31 0 R /ID [<00112233><00112233>] /Prev @P>>\nstartxref\n@X\n%%EOF\n",
     RFD_CHANGE_OTHER, ANY},
    {"page freed",
     "\nxref\n5 1\n0000000000 00001 f\r\n"
     "trailer\n<</Size 31 " TRAILER " /Prev @P>>\nstartxref\n@X\n%%EOF\n",
     RFD_CHANGE_OTHER, CODE(PAGES)},
    {"object freed",
     "\nxref\n6 1\n0000000000 00001 f\r\n"
     "trailer\n<</Size 31 " TRAILER " /Prev @P>>\nstartxref\n@X\n%%EOF\n",
     RFD_CHANGE_OTHER, CODE(PAGE_CONTENT)},
};

static void test_raw_updates(void **state)
{
    (void)state;
    bool good = true;
    for (size_t i = 0; i < sizeof raw / sizeof *raw; i++) {
        struct support_document d;
        struct difference_context *c;
        open_raw(&d, compare_base, COMPARE_BASE, raw[i].tail);
        assert_int_equal(pdf_revision_count(d.doc), 2);
        const struct difference *found = compare_last(&d, &c);
        if (found->level != raw[i].level || !compare_has_code(found, raw[i].code)) {
            compare_explain(raw[i].name, found);
            good = false;
        }
        difference_close(c);
        support_close(&d);
    }
    assert_true(good);
}

/** The later cross-reference takes out an older text of the same object, inside the signed bytes. */
static void test_entry_into_signed_bytes(void **state)
{
    (void)state;
    struct support_document d;
    struct difference_context *c;
    static const char *const hidden[] = {
        "<</Type /Catalog /Pages 2 0 R /Note (\n2 0 obj <</Type /Pages /Kids [4 0 R] /Count 1>> endobj\n)>>",
        "<</Type /Pages /Kids [3 0 R] /Count 1>>", "<</Type /Page /Parent 2 0 R /Rotate 0>>",
        "<</Type /Page /Parent 2 0 R /Rotate 90>>"};
    char tail[400];
    struct support_document plain;
    support_init(&plain);
    support_make_pdf(&plain.bytes, hidden, 4, TRAILER);
    const uint8_t *at = memmem(plain.bytes.data, plain.bytes.length, "\n2 0 obj <<", 11);
    assert_non_null(at);
    (void)snprintf(tail, sizeof tail,
                   "\nxref\n2 1\n%010zu 00000 n\r\ntrailer\n<</Size 5 " TRAILER " /Prev @P>>\nstartxref\n@X\n%%%%EOF\n",
                   (size_t)(at - plain.bytes.data) + 1);
    open_raw(&d, hidden, 4, tail);
    const struct difference *found = compare_last(&d, &c);
    assert_int_equal(found->level, RFD_CHANGE_OTHER);
    assert_true(compare_has_code(found, CODE(HIDDEN_OBJECT)));
    difference_close(c);
    support_close(&d);
    buf_dispose(&plain.bytes);
}

/* ---- object streams ---- */

static const char *const compressed[] = {
    "<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [4 0 R]>>>>",
    "<</Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 9 9]>>",
    "<</Type /Page /Parent 2 0 R /Annots [4 0 R]>>",
    "<</FT /Tx /T (a) /Type /Annot /Subtype /Widget /Rect [0 0 9 9] /V (x)>>",
};

static void test_compressed(void **state)
{
    (void)state;
    static const struct compare_example all[] = {
        {"filled in",
         {{4, "<</FT /Tx /T (a) /Type /Annot /Subtype /Widget /Rect [0 0 9 9] /V (y)>>"}},
         RFD_CHANGE_FORM,
         CODE(FORM)},
        {"page changed",
         {{3, "<</Type /Page /Parent 2 0 R /Annots [4 0 R] /Rotate 90>>"}},
         RFD_CHANGE_OTHER,
         CODE(PAGE_CONTENT)},
        {"page plain again", {{3, "<</Type /Page /Parent 2 0 R /Annots [4 0 R]>>"}}, RFD_CHANGE_NONE, CODE(IDENTICAL)},
        /* the object stream itself is written again, and no entry says that object 3 changed */
        {"stream replaced",
         {{5, "<</Type /ObjStm /N 4 /First 22 /Length 290>>\nstream\n"
              "1 0 2 63 3 125 4 200   <</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [4 0 R]>>>> "
              "<</Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 9 9]>>    "
              "<</Type /Page /Parent 2 0 R /Annots [4 0 R] /Rotate 90>>                   "
              "<</FT /Tx /T (a) /Type /Annot /Subtype /Widget /Rect [0 0 9 9] /V (x)>>                  \nendstream"}},
         RFD_CHANGE_OTHER,
         ANY},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct support_document before;
        struct support_document after;
        struct difference_context *c;
        support_init(&before);
        support_make_compressed_pdf(&before.bytes, compressed, 4, TRAILER);
        if (support_open(&before, "", true) != RFD_OK) fail_msg("%s", before.error.detail);
        compare_apply(&before, &all[i], &after);
        const struct difference *d = compare_last(&after, &c);
        if (d->level != all[i].level || !compare_has_code(d, all[i].code)) {
            compare_explain(all[i].name, d);
            fail();
        }
        difference_close(c);
        support_close(&after);
        support_close(&before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_raw_updates),
        cmocka_unit_test(test_entry_into_signed_bytes),
        cmocka_unit_test(test_compressed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
