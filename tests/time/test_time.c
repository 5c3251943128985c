/* SPDX-License-Identifier: EUPL-1.2
 *
 * What signatures are worth as years go by: each story of tests/time/stories with what EN 319 102-1 V1.3.1 makes of it.
 * Where the standard leaves the choice to a policy, the story says so and gives ours. script.h tells how to read them.
 */
#include "script.h"
#include "stories.h"

#include "../unit/pki_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { STORIES_MAXIMUM = 400 };

static int set_up(void **state)
{
    (void)state;
    (void)folder_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove();
    return 0;
}

static void tell(void **state)
{
    struct buf text = stories_text((size_t)(uintptr_t)*state);
    bool told = script_run((const char *)text.data);
    buf_dispose(&text);
    assert_true(told);
}

/* With an argument: only the stories whose name holds it. */
int main(int count, char **arguments)
{
    static struct CMUnitTest tests[STORIES_MAXIMUM];
    size_t chosen = 0;
    stories_read();
    for (size_t i = 0; i < stories_count() && chosen < STORIES_MAXIMUM; i++) {
        if (count > 1 && strstr(stories_name(i), arguments[1]) == NULL) continue;
        tests[chosen++] =
            (struct CMUnitTest){.name = stories_name(i), .test_func = tell, .initial_state = (void *)(uintptr_t)i};
    }
    int failed = _cmocka_run_group_tests("time", tests, chosen, set_up, tear_down);
    stories_free();
    return failed;
}
