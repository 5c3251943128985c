/* SPDX-License-Identifier: EUPL-1.2
 *
 * The page to sign in, and the way out. The security code is asked for from the second failure on; what counts is what
 * the domain counts, the page's own number only decides what it shows.
 */
#include "web/account/account_pages.h"

#include "base/number.h"
#include "domain/account/security_code.h"
#include "domain/audit/audit.h"
#include "http/crowd.h"
#include "web/oidc/oidc_pages.h"
#include "web/program.h"

static const struct form_field fields[] = {
    {.name = "usuario",
     .label = N_("User code or identity number"),
     .required = true,
     .maximum = 64,
     .autocomplete = "username"},
    {.name = "clave",
     .label = N_("Password"),
     .kind = FORM_PASSWORD,
     .required = true,
     .maximum = 256,
     .autocomplete = "current-password"},
    {.name = "entidad",
     .label = N_("Tax number of the entity"),
     .hint = N_("Only if you act for an entity: its RUC, RFC or NIF"),
     .maximum = 32,
     .autocomplete = "off"},
};
enum { FIELDS = sizeof fields / sizeof *fields, SHOWN_FROM = 2, FAILURES_MAXIMUM = 99 };

/** Where people go whose certificate is shown by TLS: the first of those listeners. */
static void put_tls_link(struct page *page)
{
    const char *base = program_certificate_base(page);
    slice back = page_escape(page, account_back(page));
    if (base == NULL) return;
    view_string(page->view, "tls",
                arena_print(page->arena, "%s/acceso/certificado-tls%s%.*s", base, back.length > 1 ? "?volver=" : "",
                            (int)(back.length > 1 ? back.length : 0), (const char *)back.data));
}

static rfd_status show(struct page *page, struct form *form, uint64_t failures, struct rfd_error *error)
{
    view_number(page->view, "failures", (int64_t)failures);
    view_flag(page->view, "security_code", failures >= SHOWN_FROM);
    view_flag(page->view, "entity_open", form_text(form, "entidad").length > 0);
    put_tls_link(page);
    view_text(page->view, "provider", oidc_provider_label(page));
    form_show(page, form);
    return account_show_narrow(page, N_("Sign in"), "account/sign-in", error);
}

rfd_status sign_in_show(struct page *page, struct rfd_error *error)
{
    struct form form;
    if (page->actor.account != 0) return account_go_back(page, error);
    form_new(&form, fields, FIELDS);
    return show(page, &form, 0, error);
}

rfd_status sign_in_code(struct page *page, struct rfd_error *error)
{
    struct buf json;
    slice key = page_security_key(page);
    if (key.length == 0) return error_set(error, RFD_E_PEER_GONE, "the key of security codes");
    buf_init(&json, 1024);
    rfd_status status = security_code_make(key, page->now, &json, error);
    if (status == RFD_OK) return account_json(page, &json, error);
    buf_dispose(&json);
    return status;
}

static uint64_t failures_so_far(const struct page *page)
{
    uint64_t failures = 0;
    return number_unsigned(page_field(page, "intentos"), FAILURES_MAXIMUM, &failures) ? failures : 0;
}

static rfd_status try_password(struct page *page, struct form *form, char token[ACCOUNT_TOKEN_SIZE],
                               enum sign_in_result *result, struct rfd_error *error)
{
    struct sign_in try = {.name = form_text(form, "usuario"),
                          .entity = form_text(form, "entidad"),
                          .password = form_text(form, "clave"),
                          .client = page->actor.client};
    char network[24];
    (void)snprintf(network, sizeof network, "%llu", (unsigned long long)crowd_network(&page->request->client));
    try.network = slice_text(network);
    TRY(page_security_code(page, &try.proof, error));
    account_introduce(page);
    return account_sign_in(page_store(page), page_account_settings(page), &page->session, &try, token, result, error);
}

rfd_status sign_in_send(struct page *page, struct rfd_error *error)
{
    struct form form;
    char token[ACCOUNT_TOKEN_SIZE] = "";
    enum sign_in_result result = SIGN_IN_WRONG;
    uint64_t failures = failures_so_far(page);
    TRY(form_read(page, fields, FIELDS, &form, error));
    if (page->actor.account != 0) return account_go_back(page, error);
    if (form.wrong) return show(page, &form, failures, error);
    TRY(try_password(page, &form, token, &result, error));
    if (result == SIGN_IN_DONE || result == SIGN_IN_FACTOR || result == SIGN_IN_CHANGE)
        return account_go_on(page, result, token, error);
    form.wrong = true;
    form.error = account_result_text(result);
    failures = result == SIGN_IN_PROOF && failures < SHOWN_FROM ? SHOWN_FROM : failures + 1;
    return show(page, &form, failures < FAILURES_MAXIMUM ? failures : FAILURES_MAXIMUM, error);
}

/* ---- The way out ---- */

static rfd_status leave(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct page *page = context;
    if (page->actor.account != 0) {
        slice actor = actor_audit(&page->actor, store_arena(t));
        const struct audit_event event = {.action = "account.sign-out", .actor = actor, .object = actor};
        TRY(audit_put(t, &event, error));
    }
    return session_end(t, page->session.id, error);
}

rfd_status sign_out(struct page *page, struct rfd_error *error)
{
    if (page->session.id != 0) TRY(page_write(page, leave, page, error));
    page->session.id = 0; /* notices are the visitor's from here on */
    page_cookie(page, NULL);
    page_forget_keys(page);
    /* Whoever has to sign in again: web/oidc/authorize.c; with a certificate: web/desk. */
    slice back = page_escape(page, account_back(page));
    const char *where = slice_is(page_field(page, "con"), "certificado") ? "/acceso/certificado" : "/acceso";
    if (back.length <= 1) return page_redirect(page, N_("You have signed out"), error, "%s", where);
    return page_redirect(page, NULL, error, "%s?volver=%.*s", where, (int)back.length, (const char *)back.data);
}
