/* SPDX-License-Identifier: EUPL-1.2
 *
 * The entity of access_world.h, two of whom (CHIEF, OTHER_CHIEF) head the certification of their units, and whose
 * manager's office (AGENT, RIVAL) attends them: for the tests of agency requests. Peru's pack.
 */
#ifndef TESTS_AGENCY_WORLD_H
#define TESTS_AGENCY_WORLD_H

#include "access_world.h"
#include "domain/registration/agency.h"

enum { CHIEF = DEPUTY, OTHER_CHIEF = OTHER_HEAD, AGENT = HEAD_GM, RIVAL = BERTA };

int agency_world_sqlite(void **state);
int agency_world_postgresql(void **state);
int agency_world_close(void **state);
#define IN_BOTH_AGENCIES(test)                                                                                         \
    cmocka_unit_test_setup_teardown(test, agency_world_sqlite, agency_world_close),                                    \
    {                                                                                                                  \
#test "_postgresql", test, agency_world_postgresql, agency_world_close, NULL                                   \
    }

const struct registration_settings *agency_settings(void);

/** What one call is given and gives; each function runs one, as this person. */
struct agency_call {
    struct actor actor;
    int64_t id;
    struct faults faults;
    struct request request;
    struct applicant applicant;
    struct payment payment;
    struct evidence_file file;
    slice text, bytes;
    rfd_time moment;
    bool flag;
    unsigned count;
};
struct agency_call agency_as(struct store *store, int64_t person);
/** In a transaction; what goes wrong otherwise than by the rules fails the test. */
rfd_status agency_run(struct store *store, store_work *work, struct agency_call *c);
bool agency_faulty(const struct agency_call *c, const char *field);

/** A draft of the person for the unit; its id, or 0 when it was refused (status in `*status`, may be NULL). */
int64_t agency_draft(struct store *store, int64_t person, int64_t unit, const char *kind, const char *motive,
                     rfd_status *status);
/** Somebody who is well filled in. */
struct applicant agency_applicant(int64_t request, const char *number);
rfd_status agency_put_one(struct store *store, int64_t person, const struct applicant *a, struct agency_call *c);
/** One more applicant, with all files; their id. */
int64_t agency_complete(struct store *store, int64_t person, int64_t request, const char *number);
rfd_status agency_file(struct store *store, int64_t person, int64_t applicant, int64_t payment, const char *kind,
                       const char *type);
rfd_status agency_pay(struct store *store, int64_t person, int64_t request, const char *operation,
                      struct agency_call *c);
rfd_status agency_send_it(struct store *store, int64_t person, int64_t request, struct agency_call *c);
rfd_status agency_take(struct store *store, int64_t person, int64_t request);
/** Whatever state, as the system sees it; static. */
struct request agency_load(struct store *store, int64_t id);
enum request_state agency_state(struct store *store, int64_t id);

#endif
