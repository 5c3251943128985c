/* SPDX-License-Identifier: EUPL-1.2
 *
 * The files of the demo hierarchy.
 */
#ifndef PKI_DEMO_FILES_H
#define PKI_DEMO_FILES_H

#include "pki/certificate/certificate.h"

struct evp_pkey_st;

/** Makes the folder when it is missing. RFD_E_EXISTS when it holds anything and not `replace`. */
rfd_status demo_folder(const char *path, bool replace, struct rfd_error *error) RFD_MUST_CHECK;
/** Writes `folder`/`name``suffix`; a private one is readable by its owner only. */
rfd_status demo_write(const char *folder, const char *name, const char *suffix, slice bytes, bool private_file,
                      struct rfd_error *error) RFD_MUST_CHECK;
/** The private key as PKCS#8 in PEM. */
rfd_status demo_write_key(const char *folder, const char *name, struct evp_pkey_st *key,
                          struct rfd_error *error) RFD_MUST_CHECK;
rfd_status demo_write_certificate(const char *folder, const char *name, const struct certificate *c,
                                  struct rfd_error *error) RFD_MUST_CHECK;
/** PKCS#12 (RFC 7292): AES-256 by PBKDF2 with HMAC-SHA-256, and an HMAC-SHA-256 over all. */
rfd_status demo_write_pkcs12(const char *folder, const char *name, const char *password, const char *friendly_name,
                             struct evp_pkey_st *key, const struct certificate *c,
                             const struct certificate *const *chain, size_t count,
                             struct rfd_error *error) RFD_MUST_CHECK;

#endif
