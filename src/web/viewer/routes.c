/* SPDX-License-Identifier: EUPL-1.2
 *
 * What people handed in, and the frame in which it is looked at. The frame is of an origin that is nobody's (CSP
 * sandbox, and the attribute of the <iframe>), and has no network: whatever a hostile file makes of pdf.js, it has
 * nobody to tell and nothing to take.
 */
#include "base/error.h"
#include "domain/registration/evidence.h"
#include "web/internal.h"

struct seeing {
    struct page *page;
    int64_t id;
    struct evidence evidence;
    struct blob blob;
};

static rfd_status see(struct transaction *t, void *context, struct rfd_error *error)
{
    struct seeing *s = context;
    TRY(evidence_see(t, &s->page->actor, s->id, &s->evidence, &s->blob, error));
    TRY(store_keep(s->page->arena, &s->evidence.name, error));
    TRY(store_keep(s->page->arena, &s->blob.type, error));
    return store_keep(s->page->arena, &s->blob.wrapped, error);
}

/** GET /evidencias/{id}; with ?guardar=1 to be saved. Whoever may not see the request hears that there is nothing. */
static rfd_status show_evidence(struct page *page, struct rfd_error *error)
{
    struct seeing s = {.page = page};
    slice saved;
    TRY(page_id(page, "id", &s.id, error));
    TRY(http_request_query(page->request, "guardar", &saved, error));
    TRY(page_read(page, see, &s, error));
    page->policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'"; /* browsers style a picture's page so */
    if (saved.length > 0) return page_save_file(page, &s.blob, s.evidence.name, error);
    return page_send_file(page, &s.blob, s.evidence.name, error);
}

/** The place of our own scripts, by name: not every browser knows what 'self' is in a sandbox. */
static const char *frame_policy(const struct page *page)
{
    const char *url = page_settings(page)->web.url;
    return arena_print(
        page->arena,
        "sandbox allow-scripts; default-src 'none'; script-src 'self' %s/a/ 'wasm-unsafe-eval'; style-src 'self' "
        "%s/a/; img-src blob: data:; font-src data:; worker-src blob:; connect-src 'none'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'",
        url, url);
}

/** GET /visor: the frame, which is empty until the page around it hands something over. */
static rfd_status show_frame(struct page *page, struct rfd_error *error)
{
    const char *policy = frame_policy(page);
    const char *html = arena_print(page->arena,
                                   "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
                                   "content=\"width=device-width, initial-scale=1\">\n<title>Refrenda</title>\n<link "
                                   "rel=\"stylesheet\" href=\"/a/%s/frame/viewer.css\">\n<script "
                                   "src=\"/a/%s/frame/viewer.js\" defer></script>\n</head>\n<body></body>\n</html>\n",
                                   assets_version, assets_version);
    if (policy == NULL || html == NULL) return arena_failed(page->arena, error);
    http_response_body(page->response, "text/html; charset=utf-8", slice_text(html));
    http_response_header(page->response, "Content-Security-Policy", slice_text(policy));
    http_response_header(page->response, "Referrer-Policy", SLICE("no-referrer"));
    http_response_header(page->response, "Permissions-Policy",
                         SLICE("camera=(), geolocation=(), microphone=(), payment=(), clipboard-read=(), "
                               "clipboard-write=(), fullscreen=()"));
    return RFD_OK;
}

const struct page_route viewer_routes[] = {
    {HTTP_GET, "/evidencias/{id}", "evidence", ACTION_SIGNED_IN, 0, 0, show_evidence},
    {HTTP_GET, "/visor", "viewer", ACTION_PUBLIC, 0, PAGE_NO_SESSION, show_frame},
    {.pattern = NULL},
};
