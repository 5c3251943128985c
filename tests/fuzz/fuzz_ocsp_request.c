/* SPDX-License-Identifier: EUPL-1.2
 *
 * An OCSP request from a stranger, as the body of a POST and as the path of a GET. What is answered has to be a
 * response that our own reader takes.
 */
#include "pki/authority/responder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static rfd_status sign(void *context, const struct signature_algorithm *a, slice message, slice digest,
                       struct buf *signature, struct rfd_error *error)
{
    (void)context, (void)a, (void)message, (void)error;
    buf_put_slice(signature, digest);
    return RFD_OK;
}

/* Every answer there is, by the serial number's last octet. */
static rfd_status look_up(void *context, size_t issuer, slice serial, struct responder_record *record,
                          struct rfd_error *error)
{
    (void)context, (void)issuer, (void)error;
    *record = (struct responder_record){.state = (enum responder_state)(serial.data[serial.length - 1] % 4),
                                        .reason = serial.data[0] % 7,
                                        .archive_cutoff = serial.length % 2 == 0 ? 0 : RFD_TIME_NONE};
    return RFD_OK;
}

static void respond(slice request)
{
    static const struct certificate ca = {.subject = {(const uint8_t *)"\x30\x00", 2},
                                          .key_bits = {(const uint8_t *)"k", 1}};
    static const struct certificate delegate = {
        .der = {(const uint8_t *)"\x30\x00", 2}, .key_bits = {(const uint8_t *)"d", 1}, .fingerprint = {1}};
    static const struct authority_signer signer = {
        &delegate, {.scheme = SCHEME_ECDSA, .digest = DIGEST_SHA256}, sign, NULL};
    static struct responder_issuer issuer;
    const struct responder responder = {&issuer, 1, look_up, NULL, request.length % 2 == 0};
    const struct responder_times times = {0, 0, RFD_SECOND};
    enum ocsp_status status;
    struct ocsp *o = NULL;
    struct buf out;
    if (issuer.signer == NULL && responder_issuer_set(&issuer, &ca, &signer, NULL) != RFD_OK) __builtin_trap();
    buf_init(&out, RESPONDER_RESPONSE_MAXIMUM);
    if (responder_respond(&responder, request, &times, &out, &status, NULL) != RFD_OK) __builtin_trap();
    if (ocsp_parse(buf_slice(&out), &o, NULL) != RFD_OK || o->status != status) __builtin_trap();
    ocsp_free(o);
    buf_dispose(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf decoded;
    respond(slice_of(data, size));
    buf_init(&decoded, RESPONDER_PATH_MAXIMUM);
    if (responder_decode_path(slice_of(data, size), &decoded, NULL) == RFD_OK) respond(buf_slice(&decoded));
    buf_dispose(&decoded);
    return 0;
}
