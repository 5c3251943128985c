/* SPDX-License-Identifier: EUPL-1.2
 *
 * Annotations, fields' widgets among them: ISO 19005-1 §6.5 and §6.9, 19005-2 §6.3.
 */
#include "pdf/archive/archive_internal.h"

enum { FLAG_INVISIBLE = 1, FLAG_HIDDEN = 2, FLAG_PRINT = 4, FLAG_NO_VIEW = 32, FLAG_TOGGLE = 256, LEVELS = 64 };

static const char *const types_one[] = {"Text",      "Link",      "FreeText",    "Line",      "Square", "Circle",
                                        "Highlight", "Underline", "Squiggly",    "StrikeOut", "Stamp",  "Ink",
                                        "Popup",     "Widget",    "PrinterMark", "TrapNet",   NULL};
static const char *const types_two[] = {
    "Text",           "Link",      "FreeText",    "Line",      "Square",    "Circle", "Polygon", "PolyLine",
    "Highlight",      "Underline", "Squiggly",    "StrikeOut", "Stamp",     "Caret",  "Ink",     "Popup",
    "FileAttachment", "Widget",    "PrinterMark", "TrapNet",   "Watermark", "Redact", NULL};

static void check_type(struct archive *a, const struct pdf_value *subtype, uint32_t object)
{
    for (const char *const *type = a->part == 1 ? types_one : types_two; *type != NULL; type++) {
        if (pdf_is_name(subtype, *type)) return;
    }
    archive_add(a, PDF_ARCHIVE_ANNOTATION_TYPE, object, NULL);
}

static void check_flags(struct archive *a, const struct pdf_value *v, bool popup, uint32_t object)
{
    int64_t flags = 0;
    bool given = pdf_integer(pdf_get(a->view, v, "F"), &flags);
    int64_t hiding = FLAG_INVISIBLE | FLAG_HIDDEN | FLAG_NO_VIEW | (a->part == 1 ? 0 : FLAG_TOGGLE);
    if (!given && popup) return;
    if (!given || (flags & FLAG_PRINT) == 0 || (flags & hiding) != 0)
        archive_add(a, PDF_ARCHIVE_ANNOTATION_FLAGS, object, given ? "/F %lld" : "/F is missing", (long long)flags);
}

/** The field's type, from the widget or its parents (ISO 32000-1 §12.7.3.1). */
static bool is_button(struct archive *a, const struct pdf_value *v)
{
    for (int i = 0; i < LEVELS && v->kind == PDF_DICTIONARY; i++) {
        const struct pdf_value *type = archive_get(a, v, "FT");
        if (type->kind == PDF_NAME) return pdf_is_name(type, "Btn");
        v = archive_get(a, v, "Parent");
    }
    return false;
}

static bool is_empty_rectangle(struct archive *a, const struct pdf_value *v)
{
    const struct pdf_value *rectangle = pdf_get(a->view, v, "Rect");
    double at[4] = {0};
    for (uint32_t i = 0; i < 4; i++) {
        if (!pdf_number(pdf_item(a->view, rectangle, i), &at[i])) return false;
    }
    return at[0] == at[2] && at[1] == at[3];
}

/** Only /N; a stream, or for buttons a dictionary of them. */
static void check_states(struct archive *a, const struct pdf_value *v, const struct pdf_value *appearance, bool widget,
                         uint32_t object)
{
    const struct pdf_value *normal = pdf_get(a->view, appearance, "N");
    bool button = widget && is_button(a, v);
    enum pdf_kind wanted = button ? PDF_DICTIONARY : PDF_STREAM;
    if (appearance->count != 1 || normal->kind != wanted) archive_add(a, PDF_ARCHIVE_APPEARANCE_STATES, object, NULL);
}

/** Part 1 demands an appearance of every field, also of what has no size (the widget of an invisible signature); the
 * later parts of every annotation but popups, links and what has no size. */
static void check_appearance(struct archive *a, const struct pdf_value *v, const struct pdf_value *subtype,
                             uint32_t object)
{
    const struct pdf_value *appearance = pdf_get(a->view, v, "AP");
    bool widget = pdf_is_name(subtype, "Widget");
    if (appearance->kind == PDF_DICTIONARY) {
        check_states(a, v, appearance, widget, object);
        return;
    }
    bool excused = a->part == 1
                       ? !widget
                       : is_empty_rectangle(a, v) || pdf_is_name(subtype, "Popup") || pdf_is_name(subtype, "Link");
    if (!excused) archive_add(a, PDF_ARCHIVE_APPEARANCE_MISSING, object, NULL);
}

void archive_check_annotation(struct archive *a, const struct pdf_value *v, uint32_t object)
{
    const struct pdf_value *subtype = pdf_get(a->view, v, "Subtype");
    double opacity = 1;
    if (v->kind != PDF_DICTIONARY) return;
    check_type(a, subtype, object);
    check_flags(a, v, pdf_is_name(subtype, "Popup") && a->part != 1, object);
    if (pdf_number(pdf_get(a->view, v, "CA"), &opacity) && opacity != 1)
        archive_add(a, PDF_ARCHIVE_ANNOTATION_OPACITY, object, NULL);
    bool coloured = pdf_get(a->view, v, "C")->kind == PDF_ARRAY || pdf_get(a->view, v, "IC")->kind == PDF_ARRAY;
    if (coloured && a->intent_components != 3) archive_add(a, PDF_ARCHIVE_ANNOTATION_COLOUR, object, NULL);
    check_appearance(a, v, subtype, object);
}
