/* SPDX-License-Identifier: EUPL-1.2
 *
 * What fields and inspect have in common: open each operand, show it as text or JSON, go on past a bad one.
 */
#ifndef CLI_DOCUMENT_H
#define CLI_DOCUMENT_H

#include "cli/options.h"

#include <jansson.h>

/** `show` prints text when `json` is NULL, else fills the object. */
typedef rfd_status document_show(struct rfd_document *document, const char *path, json_t *json,
                                 struct rfd_error *error);
int document_each(const struct arguments *a, document_show *show);

#endif
