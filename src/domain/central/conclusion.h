/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing the documents of an operation, which both ways of signing share, in steps each of which may be the last that
 * this process does:
 *
 *   claim     one goes on, whoever else sends the same waits for what comes of it. The claim ends by itself.
 *   sign      the caller's: checks that what was shown, what is prepared and what is to be signed still are one, and
 *             gets the signatures, of a key of the personal keeper (sign.c) or from its owner's browser (own_key.c).
 *   embed     document by document, each kept for good as soon as it is there: result, use of the certificate, audit.
 *   conclude  when each has its result, or some have; the person is told.
 *
 * Whoever dies before the first document is kept has done nothing; after it, the rest may be prepared again.
 */
#ifndef DOMAIN_CENTRAL_CONCLUSION_H
#define DOMAIN_CENTRAL_CONCLUSION_H

#include "domain/central/sign_options.h"

struct conclusion {
    const struct central *c;
    const struct actor *actor;
    struct arena *a;
    slice token, operation; /* of the preparation that is meant */
    struct signing_row row;
    bool done, wait;
    struct sign_options options;
    /* By whoever signs: */
    slice asker;                     /* who asked, as it is noted and told */
    size_t index[SIGNING_DOCUMENTS]; /* which of the row's documents each signature is of */
    slice *signatures;
    size_t count;
    /* that is being kept: */
    size_t document;
    struct blob blob;
    const char *failure;
    rfd_status failed; /* of the first document that was not embedded */
    struct rfd_error why;
};
/** How one of the ways signs. */
struct conclusion_way {
    /** In the transaction that claims, for what was prepared: whether it may still be signed so. May be NULL. */
    rfd_status (*check)(struct transaction *t, struct conclusion *w, void *context, struct rfd_error *error);
    /** Fills in who asked, index, signatures and count. Outside of transactions. */
    rfd_status (*sign)(struct conclusion *w, void *context, struct rfd_error *error);
    void *context;
};

/** All steps; sent twice, it is signed once, and the second gets the result of the first. `operation` of another
 * preparation than the last: RFD_E_ACTIVATION_ENDED. */
rfd_status conclusion_run(const struct central *c, const struct actor *actor, struct arena *a, slice token,
                          slice operation, const struct conclusion_way *way, struct signing *out,
                          struct rfd_error *error) RFD_MUST_CHECK;

/* What whoever signs asks. */

/** Whether the row's document i waits for its signature. */
bool conclusion_is_due(const struct conclusion *w, size_t i);
/** What is prepared begins with what was shown: RFD_E_HASH_NOT_AUTHORISED. */
rfd_status conclusion_check_shown(const struct conclusion *w, size_t i, const uint8_t shown[OPERATION_HASH_SIZE],
                                  slice title, struct rfd_error *error) RFD_MUST_CHECK;
/** "the hash of document 2": RFD_E_HASH_NOT_AUTHORISED. */
rfd_status conclusion_differs(const struct conclusion *w, size_t i, const char *what, struct rfd_error *error);

#endif
