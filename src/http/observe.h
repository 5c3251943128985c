/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a service tells those who run it: counters and lines of log for its requests, and whether it is alive.
 */
#ifndef HTTP_OBSERVE_H
#define HTTP_OBSERVE_H

#include "http/listener.h"

/** For http_options.log: counts the request (HTTP_REQUESTS, HTTP_TIME), and writes a line of level info, warning when
 * the fault is ours. Of the client its network only (/24, /56), of the address asked for the route's name only. */
void http_observe_request(void *context, const struct http_log *log);
/** The same for services that all the internet asks: of the requests that failed by our fault one line a second, of the
 * others none. */
void http_observe_failure(void *context, const struct http_log *log);
/** For http_options.count: counts what was refused or cut (HTTP_REFUSED). */
void http_observe_event(void *context, enum http_event event);

/** Handler: 200 as long as it answers at all. */
rfd_status http_observe_live(struct http_request *request, struct http_response *response, void *context,
                             struct rfd_error *error);

#endif
