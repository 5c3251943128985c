/* SPDX-License-Identifier: EUPL-1.2
 *
 * The memory of OCSP answers: one signature for all who wait, nothing kept of what changed meanwhile, never more octets
 * than allowed, renewal of what is asked for.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/status/ocsp_memory.h"
#include "base/memory.h"

#include <malloc.h>
#include <pthread.h>
#include <stdio.h>

enum { BODY = 900 };
#define HOUR (3600 * RFD_SECOND)

static struct ocsp_memory *memory;
static const rfd_time now = 1000 * HOUR;
static const struct ocsp_window usual = {1012 * HOUR, 1018 * HOUR};

static struct ocsp_memory *memory_of(uint64_t octets)
{
    struct ocsp_memory *m = NULL;
    assert_int_equal(ocsp_memory_new(octets, &m, NULL), RFD_OK);
    return m;
}

static int set_up(void **state)
{
    (void)state;
    memory = memory_of(16 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ocsp_memory_free(memory);
    return 0;
}

static struct http_prepared *answer_of(size_t size)
{
    static uint8_t bytes[BODY * 4];
    struct http_prepared *p = NULL;
    const struct http_prepared_options options = {.content_type = "application/ocsp-response",
                                                  .body = slice_of(bytes, size),
                                                  .etag = SLICE("503ae2c5f531db73d166e49a4c99013728026c46"),
                                                  .last_modified = now,
                                                  .cache_control =
                                                      "max-age=21585, public, no-transform, must-revalidate",
                                                  .expires = now + HOUR};
    assert_int_equal(http_prepared_new(&options, &p, NULL), RFD_OK);
    return p;
}

/** A certID: some octets of its own, then the serial number. */
struct name {
    uint8_t bytes[40];
};

static struct name name_of(unsigned number, unsigned kind)
{
    struct name n = {{0}};
    n.bytes[0] = (uint8_t)kind;
    for (unsigned i = 0; i < 4; i++) n.bytes[36 + i] = (uint8_t)(number >> (24 - 8 * i));
    return n;
}

#define ID(n)     slice_of((n).bytes, sizeof(n).bytes)
#define SERIAL(n) slice_of((n).bytes + 23, sizeof(n).bytes - 23)

static bool knows(struct ocsp_memory *m, const struct name *n, rfd_time at)
{
    struct http_prepared *p = ocsp_memory_find(m, ID(*n), SERIAL(*n), at);
    http_prepared_release(p);
    return p != NULL;
}

static struct ocsp_flight *begin(struct ocsp_memory *m, const struct name *n, struct ocsp_waiter *waiter)
{
    struct http_prepared *answer = NULL;
    struct ocsp_flight *flight = NULL;
    *waiter = (struct ocsp_waiter){.since = now};
    assert_int_equal(ocsp_memory_join(m, ID(*n), SERIAL(*n), now, waiter, &answer, &flight), OCSP_JOINED_BEGUN);
    assert_null(answer);
    assert_non_null(flight);
    return flight;
}

static void learn(struct ocsp_memory *m, const struct name *n, const struct ocsp_window *window)
{
    struct ocsp_waiter waiter;
    struct http_prepared *p = answer_of(BODY);
    assert_ptr_equal(ocsp_memory_land(m, begin(m, n, &waiter), p, BODY, window), &waiter);
    http_prepared_release(p);
}

static void remembers_until_the_window_ends(void **state)
{
    (void)state;
    struct name n = name_of(1, 0);
    struct name other_digest = name_of(1, 1);
    assert_false(knows(memory, &n, now));
    learn(memory, &n, &usual);
    assert_true(knows(memory, &n, now));
    assert_true(knows(memory, &n, usual.use_until - 1));
    assert_false(knows(memory, &n, usual.use_until));
    assert_false(knows(memory, &other_digest, now));
}

static void those_who_come_together_share_a_signature(void **state)
{
    (void)state;
    enum { PEOPLE = 5 };
    struct name n = name_of(2, 0);
    struct ocsp_waiter waiters[PEOPLE];
    struct http_prepared *answer = NULL;
    struct ocsp_flight *flight = begin(memory, &n, &waiters[0]);
    struct ocsp_flight *same = NULL;
    for (size_t i = 1; i < PEOPLE; i++) {
        assert_int_equal(ocsp_memory_join(memory, ID(n), SERIAL(n), now, &waiters[i], &answer, &same),
                         OCSP_JOINED_FLIGHT);
    }
    assert_true(slice_equal(ocsp_flight_id(flight), ID(n)) && slice_equal(ocsp_flight_serial(flight), SERIAL(n)));
    struct http_prepared *p = answer_of(BODY);
    size_t count = 0;
    for (struct ocsp_waiter *w = ocsp_memory_land(memory, flight, p, BODY, &usual); w != NULL; w = w->next) count++;
    assert_int_equal(count, PEOPLE);
    assert_int_equal(ocsp_memory_join(memory, ID(n), SERIAL(n), now, &waiters[0], &answer, &same), OCSP_JOINED_ANSWER);
    assert_ptr_equal(answer, p);
    http_prepared_release(answer);
    http_prepared_release(p);
}

static void a_flight_that_fails_leaves_nothing(void **state)
{
    (void)state;
    struct name n = name_of(3, 0);
    struct ocsp_waiter waiter;
    assert_ptr_equal(ocsp_memory_land(memory, begin(memory, &n, &waiter), NULL, 0, NULL), &waiter);
    assert_false(knows(memory, &n, now));
    assert_ptr_equal(ocsp_memory_land(memory, begin(memory, &n, &waiter), NULL, 0, NULL), &waiter);
}

static void a_change_drops_all_answers_of_the_certificate(void **state)
{
    (void)state;
    uint64_t answers;
    struct name kinds[3] = {name_of(4, 0), name_of(4, 1), name_of(4, 2)};
    struct name other = name_of(5, 0);
    for (size_t i = 0; i < 3; i++) learn(memory, &kinds[i], &usual);
    learn(memory, &other, &usual);
    ocsp_memory_drop(memory, SERIAL(kinds[0]));
    for (size_t i = 0; i < 3; i++) assert_false(knows(memory, &kinds[i], now));
    assert_true(knows(memory, &other, now));
    (void)ocsp_memory_size(memory, &answers);
    assert_int_equal(answers, 1);
}

/* The look-up was before the change, the signature comes after it. */
static void what_was_signed_before_a_change_is_not_kept(void **state)
{
    (void)state;
    struct name n = name_of(6, 0);
    struct ocsp_waiter early;
    struct ocsp_waiter late;
    struct http_prepared *p = answer_of(BODY);
    struct ocsp_flight *before = begin(memory, &n, &early);
    ocsp_memory_drop(memory, SERIAL(n));
    struct ocsp_flight *after = begin(memory, &n, &late); /* does not join the one before */
    assert_ptr_equal(ocsp_memory_land(memory, before, p, BODY, &usual), &early);
    assert_false(knows(memory, &n, now));
    assert_ptr_equal(ocsp_memory_land(memory, after, p, BODY, &usual), &late);
    assert_true(knows(memory, &n, now));
    http_prepared_release(p);
}

static void never_holds_more_than_allowed(void **state)
{
    (void)state;
    enum { MANY = 3000 };
    const uint64_t allowed = 64 * 8 * (BODY + OCSP_MEMORY_OVERHEAD + 200);
    struct ocsp_memory *small = memory_of(allowed);
    struct name loved = name_of(0, 0);
    uint64_t answers;
    learn(small, &loved, &usual);
    for (unsigned i = 1; i < MANY; i++) {
        struct name n = name_of(i, 0);
        learn(small, &n, &usual);
        assert_true(knows(small, &loved, now)); /* what is asked for stays */
        assert_true(ocsp_memory_size(small, &answers) <= allowed);
    }
    assert_true(answers > 64 && answers <= 64 * 8);
    ocsp_memory_free(small);
}

static void an_answer_that_is_too_large_is_not_kept(void **state)
{
    (void)state;
    struct ocsp_memory *tiny = memory_of(64 * 1000);
    struct name n = name_of(1, 0);
    learn(tiny, &n, &usual);
    assert_false(knows(tiny, &n, now));
    ocsp_memory_free(tiny);
}

static size_t renew_all(rfd_time at, struct ocsp_flight **flights, size_t most)
{
    size_t found = 0;
    for (int turn = 0; turn < 200; turn++) found += ocsp_memory_renew(memory, at, 128, flights + found, most - found);
    return found;
}

static void renews_what_is_asked_for(void **state)
{
    (void)state;
    enum { MANY = 100 };
    struct ocsp_flight *flights[MANY] = {NULL};
    const struct ocsp_window next = {usual.renew_from + 12 * HOUR, usual.use_until + 12 * HOUR};
    struct http_prepared *p = answer_of(BODY);
    uint64_t answers;
    for (unsigned i = 0; i < MANY; i++) {
        struct name n = name_of(i, 0);
        learn(memory, &n, &usual);
    }
    assert_int_equal(renew_all(usual.renew_from - 1, flights, MANY), 0);
    assert_int_equal(renew_all(usual.renew_from, flights, MANY), MANY); /* whoever had it signed asked for it */
    for (unsigned i = 0; i < MANY; i++) assert_null(ocsp_memory_land(memory, flights[i], p, BODY, &next));
    struct name asked = name_of(7, 0);
    assert_true(knows(memory, &asked, usual.use_until));
    assert_int_equal(renew_all(next.renew_from, flights, MANY), 1);
    assert_true(slice_equal(ocsp_flight_id(flights[0]), ID(asked)));
    assert_true(knows(memory, &asked, next.renew_from)); /* while it is being signed */
    assert_null(ocsp_memory_land(memory, flights[0], NULL, 0, NULL));
    assert_true(knows(memory, &asked, next.renew_from)); /* and when that failed */
    (void)renew_all(next.use_until, flights, MANY);
    (void)ocsp_memory_size(memory, &answers);
    assert_int_equal(answers, 0); /* what has ended goes */
    http_prepared_release(p);
}

static void a_change_during_renewal_wins(void **state)
{
    (void)state;
    struct name n = name_of(9, 0);
    struct ocsp_flight *flights[4] = {NULL};
    struct http_prepared *p = answer_of(BODY);
    learn(memory, &n, &usual);
    assert_int_equal(renew_all(usual.renew_from, flights, 4), 1);
    ocsp_memory_drop(memory, SERIAL(n));
    assert_false(knows(memory, &n, now));
    assert_null(ocsp_memory_land(memory, flights[0], p, BODY, &usual));
    assert_false(knows(memory, &n, now));
    http_prepared_release(p);
}

static void overhead_is_counted(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    struct http_prepared *many[MANY];
    size_t before = mallinfo2().uordblks;
    for (size_t i = 0; i < MANY; i++) many[i] = answer_of(BODY);
    size_t each = (mallinfo2().uordblks - before) / MANY;
    for (size_t i = 0; i < MANY; i++) http_prepared_release(many[i]);
    print_message("%zu octets for a body of %d\n", each, BODY);
    assert_true(each <= BODY + OCSP_MEMORY_OVERHEAD);
}

static void survives_missing_memory(void **state)
{
    (void)state;
    struct name n = name_of(1, 0);
    struct ocsp_waiter waiter = {0};
    struct http_prepared *answer = NULL;
    struct ocsp_flight *flight = NULL;
    struct ocsp_memory *m = NULL;
    (void)memory_fail_once(1);
    assert_int_equal(ocsp_memory_join(memory, ID(n), SERIAL(n), now, &waiter, &answer, &flight), OCSP_JOINED_BEGUN);
    assert_null(flight);
    for (unsigned long i = 1; i <= 3; i++) {
        (void)memory_fail_once(i);
        assert_int_equal(ocsp_memory_new(1 << 20, &m, NULL), RFD_E_MEMORY);
    }
    (void)memory_fail_once(0);
    ocsp_memory_free(NULL);
}

/* ---- Threads ---- */

enum { THREADS = 4, ROUNDS = 4000, NAMES = 50 };
static struct ocsp_waiter all_waiters[THREADS][ROUNDS]; /* they live until the flights have landed */

static void *ask_and_sign(void *own)
{
    struct ocsp_waiter *waiters = own;
    unsigned random = (unsigned)((uintptr_t)own / sizeof *waiters);
    for (int i = 0; i < ROUNDS; i++) {
        random = random * 1103515245 + 12345;
        struct name n = name_of(random / 65536 % NAMES, 0);
        struct http_prepared *answer = NULL;
        struct ocsp_flight *flight = NULL;
        if (random / 65536 % 64 == 0) ocsp_memory_drop(memory, SERIAL(n));
        if (knows(memory, &n, now)) continue;
        enum ocsp_joined joined = ocsp_memory_join(memory, ID(n), SERIAL(n), now, &waiters[i], &answer, &flight);
        if (joined == OCSP_JOINED_ANSWER) http_prepared_release(answer);
        if (joined != OCSP_JOINED_BEGUN) continue;
        struct http_prepared *p = answer_of(BODY);
        (void)ocsp_memory_land(memory, flight, p, BODY, &usual);
        http_prepared_release(p);
    }
    return NULL;
}

static void threads_at_once(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_and_sign, all_waiters[i]), 0);
    for (unsigned i = 0; i < THREADS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    uint64_t answers;
    assert_true(ocsp_memory_size(memory, &answers) > 0 && answers <= NAMES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(remembers_until_the_window_ends),
        TEST(those_who_come_together_share_a_signature),
        TEST(a_flight_that_fails_leaves_nothing),
        TEST(a_change_drops_all_answers_of_the_certificate),
        TEST(what_was_signed_before_a_change_is_not_kept),
        TEST(never_holds_more_than_allowed),
        TEST(an_answer_that_is_too_large_is_not_kept),
        TEST(renews_what_is_asked_for),
        TEST(a_change_during_renewal_wins),
        TEST(overhead_is_counted),
        TEST(threads_at_once),
        TEST(survives_missing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
