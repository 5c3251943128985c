/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/process_sandbox.h"

#include "base/error.h"
#include "ipc/sandbox.h"

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <sys/resource.h>

/* Sockets come over the control channel alone. */
enum {
    KEEPER_CALLS = SANDBOX_READ_FILES | SANDBOX_WRITE_FILES | SANDBOX_DESCRIPTORS | SANDBOX_SOCKETS_KILL |
                   SANDBOX_LOCK_MEMORY | SANDBOX_THREADS
};
enum { SECURE_HEAP = 2 << 20, SECURE_LEAST = 32, DESCRIPTORS = 256 };

rfd_status process_lock_memory(struct rfd_error *error)
{
    const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    struct rlimit limit;
    (void)setrlimit(RLIMIT_MEMLOCK, &unlimited); /* root may; for others the unit file says it */
    /* With a limit, memory that is asked for later would be refused when it is reached. */
    if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY)
        (void)mlockall(MCL_CURRENT | MCL_FUTURE);
    if (CRYPTO_secure_malloc_init(SECURE_HEAP, SECURE_LEAST) != 0) return RFD_OK; /* 2: there, but not locked */
    return error_set(error, RFD_E_INTERNAL, "no secure heap");
}

rfd_status process_enter_sandbox(const char *store, struct rfd_error *error)
{
    const char *const paths[] = {store, NULL};
    const struct sandbox sandbox = {.calls = KEEPER_CALLS,
                                    .write_paths = paths,
                                    .open_without_landlock = true,
                                    .limits = {.file_size = UINT64_MAX, .files = DESCRIPTORS}};
    return sandbox_enter(&sandbox, NULL, error);
}
