/* SPDX-License-Identifier: EUPL-1.2
 *
 * The page of patterns: every part of templates/README.md with something to show.
 */
#ifndef WEB_DEMO_PATTERNS_H
#define WEB_DEMO_PATTERNS_H

#include "web/web.h"

page_handler patterns_show;

#endif
