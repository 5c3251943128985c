/* SPDX-License-Identifier: EUPL-1.2
 *
 * Making a certificate with an authority's key, whoever wants it: serial number, partition and addresses from the key's
 * policy, the rest from profile and order; built, tried against the rules, signed, read again, compared, and put into
 * the journal.
 */
#ifndef KEEPER_ISSUING_H
#define KEEPER_ISSUING_H

#include "keeper/approval.h"
#include "keeper/operations.h"

enum { ISSUING_SERIAL_SIZE = 20 /* the most that there may be: RFC 5280 §4.1.2.2 */ };

/** What is wanted. Dispose of nothing: all lies in here or is borrowed. */
struct issuing {
    struct keeper_key *key; /* that signs; certified unless `root` */
    const struct profile *profile;
    const struct authority_policy *where; /* addresses in the certificate; NULL: none */
    bool root;                            /* issues to itself */
    bool key_checked;
    unsigned days; /* 0: the profile's */
    slice spki;
    slice approval;                      /* SHA-256 of its text; empty: none */
    const struct journal_record *before; /* it was issued already: the same again */

    struct profile_value values[APPROVAL_SUBJECT_MAXIMUM];
    size_t value_count;
    const char *mails[APPROVAL_NAMES_MAXIMUM], *hosts[APPROVAL_NAMES_MAXIMUM];
    size_t mail_count, host_count;
    char texts[APPROVAL_MAXIMUM]; /* what the pointers above point at */
    size_t used;
};

/** Copies an attribute, an address of mail, a host, for the order. RFD_E_LIMIT. */
rfd_status issuing_add_attribute(struct issuing *i, enum oid_name type, slice value,
                                 struct rfd_error *error) RFD_MUST_CHECK;
rfd_status issuing_add_mail(struct issuing *i, slice mail, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status issuing_add_host(struct issuing *i, slice host, struct rfd_error *error) RFD_MUST_CHECK;

/** Takes from a message: u32 count, and for each an attribute's name and value. RFD_E_ARGUMENT. */
rfd_status issuing_take_attributes(struct issuing *i, struct message_reader *r, struct rfd_error *error) RFD_MUST_CHECK;

/** What was made; `certificate` is given by the caller, initialised. */
struct issued {
    struct buf *certificate;
    uint8_t serial_octets[ISSUING_SERIAL_SIZE];
    slice serial; /* in them */
    uint32_t partition;
    rfd_time time;
};
/** RFD_E_PROFILE, RFD_E_LINT, those of key_check(), RFD_E_APPROVAL_USED when what had been issued cannot be made again
 * as it was, RFD_E_IO_WRITE when the journal cannot be written. */
rfd_status issuing_make(struct keeper *k, const struct issuing *i, struct issued *out,
                        struct rfd_error *error) RFD_MUST_CHECK;

/** Appends as fields: certificate, serial number, partition, time. */
void issuing_put_answer(struct buf *answer, const struct issued *made);

/** The profile, when packs have it and the key's policy allows it. RFD_E_PROFILE, RFD_E_KEY_REFUSED. */
rfd_status issuing_profile(const struct keeper *k, const struct keeper_key *key, slice name,
                           const struct pack_profile **out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
