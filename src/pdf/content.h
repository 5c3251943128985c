/* SPDX-License-Identifier: EUPL-1.2
 *
 * A content stream (ISO 32000-2 §7.8.2) as operators with their operands; CMaps and the clear part of Type 1 fonts are
 * written in the same way. It goes on after errors as viewers do: what is no token is passed over, a number with
 * rubbish behind it is the number. What the operands mean is not checked here.
 */
#ifndef PDF_CONTENT_H
#define PDF_CONTENT_H

#include "pdf/lexer.h"

struct content {
    struct lexer lexer;
    struct arena scratch; /* strings and arrays of the operation at hand */
    struct arena_mark empty;
    struct pdf_value *operands;
    size_t count, capacity;
    size_t array; /* where the open array's items begin among the operands */
    bool in_array;
    bool damaged;      /* something was passed over */
    rfd_status status; /* RFD_E_MEMORY, sticky */
};

/** One operator. The operands of "ID" are the keys and values of the inline image (§8.9.7), whose data is passed over.
 */
struct content_operation {
    slice name;
    const struct pdf_value *operands; /* valid until the next content_next() */
    size_t count;
};

/** Over bytes that outlive it. Allocates nothing. */
void content_init(struct content *c, slice bytes);
void content_dispose(struct content *c);
/** False at the end or after a failure (see `status`). */
bool content_next(struct content *c, struct content_operation *out);
/** How many bytes were read so far. */
static inline size_t content_position(const struct content *c)
{
    return (size_t)c->lexer.position;
}

#endif
