/* SPDX-License-Identifier: EUPL-1.2
 *
 * Departures: proposals of all that hangs on an appointment, each confirmed or kept once; and support groups.
 */
#include "organisation_world.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/access/access.h"

#include <stdio.h>

/* --- A place to leave --------------------------------------------------------------------------------------------- */

struct place {
    struct house *h;
    int64_t unit, other_unit, position, person, boss, appointment;
    int64_t role, other_role, auditor, group; /* what hangs on it */
    int64_t departure;
    struct departure_proposal proposals[16];
    size_t count;
    rfd_time leaves;
    const char *reason;
    int64_t proposal;
    bool confirm;
};
static struct place place;

static rfd_status grant(struct transaction *t, enum role role, int64_t unit, int64_t *id, struct rfd_error *error)
{
    const struct actor house = actor_system("test");
    const struct role_assignment given = {.person = place.person,
                                          .role = role,
                                          .entity = unit == 0 ? 0 : place.h->entity,
                                          .unit = unit,
                                          .from = place.h->now - DAY,
                                          .to = RFD_TIME_NONE};
    return role_grant(t, &house, &given, id, error);
}

static rfd_status furnish_work(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct support_group g = {.entity = place.h->entity, .name = SLICE("Central"), .mail = SLICE("a@b.pe")};
    const struct person p = {.id = place.boss,
                             .country = SLICE("pe"),
                             .document = SLICE("dni"),
                             .number = SLICE("83604450"),
                             .given_names = SLICE("Jefa"),
                             .surname = SLICE("Mayor"),
                             .mail = SLICE("jefa@ejemplo.pe")};
    int64_t id;
    (void)context;
    TRY(grant(t, ROLE_SIGNER, place.unit, &place.role, error));
    TRY(grant(t, ROLE_SIGNER, place.other_unit, &place.other_role, error));
    TRY(grant(t, ROLE_AUDITOR, 0, &place.auditor, error));
    TRY(support_group_put(t, &place.h->actor, &g, NULL, &place.group, error));
    TRY(support_group_member(t, &place.h->actor, place.group, place.person, true, error));
    TRY(support_group_member(t, &place.h->actor, place.group, place.person, true, error)); /* twice is once */
    return person_put(t, &place.h->actor, place.h->packs, &p, NULL, &id, error);
}

static void furnish(void **state)
{
    struct house *h = house_open(state);
    place = (struct place){.h = h, .leaves = h->now + 10 * DAY, .reason = "Renuncia"};
    int64_t top = house_unit(h, 0, "T", RFD_OK);
    place.unit = house_unit(h, top, "A", RFD_OK);
    place.other_unit = house_unit(h, top, "B", RFD_OK);
    place.position = house_position(h, place.unit, "Jefe", true, RFD_OK);
    place.person = house_person(h, "10117410", RFD_OK);
    place.boss = house_person(h, "83604450", RFD_OK);
    place.appointment = house_appoint(h, place.person, place.position, false, h->now - DAY, RFD_TIME_NONE, RFD_OK);
    (void)house_appoint(h, place.boss, house_position(h, top, "Jefa", true, RFD_OK), false, h->now - DAY, RFD_TIME_NONE,
                        RFD_OK);
    if (house_write(h, furnish_work, NULL) != RFD_OK) fail_msg("%s", h->error.detail);
    house_as(h, &(struct actor_role){.role = ROLE_PERSONNEL, .entity = h->entity});
}

static rfd_status report_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct place *p = context;
    p->h->faults.count = 0;
    return departure_report(t, &p->h->actor, p->appointment, p->leaves, slice_text(p->reason), NULL, &p->h->faults,
                            &p->departure, error);
}

static void report(rfd_status expected)
{
    rfd_status status = house_write(place.h, report_work, &place);
    if (status != expected) fail_msg("%s %s", rfd_status_name(status), place.h->error.detail);
}

static rfd_status look_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct departure_proposal *list;
    struct place *p = context;
    TRY(departure_proposals(t, p->departure, &list, &p->count, error));
    assert_true(p->count <= 16);
    for (size_t i = 0; i < p->count; i++) {
        p->proposals[i] = list[i];
        slice *texts[] = {&p->proposals[i].kind, &p->proposals[i].name, &p->proposals[i].text, &p->proposals[i].state};
        for (size_t n = 0; n < 4; n++) *texts[n] = arena_copy(&p->h->arena, *texts[n]);
    }
    return RFD_OK;
}

static void look(void)
{
    assert_int_equal(house_write(place.h, look_work, &place), RFD_OK);
}

static rfd_status decide_work(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct place *p = context;
    return departure_decide(t, &p->h->actor, NULL, p->proposal, p->confirm, error);
}

static void decide(const char *kind, int64_t target, bool confirm, rfd_status expected)
{
    place.proposal = 0;
    look();
    for (size_t i = 0; i < place.count; i++) {
        if (slice_is(place.proposals[i].kind, kind) && place.proposals[i].target == target)
            place.proposal = place.proposals[i].id;
    }
    if (place.proposal == 0) fail_msg("no proposal of %s %lld", kind, (long long)target);
    place.confirm = confirm;
    rfd_status status = house_write(place.h, decide_work, &place);
    if (status != expected) fail_msg("%s %s", rfd_status_name(status), place.h->error.detail);
}

static void as_administrator(void)
{
    house_as(place.h, &(struct actor_role){.role = ROLE_ADMINISTRATOR});
}

/* --- Reports ------------------------------------------------------------------------------------------------------ */

static void test_report_proposes(void **state)
{
    furnish(state);
    struct house *h = place.h;
    report(RFD_OK);
    look();
    assert_int_equal(place.count, 5);
    assert_true(slice_is(place.proposals[0].kind, "appointment"));
    assert_true(slice_is(place.proposals[0].text, "Jefe (A)"));
    for (size_t i = 0; i < place.count; i++) assert_true(slice_is(place.proposals[i].state, "proposed"));
    /* Nothing is closed by a report. */
    assert_int_equal(house_number(h, "SELECT count(*) FROM appointment WHERE ends IS NOT NULL"), 0);
    assert_int_equal(house_number(h, "SELECT count(*) FROM support_group_member"), 1);
    assert_int_equal(house_number(h, "SELECT undecided FROM departure"), 5);
    /* The head above is told, as the head of the unit is the one who leaves. */
    assert_int_equal(house_number(h, "SELECT count(*) FROM outbox WHERE recipient = 'jefa@ejemplo.pe'"), 1);
    report(RFD_E_INVALID); /* twice */
    house_faulty(h, "appointment");
    assert_int_equal(house_number(h, "SELECT count(*) FROM audit_waiting WHERE action = 'departure.report'"), 1);
}

static void test_report_faults(void **state)
{
    furnish(state);
    struct house *h = place.h;
    place.reason = "  ";
    place.leaves = h->now - 30 * DAY;
    report(RFD_E_INVALID);
    house_faulty(h, "reason leaves");
    place.leaves = RFD_TIME_NONE;
    report(RFD_E_INVALID);
    house_faulty(h, "reason leaves");
    place.reason = "Renuncia";
    place.leaves = h->now;
    house_as(h, &(struct actor_role){.role = ROLE_PERSONNEL, .entity = h->entity + 1});
    report(RFD_E_FORBIDDEN);
    house_as(h, &(struct actor_role){.role = ROLE_AUDITOR});
    report(RFD_E_FORBIDDEN);
    house_as(h, &(struct actor_role){.role = ROLE_PERSONNEL, .entity = h->entity});
    house_end(h, place.appointment, h->now, RFD_OK);
    report(RFD_E_INVALID); /* it is over */
    house_faulty(h, "appointment");
    place.appointment = 999;
    report(RFD_E_NOT_FOUND);
}

/* --- Decisions ---------------------------------------------------------------------------------------------------- */

static void test_decisions(void **state)
{
    furnish(state);
    struct house *h = place.h;
    report(RFD_OK);
    decide("appointment", place.appointment, true, RFD_E_FORBIDDEN); /* who reports does not confirm */
    as_administrator();
    decide("appointment", place.appointment, true, RFD_OK);
    decide("appointment", place.appointment, true, RFD_E_STATE);
    decide("appointment", place.appointment, false, RFD_E_STATE);
    assert_int_equal(house_number(h, "SELECT ends FROM appointment WHERE ends IS NOT NULL"), place.leaves);
    decide("role", place.role, true, RFD_OK);
    decide("role", place.other_role, false, RFD_OK);
    assert_int_equal(house_number(h, "SELECT count(*) FROM role_assignment WHERE ends IS NOT NULL"), 1);
    decide("support-group", place.group, true, RFD_OK);
    assert_int_equal(house_number(h, "SELECT count(*) FROM support_group_member"), 0);
    assert_int_equal(house_number(h, "SELECT undecided FROM departure"), 1);
    decide("role", place.auditor, false, RFD_OK);
    assert_int_equal(house_number(h, "SELECT undecided FROM departure"), 0);
    assert_int_equal(house_number(h, "SELECT count(*) FROM audit_waiting WHERE action = 'departure.keep'"), 2);
    assert_int_equal(house_number(h, "SELECT count(*) FROM person WHERE closed"), 0); /* never the person */
}

/** What somebody has ended in the meantime is no reason to fail. */
static void test_closed_meanwhile(void **state)
{
    furnish(state);
    struct house *h = place.h;
    report(RFD_OK);
    house_end(h, place.appointment, h->now, RFD_OK);
    as_administrator();
    decide("appointment", place.appointment, true, RFD_OK);
    assert_int_equal(house_number(h, "SELECT ends FROM appointment WHERE ends IS NOT NULL"), h->now);
}

static void test_who_decides(void **state)
{
    furnish(state);
    struct house *h = place.h;
    report(RFD_OK);
    const struct unit unit = house_find_unit(h, place.unit);
    house_as(
        h, &(struct actor_role){.role = ROLE_ACCESS_APPROVER, .entity = h->entity, .unit = unit.id, .path = unit.path});
    h->actor.person = place.person; /* her own departure */
    decide("role", place.role, false, RFD_E_FORBIDDEN);
    h->actor.person = place.boss;
    decide("role", place.role, true, RFD_OK);
    decide("role", place.other_role, true, RFD_E_FORBIDDEN); /* another unit's role is its own head's to end */
    decide("role", place.other_role, false, RFD_OK);
    const struct unit other = house_find_unit(h, place.other_unit);
    house_as(h, &(struct actor_role){
                    .role = ROLE_ACCESS_APPROVER, .entity = h->entity, .unit = other.id, .path = other.path});
    decide("appointment", place.appointment, true, RFD_E_FORBIDDEN);
    house_as_nobody(h);
    decide("appointment", place.appointment, true, RFD_E_UNAUTHORISED);
}

/** Who has another appointment in the unit keeps the roles there. */
static void test_stays_in_the_unit(void **state)
{
    furnish(state);
    struct house *h = place.h;
    house_as_system(h);
    int64_t other = house_position(h, place.unit, "Asesora", false, RFD_OK);
    (void)house_appoint(h, place.person, other, true, h->now - DAY, RFD_TIME_NONE, RFD_OK);
    house_as(h, &(struct actor_role){.role = ROLE_PERSONNEL, .entity = h->entity});
    report(RFD_OK);
    look();
    for (size_t i = 0; i < place.count; i++)
        assert_int_not_equal(place.proposals[i].target == place.role && slice_is(place.proposals[i].kind, "role"), 1);
    assert_int_equal(place.count, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_STORES(test_report_proposes), ON_BOTH_STORES(test_report_faults),
        ON_BOTH_STORES(test_decisions),       ON_BOTH_STORES(test_closed_meanwhile),
        ON_BOTH_STORES(test_who_decides),     ON_BOTH_STORES(test_stays_in_the_unit),
    };
    return cmocka_run_group_tests(tests, house_setup, house_teardown);
}
