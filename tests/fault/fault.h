/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the tests of failing allocations share: a scenario is run again and again, its first allocation failing, then
 * its second, until it runs without meeting the failure; alone, and with all that follow. Each run has to end well or
 * say that there is no memory. Leaks are for the sanitizer's eyes; the programs are made to run on that build.
 */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

#include <refrenda/base.h>

/**
 * One run. RFD_OK or how it failed; a run that "succeeds" with a wrong result says so with fault_wrong() and returns
 * RFD_E_INTERNAL.
 */
typedef rfd_status fault_scenario(void *context, struct rfd_error *error);

/** Runs the scenario as described, in both ways, and reports each as a TAP result. */
void fault_run(const char *name, fault_scenario *scenario, void *context);
/** A TAP result of another kind of test. */
void fault_report(const char *name, bool good);
/** Tells on standard output what was wrong, as a TAP comment. */
rfd_status fault_wrong(struct rfd_error *error, const char *what);
/** Prints the plan; what main returns. */
int fault_end(void);

#endif
