/* SPDX-License-Identifier: EUPL-1.2
 *
 * What people change of a central certificate: each begins with a form, goes on with password and code, and is a row of
 * the table.
 */
#include "web/central/central_pages.h"

#include "base/error.h"
#include "base/url.h"

/** What is typed before a key is destroyed; translated, as people type it. */
#define DESTROY_WORD N_("destroy") /* es: "destruir" */
enum { POINT_SIZE = 65 };

static const struct form_field mobile_fields[] = {
    {.name = "movil",
     .label = N_("New mobile number"),
     .hint = N_("With the country's code, such as +51 999 000 111. It gets a code, and so does the number until now"),
     .kind = FORM_MOBILE,
     .required = true,
     .autocomplete = "tel"},
};
static const struct form_field app_fields[] = {
    {.name = "punto", .kind = FORM_HIDDEN, .maximum = 200},
};
static const struct form_field word_fields[] = {
    {.name = "palabra",
     .label = N_("To go on, type the word: destroy"), /* es: "Para continuar, escriba la palabra: destruir" */
     .required = true,
     .maximum = 20,
     .autocomplete = "off"},
};

static const struct change {
    const char *path, *kind; /* of the address; as the domain calls it */
    const char *title, *lead, *begin, *action;
    const struct form_field *fields;
    size_t field_count;
    const char *points[4]; /* N_(): what will happen */
    bool danger;
} changes[] = {
    {.path = "clave",
     .kind = "password",
     .title = N_("Change the signing password"),
     .lead = N_("You need the password until now, and a code."),
     .begin = N_("Go on"),
     .action = N_("Change the password"),
     .points =
         {N_("The certificate stays the same; only its password changes."),
          N_("Who forgot the password cannot change it: the key is destroyed then, and another certificate made.")}},
    {.path = "movil",
     .kind = "mobile",
     .title = N_("Change the mobile number"),
     .lead = N_("Codes to sign go to this number."),
     .begin = N_("Send the codes"),
     .action = N_("Change the number"),
     .fields = mobile_fields,
     .field_count = sizeof mobile_fields / sizeof *mobile_fields,
     .points = {N_("Both numbers get a code of their own. If you do not have the one until now any more, go to an "
                   "office with your identity document.")}},
    {.path = "aplicacion",
     .kind = "totp",
     .title = N_("Codes of an authenticator app"),
     .lead = N_("An app on your telephone shows the codes, without network and without SMS."),
     .begin = N_("Show the QR code"),
     .action = N_("Use the app"),
     .fields = app_fields,
     .field_count = sizeof app_fields / sizeof *app_fields,
     .points = {N_("Any app that reads such QR codes will do: FreeOTP, Aegis, Google Authenticator."),
                N_("From then on codes come from the app, and none by SMS.")}},
    {.path = "destruir",
     .kind = "destroy",
     .title = N_("Destroy the key"),
     .lead = N_("Nobody can sign with this certificate afterwards, and nothing brings it back."),
     .begin = N_("Go on"),
     .action = N_("Destroy the key"),
     .fields = word_fields,
     .field_count = sizeof word_fields / sizeof *word_fields,
     .points = {N_("What was signed with it stays valid."), N_("To sign again, make another certificate.")},
     .danger = true},
};

/** The same of an entity's seal, whose password is called so. */
static const struct change pin_change = {
    .path = "clave",
    .kind = "password",
    .title = N_("Change the PIN"),
    .lead = N_("You need the PIN until now, and a code."),
    .begin = N_("Go on"),
    .action = N_("Change the PIN"),
    .points = {N_("The certificate stays the same; only its PIN changes. Tell it to those who run the portals."),
               N_("Who forgot the PIN cannot change it: the key is destroyed then, and another seal made.")}};

struct changing {
    struct page *page;
    const struct change *change;
    struct central_credential credential;
    const char *here; /* its address, without what is changed */
};

static rfd_status open(struct page *page, struct changing *c, struct rfd_error *error)
{
    slice path = http_request_part(page->request, "change");
    *c = (struct changing){.page = page};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        if (slice_is(path, changes[i].path)) c->change = &changes[i];
    if (c->change == NULL) return error_set(error, RFD_E_NOT_FOUND, "nothing that can be changed");
    TRY(credential_page_open(page, &c->credential, error));
    if (c->credential.entity && strcmp(c->change->path, pin_change.path) == 0) c->change = &pin_change;
    c->here = arena_print(page->arena, CENTRAL "/%s", c->credential.id);
    return c->here == NULL ? arena_failed(page->arena, error) : RFD_OK;
}

static bool is_possible(const struct changing *c)
{
    bool destroys = c->change->danger;
    return c->credential.state == PERSONAL_ACTIVE || (destroys && c->credential.state != PERSONAL_DESTROYED);
}

static rfd_status show(struct changing *c, struct form *form, struct rfd_error *error)
{
    struct page *page = c->page;
    struct view *points = view_list(page->view, "points");
    for (size_t i = 0; i < 4 && c->change->points[i] != NULL; i++)
        view_item_text(points, slice_text(page_text(page, c->change->points[i])));
    credential_put(page, &c->credential, page->view);
    view_string(page->view, "title", page_text(page, c->change->title));
    view_string(page->view, "lead", page_text(page, c->change->lead));
    view_string(page->view, "begin", page_text(page, c->change->begin));
    view_string(page->view, "here", c->here);
    view_flag(page->view, "danger", c->change->danger);
    view_flag(page->view, "is_app", strcmp(c->change->kind, "totp") == 0);
    form_show(page, form);
    if (form->wrong) page->response->status = 422;
    return page_show(page, c->change->title, "central/change", error);
}

rfd_status change_show(struct page *page, struct rfd_error *error)
{
    struct changing c;
    struct form form;
    TRY(open(page, &c, error));
    if (!is_possible(&c)) return page_redirect(page, NULL, error, "%s", c.here);
    form_new(&form, c.change->fields, c.change->field_count);
    return show(&c, &form, error);
}

/* ---- Beginning ---- */

static void check(const struct changing *c, struct form *form, slice *point)
{
    const struct page *page = c->page;
    if (strcmp(c->change->kind, "totp") == 0) {
        *point = url_read_base64(form_text(form, "punto"), page->arena);
        if (point->length != POINT_SIZE)
            form_fail(form, "", N_("An app needs JavaScript, which did not run in this browser"));
    }
    if (!c->change->danger) return;
    slice typed = form_text(form, "palabra");
    if (typed.length > 0 && !http_equal_any_case(typed, slice_text(page_text(page, DESTROY_WORD))))
        form_fail(form, "palabra", N_("This is not the word"));
}

/** What hinders it, by the field that it is told at. */
static bool tell(struct form *form, rfd_status status, struct rfd_error *error)
{
    const char *message = NULL;
    if (status == RFD_E_CREDENTIAL_LOCKED)
        message = N_("There were too many wrong passwords or codes. My certificates says until when, and what to do.");
    if (status == RFD_E_LIMIT) message = N_("There were too many tries with this certificate. Wait a few minutes.");
    if (status == RFD_E_ARGUMENT) message = N_("This is no number of a mobile, with its country's code");
    if (message == NULL) return false;
    error_clear(error);
    form_fail(form, status == RFD_E_ARGUMENT ? "movil" : "", message);
    return true;
}

static rfd_status authorise(struct changing *c, const struct central_authorisation *begun, struct rfd_error *error)
{
    struct page *page = c->page;
    const struct authorising what = {.title = c->change->title,
                                     .action = c->change->action,
                                     .address = arena_print(page->arena, "%s/%s/hecho", c->here, c->change->path),
                                     .cancel = c->here,
                                     .danger = c->change->danger};
    const char *again = arena_print(page->arena, "%s/%s", c->here, c->change->path);
    if (what.address == NULL || again == NULL) return arena_failed(page->arena, error);
    view_string(page->view, "again_link", again);
    view_string(page->view, "issuer", page_settings(page)->web.name);
    view_string(page->view, "label", c->credential.holder);
    return authorise_show(page, &what, begun, error);
}

rfd_status change_send(struct page *page, struct rfd_error *error)
{
    struct changing c;
    struct central central;
    struct central_authorisation begun;
    struct form form;
    slice point = SLICE_EMPTY;
    TRY(open(page, &c, error));
    if (!is_possible(&c)) return page_redirect(page, NULL, error, "%s", c.here);
    TRY(form_read(page, c.change->fields, c.change->field_count, &form, error));
    check(&c, &form, &point);
    if (form.wrong) return show(&c, &form, error);
    TRY(page_central(page, &central, error));
    rfd_status status = central_change_begin(&central, &page->actor, page->arena, slice_text(c.credential.id),
                                             slice_text(c.change->kind), form_text(&form, "movil"), point,
                                             slice_text(language_code(page->language)), &begun, error);
    if (status != RFD_OK && tell(&form, status, error)) return show(&c, &form, error);
    TRY(status);
    return authorise(&c, &begun, error);
}

rfd_status change_finish(struct page *page, struct rfd_error *error)
{
    struct changing c;
    struct central central;
    struct authorise_form form;
    TRY(authorise_read(page, &form, error));
    TRY(open(page, &c, error));
    TRY(page_central(page, &central, error));
    rfd_status status = central_change(&central, &page->actor, page->arena, slice_text(c.credential.id), form.operation,
                                       &form.proofs, error);
    const char *next = arena_print(page->arena, "%s?hecho=%s", c.here, c.change->path);
    return authorise_answer(page, &central, &form, status, next, error);
}
