/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/client_internal.h"

#include "base/error.h"
#include "base/memory.h"

#include <semaphore.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { GREETING_SIZE = 4, GREETING_PATIENCE = 120 * 1000 /* a keeper that starts makes its key from a passphrase */ };

/* ---- Life ---- */

rfd_status keeper_client_new(unsigned peers, struct keeper_client **out, struct rfd_error *error)
{
    if (peers == 0 || peers > CLIENT_PEERS) return error_set(error, RFD_E_ARGUMENT, "%u keepers", peers);
    struct keeper_client *c = memory_zeroed(1, sizeof *c);
    if (c == NULL) return error_memory(error);
    c->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (c->wake < 0) {
        memory_free(c);
        return error_set(error, RFD_E_INTERNAL, "no event descriptor");
    }
    (void)pthread_mutex_init(&c->mutex, NULL);
    c->peer_count = peers;
    *out = c;
    return RFD_OK;
}

rfd_status keeper_client_direct_to(keeper_direct *handle, void *context, struct keeper_client **out,
                                   struct rfd_error *error)
{
    struct keeper_client *c = NULL;
    TRY(keeper_client_new(1, &c, error));
    c->direct = handle;
    c->direct_context = context;
    c->session = (struct keeper_session){.sender = KEEPER_FROM_ADMIN, .greeted = true};
    *out = c;
    return RFD_OK;
}

static rfd_status handle_keeper(void *context, struct keeper_session *session, const struct message *message,
                                struct buf *answer, struct rfd_error *error)
{
    return keeper_handle(context, session, message, answer, error);
}

rfd_status keeper_client_direct(struct keeper *keeper, struct keeper_client **out, struct rfd_error *error)
{
    return keeper_client_direct_to(handle_keeper, keeper, out, error);
}

void keeper_client_free(struct keeper_client *client)
{
    if (client == NULL) return;
    (void)pthread_mutex_lock(&client->mutex);
    client->stopping = true;
    (void)pthread_mutex_unlock(&client->mutex);
    client_wake(client);
    if (client->has_reader) (void)pthread_join(client->reader, NULL);
    (void)pthread_mutex_destroy(&client->mutex);
    (void)close(client->wake);
    memory_free(client->questions);
    memory_free(client);
}

/** The thread starts with the first connection: a sandbox that is entered before holds for it, too. Signals are for
 * other threads. With the mutex. */
static rfd_status start_reader(struct keeper_client *c, struct rfd_error *error)
{
    sigset_t all, before;
    if (c->has_reader) return RFD_OK;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    c->has_reader = pthread_create(&c->reader, NULL, client_reader_run, c) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return c->has_reader ? RFD_OK : error_set(error, RFD_E_INTERNAL, "no thread for the keeper's answers");
}

/* ---- Connections ---- */

static void greeted(void *context, rfd_status status, struct message_reader *fields, const struct rfd_error *error)
{
    struct link *link = context;
    (void)error;
    bool good = status == RFD_OK && message_get_u32(fields) == KEEPER_VERSION;
    (void)pthread_mutex_lock(&link->client->mutex);
    link->greeted = good;
    if (!good) link->ended = true;
    (void)pthread_mutex_unlock(&link->client->mutex);
}

/** The first message of a link; what is asked before its answer is there travels behind it. */
static rfd_status greet(struct keeper_client *c, struct link *link, struct rfd_error *error)
{
    const struct question hello = {.deadline = channel_clock() + GREETING_PATIENCE,
                                   .operation = KEEPER_HELLO,
                                   .answered = greeted,
                                   .context = link};
    struct buf b;
    buf_init(&b, GREETING_SIZE);
    message_put_u32(&b, KEEPER_VERSION);
    rfd_status status = buf_check(&b, "greeting", error);
    if (status == RFD_OK) status = client_post(c, link, &hello, buf_slice(&b), -1, error);
    buf_dispose(&b);
    return status;
}

/** Takes `descriptor` over on success. */
static rfd_status new_link(struct keeper_client *c, int descriptor, struct link **out, struct rfd_error *error)
{
    const struct channel_options options = {.maximum = KEEPER_MESSAGE_MAXIMUM};
    struct link *link = memory_zeroed(1, sizeof *link);
    if (link == NULL) return error_memory(error);
    rfd_status status = channel_new(descriptor, &options, &link->channel, error);
    if (status != RFD_OK) {
        memory_free(link);
        return status;
    }
    link->client = c;
    link->descriptor = descriptor;
    outgoing_init(&link->queued, CLIENT_BACKLOG);
    outgoing_init(&link->flying, CLIENT_BACKLOG);
    *out = link;
    return RFD_OK;
}

rfd_status keeper_client_connect(struct keeper_client *client, unsigned index, int descriptor, struct rfd_error *error)
{
    struct link *link = NULL;
    rfd_status status = RFD_OK;
    if (client->direct != NULL || index >= client->peer_count)
        status = error_set(error, RFD_E_ARGUMENT, "keeper %u", index);
    if (status == RFD_OK) status = new_link(client, descriptor, &link, error);
    if (status != RFD_OK) {
        (void)close(descriptor);
        return status;
    }
    (void)pthread_mutex_lock(&client->mutex);
    if (client->peers[index] != NULL) client->peers[index]->ended = true;
    client->peers[index] = link;
    link->next = client->links;
    client->links = link;
    status = start_reader(client, error);
    if (status == RFD_OK) status = greet(client, link, error);
    if (status == RFD_OK)
        client_write(client, link);
    else
        link->ended = true;
    (void)pthread_mutex_unlock(&client->mutex);
    client_wake(client);
    return status;
}

static bool is_usable(const struct link *link)
{
    return link != NULL && !link->ended && !link->broken;
}

bool keeper_client_ready(struct keeper_client *client)
{
    bool ready = client->direct != NULL;
    (void)pthread_mutex_lock(&client->mutex);
    for (unsigned i = 0; i < client->peer_count; i++) ready = ready || is_usable(client->peers[i]);
    (void)pthread_mutex_unlock(&client->mutex);
    return ready;
}

/* ---- Asking ---- */

static bool is_better(const struct link *a, const struct link *b)
{
    if (b == NULL || a->greeted != b->greeted) return b == NULL || a->greeted;
    return a->unanswered < b->unanswered;
}

/** Of those with nothing to do, each has its turn. */
static struct link *choose(const struct keeper_client *c)
{
    struct link *best = NULL;
    for (unsigned i = 0; i < c->peer_count; i++) {
        struct link *link = c->peers[(c->number + i) % c->peer_count];
        if (is_usable(link) && is_better(link, best)) best = link;
    }
    return best;
}

static rfd_status send_question(struct keeper_client *c, struct question *q, slice body, int descriptor,
                                unsigned milliseconds, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    q->deadline = channel_clock() + milliseconds;
    (void)pthread_mutex_lock(&c->mutex);
    struct link *link = choose(c);
    if (link == NULL || c->stopping)
        status = error_set(error, RFD_E_PEER_GONE, "the keeper is not connected");
    else
        status = client_post(c, link, q, body, descriptor, error);
    if (status == RFD_OK) client_write(c, link);
    (void)pthread_mutex_unlock(&c->mutex);
    return status;
}

/** Asks the keeper in this process; `answer` holds what `*fields` reads. */
static rfd_status ask_directly(struct keeper_client *c, unsigned operation, slice body, int descriptor,
                               struct buf *answer, struct message_reader *fields, struct rfd_error *error)
{
    struct message m = {.type = (uint16_t)operation,
                        .body = body,
                        .descriptor_count = descriptor < 0 ? 0 : 1,
                        .descriptors = {descriptor, -1, -1, -1}};
    TRY(c->direct(c->direct_context, &c->session, &m, answer, error));
    m.body = buf_slice(answer);
    return keeper_answer_read(&m, operation, fields, error);
}

rfd_status keeper_client_send(struct keeper_client *client, unsigned operation, slice body, unsigned milliseconds,
                              keeper_answered *answered, void *context, struct rfd_error *error)
{
    struct question q = {.operation = operation, .answered = answered, .context = context};
    if (client->direct == NULL) return send_question(client, &q, body, -1, milliseconds, error);
    struct rfd_error why = RFD_ERROR_INIT;
    struct message_reader fields;
    struct buf answer;
    buf_init_secret(&answer, KEEPER_MESSAGE_MAXIMUM);
    rfd_status status = ask_directly(client, operation, body, -1, &answer, &fields, &why);
    answered(context, status, status == RFD_OK ? &fields : NULL, &why);
    buf_dispose(&answer);
    return RFD_OK;
}

/* ---- Asking and waiting ---- */

struct waiter {
    sem_t done;
    struct keeper_reply *reply;
    rfd_status status;
    struct rfd_error error;
};

static rfd_status keep(struct keeper_reply *reply, slice fields, struct rfd_error *error)
{
    if (reply == NULL) return RFD_OK;
    if (reply->memory.maximum == 0) buf_init_secret(&reply->memory, KEEPER_MESSAGE_MAXIMUM);
    buf_reset(&reply->memory);
    buf_put_slice(&reply->memory, fields);
    TRY(buf_check(&reply->memory, "answer", error));
    reply->fields = message_read(buf_slice(&reply->memory));
    return RFD_OK;
}

static void wake_waiter(void *context, rfd_status status, struct message_reader *fields, const struct rfd_error *error)
{
    struct waiter *w = context;
    w->status = status;
    if (status == RFD_OK)
        w->status = keep(w->reply, fields->left, &w->error);
    else
        w->error = *error;
    (void)sem_post(&w->done);
}

rfd_status keeper_client_ask(struct keeper_client *client, unsigned operation, slice body, int descriptor,
                             unsigned milliseconds, struct keeper_reply *reply, struct rfd_error *error)
{
    struct waiter w = {.reply = reply, .error = RFD_ERROR_INIT};
    struct question q = {.operation = operation, .answered = wake_waiter, .context = &w};
    if (client->direct != NULL) {
        struct message_reader fields;
        struct buf answer;
        buf_init_secret(&answer, KEEPER_MESSAGE_MAXIMUM);
        rfd_status status = ask_directly(client, operation, body, descriptor, &answer, &fields, error);
        if (status == RFD_OK) status = keep(reply, fields.left, error);
        buf_dispose(&answer);
        return status;
    }
    (void)sem_init(&w.done, 0, 0);
    rfd_status status = send_question(client, &q, body, descriptor, milliseconds, error);
    if (status == RFD_OK) {
        while (sem_wait(&w.done) != 0) continue; /* EINTR: somebody's signal */
        status = w.status;
        if (status != RFD_OK && error != NULL) *error = w.error;
    }
    (void)sem_destroy(&w.done);
    return status;
}

void keeper_reply_dispose(struct keeper_reply *reply)
{
    buf_dispose(&reply->memory);
    reply->fields = message_read(SLICE_EMPTY);
}
