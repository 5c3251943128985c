/* SPDX-License-Identifier: EUPL-1.2
 *
 * adbe.x509.rsa_sha1 (ISO 32000-2 §12.8.3.2): /Contents is a DER OCTET STRING with a PKCS#1 v1.5 signature over the
 * byte range, /Cert the signer's certificate and those above it. In spite of its name other digests occur; which one,
 * only the signature itself tells, in the DigestInfo that its key opens (RFC 8017 §9.2). That is a hint of what to
 * hash, no more: the signature is verified later, and in full, by that digest.
 *
 * Nothing binds the certificate to the signature: another one with the same key would do as well.
 */
#include "pades/verify/validate.h"

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
        if (validate_is_fatal(status)) return status;
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

rfd_status validate_read_bare_rsa(struct signature_state *s, struct rfd_error *error)
{
    struct cms *cms = &s->token.cms;
    slice signature;
    TRY(read_signature(s->dictionary.contents, &signature, error));
    *cms = (struct cms){.content_type = oid(OID_DATA),
                        .signer_count = 1,
                        .signature = signature,
                        .digest_listed = true,
                        .attributes_sorted = true,
                        .signing_time = RFD_TIME_NONE};
    TRY(read_certificates(&s->dictionary, cms, error));
    cms->digest = digest_used(cms->signer, signature);
    cms->algorithm = (struct signature_algorithm){.scheme = SCHEME_RSA_PKCS1, .digest = cms->digest};
    return RFD_OK;
}
