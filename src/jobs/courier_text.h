/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a message with a code says: portal, first title, how many documents; the texts are those that come
 * with the program (templates/message/code-*), never any of the database. For SMS the title is cut until all fits into
 * one message.
 */
#ifndef JOBS_COURIER_TEXT_H
#define JOBS_COURIER_TEXT_H

#include "jobs/jobs.h"
#include "personal/protocol.h"

/** As PERSONAL_TAKE_CODES gives it. */
struct courier_code {
    slice operation;
    uint8_t which; /* 1: to the new mobile */
    enum personal_channel channel;
    slice address, language, kind, portal, title;
    uint32_t documents;
    slice code;
    rfd_time ends;
};
/** The text and, of mails, the subject; both initialised by the caller, who wipes them. RFD_E_ARGUMENT for a kind
 * that has no text. */
rfd_status courier_write(const struct jobs *jobs, const struct courier_code *code, rfd_time now, struct buf *subject,
                         struct buf *text, struct rfd_error *error) RFD_MUST_CHECK;

#endif
