/* SPDX-License-Identifier: EUPL-1.2
 *
 * --lock: "all", "a,b" (these fields), "!a,b" (all but these).
 */
#ifndef CLI_LOCK_H
#define CLI_LOCK_H

#include <refrenda.h>

struct lock_fields {
    enum rfd_lock kind;
    const char *const *names; /* NULL-terminated, or NULL */
    char *text;
    const char **list;
};
/** `text` may be NULL: no lock. */
rfd_status lock_parse(const char *text, struct lock_fields *out, struct rfd_error *error) RFD_MUST_CHECK;
void lock_dispose(struct lock_fields *lock);

#endif
