/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who sees what: the same rules as actor_may(), as conditions. Each is a branch of its own, so that each can be found
 * by its index.
 */
#include "domain/list/selection.h"

#include "base/error.h"

static rfd_status add_branch(struct selection *s, const char *sql, struct rfd_error *error)
{
    if (sql == NULL) return arena_failed(store_arena(s->t), error);
    for (size_t i = 0; i < s->branch_count; i++)
        if (strcmp(s->branches[i], sql) == 0) return RFD_OK;
    if (s->branch_count == SELECTION_BRANCHES)
        return error_set(error, RFD_E_LIMIT, "roles in more than %d places", SELECTION_BRANCHES);
    s->branches[s->branch_count++] = sql;
    return RFD_OK;
}

static rfd_status add_number(struct selection *s, const char *expression, int64_t id, struct rfd_error *error)
{
    size_t number;
    if (expression == NULL || id == 0) return RFD_OK;
    if (*expression == '+' && store_transaction_kind(s->t) == STORE_POSTGRESQL) expression++;
    TRY(selection_bind(s, store_integer(id), &number, error));
    return add_branch(s, arena_print(store_arena(s->t), "%s = $%zu", expression, number), error);
}

/** A path ends with a slash, and the character after it is 0: so all that begin with the path are in between. */
static rfd_status add_path(struct selection *s, slice path, struct rfd_error *error)
{
    size_t low;
    size_t high;
    const char *expression = s->definition->scope_path;
    if (path.data[path.length - 1] != '/') return error_set(error, RFD_E_INTERNAL, "a path without its end");
    slice above = arena_copy(store_arena(s->t), path);
    if (above.data == NULL) return arena_failed(store_arena(s->t), error);
    ((uint8_t *)(uintptr_t)above.data)[above.length - 1] = '/' + 1;
    TRY(selection_bind(s, store_text(path), &low, error));
    TRY(selection_bind(s, store_text(above), &high, error));
    if (s->definition->scope_tree)
        return add_branch(s,
                          arena_print(store_arena(s->t),
                                      "%s IN (SELECT id FROM unit WHERE path >= $%zu AND path < $%zu)",
                                      s->definition->scope_unit, low, high),
                          error);
    return add_branch(s, arena_print(store_arena(s->t), "%s >= $%zu AND %s < $%zu", expression, low, expression, high),
                      error);
}

/** One role; `*all` when it reaches everything. */
static rfd_status add_role(struct selection *s, const struct actor *actor, const struct actor_role *role, bool *all,
                           struct rfd_error *error)
{
    const struct list_definition *d = s->definition;
    enum scope scope = policy_scope(role->role, d->action);
    if (scope == SCOPE_NONE) return RFD_OK;
    if (scope == SCOPE_OWN) return add_number(s, d->scope_person, actor->person, error);
    *all = *all || scope == SCOPE_ALL || (role->unit == 0 && role->entity == 0);
    if (*all) return RFD_OK;
    if (d->scope_shared != NULL) TRY(add_number(s, d->scope_shared, role->entity, error));
    if (scope == SCOPE_ENTITY || role->unit == 0) return add_number(s, d->scope_entity, role->entity, error);
    if (scope == SCOPE_TREE && role->path.length > 0 && (d->scope_tree || d->scope_path != NULL))
        return add_path(s, role->path, error);
    return add_number(s, d->scope_unit, role->unit, error);
}

rfd_status selection_scopes(struct selection *s, const struct actor *actor, struct rfd_error *error)
{
    static const struct actor_role applicant = {.role = ROLE_APPLICANT};
    enum action action = s->definition->action;
    if (action == ACTION_NONE || action == ACTION_PUBLIC) return RFD_OK;
    TRY(actor_check(actor, action, NULL, error));
    /* Who is no account and may is the system itself. */
    if (action == ACTION_SIGNED_IN || actor->account == 0) return RFD_OK;
    bool all = false;
    TRY(add_role(s, actor, &applicant, &all, error));
    for (size_t i = 0; i < actor->role_count && !all; i++) TRY(add_role(s, actor, &actor->roles[i], &all, error));
    s->nothing = s->nothing || (!all && s->branch_count == 0);
    if (all) s->branch_count = 0;
    return RFD_OK;
}
