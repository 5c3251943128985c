/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is on disk: files that were changed, swapped or cut short, and the holder's log.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/number.h"
#include "personal_desk.h"

#include <fcntl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *path_of(const char *id, const char *suffix)
{
    static char paths[4][512];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s%s", pdesk.path, id, suffix);
    return path;
}

static void change_octet(const char *path, off_t at)
{
    uint8_t octet = 0;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pread(fd, &octet, 1, at), 1);
    octet ^= 1;
    assert_int_equal(pwrite(fd, &octet, 1, at), 1);
    (void)close(fd);
}

static off_t size_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

static void swap(const char *a, const char *b)
{
    char middle[512];
    (void)snprintf(middle, sizeof middle, "%s/swap", pdesk.path);
    assert_int_equal(rename(a, middle), 0);
    assert_int_equal(rename(b, a), 0);
    assert_int_equal(rename(middle, b), 0);
}

/* ---- Credentials ---- */

static void test_changed_file(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], other[PERSONAL_ID_SIZE];
    struct shown shown;
    struct begun b;
    pdesk_generate(1, id);
    pdesk_generate(2, other);
    const char *path = path_of(id, ".cred");
    for (off_t at = 0; at < size_of(path); at += 97) {
        change_octet(path, at);
        assert_int_equal(pdesk_show(id, &shown), RFD_E_KEYSTORE_DAMAGED);
        change_octet(path, at);
    }
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    swap(path_of(id, ".cred"), path_of(other, ".cred"));
    assert_int_equal(pdesk_show(id, &shown), RFD_E_KEYSTORE_DAMAGED);
    assert_int_equal(pdesk_begin_sign(other, 0, 1, &b), RFD_E_KEYSTORE_DAMAGED);
    /* A keeper that starts says so, too, and serves the others. */
    pdesk_reopen();
    assert_int_equal(pdesk_show(id, &shown), RFD_E_KEYSTORE_DAMAGED);
    swap(path_of(id, ".cred"), path_of(other, ".cred"));
    assert_int_equal(truncate(path, size_of(path) / 2), 0);
    pdesk_reopen();
    assert_int_equal(pdesk_show(id, &shown), RFD_E_KEYSTORE_DAMAGED);
    assert_int_equal(pdesk_begin_sign(id, 0, 1, &b), RFD_E_KEYSTORE_DAMAGED);
    assert_int_equal(pdesk_show(other, &shown), RFD_OK);
    assert_int_equal(pdesk_begin_sign(other, 0, 1, &b), RFD_OK);
}

/* Nothing of the secrets, and no address, is readable on disk. */
static void test_nothing_is_readable(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    struct buf file;
    pdesk_generate(1, id);
    assert_true(file_read(path_of(id, ".cred"), &file));
    assert_null(memmem(file.data, file.length, "+51999000111", 12));
    assert_null(memmem(file.data, file.length, DESK_PASSWORD, sizeof DESK_PASSWORD - 1));
    assert_null(memmem(file.data, file.length, "IDCPE", 5));
    buf_dispose(&file);
}

/* ---- The log ---- */

struct read_log {
    uint64_t all;
    uint32_t count;
    uint8_t head[HOLDER_LOG_HEAD_SIZE];
    char first[512], last[1024];
};

/** Reads all lines, computes the head from them, and has the attestation key's signature checked. */
static rfd_status read_log(const char *id, struct read_log *out)
{
    struct message_reader r;
    struct buf b;
    uint8_t head[HOLDER_LOG_HEAD_SIZE];
    message_put_text(&pdesk.body, id);
    message_put_u64(&pdesk.body, 0);
    rfd_status status = pdesk_ask(KEEPER_FROM_WEB, PERSONAL_READ_LOG, &r);
    if (status != RFD_OK) return status;
    *out = (struct read_log){.all = message_get_u64(&r)};
    out->count = message_get_u32(&r);
    buf_init(&b, 8192);
    buf_print(&b, "Refrenda holder log 1\n%s", id);
    assert_int_equal(digest_of(DIGEST_SHA256, buf_slice(&b), head, NULL), RFD_OK);
    for (uint32_t i = 0; i < out->count; i++) {
        slice line = message_get_text(&r, HOLDER_LOG_LINE_MAXIMUM);
        if (i == 0) (void)snprintf(out->first, sizeof out->first, "%.*s", (int)line.length, (const char *)line.data);
        (void)snprintf(out->last, sizeof out->last, "%.*s", (int)line.length, (const char *)line.data);
        buf_reset(&b);
        buf_put(&b, head, sizeof head);
        buf_put_slice(&b, line);
        assert_int_equal(digest_of(DIGEST_SHA256, buf_slice(&b), head, NULL), RFD_OK);
    }
    memcpy(out->head, message_get_bytes(&r, sizeof out->head).data, sizeof out->head);
    slice signature = message_get_bytes(&r, 128);
    assert_int_equal(message_end(&r, "log", NULL), RFD_OK);
    assert_memory_equal(out->head, head, sizeof head);
    buf_reset(&b);
    holder_log_put_statement(&b, id, out->all, out->head);
    slice own = stored_key_description(pdesk.personal->attestation)->public_key;
    const unsigned char *at = own.data;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)own.length);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestVerify(c, signature.data, signature.length, b.data, b.length), 1);
    EVP_MD_CTX_free(c);
    EVP_PKEY_free(key);
    buf_dispose(&b);
    return RFD_OK;
}

static void sign_some(const char *id, unsigned first, unsigned count)
{
    uint8_t sad[PERSONAL_SAD_SIZE];
    assert_int_equal(pdesk_authorise(id, first, count, sad), RFD_OK);
    assert_int_equal(pdesk_sign(sad, first, count, NULL), RFD_OK);
}

static void test_log(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], hex[2 * OPERATION_HASH_SIZE + 1] = "";
    uint8_t hash[OPERATION_HASH_SIZE];
    struct read_log l;
    pdesk_generate(1, id);
    sign_some(id, 0, 3);
    assert_int_equal(read_log(id, &l), RFD_OK);
    assert_int_equal(l.all, 5);
    assert_non_null(strstr(l.first, "\"event\":\"generate\""));
    assert_non_null(strstr(l.first, "\"n\":1,"));
    assert_non_null(strstr(l.last, "\"portal\":\"" DESK_PORTAL "\""));
    assert_non_null(strstr(l.last, "\"title\":\"Resolución \\\"1\\\"\""));
    pdesk_hash(2, hash);
    number_to_hex(slice_of(hash, sizeof hash), false, (uint8_t *)hex);
    assert_non_null(strstr(l.last, hex));
    pdesk_reopen();
    sign_some(id, 3, 1);
    assert_int_equal(read_log(id, &l), RFD_OK);
    assert_int_equal(l.all, 6);
    /* From the fifth on. */
    struct message_reader r;
    message_put_text(&pdesk.body, id);
    message_put_u64(&pdesk.body, 4);
    assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_READ_LOG, &r), RFD_OK);
    assert_int_equal(message_get_u64(&r), 6);
    assert_int_equal(message_get_u32(&r), 2);
}

static void copy(const char *from, const char *to)
{
    struct buf file;
    assert_true(file_read(from, &file));
    int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, file.data, file.length), (ssize_t)file.length);
    (void)close(fd);
    buf_dispose(&file);
}

static void test_log_is_tampered_with(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    struct read_log l;
    struct begun b;
    uint8_t sad[PERSONAL_SAD_SIZE];
    pdesk_generate(1, id);
    sign_some(id, 0, 3);
    const char *path = path_of(id, ".log");
    const char *kept = path_of(id, ".kept");
    copy(path, kept);
    off_t size = size_of(path);
    for (off_t at = 0; at < size; at += at < 100 ? 7 : 61) {
        if (at >= 88 && at < 128) continue; /* nothing is there */
        change_octet(path, at);
        pdesk_reopen();
        assert_int_equal(read_log(id, &l), RFD_E_KEYSTORE_DAMAGED);
        change_octet(path, at);
    }
    /* Also while it is open. */
    assert_int_equal(read_log(id, &l), RFD_OK);
    change_octet(path, size - 10);
    assert_int_equal(read_log(id, &l), RFD_E_KEYSTORE_DAMAGED);
    change_octet(path, size - 10);
    /* Its last line gone, all gone, no file. */
    for (off_t cut = size - 1; cut >= 0; cut -= 150) {
        copy(kept, path);
        assert_int_equal(truncate(path, cut), 0);
        pdesk_reopen();
        assert_int_equal(read_log(id, &l), RFD_E_KEYSTORE_DAMAGED);
    }
    assert_int_equal(unlink(path), 0);
    pdesk_reopen();
    assert_int_equal(read_log(id, &l), RFD_E_KEYSTORE_DAMAGED);
    /* Without a log nothing is signed. */
    assert_int_equal(pdesk_begin_sign(id, 0, 1, &b), RFD_OK);
    assert_int_equal(pdesk_authorise(id, 9, 1, sad), RFD_OK);
    assert_int_equal(pdesk_sign(sad, 9, 1, NULL), RFD_E_KEYSTORE_DAMAGED);
    copy(kept, path);
    assert_int_equal(pdesk_authorise(id, 9, 1, sad), RFD_OK);
    assert_int_equal(pdesk_sign(sad, 9, 1, NULL), RFD_OK);
    assert_int_equal(unlink(kept), 0);
}

/* What a crash leaves behind the last whole line was told to nobody. */
static void test_half_a_line(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    struct read_log before, after;
    pdesk_generate(1, id);
    assert_int_equal(read_log(id, &before), RFD_OK);
    int fd = open(path_of(id, ".log"), O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_int_equal(write(fd, "0123456789abcdef", 16), 16);
    (void)close(fd);
    pdesk_reopen();
    assert_int_equal(read_log(id, &after), RFD_OK);
    assert_int_equal(after.all, before.all);
    sign_some(id, 0, 1);
    pdesk_reopen();
    assert_int_equal(read_log(id, &after), RFD_OK);
    assert_int_equal(after.all, before.all + 1);
}

/* ---- A long log ---- */

enum { LONG = 20000, AT_ONCE = 200 };

/** Events of nobody, appended as signing does. */
static void make_long(const char *id)
{
    struct entry *e = NULL;
    struct buf lines;
    assert_int_equal(holders_entry(pdesk.personal, slice_text(id), &e, NULL), RFD_OK);
    const struct holder_log_place where = {pdesk.personal->store->folder, &pdesk.personal->log_secret, e->id};
    buf_init(&lines, 1 << 20);
    for (unsigned i = 0; i < AT_ONCE; i++) {
        buf_put_text(&lines, "\"event\":\"sign\",\"title\":\"Resolución de alcaldía\"");
        buf_put_byte(&lines, '\0');
    }
    for (unsigned i = 0; i < LONG; i += AT_ONCE)
        assert_int_equal(holder_log_append(&e->log, &where, buf_slice(&lines), AT_ONCE, NULL), RFD_OK);
    buf_dispose(&lines);
}

struct piece {
    uint64_t all;
    uint32_t count;
    uint8_t head[HOLDER_LOG_HEAD_SIZE];
};

/** Lines behind the first `skip`, which `head` takes in. */
static rfd_status read_piece(const char *id, uint64_t skip, uint8_t head[HOLDER_LOG_HEAD_SIZE], struct piece *out)
{
    struct message_reader r;
    struct buf b;
    message_put_text(&pdesk.body, id);
    message_put_u64(&pdesk.body, skip);
    rfd_status status = pdesk_ask(KEEPER_FROM_WEB, PERSONAL_READ_LOG, &r);
    if (status != RFD_OK) return status;
    *out = (struct piece){.all = message_get_u64(&r), .count = 0};
    out->count = message_get_u32(&r);
    buf_init(&b, 8192);
    for (uint32_t i = 0; i < out->count; i++) {
        slice line = message_get_text(&r, HOLDER_LOG_LINE_MAXIMUM);
        char begins[32];
        (void)snprintf(begins, sizeof begins, "{\"n\":%llu,", (unsigned long long)(skip + i + 1));
        assert_true(slice_starts(line, slice_text(begins)));
        buf_reset(&b);
        buf_put(&b, head, HOLDER_LOG_HEAD_SIZE);
        buf_put_slice(&b, line);
        assert_int_equal(digest_of(DIGEST_SHA256, buf_slice(&b), head, NULL), RFD_OK);
    }
    memcpy(out->head, message_get_bytes(&r, sizeof out->head).data, sizeof out->head);
    buf_dispose(&b);
    return RFD_OK;
}

static void begin_head(const char *id, uint8_t head[HOLDER_LOG_HEAD_SIZE])
{
    char text[128];
    (void)snprintf(text, sizeof text, "Refrenda holder log 1\n%s", id);
    assert_int_equal(digest_of(DIGEST_SHA256, slice_text(text), head, NULL), RFD_OK);
}

/* The whole of it in pieces, while its holder goes on signing: the end that comes with the last is that of all. */
static void test_export_while_signing(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    uint8_t head[HOLDER_LOG_HEAD_SIZE];
    struct piece piece = {.count = 0};
    uint64_t read = 0;
    unsigned pieces = 0;
    pdesk_generate(1, id);
    make_long(id);
    begin_head(id, head);
    do {
        assert_int_equal(read_piece(id, read, head, &piece), RFD_OK);
        assert_true(piece.count > 0);
        read += piece.count;
        if (pieces++ < 3) sign_some(id, pieces, 1);
    } while (read < piece.all);
    assert_true(pieces > 4);
    assert_int_equal(read, LONG + 2 + 3);
    assert_memory_equal(piece.head, head, sizeof head);
    assert_int_equal(read_piece(id, UINT64_MAX, head, &piece), RFD_OK);
    assert_int_equal(piece.count, 0);
    assert_int_equal(piece.all, read);
}

/* A piece costs what it has, wherever it is: nothing before the mark before it is read again, nothing behind it. */
static void test_pieces_of_a_long_log(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    uint8_t head[HOLDER_LOG_HEAD_SIZE], last[HOLDER_LOG_HEAD_SIZE];
    struct piece piece;
    pdesk_generate(1, id);
    make_long(id);
    const char *path = path_of(id, ".log");
    for (unsigned opened = 0; opened < 2; opened++) { /* marks from appending, and from opening */
        assert_int_equal(read_piece(id, LONG + 2 - 20, last, &piece), RFD_OK);
        assert_int_equal(piece.count, 20);
        change_octet(path, 2000);
        assert_int_equal(read_piece(id, LONG + 2 - 20, last, &piece), RFD_OK);
        assert_int_equal(piece.count, 20);
        assert_int_equal(read_piece(id, 0, head, &piece), RFD_E_KEYSTORE_DAMAGED);
        change_octet(path, 2000);
        change_octet(path, size_of(path) - 10);
        assert_int_equal(read_piece(id, 0, head, &piece), RFD_OK);
        assert_int_equal(read_piece(id, LONG + 2 - 20, last, &piece), RFD_E_KEYSTORE_DAMAGED);
        change_octet(path, size_of(path) - 10);
        pdesk_reopen();
    }
    /* At the marks, and beside them. */
    for (uint64_t skip = HOLDER_LOG_MARK_LINES - 1; skip < LONG; skip += (skip % 3) * HOLDER_LOG_MARK_LINES + 1) {
        assert_int_equal(read_piece(id, skip, last, &piece), RFD_OK);
        assert_true(piece.count > 0);
    }
}

/* ---- The whole store ---- */

static void test_another_store(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], from[512];
    struct shown shown;
    pdesk_generate(1, id);
    copy(path_of(id, ".cred"), path_of("", "stolen"));
    (void)snprintf(from, sizeof from, "%s", path_of("", "stolen"));
    pdesk_clear(NULL);
    pdesk_set(NULL);
    copy(from, path_of(id, ".cred"));
    pdesk_reopen();
    assert_int_equal(pdesk_show(id, &shown), RFD_E_KEYSTORE_DAMAGED);
}

/* Copies of one file under many names, which all are damaged, take as long to look at as as many good ones. */
static void test_many_load_quickly(void **state)
{
    (void)state;
    enum { MANY = 2000 };
    char id[PERSONAL_ID_SIZE], path[512];
    pdesk_generate(1, id);
    for (unsigned i = 0; i < MANY; i++) {
        (void)snprintf(path, sizeof path, "%s/%08x%024x.cred", pdesk.path, i, 1U);
        assert_int_equal(link(path_of(id, ".cred"), path), 0);
    }
    pdesk_reopen();
    assert_int_equal(pdesk.personal->entries->count, MANY + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_changed_file, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_nothing_is_readable, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_log, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_log_is_tampered_with, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_half_a_line, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_export_while_signing, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_pieces_of_a_long_log, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_another_store, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_many_load_quickly, pdesk_set, pdesk_clear),
    };
    return cmocka_run_group_tests(tests, pdesk_open_room, pdesk_close_room);
}
