/* SPDX-License-Identifier: EUPL-1.2
 *
 * One allocation holds the certificate, its count of references and the bytes. OpenSSL's objects hang on it and are
 * made on first use: two threads may both make one, and the slower throws its own away.
 */
#include "pki/certificate/certificate.h"

#include "base/error.h"
#include "base/memory.h"
#include "pki/algorithm.h"
#include "pki/certificate/certificate_internal.h"
#include "pki/certificate/name_match.h"
#include "pki/oid.h"
#include "pki/certificate/public_key.h"
#include "pki/signature_pool.h"

#include <assert.h>
#include <openssl/x509.h>
#include <stdatomic.h>

enum { CERTIFICATE_MAXIMUM = 1 << 20, EXTENSIONS_MAXIMUM = 64 };

struct holder {
    struct certificate c; /* first: a certificate's address is its holder's */
    atomic_uint references;
    _Atomic(X509 *) x509;
    _Atomic(EVP_PKEY *) key;
    _Atomic(uint64_t) subject_hash; /* 0: not made yet */
    atomic_bool verified;           /* something with its key, or tried to */
    struct signature_pool pool;
    uint8_t bytes[];
};

static struct holder *holder_of(const struct certificate *c)
{
    return (struct holder *)(uintptr_t)c;
}

/* --- The to-be-signed part (RFC 5280 §4.1.2) --------------------------------------------------------------------- */

static rfd_status take_time(slice *in, rfd_time *out, const char *what, struct rfd_error *error)
{
    struct der_item item;
    if (!der_next(in, &item) || !der_time(item.tag, item.content, out)) {
        return error_set(error, RFD_E_DER, "certificate: %s is not a time (RFC 5280 §4.1.2.5)", what);
    }
    return RFD_OK;
}

/* Takes a SEQUENCE and keeps all of it. */
static rfd_status take_whole(slice *in, slice *whole, const char *what, struct rfd_error *error)
{
    slice before = *in;
    slice content;
    TRY(der_take(in, DER_SEQUENCE, &content, what, error));
    *whole = slice_part(before, 0, before.length - in->length);
    return RFD_OK;
}

static rfd_status parse_validity(struct certificate *c, slice *tbs, struct rfd_error *error)
{
    slice validity;
    TRY(der_take(tbs, DER_SEQUENCE, &validity, "certificate validity", error));
    TRY(take_time(&validity, &c->not_before, "notBefore", error));
    TRY(take_time(&validity, &c->not_after, "notAfter", error));
    return der_end_of(validity, "certificate validity", error);
}

static rfd_status parse_version_and_serial(struct certificate *c, slice *tbs, unsigned *version,
                                           struct rfd_error *error)
{
    slice tagged;
    uint64_t number = 0;
    if (der_take_optional(tbs, DER_CONTEXT_CONSTRUCTED(0), &tagged)) {
        slice content;
        TRY(der_only(tagged, DER_INTEGER, &content, "certificate version", error));
        if (!der_unsigned(content, &number) || number > 2) {
            return error_set(error, RFD_E_DER, "certificate: unknown version (RFC 5280 §4.1.2.1)");
        }
    }
    *version = (unsigned)number;
    TRY(der_take(tbs, DER_INTEGER, &c->serial, "certificate serial number", error));
    if (c->serial.length == 0) return error_set(error, RFD_E_DER, "certificate: empty serial number");
    return RFD_OK;
}

/* --- Extensions (RFC 5280 §4.2.1) -------------------------------------------------------------------------------- */

static bool read_key_usage(struct certificate *c, slice value)
{
    slice bits;
    if (!der_take_optional(&value, DER_BIT_STRING, &bits) || value.length != 0 || bits.length < 1) return false;
    c->has_key_usage = true;
    for (unsigned n = 0; bits.length > 1 && n < 7; n++) {
        if ((bits.data[1] & 0x80U >> n) != 0) c->key_usage |= 1U << n;
    }
    return bits.data[0] < 8;
}

static bool read_basic_constraints(struct certificate *c, slice value)
{
    slice content;
    slice field;
    if (!der_take_optional(&value, DER_SEQUENCE, &content) || value.length != 0) return false;
    if (der_take_optional(&content, DER_BOOLEAN, &field)) {
        if (field.length != 1) return false;
        c->is_ca = field.data[0] != 0;
    }
    (void)der_take_optional(&content, DER_INTEGER, &field);
    return content.length == 0;
}

static bool read_subject_key_id(struct certificate *c, slice value)
{
    return der_take_optional(&value, DER_OCTET_STRING, &c->subject_key_id) && value.length == 0;
}

static bool read_authority_key_id(struct certificate *c, slice value)
{
    slice content;
    if (!der_take_optional(&value, DER_SEQUENCE, &content) || value.length != 0) return false;
    (void)der_take_optional(&content, DER_CONTEXT(0), &c->authority_key_id);
    return true;
}

static const struct {
    enum oid_name oid;
    bool (*read)(struct certificate *c, slice value);
} extension_readers[] = {
    {OID_KEY_USAGE, read_key_usage},
    {OID_BASIC_CONSTRAINTS, read_basic_constraints},
    {OID_SUBJECT_KEY_ID, read_subject_key_id},
    {OID_AUTHORITY_KEY_ID, read_authority_key_id},
};

static rfd_status read_extension(struct certificate *c, slice id, slice value, struct rfd_error *error)
{
    for (size_t i = 0; i < sizeof extension_readers / sizeof *extension_readers; i++) {
        if (!slice_equal(id, oid(extension_readers[i].oid))) continue;
        if (extension_readers[i].read(c, value)) return RFD_OK;
        char text[OID_TEXT_SIZE];
        return error_set(error, RFD_E_DER, "certificate: extension %s is malformed", oid_text(id, text));
    }
    return RFD_OK;
}

static rfd_status parse_extensions(struct certificate *c, slice tagged, struct rfd_error *error)
{
    slice seen[EXTENSIONS_MAXIMUM];
    size_t count = 0;
    TRY(der_only(tagged, DER_SEQUENCE, &c->extensions, "certificate extensions", error));
    slice rest = c->extensions;
    while (rest.length > 0) {
        bool critical;
        slice value;
        if (count == EXTENSIONS_MAXIMUM) {
            return error_set(error, RFD_E_DER, "certificate: more than %d extensions", EXTENSIONS_MAXIMUM);
        }
        if (!certificate_next_extension(&rest, &seen[count], &critical, &value)) {
            return error_set(error, RFD_E_DER, "certificate: extension %zu is malformed", count + 1);
        }
        for (size_t i = 0; i < count; i++) {
            if (!slice_equal(seen[i], seen[count])) continue;
            return error_set(error, RFD_E_DER, "certificate: an extension occurs twice (RFC 5280 §4.2)");
        }
        TRY(read_extension(c, seen[count], value, error));
        count++;
    }
    return RFD_OK;
}

/* issuerUniqueID, subjectUniqueID and extensions, each optional. */
static rfd_status parse_tail(struct certificate *c, slice tbs, unsigned version, struct rfd_error *error)
{
    slice ignored;
    slice tagged;
    (void)der_take_optional(&tbs, DER_CONTEXT(1), &ignored);
    (void)der_take_optional(&tbs, DER_CONTEXT(2), &ignored);
    if (der_take_optional(&tbs, DER_CONTEXT_CONSTRUCTED(3), &tagged)) {
        if (version != 2) return error_set(error, RFD_E_DER, "certificate: extensions in a version 1 or 2");
        TRY(parse_extensions(c, tagged, error));
    }
    return der_end_of(tbs, "TBSCertificate", error);
}

static rfd_status parse_tbs(struct certificate *c, slice tbs, struct rfd_error *error)
{
    unsigned version = 0;
    slice algorithm;
    TRY(parse_version_and_serial(c, &tbs, &version, error));
    TRY(take_whole(&tbs, &algorithm, "certificate signature algorithm", error));
    if (!slice_equal(algorithm, c->signature_algorithm)) {
        return error_set(error, RFD_E_DER, "certificate: two different signature algorithms (RFC 5280 §4.1.1.2)");
    }
    TRY(take_whole(&tbs, &c->issuer, "certificate issuer", error));
    TRY(parse_validity(c, &tbs, error));
    TRY(take_whole(&tbs, &c->subject, "certificate subject", error));
    TRY(take_whole(&tbs, &c->spki, "certificate public key", error));
    TRY(public_key_describe(c, error));
    return parse_tail(c, tbs, version, error);
}

static rfd_status parse_certificate(struct certificate *c, struct rfd_error *error)
{
    slice content;
    slice bits;
    slice tbs;
    TRY(der_only(c->der, DER_SEQUENCE, &content, "certificate", error));
    TRY(take_whole(&content, &c->tbs, "TBSCertificate", error));
    TRY(take_whole(&content, &c->signature_algorithm, "certificate signature algorithm", error));
    TRY(der_take(&content, DER_BIT_STRING, &bits, "certificate signature", error));
    TRY(der_end_of(content, "certificate", error));
    if (bits.length < 2 || bits.data[0] != 0) return error_set(error, RFD_E_DER, "certificate: malformed signature");
    c->signature = slice_from(bits, 1);
    TRY(der_only(c->tbs, DER_SEQUENCE, &tbs, "TBSCertificate", error));
    TRY(parse_tbs(c, tbs, error));
    c->self_issued = slice_equal(c->subject, c->issuer);
    return digest_of(DIGEST_SHA256, c->der, c->fingerprint, error);
}

rfd_status certificate_parse(slice der, const struct certificate **out, struct rfd_error *error)
{
    if (der.length > CERTIFICATE_MAXIMUM) {
        return error_set(error, RFD_E_LIMIT, "certificate of more than %d bytes", CERTIFICATE_MAXIMUM);
    }
    struct holder *h = memory_allocate(sizeof *h + der.length);
    if (h == NULL) return error_memory(error);
    memset(h, 0, sizeof *h);
    if (der.length > 0) memcpy(h->bytes, der.data, der.length);
    h->c.der = slice_of(h->bytes, der.length);
    rfd_status status = parse_certificate(&h->c, error);
    if (status != RFD_OK) {
        memory_free(h);
        return status;
    }
    atomic_init(&h->references, 1);
    signature_pool_init(&h->pool);
    *out = &h->c;
    return RFD_OK;
}

const struct certificate *certificate_ref(const struct certificate *c)
{
    if (c != NULL) (void)atomic_fetch_add_explicit(&holder_of(c)->references, 1, memory_order_relaxed);
    return c;
}

void certificate_unref(const struct certificate *c)
{
    if (c == NULL) return;
    struct holder *h = holder_of(c);
    unsigned before = atomic_fetch_sub_explicit(&h->references, 1, memory_order_acq_rel);
    assert(before > 0);
    if (before != 1) return;
    signature_pool_dispose(&h->pool);
    X509_free(atomic_load(&h->x509));
    EVP_PKEY_free(atomic_load(&h->key));
    memory_free(h);
}

bool certificate_equal(const struct certificate *a, const struct certificate *b)
{
    return a == b ||
           (memcmp(a->fingerprint, b->fingerprint, sizeof a->fingerprint) == 0 && slice_equal(a->der, b->der));
}

uint64_t certificate_subject_hash(const struct certificate *c)
{
    struct holder *h = holder_of(c);
    uint64_t hash = atomic_load_explicit(&h->subject_hash, memory_order_relaxed);
    if (hash != 0) return hash;
    hash = name_hash(c->subject);
    atomic_store_explicit(&h->subject_hash, hash, memory_order_relaxed);
    return hash;
}

/* --- OpenSSL's view ---------------------------------------------------------------------------------------------- */

struct x509_st *certificate_x509(const struct certificate *c, struct rfd_error *error)
{
    struct holder *h = holder_of(c);
    X509 *made = atomic_load(&h->x509);
    if (made != NULL) return made;
    const uint8_t *at = c->der.data;
    made = d2i_X509(NULL, &at, (long)c->der.length);
    if (made == NULL) {
        (void)(signature_pool_lacks_memory() ? error_memory(error)
                                             : error_set(error, RFD_E_DER, "certificate: OpenSSL cannot read it"));
        return NULL;
    }
    X509 *expected = NULL;
    if (atomic_compare_exchange_strong(&h->x509, &expected, made)) return made;
    X509_free(made);
    return expected;
}

struct evp_pkey_st *certificate_public_key(const struct certificate *c, struct rfd_error *error)
{
    struct holder *h = holder_of(c);
    EVP_PKEY *made = atomic_load(&h->key);
    if (made != NULL) return made;
    made = public_key_make(c);
    if (made == NULL) {
        if (signature_pool_lacks_memory())
            (void)error_memory(error);
        else
            (void)error_set(error, RFD_E_KEY_ALGORITHM, "certificate: its public key is not valid or not supported");
        return NULL;
    }
    EVP_PKEY *expected = NULL;
    if (atomic_compare_exchange_strong(&h->key, &expected, made)) return made;
    EVP_PKEY_free(made);
    return expected;
}

struct signature_pool *certificate_pool(const struct certificate *c)
{
    return &holder_of(c)->pool;
}

bool certificate_verifies_again(const struct certificate *c)
{
    return atomic_exchange_explicit(&holder_of(c)->verified, true, memory_order_relaxed);
}

rfd_status certificate_verify_signature(const struct certificate *c, const struct certificate *issuer,
                                        struct rfd_error *error)
{
    struct signature_algorithm algorithm;
    TRY(signature_algorithm_read(c->signature_algorithm, DIGEST_NONE, &algorithm, error));
    return signature_verify(&algorithm, issuer, c->tbs, c->signature, error);
}
