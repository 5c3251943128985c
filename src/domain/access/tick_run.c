/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/access/access_internal.h"

#include "base/error.h"

enum { BATCH = 100 };

struct batch {
    const struct tick *tick;
    int64_t ids[BATCH];
    size_t count;
};

static rfd_status read_ids(struct transaction *t, void *context, struct rfd_error *error)
{
    struct batch *b = context;
    const struct store_value values[] = {store_integer(b->tick->until), store_integer(BATCH)};
    struct store_rows rows;
    TRY(store_run(t, b->tick->sql, values, 2, &rows, error));
    for (b->count = 0; b->count < rows.count && b->count < BATCH; b->count++)
        b->ids[b->count] = store_cell(&rows, b->count, 0)->integer;
    return RFD_OK;
}

rfd_status tick_run(struct store *store, const struct tick *tick, struct tick_step *step, unsigned *done,
                    struct rfd_error *error)
{
    struct batch b = {.tick = tick};
    rfd_status first = RFD_OK;
    size_t moved;
    do {
        moved = 0;
        TRY(store_look(store, read_ids, &b, first == RFD_OK ? error : NULL));
        for (size_t i = 0; i < b.count; i++) {
            step->id = b.ids[i];
            rfd_status status = store_write(store, tick->work, step, first == RFD_OK ? error : NULL);
            if (status == RFD_OK && step->done) moved++;
            if (status != RFD_OK && first == RFD_OK) first = status;
        }
        *done += (unsigned)moved;
    } while (b.count == BATCH && moved > 0);
    return first;
}
