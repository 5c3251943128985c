/* SPDX-License-Identifier: EUPL-1.2
 *
 * Texts of checkpoints: what is read must be written again as it was.
 */
#include "keeper/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct checkpoint c;
    struct buf b;
    slice in = slice_of(data, size);
    buf_init(&b, CHECKPOINT_MAXIMUM);
    if (checkpoint_read(in, &c, NULL) == RFD_OK) {
        checkpoint_write(&c, &b);
        if (!slice_equal(buf_slice(&b), in)) __builtin_trap();
    }
    buf_dispose(&b);
    return 0;
}
