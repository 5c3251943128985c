/* SPDX-License-Identifier: EUPL-1.2
 *
 * How wide a text is, without knowing its font: the picture of a report is shown in whatever sans-serif font the
 * reader's browser has.
 */
#ifndef PADES_REPORT_MEASURE_H
#define PADES_REPORT_MEASURE_H

#include "pades/report/report_voice.h"

/** In units of `size`, estimated on the large side. */
double report_measure_width(const char *text, double size);
/** The text, or its beginning and "…" when it is wider than `width`. */
const char *report_measure_fit(struct report_voice *v, const char *text, double size, double width);

#endif
