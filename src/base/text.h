/* SPDX-License-Identifier: EUPL-1.2
 *
 * Text encodings met in PDF and ASN.1, all turned into UTF-8; and the reverse for what we write.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/arena.h"
#include "base/buf.h"

/** Well-formed UTF-8: shortest forms, no surrogates, at most U+10FFFF. */
bool text_is_utf8(slice s);
bool text_is_ascii(slice s);
/** Decodes one code point and advances; U+FFFD (and one byte) for what is not UTF-8. `s` must not be empty. */
uint32_t text_next(slice *s);
void text_put_utf8(struct buf *b, uint32_t code_point);
/** How many code points it has; of what is not UTF-8, octets that begin none are not counted. */
size_t text_characters(slice s);

void text_from_latin1(slice s, struct buf *out);
/** UTF-16 without byte-order mark; lone surrogates become U+FFFD. */
void text_from_utf16(slice s, bool big_endian, struct buf *out);
void text_from_utf32_be(slice s, struct buf *out);
void text_to_utf16_be(slice utf8, struct buf *out);

/** For XML and HTML, in text as in attributes: &, <, >, " and ' as entities (XML 1.0 §2.4). What must not be there at
 * all (control characters) is the caller's to keep out. */
void text_put_markup(struct buf *b, slice s);

/** Makes text from a stranger safe for a terminal or report line: control characters, line
 * separators and marks that reorder text become U+FFFD, UTF-8 enforced. */
void text_put_printable(struct buf *b, slice s);
/** UTF-8 that text_put_printable() would leave as it is. */
bool text_is_printable(slice s);

#endif
