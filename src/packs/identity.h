/* SPDX-License-Identifier: EUPL-1.2
 *
 * What identity documents a country has, how their numbers are written and checked (packs/COUNTRY/identity.yaml), and
 * which days are working days (packs/COUNTRY/holidays.yaml). The ways of computing check digits are code, by name
 * (identity_check.def); which document uses which one is data.
 */
#ifndef PACKS_IDENTITY_H
#define PACKS_IDENTITY_H

#include "packs/packs.h"

struct identity_entry;
struct pack_document {
    const char *country, *name;              /* "pe", "dni" */
    const char *label;                       /* for people, the same in every language: "DNI", "CURP" */
    const char *pattern;                     /* for programs: packs/identity_schema.h */
    const char *hint_es, *hint_ca, *hint_en; /* for people: "8 dígitos" */
    bool entity;                             /* of entities: RUC, RFC, NIF */
    bool check_warns;                        /* a wrong check digit is told, not refused (RFC) */
    const char *subject; /* prefix in a certificate's serialNumber or organizationIdentifier: "IDCPE-"; "" none */
    const struct identity_entry *entry; /* inside of the packs */
};
const struct pack_document *packs_document(const struct packs *packs, slice country, slice name);
const struct pack_document *const *packs_documents(const struct packs *packs, slice country, size_t *count);

/** The names of the countries, one by one; NULL after the last. "common" is none. */
const char *packs_country_name(const struct packs *packs, size_t n);

enum identity_fault { IDENTITY_FINE, IDENTITY_FORM, IDENTITY_DIGIT, IDENTITY_DIGIT_WARNS };
/** Capitals, no blanks, dots or dashes; a check digit that was typed is looked at, and left out where the number is
 * known without it (DNI: 8 digits, or 9 with the digit). `normal` holds at least 33 bytes. */
enum identity_fault packs_identity_check(const struct pack_document *document, slice typed, char normal[33]);
/** The document whose number a certificate's serialNumber or organizationIdentifier holds ("IDCPE-12345678"), and the
 * number. */
const struct pack_document *packs_identity_of_subject(const struct packs *packs, slice value, slice *number);

/** Days are days of the installation's zone (0 = 1970-01-01). */
bool packs_working_day(const struct packs *packs, slice country, int64_t day);
/** The day that is `days` working days after `day`. */
int64_t packs_add_working_days(const struct packs *packs, slice country, int64_t day, unsigned days);

#endif
