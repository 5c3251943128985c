/* SPDX-License-Identifier: EUPL-1.2
 *
 * CMS SignedData (RFC 5652) as PAdES uses it (EN 319 122-1, EN 319 142-1): one SignerInfo, detached for documents,
 * with a TSTInfo inside for time-stamp tokens. Building is assembly of DER around an external private-key operation;
 * reading is strict DER after der_from_ber() where needed.
 */
#ifndef PKI_CMS_H
#define PKI_CMS_H

#include "pki/algorithm.h"

/* --- Building ---------------------------------------------------------------------------------------------------- */

enum cms_commitment { CMS_COMMITMENT_NONE, CMS_COMMITMENT_ORIGIN, CMS_COMMITMENT_APPROVAL }; /* EN 319 122-1 §5.2.3 */

struct cms_attributes {
    slice digest; /* of the document's ByteRange */
    struct signature_algorithm algorithm;
    const struct certificate *signer;
    enum cms_commitment commitment;
    slice policy_oid;  /* content octets; empty for none (§5.2.9) */
    slice policy_hash; /* by `policy_digest` */
    enum digest_id policy_digest;
    slice policy_uri;
    rfd_time signing_time; /* RFD_TIME_NONE: left out (PAdES: always) */
};
/** The DER of SET OF Attribute (tag 0x31), sorted: exactly the bytes that are signed (RFC 5652 §5.4). */
void cms_put_signed_attributes(struct buf *b, const struct cms_attributes *attributes);

/** A SigningCertificateV2 that names one certificate: the value of the attribute by which a signature holds to its
 * signer's (RFC 5035 §3; of time stamps RFC 5816 §2.2.1). */
void cms_put_certificate_name(struct buf *b, const struct certificate *c);

struct cms_signed {
    slice signed_attributes; /* as cms_put_signed_attributes wrote it */
    slice signature;
    struct signature_algorithm algorithm;
    const struct certificate *signer;
    const struct certificate_list *certificates; /* signer and chain; a self-signed root is left out */
    slice timestamp_token;                       /* ContentInfo for the unsigned attribute, or empty */
    slice content;                               /* travels inside (id-data); data NULL: detached */
};
/** The whole ContentInfo. */
void cms_put_signed_data(struct buf *b, const struct cms_signed *s);
/** Upper bound of cms_put_signed_data's length for any signature of this key and a token of `token` bytes. */
size_t cms_size_bound(const struct cms_signed *s, size_t signed_attributes, size_t token);
/** The same ContentInfo with a signature-time-stamp attribute added (RFC 3161 App. A). */
rfd_status cms_add_timestamp(slice content_info, slice token, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;

/* --- Reading ----------------------------------------------------------------------------------------------------- */

struct cms {
    slice der;        /* the ContentInfo without padding; borrowed or owned (`owned`) */
    struct buf owned; /* DER made from BER */
    bool was_ber;
    slice content_type; /* eContentType OID */
    bool has_content;
    slice content; /* eContent octets */
    struct certificate_list certificates;
    slice crls;                     /* content of [1] RevocationInfoChoices */
    size_t unreadable_certificates; /* left out of `certificates`: not X.509, or malformed */
    size_t signer_count;
    /* The (first) SignerInfo: */
    int version;
    slice signer_issuer, signer_serial; /* issuerAndSerialNumber, or */
    slice signer_key_id;                /* subjectKeyIdentifier */
    enum digest_id digest;
    struct signature_algorithm algorithm;
    bool has_signed_attributes;
    slice signed_attributes;   /* content of [0], as sent */
    slice unsigned_attributes; /* content of [1] */
    slice signature;
    slice signature_algorithm;        /* AlgorithmIdentifier, whole; `algorithm.scheme` is SCHEME_NONE when unknown */
    bool digest_listed;               /* `digest` is among SignedData's digestAlgorithms */
    bool attributes_sorted;           /* DER order of signed attributes */
    slice before_signer_infos;        /* SignedData's content up to signerInfos, and */
    slice before_unsigned_attributes; /* SignerInfo's content up to unsignedAttrs: for adding an attribute */
    /* Known signed attributes: */
    slice message_digest;
    slice attribute_content_type;
    rfd_time signing_time; /* RFD_TIME_NONE when absent */
    bool has_signing_certificate, has_signing_certificate_v2;
    slice signing_certificate; /* content of the first ESSCertID(v2) SEQUENCE */
    slice policy_oid;
    enum cms_commitment commitment;
    slice commitment_oid;
    slice algorithm_protection; /* content of CMSAlgorithmProtection (RFC 6211) */
    slice revocation_archival;  /* adbe-revocationInfoArchival value, whole */
    slice signature_timestamp;  /* first signature-time-stamp token (unsigned), whole ContentInfo */
    size_t signature_timestamp_count;
    const struct certificate *signer; /* found in `certificates`, borrowed; NULL when not there */
};

/** Parses; `bytes` may be followed by zero padding only (anything else is RFD_E_CMS). Keeps slices into `bytes`.
 * Demands exactly one SignerInfo, each signed attribute at most once, versions that fit. An algorithm that is not known
 * is no error here (cms_verify says so). RFD_E_CMS, RFD_E_DER. */
rfd_status cms_parse(slice bytes, struct cms *out, struct rfd_error *error) RFD_MUST_CHECK;
void cms_dispose(struct cms *c);
/** The n-th signature-time-stamp token, empty when there is none. */
slice cms_signature_timestamp(const struct cms *c, size_t n);

/** What a SignedData has inside, for those who only want to know that: nothing behind it is looked at. Keeps slices
 * into `der`. BER, which cms_parse() takes, is refused. RFD_E_CMS, RFD_E_DER. */
struct cms_peeked {
    slice content_type; /* eContentType OID */
    bool has_content;
    slice content; /* eContent octets */
};
rfd_status cms_peek(slice der, struct cms_peeked *out, struct rfd_error *error) RFD_MUST_CHECK;

/** Why a CMS signature is not good; facts, each reported apart. */
struct cms_check {
    bool digest_matches; /* message-digest attribute (or eContent, or the signature itself) fits `digest` */
    bool signature_matches;
    bool signing_certificate_matches; /* ESS attribute names the signer's certificate */
    bool signing_certificate_present;
    bool content_type_matches;
    bool algorithms_consistent; /* digestAlgorithm and signatureAlgorithm belong together */
    bool no_memory;             /* the signature could not be checked: what stands above proves nothing */
    char detail[160];
};
/** Verifies against `signer` (normally c->signer; NULL gives failure) and `digest`, by c->digest: that of the detached
 * content, or of c->content when that is what is signed (time-stamp tokens; adbe.pkcs7.sha1, whose caller compares
 * c->content with the document). An eContent beside a detached one is not looked at: the caller sees has_content. */
void cms_verify(const struct cms *c, const struct certificate *signer, slice digest, struct cms_check *out);

#endif
