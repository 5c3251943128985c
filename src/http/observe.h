/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a service shows and tells those who run it: metrics and health over HTTP, on a listener of its own that
 * strangers do not reach, and a line of log for each request.
 */
#ifndef HTTP_OBSERVE_H
#define HTTP_OBSERVE_H

#include "http/listener.h"

struct http_observed {
    const char *process; /* as in log_open() */
    /** Whether it can do its work now, and if not, why, in a few words; NULL: always. Any thread, must be quick. */
    bool (*ready)(void *context, const char **why);
    void *context;
};

/** Handlers for routes of one's own; `context` is a struct http_observed. */
rfd_status http_metrics_handler(struct http_request *request, struct http_response *response, void *context,
                                struct rfd_error *error); /* OpenMetrics */
rfd_status http_live_handler(struct http_request *request, struct http_response *response, void *context,
                             struct rfd_error *error); /* 200 as long as it answers at all */
rfd_status http_ready_handler(struct http_request *request, struct http_response *response, void *context,
                              struct rfd_error *error); /* 200, or 503 with the reason */

/** Or a whole listener: /metrics, /health/live, /health/ready. `observed` must stay. */
struct http_observer;
rfd_status http_observer_start(const char *const *addresses, size_t count, const struct http_observed *observed,
                               struct http_observer **out, struct rfd_error *error) RFD_MUST_CHECK;
uint16_t http_observer_port(const struct http_observer *observer);
void http_observer_stop(struct http_observer *observer);

/** For http_options.log: counts the request (HTTP_REQUESTS, HTTP_TIME), and writes a line of level info, warning when
 * the fault is ours. Of the client its network only (/24, /56), of the address asked for the route's name only. */
void http_observe_request(void *context, const struct http_log *log);
/** For http_options.count: counts what was refused or cut (HTTP_REFUSED). */
void http_observe_event(void *context, enum http_event event);

#endif
