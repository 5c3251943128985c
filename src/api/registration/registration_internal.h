/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of the registration API: the service, and who asks.
 */
#ifndef API_REGISTRATION_INTERNAL_H
#define API_REGISTRATION_INTERNAL_H

#include "api/registration/registration.h"

enum { REGISTRATION_DEPARTURE_MAXIMUM = 16 << 10 };

struct store *registration_store(const struct registration_service *service);
/** NULL: there are no requests here, only certificates. */
const struct registration_settings *registration_requests(const struct registration_service *service);
/** Whose TLS certificate is a registered client's. RFD_E_UNAUTHORISED, RFD_E_FORBIDDEN. */
rfd_status registration_find_client(struct registration_service *service, struct http_request *request,
                                    struct registration_client *out, struct rfd_error *error) RFD_MUST_CHECK;
/** 503 says when to come again. */
rfd_status registration_with_retry(struct http_response *response, rfd_status status);

/* requests.c, certificates.c, departures.c, openapi.c */
http_handler requests_list, requests_show, requests_certificates, departures_report, openapi_show;

#endif
