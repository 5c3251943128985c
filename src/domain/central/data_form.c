/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/central/data_form.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/text.h"
#include "print/printed.h"

#include <jansson.h>
#include <stdio.h>

enum { TITLE_MAXIMUM = 200, LABEL_MAXIMUM = 120, TEXT_MAXIMUM = 4000, LABEL_WIDTH = 170 };
#define MARGIN 42.5 /* 15 mm */

struct reading {
    const struct data_form_options *options;
    struct faults *faults;
    struct arena *a;
    slice title, text;
    struct printed_pair *pairs;
    size_t count;
};

/* ---- Reading ---- */

static void fail(const struct reading *r, const char *rest, const char *message)
{
    char field[FAULT_FIELD_SIZE];
    (void)snprintf(field, sizeof field, "%s/data%s", r->options->pointer, rest);
    fault_add(r->faults, field, message);
}

/** Printable, but for ends of lines where several are allowed. */
static bool is_text(slice text, size_t maximum, bool lines)
{
    if (text_characters(text) > maximum) return false;
    while (lines && text.length > 0) {
        const uint8_t *end = memchr(text.data, '\n', text.length);
        if (end == NULL) break;
        size_t length = (size_t)(end - text.data);
        if (!text_is_printable(slice_part(text, 0, length))) return false;
        text = slice_from(text, length + 1);
    }
    return text_is_printable(text);
}

/** Kept; fails at `rest` for what is no text. */
static slice take_text(const struct reading *r, const json_t *value, size_t maximum, bool lines, const char *rest)
{
    static const char wrong[] = N_("This is no text, is too long, or has characters that cannot be used");
    slice text = json_is_string(value) ? slice_of((const uint8_t *)json_string_value(value), json_string_length(value))
                                       : SLICE_EMPTY;
    if (!json_is_string(value) || !is_text(text, maximum, lines)) {
        fail(r, rest, wrong);
        return SLICE_EMPTY;
    }
    return arena_copy(r->a, text);
}

static void read_field(struct reading *r, const json_t *field, size_t i)
{
    char label[40], value[40];
    (void)snprintf(label, sizeof label, "/fields/%zu/label", i);
    (void)snprintf(value, sizeof value, "/fields/%zu/value", i);
    if (json_object_size(field) != 2) {
        label[strlen(label) - strlen("/label")] = '\0';
        fail(r, label, N_("This has to be an object with the members label and value"));
        return;
    }
    slice left = take_text(r, json_object_get(field, "label"), LABEL_MAXIMUM, false, label);
    slice right = take_text(r, json_object_get(field, "value"), TEXT_MAXIMUM, true, value);
    r->pairs[r->count++] = (struct printed_pair){arena_text(r->a, left), arena_text(r->a, right)};
}

static void read_fields(struct reading *r, const json_t *fields)
{
    size_t count = json_array_size(fields);
    if (count == 0 || count > DATA_FORM_FIELDS) {
        fail(r, "/fields", N_("This has to be an array of 1 to 200 fields"));
        return;
    }
    r->pairs = arena_zeroed(r->a, count, sizeof *r->pairs);
    for (size_t i = 0; i < count && r->pairs != NULL; i++) read_field(r, json_array_get(fields, i), i);
}

static void read_all(struct reading *r, const json_t *object)
{
    size_t known = 2;
    if (!json_is_object(object)) {
        fail(r, "", N_("This has to be a JSON object"));
        return;
    }
    r->title = take_text(r, json_object_get(object, "title"), TITLE_MAXIMUM, false, "/title");
    if (r->title.length > TITLE_MAXIMUM) /* it is a document's title, too (OPERATION_TITLE_MAXIMUM) */
        fail(r, "/title", N_("Each document needs a title of at most 200 octets of UTF-8"));
    if (json_is_string(json_object_get(object, "title")) && r->title.length == 0)
        fail(r, "/title", N_("This must not be empty"));
    if (json_object_get(object, "text") != NULL) {
        r->text = take_text(r, json_object_get(object, "text"), TEXT_MAXIMUM, true, "/text");
        known++;
    }
    read_fields(r, json_object_get(object, "fields"));
    if (json_object_size(object) > known)
        fail(r, "", N_("There is something in it that would be signed without being seen"));
}

/* ---- Printing ---- */

static rfd_status print(const struct reading *r, slice data, rfd_bytes *pdf, struct rfd_error *error)
{
    const struct data_form_options *o = r->options;
    const char *title = arena_text(r->a, r->title), *text = arena_text(r->a, r->text);
    const struct printed_settings settings = {.title = title,
                                              .author = o->house,
                                              .language = language_code(o->language),
                                              .time = RFD_TIME_NONE,
                                              .margin = MARGIN,
                                              .header = o->house,
                                              .page_label = language_get(o->language, N_("Page %1 of %2"))};
    const struct printed_attachment attached = {"data.json", "application/json", title, data};
    struct printed *p = NULL;
    if (title == NULL || text == NULL) return arena_failed(r->a, error);
    TRY(printed_new(o->fonts, &settings, &p, error));
    printed_heading(p, 1, title);
    if (text[0] != '\0') printed_words(p, text);
    printed_pairs(p, r->pairs, r->count, LABEL_WIDTH);
    printed_attach(p, &attached);
    rfd_status status = printed_finish(p, pdf, error);
    printed_free(p);
    return status;
}

rfd_status data_form_print(const struct data_form_options *options, slice data, struct arena *a, rfd_bytes *pdf,
                           slice *title, struct faults *faults, struct rfd_error *error)
{
    struct faults own = {.count = 0};
    struct reading r = {.options = options, .faults = faults == NULL ? &own : faults, .a = a};
    unsigned before = r.faults->count;
    json_t *object = data.length > DATA_FORM_MAXIMUM
                         ? NULL
                         : json_loadb((const char *)data.data, data.length, JSON_REJECT_DUPLICATES, NULL);
    read_all(&r, object);
    json_decref(object);
    if (r.faults->count > before) return error_set(error, RFD_E_INVALID, "data to be signed");
    if (r.pairs == NULL) return arena_failed(a, error);
    TRY(print(&r, data, pdf, error));
    *title = r.title;
    return RFD_OK;
}
