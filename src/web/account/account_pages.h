/* SPDX-License-Identifier: EUPL-1.2
 *
 * The pages about signing in and one's own account: what their files share, and their handlers.
 */
#ifndef WEB_ACCOUNT_PAGES_H
#define WEB_ACCOUNT_PAGES_H

#include "base/error.h"
#include "web/web.h"

/** Where somebody wanted to go before they had to sign in: a path of our own, else "/". From `volver` of query or
 * form. */
slice account_back(const struct page *page);
/** Whether it is such a path: "/path?query" of printable ASCII, never "//host" or "/\host", which browsers take for
 * another site, and no page of signing in itself. */
bool account_is_back(slice back);
/** The same for the next step: ready to be shown as `back` in a hidden field, and `back_query` in an address. */
void account_show_back(struct page *page);
/** Goes there. */
rfd_status account_go_back(struct page *page, struct rfd_error *error) RFD_MUST_CHECK;
/** Goes on as signing in came out: cookie, and the next step or where one wanted to go. For DONE, FACTOR, CHANGE. */
rfd_status account_go_on(struct page *page, enum sign_in_result result, const char token[ACCOUNT_TOKEN_SIZE],
                         struct rfd_error *error) RFD_MUST_CHECK;
/** What a result says that is no step: N_(). */
const char *account_result_text(enum sign_in_result result);
/** Browser and address of who has no session yet, for the one that may begin. */
void account_introduce(struct page *page);
/** The page's JSON from `buf`, which is disposed of. */
rfd_status account_json(struct page *page, struct buf *json, struct rfd_error *error) RFD_MUST_CHECK;
/** One of the tabs of one's own account is open. */
void account_tabs(struct page *page, const char *link);
/** A small page without menu. */
rfd_status account_show_narrow(struct page *page, const char *title, const char *template,
                               struct rfd_error *error) RFD_MUST_CHECK;

/** "old", "password", "repeat": the form of a new password; without the first for who came otherwise. */
enum { ACCOUNT_PASSWORD_FIELDS = 3 };
extern const struct form_field account_password_fields[ACCOUNT_PASSWORD_FIELDS];
/** Its page, for who came by a link or has to change it; without the first field. */
rfd_status account_show_password(struct page *page, struct form *form, struct rfd_error *error) RFD_MUST_CHECK;
/** What was typed into it, twice the same; `old`: with the first field. */
rfd_status account_read_password(struct page *page, bool old, struct form *form,
                                 struct rfd_error *error) RFD_MUST_CHECK;

/** Whether one proved who one is within the last quarter of an hour: only then ways to sign in are changed. */
bool account_is_fresh(const struct page *page);
/** Goes to where the password is asked for once more, and then to `back`. */
rfd_status account_ask_again(struct page *page, const char *back, struct rfd_error *error) RFD_MUST_CHECK;

page_handler confirm_show, confirm_send;
page_handler sign_in_show, sign_in_send, sign_in_code, sign_out;
page_handler factor_step_show, factor_step_send, factor_step_code, change_step_show, change_step_send;
page_handler passkey_sign_in_options, passkey_sign_in, passkeys_show, passkeys_options, passkeys_add, passkeys_remove;
page_handler certificate_show, certificate_text, certificate_send, certificate_tls_show, certificate_tls_send;
page_handler recovery_show, recovery_send, link_open, new_password_show, new_password_send, unlock_show, unlock_send;
page_handler own_show, own_language, own_password_show, own_password_send;
page_handler factors_show, factors_begin, factors_confirm, factors_remove, factors_message;
page_handler sessions_show, sessions_end, sessions_end_others, session_extend;
page_handler accounts_show, account_show, account_new_show, account_new_send, account_act_show, account_act_send;

#endif
