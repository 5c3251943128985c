/* SPDX-License-Identifier: EUPL-1.2
 *
 * What time does to requests and roles, in both databases: once, whoever runs it how often.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "access_world.h"
#include "base/clock.h"
#include "base/error.h"

#include <pthread.h>

static int64_t mails(struct store *store)
{
    return domain_store_number(store, "SELECT count(*) FROM outbox");
}

static int64_t mails_to(struct store *store, const char *sql)
{
    return domain_store_number(store, sql);
}
#define MAILS_TO(store, who) mails_to(store, "SELECT count(*) FROM outbox WHERE recipient = '" who "@example.pe'")

/* ---- Working days ---- */

static void test_working_days(void **state)
{
    const struct access_settings *s = world_settings();
    rfd_time day = MONDAY - 10 * 3600 * RFD_SECOND; /* its first instant */
    (void)state;
    assert_int_equal(access_deadline(s, MONDAY, 2), day + 3 * DAY_LENGTH);                  /* Thursday */
    assert_int_equal(access_deadline(s, MONDAY, 4), day + 5 * DAY_LENGTH);                  /* Saturday */
    assert_int_equal(access_deadline(s, MONDAY, 5), day + 8 * DAY_LENGTH);                  /* Tuesday after */
    assert_int_equal(access_deadline(s, MONDAY + 4 * DAY_LENGTH, 1), day + 8 * DAY_LENGTH); /* from Friday */
    assert_int_equal(access_deadline(s, MONDAY + 5 * DAY_LENGTH, 1), day + 8 * DAY_LENGTH); /* from Saturday */
    assert_int_equal(access_deadline(s, MONDAY, 10), day + 15 * DAY_LENGTH);
    assert_int_equal(access_days_waited(s, MONDAY, MONDAY + 3 * DAY_LENGTH), 2);
    assert_int_equal(access_days_waited(s, MONDAY, MONDAY + 7 * DAY_LENGTH), 4);
    assert_int_equal(access_add_months(world_settings(), MONDAY, 6), MONDAY + 181 * DAY_LENGTH); /* to 23 May */
    assert_int_equal(access_add_months(world_settings(), MONDAY, -6), MONDAY - 184 * DAY_LENGTH);
    rfd_time end = MONDAY + 8 * DAY_LENGTH - DAY_LENGTH;                                     /* 30 November */
    assert_int_equal(access_add_months(world_settings(), end, 3), MONDAY + 97 * DAY_LENGTH); /* 28 February */
}

/* ---- Requests ---- */

static void test_reminder_escalation_denial(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t id = world_sent(store, ROLE_SIGNER);
    clock_fix(MONDAY + 2 * DAY_LENGTH);
    assert_int_equal(world_tick(store), 0); /* Wednesday: two whole working days have not passed */
    clock_fix(MONDAY + 3 * DAY_LENGTH);
    assert_int_equal(world_tick(store), 1);
    assert_int_equal(MAILS_TO(store, "Hugo"), 2);
    assert_int_equal(MAILS_TO(store, "Delia"), 2);
    assert_int_equal(world_tick(store), 0); /* twice is once */
    clock_fix(MONDAY + 7 * DAY_LENGTH);     /* over the weekend: to the next head */
    assert_int_equal(world_tick(store), 1);
    assert_int_equal(world_load(store, id).tray, UNIT_GAF);
    assert_int_equal(world_load(store, id).approver, HEAD_GAF);
    assert_int_equal(world_load(store, id).escalated, 1);
    assert_int_equal(MAILS_TO(store, "Gregorio"), 1);
    assert_int_equal(world_tick(store), 0);
    assert_int_equal(world_decide(store, HEAD, id, true, NULL), RFD_E_FORBIDDEN); /* it was passed on */
    clock_fix(MONDAY + 14 * DAY_LENGTH);
    assert_int_equal(world_tick(store), 1); /* to the top */
    assert_int_equal(world_load(store, id).tray, UNIT_GM);
    clock_fix(MONDAY + 15 * DAY_LENGTH);
    int64_t before = mails(store);
    assert_int_equal(world_tick(store), 1);
    assert_string_equal(world_state(store, id), "denied");
    assert_int_equal(mails(store), before + 1); /* its requester */
    assert_int_equal(MAILS_TO(store, "Olga"), 1);
    assert_int_equal(world_decide(store, HEAD_GM, id, true, NULL), RFD_E_STATE); /* late */
    assert_int_equal(world_roles(store, ANA), 0);
    clock_fix(MONDAY + 100 * DAY_LENGTH);
    assert_int_equal(world_tick(store), 0);
}

static void test_escalated_and_approved(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t id = world_sent(store, ROLE_SIGNER);
    clock_fix(MONDAY + 7 * DAY_LENGTH);
    assert_int_not_equal(world_tick(store), 0);
    assert_int_equal(world_decide(store, HEAD_GAF, id, true, NULL), RFD_OK);
    assert_int_equal(world_roles(store, ANA), 1);
    clock_fix(MONDAY + 60 * DAY_LENGTH);
    assert_int_equal(world_tick(store), 0);
}

/** Nobody above: it stays, is reminded, and is denied in the end. */
static void test_nobody_above(void **state)
{
    struct store *store = domain_store_of(state);
    (void)domain_store_run(store, "UPDATE role_assignment SET ends = starts + 1 WHERE person IN (5, 6)");
    (void)domain_store_run(store, "UPDATE role_assignment SET told = TRUE");
    int64_t id = world_sent(store, ROLE_SIGNER);
    clock_fix(MONDAY + 7 * DAY_LENGTH);
    (void)world_tick(store);
    assert_int_equal(world_load(store, id).tray, UNIT_OTI);
    assert_int_equal(world_load(store, id).escalated, 0);
    assert_int_equal(world_tick(store), 0);
    clock_fix(MONDAY + 15 * DAY_LENGTH);
    (void)world_tick(store);
    assert_string_equal(world_state(store, id), "denied");
}

/** A worker that slept for weeks denies at once, and mails nobody else. */
static void test_after_a_long_sleep(void **state)
{
    struct store *store = domain_store_of(state);
    for (int i = 0; i < 120; i++) {
        int64_t id = world_sent(store, ROLE_SIGNER);
        (void)id;
    }
    int64_t before = mails(store);
    clock_fix(MONDAY + 60 * DAY_LENGTH);
    assert_int_equal(world_tick(store), 120);
    assert_int_equal(mails(store), before + 120);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM access_request WHERE state = 'denied'"), 120);
}

static void *tick_thread(void *context)
{
    unsigned done = 0;
    if (access_tick(context, world_settings(), clock_now(), &done, NULL) != RFD_OK) return context;
    return NULL;
}

static void test_two_workers_at_once(void **state)
{
    struct store *store = domain_store_of(state);
    pthread_t threads[2];
    for (int i = 0; i < 10; i++) (void)world_sent(store, ROLE_SIGNER);
    int64_t before = mails(store);
    clock_fix(MONDAY + 3 * DAY_LENGTH);
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&threads[i], NULL, tick_thread, store), 0);
    for (int i = 0; i < 2; i++) {
        void *failed = NULL;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    assert_int_equal(mails(store), before + 20); /* each of both heads once for each */
}

/* ---- Reviews ---- */

struct review {
    struct actor actor;
    int64_t item;
    bool keep;
};

static rfd_status decide_work(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct review *r = context;
    return access_review_decide(t, &r->actor, r->item, r->keep, error);
}

static rfd_status decide(struct store *store, int64_t person, int64_t item, bool keep)
{
    struct review r = {world_actor(store, person), item, keep};
    return store_write(store, decide_work, &r, NULL);
}

static int64_t item_of(struct store *store, int64_t assignment)
{
    return world_number(store, "SELECT id FROM access_review WHERE state = 'open' AND assignment = %lld", assignment);
}

static void test_review(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t signer = world_grant(store, ANA, ROLE_SIGNER, UNIT_OTI),
            issuer = world_grant(store, BERTA, ROLE_ISSUER, UNIT_OTI);
    clock_fix(access_add_months(world_settings(), MONDAY, 6) - 1);
    assert_int_equal(world_tick(store), 0);
    clock_fix(access_add_months(world_settings(), MONDAY, 6));
    assert_int_equal(world_tick(store), 4); /* units */
    assert_int_equal(world_tick(store), 0);
    assert_int_equal(MAILS_TO(store, "Hugo"), 1);
    int64_t item = item_of(store, signer);
    assert_int_equal(decide(store, ANA, item, true), RFD_E_FORBIDDEN);
    assert_int_equal(decide(store, OTHER_HEAD, item, true), RFD_E_FORBIDDEN);
    assert_int_equal(decide(store, HEAD, item, true), RFD_OK);
    assert_int_equal(decide(store, HEAD, item, false), RFD_E_STATE); /* twice */
    assert_int_equal(world_roles(store, ANA), 1);
    item = item_of(store, issuer);
    assert_int_equal(decide(store, DEPUTY, item, false), RFD_OK);
    assert_int_equal(world_roles(store, BERTA), 0);
    assert_int_equal(MAILS_TO(store, "Berta"), 1);
    assert_int_equal(decide(store, DEPUTY, 4711, false), RFD_E_NOT_FOUND);
    /* What Hugo is himself, Delia may confirm, not he. */
    item = domain_store_number(store, "SELECT id FROM access_review WHERE state = 'open' AND person = 2");
    assert_int_equal(decide(store, HEAD, item, true), RFD_E_FORBIDDEN);
    assert_int_equal(decide(store, DEPUTY, item, true), RFD_OK);
    /* Of GAF's head there is nobody but the head above. */
    item = domain_store_number(store, "SELECT id FROM access_review WHERE state = 'open' AND person = 5");
    assert_int_equal(decide(store, HEAD_GM, item, true), RFD_OK);
}

/** Roles that reach everywhere are confirmed at the top, not by the unit that once asked for them. */
static void test_review_of_what_reaches_everywhere(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t auditor = world_grant(store, BERTA, ROLE_AUDITOR, 0);
    (void)domain_store_run(store, "UPDATE role_assignment SET home = 3 WHERE role = 'auditor'");
    clock_fix(access_add_months(world_settings(), MONDAY, 6));
    (void)world_tick(store);
    int64_t item = item_of(store, auditor);
    assert_int_equal(decide(store, HEAD, item, false), RFD_E_FORBIDDEN);
    assert_int_equal(decide(store, HEAD_GM, item, true), RFD_OK);
}

static void test_review_reminds(void **state)
{
    struct store *store = domain_store_of(state);
    (void)world_grant(store, ANA, ROLE_SIGNER, UNIT_OTI);
    rfd_time opened = access_add_months(world_settings(), MONDAY, 6);
    clock_fix(opened);
    (void)world_tick(store);
    int64_t before = MAILS_TO(store, "Hugo");
    clock_fix(access_deadline(world_settings(), opened, 10));
    assert_int_not_equal(world_tick(store), 0);
    assert_int_equal(MAILS_TO(store, "Hugo"), before + 1);
    assert_int_equal(world_tick(store), 0);
    /* The next round opens nothing twice. */
    int64_t open = domain_store_number(store, "SELECT count(*) FROM access_review WHERE state = 'open'");
    clock_fix(access_add_months(world_settings(), opened, 6));
    assert_int_not_equal(world_tick(store), 0);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM access_review WHERE state = 'open'"), open);
}

static void test_review_of_what_ended(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t id = world_grant(store, ANA, ROLE_SIGNER, UNIT_OTI);
    clock_fix(access_add_months(world_settings(), MONDAY, 6));
    (void)domain_store_run(store, "UPDATE role_assignment SET ends = 1900000000000000 WHERE person = 4");
    (void)world_tick(store);
    int64_t item = item_of(store, id);
    clock_fix(1900000000000000);
    (void)world_tick(store);
    assert_int_equal(world_number(store, "SELECT count(*) FROM access_review WHERE state = 'over' AND id = %lld", item),
                     1);
    assert_int_equal(decide(store, HEAD, item, true), RFD_E_STATE);
    assert_int_equal(MAILS_TO(store, "Ana"), 1); /* that her temporary role ended */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_working_days),
        IN_BOTH_WORLDS(test_reminder_escalation_denial),
        IN_BOTH_WORLDS(test_escalated_and_approved),
        IN_BOTH_WORLDS(test_nobody_above),
        IN_BOTH_WORLDS(test_after_a_long_sleep),
        IN_BOTH_WORLDS(test_two_workers_at_once),
        IN_BOTH_WORLDS(test_review),
        IN_BOTH_WORLDS(test_review_of_what_reaches_everywhere),
        IN_BOTH_WORLDS(test_review_reminds),
        IN_BOTH_WORLDS(test_review_of_what_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
