/* SPDX-License-Identifier: EUPL-1.2
 *
 * The digest of such a signature only the signature itself tells, in the DigestInfo that its key opens (RFC 8017 §9.2).
 * That is a hint of what to hash, no more: the signature is verified later, and in full, by that digest.
 */
#include "pades/bare_rsa.h"

#include "base/error.h"
#include "pki/oid.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

enum { MODULUS_MAXIMUM = 2048 }; /* octets; OpenSSL reads no longer keys */

static rfd_status read_certificates(const struct pdf_signature *d, struct cms *cms, struct rfd_error *error)
{
    for (size_t i = 0; i < d->certificate_count; i++) {
        const struct certificate *c;
        rfd_status status = certificate_parse(d->certificates[i], &c, error);
        if (status == RFD_E_MEMORY) return status;
        if (status != RFD_OK) {
            cms->unreadable_certificates++;
            continue;
        }
        status = certificate_list_add(&cms->certificates, c, error);
        certificate_unref(c);
        TRY(status);
        if (i == 0) cms->signer = cms->certificates.items[0];
    }
    return RFD_OK;
}

/* The OCTET STRING and nothing but zeros behind it. */
static rfd_status read_signature(slice contents, slice *out, struct rfd_error *error)
{
    slice rest = contents;
    if (!der_take_optional(&rest, DER_OCTET_STRING, out) || out->length == 0)
        return error_set(error, RFD_E_CMS, "/Contents is not an OCTET STRING (ISO 32000-2 §12.8.3.2)");
    for (size_t i = 0; i < rest.length; i++) {
        if (rest.data[i] != 0) return error_set(error, RFD_E_CMS, "something stands behind the OCTET STRING");
    }
    return RFD_OK;
}

/* What the signature says when opened with the key, or nothing. */
static size_t open_signature(const struct certificate *signer, slice signature, uint8_t out[MODULUS_MAXIMUM])
{
    size_t length = MODULUS_MAXIMUM;
    ERR_set_mark();
    EVP_PKEY *key = certificate_public_key(signer, NULL);
    EVP_PKEY_CTX *context = key == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    bool opened = context != NULL && EVP_PKEY_get_size(key) <= MODULUS_MAXIMUM &&
                  EVP_PKEY_verify_recover_init(context) == 1 &&
                  EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
                  EVP_PKEY_verify_recover(context, out, &length, signature.data, signature.length) == 1;
    EVP_PKEY_CTX_free(context);
    ERR_pop_to_mark();
    return opened ? length : 0;
}

/* DigestInfo { AlgorithmIdentifier, OCTET STRING }. SHA-1, the format's own, when it cannot be opened: it is wrong in
 * any case then. */
static enum digest_id digest_used(const struct certificate *signer, slice signature)
{
    uint8_t space[MODULUS_MAXIMUM];
    slice info, algorithm, type;
    if (signer == NULL || signer->key_type != KEY_RSA) return DIGEST_SHA1;
    slice opened = slice_of(space, open_signature(signer, signature, space));
    if (!der_take_optional(&opened, DER_SEQUENCE, &info) || !der_take_optional(&info, DER_SEQUENCE, &algorithm) ||
        !der_take_optional(&algorithm, DER_OID, &type)) {
        return DIGEST_SHA1;
    }
    return digest_from_oid(type);
}

rfd_status bare_rsa_read(const struct pdf_signature *d, struct cms *out, struct rfd_error *error)
{
    slice signature;
    TRY(read_signature(d->contents, &signature, error));
    struct cms cms = {.content_type = oid(OID_DATA),
                      .signer_count = 1,
                      .signature = signature,
                      .digest_listed = true,
                      .attributes_sorted = true,
                      .signing_time = RFD_TIME_NONE};
    rfd_status status = read_certificates(d, &cms, error);
    if (status != RFD_OK) {
        cms_dispose(&cms);
        return status;
    }
    cms.digest = digest_used(cms.signer, signature);
    cms.algorithm = (struct signature_algorithm){.scheme = SCHEME_RSA_PKCS1, .digest = cms.digest};
    *out = cms;
    return RFD_OK;
}

bool bare_rsa_is(const struct pdf_signature *d)
{
    return slice_is(d->sub_filter, "adbe.x509.rsa_sha1");
}
