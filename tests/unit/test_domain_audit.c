/* SPDX-License-Identifier: EUPL-1.2
 *
 * The audit trail in both databases: rows, chain, checkpoints, and everything that somebody who can write to the
 * database might try.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base_support.h"
#include "domain/audit/audit.h"
#include "domain_store.h"
#include "fake_keeper.h"

#include <pthread.h>
#include <stdio.h>

/* --- Putting ------------------------------------------------------------------------------------------------------ */

struct putting {
    size_t from, count;
    rfd_status end;
};

static rfd_status put_work(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct putting *p = context;
    for (size_t i = p->from; i < p->from + p->count; i++) {
        char object[40];
        char detail[60];
        (void)snprintf(object, sizeof object, "certificate:%zu", i);
        (void)snprintf(detail, sizeof detail, "{\"n\":%zu,\"name\":\"Núñez\"}", i);
        const struct audit_event event = {.action = "certificate.issue",
                                          .actor = i % 2 == 0 ? SLICE("agent:ana") : SLICE("agent:luis"),
                                          .object = slice_text(object),
                                          .detail = slice_text(detail)};
        TRY(audit_put(t, &event, error));
    }
    return p->end;
}

static void put(struct store *store, size_t from, size_t count)
{
    struct putting p = {.from = from, .count = count};
    struct rfd_error error = RFD_ERROR_INIT;
    if (store_write(store, put_work, &p, &error) != RFD_OK) fail_msg("%s", error.detail);
}

static size_t sequence(struct store *store, size_t limit)
{
    struct rfd_error error = RFD_ERROR_INIT;
    size_t done = 99;
    if (audit_sequence(store, limit, &done, &error) != RFD_OK) fail_msg("%s", error.detail);
    return done;
}

static void checkpoint(struct store *store)
{
    struct rfd_error error = RFD_ERROR_INIT;
    if (audit_checkpoint(store, NULL, "seal", &error) != RFD_OK) fail_msg("%s", error.detail);
}

/** The client is never looked at: the fake keeper takes its place. */
#define KEEPER ((struct keeper_client *)&fake_keeper)

static struct audit_verdict verify_with(struct store *store, struct keeper_client *keeper)
{
    struct audit_verdict v;
    struct rfd_error error = RFD_ERROR_INIT;
    memset(&v, 0xFF, sizeof v);
    if (audit_verify(store, keeper, fake_keeper.identity.certificate, &v, &error) != RFD_OK)
        fail_msg("%s", error.detail);
    return v;
}

static void expect(struct store *store, struct keeper_client *keeper, enum audit_fault fault, uint64_t sequence)
{
    struct audit_verdict v = verify_with(store, keeper);
    if (v.fault != fault || v.sequence != sequence)
        fail_msg("fault %d at %llu: %s", (int)v.fault, (unsigned long long)v.sequence, v.text);
    assert_true((v.text[0] == '\0') == (fault == AUDIT_FINE));
}

/** 20 rows, checkpoints of rows 10 and 15, and all is well. */
static struct store *twenty_rows(void **state)
{
    struct store *store = domain_store_of(state);
    fake_keeper_open("P-256");
    put(store, 0, 10);
    assert_int_equal(sequence(store, 100), 10);
    checkpoint(store);
    put(store, 10, 5);
    assert_int_equal(sequence(store, 100), 5);
    checkpoint(store);
    put(store, 15, 5);
    assert_int_equal(sequence(store, 100), 5);
    expect(store, KEEPER, AUDIT_FINE, 0);
    return store;
}

/* --- Rows --------------------------------------------------------------------------------------------------------- */

struct one_event {
    struct audit_event event;
};

static rfd_status put_one(struct transaction *t, void *context, struct rfd_error *error)
{
    return audit_put(t, &((struct one_event *)context)->event, error);
}

static rfd_status try_event(struct store *store, const char *action, slice actor, slice object, slice detail)
{
    struct one_event e = {.event = {.action = action, .actor = actor, .object = object, .detail = detail}};
    return store_write(store, put_one, &e, NULL);
}

static void test_events_are_checked(void **state)
{
    struct store *store = domain_store_of(state);
    slice good = SLICE("x");
    char *longest = memory_allocate(AUDIT_DETAIL_MAXIMUM + 1);
    memset(longest, 'a', AUDIT_DETAIL_MAXIMUM + 1);
    longest[0] = '{';
    longest[AUDIT_DETAIL_MAXIMUM - 1] = '}';
    assert_int_equal(try_event(store, "certificate.issue", good, SLICE_EMPTY, SLICE_EMPTY), RFD_OK);
    assert_int_equal(try_event(store, "certificate.issue", good, good, SLICE("{}")), RFD_OK);
    assert_int_equal(try_event(store, "certificate.issue", good, good, slice_of(longest, AUDIT_DETAIL_MAXIMUM)),
                     RFD_OK);
    assert_int_equal(try_event(store, "certificate.issue", good, good, slice_of(longest, AUDIT_DETAIL_MAXIMUM + 1)),
                     RFD_E_ARGUMENT);
    assert_int_equal(try_event(store, "certificate.forge", good, good, SLICE_EMPTY), RFD_E_ARGUMENT);
    assert_int_equal(try_event(store, "certificate.issue", SLICE_EMPTY, good, SLICE_EMPTY), RFD_E_ARGUMENT);
    assert_int_equal(try_event(store, "certificate.issue", SLICE("a\xFF"), good, SLICE_EMPTY), RFD_E_ARGUMENT);
    assert_int_equal(try_event(store, "certificate.issue", good, SLICE("a\0b"), SLICE_EMPTY), RFD_E_ARGUMENT);
    assert_int_equal(try_event(store, "certificate.issue", good, good, SLICE("text")), RFD_E_ARGUMENT);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM audit_waiting"), 3);
    memory_free(longest);
}

static void test_actions_have_words(void **state)
{
    (void)state;
    const struct audit_action *action = audit_action_find(SLICE("certificate.revoke"));
    assert_non_null(action);
    assert_string_equal(action->english, "A certificate was revoked");
    assert_string_equal(action->spanish, "Se revocó un certificado");
    assert_null(audit_action_find(SLICE("certificate.")));
}

/** What was not done is not told. */
static void test_failed_work_is_not_audited(void **state)
{
    struct store *store = domain_store_of(state);
    struct putting p = {.count = 3, .end = RFD_E_LIMIT};
    assert_int_equal(store_write(store, put_work, &p, NULL), RFD_E_LIMIT);
    put(store, 0, 2);
    assert_int_equal(sequence(store, 10), 2);
    assert_int_equal(sequence(store, 10), 0);
}

/** The octets that are hashed stay what the header says. */
static void test_hash_is_as_described(void **state)
{
    static const uint8_t octets[] = "refrenda audit row 1\n"
                                    "PPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPP"
                                    "\x00\x06\x60\xAB\xCD\xEF\x01\x02"
                                    "\x00\x00\x00\x01n\x00\x00\x00\x03"
                                    "act\x00\x00\x00\x02"
                                    "an\x00\x00\x00\x00\x00\x00\x00\x02{}";
    const struct audit_row row = {.sequence = 7,
                                  .time = INT64_C(0x000660ABCDEF0102),
                                  .node = SLICE("n"),
                                  .action = SLICE("act"),
                                  .actor = SLICE("an"),
                                  .object = SLICE_EMPTY,
                                  .detail = SLICE("{}")};
    uint8_t previous[AUDIT_HASH_SIZE], wanted[AUDIT_HASH_SIZE], hash[AUDIT_HASH_SIZE];
    (void)state;
    memset(previous, 'P', sizeof previous);
    assert_int_equal(digest_of(DIGEST_SHA256, slice_of(octets, sizeof octets - 1), wanted, NULL), RFD_OK);
    assert_int_equal(audit_hash(&row, previous, hash, NULL), RFD_OK);
    assert_memory_equal(hash, wanted, sizeof hash);
}

/* --- The chain ---------------------------------------------------------------------------------------------------- */

static void test_empty_chain(void **state)
{
    struct store *store = domain_store_of(state);
    fake_keeper_open("P-256");
    assert_int_equal(sequence(store, 10), 0);
    checkpoint(store);
    assert_int_equal(fake_keeper.signatures, 0);
    expect(store, KEEPER, AUDIT_FINE, 0);
    expect(store, NULL, AUDIT_FINE, 0);
    put(store, 0, 3);
    assert_int_equal(verify_with(store, KEEPER).waiting, 3);
    fake_keeper_close();
}

static void test_good_chain(void **state)
{
    struct store *store = twenty_rows(state);
    put(store, 20, 2);
    struct audit_verdict v = verify_with(store, KEEPER);
    assert_int_equal(v.rows, 20);
    assert_int_equal(v.waiting, 2);
    assert_int_equal(v.checkpoints, 2);
    size_t signatures = fake_keeper.signatures;
    checkpoint(store);
    checkpoint(store); /* the end has not moved */
    assert_int_equal(fake_keeper.signatures, signatures + 1);
    assert_int_equal(verify_with(store, KEEPER).checkpoints, 3);
    fake_keeper_close();
}

/** Longer than a page of the walk, in batches of odd sizes. */
static void test_long_chain(void **state)
{
    struct store *store = domain_store_of(state);
    fake_keeper_open("P-256");
    put(store, 0, 9000);
    for (size_t done; (done = sequence(store, 777)) > 0;) checkpoint(store);
    struct audit_verdict v = verify_with(store, KEEPER);
    assert_int_equal(v.fault, AUDIT_FINE);
    assert_int_equal(v.rows, 9000);
    assert_int_equal(v.checkpoints, 12);
    domain_store_run(store, "UPDATE audit_row SET detail = '{}' WHERE sequence = 8999");
    expect(store, KEEPER, AUDIT_ALTERED, 8999);
    fake_keeper_close();
}

enum { THREADS = 4, EACH = 150 };

struct worker {
    struct store *store;
    size_t from, chained;
    rfd_status status;
    struct rfd_error why;
};

static void *put_and_sequence(void *context)
{
    struct worker *w = context;
    for (size_t n = 0; n < EACH && w->status == RFD_OK; n += 10) {
        struct putting p = {.from = w->from + n, .count = 10};
        size_t done = 0;
        w->status = store_write(w->store, put_work, &p, &w->why);
        if (w->status == RFD_OK) w->status = audit_sequence(w->store, 7, &done, &w->why);
        w->chained += done;
    }
    return NULL;
}

static void test_sequencers_at_once(void **state)
{
    struct store *store = domain_store_of(state);
    struct worker workers[THREADS];
    pthread_t threads[THREADS];
    size_t chained = 0;
    fake_keeper_open("P-256");
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.store = store, .from = i * EACH, .why = RFD_ERROR_INIT};
        assert_int_equal(pthread_create(&threads[i], NULL, put_and_sequence, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        if (workers[i].status != RFD_OK) print_message("%s\n", workers[i].why.detail);
        assert_int_equal(workers[i].status, RFD_OK);
        chained += workers[i].chained;
    }
    for (size_t done; (done = sequence(store, 1000)) > 0;) chained += done;
    assert_int_equal(chained, THREADS * EACH);
    assert_int_equal(domain_store_number(store, "SELECT count(DISTINCT object) FROM audit_row"), THREADS * EACH);
    assert_int_equal(verify_with(store, KEEPER).rows, THREADS * EACH);
    fake_keeper_close();
}

/* --- What might be tried ------------------------------------------------------------------------------------------ */

/** Tries a change of the database and says what has to be found; everything is put back by a new fixture. */
static void tamper(void **state, const char *sql, const char *more, enum audit_fault fault, uint64_t sequence)
{
    struct store *store = twenty_rows(state);
    assert_true(domain_store_run(store, sql) > 0);
    if (more != NULL) assert_true(domain_store_run(store, more) > 0);
    expect(store, KEEPER, fault, sequence);
    fake_keeper_close();
}

static void test_altered_detail(void **state)
{
    tamper(state, "UPDATE audit_row SET detail = '{\"n\":99}' WHERE sequence = 4", NULL, AUDIT_ALTERED, 4);
}

static void test_altered_actor(void **state)
{
    tamper(state, "UPDATE audit_row SET actor = 'agent:eva' WHERE sequence = 20", NULL, AUDIT_ALTERED, 20);
}

static void test_altered_time(void **state)
{
    tamper(state, "UPDATE audit_row SET time = time + 1 WHERE sequence = 1", NULL, AUDIT_ALTERED, 1);
}

static void test_altered_hash(void **state)
{
    tamper(state, "UPDATE audit_row SET hash = previous WHERE sequence = 7", NULL, AUDIT_ALTERED, 7);
}

/** Octets moved from one field to the next. */
static void test_shifted_fields(void **state)
{
    tamper(state, "UPDATE audit_row SET actor = 'agent:anac', object = 'ertificate:2' WHERE sequence = 3", NULL,
           AUDIT_ALTERED, 3);
}

static void test_deleted_row(void **state)
{
    tamper(state, "DELETE FROM audit_row WHERE sequence = 12", NULL, AUDIT_MISSING, 12);
}

static void test_deleted_first(void **state)
{
    tamper(state, "DELETE FROM audit_row WHERE sequence = 1", NULL, AUDIT_MISSING, 1);
}

/** The gap is closed by counting the others down. */
static void test_renumbered_from_the_start(void **state)
{
    struct store *store = twenty_rows(state);
    domain_store_run(store, "DELETE FROM audit_row WHERE sequence = 1");
    domain_store_run(store, "UPDATE audit_row SET sequence = -sequence");
    domain_store_run(store, "UPDATE audit_row SET sequence = -sequence - 1");
    expect(store, KEEPER, AUDIT_REORDERED, 1);
    fake_keeper_close();
}

static void test_reordered(void **state)
{
    struct store *store = twenty_rows(state);
    domain_store_run(store, "UPDATE audit_row SET sequence = 100 WHERE sequence = 5");
    domain_store_run(store, "UPDATE audit_row SET sequence = 5 WHERE sequence = 6");
    domain_store_run(store, "UPDATE audit_row SET sequence = 6 WHERE sequence = 100");
    expect(store, KEEPER, AUDIT_REORDERED, 5);
    fake_keeper_close();
}

static void test_row_before_the_first(void **state)
{
    tamper(state,
           "INSERT INTO audit_row(sequence, time, node, action, actor, object, detail, previous, hash) "
           "SELECT 0, time, node, action, actor, object, detail, previous, hash FROM audit_row WHERE sequence = 1",
           NULL, AUDIT_REORDERED, 0);
}

/** Behind all checkpoints: the chain's own row knows. */
static void test_cut_tail(void **state)
{
    tamper(state, "DELETE FROM audit_row WHERE sequence > 17", NULL, AUDIT_CUT, 18);
}

/** Cut with care, so that the table alone looks right up to its checkpoint. */
static void test_cut_behind_the_last_checkpoint(void **state)
{
    struct store *store = twenty_rows(state);
    checkpoint(store);
    domain_store_run(store, "DELETE FROM audit_row WHERE sequence > 17");
    domain_store_run(store, "UPDATE audit_chain SET sequence = 17, "
                            "hash = (SELECT hash FROM audit_row WHERE sequence = 17)");
    expect(store, KEEPER, AUDIT_CUT, 18); /* the table's checkpoint of row 20 */
    domain_store_run(store, "DELETE FROM audit_checkpoint WHERE sequence > 17");
    expect(store, NULL, AUDIT_FINE, 0); /* without the keeper nobody could tell */
    expect(store, KEEPER, AUDIT_CUT, 18);
    fake_keeper_close();
}

static void test_everything_deleted(void **state)
{
    struct store *store = twenty_rows(state);
    domain_store_run(store, "UPDATE audit_chain SET sequence = 0, "
                            "hash = (SELECT previous FROM audit_row WHERE sequence = 1)");
    domain_store_run(store, "DELETE FROM audit_row");
    domain_store_run(store, "DELETE FROM audit_checkpoint");
    expect(store, NULL, AUDIT_FINE, 0);
    expect(store, KEEPER, AUDIT_CUT, 1);
    fake_keeper_close();
}

/** Written anew from an altered row on, with the right hashes: only what was signed tells. */
static void test_rewritten_chain(void **state)
{
    struct store *store = twenty_rows(state);
    domain_store_run(store, "UPDATE audit_row SET actor = 'agent:eva' WHERE sequence = 3");
    domain_store_run(store, "DELETE FROM audit_waiting");
    domain_store_run(store, "INSERT INTO audit_waiting(time, node, action, actor, object, detail) "
                            "SELECT time, node, action, actor, object, detail FROM audit_row ORDER BY sequence");
    domain_store_run(store, "UPDATE audit_chain SET sequence = 0, "
                            "hash = (SELECT previous FROM audit_row WHERE sequence = 1)");
    domain_store_run(store, "DELETE FROM audit_row");
    assert_int_equal(sequence(store, 100), 20);
    expect(store, KEEPER, AUDIT_CHECKPOINT, 10);
    domain_store_run(store, "DELETE FROM audit_checkpoint");
    expect(store, NULL, AUDIT_FINE, 0);
    expect(store, KEEPER, AUDIT_CHECKPOINT, 15);
    fake_keeper_close();
}

static void test_forged_signature(void **state)
{
    tamper(state,
           "UPDATE audit_checkpoint SET signature = (SELECT signature FROM audit_checkpoint WHERE sequence = 15) "
           "WHERE sequence = 10",
           NULL, AUDIT_CHECKPOINT, 10);
}

static void test_checkpoint_of_another_row(void **state)
{
    tamper(state, "UPDATE audit_checkpoint SET sequence = 11 WHERE sequence = 10", NULL, AUDIT_CHECKPOINT, 11);
}

static void test_checkpoint_with_another_hash(void **state)
{
    tamper(state,
           "UPDATE audit_checkpoint SET hash = (SELECT hash FROM audit_row WHERE sequence = 9) WHERE sequence = 10",
           NULL, AUDIT_CHECKPOINT, 10);
}

static void test_checkpoint_by_another_key(void **state)
{
    struct store *store = twenty_rows(state);
    struct identity honest = fake_keeper.identity;
    fake_keeper.identity = identity_new("P-256", "Other", NULL, NULL);
    checkpoint(store);
    identity_free(&fake_keeper.identity);
    fake_keeper.identity = honest;
    expect(store, KEEPER, AUDIT_CHECKPOINT, 20);
    fake_keeper_close();
}

static void test_keeper_that_contradicts(void **state)
{
    struct store *store = twenty_rows(state);
    fake_keeper.hash[0] ^= 1;
    expect(store, KEEPER, AUDIT_CHECKPOINT, 15);
    fake_keeper.refuses = RFD_E_PEER_GONE;
    struct audit_verdict v;
    assert_int_equal(audit_verify(store, KEEPER, fake_keeper.identity.certificate, &v, NULL), RFD_E_PEER_GONE);
    fake_keeper_close();
}

/** A keeper that refuses, because the database went back, is heard. */
static void test_checkpoint_after_going_back(void **state)
{
    struct store *store = twenty_rows(state);
    fake_keeper.sequence = 50;
    assert_int_equal(audit_checkpoint(store, NULL, "seal", NULL), RFD_E_KEY_REFUSED);
    assert_int_equal(domain_store_number(store, "SELECT max(sequence) FROM audit_checkpoint"), 15);
    fake_keeper_close();
}

static void test_chain_row_gone(void **state)
{
    struct store *store = twenty_rows(state);
    struct audit_verdict v;
    size_t done;
    domain_store_run(store, "DELETE FROM audit_chain");
    assert_int_equal(audit_verify(store, NULL, fake_keeper.identity.certificate, &v, NULL), RFD_E_AUDIT);
    assert_int_equal(audit_sequence(store, 10, &done, NULL), RFD_E_AUDIT);
    fake_keeper_close();
}

/* --- Lists -------------------------------------------------------------------------------------------------------- */

struct listed {
    uint64_t sequences[32];
    size_t count;
    char last_object[64];
    rfd_status end;
};

static rfd_status take_row(void *context, const struct audit_row *row, struct rfd_error *error)
{
    struct listed *l = context;
    assert_true(l->count < 32);
    assert_true(slice_is(row->action, "certificate.issue"));
    assert_true(row->time > 0 && row->node.length > 0 && row->detail.length > 0);
    l->sequences[l->count++] = row->sequence;
    (void)snprintf(l->last_object, sizeof l->last_object, "%.*s", (int)row->object.length,
                   (const char *)row->object.data);
    return l->end == RFD_OK ? RFD_OK : error_set(error, l->end, "enough");
}

static void test_lists(void **state)
{
    struct store *store = twenty_rows(state);
    struct listed l = {0};
    put(store, 20, 2);
    assert_int_equal(audit_list(store, SLICE_EMPTY, SLICE_EMPTY, 0, 5, take_row, &l, NULL), RFD_OK);
    const uint64_t newest[] = {0, 0, 20, 19, 18};
    assert_int_equal(l.count, 5);
    assert_memory_equal(l.sequences, newest, sizeof newest);
    l.count = 0;
    assert_int_equal(audit_list(store, SLICE_EMPTY, SLICE_EMPTY, 3, 5, take_row, &l, NULL), RFD_OK);
    assert_int_equal(l.count, 2);
    assert_int_equal(l.sequences[0], 2);
    l.count = 0;
    assert_int_equal(audit_list(store, SLICE("agent:luis"), SLICE_EMPTY, 0, 3, take_row, &l, NULL), RFD_OK);
    assert_int_equal(l.count, 3);
    assert_int_equal(l.sequences[1], 20);
    l.count = 0;
    assert_int_equal(audit_list(store, SLICE_EMPTY, SLICE("certificate:3"), 0, 30, take_row, &l, NULL), RFD_OK);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.sequences[0], 4);
    assert_string_equal(l.last_object, "certificate:3");
    l.count = 0;
    assert_int_equal(audit_list(store, SLICE("agent:ana"), SLICE("certificate:3"), 0, 30, take_row, &l, NULL), RFD_OK);
    assert_int_equal(l.count, 0);
    l.end = RFD_E_LIMIT;
    assert_int_equal(audit_list(store, SLICE_EMPTY, SLICE_EMPTY, 0, 30, take_row, &l, NULL), RFD_E_LIMIT);
    assert_int_equal(l.count, 1);
    fake_keeper_close();
}

static rfd_status put_status(struct transaction *t, void *context, struct rfd_error *error)
{
    static const uint8_t serial[] = {0x01, 0xAB};
    const struct store_value value = store_bytes(slice_of(serial, sizeof serial));
    (void)context;
    return store_run(t,
                     "INSERT INTO certificate_status(serial, authority, certificate, state, part) "
                     "VALUES ($1, 1, 7, 1, 0)",
                     &value, 1, NULL, error);
}

/* A certificate's rows are found by its number in the register, or, when they have none, by its name. */
static void test_rows_of_a_certificate(void **state)
{
    struct store *store = twenty_rows(state);
    const slice object = SLICE("certificate:01ab");
    struct one_event one = {{.action = "certificate.issue",
                             .actor = SLICE("agent:ana"),
                             .object = object,
                             .detail = SLICE("{\"a\":1}"),
                             .object_id = 7}};
    struct listed l = {0};
    size_t done = 0;
    assert_int_equal(store_write(store, put_one, &one, NULL), RFD_OK);
    one.event.actor = SLICE("agent:luis");
    one.event.object_id = 0;
    assert_int_equal(store_write(store, put_one, &one, NULL), RFD_OK);
    one.event.object_id = 8; /* the number of another certificate: not one of this name */
    assert_int_equal(store_write(store, put_one, &one, NULL), RFD_OK);
    assert_int_equal(audit_list(store, SLICE_EMPTY, object, 0, 30, take_row, &l, NULL), RFD_OK);
    assert_int_equal(l.count, 3); /* they wait */
    assert_int_equal(audit_sequence(store, 100, &done, NULL), RFD_OK);
    assert_int_equal(done, 3);
    assert_int_equal(store_write(store, put_status, NULL, NULL), RFD_OK);
    l.count = 0;
    assert_int_equal(audit_list(store, SLICE_EMPTY, object, 0, 30, take_row, &l, NULL), RFD_OK);
    assert_int_equal(l.count, 2);
    assert_int_equal(l.sequences[0], 22);
    assert_int_equal(l.sequences[1], 21);
    l.count = 0;
    assert_int_equal(audit_list(store, SLICE("agent:ana"), object, 0, 30, take_row, &l, NULL), RFD_OK);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.sequences[0], 21);
    expect(store, KEEPER, AUDIT_FINE, 0);
    fake_keeper_close();
}

/* --- Speed -------------------------------------------------------------------------------------------------------- */

static double seconds_since(const struct timespec *begun)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - begun->tv_sec) + (double)(now.tv_nsec - begun->tv_nsec) / 1e9;
}

/** Not a promise that a loaded machine could break: printed for whoever wants to know. */
static void test_speed(void **state)
{
    struct store *store = domain_store_of(state);
    size_t count = getenv("REFRENDA_SPEED") == NULL ? 2000 : 200000;
    struct timespec begun;
    fake_keeper_open("P-256");
    for (size_t n = 0; n < count; n += 1000) put(store, n, 1000);
    (void)clock_gettime(CLOCK_MONOTONIC, &begun);
    for (size_t n = 0; n < count;) n += sequence(store, 5000);
    print_message("# chained %.0f rows/s\n", (double)count / seconds_since(&begun));
    checkpoint(store);
    (void)clock_gettime(CLOCK_MONOTONIC, &begun);
    assert_int_equal(verify_with(store, KEEPER).rows, count);
    print_message("# verified %.0f rows/s\n", (double)count / seconds_since(&begun));
    fake_keeper_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_STORES(test_events_are_checked),
        cmocka_unit_test(test_actions_have_words),
        ON_BOTH_STORES(test_failed_work_is_not_audited),
        cmocka_unit_test(test_hash_is_as_described),
        ON_BOTH_STORES(test_empty_chain),
        ON_BOTH_STORES(test_good_chain),
        ON_BOTH_STORES(test_long_chain),
        ON_BOTH_STORES(test_sequencers_at_once),
        ON_BOTH_STORES(test_altered_detail),
        ON_BOTH_STORES(test_altered_actor),
        ON_BOTH_STORES(test_altered_time),
        ON_BOTH_STORES(test_altered_hash),
        ON_BOTH_STORES(test_shifted_fields),
        ON_BOTH_STORES(test_deleted_row),
        ON_BOTH_STORES(test_deleted_first),
        ON_BOTH_STORES(test_renumbered_from_the_start),
        ON_BOTH_STORES(test_reordered),
        ON_BOTH_STORES(test_row_before_the_first),
        ON_BOTH_STORES(test_cut_tail),
        ON_BOTH_STORES(test_cut_behind_the_last_checkpoint),
        ON_BOTH_STORES(test_everything_deleted),
        ON_BOTH_STORES(test_rewritten_chain),
        ON_BOTH_STORES(test_forged_signature),
        ON_BOTH_STORES(test_checkpoint_of_another_row),
        ON_BOTH_STORES(test_checkpoint_with_another_hash),
        ON_BOTH_STORES(test_checkpoint_by_another_key),
        ON_BOTH_STORES(test_keeper_that_contradicts),
        ON_BOTH_STORES(test_checkpoint_after_going_back),
        ON_BOTH_STORES(test_chain_row_gone),
        ON_BOTH_STORES(test_lists),
        ON_BOTH_STORES(test_rows_of_a_certificate),
        ON_BOTH_STORES(test_speed),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
