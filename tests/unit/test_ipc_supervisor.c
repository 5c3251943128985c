/* SPDX-License-Identifier: EUPL-1.2
 *
 * The program is its own demonstration: started again by the supervisor under test, it is a server that answers with
 * its process number, a client that asks for it whenever it gets a new socket, a process that dies at once, or one
 * that does not want to end. All write lines to one log, which the tests read.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/number.h"
#include "ipc/channel_server.h"
#include "ipc/sandbox.h"
#include "ipc/supervisor.h"
#include "ipc/supervisor_systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAIT = 60000, STEP = 10, LOG_SIZE = 1 << 16, ASK = 1, CHANNELS = 8, LINE = 128, PAUSE_LONGEST = 200 };

static int log_descriptor(void)
{
    const char *path = getenv("TEST_LOG");
    return open(path == NULL ? "/dev/null" : path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

/* ---- The children ---- */

struct process {
    struct supervised *self;
    struct channel_server *server;
    int log;
    bool orphan;
};

static void ask_peer(struct process *p, struct channel *peer)
{
    struct message answer;
    if (channel_call(peer, ASK, SLICE_EMPTY, WAIT, &answer, NULL) != RFD_OK) return;
    struct message_reader r = message_read(answer.body);
    (void)dprintf(p->log, "client %u answered by %u\n", p->self->index, message_get_u32(&r));
}

static rfd_status take_news(struct process *p, struct message *m, struct rfd_error *error)
{
    struct supervised_news news;
    struct channel *peer = NULL;
    struct channel_options options = {0};
    TRY(supervised_read(m, &news, error));
    if (news.kind == SUPERVISED_LISTENER) {
        (void)dprintf(p->log, "listener %s\n", news.name);
        (void)close(news.descriptor);
        return RFD_OK;
    }
    TRY(channel_new(news.descriptor, &options, &peer, error));
    if (strcmp(p->self->role, "client") == 0) ask_peer(p, peer);
    return channel_server_add(p->server, peer, NULL, error);
}

static rfd_status take_message(void *context, void *peer, struct channel *channel, struct message *m,
                               struct rfd_error *error)
{
    struct process *p = context;
    struct buf b;
    if (peer == p->self) return take_news(p, m, error);
    buf_init(&b, LINE);
    message_put_u32(&b, (uint32_t)getpid());
    rfd_status status = channel_send(channel, ASK, m->request, buf_slice(&b), NULL, 0, error);
    buf_dispose(&b);
    return status;
}

static void peer_gone(void *context, void *peer, const struct rfd_error *why)
{
    struct process *p = context;
    (void)why;
    if (peer == p->self) p->orphan = true;
}

static int live(struct supervised *self)
{
    struct process p = {.self = self, .log = log_descriptor()};
    struct channel_handlers handlers = {&p, take_message, peer_gone};
    const struct sandbox sandbox = {.calls = SANDBOX_NETWORK, .limits = {.file_size = LOG_SIZE}};
    if (channel_server_new(&handlers, CHANNELS, &p.server, NULL) != RFD_OK) return 1;
    (void)dprintf(p.log, "%s %u is %d\n", self->role, self->index, (int)getpid());
    if (sandbox_enter(&sandbox, NULL, NULL) != RFD_OK || supervised_ready(self, NULL) != RFD_OK) return 2;
    if (channel_server_add(p.server, self->control, self, NULL) != RFD_OK) return 3;
    self->control = NULL;
    while (!p.orphan) {
        if (channel_server_round(p.server, -1, NULL, NULL) != RFD_OK) return 4;
    }
    (void)dprintf(p.log, "%s %u is an orphan\n", self->role, self->index);
    channel_server_free(p.server);
    return 0;
}

static int die(struct supervised *self)
{
    (void)self;
    return 9;
}

static int refuse_to_end(struct supervised *self)
{
    (void)signal(SIGTERM, SIG_IGN);
    if (supervised_ready(self, NULL) != RFD_OK) return 1;
    for (;;) (void)pause();
}

static const struct supervised_role table[] = {{"server", 1, live, NULL},
                                               {"client", 2, live, NULL},
                                               {"crasher", 1, die, NULL},
                                               {"stubborn", 1, refuse_to_end, NULL},
                                               {NULL, 0, NULL, NULL}};
static const struct supervised_role good_ones[] = {
    {"server", 1, live, NULL}, {"client", 2, live, NULL}, {NULL, 0, NULL, NULL}};
static const struct supervised_role with_crasher[] = {
    {"server", 1, live, NULL}, {"crasher", 1, die, NULL}, {NULL, 0, NULL, NULL}};
static const struct supervised_role with_stubborn[] = {{"stubborn", 1, refuse_to_end, NULL}, {NULL, 0, NULL, NULL}};
static const struct supervisor_link links[] = {{"client", "server"}, {NULL, NULL}};

/* ---- The supervisor under test ---- */

static void write_event(void *context, enum supervisor_event event, const char *role, unsigned index, pid_t pid,
                        int value)
{
    static const char *const names[] = {"started", "ready", "died", "paused", "killed", "all ready", "stopping"};
    (void)pid;
    (void)value;
    (void)dprintf(*(int *)context, "%s %s %u\n", names[event], role == NULL ? "-" : role, index);
}

struct world {
    char folder[128], log[256], text[LOG_SIZE];
    pid_t supervisor;
    int notify;
};

static void make_world(struct world *w)
{
    memset(w, 0, sizeof *w);
    (void)snprintf(w->folder, sizeof w->folder, "/tmp/refrenda-supervisor-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    (void)snprintf(w->log, sizeof w->log, "%s/log", w->folder);
    assert_int_equal(setenv("TEST_LOG", w->log, 1), 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%.90s/notify", w->folder);
    w->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(w->notify, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", address.sun_path, 1), 0);
}

/** `patience`: milliseconds that children are given to end. */
static void start_supervisor(struct world *w, const struct supervised_role *roles, const struct supervisor_link *l,
                             unsigned patience)
{
    w->supervisor = fork();
    assert_true(w->supervisor >= 0);
    if (w->supervisor > 0) return;
    int log = log_descriptor();
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const struct supervisor_listener listener = {"server", "public", null};
    struct supervisor_options options = {.roles = roles,
                                         .links = l,
                                         .listeners = &listener,
                                         .listener_count = l == NULL ? 0 : 1,
                                         .pause_first = 20,
                                         .pause_longest = PAUSE_LONGEST,
                                         .patience = patience,
                                         .report = write_event,
                                         .context = &log};
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_status status = supervisor_run(&options, &error);
    if (status != RFD_OK) (void)dprintf(log, "failed: %s\n", error.detail);
    _exit(status == RFD_OK ? 0 : 1);
}

static void read_log(struct world *w)
{
    int fd = open(w->log, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : read(fd, w->text, sizeof w->text - 1);
    w->text[got < 0 ? 0 : got] = '\0';
    if (fd >= 0) (void)close(fd);
}

static size_t count_of(struct world *w, const char *line)
{
    size_t count = 0;
    read_log(w);
    for (const char *at = strstr(w->text, line); at != NULL; at = strstr(at + 1, line)) count++;
    return count;
}

static void wait_for(struct world *w, const char *line, size_t times)
{
    for (int i = 0; i < WAIT / STEP; i++) {
        if (count_of(w, line) >= times) return;
        (void)usleep(STEP * 1000);
    }
    fail_msg("\"%s\" was not %zu times in:\n%s", line, times, w->text);
}

/** The number after the last `line`. */
static pid_t number_after(struct world *w, const char *line)
{
    const char *found = NULL;
    uint64_t number = 0;
    read_log(w);
    for (const char *at = strstr(w->text, line); at != NULL; at = strstr(at + 1, line)) found = at + strlen(line);
    assert_non_null(found);
    assert_true(number_unsigned(slice_of(found, strcspn(found, "\n")), INT32_MAX, &number));
    return (pid_t)number;
}

/** Ends the supervisor by SIGTERM; its status must be 0. */
static void stop_supervisor(struct world *w)
{
    int how;
    assert_int_equal(kill(w->supervisor, SIGTERM), 0);
    assert_int_equal(waitpid(w->supervisor, &how, 0), w->supervisor);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
}

static void drop_world(struct world *w)
{
    char path[256];
    (void)close(w->notify);
    (void)unsetenv("NOTIFY_SOCKET");
    (void)snprintf(path, sizeof path, "%s/notify", w->folder);
    (void)unlink(path);
    (void)unlink(w->log);
    (void)rmdir(w->folder);
}

static void expect_notified(const struct world *w, const char *text)
{
    char got[LINE] = "";
    struct pollfd p = {.fd = w->notify, .events = POLLIN};
    assert_int_equal(poll(&p, 1, WAIT), 1);
    assert_true(recv(w->notify, got, sizeof got - 1, 0) > 0);
    assert_string_equal(got, text);
}

/* ---- Tests ---- */

static void test_life(void **state)
{
    struct world w;
    (void)state;
    make_world(&w);
    start_supervisor(&w, good_ones, links, WAIT);
    expect_notified(&w, "READY=1");
    wait_for(&w, "listener public\n", 1);
    wait_for(&w, "answered by", 2);
    pid_t first = number_after(&w, "server 0 is ");
    assert_int_equal(number_after(&w, "client 0 answered by "), first);
    assert_int_equal(number_after(&w, "client 1 answered by "), first);
    /* The server dies: both clients get new sockets to its successor. */
    assert_int_equal(kill(first, SIGKILL), 0);
    wait_for(&w, "answered by", 4);
    pid_t second = number_after(&w, "server 0 is ");
    assert_true(second != first);
    assert_int_equal(number_after(&w, "client 0 answered by "), second);
    assert_int_equal(number_after(&w, "client 1 answered by "), second);
    /* A client dies: its successor is linked with the living server, the other notices nothing. */
    assert_int_equal(kill(number_after(&w, "client 1 is "), SIGKILL), 0);
    wait_for(&w, "client 1 answered by", 3);
    assert_int_equal(count_of(&w, "client 0 answered by"), 2);
    pid_t client = number_after(&w, "client 1 is ");
    stop_supervisor(&w);
    expect_notified(&w, "STOPPING=1");
    assert_int_equal(count_of(&w, "all ready"), 1);
    assert_int_equal(kill(second, 0), -1); /* neither alive nor left as a zombie */
    assert_int_equal(kill(client, 0), -1);
    /* Clients first. */
    read_log(&w);
    const char *end = strstr(w.text, "stopping");
    assert_non_null(end);
    assert_true(strstr(end, "died client 0") < strstr(end, "died server") &&
                strstr(end, "died client 1") < strstr(end, "died server"));
    drop_world(&w);
}

static void test_repeated_kills(void **state)
{
    struct world w;
    (void)state;
    make_world(&w);
    start_supervisor(&w, good_ones, links, WAIT);
    for (size_t i = 1; i <= 12; i++) {
        wait_for(&w, "client 0 answered by", i);
        wait_for(&w, "client 1 answered by", i);
        assert_int_equal(kill(number_after(&w, "server 0 is "), SIGKILL), 0);
    }
    stop_supervisor(&w);
    drop_world(&w);
}

static void test_dying_child_does_not_spin(void **state)
{
    struct world w;
    (void)state;
    make_world(&w);
    int64_t began = channel_clock();
    start_supervisor(&w, with_crasher, NULL, WAIT);
    wait_for(&w, "died crasher 0", 8);
    size_t deaths = count_of(&w, "died crasher 0");
    /* After 20 + 40 + 80 + 160 ms, then every 200 ms, or later on a busy machine. */
    assert_true((int64_t)deaths <= 5 + (channel_clock() - began) / PAUSE_LONGEST + 1);
    assert_int_equal(count_of(&w, "died server"), 0);
    assert_int_equal(count_of(&w, "all ready"), 0); /* never ready */
    stop_supervisor(&w);
    drop_world(&w);
}

static void test_stubborn_child_is_killed(void **state)
{
    struct world w;
    (void)state;
    make_world(&w);
    start_supervisor(&w, with_stubborn, NULL, 300);
    wait_for(&w, "all ready", 1);
    stop_supervisor(&w);
    assert_int_equal(count_of(&w, "killed stubborn 0"), 1);
    drop_world(&w);
}

static void test_orphans_end(void **state)
{
    struct world w;
    (void)state;
    make_world(&w);
    start_supervisor(&w, good_ones, links, WAIT);
    wait_for(&w, "all ready", 1);
    assert_int_equal(kill(w.supervisor, SIGKILL), 0);
    assert_int_equal(waitpid(w.supervisor, NULL, 0), w.supervisor);
    wait_for(&w, "is an orphan", 3);
    drop_world(&w);
}

static void test_bad_tables(void **state)
{
    (void)state;
    static const struct supervised_role too_many[] = {{"server", SUPERVISOR_CHILDREN + 1, live, NULL},
                                                      {NULL, 0, NULL, NULL}};
    static const struct supervisor_link unknown[] = {{"client", "nobody"}, {NULL, NULL}};
    static const struct supervisor_link itself[] = {{"client", "client"}, {NULL, NULL}};
    const struct supervisor_options wrong[] = {
        {.roles = too_many}, {.roles = good_ones, .links = unknown}, {.roles = good_ones, .links = itself}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(supervisor_run(&wrong[i], NULL), RFD_E_ARGUMENT);
}

static void test_only_children_are_children(void **state)
{
    (void)state;
    char *const bad[][5] = {{"x", "--child", "nobody", "0", NULL},
                            {"x", "--child", "server", "1", NULL},
                            {"x", "--child", "server", "-1", NULL}};
    for (size_t i = 0; i < 3; i++) assert_int_equal(supervised_main(4, bad[i], table, NULL), 70);
    assert_false(supervised_is_child(1, bad[0]));
}

static void set_sockets(const char *pid, const char *count, const char *names)
{
    char self[16];
    (void)snprintf(self, sizeof self, "%d", (int)getpid());
    (void)setenv("LISTEN_PID", pid == NULL ? self : pid, 1);
    (void)setenv("LISTEN_FDS", count, 1);
    if (names != NULL) (void)setenv("LISTEN_FDNAMES", names, 1);
}

static void test_sockets_of_systemd(void **state)
{
    (void)state;
    struct systemd_socket sockets[2];
    size_t count = 9;
    int before = fcntl(3, F_GETFD);
    if (before < 0) assert_int_equal(dup2(STDIN_FILENO, 3), 3);
    assert_int_equal(systemd_sockets(sockets, 2, &count, NULL), RFD_OK);
    assert_int_equal(count, 0);
    set_sockets(NULL, "1", "public");
    assert_int_equal(systemd_sockets(sockets, 2, &count, NULL), RFD_OK);
    assert_int_equal(count, 1);
    assert_string_equal(sockets[0].name, "public");
    assert_int_equal(sockets[0].descriptor, 3);
    assert_int_equal(fcntl(3, F_GETFD), FD_CLOEXEC);
    assert_null(getenv("LISTEN_FDS"));
    set_sockets("1", "1", "public"); /* for somebody else */
    assert_int_equal(systemd_sockets(sockets, 2, &count, NULL), RFD_OK);
    assert_int_equal(count, 0);
    static const struct {
        const char *count, *names;
    } wrong[] = {{"3", NULL}, {"x", NULL}, {"-1", NULL}, {"1", "a:b"}, {"2", "a"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        set_sockets(NULL, wrong[i].count, wrong[i].names);
        assert_int_equal(systemd_sockets(sockets, 2, &count, NULL), RFD_E_ARGUMENT);
    }
    if (before < 0) (void)close(3);
}

int main(int argc, char **argv)
{
    /* Not exit(): the leak checker has no business in a sandbox. */
    if (supervised_is_child(argc, argv)) _exit(supervised_main(argc, argv, table, NULL));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life),
        cmocka_unit_test(test_repeated_kills),
        cmocka_unit_test(test_dying_child_does_not_spin),
        cmocka_unit_test(test_stubborn_child_is_killed),
        cmocka_unit_test(test_orphans_end),
        cmocka_unit_test(test_bad_tables),
        cmocka_unit_test(test_only_children_are_children),
        cmocka_unit_test(test_sockets_of_systemd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
