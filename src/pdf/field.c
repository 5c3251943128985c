/* SPDX-License-Identifier: EUPL-1.2
 *
 * The field tree (ISO 32000-2 §12.7.4). A node's kids are fields when they have a name or kids of their own, and its
 * widgets otherwise; a node without field kids is a terminal field. Every indirect node is visited once, and all kids
 * looked at are counted, so that neither cycles nor shared /Kids arrays make this long.
 */
#include "pdf/field.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"

enum { FIELDS_MAXIMUM = 100000, DEPTH_MAXIMUM = 64, NAME_MAXIMUM = 32768, STEPS_MAXIMUM = 4000000 };

/** What a field has from its ancestors (§12.7.4.1). */
struct inherited {
    slice name, type;
    const struct pdf_value *value;
    struct pdf_reference value_reference;
    uint32_t flags;
};

struct walk {
    struct pdf_view *view;
    struct arena *arena;
    struct map visited; /* object numbers */
    struct buf text;    /* names under construction */
    struct pdf_field *fields;
    size_t count, capacity;
    size_t steps;
};

static struct pdf_reference reference_to(const struct pdf_value *v)
{
    return v->kind == PDF_REFERENCE ? v->reference : (struct pdf_reference){0};
}

/** Counts the kids that are about to be looked at. */
static rfd_status count_steps(struct walk *w, const struct pdf_value *kids, struct rfd_error *error)
{
    w->steps += kids->count;
    if (w->steps <= STEPS_MAXIMUM) return RFD_OK;
    return error_set(error, RFD_E_LIMIT, "the form's field tree has more than %d nodes", STEPS_MAXIMUM);
}

/** Whether the node that `v` refers to was not met yet; notes it. */
static rfd_status visit(struct walk *w, const struct pdf_value *v, bool *fresh, struct rfd_error *error)
{
    *fresh = v->kind != PDF_REFERENCE || !map_has(&w->visited, v->reference.number);
    if (v->kind == PDF_REFERENCE && *fresh && map_set(&w->visited, v->reference.number, 1) != RFD_OK)
        return error_memory(error);
    return RFD_OK;
}

static rfd_status full_name(struct walk *w, const struct pdf_value *dictionary, slice parent, slice *out,
                            struct rfd_error *error)
{
    const struct pdf_value *partial = pdf_get(w->view, dictionary, "T");
    if (partial->kind != PDF_STRING) {
        *out = parent;
        return RFD_OK;
    }
    buf_reset(&w->text);
    buf_put_slice(&w->text, parent);
    if (parent.length > 0) buf_put_byte(&w->text, '.');
    if (partial->bytes.length <= NAME_MAXIMUM)
        pdf_text_to_utf8(partial->bytes, &w->text);
    else
        w->text.status = RFD_E_LIMIT;
    TRY(buf_check(&w->text, "field name", error));
    slice copy = arena_copy(w->arena, buf_slice(&w->text));
    if (copy.data == NULL) return arena_failed(w->arena, error);
    *out = copy;
    return RFD_OK;
}

static rfd_status inherit(struct walk *w, const struct pdf_value *dictionary, const struct inherited *parent,
                          struct inherited *out, struct rfd_error *error)
{
    const struct pdf_value *type = pdf_get(w->view, dictionary, "FT");
    const struct pdf_value *value = pdf_get(w->view, dictionary, "V");
    int64_t flags;
    *out = *parent;
    TRY(full_name(w, dictionary, parent->name, &out->name, error));
    if (type->kind == PDF_NAME) out->type = type->bytes;
    if (pdf_integer(pdf_get(w->view, dictionary, "Ff"), &flags)) out->flags = (uint32_t)flags;
    if (value->kind != PDF_NULL) {
        out->value = value;
        out->value_reference = pdf_reference_of(dictionary, "V");
    }
    return RFD_OK;
}

static bool is_field(struct pdf_view *view, const struct pdf_value *dictionary)
{
    return pdf_get(view, dictionary, "T")->kind == PDF_STRING || pdf_get(view, dictionary, "Kids")->count > 0;
}

static rfd_status add_field(struct walk *w, const struct pdf_field *field, struct rfd_error *error)
{
    if (w->count == FIELDS_MAXIMUM) return error_set(error, RFD_E_LIMIT, "more than %d form fields", FIELDS_MAXIMUM);
    if (w->count == w->capacity) {
        size_t capacity = w->capacity == 0 ? 16 : w->capacity * 2;
        struct pdf_field *grown = memory_resize(w->fields, capacity * sizeof *grown);
        if (grown == NULL) return error_memory(error);
        w->fields = grown;
        w->capacity = capacity;
    }
    w->fields[w->count++] = *field;
    return RFD_OK;
}

static rfd_status walk_node(struct walk *w, const struct pdf_value *node, const struct inherited *parent, int depth,
                            struct rfd_error *error);

/** Follows the kids that are fields; the others, widgets, go to `widgets` (room for all kids). A kid met before is
 * looked at no more, so that one large dictionary referred to often costs nothing. */
static rfd_status walk_kids(struct walk *w, const struct pdf_value *kids, const struct inherited *own, int depth,
                            struct pdf_reference *widgets, size_t *widget_count, size_t *field_count,
                            struct rfd_error *error)
{
    for (uint32_t i = 0; i < kids->count; i++) {
        bool fresh;
        const struct pdf_value *kid = &kids->items[i];
        TRY(visit(w, kid, &fresh, error));
        const struct pdf_value *dictionary = fresh ? pdf_resolve(w->view, kid) : &pdf_null;
        if (dictionary->kind != PDF_DICTIONARY) continue;
        if (is_field(w->view, dictionary)) {
            (*field_count)++;
            TRY(walk_node(w, kid, own, depth + 1, error));
        } else {
            widgets[(*widget_count)++] = reference_to(kid);
        }
    }
    return RFD_OK;
}

/** A field without kids is, mostly, its own and only widget (§12.5.6.19). */
static rfd_status add_merged(struct walk *w, struct pdf_field *field, struct rfd_error *error)
{
    field->merged = pdf_is_name(pdf_get(w->view, field->dictionary, "Subtype"), "Widget");
    if (field->merged) {
        struct pdf_reference *widget = arena_zeroed(w->arena, 1, sizeof *widget);
        if (widget == NULL) return arena_failed(w->arena, error);
        *widget = field->reference;
        field->widgets = widget;
        field->widget_count = 1;
    }
    return add_field(w, field, error);
}

static rfd_status add_with_kids(struct walk *w, struct pdf_field *field, const struct pdf_value *kids,
                                const struct inherited *own, int depth, struct rfd_error *error)
{
    size_t field_kids = 0;
    TRY(count_steps(w, kids, error));
    struct pdf_reference *widgets = memory_zeroed(kids->count, sizeof *widgets);
    if (widgets == NULL) return error_memory(error);
    rfd_status status = walk_kids(w, kids, own, depth, widgets, &field->widget_count, &field_kids, error);
    if (status == RFD_OK && (field_kids == 0 || field->widget_count > 0)) {
        slice copy = arena_copy(w->arena, slice_of(widgets, field->widget_count * sizeof *widgets));
        field->widgets = (const struct pdf_reference *)(const void *)copy.data;
        status = copy.data == NULL ? arena_failed(w->arena, error) : add_field(w, field, error);
    }
    memory_free(widgets);
    return status;
}

static rfd_status walk_node(struct walk *w, const struct pdf_value *node, const struct inherited *parent, int depth,
                            struct rfd_error *error)
{
    struct inherited own;
    const struct pdf_value *dictionary = pdf_resolve(w->view, node);
    if (dictionary->kind != PDF_DICTIONARY) return RFD_OK;
    if (depth > DEPTH_MAXIMUM) return error_set(error, RFD_E_LIMIT, "form fields nested deeper than %d", DEPTH_MAXIMUM);
    TRY(inherit(w, dictionary, parent, &own, error));
    struct pdf_field field = {.name = own.name,
                              .type = own.type,
                              .reference = reference_to(node),
                              .dictionary = dictionary,
                              .value = own.value,
                              .value_reference = own.value_reference,
                              .flags = own.flags};
    const struct pdf_value *kids = pdf_get(w->view, dictionary, "Kids");
    if (kids->kind != PDF_ARRAY || kids->count == 0) return add_merged(w, &field, error);
    return add_with_kids(w, &field, kids, &own, depth, error);
}

static rfd_status walk_roots(struct walk *w, struct rfd_error *error)
{
    const struct pdf_value *form = pdf_get(w->view, pdf_catalog(w->view), "AcroForm");
    const struct pdf_value *roots = pdf_get(w->view, form, "Fields");
    const struct inherited none = {.value = &pdf_null};
    if (roots->kind != PDF_ARRAY) return pdf_view_status(w->view, error);
    TRY(count_steps(w, roots, error));
    for (uint32_t i = 0; i < roots->count; i++) {
        bool fresh;
        TRY(visit(w, &roots->items[i], &fresh, error));
        if (fresh) TRY(walk_node(w, &roots->items[i], &none, 1, error));
    }
    return pdf_view_status(w->view, error);
}

rfd_status pdf_fields(struct pdf_view *view, const struct pdf_field **out, size_t *count, struct rfd_error *error)
{
    struct walk w = {.view = view, .arena = pdf_arena(view->doc)};
    buf_init(&w.text, NAME_MAXIMUM);
    rfd_status status = walk_roots(&w, error);
    if (status == RFD_OK) {
        slice copy = arena_copy(w.arena, slice_of(w.fields, w.count * sizeof *w.fields));
        if (copy.data == NULL) {
            status = arena_failed(w.arena, error);
        } else {
            *out = (const struct pdf_field *)(const void *)copy.data;
            *count = w.count;
        }
    }
    buf_dispose(&w.text);
    map_dispose(&w.visited);
    memory_free(w.fields);
    return status;
}
