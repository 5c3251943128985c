/* SPDX-License-Identifier: EUPL-1.2
 *
 * What may be asked of the process "personal", which keeps the keys of people (personal.h). Messages, greeting and
 * answers are as the keeper's (keeper/protocol.h): the first one is KEEPER_HELLO; an answer begins with its status.
 * KEEPER_REGISTER, KEEPER_UNREGISTER and KEEPER_LIST_REGISTERED are the keeper's own: agents and clients whose
 * approvals are believed, portals whose statements are.
 *
 * No message has a password or a code that anybody but this process can read: they come encrypted to its activation
 * key (RFC 9180), and codes leave to the worker alone.
 */
#ifndef PERSONAL_PROTOCOL_H
#define PERSONAL_PROTOCOL_H

#include "keeper/protocol.h"

enum {
    PERSONAL_ID_SIZE = 33,        /* of a credential, with its terminating zero: 32 hexadecimal digits, lower case */
    PERSONAL_OPERATION_SIZE = 16, /* octets of an operation's number: random */
    PERSONAL_NONCE_SIZE = 32,
    PERSONAL_SAD_SIZE = 32,
    PERSONAL_HOLDER_SIZE = 65, /* "IDCPE-00000201", "VATPE-20000000001", with its terminating zero */
    PERSONAL_TEXT_MAXIMUM = 64 << 10,
    PERSONAL_HASHES_MAXIMUM = 200, /* of one operation */
    PERSONAL_CODES_MAXIMUM = 64,   /* taken at a time */
    PERSONAL_DOCUMENT_MAXIMUM = 64 << 20,
    PERSONAL_REVISION_MAXIMUM = 1 << 20, /* what follows a document, in all */
    PERSONAL_PIECE_MAXIMUM = 96 << 10,   /* of both, in one message */
};

enum personal_operation {
    /** → bytes SubjectPublicKeyInfo of the activation key (P-256), bytes that of the attestation key (P-256). */
    PERSONAL_KEYS = 64,
    /** text holder (serialNumber of the certificates; organizationIdentifier of an entity's) → u32 count, and for each
       the fields of PERSONAL_SHOW. */
    PERSONAL_LIST = 65,
    /** text credential → text credential, text holder, text profile, u8 state (enum personal_state), text key
     * algorithm, i64 created, bytes SubjectPublicKeyInfo, bytes certificate or empty, u8 wrong passwords that are left,
     * i64 until when codes are refused (0: they are not), u8 channel of its codes (enum personal_channel), text masked
     * mobile, text masked mail, i64 time of the approval that holds, u8 1 when it is the seal of an entity, 2 when that
     * signs with a code, too. RFD_E_NOT_FOUND. */
    PERSONAL_SHOW = 66,
    /** bytes text of the operation (operation.h), u32 count of SignedData (the agents' approvals, for "generate"; else
     * 0), each bytes, u8 channel or 0, text language for the message ("es"), bytes statement of the portal (JWS) or
     * empty, bytes point to which a TOTP secret is encrypted (kind "totp"; else empty) → bytes operation, bytes nonce,
     * i64 ends, u8 what the person has to give (mask of enum personal_proof), u8 channel, text masked address ("" for
     * an app), i64 from when it may be sent again (0: there is nothing to send); kind "totp": bytes encapsulated key,
     * bytes ciphertext (HPKE to the point; info as for the activation; the secret's 20 octets). The codes of
     * "generate", "mobile" and "totp" always come by message. A seal, whose key was made under an approval of a legal
     * person (approval_is_of_entity() in keeper/approval.h), signs with the password alone: no code, no channel,
     * whatever is asked for; all else of it is as people's. Where its approval says so ("code: sign"), it signs with a
     * code, too, which no message of this operation has: it was asked for before by an operation of kind "code" of the
     * same seal and portal, goes to the seal's mobile, names portal and seal, and is good for the first activation of
     * the two that gives it; the newest counts, and it ends with its operation, which is never activated. A portal that
     * is registered (by its cn, or else its name) states what it wants signed: compact JWS, ES256 or RS256, "typ"
     * "documents+jwt", claims "documents" (array: SHA-256 of each document that is shown as hexadecimal digits, in
     * order), "iat", "exp" (may be missing: ten minutes after "iat"; eight days at most), and "hashes" (may be missing;
     * array: what is signed of each, lower-case hexadecimal digits). RFD_E_APPROVAL, RFD_E_CREDENTIAL_LOCKED,
     * RFD_E_NOT_FOUND (unknown, or destroyed), RFD_E_STATE (no certificate yet), RFD_E_CERTIFICATE_EXPIRED,
     * RFD_E_KEY_REFUSED (the statement), RFD_E_ARGUMENT, RFD_E_LIMIT, RFD_E_CLOCK, RFD_E_SLOW_DOWN after too many
     * messages to the holder, RFD_E_BUSY when the credential was changed meanwhile. */
    PERSONAL_BEGIN = 67,
    /** bytes operation → u8 state (enum personal_progress), u8 way of the code (enum personal_delivery), i64 ends, i64
     * from when it may be sent again, u8 wrong codes and u8 wrong passwords that are left, u32 hashes signed.
     * RFD_E_NOT_FOUND */
    PERSONAL_PROGRESS = 68,
    /** bytes operation → as PERSONAL_PROGRESS. RFD_E_BUSY before the time is there; RFD_E_LIMIT after three;
       RFD_E_SLOW_DOWN. */
    PERSONAL_SEND_AGAIN = 69,
    /** bytes operation, bytes encapsulated key, bytes ciphertext: HPKE to the activation key, info as
     * personal_activation_info() has it, plaintext a JSON object with the proofs that the operation wants, as texts:
     * {"password","code","newPassword","secondCode"}. →
     *   sign: bytes SAD, i64 ends
     *   generate: text credential, bytes SubjectPublicKeyInfo, bytes attestation (keeper/attestation.h), bytes its
     * signature others: nothing; it is done. Once: afterwards the operation has ended, or waits for its hashes. After
     * RFD_E_ACTIVATION_CODE, RFD_E_ACTIVATION_PASSWORD (the code holds on), RFD_E_PASSWORD_WEAK and RFD_E_ARGUMENT (it
     * was encrypted for something else, which counts as a wrong code, or password where no code is wanted; or the same
     * ciphertext came before, which counts as nothing) the person may try again, in a new ciphertext.
     * RFD_E_CREDENTIAL_LOCKED after one wrong code or password too many; RFD_E_ACTIVATION_ENDED; RFD_E_BUSY while it is
     * being activated. Wrong codes are counted for the holder, wrong passwords for the credential. A new mobile is of
     * all credentials of the holder that had the old one. */
    PERSONAL_ACTIVATE = 70,
    /** bytes SAD, u32 count, each bytes hash → u32 count, each bytes signature (RSA: PKCS #1 v1.5; EC:
     * ECDSA-Sig-Value). Every hash is one of the operation's and not yet signed, or nothing is:
     * RFD_E_HASH_NOT_AUTHORISED, RFD_E_ACTIVATION_ENDED. The holder's log has them before they leave. */
    PERSONAL_SIGN = 71,
    /** text credential, bytes certificate, bytes certificate of the authority that signed it → (nothing). For its key,
     * the holder's, and signed by the authority of the approval that the key was made under; once. RFD_E_KEY_MISMATCH,
     * RFD_E_EXISTS when it has another one. */
    PERSONAL_CERTIFY = 72,
    /** bytes operation → (nothing) */
    PERSONAL_CANCEL = 73,
    /** text credential, u64 number of events to leave out → u64 events in all, u32 count, each text line
     * (holder_log.h), bytes SHA-256 at the end, bytes signature of the attestation key. As many as fit. */
    PERSONAL_READ_LOG = 74,
    /** text credential, u32 count, each bytes SignedData: a new approval of the same holder and profile, by agents,
     * later than the one that holds → (nothing). Mobile and mail are its; the app and all locks are gone.
     * RFD_E_APPROVAL */
    PERSONAL_ADOPT = 75,
    /** For the worker: → u32 count, and for each: bytes operation, u8 which (0 first, 1 second code), u8 channel (sms
     * or mail), text address, text language, text kind, text portal, text title of the first document, or of kind
     * "code" the seal's name, u32 documents, text code, i64 ends. The same are given again after ten seconds unless
     * PERSONAL_CODES_SENT came. */
    PERSONAL_TAKE_CODES = 76,
    /** For the worker: u32 count, and for each: bytes operation, u8 which, u8 1 when the gateway took it → (nothing) */
    PERSONAL_CODES_SENT = 77,
    /** bytes SAD, u32 count, each bytes hash → (nothing): PERSONAL_SIGN, or PERSONAL_SIGN_DOCUMENTS, would sign these
     * now. Else as those. */
    PERSONAL_CHECK = 78,
    /** Of an operation whose hashes are of documents ("of: documents", "both"): bytes SAD, u8 1 for signed attributes
     * that have the time (CAdES; 0: PAdES), u32 count, each bytes hash → i64 that time or RFD_TIME_NONE, u32 count,
     * each bytes signature of the signed attributes that cms_put_signed_attributes() makes of hash and certificate.
     * Else as PERSONAL_SIGN. */
    PERSONAL_SIGN_DOCUMENTS = 79,
    /** Of such an operation: bytes SAD, u64 octets that were read before (0: from the beginning), bytes piece of a
     * document (PERSONAL_PIECE_MAXIMUM) → (nothing). RFD_E_STATE when it is not what comes next, RFD_E_BUSY,
     * RFD_E_LIMIT, RFD_E_ACTIVATION_ENDED. */
    PERSONAL_READ_DOCUMENT = 80,
    /** Of such an operation: bytes SAD, u64 octets that were read, bytes what follows them up to the signature's place,
     * bytes what follows that (PERSONAL_PIECE_MAXIMUM together) → u32 1, bytes signature of the signed attributes,
     * without time, of document and revision together. The document is an authorised one, not yet signed:
     * RFD_E_HASH_NOT_AUTHORISED. Else as both above. */
    PERSONAL_SIGN_REVISION = 81,
    /** The same as PERSONAL_READ_DOCUMENT of what follows the document, where PERSONAL_SIGN_REVISION has no room for
     * all of it: the document ends before the first of them, and the signature's place is left out. */
    PERSONAL_READ_REVISION = 82,
    /** For administrators, after a clock that had gone ahead was set right: i64 the time by another clock → u32
     * credentials whose files were of later. RFD_E_CLOCK when the clock here says something else by more than five
     * minutes. From then on its time holds again; until then everything that begins is RFD_E_CLOCK. */
    PERSONAL_SET_CLOCK = 83,
};

/** Numbers are in files: append only. */
enum personal_state {
    PERSONAL_WAITING = 1, /* key made, no certificate yet */
    PERSONAL_ACTIVE = 2,
    PERSONAL_LOCKED = 3, /* five wrong passwords */
    PERSONAL_DESTROYED = 4
};
enum personal_channel { PERSONAL_NO_CHANNEL, PERSONAL_SMS, PERSONAL_TOTP, PERSONAL_MAIL };
enum personal_proof {
    PERSONAL_PROOF_PASSWORD = 1,
    PERSONAL_PROOF_CODE = 2,
    PERSONAL_PROOF_NEW_PASSWORD = 4,
    PERSONAL_PROOF_SECOND_CODE = 8
};
enum personal_progress { PERSONAL_BEGUN = 1, PERSONAL_ACTIVATED = 2, PERSONAL_DONE = 3, PERSONAL_ENDED = 4 };
enum personal_delivery { PERSONAL_QUEUED, PERSONAL_SENT, PERSONAL_NOT_SENT /* tried, and tried again */ };

#endif
