/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who did what, when, to what: rows that are written in the very transaction that does it. If the row cannot be
 * written, it has not been done.
 *
 * Rows are written without a number, so that nobody waits for anybody. One sequencer at a time (audit_sequence) gives
 * them their gapless sequence numbers and chains them: each hash covers the row and the hash before it. The keeper
 * signs the chain's end every so often and remembers it outside of the database (KEEPER_SIGN_CHECKPOINT): rows that
 * were altered, deleted, put in another order, or cut off at the end are found by audit_verify().
 *
 * A row's hash is the SHA-256 of these octets, so that anybody can compute it from the table:
 *
 *   21  "refrenda audit row 1\n"
 *   32  the hash of the row before it; zeros for the first
 *    8  time, microseconds since 1970-01-01 UTC, big-endian
 *       node, action, actor, object, detail: each as its length (4 octets, big-endian) and its UTF-8
 *
 * The sequence number is not among them: it follows from the chain.
 */
#ifndef DOMAIN_AUDIT_H
#define DOMAIN_AUDIT_H

#include "keeper/client.h"
#include "store/store.h"

enum { AUDIT_HASH_SIZE = 32, AUDIT_DETAIL_MAXIMUM = 16 << 10 };

/** What there is to do, in words. */
struct audit_action {
    const char *name, *english, *spanish;
};
/** NULL when audit_actions.def does not have it. */
const struct audit_action *audit_action_find(slice name);

struct audit_row {
    uint64_t sequence; /* 0: waits */
    rfd_time time;
    slice node, action, actor, object, detail;
};
/** As described above. RFD_E_MEMORY. */
rfd_status audit_hash(const struct audit_row *row, const uint8_t previous[AUDIT_HASH_SIZE],
                      uint8_t out[AUDIT_HASH_SIZE], struct rfd_error *error) RFD_MUST_CHECK;

struct audit_event {
    const char *action; /* "certificate.issue": audit_actions.def has them all */
    slice actor;        /* who, as the system knows him: "agent:ana", "client:sunat", "admin:root", "system:worker" */
    slice object;       /* "certificate:01ab…", "authority:emisora" */
    slice detail;       /* JSON object, or empty; no secret */
    int64_t object_id;  /* of a certificate that is in the register: its number there; else 0 */
};
/** Within the caller's transaction. RFD_E_STORE; RFD_E_ARGUMENT for an action that audit_actions.def does not have, an
 * empty actor, a detail that is no object, or text that is no UTF-8. */
rfd_status audit_put(struct transaction *t, const struct audit_event *event, struct rfd_error *error) RFD_MUST_CHECK;

/** Chains what waits, at most `limit` (and 10,000) rows, in one transaction; `*done` how many. Safe for two at once:
 * one waits. */
rfd_status audit_sequence(struct store *store, size_t limit, size_t *done, struct rfd_error *error) RFD_MUST_CHECK;
/** Has the end signed when it moved since the last time; `seal_key` is a key of the keeper. */
rfd_status audit_checkpoint(struct store *store, struct keeper_client *keeper, const char *seal_key,
                            struct rfd_error *error) RFD_MUST_CHECK;

enum audit_fault {
    AUDIT_FINE,
    AUDIT_ALTERED,    /* a row's hash is not that of the row */
    AUDIT_MISSING,    /* a sequence number is not there */
    AUDIT_REORDERED,  /* a row does not follow from the one before it */
    AUDIT_CUT,        /* the chain ends before the last checkpoint that the keeper or the table knows */
    AUDIT_CHECKPOINT, /* a checkpoint's signature is wrong, or it contradicts the chain */
};
struct audit_verdict {
    enum audit_fault fault;
    uint64_t sequence;    /* of the first fault */
    uint64_t rows;        /* chained */
    uint64_t waiting;     /* not chained yet */
    uint64_t checkpoints; /* good ones */
    char text[160];       /* what is wrong, in English; "" when all is well */
};
/** Walks the whole chain. `certificate` checks the checkpoints; the keeper (may be NULL) is asked for the last one. A
 * fault is no error of this function. */
rfd_status audit_verify(struct store *store, struct keeper_client *keeper, const struct certificate *certificate,
                        struct audit_verdict *out, struct rfd_error *error) RFD_MUST_CHECK;

typedef rfd_status audit_each(void *context, const struct audit_row *row, struct rfd_error *error);
/** Calls `each` for rows, the newest first, of an object or actor (empty: all), at most `limit`, before sequence
 * number `before` (0: from the end, with those that wait). A failure of `each` ends it. */
rfd_status audit_list(struct store *store, slice actor, slice object, uint64_t before, size_t limit, audit_each *each,
                      void *context, struct rfd_error *error) RFD_MUST_CHECK;

#endif
