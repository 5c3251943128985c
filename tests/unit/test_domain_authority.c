/* SPDX-License-Identifier: EUPL-1.2
 *
 * Issuing and the life of a certificate in both databases, with a real keeper.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "authority_world.h"
#include "base/clock.h"
#include "base/error.h"
#include "domain/authority/state.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>

#define ACTOR SLICE("agent:ana")

static struct arena arena;
static int64_t ca;

static struct authority_domain *begin(void **state)
{
    arena_dispose(&arena);
    arena_init(&arena, 64 << 20);
    return authority_world(state, &ca);
}

static enum responder_state looked_up(struct authority_domain *d, slice serial)
{
    struct responder_record record;
    WORLD_OK(authority_look_up(d->store, ca, serial, &record, &error));
    return record.state;
}

static rfd_status change(struct authority_domain *d,
                         rfd_status (*how)(struct authority_domain *, const struct authority_change *,
                                           struct rfd_error *),
                         slice serial, int reason)
{
    struct authority_change c = {
        .actor = ACTOR, .authority = ca, .serial = serial, .reason = reason, .invalid_since = RFD_TIME_NONE};
    return how(d, &c, NULL);
}

/* --- The machine -------------------------------------------------------------------------------------------------- */

/* The table as a matrix, by heart: every pair of event and state. */
static void test_every_way(void **state)
{
    static const enum certificate_state N = CERTIFICATE_NONE, V = CERTIFICATE_VALID, H = CERTIFICATE_HELD,
                                        R = CERTIFICATE_REVOKED, E = CERTIFICATE_EXPIRED;
    (void)state;
    const enum certificate_state expected[CERTIFICATE_EVENT_COUNT][5] = {
        /*                                    NONE VALID HELD REVOKED EXPIRED */
        [CERTIFICATE_EVENT_ISSUE] = {V, N, N, N, N},          [CERTIFICATE_EVENT_STORE] = {V, N, N, N, N},
        [CERTIFICATE_EVENT_HOLD] = {N, H, N, N, N},           [CERTIFICATE_EVENT_RELEASE] = {N, N, V, N, N},
        [CERTIFICATE_EVENT_REVOKE] = {N, R, R, N, N},         [CERTIFICATE_EVENT_LOSE] = {R, N, N, N, N},
        [CERTIFICATE_EVENT_EXPIRE] = {N, E, N, N, N},         [CERTIFICATE_EVENT_IMPORT] = {V, N, N, N, N},
        [CERTIFICATE_EVENT_IMPORT_HELD] = {H, N, N, N, N},    [CERTIFICATE_EVENT_IMPORT_REVOKED] = {R, N, N, N, N},
        [CERTIFICATE_EVENT_IMPORT_EXPIRED] = {E, N, N, N, N},
    };
    for (unsigned event = 0; event < CERTIFICATE_EVENT_COUNT; event++) {
        for (unsigned from = 0; from < 5; from++) {
            struct rfd_error error = RFD_ERROR_INIT;
            const struct certificate_way *way =
                certificate_way((enum certificate_event)event, (enum certificate_state)from);
            enum certificate_state to = way == NULL ? CERTIFICATE_NONE : way->to;
            assert_int_equal(to, expected[event][from]);
            rfd_status status =
                certificate_way_needed((enum certificate_event)event, (enum certificate_state)from, &way, &error);
            assert_int_equal(status, to == CERTIFICATE_NONE ? RFD_E_STATE : RFD_OK);
        }
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(certificate_state_name(CERTIFICATE_VALID), "valid");
    assert_string_equal(certificate_state_name(CERTIFICATE_HELD), "held");
    assert_string_equal(certificate_state_name(CERTIFICATE_REVOKED), "revoked");
    assert_string_equal(certificate_state_name(CERTIFICATE_EXPIRED), "expired");
    assert_string_equal(certificate_state_name(CERTIFICATE_NONE), "");
}

/* --- Authorities -------------------------------------------------------------------------------------------------- */

static void test_authorities(void **state)
{
    struct authority_domain *d = begin(state);
    struct authority_list list;
    WORLD_OK(authority_list(d, &arena, &list, &error));
    assert_int_equal(list.count, 2);
    assert_true(slice_is(list.items[1].name, "issuing-1"));
    assert_true(list.items[1].parent == list.items[0].id);
    assert_int_equal(list.items[0].key.length, 0);
    assert_true(slice_equal(list.items[1].certificate, authority_world_certificate()->der));
    struct authority again = list.items[1];
    assert_int_equal(authority_add(d, ACTOR, &again, NULL), RFD_E_STORE_CONFLICT);
    again.name = SLICE("Not a name");
    assert_int_equal(authority_add(d, ACTOR, &again, NULL), RFD_E_ARGUMENT);
    WORLD_OK(authority_set_responder(d, ACTOR, ca, SLICE("ocsp-1"), SLICE("certificate"), &error));
    assert_int_equal(authority_set_responder(d, ACTOR, ca + 77, SLICE("ocsp-1"), SLICE_EMPTY, NULL), RFD_E_NOT_FOUND);
    WORLD_OK(authority_list(d, &arena, &list, &error));
    assert_true(slice_is(list.items[1].ocsp_key, "ocsp-1"));
}

/* --- Issuing ------------------------------------------------------------------------------------------------------ */

static void test_issue(void **state)
{
    struct authority_domain *d = begin(state);
    struct ticket t;
    struct certificate_row row, found;
    const struct certificate *c = NULL;
    bool again = true;
    ticket_new(&t, ca, 1001, "key-1");
    WORLD_OK(authority_issue(d, &t.order, &arena, &row, &again, &error));
    assert_false(again);
    assert_true(row.state == CERTIFICATE_VALID);
    assert_true(slice_is(row.profile, "pe-natural-person"));
    assert_true(slice_is(row.subject, "Rosa María Quispe Mamani (IDCPE-00001001)"));
    assert_true(slice_is(row.subject_id, "IDCPE-00001001"));
    assert_true(slice_is(row.mail, "rosa@example.pe"));
    assert_true(slice_is(row.request, "request-1001"));
    assert_true(row.partition < WORLD_PARTITIONS);
    WORLD_OK(certificate_parse(row.der, &c, &error));
    assert_true(slice_equal(c->serial, row.serial));
    assert_true(slice_equal(c->spki, buf_slice(&t.spki)));
    WORLD_OK(certificate_verify_signature(c, authority_world_certificate(), &error));
    certificate_unref(c);
    WORLD_OK(authority_certificate(d, ca, row.serial, &arena, &found, &error));
    assert_true(found.id == row.id && slice_equal(found.der, row.der) && slice_equal(found.mail, row.mail));
    assert_true(looked_up(d, row.serial) == RESPONDER_GOOD);
    assert_int_equal(domain_store_number(d->store, "SELECT count(*) FROM transparency_waiting"), 1);
    assert_int_equal(
        domain_store_number(d->store, "SELECT count(*) FROM audit_waiting WHERE action = 'certificate.issue'"), 1);
    ticket_free(&t);
}

/* A lost answer costs nothing: the same request gives the same certificate, another request its refusal. */
static void test_same_request_again(void **state)
{
    struct authority_domain *d = begin(state);
    struct ticket t, other;
    struct certificate_row row, second;
    bool again;
    ticket_new(&t, ca, 1002, "key-1");
    ticket_new(&other, ca, 1003, "key-1");
    WORLD_OK(authority_issue(d, &t.order, &arena, &row, &again, &error));
    WORLD_OK(authority_issue(d, &t.order, &arena, &second, &again, &error));
    assert_true(again);
    assert_true(row.id == second.id && slice_equal(row.der, second.der));
    assert_int_equal(authority_issue(d, &other.order, &arena, &second, &again, NULL), RFD_E_IDEMPOTENCY);
    other.order.client = SLICE("another"); /* keys are each client's own */
    WORLD_OK(authority_issue(d, &other.order, &arena, &second, &again, &error));
    assert_false(again);
    /* The same approval under another key: the keeper has it, and so has the register. */
    t.order.idempotency = SLICE("key-2");
    WORLD_OK(authority_issue(d, &t.order, &arena, &second, &again, &error));
    assert_true(again && second.id == row.id);
    t.order.idempotency = SLICE_EMPTY;
    WORLD_OK(authority_issue(d, &t.order, &arena, &second, &again, &error));
    assert_true(again && second.id == row.id);
    assert_int_equal(domain_store_number(d->store, "SELECT count(*) FROM certificate"), 2);
    assert_int_equal(domain_store_number(d->store, "SELECT count(*) FROM issue_request"), 3);
    /* And what came under that other key is known as well as what came under the first. */
    t.order.idempotency = SLICE("key-2");
    WORLD_OK(authority_issue(d, &t.order, &arena, &second, &again, &error));
    assert_true(again && second.id == row.id);
    other.order.client = t.order.client;
    other.order.idempotency = SLICE("key-2");
    assert_int_equal(authority_issue(d, &other.order, &arena, &second, &again, NULL), RFD_E_IDEMPOTENCY);
    ticket_free(&t);
    ticket_free(&other);
}

/* Requests of before migration 21: their hashes are in rows of their own, and nowhere else. */
static void test_request_of_before(void **state)
{
    struct authority_domain *d = begin(state);
    struct ticket t, other;
    struct certificate_row row, second;
    bool again;
    ticket_new(&t, ca, 1031, "key-1");
    ticket_new(&other, ca, 1032, "key-1");
    WORLD_OK(authority_issue(d, &t.order, &arena, &row, &again, &error));
    (void)domain_store_run(d->store, "UPDATE issue_request SET request = (SELECT request FROM certificate_der)");
    (void)domain_store_run(d->store, "UPDATE certificate_der SET request = NULL");
    WORLD_OK(authority_issue(d, &t.order, &arena, &second, &again, &error));
    assert_true(again && row.id == second.id && slice_equal(row.der, second.der));
    assert_int_equal(authority_issue(d, &other.order, &arena, &second, &again, NULL), RFD_E_IDEMPOTENCY);
    (void)domain_store_run(
        d->store,
        "UPDATE issue_request SET request = substr(request, 1, 0)"); /* damaged: never another's certificate */
    assert_int_equal(authority_issue(d, &t.order, &arena, &second, &again, NULL), RFD_E_IDEMPOTENCY);
    ticket_free(&t);
    ticket_free(&other);
}

struct told {
    sem_t done;
    rfd_status status;
    bool again;
    struct certificate_row row;
};

static void note_issued(void *context, rfd_status status, const struct certificate_row *row, bool repeated,
                        const struct rfd_error *why)
{
    struct told *told = context;
    (void)why;
    told->status = status;
    told->again = repeated;
    told->row = *row;
    (void)sem_post(&told->done);
}

static struct told issue_later(struct authority_domain *d, const struct ticket *t)
{
    struct told told = {.status = RFD_E_INTERNAL};
    (void)sem_init(&told.done, 0, 0);
    WORLD_OK(authority_issue_later(d, &t->order, &arena, note_issued, &told, &error));
    while (sem_wait(&told.done) != 0) continue;
    (void)sem_destroy(&told.done);
    return told;
}

/* The same without waiting, the conflicts with what is there included. */
static void test_issue_later(void **state)
{
    struct authority_domain *d = begin(state);
    struct ticket t;
    struct told told;
    int64_t id;
    ticket_new(&t, ca, 1020, "key-1");
    if (store_kind(d->store) == STORE_POSTGRESQL) {
        assert_int_equal(authority_issue_later(d, &t.order, &arena, note_issued, NULL, NULL), RFD_E_UNSUPPORTED);
    } else {
        told = issue_later(d, &t);
        assert_int_equal(told.status, RFD_OK);
        assert_true(!told.again && told.row.state == CERTIFICATE_VALID && told.row.der.length > 0);
        id = told.row.id;
        told = issue_later(d, &t);
        assert_true(told.status == RFD_OK && told.again && told.row.id == id);
        t.order.idempotency = SLICE("key-2"); /* the keeper has it, and so has the register */
        told = issue_later(d, &t);
        assert_true(told.status == RFD_OK && told.again && told.row.id == id);
        assert_int_equal(domain_store_number(d->store, "SELECT count(*) FROM certificate"), 1);
        assert_int_equal(domain_store_number(d->store, "SELECT count(*) FROM issue_request"), 2);
    }
    ticket_free(&t);
}

/* The keeper signed, its answer was lost, nothing was stored: the next try gives the certificate that was signed. */
static void test_keeper_answer_lost(void **state)
{
    struct authority_domain *d = begin(state);
    struct ticket t;
    struct certificate_row row;
    bool again;
    ticket_new(&t, ca, 1004, "key-1");
    authority_world_refuse(RFD_E_PEER_GONE, true);
    assert_int_equal(authority_issue(d, &t.order, &arena, &row, &again, NULL), RFD_E_PEER_GONE);
    authority_world_refuse(RFD_OK, false);
    assert_int_equal(domain_store_number(d->store, "SELECT count(*) FROM certificate"), 0);
    WORLD_OK(authority_issue(d, &t.order, &arena, &row, &again, &error));
    assert_false(again);
    assert_int_equal(domain_store_number(d->store, "SELECT count(*) FROM certificate"), 1);
    ticket_free(&t);
}

static void test_refused(void **state)
{
    struct authority_domain *d = begin(state);
    struct ticket t;
    struct certificate_row row;
    bool again;
    ticket_new(&t, ca, 1005, "key-1");
    t.order.approval_count = 0;
    assert_int_equal(authority_issue(d, &t.order, &arena, &row, &again, NULL), RFD_E_APPROVAL);
    t.order.approval_count = 1;
    t.approval.data[t.approval.length - 1] ^= 1; /* the signature */
    assert_int_equal(authority_issue(d, &t.order, &arena, &row, &again, NULL), RFD_E_APPROVAL);
    t.approval.data[t.approval.length - 1] ^= 1;
    t.order.authority = ca + 5;
    assert_int_equal(authority_issue(d, &t.order, &arena, &row, &again, NULL), RFD_E_NOT_FOUND);
    struct authority_domain without = {d->store, NULL, d->packs};
    t.order.authority = ca;
    assert_int_equal(authority_issue(&without, &t.order, &arena, &row, &again, NULL), RFD_E_PEER_GONE);
    assert_int_equal(domain_store_number(d->store, "SELECT count(*) FROM certificate"), 0);
    ticket_free(&t);
}

/* A key belongs to one person; nobody has one that was lost. */
static void test_key_reused(void **state)
{
    struct authority_domain *d = begin(state);
    struct ticket t, other, renewal;
    struct certificate_row row, second;
    bool again;
    ticket_new(&t, ca, 1006, "a");
    ticket_new_for(&other, ca, 1007, "b", buf_slice(&t.spki));
    WORLD_OK(authority_issue(d, &t.order, &arena, &row, &again, &error));
    assert_int_equal(authority_issue(d, &other.order, &arena, &second, &again, NULL), RFD_E_KEY_REUSED);
    assert_int_equal(change(d, authority_revoke, row.serial, 1), RFD_OK);
    ticket_new_for(&renewal, ca, 1006, "c", buf_slice(&t.spki));
    assert_int_equal(authority_issue(d, &renewal.order, &arena, &second, &again, NULL), RFD_E_KEY_REUSED);
    ticket_free(&t);
    ticket_free(&other);
    ticket_free(&renewal);
}

/* --- Two at once -------------------------------------------------------------------------------------------------- */

enum { AT_ONCE = 8 };
struct racer {
    struct authority_domain *d;
    const struct authority_issue *order;
    rfd_status status;
    bool again;
    uint8_t serial[20];
    size_t length;
};

static void *race(void *context)
{
    struct racer *r = context;
    struct certificate_row row;
    struct arena a;
    arena_init(&a, 1 << 20);
    r->status = authority_issue(r->d, r->order, &a, &row, &r->again, NULL);
    if (r->status == RFD_OK) {
        r->length = row.serial.length;
        memcpy(r->serial, row.serial.data, row.serial.length);
    }
    arena_dispose(&a);
    return NULL;
}

static void test_one_request_from_many(void **state)
{
    struct authority_domain *d = begin(state);
    for (unsigned round = 0; round < 5; round++) {
        struct racer racers[AT_ONCE];
        pthread_t threads[AT_ONCE];
        struct ticket t;
        unsigned first = 0;
        char key[16];
        (void)snprintf(key, sizeof key, "key-%u", round);
        ticket_new(&t, ca, 1100 + round, key);
        for (unsigned i = 0; i < AT_ONCE; i++) {
            racers[i] = (struct racer){.d = d, .order = &t.order};
            assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
        }
        for (unsigned i = 0; i < AT_ONCE; i++) pthread_join(threads[i], NULL);
        for (unsigned i = 0; i < AT_ONCE; i++) {
            assert_int_equal(racers[i].status, RFD_OK);
            assert_memory_equal(racers[i].serial, racers[0].serial, racers[0].length);
            first += !racers[i].again;
        }
        assert_int_equal(first, 1);
        ticket_free(&t);
    }
    assert_int_equal(domain_store_number(d->store, "SELECT count(*) FROM certificate"), 5);
}

/* --- Changes ------------------------------------------------------------------------------------------------------ */

static void test_revoke(void **state)
{
    struct authority_domain *d = begin(state);
    struct certificate_row row = world_issue(d, ca, 1201), found;
    struct responder_record record;
    struct authority_change c = {.actor = ACTOR,
                                 .authority = ca,
                                 .serial = row.serial,
                                 .reason = 1,
                                 .invalid_since = clock_now() - 3600 * RFD_SECOND};
    WORLD_OK(authority_revoke(d, &c, &error));
    WORLD_OK(authority_look_up(d->store, ca, row.serial, &record, &error));
    assert_true(record.state == RESPONDER_REVOKED && record.reason == 1);
    assert_true(record.revoked_at > c.invalid_since);
    WORLD_OK(authority_certificate(d, ca, row.serial, &arena, &found, &error));
    assert_true(found.state == CERTIFICATE_REVOKED && found.invalid_since == c.invalid_since);
    WORLD_OK(authority_revoke(d, &c, &error)); /* twice is once */
    assert_int_equal(domain_store_number(d->store, "SELECT count(*) FROM status_change"), 1);
    c.reason = 4;
    assert_int_equal(authority_revoke(d, &c, NULL), RFD_E_STATE);
    c.reason = 6;
    assert_int_equal(authority_revoke(d, &c, NULL), RFD_E_ARGUMENT);
    c.reason = 1;
    c.serial = SLICE("\x11nobody");
    assert_int_equal(authority_revoke(d, &c, NULL), RFD_E_NOT_FOUND);
    assert_true(looked_up(d, c.serial) == RESPONDER_NEVER_ISSUED);
}

static void test_hold_and_release(void **state)
{
    struct authority_domain *d = begin(state);
    struct certificate_row row = world_issue(d, ca, 1202);
    struct responder_record held, revoked;
    assert_int_equal(change(d, authority_release, row.serial, 0), RFD_E_STATE);
    assert_int_equal(change(d, authority_hold, row.serial, 0), RFD_OK);
    assert_int_equal(change(d, authority_hold, row.serial, 0), RFD_E_STATE);
    WORLD_OK(authority_look_up(d->store, ca, row.serial, &held, &error));
    assert_true(held.state == RESPONDER_REVOKED && held.reason == 6);
    assert_int_equal(change(d, authority_release, row.serial, 0), RFD_OK);
    assert_true(looked_up(d, row.serial) == RESPONDER_GOOD);
    assert_int_equal(change(d, authority_hold, row.serial, 0), RFD_OK);
    WORLD_OK(authority_look_up(d->store, ca, row.serial, &held, &error));
    assert_int_equal(change(d, authority_revoke, row.serial, 5), RFD_OK);
    WORLD_OK(authority_look_up(d->store, ca, row.serial, &revoked, &error));
    assert_true(revoked.reason == 5 && revoked.revoked_at > held.revoked_at); /* not the date of the hold */
    assert_int_equal(change(d, authority_release, row.serial, 0), RFD_E_STATE);
    assert_int_equal(domain_store_number(d->store, "SELECT number FROM status_counter"), 4);
}

struct changer {
    struct authority_domain *d;
    const slice *serials;
    unsigned count;
    unsigned failed;
};

static void *change_many(void *context)
{
    struct changer *c = context;
    for (unsigned i = 0; i < c->count; i++) {
        if (change(c->d, authority_hold, c->serials[i], 0) != RFD_OK) c->failed++;
        if (change(c->d, authority_release, c->serials[i], 0) != RFD_OK) c->failed++;
        if (change(c->d, authority_revoke, c->serials[i], 5) != RFD_OK) c->failed++;
    }
    return NULL;
}

/* Whoever follows the numbers one by one sees every change: none is missing, and each is there when its number is. */
static void test_numbers_without_gaps(void **state)
{
    enum { EACH = 4, CHANGES = AT_ONCE * EACH * 3 };
    struct authority_domain *d = begin(state);
    slice serials[AT_ONCE * EACH];
    struct changer changers[AT_ONCE];
    pthread_t threads[AT_ONCE];
    struct status_change *changes;
    uint64_t last = 0;
    for (unsigned i = 0; i < AT_ONCE * EACH; i++) serials[i] = world_issue(d, ca, 1300 + i).serial;
    for (unsigned i = 0; i < AT_ONCE; i++) {
        changers[i] = (struct changer){d, serials + i * EACH, EACH, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, change_many, &changers[i]), 0);
    }
    while (last < CHANGES) {
        struct arena a;
        size_t count;
        arena_init(&a, 1 << 20);
        WORLD_OK(authority_changes(d->store, last, 7, &a, &changes, &count, &error));
        for (size_t i = 0; i < count; i++) assert_true(changes[i].number == ++last);
        arena_dispose(&a);
    }
    for (unsigned i = 0; i < AT_ONCE; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(changers[i].failed, 0);
    }
    assert_int_equal(domain_store_number(d->store, "SELECT number FROM status_counter"), CHANGES);
}

/* --- Nodes -------------------------------------------------------------------------------------------------------- */

static void *follow(void *context)
{
    struct store *store = context;
    (void)!authority_node_alive(store, SLICE("status-0"), 5, NULL);
    return NULL;
}

static void test_nodes(void **state)
{
    struct authority_domain *d = begin(state);
    pthread_t thread;
    WORLD_OK(authority_wait_told(d->store, 5, &error)); /* there is none */
    WORLD_OK(authority_node_alive(d->store, SLICE("status-0"), 4, &error));
    WORLD_OK(authority_wait_told(d->store, 4, &error));
    assert_int_equal(pthread_create(&thread, NULL, follow, d->store), 0);
    WORLD_OK(authority_wait_told(d->store, 5, &error));
    pthread_join(thread, NULL);
    WORLD_OK(authority_node_gone(d->store, SLICE("status-0"), &error));
    WORLD_OK(authority_wait_told(d->store, 6, &error));
    /* One that has not been heard of for longer than clocks differ. */
    clock_fix(clock_now() - 61 * RFD_SECOND);
    WORLD_OK(authority_node_alive(d->store, SLICE("status-1"), 1, &error));
    clock_fix(RFD_TIME_NONE);
    WORLD_OK(authority_wait_told(d->store, 6, &error));
    /* One whose successor says that it is dead. */
    WORLD_OK(authority_node_alive(d->store, SLICE("house-a:1"), 1, &error));
    WORLD_OK(authority_node_alive(d->store, SLICE("house-b:1"), 7, &error));
    WORLD_OK(authority_nodes_gone(d->store, SLICE("house-a:"), &error));
    assert_int_equal(domain_store_number(d->store, "SELECT count(*) FROM status_node WHERE name LIKE 'house-%'"), 1);
    WORLD_OK(authority_wait_told(d->store, 7, &error));
    assert_int_equal(authority_nodes_gone(d->store, SLICE_EMPTY, NULL), RFD_E_ARGUMENT);
    assert_int_equal(authority_node_alive(d->store, SLICE_EMPTY, 1, NULL), RFD_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_way),
        cmocka_unit_test(test_names),
        ON_BOTH_STORES(test_authorities),
        ON_BOTH_STORES(test_issue),
        ON_BOTH_STORES(test_same_request_again),
        ON_BOTH_STORES(test_request_of_before),
        ON_BOTH_STORES(test_issue_later),
        ON_BOTH_STORES(test_keeper_answer_lost),
        ON_BOTH_STORES(test_refused),
        ON_BOTH_STORES(test_key_reused),
        ON_BOTH_STORES(test_one_request_from_many),
        ON_BOTH_STORES(test_revoke),
        ON_BOTH_STORES(test_hold_and_release),
        ON_BOTH_STORES(test_numbers_without_gaps),
        ON_BOTH_STORES(test_nodes),
    };
    int failed = cmocka_run_group_tests(tests, authority_world_setup, authority_world_teardown);
    arena_dispose(&arena);
    return failed;
}
