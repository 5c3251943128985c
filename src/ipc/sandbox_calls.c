/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which system calls a sandboxed process may make, as tables: always, and for each of the wishes in enum
 * sandbox_calls. An argument may be asked to have certain bits; rules for the same call are alternatives.
 */
#include "ipc/sandbox_internal.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* `refusal` is 0 (allowed) or the errno that the call gets. With `argument` at least 0: only when (argument & mask) ==
 * value. A call's rules must not contradict each other. */
struct call_rule {
    int number;
    int refusal;
    int argument;
    uint64_t mask, value;
};

#define ALLOW(call)                                                                                                    \
    {                                                                                                                  \
        SCMP_SYS(call), 0, -1, 0, 0                                                                                    \
    }
#define ALLOW_BITS(call, argument, mask, bits)                                                                         \
    {                                                                                                                  \
        SCMP_SYS(call), 0, argument, mask, bits                                                                        \
    }
#define ALLOW_VALUE(call, argument, value)                                                                             \
    {                                                                                                                  \
        SCMP_SYS(call), 0, argument, UINT64_MAX, value                                                                 \
    }
#define REFUSE(call, code)                                                                                             \
    {                                                                                                                  \
        SCMP_SYS(call), code, -1, 0, 0                                                                                 \
    }
#define REFUSE_BITS(call, code, argument, bits)                                                                        \
    {                                                                                                                  \
        SCMP_SYS(call), code, argument, bits, bits                                                                     \
    }
#define END                                                                                                            \
    {                                                                                                                  \
        -1, 0, -1, 0, 0                                                                                                \
    }

/* Flags of open() that change something. */
#define OPEN_CHANGES ((uint64_t)(O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY)))
#define OWN_PROCESS  UINT64_C(0x6f776e) /* stands for the number of this process in rules */

static const struct call_rule always[] = {
    /* Memory that is not code. */
    ALLOW(brk),
    ALLOW_BITS(mmap, 2, PROT_EXEC, 0),
    REFUSE_BITS(mmap, EACCES, 2, PROT_EXEC),
    ALLOW_BITS(mprotect, 2, PROT_EXEC, 0),
    REFUSE_BITS(mprotect, EACCES, 2, PROT_EXEC),
    ALLOW(munmap),
    ALLOW(mremap),
    ALLOW(madvise),
    /* Time, chance, locks, signals to oneself, the end. */
    ALLOW(clock_gettime),
    ALLOW(clock_getres),
    ALLOW(clock_nanosleep),
    ALLOW(nanosleep),
    ALLOW(gettimeofday),
    ALLOW(time),
    ALLOW(adjtimex), /* reading how well the clock is set; setting it takes a capability */
    ALLOW(clock_adjtime),
    ALLOW(getrandom),
    ALLOW(futex),
    ALLOW(sched_yield),
    ALLOW(sched_getaffinity),
    ALLOW(membarrier),
    ALLOW(rseq),
    ALLOW(set_robust_list),
    ALLOW(restart_syscall),
    ALLOW(rt_sigaction),
    ALLOW(rt_sigprocmask),
    ALLOW(rt_sigreturn),
    ALLOW(rt_sigtimedwait),
    ALLOW(sigaltstack),
    ALLOW_VALUE(tgkill, 0, OWN_PROCESS),
    ALLOW(exit),
    ALLOW(exit_group),
    /* Who and where one is. */
    ALLOW(getpid),
    ALLOW(gettid),
    ALLOW(getuid),
    ALLOW(geteuid),
    ALLOW(getgid),
    ALLOW(getegid),
    ALLOW(uname),
    ALLOW(sysinfo),
    ALLOW(getrusage),
    ALLOW(getrlimit),
    ALLOW_VALUE(prlimit64, 2, 0),
    REFUSE(prctl, EPERM),
    /* Descriptors that are open already. */
    ALLOW(read),
    ALLOW(readv),
    ALLOW(pread64),
    ALLOW(write),
    ALLOW(writev),
    ALLOW(pwrite64),
    ALLOW(lseek),
    ALLOW(fadvise64),
    ALLOW(fstat),
    ALLOW_BITS(newfstatat, 3, AT_EMPTY_PATH, AT_EMPTY_PATH),
    ALLOW(close),
    ALLOW(dup),
    ALLOW(poll),
    ALLOW(ppoll),
    ALLOW(select),
    ALLOW(pselect6),
    ALLOW_VALUE(fcntl, 1, F_GETFD),
    ALLOW_VALUE(fcntl, 1, F_SETFD),
    ALLOW_VALUE(fcntl, 1, F_GETFL),
    ALLOW_VALUE(fcntl, 1, F_GET_SEALS),
    ALLOW_VALUE(fcntl, 1, F_DUPFD),
    ALLOW_VALUE(fcntl, 1, F_DUPFD_CLOEXEC),
    /* Is it a terminal? It never is. */
    REFUSE(ioctl, ENOTTY),
    END,
};

static const struct call_rule reading[] = {
    ALLOW_BITS(open, 1, OPEN_CHANGES, O_RDONLY),
    ALLOW_BITS(openat, 2, OPEN_CHANGES, O_RDONLY),
    ALLOW(stat),
    ALLOW(lstat),
    ALLOW(newfstatat),
    ALLOW(statx),
    ALLOW(statfs),
    ALLOW(fstatfs),
    ALLOW(access),
    ALLOW(faccessat),
    ALLOW(readlink),
    ALLOW(readlinkat),
    ALLOW(getdents64),
    ALLOW(getcwd),
    END,
};

/* In their place, when files may not be read. */
static const struct call_rule not_reading[] = {
    REFUSE(open, EACCES),       REFUSE(openat, EACCES), REFUSE(stat, EACCES),      REFUSE(lstat, EACCES),
    REFUSE(statx, ENOSYS),      REFUSE(access, EACCES), REFUSE(faccessat, EACCES), REFUSE(readlink, EACCES),
    REFUSE(readlinkat, EACCES), REFUSE(getcwd, EACCES), REFUSE(statfs, EACCES),    END,
};

static const struct call_rule writing[] = {
    ALLOW(open),
    ALLOW(openat),
    ALLOW(creat),
    ALLOW(ftruncate),
    ALLOW(fallocate),
    ALLOW(copy_file_range), /* signed documents: base/output.c */
    ALLOW(fsync),
    ALLOW(fdatasync),
    ALLOW(unlink),
    ALLOW(unlinkat),
    ALLOW(rename),
    ALLOW(renameat),
    ALLOW(renameat2),
    ALLOW(mkdir),
    ALLOW(mkdirat),
    ALLOW(rmdir),
    ALLOW(link),
    ALLOW(linkat),
    ALLOW(utimensat),
    ALLOW(flock),
    ALLOW_VALUE(fcntl, 1, F_GETLK),
    ALLOW_VALUE(fcntl, 1, F_SETLK),
    ALLOW_VALUE(fcntl, 1, F_SETLKW),
    /* SQLite gives its files the database's mode and, as root, owner. */
    ALLOW(fchmod),
    ALLOW(fchown),
    END,
};

static const struct call_rule not_writing[] = {
    REFUSE_BITS(open, EACCES, 1, O_WRONLY),
    REFUSE_BITS(open, EACCES, 1, O_RDWR),
    REFUSE_BITS(open, EACCES, 1, O_CREAT),
    REFUSE_BITS(open, EACCES, 1, O_TRUNC),
    REFUSE_BITS(openat, EACCES, 2, O_WRONLY),
    REFUSE_BITS(openat, EACCES, 2, O_RDWR),
    REFUSE_BITS(openat, EACCES, 2, O_CREAT),
    REFUSE_BITS(openat, EACCES, 2, O_TRUNC),
    END,
};

/* What fontconfig does to its caches, and others to their lock files, without needing it. */
static const struct call_rule never_changing[] = {
    REFUSE(unlink, EACCES), REFUSE(unlinkat, EACCES),  REFUSE(rename, EACCES),
    REFUSE(mkdir, EACCES),  REFUSE(mkdirat, EACCES),   REFUSE(link, EACCES),
    REFUSE(chmod, EACCES),  REFUSE(utimensat, EACCES), END,
};

static const struct call_rule network[] = {
    ALLOW_VALUE(socket, 0, AF_UNIX),
    ALLOW_VALUE(socket, 0, AF_INET),
    ALLOW_VALUE(socket, 0, AF_INET6),
    ALLOW_VALUE(socket, 0, AF_NETLINK), /* which addresses there are: getaddrinfo() */
    ALLOW(socketpair),
    ALLOW(connect),
    ALLOW(bind),
    ALLOW(listen),
    ALLOW(accept),
    ALLOW(accept4),
    ALLOW(sendto),
    ALLOW(recvfrom),
    ALLOW(sendmsg),
    ALLOW(recvmsg),
    ALLOW(sendfile),
    ALLOW(sendmmsg),
    ALLOW(recvmmsg),
    ALLOW(shutdown),
    ALLOW(getsockname),
    ALLOW(getpeername),
    ALLOW(getsockopt),
    ALLOW(setsockopt),
    ALLOW(epoll_create1),
    ALLOW(epoll_ctl),
    ALLOW(epoll_wait),
    ALLOW(epoll_pwait),
    ALLOW(eventfd2),
    ALLOW_VALUE(fcntl, 1, F_SETFL),
    END,
};

/* What of it a process needs that gets its sockets from others. */
static const struct call_rule descriptors[] = {ALLOW(recvmsg), ALLOW(getsockopt), ALLOW_VALUE(fcntl, 1, F_SETFL), END};

/* Asking for a user's or host's name must fail, not kill. */
static const struct call_rule no_network[] = {REFUSE(socket, EPERM), REFUSE(connect, EPERM), END};

/* clone() of a thread in this process; clone3() hides its flags and is answered as if it did not exist. */
enum { THREAD_FLAGS = 0x00010f00 /* CLONE_VM | FS | FILES | SIGHAND | THREAD */ };
static const struct call_rule threads[] = {ALLOW_BITS(clone, 0, THREAD_FLAGS, THREAD_FLAGS), END};
static const struct call_rule no_threads[] = {REFUSE(clone, EPERM), END};

_Static_assert((SANDBOX_READ_FILES ^ SANDBOX_WRITE_FILES ^ SANDBOX_NETWORK ^ SANDBOX_THREADS ^ SANDBOX_DESCRIPTORS ^
                SANDBOX_SOCKETS_KILL ^ SANDBOX_LOCK_MEMORY ^ SANDBOX_MEMORY_FILES) == 255,
               "each wish has a bit of its own");

static const struct call_rule locking[] = {ALLOW(mlock), ALLOW(munlock), END};
static const struct call_rule nothing[] = {END};

static const struct call_rule memory_files[] = {
    ALLOW(memfd_create), ALLOW(ftruncate), ALLOW_VALUE(fcntl, 1, F_ADD_SEALS), ALLOW_VALUE(fcntl, 1, F_GET_SEALS), END};
static const struct call_rule no_memory_files[] = {REFUSE(memfd_create, EPERM), END};

/** Which table comes with a wish, and which without. */
static const struct {
    unsigned wish;
    const struct call_rule *with, *without;
} wishes[] = {
    {SANDBOX_READ_FILES, reading, not_reading},
    {SANDBOX_NETWORK, network, nothing},
    {SANDBOX_NETWORK | SANDBOX_SOCKETS_KILL, nothing, no_network},
    {SANDBOX_DESCRIPTORS, descriptors, nothing},
    {SANDBOX_LOCK_MEMORY, locking, nothing},
    {SANDBOX_THREADS, threads, no_threads},
    {SANDBOX_MEMORY_FILES, memory_files, no_memory_files},
};

/* From here on come calls that are younger than Linux 5.1 on every machine; programs ask for them and fall back. */
enum { FIRST_YOUNG = 424, LAST_YOUNG = 599 };

static rfd_status add(scmp_filter_ctx filter, const struct call_rule *rule, struct rfd_error *error)
{
    uint32_t action = rule->refusal == 0 ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO((uint32_t)rule->refusal);
    uint64_t value = rule->value == OWN_PROCESS ? (uint64_t)getpid() : rule->value;
    struct scmp_arg_cmp condition = {(unsigned)rule->argument, SCMP_CMP_MASKED_EQ, rule->mask, value};
    int result = seccomp_rule_add_array(filter, action, rule->number, rule->argument < 0 ? 0 : 1, &condition);
    if (result == 0 || result == -EEXIST) return RFD_OK;
    return error_errno(error, RFD_E_INTERNAL, -result, "seccomp: rule for call %d", rule->number);
}

static rfd_status add_all(scmp_filter_ctx filter, const struct call_rule *rules, struct rfd_error *error)
{
    for (; rules->number != -1; rules++) TRY(add(filter, rules, error));
    return RFD_OK;
}

static rfd_status add_young(scmp_filter_ctx filter, struct rfd_error *error)
{
    for (int number = FIRST_YOUNG; number <= LAST_YOUNG; number++) {
        const struct call_rule rule = {number, ENOSYS, -1, 0, 0};
        TRY(add(filter, &rule, error));
    }
    return RFD_OK;
}

static rfd_status add_files(scmp_filter_ctx filter, unsigned calls, struct rfd_error *error)
{
    if ((calls & SANDBOX_WRITE_FILES) != 0) return add_all(filter, writing, error);
    if ((calls & SANDBOX_READ_FILES) != 0) TRY(add_all(filter, not_writing, error));
    return add_all(filter, never_changing, error);
}

static rfd_status fill(scmp_filter_ctx filter, unsigned calls, struct rfd_error *error)
{
    TRY(add_all(filter, always, error));
    for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++)
        TRY(add_all(filter, (calls & wishes[i].wish) != 0 ? wishes[i].with : wishes[i].without, error));
    TRY(add_files(filter, calls, error));
    return add_young(filter, error);
}

rfd_status sandbox_restrict_calls(unsigned calls, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    if ((calls & SANDBOX_WRITE_FILES) != 0) calls |= SANDBOX_READ_FILES;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL) return error_memory(error);
    TRY_OUT(fill(filter, calls, error));
    int result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (result == 0) result = seccomp_load(filter);
    if (result != 0) status = error_errno(error, RFD_E_INTERNAL, -result, "seccomp");
out:
    seccomp_release(filter);
    return status;
}
