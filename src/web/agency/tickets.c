/* SPDX-License-Identifier: EUPL-1.2
 *
 * The requests of one's unit, with their counters.
 */
#include "web/agency/agency_pages.h"

#include "base/error.h"

/* es: "Registrado", "En proceso", "Observado", "Aprobado", "Atendido" */
static const struct {
    const char *title, *filter, *value;
    enum request_state states[2];
} trays[] = {
    {N_("Registered"), "state", "draft", {REQUEST_DRAFT, REQUEST_NONE}},
    {N_("In process"), "in-process", "taken", {REQUEST_SENT, REQUEST_TAKEN}},
    {N_("Observed"), "state", "observed", {REQUEST_OBSERVED, REQUEST_NONE}},
    {N_("Approval given"), "state", "approved", {REQUEST_APPROVED, REQUEST_NONE}},
    {N_("Attended"), "state", "attended", {REQUEST_ATTENDED, REQUEST_NONE}},
};

static rfd_status put_trays(struct transaction *t, void *context, struct rfd_error *error)
{
    struct page *page = context;
    struct view *list = view_list(page->view, "trays");
    for (size_t i = 0; i < sizeof trays / sizeof *trays; i++) {
        uint64_t total = 0;
        for (size_t n = 0; n < 2 && trays[i].states[n] != REQUEST_NONE; n++) {
            uint64_t count;
            TRY(request_count(t, &page->actor, WAY_AGENCY, trays[i].states[n], true, &count, error));
            total += count;
        }
        const char *link = arena_print(page->arena, TICKETS "?%s=%s", trays[i].filter, trays[i].value);
        struct view *item = agency_put_tray(page, list, trays[i].title, link, total);
        view_flag(item, "current", slice_is(http_field_get(&page->request->query, trays[i].filter, 0), trays[i].value));
    }
    return RFD_OK;
}

rfd_status tickets_show(struct page *page, struct rfd_error *error)
{
    struct list_query fixed = {.sort = NULL};
    struct agency_words words = {0};
    const struct page_list list = {.definition = &agency_request_list,
                                   .link = TICKETS "/%lld",
                                   .empty = N_("There is no request here yet. Begin one with “New ticket”."),
                                   .fixed = &fixed,
                                   .text = agency_words_text,
                                   .context = &words};
    bool done = false;
    bool all = http_field_get(&page->request->query, "todas", 0).length > 0;
    if (!all) list_fix_number(&fixed, page->arena, "requester", page->actor.person);
    TRY(agency_words_read(page, &words, error));
    TRY(page_list(page, &list, &done, error));
    if (done) return RFD_OK;
    TRY(page_read(page, put_trays, page, error));
    view_flag(page->view, "all", all);
    return page_show(page, N_("Requests of my unit"), "agency/tickets", error);
}

/* ---- From a mail to the page ---- */

struct leading {
    struct page *page;
    int64_t id;
    struct request request;
};

static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct leading *l = context;
    return agency_see(t, &l->page->actor, l->id, &l->request, error);
}

/** A mail's link is the same for both sides. */
rfd_status ticket_lead(struct page *page, struct rfd_error *error)
{
    struct leading l = {.page = page};
    TRY(page_id(page, "id", &l.id, error));
    TRY(page_read(page, find, &l, error));
    bool office = l.request.requester != page->actor.person && actor_may(&page->actor, ACTION_REGISTRATION_SEE, NULL);
    return page_redirect(page, NULL, error, office ? OFFICE "/%lld" : TICKETS "/%lld", (long long)l.id);
}
