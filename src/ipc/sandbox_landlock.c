/* SPDX-License-Identifier: EUPL-1.2
 *
 * Landlock by system call. What can be restricted grows with the kernel's ABI, and a kernel refuses a ruleset with
 * rights that it does not know: the ABI is asked first. The constants are here because the headers of Debian 12 know
 * ABI 2 only.
 */
#include "ipc/sandbox_internal.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ASK_VERSION = 1, RULE_PATH_BENEATH = 1, ABI_HIGHEST = 6 };

enum right {
    EXECUTE = 1 << 0,
    WRITE_FILE = 1 << 1,
    READ_FILE = 1 << 2,
    READ_DIR = 1 << 3,
    REMOVE_DIR = 1 << 4,
    REMOVE_FILE = 1 << 5,
    MAKE_CHAR = 1 << 6,
    MAKE_DIR = 1 << 7,
    MAKE_REG = 1 << 8,
    MAKE_SOCK = 1 << 9,
    MAKE_FIFO = 1 << 10,
    MAKE_BLOCK = 1 << 11,
    MAKE_SYM = 1 << 12,
    REFER = 1 << 13,
    TRUNCATE = 1 << 14,
    IOCTL_DEV = 1 << 15,
};

enum {
    RIGHTS_1 = (1 << 13) - 1,
    RIGHTS_ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV,
    READING = READ_FILE | READ_DIR,
    WRITING = READING | WRITE_FILE | REMOVE_FILE | REMOVE_DIR | MAKE_REG | MAKE_DIR | REFER | TRUNCATE,
};

/* struct landlock_ruleset_attr of ABI 6; older kernels take it as long as what they do not know is zero. */
struct ruleset {
    uint64_t files;
    uint64_t network; /* bind and connect by TCP */
    uint64_t scoped;  /* abstract Unix sockets and signals to processes outside */
};

struct path_rule {
    uint64_t allowed;
    int32_t folder;
} __attribute__((packed));

/** What each ABI added. */
static const struct ruleset by_abi[ABI_HIGHEST + 1] = {
    [1] = {RIGHTS_1, 0, 0}, [2] = {REFER, 0, 0},     [3] = {TRUNCATE, 0, 0},
    [4] = {0, 3, 0},        [5] = {IOCTL_DEV, 0, 0}, [6] = {0, 0, 3},
};

static struct ruleset all_of(int abi, bool network)
{
    struct ruleset all = {0};
    for (int i = 1; i <= abi && i <= ABI_HIGHEST; i++) {
        all.files |= by_abi[i].files;
        if (!network) all.network |= by_abi[i].network;
        if (!network) all.scoped |= by_abi[i].scoped;
    }
    return all;
}

static rfd_status allow_path(int rules, const char *path, uint64_t rights, struct rfd_error *error)
{
    struct stat st;
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES)) return RFD_OK;
    if (fd < 0 || fstat(fd, &st) != 0) return error_errno(error, RFD_E_INTERNAL, errno, "sandbox: %s", path);
    struct path_rule rule = {S_ISDIR(st.st_mode) ? rights : rights & RIGHTS_ON_FILES, fd};
    long result = syscall(SYS_landlock_add_rule, rules, RULE_PATH_BENEATH, &rule, 0);
    int code = errno;
    (void)close(fd);
    return result == 0 ? RFD_OK : error_errno(error, RFD_E_INTERNAL, code, "Landlock: %s", path);
}

static rfd_status allow_paths(int rules, const char *const *paths, uint64_t rights, struct rfd_error *error)
{
    for (; paths != NULL && *paths != NULL; paths++) TRY(allow_path(rules, *paths, rights, error));
    return RFD_OK;
}

static rfd_status restrict_to(const struct sandbox *sandbox, int abi, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    struct ruleset all = all_of(abi, (sandbox->calls & SANDBOX_NETWORK) != 0);
    int rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
    if (rules < 0) return error_errno(error, RFD_E_INTERNAL, errno, "Landlock: ruleset");
    TRY_OUT(allow_paths(rules, sandbox->read_paths, READING & all.files, error));
    TRY_OUT(allow_paths(rules, sandbox->write_paths, WRITING & all.files, error));
    if (syscall(SYS_landlock_restrict_self, rules, 0) != 0)
        status = error_errno(error, RFD_E_INTERNAL, errno, "Landlock");
out:
    (void)close(rules);
    return status;
}

rfd_status sandbox_restrict_files(const struct sandbox *sandbox, int *abi, struct rfd_error *error)
{
    /* ENOSYS: not in this kernel; EOPNOTSUPP: switched off; EPERM: a container's filter. */
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
    if (version <= 0) {
        *abi = 0;
        return RFD_OK;
    }
    TRY(restrict_to(sandbox, (int)version, error));
    *abi = (int)version;
    return RFD_OK;
}
