/* SPDX-License-Identifier: EUPL-1.2
 *
 * What was asked. Everything here lives until the answer has been sent, in the request's arena or in the connection;
 * nothing needs freeing. A handler gets a request whose framing, path and query were checked, and whose body is
 * complete and within the route's limit. What the body says is unchecked.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "base/language.h"
#include "http/address.h"
#include "http/form.h"
#include "http/router.h"

enum { HTTP_REQUEST_ID_SIZE = 17 };

struct http_response;

struct http_request {
    char id[HTTP_REQUEST_ID_SIZE]; /* 16 hexadecimal digits, for logs; of this process, not a secret */
    enum http_method method;
    const struct http_route *route;
    slice path;                 /* decoded; for logs, the handler has `parts` */
    slice query_text;           /* as it came, without "?" */
    struct http_fields parts;   /* of the path */
    struct http_fields query;   /* decoded */
    struct http_fields headers; /* as they came */
    slice body;
    bool body_mapped;                    /* a mapped file, not memory */
    struct http_address client;          /* behind trusted proxies: who they say it is */
    struct http_address peer;            /* the other end of the connection */
    slice client_certificate;            /* DER, when the listener has TLS, asked for one, and the client proved to have
                                            its key. Whose it is, is for the handler to find out */
    slice shown_certificate;             /* the same; or one for which no authority of clients vouches, or no more: for
                                            who knows it by its octets (RFC 8705 §2.2) */
    const struct rfd_language *language; /* what Accept-Language prefers of the listener's languages, or NULL */
    struct arena *arena;
};

/** A part of the path; the route must have it. */
slice http_request_part(const struct http_request *request, const char *name);
/** The one value of a query's name; empty when there is none. RFD_E_REQUEST when it is there twice. */
rfd_status http_request_query(const struct http_request *request, const char *name, slice *out,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** The n-th value of a header, without blanks around; data is NULL when there is none. */
slice http_request_header(const struct http_request *request, const char *name, size_t n);
/** All values of a header that is a list, joined by commas (RFC 9110 §5.3): a proxy may add a line of its own. */
slice http_request_list(const struct http_request *request, const char *name);
/** The n-th value of a cookie (see http_cookie_find). */
slice http_request_cookie(const struct http_request *request, const char *name, size_t n);
/** The body as form fields. RFD_E_MEDIA when it is no application/x-www-form-urlencoded. */
rfd_status http_request_form(const struct http_request *request, struct http_fields *out,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** The body as parts. RFD_E_MEDIA when it is no multipart/form-data. */
rfd_status http_request_parts(const struct http_request *request, struct http_parts *out,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** Whether the body has this type, whatever its parameters. */
bool http_request_is(const struct http_request *request, const char *content_type);

/**
 * For handlers of HTTP_IMMEDIATE routes that cannot answer at once, because another process has to be asked first: the
 * connection rests, the thread goes on. The handler returns RFD_OK right after taking it, and leaves its response
 * alone; request, arena and the response in here stay until http_later_done(), which somebody calls exactly once, from
 * any thread. NULL when there is no memory or the listener is stopping.
 */
struct http_later;
struct http_later *http_request_later(struct http_request *request);
struct http_response *http_later_response(struct http_later *later);
/** The answer is what is in the response, or a problem made of `error` (NULL: none). */
void http_later_done(struct http_later *later, const struct rfd_error *error);

/** The language of `languages` that an Accept-Language (RFC 9110 §12.5.4) prefers; the first when it names none. */
const struct rfd_language *http_language_preferred(slice accept, const struct rfd_language *const *languages,
                                                   size_t count);

#endif
