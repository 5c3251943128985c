/* SPDX-License-Identifier: EUPL-1.2
 *
 * What in a document acts or hides: scripts, launch actions, attached files, layers. Looks only where the catalog leads
 * directly (ISO 32000-2 §12.6, §7.7.4, §8.11), never at pages: a cheap warning, not a proof of absence.
 */
#ifndef PADES_ACTIVE_CONTENT_H
#define PADES_ACTIVE_CONTENT_H

#include "pdf/document.h"

enum { ACTIVE_CONTENT_MAXIMUM = 8 };
/** Fills `out` with a NULL-terminated list of literals and returns how many there are. */
size_t active_content_find(struct pdf_view *view, const char *out[ACTIVE_CONTENT_MAXIMUM]);

#endif
