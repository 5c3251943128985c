/* SPDX-License-Identifier: EUPL-1.2
 *
 * Answering (RFC 6960 §4.2), in two halves, since the signature may come from another process in between: what is
 * signed, and what is wrapped around it.
 */
#include "pki/authority/responder.h"

#include "base/error.h"

static const enum digest_id digests[RESPONDER_DIGESTS] = {DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512};

/* --- Issuers ----------------------------------------------------------------------------------------------------- */

rfd_status responder_issuer_set(struct responder_issuer *issuer, const struct certificate *certificate,
                                const struct authority_signer *signer, struct rfd_error *error)
{
    struct responder_issuer made = {.certificate = certificate, .signer = signer};
    for (size_t i = 0; i < RESPONDER_DIGESTS; i++) {
        TRY(digest_of(digests[i], certificate->subject, made.name_hashes[i], error));
        TRY(digest_of(digests[i], certificate->key_bits, made.key_hashes[i], error));
    }
    TRY(digest_of(DIGEST_SHA1, signer->certificate->key_bits, made.responder_key, error));
    *issuer = made;
    return RFD_OK;
}

size_t responder_match(const struct responder *r, const struct responder_id *id)
{
    size_t digest = 0;
    size_t size = digest_size(id->digest);
    while (digest < RESPONDER_DIGESTS && digests[digest] != id->digest) digest++;
    if (digest == RESPONDER_DIGESTS || id->name_hash.length != size || id->key_hash.length != size) {
        return r->issuer_count;
    }
    for (size_t i = 0; i < r->issuer_count; i++) {
        const struct responder_issuer *issuer = &r->issuers[i];
        if (memcmp(issuer->key_hashes[digest], id->key_hash.data, size) == 0 &&
            memcmp(issuer->name_hashes[digest], id->name_hash.data, size) == 0) {
            return i;
        }
    }
    return r->issuer_count;
}

/* --- SingleResponse ---------------------------------------------------------------------------------------------- */

/* RevokedInfo (RFC 6960 §4.2.1); the reason's absence means unspecified (RFC 5280 §5.3.1). */
static void put_revoked(struct buf *b, rfd_time at, int reason)
{
    size_t revoked = der_open(b, DER_CONTEXT_CONSTRUCTED(1));
    authority_put_generalized_time(b, at);
    if (reason > 0) {
        const uint8_t value = (uint8_t)reason;
        size_t tagged = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
        der_put(b, DER_ENUMERATED, slice_of(&value, 1));
        der_close(b, tagged);
    }
    der_close(b, revoked);
}

static void put_status(struct buf *b, const struct responder_record *record)
{
    if (record->state == RESPONDER_REVOKED) {
        put_revoked(b, record->revoked_at, record->reason);
    } else {
        der_put(b, record->state == RESPONDER_GOOD ? DER_CONTEXT(0) : DER_CONTEXT(2), SLICE_EMPTY);
    }
}

static void put_archive_cutoff(struct buf *b, rfd_time cutoff)
{
    size_t tagged = der_open(b, DER_CONTEXT_CONSTRUCTED(1));
    size_t list = der_open(b, DER_SEQUENCE);
    struct authority_extension e = authority_open_extension(b, OID_OCSP_ARCHIVE_CUTOFF, false);
    authority_put_generalized_time(b, cutoff);
    authority_close_extension(b, e);
    der_close(b, list);
    der_close(b, tagged);
}

static void put_single(struct buf *b, slice id, const struct responder_record *record,
                       const struct responder_times *times)
{
    size_t single = der_open(b, DER_SEQUENCE);
    buf_put_slice(b, id);
    put_status(b, record);
    authority_put_generalized_time(b, times->this_update);
    if (times->next_update != RFD_TIME_NONE) {
        size_t tagged = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
        authority_put_generalized_time(b, times->next_update);
        der_close(b, tagged);
    }
    if (record->archive_cutoff != RFD_TIME_NONE) put_archive_cutoff(b, record->archive_cutoff);
    der_close(b, single);
}

/* --- ResponseData ------------------------------------------------------------------------------------------------ */

static rfd_status look_up(const struct responder *r, const struct responder_draft *draft, const struct responder_id *id,
                          struct responder_record *record, struct rfd_error *error)
{
    size_t issuer = responder_match(r, id);
    *record = (struct responder_record){.state = RESPONDER_UNKNOWN, .archive_cutoff = RFD_TIME_NONE};
    if (issuer == r->issuer_count || r->issuers[issuer].signer != draft->spokesman->signer) return RFD_OK;
    return r->look_up(r->context, issuer, id->serial, record, error);
}

static rfd_status put_one(struct buf *b, const struct responder *r, const struct responder_id *id,
                          const struct responder_times *times, struct responder_draft *draft, struct rfd_error *error)
{
    struct responder_record record;
    struct responder_times mine = *times;
    TRY(look_up(r, draft, id, &record, error));
    if (record.state == RESPONDER_UNKNOWN || record.state == RESPONDER_NEVER_ISSUED) {
        /* It may be issued in the next moment. */
        rfd_time soon = times->this_update + RESPONDER_UNKNOWN_SECONDS * RFD_SECOND;
        if (mine.next_update != RFD_TIME_NONE && mine.next_update > soon) mine.next_update = soon;
        draft->all_known = false;
    }
    if (record.state == RESPONDER_NEVER_ISSUED && r->extended_revoke) {
        enum { CERTIFICATE_HOLD = 6 };
        record = (struct responder_record){
            .state = RESPONDER_REVOKED, .revoked_at = 0, .reason = CERTIFICATE_HOLD, .archive_cutoff = RFD_TIME_NONE};
        draft->has_never_issued = true;
    }
    put_single(b, id->whole, &record, &mine);
    return RFD_OK;
}

/* Both are not critical: a critical one made clients refuse the answer. */
static void put_response_extensions(struct buf *b, slice nonce, bool has_never_issued)
{
    if (nonce.length == 0 && !has_never_issued) return;
    size_t tagged = der_open(b, DER_CONTEXT_CONSTRUCTED(1));
    size_t list = der_open(b, DER_SEQUENCE);
    if (nonce.length > 0) {
        struct authority_extension e = authority_open_extension(b, OID_OCSP_NONCE, false);
        buf_put_slice(b, nonce);
        authority_close_extension(b, e);
    }
    if (has_never_issued) {
        struct authority_extension e = authority_open_extension(b, OID_OCSP_EXTENDED_REVOKE, false);
        der_put_null(b);
        authority_close_extension(b, e);
    }
    der_close(b, list);
    der_close(b, tagged);
}

static const struct responder_issuer *choose_spokesman(const struct responder *r,
                                                       const struct responder_request *request)
{
    for (size_t i = 0; i < request->count; i++) {
        size_t issuer = responder_match(r, &request->ids[i]);
        if (issuer < r->issuer_count) return &r->issuers[issuer];
    }
    return NULL;
}

static rfd_status put_data(struct buf *b, const struct responder *r, const struct responder_request *request,
                           const struct responder_times *times, struct responder_draft *draft, struct rfd_error *error)
{
    const struct responder_issuer *spokesman = draft->spokesman;
    size_t data = der_open(b, DER_SEQUENCE);
    size_t responder = der_open(b, DER_CONTEXT_CONSTRUCTED(2)); /* byKey */
    der_put(b, DER_OCTET_STRING, slice_of(spokesman->responder_key, sizeof spokesman->responder_key));
    der_close(b, responder);
    authority_put_generalized_time(b, times->produced_at);
    size_t list = der_open(b, DER_SEQUENCE);
    for (size_t i = 0; i < request->count; i++) TRY(put_one(b, r, &request->ids[i], times, draft, error));
    der_close(b, list);
    put_response_extensions(b, request->nonce, draft->has_never_issued);
    der_close(b, data);
    return buf_check(b, "OCSP response data", error);
}

rfd_status responder_put_data(const struct responder *r, const struct responder_request *request,
                              const struct responder_times *times, struct buf *out, struct responder_draft *draft,
                              struct rfd_error *error)
{
    struct responder_draft made = {.spokesman = choose_spokesman(r, request), .all_known = true};
    size_t before = out->length;
    if (made.spokesman != NULL) {
        rfd_status status = put_data(out, r, request, times, &made, error);
        if (status != RFD_OK) {
            out->length = before;
            return status;
        }
    }
    *draft = made;
    return RFD_OK;
}

/* --- OCSPResponse ------------------------------------------------------------------------------------------------ */

static void put_delegate(struct buf *b, const struct responder_issuer *spokesman)
{
    const struct certificate *signer = spokesman->signer->certificate;
    if (certificate_equal(signer, spokesman->certificate)) return;
    size_t tagged = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
    der_put(b, DER_SEQUENCE, signer->der);
    der_close(b, tagged);
}

/* OCSPResponse { successful, [0] { id-pkix-ocsp-basic, OCTET STRING { BasicOCSPResponse } } } */
void responder_put_response(struct buf *out, const struct responder_issuer *spokesman, slice data, slice algorithm,
                            slice signature)
{
    static const uint8_t successful = OCSP_SUCCESSFUL;
    enum { WRAPPING = 128 };
    (void)buf_reserve(out, data.length + signature.length + spokesman->signer->certificate->der.length + WRAPPING);
    size_t response = der_open(out, DER_SEQUENCE);
    der_put(out, DER_ENUMERATED, slice_of(&successful, 1));
    size_t tagged = der_open(out, DER_CONTEXT_CONSTRUCTED(0));
    size_t bytes = der_open(out, DER_SEQUENCE);
    der_put_oid(out, oid(OID_OCSP_BASIC));
    size_t octets = der_open(out, DER_OCTET_STRING);
    size_t basic = der_open(out, DER_SEQUENCE);
    buf_put_slice(out, data);
    buf_put_slice(out, algorithm);
    der_put_bits(out, signature);
    put_delegate(out, spokesman);
    der_close(out, basic);
    der_close(out, octets);
    der_close(out, bytes);
    der_close(out, tagged);
    der_close(out, response);
}

slice responder_error(enum ocsp_status status)
{
    static const uint8_t responses[][5] = {
        [OCSP_MALFORMED_REQUEST] = {DER_SEQUENCE, 3, DER_ENUMERATED, 1, OCSP_MALFORMED_REQUEST},
        [OCSP_INTERNAL_ERROR] = {DER_SEQUENCE, 3, DER_ENUMERATED, 1, OCSP_INTERNAL_ERROR},
        [OCSP_TRY_LATER] = {DER_SEQUENCE, 3, DER_ENUMERATED, 1, OCSP_TRY_LATER},
        [OCSP_SIGNATURE_REQUIRED] = {DER_SEQUENCE, 3, DER_ENUMERATED, 1, OCSP_SIGNATURE_REQUIRED},
        [OCSP_UNAUTHORIZED] = {DER_SEQUENCE, 3, DER_ENUMERATED, 1, OCSP_UNAUTHORIZED},
    };
    enum { COUNT = sizeof responses / sizeof *responses };
    bool known = (unsigned)status < COUNT && responses[status][0] != 0;
    return slice_of(responses[known ? status : OCSP_INTERNAL_ERROR], sizeof responses[0]);
}

/* --- All of it --------------------------------------------------------------------------------------------------- */

static rfd_status put_signed(struct buf *out, const struct responder_draft *draft, slice data, struct rfd_error *error)
{
    enum { SIGNATURE_MAXIMUM = 2048, ALGORITHM_MAXIMUM = 128 }; /* RSA of 16,384 bits */
    uint8_t bytes[SIGNATURE_MAXIMUM];
    uint8_t names[ALGORITHM_MAXIMUM];
    struct buf signature = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    struct buf algorithm = {.data = names, .capacity = sizeof names, .maximum = sizeof names};
    const struct authority_signer *signer = draft->spokesman->signer;
    size_t before = out->length;
    TRY(authority_sign_message(signer, data, &signature, error));
    signature_algorithm_put(&algorithm, &signer->algorithm);
    TRY(buf_check(&signature, "signature", error));
    TRY(buf_check(&algorithm, "algorithm", error));
    responder_put_response(out, draft->spokesman, data, buf_slice(&algorithm), buf_slice(&signature));
    rfd_status status = buf_check(out, "OCSP response", error);
    if (status != RFD_OK) out->length = before;
    return status;
}

rfd_status responder_answer(const struct responder *r, const struct responder_request *request,
                            const struct responder_times *times, struct buf *out, enum ocsp_status *status,
                            struct rfd_error *error)
{
    struct responder_draft draft;
    struct buf data;
    buf_init(&data, RESPONDER_RESPONSE_MAXIMUM);
    rfd_status result = responder_put_data(r, request, times, &data, &draft, error);
    enum ocsp_status said = OCSP_SUCCESSFUL;
    if (result == RFD_OK && draft.spokesman == NULL) {
        said = OCSP_UNAUTHORIZED;
        buf_put_slice(out, responder_error(said));
        result = buf_check(out, "OCSP response", error);
    } else if (result == RFD_OK) {
        result = put_signed(out, &draft, buf_slice(&data), error);
    }
    buf_dispose(&data);
    if (result == RFD_OK) *status = said;
    return result;
}

rfd_status responder_respond(const struct responder *r, slice request, const struct responder_times *times,
                             struct buf *out, enum ocsp_status *status, struct rfd_error *error)
{
    struct responder_request parsed;
    if (responder_request_parse(request, &parsed, error) == RFD_OK) {
        return responder_answer(r, &parsed, times, out, status, error);
    }
    buf_put_slice(out, responder_error(OCSP_MALFORMED_REQUEST));
    TRY(buf_check(out, "OCSP response", error));
    *status = OCSP_MALFORMED_REQUEST;
    return RFD_OK;
}
