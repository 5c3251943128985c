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
    uint64_t maximum = (uint64_t)INT64_MAX + negative;
    if (!number_unsigned(slice_from(text, sign ? 1 : 0), maximum, &magnitude)) return false;
    *out = (int64_t)(negative ? 0 - magnitude : magnitude);
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

typedef uint8_t octets __attribute__((vector_size(16)));

static inline octets digits_of(octets nibbles, uint8_t beyond_nine)
{
    octets is_letter = (octets)(nibbles > 9);
    return nibbles + '0' + (is_letter & beyond_nine);
}

static inline void sixteen_to_hex(const uint8_t *bytes, uint8_t beyond_nine, uint8_t *to)
{
    octets in;
    memcpy(&in, bytes, sizeof in);
    octets high = digits_of(in >> 4, beyond_nine);
    octets low = digits_of(in & 15, beyond_nine);
    octets pairs[2] = {
        __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23),
        __builtin_shufflevector(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31),
    };
    memcpy(to, pairs, sizeof pairs);
}

/** Sixteen bytes at a time in a vector: a signature's /Contents has thousands of digits. */
void number_to_hex(slice bytes, bool upper, uint8_t *to)
{
    const uint8_t beyond_nine = (uint8_t)((upper ? 'A' : 'a') - '0' - 10);
    uint8_t last[sizeof(octets)] = {0};
    uint8_t digits[2 * sizeof(octets)];
    for (; bytes.length >= sizeof(octets); bytes = slice_from(bytes, sizeof(octets)), to += sizeof digits)
        sixteen_to_hex(bytes.data, beyond_nine, to);
    if (bytes.length == 0) return;
    memcpy(last, bytes.data, bytes.length);
    sixteen_to_hex(last, beyond_nine, digits);
    memcpy(to, digits, 2 * bytes.length);
}

uint64_t number_big_endian(const uint8_t *bytes, size_t length)
{
    uint64_t value = 0;
    for (size_t i = 0; i < length && i < 8; i++) value = value << 8 | bytes[i];
    return value;
}

/* Each digit's value plus one; 0: no digit. */
static const uint8_t base64_digits[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

/** Four digits that follow each other, as nearly all do. */
static bool take_four(const uint8_t *digits, uint8_t *to)
{
    unsigned a = base64_digits[digits[0]];
    unsigned b = base64_digits[digits[1]];
    unsigned c = base64_digits[digits[2]];
    unsigned d = base64_digits[digits[3]];
    if (a == 0 || b == 0 || c == 0 || d == 0) return false;
    uint32_t group = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
    to[0] = (uint8_t)(group >> 16);
    to[1] = (uint8_t)(group >> 8);
    to[2] = (uint8_t)group;
    return true;
}

bool number_base64(slice text, uint8_t *to, size_t *length)
{
    uint32_t group = 0;
    unsigned bits = 0;
    size_t written = 0;
    size_t digits = 0;
    size_t padding = 0;
    for (size_t i = 0; i < text.length; i++) {
        while (bits == 0 && padding == 0 && text.length - i >= 4 && take_four(text.data + i, to + written)) {
            i += 4;
            written += 3;
            digits += 4;
        }
        if (i == text.length) break;
        uint8_t c = text.data[i];
        if (c == '\n' || c == '\r') continue;
        if (c == '=') {
            padding++;
            continue;
        }
        unsigned digit = base64_digits[c];
        if (digit == 0 || padding > 0) return false;
        digits++;
        group = group << 6 | (digit - 1);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            to[written++] = (uint8_t)(group >> bits);
        }
    }
    if ((group & ((1U << bits) - 1)) != 0 || bits == 6) return false;
    if (padding > 2 || (padding > 0 && (digits + padding) % 4 != 0)) return false;
    *length = written;
    return true;
}
