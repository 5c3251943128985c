/* SPDX-License-Identifier: EUPL-1.2
 *
 * Parameters of header fields (RFC 9110 §5.6.6): `; name=token` or `; name="quoted"`, where \ takes the next character
 * as it is. Browsers write file names with %22 for a quote and leave a backslash alone (WHATWG), so that only \" and
 * \\ are taken as escapes.
 */
#include "http/form.h"

/** Cuts the value that `rest` begins with: quoted or up to the next semicolon. False: a quote without end. */
static bool cut_value(slice *rest, slice *value, bool *escapes)
{
    *escapes = false;
    if (rest->length == 0 || rest->data[0] != '"') {
        *value = http_trim(http_cut(rest, ';'));
        return true;
    }
    for (size_t i = 1; i < rest->length; i++) {
        uint8_t c = rest->data[i];
        if (c == '"') {
            *value = slice_part(*rest, 1, i - 1);
            *rest = slice_from(*rest, i + 1);
            (void)http_cut(rest, ';');
            return true;
        }
        if (c == '\\' && i + 1 < rest->length && (rest->data[i + 1] == '"' || rest->data[i + 1] == '\\')) {
            *escapes = true;
            i++;
        }
    }
    return false;
}

static slice without_escapes(slice value, struct arena *a)
{
    uint8_t *to = arena_allocate(a, value.length);
    size_t length = 0;
    if (to == NULL) return SLICE_EMPTY;
    for (size_t i = 0; i < value.length; i++) {
        uint8_t c = value.data[i];
        bool escape = c == '\\' && i + 1 < value.length && (value.data[i + 1] == '"' || value.data[i + 1] == '\\');
        to[length++] = escape ? value.data[++i] : c;
    }
    return slice_of(to, length);
}

slice http_parameter(slice header, const char *name, struct arena *a)
{
    (void)http_cut(&header, ';');
    while (header.length > 0) {
        slice value;
        bool escapes;
        header = http_trim(header);
        size_t end = 0;
        while (end < header.length && header.data[end] != '=' && header.data[end] != ';') end++;
        slice key = http_trim(slice_part(header, 0, end));
        bool has_value = end < header.length && header.data[end] == '=';
        header = slice_from(header, end + (end < header.length));
        if (!has_value) continue;
        header = http_trim(header);
        if (!cut_value(&header, &value, &escapes)) return SLICE_EMPTY;
        if (!http_equal_any_case(key, slice_text(name))) continue;
        if (value.data == NULL) return SLICE("");
        return escapes ? without_escapes(value, a) : value;
    }
    return SLICE_EMPTY;
}
