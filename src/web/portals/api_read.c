/* SPDX-License-Identifier: EUPL-1.2
 *
 * An operation as a portal's program writes it. Nothing is passed over: a member that nobody knows is a fault, since
 * what a portal believes to have asked for is what people sign.
 */
#include "web/portals/portal_pages.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/text.h"

#include <stddef.h>
#include <stdio.h>

static const struct {
    const char *name;
    size_t at;
} texts[] = {
    {"purpose", offsetof(struct signing, purpose)},
    {"reference", offsetof(struct signing, reference)},
    {"holder", offsetof(struct signing, holder)},
    {"return_address", offsetof(struct signing, return_address)},
    {"error_address", offsetof(struct signing, error_address)},
    {"statement", offsetof(struct signing, statement)},
    {"reason", offsetof(struct signing, options) + offsetof(struct signing_options, reason)},
    {"location", offsetof(struct signing, options) + offsetof(struct signing_options, location)},
};
enum { TEXTS = sizeof texts / sizeof *texts };

static const char not_text[] = N_("This has to be a text");

/** Kept; false when it is none. */
static bool take_text(const struct page *page, const json_t *value, slice *out)
{
    if (!json_is_string(value)) return false;
    *out = page_keep(page, slice_of((const uint8_t *)json_string_value(value), json_string_length(value)));
    return true;
}

static bool read_text(struct page *page, const char *name, const json_t *value, struct signing *out,
                      struct faults *faults)
{
    for (size_t i = 0; i < TEXTS; i++) {
        if (strcmp(name, texts[i].name) != 0) continue;
        if (!take_text(page, value, (slice *)(void *)((char *)out + texts[i].at))) fault_add(faults, name, not_text);
        return true;
    }
    return false;
}

static void read_level(const json_t *value, struct signing *out, struct faults *faults)
{
    static const struct {
        const char *name;
        struct signing_options options;
    } levels[] = {{"B-B", {.level = SIGNING_B_B}},
                  {"B-T", {.level = SIGNING_B_T}},
                  {"B-LT", {.level = SIGNING_B_LT}},
                  {"B-LTA", {.level = SIGNING_B_LTA}}};
    const char *text = json_string_value(value);
    for (size_t i = 0; text != NULL && i < sizeof levels / sizeof *levels; i++) {
        if (strcmp(text, levels[i].name) != 0) continue;
        out->options.level = levels[i].options.level;
        return;
    }
    fault_add(faults, "level", N_("This has to be B-B, B-T, B-LT or B-LTA"));
}

static void read_visible(const json_t *value, struct signing *out, struct faults *faults)
{
    if (!json_is_boolean(value)) fault_add(faults, "visible", N_("This has to be true or false"));
    out->options.visible = json_is_true(value);
}

static void read_page(struct page *page, const json_t *value, struct signing *out, struct faults *faults)
{
    const char *number =
        json_is_integer(value) ? arena_print(page->arena, "%lld", (long long)json_integer_value(value)) : NULL;
    if (number != NULL)
        out->options.page = slice_text(number);
    else if (!take_text(page, value, &out->options.page))
        fault_add(faults, "page", N_("Write first, last, or the number of a page"));
}

static void read_ends(const json_t *value, struct signing *out, struct faults *faults)
{
    const char *text = json_string_value(value);
    if (text == NULL || !clock_parse_iso(slice_text(text), &out->ends))
        fault_add(faults, "ends", N_("This has to be a moment: 2026-11-30T18:00:00Z"));
    else if (out->ends <= clock_now())
        fault_add(faults, "ends", N_("This moment is over"));
}

/** Titles; what else may be in one is api_new.c's. */
static void read_documents(struct page *page, const json_t *list, struct signing *out, struct faults *faults)
{
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count > SIGNING_DOCUMENTS) {
        fault_add(faults, "documents", N_("This has to be an array of at most 50 documents"));
        return;
    }
    for (size_t i = 0; i < count; i++) {
        char field[FAULT_FIELD_SIZE];
        const json_t *one = json_array_get(list, i);
        const json_t *title = json_object_get(one, "title");
        (void)snprintf(field, sizeof field, "documents/%zu", i);
        if (!json_is_object(one)) fault_add(faults, field, N_("This has to be a JSON object"));
        (void)snprintf(field, sizeof field, "documents/%zu/title", i);
        if (title != NULL && !take_text(page, title, &out->documents[i].title)) fault_add(faults, field, not_text);
    }
    out->count = count;
}

/** A name of which we know nothing, as a pointer (RFC 6901 §3). One that is too long loses whole letters at its end. */
static void fault_unknown(struct faults *faults, const char *name)
{
    char field[FAULT_FIELD_SIZE] = "/";
    size_t length = 1;
    slice rest = slice_text(name);
    while (rest.length > 0) {
        const slice before = rest;
        uint32_t letter = text_next(&rest);
        slice piece = letter == '~'   ? SLICE("~0")
                      : letter == '/' ? SLICE("~1")
                                      : slice_part(before, 0, before.length - rest.length);
        if (length + piece.length >= sizeof field) break;
        memcpy(field + length, piece.data, piece.length);
        length += piece.length;
    }
    fault_add_to(faults, slice_of((const uint8_t *)field, length), N_("Nothing here has this name"));
}

static bool read_other(struct page *page, const char *name, const json_t *value, struct signing *out,
                       struct faults *faults)
{
    if (strcmp(name, "level") == 0)
        read_level(value, out, faults);
    else if (strcmp(name, "visible") == 0)
        read_visible(value, out, faults);
    else if (strcmp(name, "page") == 0)
        read_page(page, value, out, faults);
    else if (strcmp(name, "ends") == 0)
        read_ends(value, out, faults);
    else if (strcmp(name, "documents") == 0)
        read_documents(page, value, out, faults);
    else
        return false;
    return true;
}

void api_read_operation(struct page *page, const json_t *json, struct signing *out, struct faults *faults)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)json, name, value)
    {
        if (!read_text(page, name, value, out, faults) && !read_other(page, name, value, out, faults))
            fault_unknown(faults, name);
    }
}

rfd_status api_read_json(slice text, json_t **out, struct rfd_error *error)
{
    json_error_t why;
    json_t *read =
        json_loadb(text.length == 0 ? "" : (const char *)text.data, text.length, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(read)) {
        json_decref(read);
        return error_set(error, RFD_E_REQUEST, "the operation is no JSON object");
    }
    *out = read;
    return RFD_OK;
}
