/* SPDX-License-Identifier: EUPL-1.2
 *
 * The tables of roles, actions and policy, looked up.
 */
#include "domain/access/access.h"

#include "base/i18n.h"

static const struct role_info roles[ROLES] = {
#define ROLE(name, text, english, sensitive, everywhere) [ROLE_##name] = {text, english, sensitive, everywhere},
#include "domain/access/roles.def"
#undef ROLE
};

static const struct {
    const char *name, *title;
} actions[ACTIONS] = {
#define ACTION(name, text, english) [ACTION_##name] = {text, english},
#include "domain/access/actions.def"
#undef ACTION
};

static const uint8_t policy[ROLES][ACTIONS] = {
#define POLICY(role, action, scope) [ROLE_##role][ACTION_##action] = SCOPE_##scope,
#include "domain/access/policy.def"
#undef POLICY
};

static const bool policy_of_system[ACTIONS] = {
#define POLICY_SYSTEM(action) [ACTION_##action] = true,
#include "domain/access/policy.def"
#undef POLICY_SYSTEM
};

const struct role_info *role_info(enum role role)
{
    return &roles[role];
}

bool role_from_name(slice name, enum role *out)
{
    for (unsigned i = 0; i < ROLES; i++) {
        if (!slice_is(name, roles[i].name)) continue;
        *out = (enum role)i;
        return true;
    }
    return false;
}

const char *action_name(enum action action)
{
    return actions[action].name;
}

const char *action_title(enum action action)
{
    return actions[action].title;
}

const char *scope_name(enum scope scope)
{
    static const char *const names[] = {"none", "own", "unit", "tree", "entity", "all"};
    return names[scope];
}

const char *scope_title(enum scope scope)
{
    static const char *const titles[] = {N_("Nothing"),    N_("One's own"),
                                         N_("The unit"),   N_("The unit and those below"),
                                         N_("The entity"), N_("Everything")};
    return titles[scope];
}

enum scope policy_scope(enum role role, enum action action)
{
    return (enum scope)policy[role][action];
}

bool policy_system(enum action action)
{
    return policy_of_system[action];
}

/* ---- Parts of the platform ---- */

static const struct {
    const char *name, *title;
} parts[ROLE_PARTS] = {
#define ROLE_PART(name, text, english) [ROLE_PART_##name] = {text, english},
#include "domain/access/role_parts.def"
#undef ROLE_PART
};

static const bool part_roles[ROLE_PARTS][ROLES] = {
#define ROLE_OF_PART(part, role) [ROLE_PART_##part][ROLE_##role] = true,
#include "domain/access/role_parts.def"
#undef ROLE_OF_PART
};

const char *role_part_name(enum role_part part)
{
    return parts[part].name;
}

const char *role_part_title(enum role_part part)
{
    return parts[part].title;
}

bool role_part_has(enum role_part part, enum role role)
{
    return part_roles[part][role];
}
