/* SPDX-License-Identifier: EUPL-1.2
 *
 * The menu's rows; the dashboard makes tiles of them.
 */
#ifndef WEB_MENU_H
#define WEB_MENU_H

#include "web/internal.h"

struct menu_row {
    const char *title; /* N_() */
    const char *item;  /* N_(), below the title; NULL: it stands alone */
    const char *link;
    enum action action;
    const char *icon;
    const char *about; /* N_(), what one does there; NULL: no tile */
};
/** Whether there is such a page, and the person may go there. */
bool menu_is_open(const struct page *page, const struct menu_row *row);
const struct menu_row *menu_rows(size_t *count);

#endif
