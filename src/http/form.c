/* SPDX-License-Identifier: EUPL-1.2
 *
 * application/x-www-form-urlencoded (WHATWG URL §5.1, but strict) and cookies.
 */
#include "http/form.h"

#include "base/error.h"
#include "http/percent.h"

static size_t pairs_in(slice text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.length && count <= HTTP_FORM_FIELDS; i++) count += text.data[i] == '&';
    return count;
}

rfd_status http_form_parse(slice text, struct arena *a, struct http_fields *out, struct rfd_error *error)
{
    struct http_fields fields = {0};
    size_t room = pairs_in(text);
    if (text.length == 0) {
        *out = fields;
        return RFD_OK;
    }
    if (room > HTTP_FORM_FIELDS) return error_set(error, RFD_E_LIMIT, "more than %d fields", HTTP_FORM_FIELDS);
    fields.items = arena_zeroed(a, room, sizeof *fields.items);
    if (fields.items == NULL) return arena_failed(a, error);
    while (text.length > 0) {
        slice value = http_cut(&text, '&');
        if (value.length == 0) continue;
        struct http_field *field = &fields.items[fields.count];
        slice name = http_cut(&value, '=');
        TRY(percent_decode(name, PERCENT_PLUS_BLANK, a, &field->name, error));
        TRY(percent_decode(value, PERCENT_PLUS_BLANK, a, &field->value, error));
        fields.count++;
    }
    *out = fields;
    return RFD_OK;
}

static bool is_cookie_value(slice s)
{
    for (size_t i = 0; i < s.length; i++) {
        uint8_t c = s.data[i];
        if (c <= 0x20 || c >= 0x7F || c == '"' || c == ',' || c == ';' || c == '\\') return false;
    }
    return true;
}

slice http_cookie_find(slice header, const char *name, size_t n)
{
    slice wanted = slice_text(name);
    for (int i = 0; i < HTTP_COOKIES && header.length > 0; i++) {
        slice value = http_trim(http_cut(&header, ';'));
        slice key = http_cut(&value, '=');
        if (!slice_equal(key, wanted)) continue;
        if (value.length >= 2 && value.data[0] == '"' && value.data[value.length - 1] == '"')
            value = slice_part(value, 1, value.length - 2);
        if (is_cookie_value(value) && n-- == 0) return value.data == NULL ? SLICE("") : value;
    }
    return SLICE_EMPTY;
}
