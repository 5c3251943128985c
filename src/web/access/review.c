/* SPDX-License-Identifier: EUPL-1.2
 *
 * The periodic review: which roles of one's people are kept, and which are ended.
 */
#include "web/access/access_pages.h"

#include "base/error.h"
#include "base/number.h"

static const struct form_field fields[] = {
    {.name = "tick", .label = N_("Roles"), .kind = FORM_MANY},
    {.name = "verdict", .kind = FORM_HIDDEN},
    {.name = "sure", .label = N_("Yes, end the roles that are ticked: the people are told"), .kind = FORM_TICK},
};
enum { FIELDS = sizeof fields / sizeof *fields };

static rfd_status show(struct page *page, struct form *form, struct rfd_error *error)
{
    struct list_query fixed = {.sort = NULL};
    const struct page_list list = {.definition = &access_review_list,
                                   .empty =
                                       N_("There is nothing to confirm now. You get a mail when it is time again."),
                                   .ticks = true,
                                   .fixed = &fixed};
    bool done = false;
    list_fix_number(&fixed, page->arena, "not-person", page->actor.person);
    TRY(page_list(page, &list, &done, error));
    if (done) return RFD_OK;
    form_show(page, form);
    return page_show(page, N_("Review of roles"), "access/review", error);
}

rfd_status review_show(struct page *page, struct rfd_error *error)
{
    struct form form;
    form_new(&form, fields, FIELDS);
    return show(page, &form, error);
}

struct reviewing {
    struct page *page;
    const struct form_value *ticks;
    bool keep;
};

/** All that are ticked or none: one that somebody else decided meanwhile is passed over. */
static rfd_status decide(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct reviewing *r = context;
    for (size_t i = 0; i < r->ticks->many_count; i++) {
        int64_t item;
        if (!number_signed(r->ticks->many[i], &item)) return error_set(error, RFD_E_REQUEST, "a tick");
        rfd_status status = access_review_decide(t, &r->page->actor, item, r->keep, error);
        if (status == RFD_E_STATE) error_clear(error);
        if (status != RFD_OK && status != RFD_E_STATE) return status;
    }
    return RFD_OK;
}

rfd_status review_decide(struct page *page, struct rfd_error *error)
{
    struct form form;
    TRY(form_read(page, fields, FIELDS, &form, error));
    struct reviewing r = {page, form_value(&form, "tick"), slice_is(form_text(&form, "verdict"), "keep")};
    if (r.ticks->many_count == 0) form_fail(&form, "", N_("Tick the roles that you decide about"));
    if (!r.keep && !form_value(&form, "sure")->ticked)
        form_fail(&form, "sure", N_("Confirm that the roles are to be ended"));
    if (form.wrong) {
        page->response->status = 422;
        return show(page, &form, error);
    }
    TRY(page_write(page, decide, &r, error));
    return page_redirect(page, r.keep ? N_("The roles were confirmed") : N_("The roles were ended"), error,
                         "/accesos/revision");
}
