/* SPDX-License-Identifier: EUPL-1.2
 *
 * Departures: list, report of one, and the decisions about what it proposes, one or several at once.
 */
#include "web/organisation/organisation_pages.h"

#include "base/error.h"
#include "base/number.h"
#include "web/certificates.h"

rfd_status departures_show(struct page *page, struct rfd_error *error)
{
    static const struct list_page_row row = {
        .title = N_("Departures"), /* es: "Ceses" */
        .lead = N_("Who leaves, and what is proposed to be closed. Account and mailbox stay the person's own."),
        .definition = &departure_list,
        .link = ORGANISATION "/ceses/%lld",
        .empty = N_("No departure has been reported."),
        .add = N_("Report a departure"),
        .add_link = ORGANISATION "/ceses/nuevo",
        .add_action = ACTION_DEPARTURE_REPORT};
    return show_list(page, &row, error);
}

/* ---- The report ---- */

static const struct form_field fields[] = {
    {.name = "appointment", .label = N_("Appointment that ends"), .kind = FORM_CHOICE, .required = true},
    {.name = "leaves", .label = N_("Last day"), .kind = FORM_DAY, .required = true},
    {.name = "reason",
     .label = N_("Reason"),
     .hint = N_("As the document says: resignation, end of contract, transfer"),
     .kind = FORM_LONG_TEXT,
     .required = true,
     .maximum = 500},
};

static rfd_status find_person(struct transaction *t, const struct page *page, int64_t *out, struct rfd_error *error)
{
    int64_t appointment = edit_asked(page, "nombramiento");
    struct appointment a;
    *out = edit_asked(page, "persona");
    if (appointment == 0) return RFD_OK;
    TRY(appointment_find(t, appointment, &a, error));
    *out = a.person;
    return RFD_OK;
}

static void put_person(struct editing *e, const struct person *p)
{
    const struct person copy = {.given_names = page_keep(e->page, p->given_names),
                                .surname = page_keep(e->page, p->surname),
                                .second_surname = page_keep(e->page, p->second_surname)};
    view_text(e->page->view, "person", person_full_name(&copy, e->page->arena));
}

/* Those of the person that are not over, as far as the actor sees them. */
static rfd_status prepare(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    struct page *page = e->page;
    struct list_query query = {.page = 1, .size = LIST_PAGE_LONGEST};
    struct list_page found;
    struct person p;
    int64_t person;
    size_t count = 0;
    TRY(find_person(t, page, &person, error));
    struct form_choice *choices = arena_zeroed(page->arena, LIST_PAGE_LONGEST, sizeof *choices);
    if (choices == NULL) return arena_failed(page->arena, error);
    TRY(check_see_person(t, page, person, error));
    TRY(person_find(t, person, &p, error));
    put_person(e, &p);
    list_fix_number(&query, page->arena, "person", person);
    TRY(list_read(t, &appointment_list, &query, &page->actor, &found, error));
    for (size_t i = 0; i < found.rows.count; i++) {
        const struct store_value *v = store_cell(&found.rows, i, 0);
        if (v[5].type != STORE_NULL && v[5].integer < page->now) continue;
        const char *value = arena_print(page->arena, "%lld", (long long)v[6].integer);
        const char *label =
            arena_print(page->arena, "%.*s (%.*s)", (int)v[1].bytes.length, (const char *)v[1].bytes.data,
                        (int)v[2].bytes.length, (const char *)v[2].bytes.data);
        if (value == NULL || label == NULL) return arena_failed(page->arena, error);
        choices[count++] = (struct form_choice){slice_text(value), slice_text(label)};
    }
    if (count == 1 && form_text(&e->form, "appointment").length == 0)
        form_set(&e->form, "appointment", choices[0].value);
    form_choices(&e->form, "appointment", choices, count, e->sent);
    return RFD_OK;
}

static rfd_status load(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    (void)t;
    (void)error;
    edit_fill_number(e, "appointment", edit_asked(e->page, "nombramiento"));
    form_set_day(e->page, &e->form, "leaves", e->page->now);
    return RFD_OK;
}

static rfd_status save(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    const struct zone *zone = e->page->web->zone;
    rfd_time last = form_value(&e->form, "leaves")->day;
    rfd_time leaves = last == RFD_TIME_NONE ? last : zone_day_start(zone, zone_day(zone, last) + 1);
    if (edit_number(e, "appointment") == 0) return error_set(error, RFD_E_INVALID, "appointment");
    return departure_report(t, &e->page->actor, edit_number(e, "appointment"), leaves, form_text(&e->form, "reason"),
                            zone, &e->faults, &e->saved, error);
}

static const struct editor editor = {.title_new = N_("Report a departure"),
                                     .title_change = N_("Report a departure"),
                                     .saved = N_("The departure was reported; the head of the unit is told"),
                                     .fields = fields,
                                     .count = sizeof fields / sizeof *fields,
                                     .action = ACTION_DEPARTURE_REPORT,
                                     .load = load,
                                     .prepare = prepare,
                                     .save = save,
                                     .link = ORGANISATION "/ceses/%lld",
                                     .back = ORGANISATION "/ceses"};

/* Of whom? The list of people tells. */
static rfd_status ask_whom(struct page *page, struct rfd_error *error)
{
    (void)show_title(page, slice_text(page_text(page, N_("Report a departure"))), false);
    return page_show(page, N_("Report a departure"), "organisation/whom", error);
}

rfd_status departure_form(struct page *page, struct rfd_error *error)
{
    bool known = edit_asked(page, "persona") != 0 || edit_asked(page, "nombramiento") != 0;
    return known ? edit_show(page, &editor, error) : ask_whom(page, error);
}

rfd_status departure_save(struct page *page, struct rfd_error *error)
{
    return edit_save(page, &editor, error);
}

/* ---- One departure ---- */

struct showing {
    struct page *page;
    int64_t id;
    struct departure departure;
    struct person person;
    struct unit unit;
    struct departure_proposal *proposals;
    size_t count;
};

static rfd_status read_departure(struct transaction *t, void *context, struct rfd_error *error)
{
    struct showing *s = context;
    struct departure_proposal *found;
    TRY(departure_find(t, s->id, &s->departure, error));
    TRY(unit_find(t, s->departure.unit, &s->unit, error));
    TRY(check_see_unit(s->page, &s->unit, error));
    TRY(person_find(t, s->departure.person, &s->person, error));
    TRY(departure_proposals(t, s->id, &found, &s->count, error));
    s->proposals = arena_zeroed(s->page->arena, s->count + 1, sizeof *s->proposals);
    if (s->proposals == NULL) return arena_failed(s->page->arena, error);
    for (size_t i = 0; i < s->count; i++) {
        s->proposals[i] = found[i];
        slice *texts[] = {&s->proposals[i].kind, &s->proposals[i].name, &s->proposals[i].text, &s->proposals[i].state};
        for (size_t n = 0; n < sizeof texts / sizeof *texts; n++) *texts[n] = page_keep(s->page, *texts[n]);
    }
    slice *texts[] = {&s->departure.reason,   &s->departure.reporter,    &s->unit.name,     &s->unit.path,
                      &s->person.given_names, &s->person.second_surname, &s->person.surname};
    for (size_t n = 0; n < sizeof texts / sizeof *texts; n++) *texts[n] = page_keep(s->page, *texts[n]);
    return RFD_OK;
}

static bool may_decide(const struct showing *s)
{
    const struct access_object object = {.entity = s->unit.entity, .unit = s->unit.id, .path = s->unit.path};
    return s->departure.undecided > 0 && s->page->actor.person != s->departure.person &&
           actor_may(&s->page->actor, ACTION_DEPARTURE_CONFIRM, &object);
}

static const char *kind_words(slice kind)
{
    if (slice_is(kind, "appointment")) return N_("Appointment");
    if (slice_is(kind, "role")) return N_("Role");
    if (slice_is(kind, "support-group")) return N_("Support group");
    if (slice_is(kind, "certificate")) return N_("Certificate");
    return N_("Token");
}

static void put_proposal(const struct showing *s, const struct departure_proposal *p, struct view *item)
{
    struct page *page = s->page;
    enum role role;
    bool is_role = role_from_name(p->name, &role);
    bool open = slice_is(p->state, "proposed"), confirmed = slice_is(p->state, "confirmed");
    view_number(item, "id", p->id);
    view_string(item, "kind", page_text(page, kind_words(p->kind)));
    view_string(item, "role", is_role ? page_text(page, role_info(role)->title) : "");
    view_text(item, "text", p->text);
    view_flag(item, "open", open);
    view_string(item, "label", page_text(page, open ? N_("Proposed") : confirmed ? N_("Closed") : N_("Kept")));
    view_string(item, "tone", open ? "warn" : confirmed ? "good" : "neutral");
    view_text(item, "decided", page_time(page, p->decided));
}

rfd_status departure_show(struct page *page, struct rfd_error *error)
{
    struct showing s = {.page = page};
    struct form form;
    TRY(page_id(page, "id", &s.id, error));
    TRY(page_read(page, read_departure, &s, error));
    const struct departure *d = &s.departure;
    const struct fact facts[] = {
        {N_("Person"), person_full_name(&s.person, page->arena),
         arena_print(page->arena, ORGANISATION "/personas/%lld", (long long)d->person)},
        {N_("Unit"), s.unit.name, arena_print(page->arena, ORGANISATION "/unidades/%lld", (long long)d->unit)},
        {N_("Last day"), page_day(page, d->leaves - 1), NULL},
        {N_("Reason"), d->reason, NULL},
        {N_("Reported"), page_time(page, d->reported), NULL}};
    (void)show_title(page, person_full_name(&s.person, page->arena), false);
    show_facts(page, facts, sizeof facts / sizeof *facts);
    form_new(&form, NULL, 0);
    form_show(page, &form);
    struct view *list = view_list(page->view, "proposals");
    for (size_t i = 0; i < s.count; i++) put_proposal(&s, &s.proposals[i], view_item(list));
    view_string(page->view, "target", arena_print(page->arena, ORGANISATION "/ceses/%lld/decidir", (long long)s.id));
    view_flag(page->view, "may_decide", may_decide(&s));
    return page_show(page, N_("Departure"), "organisation/departure", error);
}

/* ---- Decisions ---- */

struct deciding {
    struct page *page;
    struct registration_settings settings;
    int64_t proposal;
    bool confirm;
};

static rfd_status decide_work(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct deciding *d = context;
    return departure_decide(t, &d->page->actor, &d->settings, d->proposal, d->confirm, error);
}

/* Each by itself: what belongs to another unit's head is left to them, and what was decided already stays so. */
rfd_status departure_decisions(struct page *page, struct rfd_error *error)
{
    struct deciding d = {.page = page, .settings = page_registration(page)};
    slice action = http_field_get(&page->fields, "action", 0);
    size_t count = http_field_count(&page->fields, "tick");
    unsigned refused = 0;
    int64_t id;
    TRY(page_id(page, "id", &id, error));
    d.confirm = slice_is(action, "confirm");
    if (!d.confirm && !slice_is(action, "keep")) return error_set(error, RFD_E_REQUEST, "action");
    for (size_t i = 0; i < count; i++) {
        if (!number_signed(http_field_get(&page->fields, "tick", i), &d.proposal)) continue;
        rfd_status status = page_write(page, decide_work, &d, error);
        if (status != RFD_OK && status != RFD_E_STATE && status != RFD_E_FORBIDDEN) return status;
        refused += status == RFD_E_FORBIDDEN;
        if (status != RFD_OK) error_clear(error);
    }
    const char *notice = count == 0     ? N_("Nothing was ticked")
                         : refused == 0 ? N_("Your decisions were saved")
                                        : N_("Saved; what belongs to other units is left to those who lead them");
    return page_redirect(page, notice, error, ORGANISATION "/ceses/%lld", (long long)id);
}
