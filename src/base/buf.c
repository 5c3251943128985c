/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/buf.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/secret.h"

#include <refrenda/trust.h>
#include <stdarg.h>
#include <stdio.h>

enum { FIRST_CAPACITY = 256 };

void buf_init(struct buf *b, size_t maximum)
{
    *b = (struct buf){.maximum = maximum};
}

void buf_init_secret(struct buf *b, size_t maximum)
{
    *b = (struct buf){.maximum = maximum, .wipes = true};
}

void buf_dispose(struct buf *b)
{
    if (b->wipes && b->data != NULL) secret_wipe(b->data, b->capacity);
    memory_free(b->data);
    *b = (struct buf){.maximum = b->maximum, .wipes = b->wipes};
}

void buf_reset(struct buf *b)
{
    b->length = 0;
    b->status = RFD_OK;
}

/** realloc() leaves behind what it moves. */
static uint8_t *move(struct buf *b, size_t capacity)
{
    if (!b->wipes) return memory_resize(b->data, capacity);
    uint8_t *data = memory_allocate(capacity);
    if (data == NULL || b->data == NULL) return data;
    memcpy(data, b->data, b->length);
    secret_wipe(b->data, b->capacity);
    memory_free(b->data);
    return data;
}

/** `needed` is at most the maximum. */
static bool grow(struct buf *b, size_t needed)
{
    size_t capacity = b->capacity == 0 ? FIRST_CAPACITY : b->capacity;
    while (capacity < needed && capacity <= b->maximum / 2) capacity *= 2;
    if (capacity < needed || capacity > b->maximum) capacity = b->maximum;
    uint8_t *data = move(b, capacity);
    if (data == NULL) {
        b->status = RFD_E_MEMORY;
        return false;
    }
    b->data = data;
    b->capacity = capacity;
    return true;
}

uint8_t *buf_make_room(struct buf *b, size_t extra)
{
    if (b->status != RFD_OK) return NULL;
    if (extra > b->maximum || b->length > b->maximum - extra) {
        b->status = RFD_E_LIMIT;
        return NULL;
    }
    size_t needed = b->length + extra;
    if ((b->data == NULL || needed > b->capacity) && !grow(b, needed)) return NULL;
    return b->data + b->length;
}

void buf_fill(struct buf *b, uint8_t byte, size_t count)
{
    uint8_t *to = buf_reserve(b, count);
    if (to == NULL) return;
    memset(to, byte, count);
    b->length += count;
}

void buf_print(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    /* Most texts fit into the room that there is: what is printed first is then the text already. */
    size_t room = buf_status(b) == RFD_OK ? b->capacity - b->length : 0;
    int length = vsnprintf(room == 0 ? NULL : (char *)b->data + b->length, room, format, args);
    va_end(args);
    if (length >= 0 && (size_t)length < room) {
        b->length += (size_t)length;
    } else if (length >= 0) {
        char *to = (char *)buf_reserve(b, (size_t)length + 1);
        if (to != NULL) {
            (void)vsnprintf(to, (size_t)length + 1, format, again);
            b->length += (size_t)length;
        }
    }
    va_end(again);
}

void buf_put_unsigned(struct buf *b, uint64_t value)
{
    size_t count = 1;
    for (uint64_t rest = value; rest >= 10; rest /= 10) count++;
    uint8_t *to = buf_reserve(b, count);
    if (to == NULL) return;
    b->length += count;
    for (; count > 0; value /= 10) to[--count] = (uint8_t)('0' + value % 10);
}

void buf_put_signed(struct buf *b, int64_t value)
{
    if (value < 0) buf_put_byte(b, '-');
    buf_put_unsigned(b, value < 0 ? UINT64_C(0) - (uint64_t)value : (uint64_t)value);
}

void buf_put_hex(struct buf *b, slice bytes, bool upper)
{
    if (bytes.length > SIZE_MAX / 2) {
        b->status = RFD_E_LIMIT;
        return;
    }
    uint8_t *to = buf_reserve(b, bytes.length * 2);
    if (to == NULL) return;
    number_to_hex(bytes, upper, to);
    b->length += bytes.length * 2;
}

void buf_put_base64(struct buf *b, slice bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t length = bytes.length / 3 * 4 + (bytes.length % 3 == 0 ? 0 : 4);
    uint8_t *to = buf_reserve(b, length);
    if (to == NULL) return;
    for (size_t i = 0; i < bytes.length; i += 3, to += 4) {
        size_t have = bytes.length - i < 3 ? bytes.length - i : 3;
        uint32_t group = (uint32_t)bytes.data[i] << 16;
        if (have > 1) group |= (uint32_t)bytes.data[i + 1] << 8;
        if (have > 2) group |= bytes.data[i + 2];
        to[0] = (uint8_t)digits[group >> 18];
        to[1] = (uint8_t)digits[(group >> 12) & 63];
        to[2] = have > 1 ? (uint8_t)digits[(group >> 6) & 63] : '=';
        to[3] = have > 2 ? (uint8_t)digits[group & 63] : '=';
    }
    b->length += length;
}

rfd_status buf_check(const struct buf *b, const char *what, struct rfd_error *error)
{
    switch (b->status) {
    case RFD_OK: return RFD_OK;
    case RFD_E_MEMORY: return error_memory(error);
    default: return error_set(error, b->status, "%s: more than %zu bytes", what, b->maximum);
    }
}

rfd_status buf_take(struct buf *b, rfd_bytes *out, struct rfd_error *error)
{
    TRY(buf_check(b, "output", error));
    *out = (rfd_bytes){b->data, b->length};
    *b = (struct buf){.maximum = b->maximum, .wipes = b->wipes};
    return RFD_OK;
}

rfd_status rfd_bytes_new(size_t length, rfd_bytes *out, struct rfd_error *error)
{
    uint8_t *data = memory_zeroed(length == 0 ? 1 : length, 1);
    if (data == NULL) return error_memory(error);
    *out = (rfd_bytes){data, length};
    return RFD_OK;
}

void rfd_bytes_free(rfd_bytes *bytes)
{
    if (bytes == NULL) return;
    memory_free(bytes->data);
    *bytes = (rfd_bytes){0};
}
