/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "keeper/journal.h"

#include "base/clock.h"
#include "base_support.h"
#include "pki/digest.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW (INT64_C(1795000000) * RFD_SECOND)

enum { SIGNATURE = 72, MANY = 130000, FIRST_FILE_MOST = 17 << 20 };

struct world {
    char path[32];
    struct key_folder folder;
    struct secret key;
    struct journal *journal;
};
static struct world w;
static int worlds;

static int setup(void **state)
{
    static const uint8_t key[32] = {7};
    (void)state;
    w = (struct world){.journal = NULL};
    (void)snprintf(w.path, sizeof w.path, "journal%d", ++worlds);
    clock_fix(NOW);
    assert_int_equal(key_folder_open(w.path, true, &w.folder, NULL), RFD_OK);
    assert_int_equal(secret_set(&w.key, slice_of(key, sizeof key), NULL), RFD_OK);
    assert_int_equal(journal_open(&w.folder, &w.key, INT64_MIN, &w.journal, NULL), RFD_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    journal_close(w.journal);
    secret_dispose(&w.key);
    key_folder_close(&w.folder);
    clock_fix(RFD_TIME_NONE);
    return 0;
}

static rfd_status reopen_since(rfd_time since)
{
    journal_close(w.journal);
    w.journal = NULL;
    return journal_open(&w.folder, &w.key, since, &w.journal, NULL);
}

static rfd_status reopen(void)
{
    return reopen_since(INT64_MIN);
}

/** The n-th record: all of its parts follow from n. */
struct sample {
    uint8_t serial[17], tbs[32], approval[32], signature[SIGNATURE];
};

static struct journal_record make(uint64_t n, struct sample *s)
{
    uint8_t bytes[8];
    *s = (struct sample){.serial = {1}};
    for (size_t i = 0; i < 8; i++) bytes[i] = (uint8_t)(n >> 8 * i);
    assert_int_equal(digest_of(DIGEST_SHA256, slice_of(bytes, 8), s->tbs, NULL), RFD_OK);
    memcpy(s->serial + 1, s->tbs, 16);
    memcpy(s->signature, s->tbs, 32);
    assert_int_equal(digest_of(DIGEST_SHA256, slice_of(s->tbs, 32), s->approval, NULL), RFD_OK);
    return (struct journal_record){.time = NOW + (rfd_time)n,
                                   .partition = (uint32_t)n % 7,
                                   .key = {3},
                                   .serial = slice_of(s->serial, 17),
                                   .tbs = slice_of(s->tbs, 32),
                                   .approval = slice_of(s->approval, n % 5 == 4 ? 0 : 32),
                                   .signature = slice_of(s->signature, SIGNATURE)};
}

static void add(uint64_t from, uint64_t to, uint64_t together)
{
    struct sample s;
    for (uint64_t n = from; n < to; n++) {
        const struct journal_record r = make(n, &s);
        assert_int_equal(journal_add(w.journal, &r, NULL), RFD_OK);
        if (n % together == together - 1) assert_int_equal(journal_flush(w.journal, NULL), RFD_OK);
    }
    assert_int_equal(journal_flush(w.journal, NULL), RFD_OK);
    assert_false(journal_waits(w.journal));
}

static bool finds(uint64_t n)
{
    struct sample s;
    struct buf memory;
    struct journal_record got;
    bool found = false;
    const struct journal_record r = make(n, &s);
    buf_init(&memory, 1 << 16);
    assert_int_equal(journal_find(w.journal, slice_of(s.approval, 32), &memory, &got, &found, NULL), RFD_OK);
    if (found) {
        assert_int_equal(got.position, n + 1);
        assert_int_equal(got.time, r.time);
        assert_int_equal(got.partition, r.partition);
        assert_memory_equal(got.key, r.key, sizeof got.key);
        assert_true(slice_equal(got.serial, r.serial) && slice_equal(got.tbs, r.tbs));
        assert_true(slice_equal(got.approval, r.approval) && slice_equal(got.signature, r.signature));
    }
    buf_dispose(&memory);
    return found;
}

struct count {
    uint64_t next, count, most;
};

static rfd_status see(void *context, const struct journal_record *r, bool *more, struct rfd_error *error)
{
    struct count *c = context;
    (void)error;
    assert_int_equal(r->position, c->next++);
    *more = ++c->count < c->most;
    return RFD_OK;
}

static uint64_t walk(uint64_t from, uint64_t first, uint64_t most)
{
    struct count c = {.next = first, .most = most};
    assert_int_equal(journal_walk(w.journal, from, see, &c, NULL), RFD_OK);
    return c.count;
}

/* ---- Tests ---- */

static void test_records(void **state)
{
    (void)state;
    uint8_t instance[JOURNAL_INSTANCE_SIZE];
    assert_int_equal(walk(0, 1, 10), 0);
    add(0, 1000, 7);
    memcpy(instance, journal_instance(w.journal), sizeof instance);
    for (int round = 0; round < 2; round++) {
        for (uint64_t n = 0; n < 1000; n += 13) assert_int_equal(finds(n), n % 5 != 4);
        assert_false(finds(1000));
        assert_int_equal(walk(0, 1, UINT64_MAX), 1000);
        assert_int_equal(walk(1, 1, UINT64_MAX), 1000);
        assert_int_equal(walk(700, 700, UINT64_MAX), 301);
        assert_int_equal(walk(700, 700, 5), 5);
        assert_int_equal(walk(1001, 1, 5), 0);
        assert_int_equal(walk(UINT64_MAX, 1, 5), 0);
        assert_int_equal(reopen(), RFD_OK);
        assert_memory_equal(journal_instance(w.journal), instance, sizeof instance);
    }
}

/* One that waits is found, and flushed first, so that what is read is on disk. */
static void test_waiting_record(void **state)
{
    (void)state;
    struct sample s;
    const struct journal_record r = make(0, &s);
    assert_int_equal(journal_add(w.journal, &r, NULL), RFD_OK);
    assert_true(journal_waits(w.journal));
    assert_true(finds(0));
    assert_false(journal_waits(w.journal));
}

static void add_some(uint64_t from, uint64_t to)
{
    struct sample s;
    for (uint64_t n = from; n < to; n++) {
        const struct journal_record r = make(n, &s);
        assert_int_equal(journal_add(w.journal, &r, NULL), RFD_OK);
    }
}

/* While the thread writes, records are added and found; all are there afterwards, in their order. */
static void test_written_aside(void **state)
{
    (void)state;
    uint64_t times = 0;
    int notify = eventfd(0, EFD_CLOEXEC);
    assert_true(notify >= 0);
    assert_false(journal_go(w.journal)); /* no thread */
    assert_int_equal(journal_write_aside(w.journal, notify, NULL), RFD_OK);
    assert_false(journal_go(w.journal)); /* nothing waits */
    for (uint64_t n = 0; n < 300; n += 30) {
        add_some(n, n + 10);
        assert_true(journal_go(w.journal));
        add_some(n + 10, n + 20);
        assert_false(journal_go(w.journal)); /* one at a time */
        assert_true(journal_waits(w.journal));
        assert_int_equal(read(notify, &times, sizeof times), (ssize_t)sizeof times);
        assert_true(journal_has_landed(w.journal));
        assert_int_equal(journal_land(w.journal, NULL), RFD_OK);
        assert_true(journal_go(w.journal));
        add_some(n + 20, n + 30);
        assert_true(finds(n + 3)); /* waits for the thread, and writes what waits */
        assert_false(journal_waits(w.journal));
        assert_int_equal(journal_land(w.journal, NULL), RFD_OK);
        assert_int_equal(read(notify, &times, sizeof times), (ssize_t)sizeof times);
    }
    assert_int_equal(walk(0, 1, UINT64_MAX), 300);
    assert_int_equal(reopen(), RFD_OK);
    assert_int_equal(walk(0, 1, UINT64_MAX), 300);
    (void)close(notify);
}

/* The disk refuses while the thread writes: whoever lands hears of it, and nothing that was added since is kept. */
static void test_aside_on_a_full_disk(void **state)
{
    (void)state;
    int notify = eventfd(0, EFD_CLOEXEC);
    struct rlimit usual;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &usual), 0);
    const struct rlimit none = {1024, usual.rlim_max};
    assert_int_equal(journal_write_aside(w.journal, notify, NULL), RFD_OK);
    add(0, 3, 3);
    add_some(3, 20);
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    assert_true(journal_go(w.journal));
    add_some(20, 25);
    assert_int_equal(journal_land(w.journal, NULL), RFD_E_IO_WRITE);
    assert_true(journal_is_broken(w.journal));
    assert_int_not_equal(journal_land(w.journal, NULL), RFD_OK);
    assert_int_not_equal(journal_flush(w.journal, NULL), RFD_OK);
    assert_false(journal_go(w.journal));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &usual), 0);
    assert_int_equal(reopen(), RFD_OK);
    assert_int_equal(walk(0, 1, UINT64_MAX), 3);
    (void)close(notify);
}

/* What was not flushed is gone, and the next one takes its place. */
static void test_lost_record(void **state)
{
    (void)state;
    struct sample s;
    add(0, 3, 1);
    const struct journal_record r = make(3, &s);
    assert_int_equal(journal_add(w.journal, &r, NULL), RFD_OK);
    assert_int_equal(reopen(), RFD_OK);
    assert_false(finds(3));
    add(3, 6, 1);
    assert_true(finds(3) && finds(5));
}

static void test_many_files(void **state)
{
    (void)state;
    struct stat st;
    char path[64];
    add(0, MANY, MANY);
    for (int round = 0; round < 2; round++) {
        assert_true(finds(0) && finds(1) && finds(MANY / 2) && finds(MANY - 2));
        assert_int_equal(walk(MANY - 300, MANY - 300, UINT64_MAX), 301);
        assert_int_equal(walk(1, 1, UINT64_MAX), MANY);
        assert_int_equal(reopen(), RFD_OK);
    }
    (void)snprintf(path, sizeof path, "%s/journal-00000001", w.path);
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size <= FIRST_FILE_MOST);
    (void)snprintf(path, sizeof path, "%s/journal-00000002", w.path);
    assert_int_equal(stat(path, &st), 0);
    /* Too old: the first file goes, the last one stays however old it is. */
    assert_int_equal(reopen_since(NOW + MANY + 1), RFD_OK);
    assert_false(finds(0));
    assert_true(finds(MANY - 2));
    assert_int_equal(walk(MANY, MANY, 10), 1);
    (void)snprintf(path, sizeof path, "%s/journal-00000001", w.path);
    assert_int_not_equal(access(path, F_OK), 0);
    add(MANY, MANY + 10, 1);
    assert_int_equal(reopen_since(NOW + MANY + 1), RFD_OK);
    assert_true(finds(MANY + 5));
}

/* A file in the middle that is missing, and one that is of another place. */
static void test_missing_file(void **state)
{
    (void)state;
    char path[64], other[64];
    add(0, MANY, MANY);
    (void)snprintf(path, sizeof path, "%s/journal-00000002", w.path);
    (void)snprintf(other, sizeof other, "%s/journal-00000004", w.path);
    assert_int_equal(rename(path, other), 0);
    assert_int_equal(reopen(), RFD_E_KEYSTORE_DAMAGED);
    (void)snprintf(other, sizeof other, "%s/journal-00000001", w.path);
    assert_int_equal(unlink(other), 0);
    assert_int_equal(reopen(), RFD_E_KEYSTORE_DAMAGED);
}

/* ---- Crashes and alterations ---- */

static int64_t length_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

/* Cut anywhere in what was written last: the records before it are there, and it goes on. */
static void test_torn_end(void **state)
{
    (void)state;
    char path[64];
    (void)snprintf(path, sizeof path, "%s/journal-00000001", w.path);
    add(0, 20, 1);
    int64_t good = length_of(path);
    add(20, 22, 5);
    int64_t whole = length_of(path);
    for (int64_t cut = whole - 1; cut > good; cut -= 29) {
        assert_int_equal(truncate(path, cut), 0);
        assert_int_equal(reopen(), RFD_OK);
        assert_true(finds(18));
        assert_int_equal(finds(20), cut >= good + (whole - good) / 2);
        assert_false(finds(21));
        assert_int_equal(truncate(path, good), 0);
        assert_int_equal(reopen(), RFD_OK);
        add(20, 22, 5);
        assert_int_equal(length_of(path), whole);
    }
}

static void flip(const char *path, int64_t at)
{
    uint8_t octet;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pread(fd, &octet, 1, at), 1);
    octet ^= 0x04;
    assert_int_equal(pwrite(fd, &octet, 1, at), 1);
    (void)close(fd);
}

/* Any octet changed that had been on disk when something was written after it. */
static void test_alteration(void **state)
{
    (void)state;
    char path[64];
    (void)snprintf(path, sizeof path, "%s/journal-00000001", w.path);
    add(0, 3, 1);
    int64_t before = length_of(path);
    add(3, 4, 1);
    for (int64_t at = 0; at < before; at++) {
        /* The digest of the small file that the header was written as is not looked at again. */
        flip(path, at);
        rfd_status status = reopen();
        flip(path, at);
        if (status == RFD_OK) {
            assert_true(at < 160);
            assert_true(finds(0) && finds(3));
        } else {
            assert_int_equal(status, RFD_E_KEYSTORE_DAMAGED);
        }
    }
    assert_int_equal(reopen(), RFD_OK);
    assert_int_equal(walk(0, 1, UINT64_MAX), 4);
}

static void test_another_key(void **state)
{
    (void)state;
    add(0, 3, 1);
    w.key.data[0] ^= 1;
    assert_int_equal(reopen(), RFD_E_KEYSTORE_DAMAGED);
    w.key.data[0] ^= 1;
    assert_int_equal(reopen(), RFD_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_records),     TEST(test_waiting_record), TEST(test_written_aside), TEST(test_aside_on_a_full_disk),
        TEST(test_lost_record), TEST(test_many_files),     TEST(test_missing_file),  TEST(test_torn_end),
        TEST(test_alteration),  TEST(test_another_key),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
