/* SPDX-License-Identifier: EUPL-1.2
 *
 * One request to revoke: who asked for it and why, what became of it; and, for an agent who may and did not ask for it
 * themselves, the decision: carry it out with a signature, or reject it with a reason.
 */
#include "web/desk/desk_pages.h"

#include "base/error.h"
#include "web/signature.h"

static const struct form_field fields[] = {
    {.name = "number",
     .label = N_("Identity number of the holder"),
     .hint = N_("Needed to revoke: type it as it is in the certificate or in the holder's document"),
     .conditional = true,
     .maximum = 40,
     .autocomplete = "off"},
    {.name = "note",
     .label = N_("Reason of the decision"),
     .hint = N_("Needed to reject: who asked for it reads it"),
     .kind = FORM_LONG_TEXT,
     .conditional = true,
     .maximum = 2000},
    SIGNATURE_FIELDS(SIGNATURE_FILE_HINT),
    {.name = "verdict", .kind = FORM_HIDDEN},
};
enum { FIELDS = sizeof fields / sizeof *fields };

struct deciding {
    struct page *page;
    int64_t id;
    struct registration_settings settings;
    struct request request;
    struct revocation revocation;
    struct holding holding;
    struct buf text;
    bool decidable;
    slice serial;
    struct revocation_order order;
    bool revoke;
    struct faults faults;
};

/* ---- What there is ---- */

static rfd_status put_facts(struct transaction *t, struct deciding *d, struct rfd_error *error)
{
    struct page *page = d->page;
    const struct revocation *v = &d->revocation;
    struct view *facts = view_list(page->view, "facts");
    slice agent;
    page_fact(page, facts, N_("Serial number"), d->serial,
              arena_print(page->arena, DESK_ISSUED "/%lld", (long long)v->certificate));
    page_fact(page, facts, N_("Holder"), d->holding.name, NULL);
    page_fact(page, facts, N_("Reason to revoke"), desk_title(t, page, d->request.country, "revocation", v->reason),
              NULL);
    page_fact(page, facts, N_("Asked by"), v->asker, NULL);
    page_fact(page, facts, N_("Day of the request"), page_time(page, d->request.created), NULL);
    TRY(desk_person(t, page, v->agent, &agent, error));
    if (agent.length > 0) page_fact(page, facts, N_("Decided by"), agent, NULL);
    if (d->request.note.length > 0) page_fact(page, facts, N_("Reason of the decision"), d->request.note, NULL);
    if (v->revoked != RFD_TIME_NONE) page_fact(page, facts, N_("Revoked at"), page_time(page, v->revoked), NULL);
    return RFD_OK;
}

/** Never by who asked for it (four eyes). */
static bool may_decide(struct transaction *t, const struct deciding *d)
{
    struct rfd_error ignored = RFD_ERROR_INIT;
    if (d->request.state != REQUEST_ASKED || d->revocation.begun) return false;
    if (d->request.requester == d->page->actor.person) return false;
    return desk_check_unit(t, d->page, ACTION_CERTIFICATE_REVOKE, d->request.entity, d->request.unit, &ignored) ==
           RFD_OK;
}

static void put_state(const struct deciding *d)
{
    struct page *page = d->page;
    struct view *view = page->view;
    view_number(view, "id", d->id);
    view_text(view, "code", page_keep(page, d->request.code));
    view_flag(view, "decidable", d->decidable);
    view_flag(view, "own", d->request.state == REQUEST_ASKED && d->request.requester == page->actor.person);
    view_flag(view, "begun", d->request.state == REQUEST_ASKED && d->revocation.begun);
    view_flag(view, "revoked", d->revocation.revoked != RFD_TIME_NONE);
    desk_badge(page, request_state_title(slice_text(request_state_name(d->request.state))),
               request_state_tone(d->request.state));
}

static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct deciding *d = context;
    TRY(desk_request(d->page, t, d->id, &d->request, error));
    if (d->request.way != WAY_REVOCATION) return error_set(error, RFD_E_NOT_FOUND, NULL);
    TRY(revocation_find(t, d->id, &d->revocation, error));
    TRY(holding_find(t, &d->page->actor, &d->settings, d->revocation.certificate, &d->holding, error));
    d->serial = page_serial(d->page, d->holding.row.serial);
    d->decidable = may_decide(t, d);
    TRY(put_facts(t, d, error));
    TRY(desk_events(t, d->page, d->id, error));
    put_state(d);
    buf_reset(&d->text);
    if (!d->decidable) return RFD_OK;
    return revocation_text(t, &d->settings, d->revocation.certificate, d->revocation.reason, d->page->now, &d->text,
                           error);
}

static void begin(struct deciding *d, struct page *page)
{
    *d = (struct deciding){.page = page, .settings = page_registration(page)};
    buf_init(&d->text, DESK_TEXT_MAXIMUM);
}

static rfd_status show(struct deciding *d, struct form *form, struct rfd_error *error)
{
    struct page *page = d->page;
    TRY(page_id(page, "id", &d->id, error));
    TRY(page_read(page, load, d, error));
    if (d->decidable)
        signature_add(page, signature_begin(page, "revocation"), "signature", d->serial, buf_slice(&d->text),
                      arena_print(page->arena, DESK_REVOKED "/%lld/revocacion.txt", (long long)d->id));
    form_set(form, "signature", SLICE_EMPTY);
    form_show(page, form);
    return page_show(page, N_("Request to revoke"), "desk/revocation", error);
}

rfd_status desk_decide_show(struct page *page, struct rfd_error *error)
{
    struct deciding d;
    struct form form;
    begin(&d, page);
    form_new(&form, fields, FIELDS);
    rfd_status status = show(&d, &form, error);
    buf_dispose(&d.text);
    return status;
}

rfd_status desk_decide_text(struct page *page, struct rfd_error *error)
{
    struct deciding d;
    begin(&d, page);
    rfd_status status = page_id(page, "id", &d.id, error);
    if (status == RFD_OK) status = page_read(page, load, &d, error);
    if (status == RFD_OK && !d.decidable) status = error_set(error, RFD_E_STATE, "nothing to be decided");
    if (status == RFD_OK) status = page_attach(page, DESK_TEXT_TYPE, buf_slice(&d.text), "revocacion.txt", error);
    buf_dispose(&d.text);
    return status;
}

/* ---- Deciding ---- */

static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct deciding *d = context;
    TRY(desk_request(d->page, t, d->id, &d->request, error));
    if (d->request.way != WAY_REVOCATION) return error_set(error, RFD_E_NOT_FOUND, NULL);
    TRY(revocation_find(t, d->id, &d->revocation, error));
    d->order.certificate = d->revocation.certificate;
    d->order.reason = page_keep(d->page, d->revocation.reason);
    return RFD_OK;
}

static void check(const struct deciding *d, struct form *form)
{
    if (!d->revoke && d->order.note.length == 0)
        form_fail(form, "note", N_("Say why you reject it: who asked for it reads it"));
    if (d->revoke && d->order.number.length == 0) form_fail(form, "number", N_("Type the holder's identity number"));
    if (d->revoke && d->order.signature.length == 0) signature_missing(form, "signature_file");
}

static rfd_status decide(struct deciding *d, struct rfd_error *error)
{
    struct page *page = d->page;
    struct authority_domain authority = desk_authority(page);
    struct form form;
    rfd_status status = RFD_E_INVALID;
    TRY(page_id(page, "id", &d->id, error));
    TRY(form_read(page, fields, FIELDS, &form, error));
    TRY(page_read(page, find, d, error));
    d->revoke = slice_is(form_text(&form, "verdict"), "revoke");
    d->order.number = form_text(&form, "number");
    d->order.note = form_text(&form, "note");
    if (d->revoke) TRY(signature_take(page, &form, "signature", "signature_file", &d->order.signature, error));
    d->order.signed_text = signature_text(page, d->order.signature);
    check(d, &form);
    if (!form.wrong)
        status = revocation_request_decide(&authority, &page->actor, &d->settings, d->id, d->revoke, &d->order,
                                           &d->faults, error);
    if (status == RFD_OK)
        return page_redirect(page,
                             d->revoke ? N_("The certificate is revoked, and its holder told")
                                       : N_("The request was rejected, and who asked for it told why"),
                             error, DESK_REVOKED "/%lld", (long long)d->id);
    if (status != RFD_E_INVALID) return status;
    signature_faults(&form, &d->faults);
    error_clear(error);
    page->response->status = 422;
    return show(d, &form, error);
}

rfd_status desk_decide_send(struct page *page, struct rfd_error *error)
{
    struct deciding d;
    begin(&d, page);
    rfd_status status = decide(&d, error);
    buf_dispose(&d.text);
    return status;
}
