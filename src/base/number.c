/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/number.h"

bool number_unsigned(slice text, uint64_t maximum, uint64_t *out)
{
    uint64_t value = 0;
    if (text.length == 0) return false;
    for (size_t i = 0; i < text.length; i++) {
        unsigned digit = (unsigned)text.data[i] - '0';
        if (digit > 9 || value > (maximum - digit) / 10 || digit > maximum) return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

bool number_signed(slice text, int64_t *out)
{
    uint64_t magnitude;
    bool negative = text.length > 0 && text.data[0] == '-';
    bool sign = negative || (text.length > 0 && text.data[0] == '+');
    if (!number_unsigned(slice_from(text, sign ? 1 : 0), INT64_MAX, &magnitude)) return false;
    *out = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    return true;
}

int number_hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool number_hex(slice text, uint8_t *to)
{
    if (text.length % 2 != 0) return false;
    for (size_t i = 0; i < text.length; i += 2) {
        int high = number_hex_digit(text.data[i]);
        int low = number_hex_digit(text.data[i + 1]);
        if (high < 0 || low < 0) return false;
        to[i / 2] = (uint8_t)(high << 4 | low);
    }
    return true;
}

uint64_t number_big_endian(const uint8_t *bytes, size_t length)
{
    uint64_t value = 0;
    for (size_t i = 0; i < length && i < 8; i++) value = value << 8 | bytes[i];
    return value;
}

static int base64_digit(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    return c == '/' ? 63 : -1;
}

bool number_base64(slice text, uint8_t *to, size_t *length)
{
    uint32_t group = 0;
    unsigned bits = 0;
    size_t written = 0;
    bool padded = false;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        if (c == '\n' || c == '\r') continue;
        if (c == '=') {
            padded = true;
            continue;
        }
        int digit = base64_digit(c);
        if (digit < 0 || padded) return false;
        group = group << 6 | (uint32_t)digit;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            to[written++] = (uint8_t)(group >> bits);
        }
    }
    if ((group & ((1U << bits) - 1)) != 0 || bits == 6) return false;
    *length = written;
    return true;
}
