/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda/sign.h: PAdES signatures (ETSI EN 319 142-1): sign, endorse, certify, time-stamp, extend. Everything is
 * appended to the input as an incremental update; the input's own bytes are never touched. A result file appears whole
 * or not at all.
 */
#ifndef REFRENDA_SIGN_H
#define REFRENDA_SIGN_H

#include <refrenda/key.h>
#include <refrenda/stamp.h>
#include <refrenda/trust.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Baseline levels (EN 319 142-1 §6): with a time stamp from T on, validation data from LT on, archive time stamp. */
enum rfd_level { RFD_LEVEL_B_B, RFD_LEVEL_B_T, RFD_LEVEL_B_LT, RFD_LEVEL_B_LTA };

/** What the signature says about the document (EN 319 122-1 §5.2.3 commitment types). */
enum rfd_commitment { RFD_COMMITMENT_NONE, RFD_COMMITMENT_APPROVAL }; /* APPROVAL: visto bueno, proof of approval */

/** FieldMDP for the field that is signed, on top of what the field's own /Lock says (ISO 32000-2 §12.8.2.4). */
enum rfd_lock { RFD_LOCK_NONE, RFD_LOCK_ALL, RFD_LOCK_INCLUDE, RFD_LOCK_EXCLUDE };

/** Initialise with RFD_SIGN_OPTIONS_INIT; every pointer is borrowed for the call. Text is UTF-8, NULL for none. */
struct rfd_sign_options {
    size_t size; /* sizeof(struct rfd_sign_options), so that later versions may add members */
    struct rfd_key *key;
    enum rfd_level level;
    const char *tsa_url; /* RFC 3161 service; needed from B-T on */
    const char *field;   /* an existing empty field, or the name of a new one; NULL: the first free "Signature<n>" */
    const char *reason, *location, *contact, *name;
    enum rfd_commitment commitment; /* with one, /Reason stays out of the dictionary (EN 319 142-1 §6.3) */
    int certify;                    /* 0, or the DocMDP permission 1-3 of a certification signature */
    enum rfd_lock lock;
    const char *const *lock_fields; /* NULL-terminated, for INCLUDE and EXCLUDE */
    enum rfd_digest digest;
    bool pss;                      /* RSASSA-PSS instead of PKCS#1 v1.5 */
    const struct rfd_trust *trust; /* anchors for the checks before signing; NULL: none given */
    bool require_trust;            /* what could not be checked is an error, not a warning */
    bool offline;                  /* no OCSP, CRL or AIA (a time stamp still needs its service) */
    bool repair;                   /* rewrite a damaged, unsigned input first (libqpdf) */
    bool replace;                  /* overwrite an existing output file */
    rfd_slice document_password;
    rfd_time time;                     /* /M; RFD_TIME_NONE: now */
    const struct rfd_fetcher *fetcher; /* NULL: the library's own */
    const struct rfd_stamp *stamp;     /* NULL: an invisible signature */
    const struct rfd_place *place;     /* of the stamp; NULL: the first free place of the last page */
};
#ifdef __cplusplus
static inline struct rfd_sign_options rfd_sign_options_initial(void)
{
    struct rfd_sign_options options = rfd_sign_options();
    options.size = sizeof options;
    options.time = RFD_TIME_NONE;
    return options;
}
#define RFD_SIGN_OPTIONS_INIT rfd_sign_options_initial()
#else
#define RFD_SIGN_OPTIONS_INIT                                                                                          \
    {                                                                                                                  \
        .size = sizeof(struct rfd_sign_options), .time = RFD_TIME_NONE                                                 \
    }
#endif

/** A check made before or while signing, kept as evidence. */
enum rfd_check_result { RFD_CHECK_PASSED, RFD_CHECK_WARNING, RFD_CHECK_FAILED, RFD_CHECK_SKIPPED };
struct rfd_sign_check {
    const char *name; /* "key-usage", "validity", "algorithm", "path", "revocation", "active-content", ... */
    enum rfd_check_result result;
    rfd_status code; /* why, RFD_OK when passed */
    const char *detail;
};

/** What was done and checked; owned by the caller. */
struct rfd_sign_report;
RFD_API size_t rfd_sign_report_check_count(const struct rfd_sign_report *report);
RFD_API const struct rfd_sign_check *rfd_sign_report_check(const struct rfd_sign_report *report, size_t index);
RFD_API const char *rfd_sign_report_field(const struct rfd_sign_report *report);
RFD_API enum rfd_level rfd_sign_report_level(const struct rfd_sign_report *report);
/** As JSON (docs/sign-report.schema.json). */
RFD_API rfd_status rfd_sign_report_json(const struct rfd_sign_report *report, rfd_bytes *out,
                                        struct rfd_error *error) RFD_MUST_CHECK;
RFD_API void rfd_sign_report_free(struct rfd_sign_report *report);

/**
 * Signs the file `input` into the file `output` (which may be the same name). With `output` NULL the update is appended
 * to `input` itself, for large files: an undo file beside it lets the next call restore the old length after a crash.
 * `report` may be NULL; it is made also when a check stops the signing.
 */
RFD_API rfd_status rfd_sign_file(const char *input, const char *output, const struct rfd_sign_options *options,
                                 struct rfd_sign_report **report, struct rfd_error *error) RFD_MUST_CHECK;
/** The same in memory. `*update` receives only the bytes to append to `input`. */
RFD_API rfd_status rfd_sign_memory(rfd_slice input, const struct rfd_sign_options *options, rfd_bytes *update,
                                   struct rfd_sign_report **report, struct rfd_error *error) RFD_MUST_CHECK;

/** A document time stamp (EN 319 142-1 §5.4.3) over the whole file; uses tsa_url, field, trust, replace, passwords. */
RFD_API rfd_status rfd_timestamp_file(const char *input, const char *output, const struct rfd_sign_options *options,
                                      struct rfd_sign_report **report, struct rfd_error *error) RFD_MUST_CHECK;
/** Raises all signatures to `options->level` (B-LT: validation data; B-LTA: and a document time stamp; a B-B signature
 * gets its proof of time from a document time stamp). Again on a B-LTA file it renews the archive time stamp. */
RFD_API rfd_status rfd_extend_file(const char *input, const char *output, const struct rfd_sign_options *options,
                                   struct rfd_sign_report **report, struct rfd_error *error) RFD_MUST_CHECK;

/**
 * Two steps, for keys that are elsewhere (browser, agent, remote service). Prepare writes the document with an empty
 * /Contents and tells what to sign; embed puts the signature in. Between the two, only the prepared file and the
 * session text (JSON, no secrets) need to be kept. `options->key` is an external key or NULL with `certificates`
 * (PEM or DER, signer first) given.
 */
RFD_API rfd_status rfd_prepare_file(const char *input, const char *prepared, rfd_slice certificates,
                                    const struct rfd_sign_options *options, rfd_bytes *session,
                                    struct rfd_error *error) RFD_MUST_CHECK;
/** What the session asks to be signed: the DER of the signed attributes, and its digest. Free both. */
RFD_API rfd_status rfd_session_to_sign(rfd_slice session, rfd_bytes *message, rfd_bytes *digest,
                                       struct rfd_error *error) RFD_MUST_CHECK;
/** `signature`: as struct rfd_sign_function describes. It is verified before anything is written. `options` gives
 * level, tsa_url, trust, offline, replace. */
RFD_API rfd_status rfd_embed_file(const char *prepared, const char *output, rfd_slice session, rfd_slice signature,
                                  const struct rfd_sign_options *options, struct rfd_sign_report **report,
                                  struct rfd_error *error) RFD_MUST_CHECK;

/**
 * How the document would look: `*document` is the whole file with the stamp in its place and no signature; `*page` is
 * the stamp's page, 1 = first. `options->key` may be NULL with `certificates` (PEM or DER, signer first) given. No
 * certificate is checked. RFD_E_ARGUMENT when there would be nothing to see.
 */
RFD_API rfd_status rfd_preview_file(const char *input, rfd_slice certificates, const struct rfd_sign_options *options,
                                    rfd_bytes *document, int *page, struct rfd_error *error) RFD_MUST_CHECK;
RFD_API rfd_status rfd_preview_memory(rfd_slice input, rfd_slice certificates, const struct rfd_sign_options *options,
                                      rfd_bytes *document, int *page, struct rfd_error *error) RFD_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
