/* SPDX-License-Identifier: EUPL-1.2
 *
 * OpenAPI descriptions held against what is answered: as much of JSON Schema as ours have. What does not fit fails the
 * test.
 */
#ifndef TESTS_OPENAPI_CHECK_H
#define TESTS_OPENAPI_CHECK_H

#include <jansson.h>

/** `where` is told when it does not fit. */
void openapi_matches(const json_t *openapi, const json_t *schema, const json_t *value, const char *where);
/** The schema of an answer; fails when the description does not have it. `path` and `method` are the description's:
 * "/operaciones/{id}", "get". */
const json_t *openapi_described(const json_t *openapi, const char *path, const char *method, int status);

#endif
