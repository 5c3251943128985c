/* SPDX-License-Identifier: EUPL-1.2
 *
 * The agent's desk, in both databases: one agent has a request, of the units that they serve; everything else is
 * refused, and who may not see a request does not learn that there is one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "registration_world.h"

#include <pthread.h>

#define DAYS(n) ((rfd_time)(n)*DAY_LENGTH)

/** Confirmed, and nobody's yet. */
static int64_t started(struct office *o, struct form *f)
{
    struct call nobody = office_as(o, 0);
    assert_int_equal(office_ask(&nobody, f), RFD_OK);
    const char *token = office_mailed(o, "request-confirm", REGISTRATION_PAGE_CONFIRM);
    assert_int_equal(office_confirm(&nobody, slice_text(token)), RFD_OK);
    return nobody.id;
}

/* ---- Taking ---- */

static void test_taken_by_one(void **state)
{
    struct office *o = office_open(state);
    struct call agent = office_as(o, AGENT), rival = office_as(o, RIVAL);
    struct form f;
    form_new(&f, "70000001");
    int64_t id = started(o, &f);
    assert_int_equal(office_take(&agent, id), RFD_OK);
    assert_int_equal(office_take(&agent, id), RFD_OK); /* opened twice */
    assert_int_equal(
        office_number(o, "SELECT count(*) FROM request_event WHERE event = 'taken' AND request = %lld", id), 1);
    assert_int_equal(office_take(&rival, id), RFD_E_STATE);
    assert_non_null(strstr(rival.error.detail, "Hugo Quispe")); /* who has it */
    struct request r = office_load(o, id);
    assert_int_equal(r.taker, AGENT);
    assert_true(r.taken != RFD_TIME_NONE);
    form_free(&f);
}

struct racer {
    struct call call;
    rfd_status status;
};

static rfd_status take(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    return request_take(t, &c->actor, c->id, error);
}

static void *race(void *context)
{
    struct racer *r = context;
    r->status = store_write(r->call.office->store, take, &r->call, NULL);
    return NULL;
}

static void test_two_agents_race(void **state)
{
    struct office *o = office_open(state);
    for (unsigned round = 0; round < 5; round++) {
        struct racer racers[2] = {{.call = office_as(o, AGENT)}, {.call = office_as(o, RIVAL)}};
        pthread_t threads[2];
        struct form f;
        form_new(&f, "70000001");
        int64_t id = started(o, &f);
        racers[0].call.id = racers[1].call.id = id;
        for (size_t i = 0; i < 2; i++) assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
        for (size_t i = 0; i < 2; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
        bool first = racers[0].status == RFD_OK;
        assert_int_equal(racers[first ? 1 : 0].status, RFD_E_STATE);
        assert_int_equal(racers[first ? 0 : 1].status, RFD_OK);
        assert_int_equal(office_load(o, id).taker, first ? AGENT : RIVAL);
        assert_int_equal(
            office_number(o, "SELECT count(*) FROM request_event WHERE event = 'taken' AND request = %lld", id), 1);
        form_free(&f);
    }
}

static rfd_status see(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    struct request r;
    return request_see(t, &c->actor, c->id, &r, error);
}

static void test_of_another_unit(void **state)
{
    struct office *o = office_open(state);
    struct call other = office_as(o, ELSEWHERE), ana = office_as(o, ANA), nobody = office_as(o, 0);
    struct form f;
    form_new(&f, "70000001");
    int64_t id = started(o, &f);
    assert_int_equal(office_take(&other, id), RFD_E_NOT_FOUND);
    assert_int_equal(office_take(&ana, id), RFD_E_NOT_FOUND);
    assert_int_equal(office_take(&nobody, id), RFD_E_UNAUTHORISED);
    assert_int_equal(office_observe(&other, id, "Nada"), RFD_E_NOT_FOUND);
    assert_int_equal(office_cancel(&other, id, false, "Nada"), RFD_E_NOT_FOUND);
    assert_int_equal(office_release(&other, id), RFD_E_NOT_FOUND);
    assert_int_equal(office_take(&other, 4711), RFD_E_NOT_FOUND);
    other.id = id;
    assert_int_equal(office_write(&other, see), RFD_E_NOT_FOUND);
    assert_int_equal(office_state(o, id), REQUEST_STARTED);
    form_free(&f);
}

static void test_without_a_unit_all_agents_serve(void **state)
{
    struct office *o = office_open(state);
    struct call other = office_as(o, ELSEWHERE), ana = office_as(o, ANA);
    struct form f;
    form_new(&f, "70000001");
    f.request.unit = 0;
    int64_t id = started(o, &f);
    assert_int_equal(office_take(&ana, id), RFD_E_NOT_FOUND);
    assert_int_equal(office_take(&other, id), RFD_OK);
    form_free(&f);
}

/** Who asked for theirs sees it, and nothing more. */
static void test_ones_own_request(void **state)
{
    struct office *o = office_open(state);
    struct call ana = office_as(o, ANA);
    struct form f;
    form_new(&f, "00000004");
    assert_int_equal(office_ask(&ana, &f), RFD_OK);
    assert_int_equal(office_load(o, ana.id).requester, ANA);
    assert_int_equal(office_write(&ana, see), RFD_OK);
    assert_int_equal(office_take(&ana, ana.id), RFD_E_FORBIDDEN);
    form_free(&f);
}

/** Nor does an agent issue their own certificate. */
static void test_nobody_attends_their_own(void **state)
{
    struct office *o = office_open(state);
    struct call agent = office_as(o, AGENT), rival = office_as(o, RIVAL);
    struct form f, other;
    form_new(&f, "00000002"); /* AGENT's number */
    int64_t id = started(o, &f);
    assert_int_equal(office_take(&agent, id), RFD_E_FORBIDDEN);
    assert_int_equal(office_take(&rival, id), RFD_OK);
    form_new(&other, "00000002");
    assert_int_equal(office_ask_in_person(&agent, &other), RFD_E_INVALID);
    assert_true(office_faulty(&agent, "number"));
    form_free(&f);
    form_free(&other);
}

/* ---- What the one who has it does ---- */

static void test_only_who_has_it(void **state)
{
    struct office *o = office_open(state);
    struct call agent = office_as(o, AGENT), rival = office_as(o, RIVAL);
    struct form f;
    form_new(&f, "70000001");
    int64_t id = started(o, &f);
    assert_int_equal(office_observe(&agent, id, "Antes de tomarla"), RFD_E_STATE);
    assert_int_equal(office_take(&agent, id), RFD_OK);
    assert_int_equal(office_observe(&rival, id, "De otro"), RFD_E_FORBIDDEN);
    assert_int_equal(office_release(&rival, id), RFD_E_FORBIDDEN);
    assert_int_equal(office_cancel(&rival, id, true, "De otro"), RFD_E_FORBIDDEN);
    assert_int_equal(office_observe(&agent, id, " \n "), RFD_E_INVALID);
    assert_true(office_faulty(&agent, "note"));
    assert_int_equal(office_state(o, id), REQUEST_TAKEN);
    assert_int_equal(office_release(&agent, id), RFD_OK);
    assert_int_equal(office_state(o, id), REQUEST_STARTED);
    assert_int_equal(office_release(&agent, id), RFD_E_STATE); /* twice */
    assert_int_equal(office_take(&rival, id), RFD_OK);
    form_free(&f);
}

static void test_ended_with_a_reason(void **state)
{
    struct office *o = office_open(state);
    struct call agent = office_as(o, AGENT), rival = office_as(o, RIVAL), nobody = office_as(o, 0);
    struct form f, other;
    form_new(&f, "70000001");
    form_new(&other, "70000002");
    int64_t id = started(o, &f);
    assert_int_equal(office_take(&agent, id), RFD_OK);
    assert_int_equal(office_cancel(&agent, id, true, ""), RFD_E_INVALID);
    assert_int_equal(office_cancel(&agent, id, true, "No es quien dice"), RFD_OK);
    struct request r = office_load(o, id);
    assert_int_equal(r.state, REQUEST_REJECTED);
    assert_true(slice_is(r.note, "No es quien dice"));
    assert_true(r.concluded != RFD_TIME_NONE);
    assert_int_equal(office_mails(o, "request-rejected"), 1);
    assert_int_equal(office_cancel(&agent, id, true, "Otra vez"), RFD_E_STATE);
    assert_int_equal(office_take(&agent, id), RFD_E_STATE);
    /* One that is not confirmed: any agent of the unit, and the link is dead. */
    assert_int_equal(office_ask(&nobody, &other), RFD_OK);
    int64_t wrong = nobody.id;
    assert_int_equal(office_cancel(&rival, wrong, true, "No se rechaza"), RFD_E_STATE);
    assert_int_equal(office_cancel(&rival, wrong, false, "El correo no existe"), RFD_OK);
    assert_int_equal(office_mails(o, "request-cancelled"), 1);
    const char *token = office_mailed(o, "request-confirm", REGISTRATION_PAGE_CONFIRM);
    assert_int_equal(office_confirm(&nobody, slice_text(token)), RFD_E_NOT_FOUND);
    form_free(&f);
    form_free(&other);
}

/* ---- What is missing ---- */

static rfd_status missing(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    struct request r;
    const char *why;
    TRY(request_find(t, c->id, &r, error));
    TRY(request_missing(t, &r, &why, error));
    c->note = why == NULL ? SLICE_EMPTY : slice_text(why);
    return RFD_OK;
}

static bool lacks(struct call *c, const char *part)
{
    assert_int_equal(office_write(c, missing), RFD_OK);
    return memmem(c->note.data, c->note.length, part, strlen(part)) != NULL;
}

static void test_what_is_missing(void **state)
{
    struct office *o = office_open(state);
    struct call agent = office_as(o, AGENT);
    struct form f;
    form_new(&f, "70000001");
    agent.id = started(o, &f);
    assert_int_equal(office_take(&agent, agent.id), RFD_OK);
    assert_true(lacks(&agent, "checked"));
    office_check_files(&agent, agent.id);
    assert_int_equal(office_write(&agent, missing), RFD_OK);
    assert_int_equal(agent.note.length, 0);
    (void)domain_store_run(o->store, "UPDATE evidence SET scan = 'waiting' WHERE kind = 'proof-of-address'");
    assert_true(lacks(&agent, "looked at for viruses"));
    (void)domain_store_run(o->store, "UPDATE evidence SET scan = 'infected' WHERE kind = 'proof-of-address'");
    assert_true(lacks(&agent, "has a virus"));
    assert_int_equal(office_approve(&agent, agent.id, clock_now()), RFD_E_INVALID);
    form_free(&f);
}

/* ---- In person ---- */

struct key_call {
    struct call *c;
    char token[REQUEST_TOKEN_SIZE];
    slice pkcs10;
    int64_t applicant;
};

static rfd_status hand_page(struct transaction *t, void *context, struct rfd_error *error)
{
    struct key_call *k = context;
    return request_link(t, LINK_KEY, k->c->id, clock_now() + 3600 * RFD_SECOND, k->token, error);
}

static rfd_status make_key(struct transaction *t, void *context, struct rfd_error *error)
{
    struct key_call *k = context;
    struct actor nobody = {.account = 0};
    k->c->faults.count = 0;
    TRY(request_link_applicant(t, LINK_KEY, slice_text(k->token), clock_now(), &k->applicant, error));
    if (k->applicant == 0) return error_set(error, RFD_E_NOT_FOUND, "the link is not in force");
    return request_key(t, &nobody, k->applicant, k->pkcs10, &k->c->faults, error);
}

static void test_in_person(void **state)
{
    struct office *o = office_open(state);
    struct call agent = office_as(o, AGENT), other = office_as(o, ELSEWHERE), nobody = office_as(o, 0);
    struct key_call k = {.c = &agent};
    struct form f;
    form_new(&f, "70000001");
    f.person.pkcs10 = SLICE_EMPTY;
    f.person.mail_again = SLICE_EMPTY;
    assert_int_equal(office_ask_in_person(&nobody, &f), RFD_E_UNAUTHORISED);
    assert_int_equal(office_ask_in_person(&other, &f), RFD_E_FORBIDDEN);
    assert_int_equal(office_ask_in_person(&agent, &f), RFD_OK);
    int64_t id = agent.id;
    assert_int_equal(office_ask_in_person(&agent, &f), RFD_OK); /* sent twice */
    assert_int_equal(agent.id, id);
    struct request r = office_load(o, id);
    assert_true(r.in_person && r.state == REQUEST_TAKEN && r.taker == AGENT);
    assert_int_equal(office_mails(o, "request-confirm"), 0);
    office_check_files(&agent, id);
    assert_true(lacks(&agent, "key"));
    assert_int_equal(store_write(o->store, hand_page, &k, NULL), RFD_OK);
    k.pkcs10 = SLICE("no key");
    assert_int_equal(store_write(o->store, make_key, &k, NULL), RFD_E_INVALID);
    assert_true(office_faulty(&agent, "key"));
    k.pkcs10 = buf_slice(&f.pkcs10);
    assert_int_equal(store_write(o->store, make_key, &k, NULL), RFD_OK);
    assert_true(office_load(o, id).applicants[0].spki.length > 0);
    form_key(&f);
    k.pkcs10 = buf_slice(&f.pkcs10);
    assert_int_equal(store_write(o->store, make_key, &k, NULL), RFD_E_NOT_FOUND); /* the link was used */
    assert_int_equal(office_write(&agent, missing), RFD_OK);
    assert_int_equal(agent.note.length, 0);
    assert_int_equal(office_approve(&agent, id, clock_now()), RFD_OK);
    assert_int_equal(office_issue(o, id, NULL), RFD_OK);
    assert_int_equal(office_state(o, id), REQUEST_ISSUED);
    form_free(&f);
}

/* ---- Time ---- */

static void test_offered_to_others_in_time(void **state)
{
    struct office *o = office_open(state);
    struct call agent = office_as(o, AGENT), rival = office_as(o, RIVAL);
    struct form f;
    unsigned done = 0;
    form_new(&f, "70000001");
    int64_t id = started(o, &f);
    assert_int_equal(office_take(&agent, id), RFD_OK);
    rfd_time taken = clock_now();
    clock_fix(taken + DAYS(4));
    assert_int_equal(request_tick(o->domain, &o->settings, clock_now(), &done, NULL), RFD_OK);
    assert_int_equal(office_state(o, id), REQUEST_TAKEN);
    clock_fix(taken + DAYS(5) + RFD_SECOND);
    assert_int_equal(request_tick(o->domain, &o->settings, clock_now(), &done, NULL), RFD_OK);
    assert_int_equal(office_state(o, id), REQUEST_STARTED);
    assert_int_equal(request_tick(o->domain, &o->settings, clock_now(), &done, NULL), RFD_OK);
    assert_int_equal(
        office_number(o, "SELECT count(*) FROM request_event WHERE event = 'returned' AND request = %lld", id), 1);
    assert_int_equal(office_take(&rival, id), RFD_OK);
    clock_fix(RFD_TIME_NONE);
    form_free(&f);
}

static rfd_status timeline(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    struct request_happening *all, *open;
    size_t count, open_count;
    TRY(request_events(t, c->id, false, &all, &count, error));
    TRY(request_events(t, c->id, true, &open, &open_count, error));
    assert_int_equal(count, open_count);
    assert_int_equal(all[0].event, REQUEST_EVENT_ASK);
    assert_int_equal(all[2].event, REQUEST_EVENT_TAKE);
    assert_true(slice_is(all[2].name, "Hugo Quispe"));
    assert_int_equal(open[2].name.length, 0); /* agents are not named to applicants */
    assert_true(slice_is(open[count - 1].note, "Falta una hoja"));
    assert_int_equal(open[count - 1].state, REQUEST_OBSERVED);
    return RFD_OK;
}

static void test_the_timeline(void **state)
{
    struct office *o = office_open(state);
    struct call agent = office_as(o, AGENT);
    struct form f;
    form_new(&f, "70000001");
    int64_t id = started(o, &f);
    assert_int_equal(office_take(&agent, id), RFD_OK);
    assert_int_equal(office_observe(&agent, id, "Falta una hoja"), RFD_OK);
    agent.id = id;
    assert_int_equal(office_write(&agent, timeline), RFD_OK);
    form_free(&f);
}

static const struct CMUnitTest tests[] = {
    IN_BOTH_OFFICES(test_taken_by_one),
    IN_BOTH_OFFICES(test_two_agents_race),
    IN_BOTH_OFFICES(test_of_another_unit),
    IN_BOTH_OFFICES(test_without_a_unit_all_agents_serve),
    IN_BOTH_OFFICES(test_ones_own_request),
    IN_BOTH_OFFICES(test_nobody_attends_their_own),
    IN_BOTH_OFFICES(test_only_who_has_it),
    IN_BOTH_OFFICES(test_ended_with_a_reason),
    IN_BOTH_OFFICES(test_what_is_missing),
    IN_BOTH_OFFICES(test_in_person),
    IN_BOTH_OFFICES(test_offered_to_others_in_time),
    IN_BOTH_OFFICES(test_the_timeline),
};

int main(void)
{
    return cmocka_run_group_tests(tests, office_setup, office_teardown);
}
