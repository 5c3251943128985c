/* SPDX-License-Identifier: EUPL-1.2 */
#include "ipc/sandbox_trial.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, NOT_ENTERED = 250, REFUSED = 251 };

/* ---- What is tried; each returns 0 when it was done, or errno ---- */

static int answer(long result)
{
    return result < 0 ? errno : 0;
}

/* clang-format off */
#define ATTEMPT(name, call) static int name(void) { return answer(call); }
ATTEMPT(read_password_file, open("/etc/passwd", O_RDONLY | O_CLOEXEC))
ATTEMPT(read_shadow_file, open("/etc/shadow", O_RDONLY | O_CLOEXEC))
ATTEMPT(read_own_memory, open("/proc/self/mem", O_RDONLY | O_CLOEXEC))
ATTEMPT(read_environment, open("/proc/self/environ", O_RDONLY | O_CLOEXEC))
ATTEMPT(list_root, open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
ATTEMPT(make_file_in_tmp, open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600))
ATTEMPT(make_file_in_home, open("/root/refrenda-escaped", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600))
ATTEMPT(change_settings, open("/etc/hostname", O_WRONLY | O_CLOEXEC))
ATTEMPT(make_internet_socket, socket(AF_INET, SOCK_STREAM, 0))
ATTEMPT(make_unix_socket, socket(AF_UNIX, SOCK_STREAM, 0))
ATTEMPT(make_packet_socket, socket(AF_PACKET, SOCK_RAW, 0))
ATTEMPT(connect_socket, connect(STDIN_FILENO, NULL, 0))
ATTEMPT(bind_socket, bind(STDIN_FILENO, NULL, 0))
ATTEMPT(accept_connection, accept(STDIN_FILENO, NULL, NULL))
ATTEMPT(send_message, sendmsg(STDIN_FILENO, NULL, 0))
ATTEMPT(receive_message, recvmsg(STDIN_FILENO, NULL, 0))
ATTEMPT(run_program, syscall(SYS_execve, "/bin/true", NULL, NULL))
ATTEMPT(run_program_of_descriptor, syscall(SYS_execveat, STDIN_FILENO, "", NULL, NULL, AT_EMPTY_PATH))
ATTEMPT(make_process, syscall(SYS_fork))
ATTEMPT(trace_parent, ptrace(PTRACE_ATTACH, getppid(), NULL, NULL))
ATTEMPT(read_parent, syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0))
ATTEMPT(signal_parent, kill(getppid(), 0))
ATTEMPT(become_root, syscall(SYS_setuid, 0))
ATTEMPT(change_root, chroot("/tmp"))
ATTEMPT(mount_folder, mount("none", "/tmp", "tmpfs", 0, NULL))
ATTEMPT(make_namespace, syscall(SYS_unshare, 0x10000000))
ATTEMPT(load_kernel_program, syscall(SYS_bpf, 0, NULL, 0))
ATTEMPT(make_ring, syscall(SYS_io_uring_setup, 1, NULL))
ATTEMPT(ask_kernel_keys, syscall(SYS_keyctl, 0, 0, 0, 0, 0))
ATTEMPT(watch_performance, syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0))
ATTEMPT(handle_page_faults, syscall(SYS_userfaultfd, 0))
ATTEMPT(be_dumpable, prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
ATTEMPT(inject_into_terminal, syscall(SYS_ioctl, 0, 0x5412, "x"))
ATTEMPT(call_from_the_future, syscall(590))
ATTEMPT(change_time, syscall(SYS_clock_settime, 0, NULL))
ATTEMPT(restart_machine, syscall(SYS_reboot, 0, 0, 0, NULL))
/* clang-format on */

static int make_code(void)
{
    void *page = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? errno : 0;
}

static int make_code_of_data(void)
{
    void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? 0 : answer(mprotect(page, PAGE, PROT_READ | PROT_EXEC));
}

static int lock_memory(void)
{
    void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? 0 : answer(mlock(page, PAGE));
}

static int raise_limits(void)
{
    const struct rlimit limit = {1 << 20, 1 << 20};
    return answer(syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &limit, NULL));
}

static void *do_nothing(void *context)
{
    return context;
}

static int make_thread(void)
{
    pthread_t thread;
    int code = pthread_create(&thread, NULL, do_nothing, NULL);
    if (code == 0) (void)pthread_join(thread, NULL);
    return code == EAGAIN ? EPERM : code;
}

static const struct {
    const char *name;
    int (*attempt)(void);
} rows[] = {
    {"read-password-file", read_password_file},
    {"read-shadow-file", read_shadow_file},
    {"read-own-memory", read_own_memory},
    {"read-environment", read_environment},
    {"list-root", list_root},
    {"make-file-in-tmp", make_file_in_tmp},
    {"make-file-in-home", make_file_in_home},
    {"change-settings", change_settings},
    {"make-internet-socket", make_internet_socket},
    {"make-unix-socket", make_unix_socket},
    {"make-packet-socket", make_packet_socket},
    {"connect-socket", connect_socket},
    {"bind-socket", bind_socket},
    {"accept-connection", accept_connection},
    {"send-message", send_message},
    {"receive-message", receive_message},
    {"run-program", run_program},
    {"run-program-of-descriptor", run_program_of_descriptor},
    {"make-process", make_process},
    {"trace-parent", trace_parent},
    {"read-parent", read_parent},
    {"signal-parent", signal_parent},
    {"become-root", become_root},
    {"change-root", change_root},
    {"mount-folder", mount_folder},
    {"make-namespace", make_namespace},
    {"load-kernel-program", load_kernel_program},
    {"make-ring", make_ring},
    {"ask-kernel-keys", ask_kernel_keys},
    {"watch-performance", watch_performance},
    {"handle-page-faults", handle_page_faults},
    {"be-dumpable", be_dumpable},
    {"inject-into-terminal", inject_into_terminal},
    {"call-from-the-future", call_from_the_future},
    {"change-time", change_time},
    {"restart-machine", restart_machine},
    {"make-code", make_code},
    {"make-code-of-data", make_code_of_data},
    {"lock-memory", lock_memory},
    {"raise-limits", raise_limits},
    {"make-thread", make_thread},
};

enum { ROWS = sizeof rows / sizeof *rows };

/* ---- Trying ---- */

/** What the kernel and its filters answer to what may not be. */
static bool is_refusal(int code)
{
    return code == EACCES || code == EPERM || code == ENOSYS || code == ENOTTY;
}

static size_t find(const char *name)
{
    size_t at = 0;
    while (at < ROWS && strcmp(rows[at].name, name) != 0) at++;
    return at;
}

static enum sandbox_outcome outcome_of(int how)
{
    if (WIFSIGNALED(how)) return WTERMSIG(how) == SIGSYS ? SANDBOX_KILLED : SANDBOX_BROKEN;
    if (WEXITSTATUS(how) == NOT_ENTERED) return SANDBOX_BROKEN;
    return WEXITSTATUS(how) == REFUSED ? SANDBOX_REFUSED : SANDBOX_DONE;
}

enum sandbox_outcome sandbox_trial(const char *name, sandbox_trial_enter *enter, void *context)
{
    int how = 0;
    size_t at = find(name);
    if (at == ROWS) return SANDBOX_BROKEN;
    pid_t pid = fork();
    if (pid == 0) {
        if (enter(context) != 0) _exit(NOT_ENTERED);
        _exit(is_refusal(rows[at].attempt()) ? REFUSED : 0);
    }
    if (pid < 0) return SANDBOX_BROKEN;
    while (waitpid(pid, &how, 0) < 0) {
        if (errno != EINTR) return SANDBOX_BROKEN;
    }
    return outcome_of(how);
}

const char *sandbox_outcome_name(enum sandbox_outcome outcome)
{
    static const char *const names[] = {"done", "refused", "killed", "broken"};
    return names[outcome];
}

static bool is_in(const char *const *names, const char *name)
{
    while (*names != NULL && strcmp(*names, name) != 0) names++;
    return *names != NULL;
}

size_t sandbox_trial_all(const char *who, const char *const *allowed, sandbox_trial_enter *enter, void *context,
                         struct buf *report)
{
    size_t wrong = 0;
    for (size_t i = 0; i < ROWS; i++) {
        enum sandbox_outcome outcome = sandbox_trial(rows[i].name, enter, context);
        bool may = is_in(allowed, rows[i].name);
        if (may ? outcome == SANDBOX_DONE : outcome == SANDBOX_REFUSED || outcome == SANDBOX_KILLED) continue;
        wrong++;
        buf_print(report, "%s: %s was %s\n", who, rows[i].name, sandbox_outcome_name(outcome));
    }
    return wrong;
}
