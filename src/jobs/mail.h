/* SPDX-License-Identifier: EUPL-1.2
 *
 * Mails as RFC 5322 and MIME want them, and sending one by SMTP (libcurl). Encrypted always, by TLS or STARTTLS, but to
 * a server on the same machine by smtp://, where certificates are usually made up.
 */
#ifndef JOBS_MAIL_H
#define JOBS_MAIL_H

#include "base/buf.h"
#include "base/secret.h"
#include "jobs/delivery.h"

#include <stdatomic.h>

enum { MAIL_MAXIMUM = 1 << 20, MAIL_ID_SIZE = 33 };

struct mail {
    const char *from;
    slice to, subject, text;
    rfd_time time;
    char id[MAIL_ID_SIZE]; /* of Message-ID: the same when the mail is sent once more */
};
/** Appends the whole message, lines ended by CRLF. Addresses were checked when the mail was put into the outbox. */
void mail_write(const struct mail *mail, struct buf *out);

struct mail_server {
    const char *address; /* smtp://, smtps:// */
    const char *user;    /* "": no login */
    slice password;
    slice authorities;       /* PEM; empty: the machine's */
    const atomic_bool *stop; /* ends what is under way; may be NULL */
};
struct mail_sender;
/** One connection serves several mails. */
rfd_status mail_sender_new(const struct mail_server *server, struct mail_sender **out,
                           struct rfd_error *error) RFD_MUST_CHECK;
void mail_sender_free(struct mail_sender *sender);
/** `message` is mail_write()'s. Why it was not sent is in `error`. */
enum delivery mail_send(struct mail_sender *sender, const char *from, slice to, slice message, struct rfd_error *error);

#endif
