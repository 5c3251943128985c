/* SPDX-License-Identifier: EUPL-1.2
 *
 * Whether the audit trail is whole, as the worker found it the last time.
 */
#include "domain/audit/audit_pages.h"

#include "base/error.h"

#define CHECK_AGE (INT64_C(86400) * RFD_SECOND)

static rfd_status read_check(struct transaction *t, struct audit_check *out, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(
        t,
        "SELECT wanted, begun, ended, fault, sequence, row_count, waiting, checkpoints, text FROM audit_check "
        "WHERE id = 1",
        NULL, 0, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_STORE, "the table \"audit_check\" is empty");
    const struct store_value *v = store_cell(&rows, 0, 0);
    *out = (struct audit_check){.wanted = v[0].integer != 0,
                                .begun = store_moment_of(&v[1]),
                                .ended = store_moment_of(&v[2]),
                                .fault = v[3].bytes,
                                .sequence = (uint64_t)v[4].integer,
                                .rows = (uint64_t)v[5].integer,
                                .waiting = (uint64_t)v[6].integer,
                                .checkpoints = (uint64_t)v[7].integer,
                                .text = v[8].bytes};
    return RFD_OK;
}

rfd_status audit_check_read(struct transaction *t, const struct actor *actor, struct audit_check *out,
                            struct rfd_error *error)
{
    TRY(actor_check(actor, ACTION_AUDIT_SEE, NULL, error));
    return read_check(t, out, error);
}

rfd_status audit_check_want(struct transaction *t, const struct actor *actor, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(actor_check(actor, ACTION_AUDIT_SEE, NULL, error));
    TRY(store_run(t, "UPDATE audit_check SET wanted = TRUE WHERE id = 1 AND NOT wanted", NULL, 0, &rows, error));
    if (rows.changed == 0) return RFD_OK; /* asked for already */
    const struct audit_event event = {.action = "audit.verify",
                                      .actor = actor_audit(actor, store_arena(t)),
                                      .object = SLICE("audit"),
                                      .detail = SLICE("")};
    return audit_put(t, &event, error);
}

/* ---- The worker's ---- */

struct checking {
    rfd_time now;
    bool due;
    struct audit_verdict verdict;
};

static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct checking *c = context;
    struct audit_check check;
    TRY(read_check(t, &check, error));
    c->due = check.wanted || check.ended == RFD_TIME_NONE || check.ended <= c->now - CHECK_AGE;
    return RFD_OK;
}

rfd_status audit_check_due(struct store *store, rfd_time now, bool *due, struct rfd_error *error)
{
    struct checking c = {.now = now};
    TRY(store_look(store, look, &c, error));
    *due = c.due;
    return RFD_OK;
}

static rfd_status begin(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct checking *c = context;
    const struct store_value now = store_integer(c->now);
    return store_run(t, "UPDATE audit_check SET begun = $1 WHERE id = 1", &now, 1, NULL, error);
}

static const char *fault_name(enum audit_fault fault)
{
    static const char *const names[] = {
        [AUDIT_FINE] = "",           [AUDIT_ALTERED] = "altered",
        [AUDIT_MISSING] = "missing", [AUDIT_REORDERED] = "reordered",
        [AUDIT_CUT] = "cut",         [AUDIT_CHECKPOINT] = "checkpoint",
    };
    return names[fault];
}

static rfd_status finish(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct checking *c = context;
    const struct audit_verdict *v = &c->verdict;
    const struct store_value values[] = {store_integer(c->now),
                                         store_text(slice_text(fault_name(v->fault))),
                                         store_integer((int64_t)v->sequence),
                                         store_integer((int64_t)v->rows),
                                         store_integer((int64_t)v->waiting),
                                         store_integer((int64_t)v->checkpoints),
                                         store_text(slice_text(v->text))};
    return store_run(t,
                     "UPDATE audit_check SET wanted = FALSE, ended = $1, fault = $2, sequence = $3, row_count = $4, "
                     "waiting = $5, checkpoints = $6, text = $7 WHERE id = 1",
                     values, 7, NULL, error);
}

rfd_status audit_check_run(struct store *store, struct keeper_client *keeper, const struct certificate *certificate,
                           rfd_time now, bool *done, struct rfd_error *error)
{
    struct checking c = {.now = now};
    *done = false;
    TRY(store_look(store, look, &c, error));
    if (!c.due) return RFD_OK;
    TRY(store_write(store, begin, &c, error));
    TRY(audit_verify(store, keeper, certificate, &c.verdict, error));
    TRY(store_write(store, finish, &c, error));
    *done = true;
    return RFD_OK;
}
