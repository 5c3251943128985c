/* SPDX-License-Identifier: EUPL-1.2
 *
 * Text line by line.
 */
#ifndef BASE_LINE_H
#define BASE_LINE_H

#include "base/slice.h"

/** Takes the next line off `rest`, which is empty after the last; without its end, LF or CR LF. */
static inline slice line_next(slice *rest)
{
    const uint8_t *end = rest->length == 0 ? NULL : memchr(rest->data, '\n', rest->length);
    slice line = slice_part(*rest, 0, end == NULL ? rest->length : (size_t)(end - rest->data));
    *rest = slice_from(*rest, line.length + 1);
    if (line.length > 0 && line.data[line.length - 1] == '\r') line.length--;
    return line;
}

#endif
