/* SPDX-License-Identifier: EUPL-1.2
 *
 * multipart/form-data (RFC 7578, RFC 2046 §5.1): the body is in memory or mapped, parts are slices of it.
 *
 *   [preamble CRLF] --boundary CRLF  headers CRLF CRLF  bytes  CRLF --boundary CRLF ... CRLF --boundary-- [epilogue]
 *
 * Delimiters are looked for with memmem(), which is linear; after each, the search goes on behind it.
 */
#include "http/form.h"

#include "base/error.h"
#include "base/text.h"

#include <sys/mman.h>
#include <unistd.h>

enum { BOUNDARY_LONGEST = 70, PART_HEADERS_LONGEST = 4096, DELIMITER_SIZE = BOUNDARY_LONGEST + 4 };
enum { WINDOW = 1 << 20 };

rfd_status http_multipart_boundary(slice content_type, slice *boundary, struct rfd_error *error)
{
    slice rest = content_type;
    struct arena nothing;
    arena_init(&nothing, 0); /* a boundary has no character that needs an escape */
    if (!http_equal_any_case(http_trim(http_cut(&rest, ';')), SLICE("multipart/form-data")))
        return error_set(error, RFD_E_MEDIA, "not multipart/form-data");
    slice value = http_parameter(content_type, "boundary", &nothing);
    if (value.length == 0 || value.length > BOUNDARY_LONGEST)
        return error_set(error, RFD_E_REQUEST, "a boundary of %zu characters (RFC 2046 5.1.1)", value.length);
    for (size_t i = 0; i < value.length; i++)
        if (value.data[i] < 0x20 || value.data[i] >= 0x7F)
            return error_set(error, RFD_E_REQUEST, "a boundary with odd characters (RFC 2046 5.1.1)");
    *boundary = value;
    return RFD_OK;
}

/** "\r\n--" and the boundary; the first one of a body may lack the line break. */
struct delimiter {
    uint8_t bytes[DELIMITER_SIZE];
    size_t length;
};

static struct delimiter delimiter_of(slice boundary)
{
    struct delimiter d = {.bytes = "\r\n--", .length = 4 + boundary.length};
    memcpy(d.bytes + 4, boundary.data, boundary.length);
    return d;
}

/** Of a mapped file the pages are still on disk: a process does not grow by what it has looked through. */
static void let_go(slice passed)
{
    uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = ((uintptr_t)passed.data + size - 1) / size * size;
    uintptr_t to = ((uintptr_t)passed.data + passed.length) / size * size;
    if (to > from) (void)madvise((void *)from, to - from, MADV_DONTNEED);
}

/** Cuts what stands before the next delimiter, and the delimiter. */
static bool cut_before(slice *rest, const struct delimiter *d, bool mapped, slice *before)
{
    const uint8_t *found = NULL;
    for (size_t at = 0; at < rest->length && found == NULL; at += WINDOW) {
        slice window = slice_part(*rest, at, WINDOW + d->length - 1);
        found = memmem(window.data, window.length, d->bytes, d->length);
        if (mapped && found == NULL) let_go(slice_part(*rest, at, WINDOW));
    }
    if (found == NULL) return false;
    size_t length = (size_t)(found - rest->data);
    *before = slice_part(*rest, 0, length);
    *rest = slice_from(*rest, length + d->length);
    return true;
}

/** Behind a delimiter: "--" ends the body, blanks and a line break begin a part. */
static rfd_status after_delimiter(slice *rest, bool *ends, struct rfd_error *error)
{
    *ends = slice_starts(*rest, SLICE("--"));
    if (*ends) return RFD_OK;
    while (rest->length > 0 && (rest->data[0] == ' ' || rest->data[0] == '\t')) *rest = slice_from(*rest, 1);
    if (!slice_starts(*rest, SLICE("\r\n"))) return error_set(error, RFD_E_REQUEST, "no line break after a boundary");
    *rest = slice_from(*rest, 2);
    return RFD_OK;
}

static rfd_status read_disposition(slice value, struct arena *a, struct http_part *part, struct rfd_error *error)
{
    slice rest = value;
    if (part->name.data != NULL || !http_equal_any_case(http_trim(http_cut(&rest, ';')), SLICE("form-data")))
        return error_set(error, RFD_E_REQUEST, "not one Content-Disposition form-data (RFC 7578 4.2)");
    part->name = http_parameter(value, "name", a);
    part->file_name = http_parameter(value, "filename", a);
    return RFD_OK;
}

static rfd_status read_headers(slice headers, struct arena *a, struct http_part *part, struct rfd_error *error)
{
    if (!text_is_utf8(headers) || memchr(headers.data, 0, headers.length) != NULL)
        return error_set(error, RFD_E_REQUEST, "a part's header that is not UTF-8");
    while (headers.length > 0) {
        const uint8_t *end = memmem(headers.data, headers.length, "\r\n", 2);
        slice value = slice_part(headers, 0, end == NULL ? headers.length : (size_t)(end - headers.data));
        headers = slice_from(headers, end == NULL ? headers.length : value.length + 2);
        slice name = http_cut(&value, ':');
        if (!http_is_token(name)) return error_set(error, RFD_E_REQUEST, "a part with a header that is none");
        value = http_trim(value);
        if (http_equal_any_case(name, SLICE("content-disposition"))) {
            TRY(read_disposition(value, a, part, error));
        } else if (http_equal_any_case(name, SLICE("content-type"))) {
            part->content_type = value;
        }
    }
    if (part->name.data == NULL) return error_set(error, RFD_E_REQUEST, "a part without a name (RFC 7578 4.2)");
    return RFD_OK;
}

static rfd_status read_part(slice content, struct arena *a, struct http_part *part, struct rfd_error *error)
{
    slice head = slice_part(content, 0, PART_HEADERS_LONGEST);
    const uint8_t *end = head.length == 0 ? NULL : memmem(head.data, head.length, "\r\n\r\n", 4);
    if (end == NULL) return error_set(error, RFD_E_REQUEST, "a part without headers, or with too long ones");
    size_t length = (size_t)(end - content.data);
    TRY(read_headers(slice_part(content, 0, length), a, part, error));
    part->body = slice_from(content, length + 4);
    return RFD_OK;
}

/** Up to and with the first delimiter; the preamble before it is passed over (RFC 2046 §5.1.1). */
static bool cut_preamble(slice *rest, const struct delimiter *d, bool mapped)
{
    slice first = slice_of(d->bytes + 2, d->length - 2);
    slice preamble;
    if (!slice_starts(*rest, first)) return cut_before(rest, d, mapped, &preamble);
    *rest = slice_from(*rest, first.length);
    return true;
}

rfd_status http_multipart_parse(slice body, slice boundary, struct arena *a, struct http_parts *out,
                                struct rfd_error *error)
{
    return http_multipart_parse_mapped(body, boundary, false, a, out, error);
}

rfd_status http_multipart_parse_mapped(slice body, slice boundary, bool mapped, struct arena *a, struct http_parts *out,
                                       struct rfd_error *error)
{
    struct http_part list[HTTP_FORM_PARTS];
    struct http_parts parts = {.count = 0};
    bool ends;
    if (boundary.length == 0 || boundary.length > BOUNDARY_LONGEST)
        return error_set(error, RFD_E_ARGUMENT, "a boundary of %zu characters", boundary.length);
    struct delimiter d = delimiter_of(boundary);
    if (!cut_preamble(&body, &d, mapped)) return error_set(error, RFD_E_REQUEST, "no boundary in a multipart body");
    TRY(after_delimiter(&body, &ends, error));
    while (!ends) {
        slice content;
        struct http_part part = {0};
        if (parts.count == HTTP_FORM_PARTS) return error_set(error, RFD_E_LIMIT, "more than %d parts", HTTP_FORM_PARTS);
        if (!cut_before(&body, &d, mapped, &content))
            return error_set(error, RFD_E_REQUEST, "a multipart body without its closing boundary");
        TRY(read_part(content, a, &part, error));
        TRY(after_delimiter(&body, &ends, error));
        list[parts.count++] = part;
    }
    parts.items = arena_zeroed(a, parts.count, sizeof *parts.items);
    if (parts.items == NULL) return arena_failed(a, error);
    memcpy(parts.items, list, parts.count * sizeof *list);
    *out = parts;
    return RFD_OK;
}
