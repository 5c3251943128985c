/* SPDX-License-Identifier: EUPL-1.2
 *
 * Pages and their annotations (ISO 32000-2 §12.5). Widgets are judged as fields; markup may come, change and go where
 * annotations are permitted (§12.8.2.2.2 table 257, P = 3); what would act, play or replace page content may not.
 */
#include "pades/difference/difference_internal.h"

enum { PARENTS_MAXIMUM = 32, APPEARANCES_MAXIMUM = 64 };
#define APPEARANCE_MAXIMUM ((size_t)1 << 20)

/* ---- the page tree ---- */

static enum walk_kind page_kind(struct walk *w, const struct pdf_value *old)
{
    return pdf_is_name(walk_old_entry(w, old, "Type"), "Page") ? WALK_PAGE : WALK_PAGES;
}

/** Number and order of pages stay. */
void pages_kids(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, const struct walk_path *path,
                const struct walk_field *field)
{
    struct walk_value a = walk_old(w, old);
    struct walk_value b = walk_new(w, new);
    walk_mark(w, b.number, MARK_VISITED);
    if (a.value->kind != PDF_ARRAY || b.value->kind != PDF_ARRAY || a.value->count != b.value->count) {
        w->hint = RFD_FINDING_COUNT;
        walk_refuse(w, RFD_FINDING_CHANGE_PAGES, path, field);
        return;
    }
    for (uint32_t i = 0; i < a.value->count && w->status == RFD_OK && walk_spend(w, 1); i++) {
        const struct pdf_value *from = &a.value->items[i];
        const struct pdf_value *to = &b.value->items[i];
        if (walk_is_unchanged(w, from, to)) continue;
        walk_push(w, (struct walk_item){from, to, page_kind(w, from), walk_index(w, path, i), field});
    }
}

/** /Tabs and numbers for the structure tree may be added with a widget. */
void page_added(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, const struct walk_path *path,
                const struct walk_field *field)
{
    enum pdf_kind kind = walk_new(w, new).value->kind;
    if (walk_equal(w, old, new)) return;
    if (old->kind == PDF_NULL && (kind == PDF_NAME || kind == PDF_INTEGER))
        walk_report_accompanying(w, path);
    else
        walk_refuse(w, RFD_FINDING_CHANGE_STRUCTURE, path, field);
}

/** True when what the page draws under a name is no longer a picture or form of the same type. */
static bool is_gone(struct walk *w, const struct pdf_value *old, const struct pdf_value *new)
{
    if (walk_old(w, old).value->kind != PDF_STREAM) return false;
    return walk_new(w, new).value->kind != PDF_STREAM || !walk_equal(w, pdf_entry_of(walk_old(w, old).value, "Subtype"),
                                                                     pdf_entry_of(walk_new(w, new).value, "Subtype"));
}

/** Nothing may differ; when something that was drawn is gone, it may have been there to hide what is seen now. */
void page_resources(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                    const struct walk_path *path, const struct walk_field *field)
{
    if (walk_require_equal(w, old, new, RFD_FINDING_CHANGE_RESOURCES, path, field)) return;
    const struct pdf_value *before = walk_old_entry(w, old, "XObject");
    const struct pdf_value *after = walk_new_entry(w, new, "XObject");
    for (uint32_t i = 0; before->kind == PDF_DICTIONARY && i < before->count && walk_spend(w, 1 + after->count); i++) {
        const struct pdf_value *now = &pdf_null;
        const struct pdf_entry *entries = pdf_entries(after);
        for (uint32_t k = 0; entries != NULL && k < after->count; k++) {
            if (slice_equal(entries[k].key, before->entries[i].key)) now = &entries[k].value;
        }
        bool gone = is_gone(w, &before->entries[i].value, now);
        w->hint = RFD_FINDING_COUNT;
        if (gone) walk_refuse(w, RFD_FINDING_CHANGE_LAYERS, walk_key(w, path, before->entries[i].key), field);
    }
}

/* ---- what an annotation is ---- */

bool annotation_is_widget(struct walk *w, const struct pdf_value *dictionary, bool new_side)
{
    struct walk_value (*look)(struct walk *, const struct pdf_value *) = new_side ? walk_new : walk_old;
    const struct pdf_value *subtype = look(w, pdf_entry_of(dictionary, "Subtype")).value;
    return pdf_is_name(subtype, "Widget") || pdf_entry_of(dictionary, "FT")->kind != PDF_NULL;
}

bool annotation_is_visible(struct walk *w, const struct pdf_value *dictionary)
{
    double side[4];
    const struct pdf_value *box = walk_new_entry(w, dictionary, "Rect");
    if (box->kind != PDF_ARRAY || box->count != 4) return false;
    for (uint32_t i = 0; i < 4; i++) {
        if (!pdf_number(walk_new(w, &box->items[i]).value, &side[i])) return false;
    }
    double width = side[2] - side[0];
    double height = side[3] - side[1];
    return (width < 0 || width > 0) && (height < 0 || height > 0);
}

/** True when content has an operator that marks the page (§8.5.3, §8.9, §8.10, §9.4.3). */
static bool marks_page(slice content)
{
    static const char operators[] = " f F f* B B* b b* S s sh Do Tj TJ ' \" BI ";
    size_t from = 0;
    for (size_t i = 0; i <= content.length; i++) {
        bool inside = i < content.length && content.data[i] > ' ' && memchr("[]<>()/", content.data[i], 7) == NULL;
        if (inside) continue;
        char word[8] = " ";
        size_t length = i - from;
        if (length > 0 && length < sizeof word - 2) {
            memcpy(word + 1, content.data + from, length);
            word[length + 1] = ' ';
            if (strstr(operators, word) != NULL) return true;
        }
        from = i + 1;
    }
    return false;
}

static bool stream_paints(struct walk *w, const struct pdf_value *stream)
{
    slice content;
    if (pdf_stream_data(&w->new, stream, APPEARANCE_MAXIMUM, &content, NULL) != RFD_OK) {
        w->new.failure.code = RFD_OK;
        return true;
    }
    return marks_page(content);
}

bool annotation_paints(struct walk *w, const struct pdf_value *dictionary)
{
    const struct pdf_value *normal = walk_new_entry(w, walk_new_entry(w, dictionary, "AP"), "N");
    if (normal->kind == PDF_STREAM) return stream_paints(w, normal);
    if (normal->kind != PDF_DICTIONARY) return false;
    if (normal->count > APPEARANCES_MAXIMUM) return true;
    for (uint32_t i = 0; i < normal->count; i++) {
        const struct pdf_value *state = walk_new(w, &normal->entries[i].value).value;
        if (state->kind == PDF_STREAM && stream_paints(w, state)) return true;
    }
    return false;
}

/* ---- markup ---- */

/** §12.5.6.1 table 171: who only comments. /FreeText and /Stamp may lie on content, as comments do; a /Link without an
 * action leads to a page of this document. */
static const char *const commenting[] = {"Text",     "FreeText",  "Line",      "Square",         "Circle",    "Polygon",
                                         "PolyLine", "Highlight", "Underline", "Squiggly",       "StrikeOut", "Caret",
                                         "Stamp",    "Ink",       "Popup",     "FileAttachment", "Link"};
/** Those that replace or cover what the page shows. */
static const char *const covering[] = {"Redact", "Watermark"};

static bool is_one_of(slice name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_is(name, names[i])) return true;
    }
    return false;
}

static bool acts(struct walk *w, const struct pdf_value *dictionary)
{
    return walk_new_entry(w, dictionary, "A")->kind != PDF_NULL ||
           walk_new_entry(w, dictionary, "AA")->kind != PDF_NULL ||
           walk_new_entry(w, dictionary, "PA")->kind != PDF_NULL;
}

static void judge_markup(struct walk *w, const struct pdf_value *v, const struct walk_path *path)
{
    const struct pdf_value *dictionary = walk_new(w, v).value;
    const struct pdf_value *subtype = walk_new_entry(w, dictionary, "Subtype");
    slice name = subtype->kind == PDF_NAME ? subtype->bytes : SLICE_EMPTY;
    w->hint = RFD_FINDING_COUNT;
    walk_accept(w, v);
    if (is_one_of(name, covering, sizeof covering / sizeof *covering))
        walk_refuse(w, RFD_FINDING_CHANGE_ANNOTATION_CONTENT, path, NULL);
    else if (acts(w, dictionary))
        walk_refuse(w, RFD_FINDING_CHANGE_ACTIONS, path, NULL);
    else if (is_one_of(name, commenting, sizeof commenting / sizeof *commenting))
        walk_report(w, RFD_CHANGE_ANNOTATION, RFD_FINDING_CHANGE_ANNOTATION, path, NULL);
    else
        walk_refuse(w, RFD_FINDING_CHANGE_OTHER, path, NULL);
}

/** An annotation that was there and is not a widget. */
void annotation_step(struct walk *w, const struct walk_item *item, const struct pdf_value *old,
                     const struct pdf_value *new)
{
    if (walk_equal(w, item->old, item->new)) return;
    bool same_actions = true;
    static const char *const keys[] = {"A", "AA", "PA", "Dest"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        same_actions = same_actions && walk_equal(w, pdf_entry_of(old, keys[i]), pdf_entry_of(new, keys[i]));
    bool same_type = walk_equal(w, pdf_entry_of(old, "Subtype"), pdf_entry_of(new, "Subtype"));
    w->hint = RFD_FINDING_COUNT;
    if (!same_actions) {
        walk_refuse(w, RFD_FINDING_CHANGE_ACTIONS, item->path, NULL);
    } else if (!same_type || new->kind != PDF_DICTIONARY) {
        walk_refuse(w, RFD_FINDING_CHANGE_OTHER, item->path, NULL);
    } else {
        const struct pdf_value *subtype = walk_new_entry(w, new, "Subtype");
        if (pdf_is_name(subtype, "Link")) {
            walk_accept(w, item->new);
            walk_report(w, RFD_CHANGE_ANNOTATION, RFD_FINDING_CHANGE_ANNOTATION, item->path, NULL);
        } else {
            judge_markup(w, item->new, item->path);
        }
    }
}

/* ---- a page's list ---- */

static void judge_kept(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                       const struct walk_path *path)
{
    if (walk_is_unchanged(w, old, new)) return;
    struct walk_item item = {old, new, WALK_FIELD, path, NULL};
    const struct pdf_value *before = walk_old(w, old).value;
    if (before->kind == PDF_DICTIONARY && annotation_is_widget(w, before, false)) {
        walk_defer(w, item, false);
        return;
    }
    item.kind = WALK_ANNOTATION;
    walk_push(w, item);
}

static void judge_added(struct walk *w, const struct pdf_value *v, const struct walk_path *path)
{
    struct walk_value added = walk_new(w, v);
    w->hint = RFD_FINDING_COUNT;
    path = walk_at_object(w, path, added.number);
    if (added.value->kind == PDF_NULL && !added.unreadable) return;
    if (added.value->kind != PDF_DICTIONARY) {
        walk_refuse(w, RFD_FINDING_CHANGE_UNREADABLE, path, NULL);
        return;
    }
    if (annotation_is_widget(w, added.value, true))
        walk_defer(w, (struct walk_item){v, v, WALK_FIELD, path, NULL}, true);
    else
        judge_markup(w, v, path);
}

static void judge_removed(struct walk *w, const struct pdf_value *v, const struct walk_path *path)
{
    struct walk_value old = walk_old(w, v);
    const struct pdf_value *removed = old.value;
    path = walk_at_object(w, path, old.number);
    w->hint = RFD_FINDING_COUNT;
    if (removed->kind != PDF_DICTIONARY) return;
    /* One that is freed as well may still be referred to, by its structure element or its pop-up. */
    if (walk_new(w, v).value->kind == PDF_NULL) walk_mark(w, old.number, MARK_ACCEPTED);
    if (annotation_is_widget(w, removed, false))
        walk_refuse(w, RFD_FINDING_CHANGE_FIELD, path, NULL);
    else
        walk_report(w, RFD_CHANGE_ANNOTATION, RFD_FINDING_CHANGE_ANNOTATION, path, NULL);
}

void page_annotations(struct walk *w, const struct pdf_value *old, const struct pdf_value *new,
                      const struct walk_path *path, const struct walk_field *field)
{
    struct walk_match match;
    struct walk_value b = walk_new(w, new);
    struct walk_list before = walk_list_of(walk_old(w, old).value);
    struct walk_list after = walk_list_of(b.value);
    walk_mark(w, b.number, MARK_VISITED);
    if (b.unreadable || (b.value->kind != PDF_ARRAY && b.value->kind != PDF_NULL)) {
        walk_refuse(w, RFD_FINDING_CHANGE_PAGE_CONTENT, path, field);
        return;
    }
    if (!walk_match_lists(w, before, after, &match)) return;
    if (!match.in_order) walk_report(w, RFD_CHANGE_ANNOTATION, RFD_FINDING_CHANGE_ANNOTATION, path, field);
    for (uint32_t i = 0; i < before.count; i++) {
        if (!match.kept[i]) judge_removed(w, &before.items[i], walk_index(w, path, i));
    }
    for (uint32_t i = 0; i < after.count && w->status == RFD_OK && walk_spend(w, 1); i++) {
        const struct pdf_value *from = match.old_of_new[i] == 0 ? NULL : &before.items[match.old_of_new[i] - 1];
        if (from != NULL && walk_old(w, from).value->kind == PDF_NULL &&
            walk_new(w, &after.items[i]).value->kind != PDF_NULL)
            walk_report(w, RFD_CHANGE_OTHER, RFD_FINDING_CHANGE_FUTURE_REFERENCE, walk_index(w, path, i), field);
        if (from == NULL)
            judge_added(w, &after.items[i], walk_index(w, path, i));
        else
            judge_kept(w, from, &after.items[i], walk_index(w, path, i));
    }
}

/* ---- widgets, when the fields are known ---- */

/** A widget that came to a page must be one of a field that was accepted. */
static void judge_added_widget(struct walk *w, const struct walk_item *item)
{
    uint32_t number = walk_new(w, item->new).number;
    w->hint = RFD_FINDING_COUNT;
    if (number != 0 && walk_marked(w, number, MARK_WIDGET)) return;
    walk_accept(w, item->new);
    walk_refuse(w, walk_was_there(w, number) ? RFD_FINDING_CHANGE_FIELD : RFD_FINDING_CHANGE_ANNOTATION_CONTENT,
                item->path, NULL);
}

void annotation_judge_widgets(struct walk *w)
{
    for (size_t i = 0; i < w->widget_count && w->status == RFD_OK; i++) {
        struct walk_item item = w->widgets[i].item;
        struct walk_value new = walk_new(w, item.new);
        if (w->widgets[i].added) {
            judge_added_widget(w, &item);
        } else if (!walk_marked(w, new.number, MARK_FIELD)) {
            item.field = field_from_parents(w, walk_old(w, item.old).value, new.value);
            walk_push(w, item);
        }
    }
}
