/* SPDX-License-Identifier: EUPL-1.2
 *
 * How many there are. Counted when asked: a row with figures that each issue changes would make all of them wait for
 * one another.
 */
#include "domain/authority/register.h"

#include "base/clock.h"
#include "base/error.h"

enum { SOON_DAYS = 30 };

struct counting {
    int64_t authority; /* 0: all */
    rfd_time now;
    struct authority_counts counts;
};

static rfd_status add_state(void *context, const struct store_value *values, size_t columns, struct rfd_error *error)
{
    struct authority_counts *c = context;
    uint64_t count = (uint64_t)values[1].integer;
    (void)columns, (void)error;
    switch ((enum certificate_state)values[0].integer) {
    case CERTIFICATE_NONE: break;
    case CERTIFICATE_VALID: c->valid = count; break;
    case CERTIFICATE_HELD: c->held = count; break;
    case CERTIFICATE_REVOKED: c->revoked = count; break;
    case CERTIFICATE_EXPIRED: c->expired = count; break;
    }
    return RFD_OK;
}

static rfd_status count(struct transaction *t, void *context, struct rfd_error *error)
{
    struct counting *c = context;
    struct store_rows rows;
    struct store_value authority = store_integer(c->authority);
    const struct store_value soon[] = {authority, store_integer(c->now), store_integer(c->now + SOON_DAYS * DAY),
                                       store_integer(CERTIFICATE_VALID)};
    c->counts = (struct authority_counts){.next_crl = RFD_TIME_NONE};
    TRY(store_each(t, "SELECT state, count(*) FROM certificate_status WHERE $1 = 0 OR authority = $1 GROUP BY state",
                   &authority, 1, add_state, &c->counts, error));
    TRY(store_run(t,
                  "SELECT count(*) FROM certificate_ending e JOIN certificate c ON c.id = e.certificate "
                  "JOIN certificate_status s ON s.serial = c.serial AND s.authority = c.authority "
                  "WHERE e.not_after >= $2 AND e.not_after < $3 AND ($1 = 0 OR c.authority = $1) AND s.state = $4",
                  soon, 4, &rows, error));
    c->counts.ending_30_days = (uint64_t)store_cell(&rows, 0, 0)->integer;
    const struct store_value lists[] = {authority, store_boolean(true)};
    TRY(store_run(t,
                  "SELECT min(n.next_update) FROM (SELECT max(next_update) AS next_update FROM crl "
                  "WHERE whole = $2 AND ($1 = 0 OR authority = $1) GROUP BY authority, part, delta) n",
                  lists, 2, &rows, error));
    c->counts.next_crl = store_moment_of(store_cell(&rows, 0, 0));
    return RFD_OK;
}

rfd_status authority_count(struct authority_domain *d, int64_t authority, struct authority_counts *out,
                           struct rfd_error *error)
{
    struct counting c = {.authority = authority, .now = clock_now()};
    TRY(store_read(d->store, count, &c, error));
    *out = c.counts;
    return RFD_OK;
}
