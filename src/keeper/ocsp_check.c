/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/ocsp_check.h"

#include "base/error.h"
#include "pki/oid.h"

static const enum digest_id digests[OCSP_CHECK_DIGESTS] = {DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512};

/** The key's bits of a SubjectPublicKeyInfo, without the octet that counts unused bits. */
static rfd_status key_bits(slice spki, slice *out, struct rfd_error *error)
{
    slice in;
    slice algorithm;
    slice bits;
    TRY(der_only(spki, DER_SEQUENCE, &in, "public key", error));
    TRY(der_take(&in, DER_SEQUENCE, &algorithm, "public key", error));
    TRY(der_take(&in, DER_BIT_STRING, &bits, "public key", error));
    *out = slice_from(bits, 1);
    return RFD_OK;
}

rfd_status ocsp_rule_set(struct ocsp_rule *rule, const struct certificate *issuer, slice spki, slice name,
                         uint32_t validity, struct rfd_error *error)
{
    struct ocsp_rule made = {.responder_name = name, .validity = validity};
    slice bits;
    for (size_t i = 0; i < OCSP_CHECK_DIGESTS; i++) {
        TRY(digest_of(digests[i], issuer->subject, made.name_hashes[i], error));
        TRY(digest_of(digests[i], issuer->key_bits, made.key_hashes[i], error));
    }
    TRY(key_bits(spki, &bits, error));
    TRY(digest_of(DIGEST_SHA1, bits, made.responder_key, error));
    *rule = made;
    return RFD_OK;
}

static rfd_status refuse(const char *why, struct rfd_error *error)
{
    return error_set(error, RFD_E_KEY_REFUSED, "OCSP response: %s", why);
}

/** ResponderID ::= CHOICE { [1] Name, [2] KeyHash } (RFC 6960 §4.2.1). */
static rfd_status check_responder(const struct ocsp_rule *rule, slice *in, struct rfd_error *error)
{
    slice named;
    slice hash;
    if (der_take_optional(in, DER_CONTEXT_CONSTRUCTED(1), &named)) {
        if (rule->responder_name.length > 0 && slice_equal(named, rule->responder_name)) return RFD_OK;
        return refuse("another responder's name", error);
    }
    TRY(der_take(in, DER_CONTEXT_CONSTRUCTED(2), &named, "responderID", error));
    TRY(der_only(named, DER_OCTET_STRING, &hash, "KeyHash", error));
    if (slice_equal(hash, slice_of(rule->responder_key, sizeof rule->responder_key))) return RFD_OK;
    return refuse("another responder's key", error);
}

static rfd_status take_time(slice *in, const char *what, rfd_time *out, struct rfd_error *error)
{
    slice content;
    TRY(der_take(in, DER_GENERALIZED_TIME, &content, what, error));
    if (der_time(DER_GENERALIZED_TIME, content, out)) return RFD_OK;
    return error_set(error, RFD_E_DER, "OCSP response: %s", what);
}

/** Extensions whose OIDs are among `known` (ends with OID_COUNT), none of them critical. */
static rfd_status check_extensions(slice explicit, const enum oid_name *known, struct rfd_error *error)
{
    slice list;
    TRY(der_only(explicit, DER_SEQUENCE, &list, "extensions", error));
    if (list.length == 0) return error_set(error, RFD_E_DER, "OCSP response: no extension among extensions");
    while (list.length > 0) {
        slice extension;
        slice id;
        slice value;
        TRY(der_take(&list, DER_SEQUENCE, &extension, "extension", error));
        TRY(der_take(&extension, DER_OID, &id, "extension", error));
        /* `critical` is FALSE by default, and a default is not written in DER. */
        if (der_peek(extension) == DER_BOOLEAN) return refuse("a critical extension", error);
        TRY(der_take(&extension, DER_OCTET_STRING, &value, "extension", error));
        TRY(der_end_of(extension, "extension", error));
        const enum oid_name *k = known;
        while (*k != OID_COUNT && !slice_equal(oid(*k), id)) k++;
        if (*k == OID_COUNT) return refuse("an extension that is not known", error);
    }
    return RFD_OK;
}

/** CertID ::= SEQUENCE { AlgorithmIdentifier, OCTET STRING, OCTET STRING, INTEGER } (RFC 6960 §4.1.1). */
static rfd_status check_id(const struct ocsp_rule *rule, slice id, bool *ours, struct rfd_error *error)
{
    slice algorithm;
    slice digest;
    slice name;
    slice key;
    slice serial;
    TRY(der_take(&id, DER_SEQUENCE, &algorithm, "certID", error));
    TRY(der_take(&id, DER_OCTET_STRING, &name, "certID", error));
    TRY(der_take(&id, DER_OCTET_STRING, &key, "certID", error));
    TRY(der_take(&id, DER_INTEGER, &serial, "certID", error));
    TRY(der_end_of(id, "certID", error));
    TRY(der_take(&algorithm, DER_OID, &digest, "certID", error));
    enum digest_id used = digest_from_oid(digest);
    bool found = false;
    for (size_t i = 0; i < OCSP_CHECK_DIGESTS; i++) {
        size_t size = digest_size(digests[i]);
        if (digests[i] != used) continue;
        found = slice_equal(name, slice_of(rule->name_hashes[i], size)) &&
                slice_equal(key, slice_of(rule->key_hashes[i], size));
    }
    *ours = found;
    return RFD_OK;
}

/** [1] IMPLICIT RevokedInfo ::= SEQUENCE { revocationTime, [0] EXPLICIT CRLReason OPTIONAL }. */
static rfd_status check_revoked(slice revoked, rfd_time now, struct rfd_error *error)
{
    enum { REASON_MOST = 10, REASON_UNUSED = 7 }; /* RFC 5280 §5.3.1 */
    rfd_time at;
    slice explicit;
    slice reason;
    TRY(take_time(&revoked, "revocationTime", &at, error));
    if (at > now + OCSP_CHECK_SKEW * RFD_SECOND) return refuse("revoked in the future", error);
    if (der_take_optional(&revoked, DER_CONTEXT_CONSTRUCTED(0), &explicit)) {
        TRY(der_only(explicit, DER_ENUMERATED, &reason, "CRLReason", error));
        if (reason.length != 1 || reason.data[0] > REASON_MOST || reason.data[0] == REASON_UNUSED)
            return error_set(error, RFD_E_DER, "OCSP response: CRLReason");
    }
    return der_end_of(revoked, "RevokedInfo", error);
}

static rfd_status check_status(slice *in, bool ours, rfd_time now, struct rfd_error *error)
{
    struct der_item status;
    if (!der_next(in, &status)) return error_set(error, RFD_E_DER, "OCSP response: certStatus");
    bool empty = status.content.length == 0;
    if (status.tag == DER_CONTEXT(2) && empty) return RFD_OK; /* unknown */
    if (!ours) return refuse("good or revoked of another issuer's certificate", error);
    if (status.tag == DER_CONTEXT(0) && empty) return RFD_OK; /* good */
    if (status.tag == DER_CONTEXT_CONSTRUCTED(1)) return check_revoked(status.content, now, error);
    return error_set(error, RFD_E_DER, "OCSP response: certStatus");
}

static rfd_status check_window(const struct ocsp_rule *rule, slice *in, rfd_time now, struct rfd_error *error)
{
    const rfd_time longest = rule->validity * RFD_SECOND;
    const rfd_time skew = OCSP_CHECK_SKEW * RFD_SECOND;
    rfd_time this_update;
    rfd_time next_update;
    slice explicit;
    TRY(take_time(in, "thisUpdate", &this_update, error));
    if (this_update > now + skew || this_update < now - longest - skew) return refuse("thisUpdate", error);
    /* Without nextUpdate there are those who believe an answer for ever (RFC 6960 §4.2.2.1). */
    if (!der_take_optional(in, DER_CONTEXT_CONSTRUCTED(0), &explicit)) return refuse("without nextUpdate", error);
    TRY(take_time(&explicit, "nextUpdate", &next_update, error));
    if (next_update <= this_update || next_update - this_update > longest)
        return refuse("holds longer than the key's policy allows, or not at all", error);
    return der_end_of(explicit, "nextUpdate", error);
}

static rfd_status check_single(const struct ocsp_rule *rule, slice single, rfd_time now, struct rfd_error *error)
{
    static const enum oid_name known[] = {OID_OCSP_ARCHIVE_CUTOFF, OID_OCSP_CRL_REFERENCE, OID_COUNT};
    slice id;
    slice explicit;
    bool ours = false;
    TRY(der_take(&single, DER_SEQUENCE, &id, "certID", error));
    TRY(check_id(rule, id, &ours, error));
    TRY(check_status(&single, ours, now, error));
    TRY(check_window(rule, &single, now, error));
    if (der_take_optional(&single, DER_CONTEXT_CONSTRUCTED(1), &explicit))
        TRY(check_extensions(explicit, known, error));
    return der_end_of(single, "SingleResponse", error);
}

rfd_status ocsp_check(const struct ocsp_rule *rule, slice response_data, rfd_time now, struct rfd_error *error)
{
    static const enum oid_name known[] = {OID_OCSP_NONCE, OID_OCSP_EXTENDED_REVOKE, OID_COUNT};
    const rfd_time skew = OCSP_CHECK_SKEW * RFD_SECOND;
    slice in;
    slice singles;
    slice explicit;
    rfd_time produced;
    TRY(der_only(response_data, DER_SEQUENCE, &in, "ResponseData", error));
    TRY(check_responder(rule, &in, error)); /* a version other than the default has no place here */
    TRY(take_time(&in, "producedAt", &produced, error));
    if (produced > now + skew || produced < now - skew) return refuse("producedAt is not now", error);
    TRY(der_take(&in, DER_SEQUENCE, &singles, "responses", error));
    if (singles.length == 0) return error_set(error, RFD_E_DER, "OCSP response: no answer");
    for (int count = 0; singles.length > 0; count++) {
        slice single;
        if (count == OCSP_CHECK_SINGLES) return refuse("too many answers", error);
        TRY(der_take(&singles, DER_SEQUENCE, &single, "SingleResponse", error));
        TRY(check_single(rule, single, now, error));
    }
    if (der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(1), &explicit)) TRY(check_extensions(explicit, known, error));
    return der_end_of(in, "ResponseData", error);
}
