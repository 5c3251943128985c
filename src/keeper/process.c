/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/process.h"

#include "base/error.h"
#include "ipc/channel_server.h"
#include "keeper/event.h"
#include "keeper/keeper.h"
#include "keeper/process_sandbox.h"

#include <stdio.h>
#include <unistd.h>

struct process {
    struct supervised *self;
    struct keeper_process_options *options;
    struct keystore store;
    struct packs *packs;
    struct keeper *keeper;
    struct channel_server *server;
    struct keeper_session clients[KEEPER_PROCESS_CLIENTS]; /* sender 0: free */
    bool orphan;
};

/* ---- Channels ---- */

static struct keeper_session *free_client(struct process *p)
{
    for (size_t i = 0; i < KEEPER_PROCESS_CLIENTS; i++) {
        if (p->clients[i].sender == 0) return &p->clients[i];
    }
    return NULL;
}

/** A new client; one that has no business here, or for which there is no room, is hung up on. */
static rfd_status take_client(struct process *p, const struct supervised_news *news, struct rfd_error *error)
{
    const struct channel_options options = {.maximum = KEEPER_MESSAGE_MAXIMUM};
    struct channel *channel = NULL;
    struct keeper_session *client = free_client(p);
    enum keeper_sender sender = keeper_sender_from_name(slice_text(news->name));
    if (client == NULL || sender == 0 || news->kind != SUPERVISED_PEER ||
        channel_new(news->descriptor, &options, &channel, NULL) != RFD_OK) {
        (void)close(news->descriptor);
        return RFD_OK;
    }
    *client = (struct keeper_session){.sender = sender};
    rfd_status status = channel_server_add(p->server, channel, client, error);
    if (status == RFD_OK) return RFD_OK;
    client->sender = 0;
    channel_free(channel);
    return status;
}

static rfd_status take_message(void *context, void *peer, struct channel *channel, struct message *m,
                               struct rfd_error *error)
{
    struct process *p = context;
    struct keeper_session *client = peer;
    struct supervised_news news;
    struct buf answer;
    if (peer == p->self) {
        TRY(supervised_read(m, &news, error));
        return take_client(p, &news, error);
    }
    buf_init(&answer, KEEPER_MESSAGE_MAXIMUM - MESSAGE_HEADER_SIZE);
    rfd_status status = keeper_handle(p->keeper, client, m, &answer, error);
    if (status == RFD_OK) status = channel_send(channel, m->type, m->request, buf_slice(&answer), NULL, 0, error);
    buf_dispose(&answer);
    return status;
}

static void peer_gone(void *context, void *peer, const struct rfd_error *why)
{
    struct process *p = context;
    struct keeper_session *client = peer;
    (void)why;
    if (peer == p->self)
        p->orphan = true;
    else
        *client = (struct keeper_session){.sender = 0};
}

/* ---- Life ---- */

static rfd_status prepare(struct process *p, struct rfd_error *error)
{
    const struct channel_handlers handlers = {p, take_message, peer_gone};
    TRY(process_lock_memory(error));
    TRY(keystore_files_open(p->options->store, &p->options->master, &p->store, error));
    master_dispose(&p->options->master);
    if (p->options->packs != NULL) TRY(packs_open(p->options->packs, &p->packs, error));
    TRY(keeper_new(&p->store, p->packs, keeper_event_write, &p->options->audit, &p->keeper, error));
    TRY(channel_server_new(&handlers, KEEPER_PROCESS_CLIENTS + 1, &p->server, error));
    TRY(process_enter_sandbox(p->options->store, error));
    TRY(supervised_ready(p->self, error));
    TRY(channel_server_add(p->server, p->self->control, p->self, error));
    p->self->control = NULL;
    return RFD_OK;
}

static rfd_status serve(struct process *p, struct rfd_error *error)
{
    TRY(prepare(p, error));
    while (!p->orphan) TRY(channel_server_round(p->server, -1, NULL, error));
    return RFD_OK;
}

int keeper_process_run(struct supervised *self)
{
    struct process p = {.self = self, .options = self->context};
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_status status = serve(&p, &error);
    if (status != RFD_OK) (void)dprintf(p.options->audit, "{\"error\":\"%s\"}\n", rfd_status_name(status));
    channel_server_free(p.server);
    keeper_free(p.keeper);
    packs_close(p.packs);
    keystore_close(&p.store);
    master_dispose(&p.options->master);
    return status == RFD_OK ? 0 : 1;
}
