/* SPDX-License-Identifier: EUPL-1.2
 *
 * Sending a draft as it is, and cancelling a request.
 */
#include "web/access/access_pages.h"

#include "base/error.h"

struct sending {
    struct page *page;
    int64_t id;
    struct access_settings settings;
    struct faults faults;
    struct access_request request;
};

static rfd_status send_draft(struct transaction *t, void *context, struct rfd_error *error)
{
    struct sending *s = context;
    s->faults.count = 0;
    return access_request_send(t, &s->page->actor, s->id, &s->settings, &s->faults, error);
}

/** What is missing is said where it can be put right: in the form. */
rfd_status page_request_send(struct page *page, struct rfd_error *error)
{
    struct sending s = {.page = page, .settings = access_page_settings(page)};
    TRY(page_id(page, "id", &s.id, error));
    rfd_status status = page_write(page, send_draft, &s, error);
    if (status == RFD_E_INVALID) {
        error_clear(error);
        return page_redirect(page, s.faults.count > 0 ? s.faults.items[0].message : NULL, error,
                             "/accesos/solicitudes/%lld/editar", (long long)s.id);
    }
    TRY(status);
    return page_redirect(page, N_("The request was sent"), error, "/accesos/solicitudes/%lld", (long long)s.id);
}

static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct sending *s = context;
    TRY(access_request_find(t, &s->page->actor, s->id, &s->request, error));
    if (s->request.requester != s->page->actor.person)
        return error_set(error, RFD_E_FORBIDDEN, "it is somebody else's request");
    return RFD_OK;
}

rfd_status page_request_cancel_ask(struct page *page, struct rfd_error *error)
{
    struct sending s = {.page = page};
    TRY(page_id(page, "id", &s.id, error));
    TRY(page_read(page, load, &s, error));
    view_string(page->view, "title", page_text(page, N_("Cancel this request?")));
    view_string(page->view, "text",
                page_text(page, N_("Nobody decides about it any more. To ask again, begin a new one.")));
    view_string(page->view, "action", page_text(page, N_("Cancel the request")));
    view_flag(page->view, "danger", true);
    view_string(page->view, "back", arena_print(page->arena, "/accesos/solicitudes/%lld", (long long)s.id));
    return page_show(page, N_("Cancel a request"), "access/confirm", error);
}

static rfd_status cancel(struct transaction *t, void *context, struct rfd_error *error)
{
    struct sending *s = context;
    return access_request_cancel(t, &s->page->actor, s->id, error);
}

rfd_status page_request_cancel(struct page *page, struct rfd_error *error)
{
    struct sending s = {.page = page};
    TRY(page_id(page, "id", &s.id, error));
    TRY(page_write(page, cancel, &s, error));
    return page_redirect(page, N_("The request was cancelled"), error, "/accesos/solicitudes");
}
