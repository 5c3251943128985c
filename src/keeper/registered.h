/* SPDX-License-Identifier: EUPL-1.2
 *
 * Whom the keeper knows: agents and registration clients by their certificates, who may approve certificates of certain
 * profiles; services (OCSP responders, time-stamp services) by their keys, which get a next certificate without
 * anybody present; the personal keeper and portals by the keys whose statements are believed. One small file for each
 * in the store's folder, with a MAC under a key of the store's.
 *
 * A certificate's status is not looked at here: who may approve no more has to be taken out.
 */
#ifndef KEEPER_REGISTERED_H
#define KEEPER_REGISTERED_H

#include "base/secret.h"
#include "keeper/approval.h"
#include "keeper/keystore.h"
#include "keeper/protocol.h"
#include "pki/cms/cms.h"

enum {
    REGISTERED_MAXIMUM = 4096,
    REGISTERED_PROFILES_MAXIMUM = 1024, /* octets of their names */
    REGISTERED_SUBJECT_MAXIMUM = 4096   /* octets of a service's attributes */
};

/** One of them; slices into `bytes`. */
struct registered {
    enum keeper_registered kind;
    char name[KEY_NAME_SIZE];
    slice proof;                                                 /* certificate, or SubjectPublicKeyInfo */
    slice profiles;                                              /* names separated by commas */
    slice key;                                                   /* CA key of a service */
    struct approval_attribute subject[APPROVAL_SUBJECT_MAXIMUM]; /* of a service; of a portal, its cn */
    size_t subject_count;
    const struct certificate *certificate; /* of an agent or client */
    struct buf bytes;
};

struct registered_list {
    const struct key_folder *folder;
    const struct secret *key;
    struct registered **items;
    size_t count;
};

/** Reads all that the folder has. `folder` and `key` are borrowed. RFD_E_KEYSTORE_DAMAGED. */
rfd_status registered_open(const struct key_folder *folder, const struct secret *key, struct registered_list *out,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** Safe on a zeroed struct. */
void registered_close(struct registered_list *l);

/** Takes the fields of KEEPER_REGISTER (protocol.h); replaces one of the same kind and name; on disk when it returns.
 * RFD_E_ARGUMENT, RFD_E_EXISTS when somebody else has the key, RFD_E_LIMIT. */
rfd_status registered_put(struct registered_list *l, slice fields, struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_NOT_FOUND. */
rfd_status registered_remove(struct registered_list *l, enum keeper_registered kind, slice name,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** NULL when there is none. */
const struct registered *registered_find(const struct registered_list *l, enum keeper_registered kind, slice name);
/** The agent or client that the SignerInfo names; NULL when there is none. Nothing is verified. */
const struct registered *registered_signer(const struct registered_list *l, const struct cms *cms);
/** A portal's name as people read it: its cn, or else its name here. */
slice registered_shown_name(const struct registered *r);
/** Appends the answer of KEEPER_LIST_REGISTERED: those after (kind, name), as many as fit into `maximum` octets. */
rfd_status registered_put_list(const struct registered_list *l, enum keeper_registered kind, slice name, size_t maximum,
                               struct buf *answer, struct rfd_error *error) RFD_MUST_CHECK;
/** Whether `profile` is among its profiles. */
bool registered_has_profile(const struct registered *r, slice profile);

#endif
