/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which handler answers which path: a table, written once, made into a tree once.
 *
 *   static const struct http_route routes[] = {
 *       {HTTP_GET,  "/ocsp/{request*}",  0,     HTTP_IMMEDIATE, ocsp_get,  "ocsp"},
 *       {HTTP_POST, "/ocsp",             16384, HTTP_IMMEDIATE, ocsp_post, "ocsp"},
 *       {HTTP_GET,  "/requests/{id}",    0,     0,              show,      "request"},
 *   };
 *
 * A pattern's part is a word, `{name}` (one segment, not empty, no "/" inside even when encoded), or, as the last one,
 * `{name*}` (all that follows, at least one character, slashes and all). Words win over `{name}`, which wins over
 * `{name*}`. Paths are compared decoded; "/a" and "/a/" are two paths. Only the table decides: there are no files
 * behind paths here.
 */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include "http/field.h"

enum http_method {
    HTTP_GET, /* HEAD, too: the listener leaves the body out */
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_METHODS, /* how many a route can be for */
    HTTP_HEAD = HTTP_METHODS,
    HTTP_OPTIONS, /* answered by the listener */
    HTTP_OTHER
};
/** "GET"; "OTHER" of what is none. */
const char *http_method_name(enum http_method method);
enum http_method http_method_of(slice name);

enum {
    /** The handler runs on the listener's own thread: it must not block, neither for a disk nor for a lock that is
     * held long. Without it, it runs in the pool. */
    HTTP_IMMEDIATE = 1,
    /** A body of more than 64 KiB goes to an unnamed file, which the handler sees mapped. */
    HTTP_SPOOL = 2,
};

struct http_request;
struct http_response;
/** Fills the response, or fails: then the error becomes a problem (RFC 9457). `context` is the listener's. */
typedef rfd_status http_handler(struct http_request *request, struct http_response *response, void *context,
                                struct rfd_error *error);

struct http_route {
    enum http_method method; /* below HTTP_METHODS */
    const char *pattern;
    uint64_t body_maximum; /* bytes; a body that is longer gets 413 */
    unsigned flags;
    http_handler *handler;
    const char *name; /* for logs and metrics, instead of the path */
};

enum { HTTP_PATH_SEGMENTS = 32, HTTP_PATH_PARTS = 8 };

struct http_router;
/** `routes` is borrowed. RFD_E_ARGUMENT for a pattern that is not one, or that is there twice. */
rfd_status http_router_new(const struct http_route *routes, size_t count, struct http_router **out,
                           struct rfd_error *error) RFD_MUST_CHECK;
void http_router_free(struct http_router *router);

struct http_match {
    const struct http_route *route; /* NULL: none, or none of this method */
    unsigned allowed;               /* bits 1 << method that the path has; 0: there is nothing at this path */
    slice path;                     /* decoded */
    struct http_fields parts;       /* what stood for {name}, decoded; in the arena */
};
/** Finds nothing without failing; RFD_E_REQUEST for a path that is not well formed (percent.h). */
rfd_status http_router_find(const struct http_router *router, enum http_method method, slice path, struct arena *a,
                            struct http_match *out, struct rfd_error *error) RFD_MUST_CHECK;

enum { HTTP_ALLOW_SIZE = 64 };
/** The value of an Allow header, "GET, HEAD, OPTIONS". Returns `text`. */
const char *http_allow(unsigned allowed, char text[HTTP_ALLOW_SIZE]);

#endif
