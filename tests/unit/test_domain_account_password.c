/* SPDX-License-Identifier: EUPL-1.2
 *
 * Passwords by themselves: Argon2id and its text, what is a bad one, the gate; and security codes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "account_world.h"
#include "base/error.h"
#include "base_support.h"
#include "domain/account/account_internal.h"
#include "domain/account/common_table.h"
#include "domain/account/security_code.h"
#include "pki/digest.h"

#include <jansson.h>
#include <pthread.h>

#define NOW ((rfd_time)1790000000 * RFD_SECOND)

/* --- Argon2id ----------------------------------------------------------------------------------------------------- */

static void test_hash(void **state)
{
    struct arena a;
    slice hash, again;
    (void)state;
    arena_init(&a, 1 << 16);
    assert_int_equal(password_hash(&account_world_settings, SLICE("otoño"), &a, &hash, NULL), RFD_OK);
    assert_true(slice_starts(hash, SLICE("$argon2id$v=19$m=64,t=1,p=1$")));
    assert_true(password_verify(hash, SLICE("otoño")));
    assert_false(password_verify(hash, SLICE("otono")));
    assert_false(password_verify(hash, SLICE("")));
    assert_int_equal(password_hash(&account_world_settings, SLICE("otoño"), &a, &again, NULL), RFD_OK);
    assert_false(slice_equal(hash, again)); /* a salt of its own */
    assert_int_equal(password_hash(&account_world_settings, SLICE_EMPTY, &a, &again, NULL), RFD_E_ARGUMENT);
    slice decoy = password_decoy(&account_world_settings, &a);
    assert_int_equal(decoy.length, hash.length);
    assert_false(password_verify(decoy, SLICE("otoño")));
    arena_dispose(&a);
}

/** Of the argon2 command: echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1 -l 24 -e */
static void test_hash_of_another_program(void **state)
{
    slice known = SLICE("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
    (void)state;
    assert_true(password_verify(known, SLICE("password")));
    assert_false(password_verify(known, SLICE("passwore")));
}

static void test_odd_hashes(void **state)
{
    static const char *const odd[] = {
        "",
        "x",
        "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=16$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=999999999,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=64,t=1,p=1$$",
        "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$",
        "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ",
        "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$!!!!",
    };
    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) assert_false(password_verify(slice_text(odd[i]), SLICE("x")));
}

struct visitor {
    struct account_settings settings;
    bool right;
};

static void *visit(void *context)
{
    struct visitor *v = context;
    struct arena a;
    slice hash;
    arena_init(&a, 1 << 16);
    v->right = password_hash(&v->settings, SLICE("x"), &a, &hash, NULL) == RFD_OK &&
               password_check(&v->settings, hash, SLICE("x"), &v->right, NULL) == RFD_OK && v->right;
    arena_dispose(&a);
    return NULL;
}

static void test_gate(void **state)
{
    struct visitor visitors[8];
    pthread_t threads[8];
    struct password_gate *gate;
    (void)state;
    assert_int_equal(password_gate_new(1, &gate, NULL), RFD_OK);
    for (size_t i = 0; i < 8; i++) {
        visitors[i] = (struct visitor){.settings = account_world_settings};
        visitors[i].settings.gate = gate;
        assert_int_equal(pthread_create(&threads[i], NULL, visit, &visitors[i]), 0);
    }
    for (size_t i = 0; i < 8; i++) {
        (void)pthread_join(threads[i], NULL);
        assert_true(visitors[i].right);
    }
    password_gate_free(gate);
    password_gate_free(NULL);
}

/* --- Bad ones ----------------------------------------------------------------------------------------------------- */

static const slice own[] = {SLICE("U1234"),  SLICE("70000016"), SLICE("Ana María"),
                            SLICE("Quispe"), SLICE("Mamani"),   SLICE("aquispe")};

static unsigned judge(const char *password, const char **message)
{
    struct faults faults = {.count = 0};
    unsigned level = password_judge(slice_text(password), own, sizeof own / sizeof *own, &faults);
    assert_true((level == 0) == (faults.count == 1));
    *message = faults.count > 0 ? faults.items[0].message : "";
    return level;
}

static void expect_bad(const char *password, const char *part)
{
    const char *message;
    if (judge(password, &message) != 0) fail_msg("%s was taken", password);
    if (strstr(message, part) == NULL) fail_msg("%s: %s", password, message);
}

static void test_bad_passwords(void **state)
{
    (void)state;
    expect_bad("", "at least 8");
    expect_bad("Xk2$9aQ", "at least 8");
    expect_bad("ñandúes", "at least 8");
    expect_bad("8273645091827364", "digits only");
    expect_bad("password", "most common");
    expect_bad("PassWord1", "most common");
    expect_bad("qwertyuiop", "most common");
    expect_bad("iloveyou", "most common");
    expect_bad("quispe1990", "own data");
    expect_bad("Quispe-Mamani", "own data");
    expect_bad("QUISPE_70000016", "own data");
    expect_bad("María.2026!", "own data");
    expect_bad("maria-u1234", "own data");
    expect_bad("\xFF\xFE\xFD\xFC\xFB\xFA\xF9\xF8", "too long");
}

static void test_good_passwords(void **state)
{
    static const struct {
        const char *password;
        unsigned level;
    } good[] = {
        {"xk2$9aQw", 1},
        {"aaaaaaaaaaaaaaaaaaaaaaab", 1},
        {"llama roja", 2},
        {"llamas rojas", 3},
        {"llamas rojas en el altiplano", 4},
        {"ñandú 12 ñandú 13 ñandú", 4},
        {"quispe viaja lejos en tren", 4}, /* one's own name among other words */
    };
    const char *message;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        unsigned level = judge(good[i].password, &message);
        if (level != good[i].level) fail_msg("%s: %u %s", good[i].password, level, message);
    }
}

static void test_common_table(void **state)
{
    (void)state;
    assert_int_equal(common_password_count, 100000);
    for (size_t i = 1; i < common_password_count; i++)
        assert_true(memcmp(common_passwords + (i - 1) * COMMON_HASH_SIZE, common_passwords + i * COMMON_HASH_SIZE,
                           COMMON_HASH_SIZE) < 0);
    assert_false(common_password(SLICE("llama roja en el altiplano")));
}

/* --- Tokens ------------------------------------------------------------------------------------------------------- */

/* --- Security codes ----------------------------------------------------------------------------------------------- */

struct solving {
    slice key, answer;
    rfd_time now;
    bool right;
};

static rfd_status check(struct transaction *t, void *context, struct rfd_error *error)
{
    struct solving *s = context;
    return security_code_check(t, s->key, s->answer, s->now, &s->right, error);
}

static bool is_right(struct store *store, slice answer, rfd_time now)
{
    struct solving s = {.key = account_world_settings.key, .answer = answer, .now = now};
    assert_int_equal(account_world_write(store, check, &s), RFD_OK);
    return s.right;
}

static long solve(const char *salt, const char *challenge)
{
    for (long n = 0; n <= 150000; n++) {
        char text[200], hex[65];
        uint8_t hash[32];
        int length = snprintf(text, sizeof text, "%s%ld", salt, n);
        assert_int_equal(digest_of(DIGEST_SHA256, slice_of(text, (size_t)length), hash, NULL), RFD_OK);
        for (size_t i = 0; i < 32; i++) (void)snprintf(hex + 2 * i, 3, "%02x", hash[i]);
        if (strcmp(hex, challenge) == 0) return n;
    }
    return -1;
}

/** The widget's answer, with what is asked for changed. */
static void put_answer(struct buf *out, json_t *question, const char *salt, long number)
{
    json_t *answer =
        json_pack("{s:s,s:O,s:I,s:s,s:O}", "algorithm", "SHA-256", "challenge", json_object_get(question, "challenge"),
                  "number", (json_int_t)number, "salt", salt, "signature", json_object_get(question, "signature"));
    char *text = json_dumps(answer, JSON_COMPACT);
    buf_reset(out);
    buf_put_base64(out, slice_text(text));
    free(text);
    json_decref(answer);
}

static void test_security_code(void **state)
{
    struct store *store = domain_store_of(state);
    struct buf json, answer;
    buf_init(&json, 2048);
    buf_init(&answer, 2048);
    assert_int_equal(security_code_make(account_world_settings.key, NOW, &json, NULL), RFD_OK);
    json_t *question = json_loadb((char *)json.data, json.length, 0, NULL);
    const char *salt = json_string_value(json_object_get(question, "salt"));
    long number = solve(salt, json_string_value(json_object_get(question, "challenge")));
    assert_true(number >= 0);
    put_answer(&answer, question, salt, number == 0 ? 1 : number - 1);
    assert_false(is_right(store, buf_slice(&answer), NOW));
    put_answer(&answer, question, salt, number);
    assert_false(is_right(store, buf_slice(&answer), NOW + 11 * 60 * RFD_SECOND)); /* too late */
    assert_true(is_right(store, buf_slice(&answer), NOW));
    assert_false(is_right(store, buf_slice(&answer), NOW)); /* once */
    /* Digits of the number cannot be moved into the salt's end of time. */
    char moved[200];
    (void)snprintf(moved, sizeof moved, "%.*s%ld&", (int)strlen(salt) - 1, salt, number / 10);
    put_answer(&answer, question, moved, number % 10);
    assert_false(is_right(store, buf_slice(&answer), NOW));
    assert_false(is_right(store, SLICE(""), NOW));
    assert_false(is_right(store, SLICE("bm8ganNvbg=="), NOW));
    assert_false(is_right(store, SLICE("e30="), NOW));
    assert_false(is_right(store, SLICE("%%%"), NOW));
    json_decref(question);
    buf_dispose(&json);
    buf_dispose(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash),          cmocka_unit_test(test_hash_of_another_program),
        cmocka_unit_test(test_odd_hashes),    cmocka_unit_test(test_gate),
        cmocka_unit_test(test_bad_passwords), cmocka_unit_test(test_good_passwords),
        cmocka_unit_test(test_common_table),  ON_BOTH_STORES(test_security_code),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
