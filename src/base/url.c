/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/url.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void url_put_base64(struct buf *b, slice bytes)
{
    char group[4];
    for (size_t i = 0; i < bytes.length; i += 3) {
        size_t have = bytes.length - i < 3 ? bytes.length - i : 3;
        uint32_t bits = (uint32_t)bytes.data[i] << 16;
        if (have > 1) bits |= (uint32_t)bytes.data[i + 1] << 8;
        if (have > 2) bits |= bytes.data[i + 2];
        for (size_t k = 0; k <= have; k++) group[k] = alphabet[(bits >> (18 - 6 * k)) & 0x3F];
        buf_put(b, group, have + 1);
    }
}

static int digit_value(uint8_t c)
{
    const char *at = memchr(alphabet, c, 64);
    return at == NULL ? -1 : (int)(at - alphabet);
}

slice url_read_base64(slice text, struct arena *a)
{
    size_t rest = text.length % 4;
    uint8_t *to = rest == 1 ? NULL : arena_allocate(a, text.length / 4 * 3 + 3);
    size_t length = 0;
    uint32_t bits = 0;
    if (to == NULL) return SLICE_EMPTY;
    for (size_t i = 0; i < text.length; i++) {
        int value = digit_value(text.data[i]);
        if (value < 0) return SLICE_EMPTY;
        bits = bits << 6 | (uint32_t)value;
        if (i % 4 != 0) to[length++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
    }
    uint32_t unused = rest == 2 ? bits & 0x0F : rest == 3 ? bits & 0x03 : 0;
    return unused == 0 ? slice_of(to, length) : SLICE_EMPTY;
}

static bool is_plain(uint8_t c, const char *plain)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && (strchr("-._~", c) != NULL || strchr(plain, c) != NULL));
}

void url_put_escaped(struct buf *b, slice text, const char *plain)
{
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        if (is_plain(c, plain)) {
            buf_put_byte(b, c);
        } else {
            buf_put_byte(b, '%');
            buf_put_hex(b, slice_of(&c, 1), true);
        }
    }
}
