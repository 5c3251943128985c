/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a client wants the keeper to sign as an OCSP response. The rule's hashes are all zeros, so that an input can
 * meet them; what is allowed must then be accepted as a whole by the reader of responses, too.
 */
#include "keeper/ocsp_check.h"
#include "pki/algorithm.h"
#include "pki/oid.h"
#include "pki/revocation/ocsp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Wraps it with an algorithm and a signature of zeros. */
static void read_as_response(slice response_data)
{
    enum { MAXIMUM = 1 << 20 };
    static const uint8_t zeros[64];
    const struct signature_algorithm algorithm = {.scheme = SCHEME_ECDSA, .digest = DIGEST_SHA256};
    struct buf basic;
    struct buf response;
    struct ocsp *o = NULL;
    buf_init(&basic, MAXIMUM);
    buf_init(&response, MAXIMUM);
    size_t opened = der_open(&basic, DER_SEQUENCE);
    buf_put_slice(&basic, response_data);
    signature_algorithm_put(&basic, &algorithm);
    der_put_bits(&basic, slice_of(zeros, sizeof zeros));
    der_close(&basic, opened);
    ocsp_put_response(&response, buf_slice(&basic));
    if (ocsp_parse(buf_slice(&response), &o, NULL) != RFD_OK) __builtin_trap();
    if (!slice_equal(o->tbs, response_data)) __builtin_trap();
    ocsp_free(o);
    buf_dispose(&basic);
    buf_dispose(&response);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ocsp_rule rule = {.validity = 86400};
    const rfd_time now = INT64_C(1795000000) * RFD_SECOND;
    slice in = slice_of(data, size);
    if (ocsp_check(&rule, in, now, NULL) == RFD_OK) read_as_response(in);
    return 0;
}
