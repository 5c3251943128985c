/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/error.h"
#include "domain/outbox/outbox.h"

rfd_status outbox_recent(struct transaction *t, size_t limit, struct outbox_recent **out, size_t *count,
                         struct rfd_error *error)
{
    static const char sql[] = "SELECT channel, recipient, subject, body, state, created FROM outbox "
                              "ORDER BY id DESC LIMIT $1";
    const struct store_value value = store_integer((int64_t)limit);
    struct store_rows rows;
    TRY(store_run(t, sql, &value, 1, &rows, error));
    struct outbox_recent *items = arena_zeroed(store_arena(t), rows.count + 1, sizeof *items);
    if (items == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct store_value *row = store_cell(&rows, i, 0);
        items[i] = (struct outbox_recent){.channel = row[0].integer == OUTBOX_SMS ? OUTBOX_SMS : OUTBOX_MAIL,
                                          .to = row[1].bytes,
                                          .subject = row[2].bytes,
                                          .text = row[3].bytes,
                                          .state = (unsigned)row[4].integer,
                                          .created = row[5].integer};
    }
    *out = items;
    *count = rows.count;
    return RFD_OK;
}
