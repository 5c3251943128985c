/* SPDX-License-Identifier: EUPL-1.2
 *
 * A keeper that is killed again and again while it issues. Nothing that was acknowledged is lost, nothing comes twice.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "issue_support.h"
#include "keeper_running.h"
#include "pki/authority/crl_writer.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { KILLS = 60, AT_ONCE = 12, ALL = KILLS * AT_ONCE };

static uint64_t chance = 88172645463325252;

static uint64_t next_chance(void)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return chance;
}

static rfd_status ask_channel(void *context, enum keeper_operation operation, struct buf *body,
                              struct message_reader *fields)
{
    return keeper_ask(context, operation, buf_slice(body), RUNNING_WAIT, fields, NULL);
}

/* ---- Orders ---- */

struct order {
    struct buf body; /* of KEEPER_ISSUE */
    uint8_t serial[20];
    uint8_t hash[32]; /* of the certificate */
    bool acknowledged;
};
static struct order orders[ALL];

static void make_orders(const struct certificate *authority, const struct identity *agent, unsigned count)
{
    struct buf spki, approval;
    buf_init(&spki, 512);
    buf_init(&approval, APPROVAL_SIGNED_MAXIMUM);
    for (unsigned i = 0; i < count; i++) {
        orders[i] = (struct order){.acknowledged = false};
        buf_reset(&spki);
        buf_reset(&approval);
        issue_new_key(&spki);
        struct approval a = issue_approval(authority, buf_slice(&spki), i, clock_now());
        issue_sign(agent, &a, &approval);
        buf_init(&orders[i].body, ISSUE_BODY);
        issue_put_request(&orders[i].body, buf_slice(&spki), buf_slice(&approval), SLICE_EMPTY);
    }
    buf_dispose(&spki);
    buf_dispose(&approval);
}

static void free_orders(size_t count)
{
    for (size_t i = 0; i < count; i++) buf_dispose(&orders[i].body);
}

/** What came for an order: for the second time, the same. */
static void take_certificate(struct order *o, struct message_reader *r)
{
    uint8_t hash[32];
    slice der = message_get_bytes(r, KEY_CERTIFICATE_MAXIMUM);
    slice serial = message_get_bytes(r, 20);
    (void)message_get_u32(r);
    (void)message_get_i64(r);
    bool repeated = message_get_u8(r) == 1;
    assert_int_equal(message_end(r, "certificate", NULL), RFD_OK);
    assert_int_equal(digest_of(DIGEST_SHA256, der, hash, NULL), RFD_OK);
    assert_int_equal(serial.length, sizeof o->serial);
    if (o->acknowledged) {
        assert_true(repeated);
        assert_memory_equal(o->hash, hash, sizeof hash);
        assert_memory_equal(o->serial, serial.data, sizeof o->serial);
    }
    memcpy(o->hash, hash, sizeof hash);
    memcpy(o->serial, serial.data, sizeof o->serial);
    o->acknowledged = true;
}

static void ask_again(struct channel *web, struct order *o)
{
    struct message_reader r;
    assert_int_equal(keeper_ask(web, KEEPER_ISSUE, buf_slice(&o->body), RUNNING_WAIT, &r, NULL), RFD_OK);
    take_certificate(o, &r);
}

/** Sends all, and takes the answers until that many came. */
static void ask_at_once(struct channel *web, struct order *first, size_t wanted)
{
    struct message m;
    for (size_t i = 0; i < AT_ONCE; i++)
        assert_int_equal(channel_send(web, KEEPER_ISSUE, 1000 + i, buf_slice(&first[i].body), NULL, 0, NULL), RFD_OK);
    for (size_t i = 0; i < wanted; i++) {
        do {
            running_wait(web, &m);
        } while (m.request < 1000);
        assert_true(m.request < 1000 + AT_ONCE);
        struct message_reader r = message_read(m.body);
        assert_int_equal(message_get_u32(&r), RFD_OK);
        take_certificate(&first[m.request - 1000], &r);
    }
}

/* ---- What must be so in the end ---- */

static int by_serial(const void *a, const void *b)
{
    return memcmp(((const struct order *)a)->serial, ((const struct order *)b)->serial, sizeof orders[0].serial);
}

/** The journal, asked for in parts: positions without a gap, each serial number once. Returns how many there are. */
static size_t check_journal(struct channel *web)
{
    struct message_reader r;
    struct buf body;
    uint64_t position = 0;
    size_t count = 0;
    uint32_t got;
    uint8_t last_approval[32] = {0};
    buf_init(&body, 256);
    do {
        buf_reset(&body);
        message_put_text(&body, "issuing-1");
        message_put_u64(&body, position);
        assert_int_equal(keeper_ask(web, KEEPER_JOURNAL, buf_slice(&body), RUNNING_WAIT, &r, NULL), RFD_OK);
        got = message_get_u32(&r);
        for (uint32_t i = 0; i < got; i++, count++) {
            uint64_t at = message_get_u64(&r);
            assert_true(position == 0 || at == position);
            position = at + 1;
            assert_int_equal(message_get_bytes(&r, 20).length, 20);
            (void)message_get_i64(&r);
            (void)message_get_bytes(&r, 32);
            slice approval = message_get_bytes(&r, 32);
            assert_int_equal(approval.length, 32);
            assert_memory_not_equal(approval.data, last_approval, 32);
            memcpy(last_approval, approval.data, 32);
        }
        assert_int_equal(message_end(&r, "journal", NULL), RFD_OK);
    } while (got > 0);
    buf_dispose(&body);
    return count;
}

static void test_killed_while_issuing(void **state)
{
    (void)state;
    struct running k;
    struct identity agents = identity_new("P-256", "Agents", NULL, NULL);
    struct identity agent = identity_new("P-256", "Agent", &agents, NULL);
    running_new(&k, folder_file("killed"));
    running_start(&k);
    struct channel *admin = running_greet(&k, "admin", 0);
    struct issue_way way = {ask_channel, admin};
    issue_ceremony(&way, "P-256", 1);
    assert_int_equal(issue_register(&way, KEEPER_AGENT, "agent", agent.certificate, "pe-natural-person"), RFD_OK);
    const struct certificate *authority = issue_certificate_of(&way, "issuing-1");
    make_orders(authority, &agent, ALL);
    channel_free(admin);
    for (size_t i = 0; i < KILLS; i++) {
        struct channel *web = running_greet(&k, "web", 0);
        struct order *mine = &orders[i * AT_ONCE];
        if (i > 0) {
            for (size_t n = 0; n < AT_ONCE; n++) ask_again(web, mine - AT_ONCE + n);
        }
        ask_at_once(web, mine, next_chance() % (AT_ONCE + 1));
        if (next_chance() % 2 == 0) (void)usleep((useconds_t)(next_chance() % 3000));
        running_kill(&k);
        channel_free(web);
        running_start(&k);
    }
    struct channel *web = running_greet(&k, "web", 0);
    for (size_t i = 0; i < ALL; i++) ask_again(web, &orders[i]);
    assert_int_equal(check_journal(web), ALL);
    channel_free(web);
    running_kill(&k);
    qsort(orders, ALL, sizeof *orders, by_serial);
    for (size_t i = 1; i < ALL; i++) assert_true(by_serial(&orders[i - 1], &orders[i]) < 0);
    free_orders(ALL);
    certificate_unref(authority);
    identity_free(&agent);
    identity_free(&agents);
}

/* ---- A list, by a descriptor ---- */

static rfd_status no_entry(void *context, struct crl_writer_entry *entry, bool *more, struct rfd_error *error)
{
    (void)context;
    (void)entry;
    (void)error;
    *more = false;
    return RFD_OK;
}

static int sealed_list(const struct certificate *authority)
{
    struct buf tbs;
    struct crl_summary summary;
    struct authority_signer signer = {.certificate = authority};
    const rfd_time now = clock_now() / RFD_SECOND * RFD_SECOND;
    const struct crl_plan plan = {.number = SLICE("\x05"),
                                  .this_update = now,
                                  .next_update = now + 3600 * RFD_SECOND,
                                  .issuing_point = "http://crl.example/issuing-1-0.crl",
                                  .expired_since = RFD_TIME_NONE};
    const struct crl_source source = {no_entry, NULL};
    const struct crl_target target = {crl_write_to_buf, &tbs};
    int fd = memfd_create("list", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    buf_init(&tbs, 1 << 16);
    assert_int_equal(signature_algorithm_choose(authority, DIGEST_NONE, false, &signer.algorithm, NULL), RFD_OK);
    assert_int_equal(crl_write_tbs(&signer, &plan, &source, &target, &summary, NULL), RFD_OK);
    assert_int_equal(write(fd, tbs.data, tbs.length), tbs.length);
    assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW), 0);
    buf_dispose(&tbs);
    return fd;
}

/* The sandbox lets the keeper look at the seals and read the list; descriptors with other messages do no harm. */
static void test_list_by_descriptor(void **state)
{
    (void)state;
    struct running k;
    struct message m;
    struct buf body;
    running_new(&k, folder_file("list"));
    running_start(&k);
    struct channel *admin = running_greet(&k, "admin", 0);
    struct issue_way way = {ask_channel, admin};
    issue_ceremony(&way, "P-256", 1);
    const struct certificate *authority = issue_certificate_of(&way, "issuing-1");
    struct channel *worker = running_greet(&k, "worker", CHANNEL_DESCRIPTORS);
    int list = sealed_list(authority);
    buf_init(&body, 256);
    message_put_text(&body, "issuing-1");
    for (size_t i = 0; i < 20; i++) {
        assert_int_equal(channel_send(worker, KEEPER_SIGN_CRL, 7, buf_slice(&body), &list, 1, NULL), RFD_OK);
        running_wait(worker, &m);
        struct message_reader r = message_read(m.body);
        assert_int_equal(message_get_u32(&r), RFD_OK);
        assert_true(message_get_bytes(&r, 64).length > 0 && message_get_bytes(&r, 256).length > 0);
        assert_int_equal(channel_send(worker, KEEPER_PUBLIC_KEY, 8, buf_slice(&body), &list, 1, NULL), RFD_OK);
        running_wait(worker, &m);
    }
    (void)close(list);
    buf_dispose(&body);
    channel_free(worker);
    channel_free(admin);
    certificate_unref(authority);
    running_kill(&k);
}

static int open_folder(void **state)
{
    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    return folder_new() == NULL;
}

static int close_folder(void **state)
{
    (void)state;
    folder_remove();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_killed_while_issuing),
                                       cmocka_unit_test(test_list_by_descriptor)};
    return cmocka_run_group_tests(tests, open_folder, close_folder);
}
