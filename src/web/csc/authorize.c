/* SPDX-License-Identifier: EUPL-1.2
 *
 * The authorization endpoint. What a portal asks for is read and kept here, whether a person is signed in or not, and
 * shown at an address of our own (agreement.c). Nobody is sent to an address that was not registered: until portal and
 * address are known, what is wrong is told to the person.
 */
#include "base/error.h"
#include "web/csc/agreement.h"
#include "web/internal.h"

struct authorizing {
    struct page *page;
    struct portal portal;
    struct csc_asked asked;
    slice uri; /* request_uri as it came; empty: the request is in the address */
    slice started;
};

/* ---- The portal ---- */

static rfd_status keep_portal(struct authorizing *w, struct rfd_error *error)
{
    struct portal *p = &w->portal;
    for (size_t i = 0; i < p->return_count; i++) TRY(store_keep(w->page->arena, &p->returns[i], error));
    TRY(store_keep(w->page->arena, &p->client, error));
    return store_keep(w->page->arena, &p->name, error);
}

/** What is wrong is told to the person: RFD_E_REQUEST. */
static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct authorizing *w = context;
    struct csc_request *r = &w->asked.request;
    slice client = program_field(w->asked.fields, "client_id");
    rfd_status status = portal_by_client(t, client, &w->portal, error);
    if (status == RFD_E_NOT_FOUND) return error_set(error, RFD_E_REQUEST, "client_id: there is no such portal");
    TRY(status);
    TRY(keep_portal(w, error));
    if (w->uri.length == 0)
        return csc_ask_redirect(w->asked.fields, &w->portal, &r->redirect)
                   ? RFD_OK
                   : error_set(error, RFD_E_REQUEST, "redirect_uri: it is not one that was registered");
    status = csc_request_find(t, w->uri, w->portal.id, r, error);
    if (status == RFD_E_NOT_FOUND || (status == RFD_OK && r->version != w->asked.version))
        return error_set(error, RFD_E_REQUEST, "request_uri: there is no such request, or its time is over");
    TRY(status);
    return csc_ask_keep(w->page, r, error);
}

static rfd_status show_wrong(struct page *page, struct rfd_error *error)
{
    page->response->status = 400;
    view_text(page->view, "detail", arena_copy(page->arena, slice_text(error->detail)));
    view_flag(page->view, "narrow", true);
    error_clear(error);
    return page_show(page, N_("This portal cannot ask you for this"), "csc/wrong", error);
}

/* ---- Going on ---- */

static rfd_status start(struct transaction *t, void *context, struct rfd_error *error)
{
    struct authorizing *w = context;
    TRY(csc_request_start(t, &w->asked.request, &w->started, error));
    return store_keep(w->page->arena, &w->started, error);
}

/** In the portal's language, where it is one of ours. */
static rfd_status go_on(struct authorizing *w, struct rfd_error *error)
{
    struct page *page = w->page;
    const struct web_options *o = &page->web->options;
    slice token = slice_from(w->started, sizeof CSC_REQUEST_URI - 1);
    slice language = slice_part(w->asked.request.language, 0, 2);
    for (size_t i = 0; i < o->language_count; i++)
        if (slice_is(language, language_code(o->languages[i])))
            return page_redirect(page, NULL, error, AGREEMENT "/%.*s?lang=%.*s", (int)token.length,
                                 (const char *)token.data, (int)language.length, (const char *)language.data);
    return page_redirect(page, NULL, error, AGREEMENT "/%.*s", (int)token.length, (const char *)token.data);
}

/** Each request is a row: whoever knows a portal's name makes only so many. Who is signed in is a network of their own,
 * as an office has many people behind one address. */
static rfd_status check_limit(struct page *page, struct rfd_error *error)
{
    struct http_address counted = {.family = HTTP_IPV6, .bytes = {0xFC}};
    uint64_t account = (uint64_t)page->actor.account;
    for (unsigned i = 0; i < 6; i++) counted.bytes[1 + i] = (uint8_t)(account >> (40 - 8 * i));
    unsigned wait = limit_take(page->web->limit, account == 0 ? &page->request->client : &counted, page->now);
    if (wait == 0) return RFD_OK;
    page->retry_after = wait;
    return error_set(error, RFD_E_SLOW_DOWN, NULL);
}

static rfd_status authorize(struct authorizing *w, struct rfd_error *error)
{
    struct page *page = w->page;
    TRY(page_read(page, find, w, error));
    if (w->uri.length == 0) TRY(csc_ask_read(page, &w->asked, error));
    if (w->asked.refused != NULL)
        return agreement_back(page, &w->asked.request, w->portal.name, w->asked.refused, w->asked.why, error);
    rfd_status status = page_write(page, start, w, error);
    if (status == RFD_E_NOT_FOUND) return error_set(error, RFD_E_REQUEST, "request_uri: it was used already");
    return status == RFD_OK ? go_on(w, error) : status;
}

rfd_status csc_authorize(struct page *page, struct rfd_error *error)
{
    struct authorizing w = {.page = page, .asked = {.fields = &page->request->query, .version = csc_version(page)}};
    w.asked.portal = &w.portal;
    w.uri = program_field(&page->request->query, "request_uri");
    TRY(check_limit(page, error));
    rfd_status status = authorize(&w, error);
    return status == RFD_E_REQUEST ? show_wrong(page, error) : status;
}
