/* SPDX-License-Identifier: EUPL-1.2 */
#include "template_support.h"

#include <stdlib.h>

static bool fill_value(struct view *view, const char *name, const json_t *value, bool all_markup);

static bool fill_item(struct view *list, const json_t *item, bool all_markup)
{
    if (json_is_object(item)) return view_fill(view_item(list), item, all_markup);
    if (json_is_string(item)) view_item_text(list, slice_text(json_string_value(item)));
    if (json_is_number(item))
        view_item_text(list, slice_text(arena_print(view_arena(list), "%g", json_number_value(item))));
    return !json_is_array(item);
}

static bool fill_list(struct view *list, const json_t *array, bool all_markup)
{
    size_t index;
    const json_t *item;
    json_array_foreach(array, index, item) if (!fill_item(list, item, all_markup)) return false;
    return true;
}

static void fill_text(struct view *view, const char *name, const char *text, bool all_markup)
{
    if (all_markup || *text == '!')
        view_markup(view, name, slice_text(all_markup ? text : text + 1));
    else
        view_string(view, name, text);
}

static bool fill_value(struct view *view, const char *name, const json_t *value, bool all_markup)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT: return view_fill(view_object(view, name), value, all_markup);
    case JSON_ARRAY: return fill_list(view_list(view, name), value, all_markup);
    case JSON_STRING: fill_text(view, name, json_string_value(value), all_markup); break;
    case JSON_INTEGER: view_number(view, name, json_integer_value(value)); break;
    case JSON_REAL: view_string(view, name, arena_print(view_arena(view), "%g", json_real_value(value))); break;
    case JSON_TRUE:
    case JSON_FALSE: view_flag(view, name, json_is_true(value)); break;
    case JSON_NULL: break;
    }
    return true;
}

bool view_fill(struct view *view, const json_t *object, bool all_markup)
{
    const char *name;
    const json_t *value;
    /* jansson takes what it iterates over as changeable. */
    json_object_foreach((json_t *)(uintptr_t)object, name,
                        value) if (!fill_value(view, name, value, all_markup)) return false;
    return true;
}

const char *render_one(const struct render_case *c, const struct rfd_language *language, rfd_status *status)
{
    static char shown[1 << 16];
    char text[4096];
    size_t length = strlen(c->view);
    for (size_t i = 0; i <= length; i++) text[i] = c->view[i] == '\'' ? '"' : c->view[i];
    json_t *data = json_loads(text, 0, NULL);
    struct arena a;
    struct buf out;
    struct rfd_error error = RFD_ERROR_INIT;
    struct template_set *set = NULL;
    arena_init(&a, 1 << 20);
    buf_init(&out, sizeof shown - 1);
    struct view *view = view_new(&a);
    struct template_source sources[] = {{"t", slice_text(c->text)},
                                        {"p", slice_text(c->partial == NULL ? "" : c->partial)}};
    *status = data == NULL || !view_fill(view, data, false) ? RFD_E_INTERNAL : RFD_OK;
    if (*status == RFD_OK) *status = template_set_new(sources, c->partial == NULL ? 1 : 2, &set, &error);
    if (*status == RFD_OK) *status = template_render(set, SLICE("t"), view, language, c->form, &out, &error);
    slice result = *status == RFD_OK ? buf_slice(&out) : slice_text(error.detail);
    if (result.length > 0) memcpy(shown, result.data, result.length);
    shown[result.length] = '\0';
    template_set_free(set);
    buf_dispose(&out);
    arena_dispose(&a);
    json_decref(data);
    return shown;
}
