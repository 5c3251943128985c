/* SPDX-License-Identifier: EUPL-1.2
 *
 * Preparing the documents of an operation, which both ways of signing share: with a key of the personal keeper
 * (prepare.c) and with a key that its owner opens in the browser (own_key.c). Each document gets its empty signature in
 * a file of the spool; what is to be signed of it is its session's. Who signs, and whether they may, is the caller's
 * matter.
 */
#ifndef DOMAIN_CENTRAL_PREPARATION_H
#define DOMAIN_CENTRAL_PREPARATION_H

#include "domain/central/sign_options.h"

struct preparation {
    const struct central *c;
    const struct actor *actor;
    struct arena *a;
    slice token;
    struct signing_row row;
    slice asker; /* the portal's name, or this house's */
    bool whole;  /* by whom is signed reads each document itself (revision.h): texts have what was shown as hash */
    struct sign_options options;
    struct buf chain; /* certificates, the signer's first: the caller's to fill */
    /* of each document: */
    slice *prepared, *sessions, *failures;
    struct operation_document *texts; /* of those that will be signed, without gaps */
    size_t count;
    rfd_status failed; /* the first document's */
    struct rfd_error why;
};
/** With whom it is signed, as the operation keeps it. */
struct preparation_key {
    slice credential;    /* of the personal keeper; empty: the key is its owner's */
    int64_t certificate; /* the register's */
    slice operation;     /* what has to be handed in again to sign exactly this preparation */
    slice text;          /* of the personal keeper's operation; empty */
};

void preparation_init(struct preparation *p, const struct central *c, const struct actor *actor, struct arena *a,
                      slice token);
/** What there is to be prepared: RFD_E_NOT_FOUND of others, RFD_E_STATE where it is over or being signed. */
rfd_status preparation_open(struct preparation *p, struct rfd_error *error) RFD_MUST_CHECK;
/** Every document, for the chain; one that cannot be signed is told, and the others go on without it. When there is
 * none left, the first one's failure; when no document can ever be signed, the operation has failed. */
rfd_status preparation_make(struct preparation *p, struct rfd_error *error) RFD_MUST_CHECK;
/** Into the operation, which is prepared then: RFD_E_STATE when it was concluded, or is being signed. */
rfd_status preparation_keep(struct transaction *t, const struct preparation *p, const struct preparation_key *key,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** Removes the files that nobody waits for: of the preparation before, or of this one where it was not kept. */
void preparation_dispose(struct preparation *p, bool kept);

#endif
