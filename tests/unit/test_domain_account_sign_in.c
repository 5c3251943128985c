/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing in by password, and what hostile people do: guess names and passwords, many at once, keep a session's token,
 * use a link twice. In both databases.
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

#include <pthread.h>

#define NOW    ((rfd_time)1790000000 * RFD_SECOND)
#define MINUTE (60 * RFD_SECOND)

static enum sign_in_result try_in(struct store *store, const char *name, const char *password, bool proof)
{
    char token[ACCOUNT_TOKEN_SIZE];
    struct session s = account_world_session(store, token);
    const struct account_world_try try = {.name = name, .password = password, .proof = proof};
    return account_world_sign_in(store, &s, &try, token);
}

static void test_password(void **state)
{
    struct store *store = domain_store_of(state);
    (void)account_world_account(store, "10000001");
    assert_int_equal(try_in(store, "U0001", ACCOUNT_PASSWORD, false), SIGN_IN_DONE);
    assert_int_equal(try_in(store, "u0001", ACCOUNT_PASSWORD, false), SIGN_IN_DONE);
    assert_int_equal(try_in(store, "10000001", ACCOUNT_PASSWORD, false), SIGN_IN_DONE);
    assert_int_equal(try_in(store, "10.000.001", ACCOUNT_PASSWORD, false), SIGN_IN_DONE);
    assert_int_equal(try_in(store, "U0001", "Cantuta-de-otoño-48", false), SIGN_IN_WRONG);
    assert_int_equal(try_in(store, "U0001", "", false), SIGN_IN_WRONG);
    assert_int_equal(try_in(store, "U0009", ACCOUNT_PASSWORD, false), SIGN_IN_WRONG);
    assert_int_equal(try_in(store, "", ACCOUNT_PASSWORD, false), SIGN_IN_WRONG);
    assert_int_equal(try_in(store, "' OR 1=1 --", "' OR 1=1 --", false), SIGN_IN_WRONG);
    assert_true(account_world_find(store, 1).last_sign_in > 0);
}

/** Nothing that was typed is to be found anywhere. */
static void test_no_secret_is_kept(void **state)
{
    struct store *store = domain_store_of(state);
    (void)account_world_account(store, "10000001");
    assert_int_equal(try_in(store, "my-secret-in-the-wrong-field", "hunter2hunter2", false), SIGN_IN_WRONG);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM audit_waiting WHERE detail LIKE '%secret%' OR "
                                                "object LIKE '%secret%' OR actor LIKE '%secret%'"),
                     0);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM audit_waiting WHERE action = "
                                                "'account.sign-in-failed' AND object = 'account:unknown'"),
                     1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM account WHERE password LIKE '%otoño%'"), 0);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM account WHERE password LIKE '$argon2id$v=19$%'"),
                     1);
}

static void test_token_changes(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t account = account_world_account(store, "10000001");
    char fixed[ACCOUNT_TOKEN_SIZE];
    char token[ACCOUNT_TOKEN_SIZE];
    struct session s = account_world_session(store, fixed);
    struct session before = account_world_visit(store, fixed);
    const struct account_world_try try = {.name = "U0001", .password = ACCOUNT_PASSWORD};
    assert_int_equal(account_world_sign_in(store, &s, &try, token), SIGN_IN_DONE);
    assert_string_not_equal(fixed, token);
    assert_int_equal(account_world_visit(store, fixed).id, 0);
    struct session after = account_world_visit(store, token);
    assert_true(after.account == account);
    assert_true(memcmp(after.secret, before.secret, sizeof after.secret) != 0);
}

/** The same answers, one after the other, whether or not there is the account. */
static void test_names_cannot_be_told_apart(void **state)
{
    struct store *store = domain_store_of(state);
    (void)account_world_account(store, "10000001");
    clock_fix(NOW);
    for (unsigned i = 0; i < 30; i++) {
        bool proof = i % 3 != 0;
        enum sign_in_result there = try_in(store, "U0001", "not the password", proof);
        enum sign_in_result none = try_in(store, "U0002", "not the password", proof);
        if (there != none) fail_msg("try %u: %d and %d", i, (int)there, (int)none);
    }
    /* Two names of one account count apart, else they would tell that they belong together. */
    assert_int_equal(try_in(store, "10000001", "not the password", false), SIGN_IN_WRONG);
    clock_fix(RFD_TIME_NONE);
}

static void test_proof_or_wait(void **state)
{
    struct store *store = domain_store_of(state);
    (void)account_world_account(store, "10000001");
    clock_fix(NOW);
    assert_int_equal(try_in(store, "U0001", "wrong", false), SIGN_IN_WRONG);
    assert_int_equal(try_in(store, "U0001", "wrong", false), SIGN_IN_WRONG);
    assert_int_equal(try_in(store, "U0001", ACCOUNT_PASSWORD, false), SIGN_IN_PROOF);
    assert_int_equal(try_in(store, "U0001", "wrong", true), SIGN_IN_WRONG);
    assert_int_equal(try_in(store, "U0001", ACCOUNT_PASSWORD, false), SIGN_IN_PROOF);
    clock_fix(NOW + 9 * RFD_SECOND); /* without script: 8 seconds after the third */
    assert_int_equal(try_in(store, "U0001", ACCOUNT_PASSWORD, false), SIGN_IN_DONE);
    assert_int_equal(try_in(store, "U0001", "wrong", false), SIGN_IN_WRONG); /* a right one begins anew */
    clock_fix(RFD_TIME_NONE);
}

static void test_lock(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t account = account_world_account(store, "10000001");
    char text[4096];
    for (unsigned i = 0; i < 9; i++) assert_int_equal(try_in(store, "U0001", "wrong", true), SIGN_IN_WRONG);
    assert_false(account_world_find(store, account).locked);
    assert_false(account_world_message(store, "account-locked", text));
    assert_int_equal(try_in(store, "10000001", "wrong", true), SIGN_IN_WRONG); /* the tenth, by another name */
    assert_true(account_world_find(store, account).locked);
    assert_true(account_world_message(store, "account-locked", text));
    assert_int_equal(try_in(store, "U0001", "wrong", true), SIGN_IN_WRONG);
    assert_int_equal(try_in(store, "U0001", ACCOUNT_PASSWORD, true), SIGN_IN_LOCKED);
    for (unsigned i = 0; i < 9; i++) (void)try_in(store, "U0001", ACCOUNT_PASSWORD, true);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM outbox WHERE name = 'account-locked'"), 4);
}

static void test_networks(void **state)
{
    struct store *store = domain_store_of(state);
    char token[ACCOUNT_TOKEN_SIZE];
    char name[16];
    (void)account_world_account(store, "10000001");
    struct session s = account_world_session(store, token);
    unsigned proof = 0;
    unsigned slow = 0;
    for (unsigned i = 0; i < 330; i++) {
        (void)snprintf(name, sizeof name, "X%u", i);
        const struct account_world_try try = {.name = name, .password = "wrong", .network = "198.51.100.0/24"};
        enum sign_in_result first = account_world_sign_in(store, &s, &try, token);
        const struct account_world_try again = {
            .name = name, .password = "wrong", .network = "198.51.100.0/24", .proof = true};
        enum sign_in_result second = first == SIGN_IN_PROOF ? account_world_sign_in(store, &s, &again, token) : first;
        proof += first == SIGN_IN_PROOF;
        slow += second == SIGN_IN_SLOW;
    }
    assert_in_range(proof, 200, 280);
    assert_in_range(slow, 20, 40);
    assert_int_equal(try_in(store, "U0001", ACCOUNT_PASSWORD, false), SIGN_IN_DONE); /* from elsewhere */
}

/* --- Many at once ------------------------------------------------------------------------------------------------- */

enum { GUESSERS = 8, GUESSES = 6 };

struct guesser {
    struct store *store;
    int64_t session;
    unsigned wrong;
};

static void *guess(void *context)
{
    struct guesser *g = context;
    for (unsigned i = 0; i < GUESSES; i++) {
        struct session s = {.id = g->session};
        char token[ACCOUNT_TOKEN_SIZE];
        enum sign_in_result result = SIGN_IN_DONE;
        const struct sign_in form = {
            .name = SLICE("U0001"), .password = SLICE("guess"), .network = SLICE("203.0.113.0/24")};
        if (account_sign_in(g->store, &account_world_settings, &s, &form, token, &result, NULL) != RFD_OK) continue;
        g->wrong += result == SIGN_IN_WRONG;
    }
    return NULL;
}

/** Without proof, two guesses and no more, however many come at once. */
static void test_many_guess_at_once(void **state)
{
    struct store *store = domain_store_of(state);
    struct guesser guessers[GUESSERS];
    pthread_t threads[GUESSERS];
    char token[ACCOUNT_TOKEN_SIZE];
    unsigned wrong = 0;
    (void)account_world_account(store, "10000001");
    clock_fix(NOW);
    for (size_t i = 0; i < GUESSERS; i++) {
        guessers[i] = (struct guesser){.store = store, .session = account_world_session(store, token).id};
        assert_int_equal(pthread_create(&threads[i], NULL, guess, &guessers[i]), 0);
    }
    for (size_t i = 0; i < GUESSERS; i++) {
        (void)pthread_join(threads[i], NULL);
        wrong += guessers[i].wrong;
    }
    assert_int_equal(wrong, 2);
    clock_fix(RFD_TIME_NONE);
}

/* --- Changing the password ---------------------------------------------------------------------------------------- */

static rfd_status change(struct store *store, struct session *s, const char *old, const char *password,
                         struct faults *faults, char token[ACCOUNT_TOKEN_SIZE], enum sign_in_result *out)
{
    struct rfd_error error = RFD_ERROR_INIT;
    faults->count = 0;
    return account_change_password(store, &account_world_settings, s, slice_text(old), slice_text(password), faults,
                                   token, out, &error);
}

static void test_change(void **state)
{
    struct store *store = domain_store_of(state);
    char mine[ACCOUNT_TOKEN_SIZE], other[ACCOUNT_TOKEN_SIZE], old[ACCOUNT_TOKEN_SIZE];
    struct faults faults = {.count = 0};
    enum sign_in_result result;
    char text[4096];
    (void)account_world_account(store, "10000001");
    struct session s = account_world_signed_in(store, "U0001", mine);
    (void)account_world_signed_in(store, "U0001", other);
    assert_int_equal(change(store, &s, "wrong", "Vicuñas 12 al alba", &faults, mine, &result), RFD_E_INVALID);
    assert_string_equal(faults.items[0].field, "old");
    assert_int_equal(change(store, &s, ACCOUNT_PASSWORD, "password1", &faults, mine, &result), RFD_E_INVALID);
    assert_string_equal(faults.items[0].field, "password");
    assert_int_equal(change(store, &s, ACCOUNT_PASSWORD, ACCOUNT_PASSWORD, &faults, mine, &result), RFD_E_INVALID);
    memcpy(old, mine, sizeof old);
    assert_int_equal(change(store, &s, ACCOUNT_PASSWORD, "Vicuñas 12 al alba", &faults, mine, &result), RFD_OK);
    assert_int_equal(result, SIGN_IN_DONE);
    assert_int_equal(account_world_visit(store, other).id, 0);
    assert_int_equal(account_world_visit(store, old).id, 0);
    assert_true(account_world_visit(store, mine).account != 0);
    assert_true(account_world_message(store, "password-changed", text));
    assert_int_equal(try_in(store, "U0001", ACCOUNT_PASSWORD, false), SIGN_IN_WRONG);
    assert_int_equal(try_in(store, "U0001", "Vicuñas 12 al alba", false), SIGN_IN_DONE);
}

/** An account that signs in by certificate alone: a session that was left open gives nobody a password for it. */
static void test_first_password_by_who_just_came(void **state)
{
    struct store *store = domain_store_of(state);
    struct faults faults = {.count = 0};
    char token[ACCOUNT_TOKEN_SIZE];
    enum sign_in_result result;
    (void)account_world_account(store, "40000031");
    struct session s = account_world_signed_in(store, "40000031", token);
    (void)domain_store_run(store, "UPDATE account SET password = ''");
    s.signed_in -= 16 * 60 * RFD_SECOND;
    assert_int_equal(change(store, &s, "x", "vicuñas 12 al alba", &faults, token, &result), RFD_E_INVALID);
    assert_string_equal(faults.items[0].field, "old");
    s.signed_in += 10 * 60 * RFD_SECOND;
    faults.count = 0;
    assert_int_equal(change(store, &s, "x", "vicuñas 12 al alba", &faults, token, &result), RFD_OK);
}

static void test_old_password_is_not_guessed(void **state)
{
    struct store *store = domain_store_of(state);
    char token[ACCOUNT_TOKEN_SIZE];
    struct faults faults = {.count = 0};
    enum sign_in_result result;
    (void)account_world_account(store, "10000001");
    struct session s = account_world_signed_in(store, "U0001", token);
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(change(store, &s, "wrong", "Vicuñas 12 al alba", &faults, token, &result), RFD_E_INVALID);
    assert_int_equal(change(store, &s, ACCOUNT_PASSWORD, "Vicuñas 12 al alba", &faults, token, &result),
                     RFD_E_SLOW_DOWN);
}

static void test_confirm(void **state)
{
    struct store *store = domain_store_of(state);
    char token[ACCOUNT_TOKEN_SIZE], old[ACCOUNT_TOKEN_SIZE];
    bool right = true;
    (void)account_world_account(store, "10000001");
    clock_fix(NOW);
    struct session s = account_world_signed_in(store, "U0001", token);
    assert_true(account_world_visit(store, token).signed_in == NOW);
    clock_fix(NOW + 20 * MINUTE);
    memcpy(old, token, sizeof old);
    assert_int_equal(account_confirm(store, &account_world_settings, &s, SLICE("wrong"), token, &right, NULL), RFD_OK);
    assert_false(right);
    assert_true(account_world_visit(store, token).signed_in == NOW);
    assert_int_equal(account_confirm(store, &account_world_settings, &s, SLICE(ACCOUNT_PASSWORD), token, &right, NULL),
                     RFD_OK);
    assert_true(right);
    assert_int_equal(account_world_visit(store, old).id, 0);
    assert_true(account_world_visit(store, token).signed_in == NOW + 20 * MINUTE);
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(account_confirm(store, &account_world_settings, &s, SLICE("wrong"), token, &right, NULL),
                         RFD_OK);
    assert_int_equal(account_confirm(store, &account_world_settings, &s, SLICE(ACCOUNT_PASSWORD), token, &right, NULL),
                     RFD_E_SLOW_DOWN);
    s.account = 0;
    assert_int_equal(account_confirm(store, &account_world_settings, &s, SLICE("x"), token, &right, NULL),
                     RFD_E_UNAUTHORISED);
    clock_fix(RFD_TIME_NONE);
}

static void test_forced_change(void **state)
{
    struct store *store = domain_store_of(state);
    char token[ACCOUNT_TOKEN_SIZE];
    struct faults faults = {.count = 0};
    enum sign_in_result result;
    int64_t account = account_world_account(store, "10000001");
    (void)domain_store_run(store, "UPDATE account SET must_change = NOT must_change");
    struct session s = account_world_session(store, token);
    const struct account_world_try try = {.name = "U0001", .password = ACCOUNT_PASSWORD};
    assert_int_equal(account_world_sign_in(store, &s, &try, token), SIGN_IN_CHANGE);
    struct session visit = account_world_visit(store, token);
    assert_true(visit.account == 0 && visit.pending == account && visit.wanted == WANT_CHANGE);
    assert_int_equal(change(store, &visit, "", "Vicuñas 12 al alba", &faults, token, &result), RFD_OK);
    assert_int_equal(result, SIGN_IN_DONE);
    assert_true(account_world_visit(store, token).account == account);
    /* It is over after ten minutes. */
    (void)domain_store_run(store, "UPDATE account SET must_change = NOT must_change");
    s = account_world_session(store, token);
    const struct account_world_try again = {.name = "U0001", .password = "Vicuñas 12 al alba"};
    assert_int_equal(account_world_sign_in(store, &s, &again, token), SIGN_IN_CHANGE);
    clock_fix(clock_now() + 11 * MINUTE);
    assert_int_equal(account_world_visit(store, token).pending, 0);
    clock_fix(RFD_TIME_NONE);
}

static void test_nobody_changes(void **state)
{
    struct store *store = domain_store_of(state);
    char token[ACCOUNT_TOKEN_SIZE];
    struct faults faults = {.count = 0};
    enum sign_in_result result;
    struct session s = account_world_session(store, token);
    assert_int_equal(change(store, &s, "", "Vicuñas 12 al alba", &faults, token, &result), RFD_E_UNAUTHORISED);
}

/* --- Links -------------------------------------------------------------------------------------------------------- */

struct asking {
    slice name, client;
};

static rfd_status ask(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct asking *a = context;
    return recovery_ask(t, &account_world_settings, a->name, a->client, error);
}

static rfd_status use(struct store *store, const char *token, const char *password)
{
    struct faults faults = {.count = 0};
    return recovery_use(store, &account_world_settings, slice_text(token), slice_text(password), &faults, NULL);
}

static void test_recovery(void **state)
{
    struct store *store = domain_store_of(state);
    char link[ACCOUNT_TOKEN_SIZE], second[ACCOUNT_TOKEN_SIZE], session[ACCOUNT_TOKEN_SIZE];
    (void)account_world_account(store, "10000001");
    (void)account_world_signed_in(store, "U0001", session);
    struct asking a = {SLICE("10000001@EXAMPLE.gob.pe"), SLICE("192.0.2.1")};
    assert_int_equal(account_world_write(store, ask, &a), RFD_OK);
    account_world_link(store, "recovery", link);
    a.name = SLICE("U0001");
    assert_int_equal(account_world_write(store, ask, &a), RFD_OK);
    account_world_link(store, "recovery", second);
    assert_string_not_equal(link, second);
    assert_int_equal(use(store, link, "Vicuñas 12 al alba"), RFD_E_NOT_FOUND); /* only the newest */
    assert_int_equal(use(store, second, "short"), RFD_E_INVALID);              /* does not use it up */
    assert_int_equal(use(store, second, "Vicuñas 12 al alba"), RFD_OK);
    assert_int_equal(use(store, second, "Vicuñas 13 al alba"), RFD_E_NOT_FOUND);
    assert_int_equal(account_world_visit(store, session).id, 0);
    assert_int_equal(try_in(store, "U0001", "Vicuñas 12 al alba", false), SIGN_IN_DONE);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM account_link"), 0);
}

static void test_recovery_of_nobody(void **state)
{
    struct store *store = domain_store_of(state);
    struct asking a = {SLICE("nobody@example.com"), SLICE("192.0.2.1")};
    assert_int_equal(account_world_write(store, ask, &a), RFD_OK);
    a.name = SLICE_EMPTY;
    assert_int_equal(account_world_write(store, ask, &a), RFD_OK);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM outbox"), 0);
    (void)account_world_account(store, "10000001");
    a.name = SLICE("U0001");
    for (unsigned i = 0; i < 9; i++) assert_int_equal(account_world_write(store, ask, &a), RFD_OK);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM outbox WHERE name = 'recovery'"), 3);
}

static void test_links_end(void **state)
{
    struct store *store = domain_store_of(state);
    char link[ACCOUNT_TOKEN_SIZE];
    (void)account_world_account(store, "10000001");
    struct asking a = {SLICE("U0001"), SLICE("192.0.2.1")};
    clock_fix(NOW);
    assert_int_equal(account_world_write(store, ask, &a), RFD_OK);
    account_world_link(store, "recovery", link);
    clock_fix(NOW + 30 * MINUTE);
    assert_int_equal(use(store, link, "Vicuñas 12 al alba"), RFD_E_NOT_FOUND);
    clock_fix(NOW + 30 * MINUTE - 1);
    link[4] = link[4] == 'x' ? 'y' : 'x';
    assert_int_equal(use(store, link, "Vicuñas 12 al alba"), RFD_E_NOT_FOUND);
    assert_int_equal(use(store, "", "Vicuñas 12 al alba"), RFD_E_NOT_FOUND);
    clock_fix(RFD_TIME_NONE);
}

struct user {
    struct store *store;
    const char *link;
    char password[32];
    rfd_status status;
};

static void *use_link(void *context)
{
    struct user *u = context;
    u->status = use(u->store, u->link, u->password);
    return NULL;
}

static void test_two_use_a_link(void **state)
{
    struct store *store = domain_store_of(state);
    char link[ACCOUNT_TOKEN_SIZE];
    struct user users[4];
    pthread_t threads[4];
    unsigned done = 0;
    (void)account_world_account(store, "10000001");
    struct asking a = {SLICE("U0001"), SLICE("192.0.2.1")};
    assert_int_equal(account_world_write(store, ask, &a), RFD_OK);
    account_world_link(store, "recovery", link);
    for (size_t i = 0; i < 4; i++) {
        users[i] = (struct user){.store = store, .link = link};
        (void)snprintf(users[i].password, sizeof users[i].password, "Vicunas %zu al alba", i);
        assert_int_equal(pthread_create(&threads[i], NULL, use_link, &users[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        (void)pthread_join(threads[i], NULL);
        if (users[i].status == RFD_OK) {
            done++;
            assert_int_equal(try_in(store, "U0001", users[i].password, false), SIGN_IN_DONE);
        } else {
            assert_int_equal(users[i].status, RFD_E_NOT_FOUND);
        }
    }
    assert_int_equal(done, 1);
}

static rfd_status unlock(struct transaction *t, void *context, struct rfd_error *error)
{
    return link_unlock(t, slice_text(context), error);
}

static void test_unlock_link(void **state)
{
    struct store *store = domain_store_of(state);
    char link[ACCOUNT_TOKEN_SIZE];
    int64_t account = account_world_account(store, "10000001");
    for (unsigned i = 0; i < 10; i++) (void)try_in(store, "U0001", "wrong", true);
    account_world_link(store, "account-locked", link);
    assert_int_equal(use(store, link, "Vicuñas 12 al alba"), RFD_E_NOT_FOUND); /* it is not for that */
    assert_int_equal(account_world_write(store, unlock, link), RFD_OK);
    assert_int_equal(account_world_write(store, unlock, link), RFD_E_NOT_FOUND);
    assert_false(account_world_find(store, account).locked);
    for (unsigned i = 0; i < 9; i++) (void)try_in(store, "U0001", "wrong", true); /* counted from the beginning */
    assert_false(account_world_find(store, account).locked);
    assert_int_equal(try_in(store, "U0001", ACCOUNT_PASSWORD, true), SIGN_IN_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_STORES(test_password),
        ON_BOTH_STORES(test_no_secret_is_kept),
        ON_BOTH_STORES(test_token_changes),
        ON_BOTH_STORES(test_names_cannot_be_told_apart),
        ON_BOTH_STORES(test_proof_or_wait),
        ON_BOTH_STORES(test_lock),
        ON_BOTH_STORES(test_networks),
        ON_BOTH_STORES(test_many_guess_at_once),
        ON_BOTH_STORES(test_change),
        ON_BOTH_STORES(test_old_password_is_not_guessed),
        ON_BOTH_STORES(test_first_password_by_who_just_came),
        ON_BOTH_STORES(test_confirm),
        ON_BOTH_STORES(test_forced_change),
        ON_BOTH_STORES(test_nobody_changes),
        ON_BOTH_STORES(test_recovery),
        ON_BOTH_STORES(test_recovery_of_nobody),
        ON_BOTH_STORES(test_links_end),
        ON_BOTH_STORES(test_two_use_a_link),
        ON_BOTH_STORES(test_unlock_link),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
