/* SPDX-License-Identifier: EUPL-1.2 */
#include "ipc/message.h"

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"

#include <unistd.h>

enum { LENGTH_SIZE = 4, TYPE_AT = 4, DESCRIPTORS_AT = 6, REQUEST_AT = 8 };

void message_close_descriptors(struct message *m)
{
    for (size_t i = 0; i < m->descriptor_count; i++) {
        if (m->descriptors[i] >= 0) (void)close(m->descriptors[i]);
        m->descriptors[i] = -1;
    }
    m->descriptor_count = 0;
}

/* ---- Writing ---- */

static void store_big_endian(uint8_t *to, uint64_t value, size_t size)
{
    for (size_t i = size; i > 0; i--, value >>= 8) to[i - 1] = (uint8_t)value;
}

static void put_number(struct buf *b, uint64_t value, size_t size)
{
    uint8_t octets[8];
    store_big_endian(octets, value, size);
    buf_put(b, octets, size);
}

size_t message_begin(struct buf *b, uint16_t type, uint64_t request, size_t descriptors)
{
    size_t begun = b->length;
    put_number(b, 0, LENGTH_SIZE);
    put_number(b, type, 2);
    put_number(b, descriptors, 2);
    put_number(b, request, 8);
    return begun;
}

void message_finish(struct buf *b, size_t begun)
{
    if (buf_status(b) == RFD_OK) store_big_endian(b->data + begun, b->length - begun - LENGTH_SIZE, LENGTH_SIZE);
}

void message_put_u8(struct buf *b, uint8_t value)
{
    buf_put_byte(b, value);
}

void message_put_u32(struct buf *b, uint32_t value)
{
    put_number(b, value, 4);
}

void message_put_u64(struct buf *b, uint64_t value)
{
    put_number(b, value, 8);
}

void message_put_i64(struct buf *b, int64_t value)
{
    put_number(b, (uint64_t)value, 8);
}

void message_put_bytes(struct buf *b, slice bytes)
{
    if (bytes.length > UINT32_MAX) b->status = RFD_E_LIMIT;
    put_number(b, bytes.length, 4);
    buf_put_slice(b, bytes);
}

void message_put_text(struct buf *b, const char *text)
{
    message_put_bytes(b, slice_text(text));
}

/* ---- Reading ---- */

static slice take(struct message_reader *r, size_t length)
{
    if (r->failed || r->left.data == NULL || length > r->left.length) {
        r->failed = true;
        r->left = SLICE_EMPTY;
        return SLICE_EMPTY;
    }
    slice taken = slice_part(r->left, 0, length);
    r->left = slice_from(r->left, length);
    return taken;
}

static uint64_t get_number(struct message_reader *r, size_t size)
{
    slice octets = take(r, size);
    return number_big_endian(octets.data, octets.length);
}

uint8_t message_get_u8(struct message_reader *r)
{
    return (uint8_t)get_number(r, 1);
}

uint32_t message_get_u32(struct message_reader *r)
{
    return (uint32_t)get_number(r, 4);
}

uint64_t message_get_u64(struct message_reader *r)
{
    return get_number(r, 8);
}

int64_t message_get_i64(struct message_reader *r)
{
    return (int64_t)get_number(r, 8);
}

slice message_get_bytes(struct message_reader *r, size_t maximum)
{
    size_t length = message_get_u32(r);
    if (length > maximum) r->failed = true;
    return take(r, length);
}

static bool is_plain_text(slice s)
{
    for (size_t i = 0; i < s.length; i++) {
        if (s.data[i] < 0x20 || s.data[i] == 0x7F) return false;
    }
    return text_is_utf8(s);
}

slice message_get_text(struct message_reader *r, size_t maximum)
{
    slice text = message_get_bytes(r, maximum);
    if (is_plain_text(text)) return text;
    r->failed = true;
    return SLICE_EMPTY;
}

rfd_status message_end(const struct message_reader *r, const char *what, struct rfd_error *error)
{
    if (r->failed) return error_set(error, RFD_E_PROTOCOL, "%s: a field is missing or out of bounds", what);
    if (r->left.length > 0) return error_set(error, RFD_E_PROTOCOL, "%s: %zu octets too many", what, r->left.length);
    return RFD_OK;
}

/* ---- Frames ---- */

enum message_frame message_parse(slice stream, size_t maximum, struct message *out, size_t *length)
{
    if (stream.length < LENGTH_SIZE) return MESSAGE_INCOMPLETE;
    uint64_t total = number_big_endian(stream.data, LENGTH_SIZE) + LENGTH_SIZE;
    if (total < MESSAGE_HEADER_SIZE || total > maximum || total > MESSAGE_MAXIMUM) return MESSAGE_WRONG;
    if (stream.length < MESSAGE_HEADER_SIZE) return MESSAGE_INCOMPLETE;
    size_t descriptors = (size_t)number_big_endian(stream.data + DESCRIPTORS_AT, 2);
    if (descriptors > MESSAGE_DESCRIPTORS) return MESSAGE_WRONG;
    if (stream.length < total) return MESSAGE_INCOMPLETE;
    *out = (struct message){.type = (uint16_t)number_big_endian(stream.data + TYPE_AT, 2),
                            .request = number_big_endian(stream.data + REQUEST_AT, 8),
                            .body = slice_part(stream, MESSAGE_HEADER_SIZE, (size_t)total - MESSAGE_HEADER_SIZE),
                            .descriptor_count = descriptors};
    for (size_t i = 0; i < MESSAGE_DESCRIPTORS; i++) out->descriptors[i] = -1;
    *length = (size_t)total;
    return MESSAGE_WHOLE;
}
