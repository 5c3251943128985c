/* SPDX-License-Identifier: EUPL-1.2
 *
 * Forms for something new or changed, and the page that asks before something is closed.
 */
#include "web/organisation/organisation_pages.h"

#include "base/error.h"

/* ---- Fields ---- */

int64_t edit_number(struct editing *e, const char *field)
{
    return page_number(form_text(&e->form, field));
}

int64_t edit_asked(const struct page *page, const char *name)
{
    return page_number(http_field_get(&page->request->query, name, 0));
}

void edit_fill(struct editing *e, const char *field, slice text)
{
    form_set(&e->form, field, page_keep(e->page, text));
}

void edit_fill_number(struct editing *e, const char *field, int64_t number)
{
    const char *text = number == 0 ? "" : arena_print(e->page->arena, "%lld", (long long)number);
    form_set(&e->form, field, text == NULL ? SLICE_EMPTY : slice_text(text));
}

static bool has_field(const struct editing *e, const char *name)
{
    for (size_t i = 0; i < e->form.count; i++) {
        if (strcmp(e->form.fields[i].name, name) == 0) return true;
    }
    return false;
}

rfd_status edit_unit(struct transaction *t, struct editing *e, const char *field, struct unit *out,
                     struct rfd_error *error)
{
    TRY(unit_by_code(t, edit_number(e, "entity"), form_text(&e->form, field), out, error));
    if (out->id == 0) fault_add(&e->faults, field, N_("There is no unit of this code in the entity"));
    return RFD_OK;
}

/* ---- What there is to choose from ---- */

static rfd_status find_entities(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    struct entity *found;
    TRY(entity_choices(t, &e->page->actor, e->editor->action, &found, &e->entity_count, error));
    e->entities = arena_zeroed(e->page->arena, e->entity_count + 1, sizeof *e->entities);
    if (e->entities == NULL) return arena_failed(e->page->arena, error);
    for (size_t i = 0; i < e->entity_count; i++) {
        e->entities[i] = found[i];
        e->entities[i].name = page_keep(e->page, found[i].name);
        e->entities[i].country = page_keep(e->page, found[i].country);
    }
    return RFD_OK;
}

static void choose_entity(struct editing *e, bool sent)
{
    struct form_choice *choices = arena_zeroed(e->page->arena, e->entity_count + 1, sizeof *choices);
    if (choices == NULL || !has_field(e, "entity") || form_value(&e->form, "entity")->choices != NULL) return;
    for (size_t i = 0; i < e->entity_count; i++) {
        const char *id = arena_print(e->page->arena, "%lld", (long long)e->entities[i].id);
        choices[i] = (struct form_choice){id == NULL ? SLICE_EMPTY : slice_text(id), e->entities[i].name};
    }
    if (e->entity_count == 1 && form_text(&e->form, "entity").length == 0)
        form_set(&e->form, "entity", choices[0].value);
    form_choices(&e->form, "entity", choices, e->entity_count, sent);
}

/* "pe/dni": the documents of the countries of one's entities come first. */
static bool is_near(const struct editing *e, const char *country)
{
    for (size_t i = 0; i < e->entity_count; i++) {
        if (slice_is(e->entities[i].country, country)) return true;
    }
    return false;
}

static size_t add_documents(struct editing *e, const char *country, struct form_choice *choices, size_t count,
                            struct view *hints)
{
    size_t found;
    bool of_entities = has_field(e, "tax_number");
    const struct pack_document *const *list = packs_documents(page_packs(e->page), slice_text(country), &found);
    for (size_t i = 0; i < found && count < FORM_CHOICES; i++) {
        const struct pack_document *d = list[i];
        const char *code = language_code(e->page->language);
        if (d->entity != of_entities) continue;
        const char *value = arena_print(e->page->arena, "%s/%s", d->country, d->name);
        const char *label =
            arena_print(e->page->arena, "%s (%c%c)", d->label, country[0] - 'a' + 'A', country[1] - 'a' + 'A');
        if (value == NULL || label == NULL) continue;
        choices[count++] = (struct form_choice){slice_text(value), slice_text(label)};
        struct view *hint = view_item(hints);
        view_string(hint, "label", label);
        view_string(hint, "text",
                    strcmp(code, "ca") == 0   ? d->hint_ca
                    : strcmp(code, "en") == 0 ? d->hint_en
                                              : d->hint_es);
    }
    return count;
}

static void choose_document(struct editing *e, bool sent)
{
    struct form_choice *choices = arena_zeroed(e->page->arena, FORM_CHOICES, sizeof *choices);
    const char *country;
    size_t count = 0;
    if (choices == NULL || !has_field(e, "document")) return;
    struct view *hints = view_list(e->page->view, "documents");
    for (int near = 1; near >= 0; near--) {
        for (size_t n = 0; (country = packs_country_name(page_packs(e->page), n)) != NULL; n++) {
            if (strlen(country) == 2 && is_near(e, country) == (near == 1))
                count = add_documents(e, country, choices, count, hints);
        }
    }
    if (count > 0 && !sent && form_text(&e->form, "document").length == 0)
        form_set(&e->form, "document", choices[0].value);
    view_flag(e->page->view, "has_documents", count > 0);
    form_choices(&e->form, "document", choices, count, sent);
}

static void choose_others(struct editing *e, bool sent)
{
    static const char *const languages[][2] = {{"es", "Español"}, {"ca", "Català"}, {"en", "English"}};
    static const char *const levels[][2] = {
        {"central", N_("Central")}, {"regional", N_("Regional")}, {"local", N_("Local")}};
    struct form_choice *choices = arena_zeroed(e->page->arena, 6, sizeof *choices);
    if (choices == NULL) return;
    for (size_t i = 0; i < 3; i++) {
        choices[i] = (struct form_choice){slice_text(languages[i][0]), slice_text(languages[i][1])};
        choices[3 + i] = (struct form_choice){slice_text(levels[i][0]), slice_text(page_text(e->page, levels[i][1]))};
    }
    if (has_field(e, "language")) form_choices(&e->form, "language", choices, 3, sent);
    if (has_field(e, "level")) form_choices(&e->form, "level", choices + 3, 3, sent);
}

static void choose(struct editing *e, bool sent)
{
    choose_entity(e, sent);
    choose_document(e, sent);
    choose_others(e, sent);
}

/* ---- Showing and saving ---- */

static rfd_status show(struct editing *e, struct rfd_error *error)
{
    struct page *page = e->page;
    const char *title = e->id == 0 ? e->editor->title_new : e->editor->title_change;
    form_show(page, &e->form);
    (void)show_title(page, slice_text(page_text(page, title)), false);
    view_string(page->view, "back", e->editor->back);
    return page_show(page, title, "organisation/form", error);
}

static rfd_status load_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct editing *e = context;
    TRY(find_entities(t, e, error));
    TRY(e->editor->load(t, e, error));
    return e->editor->prepare == NULL ? RFD_OK : e->editor->prepare(t, e, error);
}

static rfd_status entities_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct editing *e = context;
    TRY(find_entities(t, e, error));
    return e->editor->prepare == NULL ? RFD_OK : e->editor->prepare(t, e, error);
}

static rfd_status save_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct editing *e = context;
    e->faults.count = 0;
    e->warning = NULL;
    TRY(e->editor->save(t, e, error));
    /* Something else is wrong with the form: what the domain says to the rest is wanted all the same. */
    return e->form.wrong ? error_set(error, RFD_E_INVALID, "the form") : RFD_OK;
}

static rfd_status begin(struct page *page, const struct editor *editor, struct editing *e, struct rfd_error *error)
{
    *e = (struct editing){.page = page, .editor = editor};
    if (strstr(page->route->pattern, "{id}") == NULL) return RFD_OK;
    return page_id(page, "id", &e->id, error);
}

rfd_status edit_show(struct page *page, const struct editor *editor, struct rfd_error *error)
{
    struct editing e;
    TRY(begin(page, editor, &e, error));
    form_new(&e.form, editor->fields, editor->count);
    TRY(page_read(page, load_work, &e, error));
    choose(&e, false);
    return show(&e, error);
}

rfd_status edit_save(struct page *page, const struct editor *editor, struct rfd_error *error)
{
    struct editing e;
    TRY(begin(page, editor, &e, error));
    TRY(form_read(page, editor->fields, editor->count, &e.form, error));
    e.sent = true;
    TRY(page_read(page, entities_work, &e, error));
    choose(&e, true);
    rfd_status status = page_write(page, save_work, &e, error);
    if (e.form.wrong && rfd_status_class(status) == RFD_CLASS_INPUT) status = RFD_E_INVALID;
    if (status == RFD_E_INVALID) {
        form_faults(&e.form, &e.faults);
        page->response->status = 422;
        error_clear(error);
        return show(&e, error);
    }
    TRY(status);
    return page_redirect(page, e.warning != NULL ? e.warning : editor->saved, error, editor->link, (long long)e.saved);
}

/* ---- Closing ---- */

struct closing_run {
    const struct closing *closing;
    struct page *page;
    int64_t id;
    slice name;
};

static rfd_status name_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct closing_run *r = context;
    slice name = SLICE_EMPTY;
    TRY(r->closing->name(t, r->page, r->id, &name, error));
    r->name = page_keep(r->page, name);
    return RFD_OK;
}

static rfd_status close_work(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct closing_run *r = context;
    return r->closing->close(t, &r->page->actor, r->id, error);
}

static rfd_status ask(struct page *page, const struct closing *closing, int64_t id, const char *blocked,
                      struct rfd_error *error)
{
    struct closing_run run = {.closing = closing, .page = page, .id = id};
    struct form form;
    TRY(page_read(page, name_work, &run, error));
    form_new(&form, NULL, 0);
    if (blocked != NULL) form_fail(&form, "", blocked);
    form_show(page, &form);
    view_string(page->view, "title",
                arena_print(page->arena, "%s: %.*s", page_text(page, closing->title), (int)run.name.length,
                            run.name.length == 0 ? "" : (const char *)run.name.data));
    view_string(page->view, "text", page_text(page, closing->text));
    view_string(page->view, "action", page_text(page, closing->action));
    view_flag(page->view, "danger", true);
    view_string(page->view, "back", arena_print(page->arena, closing->back, (long long)id));
    (void)view_list(page->view, "consequences");
    (void)view_list(page->view, "fields");
    return page_show(page, closing->title, "organisation/confirm", error);
}

rfd_status closing_ask(struct page *page, const struct closing *closing, struct rfd_error *error)
{
    int64_t id;
    TRY(page_id(page, "id", &id, error));
    return ask(page, closing, id, NULL, error);
}

/* "position Jefe": what is in the way is behind the first blank. */
static const char *blocked_text(const struct page *page, const struct rfd_error *error)
{
    const char *text =
        page_text(page, N_("It cannot be closed: it is closed already, or something in it is still open"));
    const char *blank = strchr(error->detail, ' ');
    const char *whole = blank == NULL ? NULL : arena_print(page->arena, "%s (%s)", text, blank + 1);
    return whole == NULL ? text : whole;
}

rfd_status closing_do(struct page *page, const struct closing *closing, struct rfd_error *error)
{
    struct closing_run run = {.closing = closing, .page = page};
    struct rfd_error why = RFD_ERROR_INIT;
    TRY(page_id(page, "id", &run.id, error));
    rfd_status status = page_write(page, close_work, &run, &why);
    if (status == RFD_E_STATE) {
        page->response->status = 409;
        return ask(page, closing, run.id, blocked_text(page, &why), error);
    }
    if (status != RFD_OK && error != NULL) *error = why;
    TRY(status);
    return page_redirect(page, closing->done, error, closing->back, (long long)run.id);
}
