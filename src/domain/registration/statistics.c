/* SPDX-License-Identifier: EUPL-1.2
 *
 * Figures of requests and certificates. Nobody counts a million rows while somebody waits: each row knows as what it
 * was counted (`counted`), an index has those that are something else by now, and the worker counts these anew. So
 * nobody who changes a row waits for a counter, and nothing is counted twice, whatever dies.
 *
 * How long issuing took is not counted, but read of the last certificates, which are bounded in number.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "domain/registration/internal.h"

enum { BATCH = 500, BATCHES = 200, SQL_MAXIMUM = 16 << 10, VALUES_MAXIMUM = 100, TIMES_MAXIMUM = 20000 };

/* ---- Counting: the worker's ---- */

struct count_key {
    slice way, name;
    int64_t place, month;
};
struct counting {
    const struct zone *zone;
    const char *kind;
    size_t seen; /* rows of the last batch */
};

static int64_t month_of(const struct zone *zone, rfd_time moment)
{
    struct civil day = zone_civil(zone, moment);
    return day.year * 100 + day.month;
}

static rfd_status add(struct transaction *t, const struct counting *c, const struct count_key *key, int number,
                      struct rfd_error *error)
{
    const struct store_value values[] = {store_text(slice_text(c->kind)), store_text(key->way),
                                         store_integer(key->place),       store_integer(key->month),
                                         store_text(key->name),           store_integer(number)};
    return store_run(
        t,
        "INSERT INTO registration_count(kind, way, place, month, name, number) VALUES ($1, $2, $3, $4, $5, "
        "$6) ON CONFLICT (kind, way, place, month, name) DO UPDATE SET number = registration_count.number + "
        "excluded.number",
        values, sizeof values / sizeof *values, NULL, error);
}

static rfd_status move(struct transaction *t, const struct counting *c, const struct count_key *from,
                       const struct count_key *to, struct rfd_error *error)
{
    if (from->name.length > 0) TRY(add(t, c, from, -1, error));
    return add(t, c, to, 1, error);
}

static rfd_status count_request(struct transaction *t, const struct counting *c, const struct store_value *v,
                                struct rfd_error *error)
{
    const struct count_key to = {
        .way = v[1].bytes, .place = v[2].integer, .month = month_of(c->zone, v[3].integer), .name = v[4].bytes};
    struct count_key from = to;
    from.name = v[5].bytes;
    from.place = v[6].integer;
    const struct store_value values[] = {v[0], v[4], v[2]};
    TRY(store_run(t, "UPDATE request SET counted = $2, counted_place = $3 WHERE id = $1", values, 3, NULL, error));
    return move(t, c, &from, &to, error);
}

static rfd_status count_requests(struct transaction *t, void *context, struct rfd_error *error)
{
    struct counting *c = context;
    const struct store_value limit = store_integer(BATCH);
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT id, way, coalesce(unit, -entity), created, state, counted, counted_place FROM request "
                  "WHERE counted <> state OR counted_place <> coalesce(unit, -entity) LIMIT $1",
                  &limit, 1, &rows, error));
    for (size_t i = 0; i < rows.count; i++) TRY(count_request(t, c, store_cell(&rows, i, 0), error));
    c->seen = rows.count;
    return RFD_OK;
}

/** A certificate's state as a name: '1' to '4'; empty: it was not counted yet. */
static slice state_name(const struct store_value *state)
{
    static const char digits[] = "01234";
    return state->integer < 1 || state->integer > 4 ? SLICE_EMPTY : slice_of(digits + state->integer, 1);
}

static rfd_status count_certificate(struct transaction *t, const struct counting *c, const struct store_value *v,
                                    struct rfd_error *error)
{
    const struct count_key to = {
        .way = v[1].bytes, .place = v[2].integer, .month = month_of(c->zone, v[3].integer), .name = state_name(&v[4])};
    struct count_key from = to;
    from.name = state_name(&v[5]);
    const struct store_value values[] = {v[0], v[4]};
    TRY(store_run(t, "UPDATE certificate_agent SET counted = $2 WHERE certificate = $1", values, 2, NULL, error));
    return move(t, c, &from, &to, error);
}

static rfd_status count_certificates(struct transaction *t, void *context, struct rfd_error *error)
{
    struct counting *c = context;
    const struct store_value limit = store_integer(BATCH);
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT certificate, way, coalesce(unit, -entity), issued, state, counted FROM certificate_agent "
                  "WHERE counted <> state LIMIT $1",
                  &limit, 1, &rows, error));
    for (size_t i = 0; i < rows.count; i++) TRY(count_certificate(t, c, store_cell(&rows, i, 0), error));
    c->seen = rows.count;
    return RFD_OK;
}

rfd_status statistics_tick(struct store *store, const struct registration_settings *settings, unsigned *done,
                           struct rfd_error *error)
{
    static const struct {
        const char *kind;
        store_work *work;
    } kinds[] = {{"request", count_requests}, {"certificate", count_certificates}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct counting c = {.zone = settings->zone, .kind = kinds[i].kind, .seen = BATCH};
        for (unsigned n = 0; n < BATCHES && c.seen == BATCH; n++) {
            TRY(store_write(store, kinds[i].work, &c, error));
            *done += (unsigned)c.seen;
        }
    }
    return RFD_OK;
}

/* ---- Whose: the actor's scopes as SQL over the place ---- */

struct asking {
    struct transaction *t;
    struct registration_statistics *out;
    const char *way;
    struct buf scope; /* " AND (...)", of `place`; empty: everything */
    struct store_value values[VALUES_MAXIMUM];
    size_t value_count;
    int64_t *times;
    size_t time_count;
};

static size_t bind(struct asking *q, struct store_value value)
{
    if (q->value_count < VALUES_MAXIMUM) q->values[q->value_count++] = value;
    return q->value_count;
}

/** A path ends with a slash, and the character after it is 0: all that begin with the path are in between. */
static rfd_status put_tree(struct asking *q, slice path, struct rfd_error *error)
{
    slice above = arena_copy(store_arena(q->t), path);
    if (above.data == NULL) return arena_failed(store_arena(q->t), error);
    ((uint8_t *)(uintptr_t)above.data)[above.length - 1] = '/' + 1;
    size_t low = bind(q, store_text(path));
    size_t high = bind(q, store_text(above));
    buf_print(&q->scope, "place IN (SELECT id FROM unit WHERE path >= $%zu AND path < $%zu)", low, high);
    return RFD_OK;
}

static void put_entity(struct asking *q, int64_t entity)
{
    size_t own = bind(q, store_integer(-entity));
    size_t number = bind(q, store_integer(entity));
    buf_print(&q->scope, "place = $%zu OR place IN (SELECT id FROM unit WHERE entity = $%zu)", own, number);
}

static rfd_status put_role(struct asking *q, const struct actor_role *role, bool *all, struct rfd_error *error)
{
    enum scope scope = policy_scope(role->role, ACTION_STATISTICS_SEE);
    if (scope < SCOPE_UNIT) return RFD_OK;
    *all = *all || scope == SCOPE_ALL || (role->unit == 0 && role->entity == 0);
    if (*all) return RFD_OK;
    buf_put_text(&q->scope, q->scope.length == 0 ? " AND (" : " OR ");
    if (scope == SCOPE_ENTITY || role->unit == 0)
        put_entity(q, role->entity);
    else if (scope == SCOPE_TREE && role->path.length > 0)
        return put_tree(q, role->path, error);
    else
        buf_print(&q->scope, "place = $%zu", bind(q, store_integer(role->unit)));
    return RFD_OK;
}

static rfd_status put_scope(struct asking *q, const struct actor *actor, struct rfd_error *error)
{
    bool all = actor->account == 0; /* the system itself */
    for (size_t i = 0; i < actor->role_count && !all; i++) TRY(put_role(q, &actor->roles[i], &all, error));
    if (all)
        buf_reset(&q->scope);
    else
        buf_put_byte(&q->scope, ')');
    if (q->value_count == VALUES_MAXIMUM) return error_set(error, RFD_E_LIMIT, "roles in too many units");
    return buf_check(&q->scope, "scope", error);
}

/* ---- Figures ---- */

/** `sql` is written with $1: the way, $2: the first month or moment, and gets the scope in the place of "%s". */
static rfd_status run(struct asking *q, const char *sql, int64_t from, store_row *row, struct rfd_error *error)
{
    rfd_status status;
    struct buf text;
    buf_init(&text, SQL_MAXIMUM);
    const char *mark = strstr(sql, "%s");
    buf_put(&text, sql, (size_t)(mark - sql));
    buf_put_slice(&text, buf_slice(&q->scope));
    buf_put_text(&text, mark + 2);
    buf_put_byte(&text, 0);
    q->values[0] = store_text(slice_text(q->way));
    q->values[1] = store_integer(from);
    TRY_OUT(buf_check(&text, "statement", error));
    TRY_OUT(store_each(q->t, (const char *)text.data, q->values, q->value_count, row, q, error));
out:
    buf_dispose(&text);
    return status;
}

/** The next of a list that grows in the arena, by doubling. */
static struct request_count *next(struct asking *q, struct request_count **list, size_t *count)
{
    bool full = *count == 0 || (*count >= 8 && (*count & (*count - 1)) == 0);
    if (full) {
        struct request_count *bigger = arena_zeroed(store_arena(q->t), *count == 0 ? 8 : 2 * *count, sizeof **list);
        if (bigger == NULL) return NULL;
        if (*count > 0) memcpy(bigger, *list, *count * sizeof **list);
        *list = bigger;
    }
    return &(*list)[(*count)++];
}

static rfd_status put_count(struct asking *q, struct request_count **list, size_t *count, slice name, slice title,
                            int64_t number, struct rfd_error *error)
{
    if (number <= 0) return RFD_OK;
    struct request_count *to = next(q, list, count);
    if (to == NULL) return arena_failed(store_arena(q->t), error);
    *to = (struct request_count){arena_copy(store_arena(q->t), name), arena_copy(store_arena(q->t), title),
                                 (uint64_t)number};
    if (to->name.data == NULL || to->title.data == NULL) return arena_failed(store_arena(q->t), error);
    return RFD_OK;
}

/** To the one of this name that is there already, or a new one. */
static rfd_status add_count(struct asking *q, struct request_count **list, size_t *count, slice name, slice title,
                            int64_t number, struct rfd_error *error)
{
    for (size_t i = *count; i-- > 0;) {
        if (!slice_equal((*list)[i].name, name)) continue;
        (*list)[i].number += number > 0 ? (uint64_t)number : 0;
        return RFD_OK;
    }
    return put_count(q, list, count, name, title, number, error);
}

/** Of a month and a state: it counts for both. */
static rfd_status take_cell(void *context, const struct store_value *v, size_t columns, struct rfd_error *error)
{
    struct asking *q = context;
    char month[16];
    (void)columns;
    (void)snprintf(month, sizeof month, "%04d-%02d", (int)(v[0].integer / 100), (int)(v[0].integer % 100));
    TRY(add_count(q, &q->out->months, &q->out->month_count, slice_text(month), slice_text(month), v[2].integer, error));
    return add_count(q, &q->out->states, &q->out->state_count, v[1].bytes, slice_text(request_state_title(v[1].bytes)),
                     v[2].integer, error);
}

static rfd_status take_unit(void *context, const struct store_value *v, size_t columns, struct rfd_error *error)
{
    struct asking *q = context;
    (void)columns;
    return put_count(q, &q->out->units, &q->out->unit_count, v[0].bytes, v[1].bytes, v[2].integer, error);
}

static rfd_status take_certificates(void *context, const struct store_value *v, size_t columns, struct rfd_error *error)
{
    struct asking *q = context;
    (void)columns, (void)error;
    if (v[2].integer <= 0) return RFD_OK;
    q->out->issued += (uint64_t)v[2].integer;
    if (slice_is(v[1].bytes, "3")) q->out->revoked += (uint64_t)v[2].integer;
    return RFD_OK;
}

static rfd_status take_time(void *context, const struct store_value *v, size_t columns, struct rfd_error *error)
{
    struct asking *q = context;
    (void)columns, (void)error;
    if (q->time_count < TIMES_MAXIMUM) q->times[q->time_count++] = v[0].integer;
    return RFD_OK;
}

static int compare_times(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/** The smallest value that so many of a hundred do not exceed. */
static rfd_time percentile(const struct asking *q, size_t percent)
{
    if (q->time_count == 0) return RFD_TIME_NONE;
    return q->times[(q->time_count * percent + 99) / 100 - 1];
}

static rfd_status read_times(struct asking *q, rfd_time from, struct rfd_error *error)
{
    q->times = arena_allocate(store_arena(q->t), TIMES_MAXIMUM * sizeof *q->times);
    if (q->times == NULL) return arena_failed(store_arena(q->t), error);
    TRY(run(q,
            "SELECT took FROM (SELECT coalesce(unit, -entity) AS place, took FROM certificate_agent WHERE way = $1 AND "
            "issued >= $2 ORDER BY issued DESC, certificate DESC LIMIT 20000) a WHERE 1 = 1%s",
            from, take_time, error));
    if (q->time_count > 0) qsort(q->times, q->time_count, sizeof *q->times, compare_times);
    q->out->median = percentile(q, 50);
    q->out->p95 = percentile(q, 95);
    return RFD_OK;
}

#define COUNTED(kind) " FROM registration_count WHERE kind = '" kind "' AND way = $1 AND month >= $2%s GROUP BY "

/** In the order in which requests come through them. */
static int compare_states(const void *a, const void *b)
{
    const struct request_count *x = a, *y = b;
    return (int)request_state_from(x->name) - (int)request_state_from(y->name);
}

#define CELLS "SELECT month, name, CAST(sum(number) AS BIGINT)"
#define OF_UNITS                                                                                                       \
    "SELECT coalesce(u.code, ''), coalesce(u.name, e.name), c.number FROM (SELECT place, CAST(sum(number) AS BIGINT) " \
    "AS number" COUNTED("request") "place) c LEFT JOIN unit u ON u.id = c.place LEFT JOIN entity e ON e.id = "         \
                                   "-c.place ORDER BY c.number DESC, c.place"

static rfd_status read_figures(struct asking *q, int64_t month, rfd_time from, struct rfd_error *error)
{
    TRY(run(q, CELLS COUNTED("request") "month, name ORDER BY month, name", month, take_cell, error));
    if (q->out->state_count > 0) qsort(q->out->states, q->out->state_count, sizeof *q->out->states, compare_states);
    TRY(run(q, OF_UNITS, month, take_unit, error));
    TRY(run(q, CELLS COUNTED("certificate") "month, name", month, take_certificates, error));
    return read_times(q, from, error);
}

rfd_status registration_statistics(struct transaction *t, const struct actor *actor, enum request_way way,
                                   rfd_time from, struct registration_statistics *out, struct rfd_error *error)
{
    struct registration_statistics found = {.median = RFD_TIME_NONE, .p95 = RFD_TIME_NONE};
    struct asking q = {.t = t, .out = &found, .way = request_way_name(way), .value_count = 2};
    /* The first instant of a month is in that month everywhere a day later. */
    int64_t month = from == RFD_TIME_NONE ? 0 : month_of(NULL, from + REGISTRATION_DAY);
    rfd_status status;
    TRY(actor_check(actor, ACTION_STATISTICS_SEE, NULL, error));
    buf_init(&q.scope, SQL_MAXIMUM / 2);
    TRY_OUT(put_scope(&q, actor, error));
    TRY_OUT(read_figures(&q, month, from == RFD_TIME_NONE ? 0 : from, error));
    *out = found;
out:
    buf_dispose(&q.scope);
    return status;
}
