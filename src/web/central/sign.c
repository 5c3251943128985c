/* SPDX-License-Identifier: EUPL-1.2
 *
 * The second and third step: with which certificate; then password and code.
 */
#include "web/central/central_pages.h"

#include "base/error.h"

#define ONE SIGNING "/%.*s"

static const char *address_of(const struct page *page, const struct signing *s, const char *step)
{
    return arena_print(page->arena, ONE "%s", (int)s->token.length, (const char *)s->token.data, step);
}

/** Whoever comes back to a step of what is over sees what became of it. */
static rfd_status open_step(struct page *page, struct signing *s, bool *over, struct rfd_error *error)
{
    TRY(signing_page_open(page, s, error));
    *over = !signing_is_open(s);
    if (!*over) return RFD_OK;
    return page_redirect(page, NULL, error, ONE, (int)s->token.length, (const char *)s->token.data);
}

/* ---- With which certificate ---- */

size_t credentials_choice(struct page *page, const struct central_credential *all, size_t count, slice chosen)
{
    struct view *list = view_list(page->view, "credentials");
    size_t usable = 0;
    for (size_t i = 0; i < count; i++) {
        if (all[i].state == PERSONAL_DESTROYED) continue;
        struct view *item = view_item(list);
        bool can = credential_hindrance(page, &all[i]) == NULL;
        credential_put(page, &all[i], item);
        view_flag(item, "chosen", can && (chosen.length == 0 ? usable == 0 : slice_is(chosen, all[i].id)));
        usable += can;
    }
    view_flag(page->view, "usable", usable > 0);
    return usable;
}

rfd_status credentials_way(struct page *page, const char *address, struct rfd_error *error)
{
    struct enrolment enrolment;
    bool weak;
    if (address == NULL) return arena_failed(page->arena, error);
    slice back = page_escape(page, slice_text(address));
    TRY(page_enrolment(page, &enrolment, &weak, error));
    view_flag(page->view, "can_make", enrolment.id != 0);
    view_flag(page->view, "weak", enrolment.id == 0);
    view_flag(page->view, "weak_account", weak);
    view_text(
        page->view, "make_link",
        slice_text(arena_print(page->arena, CENTRAL "/nuevo?volver=%.*s", (int)back.length, (const char *)back.data)));
    return RFD_OK;
}

struct closing {
    int64_t portal;
    bool closed;
};

static rfd_status find_closed(struct transaction *t, void *context, struct rfd_error *error)
{
    struct closing *c = context;
    struct portal portal;
    TRY(portal_find(t, c->portal, &portal, error));
    c->closed = portal.closed;
    return RFD_OK;
}

/** Of a portal that was closed nothing new is begun (preparation_open()); that is told before anybody tries. */
static rfd_status put_closed(struct page *page, const struct signing *s, const char **wrong, struct rfd_error *error)
{
    struct closing c = {.portal = s->portal};
    if (s->portal != 0) TRY(page_read(page, find_closed, &c, error));
    view_flag(page->view, "closed", c.closed);
    if (c.closed)
        *wrong =
            N_("The portal that asks for this was closed here, so that it cannot be signed any more. Ask those who "
               "sent you.");
    return RFD_OK;
}

static rfd_status show_choice(struct page *page, const struct signing *s, const char *wrong, struct rfd_error *error)
{
    if (wrong != NULL) page->response->status = 422;
    TRY(put_closed(page, s, &wrong, error));
    struct central_credential *all;
    size_t count;
    slice chosen = http_field_get(&page->request->query, "con", 0);
    TRY(page_credentials(page, &all, &count, error));
    (void)credentials_choice(page, all, count, chosen.data == NULL ? SLICE_EMPTY : chosen);
    TRY(signing_put(page, s, error));
    TRY(credentials_way(page, address_of(page, s, "/certificado"), error));
    view_string(page->view, "wrong", wrong == NULL ? "" : page_text(page, wrong));
    view_text(page->view, "csrf", csrf_token(page));
    signing_stepper(page, s, STEP_CERTIFICATE);
    return page_show(page, N_("Choose your certificate"), "central/choose", error);
}

rfd_status signing_choose_show(struct page *page, struct rfd_error *error)
{
    struct signing s;
    bool over;
    TRY(open_step(page, &s, &over, error));
    return over ? RFD_OK : show_choice(page, &s, NULL, error);
}

/* ---- Password and code ---- */

/** What a person can do about. `anywhere`: whether or not there is a certificate to choose. */
static const struct {
    rfd_status status;
    bool anywhere;
    const char *message; /* N_() */
} hindrances[] = {
    {RFD_E_CREDENTIAL_LOCKED, false,
     N_("There were too many wrong passwords or codes. My certificates says until when, and what to do.")},
    {RFD_E_NOT_FOUND, false, N_("This certificate is not there any more. Choose another one.")},
    {RFD_E_STATE, false, N_("It cannot be signed at this moment. Try again, or choose another certificate.")},
    {RFD_E_LIMIT, false, N_("There were too many tries with this certificate. Wait a few minutes.")},
    {RFD_E_SLOW_DOWN, true, N_("Too many codes were sent to you. Wait some minutes, and go on here.")},
    {RFD_E_BUSY, true, N_("The service is busy. Wait a moment, and go on here.")},
    {RFD_E_KEY_REFUSED, false,
     N_("Whoever asked for this signature has not asked for it in the right way, or too long ago. Begin again there.")},
};

const char *signing_hindrance(rfd_status status)
{
    for (size_t i = 0; i < sizeof hindrances / sizeof *hindrances; i++)
        if (hindrances[i].status == status) return hindrances[i].message;
    return NULL;
}

const char *beginning_hindrance(rfd_status status)
{
    for (size_t i = 0; i < sizeof hindrances / sizeof *hindrances; i++)
        if (hindrances[i].status == status && hindrances[i].anywhere) return hindrances[i].message;
    return NULL;
}

rfd_status signing_begin(struct page *page, struct rfd_error *error)
{
    struct signing s;
    struct central c;
    struct central_authorisation begun;
    bool over;
    slice credential = http_field_get(&page->fields, "certificado", 0);
    TRY(open_step(page, &s, &over, error));
    if (over) return RFD_OK;
    if (credential.data == NULL || credential.length == 0)
        return show_choice(page, &s, N_("Choose a certificate"), error);
    TRY(page_central(page, &c, error));
    rfd_status status = signing_prepare(&c, &page->actor, page->arena, s.token, credential, PERSONAL_NO_CHANNEL,
                                        slice_text(language_code(page->language)), &begun, error);
    const char *hindrance = signing_hindrance(status);
    if (hindrance != NULL) {
        error_clear(error);
        return show_choice(page, &s, hindrance, error);
    }
    TRY(status);
    const struct authorising what = {.title = N_("Sign with password and code"),
                                     .action = N_("Sign"), /* es: "Firmar" */
                                     .address = address_of(page, &s, "/firma"),
                                     .cancel = address_of(page, &s, "/cancelar")};
    if (what.address == NULL || what.cancel == NULL) return arena_failed(page->arena, error);
    signing_stepper(page, &s, STEP_AUTHORISE);
    view_string(page->view, "again_link", address_of(page, &s, "/certificado"));
    return authorise_show(page, &what, &begun, error);
}

/** The page came of a form; who opens its address, or asks for another language, begins the step again. */
rfd_status signing_begin_again(struct page *page, struct rfd_error *error)
{
    struct signing s;
    TRY(signing_page_open(page, &s, error));
    return page_redirect(page, NULL, error, ONE "/certificado", (int)s.token.length, (const char *)s.token.data);
}

rfd_status signing_finish(struct page *page, struct rfd_error *error)
{
    struct signing s, signed_one;
    struct central c;
    struct authorise_form form;
    TRY(authorise_read(page, &form, error));
    TRY(signing_page_open(page, &s, error));
    TRY(page_central(page, &c, error));
    rfd_status status =
        signing_sign(&c, &page->actor, page->arena, s.token, form.operation, &form.proofs, &signed_one, error);
    return authorise_answer(page, &c, &form, status, address_of(page, &s, "/resultado"), error);
}
