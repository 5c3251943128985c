/* SPDX-License-Identifier: EUPL-1.2
 *
 * HTTP with a service that is not ours and answers with JSON objects, over libcurl: an OpenID provider, an identity
 * service.
 *
 * What comes from there is a stranger's: https only (http on this machine), no redirects, bounded in size and time; and
 * whatever other host an answer names, none inside of private networks is spoken with, but for the service's own.
 */
#ifndef JOBS_JSON_HTTP_H
#define JOBS_JSON_HTTP_H

#include "base/buf.h"

#include <jansson.h>
#include <stdatomic.h>

struct json_http_service {
    const char *address; /* its own; the others are looked at */
    slice authorities;   /* PEM; empty: the machine's */
    size_t maximum;      /* octets of an answer */
    long connect_seconds, seconds;
    const atomic_bool *stop; /* ends what is under way; may be NULL */
};
struct json_http;
rfd_status json_http_new(const struct json_http_service *service, struct json_http **out,
                         struct rfd_error *error) RFD_MUST_CHECK;
void json_http_free(struct json_http *http);

struct json_http_request {
    const char *address;
    const char *authorization; /* the whole header; NULL: none */
    const struct buf *form;    /* POST with this body; NULL: GET */
};
/** A JSON object, a new reference. RFD_E_NOT_FOUND for status 404; RFD_E_NETWORK, RFD_E_NETWORK_FORBIDDEN, RFD_E_LIMIT,
 * RFD_E_INVALID. Errors do not tell the query of the address. */
rfd_status json_http_ask(struct json_http *http, const struct json_http_request *request, json_t **out,
                         struct rfd_error *error) RFD_MUST_CHECK;

#endif
