/* SPDX-License-Identifier: EUPL-1.2
 *
 * An OCSP responder without its network (RFC 6960, RFC 9654, RFC 5019): bytes of a request in, bytes of a response
 * out. In steps that a server may take apart, to answer from a cache after the first, or to have another process sign
 * between the last two:
 *
 *   responder_request_parse   the request's certIDs and nonce, bounded and checked
 *   responder_match           which of our issuers a certID means, by name hash and key hash
 *   responder_put_data        looks up each serial, builds what is signed
 *   responder_put_response    wraps it up with its signature; responder_answer does both and signs
 *
 * responder_respond does all three and turns every fault of the request into the protocol's own error response.
 *
 * Not checked here: a request's signature (optionalSignature is passed over, as RFC 6960 §4.1.2 allows), and that the
 * signer's certificate may speak for the issuer (its maker's duty: EKU OCSPSigning, issued by the same CA key).
 */
#ifndef PKI_RESPONDER_H
#define PKI_RESPONDER_H

#include "pki/authority/authority.h"
#include "pki/revocation/ocsp.h"

enum {
    RESPONDER_REQUEST_MAXIMUM = 64 << 10,   /* bytes of a request */
    RESPONDER_PATH_MAXIMUM = 4 << 10,       /* bytes of a GET's path */
    RESPONDER_IDS_MAXIMUM = 32,             /* certIDs of a request */
    RESPONDER_NONCE_MAXIMUM = 128,          /* octets, RFC 9654 §2.1 */
    RESPONDER_SERIAL_MAXIMUM = 64,          /* octets; ours have 20 at most, others' are answered as foreign */
    RESPONDER_RESPONSE_MAXIMUM = 128 << 10, /* bytes of a response, chains included */
    RESPONDER_UNKNOWN_SECONDS = 300         /* how long "unknown" holds at most: it may be issued in the next moment */
};

/* --- Requests ---------------------------------------------------------------------------------------------------- */

/** A certID (RFC 6960 §4.1.1); slices into the request. */
struct responder_id {
    slice whole;           /* echoed octet by octet in the response */
    enum digest_id digest; /* DIGEST_NONE: one that we do not know, so that the issuer is foreign */
    slice name_hash, key_hash;
    slice serial; /* INTEGER content */
};
struct responder_request {
    struct responder_id ids[RESPONDER_IDS_MAXIMUM];
    size_t count; /* at least 1 */
    slice nonce;  /* the extension's value as sent, wrapped in an OCTET STRING or raw; empty when there is none */
};
/**
 * Parses exactly one OCSPRequest; keeps slices into `der`. RFD_E_DER: not an OCSPRequest, no or too many certIDs, a
 * nonce outside 1 to 128 octets (RFC 9654 §2.1); RFD_E_UNSUPPORTED: a critical extension that is not known, in the
 * request or at a certID; RFD_E_LIMIT: too large. To all of them the answer is malformedRequest.
 */
rfd_status responder_request_parse(slice der, struct responder_request *out, struct rfd_error *error) RFD_MUST_CHECK;

/** One certID, whole, outside of a request. RFD_E_DER. */
rfd_status responder_id_parse(slice whole, struct responder_id *out, struct rfd_error *error) RFD_MUST_CHECK;

/**
 * The request inside a GET's path (RFC 6960 §A.1): `path` is what follows the responder's own address, without a query,
 * such as "/MFEwTzBNMEswSTAJBgUr...". Slashes that lead are passed over, %XX is decoded once, '+' stays '+', and
 * padding may be missing. Appends the DER to `out`. RFD_E_DER, RFD_E_LIMIT.
 */
rfd_status responder_decode_path(slice path, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;
/** The same for what was percent-decoded already. */
rfd_status responder_decode_text(slice text, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;

/* --- Who answers for whom ---------------------------------------------------------------------------------------- */

enum { RESPONDER_DIGESTS = 4 }; /* SHA-1, SHA-256, SHA-384, SHA-512 */

/** A CA key whose certificates we know. Filled by responder_issuer_set; read only afterwards. */
struct responder_issuer {
    const struct certificate *certificate; /* of the CA, borrowed */
    const struct authority_signer *signer; /* delegated, or the CA itself; borrowed */
    uint8_t name_hashes[RESPONDER_DIGESTS][DIGEST_SIZE_MAXIMUM];
    uint8_t key_hashes[RESPONDER_DIGESTS][DIGEST_SIZE_MAXIMUM];
    uint8_t responder_key[20]; /* SHA-1 of the signer's key: the responder id (RFC 6960 §4.2.2.3) */
};
/** Hashes the issuer's name and key once for every digest. RFD_E_INTERNAL. */
rfd_status responder_issuer_set(struct responder_issuer *issuer, const struct certificate *certificate,
                                const struct authority_signer *signer, struct rfd_error *error) RFD_MUST_CHECK;

/** What is known of a serial number. */
enum responder_state {
    RESPONDER_GOOD,
    RESPONDER_REVOKED,
    RESPONDER_UNKNOWN,     /* we cannot say */
    RESPONDER_NEVER_ISSUED /* we can: it is none of ours */
};
struct responder_record {
    enum responder_state state;
    rfd_time revoked_at;     /* of RESPONDER_REVOKED */
    int reason;              /* RFC 5280 §5.3.1; 0 (unspecified) is left out */
    rfd_time archive_cutoff; /* RFD_TIME_NONE: none (RFC 6960 §4.4.4) */
};
/**
 * Fills `record` for `serial` (INTEGER content) of issuers[issuer]. It comes filled with RESPONDER_UNKNOWN. A failure
 * ends the answer and is handed through. Called by several threads at once.
 */
typedef rfd_status responder_look_up(void *context, size_t issuer, slice serial, struct responder_record *record,
                                     struct rfd_error *error);

struct responder {
    const struct responder_issuer *issuers;
    size_t issuer_count;
    responder_look_up *look_up;
    void *context;
    /** Never issued: revoked since 1970 with certificateHold, and the extended-revoke extension (RFC 6960 §2.2,
     * §4.4.8), instead of unknown. */
    bool extended_revoke;
};

/** The index of the issuer that `id` means, issuer_count when it is none of ours. */
size_t responder_match(const struct responder *r, const struct responder_id *id);

/* --- Responses --------------------------------------------------------------------------------------------------- */

/** When the answer was made and how long it holds; whole seconds. */
struct responder_times {
    rfd_time produced_at;
    rfd_time this_update; /* a little back, for clocks that are slow */
    rfd_time next_update; /* RFD_TIME_NONE: newer information is there at any time (RFC 6960 §4.2.2.1) */
};

/** What was found out while the ResponseData was built. */
struct responder_draft {
    const struct responder_issuer *spokesman; /* whose signer signs; NULL: no certID is of ours, nothing was built */
    bool all_known;                           /* every certID is one of a certificate that was issued */
    bool has_never_issued;                    /* one was answered in the extended sense */
};
/**
 * Appends the ResponseData (RFC 6960 §4.2.1), which is what is signed. Who signs is chosen as responder_answer says.
 * What is unknown holds for RESPONDER_UNKNOWN_SECONDS at most. Fails as look_up does, or with RFD_E_LIMIT; then nothing
 * was appended.
 */
rfd_status responder_put_data(const struct responder *r, const struct responder_request *request,
                              const struct responder_times *times, struct buf *out, struct responder_draft *draft,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** Appends the OCSPResponse around `data` and its signature: `algorithm` is an AlgorithmIdentifier, whole. Ask
 * buf_status(). */
void responder_put_response(struct buf *out, const struct responder_issuer *spokesman, slice data, slice algorithm,
                            slice signature);

/**
 * Appends a successful OCSPResponse, or unauthorized when no certID is of ours; `*status` says which. The first certID
 * of ours chooses the signer; those of issuers with another signer, as foreign ones, are answered with unknown: nobody
 * may speak for a CA that did not appoint him. A signer that is not the CA itself has its certificate in the response.
 * Fails as look_up and sign do, or with RFD_E_LIMIT; then nothing was appended.
 */
rfd_status responder_answer(const struct responder *r, const struct responder_request *request,
                            const struct responder_times *times, struct buf *out, enum ocsp_status *status,
                            struct rfd_error *error) RFD_MUST_CHECK;

/**
 * Parses and answers. A request that cannot be answered gets malformedRequest, with RFD_OK and the cause in `error`;
 * a failure of look_up or sign is returned with nothing appended: the caller sends responder_error(OCSP_TRY_LATER) or
 * (OCSP_INTERNAL_ERROR).
 */
rfd_status responder_respond(const struct responder *r, slice request, const struct responder_times *times,
                             struct buf *out, enum ocsp_status *status, struct rfd_error *error) RFD_MUST_CHECK;

/** An OCSPResponse that says only why there is no answer (RFC 6960 §4.2.1); lives for ever. */
slice responder_error(enum ocsp_status status);

#endif
