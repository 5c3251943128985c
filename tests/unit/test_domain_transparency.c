/* SPDX-License-Identifier: EUPL-1.2
 *
 * The log in both databases: appending, proofs, leaves, heads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base_support.h"
#include "domain/transparency/transparency.h"
#include "domain/transparency/tree.h"
#include "domain_store.h"
#include "fake_keeper.h"

#include <pthread.h>
#include <stdio.h>

enum { HASH = TRANSPARENCY_HASH_SIZE };

/** The n-th certificate's hash. */
static void hash_of(uint64_t n, uint8_t out[HASH])
{
    assert_int_equal(digest_of(DIGEST_SHA256, slice_of(&n, sizeof n), out, NULL), RFD_OK);
}

struct putting {
    uint64_t from, to;
    rfd_status end;
};

static rfd_status put_work(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct putting *p = context;
    for (uint64_t n = p->from; n < p->to; n++) {
        uint8_t hash[HASH];
        hash_of(n, hash);
        TRY(transparency_put(t, (int64_t)n + 1, hash, error));
    }
    return p->end;
}

static void put(struct store *store, uint64_t from, uint64_t to)
{
    struct putting p = {.from = from, .to = to};
    assert_int_equal(store_write(store, put_work, &p, NULL), RFD_OK);
}

static size_t sequence(struct store *store, size_t limit)
{
    struct rfd_error error = RFD_ERROR_INIT;
    size_t done = 99;
    if (transparency_sequence(store, limit, &done, &error) != RFD_OK) fail_msg("%s", error.detail);
    return done;
}

/** The tree of the first `count`, made in memory. */
static void plant(uint64_t count, struct tree *out)
{
    memset(out, 0, sizeof *out);
    for (uint64_t n = 0; n < count; n++) {
        uint8_t hash[HASH], leaf[HASH];
        hash_of(n, hash);
        tree_leaf_hash(slice_of(hash, sizeof hash), leaf);
        assert_int_equal(tree_append(out, leaf, NULL, NULL, NULL), RFD_OK);
    }
}

static void root_of(uint64_t count, uint8_t out[HASH])
{
    struct tree tree;
    plant(count, &tree);
    tree_root(&tree, out);
}

static uint64_t size_of(struct store *store)
{
    struct transparency_counts counts;
    assert_int_equal(transparency_count(store, &counts, NULL), RFD_OK);
    return counts.size;
}

/* --- Proofs ------------------------------------------------------------------------------------------------------- */

static void check_inclusion(struct store *store, uint64_t n, uint64_t size)
{
    uint8_t hash[HASH], leaf[HASH], root[HASH];
    struct tree_proof proof;
    struct rfd_error error = RFD_ERROR_INIT;
    hash_of(n, hash);
    tree_leaf_hash(slice_of(hash, sizeof hash), leaf);
    root_of(size, root);
    if (transparency_inclusion(store, hash, size, &proof, &error) != RFD_OK) fail_msg("%s", error.detail);
    assert_int_equal(proof.index, n);
    assert_true(tree_inclusion_holds(n, size, leaf, (const uint8_t(*)[HASH])proof.hashes, proof.count, root));
}

static void check_consistency(struct store *store, uint64_t from, uint64_t to)
{
    uint8_t small[HASH], large[HASH];
    struct tree_proof proof;
    root_of(from, small);
    root_of(to, large);
    assert_int_equal(transparency_consistency(store, from, to, &proof, NULL), RFD_OK);
    assert_true(tree_consistency_holds(from, to, small, large, (const uint8_t(*)[HASH])proof.hashes, proof.count));
}

static void test_empty_log(void **state)
{
    struct store *store = domain_store_of(state);
    struct arena a;
    struct tree_head head;
    struct tree_proof proof;
    struct buf leaves;
    const uint8_t hash[HASH] = {1};
    arena_init(&a, 1 << 16);
    buf_init(&leaves, 1 << 16);
    assert_int_equal(sequence(store, 100), 0);
    assert_int_equal(transparency_head(store, &a, &head, NULL), RFD_E_NOT_FOUND);
    assert_int_equal(transparency_inclusion(store, hash, 0, &proof, NULL), RFD_E_NOT_FOUND);
    assert_int_equal(transparency_inclusion(store, hash, 1, &proof, NULL), RFD_E_NOT_FOUND);
    assert_int_equal(transparency_consistency(store, 0, 0, &proof, NULL), RFD_OK);
    assert_int_equal(transparency_consistency(store, 0, 1, &proof, NULL), RFD_E_NOT_FOUND);
    assert_int_equal(transparency_leaves(store, 0, 10, &leaves, NULL), RFD_OK);
    assert_int_equal(leaves.length, 0);
    arena_dispose(&a);
}

/** Batches of odd sizes, over tile borders, at 256 and at 65,536 leaves; then proofs here and there. */
static void test_proofs_over_tiles(void **state)
{
    static const uint64_t ends[] = {1, 2, 3, 255, 256, 257, 511, 512, 700, 5000, 9001};
    static const uint64_t sizes[] = {1, 2, 3, 100, 255, 256, 257, 512, 513, 4096, 5000, 8191, 9001};
    static const uint64_t leaves[] = {0, 1, 2, 99, 254, 255, 256, 511, 512, 699, 4095, 4999, 8190, 9000};
    struct store *store = domain_store_of(state);
    struct tree_proof proof;
    uint64_t last = 0;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        put(store, last, ends[i]);
        assert_int_equal(sequence(store, 100000), ends[i] - last);
        last = ends[i];
        assert_int_equal(size_of(store), last);
    }
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (size_t l = 0; l < sizeof leaves / sizeof *leaves; l++) {
            uint8_t hash[HASH];
            hash_of(leaves[l], hash);
            if (leaves[l] < sizes[s])
                check_inclusion(store, leaves[l], sizes[s]);
            else
                assert_int_equal(transparency_inclusion(store, hash, sizes[s], &proof, NULL), RFD_E_NOT_FOUND);
        }
        for (size_t f = 0; f <= s; f++) check_consistency(store, sizes[f], sizes[s]);
        assert_int_equal(transparency_consistency(store, sizes[s] + 1, sizes[s], &proof, NULL), RFD_E_ARGUMENT);
    }
    assert_int_equal(transparency_consistency(store, 1, last + 1, &proof, NULL), RFD_E_NOT_FOUND);
}

static void test_limit_leaves_the_rest(void **state)
{
    struct store *store = domain_store_of(state);
    struct transparency_counts counts;
    put(store, 0, 10);
    assert_int_equal(sequence(store, 4), 4);
    assert_int_equal(transparency_count(store, &counts, NULL), RFD_OK);
    assert_int_equal(counts.size, 4);
    assert_int_equal(counts.waiting, 6);
    assert_int_equal(sequence(store, 4), 4);
    assert_int_equal(sequence(store, 4), 2);
    assert_int_equal(sequence(store, 4), 0);
    for (uint64_t n = 0; n < 10; n++) check_inclusion(store, n, 10);
}

/** What was not committed is in no log. */
static void test_failed_issue_is_not_logged(void **state)
{
    struct store *store = domain_store_of(state);
    struct putting p = {.from = 0, .to = 3, .end = RFD_E_LIMIT};
    put(store, 3, 5);
    assert_int_equal(store_write(store, put_work, &p, NULL), RFD_E_LIMIT);
    assert_int_equal(sequence(store, 100), 2);
    assert_int_equal(size_of(store), 2);
}

static void test_leaves_come_in_order(void **state)
{
    struct store *store = domain_store_of(state);
    struct buf leaves;
    put(store, 0, 600);
    assert_int_equal(sequence(store, 1000), 600);
    buf_init(&leaves, 1 << 20);
    assert_int_equal(transparency_leaves(store, 10, 5, &leaves, NULL), RFD_OK);
    assert_int_equal(transparency_leaves(store, 15, 10000, &leaves, NULL), RFD_OK);
    assert_int_equal(leaves.length, 590 * HASH);
    for (uint64_t n = 10; n < 600; n++) {
        uint8_t hash[HASH];
        hash_of(n, hash);
        assert_memory_equal(leaves.data + (n - 10) * HASH, hash, HASH);
    }
    buf_reset(&leaves);
    assert_int_equal(transparency_leaves(store, 600, 5, &leaves, NULL), RFD_OK);
    assert_int_equal(transparency_leaves(store, UINT64_MAX, 5, &leaves, NULL), RFD_OK);
    assert_int_equal(leaves.length, 0);
    buf_dispose(&leaves);
}

/** A certificate that was put twice is there twice, and is found where it came first; nothing jams. */
static void test_same_certificate_twice(void **state)
{
    struct store *store = domain_store_of(state);
    uint8_t hash[HASH];
    struct tree_proof proof;
    put(store, 0, 3);
    put(store, 1, 2);
    assert_int_equal(sequence(store, 100), 4);
    hash_of(1, hash);
    assert_int_equal(transparency_inclusion(store, hash, 4, &proof, NULL), RFD_OK);
    assert_int_equal(proof.index, 1);
}

/* --- Several at once ---------------------------------------------------------------------------------------------- */

enum { THREADS = 4, EACH = 150 };

struct worker {
    struct store *store;
    uint64_t from;
    size_t appended;
    rfd_status status;
};

static void *put_and_sequence(void *context)
{
    struct worker *w = context;
    for (uint64_t n = 0; n < EACH && w->status == RFD_OK; n += 10) {
        struct putting p = {.from = w->from + n, .to = w->from + n + 10};
        size_t done = 0;
        w->status = store_write(w->store, put_work, &p, NULL);
        if (w->status == RFD_OK) w->status = transparency_sequence(w->store, 7, &done, NULL);
        w->appended += done;
    }
    return NULL;
}

static void test_sequencers_at_once(void **state)
{
    struct store *store = domain_store_of(state);
    struct worker workers[THREADS];
    pthread_t threads[THREADS];
    size_t appended = 0;
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.store = store, .from = i * EACH};
        assert_int_equal(pthread_create(&threads[i], NULL, put_and_sequence, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(workers[i].status, RFD_OK);
        appended += workers[i].appended;
    }
    for (size_t done; (done = sequence(store, 1000)) > 0;) appended += done;
    assert_int_equal(appended, THREADS * EACH);
    assert_int_equal(size_of(store), THREADS * EACH);
    assert_int_equal(domain_store_number(store, "SELECT count(DISTINCT hash) FROM transparency_leaf"), THREADS * EACH);
    assert_int_equal(domain_store_number(store, "SELECT max(position) FROM transparency_leaf"), THREADS * EACH - 1);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM transparency_waiting"), 0);
}

/* --- Heads -------------------------------------------------------------------------------------------------------- */

#define SECOND ((rfd_time)1000000)

static void check_head(struct store *store, uint64_t size, rfd_time time)
{
    struct arena a;
    struct tree_head head;
    uint8_t root[HASH];
    slice key;
    arena_init(&a, 1 << 16);
    assert_int_equal(transparency_head(store, &a, &head, NULL), RFD_OK);
    assert_int_equal(transparency_key(store, &a, &key, NULL), RFD_OK);
    root_of(size, root);
    assert_int_equal(head.size, size);
    assert_int_equal(head.time, time);
    assert_memory_equal(head.root, root, HASH);
    assert_true(slice_equal(key, fake_keeper.identity.certificate->spki));
    assert_int_equal(tree_head_verify(&head, key, NULL), RFD_OK);
    head.size++;
    assert_int_equal(tree_head_verify(&head, key, NULL), RFD_E_SIGNING);
    head.size--;
    head.root[5] ^= 1;
    assert_int_equal(tree_head_verify(&head, key, NULL), RFD_E_SIGNING);
    arena_dispose(&a);
}

static void sign_at(struct store *store, rfd_time time, size_t signatures)
{
    struct rfd_error error = RFD_ERROR_INIT;
    clock_fix(time);
    if (transparency_sign_head(store, NULL, "log", 100 * SECOND, &error) != RFD_OK) fail_msg("%s", error.detail);
    assert_int_equal(fake_keeper.signatures, signatures);
}

static void check_heads(struct store *store, const char *kind)
{
    rfd_time now = (rfd_time)1795000000 * SECOND;
    fake_keeper_open(kind);
    sign_at(store, now, 1); /* the empty tree's */
    check_head(store, 0, now);
    sign_at(store, now + 99 * SECOND, 1);
    sign_at(store, now + 100 * SECOND, 2); /* old */
    check_head(store, 0, now + 100 * SECOND);
    put(store, 0, 300);
    sign_at(store, now + 101 * SECOND, 2); /* what waits is not in the tree */
    assert_int_equal(sequence(store, 300), 300);
    sign_at(store, now + 102 * SECOND + 1234, 3);
    check_head(store, 300, now + 102 * SECOND + 1000); /* whole milliseconds */
    put(store, 300, 301);
    assert_int_equal(sequence(store, 300), 1);
    sign_at(store, now + 4000 * SECOND, 4);
    check_head(store, 301, now + 4000 * SECOND);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM transparency_head"), 2);
    clock_fix(RFD_TIME_NONE);
    fake_keeper_close();
}

static void test_heads(void **state)
{
    check_heads(domain_store_of(state), "P-256");
}

static void test_heads_by_rsa(void **state)
{
    check_heads(domain_store_of(state), "RSA");
}

static void test_heads_by_ed25519(void **state)
{
    check_heads(domain_store_of(state), "ED25519");
}

static void test_keeper_that_fails(void **state)
{
    struct store *store = domain_store_of(state);
    struct arena a;
    struct tree_head head;
    arena_init(&a, 1 << 16);
    fake_keeper_open("P-256");
    fake_keeper.refuses = RFD_E_PEER_GONE;
    assert_int_equal(transparency_sign_head(store, NULL, "log", SECOND, NULL), RFD_E_PEER_GONE);
    fake_keeper.refuses = RFD_OK;
    fake_keeper.lies = true;
    assert_int_equal(transparency_sign_head(store, NULL, "log", SECOND, NULL), RFD_E_PROTOCOL);
    assert_int_equal(transparency_head(store, &a, &head, NULL), RFD_E_NOT_FOUND);
    fake_keeper_close();
    arena_dispose(&a);
}

static void test_signature_of_another_kind(void **state)
{
    struct store *store = domain_store_of(state);
    struct identity other = identity_new("RSA", "Other", NULL, NULL);
    struct arena a;
    struct tree_head head;
    arena_init(&a, 1 << 16);
    fake_keeper_open("P-256");
    assert_int_equal(transparency_sign_head(store, NULL, "log", SECOND, NULL), RFD_OK);
    assert_int_equal(transparency_head(store, &a, &head, NULL), RFD_OK);
    assert_int_equal(tree_head_verify(&head, other.certificate->spki, NULL), RFD_E_SIGNING);
    head.algorithm = SLICE("\x30\x00");
    assert_int_not_equal(tree_head_verify(&head, fake_keeper.identity.certificate->spki, NULL), RFD_OK);
    fake_keeper_close();
    identity_free(&other);
    arena_dispose(&a);
}

/* --- Damage ------------------------------------------------------------------------------------------------------- */

static void test_damage_is_an_error(void **state)
{
    struct store *store = domain_store_of(state);
    struct buf leaves;
    uint8_t hash[HASH];
    struct tree_proof proof;
    size_t done = 0;
    put(store, 0, 300);
    assert_int_equal(sequence(store, 300), 300);
    domain_store_run(store, "DELETE FROM transparency_tile WHERE level = 0 AND number = 1");
    hash_of(299, hash);
    assert_int_equal(transparency_inclusion(store, hash, 300, &proof, NULL), RFD_E_STORE);
    put(store, 300, 301);
    assert_int_equal(transparency_sequence(store, 10, &done, NULL), RFD_E_STORE);
    domain_store_run(store, "DELETE FROM transparency_leaf WHERE position = 20");
    buf_init(&leaves, 1 << 20);
    assert_int_equal(transparency_leaves(store, 0, 100, &leaves, NULL), RFD_E_STORE);
    domain_store_run(store, "UPDATE transparency_tree SET size = 299");
    assert_int_equal(transparency_inclusion(store, hash, 299, &proof, NULL), RFD_E_STORE);
    buf_dispose(&leaves);
}

/** Not a promise that a loaded machine could break: printed for whoever wants to know. */
static void test_speed(void **state)
{
    struct store *store = domain_store_of(state);
    uint64_t count = getenv("REFRENDA_SPEED") == NULL ? 2000 : 100000;
    for (uint64_t n = 0; n < count; n += 1000) put(store, n, n + 1000);
    struct timespec begun, ended;
    (void)clock_gettime(CLOCK_MONOTONIC, &begun);
    for (uint64_t n = 0; n < count;) n += sequence(store, 5000);
    (void)clock_gettime(CLOCK_MONOTONIC, &ended);
    double seconds = (double)(ended.tv_sec - begun.tv_sec) + (double)(ended.tv_nsec - begun.tv_nsec) / 1e9;
    print_message("# %.0f leaves/s\n", (double)count / seconds);
    assert_int_equal(size_of(store), count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_STORES(test_empty_log),
        ON_BOTH_STORES(test_proofs_over_tiles),
        ON_BOTH_STORES(test_limit_leaves_the_rest),
        ON_BOTH_STORES(test_failed_issue_is_not_logged),
        ON_BOTH_STORES(test_leaves_come_in_order),
        ON_BOTH_STORES(test_same_certificate_twice),
        ON_BOTH_STORES(test_sequencers_at_once),
        ON_BOTH_STORES(test_heads),
        ON_BOTH_STORES(test_heads_by_rsa),
        ON_BOTH_STORES(test_heads_by_ed25519),
        ON_BOTH_STORES(test_keeper_that_fails),
        ON_BOTH_STORES(test_signature_of_another_kind),
        ON_BOTH_STORES(test_damage_is_an_error),
        ON_BOTH_STORES(test_speed),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
