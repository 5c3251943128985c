/* SPDX-License-Identifier: EUPL-1.2
 *
 * JSON values as the bytes that the library hands out.
 */
#ifndef PADES_JSON_BYTES_H
#define PADES_JSON_BYTES_H

#include <jansson.h>
#include <refrenda/base.h>

/** Writes `json` indented and frees it; NULL, what jansson gives without memory, is RFD_E_MEMORY. `flags` are
 * jansson's, on top of the indentation. */
rfd_status json_bytes(json_t *json, size_t flags, rfd_bytes *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
