/* SPDX-License-Identifier: EUPL-1.2
 *
 * A stream of messages from a peer that lies: split into frames, and each body read as fields chosen by its octets.
 */
#include "ipc/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_field(struct message_reader *r, unsigned kind)
{
    enum { LONGEST = 64 };
    slice bytes = SLICE_EMPTY;
    switch (kind % 6) {
    case 0: (void)message_get_u8(r); break;
    case 1: (void)message_get_u32(r); break;
    case 2: (void)message_get_u64(r); break;
    case 3: (void)message_get_i64(r); break;
    case 4: bytes = message_get_bytes(r, LONGEST); break;
    default: bytes = message_get_text(r, LONGEST); break;
    }
    if (bytes.length > LONGEST || (r->failed && bytes.length > 0)) __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice stream = slice_of(data, size);
    struct message m;
    size_t length;
    while (message_parse(stream, MESSAGE_MAXIMUM, &m, &length) == MESSAGE_WHOLE) {
        if (length > stream.length || m.body.length + MESSAGE_HEADER_SIZE != length) __builtin_trap();
        struct message_reader r = message_read(m.body);
        while (!r.failed && r.left.length > 0) read_field(&r, r.left.data[0]);
        if ((message_end(&r, "fuzz", NULL) == RFD_OK) == r.failed) __builtin_trap();
        stream = slice_from(stream, length);
    }
    return 0;
}
