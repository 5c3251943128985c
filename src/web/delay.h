/* SPDX-License-Identifier: EUPL-1.2
 *
 * Answers that say nothing by how long they take.
 */
#ifndef WEB_DELAY_H
#define WEB_DELAY_H

#include <refrenda/base.h>

/** The moment from which delay_end() counts. */
rfd_time delay_begin(void);
/** Waits until a fifth of a second has gone by since then. */
void delay_end(rfd_time begun);

#endif
