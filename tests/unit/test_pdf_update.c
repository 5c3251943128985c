/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "pdf/update.h"
#include "pdf_support.h"

#include <fcntl.h>
#include <unistd.h>

static const char *const small[] = {
    "<</Type /Catalog /Pages 2 0 R /Title (T\\(i\\)tle) /Odd#20Key 1.50 /Nest [(a) <</K (b) /N /X#20Y>> null true]>>",
    "<</Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 99 99]>>",
    "<</Type /Page /Parent 2 0 R /Contents 4 0 R>>",
    "<</Length 9 /Note (n)>>\nstream\nq 1 w S Q\nendstream",
    "<</Author (Somebody) /Kept <414243>>>",
};
#define SMALL_TRAILER "/Root 1 0 R /Info 5 0 R /Custom [1 2] /ID [<00112233><44556677>]"

static void open_small(struct support_document *o)
{
    support_init(o);
    support_make_pdf(&o->bytes, small, 5, SMALL_TRAILER);
    if (support_open(o, "", true) != RFD_OK) fail_msg("%s", o->error.detail);
}

static bool holds(const struct buf *b, size_t from, const char *text)
{
    return memmem(b->data + from, b->length - from, text, strlen(text)) != NULL;
}

/** The catalog with a new entry, which is given as plain PDF text. */
static void update_catalog(struct pdf_update *u, struct pdf_document *doc, const char *key, const char *value)
{
    struct pdf_view view = pdf_latest(doc);
    struct pdf_reference root = pdf_reference_of(pdf_trailer(&view), "Root");
    const struct pdf_change change = {key, slice_text(value)};
    (void)pdf_update_object(u, root);
    pdf_update_dictionary(u, pdf_catalog(&view), root, &change, 1);
    pdf_update_end(u);
}

static void test_table_update(void **state)
{
    (void)state;
    struct support_document before;
    struct support_document after;
    struct pdf_update *u = NULL;
    open_small(&before);
    assert_int_equal(pdf_update_begin(before.doc, &u, &before.error), RFD_OK);
    assert_int_equal(pdf_update_base(u), before.bytes.length);
    struct pdf_reference fresh = pdf_update_new(u);
    struct pdf_reference stream = pdf_update_new(u);
    assert_int_equal(fresh.number, 6);
    assert_int_equal(stream.number, 7);
    pdf_update_stream(u, stream, "/Type /Test", SLICE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
                      true);
    struct buf *b = pdf_update_object(u, fresh);
    assert_ptr_equal(b, pdf_update_buffer(u));
    buf_put_text(b, "<</Text ");
    pdf_update_text(u, SLICE("Se\xC3\xB1or (1\\2)\r\n"));
    pdf_put_name(b, SLICE("A b#/\xC3"));
    pdf_put_reference(b, stream);
    buf_put_text(b, ">>");
    pdf_update_end(u);
    update_catalog(u, before.doc, "Added", "7 0 R");
    support_apply(&before, u, "", &after);

    size_t old = before.bytes.length;
    assert_true(holds(&after.bytes, old, "/Text (Se\xF1or \\(1\\\\2\\)\\r\\n)/A#20b#23#2F#C37 0 R>>"));
    assert_true(holds(&after.bytes, old, "<</Type /Catalog\n/Pages 2 0 R\n/Title (T\\(i\\)tle)\n/Odd#20Key 1.50\n"));
    assert_true(holds(&after.bytes, old, "/Nest [(a) <</K (b) /N /X#20Y>> null true]\n/Added 7 0 R\n>>"));
    assert_true(holds(&after.bytes, old, "/Filter /FlateDecode"));
    assert_true(holds(&after.bytes, old, "xref\n1 1\n0000000"));
    assert_true(holds(&after.bytes, old, " 00000 n\r\n6 2\n0000000"));
    assert_true(holds(&after.bytes, old, "/Size 8\n/Prev "));
    assert_true(holds(&after.bytes, old, "/Root 1 0 R\n/Info 5 0 R\n/Custom [1 2]\n/ID [<00112233><"));
    assert_false(holds(&after.bytes, old, "44556677"));
    assert_int_equal(pdf_revision(after.doc, 1)->xref, PDF_XREF_TABLE);

    struct pdf_view view = pdf_latest(after.doc);
    slice data = SLICE_EMPTY;
    assert_int_equal(pdf_stream_data(&view, pdf_get(&view, pdf_catalog(&view), "Added"), 100, &data, NULL), RFD_OK);
    assert_int_equal(data.length, 61);
    support_close(&before);
    support_close(&after);
}

static void test_stream_update(void **state)
{
    (void)state;
    const char *const objects[] = {small[0], small[1], "<</Type /Page /Parent 2 0 R>>", "<</A (b)>>"};
    for (unsigned extra = 0; extra < 300; extra += 299) { /* plain rows, then compressed ones */
        struct support_document before;
        struct support_document after;
        struct pdf_update *u = NULL;
        support_init(&before);
        support_make_compressed_pdf(&before.bytes, objects, 4, "/Root 1 0 R /ID [<0011><0011>]");
        if (support_open(&before, "", true) != RFD_OK) fail_msg("%s", before.error.detail);
        assert_int_equal(pdf_update_begin(before.doc, &u, NULL), RFD_OK);
        for (unsigned i = 0; i < extra; i++) pdf_update_stream(u, pdf_update_new(u), "", SLICE("x"), false);
        update_catalog(u, before.doc, "Title", "(New)");
        support_apply(&before, u, "", &after);
        assert_int_equal(pdf_revision(after.doc, 1)->xref, PDF_XREF_STREAM);
        assert_int_equal(pdf_revision(after.doc, 1)->size, 8 + extra);
        assert_true(holds(&after.bytes, before.bytes.length, "/Type /XRef\n/W [1 2 1]\n/Index [1 1 7 "));
        struct pdf_view view = pdf_latest(after.doc);
        assert_true(slice_is(pdf_get(&view, pdf_catalog(&view), "Title")->bytes, "New"));
        assert_int_equal(pdf_locate(after.doc, 1, 1).kind, PDF_ENTRY_OFFSET);
        assert_int_equal(pdf_locate(after.doc, 1, 2).kind, PDF_ENTRY_COMPRESSED);
        assert_int_equal(pdf_locate(after.doc, 1, 7 + extra).kind, PDF_ENTRY_OFFSET);
        support_close(&before);
        support_close(&after);
    }
}

/** Bytes before the header, none or junk at the end: offsets and the first new line are right all the same. */
static void test_odd_surroundings(void **state)
{
    (void)state;
    static const char *const heads[] = {"", "junk before\n"};
    static const char *const ends[] = {"", "\r\n", "\njunk after", " "};
    for (size_t i = 0; i < 8; i++) {
        struct support_document before;
        struct support_document after;
        struct pdf_update *u = NULL;
        support_init(&before);
        buf_put_text(&before.bytes, heads[i / 4]);
        support_make_pdf(&before.bytes, small, 5, SMALL_TRAILER);
        before.bytes.length--; /* the line's end after %%EOF */
        buf_put_text(&before.bytes, ends[i % 4]);
        if (support_open(&before, "", false) != RFD_OK) fail_msg("%s", before.error.detail);
        assert_int_equal(pdf_update_begin(before.doc, &u, NULL), RFD_OK);
        update_catalog(u, before.doc, "Title", "(New)");
        support_apply(&before, u, "", &after);
        uint8_t last = before.bytes.data[before.bytes.length - 1];
        uint8_t next = after.bytes.data[before.bytes.length];
        assert_true(last == '\n' || last == '\r' || next == '\n');
        struct pdf_view view = pdf_latest(after.doc);
        assert_true(slice_is(pdf_get(&view, pdf_catalog(&view), "Title")->bytes, "New"));
        support_close(&before);
        support_close(&after);
    }
}

static void test_changes(void **state)
{
    (void)state;
    struct support_document o;
    struct pdf_update *u = NULL;
    open_small(&o);
    assert_int_equal(pdf_update_begin(o.doc, &u, NULL), RFD_OK);
    struct pdf_view view = pdf_latest(o.doc);
    const struct pdf_reference root = {1, 0};
    const struct pdf_change changes[] = {{"Title", SLICE("(X)")},
                                         {"Nest", {NULL, 0}},
                                         {"Absent", {NULL, 0}},
                                         {"AcroForm", SLICE("<</A 1>>")},
                                         {"Odd Key", SLICE("2")}};
    struct buf *b = pdf_update_object(u, root);
    size_t at = b->length;
    pdf_update_dictionary(u, pdf_catalog(&view), root, changes, 5);
    assert_true(slice_is(slice_from(buf_slice(b), at),
                         "<</Type /Catalog\n/Pages 2 0 R\n/Title (X)\n/Odd#20Key 2\n/AcroForm <</A 1>>\n>>"));
    at = b->length;
    pdf_update_dictionary(u, &pdf_null, root, changes, 1);
    assert_true(slice_is(slice_from(buf_slice(b), at), "<</Title (X)\n>>"));
    at = b->length;
    pdf_update_value(u, &pdf_null, root);
    assert_true(slice_is(slice_from(buf_slice(b), at), "null"));
    pdf_update_end(u);
    const struct pdf_value *stream = NULL;
    const struct pdf_reference r = {4, 0};
    assert_int_equal(pdf_object(o.doc, 0, 4, &stream, NULL), RFD_OK);
    b = pdf_update_object(u, r);
    at = b->length;
    pdf_update_value(u, stream, r);
    assert_true(slice_is(slice_from(buf_slice(b), at), "<</Length 9\n/Note (n)\n>>\nstream\nq 1 w S Q\nendstream"));
    pdf_update_end(u);
    pdf_update_free(u);
    support_close(&o);
}

static void expect_finish(struct support_document *o, struct pdf_update *u, rfd_status expected, const char *word)
{
    slice tail = SLICE("kept");
    assert_int_equal(pdf_update_finish(u, &tail, &o->error), expected);
    if (strstr(o->error.detail, word) == NULL) fail_msg("%s: %s", word, o->error.detail);
    assert_true(slice_is(tail, "kept"));
    pdf_update_free(u);
    support_close(o);
}

static void put_empty_object(struct pdf_update *u, struct pdf_reference r)
{
    buf_put_text(pdf_update_object(u, r), "null");
    pdf_update_end(u);
}

static void test_refusals(void **state)
{
    (void)state;
    struct support_document o;
    struct pdf_update *u = NULL;
    pdf_update_free(NULL);

    open_small(&o);
    assert_int_equal(pdf_update_begin(o.doc, &u, NULL), RFD_OK);
    expect_finish(&o, u, RFD_E_INTERNAL, "without objects");

    open_small(&o);
    assert_int_equal(pdf_update_begin(o.doc, &u, NULL), RFD_OK);
    put_empty_object(u, (struct pdf_reference){2, 0});
    put_empty_object(u, (struct pdf_reference){5, 0});
    put_empty_object(u, (struct pdf_reference){2, 0});
    expect_finish(&o, u, RFD_E_INTERNAL, "object 2 written twice");

    open_small(&o);
    assert_int_equal(pdf_update_begin(o.doc, &u, NULL), RFD_OK);
    put_empty_object(u, (struct pdf_reference){77, 0});
    expect_finish(&o, u, RFD_E_INTERNAL, "object 77");

    support_init(&o);
    support_make_pdf(&o.bytes, small, 5, "/Root <</Type /Catalog>>");
    if (support_open(&o, "", false) == RFD_OK) assert_int_equal(pdf_update_begin(o.doc, &u, NULL), RFD_E_PDF_DAMAGED);
    support_close(&o);
}

static void test_free_object(void **state)
{
    (void)state;
    struct support_document o;
    struct pdf_update *u = NULL;
    support_init(&o);
    support_make_pdf(&o.bytes, small, 5, SMALL_TRAILER);
    uint8_t *entry = memmem(o.bytes.data, o.bytes.length, "xref\n0 6\n", 9);
    assert_non_null(entry);
    memcpy(entry + 9 + 5 * 20, "0000000000 00001 f", 18); /* object 5 */
    assert_int_equal(support_open(&o, "", false), RFD_OK);
    assert_int_equal(pdf_update_begin(o.doc, &u, NULL), RFD_OK);
    assert_int_equal(pdf_update_new(u).number, 6);
    put_empty_object(u, (struct pdf_reference){5, 0});
    expect_finish(&o, u, RFD_E_PDF_DAMAGED, "object 5 is free");
}

static void test_missing_id(void **state)
{
    (void)state;
    static const char *const ids[] = {"", "/ID []", "/ID [1 2]", "/ID 6 0 R", "/ID (x)"};
    for (size_t i = 0; i < 5; i++) {
        char trailer[64];
        struct support_document before;
        struct support_document after;
        struct pdf_update *u = NULL;
        support_init(&before);
        (void)snprintf(trailer, sizeof trailer, "/Root 1 0 R %s", ids[i]);
        support_make_pdf(&before.bytes, small, 5, trailer);
        if (support_open(&before, "", false) != RFD_OK) fail_msg("%s", before.error.detail);
        assert_int_equal(pdf_update_begin(before.doc, &u, NULL), RFD_OK);
        put_empty_object(u, pdf_update_new(u));
        support_apply(&before, u, "", &after);
        const struct pdf_value *id = pdf_entry_of(pdf_revision(after.doc, 1)->trailer, "ID");
        assert_int_equal(id->kind, PDF_ARRAY);
        assert_int_equal(id->count, 2);
        assert_int_equal(id->items[0].bytes.length, 16);
        assert_int_equal(id->items[1].bytes.length, 16);
        support_close(&before);
        support_close(&after);
    }
}

/** A reference that leads nowhere must not come to lead to a new object. */
static void test_dangling_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *trailer;
        uint32_t number;
    } cases[] = {{"/Root 1 0 R /Info 40 0 R", 41},
                 {"/Root 1 0 R /Info 5 0 R /Other [99 0 R]", 6},
                 {"/Root 1 0 R /Info 4000000000 0 R", 6}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct support_document before;
        struct support_document after;
        struct pdf_update *u = NULL;
        support_init(&before);
        support_make_pdf(&before.bytes, small, 5, cases[i].trailer);
        if (support_open(&before, "", false) != RFD_OK) fail_msg("%s", before.error.detail);
        assert_int_equal(pdf_update_begin(before.doc, &u, NULL), RFD_OK);
        struct pdf_reference r = pdf_update_new(u);
        assert_int_equal(r.number, cases[i].number);
        put_empty_object(u, r);
        support_apply(&before, u, "", &after);
        support_close(&before);
        support_close(&after);
    }
    struct support_document o;
    struct pdf_update *u = NULL;
    support_init(&o);
    support_make_pdf(&o.bytes, small, 5, "/Root 1 0 R /Encrypt 6 0 R");
    if (support_open(&o, "", false) == RFD_OK) assert_int_equal(pdf_update_begin(o.doc, &u, NULL), RFD_E_PDF_DAMAGED);
    support_close(&o);
}

/** §7.5.4: ten digits and no more. The file is nearly all hole. */
static void test_table_too_large(void **state)
{
    (void)state;
    struct support_document o;
    struct pdf_update *u = NULL;
    struct rfd_error error;
    slice tail;
    support_init(&o);
    support_make_pdf(&o.bytes, small, 5, SMALL_TRAILER);
    uint8_t *table = memmem(o.bytes.data, o.bytes.length, "xref\n0 6\n", 9);
    assert_non_null(table);
    size_t table_at = (size_t)(table - o.bytes.data);
    const off_t far = 9999999000;
    struct buf end;
    buf_init(&end, 10000);
    buf_put(&end, table, (size_t)((uint8_t *)memmem(table, 500, "startxref", 9) - table));
    buf_print(&end, "startxref\n%lld\n%%%%EOF\n", (long long)far);
    const char *path = support_path("large.pdf");
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    assert_true(fd >= 0);
    bool written = pwrite(fd, o.bytes.data, table_at, 0) == (ssize_t)table_at &&
                   pwrite(fd, end.data, end.length, far) == (ssize_t)end.length;
    (void)close(fd);
    buf_dispose(&end);
    if (!written || source_open_file(path, &o.source, &error) != RFD_OK) {
        support_close(&o);
        support_clean();
        skip();
    }
    struct pdf_options options = {0};
    if (pdf_open(o.source, &options, &o.doc, &error) != RFD_OK) fail_msg("%s", error.detail);
    assert_int_equal(pdf_update_begin(o.doc, &u, NULL), RFD_OK);
    put_empty_object(u, pdf_update_new(u));
    assert_int_equal(pdf_update_finish(u, &tail, NULL), RFD_OK);
    pdf_update_free(u);
    assert_int_equal(pdf_update_begin(o.doc, &u, NULL), RFD_OK);
    char filler[1000] = {0};
    pdf_update_stream(u, pdf_update_new(u), "", slice_of(filler, sizeof filler), false);
    assert_int_equal(pdf_update_finish(u, &tail, &error), RFD_E_PDF_TOO_LARGE);
    pdf_update_free(u);
    support_close(&o);
    support_clean();
}

/** Every allocation fails once; nothing leaks, and the failure is told. */
static void test_out_of_memory(void **state)
{
    (void)state;
    struct buf bytes;
    buf_init(&bytes, 1 << 20);
    support_make_pdf(&bytes, small, 5, SMALL_TRAILER);
    for (unsigned long n = 1;; n++) {
        struct source *source = NULL;
        struct pdf_document *doc = NULL;
        struct pdf_update *u = NULL;
        struct pdf_options options = {0};
        struct rfd_error error = RFD_ERROR_INIT;
        slice tail;
        (void)memory_fail_after(n);
        rfd_status status = source_open_memory(buf_slice(&bytes), &source, &error);
        if (status == RFD_OK) status = pdf_open(source, &options, &doc, &error);
        if (status == RFD_OK) status = pdf_update_begin(doc, &u, &error);
        if (status == RFD_OK) {
            pdf_update_stream(u, pdf_update_new(u), "", SLICE("some bytes"), true);
            for (int i = 0; i < 40; i++) put_empty_object(u, pdf_update_new(u));
            update_catalog(u, doc, "Title", "(New)");
            status = pdf_update_finish(u, &tail, &error);
        }
        (void)memory_fail_after(0);
        pdf_update_free(u);
        pdf_close(doc);
        source_close(source);
        if (status == RFD_OK) break;
        if (status != RFD_E_MEMORY) fail_msg("allocation %lu: %s: %s", n, rfd_status_name(status), error.detail);
        assert_true(n < 1000);
    }
    buf_dispose(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_update),     cmocka_unit_test(test_stream_update),
        cmocka_unit_test(test_odd_surroundings), cmocka_unit_test(test_changes),
        cmocka_unit_test(test_refusals),         cmocka_unit_test(test_free_object),
        cmocka_unit_test(test_missing_id),       cmocka_unit_test(test_dangling_numbers),
        cmocka_unit_test(test_table_too_large),  cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
