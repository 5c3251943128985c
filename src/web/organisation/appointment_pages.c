/* SPDX-License-Identifier: EUPL-1.2
 *
 * Appointments: list, one, form, and the form that ends one.
 */
#include "web/organisation/organisation_pages.h"

#include "base/error.h"

rfd_status appointments_show(struct page *page, struct rfd_error *error)
{
    static const struct list_page_row row = {.title = N_("Appointments"),
                                             .definition = &appointment_list,
                                             .link = ORGANISATION "/nombramientos/%lld",
                                             .empty = N_("Nobody has been appointed yet."),
                                             .add = N_("New appointment"),
                                             .add_link = ORGANISATION "/nombramientos/nuevo",
                                             .add_action = ACTION_ORGANISATION_EDIT};
    return show_list(page, &row, error);
}

/* ---- The form ---- */

static const struct form_field fields[] = {
    {.name = "document", .label = N_("Document"), .kind = FORM_CHOICE, .required = true},
    {.name = "number",
     .label = N_("Number of the person's document"),
     .hint = N_("Of somebody who is in the list of people already"),
     .kind = FORM_TEXT,
     .required = true,
     .maximum = 40},
    {.name = "entity", .label = N_("Entity"), .kind = FORM_CHOICE, .required = true},
    {.name = "unit", .label = N_("Unit"), .hint = N_("Its code"), .kind = FORM_TEXT, .required = true, .maximum = 40},
    {.name = "position",
     .label = N_("Position"),
     .hint = N_("Its name, as the unit has it"),
     .kind = FORM_TEXT,
     .required = true},
    {.name = "starts", .label = N_("First day"), .kind = FORM_DAY, .required = true},
    {.name = "ends", .label = N_("Last day"), .hint = N_("Empty: without an end"), .kind = FORM_DAY},
    {.name = "acting", .label = N_("Acting, in the place of who holds it"), .kind = FORM_TICK},
    {.name = "resolution", .label = N_("Resolution that appoints"), .kind = FORM_TEXT},
};

static rfd_status fill_person(struct transaction *t, struct editing *e, int64_t id, struct rfd_error *error)
{
    struct person p;
    if (id == 0) return RFD_OK;
    TRY(check_see_person(t, e->page, id, error));
    TRY(person_find(t, id, &p, error));
    const char *document = arena_print(e->page->arena, "%.*s/%.*s", (int)p.country.length, (const char *)p.country.data,
                                       (int)p.document.length, (const char *)p.document.data);
    form_set(&e->form, "document", document == NULL ? SLICE_EMPTY : slice_text(document));
    edit_fill(e, "number", p.number);
    return RFD_OK;
}

static rfd_status fill_position(struct transaction *t, struct editing *e, int64_t id, struct rfd_error *error)
{
    struct position p;
    struct unit unit;
    if (id == 0) return RFD_OK;
    TRY(position_find(t, id, &p, error));
    TRY(unit_find(t, p.unit, &unit, error));
    TRY(check_see_unit(e->page, &unit, error));
    edit_fill_number(e, "entity", unit.entity);
    edit_fill(e, "unit", unit.code);
    edit_fill(e, "position", p.name);
    return RFD_OK;
}

static rfd_status load(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    struct appointment a = {.person = edit_asked(e->page, "persona"),
                            .position = edit_asked(e->page, "cargo"),
                            .from = e->page->now,
                            .to = RFD_TIME_NONE};
    if (e->id != 0) TRY(appointment_find(t, e->id, &a, error));
    TRY(fill_person(t, e, a.person, error));
    TRY(fill_position(t, e, a.position, error));
    form_set_day(e->page, &e->form, "starts", a.from);
    if (a.to != RFD_TIME_NONE) form_set_day(e->page, &e->form, "ends", a.to - 1);
    form_tick(&e->form, "acting", a.acting);
    edit_fill(e, "resolution", a.document);
    return RFD_OK;
}

static rfd_status find_person(struct transaction *t, struct editing *e, int64_t *out, struct rfd_error *error)
{
    slice choice = form_text(&e->form, "document");
    const uint8_t *slash = choice.length == 0 ? NULL : memchr(choice.data, '/', choice.length);
    size_t length = slash == NULL ? 0 : (size_t)(slash - choice.data);
    slice country = slice_part(choice, 0, length), name = slice_from(choice, length + 1);
    const struct pack_document *d = packs_document(page_packs(e->page), country, name);
    char normal[33] = "";
    struct person p = {.id = 0};
    if (d != NULL) (void)packs_identity_check(d, form_text(&e->form, "number"), normal);
    rfd_status status = person_by_document(t, country, name, slice_text(normal), &p, error);
    if (status != RFD_OK && status != RFD_E_NOT_FOUND) return status;
    if (status == RFD_E_NOT_FOUND) {
        error_clear(error);
        fault_add(&e->faults, "number", N_("There is nobody with this document: enter the person first"));
    }
    *out = p.id;
    return RFD_OK;
}

static rfd_status find_position(struct transaction *t, struct editing *e, int64_t *out, struct rfd_error *error)
{
    struct unit unit;
    struct position position = {.id = 0};
    TRY(edit_unit(t, e, "unit", &unit, error));
    if (unit.id != 0) TRY(position_by_name(t, unit.id, form_text(&e->form, "position"), &position, error));
    if (unit.id != 0 && position.id == 0)
        fault_add(&e->faults, "position", N_("The unit has no position of this name"));
    *out = position.id;
    return RFD_OK;
}

/* The last day becomes the first instant after it. */
static rfd_time after(const struct page *page, rfd_time day)
{
    const struct zone *zone = page->web->zone;
    return day == RFD_TIME_NONE ? RFD_TIME_NONE : zone_day_start(zone, zone_day(zone, day) + 1);
}

static rfd_status save(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    struct appointment a = {.id = e->id,
                            .acting = form_value(&e->form, "acting")->ticked,
                            .from = form_value(&e->form, "starts")->day,
                            .to = after(e->page, form_value(&e->form, "ends")->day),
                            .document = form_text(&e->form, "resolution")};
    TRY(find_person(t, e, &a.person, error));
    TRY(find_position(t, e, &a.position, error));
    if (e->faults.count > 0) return error_set(error, RFD_E_INVALID, "person or position");
    rfd_status status = appointment_put(t, &e->page->actor, &a, &e->faults, &e->saved, error);
    faults_rename(&e->faults, "person", "number");
    faults_rename(&e->faults, "document", "resolution");
    return status;
}

static const struct editor editor = {.title_new = N_("New appointment"),
                                     .title_change = N_("Change the appointment"),
                                     .saved = N_("The appointment was saved"),
                                     .fields = fields,
                                     .count = sizeof fields / sizeof *fields,
                                     .action = ACTION_ORGANISATION_EDIT,
                                     .load = load,
                                     .save = save,
                                     .link = ORGANISATION "/nombramientos/%lld",
                                     .back = ORGANISATION "/nombramientos"};

/* Person and position are found in their lists, one after the other; who is in no list of one's own (a citizen) is
 * named by the number of a document, in the form itself. */
static rfd_status choose(struct page *page, bool person, struct rfd_error *error)
{
    const char *link = person ? arena_print(page->arena, ORGANISATION "/nombramientos/nuevo?cargo=%lld&persona=%%lld",
                                            (long long)edit_asked(page, "cargo"))
                              : arena_print(page->arena, ORGANISATION "/nombramientos/nuevo?persona=%lld&cargo=%%lld",
                                            (long long)edit_asked(page, "persona"));
    struct list_query open = {.page = 1};
    list_fix(&open, "closed", SLICE("0"));
    const struct page_list list = {.definition = person ? &person_list : &position_list,
                                   .link = link,
                                   .fixed = person ? NULL : &open,
                                   .empty = N_("There is nothing to choose from yet.")};
    const char *title = person ? N_("Whom to appoint") : N_("Position to appoint to");
    bool done = false;
    if (link == NULL) return arena_failed(page->arena, error);
    TRY(page_list(page, &list, &done, error));
    if (done) return RFD_OK;
    struct view *actions = show_title(page, slice_text(page_text(page, title)), false);
    view_string(page->view, "lead", page_text(page, N_("Choose from the list, or write the data yourself.")));
    show_action(page, actions, N_("Write the data"),
                person ? ORGANISATION "/nombramientos/nuevo?escribir=1&cargo=%lld"
                       : ORGANISATION "/nombramientos/nuevo?escribir=1&persona=%lld",
                edit_asked(page, person ? "cargo" : "persona"), true);
    return page_show(page, title, "organisation/list", error);
}

rfd_status appointment_form(struct page *page, struct rfd_error *error)
{
    bool changes = strstr(page->route->pattern, "{id}") != NULL || edit_asked(page, "escribir") != 0;
    if (!changes && edit_asked(page, "persona") == 0) return choose(page, true, error);
    if (!changes && edit_asked(page, "cargo") == 0) return choose(page, false, error);
    return edit_show(page, &editor, error);
}

rfd_status appointment_save(struct page *page, struct rfd_error *error)
{
    return edit_save(page, &editor, error);
}

/* ---- Ending ---- */

static const struct form_field end_fields[] = {
    {.name = "ends", .label = N_("Last day"), .kind = FORM_DAY, .required = true},
};

static rfd_status load_end(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    struct appointment a;
    struct position p;
    struct unit unit;
    TRY(appointment_find(t, e->id, &a, error));
    TRY(position_find(t, a.position, &p, error));
    TRY(unit_find(t, p.unit, &unit, error));
    TRY(check_see_unit(e->page, &unit, error));
    form_set_day(e->page, &e->form, "ends", e->page->now);
    return RFD_OK;
}

static rfd_status save_end(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    rfd_time moment = after(e->page, form_value(&e->form, "ends")->day);
    if (moment == RFD_TIME_NONE) return error_set(error, RFD_E_INVALID, "last day");
    rfd_status status = appointment_end(t, &e->page->actor, e->id, moment, error);
    e->saved = e->id;
    if (status != RFD_E_STATE) return status;
    fault_add(&e->faults, "ends", N_("The appointment is over by then, or begins later"));
    return error_set(error, RFD_E_INVALID, "last day");
}

static const struct editor ending = {.title_new = N_("End the appointment"),
                                     .title_change = N_("End the appointment"),
                                     .saved = N_("The appointment has its end"),
                                     .fields = end_fields,
                                     .count = sizeof end_fields / sizeof *end_fields,
                                     .action = ACTION_ORGANISATION_EDIT,
                                     .load = load_end,
                                     .save = save_end,
                                     .link = ORGANISATION "/nombramientos/%lld",
                                     .back = ORGANISATION "/nombramientos"};

rfd_status appointment_end_form(struct page *page, struct rfd_error *error)
{
    return edit_show(page, &ending, error);
}

rfd_status appointment_end_save(struct page *page, struct rfd_error *error)
{
    return edit_save(page, &ending, error);
}

/* ---- One appointment ---- */

struct showing {
    struct page *page;
    int64_t id;
    struct appointment appointment;
    struct person person;
    struct position position;
    struct unit unit;
};

static rfd_status read_appointment(struct transaction *t, void *context, struct rfd_error *error)
{
    struct showing *s = context;
    TRY(appointment_find(t, s->id, &s->appointment, error));
    TRY(position_find(t, s->appointment.position, &s->position, error));
    TRY(unit_find(t, s->position.unit, &s->unit, error));
    TRY(check_see_unit(s->page, &s->unit, error));
    TRY(person_find(t, s->appointment.person, &s->person, error));
    slice *texts[] = {&s->appointment.document, &s->position.name,         &s->unit.name,         &s->unit.path,
                      &s->person.surname,       &s->person.second_surname, &s->person.given_names};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) *texts[i] = page_keep(s->page, *texts[i]);
    return RFD_OK;
}

static void put_appointment(const struct showing *s)
{
    struct page *page = s->page;
    const struct appointment *a = &s->appointment;
    bool over = a->to != RFD_TIME_NONE && a->to <= page->now;
    const struct access_object object = {.entity = s->unit.entity, .unit = s->unit.id, .path = s->unit.path};
    const struct fact facts[] = {
        {N_("Person"), person_full_name(&s->person, page->arena),
         arena_print(page->arena, ORGANISATION "/personas/%lld", (long long)a->person)},
        {N_("Position"), s->position.name,
         arena_print(page->arena, ORGANISATION "/cargos/%lld", (long long)a->position)},
        {N_("Unit"), s->unit.name, arena_print(page->arena, ORGANISATION "/unidades/%lld", (long long)s->unit.id)},
        {N_("First day"), page_day(page, a->from), NULL},
        {N_("Last day"), a->to == RFD_TIME_NONE ? SLICE_EMPTY : page_day(page, a->to - 1), NULL},
        {N_("Acting"), slice_text(page_text(page, a->acting ? N_("Yes") : N_("No"))), NULL},
        {N_("Resolution that appoints"), a->document, NULL}};
    struct view *actions = show_title(page, slice_text(page_text(page, N_("Appointment"))), over);
    if (!over && actor_may(&page->actor, ACTION_DEPARTURE_REPORT, &object))
        show_action(page, actions, N_("Report a departure"), ORGANISATION "/ceses/nuevo?nombramiento=%lld", a->id,
                    false);
    if (may_edit_unit(page, &s->unit)) {
        show_action(page, actions, N_("Change"), ORGANISATION "/nombramientos/%lld/editar", a->id, true);
        if (!over) show_action(page, actions, N_("End"), ORGANISATION "/nombramientos/%lld/terminar", a->id, true);
    }
    show_facts(page, facts, sizeof facts / sizeof *facts);
}

rfd_status appointment_show(struct page *page, struct rfd_error *error)
{
    struct showing s = {.page = page};
    TRY(page_id(page, "id", &s.id, error));
    TRY(page_read(page, read_appointment, &s, error));
    put_appointment(&s);
    (void)view_list(page->view, "tables");
    return page_show(page, N_("Appointment"), "organisation/detail", error);
}
