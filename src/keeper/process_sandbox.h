/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the keeper may not do: no socket can be made, connected, bound or accepted, no descriptor sent; of files, its
 * store alone.
 */
#ifndef KEEPER_PROCESS_SANDBOX_H
#define KEEPER_PROCESS_SANDBOX_H

#include "base/slice.h"

/** Locks memory, and makes OpenSSL keep private numbers in a locked heap: before the first key is touched. */
rfd_status process_lock_memory(struct rfd_error *error) RFD_MUST_CHECK;
/** Leaves the process with the folder `store` and the descriptors that it has. */
rfd_status process_enter_sandbox(const char *store, struct rfd_error *error) RFD_MUST_CHECK;

#endif
