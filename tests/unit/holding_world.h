/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates of the people of agency_world.h, in a register whose authority is only a name: for the tests of what
 * becomes of certificates. Every person who has one has its key here, too.
 */
#ifndef TESTS_HOLDING_WORLD_H
#define TESTS_HOLDING_WORLD_H

#include "agency_world.h"
#include "domain/registration/internal.h"
#include "pki_fixture.h"

/* The agents of agency_world.h: AGENT, RIVAL, of the whole entity; a third one of another unit. */
enum { ELSEWHERE = OTHER_OPERATOR };

int holding_world_sqlite(void **state);
int holding_world_postgresql(void **state);
int holding_world_close(void **state);
#define IN_BOTH_HOLDINGS(test)                                                                                         \
    cmocka_unit_test_setup_teardown(test, holding_world_sqlite, holding_world_close),                                  \
    {                                                                                                                  \
#test "_postgresql", test, holding_world_postgresql, holding_world_close, NULL                                 \
    }

const struct registration_settings *holding_settings(void);
struct authority_domain *holding_authority(struct store *store);

/** A certificate of the register for a person; its id. Not by a request. */
int64_t holding_put(struct store *store, int64_t person, const char *profile);
/** The same by a request on line of the unit, approved by the agent. */
int64_t holding_issue(struct store *store, int64_t person, int64_t agent, int64_t unit);
/** The key and certificate of the last that a person got. */
const struct identity *holding_identity(int64_t person);
/** SignedData over the text, by the person's certificate, with the text inside. */
void holding_sign(int64_t person, slice text, struct buf *out);

struct holding_call {
    struct actor actor;
    int64_t certificate, request;
    struct revocation_order order;
    struct faults faults;
    struct holding holding;
    struct revocation revocation;
    struct buf text, signature;
    size_t count;
    bool revoke;
    struct rfd_error error;
};
/** As this person; of the certificate, with its number and a reason that fits them (by agent, or by holder). */
struct holding_call holding_as(struct store *store, int64_t person, int64_t certificate, int64_t of);
void holding_call_end(struct holding_call *c);
/** The agent signs what there is to sign. */
void holding_sign_order(struct store *store, struct holding_call *c);
/** With an account of the advanced level. */
void holding_advanced(struct holding_call *c);
rfd_status holding_ask(struct store *store, struct holding_call *c);
rfd_status holding_revoke(struct store *store, struct holding_call *c);
rfd_status holding_decide(struct store *store, struct holding_call *c, bool revoke);
rfd_status holding_look(struct store *store, struct holding_call *c);
bool holding_faulty(const struct holding_call *c, const char *field);
/** Of the register: enum certificate_state. */
int64_t holding_state(struct store *store, int64_t certificate);
/** How many messages of this name were put. */
int64_t holding_mails(struct store *store, const char *message);

#endif
