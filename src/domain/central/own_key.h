/* SPDX-License-Identifier: EUPL-1.2
 *
 * The other way to sign an operation's documents (spec 4.1): with a certificate whose key its owner opens in the
 * browser. Preparing says what is to be signed of each document; the browser signs it; signing takes the signatures.
 * The key never comes here, and what is kept of the operation, and what becomes of it, is as with the personal keeper.
 *
 * Certificates are those with which one may sign in here (domain/account), of the person who is signed in: that is
 * looked at when the documents are prepared, and again when they are signed. What a browser says of a chain is not
 * asked for: the register knows whose authorities they are.
 */
#ifndef DOMAIN_CENTRAL_OWN_KEY_H
#define DOMAIN_CENTRAL_OWN_KEY_H

#include "domain/central/central.h"

/* Unlike PERSONAL_OPERATION_SIZE: the personal keeper is not asked about such a one. */
enum { OWN_KEY_OPERATION_SIZE = 24, OWN_KEY_CERTIFICATE_MAXIMUM = 16 << 10, OWN_KEY_SIGNATURE_MAXIMUM = 1024 };

/** What is to be signed of a document, in the arena. */
struct own_key_document {
    unsigned place;
    slice failure;                           /* why it cannot be signed: rfd_status's name; then the rest is empty */
    slice attributes;                        /* DER of the signed attributes (RFC 5652 §5.4): exactly what is signed */
    slice digest;                            /* that these name: of the prepared file without the hole */
    uint64_t size, hole_offset, hole_length; /* of the prepared file */
};
struct own_key_prepared {
    uint8_t operation[OWN_KEY_OPERATION_SIZE]; /* to be handed in with the signatures */
    const char *algorithm;                     /* as WebCrypto calls it: "RSASSA-PKCS1-v1_5", "RSA-PSS", "ECDSA" */
    struct own_key_document *documents;
    size_t count;
};
/** Prepares every document for this certificate (DER). `*why` is N_() when it may not sign this, with RFD_E_FORBIDDEN;
 * NULL with other failures: RFD_E_STATE, RFD_E_NOT_FOUND, those of documents. Outside of transactions. */
rfd_status own_key_prepare(const struct central *c, const struct actor *actor, struct arena *a, slice token,
                           slice certificate, struct own_key_prepared *out, const char **why,
                           struct rfd_error *error) RFD_MUST_CHECK;

/** A prepared file, for the browser to look at before it signs: its path, in `a`. RFD_E_NOT_FOUND. */
rfd_status own_key_file(const struct central *c, const struct actor *actor, struct arena *a, slice token,
                        unsigned place, const char **path, struct rfd_error *error) RFD_MUST_CHECK;

/** As CMS has it: RSA as it is, ECDSA in DER. */
struct own_key_signature {
    unsigned place;
    slice signature;
};
/** Verifies all signatures, then embeds each and keeps the results, as signing_sign(): sent twice, it is signed once.
 * `*why` is N_() when the certificate may not sign any more (RFD_E_FORBIDDEN), or a signature is missing or is not one
 * of what was prepared (RFD_E_HASH_NOT_AUTHORISED): then nothing is signed. RFD_E_ACTIVATION_ENDED when it was prepared
 * again since, or the time is over. */
rfd_status own_key_sign(const struct central *c, const struct actor *actor, struct arena *a, slice token,
                        slice operation, const struct own_key_signature *signatures, size_t count, struct signing *out,
                        const char **why, struct rfd_error *error) RFD_MUST_CHECK;

#endif
