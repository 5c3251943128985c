/* SPDX-License-Identifier: EUPL-1.2
 *
 * Answers that are made once. libmicrohttpd's responses count who uses them and may be queued by any thread. There may
 * be a million of them: what is sent for 304 is only made for those that are asked for that way.
 */
#include "http/exchange.h"

#include "base/error.h"
#include "base/memory.h"

struct http_prepared {
    atomic_uint holders;
    struct MHD_Response *full;
    struct MHD_Response *_Atomic unchanged; /* NULL until it is needed */
    rfd_time last_modified;
    size_t length;
    char etag[72]; /* with its quotes; "" when there is none */
};

static bool add(struct http_prepared *p, const char *name, const char *value)
{
    return MHD_add_response_header(p->full, name, value) == MHD_YES;
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
    if (p->full == NULL || !add_headers(p, options)) {
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
    struct MHD_Response *unchanged = atomic_load(&prepared->unchanged);
    if (unchanged != NULL) MHD_destroy_response(unchanged);
    memory_free(prepared);
}

struct MHD_Response *prepared_full(const struct http_prepared *prepared)
{
    return prepared->full;
}

/** RFC 9110 §15.4.5: the headers that a 200 would have, without those of the content. */
static struct MHD_Response *make_unchanged(const struct http_prepared *p)
{
    static const char *const names[] = {"ETag", "Last-Modified", "Expires", "Cache-Control"};
    struct MHD_Response *made = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    for (size_t i = 0; made != NULL && i < sizeof names / sizeof *names; i++) {
        const char *value = MHD_get_response_header(p->full, names[i]);
        if (value == NULL || MHD_add_response_header(made, names[i], value) == MHD_YES) continue;
        MHD_destroy_response(made);
        made = NULL;
    }
    return made;
}

struct MHD_Response *prepared_unchanged(struct http_prepared *prepared)
{
    struct MHD_Response *there = atomic_load(&prepared->unchanged);
    if (there != NULL) return there;
    struct MHD_Response *made = make_unchanged(prepared);
    if (made == NULL || atomic_compare_exchange_strong(&prepared->unchanged, &there, made)) return made;
    MHD_destroy_response(made); /* another thread was quicker */
    return there;
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
