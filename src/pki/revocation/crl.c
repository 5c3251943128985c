/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/revocation/crl.h"

#include "base/error.h"
#include "base/memory.h"
#include "pki/algorithm.h"
#include "pki/certificate/certificate_internal.h"
#include "pki/digest.h"
#include "pki/certificate/name_match.h"
#include "pki/oid.h"

#include <pthread.h>

/* What is known of the entries: nothing, that all may be used, or that none may. */
enum entries_state { ENTRIES_UNKNOWN, ENTRIES_GOOD, ENTRIES_BAD };

struct crl_owned {
    struct crl crl; /* first: a struct crl is one of these */
    pthread_mutex_t lock;
    enum entries_state entries_state;
    bool has_signer;
    uint8_t signer[32]; /* fingerprint of the certificate that verified it */
    uint8_t bytes[];
};

static struct crl_owned *owned_of(const struct crl *crl)
{
    return (struct crl_owned *)(uintptr_t)crl;
}

/* --- Extensions ----------------------------------------------------------------------------------------------------
 */

/* Unused bits, then bits from the top. */
bool crl_read_reasons(slice bits, unsigned *out)
{
    unsigned mask = 0;
    if (bits.length < 2 || bits.length > 3 || bits.data[0] > 7) return false;
    for (unsigned bit = 1; bit < 9 && bit < (bits.length - 1) * 8; bit++) {
        if ((bits.data[1 + bit / 8] & (0x80U >> bit % 8)) != 0) mask |= 1U << bit;
    }
    *out = mask;
    return true;
}

static bool read_flag(slice *in, unsigned tag, bool *out)
{
    slice content;
    if (!der_take_optional(in, DER_CONTEXT(tag), &content)) return true;
    *out = content.length == 1 && content.data[0] != 0;
    return content.length == 1;
}

/* RFC 5280 §5.2.5. */
static bool read_idp(slice value, struct crl *crl)
{
    slice in;
    slice bits;
    if (!der_take_optional(&value, DER_SEQUENCE, &in) || value.length > 0) return false;
    (void)der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(0), &crl->idp_name);
    if (!read_flag(&in, 1, &crl->only_users) || !read_flag(&in, 2, &crl->only_authorities)) return false;
    if (der_take_optional(&in, DER_CONTEXT(3), &bits) && !crl_read_reasons(bits, &crl->reasons)) return false;
    return read_flag(&in, 4, &crl->indirect) && read_flag(&in, 5, &crl->only_attributes) && in.length == 0;
}

static bool read_key_id(slice value, struct crl *crl)
{
    slice in;
    if (!der_take_optional(&value, DER_SEQUENCE, &in)) return false;
    (void)der_take_optional(&in, DER_CONTEXT(0), &crl->authority_key_id);
    return true;
}

static bool read_number(slice value, slice *out)
{
    return der_take_optional(&value, DER_INTEGER, out) && value.length == 0 && out->length > 0;
}

static bool read_expired_since(slice value, struct crl *crl)
{
    slice time;
    return der_take_optional(&value, DER_GENERALIZED_TIME, &time) &&
           der_time(DER_GENERALIZED_TIME, time, &crl->expired_since);
}

static bool read_extension(slice found, bool critical, slice value, struct crl *crl)
{
    switch (oid_find(found)) {
    case OID_AUTHORITY_KEY_ID: return read_key_id(value, crl);
    case OID_CRL_NUMBER: return read_number(value, &crl->number);
    case OID_DELTA_CRL_INDICATOR: return read_number(value, &crl->delta_base);
    case OID_ISSUING_DISTRIBUTION_POINT: crl->idp = value; return read_idp(value, crl);
    case OID_EXPIRED_CERTS_ON_CRL: return read_expired_since(value, crl);
    case OID_ISSUER_ALT_NAME:
    case OID_FRESHEST_CRL:
    case OID_AUTHORITY_INFO_ACCESS: return true;
    default: crl->unknown_critical |= critical; return true;
    }
}

static rfd_status read_extensions(slice wrapped, struct crl *crl, struct rfd_error *error)
{
    slice list;
    slice found;
    slice value;
    bool critical;
    TRY(der_only(wrapped, DER_SEQUENCE, &list, "crlExtensions", error));
    while (list.length > 0) {
        if (!certificate_next_extension(&list, &found, &critical, &value) ||
            !read_extension(found, critical, value, crl)) {
            return error_set(error, RFD_E_CRL, "crlExtensions are malformed (RFC 5280 §5.2)");
        }
    }
    return RFD_OK;
}

/* --- The list ------------------------------------------------------------------------------------------------------
 */

static bool read_time(slice *in, rfd_time *out)
{
    struct der_item item;
    return der_next(in, &item) && der_time(item.tag, item.content, out);
}

static bool at_time(slice in)
{
    return der_peek(in) == DER_UTC_TIME || der_peek(in) == DER_GENERALIZED_TIME;
}

static rfd_status read_tbs(slice in, struct crl *crl, struct rfd_error *error)
{
    slice version;
    slice wrapped;
    struct der_item item;
    if (der_take_optional(&in, DER_INTEGER, &version) && !(version.length == 1 && version.data[0] == 1)) {
        return error_set(error, RFD_E_CRL, "version is not v2 (RFC 5280 §5.1.2.1)");
    }
    if (!der_next(&in, &item) || !slice_equal(item.whole, crl->signature_algorithm)) {
        return error_set(error, RFD_E_CRL, "the two signature algorithms differ (RFC 5280 §5.1.1.2)");
    }
    if (!der_next(&in, &item) || item.tag != DER_SEQUENCE) return error_set(error, RFD_E_CRL, "issuer is missing");
    crl->issuer = item.whole;
    if (!read_time(&in, &crl->this_update) || (at_time(in) && !read_time(&in, &crl->next_update))) {
        return error_set(error, RFD_E_CRL, "thisUpdate or nextUpdate is malformed");
    }
    (void)der_take_optional(&in, DER_SEQUENCE, &crl->entries);
    if (der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(0), &wrapped)) TRY(read_extensions(wrapped, crl, error));
    return der_end_of(in, "tbsCertList", error);
}

static rfd_status read_list(struct crl *crl, struct rfd_error *error)
{
    slice in;
    slice bits;
    struct der_item tbs;
    struct der_item algorithm;
    TRY(der_only(crl->der, DER_SEQUENCE, &in, "CertificateList", error));
    if (!der_next(&in, &tbs) || tbs.tag != DER_SEQUENCE || !der_next(&in, &algorithm) ||
        algorithm.tag != DER_SEQUENCE) {
        return error_set(error, RFD_E_CRL, "not a CertificateList (RFC 5280 §5.1)");
    }
    TRY(der_take(&in, DER_BIT_STRING, &bits, "signatureValue", error));
    TRY(der_end_of(in, "CertificateList", error));
    if (bits.length < 1 || bits.data[0] != 0) return error_set(error, RFD_E_CRL, "signatureValue has unused bits");
    crl->tbs = tbs.whole;
    crl->signature_algorithm = algorithm.whole;
    crl->signature = slice_from(bits, 1);
    return read_tbs(tbs.content, crl, error);
}

rfd_status crl_parse(slice der, const struct crl **out, struct rfd_error *error)
{
    struct crl_owned *owned = memory_allocate(sizeof *owned + der.length);
    if (owned == NULL) return error_memory(error);
    *owned = (struct crl_owned){.entries_state = ENTRIES_UNKNOWN};
    if (der.length > 0) memcpy(owned->bytes, der.data, der.length);
    owned->crl = (struct crl){.der = slice_of(owned->bytes, der.length),
                              .this_update = RFD_TIME_NONE,
                              .next_update = RFD_TIME_NONE,
                              .expired_since = RFD_TIME_NONE,
                              .reasons = CRL_REASONS_ALL};
    rfd_status status = read_list(&owned->crl, error);
    if (status == RFD_OK && pthread_mutex_init(&owned->lock, NULL) != 0) status = error_memory(error);
    if (status != RFD_OK) {
        memory_free(owned);
        return status == RFD_E_DER ? error_wrap(error, RFD_E_CRL, "certificate revocation list") : status;
    }
    *out = &owned->crl;
    return RFD_OK;
}

void crl_free(const struct crl *crl)
{
    if (crl == NULL) return;
    struct crl_owned *owned = owned_of(crl);
    pthread_mutex_destroy(&owned->lock);
    memory_free(owned);
}

/* --- Entries -------------------------------------------------------------------------------------------------------
 */

struct entry_extensions {
    int reason;
    slice issuer; /* the directoryName of certificateIssuer, empty when absent */
};

/* certificateIssuer: GeneralNames with the directoryName of the certificates' issuer (RFC 5280 §5.3.3). */
static bool read_certificate_issuer(slice value, slice *name)
{
    slice names;
    struct der_item item;
    if (!der_take_optional(&value, DER_SEQUENCE, &names)) return false;
    while (der_next(&names, &item)) {
        if (item.tag == DER_CONTEXT_CONSTRUCTED(4)) *name = item.content;
    }
    return name->length > 0;
}

static bool read_entry_extensions(slice in, struct entry_extensions *out)
{
    slice list;
    slice found;
    slice value;
    slice reason;
    bool critical;
    if (!der_take_optional(&in, DER_SEQUENCE, &list) || in.length > 0) return false;
    while (list.length > 0) {
        if (!certificate_next_extension(&list, &found, &critical, &value)) return false;
        switch (oid_find(found)) {
        case OID_CRL_REASON:
            if (!der_take_optional(&value, DER_ENUMERATED, &reason) || reason.length != 1) return false;
            out->reason = reason.data[0];
            break;
        case OID_CERTIFICATE_ISSUER:
            if (!read_certificate_issuer(value, &out->issuer)) return false;
            break;
        case OID_INVALIDITY_DATE:
        case OID_HOLD_INSTRUCTION: break;
        default:
            if (critical) return false;
        }
    }
    return true;
}

static bool read_entry(slice entry, slice *serial, slice *issuer, struct crl_entry *out)
{
    struct der_item date;
    struct entry_extensions extensions = {.reason = -1};
    if (!der_take_optional(&entry, DER_INTEGER, serial) || !der_next(&entry, &date)) return false;
    if (date.tag != DER_UTC_TIME && date.tag != DER_GENERALIZED_TIME) return false;
    if (entry.length > 0 && !read_entry_extensions(entry, &extensions)) return false;
    if (extensions.issuer.length > 0) *issuer = extensions.issuer;
    out->reason = extensions.reason;
    return der_time(date.tag, date.content, &out->revoked_at);
}

static enum entries_state state_of(const struct crl *crl)
{
    struct crl_owned *owned = owned_of(crl);
    pthread_mutex_lock(&owned->lock);
    enum entries_state state = owned->entries_state;
    pthread_mutex_unlock(&owned->lock);
    return state;
}

static void set_state(const struct crl *crl, enum entries_state state)
{
    struct crl_owned *owned = owned_of(crl);
    pthread_mutex_lock(&owned->lock);
    owned->entries_state = state;
    pthread_mutex_unlock(&owned->lock);
}

static bool begins_with_serial(slice entry, slice serial)
{
    slice number;
    return der_take_optional(&entry, DER_INTEGER, &number) && slice_equal(number, serial);
}

/* The first scan reads every entry whole, to know whether the list may be used at all; later ones compare serials and
 * may stop early. In an indirect list an entry's issuer is that of the entry before, at first the list's own. */
bool crl_find(const struct crl *crl, slice serial, slice issuer, struct crl_entry *out)
{
    enum entries_state state = state_of(crl);
    struct crl_entry found = {.reason = -1, .revoked_at = RFD_TIME_NONE};
    slice current = crl->issuer;
    slice rest = crl->entries;
    slice entry;
    if (state == ENTRIES_BAD) return false;
    while (rest.length > 0 && (state == ENTRIES_UNKNOWN || !found.listed)) {
        struct crl_entry each = {.listed = true};
        slice number;
        bool taken = der_take_optional(&rest, DER_SEQUENCE, &entry);
        if (taken && state == ENTRIES_GOOD && !crl->indirect && !begins_with_serial(entry, serial)) continue;
        if (!taken || !read_entry(entry, &number, &current, &each)) {
            set_state(crl, ENTRIES_BAD);
            return false;
        }
        if (!found.listed && slice_equal(number, serial) && !name_differs(current, issuer)) found = each;
    }
    if (state == ENTRIES_UNKNOWN) set_state(crl, ENTRIES_GOOD);
    *out = found;
    return true;
}

/* --- Signature -----------------------------------------------------------------------------------------------------
 */

bool crl_signed_by(const struct crl *crl, const struct certificate *signer)
{
    struct crl_owned *owned = owned_of(crl);
    struct signature_algorithm algorithm;
    pthread_mutex_lock(&owned->lock);
    bool known = owned->has_signer && memcmp(owned->signer, signer->fingerprint, sizeof owned->signer) == 0;
    pthread_mutex_unlock(&owned->lock);
    if (known) return true;
    if (signature_algorithm_read(crl->signature_algorithm, DIGEST_NONE, &algorithm, NULL) != RFD_OK) return false;
    if (signature_verify(&algorithm, signer, crl->tbs, crl->signature, NULL) != RFD_OK) return false;
    pthread_mutex_lock(&owned->lock);
    owned->has_signer = true;
    memcpy(owned->signer, signer->fingerprint, sizeof owned->signer);
    pthread_mutex_unlock(&owned->lock);
    return true;
}

static slice without_zeros(slice number)
{
    while (number.length > 0 && number.data[0] == 0) number = slice_from(number, 1);
    return number;
}

int crl_number_compare(slice a, slice b)
{
    a = without_zeros(a);
    b = without_zeros(b);
    if (a.length != b.length) return a.length < b.length ? -1 : 1;
    return slice_compare(a, b);
}
