/* SPDX-License-Identifier: EUPL-1.2
 *
 * Mails that wait, and leases, in both databases.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "base_support.h"
#include "domain/outbox/outbox.h"
#include "domain_store.h"

#include <pthread.h>
#include <stdio.h>

#define NOW    ((rfd_time)1795000000 * 1000000)
#define SECOND ((rfd_time)1000000)
#define MINUTE (60 * SECOND)

static rfd_status put_work(struct transaction *t, void *context, struct rfd_error *error)
{
    return outbox_put_mail(t, context, error);
}

static rfd_status try_mail(struct store *store, slice to, slice subject, slice text, slice identity)
{
    struct outbox_mail mail = {.to = to, .subject = subject, .text = text, .identity = identity};
    return store_write(store, put_work, &mail, NULL);
}

static void put(struct store *store, const char *identity)
{
    assert_int_equal(try_mail(store, SLICE("ana@example.pe"), SLICE("Su certificado"), SLICE("Vence pronto.\n"),
                              slice_text(identity)),
                     RFD_OK);
}

/** How many are due now; `*first` is the first of them. */
static size_t take(struct store *store, unsigned seconds, struct outbox_item *first)
{
    static struct arena a;
    struct outbox_item *items = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    size_t count = 99;
    arena_dispose(&a);
    arena_init(&a, 1 << 20);
    if (outbox_take(store, OUTBOX_MAIL, seconds, 10, &a, &items, &count, &error) != RFD_OK)
        fail_msg("%s", error.detail);
    if (count > 0 && first != NULL) *first = items[0];
    return count;
}

static struct outbox_counts counts_of(struct store *store)
{
    struct outbox_counts counts;
    assert_int_equal(outbox_count(store, &counts, NULL), RFD_OK);
    return counts;
}

static int release_clock(void **state)
{
    clock_fix(RFD_TIME_NONE);
    return domain_store_close(state);
}

/* --- Mails -------------------------------------------------------------------------------------------------------- */

static void test_sent_once(void **state)
{
    struct store *store = domain_store_of(state);
    struct outbox_item item;
    clock_fix(NOW);
    put(store, "notice:1");
    put(store, "notice:1");
    put(store, "");
    put(store, "");
    assert_int_equal(counts_of(store).waiting, 3);
    assert_int_equal(take(store, 60, &item), 3);
    assert_true(slice_is(item.to, "ana@example.pe"));
    assert_true(slice_is(item.subject, "Su certificado"));
    assert_true(slice_is(item.text, "Vence pronto.\n"));
    assert_int_equal(item.attempts, 0);
    assert_int_equal(take(store, 60, NULL), 0); /* they are somebody's */
    assert_int_equal(outbox_sent(store, item.id, false, NULL), RFD_OK);
    clock_fix(NOW + 61 * SECOND);
    assert_int_equal(take(store, 60, NULL), 2); /* who took them said nothing */
    assert_int_equal(counts_of(store).sent, 1);
    put(store, "notice:1");
    assert_int_equal(counts_of(store).waiting, 2);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM outbox WHERE state = 2 AND body = ''"), 1);
}

static void test_tried_again_and_given_up(void **state)
{
    static const unsigned minutes[] = {1, 5, 30, 120, 360, 1440};
    struct store *store = domain_store_of(state);
    struct outbox_item item;
    rfd_time now = NOW;
    clock_fix(now);
    put(store, "x");
    for (unsigned i = 0; i < sizeof minutes / sizeof *minutes; i++) {
        assert_int_equal(take(store, 10, &item), 1);
        assert_int_equal(item.attempts, i);
        assert_int_equal(outbox_failed(store, item.id, false, SLICE("421 \x1b[2Jlater"), NULL), RFD_OK);
        clock_fix(now + minutes[i] * MINUTE - 1);
        assert_int_equal(take(store, 10, NULL), 0);
        now += minutes[i] * MINUTE;
        clock_fix(now);
    }
    assert_int_equal(take(store, 10, &item), 1);
    assert_int_equal(outbox_failed(store, item.id, false, SLICE("421"), NULL), RFD_OK);
    clock_fix(now + 100000 * MINUTE);
    assert_int_equal(take(store, 10, NULL), 0);
    assert_int_equal(counts_of(store).given_up, 1);
    assert_int_equal(counts_of(store).waiting, 0);
}

static void test_permanent_failure(void **state)
{
    struct store *store = domain_store_of(state);
    struct outbox_item item;
    clock_fix(NOW);
    put(store, "x");
    assert_int_equal(take(store, 10, &item), 1);
    assert_int_equal(outbox_failed(store, item.id, true, SLICE("550 no such person"), NULL), RFD_OK);
    assert_int_equal(counts_of(store).given_up, 1);
    assert_int_equal(outbox_failed(store, item.id, false, SLICE("again"), NULL), RFD_OK); /* it stays given up */
    assert_int_equal(counts_of(store).given_up, 1);
}

/** A late word from somebody whose lease ended does not bring a sent mail back. */
static void test_failure_after_sending(void **state)
{
    struct store *store = domain_store_of(state);
    struct outbox_item item;
    clock_fix(NOW);
    put(store, "x");
    assert_int_equal(take(store, 10, &item), 1);
    assert_int_equal(outbox_sent(store, item.id, false, NULL), RFD_OK);
    assert_int_equal(outbox_failed(store, item.id, false, SLICE("421"), NULL), RFD_OK);
    assert_int_equal(counts_of(store).sent, 1);
    assert_int_equal(counts_of(store).waiting, 0);
}

static void test_what_could_break_a_header(void **state)
{
    static const char *const bad[] = {"",
                                      "ana",
                                      "@x.pe",
                                      "ana@",
                                      "a b@x.pe",
                                      "a@x@y",
                                      "ana@x.pe\n",
                                      "a,b@x.pe",
                                      "Ana <ana@x.pe>",
                                      "\"a\"@x.pe",
                                      "ñ@x.pe",
                                      "-f@x.pe",
                                      "ana@x.pe\r\nCc: b@x.pe"};
    struct store *store = domain_store_of(state);
    slice good = SLICE("ana@example.pe");
    char longest[600];
    memset(longest, 'a', sizeof longest);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(try_mail(store, slice_text(bad[i]), SLICE("s"), SLICE("t"), SLICE_EMPTY), RFD_E_ARGUMENT);
    assert_int_equal(try_mail(store, good, SLICE("a\r\nBcc: x@y"), SLICE("t"), SLICE_EMPTY), RFD_E_ARGUMENT);
    assert_int_equal(try_mail(store, good, SLICE(""), SLICE("t"), SLICE_EMPTY), RFD_E_ARGUMENT);
    assert_int_equal(try_mail(store, good, slice_of(longest, sizeof longest), SLICE("t"), SLICE_EMPTY), RFD_E_ARGUMENT);
    assert_int_equal(try_mail(store, good, SLICE("s"), SLICE("a\0b"), SLICE_EMPTY), RFD_E_ARGUMENT);
    assert_int_equal(try_mail(store, good, SLICE("s"), SLICE("\xFF"), SLICE_EMPTY), RFD_E_ARGUMENT);
    assert_int_equal(try_mail(store, good, SLICE("s"), SLICE("t"), SLICE("a\nb")), RFD_E_ARGUMENT);
    assert_int_equal(try_mail(store, good, SLICE("Emisión"), SLICE("a\nb\n"), SLICE("id")), RFD_OK);
    assert_int_equal(counts_of(store).waiting, 1);
}

enum { THREADS = 4, MAILS = 80 };

struct taker {
    struct store *store;
    size_t taken;
    rfd_status status;
};

static void *take_all(void *context)
{
    struct taker *w = context;
    for (size_t count = 1; count > 0 && w->status == RFD_OK; w->taken += count) {
        struct arena a;
        struct outbox_item *items;
        arena_init(&a, 1 << 20);
        w->status = outbox_take(w->store, OUTBOX_MAIL, 3600, 3, &a, &items, &count, NULL);
        if (w->status != RFD_OK) count = 0;
        arena_dispose(&a);
    }
    return NULL;
}

/** Nobody gets what another one has. */
static void test_takers_at_once(void **state)
{
    struct store *store = domain_store_of(state);
    struct taker takers[THREADS];
    pthread_t threads[THREADS];
    size_t taken = 0;
    for (size_t i = 0; i < MAILS; i++) put(store, "");
    for (size_t i = 0; i < THREADS; i++) {
        takers[i] = (struct taker){.store = store};
        assert_int_equal(pthread_create(&threads[i], NULL, take_all, &takers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        /* On PostgreSQL who was disturbed too often comes again later. */
        assert_true(takers[i].status == RFD_OK || takers[i].status == RFD_E_STORE);
        taken += takers[i].taken;
    }
    taken += take(store, 3600, NULL);
    for (size_t more; (more = take(store, 3600, NULL)) > 0;) taken += more;
    assert_int_equal(taken, MAILS);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM outbox WHERE attempts = 1"), MAILS);
}

/* --- Leases ------------------------------------------------------------------------------------------------------- */

static bool lease(struct store *store, const char *name, const char *holder, unsigned seconds)
{
    struct rfd_error error = RFD_ERROR_INIT;
    bool mine = false;
    if (lease_take(store, name, slice_text(holder), seconds, &mine, &error) != RFD_OK) fail_msg("%s", error.detail);
    return mine;
}

static void test_lease(void **state)
{
    struct store *store = domain_store_of(state);
    clock_fix(NOW);
    assert_true(lease(store, "crl", "a", 10));
    assert_false(lease(store, "crl", "b", 10));
    assert_true(lease(store, "mail", "b", 10));
    clock_fix(NOW + 9 * SECOND);
    assert_true(lease(store, "crl", "a", 10)); /* prolonged */
    clock_fix(NOW + 18 * SECOND);
    assert_false(lease(store, "crl", "b", 10));
    clock_fix(NOW + 19 * SECOND);
    assert_true(lease(store, "crl", "b", 10));
    assert_false(lease(store, "crl", "a", 10));
    assert_true(lease(store, "crl", "b", 0)); /* given back */
    assert_true(lease(store, "crl", "a", 10));
}

struct rival {
    struct store *store;
    char name[8];
    unsigned wins;
    rfd_status status;
};

static void *compete(void *context)
{
    struct rival *r = context;
    for (unsigned i = 0; i < 20 && r->status == RFD_OK; i++) {
        bool mine = false;
        r->status = lease_take(r->store, "one", slice_text(r->name), 3600, &mine, NULL);
        if (mine) r->wins++;
    }
    return NULL;
}

static void test_one_of_many_gets_it(void **state)
{
    struct store *store = domain_store_of(state);
    struct rival rivals[THREADS];
    pthread_t threads[THREADS];
    unsigned winners = 0;
    for (size_t i = 0; i < THREADS; i++) {
        rivals[i] = (struct rival){.store = store};
        (void)snprintf(rivals[i].name, sizeof rivals[i].name, "r%zu", i);
        assert_int_equal(pthread_create(&threads[i], NULL, compete, &rivals[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        winners += rivals[i].wins > 0 ? 1 : 0;
    }
    assert_int_equal(winners, 1);
}

#define TIMED(test)                                                                                                    \
    cmocka_unit_test_setup_teardown(test, domain_store_sqlite, release_clock),                                         \
    {                                                                                                                  \
#test "_postgresql", test, domain_store_postgresql, release_clock, NULL                                        \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TIMED(test_sent_once),
        TIMED(test_tried_again_and_given_up),
        TIMED(test_permanent_failure),
        TIMED(test_failure_after_sending),
        TIMED(test_what_could_break_a_header),
        TIMED(test_takers_at_once),
        TIMED(test_lease),
        TIMED(test_one_of_many_gets_it),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
