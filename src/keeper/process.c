/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/process.h"

#include "base/error.h"
#include "ipc/channel_server.h"
#include "keeper/batch.h"
#include "keeper/keystore_token.h"
#include "keeper/process_sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct client {
    struct keeper_session session; /* sender 0: free */
    struct channel *channel;
};

struct process {
    struct supervised *self;
    struct keeper_process_options *options;
    struct keystore store;
    struct packs *packs;
    struct keeper *keeper;
    struct channel_server *server;
    struct client clients[KEEPER_PROCESS_CLIENTS];
    struct batch batch;
    int landed; /* eventfd: the disk has what was on its way */
    bool orphan;
};

/* ---- Channels ---- */

static struct client *free_client(struct process *p)
{
    for (size_t i = 0; i < KEEPER_PROCESS_CLIENTS; i++) {
        if (p->clients[i].session.sender == 0) return &p->clients[i];
    }
    return NULL;
}

/** A way to the helper of a token. */
static rfd_status take_token(struct process *p, const struct supervised_news *news, struct rfd_error *error)
{
    slice token = slice_from(slice_text(news->name), sizeof KEEPER_TOKEN_ROLE - 1);
    rfd_status status = keystore_token_attach(&p->store, token, news->descriptor, error);
    return status == RFD_E_MEMORY ? status : RFD_OK; /* one too many is hung up on */
}

/** A new client; one that has no business here, or for which there is no room, is hung up on. */
static rfd_status take_client(struct process *p, const struct supervised_news *news, struct rfd_error *error)
{
    const struct channel_options options = {.maximum = KEEPER_MESSAGE_MAXIMUM, .flags = CHANNEL_DESCRIPTORS};
    if (news->kind == SUPERVISED_PEER && slice_starts(slice_text(news->name), SLICE(KEEPER_TOKEN_ROLE)))
        return take_token(p, news, error);
    struct channel *channel = NULL;
    struct client *client = free_client(p);
    enum keeper_sender sender = keeper_sender_from_name(slice_text(news->name));
    if (client == NULL || sender == 0 || news->kind != SUPERVISED_PEER ||
        channel_new(news->descriptor, &options, &channel, NULL) != RFD_OK) {
        (void)close(news->descriptor);
        return RFD_OK;
    }
    *client = (struct client){{.sender = sender}, channel};
    rfd_status status = channel_server_add(p->server, channel, client, error);
    if (status == RFD_OK) return RFD_OK;
    *client = (struct client){.channel = NULL};
    channel_free(channel);
    return status;
}

/** Answers whose records are on disk leave. */
static void look_for_landed(struct process *p)
{
    uint64_t times;
    if (batch_land(&p->batch)) (void)!read(p->landed, &times, sizeof times);
}

static rfd_status take_message(void *context, void *peer, struct channel *channel, struct message *m,
                               struct rfd_error *error)
{
    struct process *p = context;
    struct client *client = peer;
    struct supervised_news news;
    if (peer == p->self) {
        TRY(supervised_read(m, &news, error));
        return take_client(p, &news, error);
    }
    look_for_landed(p);
    if (batch_is_full(&p->batch)) batch_send(&p->batch);
    rfd_status status = batch_take(&p->batch, &client->session, channel, m, error);
    if (status != RFD_OK) batch_send(&p->batch); /* what was asked before the offence is answered */
    if (status == RFD_OK && batch_count(&p->batch) >= BATCH_GATHERED) batch_go(&p->batch);
    return status;
}

static void peer_gone(void *context, void *peer, const struct rfd_error *why)
{
    struct process *p = context;
    struct client *client = peer;
    (void)why;
    if (peer == p->self) {
        p->orphan = true;
        return;
    }
    batch_forget(&p->batch, client->channel);
    *client = (struct client){.channel = NULL};
}

/* ---- Life ---- */

static rfd_status prepare(struct process *p, struct rfd_error *error)
{
    const struct channel_handlers handlers = {p, take_message, peer_gone};
    TRY(process_lock_memory(error));
    TRY(keystore_files_open(p->options->store, &p->options->master, &p->store, error));
    master_dispose(&p->options->master);
    if (p->options->packs != NULL) TRY(packs_open(p->options->packs, &p->packs, error));
    TRY(keeper_new(&p->store, p->packs, batch_audit, &p->batch, &p->keeper, error));
    p->batch.keeper = p->keeper;
    TRY(channel_server_new(&handlers, KEEPER_PROCESS_CLIENTS + 1, &p->server, error));
    p->landed = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (p->landed < 0) return error_errno(error, RFD_E_INTERNAL, errno, "eventfd");
    channel_server_watch(p->server, p->landed);
    TRY(process_enter_sandbox(p->options->store, error));
    keeper_settle_aside(p->keeper, p->landed);
    TRY(supervised_ready(p->self, error));
    TRY(channel_server_add(p->server, p->self->control, p->self, error));
    p->self->control = NULL;
    return RFD_OK;
}

/** One round; while records wait for the disk and questions keep coming, the next one goes on with the same batch. What
 * ends the wait for the disk also ends the round's. */
static rfd_status do_round(struct process *p, struct rfd_error *error)
{
    size_t before = batch_count(&p->batch);
    bool waits = before == 0 || p->batch.flying != NULL;
    TRY(channel_server_round(p->server, waits ? -1 : batch_gathers(&p->batch), NULL, error));
    look_for_landed(p);
    bool came = batch_count(&p->batch) > before;
    if ((!came && !waits) || batch_gathers(&p->batch) == 0) batch_go(&p->batch);
    return RFD_OK;
}

static rfd_status serve(struct process *p, struct rfd_error *error)
{
    TRY(prepare(p, error));
    while (!p->orphan) TRY(do_round(p, error));
    batch_send(&p->batch);
    return RFD_OK;
}

int keeper_process_run(struct supervised *self)
{
    struct process p = {.self = self, .options = self->context, .landed = -1};
    struct rfd_error error = RFD_ERROR_INIT;
    batch_init(&p.batch, p.options->audit);
    rfd_status status = serve(&p, &error);
    if (status != RFD_OK) (void)dprintf(p.options->audit, "{\"error\":\"%s\"}\n", rfd_status_name(status));
    channel_server_free(p.server);
    batch_dispose(&p.batch);
    keeper_free(p.keeper);
    if (p.landed >= 0) (void)close(p.landed);
    packs_close(p.packs);
    keystore_close(&p.store);
    master_dispose(&p.options->master);
    return status == RFD_OK ? 0 : 1;
}
