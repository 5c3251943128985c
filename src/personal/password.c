/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a signing password gives: Argon2id (RFC 9106) with the costs and the salt of the credential, and from that by
 * HKDF the key that seals the private key (keeper/seal.h). Whether a password is right is known by the seal alone:
 * nothing else about it is kept.
 */
#include "personal/internal.h"

#include "base/error.h"
#include "base/text.h"
#include "keeper/seal.h"

#include <argon2.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/mman.h>

#define WRAP_LABEL SLICE("refrenda personal password 1")

enum { CHARACTERS_LEAST = 8, HASH_SIZE = 32, KIB_MAXIMUM = 1 << 20, PASSES_MAXIMUM = 64 };

rfd_status password_check_rule(slice password, struct rfd_error *error)
{
    size_t characters = 0;
    bool only_digits = true;
    if (password.length > PROOF_MAXIMUM || !text_is_utf8(password))
        return error_set(error, RFD_E_PASSWORD_WEAK, "more than %d octets, or no text", PROOF_MAXIMUM);
    while (password.length > 0) {
        uint32_t c = text_next(&password);
        characters++;
        if (c < '0' || c > '9') only_digits = false;
    }
    if (characters >= CHARACTERS_LEAST && !only_digits) return RFD_OK;
    return error_set(error, RFD_E_PASSWORD_WEAK, only_digits ? "only digits" : "too short");
}

/* ---- Memory ---- */

static void unmap(struct argon_block *b)
{
    if (b->memory != NULL) (void)munmap(b->memory, b->size);
    *b = (struct argon_block){.memory = NULL};
}

static struct argon_block take_block(struct argon_blocks *b)
{
    struct argon_block block = {.memory = NULL};
    (void)pthread_mutex_lock(&b->lock);
    b->busy++;
    if (b->kept > 0) block = b->blocks[--b->kept];
    (void)pthread_mutex_unlock(&b->lock);
    return block;
}

/** The last one gives everything back: an idle keeper has none. */
static void give_block(struct argon_blocks *b, struct argon_block *block)
{
    (void)pthread_mutex_lock(&b->lock);
    b->busy--;
    if (b->busy > 0 && b->kept < ARGON_KEPT && block->memory != NULL)
        b->blocks[b->kept++] = *block;
    else
        unmap(block);
    while (b->busy == 0 && b->kept > 0) unmap(&b->blocks[--b->kept]);
    (void)pthread_mutex_unlock(&b->lock);
}

void password_blocks_dispose(struct argon_blocks *b)
{
    while (b->kept > 0) unmap(&b->blocks[--b->kept]);
}

/** libargon2 asks for memory without saying for whom: what this thread brought along. */
static _Thread_local struct argon_block *own;

static int map_memory(uint8_t **memory, size_t size)
{
    if (own->memory != NULL && own->size != size) unmap(own);
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

static rfd_status compute(struct personal *p, const struct record *r, slice password, uint8_t hash[HASH_SIZE],
                          struct rfd_error *error)
{
    uint8_t salt[PERSONAL_SALT_SIZE];
    argon2_context context = {.out = hash,
                              .outlen = HASH_SIZE,
                              .pwd = (uint8_t *)(uintptr_t)password.data,
                              .pwdlen = (uint32_t)password.length,
                              .salt = salt,
                              .saltlen = sizeof salt,
                              .t_cost = r->passes,
                              .m_cost = r->memory_kib,
                              .lanes = 1,
                              .threads = 1,
                              .version = ARGON2_VERSION_13,
                              .allocate_cbk = map_memory,
                              .free_cbk = keep_memory,
                              .flags = ARGON2_DEFAULT_FLAGS};
    if (r->memory_kib > KIB_MAXIMUM || r->passes > PASSES_MAXIMUM || password.length > PROOF_MAXIMUM)
        return error_set(error, RFD_E_LIMIT, "costs of a password");
    memcpy(salt, r->salt, sizeof salt);
    struct argon_block block = take_block(&p->argon);
    own = &block;
    int result = argon2id_ctx(&context);
    own = NULL;
    give_block(&p->argon, &block);
    if (result == ARGON2_MEMORY_ALLOCATION_ERROR) return error_memory(error);
    if (result != ARGON2_OK) return error_set(error, RFD_E_INTERNAL, "Argon2id: %s", argon2_error_message(result));
    return RFD_OK;
}

/* ---- Keys ---- */

rfd_status password_wrap(struct personal *p, struct record *r, slice password, struct evp_pkey_st *key, struct buf *out,
                         struct rfd_error *error)
{
    uint8_t hash[HASH_SIZE];
    uint8_t material[KEY_MATERIAL_MAXIMUM];
    rfd_status status = RFD_OK;
    r->memory_kib = p->options.memory_kib;
    r->passes = p->options.passes;
    if (RAND_bytes(r->salt, sizeof r->salt) != 1) return error_set(error, RFD_E_INTERNAL, "no random octets");
    TRY_OUT(key_material_export(key, r->algorithm, material, error));
    TRY_OUT(compute(p, r, password, hash, error));
    status = seal_close(slice_of(hash, sizeof hash), WRAP_LABEL, slice_text(r->id),
                        slice_of(material, key_material_size(r->algorithm)), out, error);
out:
    secret_wipe(hash, sizeof hash);
    secret_wipe(material, sizeof material);
    return status;
}

rfd_status password_unwrap(struct personal *p, const struct record *r, slice password, struct evp_pkey_st **out,
                           struct rfd_error *error)
{
    uint8_t hash[HASH_SIZE];
    uint8_t material[KEY_MATERIAL_MAXIMUM];
    rfd_status status = RFD_OK;
    if (r->wrapped.length != key_material_size(r->algorithm) + SEAL_OVERHEAD)
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "the private key of %s", r->id);
    TRY_OUT(compute(p, r, password, hash, error));
    if (seal_open(slice_of(hash, sizeof hash), WRAP_LABEL, slice_text(r->id), r->wrapped, material))
        status = key_material_import(r->algorithm, material, out, error);
    else
        status = error_set(error, RFD_E_ACTIVATION_PASSWORD, "it does not open the key");
out:
    secret_wipe(hash, sizeof hash);
    secret_wipe(material, sizeof material);
    return status;
}
