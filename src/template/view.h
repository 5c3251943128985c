/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of views, for the renderer. Names carry a hash, made once where they are put and once where a template is
 * read, so that looking one up is a walk over a few small numbers.
 */
#ifndef TEMPLATE_VIEW_H
#define TEMPLATE_VIEW_H

#include "template/template.h"

enum view_kind { VIEW_TEXT, VIEW_MARKUP, VIEW_NUMBER, VIEW_FLAG, VIEW_OBJECT, VIEW_LIST };
struct view_value {
    enum view_kind kind;
    union {
        slice text;
        int64_t number;
        bool flag;
        const struct view *view;
    };
};

struct view_name {
    slice text;
    uint32_t hash;
};
uint32_t view_hash(slice name);

/** NULL when it has none; the one put last when there are several. */
const struct view_value *view_get(const struct view *view, const struct view_name *name);
/** Of a list. */
size_t view_count(const struct view *list);
const struct view_value *view_at(const struct view *list, size_t index);
/** Memory was short while it was filled, or there is none at all. */
bool view_is_spoiled(const struct view *view);
/** What a section is shown for: not false, 0, an empty text, an empty list. */
bool view_is_true(const struct view_value *value);

enum { VIEW_NUMBER_SIZE = 24 };
/** What is shown of a value: nothing of objects and lists. `number` has room for digits. */
slice view_shown(const struct view_value *value, char number[VIEW_NUMBER_SIZE]);

#endif
