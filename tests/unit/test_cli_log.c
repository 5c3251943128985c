/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda log verify against logs that are honest and logs that are not; what is read of their answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base_support.h"
#include "cli/audit.h"
#include "cli/log_client.h"
#include "cli/log_json.h"
#include "cli/log_state.h"
#include "domain_store.h"
#include "fake_keeper.h"
#include "log_server.h"
#include "pki/certificate/pem.h"

#include <stdio.h>
#include <unistd.h>

#define STATE  "log.state"
#define BESIDE "log.state.contradiction"

enum { HASH = 32 };

static struct domain_store *domain;
static struct log_server *server;

static int start(void **state)
{
    void *opened = NULL;
    (void)state;
    (void)domain_store_sqlite(&opened);
    domain = opened;
    (void)unlink(STATE);
    (void)unlink(BESIDE);
    fake_keeper_open("P-256");
    server = log_server_start(domain->store);
    return 0;
}

static int stop(void **state)
{
    void *opened = domain;
    (void)state;
    log_server_stop(server);
    fake_keeper_close();
    return domain_store_close(&opened);
}

/** The exit status; errors go to the test's own standard error. */
static int verify(const char *key, const char *state, const char *certificate)
{
    const char *operands[] = {server->url};
    const struct arguments a = {
        .key = key, .log_state = state, .cert = certificate, .quiet = true, .operands = operands, .operand_count = 1};
    return log_verify(&a);
}

static void grow(uint64_t from, uint64_t to)
{
    log_server_grow(server, from, to, clock_now());
}

static void sql(const char *text)
{
    (void)domain_store_run(domain->store, text);
    log_server_forget(server);
}

/** Everything is forgotten but the key: what grows now is another log. */
static void wipe(void)
{
    sql("DELETE FROM transparency_leaf");
    sql("DELETE FROM transparency_tile");
    sql("DELETE FROM transparency_head");
    sql("UPDATE transparency_tree SET size = 0, roots = zeroblob(0)");
}

static struct log_state remembered(struct arena *a)
{
    struct log_state state = {.key = {0}};
    bool found = false;
    assert_int_equal(log_state_read(STATE, a, &state, &found, NULL), RFD_OK);
    assert_true(found);
    return state;
}

static struct rfd_error ignored;

/* --- Honest logs -------------------------------------------------------------------------------------------------- */

static void test_good_log(void **state)
{
    struct arena a;
    (void)state;
    arena_init(&a, 1 << 16);
    grow(0, 0);
    assert_int_equal(verify(NULL, STATE, NULL), 0);
    assert_int_equal(remembered(&a).head.size, 0);
    grow(0, 5);
    assert_int_equal(verify(NULL, STATE, NULL), 0);
    assert_int_equal(verify(NULL, STATE, NULL), 0);
    grow(5, 12000); /* more than one range */
    assert_int_equal(verify(NULL, STATE, NULL), 0);
    assert_int_equal(remembered(&a).head.size, 12000);
    assert_int_equal(verify(NULL, NULL, NULL), 0);
    assert_false(file_exists(BESIDE));
    arena_dispose(&a);
}

/** The key as certificate or bare, in PEM or DER. */
static void test_given_key(void **state)
{
    struct identity other = identity_new("P-256", "Other", NULL, NULL);
    const struct certificate *c = fake_keeper.identity.certificate;
    struct buf b;
    (void)state;
    buf_init(&b, 1 << 16);
    grow(0, 5);
    file_write("key.der", c->der);
    assert_int_equal(verify("key.der", NULL, NULL), 0);
    file_write("key.der", c->spki);
    assert_int_equal(verify("key.der", NULL, NULL), 0);
    pem_put(&b, "CERTIFICATE", c->der);
    file_write("key.pem", buf_slice(&b));
    assert_int_equal(verify("key.pem", NULL, NULL), 0);
    buf_reset(&b);
    pem_put(&b, "PUBLIC KEY", c->spki);
    file_write("key.pem", buf_slice(&b));
    assert_int_equal(verify("key.pem", NULL, NULL), 0);
    file_write("key.der", other.certificate->spki);
    assert_int_equal(verify("key.der", NULL, NULL), 1);
    file_write("key.der", SLICE("nothing"));
    assert_int_equal(verify("key.der", NULL, NULL), 4);
    assert_int_equal(verify("not-there", NULL, NULL), 4);
    buf_dispose(&b);
    identity_free(&other);
}

static void put_own_certificate(const char *path)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    pem_put(&b, "CERTIFICATE", fake_keeper.identity.certificate->der);
    file_write(path, buf_slice(&b));
    buf_dispose(&b);
}

static void test_certificate(void **state)
{
    (void)state;
    put_own_certificate("own.pem");
    grow(0, 5);
    assert_int_equal(verify(NULL, STATE, "own.pem"), 1); /* not in it */
    log_server_put(server, fake_keeper.identity.certificate->fingerprint);
    grow(5, 20);
    assert_int_equal(verify(NULL, STATE, "own.pem"), 0);
    assert_int_equal(verify(NULL, NULL, "own.pem"), 0);
    file_write("none.pem", SLICE("text"));
    assert_int_equal(verify(NULL, NULL, "none.pem"), 4);
    sql("UPDATE transparency_tile SET hashes = zeroblob(length(hashes))");
    assert_int_equal(verify(NULL, NULL, "own.pem"), 1);
}

/* --- Others ------------------------------------------------------------------------------------------------------- */

/** The fault has to be found twice: what was remembered stays until somebody looks into it. */
static void expect_contradiction(uint64_t size)
{
    struct arena a;
    arena_init(&a, 1 << 16);
    assert_int_equal(verify(NULL, STATE, NULL), 1);
    assert_int_equal(verify(NULL, STATE, NULL), 1);
    assert_int_equal(remembered(&a).head.size, size);
    assert_true(file_exists(BESIDE));
    arena_dispose(&a);
}

static void test_fork(void **state)
{
    (void)state;
    grow(0, 300);
    assert_int_equal(verify(NULL, STATE, NULL), 0);
    wipe();
    grow(1, 500);                                  /* the first one is not there any more */
    assert_int_equal(verify(NULL, NULL, NULL), 0); /* by itself it is a good log */
    expect_contradiction(300);
}

static void test_fork_of_the_same_size(void **state)
{
    (void)state;
    grow(0, 300);
    assert_int_equal(verify(NULL, STATE, NULL), 0);
    wipe();
    grow(0, 299);
    grow(300, 301);
    expect_contradiction(300);
}

static void test_fork_is_seen_for_a_certificate(void **state)
{
    (void)state;
    put_own_certificate("own.pem");
    log_server_put(server, fake_keeper.identity.certificate->fingerprint);
    grow(1, 10);
    assert_int_equal(verify(NULL, STATE, "own.pem"), 0);
    wipe();
    log_server_put(server, fake_keeper.identity.certificate->fingerprint);
    grow(2, 20);
    assert_int_equal(verify(NULL, NULL, "own.pem"), 0);
    assert_int_equal(verify(NULL, STATE, "own.pem"), 1);
}

static void test_shrunk(void **state)
{
    (void)state;
    grow(0, 300);
    assert_int_equal(verify(NULL, STATE, NULL), 0);
    wipe();
    grow(0, 200);
    expect_contradiction(300);
}

static void test_leaves_left_out(void **state)
{
    (void)state;
    grow(0, 300);
    sql("DELETE FROM transparency_leaf WHERE position >= 200");
    assert_int_equal(verify(NULL, STATE, NULL), 1);
    assert_false(file_exists(STATE));
}

static void test_leaf_altered(void **state)
{
    (void)state;
    grow(0, 300);
    sql("UPDATE transparency_leaf SET hash = zeroblob(32) WHERE position = 7");
    assert_int_equal(verify(NULL, STATE, NULL), 1);
    assert_false(file_exists(STATE));
}

static void test_leaf_altered_behind_the_remembered(void **state)
{
    (void)state;
    grow(0, 300);
    assert_int_equal(verify(NULL, STATE, NULL), 0);
    grow(300, 310);
    sql("UPDATE transparency_leaf SET hash = zeroblob(32) WHERE position = 7");
    assert_int_equal(verify(NULL, STATE, NULL), 1);
}

static void test_wrong_signature(void **state)
{
    (void)state;
    grow(0, 300);
    sql("UPDATE transparency_head SET time = time + 1000");
    assert_int_equal(verify(NULL, STATE, NULL), 1);
    sql("UPDATE transparency_head SET time = time - 1000, signature = zeroblob(70)");
    assert_int_equal(verify(NULL, STATE, NULL), 1);
    assert_false(file_exists(STATE));
}

static void test_wrong_proof(void **state)
{
    (void)state;
    grow(0, 300);
    assert_int_equal(verify(NULL, STATE, NULL), 0);
    grow(300, 310);
    sql("UPDATE transparency_tile SET hashes = zeroblob(length(hashes))");
    assert_int_equal(verify(NULL, STATE, NULL), 1);
}

static void test_another_key(void **state)
{
    struct identity first;
    (void)state;
    grow(0, 300);
    assert_int_equal(verify(NULL, STATE, NULL), 0);
    first = fake_keeper.identity;
    fake_keeper.identity = identity_new("P-384", "Other", NULL, NULL);
    grow(300, 301);
    assert_int_equal(verify(NULL, NULL, NULL), 0);
    assert_int_equal(verify(NULL, STATE, NULL), 1);
    identity_free(&fake_keeper.identity);
    fake_keeper.identity = first;
}

static void test_nobody_answers(void **state)
{
    const char *operands[] = {"http://127.0.0.1:1/"};
    const struct arguments a = {.quiet = true, .operands = operands, .operand_count = 1};
    const struct arguments none = {.quiet = true};
    (void)state;
    assert_int_equal(log_verify(&a), 3);
    assert_int_equal(log_verify(&none), 64);
    assert_int_equal(verify(NULL, NULL, NULL), 3); /* no head yet */
}

/* --- What is remembered ------------------------------------------------------------------------------------------- */

static void test_state_that_was_altered(void **state)
{
    static const char *const wrong[] = {"", "x", "Refrenda log state 1\n", "Refrenda log state 1\nkey: 00\nsize: 1\n"};
    struct arena a;
    (void)state;
    arena_init(&a, 1 << 16);
    grow(0, 300);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        file_write(STATE, slice_text(wrong[i]));
        assert_int_equal(verify(NULL, STATE, NULL), 4);
        assert_true(file_is(STATE, slice_text(wrong[i])));
    }
    (void)unlink(STATE);
    assert_int_equal(verify(NULL, STATE, NULL), 0);
    struct log_state s = remembered(&a);
    s.head.size = 299;
    assert_int_equal(log_state_write(STATE, &s, NULL), RFD_OK);
    assert_int_equal(verify(NULL, STATE, NULL), 4);
    assert_int_equal(verify(NULL, "no-folder/log.state", NULL), 5);
    arena_dispose(&a);
}

/* --- Answers ------------------------------------------------------------------------------------------------------ */

#define ROOT "\"root\":\"0123456789012345678901234567890123456789012345678901234567890123\""

static void test_heads_are_read_strictly(void **state)
{
    static const char *const wrong[] = {
        "",
        "[]",
        "{}",
        "{\"size\":1",
        "{\"size\":-1,\"timestamp\":1," ROOT ",\"algorithm\":\"AAAA\",\"signature\":\"AAAA\"}",
        "{\"size\":\"1\",\"timestamp\":1," ROOT ",\"algorithm\":\"AAAA\",\"signature\":\"AAAA\"}",
        "{\"size\":1,\"size\":1,\"timestamp\":1," ROOT ",\"algorithm\":\"AAAA\",\"signature\":\"AAAA\"}",
        "{\"size\":1.5,\"timestamp\":1," ROOT ",\"algorithm\":\"AAAA\",\"signature\":\"AAAA\"}",
        "{\"size\":1,\"timestamp\":9223372036854775807," ROOT ",\"algorithm\":\"AAAA\",\"signature\":\"AAAA\"}",
        "{\"size\":1,\"timestamp\":1,\"root\":\"01\",\"algorithm\":\"AAAA\",\"signature\":\"AAAA\"}",
        "{\"size\":1,\"timestamp\":1," ROOT ",\"algorithm\":\"A\",\"signature\":\"AAAA\"}",
        "{\"size\":1,\"timestamp\":1," ROOT ",\"algorithm\":\"AAAA\",\"signature\":\"\"}",
        "{\"size\":1,\"timestamp\":1," ROOT ",\"algorithm\":\"AAAA\"}",
    };
    slice right = SLICE("{\"size\":1,\"timestamp\":2," ROOT ",\"algorithm\":\"AAAA\",\"signature\":\"AAEC\"}");
    struct tree_head head;
    struct arena a;
    (void)state;
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(log_json_head(slice_text(wrong[i]), &a, &head, &ignored), RFD_E_PROTOCOL);
    assert_int_equal(log_json_head(right, &a, &head, NULL), RFD_OK);
    assert_int_equal(head.size, 1);
    assert_int_equal(head.time, 2000);
    assert_true(slice_equal(head.signature, SLICE("\0\1\2")));
    arena_dispose(&a);
}

static void test_proofs_are_read_strictly(void **state)
{
    static const char *const wrong[] = {
        "{\"index\":1,\"size\":3}",
        "{\"index\":3,\"size\":3,\"path\":[]}",
        "{\"index\":1,\"size\":4,\"path\":[]}",
        "{\"index\":1,\"size\":3,\"path\":{}}",
        "{\"index\":1,\"size\":3,\"path\":[1]}",
        "{\"index\":1,\"size\":3,\"path\":[\"00\"]}",
    };
    struct tree_proof proof;
    char many[70 * 70];
    size_t used = (size_t)snprintf(many, sizeof many, "{\"from\":1,\"to\":3,\"path\":[");
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(log_json_inclusion(slice_text(wrong[i]), 3, &proof, &ignored), RFD_E_PROTOCOL);
    assert_int_equal(log_json_inclusion(SLICE("{\"index\":1,\"size\":3,\"path\":[]}"), 3, &proof, NULL), RFD_OK);
    assert_int_equal(proof.index, 1);
    for (int i = 0; i < 65; i++)
        used += (size_t)snprintf(many + used, sizeof many - used, "%s\"%064d\"", i == 0 ? "" : ",", i);
    (void)snprintf(many + used, sizeof many - used, "]}");
    assert_int_equal(log_json_consistency(slice_text(many), 1, 3, &proof, &ignored), RFD_E_PROTOCOL);
    assert_int_equal(log_json_consistency(SLICE("{\"from\":1,\"to\":3,\"path\":[]}"), 1, 3, &proof, NULL), RFD_OK);
    assert_int_equal(log_json_consistency(SLICE("{\"from\":1,\"to\":3,\"path\":[]}"), 1, 4, &proof, &ignored),
                     RFD_E_PROTOCOL);
}

#define SERVED(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(test_good_log),
        SERVED(test_given_key),
        SERVED(test_certificate),
        SERVED(test_fork),
        SERVED(test_fork_of_the_same_size),
        SERVED(test_fork_is_seen_for_a_certificate),
        SERVED(test_shrunk),
        SERVED(test_leaves_left_out),
        SERVED(test_leaf_altered),
        SERVED(test_leaf_altered_behind_the_remembered),
        SERVED(test_wrong_signature),
        SERVED(test_wrong_proof),
        SERVED(test_another_key),
        SERVED(test_nobody_answers),
        SERVED(test_state_that_was_altered),
        cmocka_unit_test(test_heads_are_read_strictly),
        cmocka_unit_test(test_proofs_are_read_strictly),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
