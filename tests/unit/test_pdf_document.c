/* SPDX-License-Identifier: EUPL-1.2
 *
 * Opening documents, their revisions, and what reading them may cost.
 */
#include "../support/pdf_walk.h"
#include "pdf_draft.h"
#include "pdf_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

/* ---- tests: whole documents ---- */

static void a_minimal_document(void **state)
{
    (void)state;
    struct draft d;
    struct pdf_page page;
    size_t pages = 0;
    draft_minimal(&d);
    struct opened o = draft_open(&d, true);
    struct pdf_document *doc = draft_must_open(&o);
    struct pdf_view view = pdf_latest(doc);
    const struct pdf_revision *r = pdf_revision(doc, 0);
    assert_true(draft_only_anomaly(doc, -1));
    assert_int_equal(pdf_revision_count(doc), 1);
    assert_int_equal(pdf_version(doc), 17);
    assert_int_equal(r->end, d.b.length);
    assert_int_equal(r->eof_marker, d.b.length - 6);
    assert_int_equal(r->startxref, d.section);
    assert_int_equal(r->size, 5);
    assert_int_equal(r->xref, PDF_XREF_TABLE);
    assert_false(r->linearised);
    assert_int_equal(pdf_page_count(&view, &pages, NULL), RFD_OK);
    assert_int_equal(pages, 1);
    assert_int_equal(pdf_page(&view, 0, &page, NULL), RFD_OK);
    assert_int_equal(page.reference.number, 3);
    assert_int_equal(page.media_box->count, 4);
    assert_int_equal(page.crop_box->kind, PDF_NULL);
    assert_int_equal(pdf_page(&view, 1, &page, NULL), RFD_E_ARGUMENT);
    assert_ptr_equal(draft_read(doc, 0, 4), draft_read(doc, 0, 4));
    assert_true(draft_is_text(draft_read(doc, 0, 4), "text"));
    assert_int_equal(draft_read(doc, 0, 0)->kind, PDF_NULL);
    assert_int_equal(draft_read(doc, 0, 99)->kind, PDF_NULL);
    assert_int_equal(pdf_locate(doc, 0, 3).offset, d.at[3]);
    assert_int_equal(pdf_locate(doc, 0, 0).kind, PDF_ENTRY_FREE);
    assert_int_equal(pdf_locate(doc, 0, 99).kind, PDF_ENTRY_ABSENT);
    assert_false(pdf_is_encrypted(doc));
    draft_close_opened(&o);
    buf_dispose(&d.b);
}

static void revisions_share_what_did_not_change(void **state)
{
    (void)state;
    struct draft d;
    draft_minimal(&d);
    uint64_t first_end = d.b.length;
    draft_object(&d, 4, "(second)");
    draft_object(&d, 7, "(new)");
    draft_table(&d, "/Root 1 0 R");
    uint64_t second_end = d.b.length;
    draft_object(&d, 4, "(third)");
    draft_table(&d, "/Root 1 0 R");
    struct opened o = draft_open(&d, true);
    struct pdf_document *doc = draft_must_open(&o);
    const uint32_t *numbers = NULL;
    size_t count = 0;
    assert_int_equal(pdf_revision_count(doc), 3);
    assert_int_equal(pdf_revision(doc, 0)->end, first_end);
    assert_int_equal(pdf_revision(doc, 1)->end, second_end);
    assert_int_equal(pdf_revision(doc, 2)->end, d.b.length);
    assert_int_equal(pdf_revision(doc, 0)->size, 5);
    assert_int_equal(pdf_revision(doc, 2)->size, 8);
    assert_true(draft_is_text(draft_read(doc, 0, 4), "text"));
    assert_true(draft_is_text(draft_read(doc, 1, 4), "second"));
    assert_true(draft_is_text(draft_read(doc, 2, 4), "third"));
    assert_ptr_equal(draft_read(doc, 0, 1), draft_read(doc, 2, 1));
    assert_ptr_not_equal(draft_read(doc, 0, 4), draft_read(doc, 1, 4));
    assert_int_equal(draft_read(doc, 0, 7)->kind, PDF_NULL);
    assert_ptr_equal(draft_read(doc, 1, 7), draft_read(doc, 2, 7));
    assert_int_equal(pdf_locate(doc, 2, 7).section, 1);
    assert_int_equal(pdf_revision_objects(doc, 1, &numbers, &count, NULL), RFD_OK);
    assert_int_equal(count, 2);
    assert_int_equal(numbers[0], 4);
    assert_int_equal(numbers[1], 7);
    draft_close_opened(&o);
    buf_dispose(&d.b);
}

static const struct pdf_value *follow(struct pdf_document *doc, size_t revision, uint32_t number, uint32_t generation)
{
    struct pdf_view view = pdf_view(doc, revision);
    struct pdf_value v = {.kind = PDF_REFERENCE, .reference = {number, generation}};
    const struct pdf_value *found = pdf_resolve(&view, &v);
    return view.failure.code == RFD_OK ? found : NULL;
}

/** What a reference led to is remembered: for its revision and generation, and not for another number. */
static void references_are_followed_again_and_again(void **state)
{
    (void)state;
    struct draft d;
    draft_minimal(&d);
    draft_object(&d, 4, "(second)");
    draft_object(&d, 20, "(twenty)");
    draft_object(&d, 36, "20 0 R");
    draft_table(&d, "/Root 1 0 R");
    struct opened o = draft_open(&d, true);
    struct pdf_document *doc = draft_must_open(&o);
    for (int i = 0; i < 3; i++) {
        assert_true(draft_is_text(follow(doc, 0, 4, 0), "text"));
        assert_true(draft_is_text(follow(doc, 1, 4, 0), "second"));
        assert_true(draft_is_text(follow(doc, 1, 20, 0), "twenty"));
        assert_true(draft_is_text(follow(doc, 1, 36, 0), "twenty"));
        assert_ptr_equal(follow(doc, 1, 4, 0), draft_read(doc, 1, 4));
        assert_int_equal(follow(doc, 0, 20, 0)->kind, PDF_NULL);
        assert_null(follow(doc, 1, 4, 1)); /* strict: another generation is an error each time */
        assert_int_equal(follow(doc, 2, 4, 0)->kind, PDF_NULL);
    }
    draft_close_opened(&o);
    buf_dispose(&d.b);
}

/** Beyond eight sections an index is used: it must say the same. */
static void many_revisions(void **state)
{
    (void)state;
    struct draft d;
    char text[32];
    draft_minimal(&d);
    for (int i = 1; i < 60; i++) {
        (void)snprintf(text, sizeof text, "(%d)", i);
        draft_object(&d, 4, text);
        draft_object(&d, (uint32_t)(5 + i % 50), text);
        draft_table(&d, "/Root 1 0 R");
    }
    struct opened o = draft_open(&d, true);
    struct pdf_document *doc = draft_must_open(&o);
    assert_int_equal(pdf_revision_count(doc), 60);
    assert_true(draft_is_text(draft_read(doc, 0, 4), "text"));
    for (size_t r = 1; r < 60; r++) {
        (void)snprintf(text, sizeof text, "%zu", r);
        assert_true(draft_is_text(draft_read(doc, r, 4), text));
        assert_int_equal(pdf_locate(doc, r, 1).section, 0);
        assert_int_equal(pdf_locate(doc, r, 7).kind, r >= 2 ? PDF_ENTRY_OFFSET : PDF_ENTRY_ABSENT);
        assert_int_equal(pdf_locate(doc, r, 7).section, r >= 52 ? 52 : r >= 2 ? 2 : 0);
    }
    draft_close_opened(&o);
    buf_dispose(&d.b);
}

static void freed_objects_are_null(void **state)
{
    (void)state;
    struct draft d;
    draft_minimal(&d);
    uint64_t previous = d.section;
    d.section = d.b.length;
    buf_print(&d.b, "xref\n4 1\n0000000000 00001 f \ntrailer\n<</Size 5/Root 1 0 R/Prev %llu>>\n",
              (unsigned long long)previous);
    draft_close(&d);
    struct opened o = draft_open(&d, true);
    struct pdf_document *doc = draft_must_open(&o);
    assert_true(draft_is_text(draft_read(doc, 0, 4), "text"));
    assert_int_equal(draft_read(doc, 1, 4)->kind, PDF_NULL);
    assert_int_equal(pdf_locate(doc, 1, 4).kind, PDF_ENTRY_FREE);
    assert_int_equal(pdf_locate(doc, 1, 4).generation, 1);
    draft_close_opened(&o);
    buf_dispose(&d.b);
}

/** Object 4 rewritten twice by one update, the first time unlisted, and other bytes that nothing accounts for. */
static void gaps_in_updates(void **state)
{
    (void)state;
    static const char *const gaps[] = {"", " \n\r", "4 0 obj\n(unlisted)\nendobj\n", "% comment\n", "x"};
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++) {
        struct draft d;
        bool gap = true;
        draft_minimal(&d);
        buf_put_text(&d.b, gaps[i]);
        draft_object(&d, 4, "(second)");
        draft_table(&d, "/Root 1 0 R");
        struct opened o = draft_open(&d, true);
        assert_int_equal(pdf_find_gap(draft_must_open(&o), 0, &gap, NULL), RFD_OK);
        assert_false(gap);
        assert_int_equal(pdf_find_gap(o.doc, 1, &gap, NULL), RFD_OK);
        assert_int_equal(gap, i >= 2);
        assert_true(draft_only_anomaly(o.doc, gap ? (int)PDF_ANOMALY_GAP : -1));
        draft_close_opened(&o);
        buf_dispose(&d.b);
    }
}

/* ---- tests: the end of the file and the header ---- */

static void what_follows_the_last_eof(void **state)
{
    (void)state;
    struct draft d;
    draft_minimal(&d);
    buf_put_text(&d.b, "\r\n\r\n  \n");
    draft_assert_opens(&d, -1, RFD_OK);
    draft_minimal(&d);
    buf_put_text(&d.b, "4 0 obj (other) endobj");
    draft_assert_opens(&d, PDF_ANOMALY_TRAILING_BYTES, RFD_OK);
    draft_minimal(&d);
    d.b.length -= 6;
    draft_assert_opens(&d, PDF_ANOMALY_EOF_MISSING, RFD_OK);
    draft_minimal(&d);
    d.b.length -= 1; /* no line end after %%EOF */
    draft_assert_opens(&d, -1, RFD_OK);
    draft_minimal(&d);
    buf_fill(&d.b, ' ', 70000);
    draft_assert_fails(&d, RFD_E_PDF_DAMAGED);
}

static void startxref_is_exact_or_near(void **state)
{
    (void)state;
    static const char *const bad[] = {"startxref\nz1", "startxref\n/",        "startxref\n-5",
                                      "starxref\n5",   "startxref\n99999999", "startxref\n99999999999999999999999"};
    struct draft d;
    for (int by = -9; by <= 9; by++) {
        draft_minimal(&d);
        d.b.length -= strlen("%%EOF\n");
        while (d.b.data[--d.b.length] != 'f') {
        }
        d.b.length++;
        buf_print(&d.b, "\n%llu\n%%%%EOF\n", (unsigned long long)((long long)d.section + by));
        if (by == 0)
            draft_assert_opens(&d, -1, RFD_OK);
        else if (by == -1) /* the line end before the section: every reader goes over it */
            draft_assert_opens(&d, PDF_ANOMALY_STARTXREF_INEXACT, RFD_OK);
        else if (by > -9 && by < 9)
            draft_assert_opens(&d, PDF_ANOMALY_STARTXREF_INEXACT, RFD_E_PDF_DAMAGED);
        else
            draft_assert_fails(&d, RFD_E_PDF_DAMAGED);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        draft_minimal(&d);
        draft_edit(&d, 0, "startxref\n", bad[i]);
        draft_assert_fails(&d, RFD_E_PDF_DAMAGED);
    }
    draft_minimal(&d);
    draft_edit(&d, 0, "startxref\n", "startxref ");
    draft_assert_opens(&d, PDF_ANOMALY_STARTXREF_INEXACT, RFD_E_PDF_DAMAGED);
}

static void bytes_before_the_header(void **state)
{
    (void)state;
    for (int shifted = 0; shifted < 2; shifted++) {
        struct draft d = {0};
        buf_init(&d.b, MEGABYTE);
        buf_put_text(&d.b, "HTTP/1.1 200 OK\n\n");
        d.shift = shifted ? d.b.length : 0;
        buf_put_text(&d.b, "%PDF-2.0\n");
        draft_object(&d, 1, "<</Type/Catalog>>");
        draft_table(&d, "/Root 1 0 R");
        draft_object(&d, 2, "(second)");
        draft_table(&d, "/Root 1 0 R");
        struct opened o = draft_open(&d, true);
        struct pdf_document *doc = draft_must_open(&o);
        assert_true(draft_only_anomaly(doc, PDF_ANOMALY_HEADER_MOVED));
        assert_int_equal(pdf_offset_shift(doc), d.shift);
        assert_int_equal(pdf_revision_count(doc), 2);
        assert_int_equal(pdf_locate(doc, 1, 2).offset, d.at[2]);
        assert_true(draft_is_text(draft_read(doc, 1, 2), "second"));
        assert_int_equal(pdf_version(doc), 20);
        draft_close_opened(&o);
        buf_dispose(&d.b);
    }
}

static void headers(void **state)
{
    (void)state;
    struct draft d;
    draft_minimal(&d);
    memcpy(d.b.data, "%PDF-X.Y", 8);
    draft_assert_opens(&d, PDF_ANOMALY_HEADER_ODD, RFD_OK);
    draft_minimal(&d);
    memcpy(d.b.data, "%PDX-1.7", 8);
    draft_assert_fails(&d, RFD_E_NOT_PDF);
    draft_begin(&d);
    d.b.length = 0;
    draft_assert_fails(&d, RFD_E_NOT_PDF);
    draft_begin(&d);
    draft_assert_fails(&d, RFD_E_PDF_DAMAGED);
    draft_begin(&d);
    draft_object(&d, 1, "<</Type/Catalog/Version/2.0>>");
    draft_table(&d, "/Root 1 0 R");
    struct opened o = draft_open(&d, true);
    assert_int_equal(pdf_version(draft_must_open(&o)), 20);
    draft_close_opened(&o);
    buf_dispose(&d.b);
}

/* ---- tests: cost ---- */

/** Objects that all run to the file's end without closing: reading them over and over stops at a limit. */
static void overlapping_objects_are_limited(void **state)
{
    (void)state;
    enum { OBJECTS = 20000 };
    struct buf b;
    const struct pdf_value *v = NULL;
    buf_init(&b, 64 * MEGABYTE);
    buf_put_text(&b, "%PDF-1.7\n");
    size_t first = b.length;
    for (unsigned i = 1; i <= OBJECTS; i++) buf_print(&b, "%u 0 obj(", i);
    buf_fill(&b, '(', 2 * MEGABYTE);
    size_t section = b.length;
    buf_print(&b, "\nxref\n0 %u\n0000000000 65535 f \n", OBJECTS + 1);
    for (unsigned i = 1; i <= OBJECTS; i++) {
        buf_print(&b, "%010zu 00000 n \n", first);
        first += (size_t)snprintf(NULL, 0, "%u 0 obj(", i);
    }
    buf_print(&b, "trailer\n<</Size %u/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", OBJECTS + 1, section + 1);
    struct opened o = draft_open_slice(buf_slice(&b), false);
    draft_must_open(&o);
    rfd_status status = RFD_E_PDF_DAMAGED;
    unsigned read = 0;
    for (unsigned i = 1; i <= OBJECTS; i++) {
        uint64_t before = pdf_arena(o.doc)->used;
        status = pdf_object(o.doc, 0, i, &v, NULL);
        assert_int_not_equal(status, RFD_OK);
        if (status == RFD_E_PDF_DAMAGED) read++;
        assert_true(pdf_arena(o.doc)->used - before < 4096);
    }
    assert_int_equal(status, RFD_E_LIMIT);
    assert_true(read < 200);
    draft_close_opened(&o);
    buf_dispose(&b);
}

static void memory_is_limited(void **state)
{
    (void)state;
    struct draft d;
    struct opened o = {0};
    struct pdf_options options = {.memory_maximum = 100};
    draft_minimal(&d);
    assert_int_equal(source_open_memory(buf_slice(&d.b), &o.source, NULL), RFD_OK);
    assert_int_equal(pdf_open(o.source, &options, &o.doc, NULL), RFD_E_LIMIT);
    draft_close_opened(&o);
    buf_dispose(&d.b);
}

/** A stream of a file that is read piece by piece stays unread until asked for. */
static void large_streams_are_read_when_asked_for(void **state)
{
    (void)state;
    struct draft d;
    struct buf large;
    struct opened o = {0};
    slice data = SLICE_EMPTY;
    buf_init(&large, 32 * MEGABYTE);
    buf_fill(&large, 'x', 16 * MEGABYTE);
    draft_minimal(&d);
    draft_stream(&d, 5, "", buf_slice(&large));
    draft_table(&d, "/Root 1 0 R");
    const char *path = support_path("large.pdf");
    support_write(path, buf_slice(&d.b), SLICE_EMPTY);
    assert_int_equal(source_open_file(path, &o.source, NULL), RFD_OK);
    o.status = pdf_open(o.source, NULL, &o.doc, &o.error);
    const struct pdf_value *v = draft_read(draft_must_open(&o), 1, 5);
    assert_int_equal(v->stream->encoded.length, large.length);
    assert_null(v->stream->encoded.data);
    struct pdf_view view = pdf_latest(o.doc);
    assert_int_equal(pdf_stream_data(&view, v, 32 * MEGABYTE, &data, NULL), RFD_OK);
    assert_true(slice_equal(data, buf_slice(&large)));
    draft_close_opened(&o);
    support_clean();
    buf_dispose(&large);
    buf_dispose(&d.b);
}

/* ---- tests: files of others ---- */

static void walk_file(const char *path, void *context)
{
    size_t *files = context;
    size_t strictly = 0;
    for (int strict = 1; strict >= 0; strict--) {
        struct opened o = {0};
        struct pdf_options options = {.strict = strict == 1, .memory_maximum = 256 * MEGABYTE};
        assert_int_equal(source_open_file(path, &o.source, NULL), RFD_OK);
        o.status = pdf_open(o.source, &options, &o.doc, &o.error);
        assert_int_equal(o.status, o.error.code);
        if (o.status == RFD_OK) {
            size_t revisions = pdf_revision_count(o.doc);
            (void)pdf_walk_document(o.doc);
            if (strict == 1)
                strictly = revisions;
            else if (strictly != 0)
                assert_int_equal(revisions, strictly);
        } else if (strict == 0) {
            assert_int_equal(strictly, 0);
        }
        draft_close_opened(&o);
    }
    ++*files;
}

static void files_of_others(void **state)
{
    (void)state;
    size_t files = 0;
    if (support_corpora() == NULL) skip();
    (void)support_each_pdf("pdf", walk_file, &files);
    (void)support_each_pdf("attacks", walk_file, &files);
    assert_true(files > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_minimal_document),
        cmocka_unit_test(revisions_share_what_did_not_change),
        cmocka_unit_test(references_are_followed_again_and_again),
        cmocka_unit_test(many_revisions),
        cmocka_unit_test(freed_objects_are_null),
        cmocka_unit_test(gaps_in_updates),
        cmocka_unit_test(what_follows_the_last_eof),
        cmocka_unit_test(startxref_is_exact_or_near),
        cmocka_unit_test(bytes_before_the_header),
        cmocka_unit_test(headers),
        cmocka_unit_test(overlapping_objects_are_limited),
        cmocka_unit_test(memory_is_limited),
        cmocka_unit_test(large_streams_are_read_when_asked_for),
        cmocka_unit_test(files_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
