/* SPDX-License-Identifier: EUPL-1.2
 *
 * Kinds of certificates as data. A profile says all that certificates of a kind have in common; an order says what is
 * particular to one: the person's attributes (from the registration's record, never from the request), the public key,
 * the serial number, the moment. From both, and from the authority's certificate, follow the octets to be signed.
 *
 * Text is UTF-8, strings live as long as the profile. Filled from the YAML packs of countries by their reader.
 */
#ifndef PKI_PROFILE_H
#define PKI_PROFILE_H

#include "pki/authority/authority.h"
#include "pki/authority/key_check.h"
#include "pki/authority/lint.h"

enum {
    PROFILE_ATTRIBUTES_MAXIMUM = 16,
    PROFILE_PURPOSES_MAXIMUM = 8,
    PROFILE_POLICIES_MAXIMUM = 8,
    PROFILE_DISCLOSURES_MAXIMUM = 4,
    PROFILE_LAWS_MAXIMUM = 4,
    PROFILE_CERTIFICATE_MAXIMUM = 16 << 10 /* bytes */
};

/** An attribute of the subject, in the order in which they are written. */
struct profile_attribute {
    enum oid_name type;
    bool required;
    const char *fixed;  /* the same in every certificate; NULL: from the order */
    const char *prefix; /* what the value begins with, such as "IDCPE-" (EN 319 412-1 §5.1.3); NULL: anything */
};
struct profile_policy {
    const char *oid;    /* dotted */
    const char *cps;    /* http address of the practice statement; NULL: none */
    const char *notice; /* user notice, 200 characters at most; NULL: none */
};
struct profile_disclosure {
    const char *url;      /* https */
    const char *language; /* "es" */
};

enum profile_semantics { PROFILE_NO_SEMANTICS, PROFILE_SEMANTICS_NATURAL, PROFILE_SEMANTICS_LEGAL };
enum profile_qc_type { PROFILE_QC_ESIGN = 1, PROFILE_QC_ESEAL = 2, PROFILE_QC_WEB = 4 };
/** QC statements (EN 319 412-5); a zeroed struct is none of them. */
struct profile_qc {
    bool compliance;
    bool device;    /* QcSSCD: the key is in a qualified device */
    unsigned types; /* enum profile_qc_type, or'ed */
    enum profile_semantics semantics;
    struct profile_disclosure disclosures[PROFILE_DISCLOSURES_MAXIMUM]; /* to the first without url */
    const char *laws[PROFILE_LAWS_MAXIMUM]; /* QcCClegislation: countries, to the first NULL */
};

struct profile {
    const char *name;    /* as in the pack, for messages */
    enum lint_kind kind; /* which rules apply */
    struct profile_attribute attributes[PROFILE_ATTRIBUTES_MAXIMUM];
    size_t attribute_count;
    unsigned key_usage; /* enum key_usage, or'ed */
    enum oid_name purposes[PROFILE_PURPOSES_MAXIMUM];
    size_t purpose_count;
    bool purposes_critical;
    struct profile_policy policies[PROFILE_POLICIES_MAXIMUM];
    size_t policy_count;
    struct profile_qc qc;
    const char *ocsp, *ca_issuers;    /* authority information access; NULL: none */
    const char *crl_point;            /* NULL: none, or the order's */
    const char *freshest;             /* where deltas are; NULL: none */
    bool mail_allowed, hosts_allowed; /* as subjectAltName */
    bool ocsp_nocheck;
    int path_length;            /* of an authority; -1: no limit */
    unsigned validity_days;     /* 1 to 36,525; the last second included */
    unsigned backdated_seconds; /* a day at most; for clocks that are slow */
    bool may_end_with_issuer;   /* cut to the authority's notAfter instead of refused */
    struct key_rules keys;
};

struct profile_value {
    enum oid_name type;
    const char *text;
};
/** One certificate. */
struct profile_order {
    const struct profile_value *values;
    size_t value_count;
    const char *const *mails; /* rfc822Names */
    size_t mail_count;
    const char *const *hosts; /* dNSNames */
    size_t host_count;
    slice spki;            /* copied as it is */
    bool key_checked;      /* by key_check() with the profile's rules in this very process, as request_verify() does */
    slice serial;          /* big-endian magnitude: issue_serial() */
    const char *crl_point; /* the partition that this serial number belongs to for ever; NULL: the profile's */
    rfd_time now;
};

/**
 * Appends the TBSCertificate. `issuer` is the authority, whose name and key identifier go in octet by octet; without a
 * certificate (NULL) it issues to itself.
 * RFD_E_ARGUMENT: an attribute that is missing, not foreseen, too long, not text, or without its prefix; names that are
 * not allowed; a validity that does not end within the authority's; a serial number above 20 octets or zero. As
 * key_check() for the key.
 */
rfd_status profile_build(const struct profile *p, const struct authority_signer *issuer,
                         const struct profile_order *order, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;

/** Builds, tries the rules (lint_certificate; RFD_E_LINT), and only then signs; appends the certificate. On failure
 * nothing was appended and, unless signing failed, nothing was signed. */
rfd_status profile_issue(const struct profile *p, const struct authority_signer *issuer,
                         const struct profile_order *order, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;

/** An authority that issues to itself: name, key and key identifier come from the order. The algorithm is `signer`'s,
 * its certificate is not looked at (it is not there yet). */
rfd_status profile_issue_root(const struct profile *p, const struct authority_signer *signer,
                              const struct profile_order *order, struct buf *out,
                              struct rfd_error *error) RFD_MUST_CHECK;

#endif
