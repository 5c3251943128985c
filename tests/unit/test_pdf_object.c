/* SPDX-License-Identifier: EUPL-1.2
 *
 * Objects, streams and references, whole and broken in one place each.
 */
#include "pdf_draft.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

/* ---- tests: objects ---- */

/** Reads object 4 of a minimal document in which `from` was replaced by `to` (of the same length). */
static void assert_object_4(const char *from, const char *to, rfd_status lenient, rfd_status strict)
{
    assert_int_equal(strlen(from), strlen(to));
    for (int mode = 0; mode < 2; mode++) {
        struct draft d;
        const struct pdf_value *v = NULL;
        struct rfd_error error = RFD_ERROR_INIT;
        draft_minimal(&d);
        draft_edit(&d, 0, from, to);
        struct opened o = draft_open(&d, mode == 1);
        rfd_status status = pdf_object(draft_must_open(&o), 0, 4, &v, &error);
        if (status != (mode == 1 ? strict : lenient)) fail_msg("%s, mode %d: %d %s", to, mode, status, error.detail);
        assert_int_equal(status, error.code);
        draft_close_opened(&o);
        buf_dispose(&d.b);
    }
}

static void objects_that_are_not_what_the_table_says(void **state)
{
    (void)state;
    assert_object_4("4 0 obj", "5 0 obj", RFD_OK, RFD_E_PDF_DAMAGED);
    assert_object_4("4 0 obj", "4 1 obj", RFD_OK, RFD_E_PDF_DAMAGED);
    assert_object_4("4 0 obj", "4 0 oBj", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED);
    assert_object_4("4 0 obj", "x 0 obj", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED);
    assert_object_4("(text)\nendobj", "(text)\nendxxx", RFD_OK, RFD_E_PDF_DAMAGED);
    assert_object_4("(text)", "(text ", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED);
    assert_object_4("(text)", "      ", RFD_OK, RFD_E_PDF_DAMAGED);
    struct draft d;
    draft_minimal(&d);
    draft_edit(&d, 0, "4 0 obj", "5 0 obj");
    struct opened o = draft_open(&d, false);
    assert_int_equal(draft_read(draft_must_open(&o), 0, 4)->kind, PDF_NULL);
    assert_true(draft_only_anomaly(o.doc, PDF_ANOMALY_OBJECT_HEADER));
    draft_close_opened(&o);
    buf_dispose(&d.b);
}

static void offsets_beyond_the_file(void **state)
{
    (void)state;
    const struct pdf_value *v = NULL;
    struct draft d;
    draft_minimal(&d);
    memset(d.b.data + d.b.length - strlen("trailer\n<</Size 5 /Root 1 0 R>>\nstartxref\n100\n%%EOF\n") - 20, '9', 10);
    for (int strict = 0; strict < 2; strict++) {
        struct opened o = draft_open(&d, strict);
        assert_int_equal(pdf_object(draft_must_open(&o), 0, 4, &v, NULL), RFD_E_PDF_DAMAGED);
        draft_close_opened(&o);
    }
    buf_dispose(&d.b);
}

static void streams(void **state)
{
    (void)state;
    static const struct {
        const char *object;
        const char *data; /* NULL: an error */
        bool strict;
    } cases[] = {
        {"<</Length 3>>stream\nabc\nendstream", "abc", true},
        {"<</Length 3>>stream\r\nabc\r\nendstream", "abc", true},
        {"<</Length 3>>stream\nabcendstream", "abc", true},
        {"<</Length 0>>stream\nendstream", "", true},
        {"<</Length 3.0>>stream\nabc\nendstream", "abc", true},
        {"<</Length 3>>stream\nabc  \n endstream", "abc", false},
        {"<</Length 2>>stream\nabc\nendstream", "abc", false},
        {"<</Length 9>>stream\nabc\nendstream", "abc", false},
        {"<</Length 99999999999>>stream\nabc\r\nendstream", "abc", false},
        {"<</Length -3>>stream\nabc\nendstream", "abc", false},
        {"<</Length(x)>>stream\nabc\nendstream", "abc", false},
        {"<<>>stream\nabc\nendstream", "abc", false},
        {"<</Length 8 0 R>>stream\nabc\nendstream", "abc", true},
        {"<</Length 9 0 R>>stream\nabc\nendstream", "abc", false},
        {"<</Length 10 0 R>>stream\nabc\nendstream", "abc", false},
        {"<</Length 5 0 R>>stream\nabc\nendstream", "abc", false},
        {"<</Length 3>>stream\rabc\nendstream", "abc", false},
        {"<</Length 3>>stream \nabc\nendstream", "abc", false},
        {"<</Length 3>>stream\nabc\nendstrea", NULL, false},
        {"<</Length 3/Filter/ASCIIHexDecode>>stream\n41>\nendstream", "A", true},
        {"<</Length 3/Filter[/ASCIIHexDecode]/DecodeParms[null]>>stream\n41>\nendstream", "A", true},
        {"<</Length 3/Filter[]>>stream\n41>\nendstream", "41>", true},
        {"<</Length 5/Filter[/ASCIIHexDecode/ASCIIHexDecode]>>stream\n3431>\nendstream", "A", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int strict = 0; strict < 2; strict++) {
            struct draft d;
            const struct pdf_value *v = NULL;
            slice data = SLICE_EMPTY;
            draft_minimal(&d);
            draft_object(&d, 5, cases[i].object);
            draft_object(&d, 8, "3");
            draft_object(&d, 9, "(3)");
            draft_table(&d, "/Root 1 0 R");
            struct opened o = draft_open(&d, strict);
            rfd_status status = pdf_object(draft_must_open(&o), 1, 5, &v, NULL);
            bool expected = cases[i].data != NULL && (cases[i].strict || !strict);
            if ((status == RFD_OK) != expected) fail_msg("case %zu, strict %d: %d", i, strict, status);
            if (expected) {
                struct pdf_view view = pdf_latest(o.doc);
                assert_int_equal(v->kind, PDF_STREAM);
                assert_int_equal(pdf_stream_data(&view, v, 100, &data, NULL), RFD_OK);
                if (!slice_is(data, cases[i].data))
                    fail_msg("case %zu: '%.*s'", i, (int)data.length, (char *)data.data);
                assert_int_equal(v->stream->owner.number, 5);
                assert_int_equal(pdf_has_anomaly(o.doc, PDF_ANOMALY_STREAM_LENGTH), !cases[i].strict);
            }
            draft_close_opened(&o);
            buf_dispose(&d.b);
        }
    }
}

static void stream_data_fails_cleanly(void **state)
{
    (void)state;
    static const struct {
        const char *entries;
        rfd_status status;
    } cases[] = {{"/Filter/FlateDecode", RFD_E_PDF_DAMAGED},
                 {"/Filter/DCTDecode", RFD_E_UNSUPPORTED},
                 {"/Filter(x)", RFD_E_PDF_DAMAGED},
                 {"/Filter[5]", RFD_E_PDF_DAMAGED},
                 {"/Filter[/A/A/A/A/A/A/A/A/A]", RFD_E_LIMIT},
                 {"/Filter 5 0 R", RFD_OK},
                 {"", RFD_E_LIMIT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct draft d;
        slice data;
        draft_minimal(&d);
        draft_stream(&d, 4, cases[i].entries, SLICE("0123456789"));
        draft_table(&d, "/Root 1 0 R");
        struct opened o = draft_open(&d, true);
        const struct pdf_value *v = draft_read(draft_must_open(&o), 1, 4);
        struct pdf_view view = pdf_latest(o.doc);
        assert_int_equal(pdf_stream_data(&view, v, cases[i].status == RFD_E_LIMIT ? 9 : 10, &data, NULL),
                         cases[i].status);
        assert_int_equal(pdf_stream_data(&view, draft_read(o.doc, 1, 1), 10, &data, NULL), RFD_E_PDF_DAMAGED);
        draft_close_opened(&o);
        buf_dispose(&d.b);
    }
}

/** The same bytes are another stream where another revision gives them another length. */
static void a_length_that_changes_with_the_revision(void **state)
{
    (void)state;
    struct draft d;
    draft_minimal(&d);
    draft_object(&d, 5, "<</Length 6 0 R>>stream\nabc\nendstream def\nendstream");
    draft_object(&d, 6, "3");
    draft_table(&d, "/Root 1 0 R");
    draft_object(&d, 6, "17");
    draft_table(&d, "/Root 1 0 R");
    draft_object(&d, 4, "(other)");
    draft_table(&d, "/Root 1 0 R");
    struct opened o = draft_open(&d, false);
    struct pdf_document *doc = draft_must_open(&o);
    const struct pdf_value *before = draft_read(doc, 1, 5);
    const struct pdf_value *after = draft_read(doc, 2, 5);
    assert_int_equal(before->stream->encoded.length, 3);
    assert_int_equal(after->stream->encoded.length, 17);
    assert_ptr_equal(draft_read(doc, 1, 5), before);
    assert_ptr_equal(draft_read(doc, 3, 5), after);
    draft_close_opened(&o);
    buf_dispose(&d.b);
}

static void references_are_followed_so_far(void **state)
{
    (void)state;
    struct draft d;
    struct rfd_error error = RFD_ERROR_INIT;
    draft_minimal(&d);
    draft_object(&d, 10, "10 0 R");
    draft_object(&d, 11, "<</Loop 10 0 R/Chain 12 0 R/Text 4 0 R/Missing 60 0 R/Bad 13 0 R/Wrong 4 1 R>>");
    draft_object(&d, 12, "4 0 R");
    draft_object(&d, 13, ")");
    draft_table(&d, "/Root 1 0 R");
    for (int strict = 0; strict < 2; strict++) {
        struct opened o = draft_open(&d, strict);
        struct pdf_view view = pdf_latest(draft_must_open(&o));
        const struct pdf_value *v = draft_read(o.doc, 1, 11);
        assert_true(draft_is_text(pdf_get(&view, v, "Text"), "text"));
        assert_true(draft_is_text(pdf_get(&view, v, "Chain"), "text"));
        assert_int_equal(pdf_get(&view, v, "Missing")->kind, PDF_NULL);
        assert_int_equal(pdf_get(&view, v, "Absent")->kind, PDF_NULL);
        assert_int_equal(pdf_reference_of(v, "Text").number, 4);
        assert_int_equal(pdf_reference_of(v, "Absent").number, 0);
        assert_int_equal(pdf_view_status(&view, &error), RFD_OK);
        assert_int_equal(pdf_get(&view, v, "Wrong")->kind, strict ? PDF_NULL : PDF_STRING);
        assert_int_equal(pdf_view_status(&view, NULL), strict ? RFD_E_PDF_DAMAGED : RFD_OK);
        static const char *const failing[] = {"Loop", "Bad"};
        for (int i = 0; i < 2; i++) {
            view = pdf_latest(o.doc);
            assert_int_equal(pdf_get(&view, v, failing[i])->kind, PDF_NULL);
            assert_int_equal(pdf_view_status(&view, &error), RFD_E_PDF_DAMAGED);
            assert_int_equal(error.code, RFD_E_PDF_DAMAGED);
            assert_int_equal(pdf_get(&view, v, "Text")->kind, PDF_NULL); /* sticky */
        }
        draft_close_opened(&o);
    }
    buf_dispose(&d.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_that_are_not_what_the_table_says),
        cmocka_unit_test(offsets_beyond_the_file),
        cmocka_unit_test(streams),
        cmocka_unit_test(stream_data_fails_cleanly),
        cmocka_unit_test(a_length_that_changes_with_the_revision),
        cmocka_unit_test(references_are_followed_so_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
