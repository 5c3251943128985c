/* SPDX-License-Identifier: EUPL-1.2
 *
 * What an agent does with a request, but for approving it: takes it, leaves it to others, marks what they checked,
 * returns it to its applicant, cancels it. Each is one step of the domain; who comes second is told so by the page
 * itself.
 */
#include "web/desk/desk_pages.h"

#include "base/error.h"
#include "base/number.h"

struct act {
    struct page *page;
    int64_t id;
    struct form form;
    bool reject;
    slice note;
    struct faults faults;
};

static rfd_status back(const struct act *a, const char *notice, struct rfd_error *error)
{
    return page_redirect(a->page, notice, error, DESK_REQUESTS "/%lld", (long long)a->id);
}

/* ---- Taking, and leaving to others ---- */

static rfd_status take(struct transaction *t, void *context, struct rfd_error *error)
{
    struct act *a = context;
    return request_take(t, &a->page->actor, a->id, error);
}

/** Of two agents one wins; the other is shown by whom it is attended. */
rfd_status desk_attend_take(struct page *page, struct rfd_error *error)
{
    struct act a = {.page = page};
    TRY(page_id(page, "id", &a.id, error));
    rfd_status status = page_write(page, take, &a, error);
    if (status != RFD_E_STATE) {
        TRY(status);
        return back(&a, N_("You have taken the request: nobody else can attend it now"), error);
    }
    error_clear(error);
    return back(&a, N_("Another agent was faster, or the request is not waiting any more"), error);
}

static rfd_status release(struct transaction *t, void *context, struct rfd_error *error)
{
    struct act *a = context;
    return request_release(t, &a->page->actor, a->id, error);
}

rfd_status desk_attend_release(struct page *page, struct rfd_error *error)
{
    struct act a = {.page = page};
    TRY(page_id(page, "id", &a.id, error));
    TRY(page_write(page, release, &a, error));
    return page_redirect(page, N_("The request waits for other agents again"), error, DESK_MINE);
}

/* ---- Check marks ---- */

enum { LEGIBLE = 1, COMPLETE = 2, CURRENT = 4 };

/** Ticked boxes are called by evidence and mark: "12.legible". */
static unsigned marks_of(const struct form_value *ticks, int64_t evidence)
{
    unsigned marks = 0;
    for (size_t i = 0; i < ticks->many_count; i++) {
        slice mark = ticks->many[i];
        int64_t id = 0;
        if (!number_signed(http_cut(&mark, '.'), &id) || id != evidence) continue;
        if (slice_is(mark, "legible")) marks |= LEGIBLE;
        if (slice_is(mark, "complete")) marks |= COMPLETE;
        if (slice_is(mark, "current")) marks |= CURRENT;
    }
    return marks;
}

/** Those that the page showed are told in `seen`: a file that came meanwhile keeps its marks, which are none. */
static bool was_seen(const struct page *page, int64_t evidence)
{
    size_t count = http_field_count(&page->fields, "seen");
    for (size_t i = 0; i < count && i < EVIDENCE_MAXIMUM; i++) {
        int64_t id = 0;
        if (number_signed(http_field_get(&page->fields, "seen", i), &id) && id == evidence) return true;
    }
    return false;
}

rfd_status desk_marks(struct transaction *t, struct page *page, int64_t id, const struct form_value *ticks,
                      struct rfd_error *error)
{
    struct request request;
    struct evidence *all = NULL;
    size_t count = 0;
    TRY(desk_request(page, t, id, &request, error));
    TRY(evidence_list(t, request.id, false, &all, &count, error));
    for (size_t i = 0; i < count; i++) {
        unsigned marks = marks_of(ticks, all[i].id);
        if (!was_seen(page, all[i].id)) continue;
        TRY(evidence_mark(t, &page->actor, all[i].id, (marks & LEGIBLE) != 0, (marks & COMPLETE) != 0,
                          (marks & CURRENT) != 0, error));
    }
    return RFD_OK;
}

static rfd_status mark(struct transaction *t, void *context, struct rfd_error *error)
{
    struct act *a = context;
    return desk_marks(t, a->page, a->id, form_value(&a->form, "mark"), error);
}

rfd_status desk_attend_marks(struct page *page, struct rfd_error *error)
{
    struct act a = {.page = page};
    TRY(page_id(page, "id", &a.id, error));
    TRY(form_read(page, desk_note_fields, DESK_NOTE_FIELDS, &a.form, error));
    TRY(page_write(page, mark, &a, error));
    return back(&a, N_("The check marks are saved"), error);
}

/* ---- Returning and cancelling ---- */

static rfd_status show_wrong(struct act *a, const char *field, struct rfd_error *error)
{
    for (unsigned i = 0; i < a->faults.count; i++)
        form_fail(&a->form, a->faults.items[i].field[0] == '\0' ? "" : field, a->faults.items[i].message);
    error_clear(error);
    a->page->response->status = 422;
    return desk_attend_show_with(a->page, &a->form, error);
}

static rfd_status observe(struct transaction *t, void *context, struct rfd_error *error)
{
    struct act *a = context;
    a->faults.count = 0;
    return request_observe(t, &a->page->actor, a->id, a->note, &a->faults, error);
}

rfd_status desk_attend_observe(struct page *page, struct rfd_error *error)
{
    struct act a = {.page = page};
    rfd_status status = RFD_E_INVALID;
    TRY(page_id(page, "id", &a.id, error));
    TRY(form_read(page, desk_note_fields, DESK_NOTE_FIELDS, &a.form, error));
    a.note = form_text(&a.form, "note");
    if (!a.form.wrong) status = page_write(page, observe, &a, error);
    if (status == RFD_E_INVALID) return show_wrong(&a, "note", error);
    TRY(status);
    return back(&a, N_("The applicant was told what to mend"), error);
}

static rfd_status cancel(struct transaction *t, void *context, struct rfd_error *error)
{
    struct act *a = context;
    a->faults.count = 0;
    return request_cancel(t, &a->page->actor, a->id, a->reject, a->note, &a->faults, error);
}

rfd_status desk_attend_cancel(struct page *page, struct rfd_error *error)
{
    struct act a = {.page = page};
    rfd_status status = RFD_E_INVALID;
    TRY(page_id(page, "id", &a.id, error));
    TRY(form_read(page, desk_note_fields, DESK_NOTE_FIELDS, &a.form, error));
    a.note = form_text(&a.form, "reason");
    a.reject = slice_is(form_text(&a.form, "outcome"), "reject");
    if (!form_value(&a.form, "activate")->ticked)
        form_fail(&a.form, "activate", N_("Tick this box to cancel the request"));
    if (!a.form.wrong) status = page_write(page, cancel, &a, error);
    if (status == RFD_E_INVALID) return show_wrong(&a, "reason", error);
    TRY(status);
    return back(&a,
                a.reject ? N_("The request was rejected, and the applicant told why")
                         : N_("The request was cancelled, and the applicant told why"),
                error);
}
