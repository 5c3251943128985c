/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/update_text.h"

#include "base/error.h"

rfd_status update_text_capture(struct pdf_update *update, struct arena *arena, size_t from, slice *out,
                               struct rfd_error *error)
{
    struct buf *b = pdf_update_buffer(update);
    TRY(buf_check(b, "update", error));
    slice text = arena_copy(arena, slice_of(b->data + from, b->length - from));
    if (text.data == NULL) return arena_failed(arena, error);
    b->length = from;
    *out = text;
    return RFD_OK;
}

void update_text_array(struct pdf_update *update, const struct pdf_value *array, struct pdf_reference owner,
                       const struct pdf_reference *added, size_t count)
{
    struct buf *b = pdf_update_buffer(update);
    bool is_array = array->kind == PDF_ARRAY;
    if (is_array)
        pdf_update_value(update, array, owner);
    else
        buf_put_byte(b, '[');
    if (is_array && b->length > 0 && b->data[b->length - 1] == ']') b->length--;
    for (size_t i = 0; i < count; i++) {
        if (is_array || i > 0) buf_put_byte(b, ' ');
        pdf_put_reference(b, added[i]);
    }
    buf_put_byte(b, ']');
}
