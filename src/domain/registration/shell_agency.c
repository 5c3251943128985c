/* SPDX-License-Identifier: EUPL-1.2
 *
 * Not written yet.
 */
#include "domain/registration/agency.h"

#include "base/error.h"

rfd_status agency_put(struct transaction *t, const struct actor *actor, const struct registration_settings *settings, const struct request *request, struct faults *faults, int64_t *id, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)settings;
    (void)request;
    (void)faults;
    (void)id;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status agency_put_applicant(struct transaction *t, const struct actor *actor, const struct registration_settings *settings, const struct applicant *applicant, struct faults *faults, int64_t *id, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)settings;
    (void)applicant;
    (void)faults;
    (void)id;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status agency_remove_applicant(struct transaction *t, const struct actor *actor, int64_t applicant, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)applicant;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status payment_put(struct transaction *t, const struct actor *actor, const struct registration_settings *settings, const struct payment *payment, struct faults *faults, int64_t *id, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)settings;
    (void)payment;
    (void)faults;
    (void)id;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status payment_remove(struct transaction *t, const struct actor *actor, int64_t payment, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)payment;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status payment_list(struct transaction *t, int64_t request, struct payment **out, size_t *count, struct rfd_error *error)
{
    (void)t;
    (void)request;
    (void)out;
    (void)count;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status agency_missing(struct transaction *t, const struct registration_settings *settings, const struct request *request, struct faults *faults, struct rfd_error *error)
{
    (void)t;
    (void)settings;
    (void)request;
    (void)faults;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status agency_send(struct transaction *t, const struct actor *actor, const struct registration_settings *settings, int64_t id, struct faults *faults, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)settings;
    (void)id;
    (void)faults;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status agency_cancel(struct transaction *t, const struct actor *actor, int64_t id, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)id;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status agency_approve(struct transaction *t, const struct actor *actor, const struct registration_settings *settings, int64_t id, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)settings;
    (void)id;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status agency_dossier(struct store *store, struct blob_store *blobs, const struct actor *actor, int64_t id, blob_each *each, void *context, struct rfd_error *error)
{
    (void)store;
    (void)blobs;
    (void)actor;
    (void)id;
    (void)each;
    (void)context;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status agency_import(struct transaction *t, const struct actor *actor, const struct registration_settings *settings, int64_t applicant, slice approval, slice certificate, struct faults *faults, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)settings;
    (void)applicant;
    (void)approval;
    (void)certificate;
    (void)faults;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status agency_install(struct transaction *t, const struct actor *actor, int64_t applicant, slice installation, rfd_time at, slice phone, struct faults *faults, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)applicant;
    (void)installation;
    (void)at;
    (void)phone;
    (void)faults;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status agency_attend(struct transaction *t, const struct actor *actor, int64_t id, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)id;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status agency_renew(struct transaction *t, const struct actor *actor, const struct registration_settings *settings, int64_t certificate, slice token, int64_t *id, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)settings;
    (void)certificate;
    (void)token;
    (void)id;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

const struct list_definition agency_request_list = {.name = "agency"}, agency_queue_list = {.name = "queue"};
