/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is answered. A handler sets status, body and headers; the listener adds Date, Content-Length and, for GET and
 * HEAD with a validator, turns what the client has already into 304 (RFC 9110 §13). Values are checked when they are
 * set: what could break a header apart makes the response fail (sticky; the answer is then 500, and the error tells
 * why), so that these functions need no checking one by one.
 */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

#include "http/request.h"

enum { HTTP_RESPONSE_HEADERS = 24 };

/** A body, with its type and validators, that many answers share: made once, sent without copying or formatting. */
struct http_prepared;

struct http_response {
    int status; /* 200 when the handler sets none */
    struct http_field headers[HTTP_RESPONSE_HEADERS];
    size_t header_count;
    slice body; /* borrowed until the answer has been sent: the arena's, or static */
    int file;   /* or a descriptor, closed when it was sent; -1: none */
    uint64_t file_offset, file_length;
    struct http_prepared *prepared;
    slice etag; /* with its quotes */
    rfd_time last_modified;
    bool close; /* the connection ends with this answer */
    rfd_status failed;
    rfd_status error; /* what a problem was made of, for the log */
    struct arena *arena;
};

/** Adds a header. `name` is static; the value is copied. RFC 9110 §5.5: no control characters. */
void http_response_header(struct http_response *response, const char *name, slice value);
/** `body` is borrowed. `content_type` is static. */
void http_response_body(struct http_response *response, const char *content_type, slice body);
/** A short plain text for programs that watch, never kept; `text` is borrowed. */
void http_response_text(struct http_response *response, int status, slice text);
/** The response closes `file`. The length must be what the file has: it is promised to the client. */
void http_response_file(struct http_response *response, const char *content_type, int file, uint64_t offset,
                        uint64_t length);
/** The prepared answer replaces body and headers (but not the status); the response holds it until it was sent. */
void http_response_prepared(struct http_response *response, struct http_prepared *prepared);

/** A strong validator of letters, digits and "-", without quotes. */
void http_response_etag(struct http_response *response, slice tag);
void http_response_last_modified(struct http_response *response, rfd_time moment);

enum http_cache {
    HTTP_NO_STORE,   /* what only this person may see */
    HTTP_REVALIDATE, /* may be kept, must be asked for again (ETag) */
    HTTP_PUBLIC,     /* for `seconds`, also in caches of others */
    HTTP_IMMUTABLE   /* never changes under this name */
};
void http_response_cache(struct http_response *response, enum http_cache cache, uint64_t seconds);
/** 303 after a form, 302, 301, 308. The location is a path of our own, beginning with "/" and not with "//". */
void http_response_redirect(struct http_response *response, int status, slice location);
/** Secure, HttpOnly, SameSite=Lax, Path=/: the name should begin with "__Host-" where TLS is used. 0 seconds: until the
 * browser closes; below 0: removed. */
void http_response_cookie(struct http_response *response, const char *name, slice value, int64_t seconds);
/**
 * The headers of every page (CSP without inline scripts, nosniff, no framing, no referrer to others ...). For another
 * policy, such as a page that shows PDF files, `content_security_policy` replaces the default; NULL: the default.
 */
void http_response_page(struct http_response *response, const char *content_security_policy);

/**
 * RFC 9457, from an error: status and code from its table, title and hint in the request's language, the detail in
 * English. The detail of errors of the machine is left out: it may name what is no stranger's business.
 */
void http_response_problem(struct http_response *response, const struct http_request *request,
                           const struct rfd_error *error);
/** Retry-After. */
void http_response_retry_after(struct http_response *response, unsigned seconds);

/**
 * Everything is copied. `etag` without quotes, or NULL data; `last_modified` or RFD_TIME_NONE; `cache_control` the
 * header's whole value, or NULL. Answers to conditional requests are prepared, too.
 */
struct http_prepared_options {
    const char *content_type;
    slice body;
    slice etag;
    rfd_time last_modified;
    const char *cache_control;
    rfd_time expires; /* an Expires header (RFC 5019 §6.2), or RFD_TIME_NONE */
};
rfd_status http_prepared_new(const struct http_prepared_options *options, struct http_prepared **out,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** Prepared answers are counted: it goes when the last who holds it lets go. Safe between threads. */
struct http_prepared *http_prepared_hold(struct http_prepared *prepared);
void http_prepared_release(struct http_prepared *prepared);

enum { HTTP_DATE_SIZE = 32 };
/** "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7). Returns `text`. */
const char *http_date(rfd_time moment, char text[HTTP_DATE_SIZE]);
/** Only that form; the two obsolete ones are not seen any more, and a date that is not read only costs a 304. */
bool http_date_parse(slice text, rfd_time *out);

#endif
