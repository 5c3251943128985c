/* SPDX-License-Identifier: EUPL-1.2
 *
 * A certification authority for the tests of domain/authority: a real keeper in this process (one for all tests of a
 * program, asked by several threads one after the other), an agent, and the database of each test (domain_store.h).
 * Failures fail the test.
 */
#ifndef TESTS_AUTHORITY_WORLD_H
#define TESTS_AUTHORITY_WORLD_H

#include "domain/authority/authority.h"
#include "domain_store.h"

enum { WORLD_PARTITIONS = 4 };

/** For cmocka_run_group_tests: folder, keeper, ceremony (root-1, issuing-1 with four partitions and deltas), agent. */
int authority_world_setup(void **state);
int authority_world_teardown(void **state);

/** The same without the folder: for a child process, which needs a keeper of its own. */
void authority_world_open(void);

/** The domain on this test's database, with issuing-1 entered; `*authority` is its id. Skips the test when there is no
 * such database. */
struct authority_domain *authority_world(void **state, int64_t *authority);
/** The certificate of issuing-1. */
const struct certificate *authority_world_certificate(void);

/** Registers an agent with the keeper, who may approve certificates of these profiles from now on. */
void authority_world_register(const char *name, const struct certificate *certificate, const char *profiles);

/** What the keeper answers from now on instead of asking it; RFD_OK: it is asked. `after` it has worked: as when the
 * answer gets lost. */
void authority_world_refuse(rfd_status status, bool after);

/** A request for a certificate. */
struct ticket {
    struct buf spki, approval;
    slice approvals[1];
    struct authority_issue order;
};
/** `number` makes person and request; `key` is the idempotency key. A new public key. Not for several threads. */
void ticket_new(struct ticket *t, int64_t authority, unsigned number, const char *key);
/** The same with the public key of another. */
void ticket_new_for(struct ticket *t, int64_t authority, unsigned number, const char *key, slice spki);
void ticket_free(struct ticket *t);

/** Issues to person `number`; the row's slices live until the test ends. */
struct certificate_row world_issue(struct authority_domain *d, int64_t authority, unsigned number);

#define WORLD_OK(call)                                                                                                 \
    do {                                                                                                               \
        struct rfd_error error = RFD_ERROR_INIT;                                                                       \
        rfd_status world_status_ = (call);                                                                             \
        if (world_status_ != RFD_OK) fail_msg("%s: %s: %s", #call, rfd_status_name(world_status_), error.detail);      \
    } while (0)

#endif
