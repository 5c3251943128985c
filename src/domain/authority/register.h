/* SPDX-License-Identifier: EUPL-1.2
 *
 * The register's rows, for the files of this folder: entering a certificate, reading it, and telling the audit. All
 * within the caller's transaction.
 */
#ifndef DOMAIN_REGISTER_H
#define DOMAIN_REGISTER_H

#include "domain/authority/state.h"
#include "pki/certificate/certificate.h"

#define DAY (86400 * RFD_SECOND)
enum { REGISTER_SERIAL_MAXIMUM = 20, REGISTER_HASH_SIZE = 32, REGISTER_ROWS_MAXIMUM = 1000 };

/** What is said about a certificate's subject; into `row`, whose slices are in `a`. */
rfd_status register_describe(const struct certificate *certificate, struct arena *a, struct certificate_row *row,
                             struct rfd_error *error) RFD_MUST_CHECK;

/** Enters `row` (its id is filled in) by `event`, whose way says in which state. Its der may be empty. `log`: SHA-256
 * of the certificate when it goes into the transparency log. RFD_E_STORE_CONFLICT when it is there. */
rfd_status register_enter(struct transaction *t, enum certificate_event event, slice actor, struct certificate_row *row,
                          const uint8_t *log, struct rfd_error *error) RFD_MUST_CHECK;

/** What a public key is known by in the register. */
rfd_status register_hash_key(slice spki, struct store_value *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Of a key that is known: RFD_E_KEY_REUSED when it was lost to somebody, or `owner` is anyone but `subject_id` (empty:
 * anyone). */
rfd_status register_key_free(bool compromised, slice owner, slice subject_id, struct rfd_error *error) RFD_MUST_CHECK;
/** Enters the public key as `row`'s. RFD_E_KEY_REUSED as register_key_free(). */
rfd_status register_claim_key(struct transaction *t, slice spki, const struct certificate_row *row,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** From now on nobody may have a certificate with the key of this one. */
rfd_status register_block_key(struct transaction *t, const struct certificate_row *row,
                              struct rfd_error *error) RFD_MUST_CHECK;

/** The columns of a certificate with its state and its octets, from `certificate c`, `certificate_status s` and
 * `certificate_der d`. */
#define REGISTER_COLUMNS                                                                                               \
    "SELECT c.id, c.authority, c.serial, c.profile, c.subject, c.subject_id, c.mail, c.not_before, c.not_after, "      \
    "c.issued_at, c.request, c.client, s.state, s.part, s.revoked_at, s.reason, s.invalid_since, d.der "
#define REGISTER_JOINS                                                                                                 \
    "JOIN certificate_status s ON s.serial = c.serial AND s.authority = c.authority "                                  \
    "LEFT JOIN certificate_der d ON d.certificate = c.id "
/** Reads them; copied into `a`. */
rfd_status register_read(const struct store_value *values, struct arena *a, struct certificate_row *out,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** By serial number. RFD_E_NOT_FOUND. */
rfd_status register_find(struct transaction *t, int64_t authority, slice serial, struct arena *a,
                         struct certificate_row *out, struct rfd_error *error) RFD_MUST_CHECK;
/** By id. RFD_E_NOT_FOUND. */
rfd_status register_get(struct transaction *t, int64_t id, struct arena *a, struct certificate_row *out,
                        struct rfd_error *error) RFD_MUST_CHECK;

/** Has the lists of registration (certificate_agent) follow the state of a certificate that came by it. */
rfd_status register_follow(struct transaction *t, const struct certificate_row *row,
                           struct rfd_error *error) RFD_MUST_CHECK;

/** An audit row about a certificate, whose id is `id`; `detail` as audit_put() wants it. */
rfd_status register_audit(struct transaction *t, const char *action, slice actor, int64_t id, slice serial,
                          slice detail, struct rfd_error *error) RFD_MUST_CHECK;

/** Begins a transaction that changes states: on PostgreSQL, where snapshots would make such transactions fail one
 * another, one waits for the other from its beginning. */
rfd_status register_begin_change(struct transaction *t, struct store *store, struct rfd_error *error) RFD_MUST_CHECK;
/** Numbers the change that was made: the transaction's last step. */
rfd_status register_number_change(struct transaction *t, const struct certificate_row *row, uint64_t *number,
                                  struct rfd_error *error) RFD_MUST_CHECK;

#endif
