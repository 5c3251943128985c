/* SPDX-License-Identifier: EUPL-1.2
 *
 * What units do about certificates that there are: they renew those that end, and ask for the revocation of those of
 * who leaves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "holding_world.h"

#include <stdio.h>

/* ---- Renewing ---- */

struct renewal {
    struct actor actor;
    int64_t certificate, id;
    slice token;
    char link[REQUEST_TOKEN_SIZE];
};

static rfd_status renew(struct transaction *t, void *context, struct rfd_error *error)
{
    struct renewal *r = context;
    return agency_renew(t, &r->actor, holding_settings(), r->certificate, r->token, &r->id, error);
}

static rfd_status make_link(struct transaction *t, void *context, struct rfd_error *error)
{
    struct renewal *r = context;
    return request_link(t, LINK_RENEW, r->certificate, clock_now() + DAY_LENGTH, r->link, error);
}

static rfd_status by(struct store *store, int64_t person, int64_t certificate, const char *token, int64_t *id)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct renewal r = {.certificate = certificate, .token = slice_text(token)};
    if (person != 0) r.actor = world_actor(store, person);
    rfd_status status = store_write(store, renew, &r, &error);
    *id = r.id;
    return status;
}

/** Of Ana, asked for by OTI's head of certification; it ends in so many days. */
static int64_t issued(struct store *store, int64_t days)
{
    char sql[128];
    int64_t id = holding_issue(store, ANA, AGENT, UNIT_OTI);
    (void)snprintf(sql, sizeof sql, "UPDATE certificate SET not_after = %lld", (long long)(MONDAY + days * DAY_LENGTH));
    (void)domain_store_run(store, sql);
    (void)snprintf(sql, sizeof sql, "UPDATE request SET way = 'agency', requester = %d", CHIEF);
    (void)domain_store_run(store, sql);
    return id;
}

static void test_only_in_its_time(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t id;
    int64_t certificate = issued(store, 40);
    assert_int_equal(by(store, CHIEF, certificate, "", &id), RFD_E_STATE);
    assert_int_equal(by(store, OTHER_CHIEF, certificate, "", &id), RFD_E_FORBIDDEN);
    clock_fix(MONDAY + 20 * DAY_LENGTH); /* 20 days are left */
    assert_int_equal(by(store, OTHER_CHIEF, certificate, "", &id), RFD_E_FORBIDDEN);
    assert_int_equal(by(store, CHIEF, certificate, "", &id), RFD_OK);
    struct request r = agency_load(store, id);
    assert_int_equal(r.state, REQUEST_DRAFT);
    assert_true(slice_is(r.kind, "renew") && slice_is(r.motive, "expiry"));
    assert_int_equal(r.requester, CHIEF);
    assert_int_equal(r.applicant_count, 1);
    assert_int_equal(r.applicants[0].renews, certificate);
    assert_int_equal(r.applicants[0].certificate, 0);
    assert_true(slice_is(r.applicants[0].given_names, "Ana"));
    clock_fix(MONDAY + 41 * DAY_LENGTH);
    int64_t again;
    assert_int_equal(by(store, CHIEF, certificate, "", &again), RFD_OK); /* what was begun is found */
    assert_int_equal(again, id);
}

static void test_by_the_link_of_the_mail(void **state)
{
    struct store *store = domain_store_of(state);
    struct renewal r = {.certificate = issued(store, 10)};
    int64_t id;
    int64_t again;
    assert_int_equal(store_write(store, make_link, &r, NULL), RFD_OK);
    assert_int_equal(by(store, 0, r.certificate, "", &id), RFD_E_UNAUTHORISED);
    assert_int_equal(by(store, 0, r.certificate, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &id), RFD_E_NOT_FOUND);
    assert_int_equal(by(store, 0, r.certificate, r.link, &id), RFD_OK);
    assert_int_equal(agency_load(store, id).requester, CHIEF); /* who looks over it, and was told */
    assert_int_equal(by(store, 0, r.certificate, r.link, &again), RFD_E_NOT_FOUND); /* used */
    assert_int_equal(by(store, CHIEF, r.certificate, "", &again), RFD_OK);
    assert_int_equal(again, id);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM request"), 2);
}

/* ---- Leaving ---- */

struct leaving {
    struct actor actor;
    int64_t appointment, departure, proposal;
    struct departure_proposal found;
    unsigned certificates;
    bool confirm;
};

static rfd_status report(struct transaction *t, void *context, struct rfd_error *error)
{
    struct leaving *l = context;
    struct faults faults = {.count = 0};
    return departure_report(t, &l->actor, l->appointment, MONDAY + 5 * DAY_LENGTH, SLICE("Renuncia"), NULL, &faults,
                            &l->departure, error);
}

static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct leaving *l = context;
    struct departure_proposal *all;
    size_t count;
    TRY(departure_proposals(t, l->departure, &all, &count, error));
    for (size_t i = 0; i < count; i++) {
        if (!slice_is(all[i].kind, "certificate")) continue;
        l->proposal = all[i].id;
        l->certificates++;
        l->found = all[i];
    }
    return RFD_OK;
}

static rfd_status decide(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct leaving *l = context;
    return departure_decide(t, &l->actor, holding_settings(), l->proposal, l->confirm, error);
}

static void test_who_leaves_has_their_certificate_revoked(void **state)
{
    struct store *store = domain_store_of(state);
    struct rfd_error error = RFD_ERROR_INIT;
    int64_t certificate = issued(store, 400);
    (void)holding_issue(store, BERTA, AGENT, UNIT_OTI); /* somebody else's */
    (void)world_grant(store, HEAD_GAF, ROLE_PERSONNEL, UNIT_GM);
    struct leaving l = {.actor = world_actor(store, HEAD_GAF), .appointment = ANA, .confirm = true};
    if (store_write(store, report, &l, &error) != RFD_OK) fail_msg("%s", error.detail);
    assert_int_equal(store_write(store, look, &l, NULL), RFD_OK);
    assert_int_equal(l.certificates, 1);
    assert_int_equal(l.found.target, certificate);
    l.actor = world_actor(store, HEAD);
    if (store_write(store, decide, &l, &error) != RFD_OK) fail_msg("%s", error.detail);
    assert_int_equal(store_write(store, decide, &l, NULL), RFD_E_STATE);
    assert_int_equal(
        domain_store_number(store, "SELECT count(*) FROM request WHERE way = 'revocation' AND state = 'asked'"), 1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM revocation WHERE reason = 'no-longer-official'"),
                     1);
    assert_int_equal(holding_state(store, certificate), CERTIFICATE_VALID); /* the office revokes it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOLDINGS(test_only_in_its_time),
        IN_BOTH_HOLDINGS(test_by_the_link_of_the_mail),
        IN_BOTH_HOLDINGS(test_who_leaves_has_their_certificate_revoked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
