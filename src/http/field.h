/* SPDX-License-Identifier: EUPL-1.2
 *
 * Names with values, in the order in which they came: headers, the parts of a path, queries, forms. A name may come
 * more than once; who asks says which one it wants, so that nobody takes the first where another took the last.
 */
#ifndef HTTP_FIELD_H
#define HTTP_FIELD_H

#include "base/arena.h"

struct http_field {
    slice name, value;
};
struct http_fields {
    struct http_field *items;
    size_t count;
};

/** How often the name is there. */
size_t http_field_count(const struct http_fields *fields, const char *name);
/** The value of the name's n-th appearance (0: the first); data is NULL when there is none. */
slice http_field_get(const struct http_fields *fields, const char *name, size_t n);
/** The same where the name may be in capitals or not (ASCII), as in headers. */
slice http_field_get_any_case(const struct http_fields *fields, const char *name, size_t n);

/** ASCII letters are equal whatever their case. */
bool http_equal_any_case(slice a, slice b);
/** RFC 9110 §5.6.2: the characters of methods, names of headers and of cookies; at least one. */
bool http_is_token(slice s);
/** Without the blanks and tabs on both ends. */
slice http_trim(slice s);
/** Cuts off and returns what comes before the first `separator`, or all. */
slice http_cut(slice *rest, uint8_t separator);

#endif
