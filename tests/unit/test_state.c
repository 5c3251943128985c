/* SPDX-License-Identifier: EUPL-1.2
 *
 * Backups: the stream of records, whole or damaged anywhere; the tables of a database; the lists from which another
 * program's authority is taken over.
 */
#include "base/error.h"
#include "domain/import/import_rows.h"
#include "domain/schema.h"
#include "domain/state/tables.h"
#include "pki_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static struct master master, other;

static int set_up(void **state)
{
    (void)state;
    (void)folder_new();
    assert_int_equal(master_from_secret(MASTER_CREDENTIAL, SLICE("0123456789abcdef0123456789abcdef"), &master, NULL),
                     RFD_OK);
    assert_int_equal(master_from_secret(MASTER_CREDENTIAL, SLICE("0123456789abcdef0123456789abcdeF"), &other, NULL),
                     RFD_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    master_dispose(&master);
    master_dispose(&other);
    folder_remove();
    return 0;
}

/* ---- The stream ---- */

enum { RECORDS = 400 };

/* Lengths from nothing to several pieces. */
static slice record_of(size_t i, uint8_t *bytes)
{
    size_t length = i % 37 == 0 ? 60000 : i * 7 % 1001;
    memset(bytes, (int)(i & 0xFF), length);
    return slice_of(bytes, length);
}

static void write_stream(const char *name)
{
    static uint8_t bytes[1 << 16];
    struct state_writer *w = NULL;
    assert_int_equal(state_writer_open(folder_file(name), true, &master, &w, NULL), RFD_OK);
    for (size_t i = 0; i < RECORDS; i++) assert_int_equal(state_writer_put(w, record_of(i, bytes), NULL), RFD_OK);
    assert_int_equal(state_writer_finish(w, NULL), RFD_OK);
}

/* Reads all of it; whether it is what was written. */
static rfd_status read_stream(const char *path)
{
    static uint8_t bytes[1 << 16];
    struct state_reader *r = NULL;
    rfd_status status = state_reader_open(path, &master, &r, NULL);
    bool more = status == RFD_OK;
    for (size_t i = 0; more; i++) {
        slice record;
        status = state_reader_next(r, &record, &more, NULL);
        if (status != RFD_OK) break;
        assert_int_equal(more, i < RECORDS);
        if (more) assert_true(slice_equal(record, record_of(i, bytes)));
    }
    state_reader_close(r);
    return status;
}

static void what_was_written_is_read(void **state)
{
    struct state_reader *r = NULL;
    enum master_kind kind = 0;
    slice record;
    bool more;
    (void)state;
    write_stream("good");
    assert_int_equal(read_stream(folder_file("good")), RFD_OK);
    assert_int_equal(state_reader_kind(folder_file("good"), &kind, NULL), RFD_OK);
    assert_int_equal(kind, MASTER_CREDENTIAL);
    assert_int_equal(state_reader_open(folder_file("good"), &other, &r, NULL), RFD_E_KEYSTORE_MASTER);
    assert_int_equal(state_reader_open(folder_file("good"), &master, &r, NULL), RFD_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(state_reader_next(r, &record, &more, NULL), RFD_OK);
        assert_int_equal(record.length, 60000);
        state_reader_rewind(r);
    }
    state_reader_close(r);
}

static void damage_is_noticed(void **state)
{
    struct buf good;
    (void)state;
    write_stream("good");
    assert_true(file_read(folder_file("good"), &good));
    for (size_t i = 0; i < 200; i++) {
        size_t at = i * good.length / 200;
        good.data[at] ^= 1;
        rfd_status status = read_stream(folder_write("altered", buf_slice(&good)));
        good.data[at] ^= 1;
        if (status != RFD_E_KEYSTORE_DAMAGED && status != RFD_E_KEYSTORE_MASTER) fail_msg("octet %zu altered", at);
        if (read_stream(folder_write("cut", slice_part(buf_slice(&good), 0, at))) == RFD_OK) fail_msg("cut at %zu", at);
    }
    buf_put_byte(&good, 0);
    assert_int_not_equal(read_stream(folder_write("longer", buf_slice(&good))), RFD_OK);
    buf_dispose(&good);
}

/* A piece is where it was: two of the same length are not exchanged. */
static void order_is_kept(void **state)
{
    enum { HEAD = 8 + MASTER_RECORD_SIZE, PIECE = 4 + (24 << 10) + 48 };
    struct buf good;
    static uint8_t kept[PIECE];
    (void)state;
    write_stream("good");
    assert_true(file_read(folder_file("good"), &good));
    assert_true(good.length > HEAD + 3 * PIECE);
    memcpy(kept, good.data + HEAD, PIECE);
    memmove(good.data + HEAD, good.data + HEAD + PIECE, PIECE);
    memcpy(good.data + HEAD + PIECE, kept, PIECE);
    assert_int_equal(read_stream(folder_write("swapped", buf_slice(&good))), RFD_E_KEYSTORE_DAMAGED);
    buf_dispose(&good);
}

static void nothing_is_left_of_one_that_is_abandoned(void **state)
{
    struct state_writer *w = NULL;
    struct buf content;
    (void)state;
    assert_int_equal(state_writer_open(folder_file("never"), false, &master, &w, NULL), RFD_OK);
    assert_int_equal(state_writer_put(w, SLICE("x"), NULL), RFD_OK);
    state_writer_abandon(w);
    assert_false(file_read(folder_file("never"), &content));
    state_writer_abandon(NULL);
    state_reader_close(NULL);
}

/* ---- Tables ---- */

static struct store *open_store(const char *name)
{
    char address[600];
    struct store *store = NULL;
    (void)snprintf(address, sizeof address, "sqlite:%s", folder_file(name));
    const struct store_options options = {.address = address};
    assert_int_equal(domain_open_store(&options, &store, NULL), RFD_OK);
    return store;
}

static rfd_status put_client(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct store_value values[] = {store_text(SLICE("Ñandú")), store_bytes(SLICE("hash")),
                                         store_bytes(SLICE("a\0b")), store_boolean(true)};
    (void)context;
    TRY(store_run(t,
                  "INSERT INTO registration_client(name, certificate_hash, certificate, enabled) "
                  "VALUES ($1, $2, $3, $4)",
                  values, 4, NULL, error));
    return store_run(t, "UPDATE status_counter SET number = 77 WHERE id = 1", NULL, 0, NULL, error);
}

static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct store_rows rows;
    (void)context;
    TRY(store_run(t, "SELECT name, certificate, number FROM registration_client, status_counter", NULL, 0, &rows,
                  error));
    assert_int_equal(rows.count, 1);
    assert_true(slice_is(store_cell(&rows, 0, 0)->bytes, "Ñandú"));
    assert_true(slice_equal(store_cell(&rows, 0, 1)->bytes, SLICE("a\0b")));
    assert_int_equal(store_cell(&rows, 0, 2)->integer, 77);
    return RFD_OK;
}

static rfd_status put_certificate(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct store_value serial = store_bytes(SLICE("x"));
    (void)context;
    return store_run(t,
                     "INSERT INTO certificate(authority, serial, profile, subject, subject_id, mail, not_before, "
                     "not_after, issued_at, request, client) VALUES (1, $1, '', '', '', '', 0, 0, 0, '', '')",
                     &serial, 1, NULL, error);
}

static void tables_travel(void **state)
{
    struct state_writer *w = NULL;
    struct state_reader *r = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    (void)state;
    struct store *from = open_store("from.db");
    struct store *to = open_store("to.db");
    assert_int_equal(store_write(from, put_client, NULL, NULL), RFD_OK);
    assert_int_equal(state_writer_open(folder_file("dump"), true, &master, &w, NULL), RFD_OK);
    assert_int_equal(tables_dump(from, w, &error), RFD_OK);
    assert_int_equal(state_writer_finish(w, NULL), RFD_OK);
    assert_int_equal(state_reader_open(folder_file("dump"), &master, &r, NULL), RFD_OK);
    rfd_status status = tables_restore(to, r, &error);
    if (status != RFD_OK) fail_msg("%s", error.detail);
    assert_int_equal(store_read(to, look, NULL, NULL), RFD_OK);
    /* Again over the same, since nothing was issued; not over what was. */
    assert_int_equal(tables_restore(to, r, &error), RFD_OK);
    assert_int_equal(store_read(to, look, NULL, NULL), RFD_OK);
    rfd_status put = store_write(to, put_certificate, NULL, &error);
    if (put != RFD_OK) fail_msg("%s", error.detail);
    assert_int_equal(tables_restore(to, r, &error), RFD_E_EXISTS);
    state_reader_close(r);
    store_close(from);
    store_close(to);
}

/* ---- Lists of certificates ---- */

static rfd_status read_rows(const char *text, struct import_rows *rows, struct rfd_error *error)
{
    return import_rows_read(rows, folder_write("list", slice_text(text)), error);
}

static void lists_are_read(void **state)
{
    struct arena arena;
    struct import_rows rows = {.arena = &arena};
    (void)state;
    arena_init(&arena, 1 << 20);
    assert_int_equal(read_rows("V\t270220021248Z\t\t80\tunknown\t/CN=Uno\n"
                               "R\t270220021248Z\t261122021248Z,keyCompromise\t00FF01\tunknown\t/CN=Dos\r\n"
                               "E\t20500101000000Z\t\t0\tx\t/CN=Tres\n",
                               &rows, NULL),
                     RFD_OK);
    assert_int_equal(read_rows("serial,end,revoked,reason,subject\n"
                               "# a note\n\n"
                               "0x80,,2026-01-02T00:00:00Z,5,\"CN=Uno, otra vez\"\n",
                               &rows, NULL),
                     RFD_OK);
    assert_int_equal(rows.count, 4);
    import_rows_finish(&rows);
    assert_int_equal(rows.count, 3);
    /* Sorted, in INTEGER form; what both knew of the one is one row. */
    assert_true(slice_equal(rows.items[0].serial, slice_of("\0", 1)));
    assert_true(slice_equal(rows.items[1].serial, slice_of("\0\x80", 2)));
    assert_true(slice_equal(rows.items[2].serial, slice_of("\0\xFF\x01", 3)));
    assert_int_equal(rows.items[1].reason, 5);
    assert_int_not_equal(rows.items[1].revoked_at, RFD_TIME_NONE);
    assert_int_not_equal(rows.items[1].not_after, RFD_TIME_NONE);
    assert_int_equal(rows.items[2].reason, 1);
    import_rows_dispose(&rows);
    arena_dispose(&arena);
}

static void lines_that_are_none(void **state)
{
    static const char *const texts[] = {"X\t270220021248Z\t\t80\tunknown\t/CN=Uno\n",
                                        "V\tsoon\t\t80\tunknown\t/CN=Uno\n",
                                        "V\t270220021248Z\t\t8x\tunknown\t/CN=Uno\n",
                                        "R\t270220021248Z\t\t80\tunknown\t/CN=Uno\n",
                                        "V\t270220021248Z\t261122021248Z\t80\tunknown\t/CN=Uno\n",
                                        "R\t270220021248Z\t261122021248Z,because\t80\tunknown\t/CN=Uno\n",
                                        "R\t270220021248Z\t261122021248Z,removeFromCRL\t80\tunknown\t/CN=Uno\n",
                                        "V\t270220021248Z\t\t\tunknown\t/CN=Uno\n",
                                        "V\t270220021248Z\t\t010203040506070809101112131415161718192021\tx\t/CN=Uno\n",
                                        "80,soon,,,\n",
                                        "80,,,8,\n",
                                        ",,,,\n",
                                        "hello\n"};
    struct arena arena;
    (void)state;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct import_rows rows = {.arena = &arena};
        struct rfd_error error = RFD_ERROR_INIT;
        if (read_rows(texts[i], &rows, &error) != RFD_E_ARGUMENT) fail_msg("taken: %s", texts[i]);
        assert_non_null(strstr(error.detail, "list:1: "));
        import_rows_dispose(&rows);
    }
    arena_dispose(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(damage_is_noticed),
        cmocka_unit_test(order_is_kept),
        cmocka_unit_test(nothing_is_left_of_one_that_is_abandoned),
        cmocka_unit_test(tables_travel),
        cmocka_unit_test(lists_are_read),
        cmocka_unit_test(lines_that_are_none),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
