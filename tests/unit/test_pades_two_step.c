/* SPDX-License-Identifier: EUPL-1.2
 *
 * Prepare, sign elsewhere, embed: with every kind of key and level, and with everything tampered in between.
 */
#include "sign_support.h"

#include "base/error.h"
#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATH_SIZE = 256, BYTES_MAXIMUM = 1 << 20 };

struct work {
    char input[PATH_SIZE], prepared[PATH_SIZE], output[PATH_SIZE];
    rfd_bytes session, message, digest;
    struct buf signature;
};

static void work_begin(struct work *w)
{
    struct buf input;
    *w = (struct work){0};
    document_make(&input, "", "", NULL, 0);
    (void)snprintf(w->input, PATH_SIZE, "%s", folder_write("input.pdf", buf_slice(&input)));
    (void)snprintf(w->prepared, PATH_SIZE, "%s", folder_file("prepared.pdf"));
    (void)snprintf(w->output, PATH_SIZE, "%s", folder_file("output.pdf"));
    (void)unlink(w->output);
    buf_init(&w->signature, BYTES_MAXIMUM);
    buf_dispose(&input);
}

static void work_end(struct work *w)
{
    rfd_bytes_free(&w->session);
    rfd_bytes_free(&w->message);
    rfd_bytes_free(&w->digest);
    buf_dispose(&w->signature);
}

/** As somebody with nothing but the certificate does it. */
static void prepare(struct work *w, const struct identity *signer, struct rfd_sign_options *options)
{
    struct rfd_error error = RFD_ERROR_INIT;
    options->key = NULL;
    rfd_status status = rfd_prepare_file(w->input, w->prepared, signer->certificate->der, options, &w->session, &error);
    if (status != RFD_OK) print_error("%s: %s\n", rfd_status_name(status), error.detail);
    assert_int_equal(status, RFD_OK);
    assert_int_equal(rfd_session_to_sign(slice_bytes(w->session), &w->message, &w->digest, NULL), RFD_OK);
}

static void sign(struct work *w, const struct identity *signer, bool pss)
{
    struct signature_algorithm algorithm;
    assert_int_equal(signature_algorithm_choose(signer->certificate, DIGEST_NONE, pss, &algorithm, NULL), RFD_OK);
    if (algorithm.scheme == SCHEME_ED25519) {
        assert_int_equal(w->digest.length, 0);
    } else {
        uint8_t digest[DIGEST_SIZE_MAXIMUM];
        assert_int_equal(digest_of(algorithm.digest, slice_bytes(w->message), digest, NULL), RFD_OK);
        assert_true(slice_equal(slice_of(digest, digest_size(algorithm.digest)), slice_bytes(w->digest)));
    }
    identity_sign(signer, &algorithm, slice_bytes(w->message), &w->signature);
}

static rfd_status embed(struct work *w, const struct rfd_sign_options *options, struct rfd_error *error)
{
    return rfd_embed_file(w->prepared, w->output, slice_bytes(w->session), buf_slice(&w->signature), options, NULL,
                          error);
}

static void check_output(struct work *w, bool whole)
{
    struct buf out;
    struct signed_document d;
    assert_true(file_read(w->output, &out));
    signed_open(buf_slice(&out), NULL, &d);
    (void)signed_check(&d, "Signature1", whole);
    signed_close(&d);
    buf_dispose(&out);
}

static void test_keys(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        bool pss;
    } cases[] = {{"P-256", false}, {"RSA", false}, {"RSA", true}, {"P-521", false}, {"ED25519", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct work w;
        struct rfd_error error = RFD_ERROR_INIT;
        struct rfd_sign_options options = world_options();
        struct identity signer = identity_new(cases[i].kind, "Lejana Inventada", &world.authority, NULL);
        options.pss = cases[i].pss;
        work_begin(&w);
        prepare(&w, &signer, &options);
        sign(&w, &signer, cases[i].pss);
        rfd_status status = embed(&w, &options, &error);
        if (status != RFD_OK) print_error("%s: %s\n", rfd_status_name(status), error.detail);
        assert_int_equal(status, RFD_OK);
        check_output(&w, true);
        work_end(&w);
        identity_free(&signer);
    }
}

static void test_levels(void **state)
{
    (void)state;
    for (int level = RFD_LEVEL_B_T; level <= RFD_LEVEL_B_LTA; level++) {
        struct work w;
        struct rfd_error error = RFD_ERROR_INIT;
        struct rfd_sign_options options = world_options_at((enum rfd_level)level);
        work_begin(&w);
        prepare(&w, &world.signer, &options);
        sign(&w, &world.signer, false);
        rfd_status status = embed(&w, &options, &error);
        if (status != RFD_OK) print_error("%s: %s\n", rfd_status_name(status), error.detail);
        assert_int_equal(status, RFD_OK);
        check_output(&w, level == RFD_LEVEL_B_T);
        work_end(&w);
    }
}

/** Nothing may be written for a signature that is not right. */
static void refused(struct work *w, rfd_status expected)
{
    struct rfd_sign_options options = world_options();
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_status status = embed(w, &options, &error);
    if (status != expected) print_error("%s: %s\n", rfd_status_name(status), error.detail);
    assert_int_equal(status, expected);
    assert_int_not_equal(access(w->output, F_OK), 0);
}

static void test_wrong_signature(void **state)
{
    (void)state;
    struct work w;
    struct rfd_sign_options options = world_options();
    work_begin(&w);
    prepare(&w, &world.signer, &options);
    sign(&w, &world.signer, false);
    w.signature.data[w.signature.length - 1] ^= 1;
    refused(&w, RFD_E_SIGNING);
    buf_reset(&w.signature);
    sign(&w, &world.tsa, false); /* another's */
    refused(&w, RFD_E_SIGNING);
    buf_reset(&w.signature);
    refused(&w, RFD_E_SIGNING);
    work_end(&w);
}

static void test_tampered_file(void **state)
{
    (void)state;
    struct work w;
    struct buf bytes;
    struct rfd_sign_options options = world_options();
    work_begin(&w);
    prepare(&w, &world.signer, &options);
    sign(&w, &world.signer, false);
    assert_true(file_read(w.prepared, &bytes));
    uint8_t *box = memmem(bytes.data, bytes.length, "300 200", 7);
    assert_non_null(box);
    box[0] = '4';
    (void)folder_write("prepared.pdf", buf_slice(&bytes));
    refused(&w, RFD_E_INPUT_CHANGED);
    box[0] = '3';
    buf_put_byte(&bytes, '\n');
    (void)folder_write("prepared.pdf", buf_slice(&bytes));
    refused(&w, RFD_E_INPUT_CHANGED);
    bytes.length--;
    uint8_t *hole = memmem(bytes.data, bytes.length, "/Contents<", 10);
    hole[12] = '1'; /* not empty any more */
    (void)folder_write("prepared.pdf", buf_slice(&bytes));
    refused(&w, RFD_E_INPUT_CHANGED);
    buf_dispose(&bytes);
    work_end(&w);
}

/** Replaces `from` by `to`, of the same length, in the session. */
static void tamper(struct work *w, const char *from, const char *to)
{
    uint8_t *at = memmem(w->session.data, w->session.length, from, strlen(from));
    assert_non_null(at);
    memcpy(at, to, strlen(to));
}

static void test_tampered_session(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        rfd_status expected;
    } cases[] = {
        {"\"version\": 1", "\"version\": 9", RFD_E_ARGUMENT},
        {"\"hole_offset\": ", "\"hole_offset\":1", RFD_E_ARGUMENT},
        {"\"field\": \"Signature1\"", "\"field\": \"Signature2\"", RFD_E_FIELD_MISSING},
        {"\"SHA-256\"", "\"SHA-999\"", RFD_E_ARGUMENT},
        {"\"level\": 0", "\"level\": 7", RFD_E_ARGUMENT},
        {"\"certificates\"", "\"certificatez\"", RFD_E_ARGUMENT},
        {"{", "[", RFD_E_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct work w;
        struct rfd_sign_options options = world_options();
        work_begin(&w);
        prepare(&w, &world.signer, &options);
        sign(&w, &world.signer, false);
        tamper(&w, cases[i].from, cases[i].to);
        refused(&w, cases[i].expected);
        work_end(&w);
    }
}

/** Other signed attributes, properly signed: the digest in them is not the document's. */
static void test_session_of_another_document(void **state)
{
    (void)state;
    struct work w, other;
    struct buf input;
    struct rfd_sign_options options = world_options();
    work_begin(&other);
    document_make(&input, "/Lang(qu)", "", NULL, 0);
    (void)snprintf(other.input, PATH_SIZE, "%s", folder_write("other.pdf", buf_slice(&input)));
    (void)snprintf(other.prepared, PATH_SIZE, "%s", folder_file("other-prepared.pdf"));
    prepare(&other, &world.signer, &options);
    sign(&other, &world.signer, false);
    work_begin(&w);
    prepare(&w, &world.signer, &options);
    rfd_bytes mine = w.session;
    w.session = other.session;
    buf_put_slice(&w.signature, buf_slice(&other.signature));
    refused(&w, RFD_E_INPUT_CHANGED);
    w.session = mine;
    buf_dispose(&input);
    work_end(&w);
    work_end(&other);
}

static void test_memory_failures(void **state)
{
    (void)state;
    struct work w;
    struct rfd_sign_options options = world_options();
    rfd_status status = RFD_E_MEMORY;
    work_begin(&w);
    prepare(&w, &world.signer, &options);
    sign(&w, &world.signer, false);
    for (unsigned long n = 1; status != RFD_OK && n < 5000; n++) {
        (void)memory_fail_after(n);
        status = embed(&w, &options, NULL);
        (void)memory_fail_after(0);
        if (status != RFD_OK) assert_int_not_equal(access(w.output, F_OK), 0);
    }
    assert_int_equal(status, RFD_OK);
    check_output(&w, true);
    work_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_wrong_signature),
        cmocka_unit_test(test_tampered_file),
        cmocka_unit_test(test_tampered_session),
        cmocka_unit_test(test_session_of_another_document),
        cmocka_unit_test(test_memory_failures),
    };
    return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
