/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which list is the newest, without reading it.
 */
#include "domain/authority/authority.h"

#include "base/error.h"

struct asking {
    int64_t authority;
    uint32_t partition;
    bool delta;
    struct arena *a;
    slice number;
};

static rfd_status find_number(struct transaction *t, void *context, struct rfd_error *error)
{
    struct asking *q = context;
    struct store_rows rows;
    const struct store_value values[] = {store_integer(q->authority), store_integer(q->partition),
                                         store_boolean(q->delta), store_boolean(true)};
    TRY(store_run(t,
                  "SELECT number FROM crl WHERE authority = $1 AND part = $2 AND delta = $3 AND whole = $4 "
                  "ORDER BY number DESC LIMIT 1",
                  values, 4, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such list yet");
    slice number = store_cell(&rows, 0, 0)->bytes;
    while (number.length > 1 && number.data[0] == 0) number = slice_from(number, 1);
    q->number = arena_copy(q->a, number);
    return q->number.data == NULL ? arena_failed(q->a, error) : RFD_OK;
}

rfd_status authority_crl_number(struct store *store, int64_t authority, uint32_t partition, bool delta, struct arena *a,
                                slice *out, struct rfd_error *error)
{
    struct asking q = {.authority = authority, .partition = partition, .delta = delta, .a = a};
    TRY(store_read(store, find_number, &q, error));
    *out = q.number;
    return RFD_OK;
}
