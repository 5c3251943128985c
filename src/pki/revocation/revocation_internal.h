/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the files behind revocation.h share: one check in progress, with the limits that keep hostile evidence (loops
 * of responders, hundreds of lists with one name) from costing more than a little.
 */
#ifndef PKI_REVOCATION_INTERNAL_H
#define PKI_REVOCATION_INTERNAL_H

#include "pki/revocation/crl.h"
#include "pki/revocation/ocsp.h"
#include "pki/revocation/revocation.h"

enum {
    REVOCATION_DEPTH = 4,       /* certificate → its list's signer → that one's list ... */
    REVOCATION_SIGNATURES = 96, /* verified in one revocation_check */
    REVOCATION_FETCHES = 12,
    REVOCATION_EXTRA = 1024 /* certificates that came along, looked through for signers */
};
/* Clocks differ; so do the moments at which a response is made and asked for. */
#define REVOCATION_SKEW (300 * RFD_SECOND)
/* Evidence without nextUpdate says "newer is available all the time" (RFC 6960 §2.4): taken for a day and a bit. */
#define REVOCATION_FRESH (28 * 3600 * RFD_SECOND)

struct revocation_run {
    const struct revocation_options *options;
    struct revocation_store *store;
    rfd_time not_older_than; /* the option's, RFD_TIME_NONE below the first certificate */
    rfd_time reach;          /* with any_age: what evidence about a signer of evidence must speak for */
    int depth;
    int signatures_left;
    bool gave_up;  /* see revocation_give_up() */
    bool unproven; /* see the result */
    int fetches_left;
    struct {
        const struct crl *crl;
        const struct certificate *signer;
    } busy[REVOCATION_DEPTH + 1]; /* lists whose signer is being checked */
    size_t busy_count;
    const struct certificate *responders[REVOCATION_DEPTH + 1]; /* whose own status is being looked up */
    size_t responder_count;
    char notes[200]; /* what was tried in vain */
};

/** Adds to the notes. */
void revocation_note(struct revocation_run *run, const char *format, ...) RFD_PRINTF(2, 3);
/** Some evidence is left unread, which could say "revoked": nothing but that is believed any more. */
void revocation_give_up(struct revocation_run *run, const char *why);
/** One more signature may be verified. */
bool revocation_may_verify(struct revocation_run *run);
/** The evidence's period speaks for the time of interest (see revocation.h); notes why not. */
bool revocation_in_time(struct revocation_run *run, const char *what, rfd_time this_update, rfd_time next_update);
/** Evidence from there is not asked for. */
bool revocation_is_foreign(const struct revocation_run *run, enum revocation_source source);
/** Evidence proven at `proven` (or RFD_TIME_NONE) may be used; notes why not. */
bool revocation_is_known(struct revocation_run *run, const char *what, rfd_time proven);
/** When the signature of such evidence must have been good; `otherwise` when the past is not asked about. */
rfd_time revocation_signed_at(const struct revocation_run *run, rfd_time proven, rfd_time otherwise);
/** The period of who signed reaches until then; notes why not. */
bool revocation_signer_lasts(struct revocation_run *run, const char *what, const struct certificate *signer,
                             rfd_time proven);
/** Keeps the weightier of two results in `best`; the other is disposed of. */
void revocation_weigh(struct revocation_result *best, struct revocation_result *found);

/** The decision on one certificate, at any depth. Memory errors only. */
rfd_status revocation_decide(struct revocation_run *run, const struct certificate *c, const struct certificate *issuer,
                             struct revocation_result *out, struct rfd_error *error) RFD_MUST_CHECK;
/** From the OCSP responses, and from the lists, at hand. `out` is UNKNOWN when they do not tell. */
rfd_status revocation_from_ocsp(struct revocation_run *run, const struct certificate *c,
                                const struct certificate *issuer, struct revocation_result *out,
                                struct rfd_error *error) RFD_MUST_CHECK;
rfd_status revocation_from_crls(struct revocation_run *run, const struct certificate *c,
                                const struct certificate *issuer, struct revocation_result *out,
                                struct rfd_error *error) RFD_MUST_CHECK;
/** Asks the certificate's responders, or gets its lists, into the store; what fails is noted. */
rfd_status revocation_fetch_ocsp(struct revocation_run *run, const struct certificate *c,
                                 const struct certificate *issuer, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status revocation_fetch_crls(struct revocation_run *run, const struct certificate *c,
                                 struct rfd_error *error) RFD_MUST_CHECK;

/** What an item holds, parsed when it was added. */
const struct ocsp *revocation_item_ocsp(const struct revocation_item *item);
const struct crl *revocation_item_crl(const struct revocation_item *item);
/* One DistributionPoint of a certificate (RFC 5280 §4.2.1.13). */
struct crl_point {
    slice name;       /* DistributionPointName: [0] fullName or [1] nameRelativeToCRLIssuer, empty when absent */
    slice crl_issuer; /* content of cRLIssuer GeneralNames, empty when absent */
    unsigned reasons;
    bool implied; /* no such extension: the certificate's issuer, all reasons (§6.3.3, last paragraph) */
};
/** The list is a complete one for `c` by this point (§6.3.3 (b)); `reasons` is what both cover. */
bool crl_scope_covers(const struct crl *crl, const struct certificate *c, const struct crl_point *point,
                      unsigned *reasons);
/** The n-th point of the certificate, the implied one last; false after it. */
bool crl_scope_point(const struct certificate *c, size_t n, struct crl_point *out);

#endif
