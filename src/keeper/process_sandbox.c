/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/process_sandbox.h"

#include "base/error.h"
#include "ipc/sandbox.h"

#include <openssl/crypto.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/resource.h>

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

static rfd_status refuse_sockets(struct rfd_error *error)
{
    static const int calls[] = {
        SCMP_SYS(socket),   SCMP_SYS(socketpair), SCMP_SYS(connect),  SCMP_SYS(bind),       SCMP_SYS(listen),
        SCMP_SYS(accept),   SCMP_SYS(accept4),    SCMP_SYS(sendto),   SCMP_SYS(sendmsg),    SCMP_SYS(sendmmsg),
        SCMP_SYS(recvfrom), SCMP_SYS(recvmmsg),   SCMP_SYS(shutdown), SCMP_SYS(setsockopt),
    };
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == NULL) return error_memory(error);
    int result = 0;
    for (size_t i = 0; i < sizeof calls / sizeof *calls && result == 0; i++)
        result = seccomp_rule_add_array(filter, SCMP_ACT_KILL_PROCESS, calls[i], 0, NULL);
    if (result == 0) result = seccomp_load(filter);
    seccomp_release(filter);
    return result == 0 ? RFD_OK : error_errno(error, RFD_E_INTERNAL, -result, "seccomp");
}

rfd_status process_enter_sandbox(const char *store, struct rfd_error *error)
{
    const char *const paths[] = {store, NULL};
    const struct sandbox sandbox = {.calls = SANDBOX_READ_FILES | SANDBOX_WRITE_FILES | SANDBOX_NETWORK,
                                    .write_paths = paths,
                                    .open_without_landlock = true,
                                    .limits = {.file_size = UINT64_MAX, .files = DESCRIPTORS}};
    TRY(refuse_sockets(error));
    return sandbox_enter(&sandbox, NULL, error);
}
