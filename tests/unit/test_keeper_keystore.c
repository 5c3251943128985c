/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "keeper/keystore.h"

#include "base/error.h"
#include "base/memory.h"
#include "base_support.h"
#include "ipc/message.h"
#include "keeper/counter.h"
#include "keeper/keystore_internal.h"
#include "keeper/seal.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KILLS = 200, CHEAP_KIBIBYTES = 64, SAID = 9 /* a pipe's end */ };
static uint64_t chance = 88172645463325252;
static int worlds;

struct world {
    char path[32];
    struct master master;
    struct keystore store;
};

static struct master passphrase(const char *text)
{
    struct master m;
    assert_int_equal(master_from_secret(MASTER_PASSPHRASE, slice_text(text), &m, NULL), RFD_OK);
    m.passes = 1;
    m.kibibytes = CHEAP_KIBIBYTES;
    return m;
}

static void reopen(struct world *w)
{
    keystore_close(&w->store);
    assert_int_equal(keystore_files_open(w->path, &w->master, &w->store, NULL), RFD_OK);
}

static void open_world(struct world *w)
{
    *w = (struct world){.master = passphrase("correct horse")};
    (void)snprintf(w->path, sizeof w->path, "store%d", ++worlds);
    assert_int_equal(keystore_files_init(w->path, &w->master, NULL), RFD_OK);
    reopen(w);
}

static void close_world(struct world *w)
{
    keystore_close(&w->store);
    master_dispose(&w->master);
}

static struct key_description wanted(const char *name, enum key_purpose purpose, enum key_algorithm algorithm)
{
    struct key_description d = {.purpose = purpose, .algorithm = algorithm};
    (void)snprintf(d.name, sizeof d.name, "%s", name);
    return d;
}

static rfd_status create(struct world *w, const char *name, enum key_algorithm algorithm, struct stored_key **out)
{
    struct key_description d = wanted(name, PURPOSE_SEAL, algorithm);
    return keystore_create(&w->store, &d, out, NULL);
}

/** Signs and lets OpenSSL verify by the description's public key. */
static void check_key(struct stored_key *key)
{
    const struct key_description *d = stored_key_description(key);
    struct signature_algorithm a = stored_key_algorithm(key);
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    struct buf signature;
    const slice message = SLICE("what is signed");
    const uint8_t *at = d->public_key.data;
    buf_init(&signature, 1024);
    assert_int_equal(digest_of(a.digest, message, digest, NULL), RFD_OK);
    assert_int_equal(stored_key_sign(key, &a, message, slice_of(digest, digest_size(a.digest)), &signature, NULL),
                     RFD_OK);
    EVP_PKEY *public_key = d2i_PUBKEY(NULL, &at, (long)d->public_key.length);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    const EVP_MD *md = a.scheme == SCHEME_ED25519 ? NULL : digest_md(a.digest);
    assert_int_equal(EVP_DigestVerifyInit(c, NULL, md, NULL, public_key), 1);
    assert_int_equal(EVP_DigestVerify(c, signature.data, signature.length, message.data, message.length), 1);
    EVP_MD_CTX_free(c);
    EVP_PKEY_free(public_key);
    buf_dispose(&signature);
}

/** Wraps and unwraps; signs nothing. */
static void check_wrapping_key(struct stored_key *key)
{
    uint8_t plain[4];
    struct buf b;
    struct signature_algorithm a = {.scheme = SCHEME_ECDSA, .digest = DIGEST_SHA256};
    buf_init(&b, 1024);
    assert_int_equal(stored_key_wrap(key, SLICE("label"), SLICE("key!"), &b, NULL), RFD_OK);
    assert_int_equal(stored_key_unwrap(key, SLICE("label"), buf_slice(&b), plain, NULL), RFD_OK);
    assert_memory_equal(plain, "key!", sizeof plain);
    assert_int_not_equal(stored_key_sign(key, &a, SLICE("m"), slice_of(b.data, 32), &b, NULL), RFD_OK);
    buf_dispose(&b);
}

static void check_use(struct stored_key *key)
{
    if (stored_key_description(key)->algorithm == KEY_ALGORITHM_AES_256)
        check_wrapping_key(key);
    else
        check_key(key);
}

/* ---- Keys ---- */

static void test_every_algorithm(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    for (enum key_algorithm a = KEY_ALGORITHM_P256; a < KEY_ALGORITHM_COUNT; a++) {
        struct stored_key *key = NULL;
        char name[16];
        (void)snprintf(name, sizeof name, "key-%d", (int)a);
        assert_int_equal(create(&w, name, a, &key), RFD_OK);
        check_use(key);
        stored_key_free(key);
        reopen(&w);
        assert_int_equal(keystore_open_key(&w.store, slice_text(name), &key, NULL), RFD_OK);
        assert_string_equal(stored_key_description(key)->name, name);
        assert_int_equal(stored_key_description(key)->algorithm, a);
        assert_int_equal(key_algorithm_from_name(slice_text(key_algorithm_name(a))), a);
        check_use(key);
        stored_key_free(key);
    }
    close_world(&w);
}

static void test_names(void **state)
{
    (void)state;
    static const char *const bad[] = {"",     "-a",    "a-",  "A", "a b",
                                      "../a", "a.key", "a/b", "ñ", "a2345678901234567890123456789012345678901"};
    struct world w;
    struct stored_key *key = NULL;
    open_world(&w);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(key_name_is_good(slice_text(bad[i])));
        assert_int_equal(keystore_open_key(&w.store, slice_text(bad[i]), &key, NULL), RFD_E_KEY_UNKNOWN);
    }
    assert_int_equal(create(&w, "A", KEY_ALGORITHM_P256, &key), RFD_E_ARGUMENT);
    assert_int_equal(create(&w, "a", KEY_ALGORITHM_NONE, &key), RFD_E_KEY_ALGORITHM);
    assert_int_equal(create(&w, "a", KEY_ALGORITHM_P256, &key), RFD_OK);
    stored_key_free(key);
    key = NULL;
    assert_int_equal(create(&w, "a", KEY_ALGORITHM_P256, &key), RFD_E_EXISTS);
    assert_int_equal(keystore_open_key(&w.store, SLICE("b"), &key, NULL), RFD_E_KEY_UNKNOWN);
    assert_null(key);
    close_world(&w);
}

static rfd_status count_key(void *context, const struct key_description *d, struct rfd_error *error)
{
    (void)error;
    assert_int_equal(d->purpose, PURPOSE_SEAL);
    ++*(size_t *)context;
    return RFD_OK;
}

static void test_list_and_lock(void **state)
{
    (void)state;
    struct world w;
    struct keystore second;
    size_t count = 0;
    open_world(&w);
    for (int i = 0; i < 5; i++) {
        char name[16];
        struct stored_key *key;
        (void)snprintf(name, sizeof name, "key-%d", i);
        assert_int_equal(create(&w, name, KEY_ALGORITHM_ED25519, &key), RFD_OK);
        stored_key_free(key);
    }
    assert_int_equal(keystore_list(&w.store, count_key, &count, NULL), RFD_OK);
    assert_int_equal(count, 5);
    assert_int_equal(keystore_files_open(w.path, &w.master, &second, NULL), RFD_E_STORE_CONFLICT);
    close_world(&w);
}

/* ---- Wrong master key, damage, forgery ---- */

static void test_wrong_master_is_not_damage(void **state)
{
    (void)state;
    struct world w;
    struct master other = passphrase("correct hors");
    struct master credential;
    static const uint8_t random[MASTER_CREDENTIAL_MINIMUM];
    struct keystore store;
    open_world(&w);
    keystore_close(&w.store);
    assert_int_equal(master_from_secret(MASTER_CREDENTIAL, slice_of(random, sizeof random), &credential, NULL), RFD_OK);
    assert_int_equal(master_from_secret(MASTER_CREDENTIAL, SLICE("short"), &w.master, NULL), RFD_E_ARGUMENT);
    assert_int_equal(keystore_files_open(w.path, &other, &store, NULL), RFD_E_KEYSTORE_MASTER);
    assert_int_equal(keystore_files_open(w.path, &credential, &store, NULL), RFD_E_KEYSTORE_MASTER);
    assert_int_equal(keystore_files_init(w.path, &other, NULL), RFD_E_EXISTS);
    assert_int_equal(keystore_files_open("nowhere", &other, &store, NULL), RFD_E_IO_READ);
    master_dispose(&other);
    master_dispose(&credential);
    master_dispose(&w.master);
}

static void flip(const char *path, off_t at)
{
    uint8_t octet;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pread(fd, &octet, 1, at), 1);
    octet ^= 0x10;
    assert_int_equal(pwrite(fd, &octet, 1, at), 1);
    (void)close(fd);
}

static void test_every_flipped_octet_is_noticed(void **state)
{
    (void)state;
    static const char *const files[] = {"master", "k.key", "k.count"};
    struct world w;
    struct stored_key *key = NULL;
    struct counter counter;
    char path[64];
    open_world(&w);
    assert_int_equal(create(&w, "k", KEY_ALGORITHM_P256, &key), RFD_OK);
    stored_key_free(key);
    assert_int_equal(counter_open(w.store.folder, "k", &counter, NULL), RFD_OK);
    assert_int_equal(counter_next(&counter, w.store.folder, 5, NULL), RFD_OK);
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", w.path, files[i]);
        int64_t length = file_length(path);
        for (off_t at = 0; at < length; at++) {
            flip(path, at);
            if (i == 0) {
                keystore_close(&w.store);
                assert_int_equal(keystore_files_open(w.path, &w.master, &w.store, NULL), RFD_E_KEYSTORE_DAMAGED);
            } else if (i == 1)
                assert_int_equal(keystore_open_key(&w.store, SLICE("k"), &key, NULL), RFD_E_KEYSTORE_DAMAGED);
            else
                assert_int_equal(counter_open(w.store.folder, "k", &counter, NULL), RFD_E_KEYSTORE_DAMAGED);
            flip(path, at);
        }
        if (i == 0) reopen(&w);
        assert_int_equal(truncate(path, length - 1), 0);
        if (i == 1) assert_int_equal(keystore_open_key(&w.store, SLICE("k"), &key, NULL), RFD_E_KEYSTORE_DAMAGED);
        if (i == 0) {
            /* Put back what was cut off, by writing it anew. */
            assert_int_equal(keystore_files_change_master(&w.store, &w.master, NULL), RFD_OK);
            reopen(&w);
        }
    }
    close_world(&w);
}

/* A forger who can also make the digest right: the description is bound to the key. */
static void test_forged_description(void **state)
{
    (void)state;
    struct world w;
    struct stored_key *key = NULL;
    struct buf record;
    struct key_description d;
    slice head, sealed;
    open_world(&w);
    assert_int_equal(create(&w, "k", KEY_ALGORITHM_P256, &key), RFD_OK);
    stored_key_free(key);
    buf_init(&record, KEY_FOLDER_FILE_MAXIMUM);
    assert_int_equal(key_folder_read(w.store.folder, "k.key", &record, NULL), RFD_OK);
    assert_int_equal(key_record_peek(buf_slice(&record), &d, &head, &sealed, NULL), RFD_OK);
    /* magic, length, name's length, "k", purpose */
    enum { PURPOSE_AT = 8 + 4 + 4 + 1 };
    assert_int_equal(record.data[PURPOSE_AT], PURPOSE_SEAL);
    record.data[PURPOSE_AT] = PURPOSE_CA;
    assert_int_equal(key_folder_write(w.store.folder, "k.key", buf_slice(&record), true, NULL), RFD_OK);
    assert_int_equal(keystore_open_key(&w.store, SLICE("k"), &key, NULL), RFD_E_KEYSTORE_DAMAGED);
    record.data[PURPOSE_AT] = PURPOSE_SEAL;
    assert_int_equal(key_folder_write(w.store.folder, "k.key", buf_slice(&record), true, NULL), RFD_OK);
    assert_int_equal(keystore_open_key(&w.store, SLICE("k"), &key, NULL), RFD_OK);
    stored_key_free(key);
    /* The file of one key under the name of another. */
    assert_int_equal(key_folder_write(w.store.folder, "other.key", buf_slice(&record), true, NULL), RFD_OK);
    assert_int_equal(keystore_open_key(&w.store, SLICE("other"), &key, NULL), RFD_E_KEYSTORE_DAMAGED);
    buf_dispose(&record);
    close_world(&w);
}

/* ---- Another master key, backup ---- */

static void test_change_of_master(void **state)
{
    (void)state;
    static const uint8_t random[MASTER_CREDENTIAL_MINIMUM] = {1, 2, 3};
    struct world w;
    struct stored_key *key = NULL;
    struct master next;
    struct keystore store;
    open_world(&w);
    assert_int_equal(create(&w, "k", KEY_ALGORITHM_P384, &key), RFD_OK);
    stored_key_free(key);
    assert_int_equal(master_from_secret(MASTER_CREDENTIAL, slice_of(random, sizeof random), &next, NULL), RFD_OK);
    assert_int_equal(keystore_files_change_master(&w.store, &next, NULL), RFD_OK);
    keystore_close(&w.store);
    assert_int_equal(keystore_files_open(w.path, &w.master, &store, NULL), RFD_E_KEYSTORE_MASTER);
    master_dispose(&w.master);
    w.master = next;
    reopen(&w);
    assert_int_equal(keystore_open_key(&w.store, SLICE("k"), &key, NULL), RFD_OK);
    check_key(key);
    stored_key_free(key);
    close_world(&w);
}

static void test_backup(void **state)
{
    (void)state;
    struct world w;
    struct keystore restored;
    struct master other = passphrase("another");
    struct stored_key *key = NULL;
    struct counter before, after;
    struct buf backup;
    open_world(&w);
    buf_init(&backup, 1 << 20);
    for (int i = 0; i < 3; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "key-%d", i);
        assert_int_equal(create(&w, name, KEY_ALGORITHM_P256, &key), RFD_OK);
        stored_key_free(key);
    }
    assert_int_equal(keystore_files_backup(&w.store, &backup, NULL), RFD_OK);
    assert_int_equal(keystore_files_restore(w.path, buf_slice(&backup), &w.master, NULL), RFD_E_STORE_CONFLICT);
    assert_int_equal(keystore_files_restore("r", buf_slice(&backup), &other, NULL), RFD_E_KEYSTORE_MASTER);
    assert_false(file_exists("r"));
    for (size_t at = 0; at < backup.length; at += 13) {
        backup.data[at] ^= 4;
        assert_int_equal(keystore_files_restore("r", buf_slice(&backup), &w.master, NULL), RFD_E_KEYSTORE_DAMAGED);
        backup.data[at] ^= 4;
    }
    assert_false(file_exists("r"));
    assert_int_equal(keystore_files_restore("r", buf_slice(&backup), &w.master, NULL), RFD_OK);
    assert_int_equal(keystore_files_restore("r", buf_slice(&backup), &w.master, NULL), RFD_E_EXISTS);
    assert_int_equal(keystore_files_open("r", &w.master, &restored, NULL), RFD_OK);
    assert_int_equal(keystore_open_key(&restored, SLICE("key-2"), &key, NULL), RFD_OK);
    check_key(key);
    stored_key_free(key);
    /* Serial numbers of the copy are others. */
    assert_int_equal(counter_open(w.store.folder, "key-2", &before, NULL), RFD_OK);
    assert_int_equal(counter_open(restored.folder, "key-2", &after, NULL), RFD_OK);
    assert_memory_not_equal(before.instance, after.instance, sizeof before.instance);
    keystore_close(&restored);
    master_dispose(&other);
    buf_dispose(&backup);
    close_world(&w);
}

static void test_counter(void **state)
{
    (void)state;
    struct world w;
    struct counter c;
    uint8_t serial[COUNTER_SERIAL_SIZE], next[COUNTER_SERIAL_SIZE];
    open_world(&w);
    assert_int_equal(counter_open(w.store.folder, "k", &c, NULL), RFD_OK);
    for (int i = 0; i < COUNTER_BLOCK + 5; i++) {
        assert_int_equal(counter_next(&c, w.store.folder, i, NULL), RFD_OK);
        counter_serial(&c, next);
        assert_int_equal(next[0], 1);
        if (i > 0) assert_true(memcmp(serial, next, sizeof next) < 0);
        memcpy(serial, next, sizeof next);
    }
    assert_int_equal(c.value, COUNTER_BLOCK + 5);
    assert_int_equal(counter_open(w.store.folder, "k", &c, NULL), RFD_OK); /* as after a crash */
    assert_int_equal(c.value, 3 * COUNTER_BLOCK); /* the second block is twice as long: the first lasted no second */
    assert_int_equal(c.floor, COUNTER_BLOCK);
    assert_int_equal(counter_next(&c, w.store.folder, 0, NULL), RFD_OK);
    counter_serial(&c, next);
    assert_true(memcmp(serial, next, sizeof next) < 0);
    assert_int_equal(c.floor, COUNTER_BLOCK);
    close_world(&w);
}

/* A key's file of version 01, which had no policy of an authority, opens; with its certificate it becomes 02. The
 * version is authenticated as well. */
static void test_old_version(void **state)
{
    (void)state;
    struct world w;
    struct stored_key *key = NULL;
    struct key_description d;
    struct buf record, old, body;
    uint8_t plain[KEY_MATERIAL_MAXIMUM];
    uint8_t label[64] = "refrenda key ";
    const size_t prefix = strlen("refrenda key ");
    open_world(&w);
    assert_int_equal(create(&w, "k", KEY_ALGORITHM_P256, &key), RFD_OK);
    stored_key_free(key);
    const struct key_files *files = w.store.state;
    struct buf *const bufs[] = {&record, &old, &body};
    for (size_t i = 0; i < 3; i++) buf_init(bufs[i], KEY_FOLDER_FILE_MAXIMUM);
    assert_int_equal(key_folder_read(&files->folder, "k.key", &record, NULL), RFD_OK);
    assert_int_equal(key_record_open(buf_slice(&record), secret_slice(&files->store_key), "k", &d, plain, NULL),
                     RFD_OK);
    key_description_put(&body, &d);
    body.length -= 4; /* the length of the policy, which is empty */
    memcpy(label + prefix, d.id, KEY_ID_SIZE);
    buf_put_text(&old, "RFDKEY01");
    message_put_bytes(&old, buf_slice(&body));
    slice head = buf_slice(&old);
    buf_reset(&body);
    assert_int_equal(seal_close(secret_slice(&files->store_key), slice_of(label, prefix + KEY_ID_SIZE), head,
                                slice_of(plain, key_material_size(d.algorithm)), &body, NULL),
                     RFD_OK);
    message_put_bytes(&old, buf_slice(&body));
    assert_int_equal(key_folder_write(&files->folder, "k.key", buf_slice(&old), true, NULL), RFD_OK);
    assert_int_equal(keystore_open_key(&w.store, SLICE("k"), &key, NULL), RFD_OK);
    assert_int_equal(stored_key_description(key)->policy.authority.length, 0);
    check_key(key);
    stored_key_free(key);
    old.data[7] = '2';
    assert_int_equal(key_folder_write(&files->folder, "k.key", buf_slice(&old), true, NULL), RFD_OK);
    assert_int_equal(keystore_open_key(&w.store, SLICE("k"), &key, NULL), RFD_E_KEYSTORE_DAMAGED);
    record.data[7] = '1';
    assert_int_equal(key_folder_write(&files->folder, "k.key", buf_slice(&record), true, NULL), RFD_OK);
    assert_int_equal(keystore_open_key(&w.store, SLICE("k"), &key, NULL), RFD_E_KEYSTORE_DAMAGED);
    for (size_t i = 0; i < 3; i++) buf_dispose(bufs[i]);
    close_world(&w);
}

/* ---- Killed at any moment; secrets do not go through fork() ---- */

static int make_keys(void *context)
{
    struct world *w = context;
    struct keystore store;
    w->master = passphrase("correct horse");
    if (keystore_files_open(w->path, &w->master, &store, NULL) != RFD_OK) return 1;
    for (unsigned i = 0;; i++) {
        char name[40];
        struct stored_key *key = NULL;
        (void)snprintf(name, sizeof name, "p%d-%u", (int)getpid(), i);
        struct key_description d = wanted(name, PURPOSE_SEAL, KEY_ALGORITHM_P256);
        if (keystore_create(&store, &d, &key, NULL) != RFD_OK) return 2;
        stored_key_free(key);
        if (dprintf(SAID, "%s\n", name) < 0) return 3; /* acknowledged */
    }
}

static int change_masters(void *context)
{
    struct world *w = context;
    struct keystore store;
    w->master = passphrase("correct horse");
    for (unsigned i = 0;; i++) {
        struct master next = passphrase(i % 2 == 0 ? "second" : "correct horse");
        if (keystore_files_open(w->path, &w->master, &store, NULL) != RFD_OK &&
            keystore_files_open(w->path, &next, &store, NULL) != RFD_OK)
            return 1;
        if (keystore_files_change_master(&store, &next, NULL) != RFD_OK) return 2;
        keystore_close(&store);
        master_dispose(&w->master);
        w->master = next;
    }
}

/** Runs `work` in a process that is killed up to `most` microseconds after it began. */
static void kill_while(child_work *work, void *context, unsigned most)
{
    int how;
    int began[2];
    char octet;
    assert_int_equal(pipe2(began, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (write(began[1], "", 1) != 1) _exit(99);
        _exit(work(context));
    }
    assert_int_equal(read(began[0], &octet, 1), 1);
    (void)close(began[0]);
    (void)close(began[1]);
    (void)usleep((useconds_t)(next_random(&chance) % most));
    (void)kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &how, 0), pid);
    if (!WIFSIGNALED(how)) fail_msg("it ended by itself with status %d", WEXITSTATUS(how));
}

static int64_t microseconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/** About the time that three steps take in this build on this machine. */
static unsigned window_since(int64_t began)
{
    enum { LEAST = 1000 };
    return LEAST + 3 * (unsigned)(microseconds() - began);
}

static void test_killed_while_making_keys(void **state)
{
    (void)state;
    struct world w;
    int ends[2];
    static char said[1 << 20];
    size_t length = 0;
    struct stored_key *key = NULL;
    open_world(&w);
    int64_t began = microseconds();
    reopen(&w);
    assert_int_equal(create(&w, "first", KEY_ALGORITHM_P256, &key), RFD_OK);
    stored_key_free(key);
    unsigned window = window_since(began);
    keystore_close(&w.store);
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    assert_int_equal(dup2(ends[1], SAID), SAID);
    for (int i = 0; i < KILLS; i++) {
        size_t count = 0;
        kill_while(make_keys, &w, window);
        reopen(&w);
        assert_int_equal(keystore_list(&w.store, count_key, &count, NULL), RFD_OK); /* opens each */
        ssize_t got = read(ends[0], said + length, sizeof said - 1 - length);
        if (got > 0) length += (size_t)got;
        size_t acknowledged = 0;
        for (size_t at = 0; at < length; at++) acknowledged += said[at] == '\n';
        assert_true(count >= acknowledged);
        if (count > 60) { /* begin anew, so that the lists stay short */
            close_world(&w);
            open_world(&w);
            length = 0;
        }
        keystore_close(&w.store);
    }
    (void)close(ends[0]);
    (void)close(ends[1]);
    (void)close(SAID);
    master_dispose(&w.master);
}

static void test_killed_while_changing_master(void **state)
{
    (void)state;
    struct world w;
    struct stored_key *key = NULL;
    struct master second = passphrase("second");
    size_t changed = 0;
    open_world(&w);
    assert_int_equal(create(&w, "k", KEY_ALGORITHM_P256, &key), RFD_OK);
    stored_key_free(key);
    int64_t began = microseconds();
    reopen(&w);
    assert_int_equal(keystore_files_change_master(&w.store, &w.master, NULL), RFD_OK);
    keystore_close(&w.store);
    unsigned window = window_since(began);
    for (int i = 0; i < KILLS; i++) {
        kill_while(change_masters, &w, window);
        rfd_status status = keystore_files_open(w.path, &w.master, &w.store, NULL);
        if (status == RFD_E_KEYSTORE_MASTER) {
            struct master m = w.master;
            w.master = second;
            second = m;
            changed++;
            status = keystore_files_open(w.path, &w.master, &w.store, NULL);
        }
        assert_int_equal(status, RFD_OK);
        assert_int_equal(keystore_open_key(&w.store, SLICE("k"), &key, NULL), RFD_OK);
        check_key(key);
        stored_key_free(key);
        keystore_close(&w.store);
    }
    assert_true(changed > 0);
    master_dispose(&second);
    master_dispose(&w.master);
}

/* ---- What is left in memory ---- */

/* Secrets are wiped where they were: the page of the store that was closed would be gone, so the store's own page
 * is looked at after use. */
static void test_scratch_is_wiped(void **state)
{
    (void)state;
    static const uint8_t zeros[KEY_MATERIAL_MAXIMUM];
    struct world w;
    struct stored_key *key = NULL;
    open_world(&w);
    const struct key_files *files = w.store.state;
    assert_int_equal(create(&w, "k", KEY_ALGORITHM_RSA_2048, &key), RFD_OK);
    assert_memory_equal(files->scratch.data, zeros, sizeof zeros);
    stored_key_free(key);
    assert_int_equal(keystore_open_key(&w.store, SLICE("k"), &key, NULL), RFD_OK);
    assert_memory_equal(files->scratch.data, zeros, sizeof zeros);
    stored_key_free(key);
    size_t count = 0;
    assert_int_equal(keystore_list(&w.store, count_key, &count, NULL), RFD_OK);
    assert_memory_equal(files->scratch.data, zeros, sizeof zeros);
    close_world(&w);
}

static void test_seal(void **state)
{
    (void)state;
    static const uint8_t key[SEAL_KEY_SIZE] = {7};
    static const uint8_t other[SEAL_KEY_SIZE] = {8};
    const slice k = slice_of(key, sizeof key);
    uint8_t plain[5] = {0};
    struct buf a, b;
    buf_init(&a, 256);
    buf_init(&b, 256);
    assert_int_equal(seal_close(k, SLICE("l"), SLICE("a"), SLICE("plain"), &a, NULL), RFD_OK);
    assert_int_equal(seal_close(k, SLICE("l"), SLICE("a"), SLICE("plain"), &b, NULL), RFD_OK);
    assert_false(slice_equal(buf_slice(&a), buf_slice(&b))); /* never the same twice */
    assert_true(seal_open(k, SLICE("l"), SLICE("a"), buf_slice(&a), plain));
    assert_memory_equal(plain, "plain", 5);
    assert_false(seal_open(slice_of(other, sizeof other), SLICE("l"), SLICE("a"), buf_slice(&a), plain));
    assert_memory_equal(plain, "\0\0\0\0\0", 5);
    assert_false(seal_open(k, SLICE("m"), SLICE("a"), buf_slice(&a), plain));
    assert_false(seal_open(k, SLICE("l"), SLICE("b"), buf_slice(&a), plain));
    assert_false(seal_open(k, SLICE("l"), SLICE("a"), slice_part(buf_slice(&a), 0, SEAL_OVERHEAD - 1), plain));
    buf_dispose(&a);
    buf_dispose(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seal),
        cmocka_unit_test(test_every_algorithm),
        cmocka_unit_test(test_old_version),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_list_and_lock),
        cmocka_unit_test(test_wrong_master_is_not_damage),
        cmocka_unit_test(test_every_flipped_octet_is_noticed),
        cmocka_unit_test(test_forged_description),
        cmocka_unit_test(test_change_of_master),
        cmocka_unit_test(test_backup),
        cmocka_unit_test(test_counter),
        cmocka_unit_test(test_killed_while_making_keys),
        cmocka_unit_test(test_killed_while_changing_master),
        cmocka_unit_test(test_scratch_is_wiped),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
