/* SPDX-License-Identifier: EUPL-1.2
 *
 * The form of a proof of payment. Beside each code a picture shows where it stands on the bank's slip.
 */
#include "web/agency/agency_pages.h"

#include "base/error.h"
#include "web/registration/asking.h"

enum { PLAIN_FIELDS = 6, FIELDS_MAXIMUM = PLAIN_FIELDS + KEPT_FILES, AMOUNT_DIGITS = 9 };

static const struct form_field plain[PLAIN_FIELDS] = {
    {.name = "kind", .label = N_("Way of paying"), .kind = FORM_CHOICE, .required = true, .group = "first"},
    {.name = "day", .label = N_("Day of the payment"), .kind = FORM_DAY, .required = true, .group = "first"},
    {.name = "amount", .label = N_("Amount"), .kind = FORM_TEXT, .required = true, .maximum = 12, .group = "first"},
    {.name = "operation",
     .label = N_("Operation code"), /* es: "Código de operación" */
     .kind = FORM_TEXT,
     .required = true,
     .maximum = 40},
    {.name = "agency",
     .label = N_("Agency code"), /* es: "Código de agencia" */
     .hint = N_("Needed where the slip has one"),
     .kind = FORM_TEXT,
     .conditional = true,
     .maximum = 40},
    {.name = "cashier",
     .label = N_("Cashier code"), /* es: "Código de cajero" */
     .hint = N_("Needed where the slip has one"),
     .kind = FORM_TEXT,
     .conditional = true,
     .maximum = 40},
};

struct paying {
    struct page *page;
    struct registration_settings settings;
    int64_t request_id, id; /* id 0: new */
    struct request request;
    struct payment there;
    struct form_field fields[FIELDS_MAXIMUM];
    size_t field_count;
    struct form form;
    struct kept_file files[KEPT_FILES];
    size_t file_count;
    struct form_choice *kinds;
    size_t kind_count;
    struct faults faults;
};

static bool is_payment(const struct pack_evidence *pack)
{
    return pack->payment;
}

static rfd_status load_choices(struct transaction *t, struct paying *p, struct rfd_error *error)
{
    struct page *page = p->page;
    if (!agency_may_edit(&page->actor, &p->request)) return error_set(error, RFD_E_STATE, "it cannot be changed now");
    p->request.code = page_keep(page, p->request.code);
    p->request.country = page_keep(page, p->request.country);
    p->request.applicant_count = 0;
    TRY(agency_choices(t, page, p->request.country, "payment", NULL, SLICE_EMPTY, &p->kinds, &p->kind_count, error));
    TRY(kept_of_catalogue(t, page, p->request.country, is_payment, p->files, &p->file_count, error));
    for (size_t i = 0; i < p->file_count && p->id != 0; i++) p->files[i].pack.required = false; /* it is there */
    return RFD_OK;
}

static rfd_status load_new(struct transaction *t, void *context, struct rfd_error *error)
{
    struct paying *p = context;
    TRY(agency_see(t, &p->page->actor, p->request_id, &p->request, error));
    return load_choices(t, p, error);
}

static rfd_status load_there(struct transaction *t, void *context, struct rfd_error *error)
{
    struct paying *p = context;
    TRY(agency_find_payment(t, &p->page->actor, p->id, &p->request, &p->there, error));
    slice *texts[] = {&p->there.kind, &p->there.operation, &p->there.agency, &p->there.cashier};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) *texts[i] = page_keep(p->page, *texts[i]);
    p->request_id = p->request.id;
    TRY(agency_put_files(t, p->page, &p->request, 0, p->id, error));
    return load_choices(t, p, error);
}

/* ---- The form ---- */

static void make_fields(struct paying *p)
{
    memcpy(p->fields, plain, sizeof plain);
    kept_fields(p->page, p->files, p->file_count, true, p->fields + PLAIN_FIELDS);
    p->field_count = PLAIN_FIELDS + p->file_count;
}

/** "8.10", as it is typed. */
static slice amount_text(const struct page *page, int64_t hundredths)
{
    const char *text =
        arena_print(page->arena, "%lld.%02lld", (long long)(hundredths / 100), (long long)(hundredths % 100));
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

/** "8", "8.1", "8,10" in hundredths; 0: it is none. */
static int64_t read_amount(slice text)
{
    int64_t value = 0;
    size_t decimals = 0;
    bool point = false;
    if (text.length == 0 || text.length > AMOUNT_DIGITS) return 0;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        if ((c == '.' || c == ',') && !point && i > 0) {
            point = true;
        } else if (c >= '0' && c <= '9' && decimals < 2) {
            value = value * 10 + (c - '0');
            decimals += point;
        } else {
            return 0;
        }
    }
    for (; decimals < 2; decimals++) value *= 10;
    return value;
}

static rfd_status show(struct paying *p, struct rfd_error *error)
{
    struct page *page = p->page;
    kept_fields(page, p->files, p->file_count, true, p->fields + PLAIN_FIELDS);
    TRY(kept_show(page, p->files, p->file_count, error));
    form_show(page, &p->form);
    view_flag(page->view, "is_new", p->id == 0);
    view_text(page->view, "code", p->request.code);
    view_string(page->view, "back", arena_print(page->arena, TICKETS "/%lld?vista=pago", (long long)p->request_id));
    return page_show(page, N_("Proof of payment"), "agency/payment", error); /* es: "Constancia de pago" */
}

static rfd_status begin(struct page *page, struct paying **out, struct rfd_error *error)
{
    struct paying *p = arena_zeroed(page->arena, 1, sizeof *p);
    if (p == NULL) return arena_failed(page->arena, error);
    p->page = page;
    p->settings = page_registration(page);
    *out = p;
    return RFD_OK;
}

rfd_status ticket_payment_new(struct page *page, struct rfd_error *error)
{
    struct paying *p = NULL;
    TRY(begin(page, &p, error));
    TRY(page_id(page, "id", &p->request_id, error));
    TRY(page_read(page, load_new, p, error));
    make_fields(p);
    form_new(&p->form, p->fields, p->field_count);
    const struct pack_registration *pack = packs_registration(page_packs(page), p->request.country);
    if (pack != NULL && pack->fee_amount > 0) form_set(&p->form, "amount", amount_text(page, pack->fee_amount));
    form_choices(&p->form, "kind", p->kinds, p->kind_count, false);
    return show(p, error);
}

rfd_status ticket_payment_edit(struct page *page, struct rfd_error *error)
{
    struct paying *p = NULL;
    TRY(begin(page, &p, error));
    TRY(page_id(page, "id", &p->id, error));
    TRY(page_read(page, load_there, p, error));
    make_fields(p);
    form_new(&p->form, p->fields, p->field_count);
    form_set(&p->form, "kind", p->there.kind);
    form_set_day(page, &p->form, "day", p->there.day);
    form_set(&p->form, "amount", amount_text(page, p->there.amount));
    form_set(&p->form, "operation", p->there.operation);
    form_set(&p->form, "agency", p->there.agency);
    form_set(&p->form, "cashier", p->there.cashier);
    form_choices(&p->form, "kind", p->kinds, p->kind_count, false);
    return show(p, error);
}

/* ---- Saving ---- */

static rfd_status save(struct transaction *t, void *context, struct rfd_error *error)
{
    struct paying *p = context;
    struct form *f = &p->form;
    struct evidence_file files[KEPT_FILES];
    const struct payment typed = {.id = p->id,
                                  .request = p->request_id,
                                  .kind = form_text(f, "kind"),
                                  .day = form_value(f, "day")->day,
                                  .operation = form_text(f, "operation"),
                                  .agency = form_text(f, "agency"),
                                  .cashier = form_text(f, "cashier"),
                                  .amount = read_amount(form_text(f, "amount"))};
    int64_t id = 0;
    p->faults.count = 0;
    TRY(payment_put(t, &p->page->actor, &p->settings, &typed, &p->faults, &id, error));
    size_t count = kept_files(p->files, p->file_count, files);
    for (size_t i = 0; i < count; i++) {
        TRY(blob_record(t, &files[i].blob, error));
        TRY(agency_add_file(t, &p->page->actor, &p->settings, 0, id, &files[i], &p->faults, error));
    }
    return p->form.wrong ? error_set(error, RFD_E_INVALID, "the form") : RFD_OK;
}

static rfd_status finish(struct paying *p, struct rfd_error *error)
{
    struct page *page = p->page;
    form_choices(&p->form, "kind", p->kinds, p->kind_count, true);
    TRY(kept_read(page, p->files, p->file_count, &p->form, error));
    rfd_status status = page_write(page, save, p, error);
    if (status == RFD_E_INVALID) {
        error_clear(error);
        form_faults(&p->form, &p->faults);
        page->response->status = 422;
        return show(p, error);
    }
    TRY(status);
    return page_redirect(page, N_("The payment was saved: choose it in each applicant whom it is for"), error,
                         TICKETS "/%lld?vista=pago", (long long)p->request_id);
}

rfd_status ticket_payment_create(struct page *page, struct rfd_error *error)
{
    struct paying *p = NULL;
    TRY(begin(page, &p, error));
    TRY(page_id(page, "id", &p->request_id, error));
    TRY(page_read(page, load_new, p, error));
    make_fields(p);
    for (size_t i = 0; i < p->file_count; i++) p->fields[PLAIN_FIELDS + i].required = false; /* kept_read() says so */
    TRY(form_read(page, p->fields, p->field_count, &p->form, error));
    return finish(p, error);
}

rfd_status ticket_payment_change(struct page *page, struct rfd_error *error)
{
    struct paying *p = NULL;
    TRY(begin(page, &p, error));
    TRY(page_id(page, "id", &p->id, error));
    TRY(page_read(page, load_there, p, error));
    make_fields(p);
    TRY(form_read(page, p->fields, p->field_count, &p->form, error));
    return finish(p, error);
}

/* ---- Removing ---- */

static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct paying *p = context;
    TRY(agency_find_payment(t, &p->page->actor, p->id, &p->request, &p->there, error));
    if (agency_may_edit(&p->page->actor, &p->request)) return RFD_OK;
    return error_set(error, RFD_E_STATE, "it cannot be changed now");
}

rfd_status ticket_payment_remove_ask(struct page *page, struct rfd_error *error)
{
    struct paying *p = NULL;
    TRY(begin(page, &p, error));
    TRY(page_id(page, "id", &p->id, error));
    TRY(page_read(page, find, p, error));
    return agency_confirm(page, N_("Remove this payment?"),
                          N_("It is taken out of the ticket, and can be entered in another one."),
                          N_("Remove the payment"),
                          arena_print(page->arena, TICKETS "/%lld?vista=pago", (long long)p->request.id), error);
}

static rfd_status remove_one(struct transaction *t, void *context, struct rfd_error *error)
{
    struct paying *p = context;
    TRY(find(t, p, error));
    return payment_remove(t, &p->page->actor, p->id, error);
}

rfd_status ticket_payment_remove(struct page *page, struct rfd_error *error)
{
    struct paying *p = NULL;
    TRY(begin(page, &p, error));
    TRY(page_id(page, "id", &p->id, error));
    TRY(page_write(page, remove_one, p, error));
    return page_redirect(page, N_("The payment was removed"), error, TICKETS "/%lld?vista=pago",
                         (long long)p->request.id);
}
