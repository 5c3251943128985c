/* SPDX-License-Identifier: EUPL-1.2
 *
 * The JSON that registration clients get.
 */
#ifndef API_REGISTRATION_ANSWER_H
#define API_REGISTRATION_ANSWER_H

#include "domain/authority/authority.h"
#include "http/response.h"

/** The certificate, its state, and the certificate itself in PEM. */
rfd_status registration_answer_certificate(struct http_response *response, slice authority,
                                           const struct certificate_row *row, struct rfd_error *error) RFD_MUST_CHECK;
/** {"authorities": [{"name": ..., "certificate": PEM}]} */
rfd_status registration_answer_authorities(struct http_response *response, const struct authority_list *list,
                                           struct rfd_error *error) RFD_MUST_CHECK;

#endif
