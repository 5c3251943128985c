/* SPDX-License-Identifier: EUPL-1.2
 *
 * Parts of an object that change inside it. A nested dictionary or array is first written where it would stand, so
 * that its strings are encrypted for the object that is open, then taken out of the buffer as text and given to the
 * dictionary around it as an ordinary change.
 */
#ifndef PADES_UPDATE_TEXT_H
#define PADES_UPDATE_TEXT_H

#include "pdf/update.h"

/** Takes what the buffer holds from position `from` on; the text lives in `arena`. */
rfd_status update_text_capture(struct pdf_update *update, struct arena *arena, size_t from, slice *out,
                               struct rfd_error *error) RFD_MUST_CHECK;
/** Writes `array` with references added into the open object; anything but an array counts as an empty one. */
void update_text_array(struct pdf_update *update, const struct pdf_value *array, struct pdf_reference owner,
                       const struct pdf_reference *added, size_t count);

#endif
