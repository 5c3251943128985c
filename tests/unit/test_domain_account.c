/* SPDX-License-Identifier: EUPL-1.2
 *
 * Accounts and sessions in both databases: who may make them, codes, what closing and locking does, tokens.
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

#define NOW ((rfd_time)1790000000 * RFD_SECOND)

struct creation {
    struct actor actor;
    struct account account;
    char prefix;
    struct faults faults;
    int64_t id;
};

static rfd_status create(struct transaction *t, void *context, struct rfd_error *error)
{
    struct creation *c = context;
    c->faults.count = 0;
    return account_create(t, &c->actor, &account_world_settings, &c->account, c->prefix, &c->faults, &c->id, error);
}

static void test_codes(void **state)
{
    struct store *store = domain_store_of(state);
    struct creation c = {.actor = account_world_system(), .prefix = 'U'};
    c.account.person = account_world_person(store, "10000001");
    assert_int_equal(account_world_write(store, create, &c), RFD_OK);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM account WHERE code = 'U0001'"), 1);
    c.account.person = account_world_person(store, "10000002");
    assert_int_equal(account_world_write(store, create, &c), RFD_OK);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM account WHERE code = 'U0002'"), 1);
    c.prefix = 0;
    c.account.person = account_world_person(store, "10000003");
    assert_int_equal(account_world_write(store, create, &c), RFD_OK);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM account WHERE code = '10000003'"), 1);
    c.account.person = account_world_person(store, "10000004");
    c.account.code = SLICE("u-77");
    assert_int_equal(account_world_write(store, create, &c), RFD_OK);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM account WHERE code = 'U77'"), 1);
    char text[4096];
    assert_true(account_world_message(store, "first-password", text));
    assert_non_null(strstr(text, "U77"));
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM audit_waiting WHERE action = 'account.create'"),
                     4);
}

static void test_codes_by_hand_are_stepped_over(void **state)
{
    struct store *store = domain_store_of(state);
    struct creation c = {.actor = account_world_system(), .prefix = 'E'};
    c.account.person = account_world_person(store, "10000001");
    c.account.code = SLICE("E0001");
    assert_int_equal(account_world_write(store, create, &c), RFD_OK);
    c.account.code = SLICE_EMPTY;
    c.account.person = account_world_person(store, "10000002");
    assert_int_equal(account_world_write(store, create, &c), RFD_OK);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM account WHERE code = 'E0002'"), 1);
}

static void expect_fault(struct store *store, struct creation *c, const char *field)
{
    assert_int_equal(account_world_write(store, create, c), RFD_E_INVALID);
    assert_int_equal(c->faults.count, 1);
    assert_string_equal(c->faults.items[0].field, field);
}

static void test_faults(void **state)
{
    struct store *store = domain_store_of(state);
    struct creation c = {.actor = account_world_system(), .prefix = 'U'};
    c.account.person = account_world_person(store, "10000001");
    assert_int_equal(account_world_write(store, create, &c), RFD_OK);
    expect_fault(store, &c, "person"); /* twice */
    c.account.person = account_world_person(store, "10000002");
    c.account.code = SLICE("U0001");
    expect_fault(store, &c, "code");
    c.account.code = SLICE("<script>");
    expect_fault(store, &c, "code");
    c.account.code = SLICE_EMPTY;
    c.prefix = 'X';
    assert_int_equal(account_world_write(store, create, &c), RFD_E_ARGUMENT);
    c.prefix = 'U';
    c.account.person = 999;
    assert_int_equal(account_world_write(store, create, &c), RFD_E_NOT_FOUND);
}

static void test_only_who_may(void **state)
{
    struct store *store = domain_store_of(state);
    struct creation c = {.prefix = 'U'};
    int64_t account = account_world_account(store, "10000001");
    c.account.person = account_world_person(store, "10000002");
    assert_int_equal(account_world_write(store, create, &c), RFD_E_UNAUTHORISED);
    c.actor = account_world_actor(store, account);
    assert_int_equal(account_world_write(store, create, &c), RFD_E_FORBIDDEN);
}

/* --- What becomes of it ------------------------------------------------------------------------------------------- */

struct act {
    struct actor actor;
    int64_t account;
    enum account_level level;
    slice evidence;
};

static rfd_status close_it(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct act *a = context;
    return account_close(t, &a->actor, a->account, error);
}

static rfd_status unlock_it(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct act *a = context;
    return account_unlock(t, &a->actor, a->account, error);
}

static rfd_status enrol_it(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct act *a = context;
    return account_enrol(t, &a->actor, a->account, a->level, a->evidence, error);
}

static void test_closing_ends_sessions_at_once(void **state)
{
    struct store *store = domain_store_of(state);
    struct act a = {.actor = account_world_system(), .account = account_world_account(store, "10000001")};
    char token[ACCOUNT_TOKEN_SIZE];
    (void)account_world_signed_in(store, "U0001", token);
    assert_true(account_world_visit(store, token).account == a.account);
    assert_int_equal(account_world_write(store, close_it, &a), RFD_OK);
    assert_int_equal(account_world_visit(store, token).id, 0);
    assert_int_equal(account_world_write(store, close_it, &a), RFD_E_STATE);
    const struct account_world_try try = {.name = "U0001", .password = ACCOUNT_PASSWORD};
    struct session s = account_world_session(store, token);
    assert_int_equal(account_world_sign_in(store, &s, &try, token), SIGN_IN_WRONG);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM account WHERE password <> ''"), 0);
}

static void test_locking_ends_sessions_at_once(void **state)
{
    struct store *store = domain_store_of(state);
    struct act a = {.actor = account_world_system(), .account = account_world_account(store, "10000001")};
    char token[ACCOUNT_TOKEN_SIZE];
    (void)account_world_signed_in(store, "U0001", token);
    (void)domain_store_run(store, "UPDATE account SET state = 'locked'");
    assert_int_equal(account_world_visit(store, token).id, 0);
    assert_int_equal(account_world_write(store, unlock_it, &a), RFD_OK);
    assert_true(account_world_visit(store, token).account == a.account);
    assert_int_equal(account_world_write(store, unlock_it, &a), RFD_E_STATE);
}

static void test_levels(void **state)
{
    struct store *store = domain_store_of(state);
    struct act a = {
        .actor = account_world_system(), .account = account_world_account(store, "10000001"), .level = LEVEL_ADVANCED};
    assert_int_equal(account_world_write(store, enrol_it, &a), RFD_E_INVALID);
    a.evidence = SLICE("DNI seen at the office of Puno");
    assert_int_equal(account_world_write(store, enrol_it, &a), RFD_OK);
    assert_int_equal(account_world_find(store, a.account).level, LEVEL_ADVANCED);
    assert_int_equal(account_world_write(store, enrol_it, &a), RFD_E_STATE);
    a.level = 7;
    assert_int_equal(account_world_write(store, enrol_it, &a), RFD_E_ARGUMENT);
    a.level = LEVEL_BASIC;
    a.actor = account_world_actor(store, a.account);
    assert_int_equal(account_world_write(store, enrol_it, &a), RFD_E_FORBIDDEN);
    char text[4096];
    assert_true(account_world_message(store, "level-raised", text));
}

/* --- Sessions ----------------------------------------------------------------------------------------------------- */

static void test_tokens(void **state)
{
    struct store *store = domain_store_of(state);
    char token[ACCOUNT_TOKEN_SIZE];
    struct session s = account_world_session(store, token);
    assert_int_equal(strlen(token), 43);
    struct session found = account_world_visit(store, token);
    assert_true(found.id == s.id && found.account == 0 && memcmp(found.secret, s.secret, 32) == 0);
    token[5] = token[5] == 'A' ? 'B' : 'A';
    assert_int_equal(account_world_visit(store, token).id, 0);
    assert_int_equal(account_world_visit(store, "").id, 0);
    assert_int_equal(account_world_visit(store, "short").id, 0);
    assert_int_equal(domain_store_number(store, "SELECT length(token) FROM session"), 32);
}

static void test_idle_and_absolute_ends(void **state)
{
    struct store *store = domain_store_of(state);
    char token[ACCOUNT_TOKEN_SIZE];
    clock_fix(NOW);
    struct session s = account_world_session(store, token);
    clock_fix(NOW + 29 * 60 * RFD_SECOND);
    assert_true(account_world_visit(store, token).id == s.id);
    clock_fix(NOW + 31 * 60 * RFD_SECOND);
    assert_int_equal(account_world_visit(store, token).id, 0);
    clock_fix(NOW + 11 * 3600 * RFD_SECOND);
    (void)domain_store_run(store, "UPDATE session SET seen = 1790000000000000 + 39600000000");
    assert_true(account_world_visit(store, token).id == s.id);
    clock_fix(NOW + 12 * 3600 * RFD_SECOND);
    (void)domain_store_run(store, "UPDATE session SET seen = 1790000000000000 + 43199000000");
    assert_int_equal(account_world_visit(store, token).id, 0);
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(account_sweep(store, NOW + 13 * 3600 * RFD_SECOND, &error), RFD_OK);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM session"), 0);
    clock_fix(RFD_TIME_NONE);
}

struct ending {
    int64_t account, id, except;
};

static rfd_status end_of(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct ending *e = context;
    return session_end_of(t, e->account, e->id, e->except, error);
}

static void test_ending_others(void **state)
{
    struct store *store = domain_store_of(state);
    char tokens[4][ACCOUNT_TOKEN_SIZE];
    struct session s[4];
    int64_t account = account_world_account(store, "10000001");
    int64_t other = account_world_account(store, "10000002");
    for (size_t i = 0; i < 4; i++) s[i] = account_world_signed_in(store, i < 3 ? "U0001" : "U0002", tokens[i]);
    struct ending e = {account, s[3].id, 0}; /* of somebody else */
    assert_int_equal(account_world_write(store, end_of, &e), RFD_OK);
    assert_true(account_world_visit(store, tokens[3]).account == other);
    e = (struct ending){account, s[0].id, 0};
    assert_int_equal(account_world_write(store, end_of, &e), RFD_OK);
    assert_int_equal(account_world_visit(store, tokens[0]).id, 0);
    assert_true(account_world_visit(store, tokens[1]).id != 0);
    e = (struct ending){account, 0, s[1].id};
    assert_int_equal(account_world_write(store, end_of, &e), RFD_OK);
    assert_true(account_world_visit(store, tokens[1]).id != 0);
    assert_int_equal(account_world_visit(store, tokens[2]).id, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_STORES(test_codes),
        ON_BOTH_STORES(test_codes_by_hand_are_stepped_over),
        ON_BOTH_STORES(test_faults),
        ON_BOTH_STORES(test_only_who_may),
        ON_BOTH_STORES(test_closing_ends_sessions_at_once),
        ON_BOTH_STORES(test_locking_ends_sessions_at_once),
        ON_BOTH_STORES(test_levels),
        ON_BOTH_STORES(test_tokens),
        ON_BOTH_STORES(test_idle_and_absolute_ends),
        ON_BOTH_STORES(test_ending_others),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
