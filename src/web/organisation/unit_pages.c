/* SPDX-License-Identifier: EUPL-1.2
 *
 * Units: list, one with all that is in it, form.
 */
#include "web/organisation/organisation_pages.h"

#include "base/error.h"

rfd_status units_show(struct page *page, struct rfd_error *error)
{
    static const struct list_page_row row = {.title = N_("Units"),
                                             .definition = &unit_list,
                                             .link = ORGANISATION "/unidades/%lld",
                                             .empty = N_("There is no unit yet. Enter one, or import a file."),
                                             .add = N_("New unit"),
                                             .add_link = ORGANISATION "/unidades/nueva",
                                             .add_action = ACTION_ORGANISATION_EDIT};
    return show_list(page, &row, error);
}

/* ---- The form ---- */

static const struct form_field fields[] = {
    {.name = "entity", .label = N_("Entity"), .kind = FORM_CHOICE, .required = true},
    {.name = "parent",
     .label = N_("Unit above"),
     .hint = N_("Its code; empty: directly below the entity. A change moves the whole branch"),
     .kind = FORM_TEXT,
     .maximum = 40},
    {.name = "code", .label = N_("Code"), .kind = FORM_TEXT, .required = true, .maximum = 40},
    {.name = "abbreviation", .label = N_("Abbreviation"), .kind = FORM_TEXT, .required = true, .maximum = 40},
    {.name = "name", .label = N_("Name"), .kind = FORM_TEXT, .required = true},
};

static rfd_status load_new(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    int64_t above = edit_asked(e->page, "superior");
    struct unit parent;
    edit_fill_number(e, "entity", edit_asked(e->page, "entidad"));
    if (above == 0) return RFD_OK;
    TRY(unit_find(t, above, &parent, error));
    TRY(check_see_unit(e->page, &parent, error));
    edit_fill_number(e, "entity", parent.entity);
    edit_fill(e, "parent", parent.code);
    return RFD_OK;
}

static rfd_status load(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    struct unit u, parent = {.id = 0};
    if (e->id == 0) return load_new(t, e, error);
    TRY(unit_find(t, e->id, &u, error));
    TRY(check_see_unit(e->page, &u, error));
    if (u.parent != 0) TRY(unit_find(t, u.parent, &parent, error));
    edit_fill_number(e, "entity", u.entity);
    edit_fill(e, "parent", parent.id == 0 ? SLICE_EMPTY : parent.code);
    edit_fill(e, "code", u.code);
    edit_fill(e, "abbreviation", u.abbreviation);
    edit_fill(e, "name", u.name);
    return RFD_OK;
}

static rfd_status save(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    struct unit parent = {.id = 0};
    if (form_text(&e->form, "parent").length > 0) TRY(edit_unit(t, e, "parent", &parent, error));
    const struct unit u = {.id = e->id,
                           .entity = edit_number(e, "entity"),
                           .parent = parent.id,
                           .code = form_text(&e->form, "code"),
                           .abbreviation = form_text(&e->form, "abbreviation"),
                           .name = form_text(&e->form, "name")};
    if (e->faults.count > 0) return error_set(error, RFD_E_INVALID, "unit above");
    return unit_put(t, &e->page->actor, &u, &e->faults, &e->saved, error);
}

static const struct editor editor = {.title_new = N_("New unit"),
                                     .title_change = N_("Change the unit"),
                                     .saved = N_("The unit was saved"),
                                     .fields = fields,
                                     .count = sizeof fields / sizeof *fields,
                                     .action = ACTION_ORGANISATION_EDIT,
                                     .load = load,
                                     .save = save,
                                     .link = ORGANISATION "/unidades/%lld",
                                     .back = ORGANISATION "/unidades"};

rfd_status unit_form(struct page *page, struct rfd_error *error)
{
    return edit_show(page, &editor, error);
}

rfd_status unit_save(struct page *page, struct rfd_error *error)
{
    return edit_save(page, &editor, error);
}

/* ---- One unit ---- */

struct showing {
    struct page *page;
    int64_t id;
    struct unit unit, above;
    struct entity entity;
    struct person head;
    int64_t head_unit;
};

static rfd_status read_head(struct transaction *t, struct showing *s, struct rfd_error *error)
{
    int64_t person;
    TRY(unit_head(t, s->id, 0, s->page->now, &person, &s->head_unit, error));
    if (person == 0) return RFD_OK;
    TRY(person_find(t, person, &s->head, error));
    s->head.given_names = page_keep(s->page, s->head.given_names);
    s->head.surname = page_keep(s->page, s->head.surname);
    s->head.second_surname = page_keep(s->page, s->head.second_surname);
    return RFD_OK;
}

static rfd_status read_unit(struct transaction *t, void *context, struct rfd_error *error)
{
    struct showing *s = context;
    TRY(unit_find(t, s->id, &s->unit, error));
    TRY(check_see_unit(s->page, &s->unit, error));
    TRY(entity_find(t, s->unit.entity, &s->entity, error));
    if (s->unit.parent != 0) TRY(unit_find(t, s->unit.parent, &s->above, error));
    slice *texts[] = {&s->unit.code, &s->unit.abbreviation, &s->unit.name,
                      &s->unit.path, &s->above.name,        &s->entity.name};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) *texts[i] = page_keep(s->page, *texts[i]);
    return read_head(t, s, error);
}

static const char *link_to(const struct page *page, const char *format, int64_t id)
{
    return id == 0 ? NULL : arena_print(page->arena, format, (long long)id);
}

static void put_unit(const struct showing *s)
{
    struct page *page = s->page;
    const struct unit *u = &s->unit;
    slice head = s->head.id == 0 ? slice_text(page_text(page, N_("Nobody"))) : person_full_name(&s->head, page->arena);
    const struct fact facts[] = {
        {N_("Code"), u->code, NULL},
        {N_("Abbreviation"), u->abbreviation, NULL},
        {N_("Entity"), s->entity.name, link_to(page, ORGANISATION "?entidad=%lld", u->entity)},
        {N_("Unit above"), s->above.id == 0 ? SLICE_EMPTY : s->above.name,
         link_to(page, ORGANISATION "/unidades/%lld", s->above.id)},
        {s->head_unit == u->id || s->head.id == 0 ? N_("Who leads it") : N_("Who leads it (from a unit above)"), head,
         link_to(page, ORGANISATION "/personas/%lld", s->head.id)}};
    struct view *actions = show_title(page, u->name, u->closed);
    if (!u->closed && may_edit_unit(page, u)) {
        show_action(page, actions, N_("New position"), ORGANISATION "/cargos/nuevo?unidad=%lld", u->id, false);
        show_action(page, actions, N_("New unit below"), ORGANISATION "/unidades/nueva?superior=%lld", u->id, true);
        show_action(page, actions, N_("Change"), ORGANISATION "/unidades/%lld/editar", u->id, true);
        show_action(page, actions, N_("Close"), ORGANISATION "/unidades/%lld/cerrar", u->id, true);
    }
    show_facts(page, facts, sizeof facts / sizeof *facts);
}

static const struct related tables[] = {
    {N_("Positions"), N_("There is none yet."), &position_list, "unit", ORGANISATION "/cargos/%lld",
     ORGANISATION "/cargos?unit=%lld", " unit "},
    {N_("Appointments"), N_("There is none yet."), &appointment_list, "unit", ORGANISATION "/nombramientos/%lld",
     ORGANISATION "/nombramientos?unit=%lld", " unit "},
    {N_("Units below"), N_("There is none."), &unit_list, "parent", ORGANISATION "/unidades/%lld",
     ORGANISATION "/unidades?parent=%lld", " above entity "},
    {N_("Institutional mailboxes"), N_("There is none."), &institutional_mailbox_list, "unit",
     ORGANISATION "/buzones/%lld/editar", ORGANISATION "/buzones?unit=%lld", " unit "}};

rfd_status unit_show(struct page *page, struct rfd_error *error)
{
    struct showing s = {.page = page};
    TRY(page_id(page, "id", &s.id, error));
    TRY(page_read(page, read_unit, &s, error));
    put_unit(&s);
    struct view *list = view_list(page->view, "tables");
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) TRY(show_related(page, list, &tables[i], s.id, error));
    return page_show(page, N_("Unit"), "organisation/detail", error);
}

static rfd_status name_of(struct transaction *t, const struct page *page, int64_t id, slice *out,
                          struct rfd_error *error)
{
    struct unit u;
    TRY(unit_find(t, id, &u, error));
    *out = u.name;
    return check_see_unit(page, &u, error);
}

static const struct closing closing = {
    .title = N_("Close the unit"),
    .text =
        N_("A closed unit stays in the history; nobody can be appointed in it. Units, positions and mailboxes in it "
           "have to be closed before."),
    .action = N_("Close the unit"),
    .done = N_("The unit is closed"),
    .close = unit_close,
    .name = name_of,
    .back = ORGANISATION "/unidades/%lld"};

rfd_status unit_close_ask(struct page *page, struct rfd_error *error)
{
    return closing_ask(page, &closing, error);
}

rfd_status unit_close_do(struct page *page, struct rfd_error *error)
{
    return closing_do(page, &closing, error);
}
