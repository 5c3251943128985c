/* SPDX-License-Identifier: EUPL-1.2
 *
 * The trays of those who decide, and decisions about several requests at once: each is a transaction of its own, so
 * that one that cannot be decided keeps no other from it.
 */
#include "web/access/access_pages.h"

#include "base/error.h"
#include "base/number.h"

enum { SEVERAL_MAXIMUM = 100 };

static const struct form_field fields[] = {
    {.name = "tick", .label = N_("Requests"), .kind = FORM_MANY},
    {.name = "reason",
     .label = N_("Reason"),
     .hint = N_("Needed to reject: the requester reads it"),
     .kind = FORM_LONG_TEXT},
    {.name = "verdict", .kind = FORM_HIDDEN},
};
enum { FIELDS = sizeof fields / sizeof *fields };

static rfd_status show_tray(struct page *page, const struct list_definition *definition, struct form *form,
                            bool several, struct rfd_error *error)
{
    struct list_query fixed = {.sort = NULL};
    const struct page_list list = {.definition = definition,
                                   .link = "/accesos/solicitudes/%lld",
                                   .empty = N_("Nothing waits for you."),
                                   .ticks = several,
                                   .fixed = &fixed};
    bool done = false;
    /* Nobody decides about their own: it is not even shown here. */
    list_fix_number(&fixed, page->arena, "not-person", page->actor.person);
    TRY(page_list(page, &list, &done, error));
    if (done) return RFD_OK;
    form_show(page, form);
    view_flag(page->view, "several", several);
    /* es: "Bandeja de aprobación" */
    return page_show(page, several ? N_("Requests to decide") : N_("Certifying agents to decide"), "access/tray",
                     error);
}

rfd_status tray_show(struct page *page, struct rfd_error *error)
{
    struct form form;
    form_new(&form, fields, FIELDS);
    return show_tray(page, &access_tray_list, &form, true, error);
}

/** Each has its letter to be read and its signature: one by one. */
rfd_status agents_show(struct page *page, struct rfd_error *error)
{
    struct form form;
    form_new(&form, fields, FIELDS);
    return show_tray(page, &access_agent_list, &form, false, error);
}

/* ---- Several at once ---- */

struct deciding {
    struct page *page;
    struct access_decision decision;
    struct access_settings settings;
    struct faults faults;
    struct access_request request;
};

static rfd_status decide(struct transaction *t, void *context, struct rfd_error *error)
{
    struct deciding *d = context;
    d->faults.count = 0;
    return access_request_decide(t, &d->page->actor, &d->decision, &d->faults, error);
}

static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct deciding *d = context;
    TRY(access_request_find(t, &d->page->actor, d->decision.request, &d->request, error));
    d->request.code = arena_copy(d->page->arena, d->request.code);
    return RFD_OK;
}

/** Why it could not be decided, for people. */
static const char *why(const struct deciding *d, rfd_status status)
{
    if (status == RFD_E_INVALID && d->faults.count > 0) return d->faults.items[0].message;
    if (status == RFD_E_STATE) return N_("It was decided already");
    if (status == RFD_E_FORBIDDEN) return N_("You may not decide about this one");
    return N_("This did not work: try again");
}

static void put_result(struct deciding *d, struct view *list, rfd_status status)
{
    struct page *page = d->page;
    struct view *item = view_item(list);
    slice code = page_read(page, load, d, NULL) == RFD_OK ? d->request.code : SLICE("-");
    bool fine = status == RFD_OK;
    view_text(item, "code", code);
    view_string(item, "link", arena_print(page->arena, "/accesos/solicitudes/%lld", (long long)d->decision.request));
    view_string(item, "tone", fine ? "good" : "bad");
    view_string(item, "text",
                page_text(page, !fine                 ? why(d, status)
                                : d->decision.approve ? N_("Approved: the roles are in force")
                                                      : N_("Rejected: the requester is told")));
}

static rfd_status decide_all(struct page *page, struct form *form, struct rfd_error *error)
{
    const struct form_value *ticks = form_value(form, "tick");
    struct deciding d = {.page = page, .settings = access_page_settings(page)};
    struct view *list = view_list(page->view, "results");
    d.decision.settings = &d.settings;
    d.decision.approve = slice_is(form_text(form, "verdict"), "approve");
    d.decision.reason = form_text(form, "reason");
    for (size_t i = 0; i < ticks->many_count && i < SEVERAL_MAXIMUM; i++) {
        if (!number_signed(ticks->many[i], &d.decision.request)) continue;
        rfd_status status = page_write(page, decide, &d, error);
        put_result(&d, list, status);
        error_clear(error);
    }
    return page_show(page, N_("What was decided"), "access/decided", error);
}

rfd_status tray_decide(struct page *page, struct rfd_error *error)
{
    struct form form;
    TRY(form_read(page, fields, FIELDS, &form, error));
    bool approve = slice_is(form_text(&form, "verdict"), "approve");
    if (form_value(&form, "tick")->many_count == 0) form_fail(&form, "", N_("Tick the requests that you decide about"));
    if (!approve && form_text(&form, "reason").length == 0)
        form_fail(&form, "reason", N_("Say why you reject it: the requester reads it"));
    if (!form.wrong) return decide_all(page, &form, error);
    page->response->status = 422;
    return show_tray(page, &access_tray_list, &form, true, error);
}
