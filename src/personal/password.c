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

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

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
        argon_block_free(block);
    while (b->busy == 0 && b->kept > 0) argon_block_free(&b->blocks[--b->kept]);
    (void)pthread_mutex_unlock(&b->lock);
}

void password_blocks_dispose(struct argon_blocks *b)
{
    while (b->kept > 0) argon_block_free(&b->blocks[--b->kept]);
}

static rfd_status compute(struct personal *p, const struct record *r, slice password, uint8_t hash[HASH_SIZE],
                          struct rfd_error *error)
{
    const struct argon_costs costs = {.kib = r->memory_kib, .passes = r->passes, .lanes = 1};
    if (r->memory_kib > KIB_MAXIMUM || r->passes > PASSES_MAXIMUM || password.length > PROOF_MAXIMUM)
        return error_set(error, RFD_E_LIMIT, "costs of a password");
    struct argon_block block = take_block(&p->argon);
    rfd_status status = argon_hash(&costs, password, slice_of(r->salt, sizeof r->salt), &block, hash, HASH_SIZE, error);
    give_block(&p->argon, &block);
    return status;
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
