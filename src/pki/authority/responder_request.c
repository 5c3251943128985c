/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reading what strangers ask (RFC 6960 §4.1). Names and signatures of requestors are passed over; what is read is read
 * strictly, since the certID's octets go back into something that we sign.
 */
#include "pki/authority/responder.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "pki/certificate/certificate_internal.h"

/* RFC 9654 §2.1: an OCTET STRING of 1 to 128 octets inside extnValue. Some clients send the octets bare. */
static rfd_status take_nonce(slice value, struct responder_request *out, struct rfd_error *error)
{
    slice rest = value;
    slice wrapped;
    slice octets = der_take_optional(&rest, DER_OCTET_STRING, &wrapped) && rest.length == 0 ? wrapped : value;
    if (out->nonce.length > 0) return error_set(error, RFD_E_DER, "OCSP request: two nonces");
    if (octets.length == 0 || octets.length > RESPONDER_NONCE_MAXIMUM) {
        return error_set(error, RFD_E_DER, "OCSP request: a nonce of %zu octets (RFC 9654 §2.1)", octets.length);
    }
    out->nonce = value;
    return RFD_OK;
}

/* What we may be asked to heed and do: the nonce, and answering in the basic form, which is the only one there is.
 * preferredSignatureAlgorithms is a wish (RFC 6960 §4.4.7), serviceLocator concerns relays. */
static bool is_heeded(enum oid_name name, bool of_request)
{
    return of_request && (name == OID_OCSP_NONCE || name == OID_OCSP_RESPONSE);
}

/* `of_request` is NULL for the extensions of a certID, where a nonce has no meaning. */
static rfd_status read_extensions(slice wrapped, struct responder_request *of_request, struct rfd_error *error)
{
    enum { EXTENSIONS_MAXIMUM = 16 };
    slice list;
    slice id;
    slice value;
    bool critical;
    size_t count = 0;
    TRY(der_only(wrapped, DER_SEQUENCE, &list, "OCSP request extensions", error));
    for (; list.length > 0; count++) {
        if (count == EXTENSIONS_MAXIMUM || !certificate_next_extension(&list, &id, &critical, &value)) {
            return error_set(error, RFD_E_DER, "OCSP request: extension %zu is malformed or too many", count + 1);
        }
        enum oid_name name = oid_find(id);
        if (critical && !is_heeded(name, of_request != NULL)) {
            char text[OID_TEXT_SIZE];
            return error_set(error, RFD_E_UNSUPPORTED, "OCSP request: critical extension %s", oid_text(id, text));
        }
        if (of_request != NULL && name == OID_OCSP_NONCE) TRY(take_nonce(value, of_request, error));
    }
    return RFD_OK;
}

static rfd_status read_id(slice in, struct responder_id *id, struct rfd_error *error)
{
    slice algorithm;
    slice digest;
    slice null;
    TRY(der_take(&in, DER_SEQUENCE, &algorithm, "certID hashAlgorithm", error));
    TRY(der_take(&algorithm, DER_OID, &digest, "certID hashAlgorithm", error));
    (void)der_take_optional(&algorithm, DER_NULL, &null);
    TRY(der_end_of(algorithm, "certID hashAlgorithm", error));
    TRY(der_take(&in, DER_OCTET_STRING, &id->name_hash, "certID issuerNameHash", error));
    TRY(der_take(&in, DER_OCTET_STRING, &id->key_hash, "certID issuerKeyHash", error));
    TRY(der_take(&in, DER_INTEGER, &id->serial, "certID serialNumber", error));
    TRY(der_end_of(in, "certID", error));
    if (id->serial.length == 0 || id->serial.length > RESPONDER_SERIAL_MAXIMUM) {
        return error_set(error, RFD_E_DER, "certID: a serial number of %zu octets", id->serial.length);
    }
    id->digest = digest_from_oid(digest);
    return RFD_OK;
}

rfd_status responder_id_parse(slice whole, struct responder_id *out, struct rfd_error *error)
{
    slice content;
    struct responder_id id = {.whole = whole};
    TRY(der_only(whole, DER_SEQUENCE, &content, "certID", error));
    TRY(read_id(content, &id, error));
    *out = id;
    return RFD_OK;
}

static rfd_status read_requests(slice list, struct responder_request *out, struct rfd_error *error)
{
    if (list.length == 0) return error_set(error, RFD_E_DER, "OCSP request: it asks for nothing");
    while (list.length > 0) {
        slice request;
        slice content;
        slice wrapped;
        if (out->count == RESPONDER_IDS_MAXIMUM) {
            return error_set(error, RFD_E_DER, "OCSP request: more than %d certIDs", RESPONDER_IDS_MAXIMUM);
        }
        TRY(der_take(&list, DER_SEQUENCE, &request, "OCSP request", error));
        slice before = request;
        TRY(der_take(&request, DER_SEQUENCE, &content, "certID", error));
        struct responder_id *id = &out->ids[out->count++];
        id->whole = slice_part(before, 0, before.length - request.length);
        TRY(read_id(content, id, error));
        if (der_take_optional(&request, DER_CONTEXT_CONSTRUCTED(0), &wrapped)) {
            TRY(read_extensions(wrapped, NULL, error));
        }
        TRY(der_end_of(request, "OCSP request", error));
    }
    return RFD_OK;
}

static rfd_status read_tbs(slice in, struct responder_request *out, struct rfd_error *error)
{
    slice tagged;
    slice version;
    slice list;
    uint64_t number;
    if (der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(0), &tagged)) {
        TRY(der_only(tagged, DER_INTEGER, &version, "OCSP request version", error));
        if (!der_unsigned(version, &number) || number != 0) {
            return error_set(error, RFD_E_DER, "OCSP request: its version is not 1 (RFC 6960 §4.1.1)");
        }
    }
    (void)der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(1), &tagged); /* requestorName */
    TRY(der_take(&in, DER_SEQUENCE, &list, "requestList", error));
    TRY(read_requests(list, out, error));
    if (der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(2), &tagged)) TRY(read_extensions(tagged, out, error));
    return der_end_of(in, "TBSRequest", error);
}

rfd_status responder_request_parse(slice der, struct responder_request *out, struct rfd_error *error)
{
    slice in;
    slice tbs;
    slice ignored;
    if (der.length > RESPONDER_REQUEST_MAXIMUM) {
        return error_set(error, RFD_E_LIMIT, "OCSP request of %zu bytes", der.length);
    }
    out->count = 0;
    out->nonce = SLICE_EMPTY;
    TRY(der_only(der, DER_SEQUENCE, &in, "OCSPRequest", error));
    TRY(der_take(&in, DER_SEQUENCE, &tbs, "TBSRequest", error));
    (void)der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(0), &ignored); /* optionalSignature */
    TRY(der_end_of(in, "OCSPRequest", error));
    return read_tbs(tbs, out, error);
}

/* --- GET --------------------------------------------------------------------------------------------------------- */

/* Decodes %XX once into `to`, which is as long as `path`; false when a '%' has no two digits. */
static bool decode_percent(slice path, uint8_t *to, size_t *length)
{
    size_t used = 0;
    for (size_t i = 0; i < path.length; i++) {
        uint8_t byte = path.data[i];
        if (byte == '%') {
            if (path.length - i < 3 || !number_hex(slice_part(path, i + 1, 2), &byte)) return false;
            i += 2;
        }
        to[used++] = byte;
    }
    *length = used;
    return true;
}

rfd_status responder_decode_text(slice text, struct buf *out, struct rfd_error *error)
{
    size_t length = 0;
    if (text.length > RESPONDER_PATH_MAXIMUM) {
        return error_set(error, RFD_E_LIMIT, "OCSP path of %zu bytes", text.length);
    }
    /* DER begins with 0x30 and so its base64 with 'M': slashes in front are of the address. */
    while (text.length > 0 && text.data[0] == '/') text = slice_from(text, 1);
    for (int i = 0; i < 2 && text.length > 0 && text.data[text.length - 1] == '='; i++) text.length--;
    uint8_t *to = buf_reserve(out, text.length / 4 * 3 + 3);
    if (to == NULL) return buf_check(out, "OCSP request", error);
    if (text.length == 0 || !number_base64(text, to, &length)) {
        return error_set(error, RFD_E_DER, "OCSP path: not base64 (RFC 6960 §A.1)");
    }
    out->length += length;
    return RFD_OK;
}

rfd_status responder_decode_path(slice path, struct buf *out, struct rfd_error *error)
{
    uint8_t text[RESPONDER_PATH_MAXIMUM];
    size_t length;
    if (path.length > sizeof text) return error_set(error, RFD_E_LIMIT, "OCSP path of %zu bytes", path.length);
    if (!decode_percent(path, text, &length)) return error_set(error, RFD_E_DER, "OCSP path: a stray '%%'");
    return responder_decode_text(slice_of(text, length), out, error);
}
