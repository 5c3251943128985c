/* SPDX-License-Identifier: EUPL-1.2
 *
 * Making a central certificate, there and then: what it means and for whom it is; then the signing password and a code.
 * Who came from a signature goes back to it.
 */
#include "web/central/central_pages.h"
#include "web/csc/csc_pages.h"

#include "base/error.h"
#include "base/number.h"

enum { BACK_MAXIMUM = 200, ID_DIGITS = 18 };

static const struct form_field fields[] = {
    {.name = "acepto",
     .label = N_("I have read this, the data are mine, and I want this certificate"),
     .kind = FORM_TICK,
     .required = true,
     .group = "consent"},
    {.name = "volver", .kind = FORM_HIDDEN, .maximum = BACK_MAXIMUM, .group = "consent"},
};
static const struct form_field seal_fields[] = {
    {.name = "acepto",
     .label = N_("I have read this, the data are right, and I answer for this seal"),
     .kind = FORM_TICK,
     .required = true,
     .group = "consent"},
    {.name = "volver", .kind = FORM_HIDDEN, .maximum = BACK_MAXIMUM, .group = "consent"},
    {.name = "sello", .kind = FORM_HIDDEN, .maximum = ID_DIGITS, .group = "consent"},
};
enum { FIELDS = sizeof fields / sizeof *fields, SEAL_FIELDS = sizeof seal_fields / sizeof *seal_fields };

/** A step of a signature, or of what a portal asks for, and nothing else. */
static slice back_of(slice wanted)
{
    bool known = slice_starts(wanted, SLICE(SIGNING "/")) || slice_starts(wanted, SLICE(AGREEMENT "/"));
    if (wanted.data == NULL || wanted.length > BACK_MAXIMUM || !known) return SLICE_EMPTY;
    for (size_t i = 0; i < wanted.length; i++) {
        uint8_t b = wanted.data[i];
        bool plain = (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || memchr("/_-", b, 3);
        if (!plain) return SLICE_EMPTY;
    }
    return wanted;
}

/** What is made: one's own certificate, or an entity's seal. */
struct making {
    struct enrolment enrolment;
    slice entity; /* name; empty: one's own */
    bool weak;
};

static rfd_status open(struct page *page, slice seal, struct making *m, struct rfd_error *error)
{
    uint64_t id = 0;
    *m = (struct making){.weak = false};
    if (seal.data == NULL || seal.length == 0) return page_enrolment(page, &m->enrolment, &m->weak, error);
    if (!number_unsigned(seal, INT64_MAX, &id)) return error_set(error, RFD_E_NOT_FOUND, "no number of an enrolment");
    TRY(page_seal_enrolment(page, (int64_t)id, &m->enrolment, &m->entity, error));
    m->weak = page->actor.level < LEVEL_ADVANCED;
    if (m->weak) m->enrolment.id = 0;
    return RFD_OK;
}

static void put_enrolment(struct page *page, const struct making *m)
{
    const struct enrolment *e = &m->enrolment;
    struct view *facts = view_list(page->view, "facts");
    bool seal = m->entity.length > 0;
    page_fact(page, facts, seal ? N_("Entity") : N_("Holder"), seal ? m->entity : page->actor.name, NULL);
    page_fact(page, facts, seal ? N_("Number in the seal") : N_("Identity number in the certificate"), e->holder, NULL);
    if (seal) page_fact(page, facts, N_("Who answers for it"), page->actor.name, NULL);
    page_fact(page, facts, N_("Kind of certificate"), page_profile(page, e->profile), NULL);
    page_fact(page, facts, seal ? N_("Approved on") : N_("Identity checked on"), page_day(page, e->time), NULL);
    page_fact(page, facts, N_("It can be made until"), page_day(page, e->ends), NULL);
}

/** Who has no enrolment, or is not known well enough. */
static rfd_status show_weak(struct page *page, bool weak, struct rfd_error *error)
{
    view_flag(page->view, "weak_account", weak);
    return page_show(page, N_("A central certificate needs an office first"), "central/weak", error);
}

static rfd_status show(struct page *page, const struct making *m, struct form *form, struct rfd_error *error)
{
    bool seal = m->entity.length > 0;
    put_enrolment(page, m);
    form_show(page, form);
    view_text(page->view, "back", form_text(form, "volver"));
    view_flag(page->view, "seal", seal);
    view_text(page->view, "entity", m->entity);
    if (form->wrong) page->response->status = 422;
    return page_show(page, seal ? N_("Make the seal of an entity") : N_("Make a central certificate"),
                     "central/generate", error);
}

rfd_status generate_show(struct page *page, struct rfd_error *error)
{
    struct making m;
    struct form form;
    slice seal = http_field_get(&page->request->query, "sello", 0);
    TRY(open(page, seal, &m, error));
    if (m.enrolment.id == 0) return show_weak(page, m.weak, error);
    bool of_entity = m.entity.length > 0;
    form_new(&form, of_entity ? seal_fields : fields, of_entity ? SEAL_FIELDS : FIELDS);
    form_set(&form, "volver", back_of(http_field_get(&page->request->query, "volver", 0)));
    if (of_entity) form_set(&form, "sello", seal);
    return show(page, &m, &form, error);
}

rfd_status generate_send(struct page *page, struct rfd_error *error)
{
    struct central c;
    struct central_authorisation begun;
    struct making m;
    struct form form;
    slice language = slice_text(language_code(page->language));
    TRY(open(page, http_field_get(&page->fields, "sello", 0), &m, error));
    if (m.enrolment.id == 0) return show_weak(page, m.weak, error);
    bool seal = m.entity.length > 0;
    TRY(form_read(page, seal ? seal_fields : fields, seal ? SEAL_FIELDS : FIELDS, &form, error));
    slice back = back_of(form_text(&form, "volver"));
    if (form.wrong) return show(page, &m, &form, error);
    TRY(page_central(page, &c, error));
    rfd_status status =
        seal ? central_generate_seal_begin(&c, &page->actor, page->arena, m.enrolment.id, language, &begun, error)
             : central_generate_begin(&c, &page->actor, page->arena, language, &begun, error);
    const char *hindrance = beginning_hindrance(status);
    if (hindrance != NULL) {
        error_clear(error);
        form_fail(&form, "acepto", hindrance);
        return show(page, &m, &form, error);
    }
    TRY(status);
    slice escaped = page_escape(page, back);
    const struct authorising what = {
        .title = seal ? N_("Choose the PIN of the seal") : N_("Choose your signing password"),
        .lead =
            seal ? N_("The key of the seal is made now. Its signing password is the PIN by which portals sign with it: "
                      "choose one that is used for nothing else.")
                 : N_("The key of your certificate is made now. Nobody but you will know its password."),
        .action = seal ? N_("Make the seal") : N_("Make the certificate"),
        .address = arena_print(page->arena, CENTRAL "/nuevo/hecho?volver=%.*s", (int)escaped.length,
                               (const char *)escaped.data),
        .cancel = back.length > 0 ? arena_text(page->arena, back) : CENTRAL};
    if (what.address == NULL || what.cancel == NULL) return arena_failed(page->arena, error);
    const char *again =
        seal ? arena_print(page->arena, CENTRAL "/nuevo?sello=%lld", (long long)m.enrolment.id) : CENTRAL "/nuevo";
    view_string(page->view, "again_link", again == NULL ? "" : again);
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
