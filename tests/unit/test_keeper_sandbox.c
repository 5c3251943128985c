/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the keeper and the helpers of tokens can do in their sandboxes: one table.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base_support.h"
#include "ipc/sandbox_trial.h"
#include "keeper/process_sandbox.h"
#include "keeper/token_sandbox.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { REPORT = 64 << 10 };

static int enter_keeper(void *context)
{
    return process_lock_memory(NULL) == RFD_OK && process_enter_sandbox(context, NULL) == RFD_OK ? 0 : 1;
}

static int enter_token(void *context)
{
    const char *const paths[] = {context, NULL};
    const struct token_helper_options options = {.paths = paths};
    return token_sandbox_enter(&options, NULL) == RFD_OK ? 0 : 1;
}

static int enter_network_token(void *context)
{
    const char *const paths[] = {context, NULL};
    const struct token_helper_options options = {.paths = paths, .network = true};
    return token_sandbox_enter(&options, NULL) == RFD_OK ? 0 : 1;
}

static const char *const keeper_may[] = {"receive-message", "lock-memory", "make-thread", NULL};
static const char *const token_may[] = {"receive-message", "lock-memory", "make-thread", NULL};
static const char *const network_token_may[] = {
    "receive-message", "lock-memory", "make-thread",       "make-internet-socket", "make-unix-socket",

    "connect-socket",  "bind-socket", "accept-connection", "send-message",         NULL};

static const struct {
    const char *who;
    const char *const *allowed;
    sandbox_trial_enter *enter;
} rows[] = {
    {"keeper", keeper_may, enter_keeper},
    {"token helper", token_may, enter_token},
    {"token helper with network", network_token_may, enter_network_token},
};

static void test_who_may_do_what(void **state)
{
    (void)state;
    static char folder[] = "store";
    struct buf report;
    if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) <= 0) skip();
    assert_int_equal(mkdir(folder, 0755), 0);
    buf_init(&report, REPORT);
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        wrong += sandbox_trial_all(rows[i].who, rows[i].allowed, rows[i].enter, folder, &report);
    if (wrong > 0) print_error("%.*s", (int)report.length, (const char *)report.data);
    assert_int_equal(wrong, 0);
    buf_dispose(&report);
}

/* The trial itself: a process without sandbox may do what its user may. */
static int enter_nothing(void *context)
{
    (void)context;
    return 0;
}

static int fail_to_enter(void *context)
{
    (void)context;
    return 1;
}

static void test_the_trial(void **state)
{
    (void)state;
    assert_int_equal(sandbox_trial("read-password-file", enter_nothing, NULL), SANDBOX_DONE);
    assert_int_equal(sandbox_trial("make-code", enter_nothing, NULL), SANDBOX_DONE);
    assert_int_equal(sandbox_trial("make-thread", enter_nothing, NULL), SANDBOX_DONE);
    assert_int_equal(sandbox_trial("signal-parent", enter_nothing, NULL), SANDBOX_DONE);
    assert_int_equal(sandbox_trial("read-password-file", fail_to_enter, NULL), SANDBOX_BROKEN);
    assert_int_equal(sandbox_trial("no-such-thing", enter_nothing, NULL), SANDBOX_BROKEN);
    static char folder[] = ".";
    assert_int_equal(sandbox_trial("make-unix-socket", enter_keeper, folder), SANDBOX_KILLED);
    assert_int_equal(sandbox_trial("make-unix-socket", enter_token, folder), SANDBOX_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_trial),
        cmocka_unit_test(test_who_may_do_what),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
