/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/agency/look_up.h"

#include "base/error.h"
#include "base/i18n.h"
#include "domain/organisation/organisation.h"
#include "domain/registration/agency.h"
#include "domain/registration/identity_service.h"
#include "packs/identity.h"

struct looking {
    struct page *page;
    slice country, document, number;
    int64_t entity;
    struct known_person *out;
};

/** Of the entity's own people only: others' data are no business of the unit's. */
static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct looking *l = context;
    struct person person;
    struct access_object home;
    rfd_status status = person_by_document(t, l->country, l->document, l->number, &person, error);
    if (status == RFD_E_NOT_FOUND) {
        error_clear(error);
        return RFD_OK;
    }
    TRY(status);
    TRY(person_home(t, person.id, &home, error));
    if (home.entity != l->entity) return RFD_OK;
    *l->out = (struct known_person){.given_names = page_keep(l->page, person.given_names),
                                    .surname = page_keep(l->page, person.surname),
                                    .second_surname = page_keep(l->page, person.second_surname),
                                    .mail = page_keep(l->page, person.mail),
                                    .mobile = page_keep(l->page, person.mobile)};
    return RFD_OK;
}

rfd_status look_up_person(struct page *page, slice country, int64_t entity, slice document, slice number,
                          struct known_person *out, struct rfd_error *error)
{
    char normal[33];
    const struct pack_document *d = packs_document(page_packs(page), country, document);
    struct looking l = {.page = page, .country = country, .document = document, .entity = entity, .out = out};
    if (d == NULL || number.length == 0) return RFD_OK;
    enum identity_fault fault = packs_identity_check(d, number, normal);
    if (fault != IDENTITY_FINE && fault != IDENTITY_DIGIT_WARNS) return RFD_OK;
    l.number = slice_text(normal);
    return page_read(page, find, &l, error);
}

/* ---- The identity service ---- */

struct asking {
    struct page *page;
    const struct registration_settings *settings;
    int64_t request;
    slice document, number, country;
    bool allowed;
    struct faults *faults;
};

/** Committed before the question leaves. */
static rfd_status permit(struct transaction *t, void *context, struct rfd_error *error)
{
    struct asking *a = context;
    struct request r;
    a->faults->count = 0;
    TRY(agency_look_up(t, &a->page->actor, a->settings, a->request, &a->document, &a->number, &a->allowed, a->faults,
                       error));
    TRY(agency_see(t, &a->page->actor, a->request, &r, error));
    a->document = page_keep(a->page, a->document);
    a->number = page_keep(a->page, a->number);
    a->country = page_keep(a->page, r.country);
    return RFD_OK;
}

static void take_names(const struct identity_known *said, struct known_person *known, struct looked_up *out)
{
    static const char *const warnings[IDENTITY_STANDINGS] = {
        [IDENTITY_EXPIRED] = N_("The identity service says that this document has expired."),
        [IDENTITY_CANCELLED] = N_("The identity service says that this document was cancelled."),
        [IDENTITY_DECEASED] = N_("The identity service says that the person of this number has died."),
    };
    known->given_names = said->given_names;
    known->surname = said->surname;
    known->second_surname = said->second_surname;
    out->names = true;
    out->warns = warnings[said->standing];
}

rfd_status look_up_identity(struct page *page, const struct registration_settings *settings, int64_t request,
                            slice document, slice number, struct known_person *known, struct looked_up *out,
                            struct faults *faults, struct rfd_error *error)
{
    struct identity_client *client = page_identity(page);
    struct asking a = {.page = page, .settings = settings, .request = request, .document = document, .number = number};
    struct identity_known said = {.outcome = IDENTITY_UNAVAILABLE};
    a.faults = faults;
    *out = (struct looked_up){.names = false};
    if (client == NULL) return RFD_OK;
    TRY(page_write(page, permit, &a, error));
    if (!a.allowed) {
        out->says = N_("You have looked up too many numbers in this hour: type the names.");
        return RFD_OK;
    }
    TRY(identity_client_ask(client, a.country, a.document, a.number, page->arena, &said, error));
    if (said.outcome == IDENTITY_KNOWN)
        take_names(&said, known, out);
    else
        out->says = said.outcome == IDENTITY_UNKNOWN
                        ? N_("The identity service does not have this number: look at it again, or type the names.")
                        : N_("The identity service does not answer now: type the names.");
    return RFD_OK;
}
