/* SPDX-License-Identifier: EUPL-1.2
 *
 * Pushed authorization requests (RFC 9126): the portal, which proves who it is, says by itself what it will ask a
 * person for, and the browser carries a name of that alone. So nothing of it is in an address, and nobody changes it on
 * the way.
 */
#include "base/error.h"
#include "web/csc/csc_pages.h"

struct pushing {
    const struct csc_request *request;
    struct page *page;
    slice uri;
};

static rfd_status keep(struct transaction *t, void *context, struct rfd_error *error)
{
    struct pushing *w = context;
    TRY(csc_request_keep(t, w->request, CSC_PUSHED_SECONDS, &w->uri, error));
    return store_keep(w->page->arena, &w->uri, error);
}

static rfd_status answer(struct page *page, const struct csc_asked *asked, struct rfd_error *error)
{
    struct pushing w = {.request = &asked->request, .page = page};
    TRY(page_write(page, keep, &w, error));
    json_t *json = json_pack("{s:s%,s:i}", "request_uri", (const char *)w.uri.data, w.uri.length, "expires_in",
                             (int)CSC_PUSHED_SECONDS);
    if (json == NULL) return error_memory(error);
    page->response->status = 201;
    return csc_answer(page, json, error);
}

rfd_status csc_push_answer(struct page *page, struct rfd_error *error)
{
    struct portal portal;
    struct csc_asked asked = {.fields = &page->fields, .version = csc_version(page), .portal = &portal};
    bool refused = false;
    TRY(csc_client(page, &page->fields, page->route->pattern, &portal, &refused, error));
    if (refused) return RFD_OK;
    if (http_field_count(&page->fields, "request_uri") > 0) { /* RFC 9126 §2.1 */
        csc_oauth_refuse(page, CSC_OAUTH_REQUEST_URI);
        return RFD_OK;
    }
    if (!csc_ask_redirect(&page->fields, &portal, &asked.request.redirect)) {
        csc_oauth_refuse(page, CSC_OAUTH_REDIRECT);
        return RFD_OK;
    }
    TRY(csc_ask_read(page, &asked, error));
    if (asked.refused == NULL) return answer(page, &asked, error);
    csc_refuse(page, 400, asked.refused, asked.why);
    return RFD_OK;
}
