/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the parts of the demonstration share while it is filled in.
 */
#ifndef DOMAIN_DEMO_INTERNAL_H
#define DOMAIN_DEMO_INTERNAL_H

#include "base/buf.h"
#include "domain/demo/demo.h"
#include "domain/fault.h"

#define DEMO_COUNTRY "pe"
#define DEMO_MAIL    "valdehierro.example"

struct filling {
    const struct demo_options *options;
    struct actor actor;
    rfd_time now;
    int64_t entity;
    int64_t *units, *people; /* by row of demo_data.def */
    struct buf list;         /* the accounts' file */
    struct demo_files *files;
};

/** 0: there is none. */
int64_t demo_person(const struct filling *f, const char *number);
int64_t demo_unit(const struct filling *f, const char *code);
/** Who has a role in a unit, as if signed in. */
rfd_status demo_actor(struct transaction *t, const struct filling *f, enum role role, const char *unit,
                      struct actor *out, struct rfd_error *error) RFD_MUST_CHECK;
/** A fault here is one of our data. */
rfd_status demo_tell(rfd_status status, const struct faults *faults, const char *what,
                     struct rfd_error *error) RFD_MUST_CHECK;

/* ---- demo_registration.c ---- */

/** The files that people hand in, on disk before the transaction; then the requests. */
rfd_status demo_files_new(const struct demo_options *options, struct demo_files **out,
                          struct rfd_error *error) RFD_MUST_CHECK;
void demo_files_free(struct demo_files *files);
rfd_status demo_registration(struct transaction *t, const struct filling *f, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- demo_central.c ---- */

/** Enrols people for central signing, as the agent. */
rfd_status demo_central(struct transaction *t, const struct filling *f, struct rfd_error *error) RFD_MUST_CHECK;

#endif
