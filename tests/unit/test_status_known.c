/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is known of serial numbers without asking the register again.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/status/known.h"

static struct known *known;
static const slice serial = {(const uint8_t *)"\x01serial of a certificate", 20};
static const struct responder_record good = {.state = RESPONDER_GOOD, .archive_cutoff = RFD_TIME_NONE};
static const struct responder_record held = {
    .state = RESPONDER_REVOKED, .revoked_at = 7 * RFD_SECOND, .reason = 6, .archive_cutoff = RFD_TIME_NONE};

static int set_up(void **state)
{
    (void)state;
    return known_new(&known, NULL) == RFD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    known_free(known);
    return 0;
}

static void remembers(void **state)
{
    (void)state;
    struct responder_record record;
    assert_false(known_get(known, 1, serial, &record));
    known_put(known, known_moment(known), 1, serial, &held);
    assert_true(known_get(known, 1, serial, &record));
    assert_int_equal(record.state, RESPONDER_REVOKED);
    assert_int_equal(record.reason, 6);
    assert_int_equal(record.revoked_at, 7 * RFD_SECOND);
    assert_false(known_get(known, 2, serial, &record)); /* the same number of another authority */
    assert_false(known_get(known, 1, slice_part(serial, 0, 19), &record));
}

static void drops(void **state)
{
    (void)state;
    struct responder_record record;
    known_put(known, known_moment(known), 1, serial, &good);
    known_drop(known, slice_part(serial, 0, 5));
    assert_true(known_get(known, 1, serial, &record));
    known_drop(known, serial);
    assert_false(known_get(known, 1, serial, &record));
}

static void what_was_read_before_a_change_is_not_taken_in(void **state)
{
    (void)state;
    struct responder_record record;
    uint64_t moment = known_moment(known);
    known_drop(known, serial);
    known_put(known, moment, 1, serial, &good);
    assert_false(known_get(known, 1, serial, &record));
    known_put(known, known_moment(known), 1, serial, &held);
    assert_true(known_get(known, 1, serial, &record));
}

static void strangers_take_no_room(void **state)
{
    (void)state;
    static const uint8_t lengthy[64] = {1};
    struct responder_record record;
    const struct responder_record never = {.state = RESPONDER_NEVER_ISSUED};
    const struct responder_record unknown = {.state = RESPONDER_UNKNOWN};
    known_put(known, known_moment(known), 1, serial, &never);
    known_put(known, known_moment(known), 1, serial, &unknown);
    assert_false(known_get(known, 1, serial, &record));
    known_put(known, known_moment(known), 1, slice_of(lengthy, sizeof lengthy), &good);
    assert_false(known_get(known, 1, slice_of(lengthy, sizeof lengthy), &record));
    assert_false(known_get(known, 1, SLICE_EMPTY, &record));
}

/* More certificates than places: those that are there are right. */
static void never_mixes_up(void **state)
{
    (void)state;
    size_t there = 0;
    for (int turn = 0; turn < 2; turn++) {
        for (uint32_t i = 0; i < 2 * KNOWN_PLACES; i++) {
            uint8_t number[8] = {1, (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
            struct responder_record record = good;
            record.archive_cutoff = i;
            slice s = slice_of(number, sizeof number);
            if (turn == 0) known_put(known, known_moment(known), 1, s, &record);
            if (turn == 0 || !known_get(known, 1, s, &record)) continue;
            assert_int_equal(record.archive_cutoff, i);
            there++;
        }
    }
    assert_in_range(there, KNOWN_PLACES / 2, KNOWN_PLACES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(remembers), TEST(drops),
                                       TEST(what_was_read_before_a_change_is_not_taken_in),
                                       TEST(strangers_take_no_room), TEST(never_mixes_up)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
