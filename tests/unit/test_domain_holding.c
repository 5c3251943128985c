/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates of people: who sees them, the chain, the window in which they are renewed, mailing them again, uses, the
 * lists of agents, and figures.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "holding_world.h"
#include "pki/certificate/pem.h"

/* ---- Who sees what ---- */

static void test_who_sees(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = holding_issue(store, ANA, AGENT, UNIT_OTI);
    int64_t alone = holding_put(store, ANA, "pe-natural-person");
    int64_t service = holding_put(store, ANA, "tls-server");
    static const struct {
        int64_t person;
        rfd_status status;
    } cases[] = {{ANA, RFD_OK},
                 {AGENT, RFD_OK},
                 {RIVAL, RFD_OK},
                 {ELSEWHERE, RFD_E_NOT_FOUND},
                 {CHIEF, RFD_E_NOT_FOUND},
                 {HEAD, RFD_E_NOT_FOUND}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct holding_call c = holding_as(store, cases[i].person, certificate, ANA);
        if (holding_look(store, &c) != cases[i].status) fail_msg("person %d", (int)cases[i].person);
        c.certificate = alone; /* of where she works */
        if (holding_look(store, &c) != cases[i].status) fail_msg("person %d, alone", (int)cases[i].person);
        c.certificate = service;
        assert_int_equal(holding_look(store, &c), RFD_E_NOT_FOUND);
        c.certificate = 4711;
        assert_int_equal(holding_look(store, &c), RFD_E_NOT_FOUND);
        holding_call_end(&c);
    }
    struct holding_call nobody = holding_as(store, ANA, certificate, ANA);
    nobody.actor = (struct actor){.code = SLICE_EMPTY};
    assert_int_equal(holding_look(store, &nobody), RFD_E_UNAUTHORISED);
    holding_call_end(&nobody);
}

struct looking {
    struct holding_call *call;
    rfd_status (*look)(struct transaction *t, struct looking *l, struct rfd_error *error);
    struct buf pem;
    int64_t certificates[8];
    size_t count;
    struct list_page page;
    const struct list_definition *list;
    struct list_query query;
    char first[128];
    struct registration_statistics statistics;
    uint64_t units, states;
};

static rfd_status run_look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct looking *l = context;
    return l->look(t, l, error);
}

static void look(struct store *store, struct looking *l, rfd_status expected)
{
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_status status = store_write(store, run_look, l, &error);
    if (status != expected) fail_msg("%s: %s %s", rfd_status_name(status), error.detail, error.causes[0].detail);
}

static rfd_status read_own(struct transaction *t, struct looking *l, struct rfd_error *error)
{
    struct holding *list;
    TRY(holding_own(t, &l->call->actor, holding_settings(), &list, &l->count, error));
    for (size_t i = 0; i < l->count; i++) {
        assert_true(list[i].own);
        l->certificates[i] = list[i].row.id;
    }
    return RFD_OK;
}

static void test_own(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t one = holding_issue(store, ANA, AGENT, UNIT_OTI);
    (void)holding_issue(store, BERTA, AGENT, UNIT_OTI);
    int64_t two = holding_put(store, ANA, "pe-natural-person");
    (void)holding_put(store, ANA, "tls-server");
    struct holding_call c = holding_as(store, ANA, one, ANA);
    struct looking l = {.call = &c, .look = read_own};
    look(store, &l, RFD_OK);
    assert_true(l.count == 2 && l.certificates[0] == two && l.certificates[1] == one);
    /* The number of an applicant counts, too, where the subject has another document's. */
    (void)domain_store_run(store, "UPDATE certificate SET subject_id = 'TINPE-1' WHERE request = '' AND id = 1");
    look(store, &l, RFD_OK);
    assert_int_equal(l.count, 2);
    holding_call_end(&c);
    c = holding_as(store, HEAD, one, ANA);
    look(store, &l, RFD_OK);
    assert_int_equal(l.count, 0);
    holding_call_end(&c);
    c.actor = (struct actor){.code = SLICE_EMPTY};
    look(store, &l, RFD_E_UNAUTHORISED);
}

static void test_facts(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = holding_issue(store, ANA, AGENT, UNIT_OTI);
    struct holding_call c = holding_as(store, AGENT, certificate, ANA);
    assert_int_equal(holding_look(store, &c), RFD_OK);
    assert_true(c.holding.agent == AGENT && c.holding.revoker == 0 && c.holding.unit == UNIT_OTI &&
                c.holding.entity == 1);
    assert_true(c.holding.request > 0 && c.holding.applicant > 0 && !c.holding.own && c.holding.revocation == 0);
    holding_call_end(&c);
}

/* ---- The chain ---- */

static rfd_status read_chain(struct transaction *t, struct looking *l, struct rfd_error *error)
{
    struct holding h;
    TRY(holding_find(t, &l->call->actor, holding_settings(), l->call->certificate, &h, error));
    return holding_chain(t, &h, &l->pem, error);
}

static void test_chain(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = holding_issue(store, ANA, AGENT, UNIT_OTI);
    struct holding_call c = holding_as(store, ANA, certificate, ANA);
    struct looking l = {.call = &c, .look = read_chain};
    struct pem_block block;
    struct buf der;
    buf_init(&l.pem, 1 << 16);
    buf_init(&der, 1 << 16);
    look(store, &l, RFD_OK);
    slice rest = buf_slice(&l.pem);
    assert_true(pem_next(&rest, &block) && slice_is(block.label, "CERTIFICATE"));
    assert_int_equal(pem_decode(&block, &der, NULL), RFD_OK);
    assert_true(slice_equal(buf_slice(&der), holding_identity(ANA)->certificate->der));
    assert_true(pem_next(&rest, &block));
    assert_false(pem_next(&rest, &block));
    buf_dispose(&l.pem);
    buf_dispose(&der);
    holding_call_end(&c);
}

/* ---- Renewing ---- */

static void test_renewal_window(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = holding_issue(store, ANA, AGENT, UNIT_OTI);
    struct holding_call c = holding_as(store, ANA, certificate, ANA);
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_time ends = MONDAY + 365 * DAY_LENGTH;
    static const struct {
        int days; /* before its end */
        bool renewable;
    } cases[] = {{365, false}, {23, false}, {20, true}, {1, true}, {-1, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        clock_fix(ends - cases[i].days * DAY_LENGTH);
        assert_int_equal(holding_look(store, &c), RFD_OK);
        assert_true(c.holding.renewable == cases[i].renewable);
        rfd_status status = holding_check_renewal(holding_settings(), &c.holding, &error);
        assert_int_equal(status, cases[i].renewable ? RFD_OK : RFD_E_STATE);
    }
    clock_fix(MONDAY);
    /* 2027-11-23 less 21 days. */
    assert_int_equal(holding_look(store, &c), RFD_OK);
    assert_int_equal(holding_check_renewal(holding_settings(), &c.holding, &error), RFD_E_STATE);
    assert_non_null(strstr(error.detail, "2027-11-02"));
    holding_call_end(&c);
}

/* ---- Mailing it again ---- */

static rfd_status resend(struct transaction *t, struct looking *l, struct rfd_error *error)
{
    return holding_resend(t, &l->call->actor, holding_settings(), l->call->certificate, error);
}

static void test_resend(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t certificate = holding_issue(store, ANA, AGENT, UNIT_OTI);
    struct holding_call c = holding_as(store, AGENT, certificate, ANA);
    struct looking l = {.call = &c, .look = resend};
    look(store, &l, RFD_OK);
    look(store, &l, RFD_OK); /* a double click */
    assert_int_equal(holding_mails(store, "certificate-issued"), 1);
    clock_fix(MONDAY + 7 * DAY_LENGTH);
    look(store, &l, RFD_OK);
    assert_int_equal(holding_mails(store, "certificate-issued"), 2);
    clock_fix(MONDAY + 7 * DAY_LENGTH + 1);
    look(store, &l, RFD_E_STATE);
    clock_fix(MONDAY);
    holding_call_end(&c);
    c = holding_as(store, ELSEWHERE, certificate, ANA);
    look(store, &l, RFD_E_NOT_FOUND);
    holding_call_end(&c);
    c = holding_as(store, ANA, certificate, ANA);
    holding_advanced(&c);
    assert_int_equal(holding_revoke(store, &c), RFD_OK);
    look(store, &l, RFD_E_STATE);
    c.certificate = holding_put(store, ANA, "pe-natural-person");
    look(store, &l, RFD_E_STATE);
    holding_call_end(&c);
}

/* ---- Uses ---- */

static rfd_status use(struct transaction *t, struct looking *l, struct rfd_error *error)
{
    struct holding_use *uses;
    TRY(holding_used(t, l->call->certificate, "sign-in", SLICE_EMPTY, error));
    TRY(holding_used(t, l->call->certificate, "approval", SLICE("S-0001-2026"), error));
    TRY(holding_uses(t, l->call->certificate, &uses, &l->count, error));
    assert_true(slice_is(uses[0].use, "approval") && slice_is(uses[0].detail, "S-0001-2026"));
    return RFD_OK;
}

static void test_uses(void **state)
{
    struct store *store = domain_store_of(state);
    struct holding_call c = holding_as(store, ANA, holding_issue(store, ANA, AGENT, UNIT_OTI), ANA);
    struct looking l = {.call = &c, .look = use};
    look(store, &l, RFD_OK);
    assert_int_equal(l.count, 2);
    holding_call_end(&c);
}

/* ---- Lists ---- */

static rfd_status read_list(struct transaction *t, struct looking *l, struct rfd_error *error)
{
    TRY(list_read(t, l->list, &l->query, &l->call->actor, &l->page, error));
    if (l->page.rows.count > 0)
        (void)snprintf(l->first, sizeof l->first, "%.*s", (int)store_cell(&l->page.rows, 0, 1)->bytes.length,
                       (const char *)store_cell(&l->page.rows, 0, 1)->bytes.data);
    return RFD_OK;
}

static uint64_t rows_of(struct store *store, int64_t person, const struct list_definition *list, const char *filter,
                        const char *value, const char *search)
{
    struct holding_call c = holding_as(store, person, 0, ANA);
    struct looking l = {.call = &c, .look = read_list, .list = list};
    l.query.search = slice_text(search);
    if (filter != NULL) {
        l.query.filters[0].name = filter;
        l.query.filters[0].value = slice_text(value);
    }
    look(store, &l, RFD_OK);
    holding_call_end(&c);
    return l.page.total;
}

static void test_lists(void **state)
{
    struct store *store = domain_store_of(state);
    (void)holding_issue(store, HEAD_GAF, AGENT, UNIT_GAF);
    int64_t ana = holding_issue(store, ANA, AGENT, UNIT_OTI);
    (void)holding_issue(store, OTHER_HEAD, ELSEWHERE, UNIT_OTRA);
    char serial[64] = "";
    slice number = holding_identity(ANA)->certificate->serial;
    for (size_t i = 0; i < number.length; i++)
        (void)snprintf(serial + 2 * i, sizeof serial - 2 * i, "%02x", number.data[i]);
    assert_int_equal(rows_of(store, AGENT, &holding_valid_list, NULL, NULL, ""), 3);
    assert_int_equal(rows_of(store, AGENT, &holding_valid_list, NULL, NULL, "ana quispe"), 1);
    assert_int_equal(rows_of(store, AGENT, &holding_valid_list, NULL, NULL, "00000004"), 1);
    assert_int_equal(rows_of(store, AGENT, &holding_valid_list, NULL, NULL, serial), 1);
    assert_int_equal(rows_of(store, ELSEWHERE, &holding_valid_list, NULL, NULL, ""), 1);
    assert_int_equal(rows_of(store, ELSEWHERE, &holding_valid_list, NULL, NULL, "ana"), 0);
    assert_int_equal(rows_of(store, AGENT, &holding_made_list, "agent", "6", ""), 2);
    assert_int_equal(rows_of(store, AGENT, &holding_revoked_list, NULL, NULL, ""), 0);
    (void)holding_put(store, AGENT, "pe-natural-person");
    struct holding_call c = holding_as(store, AGENT, ana, ANA);
    holding_sign_order(store, &c);
    assert_int_equal(holding_revoke(store, &c), RFD_OK);
    holding_call_end(&c);
    assert_int_equal(rows_of(store, AGENT, &holding_valid_list, NULL, NULL, ""), 2);
    assert_int_equal(rows_of(store, AGENT, &holding_revoked_list, NULL, NULL, "ana"), 1);
    assert_int_equal(rows_of(store, AGENT, &holding_withdrawn_list, "revoker", "6", ""), 1);
    assert_int_equal(rows_of(store, RIVAL, &holding_withdrawn_list, "revoker", "10", ""), 0);
    assert_int_equal(rows_of(store, AGENT, &revocation_list, NULL, NULL, ""), 1);
    assert_int_equal(rows_of(store, AGENT, &revocation_list, "state", "revoked", serial), 1);
    assert_int_equal(rows_of(store, AGENT, &revocation_list, "state", "asked", ""), 0);
    assert_int_equal(rows_of(store, ELSEWHERE, &revocation_list, NULL, NULL, ""), 0);
}

/** What the register says otherwise is in the lists, too. */
static void test_lists_follow(void **state)
{
    struct store *store = domain_store_of(state);
    (void)holding_issue(store, ANA, AGENT, UNIT_OTI);
    struct authority_domain *d = holding_authority(store);
    struct rfd_error error = RFD_ERROR_INIT;
    struct authority_change change = {.authority = domain_store_number(store, "SELECT authority FROM certificate"),
                                      .serial = holding_identity(ANA)->certificate->serial,
                                      .actor = SLICE("test"),
                                      .reason = 6,
                                      .invalid_since = RFD_TIME_NONE};
    assert_int_equal(authority_hold(d, &change, &error), RFD_OK);
    assert_int_equal(domain_store_number(store, "SELECT state FROM certificate_agent WHERE revoked IS NULL"), 2);
    assert_int_equal(rows_of(store, AGENT, &holding_valid_list, NULL, NULL, ""), 1);
    assert_int_equal(authority_release(d, &change, &error), RFD_OK);
    assert_int_equal(domain_store_number(store, "SELECT state FROM certificate_agent"), 1);
    clock_fix(MONDAY + 366 * DAY_LENGTH);
    size_t done = 0;
    assert_int_equal(authority_expire(d, 100, &done, &error), RFD_OK);
    assert_int_equal(done, 1);
    assert_int_equal(rows_of(store, AGENT, &holding_valid_list, NULL, NULL, ""), 0);
    assert_int_equal(rows_of(store, AGENT, &holding_made_list, "agent", "6", ""), 1);
    clock_fix(MONDAY);
}

/* ---- Figures ---- */

static rfd_status read_statistics(struct transaction *t, struct looking *l, struct rfd_error *error)
{
    l->units = l->states = 0;
    TRY(registration_statistics(t, &l->call->actor, WAY_ONLINE, RFD_TIME_NONE, &l->statistics, error));
    for (size_t i = 0; i < l->statistics.unit_count; i++) l->units += l->statistics.units[i].number;
    for (size_t i = 0; i < l->statistics.state_count; i++) l->states += l->statistics.states[i].number;
    return RFD_OK;
}

static void count(struct store *store)
{
    struct rfd_error error = RFD_ERROR_INIT;
    unsigned done = 0;
    if (statistics_tick(store, holding_settings(), &done, &error) != RFD_OK) fail_msg("%s", error.detail);
    done = 0;
    assert_int_equal(statistics_tick(store, holding_settings(), &done, &error), RFD_OK);
    assert_int_equal(done, 0);
}

static void test_statistics(void **state)
{
    struct store *store = domain_store_of(state);
    struct holding_call c = holding_as(store, AGENT, 0, ANA);
    struct looking l = {.call = &c, .look = read_statistics};
    look(store, &l, RFD_OK);
    assert_true(l.statistics.state_count == 0 && l.statistics.median == RFD_TIME_NONE);
    (void)holding_issue(store, ANA, AGENT, UNIT_OTI);
    (void)domain_store_run(store, "UPDATE certificate_agent SET took = 3600000000");
    (void)holding_issue(store, HEAD_GAF, AGENT, UNIT_GAF);
    (void)holding_issue(store, OTHER_HEAD, ELSEWHERE, UNIT_OTRA);
    count(store);
    look(store, &l, RFD_OK);
    assert_true(l.statistics.state_count == 1 && l.states == 3);
    assert_true(l.statistics.unit_count == 3 && l.units == 3 && l.statistics.month_count == 1);
    assert_true(l.statistics.issued == 3 && l.statistics.revoked == 0);
    assert_true(l.statistics.median == 0 && l.statistics.p95 == 3600000000);
    holding_call_end(&c);
    /* Of another unit only. */
    c = holding_as(store, ELSEWHERE, 0, ANA);
    look(store, &l, RFD_OK);
    assert_true(l.units == 1 && l.statistics.issued == 1 && l.statistics.p95 == 0);
    holding_call_end(&c);
    c = holding_as(store, ANA, 0, ANA);
    look(store, &l, RFD_E_FORBIDDEN);
    holding_call_end(&c);
}

/** What changes afterwards is counted anew: the state, and the unit. */
static void test_statistics_follow(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t ana = holding_issue(store, ANA, AGENT, UNIT_OTI);
    struct holding_call c = holding_as(store, ANA, ana, ANA);
    count(store);
    holding_advanced(&c);
    assert_int_equal(holding_revoke(store, &c), RFD_OK);
    holding_call_end(&c);
    (void)domain_store_run(store, "UPDATE request SET unit = 4 WHERE way = 'online'");
    count(store);
    c = holding_as(store, AGENT, 0, ANA);
    struct looking l = {.call = &c, .look = read_statistics};
    look(store, &l, RFD_OK);
    assert_true(l.units == 1 && l.states == 1 && l.statistics.unit_count == 1);
    assert_true(l.statistics.issued == 1 && l.statistics.revoked == 1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM registration_count WHERE number < 0"), 0);
    assert_int_equal(domain_store_number(store,
                                         "SELECT count(*) FROM registration_count WHERE kind = 'request' AND way = "
                                         "'revocation' AND name = 'revoked' AND number = 1"),
                     1);
    holding_call_end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOLDINGS(test_who_sees),
        IN_BOTH_HOLDINGS(test_own),
        IN_BOTH_HOLDINGS(test_facts),
        IN_BOTH_HOLDINGS(test_chain),
        IN_BOTH_HOLDINGS(test_renewal_window),
        IN_BOTH_HOLDINGS(test_resend),
        IN_BOTH_HOLDINGS(test_uses),
        IN_BOTH_HOLDINGS(test_lists),
        IN_BOTH_HOLDINGS(test_lists_follow),
        IN_BOTH_HOLDINGS(test_statistics),
        IN_BOTH_HOLDINGS(test_statistics_follow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
