/* SPDX-License-Identifier: EUPL-1.2
 *
 * The certification office: the queue of what units have asked for, and one request with all that can be done with it
 * now.
 */
#include "web/agency/agency_pages.h"

#include "base/error.h"

/* ---- The queue ---- */

static const struct {
    const char *title;
    enum request_state state;
} trays[] = {
    {N_("To take"), REQUEST_SENT}, /* es: "Por tomar" */
    {N_("Being attended"), REQUEST_TAKEN},
    {N_("Observed ones"), REQUEST_OBSERVED}, /* es: "Observadas" */
    {N_("Approved ones"), REQUEST_APPROVED}, /* es: "Aprobadas" */
};

static rfd_status put_trays(struct transaction *t, void *context, struct rfd_error *error)
{
    struct page *page = context;
    struct view *list = view_list(page->view, "trays");
    for (size_t i = 0; i < sizeof trays / sizeof *trays; i++) {
        const char *state = request_state_name(trays[i].state);
        uint64_t count;
        TRY(request_count(t, &page->actor, WAY_AGENCY, trays[i].state, false, &count, error));
        const char *link = arena_print(page->arena, OFFICE "?state=%s", state);
        struct view *item = agency_put_tray(page, list, trays[i].title, link, count);
        view_flag(item, "current", slice_is(http_field_get(&page->request->query, "state", 0), state));
    }
    return RFD_OK;
}

rfd_status office_list(struct page *page, struct rfd_error *error)
{
    struct list_query fixed = {.sort = NULL};
    struct agency_words words = {0};
    const struct page_list list = {.definition = &agency_queue_list,
                                   .link = OFFICE "/%lld",
                                   .empty = N_("No unit waits for anything here."),
                                   .fixed = &fixed,
                                   .text = agency_words_text,
                                   .context = &words};
    bool done = false;
    bool mine = http_field_get(&page->request->query, "mias", 0).length > 0;
    if (mine) list_fix_number(&fixed, page->arena, "taker", page->actor.person);
    TRY(agency_words_read(page, &words, error));
    TRY(page_list(page, &list, &done, error));
    if (done) return RFD_OK;
    TRY(page_read(page, put_trays, page, error));
    view_flag(page->view, "mine", mine);
    return page_show(page, N_("Requests of units to attend"), "agency/office", error);
}

/* ---- One request ---- */

const struct form_field office_fields[OFFICE_FIELDS] = {
    {.name = "note",
     .label = N_("What has to be mended"),
     .hint = N_("The unit and the applicants read it in a mail"),
     .kind = FORM_LONG_TEXT,
     .conditional = true,
     .maximum = 2000},
    {.name = "reason",
     .label = N_("Why it is rejected"),
     .hint = N_("The unit and the applicants read it in a mail"),
     .kind = FORM_LONG_TEXT,
     .conditional = true,
     .maximum = 2000},
    {.name = "mark", .label = N_("Check marks"), .kind = FORM_MANY, .conditional = true},
};

struct showing {
    struct page *page;
    int64_t id;
    struct registration_settings settings;
    struct request request;
};

static void put_acts(struct page *page, const struct request *r, const char *missing)
{
    struct view *view = page->view;
    bool mine = r->taker != 0 && r->taker == page->actor.person;
    bool attending = mine && r->state == REQUEST_TAKEN;
    bool concluding = mine && r->state == REQUEST_APPROVED;
    bool issues = agency_issues(r->kind);
    bool keyless = false;
    bool open = false;
    for (size_t i = 0; i < r->applicant_count; i++) {
        const struct applicant *a = &r->applicants[i];
        keyless = keyless || (a->spki.length == 0 && !a->central);
        open = open || (issues && a->certificate == 0 && a->external_certificate.length == 0);
    }
    view_flag(view, "attending", attending);
    view_flag(view, "concluding", concluding);
    view_flag(view, "takeable",
              r->state == REQUEST_SENT && r->requester != page->actor.person &&
                  actor_may(&page->actor, ACTION_AGENCY_ATTEND, NULL));
    view_flag(view, "own", r->requester == page->actor.person);
    view_flag(view, "others", !mine && (r->state == REQUEST_TAKEN || r->state == REQUEST_OBSERVED));
    view_flag(view, "keyless", attending && issues && keyless);
    view_flag(view, "ready", attending && issues && missing == NULL);
    view_string(view, "missing_text", missing == NULL ? "" : page_text(page, missing));
    view_flag(view, "external", r->external && issues);
    view_flag(view, "waits_for_issue", r->state == REQUEST_APPROVED && issues && !r->external && open);
    view_flag(view, "attendable", concluding && !open);
    view_flag(view, "revokes", slice_is(r->kind, "revoke"));
}

static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct showing *s = context;
    const char *missing = NULL;
    TRY(agency_see(t, &s->page->actor, s->id, &s->request, error));
    TRY(desk_check_unit(t, s->page, ACTION_REGISTRATION_SEE, s->request.entity, s->request.unit, error));
    TRY(agency_put_all(t, s->page, &s->settings, &s->request, true, error));
    if (s->request.state == REQUEST_TAKEN) TRY(request_missing(t, &s->request, &missing, error));
    put_acts(s->page, &s->request, missing);
    return RFD_OK;
}

rfd_status office_show_with(struct page *page, struct form *form, struct rfd_error *error)
{
    struct showing s = {.page = page, .settings = page_registration(page)};
    TRY(page_id(page, "id", &s.id, error));
    TRY(page_read(page, load, &s, error));
    form_show(page, form);
    return page_show(page, N_("Attend a unit's request"), "agency/attend", error);
}

rfd_status office_show(struct page *page, struct rfd_error *error)
{
    struct form form;
    form_new(&form, office_fields, OFFICE_FIELDS);
    return office_show_with(page, &form, error);
}
