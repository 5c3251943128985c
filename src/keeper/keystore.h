/* SPDX-License-Identifier: EUPL-1.2
 *
 * Where private keys are kept: one face for the built-in encrypted store (keystore_files.c) and for others. A store
 * makes keys, keeps what is known about them, and signs with them; it never gives one out. Whether a signature should
 * be made is the keeper's to decide (operations.h), not the store's.
 *
 * What is known about a key (struct key_description) is bound to it: in the built-in store it is authenticated
 * together with the encrypted key, so that nobody can turn an OCSP key into a CA key by editing a file.
 *
 * A store is used by one thread.
 */
#ifndef KEEPER_KEYSTORE_H
#define KEEPER_KEYSTORE_H

#include "keeper/hpke.h"
#include "keeper/key_material.h"
#include "keeper/master.h"
#include "pki/algorithm.h"

enum key_purpose {
    PURPOSE_NONE,
#define PURPOSE(name, text) PURPOSE_##name,
#include "keeper/purpose.def"
#undef PURPOSE
    PURPOSE_COUNT
};
/** "ocsp", ...; "" for none. */
const char *key_purpose_name(enum key_purpose purpose);
/** PURPOSE_NONE when it is not known. */
enum key_purpose key_purpose_from_name(slice name);

enum {
    KEYSTORE_SECRET_SIZE = 32,
    KEY_NAME_SIZE = 41, /* with its terminating zero: lower-case letters, digits, inner hyphens */
    KEY_ID_SIZE = 16,
    KEY_CERTIFICATE_MAXIMUM = 8192,
    KEY_DESCRIPTION_MAXIMUM = 30720
};

/** The limits that a key was made with. What does not concern its purpose stays empty. */
struct key_policy {
    slice issuer;           /* OCSP: the certificate of the only issuer that it may speak of; TSA: the issuer's
                               certificate, for tokens, or empty */
    uint32_t validity;      /* OCSP: longest time from thisUpdate to nextUpdate, seconds */
    slice timestamp_policy; /* TSA: OID content octets */
    uint32_t accuracy;      /* TSA: microseconds */
    slice authority;        /* CA: authority_policy.h */
};

struct key_description {
    char name[KEY_NAME_SIZE];
    enum key_purpose purpose;
    enum key_algorithm algorithm;
    rfd_time created;
    char token[KEY_NAME_SIZE]; /* name of the PKCS#11 token that has the private key; "": this store */
    uint8_t id[KEY_ID_SIZE];   /* random; not changed by anything */
    slice public_key;          /* SubjectPublicKeyInfo */
    slice certificate;         /* empty until there is one */
    struct key_policy policy;
};

/** Whether it may be the name of a key. */
bool key_name_is_good(slice name);

/** A key that is ready. */
struct stored_key;
const struct key_description *stored_key_description(const struct stored_key *key);
/** Appends the signature; which algorithm fits is known from the certificate (signature_algorithm_choose) or
 * stored_key_algorithm(). */
rfd_status stored_key_sign(struct stored_key *key, const struct signature_algorithm *a, slice message, slice digest,
                           struct buf *signature, struct rfd_error *error) RFD_MUST_CHECK;
/** ECDH with a P-256 key (hpke.h). RFD_E_ARGUMENT for what is no point of the curve, RFD_E_UNSUPPORTED. */
rfd_status stored_key_agree(struct stored_key *key, slice point, uint8_t shared[HPKE_SHARED_SIZE],
                            struct rfd_error *error) RFD_MUST_CHECK;
/** Appends `plain` encrypted with an AES-256 key (seal.h: SEAL_OVERHEAD octets more); `label` must be the same at
 * unwrapping. RFD_E_UNSUPPORTED. */
rfd_status stored_key_wrap(struct stored_key *key, slice label, slice plain, struct buf *wrapped,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** Writes wrapped.length - SEAL_OVERHEAD octets. RFD_E_ARGUMENT when key, label or octets are not what they were. */
rfd_status stored_key_unwrap(struct stored_key *key, slice label, slice wrapped, uint8_t *plain,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** SHA-256 with P-256 and RSA (PKCS #1 v1.5), SHA-384 with P-384, Ed25519. */
struct signature_algorithm stored_key_algorithm(const struct stored_key *key);
/** Safe on NULL; the private key is wiped. */
void stored_key_free(struct stored_key *key);

typedef rfd_status keystore_each(void *context, const struct key_description *description, struct rfd_error *error);

/** A kind of store. Errors as said for the functions below. */
struct keystore_backend {
    const char *name;
    rfd_status (*create)(void *state, const struct key_description *wanted, struct stored_key **out,
                         struct rfd_error *error);
    rfd_status (*open)(void *state, const char *name, struct stored_key **out, struct rfd_error *error);
    rfd_status (*certify)(void *state, struct stored_key *key, slice certificate, struct rfd_error *error);
    rfd_status (*list)(void *state, keystore_each *each, void *context, struct rfd_error *error);
    void (*close)(void *state);
    rfd_status (*derive)(void *state, slice label, uint8_t secret[KEYSTORE_SECRET_SIZE], struct rfd_error *error);
};

struct keystore {
    const struct keystore_backend *backend;
    void *state;
    struct key_folder *folder; /* for the keeper's own records beside the keys (counter.h) */
};

/** Makes a key of the name, purpose, algorithm, token and policy in `wanted` (the rest is filled in); it is durable
 * when this returns. RFD_E_EXISTS, RFD_E_ARGUMENT (name), RFD_E_KEY_ALGORITHM, RFD_E_IO_WRITE, RFD_E_NO_SPACE. */
rfd_status keystore_create(struct keystore *store, const struct key_description *wanted, struct stored_key **out,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_KEY_UNKNOWN, RFD_E_KEYSTORE_DAMAGED. */
rfd_status keystore_open_key(struct keystore *store, slice name, struct stored_key **out,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** Gives the key its certificate (again, after a renewal), which must be for its public key. RFD_E_KEY_MISMATCH. */
rfd_status keystore_certify(struct keystore *store, struct stored_key *key, slice certificate,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** In no order. */
rfd_status keystore_list(struct keystore *store, keystore_each *each, void *context,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** A secret of this store for one use, named by `label`, that is no key of its keys: the same each time, another in
 * each store. For what the keeper authenticates itself. RFD_E_UNSUPPORTED, RFD_E_INTERNAL. */
rfd_status keystore_derive(struct keystore *store, slice label, uint8_t secret[KEYSTORE_SECRET_SIZE],
                           struct rfd_error *error) RFD_MUST_CHECK;
void keystore_close(struct keystore *store);

/* ---- The built-in store: a folder with one file for each key ---- */

/** Makes the folder (or uses an empty one) and a new store key in it. RFD_E_EXISTS. */
rfd_status keystore_files_init(const char *path, const struct master *master, struct rfd_error *error) RFD_MUST_CHECK;
/** Errors of master_open() and key_folder_open(). */
rfd_status keystore_files_open(const char *path, const struct master *master, struct keystore *out,
                               struct rfd_error *error) RFD_MUST_CHECK;
/** Takes over a key that another program made, with the name, purpose and policy in `wanted`. For commands while no
 * server runs; no operation of the keeper leads here. As keystore_create(). */
rfd_status keystore_files_import(struct keystore *store, const struct key_description *wanted, struct evp_pkey_st *key,
                                 struct stored_key **out, struct rfd_error *error) RFD_MUST_CHECK;
/** From now on `master` opens the store and the old one does not. */
rfd_status keystore_files_change_master(struct keystore *store, const struct master *master,
                                        struct rfd_error *error) RFD_MUST_CHECK;

/** Appends a copy of the store, encrypted as it is: the master record and every key, each of which is opened first,
 * so that a damaged one is noticed. RFD_E_KEYSTORE_DAMAGED, RFD_E_LIMIT beyond 16 MiB. Counters are not part of it. */
rfd_status keystore_files_backup(struct keystore *store, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Makes a store from a backup in a folder that has none. Every key must open with `master` before the first one is
 * written. Counters begin anew, in serial numbers of their own (counter.h). RFD_E_EXISTS, RFD_E_KEYSTORE_MASTER,
 * RFD_E_KEYSTORE_DAMAGED. */
rfd_status keystore_files_restore(const char *path, slice backup, const struct master *master,
                                  struct rfd_error *error) RFD_MUST_CHECK;

#endif
