/* SPDX-License-Identifier: EUPL-1.2
 *
 * The standard security handler (ISO 32000-2 §7.6): RC4 40-128 and AES-128 (V1-V4), AES-256 (V5, R5 and R6), crypt
 * filters, Identity, /EncryptMetadata. Public-key security handlers are refused by name.
 * RC4 and MD5 are here only because old files need them; nothing new chooses them.
 */
#ifndef PDF_CRYPT_H
#define PDF_CRYPT_H

#include "base/arena.h"
#include "base/buf.h"
#include "pdf/object.h"

struct pdf_crypt;

/**
 * Sets up from a resolved /Encrypt dictionary (all values direct) and the first half of /ID, and proves the password
 * (tried as user, then as owner password; as the revision wants it encoded, then as given: see crypt_password.h).
 * `encrypt` is the /Encrypt object's own number, never decrypted (0 when direct). The result lives in `arena`; dispose
 * wipes the key.
 * RFD_E_PDF_PASSWORD or RFD_E_PDF_ENCRYPTION.
 */
rfd_status pdf_crypt_open(const struct pdf_value *dictionary, uint32_t encrypt, slice id, slice password,
                          struct arena *arena, struct pdf_crypt **out, struct rfd_error *error) RFD_MUST_CHECK;
void pdf_crypt_dispose(struct pdf_crypt *c);

enum pdf_crypt_use { PDF_CRYPT_STRING, PDF_CRYPT_STREAM, PDF_CRYPT_EMBEDDED_FILE };

/**
 * Decrypts (result in `arena`, or `in` itself where nothing is encrypted). `filter` is the /Name of an explicit Crypt
 * filter, or empty for the default. RFD_E_PDF_DAMAGED for bytes that are no whole AES blocks or wrongly padded.
 */
rfd_status pdf_crypt_decrypt(const struct pdf_crypt *c, enum pdf_crypt_use use, slice filter,
                             struct pdf_reference owner, slice in, struct arena *arena, slice *out,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** Encrypts for a new object, as the document's own filters say. */
rfd_status pdf_crypt_encrypt(const struct pdf_crypt *c, enum pdf_crypt_use use, struct pdf_reference owner, slice in,
                             struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;

/** False when metadata streams stay clear (/EncryptMetadata false). */
bool pdf_crypt_covers_metadata(const struct pdf_crypt *c);
/** For reports: "RC4-40", "AES-256 (R6)", ... */
const char *pdf_crypt_name(const struct pdf_crypt *c);
/** §7.6.4.2: true when opened as owner, or when the /P permission bit `bit` (1-based) is set. */
bool pdf_crypt_permits(const struct pdf_crypt *c, int bit);

#endif
