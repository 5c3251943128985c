/* SPDX-License-Identifier: EUPL-1.2
 *
 * The public services: OCSP, revocation lists, authorities' certificates, time stamps, transparency log. Plain HTTP, no
 * cookies, everything cacheable that may be cached.
 *
 *   GET  /ocsp/{request*}, POST /ocsp      RFC 6960, RFC 5019, RFC 9654
 *   POST /tsa                              RFC 3161
 *   GET  /crl/{name}.crl                   "emisora-1.crl", "emisora-1-7.crl", "emisora-1-7-delta.crl"
 *   GET  /ca/{name}.cer                    an authority's certificate, DER; /ca/{name}.p7c with its chain
 *   GET  /log/v1/head, /log/v1/proof?hash=&size=, /log/v1/consistency?from=&to=, /log/v1/leaves?from=&count=
 *   GET  /log/v1/key                       the log's certificate or public key
 *   GET  /health/live, /health/ready
 *
 * Nonce-less OCSP answers come from a bounded memory, everything else that needs a signature from the signers, without
 * a thread waiting for it. A service without its signer answers what it has, and tryLater (503 with Retry-After, the
 * protocol's own error in the body) for the rest.
 */
#ifndef API_STATUS_H
#define API_STATUS_H

#include "domain/authority/authority.h"
#include "http/listener.h"
#include "settings/settings.h"

struct status_service;

/** `signers` are asked for OCSP answers and time stamps. Everything is borrowed. */
rfd_status status_new(const struct settings *settings, struct store *store, struct keeper_client *signers,
                      struct status_service **out, struct rfd_error *error) RFD_MUST_CHECK;
/** This service is the successor of those that were called the same, which are dead: nobody has to wait for them.
 * Before status_start(). */
rfd_status status_succeed(struct status_service *service, const char *name, struct rfd_error *error) RFD_MUST_CHECK;
void status_free(struct status_service *service);
/** Its routes, for http_router_new(); `service` is the listener's context. */
const struct http_route *status_routes(size_t *count);
/** A thread of the service: follows changes, drops what they concern, says that the node lives, signs ahead, reloads
 * authorities. Until status_stop(). */
rfd_status status_start(struct status_service *service, struct rfd_error *error) RFD_MUST_CHECK;
void status_stop(struct status_service *service);

#endif
