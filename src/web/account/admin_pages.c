/* SPDX-License-Identifier: EUPL-1.2
 *
 * Accounts for those who look after them: the list, new ones, and what can be done to one, each with its own page of
 * confirmation.
 */
#include "web/account/account_pages.h"

#include "domain/organisation/organisation.h"

/* ---- List ---- */

rfd_status accounts_show(struct page *page, struct rfd_error *error)
{
    static const struct page_list list = {
        .definition = &account_list, .link = "/administracion/cuentas/%lld", .empty = N_("There is no such account.")};
    bool done = false;
    view_flag(page->view, "may_manage", actor_may(&page->actor, ACTION_ACCOUNT_MANAGE, NULL));
    TRY(page_list(page, &list, &done, error));
    return done ? RFD_OK : page_show(page, N_("Accounts"), "account/accounts", error);
}

/* ---- New ---- */

static const struct form_field new_fields[] = {
    {.name = "numero",
     .label = N_("Identity number of the person"),
     .hint = N_("The person has to be in the organisation's register already"),
     .required = true,
     .maximum = 32},
    {.name = "tipo", .label = N_("What kind of account"), .kind = FORM_RADIO, .required = true},
    {.name = "entidad",
     .label = N_("Tax number of the entity"),
     .hint = N_("For an account of an entity that the person holds: RUC, RFC or NIF"),
     .maximum = 32},
    {.name = "codigo", .label = N_("Code"), .hint = N_("Left empty, the next free one is taken"), .maximum = 32},
};
enum { NEW_FIELDS = sizeof new_fields / sizeof *new_fields };
static const char *const kinds[][2] = {
    {"U", N_("Own staff (code U)")}, {"E", N_("Other entity (code E)")}, {"0", N_("Citizen (the document's number)")}};
enum { KINDS = sizeof kinds / sizeof *kinds };

static rfd_status show_new(struct page *page, struct form *form, bool sent, struct rfd_error *error)
{
    struct form_choice *choices = arena_zeroed(page->arena, KINDS, sizeof *choices);
    if (choices == NULL) return arena_failed(page->arena, error);
    for (size_t i = 0; i < KINDS; i++)
        choices[i] = (struct form_choice){slice_text(kinds[i][0]), slice_text(page_text(page, kinds[i][1]))};
    form_choices(form, "tipo", choices, KINDS, sent);
    form_show(page, form);
    return page_show(page, N_("New account"), "account/account-new", error);
}

rfd_status account_new_show(struct page *page, struct rfd_error *error)
{
    struct form form;
    form_new(&form, new_fields, NEW_FIELDS);
    return show_new(page, &form, false, error);
}

struct creating {
    struct page *page;
    struct form *form;
    struct faults faults;
    int64_t id;
};

static rfd_status create(struct transaction *t, void *context, struct rfd_error *error)
{
    struct creating *c = context;
    struct account wish = {.code = form_text(c->form, "codigo")};
    slice kind = form_text(c->form, "tipo");
    c->faults.count = 0;
    TRY(account_holder(t, form_text(c->form, "numero"), form_text(c->form, "entidad"), &c->faults, &wish.person,
                       &wish.entity, error));
    return account_create(t, &c->page->actor, page_account_settings(c->page), &wish,
                          slice_is(kind, "0") ? '\0' : (char)kind.data[0], &c->faults, &c->id, error);
}

/** The domain's fields by the names of this form. */
static void tell_faults(struct form *form, struct faults *faults)
{
    static const char *const names[][2] = {{"person", "numero"}, {"code", "codigo"}, {"entity", "entidad"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) faults_rename(faults, names[i][0], names[i][1]);
    form_faults(form, faults);
}

rfd_status account_new_send(struct page *page, struct rfd_error *error)
{
    struct form form;
    struct creating c = {.page = page, .form = &form};
    TRY(form_read(page, new_fields, NEW_FIELDS, &form, error));
    slice kind = form_text(&form, "tipo");
    if (!form.wrong && !slice_is(kind, "U") && !slice_is(kind, "E") && !slice_is(kind, "0"))
        form_fail(&form, "tipo", N_("Choose one of these"));
    if (form.wrong) return show_new(page, &form, true, error);
    rfd_status status = page_write(page, create, &c, error);
    if (status == RFD_E_INVALID && c.faults.count > 0) {
        tell_faults(&form, &c.faults);
        return show_new(page, &form, true, error);
    }
    TRY(status);
    return page_redirect(page, N_("The account was created, and a link to choose a password was mailed"), error,
                         "/administracion/cuentas/%lld", (long long)c.id);
}

/* ---- One ---- */

struct reading {
    struct page *page;
    int64_t id;
    struct account account;
    slice name, number, mail;
};

static rfd_status read_account(struct transaction *t, void *context, struct rfd_error *error)
{
    struct reading *r = context;
    struct arena *a = r->page->arena;
    struct person p;
    TRY(account_find(t, r->id, &r->account, error));
    const struct access_object object = {.person = r->account.person, .entity = r->account.entity};
    TRY(actor_check(&r->page->actor, ACTION_ACCOUNT_SEE, &object, error));
    TRY(person_find(t, r->account.person, &p, error));
    r->account.code = arena_copy(a, r->account.code);
    r->account.language = arena_copy(a, r->account.language);
    r->name = person_full_name(&p, a);
    r->number = arena_copy(a, p.number);
    r->mail = arena_copy(a, p.mail);
    return RFD_OK;
}

static slice state_text(const struct page *page, const struct account *account)
{
    const char *text = account->closed ? N_("Closed") : account->locked ? N_("Locked") : N_("Active");
    return slice_text(page_text(page, text));
}

/* What can be done, in the order of the page. */
struct act {
    const char *name, *title, *consequence, *button, *notice;
    enum action action;
    bool danger;
    store_work *work;
};

static void put_acts(struct page *page, const struct account *account);

rfd_status account_show(struct page *page, struct rfd_error *error)
{
    struct reading r = {.page = page};
    struct view *facts = view_list(page->view, "facts");
    TRY(page_id(page, "id", &r.id, error));
    TRY(page_read(page, read_account, &r, error));
    page_fact(page, facts, N_("User code"), r.account.code, NULL);
    page_fact(page, facts, N_("Name"), r.name, NULL);
    page_fact(page, facts, N_("Identity number"), r.number, NULL);
    page_fact(page, facts, N_("E-mail"), r.mail, NULL);
    page_fact(page, facts, N_("State"), state_text(page, &r.account), NULL);
    page_fact(page, facts, N_("Level"),
              slice_text(page_text(page, r.account.level == LEVEL_ADVANCED ? N_("Advanced") : N_("Basic"))), NULL);
    page_fact(page, facts, N_("Second factor"),
              slice_text(page_text(page, r.account.factors == 0 ? N_("None") : N_("In use"))), NULL);
    page_fact(page, facts, N_("Created"), page_time(page, r.account.created), NULL);
    page_fact(page, facts, N_("Last sign-in"),
              r.account.last_sign_in == RFD_TIME_NONE ? slice_text(page_text(page, N_("Never")))
                                                      : page_time(page, r.account.last_sign_in),
              NULL);
    view_text(page->view, "name", r.name);
    view_text(page->view, "code", r.account.code);
    put_acts(page, &r.account);
    return page_show(page, N_("Account"), "account/account", error);
}

/* ---- What can be done to it ---- */

struct acting {
    struct page *page;
    int64_t id;
    slice evidence;
};

static rfd_status unlock(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct acting *a = context;
    return account_unlock(t, &a->page->actor, a->id, error);
}

static rfd_status close_account(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct acting *a = context;
    return account_close(t, &a->page->actor, a->id, error);
}

static rfd_status raise_level(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct acting *a = context;
    return account_enrol(t, &a->page->actor, a->id, LEVEL_ADVANCED, a->evidence, error);
}

static const struct form_field evidence_fields[] = {
    {.name = "evidencia",
     .label = N_("What proved who it is"),
     .hint = N_("Such as: DNI shown at the office of Puno; certificate number. It is kept in the audit"),
     .kind = FORM_LONG_TEXT,
     .required = true,
     .maximum = 400},
};
static const struct form_field given_fields[] = {
    {.name = "password",
     .label = N_("Temporary password"),
     .hint = N_("At least 8 characters. Give it to the person yourself; they change it when they first sign in"),
     .kind = FORM_NEW_PASSWORD,
     .required = true,
     .maximum = 256,
     .autocomplete = "off"},
};

static const struct act acts[] = {
    {"desbloquear", N_("Unlock"), N_("The person can sign in again with the password that they have."),
     N_("Unlock the account"), N_("The account was unlocked"), ACTION_ACCOUNT_MANAGE, false, unlock},
    {"clave", N_("Set a temporary password"),
     N_("The present password stops working, and all sessions end. The person has to choose their own at the first "
        "sign-in."),
     N_("Set the password"), N_("The temporary password was set"), ACTION_ACCOUNT_MANAGE, false, NULL},
    {"nivel", N_("Raise to the advanced level"), N_("You certify that you have checked who the person is."),
     N_("Raise the level"), N_("The account has the advanced level now"), ACTION_ACCOUNT_ENROL, false, raise_level},
    {"cerrar", N_("Close the account"),
     N_("Nobody can sign in with it any more. This cannot be undone; the person can be given a new account."),
     N_("Close the account"), N_("The account was closed"), ACTION_ACCOUNT_MANAGE, true, close_account},
};
enum { ACTS = sizeof acts / sizeof *acts };

static bool is_possible(const struct page *page, const struct act *act, const struct account *account)
{
    const struct access_object object = {.person = account->person, .entity = account->entity};
    if (account->closed || !actor_may(&page->actor, act->action, &object)) return false;
    if (act->work == unlock) return account->locked;
    if (act->work == raise_level) return account->level == LEVEL_BASIC && page->actor.account != account->id;
    if (act->work == close_account) return page->actor.account != account->id;
    return true;
}

static void put_acts(struct page *page, const struct account *account)
{
    struct view *list = view_list(page->view, "acts");
    for (size_t i = 0; i < ACTS; i++) {
        if (!is_possible(page, &acts[i], account)) continue;
        struct view *item = view_item(list);
        view_string(item, "title", page_text(page, acts[i].title));
        view_string(item, "link",
                    arena_print(page->arena, "/administracion/cuentas/%lld/%s", (long long)account->id, acts[i].name));
        view_flag(item, "danger", acts[i].danger);
    }
}

static rfd_status find_act(struct page *page, struct reading *r, const struct act **out, struct rfd_error *error)
{
    slice name = http_request_part(page->request, "act");
    TRY(page_id(page, "id", &r->id, error));
    TRY(page_read(page, read_account, r, error));
    for (size_t i = 0; i < ACTS; i++) {
        if (!slice_is(name, acts[i].name)) continue;
        if (!is_possible(page, &acts[i], &r->account)) return error_set(error, RFD_E_STATE, "not this account");
        *out = &acts[i];
        return RFD_OK;
    }
    return error_set(error, RFD_E_NOT_FOUND, NULL);
}

static const struct form_field *fields_of(const struct act *act, size_t *count)
{
    bool asks = act->work == raise_level || act->work == NULL;
    *count = asks ? 1 : 0;
    return act->work == raise_level ? evidence_fields : given_fields;
}

static rfd_status show_act(struct page *page, const struct reading *r, const struct act *act, struct form *form,
                           struct rfd_error *error)
{
    view_string(page->view, "title", page_text(page, act->title));
    view_text(
        page->view, "who",
        slice_text(arena_print(page->arena, "%.*s · %.*s", (int)r->account.code.length,
                               (const char *)r->account.code.data, (int)r->name.length, (const char *)r->name.data)));
    view_string(page->view, "consequence", page_text(page, act->consequence));
    view_string(page->view, "action", page_text(page, act->button));
    view_flag(page->view, "danger", act->danger);
    view_string(page->view, "link", arena_print(page->arena, "/administracion/cuentas/%lld", (long long)r->id));
    form_show(page, form);
    return page_show(page, act->title, "account/account-act", error);
}

rfd_status account_act_show(struct page *page, struct rfd_error *error)
{
    struct reading r = {.page = page};
    const struct act *act;
    struct form form;
    size_t count;
    TRY(find_act(page, &r, &act, error));
    const struct form_field *fields = fields_of(act, &count);
    form_new(&form, fields, count);
    return show_act(page, &r, act, &form, error);
}

static rfd_status do_act(struct page *page, const struct act *act, int64_t id, struct form *form, struct faults *faults,
                         struct rfd_error *error)
{
    struct acting a = {.page = page, .id = id};
    if (act->work == NULL)
        return account_give_password(page_store(page), &page->actor, page_account_settings(page), id,
                                     form_text(form, "password"), faults, error);
    if (act->work == raise_level) a.evidence = form_text(form, "evidencia");
    return page_write(page, act->work, &a, error);
}

rfd_status account_act_send(struct page *page, struct rfd_error *error)
{
    struct faults faults = {.count = 0};
    struct reading r = {.page = page};
    const struct act *act;
    struct form form;
    size_t count;
    TRY(find_act(page, &r, &act, error));
    const struct form_field *fields = fields_of(act, &count);
    TRY(form_read(page, fields, count, &form, error));
    if (form.wrong) return show_act(page, &r, act, &form, error);
    rfd_status status = do_act(page, act, r.id, &form, &faults, error);
    if (status == RFD_E_INVALID && faults.count > 0) {
        form_faults(&form, &faults);
        return show_act(page, &r, act, &form, error);
    }
    TRY(status);
    return page_redirect(page, act->notice, error, "/administracion/cuentas/%lld", (long long)r.id);
}
