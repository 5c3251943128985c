/* SPDX-License-Identifier: EUPL-1.2
 *
 * A growable byte buffer with a hard maximum and a sticky error: write without checking each call, ask buf_status()
 * once at the end. A failed buffer stays failed and holds no half-written promise.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/slice.h"

struct buf {
    uint8_t *data;
    size_t length;
    size_t capacity; /* length <= capacity <= maximum */
    size_t maximum;
    rfd_status status;
    bool wipes; /* what is freed, also when it grows, is overwritten first */
};

/** An empty buffer that never holds more than `maximum` bytes. Allocates nothing. */
void buf_init(struct buf *b, size_t maximum);
/** The same, for what may hold passwords, codes and keys: it leaves nothing behind where it was, neither when it grows
 * nor when it is disposed of. */
void buf_init_secret(struct buf *b, size_t maximum);
/** Frees the bytes; the buffer is as after the init. */
void buf_dispose(struct buf *b);
/** Forgets content and error, keeps the memory. */
void buf_reset(struct buf *b);

/** What buf_reserve does when there is no room yet. */
uint8_t *buf_make_room(struct buf *b, size_t extra);

/** Makes room for `extra` bytes and returns where they go (length unchanged), or NULL after setting the status. */
static inline uint8_t *buf_reserve(struct buf *b, size_t extra)
{
    bool fits = b->status == RFD_OK && b->data != NULL && extra <= b->capacity - b->length;
    return fits ? b->data + b->length : buf_make_room(b, extra);
}

static inline void buf_put(struct buf *b, const void *data, size_t length)
{
    if (length == 0) return;
    uint8_t *to = buf_reserve(b, length);
    if (to == NULL) return;
    memcpy(to, data, length);
    b->length += length;
}

static inline void buf_put_slice(struct buf *b, slice s)
{
    buf_put(b, s.data, s.length);
}

static inline void buf_put_text(struct buf *b, const char *text)
{
    buf_put(b, text, strlen(text));
}

static inline void buf_put_byte(struct buf *b, uint8_t byte)
{
    buf_put(b, &byte, 1);
}

void buf_fill(struct buf *b, uint8_t byte, size_t count);
void buf_print(struct buf *b, const char *format, ...) RFD_PRINTF(2, 3);
/** Decimal digits, much faster than buf_print. */
void buf_put_unsigned(struct buf *b, uint64_t value);
void buf_put_signed(struct buf *b, int64_t value);
/** Lower- or upper-case hexadecimal digits. */
void buf_put_hex(struct buf *b, slice bytes, bool upper);
/** RFC 4648 base64 with padding, no line breaks. */
void buf_put_base64(struct buf *b, slice bytes);

static inline slice buf_slice(const struct buf *b)
{
    return (slice){b->data, b->length};
}

/** RFD_OK, RFD_E_MEMORY or RFD_E_LIMIT. */
static inline rfd_status buf_status(const struct buf *b)
{
    return b->status;
}

/** buf_status with the error filled; `what` names the buffer's content. */
rfd_status buf_check(const struct buf *b, const char *what, struct rfd_error *error) RFD_MUST_CHECK;
/** Moves the bytes out; the buffer is empty afterwards. Fails with the sticky status. */
rfd_status buf_take(struct buf *b, rfd_bytes *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
