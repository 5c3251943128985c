/* SPDX-License-Identifier: EUPL-1.2
 *
 * The developer extension that announces PAdES structures in a PDF below 2.0 (ISO 32000-2 §7.12, EN 319 142-1 §5.4.1):
 * /Extensions with /ESIC. What is there is never lowered or dropped.
 */
#ifndef PADES_EXTENSIONS_H
#define PADES_EXTENSIONS_H

#include "pdf/update.h"

/** True when the entry is missing and wanted. */
bool extensions_wanted(struct pdf_view *view);
/** Where /Extensions is an object of its own: writes it and returns true. Call with no object open. */
bool extensions_write_indirect(struct pdf_update *update, struct pdf_view *view);
/** Writes the grown or new /Extensions value into the catalog, which is open as `owner`. */
void extensions_put_direct(struct pdf_update *update, struct pdf_view *view, struct pdf_reference owner);

#endif
