/* SPDX-License-Identifier: EUPL-1.2
 *
 * OCSP answers that need a signature: built from the database, sent to a signer, put together and handed out when the
 * signature comes, by the thread that reads the signers' answers.
 */
#ifndef API_STATUS_OCSP_SIGN_H
#define API_STATUS_OCSP_SIGN_H

#include "api/status/service.h"

/** Answers a request that no memory helps with (nonce, several certIDs), now or later. */
void status_ocsp_answer(struct status_service *s, struct http_request *http, struct http_response *response,
                        const struct responder_request *request);
/** Answers a request for one certID without nonce that was not found in memory: joins a flight or begins one. */
void status_ocsp_fly(struct status_service *s, struct http_request *http, struct http_response *response,
                     const struct responder_id *id);
/** The protocol's own error: 200, or 503 with Retry-After for OCSP_TRY_LATER. */
void status_ocsp_error(struct http_response *response, enum ocsp_status status);

#endif
