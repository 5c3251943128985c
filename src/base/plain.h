/* SPDX-License-Identifier: EUPL-1.2
 *
 * The beginning of a text that needs no looking at: most bodies and lines are nothing else.
 */
#ifndef BASE_PLAIN_H
#define BASE_PLAIN_H

#include "base/slice.h"

/** How many octets at its beginning are visible ASCII or blanks, and neither '"' nor '\': what JSON takes as it is. */
size_t plain_length(slice s);

#endif
