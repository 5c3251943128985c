/* SPDX-License-Identifier: EUPL-1.2
 *
 * Validation data gathered for signing and extending: certificate paths of signers and time-stamp authorities, and an
 * OCSP response or CRL for every certificate on them, with the responders' own chains in turn (EN 319 142-1 §5.4.2).
 * Nothing here decides what a signature is worth: that is validation's work.
 */
#ifndef PADES_EVIDENCE_H
#define PADES_EVIDENCE_H

#include "pki/revocation/revocation.h"
#include <refrenda/sign.h>

/** What is at hand in one run, shared by all signatures. */
struct evidence {
    const struct rfd_trust *trust; /* never NULL */
    struct rfd_trust *no_trust;    /* an empty one, owned, when the caller gave none */
    const struct rfd_fetcher *fetcher;
    bool online;
    rfd_time now;
    struct certificate_list known;
    struct revocation_store store;
};
rfd_status evidence_open(struct evidence *e, const struct rfd_sign_options *options, rfd_time now,
                         struct rfd_error *error) RFD_MUST_CHECK;
void evidence_dispose(struct evidence *e);

/** The path of `leaf`, with issuers fetched through AIA when it is incomplete. Dispose `out`. */
rfd_status evidence_path(struct evidence *e, const struct certificate *leaf, enum path_purpose purpose, rfd_time at,
                         struct path *out, struct rfd_error *error) RFD_MUST_CHECK;

/** What one signature needs. A zeroed struct is empty. */
struct evidence_set {
    struct certificate_list certificates;
    size_t *items; /* indexes into the store, without repeats */
    size_t item_count, item_capacity;
};
void evidence_set_dispose(struct evidence_set *set);

struct evidence_wish {
    enum path_purpose purpose;
    rfd_time at;         /* when the path must hold */
    rfd_time fresh_from; /* evidence from then on is preferred; RFD_TIME_NONE */
    rfd_time proven;     /* a revocation after it does no harm any more; RFD_TIME_NONE: none may be */
};
/** Adds the path of `leaf` and the evidence for it to `set`. RFD_E_REVOCATION_MISSING or RFD_E_CERTIFICATE_REVOKED
 * naming the certificate. */
rfd_status evidence_collect(struct evidence *e, const struct certificate *leaf, const struct evidence_wish *wish,
                            struct evidence_set *set, struct rfd_error *error) RFD_MUST_CHECK;

/** A certificate's subject for messages. */
enum { EVIDENCE_NAME_SIZE = 160 };
const char *evidence_name(const struct certificate *c, char text[EVIDENCE_NAME_SIZE]);

#endif
