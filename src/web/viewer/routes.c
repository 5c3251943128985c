/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/web.h"

const struct page_route viewer_routes[] = {
    {.pattern = NULL},
};
