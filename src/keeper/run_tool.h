/* SPDX-License-Identifier: EUPL-1.2
 *
 * Running another program with octets on its standard input and taking what it writes.
 */
#ifndef KEEPER_RUN_TOOL_H
#define KEEPER_RUN_TOOL_H

#include "base/buf.h"

enum { RUN_TOOL_INPUT = 4096 };

/** `arguments` ends with NULL; the first one is looked for in $PATH. `input`, at most RUN_TOOL_INPUT octets, is its
 * standard input; what it writes is appended to `output` (NULL: thrown away) and wiped on the way; its messages are
 * ours. RFD_E_INTERNAL when it cannot be run or says no; RFD_E_LIMIT when it writes too much. */
rfd_status run_tool(const char *const *arguments, slice input, struct buf *output,
                    struct rfd_error *error) RFD_MUST_CHECK;

#endif
