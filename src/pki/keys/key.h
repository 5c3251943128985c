/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of refrenda/key.h: a table of operations for each kind of key. To add a kind, write one file with a
 * `struct key_backend` and an rfd_key_open_* function (docs/adding-a-key-kind.md).
 */
#ifndef PKI_KEY_H
#define PKI_KEY_H

#include "pki/algorithm.h"
#include <refrenda/key.h>

struct key_backend {
    const char *name; /* "pkcs12", "pem", "pkcs11", "external" */
    /** `message` is signed whole; `digest` is its digest by `a->digest` (empty for Ed25519). Thread-safe. */
    rfd_status (*sign)(void *state, const struct signature_algorithm *a, slice message, slice digest,
                       struct buf *signature, struct rfd_error *error);
    void (*dispose)(void *state);
};

/** Takes over `state` on success. The first of `certificates` is the signer's; the list is moved. Checks that the key
 * is strong enough and, when `verify_pair`, that it belongs to the certificate (one signature, once). */
rfd_status key_new(const struct key_backend *backend, void *state, struct certificate_list *certificates,
                   bool verify_pair, struct rfd_key **out, struct rfd_error *error) RFD_MUST_CHECK;

const struct certificate *key_certificate(const struct rfd_key *key);
/** The signer's first, then the others given (order as found). */
const struct certificate_list *key_chain(const struct rfd_key *key);
/** Appends the signature to `signature`. */
rfd_status key_sign(struct rfd_key *key, const struct signature_algorithm *a, slice message, struct buf *signature,
                    struct rfd_error *error) RFD_MUST_CHECK;

/** The private key itself when it is in this process (from a file); else NULL. Borrowed. */
struct evp_pkey_st *key_inside(const struct rfd_key *key);

#endif
