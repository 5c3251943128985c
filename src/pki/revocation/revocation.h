/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation: OCSP responses (RFC 6960) and CRLs (RFC 5280 §5), from the signature, the document, the trust store or
 * the network, checked and weighed alike.
 *
 * When evidence speaks for the time of interest `at` (5 minutes are always granted to clocks):
 * - nextUpdate is not before `at`; without nextUpdate, thisUpdate is at most 28 hours before `at`;
 * - thisUpdate is not after `at` or now, whichever is later: what was known later speaks for earlier, too;
 * - thisUpdate is not before `not_older_than`, when that is given;
 * - "good" from after the certificate's expiry counts only with archiveCutoff or expiredCertsOnCRL not after it.
 * So REVOKED may come with a `revoked_at` after `at`: whether the signature was made before is the caller's question.
 *
 * Any valid REVOKED outweighs GOOD; between GOOD and HELD the newer thisUpdate counts. With more evidence than is
 * verified for one certificate nothing is believed but REVOKED: the rest could say so. A list is only used with a
 * signature of the certificate's issuer, or of a CRL issuer with a valid, unrevoked path to the same anchor; a response
 * only when signed by the issuer or by a responder that the issuer certified for it. Delta CRLs are used when at hand,
 * never fetched.
 */
#ifndef PKI_REVOCATION_H
#define PKI_REVOCATION_H

#include "pki/fetch.h"
#include "pki/path/path.h"

enum revocation_state {
    REVOCATION_UNKNOWN, /* no usable evidence */
    REVOCATION_GOOD,
    REVOCATION_REVOKED,
    REVOCATION_HELD,      /* certificateHold */
    REVOCATION_NOT_NEEDED /* anchor, id-pkix-ocsp-nocheck, or ETSI's validity-assured short-term certificate */
};
enum revocation_source {
    REVOCATION_FROM_SIGNATURE,
    REVOCATION_FROM_DOCUMENT,
    REVOCATION_FROM_TRUST,
    REVOCATION_FROM_NETWORK
};

/** Evidence that came along, each once; a zeroed struct is empty. Owns copies. */
struct revocation_item {
    rfd_bytes der;
    bool is_crl;
    enum revocation_source source;
    uint8_t fingerprint[32]; /* SHA-256 of der */
    rfd_time proven;         /* it is proven to have existed then; RFD_TIME_NONE: only now */
    void *parsed;            /* made on first use */
};
struct revocation_store {
    struct revocation_item *items;
    size_t count, capacity;
};
/** `der` is an OCSPResponse, a BasicOCSPResponse (it is wrapped) or a CertificateList; a repeat is left out. What
 * cannot be parsed is RFD_E_OCSP or RFD_E_CRL. */
rfd_status revocation_store_add(struct revocation_store *store, slice der, bool is_crl, enum revocation_source source,
                                struct rfd_error *error) RFD_MUST_CHECK;
/** As revocation_store_add, telling where the item is. */
rfd_status revocation_store_put(struct revocation_store *store, slice der, bool is_crl, enum revocation_source source,
                                size_t *index, struct rfd_error *error) RFD_MUST_CHECK;
void revocation_store_dispose(struct revocation_store *store);

/** Judging evidence as of a past moment (EN 319 102-1 §5.6.2.2): only what is proven to have existed by then counts,
 * and who signed it must have been able to when it is proven to have existed, or else must be now. */
struct revocation_past {
    rfd_time now;      /* of validation */
    rfd_time known_by; /* evidence must be proven to exist then; `now`: all counts */
    bool any_age;      /* of whatever age: nextUpdate is the caller's question */
    bool believe;      /* its signers may have ended since all the same */
    bool proven;       /* only evidence that is proven at all */
    bool of_file;      /* only evidence out of the signature or the document */
};

struct revocation_options {
    const struct rfd_trust *trust;
    const struct certificate_list *extra; /* for the chains of responders and CRL issuers */
    struct revocation_store *store;       /* evidence at hand; what the network gives is added */
    const struct rfd_fetcher *fetcher;    /* used when `online` */
    bool online;
    rfd_time at;                        /* the time of interest: evidence must speak for it */
    rfd_time not_older_than;            /* thisUpdate must be at or after; RFD_TIME_NONE: evidence valid at `at` */
    const struct revocation_past *past; /* NULL: evidence is believed whoever signed it has ended since or not */
};

struct revocation_result {
    enum revocation_state state;
    enum revocation_source source;
    bool from_crl;
    rfd_time revoked_at; /* RFD_TIME_NONE */
    int reason;          /* RFC 5280 §5.3.1, -1 when not given */
    rfd_time this_update, next_update, produced_at;
    size_t item; /* index into the store: the evidence used (a list of the trust store is put there, too);
                  * SIZE_MAX when there is none or no store */
    const struct certificate *issuer; /* who signed the evidence; one reference, may be NULL */
    bool unproven;    /* UNKNOWN, and some evidence did not count as nothing proves that it is old enough */
    bool gave_up;     /* UNKNOWN for too much evidence: some of it, that could say "revoked", was not verified */
    char detail[200]; /* what was tried, when UNKNOWN; the responder's or list's fault */
};

/** Decides on `c`, issued by `issuer`. Never fails for bad evidence (state UNKNOWN with detail), only for memory. */
rfd_status revocation_check(const struct revocation_options *options, const struct certificate *c,
                            const struct certificate *issuer, struct revocation_result *out,
                            struct rfd_error *error) RFD_MUST_CHECK;
void revocation_result_dispose(struct revocation_result *r);

/** Fetches missing issuers through AIA caIssuers into `extra` (at most 8 certificates, DER, PEM or PKCS#7). */
rfd_status revocation_fetch_issuers(const struct rfd_fetcher *fetcher, const struct certificate *c,
                                    struct certificate_list *extra, struct rfd_error *error) RFD_MUST_CHECK;

/** For the DSS: the BasicOCSPResponse inside or CertificateList as DER to embed (EN 319 142-1 §5.4.2.2: whole
 * OCSPResponse). */
slice revocation_item_der(const struct revocation_item *item);

#endif
