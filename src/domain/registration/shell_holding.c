/* SPDX-License-Identifier: EUPL-1.2
 *
 * Not written yet.
 */
#include "domain/registration/registration.h"

#include "base/error.h"

rfd_status holding_find(struct transaction *t, const struct actor *actor, const struct registration_settings *settings, int64_t certificate, struct holding *out, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)settings;
    (void)certificate;
    (void)out;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status holding_own(struct transaction *t, const struct actor *actor, const struct registration_settings *settings, struct holding **out, size_t *count, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)settings;
    (void)out;
    (void)count;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status holding_uses(struct transaction *t, int64_t certificate, struct holding_use **out, size_t *count, struct rfd_error *error)
{
    (void)t;
    (void)certificate;
    (void)out;
    (void)count;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status holding_used(struct transaction *t, int64_t certificate, const char *use, slice detail, struct rfd_error *error)
{
    (void)t;
    (void)certificate;
    (void)use;
    (void)detail;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status holding_chain(struct transaction *t, const struct holding *holding, struct buf *pem, struct rfd_error *error)
{
    (void)t;
    (void)holding;
    (void)pem;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status holding_resend(struct transaction *t, const struct actor *actor, const struct registration_settings *settings, int64_t certificate, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)settings;
    (void)certificate;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status revocation_text(struct transaction *t, const struct registration_settings *settings, int64_t certificate, slice reason, rfd_time now, struct buf *out, struct rfd_error *error)
{
    (void)t;
    (void)settings;
    (void)certificate;
    (void)reason;
    (void)now;
    (void)out;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status revocation_ask(struct transaction *t, const struct actor *actor, const struct registration_settings *settings, const struct revocation_order *order, struct faults *faults, int64_t *request, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)settings;
    (void)order;
    (void)faults;
    (void)request;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status revocation_do(struct authority_domain *authority, const struct actor *actor, const struct registration_settings *settings, const struct revocation_order *order, struct faults *faults, int64_t *request, struct rfd_error *error)
{
    (void)authority;
    (void)actor;
    (void)settings;
    (void)order;
    (void)faults;
    (void)request;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status revocation_decide(struct authority_domain *authority, const struct actor *actor, const struct registration_settings *settings, int64_t request, bool revoke, const struct revocation_order *order, struct faults *faults, struct rfd_error *error)
{
    (void)authority;
    (void)actor;
    (void)settings;
    (void)request;
    (void)revoke;
    (void)order;
    (void)faults;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status revocation_find(struct transaction *t, int64_t request, struct revocation *out, struct rfd_error *error)
{
    (void)t;
    (void)request;
    (void)out;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status registration_statistics(struct transaction *t, const struct actor *actor, enum request_way way, rfd_time from, struct registration_statistics *out, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)way;
    (void)from;
    (void)out;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

const struct list_definition holding_valid_list = {.name = "holding_valid_list"};
const struct list_definition holding_revoked_list = {.name = "holding_revoked_list"};
const struct list_definition holding_made_list = {.name = "holding_made_list"};
const struct list_definition holding_withdrawn_list = {.name = "holding_withdrawn_list"};
const struct list_definition revocation_list = {.name = "revocation_list"};
