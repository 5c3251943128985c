/* SPDX-License-Identifier: EUPL-1.2
 *
 * Borrowed bytes. A slice never owns and is never zero-terminated; whoever made it says how long it lives.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <refrenda/base.h>
#include <string.h>

typedef rfd_slice slice;

#define SLICE_EMPTY ((slice){NULL, 0})
/** A slice over a string literal, without its terminator. */
#define SLICE(literal) ((slice){(const uint8_t *)("" literal), sizeof(literal) - 1})

static inline slice slice_of(const void *data, size_t length)
{
    return (slice){data, length};
}

static inline slice slice_text(const char *text)
{
    return (slice){(const uint8_t *)text, strlen(text)};
}

static inline slice slice_bytes(rfd_bytes bytes)
{
    return (slice){bytes.data, bytes.length};
}

/** Lengths and first bytes tell most apart without a call. */
static inline bool slice_equal(slice a, slice b)
{
    if (a.length != b.length) return false;
    return a.length == 0 || (a.data[0] == b.data[0] && memcmp(a.data, b.data, a.length) == 0);
}

static inline bool slice_is(slice a, const char *text)
{
    return slice_equal(a, slice_text(text));
}

/** The part from `from`, at most `length` bytes; never beyond the end. */
static inline slice slice_part(slice s, size_t from, size_t length)
{
    if (from > s.length) from = s.length;
    if (length > s.length - from) length = s.length - from;
    return (slice){s.data == NULL ? NULL : s.data + from, length};
}

static inline slice slice_from(slice s, size_t from)
{
    return slice_part(s, from, SIZE_MAX);
}

static inline bool slice_starts(slice s, slice prefix)
{
    return s.length >= prefix.length && slice_equal(slice_part(s, 0, prefix.length), prefix);
}

static inline bool slice_ends(slice s, slice suffix)
{
    return s.length >= suffix.length &&
           (suffix.length == 0 || memcmp(s.data + (s.length - suffix.length), suffix.data, suffix.length) == 0);
}

/** Bytewise order, the shorter first when one begins the other. */
static inline int slice_compare(slice a, slice b)
{
    size_t shared = a.length < b.length ? a.length : b.length;
    int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);
    return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

#endif
