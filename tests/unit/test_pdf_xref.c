/* SPDX-License-Identifier: EUPL-1.2
 *
 * Cross-reference tables and streams, object streams, hybrid and linearised files, whole and broken in one place each.
 */
#include "pdf_draft.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

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

/** A minimal document whose entries all end in one byte. */
static void draft_with_short_entries(struct draft *d, char line_end)
{
    draft_begin(d);
    draft_object(d, 1, "<</Type/Catalog>>");
    d->section = d->b.length;
    buf_print(&d->b, "xref\n0 2\n0000000000 65535 f%c%010u 00000 n%c", line_end, (unsigned)d->at[1], line_end);
    buf_put_text(&d->b, "trailer\n<</Size 2/Root 1 0 R>>\n");
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
        draft_assert_opens(&d, -1, RFD_OK);
    }
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        draft_with_tails(&d, other[i]);
        struct opened o = draft_open(&d, false);
        if (i != 4) assert_true(draft_is_text(draft_read(draft_must_open(&o), 0, 2), "two"));
        assert_int_equal(o.status, i == 4 ? RFD_E_PDF_DAMAGED : RFD_OK); /* "n0000000064" is no entry */
        draft_close_opened(&o);
        if (i == 4)
            draft_assert_fails(&d, RFD_E_PDF_DAMAGED);
        else
            draft_assert_opens(&d, PDF_ANOMALY_XREF_ENTRY_LENGTH, RFD_E_PDF_DAMAGED);
    }
    static const char *const short_ends[] = {"\n", "\r"}; /* all entries alike: every reader takes the same from them */
    for (size_t i = 0; i < sizeof short_ends / sizeof *short_ends; i++) {
        draft_with_short_entries(&d, *short_ends[i]);
        draft_assert_opens(&d, PDF_ANOMALY_XREF_ENTRY_LENGTH, RFD_OK);
    }
    draft_minimal(&d); /* blank instead of zero padded */
    memset(d.b.data + d.section + strlen("xref\n0 1\n0000000000 65535 f \n1 1\n"), ' ', 8);
    draft_assert_opens(&d, PDF_ANOMALY_XREF_ENTRY_LENGTH, RFD_E_PDF_DAMAGED);
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
        o = draft_open(&d, strict);
        draft_must_open(&o);
        assert_true(draft_is_text(draft_read(o.doc, 0, 3), "three"));
        assert_int_equal(pdf_object(o.doc, 0, 2, &v, NULL), RFD_E_PDF_DAMAGED);
        assert_int_equal(pdf_locate(o.doc, 0, 2).kind, PDF_ENTRY_ABSENT);
        assert_true(pdf_has_anomaly(o.doc, PDF_ANOMALY_XREF_ENTRY_LENGTH));
        draft_close_opened(&o);
    }
    buf_dispose(&d.b);
}

static void tables_that_cannot_be(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"xref\n0 1", "xref\n0 99"},
        {"xref\n0 1", "xref\n0 999999999999"},
        {"xref\n0 1", "xref\n0 2147483646"},
        {"xref\n0 1", "xref\n-1 1"},
        {"xref\n0 1", "xref\n99999999999 1"},
        {"xref\n0 1", "xref\n0"},
        {"trailer", "trailerx"},
        {"trailer\n<<", "trailer\n[<<"},
        {"trailer\n<<", "trailer\n"},
        {"/Root 1 0 R", "/Toor 1 0 R"},
        {"/Root 1 0 R", "/Root 1"},
        {"/Root 1 0 R", "/Root 1 0 R/Prev -1"},
        {"/Root 1 0 R", "/Root 1 0 R/Prev(x)"},
        {"/Root 1 0 R", "/Root 1 0 R/Prev 9999999999999999999999"},
        {"/Root 1 0 R", "/Root 1 0 R/Prev 50"},
        {"/Root 1 0 R", "/Root 1 0 R/XRefStm 20"},
        {"/Root 1 0 R", "/Root 1 0 R/XRefStm -1"},
        {"00000 n ", "00000 x "},
        {"2147483645 1", "2147483647 5"},
    };
    for (size_t i = 0; i + 1 < sizeof bad / sizeof *bad; i++) {
        struct draft d;
        draft_minimal(&d);
        draft_edit(&d, d.section, bad[i][0], bad[i][1]);
        for (int strict = 0; strict < 2; strict++) {
            struct opened o = draft_open(&d, strict);
            if (o.status != RFD_E_PDF_DAMAGED && o.status != RFD_E_LIMIT) fail_msg("case %zu was opened", i);
            draft_close_opened(&o);
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
    draft_assert_opens(&d, PDF_ANOMALY_XREF_SIZE, RFD_E_PDF_DAMAGED);
    draft_minimal(&d);
    draft_edit(&d, d.section, "/Size 5", "/Sise 5");
    draft_assert_opens(&d, PDF_ANOMALY_XREF_SIZE, RFD_E_PDF_DAMAGED);
    draft_minimal(&d);
    draft_edit(&d, d.section, "trailer", "3 1\n0000000000 00000 n \ntrailer");
    draft_assert_opens(&d, PDF_ANOMALY_XREF_OVERLAP, RFD_E_PDF_DAMAGED);
    draft_minimal(&d);
    draft_edit(&d, d.section, "/Root", "/Root 9 0 R/Root");
    draft_edit(&d, d.section, "/Root 9 0 R/Root 1", "/Root 1 0 R/Root 9");
    draft_assert_opens(&d, PDF_ANOMALY_DUPLICATE_KEY, RFD_E_PDF_DAMAGED);
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
    draft_assert_fails(&d, RFD_E_PDF_DAMAGED);
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
    struct opened o = draft_open(&d, true);
    struct pdf_document *doc = draft_must_open(&o);
    struct pdf_view view = pdf_latest(doc);
    assert_int_equal(pdf_revision(doc, 0)->xref, PDF_XREF_STREAM);
    assert_int_equal(pdf_revision(doc, 0)->end, d.b.length);
    assert_true(pdf_is_name(pdf_get(&view, pdf_catalog(&view), "Type"), "Catalog"));
    assert_true(draft_is_text(draft_read(doc, 0, 3), "third"));
    assert_ptr_equal(draft_read(doc, 0, 3), draft_read(doc, 0, 3));
    assert_int_equal(draft_read(doc, 0, 5)->kind, PDF_STREAM);
    struct pdf_location at = pdf_locate(doc, 0, 3);
    assert_int_equal(at.kind, PDF_ENTRY_COMPRESSED);
    assert_int_equal(at.container, 4);
    assert_int_equal(at.index, 2);
    draft_close_opened(&o);
    buf_dispose(&d.b);
}

static void broken_object_streams(void **state)
{
    (void)state;
    static const struct {
        const char *entries, *pairs;
        rfd_status lenient, strict;
    } cases[] = {
        {"/N 3", "1 0 3 61 2 30 ", RFD_OK, RFD_E_PDF_DAMAGED}, /* not at the index said */
        {"/N 3", "1 0 2 30 9 61 ", RFD_OK, RFD_E_PDF_DAMAGED}, /* not there: null */
        {"/N 3", "3 0 3 30 3 61 ", RFD_OK, RFD_E_PDF_DAMAGED}, /* three times */
        {"/N 2", "1 0 2 30 3 61 ", RFD_OK, RFD_E_PDF_DAMAGED}, /* index beyond */
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
            struct opened o = draft_open(&d, strict);
            for (int again = 0; again < 2; again++) {
                rfd_status status = pdf_object(draft_must_open(&o), 0, 3, &v, &error);
                if (status != (strict ? cases[i].strict : cases[i].lenient))
                    fail_msg("case %zu, strict %d: %d %s", i, strict, status, error.detail);
            }
            draft_close_opened(&o);
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
            struct opened o = draft_open(&d, strict);
            if (o.status != (strict ? cases[i].strict : cases[i].lenient))
                fail_msg("case %zu, strict %d: %d %s", i, strict, o.status, o.error.detail);
            draft_close_opened(&o);
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
        struct opened o = draft_open(&d, strict);
        assert_int_equal(pdf_object(draft_must_open(&o), 0, 3, &v, NULL), RFD_E_PDF_DAMAGED);
        assert_int_equal(pdf_object(o.doc, 0, 4, &v, NULL), RFD_E_PDF_DAMAGED);
        draft_close_opened(&o);
        buf_dispose(&d.b);
        draft_compressed(&d, "/N 3", "1 0 2 30 3 61 ");
        draft_edit(&d, 0, "/Length ", "/Length 3 0 R/X "); /* moves the startxref by 8, and so needs tolerance */
        o = draft_open(&d, false);
        assert_true(draft_is_text(draft_read(draft_must_open(&o), 0, 3), "third"));
        draft_close_opened(&o);
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
    buf_print(&d.b,
              "xref\n0 5\n0000000002 65535 f \n%010u 00000 n \n0000000000 00000 f \n%010u 00000 n \n%010u 00000 n \n",
              (unsigned)d.at[1], (unsigned)d.at[3], (unsigned)stream);
    buf_print(&d.b, "trailer\n<</Size 5/Root 1 0 R/XRefStm %u>>\n", (unsigned)stream);
    draft_close(&d);
    struct opened o = draft_open(&d, true);
    struct pdf_document *doc = draft_must_open(&o);
    const uint32_t *numbers = NULL;
    size_t count = 0;
    assert_int_equal(pdf_revision(doc, 0)->xref, PDF_XREF_HYBRID);
    assert_true(draft_is_text(draft_read(doc, 0, 2), "hidden"));
    assert_true(draft_is_text(draft_read(doc, 0, 3), "shown"));
    assert_int_equal(pdf_revision_objects(doc, 0, &numbers, &count, NULL), RFD_OK);
    assert_int_equal(count, 5);
    draft_close_opened(&o);
    /* The stream sends object 3 elsewhere than the table does. */
    const struct pdf_value *v = NULL;
    uint8_t *entries = memmem(d.b.data + stream, 200, "stream\n", 7);
    entries[7 + 6] = (uint8_t)d.at[2];
    o = draft_open(&d, false);
    assert_true(draft_is_text(draft_read(draft_must_open(&o), 0, 3), "shown"));
    assert_true(draft_only_anomaly(o.doc, PDF_ANOMALY_XREF_OVERLAP));
    draft_close_opened(&o);
    o = draft_open(&d, true);
    assert_int_equal(pdf_object(draft_must_open(&o), 0, 3, &v, NULL), RFD_E_PDF_DAMAGED);
    draft_close_opened(&o);
    buf_dispose(&data);
    buf_dispose(&d.b);
}

/** §F.3: the first page's section stands at the file's start and leads to the main one at its end. */
static void draft_linearised(struct draft *d, const char *first, const char *between)
{
    char trailer[128];
    draft_begin(d);
    draft_object(d, 5, first);
    size_t section = d->b.length;
    buf_put_text(
        &d->b, "xref\n1 1\n0000000000 00000 n \n5 1\n0000000000 00000 n \ntrailer\n<</Size 6/Root 1 0 R/Prev 000000>>\n"
               "startxref\n0\n%%EOF\n");
    draft_object(d, 1, "<</Type/Catalog/Pages 2 0 R>>");
    draft_object(d, 2, "<</Type/Pages/Count 0/Kids[]>>");
    buf_put_text(&d->b, between);
    size_t main_section = d->b.length;
    buf_print(&d->b, "xref\n0 1\n0000000000 65535 f \n2 1\n%010u 00000 n \ntrailer\n<</Size 5>>\n", (unsigned)d->at[2]);
    d->section = section;
    draft_close(d);
    (void)snprintf(trailer, sizeof trailer,
                   "xref\n1 1\n%010u 00000 n \n5 1\n%010u 00000 n \ntrailer\n<</Size 6/Root 1 0 R/Prev %06u",
                   (unsigned)d->at[1], (unsigned)d->at[5], (unsigned)main_section);
    memcpy(d->b.data + section, trailer, strlen(trailer));
}

static void linearised_files_are_one_revision(void **state)
{
    (void)state;
    struct draft d;
    draft_linearised(&d, "<</Linearized 1/L 1000>>", "");
    size_t end = d.b.length;
    for (int updated = 0; updated < 2; updated++) {
        struct opened o = draft_open(&d, true);
        struct pdf_document *doc = draft_must_open(&o);
        assert_int_equal(pdf_revision_count(doc), 1 + updated);
        assert_true(pdf_revision(doc, 0)->linearised);
        assert_int_equal(pdf_revision(doc, 0)->end, end);
        assert_int_equal(pdf_revision(doc, 0)->size, 6);
        assert_int_equal(pdf_revision(doc, (size_t)updated)->end, d.b.length);
        assert_int_equal(draft_read(doc, 0, 1)->kind, PDF_DICTIONARY);
        assert_int_equal(draft_read(doc, 0, 2)->kind, PDF_DICTIONARY);
        assert_true(draft_only_anomaly(doc, -1));
        if (updated) assert_int_equal(pdf_locate(doc, 1, 4).section, 2);
        draft_close_opened(&o);
        draft_object(&d, 4, "(update)");
        d.listed[1] = d.listed[2] = d.listed[5] = true;
        draft_table(&d, "/Root 1 0 R");
    }
    buf_dispose(&d.b);
    draft_linearised(&d, "<</Lineariset 1/L 1000>>", "");
    draft_assert_opens(&d, PDF_ANOMALY_STARTXREF_INEXACT, RFD_E_PDF_DAMAGED);
}

/** An update whose section lies between the two sections of the linearised revision that it updates. */
static void sections_within_an_earlier_revision(void **state)
{
    (void)state;
    struct draft d;
    char update[100];
    draft_linearised(&d, "<</Linearized 1/L 1000>>", "");
    (void)snprintf(update, sizeof update, "xref\n0 0\ntrailer\n<</Size 6/Root 1 0 R/Prev %llu>>\n",
                   (unsigned long long)d.section);
    buf_dispose(&d.b);
    draft_linearised(&d, "<</Linearized 1/L 1000>>", update);
    uint8_t *section = memmem(d.b.data, d.b.length, "xref\n0 0", 8);
    assert_non_null(section);
    d.section = (uint64_t)(section - d.b.data);
    draft_close(&d);
    struct opened o = draft_open(&d, false);
    assert_true(pdf_has_anomaly(draft_must_open(&o), PDF_ANOMALY_STARTXREF_INEXACT));
    draft_close_opened(&o);
    o = draft_open(&d, true);
    assert_int_equal(o.status, RFD_E_PDF_DAMAGED);
    assert_non_null(strstr(o.error.detail, "within an earlier revision"));
    draft_close_opened(&o);
    buf_dispose(&d.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_of_other_lengths),
        cmocka_unit_test(a_malformed_entry_within_a_subsection),
        cmocka_unit_test(tables_that_cannot_be),
        cmocka_unit_test(size_and_overlap),
        cmocka_unit_test(prev_loops),
        cmocka_unit_test(object_streams),
        cmocka_unit_test(broken_object_streams),
        cmocka_unit_test(broken_xref_streams),
        cmocka_unit_test(containers_in_circles),
        cmocka_unit_test(hybrid_files),
        cmocka_unit_test(linearised_files_are_one_revision),
        cmocka_unit_test(sections_within_an_earlier_revision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
