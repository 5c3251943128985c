/* SPDX-License-Identifier: EUPL-1.2
 *
 * The signatures of a document as the extension of their level sees them: the parsed dictionary and CMS, and since when
 * each certainly exists. A time stamp proves a time only when its own signature and its imprint are right; whether its
 * service is trusted is for validation to say.
 */
#ifndef PADES_SIGNED_ITEMS_H
#define PADES_SIGNED_ITEMS_H

#include "pades/sign/sign_run.h"
#include "pki/cms/timestamp.h"

/** Signature time stamps that are looked at, of each signature. */
enum { SIGNED_TIMESTAMPS_MAXIMUM = 16 };

/** One signature or document time stamp. */
struct signed_item {
    slice field;
    struct pdf_signature signature;
    bool parsed; /* `cms` holds something */
    struct cms cms;
    rfd_time own_time; /* of its own time stamp; a document time stamp is one itself; RFD_TIME_NONE */
    rfd_time proven;   /* own_time, or that of a document time stamp that covers it; RFD_TIME_NONE */
};
struct signed_items {
    struct signed_item *items; /* in the document's arena */
    size_t count;
};

/** All signatures of the run's document. A CMS that cannot be read leaves `parsed` false. Dispose before the document
 * closes. */
rfd_status signed_items_read(struct sign_run *run, struct signed_items *out, struct rfd_error *error) RFD_MUST_CHECK;
void signed_items_dispose(struct signed_items *items);

#endif
