/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys on a PKCS#11 token: the helper in its process and sandbox, with SoftHSM, and the keeper's side of it. What needs
 * SoftHSM or pkcs11-tool is skipped where they are not installed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "keeper/checkpoint.h"
#include "keeper/keystore_token.h"
#include "keeper/token_helper.h"
#include "keeper/token_keys.h"
#include "keeper/token_sandbox.h"
#include "keeper_support.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MODULE "/usr/lib/softhsm/libsofthsm2.so"
#define PIN    "123456"

enum { BIG = 64 << 10, WAIT = 60000 };

static bool ready;
static char tokens[256];
static pid_t helper;

static bool make_token(void)
{
    char configuration[400];
    (void)snprintf(tokens, sizeof tokens, "%s", folder_file("tokens"));
    if (access(MODULE, R_OK) != 0 || mkdir(tokens, 0700) != 0) return false;
    (void)snprintf(configuration, sizeof configuration,
                   "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", tokens);
    (void)setenv("SOFTHSM2_CONF", folder_write("softhsm2.conf", slice_text(configuration)), 1);
    return RUN("softhsm2-util", "--module", MODULE, "--init-token", "--free", "--label", "office one", "--pin", PIN,
               "--so-pin", "87654321") == 0 &&
           RUN("pkcs11-tool", "--module", MODULE, "--token-label", "office one", "--login", "--pin", PIN,
               "--keypairgen", "--key-type", "EC:prime256v1", "--extractable", "--id", "e0", "--label", "loose") == 0;
}

static int open_folder(void **state)
{
    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    ready = folder_new() != NULL && make_token();
    return 0;
}

static int close_folder(void **state)
{
    (void)state;
    folder_remove();
    return 0;
}

static rfd_status start_helper(const char *module, const char *label, const char *pin, int *descriptor, pid_t *child,
                               struct rfd_error *error)
{
    struct token_helper_options options = {.module = module, .token = label, .log = STDERR_FILENO};
    assert_int_equal(secret_set(&options.pin, slice_text(pin), NULL), RFD_OK);
    return token_helper_start(&options, descriptor, child, error);
}

/** A helper for the keeper's token "hsm". */
static void attach_helper(void)
{
    struct rfd_error error = RFD_ERROR_INIT;
    int descriptor = -1;
    rfd_status status = start_helper(MODULE, "office one", PIN, &descriptor, &helper, &error);
    if (status != RFD_OK) print_message("%s: %s\n", rfd_status_name(status), error.detail);
    assert_int_equal(status, RFD_OK);
    assert_int_equal(keystore_token_attach(&world.store, SLICE("hsm"), descriptor, NULL), RFD_OK);
}

/** It ends by itself when the keeper hangs up. */
static void end_helper(bool good)
{
    int how;
    assert_int_equal(waitpid(helper, &how, 0), helper);
    if (good) assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
}

static rfd_status create_on(const char *token, const char *name, const char *purpose, const char *algorithm)
{
    struct buf b;
    buf_init(&b, KEEPER_BODY);
    message_put_text(&b, name);
    message_put_text(&b, purpose);
    message_put_text(&b, algorithm);
    message_put_bytes(&b, SLICE_EMPTY);
    message_put_u32(&b, 0);
    message_put_bytes(&b, SLICE_EMPTY);
    message_put_u32(&b, 0);
    message_put_bytes(&b, SLICE_EMPTY);
    message_put_text(&b, token);
    rfd_status status = world_ask(KEEPER_FROM_ADMIN, KEEPER_CREATE_KEY, &b, NULL);
    buf_dispose(&b);
    return status;
}

/** A checkpoint by the key, checked with its certificate unless that is NULL. */
static rfd_status sign_with(const char *key, uint64_t sequence, const struct certificate *certificate)
{
    static const uint8_t hash[CHECKPOINT_HASH_SIZE];
    struct message_reader r;
    struct checkpoint c;
    struct buf b;
    buf_init(&b, KEEPER_BODY);
    message_put_text(&b, key);
    message_put_text(&b, key);
    message_put_u64(&b, sequence);
    message_put_bytes(&b, slice_of(hash, sizeof hash));
    rfd_status status = world_ask(KEEPER_FROM_WORKER, KEEPER_SIGN_CHECKPOINT, &b, &r);
    buf_dispose(&b);
    if (status != RFD_OK) return status;
    (void)message_get_i64(&r);
    slice text = message_get_bytes(&r, KEEPER_BODY);
    slice algorithm = message_get_bytes(&r, KEEPER_BODY);
    slice signature = message_get_bytes(&r, KEEPER_BODY);
    assert_int_equal(message_end(&r, "answer", NULL), RFD_OK);
    if (certificate != NULL)
        assert_int_equal(checkpoint_verify(text, algorithm, signature, certificate, &c, NULL), RFD_OK);
    return status;
}

/* ---- Keys ---- */

static void test_keys_of_every_algorithm(void **state)
{
    (void)state;
    static const char *const algorithms[] = {"P-256", "P-384", "RSA-2048", "Ed25519"};
    const struct certificate *certificates[4];
    char name[16];
    if (!ready) skip();
    attach_helper();
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(name, sizeof name, "seal-%zu", i);
        rfd_status status = create_on("hsm", name, "seal", algorithms[i]);
        if (status != RFD_OK) print_message("%s: %s\n", algorithms[i], world.detail);
        assert_int_equal(status, RFD_OK);
        assert_int_equal(create_on("hsm", name, "seal", algorithms[i]), RFD_E_EXISTS);
        certificates[i] = world_certify(name);
        assert_int_equal(sign_with(name, 1, certificates[i]), RFD_OK);
    }
    /* Opened again, by another keeper. */
    world_reopen();
    end_helper(true);
    assert_int_equal(sign_with("seal-0", 2, certificates[0]), RFD_E_TOKEN); /* no helper yet */
    attach_helper();
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(name, sizeof name, "seal-%zu", i);
        for (uint64_t n = 2; n < 10; n++) assert_int_equal(sign_with(name, n, certificates[i]), RFD_OK);
        certificate_unref(certificates[i]);
    }
    world_reopen();
    end_helper(true);
}

static void test_killed_helper(void **state)
{
    (void)state;
    if (!ready) skip();
    attach_helper();
    assert_int_equal(create_on("hsm", "seal-1", "seal", "P-256"), RFD_OK);
    assert_int_equal(world_create("seal-2", "seal", "P-256"), RFD_OK);
    assert_int_equal(sign_with("seal-1", 1, NULL), RFD_OK);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(kill(helper, SIGKILL), 0);
        end_helper(false);
        assert_int_equal(sign_with("seal-1", 100, NULL), RFD_E_TOKEN);
        assert_int_equal(sign_with("seal-1", 100, NULL), RFD_E_TOKEN);
        assert_int_equal(sign_with("seal-2", 1, NULL), RFD_OK); /* other keys go on */
        attach_helper();
        assert_int_equal(sign_with("seal-1", 100, NULL), RFD_OK);
    }
    world_reopen();
    end_helper(true);
}

static void test_what_tokens_are_not_asked(void **state)
{
    (void)state;
    if (!ready) skip();
    attach_helper();
    assert_int_equal(create_on("other", "seal-1", "seal", "P-256"), RFD_E_TOKEN);
    assert_int_equal(create_on("../x", "seal-1", "seal", "P-256"), RFD_E_TOKEN);
    assert_int_equal(create_on("hsm", "opening-1", "opening", "P-256"), RFD_E_UNSUPPORTED);
    assert_int_equal(create_on("hsm", "wrapping-1", "wrapping", "AES-256"), RFD_E_UNSUPPORTED);
    /* A backup knows keys on tokens, and where it is restored they are found. */
    struct buf backup;
    buf_init(&backup, 1 << 20);
    assert_int_equal(create_on("hsm", "seal-1", "seal", "P-256"), RFD_OK);
    assert_int_equal(keystore_files_backup(&world.store, &backup, NULL), RFD_OK);
    world_reopen();
    end_helper(true);
    char path[300];
    struct keystore restored;
    struct stored_key *key = NULL;
    (void)snprintf(path, sizeof path, "%s-restored", world.path);
    assert_int_equal(keystore_files_restore(path, buf_slice(&backup), &world.master, NULL), RFD_OK);
    assert_int_equal(keystore_files_open(path, &world.master, &restored, NULL), RFD_OK);
    assert_int_equal(keystore_open_key(&restored, SLICE("seal-1"), &key, NULL), RFD_E_TOKEN);
    int descriptor = -1;
    assert_int_equal(start_helper(MODULE, "office one", PIN, &descriptor, &helper, NULL), RFD_OK);
    assert_int_equal(keystore_token_attach(&restored, SLICE("hsm"), descriptor, NULL), RFD_OK);
    assert_int_equal(keystore_open_key(&restored, SLICE("seal-1"), &key, NULL), RFD_OK);
    assert_string_equal(stored_key_description(key)->token, "hsm");
    stored_key_free(key);
    keystore_close(&restored);
    end_helper(true);
    buf_dispose(&backup);
}

/* ---- The helper ---- */

static void test_helper_that_cannot_start(void **state)
{
    (void)state;
    struct rfd_error error = RFD_ERROR_INIT;
    int descriptor = -1;
    pid_t child = -1;
    assert_int_equal(start_helper("/nowhere/module.so", "office one", PIN, &descriptor, &child, &error), RFD_E_TOKEN);
    if (!ready) skip();
    assert_int_equal(start_helper(MODULE, "no such label", PIN, &descriptor, &child, &error), RFD_E_TOKEN_NOT_FOUND);
    assert_int_equal(start_helper(MODULE, "office one", "000000", &descriptor, &child, &error), RFD_E_TOKEN_PIN);
    assert_int_equal(descriptor, -1);
}

static struct channel *talk_to_helper(void)
{
    const struct channel_options options = {.maximum = TOKEN_MESSAGE_MAXIMUM};
    struct channel *c = NULL;
    int descriptor = -1;
    assert_int_equal(start_helper(MODULE, "office one", PIN, &descriptor, &helper, NULL), RFD_OK);
    assert_int_equal(channel_new(descriptor, &options, &c, NULL), RFD_OK);
    return c;
}

static rfd_status ask_helper(struct channel *c, int question, struct buf *body, struct message_reader *r)
{
    rfd_status status = answer_ask(c, (uint16_t)question, buf_slice(body), WAIT, "helper", r, NULL);
    buf_reset(body);
    return status;
}

static void test_key_that_could_leave_is_refused(void **state)
{
    (void)state;
    static const uint8_t loose[] = {0xE0};
    struct message_reader r;
    struct buf b;
    if (!ready) skip();
    struct channel *c = talk_to_helper();
    buf_init(&b, BIG);
    message_put_bytes(&b, slice_of(loose, sizeof loose));
    assert_int_equal(ask_helper(c, TOKEN_PUBLIC_KEY, &b, &r), RFD_E_KEY_REFUSED);
    message_put_bytes(&b, slice_of(loose, sizeof loose));
    message_put_text(&b, "ecdsa");
    message_put_text(&b, "SHA-256");
    message_put_bytes(&b, SLICE("0123456789abcdef0123456789abcdef"));
    message_put_bytes(&b, SLICE_EMPTY);
    assert_int_equal(ask_helper(c, TOKEN_SIGN, &b, &r), RFD_E_KEY_REFUSED);
    message_put_bytes(&b, SLICE("nobody's"));
    assert_int_equal(ask_helper(c, TOKEN_PUBLIC_KEY, &b, &r), RFD_E_TOKEN_NOT_FOUND);
    message_put_bytes(&b, SLICE_EMPTY);
    assert_int_equal(ask_helper(c, TOKEN_PUBLIC_KEY, &b, &r), RFD_E_ARGUMENT);
    assert_int_equal(ask_helper(c, TOKEN_LIST, &b, &r), RFD_OK);
    assert_true(message_get_u32(&r) >= 1);
    channel_free(c);
    end_helper(true);
    buf_dispose(&b);
}

static void test_helper_and_garbage(void **state)
{
    (void)state;
    uint64_t chance = 7;
    struct message_reader r;
    struct buf b;
    if (!ready) skip();
    struct channel *c = talk_to_helper();
    buf_init(&b, BIG);
    for (int i = 0; i < 500; i++) {
        chance = chance * 6364136223846793005U + 1442695040888963407U;
        for (unsigned n = 0; n < (chance >> 40 & 63); n++) buf_put_byte(&b, n % 3 == 0 ? 0 : (uint8_t)(chance >> n));
        (void)ask_helper(c, TOKEN_GENERATE + (int)(chance >> 60 & 3) % 3, &b, &r);
    }
    assert_int_equal(ask_helper(c, TOKEN_LIST, &b, &r), RFD_OK);
    assert_int_equal(ask_helper(c, 99, &b, &r), RFD_E_PEER_GONE);
    channel_free(c);
    end_helper(true);
    buf_dispose(&b);
}

/* A token that signs wrongly: nothing of it is handed out. */

struct fake {
    struct channel *channel;
    slice spki;
};

static void *be_faulty(void *context)
{
    struct fake *f = context;
    struct message m;
    struct buf b;
    buf_init(&b, BIG);
    for (;;) {
        struct pollfd p = {.fd = channel_descriptor(f->channel), .events = POLLIN};
        (void)poll(&p, 1, -1);
        if (channel_receive(f->channel, NULL) != RFD_OK) break;
        while (channel_next(f->channel, &m)) {
            buf_reset(&b);
            message_put_u32(&b, RFD_OK);
            message_put_bytes(&b, m.type == TOKEN_SIGN ? SLICE("\x30\x06\x02\x01\x01\x02\x01\x01") : f->spki);
            if (channel_send(f->channel, m.type, m.request, buf_slice(&b), NULL, 0, NULL) != RFD_OK) break;
        }
    }
    buf_dispose(&b);
    channel_free(f->channel);
    return NULL;
}

static void test_wrong_signature_is_not_handed_out(void **state)
{
    (void)state;
    const struct channel_options options = {.maximum = TOKEN_MESSAGE_MAXIMUM};
    struct fake f = {.spki = world.authority.certificate->spki};
    pthread_t thread;
    int fds[2];
    assert_int_equal(channel_pair(fds, NULL), RFD_OK);
    assert_int_equal(channel_new(fds[1], &options, &f.channel, NULL), RFD_OK);
    assert_int_equal(pthread_create(&thread, NULL, be_faulty, &f), 0);
    assert_int_equal(keystore_token_attach(&world.store, SLICE("faulty"), fds[0], NULL), RFD_OK);
    assert_int_equal(create_on("faulty", "seal-1", "seal", "P-256"), RFD_OK);
    assert_int_equal(sign_with("seal-1", 1, NULL), RFD_E_SIGNING);
    world_reopen();
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void test_configuration_of_softhsm(void **state)
{
    (void)state;
    static const struct {
        const char *text, *folder;
    } rows[] = {{"# comment\n  directories.tokendir =  /var/lib/t \nobjectstore.backend = file\n", "/var/lib/t"},
                {"directories.tokendir=/t", "/t"},
                {"directories.tokendirx = /t\n", NULL},
                {"directories.tokendir =\n", NULL},
                {"", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char folder[64];
        const char *path = folder_write("configuration", slice_text(rows[i].text));
        bool found = token_sandbox_softhsm(path, folder, sizeof folder);
        assert_int_equal(found, rows[i].folder != NULL);
        if (found) assert_string_equal(folder, rows[i].folder);
    }
    assert_false(token_sandbox_softhsm("/nowhere", tokens, 1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_keys_of_every_algorithm),
        TEST(test_killed_helper),
        TEST(test_what_tokens_are_not_asked),
        cmocka_unit_test(test_helper_that_cannot_start),
        cmocka_unit_test(test_key_that_could_leave_is_refused),
        cmocka_unit_test(test_helper_and_garbage),
        TEST(test_wrong_signature_is_not_handed_out),
        cmocka_unit_test(test_configuration_of_softhsm),
    };
    return cmocka_run_group_tests(tests, open_folder, close_folder);
}
