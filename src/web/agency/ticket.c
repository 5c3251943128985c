/* SPDX-License-Identifier: EUPL-1.2
 *
 * One ticket as its unit sees it: what is asked, for whom, how it was paid, how far it is; sending and cancelling it,
 * and beginning a renewal.
 */
#include "web/agency/agency_pages.h"

#include "base/error.h"

struct showing {
    struct page *page;
    int64_t id;
    struct registration_settings settings;
    struct request request;
    struct faults missing;
    bool pays;
};

/* ---- The page ---- */

static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct showing *s = context;
    const struct request *r = &s->request;
    TRY(agency_see(t, &s->page->actor, s->id, &s->request, error));
    TRY(agency_put_all(t, s->page, &s->settings, r, false, error));
    TRY(agency_pays(t, &s->settings, r, &s->pays, error));
    s->missing.count = 0;
    if (agency_may_edit(&s->page->actor, r)) TRY(agency_missing(t, &s->settings, r, &s->missing, error));
    view_flag(s->page->view, "is_draft", r->state == REQUEST_DRAFT);
    view_flag(s->page->view, "is_observed", r->state == REQUEST_OBSERVED);
    view_text(s->page->view, "fee", agency_amount(s->page, r->country, 0));
    const struct pack_registration *pack = packs_registration(page_packs(s->page), r->country);
    if (pack == NULL || pack->fee_amount == 0) return RFD_OK;
    view_text(s->page->view, "fee", agency_amount(s->page, r->country, pack->fee_amount));
    view_string(s->page->view, "fee_code", arena_print(s->page->arena, "%s", pack->fee_code));
    view_string(s->page->view, "fee_payee", arena_print(s->page->arena, "%s", pack->fee_payee));
    view_flag(s->page->view, "has_fee", true);
    return RFD_OK;
}

static void put_tabs(const struct showing *s, bool payments)
{
    struct page *page = s->page;
    struct view *tabs = view_list(page->view, "tabs");
    const char *base = arena_print(page->arena, TICKETS "/%lld", (long long)s->id);
    const char *pay = arena_print(page->arena, TICKETS "/%lld?vista=pago", (long long)s->id);
    page_tab(page, tabs, N_("Applicants"), base, !payments);      /* es: "Solicitantes" */
    page_tab(page, tabs, N_("Proofs of payment"), pay, payments); /* es: "Constancia de Pago" */
    view_flag(page->view, "shows_payments", payments);
}

static void put_missing(const struct showing *s)
{
    struct page *page = s->page;
    struct view *list = view_list(page->view, "missing");
    for (unsigned i = 0; i < s->missing.count; i++) {
        struct view *item = view_item(list);
        bool pay = strcmp(s->missing.items[i].field, "pago") == 0;
        view_string(item, "message", page_text(page, s->missing.items[i].message));
        view_string(item, "link",
                    arena_print(page->arena, pay ? TICKETS "/%lld?vista=pago" : TICKETS "/%lld#solicitantes",
                                (long long)s->id));
    }
    view_flag(page->view, "complete", s->missing.count == 0);
}

static rfd_status show(struct showing *s, struct rfd_error *error)
{
    struct page *page = s->page;
    struct form form;
    TRY(page_read(page, load, s, error));
    put_tabs(s, slice_is(http_field_get(&page->request->query, "vista", 0), "pago"));
    put_missing(s);
    view_flag(page->view, "pays", s->pays);
    form_new(&form, NULL, 0);
    form_show(page, &form);
    return page_show(page, N_("Ticket"), "agency/ticket", error);
}

rfd_status ticket_show(struct page *page, struct rfd_error *error)
{
    struct showing s = {.page = page, .settings = page_registration(page)};
    TRY(page_id(page, "id", &s.id, error));
    return show(&s, error);
}

/* ---- Sending ---- */

static rfd_status send_it(struct transaction *t, void *context, struct rfd_error *error)
{
    struct showing *s = context;
    s->missing.count = 0;
    return agency_send(t, &s->page->actor, &s->settings, s->id, &s->missing, error);
}

rfd_status ticket_send(struct page *page, struct rfd_error *error)
{
    struct showing s = {.page = page, .settings = page_registration(page)};
    const char *notice = N_("The request was sent: the certification office attends it");
    TRY(page_id(page, "id", &s.id, error));
    rfd_status status = page_write(page, send_it, &s, error);
    if (status == RFD_E_INVALID) {
        error_clear(error);
        page->response->status = 422;
        return show(&s, error);
    }
    if (status == RFD_E_STATE) { /* a double click */
        error_clear(error);
        notice = N_("It was sent already");
        status = RFD_OK;
    }
    TRY(status);
    return page_redirect(page, notice, error, TICKETS "/%lld", (long long)s.id);
}

/* ---- Cancelling ---- */

static rfd_status load_own(struct transaction *t, void *context, struct rfd_error *error)
{
    struct showing *s = context;
    TRY(agency_see(t, &s->page->actor, s->id, &s->request, error));
    if (agency_may_edit(&s->page->actor, &s->request) && s->request.state == REQUEST_DRAFT) return RFD_OK;
    return error_set(error, RFD_E_STATE, "only a ticket of one's own that was not sent is cancelled");
}

rfd_status ticket_cancel_ask(struct page *page, struct rfd_error *error)
{
    struct showing s = {.page = page};
    TRY(page_id(page, "id", &s.id, error));
    TRY(page_read(page, load_own, &s, error));
    return agency_confirm(page, N_("Cancel this ticket?"),
                          N_("Nothing comes of it. What it was paid with can be used for another one."),
                          N_("Cancel the ticket"), arena_print(page->arena, TICKETS "/%lld", (long long)s.id), error);
}

static rfd_status cancel(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct showing *s = context;
    return agency_cancel(t, &s->page->actor, s->id, error);
}

rfd_status ticket_cancel(struct page *page, struct rfd_error *error)
{
    struct showing s = {.page = page};
    TRY(page_id(page, "id", &s.id, error));
    TRY(page_write(page, cancel, &s, error));
    return page_redirect(page, N_("The ticket was cancelled"), error, TICKETS);
}

/* ---- Renewing ---- */

struct renewing {
    struct page *page;
    struct registration_settings settings;
    int64_t certificate, id;
    struct holding holding;
};

/** Whoever may see it here files for its unit. */
static rfd_status find_certificate(struct transaction *t, void *context, struct rfd_error *error)
{
    struct renewing *n = context;
    return agency_renewable(t, &n->page->actor, &n->settings, n->certificate, &n->holding, error);
}

rfd_status ticket_renew_ask(struct page *page, struct rfd_error *error)
{
    struct renewing n = {.page = page, .settings = page_registration(page)};
    TRY(page_id(page, "id", &n.certificate, error));
    TRY(page_read(page, find_certificate, &n, error));
    return agency_confirm(page, N_("Renew this certificate?"),
                          N_("A new ticket is begun with the data of the old one. You look over it and send it."),
                          N_("Begin the renewal"), TICKETS, error);
}

static rfd_status renew(struct transaction *t, void *context, struct rfd_error *error)
{
    struct renewing *n = context;
    return agency_renew(t, &n->page->actor, &n->settings, n->certificate, SLICE_EMPTY, &n->id, error);
}

rfd_status ticket_renew(struct page *page, struct rfd_error *error)
{
    struct renewing n = {.page = page, .settings = page_registration(page)};
    TRY(page_id(page, "id", &n.certificate, error));
    rfd_status status = page_write(page, renew, &n, error);
    if (status == RFD_E_STORE_CONFLICT) { /* the reminder's link, at the same time */
        error_clear(error);
        status = page_write(page, renew, &n, error);
    }
    TRY(status);
    return page_redirect(page, N_("The renewal was begun: look over the data, and send it"), error, TICKETS "/%lld",
                         (long long)n.id);
}
