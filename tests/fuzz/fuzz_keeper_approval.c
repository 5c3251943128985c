/* SPDX-License-Identifier: EUPL-1.2
 *
 * An approval: the input as its text, and as the SignedData around one. What is read must be what would be written.
 */
#include "keeper/approval.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_text(slice text)
{
    struct approval a;
    struct buf again;
    if (approval_read(text, &a, NULL) != RFD_OK) return;
    buf_init(&again, APPROVAL_MAXIMUM);
    if (approval_write(&a, &again, NULL) != RFD_OK || !slice_equal(text, buf_slice(&again))) __builtin_trap();
    buf_dispose(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice in = slice_of(data, size);
    slice text;
    read_text(in);
    if (approval_content(in, &text, NULL) == RFD_OK) read_text(text);
    return 0;
}
