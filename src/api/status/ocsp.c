/* SPDX-License-Identifier: EUPL-1.2
 *
 * OCSP over HTTP (RFC 6960 §A, RFC 5019, RFC 9654): from a request to the answer in memory, or to who makes one.
 */
#include "api/status/ocsp_sign.h"

#include "base/clock.h"
#include "base/metrics.h"

enum { SOURCE_MEMORY = 0 };

/** For many, all that matters: one certID, no nonce, and the answer is in memory. */
static bool answer_from_memory(struct status_service *s, struct http_response *response, const struct responder_id *id)
{
    struct http_prepared *answer = ocsp_memory_find(s->memory, id->whole, id->serial, clock_now());
    if (answer == NULL) return false;
    http_response_prepared(response, answer);
    http_prepared_release(answer);
    metrics_add_row(METRIC_OCSP_REQUESTS, SOURCE_MEMORY, 1);
    return true;
}

/** Of another issuer: no flight is begun for what will not be answered. */
static bool is_ours(struct status_service *s, const struct responder_id *id)
{
    struct status_authorities *all = status_authorities_now(s);
    bool ours = all == NULL || responder_match(&all->responder, id) < all->responder.issuer_count;
    status_authorities_release(all);
    return ours;
}

static void answer(struct status_service *s, struct http_request *http, struct http_response *response, slice der)
{
    struct responder_request request;
    struct rfd_error error = RFD_ERROR_INIT;
    if (responder_request_parse(der, &request, &error) != RFD_OK) {
        status_ocsp_error(response, OCSP_MALFORMED_REQUEST);
        return;
    }
    bool simple = request.count == 1 && request.nonce.length == 0 && status_memory_trusted(s);
    if (!simple) {
        status_ocsp_answer(s, http, response, &request);
    } else if (!answer_from_memory(s, response, &request.ids[0])) {
        if (is_ours(s, &request.ids[0]))
            status_ocsp_fly(s, http, response, &request.ids[0]);
        else
            status_ocsp_error(response, OCSP_UNAUTHORIZED);
    }
}

rfd_status status_ocsp_get(struct http_request *request, struct http_response *response, void *context,
                           struct rfd_error *error)
{
    struct buf der;
    slice text = http_request_part(request, "request");
    uint8_t *room = arena_allocate(request->arena, text.length + 3);
    (void)error;
    der = (struct buf){.data = room, .capacity = text.length + 3, .maximum = text.length + 3};
    if (room == NULL || responder_decode_text(text, &der, NULL) != RFD_OK)
        status_ocsp_error(response, room == NULL ? OCSP_TRY_LATER : OCSP_MALFORMED_REQUEST);
    else
        answer(context, request, response, buf_slice(&der));
    return RFD_OK;
}

/** RFC 6960 §A.1. A request that does not say what it is, is taken for what it looks like. */
rfd_status status_ocsp_post(struct http_request *request, struct http_response *response, void *context,
                            struct rfd_error *error)
{
    bool silent = http_request_header(request, "content-type", 0).data == NULL;
    (void)error;
    if (silent || http_request_is(request, "application/ocsp-request"))
        answer(context, request, response, request->body);
    else
        status_ocsp_error(response, OCSP_MALFORMED_REQUEST);
    return RFD_OK;
}
