/* SPDX-License-Identifier: EUPL-1.2
 *
 * Grants of seals. What counts is one row for each, and one statement that changes it only where the limit allows it:
 * of two portals' processes that ask at once, the second one sees what the first has left.
 */
#include "domain/central/entity_seal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "domain/central/internal.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define COLUMNS                                                                                                        \
    "g.id, g.portal, g.entity, g.credential, g.holder, g.daily, g.ends, g.withdrawn, g.created, p.name, g.day, g.used, e.name"
#define FROM     "seal_grant g JOIN portal p ON p.id = g.portal JOIN entity e ON e.id = g.entity"
#define IN_FORCE "g.withdrawn IS NULL AND (g.ends IS NULL OR g.ends > $2) AND NOT p.closed AND NOT e.closed"

/** Days are those of UTC: the same at every node, whatever its zone is. */
static int64_t day_of(rfd_time now)
{
    return now / (86400 * RFD_SECOND);
}

/* ---- What is wrong ---- */

/** What is known of the credential: its entity and holder; entity 0: it is none of a seal. */
static rfd_status look_at(struct transaction *t, slice credential, struct seal_grant *g, struct rfd_error *error)
{
    const struct store_value value = store_text(credential);
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT e.entity, e.holder FROM central_key k JOIN central_enrolment e ON e.id = k.enrolment "
                  "WHERE k.credential = $1 AND k.certificate IS NOT NULL AND e.entity IS NOT NULL",
                  &value, 1, &rows, error));
    g->entity = rows.count == 0 ? 0 : store_cell(&rows, 0, 0)->integer;
    g->holder = rows.count == 0 ? SLICE_EMPTY : store_cell(&rows, 0, 1)->bytes;
    return RFD_OK;
}

static rfd_status check_portal(struct transaction *t, int64_t id, struct portal *out, struct faults *faults,
                               struct rfd_error *error)
{
    *out = (struct portal){.id = 0};
    rfd_status status = portal_find(t, id, out, error);
    if (status != RFD_OK && status != RFD_E_NOT_FOUND) return status;
    if (status != RFD_OK || out->closed) fault_add(faults, "portal", N_("There is no such portal any more"));
    error_clear(error);
    return RFD_OK;
}

/** One that ended makes room for a new one. */
static rfd_status check_other(struct transaction *t, const struct seal_grant *g, rfd_time now, struct faults *faults,
                              struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(g->portal), store_text(g->credential), store_integer(now)};
    struct store_rows rows;
    TRY(store_run(t,
                  "UPDATE seal_grant SET withdrawn = ends WHERE portal = $1 AND credential = $2 AND withdrawn IS NULL "
                  "AND ends <= $3",
                  values, 3, NULL, error));
    TRY(store_run(t, "SELECT id FROM seal_grant WHERE portal = $1 AND credential = $2 AND withdrawn IS NULL", values, 2,
                  &rows, error));
    if (rows.count > 0)
        fault_add(faults, "credential", N_("This portal may use this seal already: withdraw that first"));
    return RFD_OK;
}

/* ---- Granting ---- */

static rfd_status insert(struct transaction *t, const struct seal_grant *g, rfd_time now, int64_t *id,
                         struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(g->portal), store_integer(g->entity), store_text(g->credential),
                                         store_text(g->holder),    store_integer(g->daily),  store_moment(g->ends),
                                         store_integer(0),         store_integer(now)};
    struct store_rows rows;
    TRY(store_run(t,
                  "INSERT INTO seal_grant(portal, entity, credential, holder, daily, ends, day, used, created) "
                  "VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8) RETURNING id",
                  values, COUNT_OF(values), &rows, error));
    *id = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

rfd_status seal_grant_put(struct transaction *t, const struct actor *actor, const struct seal_grant *grant,
                          struct faults *faults, int64_t *id, struct rfd_error *error)
{
    struct faults own = {.count = 0};
    struct faults *told = faults == NULL ? &own : faults;
    struct seal_grant g = *grant;
    struct portal portal;
    rfd_time now = clock_now();
    int64_t made = 0;
    TRY(actor_check(actor, ACTION_CENTRAL_PORTALS, NULL, error));
    TRY(check_portal(t, g.portal, &portal, told, error));
    TRY(look_at(t, g.credential, &g, error));
    if (g.entity == 0) fault_add(told, "credential", N_("Choose a seal of the list"));
    if (g.daily < 0 || g.daily > SEAL_DAILY_MOST) fault_add(told, "daily", N_("Write a number; 0: no limit"));
    if (g.ends != RFD_TIME_NONE && g.ends <= now) fault_add(told, "ends", N_("This day has passed"));
    if (g.entity != 0) TRY(check_other(t, &g, now, told, error));
    TRY(faults_end(told, error));
    TRY(insert(t, &g, now, &made, error));
    TRY(central_audit(t, actor, "seal.grant", "seal-grant", made,
                      central_detail(t, "portal", portal.client, "credential", g.credential), error));
    *id = made;
    return RFD_OK;
}

/* ---- Finding ---- */

static struct seal_grant read_row(const struct store_value *v, rfd_time now)
{
    return (struct seal_grant){.id = v[0].integer,
                               .portal = v[1].integer,
                               .entity = v[2].integer,
                               .credential = v[3].bytes,
                               .holder = v[4].bytes,
                               .daily = v[5].integer,
                               .ends = v[6].type == STORE_NULL ? RFD_TIME_NONE : v[6].integer,
                               .withdrawn = v[7].type != STORE_NULL,
                               .created = v[8].integer,
                               .portal_name = v[9].bytes,
                               .entity_name = v[12].bytes,
                               .used = v[10].integer >= day_of(now) ? v[11].integer : 0};
}

static rfd_status find_all(struct transaction *t, const char *sql, struct store_value key, rfd_time now,
                           struct seal_grant **out, size_t *count, struct rfd_error *error)
{
    const struct store_value values[] = {key, store_integer(now)};
    struct store_rows rows;
    TRY(store_run(t, sql, values, 2, &rows, error));
    struct seal_grant *all = arena_zeroed(store_arena(t), rows.count + 1, sizeof *all);
    if (all == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++) all[i] = read_row(store_cell(&rows, i, 0), now);
    *out = all;
    *count = rows.count;
    return RFD_OK;
}

rfd_status seal_grants_of(struct transaction *t, int64_t portal, rfd_time now, struct seal_grant **out, size_t *count,
                          struct rfd_error *error)
{
    return find_all(t, "SELECT " COLUMNS " FROM " FROM " WHERE g.portal = $1 AND " IN_FORCE " ORDER BY g.created, g.id",
                    store_integer(portal), now, out, count, error);
}

rfd_status seal_grants_of_credential(struct transaction *t, slice credential, rfd_time now, struct seal_grant **out,
                                     size_t *count, struct rfd_error *error)
{
    return find_all(t,
                    "SELECT " COLUMNS " FROM " FROM " WHERE g.credential = $1 AND " IN_FORCE " ORDER BY p.name, g.id",
                    store_text(credential), now, out, count, error);
}

/** Whether the actor looks after the seal. */
static rfd_status looks_after(struct transaction *t, const struct actor *actor, slice credential, bool *out,
                              struct rfd_error *error)
{
    const struct store_value values[] = {store_text(credential), store_integer(actor->person)};
    struct store_rows rows;
    *out = false;
    if (actor->person == 0) return RFD_OK;
    TRY(store_run(t, "SELECT 1 FROM central_key WHERE credential = $1 AND person = $2", values, 2, &rows, error));
    *out = rows.count == 1;
    return RFD_OK;
}

rfd_status seal_grant_find(struct transaction *t, const struct actor *actor, int64_t id, rfd_time now,
                           struct seal_grant *out, struct rfd_error *error)
{
    const struct store_value value = store_integer(id);
    struct store_rows rows;
    bool own = false;
    TRY(store_run(t, "SELECT " COLUMNS " FROM " FROM " WHERE g.id = $1", &value, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such grant");
    struct seal_grant g = read_row(store_cell(&rows, 0, 0), now);
    if (actor_check(actor, ACTION_CENTRAL_PORTALS, NULL, NULL) != RFD_OK) {
        TRY(actor_check(actor, ACTION_CENTRAL_SIGN, NULL, error));
        TRY(looks_after(t, actor, g.credential, &own, error));
        if (!own) return error_set(error, RFD_E_NOT_FOUND, "there is no such grant");
    }
    *out = g;
    return RFD_OK;
}

rfd_status seal_grant_withdraw(struct transaction *t, const struct actor *actor, int64_t id, struct rfd_error *error)
{
    struct seal_grant g;
    struct store_rows rows;
    rfd_time now = clock_now();
    TRY(seal_grant_find(t, actor, id, now, &g, error));
    const struct store_value values[] = {store_integer(id), store_integer(now)};
    TRY(store_run(t, "UPDATE seal_grant SET withdrawn = $2 WHERE id = $1 AND withdrawn IS NULL", values, 2, &rows,
                  error));
    if (rows.changed == 0) return RFD_OK;
    /* What was authorised and not signed yet ends with it. */
    const struct store_value tokens[] = {store_integer(g.portal), store_text(g.credential)};
    TRY(store_run(t, "DELETE FROM csc_token WHERE portal = $1 AND credential = $2", tokens, 2, NULL, error));
    return central_audit(t, actor, "seal.withdraw", "seal-grant", id,
                         central_detail(t, "portal", g.portal_name, "credential", g.credential), error);
}

/* ---- Using ---- */

rfd_status seal_grant_use(struct transaction *t, int64_t portal, slice credential, unsigned count, rfd_time now,
                          struct rfd_error *error)
{
    /* A clock that goes back over midnight gives nobody a second day. */
    static const char sql[] =
        "UPDATE seal_grant SET used = CASE WHEN day >= $4 THEN used ELSE 0 END + $5, "
        "day = CASE WHEN day >= $4 THEN day ELSE $4 END "
        "WHERE portal = $1 AND credential = $2 AND withdrawn IS NULL AND (ends IS NULL OR ends > $3) AND "
        "(daily = 0 OR CASE WHEN day >= $4 THEN used ELSE 0 END + $5 <= daily) AND "
        "EXISTS (SELECT 1 FROM portal p WHERE p.id = portal AND NOT p.closed) AND "
        "EXISTS (SELECT 1 FROM entity e WHERE e.id = entity AND NOT e.closed)";
    const struct store_value values[] = {store_integer(portal), store_text(credential), store_integer(now),
                                         store_integer(day_of(now)), store_integer((int64_t)count)};
    struct store_rows rows;
    struct seal_grant *all = NULL;
    size_t there = 0;
    if (count == 0) return error_set(error, RFD_E_ARGUMENT, "no signatures");
    TRY(store_run(t, sql, values, COUNT_OF(values), &rows, error));
    if (rows.changed == 1) return RFD_OK;
    TRY(seal_grants_of(t, portal, now, &all, &there, error));
    for (size_t i = 0; i < there; i++) {
        if (slice_equal(all[i].credential, credential))
            return error_set(error, RFD_E_SLOW_DOWN, "%lld of %lld signatures of today are used",
                             (long long)all[i].used, (long long)all[i].daily);
    }
    return error_set(error, RFD_E_NOT_FOUND, "the portal may not use this seal");
}

/* ---- What can be granted ---- */

rfd_status seal_choices(struct transaction *t, const struct actor *actor, rfd_time now, struct seal_choice **out,
                        size_t *count, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(CERTIFICATE_VALID), store_integer(now)};
    struct store_rows rows;
    TRY(actor_check(actor, ACTION_CENTRAL_PORTALS, NULL, error));
    TRY(store_run(t,
                  "SELECT n.entity, k.credential, n.holder, e.name, p.given_names || ' ' || p.surname, "
                  "c.not_after FROM central_enrolment n JOIN central_key k ON k.enrolment = n.id "
                  "JOIN entity e ON e.id = n.entity JOIN person p ON p.id = k.person "
                  "JOIN certificate c ON c.id = k.certificate "
                  "JOIN certificate_status s ON s.serial = c.serial AND s.authority = c.authority "
                  "WHERE n.entity IS NOT NULL AND s.state = $1 AND c.not_after > $2 ORDER BY e.name, k.created",
                  values, 2, &rows, error));
    struct seal_choice *all = arena_zeroed(store_arena(t), rows.count + 1, sizeof *all);
    if (all == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct store_value *v = store_cell(&rows, i, 0);
        all[i] = (struct seal_choice){.entity = v[0].integer,
                                      .credential = v[1].bytes,
                                      .holder = v[2].bytes,
                                      .entity_name = v[3].bytes,
                                      .person = v[4].bytes,
                                      .until = v[5].integer};
    }
    *out = all;
    *count = rows.count;
    return RFD_OK;
}

/* ---- The list ---- */

static const struct list_column columns[] = {
    {.name = "entity", .title = N_("Entity"), .sql = "e.name"},
    {.name = "holder", .title = N_("Number in the seal"), .sql = "g.holder"},
    {.name = "daily", .title = N_("Signatures a day"), .sql = "g.daily", .kind = LIST_NUMBER},
    {.name = "created", .title = N_("Allowed on"), .sql = "g.created", .kind = LIST_TIME, .sort = "g.created"},
    {.name = "ends", .title = N_("Until"), .sql = "g.ends", .kind = LIST_TIME},
    {.name = "withdrawn", .title = N_("Withdrawn"), .sql = "g.withdrawn", .kind = LIST_TIME},
};
static const struct list_filter filters[] = {
    {.name = "portal", .sql = "g.portal = $?", .kind = LIST_NUMBER},
};
const struct list_definition seal_grant_list = {.name = "sellos",
                                                .from = FROM,
                                                .id = "g.id",
                                                .count = "seal_grant g",
                                                .columns = columns,
                                                .column_count = COUNT_OF(columns),
                                                .filters = filters,
                                                .filter_count = COUNT_OF(filters),
                                                .order = "-created",
                                                .action = ACTION_CENTRAL_PORTALS};
