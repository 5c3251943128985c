/* SPDX-License-Identifier: EUPL-1.2
 *
 * Writing text: PDFDocEncoding (ISO 32000-2 Annex D.3) and text strings (§7.9.2.2). Reading is pdf_text_to_utf8().
 */
#ifndef PDF_PDFDOC_H
#define PDF_PDFDOC_H

#include "base/buf.h"

/** Appends `utf8` in PDFDocEncoding. False, with nothing appended, when a character is not in it. */
bool pdfdoc_from_utf8(slice utf8, struct buf *out);
/** Appends a text string: PDFDocEncoding when it fits and cannot be taken for another encoding, else UTF-16BE. */
void pdfdoc_text_string(slice utf8, struct buf *out);

#endif
