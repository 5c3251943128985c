/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of the packs: what an identity.yaml says, and how numbers are compared with a pattern.
 *
 * A pattern is a row of elements, each for one character: 9 a digit, A a letter, L a letter, N with tilde or &, * a
 * letter or digit, [XYZ] one of these; a ? after an element says that it may be missing; | separates patterns of which
 * one has to fit.
 */
#ifndef PACKS_IDENTITY_SCHEMA_H
#define PACKS_IDENTITY_SCHEMA_H

#include "packs/identity_check.h"
#include "packs/yaml.h"

enum { IDENTITY_DOCUMENTS_MAXIMUM = 16, IDENTITY_LONGEST = 32 };

struct identity_hint {
    char *es, *ca, *en;
};
struct identity_entry {
    char *name, *label, *pattern;
    struct identity_hint hint;
    enum identity_check_name check;
    bool check_warns;
    unsigned pad;  /* zeros are put before a shorter number up to so many characters; 0: none */
    unsigned keep; /* so many characters are the number, the rest is the check digit; 0: all */
    bool entity;
    char *subject;
};
struct identity_file {
    struct identity_entry *documents;
    unsigned document_count;
};
extern const struct cyaml_schema_value identity_schema; /* of a struct identity_file */

bool identity_pattern_is_good(const char *pattern);
bool identity_pattern_fits(const char *pattern, slice number);

#endif
