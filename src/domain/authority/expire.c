/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates that came to their end. No status service needs to hear of it: what they answer stays true.
 */
#include "domain/authority/register.h"

#include "base/clock.h"
#include "base/error.h"

#define WORKER SLICE("system:worker")

struct expiring {
    rfd_time now;
    size_t limit, seen, done;
};

/** One that ended: a valid one expires, others stay what they are. */
static rfd_status end_one(struct transaction *t, struct expiring *e, const struct store_value *row,
                          struct rfd_error *error)
{
    const struct store_value ending[] = {row[0], row[1]};
    enum certificate_state state = (enum certificate_state)row[4].integer;
    const struct certificate_way *way = certificate_way(CERTIFICATE_EVENT_EXPIRE, state);
    TRY(store_run(t, "DELETE FROM certificate_ending WHERE not_after = $1 AND certificate = $2", ending, 2, NULL,
                  error));
    if (way == NULL) return RFD_OK;
    const struct store_value status[] = {row[2], row[3], store_integer(way->to), store_integer(way->from)};
    struct store_rows changed;
    TRY(store_run(t, "UPDATE certificate_status SET state = $3 WHERE serial = $1 AND authority = $2 AND state = $4",
                  status, 4, &changed, error));
    if (changed.changed == 0) return RFD_OK;
    const struct certificate_row ended = {.id = row[1].integer, .state = way->to};
    TRY(register_follow(t, &ended, error));
    e->done++;
    return register_audit(t, way->action, WORKER, row[1].integer, row[2].bytes, SLICE_EMPTY, error);
}

static rfd_status expire(struct transaction *t, void *context, struct rfd_error *error)
{
    struct expiring *e = context;
    struct store_rows rows;
    const struct store_value values[] = {store_integer(e->now), store_integer((int64_t)e->limit)};
    e->seen = e->done = 0;
    TRY(store_run(t,
                  "SELECT e.not_after, e.certificate, c.serial, c.authority, s.state FROM certificate_ending e "
                  "JOIN certificate c ON c.id = e.certificate "
                  "JOIN certificate_status s ON s.serial = c.serial AND s.authority = c.authority "
                  "WHERE e.not_after < $1 ORDER BY e.not_after, e.certificate LIMIT $2",
                  values, 2, &rows, error));
    e->seen = rows.count;
    for (size_t i = 0; i < rows.count; i++) TRY(end_one(t, e, store_cell(&rows, i, 0), error));
    return RFD_OK;
}

rfd_status authority_expire(struct authority_domain *d, size_t limit, size_t *done, struct rfd_error *error)
{
    struct expiring e = {.now = clock_now()};
    size_t all = 0;
    do { /* not too many in one transaction: others wait for it */
        e.limit = limit < REGISTER_ROWS_MAXIMUM ? limit : REGISTER_ROWS_MAXIMUM;
        TRY(store_write(d->store, expire, &e, error));
        all += e.done;
        limit -= e.seen;
    } while (limit > 0 && e.seen == e.limit);
    *done = all;
    return RFD_OK;
}
