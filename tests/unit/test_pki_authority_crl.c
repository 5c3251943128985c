/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation lists: complete, delta and partitioned, judged by our own reader and by openssl crl; a million entries.
 */
#include "authority_support.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "pki/authority/crl_writer.h"
#include "pki/revocation/crl.h"
#include "pki_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static struct hand root;

static int set_up(void **state)
{
    (void)state;
    (void)folder_new();
    hand_new(&root, &(struct make){.name = "Root", .extensions = AUTHORITY_EXTENSIONS});
    made_write(&root.made, "root.pem", NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    hand_free(&root);
    folder_remove();
    return 0;
}

/* --- Helpers ----------------------------------------------------------------------------------------------------- */

struct entries {
    const struct crl_writer_entry *items;
    size_t count, next;
};

static rfd_status next_of(void *context, struct crl_writer_entry *entry, bool *more, struct rfd_error *error)
{
    struct entries *e = context;
    (void)error;
    *more = e->next < e->count;
    if (*more) *entry = e->items[e->next++];
    return RFD_OK;
}

static struct crl_plan usual(void)
{
    return (struct crl_plan){.number = SLICE("\x01\x02"),
                             .this_update = moment("2026-01-01"),
                             .next_update = moment("2036-01-08"),
                             .expired_since = RFD_TIME_NONE};
}

static rfd_status write_list(const struct authority_signer *signer, const struct crl_plan *plan,
                             const struct crl_writer_entry *items, size_t count, struct buf *out)
{
    struct entries entries = {items, count, 0};
    struct crl_source source = {next_of, &entries};
    struct crl_target target = {crl_write_to_buf, out};
    struct crl_summary summary = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    buf_init(out, 1 << 20);
    rfd_status status = crl_write(signer, plan, &source, &target, &summary, &error);
    if (status == RFD_OK) {
        assert_int_equal(summary.entries, count);
        assert_int_equal(summary.bytes, out->length);
    } else {
        assert_int_equal(out->length, 0);
        assert_int_not_equal(error.detail[0], '\0');
    }
    return status;
}

static const struct crl *read_list(const struct buf *out)
{
    const struct crl *crl = NULL;
    assert_int_equal(crl_parse(buf_slice(out), &crl, NULL), RFD_OK);
    assert_true(crl_signed_by(crl, root.made.certificate));
    assert_false(crl->unknown_critical);
    return crl;
}

#define SERIAL(text) .serial = SLICE(text)

/* --- Lists ------------------------------------------------------------------------------------------------------- */

static void an_empty_list(void **state)
{
    (void)state;
    struct crl_plan plan = usual();
    struct buf out;
    assert_int_equal(write_list(&root.signer, &plan, NULL, 0, &out), RFD_OK);
    const struct crl *crl = read_list(&out);
    assert_int_equal(crl->entries.length, 0);
    assert_true(slice_equal(crl->number, SLICE("\x01\x02")));
    assert_true(slice_equal(crl->authority_key_id, root.made.certificate->subject_key_id));
    assert_int_equal(crl->this_update, plan.this_update);
    assert_int_equal(crl->next_update, plan.next_update);
    assert_int_equal(crl->delta_base.length + crl->idp.length, 0);
    (void)folder_write("list", buf_slice(&out));
    assert_true(shell_says("verify OK", "openssl crl -inform DER -in list -CAfile root.pem -noout"));
    assert_true(shell_says("No Revoked Certificates", "openssl crl -inform DER -in list -text -noout"));
    crl_free(crl);
    buf_dispose(&out);
}

static void entries_of_every_kind(void **state)
{
    (void)state;
    const struct crl_writer_entry items[] = {
        {SERIAL("\x01"), .revoked_at = moment("2025-12-31T23:59:59Z"), .invalid_since = RFD_TIME_NONE},
        {SERIAL("\x00\x80"), .revoked_at = moment("2026-01-01"), .reason = 1, .invalid_since = moment("2024-02-29")},
        {SERIAL("\x7F\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10\x11\x12\x13"),
         .revoked_at = moment("2049-12-31T12:00:00Z"), .reason = 6, .invalid_since = RFD_TIME_NONE},
        {SERIAL("\x02"), .revoked_at = moment("2050-01-01"), .invalid_since = moment("1949-12-31T23:59:59Z")},
        {SERIAL("\x03"), .revoked_at = moment("1949-06-07T08:09:10Z"), .reason = 10, .invalid_since = RFD_TIME_NONE},
    };
    struct crl_plan plan = usual();
    struct buf out;
    assert_int_equal(write_list(&root.signer, &plan, items, 5, &out), RFD_OK);
    const struct crl *crl = read_list(&out);
    for (size_t i = 0; i < 5; i++) {
        struct crl_entry entry;
        assert_true(crl_find(crl, items[i].serial, root.made.certificate->subject, &entry));
        assert_true(entry.listed);
        assert_int_equal(entry.revoked_at, items[i].revoked_at);
        assert_int_equal(entry.reason, items[i].reason == 0 ? -1 : items[i].reason);
    }
    (void)folder_write("list", buf_slice(&out));
    assert_true(shell_says("verify OK", "openssl crl -inform DER -in list -CAfile root.pem -noout"));
    assert_true(shell_says("Feb 29 00:00:00 2024 GMT", "openssl crl -inform DER -in list -text -noout"));
    assert_true(shell_says("Certificate Hold", "openssl crl -inform DER -in list -text -noout"));
    /* Re-encoded by OpenSSL it is the same: it was DER. */
    assert_true(
        shell_says("same", "openssl crl -inform DER -in list -outform DER -out again && cmp list again && echo same"));
    crl_free(crl);
    buf_dispose(&out);
}

static void a_delta(void **state)
{
    (void)state;
    const struct crl_writer_entry items[] = {
        {SERIAL("\x05"), .revoked_at = moment("2026-01-01"), .reason = 8, .invalid_since = RFD_TIME_NONE}};
    struct crl_plan plan = usual();
    struct buf out;
    plan.base_number = SLICE("\x01\x01");
    assert_int_equal(write_list(&root.signer, &plan, items, 1, &out), RFD_OK);
    const struct crl *crl = read_list(&out);
    assert_true(slice_equal(crl->delta_base, SLICE("\x01\x01")));
    (void)folder_write("list", buf_slice(&out));
    assert_true(shell_says("Remove From CRL", "openssl crl -inform DER -in list -text -noout"));
    assert_true(shell_says("X509v3 Delta CRL Indicator: critical", "openssl crl -inform DER -in list -text -noout"));
    crl_free(crl);
    buf_dispose(&out);
}

static void a_partition(void **state)
{
    (void)state;
    struct crl_plan plan = usual();
    struct buf out;
    plan.issuing_point = "http://crl.example.org/7.crl";
    plan.freshest = "http://crl.example.org/7-delta.crl";
    plan.only_users = true;
    plan.expired_since = moment("2020-01-01");
    assert_int_equal(write_list(&root.signer, &plan, NULL, 0, &out), RFD_OK);
    const struct crl *crl = read_list(&out);
    assert_true(crl->only_users && !crl->only_authorities && !crl->indirect);
    assert_int_equal(crl->expired_since, moment("2020-01-01"));
    (void)folder_write("list", buf_slice(&out));
    assert_true(shell_says("Issuing Distribution Point: critical", "openssl crl -inform DER -in list -text -noout"));
    assert_true(shell_says("URI:http://crl.example.org/7.crl", "openssl crl -inform DER -in list -text -noout"));
    assert_true(shell_says("X509v3 Freshest CRL:", "openssl crl -inform DER -in list -text -noout"));
    assert_true(shell_says("Only User Certificates", "openssl crl -inform DER -in list -text -noout"));
    crl_free(crl);
    buf_dispose(&out);
}

/* A signature of another length moves the length of all: every size around where the lengths need another octet. */
static void lengths_at_their_edges(void **state)
{
    (void)state;
    enum { MANY = 2100 };
    static struct crl_writer_entry items[MANY];
    static uint8_t serials[MANY][2];
    struct crl_plan plan = usual();
    for (size_t i = 0; i < MANY; i++) {
        serials[i][0] = (uint8_t)(1 + i / 128);
        serials[i][1] = (uint8_t)(i % 128);
        items[i] = (struct crl_writer_entry){
            .serial = slice_of(serials[i], 2), .revoked_at = moment("2025-01-01"), .invalid_since = RFD_TIME_NONE};
    }
    static const size_t counts[] = {1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 2060, 2080, 2090, 2098, 2099, 2100};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct buf out;
        assert_int_equal(write_list(&root.signer, &plan, items, counts[i], &out), RFD_OK);
        crl_free(read_list(&out));
        buf_dispose(&out);
    }
}

/* --- Refusals ---------------------------------------------------------------------------------------------------- */

static void impossible_plans(void **state)
{
    (void)state;
    static uint8_t long_number[21] = {1};
    struct buf out;
    struct crl_plan plans[8];
    for (size_t i = 0; i < 8; i++) plans[i] = usual();
    plans[0].number = SLICE_EMPTY;
    plans[1].number = slice_of(long_number, sizeof long_number);
    plans[2].next_update = plans[2].this_update;
    plans[3].only_users = plans[3].only_authorities = true;
    plans[4].base_number = slice_of(long_number, sizeof long_number);
    plans[5].base_number = SLICE("\x01");
    plans[5].freshest = "http://delta.of.a.delta";
    plans[6].this_update = RFD_TIME_NONE;
    plans[7].next_update = INT64_MAX;
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(write_list(&root.signer, &plans[i], NULL, 0, &out), RFD_E_ARGUMENT);
        buf_dispose(&out);
    }
}

static void impossible_entries(void **state)
{
    (void)state;
    struct crl_plan plan = usual();
    const rfd_time at = moment("2025-01-01");
    const struct crl_writer_entry items[] = {
        {.serial = SLICE_EMPTY, .revoked_at = at},
        {SERIAL("\x00"), .revoked_at = at},
        {SERIAL("\x80"), .revoked_at = at},
        {SERIAL("\x00\x01"), .revoked_at = at},
        {SERIAL("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10\x11\x12\x13\x14\x15"),
         .revoked_at = at},
        {SERIAL("\x01"), .revoked_at = at, .reason = 7},
        {SERIAL("\x01"), .revoked_at = at, .reason = 8},
        {SERIAL("\x01"), .revoked_at = at, .reason = 11},
        {SERIAL("\x01"), .revoked_at = at, .reason = -1},
        {SERIAL("\x01"), .revoked_at = RFD_TIME_NONE},
        {SERIAL("\x01"), .revoked_at = at, .invalid_since = INT64_MAX},
    };
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        struct buf out;
        assert_int_equal(write_list(&root.signer, &plan, &items[i], 1, &out), RFD_E_ARGUMENT);
        buf_dispose(&out);
    }
}

static void an_edwards_curve(void **state)
{
    (void)state;
    struct crl_plan plan = usual();
    struct authority_signer signer = root.signer;
    struct buf out;
    signer.algorithm = (struct signature_algorithm){.scheme = SCHEME_ED25519, .digest = DIGEST_SHA512};
    assert_int_equal(write_list(&signer, &plan, NULL, 0, &out), RFD_E_KEY_ALGORITHM);
    buf_dispose(&out);
}

static rfd_status fail_next(void *context, struct crl_writer_entry *entry, bool *more, struct rfd_error *error)
{
    (void)context, (void)entry, (void)more;
    return error_set(error, RFD_E_STORE, "gone");
}

static rfd_status fail_write(void *context, slice bytes, struct rfd_error *error)
{
    (void)context, (void)bytes;
    return error_set(error, RFD_E_NO_SPACE, "full");
}

static void failures_are_handed_through(void **state)
{
    (void)state;
    struct crl_plan plan = usual();
    struct entries none = {0};
    struct crl_summary summary;
    struct buf out;
    buf_init(&out, 100);
    const struct crl_source good = {next_of, &none};
    const struct crl_source bad = {fail_next, NULL};
    const struct crl_target small = {crl_write_to_buf, &out};
    const struct crl_target full = {fail_write, NULL};
    assert_int_equal(crl_write(&root.signer, &plan, &bad, &small, &summary, NULL), RFD_E_STORE);
    assert_int_equal(crl_write(&root.signer, &plan, &good, &full, &summary, NULL), RFD_E_NO_SPACE);
    assert_int_equal(crl_write(&root.signer, &plan, &good, &small, &summary, NULL), RFD_E_LIMIT);
    root.refuses = RFD_E_TOKEN;
    assert_int_equal(crl_write(&root.signer, &plan, &good, &small, &summary, NULL), RFD_E_TOKEN);
    root.refuses = RFD_OK;
    buf_dispose(&out);
}

static void no_memory(void **state)
{
    (void)state;
    const struct crl_writer_entry item = {SERIAL("\x01"), .revoked_at = moment("2025-01-01"),
                                          .invalid_since = RFD_TIME_NONE};
    struct crl_plan plan = usual();
    rfd_status status = RFD_E_MEMORY;
    signature_pool_dispose(&root.pool);
    signature_pool_init(&root.pool);
    for (unsigned long n = 1; status != RFD_OK; n++) {
        struct entries entries = {&item, 1, 0};
        struct crl_source source = {next_of, &entries};
        struct buf out;
        struct crl_target target = {crl_write_to_buf, &out};
        struct crl_summary summary;
        buf_init(&out, 4096);
        (void)memory_fail_after(n);
        status = crl_write(&root.signer, &plan, &source, &target, &summary, NULL);
        (void)memory_fail_after(0);
        assert_true(status == RFD_OK || status == RFD_E_MEMORY);
        buf_dispose(&out);
        assert_true(n < 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_list),
        cmocka_unit_test(entries_of_every_kind),
        cmocka_unit_test(a_delta),
        cmocka_unit_test(a_partition),
        cmocka_unit_test(lengths_at_their_edges),
        cmocka_unit_test(impossible_plans),
        cmocka_unit_test(impossible_entries),
        cmocka_unit_test(an_edwards_curve),
        cmocka_unit_test(failures_are_handed_through),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
