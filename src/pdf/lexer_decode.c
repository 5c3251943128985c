/* SPDX-License-Identifier: EUPL-1.2 */
#include "pdf/lexer_decode.h"

#include "base/number.h"
#include "pdf/lexer.h"

static const double powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                       1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};

bool lexer_decode_number(slice text, struct pdf_value *v)
{
    bool negative = text.data[0] == '-';
    size_t at = negative || text.data[0] == '+' ? 1 : 0;
    uint64_t mantissa = 0;
    unsigned digits = 0;
    unsigned scale = 0;
    bool point = false;
    double beyond = 1; /* for whole digits that the mantissa no longer holds */
    for (; at < text.length; at++) {
        unsigned digit = (unsigned)text.data[at] - '0';
        if (text.data[at] == '.' && !point) {
            point = true;
            continue;
        }
        if (digit > 9) return false;
        digits++;
        if (scale == 18) continue; /* finer than a double can tell */
        if (mantissa < UINT64_C(100000000000000000)) {
            mantissa = mantissa * 10 + digit;
            scale += point;
        } else if (!point && beyond == 1 && mantissa <= (INT64_MAX - 9) / 10) {
            mantissa = mantissa * 10 + digit; /* the 19th digit of an int64_t */
        } else if (!point && beyond < 1e290) {
            beyond *= 10;
        }
    }
    if (digits == 0) return false;
    if (!point && beyond == 1) {
        v->kind = PDF_INTEGER;
        v->integer = negative ? -(int64_t)mantissa : (int64_t)mantissa;
    } else {
        double magnitude = (double)mantissa * beyond / powers_of_ten[scale];
        v->kind = PDF_REAL;
        v->real = negative ? -magnitude : magnitude;
    }
    return true;
}

static size_t octal(slice s, size_t at, uint8_t *out)
{
    unsigned value = 0;
    size_t digits = 0;
    for (; digits < 3 && at + digits < s.length; digits++) {
        unsigned digit = (unsigned)s.data[at + digits] - '0';
        if (digit > 7) break;
        value = value * 8 + digit;
    }
    *out = (uint8_t)value; /* §7.3.4.2: high-order overflow is ignored */
    return digits;
}

static size_t line_end(slice s, size_t at)
{
    return s.data[at] == '\r' && at + 1 < s.length && s.data[at + 1] == '\n' ? 2 : 1;
}

size_t lexer_decode_literal(slice text, uint8_t *to)
{
    static const uint8_t plain[256] = {['n'] = '\n', ['r'] = '\r', ['t'] = '\t', ['b'] = '\b', ['f'] = '\f'};
    size_t length = 0;
    for (size_t i = 0; i < text.length;) {
        uint8_t c = text.data[i];
        if (c == '\r') {
            i += line_end(text, i);
            to[length++] = '\n';
        } else if (c != '\\') {
            to[length++] = c;
            i++;
        } else if (++i < text.length) {
            c = text.data[i];
            size_t digits = octal(text, i, &to[length]);
            if (digits > 0) {
                length++;
                i += digits;
            } else if (c == '\n' || c == '\r') {
                i += line_end(text, i);
            } else {
                to[length++] = plain[c] != 0 ? plain[c] : c;
                i++;
            }
        }
    }
    return length;
}

bool lexer_decode_hexadecimal(slice text, uint8_t *to, size_t *length)
{
    size_t digits = 0;
    for (size_t i = 0; i < text.length; i++) {
        int digit = number_hex_digit(text.data[i]);
        if (digit < 0 && !lexer_is_space(text.data[i])) return false;
        if (digit < 0) continue;
        int both = digits % 2 == 0 ? digit << 4 : to[digits / 2] | digit;
        to[digits / 2] = (uint8_t)both;
        digits++;
    }
    *length = (digits + 1) / 2;
    return true;
}
