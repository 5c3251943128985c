/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper_running.h"

#include "ipc/supervisor_internal.h"
#include "keeper/keystore.h"
#include "pki_fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, CHEAP_KIBIBYTES = 64 };

#define NEED(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            (void)fprintf(stderr, "%s:%d: %s failed\n", __FILE__, __LINE__, #condition);                               \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

struct master running_master(void)
{
    struct master m;
    NEED(master_from_secret(MASTER_PASSPHRASE, SLICE("m"), &m, NULL) == RFD_OK);
    m.passes = 1;
    m.kibibytes = CHEAP_KIBIBYTES;
    return m;
}

void running_new(struct running *k, const char *store)
{
    static const char *const files[] = {"", "/lock", "/master"};
    struct master m = running_master();
    char path[512];
    *k = (struct running){.audit = open("/dev/null", O_WRONLY | O_CLOEXEC)};
    (void)snprintf(k->store, sizeof k->store, "%s", store);
    (void)snprintf(k->packs, sizeof k->packs, "%s/packs", source_root());
    NEED(keystore_files_init(store, &m, NULL) == RFD_OK);
    master_dispose(&m);
    if (geteuid() != 0) return;
    (void)snprintf(path, sizeof path, "%s/..", store);
    NEED(chmod(path, 0755) == 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        (void)snprintf(path, sizeof path, "%s%s", store, files[i]);
        NEED(chown(path, NOBODY, NOBODY) == 0);
    }
}

static const struct channel_options control_options = {
    .maximum = CONTROL_MAXIMUM, .backlog = CONTROL_BACKLOG, .flags = CHANNEL_DESCRIPTORS};

static int be_keeper(const struct running *k, struct supervised *self)
{
    struct keeper_process_options options = {
        .store = k->store, .packs = k->packs, .master = running_master(), .audit = k->audit};
    self->context = &options;
    return keeper_process_run(self);
}

static int be_child(const struct running *k, int control)
{
    struct supervised self = {.role = "keeper"};
    if (channel_new(control, &control_options, &self.control, NULL) != RFD_OK) return 9;
    return k->be == NULL ? be_keeper(k, &self) : k->be(k, &self);
}

void running_wait(struct channel *c, struct message *m)
{
    while (!channel_next(c, m)) {
        struct pollfd p = {.fd = channel_descriptor(c), .events = channel_events(c)};
        NEED(poll(&p, 1, RUNNING_WAIT) == 1);
        NEED((p.revents & POLLOUT) == 0 || channel_flush(c, NULL) == RFD_OK);
        NEED((p.revents & ~POLLOUT) == 0 || channel_receive(c, NULL) == RFD_OK);
    }
}

void running_start(struct running *k)
{
    int sockets[2];
    struct message m;
    (void)signal(SIGPIPE, SIG_IGN); /* as the supervisor does: whoever writes may be told late that nobody reads */
    NEED(channel_pair(sockets, NULL) == RFD_OK);
    k->pid = fork();
    NEED(k->pid >= 0);
    if (k->pid == 0) {
        (void)close(sockets[0]);
        _exit(be_child(k, sockets[1]));
    }
    (void)close(sockets[1]);
    NEED(channel_new(sockets[0], &control_options, &k->control, NULL) == RFD_OK);
    running_wait(k->control, &m);
    NEED(m.type == CONTROL_READY);
}

void running_kill(struct running *k)
{
    int how;
    NEED(kill(k->pid, SIGKILL) == 0);
    NEED(waitpid(k->pid, &how, 0) == k->pid);
    NEED(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
    channel_free(k->control);
}

void running_give(struct running *k, const char *role, int descriptor)
{
    struct buf b;
    buf_init(&b, CONTROL_MAXIMUM);
    message_put_text(&b, role);
    message_put_u32(&b, 0);
    NEED(channel_send(k->control, CONTROL_PEER, 0, buf_slice(&b), &descriptor, 1, NULL) == RFD_OK);
    (void)close(descriptor);
    buf_dispose(&b);
}

struct channel *running_greet(struct running *k, const char *role, unsigned flags)
{
    const struct channel_options options = {.maximum = KEEPER_MESSAGE_MAXIMUM, .flags = flags};
    struct channel *c = NULL;
    int fds[2];
    NEED(channel_pair(fds, NULL) == RFD_OK);
    running_give(k, role, fds[1]);
    NEED(channel_new(fds[0], &options, &c, NULL) == RFD_OK);
    NEED(keeper_greet(c, RUNNING_WAIT, NULL) == RFD_OK);
    return c;
}
