/* SPDX-License-Identifier: EUPL-1.2
 *
 * Requests of roles, in both databases: who may, what if twice, what if late, what if two at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "access_world.h"
#include "base/clock.h"
#include "base/error.h"

#include <pthread.h>
#include <stdio.h>

static bool has_fault(const struct faults *faults, const char *field)
{
    for (unsigned i = 0; i < faults->count; i++) {
        if (strcmp(faults->items[i].field, field) == 0) return true;
    }
    return false;
}

static const struct access_line signer = {.role = ROLE_SIGNER, .from = RFD_TIME_NONE, .to = RFD_TIME_NONE};

/* ---- The way of one ---- */

static void test_asked_and_approved(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t id = world_sent(store, ROLE_SIGNER);
    struct access_request r = world_load(store, id);
    assert_true(slice_is(r.code, "A-0001-2026"));
    assert_int_equal(r.approver, HEAD);
    assert_int_equal(r.tray, UNIT_OTI);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM outbox"), 2); /* both who approve */
    assert_int_equal(world_roles(store, ANA), 0);
    assert_int_equal(world_decide(store, DEPUTY, id, true, NULL), RFD_OK);
    assert_string_equal(world_state(store, id), "approved");
    assert_int_equal(world_load(store, id).approver, DEPUTY);
    assert_int_equal(world_roles(store, ANA), 1); /* at once */
    struct actor ana = world_actor(store, ANA);
    assert_int_equal(ana.roles[1].role, ROLE_SIGNER);
    assert_int_equal(ana.roles[1].unit, UNIT_OTI);
    assert_true(slice_is(ana.roles[1].path, "/1/2/3/"));
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM outbox WHERE recipient = 'Ana@example.pe'"), 1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM audit_waiting WHERE action = 'access.approve'"),
                     1);
    assert_int_equal(
        domain_store_number(store,
                            "SELECT count(*) FROM audit_waiting WHERE action = 'role.grant' AND actor = 'account:U1'"),
        1);
    assert_int_equal(world_number(store, "SELECT count(*) FROM access_event WHERE request = %lld", id), 3);
}

static void test_rejected_with_a_reason(void **state)
{
    struct store *store = domain_store_of(state);
    struct faults faults = {.count = 0};
    int64_t id = world_sent(store, ROLE_SIGNER);
    assert_int_equal(world_decide_signed(store, HEAD, id, SLICE_EMPTY, NULL), RFD_OK); /* needs no signature */
    int64_t other = world_sent(store, ROLE_REGISTRAR);
    assert_int_equal(world_decide(store, HEAD, other, false, &faults), RFD_OK);
    struct access_request r = world_load(store, other);
    assert_true(slice_is(r.state, "rejected"));
    assert_true(slice_is(r.decision, "no hace falta"));
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM outbox WHERE recipient = 'Olga@example.pe'"), 1);
    assert_int_equal(world_roles(store, ANA), 1);
}

struct bare {
    struct actor actor;
    struct access_decision decision;
    struct faults faults;
};

static rfd_status bare_decision(struct transaction *t, void *context, struct rfd_error *error)
{
    struct bare *b = context;
    b->faults.count = 0;
    return access_request_decide(t, &b->actor, &b->decision, &b->faults, error);
}

static void test_no_reason_no_rejection(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t id = world_sent(store, ROLE_SIGNER);
    struct bare b = {.actor = world_actor(store, HEAD), .decision = {.request = id, .settings = world_settings()}};
    assert_int_equal(store_write(store, bare_decision, &b, NULL), RFD_E_INVALID);
    assert_true(has_fault(&b.faults, "reason"));
    assert_string_equal(world_state(store, id), "sent");
}

/* ---- Who may not ---- */

static void test_who_may_not_ask(void **state)
{
    struct store *store = domain_store_of(state);
    struct access_request r = world_request(&signer, 1);
    struct faults faults = {.count = 0};
    int64_t id;
    assert_int_equal(world_put(store, ANA, &r, NULL, &id), RFD_E_FORBIDDEN);
    assert_int_equal(world_put(store, HEAD, &r, NULL, &id), RFD_E_FORBIDDEN);
    assert_int_equal(world_put(store, OTHER_OPERATOR, &r, NULL, &id), RFD_E_FORBIDDEN); /* another unit */
    r.unit = UNIT_OTRA;
    assert_int_equal(world_put(store, OPERATOR, &r, NULL, &id), RFD_E_FORBIDDEN);
    r.unit = UNIT_OTI;
    r.subject = OPERATOR;
    assert_int_equal(world_put(store, OPERATOR, &r, &faults, &id), RFD_E_INVALID); /* for oneself */
    assert_true(has_fault(&faults, "subject"));
    r.subject = OTHER_HEAD;
    assert_int_equal(world_put(store, OPERATOR, &r, &faults, &id), RFD_E_INVALID); /* no post in the unit */
    assert_true(has_fault(&faults, "subject"));
    r.subject = 4711;
    assert_int_equal(world_put(store, OPERATOR, &r, &faults, &id), RFD_E_INVALID);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM access_request"), 0);
}

static void test_who_may_not_decide(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t id = world_sent(store, ROLE_SIGNER);
    static const int64_t others[] = {OPERATOR, ANA, OTHER_HEAD, HEAD_GAF, HEAD_GM, LEAD, OTHER_OPERATOR};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(world_decide(store, others[i], id, true, NULL), RFD_E_FORBIDDEN);
    assert_string_equal(world_state(store, id), "sent");
}

/** A role whose table reaches the whole entity is not for the head of one of its units to give. */
static void test_what_reaches_far_is_decided_above(void **state)
{
    static const enum role roles[] = {ROLE_PERSONNEL, ROLE_CERTIFICATION_LEAD};
    struct store *store = domain_store_of(state);
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        int64_t id = world_sent(store, roles[i]);
        assert_int_equal(world_load(store, id).tray, UNIT_GM);
        assert_int_equal(world_decide(store, HEAD, id, true, NULL), RFD_E_FORBIDDEN);
        assert_int_equal(world_decide(store, HEAD_GM, id, true, NULL), RFD_OK);
    }
}

/** What is asked for the head goes to the deputy; when there is none, to the next head. */
static void test_nobody_approves_their_own(void **state)
{
    struct store *store = domain_store_of(state);
    struct access_request r = world_request(&signer, 1);
    int64_t id;
    r.subject = HEAD;
    assert_int_equal(world_put(store, OPERATOR, &r, NULL, &id), RFD_OK);
    assert_int_equal(world_send(store, OPERATOR, id, NULL), RFD_OK);
    assert_int_equal(world_load(store, id).approver, DEPUTY);
    assert_int_equal(world_decide(store, HEAD, id, true, NULL), RFD_E_FORBIDDEN);
    (void)domain_store_run(store, "UPDATE role_assignment SET ends = starts WHERE person = 3");
    struct access_request again =
        world_request(&(struct access_line){.role = ROLE_REGISTRAR, .from = RFD_TIME_NONE, .to = RFD_TIME_NONE}, 1);
    again.subject = HEAD;
    assert_int_equal(world_put(store, OPERATOR, &again, NULL, &id), RFD_OK);
    assert_int_equal(world_send(store, OPERATOR, id, NULL), RFD_OK);
    assert_int_equal(world_load(store, id).tray, UNIT_GAF);
    assert_int_equal(world_decide(store, HEAD, id, true, NULL), RFD_E_FORBIDDEN);
    assert_int_equal(world_decide(store, HEAD_GAF, id, true, NULL), RFD_OK);
}

static void test_nobody_at_all(void **state)
{
    struct store *store = domain_store_of(state);
    struct access_request r = world_request(&signer, 1);
    struct faults faults = {.count = 0};
    int64_t id;
    (void)domain_store_run(store, "UPDATE role_assignment SET ends = starts WHERE role = 'access_approver'");
    assert_int_equal(world_put(store, OPERATOR, &r, NULL, &id), RFD_OK);
    assert_int_equal(world_send(store, OPERATOR, id, &faults), RFD_E_INVALID);
    assert_true(has_fault(&faults, ""));
    assert_string_equal(world_state(store, id), "draft");
}

/** Who sees what: drafts only their requester. */
struct finding {
    struct actor actor;
    int64_t id;
};

static rfd_status find_one(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct finding *f = context;
    struct access_request r;
    return access_request_find(t, &f->actor, f->id, &r, error);
}

static rfd_status seen_by(struct store *store, int64_t person, int64_t id)
{
    struct finding f = {world_actor(store, person), id};
    return store_read(store, find_one, &f, NULL);
}

static void test_who_sees(void **state)
{
    struct store *store = domain_store_of(state);
    struct access_request r = world_request(&signer, 1);
    int64_t draft;
    assert_int_equal(world_put(store, OPERATOR, &r, NULL, &draft), RFD_OK);
    assert_int_equal(seen_by(store, OPERATOR, draft), RFD_OK);
    assert_int_equal(seen_by(store, ANA, draft), RFD_E_NOT_FOUND);
    assert_int_equal(seen_by(store, HEAD, draft), RFD_E_NOT_FOUND);
    assert_int_equal(world_send(store, OPERATOR, draft, NULL), RFD_OK);
    assert_int_equal(seen_by(store, ANA, draft), RFD_OK); /* it is about her */
    assert_int_equal(seen_by(store, HEAD, draft), RFD_OK);
    assert_int_equal(seen_by(store, HEAD_GAF, draft), RFD_OK); /* the units below */
    assert_int_equal(seen_by(store, OTHER_HEAD, draft), RFD_E_FORBIDDEN);
    assert_int_equal(seen_by(store, BERTA, draft), RFD_E_FORBIDDEN);
    assert_int_equal(seen_by(store, HEAD, 4711), RFD_E_NOT_FOUND);
}

/* ---- What may not be asked ---- */

static rfd_status put_lines(struct store *store, const struct access_line *lines, unsigned count, struct faults *faults)
{
    struct access_request r = world_request(lines, count);
    int64_t id;
    rfd_status status = world_put(store, OPERATOR, &r, faults, &id);
    return status == RFD_OK ? world_send(store, OPERATOR, id, faults) : status;
}

static void test_what_may_not_be_asked(void **state)
{
    struct store *store = domain_store_of(state);
    struct faults faults = {.count = 0};
    const rfd_time none = RFD_TIME_NONE, now = MONDAY;
    const struct access_line lines[] = {
        {.role = ROLE_APPLICANT, .from = none, .to = none},
        {.role = ROLE_RECIPIENT, .from = none, .to = none},
        {.role = ROLES, .from = none, .to = none},
        {.role = ROLE_SIGNER, .from = now + DAY_LENGTH, .to = now + 1},
        {.role = ROLE_SIGNER, .from = none, .to = now - 1},
        {.withdraw = true, .assignment = 1, .from = none, .to = none},    /* of the operator, not Ana */
        {.withdraw = true, .assignment = 4711, .from = none, .to = none}, /* of nobody */
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_int_equal(put_lines(store, &lines[i], 1, &faults), RFD_E_INVALID);
        assert_true(has_fault(&faults, "lines"));
    }
    const struct access_line twice[] = {signer, signer};
    assert_int_equal(put_lines(store, twice, 2, &faults), RFD_E_INVALID);
    const struct access_line mixed[] = {signer, {.role = ROLE_CERTIFYING_AGENT, .from = none, .to = none}};
    assert_int_equal(put_lines(store, mixed, 2, &faults), RFD_E_INVALID);
    assert_int_equal(put_lines(store, NULL, 0, &faults), RFD_E_INVALID); /* an empty one is a draft, but not sent */
    assert_true(has_fault(&faults, "lines"));
    struct access_request r = world_request(&signer, 1);
    int64_t id;
    r.reason = SLICE_EMPTY;
    assert_int_equal(world_put(store, OPERATOR, &r, NULL, &id), RFD_OK);
    assert_int_equal(world_send(store, OPERATOR, id, &faults), RFD_E_INVALID);
    assert_true(has_fault(&faults, "reason"));
}

static void test_conflicts_when_sent(void **state)
{
    struct store *store = domain_store_of(state);
    const rfd_time none = RFD_TIME_NONE;
    struct faults faults = {.count = 0};
    const struct access_line both[] = {{.role = ROLE_ISSUER, .from = none, .to = none},
                                       {.role = ROLE_NOTIFIER, .from = none, .to = none}};
    assert_int_equal(put_lines(store, both, 2, &faults), RFD_E_INVALID);
    assert_string_equal(faults.items[0].message, role_conflict(ROLE_ISSUER, ROLE_NOTIFIER, true)); /* the rule, named */
    int64_t issuer = world_grant(store, ANA, ROLE_ISSUER, UNIT_OTI);
    assert_int_equal(put_lines(store, &both[1], 1, &faults), RFD_E_INVALID);
    assert_int_equal(put_lines(store, &both[0], 1, &faults), RFD_E_INVALID); /* she has it */
    const struct access_line change[] = {{.withdraw = true, .assignment = issuer, .from = none, .to = none}, both[1]};
    assert_int_equal(put_lines(store, change, 2, &faults), RFD_OK);
    const struct access_line late[] = {
        {.withdraw = true, .assignment = issuer, .from = MONDAY + 5 * DAY_LENGTH, .to = none}, both[1]};
    assert_int_equal(put_lines(store, late, 2, &faults), RFD_E_INVALID); /* they would overlap for five days */
}

/** What was free of conflicts when it was asked for may not be so when it is approved. */
static void test_conflicts_when_approved(void **state)
{
    struct store *store = domain_store_of(state);
    struct faults faults = {.count = 0};
    int64_t first = world_sent(store, ROLE_ISSUER), second = world_sent(store, ROLE_NOTIFIER);
    assert_int_equal(world_decide(store, HEAD, first, true, NULL), RFD_OK);
    assert_int_equal(world_decide(store, HEAD, second, true, &faults), RFD_E_INVALID);
    assert_true(has_fault(&faults, "lines"));
    assert_string_equal(world_state(store, second), "sent");
    assert_int_equal(world_roles(store, ANA), 1);
    assert_int_equal(world_decide(store, HEAD, second, false, &faults), RFD_OK);
}

static void test_gone_before_approval(void **state)
{
    struct store *store = domain_store_of(state);
    struct faults faults = {.count = 0};
    int64_t id = world_sent(store, ROLE_SIGNER);
    (void)domain_store_run(store, "UPDATE appointment SET ends = 1 WHERE person = 4");
    assert_int_equal(world_decide(store, HEAD, id, true, &faults), RFD_E_INVALID);
    assert_true(has_fault(&faults, "subject"));
}

/* ---- Twice, late ---- */

enum verb { PUT, SEND, CANCEL, APPROVE, REJECT };

static rfd_status try_verb(struct store *store, enum verb verb, int64_t id)
{
    struct access_request r = world_request(&signer, 1);
    r.id = id;
    if (verb == PUT) return world_put(store, OPERATOR, &r, NULL, &id);
    if (verb == SEND) return world_send(store, OPERATOR, id, NULL);
    if (verb == CANCEL) return world_cancel(store, OPERATOR, id);
    return world_decide(store, HEAD, id, verb == APPROVE, NULL);
}

/** A request brought into each state; each event tried on it: as the table says, or RFD_E_STATE. */
static int64_t brought_to(struct store *store, enum access_state wanted)
{
    struct access_request r = world_request(&signer, 1);
    int64_t id;
    if (wanted == ACCESS_DRAFT) {
        assert_int_equal(world_put(store, OPERATOR, &r, NULL, &id), RFD_OK);
        return id;
    }
    id = world_sent(store, ROLE_SIGNER);
    if (wanted == ACCESS_CANCELLED) assert_int_equal(world_cancel(store, OPERATOR, id), RFD_OK);
    if (wanted == ACCESS_APPROVED) assert_int_equal(world_decide(store, HEAD, id, true, NULL), RFD_OK);
    if (wanted == ACCESS_REJECTED) assert_int_equal(world_decide(store, HEAD, id, false, NULL), RFD_OK);
    if (wanted == ACCESS_DENIED) {
        clock_fix(MONDAY + 30 * DAY_LENGTH);
        assert_int_not_equal(world_tick(store), 0);
    }
    assert_string_equal(world_state(store, id), access_state_text(wanted));
    return id;
}

static void test_every_state_and_event(void **state)
{
    static const struct {
        enum verb verb;
        enum access_event_kind event;
    } verbs[] = {{PUT, ACCESS_EVENT_SAVE},
                 {SEND, ACCESS_EVENT_SEND},
                 {CANCEL, ACCESS_EVENT_CANCEL},
                 {APPROVE, ACCESS_EVENT_APPROVE},
                 {REJECT, ACCESS_EVENT_REJECT}};
    struct store *store = domain_store_of(state);
    for (unsigned from = ACCESS_DRAFT; from < ACCESS_STATES; from++) {
        for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
            clock_fix(MONDAY);
            int64_t id = brought_to(store, (enum access_state)from);
            const struct access_way *way = access_way(verbs[i].event, (enum access_state)from);
            rfd_status status = try_verb(store, verbs[i].verb, id);
            /* A draft is nobody's but its requester's: who decides does not even learn that it is there. */
            bool hidden = from == ACCESS_DRAFT && (verbs[i].verb == APPROVE || verbs[i].verb == REJECT);
            assert_int_equal(status, way != NULL ? RFD_OK : hidden ? RFD_E_NOT_FOUND : RFD_E_STATE);
            assert_string_equal(world_state(store, id),
                                access_state_text(way != NULL ? way->to : (enum access_state)from));
            (void)domain_store_run(store, "UPDATE role_assignment SET ends = starts WHERE person = 4");
        }
    }
}

/* ---- Two at once ---- */

struct deciding {
    struct store *store;
    int64_t person, id;
    struct actor actor;
    rfd_status status;
};

static rfd_status decide_now(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct deciding *d = context;
    const struct access_decision decision = {.request = d->id, .approve = true, .settings = world_settings()};
    return access_request_decide(t, &d->actor, &decision, NULL, error);
}

static void *decide_thread(void *context)
{
    struct deciding *d = context;
    d->status = store_write(d->store, decide_now, d, NULL);
    return NULL;
}

static void decide_both(struct store *store, struct deciding two[2])
{
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        two[i].store = store;
        two[i].actor = world_actor(store, two[i].person);
    }
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&threads[i], NULL, decide_thread, &two[i]), 0);
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void test_two_approvers_at_once(void **state)
{
    struct store *store = domain_store_of(state);
    for (int round = 0; round < 5; round++) {
        int64_t id = world_sent(store, ROLE_SIGNER);
        struct deciding two[] = {{.person = HEAD, .id = id}, {.person = DEPUTY, .id = id}};
        decide_both(store, two);
        assert_int_equal((two[0].status == RFD_OK) + (two[1].status == RFD_OK), 1);
        assert_int_equal((two[0].status == RFD_E_STATE) + (two[1].status == RFD_E_STATE), 1);
        assert_int_equal(world_number(store, "SELECT count(*) FROM role_assignment WHERE request = %lld", id), 1);
        (void)domain_store_run(store, "UPDATE role_assignment SET ends = starts WHERE person = 4");
    }
}

/** Two requests that must not both be approved, approved at the same time. */
static void test_conflicts_at_once(void **state)
{
    struct store *store = domain_store_of(state);
    for (int round = 0; round < 5; round++) {
        int64_t first = world_sent(store, ROLE_ISSUER), second = world_sent(store, ROLE_NOTIFIER);
        struct deciding two[] = {{.person = HEAD, .id = first}, {.person = DEPUTY, .id = second}};
        decide_both(store, two);
        assert_int_equal((two[0].status == RFD_OK) + (two[1].status == RFD_OK), 1);
        assert_int_equal((two[0].status == RFD_E_INVALID) + (two[1].status == RFD_E_INVALID), 1);
        (void)domain_store_run(store, "UPDATE role_assignment SET ends = starts WHERE person = 4");
        (void)world_cancel(store, OPERATOR, two[0].status == RFD_OK ? second : first);
    }
}

struct sending {
    struct store *store;
    struct actor actor;
    int64_t ids[8];
    rfd_status status;
};

static rfd_status send_now(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct finding *f = context;
    return access_request_send(t, &f->actor, f->id, world_settings(), NULL, error);
}

static void *send_thread(void *context)
{
    struct sending *s = context;
    for (int i = 0; i < 8 && s->status == RFD_OK; i++) {
        struct finding f = {s->actor, s->ids[i]};
        s->status = store_write(s->store, send_now, &f, NULL);
    }
    return NULL;
}

static void test_codes_have_no_gaps(void **state)
{
    static const enum role roles[] = {ROLE_SIGNER, ROLE_REGISTRAR, ROLE_ASSISTANT,    ROLE_OPERATOR,
                                      ROLE_ISSUER, ROLE_PERSONNEL, ROLE_DESK_ANALYST, ROLE_SIGNER};
    struct store *store = domain_store_of(state);
    struct sending two[2];
    pthread_t threads[2];
    for (int k = 0; k < 2; k++) {
        two[k] = (struct sending){.store = store, .actor = world_actor(store, OPERATOR)};
        for (int i = 0; i < 8; i++) {
            const struct access_line line = {.role = roles[i], .from = RFD_TIME_NONE, .to = RFD_TIME_NONE};
            struct access_request r = world_request(&line, 1);
            assert_int_equal(world_put(store, OPERATOR, &r, NULL, &two[k].ids[i]), RFD_OK);
        }
    }
    for (int k = 0; k < 2; k++) assert_int_equal(pthread_create(&threads[k], NULL, send_thread, &two[k]), 0);
    for (int k = 0; k < 2; k++) assert_int_equal(pthread_join(threads[k], NULL), 0);
    assert_int_equal(two[0].status, RFD_OK);
    assert_int_equal(two[1].status, RFD_OK);
    assert_int_equal(domain_store_number(store, "SELECT count(DISTINCT code) FROM access_request"), 16);
    assert_int_equal(domain_store_number(store, "SELECT number FROM access_number WHERE year = 2026"), 16);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM access_request WHERE code = 'A-0016-2026'"), 1);
    clock_fix(MONDAY + 60 * DAY_LENGTH); /* another year begins at one again; nothing is lost by what fails */
    struct access_request bad = world_request(NULL, 0);
    int64_t id;
    assert_int_equal(world_put(store, OPERATOR, &bad, NULL, &id), RFD_OK);
    assert_int_equal(world_send(store, OPERATOR, id, NULL), RFD_E_INVALID);
    id = world_sent(store, ROLE_SIGNER);
    assert_true(slice_is(world_load(store, id).code, "A-0001-2027"));
}

/* ---- Dates ---- */

static void test_temporary_roles(void **state)
{
    struct store *store = domain_store_of(state);
    const struct access_line line = {.role = ROLE_SIGNER, .from = MONDAY + DAY_LENGTH, .to = MONDAY + 3 * DAY_LENGTH};
    struct access_request r = world_request(&line, 1);
    int64_t id;
    assert_int_equal(world_put(store, OPERATOR, &r, NULL, &id), RFD_OK);
    assert_int_equal(world_send(store, OPERATOR, id, NULL), RFD_OK);
    assert_int_equal(world_decide(store, HEAD, id, true, NULL), RFD_OK);
    assert_int_equal(world_roles(store, ANA), 0);
    clock_fix(MONDAY + DAY_LENGTH);
    assert_int_equal(world_roles(store, ANA), 1);
    clock_fix(MONDAY + 3 * DAY_LENGTH - 1);
    assert_int_equal(world_roles(store, ANA), 1);
    assert_int_equal(world_tick(store), 0);
    clock_fix(MONDAY + 3 * DAY_LENGTH); /* by itself, before any job has run */
    assert_int_equal(world_roles(store, ANA), 0);
    int64_t mails = domain_store_number(store, "SELECT count(*) FROM outbox");
    assert_int_equal(world_tick(store), 1);
    assert_int_equal(world_tick(store), 0);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM outbox"), mails + 1);
}

struct asking {
    int64_t person;
    rfd_time moment;
    size_t count;
};

static rfd_status count_at(struct transaction *t, void *context, struct rfd_error *error)
{
    struct asking *a = context;
    struct role_assignment *list;
    return role_assignments(t, a->person, a->moment, &list, &a->count, error);
}

static size_t roles_at(struct store *store, int64_t person, rfd_time moment)
{
    struct asking a = {person, moment, 99};
    assert_int_equal(store_read(store, count_at, &a, NULL), RFD_OK);
    return a.count;
}

static void test_history(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t role = world_grant(store, ANA, ROLE_SIGNER, UNIT_OTI);
    clock_fix(MONDAY + 2 * DAY_LENGTH);
    const struct access_line line = {.withdraw = true, .assignment = role, .from = RFD_TIME_NONE, .to = RFD_TIME_NONE};
    struct access_request r = world_request(&line, 1);
    int64_t id;
    assert_int_equal(world_put(store, OPERATOR, &r, NULL, &id), RFD_OK);
    assert_int_equal(world_send(store, OPERATOR, id, NULL), RFD_OK);
    assert_int_equal(world_decide(store, HEAD, id, true, NULL), RFD_OK);
    assert_int_equal(roles_at(store, ANA, MONDAY - 1), 0);
    assert_int_equal(roles_at(store, ANA, MONDAY), 1);
    assert_int_equal(roles_at(store, ANA, MONDAY + 2 * DAY_LENGTH - 1), 1);
    assert_int_equal(roles_at(store, ANA, MONDAY + 2 * DAY_LENGTH), 0);
    assert_int_equal(roles_at(store, ANA, RFD_TIME_NONE), 1); /* never deleted */
}

static rfd_status grant_as_ana(struct transaction *t, void *context, struct rfd_error *error)
{
    struct actor *actor = context;
    const struct role_assignment wish = {.person = ANA, .role = ROLE_ADMINISTRATOR, .from = 0, .to = RFD_TIME_NONE};
    int64_t id;
    return role_grant(t, actor, &wish, &id, error);
}

static void test_roles_are_given_by_requests(void **state)
{
    struct store *store = domain_store_of(state);
    (void)world_grant(store, BERTA, ROLE_ADMINISTRATOR, 0);
    struct actor ana = world_actor(store, ANA), administrator = world_actor(store, BERTA),
                 nobody = {.code = SLICE("system:demo")};
    assert_int_equal(store_write(store, grant_as_ana, &ana, NULL), RFD_E_FORBIDDEN);
    assert_int_equal(store_write(store, grant_as_ana, &administrator, NULL), RFD_E_FORBIDDEN);
    assert_int_equal(store_write(store, grant_as_ana, &nobody, NULL), RFD_E_FORBIDDEN);
}

/* ---- Becoming a certifying agent ---- */

static void test_agent(void **state)
{
    struct store *store = domain_store_of(state);
    const struct access_line line = {.role = ROLE_CERTIFYING_AGENT, .from = RFD_TIME_NONE, .to = RFD_TIME_NONE};
    struct access_request r = world_request(&line, 1);
    struct faults faults = {.count = 0};
    int64_t id;
    assert_int_equal(world_put(store, OPERATOR, &r, NULL, &id), RFD_OK);
    assert_int_equal(world_send(store, OPERATOR, id, &faults), RFD_E_INVALID);
    assert_true(has_fault(&faults, "letter"));
    (void)domain_store_run(store, "UPDATE access_request SET letter = 'abc'");
    assert_int_equal(world_send(store, OPERATOR, id, &faults), RFD_OK);
    struct access_request sent = world_load(store, id);
    assert_true(sent.agent);
    assert_int_equal(sent.tray, 0);
    assert_int_equal(sent.approver, LEAD);
    assert_int_equal(world_decide(store, HEAD, id, true, NULL), RFD_E_FORBIDDEN);  /* the unit's head does not */
    assert_int_equal(world_decide(store, LEAD, id, true, &faults), RFD_E_INVALID); /* sensitive: to be signed */
    assert_true(has_fault(&faults, "signature"));
    assert_int_equal(world_decide_signed(store, LEAD, id, SLICE("0\x03\x02\x01\x01"), &faults), RFD_E_INVALID);
    assert_true(has_fault(&faults, "signature"));
    assert_string_equal(world_state(store, id), "sent");
    assert_int_equal(world_decide(store, LEAD, id, false, &faults), RFD_OK);
}

/** Roles that reach everywhere are decided at the top of the house, and signed. */
static void test_everywhere_is_decided_at_the_top(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t id = world_sent(store, ROLE_AUDITOR);
    struct faults faults = {.count = 0};
    assert_int_equal(world_load(store, id).tray, UNIT_GM);
    assert_int_equal(world_decide(store, HEAD, id, true, NULL), RFD_E_FORBIDDEN);
    assert_int_equal(world_decide(store, HEAD_GM, id, true, &faults), RFD_E_INVALID);
    assert_true(has_fault(&faults, "signature"));
}

/** Nor is such a role taken away below. */
static void test_everywhere_is_withdrawn_at_the_top(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t auditor = world_grant(store, ANA, ROLE_AUDITOR, 0);
    const struct access_line line = {
        .withdraw = true, .assignment = auditor, .from = RFD_TIME_NONE, .to = RFD_TIME_NONE};
    struct access_request r = world_request(&line, 1);
    int64_t id;
    assert_int_equal(world_put(store, OPERATOR, &r, NULL, &id), RFD_E_INVALID); /* it is not this unit's at all */
    (void)domain_store_run(store, "UPDATE role_assignment SET home = 3 WHERE role = 'auditor'");
    assert_int_equal(world_put(store, OPERATOR, &r, NULL, &id), RFD_OK);
    assert_int_equal(world_send(store, OPERATOR, id, NULL), RFD_OK);
    assert_int_equal(world_load(store, id).tray, UNIT_GM);
    assert_int_equal(world_decide(store, HEAD, id, true, NULL), RFD_E_FORBIDDEN);
    assert_int_equal(world_decide(store, HEAD_GM, id, true, NULL), RFD_OK);
    assert_int_equal(world_roles(store, ANA), 0);
}

/** The form that was sent twice: one draft; after it was sent, nothing is changed any more. */
static void test_one_form_one_draft(void **state)
{
    struct store *store = domain_store_of(state);
    struct access_request r = world_request(&signer, 1);
    int64_t first, second;
    r.token = SLICE("abc");
    assert_int_equal(world_put(store, OPERATOR, &r, NULL, &first), RFD_OK);
    assert_int_equal(world_put(store, OPERATOR, &r, NULL, &second), RFD_OK);
    assert_int_equal(first, second);
    assert_int_equal(world_send(store, OPERATOR, first, NULL), RFD_OK);
    assert_int_equal(world_put(store, OPERATOR, &r, NULL, &second), RFD_E_STATE);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM access_request"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_WORLDS(test_asked_and_approved),
        IN_BOTH_WORLDS(test_rejected_with_a_reason),
        IN_BOTH_WORLDS(test_no_reason_no_rejection),
        IN_BOTH_WORLDS(test_who_may_not_ask),
        IN_BOTH_WORLDS(test_who_may_not_decide),
        IN_BOTH_WORLDS(test_what_reaches_far_is_decided_above),
        IN_BOTH_WORLDS(test_nobody_approves_their_own),
        IN_BOTH_WORLDS(test_nobody_at_all),
        IN_BOTH_WORLDS(test_who_sees),
        IN_BOTH_WORLDS(test_what_may_not_be_asked),
        IN_BOTH_WORLDS(test_conflicts_when_sent),
        IN_BOTH_WORLDS(test_conflicts_when_approved),
        IN_BOTH_WORLDS(test_gone_before_approval),
        IN_BOTH_WORLDS(test_every_state_and_event),
        IN_BOTH_WORLDS(test_two_approvers_at_once),
        IN_BOTH_WORLDS(test_conflicts_at_once),
        IN_BOTH_WORLDS(test_codes_have_no_gaps),
        IN_BOTH_WORLDS(test_temporary_roles),
        IN_BOTH_WORLDS(test_history),
        IN_BOTH_WORLDS(test_roles_are_given_by_requests),
        IN_BOTH_WORLDS(test_agent),
        IN_BOTH_WORLDS(test_everywhere_is_decided_at_the_top),
        IN_BOTH_WORLDS(test_everywhere_is_withdrawn_at_the_top),
        IN_BOTH_WORLDS(test_one_form_one_draft),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
