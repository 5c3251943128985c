/* SPDX-License-Identifier: EUPL-1.2
 *
 * POST /api/ca/v1/certificates and its companions, for registration clients, who show their TLS certificate; and, for
 * those that act for an account, requests of certificates (/api/registration/v1, openapi.json).
 *
 *   POST /api/ca/v1/certificates                    Idempotency-Key; JSON: authority, csr (PEM or base64 of DER) or
 * key, approvals (base64 of SignedData) → 201 (or 200 again) GET  /api/ca/v1/certificates/{serial}           state and
 * certificate POST /api/ca/v1/certificates/{serial}/revocation  JSON: reason, invalid_since GET  /api/ca/v1/authorities
 */
#ifndef API_REGISTRATION_H
#define API_REGISTRATION_H

#include "domain/authority/authority.h"
#include "http/listener.h"

struct registration_service;
struct registration_settings;
rfd_status registration_new(struct store *store, struct keeper_client *keeper, const struct packs *packs,
                            struct registration_service **out, struct rfd_error *error) RFD_MUST_CHECK;
/** From then on there are requests, too; before the listener starts. `settings` is the caller's. */
void registration_serve_requests(struct registration_service *service, const struct registration_settings *settings);
void registration_free(struct registration_service *service);
/** As they suit the database. */
const struct http_route *registration_routes(const struct store *store, size_t *count);

#endif
