/* SPDX-License-Identifier: EUPL-1.2
 *
 * Notices to portals that an operation of theirs has come to its end: written in the transaction that ends it, sent by
 * the worker (jobs/notifier.h), tried again for three days. At least once: its identity tells repetitions.
 *
 * What is sent is one JSON object:
 *
 *   {"delivery": identity, "event": "operation.signed", "operation": id, "reference": the portal's, "state": "signed",
 *    "time": RFC 3339, "documents": [{"n": 1, "state": "signed", "sha256": of the signed file}]}
 */
#ifndef DOMAIN_CENTRAL_WEBHOOK_H
#define DOMAIN_CENTRAL_WEBHOOK_H

#include "domain/central/central.h"

enum {
    WEBHOOK_AT_ONCE = 16,  /* taken together, one of each portal */
    WEBHOOK_ATTEMPTS = 50, /* that are remembered of one */
    WEBHOOK_WHY = 200,
    WEBHOOK_SILENCE_SECONDS = 60 /* in which a portal that did not answer is told nothing else */
};
enum webhook_state { WEBHOOK_WAITS = 1, WEBHOOK_TAKEN = 2, WEBHOOK_GIVEN_UP = 3 };

/** Of an operation that ends as `state`; nothing for those of no portal, or of one that has no address for it or was
 * closed. Twice is once. */
rfd_status webhook_put(struct transaction *t, const struct signing *signing, enum signing_state state, rfd_time now,
                       struct rfd_error *error) RFD_MUST_CHECK;

struct webhook_item {
    int64_t id;
    slice identity, event, body;
    slice address; /* of the portal, now; empty: it has none any more, or was closed */
};
/** Those that are due, one of each portal, for `seconds`: nobody else gets them meanwhile, and they come again when
 * nobody says how it went. In `a`. */
rfd_status webhook_take(struct store *store, unsigned seconds, struct arena *a,
                        struct webhook_item items[WEBHOOK_AT_ONCE], size_t *count,
                        struct rfd_error *error) RFD_MUST_CHECK;
struct webhook_outcome {
    int64_t id;
    long status;   /* of HTTP; 0: there was no answer */
    slice why;     /* it was not taken; empty: it was */
    bool for_good; /* there is no use in trying again */
};
/** Tried again after 1, 5, 30 minutes, 2, 6, 12, 24, 24 hours; then given up. Where there was no answer, what else is
 * due for its portal waits WEBHOOK_SILENCE_SECONDS. */
rfd_status webhook_settle(struct store *store, const struct webhook_outcome *outcome,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** It was not tried: due at once. */
rfd_status webhook_release(struct store *store, int64_t id, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- For who administers portals ---- */

struct webhook_attempt {
    unsigned number;
    rfd_time time;
    long status;
    slice why;
};
struct webhook {
    int64_t id, portal;
    slice identity, event, body;
    enum webhook_state state;
    unsigned attempts;
    rfd_time created, due, sent; /* sent RFD_TIME_NONE: not yet */
    struct webhook_attempt *log;
    size_t log_count;
};
const char *webhook_state_title(enum webhook_state state); /* N_() */
const char *webhook_state_tone(enum webhook_state state);
const char *webhook_event_title(slice event); /* N_() */
/** RFD_E_NOT_FOUND, also when it is another portal's. */
rfd_status webhook_find(struct transaction *t, int64_t portal, int64_t id, struct webhook *out,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** Whatever became of it: due at once, and tried as a new one. */
rfd_status webhook_again(struct transaction *t, const struct actor *actor, int64_t portal, int64_t id,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** Filter "portal". */
extern const struct list_definition webhook_list;

#endif
