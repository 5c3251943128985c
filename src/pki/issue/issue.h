/* SPDX-License-Identifier: EUPL-1.2
 *
 * Making certificates and CRLs as DER, with OpenSSL's keys. So far it serves the demo hierarchy of `refrenda certs
 * demo`; the certification authority grows on it. Nothing here judges whether a certificate should be issued.
 */
#ifndef PKI_ISSUE_H
#define PKI_ISSUE_H

#include "pki/oid.h"
#include "pki/signature_pool.h"

/** Who signs: its name and key identifier go into what it issues byte for byte. */
struct issuer {
    struct evp_pkey_st *key;
    struct signature_pool pool;
    struct signature_algorithm algorithm;
    slice name;   /* Name, whole */
    slice key_id; /* its subjectKeyIdentifier */
};

struct issue_request {
    slice serial;     /* magnitude, big-endian */
    slice subject;    /* Name, whole */
    slice spki;       /* SubjectPublicKeyInfo, whole: copied as it is */
    slice extensions; /* Extension elements, one after the other */
    rfd_time not_before, not_after;
};
/** A version 3 certificate (RFC 5280 §4.1). */
rfd_status issue_certificate(struct issuer *issuer, const struct issue_request *request, struct buf *out,
                             struct rfd_error *error) RFD_MUST_CHECK;

struct issue_revoked {
    slice serial; /* INTEGER content octets */
    rfd_time at;
    int reason; /* RFC 5280 §5.3.1; 0 (unspecified) is left out */
};
/** A version 2 CRL with its number and the issuer's key identifier (RFC 5280 §5). */
rfd_status issue_crl(struct issuer *issuer, uint64_t number, rfd_time this_update, rfd_time next_update,
                     const struct issue_revoked *revoked, size_t count, struct buf *out,
                     struct rfd_error *error) RFD_MUST_CHECK;

enum { ISSUE_SERIAL_SIZE = 17, ISSUE_KEY_ID_SIZE = 20 };
/** 128 random bits after an octet 01, so that the number is positive and never needs a sign octet. RFD_E_INTERNAL. */
rfd_status issue_serial(uint8_t serial[ISSUE_SERIAL_SIZE], struct rfd_error *error) RFD_MUST_CHECK;
/** The leftmost 160 bits of SHA-256 over the key's bits (RFC 7093 §2, method 1). */
rfd_status issue_key_id(slice key_bits, uint8_t id[ISSUE_KEY_ID_SIZE], struct rfd_error *error) RFD_MUST_CHECK;

struct issue_name_part {
    enum oid_name type;
    const char *text; /* UTF-8; NULL: the part is left out */
};
/** A Name; countryName, serialNumber and dnQualifier as PrintableString, mail as IA5String, all else as UTF8String. */
void issue_put_name(struct buf *b, const struct issue_name_part *parts, size_t count);

/* Extensions (RFC 5280 §4.2), each a whole Extension element. */
void issue_put_basic_constraints(struct buf *b, int path_length); /* of a CA; -1: no limit */
void issue_put_key_usage(struct buf *b, unsigned key_usage);
void issue_put_eku(struct buf *b, enum oid_name purpose, bool critical);
void issue_put_subject_key_id(struct buf *b, slice key_id);
void issue_put_authority_key_id(struct buf *b, slice key_id);
/** One policy; `notice` (NULL: none) is the text of a user notice. */
void issue_put_policy(struct buf *b, slice policy, const char *notice);
/** Each address may be NULL. */
void issue_put_authority_access(struct buf *b, const char *ocsp, const char *ca_issuers);
void issue_put_crl_point(struct buf *b, const char *url);
void issue_put_freshest_crl(struct buf *b, const char *url); /* where the delta list is (§4.2.1.15) */
void issue_put_ocsp_nocheck(struct buf *b);

/**
 * Writes a hierarchy that is clearly marked as a demonstration into the folder `path` (created when missing, refused
 * when it holds files and not `replace`): root.pem (with both CRLs, enough to verify off line), issuing.pem,
 * issuing.key, chain.pem, signer.pem/.key/.p12 (RSA-2048), signer-p256.pem/.key/.p12, tsa.pem/.key, ocsp.pem/.key,
 * root.crl, issuing.crl, index.txt (openssl ca), password.txt. The root's key is thrown away. `base_url`
 * ("http://127.0.0.1:8088" when NULL) goes into AIA and CRL distribution points. RFD_E_EXISTS, RFD_E_IO_WRITE,
 * RFD_E_ARGUMENT.
 */
rfd_status issue_demo(const char *path, const char *base_url, bool replace, struct rfd_error *error) RFD_MUST_CHECK;

#endif
