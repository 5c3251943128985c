/* SPDX-License-Identifier: EUPL-1.2
 *
 * Whether what is sent to an address stays on this machine, so that it needs no encryption.
 */
#ifndef JOBS_THIS_MACHINE_H
#define JOBS_THIS_MACHINE_H

#include <stdbool.h>

/** "smtp://localhost:25", "http://[::1]:80/x". */
bool is_this_machine(const char *address);

#endif
