/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the CSC API needs beside csc.h: what a portal has used up today, results that are asked for later, and whether
 * a certificate may still sign.
 */
#ifndef DOMAIN_CSC_USE_H
#define DOMAIN_CSC_USE_H

#include "domain/csc/csc.h"

/** Whether csc_sign() would sign all of these now. RFD_E_HASH_NOT_AUTHORISED, RFD_E_ACTIVATION_ENDED. sign.c */
rfd_status csc_check(const struct central *c, const struct csc_token *token, const slice *hashes, size_t count,
                     struct rfd_error *error) RFD_MUST_CHECK;
/** What stands in an operation's text for a document of which only the hash is known: the hash itself, where it is a
 * SHA-256, else its SHA-256. use.c */
rfd_status csc_shown(slice hash, uint8_t shown[32], struct rfd_error *error) RFD_MUST_CHECK;

/** One more operation of this portal today (UTC), together with those of the redirect API: RFD_E_SLOW_DOWN when its
 * quota is used up, RFD_E_FORBIDDEN when it was closed. */
rfd_status csc_quota_use(struct transaction *t, const struct portal *portal, rfd_time now,
                         struct rfd_error *error) RFD_MUST_CHECK;

enum {
    CSC_RESULT_SECONDS = 600,
    CSC_RESULT_MAXIMUM = 14 << 20,
    CSC_RESULTS = 200,             /* of one portal, at a time, */
    CSC_RESULTS_OCTETS = 64 << 20, /* and so much of them, before the last */
};
/** RFD_E_SLOW_DOWN: this portal has too many results that wait. Old ones go. */
rfd_status csc_result_room(struct transaction *t, int64_t portal, rfd_time now, struct rfd_error *error) RFD_MUST_CHECK;
/** Keeps an answer (JSON) for who asked, until it is asked for with `id`, for `seconds`. Old ones go. RFD_E_SLOW_DOWN:
 * this portal has too many. */
rfd_status csc_result_keep(struct transaction *t, const struct csc_token *token, slice answer, unsigned seconds,
                           char id[CSC_TOKEN_SIZE], struct rfd_error *error) RFD_MUST_CHECK;
/** In the transaction's arena; the same portal's, and the same person's. RFD_E_NOT_FOUND. */
rfd_status csc_result_find(struct transaction *t, const struct csc_token *token, slice id, slice *answer,
                           struct rfd_error *error) RFD_MUST_CHECK;

/** Of one that csc_token_find() did not take: it is one that was given, and its time is over. */
rfd_status csc_token_has_ended(struct transaction *t, slice token, bool *out, struct rfd_error *error) RFD_MUST_CHECK;
/** By its number in the register: neither revoked nor suspended. */
rfd_status csc_in_force(struct transaction *t, int64_t registered, bool *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
