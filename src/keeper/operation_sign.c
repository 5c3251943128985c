/* SPDX-License-Identifier: EUPL-1.2
 *
 * OCSP responses, time-stamps, seals: each is checked or built here before the key is used.
 */
#include "keeper/operations.h"

#include "base/error.h"
#include "pki/cms/cms.h"

enum { WORD = 16 };

rfd_status keeper_sign_ocsp(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                            struct rfd_error *error)
{
    rfd_time now;
    slice response_data = message_get_bytes(r, KEEPER_RESPONSE_DATA_MAXIMUM);
    TRY(message_end(r, "sign-ocsp", error));
    TRY(keeper_key_time(key, &now, error));
    TRY(ocsp_check(&key->ocsp, response_data, now, error));
    TRY(keeper_key_use(k, key, now, error));
    return keeper_key_answer(key, response_data, answer, error);
}

/** A digest of the named algorithm, one that may still be relied on. */
static rfd_status take_digest(struct message_reader *r, enum digest_id *id, slice *digest, struct rfd_error *error)
{
    slice name = message_get_text(r, WORD);
    slice octets = message_get_bytes(r, KEEPER_DIGEST_MAXIMUM);
    if (r->failed) return message_end(r, "digest", error);
    *id = digest_from_name(name);
    *digest = octets;
    if (*id == DIGEST_NONE || !digest_is_strong(*id)) return error_set(error, RFD_E_KEY_WEAK, "digest algorithm");
    if (octets.length != digest_size(*id))
        return error_set(error, RFD_E_ARGUMENT, "digest of %zu octets", octets.length);
    return RFD_OK;
}

static rfd_status check_certified(const struct keeper_key *key, struct rfd_error *error)
{
    if (key->certificate != NULL) return RFD_OK;
    return error_set(error, RFD_E_KEY_REFUSED, "key %s has no certificate yet", key->description->name);
}

/** INTEGER content that is DER (X.690 §8.3.2), or nothing. */
static bool is_integer(slice content)
{
    if (content.length < 2) return true;
    bool same_sign =
        ((content.data[0] == 0x00 && content.data[1] < 0x80) || (content.data[0] == 0xFF && content.data[1] >= 0x80));
    return !same_sign;
}

static rfd_status put_token(struct keeper_key *key, const struct stamper_request *request, rfd_time now,
                            struct buf *answer, struct rfd_error *error)
{
    uint8_t serial[COUNTER_SERIAL_SIZE];
    struct buf token;
    counter_serial(&key->counter, serial);
    buf_init(&token, KEEPER_MESSAGE_MAXIMUM / 2);
    rfd_status status = stamper_answer(&key->stamper, request, slice_of(serial, sizeof serial), now, &token, error);
    message_put_bytes(answer, buf_slice(&token));
    message_put_bytes(answer, slice_of(serial, sizeof serial));
    message_put_i64(answer, now);
    buf_dispose(&token);
    return status;
}

/** MessageImprint ::= SEQUENCE { AlgorithmIdentifier, OCTET STRING } (RFC 3161 §2.4.1). */
static void put_imprint(struct buf *b, enum digest_id id, slice digest)
{
    size_t imprint = der_open(b, DER_SEQUENCE);
    digest_put_algorithm(b, id);
    der_put(b, DER_OCTET_STRING, digest);
    der_close(b, imprint);
}

rfd_status keeper_sign_timestamp(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                                 struct rfd_error *error)
{
    uint8_t bytes[128];
    struct buf imprint = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    struct stamper_request request = {.digest = DIGEST_NONE};
    rfd_time now;
    TRY(take_digest(r, &request.digest, &request.hash, error));
    request.nonce = message_get_bytes(r, KEEPER_NONCE_MAXIMUM);
    request.wants_certificate = message_get_u8(r) == 1;
    TRY(message_end(r, "sign-timestamp", error));
    TRY(check_certified(key, error));
    if (!is_integer(request.nonce)) return error_set(error, RFD_E_ARGUMENT, "nonce");
    put_imprint(&imprint, request.digest, request.hash);
    TRY(buf_check(&imprint, "imprint", error));
    request.imprint = buf_slice(&imprint);
    request.policy = key->description->policy.timestamp_policy;
    TRY(keeper_key_time(key, &now, error));
    TRY(keeper_key_use(k, key, now, error));
    return put_token(key, &request, now, answer, error);
}

rfd_status keeper_sign_seal(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                            struct rfd_error *error)
{
    struct cms_attributes attributes = {.signing_time = RFD_TIME_NONE, .algorithm = key->algorithm};
    enum digest_id id = DIGEST_NONE;
    struct buf b;
    rfd_time now;
    TRY(take_digest(r, &id, &attributes.digest, error));
    bool with_time = message_get_u8(r) == 1;
    TRY(message_end(r, "sign-seal", error));
    TRY(check_certified(key, error));
    /* One digest for content and attributes (RFC 8933 §3.1). */
    if (id != key->algorithm.digest) return error_set(error, RFD_E_ARGUMENT, "the key signs with another digest");
    attributes.signer = key->certificate;
    TRY(keeper_key_time(key, &now, error));
    if (with_time) attributes.signing_time = now;
    TRY(keeper_key_use(k, key, now, error));
    buf_init(&b, KEEPER_MESSAGE_MAXIMUM / 4);
    cms_put_signed_attributes(&b, &attributes);
    message_put_bytes(answer, buf_slice(&b));
    rfd_status status = buf_check(&b, "signed attributes", error);
    if (status == RFD_OK) status = keeper_key_answer(key, buf_slice(&b), answer, error);
    buf_dispose(&b);
    return status;
}
