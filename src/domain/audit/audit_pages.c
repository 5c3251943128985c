/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/audit/audit_pages.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/number.h"

enum { SERIAL_MAXIMUM = 20 };

static const char *const names[] = {
#define AUDIT_ACTION(name, english, spanish) name,
#include "domain/audit/audit_actions.def"
#undef AUDIT_ACTION
};

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

const char *audit_action_title(slice name)
{
    const struct audit_action *action = audit_action_find(name);
    return action == NULL ? "" : action->english;
}

const char *audit_action_name(size_t number)
{
    return number < COUNT_OF(names) ? names[number] : NULL;
}

rfd_status audit_object_certificate(struct transaction *t, slice object, int64_t *out, struct rfd_error *error)
{
    static const slice before = {(const uint8_t *)"certificate:", sizeof "certificate:" - 1};
    uint8_t serial[SERIAL_MAXIMUM];
    struct store_rows rows;
    slice digits = slice_from(object, before.length);
    *out = 0;
    if (!slice_starts(object, before) || digits.length == 0 || digits.length % 2 != 0 ||
        digits.length > sizeof serial * 2 || !number_hex(digits, serial))
        return RFD_OK;
    const struct store_value value = store_bytes(slice_of(serial, digits.length / 2));
    TRY(store_run(t, "SELECT certificate FROM certificate_status WHERE serial = $1 ORDER BY certificate LIMIT 1",
                  &value, 1, &rows, error));
    if (rows.count > 0) *out = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

/* ---- Lists ---- */

static const struct list_column columns[] = {
    {"sequence", N_("Row"), "r.sequence", LIST_NUMBER, "r.sequence", NULL, NULL},
    {"time", N_("When"), "r.time", LIST_TIME, NULL, NULL, NULL},
    {"actor", N_("Who"), "r.actor", LIST_TEXT, NULL, NULL, NULL},
    {"action", N_("What"), "r.action", LIST_TEXT, NULL, audit_action_title, NULL},
    {"object", N_("To what"), "r.object", LIST_TEXT, NULL, NULL, NULL},
    {"node", N_("Where"), "r.node", LIST_TEXT, NULL, NULL, NULL},
};
static const struct list_filter filters[] = {
    {"actor", "r.actor = $?", LIST_TEXT},
    {"object", "(r.object_id = 0 AND r.object = $?)", LIST_TEXT},
    {"certificate", "r.object_id = $?", LIST_NUMBER},
    {"action", "r.action = $?", LIST_TEXT},
    {"from", "r.sequence >= $?", LIST_NUMBER},
    {"until", "r.sequence < $?", LIST_NUMBER},
    {"first", "r.time >= $?", LIST_TIME},
    {"last", "r.time < $?", LIST_TIME},
};
const struct list_definition audit_page_list = {.name = "auditoria",
                                                .from = "audit_row r",
                                                .id = "r.sequence",
                                                .count = "audit_row r",
                                                .columns = columns,
                                                .column_count = COUNT_OF(columns),
                                                .filters = filters,
                                                .filter_count = COUNT_OF(filters),
                                                .order = "-sequence",
                                                .action = ACTION_AUDIT_SEE};

static const struct list_column point_columns[] = {
    {"sequence", N_("Up to row"), "p.sequence", LIST_NUMBER, "p.sequence", NULL, NULL},
    {"time", N_("Signed"), "p.time", LIST_TIME, NULL, NULL, NULL},
};
const struct list_definition audit_checkpoint_list = {.name = "firmas",
                                                      .from = "audit_checkpoint p",
                                                      .id = "p.sequence",
                                                      .count = "audit_checkpoint p",
                                                      .columns = point_columns,
                                                      .column_count = COUNT_OF(point_columns),
                                                      .order = "-sequence",
                                                      .action = ACTION_AUDIT_SEE};

/* ---- Dates ---- */

/** The moment of the first row that is there from `sequence` on; RFD_TIME_NONE: there is none. */
static rfd_status time_at(struct transaction *t, uint64_t sequence, rfd_time *out, struct rfd_error *error)
{
    const struct store_value value = store_integer((int64_t)sequence);
    struct store_rows rows;
    TRY(store_run(t, "SELECT time FROM audit_row WHERE sequence >= $1 ORDER BY sequence LIMIT 1", &value, 1, &rows,
                  error));
    *out = rows.count == 0 ? RFD_TIME_NONE : store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

rfd_status audit_sequence_at(struct transaction *t, rfd_time moment, uint64_t *out, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, "SELECT coalesce(max(sequence), 0) FROM audit_row", NULL, 0, &rows, error));
    uint64_t low = 1, high = (uint64_t)store_cell(&rows, 0, 0)->integer + 1;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        rfd_time time;
        TRY(time_at(t, middle, &time, error));
        if (time != RFD_TIME_NONE && time < moment)
            low = middle + 1;
        else
            high = middle;
    }
    *out = low;
    return RFD_OK;
}

/* ---- One ---- */

rfd_status audit_page_row(struct transaction *t, const struct actor *actor, uint64_t sequence,
                          struct audit_page_row *out, struct rfd_error *error)
{
    const struct store_value value = store_integer((int64_t)sequence);
    struct store_rows rows;
    TRY(actor_check(actor, ACTION_AUDIT_SEE, NULL, error));
    TRY(store_run(t,
                  "SELECT time, node, action, actor, object, detail, previous, hash FROM audit_row WHERE sequence = $1",
                  &value, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "audit row %llu", (unsigned long long)sequence);
    const struct store_value *v = store_cell(&rows, 0, 0);
    *out = (struct audit_page_row){
        .row = {sequence, v[0].integer, v[1].bytes, v[2].bytes, v[3].bytes, v[4].bytes, v[5].bytes},
        .previous = v[6].bytes,
        .hash = v[7].bytes};
    return RFD_OK;
}

rfd_status audit_point(struct transaction *t, const struct actor *actor, uint64_t sequence, struct audit_point *out,
                       struct rfd_error *error)
{
    const struct store_value value = store_integer((int64_t)sequence);
    struct store_rows rows;
    TRY(actor_check(actor, ACTION_AUDIT_SEE, NULL, error));
    TRY(store_run(t, "SELECT time, hash, content, algorithm, signature FROM audit_checkpoint WHERE sequence = $1",
                  &value, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "checkpoint %llu", (unsigned long long)sequence);
    const struct store_value *v = store_cell(&rows, 0, 0);
    *out = (struct audit_point){sequence, v[0].integer, v[1].bytes, v[2].bytes, v[3].bytes, v[4].bytes};
    return RFD_OK;
}
