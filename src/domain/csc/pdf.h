/* SPDX-License-Identifier: EUPL-1.2
 *
 * Whole PDF documents that signDoc signs: prepared (an empty signature is appended), signed, finished. What authorises
 * is the hash of the document as it came. The keeper reads it and the revision that is appended to it, and signs both
 * together when the document is an authorised one, so that this process cannot have another document signed; what the
 * appended revision says, the keeper does not judge.
 *
 * A prepared document lies in the spool of central signing, whose sweeper removes what a killed process leaves there.
 */
#ifndef DOMAIN_CSC_PDF_H
#define DOMAIN_CSC_PDF_H

#include "domain/csc/csc.h"

#include <refrenda/sign.h>

struct csc_pdf_wish {
    slice content;
    const slice *chain; /* DER, the signer's first */
    size_t chain_count;
    enum digest_id digest;
    enum rfd_level level;
    const char *service; /* of time stamps, from level B-T on */
    bool certify;        /* a certification signature after which forms may be filled in and signed (DocMDP 2) */
    const char *reason, *location, *name, *contact; /* NULL: none */
};
struct csc_pdf;
/** In `a`; to be forgotten. What is wrong with the document itself is signing_is_of_document(). */
rfd_status csc_pdf_prepare(const struct central *c, const struct csc_pdf_wish *wish, struct arena *a,
                           struct csc_pdf **out, struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_HASH_NOT_AUTHORISED, RFD_E_ACTIVATION_ENDED; RFD_E_BUSY and RFD_E_STATE while another call reads a document by
 * the same token; RFD_E_LIMIT. */
rfd_status csc_pdf_sign(const struct central *c, const struct csc_token *token, struct csc_pdf *pdf, struct arena *a,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** Appends the signed document to `out`; `*cms` is its ContentInfo, in `a`. RFD_E_NETWORK, RFD_E_TSP... where the level
 * cannot be reached. */
rfd_status csc_pdf_finish(const struct central *c, const struct csc_pdf *pdf, struct arena *a, struct buf *out,
                          slice *cms, struct rfd_error *error) RFD_MUST_CHECK;
/** Safe on NULL. */
void csc_pdf_forget(struct csc_pdf *pdf);

#endif
