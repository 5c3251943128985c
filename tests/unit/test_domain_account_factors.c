/* SPDX-License-Identifier: EUPL-1.2
 *
 * Second factors in both databases: TOTP by the vectors of RFC 6238, codes by message, each once, five wrong ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "account_world.h"
#include "base/clock.h"
#include "base/error.h"
#include "base_support.h"
#include "domain/account/one_time.h"
#include "domain/account/seal_secret.h"

#include <pthread.h>

#define NOW    ((rfd_time)1790000000 * RFD_SECOND)
#define MINUTE (60 * RFD_SECOND)

/* --- RFC 6238, appendix B ----------------------------------------------------------------------------------------- */

static void test_vectors(void **state)
{
    static const char digits[] = "1234567890123456789012345678901234567890123456789012345678901234";
    static const struct {
        uint64_t time;
        const char *codes[3];
    } vectors[] = {
        {59, {"94287082", "46119246", "90693936"}},         {1111111109, {"07081804", "68084774", "25091201"}},
        {1111111111, {"14050471", "67062674", "99943326"}}, {1234567890, {"89005924", "91819424", "93441116"}},
        {2000000000, {"69279037", "90698825", "38618901"}}, {20000000000, {"65353130", "77737706", "47863826"}},
    };
    static const size_t sizes[] = {20, 32, 64};
    char text[9];
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        for (unsigned d = 0; d < 3; d++) {
            slice secret = slice_of(digits, sizes[d]);
            assert_int_equal(one_time_code(d, secret, vectors[i].time / 30, 8, text, NULL), RFD_OK);
            assert_string_equal(text, vectors[i].codes[d]);
        }
    }
    assert_int_equal(one_time_code(ONE_TIME_SHA1, SLICE("x"), 1, 5, text, NULL), RFD_E_ARGUMENT);
}

static void test_skew_and_repetition(void **state)
{
    slice secret = SLICE("12345678901234567890");
    uint64_t present = (uint64_t)(NOW / RFD_SECOND) / 30;
    uint64_t step;
    char code[9];
    (void)state;
    for (int skew = -2; skew <= 2; skew++) {
        assert_int_equal(one_time_code(ONE_TIME_SHA1, secret, present + (uint64_t)skew, 6, code, NULL), RFD_OK);
        assert_int_equal(one_time_find(secret, slice_text(code), NOW, 0, &step, NULL), RFD_OK);
        assert_int_equal(step, skew < -1 || skew > 1 ? 0 : present + (uint64_t)skew);
        assert_int_equal(one_time_find(secret, slice_text(code), NOW, present + (uint64_t)skew, &step, NULL), RFD_OK);
        assert_int_equal(step, 0);
    }
    assert_int_equal(one_time_find(secret, SLICE(""), NOW, 0, &step, NULL), RFD_OK);
    assert_int_equal(step, 0);
    assert_int_equal(one_time_find(secret, SLICE("12345"), NOW, 0, &step, NULL), RFD_OK);
    assert_int_equal(step, 0);
}

static void test_sealed_secrets(void **state)
{
    slice key = account_world_settings.key;
    uint8_t out[SEAL_SECRET_MAXIMUM];
    size_t length;
    struct buf sealed;
    (void)state;
    buf_init(&sealed, 256);
    assert_int_equal(seal_secret(key, SLICE("U0001"), SLICE("secret"), &sealed, NULL), RFD_OK);
    assert_int_equal(open_secret(key, SLICE("U0001"), buf_slice(&sealed), out, &length, NULL), RFD_OK);
    assert_true(slice_is(slice_of(out, length), "secret"));
    assert_int_equal(open_secret(key, SLICE("U0002"), buf_slice(&sealed), out, &length, NULL), RFD_E_KEYSTORE_DAMAGED);
    for (size_t i = 0; i < sealed.length; i++) {
        sealed.data[i] ^= 1;
        assert_int_equal(open_secret(key, SLICE("U0001"), buf_slice(&sealed), out, &length, NULL),
                         RFD_E_KEYSTORE_DAMAGED);
        sealed.data[i] ^= 1;
    }
    assert_int_equal(open_secret(key, SLICE("U0001"), SLICE("short"), out, &length, NULL), RFD_E_KEYSTORE_DAMAGED);
    assert_int_equal(open_secret(SLICE_EMPTY, SLICE("U0001"), buf_slice(&sealed), out, &length, NULL), RFD_E_ARGUMENT);
    buf_dispose(&sealed);
}

/* --- Setting it up ------------------------------------------------------------------------------------------------ */

struct factor_work {
    struct actor actor;
    int64_t account;
    struct arena arena;
    slice uri, code;
    bool right, on;
    enum sign_in_method method;
    struct session session;
    char token[ACCOUNT_TOKEN_SIZE];
    enum sign_in_result result;
};

static rfd_status begin(struct transaction *t, void *context, struct rfd_error *error)
{
    struct factor_work *w = context;
    return totp_begin(t, &account_world_settings, &w->actor, w->account, &w->arena, &w->uri, error);
}

static rfd_status confirm(struct transaction *t, void *context, struct rfd_error *error)
{
    struct factor_work *w = context;
    return totp_confirm(t, &account_world_settings, &w->actor, w->account, w->code, &w->right, error);
}

static rfd_status remove_it(struct transaction *t, void *context, struct rfd_error *error)
{
    struct factor_work *w = context;
    return totp_remove(t, &w->actor, w->account, error);
}

static rfd_status enable(struct transaction *t, void *context, struct rfd_error *error)
{
    struct factor_work *w = context;
    return factor_enable(t, &w->actor, w->account, w->method, w->on, error);
}

static rfd_status check(struct transaction *t, void *context, struct rfd_error *error)
{
    struct factor_work *w = context;
    return factor_check(t, &account_world_settings, &w->session, w->method, w->code, w->token, &w->result, error);
}

static rfd_status send(struct transaction *t, void *context, struct rfd_error *error)
{
    struct factor_work *w = context;
    return code_send(t, &account_world_settings, &w->session, w->method, SLICE("es"), error);
}

/** RFC 4648 §6, of the uri's secret. */
static slice secret_of(slice uri, uint8_t out[64])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const uint8_t *at = memmem(uri.data, uri.length, "?secret=", 8);
    uint64_t bits = 0;
    unsigned held = 0;
    size_t length = 0;
    for (at += 8; *at != '&'; at++) {
        bits = bits << 5 | (uint64_t)(strchr(letters, *at) - letters);
        held += 5;
        if (held >= 8) out[length++] = (uint8_t)(bits >> (held -= 8));
    }
    return slice_of(out, length);
}

static void code_at(slice uri, rfd_time moment, char code[9])
{
    uint8_t secret[64];
    assert_int_equal(
        one_time_code(ONE_TIME_SHA1, secret_of(uri, secret), (uint64_t)(moment / RFD_SECOND) / 30, 6, code, NULL),
        RFD_OK);
}

/** An account with an app, confirmed at NOW. */
static void set_up(struct store *store, struct factor_work *w)
{
    char code[9];
    *w = (struct factor_work){.account = account_world_account(store, "10000001")};
    w->actor = account_world_actor(store, w->account);
    arena_init(&w->arena, 1 << 16);
    clock_fix(NOW);
    assert_int_equal(account_world_write(store, begin, w), RFD_OK);
    assert_true(slice_starts(w->uri, SLICE("otpauth://totp/Refrenda:U0001?secret=")));
    assert_false(account_world_find(store, w->account).has_totp);
    w->code = SLICE("000000");
    assert_int_equal(account_world_write(store, confirm, w), RFD_OK);
    assert_false(w->right);
    code_at(w->uri, NOW, code);
    w->code = slice_text(code);
    assert_int_equal(account_world_write(store, confirm, w), RFD_OK);
    assert_true(w->right);
    assert_true(account_world_find(store, w->account).has_totp);
}

static void tear_down(struct factor_work *w)
{
    clock_fix(RFD_TIME_NONE);
    arena_dispose(&w->arena);
}

static void password_step(struct store *store, struct factor_work *w)
{
    const struct account_world_try try = {.name = "U0001", .password = ACCOUNT_PASSWORD};
    w->session = account_world_session(store, w->token);
    assert_int_equal(account_world_sign_in(store, &w->session, &try, w->token), SIGN_IN_FACTOR);
    w->session = account_world_visit(store, w->token);
    assert_true(w->session.account == 0 && w->session.pending == w->account && w->session.wanted == WANT_FACTOR);
}

static void test_app(void **state)
{
    struct store *store = domain_store_of(state);
    struct factor_work w;
    char code[9], before[ACCOUNT_TOKEN_SIZE];
    char text[4096];
    set_up(store, &w);
    assert_true(account_world_message(store, "factor-changed", text));
    assert_non_null(strstr(text, "aplicación"));
    password_step(store, &w);
    w.method = METHOD_TOTP;
    code_at(w.uri, NOW, code); /* was used to confirm */
    w.code = slice_text(code);
    assert_int_equal(account_world_write(store, check, &w), RFD_OK);
    assert_int_equal(w.result, SIGN_IN_WRONG);
    clock_fix(NOW + 30 * RFD_SECOND);
    code_at(w.uri, NOW + 30 * RFD_SECOND, code);
    code[6] = ' '; /* as people copy it */
    w.code = slice_of(code, 7);
    memcpy(before, w.token, sizeof before);
    assert_int_equal(account_world_write(store, check, &w), RFD_OK);
    assert_int_equal(w.result, SIGN_IN_DONE);
    assert_int_equal(account_world_visit(store, before).id, 0);
    struct session s = account_world_visit(store, w.token);
    assert_true(s.account == w.account && s.methods == (METHOD_PASSWORD | METHOD_TOTP));
    /* Replayed in another session. */
    password_step(store, &w);
    assert_int_equal(account_world_write(store, check, &w), RFD_OK);
    assert_int_equal(w.result, SIGN_IN_WRONG);
    tear_down(&w);
}

static void test_secret_is_sealed(void **state)
{
    struct store *store = domain_store_of(state);
    struct factor_work w;
    uint8_t secret[64];
    set_up(store, &w);
    slice plain = secret_of(w.uri, secret);
    assert_int_equal(plain.length, 20);
    assert_int_equal(domain_store_number(store, "SELECT length(secret) FROM account_totp"), 12 + 20 + 16);
    tear_down(&w);
}

static void test_five_wrong_codes(void **state)
{
    struct store *store = domain_store_of(state);
    struct factor_work w;
    char code[9];
    set_up(store, &w);
    clock_fix(NOW + MINUTE);
    password_step(store, &w);
    w.method = METHOD_TOTP;
    code_at(w.uri, NOW + 10 * MINUTE, code); /* not now */
    w.code = slice_text(code);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(account_world_write(store, check, &w), RFD_OK);
        assert_int_equal(w.result, SIGN_IN_WRONG);
    }
    code_at(w.uri, NOW + MINUTE, code);
    assert_int_equal(account_world_write(store, check, &w), RFD_OK);
    assert_int_equal(w.result, SIGN_IN_SLOW); /* even the right one */
    clock_fix(NOW + 17 * MINUTE);
    password_step(store, &w);
    for (unsigned i = 0; i < 5; i++) {
        w.code = SLICE("000000");
        assert_int_equal(account_world_write(store, check, &w), RFD_OK);
        assert_int_equal(w.result, SIGN_IN_WRONG);
    }
    clock_fix(NOW + 33 * MINUTE); /* twice as long now */
    password_step(store, &w);
    code_at(w.uri, NOW + 33 * MINUTE, code);
    w.code = slice_text(code);
    assert_int_equal(account_world_write(store, check, &w), RFD_OK);
    assert_int_equal(w.result, SIGN_IN_SLOW);
    clock_fix(NOW + 48 * MINUTE);
    password_step(store, &w);
    code_at(w.uri, NOW + 48 * MINUTE, code);
    assert_int_equal(account_world_write(store, check, &w), RFD_OK);
    assert_int_equal(w.result, SIGN_IN_DONE);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM audit_waiting WHERE action = "
                                                "'account.factor-lock'"),
                     2);
    tear_down(&w);
}

static void test_only_ways_of_the_account(void **state)
{
    struct store *store = domain_store_of(state);
    struct factor_work w;
    set_up(store, &w);
    password_step(store, &w);
    w.method = METHOD_SMS;
    assert_int_equal(account_world_write(store, send, &w), RFD_E_STATE);
    w.method = METHOD_PASSWORD;
    w.code = SLICE("000000");
    assert_int_equal(account_world_write(store, check, &w), RFD_OK);
    assert_int_equal(w.result, SIGN_IN_WRONG);
    /* Nobody's session, and one that is signed in, have nothing to check. */
    struct session other = account_world_session(store, w.token);
    w.session = other;
    w.method = METHOD_TOTP;
    assert_int_equal(account_world_write(store, check, &w), RFD_E_STATE);
    tear_down(&w);
}

static void test_others_do_not_change_it(void **state)
{
    struct store *store = domain_store_of(state);
    struct factor_work w;
    set_up(store, &w);
    int64_t other = account_world_account(store, "10000002");
    w.actor = account_world_actor(store, other);
    assert_int_equal(account_world_write(store, begin, &w), RFD_E_FORBIDDEN);
    assert_int_equal(account_world_write(store, remove_it, &w), RFD_E_FORBIDDEN);
    w.actor = account_world_actor(store, w.account);
    assert_int_equal(account_world_write(store, begin, &w), RFD_E_STATE); /* there is one in force */
    assert_int_equal(account_world_write(store, remove_it, &w), RFD_OK);
    assert_int_equal(account_world_find(store, w.account).factors, 0);
    tear_down(&w);
}

/* --- Codes by message --------------------------------------------------------------------------------------------- */

static void sent_code(struct store *store, char code[7])
{
    char text[4096];
    assert_true(account_world_message(store, "sign-in-code", text));
    for (char *at = text; *at != '\0'; at++) {
        size_t digits = strspn(at, "0123456789");
        if (digits == 6) {
            memcpy(code, at, 6);
            code[6] = '\0';
            return;
        }
        if (digits > 0) at += digits - 1;
    }
    fail_msg("no code in %s", text);
}

static void test_codes_by_message(void **state)
{
    struct store *store = domain_store_of(state);
    struct factor_work w = {.account = account_world_account(store, "10000001"), .method = METHOD_SMS, .on = true};
    char code[7];
    w.actor = account_world_actor(store, w.account);
    clock_fix(NOW);
    assert_int_equal(account_world_write(store, enable, &w), RFD_OK);
    password_step(store, &w);
    w.code = SLICE("000000");
    assert_int_equal(account_world_write(store, check, &w), RFD_OK); /* none was sent */
    assert_int_equal(w.result, SIGN_IN_WRONG);
    assert_int_equal(account_world_write(store, send, &w), RFD_OK);
    assert_int_equal(account_world_write(store, send, &w), RFD_E_SLOW_DOWN);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM outbox WHERE name = 'sign-in-code' AND channel "
                                                "= 1 AND recipient = '+51987654321'"),
                     1);
    sent_code(store, code);
    w.code = slice_text(code);
    clock_fix(NOW + 10 * MINUTE - 1);
    password_step(store, &w);
    assert_int_equal(account_world_write(store, check, &w), RFD_OK);
    assert_int_equal(w.result, SIGN_IN_DONE);
    password_step(store, &w);
    assert_int_equal(account_world_write(store, check, &w), RFD_OK); /* once */
    assert_int_equal(w.result, SIGN_IN_WRONG);
    assert_int_equal(account_world_write(store, send, &w), RFD_OK);
    sent_code(store, code);
    clock_fix(NOW + 20 * MINUTE);
    password_step(store, &w);
    assert_int_equal(account_world_write(store, check, &w), RFD_OK); /* too old */
    assert_int_equal(w.result, SIGN_IN_WRONG);
    clock_fix(RFD_TIME_NONE);
}

static void test_no_address_no_codes(void **state)
{
    struct store *store = domain_store_of(state);
    struct factor_work w = {.account = account_world_account(store, "10000001"), .method = METHOD_SMS, .on = true};
    w.actor = account_world_actor(store, w.account);
    (void)domain_store_run(store, "UPDATE person SET mobile = ''");
    assert_int_equal(account_world_write(store, enable, &w), RFD_E_STATE);
    w.method = METHOD_CERTIFICATE;
    assert_int_equal(account_world_write(store, enable, &w), RFD_E_ARGUMENT);
}

struct racer {
    struct store *store;
    struct factor_work w;
};

static void *race(void *context)
{
    struct racer *r = context;
    r->w.result = SIGN_IN_WRONG;
    (void)account_world_write(r->store, check, &r->w);
    return NULL;
}

/** One code, four sessions that know it at the same time. */
static void test_two_use_a_code(void **state)
{
    struct store *store = domain_store_of(state);
    struct factor_work w;
    struct racer racers[4];
    pthread_t threads[4];
    char code[9];
    unsigned done = 0;
    set_up(store, &w);
    clock_fix(NOW + MINUTE);
    code_at(w.uri, NOW + MINUTE, code);
    w.method = METHOD_TOTP;
    w.code = slice_text(code);
    for (size_t i = 0; i < 4; i++) {
        password_step(store, &w);
        racers[i] = (struct racer){store, w};
    }
    for (size_t i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    for (size_t i = 0; i < 4; i++) {
        (void)pthread_join(threads[i], NULL);
        done += racers[i].w.result == SIGN_IN_DONE;
    }
    assert_int_equal(done, 1);
    tear_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_skew_and_repetition),
        cmocka_unit_test(test_sealed_secrets),
        ON_BOTH_STORES(test_app),
        ON_BOTH_STORES(test_secret_is_sealed),
        ON_BOTH_STORES(test_five_wrong_codes),
        ON_BOTH_STORES(test_only_ways_of_the_account),
        ON_BOTH_STORES(test_others_do_not_change_it),
        ON_BOTH_STORES(test_codes_by_message),
        ON_BOTH_STORES(test_no_address_no_codes),
        ON_BOTH_STORES(test_two_use_a_code),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
