/* SPDX-License-Identifier: EUPL-1.2
 *
 * Issuing with the authority of the house: the agent signs an approval for each applicant, all in one form.
 */
#include "web/agency/agency_pages.h"

#include "base/error.h"
#include "web/signature.h"

enum { FIELDS_MAXIMUM = 2 * 20 + 2, SIGNED_AT_ONCE = 20 };

struct signing {
    int64_t applicant;
    const char *field, *file; /* names */
    slice text, name, number;
};
struct issuing {
    struct page *page;
    int64_t id;
    struct registration_settings settings;
    struct request request;
    slice code;
    struct signing items[SIGNED_AT_ONCE];
    size_t count;
    bool ready;
    struct form_field fields[FIELDS_MAXIMUM];
    size_t field_count;
    struct form form;
    struct request_approval approvals[SIGNED_AT_ONCE];
    struct faults faults;
};

static rfd_status add_text(struct transaction *t, struct issuing *i, const struct applicant *a, struct rfd_error *error)
{
    struct arena *arena = i->page->arena;
    struct buf text;
    struct signing *s = &i->items[i->count];
    buf_init(&text, DESK_TEXT_MAXIMUM);
    rfd_status status = request_approval_text(t, &i->settings, &i->request, a, i->page->now, &text, error);
    if (status == RFD_OK) status = buf_check(&text, "an approval", error);
    *s = (struct signing){.applicant = a->id,
                          .field = arena_print(arena, "signature_%zu", i->count + 1),
                          .file =
                              i->count == 0 ? "signature_file" : arena_print(arena, "signature_file_%zu", i->count + 1),
                          .name = applicant_name(a, arena),
                          .number = page_keep(i->page, a->number)};
    if (status == RFD_OK) s->text = arena_copy(arena, buf_slice(&text));
    buf_dispose(&text);
    TRY(status);
    if (s->field == NULL || s->file == NULL || s->text.data == NULL) return arena_failed(arena, error);
    i->count++;
    return RFD_OK;
}

static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct issuing *i = context;
    const char *missing = NULL;
    struct request *r = &i->request;
    i->count = 0;
    TRY(agency_see(t, &i->page->actor, i->id, r, error));
    TRY(desk_check_unit(t, i->page, ACTION_AGENCY_ATTEND, r->entity, r->unit, error));
    i->code = page_keep(i->page, r->code);
    i->ready = r->state == REQUEST_TAKEN && r->taker == i->page->actor.person && agency_issues(r->kind);
    if (i->ready) TRY(request_missing(t, r, &missing, error));
    i->ready = i->ready && missing == NULL && r->applicant_count <= SIGNED_AT_ONCE;
    for (size_t n = 0; i->ready && n < r->applicant_count; n++) TRY(add_text(t, i, &r->applicants[n], error));
    return RFD_OK;
}

/** A hidden field and a file for each applicant. */
static void make_fields(struct issuing *i)
{
    for (size_t n = 0; n < i->count; n++) {
        const struct signing *s = &i->items[n];
        i->fields[i->field_count++] =
            (struct form_field){.name = s->field, .kind = FORM_HIDDEN, .maximum = SIGNATURE_TEXT_MAXIMUM};
        const char *label =
            arena_print(i->page->arena, "%s: %.*s", page_text(i->page, N_("Signature of the text (CMS, .p7s)")),
                        (int)s->name.length, (const char *)s->name.data);
        i->fields[i->field_count++] = (struct form_field){
            .name = s->file, .label = label == NULL ? "" : label, .kind = FORM_FILE, .group = n == 0 ? NULL : "others"};
    }
}

static rfd_status begin(struct page *page, struct issuing **out, struct rfd_error *error)
{
    struct issuing *i = arena_zeroed(page->arena, 1, sizeof *i);
    if (i == NULL) return arena_failed(page->arena, error);
    i->page = page;
    i->settings = page_registration(page);
    TRY(page_id(page, "id", &i->id, error));
    TRY(page_read(page, load, i, error));
    make_fields(i);
    *out = i;
    return RFD_OK;
}

static rfd_status show(struct issuing *i, struct rfd_error *error)
{
    struct page *page = i->page;
    struct view *signing = signature_begin(page, "approval");
    struct view *list = view_list(page->view, "signed_for");
    for (size_t n = 0; n < i->count; n++) {
        const struct signing *s = &i->items[n];
        signature_add(page, signing, s->field, i->code, s->text,
                      arena_print(page->arena, OFFICE "/%lld/aprobacion?solicitante=%lld", (long long)i->id,
                                  (long long)s->applicant));
        struct view *item = view_item(list);
        view_text(item, "name", s->name);
        view_text(item, "number", s->number);
        form_set(&i->form, s->field, SLICE_EMPTY);
    }
    view_number(page->view, "id", i->id);
    view_text(page->view, "code", i->code);
    view_flag(page->view, "several", i->count > 1);
    form_show(page, &i->form);
    return page_show(page, N_("Issue the certificates"), "agency/issue", error);
}

static rfd_status leave(const struct issuing *i, const char *notice, struct rfd_error *error)
{
    return page_redirect(i->page, notice, error, OFFICE "/%lld", (long long)i->id);
}

/** Issuing is behind the desk's door: for who signed in with the certificate that signs. */
rfd_status office_issue_show(struct page *page, struct rfd_error *error)
{
    struct issuing *i = NULL;
    bool open = false;
    TRY(desk_open(page, &open, error));
    if (!open) return RFD_OK;
    TRY(begin(page, &i, error));
    if (!i->ready) return leave(i, NULL, error);
    form_new(&i->form, i->fields, i->field_count);
    return show(i, error);
}

rfd_status office_issue_text(struct page *page, struct rfd_error *error)
{
    struct issuing *i = NULL;
    TRY(begin(page, &i, error));
    int64_t asked = page_number(http_field_get(&page->request->query, "solicitante", 0));
    for (size_t n = 0; n < i->count; n++) {
        if (i->items[n].applicant != asked) continue;
        return page_attach(page, DESK_TEXT_TYPE, i->items[n].text, "aprobacion.txt", error);
    }
    return error_set(error, RFD_E_NOT_FOUND, "no such text now");
}

/* ---- Signing ---- */

static rfd_status generate(struct issuing *i, struct request_outcome *out, struct rfd_error *error)
{
    struct authority_domain authority = desk_authority(i->page);
    return request_generate(&authority, &i->page->actor, &i->settings, i->id, i->approvals, i->count, &i->faults, out,
                            error);
}

static rfd_status leave_with(const struct issuing *i, const struct request_outcome *o, struct rfd_error *error)
{
    const char *notice = N_("The certificates were issued, and mailed to their holders");
    if (o->why != NULL) notice = o->why;
    if (o->issued != RFD_OK) notice = N_("Approved: the certificates are issued and mailed in a moment");
    return leave(i, notice, error);
}

static rfd_status take_signatures(struct issuing *i, struct rfd_error *error)
{
    for (size_t n = 0; n < i->count; n++) {
        const struct signing *s = &i->items[n];
        i->approvals[n].applicant = s->applicant;
        TRY(signature_take(i->page, &i->form, s->field, s->file, &i->approvals[n].signed_data, error));
        if (i->approvals[n].signed_data.length == 0) signature_missing(&i->form, s->file);
    }
    return RFD_OK;
}

rfd_status office_issue_send(struct page *page, struct rfd_error *error)
{
    struct issuing *i = NULL;
    struct request_outcome outcome;
    rfd_status status = RFD_E_INVALID;
    bool open = false;
    TRY(desk_open(page, &open, error));
    if (!open) return RFD_OK;
    TRY(begin(page, &i, error));
    if (!i->ready) return leave(i, N_("The request is not waiting to be approved any more"), error);
    TRY(form_read(page, i->fields, i->field_count, &i->form, error));
    TRY(take_signatures(i, error));
    if (!i->form.wrong) status = generate(i, &outcome, error);
    if (status == RFD_OK) return leave_with(i, &outcome, error);
    if (status == RFD_E_STATE) {
        error_clear(error);
        return leave(i, N_("The request is not waiting to be approved any more"), error);
    }
    if (status != RFD_E_INVALID) return status;
    form_faults_at(&i->form, "", &i->faults);
    error_clear(error);
    page->response->status = 422;
    return show(i, error);
}
