/* SPDX-License-Identifier: EUPL-1.2
 *
 * GET /api/registration/v1/openapi.json: what there is, for programs (OpenAPI 3.1); src/api/registration/openapi.json,
 * which the tests hold against what is answered.
 */
#include "api/registration/registration_internal.h"

#include "http/response.h"

enum { KEPT_SECONDS = 3600 };

extern const char openapi_text[];
extern const size_t openapi_length;

rfd_status openapi_show(struct http_request *request, struct http_response *response, void *context,
                        struct rfd_error *error)
{
    (void)request;
    (void)context;
    (void)error;
    http_response_body(response, "application/json", slice_of(openapi_text, openapi_length));
    http_response_cache(response, HTTP_REVALIDATE, KEPT_SECONDS);
    return RFD_OK;
}
