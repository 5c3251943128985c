/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the files about forms share.
 */
#ifndef WEB_FORM_H
#define WEB_FORM_H

#include "base/clock.h"
#include "web/internal.h"

/** Whether a choice is the one, or one of those, that were chosen. */
bool form_is_chosen(const struct form_value *value, slice choice);

#endif
