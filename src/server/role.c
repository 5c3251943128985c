/* SPDX-License-Identifier: EUPL-1.2 */
#include "server/role.h"

#include "base/error.h"
#include "base/log.h"
#include "ipc/channel_server.h"
#include "server/instance.h"
#include "server/role_table.h"
#include "server/services.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { SOCKETS_PATIENCE = 10000, SECOND = 1000, NAME_SIZE = SUPERVISED_NAME_SIZE + 16, CHANNELS = 1 };

struct life {
    struct server_role role;
    char name[NAME_SIZE];                     /* "status-0" */
    struct supervised_news peers[ROLE_PEERS]; /* that came before there was something to give them to */
    size_t peer_count;
    bool started, orphan;
    sigset_t waiting; /* signal mask while waiting */
};

static volatile sig_atomic_t asked_to_stop;

static void note_signal(int number)
{
    (void)number;
    asked_to_stop = 1;
}

/** Signals reach the process only while its main thread waits; threads that start later never see them. */
static void prepare_signals(struct life *l)
{
    struct sigaction action = {.sa_handler = note_signal};
    sigset_t ours;
    (void)sigemptyset(&ours);
    (void)sigaddset(&ours, SIGTERM);
    (void)sigaddset(&ours, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &ours, &l->waiting);
    (void)sigdelset(&l->waiting, SIGTERM);
    (void)sigdelset(&l->waiting, SIGINT);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
}

/* ---- News of the supervisor ---- */

static rfd_status add_listener(struct life *l, const struct supervised_news *news, struct rfd_error *error)
{
    struct server_role *r = &l->role;
    if (strcmp(news->name, BOARD_NAME) == 0) {
        rfd_status status = r->board != NULL ? RFD_OK : board_map(news->descriptor, &r->board, error);
        (void)close(news->descriptor);
        return status;
    }
    if (l->started || r->listener_count == ROLE_LISTENERS) {
        (void)close(news->descriptor);
        return RFD_OK;
    }
    size_t i = r->listener_count++;
    r->listeners[i] = news->descriptor;
    (void)snprintf(r->addresses[i], sizeof r->addresses[i], "fd:%d", news->descriptor);
    (void)snprintf(r->names[i], sizeof r->names[i], "%s", news->name);
    r->listen[i] = r->addresses[i];
    return RFD_OK;
}

static rfd_status take_news(struct life *l, struct message *m, struct rfd_error *error)
{
    struct supervised_news news;
    TRY(supervised_read(m, &news, error));
    if (news.kind == SUPERVISED_LISTENER) return add_listener(l, &news, error);
    if (l->started) return l->role.definition->peer(&l->role, &news, error);
    if (l->peer_count == ROLE_PEERS) {
        (void)close(news.descriptor);
        return error_set(error, RFD_E_LIMIT, "%u peers before the start", ROLE_PEERS);
    }
    l->peers[l->peer_count++] = news;
    return RFD_OK;
}

/** Until all listening sockets are there: the supervisor sends them first. */
static rfd_status await_sockets(struct life *l, struct rfd_error *error)
{
    int64_t until = channel_clock() + SOCKETS_PATIENCE;
    unsigned wanted = instance_socket_count(l->role.definition->name);
    struct channel *control = l->role.self->control;
    struct message m;
    while (l->role.listener_count < wanted || l->role.board == NULL) {
        int64_t left = until - channel_clock();
        struct pollfd p = {.fd = channel_descriptor(control), .events = POLLIN};
        if (left <= 0) return error_set(error, RFD_E_DEADLINE, "listening sockets");
        if (poll(&p, 1, (int)left) <= 0) continue;
        TRY(channel_receive(control, error));
        while (channel_next(control, &m)) {
            rfd_status status = take_news(l, &m, error);
            message_close_descriptors(&m);
            TRY(status);
        }
    }
    return RFD_OK;
}

static rfd_status give_peers(struct life *l, struct rfd_error *error)
{
    l->started = true;
    for (size_t i = 0; i < l->peer_count; i++) {
        rfd_status status = l->role.definition->peer(&l->role, &l->peers[i], error);
        l->peers[i].descriptor = -1;
        TRY(status);
    }
    l->peer_count = 0;
    return RFD_OK;
}

/** The control channel's messages. A peer that cannot be connected now is replaced when it is started again. */
static rfd_status on_message(void *context, void *peer, struct channel *channel, struct message *m,
                             struct rfd_error *error)
{
    struct life *l = context;
    (void)peer;
    (void)channel;
    rfd_status status = take_news(l, m, error);
    if (status == RFD_E_PROTOCOL) return status;
    if (status != RFD_OK) log_failure(LOG_WARNING, "peer", "a new way to another process could not be used", error);
    return RFD_OK;
}

static void on_gone(void *context, void *peer, const struct rfd_error *why)
{
    struct life *l = context;
    (void)peer;
    (void)why;
    l->orphan = true;
}

/* ---- Life ---- */

static rfd_status enter(struct life *l, struct rfd_error *error)
{
    struct role_paths paths;
    struct sandbox sandbox;
    struct sandbox_report report;
    TRY(instance_drop_rights(l->role.settings, error));
    role_sandbox(l->role.definition, l->role.settings, &paths, &sandbox);
    TRY(sandbox_enter(&sandbox, &report, error));
    if (report.landlock == 0)
        log_event(
            LOG_NOTICE, "no-landlock",
            "this kernel has no Landlock: files are protected by their permissions alone; Linux 5.13 or newer has it");
    return RFD_OK;
}

static rfd_status begin(struct life *l, struct rfd_error *error)
{
    const struct role_definition *d = l->role.definition;
    TRY(instance_settings(NULL, &l->role.settings, error));
    instance_log(l->role.settings, l->name);
    if (d->open != NULL) TRY(d->open(&l->role, error));
    TRY(enter(l, error));
    TRY(await_sockets(l, error));
    TRY(d->start(&l->role, error));
    TRY(supervised_ready(l->role.self, error));
    return give_peers(l, error);
}

static void publish(struct life *l)
{
    board_publish(l->role.board, role_slot(l->role.definition, l->role.self->index), l->name);
}

static rfd_status serve(struct life *l, struct rfd_error *error)
{
    const struct channel_handlers handlers = {l, on_message, on_gone};
    struct channel_server *server = NULL;
    rfd_status status = RFD_OK;
    TRY(channel_server_new(&handlers, CHANNELS, &server, error));
    TRY_OUT(channel_server_add(server, l->role.self->control, l, error));
    l->role.self->control = NULL;
    for (int64_t next = 0; !l->orphan && !asked_to_stop;) {
        int64_t now = channel_clock();
        if (now >= next) {
            if (l->role.definition->tick != NULL) l->role.definition->tick(&l->role);
            publish(l);
            next = now + SECOND;
        }
        TRY_OUT(channel_server_round(server, (int)(next - now), &l->waiting, error));
    }
out:
    channel_server_free(server);
    return status;
}

int role_run(struct supervised *self)
{
    struct life l = {.role = {.definition = role_find(self->role), .self = self}};
    struct rfd_error error = RFD_ERROR_INIT;
    (void)snprintf(l.name, sizeof l.name, "%s-%u", self->role, self->index);
    instance_log(NULL, l.name);
    prepare_signals(&l);
    rfd_status status = begin(&l, &error);
    if (status == RFD_OK) status = serve(&l, &error);
    if (status != RFD_OK)
        log_failure(LOG_ERROR, "process", "this process ends; what it needs is in the error, and it is started again",
                    &error);
    l.role.definition->stop(&l.role);
    publish(&l);
    board_unmap(l.role.board);
    settings_free(l.role.settings);
    return status == RFD_OK ? 0 : 1;
}
