/* SPDX-License-Identifier: EUPL-1.2
 *
 * Making a central certificate, there and then: what it means and for whom it is; then the signing password and a code.
 * Who came from a signature goes back to it.
 */
#include "web/central/central_pages.h"

#include "base/error.h"

enum { BACK_MAXIMUM = 200 };

static const struct form_field fields[] = {
    {.name = "acepto",
     .label = N_("I have read this, the data are mine, and I want this certificate"),
     .kind = FORM_TICK,
     .required = true,
     .group = "consent"},
    {.name = "volver", .kind = FORM_HIDDEN, .maximum = BACK_MAXIMUM, .group = "consent"},
};
enum { FIELDS = sizeof fields / sizeof *fields };

/** A step of a signature, and nothing else. */
static slice back_of(slice wanted)
{
    if (wanted.data == NULL || wanted.length > BACK_MAXIMUM || !slice_starts(wanted, SLICE(SIGNING "/")))
        return SLICE_EMPTY;
    for (size_t i = 0; i < wanted.length; i++) {
        uint8_t b = wanted.data[i];
        bool plain = (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || memchr("/_-", b, 3);
        if (!plain) return SLICE_EMPTY;
    }
    return wanted;
}

static void put_enrolment(struct page *page, const struct enrolment *e)
{
    struct view *facts = view_list(page->view, "facts");
    page_fact(page, facts, N_("Holder"), page->actor.name, NULL);
    page_fact(page, facts, N_("Identity number in the certificate"), e->holder, NULL);
    page_fact(page, facts, N_("Kind of certificate"), page_profile(page, e->profile), NULL);
    page_fact(page, facts, N_("Identity checked on"), page_day(page, e->time), NULL);
    page_fact(page, facts, N_("It can be made until"), page_day(page, e->ends), NULL);
}

/** Who has no enrolment, or is not known well enough. */
static rfd_status show_weak(struct page *page, bool weak, struct rfd_error *error)
{
    view_flag(page->view, "weak_account", weak);
    return page_show(page, N_("A central certificate needs an office first"), "central/weak", error);
}

static rfd_status show(struct page *page, const struct enrolment *e, struct form *form, struct rfd_error *error)
{
    put_enrolment(page, e);
    form_show(page, form);
    view_text(page->view, "back", form_text(form, "volver"));
    if (form->wrong) page->response->status = 422;
    return page_show(page, N_("Make a central certificate"), "central/generate", error);
}

rfd_status generate_show(struct page *page, struct rfd_error *error)
{
    struct enrolment enrolment;
    struct form form;
    bool weak;
    TRY(page_enrolment(page, &enrolment, &weak, error));
    if (enrolment.id == 0) return show_weak(page, weak, error);
    form_new(&form, fields, FIELDS);
    form_set(&form, "volver", back_of(http_field_get(&page->request->query, "volver", 0)));
    return show(page, &enrolment, &form, error);
}

rfd_status generate_send(struct page *page, struct rfd_error *error)
{
    struct central c;
    struct central_authorisation begun;
    struct enrolment enrolment;
    struct form form;
    bool weak;
    TRY(page_enrolment(page, &enrolment, &weak, error));
    if (enrolment.id == 0) return show_weak(page, weak, error);
    TRY(form_read(page, fields, FIELDS, &form, error));
    slice back = back_of(form_text(&form, "volver"));
    if (form.wrong) return show(page, &enrolment, &form, error);
    TRY(page_central(page, &c, error));
    TRY(central_generate_begin(&c, &page->actor, page->arena, slice_text(language_code(page->language)), &begun,
                               error));
    slice escaped = page_escape(page, back);
    const struct authorising what = {
        .title = N_("Choose your signing password"),
        .lead = N_("The key of your certificate is made now. Nobody but you will know its password."),
        .action = N_("Make the certificate"),
        .address = arena_print(page->arena, CENTRAL "/nuevo/hecho?volver=%.*s", (int)escaped.length,
                               (const char *)escaped.data),
        .cancel = back.length > 0 ? arena_text(page->arena, back) : CENTRAL};
    if (what.address == NULL || what.cancel == NULL) return arena_failed(page->arena, error);
    view_string(page->view, "again_link", CENTRAL "/nuevo");
    return authorise_show(page, &what, &begun, error);
}

rfd_status generate_finish(struct page *page, struct rfd_error *error)
{
    struct central c;
    struct authorise_form form;
    char credential[PERSONAL_ID_SIZE] = "";
    slice back = back_of(http_field_get(&page->request->query, "volver", 0));
    TRY(authorise_read(page, &form, error));
    TRY(page_central(page, &c, error));
    rfd_status status =
        central_generate(&c, &page->actor, page->arena, form.operation, &form.proofs, credential, error);
    const char *next =
        back.length > 0 ? arena_print(page->arena, "%.*s?con=%s", (int)back.length, (const char *)back.data, credential)
                        : arena_print(page->arena, CENTRAL "/%s", credential);
    return authorise_answer(page, &c, &form, status, next, error);
}
