/* SPDX-License-Identifier: EUPL-1.2
 *
 * Colour that looks the same everywhere and is allowed in every PDF/A, whatever its output intent: sRGB as an ICCBased
 * space (ISO 32000-2 §8.6.5.5), with a profile of our own making (ICC.1:2001-04, version 2, matrix and curves).
 */
#ifndef PRINT_COLOUR_H
#define PRINT_COLOUR_H

#include "pdf/update.h"

/** 0xRRGGBB */
typedef uint32_t colour;
#define COLOUR_BLACK UINT32_C(0x000000)
#define COLOUR_WHITE UINT32_C(0xffffff)

/** The profile's bytes; constant. */
slice colour_profile(void);
/** Writes the profile as a stream object (/N 3) and returns it. */
struct pdf_reference colour_write_profile(struct pdf_update *update);

#endif
