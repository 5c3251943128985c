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

static rfd_status check_actor(const struct actor *actor, enum action action, const struct request *request,
                              const struct access_object *of, struct rfd_error *error)
{
    struct access_object object = *of;
    object.person = 0; /* what one asked for oneself is not therefore one's own to attend */
    if (request->unit == 0 && actor->account != 0 && actor_may_in_entity(actor, action, request->entity)) return RFD_OK;
    return actor_check(actor, action, &object, error);
}

rfd_status request_check_actor(struct transaction *t, const struct actor *actor, enum action action,
                               const struct request *request, struct rfd_error *error)
{
    struct access_object object;
    TRY(request_object(t, request, &object, error));
    return check_actor(actor, action, request, &object, error);
}

/** To who may not see it, it is not there. */
static rfd_status may_see(const struct actor *actor, const struct request *request, const struct access_object *object,
                          struct rfd_error *error)
{
    rfd_status status = check_actor(actor, ACTION_REGISTRATION_SEE, request, object, error);
    if (status != RFD_E_FORBIDDEN) return status;
    return error_set(error, RFD_E_NOT_FOUND, "request %lld", (long long)request->id);
}

rfd_status request_see(struct transaction *t, const struct actor *actor, int64_t id, struct request *out,
                       struct rfd_error *error)
{
    struct request found;
    struct access_object object;
    TRY(request_find(t, id, &found, error));
    if (actor->person == 0 || actor->person != found.requester) {
        TRY(request_object(t, &found, &object, error));
        TRY(may_see(actor, &found, &object, error));
    }
    *out = found;
    return RFD_OK;
}

rfd_status request_to_attend(struct transaction *t, const struct actor *actor, int64_t id, struct request *out,
                             struct rfd_error *error)
{
    struct request found;
    struct access_object object;
    TRY(request_find(t, id, &found, error));
    TRY(request_object(t, &found, &object, error));
    if (actor->person == 0 || actor->person != found.requester) TRY(may_see(actor, &found, &object, error));
    TRY(check_actor(actor, attending[found.way], &found, &object, error));
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
