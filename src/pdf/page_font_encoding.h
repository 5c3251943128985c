/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the codes of simple fonts stand for: the encodings of ISO 32000-2 annex D for Latin text, and glyph names
 * (§9.10.2 refers to the Adobe Glyph List; here is its Latin part, and the names that spell their code point).
 */
#ifndef PDF_PAGE_FONT_ENCODING_H
#define PDF_PAGE_FONT_ENCODING_H

#include "base/slice.h"

enum { FONT_CODES = 256 };

/** Fills `unicode` from "WinAnsiEncoding", "MacRomanEncoding", "PDFDocEncoding" or "StandardEncoding", which any other
 * name stands for too; 0 where a code stands for nothing. */
void page_font_encoding(slice name, uint32_t unicode[FONT_CODES]);
/** The code point that a glyph name stands for; 0 when it is not known. */
uint32_t page_font_glyph(slice name);
/** The letter under an accent; `c` itself when there is none. */
uint32_t page_font_plain(uint32_t c);
/** What an accent painted on a letter makes of it, as in old TeX; 0 when nothing that is known. */
uint32_t page_font_accented(uint32_t accent, uint32_t letter);

#endif
