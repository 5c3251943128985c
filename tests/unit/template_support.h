/* SPDX-License-Identifier: EUPL-1.2
 *
 * Views from JSON and templates rendered in one call, for the tests of templates.
 */
#ifndef TEMPLATE_SUPPORT_H
#define TEMPLATE_SUPPORT_H

#include "template/template.h"

#include <jansson.h>

/** Texts are plain, but those that begin with "!" are markup (without it). With `all_markup`, all are. False when
 * it holds what a view cannot: a list in a list. */
bool view_fill(struct view *view, const json_t *object, bool all_markup);

struct render_case {
    const char *view; /* JSON with ' for " */
    const char *text;
    const char *expected; /* NULL: the template is refused */
    const char *partial;  /* of the name "p"; NULL: none */
    enum template_form form;
};
/** What came out, or the error's detail; in static memory. */
const char *render_one(const struct render_case *c, const struct rfd_language *language, rfd_status *status);

#endif
