/* SPDX-License-Identifier: EUPL-1.2
 *
 * One entry of a catalogue: a new one, one to change, and back to what the country's pack says.
 */
#include "base/error.h"
#include "packs/registration_value.h"
#include "web/administration/catalogue.h"

#define TEXT_FIELDS                                                                                                    \
    {.name = "es", .label = N_("In Spanish"), .required = true, .maximum = 200},                                       \
        {.name = "ca",                                                                                                 \
         .label = N_("In Catalan"),                                                                                    \
         .hint = N_("Without it, the Spanish text is shown"),                                                          \
         .maximum = 200},                                                                                              \
        {.name = "en",                                                                                                 \
         .label = N_("In English"),                                                                                    \
         .hint = N_("Without it, the Spanish text is shown"),                                                          \
         .maximum = 200},                                                                                              \
        {.name = "value",                                                                                              \
         .label = N_("Settings"),                                                                                      \
         .hint = N_("name=value, separated by blanks; which there are is said below"),                                 \
         .maximum = 200},                                                                                              \
        {.name = "place",                                                                                              \
         .label = N_("Place in the list"),                                                                             \
         .hint = N_("A number: the least is the first; without it, behind the last"),                                  \
         .kind = FORM_NUMBER},                                                                                         \
    {                                                                                                                  \
        .name = "closed", .label = N_("Closed: it is not offered any more"), .kind = FORM_TICK                         \
    }

static const struct form_field new_fields[] = {
    {.name = "code",
     .label = N_("Code"),
     .hint = N_("Small letters, digits and dashes; it cannot be changed later"),
     .required = true,
     .maximum = 40},
    TEXT_FIELDS,
};
static const struct form_field change_fields[] = {TEXT_FIELDS};
#define COUNT(table) (sizeof(table) / sizeof *(table))

struct editing {
    struct page *page;
    struct catalogue_place place;
    bool is_new;
    struct catalogue_entry entry;
    struct faults faults;
};

/* ---- Which ---- */

static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct editing *e = context;
    struct catalogue_entry found;
    slice code = http_request_part(e->page->request, "code");
    TRY(catalogue_find(t, page_packs(e->page), e->place.country, e->place.name, code, &found, error));
    found.code = page_keep(e->page, found.code);
    found.es = page_keep(e->page, found.es);
    found.ca = page_keep(e->page, found.ca);
    found.en = page_keep(e->page, found.en);
    found.value = page_keep(e->page, found.value);
    e->entry = found;
    return RFD_OK;
}

/* ---- Showing ---- */

static void put_rules(const struct editing *e)
{
    struct view *rules = view_list(e->page->view, "rules");
    for (size_t i = 0; i < pack_value_rule_count; i++) {
        const struct pack_value_rule *rule = &pack_value_rules[i];
        if (strcmp(rule->catalogue, e->place.name) != 0) continue;
        struct view *item = view_item(rules);
        view_string(item, "name", rule->name);
        view_string(item, "title", page_text(e->page, rule->title));
        view_string(item, "words", rule->words[0] == '#' ? "" : rule->words);
        view_flag(item, "is_number", rule->words[0] == '#');
        view_flag(item, "is_codes", rule->words[0] == '\0');
    }
}

static rfd_status show(struct editing *e, struct form *form, struct rfd_error *error)
{
    struct page *page = e->page;
    const char *back = catalogue_link(page, &e->place);
    slice language = slice_text(language_code(page->language));
    form_show(page, form);
    put_rules(e);
    view_string(page->view, "back", back);
    view_string(page->view, "catalogue", page_text(page, e->place.title));
    view_string(page->view, "country", catalogue_country(page, e->place.country));
    view_flag(page->view, "is_new", e->is_new);
    view_text(page->view, "code", e->entry.code);
    view_text(page->view, "name", catalogue_title(&e->entry, language));
    view_flag(page->view, "changed", e->entry.changed && !e->entry.own);
    view_flag(page->view, "own", e->entry.own);
    view_string(page->view, "original",
                arena_print(page->arena, "%s/entradas/%.*s/original", back, (int)e->entry.code.length,
                            (const char *)e->entry.code.data));
    return page_show(page, e->is_new ? N_("New entry") : N_("Entry of a catalogue"), "administration/entry", error);
}

rfd_status catalogue_new(struct page *page, struct rfd_error *error)
{
    struct editing e = {.page = page, .is_new = true};
    struct form form;
    TRY(catalogue_place(page, &e.place, error));
    form_new(&form, new_fields, COUNT(new_fields));
    return show(&e, &form, error);
}

rfd_status catalogue_edit(struct page *page, struct rfd_error *error)
{
    struct editing e = {.page = page};
    struct form form;
    TRY(catalogue_place(page, &e.place, error));
    TRY(page_read(page, find, &e, error));
    form_new(&form, change_fields, COUNT(change_fields));
    form_set(&form, "es", e.entry.es);
    form_set(&form, "ca", e.entry.ca);
    form_set(&form, "en", e.entry.en);
    form_set(&form, "value", e.entry.value);
    const char *place = arena_print(page->arena, "%lld", (long long)e.entry.place);
    form_set(&form, "place", place == NULL ? SLICE_EMPTY : slice_text(place));
    form_tick(&form, "closed", e.entry.closed);
    return show(&e, &form, error);
}

/* ---- Saving ---- */

/* A new code that is there already would change that entry. */
static rfd_status check_new(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    struct catalogue_entry present;
    rfd_status status =
        catalogue_find(t, page_packs(e->page), e->place.country, e->place.name, e->entry.code, &present, error);
    if (status == RFD_E_NOT_FOUND) return RFD_OK;
    TRY(status);
    fault_add(&e->faults, "code", N_("There is an entry of this code already"));
    return error_set(error, RFD_E_INVALID, "code");
}

static rfd_status save(struct transaction *t, void *context, struct rfd_error *error)
{
    struct editing *e = context;
    e->faults.count = 0;
    if (e->is_new) TRY(check_new(t, e, error));
    return catalogue_put(t, &e->page->actor, page_packs(e->page), &e->entry, &e->faults, error);
}

static rfd_status read_form(struct editing *e, struct form *form, struct rfd_error *error)
{
    const struct form_field *fields = e->is_new ? new_fields : change_fields;
    TRY(form_read(e->page, fields, e->is_new ? COUNT(new_fields) : COUNT(change_fields), form, error));
    e->entry.country = e->place.country;
    e->entry.catalogue = slice_text(e->place.name);
    if (e->is_new) e->entry.code = form_text(form, "code");
    e->entry.es = form_text(form, "es");
    e->entry.ca = form_text(form, "ca");
    e->entry.en = form_text(form, "en");
    e->entry.value = form_text(form, "value");
    e->entry.place = form_value(form, "place")->number;
    e->entry.closed = form_value(form, "closed")->ticked;
    return RFD_OK;
}

static rfd_status save_entry(struct page *page, bool is_new, struct rfd_error *error)
{
    struct editing e = {.page = page, .is_new = is_new};
    struct form form;
    TRY(catalogue_place(page, &e.place, error));
    if (!is_new) TRY(page_read(page, find, &e, error));
    TRY(read_form(&e, &form, error));
    rfd_status status = form.wrong ? RFD_E_INVALID : page_write(page, save, &e, error);
    if (status == RFD_OK)
        return page_redirect(page, N_("The catalogue was changed"), error, "%s", catalogue_link(page, &e.place));
    if (status != RFD_E_INVALID) return status;
    form_faults(&form, &e.faults);
    page->response->status = 422;
    return show(&e, &form, error);
}

rfd_status catalogue_add(struct page *page, struct rfd_error *error)
{
    return save_entry(page, true, error);
}

rfd_status catalogue_save(struct page *page, struct rfd_error *error)
{
    return save_entry(page, false, error);
}

/* ---- Back to the pack's ---- */

rfd_status catalogue_reset_ask(struct page *page, struct rfd_error *error)
{
    struct editing e = {.page = page};
    TRY(catalogue_place(page, &e.place, error));
    TRY(page_read(page, find, &e, error));
    bool own = e.entry.own;
    view_string(page->view, "title",
                page_text(page, own ? N_("Take this entry away?") : N_("Take the country's own entry again?")));
    view_text(page->view, "text", catalogue_title(&e.entry, slice_text(language_code(page->language))));
    view_item_text(view_list(page->view, "consequences"),
                   slice_text(page_text(page, own ? N_("It was added here, and is gone.")
                                                  : N_("What was written in its place is lost."))));
    view_string(page->view, "action", page_text(page, own ? N_("Take it away") : N_("Take the original entry")));
    view_flag(page->view, "danger", true);
    view_string(page->view, "back", catalogue_link(page, &e.place));
    return page_show(page, N_("Entry of a catalogue"), "administration/confirm", error);
}

static rfd_status reset(struct transaction *t, void *context, struct rfd_error *error)
{
    struct editing *e = context;
    slice code = http_request_part(e->page->request, "code");
    return catalogue_reset(t, &e->page->actor, page_packs(e->page), e->place.country, e->place.name, code, error);
}

rfd_status catalogue_reset_do(struct page *page, struct rfd_error *error)
{
    struct editing e = {.page = page};
    TRY(catalogue_place(page, &e.place, error));
    TRY(page_write(page, reset, &e, error));
    return page_redirect(page, N_("The catalogue was changed"), error, "%s", catalogue_link(page, &e.place));
}
