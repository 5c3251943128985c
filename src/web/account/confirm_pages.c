/* SPDX-License-Identifier: EUPL-1.2
 *
 * Before ways to sign in are changed, a session that is older than a quarter of an hour asks for the password.
 */
#include "web/account/account_pages.h"

enum { FRESH_MINUTES = 15 };

static const struct form_field fields[] = {
    {.name = "clave",
     .label = N_("Your password"),
     .kind = FORM_PASSWORD,
     .required = true,
     .maximum = 256,
     .autocomplete = "current-password"},
};

bool account_is_fresh(const struct page *page)
{
    return page->session.signed_in > page->now - FRESH_MINUTES * 60 * RFD_SECOND;
}

rfd_status account_ask_again(struct page *page, const char *back, struct rfd_error *error)
{
    return page_redirect(page, NULL, error, "/cuenta/confirmar?volver=%s", back);
}

static rfd_status show(struct page *page, struct form *form, struct rfd_error *error)
{
    form_show(page, form);
    return account_show_narrow(page, N_("Is it you?"), "account/confirm", error);
}

rfd_status confirm_show(struct page *page, struct rfd_error *error)
{
    struct form form;
    form_new(&form, fields, 1);
    return show(page, &form, error);
}

rfd_status confirm_send(struct page *page, struct rfd_error *error)
{
    char token[ACCOUNT_TOKEN_SIZE] = "";
    struct form form;
    bool right = false;
    TRY(form_read(page, fields, 1, &form, error));
    if (form.wrong) return show(page, &form, error);
    rfd_status status = account_confirm(page_store(page), page_account_settings(page), &page->session,
                                        form_text(&form, "clave"), token, &right, error);
    if (status != RFD_OK && status != RFD_E_STATE) return status;
    if (right) return account_go_on(page, SIGN_IN_DONE, token, error);
    form_fail(&form, "clave", N_("This is not your present password"));
    return show(page, &form, error);
}
