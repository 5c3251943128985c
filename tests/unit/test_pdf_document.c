/* SPDX-License-Identifier: EUPL-1.2
 *
 * Small documents made by hand, whole and broken in one place each, read leniently and strictly.
 */
#include "../support/pdf_walk.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/source.h"
#include "pdf/document.h"
#include "pdf/filter.h"
#include "pdf_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>

enum { NUMBERS = 64, MEGABYTE = 1 << 20 };

/** A file under construction: where its objects are, and what the section that comes next must list. */
struct draft {
    struct buf b;
    uint64_t at[NUMBERS];
    bool listed[NUMBERS]; /* by an earlier section */
    uint64_t section;     /* offset of the last section */
    uint64_t shift;       /* subtracted from the offsets written */
};

static void draft_begin(struct draft *d)
{
    *d = (struct draft){0};
    buf_init(&d->b, 64 * MEGABYTE);
    buf_put_text(&d->b, "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
}

static void draft_object(struct draft *d, uint32_t number, const char *text)
{
    d->at[number] = d->b.length;
    d->listed[number] = false;
    buf_print(&d->b, "%u 0 obj\n%s\nendobj\n", number, text);
}

static void draft_stream(struct draft *d, uint32_t number, const char *entries, slice data)
{
    d->at[number] = d->b.length;
    d->listed[number] = false;
    buf_print(&d->b, "%u 0 obj\n<</Length %zu %s>>\nstream\n", number, data.length, entries);
    buf_put_slice(&d->b, data);
    buf_put_text(&d->b, "\nendstream\nendobj\n");
}

static void draft_close(struct draft *d)
{
    buf_print(&d->b, "startxref\n%llu\n%%%%EOF\n", (unsigned long long)(d->section - d->shift));
}

static uint32_t draft_size(const struct draft *d)
{
    uint32_t size = NUMBERS;
    while (d->at[size - 1] == 0) size--;
    return size;
}

/** A table of what was written since the last one, one subsection an object. */
static void draft_table(struct draft *d, const char *trailer)
{
    uint64_t previous = d->section;
    d->section = d->b.length;
    buf_put_text(&d->b, "xref\n");
    if (previous == 0) buf_put_text(&d->b, "0 1\n0000000000 65535 f \n");
    for (uint32_t n = 1; n < NUMBERS; n++) {
        if (d->at[n] == 0 || d->listed[n]) continue;
        buf_print(&d->b, "%u 1\n%010llu 00000 n \n", n, (unsigned long long)(d->at[n] - d->shift));
        d->listed[n] = true;
    }
    buf_print(&d->b, "trailer\n<</Size %u %s", draft_size(d), trailer);
    if (previous != 0) buf_print(&d->b, "/Prev %llu", (unsigned long long)(previous - d->shift));
    buf_put_text(&d->b, ">>\n");
    draft_close(d);
}

/** A document of one empty page: 1 catalog, 2 pages, 3 page, 4 a text. */
static void draft_minimal(struct draft *d)
{
    draft_begin(d);
    draft_object(d, 1, "<</Type/Catalog/Pages 2 0 R>>");
    draft_object(d, 2, "<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 10 10]>>");
    draft_object(d, 3, "<</Type/Page/Parent 2 0 R>>");
    draft_object(d, 4, "(text)");
    draft_table(d, "/Root 1 0 R");
}

/** Replaces the first `from` after `offset` by `to`, of any length. */
static void draft_edit(struct draft *d, size_t offset, const char *from, const char *to)
{
    struct buf edited;
    uint8_t *hit = memmem(d->b.data + offset, d->b.length - offset, from, strlen(from));
    assert_non_null(hit);
    size_t at = (size_t)(hit - d->b.data);
    buf_init(&edited, d->b.maximum);
    buf_put(&edited, d->b.data, at);
    buf_put_text(&edited, to);
    buf_put(&edited, d->b.data + at + strlen(from), d->b.length - at - strlen(from));
    buf_dispose(&d->b);
    d->b = edited;
}

/* ---- opening ---- */

struct opened {
    struct source *source;
    struct pdf_document *doc;
    rfd_status status;
    struct rfd_error error;
};

static struct opened open_slice(slice bytes, bool strict)
{
    struct opened o = {0};
    struct pdf_options options = {.strict = strict};
    assert_int_equal(source_open_memory(bytes, &o.source, NULL), RFD_OK);
    o.status = pdf_open(o.source, &options, &o.doc, &o.error);
    assert_int_equal(o.status, o.error.code);
    return o;
}

static struct opened open_draft(struct draft *d, bool strict)
{
    assert_int_equal(buf_status(&d->b), RFD_OK);
    return open_slice(buf_slice(&d->b), strict);
}

static void close_opened(struct opened *o)
{
    pdf_close(o->doc);
    source_close(o->source);
}

static struct pdf_document *must_open(struct opened *o)
{
    if (o->status != RFD_OK) fail_msg("%s", o->error.detail);
    return o->doc;
}

static bool only_anomaly(const struct pdf_document *doc, int anomaly)
{
    for (int a = 0; a < PDF_ANOMALY_COUNT; a++) {
        if (pdf_has_anomaly(doc, (enum pdf_anomaly)a) != (a == anomaly)) return false;
    }
    return true;
}

/** Opens both ways: leniently with this one anomaly (-1 none), strictly with `strict`. Ends the draft. */
static void assert_opens(struct draft *d, int anomaly, rfd_status strict)
{
    struct opened o = open_draft(d, false);
    assert_true(only_anomaly(must_open(&o), anomaly));
    struct pdf_view view = pdf_latest(o.doc);
    assert_true(pdf_is_name(pdf_get(&view, pdf_catalog(&view), "Type"), "Catalog"));
    close_opened(&o);
    o = open_draft(d, true);
    assert_int_equal(o.status, strict);
    close_opened(&o);
    buf_dispose(&d->b);
}

static void assert_fails(struct draft *d, rfd_status status)
{
    for (int strict = 0; strict < 2; strict++) {
        struct opened o = open_draft(d, strict);
        assert_int_equal(o.status, status);
        assert_null(o.doc);
        close_opened(&o);
    }
    buf_dispose(&d->b);
}

static const struct pdf_value *object(struct pdf_document *doc, size_t revision, uint32_t number)
{
    const struct pdf_value *v = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    if (pdf_object(doc, revision, number, &v, &error) != RFD_OK) fail_msg("object %u: %s", number, error.detail);
    return v;
}

static bool is_text(const struct pdf_value *v, const char *text)
{
    return v->kind == PDF_STRING && slice_is(v->bytes, text);
}

/* ---- tests: whole documents ---- */

static void a_minimal_document(void **state)
{
    (void)state;
    struct draft d;
    struct pdf_page page;
    size_t pages = 0;
    draft_minimal(&d);
    struct opened o = open_draft(&d, true);
    struct pdf_document *doc = must_open(&o);
    struct pdf_view view = pdf_latest(doc);
    const struct pdf_revision *r = pdf_revision(doc, 0);
    assert_true(only_anomaly(doc, -1));
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
    assert_ptr_equal(object(doc, 0, 4), object(doc, 0, 4));
    assert_true(is_text(object(doc, 0, 4), "text"));
    assert_int_equal(object(doc, 0, 0)->kind, PDF_NULL);
    assert_int_equal(object(doc, 0, 99)->kind, PDF_NULL);
    assert_int_equal(pdf_locate(doc, 0, 3).offset, d.at[3]);
    assert_int_equal(pdf_locate(doc, 0, 0).kind, PDF_ENTRY_FREE);
    assert_int_equal(pdf_locate(doc, 0, 99).kind, PDF_ENTRY_ABSENT);
    assert_false(pdf_is_encrypted(doc));
    close_opened(&o);
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
    struct opened o = open_draft(&d, true);
    struct pdf_document *doc = must_open(&o);
    const uint32_t *numbers = NULL;
    size_t count = 0;
    assert_int_equal(pdf_revision_count(doc), 3);
    assert_int_equal(pdf_revision(doc, 0)->end, first_end);
    assert_int_equal(pdf_revision(doc, 1)->end, second_end);
    assert_int_equal(pdf_revision(doc, 2)->end, d.b.length);
    assert_int_equal(pdf_revision(doc, 0)->size, 5);
    assert_int_equal(pdf_revision(doc, 2)->size, 8);
    assert_true(is_text(object(doc, 0, 4), "text"));
    assert_true(is_text(object(doc, 1, 4), "second"));
    assert_true(is_text(object(doc, 2, 4), "third"));
    assert_ptr_equal(object(doc, 0, 1), object(doc, 2, 1));
    assert_ptr_not_equal(object(doc, 0, 4), object(doc, 1, 4));
    assert_int_equal(object(doc, 0, 7)->kind, PDF_NULL);
    assert_ptr_equal(object(doc, 1, 7), object(doc, 2, 7));
    assert_int_equal(pdf_locate(doc, 2, 7).section, 1);
    assert_int_equal(pdf_revision_objects(doc, 1, &numbers, &count, NULL), RFD_OK);
    assert_int_equal(count, 2);
    assert_int_equal(numbers[0], 4);
    assert_int_equal(numbers[1], 7);
    close_opened(&o);
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
    struct opened o = open_draft(&d, true);
    struct pdf_document *doc = must_open(&o);
    assert_int_equal(pdf_revision_count(doc), 60);
    assert_true(is_text(object(doc, 0, 4), "text"));
    for (size_t r = 1; r < 60; r++) {
        (void)snprintf(text, sizeof text, "%zu", r);
        assert_true(is_text(object(doc, r, 4), text));
        assert_int_equal(pdf_locate(doc, r, 1).section, 0);
        assert_int_equal(pdf_locate(doc, r, 7).kind, r >= 2 ? PDF_ENTRY_OFFSET : PDF_ENTRY_ABSENT);
        assert_int_equal(pdf_locate(doc, r, 7).section, r >= 52 ? 52 : r >= 2 ? 2 : 0);
    }
    close_opened(&o);
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
    struct opened o = open_draft(&d, true);
    struct pdf_document *doc = must_open(&o);
    assert_true(is_text(object(doc, 0, 4), "text"));
    assert_int_equal(object(doc, 1, 4)->kind, PDF_NULL);
    assert_int_equal(pdf_locate(doc, 1, 4).kind, PDF_ENTRY_FREE);
    assert_int_equal(pdf_locate(doc, 1, 4).generation, 1);
    close_opened(&o);
    buf_dispose(&d.b);
}

/* ---- tests: the end of the file and the header ---- */

static void what_follows_the_last_eof(void **state)
{
    (void)state;
    struct draft d;
    draft_minimal(&d);
    buf_put_text(&d.b, "\r\n\r\n  \n");
    assert_opens(&d, -1, RFD_OK);
    draft_minimal(&d);
    buf_put_text(&d.b, "4 0 obj (other) endobj");
    assert_opens(&d, PDF_ANOMALY_TRAILING_BYTES, RFD_OK);
    draft_minimal(&d);
    d.b.length -= 6;
    assert_opens(&d, PDF_ANOMALY_EOF_MISSING, RFD_OK);
    draft_minimal(&d);
    d.b.length -= 1; /* no line end after %%EOF */
    assert_opens(&d, -1, RFD_OK);
    draft_minimal(&d);
    buf_fill(&d.b, ' ', 70000);
    assert_fails(&d, RFD_E_PDF_DAMAGED);
}

static void startxref_is_exact_or_near(void **state)
{
    (void)state;
    static const char *const bad[] = {"startxref\nz1", "startxref\n/", "startxref\n-5", "starxref\n5",
                                      "startxref\n99999999", "startxref\n99999999999999999999999"};
    struct draft d;
    for (int by = -9; by <= 9; by++) {
        draft_minimal(&d);
        d.b.length -= strlen("%%EOF\n");
        while (d.b.data[--d.b.length] != 'f') {}
        d.b.length++;
        buf_print(&d.b, "\n%llu\n%%%%EOF\n", (unsigned long long)((long long)d.section + by));
        if (by == 0)
            assert_opens(&d, -1, RFD_OK);
        else if (by > -9 && by < 9)
            assert_opens(&d, PDF_ANOMALY_STARTXREF_INEXACT, RFD_E_PDF_DAMAGED);
        else
            assert_fails(&d, RFD_E_PDF_DAMAGED);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        draft_minimal(&d);
        draft_edit(&d, 0, "startxref\n", bad[i]);
        assert_fails(&d, RFD_E_PDF_DAMAGED);
    }
    draft_minimal(&d);
    draft_edit(&d, 0, "startxref\n", "startxref ");
    assert_opens(&d, PDF_ANOMALY_STARTXREF_INEXACT, RFD_E_PDF_DAMAGED);
}

static void bytes_before_the_header(void **state)
{
    (void)state;
    for (int shifted = 0; shifted < 2; shifted++) {
        struct draft d = {0};
        buf_init(&d.b, MEGABYTE);
        buf_put_text(&d.b, "HTTP/1.1 200 OK\n\n");
        d.shift = shifted ? d.b.length : 0;
        uint64_t header = d.b.length;
        buf_put_text(&d.b, "%PDF-2.0\n");
        draft_object(&d, 1, "<</Type/Catalog>>");
        draft_table(&d, "/Root 1 0 R");
        draft_object(&d, 2, "(second)");
        draft_table(&d, "/Root 1 0 R");
        struct opened o = open_draft(&d, true);
        struct pdf_document *doc = must_open(&o);
        assert_true(only_anomaly(doc, PDF_ANOMALY_HEADER_MOVED));
        assert_int_equal(pdf_header_offset(doc), header);
        assert_int_equal(pdf_offset_shift(doc), d.shift);
        assert_int_equal(pdf_revision_count(doc), 2);
        assert_int_equal(pdf_locate(doc, 1, 2).offset, d.at[2]);
        assert_true(is_text(object(doc, 1, 2), "second"));
        assert_int_equal(pdf_version(doc), 20);
        close_opened(&o);
        buf_dispose(&d.b);
    }
}

static void headers(void **state)
{
    (void)state;
    struct draft d;
    draft_minimal(&d);
    memcpy(d.b.data, "%PDF-X.Y", 8);
    assert_opens(&d, PDF_ANOMALY_HEADER_ODD, RFD_OK);
    draft_minimal(&d);
    memcpy(d.b.data, "%PDX-1.7", 8);
    assert_fails(&d, RFD_E_NOT_PDF);
    draft_begin(&d);
    d.b.length = 0;
    assert_fails(&d, RFD_E_NOT_PDF);
    draft_begin(&d);
    assert_fails(&d, RFD_E_PDF_DAMAGED);
    draft_begin(&d);
    draft_object(&d, 1, "<</Type/Catalog/Version/2.0>>");
    draft_table(&d, "/Root 1 0 R");
    struct opened o = open_draft(&d, true);
    assert_int_equal(pdf_version(must_open(&o)), 20);
    close_opened(&o);
    buf_dispose(&d.b);
}

/* ---- tests: tables ---- */

/** A minimal document whose table has one subsection, with `tail` after each entry's generation. */
static void draft_with_tails(struct draft *d, const char *tail)
{
    draft_begin(d);
    draft_object(d, 1, "<</Type/Catalog>>");
    draft_object(d, 2, "(two)");
    d->section = d->b.length;
    buf_print(&d->b, "xref\n0 3\n0000000000 65535 f \n");
    for (int n = 1; n < 3; n++) buf_print(&d->b, "%010u 00000%s", (unsigned)d->at[n], tail);
    buf_put_text(&d->b, "trailer\n<</Size 3/Root 1 0 R>>\n");
    draft_close(d);
}

static void entries_of_other_lengths(void **state)
{
    (void)state;
    static const char *const exact[] = {" n \n", " n\r\n", " n \r"};
    static const char *const other[] = {" n\n", " n \r\n", " n\t\n", "  n \n", " n", " n\r"};
    struct draft d;
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++) {
        draft_with_tails(&d, exact[i]);
        assert_opens(&d, -1, RFD_OK);
    }
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        draft_with_tails(&d, other[i]);
        struct opened o = open_draft(&d, false);
        if (i != 4) assert_true(is_text(object(must_open(&o), 0, 2), "two"));
        assert_int_equal(o.status, i == 4 ? RFD_E_PDF_DAMAGED : RFD_OK); /* "n0000000064" is no entry */
        close_opened(&o);
        if (i == 4)
            assert_fails(&d, RFD_E_PDF_DAMAGED);
        else
            assert_opens(&d, PDF_ANOMALY_XREF_ENTRY_LENGTH, RFD_E_PDF_DAMAGED);
    }
    draft_minimal(&d); /* blank instead of zero padded */
    memset(d.b.data + d.section + strlen("xref\n0 1\n0000000000 65535 f \n1 1\n"), ' ', 8);
    assert_opens(&d, PDF_ANOMALY_XREF_ENTRY_LENGTH, RFD_E_PDF_DAMAGED);
}

/** Only the first and the last entry of a subsection are looked at on opening; a bad one between shows when asked. */
static void a_malformed_entry_within_a_subsection(void **state)
{
    (void)state;
    struct draft d;
    struct opened o;
    const struct pdf_value *v = NULL;
    draft_begin(&d);
    draft_object(&d, 1, "<</Type/Catalog>>");
    draft_object(&d, 2, "(two)");
    draft_object(&d, 3, "(three)");
    d.section = d.b.length;
    buf_print(&d.b, "xref\n0 4\n0000000000 65535 f \n%010u 00000 n \n0000000x00 00000 n \n%010u 00000 n \n",
              (unsigned)d.at[1], (unsigned)d.at[3]);
    buf_put_text(&d.b, "trailer\n<</Size 4/Root 1 0 R>>\n");
    draft_close(&d);
    for (int strict = 0; strict < 2; strict++) {
        o = open_draft(&d, strict);
        must_open(&o);
        assert_true(is_text(object(o.doc, 0, 3), "three"));
        assert_int_equal(pdf_object(o.doc, 0, 2, &v, NULL), RFD_E_PDF_DAMAGED);
        assert_int_equal(pdf_locate(o.doc, 0, 2).kind, PDF_ENTRY_ABSENT);
        assert_true(pdf_has_anomaly(o.doc, PDF_ANOMALY_XREF_ENTRY_LENGTH));
        close_opened(&o);
    }
    buf_dispose(&d.b);
}

static void tables_that_cannot_be(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"xref\n0 1", "xref\n0 99"},       {"xref\n0 1", "xref\n0 999999999999"},  {"xref\n0 1", "xref\n0 2147483646"},
        {"xref\n0 1", "xref\n-1 1"},       {"xref\n0 1", "xref\n99999999999 1"},   {"xref\n0 1", "xref\n0"},
        {"trailer", "trailerx"},           {"trailer\n<<", "trailer\n[<<"},        {"trailer\n<<", "trailer\n"},
        {"/Root 1 0 R", "/Toor 1 0 R"},    {"/Root 1 0 R", "/Root 1"},             {"/Root 1 0 R", "/Root 1 0 R/Prev -1"},
        {"/Root 1 0 R", "/Root 1 0 R/Prev(x)"}, {"/Root 1 0 R", "/Root 1 0 R/Prev 9999999999999999999999"},
        {"/Root 1 0 R", "/Root 1 0 R/Prev 50"}, {"/Root 1 0 R", "/Root 1 0 R/XRefStm 20"},
        {"/Root 1 0 R", "/Root 1 0 R/XRefStm -1"}, {"00000 n ", "00000 x "},        {"2147483645 1", "2147483647 5"},
    };
    for (size_t i = 0; i + 1 < sizeof bad / sizeof *bad; i++) {
        struct draft d;
        draft_minimal(&d);
        draft_edit(&d, d.section, bad[i][0], bad[i][1]);
        for (int strict = 0; strict < 2; strict++) {
            struct opened o = open_draft(&d, strict);
            if (o.status != RFD_E_PDF_DAMAGED && o.status != RFD_E_LIMIT) fail_msg("case %zu was opened", i);
            close_opened(&o);
        }
        buf_dispose(&d.b);
    }
}

static void size_and_overlap(void **state)
{
    (void)state;
    struct draft d;
    draft_minimal(&d);
    draft_edit(&d, d.section, "/Size 5", "/Size 4");
    assert_opens(&d, PDF_ANOMALY_XREF_SIZE, RFD_E_PDF_DAMAGED);
    draft_minimal(&d);
    draft_edit(&d, d.section, "/Size 5", "/Sise 5");
    assert_opens(&d, PDF_ANOMALY_XREF_SIZE, RFD_E_PDF_DAMAGED);
    draft_minimal(&d);
    draft_edit(&d, d.section, "trailer", "3 1\n0000000000 00000 n \ntrailer");
    assert_opens(&d, PDF_ANOMALY_XREF_OVERLAP, RFD_E_PDF_DAMAGED);
    draft_minimal(&d);
    draft_edit(&d, d.section, "/Root", "/Root 9 0 R/Root");
    draft_edit(&d, d.section, "/Root 9 0 R/Root 1", "/Root 1 0 R/Root 9");
    assert_opens(&d, PDF_ANOMALY_DUPLICATE_KEY, RFD_E_PDF_DAMAGED);
}

static void prev_loops(void **state)
{
    (void)state;
    struct draft d;
    draft_minimal(&d);
    uint64_t first = d.section;
    draft_object(&d, 4, "(x)");
    draft_table(&d, "/Root 1 0 R");
    char prev[64];
    (void)snprintf(prev, sizeof prev, "/Root 1 0 R/Prev %06llu", (unsigned long long)d.section);
    draft_edit(&d, first, "/Root 1 0 R", prev);
    /* The second section moved by what was inserted: the loop is closed all the same through the number's length. */
    size_t moved = strlen(prev) - strlen("/Root 1 0 R");
    (void)snprintf(prev, sizeof prev, "/Prev %06llu", (unsigned long long)(d.section + moved));
    char old[64];
    (void)snprintf(old, sizeof old, "/Prev %06llu", (unsigned long long)d.section);
    draft_edit(&d, first, old, prev);
    (void)snprintf(old, sizeof old, "startxref\n%llu", (unsigned long long)d.section);
    (void)snprintf(prev, sizeof prev, "startxref\n%llu", (unsigned long long)(d.section + moved));
    draft_edit(&d, first + 200, old, prev);
    assert_fails(&d, RFD_E_PDF_DAMAGED);
}

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
        struct opened o = open_draft(&d, mode == 1);
        rfd_status status = pdf_object(must_open(&o), 0, 4, &v, &error);
        if (status != (mode == 1 ? strict : lenient)) fail_msg("%s, mode %d: %d %s", to, mode, status, error.detail);
        assert_int_equal(status, error.code);
        close_opened(&o);
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
    struct opened o = open_draft(&d, false);
    assert_int_equal(object(must_open(&o), 0, 4)->kind, PDF_NULL);
    assert_true(only_anomaly(o.doc, PDF_ANOMALY_OBJECT_HEADER));
    close_opened(&o);
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
        struct opened o = open_draft(&d, strict);
        assert_int_equal(pdf_object(must_open(&o), 0, 4, &v, NULL), RFD_E_PDF_DAMAGED);
        close_opened(&o);
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
            struct opened o = open_draft(&d, strict);
            rfd_status status = pdf_object(must_open(&o), 1, 5, &v, NULL);
            bool expected = cases[i].data != NULL && (cases[i].strict || !strict);
            if ((status == RFD_OK) != expected) fail_msg("case %zu, strict %d: %d", i, strict, status);
            if (expected) {
                struct pdf_view view = pdf_latest(o.doc);
                assert_int_equal(v->kind, PDF_STREAM);
                assert_int_equal(pdf_stream_data(&view, v, 100, &data, NULL), RFD_OK);
                if (!slice_is(data, cases[i].data)) fail_msg("case %zu: '%.*s'", i, (int)data.length, (char *)data.data);
                assert_int_equal(v->stream->owner.number, 5);
                assert_int_equal(pdf_has_anomaly(o.doc, PDF_ANOMALY_STREAM_LENGTH), !cases[i].strict);
            }
            close_opened(&o);
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
        struct opened o = open_draft(&d, true);
        const struct pdf_value *v = object(must_open(&o), 1, 4);
        struct pdf_view view = pdf_latest(o.doc);
        assert_int_equal(pdf_stream_data(&view, v, cases[i].status == RFD_E_LIMIT ? 9 : 10, &data, NULL),
                         cases[i].status);
        assert_int_equal(pdf_stream_data(&view, object(o.doc, 1, 1), 10, &data, NULL), RFD_E_PDF_DAMAGED);
        close_opened(&o);
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
    struct opened o = open_draft(&d, false);
    struct pdf_document *doc = must_open(&o);
    const struct pdf_value *before = object(doc, 1, 5);
    const struct pdf_value *after = object(doc, 2, 5);
    assert_int_equal(before->stream->encoded.length, 3);
    assert_int_equal(after->stream->encoded.length, 17);
    assert_ptr_equal(object(doc, 1, 5), before);
    assert_ptr_equal(object(doc, 3, 5), after);
    close_opened(&o);
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
        struct opened o = open_draft(&d, strict);
        struct pdf_view view = pdf_latest(must_open(&o));
        const struct pdf_value *v = object(o.doc, 1, 11);
        assert_true(is_text(pdf_get(&view, v, "Text"), "text"));
        assert_true(is_text(pdf_get(&view, v, "Chain"), "text"));
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
        close_opened(&o);
    }
    buf_dispose(&d.b);
}

/* ---- tests: cross-reference and object streams ---- */

/** Objects 1-3 in an object stream 4 (or `pairs` and `body` instead), and a cross-reference stream 5. */
static void draft_compressed(struct draft *d, const char *entries, const char *pairs)
{
    static const char body[] = "<</Type/Catalog/Pages 2 0 R>> <</Type/Pages/Count 0/Kids[]>> (third) ";
    struct buf data;
    char text[200];
    draft_begin(d);
    buf_init(&data, MEGABYTE);
    buf_print(&data, "%s%s", pairs, body);
    (void)snprintf(text, sizeof text, "/Type/ObjStm %s/First %zu", entries, strlen(pairs));
    draft_stream(d, 4, text, buf_slice(&data));
    d->section = d->b.length;
    buf_reset(&data);
    buf_put(&data, "\0\0\0\xFF", 4);
    for (int i = 0; i < 3; i++) buf_put(&data, (uint8_t[]){2, 0, 4, (uint8_t)i}, 4);
    buf_put(&data, (uint8_t[]){1, (uint8_t)(d->at[4] >> 8), (uint8_t)d->at[4], 0}, 4);
    buf_put(&data, (uint8_t[]){1, (uint8_t)(d->section >> 8), (uint8_t)d->section, 0}, 4);
    draft_stream(d, 5, "/Type/XRef/Size 6/W[1 2 1]/Root 1 0 R", buf_slice(&data));
    draft_close(d);
    buf_dispose(&data);
}

static void object_streams(void **state)
{
    (void)state;
    struct draft d;
    draft_compressed(&d, "/N 3", "1 0 2 30 3 61 ");
    struct opened o = open_draft(&d, true);
    struct pdf_document *doc = must_open(&o);
    struct pdf_view view = pdf_latest(doc);
    assert_int_equal(pdf_revision(doc, 0)->xref, PDF_XREF_STREAM);
    assert_int_equal(pdf_revision(doc, 0)->end, d.b.length);
    assert_true(pdf_is_name(pdf_get(&view, pdf_catalog(&view), "Type"), "Catalog"));
    assert_true(is_text(object(doc, 0, 3), "third"));
    assert_ptr_equal(object(doc, 0, 3), object(doc, 0, 3));
    assert_int_equal(object(doc, 0, 5)->kind, PDF_STREAM);
    struct pdf_location at = pdf_locate(doc, 0, 3);
    assert_int_equal(at.kind, PDF_ENTRY_COMPRESSED);
    assert_int_equal(at.container, 4);
    assert_int_equal(at.index, 2);
    close_opened(&o);
    buf_dispose(&d.b);
}

static void broken_object_streams(void **state)
{
    (void)state;
    static const struct {
        const char *entries, *pairs;
        rfd_status lenient, strict;
    } cases[] = {
        {"/N 3", "1 0 3 61 2 30 ", RFD_OK, RFD_E_PDF_DAMAGED},  /* not at the index said */
        {"/N 3", "1 0 2 30 9 61 ", RFD_OK, RFD_E_PDF_DAMAGED},  /* not there: null */
        {"/N 3", "3 0 3 30 3 61 ", RFD_OK, RFD_E_PDF_DAMAGED},  /* three times */
        {"/N 2", "1 0 2 30 3 61 ", RFD_OK, RFD_E_PDF_DAMAGED},  /* index beyond */
        {"/N 4", "1 0 2 30 3 61 ", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
        {"/N 3", "1 0 2 30 3 99 ", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
        {"/N 3", "1 0 2 30 3 -1 ", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
        {"/N 3", "1 0 2 30 3 40 ", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
        {"/N 999999999", "1 0 2 30 3 61 ", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
        {"/N -1", "1 0 2 30 3 61 ", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
        {"/N 3/Filter/FlateDecode", "1 0 2 30 3 61 ", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
        {"/N 3 0 R", "1 0 2 30 3 61 ", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int strict = 0; strict < 2; strict++) {
            struct draft d;
            struct rfd_error error = RFD_ERROR_INIT;
            const struct pdf_value *v = NULL;
            draft_compressed(&d, cases[i].entries, cases[i].pairs);
            struct opened o = open_draft(&d, strict);
            for (int again = 0; again < 2; again++) {
                rfd_status status = pdf_object(must_open(&o), 0, 3, &v, &error);
                if (status != (strict ? cases[i].strict : cases[i].lenient))
                    fail_msg("case %zu, strict %d: %d %s", i, strict, status, error.detail);
            }
            close_opened(&o);
            buf_dispose(&d.b);
        }
    }
}

static void broken_xref_streams(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        rfd_status lenient, strict;
    } cases[] = {
        {"/W[1 2 1]", "/W[1 2]  ", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
        {"/W[1 2 1]", "/W[0 0 0]", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
        {"/W[1 2 1]", "/W[1 9 1]", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
        {"/W[1 2 1]", "/W[1 -2 1]", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
        {"/W[1 2 1]", "/W(2)    ", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
        {"/Type/XRef", "/Type/Xref", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
        {"/Size 6", "/Size 9", RFD_OK, RFD_E_PDF_DAMAGED},
        {"/Size 6", "/Size 5", RFD_OK, RFD_OK}, /* the last entry is then beyond /Size, unread */
        {"/Size 6", "/Size -1", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
        {"/Size 6", "/Size 6/Index[0]", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
        {"/Size 6", "/Size 6/Index 6", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
        {"/Size 6", "/Size 6/Index[0 -6]", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
        {"/Size 6", "/Size 6/Index[(a)6]", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
        {"/Size 6", "/Size 6/Index[9999999999 6]", RFD_E_LIMIT, RFD_E_LIMIT},
        {"/Size 6", "/Size 6/Index[0 3 2 3]", RFD_OK, RFD_E_PDF_DAMAGED},
        {"/Size 6", "/Size 6/Index[0 3 3 3]", RFD_OK, RFD_OK},
        {"/Size 6", "/Size 6/Filter/FlateDecode", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
        {"/Size 6", "/Size 6/Prev 15", RFD_E_PDF_DAMAGED, RFD_E_PDF_DAMAGED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int strict = 0; strict < 2; strict++) {
            struct draft d;
            draft_compressed(&d, "/N 3", "1 0 2 30 3 61 ");
            draft_edit(&d, d.section, cases[i].from, cases[i].to);
            struct opened o = open_draft(&d, strict);
            if (o.status != (strict ? cases[i].strict : cases[i].lenient))
                fail_msg("case %zu, strict %d: %d %s", i, strict, o.status, o.error.detail);
            close_opened(&o);
            buf_dispose(&d.b);
        }
    }
}

/** A container may not be compressed itself, nor need itself. */
static void containers_in_circles(void **state)
{
    (void)state;
    for (int strict = 0; strict < 2; strict++) {
        struct draft d;
        const struct pdf_value *v = NULL;
        draft_compressed(&d, "/N 3", "1 0 2 30 3 61 ");
        size_t entries = d.b.length - strlen("\nendstream\nendobj\nstartxref\n   \n%%EOF\n") - 24;
        memcpy(d.b.data + entries + 16, (uint8_t[]){2, 0, 4, 0}, 4); /* 4 is in 4 */
        struct opened o = open_draft(&d, strict);
        assert_int_equal(pdf_object(must_open(&o), 0, 3, &v, NULL), RFD_E_PDF_DAMAGED);
        assert_int_equal(pdf_object(o.doc, 0, 4, &v, NULL), RFD_E_PDF_DAMAGED);
        close_opened(&o);
        buf_dispose(&d.b);
        draft_compressed(&d, "/N 3", "1 0 2 30 3 61 ");
        draft_edit(&d, 0, "/Length ", "/Length 3 0 R/X "); /* moves the startxref by 8, and so needs tolerance */
        o = open_draft(&d, false);
        assert_true(is_text(object(must_open(&o), 0, 3), "third"));
        close_opened(&o);
        buf_dispose(&d.b);
    }
}

static void hybrid_files(void **state)
{
    (void)state;
    struct draft d;
    struct buf data;
    draft_begin(&d);
    draft_object(&d, 1, "<</Type/Catalog>>");
    draft_object(&d, 2, "(hidden)");
    draft_object(&d, 3, "(shown)");
    uint64_t stream = d.b.length;
    buf_init(&data, 1000);
    for (int n = 2; n <= 3; n++) buf_put(&data, (uint8_t[]){1, 0, (uint8_t)d.at[n], 0}, 4);
    draft_stream(&d, 4, "/Type/XRef/Size 5/W[1 2 1]/Index[2 2]", buf_slice(&data));
    d.section = d.b.length;
    buf_print(&d.b, "xref\n0 5\n0000000002 65535 f \n%010u 00000 n \n0000000000 00000 f \n%010u 00000 n \n%010u 00000 n \n",
              (unsigned)d.at[1], (unsigned)d.at[3], (unsigned)stream);
    buf_print(&d.b, "trailer\n<</Size 5/Root 1 0 R/XRefStm %u>>\n", (unsigned)stream);
    draft_close(&d);
    struct opened o = open_draft(&d, true);
    struct pdf_document *doc = must_open(&o);
    const uint32_t *numbers = NULL;
    size_t count = 0;
    assert_int_equal(pdf_revision(doc, 0)->xref, PDF_XREF_HYBRID);
    assert_true(is_text(object(doc, 0, 2), "hidden"));
    assert_true(is_text(object(doc, 0, 3), "shown"));
    assert_int_equal(pdf_revision_objects(doc, 0, &numbers, &count, NULL), RFD_OK);
    assert_int_equal(count, 5);
    close_opened(&o);
    /* The stream sends object 3 elsewhere than the table does. */
    const struct pdf_value *v = NULL;
    uint8_t *entries = memmem(d.b.data + stream, 200, "stream\n", 7);
    entries[7 + 6] = (uint8_t)d.at[2];
    o = open_draft(&d, false);
    assert_true(is_text(object(must_open(&o), 0, 3), "shown"));
    assert_true(only_anomaly(o.doc, PDF_ANOMALY_XREF_OVERLAP));
    close_opened(&o);
    o = open_draft(&d, true);
    assert_int_equal(pdf_object(must_open(&o), 0, 3, &v, NULL), RFD_E_PDF_DAMAGED);
    close_opened(&o);
    buf_dispose(&data);
    buf_dispose(&d.b);
}

/** §F.3: the first page's section stands at the file's start and leads to the main one at its end. */
static void draft_linearised(struct draft *d, const char *first)
{
    char trailer[128];
    draft_begin(d);
    draft_object(d, 5, first);
    size_t section = d->b.length;
    buf_put_text(&d->b, "xref\n1 1\n0000000000 00000 n \n5 1\n0000000000 00000 n \ntrailer\n<</Size 6/Root 1 0 R/Prev 000000>>\n"
                        "startxref\n0\n%%EOF\n");
    draft_object(d, 1, "<</Type/Catalog/Pages 2 0 R>>");
    draft_object(d, 2, "<</Type/Pages/Count 0/Kids[]>>");
    size_t main_section = d->b.length;
    buf_print(&d->b, "xref\n0 1\n0000000000 65535 f \n2 1\n%010u 00000 n \ntrailer\n<</Size 5>>\n", (unsigned)d->at[2]);
    d->section = section;
    draft_close(d);
    (void)snprintf(trailer, sizeof trailer, "xref\n1 1\n%010u 00000 n \n5 1\n%010u 00000 n \ntrailer\n<</Size 6/Root 1 0 R/Prev %06u",
                   (unsigned)d->at[1], (unsigned)d->at[5], (unsigned)main_section);
    memcpy(d->b.data + section, trailer, strlen(trailer));
}

static void linearised_files_are_one_revision(void **state)
{
    (void)state;
    struct draft d;
    draft_linearised(&d, "<</Linearized 1/L 1000>>");
    size_t end = d.b.length;
    for (int updated = 0; updated < 2; updated++) {
        struct opened o = open_draft(&d, true);
        struct pdf_document *doc = must_open(&o);
        assert_int_equal(pdf_revision_count(doc), 1 + updated);
        assert_true(pdf_revision(doc, 0)->linearised);
        assert_int_equal(pdf_revision(doc, 0)->end, end);
        assert_int_equal(pdf_revision(doc, 0)->size, 6);
        assert_int_equal(pdf_revision(doc, (size_t)updated)->end, d.b.length);
        assert_int_equal(object(doc, 0, 1)->kind, PDF_DICTIONARY);
        assert_int_equal(object(doc, 0, 2)->kind, PDF_DICTIONARY);
        assert_true(only_anomaly(doc, -1));
        if (updated) assert_int_equal(pdf_locate(doc, 1, 4).section, 2);
        close_opened(&o);
        draft_object(&d, 4, "(update)");
        d.listed[1] = d.listed[2] = d.listed[5] = true;
        draft_table(&d, "/Root 1 0 R");
    }
    buf_dispose(&d.b);
    draft_linearised(&d, "<</Lineariset 1/L 1000>>");
    assert_opens(&d, PDF_ANOMALY_STARTXREF_INEXACT, RFD_E_PDF_DAMAGED);
}

/* ---- tests: page trees ---- */

static struct opened open_tree(struct draft *d, const char *const *nodes, size_t count)
{
    draft_begin(d);
    draft_object(d, 1, "<</Type/Catalog/Pages 2 0 R>>");
    for (size_t i = 0; i < count; i++) draft_object(d, (uint32_t)(i + 2), nodes[i]);
    draft_table(d, "/Root 1 0 R");
    return open_draft(d, true);
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
    struct pdf_view view = pdf_latest(must_open(&o));
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
    close_opened(&o);
    buf_dispose(&d.b);
}

static void page_trees_that_lie(void **state)
{
    (void)state;
    static const char *const nodes[] = {
        "<</Type/Pages/Count 9/Kids[3 0 R 6 0 R 8 0 R]>>", "<</Type/Pages/Count 1/Kids[4 0 R 5 0 R]>>",
        "<</Type/Page>>",                                  "<</Type/Page>>",
        "<</Type/Pages/Count -5/Kids[7 0 R]>>",            "<</Type/Page>>",
        "(no page)",
    };
    static const uint32_t trusted[] = {4, 7};
    struct draft d;
    struct pdf_page page;
    size_t count = 0;
    struct opened o = open_tree(&d, nodes, sizeof nodes / sizeof *nodes);
    struct pdf_view view = pdf_latest(must_open(&o));
    assert_int_equal(pdf_page_count(&view, &count, NULL), RFD_OK);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pdf_page(&view, i, &page, NULL), RFD_OK);
        assert_int_equal(page.reference.number, trusted[i]);
    }
    assert_int_equal(pdf_page(&view, 2, &page, NULL), RFD_OK); /* found by counting leaves */
    assert_int_equal(page.reference.number, 7);
    assert_int_equal(pdf_page(&view, 3, &page, NULL), RFD_E_ARGUMENT);
    close_opened(&o);
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
        struct pdf_view view = pdf_latest(must_open(&o));
        assert_int_equal(pdf_page_count(&view, &count, NULL), RFD_E_PDF_DAMAGED);
        assert_int_equal(pdf_page(&view, 0, &page, NULL), RFD_E_PDF_DAMAGED);
        close_opened(&o);
        buf_dispose(&d.b);
    }
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
    struct opened o = open_slice(buf_slice(&b), false);
    must_open(&o);
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
    close_opened(&o);
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
    close_opened(&o);
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
    const struct pdf_value *v = object(must_open(&o), 1, 5);
    assert_int_equal(v->stream->encoded.length, large.length);
    assert_null(v->stream->encoded.data);
    struct pdf_view view = pdf_latest(o.doc);
    assert_int_equal(pdf_stream_data(&view, v, 32 * MEGABYTE, &data, NULL), RFD_OK);
    assert_true(slice_equal(data, buf_slice(&large)));
    close_opened(&o);
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
            if (strict == 1) strictly = revisions;
            else if (strictly != 0) assert_int_equal(revisions, strictly);
        } else if (strict == 0) {
            assert_int_equal(strictly, 0);
        }
        close_opened(&o);
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
        cmocka_unit_test(many_revisions),
        cmocka_unit_test(freed_objects_are_null),
        cmocka_unit_test(what_follows_the_last_eof),
        cmocka_unit_test(startxref_is_exact_or_near),
        cmocka_unit_test(bytes_before_the_header),
        cmocka_unit_test(headers),
        cmocka_unit_test(entries_of_other_lengths),
        cmocka_unit_test(a_malformed_entry_within_a_subsection),
        cmocka_unit_test(tables_that_cannot_be),
        cmocka_unit_test(size_and_overlap),
        cmocka_unit_test(prev_loops),
        cmocka_unit_test(objects_that_are_not_what_the_table_says),
        cmocka_unit_test(offsets_beyond_the_file),
        cmocka_unit_test(streams),
        cmocka_unit_test(stream_data_fails_cleanly),
        cmocka_unit_test(a_length_that_changes_with_the_revision),
        cmocka_unit_test(references_are_followed_so_far),
        cmocka_unit_test(object_streams),
        cmocka_unit_test(broken_object_streams),
        cmocka_unit_test(broken_xref_streams),
        cmocka_unit_test(containers_in_circles),
        cmocka_unit_test(hybrid_files),
        cmocka_unit_test(linearised_files_are_one_revision),
        cmocka_unit_test(page_trees),
        cmocka_unit_test(page_trees_that_lie),
        cmocka_unit_test(page_trees_in_circles),
        cmocka_unit_test(overlapping_objects_are_limited),
        cmocka_unit_test(memory_is_limited),
        cmocka_unit_test(large_streams_are_read_when_asked_for),
        cmocka_unit_test(files_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
