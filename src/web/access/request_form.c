/* SPDX-License-Identifier: EUPL-1.2
 *
 * The form of a request: the systems that were added to it, the roles that the person has (to withdraw), those that can
 * be added, and their days. Adding a system shows the form again; what was typed and ticked stays.
 */
#include "web/access/access_pages.h"

#include "base/error.h"
#include "base/number.h"
#include "domain/account/token.h"

static const struct form_field fields[] = {
    {.name = "unit", .kind = FORM_HIDDEN},
    {.name = "token", .kind = FORM_HIDDEN},
    {.name = "letter_kept", .kind = FORM_HIDDEN},
    {.name = "action", .kind = FORM_HIDDEN},
    {.name = "parts", .label = N_("Systems"), .kind = FORM_MANY}, /* es: "Sistemas" */
    {.name = "part", .label = N_("Add a system"), .kind = FORM_CHOICE},
    {.name = "withdraw", .label = N_("Roles that they have: tick those to withdraw"), .kind = FORM_MANY},
    {.name = "lines", .label = N_("Roles to add"), .kind = FORM_MANY},
    {.name = "from", .label = N_("First day"), .hint = N_("Empty: as soon as it is approved"), .kind = FORM_DAY},
    {.name = "until", .label = N_("Last day"), .hint = N_("Empty: without an end"), .kind = FORM_DAY},
    {.name = "reason",
     .label = N_("Why the roles are needed"),
     .hint = N_("Needed to send: who decides reads it"),
     .kind = FORM_LONG_TEXT},
    {.name = "letter",
     .label = N_("Letter and documents (PDF)"), /* es: "Oficio y documentos (PDF)" */
     .hint = N_("Needed to become a certifying agent: the letter and the documents that the law asks for, in one file"),
     .kind = FORM_FILE},
};
enum { FIELDS = sizeof fields / sizeof *fields };

struct request_form {
    struct page *page;
    struct form form;
    struct person person;
    struct unit unit;
    struct role_assignment *has;
    size_t has_count;
    int64_t id; /* of the draft; 0: new */
    struct access_request request;
    struct blob letter;
    bool has_letter;
    struct faults faults;
    struct access_settings settings;
};

/* ---- Reading what there is ---- */

/** The unit that the actor asks in, and that is the person's; of several the one that the address names. */
static rfd_status find_unit(struct transaction *t, struct request_form *f, int64_t wanted, struct rfd_error *error)
{
    const struct actor *actor = &f->page->actor;
    for (size_t i = 0; i < actor->role_count; i++) {
        int64_t id = actor->roles[i].unit;
        const struct access_object object = {.unit = id, .entity = actor->roles[i].entity};
        if (id == 0 || (wanted != 0 && id != wanted) || !actor_may(actor, ACTION_ACCESS_REQUEST, &object)) continue;
        if (f->unit.id == 0) TRY(unit_find(t, id, &f->unit, error));
    }
    if (f->unit.id == 0) return error_set(error, RFD_E_FORBIDDEN, "no unit to ask in");
    TRY(store_keep(f->page->arena, &f->unit.name, error));
    return RFD_OK;
}

static rfd_status find_has(struct transaction *t, struct request_form *f, struct rfd_error *error)
{
    struct role_assignment *all = NULL;
    size_t count;
    TRY(role_assignments(t, f->person.id, RFD_TIME_NONE, &all, &count, error));
    f->has = arena_zeroed(f->page->arena, count + 1, sizeof *f->has);
    if (f->has == NULL) return arena_failed(f->page->arena, error);
    f->has_count = 0;
    for (size_t i = 0; i < count; i++) {
        bool over = all[i].to != RFD_TIME_NONE && all[i].to <= f->page->now;
        if (!over && all[i].home == f->unit.id) f->has[f->has_count++] = all[i];
    }
    return RFD_OK;
}

static rfd_status find_person(struct transaction *t, struct request_form *f, int64_t id, int64_t unit,
                              struct rfd_error *error)
{
    TRY(person_find(t, id, &f->person, error));
    TRY(store_keep(f->page->arena, &f->person.given_names, error));
    TRY(store_keep(f->page->arena, &f->person.surname, error));
    TRY(store_keep(f->page->arena, &f->person.second_surname, error));
    TRY(store_keep(f->page->arena, &f->person.number, error));
    TRY(find_unit(t, f, unit, error));
    return find_has(t, f, error);
}

/** Names and numbers of people who are no concern of the unit are not shown to it. */
static rfd_status check_colleague(struct transaction *t, const struct request_form *f, struct rfd_error *error)
{
    struct access_object home;
    bool works = false;
    TRY(person_home(t, f->person.id, &home, error));
    TRY(access_works_at(t, f->person.id, f->unit.id, f->page->now, &works, error));
    if (works || f->has_count > 0 || home.unit == f->unit.id) return RFD_OK;
    return error_set(error, RFD_E_NOT_FOUND, "person %lld in the unit", (long long)f->person.id);
}

static rfd_status load_new(struct transaction *t, void *context, struct rfd_error *error)
{
    struct request_form *f = context;
    int64_t person, unit = 0;
    slice asked = http_field_get(&f->page->request->query, "unidad", 0);
    slice typed = http_field_get(&f->page->fields, "unit", 0);
    TRY(page_id(f->page, "person", &person, error));
    (void)number_signed(typed.length > 0 ? typed : asked, &unit);
    TRY(find_person(t, f, person, unit, error));
    return check_colleague(t, f, error);
}

static rfd_status load_draft(struct transaction *t, void *context, struct rfd_error *error)
{
    struct request_form *f = context;
    TRY(access_request_find(t, &f->page->actor, f->id, &f->request, error));
    if (!access_request_editable(&f->page->actor, &f->request))
        return error_set(error, RFD_E_STATE, "it is no draft any more");
    TRY(store_keep(f->page->arena, &f->request.reason, error));
    TRY(store_keep(f->page->arena, &f->request.letter, error));
    return find_person(t, f, f->request.subject, f->request.unit, error);
}

/* ---- Showing ---- */

static void show_box(const struct page *page, struct view *list, const char *id, slice value, const char *label,
                     bool ticked)
{
    struct view *item = view_item(list);
    view_string(item, "id", id == NULL ? "" : id);
    view_text(item, "value", value);
    view_string(item, "label", page_text(page, label));
    view_flag(item, "selected", ticked);
}

static bool is_ticked(struct form *form, const char *name, slice value)
{
    const struct form_value *v = form_value(form, name);
    for (size_t i = 0; i < v->many_count; i++) {
        if (slice_equal(v->many[i], value)) return true;
    }
    return false;
}

static void show_part(struct request_form *f, enum role_part part, struct view *list)
{
    struct page *page = f->page;
    struct view *item = view_item(list);
    struct view *roles = view_list(item, "roles");
    view_string(item, "name", role_part_name(part));
    view_string(item, "title", page_text(page, role_part_title(part)));
    for (unsigned i = 0; i < ROLES; i++) {
        enum role role = (enum role)i;
        const struct role_info *info = role_info(role);
        if (!role_part_has(part, role)) continue;
        show_box(page, roles, arena_print(page->arena, "f-role-%s", info->name), slice_text(info->name), info->title,
                 is_ticked(&f->form, "lines", slice_text(info->name)));
    }
}

/** A part is shown when it was added, or when one of its roles is ticked. */
static bool part_is_shown(struct request_form *f, enum role_part part)
{
    if (is_ticked(&f->form, "parts", slice_text(role_part_name(part)))) return true;
    for (unsigned i = 0; i < ROLES; i++) {
        if (role_part_has(part, (enum role)i) &&
            is_ticked(&f->form, "lines", slice_text(role_info((enum role)i)->name)))
            return true;
    }
    return false;
}

static void show_parts(struct request_form *f)
{
    struct page *page = f->page;
    struct form_choice *more = arena_zeroed(page->arena, ROLE_PARTS, sizeof *more);
    size_t count = 0;
    slice added = form_text(&f->form, "part");
    struct view *list = view_list(page->view, "parts");
    for (unsigned i = 0; i < ROLE_PARTS && more != NULL; i++) {
        enum role_part part = (enum role_part)i;
        const char *name = role_part_name(part);
        if (part_is_shown(f, part) || slice_is(added, name))
            show_part(f, part, list);
        else
            more[count++] = (struct form_choice){slice_text(name), slice_text(page_text(page, role_part_title(part)))};
    }
    form_set(&f->form, "part", SLICE_EMPTY);
    form_choices(&f->form, "part", more, count, false);
    view_flag(page->view, "more_parts", count > 0);
}

static void show_has(struct request_form *f)
{
    struct page *page = f->page;
    struct view *list = view_list(page->view, "has");
    view_flag(page->view, "has_roles", f->has_count > 0);
    for (size_t i = 0; i < f->has_count; i++) {
        const struct role_assignment *a = &f->has[i];
        struct view *item = view_item(list);
        const char *value = arena_print(page->arena, "%lld", (long long)a->id);
        if (value == NULL) continue;
        view_string(item, "id", arena_print(page->arena, "f-withdraw-%s", value));
        view_string(item, "value", value);
        view_string(item, "label", page_text(page, role_info(a->role)->title));
        view_text(item, "since", page_day(page, a->from));
        view_text(item, "ends", a->to == RFD_TIME_NONE ? SLICE_EMPTY : page_day(page, a->to - 1));
        view_flag(item, "selected", is_ticked(&f->form, "withdraw", slice_text(value)));
    }
}

static rfd_status show(struct request_form *f, struct rfd_error *error)
{
    struct page *page = f->page;
    char token[TOKEN_TEXT_SIZE];
    uint8_t hash[TOKEN_HASH_SIZE];
    if (f->id == 0 && form_text(&f->form, "token").length == 0) {
        TRY(token_make(token, hash, error));
        form_set(&f->form, "token", arena_copy(page->arena, slice_text(token)));
    }
    form_set(&f->form, "unit", slice_text(arena_print(page->arena, "%lld", (long long)f->unit.id)));
    show_parts(f);
    show_has(f);
    form_show(page, &f->form);
    view_text(page->view, "person", person_full_name(&f->person, page->arena));
    view_text(page->view, "number", f->person.number);
    view_text(page->view, "unit_name", f->unit.name);
    view_flag(page->view, "letter_there", form_text(&f->form, "letter_kept").length > 0);
    view_flag(page->view, "is_new", f->id == 0);
    if (f->id == 0)
        view_string(page->view, "target",
                    arena_print(page->arena, "/accesos/solicitudes/nueva/%lld", (long long)f->person.id));
    else
        view_string(page->view, "target",
                    arena_print(page->arena, "/accesos/solicitudes/%lld/editar", (long long)f->id));
    return page_show(page, f->id == 0 ? N_("New request") : N_("Draft of a request"), "access/form", error);
}

rfd_status page_request_new(struct page *page, struct rfd_error *error)
{
    struct request_form f = {.page = page};
    form_new(&f.form, fields, FIELDS);
    TRY(page_read(page, load_new, &f, error));
    return show(&f, error);
}

/* ---- From a draft to the form ---- */

static void put_many(struct page *page, struct form *form, const char *name, const slice *values, size_t count)
{
    struct form_value *v = form_value(form, name);
    slice *copy = arena_zeroed(page->arena, count + 1, sizeof *copy);
    if (copy == NULL) return;
    memcpy(copy, values, count * sizeof *copy);
    v->many = copy;
    v->many_count = count;
}

static void fill(struct request_form *f)
{
    const struct access_request *r = &f->request;
    slice add[ACCESS_LINES], withdraw[ACCESS_LINES];
    size_t add_count = 0, withdraw_count = 0;
    for (unsigned i = 0; i < r->line_count; i++) {
        const struct access_line *l = &r->lines[i];
        const char *number = arena_print(f->page->arena, "%lld", (long long)l->assignment);
        if (l->withdraw && number != NULL) withdraw[withdraw_count++] = slice_text(number);
        if (!l->withdraw) add[add_count++] = slice_text(role_info(l->role)->name);
        if (l->from != RFD_TIME_NONE) form_set_day(f->page, &f->form, "from", l->from);
        if (l->to != RFD_TIME_NONE) form_set_day(f->page, &f->form, "until", l->to - 1);
    }
    put_many(f->page, &f->form, "lines", add, add_count);
    put_many(f->page, &f->form, "withdraw", withdraw, withdraw_count);
    form_set(&f->form, "reason", r->reason);
    form_set(&f->form, "letter_kept", r->letter);
}

rfd_status page_request_edit(struct page *page, struct rfd_error *error)
{
    struct request_form f = {.page = page};
    TRY(page_id(page, "id", &f.id, error));
    form_new(&f.form, fields, FIELDS);
    TRY(page_read(page, load_draft, &f, error));
    fill(&f);
    return show(&f, error);
}

/* ---- From the form to a draft ---- */

static void add_line(struct request_form *f, struct access_line line)
{
    if (f->request.line_count < ACCESS_LINES)
        f->request.lines[f->request.line_count++] = line;
    else
        form_fail(&f->form, "lines", N_("This is too much for one request"));
}

static void take_lines(struct request_form *f)
{
    rfd_time from = form_value(&f->form, "from")->day, last = form_value(&f->form, "until")->day;
    const struct zone *zone = f->page->web->zone;
    rfd_time to = last == RFD_TIME_NONE ? RFD_TIME_NONE : zone_day_start(zone, zone_day(zone, last) + 1);
    const struct form_value *add = form_value(&f->form, "lines"), *withdraw = form_value(&f->form, "withdraw");
    f->request.line_count = 0;
    for (size_t i = 0; i < withdraw->many_count; i++) {
        struct access_line line = {.withdraw = true, .from = from, .to = RFD_TIME_NONE};
        if (number_signed(withdraw->many[i], &line.assignment)) add_line(f, line);
    }
    for (size_t i = 0; i < add->many_count; i++) {
        struct access_line line = {.unit = f->unit.id, .from = from, .to = to};
        if (role_from_name(add->many[i], &line.role))
            add_line(f, line);
        else
            form_fail(&f->form, "lines", N_("Choose one of those that are offered"));
    }
}

/** The file is kept before the transaction that speaks of it. */
static rfd_status take_letter(struct request_form *f, struct rfd_error *error)
{
    const struct http_part *file = form_value(&f->form, "letter")->file;
    if (file == NULL) return RFD_OK; /* of a draft, the one that it has stays */
    TRY(page_keep_file(f->page, file, &f->letter, error));
    f->has_letter = true;
    if (!slice_is(f->letter.type, "application/pdf"))
        form_fail(&f->form, "letter", N_("The letter has to be a PDF file"));
    f->request.letter = slice_text(f->letter.id);
    return RFD_OK;
}

static rfd_status save(struct transaction *t, void *context, struct rfd_error *error)
{
    struct request_form *f = context;
    int64_t id = 0;
    f->faults.count = 0;
    if (f->has_letter) TRY(blob_record(t, &f->letter, error));
    rfd_status status = access_request_put(t, &f->page->actor, &f->request, &f->faults, &id, error);
    if (id != 0) f->id = id;
    return status;
}

static rfd_status send_draft(struct transaction *t, void *context, struct rfd_error *error)
{
    struct request_form *f = context;
    f->faults.count = 0;
    return access_request_send(t, &f->page->actor, f->id, &f->settings, &f->faults, error);
}

/** What is wrong is shown beside its field, and what was typed stays. The letter stays, too, once the draft is saved.
 */
static rfd_status ask_again(struct request_form *f, struct rfd_error *error)
{
    form_faults(&f->form, &f->faults);
    if (f->id != 0) form_set(&f->form, "letter_kept", f->request.letter);
    f->page->response->status = 422;
    return show(f, error);
}

/** A double click, or a page that was kept open: it is sent already, and this is what it looks like. */
static rfd_status finish(struct request_form *f, rfd_status status, const char *notice, struct rfd_error *error)
{
    if (status == RFD_E_INVALID) return ask_again(f, error);
    if (status == RFD_E_STATE && f->id != 0) {
        error_clear(error);
        notice = N_("It was sent already");
        status = RFD_OK;
    }
    TRY(status);
    return page_redirect(f->page, notice, error, "/accesos/solicitudes/%lld", (long long)f->id);
}

static rfd_status take(struct request_form *f, struct rfd_error *error)
{
    slice action = form_text(&f->form, "action");
    f->settings = access_page_settings(f->page);
    if (slice_is(action, "add")) {
        f->form.wrong = false; /* it is not finished yet */
        return show(f, error);
    }
    take_lines(f);
    f->request.id = f->id;
    f->request.subject = f->person.id;
    f->request.unit = f->unit.id;
    f->request.reason = form_text(&f->form, "reason");
    f->request.token = form_text(&f->form, "token");
    TRY(take_letter(f, error));
    if (f->form.wrong) return ask_again(f, error);
    rfd_status status = page_write(f->page, save, f, error);
    if (status != RFD_OK || !slice_is(action, "send")) return finish(f, status, N_("The draft was saved"), error);
    return finish(f, page_write(f->page, send_draft, f, error), N_("The request was sent"), error);
}

rfd_status page_request_save(struct page *page, struct rfd_error *error)
{
    struct request_form f = {.page = page};
    TRY(form_read(page, fields, FIELDS, &f.form, error));
    TRY(page_read(page, load_new, &f, error));
    return take(&f, error);
}

rfd_status page_request_change(struct page *page, struct rfd_error *error)
{
    struct request_form f = {.page = page};
    TRY(page_id(page, "id", &f.id, error));
    TRY(form_read(page, fields, FIELDS, &f.form, error));
    rfd_status status = page_read(page, load_draft, &f, error);
    if (status != RFD_OK) return finish(&f, status, NULL, error);
    form_set(&f.form, "letter_kept", f.request.letter);
    return take(&f, error);
}
