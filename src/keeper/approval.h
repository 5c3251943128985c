/* SPDX-License-Identifier: EUPL-1.2
 *
 * The approval of a certificate: what a certifying agent (or a registration client) signs so that the keeper issues it.
 * Whoever holds the web process but no agent's key gets no certificate.
 *
 * The signed content is this text, UTF-8, lines ended by "\n", in this order, without blanks but the one after the
 * colon, each value without control characters; there is exactly one text for an approval:
 *
 *     Refrenda approval 1
 *     authority: 64 hexadecimal digits, lower case: SHA-256 of the issuing authority's SubjectPublicKeyInfo
 *     profile: pe-natural-person
 *     request: 1 to 64 letters, digits, "-", "_": the registration's number of this request
 *     key: 64 hexadecimal digits, lower case: SHA-256 of the SubjectPublicKeyInfo, or the word central
 *     subject: serialNumber=IDCPE-70000016   one line for each attribute, by its name of RFC 4519 (c, o, ou, cn, sn,
 *                                            givenName, serialNumber, title, l, st, organizationIdentifier ...)
 *     mail: ...                              none or more
 *     host: ...                              none or more
 *     mobile: +51999000111                   none or one: the number that was verified
 *     code: sign                             none or one, of a legal person's central key with a mobile: its seal
 *                                            signs with a code that goes there, too
 *     time: 2026-11-22T01:02:03Z
 *
 * It travels as the encapsulated content (id-data) of a CMS SignedData (RFC 5652) with one signer, with or without the
 * signer's certificate, so that every signing tool can make one ("openssl cms -sign -nodetach -binary"). Where the
 * profile wants two pairs of eyes, there are two SignedData of different agents with the same content.
 */
#ifndef KEEPER_APPROVAL_H
#define KEEPER_APPROVAL_H

#include "base/buf.h"
#include "pki/digest.h"
#include "pki/oid.h"

enum {
    APPROVAL_MAXIMUM = 8 << 10,         /* bytes of the text */
    APPROVAL_SIGNED_MAXIMUM = 24 << 10, /* bytes of the SignedData */
    APPROVAL_SUBJECT_MAXIMUM = 16,
    APPROVAL_NAMES_MAXIMUM = 8, /* of mails, and of hosts */
    APPROVAL_REQUEST_MAXIMUM = 64,
    APPROVAL_HASH_SIZE = 32,
    APPROVALS_MAXIMUM = 2,                     /* signers of one certificate */
    APPROVAL_CENTRAL_SECONDS = 5 * 365 * 86400 /* how long an approval for central keys holds */
};

struct approval_attribute {
    enum oid_name type;
    slice value;
};
/** Slices of the text that was read, or of what is to be written. */
struct approval {
    uint8_t authority[APPROVAL_HASH_SIZE];
    slice profile;
    slice request;
    bool central;                    /* the keeper makes the key itself */
    uint8_t key[APPROVAL_HASH_SIZE]; /* unless central */
    struct approval_attribute subject[APPROVAL_SUBJECT_MAXIMUM];
    size_t subject_count;
    slice mails[APPROVAL_NAMES_MAXIMUM], hosts[APPROVAL_NAMES_MAXIMUM];
    size_t mail_count, host_count;
    slice mobile;  /* empty: none */
    bool code;     /* of a seal: signing wants a code, too */
    rfd_time time; /* whole seconds */
};

/** The exact text. RFD_E_ARGUMENT for a value that cannot be part of one. */
rfd_status approval_write(const struct approval *approval, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Reads exactly that text, and nothing that approval_write() would not write. RFD_E_APPROVAL. */
rfd_status approval_read(slice text, struct approval *out, struct rfd_error *error) RFD_MUST_CHECK;
/** The text inside a SignedData, unverified: for those who only want to know what it is about. RFD_E_APPROVAL. */
rfd_status approval_content(slice signed_data, slice *text, struct rfd_error *error) RFD_MUST_CHECK;

/** Whether it is of a legal person, whose certificate is a seal: its subject has one o and one organizationIdentifier
 * of a register of legal persons (VAT, NTR, LEI: EN 319 412-1 §5.1.4), and besides nothing but c, st, l, street,
 * postalCode, ou, businessCategory and cn. Whatever names a person (serialNumber, sn, givenName, title, pseudonym ...),
 * or comes twice, or is not known, makes it a person's. */
bool approval_is_of_entity(const struct approval *approval);
/** Whom it is of: the serialNumber of its subject, or, of a legal person, the organizationIdentifier; empty when it has
 * neither, or more than one. */
slice approval_holder(const struct approval *approval);

#endif
