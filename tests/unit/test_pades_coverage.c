/* SPDX-License-Identifier: EUPL-1.2
 *
 * A handmade document whose second revision holds a signature; what its ByteRange covers, well and badly.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "pades/verify/coverage.h"
#include "pdf_support.h"

enum { RANGE_WIDTH = 60 };

static const char *const base[] = {
    "<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [4 0 R] /SigFlags 3>>>>",
    "<</Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 9 9]>>",
    "<</Type /Page /Parent 2 0 R>>",
    "<</FT /Sig /T (a)>>",
};

/** Where the parts of the signature are. */
struct place {
    size_t range;    /* of the text between [ and ] */
    size_t contents; /* of '<' */
    size_t after;    /* behind '>' */
    size_t end;      /* of the file */
};

static size_t find(const struct buf *b, const char *text)
{
    const uint8_t *at = memmem(b->data, b->length, text, strlen(text));
    assert_non_null(at);
    return (size_t)(at - b->data);
}

/** The document up to the end of its signed revision, closed by `eof`; the ByteRange still blank. */
static struct place make(struct buf *b, const char *contents, const char *eof)
{
    struct place p;
    size_t offset[2];
    support_make_pdf(b, base, 4, "/Root 1 0 R");
    size_t table = find(b, "\nxref\n") + 1;
    offset[0] = b->length;
    buf_put_text(b, "4 0 obj\n<</FT /Sig /T (a) /V 5 0 R>>\nendobj\n");
    offset[1] = b->length;
    buf_put_text(b, "5 0 obj\n<</Type /Sig /Filter /A /SubFilter /B /Reason (because) /ByteRange [");
    p.range = b->length;
    buf_fill(b, ' ', RANGE_WIDTH);
    buf_put_text(b, "] /Contents ");
    p.contents = b->length;
    buf_put_text(b, contents);
    p.after = b->length;
    buf_put_text(b, ">>\nendobj\n");
    size_t xref = b->length;
    buf_print(b, "xref\n4 2\n%010zu 00000 n\r\n%010zu 00000 n\r\n", offset[0], offset[1]);
    buf_print(b, "trailer\n<</Size 6 /Root 1 0 R /Prev %zu>>\nstartxref\n%zu\n%%%%EOF%s", table, xref, eof);
    p.end = b->length;
    return p;
}

static void set_range(struct buf *b, const struct place *p, const char *text)
{
    assert_true(strlen(text) <= RANGE_WIDTH);
    memcpy(b->data + p->range, text, strlen(text));
}

static void set_usual(struct buf *b, const struct place *p, size_t end)
{
    char text[RANGE_WIDTH + 1];
    (void)snprintf(text, sizeof text, "0 %zu %zu %zu", p->contents, p->after, end - p->after);
    set_range(b, p, text);
}

struct result {
    struct arena arena;
    struct findings findings;
    struct coverage coverage;
};

static void check(struct support_document *d, struct result *r)
{
    struct pdf_signature s;
    if (support_open(d, "", false) != RFD_OK) fail_msg("%s", d->error.detail);
    arena_init(&r->arena, 1 << 20);
    findings_init(&r->findings, &r->arena);
    struct pdf_view view = pdf_latest(d->doc);
    const struct pdf_value v = {.kind = PDF_REFERENCE, .reference = {5, 0}};
    if (pdf_signature_read(&view, &v, v.reference, &s, &d->error) != RFD_OK) fail_msg("%s", d->error.detail);
    if (coverage_check(d->doc, &s, &r->coverage, &r->findings, &d->error) != RFD_OK) fail_msg("%s", d->error.detail);
}

static void drop(struct support_document *d, struct result *r)
{
    arena_dispose(&r->arena);
    support_close(d);
}

#define GOOD "<3082010A>"
#define NONE RFD_FINDING_COUNT

static const struct {
    const char *name;
    const char *contents, *eof, *range; /* range NULL: as it should be */
    const char *behind;                 /* added after the signed bytes */
    long shorter;                       /* bytes less covered at the end */
    enum rfd_finding_code code;
    bool whole;
} examples[] = {
    {"line feed", GOOD, "\n", NULL, "", 0, NONE, true},
    {"carriage return", GOOD, "\r", NULL, "", 0, NONE, true},
    {"both", GOOD, "\r\n", NULL, "", 0, NONE, true},
    {"no end of line", GOOD, "", NULL, "", 0, NONE, true},
    {"end of line left out", GOOD, "\n", NULL, "", 1, NONE, true},
    {"half of it left out", GOOD, "\r\n", NULL, "", 1, NONE, true},
    {"one more end of line", GOOD, "\n", NULL, "\n", 0, NONE, true},
    {"white space behind", GOOD, "\n", NULL, "   \n \n", 0, NONE, false},
    {"white space in Contents", "<30 82\n010A>", "\n", NULL, "", 0, NONE, true},
    {"garbage behind", GOOD, "\n", NULL, "garbage", 0, RFD_FINDING_TRAILING_BYTES, false},
    {"comment behind", GOOD, "\n", NULL, "%comment\n", 0, RFD_FINDING_TRAILING_BYTES, false},
    {"object behind", GOOD, "\n", NULL, "3 0 obj\n<</Type /Page /Rotate 90>>\nendobj\n", 0, RFD_FINDING_TRAILING_BYTES,
     false},
    {"trailer behind", GOOD, "\n", NULL, "3 0 obj\n<<>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n", 0,
     RFD_FINDING_TRAILING_BYTES, false},
    {"end not covered", GOOD, "\n", NULL, "", 3, RFD_FINDING_REVISION_NOT_COVERED, false},
    {"xref not covered", GOOD, "\n", NULL, "", 100, RFD_FINDING_REVISION_NOT_COVERED, false},
    {"no range", GOOD, "\n", "", "", 0, RFD_FINDING_BYTE_RANGE_MISSING, false},
    {"two numbers", GOOD, "\n", "0 10", "", 0, RFD_FINDING_BYTE_RANGE_MISSING, false},
    {"six numbers", GOOD, "\n", "0 10 20 10 40 10", "", 0, RFD_FINDING_BYTE_RANGE_MISSING, false},
    {"null", GOOD, "\n", "null null null null", "", 0, RFD_FINDING_BYTE_RANGE_MISSING, false},
    {"a reference", GOOD, "\n", "0 10 3 0 R 10", "", 0, RFD_FINDING_BYTE_RANGE_MISSING, false},
    {"negative", GOOD, "\n", "0 10 -20 30", "", 0, RFD_FINDING_BYTE_RANGE_MISSING, false},
    {"negative length", GOOD, "\n", "0 -10 20 30", "", 0, RFD_FINDING_BYTE_RANGE_MISSING, false},
    {"zeros", GOOD, "\n", "0 0 0 0", "", 0, RFD_FINDING_BYTE_RANGE_MISSING, false},
    {"beyond the file", GOOD, "\n", "0 10 20 100000", "", 0, RFD_FINDING_BYTE_RANGE_OUTSIDE, false},
    {"overflow", GOOD, "\n", "0 10 999999999999999999 999999999999999999", "", 0, RFD_FINDING_BYTE_RANGE_OUTSIDE,
     false},
    {"huge number", GOOD, "\n", "0 10 99999999999999999999 1", "", 0, RFD_FINDING_BYTE_RANGE_MISSING, false},
    {"not from the start", GOOD, "\n", "1 10 20 30", "", 0, RFD_FINDING_BYTE_RANGE_START, false},
    {"overlapping ranges", GOOD, "\n", "0 100 50 30", "", 0, RFD_FINDING_BYTE_RANGE_SHAPE, false},
    {"no gap", GOOD, "\n", "0 100 100 30", "", 0, RFD_FINDING_BYTE_RANGE_SHAPE, false},
    {"no first range", GOOD, "\n", "0 0 100 30", "", 0, RFD_FINDING_BYTE_RANGE_SHAPE, false},
    {"gap elsewhere", GOOD, "\n", "0 100 110 100", "", 0, RFD_FINDING_GAP_NOT_CONTENTS, false},
    {"empty", "<>", "\n", NULL, "", 0, RFD_FINDING_CONTENTS_EMPTY, true},
    {"zeros only", "<0000>", "\n", NULL, "", 0, RFD_FINDING_CONTENTS_EMPTY, true},
    {"null contents", "null", "\n", NULL, "", 0, RFD_FINDING_CONTENTS_MISSING, true},
    {"number", "12", "\n", NULL, "", 0, RFD_FINDING_CONTENTS_MISSING, true},
    {"reference", "3 0 R", "\n", NULL, "", 0, RFD_FINDING_CONTENTS_MISSING, true},
    {"literal string", "(abcdefgh)", "\n", NULL, "", 0, RFD_FINDING_GAP_NOT_CONTENTS, true},
    {"string and more", GOOD " /More (x)", "\n", NULL, "", 0, RFD_FINDING_GAP_NOT_CONTENTS, true},
};

static bool is_expected(const struct result *r, size_t i)
{
    if (examples[i].code == NONE)
        return r->findings.count == 0 && r->coverage.well_formed && r->coverage.has_revision &&
               r->coverage.revision == 1;
    return findings_has(&r->findings, examples[i].code) && findings_failed(&r->findings);
}

static void test_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct support_document d;
        struct result r;
        support_init(&d);
        struct place p = make(&d.bytes, examples[i].contents, examples[i].eof);
        if (examples[i].range != NULL)
            set_range(&d.bytes, &p, examples[i].range);
        else
            set_usual(&d.bytes, &p, p.end - (size_t)examples[i].shorter);
        buf_put_text(&d.bytes, examples[i].behind);
        check(&d, &r);
        if (!is_expected(&r, i) || r.coverage.whole_file != examples[i].whole) {
            for (size_t k = 0; k < r.findings.count; k++)
                print_message("%s: %s\n", rfd_finding_name(r.findings.items[k].code), r.findings.items[k].detail);
            fail_msg("%s", examples[i].name);
        }
        drop(&d, &r);
    }
}

/** Adds an update that writes object `number` anew. */
static void update(struct buf *b, unsigned number, const char *text, const char *eof)
{
    size_t object = b->length;
    size_t previous = 0;
    for (size_t i = 0; i + 6 < b->length; i++) {
        if (memcmp(b->data + i, "\nxref\n", 6) == 0) previous = i + 1;
    }
    buf_print(b, "%u 0 obj\n%s\nendobj\n", number, text);
    size_t xref = b->length;
    buf_print(b, "xref\n%u 1\n%010zu 00000 n\r\n", number, object);
    buf_print(b, "trailer\n<</Size 6 /Root 1 0 R /Prev %zu>>\nstartxref\n%zu\n%s", previous, xref, eof);
}

static void test_updates(void **state)
{
    (void)state;
    static const struct {
        unsigned number;
        const char *text, *eof;
        enum rfd_finding_code code;
    } all[] = {
        {3, "<</Type /Page /Parent 2 0 R>>", "%%EOF\n", NONE},
        {3, "<</Type /Page /Parent 2 0 R>>", "", RFD_FINDING_TRAILING_BYTES},
        {5, "<</Type /Sig /Filter /A /SubFilter /B /Reason (another) /ByteRange [0 1 2 3] /Contents <30>>>", "%%EOF\n",
         RFD_FINDING_GAP_NOT_CONTENTS},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct support_document d;
        struct result r;
        support_init(&d);
        struct place p = make(&d.bytes, GOOD, "\n");
        set_usual(&d.bytes, &p, p.end);
        update(&d.bytes, all[i].number, all[i].text, all[i].eof);
        check(&d, &r);
        assert_false(r.coverage.whole_file);
        if (all[i].code == NONE) {
            assert_int_equal(r.findings.count, 0);
            assert_int_equal(r.coverage.revision, 1);
            assert_int_equal(r.coverage.end, p.end);
        } else {
            assert_true(findings_has(&r.findings, all[i].code));
        }
        drop(&d, &r);
    }
}

/** The signed revision's dictionary is read, the later one has another reason: told apart. */
static void test_spoofed_reason(void **state)
{
    (void)state;
    struct support_document d;
    struct result r = {0};
    struct pdf_signature s;
    support_init(&d);
    struct place p = make(&d.bytes, GOOD, "\n");
    set_usual(&d.bytes, &p, p.end);
    update(&d.bytes, 5, "<</Type /Sig /Reason (another) /ByteRange [0 1 2 3] /Contents <30>>>", "%%EOF\n");
    if (support_open(&d, "", false) != RFD_OK) fail_msg("%s", d.error.detail);
    arena_init(&r.arena, 1 << 20);
    findings_init(&r.findings, &r.arena);
    struct pdf_view view = pdf_view(d.doc, 1);
    const struct pdf_value v = {.kind = PDF_REFERENCE, .reference = {5, 0}};
    assert_int_equal(pdf_signature_read(&view, &v, v.reference, &s, NULL), RFD_OK);
    assert_int_equal(coverage_check(d.doc, &s, &r.coverage, &r.findings, NULL), RFD_OK);
    assert_true(r.coverage.well_formed);
    assert_true(findings_has(&r.findings, RFD_FINDING_DICTIONARY_CHANGED));
    assert_int_equal(r.findings.count, 1);
    assert_int_equal(r.findings.items[0].object, 5);
    assert_int_equal(r.findings.items[0].revision, 2);
    drop(&d, &r);
}

static void test_together(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t ranges[2][4];
        bool same_contents, overlap;
    } all[] = {
        {"one behind the other", {{0, 10, 20, 30}, {0, 60, 70, 30}}, false, false},
        {"the other way round", {{0, 60, 70, 30}, {0, 10, 20, 30}}, false, false},
        {"gap within signed bytes", {{0, 10, 20, 30}, {0, 40, 45, 30}}, false, true},
        {"same end", {{0, 10, 20, 80}, {0, 60, 70, 30}}, false, true},
        {"same signature", {{0, 10, 20, 80}, {0, 10, 20, 80}}, true, false},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct arena arena;
        struct findings f[2];
        struct pdf_signature s[2] = {0};
        arena_init(&arena, 1 << 20);
        for (size_t k = 0; k < 2; k++) {
            findings_init(&f[k], &arena);
            memcpy(s[k].byte_range, all[i].ranges[k], sizeof s[k].byte_range);
            s[k].byte_range_count = 4;
            s[k].contents_raw = slice_of(all[i].same_contents ? "x" : k == 0 ? "ab" : "cd", 1);
        }
        const struct pdf_signature *const pointers[] = {&s[0], &s[1]};
        struct findings *const lists[] = {&f[0], &f[1]};
        assert_int_equal(coverage_check_together(pointers, lists, 2, NULL), RFD_OK);
        for (size_t k = 0; k < 2; k++) {
            if (findings_has(&f[k], RFD_FINDING_BYTE_RANGE_SHARED) != all[i].overlap ||
                findings_has(&f[k], RFD_FINDING_SIGNATURE_SHARED) != all[i].same_contents)
                fail_msg("%s", all[i].name);
        }
        arena_dispose(&arena);
    }
    assert_int_equal(coverage_check_together(NULL, NULL, 0, NULL), RFD_OK);
}

static void test_findings(void **state)
{
    (void)state;
    struct arena arena;
    struct findings f;
    arena_init(&arena, 1 << 20);
    findings_init(&f, &arena);
    assert_false(findings_failed(&f));
    findings_add(&f, RFD_FINDING_CHANGE_DSS, NULL);
    findings_add_at(&f, RFD_FINDING_CHANGE_UNREFERENCED, 2, 7, "%d objects", 3);
    assert_false(findings_failed(&f));
    for (int i = 0; i < 100; i++) findings_add(&f, RFD_FINDING_CHANGE_PAGES, "%d", i);
    assert_true(findings_failed(&f));
    assert_int_equal(f.count, 102);
    assert_string_equal(f.items[0].detail, "");
    assert_string_equal(f.items[1].detail, "3 objects");
    assert_int_equal(f.items[1].revision, 3);
    assert_int_equal(f.items[1].object, 7);
    assert_string_equal(f.items[101].detail, "99");
    assert_true(findings_has(&f, RFD_FINDING_CHANGE_DSS));
    assert_false(findings_has(&f, RFD_FINDING_ACTIVE_CONTENT));
    assert_string_equal(rfd_finding_name(RFD_FINDING_CHANGE_PAGE_CONTENT), "change-page-content");
    assert_string_equal(rfd_finding_family(RFD_FINDING_CHANGE_APPEARANCE), "SHADOW");
    assert_string_equal(rfd_finding_family(RFD_FINDING_DIGEST_MISMATCH), "");
    assert_string_equal(rfd_finding_message((enum rfd_finding_code)RFD_FINDING_COUNT), "");
    assert_int_equal(finding_severity(RFD_FINDING_GAP_NOT_CONTENTS), RFD_SEVERITY_ERROR);
    arena_dispose(&arena);
}

/* ---- third-party files ---- */

static const struct {
    const char *path, *family; /* of what must be found; NULL: nothing */
} corpus[] = {
    {"attacks/isa_A.pdf", "ISA"},
    {"attacks/isa_D.pdf", "ISA"},
    {"attacks/siwa_A.pdf", "SWA"},
    {"attacks/siwa_C.pdf", "SWA"},
    {"attacks/usf_01_Empty_Contents.pdf", "USF"},
    {"attacks/usf_12_Null_ByteRange.pdf", "USF"},
    {"attacks/shadow-hide/3_original-document-shadowed-signed.pdf", NULL},
    {"attacks/shadow-hide-and-replace/3_original-document-shadowed-signed.pdf", NULL},
    {"attacks/shadow-replace/3_original-document-shadowed-signed.pdf", NULL},
    {"pdf/certified-with-indirect-refs-in-dir.pdf", NULL},
    {"pdf/sig-no-signed-attrs.pdf", NULL},
    {"pdf/minimal-two-fields-signed-twice.pdf", NULL},
};

static bool has_family(const struct findings *f, const char *family)
{
    for (size_t i = 0; i < f->count; i++) {
        if (strcmp(rfd_finding_family(f->items[i].code), family) == 0) return true;
    }
    return false;
}

/** All signatures of a file, with their findings together. */
static void check_file(struct support_document *d, struct findings *f)
{
    const struct pdf_field *fields;
    size_t count;
    struct pdf_view view = pdf_latest(d->doc);
    if (pdf_fields(&view, &fields, &count, &d->error) != RFD_OK) fail_msg("%s", d->error.detail);
    for (size_t i = 0; i < count; i++) {
        struct pdf_signature s;
        struct coverage c;
        if (!slice_is(fields[i].type, "Sig") || fields[i].value->kind == PDF_NULL) continue;
        struct pdf_view latest = pdf_latest(d->doc);
        assert_int_equal(pdf_signature_read(&latest, fields[i].value, fields[i].value_reference, &s, &d->error),
                         RFD_OK);
        assert_int_equal(coverage_check(d->doc, &s, &c, f, &d->error), RFD_OK);
    }
}

static void test_corpus(void **state)
{
    (void)state;
    if (support_corpora() == NULL) skip();
    for (size_t i = 0; i < sizeof corpus / sizeof *corpus; i++) {
        struct support_document d;
        struct arena arena;
        struct findings f;
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/%s", support_corpora(), corpus[i].path);
        support_init(&d);
        support_read(path, &d.bytes);
        if (support_open(&d, "", false) != RFD_OK) fail_msg("%s: %s", path, d.error.detail);
        arena_init(&arena, 1 << 20);
        findings_init(&f, &arena);
        check_file(&d, &f);
        if (corpus[i].family == NULL ? f.count > 0 : !has_family(&f, corpus[i].family)) fail_msg("%s", corpus[i].path);
        arena_dispose(&arena);
        support_close(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples), cmocka_unit_test(test_updates),  cmocka_unit_test(test_spoofed_reason),
        cmocka_unit_test(test_together), cmocka_unit_test(test_findings), cmocka_unit_test(test_corpus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
