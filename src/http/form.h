/* SPDX-License-Identifier: EUPL-1.2
 *
 * What browsers send: queries and forms, cookies, and forms with files. All bounded, all strict: what is not well
 * formed is refused as a whole (RFD_E_REQUEST), too much of it is RFD_E_LIMIT.
 *
 * Results borrow from what is parsed or live in the arena. Values may hold line breaks and tabs; what a field may hold
 * is for its reader to check.
 */
#ifndef HTTP_FORM_H
#define HTTP_FORM_H

#include "http/field.h"

enum {
    HTTP_FORM_FIELDS = 1000, /* at most, of a query or form */
    HTTP_FORM_PARTS = 200,   /* at most, of a multipart/form-data */
    HTTP_COOKIES = 100       /* looked at, of one request */
};

/** A query, or a body of the type application/x-www-form-urlencoded: "+" is a blank. */
rfd_status http_form_parse(slice text, struct arena *a, struct http_fields *out,
                           struct rfd_error *error) RFD_MUST_CHECK;

struct http_part {
    slice name;
    slice file_name;    /* as the browser said, never a path to be used; data is NULL when it is no file */
    slice content_type; /* as the browser said; data is NULL when it did not */
    slice body;         /* any bytes, borrowed */
};
struct http_parts {
    struct http_part *items;
    size_t count;
};
/** The boundary of a "multipart/form-data; boundary=..." (RFC 2046 §5.1.1). RFD_E_MEDIA when it is another type. */
rfd_status http_multipart_boundary(slice content_type, slice *boundary, struct rfd_error *error) RFD_MUST_CHECK;
/** RFC 7578. Each part must have a name; a body that ends before its closing boundary is refused. */
rfd_status http_multipart_parse(slice body, slice boundary, struct arena *a, struct http_parts *out,
                                struct rfd_error *error) RFD_MUST_CHECK;
/** The same of a mapped file: what was looked through is let go, so that memory stays the same whatever its length. */
rfd_status http_multipart_parse_mapped(slice body, slice boundary, bool mapped, struct arena *a, struct http_parts *out,
                                       struct rfd_error *error) RFD_MUST_CHECK;

/**
 * The n-th value of a cookie in the value of a Cookie header (RFC 6265 §4.2.1); pairs that are not well formed are
 * passed over, as they may be another site's. data is NULL when there is none. Somebody who can set cookies for a
 * parent domain can send a name twice: who decides by a cookie should look whether there is a second.
 */
slice http_cookie_find(slice header, const char *name, size_t n);

/** The value of a parameter such as `charset` in "text/html; charset=utf-8", without quotes; NULL data: none. `a` is
 * for values with escapes. */
slice http_parameter(slice header, const char *name, struct arena *a);

#endif
