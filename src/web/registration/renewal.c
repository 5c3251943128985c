/* SPDX-License-Identifier: EUPL-1.2
 *
 * A certificate that is renewed: by its holder, signed in, or by the link of the reminder. The form begins with the
 * data that it was asked for with, and is about the same person.
 */
#include "web/registration/asking.h"

/** Who comes by the link of the mail need not sign in: it names the certificate. */
static rfd_status find_holding(struct transaction *t, const struct asking *a, struct holding *out,
                               struct rfd_error *error)
{
    const struct actor house = actor_system("web");
    int64_t linked = 0;
    bool by_link = a->link.length > 0;
    if (by_link) TRY(request_link_look(t, LINK_RENEW, a->link, a->page->now, &linked, error));
    if (by_link && linked != a->renews) return error_set(error, RFD_E_NOT_FOUND, "the link is not in force");
    TRY(holding_find(t, by_link ? &house : &a->page->actor, &a->settings, a->renews, out, error));
    if (by_link || out->own) return RFD_OK;
    return error_set(error, RFD_E_NOT_FOUND, "certificate %lld", (long long)a->renews);
}

static void keep_known(struct asking *a)
{
    struct applicant *k = &a->known;
    slice *const texts[] = {&k->number,   &k->second_number, &k->given_names, &k->surname, &k->second_surname,
                            &k->locality, &k->address,       &k->mail,        &k->mobile,  &k->document};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) *texts[i] = page_keep(a->page, *texts[i]);
}

rfd_status asking_renewal(struct transaction *t, struct asking *a, struct rfd_error *error)
{
    struct holding holding;
    struct request request = {.applicant_count = 0};
    TRY(find_holding(t, a, &holding, error));
    TRY(holding_check_renewal(&a->settings, &holding, error));
    if (holding.request != 0) TRY(request_find(t, holding.request, &request, error));
    a->known = (struct applicant){.number = holding.number};
    for (size_t i = 0; i < request.applicant_count; i++)
        if (request.applicants[i].id == holding.applicant) a->known = request.applicants[i];
    keep_known(a);
    return RFD_OK;
}

void asking_renewal_check(struct asking *a)
{
    char normal[33] = "";
    const struct pack_document *d = packs_document(page_packs(a->page), a->country, form_text(&a->form, "document"));
    slice typed = form_text(&a->form, "number");
    if (d == NULL || typed.length == 0) return; /* the domain says so */
    if (packs_identity_check(d, typed, normal) == IDENTITY_FORM) return;
    if (!slice_equal(slice_text(normal), a->known.number))
        form_fail(&a->form, "number", N_("A renewal is for the holder of the certificate: this is another number"));
}

void asking_renewal_fill(struct asking *a)
{
    struct form *f = &a->form;
    const struct applicant *k = &a->known;
    const char *renews = arena_print(a->page->arena, "%lld", (long long)a->renews);
    const char *unit = arena_print(a->page->arena, "%lld", (long long)k->unit);
    const struct {
        const char *name;
        slice text;
    } known[] = {{"renueva", renews == NULL ? SLICE_EMPTY : slice_text(renews)},
                 {"enlace", a->link},
                 {"document", k->document},
                 {"number", k->number},
                 {"second_number", k->second_number},
                 {"given_names", k->given_names},
                 {"surname", k->surname},
                 {"second_surname", k->second_surname},
                 {"unit", k->unit == 0 || unit == NULL ? SLICE_EMPTY : slice_text(unit)},
                 {"locality", k->locality},
                 {"address", k->address},
                 {"mail", k->mail},
                 {"mail_again", k->mail},
                 {"mobile", k->mobile}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) form_set(f, known[i].name, known[i].text);
}
