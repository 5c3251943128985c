/* SPDX-License-Identifier: EUPL-1.2
 *
 * Assembly of a SignedData around a signature made elsewhere. Everything is written straight into the caller's buffer,
 * which is asked once for the most that it can need; inner elements are closed as der_close() does it, by moving a few
 * hundred bytes, which costs less than working out every length beforehand.
 */
#include "pki/cms/cms.h"

#include "pki/oid.h"

#include "base/error.h"

/* --- Attributes -------------------------------------------------------------------------------------------------- */

/* SEQUENCE { id-contentType, SET { id-data } } (RFC 5652 §11.1): the same in every signature of a document. */
static const uint8_t content_type_data[] = {0x30, 0x18, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7,
                                            0x0D, 0x01, 0x09, 0x03, 0x31, 0x0B, 0x06, 0x09, 0x2A,
                                            0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01};

/* EncapsulatedContentInfo { id-data } without eContent: a detached signature (RFC 5652 §5.2). */
static const uint8_t detached_data[] = {0x30, 0x0B, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01};

struct open_attribute {
    size_t sequence, values;
};

static struct open_attribute attribute_open(struct buf *b, enum oid_name type)
{
    struct open_attribute a = {.sequence = der_open(b, DER_SEQUENCE)};
    der_put_oid(b, oid(type));
    a.values = der_open(b, DER_SET);
    return a;
}

static void attribute_close(struct buf *b, struct open_attribute a)
{
    der_close(b, a.values);
    der_close(b, a.sequence);
}

/* SET OF in DER is sorted by encoding (X.690 §11.6): moves the element that was written last, at `start`, to its place
 * among the sorted ones since `first`. */
static void place_sorted(struct buf *b, size_t first, size_t start)
{
    if (buf_status(b) != RFD_OK || start == b->length) return;
    slice added = slice_of(b->data + start, b->length - start);
    slice before = slice_of(b->data + first, start - first);
    size_t at = start;
    struct der_item item;
    while (der_next(&before, &item)) {
        if (slice_compare(item.whole, added) <= 0) continue;
        at = (size_t)(item.whole.data - b->data);
        break;
    }
    size_t size = added.length;
    if (at == start || buf_reserve(b, size) == NULL) return;
    memcpy(b->data + b->length, b->data + start, size);
    memmove(b->data + at + size, b->data + at, start - at);
    memcpy(b->data + at, b->data + b->length, size);
}

static void put_content_type(struct buf *b, const struct cms_attributes *a)
{
    (void)a;
    buf_put(b, content_type_data, sizeof content_type_data);
}

static void put_message_digest(struct buf *b, const struct cms_attributes *a)
{
    struct open_attribute at = attribute_open(b, OID_MESSAGE_DIGEST);
    der_put(b, DER_OCTET_STRING, a->digest);
    attribute_close(b, at);
}

/* IssuerSerial (RFC 5035 §5): the name as a directoryName among GeneralNames. */
static void put_issuer_serial(struct buf *b, const struct certificate *c)
{
    size_t issuer_serial = der_open(b, DER_SEQUENCE);
    size_t names = der_open(b, DER_SEQUENCE);
    der_put(b, DER_CONTEXT_CONSTRUCTED(4), c->issuer);
    der_close(b, names);
    der_put(b, DER_INTEGER, c->serial);
    der_close(b, issuer_serial);
}

/* RFC 5035 §3, EN 319 122-1 §5.2.2.3. The certificate is named by its SHA-256 whatever the signature's digest is: that
 * is at hand, strong, and the DEFAULT of hashAlgorithm, which DER then leaves out. */
void cms_put_certificate_name(struct buf *b, const struct certificate *c)
{
    size_t value = der_open(b, DER_SEQUENCE);
    size_t certificates = der_open(b, DER_SEQUENCE);
    size_t identifier = der_open(b, DER_SEQUENCE);
    der_put(b, DER_OCTET_STRING, slice_of(c->fingerprint, sizeof c->fingerprint));
    put_issuer_serial(b, c);
    der_close(b, identifier);
    der_close(b, certificates);
    der_close(b, value);
}

static void put_signing_certificate(struct buf *b, const struct cms_attributes *a)
{
    struct open_attribute at = attribute_open(b, OID_SIGNING_CERTIFICATE_V2);
    cms_put_certificate_name(b, a->signer);
    attribute_close(b, at);
}

static void put_signing_time(struct buf *b, const struct cms_attributes *a)
{
    if (a->signing_time == RFD_TIME_NONE) return;
    struct open_attribute at = attribute_open(b, OID_SIGNING_TIME);
    der_put_time(b, a->signing_time);
    attribute_close(b, at);
}

static void put_commitment(struct buf *b, const struct cms_attributes *a)
{
    if (a->commitment == CMS_COMMITMENT_NONE) return;
    struct open_attribute at = attribute_open(b, OID_COMMITMENT_TYPE);
    size_t value = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(a->commitment == CMS_COMMITMENT_APPROVAL ? OID_COMMITMENT_APPROVAL : OID_COMMITMENT_ORIGIN));
    der_close(b, value);
    attribute_close(b, at);
}

/* SigPolicyHash; one zero octet stands for a policy whose hash is not known (RFC 5126 §5.8.1). */
static void put_policy_hash(struct buf *b, const struct cms_attributes *a)
{
    size_t hash = der_open(b, DER_SEQUENCE);
    digest_put_algorithm(b, a->policy_digest == DIGEST_NONE ? DIGEST_SHA256 : a->policy_digest);
    der_put(b, DER_OCTET_STRING, a->policy_hash.length == 0 ? SLICE("\0") : a->policy_hash);
    der_close(b, hash);
}

static void put_policy(struct buf *b, const struct cms_attributes *a)
{
    if (a->policy_oid.length == 0) return;
    struct open_attribute at = attribute_open(b, OID_SIGNATURE_POLICY);
    size_t value = der_open(b, DER_SEQUENCE);
    der_put_oid(b, a->policy_oid);
    put_policy_hash(b, a);
    if (a->policy_uri.length > 0) {
        size_t qualifiers = der_open(b, DER_SEQUENCE);
        size_t qualifier = der_open(b, DER_SEQUENCE);
        der_put_oid(b, oid(OID_POLICY_QUALIFIER_URI));
        der_put(b, DER_IA5_STRING, a->policy_uri);
        der_close(b, qualifier);
        der_close(b, qualifiers);
    }
    der_close(b, value);
    attribute_close(b, at);
}

typedef void put_attribute(struct buf *b, const struct cms_attributes *a);
static put_attribute *const attribute_writers[] = {put_content_type,   put_commitment,          put_signing_time,
                                                   put_message_digest, put_signing_certificate, put_policy};

void cms_put_signed_attributes(struct buf *b, const struct cms_attributes *attributes)
{
    enum { USUAL_SIZE = 512 };
    (void)buf_reserve(b, USUAL_SIZE);
    size_t set = der_open(b, DER_SET);
    for (size_t i = 0; i < sizeof attribute_writers / sizeof *attribute_writers; i++) {
        size_t start = b->length;
        attribute_writers[i](b, attributes);
        place_sorted(b, set, start);
    }
    der_close(b, set);
}

static void put_timestamp_attribute(struct buf *b, slice token)
{
    struct open_attribute at = attribute_open(b, OID_SIGNATURE_TIMESTAMP);
    buf_put_slice(b, token);
    attribute_close(b, at);
}

/* --- SignedData -------------------------------------------------------------------------------------------------- */

/* The trust anchor is what the verifier must have already (EN 319 142-1 §6.3). */
static bool is_root(const struct certificate *c)
{
    return c->self_issued && (c->authority_key_id.length == 0 || slice_equal(c->authority_key_id, c->subject_key_id));
}

/* Candidate 0 is the signer, the others the list's; NULL for those left out. */
static const struct certificate *candidate(const struct cms_signed *s, size_t index)
{
    if (index == 0) return s->signer;
    const struct certificate *c = s->certificates->items[index - 1];
    return is_root(c) || certificate_equal(c, s->signer) ? NULL : c;
}

static size_t candidate_count(const struct cms_signed *s)
{
    return 1 + (s->certificates == NULL ? 0 : s->certificates->count);
}

/* SET OF order without memory of its own: chains are short, so each time the smallest beyond the last is looked for. */
static void put_certificates(struct buf *b, const struct cms_signed *s)
{
    size_t opened = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
    const struct certificate *last = NULL;
    for (;;) {
        const struct certificate *best = NULL;
        for (size_t i = 0; i < candidate_count(s); i++) {
            const struct certificate *c = candidate(s, i);
            if (c == NULL || (last != NULL && slice_compare(c->der, last->der) <= 0)) continue;
            if (best == NULL || slice_compare(c->der, best->der) < 0) best = c;
        }
        if (best == NULL) break;
        buf_put_slice(b, best->der);
        last = best;
    }
    der_close(b, opened);
}

/* [0] IMPLICIT: the bytes that were signed under another tag (RFC 5652 §5.4). */
static void put_signed_attributes_field(struct buf *b, slice signed_attributes)
{
    size_t at = b->length;
    buf_put_slice(b, signed_attributes);
    if (buf_status(b) == RFD_OK && at < b->length) b->data[at] = DER_CONTEXT_CONSTRUCTED(0);
}

static void put_signer_info(struct buf *b, const struct cms_signed *s)
{
    size_t signer_info = der_open(b, DER_SEQUENCE);
    der_put_unsigned(b, 1);
    size_t issuer_and_serial = der_open(b, DER_SEQUENCE);
    buf_put_slice(b, s->signer->issuer);
    der_put(b, DER_INTEGER, s->signer->serial);
    der_close(b, issuer_and_serial);
    digest_put_algorithm(b, s->algorithm.digest);
    put_signed_attributes_field(b, s->signed_attributes);
    signature_algorithm_put(b, &s->algorithm);
    der_put(b, DER_OCTET_STRING, s->signature);
    if (s->timestamp_token.length > 0) {
        size_t unsigned_attributes = der_open(b, DER_CONTEXT_CONSTRUCTED(1));
        put_timestamp_attribute(b, s->timestamp_token);
        der_close(b, unsigned_attributes);
    }
    der_close(b, signer_info);
}

/* ContentInfo { id-signedData, [0] SignedData }: what follows goes into the SignedData. */
struct open_content_info {
    size_t content_info, explicit_tag, signed_data;
};

static struct open_content_info content_info_open(struct buf *b)
{
    struct open_content_info o = {.content_info = der_open(b, DER_SEQUENCE)};
    der_put_oid(b, oid(OID_SIGNED_DATA));
    o.explicit_tag = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
    o.signed_data = der_open(b, DER_SEQUENCE);
    return o;
}

static void content_info_close(struct buf *b, struct open_content_info o)
{
    der_close(b, o.signed_data);
    der_close(b, o.explicit_tag);
    der_close(b, o.content_info);
}

/* EncapsulatedContentInfo (RFC 5652 §5.2). */
static void put_encapsulated(struct buf *b, slice content)
{
    if (content.data == NULL) {
        buf_put(b, detached_data, sizeof detached_data);
        return;
    }
    size_t encapsulated = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(OID_DATA));
    size_t explicit_tag = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
    der_put(b, DER_OCTET_STRING, content);
    der_close(b, explicit_tag);
    der_close(b, encapsulated);
}

void cms_put_signed_data(struct buf *b, const struct cms_signed *s)
{
    /* One allocation; if it fails the buffer's status says so. */
    (void)buf_reserve(b, cms_size_bound(s, s->signed_attributes.length, s->timestamp_token.length));
    struct open_content_info opened = content_info_open(b);
    der_put_unsigned(b, 1); /* RFC 5652 §5.1: X.509 certificates only, id-data, SignerInfo version 1 */
    size_t digests = der_open(b, DER_SET);
    digest_put_algorithm(b, s->algorithm.digest);
    der_close(b, digests);
    put_encapsulated(b, s->content);
    put_certificates(b, s);
    size_t signer_infos = der_open(b, DER_SET);
    put_signer_info(b, s);
    der_close(b, signer_infos);
    content_info_close(b, opened);
}

/* --- Its size ---------------------------------------------------------------------------------------------------- */

static size_t element(size_t content)
{
    size_t octets = 0;
    while (content >= 0x80 && octets < sizeof content && content >> (8 * octets) != 0) octets++;
    return 2 + octets + content;
}

/* AlgorithmIdentifiers are short: they are written to the stack and measured. The buffer's maximum is its size, so
 * that it never tries to grow. */
struct algorithm_sizes {
    size_t digest, signature;
};

static struct algorithm_sizes algorithm_sizes(const struct signature_algorithm *a)
{
    uint8_t bytes[256];
    struct buf b = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    digest_put_algorithm(&b, a->digest);
    size_t digest = b.length;
    signature_algorithm_put(&b, a);
    return (struct algorithm_sizes){digest, b.length - digest};
}

static size_t signer_info_bound(const struct cms_signed *s, struct algorithm_sizes sizes, size_t signed_attributes,
                                size_t token)
{
    enum { VERSION = 3 };
    size_t content = VERSION + sizes.digest + sizes.signature + signed_attributes;
    content += element(s->signer->issuer.length + element(s->signer->serial.length));
    content += element(signature_size_maximum(s->signer));
    if (token > 0) content += element(element(element(oid(OID_SIGNATURE_TIMESTAMP).length) + element(token)));
    return element(content);
}

size_t cms_size_bound(const struct cms_signed *s, size_t signed_attributes, size_t token)
{
    enum { VERSION = 3 };
    size_t certificates = 0;
    for (size_t i = 0; i < candidate_count(s); i++) {
        const struct certificate *c = candidate(s, i);
        if (c != NULL) certificates += c->der.length;
    }
    struct algorithm_sizes sizes = algorithm_sizes(&s->algorithm);
    size_t content = VERSION + element(sizes.digest) + sizeof detached_data + element(certificates);
    if (s->content.data != NULL) content += element(element(s->content.length)) + element(0);
    content += element(signer_info_bound(s, sizes, signed_attributes, token));
    return element(element(oid(OID_SIGNED_DATA).length) + element(element(content)));
}

/* --- A time-stamp added later ------------------------------------------------------------------------------------ */

rfd_status cms_add_timestamp(slice content_info, slice token, struct buf *out, struct rfd_error *error)
{
    struct cms c;
    TRY(cms_parse(content_info, &c, error));
    size_t before = out->length;
    struct open_content_info opened = content_info_open(out);
    buf_put_slice(out, c.before_signer_infos);
    size_t signer_infos = der_open(out, DER_SET);
    size_t signer_info = der_open(out, DER_SEQUENCE);
    buf_put_slice(out, c.before_unsigned_attributes);
    size_t attributes = der_open(out, DER_CONTEXT_CONSTRUCTED(1));
    buf_put_slice(out, c.unsigned_attributes);
    size_t start = out->length;
    put_timestamp_attribute(out, token);
    place_sorted(out, attributes, start);
    der_close(out, attributes);
    der_close(out, signer_info);
    der_close(out, signer_infos);
    content_info_close(out, opened);
    cms_dispose(&c);
    rfd_status status = buf_check(out, "CMS with its time-stamp", error);
    if (status != RFD_OK) out->length = before;
    return status;
}
