/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a time-stamp service or a document says: the same bytes as a token and as a TimeStampResp.
 */
#include "pki/cms/timestamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t digest[32];
    struct timestamp t;
    struct rfd_error error = RFD_ERROR_INIT;
    slice token;
    if (timestamp_parse(slice_of(data, size), &t, &error) == RFD_OK) {
        if (timestamp_verify(&t, t.imprint, &error) == RFD_OK && t.cms.signer == NULL) __builtin_trap();
        timestamp_dispose(&t);
    }
    if (timestamp_read_response(slice_of(data, size), DIGEST_SHA256, slice_of(digest, sizeof digest), SLICE_EMPTY,
                                &token, &error) == RFD_OK) {
        if (token.data < data || token.data + token.length > data + size) __builtin_trap();
    }
    return 0;
}
