/* SPDX-License-Identifier: EUPL-1.2
 *
 * Positions: list, one with who holds it, form.
 */
#include "web/organisation/organisation_pages.h"

#include "base/error.h"

rfd_status positions_show(struct page *page, struct rfd_error *error)
{
    static const struct list_page_row row = {.title = N_("Positions"),
                                             .definition = &position_list,
                                             .link = ORGANISATION "/cargos/%lld",
                                             .empty = N_("There is no position yet. Enter one, or import a file."),
                                             .add = N_("New position"),
                                             .add_link = ORGANISATION "/cargos/nuevo",
                                             .add_action = ACTION_ORGANISATION_EDIT};
    return show_list(page, &row, error);
}

/* ---- The form ---- */

static const struct form_field fields[] = {
    {.name = "entity", .label = N_("Entity"), .kind = FORM_CHOICE, .required = true},
    {.name = "unit", .label = N_("Unit"), .hint = N_("Its code"), .kind = FORM_TEXT, .required = true, .maximum = 40},
    {.name = "name", .label = N_("Position"), .kind = FORM_TEXT, .required = true},
    {.name = "head", .label = N_("Who holds it leads the unit"), .kind = FORM_TICK},
    {.name = "places",
     .label = N_("Places"),
     .hint = N_("How many people may hold it at a time"),
     .kind = FORM_NUMBER,
     .required = true,
     .maximum = 5},
};

static rfd_status load(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    struct position p = {.unit = edit_asked(e->page, "unidad"), .places = 1};
    struct unit unit;
    if (e->id != 0) TRY(position_find(t, e->id, &p, error));
    edit_fill(e, "name", p.name);
    edit_fill_number(e, "places", p.places);
    form_tick(&e->form, "head", p.head);
    if (p.unit == 0) return RFD_OK;
    TRY(unit_find(t, p.unit, &unit, error));
    TRY(check_see_unit(e->page, &unit, error));
    edit_fill_number(e, "entity", unit.entity);
    edit_fill(e, "unit", unit.code);
    return RFD_OK;
}

static rfd_status save(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    struct unit unit;
    TRY(edit_unit(t, e, "unit", &unit, error));
    if (unit.id == 0) return error_set(error, RFD_E_INVALID, "unit");
    const int64_t places = form_value(&e->form, "places")->number;
    const struct position p = {.id = e->id,
                               .unit = unit.id,
                               .name = form_text(&e->form, "name"),
                               .head = form_value(&e->form, "head")->ticked,
                               .places = places == 0 ? -1 : places};
    return position_put(t, &e->page->actor, &p, &e->faults, &e->saved, error);
}

static const struct editor editor = {.title_new = N_("New position"),
                                     .title_change = N_("Change the position"),
                                     .saved = N_("The position was saved"),
                                     .fields = fields,
                                     .count = sizeof fields / sizeof *fields,
                                     .action = ACTION_ORGANISATION_EDIT,
                                     .load = load,
                                     .save = save,
                                     .link = ORGANISATION "/cargos/%lld",
                                     .back = ORGANISATION "/cargos"};

rfd_status position_form(struct page *page, struct rfd_error *error)
{
    return edit_show(page, &editor, error);
}

rfd_status position_save(struct page *page, struct rfd_error *error)
{
    return edit_save(page, &editor, error);
}

/* ---- One position ---- */

struct showing {
    struct page *page;
    int64_t id;
    struct position position;
    struct unit unit;
};

static rfd_status read_position(struct transaction *t, void *context, struct rfd_error *error)
{
    struct showing *s = context;
    TRY(position_find(t, s->id, &s->position, error));
    TRY(unit_find(t, s->position.unit, &s->unit, error));
    TRY(check_see_unit(s->page, &s->unit, error));
    s->position.name = page_keep(s->page, s->position.name);
    s->unit.name = page_keep(s->page, s->unit.name);
    s->unit.path = page_keep(s->page, s->unit.path);
    return RFD_OK;
}

static void put_position(const struct showing *s)
{
    struct page *page = s->page;
    const struct position *p = &s->position;
    const char *places = arena_print(page->arena, "%lld", (long long)p->places);
    const struct fact facts[] = {
        {N_("Unit"), s->unit.name, arena_print(page->arena, ORGANISATION "/unidades/%lld", (long long)p->unit)},
        {N_("Leads the unit"), slice_text(page_text(page, p->head ? N_("Yes") : N_("No"))), NULL},
        {N_("Places"), slice_text(places == NULL ? "" : places), NULL}};
    struct view *actions = show_title(page, p->name, p->closed);
    if (!p->closed && may_edit_unit(page, &s->unit)) {
        show_action(page, actions, N_("Appoint somebody"), ORGANISATION "/nombramientos/nuevo?cargo=%lld", p->id,
                    false);
        show_action(page, actions, N_("Change"), ORGANISATION "/cargos/%lld/editar", p->id, true);
        show_action(page, actions, N_("Close"), ORGANISATION "/cargos/%lld/cerrar", p->id, true);
    }
    show_facts(page, facts, sizeof facts / sizeof *facts);
}

rfd_status position_show(struct page *page, struct rfd_error *error)
{
    static const struct related holders = {.title = N_("Appointments"),
                                           .empty = N_("Nobody has held it yet."),
                                           .definition = &appointment_list,
                                           .filter = "position",
                                           .link = ORGANISATION "/nombramientos/%lld",
                                           .all = ORGANISATION "/nombramientos?position=%lld",
                                           .skip = " position unit "};
    struct showing s = {.page = page};
    TRY(page_id(page, "id", &s.id, error));
    TRY(page_read(page, read_position, &s, error));
    put_position(&s);
    TRY(show_related(page, view_list(page->view, "tables"), &holders, s.id, error));
    return page_show(page, N_("Position"), "organisation/detail", error);
}

static rfd_status name_of(struct transaction *t, const struct page *page, int64_t id, slice *out,
                          struct rfd_error *error)
{
    struct position p;
    struct unit u;
    TRY(position_find(t, id, &p, error));
    TRY(unit_find(t, p.unit, &u, error));
    *out = p.name;
    return check_see_unit(page, &u, error);
}

static const struct closing closing = {.title = N_("Close the position"),
                                       .text = N_("Nobody can be appointed to a closed position. Its history stays."),
                                       .action = N_("Close the position"),
                                       .done = N_("The position is closed"),
                                       .close = position_close,
                                       .name = name_of,
                                       .back = ORGANISATION "/cargos/%lld"};

rfd_status position_close_ask(struct page *page, struct rfd_error *error)
{
    return closing_ask(page, &closing, error);
}

rfd_status position_close_do(struct page *page, struct rfd_error *error)
{
    return closing_do(page, &closing, error);
}
