/* SPDX-License-Identifier: EUPL-1.2
 *
 * The one parser of numbers and hexadecimal text. The whole slice must be the number; no blanks, no signs where none
 * can be, no overflow.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include "base/slice.h"

bool number_unsigned(slice text, uint64_t maximum, uint64_t *out);
bool number_signed(slice text, int64_t *out);
/** 0-15, or -1. */
int number_hex_digit(uint8_t c);
/** Pairs of hexadecimal digits into `to` (text.length / 2 bytes). */
bool number_hex(slice text, uint8_t *to);
/** The hexadecimal digits of `bytes` into `to`, two for each. */
void number_to_hex(slice bytes, bool upper, uint8_t *to);
/** Big-endian bytes, at most 8. */
uint64_t number_big_endian(const uint8_t *bytes, size_t length);
/** RFC 4648 base64 (padding none or complete, line breaks skipped) into `to`, which holds at least length / 4 * 3 + 3
 * bytes. */
bool number_base64(slice text, uint8_t *to, size_t *length);

#endif
