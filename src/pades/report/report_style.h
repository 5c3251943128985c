/* SPDX-License-Identifier: EUPL-1.2
 *
 * The one style sheet of HTML reports: narrow and wide screens, dark ones, paper. It fetches nothing.
 */
#ifndef PADES_REPORT_STYLE_H
#define PADES_REPORT_STYLE_H

extern const char report_style[];

#endif
