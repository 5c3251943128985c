/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/placement.h"

#include "base/error.h"
#include "pades/sign/placement_structure.h"
#include "pades/update_text.h"

enum { SIGNATURES_EXIST = 1, APPEND_ONLY = 2 }; /* /SigFlags, ISO 32000-2 §12.7.3 table 225 */
enum { PRINT = 4, LOCKED = 128 };               /* annotation flags, §12.5.3 table 167 */
enum { CATALOG_CHANGES = 4, FORM_CHANGES = 3, FIELD_CHANGES = 3, PAGE_CHANGES = 2 };

struct writer {
    struct pdf_update *update;
    struct pdf_view *view;
    struct arena *arena;
    struct pdf_reference signature, field, lock;
    uint32_t annotations; /* object number of the /Annots array that was written, 0 for none */
    int64_t structure;    /* /StructParent, -1 for none */
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

/** ISO 14289-1 §7.18.3: where there are annotations the tab order is that of the structure. */
static bool needs_tabs(const struct writer *w, const struct pdf_page *page)
{
    return w->structure >= 0 && pdf_entry_of(page->dictionary, "Tabs")->kind == PDF_NULL;
}

static rfd_status write_page(struct writer *w, const struct pdf_page *page)
{
    const struct pdf_value *array;
    struct pdf_reference object;
    struct pdf_change changes[PAGE_CHANGES];
    size_t count = 0;
    bool indirect = is_indirect_array(w, page->dictionary, "Annots", &array, &object);
    bool tabs = needs_tabs(w, page);
    if (indirect) {
        rewrite_array_object(w, array, object, w->field);
        w->annotations = object.number;
        if (!tabs) return RFD_OK;
    }
    (void)pdf_update_object(w->update, page->reference);
    if (!indirect) {
        changes[count].key = "Annots";
        TRY(grow_direct_array(w, page->dictionary, "Annots", page->reference, w->field, &changes[count++].value));
    }
    if (tabs) changes[count++] = (struct pdf_change){"Tabs", SLICE("/S")};
    pdf_update_dictionary(w->update, page->dictionary, page->reference, changes, count);
    pdf_update_end(w->update);
    return RFD_OK;
}

/** The alternate name is what a screen reader says (ISO 14289-1 §7.18.1). */
static void put_appearance(const struct writer *w, const struct placement_visible *visible)
{
    struct buf *b = pdf_update_buffer(w->update);
    buf_put_slice(b, visible->rectangle);
    buf_put_text(b, "/AP<</N ");
    pdf_put_reference(b, visible->appearance);
    buf_put_text(b, ">>");
    if (visible->alternate.length > 0) {
        buf_put_text(b, "/TU");
        pdf_update_text(w->update, visible->alternate);
    }
    if (w->structure >= 0) buf_print(b, "/StructParent %lld", (long long)w->structure);
}

/** A new field merged with its widget: printable and locked (ISO 32000-2 §12.5.3: bits 3 and 8). */
static void write_new_field(const struct writer *w, const struct placement *p)
{
    struct buf *b = pdf_update_object(w->update, w->field);
    buf_put_text(b, "<</Type/Annot/Subtype/Widget/FT/Sig/T");
    pdf_update_text(w->update, slice_text(p->name));
    buf_put_text(b, "/F 132/Rect");
    if (p->visible == NULL)
        buf_put_text(b, "[0 0 0 0]");
    else
        put_appearance(w, p->visible);
    buf_put_text(b, "/P ");
    pdf_put_reference(b, p->page.reference);
    if (w->signature.number != 0) {
        buf_put_text(b, "/V ");
        pdf_put_reference(b, w->signature);
    }
    if (w->lock.number != 0) {
        buf_put_text(b, "/Lock ");
        pdf_put_reference(b, w->lock);
    }
    buf_put_text(b, ">>");
    pdf_update_end(w->update);
}

/** /AP, and the flags that a widget with one needs: a viewer may leave out one that is not Print (§12.5.3), and PDF/A
 * wants it (ISO 19005-2 §6.3.2). */
static rfd_status appearance_changes(const struct writer *w, const struct pdf_value *widget,
                                     const struct placement_visible *visible, struct pdf_change *changes, size_t *count)
{
    int64_t flags = 0;
    struct buf *b = pdf_update_buffer(w->update);
    size_t from = b->length;
    buf_put_text(b, "<</N ");
    pdf_put_reference(b, visible->appearance);
    buf_put_text(b, ">>");
    changes[*count].key = "AP";
    TRY(capture(w, from, &changes[(*count)++].value));
    (void)pdf_integer(pdf_get(w->view, widget, "F"), &flags);
    if ((flags & (PRINT | LOCKED)) == (PRINT | LOCKED)) return RFD_OK;
    const char *text = arena_print(w->arena, "%lld", (long long)(flags | PRINT | LOCKED));
    if (text == NULL) return arena_failed(w->arena, w->error);
    changes[(*count)++] = (struct pdf_change){.key = "F", .value = slice_text(text)};
    return RFD_OK;
}

/** The widget of a field that is not merged with it. */
static rfd_status write_existing_widget(const struct writer *w, const struct placement *p)
{
    const struct pdf_value *widget;
    struct pdf_change changes[FIELD_CHANGES];
    size_t count = 0;
    struct pdf_reference object = p->field->widgets[0];
    TRY(pdf_object(w->view->doc, w->view->revision, object.number, &widget, w->error));
    (void)pdf_update_object(w->update, object);
    TRY(appearance_changes(w, widget, p->visible, changes, &count));
    pdf_update_dictionary(w->update, widget, object, changes, count);
    pdf_update_end(w->update);
    return RFD_OK;
}

static rfd_status write_existing_field(const struct writer *w, const struct placement *p)
{
    const struct pdf_field *field = p->field;
    struct pdf_change changes[FIELD_CHANGES];
    size_t count = 0;
    bool own_widget = p->visible != NULL && field->widgets[0].number == field->reference.number;
    if (p->visible != NULL && !own_widget) TRY(write_existing_widget(w, p));
    if (!own_widget && w->signature.number == 0) return RFD_OK;
    (void)pdf_update_object(w->update, field->reference);
    if (w->signature.number != 0) {
        changes[count].key = "V";
        TRY(text_of_reference(w, w->signature, &changes[count++].value));
    }
    if (own_widget) TRY(appearance_changes(w, field->dictionary, p->visible, changes, &count));
    pdf_update_dictionary(w->update, field->dictionary, field->reference, changes, count);
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
        return write_existing_field(w, p);
    }
    if (p->page.reference.number == 0)
        return error_set(w->error, RFD_E_PDF_DAMAGED, "the page is not an indirect object (ISO 32000-2 §7.7.3.2)");
    w->field = pdf_update_new(w->update);
    if (p->visible != NULL)
        TRY(placement_structure_write(w->update, w->view, &p->page, w->field, &w->structure, w->error));
    write_new_field(w, p);
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
                       .structure = -1,
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
