/* SPDX-License-Identifier: EUPL-1.2
 *
 * The audit trail for the auditor's pages: its rows as a list, its checkpoints, and whether it is whole. The whole
 * chain is verified by the worker, each night and when somebody asks for it: a page never waits for that.
 */
#ifndef DOMAIN_AUDIT_PAGES_H
#define DOMAIN_AUDIT_PAGES_H

#include "domain/access/actor.h"
#include "domain/audit/audit.h"
#include "domain/list/list.h"

/* Filters: actor, object (or certificate: audit_object_certificate), action; "first" and "last" (moments), best with
 * "from" and "until" (sequence numbers: audit_sequence_at), by which rows are found quickly. */
extern const struct list_definition audit_page_list, audit_checkpoint_list;

/** All actions, by name; NULL behind the last. */
const char *audit_action_name(size_t number);
/** The certificate that an object names ("certificate:01ab..."), by which its rows are found; 0: it names none that is
 * known. */
rfd_status audit_object_certificate(struct transaction *t, slice object, int64_t *out,
                                    struct rfd_error *error) RFD_MUST_CHECK;
/** What an action is called (N_(), English); "" when there is none. */
const char *audit_action_title(slice name);

/** About the first row that is not older than the moment; behind the last when there is none. Rows are chained in the
 * order of their moments but for a few seconds. */
rfd_status audit_sequence_at(struct transaction *t, rfd_time moment, uint64_t *out,
                             struct rfd_error *error) RFD_MUST_CHECK;

struct audit_page_row {
    struct audit_row row;
    slice previous, hash;
};
/** In the transaction's arena. RFD_E_NOT_FOUND; the actor has to be allowed to read it. */
rfd_status audit_page_row(struct transaction *t, const struct actor *actor, uint64_t sequence,
                          struct audit_page_row *out, struct rfd_error *error) RFD_MUST_CHECK;

struct audit_point {
    uint64_t sequence;
    rfd_time time;
    slice hash, content, algorithm, signature;
};
/** A checkpoint, with what was signed. RFD_E_NOT_FOUND. */
rfd_status audit_point(struct transaction *t, const struct actor *actor, uint64_t sequence, struct audit_point *out,
                       struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Whether it is whole: audit_check.c ---- */

struct audit_check {
    bool wanted;           /* the worker will do it now */
    rfd_time begun, ended; /* RFD_TIME_NONE: not yet; begun after ended: it is being done */
    slice fault;           /* "" : none */
    uint64_t sequence, rows, waiting, checkpoints;
    slice text;
};
rfd_status audit_check_read(struct transaction *t, const struct actor *actor, struct audit_check *out,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** Asks the worker for it. */
rfd_status audit_check_want(struct transaction *t, const struct actor *actor, struct rfd_error *error) RFD_MUST_CHECK;
/** The worker's: verifies the whole chain when it is wanted or a day has passed since; `*done` whether it did. */
rfd_status audit_check_run(struct store *store, struct keeper_client *keeper, const struct certificate *certificate,
                           rfd_time now, bool *done, struct rfd_error *error) RFD_MUST_CHECK;
/** Whether it is time. */
rfd_status audit_check_due(struct store *store, rfd_time now, bool *due, struct rfd_error *error) RFD_MUST_CHECK;

#endif
