/* SPDX-License-Identifier: EUPL-1.2
 *
 * Links in mails. Opening one uses nothing up: mail programs look at links before people do. The token goes from the
 * address into a cookie, and the browser on to an address without it, so that it is in no history or Referer.
 */
#include "web/account/account_pages.h"

#include "http/response.h"
#include "web/delay.h"

#define COOKIE_LINK "__Host-refrenda-link"
enum { LINK_SECONDS = 30 * 60 };

static const struct form_field ask_fields[] = {
    {.name = "quien",
     .label = N_("User code, identity number or e-mail address"),
     .required = true,
     .maximum = 254,
     .autocomplete = "username"},
};

/* ---- Asking for one ---- */

static rfd_status show_ask(struct page *page, struct form *form, struct rfd_error *error)
{
    form_show(page, form);
    return account_show_narrow(page, N_("Forgotten password"), "account/recover", error);
}

rfd_status recovery_show(struct page *page, struct rfd_error *error)
{
    struct form form;
    form_new(&form, ask_fields, 1);
    return show_ask(page, &form, error);
}

struct asking {
    struct page *page;
    slice who;
};

static rfd_status ask(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct asking *a = context;
    return recovery_ask(t, page_account_settings(a->page), a->who, a->page->actor.client, error);
}

rfd_status recovery_send(struct page *page, struct rfd_error *error)
{
    rfd_time from = delay_begin();
    struct asking a = {.page = page};
    struct form form;
    TRY(form_read(page, ask_fields, 1, &form, error));
    if (form.wrong) return show_ask(page, &form, error);
    a.who = form_text(&form, "quien");
    TRY(page_write(page, ask, &a, error));
    delay_end(from); /* does not tell whether a mail was written */
    return account_show_narrow(page, N_("Look at your mail"), "account/recover-sent", error);
}

/* ---- Opening one ---- */

struct opening {
    slice token;
    enum link_kind kind;
    int64_t account;
};

static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct opening *o = context;
    return link_look(t, o->token, &o->kind, &o->account, error);
}

static rfd_status show_over(struct page *page, struct rfd_error *error)
{
    return account_show_narrow(page, N_("This link is not good any more"), "account/link-over", error);
}

rfd_status link_open(struct page *page, struct rfd_error *error)
{
    struct opening o = {.token = http_request_part(page->request, "token")};
    TRY(page_read(page, look, &o, error));
    if (o.kind == LINK_NONE) return show_over(page, error);
    http_response_cookie(page->response, COOKIE_LINK, o.token, LINK_SECONDS);
    return page_redirect(page, NULL, error, o.kind == LINK_UNLOCK ? "/acceso/desbloquear" : "/acceso/clave-nueva");
}

/** What the cookie holds; a second cookie of the name is another site's doing. */
static slice link_of(const struct page *page)
{
    slice token = http_request_cookie(page->request, COOKIE_LINK, 0);
    bool one = token.data != NULL && http_request_cookie(page->request, COOKIE_LINK, 1).data == NULL;
    return one ? token : SLICE_EMPTY;
}

static rfd_status is_for(struct page *page, enum link_kind kind, bool *out, struct rfd_error *error)
{
    struct opening o = {.token = link_of(page)};
    TRY(page_read(page, look, &o, error));
    *out = o.kind == kind;
    return RFD_OK;
}

static void forget(struct page *page)
{
    http_response_cookie(page->response, COOKIE_LINK, SLICE("-"), -1);
}

/* ---- A new password ---- */

rfd_status new_password_show(struct page *page, struct rfd_error *error)
{
    struct form form;
    bool good;
    TRY(is_for(page, LINK_PASSWORD, &good, error));
    if (!good) return show_over(page, error);
    form_new(&form, account_password_fields + 1, ACCOUNT_PASSWORD_FIELDS - 1);
    return account_show_password(page, &form, error);
}

rfd_status new_password_send(struct page *page, struct rfd_error *error)
{
    struct faults faults = {.count = 0};
    struct form form;
    TRY(account_read_password(page, false, &form, error));
    if (form.wrong) return account_show_password(page, &form, error);
    rfd_status status = recovery_use(page_store(page), page_account_settings(page), link_of(page),
                                     form_text(&form, "password"), &faults, error);
    if (status == RFD_E_NOT_FOUND) return show_over(page, error);
    if (status == RFD_E_INVALID && faults.count > 0) {
        form_faults(&form, &faults);
        return account_show_password(page, &form, error);
    }
    TRY(status);
    forget(page);
    return page_redirect(page, N_("Your new password is set: sign in with it"), error, "/acceso");
}

/* ---- The end of a lock ---- */

rfd_status unlock_show(struct page *page, struct rfd_error *error)
{
    bool good;
    TRY(is_for(page, LINK_UNLOCK, &good, error));
    return good ? account_show_narrow(page, N_("Unlock your account"), "account/unlock", error)
                : show_over(page, error);
}

static rfd_status unlock(struct transaction *t, void *context, struct rfd_error *error)
{
    return link_unlock(t, link_of(context), error);
}

rfd_status unlock_send(struct page *page, struct rfd_error *error)
{
    rfd_status status = page_write(page, unlock, page, error);
    if (status == RFD_E_NOT_FOUND || status == RFD_E_STATE) return show_over(page, error);
    TRY(status);
    forget(page);
    return page_redirect(page, N_("Your account is open again: sign in"), error, "/acceso");
}
