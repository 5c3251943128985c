/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/revocation/ocsp.h"

#include "base/error.h"
#include "base/memory.h"
#include "pki/certificate/certificate_internal.h"
#include "pki/certificate/name_match.h"
#include "pki/oid.h"

enum { CERTIFICATES_MAXIMUM = 16 };

const char *ocsp_status_text(enum ocsp_status status)
{
    static const char *const texts[] = {
        [OCSP_SUCCESSFUL] = "successful",
        [OCSP_MALFORMED_REQUEST] = "malformed request",
        [OCSP_INTERNAL_ERROR] = "internal error",
        [OCSP_TRY_LATER] = "try later",
        [OCSP_SIGNATURE_REQUIRED] = "request must be signed",
        [OCSP_UNAUTHORIZED] = "unauthorized",
    };
    const char *text = (unsigned)status < sizeof texts / sizeof texts[0] ? texts[status] : NULL;
    return text == NULL ? "unknown status" : text;
}

void ocsp_free(struct ocsp *o)
{
    if (o == NULL) return;
    certificate_list_dispose(&o->certificates);
    memory_free(o->bytes.data);
    memory_free(o);
}

/* --- Reading -------------------------------------------------------------------------------------------------------
 */

static bool read_extensions(slice wrapped, struct ocsp *o)
{
    slice list;
    slice found;
    slice value;
    bool critical;
    if (!der_take_optional(&wrapped, DER_SEQUENCE, &list) || wrapped.length > 0) return false;
    while (list.length > 0) {
        if (!certificate_next_extension(&list, &found, &critical, &value)) return false;
        enum oid_name name = oid_find(found);
        if (name == OID_OCSP_NONCE) {
            o->nonce = value;
        } else if (critical && name != OID_OCSP_EXTENDED_REVOKE) {
            o->unknown_critical = true;
        }
    }
    return true;
}

/* ResponderID ::= CHOICE { [1] Name, [2] KeyHash } (RFC 6960 §4.2.1), both explicit. */
static bool read_responder(slice *in, struct ocsp *o)
{
    slice content;
    slice ignored;
    if (der_take_optional(in, DER_CONTEXT_CONSTRUCTED(1), &content)) {
        o->responder_name = content;
        return der_take_optional(&content, DER_SEQUENCE, &ignored) && content.length == 0;
    }
    if (!der_take_optional(in, DER_CONTEXT_CONSTRUCTED(2), &content)) return false;
    return der_take_optional(&content, DER_OCTET_STRING, &o->responder_key) && content.length == 0 &&
           o->responder_key.length > 0;
}

static rfd_status read_tbs(slice in, struct ocsp *o, struct rfd_error *error)
{
    slice version;
    slice time;
    slice wrapped;
    (void)der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(0), &version);
    if (!read_responder(&in, o)) return error_set(error, RFD_E_OCSP, "responderID is malformed");
    TRY(der_take(&in, DER_GENERALIZED_TIME, &time, "producedAt", error));
    if (!der_time(DER_GENERALIZED_TIME, time, &o->produced_at)) {
        return error_set(error, RFD_E_OCSP, "producedAt is malformed");
    }
    TRY(der_take(&in, DER_SEQUENCE, &o->responses, "responses", error));
    if (der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(1), &wrapped) && !read_extensions(wrapped, o)) {
        return error_set(error, RFD_E_OCSP, "responseExtensions are malformed");
    }
    return der_end_of(in, "ResponseData", error);
}

/* Certificates that cannot be read are left out: they only help to find the signer's. */
static rfd_status read_certificates(slice wrapped, struct ocsp *o, struct rfd_error *error)
{
    slice list;
    struct der_item item;
    TRY(der_only(wrapped, DER_SEQUENCE, &list, "certs", error));
    while (o->certificates.count < CERTIFICATES_MAXIMUM && der_next(&list, &item)) {
        const struct certificate *c = NULL;
        rfd_status status = certificate_parse(item.whole, &c, NULL);
        if (status == RFD_E_MEMORY) return error_memory(error);
        if (status != RFD_OK) continue;
        status = certificate_list_add(&o->certificates, c, error);
        certificate_unref(c);
        TRY(status);
    }
    return RFD_OK;
}

static rfd_status read_basic(struct ocsp *o, struct rfd_error *error)
{
    slice in;
    slice bits;
    slice wrapped;
    struct der_item tbs;
    struct der_item algorithm;
    TRY(der_only(o->basic, DER_SEQUENCE, &in, "BasicOCSPResponse", error));
    if (!der_next(&in, &tbs) || tbs.tag != DER_SEQUENCE || !der_next(&in, &algorithm) ||
        algorithm.tag != DER_SEQUENCE) {
        return error_set(error, RFD_E_OCSP, "not a BasicOCSPResponse (RFC 6960 §4.2.1)");
    }
    TRY(der_take(&in, DER_BIT_STRING, &bits, "signature", error));
    if (bits.length < 1 || bits.data[0] != 0) return error_set(error, RFD_E_OCSP, "signature has unused bits");
    o->tbs = tbs.whole;
    o->signature_algorithm = algorithm.whole;
    o->signature = slice_from(bits, 1);
    if (der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(0), &wrapped)) TRY(read_certificates(wrapped, o, error));
    TRY(der_end_of(in, "BasicOCSPResponse", error));
    return read_tbs(tbs.content, o, error);
}

static rfd_status read_response(struct ocsp *o, struct rfd_error *error)
{
    slice in;
    slice status;
    slice wrapped;
    slice bytes;
    slice type;
    TRY(der_only(slice_bytes(o->bytes), DER_SEQUENCE, &in, "OCSPResponse", error));
    TRY(der_take(&in, DER_ENUMERATED, &status, "responseStatus", error));
    if (status.length != 1) return error_set(error, RFD_E_OCSP, "responseStatus is malformed");
    o->status = (enum ocsp_status)status.data[0];
    if (o->status != OCSP_SUCCESSFUL) return RFD_OK;
    TRY(der_take(&in, DER_CONTEXT_CONSTRUCTED(0), &wrapped, "responseBytes", error));
    TRY(der_end_of(in, "OCSPResponse", error));
    TRY(der_only(wrapped, DER_SEQUENCE, &bytes, "ResponseBytes", error));
    TRY(der_take(&bytes, DER_OID, &type, "responseType", error));
    if (!slice_equal(type, oid(OID_OCSP_BASIC))) return error_set(error, RFD_E_OCSP, "responseType is not basic");
    TRY(der_only(bytes, DER_OCTET_STRING, &o->basic, "response", error));
    return read_basic(o, error);
}

rfd_status ocsp_parse(slice der, struct ocsp **out, struct rfd_error *error)
{
    struct ocsp *o = memory_zeroed(1, sizeof *o);
    if (o == NULL) return error_memory(error);
    rfd_status status = RFD_OK;
    o->bytes.data = memory_copy(der.data, der.length);
    o->bytes.length = der.length;
    status = o->bytes.data == NULL ? error_memory(error) : read_response(o, error);
    if (status != RFD_OK) {
        ocsp_free(o);
        return status == RFD_E_DER ? error_wrap(error, RFD_E_OCSP, "OCSP response") : status;
    }
    *out = o;
    return RFD_OK;
}

/* --- Matching ------------------------------------------------------------------------------------------------------
 */

static bool hash_matches(enum digest_id id, slice bytes, slice hash)
{
    uint8_t computed[DIGEST_SIZE_MAXIMUM];
    return hash.length == digest_size(id) && digest_of(id, bytes, computed, NULL) == RFD_OK &&
           memcmp(computed, hash.data, hash.length) == 0;
}

/* CertID (RFC 6960 §4.1.1), the serial first as it is the cheapest to compare. */
static bool id_matches(slice id, const struct certificate *c, const struct certificate *issuer)
{
    slice algorithm;
    slice name;
    slice name_hash_value;
    slice key_hash;
    slice serial;
    if (!der_take_optional(&id, DER_SEQUENCE, &algorithm) || !der_take_optional(&algorithm, DER_OID, &name) ||
        !der_take_optional(&id, DER_OCTET_STRING, &name_hash_value) ||
        !der_take_optional(&id, DER_OCTET_STRING, &key_hash) || !der_take_optional(&id, DER_INTEGER, &serial) ||
        id.length > 0) {
        return false;
    }
    if (!slice_equal(serial, c->serial)) return false;
    enum digest_id digest = digest_from_oid(name);
    if (digest == DIGEST_NONE || digest == DIGEST_MD5) return false;
    /* The name as in the certificate asked about, or as in its issuer's (they may differ in string type). */
    return hash_matches(digest, issuer->key_bits, key_hash) &&
           (hash_matches(digest, c->issuer, name_hash_value) || hash_matches(digest, issuer->subject, name_hash_value));
}

static bool read_status(slice *in, struct ocsp_single *s)
{
    struct der_item item;
    slice wrapped;
    slice reason;
    slice time;
    if (!der_next(in, &item)) return false;
    s->reason = -1;
    s->revoked_at = RFD_TIME_NONE;
    if (item.tag == DER_CONTEXT(0) || item.tag == DER_CONTEXT(2)) {
        s->status = item.tag == DER_CONTEXT(0) ? OCSP_GOOD : OCSP_UNKNOWN;
        return true;
    }
    if (item.tag != DER_CONTEXT_CONSTRUCTED(1)) return false;
    s->status = OCSP_REVOKED;
    if (!der_take_optional(&item.content, DER_GENERALIZED_TIME, &time) ||
        !der_time(DER_GENERALIZED_TIME, time, &s->revoked_at)) {
        return false;
    }
    if (!der_take_optional(&item.content, DER_CONTEXT_CONSTRUCTED(0), &wrapped)) return item.content.length == 0;
    if (!der_take_optional(&wrapped, DER_ENUMERATED, &reason) || reason.length != 1) return false;
    s->reason = reason.data[0];
    return item.content.length == 0;
}

static bool read_single_extensions(slice wrapped, struct ocsp_single *s)
{
    slice list;
    slice found;
    slice value;
    slice time;
    bool critical;
    if (!der_take_optional(&wrapped, DER_SEQUENCE, &list)) return false;
    while (list.length > 0) {
        if (!certificate_next_extension(&list, &found, &critical, &value)) return false;
        enum oid_name name = oid_find(found);
        if (name == OID_OCSP_ARCHIVE_CUTOFF) {
            if (!der_take_optional(&value, DER_GENERALIZED_TIME, &time) ||
                !der_time(DER_GENERALIZED_TIME, time, &s->archive_cutoff)) {
                return false;
            }
        } else if (critical && name != OID_OCSP_CRL_REFERENCE && name != OID_CRL_REASON &&
                   name != OID_INVALIDITY_DATE) {
            s->unknown_critical = true;
        }
    }
    return true;
}

/* What follows the certID in a SingleResponse. */
static bool read_single(slice in, struct ocsp_single *s)
{
    slice time;
    slice wrapped;
    *s = (struct ocsp_single){.next_update = RFD_TIME_NONE, .archive_cutoff = RFD_TIME_NONE};
    if (!read_status(&in, s)) return false;
    if (!der_take_optional(&in, DER_GENERALIZED_TIME, &time) ||
        !der_time(DER_GENERALIZED_TIME, time, &s->this_update)) {
        return false;
    }
    if (der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(0), &wrapped) &&
        (!der_take_optional(&wrapped, DER_GENERALIZED_TIME, &time) ||
         !der_time(DER_GENERALIZED_TIME, time, &s->next_update))) {
        return false;
    }
    if (der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(1), &wrapped) && !read_single_extensions(wrapped, s))
        return false;
    return in.length == 0;
}

bool ocsp_find(const struct ocsp *o, const struct certificate *c, const struct certificate *issuer,
               struct ocsp_single *out)
{
    slice rest = o->responses;
    slice single;
    slice id;
    bool found = false;
    while (der_take_optional(&rest, DER_SEQUENCE, &single)) {
        struct ocsp_single read;
        if (!der_take_optional(&single, DER_SEQUENCE, &id) || !id_matches(id, c, issuer)) continue;
        if (!read_single(single, &read) || (found && read.this_update <= out->this_update)) continue;
        *out = read;
        found = true;
    }
    return found;
}

bool ocsp_is_responder(const struct ocsp *o, const struct certificate *c)
{
    if (o->responder_key.length > 0) return hash_matches(DIGEST_SHA1, c->key_bits, o->responder_key);
    return name_equal(o->responder_name, c->subject);
}

bool ocsp_signed_by(const struct ocsp *o, const struct certificate *signer)
{
    struct signature_algorithm algorithm;
    return signature_algorithm_read(o->signature_algorithm, DIGEST_NONE, &algorithm, NULL) == RFD_OK &&
           signature_verify(&algorithm, signer, o->tbs, o->signature, NULL) == RFD_OK;
}

bool ocsp_nonce_matches(const struct ocsp *o, slice nonce)
{
    slice value = o->nonce;
    slice inner;
    if (slice_equal(value, nonce)) return true;
    return der_take_optional(&value, DER_OCTET_STRING, &inner) && value.length == 0 && slice_equal(inner, nonce);
}
