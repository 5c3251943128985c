/* SPDX-License-Identifier: EUPL-1.2
 *
 * The form of a ticket: first the kind, by the address, as the motives depend on it; then the rest.
 */
#include "web/agency/agency_pages.h"

#include "base/error.h"
#include "web/registration/asking.h"

static const struct form_field fields[] = {
    {.name = "kind", .kind = FORM_HIDDEN},
    {.name = "token", .kind = FORM_HIDDEN},
    {.name = "motive", .label = N_("Motive"), .kind = FORM_CHOICE, .required = true}, /* es: "Motivo" */
    {.name = "unit", .label = N_("Unit"), .kind = FORM_CHOICE, .required = true},
    {.name = "description",
     .label = N_("Description"), /* es: "Descripción" */
     .hint = N_("In a few words: for whom, or for what"),
     .kind = FORM_TEXT,
     .required = true,
     .maximum = 300},
};
enum { FIELDS = sizeof fields / sizeof *fields };

struct ticketing {
    struct page *page;
    struct registration_settings settings;
    int64_t id; /* 0: new */
    struct form form;
    struct request request;
    slice country;
    struct form_choice *kinds, *motives, *units;
    size_t kind_count, motive_count, unit_count;
    struct faults faults;
};

/* ---- What there is to choose from ---- */

static rfd_status find_country(struct transaction *t, struct ticketing *k, struct rfd_error *error)
{
    struct unit unit;
    struct entity entity;
    k->country = slice_text(page_settings(k->page)->web.country);
    if (k->unit_count == 0) return RFD_OK;
    TRY(unit_find(t, page_number(k->units[0].value), &unit, error));
    TRY(entity_find(t, unit.entity, &entity, error));
    k->country = page_keep(k->page, entity.country);
    return RFD_OK;
}

static rfd_status load_choices(struct transaction *t, struct ticketing *k, int64_t entity, struct rfd_error *error)
{
    struct page *page = k->page;
    TRY(agency_units(t, page, entity, &k->units, &k->unit_count, error));
    TRY(find_country(t, k, error));
    TRY(agency_choices(t, page, k->country, "kind", "ways", SLICE("agency"), &k->kinds, &k->kind_count, error));
    slice kind = form_text(&k->form, "kind");
    if (kind.length == 0) return RFD_OK;
    return agency_choices(t, page, k->country, "motive", "kinds", kind, &k->motives, &k->motive_count, error);
}

static bool is_kind(const struct ticketing *k, slice kind)
{
    for (size_t i = 0; i < k->kind_count; i++)
        if (slice_equal(k->kinds[i].value, kind)) return true;
    return false;
}

/** The address's word, of the first step; of a draft its own, unless another was chosen. */
static slice asked_kind(const struct page *page)
{
    return http_field_get(&page->request->query, "tipo", 0);
}

static rfd_status load_new(struct transaction *t, void *context, struct rfd_error *error)
{
    struct ticketing *k = context;
    return load_choices(t, k, 0, error);
}

static rfd_status load_draft(struct transaction *t, void *context, struct rfd_error *error)
{
    struct ticketing *k = context;
    struct page *page = k->page;
    TRY(agency_see(t, &page->actor, k->id, &k->request, error));
    if (!agency_may_edit(&page->actor, &k->request)) return error_set(error, RFD_E_STATE, "it cannot be changed now");
    k->request.kind = page_keep(page, k->request.kind);
    k->request.motive = page_keep(page, k->request.motive);
    k->request.description = page_keep(page, k->request.description);
    if (form_text(&k->form, "kind").length == 0)
        form_set(&k->form, "kind", asked_kind(page).length > 0 ? asked_kind(page) : k->request.kind);
    return load_choices(t, k, k->request.entity, error);
}

/* ---- Showing ---- */

static void put_kinds(struct ticketing *k, slice chosen)
{
    struct view *list = view_list(k->page->view, "kinds");
    for (size_t i = 0; i < k->kind_count; i++) {
        struct view *item = view_item(list);
        view_text(item, "value", k->kinds[i].value);
        view_text(item, "label", k->kinds[i].label);
        view_flag(item, "selected", slice_equal(chosen, k->kinds[i].value));
    }
}

static rfd_status show(struct ticketing *k, bool sent, struct rfd_error *error)
{
    struct page *page = k->page;
    slice kind = form_text(&k->form, "kind");
    bool chosen = is_kind(k, kind);
    if (k->unit_count == 1 && form_text(&k->form, "unit").length == 0) form_set(&k->form, "unit", k->units[0].value);
    form_choices(&k->form, "motive", k->motives, chosen ? k->motive_count : 0, sent);
    form_choices(&k->form, "unit", k->units, k->unit_count, sent);
    put_kinds(k, kind);
    form_show(page, &k->form);
    view_flag(page->view, "chosen", chosen);
    view_flag(page->view, "is_new", k->id == 0);
    view_string(page->view, "back", k->id == 0 ? TICKETS : arena_print(page->arena, TICKETS "/%lld", (long long)k->id));
    return page_show(page, k->id == 0 ? N_("New ticket") : N_("Change the ticket"), "agency/ticket-form", error);
}

rfd_status ticket_new(struct page *page, struct rfd_error *error)
{
    struct ticketing k = {.page = page};
    form_new(&k.form, fields, FIELDS);
    form_set(&k.form, "kind", asked_kind(page));
    form_set(&k.form, "token", asking_token(page));
    TRY(page_read(page, load_new, &k, error));
    return show(&k, false, error);
}

rfd_status ticket_edit(struct page *page, struct rfd_error *error)
{
    struct ticketing k = {.page = page};
    TRY(page_id(page, "id", &k.id, error));
    form_new(&k.form, fields, FIELDS);
    TRY(page_read(page, load_draft, &k, error));
    const char *unit = arena_print(page->arena, "%lld", (long long)k.request.unit);
    form_set(&k.form, "motive", k.request.motive);
    form_set(&k.form, "unit", unit == NULL ? SLICE_EMPTY : slice_text(unit));
    form_set(&k.form, "description", k.request.description);
    return show(&k, false, error);
}

/* ---- Saving ---- */

static rfd_status save(struct transaction *t, void *context, struct rfd_error *error)
{
    struct ticketing *k = context;
    const struct request typed = {.id = k->id,
                                  .token = form_text(&k->form, "token"),
                                  .kind = form_text(&k->form, "kind"),
                                  .motive = form_text(&k->form, "motive"),
                                  .description = form_text(&k->form, "description"),
                                  .unit = page_number(form_text(&k->form, "unit")),
                                  .language = slice_text(language_code(k->page->language))};
    int64_t id = 0;
    k->faults.count = 0;
    rfd_status status = agency_put(t, &k->page->actor, &k->settings, &typed, &k->faults, &id, error);
    if (status == RFD_OK && k->form.wrong) return error_set(error, RFD_E_INVALID, "the form");
    if (status == RFD_OK) k->request.id = id;
    return status;
}

static rfd_status finish(struct ticketing *k, struct rfd_error *error)
{
    form_choices(&k->form, "motive", k->motives, k->motive_count, true);
    form_choices(&k->form, "unit", k->units, k->unit_count, true);
    rfd_status status = page_write(k->page, save, k, error);
    /* The same form came twice at once: the second finds what the first has made. */
    if (status == RFD_E_STORE_CONFLICT) {
        error_clear(error);
        status = page_write(k->page, save, k, error);
    }
    if (status == RFD_E_INVALID) {
        error_clear(error);
        form_faults(&k->form, &k->faults);
        k->page->response->status = 422;
        return show(k, true, error);
    }
    TRY(status);
    return page_redirect(k->page,
                         k->id == 0 ? N_("The ticket is registered: now enter who the certificates are for")
                                    : N_("The ticket was saved"),
                         error, TICKETS "/%lld", (long long)k->request.id);
}

rfd_status ticket_create(struct page *page, struct rfd_error *error)
{
    struct ticketing k = {.page = page, .settings = page_registration(page)};
    TRY(form_read(page, fields, FIELDS, &k.form, error));
    TRY(page_read(page, load_new, &k, error));
    return finish(&k, error);
}

rfd_status ticket_change(struct page *page, struct rfd_error *error)
{
    struct ticketing k = {.page = page, .settings = page_registration(page)};
    TRY(page_id(page, "id", &k.id, error));
    TRY(form_read(page, fields, FIELDS, &k.form, error));
    TRY(page_read(page, load_draft, &k, error));
    return finish(&k, error);
}
