/* SPDX-License-Identifier: EUPL-1.2
 *
 * Rules that a certificate has to keep, tried on the exact bytes that are about to be signed: once signed, a fault is
 * public and lasts for years. The rules are a table (lint.def), each with its clause of RFC 5280, EN 319 412 or the
 * standard of the service, and each with a test that breaks it.
 *
 * The rules read DER with code of their own, not with the writer's: what the writer believes is not believed here.
 * Signatures are not looked at.
 */
#ifndef PKI_LINT_H
#define PKI_LINT_H

#include "pki/certificate/certificate.h"

/* What a certificate is meant to be; a rule applies when it names one of them. */
enum lint_kind {
    LINT_ROOT = 1 << 0,      /* self-issued authority */
    LINT_AUTHORITY = 1 << 1, /* issued authority */
    LINT_NATURAL = 1 << 2,   /* of a natural person: EN 319 412-2 */
    LINT_LEGAL = 1 << 3,     /* of a legal person: EN 319 412-3 */
    LINT_SERVER = 1 << 4,    /* of a TLS server or client */
    LINT_TIME = 1 << 5,      /* of a time-stamp service: RFC 3161 §2.3 */
    LINT_OCSP = 1 << 6,      /* of a delegated OCSP responder: RFC 6960 §4.2.2.2 */

    LINT_AUTHORITIES = LINT_ROOT | LINT_AUTHORITY,
    LINT_PERSONS = LINT_NATURAL | LINT_LEGAL,
    LINT_SERVICES = LINT_SERVER | LINT_TIME | LINT_OCSP,
    LINT_USERS = LINT_PERSONS | LINT_SERVICES,
    LINT_ISSUED = LINT_AUTHORITY | LINT_USERS,
    LINT_ALL = LINT_ROOT | LINT_ISSUED
};

enum { LINT_EXTENSIONS_MAXIMUM = 64 /* the parser allows no more */ };
struct lint_extension {
    slice oid, value;
};

/* What a rule looks at. */
struct lint_target {
    const struct certificate *certificate; /* its signature is a stand-in */
    const struct certificate *issuer;      /* NULL for a root */
    enum lint_kind kind;
    struct lint_extension extensions[LINT_EXTENSIONS_MAXIMUM]; /* found once, as rules look for them fifty times */
    size_t extension_count;
};

struct lint_rule {
    const char *id;     /* "serial-positive" */
    const char *clause; /* "RFC 5280 §4.1.2.2" */
    unsigned kinds;     /* enum lint_kind, or'ed */
    const char *says;   /* what has to be so, in English */
    bool (*holds)(const struct lint_target *t);
};
const struct lint_rule *lint_rules(size_t *count);

/** Called for each rule that is broken. */
typedef void lint_report(void *context, const struct lint_rule *rule);

/**
 * Tries all rules of `kind` on a TBSCertificate; `issuer` is the authority's certificate, NULL for a root. `report` may
 * be NULL. RFD_E_DER: not a TBSCertificate at all; RFD_E_ARGUMENT: one rule or more is broken, the first of them in
 * `error`; the certificate must not be signed then.
 */
rfd_status lint_certificate(slice tbs, const struct certificate *issuer, enum lint_kind kind, lint_report *report,
                            void *context, struct rfd_error *error) RFD_MUST_CHECK;

#endif
