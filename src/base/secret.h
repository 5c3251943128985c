/* SPDX-License-Identifier: EUPL-1.2
 *
 * Passwords, PINs and key material: kept out of swap and core dumps where the system allows, wiped when released,
 * compared in constant time.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/slice.h"

struct secret {
    uint8_t *data; /* `length` bytes and a terminating zero */
    size_t length;
    size_t reserved; /* whole pages */
};

/** Copies `from` into locked pages (unlocked when RLIMIT_MEMLOCK forbids). They are not in core dumps, and zeros in a
 * child made by fork(). */
rfd_status secret_set(struct secret *s, slice from, struct rfd_error *error) RFD_MUST_CHECK;
/** The first line of a file (at most 1,024 bytes, without its end of line), or of descriptor 0 for "-". */
rfd_status secret_read_file(struct secret *s, const char *path, struct rfd_error *error) RFD_MUST_CHECK;
/** Asks on the terminal with echo off. RFD_E_IO_READ when there is no terminal. */
rfd_status secret_prompt(struct secret *s, const char *prompt, struct rfd_error *error) RFD_MUST_CHECK;
/** Wipes and releases; safe on a zeroed struct. */
void secret_dispose(struct secret *s);

static inline slice secret_slice(const struct secret *s)
{
    return (slice){s->data, s->length};
}

/** Overwrites memory in a way that the compiler may not remove. */
void secret_wipe(void *memory, size_t length);
/** Equality without leaking where the first difference is. */
bool secret_equal(slice a, slice b);

#endif
