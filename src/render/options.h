/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef RENDER_OPTIONS_H
#define RENDER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct render_options {
    uint64_t page; /* 1 = the first */
    uint64_t dpi;
    uint64_t pixels;
    uint64_t memory;  /* MiB */
    uint64_t seconds; /* of processor time */
    uint64_t password_fd;
    bool has_password;
    bool count_pages;
    bool help, version;
};

/** False after complaining. */
bool render_options_parse(int count, char **arguments, struct render_options *out);
void render_options_help(void);

#endif
