/* SPDX-License-Identifier: EUPL-1.2
 *
 * A document with so many certificates to check that time is up before the last: on a processor clock that jumps.
 */
#include "verify_fixture.h"

#include "base/clock.h"

/* Linked in place of clock_spent(): each call is so much later. */
rfd_time __wrap_clock_spent(void);
static rfd_time step;

rfd_time __wrap_clock_spent(void)
{
    static rfd_time now;
    now += step;
    return now;
}

static struct {
    struct identity root, signers[3];
    struct rfd_trust *trust;
    struct buf document;
} made;

static void sign_as(size_t i)
{
    char name[16];
    struct rfd_key *key;
    (void)snprintf(name, sizeof name, "Signer %zu", i);
    made.signers[i] = identity_new("P-256", name, &made.root, NULL);
    folder_write_identity(&made.signers[i], "signer.pem", "signer.key");
    assert_int_equal(
        rfd_key_open_pem(folder_file("signer.key"), folder_file("signer.pem"), NULL, SLICE_EMPTY, &key, NULL), RFD_OK);
    struct buf signed_once = pdf_sign(&made.document, key, 0);
    buf_dispose(&made.document);
    made.document = signed_once;
    rfd_key_free(key);
}

static int set_up(void **state)
{
    (void)state;
    (void)folder_new();
    made.root = identity_new("P-256", "Root", NULL, NULL);
    struct buf crl = crl_new(&made.root, NULL, 0);
    made.trust = trust_new(&made.root, &crl);
    buf_dispose(&crl);
    made.document = pdf_new(100);
    for (size_t i = 0; i < 3; i++) sign_as(i);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) identity_free(&made.signers[i]);
    identity_free(&made.root);
    rfd_trust_free(made.trust);
    buf_dispose(&made.document);
    folder_remove();
    return 0;
}

static void in_time_all_are_checked(void **state)
{
    (void)state;
    step = RFD_SECOND;
    struct rfd_verification *v = verify(buf_slice(&made.document), made.trust);
    for (size_t i = 0; i < 3; i++) expect(rfd_verification_signature(v, i), RFD_TOTAL_PASSED, RFD_SUB_NONE);
    rfd_verification_free(v);
}

static void what_is_left_when_time_is_up_does_not_pass(void **state)
{
    (void)state;
    step = 20 * RFD_SECOND;
    struct rfd_verification *v = verify(buf_slice(&made.document), made.trust);
    for (size_t i = 0; i < 2; i++) expect(rfd_verification_signature(v, i), RFD_TOTAL_PASSED, RFD_SUB_NONE);
    const struct rfd_signature_report *last = rfd_verification_signature(v, 2);
    expect(last, RFD_INDETERMINATE, RFD_SUB_CERTIFICATE_CHAIN_GENERAL_FAILURE);
    assert_true(has_finding(last, RFD_FINDING_CHECKS_LIMITED));
    assert_true(last->intact && last->path_count == 1);
    assert_string_equal(last->signer, "Signer 2");
    rfd_verification_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_time_all_are_checked),
        cmocka_unit_test(what_is_left_when_time_is_up_does_not_pass),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
