/* SPDX-License-Identifier: EUPL-1.2
 *
 * Blobs with a real keeper in this process: what comes back, what is there once, and what is found out when somebody
 * changes files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/source.h"
#include "base_support.h"
#include "domain/blob/blob.h"
#include "domain_store.h"
#include "keeper/client_internal.h"
#include "keeper_support.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct keeper_client *client;
static struct blob_store *blobs;
static struct arena memory;
static char folder[256];

static int setup_blobs(void **state)
{
    static int number;
    if (world_setup(state) != 0) return -1;
    assert_int_equal(world_create("wrapping", "wrapping", "AES-256"), RFD_OK);
    assert_int_equal(keeper_client_direct(world.keeper, &client, NULL), RFD_OK);
    client->session.sender = KEEPER_FROM_WEB;
    (void)snprintf(folder, sizeof folder, "%s-%d", folder_file("blobs"), ++number);
    struct blob_options options = {folder, "wrapping", client};
    assert_int_equal(blob_store_open(&options, &blobs, NULL), RFD_OK);
    arena_init(&memory, 1 << 20);
    return 0;
}

static int teardown_blobs(void **state)
{
    arena_dispose(&memory);
    blob_store_close(blobs);
    keeper_client_free(client);
    return world_teardown(state);
}

/* ---- Writing and reading ---- */

/** Bytes that do not repeat every 64 KiB. */
static uint8_t *content(size_t size)
{
    uint8_t *bytes = memory_allocate(size + 1);
    assert_non_null(bytes);
    uint32_t state = (uint32_t)size + 1;
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525U + 1013904223U;
        bytes[i] = (uint8_t)(state >> 24);
    }
    return bytes;
}

static struct blob put_in_steps(slice bytes, size_t step)
{
    struct blob_writer *w = NULL;
    struct blob blob;
    struct rfd_error error = RFD_ERROR_INIT;
    if (blob_begin(blobs, &w, &error) != RFD_OK) fail_msg("%s", error.detail);
    for (size_t at = 0; at < bytes.length; at += step)
        assert_int_equal(blob_write(w, slice_part(bytes, at, step), NULL), RFD_OK);
    if (blob_finish(w, &memory, &blob, &error) != RFD_OK) fail_msg("%s", error.detail);
    return blob;
}

static struct blob put(slice bytes)
{
    return put_in_steps(bytes, bytes.length + 1);
}

struct comparing {
    slice expected;
    size_t at, calls;
};
static rfd_status compare(void *context, slice piece, struct rfd_error *error)
{
    (void)error;
    struct comparing *c = context;
    c->calls++;
    assert_true(piece.length > 0 && piece.length <= BLOB_PIECE);
    assert_true(slice_equal(slice_part(c->expected, c->at, piece.length), piece)); /* never another byte */
    c->at += piece.length;
    return RFD_OK;
}

static rfd_status get(const struct blob *blob, slice expected, size_t *given)
{
    struct comparing c = {.expected = expected};
    rfd_status status = blob_read(blobs, blob, compare, &c, NULL);
    if (given != NULL) *given = c.at;
    return status;
}

static void what_was_put_comes_back(void **state)
{
    (void)state;
    static const size_t sizes[] = {0,      1, 15, 16, 4096, BLOB_PIECE - 1, BLOB_PIECE, BLOB_PIECE + 1, 3 * BLOB_PIECE,
                                   1000000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint8_t *bytes = content(sizes[i]);
        uint8_t hash[32];
        char id[65] = "";
        (void)SHA256(bytes, sizes[i], hash);
        for (size_t k = 0; k < 32; k++) (void)snprintf(id + 2 * k, 3, "%02x", hash[k]);
        struct blob blob = put_in_steps(slice_of(bytes, sizes[i]), i % 2 == 0 ? 100000 : 7777);
        size_t given;
        assert_string_equal(blob.id, id);
        assert_int_equal(blob.size, sizes[i]);
        assert_int_equal(get(&blob, slice_of(bytes, sizes[i]), &given), RFD_OK);
        assert_int_equal(given, sizes[i]);
        memory_free(bytes);
    }
}

static rfd_status count_bytes(void *context, slice piece, struct rfd_error *error)
{
    (void)error;
    *(uint64_t *)context += piece.length;
    return RFD_OK;
}

static long resident(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

static void constant_memory(void **state)
{
    (void)state;
    enum { PIECES = 100, MEGABYTE = 1 << 20, KIBIBYTES_MORE = 8192 };
    uint8_t *bytes = content(MEGABYTE);
    struct blob_writer *w = NULL;
    struct blob blob;
    uint64_t read = 0;
    long before = resident();
    assert_int_equal(blob_begin(blobs, &w, NULL), RFD_OK);
    for (int i = 0; i < PIECES; i++) assert_int_equal(blob_write(w, slice_of(bytes, MEGABYTE), NULL), RFD_OK);
    assert_int_equal(blob_finish(w, &memory, &blob, NULL), RFD_OK);
    assert_int_equal(blob_read(blobs, &blob, count_bytes, &read, NULL), RFD_OK);
    assert_int_equal(read, (uint64_t)PIECES * MEGABYTE);
    assert_true(resident() - before < KIBIBYTES_MORE);
    memory_free(bytes);
}

static void types(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"%PDF-1.7\n", "application/pdf"},
        {"\xEF\xBB\xBF%PDF-2.0\n", "application/pdf"},
        {"\x89PNG\r\n\x1A\n....", "image/png"},
        {"\xFF\xD8\xFF\xE0", "image/jpeg"},
        {"a;b;c\n1;2;3\n", "text/csv"},
        {"a,b\n\"1,5\n\",2\n", "text/csv"},
        {"a\tb\n", "text/csv"},
        {"a,b\n1\n", "application/octet-stream"},
        {"just text\n", "application/octet-stream"},
        {"a,b\x01\n", "application/octet-stream"},
        {"MZ\x90", "application/octet-stream"},
        {"", "application/octet-stream"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct blob blob = put(slice_text(cases[i][0]));
        assert_true(slice_is(blob.type, cases[i][1]));
    }
}

/** Files below the folder, those in "new" not counted. */
static size_t files(bool in_new)
{
    size_t count = 0;
    DIR *top = opendir(folder);
    assert_non_null(top);
    for (const struct dirent *e = readdir(top); e != NULL; e = readdir(top)) {
        char path[1024];
        if (e->d_name[0] == '.' || (strcmp(e->d_name, "new") == 0) != in_new) continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        DIR *inside = opendir(path);
        assert_non_null(inside);
        for (const struct dirent *f = readdir(inside); f != NULL; f = readdir(inside)) count += f->d_name[0] != '.';
        (void)closedir(inside);
    }
    (void)closedir(top);
    return count;
}

static void each_content_once(void **state)
{
    (void)state;
    slice a = SLICE("the same content");
    struct blob first = put(a);
    struct blob again = put(a);
    assert_true(slice_equal(first.wrapped, again.wrapped));
    assert_int_equal(files(false), 1);
    assert_int_equal(files(true), 0);
    assert_int_equal(get(&again, a, NULL), RFD_OK);

    /* Two at once, neither knowing of the other. */
    slice b = SLICE("another content");
    struct blob_writer *w[2];
    struct blob done[2];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(blob_begin(blobs, &w[i], NULL), RFD_OK);
        assert_int_equal(blob_write(w[i], b, NULL), RFD_OK);
    }
    for (int i = 0; i < 2; i++) assert_int_equal(blob_finish(w[i], &memory, &done[i], NULL), RFD_OK);
    assert_int_equal(files(false), 2);
    assert_true(slice_equal(done[0].wrapped, done[1].wrapped));
    for (int i = 0; i < 2; i++) assert_int_equal(get(&done[i], b, NULL), RFD_OK);
}

static void abandoned(void **state)
{
    (void)state;
    struct blob_writer *w = NULL;
    assert_int_equal(blob_begin(blobs, &w, NULL), RFD_OK);
    assert_int_equal(blob_write(w, SLICE("x"), NULL), RFD_OK);
    assert_int_equal(files(true), 1);
    blob_abandon(w);
    blob_abandon(NULL);
    assert_int_equal(files(true), 0);
    assert_int_equal(files(false), 0);
}

/* ---- Tampering ---- */

static void path_of(const struct blob *blob, char path[1024])
{
    (void)snprintf(path, 1024, "%s/%.2s/%s", folder, blob->id, blob->id);
}

static void read_file(const struct blob *blob, struct buf *out)
{
    char path[1024];
    path_of(blob, path);
    assert_int_equal(source_read_file(path, 1 << 20, out, NULL), RFD_OK);
}

static void write_file(const struct blob *blob, slice bytes)
{
    char path[1024];
    path_of(blob, path);
    int file = open(path, O_WRONLY | O_TRUNC);
    assert_int_equal(write(file, bytes.data, bytes.length), bytes.length);
    (void)close(file);
}

static void altered(void **state)
{
    (void)state;
    enum { SIZE = 2 * BLOB_PIECE + 500, SEALED = BLOB_PIECE + 16 };
    uint8_t *bytes = content(SIZE);
    slice expected = slice_of(bytes, SIZE);
    struct blob blob = put(expected);
    struct buf file;
    size_t given;
    buf_init(&file, 1 << 20);
    read_file(&blob, &file);
    size_t head = file.length - 2 * (size_t)SEALED - 500 - 16;
    static const size_t steps[] = {0, 8, 24, 25, 40};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        file.data[steps[i]] ^= 1; /* the head: nothing at all is given */
        write_file(&blob, buf_slice(&file));
        assert_int_equal(get(&blob, expected, &given), RFD_E_KEYSTORE_DAMAGED);
        assert_int_equal(given, 0);
        file.data[steps[i]] ^= 1;
    }
    for (size_t at = head; at < file.length; at += 9973) {
        file.data[at] ^= 0x80;
        write_file(&blob, buf_slice(&file));
        assert_int_equal(get(&blob, expected, &given), RFD_E_KEYSTORE_DAMAGED);
        assert_int_equal(given, (at - head) / SEALED * BLOB_PIECE); /* what comes before is right */
        file.data[at] ^= 0x80;
    }
    write_file(&blob, slice_part(buf_slice(&file), 0, file.length - 1));
    assert_int_equal(get(&blob, expected, NULL), RFD_E_KEYSTORE_DAMAGED);
    write_file(&blob, slice_part(buf_slice(&file), 0, head + SEALED));
    assert_int_equal(get(&blob, expected, NULL), RFD_E_KEYSTORE_DAMAGED);
    write_file(&blob, SLICE(""));
    assert_int_equal(get(&blob, expected, NULL), RFD_E_KEYSTORE_DAMAGED);

    /* Pieces exchanged; something added. */
    struct buf other;
    buf_init(&other, 1 << 20);
    buf_put(&other, file.data, head);
    buf_put(&other, file.data + head + SEALED, SEALED);
    buf_put(&other, file.data + head, SEALED);
    buf_put(&other, file.data + head + (size_t)2 * SEALED, 516);
    write_file(&blob, buf_slice(&other));
    assert_int_equal(get(&blob, expected, &given), RFD_E_KEYSTORE_DAMAGED);
    assert_int_equal(given, 0);
    buf_reset(&other);
    buf_put_slice(&other, buf_slice(&file));
    buf_put_byte(&other, 0);
    write_file(&blob, buf_slice(&other));
    assert_int_equal(get(&blob, expected, &given), RFD_E_KEYSTORE_DAMAGED);
    assert_int_equal(given, 2 * BLOB_PIECE); /* the last piece is held back */

    write_file(&blob, buf_slice(&file));
    assert_int_equal(get(&blob, expected, NULL), RFD_OK);
    /* A row that was altered: cut at a piece's end, too. */
    blob.size = BLOB_PIECE;
    assert_int_equal(get(&blob, expected, &given), RFD_E_KEYSTORE_DAMAGED);
    assert_int_equal(given, 0);
    buf_dispose(&other);
    buf_dispose(&file);
    memory_free(bytes);
}

static void exchanged(void **state)
{
    (void)state;
    struct blob a = put(SLICE("aaaa"));
    struct blob b = put(SLICE("bbbb"));
    struct buf file;
    buf_init(&file, 1 << 20);
    read_file(&b, &file);
    write_file(&a, buf_slice(&file));
    assert_int_equal(get(&a, SLICE("aaaa"), NULL), RFD_E_KEYSTORE_DAMAGED); /* b's label, a's key */
    a.wrapped = b.wrapped;
    size_t given;
    assert_int_equal(get(&a, SLICE("aaaa"), &given), RFD_E_KEYSTORE_DAMAGED); /* opens, but it is another content */
    assert_int_equal(given, 0);
    buf_dispose(&file);
}

static void paths_are_ours(void **state)
{
    (void)state;
    struct blob blob = put(SLICE("x"));
    static const char *const ids[] = {"", "../../../../etc/passwd", "ABCDEF", "..", "/"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct blob bad = blob;
        memset(bad.id, 0, sizeof bad.id);
        memcpy(bad.id, ids[i], strlen(ids[i]));
        assert_int_equal(get(&bad, SLICE("x"), NULL), RFD_E_ARGUMENT);
    }
    blob.id[0] = 'A';
    assert_int_equal(get(&blob, SLICE("x"), NULL), RFD_E_ARGUMENT);
    blob.id[0] = 'f';
    blob.id[1] = '0';
    assert_int_equal(get(&blob, SLICE("x"), NULL), RFD_E_IO_READ);
}

static void without_the_keeper(void **state)
{
    (void)state;
    struct blob blob = put(SLICE("x"));
    client->session.sender = KEEPER_FROM_STATUS; /* who may not */
    struct blob_writer *w = NULL;
    assert_int_not_equal(blob_begin(blobs, &w, NULL), RFD_OK);
    assert_null(w);
    size_t given;
    assert_int_not_equal(get(&blob, SLICE("x"), &given), RFD_OK);
    assert_int_equal(given, 0);
    assert_int_equal(files(true), 0);
}

/* ---- Rows, and the sweep ---- */

struct recording {
    struct blob blob;
    struct blob found;
    struct arena *a;
};
static rfd_status record(struct transaction *t, void *context, struct rfd_error *error)
{
    return blob_record(t, &((struct recording *)context)->blob, error);
}

static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct recording *r = context;
    TRY(blob_find(t, slice_text(r->blob.id), &r->found, error));
    r->found.type = arena_copy(r->a, r->found.type);
    r->found.wrapped = arena_copy(r->a, r->found.wrapped);
    return RFD_OK;
}

static void make_old(const struct blob *blob)
{
    char path[1024];
    path_of(blob, path);
    struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void rows(void **state)
{
    struct store *store = domain_store_of(state);
    struct recording r = {.blob = put(SLICE("a,b\n")), .a = &memory};
    assert_int_equal(store_read(store, find, &r, NULL), RFD_E_NOT_FOUND);
    assert_int_equal(store_write(store, record, &r, NULL), RFD_OK);
    assert_int_equal(store_write(store, record, &r, NULL), RFD_OK); /* twice */
    assert_int_equal(store_read(store, find, &r, NULL), RFD_OK);
    assert_true(slice_is(r.found.type, "text/csv"));
    assert_int_equal(r.found.size, 4);
    assert_int_equal(get(&r.found, SLICE("a,b\n"), NULL), RFD_OK);

    struct blob young = put(SLICE("young"));
    struct blob old = put(SLICE("old"));
    struct blob used = put(SLICE("used"));
    make_old(&r.blob);
    make_old(&old);
    make_old(&used);
    (void)put(SLICE("used")); /* again: young once more */
    struct blob_writer *w = NULL;
    assert_int_equal(blob_begin(blobs, &w, NULL), RFD_OK);
    size_t removed;
    assert_int_equal(blob_sweep(blobs, store, clock_now(), &removed, NULL), RFD_OK);
    assert_int_equal(removed, 1);
    assert_int_equal(files(true), 1);
    assert_int_equal(get(&r.found, SLICE("a,b\n"), NULL), RFD_OK);
    assert_int_equal(get(&young, SLICE("young"), NULL), RFD_OK);
    assert_int_equal(get(&used, SLICE("used"), NULL), RFD_OK);
    assert_int_equal(get(&old, SLICE("old"), NULL), RFD_E_IO_READ);
    /* Two days later: what was being written is gone, and whatever has no row. */
    assert_int_equal(blob_sweep(blobs, store, clock_now() + 172800 * RFD_SECOND, &removed, NULL), RFD_OK);
    assert_int_equal(removed, 3);
    assert_int_equal(files(true), 0);
    assert_int_equal(files(false), 1);
    blob_abandon(w);
}

static int rows_sqlite(void **state)
{
    return setup_blobs(state) == 0 ? domain_store_sqlite(state) : -1;
}
static int rows_postgresql(void **state)
{
    return setup_blobs(state) == 0 ? domain_store_postgresql(state) : -1;
}
static int rows_end(void **state)
{
    return domain_store_close(state) == 0 ? teardown_blobs(state) : -1;
}

/** One to stand in, for the databases; one for the keeper. */
static int open_folders(void **state)
{
    return folder_setup(state) == 0 && folder_new() != NULL ? 0 : -1;
}
static int close_folders(void **state)
{
    folder_remove();
    return folder_teardown(state);
}

int main(void)
{
#define WITH_BLOBS(test) cmocka_unit_test_setup_teardown(test, setup_blobs, teardown_blobs)
    const struct CMUnitTest tests[] = {
        WITH_BLOBS(what_was_put_comes_back),
        WITH_BLOBS(constant_memory),
        WITH_BLOBS(types),
        WITH_BLOBS(each_content_once),
        WITH_BLOBS(abandoned),
        WITH_BLOBS(altered),
        WITH_BLOBS(exchanged),
        WITH_BLOBS(paths_are_ours),
        WITH_BLOBS(without_the_keeper),
        cmocka_unit_test_setup_teardown(rows, rows_sqlite, rows_end),
        {"rows_postgresql", rows, rows_postgresql, rows_end, NULL},
    };
    return cmocka_run_group_tests(tests, open_folders, close_folders);
}
