/* SPDX-License-Identifier: EUPL-1.2
 *
 * Renewing: from my certificates, or by the link of a reminder, whose page changes nothing by being opened. What was
 * asked for on line is asked for again with the same data (/firma/solicitud); what a unit asked for is begun for the
 * unit.
 */
#include "base/error.h"
#include "domain/registration/agency.h"
#include "web/holding/holding_pages.h"

static rfd_status show(struct page *page, const struct holding *h, bool agency, struct rfd_error *error)
{
    struct view *facts = view_list(page->view, "facts");
    page_fact(page, facts, N_("Holder"), h->name, NULL);
    page_fact(page, facts, N_("Certificate"), page_profile(page, h->row.profile), NULL);
    page_fact(page, facts, N_("Serial number"), page_serial(page, h->row.serial), NULL);
    page_fact(page, facts, N_("In force until"), page_day(page, h->row.not_after), NULL);
    view_flag(page->view, "agency", agency);
    view_flag(page->view, "renewable", h->renewable);
    view_flag(page->view, "renewable_later", !h->seal && page->now < h->renewable_from);
    view_flag(page->view, "seal", h->seal);
    view_text(page->view, "renewable_from", page_day(page, h->renewable_from));
    if (page->actor.account == 0) view_flag(page->view, "narrow", true);
    return page_show(page, N_("Renew your certificate"), "holding/renew", error);
}

/** Too early or too late: with the day on which it opens. */
static rfd_status refuse(struct page *page, const struct holding *h, struct rfd_error *error)
{
    page->response->status = 409;
    return show(page, h, false, error);
}

rfd_status holding_renew(struct page *page, struct rfd_error *error)
{
    struct holding_page p;
    TRY(holding_page_open(page, &p, error));
    if (!p.holding.renewable) return refuse(page, &p.holding, error);
    return page_redirect(page, NULL, error, "/firma/solicitud?renueva=%lld", (long long)p.id);
}

/* ---- By the link of the mail ---- */

struct renewing {
    struct page *page;
    struct registration_settings settings;
    slice token;
    int64_t certificate, request;
    bool agency;
    struct holding holding;
};

static rfd_status find(struct transaction *t, struct renewing *r, struct rfd_error *error)
{
    const struct actor reader = actor_system("web");
    struct request origin;
    TRY(request_link_look(t, LINK_RENEW, r->token, r->page->now, &r->certificate, error));
    if (r->certificate == 0) return error_set(error, RFD_E_NOT_FOUND, "the link is not in force any more");
    TRY(holding_find(t, &reader, &r->settings, r->certificate, &r->holding, error));
    if (r->holding.request == 0) return RFD_OK;
    TRY(request_find(t, r->holding.request, &origin, error));
    r->agency = origin.way == WAY_AGENCY;
    return RFD_OK;
}

static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct renewing *r = context;
    TRY(find(t, r, error));
    r->holding.name = page_keep(r->page, r->holding.name);
    r->holding.row.serial = page_keep(r->page, r->holding.row.serial);
    r->holding.row.profile = page_keep(r->page, r->holding.row.profile);
    return RFD_OK;
}

static rfd_status begin(struct page *page, struct renewing *r, struct rfd_error *error)
{
    *r = (struct renewing){
        .page = page, .settings = page_registration(page), .token = http_request_part(page->request, "token")};
    return page_read(page, look, r, error);
}

rfd_status holding_renew_link_show(struct page *page, struct rfd_error *error)
{
    struct renewing r;
    TRY(begin(page, &r, error));
    return show(page, &r.holding, r.agency, error);
}

static rfd_status renew_agency(struct transaction *t, void *context, struct rfd_error *error)
{
    struct renewing *r = context;
    const struct actor nobody = {.account = 0};
    return agency_renew(t, &nobody, &r->settings, r->certificate, r->token, &r->request, error);
}

rfd_status holding_renew_link_send(struct page *page, struct rfd_error *error)
{
    struct renewing r;
    TRY(begin(page, &r, error));
    if (!r.holding.renewable) return refuse(page, &r.holding, error);
    if (!r.agency)
        return page_redirect(page, NULL, error, "/firma/solicitud?renueva=%lld&enlace=%.*s", (long long)r.certificate,
                             (int)r.token.length, (const char *)r.token.data);
    TRY(page_write(page, renew_agency, &r, error));
    if (page->actor.account == 0) view_flag(page->view, "narrow", true);
    return page_show(page, N_("The renewal has begun"), "holding/renewed", error);
}
