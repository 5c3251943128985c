/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/argon.h"

#include "base/error.h"

#include <argon2.h>
#include <sys/mman.h>

void argon_block_free(struct argon_block *block)
{
    if (block->memory != NULL) (void)munmap(block->memory, block->size);
    *block = (struct argon_block){.memory = NULL};
}

/** libargon2 asks for memory without saying for whom: what this thread brought along. */
static _Thread_local struct argon_block *own;

static int map_memory(uint8_t **memory, size_t size)
{
    if (own->memory != NULL && own->size != size) argon_block_free(own);
    if (own->memory == NULL) {
        void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (mapped == MAP_FAILED) return ARGON2_MEMORY_ALLOCATION_ERROR;
        (void)madvise(mapped, size, MADV_HUGEPAGE);
        (void)madvise(mapped, size, MADV_DONTDUMP);
        *own = (struct argon_block){mapped, size};
    }
    *memory = own->memory;
    return ARGON2_OK;
}

/** It was wiped by libargon2, and stays with the block. */
static void keep_memory(uint8_t *memory, size_t size)
{
    (void)memory;
    (void)size;
}

rfd_status argon_hash(const struct argon_costs *costs, slice password, slice salt, struct argon_block *block,
                      uint8_t *hash, size_t length, struct rfd_error *error)
{
    argon2_context context = {.out = hash,
                              .outlen = (uint32_t)length,
                              .pwd = (uint8_t *)(uintptr_t)password.data,
                              .pwdlen = (uint32_t)password.length,
                              .salt = (uint8_t *)(uintptr_t)salt.data,
                              .saltlen = (uint32_t)salt.length,
                              .t_cost = costs->passes,
                              .m_cost = costs->kib,
                              .lanes = costs->lanes,
                              .threads = 1,
                              .version = ARGON2_VERSION_13,
                              .allocate_cbk = map_memory,
                              .free_cbk = keep_memory,
                              .flags = ARGON2_DEFAULT_FLAGS};
    own = block;
    int result = argon2id_ctx(&context);
    own = NULL;
    if (result == ARGON2_MEMORY_ALLOCATION_ERROR) return error_memory(error);
    if (result != ARGON2_OK) return error_set(error, RFD_E_INTERNAL, "Argon2id: %s", argon2_error_message(result));
    return RFD_OK;
}
