/* SPDX-License-Identifier: EUPL-1.2
 *
 * The worker's schedules, each a row of a table: name, how often, what it does, under which lease. A job that fails is
 * tried again, first soon, then ever later up to ten minutes, and told to the log; it never ends the worker.
 */
#ifndef JOBS_JOBS_H
#define JOBS_JOBS_H

#include "base/secret.h"
#include "base/zone.h"
#include "domain/authority/authority.h"
#include "domain/blob/blob.h"
#include "settings/settings.h"

#include <stdatomic.h>

enum { JOBS_MAXIMUM = 24, JOBS_NODE_SIZE = 64 };

/** Zeroed, but for what is said to be given. */
struct jobs {
    const struct settings *settings; /* given, as the next seven */
    const struct zone *zone;         /* of the installation */
    struct authority_domain authority;
    struct keeper_client *personal;       /* of central signing; NULL: none here */
    struct keeper_client *const *signers; /* one for each: what concerns keys that all have is told to all */
    unsigned signer_count;
    struct blob_store *blobs;  /* what people handed in; NULL: not here */
    char node[JOBS_NODE_SIZE]; /* who holds the leases */
    struct secret mail_password, sms_password;
    struct buf mail_authorities; /* PEM; empty: the machine's */
    atomic_bool hurry;           /* the worker stops: what takes long ends where it is */
    _Atomic rfd_time next_list;  /* the earliest nextUpdate; 0: not known yet */
    rfd_time next_found;         /* while it is looked for */
    bool without_keys;           /* given: those of the authorities and of the log are at other nodes */
    int64_t lease_until[2];      /* channel_clock(); by enum jobs_lease */
    struct {
        int64_t due;       /* channel_clock() */
        unsigned failures; /* in a row */
    } state[JOBS_MAXIMUM]; /* by row of job_table */
};
typedef rfd_status job_work(struct jobs *jobs, struct rfd_error *error);
/** Of several nodes. What a key store of its own remembers, each node looks after. */
enum job_where {
    JOB_EVERYWHERE,
    JOB_ONE,     /* one node at a time */
    JOB_KEYS,    /* every node that has the authorities' keys */
    JOB_ONE_KEYS /* one of these at a time */
};
struct job {
    const char *name;
    unsigned milliseconds; /* between two runs */
    enum job_where where;
    job_work *work;
};
/** Ends with a NULL name. */
extern const struct job job_table[];

/** Before the first run: what messages say of this installation. */
rfd_status jobs_begin(struct jobs *jobs, struct rfd_error *error) RFD_MUST_CHECK;
/** Runs what is due and returns the milliseconds until the next one. */
unsigned jobs_run(struct jobs *jobs);
/** From another thread: ends mails and other long work at once; nothing is lost by it. */
void jobs_hurry(struct jobs *jobs);

#endif
