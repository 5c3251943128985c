/* SPDX-License-Identifier: EUPL-1.2
 *
 * Sets of templates by name, sorted, and single texts.
 */
#include "template/template.h"

#include "base/error.h"
#include "base/memory.h"
#include "template/code.h"

#include <stdlib.h>

enum { TEMPLATES = 4096 };

struct template_set {
    struct code code;
    struct template_range *templates;
    size_t count;
};

static int by_name(const void *a, const void *b)
{
    return slice_compare(((const struct template_range *)a)->name, ((const struct template_range *)b)->name);
}

static const struct template_range *find(const struct template_set *set, slice name)
{
    struct template_range key = {.name = name};
    return set->count == 0 ? NULL : bsearch(&key, set->templates, set->count, sizeof key, by_name);
}

static bool find_partial(const void *context, slice name, uint32_t *index)
{
    const struct template_set *set = context;
    const struct template_range *found = find(set, name);
    if (found == NULL) return false;
    *index = (uint32_t)(found - set->templates);
    return true;
}

/** Names first, all of them, so that each template finds its partials wherever they stand. */
static rfd_status read_names(struct template_set *set, const struct template_source *sources, size_t count,
                             struct rfd_error *error)
{
    if (count > TEMPLATES) return error_set(error, RFD_E_ARGUMENT, "more than %d templates", TEMPLATES);
    set->templates = memory_zeroed(count + 1, sizeof *set->templates);
    if (set->templates == NULL) return error_memory(error);
    for (size_t i = 0; i < count; i++) {
        set->templates[i].name = arena_copy(&set->code.texts, slice_text(sources[i].name));
        if (set->templates[i].name.data == NULL) return arena_failed(&set->code.texts, error);
    }
    qsort(set->templates, count, sizeof *set->templates, by_name);
    for (size_t i = 1; i < count; i++)
        if (by_name(&set->templates[i - 1], &set->templates[i]) == 0)
            return error_set(error, RFD_E_ARGUMENT, "two templates %.*s", (int)set->templates[i].name.length,
                             (const char *)set->templates[i].name.data);
    set->count = count;
    return RFD_OK;
}

static rfd_status read_template(struct template_set *set, const struct template_source *source, struct rfd_error *error)
{
    slice text = arena_copy(&set->code.texts, source->text);
    if (text.data == NULL) return arena_failed(&set->code.texts, error);
    uint32_t index;
    if (!find_partial(set, slice_text(source->name), &index)) return error_set(error, RFD_E_INTERNAL, "template");
    set->templates[index].first = (uint32_t)set->code.node_count;
    struct code_reader reader = {source->name, text, find_partial, set};
    TRY(code_read(&set->code, &reader, error));
    set->templates[index].end = (uint32_t)set->code.node_count;
    return RFD_OK;
}

rfd_status template_set_new(const struct template_source *sources, size_t count, struct template_set **out,
                            struct rfd_error *error)
{
    struct template_set *set = memory_zeroed(1, sizeof *set);
    if (set == NULL) return error_memory(error);
    code_init(&set->code);
    rfd_status status;
    TRY_OUT(read_names(set, sources, count, error));
    for (size_t i = 0; i < count; i++) TRY_OUT(read_template(set, &sources[i], error));
    *out = set;
    set = NULL;
out:
    template_set_free(set);
    return status;
}

void template_set_free(struct template_set *set)
{
    if (set == NULL) return;
    code_dispose(&set->code);
    memory_free(set->templates);
    memory_free(set);
}

bool template_set_has(const struct template_set *set, slice name)
{
    return find(set, name) != NULL;
}

rfd_status template_render(const struct template_set *set, slice name, const struct view *view,
                           const struct rfd_language *language, enum template_form form, struct buf *out,
                           struct rfd_error *error)
{
    const struct template_range *found = find(set, name);
    if (found == NULL)
        return error_set(error, RFD_E_ARGUMENT, "no template %.*s", (int)(name.length > 100 ? 100 : name.length),
                         (const char *)name.data);
    struct code_run run = {&set->code, set->templates, language, form};
    return code_render(&run, found, view, out, error);
}

static rfd_status read_text(struct code *code, slice text, struct rfd_error *error)
{
    return code_read(code, &(struct code_reader){.name = "text", .text = text}, error);
}

rfd_status template_check(slice text, struct rfd_error *error)
{
    struct code code;
    code_init(&code);
    rfd_status status = read_text(&code, text, error);
    code_dispose(&code);
    return status;
}

rfd_status template_render_text(slice text, const struct view *view, const struct rfd_language *language,
                                enum template_form form, struct buf *out, struct rfd_error *error)
{
    struct code code;
    code_init(&code);
    rfd_status status;
    TRY_OUT(read_text(&code, text, error));
    struct template_range all = {.end = (uint32_t)code.node_count};
    struct code_run run = {.code = &code, .language = language, .form = form};
    status = code_render(&run, &all, view, out, error);
out:
    code_dispose(&code);
    return status;
}
