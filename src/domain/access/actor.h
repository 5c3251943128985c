/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who acts, and what they may do: the one place where that is decided (policy.def: role × action × scope), for pages,
 * APIs and jobs. Deny by default: without a row in the table nobody may.
 */
#ifndef DOMAIN_ACCESS_ACTOR_H
#define DOMAIN_ACCESS_ACTOR_H

#include "store/store.h"

enum role {
#define ROLE(name, text, english, sensitive, everywhere) ROLE_##name,
#include "domain/access/roles.def"
#undef ROLE
    ROLES
};
enum action {
#define ACTION(name, text, english) ACTION_##name,
#include "domain/access/actions.def"
#undef ACTION
    ACTIONS
};
/** How far a role reaches for an action, from nothing to everything. */
enum scope { SCOPE_NONE, SCOPE_OWN, SCOPE_UNIT, SCOPE_TREE, SCOPE_ENTITY, SCOPE_ALL };

struct role_info {
    const char *name;  /* in the database and in addresses: "certifying_agent" */
    const char *title; /* N_(), English */
    bool sensitive, everywhere;
};
const struct role_info *role_info(enum role role);
/** False when there is none of this name. */
bool role_from_name(slice name, enum role *out);
const char *action_name(enum action action);
/** N_(), English. */
const char *action_title(enum action action);
/** What the table says; for tests and for the page that shows it. */
enum scope policy_scope(enum role role, enum action action);
/** Whether the system itself may (POLICY_SYSTEM). */
bool policy_system(enum action action);
/** "unit"; and for people (N_(), English). */
const char *scope_name(enum scope scope);
const char *scope_title(enum scope scope);

/** A role in force, and for which unit (0: everywhere). */
struct actor_role {
    enum role role;
    int64_t entity, unit;
    slice path; /* of the unit: "/1/7/", each unit's path begins with its parent's */
};
enum account_level { LEVEL_BASIC = 1, LEVEL_ADVANCED = 2 };
/** How somebody signed in: bits. */
enum sign_in_method {
    METHOD_PASSWORD = 1,
    METHOD_TOTP = 2,
    METHOD_SMS = 4,
    METHOD_MAIL = 8,
    METHOD_PASSKEY = 16,
    METHOD_CERTIFICATE = 32,
    METHOD_PROVIDER = 64,   /* an OpenID Connect provider */
    METHOD_SYSTEM = 1 << 30 /* nobody did: it is the system itself (actor_system); of no session */
};
struct actor {
    int64_t account, person; /* 0: nobody, or the system itself */
    slice code;              /* of the account; "system:worker" of a job */
    slice name;              /* for people */
    enum account_level level;
    unsigned methods; /* enum sign_in_method */
    const struct actor_role *roles;
    size_t role_count;
    slice client; /* address, for the audit */
};
/** "account:U1234" or "system:worker", as the audit names it; in the arena. */
slice actor_audit(const struct actor *actor, struct arena *a);
/** The system itself, by the name of its part ("worker", or "system:worker"): may do what POLICY_SYSTEM says. */
struct actor actor_system(const char *name);
/** Fills the roles in force at `now`, in the arena. Everybody is an applicant, besides what the database says. */
rfd_status actor_load_roles(struct transaction *t, int64_t person, rfd_time now, struct arena *a,
                            const struct actor_role **roles, size_t *count, struct rfd_error *error) RFD_MUST_CHECK;
bool actor_has(const struct actor *actor, enum role role);

/** What is acted upon; 0 and empty where it has no such thing. */
struct access_object {
    int64_t person; /* whose own it is */
    int64_t entity, unit;
    slice path; /* of the unit */
};
/** Whether some role of the actor reaches the object. With `object` NULL: whether there is anything at all that they
 * may do it to (for menus and routes). */
bool actor_may(const struct actor *actor, enum action action, const struct access_object *object);
/** Whether a role lets the actor do it to something of the entity, wherever in it: for what is of no unit. */
bool actor_may_in_entity(const struct actor *actor, enum action action, int64_t entity);
/** RFD_E_FORBIDDEN, or RFD_E_UNAUTHORISED when nobody is signed in. */
rfd_status actor_check(const struct actor *actor, enum action action, const struct access_object *object,
                       struct rfd_error *error) RFD_MUST_CHECK;

#endif
