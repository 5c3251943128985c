/* SPDX-License-Identifier: EUPL-1.2
 *
 * Writing audit rows, and reading them for people. What makes a chain of them is in chain.c.
 */
#include "domain/audit/audit.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "base/text.h"

#include <unistd.h>

enum { NODE_SIZE = 65, NAME_MAXIMUM = 1024, SERIAL_MAXIMUM = 20 };

static const struct audit_action actions[] = {
#define AUDIT_ACTION(name, english, spanish) {name, english, spanish},
#include "domain/audit/audit_actions.def"
#undef AUDIT_ACTION
};

const struct audit_action *audit_action_find(slice name)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (slice_is(name, actions[i].name)) return &actions[i];
    }
    return NULL;
}

/** Text that both databases give back exactly as it was. */
static bool is_plain(slice s, size_t maximum)
{
    if (s.length > maximum || !text_is_utf8(s)) return false;
    return s.length == 0 || memchr(s.data, 0, s.length) == NULL;
}

static bool is_object(slice detail)
{
    return detail.length == 0 || (slice_starts(detail, SLICE("{")) && slice_ends(detail, SLICE("}")));
}

static rfd_status check(const struct audit_event *event, struct rfd_error *error)
{
    if (audit_action_find(slice_text(event->action)) == NULL)
        return error_set(error, RFD_E_ARGUMENT, "%s is not in audit_actions.def", event->action);
    if (event->actor.length == 0 || !is_plain(event->actor, NAME_MAXIMUM) || !is_plain(event->object, NAME_MAXIMUM))
        return error_set(error, RFD_E_ARGUMENT, "actor or object of %s", event->action);
    if (!is_plain(event->detail, AUDIT_DETAIL_MAXIMUM) || !is_object(event->detail))
        return error_set(error, RFD_E_ARGUMENT, "detail of %s", event->action);
    return RFD_OK;
}

/** The machine's name; "-" when it has none that is text. */
static slice node_name(char name[NODE_SIZE])
{
    bool fine = gethostname(name, NODE_SIZE) == 0 && memchr(name, '\0', NODE_SIZE) != NULL;
    return fine && name[0] != '\0' && text_is_utf8(slice_text(name)) ? slice_text(name) : SLICE("-");
}

rfd_status audit_put(struct transaction *t, const struct audit_event *event, struct rfd_error *error)
{
    char name[NODE_SIZE];
    TRY(check(event, error));
    const struct store_value values[] = {
        store_integer(clock_now()),      store_text(node_name(name)), store_text(slice_text(event->action)),
        store_text(event->actor),        store_text(event->object),   store_text(event->detail),
        store_integer(event->object_id),
    };
    return store_run(t,
                     "INSERT INTO audit_waiting(time, node, action, actor, object, detail, object_id) "
                     "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                     values, sizeof values / sizeof *values, NULL, error);
}

/* --- For people --------------------------------------------------------------------------------------------------- */

struct listing {
    slice actor, object;
    uint64_t before;
    size_t limit, given;
    audit_each *each;
    void *context;
};

static rfd_status give_row(void *context, const struct store_value *values, size_t columns, struct rfd_error *error)
{
    struct listing *l = context;
    (void)columns;
    struct audit_row row = {.sequence = (uint64_t)values[0].integer,
                            .time = values[1].integer,
                            .node = values[2].bytes,
                            .action = values[3].bytes,
                            .actor = values[4].bytes,
                            .object = values[5].bytes,
                            .detail = values[6].bytes};
    l->given++;
    return l->each(l->context, &row, error);
}

/** By which column rows are looked for: one statement for each way, so that each has its index. Rows about a
 * certificate are found by the numbers that certificates of this serial number have. */
#define COLUMNS     " time, node, action, actor, object, detail FROM "
#define WAITING     "SELECT 0," COLUMNS "audit_waiting WHERE id > $1"
#define CHAINED     "SELECT sequence," COLUMNS "audit_row WHERE sequence < $1"
#define WAITING_END " ORDER BY id DESC LIMIT "
#define CHAINED_END " ORDER BY sequence DESC LIMIT "
static const char *const list_sql[2][4] = {
    {WAITING WAITING_END "$2", WAITING " AND actor = $3" WAITING_END "$2", WAITING " AND object = $3" WAITING_END "$2",
     WAITING " AND actor = $3 AND object = $4" WAITING_END "$2"},
    {CHAINED CHAINED_END "$2", CHAINED " AND actor = $3" CHAINED_END "$2",
     CHAINED " AND object = $3 AND object_id = 0" CHAINED_END "$2",
     CHAINED " AND actor = $3 AND object = $4 AND object_id = 0" CHAINED_END "$2"},
};
#define OF_CERTIFICATE(condition, serial)                                                                              \
    "SELECT * FROM (" CHAINED " AND object_id <> 0 AND object_id IN (SELECT certificate FROM certificate_status "      \
    "WHERE serial = " serial ") AND " condition " UNION ALL " CHAINED " AND object_id = 0 AND " condition              \
    ") AS r" CHAINED_END "$2"
static const char *const certificate_sql[2] = {OF_CERTIFICATE("object = $3", "$4"),
                                               OF_CERTIFICATE("actor = $3 AND object = $4", "$5")};

/** The serial number that an object's name has; false when it names no certificate. */
static bool take_serial(slice object, uint8_t bytes[SERIAL_MAXIMUM], slice *out)
{
    const slice before = SLICE("certificate:");
    slice digits = slice_from(object, before.length);
    if (!slice_starts(object, before) || digits.length == 0 || digits.length % 2 != 0 ||
        digits.length > (size_t)2 * SERIAL_MAXIMUM || !number_hex(digits, bytes))
        return false;
    *out = slice_of(bytes, digits.length / 2);
    return true;
}

static rfd_status list_part(struct transaction *t, struct listing *l, bool chained, struct rfd_error *error)
{
    uint8_t bytes[SERIAL_MAXIMUM];
    slice serial;
    struct store_value values[5];
    size_t count = 2;
    int64_t before = l->before == 0 || l->before > INT64_MAX ? INT64_MAX : (int64_t)l->before;
    values[0] = store_integer(chained ? before : 0);
    values[1] = store_integer((int64_t)(l->limit - l->given));
    if (l->actor.length > 0) values[count++] = store_text(l->actor);
    if (l->object.length > 0) values[count++] = store_text(l->object);
    unsigned way = (l->actor.length > 0 ? 1u : 0u) + (l->object.length > 0 ? 2u : 0u);
    const char *sql = list_sql[chained][way];
    if (chained && way >= 2 && take_serial(l->object, bytes, &serial)) {
        values[count++] = store_bytes(serial);
        sql = certificate_sql[way - 2];
    }
    return store_each(t, sql, values, count, give_row, l, error);
}

static rfd_status list(struct transaction *t, void *context, struct rfd_error *error)
{
    struct listing *l = context;
    if (l->before == 0) TRY(list_part(t, l, false, error));
    return l->given >= l->limit ? RFD_OK : list_part(t, l, true, error);
}

rfd_status audit_list(struct store *store, slice actor, slice object, uint64_t before, size_t limit, audit_each *each,
                      void *context, struct rfd_error *error)
{
    struct listing l = {
        .actor = actor, .object = object, .before = before, .limit = limit, .each = each, .context = context};
    if (limit > INT32_MAX) return error_set(error, RFD_E_ARGUMENT, "%zu rows", limit);
    return store_read(store, list, &l, error);
}
