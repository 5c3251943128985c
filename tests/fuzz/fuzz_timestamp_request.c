/* SPDX-License-Identifier: EUPL-1.2
 *
 * A time-stamp request from a stranger. The token has to be one that our own reader takes.
 */
#include "pki/authority/stamper.h"
#include "pki/cms/timestamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static rfd_status sign(void *context, const struct signature_algorithm *a, slice message, slice digest,
                       struct buf *signature, struct rfd_error *error)
{
    (void)context, (void)a, (void)message, (void)error;
    buf_put_slice(signature, digest);
    return RFD_OK;
}

static const struct stamper *service(void)
{
    static const uint8_t purpose[] = {0x30, 0x16, 0x06, 0x03, 0x55, 0x1D, 0x25, 0x01, 0x01, 0xFF, 0x04, 0x0C,
                                      0x30, 0x0A, 0x06, 0x08, 0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08};
    static const struct certificate certificate = {.der = {(const uint8_t *)"\x30\x00", 2},
                                                   .issuer = {(const uint8_t *)"\x30\x00", 2},
                                                   .subject = {(const uint8_t *)"\x30\x00", 2},
                                                   .serial = {(const uint8_t *)"\x01", 1},
                                                   .extensions = {purpose, sizeof purpose}};
    static const struct authority_signer signer = {
        &certificate, {.scheme = SCHEME_ECDSA, .digest = DIGEST_SHA256}, sign, NULL};
    static const struct stamper_plan plan = {.signer = &signer,
                                             .policies = {{(const uint8_t *)"\x2A\x03", 2}},
                                             .policy_count = 1,
                                             .accuracy = RFD_SECOND,
                                             .fraction_digits = 6,
                                             .names_itself = true};
    static struct stamper stamper;
    if (stamper.plan.signer == NULL && stamper_set(&stamper, &plan, NULL) != RFD_OK) __builtin_trap();
    return &stamper;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct stamper_request request;
    struct timestamp t;
    bool granted;
    slice token;
    struct buf out;
    buf_init(&out, STAMPER_RESPONSE_MAXIMUM);
    if (stamper_respond(service(), slice_of(data, size), SLICE("\x01"), (rfd_time)size * 999983, &out, &request,
                        &granted, NULL) != RFD_OK) {
        __builtin_trap();
    }
    if (granted) {
        if (timestamp_read_response(buf_slice(&out), request.digest, request.hash, SLICE_EMPTY, &token, NULL) ==
            RFD_OK) {
            if (timestamp_parse(token, &t, NULL) != RFD_OK) __builtin_trap();
            timestamp_dispose(&t);
        }
    }
    buf_dispose(&out);
    return 0;
}
