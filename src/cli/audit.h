/* SPDX-License-Identifier: EUPL-1.2
 *
 * The commands that look at what was written down: "refrenda audit ..." inside, "refrenda log ..." from outside.
 */
#ifndef CLI_AUDIT_H
#define CLI_AUDIT_H

#include "cli/command.h"

int audit_verify_run(const struct arguments *a); /* audit.c */
int audit_list_run(const struct arguments *a);
int log_verify(const struct arguments *a); /* log_verify.c */

#endif
