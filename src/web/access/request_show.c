/* SPDX-License-Identifier: EUPL-1.2
 *
 * One request: what is asked, what happened, and what can be done with it now.
 */
#include "web/access/access_pages.h"

#include "base/error.h"
#include "web/signature.h"

static const struct form_field decision_fields[] = {
    {.name = "reason",
     .label = N_("Reason"),
     .hint = N_("Needed to reject: the requester reads it"),
     .kind = FORM_LONG_TEXT},
    SIGNATURE_FIELDS(
        N_("If your certificate is in a card or in another program: save the text, sign it there, and attach "
           "the signature")),
    {.name = "verdict", .kind = FORM_HIDDEN},
};
enum { DECISION_FIELDS = sizeof decision_fields / sizeof *decision_fields };

struct showing {
    struct page *page;
    int64_t id;
    struct access_request request;
    struct buf text;
};

/* ---- Facts ---- */

static rfd_status person_text(struct transaction *t, struct page *page, int64_t id, slice *out, struct rfd_error *error)
{
    struct person person;
    *out = SLICE_EMPTY;
    if (id == 0) return RFD_OK;
    TRY(person_find(t, id, &person, error));
    slice name = person_full_name(&person, page->arena);
    const char *text = arena_print(page->arena, "%.*s (%.*s)", (int)name.length, (const char *)name.data,
                                   (int)person.number.length, (const char *)person.number.data);
    if (text == NULL) return arena_failed(page->arena, error);
    *out = slice_text(text);
    return RFD_OK;
}

static rfd_status put_facts(struct transaction *t, struct page *page, const struct access_request *r,
                            struct rfd_error *error)
{
    struct unit unit;
    slice subject, requester, approver;
    struct view *facts = view_list(page->view, "facts");
    TRY(person_text(t, page, r->subject, &subject, error));
    TRY(person_text(t, page, r->requester, &requester, error));
    TRY(person_text(t, page, r->approver, &approver, error));
    TRY(unit_find(t, r->unit, &unit, error));
    page_fact(page, facts, N_("For"), subject, NULL);
    page_fact(page, facts, N_("Unit"), unit.name, NULL);
    page_fact(page, facts, N_("Asked by"), requester, NULL);
    page_fact(page, facts, N_("Why the roles are needed"), r->reason, NULL);
    if (r->sent == RFD_TIME_NONE) return RFD_OK;
    if (r->agent)
        page_fact(page, facts, N_("Decides"), slice_text(page_text(page, N_("The certification department"))), NULL);
    if (r->tray != 0 && r->tray != r->unit) {
        TRY(unit_find(t, r->tray, &unit, error));
        page_fact(page, facts, N_("Passed on to"), unit.name, NULL);
    }
    if (approver.length > 0)
        page_fact(page, facts, slice_is(r->state, "sent") ? N_("In the tray of") : N_("Decided by"), approver, NULL);
    if (r->decision.length > 0) page_fact(page, facts, N_("Reason of the decision"), r->decision, NULL);
    return RFD_OK;
}

static void put_lines(struct page *page, const struct access_request *r)
{
    struct view *lines = view_list(page->view, "lines");
    for (unsigned i = 0; i < r->line_count; i++) access_put_line(page, view_item(lines), &r->lines[i]);
}

static rfd_status put_events(struct transaction *t, struct page *page, int64_t id, struct rfd_error *error)
{
    struct access_event *events = NULL;
    size_t count;
    struct view *list = view_list(page->view, "events");
    TRY(access_request_events(t, id, &events, &count, error));
    for (size_t i = 0; i < count; i++)
        page_event(page, list, events[i].time, access_event_title(events[i].event), events[i].note, events[i].name,
                   access_state_tone(events[i].event));
    return RFD_OK;
}

static void put_files(struct page *page, const struct access_request *r)
{
    struct view *files = view_list(page->view, "files");
    if (r->letter.length == 0) return;
    struct view *item = view_item(files);
    view_string(item, "title", page_text(page, N_("Letter and documents (PDF)")));
    view_string(item, "link", arena_print(page->arena, "/accesos/solicitudes/%lld/oficio", (long long)r->id));
    view_string(item, "type", "PDF");
    view_flag(item, "is_pdf", true);
}

static void put_state(struct page *page, const struct access_request *r)
{
    struct view *view = page->view;
    view_text(view, "code", arena_copy(page->arena, r->code));
    view_number(view, "id", r->id);
    view_string(view, "state", access_state_tone(r->state));
    view_string(view, "label", page_text(page, access_state_title(r->state)));
    view_string(view, "tone", access_state_tone(r->state));
    view_flag(view, "editable", access_request_editable(&page->actor, r));
    view_flag(view, "cancellable",
              page->actor.person == r->requester && (slice_is(r->state, "draft") || slice_is(r->state, "sent")));
    view_flag(view, "decidable", access_request_decidable(&page->actor, r));
    view_flag(view, "sensitive", access_request_sensitive(r));
    view_flag(view, "signed", r->signature.length > 0);
}

static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct showing *s = context;
    struct access_request *r = &s->request;
    TRY(access_request_find(t, &s->page->actor, s->id, r, error));
    TRY(put_facts(t, s->page, r, error));
    TRY(put_events(t, s->page, s->id, error));
    put_lines(s->page, r);
    put_files(s->page, r);
    put_state(s->page, r);
    if (!access_request_decidable(&s->page->actor, r) || !access_request_sensitive(r)) return RFD_OK;
    buf_reset(&s->text);
    return access_approval_text(t, r, &s->text, error);
}

static rfd_status show_with(struct page *page, struct form *form, struct rfd_error *error)
{
    struct showing s = {.page = page};
    TRY(page_id(page, "id", &s.id, error));
    buf_init(&s.text, 64 << 10);
    rfd_status status = page_read(page, load, &s, error);
    if (status == RFD_OK) {
        form_set(form, "signature", SLICE_EMPTY);
        form_show(page, form);
        view_text(page->view, "approval_text", arena_copy(page->arena, buf_slice(&s.text)));
        status = page_show(page, N_("Request of roles"), "access/request", error);
    }
    buf_dispose(&s.text);
    return status;
}

rfd_status page_request_show(struct page *page, struct rfd_error *error)
{
    struct form form;
    form_new(&form, decision_fields, DECISION_FIELDS);
    return show_with(page, &form, error);
}

/* ---- Files ---- */

static rfd_status load_text(struct transaction *t, void *context, struct rfd_error *error)
{
    struct showing *s = context;
    TRY(access_request_find(t, &s->page->actor, s->id, &s->request, error));
    buf_reset(&s->text);
    if (s->request.signed_text.length > 0) {
        buf_put_slice(&s->text, s->request.signed_text);
        return buf_check(&s->text, "text", error);
    }
    return access_approval_text(t, &s->request, &s->text, error);
}

rfd_status page_request_text(struct page *page, struct rfd_error *error)
{
    struct showing s = {.page = page};
    TRY(page_id(page, "id", &s.id, error));
    buf_init(&s.text, 64 << 10);
    rfd_status status = page_read(page, load_text, &s, error);
    if (status == RFD_OK)
        status = page_attach(page, "text/plain; charset=utf-8", buf_slice(&s.text), "aprobacion.txt", error);
    buf_dispose(&s.text);
    return status;
}

static rfd_status load_signature(struct transaction *t, void *context, struct rfd_error *error)
{
    struct showing *s = context;
    TRY(access_request_find(t, &s->page->actor, s->id, &s->request, error));
    if (s->request.signature.length == 0) return error_set(error, RFD_E_NOT_FOUND, NULL);
    s->request.signature = arena_copy(s->page->arena, s->request.signature);
    return RFD_OK;
}

rfd_status page_request_signature(struct page *page, struct rfd_error *error)
{
    struct showing s = {.page = page};
    TRY(page_id(page, "id", &s.id, error));
    TRY(page_read(page, load_signature, &s, error));
    return page_attach(page, "application/pkcs7-signature", s.request.signature, "aprobacion.p7s", error);
}

struct lettering {
    struct page *page;
    int64_t id;
    struct blob blob;
};

static rfd_status load_letter(struct transaction *t, void *context, struct rfd_error *error)
{
    struct lettering *l = context;
    struct access_request r;
    TRY(access_request_find(t, &l->page->actor, l->id, &r, error));
    if (r.letter.length == 0) return error_set(error, RFD_E_NOT_FOUND, NULL);
    TRY(blob_find(t, r.letter, &l->blob, error));
    l->blob.type = arena_copy(l->page->arena, l->blob.type);
    l->blob.wrapped = arena_copy(l->page->arena, l->blob.wrapped);
    return RFD_OK;
}

rfd_status page_request_letter(struct page *page, struct rfd_error *error)
{
    struct lettering l = {.page = page};
    TRY(page_id(page, "id", &l.id, error));
    TRY(page_read(page, load_letter, &l, error));
    return page_send_file(page, &l.blob, SLICE("oficio.pdf"), error);
}

/* ---- Deciding ---- */

struct deciding {
    struct page *page;
    struct access_decision decision;
    struct access_settings settings;
    struct faults faults;
};

static rfd_status decide(struct transaction *t, void *context, struct rfd_error *error)
{
    struct deciding *d = context;
    d->faults.count = 0;
    return access_request_decide(t, &d->page->actor, &d->decision, &d->faults, error);
}

rfd_status page_request_decide(struct page *page, struct rfd_error *error)
{
    struct deciding d = {.page = page, .settings = access_page_settings(page)};
    struct form form;
    rfd_status status = RFD_E_INVALID;
    TRY(page_id(page, "id", &d.decision.request, error));
    TRY(form_read(page, decision_fields, DECISION_FIELDS, &form, error));
    d.decision.approve = slice_is(form_text(&form, "verdict"), "approve");
    d.decision.reason = form_text(&form, "reason");
    d.decision.settings = &d.settings;
    TRY(signature_take(page, &form, "signature", "signature_file", &d.decision.signature, error));
    if (!form.wrong) status = page_write(page, decide, &d, error);
    if (status == RFD_OK)
        return page_redirect(
            page, d.decision.approve ? N_("Approved: the roles are in force") : N_("Rejected: the requester is told"),
            error, "/accesos/solicitudes/%lld", (long long)d.decision.request);
    if (status != RFD_E_INVALID) return status;
    signature_faults(&form, &d.faults);
    page->response->status = 422;
    return show_with(page, &form, error);
}
