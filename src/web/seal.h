/* SPDX-License-Identifier: EUPL-1.2
 *
 * Entities' seals on pages of several areas.
 */
#ifndef WEB_SEAL_H
#define WEB_SEAL_H

#include "web/web.h"

/** For part/confirm: a portal may not use an entity's seal any more. */
void seal_withdraw_put(struct page *page, slice portal, slice entity, const char *back);

#endif
