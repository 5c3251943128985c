/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing out on a program's wish (OpenID Connect RP-Initiated Logout 1.0). The person is asked: nobody is signed out
 * by a link alone. The way on is to an address that was registered for the program, and to no other.
 */
#include "base/error.h"
#include "domain/audit/audit.h"
#include "domain/oidc/jws.h"
#include "web/oidc/oidc_pages.h"

struct leaving {
    struct page *page;
    slice client_id, address, state, hint;
    struct oidc_client client;
    bool listed; /* the address is one of the program's */
};

/** Who asks, by an identity token that was given to it; expired ones will do (§2). */
static rfd_status read_hint(struct leaving *l, struct rfd_error *error)
{
    json_t *keys = NULL;
    json_t *claims = NULL;
    struct rfd_error ignored = RFD_ERROR_INIT;
    if (l->hint.length == 0) return RFD_OK;
    TRY(oidc_key_set(l->page, &keys, error));
    if (jws_verify(l->hint, keys, &claims, &ignored) == RFD_OK) {
        const char *audience = json_string_value(json_object_get(claims, "aud"));
        slice named = audience == NULL ? SLICE_EMPTY : arena_copy(l->page->arena, slice_text(audience));
        if (l->client_id.length == 0) l->client_id = named;
        if (!slice_equal(l->client_id, named)) l->client_id = SLICE_EMPTY; /* §2: they must be the same */
    }
    json_decref(claims);
    json_decref(keys);
    return RFD_OK;
}

static rfd_status look_up(struct transaction *t, void *context, struct rfd_error *error)
{
    struct leaving *l = context;
    rfd_status status = oidc_client_by_name(t, l->client_id, &l->client, error);
    l->listed = status == RFD_OK && oidc_address_listed(l->client.logout_redirects, l->address);
    if (l->listed) l->client.name = arena_copy(l->page->arena, l->client.name);
    return status == RFD_E_NOT_FOUND ? RFD_OK : status;
}

static rfd_status find_program(struct leaving *l, struct rfd_error *error)
{
    l->listed = false;
    return l->address.length == 0 || l->client_id.length == 0 ? RFD_OK : page_read(l->page, look_up, l, error);
}

static rfd_status lead_back(struct leaving *l, struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, 4 * OIDC_PARAMETER_MAXIMUM);
    buf_put_slice(&b, l->address);
    oidc_add_parameter(l->page, &b, "state", l->state);
    slice address = buf_status(&b) == RFD_OK ? arena_copy(l->page->arena, buf_slice(&b)) : SLICE_EMPTY;
    buf_dispose(&b);
    if (address.data == NULL) return error_memory(error);
    return oidc_lead_on(l->page, N_("You are signed out"), address, l->client.name, error);
}

rfd_status oidc_logout_page(struct page *page, struct rfd_error *error)
{
    struct leaving l = {.page = page};
    TRY(oidc_parameter(page, "client_id", &l.client_id, error));
    TRY(oidc_parameter(page, "post_logout_redirect_uri", &l.address, error));
    TRY(oidc_parameter(page, "state", &l.state, error));
    TRY(http_request_query(page->request, "id_token_hint", &l.hint, error));
    TRY(read_hint(&l, error));
    TRY(find_program(&l, error));
    if (page->actor.account == 0 && l.listed) return lead_back(&l, error);
    if (l.listed) {
        view_text(page->view, "client_id", l.client_id);
        view_text(page->view, "address", l.address);
        view_text(page->view, "state", l.state);
        view_text(page->view, "program", l.client.name);
    }
    view_flag(page->view, "signed_in", page->actor.account != 0);
    view_flag(page->view, "narrow", true);
    return page_show(page, N_("Sign out"), "oidc/logout", error);
}

static rfd_status leave(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct page *page = context;
    slice actor = actor_audit(&page->actor, store_arena(t));
    const struct audit_event event = {.action = "account.sign-out", .actor = actor, .object = actor};
    if (page->actor.account != 0) TRY(audit_put(t, &event, error));
    return session_end(t, page->session.id, error);
}

static slice field(const struct page *page, const char *name)
{
    slice value = http_field_get(&page->fields, name, 0);
    return value.data == NULL || value.length > OIDC_PARAMETER_MAXIMUM ? SLICE_EMPTY : value;
}

rfd_status oidc_logout_send(struct page *page, struct rfd_error *error)
{
    struct leaving l = {.page = page,
                        .client_id = field(page, "client_id"),
                        .address = field(page, "address"),
                        .state = field(page, "state")};
    if (page->session.id != 0) TRY(page_write(page, leave, page, error));
    page->session.id = 0;
    page->actor.account = 0;
    page_cookie(page, NULL);
    page_forget_keys(page);
    TRY(find_program(&l, error));
    if (l.listed) return lead_back(&l, error);
    return page_redirect(page, N_("You have signed out"), error, "/acceso");
}
