/* SPDX-License-Identifier: EUPL-1.2
 *
 * A field that was not there before: only a signature field may be, signed or empty, under a name that is not taken.
 */
#include "pades/difference/difference_internal.h"

#include "base/buf.h"

enum { DEPTH_MAXIMUM = 16, NAME_MAXIMUM = 32768 };

struct newcomer {
    const struct pdf_value *value; /* as found */
    const struct walk_path *path;
    slice name;
    slice type;
    int depth;
};

static void judge(struct walk *w, const struct newcomer *n);

static bool is_timestamp(struct walk *w, const struct pdf_value *signature)
{
    return pdf_is_name(walk_new_entry(w, signature, "Type"), "DocTimeStamp") ||
           pdf_is_name(walk_new_entry(w, signature, "SubFilter"), "ETSI.RFC3161");
}

static bool has_actions(struct walk *w, const struct pdf_value *dictionary)
{
    return walk_new_entry(w, dictionary, "A")->kind != PDF_NULL ||
           walk_new_entry(w, dictionary, "AA")->kind != PDF_NULL;
}

/** A widget of the field: the field itself, or a kid without a name. */
static void look_at_widget(struct walk *w, const struct pdf_value *widget, bool *visible, bool *painted, bool *acts)
{
    const struct pdf_value *dictionary = walk_new(w, widget).value;
    walk_mark(w, walk_new(w, widget).number, MARK_WIDGET);
    *acts = *acts || has_actions(w, dictionary);
    if (!annotation_is_visible(w, dictionary)) return;
    *visible = true;
    *painted = *painted || annotation_paints(w, dictionary);
}

/** An appearance on a signature field that nobody signed is only there to cover something. */
static void report(struct walk *w, const struct newcomer *n, bool visible, bool painted)
{
    struct walk_field field = {.name = n->name, .type = n->type};
    const struct pdf_value *raw = pdf_entry_of(walk_new(w, n->value).value, "V");
    struct walk_value value = walk_new(w, raw);
    bool signature = value.value->kind == PDF_DICTIONARY && pdf_entry_of(value.value, "Contents")->kind != PDF_NULL;
    if (value.unreadable || (value.value->kind != PDF_NULL && (!signature || walk_was_there(w, value.number))))
        walk_refuse(w, RFD_FINDING_CHANGE_SIGNED_FIELD, n->path, &field);
    else if (signature && is_timestamp(w, value.value))
        walk_report_new_field(w, visible ? RFD_CHANGE_FORM : RFD_CHANGE_LTA, RFD_FINDING_CHANGE_DOCUMENT_TIMESTAMP,
                              n->path, &field);
    else if (signature)
        walk_report_new_field(w, RFD_CHANGE_FORM, RFD_FINDING_CHANGE_SIGNATURE, n->path, &field);
    else if (painted)
        walk_refuse(w, RFD_FINDING_CHANGE_ANNOTATION_CONTENT, n->path, &field);
    else
        walk_report_new_field(w, RFD_CHANGE_FORM, RFD_FINDING_CHANGE_SIGNATURE_FIELD, n->path, &field);
}

/** Fields below it; false when it has none, being terminal. */
static bool judge_kids(struct walk *w, const struct newcomer *n, const struct pdf_value *kids, bool *visible,
                       bool *painted, bool *acts)
{
    bool any = false;
    for (uint32_t i = 0; kids->kind == PDF_ARRAY && i < kids->count && walk_spend(w, 1); i++) {
        const struct pdf_value *kid = &kids->items[i];
        if (walk_new_entry(w, kid, "T")->kind == PDF_NULL) {
            if (walk_was_there(w, walk_new(w, kid).number)) walk_refuse(w, RFD_FINDING_CHANGE_FIELD, n->path, NULL);
            look_at_widget(w, kid, visible, painted, acts);
            continue;
        }
        struct newcomer below = {kid, walk_index(w, n->path, i), n->name, n->type, n->depth + 1};
        any = true;
        if (below.depth > DEPTH_MAXIMUM)
            walk_refuse(w, RFD_FINDING_CHANGE_FIELD, below.path, NULL);
        else
            judge(w, &below);
    }
    return any;
}

static void judge(struct walk *w, const struct newcomer *given)
{
    struct newcomer n = *given;
    struct walk_value v = walk_new(w, n.value);
    struct walk_field field = {0};
    bool visible = false;
    bool painted = false;
    bool acts = false;
    if (v.value->kind == PDF_NULL && !v.unreadable) return; /* a reference to nothing is no field */
    const struct pdf_value *type = walk_new_entry(w, v.value, "FT");
    if (type->kind == PDF_NAME) n.type = type->bytes;
    n.name = walk_name_below(w, n.name, walk_new_entry(w, v.value, "T"));
    field.name = n.name;
    if (v.unreadable || v.value->kind != PDF_DICTIONARY) {
        walk_refuse(w, RFD_FINDING_CHANGE_FIELD, n.path, &field);
        return;
    }
    walk_mark(w, v.number, MARK_VISITED);
    const struct pdf_value *kids = walk_new_entry(w, v.value, "Kids");
    if (annotation_is_widget(w, v.value, true)) look_at_widget(w, n.value, &visible, &painted, &acts);
    bool group = judge_kids(w, &n, kids, &visible, &painted, &acts);
    if (acts || has_actions(w, v.value)) walk_refuse(w, RFD_FINDING_CHANGE_ACTIONS, n.path, &field);
    if (group) return;
    if (slice_is(n.type, "Sig"))
        report(w, &n, visible, painted);
    else
        walk_refuse(w, RFD_FINDING_CHANGE_FIELD, n.path, &field);
}

/** True when an old top-level field has the new one's name (§12.7.4.2: full names are unique). */
static bool name_is_taken(struct walk *w, const struct pdf_value *field)
{
    const struct pdf_value *name = walk_new_entry(w, field, "T");
    const struct pdf_value *form = walk_old_entry(w, walk_old_entry(w, pdf_trailer(&w->old), "Root"), "AcroForm");
    const struct pdf_value *fields = walk_old_entry(w, form, "Fields");
    if (name->kind != PDF_STRING || fields->kind != PDF_ARRAY) return false;
    for (uint32_t i = 0; i < fields->count && walk_spend(w, 1); i++) {
        const struct pdf_value *other = walk_old_entry(w, &fields->items[i], "T");
        if (other->kind == PDF_STRING && slice_equal(other->bytes, name->bytes)) return true;
    }
    return false;
}

void field_judge_new(struct walk *w, const struct pdf_value *field, const struct walk_field *parent,
                     const struct walk_path *path)
{
    struct walk_path here = path == NULL ? (struct walk_path){0} : *path;
    struct newcomer n = {.value = field, .path = &here};
    struct walk_value v = walk_new(w, field);
    if (v.number != 0) here.object = v.number;
    if (parent != NULL) {
        n.name = parent->name;
        n.type = parent->type;
    }
    w->hint = RFD_FINDING_COUNT;
    if (parent == NULL && name_is_taken(w, field)) walk_refuse(w, RFD_FINDING_CHANGE_FIELD, &here, NULL);
    judge(w, &n);
    walk_accept(w, field);
}
