/* SPDX-License-Identifier: EUPL-1.2
 *
 * Each probe runs in a process of its own that enters a sandbox and then tries something; the kernel's answer is
 * compared. The sandbox of refrenda-render is tried as root and as an ordinary user, with Landlock and on a kernel that
 * says it has none.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base_support.h"
#include "ipc/sandbox_internal.h"
#include "render/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, NOT_ENTERED = 250, MEBIBYTE = 1 << 20, SECONDS = 2, PAGE = 4096, OTHER_SIGNAL = 1000 };
#define RENDER_MEMORY ((uint64_t)1536 * MEBIBYTE)

static char font[400];            /* a file that the profile may read */
static volatile uint64_t nothing; /* for a loop that must not be optimised away */

/* ---- What is tried; each returns 0 or an errno ---- */

static int answer(long result)
{
    return result < 0 ? errno : 0;
}

/* clang-format off */
#define PROBE(name, call) static int name(void) { return answer(call); }
PROBE(open_password_file, open("/etc/passwd", O_RDONLY))
PROBE(open_font, open(font, O_RDONLY))
PROBE(open_own_memory, open("/proc/self/mem", O_RDONLY))
PROBE(open_environment, open("/proc/self/environ", O_RDONLY))
PROBE(open_to_write, open("/dev/null", O_WRONLY))
PROBE(open_font_to_write, open(font, O_RDWR))
PROBE(create_file, open("/tmp/refrenda-escaped", O_RDONLY | O_CREAT, 0600))
PROBE(create_unnamed_file, open("/tmp", O_RDWR | O_TMPFILE, 0600))
PROBE(remove_file, unlink("/tmp/refrenda-escaped"))
PROBE(list_root, open("/", O_RDONLY | O_DIRECTORY))
PROBE(make_socket, socket(AF_INET, SOCK_STREAM, 0))
PROBE(make_unix_socket, socket(AF_UNIX, SOCK_STREAM, 0))
PROBE(start_program, execl("/bin/true", "true", (char *)NULL))
PROBE(start_process, fork())
PROBE(start_process_newly, syscall(SYS_clone3, NULL, 0))
PROBE(trace_parent, ptrace(PTRACE_ATTACH, getppid(), NULL, NULL))
PROBE(peek_parent, syscall(SYS_process_vm_readv, 1, NULL, 0, NULL, 0, 0))
PROBE(signal_parent, kill(1, 0))
PROBE(signal_thread_of_parent, syscall(SYS_tgkill, 1, 1, 0))
PROBE(become_root, setuid(0))
PROBE(change_root, chroot("/tmp"))
PROBE(mount_folder, mount("none", "/tmp", "tmpfs", 0, NULL))
PROBE(new_namespace, syscall(SYS_unshare, 0x10000000))
PROBE(load_program, syscall(SYS_bpf, 0, NULL, 0))
PROBE(new_ring, syscall(SYS_io_uring_setup, 1, NULL))
PROBE(open_newly, syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", NULL, 0))
PROBE(ask_keys, syscall(SYS_keyctl, 0, 0, 0, 0, 0))
PROBE(call_from_the_future, syscall(590))
PROBE(call_from_beyond, syscall(1000))
PROBE(inject_into_terminal, syscall(SYS_ioctl, 0, 0x5412, "x"))
PROBE(write_where_it_may_not, open("must-not/new", O_WRONLY | O_CREAT, 0600))
PROBE(read_where_it_may, open("may/file", O_RDONLY))
/* clang-format on */

static int raise_limit(void)
{
    struct rlimit limit = {1000, 1000};
    return answer(setrlimit(RLIMIT_NOFILE, &limit));
}

static int map_code(void)
{
    void *page = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? errno : 0;
}

static int make_code_of_data(void)
{
    void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? errno : answer(mprotect(page, PAGE, PROT_READ | PROT_EXEC));
}

static int compute(void)
{
    void *memory = memory_zeroed(MEBIBYTE, 8);
    if (memory == NULL) return ENOMEM;
    memory_free(memory);
    if (getpid() <= 1) return EINVAL;
    return answer(write(STDOUT_FILENO, "", 0));
}

static int take_much_memory(void)
{
    void *page = mmap(NULL, RENDER_MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return page == MAP_FAILED ? errno : 0;
}

static int compute_forever(void)
{
    while (nothing != UINT64_MAX) nothing++;
    return 0;
}

static int give_up(void)
{
    abort();
}

static int who(void)
{
    return geteuid() == 0 ? EEXIST : 0;
}

#ifdef __x86_64__
/** The system calls of 32-bit programs have other numbers: 1 is exit there, write here. */
static int call_as_32_bit(void)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory");
    return result < 0 ? (int)-result : 0;
}
#endif

/* ---- What comes of it ---- */

typedef int trial_probe(void);

struct trial {
    const char *name;
    trial_probe *probe;
    int wanted; /* an errno, 0, or OTHER_SIGNAL + the signal that ends it */
    int without_landlock;
};

#define KILLED        (OTHER_SIGNAL + SIGSYS)
#define BOTH(outcome) outcome, outcome

static const struct trial trials[] = {
    {"computing", compute, BOTH(0)},
    {"being root", who, BOTH(0)},
    {"reading a font", open_font, 0, EACCES},
    {"reading /etc/passwd", open_password_file, BOTH(EACCES)},
    {"reading its own memory", open_own_memory, BOTH(EACCES)},
    {"reading its environment", open_environment, BOTH(EACCES)},
    {"listing the root folder", list_root, BOTH(EACCES)},
    {"writing to a device", open_to_write, BOTH(EACCES)},
    {"writing to a font", open_font_to_write, BOTH(EACCES)},
    {"making a file", create_file, BOTH(EACCES)},
    {"making an unnamed file", create_unnamed_file, BOTH(EACCES)},
    {"removing a file", remove_file, BOTH(EACCES)},
    {"an Internet socket", make_socket, BOTH(EPERM)},
    {"a local socket", make_unix_socket, BOTH(EPERM)},
    {"execve", start_program, BOTH(KILLED)},
    {"fork", start_process, BOTH(EPERM)},
    {"clone3", start_process_newly, BOTH(ENOSYS)},
    {"ptrace", trace_parent, BOTH(KILLED)},
    {"process_vm_readv", peek_parent, BOTH(KILLED)},
    {"kill", signal_parent, BOTH(KILLED)},
    {"tgkill of another process", signal_thread_of_parent, BOTH(KILLED)},
    {"setuid", become_root, BOTH(KILLED)},
    {"chroot", change_root, BOTH(KILLED)},
    {"mount", mount_folder, BOTH(KILLED)},
    {"unshare", new_namespace, BOTH(KILLED)},
    {"bpf", load_program, BOTH(KILLED)},
    {"io_uring", new_ring, BOTH(ENOSYS)},
    {"openat2", open_newly, BOTH(ENOSYS)},
    {"keyctl", ask_keys, BOTH(KILLED)},
    {"a call that does not exist yet", call_from_the_future, BOTH(ENOSYS)},
    {"a call far away", call_from_beyond, BOTH(KILLED)},
    {"typing into the terminal", inject_into_terminal, BOTH(ENOTTY)},
    {"raising a limit", raise_limit, BOTH(KILLED)},
    {"mapping code", map_code, BOTH(EACCES)},
    {"turning data into code", make_code_of_data, BOTH(EACCES)},
    {"abort", give_up, BOTH(OTHER_SIGNAL + SIGABRT)},
#ifdef __x86_64__
    {"a 32-bit call", call_as_32_bit, BOTH(KILLED)},
#endif
};

/** From now on the kernel says that it does not know Landlock. */
static bool hide_landlock(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool good = filter != NULL &&
                seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SYS_landlock_create_ruleset, 0) == 0 &&
                seccomp_load(filter) == 0;
    seccomp_release(filter);
    return good;
}

struct world {
    const char *name;
    bool ordinary_user, no_landlock;
};

struct errand {
    const struct sandbox *sandbox;
    const struct world *world;
    trial_probe *probe;
};

static int run_errand(void *context)
{
    const struct errand *e = context;
    struct sandbox_report report;
    if (e->world->ordinary_user && geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) != 0) return NOT_ENTERED;
    if (e->world->no_landlock && !hide_landlock()) return NOT_ENTERED;
    if (sandbox_enter(e->sandbox, &report, NULL) != RFD_OK) return NOT_ENTERED;
    if (e->world->no_landlock != (report.landlock == 0)) return NOT_ENTERED;
    return e->probe();
}

static int outcome(const struct sandbox *sandbox, const struct world *world, trial_probe *probe)
{
    struct errand errand = {sandbox, world, probe};
    int state = in_child(run_errand, &errand);
    return WIFSIGNALED(state) ? OTHER_SIGNAL + WTERMSIG(state) : WEXITSTATUS(state);
}

static bool has_landlock(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;
}

static const struct world worlds[] = {
    {"as root", false, false},
    {"as a user", true, false},
    {"as root without Landlock", false, true},
    {"as a user without Landlock", true, true},
};

static void test_render_profile(void **state)
{
    (void)state;
    struct sandbox sandbox = render_profile(RENDER_MEMORY, SECONDS);
    int wrong = 0;
    for (size_t w = 0; w < sizeof worlds / sizeof *worlds; w++) {
        if (!worlds[w].no_landlock && !has_landlock()) continue;
        for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
            int wanted = worlds[w].no_landlock ? trials[i].without_landlock : trials[i].wanted;
            int got = outcome(&sandbox, &worlds[w], trials[i].probe);
            if (got == wanted) continue;
            print_error("%s, %s: %d, not %d\n", trials[i].name, worlds[w].name, got, wanted);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void test_limits(void **state)
{
    (void)state;
    struct sandbox sandbox = render_profile(RENDER_MEMORY, 1);
    if (!SANDBOX_SANITIZED) assert_int_equal(outcome(&sandbox, &worlds[0], take_much_memory), ENOMEM);
    assert_int_equal(outcome(&sandbox, &worlds[0], compute_forever), OTHER_SIGNAL + SIGXCPU);
}

/* ---- The wishes that refrenda-render does not have ---- */

static int write_where_it_may(void)
{
    int fd = open("may/new", O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0) return errno;
    if (write(fd, "x", 1) != 1 || ftruncate(fd, 0) != 0 || fsync(fd) != 0 || close(fd) != 0) return errno;
    return answer(rename("may/new", "may/renamed")) != 0 ? errno : answer(unlink("may/renamed"));
}

static int write_too_much(void)
{
    static const char many[100];
    int fd = open("may/new", O_WRONLY | O_CREAT, 0600);
    if (fd < 0) return errno;
    (void)!write(fd, many, sizeof many);
    return answer(write(fd, "x", 1));
}

static void test_writing(void **state)
{
    (void)state;
    static const char *const folders[] = {"may", "absent", NULL};
    const struct sandbox sandbox = {.calls = SANDBOX_WRITE_FILES, .write_paths = folders, .limits = {.file_size = 100}};
    assert_int_equal(mkdir("may", 0777), 0);
    assert_int_equal(mkdir("must-not", 0777), 0);
    assert_int_equal(chmod("may", 0777) | chmod("must-not", 0777) | chmod(".", 0755), 0);
    file_write("may/file", SLICE("x"));
    if (!has_landlock()) skip();
    assert_int_equal(outcome(&sandbox, &worlds[1], write_where_it_may), 0);
    assert_int_equal(outcome(&sandbox, &worlds[1], read_where_it_may), 0);
    assert_int_equal(outcome(&sandbox, &worlds[1], write_where_it_may_not), EACCES);
    assert_int_equal(outcome(&sandbox, &worlds[1], open_password_file), EACCES);
    assert_int_equal(outcome(&sandbox, &worlds[1], write_too_much), OTHER_SIGNAL + SIGXFSZ);
    assert_int_equal(outcome(&sandbox, &worlds[3], write_where_it_may), EACCES);
    struct sandbox insisting = sandbox;
    insisting.open_without_landlock = true;
    assert_int_equal(outcome(&insisting, &worlds[3], write_where_it_may), 0);
}

static int converse(void)
{
    int ends[2];
    char said = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return errno;
    if (send(ends[0], "x", 1, 0) != 1 || recv(ends[1], &said, 1, 0) != 1 || said != 'x') return errno;
    return answer(socket(AF_INET, SOCK_STREAM, 0));
}

static void test_network(void **state)
{
    (void)state;
    const struct sandbox sandbox = {.calls = SANDBOX_NETWORK};
    for (size_t w = 0; w < sizeof worlds / sizeof *worlds; w++) {
        if (!worlds[w].no_landlock && !has_landlock()) continue;
        assert_int_equal(outcome(&sandbox, &worlds[w], converse), 0);
        assert_int_equal(outcome(&sandbox, &worlds[w], open_password_file), EACCES);
        assert_int_equal(outcome(&sandbox, &worlds[w], start_program), KILLED);
    }
}

static void *think(void *context)
{
    *(int *)context = 1;
    return NULL;
}

static int start_thread(void)
{
    pthread_t thread;
    int done = 0;
    int failed = pthread_create(&thread, NULL, think, &done);
    if (failed == 0) failed = pthread_join(thread, NULL);
    return failed != 0 ? failed : done == 1 ? 0 : EINVAL;
}

static void test_threads(void **state)
{
    (void)state;
    const struct sandbox with = {.calls = SANDBOX_THREADS};
    const struct sandbox without = {.calls = 0};
    assert_int_equal(outcome(&with, &worlds[has_landlock() ? 0 : 2], start_thread), 0);
    assert_int_equal(outcome(&without, &worlds[has_landlock() ? 0 : 2], start_thread), EPERM);
    assert_int_equal(outcome(&with, &worlds[has_landlock() ? 0 : 2], start_process), KILLED);
}

static int group_setup(void **state)
{
    glob_t found = {0};
    if (glob("/usr/share/fonts/*/*/*.[to]tf", 0, NULL, &found) == 0)
        (void)snprintf(font, sizeof font, "%s", found.gl_pathv[0]);
    globfree(&found);
    return folder_setup(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_render_profile), cmocka_unit_test(test_limits),  cmocka_unit_test(test_writing),
        cmocka_unit_test(test_network),        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, group_setup, folder_teardown);
}
