/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a person agrees to, as a text with exactly one form: the page shows it, the browser binds password and code to
 * its SHA-256, and the personal keeper does this and nothing else. UTF-8, lines ended by "\n", in this order, values
 * without control characters:
 *
 *     Refrenda operation 1
 *     kind: sign                     sign, generate, password, mobile, totp, destroy, code
 *     credential: 32 hexadecimal digits, lower case       (all but generate)
 *     approval: 64 hexadecimal digits: SHA-256 of the approval's text            (generate)
 *     portal: Sede electrónica de Villa Ejemplo           who asks; our own pages: the installation's name. No blanks
 *                                                         but U+0020, no marks that show nothing (base/letter.h)
 *     mobile: +51999000112           the new one          (mobile)
 *     digest: SHA-256                SHA-256, SHA-384, SHA-512                   (sign)
 *     of: documents                  documents, both; none: hashes               (sign)
 *     document: 64 hexadecimal digits (SHA-256 of what was shown), blank, title  (sign: one for each)
 *     hash: hexadecimal digits       what is signed for the document above
 *     time: 2026-11-22T01:02:03Z
 *
 * With "of: documents" the hashes are of documents themselves: what is signed are the signed attributes that the keeper
 * makes for each (PERSONAL_SIGN_DOCUMENTS), and nothing else. With "both", which seals alone have, each is signed once,
 * in one way or the other. "code" asks for a code by which a seal will sign, before it is known what.
 */
#ifndef PERSONAL_OPERATION_H
#define PERSONAL_OPERATION_H

#include "base/buf.h"
#include "personal/protocol.h"
#include "pki/digest.h"

enum { OPERATION_TITLE_MAXIMUM = 200, OPERATION_PORTAL_MAXIMUM = 120, OPERATION_HASH_SIZE = 32 };

enum operation_kind {
    OPERATION_NONE,
    OPERATION_SIGN,
    OPERATION_GENERATE,
    OPERATION_PASSWORD,
    OPERATION_MOBILE,
    OPERATION_TOTP,
    OPERATION_DESTROY,
    OPERATION_CODE,
    OPERATION_KINDS
};
/** What the hashes of "sign" are. */
enum operation_of { OPERATION_OF_HASHES, OPERATION_OF_DOCUMENTS, OPERATION_OF_BOTH };
/** Whether it can be the name of who asks: 120 octets at most, printable, told by reading (base/letter.h). */
bool operation_is_portal(slice name);
/** "sign", ... */
const char *operation_kind_name(enum operation_kind kind);

struct operation_document {
    uint8_t shown[OPERATION_HASH_SIZE];
    slice title;
    slice hash; /* when it was read, the slice is of its hexadecimal digits: operation_hash() */
};
/** Slices of the text that was read, or of what is to be written (there `hash` is octets). */
struct operation_text {
    enum operation_kind kind;
    slice credential; /* 32 digits; empty for "generate" */
    uint8_t approval[OPERATION_HASH_SIZE];
    slice portal, mobile;
    enum digest_id digest;
    enum operation_of of;
    struct operation_document *documents;
    size_t count;
    rfd_time time;
    slice
        point; /* totp: to which the secret is encrypted; no part of the text, but of what an activation is bound to */
};

/** The exact text. RFD_E_ARGUMENT for a value that cannot be part of one. */
rfd_status operation_write(const struct operation_text *operation, struct buf *out,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** Reads exactly that text, and nothing that operation_write() would not write. `documents` is room for `maximum` of
 * them. RFD_E_ARGUMENT, RFD_E_LIMIT. */
rfd_status operation_read(slice text, struct operation_document *documents, size_t maximum, struct operation_text *out,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** The octets of a document's hash that was read; their number. */
size_t operation_hash(const struct operation_document *document, uint8_t hash[DIGEST_SIZE_MAXIMUM]);

/** The HPKE info of an activation: "refrenda-activation-1", the credential's 32 digits (or the approval's 64, for
 * "generate"), the kind's name, SHA-256 of the operation's text, the nonce: texts each ended by a zero octet, then the
 * 64 octets; for "totp" 32 more, SHA-256 of `point`, which the browser takes from its own key. Nothing that was
 * encrypted for one operation opens for another. RFD_E_ARGUMENT for "totp" without a point. */
rfd_status personal_activation_info(slice text, const struct operation_text *operation,
                                    const uint8_t nonce[PERSONAL_NONCE_SIZE], struct buf *out,
                                    struct rfd_error *error) RFD_MUST_CHECK;

#endif
