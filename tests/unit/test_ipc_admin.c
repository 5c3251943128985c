/* SPDX-License-Identifier: EUPL-1.2
 *
 * The admin socket of a supervisor: the program is supervisor, a server that answers, and the command that connects.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base_support.h"
#include "ipc/admin_connect.h"
#include "ipc/channel_server.h"
#include "ipc/supervisor.h"
#include "ipc/supervisor_admin.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAIT = 60000, ASK = 7, CHANNELS = 8 };

/* ---- A child that answers an admin's question with its number ---- */

struct process {
    struct supervised *self;
    struct channel_server *server;
    bool orphan;
};

static rfd_status take(void *context, void *peer, struct channel *channel, struct message *m, struct rfd_error *error)
{
    struct process *p = context;
    struct supervised_news news;
    struct channel *added = NULL;
    if (peer != p) {
        char digit = (char)('0' + p->self->index);
        return channel_send(channel, ASK, m->request, slice_of(&digit, 1), NULL, 0, error);
    }
    if (supervised_read(m, &news, error) != RFD_OK) return RFD_E_PROTOCOL;
    if (strcmp(news.name, "admin") != 0) return RFD_E_PROTOCOL;
    if (channel_new(news.descriptor, &(struct channel_options){0}, &added, error) != RFD_OK) return RFD_E_PROTOCOL;
    return channel_server_add(p->server, added, NULL, error);
}

static void gone(void *context, void *peer, const struct rfd_error *why)
{
    struct process *p = context;
    (void)why;
    if (peer == p) p->orphan = true;
}

static int serve(struct supervised *self)
{
    struct process p = {.self = self};
    const struct channel_handlers handlers = {&p, take, gone};
    if (channel_server_new(&handlers, CHANNELS, &p.server, NULL) != RFD_OK) return 1;
    if (supervised_ready(self, NULL) != RFD_OK) return 1;
    if (channel_server_add(p.server, self->control, &p, NULL) != RFD_OK) return 1;
    self->control = NULL;
    while (!p.orphan && channel_server_round(p.server, -1, NULL, NULL) == RFD_OK) continue;
    channel_server_free(p.server);
    return 0;
}

/** Somebody took it over: it goes to the admin socket as the service's user, who it is. */
static int be_stolen(struct supervised *self)
{
    char name[32];
    int fd = -1;
    if (supervised_ready(self, NULL) != RFD_OK) return 1;
    while (access("steal", F_OK) != 0) (void)usleep(10000);
    (void)snprintf(name, sizeof name, "stolen-%d", admin_connect(".", "keeper", 0, &fd, NULL) == RFD_E_FORBIDDEN);
    file_write(name, SLICE("x"));
    while (access("leave", F_OK) != 0) (void)usleep(10000);
    return 0;
}

static const struct supervised_role roles[] = {{"keeper", 1, serve, NULL},
                                               {"signer", 2, serve, NULL},
                                               {"status", 1, serve, NULL},
                                               {"web", 1, be_stolen, NULL},
                                               {NULL, 0, NULL, NULL}};

/* ---- The supervisor ---- */

static void note_ready(void *context, enum supervisor_event event, const char *role, unsigned index, pid_t pid,
                       int value)
{
    (void)context;
    (void)role;
    (void)index;
    (void)pid;
    (void)value;
    if (event == SUPERVISOR_ALL_READY) file_write("ready", SLICE("x"));
}

static pid_t start_supervisor(void)
{
    static const char *const names[] = {"keeper", "signer", NULL};
    struct supervisor_admin admin = {.listener = -1, .user = geteuid(), .roles = names};
    (void)unlink("ready");
    assert_int_equal(admin_listen(".", &admin.listener, NULL), RFD_OK);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody behind */
        const struct supervisor_options options = {
            .roles = roles, .admin = &admin, .pause_first = 10, .report = note_ready};
        _exit(supervisor_run(&options, NULL) == RFD_OK ? 0 : 1);
    }
    (void)close(admin.listener);
    for (int i = 0; i < WAIT / 10 && !file_exists("ready"); i++) (void)usleep(10000);
    assert_true(file_exists("ready"));
    return pid;
}

static void stop_supervisor(pid_t pid)
{
    int how;
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(waitpid(pid, &how, 0), pid);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
}

/** The number of who answers. */
static char ask(int descriptor)
{
    struct channel *c = NULL;
    struct message answer;
    assert_int_equal(channel_new(descriptor, &(struct channel_options){0}, &c, NULL), RFD_OK);
    assert_int_equal(channel_call(c, ASK, SLICE_EMPTY, WAIT, &answer, NULL), RFD_OK);
    assert_int_equal(answer.body.length, 1);
    char digit = (char)answer.body.data[0];
    channel_free(c);
    return digit;
}

static void test_commands_reach_their_child(void **state)
{
    (void)state;
    int fd = -1;
    pid_t supervisor = start_supervisor();
    for (int i = 0; i < 20; i++) {
        assert_int_equal(admin_connect(".", "keeper", 0, &fd, NULL), RFD_OK);
        assert_int_equal(ask(fd), '0');
        assert_int_equal(admin_connect(".", "signer", 1, &fd, NULL), RFD_OK);
        assert_int_equal(ask(fd), '1');
    }
    stop_supervisor(supervisor);
}

static void kill_children(pid_t supervisor)
{
    char path[64];
    long child = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)supervisor, (int)supervisor);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fscanf(file, "%ld", &child) == 1) (void)kill((pid_t)child, SIGKILL);
    (void)fclose(file);
}

static rfd_status try_keeper(void)
{
    int fd = -1;
    rfd_status status = admin_connect(".", "keeper", 0, &fd, NULL);
    if (fd >= 0) (void)close(fd);
    assert_true(status == RFD_OK || status == RFD_E_BUSY);
    return status;
}

/** A command must not take it for a server that is not there, and open the keys itself. */
static void test_a_child_that_starts_again_is_busy(void **state)
{
    (void)state;
    pid_t supervisor = start_supervisor();
    bool seen = false;
    for (int round = 0; round < 9 && !seen; round++) { /* each pause is twice as long as the one before: 2.5 s */
        kill_children(supervisor);
        for (int i = 0; i < 200 && !seen; i++) {
            seen = try_keeper() == RFD_E_BUSY;
            (void)usleep(1000);
        }
    }
    assert_true(seen);
    while (try_keeper() == RFD_E_BUSY) (void)usleep(10000);
    stop_supervisor(supervisor);
}

static void test_others_are_refused(void **state)
{
    (void)state;
    int fd = -1;
    pid_t supervisor = start_supervisor();
    assert_int_equal(admin_connect(".", "status", 0, &fd, NULL), RFD_E_FORBIDDEN);
    assert_int_equal(admin_connect(".", "nobody", 0, &fd, NULL), RFD_E_FORBIDDEN);
    assert_int_equal(admin_connect(".", "signer", 2, &fd, NULL), RFD_E_NOT_FOUND);
    assert_int_equal(fd, -1);
    stop_supervisor(supervisor);
}

/** A child is the service's user as well; it must not become an admin. */
static void test_children_are_hung_up_on(void **state)
{
    (void)state;
    pid_t supervisor = start_supervisor();
    file_write("steal", SLICE("x"));
    for (int i = 0; i < WAIT / 10 && !file_exists("stolen-0") && !file_exists("stolen-1"); i++) (void)usleep(10000);
    assert_true(file_exists("stolen-1"));
    assert_false(file_exists("stolen-0"));
    file_write("leave", SLICE("x"));
    stop_supervisor(supervisor);
    (void)unlink("steal");
    (void)unlink("leave");
}

static int connect_as_nobody(void *context)
{
    int fd;
    (void)context;
    if (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0) return 99;
    return admin_connect(".", "keeper", 0, &fd, NULL) == RFD_E_FORBIDDEN ? 0 : 1;
}

/** Whatever the socket's permissions say. */
static void test_other_users_are_hung_up_on(void **state)
{
    (void)state;
    if (geteuid() != 0) skip();
    pid_t supervisor = start_supervisor();
    assert_int_equal(chmod(".", 0755), 0);
    assert_int_equal(chmod("run", 0755), 0);
    assert_int_equal(in_child(connect_as_nobody, NULL), 0);
    assert_int_equal(chmod("run/admin.sock", 0666), 0);
    assert_int_equal(in_child(connect_as_nobody, NULL), 0);
    stop_supervisor(supervisor);
}

static int raw_connection(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "run/admin.sock"};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/** Those who say nothing, or nonsense, keep nobody else out. */
static void test_garbage_and_silence(void **state)
{
    (void)state;
    enum { SILENT = ADMIN_VISITORS - 1 };
    int silent[SILENT];
    int fd = -1;
    char byte;
    pid_t supervisor = start_supervisor();
    for (size_t i = 0; i < SILENT; i++) silent[i] = raw_connection();
    for (int i = 0; i < 10; i++) {
        int noisy = raw_connection();
        (void)!write(noisy, "GET / HTTP/1.1\r\n\r\n1234567890", 28);
        struct pollfd p = {.fd = noisy, .events = POLLIN};
        assert_int_equal(poll(&p, 1, WAIT), 1);
        assert_true(read(noisy, &byte, 1) <= 0);
        (void)close(noisy);
    }
    assert_int_equal(admin_connect(".", "keeper", 0, &fd, NULL), RFD_OK);
    assert_int_equal(ask(fd), '0');
    struct pollfd p = {.fd = silent[0], .events = POLLIN};
    assert_int_equal(poll(&p, 1, WAIT), 1); /* hung up on */
    assert_true(read(silent[0], &byte, 1) <= 0);
    for (size_t i = 0; i < SILENT; i++) (void)close(silent[i]);
    stop_supervisor(supervisor);
}

static void test_no_server(void **state)
{
    (void)state;
    int fd = -1;
    (void)unlink("run/admin.sock");
    assert_int_equal(admin_connect(".", "keeper", 0, &fd, NULL), RFD_E_PEER_GONE);
    assert_int_equal(admin_connect("./nowhere", "keeper", 0, &fd, NULL), RFD_E_PEER_GONE);
    int listener = -1;
    assert_int_equal(admin_listen(".", &listener, NULL), RFD_OK);
    (void)close(listener); /* the file stays, as after a crash */
    assert_int_equal(admin_connect(".", "keeper", 0, &fd, NULL), RFD_E_PEER_GONE);
}

static int setup(void **state)
{
    return folder_setup(state) != 0 || mkdir("run", 0700) != 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
    if (supervised_is_child(argc, argv)) _exit(supervised_main(argc, argv, roles, NULL));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands_reach_their_child),
        cmocka_unit_test(test_others_are_refused),
        cmocka_unit_test(test_children_are_hung_up_on),
        cmocka_unit_test(test_other_users_are_hung_up_on),
        cmocka_unit_test(test_garbage_and_silence),
        cmocka_unit_test(test_a_child_that_starts_again_is_busy),
        cmocka_unit_test(test_no_server),
    };
    return cmocka_run_group_tests(tests, setup, folder_teardown);
}
