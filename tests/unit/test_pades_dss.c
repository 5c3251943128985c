/* SPDX-License-Identifier: EUPL-1.2
 *
 * Levels above B-B: time stamps from openssl, validation data from a CRL at hand, the security store read back, and
 * signatures extended afterwards.
 */
#include "sign_support.h"

#include "base/error.h"
#include "base/memory.h"
#include "pades/dss.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

/** What the store of the latest revision holds. */
struct held {
    struct certificate_list certificates;
    struct revocation_store store;
};

static void held_read(struct signed_document *d, struct held *h)
{
    size_t skipped = 0;
    *h = (struct held){0};
    assert_int_equal(dss_read(&d->run.view, &h->certificates, &h->store, &skipped, NULL), RFD_OK);
    assert_int_equal(skipped, 0);
}

static void held_dispose(struct held *h)
{
    certificate_list_dispose(&h->certificates);
    revocation_store_dispose(&h->store);
}

static bool holds(const struct held *h, const struct identity *i)
{
    for (size_t k = 0; k < h->certificates.count; k++) {
        if (certificate_equal(h->certificates.items[k], i->certificate)) return true;
    }
    return false;
}

/** The VRI entry of a signature, found by the SHA-1 of its /Contents with padding. */
static const struct pdf_value *vri_of(struct signed_document *d, const struct signed_item *item)
{
    uint8_t sha1[20];
    struct buf key;
    buf_init(&key, 64);
    assert_int_equal(digest_of(DIGEST_SHA1, item->signature.contents, sha1, NULL), RFD_OK);
    buf_put_hex(&key, slice_of(sha1, sizeof sha1), true);
    buf_put_byte(&key, 0);
    const struct pdf_value *dss = pdf_get(&d->run.view, pdf_catalog(&d->run.view), "DSS");
    const struct pdf_value *entry = pdf_get(&d->run.view, pdf_get(&d->run.view, dss, "VRI"), (const char *)key.data);
    buf_dispose(&key);
    return entry;
}

static void test_b_t(void **state)
{
    (void)state;
    struct buf input, out;
    struct signed_document d;
    struct rfd_sign_options options = world_options_at(RFD_LEVEL_B_T);
    document_make(&input, "", "", NULL, 0);
    sign_good(&input, &options, &out);
    signed_open(buf_slice(&out), NULL, &d);
    assert_int_equal(signed_check(&d, "Signature1", true)->cms.signature_timestamp_count, 1);
    signed_close(&d);
    buf_dispose(&out);
    buf_dispose(&input);
}

/** A token longer than the space reserved: signed again with more, never cut. */
static void test_reserve_grows(void **state)
{
    (void)state;
    struct buf input, out;
    struct signed_document d;
    struct rfd_sign_options options = world_options_at(RFD_LEVEL_B_LTA);
    document_make(&input, "", "", NULL, 0);
    unsigned before = world.timestamps;
    world.long_tokens = true;
    sign_good(&input, &options, &out);
    world.long_tokens = false;
    assert_int_equal(world.timestamps - before, 3);
    signed_open(buf_slice(&out), NULL, &d);
    const struct signed_item *item = signed_check(&d, "Signature1", false);
    assert_true(cms_signature_timestamp(&item->cms, 0).length > 8192);
    (void)signed_check(&d, "Timestamp1", true);
    signed_close(&d);
    buf_dispose(&out);
    buf_dispose(&input);
}

static void test_b_lta(void **state)
{
    (void)state;
    struct buf input, out;
    struct signed_document d;
    struct held h;
    struct rfd_sign_options options = world_options_at(RFD_LEVEL_B_LTA);
    document_make(&input, "", "", NULL, 0);
    sign_good(&input, &options, &out);
    signed_open(buf_slice(&out), NULL, &d);
    assert_int_equal(d.all.count, 2);
    assert_int_equal(pdf_revision_count(d.run.doc), 4);
    const struct signed_item *item = signed_check(&d, "Signature1", false);
    const struct signed_item *archive = signed_check(&d, "Timestamp1", true);
    assert_true(archive->signature.document_timestamp);
    assert_true(slice_is(archive->signature.sub_filter, "ETSI.RFC3161"));
    held_read(&d, &h);
    assert_true(holds(&h, &world.authority) && holds(&h, &world.signer) && holds(&h, &world.tsa));
    assert_int_equal(h.certificates.count, 3);
    assert_int_equal(h.store.count, 1);
    const struct pdf_value *vri = vri_of(&d, item);
    assert_int_equal(pdf_get(&d.run.view, vri, "Cert")->count, 3);
    assert_int_equal(pdf_get(&d.run.view, vri, "CRL")->count, 1);
    const struct pdf_value *extensions = pdf_get(&d.run.view, pdf_catalog(&d.run.view), "Extensions");
    assert_true(pdf_is_name(pdf_get(&d.run.view, pdf_get(&d.run.view, extensions, "ESIC"), "BaseVersion"), "1.7"));
    assert_true(pdf_version(d.run.doc) >= 17);
    held_dispose(&h);
    signed_close(&d);
    buf_dispose(&out);
    buf_dispose(&input);
}

static void test_what_cannot_be_had(void **state)
{
    (void)state;
    struct buf input, out;
    struct rfd_error error = RFD_ERROR_INIT;
    struct rfd_sign_options options = world_options_at(RFD_LEVEL_B_LT);
    document_make(&input, "", "", NULL, 0);
    options.trust = world.without_crl;
    assert_int_equal(sign_bytes(&input, &options, &out, &error), RFD_E_REVOCATION_MISSING);
    assert_non_null(strstr(error.detail, "INVENTADA"));
    buf_dispose(&out);
    options = world_options_at(RFD_LEVEL_B_T);
    world.tsa_down = true;
    assert_int_equal(sign_bytes(&input, &options, &out, &error), RFD_E_NETWORK);
    world.tsa_down = false;
    buf_dispose(&out);
    buf_dispose(&input);
}

/* --- Extending --------------------------------------------------------------------------------------------------- */

static rfd_status extend(const struct buf *input, enum rfd_level level, struct buf *out)
{
    struct rfd_sign_options options = world_options_at(level);
    struct rfd_error error = RFD_ERROR_INIT;
    char in[256], to[256];
    options.key = NULL;
    (void)snprintf(in, sizeof in, "%s", folder_write("in.pdf", buf_slice(input)));
    (void)snprintf(to, sizeof to, "%s", folder_file("out.pdf"));
    rfd_status status = rfd_extend_file(in, to, &options, NULL, &error);
    if (status == RFD_OK) assert_true(file_read(to, out));
    if (status == RFD_OK) assert_true(slice_starts(buf_slice(out), buf_slice(input)));
    return status;
}

static size_t stamps_in(const struct buf *bytes, size_t *signatures, size_t *certificates)
{
    struct signed_document d;
    struct held h;
    size_t stamps = 0;
    signed_open(buf_slice(bytes), NULL, &d);
    for (size_t i = 0; i < d.all.count; i++) stamps += d.all.items[i].signature.document_timestamp;
    *signatures = d.all.count - stamps;
    held_read(&d, &h);
    *certificates = h.certificates.count;
    for (size_t i = 0; i < d.all.count; i++) {
        char name[64];
        slice field = d.all.items[i].field;
        bool last = i + 1 == d.all.count;
        (void)snprintf(name, sizeof name, "%.*s", (int)field.length, (const char *)field.data);
        bool whole = last && (size_t)(d.all.items[i].signature.byte_range[2] +
                                      d.all.items[i].signature.byte_range[3]) == bytes->length;
        (void)signed_check(&d, name, whole);
    }
    held_dispose(&h);
    signed_close(&d);
    return stamps;
}

static void test_extend_in_steps(void **state)
{
    (void)state;
    struct buf input, once, twice, t, lt, lta, renewed, again;
    size_t signatures = 0, certificates = 0;
    struct rfd_sign_options options = world_options();
    document_make(&input, "", "", NULL, 0);
    assert_int_equal(extend(&input, RFD_LEVEL_B_T, &t), RFD_E_NOT_SIGNED);
    sign_good(&input, &options, &once);
    sign_good(&once, &options, &twice);
    assert_int_equal(extend(&twice, RFD_LEVEL_B_B, &t), RFD_E_ARGUMENT);
    assert_int_equal(extend(&twice, RFD_LEVEL_B_T, &t), RFD_OK);
    assert_int_equal(stamps_in(&t, &signatures, &certificates), 1);
    assert_int_equal(signatures, 2);
    assert_int_equal(certificates, 0);
    assert_int_equal(extend(&t, RFD_LEVEL_B_T, &again), RFD_OK); /* nothing is left to do */
    assert_int_equal(again.length, t.length);
    buf_dispose(&again);
    assert_int_equal(extend(&t, RFD_LEVEL_B_LT, &lt), RFD_OK);
    assert_int_equal(stamps_in(&lt, &signatures, &certificates), 1);
    assert_int_equal(certificates, 3);
    assert_int_equal(extend(&lt, RFD_LEVEL_B_LT, &again), RFD_OK);
    assert_int_equal(again.length, lt.length);
    buf_dispose(&again);
    assert_int_equal(extend(&lt, RFD_LEVEL_B_LTA, &lta), RFD_OK);
    assert_int_equal(stamps_in(&lta, &signatures, &certificates), 2);
    assert_int_equal(extend(&lta, RFD_LEVEL_B_LTA, &renewed), RFD_OK);
    assert_int_equal(stamps_in(&renewed, &signatures, &certificates), 3);
    assert_int_equal(certificates, 3);
    struct buf *all[] = {&input, &once, &twice, &t, &lt, &lta, &renewed};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) buf_dispose(all[i]);
}

/** A document time stamp that does not hold proves nothing: another one is needed. */
static void test_false_proof_of_time(void **state)
{
    (void)state;
    struct buf input, once, t, again;
    struct signed_document d;
    struct rfd_sign_options options = world_options();
    document_make(&input, "", "", NULL, 0);
    sign_good(&input, &options, &once);
    assert_int_equal(extend(&once, RFD_LEVEL_B_T, &t), RFD_OK);
    uint8_t *box = memmem(t.data, once.length, "300 200", 7); /* what both cover */
    assert_non_null(box);
    box[0] = '4';
    assert_int_equal(extend(&t, RFD_LEVEL_B_T, &again), RFD_OK);
    assert_true(again.length > t.length);
    signed_open(buf_slice(&again), NULL, &d);
    assert_int_equal(d.all.count, 3);
    assert_int_equal(d.all.items[1].own_time, RFD_TIME_NONE);
    assert_int_equal(d.all.items[1].proven, d.all.items[2].own_time);
    assert_int_not_equal(d.all.items[2].own_time, RFD_TIME_NONE);
    signed_close(&d);
    struct buf *all[] = {&input, &once, &t, &again};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) buf_dispose(all[i]);
}

/* --- The store itself -------------------------------------------------------------------------------------------- */

static void write_store(struct support_document *from, const struct dss_entry *entry, bool expected,
                        struct support_document *to)
{
    struct pdf_update *update = NULL;
    struct pdf_view view = pdf_latest(from->doc);
    bool changed = !expected;
    assert_int_equal(pdf_update_begin(from->doc, &update, NULL), RFD_OK);
    assert_int_equal(dss_write(update, &view, entry, 1, &changed, NULL), RFD_OK);
    assert_int_equal(changed, expected);
    if (changed)
        support_apply(from, update, "", to);
    else
        pdf_update_free(update);
}

/** Stores of every nature grow in place, hold nothing twice and lose nothing. */
static void test_store_keeps_its_nature(void **state)
{
    (void)state;
    static const struct {
        const char *catalog;
        const char *more[3];
        size_t count;
    } cases[] = {
        {"", {NULL}, 0},
        {"/DSS 4 0 R", {"<</Certs[]/Kept(x)>>"}, 1},
        {"/DSS<</Certs 4 0 R/VRI 5 0 R>>", {"[]", "<</OLD<</Cert[]>>>>"}, 2},
        {"/DSS 4 0 R/Extensions 6 0 R", {"<</Certs 5 0 R/VRI<</OLD<<>>>>>>", "[]", "<</ADBE<</BaseVersion/1.7>>>>"}, 3},
        {"/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 5>>>>/DSS<<>>", {NULL}, 0},
    };
    struct certificate_list two = {0};
    assert_int_equal(certificate_list_add(&two, world.authority.certificate, NULL), RFD_OK);
    assert_int_equal(certificate_list_add(&two, world.signer.certificate, NULL), RFD_OK);
    struct revocation_store store = {0};
    struct dss_entry entry = {.contents = SLICE("contents"), .certificates = &two, .store = &store};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct support_document d, once, other;
        struct certificate_list found = {0};
        support_init(&d);
        document_make(&d.bytes, cases[i].catalog, "", cases[i].more, cases[i].count);
        assert_int_equal(support_open(&d, "", true), RFD_OK);
        write_store(&d, &entry, true, &once);
        write_store(&once, &entry, false, &other);
        struct pdf_view view = pdf_latest(once.doc);
        const struct pdf_value *before = pdf_entry_of(pdf_catalog(&(struct pdf_view){.doc = d.doc}), "DSS");
        const struct pdf_value *after = pdf_entry_of(pdf_catalog(&view), "DSS");
        if (before->kind != PDF_NULL) assert_int_equal(after->kind, before->kind);
        assert_int_equal(dss_read(&view, &found, &store, NULL, NULL), RFD_OK);
        assert_int_equal(found.count, 2);
        const struct pdf_value *esic = pdf_get(&view, pdf_get(&view, pdf_catalog(&view), "Extensions"), "ESIC");
        int64_t level = 0;
        assert_true(pdf_integer(pdf_get(&view, esic, "ExtensionLevel"), &level));
        assert_int_equal(level, i == 4 ? 5 : 1);
        if (i == 1) assert_true(slice_is(pdf_get(&view, after, "Kept")->bytes, "x"));
        if (i == 2 || i == 3)
            assert_int_equal(pdf_get(&view, pdf_get(&view, after, "VRI"), "OLD")->kind, PDF_DICTIONARY);
        /* another signature with the same certificates adds only its entry */
        entry.contents = SLICE("other contents");
        write_store(&once, &entry, true, &other);
        view = pdf_latest(other.doc);
        assert_int_equal(pdf_get(&view, pdf_get(&view, pdf_catalog(&view), "DSS"), "Certs")->count, 2);
        entry.contents = SLICE("contents");
        certificate_list_dispose(&found);
        support_close(&other);
        support_close(&once);
        support_close(&d);
    }
    certificate_list_dispose(&two);
    revocation_store_dispose(&store);
}

static void test_memory_failures(void **state)
{
    (void)state;
    struct certificate_list two = {0};
    struct revocation_store store = {0};
    struct support_document d;
    struct dss_entry entry = {.contents = SLICE("contents"), .certificates = &two, .store = &store};
    assert_int_equal(certificate_list_add(&two, world.authority.certificate, NULL), RFD_OK);
    support_init(&d);
    document_make(&d.bytes, "/DSS<</Certs[]>>", "", NULL, 0);
    assert_int_equal(support_open(&d, "", true), RFD_OK);
    rfd_status status = RFD_E_MEMORY;
    for (unsigned long n = 1; status != RFD_OK && n < 1000; n++) {
        struct pdf_update *update = NULL;
        struct pdf_view view = pdf_latest(d.doc);
        bool changed = false;
        slice tail;
        (void)memory_fail_after(n);
        status = pdf_update_begin(d.doc, &update, NULL);
        if (status == RFD_OK) status = dss_write(update, &view, &entry, 1, &changed, NULL);
        if (status == RFD_OK) status = pdf_update_finish(update, &tail, NULL);
        (void)memory_fail_after(0);
        pdf_update_free(update);
    }
    assert_int_equal(status, RFD_OK);
    support_close(&d);
    certificate_list_dispose(&two);
}

static void test_memory_failures_when_extending(void **state)
{
    (void)state;
    struct buf input, t, out;
    struct rfd_sign_options options = world_options_at(RFD_LEVEL_B_T);
    char in[256], to[256];
    rfd_status status = RFD_E_MEMORY;
    document_make(&input, "", "", NULL, 0);
    sign_good(&input, &options, &t);
    options = world_options_at(RFD_LEVEL_B_LT);
    options.key = NULL;
    (void)snprintf(in, sizeof in, "%s", folder_write("in.pdf", buf_slice(&t)));
    (void)snprintf(to, sizeof to, "%s", folder_file("failing.pdf"));
    for (unsigned long n = 1; status != RFD_OK && n < 20000; n++) {
        (void)memory_fail_after(n);
        status = rfd_extend_file(in, to, &options, NULL, NULL);
        (void)memory_fail_after(0);
        if (status != RFD_OK) assert_int_not_equal(access(to, F_OK), 0);
    }
    assert_int_equal(status, RFD_OK);
    assert_true(file_read(to, &out));
    assert_true(out.length > t.length);
    buf_dispose(&out);
    buf_dispose(&t);
    buf_dispose(&input);
}

struct taken {
    size_t count[3];
};

static rfd_status take(void *context, enum dss_kind kind, slice der, struct rfd_error *error)
{
    struct taken *t = context;
    assert_true(der.length > 0);
    if (kind == DSS_CRL) return error_set(error, RFD_E_CRL, "unreadable");
    t->count[kind]++;
    return RFD_OK;
}

/** Each stream is taken once, wherever it is listed; what only a VRI dictionary lists is found there. */
static void test_walk(void **state)
{
    (void)state;
    static const char *const more[] = {
        "<</Length 1>>\nstream\nA\nendstream",
        "<</Length 1>>\nstream\nB\nendstream",
        "<</Certs[4 0 R 4 0 R null]/CRLs[5 0 R]/VRI<</K<</Cert[4 0 R]/OCSP[7 0 R]>>/L 3>>>>",
        "<</Length 1>>\nstream\nC\nendstream",
    };
    struct support_document d;
    struct taken t = {0};
    struct dss_walk w;
    bool found = false;
    support_init(&d);
    document_make(&d.bytes, "/DSS 6 0 R", "", more, 4);
    assert_int_equal(support_open(&d, "", true), RFD_OK);
    struct pdf_view view = pdf_latest(d.doc);
    dss_walk_start(&w, take, &t);
    assert_int_equal(dss_walk_revision(&w, &view, false, NULL), RFD_OK);
    assert_true(t.count[DSS_CERTIFICATE] == 1 && t.count[DSS_OCSP] == 0 && w.skipped == 2);
    assert_int_equal(dss_walk_vri(&w, &view, SLICE("missing"), &found, NULL), RFD_OK);
    assert_false(found);
    assert_int_equal(dss_walk_vri(&w, &view, SLICE("K"), &found, NULL), RFD_OK);
    assert_true(found && t.count[DSS_CERTIFICATE] == 1 && t.count[DSS_OCSP] == 1);
    dss_walk_dispose(&w);
    dss_walk_start(&w, take, &t);
    assert_int_equal(dss_walk_revision(&w, &view, true, NULL), RFD_OK);
    assert_true(t.count[DSS_CERTIFICATE] == 2 && t.count[DSS_OCSP] == 2);
    dss_walk_dispose(&w);
    support_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_b_t),
        cmocka_unit_test(test_reserve_grows),
        cmocka_unit_test(test_b_lta),
        cmocka_unit_test(test_what_cannot_be_had),
        cmocka_unit_test(test_extend_in_steps),
        cmocka_unit_test(test_false_proof_of_time),
        cmocka_unit_test(test_store_keeps_its_nature),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_memory_failures),
        cmocka_unit_test(test_memory_failures_when_extending),
    };
    return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
