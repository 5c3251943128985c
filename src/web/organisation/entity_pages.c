/* SPDX-License-Identifier: EUPL-1.2
 *
 * The organisation at a glance, and its entities.
 */
#include "web/organisation/organisation_pages.h"

#include "base/error.h"

/* ---- The tree ---- */

struct overview {
    struct page *page;
    int64_t asked;
    struct entity *entities;
    size_t entity_count, chosen;
    struct unit *units;
    size_t count;
};

static rfd_status keep_entities(struct overview *o, const struct entity *found, struct rfd_error *error)
{
    o->entities = arena_zeroed(o->page->arena, o->entity_count + 1, sizeof *o->entities);
    if (o->entities == NULL) return arena_failed(o->page->arena, error);
    for (size_t i = 0; i < o->entity_count; i++) {
        o->entities[i] = (struct entity){.id = found[i].id, .name = page_keep(o->page, found[i].name)};
        if (found[i].id == o->asked) o->chosen = i;
    }
    return RFD_OK;
}

/* Units that the actor may see: the others are left out. */
static rfd_status keep_units(struct overview *o, const struct unit *found, size_t count, struct rfd_error *error)
{
    o->units = arena_zeroed(o->page->arena, count + 1, sizeof *o->units);
    if (o->units == NULL) return arena_failed(o->page->arena, error);
    o->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (found[i].closed || check_see_unit(o->page, &found[i], NULL) != RFD_OK) continue;
        struct unit *u = &o->units[o->count++];
        *u = found[i];
        u->code = page_keep(o->page, found[i].code);
        u->abbreviation = page_keep(o->page, found[i].abbreviation);
        u->name = page_keep(o->page, found[i].name);
        u->path = page_keep(o->page, found[i].path);
    }
    return RFD_OK;
}

static rfd_status read_overview(struct transaction *t, void *context, struct rfd_error *error)
{
    struct overview *o = context;
    struct entity *entities;
    struct unit *units;
    size_t count;
    TRY(entity_choices(t, &o->page->actor, ACTION_ORGANISATION_SEE, &entities, &o->entity_count, error));
    TRY(keep_entities(o, entities, error));
    if (o->entity_count == 0) return RFD_OK;
    TRY(unit_tree(t, o->entities[o->chosen].id, &units, &count, error));
    return keep_units(o, units, count, error);
}

/* A branch is an item with a list of its own; what comes next in the tree's order belongs into the list of the last
 * item above it. */
static int64_t count_below(const struct overview *o, size_t at)
{
    int64_t count = 0;
    while (at + 1 + (size_t)count < o->count && slice_starts(o->units[at + 1 + (size_t)count].path, o->units[at].path))
        count++;
    return count;
}

static void put_tree(const struct overview *o)
{
    enum { LEVELS = 64 };
    struct view *lists[LEVELS] = {view_list(o->page->view, "units")};
    slice paths[LEVELS] = {SLICE_EMPTY};
    size_t level = 0;
    for (size_t i = 0; i < o->count; i++) {
        const struct unit *u = &o->units[i];
        while (level > 0 && !slice_starts(u->path, paths[level])) level--;
        struct view *item = view_item(lists[level]);
        bool parent = i + 1 < o->count && slice_starts(o->units[i + 1].path, u->path);
        view_text(item, "abbreviation", u->abbreviation);
        view_text(item, "name", u->name);
        view_string(item, "link", arena_print(o->page->arena, ORGANISATION "/unidades/%lld", (long long)u->id));
        view_flag(item, "open", level < 2);
        view_flag(item, "parent", parent);
        view_number(item, "count", count_below(o, i));
        struct view *below = view_list(item, "units");
        if (!parent || level + 1 == LEVELS) continue;
        lists[++level] = below;
        paths[level] = u->path;
    }
}

static void put_more(struct page *page)
{
    static const struct {
        const char *title, *link;
        enum action action;
    } more[] = {{N_("People"), ORGANISATION "/personas", ACTION_ORGANISATION_SEE},
                {N_("Appointments"), ORGANISATION "/nombramientos", ACTION_ORGANISATION_SEE},
                {N_("Units"), ORGANISATION "/unidades", ACTION_ORGANISATION_SEE},
                {N_("Positions"), ORGANISATION "/cargos", ACTION_ORGANISATION_SEE},
                {N_("Institutional mailboxes"), ORGANISATION "/buzones", ACTION_ORGANISATION_SEE},
                {N_("Support groups"), ORGANISATION "/grupos", ACTION_ORGANISATION_SEE},
                {N_("Departures"), ORGANISATION "/ceses", ACTION_ORGANISATION_SEE},
                {N_("Entities"), ORGANISATION "/entidades", ACTION_ORGANISATION_SEE},
                {N_("Import"), ORGANISATION "/importar", ACTION_ORGANISATION_IMPORT}};
    struct view *list = view_list(page->view, "more");
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        if (!actor_may(&page->actor, more[i].action, NULL)) continue;
        struct view *item = view_item(list);
        view_string(item, "title", page_text(page, more[i].title));
        view_string(item, "link", more[i].link);
    }
}

static void put_choices(const struct overview *o)
{
    struct view *tabs = view_list(o->page->view, "tabs");
    view_flag(o->page->view, "many", o->entity_count > 1);
    for (size_t i = 0; o->entity_count > 1 && i < o->entity_count && i < 20; i++) {
        struct view *tab = view_item(tabs);
        view_text(tab, "title", o->entities[i].name);
        view_string(tab, "link",
                    arena_print(o->page->arena, ORGANISATION "?entidad=%lld", (long long)o->entities[i].id));
        view_flag(tab, "current", i == o->chosen);
    }
}

rfd_status overview_show(struct page *page, struct rfd_error *error)
{
    struct overview o = {.page = page, .asked = edit_asked(page, "entidad")};
    TRY(page_read(page, read_overview, &o, error));
    bool any = o.entity_count > 0;
    int64_t id = any ? o.entities[o.chosen].id : 0;
    const struct access_object object = {.entity = id};
    struct view *actions =
        show_title(page, any ? o.entities[o.chosen].name : slice_text(page_text(page, N_("Organisation"))), false);
    if (any) show_action(page, actions, N_("Data of the entity"), ORGANISATION "/entidades/%lld", id, true);
    if (any && actor_may(&page->actor, ACTION_ORGANISATION_EDIT, &object))
        show_action(page, actions, N_("New unit"), ORGANISATION "/unidades/nueva?entidad=%lld", id, false);
    put_choices(&o);
    put_tree(&o);
    put_more(page);
    view_flag(page->view, "none", o.count == 0);
    return page_show(page, N_("Organisation"), "organisation/overview", error);
}

/* ---- Entities ---- */

static const struct form_field fields[] = {
    {.name = "name", .label = N_("Name"), .kind = FORM_TEXT, .required = true},
    {.name = "short_name",
     .label = N_("Short name"),
     .hint = N_("As people abbreviate it"),
     .kind = FORM_TEXT,
     .required = true,
     .maximum = 40},
    {.name = "document", .label = N_("Country and document"), .kind = FORM_CHOICE, .required = true},
    {.name = "tax_number", .label = N_("Tax number"), .kind = FORM_TEXT, .required = true, .maximum = 40},
    {.name = "domains",
     .label = N_("Domains of institutional mail"),
     .hint = N_("With blanks between them: example.gob.pe muni.example"),
     .kind = FORM_TEXT,
     .maximum = 300},
};

static slice document_of(struct editing *e, slice country)
{
    size_t count;
    const struct pack_document *const *list = packs_documents(page_packs(e->page), country, &count);
    for (size_t i = 0; i < count; i++) {
        const char *value = arena_print(e->page->arena, "%s/%s", list[i]->country, list[i]->name);
        if (list[i]->entity && value != NULL) return slice_text(value);
    }
    return SLICE_EMPTY;
}

static rfd_status load(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    struct entity entity;
    if (e->id == 0) return RFD_OK;
    const struct access_object object = {.entity = e->id};
    TRY(actor_check(&e->page->actor, ACTION_ORGANISATION_SEE, &object, error));
    TRY(entity_find(t, e->id, &entity, error));
    edit_fill(e, "name", entity.name);
    edit_fill(e, "short_name", entity.short_name);
    edit_fill(e, "tax_number", entity.tax_number);
    edit_fill(e, "domains", entity.domains);
    form_set(&e->form, "document", document_of(e, entity.country));
    return RFD_OK;
}

/* The number as the country's pack writes it. */
static void check_number(struct editing *e, struct entity *entity)
{
    slice choice = form_text(&e->form, "document");
    const uint8_t *slash = choice.length == 0 ? NULL : memchr(choice.data, '/', choice.length);
    char *normal = arena_zeroed(e->page->arena, 33, 1);
    if (slash == NULL || normal == NULL) return;
    size_t length = (size_t)(slash - choice.data);
    entity->country = slice_part(choice, 0, length);
    const struct pack_document *d =
        packs_document(page_packs(e->page), entity->country, slice_from(choice, length + 1));
    enum identity_fault fault = d == NULL ? IDENTITY_FORM : packs_identity_check(d, entity->tax_number, normal);
    if (fault == IDENTITY_FORM)
        fault_add(&e->faults, "tax_number", N_("This is not how numbers of this document are written"));
    else if (fault == IDENTITY_DIGIT)
        fault_add(&e->faults, "tax_number",
                  N_("The check digit does not fit: some digit is wrong or two are exchanged"));
    else
        entity->tax_number = slice_text(normal);
    if (fault == IDENTITY_DIGIT_WARNS)
        e->warning = N_("Saved; please compare the number with its document: its check digit is unusual");
}

static rfd_status save(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    struct entity entity = {.id = e->id,
                            .name = form_text(&e->form, "name"),
                            .short_name = form_text(&e->form, "short_name"),
                            .tax_number = form_text(&e->form, "tax_number"),
                            .domains = form_text(&e->form, "domains")};
    check_number(e, &entity);
    if (e->faults.count > 0) return error_set(error, RFD_E_INVALID, "tax number");
    return entity_put(t, &e->page->actor, &entity, &e->faults, &e->saved, error);
}

static const struct editor editor = {.title_new = N_("New entity"),
                                     .title_change = N_("Change the entity"),
                                     .saved = N_("The entity was saved"),
                                     .fields = fields,
                                     .count = sizeof fields / sizeof *fields,
                                     .action = ACTION_ORGANISATION_EDIT,
                                     .load = load,
                                     .save = save,
                                     .link = ORGANISATION "/entidades/%lld",
                                     .back = ORGANISATION "/entidades"};

rfd_status entity_form(struct page *page, struct rfd_error *error)
{
    return edit_show(page, &editor, error);
}

rfd_status entity_save(struct page *page, struct rfd_error *error)
{
    return edit_save(page, &editor, error);
}

rfd_status entities_show(struct page *page, struct rfd_error *error)
{
    static const struct list_page_row row = {.title = N_("Entities"),
                                             .definition = &entity_list,
                                             .link = ORGANISATION "/entidades/%lld",
                                             .empty = N_("There is no entity yet."),
                                             .add = N_("New entity"),
                                             .add_link = ORGANISATION "/entidades/nueva",
                                             .add_action = ACTION_ORGANISATION_EDIT};
    return show_list(page, &row, error);
}

/* ---- One entity ---- */

struct showing {
    struct page *page;
    int64_t id;
    struct entity entity;
};

static rfd_status read_entity(struct transaction *t, void *context, struct rfd_error *error)
{
    struct showing *s = context;
    const struct access_object object = {.entity = s->id};
    TRY(entity_find(t, s->id, &s->entity, error));
    TRY(actor_check(&s->page->actor, ACTION_ORGANISATION_SEE, &object, error));
    slice *texts[] = {&s->entity.name, &s->entity.short_name, &s->entity.country, &s->entity.tax_number,
                      &s->entity.domains};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) *texts[i] = page_keep(s->page, *texts[i]);
    return RFD_OK;
}

static void put_entity(const struct showing *s)
{
    struct page *page = s->page;
    const struct entity *e = &s->entity;
    const struct access_object object = {.entity = e->id};
    const struct fact facts[] = {{N_("Short name"), e->short_name, NULL},
                                 {N_("Country"), e->country, NULL},
                                 {N_("Tax number"), e->tax_number, NULL},
                                 {N_("Mail domains"), e->domains, NULL}};
    struct view *actions = show_title(page, e->name, e->closed);
    show_action(page, actions, N_("Tree of units"), ORGANISATION "?entidad=%lld", e->id, true);
    if (!e->closed && actor_may(&page->actor, ACTION_ORGANISATION_EDIT, &object)) {
        show_action(page, actions, N_("Change"), ORGANISATION "/entidades/%lld/editar", e->id, true);
        show_action(page, actions, N_("Close"), ORGANISATION "/entidades/%lld/cerrar", e->id, true);
    }
    show_facts(page, facts, sizeof facts / sizeof *facts);
}

rfd_status entity_show(struct page *page, struct rfd_error *error)
{
    static const struct related groups = {.title = N_("Support groups"),
                                          .empty = N_("There is none yet."),
                                          .definition = &support_group_list,
                                          .filter = "entity",
                                          .link = ORGANISATION "/grupos/%lld",
                                          .all = ORGANISATION "/grupos?entity=%lld"};
    struct showing s = {.page = page};
    TRY(page_id(page, "id", &s.id, error));
    TRY(page_read(page, read_entity, &s, error));
    put_entity(&s);
    TRY(show_related(page, view_list(page->view, "tables"), &groups, s.id, error));
    return page_show(page, N_("Entity"), "organisation/detail", error);
}

static rfd_status name_of(struct transaction *t, const struct page *page, int64_t id, slice *out,
                          struct rfd_error *error)
{
    const struct access_object object = {.entity = id};
    struct entity e;
    TRY(entity_find(t, id, &e, error));
    *out = e.name;
    return actor_check(&page->actor, ACTION_ORGANISATION_SEE, &object, error);
}

static const struct closing closing = {
    .title = N_("Close the entity"),
    .text = N_("Nobody can be appointed in a closed entity, and nothing in it can be changed. Its history stays."),
    .action = N_("Close the entity"),
    .done = N_("The entity is closed"),
    .close = entity_close,
    .name = name_of,
    .back = ORGANISATION "/entidades/%lld"};

rfd_status entity_close_ask(struct page *page, struct rfd_error *error)
{
    return closing_ask(page, &closing, error);
}

rfd_status entity_close_do(struct page *page, struct rfd_error *error)
{
    return closing_do(page, &closing, error);
}
