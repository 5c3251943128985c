/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/registration/identity_service.h"

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "ipc/answer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

enum {
    WAITING = 3, /* who asks, and those behind: the pages have more threads than that */
    NAME_OCTETS = 4 * IDENTITY_NAME_MAXIMUM,
    WORD_OCTETS = 40
};

/* ---- On the wire ---- */

void identity_question_put(struct buf *b, const struct identity_question *question)
{
    message_put_i64(b, question->deadline);
    message_put_bytes(b, question->country);
    message_put_bytes(b, question->document);
    message_put_bytes(b, question->number);
}

rfd_status identity_question_get(struct message_reader *r, struct identity_question *out, struct rfd_error *error)
{
    struct identity_question q = {.deadline = message_get_i64(r)};
    q.country = message_get_text(r, WORD_OCTETS);
    q.document = message_get_text(r, WORD_OCTETS);
    q.number = message_get_text(r, WORD_OCTETS);
    TRY(message_end(r, "question for an identity", error));
    *out = q;
    return RFD_OK;
}

void identity_known_put(struct buf *b, const struct identity_known *known)
{
    message_put_u8(b, (uint8_t)known->outcome);
    message_put_u8(b, (uint8_t)known->standing);
    message_put_bytes(b, known->given_names);
    message_put_bytes(b, known->surname);
    message_put_bytes(b, known->second_surname);
}

rfd_status identity_known_get(struct message_reader *r, struct identity_known *out, struct rfd_error *error)
{
    uint8_t outcome = message_get_u8(r);
    uint8_t standing = message_get_u8(r);
    slice given_names = message_get_text(r, NAME_OCTETS);
    slice surname = message_get_text(r, NAME_OCTETS);
    slice second_surname = message_get_text(r, NAME_OCTETS);
    TRY(message_end(r, "identity", error));
    if (outcome > IDENTITY_KNOWN || standing >= IDENTITY_STANDINGS)
        return error_set(error, RFD_E_PROTOCOL, "identity: %u, %u", outcome, standing);
    *out = (struct identity_known){.outcome = (enum identity_outcome)outcome,
                                   .given_names = given_names,
                                   .surname = surname,
                                   .second_surname = second_surname,
                                   .standing = (enum identity_standing)standing};
    return RFD_OK;
}

/* ---- The pages' side ---- */

struct identity_client {
    pthread_mutex_t mutex; /* of the channel */
    struct channel *channel;
    atomic_int asking;
};

rfd_status identity_client_new(struct identity_client **out, struct rfd_error *error)
{
    struct identity_client *c = memory_zeroed(1, sizeof *c);
    if (c == NULL) return error_memory(error);
    (void)pthread_mutex_init(&c->mutex, NULL);
    *out = c;
    return RFD_OK;
}

void identity_client_free(struct identity_client *client)
{
    if (client == NULL) return;
    channel_free(client->channel);
    (void)pthread_mutex_destroy(&client->mutex);
    memory_free(client);
}

rfd_status identity_client_connect(struct identity_client *client, int descriptor, struct rfd_error *error)
{
    const struct channel_options options = {.maximum = IDENTITY_MESSAGE_MAXIMUM};
    struct channel *channel = NULL;
    rfd_status status = channel_new(descriptor, &options, &channel, error);
    if (status != RFD_OK) {
        (void)close(descriptor);
        return status;
    }
    (void)pthread_mutex_lock(&client->mutex);
    channel_free(client->channel);
    client->channel = channel;
    (void)pthread_mutex_unlock(&client->mutex);
    return RFD_OK;
}

static bool keep(struct arena *a, slice *text)
{
    if (text->length == 0) return true;
    *text = arena_copy(a, *text);
    return text->data != NULL;
}

/** With the mutex. A channel that failed is of no more use, unless it was only late. */
static rfd_status ask_now(struct identity_client *c, const struct identity_question *q, struct arena *a,
                          struct identity_known *out, struct rfd_error *error)
{
    struct buf body;
    struct message_reader fields;
    struct identity_known known;
    int64_t left = q->deadline - channel_clock();
    if (c->channel == NULL) return error_set(error, RFD_E_PEER_GONE, "the worker is not connected");
    if (left <= 0) return error_set(error, RFD_E_DEADLINE, "others were before");
    buf_init_secret(&body, IDENTITY_MESSAGE_MAXIMUM);
    identity_question_put(&body, q);
    rfd_status status = buf_check(&body, "question", error);
    if (status == RFD_OK)
        status = answer_ask(c->channel, IDENTITY_ASK, buf_slice(&body), (unsigned)left, "the worker", &fields, error);
    buf_dispose(&body);
    if (status == RFD_OK) status = identity_known_get(&fields, &known, error);
    if (status == RFD_E_PEER_GONE || status == RFD_E_PROTOCOL) {
        channel_free(c->channel);
        c->channel = NULL;
    }
    TRY(status);
    if (!keep(a, &known.given_names) || !keep(a, &known.surname) || !keep(a, &known.second_surname))
        return arena_failed(a, error);
    *out = known;
    return RFD_OK;
}

static bool lock_until(struct identity_client *c, int64_t deadline)
{
    const struct timespec until = {.tv_sec = deadline / 1000, .tv_nsec = deadline % 1000 * 1000000};
    return pthread_mutex_clocklock(&c->mutex, CLOCK_MONOTONIC, &until) == 0;
}

rfd_status identity_client_ask(struct identity_client *client, slice country, slice document, slice number,
                               struct arena *a, struct identity_known *out, struct rfd_error *error)
{
    const struct identity_question q = {
        .country = country, .document = document, .number = number, .deadline = channel_clock() + IDENTITY_PATIENCE};
    rfd_status status = RFD_E_BUSY;
    struct rfd_error why = RFD_ERROR_INIT;
    *out = (struct identity_known){.outcome = IDENTITY_UNAVAILABLE};
    if (atomic_fetch_add(&client->asking, 1) < WAITING && lock_until(client, q.deadline)) {
        status = ask_now(client, &q, a, out, &why);
        (void)pthread_mutex_unlock(&client->mutex);
    }
    (void)atomic_fetch_sub(&client->asking, 1);
    if (status == RFD_E_MEMORY) return error_memory(error);
    if (status != RFD_OK && status != RFD_E_BUSY && status != RFD_E_DEADLINE)
        log_failure(LOG_WARNING, "identity-service", "the worker could not be asked for an identity", &why);
    return RFD_OK;
}
