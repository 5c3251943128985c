/* SPDX-License-Identifier: EUPL-1.2
 *
 * A CMS from a stranger: read, verified against a fixed digest, its time-stamps looked at, one added and read again.
 */
#include "pki/cms/cms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const struct cms *c)
{
    static const uint8_t digest[DIGEST_SIZE_MAXIMUM];
    struct cms_check check;
    cms_verify(c, c->signer, slice_of(digest, digest_size(c->digest)), &check);
    for (size_t i = 0; i <= c->signature_timestamp_count; i++) {
        bool empty = cms_signature_timestamp(c, i).length == 0;
        if (empty != (i == c->signature_timestamp_count)) __builtin_trap();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cms c, again;
    struct buf longer;
    if (cms_parse(slice_of(data, size), &c, NULL) != RFD_OK) return 0;
    look(&c);
    buf_init(&longer, size * 4 + 4096);
    if (c.signature_timestamp_count < 32 &&
        cms_add_timestamp(slice_of(data, size), SLICE("\x30\x00"), &longer, NULL) == RFD_OK) {
        if (cms_parse(buf_slice(&longer), &again, NULL) == RFD_OK) {
            if (again.signature_timestamp_count != c.signature_timestamp_count + 1) __builtin_trap();
            cms_dispose(&again);
        }
    }
    buf_dispose(&longer);
    cms_dispose(&c);
    return 0;
}
