/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/help/help.h"

const struct page_route help_routes[] = {
    {HTTP_GET, "/ayuda", "help", ACTION_PUBLIC, 0, 0, help_topics},
    {HTTP_GET, "/ayuda/{topic}", "help-topic", ACTION_PUBLIC, 0, 0, help_topic},
    {HTTP_GET, "/accesibilidad", "accessibility", ACTION_PUBLIC, 0, 0, help_accessibility},
    {.pattern = NULL},
};
