/* SPDX-License-Identifier: EUPL-1.2
 *
 * Directions within one line: the part of the bidirectional algorithm (UAX #9) that names and words of right-to-left
 * scripts need. Levels go up to 2, explicit marks are not looked at, brackets are not paired.
 */
#ifndef PRINT_FONT_DIRECTION_H
#define PRINT_FONT_DIRECTION_H

#include "base/slice.h"

#include <hb.h>

/** UAX #9 table 4, what is told apart here. */
enum font_direction_kind { DIRECTION_LEFT, DIRECTION_RIGHT, DIRECTION_NUMBER, DIRECTION_NEUTRAL };

struct font_direction {
    bool plain;                     /* nothing in the line goes from right to left */
    unsigned base;                  /* level of the line: 0 or 1 */
    bool strong_right;              /* the last letter */
    bool before_right, after_digit; /* what came last: reads from the right, is a digit */
    const uint8_t *ahead;           /* where the letter or number after the neutral characters is */
    bool ahead_right;
};

/** Looks for the line's own direction: that of the first letter (P2), or `base` where that is 0 or 1. */
void font_direction_begin(struct font_direction *d, slice line, int base);
/** The level of the next character; even: from left to right. `rest` is what follows it, `script` common for what is no
 * letter. */
unsigned font_direction_next(struct font_direction *d, uint32_t character, hb_script_t script, slice rest);

/** Script of a letter, HB_SCRIPT_COMMON for everything else. */
hb_script_t font_direction_script(uint32_t character);

#endif
