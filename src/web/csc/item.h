/* SPDX-License-Identifier: EUPL-1.2
 *
 * What signDoc is asked to sign: an entry of documents, or a hash of an entry of documentDigests.
 */
#ifndef WEB_CSC_ITEM_H
#define WEB_CSC_ITEM_H

#include "domain/csc/pdf.h"
#include "web/csc/api.h"

struct csc_item {
    bool pdf;      /* PAdES; else CAdES */
    bool attached; /* CAdES: the document travels inside */
    bool certify;  /* a whole PDF: a certification signature */
    enum rfd_level level;
    const char *reason, *location, *name, *contact; /* a whole PDF; NULL: none */
    enum digest_id digest;
    slice document_digest;
    slice text; /* the whole document as base64; empty: only its digest came */
    /* What comes of it: */
    struct csc_pdf *file;
    slice signature;
    rfd_time time;
};

/** Reads one entry; `out` is as all of its hashes are wanted, without digest and text. Refuses in the standard's words.
 * `whole`: of documents; `service` of time stamps, "" where there is none. */
rfd_status csc_item_read(struct csc_call *call, const json_t *entry, bool whole, const char *service,
                         struct csc_item *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Decodes base64 into `out`, which is reset; false when it is none, or nothing. */
bool csc_item_decode(slice text, struct buf *out);

#endif
