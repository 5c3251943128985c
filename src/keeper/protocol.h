/* SPDX-License-Identifier: EUPL-1.2
 *
 * What may be asked of the keeper. Each message is an operation (operations.c has the table: who may send it, for keys
 * of which purposes, how often); its fields are listed here in the order in which they travel (ipc/message.h).
 *
 * Nobody sends a digest to be signed. The keeper builds what it signs from typed fields, or parses what it is given and
 * compares it with the policy that the key was made with.
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
    /** text name, text purpose, text algorithm, bytes issuer, u32 validity, bytes time-stamp policy, u32 accuracy,
     * bytes authority policy (as in struct key_policy; what the purpose does not need is empty or 0, and the last may
     * be left out), and behind that text token when the key is to be made on one → bytes SubjectPublicKeyInfo */
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

    /* ---- Certificates and lists ---- */

    /** text CA key, bytes SubjectPublicKeyInfo, u32 count of approvals (1 to APPROVALS_MAXIMUM), each bytes SignedData
     * (approval.h) → bytes certificate, bytes serial number, u32 partition, i64 time, u8 1 when it had been issued
     * before. Everything in the certificate follows from approval, profile and policy. An approval is used once: it is
     * in the journal, on disk, before the certificate leaves. The same approval with the same key gives the same
     * certificate again, octet for octet, for those who lost the answer, also when the approval is old by then or the
     * agent is not registered any more; with another key, or when profile or policy changed since,
     * RFD_E_APPROVAL_USED. When the approval's key is "central", behind the approvals: bytes attestation
     * (attestation.h), bytes its signature; such an approval may be used for several keys, each with an attestation of
     * its own, and what is used once, and in the journal, is SHA-256 of approval hash and key hash. */
    KEEPER_ISSUE = 10,
    /** text CA key, text profile, u32 count, and for each: text attribute's name (approval.h), text value; u32 count,
     * each text mail; u32 count, each text host; bytes SubjectPublicKeyInfo → as KEEPER_ISSUE. Of profiles that are
     * not for persons: servers, clients, services. For the ceremony: no approval. While no agent is registered, also of
     * profiles of agents: the first one has nobody yet who could approve. */
    KEEPER_ISSUE_SERVICE = 11,
    /** text CA key that signs (may be the same, for a root), text profile, attributes as above, u32 days or 0 for the
     * profile's, text key of this keeper or "", bytes SubjectPublicKeyInfo when it is not of this keeper, bytes
     * authority policy of the new one's superior (authority_policy.h: where to ask about the new certificate), or
     * empty → bytes certificate */
    KEEPER_ISSUE_AUTHORITY = 12,
    /** text CA key; with one descriptor: a sealed memory file (F_SEAL_WRITE, F_SEAL_SHRINK, F_SEAL_GROW) that holds a
     * TBSCertList → bytes AlgorithmIdentifier, bytes signature. Issuer, version, times, number (never below the last
     * one of its list), key identifier and issuing point are compared with the policy; every entry is parsed. */
    KEEPER_SIGN_CRL = 13,
    /** text CA key, u64 position → u32 count, and for each: u64 position, bytes serial number, i64 time, bytes SHA-256
     * of the TBSCertificate, bytes SHA-256 of the approval or empty. What was signed from that position on, the oldest
     * first; as many as fit. */
    KEEPER_JOURNAL = 14,

    /* ---- Who may approve, and which services are ours ---- */

    /** u8 kind (enum keeper_registered), text name, bytes certificate (agent, client) or SubjectPublicKeyInfo (others),
     * text profiles that it may approve or has (agent, client, service; names separated by commas), text CA key for
     * services, u32 count, attributes as above (service: its subject; portal: none, or its name as people read it as
     * cn) → (nothing). Replaces one of the same name. */
    KEEPER_REGISTER = 15,
    /** u8 kind, text name → (nothing). Also for the worker, when a certificate was revoked. RFD_E_NOT_FOUND */
    KEEPER_UNREGISTER = 16,
    /** nothing, or u8 kind and text name: only those after it → u32 count, and for each: u8 kind, text name, text
     * profiles, bytes certificate or SubjectPublicKeyInfo. By kind and name, as many as fit. */
    KEEPER_LIST_REGISTERED = 17,
    /** text CA key, text name of a registered service → bytes certificate, bytes serial number, u32 partition, i64
     * time. How OCSP responders and time-stamp services get their next certificate without anybody present. */
    KEEPER_RENEW_SERVICE = 18,

    /* ---- Other things to sign, open and wrap ---- */

    /** text seal key, text chain's name (a key name), u64 sequence number, bytes SHA-256 at its end → i64 time, bytes
     * what was signed (checkpoint.h), bytes AlgorithmIdentifier, bytes signature. Never goes back. */
    KEEPER_SIGN_CHECKPOINT = 19,
    /** text chain's name → u64 sequence number, bytes SHA-256, i64 time of the last checkpoint that was signed; zeros
     * when there is none */
    KEEPER_LAST_CHECKPOINT = 20,
    /** text seal key, text registered type (jws.def), bytes claims (a JSON object) → bytes compact JWS (RFC 7515) with
     * that "typ". The key must have its certificate, which the header names (x5t#S256); "iat", where the claims have
     * it, must be now. */
    KEEPER_SIGN_JWS = 21,
    /** text key of purpose "opening", bytes context (info), bytes encapsulated key, bytes ciphertext → bytes plaintext.
     * HPKE base mode (RFC 9180): DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; no additional data, one message.
     * Such keys are P-256. */
    KEEPER_OPEN = 22,
    /** text key of purpose "wrapping", bytes label → bytes blob key (32 octets), bytes wrapped blob key. Such keys are
     * AES-256. */
    KEEPER_NEW_BLOB_KEY = 23,
    /** text key of purpose "wrapping", bytes label, bytes wrapped blob key → bytes blob key */
    KEEPER_UNWRAP_BLOB_KEY = 24,
    /** As KEEPER_CERTIFY_KEY, of OCSP and time-stamp keys: how the worker gives them the certificates that were renewed
     * (KEEPER_RENEW_SERVICE). */
    KEEPER_CERTIFY_SERVICE = 25,
};

/* The number is in files: append only. */
enum keeper_registered {
    KEEPER_AGENT = 1,
    KEEPER_REGISTRATION_CLIENT = 2,
    KEEPER_SERVICE = 3,
    KEEPER_PERSONAL = 4, /* the personal keeper's attestation key (SubjectPublicKeyInfo): says which keys it made */
    KEEPER_PORTAL = 5    /* a portal's key (SubjectPublicKeyInfo): signs what it wants signed; the personal keeper's */
};

/** What an answer to `operation` says: RFD_OK with `*fields` reading what is the operation's, within the answer's body;
 * or the keeper's own status and detail; or RFD_E_PROTOCOL. */
rfd_status keeper_answer_read(const struct message *answer, unsigned operation, struct message_reader *fields,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** Asks and waits (channel_call); on RFD_OK `*fields` reads the operation's answer, valid until the next call. What the
 * keeper refused is returned with its own status and detail. */
rfd_status keeper_ask(struct channel *channel, unsigned operation, slice body, unsigned milliseconds,
                      struct message_reader *fields, struct rfd_error *error) RFD_MUST_CHECK;
/** The first call on a channel. */
rfd_status keeper_greet(struct channel *channel, unsigned milliseconds, struct rfd_error *error) RFD_MUST_CHECK;

#endif
