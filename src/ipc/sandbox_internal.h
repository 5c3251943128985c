/* SPDX-License-Identifier: EUPL-1.2
 *
 * The parts of a sandbox, in the order in which they are put up.
 */
#ifndef IPC_SANDBOX_INTERNAL_H
#define IPC_SANDBOX_INTERNAL_H

#include "ipc/sandbox.h"

/* Sanitizers reserve terabytes of addresses: such builds cannot limit memory. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANDBOX_SANITIZED = true };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { SANDBOX_SANITIZED = true };
#else
enum { SANDBOX_SANITIZED = false };
#endif
#else
enum { SANDBOX_SANITIZED = false };
#endif

/** sandbox_landlock.c: `abi` is 0 where the kernel has none. */
rfd_status sandbox_restrict_files(const struct sandbox *sandbox, int *abi, struct rfd_error *error) RFD_MUST_CHECK;

/** sandbox_calls.c: `calls` of enum sandbox_calls. */
rfd_status sandbox_restrict_calls(unsigned calls, struct rfd_error *error) RFD_MUST_CHECK;

#endif
