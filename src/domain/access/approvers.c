/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who decides: those whose roles let them approve in a unit (policy.def), but never who asked or who it is for; where a
 * unit has nobody, those of the unit above it.
 */
#include "domain/access/access_internal.h"

#include "base/error.h"
#include "base/number.h"

enum { TREE_DEPTH = 64 };

/** The roles that have the action. */
static size_t roles_for(enum action action, struct store_value out[ROLES])
{
    size_t n = 0;
    for (unsigned role = 0; role < ROLES; role++) {
        if (policy_scope((enum role)role, action) > SCOPE_OWN)
            out[n++] = store_text(slice_text(role_info((enum role)role)->name));
    }
    return n;
}

struct people {
    const int64_t *except;
    int64_t *list;
    size_t count;
};

static rfd_status add_people(struct transaction *t, const char *sql, int64_t place, struct store_value role,
                             rfd_time now, struct people *people, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(place), role, store_integer(now),
                                         store_integer(people->except[0]), store_integer(people->except[1])};
    struct store_rows rows;
    TRY(store_run(t, sql, values, 5, &rows, error));
    int64_t *list = arena_zeroed(store_arena(t), people->count + rows.count + 1, sizeof *list);
    if (list == NULL) return arena_failed(store_arena(t), error);
    if (people->count > 0) memcpy(list, people->list, people->count * sizeof *list);
    for (size_t i = 0; i < rows.count; i++) list[people->count++] = store_cell(&rows, i, 0)->integer;
    people->list = list;
    return RFD_OK;
}

static rfd_status find_people(struct transaction *t, enum action action, const char *sql, int64_t place,
                              const int64_t except[2], rfd_time now, struct approvers *out, struct rfd_error *error)
{
    struct store_value roles[ROLES];
    struct people people = {.except = except};
    size_t count = roles_for(action, roles);
    for (size_t i = 0; i < count; i++) TRY(add_people(t, sql, place, roles[i], now, &people, error));
    *out = (struct approvers){
        .first = people.count > 0 ? people.list[0] : 0, .people = people.list, .count = people.count};
    return RFD_OK;
}

#define PEOPLE(place)                                                                                                  \
    "SELECT DISTINCT r.person FROM role_assignment r JOIN person x ON x.id = r.person WHERE r." place " = $1 "         \
    "AND r.role = $2 AND r.starts <= $3 AND (r.ends IS NULL OR r.ends > $3) AND NOT x.closed "                         \
    "AND r.person <> $4 AND r.person <> $5 ORDER BY r.person"

rfd_status approvers_at_unit(struct transaction *t, int64_t unit, const int64_t except[2], rfd_time now,
                             struct approvers *out, struct rfd_error *error)
{
    int64_t head = 0, head_unit = 0;
    TRY(find_people(t, ACTION_ACCESS_APPROVE, PEOPLE("unit"), unit, except, now, out, error));
    if (out->count == 0) return RFD_OK;
    out->unit = unit;
    TRY(unit_head(t, unit, 0, now, &head, &head_unit, error));
    for (size_t i = 0; i < out->count; i++) {
        if (out->people[i] == head) out->first = head;
    }
    return RFD_OK;
}

rfd_status approvers_of_agents(struct transaction *t, int64_t entity, const int64_t except[2], rfd_time now,
                               struct approvers *out, struct rfd_error *error)
{
    return find_people(t, ACTION_ACCESS_AGENT_APPROVE, PEOPLE("entity"), entity, except, now, out, error);
}

/** The units of a path "/1/7/", from the top. */
static size_t read_path(slice path, int64_t units[TREE_DEPTH])
{
    size_t n = 0;
    while (path.length > 1 && n < TREE_DEPTH) {
        slice rest = slice_from(path, 1);
        const uint8_t *end = memchr(rest.data, '/', rest.length);
        uint64_t id;
        size_t length = end == NULL ? rest.length : (size_t)(end - rest.data);
        if (!number_unsigned(slice_part(rest, 0, length), INT64_MAX, &id)) break;
        units[n++] = (int64_t)id;
        path = slice_from(rest, length);
    }
    return n;
}

rfd_status approvers_of_unit(struct transaction *t, int64_t unit, bool above, const int64_t except[2], rfd_time now,
                             struct approvers *out, struct rfd_error *error)
{
    int64_t units[TREE_DEPTH];
    struct unit found;
    TRY(unit_find(t, unit, &found, error));
    size_t count = read_path(found.path, units);
    *out = (struct approvers){.unit = 0};
    if (above && count > 0) count--;
    while (count > 0 && out->count == 0) TRY(approvers_at_unit(t, units[--count], except, now, out, error));
    return RFD_OK;
}

rfd_status approvers_top(struct transaction *t, int64_t unit, int64_t *top, struct rfd_error *error)
{
    int64_t units[TREE_DEPTH];
    struct unit found;
    TRY(unit_find(t, unit, &found, error));
    *top = read_path(found.path, units) > 0 ? units[0] : unit;
    return RFD_OK;
}

bool role_reaches_beyond(enum role role)
{
    bool beyond = role_info(role)->everywhere;
    for (unsigned action = 0; action < ACTIONS && !beyond; action++)
        beyond = policy_scope(role, (enum action)action) >= SCOPE_ENTITY;
    return beyond;
}

rfd_status access_works_at(struct transaction *t, int64_t person, int64_t unit, rfd_time now, bool *out,
                           struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(person), store_integer(unit), store_integer(now)};
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT 1 FROM appointment a JOIN position p ON p.id = a.position JOIN person x ON x.id = a.person "
                  "WHERE a.person = $1 AND p.unit = $2 AND a.starts <= $3 AND (a.ends IS NULL OR a.ends > $3) "
                  "AND NOT x.closed LIMIT 1",
                  values, 3, &rows, error));
    *out = rows.count > 0;
    return RFD_OK;
}
