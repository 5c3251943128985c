/* SPDX-License-Identifier: EUPL-1.2
 *
 * Sends notices to several portals at once, over libcurl: POST, https only (http on this machine), no redirects,
 * bounded in time, and what a portal answers is thrown away. Addresses inside of private networks, and this machine,
 * only where the settings allow it: a name that an administrator of portals wrote must not lead to our own services.
 */
#ifndef JOBS_NOTIFIER_HTTP_H
#define JOBS_NOTIFIER_HTTP_H

#include "base/buf.h"

#include <stdatomic.h>

enum { NOTICE_SECONDS = 10, NOTICE_WHY = 160 };

struct notice {
    const char *address, *identity, *event, *signature; /* headers; nothing in them that could break one apart */
    slice body;
    /* How it went: */
    long status;          /* of HTTP; 0: there was no answer */
    char why[NOTICE_WHY]; /* "": it was taken (status 2xx) */
};
/** Sends them side by side. `stop` ends it: those that had no answer yet have status 0 and why "stopped". */
rfd_status notices_send(struct notice *notices, size_t count, bool private_networks, const atomic_bool *stop,
                        struct rfd_error *error) RFD_MUST_CHECK;

#endif
