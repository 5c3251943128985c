/* SPDX-License-Identifier: EUPL-1.2
 *
 * The audit trail, verified as a whole: each night, and when the auditor asks for it.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "domain/audit/audit_pages.h"
#include "jobs/work.h"
#include "keeper/ask.h"
#include "pki/certificate/certificate.h"

enum { MEMORY = 1 << 20 };

/** Of the seal key, that signs checkpoints; NULL when it has none. */
static rfd_status seal_certificate(struct jobs *jobs, const struct certificate **out, struct rfd_error *error)
{
    struct ask_public_key key = {.certificate = SLICE_EMPTY};
    struct arena a;
    arena_init(&a, MEMORY);
    rfd_status status =
        ask_public_key(jobs->authority.keeper, slice_text(jobs->settings->keys.seal_key), &a, &key, error);
    if (status == RFD_OK && key.certificate.length > 0) status = certificate_parse(key.certificate, out, error);
    arena_dispose(&a);
    return status;
}

rfd_status job_audit_check(struct jobs *jobs, struct rfd_error *error)
{
    const struct certificate *certificate = NULL;
    bool due = false, done = false;
    TRY(audit_check_due(jobs->authority.store, clock_now(), &due, error));
    if (!due) return RFD_OK;
    TRY(seal_certificate(jobs, &certificate, error));
    rfd_status status =
        audit_check_run(jobs->authority.store, jobs->authority.keeper, certificate, clock_now(), &done, error);
    certificate_unref(certificate);
    return status;
}
