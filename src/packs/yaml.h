/* SPDX-License-Identifier: EUPL-1.2
 *
 * Files of YAML by a schema of libcyaml (include <cyaml/cyaml.h> for the schema), read whole or not at all: no aliases
 * (nothing that grows when it is read), one document, no unknown keys, and what is wrong told with file and line.
 */
#ifndef PACKS_YAML_H
#define PACKS_YAML_H

#include "base/slice.h"

struct cyaml_schema_value;

enum { YAML_FILE_MAXIMUM = 1 << 20, YAML_PATH_SIZE = 256 };

/** A file and the structure that its schema makes of it. */
struct yaml_file {
    char path[YAML_PATH_SIZE]; /* as it is named in errors */
    rfd_bytes text;
    const struct cyaml_schema_value *schema;
    void *data;
};

/** `code` is what a mistake in the file is reported as. RFD_E_IO_READ, RFD_E_LIMIT. */
rfd_status yaml_read(const char *path, const struct cyaml_schema_value *schema, rfd_status code, struct yaml_file *out,
                     struct rfd_error *error) RFD_MUST_CHECK;
/** The same of text at hand; `path` names it. */
rfd_status yaml_read_text(const char *path, slice text, const struct cyaml_schema_value *schema, rfd_status code,
                          struct yaml_file *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Safe on a zeroed struct. */
void yaml_dispose(struct yaml_file *file);

/** A mistake that the schema does not know of: "FILE:LINE: what", the line being that of the first value `at` in the
 * file (the key before it is `key`; NULL: any). Returns `code`. */
rfd_status yaml_complain(const struct yaml_file *file, rfd_status code, const char *key, const char *at,
                         struct rfd_error *error, const char *format, ...) RFD_PRINTF(6, 7);

#endif
