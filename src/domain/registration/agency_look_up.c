/* SPDX-License-Identifier: EUPL-1.2
 *
 * Asking the identity service for a person is looking into somebody's data: for those alone who may write them down
 * here, so many in an hour, and with a row in the audit trail that is there before the question leaves.
 */
#include "base/clock.h"
#include "base/error.h"
#include "domain/account/account_internal.h"
#include "domain/audit/audit.h"
#include "domain/registration/agency_internal.h"

#include <stdio.h>

enum { LOOK_UPS_PER_HOUR = 60 };

/** Each hour of the clock counts by itself. */
static rfd_status is_too_much(struct transaction *t, const struct actor *actor, bool *out, struct rfd_error *error)
{
    char person[24];
    char hour[24];
    unsigned tries = 0;
    rfd_time now = clock_now();
    (void)snprintf(person, sizeof person, "%lld", (long long)actor->person);
    (void)snprintf(hour, sizeof hour, "%lld", (long long)(now / ACCOUNT_HOUR));
    const struct limit limit = {.kind = "identity", .a = slice_text(person), .b = slice_text(hour)};
    TRY(limit_count(t, &limit, now, &tries, error));
    *out = tries > LOOK_UPS_PER_HOUR;
    return RFD_OK;
}

static rfd_status write_down(struct transaction *t, const struct actor *actor, const struct request *r, slice document,
                             slice number, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    const char *object = arena_print(a, "request:%lld", (long long)r->id);
    const char *detail = arena_print(a, "{\"country\":\"%.*s\",\"document\":\"%.*s\",\"number\":\"%.*s\"}",
                                     (int)r->country.length, (const char *)r->country.data, (int)document.length,
                                     (const char *)document.data, (int)number.length, (const char *)number.data);
    if (object == NULL || detail == NULL) return arena_failed(a, error);
    const struct audit_event event = {.action = "registration.identity",
                                      .actor = actor_audit(actor, a),
                                      .object = slice_text(object),
                                      .detail = slice_text(detail)};
    return audit_put(t, &event, error);
}

rfd_status agency_look_up(struct transaction *t, const struct actor *actor,
                          const struct registration_settings *settings, int64_t request, slice *document, slice *number,
                          bool *allowed, struct faults *faults, struct rfd_error *error)
{
    AGENCY_FAULTS(faults);
    struct request r;
    bool too_much = false;
    slice normal = SLICE_EMPTY;
    TRY(agency_to_edit(t, actor, request, &r, error));
    TRY(registration_identity(settings->packs, "number", r.country, document, *number, store_arena(t), &normal, faults,
                              error));
    TRY(faults_end(faults, error));
    TRY(is_too_much(t, actor, &too_much, error));
    if (!too_much) TRY(write_down(t, actor, &r, *document, normal, error));
    *number = normal;
    *allowed = !too_much;
    return RFD_OK;
}
