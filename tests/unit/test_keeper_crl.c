/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation lists: written here, signed by the keeper, read by the reader that verifies documents; and what it
 * refuses.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "issue_support.h"
#include "pki/authority/crl_writer.h"
#include "pki/revocation/crl.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { HOUR = 3600, LIST_MAXIMUM = 64 << 20, ALL_SEALS = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW };

struct world {
    struct issue_world keeper;
    rfd_time now;
    const struct certificate *authority;
    struct authority_signer signer;
    struct buf tbs, body;
};
static struct world w;
static int stores;

static int setup(void **state)
{
    char path[256];
    (void)state;
    w = (struct world){.now = clock_now() / RFD_SECOND * RFD_SECOND};
    clock_fix(w.now);
    buf_init(&w.tbs, LIST_MAXIMUM);
    buf_init(&w.body, ISSUE_BODY);
    (void)snprintf(path, sizeof path, "%s-%d", folder_file("crl"), ++stores);
    issue_world_new(&w.keeper, path);
    issue_ceremony(&w.keeper.way, "P-256", 4);
    w.authority = issue_certificate_of(&w.keeper.way, "issuing-1");
    w.signer.certificate = w.authority;
    assert_int_equal(signature_algorithm_choose(w.authority, DIGEST_NONE, false, &w.signer.algorithm, NULL), RFD_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    issue_world_free(&w.keeper);
    certificate_unref(w.authority);
    buf_dispose(&w.tbs);
    buf_dispose(&w.body);
    clock_fix(RFD_TIME_NONE);
    return 0;
}

/* ---- Lists ---- */

struct entries {
    size_t count, at;
    uint8_t serial[8];
};

static rfd_status next_entry(void *context, struct crl_writer_entry *entry, bool *more, struct rfd_error *error)
{
    struct entries *e = context;
    (void)error;
    *more = e->at < e->count;
    for (size_t i = 0; i < sizeof e->serial; i++) e->serial[i] = (uint8_t)((uint64_t)e->at >> 8 * (7 - i));
    e->serial[0] = 0x11;
    *entry = (struct crl_writer_entry){.serial = slice_of(e->serial, sizeof e->serial),
                                       .revoked_at = w.now - HOUR * RFD_SECOND,
                                       .reason = e->at % 2 == 0 ? 1 : 0,
                                       .invalid_since = e->at % 3 == 0 ? w.now - 2 * HOUR * RFD_SECOND : RFD_TIME_NONE};
    e->at++;
    return RFD_OK;
}

static struct crl_plan usual(void)
{
    return (struct crl_plan){.number = SLICE("\x05"),
                             .this_update = w.now - 60 * RFD_SECOND,
                             .next_update = w.now + 20 * HOUR * RFD_SECOND,
                             .issuing_point = "http://crl.example/issuing-1-2.crl",
                             .freshest = "http://crl.example/issuing-1-2-delta.crl",
                             .expired_since = RFD_TIME_NONE};
}

static void write_list(const struct crl_plan *plan, size_t count)
{
    struct entries e = {.count = count};
    const struct crl_source source = {next_entry, &e};
    const struct crl_target target = {crl_write_to_buf, &w.tbs};
    struct crl_summary summary;
    buf_reset(&w.tbs);
    assert_int_equal(crl_write_tbs(&w.signer, plan, &source, &target, &summary, NULL), RFD_OK);
    assert_int_equal(summary.entries, count);
    assert_int_equal(summary.bytes, w.tbs.length);
}

/** Sends what is in w.tbs, in a memory file with these seals. */
static rfd_status sign_sealed(int seals, struct message_reader *r)
{
    int fd = memfd_create("list", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    assert_true(fd >= 0);
    for (size_t at = 0; at < w.tbs.length;) {
        ssize_t written = write(fd, w.tbs.data + at, w.tbs.length - at);
        assert_true(written > 0);
        at += (size_t)written;
    }
    if (seals != 0) assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
    buf_reset(&w.body);
    message_put_text(&w.body, "issuing-1");
    w.keeper.descriptor = fd;
    rfd_status status = issue_ask_as(&w.keeper, KEEPER_FROM_WORKER, KEEPER_SIGN_CRL, &w.body, r);
    w.keeper.descriptor = -1;
    (void)close(fd);
    return status;
}

static rfd_status sign(void)
{
    struct message_reader r;
    return sign_sealed(ALL_SEALS, &r);
}

static rfd_status sign_plan(const struct crl_plan *plan)
{
    write_list(plan, 3);
    return sign();
}

/* ---- Tests ---- */

static void test_list(void **state)
{
    (void)state;
    const size_t counts[] = {0, 1, 2000};
    for (size_t i = 0; i < 3; i++) {
        struct message_reader r;
        struct buf head, tail;
        const struct crl *crl = NULL;
        const struct crl_plan plan = usual();
        write_list(&plan, counts[i]);
        assert_int_equal(sign_sealed(ALL_SEALS, &r), RFD_OK);
        slice algorithm = message_get_bytes(&r, 128);
        slice signature = message_get_bytes(&r, 1024);
        assert_int_equal(message_end(&r, "list", NULL), RFD_OK);
        buf_init(&head, LIST_MAXIMUM);
        buf_init(&tail, 4096);
        crl_put_envelope(&head, &tail, w.tbs.length, algorithm, signature);
        buf_put_slice(&head, buf_slice(&w.tbs));
        buf_put_slice(&head, buf_slice(&tail));
        assert_int_equal(crl_parse(buf_slice(&head), &crl, NULL), RFD_OK);
        assert_true(crl_signed_by(crl, w.authority));
        assert_false(crl->unknown_critical);
        struct entries e = {.count = counts[i], .at = counts[i] / 2};
        struct crl_writer_entry entry;
        struct crl_entry found;
        bool more;
        assert_int_equal(next_entry(&e, &entry, &more, NULL), RFD_OK);
        assert_true(crl_find(crl, entry.serial, w.authority->subject, &found));
        assert_int_equal(found.listed, more);
        crl_free(crl);
        buf_dispose(&head);
        buf_dispose(&tail);
    }
}

static void test_only_sealed_files(void **state)
{
    (void)state;
    static const int seals[] = {0, F_SEAL_WRITE, F_SEAL_SHRINK | F_SEAL_GROW, F_SEAL_WRITE | F_SEAL_GROW};
    struct message_reader r;
    const struct crl_plan plan = usual();
    write_list(&plan, 1);
    for (size_t i = 0; i < sizeof seals / sizeof *seals; i++)
        assert_int_equal(sign_sealed(seals[i], &r), RFD_E_KEY_REFUSED);
    buf_reset(&w.body);
    message_put_text(&w.body, "issuing-1");
    assert_int_equal(issue_ask_as(&w.keeper, KEEPER_FROM_WORKER, KEEPER_SIGN_CRL, &w.body, &r), RFD_E_PROTOCOL);
    w.keeper.descriptor = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    assert_int_equal(issue_ask_as(&w.keeper, KEEPER_FROM_WORKER, KEEPER_SIGN_CRL, &w.body, &r), RFD_E_KEY_REFUSED);
    (void)close(w.keeper.descriptor);
    w.keeper.descriptor = -1;
    buf_reset(&w.tbs);
    assert_int_equal(sign(), RFD_E_LIMIT); /* an empty one */
}

static void test_numbers_never_go_back(void **state)
{
    (void)state;
    struct crl_plan plan = usual();
    struct crl_plan delta = usual();
    delta.freshest = NULL;
    delta.base_number = SLICE("\x04");
    assert_int_equal(sign_plan(&plan), RFD_OK);
    plan.number = SLICE("\x04");
    assert_int_equal(sign_plan(&plan), RFD_E_KEY_REFUSED);
    plan.issuing_point = "http://crl.example/issuing-1-3.crl"; /* another list */
    plan.freshest = NULL;
    assert_int_equal(sign_plan(&plan), RFD_OK);
    assert_int_equal(sign_plan(&delta), RFD_OK); /* deltas have a record of their own */
    delta.number = SLICE("\x04");
    delta.base_number = SLICE("\x03");
    assert_int_equal(sign_plan(&delta), RFD_E_KEY_REFUSED);
    delta.number = SLICE("\x06");
    delta.base_number = SLICE("\x06");
    assert_int_equal(sign_plan(&delta), RFD_E_KEY_REFUSED); /* to itself */
    plan = usual();
    plan.number = SLICE("\x01\x00"); /* longer is more */
    assert_int_equal(sign_plan(&plan), RFD_OK);
    assert_int_equal(issue_world_reopen(&w.keeper), RFD_OK);
    plan.number = SLICE("\x7F");
    assert_int_equal(sign_plan(&plan), RFD_E_KEY_REFUSED);
    plan.number = SLICE("\x01\x00");
    assert_int_equal(sign_plan(&plan), RFD_OK);
}

static void test_what_the_policy_forbids(void **state)
{
    (void)state;
    struct crl_plan plans[9];
    for (size_t i = 0; i < 9; i++) plans[i] = usual();
    plans[0].next_update = plans[0].this_update + (ISSUE_CRL_SECONDS + 1) * RFD_SECOND;
    plans[1].this_update = w.now + 301 * RFD_SECOND;
    plans[2].this_update = w.now - (HOUR + 1) * RFD_SECOND;
    plans[3].issuing_point = "http://crl.example/issuing-1-4.crl";
    plans[4].issuing_point = "http://crl.example/issuing-1-02.crl";
    plans[5].issuing_point = NULL;
    plans[6].freshest = "http://crl.example/issuing-1-1-delta.crl";
    plans[7].issuing_point = "http://other.example/issuing-1-2.crl";
    plans[8].next_update = w.now - 3600 * RFD_SECOND + 1;
    plans[8].this_update = plans[8].next_update - 2 * HOUR * RFD_SECOND;
    for (size_t i = 0; i < 9; i++) {
        rfd_status status = sign_plan(&plans[i]);
        if (status != RFD_E_KEY_REFUSED) fail_msg("plan %zu: %s", i, rfd_status_name(status));
    }
    struct crl_plan good = usual();
    good.only_users = true;
    good.expired_since = w.now - HOUR * RFD_SECOND;
    assert_int_equal(sign_plan(&good), RFD_OK);
}

static void test_another_issuer(void **state)
{
    (void)state;
    const struct certificate *root = issue_certificate_of(&w.keeper.way, "root-1");
    const struct certificate *own = w.signer.certificate;
    const struct crl_plan plan = usual();
    w.signer.certificate = root;
    assert_int_equal(sign_plan(&plan), RFD_E_KEY_REFUSED);
    w.signer.certificate = own;
    w.signer.algorithm.digest = DIGEST_SHA384;
    assert_int_equal(sign_plan(&plan), RFD_E_KEY_REFUSED);
    certificate_unref(root);
}

/* Every octet of a list with two bits changed, and every shorter one: refused, or still a list of the same key. */
static void test_altered(void **state)
{
    (void)state;
    const struct crl_plan plan = usual();
    size_t passed = 0;
    write_list(&plan, 3);
    size_t length = w.tbs.length;
    for (size_t at = 0; at < length; at++) {
        static const uint8_t bits[] = {0x01, 0x40};
        for (size_t i = 0; i < 2; i++) {
            w.tbs.data[at] ^= bits[i];
            rfd_status status = sign();
            passed += status == RFD_OK;
            if (status != RFD_OK && status != RFD_E_DER && status != RFD_E_KEY_REFUSED)
                fail_msg("octet %zu: %s", at, rfd_status_name(status));
            w.tbs.data[at] ^= bits[i];
        }
    }
    assert_true(passed > 0 && passed < length / 4); /* serial numbers, digits of times, reasons, the number */
    for (w.tbs.length = 1; w.tbs.length < length; w.tbs.length++) assert_int_equal(sign(), RFD_E_DER);
}

static int open_folder(void **state)
{
    (void)state;
    return folder_new() == NULL;
}

static int close_folder(void **state)
{
    (void)state;
    folder_remove();
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_list),
        TEST(test_only_sealed_files),
        TEST(test_numbers_never_go_back),
        TEST(test_what_the_policy_forbids),
        TEST(test_another_issuer),
        TEST(test_altered),
    };
    return cmocka_run_group_tests(tests, open_folder, close_folder);
}
