/* SPDX-License-Identifier: EUPL-1.2
 *
 * What has to be told to the world outside: written in the transaction that causes it, sent by the worker, tried again
 * until it is sent or given up. At least once; the identity travels along so that receivers can tell repetitions.
 */
#ifndef DOMAIN_OUTBOX_H
#define DOMAIN_OUTBOX_H

#include "domain/list/list.h"
#include "template/template.h"

enum outbox_channel { OUTBOX_MAIL, OUTBOX_SMS };
struct outbox_mail {
    slice to;       /* one address */
    slice subject;  /* one line */
    slice text;     /* plain text */
    slice identity; /* a mail of the same identity is never put twice; empty: no matter */
};
/** Within the caller's transaction. RFD_E_ARGUMENT for an address or subject that could break a header apart. */
rfd_status outbox_put_mail(struct transaction *t, const struct outbox_mail *mail,
                           struct rfd_error *error) RFD_MUST_CHECK;

/** As outbox_put_mail(), of the message `name`. */
rfd_status outbox_put_named_mail(struct transaction *t, slice name, const struct outbox_mail *mail,
                                 struct rfd_error *error) RFD_MUST_CHECK;
/** `to` is an international number, the subject is not used. RFD_E_ARGUMENT. */
rfd_status outbox_put_sms(struct transaction *t, slice name, const struct outbox_mail *sms,
                          struct rfd_error *error) RFD_MUST_CHECK;

/**
 * A message of messages.def to a person: by mail, and by SMS where it has a short text and the mobile is known, in
 * their language, with the text that the administrator wrote, or else the one that comes with the program
 * (templates/message/NAME.LANGUAGE.mail: first line the subject; .sms). Written in the caller's transaction.
 */
struct outbox_message {
    const char *name;   /* "access-sent" */
    slice mail, mobile; /* where to; either may be empty: not sent that way */
    slice language;     /* "es"; one that is not there: Spanish */
    struct view *view;  /* the values that messages.def promises, and what every message knows is added to; `link` may
                           be a path of the pages */
    slice identity;     /* never put twice; empty: no matter */
};
rfd_status outbox_put_message(struct transaction *t, const struct outbox_message *message,
                              struct rfd_error *error) RFD_MUST_CHECK;

/** What every message knows from now on. */
rfd_status outbox_house(struct store *store, slice name, slice url, struct rfd_error *error) RFD_MUST_CHECK;

struct outbox_item {
    int64_t id;
    slice to, subject, text, identity;
    unsigned attempts; /* before this one */
};
/** Takes up to `limit` items that are due, for `seconds`: nobody else gets them meanwhile, and they come again when
 * nobody says how it went. */
rfd_status outbox_take(struct store *store, enum outbox_channel channel, unsigned seconds, size_t limit,
                       struct arena *a, struct outbox_item **out, size_t *count,
                       struct rfd_error *error) RFD_MUST_CHECK;
/** Its text is wiped; `keep`: not (demonstrations show what was sent). */
rfd_status outbox_sent(struct store *store, int64_t id, bool keep, struct rfd_error *error) RFD_MUST_CHECK;
/** Later again: after 1, 5, 30 minutes, 2, 6, 24 hours; then given up (`permanent`: at once). */
rfd_status outbox_failed(struct store *store, int64_t id, bool permanent, slice why,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** It was not tried (no server was there): due at once, and not counted as an attempt. */
rfd_status outbox_release(struct store *store, int64_t id, struct rfd_error *error) RFD_MUST_CHECK;
struct outbox_counts {
    uint64_t waiting, sent, given_up;
};
rfd_status outbox_count(struct store *store, struct outbox_counts *out, struct rfd_error *error) RFD_MUST_CHECK;

/** What waits, was sent, was given up: for administrators. Never the texts: codes and links are in them. */
extern const struct list_definition outbox_list;

/** With its text, which is gone when the worker has sent it: for demonstrations only. */
struct outbox_recent {
    enum outbox_channel channel;
    slice to, subject, text;
    unsigned state; /* 1 waits, 2 was sent, 3 was given up */
    rfd_time created;
};
/** The newest first, in the transaction's arena. */
rfd_status outbox_recent(struct transaction *t, size_t limit, struct outbox_recent **out, size_t *count,
                         struct rfd_error *error) RFD_MUST_CHECK;

/** A lease in the database: for what only one process may do at a time. True when this process has it now, for
 * `seconds` from now on. */
rfd_status lease_take(struct store *store, const char *name, slice holder, unsigned seconds, bool *mine,
                      struct rfd_error *error) RFD_MUST_CHECK;

#endif
