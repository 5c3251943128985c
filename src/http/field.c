/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/field.h"

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

bool http_equal_any_case(slice a, slice b)
{
    if (a.length != b.length) return false;
    for (size_t i = 0; i < a.length; i++)
        if (lower(a.data[i]) != lower(b.data[i])) return false;
    return true;
}

typedef bool same(slice a, slice b);

static slice find(const struct http_fields *fields, slice name, size_t n, same *equal)
{
    for (size_t i = 0; i < fields->count; i++)
        if (equal(fields->items[i].name, name) && n-- == 0) return fields->items[i].value;
    return SLICE_EMPTY;
}

size_t http_field_count(const struct http_fields *fields, const char *name)
{
    size_t count = 0;
    slice wanted = slice_text(name);
    for (size_t i = 0; i < fields->count; i++) count += slice_equal(fields->items[i].name, wanted);
    return count;
}

slice http_field_get(const struct http_fields *fields, const char *name, size_t n)
{
    return find(fields, slice_text(name), n, slice_equal);
}

slice http_field_get_any_case(const struct http_fields *fields, const char *name, size_t n)
{
    return find(fields, slice_text(name), n, http_equal_any_case);
}

bool http_is_token(slice s)
{
    for (size_t i = 0; i < s.length; i++) {
        uint8_t c = s.data[i];
        bool letter = (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9');
        if (!letter && (c == 0 || strchr("!#$%&'*+-.^_`|~", c) == NULL)) return false;
    }
    return s.length > 0;
}

slice http_trim(slice s)
{
    while (s.length > 0 && (s.data[0] == ' ' || s.data[0] == '\t')) s = slice_from(s, 1);
    while (s.length > 0 && (s.data[s.length - 1] == ' ' || s.data[s.length - 1] == '\t')) s.length--;
    return s;
}

slice http_cut(slice *rest, uint8_t separator)
{
    const uint8_t *end = rest->length == 0 ? NULL : memchr(rest->data, separator, rest->length);
    size_t length = end == NULL ? rest->length : (size_t)(end - rest->data);
    slice first = slice_part(*rest, 0, length);
    *rest = slice_from(*rest, end == NULL ? length : length + 1);
    return first;
}
