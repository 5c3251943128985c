/* SPDX-License-Identifier: EUPL-1.2
 *
 * The form of an applicant. "Look up" fills in what is known of an identity number; it saves nothing. Files are asked
 * for when the request is sent, not here: the sworn statement is printed from what was saved, signed, and attached
 * then.
 */
#include "web/agency/agency_pages.h"

#include "base/error.h"
#include "packs/identity.h"
#include "web/agency/look_up.h"
#include "web/printed.h"
#include "web/registration/asking.h"

/* To be looked up, a number is enough; the rest is needed to save, and files to send. */
#define LATER .conditional = true
enum { PLAIN_FIELDS = 18, FIELDS_MAXIMUM = PLAIN_FIELDS + KEPT_FILES };

static const struct form_field plain[PLAIN_FIELDS] = {
    {.name = "document", .label = N_("Identity document"), .kind = FORM_CHOICE, .required = true, .group = "identity"},
    {.name = "number",
     .label = N_("Identity number"),
     .kind = FORM_TEXT,
     .required = true,
     .maximum = 40,
     .group = "identity"},
    {.name = "second_number", .label = "", .kind = FORM_TEXT, LATER, .maximum = 40, .group = "second"},
    {.name = "given_names", .label = N_("Given names"), .kind = FORM_TEXT, LATER, .maximum = 100, .group = "person"},
    {.name = "surname", .label = N_("First surname"), .kind = FORM_TEXT, LATER, .maximum = 100, .group = "person"},
    {.name = "second_surname", .label = N_("Second surname"), .kind = FORM_TEXT, .maximum = 100, .group = "person"},
    {.name = "document_issued",
     .label = N_("Day on which the document was issued"), /* es: "Fecha de emisión del documento" */
     .kind = FORM_DAY,
     LATER,
     .group = "person"},
    {.name = "mobile", .label = N_("Mobile"), .kind = FORM_MOBILE, LATER, .group = "person"},
    {.name = "mail",
     .label = N_("Institutional e-mail"),
     .hint = N_("Its domain has to be one of the entity's"),
     .kind = FORM_MAIL,
     LATER,
     .group = "person"},
    {.name = "unit", .label = N_("Unit"), .kind = FORM_CHOICE, LATER, .group = "work"},
    {.name = "post", .label = N_("Post"), .kind = FORM_TEXT, LATER, .maximum = 150, .group = "work"},
    {.name = "way_of_working",
     .label = N_("Way of working"),
     .kind = FORM_CHOICE,
     LATER,
     .group = "work"}, /* es: "Modalidad" */
    {.name = "locality", .label = N_("Province and district"), .kind = FORM_CHOICE, LATER, .group = "work"},
    {.name = "installed_at", .label = N_("Place of installation"), .kind = FORM_CHOICE, LATER, .group = "certificate"},
    {.name = "device", .label = N_("Where the certificate is kept"), .kind = FORM_RADIO, LATER, .group = "certificate"},
    {.name = "payment", .label = N_("Payment that it belongs to"), .kind = FORM_CHOICE, LATER, .group = "certificate"},
    {.name = "action", .kind = FORM_HIDDEN},
    {.name = "token", .kind = FORM_HIDDEN},
};

struct applying {
    struct page *page;
    struct registration_settings settings;
    int64_t request_id, id; /* id 0: new */
    struct request request;
    const struct pack_registration *pack;
    struct form_field fields[FIELDS_MAXIMUM];
    size_t field_count;
    struct form form;
    struct kept_file files[KEPT_FILES];
    bool needed[KEPT_FILES];
    size_t file_count;
    struct form_choice *documents, *units, *ways, *places, *sites, *devices, *payments;
    size_t document_count, unit_count, way_count, place_count, site_count, device_count, payment_count;
    struct applicant there;
    struct faults faults;
};

/* ---- What there is to choose from ---- */

static rfd_status load_documents(struct applying *a, struct rfd_error *error)
{
    slice rest = slice_text(a->pack->documents);
    a->documents = arena_zeroed(a->page->arena, rest.length + 1, sizeof *a->documents);
    if (a->documents == NULL) return arena_failed(a->page->arena, error);
    a->document_count = 0;
    while (rest.length > 0) {
        const struct pack_document *d = packs_document(page_packs(a->page), a->request.country, http_cut(&rest, ' '));
        if (d != NULL)
            a->documents[a->document_count++] = (struct form_choice){slice_text(d->name), slice_text(d->label)};
    }
    return RFD_OK;
}

static rfd_status load_payments(struct transaction *t, struct applying *a, struct rfd_error *error)
{
    struct payment *all = NULL;
    struct arena *arena = a->page->arena;
    TRY(payment_list(t, a->request.id, &all, &a->payment_count, error));
    a->payments = arena_zeroed(arena, a->payment_count + 1, sizeof *a->payments);
    if (a->payments == NULL) return arena_failed(arena, error);
    for (size_t i = 0; i < a->payment_count; i++) {
        slice kind = desk_title(t, a->page, a->request.country, "payment", all[i].kind);
        const char *value = arena_print(arena, "%lld", (long long)all[i].id);
        const char *label = arena_print(arena, "%.*s: %.*s", (int)kind.length, (const char *)kind.data,
                                        (int)all[i].operation.length, (const char *)all[i].operation.data);
        if (value == NULL || label == NULL) return arena_failed(arena, error);
        a->payments[i] = (struct form_choice){slice_text(value), slice_text(label)};
    }
    return RFD_OK;
}

static bool is_agency(const struct pack_evidence *pack)
{
    return pack->agency;
}

static rfd_status load_choices(struct transaction *t, struct applying *a, struct rfd_error *error)
{
    struct page *page = a->page;
    slice country = a->request.country;
    a->pack = packs_registration(page_packs(page), country);
    if (a->pack == NULL) return error_set(error, RFD_E_NOT_FOUND, "nothing is issued in this country");
    TRY(load_documents(a, error));
    TRY(load_payments(t, a, error));
    TRY(agency_units(t, page, a->request.entity, &a->units, &a->unit_count, error));
    TRY(agency_choices(t, page, country, "way-of-working", NULL, SLICE_EMPTY, &a->ways, &a->way_count, error));
    TRY(agency_choices(t, page, country, "installed-at", NULL, SLICE_EMPTY, &a->sites, &a->site_count, error));
    TRY(agency_choices(t, page, country, "device", NULL, SLICE_EMPTY, &a->devices, &a->device_count, error));
    TRY(place_choices(page, country, &a->places, &a->place_count, error));
    if (!agency_issues(a->request.kind)) return RFD_OK;
    TRY(kept_of_catalogue(t, page, country, is_agency, a->files, &a->file_count, error));
    for (size_t i = 0; i < a->file_count; i++) {
        a->needed[i] = a->files[i].pack.required; /* when it is sent */
        a->files[i].pack.required = false;
    }
    return RFD_OK;
}

static void keep_request(struct applying *a)
{
    struct request *r = &a->request;
    slice *texts[] = {&r->code, &r->kind, &r->motive, &r->country};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) *texts[i] = page_keep(a->page, *texts[i]);
}

static rfd_status load_new(struct transaction *t, void *context, struct rfd_error *error)
{
    struct applying *a = context;
    TRY(agency_see(t, &a->page->actor, a->request_id, &a->request, error));
    if (!agency_may_edit(&a->page->actor, &a->request))
        return error_set(error, RFD_E_STATE, "it cannot be changed now");
    keep_request(a);
    a->request.applicant_count = 0;
    return load_choices(t, a, error);
}

static void keep_applicant(struct applying *a)
{
    struct applicant *p = &a->there;
    slice *texts[] = {&p->country,        &p->document,       &p->number,       &p->second_number, &p->given_names,
                      &p->surname,        &p->second_surname, &p->mail,         &p->mobile,        &p->post,
                      &p->way_of_working, &p->locality,       &p->installed_at, &p->device};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) *texts[i] = page_keep(a->page, *texts[i]);
}

static rfd_status load_there(struct transaction *t, void *context, struct rfd_error *error)
{
    struct applying *a = context;
    TRY(agency_find_applicant(t, &a->page->actor, a->id, &a->request, &a->there, error));
    a->request_id = a->request.id;
    TRY(agency_put_files(t, a->page, &a->request, a->id, 0, error));
    keep_applicant(a);
    return load_new(t, a, error);
}

/* ---- The form ---- */

static void make_fields(struct applying *a)
{
    const struct pack_document *second =
        packs_document(page_packs(a->page), a->request.country, slice_text(a->pack->second));
    memcpy(a->fields, plain, sizeof plain);
    a->field_count = PLAIN_FIELDS;
    for (size_t i = 0; i < PLAIN_FIELDS; i++) {
        if (strcmp(plain[i].name, "second_number") == 0) {
            a->fields[i].label = second == NULL ? "" : second->label;
            if (second == NULL) a->fields[i].kind = FORM_HIDDEN;
        }
        if (strcmp(plain[i].name, "locality") == 0) place_field(a->page, a->request.country, &a->fields[i]);
    }
    kept_fields(a->page, a->files, a->file_count, false, a->fields + PLAIN_FIELDS);
    a->field_count += a->file_count;
}

static void choose(struct applying *a, bool sent)
{
    struct form *f = &a->form;
    if (form_text(f, "document").length == 0 && a->document_count > 0) form_set(f, "document", a->documents[0].value);
    if (a->unit_count == 1 && form_text(f, "unit").length == 0) form_set(f, "unit", a->units[0].value);
    form_choices(f, "document", a->documents, a->document_count, sent);
    form_choices(f, "unit", a->units, a->unit_count, sent && form_text(f, "unit").length > 0);
    form_choices(f, "way_of_working", a->ways, a->way_count, sent && form_text(f, "way_of_working").length > 0);
    form_choices(f, "installed_at", a->sites, a->site_count, sent && form_text(f, "installed_at").length > 0);
    form_choices(f, "device", a->devices, a->device_count, sent && form_text(f, "device").length > 0);
    form_choices(f, "payment", a->payments, a->payment_count, sent && form_text(f, "payment").length > 0);
    if (a->place_count > 0)
        form_choices(f, "locality", a->places, a->place_count, sent && form_text(f, "locality").length > 0);
}

/** How the pictures have to be, beside their fields. */
static void put_advice(struct applying *a)
{
    struct view *view = a->page->view;
    for (size_t i = 0; i < a->file_count; i++) {
        view_flag(view, "advises_signature", slice_is(a->files[i].file.kind, "signature-image"));
        if (slice_is(a->files[i].file.kind, "signature-image")) break;
    }
    view_flag(view, "has_upload", a->file_count > 0);
    view_flag(view, "has_payment_choice", a->payment_count > 0);
}

static rfd_status show(struct applying *a, struct rfd_error *error)
{
    struct page *page = a->page;
    kept_fields(page, a->files, a->file_count, false, a->fields + PLAIN_FIELDS);
    for (size_t i = 0; i < a->file_count; i++) a->fields[PLAIN_FIELDS + i].conditional = a->needed[i];
    TRY(kept_show(page, a->files, a->file_count, error));
    form_show(page, &a->form);
    put_advice(a);
    view_flag(page->view, "is_new", a->id == 0);
    view_text(page->view, "code", a->request.code);
    view_number(page->view, "applicant_id", a->id);
    view_string(page->view, "back", arena_print(page->arena, TICKETS "/%lld", (long long)a->request_id));
    return page_show(page, N_("Applicant"), "agency/applicant", error);
}

static void fill_in(struct applying *a)
{
    const struct applicant *p = &a->there;
    struct form *f = &a->form;
    const char *unit = arena_print(a->page->arena, "%lld", (long long)p->unit);
    const char *payment = p->payment == 0 ? "" : arena_print(a->page->arena, "%lld", (long long)p->payment);
    form_set(f, "document", p->document);
    form_set(f, "number", p->number);
    form_set(f, "second_number", p->second_number);
    form_set(f, "given_names", p->given_names);
    form_set(f, "surname", p->surname);
    form_set(f, "second_surname", p->second_surname);
    form_set_day(a->page, f, "document_issued", p->document_issued);
    form_set(f, "mobile", p->mobile);
    form_set(f, "mail", p->mail);
    form_set(f, "unit", unit == NULL ? SLICE_EMPTY : slice_text(unit));
    form_set(f, "post", p->post);
    form_set(f, "way_of_working", p->way_of_working);
    form_set(f, "locality", a->place_count > 0 ? p->locality : place_name(a->page, p->country, p->locality));
    form_set(f, "installed_at", p->installed_at);
    form_set(f, "device", p->device);
    form_set(f, "payment", payment == NULL ? SLICE_EMPTY : slice_text(payment));
}

static rfd_status begin(struct page *page, struct applying **out, struct rfd_error *error)
{
    struct applying *a = arena_zeroed(page->arena, 1, sizeof *a);
    if (a == NULL) return arena_failed(page->arena, error);
    a->page = page;
    a->settings = page_registration(page);
    *out = a;
    return RFD_OK;
}

rfd_status ticket_applicant_new(struct page *page, struct rfd_error *error)
{
    struct applying *a = NULL;
    TRY(begin(page, &a, error));
    TRY(page_id(page, "id", &a->request_id, error));
    TRY(page_read(page, load_new, a, error));
    make_fields(a);
    form_new(&a->form, a->fields, a->field_count);
    choose(a, false);
    return show(a, error);
}

rfd_status ticket_applicant_edit(struct page *page, struct rfd_error *error)
{
    struct applying *a = NULL;
    TRY(begin(page, &a, error));
    TRY(page_id(page, "id", &a->id, error));
    TRY(page_read(page, load_there, a, error));
    make_fields(a);
    form_new(&a->form, a->fields, a->field_count);
    fill_in(a);
    choose(a, false);
    return show(a, error);
}

/* ---- Looking up ---- */

/** What was typed stays, but for names where the identity service has others. */
static void fill_known(struct form *f, const struct known_person *known, const struct looked_up *said)
{
    const struct {
        const char *field;
        slice text;
        bool always;
    } found[] = {{"given_names", known->given_names, said->names},
                 {"surname", known->surname, said->names},
                 {"second_surname", known->second_surname, said->names},
                 {"mail", known->mail, false},
                 {"mobile", known->mobile, false},
                 {"post", known->post, false}};
    for (size_t i = 0; i < sizeof found / sizeof *found; i++)
        if (found[i].always || form_text(f, found[i].field).length == 0) form_set(f, found[i].field, found[i].text);
}

static void tell_known(const struct page *page, const struct known_person *known, const struct looked_up *said)
{
    bool found = known->surname.length > 0 || known->given_names.length > 0;
    const char *text = found ? N_("What is known of this number was filled in: look whether it is right.")
                       : said->says != NULL ? said->says
                                            : N_("Nothing is known of this number: fill in the names.");
    view_string(page->view, "looked_up", page_text(page, text));
    view_flag(page->view, "was_found", found);
    view_string(page->view, "looked_up_warning", said->warns == NULL ? "" : page_text(page, said->warns));
}

static rfd_status look_up(struct applying *a, struct rfd_error *error)
{
    struct known_person known = {.given_names = SLICE_EMPTY};
    struct looked_up said = {.names = false};
    struct form *f = &a->form;
    for (size_t i = 0; i < f->count; i++) f->values[i].error = NULL; /* it is not finished yet */
    f->error = NULL;
    f->wrong = false;
    TRY(look_up_person(a->page, a->request.country, a->request.entity, form_text(f, "document"), form_text(f, "number"),
                       &known, error));
    rfd_status status = look_up_identity(a->page, &a->settings, a->request_id, form_text(f, "document"),
                                         form_text(f, "number"), &known, &said, &a->faults, error);
    if (status == RFD_E_INVALID) {
        error_clear(error);
        form_faults(f, &a->faults);
        a->page->response->status = 422;
        return show(a, error);
    }
    TRY(status);
    fill_known(f, &known, &said);
    tell_known(a->page, &known, &said);
    return show(a, error);
}

/* ---- Saving ---- */

struct saving {
    struct applying *applying;
    slice locality;
};

static struct applicant typed(struct saving *s)
{
    struct applying *a = s->applying;
    struct form *f = &a->form;
    return (struct applicant){.id = a->id,
                              .request = a->request_id,
                              .document = form_text(f, "document"),
                              .number = form_text(f, "number"),
                              .second_number = form_text(f, "second_number"),
                              .document_issued = form_value(f, "document_issued")->day,
                              .given_names = form_text(f, "given_names"),
                              .surname = form_text(f, "surname"),
                              .second_surname = form_text(f, "second_surname"),
                              .mail = form_text(f, "mail"),
                              .mobile = form_text(f, "mobile"),
                              .unit = page_number(form_text(f, "unit")),
                              .post = form_text(f, "post"),
                              .way_of_working = form_text(f, "way_of_working"),
                              .locality = s->locality,
                              .installed_at = form_text(f, "installed_at"),
                              .device = form_text(f, "device"),
                              .payment = page_number(form_text(f, "payment")),
                              .installation_at = RFD_TIME_NONE};
}

static rfd_status save(struct transaction *t, void *context, struct rfd_error *error)
{
    struct saving *s = context;
    struct applying *a = s->applying;
    struct evidence_file files[KEPT_FILES];
    const struct applicant one = typed(s);
    int64_t id = 0;
    a->faults.count = 0;
    TRY(agency_put_applicant(t, &a->page->actor, &a->settings, &one, &a->faults, &id, error));
    size_t count = kept_files(a->files, a->file_count, files);
    for (size_t i = 0; i < count; i++) {
        TRY(blob_record(t, &files[i].blob, error));
        TRY(agency_add_file(t, &a->page->actor, &a->settings, id, 0, &files[i], &a->faults, error));
    }
    if (a->form.wrong) return error_set(error, RFD_E_INVALID, "the form");
    a->there.id = id;
    return RFD_OK;
}

static rfd_status finish(struct applying *a, struct rfd_error *error)
{
    struct saving s = {.applying = a};
    struct page *page = a->page;
    if (slice_is(form_text(&a->form, "action"), "lookup")) {
        choose(a, false);
        return look_up(a, error);
    }
    choose(a, true);
    TRY(kept_read(page, a->files, a->file_count, &a->form, error));
    s.locality = place_choices_read(page, a->request.country, &a->form, "locality");
    rfd_status status = page_write(page, save, &s, error);
    if (status == RFD_E_INVALID) {
        error_clear(error);
        form_faults(&a->form, &a->faults);
        page->response->status = 422;
        return show(a, error);
    }
    TRY(status);
    if (a->id == 0 && agency_issues(a->request.kind))
        return page_redirect(page, N_("Saved. Print the sworn statement, have it signed, and attach it"), error,
                             APPLICANTS "/%lld", (long long)a->there.id);
    return page_redirect(page, N_("The applicant was saved"), error, TICKETS "/%lld", (long long)a->request_id);
}

rfd_status ticket_applicant_create(struct page *page, struct rfd_error *error)
{
    struct applying *a = NULL;
    TRY(begin(page, &a, error));
    TRY(page_id(page, "id", &a->request_id, error));
    TRY(page_read(page, load_new, a, error));
    make_fields(a);
    TRY(form_read(page, a->fields, a->field_count, &a->form, error));
    return finish(a, error);
}

rfd_status ticket_applicant_change(struct page *page, struct rfd_error *error)
{
    struct applying *a = NULL;
    TRY(begin(page, &a, error));
    TRY(page_id(page, "id", &a->id, error));
    TRY(page_read(page, load_there, a, error));
    make_fields(a);
    TRY(form_read(page, a->fields, a->field_count, &a->form, error));
    return finish(a, error);
}

/* ---- Removing, and the statement ---- */

static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct applying *a = context;
    TRY(agency_find_applicant(t, &a->page->actor, a->id, &a->request, &a->there, error));
    if (agency_may_edit(&a->page->actor, &a->request)) return RFD_OK;
    return error_set(error, RFD_E_STATE, "it cannot be changed now");
}

rfd_status ticket_applicant_remove_ask(struct page *page, struct rfd_error *error)
{
    struct applying *a = NULL;
    TRY(begin(page, &a, error));
    TRY(page_id(page, "id", &a->id, error));
    TRY(page_read(page, find, a, error));
    return agency_confirm(page, N_("Remove this applicant?"), N_("Their data and files are taken out of the ticket."),
                          N_("Remove the applicant"),
                          arena_print(page->arena, TICKETS "/%lld", (long long)a->request.id), error);
}

static rfd_status remove_one(struct transaction *t, void *context, struct rfd_error *error)
{
    struct applying *a = context;
    TRY(find(t, a, error));
    return agency_remove_applicant(t, &a->page->actor, a->id, error);
}

rfd_status ticket_applicant_remove(struct page *page, struct rfd_error *error)
{
    struct applying *a = NULL;
    TRY(begin(page, &a, error));
    TRY(page_id(page, "id", &a->id, error));
    TRY(page_write(page, remove_one, a, error));
    return page_redirect(page, N_("The applicant was removed"), error, TICKETS "/%lld", (long long)a->request.id);
}

static rfd_status find_to_print(struct transaction *t, void *context, struct rfd_error *error)
{
    struct applying *a = context;
    return agency_find_applicant(t, &a->page->actor, a->id, &a->request, &a->there, error);
}

rfd_status ticket_statement(struct page *page, struct rfd_error *error)
{
    struct applying *a = NULL;
    TRY(begin(page, &a, error));
    TRY(page_id(page, "id", &a->id, error));
    TRY(page_read(page, find_to_print, a, error));
    return page_send_printed(page, PRINTED_STATEMENT, a->id, SLICE("declaracion-jurada.pdf"), error);
}
