/* SPDX-License-Identifier: EUPL-1.2
 *
 * /csc/v1/openapi.json, /csc/v2/openapi.json: the methods for programs (OpenAPI 3.1), which the tests hold against what
 * is answered.
 */
#include "web/csc/api.h"

enum { KEPT_SECONDS = 3600 };

extern const char csc_v1_text[], csc_v2_text[];
extern const size_t csc_v1_length, csc_v2_length;

rfd_status csc_openapi(struct page *page, struct rfd_error *error)
{
    bool first = csc_version(page) == 1;
    slice text = first ? slice_of(csc_v1_text, csc_v1_length) : slice_of(csc_v2_text, csc_v2_length);
    (void)error;
    http_response_body(page->response, "application/json", text);
    http_response_cache(page->response, HTTP_REVALIDATE, KEPT_SECONDS);
    return RFD_OK;
}
