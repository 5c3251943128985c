/* SPDX-License-Identifier: EUPL-1.2
 *
 * Embedded CMaps: from the bytes of a string to codes (codespace ranges, ISO 32000-2 §9.7.6.2), from codes to character
 * identifiers (§9.7.5) or to text (ToUnicode, §9.10.3). "usecmap" is not followed.
 */
#ifndef PDF_CMAP_H
#define PDF_CMAP_H

#include "base/arena.h"
#include "base/buf.h"

enum { CMAP_CODESPACES = 64 };

struct cmap_range {
    uint32_t low, high;
    uint32_t order; /* of definition: a later one overrides */
    uint32_t value; /* what `low` stands for: a character identifier or a code point */
    slice text;     /* when it stands for several characters: UTF-16BE, whose last unit counts up */
};

struct cmap_codespace {
    uint8_t length; /* bytes, 1-4 */
    uint8_t low[4], high[4];
};

struct cmap {
    const struct cmap_range *ranges; /* by `low`, then by order */
    size_t range_count;
    struct cmap_codespace codespaces[CMAP_CODESPACES];
    size_t codespace_count;
    bool complete; /* false: limits were reached */
};

/** Reads a CMap's text; ranges and texts go to the arena. Fails only for want of memory. */
rfd_status cmap_read(slice bytes, struct arena *arena, struct cmap *out, struct rfd_error *error) RFD_MUST_CHECK;

/** Takes the next code; returns how many bytes it had (at least 1; `string` must not be empty). Without codespaces, and
 * where none matches, codes have two bytes. */
size_t cmap_next(const struct cmap *m, slice *string, uint32_t *code);
/** What a code stands for: false when the CMap does not say. */
bool cmap_value(const struct cmap *m, uint32_t code, uint32_t *value);
/** Appends what a code stands for as UTF-8; false, with nothing appended, when the CMap does not say. */
bool cmap_put_text(const struct cmap *m, uint32_t code, struct buf *out);

#endif
