/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing in with the account that one has at another OpenID provider (domain/oidc/provider.h): there, back, and a page
 * that asks every second whether the worker has heard who it is.
 */
#include "base/error.h"
#include "base/log.h"
#include "domain/oidc/provider.h"
#include "web/account/account_pages.h"
#include "web/oidc/oidc_pages.h"

#define WAIT "/acceso/proveedor/espera"

struct visiting {
    struct page *page;
    struct provider provider;
    struct provider_answer answer;
    slice back, address, state;
    enum provider_stage stage;
    int64_t account;
    struct session session;
    enum sign_in_result result;
    char token[ACCOUNT_TOKEN_SIZE];
};

static rfd_status begin_visit(struct page *page, struct visiting *v, struct rfd_error *error)
{
    const struct settings *s = page_settings(page);
    if (s->sso.issuer[0] == '\0') return error_set(error, RFD_E_NOT_FOUND, NULL);
    *v = (struct visiting){.page = page, .stage = PROVIDER_UNKNOWN, .result = SIGN_IN_WRONG};
    v->provider = (struct provider){
        .issuer = s->sso.issuer,
        .client_id = s->sso.client_id,
        .scope = s->sso.scope,
        .redirect = arena_print(page->arena, "%s" PROVIDER_RETURN, s->web.url),
    };
    return v->provider.redirect == NULL ? arena_failed(page->arena, error) : RFD_OK;
}

slice oidc_provider_label(const struct page *page)
{
    const struct settings *s = page_settings(page);
    if (s->sso.issuer[0] == '\0' || s->sso.label[0] != '\0') return slice_text(s->sso.label);
    const char *host = strstr(s->sso.issuer, "://") + 3;
    return slice_of((const uint8_t *)host, strcspn(host, "/:"));
}

/* ---- There ---- */

static rfd_status begin(struct transaction *t, void *context, struct rfd_error *error)
{
    struct visiting *v = context;
    TRY(provider_begin(t, &v->provider, v->page->session.id, v->back, &v->address, error));
    return store_keep(v->page->arena, &v->address, error);
}

rfd_status provider_send(struct page *page, struct rfd_error *error)
{
    struct visiting v;
    TRY(begin_visit(page, &v, error));
    if (page->actor.account != 0) return account_go_back(page, error);
    v.back = account_back(page);
    TRY(page_begin_session(page, error));
    rfd_status status = page_write(page, begin, &v, error);
    if (status == RFD_E_PEER_GONE) {
        slice back = page_escape(page, v.back);
        return page_redirect(page, N_("The other sign-in does not answer now. Try again later, or sign in another way"),
                             error, "/acceso?volver=%.*s", (int)back.length, (const char *)back.data);
    }
    TRY(status);
    return oidc_lead_on(page, N_("On to the other sign-in"), v.address, oidc_provider_label(page), error);
}

/* ---- Back ---- */

static rfd_status come_back(struct transaction *t, void *context, struct rfd_error *error)
{
    struct visiting *v = context;
    TRY(provider_return(t, &v->provider, v->page->session.id, &v->answer, &v->stage, &v->back, error));
    return store_keep(v->page->arena, &v->back, error);
}

static rfd_status give_up(struct visiting *v, const char *notice, struct rfd_error *error)
{
    slice back = page_escape(v->page, account_is_back(v->back) ? v->back : SLICE("/"));
    return page_redirect(v->page, notice, error, "/acceso?volver=%.*s", (int)back.length, (const char *)back.data);
}

static const char *refusal(enum provider_stage stage)
{
    return stage == PROVIDER_REFUSED
               ? N_("The other sign-in did not say who you are. Try again, or sign in another way")
               : N_("This took too long, or was begun elsewhere. Please begin again");
}

rfd_status provider_back(struct page *page, struct rfd_error *error)
{
    struct visiting v;
    TRY(begin_visit(page, &v, error));
    TRY(oidc_parameter(page, "state", &v.answer.state, error));
    TRY(oidc_parameter(page, "code", &v.answer.code, error));
    TRY(oidc_parameter(page, "iss", &v.answer.issuer, error));
    TRY(oidc_parameter(page, "error", &v.answer.error, error));
    if (page->session.id != 0) TRY(page_write(page, come_back, &v, error));
    if (v.stage != PROVIDER_WAITING) return give_up(&v, refusal(v.stage), error);
    slice state = page_escape(page, v.answer.state);
    return page_redirect(page, NULL, error, WAIT "?state=%.*s", (int)state.length, (const char *)state.data);
}

/* ---- Waiting for the worker ---- */

static rfd_status find_result(struct transaction *t, void *context, struct rfd_error *error)
{
    struct visiting *v = context;
    struct page *page = v->page;
    bool by_number = strcmp(page_settings(page)->sso.names, "number") == 0;
    v->session = page->session; /* may run again after a conflict */
    TRY(provider_result(t, page->session.id, v->state, by_number, &v->stage, &v->account, &v->back, error));
    TRY(store_keep(page->arena, &v->back, error));
    if (v->stage != PROVIDER_DONE || v->account == 0) return RFD_OK;
    return account_sign_in_as(t, page_account_settings(page), &v->session, v->account, METHOD_PROVIDER, v->token,
                              &v->result, error);
}

static rfd_status show_waiting(struct page *page, struct rfd_error *error)
{
    http_response_header(page->response, "Refresh", SLICE("1"));
    view_flag(page->view, "narrow", true);
    return page_show(page, N_("One moment"), "oidc/waiting", error);
}

static rfd_status go_on(struct visiting *v, struct rfd_error *error)
{
    struct page *page = v->page;
    if (v->account == 0) return give_up(v, N_("You have no account here yet: ask your administration for one"), error);
    if (v->result == SIGN_IN_LOCKED) return give_up(v, account_result_text(SIGN_IN_LOCKED), error);
    if (v->token[0] == '\0') return give_up(v, refusal(PROVIDER_REFUSED), error);
    page_cookie(page, v->token);
    if (v->result == SIGN_IN_DONE)
        return page_redirect(page, NULL, error, "%.*s", (int)v->back.length, (const char *)v->back.data);
    slice back = page_escape(page, v->back);
    return page_redirect(page, NULL, error, "%s?volver=%.*s",
                         v->result == SIGN_IN_FACTOR ? "/acceso/segundo-factor" : "/acceso/cambiar-clave",
                         (int)back.length, (const char *)back.data);
}

rfd_status provider_wait(struct page *page, struct rfd_error *error)
{
    struct visiting v;
    TRY(begin_visit(page, &v, error));
    TRY(oidc_parameter(page, "state", &v.state, error));
    if (page->actor.account != 0) return page_redirect(page, NULL, error, "/");
    if (page->session.id != 0) TRY(page_write(page, find_result, &v, error));
    if (v.stage == PROVIDER_WAITING) return show_waiting(page, error);
    if (v.stage != PROVIDER_DONE) return give_up(&v, refusal(v.stage), error);
    return go_on(&v, error);
}
