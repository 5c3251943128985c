/* SPDX-License-Identifier: EUPL-1.2
 *
 * Colour: the output intent's profile, and whether device colours have one to mean something by. ISO 19005-1
 * §6.2.2-6.2.3, 19005-2 §6.2.3-6.2.4; profile headers by ICC.1:2001-04 §6.1.
 */
#include "pdf/archive/archive_internal.h"

#include "base/number.h"

enum { PROFILE_HEADER = 128, VERSION_AT = 8, CLASS_AT = 12, SPACE_AT = 16, DEPTH_MAXIMUM = 8 };

/** Components of the colour space that a profile's header names, 0 for one that is not allowed here. */
static int components_of(slice profile)
{
    static const struct {
        const char *space;
        int components;
    } spaces[] = {{"GRAY", 1}, {"RGB ", 3}, {"Lab ", 3}, {"CMYK", 4}};
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
        if (slice_is(slice_part(profile, SPACE_AT, 4), spaces[i].space)) return spaces[i].components;
    }
    return 0;
}

/** Part 1 knows profiles of version 2, the later parts those below 5. */
static bool version_is_known(const struct archive *a, slice profile)
{
    return profile.data[VERSION_AT] < (a->part == 1 ? 3 : 5);
}

static slice profile_data(struct archive *a, const struct pdf_value *stream)
{
    slice data = SLICE_EMPTY;
    return archive_stream(a, stream, &data) && data.length >= PROFILE_HEADER ? data : SLICE_EMPTY;
}

static bool profile_is_right(struct archive *a, const struct pdf_value *stream)
{
    slice data = profile_data(a, stream);
    int64_t n = 0;
    bool given = pdf_integer(pdf_get(a->view, stream, "N"), &n);
    return data.length > 0 && version_is_known(a, data) && given && components_of(data) == n;
}

/** Each picture may name the same profile anew: it is decoded once. */
void archive_check_profile(struct archive *a, uint32_t object, const struct pdf_value *stream)
{
    uint32_t number = stream->kind == PDF_STREAM ? stream->stream->owner.number : 0;
    uint64_t right = 0;
    if (number == 0 || !map_get(&a->profiles, number, &right)) {
        right = profile_is_right(a, stream);
        if (number != 0 && map_set(&a->profiles, number, right) != RFD_OK) a->status = RFD_E_MEMORY;
    }
    if (right == 0) archive_add(a, PDF_ARCHIVE_PROFILE_COMPONENTS, object, NULL);
}

/* --- Output intent ----------------------------------------------------------------------------------------------- */

static void read_intent_profile(struct archive *a, const struct pdf_value *intent, uint32_t object)
{
    const struct pdf_value *stream = pdf_get(a->view, intent, "DestOutputProfile");
    slice data = profile_data(a, stream);
    slice class = slice_part(data, CLASS_AT, 4);
    bool good = data.length > 0 && version_is_known(a, data) && (slice_is(class, "mntr") || slice_is(class, "prtr"));
    int components = good && !slice_is(slice_part(data, SPACE_AT, 4), "Lab ") ? components_of(data) : 0;
    if (components == 0) archive_add(a, PDF_ARCHIVE_INTENT_PROFILE, object, NULL);
    if (components != 0) archive_check_profile(a, object, stream);
    a->intent_components = components;
}

void archive_read_intent(struct archive *a)
{
    const struct pdf_value *intents = pdf_get(a->view, pdf_catalog(a->view), "OutputIntents");
    struct pdf_reference first = {0};
    for (size_t i = 0; i < intents->count && intents->kind == PDF_ARRAY; i++) {
        const struct pdf_value *item = &intents->items[i];
        const struct pdf_value *intent = pdf_resolve(a->view, item);
        uint32_t object = item->kind == PDF_REFERENCE ? item->reference.number : 0;
        struct pdf_reference profile = pdf_reference_of(intent, "DestOutputProfile");
        if (profile.number != 0 && first.number != 0 && profile.number != first.number)
            archive_add(a, PDF_ARCHIVE_INTENT_TWO, object, NULL);
        if (first.number == 0) first = profile;
        if (pdf_is_name(pdf_get(a->view, intent, "S"), "GTS_PDFA1") && a->intent_components == 0)
            read_intent_profile(a, intent, object);
    }
}

/* --- Device colours ---------------------------------------------------------------------------------------------- */

static void note(struct archive *a, uint32_t object, enum archive_device device)
{
    if (!a->uses_device[device]) a->device_object[device] = object;
    a->uses_device[device] = true;
}

static bool note_name(struct archive *a, uint32_t object, slice name)
{
    static const struct {
        const char *name;
        enum archive_device device;
    } names[] = {{"DeviceGray", ARCHIVE_GRAY}, {"G", ARCHIVE_GRAY},          {"DeviceRGB", ARCHIVE_RGB},
                 {"RGB", ARCHIVE_RGB},         {"DeviceCMYK", ARCHIVE_CMYK}, {"CMYK", ARCHIVE_CMYK}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!slice_is(name, names[i].name)) continue;
        note(a, object, names[i].device);
        return true;
    }
    return false;
}

/** What a colour space stands on: itself, the base of an Indexed or Pattern, the alternate of a Separation. */
void archive_note_device(struct archive *a, uint32_t object, const struct pdf_value *space)
{
    for (int depth = 0; depth < DEPTH_MAXIMUM; depth++) {
        if (space->kind == PDF_NAME) {
            (void)note_name(a, object, space->bytes);
            return;
        }
        if (space->kind != PDF_ARRAY || space->count < 2) return;
        const struct pdf_value *family = pdf_item(a->view, space, 0);
        bool alternate = pdf_is_name(family, "Separation") || pdf_is_name(family, "DeviceN");
        bool base = pdf_is_name(family, "Indexed") || pdf_is_name(family, "I") || pdf_is_name(family, "Pattern");
        if (!alternate && !base) return;
        space = pdf_item(a->view, space, alternate ? 2 : 1);
    }
}

void archive_check_devices(struct archive *a)
{
    static const struct {
        enum pdf_archive_rule rule;
        int components; /* 0: any output intent will do */
    } demands[] = {[ARCHIVE_GRAY] = {PDF_ARCHIVE_DEVICE_GRAY, 0},
                   [ARCHIVE_RGB] = {PDF_ARCHIVE_DEVICE_RGB, 3},
                   [ARCHIVE_CMYK] = {PDF_ARCHIVE_DEVICE_CMYK, 4}};
    for (size_t i = 0; i < ARCHIVE_DEVICES; i++) {
        bool has =
            demands[i].components == 0 ? a->intent_components != 0 : a->intent_components == demands[i].components;
        if (a->uses_device[i] && !has) archive_add(a, demands[i].rule, a->device_object[i], NULL);
    }
}
