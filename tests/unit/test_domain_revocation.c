/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revoking: by an agent with their signature, by the holder, in two pairs of eyes; what must not be; twice; at once;
 * and when the process dies between the steps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "holding_world.h"

#include <pthread.h>

enum { THREADS = 6 };

static enum request_state request_state(struct store *store, int64_t id)
{
    return agency_state(store, id);
}

/* ---- By an agent ---- */

static void test_agent_revokes(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = holding_issue(store, ANA, AGENT, UNIT_OTI);
    int64_t of_agent = holding_put(store, AGENT, "pe-natural-person");
    struct holding_call c = holding_as(store, AGENT, certificate, ANA);
    holding_sign_order(store, &c);
    assert_true(slice_starts(buf_slice(&c.text), SLICE("Refrenda revocation 1\nauthority: emisora\nserial: ")));
    assert_int_equal(holding_revoke(store, &c), RFD_OK);
    assert_int_equal(holding_state(store, certificate), CERTIFICATE_REVOKED);
    assert_int_equal(request_state(store, c.request), REQUEST_REVOKED);
    assert_int_equal(holding_mails(store, "certificate-revoked"), 1);
    /* pin-exposed is keyCompromise. */
    assert_int_equal(domain_store_number(store, "SELECT reason FROM certificate_status WHERE state = 3"), 1);
    assert_int_equal(
        world_number(store, "SELECT count(*) FROM certificate_use WHERE use = 'revocation' AND certificate = %lld",
                     of_agent),
        1);
    assert_int_equal(domain_store_number(store,
                                         "SELECT count(*) FROM certificate_agent WHERE state = 3 AND revoker = 6 "
                                         "AND revoked IS NOT NULL"),
                     1);
    assert_int_equal(domain_store_number(store,
                                         "SELECT count(*) FROM request WHERE code = 'R-0001-2026' AND due IS NULL "
                                         "AND concluded IS NOT NULL AND motive = 'pin-exposed'"),
                     1);
    /* Once more is the same; another agent is told. */
    int64_t first = c.request;
    holding_sign_order(store, &c);
    assert_int_equal(holding_revoke(store, &c), RFD_OK);
    assert_int_equal(c.request, first);
    holding_call_end(&c);
    (void)holding_put(store, RIVAL, "pe-natural-person");
    c = holding_as(store, RIVAL, certificate, ANA);
    holding_sign_order(store, &c);
    assert_int_equal(holding_revoke(store, &c), RFD_E_STATE);
    assert_int_equal(holding_ask(store, &c), RFD_E_STATE);
    holding_call_end(&c);
    assert_int_equal(holding_mails(store, "certificate-revoked"), 1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM revocation"), 1);
}

static void refuse(struct store *store, struct holding_call *c, const char *field)
{
    if (holding_revoke(store, c) != RFD_E_INVALID || !holding_faulty(c, field)) fail_msg("%s was taken", field);
}

static void test_wrong_order(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = holding_issue(store, ANA, AGENT, UNIT_OTI);
    (void)holding_put(store, AGENT, "pe-natural-person");
    (void)holding_put(store, RIVAL, "pe-natural-person");
    struct holding_call c = holding_as(store, AGENT, certificate, ANA);
    holding_sign_order(store, &c);
    const struct revocation_order good = c.order;
    static const char *const numbers[] = {"", "00000005", "0000000", "0000000400000004", "IDCPE-00000004"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        c.order.number = slice_text(numbers[i]);
        refuse(store, &c, "number");
    }
    c.order = good;
    c.order.reason = SLICE("no-such-reason");
    refuse(store, &c, "reason");
    c.order = good;
    c.order.reason = SLICE("pin-lost"); /* another one than was signed */
    refuse(store, &c, "signature");
    c.order = good;
    c.order.signature = SLICE_EMPTY;
    refuse(store, &c, "signature");
    c.order.signature = SLICE("no signature at all");
    refuse(store, &c, "signature");
    c.order = good;
    c.order.signed_text = SLICE("Refrenda revocation 1\n");
    refuse(store, &c, "signature");
    /* By somebody else's certificate. */
    struct buf other;
    buf_init(&other, 8 << 10);
    holding_sign(RIVAL, buf_slice(&c.text), &other);
    c.order = good;
    c.order.signature = buf_slice(&other);
    refuse(store, &c, "signature");
    /* Of another text, by the right one. */
    buf_reset(&other);
    holding_sign(AGENT, SLICE("Refrenda revocation 1\nsomething else\n"), &other);
    c.order.signature = buf_slice(&other);
    refuse(store, &c, "signature");
    buf_dispose(&other);
    /* Too old. */
    c.order = good;
    clock_fix(clock_now() + 16 * 60 * RFD_SECOND);
    refuse(store, &c, "signature");
    clock_fix(MONDAY);
    assert_int_equal(holding_state(store, certificate), CERTIFICATE_VALID);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM revocation"), 0);
    assert_int_equal(holding_revoke(store, &c), RFD_OK);
    holding_call_end(&c);
}

static void test_signed_for_another_certificate(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t one = holding_issue(store, ANA, AGENT, UNIT_OTI);
    int64_t two = holding_issue(store, ANA, AGENT, UNIT_OTI);
    (void)holding_put(store, AGENT, "pe-natural-person");
    struct holding_call c = holding_as(store, AGENT, one, ANA);
    holding_sign_order(store, &c);
    c.order.certificate = two;
    refuse(store, &c, "signature");
    holding_call_end(&c);
}

static void test_revoked_signer(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = holding_issue(store, ANA, AGENT, UNIT_OTI);
    int64_t own = holding_put(store, AGENT, "pe-natural-person");
    struct holding_call c = holding_as(store, AGENT, certificate, ANA);
    (void)world_number(store, "SELECT count(*) FROM certificate WHERE id = %lld", own);
    holding_sign_order(store, &c);
    (void)domain_store_run(store, "UPDATE certificate_status SET state = 3 WHERE certificate = "
                                  "(SELECT max(id) FROM certificate)");
    refuse(store, &c, "signature");
    holding_call_end(&c);
}

/* ---- Who may ---- */

static void test_whose_unit(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = holding_issue(store, ANA, AGENT, UNIT_OTI);
    const int64_t strangers[] = {ELSEWHERE, BERTA + 0, HEAD, CHIEF};
    (void)holding_put(store, ELSEWHERE, "pe-natural-person");
    struct holding_call c = holding_as(store, ELSEWHERE, certificate, ANA);
    holding_sign_order(store, &c);
    assert_int_equal(holding_revoke(store, &c), RFD_E_NOT_FOUND);
    assert_int_equal(holding_ask(store, &c), RFD_E_NOT_FOUND);
    assert_int_equal(holding_look(store, &c), RFD_E_NOT_FOUND);
    holding_call_end(&c);
    for (size_t i = 2; i < 4; i++) {
        c = holding_as(store, strangers[i], certificate, ANA);
        assert_int_equal(holding_ask(store, &c), RFD_E_NOT_FOUND);
        holding_call_end(&c);
    }
    c = holding_as(store, ANA, certificate, ANA);
    c.actor = (struct actor){.code = SLICE_EMPTY};
    assert_int_equal(holding_revoke(store, &c), RFD_E_UNAUTHORISED);
    holding_call_end(&c);
    assert_int_equal(holding_state(store, certificate), CERTIFICATE_VALID);
}

static void test_holder(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = holding_issue(store, ANA, AGENT, UNIT_OTI);
    int64_t other = holding_issue(store, BERTA, AGENT, UNIT_OTI);
    struct holding_call c = holding_as(store, ANA, certificate, ANA);
    c.actor.level = LEVEL_BASIC;
    assert_int_equal(holding_revoke(store, &c), RFD_E_FORBIDDEN);
    holding_advanced(&c);
    c.order.reason = SLICE("entity-extinguished"); /* not the holder's to say */
    refuse(store, &c, "reason");
    c.order.reason = SLICE("express-request");
    c.order.number = SLICE("0000 0004");
    assert_int_equal(holding_revoke(store, &c), RFD_OK);
    assert_int_equal(holding_state(store, certificate), CERTIFICATE_REVOKED);
    int64_t request = c.request;
    assert_int_equal(holding_revoke(store, &c), RFD_OK);
    assert_int_equal(c.request, request);
    c.order.certificate = other;
    assert_int_equal(holding_revoke(store, &c), RFD_E_NOT_FOUND);
    holding_call_end(&c);
    c = holding_as(store, ANA, certificate, ANA);
    c.actor.methods = METHOD_CERTIFICATE;
    assert_int_equal(holding_look(store, &c), RFD_OK);
    assert_true(c.holding.own && c.holding.revocation == request && c.holding.revocation_state == REQUEST_REVOKED);
    holding_call_end(&c);
    assert_int_equal(
        domain_store_number(store, "SELECT count(*) FROM certificate_agent WHERE state = 3 AND revoker IS NULL"), 1);
}

static void test_other_states(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = holding_issue(store, ANA, AGENT, UNIT_OTI);
    struct holding_call c = holding_as(store, ANA, certificate, ANA);
    holding_advanced(&c);
    (void)domain_store_run(store, "UPDATE certificate_status SET state = 4");
    assert_int_equal(holding_revoke(store, &c), RFD_E_STATE);
    assert_int_equal(holding_ask(store, &c), RFD_E_STATE);
    (void)domain_store_run(store, "UPDATE certificate_status SET state = 2, revoked_at = 1, reason = 6");
    assert_int_equal(holding_revoke(store, &c), RFD_OK);
    assert_int_equal(holding_state(store, certificate), CERTIFICATE_REVOKED);
    c.order.certificate = 4711;
    assert_int_equal(holding_revoke(store, &c), RFD_E_NOT_FOUND);
    holding_call_end(&c);
}

/* ---- Four eyes ---- */

static void test_ask_and_decide(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = holding_issue(store, ANA, AGENT, UNIT_OTI);
    (void)holding_put(store, AGENT, "pe-natural-person");
    (void)holding_put(store, RIVAL, "pe-natural-person");
    struct holding_call asker = holding_as(store, AGENT, certificate, ANA);
    asker.order.number = SLICE("00000001");
    assert_int_equal(holding_ask(store, &asker), RFD_E_INVALID);
    asker.order.number = SLICE("00000004");
    assert_int_equal(holding_ask(store, &asker), RFD_OK);
    int64_t request = asker.request;
    assert_int_equal(holding_ask(store, &asker), RFD_OK); /* twice is once */
    assert_int_equal(asker.request, request);
    assert_int_equal(request_state(store, request), REQUEST_ASKED);
    assert_int_equal(holding_state(store, certificate), CERTIFICATE_VALID);
    assert_int_equal(holding_mails(store, "revocation-asked"), 1); /* to RIVAL, not to who asked, not to other units */
    /* Who asked does not decide, nor revokes alone; the worker does nothing by itself. */
    holding_sign_order(store, &asker);
    assert_int_equal(holding_decide(store, &asker, true), RFD_E_FORBIDDEN);
    assert_int_equal(holding_decide(store, &asker, false), RFD_E_FORBIDDEN);
    assert_int_equal(holding_revoke(store, &asker), RFD_E_FORBIDDEN);
    unsigned done = 0;
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(
        revoke_tick(holding_authority(store), holding_settings(), clock_now() + 9 * DAY_LENGTH, &done, &error), RFD_OK);
    assert_int_equal(done, 0);
    /* Nor do other units' agents, or the holder. */
    struct holding_call stranger = holding_as(store, ELSEWHERE, certificate, ANA);
    (void)holding_put(store, ELSEWHERE, "pe-natural-person");
    holding_sign_order(store, &stranger);
    stranger.request = request;
    assert_int_equal(holding_decide(store, &stranger, true), RFD_E_NOT_FOUND);
    holding_call_end(&stranger);
    struct holding_call decider = holding_as(store, RIVAL, certificate, ANA);
    decider.request = request;
    assert_int_equal(holding_decide(store, &decider, true), RFD_E_INVALID);
    assert_true(holding_faulty(&decider, "signature"));
    holding_sign_order(store, &decider);
    assert_int_equal(holding_decide(store, &decider, true), RFD_OK);
    assert_int_equal(holding_state(store, certificate), CERTIFICATE_REVOKED);
    assert_int_equal(request_state(store, request), REQUEST_REVOKED);
    assert_int_equal(holding_decide(store, &decider, true), RFD_OK); /* twice is once */
    assert_int_equal(holding_decide(store, &decider, false), RFD_E_STATE);
    assert_int_equal(holding_mails(store, "certificate-revoked"), 1);
    holding_call_end(&decider);
    holding_call_end(&asker);
}

static void test_rejected(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = holding_issue(store, ANA, AGENT, UNIT_OTI);
    struct holding_call asker = holding_as(store, ANA, certificate, ANA);
    assert_int_equal(holding_ask(store, &asker), RFD_OK); /* at the basic level, too */
    struct holding_call decider = holding_as(store, RIVAL, certificate, ANA);
    decider.request = asker.request;
    assert_int_equal(holding_decide(store, &decider, false), RFD_E_INVALID);
    assert_true(holding_faulty(&decider, "note"));
    decider.order.note = SLICE("No es necesario");
    assert_int_equal(holding_decide(store, &decider, false), RFD_OK);
    assert_int_equal(holding_decide(store, &decider, false), RFD_OK);
    assert_int_equal(request_state(store, asker.request), REQUEST_REJECTED);
    assert_int_equal(holding_mails(store, "revocation-rejected"), 1);
    assert_int_equal(holding_state(store, certificate), CERTIFICATE_VALID);
    /* It may be asked for again. */
    int64_t first = asker.request;
    assert_int_equal(holding_ask(store, &asker), RFD_OK);
    assert_true(asker.request != first);
    /* And the holder may do it at once by now. */
    holding_advanced(&asker);
    int64_t second = asker.request;
    assert_int_equal(holding_revoke(store, &asker), RFD_OK);
    assert_int_equal(asker.request, second);
    assert_int_equal(holding_state(store, certificate), CERTIFICATE_REVOKED);
    holding_call_end(&decider);
    holding_call_end(&asker);
}

/** Certificates that two agents approve are revoked by two. */
static void test_two_by_profile(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = holding_issue(store, ANA, AGENT, UNIT_OTI);
    (void)domain_store_run(store, "UPDATE certificate SET profile = 'pe-legal-person-seal'");
    (void)holding_put(store, AGENT, "pe-natural-person");
    struct holding_call c = holding_as(store, AGENT, certificate, ANA);
    holding_sign_order(store, &c);
    assert_int_equal(holding_revoke(store, &c), RFD_E_FORBIDDEN);
    holding_call_end(&c);
    c = holding_as(store, ANA, certificate, ANA);
    holding_advanced(&c);
    assert_int_equal(holding_revoke(store, &c), RFD_E_FORBIDDEN);
    assert_int_equal(holding_ask(store, &c), RFD_OK);
    int64_t request = c.request;
    holding_call_end(&c);
    c = holding_as(store, AGENT, certificate, ANA);
    c.request = request;
    holding_sign_order(store, &c);
    assert_int_equal(holding_decide(store, &c, true), RFD_OK);
    assert_int_equal(holding_state(store, certificate), CERTIFICATE_REVOKED);
    holding_call_end(&c);
}

static void test_own_not_decided(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = holding_issue(store, RIVAL, AGENT, UNIT_OTI);
    struct holding_call asker = holding_as(store, AGENT, certificate, RIVAL);
    assert_int_equal(holding_ask(store, &asker), RFD_OK);
    struct holding_call holder = holding_as(store, RIVAL, certificate, RIVAL);
    holder.request = asker.request;
    holder.order.note = SLICE("No");
    assert_int_equal(holding_decide(store, &holder, false), RFD_E_FORBIDDEN);
    holding_call_end(&holder);
    holding_call_end(&asker);
}

/** The system asks for a departure's sake, without a number, for a reason of departures. */
static void test_departure(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = holding_issue(store, ANA, AGENT, UNIT_OTI);
    struct holding_call c = holding_as(store, ANA, certificate, ANA);
    c.actor = actor_system("departure");
    c.order.number = SLICE_EMPTY;
    assert_int_equal(holding_ask(store, &c), RFD_E_INVALID);
    c.order.reason = SLICE("no-longer-official");
    assert_int_equal(holding_ask(store, &c), RFD_OK);
    assert_int_equal(request_state(store, c.request), REQUEST_ASKED);
    assert_int_equal(holding_mails(store, "revocation-asked"), 2);
    holding_call_end(&c);
}

/* ---- At once ---- */

struct racer {
    struct store *store;
    struct holding_call call;
    bool decide;
    rfd_status status;
};

static void *race(void *context)
{
    struct racer *r = context;
    struct faults faults = {.count = 0};
    struct rfd_error error = RFD_ERROR_INIT;
    struct authority_domain d = *holding_authority(r->store);
    r->status = r->decide ? revocation_request_decide(&d, &r->call.actor, holding_settings(), r->call.request, true,
                                                      &r->call.order, &faults, &error)
                          : revocation_do(&d, &r->call.actor, holding_settings(), &r->call.order, &faults,
                                          &r->call.request, &error);
    return NULL;
}

static void run_race(struct racer *racers, size_t count)
{
    pthread_t threads[THREADS];
    for (size_t i = 0; i < count; i++) assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    for (size_t i = 0; i < count; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void test_double_click(void **state)
{
    struct store *store = domain_store_of(state);
    struct racer racers[THREADS];
    int64_t certificate = holding_issue(store, ANA, AGENT, UNIT_OTI);
    for (size_t i = 0; i < THREADS; i++) {
        racers[i] = (struct racer){.store = store, .call = holding_as(store, ANA, certificate, ANA)};
        holding_advanced(&racers[i].call);
    }
    run_race(racers, THREADS);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(racers[i].status, RFD_OK);
        assert_int_equal(racers[i].call.request, racers[0].call.request);
        holding_call_end(&racers[i].call);
    }
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM revocation"), 1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM request WHERE way = 'revocation'"), 1);
    assert_int_equal(holding_mails(store, "certificate-revoked"), 1);
    assert_int_equal(holding_state(store, certificate), CERTIFICATE_REVOKED);
}

static void test_two_agents_at_once(void **state)
{
    struct store *store = domain_store_of(state);
    static const int64_t agents[] = {AGENT, RIVAL};
    struct racer racers[2];
    int64_t certificate = holding_issue(store, ANA, AGENT, UNIT_OTI);
    for (size_t i = 0; i < 2; i++) {
        (void)holding_put(store, agents[i], "pe-natural-person");
        racers[i] = (struct racer){.store = store, .call = holding_as(store, agents[i], certificate, ANA)};
        racers[i].call.order.reason = i == 0 ? SLICE("pin-exposed") : SLICE("pin-lost");
        holding_sign_order(store, &racers[i].call);
    }
    run_race(racers, 2);
    bool first = racers[0].status == RFD_OK;
    assert_int_equal(racers[first ? 0 : 1].status, RFD_OK);
    assert_int_equal(racers[first ? 1 : 0].status, RFD_E_STATE);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM revocation"), 1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM revocation v JOIN certificate_status s ON "
                                                "s.certificate = v.certificate AND s.reason = v.rfc_reason"),
                     1);
    for (size_t i = 0; i < 2; i++) holding_call_end(&racers[i].call);
}

/* ---- Killed in between ---- */

/** What is left of an order whose process died behind the first step. */
static struct holding_call order_and_die(struct store *store, int64_t *certificate)
{
    *certificate = holding_issue(store, ANA, AGENT, UNIT_OTI);
    struct holding_call c = holding_as(store, ANA, *certificate, ANA);
    assert_int_equal(holding_ask(store, &c), RFD_OK);
    (void)domain_store_run(store, "UPDATE request SET due = 1 WHERE way = 'revocation'");
    return c;
}

static void tick(struct store *store, unsigned expected)
{
    struct rfd_error error = RFD_ERROR_INIT;
    unsigned done = 0;
    if (revoke_tick(holding_authority(store), holding_settings(), clock_now(), &done, &error) != RFD_OK)
        fail_msg("%s", error.detail);
    assert_int_equal(done, expected);
}

static void test_killed_before_revoking(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate;
    struct holding_call c = order_and_die(store, &certificate);
    tick(store, 1);
    tick(store, 0);
    assert_int_equal(holding_state(store, certificate), CERTIFICATE_REVOKED);
    assert_int_equal(request_state(store, c.request), REQUEST_REVOKED);
    assert_int_equal(holding_mails(store, "certificate-revoked"), 1);
    holding_call_end(&c);
}

static void test_killed_before_telling(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate;
    struct holding_call c = order_and_die(store, &certificate);
    assert_int_equal(holding_look(store, &c), RFD_OK);
    uint8_t serial[20];
    int64_t authority = world_number(store, "SELECT authority FROM certificate WHERE id = %lld", certificate);
    const struct certificate *of = holding_identity(ANA)->certificate;
    memcpy(serial, of->serial.data, of->serial.length);
    const struct authority_change change = {.actor = SLICE("test"),
                                            .authority = authority,
                                            .serial = slice_of(serial, of->serial.length),
                                            .reason = 1,
                                            .invalid_since = RFD_TIME_NONE};
    assert_int_equal(authority_revoke(holding_authority(store), &change, &c.error), RFD_OK);
    tick(store, 1);
    assert_int_equal(request_state(store, c.request), REQUEST_REVOKED);
    assert_int_equal(holding_mails(store, "certificate-revoked"), 1);
    holding_call_end(&c);
}

/** Revoked meanwhile for another reason, by the command: the request ends, too. */
static void test_revoked_by_somebody_else(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate;
    struct holding_call c = order_and_die(store, &certificate);
    (void)domain_store_run(store, "UPDATE certificate_status SET state = 3, reason = 5, revoked_at = 5");
    tick(store, 1);
    assert_int_equal(request_state(store, c.request), REQUEST_REVOKED);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM revocation WHERE revoked = 5"), 1);
    holding_call_end(&c);
}

static void test_expired_meanwhile(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate;
    struct holding_call c = order_and_die(store, &certificate);
    (void)domain_store_run(store, "UPDATE certificate_status SET state = 4");
    tick(store, 1);
    assert_int_equal(request_state(store, c.request), REQUEST_REJECTED);
    assert_int_equal(holding_mails(store, "certificate-revoked"), 0);
    holding_call_end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOLDINGS(test_agent_revokes),
        IN_BOTH_HOLDINGS(test_wrong_order),
        IN_BOTH_HOLDINGS(test_signed_for_another_certificate),
        IN_BOTH_HOLDINGS(test_revoked_signer),
        IN_BOTH_HOLDINGS(test_whose_unit),
        IN_BOTH_HOLDINGS(test_holder),
        IN_BOTH_HOLDINGS(test_other_states),
        IN_BOTH_HOLDINGS(test_ask_and_decide),
        IN_BOTH_HOLDINGS(test_rejected),
        IN_BOTH_HOLDINGS(test_two_by_profile),
        IN_BOTH_HOLDINGS(test_own_not_decided),
        IN_BOTH_HOLDINGS(test_departure),
        IN_BOTH_HOLDINGS(test_double_click),
        IN_BOTH_HOLDINGS(test_two_agents_at_once),
        IN_BOTH_HOLDINGS(test_killed_before_revoking),
        IN_BOTH_HOLDINGS(test_killed_before_telling),
        IN_BOTH_HOLDINGS(test_revoked_by_somebody_else),
        IN_BOTH_HOLDINGS(test_expired_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
