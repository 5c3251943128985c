/* SPDX-License-Identifier: EUPL-1.2
 *
 * Updates of files that others made: encrypted by qpdf in every way it knows, and the third-party corpora.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "pdf/update.h"
#include "pdf_support.h"

/** qpdf's verdict: 0 clean, 3 warnings, 2 errors. */
static int qpdf_check(const struct buf *bytes, const char *password)
{
    char option[100];
    const char *path = support_path("checked.pdf");
    support_write(path, buf_slice(bytes), SLICE_EMPTY);
    (void)snprintf(option, sizeof option, "--password=%s", password);
    return support_run((const char *const[]){"qpdf", "--check", option, path, NULL});
}

/** An update with all that is encrypted: strings moved and kept, streams, metadata, new texts. */
static void update_everything(struct support_document *before, const char *password, struct support_document *after)
{
    struct pdf_update *u = NULL;
    struct pdf_view view = pdf_latest(before->doc);
    struct pdf_reference root = pdf_reference_of(pdf_trailer(&view), "Root");
    assert_int_equal(pdf_update_begin(before->doc, &u, &before->error), RFD_OK);
    struct pdf_reference copy = pdf_update_new(u);
    struct pdf_reference stream = pdf_update_new(u);
    struct pdf_reference metadata = pdf_update_new(u);
    (void)pdf_update_object(u, copy);
    pdf_update_dictionary(u, pdf_catalog(&view), root, NULL, 0);
    pdf_update_end(u);
    pdf_update_stream(u, stream, "/Type /Test", SLICE("stream data"), true);
    pdf_update_stream(u, metadata, "/Type /Metadata /Subtype /XML", SLICE("<xml/>"), false);
    struct buf value;
    buf_init(&value, 1000);
    buf_print(&value, "[%u 0 R %u 0 R %u 0 R]", copy.number, stream.number, metadata.number);
    const struct pdf_change change = {"RefrendaTest", buf_slice(&value)};
    (void)pdf_update_object(u, root);
    pdf_update_dictionary(u, pdf_catalog(&view), root, &change, 1);
    pdf_update_end(u);
    buf_dispose(&value);
    assert_int_equal(pdf_view_status(&view, &before->error), RFD_OK);
    support_apply(before, u, password, after);
}

/** Every string in the two values is the same. */
static void expect_same(const struct pdf_value *a, const struct pdf_value *b)
{
    assert_int_equal(a->kind, b->kind);
    if (a->kind == PDF_STRING) {
        assert_true(slice_equal(a->bytes, b->bytes));
    } else if (a->kind == PDF_ARRAY || a->kind == PDF_DICTIONARY) {
        assert_int_equal(a->count, b->count);
        for (uint32_t i = 0; i < a->count; i++) {
            if (a->kind == PDF_ARRAY)
                expect_same(&a->items[i], &b->items[i]);
            else
                expect_same(&a->entries[i].value, &b->entries[i].value);
        }
    }
}

static void check_everything(struct support_document *before, struct support_document *after)
{
    struct pdf_view old = pdf_latest(before->doc);
    struct pdf_view view = pdf_latest(after->doc);
    const struct pdf_value *catalog = pdf_catalog(&view);
    const struct pdf_value *list = pdf_get(&view, catalog, "RefrendaTest");
    slice data = SLICE_EMPTY;
    assert_int_equal(list->count, 3);
    expect_same(pdf_catalog(&old), pdf_item(&view, list, 0));
    for (uint32_t i = 0; i < pdf_catalog(&old)->count; i++)
        expect_same(&pdf_catalog(&old)->entries[i].value, &catalog->entries[i].value);
    assert_int_equal(pdf_stream_data(&view, pdf_item(&view, list, 1), 100, &data, &after->error), RFD_OK);
    assert_true(slice_is(data, "stream data"));
    assert_int_equal(pdf_stream_data(&view, pdf_item(&view, list, 2), 100, &data, &after->error), RFD_OK);
    assert_true(slice_is(data, "<xml/>"));
    assert_int_equal(pdf_view_status(&view, &after->error), RFD_OK);
}

static void test_encrypted_updates(void **state)
{
    (void)state;
    static const char *const objects[] = {
        "<</Type /Catalog /Pages 2 0 R /Title (T\\(i\\)tle) /Nest [(a) <</K (b) /N /X#20Y>> null true]>>",
        "<</Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 99 99]>>",
        "<</Type /Page /Parent 2 0 R /Contents 4 0 R>>",
        "<</Length 9>>\nstream\nq 1 w S Q\nendstream",
    };
    struct buf plain;
    if (!support_has("qpdf")) skip();
    buf_init(&plain, 1 << 20);
    support_make_pdf(&plain, objects, 4, "/Root 1 0 R /ID [<00112233><44556677>]");
    for (size_t v = 0; v < 2 * SUPPORT_ENCRYPTIONS; v++) {
        struct support_document before;
        struct support_document after;
        support_encrypt(&before, &plain, v, "user", "owner");
        if (support_open(&before, "user", true) != RFD_OK) fail_msg("variant %zu: %s", v, before.error.detail);
        update_everything(&before, "owner", &after);
        check_everything(&before, &after);
        assert_int_equal(pdf_revision(after.doc, 1)->xref, v % 2 == 0 ? PDF_XREF_TABLE : PDF_XREF_STREAM);
        if (qpdf_check(&after.bytes, "user") != 0) fail_msg("qpdf does not like variant %zu", v);
        support_close(&before);
        support_close(&after);
    }
    buf_dispose(&plain);
    support_clean();
}

struct tally {
    unsigned updated, refused, checked;
    bool qpdf;
};

static void update_corpus_file(const char *path, void *context)
{
    static const char *const passwords[] = {"", "usersecret"};
    struct tally *tally = context;
    struct support_document before;
    const char *password = NULL;
    support_init(&before);
    support_read(path, &before.bytes);
    for (size_t i = 0; i < 2 && password == NULL; i++) {
        source_close(before.source);
        before.source = NULL;
        if (support_open(&before, passwords[i], false) == RFD_OK) password = passwords[i];
    }
    struct pdf_view view = {0};
    if (password != NULL) {
        view = pdf_latest(before.doc);
        (void)pdf_catalog(&view);
    }
    if (password == NULL || pdf_catalog(&view)->kind != PDF_DICTIONARY) {
        tally->refused++;
        support_close(&before);
        return;
    }
    struct support_document after;
    print_message("%s\n", path);
    update_everything(&before, password, &after);
    check_everything(&before, &after);
    tally->updated++;
    if (tally->qpdf) {
        int was = qpdf_check(&before.bytes, password);
        int is = qpdf_check(&after.bytes, password);
        if (was == 0 && is != 0) fail_msg("%s: qpdf says %d", path, is);
        tally->checked++;
    }
    support_close(&before);
    support_close(&after);
}

static void test_corpus(void **state)
{
    (void)state;
    struct tally tally = {.qpdf = support_has("qpdf")};
    if (support_corpora() == NULL) skip();
    size_t count = support_each_pdf("pdf", update_corpus_file, &tally);
    count += support_each_pdf("attacks", update_corpus_file, &tally);
    print_message("%zu files: %u updated, %u refused, %u checked by qpdf\n", count, tally.updated, tally.refused,
                  tally.checked);
    assert_true(count == 0 || tally.updated > count / 2);
    support_clean();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encrypted_updates),
        cmocka_unit_test(test_corpus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
