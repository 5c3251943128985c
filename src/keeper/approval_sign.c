/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/approval_sign.h"

#include "base/clock.h"
#include "base/error.h"
#include "pki/cms/cms.h"
#include "pki/keys/key.h"

rfd_status approval_sign(struct rfd_key *key, slice text, struct buf *out, struct rfd_error *error)
{
    struct cms_attributes attributes = {.signer = key_certificate(key), .signing_time = clock_now()};
    const struct certificate_list own = {.items = &attributes.signer, .count = 1};
    struct buf signed_attributes;
    struct buf signature;
    uint8_t octets[DIGEST_SIZE_MAXIMUM];
    TRY(signature_algorithm_choose(attributes.signer, DIGEST_NONE, false, &attributes.algorithm, error));
    TRY(digest_of(attributes.algorithm.digest, text, octets, error));
    attributes.digest = slice_of(octets, digest_size(attributes.algorithm.digest));
    buf_init(&signed_attributes, APPROVAL_SIGNED_MAXIMUM);
    buf_init(&signature, APPROVAL_SIGNED_MAXIMUM);
    cms_put_signed_attributes(&signed_attributes, &attributes);
    rfd_status status = buf_check(&signed_attributes, "signed attributes", error);
    if (status == RFD_OK)
        status = key_sign(key, &attributes.algorithm, buf_slice(&signed_attributes), &signature, error);
    if (status == RFD_OK) {
        const struct cms_signed s = {.signed_attributes = buf_slice(&signed_attributes),
                                     .signature = buf_slice(&signature),
                                     .algorithm = attributes.algorithm,
                                     .signer = attributes.signer,
                                     .certificates = &own,
                                     .content = text};
        cms_put_signed_data(out, &s);
        status = buf_check(out, "approval", error);
    }
    buf_dispose(&signed_attributes);
    buf_dispose(&signature);
    return status;
}
