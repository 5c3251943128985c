/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certification paths (RFC 5280 §6) by OpenSSL, with what it misses added; and trust anchors. No revocation here (see
 * revocation.h), no network.
 *
 * A trust anchor is believed as given: neither its own signature nor its validity period is checked (RFC 5280 §6.1.1
 * (d) has neither), only its key's strength and, for an anchor that is an X.509 certificate, its name constraints.
 * Only when the leaf is itself an anchor must it be within its validity period.
 */
#ifndef PKI_PATH_H
#define PKI_PATH_H

#include "pki/certificate/certificate.h"
#include <refrenda/trust.h>

enum path_purpose { PATH_SIGNER, PATH_TSA, PATH_OCSP, PATH_ANY };

/** Why there is no good path. Order: the more telling first when several hold. */
#define PATH_FAULTS(X)                                                                                                 \
    X(NONE, "valid")                                                                                                   \
    X(NO_ANCHOR, "no path to a trust anchor")                                                                          \
    X(SIGNATURE, "a certificate's signature is wrong")                                                                 \
    X(EXPIRED, "a certificate has expired")                                                                            \
    X(NOT_YET_VALID, "a certificate is not valid yet")                                                                 \
    X(CONSTRAINTS, "a constraint of the path is violated")                                                             \
    X(PURPOSE, "the certificate is not meant for this use")                                                            \
    X(WEAK, "an algorithm or key of the path is too weak")                                                             \
    X(MALFORMED, "a certificate is malformed")
enum path_fault {
#define X(name, text) PATH_FAULT_##name,
    PATH_FAULTS(X)
#undef X
};
const char *path_fault_text(enum path_fault fault);

enum { PATH_LENGTH_MAXIMUM = 16 };
struct path {
    const struct certificate *certificates[PATH_LENGTH_MAXIMUM]; /* leaf first, anchor last; one reference each */
    size_t count;
    enum path_fault fault;
    size_t fault_at; /* index of the certificate it is about */
    char detail[160];
};

/**
 * Builds and checks the best path from `leaf` at time `at`. `extra` are certificates that came along (CMS, DSS, AIA);
 * they are never trusted for being there; the first few thousand are looked at. `trust` may be NULL: nobody is
 * believed. The answer is in `out->fault` (a path may be given also with a fault, as far as it was built); the status
 * is for lack of memory only.
 */
rfd_status path_build(const struct rfd_trust *trust, const struct certificate *leaf,
                      const struct certificate_list *extra, enum path_purpose purpose, rfd_time at, struct path *out,
                      struct rfd_error *error) RFD_MUST_CHECK;
/** The same with the inputs of RFC 5280 §6.1.1 (c), (e)-(g), which path_build leaves at "any policy" and "no". */
struct path_parameters {
    const slice *policies; /* user-initial-policy-set: OID content octets; none for any-policy */
    size_t policy_count;
    bool require_explicit_policy;
    bool inhibit_policy_mapping;
    bool inhibit_any_policy;
};
rfd_status path_build_with(const struct rfd_trust *trust, const struct certificate *leaf,
                           const struct certificate_list *extra, enum path_purpose purpose, rfd_time at,
                           const struct path_parameters *parameters, struct path *out,
                           struct rfd_error *error) RFD_MUST_CHECK;
void path_dispose(struct path *p);

/** The CRLs that were added to the trust store. */
struct crl;
size_t trust_crl_count(const struct rfd_trust *trust);
const struct crl *trust_crl(const struct rfd_trust *trust, size_t index);
bool trust_is_anchor(const struct rfd_trust *trust, const struct certificate *c);

/** Whether key usage and extended key usage allow the purpose; `detail` says why not. */
bool path_purpose_allowed(const struct certificate *c, enum path_purpose purpose, char detail[160]);

#endif
