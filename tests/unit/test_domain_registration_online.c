/* SPDX-License-Identifier: EUPL-1.2
 *
 * What applicants do, who have no account, in both databases: forms with everything that can be wrong, forms that are
 * sent twice, links that ended or were used, folios that are forged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "domain/registration/catalogue.h"
#include "registration_world.h"

#include <pthread.h>
#include <stdio.h>

#define HOUR (3600 * RFD_SECOND)

/** "S-0001-2026", of this year. */
static const char *folio(char text[24], unsigned number)
{
    (void)snprintf(text, 24, "S-%04u-%d", number, clock_civil(clock_now()).year);
    return text;
}

/* ---- Asking ---- */

static void test_asked(void **state)
{
    struct office *o = office_open(state);
    struct call nobody = office_as(o, 0);
    struct form f;
    char code[24];
    form_new(&f, "70000001");
    assert_int_equal(office_ask(&nobody, &f), RFD_OK);
    struct request r = office_load(o, nobody.id);
    const struct applicant *a = &r.applicants[0];
    assert_true(slice_is(r.code, folio(code, 1)));
    assert_int_equal(r.state, REQUEST_UNVERIFIED);
    assert_int_equal(r.requester, 0);
    assert_true(slice_is(a->given_names, "Rosa María")); /* without the second blank */
    assert_true(slice_is(a->mobile, "+51987654321"));
    assert_true(slice_is(a->profile, "pe-natural-person"));
    assert_true(a->spki.length > 0);
    assert_int_equal(office_number(o, "SELECT count(*) FROM evidence WHERE request = %lld", r.id), 3);
    assert_int_equal(office_number(o, "SELECT count(*) FROM request_word WHERE word = '70000001' AND id = %lld", r.id),
                     1);
    assert_int_equal(office_mails(o, "request-confirm"), 1);
    assert_int_equal(office_number(o,
                                   "SELECT count(*) FROM audit_waiting WHERE action = 'registration.ask' AND actor = "
                                   "'applicant:' || (SELECT code FROM request WHERE id = %lld)",
                                   r.id),
                     1);
    form_free(&f);
}

typedef void spoil(struct form *f);
static void no_second_mail(struct form *f)
{
    f->person.mail_again = SLICE("otra@example.pe");
}
static void no_mail(struct form *f)
{
    f->person.mail = f->person.mail_again = SLICE("rosa@");
}
static void short_number(struct form *f)
{
    f->person.number = SLICE("7000001");
}
static void no_document(struct form *f)
{
    f->person.document = SLICE("ruc");
}
static void no_name(struct form *f)
{
    f->person.given_names = SLICE("  ");
}
static void no_surname(struct form *f)
{
    f->person.surname = SLICE_EMPTY;
}
static void control_in_name(struct form *f)
{
    f->person.surname = SLICE("Quispe\nMamani");
}
static void no_mobile(struct form *f)
{
    f->person.mobile = SLICE("12");
}
static void no_place(struct form *f)
{
    f->person.locality = SLICE("999999");
}
static void no_address(struct form *f)
{
    f->person.address = SLICE_EMPTY;
}
static void no_unit(struct form *f)
{
    f->request.unit = 99;
}
static void other_profile(struct form *f)
{
    f->person.profile = SLICE("pe-legal-person-seal");
}
static void foreign_profile(struct form *f)
{
    f->person.profile = SLICE("mx-advanced-signature");
}
static void lacking_profile(struct form *f)
{
    f->person.profile = SLICE("pe-legal-person-class-iii"); /* needs a post */
}
static void no_key(struct form *f)
{
    f->person.pkcs10 = SLICE_EMPTY;
}
static void broken_key(struct form *f)
{
    f->person.pkcs10 = SLICE("0\x82garbage");
}
static void forged_key(struct form *f)
{
    f->pkcs10.data[f->pkcs10.length - 3] ^= 1;
}
static void weak_key(struct form *f)
{
    X509_REQ *request = X509_REQ_new();
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
    unsigned char *der = NULL;
    assert_int_equal(X509_REQ_set_pubkey(request, key), 1);
    assert_true(X509_REQ_sign(request, key, EVP_sha256()) > 0);
    int length = i2d_X509_REQ(request, &der);
    buf_reset(&f->pkcs10);
    buf_put(&f->pkcs10, der, (size_t)length);
    f->person.pkcs10 = buf_slice(&f->pkcs10);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
    X509_REQ_free(request);
}
static void central_key(struct form *f)
{
    f->person.central = true;
}
static void no_file(struct form *f)
{
    f->file_count--;
}
static void two_files(struct form *f)
{
    f->files[1].kind = f->files[0].kind;
}
static void strange_file(struct form *f)
{
    f->files[f->file_count] = f->files[0];
    f->files[f->file_count++].kind = SLICE("tax-return");
}
static void executable_file(struct form *f)
{
    f->files[0].blob.type = SLICE("application/octet-stream");
}
static void no_kind(struct form *f)
{
    f->request.kind = SLICE("install");
}
static void no_motive(struct form *f)
{
    f->request.motive = SLICE("because");
}

static void test_what_is_wrong_is_told(void **state)
{
    static const struct {
        spoil *spoil;
        const char *field;
    } faults[] = {
        {no_second_mail, "mail_again"},
        {no_mail, "mail"},
        {short_number, "number"},
        {no_document, "document"},
        {no_name, "given_names"},
        {no_surname, "surname"},
        {control_in_name, "surname"},
        {no_mobile, "mobile"},
        {no_place, "locality"},
        {no_address, "address"},
        {no_unit, "unit"},
        {other_profile, "profile"},
        {foreign_profile, "profile"},
        {lacking_profile, "profile"},
        {no_key, "key"},
        {broken_key, "key"},
        {forged_key, "key"},
        {weak_key, "key"},
        {central_key, "central"},
        {no_file, "proof-of-address"},
        {two_files, "identity-front"},
        {strange_file, ""},
        {executable_file, "identity-front"},
        {no_kind, "kind"},
        {no_motive, "motive"},
    };
    struct office *o = office_open(state);
    struct call nobody = office_as(o, 0);
    struct form f;
    char code[24];
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        form_new(&f, "70000001");
        faults[i].spoil(&f);
        if (office_ask(&nobody, &f) != RFD_E_INVALID || !office_faulty(&nobody, faults[i].field))
            fail_msg("%zu (%s): %s", i, faults[i].field, nobody.error.detail);
        form_free(&f);
    }
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM request"), 0);
    form_new(&f, "70000001");
    assert_int_equal(office_ask(&nobody, &f), RFD_OK);
    assert_true(slice_is(office_load(o, nobody.id).code, folio(code, 1))); /* no number was used up */
    form_free(&f);
}

static rfd_status add_kind(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct actor house = actor_system("test");
    const struct call *c = context;
    const struct catalogue_entry entry = {.country = SLICE("pe"),
                                          .catalogue = SLICE("evidence"),
                                          .code = SLICE("certificate-of-no-criminal-record-of-pe1"),
                                          .es = SLICE("Antecedentes"),
                                          .value = SLICE("for=online required=yes types=pdf")};
    return catalogue_put(t, &house, c->office->settings.packs, &entry, NULL, error);
}

/** What administrators have added is told by its own name: of as many letters as a code may have. */
static void test_kinds_of_administrators(void **state)
{
    struct office *o = office_open(state);
    struct call nobody = office_as(o, 0);
    struct form f;
    assert_int_equal(office_write(&nobody, add_kind), RFD_OK);
    form_new(&f, "70000001");
    assert_int_equal(office_ask(&nobody, &f), RFD_E_INVALID);
    assert_true(office_faulty(&nobody, "certificate-of-no-criminal-record-of-pe1"));
    form_free(&f);
}

/** Without a unit it is of the first entity; the organisation's people are recognised. */
static void test_without_a_unit(void **state)
{
    struct office *o = office_open(state);
    struct call nobody = office_as(o, 0);
    struct form f;
    form_new(&f, "00000004");
    f.request.unit = 0;
    assert_int_equal(office_ask(&nobody, &f), RFD_OK);
    struct request r = office_load(o, nobody.id);
    assert_int_equal(r.entity, 1);
    assert_int_equal(r.unit, 0);
    assert_int_equal(r.applicants[0].person, ANA);
    form_free(&f);
}

static void test_a_key_of_somebody_else(void **state)
{
    struct office *o = office_open(state);
    struct call nobody = office_as(o, 0), agent = office_as(o, AGENT);
    struct form f, thief;
    form_new(&f, "70000001");
    int64_t id = office_taken(o, &f);
    assert_int_equal(office_approve(&agent, id, clock_now()), RFD_OK);
    assert_int_equal(office_issue(o, id, NULL), RFD_OK);
    form_new(&thief, "70000002");
    thief.person.pkcs10 = buf_slice(&f.pkcs10);
    assert_int_equal(office_ask(&nobody, &thief), RFD_E_INVALID);
    assert_true(office_faulty(&nobody, "key"));
    form_free(&thief);
    form_free(&f);
}

static void test_a_form_is_one_request(void **state)
{
    struct office *o = office_open(state);
    struct call nobody = office_as(o, 0), again = office_as(o, 0);
    struct form f;
    form_new(&f, "70000001");
    assert_int_equal(office_ask(&nobody, &f), RFD_OK);
    assert_int_equal(office_ask(&again, &f), RFD_OK);
    assert_int_equal(again.id, nobody.id);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM request"), 1);
    assert_int_equal(office_mails(o, "request-confirm"), 1);
    form_free(&f);
}

/* ---- Several at once ---- */

enum { RACERS = 4 };
struct racer {
    struct call call;
    struct form form;
    rfd_status status;
};

static rfd_status ask(struct transaction *t, void *context, struct rfd_error *error)
{
    struct racer *r = context;
    return request_ask(t, &r->call.actor, &r->call.office->settings, &r->form.request, r->form.files,
                       r->form.file_count, &r->call.faults, &r->call.id, error);
}

static void *race(void *context)
{
    struct racer *r = context;
    r->status = store_write(r->call.office->store, ask, r, NULL);
    return NULL;
}

static void run_racers(struct racer racers[RACERS], struct office *o, bool same)
{
    pthread_t threads[RACERS];
    for (unsigned i = 0; i < RACERS; i++) {
        char number[16];
        (void)snprintf(number, sizeof number, "7000000%u", i);
        racers[i].call = office_as(o, 0);
        form_new(&racers[i].form, same ? "70000001" : number);
        racers[i].form.request.applicants = &racers[i].form.person;
        racers[i].form.request.token = slice_text(same ? racers[0].form.token : racers[i].form.token);
    }
    for (unsigned i = 0; i < RACERS; i++) assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    for (unsigned i = 0; i < RACERS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (unsigned i = 0; i < RACERS; i++) assert_int_equal(racers[i].status, RFD_OK);
}

static void test_numbers_have_no_gaps(void **state)
{
    struct office *o = office_open(state);
    static struct racer racers[RACERS];
    char code[24], sql[96];
    run_racers(racers, o, false);
    for (unsigned i = 1; i <= RACERS; i++) {
        (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM request WHERE code = '%s'", folio(code, i));
        assert_int_equal(domain_store_number(o->store, sql), 1);
    }
    for (unsigned i = 0; i < RACERS; i++) form_free(&racers[i].form);
}

static void test_a_double_click_is_one_request(void **state)
{
    struct office *o = office_open(state);
    static struct racer racers[RACERS];
    run_racers(racers, o, true);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM request"), 1);
    for (unsigned i = 1; i < RACERS; i++) assert_int_equal(racers[i].call.id, racers[0].call.id);
    for (unsigned i = 0; i < RACERS; i++) form_free(&racers[i].form);
}

/* ---- The link that confirms ---- */

struct looking {
    slice token;
    rfd_time moment;
    int64_t id;
    enum request_purpose purpose;
};

static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct looking *l = context;
    return request_link_look(t, l->purpose, l->token, l->moment, &l->id, error);
}

static int64_t leads_to(struct office *o, enum request_purpose purpose, const char *token, rfd_time moment)
{
    struct looking l = {.token = slice_text(token), .moment = moment, .purpose = purpose};
    assert_int_equal(store_read(o->store, look, &l, NULL), RFD_OK);
    return l.id;
}

static void test_confirmed_once(void **state)
{
    struct office *o = office_open(state);
    struct call nobody = office_as(o, 0);
    struct form f;
    char token[64];
    form_new(&f, "70000001");
    assert_int_equal(office_ask(&nobody, &f), RFD_OK);
    int64_t id = nobody.id;
    (void)snprintf(token, sizeof token, "%s", office_mailed(o, "request-confirm", REGISTRATION_PAGE_CONFIRM));
    assert_int_equal(leads_to(o, LINK_CONFIRM, token, clock_now()), id);
    assert_int_equal(leads_to(o, LINK_CONFIRM, token, clock_now() + 73 * HOUR), 0);
    assert_int_equal(leads_to(o, LINK_KEY, token, clock_now()), 0); /* not for that */
    assert_int_equal(office_confirm(&nobody, slice_text(token)), RFD_OK);
    assert_int_equal(nobody.id, id);
    assert_int_equal(office_state(o, id), REQUEST_STARTED);
    assert_int_equal(office_confirm(&nobody, slice_text(token)), RFD_OK); /* twice is once */
    assert_int_equal(office_mails(o, "request-received"), 1);
    assert_int_equal(office_number(o, "SELECT count(*) FROM request_event WHERE request = %lld", id), 2);
    assert_int_equal(leads_to(o, LINK_CONFIRM, token, clock_now()), 0);
    struct call agent = office_as(o, AGENT);
    assert_int_equal(office_take(&agent, id), RFD_OK);
    assert_int_equal(office_confirm(&nobody, slice_text(token)), RFD_E_NOT_FOUND); /* it has gone on */
    form_free(&f);
}

static void test_links_that_are_none(void **state)
{
    struct office *o = office_open(state);
    struct call nobody = office_as(o, 0);
    struct form f;
    char token[64];
    form_new(&f, "70000001");
    assert_int_equal(office_ask(&nobody, &f), RFD_OK);
    int64_t id = nobody.id;
    (void)snprintf(token, sizeof token, "%s", office_mailed(o, "request-confirm", REGISTRATION_PAGE_CONFIRM));
    assert_int_equal(office_confirm(&nobody, SLICE("")), RFD_E_NOT_FOUND);
    assert_int_equal(office_confirm(&nobody, SLICE("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")), RFD_E_NOT_FOUND);
    assert_int_equal(office_confirm(&nobody, slice_part(slice_text(token), 0, 42)), RFD_E_NOT_FOUND);
    clock_fix(clock_now() + 73 * HOUR);
    assert_int_equal(office_confirm(&nobody, slice_text(token)), RFD_E_NOT_FOUND); /* too late */
    assert_int_equal(office_state(o, id), REQUEST_UNVERIFIED);
    form_free(&f);
}

static rfd_status mail_again(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    return request_confirm_again(t, &c->office->settings, c->id, error);
}

static void test_the_mail_once_more(void **state)
{
    struct office *o = office_open(state);
    struct call nobody = office_as(o, 0);
    struct form f;
    char first[64], second[64];
    form_new(&f, "70000001");
    assert_int_equal(office_ask(&nobody, &f), RFD_OK);
    (void)snprintf(first, sizeof first, "%s", office_mailed(o, "request-confirm", REGISTRATION_PAGE_CONFIRM));
    assert_int_equal(office_write(&nobody, mail_again), RFD_E_SLOW_DOWN);
    clock_fix(clock_now() + 601 * RFD_SECOND);
    assert_int_equal(office_write(&nobody, mail_again), RFD_OK);
    assert_int_equal(office_write(&nobody, mail_again), RFD_E_SLOW_DOWN);
    (void)snprintf(second, sizeof second, "%s", office_mailed(o, "request-confirm", REGISTRATION_PAGE_CONFIRM));
    assert_string_not_equal(first, second);
    assert_int_equal(office_confirm(&nobody, slice_text(first)), RFD_E_NOT_FOUND); /* only the last one */
    assert_int_equal(office_confirm(&nobody, slice_text(second)), RFD_OK);
    clock_fix(clock_now() + 601 * RFD_SECOND);
    assert_int_equal(office_write(&nobody, mail_again), RFD_E_STATE);
    form_free(&f);
}

/* ---- Following and answering ---- */

static void test_followed_by_folio_and_number(void **state)
{
    struct office *o = office_open(state);
    struct call nobody = office_as(o, 0);
    struct form f;
    char code[24], small[32];
    form_new(&f, "70000001");
    assert_int_equal(office_ask(&nobody, &f), RFD_OK);
    (void)folio(code, 1);
    (void)snprintf(small, sizeof small, " s-0001-%s", code + 7);
    assert_int_equal(office_follow(&nobody, code, "70000001"), RFD_OK);
    assert_int_equal(nobody.count, 1);
    assert_int_equal(office_follow(&nobody, small, "7000 0001"), RFD_OK);
    assert_int_equal(office_follow(&nobody, code, "70000002"), RFD_E_NOT_FOUND);
    char detail[RFD_ERROR_DETAIL_SIZE];
    memcpy(detail, nobody.error.detail, sizeof detail);
    assert_int_equal(office_follow(&nobody, folio(code, 2), "70000001"), RFD_E_NOT_FOUND);
    assert_string_equal(detail, nobody.error.detail); /* whichever is wrong */
    assert_int_equal(office_follow(&nobody, "", ""), RFD_E_NOT_FOUND);
    assert_int_equal(office_follow(&nobody, "S-0001-2026' OR '1'='1", "70000001"), RFD_E_NOT_FOUND);
    form_free(&f);
}

static void test_an_observation_is_answered(void **state)
{
    struct office *o = office_open(state);
    struct call nobody = office_as(o, 0), agent = office_as(o, AGENT);
    struct form f, better;
    char code[24];
    form_new(&f, "70000001");
    form_new(&better, "70000001");
    int64_t id = office_taken(o, &f);
    (void)folio(code, 1);
    assert_int_equal(office_answer(&nobody, code, "70000001", NULL, "Aquí"), RFD_E_STATE);
    assert_int_equal(office_observe(&agent, id, "El recibo no se lee"), RFD_OK);
    assert_int_equal(office_mails(o, "request-observed"), 2);
    assert_int_equal(office_answer(&nobody, code, "70000002", NULL, "Aquí"), RFD_E_NOT_FOUND); /* forged */
    assert_int_equal(office_answer(&nobody, code, "70000001", NULL, ""), RFD_E_INVALID);
    better.files[0] = better.files[2];
    better.file_count = 1;
    assert_int_equal(office_answer(&nobody, code, "70000001", &better, "El nuevo"), RFD_OK);
    struct request r = office_load(o, id);
    assert_int_equal(r.state, REQUEST_TAKEN);
    assert_int_equal(r.taker, AGENT);
    assert_int_equal(office_number(o, "SELECT count(*) FROM evidence WHERE request = %lld AND replaced = TRUE", id), 1);
    assert_int_equal(
        office_number(o, "SELECT count(*) FROM evidence WHERE request = %lld AND replaced = FALSE AND legible = FALSE",
                      id),
        1);
    assert_int_equal(office_mails(o, "request-step"), 1); /* the agent is told */
    assert_int_equal(office_answer(&nobody, code, "70000001", &better, "El nuevo"), RFD_E_STATE); /* twice */
    form_free(&f);
    form_free(&better);
}

static const struct CMUnitTest tests[] = {
    IN_BOTH_OFFICES(test_asked),
    IN_BOTH_OFFICES(test_what_is_wrong_is_told),
    IN_BOTH_OFFICES(test_kinds_of_administrators),
    IN_BOTH_OFFICES(test_without_a_unit),
    IN_BOTH_OFFICES(test_a_key_of_somebody_else),
    IN_BOTH_OFFICES(test_a_form_is_one_request),
    IN_BOTH_OFFICES(test_numbers_have_no_gaps),
    IN_BOTH_OFFICES(test_a_double_click_is_one_request),
    IN_BOTH_OFFICES(test_confirmed_once),
    IN_BOTH_OFFICES(test_links_that_are_none),
    IN_BOTH_OFFICES(test_the_mail_once_more),
    IN_BOTH_OFFICES(test_followed_by_folio_and_number),
    IN_BOTH_OFFICES(test_an_observation_is_answered),
};

int main(void)
{
    return cmocka_run_group_tests(tests, office_setup, office_teardown);
}
