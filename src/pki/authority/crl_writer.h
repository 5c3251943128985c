/* SPDX-License-Identifier: EUPL-1.2
 *
 * Writing certificate revocation lists of any size (RFC 5280 §5): entries are asked for one by one, and what comes out
 * goes to a sink in order, from the first byte to the last. A million entries are never objects: each is turned into
 * its 35 to 80 bytes at once. Those bytes are held until the end, since DER says how long a list is before its first
 * entry; the digest that is signed is computed while they go out.
 *
 * Not done here: choosing what is listed (the caller leaves out or keeps expired certificates), numbers that only grow,
 * and looking for serial numbers that occur twice.
 */
#ifndef PKI_CRL_WRITER_H
#define PKI_CRL_WRITER_H

#include "pki/authority/authority.h"

enum {
    CRL_WRITER_NUMBER_MAXIMUM = 20, /* octets of a number (RFC 5280 §5.2.3) */
    CRL_WRITER_SERIAL_MAXIMUM = 20, /* octets of a serial number (RFC 5280 §4.1.2.2) */
    CRL_WRITER_BYTES_MAXIMUM = 1 << 30
};

struct crl_plan {
    slice number;      /* big-endian magnitude, 1 to 20 octets */
    slice base_number; /* of a delta: the complete list that it builds on (critical, §5.2.4); empty: a complete list */
    rfd_time this_update, next_update; /* whole seconds; next_update is obligatory (§5.1.2.5) */
    const char *issuing_point; /* the partition's address as in its certificates' CDP: a critical IDP; NULL: none */
    bool only_users, only_authorities; /* at most one (§5.2.5) */
    const char *freshest;              /* where the deltas of a complete list are (§5.2.6); NULL: there are none */
    rfd_time expired_since; /* expired certificates are kept since then (X.509 §9.5.2.8); RFD_TIME_NONE: they are not */
};

struct crl_writer_entry {
    slice serial; /* INTEGER content octets, positive */
    rfd_time revoked_at;
    int reason;             /* §5.3.1: 1-6, 9, 10; 0 (unspecified) is left out; 8 (removeFromCRL) in deltas only */
    rfd_time invalid_since; /* RFD_TIME_NONE: not known (§5.3.2) */
};
/** Fills `entry`; `*more` false: there are no more. What it returns when it fails ends the list. The serial has to
 * live until the next call only. */
typedef rfd_status crl_next_entry(void *context, struct crl_writer_entry *entry, bool *more, struct rfd_error *error);
/** Takes the next bytes of the list. */
typedef rfd_status crl_sink(void *context, slice bytes, struct rfd_error *error);

struct crl_source {
    crl_next_entry *next;
    void *context;
};
struct crl_target {
    crl_sink *write;
    void *context;
};

struct crl_summary {
    uint64_t entries;
    uint64_t bytes;
};

/**
 * Writes a version 2 CRL of `signer` (the authority itself: its subject is the issuer, its key identifier goes into the
 * authorityKeyIdentifier byte for byte). RFD_E_KEY_ALGORITHM: an Edwards curve, which signs messages and not digests;
 * RFD_E_ARGUMENT: a plan or an entry that cannot be; RFD_E_LIMIT: more than CRL_WRITER_BYTES_MAXIMUM. Fails also as
 * next, write and sign do. Nothing is written before the signature is there.
 */
rfd_status crl_write(const struct authority_signer *signer, const struct crl_plan *plan,
                     const struct crl_source *source, const struct crl_target *target, struct crl_summary *summary,
                     struct rfd_error *error) RFD_MUST_CHECK;

/* The two halves apart, for who signs in another process. */

/**
 * Writes the TBSCertList alone, from the first byte to the last: what has to be signed. `sign` of the signer is not
 * used. `summary->bytes` is its length. Fails as crl_write() does.
 */
rfd_status crl_write_tbs(const struct authority_signer *signer, const struct crl_plan *plan,
                         const struct crl_source *source, const struct crl_target *target, struct crl_summary *summary,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** What goes before and after a TBSCertList of `tbs_length` bytes to make a CertificateList of it: `head` and `tail`
 * are appended to. `algorithm` is a whole AlgorithmIdentifier, the one in the list. */
void crl_put_envelope(struct buf *head, struct buf *tail, size_t tbs_length, slice algorithm, slice signature);

/** A sink that appends to the `struct buf` given as its context. */
rfd_status crl_write_to_buf(void *context, slice bytes, struct rfd_error *error);

#endif
