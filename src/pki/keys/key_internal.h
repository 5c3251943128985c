/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the kinds of keys share: reading files, choosing and ordering certificates, and a private key that lives in
 * this process.
 */
#ifndef PKI_KEY_INTERNAL_H
#define PKI_KEY_INTERNAL_H

#include "pki/keys/key.h"

struct evp_pkey_st;
struct private_key;

/** Reads a key or certificate file of at most 1 MiB; dispose of it as a secret. */
rfd_status key_read_file(const char *path, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Adds the certificates of a file. RFD_E_KEY_READ when it holds none. */
rfd_status key_read_certificates(const char *path, struct certificate_list *list,
                                 struct rfd_error *error) RFD_MUST_CHECK;
/** `signer` first, then its issuers as far as `others` have them, then (when `all`) the rest. */
rfd_status key_order_chain(const struct certificate *signer, const struct certificate_list *others, bool all,
                           struct certificate_list *out, struct rfd_error *error) RFD_MUST_CHECK;
/** False when an AlgorithmIdentifier for encryption by password asks for more rounds than any honest file does. */
bool key_rounds_bearable(slice algorithm);

/** Whether the certificate is for this key. */
bool private_key_matches(struct evp_pkey_st *key, const struct certificate *c);
/** Makes the key of `backend` (whose functions are private_key_sign and private_key_dispose); `key` is moved. */
rfd_status private_key_open(const struct key_backend *backend, struct evp_pkey_st **key,
                            struct certificate_list *certificates, struct rfd_key **out,
                            struct rfd_error *error) RFD_MUST_CHECK;
rfd_status private_key_sign(void *state, const struct signature_algorithm *a, slice message, slice digest,
                            struct buf *signature, struct rfd_error *error);
void private_key_dispose(void *state);
/** Of its state, for who takes the key over into a key store. */
struct evp_pkey_st *private_key_inside(void *state);

#endif
