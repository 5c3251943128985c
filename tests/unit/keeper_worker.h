/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a worker under a supervisor does in tests: takes the sockets to its keeper as they come, and has log heads
 * signed.
 */
#ifndef TESTS_KEEPER_WORKER_H
#define TESTS_KEEPER_WORKER_H

#include "ipc/supervisor_child.h"
#include "keeper/protocol.h"

/** The next socket to a keeper; NULL when the supervisor is gone. */
struct channel *worker_next_keeper(struct supervised *self);
/** KEEPER_SIGN_LOG_HEAD by the key "log-1", the root all zeros. */
rfd_status worker_sign_head(struct channel *keeper, uint64_t size, unsigned milliseconds);

#endif
