/* SPDX-License-Identifier: EUPL-1.2
 *
 * The built-in family as TrueType files in the program's constant data: Noto Sans in the styles of `enum font_style`,
 * then the faces with arrows and signs that stand in for what the styles lack. The build makes it (make_font_family.c).
 */
#ifndef PRINT_FONT_FAMILY_H
#define PRINT_FONT_FAMILY_H

#include "base/slice.h"

enum { FONT_FAMILY_COUNT = 5 };

extern const slice font_family[FONT_FAMILY_COUNT];

#endif
