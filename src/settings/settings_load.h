/* SPDX-License-Identifier: EUPL-1.2
 *
 * The file as it stands: which settings it has and their text, unchecked but for their shape.
 */
#ifndef SETTINGS_LOAD_H
#define SETTINGS_LOAD_H

#include "base/arena.h"
#include "settings/settings_rows.h"

enum { SETTINGS_FILE_MAXIMUM = 256 << 10, SETTINGS_VALUE_MAXIMUM = 4096 };

struct raw_token {
    char *name, *module, *token, *pin_file;
    bool network;
};
/** What a row got; `data` is NULL when the file does not have it. */
struct raw_value {
    union {
        void *data;
        char *text;               /* also of numbers and switches */
        char **items;             /* of lists */
        struct raw_token *tokens; /* of tokens */
    };
    uint32_t count; /* of items or tokens */
};
struct raw_settings {
    struct raw_value values[SETTINGS_ROWS_MAXIMUM]; /* by row of setting_rows */
};

/** RFD_E_SETTINGS, with the line; NULL for a file that says nothing. Free with settings_unload. */
rfd_status settings_load(slice text, struct raw_settings **out, struct rfd_error *error) RFD_MUST_CHECK;
void settings_unload(struct raw_settings *raw);

/** The line where `section` has `name` (from 1), or 0 when it is not written in the usual way. */
unsigned settings_line(slice text, const char *section, const char *name);

#endif
