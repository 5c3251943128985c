/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/exchange.h"

#include "base/error.h"
#include "base/number.h"

/* A body that nobody wants is read to its end when it is short: a client that is still sending when the connection is
 * closed loses the answer (RFC 9112 §9.6). */
enum { DISCARD_MOST = 64 * 1024 };

struct exchange *exchange_new(struct http_listener *listener, struct MHD_Connection *mhd, struct connection *connection,
                              slice target)
{
    struct arena arena;
    arena_init_secret(&arena, listener->options.request_memory);
    struct exchange *x = arena_zeroed(&arena, 1, sizeof *x);
    slice copy = x == NULL ? SLICE_EMPTY : arena_copy(&arena, target);
    if (copy.data == NULL) {
        arena_dispose(&arena);
        return NULL;
    }
    uint8_t id[8];
    uint64_t number = atomic_fetch_add_explicit(&listener->next_id, 1, memory_order_relaxed);
    for (int i = 0; i < 8; i++) id[i] = (uint8_t)(number >> (56 - 8 * i));
    number_to_hex(slice_of(id, sizeof id), false, (uint8_t *)x->request.id);
    x->arena = arena;
    atomic_init(&x->holders, 1);
    x->listener = listener;
    x->mhd = mhd;
    x->connection = connection;
    x->target = copy;
    x->came_at = target.data;
    x->started = listener->options.log == NULL ? 0 : connection_now_exactly();
    x->request.peer = connection->peer;
    x->request.client = connection->peer;
    if (connection->certificate.data != NULL)
        x->request.shown_certificate = arena_copy(&x->arena, slice_bytes(connection->certificate));
    if (connection->vouched_for) x->request.client_certificate = x->request.shown_certificate;
    x->request.method = HTTP_OTHER;
    x->request.arena = &x->arena;
    x->request.language = listener->options.language_count > 0 ? listener->options.languages[0] : NULL;
    x->response.status = 200;
    x->response.file = -1;
    x->response.last_modified = RFD_TIME_NONE;
    x->response.arena = &x->arena;
    return x;
}

void exchange_release(struct exchange *x)
{
    if (x == NULL || atomic_fetch_sub(&x->holders, 1) > 1) return;
    http_prepared_release(x->response.prepared);
    http_response_body(&x->response, "text/plain", SLICE_EMPTY); /* closes a file that was not sent */
    body_dispose(&x->body);
    struct arena arena = x->arena;
    arena_dispose(&arena);
}

void exchange_count(const struct http_listener *listener, enum http_event event)
{
    if (listener->options.count != NULL) listener->options.count(listener->options.context, event);
}

void exchange_problem(struct exchange *x, int status, const struct rfd_error *error)
{
    if (error->code == RFD_E_BUSY) exchange_count(x->listener, HTTP_EVENT_BUSY);
    const struct http_options *o = &x->listener->options;
    if (o->problem != NULL)
        o->problem(o->context, &x->request, &x->response, error);
    else
        http_response_problem(&x->response, &x->request, error);
    if (status != 0) x->response.status = status;
}

/** The bytes that are announced; UINT64_MAX of a chunked body, whose end is not known. */
static uint64_t announced(const struct exchange *x)
{
    uint64_t length = 0;
    if (http_field_get_any_case(&x->request.headers, "transfer-encoding", 0).data != NULL) return UINT64_MAX;
    slice text = http_request_header(&x->request, "content-length", 0);
    if (text.data != NULL && !number_unsigned(text, UINT64_MAX - 1, &length)) length = UINT64_MAX - 1;
    return length;
}

/** How much of a body is thrown away so that its sender reads why: where people send files, as much again as they may
 * send; a browser shows no answer that comes while it is still sending. */
static uint64_t discard_most(const struct exchange *x)
{
    const struct http_route *route = x->request.route;
    return route != NULL && (route->flags & HTTP_SPOOL) != 0 ? DISCARD_MOST + 2 * route->body_maximum : DISCARD_MOST;
}

/**
 * Answers what was decided before the body came: at once, or after a short body was thrown away. libmicrohttpd ends the
 * connection after an answer at once, so that without a body, too, it is the next step that answers.
 */
static enum MHD_Result refuse(struct exchange *x, uint64_t length)
{
    bool waits = length > 0 && http_request_header(&x->request, "expect", 0).data != NULL;
    if (waits || (length > discard_most(x) && length != UINT64_MAX)) {
        x->response.close = true;
        return exchange_send(x);
    }
    x->refused = true;
    x->stage = STAGE_BODY;
    return MHD_YES;
}

/** The target in absolute form (RFC 9112 §3.2.2) is the path behind the authority. */
static slice origin_form(slice target)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (int i = 0; i < 2; i++) {
        slice scheme = slice_text(schemes[i]);
        if (!http_equal_any_case(slice_part(target, 0, scheme.length), scheme)) continue;
        slice rest = slice_from(target, scheme.length);
        const uint8_t *path = rest.length == 0 ? NULL : memchr(rest.data, '/', rest.length);
        return path == NULL ? SLICE("/") : slice_from(rest, (size_t)(path - rest.data));
    }
    return target;
}

static void allow(struct exchange *x, unsigned allowed)
{
    char text[HTTP_ALLOW_SIZE];
    http_response_header(&x->response, "Allow", slice_text(http_allow(allowed, text)));
}

static void set_who(struct exchange *x)
{
    const struct http_listener *l = x->listener;
    struct http_request *r = &x->request;
    if (l->options.proxy_count > 0 || r->peer.family == HTTP_UNIX)
        r->client = http_address_forwarded(&r->peer, http_request_list(r, "x-forwarded-for"), l->proxies,
                                           l->options.proxy_count);
    if (l->options.language_count > 1)
        r->language = http_language_preferred(http_request_list(r, "accept-language"), l->options.languages,
                                              l->options.language_count);
}

/** RFD_OK: there is a route. Anything else is a problem, or (RFD_OK and no route) an answer to OPTIONS. */
static rfd_status find_route(struct exchange *x, int *status, unsigned *allowed, struct rfd_error *error)
{
    struct http_request *r = &x->request;
    slice rest = origin_form(x->target);
    struct http_match match = {0};
    if (r->method == HTTP_OTHER) {
        *status = 501;
        return error_set(error, RFD_E_METHOD, "a method that is not known here");
    }
    if (r->method == HTTP_OPTIONS && slice_is(rest, "*")) return RFD_OK;
    slice path = http_cut(&rest, '?');
    r->query_text = rest;
    TRY(http_router_find(x->listener->options.router, r->method, path, &x->arena, &match, error));
    r->path = match.path;
    r->parts = match.parts;
    *allowed = match.allowed;
    if (match.allowed == 0) return error_set(error, RFD_E_NOT_FOUND, NULL);
    if (r->method == HTTP_OPTIONS) return RFD_OK;
    if (match.route == NULL) return error_set(error, RFD_E_METHOD, NULL);
    r->route = match.route;
    return http_form_parse(rest, &x->arena, &r->query, error);
}

static rfd_status start_body(struct exchange *x, uint64_t length, struct rfd_error *error)
{
    const struct http_route *route = x->request.route;
    if (length != UINT64_MAX && length > route->body_maximum)
        return error_set(error, RFD_E_LIMIT, "a body of more than %llu bytes", (unsigned long long)route->body_maximum);
    body_init(&x->body, &x->listener->bodies, route->body_maximum, (route->flags & HTTP_SPOOL) != 0);
    return RFD_OK;
}

static void run(struct exchange *x)
{
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_status failed = x->request.route->handler(&x->request, &x->response, x->listener->options.context, &error);
    if (failed == RFD_OK || x->rests) return;
    if (error.code == RFD_OK) error.code = failed;
    exchange_problem(x, 0, &error);
}

void exchange_work(struct pool_item *item)
{
    struct exchange *x = (struct exchange *)(void *)item;
    struct MHD_Connection *mhd = x->mhd;
    run(x);
    x->stage = STAGE_READY;
    MHD_resume_connection(mhd); /* from here on, x may be gone */
}

static enum MHD_Result dispatch(struct exchange *x)
{
    struct rfd_error error;
    if (x->request.route->flags & HTTP_IMMEDIATE) {
        run(x);
        return x->rests ? MHD_YES : exchange_send(x);
    }
    if (!pool_reserve(&x->listener->pool)) {
        (void)error_set(&error, RFD_E_BUSY, "too many requests wait");
        exchange_problem(x, 0, &error);
        return exchange_send(x);
    }
    x->stage = STAGE_WORK;
    connection_set(x->connection, PHASE_WORK, DEADLINE_NONE);
    MHD_suspend_connection(x->mhd);
    pool_put(&x->listener->pool, &x->item);
    return MHD_YES;
}

static void set_body_deadline(struct exchange *x)
{
    const struct http_options *o = &x->listener->options;
    uint64_t received = x->body.length + x->discarded;
    int64_t by_rate = (int64_t)(received / o->minimum_rate) * 1000000;
    connection_set(x->connection, PHASE_BODY, x->body_started + (int64_t)o->body_seconds * 1000000 + by_rate);
}

static enum MHD_Result begin(struct exchange *x, slice method, slice version)
{
    struct rfd_error error = RFD_ERROR_INIT;
    int status = 0;
    unsigned allowed = 0;
    x->request.method = http_method_of(method);
    if (exchange_check(x, method, version, &status, &error) != RFD_OK) {
        exchange_problem(x, status, &error);
        x->response.close = true;
        return exchange_send(x);
    }
    set_who(x);
    uint64_t length = announced(x);
    if (length > 0) {
        x->body_started = connection_now();
        set_body_deadline(x);
    }
    rfd_status failed = find_route(x, &status, &allowed, &error);
    if (failed == RFD_OK && x->request.route == NULL) {
        x->response.status = 204;
        allow(x, allowed);
        return refuse(x, length);
    }
    if (failed == RFD_OK) failed = start_body(x, length, &error);
    if (failed != RFD_OK) {
        exchange_problem(x, status, &error);
        if (failed == RFD_E_METHOD && status == 0) allow(x, allowed);
        return refuse(x, length);
    }
    x->stage = STAGE_BODY;
    return MHD_YES;
}

static enum MHD_Result take_body(struct exchange *x, slice bytes)
{
    struct rfd_error error;
    if (!x->refused && body_put(&x->body, bytes, &error) != RFD_OK) {
        exchange_problem(x, 0, &error);
        body_dispose(&x->body); /* others need the memory */
        x->refused = true;
    } else if (x->refused) {
        x->discarded += bytes.length;
    }
    set_body_deadline(x);
    return x->discarded > discard_most(x) ? MHD_NO : MHD_YES;
}

static enum MHD_Result end_body(struct exchange *x)
{
    struct rfd_error error;
    if (!x->refused && body_finish(&x->body, &x->request.body, &error) != RFD_OK) {
        exchange_problem(x, 0, &error);
        x->refused = true;
    }
    x->request.body_mapped = x->body.mapped != NULL;
    return x->refused ? exchange_send(x) : dispatch(x);
}

enum MHD_Result exchange_step(struct exchange *x, slice method, slice version, slice upload, bool *consumed)
{
    *consumed = false;
    switch (x->stage) {
    case STAGE_NEW: return begin(x, method, version);
    case STAGE_BODY: *consumed = upload.length > 0; return upload.length > 0 ? take_body(x, upload) : end_body(x);
    case STAGE_READY: return exchange_send(x);
    case STAGE_WORK:
    case STAGE_CUT: break;
    }
    return MHD_NO;
}
