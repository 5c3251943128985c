/* SPDX-License-Identifier: EUPL-1.2
 *
 * Where a signature goes and what its field demands: names, locks, certification, seed values.
 */
#include "sign_support.h"

#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

static const char *const prepared[] = {
    "<</Type/Annot/Subtype/Widget/FT/Sig/T(Firma)/Rect[0 0 9 9]/P 3 0 R/Lock 7 0 R>>",
    "<</FT/Tx/T(Signature1)>>",
    "<</FT/Sig/T(Grupo)/Kids[8 0 R]>>",
    "<</Type/SigFieldLock/Action/Include/Fields[(Signature1)]/P 2>>",
    "<</T(Una)/Parent 6 0 R/Type/Annot/Subtype/Widget/Rect[0 0 0 0]>>",
};
static void make_prepared(struct buf *out)
{
    document_make(out, "/AcroForm<</Fields[4 0 R 5 0 R 6 0 R]>>", "/Annots[4 0 R 8 0 R]", prepared, 5);
}

static void test_fields(void **state)
{
    (void)state;
    struct buf input, once, twice;
    struct signed_document d;
    struct rfd_sign_options options = world_options();
    make_prepared(&input);
    options.field = "Signature1";
    refused(&input, &options, RFD_E_FIELD_TYPE);
    make_prepared(&input);
    options.field = "Grupo";
    refused(&input, &options, RFD_E_FIELD_TYPE);
    make_prepared(&input);
    options.field = "Grupo.Dos";
    refused(&input, &options, RFD_E_FIELD_MISSING);
    make_prepared(&input);
    options.field = "";
    refused(&input, &options, RFD_E_ARGUMENT);
    make_prepared(&input);
    options.field = "Grupo.Una";
    (void)sign_and_open(&input, &options, "Grupo.Una", NULL, &once, &d);
    assert_int_equal(d.run.place.field_count, 3);
    signed_close(&d);
    assert_int_equal(sign_bytes(&once, &options, &twice, NULL), RFD_E_FIELD_SIGNED);
    buf_dispose(&twice);
    options.field = NULL; /* Signature1 is taken by the text field */
    (void)sign_and_open(&once, &options, "Signature2", NULL, &twice, &d);
    (void)signed_check(&d, "Grupo.Una", false);
    signed_close(&d);
    buf_dispose(&twice);
    buf_dispose(&once);
    buf_dispose(&input);
}

static void test_lock_of_the_field(void **state)
{
    (void)state;
    struct buf input, out;
    struct signed_document d;
    struct rfd_sign_options options = world_options();
    static const char *const names[] = {"Grupo.Una", NULL};
    make_prepared(&input);
    options.field = "Firma";
    options.lock = RFD_LOCK_INCLUDE;
    options.lock_fields = names;
    const struct signed_item *item = sign_and_open(&input, &options, "Firma", NULL, &out, &d);
    const struct pdf_field_lock *lock = &item->signature.fieldmdp;
    assert_int_equal(lock->action, PDF_LOCK_INCLUDE);
    assert_int_equal(lock->permission, 2);
    assert_int_equal(lock->count, 2);
    assert_true(pdf_lock_covers(lock, SLICE("Signature1")) && pdf_lock_covers(lock, SLICE("Grupo.Una")));
    assert_int_equal(pdf_entry_of(d.run.place.fields[0].dictionary, "Lock")->kind, PDF_REFERENCE);
    signed_close(&d);
    buf_dispose(&input);
    options = world_options();
    options.field = "Grupo.Una";
    refused(&out, &options, RFD_E_PDF_LOCKED);
}

static void test_lock_all(void **state)
{
    (void)state;
    struct buf input, out;
    struct signed_document d;
    struct rfd_sign_options options = world_options();
    options.lock = RFD_LOCK_ALL;
    document_make(&input, "", "", NULL, 0);
    const struct signed_item *item = sign_and_open(&input, &options, "Signature1", NULL, &out, &d);
    assert_int_equal(item->signature.fieldmdp.action, PDF_LOCK_ALL);
    signed_close(&d);
    buf_dispose(&input);
    options.lock = RFD_LOCK_NONE;
    refused(&out, &options, RFD_E_PDF_LOCKED);
    options.lock = RFD_LOCK_INCLUDE; /* without names */
    document_make(&input, "", "", NULL, 0);
    refused(&input, &options, RFD_E_ARGUMENT);
}

static void test_certification(void **state)
{
    (void)state;
    static const char *const more[] = {"<</UR3 null>>"};
    static const char *const catalogs[] = {"", "/Perms<</UR3 null>>", "/Perms 4 0 R"};
    for (int i = 0; i < 3; i++) {
        struct buf input, out, twice;
        struct signed_document d;
        struct pdf_reference signature;
        struct rfd_sign_options options = world_options();
        options.certify = i + 1;
        document_make(&input, catalogs[i], "", more, 1);
        const struct signed_item *item = sign_and_open(&input, &options, "Signature1", NULL, &out, &d);
        assert_int_equal(item->signature.docmdp, i + 1);
        assert_int_equal(pdf_certification(&d.run.view, &signature), i + 1);
        assert_int_equal(signature.number, item->signature.reference.number);
        signed_close(&d);
        assert_int_equal(sign_bytes(&out, &options, &twice, NULL), i == 0 ? RFD_E_PDF_CERTIFIED : RFD_E_CERTIFY_LATE);
        buf_dispose(&twice);
        options.certify = 0;
        assert_int_equal(sign_bytes(&out, &options, &twice, NULL), i == 0 ? RFD_E_PDF_CERTIFIED : RFD_OK);
        buf_dispose(&twice);
        buf_dispose(&out);
        buf_dispose(&input);
    }
}

static void test_seed_values(void **state)
{
    (void)state;
    static const struct {
        const char *seed;
        const char *reason;
        rfd_status expected;
        enum digest_id digest;
    } cases[] = {
        {"<</Ff 2/SubFilter[/adbe.pkcs7.detached]>>", NULL, RFD_E_SEED_VALUE, DIGEST_NONE},
        {"<</SubFilter[/adbe.pkcs7.detached]>>", NULL, RFD_OK, DIGEST_SHA256},
        {"<</Ff 2/SubFilter[/adbe.pkcs7.detached/ETSI.CAdES.detached]>>", NULL, RFD_OK, DIGEST_SHA256},
        {"<</Ff 1/Filter/Adobe.PPKMS>>", NULL, RFD_E_SEED_VALUE, DIGEST_NONE},
        {"<</Ff 64/DigestMethod[(SHA512)]>>", NULL, RFD_OK, DIGEST_SHA512},
        {"<</Ff 64/DigestMethod[(SHA1)]>>", NULL, RFD_E_SEED_VALUE, DIGEST_NONE},
        {"<</Ff 8/Reasons[(Conforme)(Leído)]>>", NULL, RFD_E_SEED_VALUE, DIGEST_NONE},
        {"<</Ff 8/Reasons[(Conforme)(Otra)]>>", "Conforme", RFD_OK, DIGEST_SHA256},
        {"<</Ff 8/Reasons[(.)]>>", "Conforme", RFD_E_SEED_VALUE, DIGEST_NONE},
        {"<</Ff 32/AddRevInfo true>>", NULL, RFD_E_SEED_VALUE, DIGEST_NONE},
        {"<</TimeStamp<</URL(http://tsa.example/)/Ff 1>>>>", NULL, RFD_E_SEED_VALUE, DIGEST_NONE},
        {"<</Ff 4/V 9>>", NULL, RFD_E_SEED_VALUE, DIGEST_NONE},
        {"<</Cert<</Ff 32/KeyUsage[(1XXXXXXXX)]>>>>", NULL, RFD_OK, DIGEST_SHA256},
        {"<</Cert<</Ff 32/KeyUsage[(X1XXXXXXX)]>>>>", NULL, RFD_E_SEED_VALUE, DIGEST_NONE},
        {"<</Cert<</Ff 8/SubjectDN[<</C(PE)>>]>>>>", NULL, RFD_OK, DIGEST_SHA256},
        {"<</Cert<</Ff 8/SubjectDN[<</C(ES)>>]>>>>", NULL, RFD_E_SEED_VALUE, DIGEST_NONE},
        {"<</Cert<</Ff 1/Subject[(no)]>>>>", NULL, RFD_E_SEED_VALUE, DIGEST_NONE},
        {"<</Cert<</Ff 2/Issuer[(no)]>>>>", NULL, RFD_E_SEED_VALUE, DIGEST_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *more[] = {"<</Type/Annot/Subtype/Widget/FT/Sig/T(F)/Rect[0 0 0 0]/SV 5 0 R>>", cases[i].seed};
        struct buf input, out;
        struct signed_document d;
        struct rfd_sign_options options = world_options();
        options.field = "F";
        options.reason = cases[i].reason;
        document_make(&input, "/AcroForm<</Fields[4 0 R]>>", "/Annots[4 0 R]", more, 2);
        if (cases[i].expected != RFD_OK) {
            refused(&input, &options, cases[i].expected);
            continue;
        }
        assert_int_equal(sign_and_open(&input, &options, "F", NULL, &out, &d)->cms.digest, cases[i].digest);
        finish(&input, &out, &d);
    }
}

static void test_seed_certification(void **state)
{
    (void)state;
    static const char *const more[] = {"<</Type/Annot/Subtype/Widget/FT/Sig/T(F)/Rect[0 0 0 0]/SV<</MDP<</P 2>>>>>>"};
    struct buf input, out;
    struct signed_document d;
    struct rfd_sign_options options = world_options();
    options.field = "F";
    document_make(&input, "/AcroForm<</Fields[4 0 R]>>", "/Annots[4 0 R]", more, 1);
    assert_int_equal(sign_and_open(&input, &options, "F", NULL, &out, &d)->signature.docmdp, 2);
    finish(&input, &out, &d);
    options.certify = 1;
    document_make(&input, "/AcroForm<</Fields[4 0 R]>>", "/Annots[4 0 R]", more, 1);
    refused(&input, &options, RFD_E_SEED_VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),      cmocka_unit_test(test_lock_of_the_field),
        cmocka_unit_test(test_lock_all),    cmocka_unit_test(test_certification),
        cmocka_unit_test(test_seed_values), cmocka_unit_test(test_seed_certification),
    };
    return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
