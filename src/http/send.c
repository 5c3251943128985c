/* SPDX-License-Identifier: EUPL-1.2
 *
 * From our response to libmicrohttpd's.
 */
#include "http/exchange.h"

#include "base/error.h"

static bool add_header(struct MHD_Response *to, const char *name, const char *value)
{
    return MHD_add_response_header(to, name, value) == MHD_YES;
}

static bool add_headers(const struct exchange *x, struct MHD_Response *to, bool with_type)
{
    const struct http_response *r = &x->response;
    char date[HTTP_DATE_SIZE];
    bool done = true;
    for (size_t i = 0; i < r->header_count; i++) {
        const char *name = (const char *)r->headers[i].name.data;
        if (!with_type && http_equal_any_case(r->headers[i].name, SLICE("content-type"))) continue;
        done = done && add_header(to, name, (const char *)r->headers[i].value.data);
    }
    if (r->etag.length > 0) done = done && add_header(to, "ETag", (const char *)r->etag.data);
    if (r->last_modified != RFD_TIME_NONE)
        done = done && add_header(to, "Last-Modified", http_date(r->last_modified, date));
    if (r->close || atomic_load_explicit(&x->listener->stopping, memory_order_relaxed))
        done = done && add_header(to, "Connection", "close");
    return done;
}

/** The descriptor is libmicrohttpd's from here on. */
static struct MHD_Response *make(struct exchange *x, bool with_body)
{
    struct http_response *r = &x->response;
    struct MHD_Response *to = NULL;
    if (!with_body) {
        to = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    } else if (r->file >= 0) {
        x->answer_bytes = r->file_length;
        to = MHD_create_response_from_fd_at_offset64(r->file_length, r->file, r->file_offset);
        if (to != NULL) r->file = -1;
    } else {
        x->answer_bytes = r->body.length;
        /* The body is in the exchange's arena or static: it outlives the response, and is only read. */
        to = MHD_create_response_from_buffer(r->body.length, (void *)(uintptr_t)r->body.data, MHD_RESPMEM_PERSISTENT);
    }
    if (to != NULL && !add_headers(x, to, with_body)) {
        MHD_destroy_response(to);
        to = NULL;
    }
    return to;
}

static enum MHD_Result queue(struct exchange *x, int status, struct MHD_Response *response)
{
    const struct http_options *o = &x->listener->options;
    int64_t grace = (int64_t)o->answer_seconds * 1000000;
    int64_t by_rate = (int64_t)(x->answer_bytes / o->minimum_rate) * 1000000;
    connection_set(x->connection, PHASE_ANSWER, connection_now() + grace + by_rate);
    x->sent_status = status;
    bool has_body = x->request.method != HTTP_HEAD && status >= 200 && status != 204 && status != 304;
    tls_will_answer(x->connection, has_body ? x->answer_bytes : 0);
    return MHD_queue_response(x->mhd, (unsigned)status, response);
}

static enum MHD_Result send_prepared(struct exchange *x, bool may_be_unchanged)
{
    struct http_prepared *p = x->response.prepared;
    if (may_be_unchanged && http_unchanged(&x->request, prepared_etag(p), prepared_last_modified(p))) {
        struct MHD_Response *unchanged = prepared_unchanged(p);
        return unchanged == NULL ? MHD_NO : queue(x, 304, unchanged);
    }
    x->answer_bytes = prepared_length(p);
    return queue(x, x->response.status, prepared_full(p));
}

enum MHD_Result exchange_send(struct exchange *x)
{
    struct http_response *r = &x->response;
    bool reads = x->request.method == HTTP_GET || x->request.method == HTTP_HEAD;
    if (r->failed != RFD_OK) {
        struct rfd_error error = RFD_ERROR_INIT;
        rfd_status failed = r->failed;
        (void)error_set(&error, failed == RFD_E_ARGUMENT ? RFD_E_INTERNAL : failed,
                        "the answer could not be put together");
        http_response_problem(r, &x->request, &error);
        r->status = 500;
    }
    bool may_be_unchanged = reads && r->status == 200;
    if (r->prepared != NULL) return send_prepared(x, may_be_unchanged);
    bool unchanged = may_be_unchanged && http_unchanged(&x->request, r->etag, r->last_modified);
    if (unchanged) r->status = 304;
    struct MHD_Response *response = make(x, !unchanged);
    if (response == NULL) return MHD_NO;
    enum MHD_Result result = queue(x, r->status, response);
    MHD_destroy_response(response);
    return result;
}
