/* SPDX-License-Identifier: EUPL-1.2
 *
 * People: list, one with posts, roles, account and what happened, form.
 */
#include "web/organisation/organisation_pages.h"

#include "base/error.h"

#include <stdlib.h>

rfd_status people_show(struct page *page, struct rfd_error *error)
{
    static const struct list_page_row row = {.title = N_("People"),
                                             .lead = N_("Search by name, surname, number of the document or e-mail."),
                                             .definition = &person_list,
                                             .link = ORGANISATION "/personas/%lld",
                                             .empty = N_("There is nobody yet. Enter somebody, or import a file."),
                                             .add = N_("New person"),
                                             .add_link = ORGANISATION "/personas/nueva",
                                             .add_action = ACTION_ORGANISATION_EDIT};
    return show_list(page, &row, error);
}

/* ---- The form ---- */

static const struct form_field fields[] = {
    {.name = "document", .label = N_("Document"), .kind = FORM_CHOICE, .required = true},
    {.name = "number", .label = N_("Number"), .kind = FORM_TEXT, .required = true, .maximum = 40},
    {.name = "given_names", .label = N_("Given names"), .kind = FORM_TEXT, .required = true, .maximum = 100},
    {.name = "surname", .label = N_("First surname"), .kind = FORM_TEXT, .required = true, .maximum = 100},
    {.name = "second_surname", .label = N_("Second surname"), .kind = FORM_TEXT, .maximum = 100},
    {.name = "mail", .label = N_("E-mail"), .kind = FORM_MAIL},
    {.name = "mobile",
     .label = N_("Mobile"),
     .hint = N_("With the country's number: +51 987 654 321"),
     .kind = FORM_MOBILE},
    {.name = "language", .label = N_("Language of messages"), .kind = FORM_CHOICE, .required = true},
};

static rfd_status load(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    struct person p = {.language = SLICE("es")};
    if (e->id != 0) TRY(person_check_edit(t, &e->page->actor, e->id, error));
    if (e->id != 0) TRY(person_find(t, e->id, &p, error));
    edit_fill(e, "number", p.number);
    edit_fill(e, "given_names", p.given_names);
    edit_fill(e, "surname", p.surname);
    edit_fill(e, "second_surname", p.second_surname);
    edit_fill(e, "mail", p.mail);
    edit_fill(e, "mobile", p.mobile);
    edit_fill(e, "language", p.language);
    if (e->id == 0) return RFD_OK;
    const char *document = arena_print(e->page->arena, "%.*s/%.*s", (int)p.country.length, (const char *)p.country.data,
                                       (int)p.document.length, (const char *)p.document.data);
    form_set(&e->form, "document", document == NULL ? SLICE_EMPTY : slice_text(document));
    return RFD_OK;
}

/* The check digits of some documents are told and not refused. */
static void warn(struct editing *e, const struct person *p)
{
    char normal[33];
    const struct pack_document *d = packs_document(page_packs(e->page), p->country, p->document);
    if (d != NULL && packs_identity_check(d, p->number, normal) == IDENTITY_DIGIT_WARNS)
        e->warning = N_("Saved; please compare the number with its document: its check digit is unusual");
}

static rfd_status save(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    slice choice = form_text(&e->form, "document");
    const uint8_t *slash = choice.length == 0 ? NULL : memchr(choice.data, '/', choice.length);
    size_t length = slash == NULL ? 0 : (size_t)(slash - choice.data);
    const struct person p = {.id = e->id,
                             .country = slice_part(choice, 0, length),
                             .document = slice_from(choice, length + 1),
                             .number = form_text(&e->form, "number"),
                             .given_names = form_text(&e->form, "given_names"),
                             .surname = form_text(&e->form, "surname"),
                             .second_surname = form_text(&e->form, "second_surname"),
                             .mail = form_text(&e->form, "mail"),
                             .mobile = form_text(&e->form, "mobile"),
                             .language = form_text(&e->form, "language")};
    warn(e, &p);
    return person_put(t, &e->page->actor, page_packs(e->page), &p, &e->faults, &e->saved, error);
}

static const struct editor editor = {.title_new = N_("New person"),
                                     .title_change = N_("Change a person's data"),
                                     .saved = N_("The person's data were saved"),
                                     .fields = fields,
                                     .count = sizeof fields / sizeof *fields,
                                     .action = ACTION_ORGANISATION_SEE,
                                     .load = load,
                                     .save = save,
                                     .link = ORGANISATION "/personas/%lld",
                                     .back = ORGANISATION "/personas"};

rfd_status person_form(struct page *page, struct rfd_error *error)
{
    return edit_show(page, &editor, error);
}

rfd_status person_save(struct page *page, struct rfd_error *error)
{
    return edit_save(page, &editor, error);
}

/* ---- One person ---- */

/** Something that began or ended. */
struct event {
    rfd_time time;
    const char *title; /* N_() */
    slice text;
};
enum { EVENTS_MAXIMUM = 200 };

struct showing {
    struct page *page;
    int64_t id;
    struct person person;
    struct access_object home;
    struct role_assignment *roles;
    slice *role_units; /* abbreviations */
    size_t role_count;
    struct event *events;
    size_t event_count;
    bool may_edit;
};

static void add_event(struct showing *s, rfd_time time, const char *title, slice text)
{
    if (time == RFD_TIME_NONE || s->event_count == EVENTS_MAXIMUM) return;
    s->events[s->event_count++] = (struct event){time, title, text};
}

static rfd_status check_see(struct transaction *t, struct showing *s, struct rfd_error *error)
{
    const struct actor *actor = &s->page->actor;
    TRY(person_home(t, s->id, &s->home, error));
    bool nowhere = s->home.entity == 0;
    s->home.path = page_keep(s->page, s->home.path);
    s->may_edit = actor_may(actor, ACTION_ORGANISATION_EDIT, nowhere ? NULL : &s->home);
    return nowhere && s->may_edit ? RFD_OK : actor_check(actor, ACTION_ORGANISATION_SEE, &s->home, error);
}

static rfd_status read_roles(struct transaction *t, struct showing *s, struct rfd_error *error)
{
    struct role_assignment *found;
    struct arena *a = s->page->arena;
    TRY(role_assignments(t, s->id, RFD_TIME_NONE, &found, &s->role_count, error));
    s->roles = arena_zeroed(a, s->role_count + 1, sizeof *s->roles);
    s->role_units = arena_zeroed(a, s->role_count + 1, sizeof *s->role_units);
    if (s->roles == NULL || s->role_units == NULL) return arena_failed(a, error);
    memcpy(s->roles, found, s->role_count * sizeof *found);
    for (size_t i = 0; i < s->role_count; i++) {
        struct unit unit;
        slice title = slice_text(page_text(s->page, role_info(found[i].role)->title));
        if (found[i].unit != 0) {
            TRY(unit_find(t, found[i].unit, &unit, error));
            s->role_units[i] = page_keep(s->page, unit.abbreviation);
        }
        add_event(s, found[i].from, N_("Role begins"), title);
        add_event(s, found[i].to, N_("Role ends"), title);
    }
    return RFD_OK;
}

/* What the actor may see of them; $position in the text. */
static rfd_status read_appointments(struct transaction *t, struct showing *s, struct rfd_error *error)
{
    struct list_query query = {.page = 1, .size = LIST_PAGE_LONGEST};
    struct list_page found;
    list_fix_number(&query, s->page->arena, "person", s->id);
    TRY(list_read(t, &appointment_list, &query, &s->page->actor, &found, error));
    for (size_t i = 0; i < found.rows.count; i++) {
        const struct store_value *v = store_cell(&found.rows, i, 0);
        const char *text =
            arena_print(s->page->arena, "%.*s (%.*s)", (int)v[1].bytes.length, (const char *)v[1].bytes.data,
                        (int)v[2].bytes.length, (const char *)v[2].bytes.data);
        if (text == NULL) return arena_failed(s->page->arena, error);
        add_event(s, v[4].integer, N_("Appointment begins"), slice_text(text));
        add_event(s, v[5].type == STORE_NULL ? RFD_TIME_NONE : v[5].integer + 1, N_("Appointment ends"),
                  slice_text(text));
    }
    return RFD_OK;
}

static rfd_status read_person(struct transaction *t, void *context, struct rfd_error *error)
{
    struct showing *s = context;
    s->event_count = 0;
    s->events = arena_zeroed(s->page->arena, EVENTS_MAXIMUM, sizeof *s->events);
    if (s->events == NULL) return arena_failed(s->page->arena, error);
    TRY(person_find(t, s->id, &s->person, error));
    TRY(check_see(t, s, error));
    slice *texts[] = {&s->person.country,     &s->person.document, &s->person.number,
                      &s->person.given_names, &s->person.surname,  &s->person.second_surname,
                      &s->person.mail,        &s->person.mobile,   &s->person.language};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) *texts[i] = page_keep(s->page, *texts[i]);
    TRY(read_roles(t, s, error));
    return read_appointments(t, s, error);
}

static int by_time(const void *a, const void *b)
{
    const struct event *one = a, *other = b;
    return (one->time > other->time) - (one->time < other->time);
}

static void put_events(struct showing *s)
{
    struct view *list = view_list(s->page->view, "events");
    qsort(s->events, s->event_count, sizeof *s->events, by_time);
    for (size_t i = 0; i < s->event_count; i++) {
        const struct event *e = &s->events[i];
        struct view *item = view_item(list);
        view_string(item, "title", page_text(s->page, e->title));
        view_text(item, "time", page_day(s->page, e->time));
        view_text(item, "text", e->text);
        view_string(item, "actor", "");
        view_string(item, "state", e->time > s->page->now ? page_text(s->page, N_("Planned")) : "");
        view_string(item, "tone", e->time > s->page->now ? "warn" : "neutral");
    }
}

static void put_roles(const struct showing *s)
{
    struct view *list = view_list(s->page->view, "roles");
    for (size_t i = 0; i < s->role_count; i++) {
        const struct role_assignment *r = &s->roles[i];
        if (r->from > s->page->now || (r->to != RFD_TIME_NONE && r->to <= s->page->now)) continue;
        struct view *item = view_item(list);
        view_string(item, "title", page_text(s->page, role_info(r->role)->title));
        view_text(item, "unit", s->role_units[i]);
        view_text(item, "until", r->to == RFD_TIME_NONE ? SLICE_EMPTY : page_day(s->page, r->to - 1));
    }
}

static slice language_name(slice code)
{
    if (slice_is(code, "es")) return SLICE("Español");
    if (slice_is(code, "ca")) return SLICE("Català");
    return slice_is(code, "en") ? SLICE("English") : code;
}

static void put_person(const struct showing *s)
{
    struct page *page = s->page;
    const struct person *p = &s->person;
    const struct pack_document *d = packs_document(page_packs(page), p->country, p->document);
    const struct fact facts[] = {{d == NULL ? N_("Number") : d->label, p->number, NULL},
                                 {N_("E-mail"), p->mail, NULL},
                                 {N_("Mobile"), p->mobile, NULL},
                                 {N_("Language of messages"), language_name(p->language), NULL}};
    struct view *actions = show_title(page, person_full_name(p, page->arena), p->closed);
    if (s->may_edit && !p->closed) {
        show_action(page, actions, N_("Appoint"), ORGANISATION "/nombramientos/nuevo?persona=%lld", p->id, false);
        show_action(page, actions, N_("Change"), ORGANISATION "/personas/%lld/editar", p->id, true);
    }
    if (actor_may(&page->actor, ACTION_DEPARTURE_REPORT, &s->home))
        show_action(page, actions, N_("Report a departure"), ORGANISATION "/ceses/nuevo?persona=%lld", p->id, true);
    show_facts(page, facts, sizeof facts / sizeof *facts);
}

static const struct related appointments = {.title = N_("Appointments"),
                                            .empty = N_("This person has no appointment."),
                                            .definition = &appointment_list,
                                            .filter = "person",
                                            .link = ORGANISATION "/nombramientos/%lld",
                                            .all = ORGANISATION "/nombramientos?person=%lld",
                                            .skip = " person "};
static const struct related accounts = {.title = N_("Accounts"),
                                        .empty = N_("This person has no account."),
                                        .definition = &account_list,
                                        .filter = "person",
                                        .link = "/administracion/cuentas/%lld",
                                        .skip = " person name "};

static bool has_filter(const struct list_definition *list, const char *name)
{
    for (size_t i = 0; i < list->filter_count; i++) {
        if (strcmp(list->filters[i].name, name) == 0) return true;
    }
    return false;
}

rfd_status person_show(struct page *page, struct rfd_error *error)
{
    struct showing s = {.page = page};
    TRY(page_id(page, "id", &s.id, error));
    TRY(page_read(page, read_person, &s, error));
    put_person(&s);
    put_roles(&s);
    view_flag(page->view, "has_roles", true);
    struct view *tables = view_list(page->view, "tables");
    TRY(show_related(page, tables, &appointments, s.id, error));
    if (actor_may(&page->actor, ACTION_ACCOUNT_SEE, NULL) && has_filter(&account_list, "person"))
        TRY(show_related(page, tables, &accounts, s.id, error));
    put_events(&s);
    return page_show(page, N_("Person"), "organisation/detail", error);
}
