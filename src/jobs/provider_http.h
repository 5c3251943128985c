/* SPDX-License-Identifier: EUPL-1.2
 *
 * HTTP with an OpenID provider.
 */
#ifndef JOBS_PROVIDER_HTTP_H
#define JOBS_PROVIDER_HTTP_H

#include "jobs/json_http.h"

enum { PROVIDER_HTTP_MAXIMUM = 256 << 10 };

struct provider_party {
    const char *issuer, *client_id;
    slice secret, authorities;
    const atomic_bool *stop;
};
struct provider_http;
rfd_status provider_http_new(const struct provider_party *party, struct provider_http **out,
                             struct rfd_error *error) RFD_MUST_CHECK;
void provider_http_free(struct provider_http *http);
/** As json_http_ask(). */
rfd_status provider_http_get(struct provider_http *http, const char *address, json_t **out,
                             struct rfd_error *error) RFD_MUST_CHECK;
struct provider_code {
    const char *endpoint;
    const json_t *methods; /* ways to prove who we are that the endpoint knows; NULL: it does not say */
    slice code, verifier;
    const char *redirect;
};
/** RFC 6749 §4.1.3, with our secret in the header, or in the body where the provider wants that. */
rfd_status provider_http_redeem(struct provider_http *http, const struct provider_code *code, json_t **out,
                                struct rfd_error *error) RFD_MUST_CHECK;
rfd_status provider_json_text(const json_t *json, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
