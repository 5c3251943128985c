/* SPDX-License-Identifier: EUPL-1.2
 *
 * Help for people, in their language: docs/help/LANGUAGE/TOPIC.md, compiled in. Plain CommonMark; markup in it is left
 * out.
 */
#ifndef WEB_HELP_H
#define WEB_HELP_H

#include "web/web.h"

struct help_text {
    const char *language, *topic, *title;
    const char *text; /* CommonMark */
};
extern const struct help_text help_texts[];
extern const size_t help_text_count;

page_handler help_topics, help_topic, help_accessibility;

#endif
