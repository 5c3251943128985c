/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a request must be before anything else looks at it (RFC 9112): one way to read where it ends, one Host, headers
 * that are headers. libmicrohttpd has read the same lines; where two readers could differ, the request is refused.
 */
#include "http/exchange.h"

#include "base/error.h"

enum { MOST_HEADERS = 100 };

struct collector {
    struct http_field *items;
    size_t count, room;
    bool odd; /* a name or value that is none */
};

static bool is_plain(slice value)
{
    for (size_t i = 0; i < value.length; i++)
        if ((value.data[i] < 0x20 && value.data[i] != '\t') || value.data[i] == 0x7F) return false;
    return true;
}

static enum MHD_Result collect(void *context, enum MHD_ValueKind kind, const char *name, size_t name_length,
                               const char *value, size_t value_length)
{
    struct collector *c = context;
    (void)kind;
    if (c->count == c->room) return MHD_NO;
    struct http_field *field = &c->items[c->count++];
    field->name = slice_of(name, name_length);
    field->value = value == NULL ? SLICE_EMPTY : slice_of(value, value_length);
    c->odd = c->odd || !http_is_token(field->name) || !is_plain(field->value);
    return MHD_YES;
}

static rfd_status collect_headers(struct exchange *x, int *status, struct rfd_error *error)
{
    int count = MHD_get_connection_values_n(x->mhd, MHD_HEADER_KIND, NULL, NULL);
    struct collector c = {.room = count < 0 ? 0 : (size_t)count};
    if (c.room > MOST_HEADERS) {
        *status = 431;
        return error_set(error, RFD_E_REQUEST, "%d headers", count);
    }
    c.items = arena_zeroed(&x->arena, c.room, sizeof *c.items);
    if (c.items == NULL) return arena_failed(&x->arena, error);
    (void)MHD_get_connection_values_n(x->mhd, MHD_HEADER_KIND, collect, &c);
    x->request.headers = (struct http_fields){c.items, c.count};
    if (c.odd) return error_set(error, RFD_E_REQUEST, "a header that is none (RFC 9110 5.5, 5.6.2)");
    return RFD_OK;
}

/** The headers that decide how a request is read, found in one pass. */
struct framing {
    slice length, encoding, host;
    unsigned lengths, encodings, hosts;
};

static void take(slice *value, unsigned *count, slice found)
{
    *value = http_trim(found);
    (*count)++;
}

static struct framing framing_of(const struct http_fields *headers)
{
    struct framing f = {0};
    for (size_t i = 0; i < headers->count; i++) {
        const struct http_field *h = &headers->items[i];
        if (http_equal_any_case(h->name, SLICE("host"))) take(&f.host, &f.hosts, h->value);
        if (http_equal_any_case(h->name, SLICE("content-length"))) take(&f.length, &f.lengths, h->value);
        if (http_equal_any_case(h->name, SLICE("transfer-encoding"))) take(&f.encoding, &f.encodings, h->value);
    }
    return f;
}

static bool is_digits(slice s)
{
    for (size_t i = 0; i < s.length; i++)
        if (s.data[i] < '0' || s.data[i] > '9') return false;
    return s.length > 0;
}

static rfd_status check_framing(const struct http_fields *headers, bool old, int *status, struct rfd_error *error)
{
    struct framing f = framing_of(headers);
    if (f.lengths > 1 || f.encodings > 1 || (f.lengths > 0 && f.encodings > 0))
        return error_set(error, RFD_E_REQUEST, "the body's length is given twice (RFC 9112 6.3)");
    if (f.lengths > 0 && !is_digits(f.length))
        return error_set(error, RFD_E_REQUEST, "a Content-Length that is no number (RFC 9110 8.6)");
    if (f.encodings > 0 && old) return error_set(error, RFD_E_REQUEST, "Transfer-Encoding in HTTP/1.0 (RFC 9112 6.1)");
    if (f.encodings > 0 && !http_equal_any_case(f.encoding, SLICE("chunked"))) {
        *status = 501;
        return error_set(error, RFD_E_REQUEST, "a Transfer-Encoding other than chunked (RFC 9112 6.1)");
    }
    if (f.hosts > 1 || (f.hosts == 0 && !old))
        return error_set(error, RFD_E_REQUEST, "%u Host headers (RFC 9112 3.2)", f.hosts);
    return RFD_OK;
}

/**
 * libmicrohttpd ends a method, target, name, value or line where a zero byte stands, joins lines that begin with a
 * blank, and takes a line feed alone for the end of a line. Here each piece must begin where the one before it ends,
 * with what belongs between them, and the last must end where the head does: nothing is hidden from us that somebody
 * on the way has seen.
 */
static bool is_seamless(const struct exchange *x, slice method, slice version)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    const struct http_fields *headers = &x->request.headers;
    const uint8_t *at = method.data + method.length + 1;
    bool whole = x->came_at == at;
    at += x->target.length + 1;
    whole = whole && version.data == at;
    at += version.length + 2;
    for (size_t i = 0; whole && i < headers->count; i++) {
        whole = headers->items[i].name.data == at && headers->items[i].value.data > at;
        at = headers->items[i].value.data + headers->items[i].value.length + 2;
    }
    return whole && info != NULL && at + 2 == method.data + info->header_size;
}

rfd_status exchange_check(struct exchange *x, slice method, slice version, int *status, struct rfd_error *error)
{
    bool old = slice_is(version, "HTTP/1.0");
    if (!old && !slice_is(version, "HTTP/1.1")) {
        *status = 505;
        return error_set(error, RFD_E_REQUEST, "a version other than HTTP/1.0 and HTTP/1.1");
    }
    TRY(collect_headers(x, status, error));
    if (!is_seamless(x, method, version))
        return error_set(error, RFD_E_REQUEST, "zero bytes, folded lines, or line ends other than CR LF");
    return check_framing(&x->request.headers, old, status, error);
}
