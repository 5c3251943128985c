/* SPDX-License-Identifier: EUPL-1.2
 *
 * Drafts of units' requests: codes without gaps, who may, what is checked of applicants and payments, an operation that
 * pays once, sending what is complete.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "agency_world.h"
#include "base/clock.h"
#include "base/error.h"

#include <pthread.h>
#include <stdio.h>

/* ---- The draft ---- */

static void test_a_draft_has_its_code(void **state)
{
    struct store *store = domain_store_of(state);
    rfd_status status;
    int64_t first = agency_draft(store, CHIEF, UNIT_OTI, "issue", "first-issue", NULL);
    int64_t refused = agency_draft(store, CHIEF, UNIT_OTI, "issue", "lost-device", &status);
    assert_int_equal(refused, 0);
    assert_int_equal(status, RFD_E_INVALID); /* this motive is of reissues; no number was used for it */
    int64_t second = agency_draft(store, CHIEF, UNIT_OTI, "reissue", "lost-device", NULL);
    assert_true(slice_is(agency_load(store, first).code, "C-0001-2026"));
    assert_true(slice_is(agency_load(store, second).code, "C-0002-2026"));
    assert_int_equal(agency_state(store, second), REQUEST_DRAFT);
    assert_int_equal(agency_load(store, first).requester, CHIEF);
    assert_int_equal(agency_draft(store, CHIEF, UNIT_OTI, "nothing", "first-issue", &status), 0);
    assert_int_equal(agency_draft(store, CHIEF, UNIT_OTI, "issue", "", &status), 0);
}

static void test_only_for_ones_units(void **state)
{
    struct store *store = domain_store_of(state);
    rfd_status status;
    assert_int_equal(agency_draft(store, CHIEF, UNIT_OTRA, "issue", "first-issue", &status), 0);
    assert_int_equal(status, RFD_E_FORBIDDEN);
    assert_int_equal(agency_draft(store, ANA, UNIT_OTI, "issue", "first-issue", &status), 0);
    assert_int_equal(status, RFD_E_FORBIDDEN);
    assert_int_equal(agency_draft(store, CHIEF, 99, "issue", "first-issue", &status), 0);
    assert_int_equal(status, RFD_E_INVALID);
    assert_int_not_equal(agency_draft(store, LEAD, UNIT_OTRA, "issue", "first-issue", NULL), 0); /* below hers */
}

enum { RACERS = 4, EACH = 6 };
struct racer {
    struct store *store;
    struct agency_call call;
    unsigned made;
};

static rfd_status put_draft(struct transaction *t, void *context, struct rfd_error *error)
{
    struct agency_call *c = context;
    return agency_put(t, &c->actor, agency_settings(), &c->request, &c->faults, &c->id, error);
}

static void *race(void *context)
{
    struct racer *r = context;
    for (unsigned i = 0; i < EACH; i++) {
        struct agency_call c = r->call;
        /* Every third is refused, after it might have had a number. */
        if (i % 3 == 2) c.request.description = SLICE_EMPTY;
        if (store_write(r->store, put_draft, &c, NULL) == RFD_OK) r->made++;
    }
    return NULL;
}

static void test_codes_have_no_gaps(void **state)
{
    struct store *store = domain_store_of(state);
    struct racer racers[RACERS];
    pthread_t threads[RACERS];
    clock_fix(RFD_TIME_NONE); /* for all threads */
    clock_fix(MONDAY);
    for (unsigned i = 0; i < RACERS; i++) {
        racers[i] = (struct racer){.store = store, .call = agency_as(store, CHIEF)};
        racers[i].call.request = (struct request){.kind = SLICE("issue"),
                                                  .motive = SLICE("first-issue"),
                                                  .description = SLICE("A la vez"),
                                                  .unit = UNIT_OTI,
                                                  .language = SLICE("es")};
    }
    for (unsigned i = 0; i < RACERS; i++) assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    unsigned made = 0;
    for (unsigned i = 0; i < RACERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        made += racers[i].made;
    }
    assert_int_equal(made, RACERS * 4);
    assert_int_equal(domain_store_number(store, "SELECT count(DISTINCT code) FROM request"), made);
    char last[96];
    (void)snprintf(last, sizeof last, "SELECT count(*) FROM request WHERE code = 'C-%04u-2026'", made);
    assert_int_equal(domain_store_number(store, last), 1);
    assert_int_equal(domain_store_number(store, "SELECT number FROM request_number WHERE series = 'C'"), made);
}

static void test_one_form_is_one_request(void **state)
{
    struct store *store = domain_store_of(state);
    struct agency_call c = agency_as(store, CHIEF);
    c.request = (struct request){.kind = SLICE("issue"),
                                 .motive = SLICE("first-issue"),
                                 .description = SLICE("Dos veces"),
                                 .token = SLICE("token-of-the-form"),
                                 .unit = UNIT_OTI,
                                 .language = SLICE("es")};
    assert_int_equal(agency_run(store, put_draft, &c), RFD_OK);
    int64_t id = c.id;
    assert_int_equal(agency_run(store, put_draft, &c), RFD_OK);
    assert_int_equal(c.id, id);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM request"), 1);
    /* The token of somebody else's form leads nowhere. */
    struct agency_call other = agency_as(store, OTHER_CHIEF);
    other.request = c.request;
    other.request.unit = UNIT_OTRA;
    assert_int_equal(agency_run(store, put_draft, &other), RFD_E_NOT_FOUND);
}

/* ---- Applicants ---- */

static void refuse(struct store *store, const struct applicant *a, const char *field)
{
    struct agency_call c;
    assert_int_equal(agency_put_one(store, CHIEF, a, &c), RFD_E_INVALID);
    if (!agency_faulty(&c, field)) fail_msg("no fault of %s, but %s", field, c.faults.items[0].field);
}

static void test_what_is_checked_of_an_applicant(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t id = agency_draft(store, CHIEF, UNIT_OTI, "issue", "first-issue", NULL);
    struct applicant a = agency_applicant(id, "70000016");
#define REFUSE(member, value)                                                                                          \
    do {                                                                                                               \
        struct applicant wrong = a;                                                                                    \
        wrong.member = value;                                                                                          \
        refuse(store, &wrong, #member);                                                                                \
    } while (0)
    REFUSE(number, SLICE("7000001"));
    REFUSE(given_names, SLICE_EMPTY);
    REFUSE(surname, SLICE("  "));
    REFUSE(document_issued, RFD_TIME_NONE);
    REFUSE(document_issued, MONDAY + DAY_LENGTH);
    REFUSE(mail, SLICE("zoila@gmail.example"));
    REFUSE(mail, SLICE("zoila@notexample.pe"));
    REFUSE(mail, SLICE("zoila"));
    REFUSE(mobile, SLICE_EMPTY);
    REFUSE(mobile, SLICE("nada"));
    REFUSE(unit, UNIT_OTRA);
    REFUSE(unit, 99);
    REFUSE(post, SLICE_EMPTY);
    REFUSE(way_of_working, SLICE("sleeping"));
    REFUSE(locality, SLICE("999999"));
    REFUSE(locality, SLICE_EMPTY);
    REFUSE(installed_at, SLICE_EMPTY);
    REFUSE(device, SLICE("abacus"));
    REFUSE(payment, 7);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM applicant"), 0);
    struct agency_call c;
    a.mail = SLICE("zoila@OFICINA.Muni.gob.pe"); /* below one of the entity's */
    assert_int_equal(agency_put_one(store, CHIEF, &a, &c), RFD_OK);
    refuse(store, &a, "number"); /* twice */
    struct request r = agency_load(store, id);
    assert_int_equal(r.applicant_count, 1);
    assert_true(slice_is(r.applicants[0].mobile, "+51987654321"));
    assert_int_equal(r.applicants[0].unit, UNIT_OTI);
}

static void test_what_is_known_is_filled_in(void **state)
{
    struct store *store = domain_store_of(state);
    struct agency_call c;
    int64_t id = agency_draft(store, CHIEF, UNIT_OTI, "issue", "first-issue", NULL);
    struct applicant a = agency_applicant(id, "00000004"); /* Ana */
    a.given_names = a.surname = a.mail = a.post = SLICE_EMPTY;
    assert_int_equal(agency_put_one(store, CHIEF, &a, &c), RFD_OK);
    struct request r = agency_load(store, id);
    assert_int_equal(r.applicants[0].person, ANA);
    assert_true(slice_is(r.applicants[0].given_names, "Ana"));
    assert_true(slice_is(r.applicants[0].surname, "Quispe"));
    assert_true(slice_is(r.applicants[0].mail, "Ana@example.pe"));
    assert_true(slice_is(r.applicants[0].post, "Analista"));
    assert_true(slice_is(r.applicants[0].mobile, "+51987654321")); /* what was typed stays */
}

static void test_applicants_are_changed_and_removed(void **state)
{
    struct store *store = domain_store_of(state);
    struct agency_call c;
    int64_t id = agency_draft(store, CHIEF, UNIT_OTI, "issue", "first-issue", NULL);
    int64_t one = agency_complete(store, CHIEF, id, "70000016");
    struct applicant a = agency_applicant(id, "70000016");
    a.id = one;
    a.surname = SLICE("Huamán");
    assert_int_equal(agency_put_one(store, CHIEF, &a, &c), RFD_OK);
    assert_int_equal(c.id, one);
    assert_true(slice_is(agency_load(store, id).applicants[0].surname, "Huamán"));
    assert_int_equal(agency_put_one(store, OTHER_CHIEF, &a, &c), RFD_E_NOT_FOUND); /* another unit's */
    assert_int_equal(agency_put_one(store, LEAD, &a, &c), RFD_E_FORBIDDEN);        /* above, but not hers */
    assert_int_equal(agency_file(store, OTHER_CHIEF, one, 0, "photograph", "image/png"), RFD_E_NOT_FOUND);
    assert_int_equal(agency_file(store, CHIEF, one, 0, "photograph", "application/pdf"), RFD_E_INVALID);
    assert_int_equal(agency_file(store, CHIEF, one, 0, "payment-document", "image/png"), RFD_E_INVALID);
    assert_int_equal(agency_file(store, CHIEF, one, 0, "identity-front", "image/png"), RFD_E_INVALID);
}

static rfd_status remove_it(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct agency_call *c = context;
    return agency_remove_applicant(t, &c->actor, c->id, error);
}

static void test_an_applicant_is_removed(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t id = agency_draft(store, CHIEF, UNIT_OTI, "issue", "first-issue", NULL);
    struct agency_call c = agency_as(store, OTHER_CHIEF);
    c.id = agency_complete(store, CHIEF, id, "70000016");
    assert_int_equal(agency_run(store, remove_it, &c), RFD_E_NOT_FOUND);
    c.actor = world_actor(store, CHIEF);
    assert_int_equal(agency_run(store, remove_it, &c), RFD_OK);
    assert_int_equal(agency_run(store, remove_it, &c), RFD_E_NOT_FOUND);
    assert_int_equal(agency_load(store, id).applicant_count, 0);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM evidence WHERE NOT replaced"), 0);
}

/* ---- Payments ---- */

static void test_an_operation_pays_once(void **state)
{
    struct store *store = domain_store_of(state);
    struct agency_call c;
    int64_t one = agency_draft(store, CHIEF, UNIT_OTI, "issue", "extra-certificate", NULL);
    int64_t other = agency_draft(store, OTHER_CHIEF, UNIT_OTRA, "issue", "extra-certificate", NULL);
    assert_int_equal(agency_pay(store, CHIEF, one, "001234-5", &c), RFD_OK);
    assert_int_equal(agency_pay(store, CHIEF, one, "12345", &c), RFD_E_INVALID); /* the same, otherwise written */
    assert_true(agency_faulty(&c, "operation"));
    assert_int_equal(agency_pay(store, OTHER_CHIEF, other, "12 345", &c), RFD_E_INVALID);
    assert_true(agency_faulty(&c, "operation"));
    assert_int_equal(agency_pay(store, OTHER_CHIEF, one, "777", &c), RFD_E_NOT_FOUND);
    assert_int_equal(agency_pay(store, OTHER_CHIEF, other, "12346", &c), RFD_OK);
    c.payment.id = c.id;
    c.payment.operation = SLICE("12345");
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM payment"), 2);
    assert_int_equal(agency_pay(store, CHIEF, one, "<script>", &c), RFD_E_INVALID);
    assert_int_equal(agency_pay(store, CHIEF, one, "0", &c), RFD_E_INVALID);
}

struct payer {
    struct store *store;
    struct agency_call call;
    rfd_status status;
};

static rfd_status pay_once(struct transaction *t, void *context, struct rfd_error *error)
{
    struct agency_call *c = context;
    c->faults.count = 0;
    return payment_put(t, &c->actor, agency_settings(), &c->payment, &c->faults, &c->id, error);
}

static void *pay_at_once(void *context)
{
    struct payer *p = context;
    p->status = store_write(p->store, pay_once, &p->call, NULL);
    return NULL;
}

static void test_two_at_once_pay_once(void **state)
{
    struct store *store = domain_store_of(state);
    struct payer payers[2];
    pthread_t threads[2];
    int64_t one = agency_draft(store, CHIEF, UNIT_OTI, "issue", "extra-certificate", NULL);
    int64_t other = agency_draft(store, OTHER_CHIEF, UNIT_OTRA, "issue", "extra-certificate", NULL);
    for (int round = 0; round < 5; round++) {
        char operation[16];
        (void)snprintf(operation, sizeof operation, "%d", 900 + round);
        for (unsigned i = 0; i < 2; i++) {
            payers[i] = (struct payer){.store = store, .call = agency_as(store, i == 0 ? CHIEF : OTHER_CHIEF)};
            payers[i].call.payment = (struct payment){.request = i == 0 ? one : other,
                                                      .kind = SLICE("transfer"),
                                                      .day = MONDAY - DAY_LENGTH,
                                                      .operation = slice_text(operation),
                                                      .amount = 810};
        }
        for (unsigned i = 0; i < 2; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, pay_at_once, &payers[i]), 0);
        for (unsigned i = 0; i < 2; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal((payers[0].status == RFD_OK) + (payers[1].status == RFD_OK), 1);
        rfd_status lost = payers[0].status == RFD_OK ? payers[1].status : payers[0].status;
        assert_int_equal(lost, RFD_E_INVALID);
    }
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM payment"), 5);
}

static rfd_status cancel(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct agency_call *c = context;
    return agency_cancel(t, &c->actor, c->id, error);
}

static void test_a_cancelled_draft_frees_its_payment(void **state)
{
    struct store *store = domain_store_of(state);
    struct agency_call c;
    int64_t one = agency_draft(store, CHIEF, UNIT_OTI, "issue", "extra-certificate", NULL);
    int64_t other = agency_draft(store, CHIEF, UNIT_OTI, "issue", "extra-certificate", NULL);
    assert_int_equal(agency_pay(store, CHIEF, one, "12345", &c), RFD_OK);
    assert_int_equal(agency_file(store, CHIEF, 0, c.id, "payment-document", "image/png"), RFD_OK);
    struct agency_call stranger = agency_as(store, OTHER_CHIEF);
    stranger.id = one;
    assert_int_equal(agency_run(store, cancel, &stranger), RFD_E_NOT_FOUND);
    c = agency_as(store, CHIEF);
    c.id = one;
    assert_int_equal(agency_run(store, cancel, &c), RFD_OK);
    assert_int_equal(agency_run(store, cancel, &c), RFD_E_STATE);
    assert_int_equal(agency_state(store, one), REQUEST_CANCELLED);
    assert_int_equal(agency_pay(store, CHIEF, other, "12345", &c), RFD_OK);
}

/* ---- Sending ---- */

static void test_only_complete_ones_are_sent(void **state)
{
    struct store *store = domain_store_of(state);
    struct agency_call c;
    int64_t id = agency_draft(store, CHIEF, UNIT_OTI, "issue", "first-issue", NULL);
    assert_int_equal(agency_send_it(store, CHIEF, id, &c), RFD_E_INVALID);
    assert_true(agency_faulty(&c, "solicitantes"));
    const struct applicant a = agency_applicant(id, "70000016");
    assert_int_equal(agency_put_one(store, CHIEF, &a, &c), RFD_OK);
    int64_t applicant = c.id;
    assert_int_equal(agency_send_it(store, CHIEF, id, &c), RFD_E_INVALID);
    assert_true(agency_faulty(&c, "solicitantes")); /* its files */
    assert_int_equal(agency_file(store, CHIEF, applicant, 0, "signature-image", "image/png"), RFD_OK);
    assert_int_equal(agency_file(store, CHIEF, applicant, 0, "photograph", "image/png"), RFD_OK);
    assert_int_equal(agency_send_it(store, CHIEF, id, &c), RFD_E_INVALID);
    assert_int_equal(agency_file(store, CHIEF, applicant, 0, "sworn-statement", "image/png"), RFD_OK);
    assert_int_equal(agency_send_it(store, OTHER_CHIEF, id, &c), RFD_E_NOT_FOUND);
    assert_int_equal(agency_send_it(store, AGENT, id, &c), RFD_E_NOT_FOUND); /* drafts are the unit's own business */
    assert_int_equal(agency_send_it(store, CHIEF, id, &c), RFD_OK);
    assert_int_equal(agency_state(store, id), REQUEST_SENT);
    assert_int_equal(agency_send_it(store, CHIEF, id, &c), RFD_E_STATE); /* twice */
    struct applicant changed = agency_applicant(id, "70000016");
    changed.id = applicant;
    assert_int_equal(agency_put_one(store, CHIEF, &changed, &c), RFD_E_STATE); /* read-only */
    assert_int_equal(agency_file(store, CHIEF, applicant, 0, "photograph", "image/png"), RFD_E_STATE);
    assert_int_equal(agency_pay(store, CHIEF, id, "1", &c), RFD_E_STATE);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM outbox WHERE name = 'agency-sent'"), 2);
}

static void test_some_motives_are_paid_for(void **state)
{
    struct store *store = domain_store_of(state);
    struct agency_call c;
    int64_t id = agency_draft(store, CHIEF, UNIT_OTI, "issue", "extra-certificate", NULL);
    int64_t applicant = agency_complete(store, CHIEF, id, "70000016");
    int64_t second = agency_complete(store, CHIEF, id, "70000024");
    assert_int_equal(agency_send_it(store, CHIEF, id, &c), RFD_E_INVALID);
    assert_true(agency_faulty(&c, "pago"));
    assert_false(agency_faulty(&c, "solicitantes"));
    assert_int_equal(agency_pay(store, CHIEF, id, "12345", &c), RFD_OK);
    int64_t payment = c.id;
    for (unsigned i = 0; i < 2; i++) {
        struct applicant a = agency_applicant(id, i == 0 ? "70000016" : "70000024");
        a.id = i == 0 ? applicant : second;
        a.payment = payment;
        assert_int_equal(agency_put_one(store, CHIEF, &a, &c), RFD_OK);
    }
    assert_int_equal(agency_send_it(store, CHIEF, id, &c), RFD_E_INVALID); /* no proof, and for one alone */
    assert_int_equal(c.faults.count, 2);
    assert_int_equal(agency_file(store, CHIEF, 0, payment, "payment-document", "application/pdf"), RFD_OK);
    (void)domain_store_run(store, "UPDATE payment SET amount = 1620");
    assert_int_equal(agency_send_it(store, CHIEF, id, &c), RFD_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_AGENCIES(test_a_draft_has_its_code),
        IN_BOTH_AGENCIES(test_only_for_ones_units),
        IN_BOTH_AGENCIES(test_codes_have_no_gaps),
        IN_BOTH_AGENCIES(test_one_form_is_one_request),
        IN_BOTH_AGENCIES(test_what_is_checked_of_an_applicant),
        IN_BOTH_AGENCIES(test_what_is_known_is_filled_in),
        IN_BOTH_AGENCIES(test_applicants_are_changed_and_removed),
        IN_BOTH_AGENCIES(test_an_applicant_is_removed),
        IN_BOTH_AGENCIES(test_an_operation_pays_once),
        IN_BOTH_AGENCIES(test_two_at_once_pay_once),
        IN_BOTH_AGENCIES(test_a_cancelled_draft_frees_its_payment),
        IN_BOTH_AGENCIES(test_only_complete_ones_are_sent),
        IN_BOTH_AGENCIES(test_some_motives_are_paid_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
