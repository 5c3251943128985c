/* SPDX-License-Identifier: EUPL-1.2
 *
 * Answers that are made once. libmicrohttpd's responses count who uses them and may be queued by any thread.
 */
#include "http/exchange.h"

#include "base/error.h"
#include "base/memory.h"

struct http_prepared {
    atomic_uint holders;
    struct MHD_Response *full, *unchanged;
    rfd_time last_modified;
    size_t length;
    char etag[72]; /* with its quotes; "" when there is none */
};

static bool add(struct http_prepared *p, const char *name, const char *value)
{
    return MHD_add_response_header(p->full, name, value) == MHD_YES &&
           MHD_add_response_header(p->unchanged, name, value) == MHD_YES;
}

static bool add_headers(struct http_prepared *p, const struct http_prepared_options *options)
{
    char date[HTTP_DATE_SIZE];
    bool done = MHD_add_response_header(p->full, "Content-Type", options->content_type) == MHD_YES;
    if (p->etag[0] != '\0') done = done && add(p, "ETag", p->etag);
    if (options->last_modified != RFD_TIME_NONE)
        done = done && add(p, "Last-Modified", http_date(options->last_modified, date));
    if (options->expires != RFD_TIME_NONE) done = done && add(p, "Expires", http_date(options->expires, date));
    if (options->cache_control != NULL) done = done && add(p, "Cache-Control", options->cache_control);
    return done;
}

rfd_status http_prepared_new(const struct http_prepared_options *options, struct http_prepared **out,
                             struct rfd_error *error)
{
    if (options->etag.length > sizeof((struct http_prepared *)0)->etag - 3)
        return error_set(error, RFD_E_ARGUMENT, "an ETag of %zu characters", options->etag.length);
    struct http_prepared *p = memory_zeroed(1, sizeof *p);
    if (p == NULL) return error_memory(error);
    atomic_init(&p->holders, 1);
    p->last_modified = options->last_modified;
    p->length = options->body.length;
    if (options->etag.length > 0)
        (void)snprintf(p->etag, sizeof p->etag, "\"%.*s\"", (int)options->etag.length,
                       (const char *)options->etag.data);
    /* The library copies; it only reads what it is given here. */
    p->full = MHD_create_response_from_buffer(options->body.length, (void *)(uintptr_t)options->body.data,
                                              MHD_RESPMEM_MUST_COPY);
    p->unchanged = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (p->full == NULL || p->unchanged == NULL || !add_headers(p, options)) {
        http_prepared_release(p);
        return error_set(error, RFD_E_MEMORY, "an answer could not be prepared");
    }
    *out = p;
    return RFD_OK;
}

struct http_prepared *http_prepared_hold(struct http_prepared *prepared)
{
    atomic_fetch_add(&prepared->holders, 1);
    return prepared;
}

void http_prepared_release(struct http_prepared *prepared)
{
    if (prepared == NULL || atomic_fetch_sub(&prepared->holders, 1) > 1) return;
    if (prepared->full != NULL) MHD_destroy_response(prepared->full);
    if (prepared->unchanged != NULL) MHD_destroy_response(prepared->unchanged);
    memory_free(prepared);
}

struct MHD_Response *prepared_full(const struct http_prepared *prepared)
{
    return prepared->full;
}

struct MHD_Response *prepared_unchanged(const struct http_prepared *prepared)
{
    return prepared->unchanged;
}

slice prepared_etag(const struct http_prepared *prepared)
{
    return slice_text(prepared->etag);
}

rfd_time prepared_last_modified(const struct http_prepared *prepared)
{
    return prepared->last_modified;
}

size_t prepared_length(const struct http_prepared *prepared)
{
    return prepared->length;
}
