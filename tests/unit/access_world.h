/* SPDX-License-Identifier: EUPL-1.2
 *
 * An entity with people for the tests of roles: units GM > GAF > OTI, and GM > OTRA; in OTI an operator, two who
 * approve, and Ana, for whom roles are asked; heads above; another operator and head in OTRA.
 */
#ifndef TESTS_ACCESS_WORLD_H
#define TESTS_ACCESS_WORLD_H

#include "domain/access/access_internal.h"
#include "domain_store.h"

enum { UNIT_GM = 1, UNIT_GAF, UNIT_OTI, UNIT_OTRA };
enum { OPERATOR = 1, HEAD, DEPUTY, ANA, HEAD_GAF, HEAD_GM, OTHER_OPERATOR, OTHER_HEAD, LEAD, BERTA, PEOPLE };

#define DAY_LENGTH (86400 * RFD_SECOND)
/* Monday 2026-11-23, 10:00 UTC. */
#define MONDAY ((rfd_time)1795428000 * RFD_SECOND)

/** Test state of cmocka: the clock stands at MONDAY. */
int access_world_sqlite(void **state);
int access_world_postgresql(void **state);
int access_world_close(void **state);
#define IN_BOTH_WORLDS(test)                                                                                           \
    cmocka_unit_test_setup_teardown(test, access_world_sqlite, access_world_close),                                    \
    {                                                                                                                  \
#test "_postgresql", test, access_world_postgresql, access_world_close, NULL                                   \
    }

const struct access_settings *world_settings(void);
/** Signed in, with the roles that they have now. */
struct actor world_actor(struct store *store, int64_t person);
int64_t world_grant(struct store *store, int64_t person, enum role role, int64_t unit);

/** A request of OTI's operator for Ana, by the lines. */
struct access_request world_request(const struct access_line *lines, unsigned count);
rfd_status world_put(struct store *store, int64_t person, const struct access_request *r, struct faults *faults,
                     int64_t *id);
rfd_status world_send(struct store *store, int64_t person, int64_t id, struct faults *faults);
rfd_status world_cancel(struct store *store, int64_t person, int64_t id);
rfd_status world_decide(struct store *store, int64_t person, int64_t id, bool approve, struct faults *faults);
rfd_status world_decide_signed(struct store *store, int64_t person, int64_t id, slice signature, struct faults *faults);
/** Put and sent; fails the test when it cannot be. */
int64_t world_sent(struct store *store, enum role role);
/** State of a request; of the static kind. */
const char *world_state(struct store *store, int64_t id);
struct access_request world_load(struct store *store, int64_t id);
/** How many roles a person has in force now, but for being an applicant. */
size_t world_roles(struct store *store, int64_t person);
unsigned world_tick(struct store *store);
int64_t world_number(struct store *store, const char *format, long long value);

#endif
