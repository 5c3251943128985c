/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/authority/crl_entries.h"

#include "base/error.h"

enum { TOGETHER = 5000, REASON_REMOVED = 8 };

/* Columns: serial, revoked_at, reason, invalid_since. */
static const char complete_sql[] =
    "SELECT serial, revoked_at, reason, invalid_since FROM certificate_status "
    "WHERE authority = $1 AND part = $2 AND serial > $3 AND revoked_at IS NOT NULL ORDER BY serial LIMIT $4";
static const char delta_sql[] =
    "SELECT DISTINCT s.serial, s.revoked_at, s.reason, s.invalid_since FROM status_change c "
    "JOIN certificate_status s ON s.serial = c.serial AND s.authority = c.authority "
    "WHERE c.number > $5 AND c.authority = $1 AND c.part = $2 AND c.serial > $3 ORDER BY s.serial LIMIT $4";

static rfd_status read_more(struct crl_entries *e, struct rfd_error *error)
{
    const struct store_value values[] = {
        store_integer(e->authority), store_integer(e->partition), store_bytes(slice_of(e->serial, e->serial_length)),
        store_integer(TOGETHER),     store_integer(e->base),
    };
    struct arena *a = store_arena(e->t);
    if (e->begun)
        arena_release(a, e->mark);
    else
        e->mark = arena_mark(a);
    e->begun = true;
    e->next = 0;
    TRY(store_run(e->t, e->delta ? delta_sql : complete_sql, values, e->delta ? 5 : 4, &e->rows, error));
    if (e->rows.count == 0) return RFD_OK;
    slice last = store_cell(&e->rows, e->rows.count - 1, 0)->bytes;
    if (last.length > sizeof e->serial) return error_set(error, RFD_E_STORE, "a serial number that is too long");
    memcpy(e->serial, last.data, last.length);
    e->serial_length = last.length;
    return RFD_OK;
}

rfd_status crl_entries_next(void *context, struct crl_writer_entry *entry, bool *more, struct rfd_error *error)
{
    struct crl_entries *e = context;
    bool last = e->begun && e->rows.count < TOGETHER;
    if (e->next == e->rows.count && !last) TRY(read_more(e, error));
    *more = e->next < e->rows.count;
    if (!*more) return RFD_OK;
    const struct store_value *row = store_cell(&e->rows, e->next++, 0);
    bool released = row[1].type == STORE_NULL;
    /* Whose clock was ahead wrote a time that is still to come. The keeper signs no such list, and none at all would be
     * worse than a time that is off. */
    bool ahead = !released && row[1].integer > e->this_update;
    *entry = (struct crl_writer_entry){.serial = row[0].bytes,
                                       .revoked_at = released || ahead ? e->this_update : row[1].integer,
                                       .reason = released ? REASON_REMOVED : (int)row[2].integer,
                                       .invalid_since = store_moment_of(&row[3])};
    return RFD_OK;
}
