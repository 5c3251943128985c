/* SPDX-License-Identifier: EUPL-1.2
 *
 * adbe.x509.rsa_sha1 (ISO 32000-2 §12.8.3.2): /Contents is a DER OCTET STRING with a PKCS#1 v1.5 signature over the
 * byte range, /Cert the signer's certificate and those above it. In spite of its name other digests than SHA-1 occur.
 *
 * It is read into a struct cms, as if it were one without attributes, and goes the same way as all others from there.
 * Nothing binds the certificate to the signature: another one with the same key would do as well.
 */
#ifndef PADES_BARE_RSA_H
#define PADES_BARE_RSA_H

#include "pdf/field.h"
#include "pki/cms/cms.h"

bool bare_rsa_is(const struct pdf_signature *d);
/** Dispose of `out` with cms_dispose; it keeps slices into `d`. RFD_E_CMS when /Contents is no such thing. */
rfd_status bare_rsa_read(const struct pdf_signature *d, struct cms *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
