/* SPDX-License-Identifier: EUPL-1.2
 *
 * settings.def as data, for the files of this folder.
 */
#ifndef SETTINGS_ROWS_H
#define SETTINGS_ROWS_H

#include "settings/settings.h"

enum setting_kind {
    SETTING_TEXT,
    SETTING_PATH,
    SETTING_CREDENTIAL,
    SETTING_ADDRESS,
    SETTING_DATABASE,
    SETTING_CHOICE,
    SETTING_NUMBER,
    SETTING_SWITCH,
    SETTING_LIST,
    SETTING_ADDRESSES,
    SETTING_TOKENS
};

struct setting_section {
    const char *name; /* "": the file itself */
    const char *help;
};
struct setting_row {
    const char *section, *name;
    enum setting_kind kind;
    size_t offset; /* in struct settings; of tokens, of the array */
    const char *standard;
    uint64_t least, most;
    const char *choices;
    const char *help;
};

extern const struct setting_section setting_sections[];
extern const size_t setting_section_count;
extern const struct setting_row setting_rows[];
extern const size_t setting_row_count;

enum { SETTINGS_ROWS_MAXIMUM = 128, SETTINGS_SECTIONS_MAXIMUM = 24 };

/** Whether `value` is one of "a|b|c". */
bool setting_is_choice(const char *choices, slice value);

#endif
