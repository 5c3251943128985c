/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/authority/authority.h"

#include "base/clock.h"
#include "base/error.h"

/* RSA of 16,384 bits; a signature is written to the stack first since the buffer that is signed must not move. */
enum { SIGNATURE_MAXIMUM = 2048 };

rfd_status authority_sign_message(const struct authority_signer *signer, slice message, struct buf *signature,
                                  struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    enum digest_id id = signer->algorithm.digest;
    TRY(digest_of(id, message, digest, error));
    return signer->sign(signer->context, &signer->algorithm, message, slice_of(digest, digest_size(id)), signature,
                        error);
}

rfd_status authority_put_signature(struct buf *b, size_t start, const struct authority_signer *signer,
                                   struct rfd_error *error)
{
    uint8_t bytes[SIGNATURE_MAXIMUM];
    struct buf signature = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    TRY(buf_check(b, "to-be-signed structure", error));
    TRY(authority_sign_message(signer, slice_from(buf_slice(b), start), &signature, error));
    TRY(buf_check(&signature, "signature", error));
    signature_algorithm_put(b, &signer->algorithm);
    der_put_bits(b, buf_slice(&signature));
    return buf_check(b, "signed structure", error);
}

void authority_put_generalized_time(struct buf *b, rfd_time t)
{
    char text[CLOCK_TEXT_SIZE];
    der_put(b, DER_GENERALIZED_TIME, slice_text(clock_asn1(t, true, text)));
}

struct authority_extension authority_open_extension(struct buf *b, enum oid_name id, bool critical)
{
    struct authority_extension opened = {.extension = der_open(b, DER_SEQUENCE)};
    der_put_oid(b, oid(id));
    if (critical) der_put_boolean(b, true); /* DEFAULT FALSE is not written (X.690 §11.5) */
    opened.value = der_open(b, DER_OCTET_STRING);
    return opened;
}

void authority_close_extension(struct buf *b, struct authority_extension opened)
{
    der_close(b, opened.value);
    der_close(b, opened.extension);
}
