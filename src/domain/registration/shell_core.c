/* SPDX-License-Identifier: EUPL-1.2
 *
 * Not written yet.
 */
#include "domain/registration/registration.h"

#include "base/error.h"

const char *request_way_name(enum request_way way)
{
    (void)way;
    return "";
}

const char *request_state_name(enum request_state state)
{
    (void)state;
    return "";
}

const char *request_state_title(slice state)
{
    (void)state;
    return "";
}

const char *request_state_tone(enum request_state state)
{
    (void)state;
    return "";
}

const char *request_event_title(enum request_event event)
{
    (void)event;
    return "";
}

enum request_state request_state_from(slice name)
{
    (void)name;
    return 0;
}

bool request_may(enum request_way way, enum request_event event, enum request_state from)
{
    (void)way;
    (void)event;
    (void)from;
    return false;
}

struct registration_settings registration_settings_of(const struct settings *settings, const struct packs *packs, const struct zone *zone)
{
    return (struct registration_settings){.packs = packs, .zone = zone, .country = settings->web.country, .link_hours = settings->requests.link_hours, .return_days = settings->requests.return_days, .resend_days = settings->requests.resend_days, .authority = settings->requests.authority, .scanner = settings->requests.scanner[0] != 0};
}

rfd_status request_find(struct transaction *t, int64_t id, struct request *out, struct rfd_error *error)
{
    (void)t;
    (void)id;
    (void)out;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_by_code(struct transaction *t, slice code, struct request *out, struct rfd_error *error)
{
    (void)t;
    (void)code;
    (void)out;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_see(struct transaction *t, const struct actor *actor, int64_t id, struct request *out, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)id;
    (void)out;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_events(struct transaction *t, int64_t id, bool only_public, struct request_happening **out, size_t *count, struct rfd_error *error)
{
    (void)t;
    (void)id;
    (void)only_public;
    (void)out;
    (void)count;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

unsigned request_days(const struct request *request, rfd_time now)
{
    (void)request;
    (void)now;
    return 0;
}

slice applicant_name(const struct applicant *applicant, struct arena *a)
{
    (void)applicant;
    (void)a;
    return SLICE_EMPTY;
}

rfd_status request_ask(struct transaction *t, const struct actor *actor, const struct registration_settings *settings, const struct request *request, const struct evidence_file *files, size_t file_count, struct faults *faults, int64_t *id, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)settings;
    (void)request;
    (void)files;
    (void)file_count;
    (void)faults;
    (void)id;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_ask_in_person(struct transaction *t, const struct actor *actor, const struct registration_settings *settings, const struct request *request, const struct evidence_file *files, size_t file_count, struct faults *faults, int64_t *id, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)settings;
    (void)request;
    (void)files;
    (void)file_count;
    (void)faults;
    (void)id;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_link(struct transaction *t, enum request_purpose purpose, int64_t request, rfd_time ends, char token[REQUEST_TOKEN_SIZE], struct rfd_error *error)
{
    (void)t;
    (void)purpose;
    (void)request;
    (void)ends;
    (void)token;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_link_look(struct transaction *t, enum request_purpose purpose, slice token, rfd_time now, int64_t *request, struct rfd_error *error)
{
    (void)t;
    (void)purpose;
    (void)token;
    (void)now;
    (void)request;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_confirm(struct transaction *t, slice token, rfd_time now, int64_t *id, struct rfd_error *error)
{
    (void)t;
    (void)token;
    (void)now;
    (void)id;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_confirm_again(struct transaction *t, const struct registration_settings *settings, int64_t id, struct rfd_error *error)
{
    (void)t;
    (void)settings;
    (void)id;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_follow(struct transaction *t, const struct registration_settings *settings, slice code, slice number, struct request *out, struct rfd_error *error)
{
    (void)t;
    (void)settings;
    (void)code;
    (void)number;
    (void)out;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_answer(struct transaction *t, const struct registration_settings *settings, slice code, slice number, const struct evidence_file *files, size_t file_count, slice note, struct faults *faults, struct rfd_error *error)
{
    (void)t;
    (void)settings;
    (void)code;
    (void)number;
    (void)files;
    (void)file_count;
    (void)note;
    (void)faults;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_key(struct transaction *t, const struct actor *actor, int64_t applicant, slice pkcs10, struct faults *faults, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)applicant;
    (void)pkcs10;
    (void)faults;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_check_pkcs10(slice pkcs10, struct arena *a, slice *spki, struct faults *faults, struct rfd_error *error)
{
    (void)pkcs10;
    (void)a;
    (void)spki;
    (void)faults;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_take(struct transaction *t, const struct actor *actor, int64_t id, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)id;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_release(struct transaction *t, const struct actor *actor, int64_t id, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)id;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_observe(struct transaction *t, const struct actor *actor, int64_t id, slice note, struct faults *faults, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)id;
    (void)note;
    (void)faults;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_cancel(struct transaction *t, const struct actor *actor, int64_t id, bool reject, slice note, struct faults *faults, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)id;
    (void)reject;
    (void)note;
    (void)faults;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_missing(struct transaction *t, const struct request *request, const char **missing, struct rfd_error *error)
{
    (void)t;
    (void)request;
    (void)missing;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_approval_text(struct transaction *t, const struct registration_settings *settings, const struct request *request, const struct applicant *applicant, rfd_time now, struct buf *text, struct rfd_error *error)
{
    (void)t;
    (void)settings;
    (void)request;
    (void)applicant;
    (void)now;
    (void)text;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_approve(struct transaction *t, const struct actor *actor, const struct registration_settings *settings, int64_t id, const struct request_approval *approvals, size_t count, struct faults *faults, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)settings;
    (void)id;
    (void)approvals;
    (void)count;
    (void)faults;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_issue(struct authority_domain *authority, const struct registration_settings *settings, int64_t id, const char **why, struct rfd_error *error)
{
    (void)authority;
    (void)settings;
    (void)id;
    (void)why;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_tick(struct authority_domain *authority, const struct registration_settings *settings, rfd_time now, unsigned *done, struct rfd_error *error)
{
    (void)authority;
    (void)settings;
    (void)now;
    (void)done;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status request_count(struct transaction *t, const struct actor *actor, enum request_way way, enum request_state state, bool own, uint64_t *count, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)way;
    (void)state;
    (void)own;
    (void)count;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

const struct list_definition request_unverified_list = {.name = "request_unverified_list"};
const struct list_definition request_started_list = {.name = "request_started_list"};
const struct list_definition request_own_list = {.name = "request_own_list"};
const struct list_definition request_list = {.name = "request_list"};
