/* SPDX-License-Identifier: EUPL-1.2
 *
 * One's own second factors: the authenticator app, shown as a QR code that is drawn here (its secret goes to nobody
 * else), and codes by SMS and mail.
 */
#include "web/account/account_pages.h"

#include "base/secret.h"
#include "domain/organisation/organisation.h"
#include "web/qr.h"

enum { URI_GROUP = 4 };

static const struct form_field fields[] = {
    {.name = "codigo",
     .label = N_("Code that the app shows"),
     .kind = FORM_CODE,
     .required = true,
     .maximum = 12,
     .autocomplete = "one-time-code"},
};

struct factor_work {
    struct page *page;
    slice uri, code;
    bool right, on;
    rfd_status status;
    enum sign_in_method method;
};

/** "secret=ABCD..." as people type it: in groups of four. */
static void put_secret(struct page *page, slice uri)
{
    static const char mark[] = "?secret=";
    const uint8_t *at = memmem(uri.data, uri.length, mark, sizeof mark - 1);
    char text[128];
    size_t length = 0;
    if (at == NULL) return;
    at += sizeof mark - 1;
    for (size_t i = 0; at + i < uri.data + uri.length && at[i] != '&' && length + 2 < sizeof text; i++) {
        if (i > 0 && i % URI_GROUP == 0) text[length++] = ' ';
        text[length++] = (char)at[i];
    }
    view_text(page->view, "secret", arena_copy(page->arena, slice_of(text, length)));
    secret_wipe(text, sizeof text);
}

static rfd_status put_factors(struct transaction *t, void *context, struct rfd_error *error)
{
    struct factor_work *w = context;
    struct page *page = w->page;
    struct account account;
    struct person person;
    TRY(account_find(t, page->actor.account, &account, error));
    TRY(person_find(t, account.person, &person, error));
    view_flag(page->view, "has_totp", account.has_totp);
    view_flag(page->view, "has_sms", (account.factors & METHOD_SMS) != 0);
    view_flag(page->view, "has_mail", (account.factors & METHOD_MAIL) != 0);
    view_flag(page->view, "has_passkey", account.has_passkey);
    view_text(page->view, "mobile", arena_copy(page->arena, person.mobile));
    view_text(page->view, "mail", arena_copy(page->arena, person.mail));
    if (account.has_totp) return RFD_OK;
    return totp_pending(t, page_account_settings(page), &page->actor, account.id, page->arena, &w->uri, error);
}

static rfd_status show(struct page *page, struct form *form, struct rfd_error *error)
{
    struct factor_work w = {.page = page};
    account_tabs(page, "/cuenta/factores");
    TRY(page_read(page, put_factors, &w, error));
    view_flag(page->view, "begun", w.uri.length > 0);
    if (w.uri.length > 0) {
        put_secret(page, w.uri);
        TRY(page_qr(page, "qr", w.uri, error));
    }
    form_show(page, form);
    return page_show(page, N_("Second factor"), "account/factors", error);
}

rfd_status factors_show(struct page *page, struct rfd_error *error)
{
    struct form form;
    if (!account_is_fresh(page)) return account_ask_again(page, "/cuenta/factores", error);
    form_new(&form, fields, 1);
    return show(page, &form, error);
}

static rfd_status begin(struct transaction *t, void *context, struct rfd_error *error)
{
    struct factor_work *w = context;
    return totp_begin(t, page_account_settings(w->page), &w->page->actor, w->page->actor.account, w->page->arena,
                      &w->uri, error);
}

rfd_status factors_begin(struct page *page, struct rfd_error *error)
{
    struct factor_work w = {.page = page};
    if (!account_is_fresh(page)) return account_ask_again(page, "/cuenta/factores", error);
    TRY(page_write(page, begin, &w, error));
    return page_redirect(page, NULL, error, "/cuenta/factores");
}

static rfd_status confirm(struct transaction *t, void *context, struct rfd_error *error)
{
    struct factor_work *w = context;
    w->status = totp_confirm(t, page_account_settings(w->page), &w->page->actor, w->page->actor.account, w->code,
                             &w->right, error);
    return w->status == RFD_E_SLOW_DOWN ? RFD_OK : w->status;
}

rfd_status factors_confirm(struct page *page, struct rfd_error *error)
{
    struct factor_work w = {.page = page};
    struct form form;
    if (!account_is_fresh(page)) return account_ask_again(page, "/cuenta/factores", error);
    TRY(form_read(page, fields, 1, &form, error));
    w.code = form_text(&form, "codigo");
    if (!form.wrong) {
        TRY(page_write(page, confirm, &w, error));
        if (w.right) return page_redirect(page, N_("The app is your second factor now"), error, "/cuenta/factores");
        form_fail(&form, "codigo",
                  w.status == RFD_E_SLOW_DOWN
                      ? N_("There were five wrong codes: codes are locked for a while, at least 15 minutes")
                      : N_("This code is not right. Is the clock of your telephone right?"));
    }
    form_set(&form, "codigo", SLICE_EMPTY);
    return show(page, &form, error);
}

static rfd_status remove_totp(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct factor_work *w = context;
    return totp_remove(t, &w->page->actor, w->page->actor.account, error);
}

rfd_status factors_remove(struct page *page, struct rfd_error *error)
{
    struct factor_work w = {.page = page};
    if (!account_is_fresh(page)) return account_ask_again(page, "/cuenta/factores", error);
    TRY(page_write(page, remove_totp, &w, error));
    return page_redirect(page, N_("The app is no second factor any more"), error, "/cuenta/factores");
}

static rfd_status enable(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct factor_work *w = context;
    return factor_enable(t, &w->page->actor, w->page->actor.account, w->method, w->on, error);
}

rfd_status factors_message(struct page *page, struct rfd_error *error)
{
    struct factor_work w = {.page = page,
                            .method = slice_is(page_field(page, "por"), "sms") ? METHOD_SMS : METHOD_MAIL,
                            .on = slice_is(page_field(page, "usar"), "1")};
    if (!account_is_fresh(page)) return account_ask_again(page, "/cuenta/factores", error);
    TRY(page_write(page, enable, &w, error));
    return page_redirect(page,
                         w.on ? N_("You get codes this way from now on") : N_("You get no codes this way any more"),
                         error, "/cuenta/factores");
}
