/* SPDX-License-Identifier: EUPL-1.2
 *
 * Roles that people have, from when to when. They are opened and closed, never deleted, so that it is known who was
 * what at any instant.
 */
#include "domain/access/access_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "domain/audit/audit.h"
#include "domain/organisation/record.h"

enum { REASON_MAXIMUM = 500 };

#define ASSIGNMENT_COLUMNS                                                                                             \
    "SELECT r.id, r.person, r.role, coalesce(r.entity, 0), coalesce(r.unit, 0), r.starts, r.ends, "                    \
    "coalesce(r.request, 0), coalesce(r.home, 0) FROM role_assignment r "

/** False for a role that this version does not know. */
static bool read_assignment(const struct store_value *v, struct role_assignment *out)
{
    *out = (struct role_assignment){.id = v[0].integer,
                                    .person = v[1].integer,
                                    .entity = v[3].integer,
                                    .unit = v[4].integer,
                                    .from = v[5].integer,
                                    .to = store_moment_of(&v[6]),
                                    .request = v[7].integer,
                                    .home = v[8].integer};
    return role_from_name(v[2].bytes, &out->role);
}

static bool is_over(const struct role_assignment *a, rfd_time moment)
{
    return a->to != RFD_TIME_NONE && a->to <= moment;
}

rfd_status role_assignments(struct transaction *t, int64_t person, rfd_time moment, struct role_assignment **out,
                            size_t *count, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(person)};
    struct store_rows rows;
    size_t n = 0;
    TRY(store_run(t, ASSIGNMENT_COLUMNS "WHERE r.person = $1 ORDER BY r.starts, r.id", values, 1, &rows, error));
    struct role_assignment *list = arena_zeroed(store_arena(t), rows.count + 1, sizeof *list);
    if (list == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++) {
        if (!read_assignment(store_cell(&rows, i, 0), &list[n])) continue;
        if (moment == RFD_TIME_NONE || (list[n].from <= moment && !is_over(&list[n], moment))) n++;
    }
    *out = list;
    *count = n;
    return RFD_OK;
}

rfd_status assignment_find(struct transaction *t, int64_t id, struct role_assignment *out, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(id)};
    struct store_rows rows;
    TRY(store_run(t, ASSIGNMENT_COLUMNS "WHERE r.id = $1", values, 1, &rows, error));
    if (rows.count == 0 || !read_assignment(store_cell(&rows, 0, 0), out))
        return error_set(error, RFD_E_NOT_FOUND, "role assignment %lld", (long long)id);
    return RFD_OK;
}

/* ---- What must not come together ---- */

static const struct {
    enum role a, b;
    bool same_unit;
    const char *rule;
} conflicts[] = {
#define ROLE_CONFLICT(a, b, same_unit, rule) {ROLE_##a, ROLE_##b, same_unit, rule},
#include "domain/access/role_conflicts.def"
#undef ROLE_CONFLICT
};

const char *role_conflict(enum role a, enum role b, bool same_unit)
{
    for (size_t i = 0; i < sizeof conflicts / sizeof *conflicts; i++) {
        bool both = (conflicts[i].a == a && conflicts[i].b == b) || (conflicts[i].a == b && conflicts[i].b == a);
        if (both && (same_unit || !conflicts[i].same_unit)) return conflicts[i].rule;
    }
    return NULL;
}

struct holding {
    enum role role;
    int64_t unit;
    rfd_time from, to;
};

static const char *conflict_of(const struct holding *a, const struct holding *b)
{
    bool apart = (a->to != RFD_TIME_NONE && a->to <= b->from) || (b->to != RFD_TIME_NONE && b->to <= a->from);
    bool same_unit = a->unit == b->unit || a->unit == 0 || b->unit == 0;
    if (apart) return NULL;
    if (a->role == b->role && a->unit == b->unit) return N_("They have this role there already");
    return role_conflict(a->role, b->role, same_unit);
}

/** When the lines would have the assignment end; RFD_TIME_NONE: they keep it. */
static rfd_time withdrawn_at(const struct access_line *lines, size_t count, int64_t assignment, rfd_time now)
{
    for (size_t i = 0; i < count; i++) {
        if (!lines[i].withdraw || lines[i].assignment != assignment) continue;
        return lines[i].from == RFD_TIME_NONE || lines[i].from < now ? now : lines[i].from;
    }
    return RFD_TIME_NONE;
}

static struct holding holding_of(const struct role_assignment *a, rfd_time withdrawn)
{
    bool sooner = withdrawn != RFD_TIME_NONE && (a->to == RFD_TIME_NONE || withdrawn < a->to);
    return (struct holding){a->role, a->unit, a->from, sooner ? withdrawn : a->to};
}

rfd_status assignment_conflict(struct transaction *t, int64_t person, const struct access_line *lines, size_t count,
                               rfd_time now, const char **rule, struct rfd_error *error)
{
    struct role_assignment *has = NULL;
    size_t has_count = 0, n = 0;
    *rule = NULL;
    TRY(role_assignments(t, person, RFD_TIME_NONE, &has, &has_count, error));
    struct holding *all = arena_zeroed(store_arena(t), has_count + count + 1, sizeof *all);
    if (all == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < has_count; i++) {
        if (!is_over(&has[i], now)) all[n++] = holding_of(&has[i], withdrawn_at(lines, count, has[i].id, now));
    }
    for (size_t i = 0; i < count; i++) {
        if (lines[i].withdraw) continue;
        rfd_time from = lines[i].from == RFD_TIME_NONE || lines[i].from < now ? now : lines[i].from;
        all[n] = (struct holding){lines[i].role, lines[i].unit, from, lines[i].to};
        for (size_t k = 0; k < n && *rule == NULL; k++) *rule = conflict_of(&all[n], &all[k]);
        n++;
    }
    return RFD_OK;
}

/* ---- Opening ---- */

rfd_status assignment_hold(struct transaction *t, int64_t person, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(person)};
    return store_run(t,
                     "INSERT INTO role_person(person, changes) VALUES ($1, 1) "
                     "ON CONFLICT(person) DO UPDATE SET changes = role_person.changes + 1",
                     values, 1, NULL, error);
}

static rfd_status audit_assignment(struct transaction *t, const struct actor *actor, const char *action, int64_t id,
                                   const char *detail, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    const char *object = arena_print(a, "role:%lld", (long long)id);
    if (object == NULL || detail == NULL) return arena_failed(a, error);
    const struct audit_event event = {
        .action = action, .actor = actor_audit(actor, a), .object = slice_text(object), .detail = slice_text(detail)};
    return audit_put(t, &event, error);
}

static rfd_status insert_assignment(struct transaction *t, const struct actor *actor, const struct role_assignment *n,
                                    const struct person *person, int64_t *id, struct rfd_error *error)
{
    const slice names[] = {person->surname, person->second_surname, person->given_names};
    slice sort_name;
    struct store_rows rows;
    TRY(record_sort_name(t, names, 3, &sort_name, error));
    const struct store_value values[] = {
        store_integer(n->person),
        store_text(slice_text(role_info(n->role)->name)),
        store_reference(n->entity),
        store_reference(n->unit),
        store_reference(n->home),
        store_integer(n->from),
        store_moment(n->to),
        store_reference(n->request),
        store_text(actor_audit(actor, store_arena(t))),
        store_text(sort_name),
        store_boolean(false),
    };
    TRY(store_run(t,
                  "INSERT INTO role_assignment(person, role, entity, unit, home, starts, ends, request, giver, ender, "
                  "end_reason, sort_name, told) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '', $10, $11) "
                  "RETURNING id",
                  values, sizeof values / sizeof *values, &rows, error));
    *id = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

/** From the first role of its people on, a unit is due for review. */
static rfd_status begin_review(struct transaction *t, const struct role_assignment *n, struct rfd_error *error)
{
    const struct store_value values[] = {store_reference(n->home), store_integer(clock_now())};
    if (n->home == 0) return RFD_OK;
    return store_run(t, "INSERT INTO access_review_unit(unit, since) VALUES ($1, $2) ON CONFLICT DO NOTHING", values, 2,
                     NULL, error);
}

rfd_status assignment_open(struct transaction *t, const struct actor *actor, const struct role_assignment *assignment,
                           int64_t *id, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    struct person person;
    int64_t made;
    TRY(person_find(t, assignment->person, &person, error));
    TRY(insert_assignment(t, actor, assignment, &person, &made, error));
    const slice words[] = {person.given_names, person.surname, person.second_surname, person.number};
    TRY(list_index(t, "role_assignment_word", made, words, 4, error));
    TRY(begin_review(t, assignment, error));
    TRY(audit_assignment(t, actor, "role.grant", made,
                         arena_print(a, "{\"person\":%lld,\"role\":\"%s\",\"unit\":%lld,\"request\":%lld}",
                                     (long long)assignment->person, role_info(assignment->role)->name,
                                     (long long)assignment->unit, (long long)assignment->request),
                         error));
    *id = made;
    return RFD_OK;
}

/* ---- Closing ---- */

static rfd_status end_reviews(struct transaction *t, int64_t assignment, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(assignment)};
    return store_run(t, "UPDATE access_review SET state = 'over' WHERE assignment = $1 AND state = 'open'", values, 1,
                     NULL, error);
}

rfd_status assignment_close(struct transaction *t, const struct actor *actor, const struct assignment_end *end,
                            struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    struct role_assignment row;
    struct store_rows rows;
    rfd_time now = clock_now();
    TRY(assignment_find(t, end->assignment, &row, error));
    /* One that has not begun yet never will: it ends as it begins. */
    rfd_time moment = end->moment > row.from ? end->moment : row.from;
    bool at_once = moment <= now || row.from > now;
    const struct store_value values[] = {
        store_integer(end->assignment), store_integer(moment),         store_text(actor_audit(actor, a)),
        store_text(end->reason),        store_reference(end->request), store_boolean(at_once),
    };
    TRY(store_run(t,
                  "UPDATE role_assignment SET ends = $2, ender = $3, end_reason = $4, end_request = $5, told = $6 "
                  "WHERE id = $1 AND (ends IS NULL OR ends > $2)",
                  values, sizeof values / sizeof *values, &rows, error));
    if (rows.changed == 0)
        return error_set(error, RFD_E_STATE, "role assignment %lld is over by then", (long long)end->assignment);
    TRY(end_reviews(t, end->assignment, error));
    TRY(audit_assignment(t, actor, "role.end", end->assignment,
                         arena_print(a, "{\"person\":%lld,\"role\":\"%s\",\"unit\":%lld,\"request\":%lld}",
                                     (long long)row.person, role_info(row.role)->name, (long long)row.unit,
                                     (long long)end->request),
                         error));
    /* Of what a request ends, the person is told with it. */
    return at_once && end->request == 0 ? tell_role(t, "role-withdrawn", &row, error) : RFD_OK;
}

/* ---- Without a request ---- */

static rfd_status check_place(struct transaction *t, struct role_assignment *n, struct rfd_error *error)
{
    struct unit unit;
    if (role_info(n->role)->everywhere) {
        n->entity = n->unit = 0;
        return RFD_OK;
    }
    if (n->unit == 0) return error_set(error, RFD_E_ARGUMENT, "%s is held in a unit", role_info(n->role)->name);
    TRY(unit_find(t, n->unit, &unit, error));
    if (unit.closed) return error_set(error, RFD_E_STATE, "unit %lld is closed", (long long)n->unit);
    n->entity = unit.entity;
    n->home = n->unit;
    return RFD_OK;
}

rfd_status role_grant(struct transaction *t, const struct actor *actor, const struct role_assignment *assignment,
                      int64_t *id, struct rfd_error *error)
{
    struct role_assignment given = *assignment;
    const char *rule;
    if ((actor->methods & METHOD_SYSTEM) == 0 || actor->account != 0 || actor->person != 0)
        return error_set(error, RFD_E_FORBIDDEN, "roles are given by requests");
    if (given.role >= ROLES || given.role == ROLE_APPLICANT || (given.to != RFD_TIME_NONE && given.to <= given.from))
        return error_set(error, RFD_E_ARGUMENT, "role or dates");
    TRY(check_place(t, &given, error));
    TRY(assignment_hold(t, given.person, error));
    const struct access_line line = {.role = given.role, .unit = given.unit, .from = given.from, .to = given.to};
    TRY(assignment_conflict(t, given.person, &line, 1, clock_now(), &rule, error));
    if (rule != NULL) return error_set(error, RFD_E_STATE, "%s", rule);
    return assignment_open(t, actor, &given, id, error);
}

rfd_status role_end(struct transaction *t, const struct actor *actor, int64_t assignment, rfd_time moment, slice reason,
                    struct rfd_error *error)
{
    struct role_assignment row;
    TRY(assignment_find(t, assignment, &row, error));
    const struct access_object object = {.unit = row.home, .entity = row.entity};
    /* What reaches everywhere is not its unit's alone to end. */
    bool head = !role_info(row.role)->everywhere && actor_may(actor, ACTION_ACCESS_REVIEW, &object);
    if (!head) TRY(actor_check(actor, ACTION_DEPARTURE_CONFIRM, &object, error));
    TRY(assignment_hold(t, row.person, error));
    const struct assignment_end end = {.assignment = assignment,
                                       .moment = moment == RFD_TIME_NONE ? clock_now() : moment,
                                       .reason = slice_part(reason, 0, REASON_MAXIMUM)};
    return assignment_close(t, actor, &end, error);
}
