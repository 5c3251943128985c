/* SPDX-License-Identifier: EUPL-1.2
 *
 * What may be asked of the keeper. Each message is an operation (operations.c has the table: who may send it, for keys
 * of which purposes, how often); its fields are listed here in the order in which they travel (ipc/message.h).
 *
 * Nobody sends a digest to be signed. The keeper builds what it signs from typed fields, or parses what it is given and
 * compares it with the policy that the key was made with. Certificates and CRLs are not among the operations yet: a
 * CA key can be made, named and certified, but signs nothing.
 *
 * The first message is KEEPER_HELLO. An answer has the type of its question; it begins with a status (u32, rfd_status),
 * followed by a text with the detail when that is not RFD_OK, and by the operation's answer when it is. A question
 * that is no message of the protocol (unknown type, anything before HELLO) ends the channel; one whose fields are
 * wrong is answered with RFD_E_PROTOCOL.
 */
#ifndef KEEPER_PROTOCOL_H
#define KEEPER_PROTOCOL_H

#include "ipc/channel.h"

enum {
    KEEPER_VERSION = 1,
    KEEPER_MESSAGE_MAXIMUM = 128 << 10,
    KEEPER_DIGEST_MAXIMUM = 64,
    KEEPER_OID_MAXIMUM = 64,
    KEEPER_RESPONSE_DATA_MAXIMUM = 64 << 10,
    KEEPER_NONCE_MAXIMUM = 64,
    KEEPER_ROOT_SIZE = 32
};

enum keeper_operation {
    /** u32 version → u32 version. RFD_E_UNSUPPORTED when they have none in common. */
    KEEPER_HELLO = 1,
    /** text name, text purpose, text algorithm, bytes issuer, u32 validity, bytes time-stamp policy, u32 accuracy (as
     * in struct key_policy; what the purpose does not need is empty or 0) → bytes SubjectPublicKeyInfo */
    KEEPER_CREATE_KEY = 2,
    /** text name → text purpose, text algorithm, i64 created, bytes SubjectPublicKeyInfo, bytes certificate, u64 uses
     */
    KEEPER_PUBLIC_KEY = 3,
    /** → u32 count, and for each: text name, text purpose, text algorithm */
    KEEPER_LIST_KEYS = 4,
    /** text name, bytes certificate → (nothing). The certificate must be for the key and fit its purpose: EKU
     * OCSPSigning and signed by the issuer of the policy; EKU timeStamping, critical and alone. */
    KEEPER_CERTIFY_KEY = 5,
    /** text name, bytes ResponseData (RFC 6960 §4.2.1), as ocsp_check.h allows it → bytes AlgorithmIdentifier, bytes
     * signature */
    KEEPER_SIGN_OCSP = 6,
    /** text name, text digest's name, bytes imprint, bytes nonce (INTEGER content, or empty), u8 1 for the certificate
     * → bytes TimeStampResp, bytes serial number, i64 time. Clock and serial number are the keeper's own. */
    KEEPER_SIGN_TIMESTAMP = 7,
    /** text name, text digest's name, bytes digest of the content, u8 1 for a signing-time → bytes signed attributes
     * (RFC 5652 §5.3: SET OF), bytes AlgorithmIdentifier, bytes signature */
    KEEPER_SIGN_SEAL = 8,
    /** text name, u64 tree size, bytes root → bytes TreeHeadSignature's content (RFC 6962 §3.5), bytes
     * AlgorithmIdentifier, bytes signature. A tree never shrinks, and has one root for each size. */
    KEEPER_SIGN_LOG_HEAD = 9,
};

/** Asks and waits (channel_call); on RFD_OK `*fields` reads the operation's answer, valid until the next call. What the
 * keeper refused is returned with its own status and detail. */
rfd_status keeper_ask(struct channel *channel, enum keeper_operation operation, slice body, unsigned milliseconds,
                      struct message_reader *fields, struct rfd_error *error) RFD_MUST_CHECK;
/** The first call on a channel. */
rfd_status keeper_greet(struct channel *channel, unsigned milliseconds, struct rfd_error *error) RFD_MUST_CHECK;

#endif
