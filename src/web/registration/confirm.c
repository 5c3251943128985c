/* SPDX-License-Identifier: EUPL-1.2
 *
 * The link that confirms an e-mail address. Opening it confirms nothing: mail programs open links before people do.
 */
#include "web/registration/registration_pages.h"

struct confirming {
    struct page *page;
    slice token;
    int64_t request;
    slice code, mail;
};

static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct confirming *c = context;
    struct request request;
    TRY(request_link_look(t, LINK_CONFIRM, c->token, c->page->now, &c->request, error));
    if (c->request == 0) return RFD_OK;
    TRY(request_find(t, c->request, &request, error));
    c->code = page_keep(c->page, request.code);
    if (request.applicant_count > 0) c->mail = applicant_masked_mail(c->page, request.applicants[0].mail);
    return RFD_OK;
}

static const struct applicant_door door = {N_("This link is not in force"), "registration/link-over", NULL};

/** Used, too old, made up: one page for all, with the way to a new one. */
static rfd_status over(struct page *page, struct rfd_error *error)
{
    page->response->status = 404;
    view_number(page->view, "hours", page_settings(page)->requests.link_hours);
    return applicant_door_show(page, &door, error);
}

rfd_status confirm_link_show(struct page *page, struct rfd_error *error)
{
    struct confirming c = {.page = page, .token = http_request_part(page->request, "token")};
    struct form form;
    TRY(page_read(page, look, &c, error));
    if (c.request == 0) return over(page, error);
    form_new(&form, NULL, 0);
    form_show(page, &form);
    view_text(page->view, "code", c.code);
    view_text(page->view, "mail", c.mail);
    return applicant_show(page, N_("Confirm your e-mail address"), "registration/confirm", error);
}

static rfd_status use(struct transaction *t, void *context, struct rfd_error *error)
{
    struct confirming *c = context;
    return request_confirm(t, c->token, c->page->now, &c->request, error);
}

rfd_status confirm_link_send(struct page *page, struct rfd_error *error)
{
    struct confirming c = {.page = page, .token = http_request_part(page->request, "token")};
    rfd_status status = page_write(page, use, &c, error);
    if (status == RFD_E_NOT_FOUND) {
        error_clear(error);
        return over(page, error);
    }
    if (status != RFD_OK) return status;
    TRY(applicant_let_in(page, &(struct applicant_pass){c.request, 0}, error));
    return page_redirect(page, N_("Your e-mail address is confirmed. A certifying agent looks at your request next"),
                         error, "/firma/seguimiento");
}

/* ---- The mail again ---- */

struct again {
    const struct registration_settings *settings;
    int64_t request;
};

static rfd_status send_again(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct again *a = context;
    rfd_status status = request_confirm_again(t, a->settings, a->request, error);
    /* What is confirmed already, or was mailed just now, gets no other mail; the answer is the same. */
    if (status != RFD_E_STATE && status != RFD_E_SLOW_DOWN) return status;
    error_clear(error);
    return RFD_OK;
}

rfd_status confirm_again_show(struct page *page, struct rfd_error *error)
{
    view_flag(page->view, "asked", true);
    return applicant_door_show(page, &door, error);
}

rfd_status confirm_again_send(struct page *page, struct rfd_error *error)
{
    const struct registration_settings settings = page_registration(page);
    struct again a = {.settings = &settings};
    struct applicant_pass found;
    view_flag(page->view, "asked", true);
    TRY(applicant_door_try(page, &door, &found, error));
    if (found.request == 0) return RFD_OK;
    a.request = found.request;
    TRY(page_write(page, send_again, &a, error));
    return applicant_show(page, N_("Look at your mail"), "registration/mailed", error);
}
