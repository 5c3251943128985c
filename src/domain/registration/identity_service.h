/* SPDX-License-Identifier: EUPL-1.2
 *
 * The identity service: a registry outside that knows the names of an identity number (docs/identity-service.md). The
 * worker speaks with it (jobs/identity_lookup.h); the pages ask the worker over a channel. Neither keeps anything of an
 * answer; who asked for which number is written down first (agency_look_up()).
 */
#ifndef DOMAIN_IDENTITY_SERVICE_H
#define DOMAIN_IDENTITY_SERVICE_H

#include "base/arena.h"
#include "base/buf.h"
#include "ipc/message.h"

enum {
    IDENTITY_NAME_MAXIMUM = 100,        /* characters of a name */
    IDENTITY_PATIENCE = 2500,           /* milliseconds that somebody in front of a page waits */
    IDENTITY_MESSAGE_MAXIMUM = 4 << 10, /* octets of a question or an answer */
    IDENTITY_ASK = 1                    /* the type of both */
};

enum identity_outcome {
    IDENTITY_UNAVAILABLE, /* it does not answer, or not as it should */
    IDENTITY_UNKNOWN,     /* it does not have this number */
    IDENTITY_KNOWN
};
enum identity_standing { IDENTITY_VALID, IDENTITY_EXPIRED, IDENTITY_CANCELLED, IDENTITY_DECEASED, IDENTITY_STANDINGS };

struct identity_question {
    slice country, document, number; /* "pe", "dni", normalised */
    int64_t deadline;                /* of channel_clock(): nobody waits any more */
};
struct identity_known {
    enum identity_outcome outcome;
    slice given_names, surname, second_surname;
    enum identity_standing standing;
};

void identity_question_put(struct buf *b, const struct identity_question *question);
/** Borrowed from the reader. RFD_E_PROTOCOL. */
rfd_status identity_question_get(struct message_reader *r, struct identity_question *out,
                                 struct rfd_error *error) RFD_MUST_CHECK;
void identity_known_put(struct buf *b, const struct identity_known *known);
rfd_status identity_known_get(struct message_reader *r, struct identity_known *out,
                              struct rfd_error *error) RFD_MUST_CHECK;

/* ---- The pages' side: one for all threads of a process ---- */

struct identity_client;
/** Not connected yet. */
rfd_status identity_client_new(struct identity_client **out, struct rfd_error *error) RFD_MUST_CHECK;
void identity_client_free(struct identity_client *client);
/** Takes over `descriptor`, a new way to the worker. */
rfd_status identity_client_connect(struct identity_client *client, int descriptor,
                                   struct rfd_error *error) RFD_MUST_CHECK;
/** Asks and waits, IDENTITY_PATIENCE at most; the names are in the arena. Who would have to wait behind several others
 * is told IDENTITY_UNAVAILABLE at once, so that a slow service does not keep the pages' threads. Fails without memory
 * only. */
rfd_status identity_client_ask(struct identity_client *client, slice country, slice document, slice number,
                               struct arena *a, struct identity_known *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
