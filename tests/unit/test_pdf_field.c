/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "pdf/field.h"
#include "pdf_support.h"

struct fixture {
    struct buf bytes;
    struct source *source;
    struct pdf_document *doc;
    struct pdf_view view;
    struct rfd_error error;
    const struct pdf_field *fields;
    size_t count;
};

static void open_bytes(struct fixture *f)
{
    struct pdf_options options = {0};
    f->error = RFD_ERROR_INIT;
    assert_int_equal(source_open_memory(buf_slice(&f->bytes), &f->source, &f->error), RFD_OK);
    if (pdf_open(f->source, &options, &f->doc, &f->error) != RFD_OK) fail_msg("%s", f->error.detail);
    f->view = pdf_latest(f->doc);
}

static void open_objects(struct fixture *f, const char *const *objects, size_t count)
{
    *f = (struct fixture){0};
    buf_init(&f->bytes, 1 << 26);
    support_make_pdf(&f->bytes, objects, count, "/Root 1 0 R");
    open_bytes(f);
}

static void close_fixture(struct fixture *f)
{
    pdf_close(f->doc);
    source_close(f->source);
    buf_dispose(&f->bytes);
}

static void list(struct fixture *f)
{
    if (pdf_fields(&f->view, &f->fields, &f->count, &f->error) != RFD_OK) fail_msg("%s", f->error.detail);
}

static void test_tree(void **state)
{
    (void)state;
    static const char *const objects[] = {
        "<</Type /Catalog /AcroForm 2 0 R>>",
        "<</Fields 3 0 R>>",
        "[4 0 R 7 0 R <</T (direct) /FT /Tx /Subtype /Widget>> 12 0 R]",
        /* 4: a group whose type, value and flags its kids inherit */
        "<</T (group) /FT /Tx /V (shared) /Ff 3 /Kids [5 0 R 6 0 R 11 0 R]>>",
        "<</T (a.b) /Parent 4 0 R /Subtype /Widget>>",
        "<</T (own) /Parent 4 0 R /FT /Sig /V 10 0 R /Ff 0 /Subtype /Widget>>",
        /* 7: a field with two widgets apart */
        "<</T <FEFF00D1> /FT /Btn /Kids [8 0 R 9 0 R 8 0 R null 99 0 R]>>",
        "<</Parent 7 0 R /Subtype /Widget>>",
        "<</Parent 7 0 R /Subtype /Widget>>",
        "<</Type /Sig>>",
        /* 11: a nameless level in between */
        "<</Parent 4 0 R /Kids [13 0 R]>>",
        "<</T (plain) /FT /Ch>>",
        "<</T (deep) /Parent 11 0 R /V null /Subtype /Widget>>",
    };
    struct fixture f;
    open_objects(&f, objects, 13);
    list(&f);
    static const struct {
        const char *name, *type;
        uint32_t number, flags;
        size_t widgets;
        bool merged;
    } expected[] = {{"group.a.b", "Tx", 5, 3, 1, true},   {"group.own", "Sig", 6, 0, 1, true},
                    {"group.deep", "Tx", 13, 3, 1, true}, {"\xC3\x91", "Btn", 7, 0, 2, false},
                    {"direct", "Tx", 0, 0, 1, true},      {"plain", "Ch", 12, 0, 0, false}};
    assert_int_equal(f.count, 6);
    for (size_t i = 0; i < 6; i++) {
        const struct pdf_field *field = &f.fields[i];
        if (!slice_is(field->name, expected[i].name))
            fail_msg("%zu: %.*s", i, (int)field->name.length, field->name.data);
        assert_true(slice_is(field->type, expected[i].type));
        assert_int_equal(field->reference.number, expected[i].number);
        assert_int_equal(field->flags, expected[i].flags);
        assert_int_equal(field->widget_count, expected[i].widgets);
        assert_int_equal(field->merged, expected[i].merged);
    }
    assert_true(slice_is(f.fields[0].value->bytes, "shared"));
    assert_int_equal(f.fields[1].value_reference.number, 10);
    assert_int_equal(f.fields[1].value->kind, PDF_DICTIONARY);
    assert_true(slice_is(f.fields[2].value->bytes, "shared"));
    assert_int_equal(f.fields[3].value->kind, PDF_NULL);
    assert_int_equal(f.fields[3].widgets[0].number, 8);
    assert_int_equal(f.fields[3].widgets[1].number, 9);
    close_fixture(&f);
}

static void test_no_form(void **state)
{
    (void)state;
    static const char *const catalogs[] = {"<</Type /Catalog>>",
                                           "<</Type /Catalog /AcroForm null>>",
                                           "<</Type /Catalog /AcroForm <<>>>>",
                                           "<</Type /Catalog /AcroForm 9 0 R>>",
                                           "<</Type /Catalog /AcroForm <</Fields (x)>>>>",
                                           "<</Type /Catalog /AcroForm <</Fields [1 (x) null 9 0 R []]>>>>"};
    for (size_t i = 0; i < 6; i++) {
        struct fixture f;
        open_objects(&f, &catalogs[i], 1);
        f.count = 9;
        list(&f);
        assert_int_equal(f.count, 0);
        assert_int_equal(pdf_certification(&f.view, NULL), 0);
        close_fixture(&f);
    }
}

static void test_cycles(void **state)
{
    (void)state;
    static const char *const objects[] = {"<</Type /Catalog /AcroForm <</Fields [2 0 R 2 0 R]>>>>",
                                          "<</T (a) /Kids [3 0 R 2 0 R]>>", "<</T (b) /Kids [2 0 R 4 0 R 3 0 R]>>",
                                          "<</T (c) /FT /Sig /Subtype /Widget>>"};
    struct fixture f;
    open_objects(&f, objects, 4);
    list(&f);
    assert_int_equal(f.count, 1);
    assert_true(slice_is(f.fields[0].name, "a.b.c"));
    close_fixture(&f);
}

/** A chain of `depth` fields, one below the other. */
static rfd_status list_chain(size_t depth)
{
    char *texts[64];
    const char *objects[64];
    struct fixture f;
    objects[0] = "<</Type /Catalog /AcroForm <</Fields [2 0 R]>>>>";
    for (size_t i = 1; i < 64; i++) {
        texts[i] = malloc(100);
        (void)snprintf(texts[i], 100, "<</T (x) /Kids [<</T (y) /Kids [%zu 0 R]>>]>>", i < depth ? i + 2 : 1);
        objects[i] = texts[i];
    }
    open_objects(&f, objects, 64);
    rfd_status status = pdf_fields(&f.view, &f.fields, &f.count, &f.error);
    close_fixture(&f);
    for (size_t i = 1; i < 64; i++) free(texts[i]);
    return status;
}

static void test_depth(void **state)
{
    (void)state;
    assert_int_equal(list_chain(20), RFD_OK);
    assert_int_equal(list_chain(60), RFD_E_LIMIT);
}

/** One /Kids array shared by many direct nodes would be walked over and over. */
static void test_shared_kids(void **state)
{
    (void)state;
    struct buf kids;
    struct buf roots;
    struct fixture f;
    buf_init(&kids, 1 << 24);
    buf_init(&roots, 1 << 24);
    buf_put_text(&kids, "[");
    for (int i = 0; i < 50000; i++) buf_put_text(&kids, "1 0 R ");
    buf_put(&kids, "]", 2);
    buf_put_text(&roots, "<</Fields [");
    for (int i = 0; i < 5000; i++) buf_put_text(&roots, "<</Kids 2 0 R>>");
    buf_put(&roots, "]>>", 4);
    const char *const objects[] = {"<</Type /Catalog /AcroForm 3 0 R>>", (const char *)kids.data,
                                   (const char *)roots.data};
    open_objects(&f, objects, 3);
    assert_int_equal(pdf_fields(&f.view, &f.fields, &f.count, &f.error), RFD_E_LIMIT);
    close_fixture(&f);
    buf_dispose(&kids);
    buf_dispose(&roots);
}

static void test_lock_names(void **state)
{
    (void)state;
    const slice names[] = {SLICE("a.b"), SLICE("Sig")};
    struct pdf_field_lock lock = {.fields = names, .count = 2};
    static const struct {
        const char *name;
        bool listed;
    } cases[] = {{"a.b", true},   {"a.b.c", true}, {"a", false},   {"a.bc", false}, {"Sig", true},
                 {"Sig.1", true}, {"Sig1", false}, {"sig", false}, {"", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        slice name = slice_text(cases[i].name);
        lock.action = PDF_LOCK_INCLUDE;
        assert_int_equal(pdf_lock_covers(&lock, name), cases[i].listed);
        lock.action = PDF_LOCK_EXCLUDE;
        assert_int_equal(pdf_lock_covers(&lock, name), !cases[i].listed);
        lock.action = PDF_LOCK_ALL;
        assert_true(pdf_lock_covers(&lock, name));
        lock.action = PDF_LOCK_NONE;
        assert_false(pdf_lock_covers(&lock, name));
    }
}

static const char *const signed_form[] = {
    "<</Type /Catalog /AcroForm <</Fields [2 0 R]>> /Perms <</DocMDP 3 0 R>>>>",
    "<</T (S) /FT /Sig /V 3 0 R /Lock 4 0 R>>",
    "<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [0 10 20 30] /Contents <30 0a0B000>"
    "/M (D:20261121185024Z) /Reason <FEFF00D1> /Location (Lima) /ContactInfo (x) /Name (Somebody) /Reference 5 0 R>>",
    "<</Type /SigFieldLock /Action /Include /Fields [(a) 6 0 R] /P 2>>",
    "[<</TransformMethod /FieldMDP /TransformParams 4 0 R>> <</TransformMethod /DocMDP /TransformParams <</P 3>>>>]",
    "(b.c)"};

static void test_signature(void **state)
{
    (void)state;
    struct fixture f;
    struct pdf_signature s = {0};
    struct pdf_reference certification = {0};
    open_objects(&f, signed_form, 6);
    list(&f);
    assert_int_equal(f.count, 1);
    if (pdf_signature_read(&f.view, f.fields[0].value, f.fields[0].value_reference, &s, &f.error) != RFD_OK)
        fail_msg("%s", f.error.detail);
    assert_int_equal(s.reference.number, 3);
    assert_true(slice_is(s.filter, "Adobe.PPKLite"));
    assert_true(slice_is(s.sub_filter, "ETSI.CAdES.detached"));
    assert_true(slice_equal(s.contents, SLICE("0\x0a\x0b\0\0")));
    assert_true(slice_is(s.contents_raw, "<30 0a0B000>"));
    assert_true(slice_equal(slice_part(buf_slice(&f.bytes), s.contents_offset, 12), s.contents_raw));
    assert_int_equal(s.byte_range_count, 4);
    assert_int_equal(s.byte_range[1], 10);
    assert_int_equal(s.byte_range[3], 30);
    char text[CLOCK_TEXT_SIZE];
    assert_string_equal(clock_iso(s.claimed_time, text), "2026-11-21T18:50:24Z");
    assert_true(slice_is(s.reason, "\xC3\x91"));
    assert_true(slice_is(s.location, "Lima"));
    assert_true(slice_is(s.contact, "x"));
    assert_true(slice_is(s.name, "Somebody"));
    assert_false(s.document_timestamp);
    assert_int_equal(s.docmdp, 3);
    assert_int_equal(s.fieldmdp.action, PDF_LOCK_INCLUDE);
    assert_int_equal(s.fieldmdp.permission, 2);
    assert_int_equal(s.fieldmdp.count, 2);
    assert_true(slice_is(s.fieldmdp.fields[1], "b.c"));
    assert_int_equal(pdf_certification(&f.view, &certification), 3);
    assert_int_equal(certification.number, 3);
    close_fixture(&f);
}

static void read_signature(struct fixture *f, const char *dictionary, struct pdf_signature *s)
{
    const char *const objects[] = {"<</Type /Catalog /Perms <</DocMDP 2 0 R>> /V 2 0 R>>", dictionary, "(indirect)",
                                   "7"};
    open_objects(f, objects, 4);
    const struct pdf_value *v = pdf_get(&f->view, pdf_catalog(&f->view), "V");
    if (pdf_signature_read(&f->view, v, (struct pdf_reference){2, 0}, s, &f->error) != RFD_OK)
        fail_msg("%s: %s", dictionary, f->error.detail);
}

static void test_odd_signatures(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t range, contents;
        bool placed, timestamp;
        int docmdp, certification;
    } cases[] = {
        {"<<>>", 0, 0, false, false, 0, 2},
        {"<</ByteRange [0 1 2] /Contents (abc)>>", 3, 3, true, false, 0, 2},
        {"<</ByteRange [0 1 2 3 4] /Contents 3 0 R>>", 5, 8, false, false, 0, 2},
        {"<</ByteRange [0 1 2.0 3] /Contents <>>>", 0, 0, true, false, 0, 2},
        {"<</ByteRange [0 4 0 R 2 3] /Contents null>>", 0, 0, false, false, 0, 2},
        {"<</ByteRange null /Type /DocTimeStamp>>", 0, 0, false, true, 0, 2},
        {"<</SubFilter /ETSI.RFC3161>>", 0, 0, false, true, 0, 2},
        {"<</Reference [<</TransformMethod /DocMDP>>]>>", 0, 0, false, false, 2, 2},
        {"<</Reference [1 <<>> <</TransformMethod /DocMDP /TransformParams <</P 9>>>>]>>", 0, 0, false, false, 1, 1},
        {"<</Reference [<</TransformMethod /DocMDP /TransformParams <</P 1>>>>]/M (nonsense)>>", 0, 0, false, false, 1,
         1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;
        struct pdf_signature s = {0};
        read_signature(&f, cases[i].text, &s);
        assert_int_equal(s.byte_range_count, cases[i].range);
        assert_int_equal(s.contents.length, cases[i].contents);
        assert_int_equal(s.contents_offset != 0, cases[i].placed);
        assert_int_equal(s.document_timestamp, cases[i].timestamp);
        assert_int_equal(s.docmdp, cases[i].docmdp);
        assert_int_equal(pdf_certification(&f.view, NULL), cases[i].certification);
        assert_true(s.claimed_time == RFD_TIME_NONE);
        close_fixture(&f);
    }
}

static void test_not_a_signature(void **state)
{
    (void)state;
    struct fixture f;
    struct pdf_signature s = {.docmdp = 77};
    open_objects(&f, signed_form, 6);
    assert_int_equal(pdf_signature_read(&f.view, &pdf_null, (struct pdf_reference){0}, &s, &f.error),
                     RFD_E_PDF_DAMAGED);
    assert_int_equal(s.docmdp, 77);
    struct pdf_field_lock lock = {.permission = 77};
    assert_int_equal(pdf_field_lock(&f.view, &pdf_null, &lock, &f.error), RFD_OK);
    assert_int_equal(lock.action, PDF_LOCK_NONE);
    assert_int_equal(lock.permission, 0);
    close_fixture(&f);
}

/** Inside an object stream, /Contents has no place in the file. */
static void test_compressed_signature(void **state)
{
    (void)state;
    struct fixture f = {0};
    struct pdf_signature s = {0};
    buf_init(&f.bytes, 1 << 20);
    support_make_compressed_pdf(&f.bytes, signed_form, 6, "/Root 1 0 R");
    open_bytes(&f);
    list(&f);
    assert_int_equal(pdf_signature_read(&f.view, f.fields[0].value, f.fields[0].value_reference, &s, &f.error), RFD_OK);
    assert_int_equal(s.contents.length, 5);
    assert_int_equal(s.contents_offset, 0);
    close_fixture(&f);
}

static void test_many_fields(void **state)
{
    (void)state;
    struct buf roots;
    struct fixture f;
    buf_init(&roots, 1 << 24);
    buf_put_text(&roots, "<</Fields [");
    for (int i = 0; i < 100001; i++) buf_put_text(&roots, "<</T(a)>>");
    buf_put(&roots, "]>>", 4);
    const char *const objects[] = {"<</Type /Catalog /AcroForm 2 0 R>>", (const char *)roots.data};
    open_objects(&f, objects, 2);
    assert_int_equal(pdf_fields(&f.view, &f.fields, &f.count, &f.error), RFD_E_LIMIT);
    close_fixture(&f);
    buf_dispose(&roots);
}

static void test_long_name(void **state)
{
    (void)state;
    struct buf field;
    struct fixture f;
    buf_init(&field, 1 << 24);
    buf_put_text(&field, "<</T (");
    buf_fill(&field, 'x', 40000);
    buf_put(&field, ")>>", 4);
    const char *const objects[] = {"<</Type /Catalog /AcroForm <</Fields [2 0 R]>>>>", (const char *)field.data};
    open_objects(&f, objects, 2);
    assert_int_equal(pdf_fields(&f.view, &f.fields, &f.count, &f.error), RFD_E_LIMIT);
    close_fixture(&f);
    buf_dispose(&field);
}

/** Every allocation fails once; nothing leaks, and the failure is told. */
static void test_out_of_memory(void **state)
{
    (void)state;
    rfd_status status = RFD_E_MEMORY;
    for (unsigned long n = 1; status != RFD_OK; n++) {
        struct fixture f;
        struct pdf_signature s = {0};
        open_objects(&f, signed_form, 6);
        (void)memory_fail_after(n);
        status = pdf_fields(&f.view, &f.fields, &f.count, &f.error);
        if (status == RFD_OK)
            status = pdf_signature_read(&f.view, f.fields[0].value, f.fields[0].value_reference, &s, &f.error);
        (void)memory_fail_after(0);
        assert_true(status == RFD_OK || status == RFD_E_MEMORY);
        assert_true(n < 1000);
        close_fixture(&f);
    }
}

struct tally {
    unsigned opened, fields, signatures;
};

static void list_corpus_file(const char *path, void *context)
{
    static const char *const passwords[] = {"", "usersecret"};
    struct tally *tally = context;
    for (size_t p = 0; p < 2; p++) {
        struct fixture f = {0};
        struct pdf_options options = {.password = slice_text(passwords[p])};
        assert_int_equal(source_open_file(path, &f.source, &f.error), RFD_OK);
        if (pdf_open(f.source, &options, &f.doc, &f.error) == RFD_OK) {
            f.view = pdf_latest(f.doc);
            tally->opened++;
            if (pdf_fields(&f.view, &f.fields, &f.count, &f.error) != RFD_OK) f.count = 0;
            tally->fields += (unsigned)f.count;
            for (size_t i = 0; i < f.count; i++) {
                struct pdf_signature s = {0};
                if (!slice_is(f.fields[i].type, "Sig") || f.fields[i].value->kind != PDF_DICTIONARY) continue;
                if (pdf_signature_read(&f.view, f.fields[i].value, f.fields[i].value_reference, &s, &f.error) != RFD_OK)
                    continue;
                tally->signatures++;
                slice raw;
                if (s.contents_offset == 0) continue;
                assert_int_equal(source_view(f.source, s.contents_offset, s.contents_raw.length, &raw, NULL), RFD_OK);
                assert_true(slice_equal(raw, s.contents_raw));
            }
            p = 2;
        }
        pdf_close(f.doc);
        source_close(f.source);
    }
}

static void test_corpus(void **state)
{
    (void)state;
    struct tally tally = {0};
    if (support_corpora() == NULL) skip();
    size_t count =
        support_each_pdf("pdf", list_corpus_file, &tally) + support_each_pdf("attacks", list_corpus_file, &tally);
    print_message("%zu files, %u opened, %u fields, %u signatures\n", count, tally.opened, tally.fields,
                  tally.signatures);
    assert_true(count == 0 || tally.signatures > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_no_form),
        cmocka_unit_test(test_cycles),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_shared_kids),
        cmocka_unit_test(test_lock_names),
        cmocka_unit_test(test_signature),
        cmocka_unit_test(test_odd_signatures),
        cmocka_unit_test(test_not_a_signature),
        cmocka_unit_test(test_compressed_signature),
        cmocka_unit_test(test_many_fields),
        cmocka_unit_test(test_long_name),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_corpus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
