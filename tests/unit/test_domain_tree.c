/* SPDX-License-Identifier: EUPL-1.2
 *
 * Merkle trees: the vectors that Certificate Transparency's implementations share, and every tree of up to 64 leaves
 * against the definitions of RFC 6962 §2.1 written down as they stand there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/number.h"
#include "domain/transparency/tree.h"
#include "pki/digest.h"

enum { LEAVES = 64 };

typedef uint8_t hash[TREE_HASH_SIZE];

static const char *const vector_leaves[] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
static const char *const vector_roots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};
struct vector_proof {
    uint64_t first, size; /* a leaf or a smaller tree, and the tree */
    const char *path[4];
};
static const struct vector_proof vector_paths[] = {
    {0, 1, {NULL}},
    {0,
     8,
     {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
    {5,
     8,
     {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
    {2, 3, {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
    {1,
     5,
     {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
};
static const struct vector_proof vector_consistency[] = {
    {1, 1, {NULL}},
    {1,
     8,
     {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
    {6,
     8,
     {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
    {2,
     5,
     {"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
};

/* --- A tree with all its perfect nodes ---------------------------------------------------------------------------- */

struct forest {
    struct tree tree;
    hash leaves[LEAVES];
    hash nodes[7][LEAVES];
    size_t made;
};

static rfd_status keep(void *context, unsigned level, uint64_t index, const uint8_t made[TREE_HASH_SIZE],
                       struct rfd_error *error)
{
    struct forest *f = context;
    (void)error;
    assert_in_range(level, 0, 6);
    assert_in_range(index, 0, LEAVES - 1);
    memcpy(f->nodes[level][index], made, TREE_HASH_SIZE);
    f->made++;
    return RFD_OK;
}

static void add(struct forest *f, slice data)
{
    hash leaf;
    tree_leaf_hash(data, leaf);
    memcpy(f->leaves[f->tree.size], leaf, sizeof leaf);
    assert_int_equal(tree_append(&f->tree, leaf, keep, f, NULL), RFD_OK);
}

static rfd_status read_node(void *context, unsigned level, uint64_t index, uint8_t out[TREE_HASH_SIZE],
                            struct rfd_error *error)
{
    const struct forest *f = context;
    (void)error;
    assert_in_range(level, 0, 6);
    assert_true((index + 1) << level <= f->tree.size);
    memcpy(out, f->nodes[level][index], TREE_HASH_SIZE);
    return RFD_OK;
}

static struct tree_source source_of(struct forest *f)
{
    return (struct tree_source){.read = read_node, .context = f};
}

static void plant(struct forest *f, size_t count)
{
    memset(f, 0, sizeof *f);
    for (size_t i = 0; i < count; i++) {
        uint8_t data[3] = {(uint8_t)i, (uint8_t)(i * 7), 3};
        add(f, slice_of(data, i % 4));
    }
}

/* --- RFC 6962 §2.1, as it stands ---------------------------------------------------------------------------------- */

static size_t half(size_t n)
{
    size_t k = 1;
    while (k * 2 < n) k *= 2;
    return k;
}

static void naive_root(hash *leaves, size_t n, hash out)
{
    hash left, right;
    if (n == 0) {
        assert_int_equal(digest_of(DIGEST_SHA256, SLICE_EMPTY, out, NULL), RFD_OK);
    } else if (n == 1) {
        memcpy(out, leaves[0], TREE_HASH_SIZE);
    } else {
        naive_root(leaves, half(n), left);
        naive_root(leaves + half(n), n - half(n), right);
        tree_node_hash(left, right, out);
    }
}

static size_t naive_path(size_t m, hash *leaves, size_t n, hash *out)
{
    size_t k = n > 1 ? half(n) : 0;
    size_t count;
    if (n == 1) return 0;
    if (m < k) {
        count = naive_path(m, leaves, k, out);
        naive_root(leaves + k, n - k, out[count]);
    } else {
        count = naive_path(m - k, leaves + k, n - k, out);
        naive_root(leaves, k, out[count]);
    }
    return count + 1;
}

static size_t naive_proof(size_t m, hash *leaves, size_t n, bool whole, hash *out)
{
    size_t count;
    if (m == n) {
        if (whole) return 0;
        naive_root(leaves, n, out[0]);
        return 1;
    }
    size_t k = half(n);
    if (m <= k) {
        count = naive_proof(m, leaves, k, whole, out);
        naive_root(leaves + k, n - k, out[count]);
    } else {
        count = naive_proof(m - k, leaves + k, n - k, false, out);
        naive_root(leaves, k, out[count]);
    }
    return count + 1;
}

/* --- Vectors ------------------------------------------------------------------------------------------------------ */

static void same_hash(const uint8_t *a, const char *hexadecimal)
{
    hash wanted;
    assert_true(number_hex(slice_text(hexadecimal), wanted));
    assert_memory_equal(a, wanted, sizeof wanted);
}

static void plant_vectors(struct forest *f)
{
    memset(f, 0, sizeof *f);
    for (size_t i = 0; i < 8; i++) {
        uint8_t data[16];
        hash root;
        tree_root(&f->tree, root);
        same_hash(root, vector_roots[i]);
        assert_true(number_hex(slice_text(vector_leaves[i]), data));
        add(f, slice_of(data, strlen(vector_leaves[i]) / 2));
    }
}

static void roots_are_the_published_ones(void **state)
{
    struct forest f;
    hash root;
    (void)state;
    plant_vectors(&f);
    tree_root(&f.tree, root);
    same_hash(root, vector_roots[8]);
}

static void proofs_are_the_published_ones(void **state)
{
    struct forest f;
    hash path[TREE_LEVELS];
    (void)state;
    plant_vectors(&f);
    struct tree_source source = source_of(&f);
    for (size_t i = 0; i < sizeof vector_paths / sizeof *vector_paths; i++) {
        const struct vector_proof *v = &vector_paths[i];
        size_t count = 99;
        assert_int_equal(tree_inclusion(&source, v->first, v->size, path, &count, NULL), RFD_OK);
        for (size_t k = 0; k < count; k++) same_hash(path[k], v->path[k]);
        assert_null(v->path[count]);
    }
    for (size_t i = 0; i < sizeof vector_consistency / sizeof *vector_consistency; i++) {
        const struct vector_proof *v = &vector_consistency[i];
        size_t count = 99;
        assert_int_equal(tree_consistency(&source, v->first, v->size, path, &count, NULL), RFD_OK);
        for (size_t k = 0; k < count; k++) same_hash(path[k], v->path[k]);
        assert_null(v->path[count]);
    }
}

/* --- Every tree --------------------------------------------------------------------------------------------------- */

static void every_root_is_as_defined(void **state)
{
    struct forest f;
    hash all[LEAVES];
    hash wanted, root;
    (void)state;
    plant(&f, LEAVES);
    memcpy(all, f.leaves, sizeof all);
    assert_int_equal(f.made, 2 * LEAVES - 1);
    struct tree_source source = source_of(&f);
    struct tree grown = {0};
    for (size_t n = 0; n <= LEAVES; n++) {
        naive_root(all, n, wanted);
        tree_root(&grown, root);
        assert_memory_equal(root, wanted, sizeof root);
        assert_int_equal(tree_root_of(&source, n, root, NULL), RFD_OK);
        assert_memory_equal(root, wanted, sizeof root);
        if (n < LEAVES) assert_int_equal(tree_append(&grown, all[n], NULL, NULL, NULL), RFD_OK);
    }
}

/** What an honest proof must not prove. */
static void refuse_inclusion(uint64_t m, uint64_t n, hash leaf, hash *path, size_t count, hash root)
{
    hash other;
    memcpy(other, leaf, sizeof other);
    other[3] ^= 1;
    assert_false(tree_inclusion_holds(m, n, other, (const uint8_t(*)[TREE_HASH_SIZE])path, count, root));
    assert_false(tree_inclusion_holds(n, n, leaf, (const uint8_t(*)[TREE_HASH_SIZE])path, count, root));
    if (n > 1) assert_false(tree_inclusion_holds(m ^ 1, n, leaf, (const uint8_t(*)[TREE_HASH_SIZE])path, count, root));
    assert_false(tree_inclusion_holds(m, n, leaf, (const uint8_t(*)[TREE_HASH_SIZE])path, count + 1, root));
    if (count == 0) return;
    assert_false(tree_inclusion_holds(m, n, leaf, (const uint8_t(*)[TREE_HASH_SIZE])path, count - 1, root));
    path[count / 2][31] ^= 0x80;
    assert_false(tree_inclusion_holds(m, n, leaf, (const uint8_t(*)[TREE_HASH_SIZE])path, count, root));
    path[count / 2][31] ^= 0x80;
}

static void every_inclusion_is_as_defined(void **state)
{
    struct forest f;
    hash path[TREE_LEVELS] = {{0}};
    hash wanted[TREE_LEVELS];
    hash root;
    (void)state;
    plant(&f, LEAVES);
    struct tree_source source = source_of(&f);
    for (size_t n = 1; n <= LEAVES; n++) {
        naive_root(f.leaves, n, root);
        for (size_t m = 0; m < n; m++) {
            size_t count = 99;
            assert_int_equal(tree_inclusion(&source, m, n, path, &count, NULL), RFD_OK);
            assert_int_equal(count, naive_path(m, f.leaves, n, wanted));
            assert_memory_equal(path, wanted, count * sizeof *path);
            assert_true(tree_inclusion_holds(m, n, f.leaves[m], (const uint8_t(*)[TREE_HASH_SIZE])path, count, root));
            refuse_inclusion(m, n, f.leaves[m], path, count, root);
        }
        size_t count;
        assert_int_equal(tree_inclusion(&source, n, n, path, &count, NULL), RFD_E_ARGUMENT);
    }
}

static void refuse_consistency(uint64_t m, uint64_t n, hash *path, size_t count, hash small, hash large)
{
    hash other;
    memcpy(other, small, sizeof other);
    other[0] ^= 1;
    assert_false(tree_consistency_holds(m, n, other, large, (const uint8_t(*)[TREE_HASH_SIZE])path, count));
    memcpy(other, large, sizeof other);
    other[31] ^= 1;
    assert_false(tree_consistency_holds(m, n, small, other, (const uint8_t(*)[TREE_HASH_SIZE])path, count));
    assert_false(tree_consistency_holds(n + 1, n, small, large, (const uint8_t(*)[TREE_HASH_SIZE])path, count));
    assert_false(tree_consistency_holds(m, n, small, large, (const uint8_t(*)[TREE_HASH_SIZE])path, count + 1));
    if (count == 0) return;
    assert_false(tree_consistency_holds(m, n, small, large, (const uint8_t(*)[TREE_HASH_SIZE])path, count - 1));
    path[count / 2][0] ^= 0x80;
    assert_false(tree_consistency_holds(m, n, small, large, (const uint8_t(*)[TREE_HASH_SIZE])path, count));
    path[count / 2][0] ^= 0x80;
}

static void every_consistency_is_as_defined(void **state)
{
    struct forest f;
    hash path[TREE_LEVELS] = {{0}};
    hash wanted[TREE_LEVELS];
    hash small, large;
    (void)state;
    plant(&f, LEAVES);
    struct tree_source source = source_of(&f);
    for (size_t n = 1; n <= LEAVES; n++) {
        naive_root(f.leaves, n, large);
        for (size_t m = 1; m <= n; m++) {
            size_t count = 99;
            naive_root(f.leaves, m, small);
            assert_int_equal(tree_consistency(&source, m, n, path, &count, NULL), RFD_OK);
            assert_int_equal(count, naive_proof(m, f.leaves, n, true, wanted));
            assert_memory_equal(path, wanted, count * sizeof *path);
            assert_true(tree_consistency_holds(m, n, small, large, (const uint8_t(*)[TREE_HASH_SIZE])path, count));
            refuse_consistency(m, n, path, count, small, large);
        }
        size_t count = 99;
        assert_int_equal(tree_consistency(&source, 0, n, path, &count, NULL), RFD_OK);
        assert_int_equal(count, 0);
        assert_int_equal(tree_consistency(&source, n + 1, n, path, &count, NULL), RFD_E_ARGUMENT);
    }
}

/** A log that replaced one early leaf cannot continue what it said before. */
static void fork_is_never_consistent(void **state)
{
    struct forest f;
    struct forest forked;
    hash path[TREE_LEVELS];
    hash small, large;
    size_t count;
    (void)state;
    plant(&f, 40);
    plant(&forked, 5);
    add(&forked, SLICE("another"));
    for (size_t i = 6; i < LEAVES; i++) add(&forked, SLICE("x"));
    struct tree_source source = source_of(&forked);
    tree_root(&f.tree, small);
    tree_root(&forked.tree, large);
    assert_int_equal(tree_consistency(&source, 40, LEAVES, path, &count, NULL), RFD_OK);
    assert_false(tree_consistency_holds(40, LEAVES, small, large, (const uint8_t(*)[TREE_HASH_SIZE])path, count));
}

/** Sizes that nobody can reach do not overflow anything. */
static void limits_hold(void **state)
{
    struct tree full = {.size = TREE_SIZE_MAXIMUM};
    struct rfd_error error = RFD_ERROR_INIT;
    hash zero = {0};
    hash path[TREE_LEVELS] = {{0}};
    (void)state;
    assert_int_equal(tree_append(&full, zero, NULL, NULL, &error), RFD_E_LIMIT);
    assert_false(tree_inclusion_holds(0, 0, zero, NULL, 0, zero));
    assert_false(
        tree_inclusion_holds(UINT64_MAX - 1, UINT64_MAX, zero, (const uint8_t(*)[TREE_HASH_SIZE])path, 64, zero));
    assert_false(
        tree_consistency_holds(UINT64_MAX - 1, UINT64_MAX, zero, zero, (const uint8_t(*)[TREE_HASH_SIZE])path, 64));
    assert_false(tree_consistency_holds(3, 7, zero, zero, NULL, 0));
    assert_true(tree_consistency_holds(0, 7, zero, zero, NULL, 0));
}

static void long_leaves_are_hashed_whole(void **state)
{
    uint8_t bytes[301];
    hash wanted, got;
    (void)state;
    for (size_t length = 250; length <= 300; length++) {
        memset(bytes, 'a', sizeof bytes);
        bytes[0] = 0;
        assert_int_equal(digest_of(DIGEST_SHA256, slice_of(bytes, length + 1), wanted, NULL), RFD_OK);
        tree_leaf_hash(slice_of(bytes + 1, length), got);
        assert_memory_equal(got, wanted, sizeof got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_the_published_ones),
        cmocka_unit_test(proofs_are_the_published_ones),
        cmocka_unit_test(every_root_is_as_defined),
        cmocka_unit_test(every_inclusion_is_as_defined),
        cmocka_unit_test(every_consistency_is_as_defined),
        cmocka_unit_test(fork_is_never_consistent),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(long_leaves_are_hashed_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
