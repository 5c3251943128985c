/* SPDX-License-Identifier: EUPL-1.2
 *
 * A password as the bytes that the key derivation of ISO 32000-2 §7.6.4.3 takes.
 *
 * Revision 6 asks for SASLprep (RFC 4013). What is done here is its mapping (§2.1) and prohibition (§2.3) steps; its
 * normalisation (§2.2, NFKC) and bidirectional check (§2.4) are not, for want of Unicode tables: a password typed in
 * another normal form than the one that the document was made with is not recognised.
 */
#ifndef PDF_CRYPT_PASSWORD_H
#define PDF_CRYPT_PASSWORD_H

#include "base/buf.h"

/**
 * The forms in which a password is tried: 0 as the standard says (PDFDocEncoding up to revision 4, SASLprep in 6),
 * 1 the bytes as given, because several producers hash those. False when there is no such form (other than form 0).
 * The result is cut to the length that counts: 32 bytes up to revision 4, then 127.
 */
bool crypt_password_form(int revision, int form, slice utf8, struct buf *out);

#endif
