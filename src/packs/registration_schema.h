/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of the packs: what a registration.yaml says.
 */
#ifndef PACKS_REGISTRATION_SCHEMA_H
#define PACKS_REGISTRATION_SCHEMA_H

#include "packs/yaml.h"

enum { REGISTRATION_CATALOGUES_MAXIMUM = 16, REGISTRATION_ENTRIES_MAXIMUM = 200 };

struct registration_text {
    char *es, *ca, *en;
};
struct registration_fee {
    char *code, *payee, *currency;
    unsigned amount; /* hundredths */
};
struct registration_entry {
    char *code, *es, *ca, *en;
    char *value; /* NULL: nothing */
};
struct registration_list {
    char *name;
    struct registration_entry *entries;
    unsigned entry_count;
};
struct registration_file {
    char *documents, *second; /* second NULL: none */
    char *profile, *agency_profile;
    char *key;
    unsigned renewal_days;
    char *reminders;
    struct registration_fee *fee; /* NULL: none */
    struct registration_text responsibility, statement;
    struct registration_list *catalogues;
    unsigned catalogue_count;
};
extern const struct cyaml_schema_value registration_schema; /* of a struct registration_file */

#endif
