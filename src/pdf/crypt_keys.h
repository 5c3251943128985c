/* SPDX-License-Identifier: EUPL-1.2
 *
 * From a password to the file encryption key (ISO 32000-2 §7.6.4.3 and §7.6.4.4): the two key derivations of the
 * standard security handler. Both try the password as user password first, then as owner password.
 */
#ifndef PDF_CRYPT_KEYS_H
#define PDF_CRYPT_KEYS_H

#include "base/slice.h"

enum { CRYPT_KEY_MAXIMUM = 32 };

/** What the encryption dictionary says, already checked for kind and length. */
struct crypt_parameters {
    int revision;                                  /* /R */
    size_t key_length;                             /* bytes */
    uint32_t permissions;                          /* /P */
    bool metadata;                                 /* /EncryptMetadata */
    slice id;                                      /* first half of /ID */
    slice owner, user;                             /* /O, /U: 32 bytes up to revision 4, then 48 */
    slice owner_key, user_key, permissions_sealed; /* /OE, /UE, /Perms: revisions 5 and 6 */
};

struct crypt_key {
    uint8_t bytes[CRYPT_KEY_MAXIMUM]; /* key_length of them */
    bool owner;                       /* opened with the owner password */
};

/** Revisions 2 to 4 (algorithms 2, 6 and 7). RFD_E_PDF_PASSWORD when the password is neither. */
rfd_status crypt_keys_legacy(const struct crypt_parameters *p, slice password, struct crypt_key *out,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** Revisions 5 and 6 (algorithms 2.A, 2.B, 11, 12 and 13). RFD_E_PDF_ENCRYPTION when /Perms does not fit the key. */
rfd_status crypt_keys_256(const struct crypt_parameters *p, slice password, struct crypt_key *out,
                          struct rfd_error *error) RFD_MUST_CHECK;

#endif
