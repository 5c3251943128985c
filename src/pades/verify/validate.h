/* SPDX-License-Identifier: EUPL-1.2
 *
 * Validation of one document's signatures as named steps (ETSI EN 319 102-1 §5.3 basic validation, §5.4 time stamps,
 * §5.5 with proofs of time). A step looks at the signature and establishes facts; nothing holds until a step has said
 * so. The last step turns the facts into an indication by a table: TOTAL-PASSED needs every one of them.
 *
 *   format ──► cryptography ──► changes ──► time ──► certificates ──► level ──► conclusion
 *
 * Past validation with sliding proofs of existence (§5.6.2) is not done here: validate_certificate() takes the one best
 * proof of time that a signature has.
 *
 * Internal to the pades floor.
 */
#ifndef PADES_VALIDATE_H
#define PADES_VALIDATE_H

#include "pades/verify/coverage.h"
#include "pades/difference/difference.h"
#include "pades/dss.h"
#include "pades/verify/ranges.h"
#include "pki/cms/timestamp.h"

/** What must hold, in the order in which it is asked; the second is what its absence means when no step said more. */
#define VALIDATE_FACTS(X)                                                                                              \
    X(FORMAT, FORMAT_FAILURE)                                                                                          \
    X(SIGNER, NO_SIGNING_CERTIFICATE_FOUND)                                                                            \
    X(DIGEST, SIGNED_DATA_NOT_FOUND)                                                                                   \
    X(SIGNATURE, NO_SIGNING_CERTIFICATE_FOUND)                                                                         \
    X(CHANGES, FORMAT_FAILURE)                                                                                         \
    X(ATTRIBUTES, SIG_CONSTRAINTS_FAILURE)                                                                             \
    X(PATH, CERTIFICATE_CHAIN_GENERAL_FAILURE)                                                                         \
    X(REVOCATION, TRY_LATER)                                                                                           \
    X(STRENGTH, CRYPTO_CONSTRAINTS_FAILURE_NO_POE)
enum fact_name {
#define X(name, sub) FACT_##name,
    VALIDATE_FACTS(X)
#undef X
        FACT_COUNT
};
struct fact {
    bool holds;
    enum rfd_sub_indication otherwise; /* RFD_SUB_NONE: the table's */
};

/** How /Contents is made, by /SubFilter (ISO 32000-2 §12.8.3.1, EN 319 142-1 §5.3). */
enum signature_format { FORMAT_UNKNOWN, FORMAT_DETACHED, FORMAT_DIGEST_INSIDE, FORMAT_BARE_RSA, FORMAT_TIMESTAMP };

/** A certificate held against path and revocation for one purpose and one proof of time; shared by all who ask. */
struct checked {
    struct checked *next;
    const struct certificate *leaf; /* borrowed from validation.certificates */
    enum path_purpose purpose;
    rfd_time proof; /* RFD_TIME_NONE: none */
    bool online;
    rfd_time time;                /* at which the path was taken: the validation time or the proof */
    bool path_good;               /* a valid path to an anchor */
    bool revocation_good;         /* and none of it revoked */
    enum rfd_sub_indication path; /* why not */
    enum rfd_sub_indication revocation;
    bool evidence_inside; /* revocation evidence for all of it is in the signature or the document */
    struct findings findings;
    struct rfd_certificate_report *reports;
    size_t count;
};

struct signature_state {
    const struct pdf_field *field; /* as in the latest revision */
    struct pdf_signature dictionary;
    struct coverage coverage;
    struct findings findings;
    enum signature_format format;
    struct timestamp token; /* of a document time stamp; others use only its `cms` */
    bool parsed;            /* the CMS (and for a time stamp its TSTInfo) could be read */
    bool has_digest;
    size_t digest;                    /* handle in validation.ranges */
    const struct certificate *signer; /* borrowed from validation.certificates */
    struct fact facts[FACT_COUNT];
    rfd_time proof; /* the earliest time at which it is proven to have existed */
    const struct checked *checked;
    bool timestamps_inside; /* evidence for its time stamps is in the document */
    struct rfd_signature_report report;
};

/** Everything about one verification while it runs. */
struct validation {
    struct arena *arena; /* of the result */
    struct pdf_document *doc;
    struct pdf_view latest;
    const struct rfd_trust *trust;
    const struct rfd_fetcher *fetcher;
    bool offline;
    rfd_time at;
    const char *damage;                 /* why a strict reader refuses the file, or NULL */
    bool beginning;                     /* only the file's beginning is read: what follows cannot be */
    struct signature_state *signatures; /* in the order of signing */
    size_t count;
    struct certificate_list certificates; /* from the DSS and all signatures; one object for each certificate */
    struct revocation_store evidence;
    bool has_dss;
    struct ranges *ranges;
    struct difference_context *difference;
    struct checked *checked;
    int issuer_fetches;    /* rounds so far, and */
    rfd_time issuer_wait;  /* how long they took: whoever signs names the addresses */
    uint64_t changes_seen; /* changes held against permissions so far, times the names of these */
};

/** True for what must end the whole verification (memory, reading); anything else fails one signature. */
bool validate_is_fatal(rfd_status status);
/** A copy as a zero-terminated string in the result's arena, "" for nothing. */
rfd_status validate_text(const struct validation *v, slice s, const char **out, struct rfd_error *error) RFD_MUST_CHECK;

/* --- verify_find.c -------------------------------------------------------------------------------------------------
 */

/** Fills `signatures` with dictionary, coverage and the findings about them. In a damaged file also signatures that
 * cannot be read. */
rfd_status validate_find(struct validation *v, struct rfd_error *error) RFD_MUST_CHECK;

/* --- validate.c: the steps of one signature, in this order -------------------------------------------------------- */

/** Reads the CMS (the coverage is known already); asks for the digest that the signature speaks of. */
rfd_status validate_format(struct validation *v, struct signature_state *s, struct rfd_error *error) RFD_MUST_CHECK;
/** Gathers what the signature brought along; after all validate_format, before validate_cryptography. */
rfd_status validate_gather(struct validation *v, struct signature_state *s, struct rfd_error *error) RFD_MUST_CHECK;
/** Digest, signature, signing-certificate attribute, algorithms; after ranges_run(). */
rfd_status validate_cryptography(struct validation *v, struct signature_state *s,
                                 struct rfd_error *error) RFD_MUST_CHECK;
/** What later revisions did, held against the signature's permissions. */
rfd_status validate_changes(struct validation *v, struct signature_state *s, struct rfd_error *error) RFD_MUST_CHECK;
/** The signer's path and revocation, at the best time that is proven. */
rfd_status validate_signer(struct validation *v, struct signature_state *s, struct rfd_error *error) RFD_MUST_CHECK;
/** Which baseline level it reaches (EN 319 142-1 §6). */
void validate_level(const struct validation *v, struct signature_state *s);
/** The indication, by the table of facts. */
rfd_status validate_conclude(const struct validation *v, struct signature_state *s,
                             struct rfd_error *error) RFD_MUST_CHECK;

/* --- validate_time.c -----------------------------------------------------------------------------------------------
 */

/** All document time stamps, newest first, each proven by those after it. */
rfd_status validate_document_timestamps(struct validation *v, struct rfd_error *error) RFD_MUST_CHECK;
/** The signature time stamps of one signature; sets its proof of time. */
rfd_status validate_signature_timestamps(struct validation *v, struct signature_state *s,
                                         struct rfd_error *error) RFD_MUST_CHECK;
/** True for a document time stamp that is good in itself: its time proves the bytes that it covers. */
bool validate_is_proof(const struct signature_state *s);

/* --- validate_path.c -----------------------------------------------------------------------------------------------
 */

/** Checks (once for each question) a certificate; `online` allows the network. */
rfd_status validate_certificate(struct validation *v, const struct certificate *leaf, enum path_purpose purpose,
                                rfd_time proof, bool online, const struct checked **out,
                                struct rfd_error *error) RFD_MUST_CHECK;
/** Adds a CMS's certificates to the shared ones; `*signer` becomes the shared object of its signer, when it is there.
 */
rfd_status validate_share(struct validation *v, const struct cms *cms, const struct certificate **signer,
                          struct rfd_error *error) RFD_MUST_CHECK;

#endif
