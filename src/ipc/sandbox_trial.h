/* SPDX-License-Identifier: EUPL-1.2
 *
 * For tests: what a process in its sandbox can still do. A child enters the sandbox and tries one thing; the kernel
 * must kill it or refuse. Things that only some processes may do are named for each of them, so that a table of
 * processes and names says who may do what, and a right that is given by mistake fails the test.
 */
#ifndef IPC_SANDBOX_TRIAL_H
#define IPC_SANDBOX_TRIAL_H

#include "base/buf.h"

enum sandbox_outcome {
    SANDBOX_DONE,    /* the kernel let it through, whatever came of it */
    SANDBOX_REFUSED, /* an error that says so */
    SANDBOX_KILLED,  /* by SIGSYS */
    SANDBOX_BROKEN,  /* the child ended otherwise, or there is nothing of this name */
};
/** "done", ... */
const char *sandbox_outcome_name(enum sandbox_outcome outcome);

/** Enters the sandbox, with what comes before it; 0 when that worked. Called in the child. */
typedef int sandbox_trial_enter(void *context);

/** Tries one thing ("make-internet-socket"; sandbox_trial.c has the list) in a child. With one thread only. */
enum sandbox_outcome sandbox_trial(const char *name, sandbox_trial_enter *enter, void *context);

/** Tries all. What is in `allowed` (ends with NULL) must be done, everything else must not. Returns how many are
 * otherwise, and appends a line for each of them. */
size_t sandbox_trial_all(const char *who, const char *const *allowed, sandbox_trial_enter *enter, void *context,
                         struct buf *report);

#endif
