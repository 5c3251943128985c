/* SPDX-License-Identifier: EUPL-1.2
 *
 * Looking at what was handed in, and the agent's marks.
 */
#include "base/error.h"
#include "domain/registration/agency.h"
#include "domain/registration/evidence_internal.h"

/** Whoever may not see the request is told that there is no such file. */
static rfd_status see_request(struct transaction *t, const struct actor *actor, int64_t id, struct rfd_error *error)
{
    struct request request;
    TRY(request_find(t, id, &request, error));
    if (request.way == WAY_AGENCY) return agency_see(t, actor, id, &request, error);
    return request_see(t, actor, id, &request, error);
}

static rfd_status check_scan(const struct evidence *e, struct rfd_error *error)
{
    if (slice_is(e->scan, "infected")) return error_set(error, RFD_E_STATE, "a virus was found in the file");
    if (slice_is(e->scan, "waiting")) return error_set(error, RFD_E_STATE, "the file waits for the virus scan");
    return RFD_OK;
}

rfd_status evidence_see(struct transaction *t, const struct actor *actor, int64_t id, struct evidence *out,
                        struct blob *blob, struct rfd_error *error)
{
    struct evidence e;
    struct blob found;
    TRY(evidence_find(t, id, &e, error));
    TRY(see_request(t, actor, e.request, error));
    TRY(check_scan(&e, error));
    TRY(blob_find(t, e.blob, &found, error));
    *out = e;
    *blob = found;
    return RFD_OK;
}

static rfd_status write_marks(struct transaction *t, const struct actor *actor, const struct evidence *e, bool legible,
                              bool complete, bool current, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_integer(e->id), store_boolean(legible), store_boolean(complete),
                                         store_boolean(current), store_reference(actor->person)};
    TRY(store_run(t,
                  "UPDATE evidence SET legible = $2, complete = $3, current = $4, checker = $5 WHERE id = $1 AND NOT "
                  "replaced AND scan IN ('none', 'clean')",
                  values, 5, &rows, error));
    return rows.changed == 1 ? RFD_OK : error_set(error, RFD_E_STATE, "another file has taken its place");
}

rfd_status evidence_mark(struct transaction *t, const struct actor *actor, int64_t id, bool legible, bool complete,
                         bool current, struct rfd_error *error)
{
    struct evidence e;
    struct request request;
    TRY(evidence_find(t, id, &e, error));
    TRY(request_of_taker(t, actor, e.request, &request, error));
    if (request.state != REQUEST_TAKEN) return error_set(error, RFD_E_STATE, "the request is not being attended");
    TRY(check_scan(&e, error));
    if (e.replaced) return error_set(error, RFD_E_STATE, "another file has taken its place");
    if (e.legible == legible && e.complete == complete && e.current == current) return RFD_OK;
    TRY(write_marks(t, actor, &e, legible, complete, current, error));
    return evidence_audit(
        t, "registration.mark", actor_audit(actor, store_arena(t)), e.request,
        arena_print(store_arena(t), "{\"evidence\":%lld,\"legible\":%s,\"complete\":%s,\"current\":%s}", (long long)id,
                    legible ? "true" : "false", complete ? "true" : "false", current ? "true" : "false"),
        error);
}
