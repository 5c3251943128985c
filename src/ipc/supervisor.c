/* SPDX-License-Identifier: EUPL-1.2
 *
 * One flat array of children, a row for each instance in the table's order. A child runs (pid > 0), or waits for its
 * next start (pid 0). Children are few: every event walks the array.
 */
#include "ipc/supervisor.h"

#include "base/error.h"
#include "base/memory.h"
#include "ipc/supervisor_admin.h"
#include "ipc/supervisor_internal.h"
#include "ipc/supervisor_systemd.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAUSE_FIRST = 100, PAUSE_LONGEST = 30000, STEADY = 60000, PATIENCE = 10000, NOT_STARTED = 127 };
enum { ENDED_REMEMBERED = 64, ENDED_MILLISECONDS = 60000 };

struct child {
    const struct supervised_role *role;
    unsigned index;
    pid_t pid;
    struct channel *control;
    int64_t started, start_at; /* milliseconds of the monotonic clock */
    unsigned pause;
    bool was_ready;
};

/** One that ended lately: what it asked at the admin socket before may still wait there. */
struct ended {
    pid_t pid;
    int64_t at;
};

struct supervisor {
    struct supervisor_options options;
    struct child children[SUPERVISOR_CHILDREN];
    size_t count;
    struct admin_door door;
    struct ended ended[ENDED_REMEMBERED];
    size_t ended_next;
    int signals;
    sigset_t mask_before;
    bool announced, stopping;
};

static void report(const struct supervisor *s, enum supervisor_event event, const struct child *c, int value)
{
    if (s->options.report == NULL) return;
    s->options.report(s->options.context, event, c == NULL ? NULL : c->role->name, c == NULL ? 0 : c->index,
                      c == NULL ? 0 : c->pid, value);
}

/* ---- The table ---- */

static const struct supervised_role *find_role(const struct supervisor_options *o, const char *name)
{
    for (const struct supervised_role *r = o->roles; r->name != NULL; r++) {
        if (strcmp(r->name, name) == 0) return r;
    }
    return NULL;
}

static rfd_status check_names(const struct supervisor_options *o, struct rfd_error *error)
{
    for (const struct supervisor_link *l = o->links; l != NULL && l->client != NULL; l++) {
        if (find_role(o, l->client) == NULL || find_role(o, l->server) == NULL || strcmp(l->client, l->server) == 0)
            return error_set(error, RFD_E_ARGUMENT, "link from %s to %s", l->client, l->server);
    }
    for (size_t i = 0; i < o->listener_count; i++) {
        if (find_role(o, o->listeners[i].role) == NULL || strlen(o->listeners[i].name) >= SUPERVISED_NAME_SIZE)
            return error_set(error, RFD_E_ARGUMENT, "listener %s", o->listeners[i].name);
    }
    return RFD_OK;
}

static rfd_status fill(struct supervisor *s, struct rfd_error *error)
{
    for (const struct supervised_role *r = s->options.roles; r->name != NULL; r++) {
        if (strlen(r->name) >= SUPERVISED_NAME_SIZE || r->count > SUPERVISOR_CHILDREN - s->count)
            return error_set(error, RFD_E_ARGUMENT, "role %s", r->name);
        for (unsigned i = 0; i < r->count; i++) s->children[s->count++] = (struct child){.role = r, .index = i};
    }
    return check_names(&s->options, error);
}

static void set_default(unsigned *value, unsigned standard)
{
    if (*value == 0) *value = standard;
}

/* ---- Sockets ---- */

/** A child that does not take what it is given is of no use without it: it is started again. */
static void give(const struct child *to, uint16_t type, const char *name, unsigned index, int descriptor)
{
    struct buf b;
    buf_init(&b, CONTROL_MAXIMUM);
    message_put_text(&b, name);
    message_put_u32(&b, index);
    rfd_status status = buf_status(&b);
    if (status == RFD_OK) status = channel_send(to->control, type, 0, buf_slice(&b), &descriptor, 1, NULL);
    if (status != RFD_OK) (void)kill(to->pid, SIGKILL);
    buf_dispose(&b);
}

static bool are_linked(const struct supervisor *s, const char *a, const char *b)
{
    for (const struct supervisor_link *l = s->options.links; l != NULL && l->client != NULL; l++) {
        if (strcmp(l->client, a) == 0 && strcmp(l->server, b) == 0) return true;
        if (strcmp(l->client, b) == 0 && strcmp(l->server, a) == 0) return true;
    }
    return false;
}

static rfd_status link_pair(const struct child *a, const struct child *b, struct rfd_error *error)
{
    int fds[2];
    TRY(channel_pair(fds, error));
    give(a, CONTROL_PEER, b->role->name, b->index, fds[0]);
    give(b, CONTROL_PEER, a->role->name, a->index, fds[1]);
    (void)close(fds[0]);
    (void)close(fds[1]);
    return RFD_OK;
}

/** All that a new child needs, and new sockets to it for those that live. */
static rfd_status give_all(const struct supervisor *s, const struct child *c, struct rfd_error *error)
{
    for (size_t i = 0; i < s->options.listener_count; i++) {
        const struct supervisor_listener *l = &s->options.listeners[i];
        if (strcmp(l->role, c->role->name) == 0) give(c, CONTROL_LISTENER, l->name, 0, l->descriptor);
    }
    for (size_t i = 0; i < s->count; i++) {
        const struct child *other = &s->children[i];
        if (other->pid > 0 && are_linked(s, c->role->name, other->role->name)) TRY(link_pair(c, other, error));
    }
    return RFD_OK;
}

/* ---- Starting ---- */

/** In the new process, between fork() and exec(). */
static void become(const struct supervisor *s, const struct child *c, int control)
{
    char index[16];
    char *const arguments[] = {(char *)(uintptr_t)c->role->name, (char *)(uintptr_t)CONTROL_ARGUMENT,
                               (char *)(uintptr_t)c->role->name, index, NULL};
    const char *executable = c->role->program == NULL ? "/proc/self/exe" : c->role->program;
    (void)snprintf(index, sizeof index, "%u", c->index);
    (void)sigprocmask(SIG_SETMASK, &s->mask_before, NULL);
    if (control == CONTROL_DESCRIPTOR) control = dup(control);
    /* Not closed at once: the program may be named by a descriptor (/proc/self/fd). */
    if (dup2(control, CONTROL_DESCRIPTOR) < 0 || close_range(CONTROL_DESCRIPTOR + 1, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
        _exit(NOT_STARTED);
    (void)setpgid(0, 0); /* what a terminal sends to all (Ctrl-C) is the supervisor's to pass on, in order */
    (void)unsetenv("NOTIFY_SOCKET");
    (void)execv(executable, arguments);
    _exit(NOT_STARTED);
}

static rfd_status start(struct supervisor *s, struct child *c, struct rfd_error *error)
{
    struct channel_options options = {
        .maximum = CONTROL_MAXIMUM, .backlog = CONTROL_BACKLOG, .flags = CHANNEL_DESCRIPTORS};
    rfd_status status = RFD_OK;
    int fds[2];
    TRY(channel_pair(fds, error));
    TRY_OUT(channel_new(fds[0], &options, &c->control, error));
    fds[0] = -1;
    c->started = channel_clock();
    c->pid = fork();
    if (c->pid == 0) become(s, c, fds[1]);
    if (c->pid < 0) {
        status = error_errno(error, RFD_E_INTERNAL, errno, "start of %s", c->role->name);
        c->pid = 0;
        channel_free(c->control);
        c->control = NULL;
        goto out;
    }
    report(s, SUPERVISOR_STARTED, c, 0);
    status = give_all(s, c, error);
out:
    if (fds[0] >= 0) (void)close(fds[0]);
    (void)close(fds[1]);
    return status;
}

/** Sets when the child is started again: the pause doubles while children do not live long. */
static void plan_start(struct supervisor *s, struct child *c)
{
    const struct supervisor_options *o = &s->options;
    int64_t now = channel_clock();
    bool lived = now - c->started >= o->steady;
    c->pause = c->pause == 0 || lived ? o->pause_first : c->pause * 2;
    if (c->pause > o->pause_longest) c->pause = o->pause_longest;
    c->start_at = now + c->pause;
    report(s, SUPERVISOR_PAUSED, c, (int)c->pause);
}

/** Starts who is due; a machine that has no more processes or descriptors for us now may have some later. */
static void start_due(struct supervisor *s)
{
    for (size_t i = 0; i < s->count; i++) {
        struct child *c = &s->children[i];
        if (c->pid > 0 || c->start_at > channel_clock()) continue;
        if (start(s, c, NULL) == RFD_OK) continue;
        if (c->pid > 0)
            (void)kill(c->pid, SIGKILL); /* it lacks a socket */
        else
            plan_start(s, c);
    }
}

/* ---- Commands of this machine ---- */

static bool is_admin_role(const struct supervisor *s, slice role)
{
    for (const char *const *r = s->options.admin->roles; *r != NULL; r++) {
        if (slice_is(role, *r)) return true;
    }
    return false;
}

static rfd_status hand_over(void *context, slice role, uint32_t index, int descriptor)
{
    const struct supervisor *s = context;
    if (!is_admin_role(s, role)) return RFD_E_FORBIDDEN;
    for (size_t i = 0; i < s->count; i++) {
        const struct child *c = &s->children[i];
        if (!slice_is(role, c->role->name) || c->index != index) continue;
        if (c->pid <= 0) return RFD_E_BUSY;
        give(c, CONTROL_PEER, "admin", 0, descriptor);
        return RFD_OK;
    }
    return RFD_E_NOT_FOUND;
}

static bool is_own(void *context, pid_t pid)
{
    const struct supervisor *s = context;
    int64_t since = channel_clock() - ENDED_MILLISECONDS;
    if (pid <= 0) return false; /* of another namespace, where none of ours is */
    for (size_t i = 0; i < s->count; i++) {
        if (s->children[i].pid == pid) return true;
    }
    for (size_t i = 0; i < ENDED_REMEMBERED; i++) {
        if (s->ended[i].pid == pid && s->ended[i].at >= since) return true;
    }
    return false;
}

/* ---- What children do ---- */

static void reap(struct supervisor *s)
{
    for (size_t i = 0; i < s->count; i++) {
        struct child *c = &s->children[i];
        int how;
        if (c->pid <= 0 || waitpid(c->pid, &how, WNOHANG) != c->pid) continue;
        report(s, SUPERVISOR_DIED, c, how);
        s->ended[s->ended_next++ % ENDED_REMEMBERED] = (struct ended){c->pid, channel_clock()};
        channel_free(c->control);
        c->control = NULL;
        c->pid = 0;
        if (!s->stopping) plan_start(s, c);
    }
}

static void announce(struct supervisor *s)
{
    bool all = true;
    for (size_t i = 0; i < s->count; i++) all = all && s->children[i].was_ready;
    if (!all || s->announced) return;
    s->announced = true;
    systemd_notify("READY=1");
    report(s, SUPERVISOR_ALL_READY, NULL, 0);
}

/** Takes what a child says; one that says something else than "ready" is none of ours any more. */
static void listen_to(struct supervisor *s, struct child *c)
{
    struct message m;
    rfd_status status = channel_flush(c->control, NULL);
    if (status == RFD_OK) status = channel_receive(c->control, NULL);
    while (channel_next(c->control, &m)) {
        bool ready = m.type == CONTROL_READY && m.body.length == 0 && m.descriptor_count == 0;
        message_close_descriptors(&m);
        if (!ready) status = RFD_E_PROTOCOL;
        if (!ready || c->was_ready) continue;
        c->was_ready = true;
        report(s, SUPERVISOR_CHILD_READY, c, 0);
    }
    /* Whoever closed its control channel is ending, or should be. */
    if (status != RFD_OK) (void)kill(c->pid, SIGKILL);
    announce(s);
}

/** True when it is time to stop. */
static bool take_signals(struct supervisor *s)
{
    struct signalfd_siginfo info;
    bool stop = false;
    while (read(s->signals, &info, sizeof info) == sizeof info) stop = stop || info.ssi_signo != SIGCHLD;
    reap(s);
    return stop;
}

static int next_timeout(const struct supervisor *s)
{
    int64_t now = channel_clock();
    int door = admin_door_timeout(&s->door);
    int64_t next = door < 0 ? INT32_MAX : door;
    for (size_t i = 0; i < s->count; i++) {
        int64_t left = s->children[i].start_at - now;
        if (s->children[i].pid == 0 && left < next) next = left < 0 ? 0 : left;
    }
    return next == INT32_MAX ? -1 : (int)next;
}

/** Waits for the next event and handles it; true when it is time to stop. */
static bool wait_and_handle(struct supervisor *s)
{
    struct pollfd polled[SUPERVISOR_CHILDREN + ADMIN_VISITORS + 2] = {{.fd = s->signals, .events = POLLIN}};
    struct child *who[SUPERVISOR_CHILDREN + 1] = {NULL};
    nfds_t count = 1;
    for (size_t i = 0; i < s->count; i++) {
        struct child *c = &s->children[i];
        if (c->pid <= 0) continue;
        who[count] = c;
        polled[count++] = (struct pollfd){.fd = channel_descriptor(c->control), .events = channel_events(c->control)};
    }
    nfds_t visitors = admin_door_poll(&s->door, polled + count);
    if (poll(polled, count + visitors, next_timeout(s)) < 0) return false;
    for (nfds_t i = 1; i < count; i++) {
        if (polled[i].revents != 0) listen_to(s, who[i]);
    }
    admin_door_serve(&s->door, polled + count, visitors);
    return polled[0].revents != 0 && take_signals(s);
}

/* ---- Stopping ---- */

static size_t count_alive(const struct supervisor *s, const struct supervised_role *role)
{
    size_t alive = 0;
    for (size_t i = 0; i < s->count; i++) alive += s->children[i].role == role && s->children[i].pid > 0;
    return alive;
}

static void signal_role(const struct supervisor *s, const struct supervised_role *role, int number)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct child *c = &s->children[i];
        if (c->role != role || c->pid <= 0) continue;
        (void)kill(c->pid, number);
        if (number == SIGKILL) report(s, SUPERVISOR_KILLED, c, 0);
    }
}

static void stop_role(struct supervisor *s, const struct supervised_role *role)
{
    int64_t until = channel_clock() + s->options.patience;
    bool killed = false;
    signal_role(s, role, SIGTERM);
    while (count_alive(s, role) > 0) {
        int64_t left = until - channel_clock();
        struct pollfd p = {.fd = s->signals, .events = POLLIN};
        if (left <= 0 && !killed) {
            signal_role(s, role, SIGKILL);
            killed = true;
        }
        (void)poll(&p, 1, killed ? -1 : (int)left);
        (void)take_signals(s);
    }
}

static void stop_all(struct supervisor *s)
{
    const struct supervised_role *last = s->options.roles;
    s->stopping = true;
    systemd_notify("STOPPING=1");
    report(s, SUPERVISOR_STOPPING, NULL, 0);
    while (last->name != NULL) last++;
    while (last > s->options.roles) stop_role(s, --last);
}

static rfd_status take_over_signals(struct supervisor *s, struct rfd_error *error)
{
    sigset_t ours;
    (void)sigemptyset(&ours);
    (void)sigaddset(&ours, SIGCHLD);
    (void)sigaddset(&ours, SIGTERM);
    (void)sigaddset(&ours, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &ours, &s->mask_before);
    s->signals = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
    return s->signals >= 0 ? RFD_OK : error_errno(error, RFD_E_INTERNAL, errno, "signals");
}

rfd_status supervisor_run(const struct supervisor_options *options, struct rfd_error *error)
{
    struct supervisor *s = memory_zeroed(1, sizeof *s);
    rfd_status status = RFD_OK;
    if (s == NULL) return error_memory(error);
    s->signals = -1;
    s->options = *options;
    s->door = (struct admin_door){.listener = -1, .hand_over = hand_over, .is_own = is_own, .context = s};
    if (options->admin != NULL) {
        s->door.listener = options->admin->listener;
        s->door.user = options->admin->user;
    }
    set_default(&s->options.pause_first, PAUSE_FIRST);
    set_default(&s->options.pause_longest, PAUSE_LONGEST);
    set_default(&s->options.steady, STEADY);
    set_default(&s->options.patience, PATIENCE);
    TRY_OUT(fill(s, error));
    TRY_OUT(take_over_signals(s, error));
    (void)signal(SIGPIPE, SIG_IGN);
    do {
        start_due(s);
    } while (!wait_and_handle(s));
    admin_door_close(&s->door);
    stop_all(s);
out:
    if (s->signals >= 0) (void)close(s->signals);
    memory_free(s);
    return status;
}
