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
#include "base/error.h"
#include "base/memory.h"
#include "ipc/supervisor_internal.h"
#include "issue_support.h"
#include "keeper/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, WAIT = 30000, CHEAP_KIBIBYTES = 64, KILLS = 60, AT_ONCE = 12, ALL = KILLS * AT_ONCE };

static char store[256], packs[512];
static uint64_t chance = 88172645463325252;

static uint64_t next_chance(void)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return chance;
}

/* ---- The process ---- */

struct running {
    pid_t pid;
    struct channel *control;
};

static struct master the_master(void)
{
    struct master m;
    assert_int_equal(master_from_secret(MASTER_PASSPHRASE, SLICE("m"), &m, NULL), RFD_OK);
    m.passes = 1;
    m.kibibytes = CHEAP_KIBIBYTES;
    return m;
}

static const struct channel_options control_options = {
    .maximum = CONTROL_MAXIMUM, .backlog = CONTROL_BACKLOG, .flags = CHANNEL_DESCRIPTORS};

static int be_keeper(int control)
{
    struct keeper_process_options options = {
        .store = store, .packs = packs, .master = the_master(), .audit = open("/dev/null", O_WRONLY | O_CLOEXEC)};
    struct supervised self = {.role = "keeper", .context = &options};
    if (channel_new(control, &control_options, &self.control, NULL) != RFD_OK) return 9;
    return keeper_process_run(&self);
}

static void wait_for(struct channel *c, struct message *m)
{
    while (!channel_next(c, m)) {
        struct pollfd p = {.fd = channel_descriptor(c), .events = POLLIN};
        assert_int_equal(poll(&p, 1, WAIT), 1);
        assert_int_equal(channel_receive(c, NULL), RFD_OK);
    }
}

static void start(struct running *k)
{
    int sockets[2];
    struct message m;
    assert_int_equal(channel_pair(sockets, NULL), RFD_OK);
    k->pid = fork();
    assert_true(k->pid >= 0);
    if (k->pid == 0) {
        (void)close(sockets[0]);
        _exit(be_keeper(sockets[1]));
    }
    (void)close(sockets[1]);
    assert_int_equal(channel_new(sockets[0], &control_options, &k->control, NULL), RFD_OK);
    wait_for(k->control, &m);
    assert_int_equal(m.type, CONTROL_READY);
}

static void kill_keeper(struct running *k)
{
    int how;
    assert_int_equal(kill(k->pid, SIGKILL), 0);
    assert_int_equal(waitpid(k->pid, &how, 0), k->pid);
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
    channel_free(k->control);
}

static struct channel *greet_as(struct running *k, const char *role)
{
    const struct channel_options options = {.maximum = KEEPER_MESSAGE_MAXIMUM};
    struct channel *c = NULL;
    struct buf b;
    int fds[2];
    buf_init(&b, CONTROL_MAXIMUM);
    assert_int_equal(channel_pair(fds, NULL), RFD_OK);
    message_put_text(&b, role);
    message_put_u32(&b, 0);
    assert_int_equal(channel_send(k->control, CONTROL_PEER, 0, buf_slice(&b), &fds[1], 1, NULL), RFD_OK);
    (void)close(fds[1]);
    assert_int_equal(channel_new(fds[0], &options, &c, NULL), RFD_OK);
    buf_dispose(&b);
    assert_int_equal(keeper_greet(c, WAIT, NULL), RFD_OK);
    return c;
}

static rfd_status ask_channel(void *context, enum keeper_operation operation, struct buf *body,
                              struct message_reader *fields)
{
    return keeper_ask(context, operation, buf_slice(body), WAIT, fields, NULL);
}

/** A store that belongs to the user that the sandbox makes of root. */
static void make_store(void)
{
    static const char *const files[] = {"", "/lock", "/master"};
    struct master m = the_master();
    char path[512];
    (void)snprintf(store, sizeof store, "%s", folder_file("store"));
    (void)snprintf(packs, sizeof packs, "%s/packs", source_root());
    assert_int_equal(keystore_files_init(store, &m, NULL), RFD_OK);
    master_dispose(&m);
    if (geteuid() != 0) return;
    (void)snprintf(path, sizeof path, "%s/..", store);
    assert_int_equal(chmod(path, 0755), 0);
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s%s", store, files[i]);
        assert_int_equal(chown(path, NOBODY, NOBODY), 0);
    }
}

/* ---- Orders ---- */

struct order {
    struct buf body; /* of KEEPER_ISSUE */
    uint8_t serial[17];
    uint8_t hash[32]; /* of the certificate */
    bool acknowledged;
};
static struct order orders[ALL];

static void make_orders(const struct certificate *authority, const struct identity *agent)
{
    struct buf spki, approval;
    buf_init(&spki, 512);
    buf_init(&approval, APPROVAL_SIGNED_MAXIMUM);
    for (unsigned i = 0; i < ALL; i++) {
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
    assert_int_equal(keeper_ask(web, KEEPER_ISSUE, buf_slice(&o->body), WAIT, &r, NULL), RFD_OK);
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
            wait_for(web, &m);
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
        assert_int_equal(keeper_ask(web, KEEPER_JOURNAL, buf_slice(&body), WAIT, &r, NULL), RFD_OK);
        got = message_get_u32(&r);
        for (uint32_t i = 0; i < got; i++, count++) {
            uint64_t at = message_get_u64(&r);
            assert_true(position == 0 || at == position);
            position = at + 1;
            assert_int_equal(message_get_bytes(&r, 20).length, 17);
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
    make_store();
    start(&k);
    struct channel *admin = greet_as(&k, "admin");
    struct issue_way way = {ask_channel, admin};
    issue_ceremony(&way, "P-256", 1);
    assert_int_equal(issue_register(&way, KEEPER_AGENT, "agent", agent.certificate, "pe-natural-person"), RFD_OK);
    const struct certificate *authority = issue_certificate_of(&way, "issuing-1");
    make_orders(authority, &agent);
    channel_free(admin);
    for (size_t i = 0; i < KILLS; i++) {
        struct channel *web = greet_as(&k, "web");
        struct order *mine = &orders[i * AT_ONCE];
        if (i > 0) {
            for (size_t n = 0; n < AT_ONCE; n++) ask_again(web, mine - AT_ONCE + n);
        }
        ask_at_once(web, mine, next_chance() % (AT_ONCE + 1));
        if (next_chance() % 2 == 0) (void)usleep((useconds_t)(next_chance() % 3000));
        kill_keeper(&k);
        channel_free(web);
        start(&k);
    }
    struct channel *web = greet_as(&k, "web");
    for (size_t i = 0; i < ALL; i++) ask_again(web, &orders[i]);
    assert_int_equal(check_journal(web), ALL);
    channel_free(web);
    kill_keeper(&k);
    qsort(orders, ALL, sizeof *orders, by_serial);
    for (size_t i = 1; i < ALL; i++) assert_true(by_serial(&orders[i - 1], &orders[i]) < 0);
    for (size_t i = 0; i < ALL; i++) buf_dispose(&orders[i].body);
    certificate_unref(authority);
    identity_free(&agent);
    identity_free(&agents);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_killed_while_issuing)};
    return cmocka_run_group_tests(tests, open_folder, close_folder);
}
