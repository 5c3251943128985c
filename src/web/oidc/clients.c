/* SPDX-License-Identifier: EUPL-1.2
 *
 * For administrators: the programs that have people sign in here.
 */
#include "base/error.h"
#include "base/secret.h"
#include "web/oidc/oidc_pages.h"

static const struct form_field fields[] = {
    {.name = "name", .label = N_("Name"), .hint = N_("As people know the program"), .required = true, .maximum = 100},
    {.name = "client_id",
     .label = N_("Identifier"),
     .hint = N_("The program's client_id: letters, digits, dots and dashes"),
     .required = true,
     .maximum = 64},
    {.name = "redirects",
     .label = N_("Addresses that people come back to"),
     .hint = N_("redirect_uri, one on each line, compared letter by letter"),
     .kind = FORM_LONG_TEXT,
     .required = true},
    {.name = "logout_redirects",
     .label = N_("Addresses after signing out"),
     .hint = N_("post_logout_redirect_uri, one on each line"),
     .kind = FORM_LONG_TEXT},
    {.name = "confidential",
     .label = N_("The program can keep a secret"),
     .hint = N_("Programs on a server can; those that run in a browser or telephone cannot"),
     .kind = FORM_TICK},
    {.name = "roles",
     .label = N_("It is told the person's roles"),
     .hint = N_("When it asks for the scope \"roles\""),
     .kind = FORM_TICK},
    {.name = "enabled",
     .label = N_("In use"),
     .hint = N_("Without it nobody signs in to this program any more"),
     .kind = FORM_TICK},
    {.name = "renew",
     .label = N_("Make a new secret"),
     .hint = N_("The old one is not taken any more from that moment on"),
     .kind = FORM_TICK},
};
enum { FIELDS = sizeof fields / sizeof *fields };

rfd_status oidc_clients(struct page *page, struct rfd_error *error)
{
    static const struct page_list list = {.definition = &oidc_client_list,
                                          .link = "/administracion/programas/%lld",
                                          .empty = N_("No program uses the sign-in of this installation yet.")};
    bool done = false;
    TRY(page_list(page, &list, &done, error));
    return done ? RFD_OK : page_show(page, N_("Programs with single sign-on"), "oidc/clients", error);
}

static rfd_status show_form(struct page *page, struct form *form, bool is_new, struct rfd_error *error)
{
    /* The last field is for those that are there already. */
    form->count = is_new ? FIELDS - 1 : FIELDS;
    form_show(page, form);
    view_flag(page->view, "is_new", is_new);
    view_string(page->view, "configuration",
                arena_print(page->arena, "%s/.well-known/openid-configuration", page_settings(page)->web.url));
    return page_show(page, is_new ? N_("New program") : N_("Program with single sign-on"), "oidc/client", error);
}

rfd_status oidc_client_new(struct page *page, struct rfd_error *error)
{
    struct form form;
    form_new(&form, fields, FIELDS);
    form_tick(&form, "confidential", true);
    form_tick(&form, "enabled", true);
    return show_form(page, &form, true, error);
}

struct finding {
    int64_t id;
    struct oidc_client client;
    struct arena *a;
};

static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct finding *f = context;
    TRY(oidc_client_find(t, f->id, &f->client, error));
    TRY(store_keep(f->a, &f->client.name, error));
    TRY(store_keep(f->a, &f->client.client_id, error));
    TRY(store_keep(f->a, &f->client.redirects, error));
    return store_keep(f->a, &f->client.logout_redirects, error);
}

rfd_status oidc_client_show(struct page *page, struct rfd_error *error)
{
    struct finding f = {.a = page->arena};
    struct form form;
    TRY(page_id(page, "id", &f.id, error));
    TRY(page_read(page, find, &f, error));
    form_new(&form, fields, FIELDS);
    form_set(&form, "name", f.client.name);
    form_set(&form, "client_id", f.client.client_id);
    form_set(&form, "redirects", f.client.redirects);
    form_set(&form, "logout_redirects", f.client.logout_redirects);
    form_tick(&form, "confidential", f.client.confidential);
    form_tick(&form, "roles", f.client.roles);
    form_tick(&form, "enabled", f.client.enabled);
    return show_form(page, &form, false, error);
}

struct saving {
    struct page *page;
    struct oidc_client client;
    bool renew;
    struct faults faults;
    int64_t id;
    char secret[ACCOUNT_TOKEN_SIZE];
};

static rfd_status save(struct transaction *t, void *context, struct rfd_error *error)
{
    struct saving *s = context;
    s->faults.count = 0;
    return oidc_client_put(t, &s->page->actor, &s->client, s->renew, &s->faults, &s->id, s->secret, error);
}

/** The secret is shown on the answer itself, once: it is nowhere that a page could be opened again. */
static rfd_status show_secret(struct page *page, struct saving *s, struct rfd_error *error)
{
    slice secret = arena_copy(page->arena, slice_text(s->secret));
    secret_wipe(s->secret, sizeof s->secret);
    if (secret.data == NULL) return arena_failed(page->arena, error);
    view_text(page->view, "client_id", s->client.client_id);
    view_text(page->view, "secret", secret);
    view_string(page->view, "configuration",
                arena_print(page->arena, "%s/.well-known/openid-configuration", page_settings(page)->web.url));
    return page_show(page, N_("The program's secret"), "oidc/secret", error);
}

rfd_status oidc_client_save(struct page *page, struct rfd_error *error)
{
    struct saving s = {.page = page};
    struct form form;
    bool is_new = http_field_count(&page->request->parts, "id") == 0;
    if (!is_new) TRY(page_id(page, "id", &s.client.id, error));
    TRY(form_read(page, fields, FIELDS, &form, error));
    s.client.name = form_text(&form, "name");
    s.client.client_id = form_text(&form, "client_id");
    s.client.redirects = form_text(&form, "redirects");
    s.client.logout_redirects = form_text(&form, "logout_redirects");
    s.client.confidential = form_value(&form, "confidential")->ticked;
    s.client.roles = form_value(&form, "roles")->ticked;
    s.client.enabled = form_value(&form, "enabled")->ticked;
    s.renew = form_value(&form, "renew")->ticked;
    if (!form.wrong) {
        rfd_status status = page_write(page, save, &s, error);
        if (status == RFD_OK && s.secret[0] != '\0') return show_secret(page, &s, error);
        if (status == RFD_OK) return page_redirect(page, N_("Saved"), error, "/administracion/programas");
        if (status != RFD_E_INVALID) return status;
        form_faults(&form, &s.faults);
    }
    page->response->status = 422;
    return show_form(page, &form, is_new, error);
}
