/* SPDX-License-Identifier: EUPL-1.2 */
#include "jobs/identity_lookup.h"

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/url.h"
#include "domain/registration/identity_service.h"
#include "ipc/answer.h"
#include "ipc/channel_server.h"
#include "jobs/json_http.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    SECONDS = 2,
    ANSWER_MAXIMUM = 16 << 10,
    ADDRESS_MAXIMUM = 4 << 10,
    HEADER_MAXIMUM = 2 << 10,
    FAILURES = 3, /* in a row, until it is left alone */
    PAUSE_MILLISECONDS = 30000,
    CLIENTS = 64
};

struct identity_lookup {
    const char *address;
    struct buf authorization; /* the header, with its terminating zero; empty: none */
    struct json_http *http;
    struct channel_server *server;
    unsigned failures;
    int64_t pause; /* it is not asked until then (channel_clock) */
    int wake;
    pthread_mutex_t mutex; /* of what follows */
    int arrived[CLIENTS];
    size_t arrived_count;
    bool stopping;
};

/* ---- One question ---- */

static void put_capitals(struct buf *b, slice word)
{
    for (size_t i = 0; i < word.length; i++) {
        uint8_t c = word.data[i];
        buf_put_byte(b, c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c);
    }
}

static void put_address(struct buf *b, const char *service, const struct identity_question *q)
{
    buf_print(b, "%s?country=", service);
    put_capitals(b, q->country);
    buf_put_text(b, "&kind=");
    put_capitals(b, q->document);
    buf_put_text(b, "&number=");
    url_put_escaped(b, q->number, "");
    buf_put_byte(b, '\0');
}

/** A name of the answer, which may be left out or null; false when it is anything else. */
static bool read_name(const json_t *answer, const char *member, slice *out)
{
    const json_t *value = json_object_get(answer, member);
    *out = SLICE_EMPTY;
    if (value == NULL || json_is_null(value)) return true;
    if (!json_is_string(value)) return false;
    slice text = slice_of((const uint8_t *)json_string_value(value), json_string_length(value));
    while (text.length > 0 && text.data[0] == ' ') text = slice_from(text, 1);
    while (text.length > 0 && text.data[text.length - 1] == ' ') text = slice_part(text, 0, text.length - 1);
    *out = text;
    size_t letters = 0;
    for (slice rest = text; rest.length > 0; letters++) (void)text_next(&rest);
    return letters <= IDENTITY_NAME_MAXIMUM && text_is_printable(text);
}

static bool read_standing(const json_t *answer, enum identity_standing *out)
{
    static const char *const words[IDENTITY_STANDINGS] = {"valid", "expired", "cancelled", "deceased"};
    const json_t *value = json_object_get(answer, "status");
    *out = IDENTITY_VALID;
    if (value == NULL || json_is_null(value)) return true;
    for (unsigned i = 0; i < IDENTITY_STANDINGS && json_is_string(value); i++) {
        if (strcmp(json_string_value(value), words[i]) != 0) continue;
        *out = (enum identity_standing)i;
        return true;
    }
    return false;
}

static rfd_status read_known(const json_t *answer, struct identity_known *out, struct rfd_error *error)
{
    struct identity_known k = {.outcome = IDENTITY_KNOWN};
    bool good = read_name(answer, "givenName", &k.given_names) && read_name(answer, "surname1", &k.surname) &&
                read_name(answer, "surname2", &k.second_surname) && read_standing(answer, &k.standing);
    if (!good || k.given_names.length + k.surname.length == 0)
        return error_set(error, RFD_E_INVALID, "the answer has no names, or has what is none");
    *out = k;
    return RFD_OK;
}

/** `*answer` holds what `out` borrows. */
static rfd_status ask_service(struct identity_lookup *l, const struct identity_question *q, json_t **answer,
                              struct identity_known *out, struct rfd_error *error)
{
    struct buf address;
    buf_init_secret(&address, ADDRESS_MAXIMUM);
    put_address(&address, l->address, q);
    rfd_status status = buf_check(&address, "address", error);
    if (status == RFD_OK) {
        const struct json_http_request request = {
            .address = (const char *)address.data,
            .authorization = l->authorization.length > 0 ? (const char *)l->authorization.data : NULL};
        status = json_http_ask(l->http, &request, answer, error);
    }
    buf_dispose(&address);
    if (status == RFD_E_NOT_FOUND) {
        *out = (struct identity_known){.outcome = IDENTITY_UNKNOWN};
        return RFD_OK;
    }
    TRY(status);
    return read_known(*answer, out, error);
}

static void note_outcome(struct identity_lookup *l, rfd_status status, const struct rfd_error *why)
{
    if (status == RFD_OK) {
        if (l->failures >= FAILURES)
            log_event(LOG_NOTICE, "identity-service-well", "the identity service answers again");
        l->failures = 0;
        return;
    }
    l->failures++;
    if (l->failures < FAILURES)
        log_failure(LOG_WARNING, "identity-service", "somebody could not be looked up in the identity service", why);
    else
        log_failure(LOG_ERROR, "identity-service",
                    "the identity service (requests.identity_service) is left alone for half a minute", why);
    if (l->failures >= FAILURES) l->pause = channel_clock() + PAUSE_MILLISECONDS;
}

static rfd_status answer_one(struct identity_lookup *l, const struct identity_question *q, struct channel *channel,
                             uint64_t request, struct rfd_error *error)
{
    struct identity_known known = {.outcome = IDENTITY_UNAVAILABLE};
    json_t *answer = NULL;
    struct buf body;
    int64_t now = channel_clock();
    if (now < q->deadline && now >= l->pause) {
        struct rfd_error why = RFD_ERROR_INIT;
        note_outcome(l, ask_service(l, q, &answer, &known, &why), &why);
    }
    buf_init_secret(&body, IDENTITY_MESSAGE_MAXIMUM);
    message_put_u32(&body, RFD_OK);
    identity_known_put(&body, &known);
    rfd_status status = buf_check(&body, "answer", error);
    if (status == RFD_OK) status = channel_send(channel, IDENTITY_ASK, request, buf_slice(&body), NULL, 0, error);
    buf_dispose(&body);
    json_decref(answer);
    return status;
}

static rfd_status on_message(void *context, void *peer, struct channel *channel, struct message *m,
                             struct rfd_error *error)
{
    struct identity_question q;
    struct message_reader r = message_read(m->body);
    (void)peer;
    if (m->type != IDENTITY_ASK) return error_set(error, RFD_E_PROTOCOL, "a message of type %u", m->type);
    TRY(identity_question_get(&r, &q, error));
    return answer_one(context, &q, channel, m->request, error);
}

/* ---- Life ---- */

static rfd_status make_header(struct identity_lookup *l, slice token, struct rfd_error *error)
{
    buf_init_secret(&l->authorization, HEADER_MAXIMUM);
    if (token.length == 0) return RFD_OK;
    if (!text_is_ascii(token) || !text_is_printable(token))
        return error_set(error, RFD_E_SETTINGS, "requests.identity_token: not fit for a header (RFC 6750 §2.1)");
    buf_put_text(&l->authorization, "Authorization: Bearer ");
    buf_put_slice(&l->authorization, token);
    buf_put_byte(&l->authorization, '\0');
    return buf_check(&l->authorization, "requests.identity_token", error);
}

rfd_status identity_lookup_new(const struct settings *settings, slice token, slice authorities, const atomic_bool *stop,
                               struct identity_lookup **out, struct rfd_error *error)
{
    struct identity_lookup *l = memory_zeroed(1, sizeof *l);
    if (l == NULL) return error_memory(error);
    const struct json_http_service service = {.address = settings->requests.identity_service,
                                              .authorities = authorities,
                                              .maximum = ANSWER_MAXIMUM,
                                              .connect_seconds = SECONDS,
                                              .seconds = SECONDS,
                                              .stop = stop};
    const struct channel_handlers handlers = {.context = l, .message = on_message};
    rfd_status status;
    (void)pthread_mutex_init(&l->mutex, NULL);
    l->address = settings->requests.identity_service;
    l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->wake < 0) {
        status = error_set(error, RFD_E_INTERNAL, "no event descriptor");
        goto out;
    }
    TRY_OUT(make_header(l, token, error));
    TRY_OUT(json_http_new(&service, &l->http, error));
    TRY_OUT(channel_server_new(&handlers, CLIENTS, &l->server, error));
    channel_server_watch(l->server, l->wake);
    *out = l;
    l = NULL;
out:
    identity_lookup_free(l);
    return status;
}

void identity_lookup_free(struct identity_lookup *lookup)
{
    if (lookup == NULL) return;
    for (size_t i = 0; i < lookup->arrived_count; i++) (void)close(lookup->arrived[i]);
    channel_server_free(lookup->server);
    json_http_free(lookup->http);
    buf_dispose(&lookup->authorization);
    if (lookup->wake >= 0) (void)close(lookup->wake);
    (void)pthread_mutex_destroy(&lookup->mutex);
    memory_free(lookup);
}

static void wake(const struct identity_lookup *l)
{
    const uint64_t one = 1;
    ssize_t ignored = write(l->wake, &one, sizeof one);
    (void)ignored;
}

rfd_status identity_lookup_connect(struct identity_lookup *lookup, int descriptor, struct rfd_error *error)
{
    (void)pthread_mutex_lock(&lookup->mutex);
    bool room = lookup->arrived_count < CLIENTS;
    if (room) lookup->arrived[lookup->arrived_count++] = descriptor;
    (void)pthread_mutex_unlock(&lookup->mutex);
    wake(lookup);
    if (room) return RFD_OK;
    (void)close(descriptor);
    return error_set(error, RFD_E_LIMIT, "%d processes", CLIENTS);
}

void identity_lookup_stop(struct identity_lookup *lookup)
{
    (void)pthread_mutex_lock(&lookup->mutex);
    lookup->stopping = true;
    (void)pthread_mutex_unlock(&lookup->mutex);
    wake(lookup);
}

static void add_client(struct identity_lookup *l, int descriptor)
{
    const struct channel_options options = {.maximum = IDENTITY_MESSAGE_MAXIMUM};
    struct rfd_error error = RFD_ERROR_INIT;
    struct channel *channel = NULL;
    rfd_status status = channel_new(descriptor, &options, &channel, &error);
    if (status != RFD_OK) (void)close(descriptor);
    if (status == RFD_OK) status = channel_server_add(l->server, channel, NULL, &error);
    if (status == RFD_OK) return;
    channel_free(channel);
    log_failure(LOG_WARNING, "identity-service", "a process with pages could not be connected", &error);
}

/** False when it is time to stop. */
static bool take_arrived(struct identity_lookup *l)
{
    int taken[CLIENTS];
    uint64_t ignored;
    ssize_t got = read(l->wake, &ignored, sizeof ignored);
    (void)got;
    (void)pthread_mutex_lock(&l->mutex);
    size_t count = l->arrived_count;
    memcpy(taken, l->arrived, count * sizeof *taken);
    l->arrived_count = 0;
    bool go_on = !l->stopping;
    (void)pthread_mutex_unlock(&l->mutex);
    for (size_t i = 0; i < count; i++) add_client(l, taken[i]);
    return go_on;
}

void identity_lookup_run(struct identity_lookup *lookup)
{
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_status status = RFD_OK;
    while (status == RFD_OK && take_arrived(lookup)) status = channel_server_round(lookup->server, -1, NULL, &error);
    if (status != RFD_OK) log_failure(LOG_ERROR, "identity-service", "questions are not answered any more", &error);
}
