/* SPDX-License-Identifier: EUPL-1.2 */
#include "fault.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdio.h>

enum { ALLOCATIONS_MAXIMUM = 200000, TOLD_MAXIMUM = 10 };

static struct {
    unsigned count, failed;
} results;

void fault_report(const char *name, bool good)
{
    results.count++;
    if (!good) results.failed++;
    printf("%sok %u - %s\n", good ? "" : "not ", results.count, name);
    (void)fflush(stdout);
}

rfd_status fault_wrong(struct rfd_error *error, const char *what)
{
    return error_set(error, RFD_E_INTERNAL, "wrong result: %s", what);
}

typedef unsigned long fail_function(unsigned long n);

static void run_with(const char *name, const char *how, fail_function *fail, fault_scenario *scenario, void *context)
{
    unsigned long wrong = 0, n = 0, seen;
    char text[160];
    do {
        struct rfd_error error = RFD_ERROR_INIT;
        (void)fail(++n);
        rfd_status status = scenario(context, &error);
        seen = fail(0);
        bool met = seen >= n;
        bool good = status == RFD_OK || (met && status == RFD_E_MEMORY && error.code == RFD_E_MEMORY);
        if (!good && wrong++ < TOLD_MAXIMUM)
            printf("# allocation %lu: %s: %s\n", n, rfd_status_name(status), error.detail);
    } while (seen >= n && n < ALLOCATIONS_MAXIMUM);
    (void)snprintf(text, sizeof text, "%s: %lu allocations, %s", name, n - 1, how);
    fault_report(text, wrong == 0 && n > 1 && n < ALLOCATIONS_MAXIMUM);
}

void fault_run(const char *name, fault_scenario *scenario, void *context)
{
    run_with(name, "each and all after it failed", memory_fail_after, scenario, context);
    run_with(name, "each failed alone", memory_fail_once, scenario, context);
}

int fault_end(void)
{
    printf("1..%u\n", results.count);
    return results.failed == 0 ? 0 : 1;
}
