/* SPDX-License-Identifier: EUPL-1.2
 *
 * One request: what its applicant says beside what they handed in, what happened, and what the agent can do with it
 * now. Who has taken it attends it here ("Atender Solicitud"); everybody else of its unit may look.
 */
#include "web/desk/desk_pages.h"

#include "base/error.h"

/* Of several small forms on the page: each sends what is its own, so that none is required of all of them. */
const struct form_field desk_note_fields[DESK_NOTE_FIELDS] = {
    {.name = "note",
     .label = N_("What has to be mended"),
     .hint = N_("The applicant reads it in a mail, and answers by replacing a file"),
     .kind = FORM_LONG_TEXT,
     .conditional = true,
     .maximum = 2000},
    {.name = "reason",
     .label = N_("Reason of the cancellation"),
     .hint = N_("The applicant reads it in a mail"),
     .kind = FORM_LONG_TEXT,
     .conditional = true,
     .maximum = 2000},
    {.name = "activate",
     .label = N_("Activate cancelling the request"), /* es: "Activar Cancelar Requerimiento" */
     .kind = FORM_TICK},
    {.name = "outcome", .label = N_("How it ends"), .kind = FORM_RADIO, .conditional = true},
    {.name = "mark", .label = N_("Check marks"), .kind = FORM_MANY, .conditional = true},
};

struct showing {
    struct page *page;
    int64_t id;
    struct request request;
    slice elsewhere; /* address of the page that it has elsewhere */
};

/* ---- Facts ---- */

static rfd_status put_facts(struct transaction *t, struct page *page, const struct request *r, struct rfd_error *error)
{
    struct view *facts = view_list(page->view, "facts");
    slice taker;
    page_fact(page, facts, N_("Kind of request"), desk_title(t, page, r->country, "kind", r->kind), NULL);
    if (r->motive.length > 0)
        page_fact(page, facts, N_("Motive"), desk_title(t, page, r->country, "motive", r->motive), NULL);
    page_fact(page, facts, N_("Day of the request"), page_time(page, r->created), NULL); /* es: "Fecha solicitud" */
    TRY(desk_person(t, page, r->taker, &taker, error));
    if (taker.length > 0) page_fact(page, facts, N_("Attended by"), taker, NULL);
    if (r->applicant_count > 0) TRY(desk_applicant(t, page, &r->applicants[0], facts, error));
    if (r->note.length > 0) page_fact(page, facts, N_("Last remark"), r->note, NULL);
    return RFD_OK;
}

/* ---- Evidence ---- */

static rfd_status put_files(struct transaction *t, struct page *page, const struct request *r, struct rfd_error *error)
{
    struct evidence *all = NULL;
    size_t count = 0;
    struct view *files = view_list(page->view, "files");
    TRY(evidence_list(t, r->id, false, &all, &count, error));
    for (size_t i = 0; i < count; i++)
        page_evidence(page, &all[i], desk_title(t, page, r->country, "evidence", all[i].kind), view_item(files));
    view_flag(page->view, "has_files", count > 0);
    return RFD_OK;
}

/* ---- What can be done ---- */

static rfd_status put_acts(struct transaction *t, struct page *page, const struct request *r, struct rfd_error *error)
{
    struct view *view = page->view;
    const char *missing = NULL;
    bool mine = r->taker == page->actor.person && r->taker != 0;
    bool attending = mine && r->state == REQUEST_TAKEN;
    if (attending) TRY(request_missing(t, r, &missing, error));
    view_flag(view, "attending", attending);
    view_flag(view, "takeable", request_may(r->way, REQUEST_EVENT_TAKE, r->state));
    view_flag(view, "unverified", r->state == REQUEST_UNVERIFIED);
    view_flag(view, "cancellable", attending || r->state == REQUEST_UNVERIFIED);
    view_flag(view, "waits_for_applicant", mine && r->state == REQUEST_OBSERVED);
    view_flag(view, "others", !mine && (r->state == REQUEST_TAKEN || r->state == REQUEST_OBSERVED));
    bool central = r->applicant_count > 0 && r->applicants[0].central;
    view_flag(view, "being_issued", r->state == REQUEST_APPROVED && !central);
    view_flag(view, "being_made", r->state == REQUEST_APPROVED && central);
    view_flag(view, "ready", attending && missing == NULL);
    view_string(view, "missing", missing == NULL ? "" : page_text(page, missing));
    bool keyless =
        attending && r->applicant_count > 0 && !r->applicants[0].central && r->applicants[0].spki.length == 0;
    view_flag(view, "keyless", keyless);
    view_string(view, "certificate",
                r->applicant_count == 0 || r->applicants[0].certificate == 0
                    ? ""
                    : arena_print(page->arena, DESK_ISSUED "/%lld", (long long)r->applicants[0].certificate));
    return RFD_OK;
}

/** Requests of other ways have their pages elsewhere. */
static const char *page_elsewhere(const struct page *page, const struct request *r)
{
    if (r->way == WAY_REVOCATION) return arena_print(page->arena, DESK_REVOKED "/%lld", (long long)r->id);
    if (r->way == WAY_AGENCY) return arena_print(page->arena, REGISTRATION_PAGE_AGENCY "%lld", (long long)r->id);
    return "";
}

static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct showing *s = context;
    struct page *page = s->page;
    struct request *r = &s->request;
    TRY(desk_request(page, t, s->id, r, error));
    s->elsewhere = slice_text(page_elsewhere(page, r));
    if (s->elsewhere.length > 0) return RFD_OK;
    TRY(put_facts(t, page, r, error));
    TRY(put_files(t, page, r, error));
    TRY(put_acts(t, page, r, error));
    TRY(desk_events(t, page, r->id, error));
    view_number(page->view, "id", r->id);
    view_text(page->view, "code", page_keep(page, r->code));
    view_number(page->view, "days", (int64_t)request_days(r, page->now));
    desk_badge(page, request_state_title(slice_text(request_state_name(r->state))), request_state_tone(r->state));
    return RFD_OK;
}

static void choose(struct page *page, struct form *form)
{
    struct form_choice *choices = arena_zeroed(page->arena, 2, sizeof *choices);
    if (choices == NULL) return;
    choices[0] = (struct form_choice){
        SLICE("cancel"),
        slice_text(page_text(page, N_("Cancelled: sent twice or by mistake, or to be made again with other data")))};
    choices[1] = (struct form_choice){
        SLICE("reject"), slice_text(page_text(page, N_("Rejected: the applicant may not have this certificate")))};
    if (form_text(form, "outcome").length == 0) form_set(form, "outcome", SLICE("cancel"));
    form_choices(form, "outcome", choices, 2, false);
}

rfd_status desk_attend_show_with(struct page *page, struct form *form, struct rfd_error *error)
{
    struct showing s = {.page = page};
    TRY(page_id(page, "id", &s.id, error));
    TRY(page_read(page, load, &s, error));
    if (s.elsewhere.length > 0)
        return page_redirect(page, NULL, error, "%.*s", (int)s.elsewhere.length, (const char *)s.elsewhere.data);
    choose(page, form);
    form_show(page, form);
    return page_show(page, N_("Attend a request"), "desk/request", error); /* es: "Atender Solicitud" */
}

rfd_status desk_attend_show(struct page *page, struct rfd_error *error)
{
    struct form form;
    form_new(&form, desk_note_fields, DESK_NOTE_FIELDS);
    return desk_attend_show_with(page, &form, error);
}
