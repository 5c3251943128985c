/* SPDX-License-Identifier: EUPL-1.2
 *
 * Rules of the interactive form (ISO 32000-2 §12.7). What filling a field in changes may change, as long as the value
 * itself does: an appearance that is replaced under an unchanged value is the form of a shadow attack. A signature
 * field is filled once.
 */
#include "pades/difference/difference_internal.h"

#include "base/buf.h"

enum {
    PARENTS_MAXIMUM = 32,
    NAME_MAXIMUM = 32768,
    SIGNATURE_FLAGS = 3,        /* §12.7.3 table 225: SignaturesExist, AppendOnly */
    READ_ONLY = 1,              /* §12.7.4.1 table 227 */
    HARMLESS_WIDGET_FLAGS = 708 /* §12.5.3 table 167: Print 4, ReadOnly 64, Locked 128, LockedContents 512 */
};

/* ---- AcroForm ---- */

void form_fields(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, const struct walk_path *path,
                 const struct walk_field *field)
{
    struct walk_match match;
    struct walk_value b = walk_new(w, new);
    struct walk_list before = walk_list_of(walk_old(w, old).value);
    struct walk_list after = walk_list_of(b.value);
    walk_mark(w, b.number, MARK_VISITED);
    if (!walk_match_lists(w, before, after, &match)) return;
    w->hint = RFD_FINDING_COUNT;
    for (uint32_t i = 0; i < before.count; i++) {
        if (!match.kept[i] && walk_old(w, &before.items[i]).value->kind != PDF_NULL)
            walk_refuse(w, RFD_FINDING_CHANGE_FIELD, walk_index(w, path, i), field);
    }
    for (uint32_t i = 0; i < after.count && w->status == RFD_OK && walk_spend(w, 1); i++) {
        const struct pdf_value *from = match.old_of_new[i] == 0 ? NULL : &before.items[match.old_of_new[i] - 1];
        if (from == NULL) {
            field_judge_new(w, &after.items[i], field, walk_index(w, path, i));
        } else if (!walk_is_unchanged(w, from, &after.items[i])) {
            walk_push(w, (struct walk_item){from, &after.items[i], WALK_FIELD, walk_index(w, path, i), field});
        }
    }
}

void form_flags(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, const struct walk_path *path,
                const struct walk_field *field)
{
    int64_t before = 0;
    int64_t after;
    if (!pdf_integer(walk_old(w, old).value, &before)) before = 0;
    if (!pdf_integer(walk_new(w, new).value, &after) || (after & before) != before ||
        (after & ~before) > SIGNATURE_FLAGS || after < 0)
        walk_refuse(w, RFD_FINDING_CHANGE_FIELD, path, field);
}

/** Signing takes /NeedAppearances away; setting it makes viewers draw values that are there anyway. */
void form_regenerate(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                     const struct walk_path *path, const struct walk_field *field)
{
    const struct pdf_value *after = walk_new(w, new).value;
    if (walk_equal(w, old, new)) return;
    if (after->kind == PDF_NULL || (after->kind == PDF_BOOLEAN && !after->boolean)) return;
    if (after->kind == PDF_BOOLEAN)
        walk_report(w, RFD_CHANGE_FORM, RFD_FINDING_CHANGE_FORM, path, field);
    else
        walk_refuse(w, RFD_FINDING_CHANGE_FIELD, path, field);
}

/** Defaults that a form lacked may be added with a field that needs them. */
void form_added(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, const struct walk_path *path,
                const struct walk_field *field)
{
    if (walk_equal(w, old, new)) return;
    if (old->kind == PDF_NULL)
        walk_report_accompanying(w, path);
    else
        walk_refuse(w, RFD_FINDING_CHANGE_FIELD, path, field);
}

/** /DR and each of its categories: resources may come, none may change. */
void resources_grow(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                    const struct walk_path *path, const struct walk_field *field)
{
    struct walk_value a = walk_old(w, old);
    struct walk_value b = walk_new(w, new);
    bool category = path->up != NULL && path->up->key.length > 0 && slice_is(path->up->key, "DR");
    if (a.value->kind == PDF_NULL) {
        walk_accept(w, new);
        walk_report_accompanying(w, path);
    } else if (category && a.value->kind == PDF_DICTIONARY && b.value->kind == PDF_DICTIONARY) {
        walk_push(w, (struct walk_item){old, new, WALK_DEFAULT_RESOURCES, path, field});
    } else {
        (void)walk_require_equal(w, old, new, RFD_FINDING_CHANGE_RESOURCES, path, field);
    }
}

/* ---- a field's state ---- */

slice walk_name_below(struct walk *w, slice parent, const struct pdf_value *part)
{
    struct buf b;
    slice name = parent;
    if (part->kind != PDF_STRING) return parent;
    buf_init(&b, NAME_MAXIMUM);
    buf_put_slice(&b, parent);
    if (parent.length > 0) buf_put_byte(&b, '.');
    pdf_text_to_utf8(part->bytes, &b);
    if (buf_status(&b) == RFD_OK) name = arena_copy(pdf_arena(w->doc), buf_slice(&b));
    buf_dispose(&b);
    if (name.data == NULL && name.length > 0) walk_fail(w, RFD_E_MEMORY);
    return name;
}

static bool differs(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, const char *key)
{
    bool equal = walk_equal(w, pdf_entry_of(old, key), pdf_entry_of(new, key));
    w->hint = RFD_FINDING_COUNT;
    return !equal;
}

const struct walk_field *field_enter(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                                     const struct walk_field *parent)
{
    struct walk_field *f = walk_allocate(w, 1, sizeof *f);
    const struct pdf_value *type = walk_old_entry(w, old, "FT");
    const struct pdf_value *value = walk_old_entry(w, old, "V");
    if (f == NULL) return parent;
    if (parent != NULL) *f = *parent;
    f->name = walk_name_below(w, f->name, walk_old_entry(w, old, "T"));
    if (type->kind == PDF_NAME) f->type = type->bytes;
    bool changed = differs(w, old, new, "V");
    f->filled = f->filled || changed;
    f->switched = f->switched || differs(w, old, new, "AS");
    if (slice_is(f->type, "Sig")) {
        f->signed_before = f->signed_before || value->kind != PDF_NULL;
        f->signing = f->signing || (changed && value->kind == PDF_NULL && !f->signed_before);
    }
    return f;
}

const struct walk_field *field_from_parents(struct walk *w, const struct pdf_value *old, const struct pdf_value *new)
{
    const struct pdf_value *olds[PARENTS_MAXIMUM];
    const struct pdf_value *news[PARENTS_MAXIMUM];
    const struct walk_field *field = NULL;
    int depth = 0;
    old = walk_old_entry(w, old, "Parent");
    new = walk_new_entry(w, new, "Parent");
    for (; depth < PARENTS_MAXIMUM && old->kind == PDF_DICTIONARY && new->kind == PDF_DICTIONARY; depth++) {
        olds[depth] = old;
        news[depth] = new;
        old = walk_old_entry(w, old, "Parent");
        new = walk_new_entry(w, new, "Parent");
    }
    while (depth-- > 0) field = field_enter(w, olds[depth], news[depth], field);
    return field;
}

/* ---- values ---- */

/** A signature that the old revision had already, in another field or unused, cannot be this field's. */
static bool is_new_signature(struct walk *w, const struct pdf_value *new)
{
    struct walk_value v = walk_new(w, new);
    bool signature = v.value->kind == PDF_DICTIONARY && pdf_entry_of(v.value, "Contents")->kind != PDF_NULL &&
                     pdf_entry_of(v.value, "ByteRange")->kind != PDF_NULL;
    return signature && !walk_was_there(w, v.number);
}

static void judge_signing(struct walk *w, const struct pdf_value *new, const struct walk_path *path,
                          const struct walk_field *field)
{
    bool timestamp = pdf_is_name(walk_new_entry(w, new, "Type"), "DocTimeStamp") ||
                     pdf_is_name(walk_new_entry(w, new, "SubFilter"), "ETSI.RFC3161");
    if (field->signed_before || !is_new_signature(w, new)) {
        walk_refuse(w, RFD_FINDING_CHANGE_SIGNED_FIELD, path, field);
        return;
    }
    walk_accept(w, new);
    if (timestamp)
        walk_report(w, RFD_CHANGE_LTA, RFD_FINDING_CHANGE_DOCUMENT_TIMESTAMP, path, field);
    else
        walk_report(w, RFD_CHANGE_FORM, RFD_FINDING_CHANGE_SIGNATURE, path, field);
}

void field_value(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, const struct walk_path *path,
                 const struct walk_field *field)
{
    struct walk_value v = walk_new(w, new);
    if (walk_equal(w, old, new)) return;
    if (slice_is(field->type, "Sig")) {
        judge_signing(w, new, path, field);
    } else if (v.unreadable || v.value->kind == PDF_DICTIONARY || w->hint == RFD_FINDING_CHANGE_FUTURE_REFERENCE) {
        walk_refuse(w, RFD_FINDING_CHANGE_FIELD, path, field);
    } else {
        w->hint = RFD_FINDING_COUNT;
        walk_accept(w, new);
        walk_report(w, RFD_CHANGE_FORM, RFD_FINDING_CHANGE_FORM, path, field);
    }
}

/** An appearance dictionary that something else than fields refers to is not a field's to replace: what is shared
 * before a signature and no longer after it was prepared for that. */
static bool is_shared_outside(struct walk *w, const struct pdf_value *old)
{
    uint32_t node;
    const struct pdf_value *trailer = pdf_trailer(&w->old);
    const struct pdf_entry *entries = pdf_entries(trailer);
    if (old->kind != PDF_REFERENCE || !graph_find(w->graph, old->reference.number, &node)) return false;
    for (uint32_t i = 0; entries != NULL && i < trailer->count; i++) {
        const struct pdf_value *v = &entries[i].value;
        if (v->kind == PDF_REFERENCE && v->reference.number == old->reference.number) return true;
    }
    return graph_is_used_outside_fields(w->graph, node);
}

/** §12.5.5: an appearance goes with its value; a check box or radio button changes it through /AS. */
void field_appearance(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                      const struct walk_path *path, const struct walk_field *field)
{
    struct walk_value v = walk_new(w, new);
    bool may = field->filled || (field->switched && slice_is(field->type, "Btn"));
    bool fit = v.value->kind == PDF_DICTIONARY || (v.value->kind == PDF_NULL && !v.unreadable);
    if (walk_equal(w, old, new)) return;
    w->hint = RFD_FINDING_COUNT;
    walk_accept(w, new);
    if (!may || !fit || field->signed_before || is_shared_outside(w, old)) {
        walk_refuse(w, RFD_FINDING_CHANGE_APPEARANCE, path, field);
        return;
    }
    if (!field->signing)
        walk_report(w, RFD_CHANGE_FORM, RFD_FINDING_CHANGE_FORM, path, field);
    else
        walk_report_accompanying(w, path);
}

void field_state(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, const struct walk_path *path,
                 const struct walk_field *field)
{
    const struct pdf_value *after = walk_new(w, new).value;
    if (walk_equal(w, old, new)) return;
    w->hint = RFD_FINDING_COUNT;
    if (slice_is(field->type, "Btn") && (after->kind == PDF_NAME || after->kind == PDF_NULL))
        walk_report(w, RFD_CHANGE_FORM, RFD_FINDING_CHANGE_FORM, path, field);
    else
        walk_refuse(w, RFD_FINDING_CHANGE_APPEARANCE, path, field);
}

/** Allowed as part of filling the field in. */
void field_with_value(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                      const struct walk_path *path, const struct walk_field *field)
{
    if (walk_equal(w, old, new)) return;
    if (field->filled && !field->signed_before && walk_new(w, new).value->kind != PDF_DICTIONARY) {
        w->hint = RFD_FINDING_COUNT;
        walk_accept(w, new);
        walk_report(w, RFD_CHANGE_FORM, RFD_FINDING_CHANGE_FORM, path, field);
    } else {
        walk_refuse(w, RFD_FINDING_CHANGE_FIELD, path, field);
    }
}

void field_date(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, const struct walk_path *path,
                const struct walk_field *field)
{
    if (walk_equal(w, old, new)) return;
    w->hint = RFD_FINDING_COUNT;
    enum pdf_kind kind = walk_new(w, new).value->kind;
    if (kind == PDF_STRING || kind == PDF_NULL)
        walk_report(w, RFD_CHANGE_FORM, RFD_FINDING_CHANGE_FORM, path, field);
    else
        walk_refuse(w, RFD_FINDING_CHANGE_FIELD, path, field);
}

/** How a value will be drawn may be said where it was not, or with a new value. */
void field_style(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, const struct walk_path *path,
                 const struct walk_field *field)
{
    if (walk_equal(w, old, new)) return;
    if ((old->kind == PDF_NULL || field->filled) && !field->signed_before) {
        w->hint = RFD_FINDING_COUNT;
        walk_report(w, RFD_CHANGE_FORM, RFD_FINDING_CHANGE_FORM, path, field);
    } else {
        walk_refuse(w, RFD_FINDING_CHANGE_FIELD, path, field);
    }
}

/* ---- flags, locks, links ---- */

static bool only_sets(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, int64_t allowed)
{
    int64_t before = 0;
    int64_t after;
    if (!pdf_integer(walk_old(w, old).value, &before)) before = 0;
    return pdf_integer(walk_new(w, new).value, &after) && (after & before) == before &&
           ((after ^ before) & ~allowed) == 0;
}

static void judge_flags(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, int64_t allowed,
                        const struct walk_path *path, const struct walk_field *field)
{
    if (walk_equal(w, old, new)) return;
    w->hint = RFD_FINDING_COUNT;
    if (!only_sets(w, old, new, allowed))
        walk_refuse(w, RFD_FINDING_CHANGE_FIELD, path, field);
    else if (field->signing)
        walk_report_accompanying(w, path);
    else
        walk_report(w, RFD_CHANGE_FORM, RFD_FINDING_CHANGE_FORM, path, field);
}

/** A field may be made read-only, as some signers do with those that they lock. */
void field_flags(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, const struct walk_path *path,
                 const struct walk_field *field)
{
    judge_flags(w, old, new, READ_ONLY, path, field);
}

void field_widget_flags(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                        const struct walk_path *path, const struct walk_field *field)
{
    judge_flags(w, old, new, HARMLESS_WIDGET_FLAGS, path, field);
}

/** §12.7.5.5: a lock may be put on a signature field that nobody has signed. */
void field_lock(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, const struct walk_path *path,
                const struct walk_field *field)
{
    if (walk_equal(w, old, new)) return;
    if (old->kind == PDF_NULL && slice_is(field->type, "Sig") && !field->signed_before &&
        walk_new(w, new).value->kind == PDF_DICTIONARY) {
        w->hint = RFD_FINDING_COUNT;
        walk_accept(w, new);
        walk_report(w, RFD_CHANGE_FORM, RFD_FINDING_CHANGE_SIGNATURE_FIELD, path, field);
    } else {
        walk_refuse(w, RFD_FINDING_CHANGE_FIELD, path, field);
    }
}

void field_page(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, const struct walk_path *path,
                const struct walk_field *field)
{
    if (old->kind == PDF_REFERENCE && new->kind == PDF_REFERENCE && old->reference.number == new->reference.number)
        return;
    if (old->kind == PDF_NULL && pdf_is_name(walk_new_entry(w, new, "Type"), "Page"))
        walk_report_accompanying(w, path);
    else
        (void)walk_require_equal(w, old, new, RFD_FINDING_CHANGE_FIELD, path, field);
}

/* ---- kids ---- */

static bool is_field_node(struct walk *w, const struct pdf_value *kid)
{
    return walk_new_entry(w, kid, "T")->kind != PDF_NULL;
}

/** An unsigned signature field may get its widget; nothing else gets one later. */
static void judge_new_kid(struct walk *w, const struct pdf_value *kid, const struct walk_path *path,
                          const struct walk_field *field)
{
    if (is_field_node(w, kid)) {
        field_judge_new(w, kid, field, path);
    } else if (slice_is(field->type, "Sig") && !field->signed_before &&
               annotation_is_widget(w, walk_new(w, kid).value, true)) {
        walk_accept(w, kid);
        walk_mark(w, walk_new(w, kid).number, MARK_WIDGET);
        walk_report(w, RFD_CHANGE_FORM, RFD_FINDING_CHANGE_SIGNATURE_FIELD, path, field);
    } else {
        walk_refuse(w, RFD_FINDING_CHANGE_FIELD, path, field);
    }
}

void field_kids(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, const struct walk_path *path,
                const struct walk_field *field)
{
    struct walk_match match;
    struct walk_value b = walk_new(w, new);
    struct walk_list before = walk_list_of(walk_old(w, old).value);
    struct walk_list after = walk_list_of(b.value);
    walk_mark(w, b.number, MARK_VISITED);
    if (!walk_match_lists(w, before, after, &match)) return;
    w->hint = RFD_FINDING_COUNT;
    for (uint32_t i = 0; i < before.count; i++) {
        if (!match.kept[i]) walk_refuse(w, RFD_FINDING_CHANGE_FIELD, walk_index(w, path, i), field);
    }
    for (uint32_t i = 0; i < after.count && w->status == RFD_OK && walk_spend(w, 1); i++) {
        const struct walk_path *below = walk_index(w, path, i);
        if (match.old_of_new[i] == 0) {
            judge_new_kid(w, &after.items[i], below, field);
        } else {
            const struct pdf_value *from = &before.items[match.old_of_new[i] - 1];
            if (!walk_is_unchanged(w, from, &after.items[i]))
                walk_push(w, (struct walk_item){from, &after.items[i], WALK_FIELD, below, field});
        }
    }
}
