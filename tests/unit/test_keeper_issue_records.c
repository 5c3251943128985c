/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the keeper writes down about each certificate before it leaves, and what happens when it cannot.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "issue_desk.h"
#include "keeper/batch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Journal and register ---- */

static void test_journal(void **state)
{
    (void)state;
    struct message_reader r;
    struct desk_given given[5];
    for (unsigned i = 0; i < 5; i++) {
        struct approval a = desk_approval(30 + i);
        buf_reset(&desk.approval);
        issue_sign(&desk.agent, &a, &desk.approval);
        assert_int_equal(desk_issue(&r), RFD_OK);
        given[i] = desk_take_given(&r);
    }
    for (int round = 0; round < 2; round++) {
        buf_reset(&desk.body);
        message_put_text(&desk.body, "issuing-1");
        message_put_u64(&desk.body, 0);
        assert_int_equal(desk_ask_as(KEEPER_FROM_WORKER, KEEPER_JOURNAL, &desk.body, &r), RFD_OK);
        assert_int_equal(message_get_u32(&r), 5);
        for (unsigned i = 0; i < 5; i++) {
            const struct certificate *c = NULL;
            uint8_t hash[32];
            assert_int_equal(message_get_u64(&r), 3 + i); /* after the two of the ceremony */
            assert_true(slice_equal(message_get_bytes(&r, 20), slice_of(given[i].serial, 20)));
            assert_int_equal(message_get_i64(&r), given[i].time);
            assert_int_equal(certificate_parse(slice_of(given[i].der, given[i].length), &c, NULL), RFD_OK);
            assert_int_equal(digest_of(DIGEST_SHA256, c->tbs, hash, NULL), RFD_OK);
            assert_true(slice_equal(message_get_bytes(&r, 32), slice_of(hash, 32)));
            assert_int_equal(message_get_bytes(&r, 32).length, 32);
            certificate_unref(c);
        }
        assert_int_equal(message_end(&r, "journal", NULL), RFD_OK);
        desk_reopen();
    }
    message_put_u8(&desk.body, 0);
    buf_reset(&desk.body);
    message_put_text(&desk.body, "root-1");
    message_put_u64(&desk.body, 2);
    assert_int_equal(desk_ask_as(KEEPER_FROM_WORKER, KEEPER_JOURNAL, &desk.body, &r), RFD_OK);
    assert_int_equal(message_get_u32(&r), 1);
    assert_int_equal(desk_ask_as(KEEPER_FROM_STATUS, KEEPER_JOURNAL, &desk.body, &r), RFD_E_KEY_REFUSED);
}

static void write_file(const char *path, slice content)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(content.data, 1, content.length, f), content.length);
    assert_int_equal(fclose(f), 0);
}

/* A record that was edited, or put there by somebody without the store's key. */
static void test_edited_records(void **state)
{
    (void)state;
    char path[512];
    static const char *const files[] = {"agent-1.agent", "journal-00000001"};
    struct buf content;
    struct approval a = desk_approval(40);
    assert_int_equal(desk_issue_approved(&a), RFD_OK);
    for (size_t i = 0; i < 2; i++) {
        buf_init(&content, 1 << 20);
        (void)snprintf(path, sizeof path, "%s/%s", desk.keeper.path, files[i]);
        assert_true(file_read(path, &content));
        content.data[20] ^= 1;
        write_file(path, buf_slice(&content));
        assert_int_equal(issue_world_reopen(&desk.keeper), RFD_E_KEYSTORE_DAMAGED);
        content.data[20] ^= 1;
        write_file(path, buf_slice(&content));
        desk_reopen();
        buf_dispose(&content);
    }
}

static void limit_files(rlim_t octets)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = octets;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The disk is full: nothing is handed out, nothing is used up, and it goes on when there is room again. */
static void test_no_room_for_the_journal(void **state)
{
    (void)state;
    struct message_reader r;
    struct stat st;
    char path[512];
    struct approval a = desk_approval(50);
    assert_int_equal(desk_issue_approved(&a), RFD_OK);
    (void)snprintf(path, sizeof path, "%s/journal-00000001", desk.keeper.path);
    assert_int_equal(stat(path, &st), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    struct approval b = desk_approval(51);
    for (rlim_t more = 0; more < 300; more += 100) {
        limit_files((rlim_t)st.st_size + more);
        assert_int_not_equal(desk_issue_approved(&b), RFD_OK);
    }
    limit_files(RLIM_INFINITY);
    assert_int_equal(desk_issue(&r), RFD_OK);
    assert_false(desk_take_given(&r).repeated);
    assert_int_equal(desk_issue_approved(&a), RFD_OK);
    desk_reopen();
    assert_int_equal(desk_issue_approved(&b), RFD_OK);
}

/* A record that waits is lost in the middle of a batch: what was taken before may not leave either. */
static void test_batch_that_cannot_be_recorded(void **state)
{
    (void)state;
    struct keeper_session session = {.sender = KEEPER_FROM_WEB, .greeted = true};
    struct stat st;
    char path[512];
    struct approval a = desk_approval(60);
    (void)snprintf(path, sizeof path, "%s/journal-00000001", desk.keeper.path);
    (void)signal(SIGXFSZ, SIG_IGN);
    issue_sign(&desk.agent, &a, &desk.approval);
    issue_put_request(&desk.body, buf_slice(&desk.spki), buf_slice(&desk.approval), SLICE_EMPTY);
    const struct message m = {.type = KEEPER_ISSUE, .body = buf_slice(&desk.body)};
    assert_int_equal(stat(path, &st), 0);
    limit_files((rlim_t)st.st_size);
    for (int i = 0; i < 3; i++) {
        /* The second time the record is looked for and has to be flushed first. */
        assert_int_equal(keeper_take(desk.keeper.keeper, &session, &m, &desk.keeper.answer, NULL), RFD_OK);
        assert_int_equal(desk.keeper.status == RFD_OK, i == 0);
    }
    assert_true(keeper_owes(desk.keeper.keeper));
    assert_int_not_equal(keeper_settle(desk.keeper.keeper, NULL), RFD_OK);
    assert_false(keeper_owes(desk.keeper.keeper));
    limit_files(RLIM_INFINITY);
    assert_int_equal(keeper_settle(desk.keeper.keeper, NULL), RFD_OK);
    assert_int_equal(desk_issue_approved(&a), RFD_OK);
}

enum { TOGETHER = 20 };

/** Takes the orders from number `from` on in one batch and sends; how many were issued. `aside`: half of the records
 * are on their way to the disk while the other half is made. */
static unsigned issue_in_batch(struct batch *b, struct channel *keepers, struct channel *ours, unsigned from,
                               bool aside)
{
    struct keeper_session session = {.sender = KEEPER_FROM_WEB, .greeted = true};
    struct message m;
    unsigned issued = 0;
    for (unsigned i = from; i < from + TOGETHER; i++) {
        struct approval a = desk_approval(i);
        buf_reset(&desk.approval);
        issue_sign(&desk.agent, &a, &desk.approval);
        issue_put_request(&desk.body, buf_slice(&desk.spki), buf_slice(&desk.approval), SLICE_EMPTY);
        const struct message asked = {.type = KEEPER_ISSUE, .request = i, .body = buf_slice(&desk.body)};
        assert_int_equal(batch_take(b, &session, keepers, &asked, NULL), RFD_OK);
        assert_int_equal(channel_receive(ours, NULL), RFD_OK);
        if (!aside || b->flying != NULL || i < from + TOGETHER / 2)
            assert_false(channel_next(ours, &m)); /* nothing leaves yet but what had been on disk */
        if (aside && i == from + TOGETHER / 2 - 1) batch_go(b);
    }
    batch_send(b);
    for (unsigned i = from; i < from + TOGETHER; i++) {
        while (!channel_next(ours, &m)) assert_int_equal(channel_receive(ours, NULL), RFD_OK);
        struct message_reader r = message_read(m.body);
        assert_int_equal(m.request, i);
        issued += message_get_u32(&r) == RFD_OK;
    }
    return issued;
}

/* Answers leave together. When the records cannot be written, all are refused, the audit is told so, and they may be
 * asked for again. */
static void try_batches(bool aside)
{
    const struct channel_options options = {.maximum = KEEPER_MESSAGE_MAXIMUM};
    struct channel *keepers = NULL;
    struct channel *ours = NULL;
    struct stat st;
    struct buf lines;
    char path[512], audit[256];
    int fds[2];
    static struct batch b;
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)snprintf(audit, sizeof audit, "%s", folder_file("audit"));
    (void)snprintf(path, sizeof path, "%s/journal-00000001", desk.keeper.path);
    assert_int_equal(channel_pair(fds, NULL), RFD_OK);
    assert_int_equal(channel_new(fds[0], &options, &keepers, NULL), RFD_OK);
    assert_int_equal(channel_new(fds[1], &options, &ours, NULL), RFD_OK);
    int file = open(audit, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    batch_init(&b, file);
    b.keeper = desk.keeper.keeper;
    int notify = eventfd(0, EFD_CLOEXEC);
    if (aside) keeper_settle_aside(b.keeper, notify);
    assert_int_equal(issue_in_batch(&b, keepers, ours, 100, aside), TOGETHER);
    assert_int_equal(stat(path, &st), 0);
    limit_files((rlim_t)st.st_size + 500);
    assert_int_equal(issue_in_batch(&b, keepers, ours, 200, aside), 0);
    assert_int_equal(issue_in_batch(&b, keepers, ours, 100, aside), TOGETHER); /* what is recorded is given again */
    limit_files(RLIM_INFINITY);
    assert_int_equal(issue_in_batch(&b, keepers, ours, 200, aside), TOGETHER);
    assert_true(file_read(audit, &lines));
    buf_put_byte(&lines, 0);
    assert_non_null(strstr((const char *)lines.data, aside ? "\"operation\":\"withheld\",\"uses\":10"
                                                           : "\"operation\":\"withheld\",\"uses\":20"));
    buf_dispose(&lines);
    batch_dispose(&b);
    channel_free(keepers);
    channel_free(ours);
    desk_reopen(); /* ends the thread that uses it */
    (void)close(notify);
    (void)close(file);
}

static void test_batch(void **state)
{
    (void)state;
    try_batches(false);
}

static void test_batch_aside(void **state)
{
    (void)state;
    try_batches(true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_set, desk_clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_journal),
        TEST(test_edited_records),
        TEST(test_no_room_for_the_journal),
        TEST(test_batch_that_cannot_be_recorded),
        TEST(test_batch),
        TEST(test_batch_aside),
    };
    return cmocka_run_group_tests(tests, desk_open_room, desk_close_room);
}
