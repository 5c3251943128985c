/* SPDX-License-Identifier: EUPL-1.2
 *
 * Sending an SMS through an HTTP gateway as Kannel's (User's Guide 1.4.5, "Using the HTTP Interface to Send SMS
 * Messages"), by POST: everything but the address is in headers and body, so that neither password nor text get into
 * logs of addresses. Over https, or to a gateway on the same machine.
 */
#ifndef JOBS_SMS_H
#define JOBS_SMS_H

#include "base/secret.h"
#include "jobs/delivery.h"

#include <stdatomic.h>

struct sms_gateway {
    const char *address;     /* "http://127.0.0.1:13013/cgi-bin/sendsms" */
    const char *user, *from; /* "": none */
    slice password;
    const atomic_bool *stop; /* ends what is under way; may be NULL */
};
struct sms_sender;
/** RFD_E_SETTINGS for http:// to another machine. */
rfd_status sms_sender_new(const struct sms_gateway *gateway, struct sms_sender **out,
                          struct rfd_error *error) RFD_MUST_CHECK;
void sms_sender_free(struct sms_sender *sender);
/** `to`: "+51987654321". A gateway that queued it has taken it. Why it was not sent is in `error`. */
enum delivery sms_send(struct sms_sender *sender, slice to, slice text, struct rfd_error *error);

#endif
