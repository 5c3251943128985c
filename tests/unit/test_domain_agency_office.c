/* SPDX-License-Identifier: EUPL-1.2
 *
 * The certification office and the requests of units: one agent takes it, observed ones are mended, an external
 * authority's certificates are entered, installations arranged, all is attended; and the dossier.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "agency_world.h"
#include "base/clock.h"
#include "base/error.h"
#include "pki_fixture.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>

/* ---- Steps ---- */

static rfd_status observe(struct transaction *t, void *context, struct rfd_error *error)
{
    struct agency_call *c = context;
    c->faults.count = 0;
    return request_observe(t, &c->actor, c->id, c->text, &c->faults, error);
}

static rfd_status reject(struct transaction *t, void *context, struct rfd_error *error)
{
    struct agency_call *c = context;
    c->faults.count = 0;
    return request_cancel(t, &c->actor, c->id, true, c->text, &c->faults, error);
}

static rfd_status approve(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct agency_call *c = context;
    return agency_approve(t, &c->actor, agency_settings(), c->id, error);
}

static rfd_status attend(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct agency_call *c = context;
    return agency_attend(t, &c->actor, c->id, error);
}

static rfd_status ask_keys(struct transaction *t, void *context, struct rfd_error *error)
{
    struct agency_call *c = context;
    return agency_ask_keys(t, &c->actor, agency_settings(), c->id, &c->count, error);
}

static rfd_status install(struct transaction *t, void *context, struct rfd_error *error)
{
    struct agency_call *c = context;
    c->faults.count = 0;
    return agency_install(t, &c->actor, c->id, c->text, c->moment, c->bytes, &c->faults, error);
}

static rfd_status import(struct transaction *t, void *context, struct rfd_error *error)
{
    struct agency_call *c = context;
    c->faults.count = 0;
    return agency_import(t, &c->actor, agency_settings(), c->id, c->text, c->bytes, &c->faults, error);
}

static rfd_status by(struct store *store, int64_t person, store_work *work, int64_t id, const char *text)
{
    struct agency_call c = agency_as(store, person);
    c.id = id;
    c.text = slice_text(text);
    return agency_run(store, work, &c);
}

/** One that was sent; `*applicant` is the one it is for. */
static int64_t sent(struct store *store, const char *number, int64_t *applicant)
{
    struct agency_call c;
    int64_t id = agency_draft(store, CHIEF, UNIT_OTI, "issue", "first-issue", NULL);
    *applicant = agency_complete(store, CHIEF, id, number);
    assert_int_equal(agency_send_it(store, CHIEF, id, &c), RFD_OK);
    return id;
}

static int64_t mails(struct store *store, const char *name)
{
    char sql[160];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM outbox WHERE name = '%s'", name);
    return domain_store_number(store, sql);
}

/* ---- Observed and mended ---- */

static void test_observed_and_mended(void **state)
{
    struct store *store = domain_store_of(state);
    struct agency_call c;
    int64_t applicant;
    int64_t id = sent(store, "70000016", &applicant);
    assert_int_equal(by(store, AGENT, observe, id, "La foto"), RFD_E_STATE); /* nobody has it */
    assert_int_equal(agency_take(store, CHIEF, id), RFD_E_FORBIDDEN);
    assert_int_equal(agency_take(store, AGENT, id), RFD_OK);
    assert_int_equal(agency_take(store, RIVAL, id), RFD_E_STATE); /* one wins */
    assert_int_equal(by(store, RIVAL, observe, id, "La foto"), RFD_E_FORBIDDEN);
    assert_int_equal(by(store, AGENT, observe, id, "  "), RFD_E_INVALID);
    assert_int_equal(by(store, AGENT, observe, id, "La foto es borrosa"), RFD_OK);
    assert_int_equal(agency_state(store, id), REQUEST_OBSERVED);
    assert_true(slice_is(agency_load(store, id).note, "La foto es borrosa"));
    assert_true(mails(store, "request-observed") >= 2); /* who filed it, and the applicant */
    assert_int_equal(agency_file(store, CHIEF, applicant, 0, "photograph", "image/png"), RFD_OK); /* open again */
    assert_int_equal(agency_send_it(store, CHIEF, id, &c), RFD_OK);
    struct request r = agency_load(store, id);
    assert_int_equal(r.state, REQUEST_TAKEN);
    assert_int_equal(r.taker, AGENT); /* the same agent has it again */
    assert_int_equal(agency_send_it(store, CHIEF, id, &c), RFD_E_STATE);
}

static void test_rejected(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t applicant;
    int64_t id = sent(store, "70000016", &applicant);
    assert_int_equal(agency_take(store, AGENT, id), RFD_OK);
    assert_int_equal(by(store, AGENT, reject, id, ""), RFD_E_INVALID);
    assert_int_equal(by(store, AGENT, reject, id, "No trabaja aquí"), RFD_OK);
    assert_int_equal(agency_state(store, id), REQUEST_REJECTED);
    assert_int_equal(by(store, AGENT, reject, id, "Otra vez"), RFD_E_STATE);
    assert_int_equal(by(store, AGENT, approve, id, ""), RFD_E_STATE);
}

static void test_nobody_attends_what_they_filed(void **state)
{
    struct store *store = domain_store_of(state);
    struct agency_call c;
    /* LEAD files for all units; now she is an agent, too. */
    int64_t id = agency_draft(store, LEAD, UNIT_OTI, "issue", "first-issue", NULL);
    (void)agency_complete(store, LEAD, id, "70000016");
    assert_int_equal(agency_send_it(store, LEAD, id, &c), RFD_OK);
    (void)domain_store_run(store,
                           "UPDATE role_assignment SET person = 9 WHERE role = 'certifying_agent' AND person = 10");
    assert_int_equal(agency_take(store, LEAD, id), RFD_E_FORBIDDEN);
    assert_int_equal(agency_take(store, AGENT, id), RFD_OK);
}

/* ---- Keys ---- */

static void test_each_applicant_has_a_link_of_their_own(void **state)
{
    struct store *store = domain_store_of(state);
    struct agency_call c;
    int64_t id = agency_draft(store, CHIEF, UNIT_OTI, "issue", "first-issue", NULL);
    (void)agency_complete(store, CHIEF, id, "70000016");
    (void)agency_complete(store, CHIEF, id, "70000024");
    assert_int_equal(agency_send_it(store, CHIEF, id, &c), RFD_OK);
    c = agency_as(store, AGENT);
    c.id = id;
    assert_int_equal(agency_run(store, ask_keys, &c), RFD_E_STATE); /* not taken */
    assert_int_equal(agency_take(store, AGENT, id), RFD_OK);
    assert_int_equal(agency_run(store, ask_keys, &c), RFD_OK);
    assert_int_equal(c.count, 2);
    assert_int_equal(mails(store, "request-key"), 2);
    assert_int_equal(domain_store_number(store, "SELECT count(DISTINCT applicant) FROM request_link WHERE NOT used"),
                     2);
    c.actor = world_actor(store, RIVAL);
    assert_int_equal(agency_run(store, ask_keys, &c), RFD_E_FORBIDDEN);
}

/* ---- An external authority ---- */

static slice certificate_for(const char *serial_number, struct arena *a)
{
    struct identity authority = identity_new("P-256", "Entidad externa", NULL, NULL);
    struct identity who = identity_new("P-256", "Zoila Mamani", &authority, NULL);
    X509_NAME *name = X509_NAME_new();
    X509 *x = X509_dup(who.x509);
    unsigned char *der = NULL;
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)"Zoila", -1, -1, 0),
                     1);
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "serialNumber", MBSTRING_UTF8,
                                                (const unsigned char *)serial_number, -1, -1, 0),
                     1);
    assert_int_equal(X509_set_subject_name(x, name), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(x), 30 * 86400)); /* beyond the test's Monday */
    assert_true(X509_sign(x, authority.key, EVP_sha256()) > 0);
    int length = i2d_X509(x, &der);
    assert_true(length > 0);
    slice out = arena_copy(a, slice_of(der, (size_t)length));
    OPENSSL_free(der);
    X509_free(x);
    X509_NAME_free(name);
    identity_free(&who);
    identity_free(&authority);
    return out;
}

static rfd_status enter(struct store *store, int64_t person, int64_t applicant, slice certificate,
                        struct agency_call *c)
{
    *c = agency_as(store, person);
    c->id = applicant;
    c->text = SLICE("RENIEC-2026-77");
    c->bytes = certificate;
    return agency_run(store, import, c);
}

static void test_an_external_certificate_is_entered(void **state)
{
    struct store *store = domain_store_of(state);
    struct agency_call c;
    struct arena a;
    int64_t applicant;
    arena_init(&a, 1 << 20);
    int64_t id = sent(store, "70000016", &applicant);
    slice good = certificate_for("IDCPE-70000016", &a), other = certificate_for("IDCPE-70000024", &a);
    assert_int_equal(agency_take(store, AGENT, id), RFD_OK);
    assert_int_equal(enter(store, AGENT, applicant, good, &c), RFD_E_STATE); /* not approved */
    assert_int_equal(by(store, RIVAL, approve, id, ""), RFD_E_FORBIDDEN);
    assert_int_equal(by(store, AGENT, approve, id, ""), RFD_OK);
    assert_int_equal(by(store, AGENT, approve, id, ""), RFD_E_STATE);
    assert_true(agency_load(store, id).external);
    assert_int_equal(by(store, AGENT, attend, id, ""), RFD_E_STATE); /* no certificate yet */
    assert_int_equal(enter(store, RIVAL, applicant, good, &c), RFD_E_FORBIDDEN);
    assert_int_equal(enter(store, AGENT, applicant, other, &c), RFD_E_INVALID);
    assert_true(agency_faulty(&c, "certificate"));
    assert_int_equal(enter(store, AGENT, applicant, SLICE("no certificate"), &c), RFD_E_INVALID);
    assert_int_equal(enter(store, AGENT, applicant, SLICE_EMPTY, &c), RFD_E_INVALID);
    c.text = SLICE_EMPTY;
    c.bytes = good;
    assert_int_equal(agency_run(store, import, &c), RFD_E_INVALID);
    assert_true(agency_faulty(&c, "approval"));
    assert_int_equal(enter(store, AGENT, applicant, good, &c), RFD_OK);
    struct request r = agency_load(store, id);
    assert_true(slice_is(r.applicants[0].external_approval, "RENIEC-2026-77"));
    assert_true(slice_equal(r.applicants[0].external_certificate, good));
    assert_int_equal(mails(store, "certificate-issued"), 2); /* mail and SMS */
    assert_int_equal(
        domain_store_number(store, "SELECT count(*) FROM audit_waiting WHERE action = 'registration.import'"), 1);
    assert_int_equal(by(store, RIVAL, attend, id, ""), RFD_E_FORBIDDEN);
    assert_int_equal(by(store, AGENT, attend, id, ""), RFD_OK);
    assert_int_equal(by(store, AGENT, attend, id, ""), RFD_E_STATE);
    assert_int_equal(agency_state(store, id), REQUEST_ATTENDED);
    assert_int_equal(enter(store, AGENT, applicant, good, &c), RFD_E_STATE);
    arena_dispose(&a);
}

static void test_numbers_without_a_known_prefix(void **state)
{
    struct store *store = domain_store_of(state);
    struct agency_call c;
    struct arena a;
    int64_t applicant;
    arena_init(&a, 1 << 20);
    int64_t id = sent(store, "70000016", &applicant);
    assert_int_equal(agency_take(store, AGENT, id), RFD_OK);
    assert_int_equal(by(store, AGENT, approve, id, ""), RFD_OK);
    assert_int_equal(enter(store, AGENT, applicant, certificate_for("9970000016", &a), &c), RFD_E_INVALID);
    assert_int_equal(enter(store, AGENT, applicant, certificate_for("70000016", &a), &c), RFD_OK);
    assert_int_equal(enter(store, AGENT, applicant, certificate_for("DNI:70000016", &a), &c),
                     RFD_OK); /* a better one */
    arena_dispose(&a);
}

static void test_installing(void **state)
{
    struct store *store = domain_store_of(state);
    struct agency_call c;
    const struct applicant a = agency_applicant(0, "70000016");
    int64_t id = agency_draft(store, CHIEF, UNIT_OTI, "install", "new-computer", NULL);
    struct applicant one = a;
    one.request = id;
    assert_int_equal(agency_put_one(store, CHIEF, &one, &c), RFD_OK); /* no files are needed */
    int64_t applicant = c.id;
    assert_int_equal(agency_send_it(store, CHIEF, id, &c), RFD_OK);
    assert_int_equal(agency_take(store, AGENT, id), RFD_OK);
    assert_int_equal(by(store, AGENT, approve, id, ""), RFD_OK);
    assert_int_equal(by(store, AGENT, attend, id, ""), RFD_E_STATE); /* nothing is arranged */
    c = agency_as(store, AGENT);
    c.id = applicant;
    c.text = SLICE("pigeon");
    c.bytes = SLICE("1");
    c.moment = RFD_TIME_NONE;
    assert_int_equal(agency_run(store, install, &c), RFD_E_INVALID);
    assert_true(agency_faulty(&c, "installation") && agency_faulty(&c, "day"));
    c.text = SLICE("mobile");
    c.moment = MONDAY + DAY_LENGTH;
    c.bytes = SLICE_EMPTY;
    assert_int_equal(agency_run(store, install, &c), RFD_E_INVALID);
    assert_true(agency_faulty(&c, "phone"));
    c.bytes = SLICE("987654321");
    assert_int_equal(agency_run(store, install, &c), RFD_OK);
    assert_int_equal(by(store, AGENT, attend, id, ""), RFD_OK);
}

/* ---- The dossier ---- */

static rfd_status nothing(void *context, slice piece, struct rfd_error *error)
{
    (void)piece;
    (void)error;
    ++*(unsigned *)context;
    return RFD_OK;
}

static void test_a_dossier_is_the_offices(void **state)
{
    struct store *store = domain_store_of(state);
    struct rfd_error error = RFD_ERROR_INIT;
    unsigned pieces = 0;
    int64_t applicant;
    int64_t id = sent(store, "70000016", &applicant);
    struct actor chief = world_actor(store, CHIEF), agent = world_actor(store, AGENT);
    assert_int_equal(agency_dossier(store, NULL, &chief, id, nothing, &pieces, &error), RFD_E_FORBIDDEN);
    assert_int_equal(agency_dossier(store, NULL, &agent, id, nothing, &pieces, &error), RFD_E_STATE);
    assert_int_equal(pieces, 0);
}

/* ---- Lists ---- */

struct listing {
    struct actor actor;
    const struct list_definition *list;
    struct list_query query;
    uint64_t total;
};

static rfd_status read_list(struct transaction *t, void *context, struct rfd_error *error)
{
    struct listing *l = context;
    struct list_page page;
    TRY(list_read(t, l->list, &l->query, &l->actor, &page, error));
    l->total = page.total;
    return RFD_OK;
}

static uint64_t listed(struct store *store, int64_t person, const struct list_definition *list, const char *filter,
                       const char *value)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct listing l = {.actor = world_actor(store, person), .list = list, .query = {.page = 1}};
    if (filter != NULL) l.query.filters[0].name = filter;
    if (filter != NULL) l.query.filters[0].value = slice_text(value);
    if (store_read(store, read_list, &l, &error) != RFD_OK) fail_msg("%s", error.detail);
    return l.total;
}

static void test_who_sees_what_in_lists(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t applicant;
    (void)sent(store, "70000016", &applicant);
    (void)agency_draft(store, OTHER_CHIEF, UNIT_OTRA, "issue", "first-issue", NULL);
    assert_int_equal(listed(store, CHIEF, &agency_request_list, NULL, NULL), 1);
    assert_int_equal(listed(store, OTHER_CHIEF, &agency_request_list, NULL, NULL), 1);
    assert_int_equal(listed(store, LEAD, &agency_request_list, NULL, NULL), 2); /* all below hers */
    assert_int_equal(listed(store, CHIEF, &agency_request_list, "in-process", "taken"), 1);
    assert_int_equal(listed(store, CHIEF, &agency_request_list, "state", "draft"), 0);
    assert_int_equal(listed(store, AGENT, &agency_queue_list, NULL, NULL), 1); /* no drafts */
    assert_int_equal(listed(store, AGENT, &agency_queue_list, "state", "sent"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_AGENCIES(test_observed_and_mended),
        IN_BOTH_AGENCIES(test_rejected),
        IN_BOTH_AGENCIES(test_nobody_attends_what_they_filed),
        IN_BOTH_AGENCIES(test_each_applicant_has_a_link_of_their_own),
        IN_BOTH_AGENCIES(test_an_external_certificate_is_entered),
        IN_BOTH_AGENCIES(test_numbers_without_a_known_prefix),
        IN_BOTH_AGENCIES(test_installing),
        IN_BOTH_AGENCIES(test_a_dossier_is_the_offices),
        IN_BOTH_AGENCIES(test_who_sees_what_in_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
