/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a country asks for when somebody wants a certificate (packs/COUNTRY/registration.yaml): evidence, motives,
 * reasons to revoke, payments, places, texts of forms. Administrators may replace, add and close entries of its
 * catalogues (domain/registration/catalogue.h has both together); the rest is the pack's.
 */
#ifndef PACKS_REGISTRATION_H
#define PACKS_REGISTRATION_H

#include "packs/packs.h"

/** An entry of a catalogue, for people in each language. */
struct pack_entry {
    const char *code; /* "forgotten-password" */
    const char *es, *ca, *en;
    const char *value; /* what the catalogue says of it besides, "name=value" separated by blanks; "": nothing */
};
struct pack_catalogue {
    const char *name; /* registration_catalogues.def */
    const struct pack_entry *entries;
    size_t count;
};
/** `evidence` entries have: for=online,agency,payment required=yes|no types=pdf,image picture=yes pixels=300 (least
 * width) sharpness=60 (least variance; 0: not looked at); `kind` has: ways=online,agency; `motive`: kinds=issue,reissue
 * payment=yes; `revocation`: reason=1 (RFC 5280 §5.3.1) by=agent,holder. */
struct pack_evidence {
    const char *code;
    bool online, agency, payment, required, pdf, image, picture;
    unsigned pixels, sharpness;
};

struct pack_registration {
    const char *country;
    const char *documents;            /* identity documents of people here, the first is chosen at first: "curp" */
    const char *second;               /* a second number that is asked for: "rfc-persona"; "": none */
    const char *profile;              /* of certificates of people on line: "mx-advanced-signature" */
    const char *agency_profile;       /* "mx-public-servant" */
    const char *key;                  /* what browsers make: "P-256" or "RSA-2048" */
    unsigned renewal_days;            /* before its end a certificate may be renewed: 21 */
    const char *reminders;            /* days before its end: "30 21 7 1" */
    const char *fee_code, *fee_payee; /* tax code "00529", RUC of who is paid; "" none */
    unsigned fee_amount;              /* hundredths: 810 */
    const char *fee_currency;         /* "S/" */
    const char *responsibility_es, *responsibility_ca, *responsibility_en; /* legal text of the acceptance form */
    const char *statement_es, *statement_ca, *statement_en;                /* of the sworn statement */
    const struct pack_catalogue *catalogues;
    size_t catalogue_count;
};
/** NULL: there is no such country. */
const struct pack_registration *packs_registration(const struct packs *packs, slice country);
/** NULL: the pack has none of this name. */
const struct pack_catalogue *packs_catalogue(const struct packs *packs, slice country, const char *name);

/** Places (packs/COUNTRY/places.csv: code, department or state, province, district or municipality), by code. Province
 * "" where the country has none; district "" (and province, too): the whole of the province or region, for lists that
 * do not have each district. */
struct pack_place {
    const char *code, *region, *province, *district;
};
const struct pack_place *packs_place(const struct packs *packs, slice country, slice code);
/** All of a country, by region, province, district. */
const struct pack_place *packs_places(const struct packs *packs, slice country, size_t *count);

#endif
