/* SPDX-License-Identifier: EUPL-1.2
 *
 * Texts that somebody signs with their own certificate on a page: with script in the browser (assets/script:
 * certificate-approval, agent-signature), without it by saving the text, signing it with another program, and handing
 * its signature in.
 */
#ifndef WEB_SIGNATURE_H
#define WEB_SIGNATURE_H

#include "web/web.h"

enum { SIGNATURE_TEXT_MAXIMUM = 90000 }; /* characters of base64 */

/** The fields of a form with one signature: what the script signed, and the file of another program, whose hint says
 * how to come by it. */
#define SIGNATURE_FIELDS(file_hint)                                                                                    \
    {.name = "signature", .kind = FORM_HIDDEN, .maximum = SIGNATURE_TEXT_MAXIMUM},                                     \
    {                                                                                                                  \
        .name = "signature_file", .label = N_("Signature of the text (CMS, .p7s)"), .hint = (file_hint),               \
        .kind = FORM_FILE                                                                                              \
    }
/** Of the agent's desk, whose texts say the time at which they are signed. */
#define SIGNATURE_FILE_HINT                                                                                            \
    N_("Save the text, sign it in the other program with the text inside, and attach the signature within a quarter "  \
       "of an hour")

/** What was sent: by the script in the field `text`, as base64, or in the file `file` (DER or PEM, RFC 7468 §9). Empty:
 * nothing. What is no signature is given as it is: who checks it says so. */
rfd_status signature_take(struct page *page, struct form *form, const char *text, const char *file, slice *out,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** A fault of the field `file`, where nothing was sent. */
void signature_missing(struct form *form, const char *file);
/** As form_faults(), of a form with SIGNATURE_FIELDS: what is wrong with the signature is told where people see it. */
void signature_faults(struct form *form, struct faults *faults);
/** The text inside of a SignedData (unverified), in the page's arena; empty: there is none. */
slice signature_text(const struct page *page, slice signed_data);
/** For part/signature, as `signing`: texts that an agent signs. `kind` is "approval" or "revocation", as the form's
 * data-kind says. */
struct view *signature_begin(struct page *page, const char *kind);
/** One of them, whose signature is sent in the field `field`; `about` is what the page shows of whom it is about, and
 * the script finds in the text: folio, serial number; `link` gives the text as a file. */
void signature_add(const struct page *page, struct view *signing, const char *field, slice about, slice text,
                   const char *link);

#endif
