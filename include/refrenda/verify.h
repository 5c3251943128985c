/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda/verify.h: what a signed PDF is worth. Facts first (integrity, coverage, changes, trust, time, level), each
 * with a machine code; the overall word (ETSI EN 319 102-1) last.
 */
#ifndef REFRENDA_VERIFY_H
#define REFRENDA_VERIFY_H

#include <refrenda/language.h>
#include <refrenda/sign.h>
#include <refrenda/trust.h>

#ifdef __cplusplus
extern "C" {
#endif

enum rfd_indication { RFD_TOTAL_PASSED, RFD_INDETERMINATE, RFD_TOTAL_FAILED };

/** EN 319 102-1 table 5 and 6. */
#define RFD_SUB_INDICATIONS(X)                                                                                         \
    X(NONE)                                                                                                            \
    X(FORMAT_FAILURE)                                                                                                  \
    X(HASH_FAILURE)                                                                                                    \
    X(SIG_CRYPTO_FAILURE)                                                                                              \
    X(REVOKED)                                                                                                         \
    X(EXPIRED)                                                                                                         \
    X(NOT_YET_VALID)                                                                                                   \
    X(SIG_CONSTRAINTS_FAILURE)                                                                                         \
    X(CHAIN_CONSTRAINTS_FAILURE)                                                                                       \
    X(CERTIFICATE_CHAIN_GENERAL_FAILURE)                                                                               \
    X(CRYPTO_CONSTRAINTS_FAILURE)                                                                                      \
    X(POLICY_PROCESSING_ERROR)                                                                                         \
    X(SIGNATURE_POLICY_NOT_AVAILABLE)                                                                                  \
    X(TIMESTAMP_ORDER_FAILURE)                                                                                         \
    X(NO_SIGNING_CERTIFICATE_FOUND)                                                                                    \
    X(NO_CERTIFICATE_CHAIN_FOUND)                                                                                      \
    X(REVOKED_NO_POE)                                                                                                  \
    X(REVOKED_CA_NO_POE)                                                                                               \
    X(OUT_OF_BOUNDS_NO_POE)                                                                                            \
    X(OUT_OF_BOUNDS_NOT_REVOKED)                                                                                       \
    X(REVOCATION_OUT_OF_BOUNDS_NO_POE)                                                                                 \
    X(CRYPTO_CONSTRAINTS_FAILURE_NO_POE)                                                                               \
    X(NO_POE)                                                                                                          \
    X(TRY_LATER)                                                                                                       \
    X(SIGNED_DATA_NOT_FOUND)
enum rfd_sub_indication {
#define X(name) RFD_SUB_##name,
    RFD_SUB_INDICATIONS(X)
#undef X
};

enum rfd_finding_code {
#define FINDING(code, severity, family, message) RFD_FINDING_##code,
#include <refrenda/findings.def>
#undef FINDING
    RFD_FINDING_COUNT
};
enum rfd_severity { RFD_SEVERITY_INFO, RFD_SEVERITY_WARNING, RFD_SEVERITY_ERROR };

struct rfd_finding {
    enum rfd_finding_code code;
    enum rfd_severity severity;
    uint32_t object;    /* PDF object number it is about, 0 for none */
    uint32_t revision;  /* 1 = first; 0 when it is about no revision */
    const char *detail; /* technical, English; "" for none */
};
/** English message; also the catalogue key. */
RFD_API const char *rfd_finding_message(enum rfd_finding_code code);
/** "change-page-content"; valid until this thread asks again. */
RFD_API const char *rfd_finding_name(enum rfd_finding_code code);
/** "USF", "SWA", "ISA", "SHADOW" or "". */
RFD_API const char *rfd_finding_family(enum rfd_finding_code code);
RFD_API const char *rfd_indication_name(enum rfd_indication indication);  /* "TOTAL-PASSED" */
RFD_API const char *rfd_sub_indication_name(enum rfd_sub_indication sub); /* "HASH_FAILURE", "" for NONE */

/** How far changes after a signature go (EN-like order: each level includes those before). */
enum rfd_change_level { RFD_CHANGE_NONE, RFD_CHANGE_LTA, RFD_CHANGE_FORM, RFD_CHANGE_ANNOTATION, RFD_CHANGE_OTHER };

enum rfd_revocation_state {
    RFD_REVOCATION_UNKNOWN,
    RFD_REVOCATION_GOOD,
    RFD_REVOCATION_REVOKED,
    RFD_REVOCATION_HELD,
    RFD_REVOCATION_NOT_NEEDED
};

struct rfd_certificate_report {
    const char *subject, *issuer; /* RFC 4514, UTF-8 */
    const char *serial;           /* hexadecimal */
    const char *fingerprint;      /* SHA-256, hexadecimal */
    const char *key;              /* "RSA-2048" */
    rfd_time not_before, not_after;
    bool anchor;
    enum rfd_revocation_state revocation;
    const char *revocation_source; /* "ocsp" or "crl" + ", " + "signature|document|trust|network"; "" */
    rfd_time revoked_at, this_update, next_update;
    const char *revocation_detail;
};

struct rfd_timestamp_report {
    rfd_time time;
    bool valid; /* signature, imprint and path all good */
    const char *digest;
    const struct rfd_certificate_report *path;
    size_t path_count;
    const char *detail; /* what is wrong, "" */
};

enum rfd_signature_kind {
    RFD_KIND_APPROVAL,
    RFD_KIND_ENDORSEMENT,
    RFD_KIND_CERTIFICATION,
    RFD_KIND_DOCUMENT_TIMESTAMP
};

/** What proves a signature's time. */
enum rfd_time_proof { RFD_PROOF_NONE, RFD_PROOF_SIGNATURE_TIMESTAMP, RFD_PROOF_DOCUMENT_TIMESTAMP };

struct rfd_signature_report {
    const char *field;
    enum rfd_signature_kind kind;
    int certification; /* DocMDP permission of this signature, 0 = none */
    enum rfd_indication indication;
    enum rfd_sub_indication sub_indication;
    const char *signer; /* common name or whole subject; "" when unknown */
    const char *sub_filter, *reason, *location, *contact, *name;
    rfd_time claimed_time, proven_time; /* RFD_TIME_NONE; proven: what the time stamp says (its genTime) */
    /* EN 319 102-1 §5.5.4: the signature certainly existed at best_time (proven_time with the time stamp's accuracy;
     * the time of validation when nothing proves an earlier one) */
    rfd_time best_time;
    enum rfd_time_proof best_proof;
    const char *best_proof_field; /* name of the document time stamp's field, "" when it is none */
    /* §5.6.2.2: nothing vouches for the signer's path from control_time on (revoked, evidence too old, algorithm given
     * up), so best_time must lie before it; the time of validation when all is good until then; RFD_TIME_NONE: unknown
     */
    rfd_time control_time;
    /* integrity and coverage */
    bool intact; /* digest and signature are right over a well-formed ByteRange */
    bool covers_whole_file;
    uint32_t revision;             /* 1-based, of revision_count; 0 when it matches none */
    enum rfd_change_level changes; /* after the signed revision */
    bool changes_allowed;
    /* level reached */
    enum rfd_level level;
    bool baseline; /* false: a PAdES-like or older format, level then says only what was found */
    const char *digest_algorithm, *signature_algorithm;
    const struct rfd_certificate_report *path; /* signer first */
    size_t path_count;
    const struct rfd_timestamp_report *timestamps; /* inside the signature */
    size_t timestamp_count;
    const struct rfd_finding *findings;
    size_t finding_count;
};

struct rfd_verify_options {
    size_t size;
    const struct rfd_trust *trust;
    bool offline;
    rfd_time at; /* validation time; RFD_TIME_NONE: now */
    rfd_slice document_password;
    const struct rfd_fetcher *fetcher;
};
#ifdef __cplusplus
static inline struct rfd_verify_options rfd_verify_options_initial(void)
{
    struct rfd_verify_options options = rfd_verify_options();
    options.size = sizeof options;
    options.at = RFD_TIME_NONE;
    return options;
}
#define RFD_VERIFY_OPTIONS_INIT rfd_verify_options_initial()
#else
#define RFD_VERIFY_OPTIONS_INIT                                                                                        \
    {                                                                                                                  \
        .size = sizeof(struct rfd_verify_options), .at = RFD_TIME_NONE                                                 \
    }
#endif

/** The result of verifying one file; everything it points to lives as long as it. */
struct rfd_verification;

/** RFD_OK also when signatures fail or there are none; an error means that the file could not be read at all. */
RFD_API rfd_status rfd_verify_file(const char *path, const struct rfd_verify_options *options,
                                   struct rfd_verification **out, struct rfd_error *error) RFD_MUST_CHECK;
RFD_API rfd_status rfd_verify_memory(rfd_slice bytes, const struct rfd_verify_options *options,
                                     struct rfd_verification **out, struct rfd_error *error) RFD_MUST_CHECK;
RFD_API size_t rfd_verification_count(const struct rfd_verification *v);
/** In the order of signing (by signed revision). */
RFD_API const struct rfd_signature_report *rfd_verification_signature(const struct rfd_verification *v, size_t index);
RFD_API size_t rfd_verification_revision_count(const struct rfd_verification *v);
RFD_API rfd_time rfd_verification_time(const struct rfd_verification *v);
/** Findings about the document as a whole. */
RFD_API size_t rfd_verification_finding_count(const struct rfd_verification *v);
RFD_API const struct rfd_finding *rfd_verification_finding(const struct rfd_verification *v, size_t index);
/** The worst of all signatures; RFD_INDETERMINATE when there is none. */
RFD_API enum rfd_indication rfd_verification_indication(const struct rfd_verification *v);
/** docs/verification.schema.json. */
RFD_API rfd_status rfd_verification_json(const struct rfd_verification *v, const char *name, rfd_bytes *out,
                                         struct rfd_error *error) RFD_MUST_CHECK;
/** A report for people, in `language` (NULL: English): the verdict first, a picture of revisions and proofs over time,
 * findings in plain words, codes last. HTML is one file without scripts or anything to fetch; PDF is PDF/A-2b, tagged.
 * `name` is the document's name as shown. */
RFD_API rfd_status rfd_verification_html(const struct rfd_verification *v, const char *name,
                                         const struct rfd_language *language, rfd_bytes *out,
                                         struct rfd_error *error) RFD_MUST_CHECK;
RFD_API rfd_status rfd_verification_pdf(const struct rfd_verification *v, const char *name,
                                        const struct rfd_language *language, rfd_bytes *out,
                                        struct rfd_error *error) RFD_MUST_CHECK;
RFD_API void rfd_verification_free(struct rfd_verification *v);

#ifdef __cplusplus
}
#endif
#endif
