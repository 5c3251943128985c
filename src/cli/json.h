/* SPDX-License-Identifier: EUPL-1.2
 *
 * The one frame of what commands print with --json: {"version": 1, NAME: [...]}.
 */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <jansson.h>
#include <stdio.h>

/** Prints and frees `list`; a list that lacks memory is told on standard error. */
void json_print(FILE *to, const char *name, json_t *list);

#endif
