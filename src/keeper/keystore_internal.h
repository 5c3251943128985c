/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the kinds of stores share.
 */
#ifndef KEEPER_KEYSTORE_INTERNAL_H
#define KEEPER_KEYSTORE_INTERNAL_H

#include "base/memory.h"
#include "keeper/keystore.h"

/** How a store's keys are used. */
struct stored_key_operations {
    rfd_status (*sign)(void *state, const struct signature_algorithm *a, slice message, slice digest,
                       struct buf *signature, struct rfd_error *error);
    void (*release)(void *state);
    /* Of keys for opening and for wrapping; NULL where a kind of store cannot. */
    rfd_status (*agree)(void *state, slice point, uint8_t shared[HPKE_SHARED_SIZE], struct rfd_error *error);
    rfd_status (*wrap)(void *state, slice label, slice plain, struct buf *wrapped, struct rfd_error *error);
    rfd_status (*unwrap)(void *state, slice label, slice wrapped, uint8_t *plain, struct rfd_error *error);
};

struct stored_key {
    const struct stored_key_operations *operations;
    void *state;
    struct key_description description; /* its slices lie in `bytes` */
    struct buf bytes;
};

/* The built-in store. */

#define KEY_SUFFIX ".key"

struct token_link; /* keystore_token.h */

struct key_files {
    struct key_folder folder;
    struct secret store_key;
    struct secret scratch; /* KEY_MATERIAL_MAXIMUM octets, wiped after each use */
    struct token_link *tokens;
    size_t token_count;
};

/** Locks the scratch memory. */
rfd_status key_files_take_scratch(struct key_files *f, struct rfd_error *error) RFD_MUST_CHECK;
/** "ocsp-1.key" to "ocsp-1". RFD_E_KEYSTORE_DAMAGED for a file that is none of ours. */
rfd_status key_files_name(const char *file, char key[KEY_NAME_SIZE], struct rfd_error *error) RFD_MUST_CHECK;

/** Appends a description, and reads one; slices of `out` lie in `body`. RFD_E_KEYSTORE_DAMAGED. */
void key_description_put(struct buf *b, const struct key_description *d);
rfd_status key_description_read(slice body, struct key_description *out, struct rfd_error *error) RFD_MUST_CHECK;

/* keystore_record.c: the content of a key's file. */

/** Octets of the material: a key on a token has one in place of its numbers. */
static inline size_t key_record_material(const struct key_description *d)
{
    return d->token[0] == '\0' ? key_material_size(d->algorithm) : 1;
}

enum { KEY_RECORD_MAXIMUM = KEY_DESCRIPTION_MAXIMUM + KEY_MATERIAL_MAXIMUM + 256 };

/** Appends the record of a key whose material is `plain`. */
rfd_status key_record_put(struct buf *b, slice store_key, const struct key_description *d, slice plain,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** The description alone, without checking that it is authentic. */
rfd_status key_record_peek(slice record, struct key_description *out, slice *head, slice *sealed,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** Reads a record whose name must be `name`; writes key_material_size() octets to `plain`. RFD_E_KEYSTORE_DAMAGED. */
rfd_status key_record_open(slice record, slice store_key, const char *name, struct key_description *out,
                           uint8_t plain[KEY_MATERIAL_MAXIMUM], struct rfd_error *error) RFD_MUST_CHECK;

#endif
