/* SPDX-License-Identifier: EUPL-1.2
 *
 * The audit trail as the auditor's pages read it, in both databases.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "domain/audit/audit_pages.h"
#include "domain_store.h"

#include <stdio.h>

#define NOW    ((rfd_time)1795000000 * RFD_SECOND)
#define MINUTE (60 * RFD_SECOND)

static const struct actor_role auditor_roles[] = {{.role = ROLE_AUDITOR}},
                               other_roles[] = {{.role = ROLE_ADMINISTRATOR}};
static const struct actor auditor = {
    .account = 1, .person = 1, .code = SLICE_EMPTY, .roles = auditor_roles, .role_count = 1};
static const struct actor other = {
    .account = 2, .person = 2, .code = SLICE_EMPTY, .roles = other_roles, .role_count = 1};

static rfd_status put(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct audit_event event = {
        .action = "role.grant", .actor = slice_text(context), .object = SLICE("role:7"), .detail = SLICE("{}")};
    return audit_put(t, &event, error);
}

/** One row a minute. */
static void fill(struct store *store, int count)
{
    size_t done;
    for (int i = 0; i < count; i++) {
        clock_fix(NOW + i * MINUTE);
        assert_int_equal(store_write(store, put, i % 2 == 0 ? "account:A" : "account:B", NULL), RFD_OK);
        assert_int_equal(audit_sequence(store, 100, &done, NULL), RFD_OK);
    }
}

struct asking {
    const struct actor *actor;
    rfd_time moment;
    uint64_t sequence;
    struct list_query query;
    uint64_t total;
    struct audit_check check;
    bool fault;
};

static rfd_status at(struct transaction *t, void *context, struct rfd_error *error)
{
    struct asking *a = context;
    return audit_sequence_at(t, a->moment, &a->sequence, error);
}

static uint64_t sequence_at(struct store *store, rfd_time moment)
{
    struct asking a = {.moment = moment};
    assert_int_equal(store_read(store, at, &a, NULL), RFD_OK);
    return a.sequence;
}

static void test_sequence_of_a_moment(void **state)
{
    struct store *store = domain_store_of(state);
    assert_int_equal(sequence_at(store, NOW), 1); /* nothing is there */
    fill(store, 20);
    assert_int_equal(sequence_at(store, NOW - MINUTE), 1);
    assert_int_equal(sequence_at(store, NOW), 1);
    assert_int_equal(sequence_at(store, NOW + 1), 2);
    assert_int_equal(sequence_at(store, NOW + 10 * MINUTE), 11);
    assert_int_equal(sequence_at(store, NOW + 19 * MINUTE), 20);
    assert_int_equal(sequence_at(store, NOW + 100 * MINUTE), 21);
}

static rfd_status list(struct transaction *t, void *context, struct rfd_error *error)
{
    struct asking *a = context;
    struct list_page page;
    TRY(list_read(t, &audit_page_list, &a->query, a->actor, &page, error));
    a->total = page.total;
    return RFD_OK;
}

static uint64_t listed(struct store *store, const char *filter, const char *value)
{
    struct asking a = {.actor = &auditor};
    a.query.filters[0].name = filter;
    a.query.filters[0].value = slice_text(value);
    assert_int_equal(store_read(store, list, &a, NULL), RFD_OK);
    return a.total;
}

static void test_list(void **state)
{
    struct store *store = domain_store_of(state);
    struct asking refused = {.actor = &other};
    fill(store, 9);
    assert_int_equal(listed(store, "actor", "account:A"), 5);
    assert_int_equal(listed(store, "actor", "account:C"), 0);
    assert_int_equal(listed(store, "object", "role:7"), 9);
    assert_int_equal(listed(store, "action", "role.grant"), 9);
    assert_int_equal(listed(store, "action", "role.end"), 0);
    assert_int_equal(listed(store, "from", "8"), 2);
    assert_int_equal(listed(store, "until", "3"), 2);
    assert_int_equal(store_read(store, list, &refused, NULL), RFD_E_FORBIDDEN);
}

static rfd_status read_row(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct asking *a = context;
    struct audit_page_row row;
    TRY(audit_page_row(t, a->actor, a->sequence, &row, error));
    assert_int_equal(row.hash.length, AUDIT_HASH_SIZE);
    assert_int_equal(row.previous.length, AUDIT_HASH_SIZE);
    assert_true(slice_is(row.row.action, "role.grant"));
    return RFD_OK;
}

static void test_one(void **state)
{
    struct store *store = domain_store_of(state);
    struct asking a = {.actor = &auditor, .sequence = 2};
    fill(store, 2);
    assert_int_equal(store_read(store, read_row, &a, NULL), RFD_OK);
    a.sequence = 3;
    assert_int_equal(store_read(store, read_row, &a, NULL), RFD_E_NOT_FOUND);
    a.actor = &other;
    a.sequence = 2;
    assert_int_equal(store_read(store, read_row, &a, NULL), RFD_E_FORBIDDEN);
}

/* ---- Whether it is whole ---- */

static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct asking *a = context;
    TRY(audit_check_read(t, a->actor, &a->check, error));
    a->fault = a->check.fault.length > 0;
    return RFD_OK;
}

static rfd_status want(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct asking *a = context;
    return audit_check_want(t, a->actor, error);
}

static bool run(struct store *store, rfd_time now)
{
    bool done;
    assert_int_equal(audit_check_run(store, NULL, NULL, now, &done, NULL), RFD_OK);
    return done;
}

static void test_check(void **state)
{
    struct store *store = domain_store_of(state);
    struct asking a = {.actor = &auditor}, b = {.actor = &other};
    fill(store, 5);
    assert_true(run(store, NOW)); /* never done before */
    assert_false(run(store, NOW));
    assert_int_equal(store_read(store, look, &a, NULL), RFD_OK);
    assert_int_equal(a.check.rows, 5);
    assert_int_equal(a.check.ended, NOW);
    assert_false(a.fault);
    assert_int_equal(store_write(store, want, &b, NULL), RFD_E_FORBIDDEN);
    assert_int_equal(store_write(store, want, &a, NULL), RFD_OK);
    assert_int_equal(store_write(store, want, &a, NULL), RFD_OK); /* twice is once */
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM audit_waiting WHERE action = 'audit.verify'"), 1);
    (void)domain_store_run(store, "UPDATE audit_row SET actor = 'account:C' WHERE sequence = 3");
    assert_true(run(store, NOW + MINUTE));
    assert_int_equal(store_read(store, look, &a, NULL), RFD_OK);
    assert_true(a.fault);
    assert_int_equal(a.check.sequence, 3);
    assert_false(run(store, NOW + 2 * MINUTE));
    assert_true(run(store, NOW + 1500 * MINUTE)); /* a day later, unasked */
}

static int release_clock(void **state)
{
    clock_fix(RFD_TIME_NONE);
    return domain_store_close(state);
}

#define IN_BOTH(test)                                                                                                  \
    cmocka_unit_test_setup_teardown(test, domain_store_sqlite, release_clock),                                         \
    {                                                                                                                  \
#test "_postgresql", test, domain_store_postgresql, release_clock, NULL                                        \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH(test_sequence_of_a_moment),
        IN_BOTH(test_list),
        IN_BOTH(test_one),
        IN_BOTH(test_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
