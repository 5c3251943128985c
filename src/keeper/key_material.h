/* SPDX-License-Identifier: EUPL-1.2
 *
 * Private keys of the kinds that the keeper makes, and their numbers as octets, which are what is encrypted. The
 * octets are taken from OpenSSL straight into the caller's (locked) memory, and given back from there: no PKCS#8 in
 * between, whose encoders leave copies.
 */
#ifndef KEEPER_KEY_MATERIAL_H
#define KEEPER_KEY_MATERIAL_H

#include "base/buf.h"

struct evp_pkey_st;

/* The number is written in the key's file: append only. */
enum key_algorithm {
    KEY_ALGORITHM_NONE,
    KEY_ALGORITHM_P256,
    KEY_ALGORITHM_P384,
    KEY_ALGORITHM_RSA_2048,
    KEY_ALGORITHM_RSA_3072,
    KEY_ALGORITHM_RSA_4096,
    KEY_ALGORITHM_ED25519,
    KEY_ALGORITHM_AES_256, /* 32 octets; it has no public part */
    KEY_ALGORITHM_COUNT
};
/** "P-256", "RSA-3072", "Ed25519", "AES-256". */
const char *key_algorithm_name(enum key_algorithm algorithm);
/** KEY_ALGORITHM_NONE when it is not known. */
enum key_algorithm key_algorithm_from_name(slice name);

enum { KEY_MATERIAL_MAXIMUM = 4096 };
/** Octets that the numbers of such a key take. */
size_t key_material_size(enum key_algorithm algorithm);

/** Makes a key with OpenSSL's private random generator. RFD_E_INTERNAL. */
rfd_status key_material_generate(enum key_algorithm algorithm, struct evp_pkey_st **out,
                                 struct rfd_error *error) RFD_MUST_CHECK;
/** Writes key_material_size() octets. RFD_E_INTERNAL. */
rfd_status key_material_export(struct evp_pkey_st *key, enum key_algorithm algorithm, uint8_t *to,
                               struct rfd_error *error) RFD_MUST_CHECK;
/** The key of these octets, which must be key_material_size() many. RFD_E_KEYSTORE_DAMAGED. */
rfd_status key_material_import(enum key_algorithm algorithm, uint8_t *from, struct evp_pkey_st **out,
                               struct rfd_error *error) RFD_MUST_CHECK;
/** Appends the SubjectPublicKeyInfo; nothing for AES-256. */
rfd_status key_material_put_public(struct evp_pkey_st *key, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;

/** Which of these kinds it is; KEY_ALGORITHM_NONE when it is none. */
enum key_algorithm key_material_algorithm(const struct evp_pkey_st *key);

#endif
