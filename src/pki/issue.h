/* SPDX-License-Identifier: EUPL-1.2
 *
 * Making certificates and CRLs as DER, with OpenSSL's keys. So far it serves the demo hierarchy of `refrenda certs
 * demo`; the certification authority grows on it.
 */
#ifndef PKI_ISSUE_H
#define PKI_ISSUE_H

#include <refrenda/base.h>

/**
 * Writes a hierarchy that is clearly marked as a demonstration into the folder `path` (created when missing, refused when
 * it holds files and not `replace`): root.pem, issuing.pem, issuing.key, chain.pem, signer.pem/.key/.p12 (RSA-2048),
 * signer-p256.pem/.key/.p12, tsa.pem/.key, ocsp.pem/.key, root.crl, issuing.crl, index.txt (openssl ca), password.txt.
 * `base_url` ("http://127.0.0.1:8088" when NULL) goes into AIA and CRL distribution points.
 */
rfd_status issue_demo(const char *path, const char *base_url, bool replace, struct rfd_error *error) RFD_MUST_CHECK;

#endif
