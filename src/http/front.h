/* SPDX-License-Identifier: EUPL-1.2
 *
 * The thread that accepts connections, hands them to libmicrohttpd, and watches deadlines.
 */
#ifndef HTTP_FRONT_H
#define HTTP_FRONT_H

#include "http/exchange.h"

/** Runs until listener->wake is written to. */
void *front_run(void *listener);
/** One look at all connections, counted. */
void front_watch(struct http_listener *listener, enum cut cut);

#endif
