/* SPDX-License-Identifier: EUPL-1.2 */
#include "personal/process.h"

#include "base/error.h"
#include "base/secret.h"
#include "ipc/channel_server.h"
#include "keeper/event.h"
#include "keeper/process_sandbox.h"
#include "personal/pool.h"

#include <errno.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/sysinfo.h>
#include <unistd.h>

enum { ANSWER_MAXIMUM = KEEPER_MESSAGE_MAXIMUM - MESSAGE_HEADER_SIZE };

struct client {
    struct keeper_session session; /* sender 0: free */
    struct channel *channel;
    uint64_t number; /* never used twice */
};

struct process {
    struct supervised *self;
    struct personal_process_options *options;
    struct keystore store;
    struct personal *personal;
    struct channel_server *server;
    struct client clients[PERSONAL_PROCESS_CLIENTS];
    uint64_t last_number;
    struct pool *pool;
    struct buf answer; /* the one in work */
    int done;          /* eventfd: the pool has answers */
    bool orphan;
};

/* ---- Answers ---- */

/** An answer may be activation data. */
static void wipe(struct buf *b)
{
    if (b->length > 0) secret_wipe(b->data, b->length);
    buf_reset(b);
}

/** A peer that has hung up, or reads nothing, loses its answer; the server sees to its channel. */
static void send_answer(struct channel *channel, uint16_t type, uint64_t request, const struct buf *answer)
{
    (void)!channel_send(channel, type, request, buf_slice(answer), NULL, 0, NULL);
}

static void refuse(struct process *p, struct channel *channel, const struct message *m, const struct rfd_error *why)
{
    wipe(&p->answer);
    keeper_refuse(&p->answer, 0, why);
    send_answer(channel, m->type, m->request, &p->answer);
}

static struct message message_of(const struct pool_job *job)
{
    return (struct message){
        .type = job->type, .request = job->request, .body = buf_slice(&job->body), .descriptors = {-1, -1, -1, -1}};
}

static uint64_t lane_of(void *context, const struct pool_job *job, unsigned *most)
{
    const struct process *p = context;
    const struct message m = message_of(job);
    return personal_lane(p->personal, &m, most);
}

/** Called by the pool's threads. */
static void work(void *context, struct pool_job *job)
{
    struct process *p = context;
    struct rfd_error why = RFD_ERROR_INIT;
    const struct message m = message_of(job);
    if (personal_handle(p->personal, &job->session, &m, &job->answer, &why) != RFD_OK)
        keeper_refuse(&job->answer, 0, &why);
}

static struct client *client_of(struct process *p, uint64_t number)
{
    for (size_t i = 0; i < PERSONAL_PROCESS_CLIENTS; i++) {
        if (p->clients[i].session.sender != 0 && p->clients[i].number == number) return &p->clients[i];
    }
    return NULL;
}

/** What the pool has done leaves; for whom hung up meanwhile, it is thrown away. */
static void send_done(struct process *p)
{
    uint64_t times;
    (void)!read(p->done, &times, sizeof times);
    for (struct pool_job *job = pool_next(p->pool); job != NULL; job = pool_next(p->pool)) {
        const struct client *client = client_of(p, job->client);
        if (client != NULL) send_answer(client->channel, job->type, job->request, &job->answer);
        pool_job_free(job);
    }
}

/* ---- Messages ---- */

static rfd_status hand_to_pool(struct process *p, const struct client *client, const struct message *m)
{
    struct rfd_error why = RFD_ERROR_INIT;
    struct pool_job *job = pool_job_new(client->number, &client->session, m);
    rfd_status status = job == NULL ? error_memory(&why) : pool_add(p->pool, job, &why);
    if (status == RFD_OK) return RFD_OK;
    pool_job_free(job);
    refuse(p, client->channel, m, &why);
    return RFD_OK;
}

static rfd_status answer_now(struct process *p, struct client *client, const struct message *m, struct rfd_error *error)
{
    wipe(&p->answer);
    TRY(personal_handle(p->personal, &client->session, m, &p->answer, error));
    send_answer(client->channel, m->type, m->request, &p->answer);
    wipe(&p->answer);
    return RFD_OK;
}

/* ---- Channels ---- */

static struct client *free_client(struct process *p)
{
    for (size_t i = 0; i < PERSONAL_PROCESS_CLIENTS; i++) {
        if (p->clients[i].session.sender == 0) return &p->clients[i];
    }
    return NULL;
}

/** A new client; one that has no business here, or for which there is no room, is hung up on. */
static rfd_status take_client(struct process *p, const struct supervised_news *news, struct rfd_error *error)
{
    const struct channel_options options = {.maximum = KEEPER_MESSAGE_MAXIMUM};
    struct channel *channel = NULL;
    struct client *client = free_client(p);
    enum keeper_sender sender = keeper_sender_from_name(slice_text(news->name));
    if (client == NULL || sender == 0 || news->kind != SUPERVISED_PEER ||
        channel_new(news->descriptor, &options, &channel, NULL) != RFD_OK) {
        (void)close(news->descriptor);
        return RFD_OK;
    }
    *client = (struct client){{.sender = sender}, channel, ++p->last_number};
    rfd_status status = channel_server_add(p->server, channel, client, error);
    if (status == RFD_OK) return RFD_OK;
    *client = (struct client){.channel = NULL};
    channel_free(channel);
    return status;
}

/** Who has not greeted is not worth a thread: that is told at once. */
static rfd_status take_message(void *context, void *peer, struct channel *channel, struct message *m,
                               struct rfd_error *error)
{
    struct process *p = context;
    struct client *client = peer;
    struct supervised_news news;
    (void)channel;
    if (peer == p->self) {
        TRY(supervised_read(m, &news, error));
        return take_client(p, &news, error);
    }
    if (client->session.greeted && personal_is_slow(m)) return hand_to_pool(p, client, m);
    return answer_now(p, client, m, error);
}

static void peer_gone(void *context, void *peer, const struct rfd_error *why)
{
    struct process *p = context;
    struct client *client = peer;
    (void)why;
    if (peer == p->self)
        p->orphan = true;
    else
        *client = (struct client){.channel = NULL};
}

/* ---- Life ---- */

/** All but the worker's asking for codes, several times a second, and pages' looking how far something is: what was
 * sent is told by who sent it. */
static rfd_status tell_audit(void *context, const struct keeper_event *event, struct rfd_error *error)
{
    bool looking =
        strcmp(event->operation, "personal-take-codes") == 0 || strcmp(event->operation, "personal-progress") == 0;
    return looking && event->status == RFD_OK ? RFD_OK : keeper_event_write(context, event, error);
}

static rfd_status open_store(struct process *p, struct rfd_error *error)
{
    struct personal_process_options *o = p->options;
    TRY(process_lock_memory(error));
    TRY(keystore_files_open(o->store, &o->master, &p->store, error));
    master_dispose(&o->master);
    return personal_new(&p->store, &o->personal, tell_audit, &o->audit, &p->personal, error);
}

static rfd_status prepare(struct process *p, struct rfd_error *error)
{
    const struct channel_handlers handlers = {p, take_message, peer_gone};
    unsigned threads = p->options->threads != 0 ? p->options->threads : (unsigned)get_nprocs();
    TRY(open_store(p, error));
    TRY(channel_server_new(&handlers, PERSONAL_PROCESS_CLIENTS + 1, &p->server, error));
    p->done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (p->done < 0) return error_errno(error, RFD_E_INTERNAL, errno, "eventfd");
    channel_server_watch(p->server, p->done);
    TRY(pool_new(threads, work, p, p->done, &p->pool, error));
    pool_set_lanes(p->pool, lane_of);
    TRY(process_enter_sandbox(p->options->store, error));
    TRY(supervised_ready(p->self, error));
    TRY(channel_server_add(p->server, p->self->control, p->self, error));
    p->self->control = NULL;
    return RFD_OK;
}

static rfd_status serve(struct process *p, struct rfd_error *error)
{
    TRY(prepare(p, error));
    while (!p->orphan) {
        TRY(channel_server_round(p->server, -1, NULL, error));
        send_done(p);
    }
    return RFD_OK;
}

int personal_process_run(struct supervised *self)
{
    struct process p = {.self = self, .options = self->context, .done = -1};
    struct rfd_error error = RFD_ERROR_INIT;
    buf_init_secret(&p.answer, ANSWER_MAXIMUM);
    rfd_status status = serve(&p, &error);
    if (status != RFD_OK) (void)dprintf(p.options->audit, "{\"error\":\"%s\"}\n", rfd_status_name(status));
    pool_free(p.pool);
    channel_server_free(p.server);
    buf_dispose(&p.answer);
    personal_free(p.personal);
    if (p.done >= 0) (void)close(p.done);
    if (p.store.backend != NULL) keystore_close(&p.store);
    master_dispose(&p.options->master);
    return status == RFD_OK ? 0 : 1;
}
