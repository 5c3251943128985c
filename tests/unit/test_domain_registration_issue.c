/* SPDX-License-Identifier: EUPL-1.2
 *
 * From the agent's signature to the certificate, with a real keeper, in both databases: what is signed, by whom and
 * when; forms that are sent twice; a process that dies between any two steps; a keeper that refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "keeper/approval.h"
#include "registration_world.h"

#include <pthread.h>
#include <stdio.h>

static void test_the_whole_way(void **state)
{
    struct office *o = office_open(state);
    struct form f;
    const char *why = "not told";
    form_new(&f, "70000001");
    int64_t id = office_taken(o, &f);
    struct call agent = office_as(o, AGENT);
    assert_int_equal(office_approve(&agent, id, clock_now()), RFD_OK);
    assert_int_equal(office_state(o, id), REQUEST_APPROVED);
    assert_int_equal(office_issue(o, id, &why), RFD_OK);
    assert_null(why);
    struct request r = office_load(o, id);
    assert_int_equal(r.state, REQUEST_ISSUED);
    assert_true(r.concluded != RFD_TIME_NONE && r.due == RFD_TIME_NONE);
    int64_t certificate = r.applicants[0].certificate;
    assert_true(certificate != 0);
    assert_int_equal(
        office_number(
            o,
            "SELECT count(*) FROM certificate WHERE id = %lld AND subject_id = 'IDCPE-70000001' AND mail = 'p70000001@example.pe'",
            certificate),
        1);
    assert_int_equal(office_number(o, "SELECT agent FROM certificate_agent WHERE certificate = %lld", certificate),
                     AGENT);
    assert_int_equal(office_mails(o, "certificate-issued"), 2); /* by mail and SMS */
    assert_int_equal(office_number(o, "SELECT count(*) FROM certificate_use WHERE use = 'approval'", 0), 1);
    assert_int_equal(
        office_number(
            o, "SELECT count(*) FROM audit_waiting WHERE action = 'registration.issue' AND object = 'request:%lld'",
            id),
        1);
    form_free(&f);
}

/* ---- What is not taken for an approval ---- */

/** Taken and checked; the signature that AGENT would give now. */
static int64_t ready(struct office *o, struct form *f, struct buf *signed_data)
{
    form_new(f, "70000001");
    int64_t id = office_taken(o, f);
    buf_init(signed_data, APPROVAL_SIGNED_MAXIMUM);
    office_sign(o, AGENT, id, clock_now(), signed_data);
    return id;
}

static int64_t applicant_of(struct office *o, int64_t id)
{
    return office_number(o, "SELECT id FROM applicant WHERE request = %lld", id);
}

static void refused(struct office *o, struct call *c, int64_t id, slice signed_data)
{
    assert_int_equal(office_send_approval(c, id, applicant_of(o, id), signed_data), RFD_E_INVALID);
    assert_true(office_faulty(c, "signature"));
    assert_int_equal(office_state(o, id), REQUEST_TAKEN);
}

static void test_signatures_that_are_none(void **state)
{
    struct office *o = office_open(state);
    struct call agent = office_as(o, AGENT), rival = office_as(o, RIVAL);
    struct form f;
    struct buf good, other;
    int64_t id = ready(o, &f, &good);
    refused(o, &agent, id, SLICE_EMPTY);
    refused(o, &agent, id, SLICE("no signature"));
    buf_init(&other, APPROVAL_SIGNED_MAXIMUM);
    office_sign(o, RIVAL, id, clock_now(), &other); /* of somebody else */
    refused(o, &agent, id, buf_slice(&other));
    buf_reset(&other);
    office_sign(o, AGENT, id, clock_now() - 901 * RFD_SECOND, &other); /* too old */
    refused(o, &agent, id, buf_slice(&other));
    buf_reset(&other);
    office_sign(o, AGENT, id, clock_now() + 120 * RFD_SECOND, &other); /* of the future */
    refused(o, &agent, id, buf_slice(&other));
    assert_int_equal(office_send_approval(&rival, id, applicant_of(o, id), buf_slice(&good)), RFD_E_FORBIDDEN);
    good.data[good.length - 1] ^= 1;
    refused(o, &agent, id, buf_slice(&good));
    good.data[good.length - 1] ^= 1;
    /* The address that was approved is not the one of now. */
    (void)domain_store_run(o->store, "UPDATE applicant SET mail = 'otra@example.pe'");
    refused(o, &agent, id, buf_slice(&good));
    (void)domain_store_run(o->store, "UPDATE applicant SET mail = 'p70000001@example.pe'");
    assert_int_equal(office_send_approval(&agent, id, 4711, buf_slice(&good)), RFD_E_INVALID);
    assert_int_equal(office_send_approval(&agent, id, applicant_of(o, id), buf_slice(&good)), RFD_OK);
    buf_dispose(&good);
    buf_dispose(&other);
    form_free(&f);
}

/** An approval of one request is none of another one. */
static void test_of_another_request(void **state)
{
    struct office *o = office_open(state);
    struct call agent = office_as(o, AGENT);
    struct form f, other;
    struct buf good;
    (void)ready(o, &f, &good);
    form_new(&other, "70000002");
    int64_t second = office_taken(o, &other);
    refused(o, &agent, second, buf_slice(&good));
    buf_dispose(&good);
    form_free(&f);
    form_free(&other);
}

static void test_not_before_all_is_checked(void **state)
{
    struct office *o = office_open(state);
    struct call agent = office_as(o, AGENT);
    struct form f;
    struct buf good;
    int64_t id = ready(o, &f, &good);
    (void)domain_store_run(o->store, "UPDATE evidence SET legible = FALSE WHERE kind = 'identity-back'");
    assert_int_equal(office_send_approval(&agent, id, applicant_of(o, id), buf_slice(&good)), RFD_E_INVALID);
    assert_int_equal(office_state(o, id), REQUEST_TAKEN);
    buf_dispose(&good);
    form_free(&f);
}

/* ---- Twice ---- */

static void test_approved_twice_is_once(void **state)
{
    struct office *o = office_open(state);
    struct call agent = office_as(o, AGENT);
    struct form f;
    struct buf good, other;
    int64_t id = ready(o, &f, &good);
    int64_t applicant = applicant_of(o, id);
    assert_int_equal(office_send_approval(&agent, id, applicant, buf_slice(&good)), RFD_OK);
    assert_int_equal(office_send_approval(&agent, id, applicant, buf_slice(&good)), RFD_OK);
    assert_int_equal(office_number(o, "SELECT attempt FROM applicant WHERE request = %lld", id), 1);
    buf_init(&other, APPROVAL_SIGNED_MAXIMUM);
    office_sign(o, AGENT, id, clock_now(), &other);
    assert_int_equal(office_send_approval(&agent, id, applicant, buf_slice(&other)), RFD_E_STATE);
    assert_int_equal(office_issue(o, id, NULL), RFD_OK);
    assert_int_equal(office_send_approval(&agent, id, applicant, buf_slice(&good)), RFD_OK);
    assert_int_equal(office_issue(o, id, NULL), RFD_OK);
    assert_int_equal(
        domain_store_number(o->store, "SELECT count(*) FROM certificate WHERE subject_id = 'IDCPE-70000001'"), 1);
    assert_int_equal(office_mails(o, "certificate-issued"), 2);
    buf_dispose(&good);
    buf_dispose(&other);
    form_free(&f);
}

enum { ISSUERS = 3 };
struct issuer {
    struct office *office;
    int64_t id;
    rfd_status status;
};

static void *issue_at_once(void *context)
{
    struct issuer *i = context;
    i->status = office_issue(i->office, i->id, NULL);
    return NULL;
}

/** The page, the page once more, and the worker. */
static void test_issued_by_several_at_once(void **state)
{
    struct office *o = office_open(state);
    struct call agent = office_as(o, AGENT);
    struct issuer issuers[ISSUERS];
    pthread_t threads[ISSUERS];
    struct form f;
    form_new(&f, "70000001");
    int64_t id = office_taken(o, &f);
    assert_int_equal(office_approve(&agent, id, clock_now()), RFD_OK);
    for (size_t i = 0; i < ISSUERS; i++) {
        issuers[i] = (struct issuer){o, id, RFD_OK};
        assert_int_equal(pthread_create(&threads[i], NULL, issue_at_once, &issuers[i]), 0);
    }
    for (size_t i = 0; i < ISSUERS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < ISSUERS; i++) assert_int_equal(issuers[i].status, RFD_OK);
    assert_int_equal(office_state(o, id), REQUEST_ISSUED);
    assert_int_equal(
        domain_store_number(o->store, "SELECT count(*) FROM certificate WHERE subject_id = 'IDCPE-70000001'"), 1);
    assert_int_equal(
        office_number(o, "SELECT count(*) FROM request_event WHERE event = 'issued' AND request = %lld", id), 1);
    form_free(&f);
}

/* ---- Killed between any two steps ---- */

static struct authority_domain reopened(void **state, struct office *o, struct store **store)
{
    const struct domain_store *d = *state;
    const struct store_options options = {.address = d->address};
    struct authority_domain domain = *o->domain;
    assert_int_equal(store_open(&options, store, NULL), RFD_OK);
    domain.store = *store;
    return domain;
}

/** As if a minute had passed. */
static unsigned tick_later(struct authority_domain *domain, struct office *o)
{
    unsigned done = 0;
    assert_int_equal(request_tick(domain, &o->settings, clock_now() + 61 * RFD_SECOND, &done, NULL), RFD_OK);
    return done;
}

static int64_t certificates(struct office *o)
{
    return domain_store_number(o->store, "SELECT count(*) FROM certificate WHERE subject_id = 'IDCPE-70000001'");
}

/** After the approval was stored, before anybody asked the keeper. */
static void test_killed_after_the_approval(void **state)
{
    struct office *o = office_open(state);
    struct call agent = office_as(o, AGENT);
    struct store *again;
    struct form f;
    unsigned done = 0;
    form_new(&f, "70000001");
    int64_t id = office_taken(o, &f);
    assert_int_equal(office_approve(&agent, id, clock_now()), RFD_OK);
    struct authority_domain domain = reopened(state, o, &again);
    assert_int_equal(request_tick(&domain, &o->settings, clock_now(), &done, NULL), RFD_OK);
    assert_int_equal(office_state(o, id), REQUEST_APPROVED); /* whoever approved may still be at it */
    assert_true(tick_later(&domain, o) >= 1);
    assert_int_equal(office_state(o, id), REQUEST_ISSUED);
    assert_int_equal(certificates(o), 1);
    assert_int_equal(office_mails(o, "certificate-issued"), 2);
    store_close(again);
    form_free(&f);
}

/** The keeper has signed, and its answer was lost with who waited for it. */
static void test_killed_after_the_keeper_signed(void **state)
{
    struct office *o = office_open(state);
    struct call agent = office_as(o, AGENT);
    struct store *again;
    struct form f;
    const char *why = "";
    form_new(&f, "70000001");
    int64_t id = office_taken(o, &f);
    assert_int_equal(office_approve(&agent, id, clock_now()), RFD_OK);
    authority_world_refuse(RFD_E_PEER_GONE, true);
    assert_int_equal(office_issue(o, id, &why), RFD_E_PEER_GONE);
    assert_int_equal(office_state(o, id), REQUEST_APPROVED);
    assert_int_equal(certificates(o), 0);
    authority_world_refuse(RFD_OK, false);
    struct authority_domain domain = reopened(state, o, &again);
    assert_true(tick_later(&domain, o) >= 1);
    assert_int_equal(office_state(o, id), REQUEST_ISSUED);
    assert_int_equal(certificates(o), 1);
    store_close(again);
    form_free(&f);
}

/** The certificate is in the register, and the request does not know it yet. */
static void test_killed_after_the_register(void **state)
{
    struct office *o = office_open(state);
    struct call agent = office_as(o, AGENT);
    struct store *again;
    struct form f;
    struct certificate_row row;
    struct arena a;
    bool was;
    form_new(&f, "70000001");
    int64_t id = office_taken(o, &f);
    assert_int_equal(office_approve(&agent, id, clock_now()), RFD_OK);
    struct request r = office_load(o, id);
    char key[64];
    (void)snprintf(key, sizeof key, "registration:%.*s-1-1", (int)r.code.length, (const char *)r.code.data);
    const struct authority_issue order = {.actor = SLICE("system:registration"),
                                          .idempotency = slice_text(key),
                                          .authority = o->authority,
                                          .spki = r.applicants[0].spki,
                                          .approvals = &r.applicants[0].approved,
                                          .approval_count = 1};
    arena_init(&a, 1 << 20);
    WORLD_OK(authority_issue(o->domain, &order, &a, &row, &was, &error));
    assert_int_equal(certificates(o), 1);
    struct authority_domain domain = reopened(state, o, &again);
    assert_true(tick_later(&domain, o) >= 1);
    r = office_load(o, id);
    assert_int_equal(r.state, REQUEST_ISSUED);
    assert_int_equal(r.applicants[0].certificate, row.id);
    assert_int_equal(certificates(o), 1);
    assert_int_equal(office_number(o, "SELECT count(*) FROM certificate_agent WHERE certificate = %lld", row.id), 1);
    arena_dispose(&a);
    store_close(again);
    form_free(&f);
}

/** Nobody tries again and again while the keeper is away; when it is back, the worker goes on. */
static void test_the_keeper_is_away(void **state)
{
    struct office *o = office_open(state);
    struct call agent = office_as(o, AGENT);
    struct form f;
    unsigned done = 0;
    form_new(&f, "70000001");
    int64_t id = office_taken(o, &f);
    assert_int_equal(office_approve(&agent, id, clock_now()), RFD_OK);
    authority_world_refuse(RFD_E_PEER_GONE, false);
    (void)domain_store_run(o->store, "UPDATE request SET due = due - 61000000"); /* a minute later */
    assert_int_equal(request_tick(o->domain, &o->settings, clock_now(), &done, NULL), RFD_E_PEER_GONE);
    assert_int_equal(request_tick(o->domain, &o->settings, clock_now(), &done, NULL), RFD_OK); /* not due yet */
    authority_world_refuse(RFD_OK, false);
    (void)domain_store_run(o->store, "UPDATE request SET due = due - 61000000");
    assert_int_equal(request_tick(o->domain, &o->settings, clock_now(), &done, NULL), RFD_OK);
    assert_int_equal(office_state(o, id), REQUEST_ISSUED);
    form_free(&f);
}

/* ---- Refused for good ---- */

static void test_refused_and_approved_again(void **state)
{
    struct office *o = office_open(state);
    struct call agent = office_as(o, AGENT);
    struct form f;
    const char *why = NULL;
    form_new(&f, "70000001");
    int64_t id = office_taken(o, &f);
    assert_int_equal(office_approve(&agent, id, clock_now()), RFD_OK);
    authority_world_refuse(RFD_E_APPROVAL, false);
    assert_int_equal(office_issue(o, id, &why), RFD_OK);
    assert_string_equal(why, "The approval is not valid");
    struct request r = office_load(o, id);
    assert_int_equal(r.state, REQUEST_TAKEN);
    assert_int_equal(r.taker, AGENT);
    assert_true(slice_is(r.note, "The approval is not valid"));
    assert_int_equal(r.applicants[0].approved.length, 0);
    assert_int_equal(office_mails(o, "request-step"), 1);
    authority_world_refuse(RFD_OK, false);
    assert_int_equal(office_approve(&agent, id, clock_now()), RFD_OK);
    assert_int_equal(office_issue(o, id, &why), RFD_OK);
    assert_null(why);
    assert_int_equal(office_state(o, id), REQUEST_ISSUED);
    assert_int_equal(office_number(o, "SELECT count(*) FROM certificate WHERE request LIKE '%%-1-2'", 0), 1);
    form_free(&f);
}

/* ---- Reminders ---- */

static void remind(struct office *o, rfd_time now, int64_t mails)
{
    unsigned done = 0;
    assert_int_equal(request_tick(o->domain, &o->settings, now, &done, NULL), RFD_OK);
    assert_int_equal(request_tick(o->domain, &o->settings, now, &done, NULL), RFD_OK); /* once */
    assert_int_equal(
        domain_store_number(o->store, "SELECT count(*) FROM outbox WHERE name = 'certificate-ending' AND channel = 0"),
        mails);
}

struct renewing {
    slice token;
    rfd_time now;
    int64_t id;
};

static rfd_status look_at_link(struct transaction *t, void *context, struct rfd_error *error)
{
    struct renewing *r = context;
    return request_link_look(t, LINK_RENEW, r->token, r->now, &r->id, error);
}

static void test_reminded(void **state)
{
    struct office *o = office_open(state);
    struct call agent = office_as(o, AGENT);
    struct form f;
    char first[64];
    form_new(&f, "70000001");
    int64_t id = office_taken(o, &f);
    assert_int_equal(office_approve(&agent, id, clock_now()), RFD_OK);
    assert_int_equal(office_issue(o, id, NULL), RFD_OK);
    int64_t certificate = office_load(o, id).applicants[0].certificate;
    rfd_time ends = office_number(o, "SELECT not_after FROM certificate WHERE id = %lld", certificate);
    remind(o, clock_now(), 0);
    remind(o, ends - 31 * DAY_LENGTH, 0);
    remind(o, ends - 29 * DAY_LENGTH, 1);
    (void)snprintf(first, sizeof first, "%s", office_mailed(o, "certificate-ending", REGISTRATION_PAGE_RENEW));
    remind(o, ends - 22 * DAY_LENGTH, 1);
    remind(o, ends - 20 * DAY_LENGTH, 2);
    struct renewing r = {.token = slice_text(first), .now = ends - DAY_LENGTH};
    assert_int_equal(store_read(o->store, look_at_link, &r, NULL), RFD_OK);
    assert_int_equal(r.id, certificate); /* the first mail's link is good still */
    remind(o, ends - 6 * DAY_LENGTH, 3);
    remind(o, ends - DAY_LENGTH / 2, 4);
    (void)domain_store_run(o->store, "UPDATE certificate_agent SET state = 3");
    remind(o, ends - DAY_LENGTH / 4, 4);
    form_free(&f);
}

static const struct CMUnitTest tests[] = {
    IN_BOTH_OFFICES(test_the_whole_way),
    IN_BOTH_OFFICES(test_signatures_that_are_none),
    IN_BOTH_OFFICES(test_of_another_request),
    IN_BOTH_OFFICES(test_not_before_all_is_checked),
    IN_BOTH_OFFICES(test_approved_twice_is_once),
    IN_BOTH_OFFICES(test_issued_by_several_at_once),
    IN_BOTH_OFFICES(test_killed_after_the_approval),
    IN_BOTH_OFFICES(test_killed_after_the_keeper_signed),
    IN_BOTH_OFFICES(test_killed_after_the_register),
    IN_BOTH_OFFICES(test_the_keeper_is_away),
    IN_BOTH_OFFICES(test_refused_and_approved_again),
    IN_BOTH_OFFICES(test_reminded),
};

int main(void)
{
    return cmocka_run_group_tests(tests, office_setup, office_teardown);
}
