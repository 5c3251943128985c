/* SPDX-License-Identifier: EUPL-1.2
 *
 * Text of strangers on its way out: file names, field names, names in certificates. Nothing of it may steer a terminal,
 * and JSON must be UTF-8 (RFC 8259 §8.1), which a file name need not be.
 */
#ifndef CLI_SAFE_TEXT_H
#define CLI_SAFE_TEXT_H

#include <jansson.h>
#include <stdio.h>

/** Prints `text` with U+FFFD in place of control characters, marks that reorder text, and what is not UTF-8. */
void safe_print(FILE *to, const char *text);

/** A JSON string with U+FFFD for what is not UTF-8; JSON itself escapes control characters. NULL without memory. */
json_t *safe_json(const char *text);

#endif
