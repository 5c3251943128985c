/* SPDX-License-Identifier: EUPL-1.2
 *
 * The draft of a unit's request, and who may do what with it.
 */
#include "domain/registration/agency_internal.h"

#include "base/error.h"

enum { DESCRIPTION_MAXIMUM = 300 };

bool agency_issues(slice kind)
{
    return slice_is(kind, "issue") || slice_is(kind, "reissue") || slice_is(kind, "renew");
}

/* ---- Who may ---- */

static rfd_status find(struct transaction *t, int64_t id, struct request *out, struct rfd_error *error)
{
    TRY(request_find(t, id, out, error));
    if (out->way != WAY_AGENCY) return error_set(error, RFD_E_NOT_FOUND, "request %lld of an agency", (long long)id);
    return RFD_OK;
}

rfd_status agency_see(struct transaction *t, const struct actor *actor, int64_t id, struct request *out,
                      struct rfd_error *error)
{
    static const enum action actions[] = {ACTION_AGENCY_REQUEST, ACTION_AGENCY_ATTEND, ACTION_REGISTRATION_SEE};
    struct access_object object;
    TRY(find(t, id, out, error));
    TRY(request_object(t, out, &object, error));
    bool may = actor->person != 0 && actor->person == out->requester;
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        /* A draft is nobody's business but its unit's. */
        bool draft = out->state == REQUEST_DRAFT && actions[i] != ACTION_AGENCY_REQUEST;
        may = may || (!draft && actor_may(actor, actions[i], &object));
    }
    return may ? RFD_OK : error_set(error, RFD_E_NOT_FOUND, "request %lld", (long long)id);
}

rfd_status agency_find_applicant(struct transaction *t, const struct actor *actor, int64_t id, struct request *request,
                                 struct applicant *out, struct rfd_error *error)
{
    struct request of;
    TRY(request_of_applicant(t, id, &of, error));
    TRY(agency_see(t, actor, of.id, request, error));
    const struct applicant *found = request_applicant(request, id);
    if (found == NULL) return error_set(error, RFD_E_NOT_FOUND, "applicant %lld", (long long)id);
    *out = *found;
    return RFD_OK;
}

rfd_status agency_find_payment(struct transaction *t, const struct actor *actor, int64_t id, struct request *request,
                               struct payment *out, struct rfd_error *error)
{
    struct payment found;
    TRY(payment_find(t, id, &found, error));
    TRY(agency_see(t, actor, found.request, request, error));
    *out = found;
    return RFD_OK;
}

bool agency_may_edit(const struct actor *actor, const struct request *request)
{
    return request->way == WAY_AGENCY && actor->person != 0 && actor->person == request->requester &&
           (request->state == REQUEST_DRAFT || request->state == REQUEST_OBSERVED);
}

rfd_status agency_to_edit(struct transaction *t, const struct actor *actor, int64_t id, struct request *out,
                          struct rfd_error *error)
{
    TRY(agency_see(t, actor, id, out, error));
    TRY(request_check_actor(t, actor, ACTION_AGENCY_REQUEST, out, error));
    if (actor->person != out->requester)
        return error_set(error, RFD_E_FORBIDDEN, "request %lld is somebody else's", (long long)id);
    if (agency_may_edit(actor, out)) return RFD_OK;
    return error_set(error, RFD_E_STATE, "request %lld is %s: it cannot be changed", (long long)id,
                     request_state_name(out->state));
}

rfd_status agency_applicant_to_edit(struct transaction *t, const struct actor *actor, int64_t applicant,
                                    struct request *request, struct applicant **out, struct rfd_error *error)
{
    struct request of;
    TRY(request_of_applicant(t, applicant, &of, error));
    TRY(agency_to_edit(t, actor, of.id, request, error));
    *out = request_applicant(request, applicant);
    return *out != NULL ? RFD_OK : error_set(error, RFD_E_NOT_FOUND, "applicant %lld", (long long)applicant);
}

rfd_status agency_saved(struct transaction *t, const struct actor *actor, struct request *request,
                        struct rfd_error *error)
{
    const struct request_step step = {.event = REQUEST_EVENT_SAVE, .actor = actor};
    TRY(request_step(t, request, &step, error));
    return request_index(t, request->id, error);
}

rfd_status agency_hold(struct transaction *t, const struct request *request, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_integer(request->id),
                                         store_text(slice_text(request_state_name(request->state)))};
    TRY(store_run(t, "UPDATE request SET state = state WHERE id = $1 AND state = $2", values, 2, &rows, error));
    return rows.changed == 1 ? RFD_OK : error_set(error, RFD_E_STATE, "it was sent meanwhile");
}

rfd_status agency_to_conclude(struct transaction *t, const struct actor *actor, int64_t id, struct request *out,
                              struct rfd_error *error)
{
    TRY(request_of_taker(t, actor, id, out, error));
    if (out->way != WAY_AGENCY) return error_set(error, RFD_E_NOT_FOUND, "request %lld of an agency", (long long)id);
    if (out->state == REQUEST_APPROVED) return RFD_OK;
    return error_set(error, RFD_E_STATE, "request %lld is %s", (long long)id, request_state_name(out->state));
}

/* ---- Catalogues ---- */

rfd_status agency_entry(struct transaction *t, const struct registration_settings *settings, slice country,
                        const char *catalogue, slice code, struct catalogue_entry *out, struct rfd_error *error)
{
    *out = (struct catalogue_entry){.code = SLICE_EMPTY};
    if (code.length == 0) return RFD_OK;
    rfd_status status = catalogue_find(t, settings->packs, country, catalogue, code, out, error);
    if (status == RFD_OK && !out->closed) return RFD_OK;
    *out = (struct catalogue_entry){.code = SLICE_EMPTY};
    if (status != RFD_E_NOT_FOUND) return status;
    error_clear(error);
    return RFD_OK;
}

rfd_status agency_check_entry(struct transaction *t, const struct registration_settings *settings, slice country,
                              const char *catalogue, slice code, struct faults *faults, const char *field,
                              struct rfd_error *error)
{
    struct catalogue_entry entry;
    TRY(agency_entry(t, settings, country, catalogue, code, &entry, error));
    if (entry.code.length == 0)
        fault_add(faults, field, code.length == 0 ? N_("This is needed") : N_("Choose one of those that are offered"));
    return RFD_OK;
}

rfd_status agency_pays(struct transaction *t, const struct registration_settings *settings,
                       const struct request *request, bool *pays, struct rfd_error *error)
{
    struct catalogue_entry motive;
    rfd_status status = catalogue_find(t, settings->packs, request->country, "motive", request->motive, &motive, error);
    *pays = status == RFD_OK && slice_is(catalogue_value(&motive, "payment"), "yes");
    if (status != RFD_E_NOT_FOUND) return status;
    error_clear(error);
    return RFD_OK;
}

/* ---- The draft ---- */

static rfd_status check_kind(struct transaction *t, const struct registration_settings *settings,
                             const struct request *r, struct faults *faults, struct rfd_error *error)
{
    struct catalogue_entry kind;
    struct catalogue_entry motive;
    TRY(agency_check_entry(t, settings, r->country, "kind", r->kind, faults, "kind", error));
    TRY(agency_entry(t, settings, r->country, "kind", r->kind, &kind, error));
    if (kind.code.length == 0) return RFD_OK;
    if (!catalogue_has(&kind, "ways", SLICE("agency")))
        fault_add(faults, "kind", N_("Choose one of those that are offered"));
    TRY(agency_check_entry(t, settings, r->country, "motive", r->motive, faults, "motive", error));
    TRY(agency_entry(t, settings, r->country, "motive", r->motive, &motive, error));
    if (motive.code.length > 0 && !catalogue_has(&motive, "kinds", r->kind))
        fault_add(faults, "motive", N_("This motive does not belong to this kind of request"));
    return RFD_OK;
}

/** The unit that it is for: one that the actor files for, of the entity that the request already has. */
static rfd_status take_unit(struct transaction *t, const struct actor *actor, int64_t id, struct request *r,
                            struct faults *faults, struct rfd_error *error)
{
    struct unit unit = {.id = 0};
    struct entity entity;
    rfd_status status = id == 0 ? RFD_E_NOT_FOUND : unit_find(t, id, &unit, error);
    if (status == RFD_E_NOT_FOUND) {
        error_clear(error);
        fault_add(faults, "unit", id == 0 ? N_("This is needed") : N_("Choose one of those that are offered"));
        return RFD_OK;
    }
    TRY(status);
    const struct access_object object = {.entity = unit.entity, .unit = unit.id, .path = unit.path};
    TRY(actor_check(actor, ACTION_AGENCY_REQUEST, &object, error));
    if (unit.closed || (r->entity != 0 && r->entity != unit.entity))
        fault_add(faults, "unit", N_("Choose one of those that are offered"));
    TRY(entity_find(t, unit.entity, &entity, error));
    r->entity = unit.entity;
    r->unit = unit.id;
    r->country = entity.country;
    return RFD_OK;
}

static rfd_status take_form(struct transaction *t, const struct actor *actor,
                            const struct registration_settings *settings, const struct request *typed,
                            struct request *r, struct faults *faults, struct rfd_error *error)
{
    TRY(take_unit(t, actor, typed->unit, r, faults, error));
    r->kind = typed->kind;
    r->motive = typed->motive;
    r->description =
        registration_line(typed->description, "description", true, DESCRIPTION_MAXIMUM, store_arena(t), faults);
    if (r->entity != 0) TRY(check_kind(t, settings, r, faults, error));
    return faults_end(faults, error);
}

static rfd_status make(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                       const struct request *typed, struct faults *faults, int64_t *id, struct rfd_error *error)
{
    struct request r = {.way = WAY_AGENCY,
                        .token = typed->token,
                        .language = typed->language,
                        .requester = actor->person,
                        .created = RFD_TIME_NONE,
                        .sent = RFD_TIME_NONE,
                        .taken = RFD_TIME_NONE,
                        .concluded = RFD_TIME_NONE};
    const struct request_step step = {.event = REQUEST_EVENT_SAVE, .to = REQUEST_DRAFT, .actor = actor};
    if (actor->person == 0) return error_set(error, RFD_E_FORBIDDEN, "a request of an agency is somebody's");
    TRY(take_form(t, actor, settings, typed, &r, faults, error));
    if (typed->token.length > 0) TRY(request_by_token(t, typed->token, id, error));
    if (*id != 0) return agency_see(t, actor, *id, &r, error);
    TRY(request_enter(t, settings->zone, &r, &step, error));
    *id = r.id;
    return RFD_OK;
}

rfd_status agency_put(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                      const struct request *request, struct faults *faults, int64_t *id, struct rfd_error *error)
{
    AGENCY_FAULTS(faults);
    struct request r;
    *id = 0;
    if (request->id == 0) return make(t, actor, settings, request, faults, id, error);
    TRY(agency_to_edit(t, actor, request->id, &r, error));
    TRY(take_form(t, actor, settings, request, &r, faults, error));
    TRY(request_put_row(t, &r, error));
    TRY(agency_saved(t, actor, &r, error));
    *id = r.id;
    return RFD_OK;
}

/** What it was paid with can pay for another one. */
static rfd_status free_payments(struct transaction *t, int64_t request, struct rfd_error *error)
{
    const struct store_value value = store_integer(request);
    TRY(store_run(t, "UPDATE applicant SET payment = NULL WHERE request = $1", &value, 1, NULL, error));
    TRY(store_run(t, "UPDATE evidence SET payment = NULL, replaced = TRUE WHERE request = $1 AND payment IS NOT NULL",
                  &value, 1, NULL, error));
    return store_run(t, "DELETE FROM payment WHERE request = $1", &value, 1, NULL, error);
}

rfd_status agency_cancel(struct transaction *t, const struct actor *actor, int64_t id, struct rfd_error *error)
{
    const struct request_step step = {.event = REQUEST_EVENT_CANCEL, .actor = actor};
    struct request r;
    TRY(agency_to_edit(t, actor, id, &r, error));
    TRY(request_step(t, &r, &step, error));
    return free_payments(t, id, error);
}
