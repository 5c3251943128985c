/* SPDX-License-Identifier: EUPL-1.2
 *
 * Passkeys: signing in with one, and looking after one's own. All of it needs script: only a browser's script speaks
 * with authenticators.
 */
#include "web/account/account_pages.h"

enum { JSON_MAXIMUM = 16 << 10 };

struct passkey_work {
    struct page *page;
    struct buf json;
    slice answer, name;
    int64_t id;
    struct session session;
    char token[ACCOUNT_TOKEN_SIZE];
    enum sign_in_result result;
};

/* ---- Signing in ---- */

static rfd_status get_options(struct transaction *t, void *context, struct rfd_error *error)
{
    struct passkey_work *w = context;
    buf_reset(&w->json);
    return passkey_get_options(t, page_account_settings(w->page), &w->page->session, &w->json, error);
}

static rfd_status give_options(struct page *page, store_work *work, struct rfd_error *error)
{
    struct passkey_work w = {.page = page};
    buf_init(&w.json, JSON_MAXIMUM);
    rfd_status status = page_write(page, work, &w, error);
    if (status == RFD_OK) return account_json(page, &w.json, error);
    buf_dispose(&w.json);
    return status;
}

/** No session is begun for it: the token of the form is the visitor's. */
rfd_status passkey_sign_in_options(struct page *page, struct rfd_error *error)
{
    return give_options(page, get_options, error);
}

static rfd_status sign_in(struct transaction *t, void *context, struct rfd_error *error)
{
    struct passkey_work *w = context;
    w->session = w->page->session;
    return passkey_get(t, page_account_settings(w->page), &w->session, w->answer, w->token, &w->result, error);
}

rfd_status passkey_sign_in(struct page *page, struct rfd_error *error)
{
    struct passkey_work w = {.page = page, .answer = page_field(page, "credential"), .result = SIGN_IN_WRONG};
    if (page->actor.account != 0) return account_go_back(page, error);
    account_introduce(page);
    TRY(page_write(page, sign_in, &w, error));
    if (w.result == SIGN_IN_DONE || w.result == SIGN_IN_CHANGE || w.result == SIGN_IN_FACTOR)
        return account_go_on(page, w.result, w.token, error);
    const char *notice = w.result == SIGN_IN_LOCKED ? account_result_text(SIGN_IN_LOCKED)
                                                    : N_("This passkey is not known here, or took too long");
    return page_redirect(page, notice, error, page->session.pending != 0 ? "/acceso/segundo-factor" : "/acceso");
}

/* ---- One's own ---- */

static rfd_status put_passkeys(struct transaction *t, void *context, struct rfd_error *error)
{
    struct page *page = context;
    struct passkey *all;
    size_t count;
    struct view *list = view_list(page->view, "passkeys");
    TRY(passkey_list(t, page->actor.account, &all, &count, error));
    for (size_t i = 0; i < count; i++) {
        struct view *item = view_item(list);
        view_number(item, "id", all[i].id);
        view_text(item, "name", arena_copy(page->arena, all[i].name));
        view_text(item, "created", page_time(page, all[i].created));
        view_text(item, "used", all[i].used == RFD_TIME_NONE ? SLICE_EMPTY : page_time(page, all[i].used));
    }
    view_flag(page->view, "has_passkeys", count > 0);
    return RFD_OK;
}

rfd_status passkeys_show(struct page *page, struct rfd_error *error)
{
    if (!account_is_fresh(page)) return account_ask_again(page, "/cuenta/llaves", error);
    account_tabs(page, "/cuenta/llaves");
    TRY(page_read(page, put_passkeys, page, error));
    return page_show(page, N_("Passkeys"), "account/passkeys", error);
}

static rfd_status create_options(struct transaction *t, void *context, struct rfd_error *error)
{
    struct passkey_work *w = context;
    buf_reset(&w->json);
    return passkey_create_options(t, page_account_settings(w->page), &w->page->session, &w->json, error);
}

rfd_status passkeys_options(struct page *page, struct rfd_error *error)
{
    if (!account_is_fresh(page)) return account_ask_again(page, "/cuenta/llaves", error);
    return give_options(page, create_options, error);
}

static rfd_status create(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct passkey_work *w = context;
    return passkey_create(t, page_account_settings(w->page), &w->page->session, w->name, w->answer, error);
}

rfd_status passkeys_add(struct page *page, struct rfd_error *error)
{
    struct passkey_work w = {
        .page = page, .answer = page_field(page, "credential"), .name = page_field(page, "nombre")};
    if (!account_is_fresh(page)) return account_ask_again(page, "/cuenta/llaves", error);
    rfd_status status = page_write(page, create, &w, error);
    if (status == RFD_E_INVALID || status == RFD_E_STATE)
        return page_redirect(page, N_("The passkey could not be added. It may be registered already; else try again"),
                             error, "/cuenta/llaves");
    TRY(status);
    return page_redirect(page, N_("The passkey was added"), error, "/cuenta/llaves");
}

static rfd_status remove_one(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct passkey_work *w = context;
    return passkey_remove(t, &w->page->actor, w->page->actor.account, w->id, error);
}

rfd_status passkeys_remove(struct page *page, struct rfd_error *error)
{
    struct passkey_work w = {.page = page};
    if (!account_is_fresh(page)) return account_ask_again(page, "/cuenta/llaves", error);
    TRY(page_id(page, "id", &w.id, error));
    TRY(page_write(page, remove_one, &w, error));
    return page_redirect(page, N_("The passkey was removed"), error, "/cuenta/llaves");
}
