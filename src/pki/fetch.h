/* SPDX-License-Identifier: EUPL-1.2
 *
 * HTTP for OCSP, CRLs, certificates and time stamps: http and https only, time-outs, a size cap, at most three
 * redirects, and no redirect into loopback, link-local or private addresses (an address that a stranger's certificate
 * names directly is fetched, since offices have private responders; a public server may not send us there).
 */
#ifndef PKI_FETCH_H
#define PKI_FETCH_H

#include "base/buf.h"
#include <refrenda/trust.h>

struct fetch_request {
    const char *url;
    slice body;               /* empty: GET */
    const char *content_type; /* of the body */
    const char *accept;
    size_t maximum;    /* bytes of answer; 0 = 16 MiB */
    long timeout;      /* milliseconds for everything; 0 = 20 s */
    long *http_status; /* where the last answer's HTTP status goes, also of a refusal; NULL: nowhere */
};
/** Appends the answer to `answer`, or leaves that as it was. Fetches through `fetcher` (NULL: the library's own, over
 * libcurl). RFD_E_NETWORK with the HTTP status or the cause in the detail, RFD_E_NETWORK_FORBIDDEN, RFD_E_LIMIT. */
rfd_status fetch(const struct rfd_fetcher *fetcher, const struct fetch_request *request, struct buf *answer,
                 struct rfd_error *error) RFD_MUST_CHECK;

struct sockaddr;
/** Loopback, private, link-local, multicast or otherwise not of the public internet (RFC 6890), also when written as an
 * IPv6 address that embeds such an IPv4 one; what is not IP counts too. */
bool fetch_address_is_internal(const struct sockaddr *address);

#endif
