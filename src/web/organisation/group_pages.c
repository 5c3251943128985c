/* SPDX-License-Identifier: EUPL-1.2
 *
 * Institutional mailboxes, and support groups with their members.
 */
#include "web/organisation/organisation_pages.h"

#include "base/error.h"

/* ---- Institutional mailboxes ---- */

rfd_status mailboxes_show(struct page *page, struct rfd_error *error)
{
    static const struct list_page_row row = {
        .title = N_("Institutional mailboxes"), /* es: "Buzones institucionales" */
        .lead = N_("Addresses that units may use for what they do in the name of the entity, by level."),
        .definition = &institutional_mailbox_list,
        .link = ORGANISATION "/buzones/%lld/editar",
        .empty = N_("There is no mailbox yet."),
        .add = N_("New mailbox"),
        .add_link = ORGANISATION "/buzones/nuevo",
        .add_action = ACTION_ORGANISATION_EDIT};
    return show_list(page, &row, error);
}

static const struct form_field mailbox_fields[] = {
    {.name = "entity", .label = N_("Entity"), .kind = FORM_CHOICE, .required = true},
    {.name = "unit", .label = N_("Unit"), .hint = N_("Its code"), .kind = FORM_TEXT, .required = true, .maximum = 40},
    {.name = "level", .label = N_("Level"), .kind = FORM_CHOICE, .required = true},
    {.name = "mail", .label = N_("Address"), .kind = FORM_MAIL, .required = true},
    {.name = "closed", .label = N_("Closed: it is not used any more"), .kind = FORM_TICK},
};

static rfd_status load_mailbox(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    struct institutional_mailbox m = {.unit = edit_asked(e->page, "unidad")};
    struct unit unit;
    if (e->id != 0) TRY(institutional_mailbox_find(t, e->id, &m, error));
    edit_fill(e, "level", m.level);
    edit_fill(e, "mail", m.mail);
    form_tick(&e->form, "closed", m.closed);
    if (m.unit == 0) return RFD_OK;
    TRY(unit_find(t, m.unit, &unit, error));
    TRY(check_see_unit(e->page, &unit, error));
    edit_fill_number(e, "entity", unit.entity);
    edit_fill(e, "unit", unit.code);
    return RFD_OK;
}

static rfd_status save_mailbox(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    struct unit unit;
    TRY(edit_unit(t, e, "unit", &unit, error));
    if (unit.id == 0) return error_set(error, RFD_E_INVALID, "unit");
    const struct institutional_mailbox m = {.id = e->id,
                                            .unit = unit.id,
                                            .level = form_text(&e->form, "level"),
                                            .mail = form_text(&e->form, "mail"),
                                            .closed = form_value(&e->form, "closed")->ticked};
    return institutional_mailbox_put(t, &e->page->actor, &m, &e->faults, &e->saved, error);
}

static const struct editor mailbox_editor = {.title_new = N_("New mailbox"),
                                             .title_change = N_("Change the mailbox"),
                                             .saved = N_("The mailbox was saved"),
                                             .fields = mailbox_fields,
                                             .count = sizeof mailbox_fields / sizeof *mailbox_fields,
                                             .action = ACTION_ORGANISATION_EDIT,
                                             .load = load_mailbox,
                                             .save = save_mailbox,
                                             .link = ORGANISATION "/buzones?guardado=%lld",
                                             .back = ORGANISATION "/buzones"};

rfd_status mailbox_form(struct page *page, struct rfd_error *error)
{
    return edit_show(page, &mailbox_editor, error);
}

rfd_status mailbox_save(struct page *page, struct rfd_error *error)
{
    return edit_save(page, &mailbox_editor, error);
}

/* ---- Support groups ---- */

rfd_status groups_show(struct page *page, struct rfd_error *error)
{
    static const struct list_page_row row = {.title = N_("Support groups"), /* es: "Grupos de apoyo" */
                                             .definition = &support_group_list,
                                             .link = ORGANISATION "/grupos/%lld",
                                             .empty = N_("There is no group yet."),
                                             .add = N_("New group"),
                                             .add_link = ORGANISATION "/grupos/nuevo",
                                             .add_action = ACTION_ORGANISATION_EDIT};
    return show_list(page, &row, error);
}

static const struct form_field group_fields[] = {
    {.name = "entity", .label = N_("Entity"), .kind = FORM_CHOICE, .required = true},
    {.name = "name", .label = N_("Group"), .kind = FORM_TEXT, .required = true, .maximum = 100},
    {.name = "mail", .label = N_("E-mail"), .kind = FORM_MAIL},
    {.name = "closed", .label = N_("Closed: it takes no more work"), .kind = FORM_TICK},
};

static rfd_status load_group(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    struct support_group g = {.entity = edit_asked(e->page, "entidad")};
    if (e->id != 0) TRY(support_group_find(t, e->id, &g, error));
    const struct access_object object = {.entity = g.entity};
    if (e->id != 0) TRY(actor_check(&e->page->actor, ACTION_ORGANISATION_SEE, &object, error));
    edit_fill_number(e, "entity", g.entity);
    edit_fill(e, "name", g.name);
    edit_fill(e, "mail", g.mail);
    form_tick(&e->form, "closed", g.closed);
    return RFD_OK;
}

static rfd_status save_group(struct transaction *t, struct editing *e, struct rfd_error *error)
{
    const struct support_group g = {.id = e->id,
                                    .entity = edit_number(e, "entity"),
                                    .name = form_text(&e->form, "name"),
                                    .mail = form_text(&e->form, "mail"),
                                    .closed = form_value(&e->form, "closed")->ticked};
    return support_group_put(t, &e->page->actor, &g, &e->faults, &e->saved, error);
}

static const struct editor group_editor = {.title_new = N_("New group"),
                                           .title_change = N_("Change the group"),
                                           .saved = N_("The group was saved"),
                                           .fields = group_fields,
                                           .count = sizeof group_fields / sizeof *group_fields,
                                           .action = ACTION_ORGANISATION_EDIT,
                                           .load = load_group,
                                           .save = save_group,
                                           .link = ORGANISATION "/grupos/%lld",
                                           .back = ORGANISATION "/grupos"};

rfd_status group_form(struct page *page, struct rfd_error *error)
{
    return edit_show(page, &group_editor, error);
}

rfd_status group_save(struct page *page, struct rfd_error *error)
{
    return edit_save(page, &group_editor, error);
}

/* ---- One group ---- */

struct showing {
    struct page *page;
    int64_t id;
    struct support_group group;
    slice number; /* of who joins */
    int64_t person;
    bool member;
    const char *fault;
};

static rfd_status read_group(struct transaction *t, void *context, struct rfd_error *error)
{
    struct showing *s = context;
    TRY(support_group_find(t, s->id, &s->group, error));
    const struct access_object object = {.entity = s->group.entity};
    TRY(actor_check(&s->page->actor, ACTION_ORGANISATION_SEE, &object, error));
    s->group.name = page_keep(s->page, s->group.name);
    s->group.mail = page_keep(s->page, s->group.mail);
    return RFD_OK;
}

static rfd_status show_group(struct showing *s, struct rfd_error *error)
{
    static const struct related members = {.title = N_("Members"),
                                           .empty = N_("Nobody is in this group yet."),
                                           .definition = &person_list,
                                           .filter = "group",
                                           .link = ORGANISATION "/personas/%lld",
                                           .all = ORGANISATION "/personas?group=%lld"};
    struct page *page = s->page;
    const struct access_object object = {.entity = s->group.entity};
    const struct fact facts[] = {{N_("E-mail"), s->group.mail, NULL}};
    bool may = actor_may(&page->actor, ACTION_ORGANISATION_EDIT, &object);
    struct view *actions = show_title(page, s->group.name, s->group.closed);
    if (may) show_action(page, actions, N_("Change"), ORGANISATION "/grupos/%lld/editar", s->id, true);
    show_facts(page, facts, 1);
    TRY(show_related(page, view_list(page->view, "tables"), &members, s->id, error));
    view_flag(page->view, "may_join", may && !s->group.closed);
    view_string(page->view, "target", arena_print(page->arena, ORGANISATION "/grupos/%lld/miembros", (long long)s->id));
    view_text(page->view, "number", s->number);
    view_string(page->view, "fault", s->fault == NULL ? "" : page_text(page, s->fault));
    struct form form;
    form_new(&form, NULL, 0);
    form_show(page, &form);
    return page_show(page, N_("Support group"), "organisation/group", error);
}

rfd_status group_show(struct page *page, struct rfd_error *error)
{
    struct showing s = {.page = page};
    TRY(page_id(page, "id", &s.id, error));
    TRY(page_read(page, read_group, &s, error));
    return show_group(&s, error);
}

/* By any document of the countries that are known: a group is small, and one looks whom one added. */
static rfd_status find_person(struct transaction *t, struct showing *s, struct rfd_error *error)
{
    const struct packs *packs = page_packs(s->page);
    const char *country;
    s->person = 0;
    for (size_t n = 0; (country = packs_country_name(packs, n)) != NULL && s->person == 0; n++) {
        size_t count;
        const struct pack_document *const *list = packs_documents(packs, slice_text(country), &count);
        for (size_t i = 0; i < count && s->person == 0; i++) {
            char normal[33];
            struct person p = {.id = 0};
            enum identity_fault fault = packs_identity_check(list[i], s->number, normal);
            if (list[i]->entity || fault == IDENTITY_FORM || fault == IDENTITY_DIGIT) continue;
            rfd_status status =
                person_by_document(t, slice_text(country), slice_text(list[i]->name), slice_text(normal), &p, error);
            if (status != RFD_OK && status != RFD_E_NOT_FOUND) return status;
            s->person = status == RFD_OK ? p.id : 0;
        }
    }
    error_clear(error);
    return RFD_OK;
}

static rfd_status member_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct showing *s = context;
    TRY(find_person(t, s, error));
    if (s->person == 0) return error_set(error, RFD_E_INVALID, "number");
    return support_group_member(t, &s->page->actor, s->id, s->person, s->member, error);
}

rfd_status group_member(struct page *page, struct rfd_error *error)
{
    struct showing s = {.page = page, .number = http_trim(http_field_get(&page->fields, "number", 0))};
    TRY(page_id(page, "id", &s.id, error));
    s.member = !slice_is(http_field_get(&page->fields, "action", 0), "leave");
    rfd_status status = page_write(page, member_work, &s, error);
    if (status == RFD_E_INVALID) {
        error_clear(error);
        s.fault = N_("There is nobody with this document");
        page->response->status = 422;
        TRY(page_read(page, read_group, &s, error));
        return show_group(&s, error);
    }
    TRY(status);
    return page_redirect(page,
                         s.member ? N_("The person is in the group") : N_("The person is not in the group any more"),
                         error, ORGANISATION "/grupos/%lld", (long long)s.id);
}
