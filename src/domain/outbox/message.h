/* SPDX-License-Identifier: EUPL-1.2
 *
 * The texts of messages (messages.def): those that come with the program (templates/message), and those that the
 * administrator wrote in their place.
 */
#ifndef DOMAIN_MESSAGE_H
#define DOMAIN_MESSAGE_H

#include "domain/access/actor.h"
#include "domain/fault.h"
#include "domain/outbox/outbox.h"

struct message_info {
    const char *name;
    const char *title;  /* N_(), English */
    const char *values; /* names that its texts may use, separated by blanks */
    bool sms;
};
extern const struct message_info message_infos[];
extern const size_t message_info_count;
/** NULL: there is none. */
const struct message_info *message_info(slice name);

struct message_text {
    slice name, language;
    enum outbox_channel channel;
    slice subject, body;
    bool written; /* by an administrator */
};
/** What is in force; a language that is not there gives the Spanish one. RFD_E_NOT_FOUND. */
rfd_status message_text_find(struct transaction *t, slice name, slice language, enum outbox_channel channel,
                             struct message_text *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Faults: "subject", "body" (empty, too long, not a template, a name that the message does not have). */
rfd_status message_text_put(struct transaction *t, const struct actor *actor, const struct message_text *text,
                            struct faults *faults, struct rfd_error *error) RFD_MUST_CHECK;
/** The program's own text again. */
rfd_status message_text_reset(struct transaction *t, const struct actor *actor, const struct message_text *text,
                              struct rfd_error *error) RFD_MUST_CHECK;

/** What comes with the program, embedded at build: by name and language. */
struct message_default {
    const char *name, *language, *subject, *body, *sms; /* sms NULL: none */
};
extern const struct message_default message_defaults[];
extern const size_t message_default_count;

#endif
