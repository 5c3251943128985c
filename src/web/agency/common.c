/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the pages about requests of units have in common: titles of codes, choices, and a request with all that belongs
 * to it, as both sides see it.
 */
#include "web/agency/agency_pages.h"

#include "base/error.h"
#include "web/registration/registration_pages.h"

enum { ENTITIES_MAXIMUM = 32 };

/* ---- Lists ---- */

struct wording {
    struct page *page;
    struct agency_words *out;
};

static rfd_status keep_titles(const struct page *page, struct catalogue_entry *found, size_t count,
                              struct catalogue_entry **out, struct rfd_error *error)
{
    slice language = slice_text(language_code(page->language));
    struct catalogue_entry *kept = arena_zeroed(page->arena, count + 1, sizeof *kept);
    if (kept == NULL) return arena_failed(page->arena, error);
    for (size_t i = 0; i < count; i++)
        kept[i] = (struct catalogue_entry){.code = page_keep(page, found[i].code),
                                           .es = page_keep(page, catalogue_title(&found[i], language))};
    *out = kept;
    return RFD_OK;
}

static rfd_status read_words(struct transaction *t, void *context, struct rfd_error *error)
{
    struct wording *w = context;
    struct catalogue_entry *found = NULL;
    slice country = slice_text(page_settings(w->page)->web.country);
    TRY(catalogue_read(t, page_packs(w->page), country, "kind", true, &found, &w->out->kind_count, error));
    TRY(keep_titles(w->page, found, w->out->kind_count, &w->out->kinds, error));
    TRY(catalogue_read(t, page_packs(w->page), country, "motive", true, &found, &w->out->motive_count, error));
    return keep_titles(w->page, found, w->out->motive_count, &w->out->motives, error);
}

rfd_status agency_words_read(struct page *page, struct agency_words *out, struct rfd_error *error)
{
    struct wording w = {page, out};
    return page_read(page, read_words, &w, error);
}

struct view *agency_put_tray(const struct page *page, struct view *list, const char *title, const char *link,
                             uint64_t count)
{
    bool more = count > REQUEST_COUNTED;
    struct view *item = view_item(list);
    view_string(item, "title", page_text(page, title));
    view_string(item, "link", link);
    view_string(
        item, "count",
        arena_print(page->arena, more ? "%llu+" : "%llu", (unsigned long long)(more ? REQUEST_COUNTED : count)));
    return item;
}

slice agency_words_text(const struct page *page, const struct list_column *column, slice value, const void *context)
{
    const struct agency_words *words = context;
    bool kind = strcmp(column->name, "kind") == 0;
    const struct catalogue_entry *entries = kind ? words->kinds : words->motives;
    size_t count = kind ? words->kind_count : words->motive_count;
    (void)page;
    if (!kind && strcmp(column->name, "motive") != 0) return SLICE_EMPTY;
    for (size_t i = 0; i < count; i++)
        if (slice_equal(entries[i].code, value)) return entries[i].es;
    return SLICE_EMPTY;
}

/* ---- Choices ---- */

rfd_status agency_choices(struct transaction *t, const struct page *page, slice country, const char *catalogue,
                          const char *list, slice item, struct form_choice **out, size_t *count,
                          struct rfd_error *error)
{
    struct catalogue_entry *found = NULL;
    size_t all = 0;
    size_t kept = 0;
    slice language = slice_text(language_code(page->language));
    TRY(catalogue_read(t, page_packs(page), country, catalogue, false, &found, &all, error));
    struct form_choice *choices = arena_zeroed(page->arena, all + 1, sizeof *choices);
    if (choices == NULL) return arena_failed(page->arena, error);
    for (size_t i = 0; i < all; i++) {
        if (list != NULL && !catalogue_has(&found[i], list, item)) continue;
        choices[kept++] =
            (struct form_choice){page_keep(page, found[i].code), page_keep(page, catalogue_title(&found[i], language))};
    }
    *out = choices;
    *count = kept;
    return RFD_OK;
}

/** Those of one entity; with its short name before them where there are several. */
static rfd_status add_units(struct transaction *t, const struct page *page, const struct entity *entity, bool several,
                            struct form_choice *choices, size_t *count, struct rfd_error *error)
{
    struct unit *units = NULL;
    size_t found = 0;
    TRY(unit_tree(t, entity->id, &units, &found, error));
    for (size_t i = 0; i < found && *count < FORM_CHOICES; i++) {
        const struct unit *u = &units[i];
        const struct access_object object = {.entity = u->entity, .unit = u->id, .path = u->path};
        if (u->closed || !actor_may(&page->actor, ACTION_AGENCY_REQUEST, &object)) continue;
        slice house = several ? entity->short_name : SLICE_EMPTY;
        const char *value = arena_print(page->arena, "%lld", (long long)u->id);
        const char *label = arena_print(page->arena, "%.*s%s%.*s (%.*s)", (int)house.length, (const char *)house.data,
                                        several ? ": " : "", (int)u->name.length, (const char *)u->name.data,
                                        (int)u->abbreviation.length, (const char *)u->abbreviation.data);
        if (value == NULL || label == NULL) return arena_failed(page->arena, error);
        choices[(*count)++] = (struct form_choice){slice_text(value), slice_text(label)};
    }
    return RFD_OK;
}

/** Those in which a role of the actor lets them file; at most `maximum`. */
static size_t own_entities(const struct actor *actor, int64_t *out, size_t maximum)
{
    size_t count = 0;
    for (size_t i = 0; i < actor->role_count; i++) {
        const struct actor_role *role = &actor->roles[i];
        bool known = policy_scope(role->role, ACTION_AGENCY_REQUEST) <= SCOPE_OWN || role->entity == 0;
        for (size_t n = 0; n < count; n++) known = known || out[n] == role->entity;
        if (!known && count < maximum) out[count++] = role->entity;
    }
    return count;
}

rfd_status agency_units(struct transaction *t, const struct page *page, int64_t entity, struct form_choice **out,
                        size_t *count, struct rfd_error *error)
{
    int64_t entities[ENTITIES_MAXIMUM];
    size_t all = own_entities(&page->actor, entities, ENTITIES_MAXIMUM);
    struct form_choice *choices = arena_zeroed(page->arena, FORM_CHOICES, sizeof *choices);
    if (choices == NULL) return arena_failed(page->arena, error);
    *count = 0;
    for (size_t i = 0; i < all; i++) {
        struct entity found;
        if (entity != 0 && entities[i] != entity) continue;
        TRY(entity_find(t, entities[i], &found, error));
        TRY(add_units(t, page, &found, entity == 0 && all > 1, choices, count, error));
    }
    *out = choices;
    return RFD_OK;
}

slice agency_amount(const struct page *page, slice country, int64_t hundredths)
{
    const struct pack_registration *pack = packs_registration(page_packs(page), country);
    const char *currency = pack == NULL || pack->fee_currency == NULL ? "" : pack->fee_currency;
    const char *text = arena_print(page->arena, "%s%s%lld.%02lld", currency, currency[0] == '\0' ? "" : " ",
                                   (long long)(hundredths / 100), (long long)(hundredths % 100));
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

/* ---- One request ---- */

/** What there is of it, read once. */
struct putting {
    struct transaction *t;
    struct page *page;
    const struct registration_settings *settings;
    const struct request *request;
    bool office, edit;
    struct evidence *files;
    size_t file_count;
    struct payment *payments;
    size_t payment_count;
};

static rfd_status put_facts(struct putting *p, struct rfd_error *error)
{
    const struct request *r = p->request;
    struct page *page = p->page;
    struct view *facts = view_list(page->view, "facts");
    struct unit unit;
    slice requester;
    slice taker;
    TRY(unit_find(p->t, r->unit, &unit, error));
    TRY(desk_person(p->t, page, r->requester, &requester, error));
    TRY(desk_person(p->t, page, r->taker, &taker, error));
    page_fact(page, facts, N_("Number"), r->code, NULL);
    page_fact(page, facts, N_("Service"), slice_text(page_text(page, N_("Digital certificates"))), NULL);
    page_fact(page, facts, N_("Kind of request"), desk_title(p->t, page, r->country, "kind", r->kind), NULL);
    page_fact(page, facts, N_("Motive"), desk_title(p->t, page, r->country, "motive", r->motive), NULL);
    page_fact(page, facts, N_("Description"), r->description, NULL);
    page_fact(page, facts, N_("Unit"), unit.name, NULL);
    page_fact(page, facts, N_("Requesting user"), requester, NULL); /* es: "Usuario solicitante" */
    page_fact(page, facts, N_("Registered on"), page_time(page, r->created), NULL);
    if (r->sent != RFD_TIME_NONE) page_fact(page, facts, N_("Sent on"), page_time(page, r->sent), NULL);
    if (taker.length > 0) page_fact(page, facts, N_("Attended by"), taker, NULL);
    return RFD_OK;
}

static bool has_file(const struct putting *p, int64_t applicant, const char *kind, int64_t *id)
{
    for (size_t i = 0; i < p->file_count; i++) {
        const struct evidence *e = &p->files[i];
        if (e->applicant != applicant || !slice_is(e->kind, kind)) continue;
        *id = e->id;
        return true;
    }
    return false;
}

static size_t put_files(const struct putting *p, int64_t applicant, int64_t payment, struct view *files)
{
    size_t count = 0;
    for (size_t i = 0; i < p->file_count; i++) {
        const struct evidence *e = &p->files[i];
        if (e->applicant != applicant || e->payment != payment) continue;
        page_evidence(p->page, e, desk_title(p->t, p->page, p->request->country, "evidence", e->kind),
                      view_item(files));
        count++;
    }
    return count;
}

static slice link_of(const struct page *page, const char *format, int64_t id)
{
    const char *text = arena_print(page->arena, format, (long long)id);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

static rfd_status put_missing(const struct putting *p, const struct applicant *a, struct view *item,
                              struct rfd_error *error)
{
    struct faults faults = {.count = 0};
    struct view *list = view_list(item, "missing");
    if (p->edit) TRY(agency_applicant_missing(p->t, p->settings, p->request, a, &faults, error));
    for (unsigned i = 0; i < faults.count; i++) {
        struct view *one = view_item(list);
        slice what = desk_title(p->t, p->page, p->request->country, "evidence", slice_text(faults.items[i].field));
        bool file = !slice_is(what, faults.items[i].field);
        view_text(one, "what", file ? what : SLICE_EMPTY);
        view_string(one, "message", page_text(p->page, faults.items[i].message));
    }
    view_flag(item, "lacks", faults.count > 0);
    return RFD_OK;
}

static void put_certificate(const struct putting *p, const struct applicant *a, struct view *item)
{
    struct page *page = p->page;
    bool external = a->external_certificate.length > 0;
    bool issues = agency_issues(p->request->kind);
    view_flag(item, "has_key", a->spki.length > 0 || a->central);
    view_flag(item, "needs_key", issues && a->spki.length == 0 && !a->central && p->request->state == REQUEST_TAKEN);
    view_flag(item, "has_certificate", a->certificate != 0 || external);
    view_text(item, "certificate",
              p->office && a->certificate != 0 ? link_of(page, DESK_ISSUED "/%lld", a->certificate) : SLICE_EMPTY);
    view_text(item, "external_approval", page_keep(page, a->external_approval));
    view_flag(item, "installed", a->installation.length > 0);
    view_text(item, "installation_day", page_day(page, a->installation_at));
    view_text(item, "installation_phone", page_keep(page, a->installation_phone));
}

static rfd_status put_applicant(struct putting *p, const struct applicant *a, struct view *item,
                                struct rfd_error *error)
{
    struct page *page = p->page;
    struct unit unit = {.name = SLICE_EMPTY};
    int64_t statement = 0;
    if (a->unit != 0) TRY(unit_find(p->t, a->unit, &unit, error));
    view_number(item, "id", a->id);
    view_text(item, "name", applicant_name(a, page->arena));
    view_text(item, "number", page_keep(page, a->number));
    view_text(item, "document_issued", page_day(page, a->document_issued));
    view_text(item, "unit", page_keep(page, unit.name));
    view_text(item, "post", page_keep(page, a->post));
    view_text(item, "place", place_name(page, a->country, a->locality));
    view_text(item, "way_of_working", desk_title(p->t, page, a->country, "way-of-working", a->way_of_working));
    view_text(item, "device", desk_title(p->t, page, a->country, "device", a->device));
    view_text(item, "installed_at", desk_title(p->t, page, a->country, "installed-at", a->installed_at));
    view_text(item, "mail", page_keep(page, a->mail));
    view_text(item, "mobile", page_keep(page, a->mobile));
    bool has = has_file(p, a->id, "sworn-statement", &statement);
    view_flag(item, "has_statement", has);
    view_text(item, "statement", has ? link_of(page, "/evidencias/%lld", statement) : SLICE_EMPTY);
    put_certificate(p, a, item);
    view_flag(item, "has_files", put_files(p, a->id, 0, view_list(item, "files")) > 0);
    return put_missing(p, a, item, error);
}

static void put_payment(struct putting *p, const struct payment *pay, struct view *item)
{
    struct page *page = p->page;
    int64_t people = 0;
    for (size_t i = 0; i < p->request->applicant_count; i++) people += p->request->applicants[i].payment == pay->id;
    view_number(item, "id", pay->id);
    view_text(item, "kind", desk_title(p->t, page, p->request->country, "payment", pay->kind));
    view_text(item, "day", page_day(page, pay->day));
    view_text(item, "operation", page_keep(page, pay->operation));
    view_text(item, "agency", page_keep(page, pay->agency));
    view_text(item, "cashier", page_keep(page, pay->cashier));
    view_text(item, "amount", agency_amount(page, p->request->country, pay->amount));
    view_number(item, "people", people);
    view_flag(item, "has_files", put_files(p, 0, pay->id, view_list(item, "files")) > 0);
}

/** Saving it again and again is one line of the timeline. */
static rfd_status put_events(struct putting *p, struct rfd_error *error)
{
    struct request_happening *all = NULL;
    size_t count = 0;
    struct view *list = view_list(p->page->view, "events");
    TRY(request_events(p->t, p->request->id, false, &all, &count, error));
    for (size_t i = 0; i < count; i++) {
        if (all[i].event == REQUEST_EVENT_SAVE && i > 0) continue;
        page_event(p->page, list, all[i].time, request_event_title(all[i].event), all[i].note, all[i].name,
                   request_state_tone(all[i].state));
    }
    return RFD_OK;
}

rfd_status agency_put_all(struct transaction *t, struct page *page, const struct registration_settings *settings,
                          const struct request *r, bool office, struct rfd_error *error)
{
    struct putting p = {.t = t,
                        .page = page,
                        .settings = settings,
                        .request = r,
                        .office = office,
                        .edit = agency_may_edit(&page->actor, r)};
    TRY(evidence_list(t, r->id, false, &p.files, &p.file_count, error));
    TRY(payment_list(t, r->id, &p.payments, &p.payment_count, error));
    view_number(page->view, "id", r->id);
    view_text(page->view, "code", page_keep(page, r->code));
    view_flag(page->view, "editable", p.edit);
    view_flag(page->view, "issues", agency_issues(r->kind));
    view_text(page->view, "note",
              r->state == REQUEST_OBSERVED || r->state == REQUEST_REJECTED ? page_keep(page, r->note) : SLICE_EMPTY);
    desk_badge(page, request_state_title(slice_text(request_state_name(r->state))), request_state_tone(r->state));
    TRY(put_facts(&p, error));
    struct view *applicants = view_list(page->view, "applicants");
    for (size_t i = 0; i < r->applicant_count; i++)
        TRY(put_applicant(&p, &r->applicants[i], view_item(applicants), error));
    struct view *payments = view_list(page->view, "payments");
    for (size_t i = 0; i < p.payment_count; i++) put_payment(&p, &p.payments[i], view_item(payments));
    view_flag(page->view, "has_applicants", r->applicant_count > 0);
    view_flag(page->view, "has_payments", p.payment_count > 0);
    return put_events(&p, error);
}

rfd_status agency_put_files(struct transaction *t, struct page *page, const struct request *r, int64_t applicant,
                            int64_t payment, struct rfd_error *error)
{
    struct putting p = {.t = t, .page = page, .request = r};
    TRY(evidence_list(t, r->id, false, &p.files, &p.file_count, error));
    view_flag(page->view, "has_files", put_files(&p, applicant, payment, view_list(page->view, "files")) > 0);
    return RFD_OK;
}

/* ---- Are you sure? ---- */

rfd_status agency_confirm(struct page *page, const char *title, const char *text, const char *action, const char *back,
                          struct rfd_error *error)
{
    struct form form;
    form_new(&form, NULL, 0);
    form_show(page, &form);
    view_string(page->view, "title", page_text(page, title));
    view_string(page->view, "text", page_text(page, text));
    view_string(page->view, "action", page_text(page, action));
    view_flag(page->view, "danger", true);
    view_string(page->view, "back", back);
    (void)view_list(page->view, "consequences");
    (void)view_list(page->view, "fields");
    return page_show(page, title, "agency/confirm", error);
}
