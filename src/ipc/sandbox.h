/* SPDX-License-Identifier: EUPL-1.2
 *
 * Giving up rights before looking at what strangers sent. A process says once what it will still need; from then on
 * the kernel refuses the rest, whatever becomes of the program:
 *
 *   - identity: root becomes nobody; no new privileges by execve(); no core dumps, no tracing by others
 *   - limits:   memory, processor time, descriptors, file sizes (setrlimit)
 *   - files:    Landlock, down to the paths named
 *   - calls:    a seccomp allow-list. A call that is not on it kills the process, but for those that libraries try and
 *               can do without, which get an error: calls of newer kernels (ENOSYS, so that the C library falls back)
 *               and some old ones (EACCES, EPERM)
 *
 * Where the kernel has no Landlock, seccomp alone has to do; it cannot tell paths, so that opening files is then
 * refused altogether unless the process insists. Call it while there is one thread: Landlock holds for the calling
 * thread and those that it starts.
 */
#ifndef IPC_SANDBOX_H
#define IPC_SANDBOX_H

#include "base/slice.h"

/** What a process may do beyond computing, using the descriptors that it has, and ending. */
enum sandbox_calls {
    SANDBOX_READ_FILES = 1,  /* below read_paths and write_paths */
    SANDBOX_WRITE_FILES = 2, /* below write_paths */
    SANDBOX_NETWORK = 4,
    SANDBOX_THREADS = 8,
    SANDBOX_DESCRIPTORS = 16,  /* taking descriptors that come over sockets that are there; part of the network */
    SANDBOX_SOCKETS_KILL = 32, /* without the network, asking for a socket kills; else it gets an error */
    SANDBOX_LOCK_MEMORY = 64,
    SANDBOX_MEMORY_FILES = 128, /* make and seal memory files, to hand large things to other processes */
};

struct sandbox_limits {
    uint64_t memory;    /* bytes of address space; 0: no limit. Not set when built with a sanitizer */
    uint64_t file_size; /* bytes; 0: no file may grow */
    unsigned seconds;   /* of processor time; 0: no limit */
    unsigned files;     /* descriptors open at once; 0: no limit */
};

struct sandbox {
    unsigned calls; /* of enum sandbox_calls */
    const char *const
        *read_paths; /* files and folders with all below; ends with NULL; what does not exist is skipped */
    const char *const *write_paths; /* the same; may be NULL, as may read_paths */
    bool open_without_landlock;     /* where there is no Landlock, let it open any file its user may open */
    struct sandbox_limits limits;
};

/** What was achieved. */
struct sandbox_report {
    int landlock;      /* the kernel's ABI that was used; 0: none */
    bool dropped_root; /* was root and is not any more */
};

/** For processes of root whose files are root's: user 0 without a single capability can do what the owner of these
 * files can, and nothing that only root can; sandbox_enter() leaves it that user. */
rfd_status sandbox_drop_capabilities(struct rfd_error *error) RFD_MUST_CHECK;
/** Enters the sandbox; there is no way back. On failure the process is partly locked in and should end. */
rfd_status sandbox_enter(const struct sandbox *sandbox, struct sandbox_report *report,
                         struct rfd_error *error) RFD_MUST_CHECK;

#endif
