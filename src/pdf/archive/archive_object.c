/* SPDX-License-Identifier: EUPL-1.2
 *
 * Rules about single values and dictionaries, told apart by what they say of themselves and by where they were met.
 * Most are keys that must not be there: a table.
 */
#include "pdf/archive/archive_internal.h"

#include "base/buf.h"
#include "base/number.h"
#include "pdf/lexer.h"

enum { NAME_MAXIMUM = 127, ARRAY_MAXIMUM = 8191, DICTIONARY_MAXIMUM = 4095 };

/* --- Plain values ------------------------------------------------------------------------------------------------ */

/** The digits between < and > come in pairs, and nothing else stands there (ISO 32000-1 §7.3.4.3). */
static bool hexadecimal_is_right(slice raw)
{
    size_t count = 0;
    for (size_t i = 1; i + 1 < raw.length; i++) {
        if (lexer_is_space(raw.data[i])) continue;
        if (number_hex_digit(raw.data[i]) < 0) return false;
        count++;
    }
    return count % 2 == 0;
}

static void check_plain(struct archive *a, const struct pdf_value *v, uint32_t object)
{
    size_t longest = a->part == 1 ? 65535 : 32767;
    double number;
    switch (v->kind) {
    case PDF_STRING:
        if (v->bytes.length > longest) archive_add(a, PDF_ARCHIVE_STRING_LENGTH, object, "%zu bytes", v->bytes.length);
        if (v->hexadecimal && !hexadecimal_is_right(v->raw)) archive_add(a, PDF_ARCHIVE_HEXADECIMAL, object, NULL);
        break;
    case PDF_NAME:
        if (v->bytes.length > NAME_MAXIMUM) archive_add(a, PDF_ARCHIVE_NAME_LENGTH, object, NULL);
        break;
    case PDF_INTEGER:
        if (pdf_number(v, &number) && (number > INT32_MAX || number < INT32_MIN))
            archive_add(a, PDF_ARCHIVE_INTEGER_RANGE, object, NULL);
        break;
    case PDF_ARRAY:
        if (v->count > ARRAY_MAXIMUM) archive_add(a, PDF_ARCHIVE_COLLECTION_SIZE, object, NULL);
        break;
    case PDF_DICTIONARY:
    case PDF_STREAM:
        if (v->count > DICTIONARY_MAXIMUM) archive_add(a, PDF_ARCHIVE_COLLECTION_SIZE, object, NULL);
        break;
    default: break;
    }
}

/* --- What a dictionary is ---------------------------------------------------------------------------------------- */

enum what {
    WHAT_STREAM = 1 << 0,
    WHAT_IMAGE = 1 << 1,
    WHAT_FORM = 1 << 2,
    WHAT_STATE = 1 << 3, /* an extended graphics state */
    WHAT_CATALOG = 1 << 4,
    WHAT_PAGE = 1 << 5,
    WHAT_FIELD = 1 << 6, /* a form field or widget */
    WHAT_ACRO_FORM = 1 << 7,
    WHAT_NAMES = 1 << 8, /* of the catalog */
    WHAT_LAYER_CONFIGURATION = 1 << 9,
};

static unsigned what_is(struct archive *a, const struct pdf_value *v, const struct archive_place *at)
{
    const struct pdf_value *type = pdf_get(a->view, v, "Type");
    const struct pdf_value *subtype = pdf_get(a->view, v, "Subtype");
    unsigned what = 0;
    if (v->kind == PDF_STREAM) {
        what |= WHAT_STREAM;
        if (pdf_is_name(subtype, "Image")) what |= WHAT_IMAGE;
        if (pdf_is_name(subtype, "Form")) what |= WHAT_FORM;
        return what;
    }
    if (slice_is(at->above, "ExtGState") || pdf_is_name(type, "ExtGState")) what |= WHAT_STATE;
    if (pdf_is_name(type, "Catalog")) what |= WHAT_CATALOG;
    if (pdf_is_name(type, "Page")) what |= WHAT_PAGE;
    if (pdf_is_name(subtype, "Widget") || slice_is(at->under, "Fields") ||
        (slice_is(at->under, "Kids") && pdf_get(a->view, v, "FT")->kind == PDF_NAME))
        what |= WHAT_FIELD;
    if (slice_is(at->under, "AcroForm")) what |= WHAT_ACRO_FORM;
    if (slice_is(at->under, "Names") && slice_is(at->above, "Root")) what |= WHAT_NAMES;
    if ((slice_is(at->under, "D") || slice_is(at->under, "Configs")) && slice_is(at->above, "OCProperties"))
        what |= WHAT_LAYER_CONFIGURATION;
    return what;
}

/* --- Keys that must not be there --------------------------------------------------------------------------------- */

enum unless { NEVER, UNLESS_FALSE, UNLESS_DEFAULT, UNLESS_NONE, UNLESS_ONE, UNLESS_NOT_PS };

static const struct {
    unsigned what;
    const char *key;
    enum unless unless;
    enum pdf_archive_rule rule;
    int part; /* 0: all that have the rule */
} forbidden[] = {
    {WHAT_STREAM, "F", NEVER, PDF_ARCHIVE_STREAM_EXTERNAL, 0},
    {WHAT_STREAM, "FFilter", NEVER, PDF_ARCHIVE_STREAM_EXTERNAL, 0},
    {WHAT_STREAM, "FDecodeParms", NEVER, PDF_ARCHIVE_STREAM_EXTERNAL, 0},
    {WHAT_IMAGE, "Alternates", NEVER, PDF_ARCHIVE_IMAGE_ALTERNATES, 0},
    {WHAT_IMAGE, "Interpolate", UNLESS_FALSE, PDF_ARCHIVE_IMAGE_INTERPOLATE, 0},
    {WHAT_IMAGE, "SMask", UNLESS_NONE, PDF_ARCHIVE_TRANSPARENCY_MASK, 1},
    {WHAT_IMAGE | WHAT_FORM, "OPI", NEVER, PDF_ARCHIVE_XOBJECT_OPI, 0},
    {WHAT_FORM, "PS", NEVER, PDF_ARCHIVE_XOBJECT_POSTSCRIPT, 0},
    {WHAT_FORM, "Subtype2", UNLESS_NOT_PS, PDF_ARCHIVE_XOBJECT_POSTSCRIPT, 0},
    {WHAT_FORM, "Ref", NEVER, PDF_ARCHIVE_XOBJECT_REFERENCE, 0},
    {WHAT_STATE, "TR", NEVER, PDF_ARCHIVE_STATE_TRANSFER, 0},
    {WHAT_STATE, "TR2", UNLESS_DEFAULT, PDF_ARCHIVE_STATE_TRANSFER, 0},
    {WHAT_STATE, "SMask", UNLESS_NONE, PDF_ARCHIVE_TRANSPARENCY_MASK, 1},
    {WHAT_STATE, "CA", UNLESS_ONE, PDF_ARCHIVE_TRANSPARENCY_ALPHA, 1},
    {WHAT_STATE, "ca", UNLESS_ONE, PDF_ARCHIVE_TRANSPARENCY_ALPHA, 1},
    {WHAT_CATALOG | WHAT_PAGE, "AA", NEVER, PDF_ARCHIVE_ADDITIONAL_ACTIONS, 0},
    {WHAT_CATALOG, "OCProperties", NEVER, PDF_ARCHIVE_LAYERS, 1},
    {WHAT_CATALOG, "NeedsRendering", UNLESS_FALSE, PDF_ARCHIVE_FORM_XFA, 0},
    {WHAT_CATALOG, "Requirements", NEVER, PDF_ARCHIVE_REQUIREMENTS, 0},
    {WHAT_PAGE, "PresSteps", NEVER, PDF_ARCHIVE_ALTERNATE_PRESENTATION, 0},
    {WHAT_NAMES, "AlternatePresentations", NEVER, PDF_ARCHIVE_ALTERNATE_PRESENTATION, 0},
    {WHAT_NAMES, "JavaScript", NEVER, PDF_ARCHIVE_ACTION, 0},
    {WHAT_NAMES, "EmbeddedFiles", NEVER, PDF_ARCHIVE_EMBEDDED_FILE, 1},
    {WHAT_LAYER_CONFIGURATION, "AS", NEVER, PDF_ARCHIVE_LAYERS, 0},
    {WHAT_FIELD, "A", NEVER, PDF_ARCHIVE_FORM_ACTIONS, 0},
    {WHAT_FIELD, "AA", NEVER, PDF_ARCHIVE_FORM_ACTIONS, 0},
    {WHAT_ACRO_FORM, "NeedAppearances", UNLESS_FALSE, PDF_ARCHIVE_FORM_NEEDS_APPEARANCES, 0},
    {WHAT_ACRO_FORM, "XFA", NEVER, PDF_ARCHIVE_FORM_XFA, 0},
};

static bool is_excused(const struct pdf_value *v, enum unless unless)
{
    double number;
    switch (unless) {
    case NEVER: return false;
    case UNLESS_FALSE: return v->kind == PDF_BOOLEAN && !v->boolean;
    case UNLESS_DEFAULT: return pdf_is_name(v, "Default");
    case UNLESS_NONE: return pdf_is_name(v, "None");
    case UNLESS_ONE: return pdf_number(v, &number) && number == 1;
    case UNLESS_NOT_PS: return !pdf_is_name(v, "PS");
    }
    return false;
}

static void check_keys(struct archive *a, const struct pdf_value *v, unsigned what, uint32_t object)
{
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
        if ((forbidden[i].what & what) == 0 || (forbidden[i].part != 0 && forbidden[i].part != a->part)) continue;
        const struct pdf_value *value = pdf_get(a->view, v, forbidden[i].key);
        if (value->kind != PDF_NULL && !is_excused(value, forbidden[i].unless))
            archive_add(a, forbidden[i].rule, object, "/%s", forbidden[i].key);
    }
}

/* --- Values from a list ------------------------------------------------------------------------------------------ */

static bool is_one_of(const struct pdf_value *name, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (pdf_is_name(name, *list)) return true;
    }
    return false;
}

static const char *const intents[] = {"RelativeColorimetric", "AbsoluteColorimetric", "Perceptual", "Saturation", NULL};
static const char *const plain_modes[] = {"Normal", "Compatible", NULL};
static const char *const modes[] = {"Normal",    "Compatible", "Multiply",   "Screen",    "Overlay",    "Darken",
                                    "Lighten",   "ColorDodge", "ColorBurn",  "HardLight", "SoftLight",  "Difference",
                                    "Exclusion", "Hue",        "Saturation", "Color",     "Luminosity", NULL};
/* GoTo and its like are left; ISO 19005-1 §6.6.1, 19005-2 §6.5.1. */
static const char *const actions[] = {"GoTo", "GoToR", "GoToE", "Thread", "URI", "Named", "SubmitForm", NULL};
static const char *const named[] = {"NextPage", "PrevPage", "FirstPage", "LastPage", NULL};

static void check_state(struct archive *a, const struct pdf_value *v, uint32_t object)
{
    const char *const *allowed = a->part == 1 ? plain_modes : modes;
    const struct pdf_value *mode = pdf_get(a->view, v, "BM");
    const struct pdf_value *intent = pdf_get(a->view, v, "RI");
    bool array = mode->kind == PDF_ARRAY;
    for (uint32_t i = 0; array && i < mode->count; i++) {
        if (!is_one_of(pdf_item(a->view, mode, i), allowed)) archive_add(a, PDF_ARCHIVE_BLEND_MODE, object, NULL);
    }
    if (!array && mode->kind != PDF_NULL && !is_one_of(mode, allowed))
        archive_add(a, PDF_ARCHIVE_BLEND_MODE, object, NULL);
    if (intent->kind != PDF_NULL && !is_one_of(intent, intents))
        archive_add(a, PDF_ARCHIVE_RENDERING_INTENT, object, NULL);
}

static void check_action(struct archive *a, const struct pdf_value *v, const struct archive_place *at)
{
    bool action = slice_is(at->under, "A") || slice_is(at->under, "OpenAction") || slice_is(at->under, "Next") ||
                  slice_is(at->above, "AA");
    const struct pdf_value *kind = pdf_get(a->view, v, "S");
    if (!action || kind->kind != PDF_NAME || v->kind != PDF_DICTIONARY || slice_is(at->above, "K")) return;
    bool allowed = is_one_of(kind, actions) && !(a->part == 1 && pdf_is_name(kind, "GoToE"));
    if (pdf_is_name(kind, "Named")) allowed = is_one_of(pdf_get(a->view, v, "N"), named);
    if (!allowed)
        archive_add(a, PDF_ARCHIVE_ACTION, at->object, "%.*s", (int)kind->bytes.length, (const char *)kind->bytes.data);
}

/* --- Streams ----------------------------------------------------------------------------------------------------- */

static void check_filter(struct archive *a, const struct pdf_value *name, const struct pdf_value *parameters,
                         uint32_t object)
{
    if (pdf_is_name(name, "LZWDecode") || pdf_is_name(name, "LZW")) archive_add(a, PDF_ARCHIVE_LZW, object, NULL);
    if (!pdf_is_name(name, "Crypt")) return;
    const struct pdf_value *filter = pdf_get(a->view, parameters, "Name");
    if (filter->kind != PDF_NULL && !pdf_is_name(filter, "Identity"))
        archive_add(a, PDF_ARCHIVE_CRYPT_FILTER, object, NULL);
}

static void check_filters(struct archive *a, const struct pdf_value *v, uint32_t object)
{
    const struct pdf_value *filter = pdf_get(a->view, v, "Filter");
    const struct pdf_value *parameters = pdf_get(a->view, v, "DecodeParms");
    if (filter->kind != PDF_ARRAY) check_filter(a, filter, parameters, object);
    for (uint32_t i = 0; filter->kind == PDF_ARRAY && i < filter->count; i++)
        check_filter(a, pdf_item(a->view, filter, i), pdf_item(a->view, parameters, i), object);
}

static void check_image(struct archive *a, const struct pdf_value *v, const struct archive_place *at)
{
    const struct pdf_value *mask = pdf_get(a->view, v, "ImageMask");
    const struct pdf_value *intent = pdf_get(a->view, v, "Intent");
    if (intent->kind != PDF_NULL && !is_one_of(intent, intents))
        archive_add(a, PDF_ARCHIVE_RENDERING_INTENT, at->object, NULL);
    bool colourless = (mask->kind == PDF_BOOLEAN && mask->boolean) || slice_is(at->under, "SMask");
    if (!colourless) archive_note_device(a, at->object, pdf_get(a->view, v, "ColorSpace"));
}

/** Content of a form, tiling pattern or Type 3 glyph. */
static void check_painted(struct archive *a, const struct pdf_value *v, const struct archive_place *at)
{
    slice data;
    int64_t pattern;
    bool tiling = pdf_integer(pdf_get(a->view, v, "PatternType"), &pattern) && pattern == 1;
    bool form = pdf_is_name(pdf_get(a->view, v, "Subtype"), "Form");
    if (!form && !tiling && !slice_is(at->above, "CharProcs")) return;
    if (archive_stream(a, v, &data) && archive_spend(a, data.length))
        archive_check_content(a, data, pdf_get(a->view, v, "Resources"), at->object);
}

static void check_stream(struct archive *a, const struct pdf_value *v, unsigned what, const struct archive_place *at)
{
    check_filters(a, v, at->object);
    if (pdf_is_name(pdf_get(a->view, v, "Subtype"), "PS"))
        archive_add(a, PDF_ARCHIVE_XOBJECT_POSTSCRIPT, at->object, NULL);
    if ((what & WHAT_IMAGE) != 0) check_image(a, v, at);
    check_painted(a, v, at);
}

/* --- Groups, pages, files ---------------------------------------------------------------------------------------- */

static void check_group(struct archive *a, const struct pdf_value *v, const struct archive_place *at)
{
    if (!slice_is(at->under, "Group") || !pdf_is_name(pdf_get(a->view, v, "S"), "Transparency")) return;
    const struct pdf_value *space = pdf_get(a->view, v, "CS");
    archive_add(a, PDF_ARCHIVE_TRANSPARENCY_GROUP, at->object, NULL);
    if (space->kind == PDF_NULL && a->intent_components == 0)
        archive_add(a, PDF_ARCHIVE_TRANSPARENCY_SPACE, at->object, NULL);
    archive_note_device(a, at->object, space);
}

static void check_file_specification(struct archive *a, const struct pdf_value *v, uint32_t object)
{
    const struct pdf_value *files = pdf_get(a->view, v, "EF");
    if (files->kind != PDF_DICTIONARY) return;
    if (a->part == 1) archive_add(a, PDF_ARCHIVE_EMBEDDED_FILE, object, "/EF");
    bool named_twice = pdf_get(a->view, v, "F")->kind == PDF_STRING && pdf_get(a->view, v, "UF")->kind == PDF_STRING;
    if (!named_twice) archive_add(a, PDF_ARCHIVE_EMBEDDED_FILE, object, "/F or /UF is missing");
    const struct pdf_value *file = pdf_get(a->view, files, "F");
    slice data;
    if (a->part == 3) {
        if (pdf_get(a->view, v, "AFRelationship")->kind != PDF_NAME)
            archive_add(a, PDF_ARCHIVE_EMBEDDED_FILE, object, "/AFRelationship is missing");
        if (pdf_get(a->view, file, "Subtype")->kind != PDF_NAME)
            archive_add(a, PDF_ARCHIVE_EMBEDDED_FILE, object, "the media type is missing");
    } else if (archive_stream(a, file, &data) && !slice_starts(data, SLICE("%PDF-"))) {
        archive_add(a, PDF_ARCHIVE_EMBEDDED_FILE, object, "not a PDF");
    }
}

static void check_layers(struct archive *a, const struct pdf_value *v, unsigned what, uint32_t object)
{
    if ((what & WHAT_LAYER_CONFIGURATION) == 0) return;
    const struct pdf_value *name = pdf_get(a->view, v, "Name");
    if (name->kind != PDF_STRING || name->bytes.length == 0)
        archive_add(a, PDF_ARCHIVE_LAYERS, object, "/Name is missing");
}

/** /Perms holds /DocMDP and /UR3 only (19005-2 §6.1.12). */
static void check_permissions(struct archive *a, const struct pdf_value *v, const struct archive_place *at)
{
    const struct pdf_entry *entries = pdf_entries(v);
    if (!slice_is(at->under, "Perms") || !slice_is(at->above, "Root")) return;
    for (uint32_t i = 0; entries != NULL && i < v->count; i++) {
        if (!slice_is(entries[i].key, "DocMDP") && !slice_is(entries[i].key, "UR3"))
            archive_add(a, PDF_ARCHIVE_PERMISSIONS, at->object, NULL);
    }
}

static void check_page(struct archive *a, const struct pdf_value *v, uint32_t object);

static void check_dictionary(struct archive *a, const struct pdf_value *v, const struct archive_place *at)
{
    unsigned what = what_is(a, v, at);
    check_keys(a, v, what, at->object);
    if ((what & WHAT_STATE) != 0) check_state(a, v, at->object);
    if ((what & WHAT_PAGE) != 0) check_page(a, v, at->object);
    if (v->kind == PDF_STREAM) check_stream(a, v, what, at);
    if (slice_is(at->under, "Annots") || pdf_is_name(pdf_get(a->view, v, "Subtype"), "Widget"))
        archive_check_annotation(a, v, at->object);
    if (pdf_get(a->view, v, "ByteRange")->kind == PDF_ARRAY && pdf_get(a->view, v, "Contents")->kind == PDF_STRING)
        archive_check_signature(a, v, at->object);
    check_action(a, v, at);
    check_group(a, v, at);
    check_file_specification(a, v, at->object);
    check_layers(a, v, what, at->object);
    check_permissions(a, v, at);
}

void archive_check_value(struct archive *a, const struct pdf_value *v, const struct archive_place *at)
{
    check_plain(a, v, at->object);
    if (v->kind == PDF_DICTIONARY || v->kind == PDF_STREAM) check_dictionary(a, v, at);
    if (v->kind == PDF_ARRAY && v->count == 2 && pdf_is_name(&v->items[0], "ICCBased"))
        archive_check_profile(a, at->object, pdf_resolve(a->view, &v->items[1]));
}

/* --- Pages ------------------------------------------------------------------------------------------------------- */

/** What a page inherits along /Parent (ISO 32000-1 §7.7.3.4). */
static const struct pdf_value *page_resources(struct archive *a, const struct pdf_value *page)
{
    enum { LEVELS = 64 };
    for (int i = 0; i < LEVELS && page->kind == PDF_DICTIONARY; i++) {
        const struct pdf_value *resources = archive_get(a, page, "Resources");
        if (resources->kind == PDF_DICTIONARY) return resources;
        page = archive_get(a, page, "Parent");
    }
    return &pdf_null;
}

/** The pieces of a page's content are one stream (§7.8.2). */
static void check_page(struct archive *a, const struct pdf_value *v, uint32_t object)
{
    const struct pdf_value *contents = pdf_get(a->view, v, "Contents");
    uint32_t count = contents->kind == PDF_ARRAY ? contents->count : 1;
    struct buf whole;
    buf_init(&whole, ARCHIVE_STREAM_MAXIMUM);
    for (uint32_t i = 0; i < count && contents->kind != PDF_NULL; i++) {
        slice data;
        const struct pdf_value *part = contents->kind == PDF_ARRAY ? pdf_item(a->view, contents, i) : contents;
        if (!archive_stream(a, part, &data) || !archive_spend(a, data.length)) continue;
        buf_put_slice(&whole, data);
        buf_put_byte(&whole, '\n');
    }
    if (whole.status == RFD_E_MEMORY) a->status = RFD_E_MEMORY;
    if (whole.status == RFD_OK)
        archive_check_content(a, buf_slice(&whole), page_resources(a, v), object);
    else
        a->complete = false;
    buf_dispose(&whole);
}
