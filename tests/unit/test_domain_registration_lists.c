/* SPDX-License-Identifier: EUPL-1.2
 *
 * The lists of the agent's desk, in both databases: who sees what, by what it is found, and how many there are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "registration_world.h"

struct listing {
    const struct list_definition *list;
    struct list_query query;
    struct actor actor;
    uint64_t total;
    char first[64], number[32], state[32];
    rfd_time created;
    rfd_status status;
};

static void keep(char *to, size_t size, const struct store_value *v)
{
    size_t length = v->bytes.length < size - 1 ? v->bytes.length : size - 1;
    if (length > 0) memcpy(to, v->bytes.data, length);
    to[length] = '\0';
}

static rfd_status read_list(struct transaction *t, void *context, struct rfd_error *error)
{
    struct listing *l = context;
    struct list_page page;
    TRY(list_read(t, l->list, &l->query, &l->actor, &page, error));
    l->total = page.total;
    if (page.rows.count == 0) return RFD_OK;
    const struct store_value *v = store_cell(&page.rows, 0, 0);
    keep(l->first, sizeof l->first, &v[1]);
    keep(l->number, sizeof l->number, &v[2]);
    l->created = v[3].integer;
    keep(l->state, sizeof l->state, &v[4]);
    return RFD_OK;
}

static struct listing listed(struct office *o, const struct list_definition *list, int64_t person, const char *search)
{
    struct listing l = {.list = list, .actor = world_actor(o->store, person), .query = {.search = slice_text(search)}};
    l.status = store_read(o->store, read_list, &l, NULL);
    return l;
}

static int64_t asked(struct office *o, struct form *f, const char *number, int64_t unit, const char *surname)
{
    struct call nobody = office_as(o, 0);
    form_new(f, number);
    f->request.unit = unit;
    f->person.surname = slice_text(surname);
    if (office_ask(&nobody, f) != RFD_OK) fail_msg("%s", nobody.error.detail);
    return nobody.id;
}

static void confirm_last(struct office *o)
{
    struct call nobody = office_as(o, 0);
    const char *token = office_mailed(o, "request-confirm", REGISTRATION_PAGE_CONFIRM);
    assert_int_equal(office_confirm(&nobody, slice_text(token)), RFD_OK);
}

static void test_who_sees_what(void **state)
{
    struct office *o = office_open(state);
    struct form f[3];
    (void)asked(o, &f[0], "70000001", UNIT_OTI, "Quispe");
    (void)asked(o, &f[1], "70000002", UNIT_OTRA, "Huamán");
    confirm_last(o);
    (void)asked(o, &f[2], "70000003", 0, "Ñaupari");
    assert_int_equal(listed(o, &request_unverified_list, AGENT, "").total, 2); /* of no unit: everybody's */
    assert_int_equal(listed(o, &request_started_list, AGENT, "").total, 0);
    assert_int_equal(listed(o, &request_unverified_list, ELSEWHERE, "").total, 1);
    assert_int_equal(listed(o, &request_started_list, ELSEWHERE, "").total, 1);
    assert_int_equal(listed(o, &request_list, ELSEWHERE, "").total, 2);
    assert_int_equal(listed(o, &request_list, ANA, "").status, RFD_E_FORBIDDEN);
    (void)world_grant(o->store, ANA, ROLE_AUDITOR, 0);
    assert_int_equal(listed(o, &request_list, ANA, "").total, 3);
    (void)world_grant(o->store, HEAD_GM, ROLE_CERTIFYING_AGENT, UNIT_GM);
    assert_int_equal(listed(o, &request_list, HEAD_GM, "").total, 3); /* GM is above both */
    for (size_t i = 0; i < 3; i++) form_free(&f[i]);
}

static void test_what_is_shown_and_found(void **state)
{
    struct office *o = office_open(state);
    struct form f[2];
    (void)asked(o, &f[0], "70000001", UNIT_OTI, "Quispe");
    (void)asked(o, &f[1], "70000002", UNIT_OTI, "Álvarez");
    struct listing l = listed(o, &request_unverified_list, AGENT, "");
    assert_int_equal(l.total, 2);
    assert_string_equal(l.first, "Rosa María Quispe Mamani"); /* the oldest first */
    assert_string_equal(l.number, "70000001");
    assert_string_equal(l.state, "unverified");
    assert_true(l.created <= clock_now());
    l.query.sort = "name";
    assert_int_equal(store_read(o->store, read_list, &l, NULL), RFD_OK);
    assert_string_equal(l.first, "Rosa María Álvarez Mamani");
    assert_int_equal(listed(o, &request_unverified_list, AGENT, "alvarez ros").total, 1);
    assert_int_equal(listed(o, &request_unverified_list, AGENT, "70000001").total, 1);
    assert_int_equal(listed(o, &request_unverified_list, AGENT, "S-0002").total, 1);
    assert_int_equal(listed(o, &request_unverified_list, AGENT, "p70000002").total, 1);
    assert_int_equal(listed(o, &request_unverified_list, AGENT, "nadie").total, 0);
    assert_int_equal(listed(o, &request_unverified_list, ELSEWHERE, "70000001").total, 0);
    for (size_t i = 0; i < 2; i++) form_free(&f[i]);
}

static void test_ones_own(void **state)
{
    struct office *o = office_open(state);
    struct form f[2];
    form_new(&f[0], "70000001");
    form_new(&f[1], "70000002");
    (void)office_taken(o, &f[0]);
    struct listing l = listed(o, &request_own_list, AGENT, "");
    assert_int_equal(l.total, 1);
    l.query.filters[0].name = "taker";
    l.query.filters[0].value = SLICE("3"); /* RIVAL's */
    assert_int_equal(store_read(o->store, read_list, &l, NULL), RFD_OK);
    assert_int_equal(l.total, 0);
    l.query.filters[0].value = SLICE("2");
    assert_int_equal(store_read(o->store, read_list, &l, NULL), RFD_OK);
    assert_int_equal(l.total, 1);
    for (size_t i = 0; i < 2; i++) form_free(&f[i]);
}

static rfd_status count(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    return request_count(t, &c->actor, c->way, c->state, c->flag, &c->count, error);
}

static uint64_t counted(struct office *o, int64_t person, enum request_state state, bool own)
{
    struct call c = office_as(o, person);
    c.way = WAY_ONLINE;
    c.state = state;
    c.flag = own;
    assert_int_equal(office_write(&c, count), RFD_OK);
    return c.count;
}

static void test_how_many(void **state)
{
    struct office *o = office_open(state);
    struct form f[3];
    (void)asked(o, &f[0], "70000001", UNIT_OTI, "Quispe");
    (void)asked(o, &f[1], "70000002", 0, "Quispe");
    form_new(&f[2], "70000003");
    (void)office_taken(o, &f[2]);
    assert_int_equal(counted(o, AGENT, REQUEST_UNVERIFIED, false), 2);
    assert_int_equal(counted(o, ELSEWHERE, REQUEST_UNVERIFIED, false), 1);
    assert_int_equal(counted(o, AGENT, REQUEST_TAKEN, true), 1);
    assert_int_equal(counted(o, RIVAL, REQUEST_TAKEN, true), 0);
    assert_int_equal(counted(o, RIVAL, REQUEST_TAKEN, false), 1);
    for (size_t i = 0; i < 3; i++) form_free(&f[i]);
}

static uint64_t filtered(struct office *o, const struct list_definition *list, const char *filters[3][2])
{
    struct listing l = {.list = list, .actor = world_actor(o->store, AGENT)};
    for (size_t i = 0; i < 3 && filters[i][0] != NULL; i++) {
        l.query.filters[i].name = filters[i][0];
        l.query.filters[i].value = slice_text(filters[i][1]);
    }
    assert_int_equal(store_read(o->store, read_list, &l, NULL), RFD_OK);
    return l.total;
}

/* Requests as they are long after: 24,000 of the agent's, every third made in person, every twelfth open. */
static const char many[] =
    "INSERT INTO request(code, way, kind, motive, description, country, state, entity, unit, requester, taker, language, "
    "in_person, created, note, external, sort_name) SELECT 'Z-' || i, CASE WHEN i % 2 = 0 THEN 'online' ELSE 'agency' END, "
    "'issue', '', '', 'pe', CASE WHEN i % 24 = 0 THEN 'taken' WHEN i % 2 = 0 THEN 'issued' ELSE 'sent' END, 1, NULL, NULL, 2, "
    "'es', i % 3 = 0, i, '', false, 'n' || (i * 7919) % 24000 FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
    "FROM n WHERE i < 24000) SELECT i FROM n) numbers";

static void test_many(void **state)
{
    struct office *o = office_open(state);
    (void)domain_store_run(o->store, many);
    assert_int_equal(filtered(o, &request_list, (const char *[3][2]){{"taker", "2"}}), LIST_COUNTED);
    assert_int_equal(filtered(o, &request_list, (const char *[3][2]){{"in-person", "1"}}), 4000);
    assert_int_equal(filtered(o, &request_list, (const char *[3][2]){{"in-person", "0"}, {"state", "taken"}}), 0);
    assert_int_equal(filtered(o, &request_list, (const char *[3][2]){{"taker", "2"}, {"state", "taken"}}), 1000);
    assert_int_equal(filtered(o, &request_own_list, (const char *[3][2]){{"taker", "2"}}), 1000);
    assert_int_equal(filtered(o, &request_own_list, (const char *[3][2]){{"taker", "2"}, {"in-person", "1"}}), 1000);
    assert_int_equal(filtered(o, &request_own_list, (const char *[3][2]){{"taker", "3"}}), 0);
    assert_int_equal(counted(o, AGENT, REQUEST_ISSUED, false), REQUEST_COUNTED + 1);
    assert_int_equal(counted(o, AGENT, REQUEST_ISSUED, true), REQUEST_COUNTED + 1);
    assert_int_equal(counted(o, AGENT, REQUEST_TAKEN, false), REQUEST_COUNTED);
    assert_int_equal(counted(o, RIVAL, REQUEST_ISSUED, true), 0);
}

static const struct CMUnitTest tests[] = {
    IN_BOTH_OFFICES(test_who_sees_what), IN_BOTH_OFFICES(test_what_is_shown_and_found),
    IN_BOTH_OFFICES(test_ones_own),      IN_BOTH_OFFICES(test_how_many),
    IN_BOTH_OFFICES(test_many),
};

int main(void)
{
    return cmocka_run_group_tests(tests, office_setup, office_teardown);
}
