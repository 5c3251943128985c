/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a catalogue says of an entry besides its names: "name=value" parts separated by blanks, lists by commas
 * ("kinds=issue,reissue payment=yes"). Which names a catalogue has, and what they may say, is a table
 * (registration_values.def), for the packs' files and for what administrators type alike.
 */
#ifndef PACKS_REGISTRATION_VALUE_H
#define PACKS_REGISTRATION_VALUE_H

#include "packs/registration.h"

enum { PACK_CODE_MAXIMUM = 40, PACK_TITLE_MAXIMUM = 200, PACK_VALUE_MAXIMUM = 200 };

/** Whether there is a catalogue of this name. */
bool pack_catalogue_is_known(slice name);
/** Small letters, digits and dashes, beginning and ending with none of the latter: it is also the name of a field. */
bool pack_code_is_good(slice code);
/** What is wrong with a value in this catalogue: N_(); NULL: nothing. `part`: where. */
const char *pack_value_wrong(slice catalogue, slice value, slice *part);
/** The text behind "name="; empty where it has none. `said`: whether it is there. */
slice pack_value(slice value, const char *name, bool *said);
/** Whether the list behind "name=" has `item`. */
bool pack_value_has(slice value, const char *name, slice item);
struct pack_evidence pack_evidence_of(slice value);

/** What a catalogue's entries may say, for people who edit them. */
struct pack_value_rule {
    const char *catalogue, *name;
    const char *words; /* separated by commas; "": codes; "#": a number */
    const char *title; /* N_() */
};
extern const struct pack_value_rule pack_value_rules[];
extern const size_t pack_value_rule_count;
/** Their names and titles (N_()), one by one; NULL behind the last. */
const char *pack_catalogue_name(size_t n);
const char *pack_catalogue_title(slice name);

#endif
