/* SPDX-License-Identifier: EUPL-1.2
 *
 * Fonts where the kernel has no Landlock. The sandbox then lets no file be opened at all, and a page whose fonts are
 * not embedded would come out without its text. So the font files that are opened before, for the document that warms
 * the libraries up, are kept open, and given out again to whoever opens them later.
 */
#ifndef RENDER_FONTS_H
#define RENDER_FONTS_H

#include <stdbool.h>

/** From now on font files that are opened are kept. */
void fonts_keep(void);
/** From now on they are given out, or forgotten when they are not `needed`. */
void fonts_give(bool needed);

#endif
