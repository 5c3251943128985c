/* SPDX-License-Identifier: EUPL-1.2
 *
 * Content streams: operators that exist, colours, graphics state, and which fonts show text. ISO 19005-1 §6.2.3,
 * §6.2.10, §6.3; 19005-2 §6.2.2-6.2.4, §6.2.11.
 */
#include "pdf/archive/archive_internal.h"

#include "pdf/content.h"

enum { NESTING_MAXIMUM = 28, STATES_MAXIMUM = 64, RENDER_INVISIBLE = 3 };

struct state {
    const struct pdf_value *font;
    uint32_t font_object;
    int64_t render;
    bool font_set;
};
struct reading {
    struct archive *archive;
    const struct pdf_value *resources;
    uint32_t object;
    struct state state, saved[STATES_MAXIMUM];
    int depth, beyond; /* `beyond`: saved states that are not kept */
};
typedef void handler(struct reading *r, const struct content_operation *o);

static const struct pdf_value *last(const struct content_operation *o)
{
    return o->count == 0 ? &pdf_null : &o->operands[o->count - 1];
}

/** The named resource; `*object` is its number. */
static const struct pdf_value *resource(struct reading *r, const char *kind, const struct pdf_value *name,
                                        uint32_t *object)
{
    struct pdf_view *view = r->archive->view;
    *object = r->object;
    if (name->kind != PDF_NAME) return &pdf_null;
    const struct pdf_value *named = archive_get(r->archive, r->resources, kind);
    if (!archive_spend(r->archive, named->count / 4)) return &pdf_null;
    const struct pdf_value *entry = pdf_find_entry(named, name->bytes);
    if (entry->kind == PDF_REFERENCE) *object = entry->reference.number;
    return pdf_resolve(view, entry);
}

/* --- Graphics state ---------------------------------------------------------------------------------------------- */

static void save(struct reading *r, const struct content_operation *o)
{
    (void)o;
    if (r->depth < STATES_MAXIMUM)
        r->saved[r->depth++] = r->state;
    else
        r->beyond++;
    if (r->depth > NESTING_MAXIMUM) archive_add(r->archive, PDF_ARCHIVE_NESTING, r->object, NULL);
}

static void restore(struct reading *r, const struct content_operation *o)
{
    (void)o;
    if (r->beyond > 0)
        r->beyond--;
    else if (r->depth > 0)
        r->state = r->saved[--r->depth];
}

static void set_intent(struct reading *r, const struct content_operation *o)
{
    static const char *const intents[] = {"RelativeColorimetric", "AbsoluteColorimetric", "Perceptual", "Saturation"};
    for (size_t i = 0; i < sizeof intents / sizeof *intents; i++) {
        if (pdf_is_name(last(o), intents[i])) return;
    }
    archive_add(r->archive, PDF_ARCHIVE_RENDERING_INTENT, r->object, NULL);
}

/* --- Colour ------------------------------------------------------------------------------------------------------ */

/** A device colour that the resources give a meaning by /DefaultRGB and its like (ISO 32000-1 §8.6.5.6) is none. */
static void note_device(struct reading *r, const char *device, const char *meaning)
{
    const struct pdf_value *spaces = archive_get(r->archive, r->resources, "ColorSpace");
    if (archive_get(r->archive, spaces, meaning)->kind != PDF_NULL) return;
    const struct pdf_value space = {.kind = PDF_NAME, .bytes = slice_text(device)};
    archive_note_device(r->archive, r->object, &space);
}

static void use_gray(struct reading *r, const struct content_operation *o)
{
    (void)o;
    note_device(r, "DeviceGray", "DefaultGray");
}

static void use_rgb(struct reading *r, const struct content_operation *o)
{
    (void)o;
    note_device(r, "DeviceRGB", "DefaultRGB");
}

static void use_cmyk(struct reading *r, const struct content_operation *o)
{
    (void)o;
    note_device(r, "DeviceCMYK", "DefaultCMYK");
}

static void use_space(struct reading *r, const struct pdf_value *name)
{
    uint32_t object;
    if (pdf_is_name(name, "DeviceGray") || pdf_is_name(name, "G")) {
        use_gray(r, NULL);
    } else if (pdf_is_name(name, "DeviceRGB") || pdf_is_name(name, "RGB")) {
        use_rgb(r, NULL);
    } else if (pdf_is_name(name, "DeviceCMYK") || pdf_is_name(name, "CMYK")) {
        use_cmyk(r, NULL);
    } else {
        const struct pdf_value *space = resource(r, "ColorSpace", name, &object);
        archive_note_device(r->archive, object, space);
    }
}

static void set_space(struct reading *r, const struct content_operation *o)
{
    use_space(r, last(o));
}

static void paint_shading(struct reading *r, const struct content_operation *o)
{
    uint32_t object;
    const struct pdf_value *shading = resource(r, "Shading", last(o), &object);
    archive_note_device(r->archive, object, pdf_get(r->archive->view, shading, "ColorSpace"));
}

/** ISO 32000-1 §8.9.7: keys may be shortened. */
static void inline_image(struct reading *r, const struct content_operation *o)
{
    bool mask = false;
    const struct pdf_value *space = &pdf_null;
    for (size_t i = 0; i + 1 < o->count; i += 2) {
        const struct pdf_value *key = &o->operands[i];
        const struct pdf_value *value = &o->operands[i + 1];
        if (pdf_is_name(key, "I") || pdf_is_name(key, "Interpolate")) {
            if (value->kind == PDF_BOOLEAN && value->boolean)
                archive_add(r->archive, PDF_ARCHIVE_IMAGE_INTERPOLATE, r->object, "inline");
        } else if (pdf_is_name(key, "IM") || pdf_is_name(key, "ImageMask")) {
            mask = value->kind == PDF_BOOLEAN && value->boolean;
        } else if (pdf_is_name(key, "CS") || pdf_is_name(key, "ColorSpace")) {
            space = value;
        } else if (pdf_is_name(key, "F") || pdf_is_name(key, "Filter")) {
            for (uint32_t k = 0; k < (value->kind == PDF_ARRAY ? value->count : 1); k++) {
                const struct pdf_value *filter = value->kind == PDF_ARRAY ? &value->items[k] : value;
                if (pdf_is_name(filter, "LZW") || pdf_is_name(filter, "LZWDecode"))
                    archive_add(r->archive, PDF_ARCHIVE_LZW, r->object, "inline");
            }
        }
    }
    if (!mask && space->kind == PDF_NAME) use_space(r, space);
    if (!mask && space->kind == PDF_ARRAY) archive_note_device(r->archive, r->object, space);
}

/* --- Text -------------------------------------------------------------------------------------------------------- */

static void set_font(struct reading *r, const struct content_operation *o)
{
    r->state.font_set = true;
    r->state.font = resource(r, "Font", o->count == 0 ? &pdf_null : &o->operands[0], &r->state.font_object);
}

static void set_render(struct reading *r, const struct content_operation *o)
{
    int64_t mode;
    if (pdf_integer(last(o), &mode)) r->state.render = mode;
}

static void show_text(struct reading *r, const struct content_operation *o)
{
    (void)o;
    if (r->state.render == RENDER_INVISIBLE || !r->state.font_set) return;
    if (r->state.font->kind != PDF_DICTIONARY)
        archive_add(r->archive, PDF_ARCHIVE_FONT_MISSING, r->object, NULL);
    else
        archive_check_font(r->archive, r->state.font, r->state.font_object);
}

static void set_state(struct reading *r, const struct content_operation *o)
{
    uint32_t object;
    const struct pdf_value *state = resource(r, "ExtGState", last(o), &object);
    const struct pdf_value *font = pdf_get(r->archive->view, state, "Font");
    if (font->kind != PDF_ARRAY || font->count != 2) return;
    r->state.font_set = true;
    r->state.font = pdf_item(r->archive->view, font, 0);
    r->state.font_object = font->items[0].kind == PDF_REFERENCE ? font->items[0].reference.number : object;
}

/* --- Operators (ISO 32000-1 annex A) ----------------------------------------------------------------------------- */

static const struct {
    const char *name;
    handler *handle; /* NULL: nothing to check */
} operators[] = {
    {"q", save},        {"Q", restore},    {"ri", set_intent},    {"gs", set_state},    {"g", use_gray},
    {"G", use_gray},    {"rg", use_rgb},   {"RG", use_rgb},       {"k", use_cmyk},      {"K", use_cmyk},
    {"cs", set_space},  {"CS", set_space}, {"sh", paint_shading}, {"ID", inline_image}, {"Tf", set_font},
    {"Tr", set_render}, {"Tj", show_text}, {"TJ", show_text},     {"'", show_text},     {"\"", show_text},
    {"b", NULL},        {"B", NULL},       {"b*", NULL},          {"B*", NULL},         {"BDC", NULL},
    {"BI", NULL},       {"BMC", NULL},     {"BT", NULL},          {"BX", NULL},         {"c", NULL},
    {"cm", NULL},       {"d", NULL},       {"d0", NULL},          {"d1", NULL},         {"Do", NULL},
    {"DP", NULL},       {"EI", NULL},      {"EMC", NULL},         {"ET", NULL},         {"EX", NULL},
    {"f", NULL},        {"F", NULL},       {"f*", NULL},          {"h", NULL},          {"i", NULL},
    {"j", NULL},        {"J", NULL},       {"l", NULL},           {"m", NULL},          {"M", NULL},
    {"MP", NULL},       {"n", NULL},       {"re", NULL},          {"s", NULL},          {"S", NULL},
    {"sc", NULL},       {"SC", NULL},      {"scn", NULL},         {"SCN", NULL},        {"T*", NULL},
    {"Tc", NULL},       {"Td", NULL},      {"TD", NULL},          {"TL", NULL},         {"Tm", NULL},
    {"Ts", NULL},       {"Tw", NULL},      {"Tz", NULL},          {"v", NULL},          {"w", NULL},
    {"W", NULL},        {"W*", NULL},      {"y", NULL},
};

static void handle(struct reading *r, const struct content_operation *o)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (!slice_is(o->name, operators[i].name)) continue;
        if (operators[i].handle != NULL) operators[i].handle(r, o);
        return;
    }
    archive_add(r->archive, PDF_ARCHIVE_OPERATOR, r->object, "%.*s", (int)(o->name.length < 20 ? o->name.length : 20),
                (const char *)o->name.data);
}

void archive_check_content(struct archive *a, slice content, const struct pdf_value *resources, uint32_t object)
{
    struct reading r = {.archive = a, .resources = resources, .object = object};
    struct content_operation o;
    struct content c;
    content_init(&c, content);
    while (a->status == RFD_OK && content_next(&c, &o)) handle(&r, &o);
    if (c.status == RFD_E_MEMORY) a->status = c.status;
    if (c.status != RFD_OK) a->complete = false;
    content_dispose(&c);
}
