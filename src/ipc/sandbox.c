/* SPDX-License-Identifier: EUPL-1.2 */
#include "ipc/sandbox_internal.h"

#include "base/error.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NOBODY = 65534 };

/** In a container whose user table lacks nobody this is refused, and root there is no more than a user outside. */
static bool drop_root(void)
{
    if (geteuid() != 0) return false;
    if (setgroups(0, NULL) != 0) return false;
    return setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

rfd_status sandbox_drop_capabilities(struct rfd_error *error)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}};
    if (syscall(SYS_capset, &header, none) == 0) return RFD_OK;
    return error_errno(error, RFD_E_INTERNAL, errno, "giving up capabilities");
}

/** Never above what the process may have already. The hard limit of processor time is a second later than the soft one:
 * SIGXCPU tells more than SIGKILL. */
static rfd_status set_limit(__rlimit_resource_t resource, uint64_t value, const char *name, struct rfd_error *error)
{
    struct rlimit limit;
    uint64_t hard = resource == RLIMIT_CPU ? value + 1 : value;
    if (getrlimit(resource, &limit) != 0) return error_errno(error, RFD_E_INTERNAL, errno, "limit of %s", name);
    if (limit.rlim_max < hard) hard = limit.rlim_max;
    limit = (struct rlimit){value < hard ? value : hard, hard};
    if (setrlimit(resource, &limit) == 0) return RFD_OK;
    return error_errno(error, RFD_E_INTERNAL, errno, "limit of %s", name);
}

static rfd_status set_limits(const struct sandbox_limits *limits, struct rfd_error *error)
{
    const struct {
        __rlimit_resource_t resource;
        bool wanted;
        uint64_t value;
        const char *name;
    } rows[] = {
        {RLIMIT_CORE, true, 0, "core dumps"},
        {RLIMIT_FSIZE, true, limits->file_size, "file size"},
        {RLIMIT_AS, limits->memory != 0 && !SANDBOX_SANITIZED, limits->memory, "memory"},
        {RLIMIT_CPU, limits->seconds != 0, limits->seconds, "processor time"},
        {RLIMIT_NOFILE, limits->files != 0, limits->files, "descriptors"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].wanted) TRY(set_limit(rows[i].resource, rows[i].value, rows[i].name, error));
    }
    return RFD_OK;
}

static rfd_status close_doors(struct rfd_error *error)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return error_errno(error, RFD_E_INTERNAL, errno, "giving up new privileges");
    /* After a change of user: that resets it. */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return error_errno(error, RFD_E_INTERNAL, errno, "forbidding core dumps");
    return RFD_OK;
}

rfd_status sandbox_enter(const struct sandbox *sandbox, struct sandbox_report *report, struct rfd_error *error)
{
    struct sandbox_report result = {0};
    unsigned calls = sandbox->calls;
    result.dropped_root = drop_root();
    TRY(close_doors(error));
    TRY(set_limits(&sandbox->limits, error));
    TRY(sandbox_restrict_files(sandbox, &result.landlock, error));
    if (result.landlock == 0 && !sandbox->open_without_landlock)
        calls &= ~(unsigned)(SANDBOX_READ_FILES | SANDBOX_WRITE_FILES);
    TRY(sandbox_restrict_calls(calls, error));
    if (report != NULL) *report = result;
    return RFD_OK;
}
