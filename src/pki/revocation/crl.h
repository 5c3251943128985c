/* SPDX-License-Identifier: EUPL-1.2
 *
 * A certificate revocation list (RFC 5280 §5), as long as it may be: its head is parsed once, its entries are scanned
 * where they lie, so a list of a million entries costs no more memory than its bytes. Shared by threads.
 *
 * Nothing here is verified but the form; whose list it is and what it covers is decided in revocation_crl.c.
 */
#ifndef PKI_CRL_H
#define PKI_CRL_H

#include "pki/certificate/certificate.h"

/* ReasonFlags (RFC 5280 §4.2.1.13), bit numbers as masks; bit 0 is unused. */
enum { CRL_REASONS_ALL = 0x1FE };
enum { CRL_REASON_HOLD = 6, CRL_REASON_REMOVED = 8 };

struct crl {
    slice der;
    slice tbs;
    slice issuer;              /* Name, whole */
    slice signature_algorithm; /* whole */
    slice signature;
    slice entries;                     /* content of revokedCertificates, empty when none */
    rfd_time this_update, next_update; /* RFD_TIME_NONE when absent */
    slice authority_key_id;
    slice number;     /* cRLNumber's INTEGER content, empty when absent */
    slice delta_base; /* BaseCRLNumber's INTEGER content, empty for a complete list */
    slice idp;        /* the issuingDistributionPoint value, empty when absent */
    slice idp_name;   /* its DistributionPointName's content: [0] fullName or [1], empty when absent */
    unsigned reasons; /* onlySomeReasons as mask, CRL_REASONS_ALL when absent */
    bool only_users, only_authorities, only_attributes, indirect;
    rfd_time expired_since; /* expiredCertsOnCRL (X.509 §9.5.2.8), RFD_TIME_NONE when absent */
    bool unknown_critical;  /* an extension that must not be ignored (RFC 5280 §5.2) */
};

/** Copies `der`, which must be exactly one CertificateList. RFD_E_CRL. */
rfd_status crl_parse(slice der, const struct crl **out, struct rfd_error *error) RFD_MUST_CHECK;
/** Safe on NULL. */
void crl_free(const struct crl *crl);

/** ReasonFlags from BIT STRING content as a mask; false when malformed. */
bool crl_read_reasons(slice bits, unsigned *out);

struct crl_entry {
    bool listed;
    rfd_time revoked_at;
    int reason; /* RFC 5280 §5.3.1, -1 when not given */
};
/**
 * Looks for a certificate by serial (INTEGER content) and its issuer's name. False when the list may not be used for
 * any certificate: an entry is malformed or has an unknown critical extension (RFC 5280 §5.3).
 */
bool crl_find(const struct crl *crl, slice serial, slice issuer, struct crl_entry *out);

/** The list's signature is `signer`'s (remembered for the last one). Names, key usage and trust are not looked at. */
bool crl_signed_by(const struct crl *crl, const struct certificate *signer);
/** <0, 0, >0 as one cRLNumber is lower than, equal to or above another. */
int crl_number_compare(slice a, slice b);

#endif
