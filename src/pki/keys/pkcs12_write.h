/* SPDX-License-Identifier: EUPL-1.2
 *
 * Writing a key with its certificate and chain as PKCS#12 (RFC 7292): AES-256-CBC by PBKDF2 with HMAC-SHA-256, MAC by
 * SHA-256, for a key that its owner takes away.
 */
#ifndef PKI_PKCS12_WRITE_H
#define PKI_PKCS12_WRITE_H

#include "base/buf.h"
#include "pki/certificate/certificate.h"

struct pkcs12_content {
    struct evp_pkey_st *key;
    const struct certificate *certificate;
    const struct certificate *const *chain; /* issuers, up to the root */
    size_t chain_count;
    const char *password;      /* UTF-8 */
    const char *friendly_name; /* what key stores show */
    bool legacy;               /* 3DES and a MAC by SHA-1: for what knows nothing newer */
};
/** Appends the file. RFD_E_INTERNAL, RFD_E_MEMORY. */
rfd_status pkcs12_write(const struct pkcs12_content *content, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
