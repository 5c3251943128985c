/* SPDX-License-Identifier: EUPL-1.2
 *
 * One's own account: what it is, its language, password and sessions.
 */
#include "web/account/account_pages.h"

#include "domain/audit/audit.h"
#include "domain/organisation/organisation.h"

struct own_work {
    struct page *page;
    int64_t id;
    slice language;
};

/* ---- Data ---- */

static slice joined(const struct page *page, const char *format, slice a, slice b)
{
    const char *text =
        arena_print(page->arena, format, (int)a.length, (const char *)a.data, (int)b.length, (const char *)b.data);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

static rfd_status put_own(struct transaction *t, void *context, struct rfd_error *error)
{
    struct page *page = ((struct own_work *)context)->page;
    struct account account;
    struct person person;
    struct entity entity = {.id = 0};
    struct view *facts = view_list(page->view, "facts");
    TRY(account_find(t, page->actor.account, &account, error));
    TRY(person_find(t, account.person, &person, error));
    if (account.entity != 0) TRY(entity_find(t, account.entity, &entity, error));
    page_fact(page, facts, N_("User code"), account.code, NULL);
    page_fact(page, facts, N_("Name"), person_full_name(&person, page->arena), NULL);
    page_fact(page, facts, N_("Identity number"), person.number, NULL);
    if (entity.id != 0)
        page_fact(page, facts, N_("Entity"), joined(page, "%.*s (%.*s)", entity.name, entity.tax_number), NULL);
    page_fact(page, facts, N_("E-mail"), person.mail, NULL);
    page_fact(page, facts, N_("Mobile"), person.mobile, NULL);
    page_fact(page, facts, N_("Created"), page_time(page, account.created), NULL);
    if (page->last_sign_in != RFD_TIME_NONE && page->last_sign_in != 0)
        page_fact(page, facts, N_("Last sign-in"), page_time(page, page->last_sign_in), NULL);
    view_flag(page->view, "advanced", account.level == LEVEL_ADVANCED);
    view_flag(page->view, "has_password", account.has_password);
    view_flag(page->view, "has_totp", account.has_totp);
    view_flag(page->view, "has_sms", (account.factors & METHOD_SMS) != 0);
    view_flag(page->view, "has_mail", (account.factors & METHOD_MAIL) != 0);
    view_flag(page->view, "has_passkey", account.has_passkey);
    view_flag(page->view, "no_second", account.factors == 0);
    ((struct own_work *)context)->language = arena_copy(page->arena, account.language);
    return RFD_OK;
}

static void put_languages(struct page *page, slice current)
{
    static const char *const all[][2] = {{"es", "Español"}, {"ca", "Català"}, {"en", "English"}};
    struct view *list = view_list(page->view, "tongues");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct view *item = view_item(list);
        view_string(item, "code", all[i][0]);
        view_string(item, "name", all[i][1]);
        view_flag(item, "selected", slice_is(current, all[i][0]));
    }
}

rfd_status own_show(struct page *page, struct rfd_error *error)
{
    struct own_work w = {.page = page};
    account_tabs(page, "/cuenta");
    TRY(page_read(page, put_own, &w, error));
    put_languages(page, w.language);
    return page_show(page, N_("Your account"), "account/own", error);
}

static rfd_status set_language(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct own_work *w = context;
    return account_set_language(t, &w->page->actor, w->page->actor.account, w->language, error);
}

rfd_status own_language(struct page *page, struct rfd_error *error)
{
    struct own_work w = {.page = page, .language = page_field(page, "idioma")};
    if (!slice_is(w.language, "es") && !slice_is(w.language, "ca") && !slice_is(w.language, "en"))
        return error_set(error, RFD_E_REQUEST, "a language");
    TRY(page_write(page, set_language, &w, error));
    return page_redirect(page, N_("Your language was changed"), error, "/cuenta?lang=%.*s", (int)w.language.length,
                         (const char *)w.language.data);
}

/* ---- Password ---- */

static rfd_status show_password(struct page *page, struct form *form, struct rfd_error *error)
{
    account_tabs(page, "/cuenta/clave");
    form_show(page, form);
    return page_show(page, N_("Password"), "account/password", error);
}

rfd_status own_password_show(struct page *page, struct rfd_error *error)
{
    struct form form;
    form_new(&form, account_password_fields, ACCOUNT_PASSWORD_FIELDS);
    return show_password(page, &form, error);
}

rfd_status own_password_send(struct page *page, struct rfd_error *error)
{
    struct faults faults = {.count = 0};
    struct form form;
    char token[ACCOUNT_TOKEN_SIZE] = "";
    enum sign_in_result result = SIGN_IN_WRONG;
    TRY(account_read_password(page, true, &form, error));
    if (form.wrong) return show_password(page, &form, error);
    rfd_status status =
        account_change_password(page_store(page), page_account_settings(page), &page->session, form_text(&form, "old"),
                                form_text(&form, "password"), &faults, token, &result, error);
    if (status == RFD_E_INVALID && faults.count > 0) {
        form_faults(&form, &faults);
        return show_password(page, &form, error);
    }
    TRY(status);
    page_cookie(page, token);
    return page_redirect(page, N_("Your password was changed, and your other sessions were closed"), error, "/cuenta");
}

/* ---- Sessions ---- */

/** What people know a browser by; the whole text says nothing to them. */
static const char *browser_name(slice agent)
{
    static const char *const known[][2] = {{"Edg/", "Microsoft Edge"}, {"OPR/", "Opera"},     {"Firefox/", "Firefox"},
                                           {"Chrome/", "Chrome"},      {"Safari/", "Safari"}, {"curl/", "curl"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (agent.length > 0 && memmem(agent.data, agent.length, known[i][0], strlen(known[i][0])) != NULL)
            return known[i][1];
    }
    return NULL;
}

static rfd_status put_sessions(struct transaction *t, void *context, struct rfd_error *error)
{
    struct page *page = context;
    struct session *all;
    size_t count;
    struct view *list = view_list(page->view, "sessions");
    TRY(session_list(t, page->actor.account, &all, &count, error));
    rfd_time idle = page->now - (rfd_time)page_settings(page)->web.idle_minutes * 60 * RFD_SECOND;
    size_t alive = 0;
    for (size_t i = 0; i < count; i++) {
        if (all[i].seen <= idle) continue;
        const char *browser = browser_name(all[i].agent);
        struct view *item = view_item(list);
        alive++;
        view_number(item, "id", all[i].id);
        view_flag(item, "own", all[i].id == page->session.id);
        view_string(item, "browser", browser == NULL ? page_text(page, N_("Another browser")) : browser);
        view_text(item, "client", arena_copy(page->arena, all[i].client));
        view_text(item, "created", page_time(page, all[i].created));
        view_text(item, "seen", page_time(page, all[i].seen));
    }
    view_flag(page->view, "has_others", alive > 1);
    return RFD_OK;
}

rfd_status sessions_show(struct page *page, struct rfd_error *error)
{
    account_tabs(page, "/cuenta/sesiones");
    TRY(page_read(page, put_sessions, page, error));
    return page_show(page, N_("Sessions"), "account/sessions", error);
}

static rfd_status end_sessions(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct own_work *w = context;
    slice actor = actor_audit(&w->page->actor, store_arena(t));
    const struct audit_event event = {.action = "account.end-sessions", .actor = actor, .object = actor};
    TRY(audit_put(t, &event, error));
    return session_end_of(t, w->page->actor.account, w->id, w->id == 0 ? w->page->session.id : 0, error);
}

rfd_status sessions_end(struct page *page, struct rfd_error *error)
{
    struct own_work w = {.page = page};
    TRY(page_id(page, "id", &w.id, error));
    if (w.id == page->session.id) return sign_out(page, error);
    if (!account_is_fresh(page)) return account_ask_again(page, "/cuenta/sesiones", error);
    TRY(page_write(page, end_sessions, &w, error));
    return page_redirect(page, N_("The session was closed"), error, "/cuenta/sesiones");
}

rfd_status sessions_end_others(struct page *page, struct rfd_error *error)
{
    struct own_work w = {.page = page};
    if (!account_is_fresh(page)) return account_ask_again(page, "/cuenta/sesiones", error);
    TRY(page_write(page, end_sessions, &w, error));
    return page_redirect(page, N_("All your other sessions were closed"), error, "/cuenta/sesiones");
}

static rfd_status touch(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct page *page = context;
    return session_touch(t, page->session.id, page->now, error);
}

/** Somebody is still there, who only reads. */
rfd_status session_extend(struct page *page, struct rfd_error *error)
{
    rfd_time idle = (rfd_time)page_settings(page)->web.idle_minutes * 60;
    rfd_time left = (page->session.ends - page->now) / RFD_SECOND;
    TRY(page_write(page, touch, page, error));
    const char *json = arena_print(page->arena, "{\"seconds\":%lld}", (long long)(left < idle ? left : idle));
    if (json == NULL) return arena_failed(page->arena, error);
    page_json(page, slice_text(json));
    return RFD_OK;
}
