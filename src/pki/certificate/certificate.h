/* SPDX-License-Identifier: EUPL-1.2
 *
 * A certificate, parsed once and shared by counting references (atomic). The fields that every check needs are read
 * with our own DER reader; OpenSSL's X509 and public key are made on first use, since both cost more than a P-256
 * signature.
 */
#ifndef PKI_CERTIFICATE_H
#define PKI_CERTIFICATE_H

#include "pki/der.h"

struct x509_st;
struct evp_pkey_st;

/* RFC 5280 §4.2.1.3, bit numbers as masks. */
enum key_usage {
    KEY_USAGE_DIGITAL_SIGNATURE = 1 << 0,
    KEY_USAGE_NON_REPUDIATION = 1 << 1,
    KEY_USAGE_KEY_ENCIPHERMENT = 1 << 2,
    KEY_USAGE_DATA_ENCIPHERMENT = 1 << 3,
    KEY_USAGE_KEY_AGREEMENT = 1 << 4,
    KEY_USAGE_CERT_SIGN = 1 << 5,
    KEY_USAGE_CRL_SIGN = 1 << 6
};

enum key_type { KEY_OTHER, KEY_RSA, KEY_RSA_PSS, KEY_EC, KEY_ED25519, KEY_ED448 };

struct certificate {
    slice der;
    slice tbs;
    slice serial; /* INTEGER content octets */
    slice issuer; /* Name, whole DER element */
    slice subject;
    slice spki;                /* SubjectPublicKeyInfo, whole */
    slice key_bits;            /* subjectPublicKey content (for OCSP's key hash) */
    slice signature_algorithm; /* AlgorithmIdentifier, whole */
    slice signature;
    slice extensions;                       /* content of SEQUENCE OF Extension, empty when none */
    slice subject_key_id, authority_key_id; /* key identifiers, empty when absent */
    rfd_time not_before, not_after;
    enum key_type key_type;
    int key_bits_size; /* RSA modulus bits, EC field bits, 256/456 */
    const char *curve; /* "P-256", "P-384", "P-521", or NULL */
    bool has_key_usage;
    unsigned key_usage;
    bool is_ca;              /* basicConstraints cA */
    bool self_issued;        /* subject equals issuer, bytewise */
    uint8_t fingerprint[32]; /* SHA-256 of der */
};

/** Copies `der`, which must be exactly one certificate. */
rfd_status certificate_parse(slice der, const struct certificate **out, struct rfd_error *error) RFD_MUST_CHECK;
const struct certificate *certificate_ref(const struct certificate *c);
/** Safe on NULL. */
void certificate_unref(const struct certificate *c);
bool certificate_equal(const struct certificate *a, const struct certificate *b);
/** name_hash() of its subject, made on first use (thread-safe). */
uint64_t certificate_subject_hash(const struct certificate *c);

/** Made on first use (thread-safe), owned by the certificate. NULL with `error` when OpenSSL cannot read it. */
struct x509_st *certificate_x509(const struct certificate *c, struct rfd_error *error);
struct evp_pkey_st *certificate_public_key(const struct certificate *c, struct rfd_error *error);

/** The value (content of extnValue) of an extension; false when absent. */
bool certificate_extension(const struct certificate *c, slice oid, slice *value, bool *critical);
/** True when the extendedKeyUsage lists `oid` (never by anyExtendedKeyUsage); `only` tells if it is alone. */
bool certificate_has_eku(const struct certificate *c, slice oid, bool *present, bool *critical, bool *only);

/** URLs from AIA (`method`: id-ad-ocsp or id-ad-caIssuers) or CRL distribution points; http and https only. Calls
 * `take` for each until it returns false. */
typedef bool certificate_take_url(void *context, slice url);
void certificate_aia_urls(const struct certificate *c, slice method, certificate_take_url *take, void *context);
void certificate_crl_urls(const struct certificate *c, certificate_take_url *take, void *context);

/** A Name in RFC 4514 form (most specific first), UTF-8, control characters replaced. */
void certificate_put_name(struct buf *b, slice name);
/** One attribute of a name by OID, as UTF-8; false when absent. */
bool certificate_name_attribute(slice name, slice oid, struct buf *out);

/** Checks that `issuer`'s key signed `c` (names are not compared). RFD_E_DER when malformed,
 * RFD_E_SIGNING when the signature is wrong. */
rfd_status certificate_verify_signature(const struct certificate *c, const struct certificate *issuer,
                                        struct rfd_error *error) RFD_MUST_CHECK;

/** A growable set without repeats; owns one reference each. A zeroed struct is empty. */
struct certificate_list {
    const struct certificate **items;
    size_t count;
    size_t capacity;
};
rfd_status certificate_list_add(struct certificate_list *list, const struct certificate *c,
                                struct rfd_error *error) RFD_MUST_CHECK;
void certificate_list_dispose(struct certificate_list *list);
/** Reads all certificates of a PEM or DER text (other PEM blocks are passed over). */
rfd_status certificate_list_read(struct certificate_list *list, slice bytes, struct rfd_error *error) RFD_MUST_CHECK;
/** The first whose subject is `name` and (when not empty) whose key id is `key_id`. Borrowed, or NULL. */
const struct certificate *certificate_list_find(const struct certificate_list *list, slice name, slice key_id);

#endif
