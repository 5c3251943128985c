/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/placement.h"

#include "base/error.h"
#include "pades/update_text.h"

enum { SIGNATURES_EXIST = 1, APPEND_ONLY = 2 }; /* /SigFlags, ISO 32000-2 §12.7.3 table 225 */
enum { CATALOG_CHANGES = 4, FORM_CHANGES = 3 };

struct writer {
    struct pdf_update *update;
    struct pdf_view *view;
    struct arena *arena;
    struct pdf_reference signature, field, lock;
    uint32_t annotations; /* object number of the /Annots array that was written, 0 for none */
    struct rfd_error *error;
};

static rfd_status capture(const struct writer *w, size_t from, slice *out)
{
    return update_text_capture(w->update, w->arena, from, out, w->error);
}

static rfd_status text_of_reference(const struct writer *w, struct pdf_reference reference, slice *out)
{
    struct buf *b = pdf_update_buffer(w->update);
    size_t from = b->length;
    pdf_put_reference(b, reference);
    return capture(w, from, out);
}

static void rewrite_array_object(const struct writer *w, const struct pdf_value *array, struct pdf_reference object,
                                 struct pdf_reference added)
{
    (void)pdf_update_object(w->update, object);
    update_text_array(w->update, array, object, &added, 1);
    pdf_update_end(w->update);
}

/** The text of the entry `key` with `added`, for the open object of `owner`; not for an indirect array. */
static rfd_status grow_direct_array(const struct writer *w, const struct pdf_value *dictionary, const char *key,
                                    struct pdf_reference owner, struct pdf_reference added, slice *text)
{
    size_t from = pdf_update_buffer(w->update)->length;
    update_text_array(w->update, pdf_entry_of(dictionary, key), owner, &added, 1);
    return capture(w, from, text);
}

/** True when the entry is a reference to an array, which is then the object to write. */
static bool is_indirect_array(const struct writer *w, const struct pdf_value *dictionary, const char *key,
                              const struct pdf_value **array, struct pdf_reference *object)
{
    const struct pdf_value *entry = pdf_entry_of(dictionary, key);
    if (entry->kind != PDF_REFERENCE) return false;
    *object = entry->reference;
    *array = pdf_resolve(w->view, entry);
    return (*array)->kind == PDF_ARRAY;
}

static rfd_status write_page(struct writer *w, const struct pdf_page *page)
{
    const struct pdf_value *array;
    struct pdf_reference object;
    if (is_indirect_array(w, page->dictionary, "Annots", &array, &object)) {
        rewrite_array_object(w, array, object, w->field);
        w->annotations = object.number;
        return RFD_OK;
    }
    (void)pdf_update_object(w->update, page->reference);
    struct pdf_change change = {.key = "Annots"};
    TRY(grow_direct_array(w, page->dictionary, "Annots", page->reference, w->field, &change.value));
    pdf_update_dictionary(w->update, page->dictionary, page->reference, &change, 1);
    pdf_update_end(w->update);
    return RFD_OK;
}

/** A new field merged with its widget: invisible, printable and locked (ISO 32000-2 §12.5.3: bits 3 and 8). */
static void write_new_field(const struct writer *w, const char *name, struct pdf_reference page)
{
    struct buf *b = pdf_update_object(w->update, w->field);
    buf_put_text(b, "<</Type/Annot/Subtype/Widget/FT/Sig/T");
    pdf_update_text(w->update, slice_text(name));
    buf_put_text(b, "/F 132/Rect[0 0 0 0]/P ");
    pdf_put_reference(b, page);
    buf_put_text(b, "/V ");
    pdf_put_reference(b, w->signature);
    if (w->lock.number != 0) {
        buf_put_text(b, "/Lock ");
        pdf_put_reference(b, w->lock);
    }
    buf_put_text(b, ">>");
    pdf_update_end(w->update);
}

static rfd_status write_existing_field(const struct writer *w, const struct pdf_field *field)
{
    (void)pdf_update_object(w->update, field->reference);
    struct pdf_change change = {.key = "V"};
    TRY(text_of_reference(w, w->signature, &change.value));
    pdf_update_dictionary(w->update, field->dictionary, field->reference, &change, 1);
    pdf_update_end(w->update);
    return RFD_OK;
}

/** What changes in the form dictionary, /Fields aside. */
static rfd_status form_changes(const struct writer *w, const struct pdf_value *form, struct pdf_change *changes,
                               size_t *count)
{
    int64_t flags = 0;
    bool has_flags = pdf_integer(pdf_get(w->view, form, "SigFlags"), &flags);
    int64_t wanted = flags | SIGNATURES_EXIST | APPEND_ONLY;
    if (!has_flags || flags != wanted) {
        const char *text = arena_print(w->arena, "%lld", (long long)wanted);
        if (text == NULL) return arena_failed(w->arena, w->error);
        changes[(*count)++] = (struct pdf_change){.key = "SigFlags", .value = slice_text(text)};
    }
    const struct pdf_value *regenerate = pdf_get(w->view, form, "NeedAppearances");
    if (regenerate->kind == PDF_BOOLEAN && regenerate->boolean)
        changes[(*count)++] = (struct pdf_change){.key = "NeedAppearances"};
    return RFD_OK;
}

static void write_new_form(const struct writer *w, struct pdf_reference form)
{
    struct buf *b = pdf_update_object(w->update, form);
    buf_put_text(b, "<</Fields[");
    pdf_put_reference(b, w->field);
    buf_put_text(b, "]/SigFlags 3>>");
    pdf_update_end(w->update);
}

/** The form as it must become, written into the open object of `owner`. `grow`: /Fields is not an indirect array. */
static rfd_status put_form(const struct writer *w, const struct pdf_value *form, struct pdf_reference owner, bool grow,
                           struct pdf_change *changes, size_t count)
{
    if (grow) {
        changes[count].key = "Fields";
        TRY(grow_direct_array(w, form, "Fields", owner, w->field, &changes[count].value));
        count++;
    }
    pdf_update_dictionary(w->update, form, owner, changes, count);
    return RFD_OK;
}

struct form_plan {
    const struct pdf_value *form; /* NULL: there is none */
    struct pdf_reference object;  /* {0} for a form inside the catalog */
    bool grow;                    /* /Fields must be written with the form */
    struct pdf_change changes[FORM_CHANGES];
    size_t count;
};

static rfd_status plan_form(const struct writer *w, bool new_field, struct form_plan *plan)
{
    const struct pdf_value *entry = pdf_entry_of(pdf_catalog(w->view), "AcroForm");
    const struct pdf_value *form = pdf_resolve(w->view, entry);
    if (form->kind != PDF_DICTIONARY) return RFD_OK;
    plan->form = form;
    if (entry->kind == PDF_REFERENCE) plan->object = entry->reference;
    const struct pdf_value *array;
    struct pdf_reference object;
    if (new_field) {
        /* Some producers share one array between /Annots and /Fields. */
        if (!is_indirect_array(w, form, "Fields", &array, &object))
            plan->grow = true;
        else if (object.number != w->annotations)
            rewrite_array_object(w, array, object, w->field);
    }
    return form_changes(w, form, plan->changes, &plan->count);
}

/** Writes an absent or indirect form; a direct one is left to the catalog. */
static rfd_status write_form_object(const struct writer *w, struct form_plan *plan)
{
    if (plan->form == NULL) {
        plan->object = pdf_update_new(w->update);
        write_new_form(w, plan->object);
    } else if (plan->object.number != 0 && (plan->grow || plan->count > 0)) {
        (void)pdf_update_object(w->update, plan->object);
        TRY(put_form(w, plan->form, plan->object, plan->grow, plan->changes, plan->count));
        pdf_update_end(w->update);
    }
    return RFD_OK;
}

/** /Perms with /DocMDP (ISO 32000-2 §12.8.6). An indirect /Perms is an object of its own. */
static rfd_status write_indirect_permissions(const struct writer *w, bool *done)
{
    const struct pdf_value *entry = pdf_entry_of(pdf_catalog(w->view), "Perms");
    const struct pdf_value *permissions = pdf_resolve(w->view, entry);
    if (entry->kind != PDF_REFERENCE || permissions->kind != PDF_DICTIONARY) return RFD_OK;
    (void)pdf_update_object(w->update, entry->reference);
    struct pdf_change change = {.key = "DocMDP"};
    TRY(text_of_reference(w, w->signature, &change.value));
    pdf_update_dictionary(w->update, permissions, entry->reference, &change, 1);
    pdf_update_end(w->update);
    *done = true;
    return RFD_OK;
}

static rfd_status text_of_permissions(const struct writer *w, struct pdf_reference owner, slice *out)
{
    const struct pdf_value *permissions = pdf_entry_of(pdf_catalog(w->view), "Perms");
    struct buf *b = pdf_update_buffer(w->update);
    size_t from = b->length;
    if (permissions->kind == PDF_DICTIONARY) {
        struct pdf_change change = {.key = "DocMDP"};
        TRY(text_of_reference(w, w->signature, &change.value));
        pdf_update_dictionary(w->update, permissions, owner, &change, 1);
    } else {
        buf_put_text(b, "<</DocMDP ");
        pdf_put_reference(b, w->signature);
        buf_put_text(b, ">>");
    }
    return capture(w, from, out);
}

static rfd_status write_catalog(const struct writer *w, struct form_plan *plan, bool permissions, int version)
{
    bool form_inside = plan->form != NULL && plan->object.number == 0 && (plan->grow || plan->count > 0);
    if (plan->form != NULL && !form_inside && !permissions && version == 0) return RFD_OK;
    struct pdf_reference root = pdf_reference_of(pdf_trailer(w->view), "Root");
    struct pdf_change changes[CATALOG_CHANGES];
    size_t count = 0;
    (void)pdf_update_object(w->update, root);
    if (plan->form == NULL) {
        changes[count].key = "AcroForm";
        TRY(text_of_reference(w, plan->object, &changes[count++].value));
    } else if (form_inside) {
        size_t from = pdf_update_buffer(w->update)->length;
        TRY(put_form(w, plan->form, root, plan->grow, plan->changes, plan->count));
        changes[count].key = "AcroForm";
        TRY(capture(w, from, &changes[count++].value));
    }
    if (permissions) {
        changes[count].key = "Perms";
        TRY(text_of_permissions(w, root, &changes[count++].value));
    }
    if (version != 0) {
        const char *text = arena_print(w->arena, "/%d.%d", version / 10, version % 10);
        if (text == NULL) return arena_failed(w->arena, w->error);
        changes[count++] = (struct pdf_change){.key = "Version", .value = slice_text(text)};
    }
    pdf_update_dictionary(w->update, pdf_catalog(w->view), root, changes, count);
    pdf_update_end(w->update);
    return RFD_OK;
}

static rfd_status write_field_and_page(struct writer *w, const struct placement *p)
{
    if (p->field != NULL) {
        w->field = p->field->reference;
        return write_existing_field(w, p->field);
    }
    if (p->page.reference.number == 0)
        return error_set(w->error, RFD_E_PDF_DAMAGED, "page 1 is not an indirect object (ISO 32000-2 §7.7.3.2)");
    w->field = pdf_update_new(w->update);
    write_new_field(w, p->name, p->page.reference);
    return write_page(w, &p->page);
}

rfd_status placement_write(const struct placement *p, struct pdf_update *update, struct pdf_view *view,
                           struct pdf_reference signature, struct pdf_reference lock,
                           const struct placement_catalog *catalog, struct rfd_error *error)
{
    struct writer w = {.update = update,
                       .view = view,
                       .arena = pdf_arena(view->doc),
                       .signature = signature,
                       .lock = lock,
                       .error = error};
    TRY(write_field_and_page(&w, p));
    struct form_plan plan = {0};
    TRY(plan_form(&w, p->field == NULL, &plan));
    TRY(write_form_object(&w, &plan));
    bool permissions = catalog->certification != 0;
    if (permissions) {
        bool done = false;
        TRY(write_indirect_permissions(&w, &done));
        permissions = !done;
    }
    TRY(write_catalog(&w, &plan, permissions, catalog->version));
    return pdf_view_status(view, error);
}
