/* SPDX-License-Identifier: EUPL-1.2
 *
 * The master key and what it protects: one random store key, under which all private keys are encrypted. The file
 * "master" of the store's folder holds the store key, encrypted under a key made from
 *
 *   - a passphrase, by Argon2id (RFC 9106) with the cost and salt written beside it, or
 *   - a credential: at least 32 random octets from a file (systemd's LoadCredentialEncrypted=, a TPM), by HKDF.
 *
 * Changing the master key writes this one file anew, so that a crash leaves the old one or the new one; keys stay as
 * they are. Who copied the old file and knows the old passphrase can still read old copies of the keys.
 */
#ifndef KEEPER_MASTER_H
#define KEEPER_MASTER_H

#include "base/secret.h"
#include "keeper/key_folder.h"

enum master_kind { MASTER_PASSPHRASE = 1, MASTER_CREDENTIAL = 2 };

enum {
    MASTER_CREDENTIAL_MINIMUM = 32, /* octets */
    MASTER_SECRET_MAXIMUM = 1024,
    MASTER_RECORD_SIZE = 113, /* octets of the file "master" */
    /* RFC 9106 §4: the second recommended option. */
    MASTER_PASSES = 3,
    MASTER_KIBIBYTES = 64 << 10,
};

struct master {
    enum master_kind kind;
    struct secret secret;
    unsigned passes, kibibytes; /* of Argon2id when writing; 0: MASTER_PASSES, MASTER_KIBIBYTES */
};

/** The first line of a file (passphrase), or all of it (credential). RFD_E_IO_READ, RFD_E_ARGUMENT when it is empty or
 * a credential too short. */
rfd_status master_from_file(enum master_kind kind, const char *path, struct master *out,
                            struct rfd_error *error) RFD_MUST_CHECK;
rfd_status master_from_secret(enum master_kind kind, slice secret, struct master *out,
                              struct rfd_error *error) RFD_MUST_CHECK;
void master_dispose(struct master *m);

/** Writes the store key, encrypted; durable when it returns. Without `replace`, RFD_E_EXISTS for a store that is there
 * already. */
rfd_status master_write(const struct key_folder *f, const struct master *m, slice store_key, bool replace,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** Appends such a record, with the key of something else that the master key protects. */
rfd_status master_put_record(const struct master *m, slice store_key, struct buf *out,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** What opens the record; 0 when it is none. */
enum master_kind master_record_kind(slice record);
/** RFD_E_KEYSTORE_MASTER: not this master key (or not this kind); RFD_E_KEYSTORE_DAMAGED: the file is not what was
 * written; RFD_E_IO_READ: there is none. */
rfd_status master_open(const struct key_folder *f, const struct master *m, struct secret *store_key,
                       struct rfd_error *error) RFD_MUST_CHECK;
/** The same from the file's content, as it is in a backup. */
rfd_status master_open_record(const struct master *m, slice record, struct secret *store_key,
                              struct rfd_error *error) RFD_MUST_CHECK;

#define MASTER_NAME "master"

#endif
