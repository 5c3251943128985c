/* SPDX-License-Identifier: EUPL-1.2
 *
 * A job is one signature: for one request that rests, or for a flight with all that wait for it (ocsp_memory.h), or for
 * nobody, when an answer is renewed ahead. It ends in job_end() and nowhere else.
 */
#include "api/status/ocsp_sign.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "base/number.h"

enum {
    BACKDATED = 60, /* seconds that thisUpdate lies back, for clocks that are slow */
    TAG_OCTETS = 20,
    ALGORITHM_MAXIMUM = 128,
    SIGNATURE_MAXIMUM = 2048,
    SINGLE_USUAL = 256, /* octets */
    SOURCE_SIGNED = 1,  /* rows of the metric */
    SOURCE_ERROR = 2
};
static const char content_type[] = "application/ocsp-response";

struct job {
    struct status_service *service;
    struct status_authorities *authorities; /* held */
    struct http_later *later;               /* of a single request, or NULL */
    struct ocsp_flight *flight;             /* or NULL */
    const struct responder_issuer *spokesman;
    struct responder_times times;
    bool may_be_kept;
    rfd_time since;
    struct buf data; /* ResponseData */
};

void status_ocsp_error(struct http_response *response, enum ocsp_status status)
{
    metrics_add_row(METRIC_OCSP_REQUESTS, SOURCE_ERROR, 1);
    http_response_body(response, content_type, responder_error(status));
    http_response_cache(response, HTTP_NO_STORE, 0);
    if (status != OCSP_TRY_LATER) return;
    response->status = 503;
    http_response_retry_after(response, STATUS_RETRY_SECONDS);
}

/* ---- The end of a job ---- */

static void end_later(struct http_later *later, enum ocsp_status status, struct http_prepared *answer)
{
    struct http_response *response = http_later_response(later);
    if (status == OCSP_SUCCESSFUL)
        http_response_prepared(response, answer);
    else
        status_ocsp_error(response, status);
    http_later_done(later, NULL);
}

static void count_signed(rfd_time since)
{
    metrics_add_row(METRIC_OCSP_REQUESTS, SOURCE_SIGNED, 1);
    metrics_time(METRIC_OCSP_TIME, clock_now() - since);
}

/** RFC 5019 §6.2. The answer is handed out unchanged for half of its life and longer: its max-age is a quarter. */
static rfd_status prepare(const struct job *j, slice body, struct http_prepared **out, struct ocsp_window *window,
                          struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    uint8_t tag[2 * TAG_OCTETS];
    char cache[80];
    rfd_time life = j->times.next_update - j->times.produced_at;
    rfd_time age = life / 4 / RFD_SECOND;
    TRY(digest_of(DIGEST_SHA256, body, digest, error));
    number_to_hex(slice_of(digest, TAG_OCTETS), false, tag);
    (void)snprintf(cache, sizeof cache, "max-age=%lld, public, no-transform, must-revalidate", (long long)age);
    *window = (struct ocsp_window){j->times.produced_at + life / 2, j->times.next_update - age * RFD_SECOND};
    const struct http_prepared_options options = {.content_type = content_type,
                                                  .body = body,
                                                  .etag = slice_of(tag, sizeof tag),
                                                  .last_modified = j->times.produced_at,
                                                  .cache_control = cache,
                                                  .expires = j->times.next_update};
    return http_prepared_new(&options, out, error);
}

/** Those who wait get the one answer, and it is kept; without one (`status`), they are told so. */
static void land(struct job *j, enum ocsp_status status, slice body)
{
    struct http_prepared *answer = NULL;
    struct ocsp_window window = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    if (status == OCSP_SUCCESSFUL && prepare(j, body, &answer, &window, &error) != RFD_OK) status = OCSP_INTERNAL_ERROR;
    bool keep = j->may_be_kept && status_memory_trusted(j->service);
    struct ocsp_waiter *waiter =
        ocsp_memory_land(j->service->memory, j->flight, keep ? answer : NULL, body.length, &window);
    while (waiter != NULL) {
        struct ocsp_waiter *next = waiter->next; /* it is in the request's arena */
        if (status == OCSP_SUCCESSFUL) count_signed(waiter->since);
        end_later(waiter->later, status, answer);
        waiter = next;
    }
    http_prepared_release(answer);
}

/** The body is built in the resting request's arena. */
static void end_single(struct job *j, enum ocsp_status status, slice body)
{
    struct http_response *response = http_later_response(j->later);
    if (status == OCSP_SUCCESSFUL) {
        count_signed(j->since);
        http_response_body(response, content_type, body);
        http_response_cache(response, HTTP_NO_STORE, 0);
    } else {
        status_ocsp_error(response, status);
    }
    http_later_done(j->later, NULL);
}

static void job_end(struct job *j, enum ocsp_status status, slice body)
{
    struct status_service *s = j->service;
    if (j->flight != NULL)
        land(j, status, body);
    else if (j->later != NULL)
        end_single(j, status, body);
    buf_dispose(&j->data);
    status_authorities_release(j->authorities);
    memory_free(j);
    atomic_fetch_sub(&s->asked, 1);
}

/* ---- The signature has come ---- */

static enum ocsp_status status_of(rfd_status failed)
{
    switch (failed) {
    case RFD_E_PEER_GONE:
    case RFD_E_DEADLINE:
    case RFD_E_BUSY:
    case RFD_E_STORE:
    case RFD_E_LIMIT: return OCSP_TRY_LATER;
    default: return OCSP_INTERNAL_ERROR;
    }
}

static void put_together(struct job *j, struct message_reader *fields, struct buf *out, rfd_status *status,
                         struct rfd_error *error)
{
    slice algorithm = message_get_bytes(fields, ALGORITHM_MAXIMUM);
    slice signature = message_get_bytes(fields, SIGNATURE_MAXIMUM);
    *status = message_end(fields, "signature", error);
    if (*status != RFD_OK) return;
    responder_put_response(out, j->spokesman, buf_slice(&j->data), algorithm, signature);
    *status = buf_check(out, "OCSP response", error);
}

/** Where the response is built: the resting request's arena, which is freed with it, or the heap. */
static void open_output(const struct job *j, struct buf *out)
{
    size_t room = j->data.length + j->spokesman->signer->certificate->der.length + SIGNATURE_MAXIMUM;
    buf_init(out, RESPONDER_RESPONSE_MAXIMUM);
    if (j->later == NULL) return;
    out->data = arena_allocate(http_later_response(j->later)->arena, room);
    out->capacity = out->maximum = out->data == NULL ? 0 : room;
}

static void answered(void *context, rfd_status status, struct message_reader *fields, const struct rfd_error *why)
{
    struct job *j = context;
    struct rfd_error error = RFD_ERROR_INIT;
    struct buf out;
    open_output(j, &out);
    if (status == RFD_OK)
        put_together(j, fields, &out, &status, &error);
    else
        error = *why;
    if (status != RFD_OK) status_complain(j->service, "ocsp-not-signed", "OCSP answers are not signed", &error);
    bool in_arena = j->later != NULL;
    job_end(j, status == RFD_OK ? OCSP_SUCCESSFUL : status_of(status), buf_slice(&out));
    if (!in_arena) buf_dispose(&out);
}

/* ---- The beginning ---- */

/** NULL: there is no memory. The database's and signers' work is counted until job_end(). */
static struct job *job_new(struct status_service *s)
{
    struct job *j = memory_zeroed(1, sizeof *j);
    if (j == NULL) return NULL;
    j->service = s;
    j->authorities = status_authorities_now(s);
    j->since = clock_now();
    buf_init(&j->data, RESPONDER_RESPONSE_MAXIMUM);
    atomic_fetch_add(&s->asked, 1);
    return j;
}

/** Whole seconds; no answer outlives the certificate that proves it. */
static enum ocsp_status set_times(struct job *j, const struct responder_request *request)
{
    rfd_time now = j->since / RFD_SECOND * RFD_SECOND;
    rfd_time life = (rfd_time)j->service->settings->status.ocsp_hours * 3600 * RFD_SECOND;
    rfd_time until = now - BACKDATED * RFD_SECOND + life;
    for (size_t i = 0; i < request->count; i++) {
        size_t issuer = responder_match(&j->authorities->responder, &request->ids[i]);
        if (issuer == j->authorities->responder.issuer_count) continue;
        rfd_time end = j->authorities->responder.issuers[issuer].signer->certificate->not_after;
        if (end < until) until = end;
    }
    j->times = (struct responder_times){now, now - BACKDATED * RFD_SECOND, until};
    return until > now ? OCSP_SUCCESSFUL : OCSP_INTERNAL_ERROR;
}

/** Looks up and builds what is to be signed. */
static enum ocsp_status draft(struct job *j, const struct responder_request *request)
{
    struct responder_draft made;
    struct rfd_error error = RFD_ERROR_INIT;
    if (j->authorities == NULL) return OCSP_TRY_LATER;
    enum ocsp_status status = set_times(j, request);
    if (status != OCSP_SUCCESSFUL) return status;
    (void)buf_reserve(&j->data, SINGLE_USUAL * (request->count + 1));
    rfd_status failed = responder_put_data(&j->authorities->responder, request, &j->times, &j->data, &made, &error);
    if (failed != RFD_OK) {
        status_complain(j->service, "ocsp-look-up", "the register of certificates cannot be asked", &error);
        return status_of(failed);
    }
    if (made.spokesman == NULL) return OCSP_UNAUTHORIZED;
    j->spokesman = made.spokesman;
    j->may_be_kept = made.all_known;
    rfd_time soon = j->times.this_update + RESPONDER_UNKNOWN_SECONDS * RFD_SECOND;
    if (!made.all_known && soon < j->times.next_update) j->times.next_update = soon; /* as the answer itself says */
    return OCSP_SUCCESSFUL;
}

/** From here on, answered() ends the job. */
static void ask(struct job *j)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct buf body;
    slice key = status_authorities_spokesman(j->authorities, j->spokesman)->ocsp_key;
    buf_init(&body, KEEPER_MESSAGE_MAXIMUM);
    (void)buf_reserve(&body, j->data.length + key.length + 16);
    message_put_bytes(&body, key);
    message_put_bytes(&body, buf_slice(&j->data));
    rfd_status status = buf_check(&body, "question", &error);
    if (status == RFD_OK)
        status = keeper_client_send(j->service->signers, KEEPER_SIGN_OCSP, buf_slice(&body), STATUS_SIGNER_MILLISECONDS,
                                    answered, j, &error);
    buf_dispose(&body);
    if (status != RFD_OK) answered(j, status, NULL, &error);
}

void status_ocsp_answer(struct status_service *s, struct http_request *http, struct http_response *response,
                        const struct responder_request *request)
{
    struct job *j = job_new(s);
    enum ocsp_status status = j == NULL ? OCSP_TRY_LATER : draft(j, request);
    if (status == OCSP_SUCCESSFUL) {
        j->later = http_request_later(http);
        if (j->later == NULL) status = OCSP_TRY_LATER;
    }
    if (status == OCSP_SUCCESSFUL) {
        ask(j);
        return;
    }
    status_ocsp_error(response, status);
    if (j != NULL) job_end(j, status, SLICE_EMPTY);
}

/** A flight that was begun, with or without people in it. */
static void take_off(struct status_service *s, struct ocsp_flight *flight, const struct responder_id *id)
{
    struct responder_request request = {.count = 1, .nonce = SLICE_EMPTY};
    struct job *j = job_new(s);
    enum ocsp_status status = OCSP_TRY_LATER;
    request.ids[0] = *id;
    if (j == NULL) {
        struct job none = {.service = s, .flight = flight};
        land(&none, status, SLICE_EMPTY);
        return;
    }
    j->flight = flight;
    status = draft(j, &request);
    if (status == OCSP_SUCCESSFUL)
        ask(j);
    else
        job_end(j, status, SLICE_EMPTY);
}

void status_ocsp_fly(struct status_service *s, struct http_request *http, struct http_response *response,
                     const struct responder_id *id)
{
    struct ocsp_flight *flight = NULL;
    struct http_prepared *answer = NULL;
    struct ocsp_waiter *waiter = arena_zeroed(http->arena, 1, sizeof *waiter);
    struct http_later *later = waiter == NULL ? NULL : http_request_later(http);
    if (later == NULL) {
        status_ocsp_error(response, OCSP_TRY_LATER);
        return;
    }
    waiter->later = later;
    waiter->since = clock_now();
    switch (ocsp_memory_join(s->memory, id->whole, id->serial, waiter->since, waiter, &answer, &flight)) {
    case OCSP_JOINED_ANSWER:
        end_later(later, OCSP_SUCCESSFUL, answer);
        http_prepared_release(answer);
        break;
    case OCSP_JOINED_BEGUN:
        if (flight == NULL)
            end_later(later, OCSP_TRY_LATER, NULL);
        else
            take_off(s, flight, id);
        break;
    case OCSP_JOINED_FLIGHT: break;
    }
}

void status_ocsp_renew(struct status_service *s, struct ocsp_flight *flight)
{
    struct responder_id id;
    struct job none = {.service = s, .flight = flight};
    if (responder_id_parse(ocsp_flight_id(flight), &id, NULL) == RFD_OK)
        take_off(s, flight, &id);
    else
        land(&none, OCSP_INTERNAL_ERROR, SLICE_EMPTY);
}
