/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revoking, holding, releasing: the state machine's ways, one transaction each, numbered, and only told as done when
 * no status process says otherwise any more.
 */
#include "domain/authority/register.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/metrics.h"
#include "domain/authority/reason.h"

enum { REASON_COMPROMISE = 1, REASON_AUTHORITY = 2, REASON_HOLD = 6 };

struct changing {
    struct store *store;
    const struct authority_change *change;
    enum certificate_event event;
    uint64_t number; /* of the change */
    bool done;       /* false: it was so before, by the change of that number */
};

static rfd_status check_change(const struct changing *c, struct rfd_error *error)
{
    int reason;
    if (c->event != CERTIFICATE_EVENT_REVOKE) return RFD_OK;
    /* 0 is "unspecified", which has its name too. That the authority was compromised no client says, but the catalogue
     * of registration does. */
    bool known = c->change->reason == REASON_AUTHORITY ||
                 (reason_from_name(slice_text(reason_name(c->change->reason)), &reason) && reason == c->change->reason);
    if (!known) return error_set(error, RFD_E_ARGUMENT, "reason %d is not one that may be given", c->change->reason);
    if (c->change->invalid_since != RFD_TIME_NONE && c->change->invalid_since > clock_now())
        return error_set(error, RFD_E_ARGUMENT, "the date of invalidity is in the future");
    return RFD_OK;
}

/** The number of the last change of all, for one who has to wait for what was done before. */
static rfd_status last_number(struct transaction *t, uint64_t *out, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, "SELECT number FROM status_counter WHERE id = 1", NULL, 0, &rows, error));
    *out = (uint64_t)store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

/** The row as it will be. The date of a hold is not used again when the certificate is revoked: until then it might
 * have been released. */
static void apply(const struct changing *c, const struct certificate_way *way, struct certificate_row *row)
{
    row->state = way->to;
    row->invalid_since = RFD_TIME_NONE;
    row->revoked_at = c->event == CERTIFICATE_EVENT_RELEASE ? RFD_TIME_NONE : clock_now();
    row->reason = c->event == CERTIFICATE_EVENT_HOLD ? REASON_HOLD : 0;
    if (c->event != CERTIFICATE_EVENT_REVOKE) return;
    row->reason = c->change->reason;
    row->invalid_since = c->change->invalid_since;
}

static rfd_status update_status(struct transaction *t, const struct certificate_row *row, struct rfd_error *error)
{
    bool revoked = row->revoked_at != RFD_TIME_NONE;
    const struct store_value values[] = {
        store_bytes(row->serial),
        store_integer(row->authority),
        store_integer(row->state),
        store_moment(row->revoked_at),
        revoked ? store_integer(row->reason) : store_null(),
        store_moment(row->invalid_since),
    };
    TRY(store_run(t,
                  "UPDATE certificate_status SET state = $3, revoked_at = $4, reason = $5, invalid_since = $6 "
                  "WHERE serial = $1 AND authority = $2",
                  values, sizeof values / sizeof *values, NULL, error));
    TRY(register_follow(t, row, error));
    if (row->state != CERTIFICATE_VALID) return RFD_OK;
    /* Its end may have passed while it was held: then it is the next to expire. */
    const struct store_value ending[] = {store_integer(row->not_after), store_integer(row->id)};
    return store_run(t, "INSERT INTO certificate_ending(not_after, certificate) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                     ending, 2, NULL, error);
}

static rfd_status audit_change(struct transaction *t, const struct changing *c, const struct certificate_way *way,
                               const struct certificate_row *row, struct rfd_error *error)
{
    char detail[96] = "";
    char since[CLOCK_TEXT_SIZE];
    if (c->event == CERTIFICATE_EVENT_REVOKE) {
        bool dated = row->invalid_since != RFD_TIME_NONE;
        (void)snprintf(detail, sizeof detail, "{\"reason\":\"%s\"%s%s%s}", reason_name(row->reason),
                       dated ? ",\"invalid-since\":\"" : "", clock_iso(row->invalid_since, since), dated ? "\"" : "");
    }
    return register_audit(t, way->action, c->change->actor, row->id, row->serial, slice_text(detail), error);
}

static rfd_status change(struct transaction *t, void *context, struct rfd_error *error)
{
    struct changing *c = context;
    const struct certificate_way *way = NULL;
    struct certificate_row row;
    TRY(register_begin_change(t, c->store, error));
    TRY(register_find(t, c->change->authority, c->change->serial, store_arena(t), &row, error));
    bool same =
        c->event == CERTIFICATE_EVENT_REVOKE && row.state == CERTIFICATE_REVOKED && row.reason == c->change->reason;
    c->done = !same;
    if (same) return last_number(t, &c->number, error);
    TRY(certificate_way_needed(c->event, row.state, &way, error));
    apply(c, way, &row);
    TRY(update_status(t, &row, error));
    if (row.state == CERTIFICATE_REVOKED && row.reason == REASON_COMPROMISE) TRY(register_block_key(t, &row, error));
    TRY(audit_change(t, c, way, &row, error));
    return register_number_change(t, &row, &c->number, error);
}

static rfd_status make_change(struct authority_domain *d, const struct authority_change *wanted,
                              enum certificate_event event, struct rfd_error *error)
{
    struct changing c = {.store = d->store, .change = wanted, .event = event};
    TRY(check_change(&c, error));
    TRY(store_write(d->store, change, &c, error));
    if (c.done && event == CERTIFICATE_EVENT_REVOKE) metrics_add(METRIC_REVOKED, 1);
    return authority_wait_told(d->store, c.number, error);
}

rfd_status authority_revoke(struct authority_domain *d, const struct authority_change *wanted, struct rfd_error *error)
{
    return make_change(d, wanted, CERTIFICATE_EVENT_REVOKE, error);
}

rfd_status authority_hold(struct authority_domain *d, const struct authority_change *wanted, struct rfd_error *error)
{
    return make_change(d, wanted, CERTIFICATE_EVENT_HOLD, error);
}

rfd_status authority_release(struct authority_domain *d, const struct authority_change *wanted, struct rfd_error *error)
{
    return make_change(d, wanted, CERTIFICATE_EVENT_RELEASE, error);
}
