/* SPDX-License-Identifier: EUPL-1.2
 *
 * The log is copied into the tables while the writer goes on, and begins anew; who reads meanwhile sees each commit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/number.h"
#include "store/sqlite_checkpoint.h"

#include <stdio.h>
#include <unistd.h>

enum {
    PAGES = 1000,
    ROW = 40000 /* so that the file is one whose mapping stays */,
    KEPT = 500,
    ROUNDS = 3,
    ORDER_AT = 12
};

static const char path[] = "checkpoint.db";

struct both {
    struct sqlite_connection writer, reader;
    struct sqlite_checkpoint checkpoint;
    int64_t written;
};

static void forget_files(void)
{
    static const char *const names[] = {"checkpoint.db", "checkpoint.db-wal", "checkpoint.db-shm"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) (void)unlink(names[i]);
}

static void run(struct sqlite_connection *c, const char *sql, int64_t number, store_row *row, void *context)
{
    struct rfd_error error = RFD_ERROR_INIT;
    const struct store_value value = store_integer(number);
    size_t count = strstr(sql, "$1") == NULL ? 0 : 1;
    if (sqlite_connection_run(c, sql, &value, count, row, context, NULL, &error) != RFD_OK)
        fail_msg("%s", error.detail);
}

static rfd_status take_number(void *context, const struct store_value *values, size_t columns, struct rfd_error *error)
{
    (void)columns, (void)error;
    *(int64_t *)context = values[0].integer;
    return RFD_OK;
}

static rfd_status take_word(void *context, const struct store_value *values, size_t columns, struct rfd_error *error)
{
    (void)columns, (void)error;
    *(bool *)context = slice_equal(values[0].bytes, SLICE("ok"));
    return RFD_OK;
}

/** How often the log has begun anew: four octets of its header. */
static uint64_t times_begun(void)
{
    uint8_t header[32] = {0};
    FILE *file = fopen("checkpoint.db-wal", "rb");
    size_t got = file == NULL ? 0 : fread(header, 1, sizeof header, file);
    if (file != NULL) (void)fclose(file);
    return got < sizeof header ? 0 : number_big_endian(header + ORDER_AT, 4);
}

/** One commit: a row more, another changed; and the reader sees it. */
static void write_one(struct both *b)
{
    int64_t seen = 0;
    run(&b->writer, "BEGIN IMMEDIATE", 0, NULL, NULL);
    run(&b->writer, "INSERT INTO note(id, bytes) VALUES ($1, randomblob(40000))", ++b->written, NULL, NULL);
    run(&b->writer, "UPDATE note SET bytes = randomblob(40000) WHERE id = $1", b->written * 7919 % KEPT, NULL, NULL);
    run(&b->writer, "COMMIT", 0, NULL, NULL);
    run(&b->reader, "SELECT max(id) FROM note", 0, take_number, &seen);
    assert_int_equal(seen, b->written);
}

static void open_both(struct both *b, int pages)
{
    struct rfd_error error = RFD_ERROR_INIT;
    if (sqlite_connection_open(path, true, &b->writer, &error) != RFD_OK) fail_msg("%s", error.detail);
    if (sqlite_connection_open(path, false, &b->reader, &error) != RFD_OK) fail_msg("%s", error.detail);
    b->checkpoint.pages = pages;
    sqlite_checkpoint_begin(&b->checkpoint, path, &b->writer);
}

static void close_both(struct both *b)
{
    sqlite_checkpoint_end(&b->checkpoint);
    sqlite_connection_close(&b->reader);
    sqlite_connection_close(&b->writer);
}

static void test_log_begins_anew(void **state)
{
    struct both b = {.written = 0};
    int64_t count = 0;
    bool whole = false;
    (void)state;
    forget_files();
    open_both(&b, PAGES);
    run(&b.writer, "CREATE TABLE note(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT", 0, NULL, NULL);
    while (times_begun() < ROUNDS || b.written < KEPT) write_one(&b); /* however long the thread takes */
    close_both(&b);
    b = (struct both){.written = b.written};
    open_both(&b, 0);
    assert_int_equal(b.checkpoint.pages, CHECKPOINT_PAGES);
    run(&b.reader, "SELECT count(*) FROM note WHERE length(bytes) = 40000", 0, take_number, &count);
    assert_int_equal(count, b.written);
    run(&b.reader, "PRAGMA integrity_check", 0, take_word, &whole);
    assert_true(whole);
    close_both(&b);
    forget_files();
}

/** Ended before it began, with nothing to do, and twice. */
static void test_nothing_to_do(void **state)
{
    struct both b = {.written = 0};
    (void)state;
    sqlite_checkpoint_end(&b.checkpoint);
    forget_files();
    open_both(&b, PAGES);
    close_both(&b);
    sqlite_checkpoint_end(&b.checkpoint);
    forget_files();
}

/* A file that was made smaller, as by VACUUM, is looked at as it is. */
static void test_file_shrinks(void **state)
{
    struct both b = {.written = 0};
    int64_t seen = 0;
    (void)state;
    forget_files();
    open_both(&b, PAGES);
    run(&b.writer, "CREATE TABLE note(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT", 0, NULL, NULL);
    for (size_t i = 0; i < KEPT; i++) write_one(&b);
    run(&b.writer, "PRAGMA wal_checkpoint(TRUNCATE)", 0, take_number, &seen);
    run(&b.reader, "SELECT sum(length(bytes)) FROM note", 0, take_number, &seen);
    assert_int_equal(seen, KEPT * ROW);
    run(&b.writer, "DELETE FROM note WHERE id > 10", 0, NULL, NULL);
    run(&b.writer, "VACUUM", 0, NULL, NULL);
    run(&b.writer, "PRAGMA wal_checkpoint(TRUNCATE)", 0, take_number, &seen);
    run(&b.reader, "SELECT sum(length(bytes)) FROM note", 0, take_number, &seen);
    assert_int_equal(seen, 10 * ROW);
    b.written = 10;
    for (size_t i = 0; i < KEPT; i++) write_one(&b);
    run(&b.writer, "PRAGMA wal_checkpoint(TRUNCATE)", 0, take_number, &seen);
    run(&b.reader, "SELECT sum(length(bytes)) FROM note", 0, take_number, &seen);
    assert_int_equal(seen, (KEPT + 10) * ROW);
    close_both(&b);
    forget_files();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_begins_anew),
        cmocka_unit_test(test_nothing_to_do),
        cmocka_unit_test(test_file_shrinks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
