/* SPDX-License-Identifier: EUPL-1.2
 *
 * An incremental update (ISO 32000-2 §7.5.6) under construction: new and changed objects, then a cross-reference
 * section of the kind that the file uses, all in one buffer (the tail) to be put after the input's last byte. The
 * input's bytes are never touched.
 *
 * Failures are sticky: write, then check pdf_update_finish(). In an encrypted document strings and streams are
 * encrypted here; callers always give plain ones.
 */
#ifndef PDF_UPDATE_H
#define PDF_UPDATE_H

#include "base/buf.h"
#include "pdf/document.h"

struct pdf_update;

/** For the latest revision of `doc`, which must stay open. RFD_E_PDF_DAMAGED where no valid update can be appended. */
rfd_status pdf_update_begin(struct pdf_document *doc, struct pdf_update **out, struct rfd_error *error) RFD_MUST_CHECK;
void pdf_update_free(struct pdf_update *u);

/** Takes the next unused object number (generation 0); freed numbers are not reused, nor those below /Size that the
 * file leaves out. */
struct pdf_reference pdf_update_new(struct pdf_update *u);

/** Starts "n g obj". Write the object into the buffer returned (never NULL), then pdf_update_end(). */
struct buf *pdf_update_object(struct pdf_update *u, struct pdf_reference reference);
void pdf_update_end(struct pdf_update *u);
/** The tail's buffer, to take positions: source offset = pdf_update_base(u) + position. */
struct buf *pdf_update_buffer(struct pdf_update *u);
uint64_t pdf_update_base(const struct pdf_update *u);

/** A whole stream object; `entries` are further dictionary entries ("/Type /Metadata"); compressed when it helps. */
void pdf_update_stream(struct pdf_update *u, struct pdf_reference reference, const char *entries, slice data,
                       bool compress);

/* Tokens, for the object that is open. */
void pdf_put_name(struct buf *b, slice name); /* with '/', #xx where needed */
void pdf_put_reference(struct buf *b, struct pdf_reference r);
/** A string, encrypted for the open object when the document is; literal, which is never longer than hexadecimal. */
void pdf_update_string(struct pdf_update *u, slice bytes);
/** A text string from UTF-8: PDFDocEncoding when it fits (§7.9.2.2), else UTF-16BE with mark. */
void pdf_update_text(struct pdf_update *u, slice utf8);
/** A value of the latest revision's object `owner` ({0}: of the trailer), for the open object: byte for byte, strings
 * re-encrypted when their owner's key changes. */
void pdf_update_value(struct pdf_update *u, const struct pdf_value *v, struct pdf_reference owner);

/** One entry of a dictionary to set, or to drop when `value.data` is NULL. `value` is PDF text. */
struct pdf_change {
    const char *key;
    slice value;
};
/** A dictionary copied entry by entry, byte for byte, with changes applied in place and additions at its end. */
void pdf_update_dictionary(struct pdf_update *u, const struct pdf_value *dictionary, struct pdf_reference owner,
                           const struct pdf_change *changes, size_t count);

/**
 * Writes cross-reference and trailer (/Root, /Info, /Encrypt the same references, /ID with a new second half, /Prev,
 * /Size) and hands out the tail, which begins with an end of line when the input lacks one.
 * RFD_E_PDF_TOO_LARGE when a classical table would need an offset of more than ten digits.
 */
rfd_status pdf_update_finish(struct pdf_update *u, slice *tail, struct rfd_error *error) RFD_MUST_CHECK;

#endif
