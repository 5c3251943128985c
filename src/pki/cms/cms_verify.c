/* SPDX-License-Identifier: EUPL-1.2
 *
 * Is the signature of a parsed CMS right? Each fact on its own, so that a report can say "the document was changed"
 * apart from "the signature is forged". `detail` tells the first thing found wrong.
 */
#include "pki/cms/cms.h"

#include "pki/oid.h"

#include "base/error.h"

#include <stdarg.h>

/* Keeps the first detail; always false, so that a check can end with it. */
static bool fault(struct cms_check *out, const char *format, ...) RFD_PRINTF(2, 3);
static bool fault(struct cms_check *out, const char *format, ...)
{
    va_list arguments;
    if (out->detail[0] != '\0') return false;
    va_start(arguments, format);
    (void)vsnprintf(out->detail, sizeof out->detail, format, arguments);
    va_end(arguments);
    return false;
}

/* --- Algorithms -------------------------------------------------------------------------------------------------- */

/* CMSAlgorithmProtection (RFC 6211 §2): { digestAlgorithm, [1] signatureAlgorithm }, the same as outside, which no
 * signature covers. */
static bool protection_fits(const struct cms *c)
{
    slice rest = c->algorithm_protection;
    slice digest, type, signature;
    struct der_item outside;
    slice algorithm = c->signature_algorithm;
    if (!der_take_optional(&rest, DER_SEQUENCE, &digest) || !der_take_optional(&digest, DER_OID, &type)) return false;
    if (!der_take_optional(&rest, DER_CONTEXT_CONSTRUCTED(1), &signature) || rest.length > 0) return false;
    return digest_from_oid(type) == c->digest && der_next(&algorithm, &outside) &&
           slice_equal(outside.content, signature);
}

static bool check_algorithms(const struct cms *c, struct cms_check *out)
{
    if (c->algorithm.scheme == SCHEME_NONE) return fault(out, "the signature algorithm is not supported");
    if (c->digest == DIGEST_NONE) return fault(out, "the digest algorithm is not supported");
    if (c->algorithm.digest != c->digest) {
        return fault(out, "signatureAlgorithm %s does not go with digestAlgorithm %s",
                     signature_algorithm_name(&c->algorithm), digest_name(c->digest));
    }
    if (!c->digest_listed) return fault(out, "the signer's digest is not among digestAlgorithms (RFC 5652 §5.1)");
    if (c->algorithm_protection.length > 0 && !protection_fits(c)) {
        return fault(out, "the algorithms are not those of cms-algorithm-protection (RFC 6211)");
    }
    return true;
}

/* --- The signer's certificate ------------------------------------------------------------------------------------ */

/* IssuerSerial { GeneralNames, INTEGER }: exactly one directoryName (RFC 5035 §5). */
static bool issuer_serial_fits(slice in, const struct certificate *signer)
{
    slice names, name, serial;
    if (!der_take_optional(&in, DER_SEQUENCE, &names) || !der_take_optional(&in, DER_INTEGER, &serial)) return false;
    if (!der_take_optional(&names, DER_CONTEXT_CONSTRUCTED(4), &name) || names.length > 0 || in.length > 0)
        return false;
    return slice_equal(name, signer->issuer) && slice_equal(serial, signer->serial);
}

/* ESSCertIDv2 { hashAlgorithm DEFAULT sha256, certHash, issuerSerial OPTIONAL }; ESSCertID is the same with SHA-1. */
static bool check_signing_certificate(const struct cms *c, const struct certificate *signer, struct cms_check *out)
{
    slice rest = c->signing_certificate;
    slice algorithm, type, hash, issuer_serial;
    enum digest_id id = c->has_signing_certificate_v2 ? DIGEST_SHA256 : DIGEST_SHA1;
    uint8_t expected[DIGEST_SIZE_MAXIMUM];
    if (!c->has_signing_certificate_v2 && !c->has_signing_certificate) {
        return fault(out, "no signing-certificate attribute");
    }
    if (c->has_signing_certificate_v2 && der_take_optional(&rest, DER_SEQUENCE, &algorithm)) {
        id = der_take_optional(&algorithm, DER_OID, &type) ? digest_from_oid(type) : DIGEST_NONE;
    }
    if (id == DIGEST_NONE) return fault(out, "signing-certificate: the digest algorithm is not supported");
    if (!der_take_optional(&rest, DER_OCTET_STRING, &hash)) return fault(out, "signing-certificate: no certHash");
    if (digest_of(id, signer->der, expected, NULL) != RFD_OK) return fault(out, "%s failed", digest_name(id));
    if (!slice_equal(hash, slice_of(expected, digest_size(id)))) {
        return fault(out, "signing-certificate names another certificate (%s)", digest_name(id));
    }
    if (der_take_optional(&rest, DER_SEQUENCE, &issuer_serial) && !issuer_serial_fits(issuer_serial, signer)) {
        return fault(out, "signing-certificate: issuer or serial number is another's");
    }
    return rest.length == 0 || fault(out, "signing-certificate: trailing elements");
}

/* --- Digest and signature ---------------------------------------------------------------------------------------- */

/* The attribute must be there and name the content's type; without attributes only plain data is allowed
 * (RFC 5652 §5.3). */
static bool check_content_type(const struct cms *c, struct cms_check *out)
{
    slice type = c->has_signed_attributes ? c->attribute_content_type : oid(OID_DATA);
    return slice_equal(type, c->content_type) || fault(out, "content-type is not eContentType (RFC 5652 §11.1)");
}

static bool check_digest(const struct cms *c, slice digest, struct cms_check *out)
{
    if (c->message_digest.length == 0) return fault(out, "no message-digest attribute (RFC 5652 §5.3)");
    return slice_equal(c->message_digest, digest) || fault(out, "message-digest is not the content's digest");
}

/* RFC 5652 §5.4: over the attributes as sent, with the tag of a SET. */
static rfd_status verify_attributes(const struct cms *c, const struct certificate *signer, struct rfd_error *error)
{
    struct buf message;
    rfd_status status;
    buf_init(&message, c->signed_attributes.length + 16);
    der_put(&message, DER_SET, c->signed_attributes);
    TRY_OUT(buf_check(&message, "signed attributes", error));
    TRY_OUT(signature_verify(&c->algorithm, signer, buf_slice(&message), c->signature, error));
out:
    buf_dispose(&message);
    return status;
}

static bool is_eddsa(const struct cms *c)
{
    return c->algorithm.scheme == SCHEME_ED25519 || c->algorithm.scheme == SCHEME_ED448;
}

/* Without attributes the signature is over the content: its digest is at hand, the content itself (which EdDSA needs)
 * only when it is inside. */
static rfd_status verify_content(const struct cms *c, const struct certificate *signer, slice digest,
                                 struct rfd_error *error)
{
    uint8_t inside[DIGEST_SIZE_MAXIMUM];
    if (!is_eddsa(c)) return signature_verify_digest(&c->algorithm, signer, digest, c->signature, error);
    if (!c->has_content)
        return error_set(error, RFD_E_UNSUPPORTED, "EdDSA without signed attributes over detached content");
    TRY(digest_of(c->digest, c->content, inside, error));
    if (!slice_equal(digest, slice_of(inside, digest_size(c->digest)))) {
        return error_set(error, RFD_E_SIGNING, "the content inside is another than the one signed");
    }
    return signature_verify(&c->algorithm, signer, c->content, c->signature, error);
}

static bool check_signature(const struct cms *c, const struct certificate *signer, slice digest, struct cms_check *out)
{
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_status status =
        c->has_signed_attributes ? verify_attributes(c, signer, &error) : verify_content(c, signer, digest, &error);
    if (status == RFD_OK) return true;
    out->no_memory = status == RFD_E_MEMORY;
    return fault(out, "%s", error.detail[0] == '\0' ? rfd_status_message(status) : error.detail);
}

void cms_verify(const struct cms *c, const struct certificate *signer, slice digest, struct cms_check *out)
{
    struct cms_check check = {.signing_certificate_present =
                                  c->has_signing_certificate || c->has_signing_certificate_v2};
    bool digest_fits = c->digest != DIGEST_NONE && digest.length == digest_size(c->digest);
    check.algorithms_consistent = check_algorithms(c, &check);
    if (signer == NULL) {
        (void)fault(&check, "the signer's certificate is not among those sent");
    } else if (c->algorithm.scheme != SCHEME_NONE && (c->has_signed_attributes || digest_fits)) {
        check.signature_matches = check_signature(c, signer, digest, &check);
    }
    if (c->has_signed_attributes) {
        check.digest_matches = digest_fits && check_digest(c, digest, &check);
    } else {
        check.digest_matches = check.signature_matches;
    }
    check.content_type_matches = check_content_type(c, &check);
    if (signer != NULL) check.signing_certificate_matches = check_signing_certificate(c, signer, &check);
    *out = check;
}
