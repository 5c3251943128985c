/* SPDX-License-Identifier: EUPL-1.2
 *
 * "Seguimiento": how far a request is, with its times; and the answer to an observation, by other files and a note.
 */
#include "web/registration/registration_pages.h"

/* ---- The way in ---- */

static const struct applicant_door door = {N_("Follow a request"), "registration/follow", "/firma/seguimiento"};

rfd_status follow_leave(struct page *page, struct rfd_error *error)
{
    applicant_forget(page);
    return page_redirect(page, NULL, error, "/firma/seguimiento");
}

/* ---- What is seen ---- */

struct following {
    struct page *page;
    struct applicant_pass pass;
    struct request request;
    const struct applicant *applicant;
    slice code, number, country; /* kept */
    bool observed;
    struct kept_file files[KEPT_FILES];
    size_t file_count;
    struct form_field fields[KEPT_FILES + 2];
    struct form form;
    struct faults faults;
};

static const char *event_tone(enum request_event event)
{
    switch (event) {
    case REQUEST_EVENT_CONFIRM:
    case REQUEST_EVENT_APPROVE:
    case REQUEST_EVENT_ISSUE: return "good";
    case REQUEST_EVENT_OBSERVE:
    case REQUEST_EVENT_UNDO: return "warn";
    case REQUEST_EVENT_REJECT:
    case REQUEST_EVENT_CANCEL:
    case REQUEST_EVENT_REVOKE: return "bad";
    default: return "neutral";
    }
}

static rfd_status put_events(struct transaction *t, struct following *f, struct rfd_error *error)
{
    struct page *page = f->page;
    struct request_happening *all;
    size_t count;
    struct view *list = view_list(page->view, "events");
    TRY(request_events(t, f->pass.request, true, &all, &count, error));
    for (size_t i = 0; i < count; i++)
        page_event(page, list, all[i].time, request_event_title(all[i].event),
                   all[i].is_public ? all[i].note : SLICE_EMPTY, SLICE_EMPTY, event_tone(all[i].event));
    return RFD_OK;
}

/** What happens now, in a sentence. */
static const char *state_text(enum request_state state, bool central)
{
    if (central && state == REQUEST_APPROVED)
        return N_("Your request is approved. Sign in with your account and make your certificate.");
    if (central && state == REQUEST_ISSUED)
        return N_("Your certificate was issued, and its key is kept here. Sign in with your account to use it.");
    switch (state) {
    case REQUEST_UNVERIFIED:
        return N_("Open the link of the mail that we sent you, so that an agent can attend the request.");
    case REQUEST_STARTED: return N_("A certifying agent will look at your request. There is nothing for you to do.");
    case REQUEST_TAKEN: return N_("A certifying agent is looking at your request. There is nothing for you to do.");
    case REQUEST_OBSERVED: return N_("The agent asks you to mend something. Answer below; the request then goes on.");
    case REQUEST_APPROVED: return N_("Your request is approved. The certificate is issued within moments.");
    case REQUEST_ISSUED:
        return N_("Your certificate was issued. Join it with your key to get the file that you sign with.");
    case REQUEST_REJECTED: return N_("The request was rejected. You may ask again.");
    case REQUEST_CANCELLED: return N_("The request was cancelled. You may ask again.");
    default: return N_("Your request is being worked on.");
    }
}

static void put_request(struct following *f)
{
    struct page *page = f->page;
    const struct request *r = &f->request;
    const struct applicant *p = f->applicant;
    struct view *facts = view_list(page->view, "facts");
    const char *days = arena_print(page->arena, "%u", request_days(r, page->now));
    view_text(page->view, "code", f->code);
    view_string(page->view, "state", page_text(page, request_state_title(slice_text(request_state_name(r->state)))));
    view_string(page->view, "tone", request_state_tone(r->state));
    view_string(page->view, "text", page_text(page, state_text(r->state, p->central)));
    view_flag(page->view, "unverified", r->state == REQUEST_UNVERIFIED);
    view_flag(page->view, "issued", r->state == REQUEST_ISSUED && p->certificate != 0 && !p->central);
    view_flag(page->view, "over", r->state == REQUEST_REJECTED || r->state == REQUEST_CANCELLED);
    view_flag(page->view, "observed", f->observed);
    view_flag(page->view, "receipt", r->way == WAY_ONLINE);
    view_text(page->view, "note", page_keep(page, r->note));
    view_text(page->view, "key_id", applicant_key_id(page, p->spki));
    page_fact(page, facts, N_("Name"), applicant_name(p, page->arena), NULL);
    page_fact(page, facts, N_("Asked for"), page_time(page, r->created), NULL);
    page_fact(page, facts, N_("Days since then"), days == NULL ? SLICE_EMPTY : slice_text(days), NULL);
    page_fact(page, facts, N_("E-mail address"), applicant_masked_mail(page, p->mail), NULL);
}

/* ---- Answering ---- */

static bool is_online(const struct pack_evidence *pack)
{
    return pack->online;
}

static void answer_fields(struct following *f)
{
    f->fields[0] = (struct form_field){
        .name = "note", .label = N_("What you have mended, or want to say"), .kind = FORM_LONG_TEXT, .maximum = 1000};
    f->fields[1] = (struct form_field){.name = "folio", .kind = FORM_HIDDEN, .maximum = 24};
    for (size_t i = 0; i < f->file_count; i++) f->files[i].pack.required = false;
    kept_fields(f->page, f->files, f->file_count, false, f->fields + 2);
}

static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct following *f = context;
    TRY(request_find(t, f->pass.request, &f->request, error));
    TRY(applicant_of_pass(&f->request, &f->pass, &f->applicant, error));
    f->code = page_keep(f->page, f->request.code);
    f->number = page_keep(f->page, f->applicant->number);
    f->country = page_keep(f->page, f->request.country);
    f->observed = f->request.way == WAY_ONLINE && f->request.state == REQUEST_OBSERVED;
    if (!f->observed || f->file_count > 0) return RFD_OK; /* what was sent is not forgotten */
    return kept_of_catalogue(t, f->page, f->country, is_online, f->files, &f->file_count, error);
}

/** In the transaction, as the request's texts are its own. */
static rfd_status load_and_put(struct transaction *t, void *context, struct rfd_error *error)
{
    struct following *f = context;
    TRY(load(t, f, error));
    put_request(f);
    return put_events(t, f, error);
}

static rfd_status show_request(struct following *f, bool sent, struct rfd_error *error)
{
    struct page *page = f->page;
    TRY(page_read(page, load_and_put, f, error));
    if (!sent) {
        answer_fields(f);
        form_new(&f->form, f->fields, f->file_count + 2);
        form_set(&f->form, "folio", f->code);
    }
    TRY(kept_show(page, f->files, f->file_count, error));
    form_show(page, &f->form);
    if (f->form.wrong) page->response->status = 422;
    return applicant_show(page, N_("Follow a request"), "registration/request", error);
}

static rfd_status new_following(struct page *page, struct following **out, struct rfd_error *error)
{
    struct following *f = arena_zeroed(page->arena, 1, sizeof *f);
    if (f == NULL) return arena_failed(page->arena, error);
    f->page = page;
    TRY(applicant_request(page, &f->pass, error));
    *out = f;
    return RFD_OK;
}

rfd_status follow_show(struct page *page, struct rfd_error *error)
{
    struct following *f;
    bool asked = http_field_get(&page->request->query, "folio", 0).data != NULL;
    TRY(new_following(page, &f, error));
    if (f->pass.request != 0 && !asked) return show_request(f, false, error);
    return applicant_door_show(page, &door, error);
}

rfd_status follow_send(struct page *page, struct rfd_error *error)
{
    return applicant_door_send(page, &door, error);
}

static rfd_status answer(struct transaction *t, void *context, struct rfd_error *error)
{
    struct following *f = context;
    struct evidence_file files[KEPT_FILES];
    const struct registration_settings settings = page_registration(f->page);
    size_t count = kept_files(f->files, f->file_count, files);
    f->faults.count = 0;
    return request_answer(t, &settings, f->code, f->number, files, count, form_text(&f->form, "note"), &f->faults,
                          error);
}

static rfd_status read_answer(struct following *f, struct rfd_error *error)
{
    struct page *page = f->page;
    answer_fields(f);
    TRY(form_read(page, f->fields, f->file_count + 2, &f->form, error));
    TRY(kept_read(page, f->files, f->file_count, &f->form, error));
    struct evidence_file files[KEPT_FILES];
    if (!f->form.wrong && kept_files(f->files, f->file_count, files) == 0 && form_text(&f->form, "note").length == 0)
        form_fail(&f->form, "note", N_("Choose a file, or write what you want to say"));
    if (f->form.wrong) kept_fields(page, f->files, f->file_count, false, f->fields + 2); /* says what was taken */
    return RFD_OK;
}

rfd_status answer_send(struct page *page, struct rfd_error *error)
{
    struct following *f;
    TRY(new_following(page, &f, error));
    if (f->pass.request == 0) return page_redirect(page, NULL, error, "/firma/seguimiento");
    TRY(page_read(page, load, f, error));
    /* Another tab may have opened another request since: what is sent is an answer to the one that it was made for. */
    bool same = slice_equal(page_field(page, "folio"), f->code);
    if (!same || !f->observed)
        return page_redirect(page, N_("This request waits for no answer now"), error, "/firma/seguimiento");
    TRY(read_answer(f, error));
    if (f->form.wrong) return show_request(f, true, error);
    rfd_status status = page_write(page, answer, f, error);
    if (status == RFD_E_INVALID) {
        error_clear(error);
        form_faults(&f->form, &f->faults);
        kept_fields(page, f->files, f->file_count, false, f->fields + 2);
        return show_request(f, true, error);
    }
    if (status != RFD_OK) return status;
    return page_redirect(page, N_("Your answer was sent: the agent has the request again"), error,
                         "/firma/seguimiento");
}
