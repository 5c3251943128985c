/* SPDX-License-Identifier: EUPL-1.2
 *
 * Running a program with its three streams connected, without a shell, without its output filling pipes that nobody
 * reads, and not for longer than allowed.
 */
#ifndef CLI_RENDER_RUN_H
#define CLI_RENDER_RUN_H

#include "base/buf.h"

struct render_run {
    const char *program;          /* a path */
    const char *const *arguments; /* the program's name first; ends with NULL */
    int input;                    /* becomes descriptor 0 */
    int extra;                    /* becomes descriptor 3, or -1 */
    unsigned seconds;             /* of real time */
    struct buf *output;           /* descriptor 1; more than its maximum stops the program */
    struct buf *complaint;        /* descriptor 2; what does not fit is thrown away */
};

/** How it ended. */
struct render_end {
    bool timed_out;
    bool too_much; /* output */
    int status;    /* exit status, or -1 */
    int signal;    /* that killed it, or 0 */
};

/** RFD_E_RENDER when it cannot be started. */
rfd_status render_run(const struct render_run *run, struct render_end *end, struct rfd_error *error) RFD_MUST_CHECK;

#endif
