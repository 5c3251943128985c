/* SPDX-License-Identifier: EUPL-1.2
 *
 * Leases. Their times are those of the processes' clocks: nodes whose clocks differ by more than a lease's seconds
 * could both believe to have it. What a lease protects must therefore be right without it, only not twice as fast.
 */
#include "domain/outbox/outbox.h"

#include "base/clock.h"
#include "base/error.h"

struct wish {
    const char *name;
    slice holder;
    rfd_time now, ends;
    bool mine;
};

static rfd_status take(struct transaction *t, void *context, struct rfd_error *error)
{
    struct wish *w = context;
    struct store_rows rows;
    const struct store_value values[] = {store_text(slice_text(w->name)), store_text(w->holder), store_integer(w->ends),
                                         store_integer(w->now)};
    TRY(store_run(t,
                  "INSERT INTO lease(name, holder, ends) VALUES ($1, $2, $3) "
                  "ON CONFLICT(name) DO UPDATE SET holder = excluded.holder, ends = excluded.ends "
                  "WHERE lease.holder = excluded.holder OR lease.ends <= $4 RETURNING ends",
                  values, 4, &rows, error));
    w->mine = rows.count == 1;
    return RFD_OK;
}

rfd_status lease_take(struct store *store, const char *name, slice holder, unsigned seconds, bool *mine,
                      struct rfd_error *error)
{
    rfd_time now = clock_now();
    struct wish w = {.name = name, .holder = holder, .now = now, .ends = now + (rfd_time)seconds * 1000000};
    TRY(store_write(store, take, &w, error));
    *mine = w.mine;
    return RFD_OK;
}
