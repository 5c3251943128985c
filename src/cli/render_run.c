/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/render_run.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PIECE = 1 << 16, FIRST_OTHER_DESCRIPTOR = 4, MILLISECOND = 1000000, THOUSAND = 1000, ENVIRONMENT_MAXIMUM = 16 };

extern char **environ;

/** What may matter to how the loader and the font library find their files; nothing else is handed on. */
static const char *const kept_variables[] = {"LD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH",
                                             "ASAN_OPTIONS",    "UBSAN_OPTIONS",   "TSAN_OPTIONS"};

struct child {
    pid_t process;
    int output, complaint;
    int64_t deadline; /* milliseconds of the monotonic clock */
};

static int64_t now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * THOUSAND + t.tv_nsec / MILLISECOND;
}

static void close_both(const int ends[2])
{
    if (ends[0] >= 0) (void)close(ends[0]);
    if (ends[1] >= 0) (void)close(ends[1]);
}

static bool is_kept(const char *variable)
{
    for (size_t i = 0; i < sizeof kept_variables / sizeof *kept_variables; i++) {
        size_t length = strlen(kept_variables[i]);
        if (strncmp(variable, kept_variables[i], length) == 0 && variable[length] == '=') return true;
    }
    return false;
}

static void small_environment(char *environment[ENVIRONMENT_MAXIMUM])
{
    static char language[] = "LC_ALL=C.UTF-8";
    size_t count = 0;
    environment[count++] = language;
    for (char **at = environ; at != NULL && *at != NULL && count < ENVIRONMENT_MAXIMUM - 1; at++) {
        if (is_kept(*at)) environment[count++] = *at;
    }
    environment[count] = NULL;
}

/** Where each descriptor of ours goes; the order keeps one from overwriting another that is still needed. */
static int connect_streams(posix_spawn_file_actions_t *actions, const struct render_run *run, int output, int complaint)
{
    int failed = posix_spawn_file_actions_adddup2(actions, run->input, STDIN_FILENO);
    if (failed == 0) failed = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
    if (failed == 0) failed = posix_spawn_file_actions_adddup2(actions, complaint, STDERR_FILENO);
    if (failed == 0 && run->extra >= 0)
        failed = posix_spawn_file_actions_adddup2(actions, run->extra, FIRST_OTHER_DESCRIPTOR - 1);
    int first = run->extra >= 0 ? FIRST_OTHER_DESCRIPTOR : FIRST_OTHER_DESCRIPTOR - 1;
    return failed == 0 ? posix_spawn_file_actions_addclosefrom_np(actions, first) : failed;
}

/** Signals as a fresh process has them, whatever this one ignores or blocks. */
static int plain_signals(posix_spawnattr_t *attributes)
{
    sigset_t all, none;
    (void)sigfillset(&all);
    (void)sigemptyset(&none);
    int failed = posix_spawnattr_setsigdefault(attributes, &all);
    if (failed == 0) failed = posix_spawnattr_setsigmask(attributes, &none);
    return failed != 0 ? failed : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

static int spawn(const struct render_run *run, int output, int complaint, pid_t *process)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char *environment[ENVIRONMENT_MAXIMUM];
    small_environment(environment);
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed != 0) return failed;
    failed = posix_spawnattr_init(&attributes);
    if (failed == 0) {
        failed = connect_streams(&actions, run, output, complaint);
        if (failed == 0) failed = plain_signals(&attributes);
        if (failed == 0)
            failed = posix_spawn(process, run->program, &actions, &attributes, (char *const *)(uintptr_t)run->arguments,
                                 environment);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/** A pipe whose ends are above the descriptors that the child's streams take. */
static bool high_pipe(int ends[2])
{
    int low[2];
    if (pipe2(low, O_CLOEXEC) != 0) return false;
    for (int i = 0; i < 2; i++) ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, FIRST_OTHER_DESCRIPTOR);
    close_both(low);
    return ends[0] >= 0 && ends[1] >= 0;
}

static rfd_status start(const struct render_run *run, struct child *child, struct rfd_error *error)
{
    int output[2] = {-1, -1};
    int complaint[2] = {-1, -1};
    int failed = high_pipe(output) && high_pipe(complaint) ? 0 : errno;
    if (failed == 0) failed = spawn(run, output[1], complaint[1], &child->process);
    if (failed != 0) {
        close_both(output);
        close_both(complaint);
        return error_errno(error, RFD_E_RENDER, failed, "%s", run->program);
    }
    (void)close(output[1]);
    (void)close(complaint[1]);
    child->output = output[0];
    child->complaint = complaint[0];
    return RFD_OK;
}

/** Reads what is there and keeps what fits; false at the end, or when it is too much and `strict` says that this
 * matters. */
static bool take(int fd, struct buf *to, bool strict)
{
    uint8_t piece[PIECE];
    ssize_t got = read(fd, piece, sizeof piece);
    if (got < 0) return errno == EINTR || errno == EAGAIN;
    if (got == 0) return false;
    size_t room = to->maximum - to->length;
    buf_put(to, piece, strict || (size_t)got < room ? (size_t)got : room);
    return buf_status(to) == RFD_OK;
}

/** Reads both streams to their ends; false when the deadline came first. */
static bool pump(const struct child *child, const struct render_run *run)
{
    struct pollfd streams[2] = {{child->output, POLLIN, 0}, {child->complaint, POLLIN, 0}};
    while (streams[0].fd >= 0 || streams[1].fd >= 0) {
        int64_t left = child->deadline - now();
        if (left <= 0) return false;
        if (poll(streams, 2, (int)(left < INT_MAX ? left : INT_MAX)) < 0 && errno != EINTR) return false;
        if (streams[0].revents != 0 && !take(streams[0].fd, run->output, true)) streams[0].fd = -1;
        if (streams[1].revents != 0 && !take(streams[1].fd, run->complaint, false)) streams[1].fd = -1;
        if (buf_status(run->output) != RFD_OK) return true;
        streams[0].revents = streams[1].revents = 0;
    }
    return true;
}

/** Waits until the deadline for a process that should be about to end. */
static bool ended(const struct child *child, int *state)
{
    static const struct timespec pause = {0, MILLISECOND};
    for (;;) {
        pid_t who = waitpid(child->process, state, WNOHANG);
        if (who == child->process) return true;
        if (who < 0 && errno != EINTR) return false;
        if (now() >= child->deadline) return false;
        (void)nanosleep(&pause, NULL);
    }
}

static int stop(const struct child *child)
{
    int state = 0;
    (void)kill(child->process, SIGKILL);
    while (waitpid(child->process, &state, 0) < 0 && errno == EINTR) continue;
    return state;
}

rfd_status render_run(const struct render_run *run, struct render_end *end, struct rfd_error *error)
{
    struct child child = {.deadline = now() + (int64_t)run->seconds * THOUSAND};
    int state = 0;
    TRY(start(run, &child, error));
    bool in_time = pump(&child, run);
    bool too_much = buf_status(run->output) != RFD_OK;
    if (!in_time || too_much || !ended(&child, &state)) {
        state = stop(&child);
        in_time = in_time && too_much;
    }
    (void)close(child.output);
    (void)close(child.complaint);
    *end = (struct render_end){
        .timed_out = !in_time,
        .too_much = too_much,
        .status = WIFEXITED(state) ? WEXITSTATUS(state) : -1,
        .signal = WIFSIGNALED(state) ? WTERMSIG(state) : 0,
    };
    return RFD_OK;
}
