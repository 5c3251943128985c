/* SPDX-License-Identifier: EUPL-1.2 */
#include "server/health.h"

#include "base/clock.h"
#include "base/error.h"
#include "http/observe.h"
#include "http/response.h"

#include <stdatomic.h>

enum { REASONS_MAXIMUM = 16 << 10, LIST_MAXIMUM = 1 << 20 };

/** One small question; counting certificates would be no question for every few seconds. */
static void check_database(struct health *h, struct buf *out)
{
    struct arena a;
    struct authority_list list = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    arena_init(&a, LIST_MAXIMUM);
    if (authority_list(h->domain, &a, &list, &error) != RFD_OK)
        buf_print(out, "the database cannot be read: %s\n", error.detail);
    arena_dispose(&a);
}

void health_reasons(struct health *health, struct buf *out)
{
    rfd_time next_list = atomic_load(health->next_list);
    if (!keeper_client_ready(health->domain->keeper)) buf_put_text(out, "the keeper does not answer\n");
    for (unsigned i = 0; i < health->signer_count; i++) {
        if (!keeper_client_ready(health->signers[i])) buf_print(out, "signer %u does not answer\n", i);
    }
    if (health->personal != NULL && !keeper_client_ready(health->personal))
        buf_put_text(out, "the personal keeper does not answer\n");
    check_database(health, out);
    if (next_list != 0 && next_list <= clock_now()) buf_put_text(out, "a revocation list has ended\n");
}

/* ---- Handlers ---- */

/** A copy of the text, which ends, in the response's arena. */
static rfd_status keep(struct http_response *response, struct buf *text, slice *out, struct rfd_error *error)
{
    rfd_status status = buf_check(text, "answer", error);
    *out = status == RFD_OK ? arena_copy(response->arena, buf_slice(text)) : SLICE_EMPTY;
    if (status == RFD_OK && out->data == NULL) status = arena_failed(response->arena, error);
    buf_dispose(text);
    return status;
}

static rfd_status metrics_get(struct http_request *request, struct http_response *response, void *context,
                              struct rfd_error *error)
{
    const struct health *h = context;
    struct buf b;
    slice text;
    (void)request;
    buf_init(&b, BOARD_METRICS_MAXIMUM);
    if (h->board != NULL) board_collect(h->board, &b);
    TRY(keep(response, &b, &text, error));
    http_response_cache(response, HTTP_NO_STORE, 0);
    http_response_body(response, "application/openmetrics-text; version=1.0.0; charset=utf-8", text);
    return RFD_OK;
}

static rfd_status ready_get(struct http_request *request, struct http_response *response, void *context,
                            struct rfd_error *error)
{
    struct buf b;
    slice reasons;
    (void)request;
    buf_init(&b, REASONS_MAXIMUM);
    health_reasons(context, &b);
    TRY(keep(response, &b, &reasons, error));
    if (reasons.length > 0)
        http_response_text(response, 503, reasons);
    else
        http_response_text(response, 200, SLICE("ready\n"));
    return RFD_OK;
}

const struct http_route *health_routes(size_t *count)
{
    static const struct http_route routes[] = {
        {HTTP_GET, "/metrics", 0, 0, metrics_get, "metrics"},
        {HTTP_GET, "/health/live", 0, HTTP_IMMEDIATE, http_observe_live, "live"},
        {HTTP_GET, "/health/ready", 0, 0, ready_get, "ready"},
    };
    *count = sizeof routes / sizeof *routes;
    return routes;
}
