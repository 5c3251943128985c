/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing in memory over small documents of every shape: the input's bytes stay, the result opens strictly, and the
 * signature is checked from the bytes.
 */
#include "sign_support.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MANY = 200, BYTES_MAXIMUM = 1 << 24 };

/** Signs, checks the signature of `field`, and gives the result opened; close and dispose. */
static const struct signed_item *sign_and_open(const struct buf *input, const struct rfd_sign_options *options,
                                               const char *field, const char *password, struct buf *out,
                                               struct signed_document *d)
{
    sign_good(input, options, out);
    signed_open(buf_slice(out), password, d);
    return signed_check(d, field, true);
}

static void finish(struct buf *input, struct buf *out, struct signed_document *d)
{
    signed_close(d);
    buf_dispose(out);
    buf_dispose(input);
}

static void refused(struct buf *input, const struct rfd_sign_options *options, rfd_status expected)
{
    struct buf out;
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_status status = sign_bytes(input, options, &out, &error);
    if (status != expected) print_error("%s: %s\n", rfd_status_name(status), error.detail);
    assert_int_equal(status, expected);
    buf_dispose(&out);
    buf_dispose(input);
}

static void test_table(void **state)
{
    (void)state;
    struct buf input, out;
    struct signed_document d;
    struct rfd_sign_options options = world_options();
    options.reason = "Conforme";
    options.location = "Iquitos, Loreto";
    options.contact = "nadie@example.org";
    options.name = "Ñandú Жар-птица";
    options.time = INT64_C(1767225600) * RFD_SECOND;
    document_make(&input, "", "", NULL, 0);
    const struct signed_item *item = sign_and_open(&input, &options, "Signature1", NULL, &out, &d);
    const struct pdf_signature *s = &item->signature;
    assert_true(slice_is(s->filter, "Adobe.PPKLite") && slice_is(s->sub_filter, "ETSI.CAdES.detached"));
    assert_true(slice_is(s->reason, "Conforme") && slice_is(s->location, "Iquitos, Loreto"));
    assert_true(slice_is(s->contact, "nadie@example.org") && slice_is(s->name, "Ñandú Жар-птица"));
    assert_int_equal(s->claimed_time, options.time);
    assert_int_equal(s->docmdp, 0);
    assert_int_equal(s->fieldmdp.action, PDF_LOCK_NONE);
    assert_int_equal(item->cms.commitment, CMS_COMMITMENT_NONE);
    assert_int_equal(pdf_revision(d.run.doc, 1)->xref, PDF_XREF_TABLE);
    const struct pdf_value *field = d.run.place.fields[0].dictionary;
    int64_t flags = 0;
    assert_true(pdf_integer(pdf_entry_of(field, "F"), &flags));
    assert_int_equal(flags, 132);
    assert_int_equal(pdf_reference_of(field, "P").number, 3);
    assert_true(pdf_integer(
        pdf_get(&d.run.view, pdf_get(&d.run.view, pdf_catalog(&d.run.view), "AcroForm"), "SigFlags"), &flags));
    assert_int_equal(flags, 3);
    finish(&input, &out, &d);
}

static void test_compressed(void **state)
{
    (void)state;
    static const char *const objects[] = {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                                          "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>"};
    struct buf input, out;
    struct signed_document d;
    struct rfd_sign_options options = world_options();
    buf_init(&input, BYTES_MAXIMUM);
    support_make_compressed_pdf(&input, objects, 3, "/Root 1 0 R");
    (void)sign_and_open(&input, &options, "Signature1", NULL, &out, &d);
    assert_int_equal(pdf_revision(d.run.doc, 1)->xref, PDF_XREF_STREAM);
    finish(&input, &out, &d);
}

static void test_commitment_keeps_the_reason_out(void **state)
{
    (void)state;
    struct buf input, out;
    struct signed_document d;
    struct rfd_sign_options options = world_options();
    options.commitment = RFD_COMMITMENT_APPROVAL;
    options.reason = "Visto bueno";
    document_make(&input, "", "", NULL, 0);
    const struct signed_item *item = sign_and_open(&input, &options, "Signature1", NULL, &out, &d);
    assert_int_equal(item->cms.commitment, CMS_COMMITMENT_APPROVAL);
    assert_int_equal(item->signature.reason.length, 0);
    finish(&input, &out, &d);
}

/* --- What exists keeps its nature ------------------------------------------------------------------------------- */

static void test_nature_of_arrays(void **state)
{
    (void)state;
    static const char text_field[] = "<</Type/Annot/Subtype/Widget/FT/Tx/T(Name)/Rect[0 0 9 9]/P 3 0 R>>";
    static const struct {
        const char *catalog, *page;
        const char *more[3];
        size_t count;
        bool annotations, form, fields; /* are references */
    } cases[] = {
        {"/AcroForm<</Fields[4 0 R]/DA(/F 0 Tf)>>", "/Annots[4 0 R]", {text_field}, 1, false, false, false},
        {"/AcroForm 5 0 R",
         "/Annots 6 0 R",
         {text_field, "<</Fields[4 0 R]/DR<</A 1>>>>", "[4 0 R]"},
         3,
         true,
         true,
         false},
        {"/AcroForm<</Fields 5 0 R>>", "/Annots 6 0 R", {text_field, "[4 0 R]", "[4 0 R]"}, 3, true, false, true},
        {"/AcroForm 5 0 R",
         "/Annots 6 0 R",
         {text_field, "<</Fields 6 0 R/NeedAppearances true>>", "[4 0 R]"},
         3,
         true,
         true,
         true}, /* one array for both */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf input, out;
        struct signed_document d;
        struct rfd_sign_options options = world_options();
        document_make(&input, cases[i].catalog, cases[i].page, cases[i].more, cases[i].count);
        (void)sign_and_open(&input, &options, "Signature1", NULL, &out, &d);
        struct pdf_page page;
        assert_int_equal(pdf_page(&d.run.view, 0, &page, NULL), RFD_OK);
        const struct pdf_value *form = pdf_entry_of(pdf_catalog(&d.run.view), "AcroForm");
        assert_int_equal(pdf_entry_of(page.dictionary, "Annots")->kind == PDF_REFERENCE, cases[i].annotations);
        assert_int_equal(form->kind == PDF_REFERENCE, cases[i].form);
        form = pdf_resolve(&d.run.view, form);
        assert_int_equal(pdf_entry_of(form, "Fields")->kind == PDF_REFERENCE, cases[i].fields);
        assert_int_equal(pdf_entry_of(form, "NeedAppearances")->kind, PDF_NULL);
        assert_int_equal(pdf_get(&d.run.view, page.dictionary, "Annots")->count, 2);
        assert_int_equal(pdf_get(&d.run.view, form, "Fields")->count, 2);
        finish(&input, &out, &d);
    }
}

static void test_encrypted(void **state)
{
    (void)state;
    if (!support_has("qpdf")) skip();
    static const char *const more[] = {"<</Type/Annot/Subtype/Widget/FT/Tx/T(Nombre)/TU(Di tu nombre)/Rect[0 0 9 9]>>"};
    struct buf plain;
    document_make(&plain, "/AcroForm<</Fields[4 0 R]/DA(/Helv 0 Tf)>>/Lang(es-PE)", "/Annots[4 0 R]", more, 1);
    for (size_t variant = 0; variant < 2 * SUPPORT_ENCRYPTIONS; variant++) {
        struct support_document encrypted;
        struct signed_document d;
        struct buf out;
        struct rfd_sign_options options = world_options();
        options.document_password = SLICE("usuario");
        options.reason = "Conforme";
        support_encrypt(&encrypted, &plain, variant, "usuario", "titular");
        const struct signed_item *item = sign_and_open(&encrypted.bytes, &options, "Signature1", "usuario", &out, &d);
        assert_true(slice_is(item->signature.reason, "Conforme"));
        const struct pdf_value *catalog = pdf_catalog(&d.run.view);
        const struct pdf_value *form = pdf_get(&d.run.view, catalog, "AcroForm");
        assert_true(slice_is(pdf_get(&d.run.view, catalog, "Lang")->bytes, "es-PE"));
        assert_true(slice_is(pdf_get(&d.run.view, form, "DA")->bytes, "/Helv 0 Tf"));
        signed_close(&d);
        buf_dispose(&out);
        options.document_password = SLICE("otra");
        assert_int_equal(sign_bytes(&encrypted.bytes, &options, &out, NULL), RFD_E_PDF_PASSWORD);
        support_close(&encrypted);
    }
    buf_dispose(&plain);
}

/* --- Refused, with the reason ----------------------------------------------------------------------------------- */

static void test_refused(void **state)
{
    (void)state;
    struct buf input;
    struct rfd_sign_options options = world_options();
    document_make(&input, "/NeedsRendering true/AcroForm<</Fields[]/XFA[]>>", "", NULL, 0);
    refused(&input, &options, RFD_E_PDF_XFA);
    options.key = NULL;
    document_make(&input, "", "", NULL, 0);
    refused(&input, &options, RFD_E_ARGUMENT);
    options = world_options();
    options.level = RFD_LEVEL_B_T;
    document_make(&input, "", "", NULL, 0);
    refused(&input, &options, RFD_E_TSA_MISSING);
    options = world_options();
    options.reason = "\xff";
    document_make(&input, "", "", NULL, 0);
    refused(&input, &options, RFD_E_ARGUMENT);
    options = world_options();
    options.certify = 4;
    document_make(&input, "", "", NULL, 0);
    refused(&input, &options, RFD_E_ARGUMENT);
    options = world_options();
    options.size = 3;
    document_make(&input, "", "", NULL, 0);
    refused(&input, &options, RFD_E_ARGUMENT);
    options = world_options();
    options.require_trust = true;
    document_make(&input, "", "", NULL, 0);
    refused(&input, &options, RFD_E_CERTIFICATE_UNTRUSTED);
    buf_init(&input, BYTES_MAXIMUM);
    buf_put_text(&input, "not a PDF");
    options = world_options();
    refused(&input, &options, RFD_E_NOT_PDF);
}

static void test_outside_validity(void **state)
{
    (void)state;
    struct buf input;
    struct rfd_sign_options options = world_options();
    clock_fix(world.signer.certificate->not_after + RFD_SECOND);
    document_make(&input, "", "", NULL, 0);
    refused(&input, &options, RFD_E_CERTIFICATE_EXPIRED);
    clock_fix(world.signer.certificate->not_before - RFD_SECOND);
    document_make(&input, "", "", NULL, 0);
    refused(&input, &options, RFD_E_CERTIFICATE_NOT_YET_VALID);
    clock_fix(RFD_TIME_NONE);
}

static void test_damaged_and_signed(void **state)
{
    (void)state;
    struct buf input, out;
    struct rfd_sign_options options = world_options();
    document_make(&input, "", "", NULL, 0);
    sign_good(&input, &options, &out);
    uint8_t *last = memmem(out.data + out.length - 40, 40, "startxref", 9);
    assert_non_null(last);
    memcpy(last, "startxxxx", 9);
    uint8_t *first = memmem(out.data, out.length, "startxref", 9);
    memcpy(first, "startxxxx", 9);
    refused(&out, &options, RFD_E_PDF_SIGNED_DAMAGED);
    buf_dispose(&input);
}

/* --- Keys ------------------------------------------------------------------------------------------------------- */

static void test_keys(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        bool pss;
        enum digest_id digest;
        enum signature_scheme scheme;
    } cases[] = {{"RSA", false, DIGEST_SHA256, SCHEME_RSA_PKCS1},
                 {"RSA", true, DIGEST_SHA256, SCHEME_RSA_PSS},
                 {"P-384", false, DIGEST_SHA384, SCHEME_ECDSA},
                 {"P-521", false, DIGEST_SHA512, SCHEME_ECDSA},
                 {"ED25519", false, DIGEST_SHA512, SCHEME_ED25519}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct identity identity;
        struct buf input, out;
        struct signed_document d;
        struct rfd_sign_options options = world_options();
        options.key = world_key(cases[i].kind, &identity);
        options.pss = cases[i].pss;
        document_make(&input, "", "", NULL, 0);
        const struct signed_item *item = sign_and_open(&input, &options, "Signature1", NULL, &out, &d);
        assert_int_equal(item->cms.digest, cases[i].digest);
        assert_int_equal(item->cms.algorithm.scheme, cases[i].scheme);
        finish(&input, &out, &d);
        rfd_key_free(options.key);
        identity_free(&identity);
    }
}

/** A DER ECDSA signature varies in length; the reserve never falls short and no padding but zeros remains. */
static void test_reserve_always_enough(void **state)
{
    (void)state;
    struct buf input;
    struct rfd_sign_options options = world_options();
    document_make(&input, "", "", NULL, 0);
    for (int i = 0; i < MANY; i++) {
        struct buf out;
        struct signed_document d;
        (void)sign_and_open(&input, &options, "Signature1", NULL, &out, &d);
        signed_close(&d);
        buf_dispose(&out);
    }
    buf_dispose(&input);
}

/* --- Report and memory ------------------------------------------------------------------------------------------ */

static void test_report(void **state)
{
    (void)state;
    struct buf input;
    struct rfd_sign_report *report = NULL;
    rfd_bytes update = {0}, json = {0};
    struct rfd_sign_options options = world_options_at(RFD_LEVEL_B_B);
    document_make(&input, "/OpenAction<</S/JavaScript/JS(1)>>/AA<</WC<</S/Launch>>>>", "", NULL, 0);
    assert_int_equal(rfd_sign_memory(buf_slice(&input), &options, &update, &report, NULL), RFD_OK);
    unsigned warnings = 0, failures = 0;
    for (size_t i = 0; i < rfd_sign_report_check_count(report); i++) {
        const struct rfd_sign_check *check = rfd_sign_report_check(report, i);
        warnings += check->result == RFD_CHECK_WARNING;
        failures += check->result == RFD_CHECK_FAILED;
    }
    assert_int_equal(warnings, 2); /* JavaScript and launch */
    assert_int_equal(failures, 0);
    assert_string_equal(rfd_sign_report_field(report), "Signature1");
    assert_int_equal(rfd_sign_report_json(report, &json, NULL), RFD_OK);
    assert_non_null(memmem(json.data, json.length, "launch action", 13));
    rfd_bytes_free(&json);
    rfd_bytes_free(&update);
    rfd_sign_report_free(report);
    report = NULL;
    clock_fix(world.signer.certificate->not_after + RFD_SECOND);
    assert_int_equal(rfd_sign_memory(buf_slice(&input), &options, &update, &report, NULL), RFD_E_CERTIFICATE_EXPIRED);
    clock_fix(RFD_TIME_NONE);
    assert_non_null(report);
    assert_int_equal(rfd_sign_report_json(report, &json, NULL), RFD_OK);
    assert_non_null(memmem(json.data, json.length, "certificate-expired", 19));
    rfd_bytes_free(&json);
    rfd_sign_report_free(report);
    buf_dispose(&input);
}

/** Every allocation fails once: an error, no leak (under the sanitizer), no result. */
static void test_memory_failures(void **state)
{
    (void)state;
    struct buf input;
    struct rfd_sign_options options = world_options();
    rfd_status status = RFD_E_MEMORY;
    options.lock = RFD_LOCK_ALL;
    options.certify = 2;
    document_make(&input, "/AcroForm<</Fields[]>>/Perms<<>>", "/Annots[]", NULL, 0);
    for (unsigned long n = 1; status != RFD_OK && n < 5000; n++) {
        rfd_bytes update = {0};
        struct rfd_sign_report *report = NULL;
        (void)memory_fail_after(n);
        status = rfd_sign_memory(buf_slice(&input), &options, &update, &report, NULL);
        (void)memory_fail_after(0);
        if (status != RFD_OK) assert_null(update.data);
        rfd_bytes_free(&update);
        rfd_sign_report_free(report);
    }
    assert_int_equal(status, RFD_OK);
    buf_dispose(&input);
}

static void test_files(void **state)
{
    (void)state;
    struct buf input, out;
    struct signed_document d;
    struct rfd_sign_options options = world_options();
    struct rfd_error error = RFD_ERROR_INIT;
    document_make(&input, "", "", NULL, 0);
    const char *path = folder_write("document.pdf", buf_slice(&input));
    options.replace = false;
    assert_int_equal(rfd_sign_file(path, path, &options, NULL, &error), RFD_E_EXISTS);
    options.replace = true;
    assert_int_equal(rfd_sign_file(path, path, &options, NULL, &error), RFD_OK);
    assert_true(file_read(path, &out));
    assert_true(slice_starts(buf_slice(&out), buf_slice(&input)));
    signed_open(buf_slice(&out), NULL, &d);
    (void)signed_check(&d, "Signature1", true);
    finish(&input, &out, &d);
    (void)folder_write("broken.pdf", SLICE("%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
                                           "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
                                           "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n"
                                           "trailer\n<</Root 1 0 R>>\n"));
    path = folder_file("broken.pdf");
    assert_int_equal(rfd_sign_file(path, path, &options, NULL, &error), RFD_E_PDF_DAMAGED);
    options.repair = true;
    assert_int_equal(rfd_sign_file(path, path, &options, NULL, &error), RFD_OK);
    assert_true(file_read(path, &out));
    signed_open(buf_slice(&out), NULL, &d);
    (void)signed_check(&d, "Signature1", true);
    signed_close(&d);
    buf_dispose(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_compressed),
        cmocka_unit_test(test_commitment_keeps_the_reason_out),
        cmocka_unit_test(test_nature_of_arrays),
        cmocka_unit_test(test_encrypted),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_outside_validity),
        cmocka_unit_test(test_damaged_and_signed),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_reserve_always_enough),
        cmocka_unit_test(test_report),
        cmocka_unit_test(test_memory_failures),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
