/* SPDX-License-Identifier: EUPL-1.2
 *
 * What refrenda log verify reads: a log's answers, keys, and its own state file.
 */
#include "cli/log_client.h"
#include "cli/log_json.h"
#include "cli/log_state.h"
#include "domain/transparency/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_proof(slice text, const struct tree_head *head)
{
    struct tree_proof proof;
    const uint8_t leaf[TRANSPARENCY_HASH_SIZE] = {0};
    if (log_json_inclusion(text, 3, &proof, NULL) == RFD_OK)
        (void)tree_inclusion_holds(proof.index, 3, leaf, (const uint8_t(*)[TREE_HASH_SIZE])proof.hashes, proof.count,
                                   head->root);
    if (log_json_consistency(text, 2, 5, &proof, NULL) == RFD_OK)
        (void)tree_consistency_holds(2, 5, leaf, head->root, (const uint8_t(*)[TREE_HASH_SIZE])proof.hashes,
                                     proof.count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct tree_head head = {0};
    struct log_state state;
    slice text = slice_of(data, size);
    slice spki = SLICE_EMPTY;
    arena_init(&a, 1 << 20);
    if (log_client_read_key(text, &a, &spki, NULL) == RFD_OK) {
        struct tree_head none = {.algorithm = SLICE("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02")};
        (void)!tree_head_verify(&none, spki, NULL);
    }
    if (log_json_head(text, &a, &head, NULL) == RFD_OK) (void)!tree_head_verify(&head, SLICE("\x30\x00"), NULL);
    (void)!log_state_parse(text, &a, &state, NULL);
    try_proof(text, &head);
    arena_dispose(&a);
    return 0;
}
