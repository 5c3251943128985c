/* SPDX-License-Identifier: EUPL-1.2
 *
 * The steps behind a right password: the second factor, and the password that has to be changed.
 */
#include "web/account/account_pages.h"

static const struct form_field code_fields[] = {
    {.name = "codigo",
     .label = N_("Code"),
     .kind = FORM_CODE,
     .required = true,
     .maximum = 12,
     .autocomplete = "one-time-code"},
};

/* ---- Second factor ---- */

static const struct {
    enum sign_in_method method;
    const char *name;
} methods[] = {{METHOD_TOTP, "app"}, {METHOD_SMS, "sms"}, {METHOD_MAIL, "correo"}};

static enum sign_in_method method_of(slice name)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (slice_is(name, methods[i].name)) return methods[i].method;
    }
    return 0;
}

struct step {
    struct page *page;
    struct account account;
    enum sign_in_method method;
    slice code;
    char token[ACCOUNT_TOKEN_SIZE];
    struct session session;
    enum sign_in_result result;
    rfd_status sent;
};

static rfd_status read_factors(struct transaction *t, void *context, struct rfd_error *error)
{
    struct step *s = context;
    return account_find(t, s->page->session.pending, &s->account, error);
}

/** The one that was chosen, or else the first that the account has. */
static rfd_status show_factor(struct page *page, struct form *form, enum sign_in_method chosen, struct rfd_error *error)
{
    struct step s = {.page = page};
    struct view *ways = view_list(page->view, "ways");
    TRY(page_read(page, read_factors, &s, error));
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if ((s.account.factors & methods[i].method) == 0) continue;
        if (chosen == 0 || (s.account.factors & chosen) == 0) chosen = methods[i].method;
        struct view *way = view_item(ways);
        view_string(way, "name", methods[i].name);
        view_flag(way, "is_app", methods[i].method == METHOD_TOTP);
        view_flag(way, "is_sms", methods[i].method == METHOD_SMS);
        view_flag(way, "is_mail", methods[i].method == METHOD_MAIL);
        view_flag(way, "current", methods[i].method == chosen);
        if (methods[i].method == chosen) view_string(page->view, "way", methods[i].name);
    }
    view_flag(page->view, "has_code", chosen != 0 && chosen != METHOD_PASSKEY);
    view_flag(page->view, "by_message", chosen == METHOD_SMS || chosen == METHOD_MAIL);
    view_flag(page->view, "by_sms", chosen == METHOD_SMS);
    view_flag(page->view, "by_mail", chosen == METHOD_MAIL);
    view_flag(page->view, "has_passkey", s.account.has_passkey);
    form_show(page, form);
    return account_show_narrow(page, N_("Second factor"), "account/factor", error);
}

rfd_status factor_step_show(struct page *page, struct rfd_error *error)
{
    struct form form;
    if ((page->session.wanted & WANT_FACTOR) == 0) return page_redirect(page, NULL, error, "/");
    form_new(&form, code_fields, 1);
    return show_factor(page, &form, method_of(http_field_get(&page->request->query, "con", 0)), error);
}

static rfd_status check(struct transaction *t, void *context, struct rfd_error *error)
{
    struct step *s = context;
    s->session = s->page->session; /* may run again after a conflict */
    return factor_check(t, page_account_settings(s->page), &s->session, s->method, s->code, s->token, &s->result,
                        error);
}

rfd_status factor_step_send(struct page *page, struct rfd_error *error)
{
    struct step s = {.page = page, .method = method_of(page_field(page, "con")), .result = SIGN_IN_WRONG};
    struct form form;
    if ((page->session.wanted & WANT_FACTOR) == 0) return page_redirect(page, NULL, error, "/");
    TRY(form_read(page, code_fields, 1, &form, error));
    s.code = form_text(&form, "codigo");
    if (!form.wrong && s.method != 0) {
        TRY(page_write(page, check, &s, error));
        if (s.result == SIGN_IN_DONE || s.result == SIGN_IN_CHANGE)
            return account_go_on(page, s.result, s.token, error);
        if (s.result == SIGN_IN_SLOW)
            form_fail(&form, "codigo",
                      N_("There were five wrong codes: codes are locked for a while, at least 15 minutes"));
        else
            form_fail(&form, "codigo", N_("This code is not right, was used already, or is too old"));
    }
    form_set(&form, "codigo", SLICE_EMPTY);
    return show_factor(page, &form, s.method, error);
}

static rfd_status send_code(struct transaction *t, void *context, struct rfd_error *error)
{
    struct step *s = context;
    s->sent = code_send(t, page_account_settings(s->page), &s->page->session, s->method,
                        slice_text(language_code(s->page->language)), error);
    return s->sent == RFD_E_SLOW_DOWN ? RFD_OK : s->sent;
}

rfd_status factor_step_code(struct page *page, struct rfd_error *error)
{
    struct step s = {.page = page, .method = method_of(page_field(page, "con"))};
    slice back = page_escape(page, account_back(page));
    if ((page->session.wanted & WANT_FACTOR) == 0) return page_redirect(page, NULL, error, "/");
    TRY(page_write(page, send_code, &s, error));
    const char *notice = s.sent == RFD_OK ? N_("A code is on its way to you. It is good for 10 minutes")
                                          : N_("A code was sent less than 30 seconds ago: wait for it");
    return page_redirect(page, notice, error, "/acceso/segundo-factor?con=%s&volver=%.*s",
                         s.method == METHOD_SMS ? "sms" : "correo", (int)back.length, (const char *)back.data);
}

/* ---- The password that has to be changed ---- */

rfd_status change_step_show(struct page *page, struct rfd_error *error)
{
    struct form form;
    if ((page->session.wanted & WANT_CHANGE) == 0) return page_redirect(page, NULL, error, "/");
    form_new(&form, account_password_fields + 1, ACCOUNT_PASSWORD_FIELDS - 1);
    return account_show_password(page, &form, error);
}

rfd_status change_step_send(struct page *page, struct rfd_error *error)
{
    struct faults faults = {.count = 0};
    struct form form;
    char token[ACCOUNT_TOKEN_SIZE] = "";
    enum sign_in_result result = SIGN_IN_WRONG;
    if ((page->session.wanted & WANT_CHANGE) == 0) return page_redirect(page, NULL, error, "/");
    TRY(account_read_password(page, false, &form, error));
    if (form.wrong) return account_show_password(page, &form, error);
    rfd_status status =
        account_change_password(page_store(page), page_account_settings(page), &page->session, SLICE_EMPTY,
                                form_text(&form, "password"), &faults, token, &result, error);
    if (status == RFD_E_INVALID && faults.count > 0) {
        form_faults(&form, &faults);
        return account_show_password(page, &form, error);
    }
    TRY(status);
    return account_go_on(page, result, token, error);
}
