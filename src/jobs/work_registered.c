/* SPDX-License-Identifier: EUPL-1.2
 *
 * Agents and clients whose own certificate was revoked lose their registration: the keepers have no register of
 * certificates and would go on believing them until the certificate ends. The authority's and the personal keeper have
 * lists of their own.
 */
#include "base/error.h"
#include "base/log.h"
#include "jobs/work.h"
#include "keeper/ask.h"
#include "pki/certificate/certificate.h"

struct looking {
    struct jobs *jobs;
    struct keeper_client *keeper; /* whose list it is */
    struct authority_list authorities;
};

/** Whether one of our authorities issued the certificate and revoked it, or put it on hold. */
static rfd_status is_revoked(const struct looking *l, const struct certificate *c, bool *revoked,
                             struct rfd_error *error)
{
    for (size_t i = 0; i < l->authorities.count; i++) {
        const struct certificate *issuer = NULL;
        struct responder_record record = {.state = RESPONDER_UNKNOWN};
        TRY(certificate_parse(l->authorities.items[i].certificate, &issuer, error));
        bool ours = slice_equal(issuer->subject, c->issuer);
        certificate_unref(issuer);
        if (!ours) continue;
        TRY(authority_look_up(l->jobs->authority.store, l->authorities.items[i].id, c->serial, &record, error));
        *revoked = *revoked || record.state == RESPONDER_REVOKED;
    }
    return RFD_OK;
}

static rfd_status strike_off(const struct looking *l, const struct ask_registered *item, struct rfd_error *error)
{
    TRY(ask_unregister(l->keeper, item->kind, item->name, error));
    log_event(LOG_NOTICE, "unregistered", "the certificate was revoked: approvals with it count no more",
              LOG_SLICE("name", item->name));
    return RFD_OK;
}

static rfd_status look(void *context, const struct ask_registered *item, struct rfd_error *error)
{
    const struct looking *l = context;
    const struct certificate *c = NULL;
    bool revoked = false;
    if (item->kind != KEEPER_AGENT && item->kind != KEEPER_REGISTRATION_CLIENT) return RFD_OK;
    TRY(certificate_parse(item->proof, &c, error));
    rfd_status status = is_revoked(l, c, &revoked, error);
    certificate_unref(c);
    return status == RFD_OK && revoked ? strike_off(l, item, error) : status;
}

static rfd_status look_through(struct looking *l, struct keeper_client *keeper, struct rfd_error *error)
{
    l->keeper = keeper;
    return keeper == NULL ? RFD_OK : ask_registered(keeper, look, l, error);
}

rfd_status job_registered(struct jobs *jobs, struct rfd_error *error)
{
    enum { LIST_MAXIMUM = 1 << 20 };
    struct looking l = {.jobs = jobs};
    struct arena arena;
    arena_init(&arena, LIST_MAXIMUM);
    rfd_status status = authority_list(&jobs->authority, &arena, &l.authorities, error);
    if (status == RFD_OK && !jobs->without_keys) status = look_through(&l, jobs->authority.keeper, error);
    if (status == RFD_OK) status = look_through(&l, jobs->personal, error);
    arena_dispose(&arena);
    return status;
}
