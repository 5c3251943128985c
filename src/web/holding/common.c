/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/holding/holding_pages.h"

#include "base/error.h"

static void keep(const struct page *page, struct holding *h)
{
    slice *texts[] = {&h->row.serial, &h->row.profile, &h->row.subject,    &h->row.subject_id,
                      &h->row.mail,   &h->row.der,     &h->code,           &h->agent_name,
                      &h->name,       &h->number,      &h->revocation_code};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) *texts[i] = page_keep(page, *texts[i]);
    h->row.request = h->row.client = SLICE_EMPTY;
}

static rfd_status open_one(struct transaction *t, void *context, struct rfd_error *error)
{
    struct holding_page *p = context;
    TRY(holding_find(t, &p->page->actor, &p->settings, p->id, &p->holding, error));
    if (!p->holding.own) return error_set(error, RFD_E_NOT_FOUND, "there is no such certificate");
    keep(p->page, &p->holding);
    return RFD_OK;
}

rfd_status holding_page_open(struct page *page, struct holding_page *out, struct rfd_error *error)
{
    *out = (struct holding_page){.page = page, .settings = page_registration(page)};
    TRY(page_id(page, "id", &out->id, error));
    return page_read(page, open_one, out, error);
}

/* ---- What it is like ---- */

static void put_facts(struct page *page, const struct holding *h, struct view *view)
{
    struct view *facts = view_list(view, "facts");
    page_fact(page, facts, N_("Serial number"), page_serial(page, h->row.serial), NULL);
    page_fact(page, facts, N_("In force from"), page_day(page, h->row.not_before), NULL);
    page_fact(page, facts, N_("In force until"), page_day(page, h->row.not_after), NULL);
    if (h->row.state == CERTIFICATE_REVOKED)
        page_fact(page, facts, N_("Revoked on"), page_time(page, h->row.revoked_at), NULL);
}

void holding_page_put(struct page *page, const struct registration_settings *settings, const struct holding *h,
                      struct view *view)
{
    slice state = slice_text(certificate_state_name(h->row.state));
    bool in_force = h->row.state == CERTIFICATE_VALID || h->row.state == CERTIFICATE_HELD;
    bool asked = h->revocation_state == REQUEST_ASKED;
    struct view *badge = view_object(view, "badge");
    view_string(badge, "label", page_text(page, holding_state_title(state)));
    view_string(badge, "tone", holding_state_tone(state));
    view_number(view, "id", h->row.id);
    view_text(view, "kind", page_profile(page, h->row.profile));
    put_facts(page, h, view);
    view_flag(view, "in_force", in_force);
    view_flag(view, "revocable", in_force && !asked);
    view_flag(view, "asked", asked);
    view_text(view, "revocation_code", h->revocation_code);
    view_flag(view, "has_receipt", h->revocation_state == REQUEST_REVOKED);
    view_flag(view, "has_chain", h->row.der.length > 0);
    view_flag(view, "renewable", h->renewable);
    view_flag(view, "renewable_later", !h->seal && h->row.state == CERTIFICATE_VALID && page->now < h->renewable_from);
    view_flag(view, "seal", h->seal);
    view_text(view, "renewable_from", page_day(page, h->renewable_from));
    view_flag(view, "alone", revocation_alone(settings, &page->actor, h));
}
