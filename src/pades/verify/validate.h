/* SPDX-License-Identifier: EUPL-1.2
 *
 * Validation of one document's signatures as named steps (ETSI EN 319 102-1 §5.3 basic validation, §5.4 time stamps,
 * §5.5 with proofs of time). A step looks at the signature and establishes facts; nothing holds until a step has said
 * so. The last step turns the facts into an indication by a table: TOTAL-PASSED needs every one of them.
 *
 *   format ──► cryptography ──► changes ──► time ──► certificates ──► level ──► conclusion
 *
 * Time stamps are taken from the newest to the oldest (§5.6.3): each that is good proves what it covers (poe.h), so
 * that the next may lean on it. What does not hold any more today is then judged in the past (§5.6.2, validate_past.c).
 *
 * Internal to the pades floor.
 */
#ifndef PADES_VALIDATE_H
#define PADES_VALIDATE_H

#include "pades/verify/coverage.h"
#include "pades/difference/difference.h"
#include "pades/dss.h"
#include "pades/verify/poe.h"
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
    X(STRENGTH, CRYPTO_CONSTRAINTS_FAILURE_NO_POE)                                                                     \
    X(ORDER, TIMESTAMP_ORDER_FAILURE)
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
    rfd_time proof; /* what it signed existed then; RFD_TIME_NONE: nothing proves it */
    bool online;
    bool unnamed;                 /* what it signed does not say that it was this certificate */
    size_t marks;                 /* good time stamps known when this was asked */
    rfd_time time;                /* at which the path was taken: the validation time or the proof */
    rfd_time control;             /* EN 319 102-1 §5.6.2.2; RFD_TIME_NONE: there is none */
    bool path_good;               /* a valid path to an anchor */
    bool revocation_good;         /* and none of it revoked */
    enum rfd_sub_indication path; /* why not */
    enum rfd_sub_indication revocation;
    bool evidence_inside;   /* revocation evidence for all of it is in the signature or the document */
    bool evidence_archived; /* and good document time stamps cover it */
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
    bool names_signer;                /* by a digest of its certificate */
    struct fact facts[FACT_COUNT];
    rfd_time proof;  /* it certainly existed then: the earliest proof with its accuracy; RFD_TIME_NONE */
    rfd_time stated; /* the time that this time stamp says */
    const struct checked *checked;
    bool timestamps_inside;   /* evidence for its time stamps is in the document */
    bool timestamps_archived; /* and good document time stamps cover it */
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
    struct poe_set poe;
    struct ranges *ranges;
    struct difference_context *difference;
    struct checked *checked;
    size_t checks;         /* certificates held against path and revocation so far */
    rfd_time check_time;   /* processor time that checking certificates took so far, and */
    rfd_time check_wait;   /* how long by the clock, the network included */
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

/* --- validate_format.c, validate.c: the steps of one signature, in this order --------------------------------------
 */

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

/** The digest algorithm that the signature uses over the document's bytes. */
enum digest_id validate_document_digest(const struct signature_state *s);

/* --- validate_evidence.c ------------------------------------------------------------------------------------------ */

/** Notes what the CMS brought along: its certificates, and the evidence from index `first` on. */
rfd_status validate_brought(struct validation *v, const struct signature_state *s, const struct cms *cms, size_t first,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** Reads the document security store, as the latest revision and as each time-stamped one has it. */
rfd_status validate_store(struct validation *v, struct rfd_error *error) RFD_MUST_CHECK;
/** The document time stamp `s` is good: what it covers is proven. */
rfd_status validate_add_proof(struct validation *v, const struct signature_state *s,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** Since when the bytes of `s`, its /Contents among them, are proven to exist; false for nothing. */
bool validate_proven(const struct validation *v, const struct signature_state *s, struct poe *out);
/** The latest moment that the time stamp may mean (RFC 3161 §2.4.2, accuracy). */
rfd_time validate_upper(const struct timestamp *t);

/* --- validate_strength.c ------------------------------------------------------------------------------------------ */

/** The algorithms of the signature, at the time that is proven or else now (EN 319 102-1 §5.2.8). */
void validate_strength(const struct validation *v, struct signature_state *s);
/** The same for a time stamp that is proven at `proof` (or RFD_TIME_NONE); NULL or what is wrong, in `text`. */
const char *validate_token_strength(const struct validation *v, const struct timestamp *t, rfd_time proof,
                                    char text[96]);

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

/** What is asked about a signer: its certificate, what for, when what it signed is proven to exist, and whether that
 * does not name the certificate by its digest. `online` allows the network. */
struct signer_question {
    const struct certificate *leaf;
    enum path_purpose purpose;
    rfd_time proof;
    bool online;
    bool unnamed;
};
/** Checks a certificate, once for each question. */
rfd_status validate_certificate(struct validation *v, const struct signer_question *q, const struct checked **out,
                                struct rfd_error *error) RFD_MUST_CHECK;
/** One certificate of the path, in words. */
rfd_status validate_describe(const struct validation *v, const struct certificate *c, struct rfd_certificate_report *r,
                             struct rfd_error *error) RFD_MUST_CHECK;
rfd_status validate_describe_revocation(const struct validation *v, const struct revocation_result *result,
                                        struct rfd_certificate_report *r, struct rfd_error *error) RFD_MUST_CHECK;

/* --- validate_revocation.c, validate_past.c ----------------------------------------------------------------------- */

/** What is known of each certificate of a path but the anchor. */
struct path_status {
    struct revocation_result results[PATH_LENGTH_MAXIMUM];
    bool asked[PATH_LENGTH_MAXIMUM];
};
void validate_status_dispose(struct path_status *status);
/** Revocation as of now: RFD_SUB_NONE through `sub` when all are good. */
rfd_status validate_revocation(struct validation *v, struct checked *k, const struct path *path,
                               struct path_status *status, enum rfd_sub_indication *sub,
                               struct rfd_error *error) RFD_MUST_CHECK;
/** The path slid into the past (EN 319 102-1 §5.6.2.2): sets k->control. `*sub` is what the standard says now, and
 * becomes RFD_SUB_NONE when the proof lies before k->control. */
rfd_status validate_slide(struct validation *v, struct checked *k, const struct path *path, struct path_status *status,
                          enum rfd_sub_indication *sub, struct rfd_error *error) RFD_MUST_CHECK;
/** Whether the file has evidence about all of the path, and whether that is proven. */
rfd_status validate_inside(struct validation *v, struct checked *k, const struct path *path,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** What a question about one certificate of a path is. */
struct question {
    rfd_time at;         /* evidence must speak for it, unless `any_age` */
    rfd_time newer_than; /* RFD_TIME_NONE: whatever speaks for `at` */
    rfd_time known_by;   /* evidence must be proven to exist then; the validation's time: all counts */
    bool any_age;
    bool online;
    bool proven;  /* only evidence that is proven at all */
    bool of_file; /* only evidence out of the file */
    bool believe; /* whoever signed the evidence has ended since or not */
};
rfd_status validate_ask(struct validation *v, const struct question *q, const struct path *path, size_t i,
                        struct revocation_result *out, struct rfd_error *error) RFD_MUST_CHECK;
/** On line: replaces evidence out of the file that is older than what it must speak for, when there is newer. */
rfd_status validate_refresh(struct validation *v, const struct checked *k, const struct question *q,
                            const struct path *path, size_t i, struct revocation_result *result,
                            struct rfd_error *error) RFD_MUST_CHECK;

/** Adds a CMS's certificates to the shared ones; `*signer` becomes the shared object of its signer, when it is there.
 */
rfd_status validate_share(struct validation *v, const struct cms *cms, const struct certificate **signer,
                          struct rfd_error *error) RFD_MUST_CHECK;

#endif
