/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the office does with a request: each is one step of the domain. Who comes second is told so by the page itself.
 */
#include "web/agency/agency_pages.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct act {
    struct page *page;
    int64_t id;
    struct registration_settings settings;
    struct form form;
    slice note;
    unsigned count;
    struct faults faults;
};

static rfd_status begin(struct page *page, struct act *a, struct rfd_error *error)
{
    *a = (struct act){.page = page, .settings = page_registration(page)};
    return page_id(page, "id", &a->id, error);
}

/** A step without a form. Done already, or somebody was faster: the page shows what there is. */
static rfd_status step(struct act *a, store_work *work, const char *notice, struct rfd_error *error)
{
    rfd_status status = page_write(a->page, work, a, error);
    if (status == RFD_E_STATE) {
        error_clear(error);
        notice = N_("This cannot be done any more, or not yet: look at the request");
        status = RFD_OK;
    }
    TRY(status);
    return page_redirect(a->page, notice, error, OFFICE "/%lld", (long long)a->id);
}

static rfd_status take(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct act *a = context;
    return request_take(t, &a->page->actor, a->id, error);
}

rfd_status office_take(struct page *page, struct rfd_error *error)
{
    struct act a;
    TRY(begin(page, &a, error));
    return step(&a, take, N_("You have taken the request: nobody else can attend it now"), error);
}

static rfd_status release(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct act *a = context;
    return request_release(t, &a->page->actor, a->id, error);
}

rfd_status office_release(struct page *page, struct rfd_error *error)
{
    struct act a;
    TRY(begin(page, &a, error));
    return step(&a, release, N_("The request waits for other agents again"), error);
}

static rfd_status ask_keys(struct transaction *t, void *context, struct rfd_error *error)
{
    struct act *a = context;
    return agency_ask_keys(t, &a->page->actor, &a->settings, a->id, &a->count, error);
}

rfd_status office_keys(struct page *page, struct rfd_error *error)
{
    struct act a;
    TRY(begin(page, &a, error));
    return step(&a, ask_keys, N_("Each applicant without a key was mailed a link to make it"), error);
}

static rfd_status approve(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct act *a = context;
    return agency_approve(t, &a->page->actor, &a->settings, a->id, error);
}

rfd_status office_approve(struct page *page, struct rfd_error *error)
{
    struct act a;
    TRY(begin(page, &a, error));
    return step(&a, approve, N_("The request is approved; unit and applicants were told"), error);
}

static rfd_status attend(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct act *a = context;
    return agency_attend(t, &a->page->actor, a->id, error);
}

rfd_status office_attend(struct page *page, struct rfd_error *error)
{
    struct act a;
    TRY(begin(page, &a, error));
    return step(&a, attend, N_("The request is attended; unit and applicants were told"), error);
}

/* ---- Check marks ---- */

static rfd_status mark(struct transaction *t, void *context, struct rfd_error *error)
{
    struct act *a = context;
    return desk_marks(t, a->page, a->id, form_value(&a->form, "mark"), error);
}

rfd_status office_marks(struct page *page, struct rfd_error *error)
{
    struct act a;
    TRY(begin(page, &a, error));
    TRY(form_read(page, office_fields, OFFICE_FIELDS, &a.form, error));
    return step(&a, mark, N_("The check marks are saved"), error);
}

/* ---- Returning and rejecting ---- */

static rfd_status show_wrong(struct act *a, const char *field, struct rfd_error *error)
{
    form_faults_at(&a->form, field, &a->faults);
    error_clear(error);
    a->page->response->status = 422;
    return office_show_with(a->page, &a->form, error);
}

static rfd_status observe(struct transaction *t, void *context, struct rfd_error *error)
{
    struct act *a = context;
    a->faults.count = 0;
    return request_observe(t, &a->page->actor, a->id, a->note, &a->faults, error);
}

static rfd_status reject(struct transaction *t, void *context, struct rfd_error *error)
{
    struct act *a = context;
    a->faults.count = 0;
    return request_cancel(t, &a->page->actor, a->id, true, a->note, &a->faults, error);
}

static rfd_status with_note(struct page *page, const char *field, store_work *work, const char *notice,
                            struct rfd_error *error)
{
    struct act a;
    rfd_status status = RFD_E_INVALID;
    TRY(begin(page, &a, error));
    TRY(form_read(page, office_fields, OFFICE_FIELDS, &a.form, error));
    a.note = form_text(&a.form, field);
    if (!a.form.wrong) status = page_write(page, work, &a, error);
    if (status == RFD_E_INVALID) return show_wrong(&a, field, error);
    TRY(status);
    return page_redirect(page, notice, error, OFFICE "/%lld", (long long)a.id);
}

rfd_status office_observe(struct page *page, struct rfd_error *error)
{
    return with_note(page, "note", observe, N_("The unit was told what to mend"), error);
}

rfd_status office_reject(struct page *page, struct rfd_error *error)
{
    return with_note(page, "reason", reject, N_("The request was rejected, and the unit told why"), error);
}

/* ---- The dossier ---- */

struct writing {
    int file;
    uint64_t length;
};

static rfd_status write_piece(void *context, slice piece, struct rfd_error *error)
{
    struct writing *w = context;
    w->length += piece.length;
    while (piece.length > 0) {
        ssize_t done = write(w->file, piece.data, piece.length);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return error_errno(error, RFD_E_IO_WRITE, errno, "a dossier");
        piece = slice_from(piece, (size_t)done);
    }
    return RFD_OK;
}

/** To a file without a name, which is sent from there: the ZIP's length has to be known first. */
rfd_status office_dossier(struct page *page, struct rfd_error *error)
{
    struct act a;
    struct writing w = {.file = -1};
    TRY(begin(page, &a, error));
    w.file = open(page_settings(page)->web.blobs, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
    if (w.file < 0) return error_errno(error, RFD_E_IO_WRITE, errno, "a dossier");
    rfd_status status = agency_dossier(page_store(page), page_blobs(page), &page->actor, a.id, write_piece, &w, error);
    const char *name = arena_print(page->arena, "attachment; filename=\"expediente-%lld.zip\"", (long long)a.id);
    if (status == RFD_OK && name == NULL) status = arena_failed(page->arena, error);
    if (status != RFD_OK) {
        (void)close(w.file);
        return status;
    }
    show_headers(page);
    http_response_header(page->response, "Content-Disposition", slice_text(name));
    http_response_file(page->response, "application/zip", w.file, 0, w.length);
    return RFD_OK;
}
