/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who may do what to a request: the policy table's answer for its unit and entity, and who has it.
 */
#include "base/error.h"
#include "domain/registration/internal.h"

static const enum action attending[] = {[WAY_ONLINE] = ACTION_REGISTRATION_ATTEND,
                                        [WAY_AGENCY] = ACTION_AGENCY_ATTEND,
                                        [WAY_REVOCATION] = ACTION_CERTIFICATE_REVOKE};

rfd_status request_object(struct transaction *t, const struct request *request, struct access_object *out,
                          struct rfd_error *error)
{
    struct access_object object = {.person = request->requester, .entity = request->entity, .unit = request->unit};
    if (request->unit != 0) {
        struct unit unit;
        TRY(unit_find(t, request->unit, &unit, error));
        object.path = unit.path;
    }
    *out = object;
    return RFD_OK;
}

/** Of no unit: whoever has the action somewhere in the entity. */
static bool may_in_entity(const struct actor *actor, enum action action, int64_t entity)
{
    for (size_t i = 0; i < actor->role_count; i++) {
        enum scope scope = policy_scope(actor->roles[i].role, action);
        if (scope > SCOPE_OWN && actor->roles[i].entity == entity) return true;
    }
    return false;
}

rfd_status request_check_actor(struct transaction *t, const struct actor *actor, enum action action,
                               const struct request *request, struct rfd_error *error)
{
    struct access_object object;
    TRY(request_object(t, request, &object, error));
    object.person = 0; /* what one asked for oneself is not therefore one's own to attend */
    if (request->unit == 0 && actor->account != 0 && may_in_entity(actor, action, request->entity)) return RFD_OK;
    return actor_check(actor, action, &object, error);
}

rfd_status request_to_attend(struct transaction *t, const struct actor *actor, int64_t id, struct request *out,
                             struct rfd_error *error)
{
    struct request found;
    TRY(request_see(t, actor, id, &found, error));
    TRY(request_check_actor(t, actor, attending[found.way], &found, error));
    *out = found;
    return RFD_OK;
}

static rfd_status taken_by(struct transaction *t, const struct request *r, rfd_status status, struct rfd_error *error)
{
    struct person who;
    TRY(person_find(t, r->taker, &who, error));
    slice name = person_full_name(&who, store_arena(t));
    if (name.data == NULL) return arena_failed(store_arena(t), error);
    return error_set(error, status, "%.*s is attended by %.*s", (int)r->code.length, (const char *)r->code.data,
                     (int)name.length, (const char *)name.data);
}

rfd_status request_not_own(const struct actor *actor, const struct request *request, struct rfd_error *error)
{
    bool own = request->requester == actor->person && request->way == WAY_ONLINE;
    for (size_t i = 0; i < request->applicant_count; i++) own = own || request->applicants[i].person == actor->person;
    return own && actor->person != 0 ? error_set(error, RFD_E_FORBIDDEN, "nobody attends their own request") : RFD_OK;
}

rfd_status request_of_taker(struct transaction *t, const struct actor *actor, int64_t id, struct request *out,
                            struct rfd_error *error)
{
    struct request found;
    TRY(request_to_attend(t, actor, id, &found, error));
    if (found.taker == 0) return error_set(error, RFD_E_STATE, "nobody attends it: take it first");
    if (found.taker != actor->person) return taken_by(t, &found, RFD_E_FORBIDDEN, error);
    *out = found;
    return RFD_OK;
}
