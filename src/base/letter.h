/* SPDX-License-Identifier: EUPL-1.2
 *
 * Letters that are next to each other: what an alphabet without accents has in their place, and what people take for
 * the same when they read a name. Of the scripts that look like the Latin one, the letters of Cyrillic and Greek that
 * read as Latin ones are here; it is no implementation of Unicode's confusables (UTS #39), and no other script is
 * looked at: such a letter is itself.
 */
#ifndef BASE_LETTER_H
#define BASE_LETTER_H

#include "base/buf.h"

/** The ASCII next to a letter or sign of Latin writing; NULL when there is none. */
const char *letter_neighbour(uint32_t c);
/** Blanks that are not U+0020, of no width among them, and marks that show nothing: nobody can tell by reading that
 * they are there. */
bool letter_is_unseen(uint32_t c);
/** Appends what `name`, UTF-8, looks like: without blanks, unseen marks and accents, in small letters, and with one
 * letter for those that are read as one ("I", "l", "1"; "O", "0"). Two names that people may take for each other give
 * the same; two that give the same may still be different ones. */
void letter_put_look(struct buf *out, slice name);

#endif
