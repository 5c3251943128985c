/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/agency/look_up.h"

#include "base/error.h"
#include "domain/organisation/organisation.h"
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
