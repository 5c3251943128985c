/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/request.h"

#include "base/error.h"

slice http_request_part(const struct http_request *request, const char *name)
{
    return http_field_get(&request->parts, name, 0);
}

rfd_status http_request_query(const struct http_request *request, const char *name, slice *out, struct rfd_error *error)
{
    if (http_field_count(&request->query, name) > 1)
        return error_set(error, RFD_E_REQUEST, "the query names %s more than once", name);
    *out = http_field_get(&request->query, name, 0);
    return RFD_OK;
}

slice http_request_header(const struct http_request *request, const char *name, size_t n)
{
    return http_trim(http_field_get_any_case(&request->headers, name, n));
}

slice http_request_list(const struct http_request *request, const char *name)
{
    slice first = http_request_header(request, name, 0);
    size_t total = first.length;
    size_t count = 1;
    for (slice next; (next = http_request_header(request, name, count)).data != NULL; count++) total += 1 + next.length;
    if (count == 1) return first;
    uint8_t *joined = arena_allocate(request->arena, total);
    if (joined == NULL) return SLICE_EMPTY;
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        slice value = http_request_header(request, name, i);
        if (i > 0) joined[used++] = ',';
        if (value.length > 0) memcpy(joined + used, value.data, value.length);
        used += value.length;
    }
    return slice_of(joined, used);
}

slice http_request_cookie(const struct http_request *request, const char *name, size_t n)
{
    /* RFC 6265 §5.4: one Cookie header; a second is not ours to join. */
    return http_cookie_find(http_request_header(request, "cookie", 0), name, n);
}

bool http_request_is(const struct http_request *request, const char *content_type)
{
    slice type = http_request_header(request, "content-type", 0);
    return http_equal_any_case(http_trim(http_cut(&type, ';')), slice_text(content_type));
}

rfd_status http_request_form(const struct http_request *request, struct http_fields *out, struct rfd_error *error)
{
    if (!http_request_is(request, "application/x-www-form-urlencoded"))
        return error_set(error, RFD_E_MEDIA, "not application/x-www-form-urlencoded");
    return http_form_parse(request->body, request->arena, out, error);
}

rfd_status http_request_parts(const struct http_request *request, struct http_parts *out, struct rfd_error *error)
{
    slice boundary;
    TRY(http_multipart_boundary(http_request_header(request, "content-type", 0), &boundary, error));
    return http_multipart_parse_mapped(request->body, boundary, request->body_mapped, request->arena, out, error);
}
