/* SPDX-License-Identifier: EUPL-1.2
 *
 * External objects and inline images (ISO 32000-2 §8.8-8.10). A form is decoded once and runs each time it is painted,
 * paid for by its length: forms that paint forms that paint forms end with the budget.
 */
#include "pdf/page_text_reader.h"

enum { FORM_COST = 256 }; /* bytes: what one more run costs, however short the form is */

static rfd_status form_bytes(struct page_reader *r, const struct pdf_value *form, slice *out)
{
    struct arena *arena = &r->work.scratch;
    uint64_t key = (uint64_t)(uintptr_t)form;
    slice *kept = map_get_pointer(&r->streams, key);
    if (kept != NULL) {
        *out = page_work_spend_bytes(&r->work, kept->length + FORM_COST) ? *kept : SLICE_EMPTY;
        return RFD_OK;
    }
    TRY(page_work_stream(&r->work, form, out, r->error));
    kept = arena_allocate(arena, sizeof *kept);
    if (kept == NULL) return arena_failed(arena, r->error);
    *kept = *out;
    return map_set_pointer(&r->streams, key, kept) == RFD_OK ? RFD_OK : error_memory(r->error);
}

/** Too deep, or a form that contains itself. */
static bool is_refused(struct page_reader *r, const struct pdf_value *form)
{
    bool refused = r->form_count == PAGE_TEXT_FORMS;
    for (size_t i = 0; i < r->form_count; i++) refused |= r->forms[i] == form;
    if (refused) r->work.complete = false;
    return refused;
}

/** §8.10.1: the form's matrix, then its bounding box as a clip. */
static void enter_form(struct page_reader *r, const struct pdf_value *form)
{
    struct pdf_view *view = &r->work.view;
    const struct pdf_value *resources = pdf_get(view, form, "Resources");
    struct pdf_matrix matrix;
    struct pdf_box box;
    if (pdf_matrix_read(view, pdf_get(view, form, "Matrix"), &matrix))
        r->state.ctm = pdf_matrix_multiply(&matrix, &r->state.ctm);
    if (pdf_box_read(view, pdf_get(view, form, "BBox"), &box)) {
        box = pdf_matrix_box(&r->state.ctm, box);
        if (!pdf_box_intersect(r->state.clip, box, &r->state.clip)) r->state.clip = (struct pdf_box){0, 0, 0, 0};
    }
    if (resources->kind == PDF_DICTIONARY) r->resources = resources;
}

static void paint_form(struct page_reader *r, const struct pdf_value *form)
{
    slice bytes;
    if (is_refused(r, form)) return;
    rfd_status status = form_bytes(r, form, &bytes);
    if (status != RFD_OK) {
        page_text_fail(r, status);
        return;
    }
    if (bytes.length == 0) return;
    const struct page_state state = r->state;
    const struct pdf_matrix text = r->text_matrix, line = r->line_matrix;
    const struct pdf_value *resources = r->resources;
    size_t base = r->saved_base, count = r->saved_count, beyond = r->saved_beyond, marked = r->marked;
    r->saved_base = count;
    r->saved_beyond = 0;
    r->forms[r->form_count++] = form;
    enter_form(r, form);
    page_text_run(r, bytes);
    r->form_count--;
    r->state = state;
    r->text_matrix = text;
    r->line_matrix = line;
    r->resources = resources;
    r->saved_base = base;
    r->saved_count = count;
    r->saved_beyond = beyond;
    r->marked = marked;
    if (r->actual.active && r->actual.level > marked) r->actual.active = false;
}

static void paint_object(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n;
    if (o->count == 0) return;
    const struct pdf_value *object = page_text_resource(r, "XObject", &o->operands[o->count - 1]);
    const struct pdf_value *subtype = pdf_get(&r->work.view, object, "Subtype");
    if (object->kind != PDF_STREAM) return;
    if (pdf_is_name(subtype, "Image"))
        page_text_path_add_image(r);
    else if (pdf_is_name(subtype, "Form"))
        paint_form(r, object);
}

static void paint_inline(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n, (void)o;
    page_text_path_add_image(r);
}

const struct page_operator page_text_form_operators[] = {
    {"Do", 0, paint_object},
    {"ID", 0, paint_inline},
    {"", 0, NULL},
};
