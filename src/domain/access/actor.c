/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/access/actor.h"

#include "base/error.h"

#define SYSTEM_PREFIX "system:"

static bool is_system(const struct actor *actor)
{
    return actor->account == 0 && actor->person == 0 && (actor->methods & METHOD_SYSTEM) != 0;
}

struct actor actor_system(const char *name)
{
    return (struct actor){.code = slice_text(name), .name = slice_text(name), .methods = METHOD_SYSTEM};
}

slice actor_audit(const struct actor *actor, struct arena *a)
{
    bool itself = is_system(actor);
    if (itself && slice_starts(actor->code, SLICE(SYSTEM_PREFIX))) return actor->code;
    if (!itself && actor->account == 0) return SLICE("anonymous");
    const char *text = arena_print(a, "%s%.*s", itself ? SYSTEM_PREFIX : "account:", (int)actor->code.length,
                                   (const char *)actor->code.data);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

bool actor_has(const struct actor *actor, enum role role)
{
    for (size_t i = 0; i < actor->role_count; i++) {
        if (actor->roles[i].role == role) return true;
    }
    return false;
}

/** Whether a role with this scope reaches the object. Ids of 0 and empty paths are nothing, and reach nothing. */
static bool reaches(const struct actor *actor, const struct actor_role *role, enum scope scope,
                    const struct access_object *object)
{
    if (scope == SCOPE_NONE) return false;
    if (scope == SCOPE_ALL) return true;
    if (scope == SCOPE_OWN) return actor->person != 0 && object->person == actor->person;
    if (role->unit == 0 && role->entity == 0) return true; /* held everywhere */
    if (scope == SCOPE_ENTITY || role->unit == 0) return role->entity != 0 && object->entity == role->entity;
    if (object->unit != 0 && object->unit == role->unit) return true;
    return scope == SCOPE_TREE && role->path.length > 0 && slice_starts(object->path, role->path);
}

/** Nothing to look at yet: whether the action is open to them at all. */
static bool may_role(const struct actor *actor, const struct actor_role *role, enum action action,
                     const struct access_object *object)
{
    enum scope scope = policy_scope(role->role, action);
    return object == NULL ? scope != SCOPE_NONE : reaches(actor, role, scope, object);
}

bool actor_may(const struct actor *actor, enum action action, const struct access_object *object)
{
    static const struct actor_role applicant = {.role = ROLE_APPLICANT};
    if (action == ACTION_NONE) return false;
    if (action == ACTION_PUBLIC) return true;
    if (is_system(actor)) return policy_system(action);
    if (actor->account == 0) return false;
    if (action == ACTION_SIGNED_IN || may_role(actor, &applicant, action, object)) return true;
    for (size_t i = 0; i < actor->role_count; i++) {
        if (may_role(actor, &actor->roles[i], action, object)) return true;
    }
    return false;
}

bool actor_may_in_entity(const struct actor *actor, enum action action, int64_t entity)
{
    for (size_t i = 0; i < actor->role_count; i++) {
        enum scope scope = policy_scope(actor->roles[i].role, action);
        if (scope > SCOPE_OWN && actor->roles[i].entity == entity) return true;
    }
    return false;
}

rfd_status actor_check(const struct actor *actor, enum action action, const struct access_object *object,
                       struct rfd_error *error)
{
    if (actor_may(actor, action, object)) return RFD_OK;
    if (actor->account == 0 && !is_system(actor))
        return error_set(error, RFD_E_UNAUTHORISED, "%s", action_name(action));
    return error_set(error, RFD_E_FORBIDDEN, "%s", action_name(action));
}

/* ---- The roles of a person, out of the database ---- */

static rfd_status read_role(const struct store_rows *rows, size_t row, struct arena *a, struct actor_role *out,
                            bool *known, struct rfd_error *error)
{
    const struct store_value *cells = store_cell(rows, row, 0);
    *known = role_from_name(cells[0].bytes, &out->role);
    out->entity = cells[1].integer;
    out->unit = cells[2].integer;
    out->path = SLICE_EMPTY;
    if (cells[3].bytes.length == 0) return RFD_OK;
    out->path = arena_copy(a, cells[3].bytes);
    return out->path.data == NULL ? arena_failed(a, error) : RFD_OK;
}

rfd_status actor_load_roles(struct transaction *t, int64_t person, rfd_time now, struct arena *a,
                            const struct actor_role **roles, size_t *count, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(person), store_integer(now)};
    struct store_rows rows;
    size_t n = 0;
    TRY(store_run(t,
                  "SELECT r.role, coalesce(r.entity, 0), coalesce(r.unit, 0), u.path "
                  "FROM role_assignment r LEFT JOIN unit u ON u.id = r.unit "
                  "WHERE r.person = $1 AND r.starts <= $2 AND (r.ends IS NULL OR r.ends > $2) ORDER BY r.id",
                  values, 2, &rows, error));
    struct actor_role *list = arena_zeroed(a, rows.count + 1, sizeof *list);
    if (list == NULL) return arena_failed(a, error);
    list[n++] = (struct actor_role){.role = ROLE_APPLICANT}; /* everybody is */
    for (size_t i = 0; i < rows.count; i++) {
        bool known;
        TRY(read_role(&rows, i, a, &list[n], &known, error));
        if (known) n++; /* a role of a later version gives nothing */
    }
    *roles = list;
    *count = n;
    return RFD_OK;
}
