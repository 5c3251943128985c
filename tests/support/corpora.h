/* SPDX-License-Identifier: EUPL-1.2
 *
 * Files of other people that some tests read and that are no part of the project: below REFRENDA_CORPORA, or beside
 * the source. Tests skip themselves when they are not there.
 */
#ifndef SUPPORT_CORPORA_H
#define SUPPORT_CORPORA_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** The path of `name` ("pkits/certs") in `path`; false when it does not exist. */
static inline _Bool corpora_path(const char *name, char *path, size_t size)
{
    const char *root = getenv("REFRENDA_CORPORA");
    const char *slash = strrchr(__FILE__, '/');
    int length = root != NULL ? snprintf(path, size, "%s/%s", root, name)
                              : snprintf(path, size, "%.*s/../../../shared/corpora/%s",
                                         slash == NULL ? 0 : (int)(slash - __FILE__), __FILE__, name);
    return length > 0 && (size_t)length < size && access(path, R_OK) == 0;
}

#endif
