/* SPDX-License-Identifier: EUPL-1.2
 *
 * What tokens stand for: numbers, literal and hexadecimal strings (ISO 32000-2 §7.3.3, §7.3.4). Internal to the lexer.
 */
#ifndef PDF_LEXER_DECODE_H
#define PDF_LEXER_DECODE_H

#include "pdf/object.h"

/** [+-]digits[.digits] with at least one digit (§7.3.3); exponents are not PDF. Sets kind and value. */
bool lexer_decode_number(slice text, struct pdf_value *v);
/** The text between parentheses (§7.3.4.2 table 3); `to` holds text.length bytes. Returns how many were written. */
size_t lexer_decode_literal(slice text, uint8_t *to);
/** The text between < and > (§7.3.4.3: white space is skipped, a missing last digit is 0); `to` holds half of it, + 1.
 */
bool lexer_decode_hexadecimal(slice text, uint8_t *to, size_t *length);

#endif
