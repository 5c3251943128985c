/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/account/account_pages.h"

const struct page_route account_routes[] = {{.pattern = NULL}};
