/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/percent.h"

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "http/field.h"

static bool needs_decoding(slice text, enum percent_plus plus)
{
    if (text.length == 0) return false;
    if (plus == PERCENT_PLUS_BLANK && memchr(text.data, '+', text.length) != NULL) return true;
    return memchr(text.data, '%', text.length) != NULL;
}

/** The decoded length, or SIZE_MAX. */
static size_t decode(slice text, enum percent_plus plus, uint8_t *to)
{
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        if (c == '%') {
            if (text.length - i < 3 || !number_hex(slice_part(text, i + 1, 2), &c)) return SIZE_MAX;
            i += 2;
        } else if (c == '+' && plus == PERCENT_PLUS_BLANK) {
            c = ' ';
        }
        to[length++] = c;
    }
    return length;
}

rfd_status percent_decode(slice text, enum percent_plus plus, struct arena *a, slice *out, struct rfd_error *error)
{
    slice decoded = text;
    if (needs_decoding(text, plus)) {
        uint8_t *to = arena_allocate(a, text.length);
        if (to == NULL) return arena_failed(a, error);
        size_t length = decode(text, plus, to);
        if (length == SIZE_MAX)
            return error_set(error, RFD_E_REQUEST, "a %% without two hexadecimal digits (RFC 3986 2.1)");
        decoded = slice_of(to, length);
    }
    if (decoded.length > 0 && memchr(decoded.data, 0, decoded.length) != NULL)
        return error_set(error, RFD_E_REQUEST, "a zero byte");
    if (!text_is_utf8(decoded)) return error_set(error, RFD_E_REQUEST, "text that is not UTF-8");
    *out = decoded;
    return RFD_OK;
}

/** Most paths: visible ASCII without anything to decode, no segment that begins with a dot. */
static bool is_simple(slice path)
{
    uint8_t before = 0;
    for (size_t i = 0; i < path.length; i++) {
        uint8_t c = path.data[i];
        if (c <= 0x20 || c >= 0x7F || c == '%' || c == '\\' || (c == '.' && before == '/')) return false;
        before = c;
    }
    return true;
}

static bool has_dot_segment(slice path)
{
    while (path.length > 0) {
        slice segment = http_cut(&path, '/');
        if (slice_is(segment, ".") || slice_is(segment, "..")) return true;
    }
    return false;
}

rfd_status percent_decode_path(slice path, struct arena *a, slice *out, struct rfd_error *error)
{
    slice decoded;
    if (path.length == 0 || path.data[0] != '/')
        return error_set(error, RFD_E_REQUEST, "a target that is no path (RFC 9112 3.2.1)");
    if (is_simple(path)) {
        *out = path;
        return RFD_OK;
    }
    TRY(percent_decode(path, PERCENT_PLUS_STAYS, a, &decoded, error));
    for (size_t i = 0; i < decoded.length; i++)
        if (decoded.data[i] < 0x20 || decoded.data[i] == 0x7F || decoded.data[i] == '\\')
            return error_set(error, RFD_E_REQUEST, "a control character or a backslash in the path");
    if (has_dot_segment(decoded)) return error_set(error, RFD_E_REQUEST, "a segment . or .. in the path");
    *out = decoded;
    return RFD_OK;
}
