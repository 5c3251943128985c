/* SPDX-License-Identifier: EUPL-1.2
 *
 * A clock that goes ahead, and is set right: nothing begins behind what was written meanwhile, restarts included, until
 * an administrator says what time it is.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "personal_desk.h"

enum { AHEAD_SECONDS = 100 * 86400 };

static rfd_status say_time(enum keeper_sender sender, rfd_time time, uint32_t *count)
{
    struct message_reader r;
    message_put_i64(&pdesk.body, time);
    rfd_status status = pdesk_ask(sender, PERSONAL_SET_CLOCK, &r);
    if (status != RFD_OK) return status;
    *count = message_get_u32(&r);
    return message_end(&r, "clock", NULL);
}

static void app_code(const uint8_t totp[PERSONAL_TOTP_SIZE], int64_t steps, char code[PERSONAL_CODE_SIZE])
{
    assert_true(code_totp(totp, pdesk.now / RFD_SECOND / 30 + steps, code));
}

/** Sets up an app, whose secret is written. */
static void make_app(const char *id, uint8_t totp[PERSONAL_TOTP_SIZE])
{
    struct begun b;
    char code[PERSONAL_CODE_SIZE], app[PERSONAL_CODE_SIZE];
    assert_int_equal(pdesk_begin(OPERATION_TOTP, id, &b), RFD_OK);
    pdesk_code(&b, 0, code);
    memcpy(totp, b.totp, PERSONAL_TOTP_SIZE);
    app_code(totp, 0, app);
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, code, NULL, app, NULL), RFD_OK);
}

static rfd_status authorise(const char *id, const uint8_t totp[PERSONAL_TOTP_SIZE], int64_t steps)
{
    struct begun b;
    char app[PERSONAL_CODE_SIZE];
    app_code(totp, steps, app);
    TRY(pdesk_begin_sign(id, 0, 1, &b));
    return pdesk_activate(&b, DESK_PASSWORD, app, NULL, NULL, NULL);
}

static uint64_t events(const char *id, const char *event)
{
    struct message_reader r;
    message_put_text(&pdesk.body, id);
    message_put_u64(&pdesk.body, 0);
    assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_READ_LOG, &r), RFD_OK);
    uint64_t found = 0;
    (void)message_get_u64(&r);
    for (uint32_t count = message_get_u32(&r); count > 0; count--) {
        slice line = message_get_text(&r, HOLDER_LOG_LINE_MAXIMUM);
        if (memmem(line.data, line.length, event, strlen(event)) != NULL) found++;
    }
    return found;
}

static void test_clock_that_was_ahead(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], other[PERSONAL_ID_SIZE];
    uint8_t totp[PERSONAL_TOTP_SIZE];
    struct begun b;
    uint32_t count = 0;
    pdesk_generate(1, id);
    pdesk_generate(2, other);
    make_app(id, totp);
    const rfd_time right = pdesk.now;
    pdesk_wait(AHEAD_SECONDS);
    assert_int_equal(authorise(id, totp, 0), RFD_OK); /* writes, with a step of the app and a time to come */
    pdesk.now = right + 60 * RFD_SECOND;
    clock_fix(pdesk.now);
    assert_int_equal(pdesk_begin_sign(other, 0, 1, &b), RFD_E_CLOCK);
    pdesk_reopen();
    assert_int_equal(pdesk_begin_sign(other, 0, 1, &b), RFD_E_CLOCK);
    /* Nobody who could have a reason says what time it is; and who says it looks at a clock. */
    assert_int_equal(say_time(KEEPER_FROM_WEB, pdesk.now, &count), RFD_E_KEY_REFUSED);
    assert_int_equal(say_time(KEEPER_FROM_WORKER, pdesk.now, &count), RFD_E_KEY_REFUSED);
    assert_int_equal(say_time(KEEPER_FROM_ADMIN, pdesk.now + 301 * RFD_SECOND, &count), RFD_E_CLOCK);
    assert_int_equal(say_time(KEEPER_FROM_ADMIN, right + AHEAD_SECONDS * RFD_SECOND, &count), RFD_E_CLOCK);
    assert_int_equal(pdesk_begin_sign(other, 0, 1, &b), RFD_E_CLOCK);
    assert_int_equal(say_time(KEEPER_FROM_ADMIN, pdesk.now + 200 * RFD_SECOND, &count), RFD_OK);
    assert_int_equal(count, 1);
    assert_int_equal(events(id, "\"event\":\"clock\""), 1);
    assert_int_equal(events(other, "\"event\":\"clock\""), 0);
    assert_int_equal(pdesk_begin_sign(other, 0, 1, &b), RFD_OK);
    pdesk_reopen();
    assert_int_equal(pdesk_begin_sign(other, 0, 1, &b), RFD_OK);
    /* Of the app, what was shown until now is over, and what comes counts. */
    assert_int_equal(authorise(id, totp, 0), RFD_E_ACTIVATION_CODE);
    assert_int_equal(authorise(id, totp, 1), RFD_OK);
    /* It holds from here on. */
    pdesk.now -= 301 * RFD_SECOND;
    clock_fix(pdesk.now);
    assert_int_equal(pdesk_begin_sign(other, 0, 1, &b), RFD_E_CLOCK);
    assert_int_equal(say_time(KEEPER_FROM_ADMIN, pdesk.now, &count), RFD_OK);
    assert_int_equal(pdesk_begin_sign(other, 0, 1, &b), RFD_OK);
}

/* Changes of then come before those that follow: a new mobile counts. */
static void test_mobile_of_then(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    struct record r = {.state = 0};
    uint32_t count = 0;
    pdesk_generate(1, id);
    assert_int_equal(record_read(pdesk.personal, id, &r, NULL), RFD_OK);
    r.mobile_changed = r.approved = pdesk.now + AHEAD_SECONDS * RFD_SECOND;
    assert_int_equal(record_write(pdesk.personal, &r, true, NULL), RFD_OK);
    record_dispose(&r);
    pdesk_reopen();
    assert_int_equal(say_time(KEEPER_FROM_ADMIN, pdesk.now, &count), RFD_OK);
    assert_int_equal(count, 1);
    assert_int_equal(record_read(pdesk.personal, id, &r, NULL), RFD_OK);
    assert_true(r.mobile_changed == pdesk.now && r.approved == pdesk.now && r.changed == pdesk.now);
    record_dispose(&r);
    assert_int_equal(say_time(KEEPER_FROM_ADMIN, pdesk.now, &count), RFD_OK);
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_clock_that_was_ahead, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_mobile_of_then, pdesk_set, pdesk_clear),
    };
    return cmocka_run_group_tests(tests, pdesk_open_room, pdesk_close_room);
}
