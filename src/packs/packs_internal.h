/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of the packs: what is kept of each country's files.
 */
#ifndef PACKS_PACKS_INTERNAL_H
#define PACKS_PACKS_INTERNAL_H

#include "packs/holidays.h"
#include "packs/identity_schema.h"
#include "packs/places.h"
#include "packs/registration_schema.h"

enum { PACKS_COUNTRIES_MAXIMUM = 64, PACKS_COUNTRY_SIZE = 32 };

struct country {
    char name[PACKS_COUNTRY_SIZE];
    struct yaml_file file;               /* profiles.yaml */
    struct yaml_file identity, holidays; /* data NULL: the country has none */
    struct pack_document documents[IDENTITY_DOCUMENTS_MAXIMUM];
    const struct pack_document *listed[IDENTITY_DOCUMENTS_MAXIMUM];
    size_t document_count;
    struct yaml_file registration; /* data NULL: nobody registers here */
    struct pack_registration registered;
    struct pack_catalogue *catalogues;
    struct pack_entry *entries; /* of all catalogues */
    struct places *places;      /* NULL: the country has none */
};
struct packs {
    struct country countries[PACKS_COUNTRIES_MAXIMUM];
    size_t country_count;
    struct pack_profile *profiles;
    const struct pack_profile **sorted;
    size_t count;
};

/** NULL when there is none of this name. */
const struct country *packs_country(const struct packs *packs, slice name);
/** identity.yaml and holidays.yaml of a folder, where they are there. */
rfd_status packs_read_identity(struct country *country, const char *folder, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status packs_read_holidays(struct country *country, const char *folder, struct rfd_error *error) RFD_MUST_CHECK;
/** registration.yaml and places.csv of all folders, when profiles and identity documents are known. */
rfd_status packs_read_registration(struct packs *packs, const char *folder, struct rfd_error *error) RFD_MUST_CHECK;
void packs_dispose_registration(struct country *country);

#endif
