/* SPDX-License-Identifier: EUPL-1.2
 *
 * The letters of SMS: 3GPP TS 23.038 (formerly GSM 03.38), default alphabet of 7 bits. A message of these letters has
 * 160 of them; one with any other letter goes as UCS-2 and has 70.
 */
#ifndef JOBS_GSM_H
#define JOBS_GSM_H

#include "base/buf.h"

enum { GSM_MESSAGE = 160 /* septets of one message */ };

/** Whether all of it is in the default alphabet and its extension. */
bool gsm_has(slice text);
/** Septets that the text takes; letters of the extension take two. */
size_t gsm_length(slice text);
/** Appends the text with what the alphabet lacks replaced by what is next to it: "á" is "a", "«" is a quotation mark,
 * what has nothing next to it "?". */
void gsm_put(struct buf *out, slice text);

#endif
