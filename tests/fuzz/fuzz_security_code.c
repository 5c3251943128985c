/* SPDX-License-Identifier: EUPL-1.2
 *
 * Answers to a security code, as they are sent and as what they hold: none is right, as none of them was asked for;
 * the database is not even looked at.
 */
#include "domain/account/security_code.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(slice answer)
{
    bool right = true;
    if (security_code_check(NULL, SLICE("a key of thirty-two octets, here"), answer, 0, &right, NULL) == RFD_OK &&
        right)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text;
    slice in = slice_of(data, size);
    check(in);
    buf_init(&text, 1 << 16);
    buf_put_base64(&text, in);
    if (buf_status(&text) == RFD_OK) check(buf_slice(&text));
    buf_dispose(&text);
    return 0;
}
