/* SPDX-License-Identifier: EUPL-1.2
 *
 * Pictures of an HTML report as inline SVG. Colours are classes of the style sheet, so that nothing but the sheet's
 * hash need be allowed by the page's content security policy.
 */
#ifndef PADES_REPORT_SVG_H
#define PADES_REPORT_SVG_H

#include "base/buf.h"
#include "pades/report/report_timeline.h"

/** The picture; `class_name` tells which of several, `title` names it for who cannot see it. */
void report_svg_timeline(struct buf *b, const struct report_timeline *t, const char *class_name, const char *title);
/** The mark of a tone: tick, exclamation mark, cross, letter i. Decorative: words say the same. */
void report_svg_mark(struct buf *b, enum report_tone tone);

#endif
