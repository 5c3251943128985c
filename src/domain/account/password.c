/* SPDX-License-Identifier: EUPL-1.2
 *
 * Argon2id (RFC 9106) in its usual text form, so that costs can be raised later and old hashes still be read:
 *
 *   $argon2id$v=19$m=19456,t=2,p=1$SALT$HASH        base64 without padding
 *
 * The gate bounds how many are computed at once, and keeps their memory, in large pages where the system has them, as
 * long as one follows the other: to map and clear it costs a tenth of the work. An idle server has given it back.
 */
#include "domain/account/account_internal.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "keeper/argon.h"

#include <pthread.h>
#include <unistd.h>

enum {
    SALT_SIZE = 16,
    HASH_SIZE = 32,
    KIB_MAXIMUM = 1 << 20,
    PASSES_MAXIMUM = 64,
    LANES_MAXIMUM = 16,
    PASSWORD_MAXIMUM = 1024,
    GATE_SECONDS = 15,
    GATE_MAXIMUM = 64,
};

/* ---- The gate ---- */

struct password_gate {
    pthread_mutex_t mutex;
    pthread_cond_t free;
    unsigned left, all;
    struct argon_block kept[GATE_MAXIMUM]; /* the first `left` are those of who is not in */
};

rfd_status password_gate_new(unsigned at_once, struct password_gate **out, struct rfd_error *error)
{
    struct password_gate *gate = memory_zeroed(1, sizeof *gate);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (gate == NULL) return error_memory(error);
    (void)pthread_mutex_init(&gate->mutex, NULL);
    (void)pthread_cond_init(&gate->free, NULL);
    gate->all = at_once > 0 ? at_once : processors > 0 ? (unsigned)processors : 1;
    if (gate->all > GATE_MAXIMUM) gate->all = GATE_MAXIMUM;
    gate->left = gate->all;
    *out = gate;
    return RFD_OK;
}

static void unmap_all(struct password_gate *gate)
{
    for (unsigned i = 0; i < gate->left; i++) argon_block_free(&gate->kept[i]);
}

void password_gate_free(struct password_gate *gate)
{
    if (gate == NULL) return;
    unmap_all(gate);
    (void)pthread_cond_destroy(&gate->free);
    (void)pthread_mutex_destroy(&gate->mutex);
    memory_free(gate);
}

/** `block` is what a hash before this one has left, or empty. */
static rfd_status enter_gate(struct password_gate *gate, struct argon_block *block, struct rfd_error *error)
{
    struct timespec until;
    int waited = 0;
    if (gate == NULL) return RFD_OK;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += GATE_SECONDS;
    (void)pthread_mutex_lock(&gate->mutex);
    while (gate->left == 0 && waited == 0) waited = pthread_cond_timedwait(&gate->free, &gate->mutex, &until);
    bool in = gate->left > 0;
    if (in) {
        gate->left--;
        *block = gate->kept[gate->left];
        gate->kept[gate->left] = (struct argon_block){.memory = NULL};
    }
    (void)pthread_mutex_unlock(&gate->mutex);
    return in ? RFD_OK : error_set(error, RFD_E_BUSY, "too many passwords are being checked");
}

/** The last one out gives everything back. */
static void leave_gate(struct password_gate *gate, struct argon_block *block)
{
    if (gate == NULL) {
        argon_block_free(block);
        return;
    }
    (void)pthread_mutex_lock(&gate->mutex);
    gate->kept[gate->left++] = *block;
    if (gate->left == gate->all) unmap_all(gate);
    (void)pthread_cond_signal(&gate->free);
    (void)pthread_mutex_unlock(&gate->mutex);
}

/* ---- Argon2id ---- */

struct argon {
    uint64_t kib, passes, lanes;
    uint8_t salt[64], hash[64];
    size_t salt_length, hash_length;
};

/** Fills in `hash` from the rest. */
static rfd_status compute(struct argon *g, slice password, struct argon_block *block, struct rfd_error *error)
{
    const struct argon_costs costs = {
        .kib = (uint32_t)g->kib, .passes = (uint32_t)g->passes, .lanes = (uint32_t)g->lanes};
    return argon_hash(&costs, password, slice_of(g->salt, g->salt_length), block, g->hash, g->hash_length, error);
}

/** Base64 as Argon2's texts have it, without padding. */
static void put_base64(struct buf *out, const uint8_t *bytes, size_t length)
{
    buf_put_base64(out, slice_of(bytes, length));
    while (out->length > 0 && out->data != NULL && out->data[out->length - 1] == '=') out->length--;
}

static slice put_text(const struct argon *g, struct arena *a)
{
    struct buf text;
    buf_init(&text, 512);
    buf_print(&text, "$argon2id$v=19$m=%llu,t=%llu,p=%llu$", (unsigned long long)g->kib, (unsigned long long)g->passes,
              (unsigned long long)g->lanes);
    put_base64(&text, g->salt, g->salt_length);
    buf_put_byte(&text, '$');
    put_base64(&text, g->hash, g->hash_length);
    slice copy = buf_status(&text) == RFD_OK ? arena_copy(a, buf_slice(&text)) : SLICE_EMPTY;
    buf_dispose(&text);
    return copy;
}

/** Takes what stands before `end`, or everything when there is none. */
static slice take(slice *text, char end)
{
    const uint8_t *at = text->length == 0 ? NULL : memchr(text->data, end, text->length);
    size_t length = at == NULL ? text->length : (size_t)(at - text->data);
    slice part = slice_part(*text, 0, length);
    *text = slice_from(*text, at == NULL ? length : length + 1);
    return part;
}

static bool take_number(slice part, const char *name, uint64_t maximum, uint64_t *out)
{
    return slice_starts(part, slice_text(name)) && number_unsigned(slice_from(part, strlen(name)), maximum, out) &&
           *out > 0;
}

static bool take_bytes(slice part, uint8_t to[64], size_t *length)
{
    return part.length > 0 && part.length <= 80 && number_base64(part, to, length) && *length >= 8;
}

static bool read_text(slice text, struct argon *out)
{
    slice rest = text;
    if (!slice_starts(text, SLICE("$argon2id$v=19$"))) return false;
    rest = slice_from(text, sizeof "$argon2id$v=19$" - 1);
    slice costs = take(&rest, '$');
    slice salt = take(&rest, '$');
    return take_number(take(&costs, ','), "m=", KIB_MAXIMUM, &out->kib) &&
           take_number(take(&costs, ','), "t=", PASSES_MAXIMUM, &out->passes) &&
           take_number(costs, "p=", LANES_MAXIMUM, &out->lanes) && take_bytes(salt, out->salt, &out->salt_length) &&
           take_bytes(rest, out->hash, &out->hash_length);
}

static struct argon new_argon(const struct account_settings *settings)
{
    return (struct argon){.kib = settings->argon_kib,
                          .passes = settings->argon_passes,
                          .lanes = settings->argon_lanes,
                          .salt_length = SALT_SIZE,
                          .hash_length = HASH_SIZE};
}

rfd_status password_hash(const struct account_settings *settings, slice password, struct arena *a, slice *out,
                         struct rfd_error *error)
{
    struct argon g = new_argon(settings);
    struct argon_block block = {.memory = NULL};
    if (password.length == 0 || password.length > PASSWORD_MAXIMUM)
        return error_set(error, RFD_E_ARGUMENT, "a password of %zu octets", password.length);
    TRY(token_random(g.salt, SALT_SIZE, error));
    TRY(enter_gate(settings->gate, &block, error));
    rfd_status status = compute(&g, password, &block, error);
    leave_gate(settings->gate, &block);
    TRY(status);
    slice text = put_text(&g, a);
    secret_wipe(&g, sizeof g);
    if (text.data == NULL) return error_memory(error);
    *out = text;
    return RFD_OK;
}

slice password_decoy(const struct account_settings *settings, struct arena *a)
{
    struct argon g = new_argon(settings);
    memset(g.salt, 0xA5, SALT_SIZE);
    memset(g.hash, 0x5A, HASH_SIZE);
    return put_text(&g, a);
}

static bool verify(slice hash, slice password, struct argon_block *block)
{
    struct argon kept, made;
    if (password.length > PASSWORD_MAXIMUM || !read_text(hash, &kept)) return false;
    made = kept;
    bool equal = compute(&made, password, block, NULL) == RFD_OK &&
                 secret_equal(slice_of(made.hash, made.hash_length), slice_of(kept.hash, kept.hash_length));
    secret_wipe(&made, sizeof made);
    return equal;
}

bool password_verify(slice hash, slice password)
{
    struct argon_block block = {.memory = NULL};
    bool equal = verify(hash, password, &block);
    argon_block_free(&block);
    return equal;
}

bool password_is_old(const struct account_settings *settings, slice hash)
{
    struct argon g;
    return !read_text(hash, &g) || g.kib != settings->argon_kib || g.passes != settings->argon_passes ||
           g.lanes != settings->argon_lanes;
}

rfd_status password_check(const struct account_settings *settings, slice hash, slice password, bool *right,
                          struct rfd_error *error)
{
    struct argon_block block = {.memory = NULL};
    TRY(enter_gate(settings->gate, &block, error));
    *right = verify(hash, password, &block);
    leave_gate(settings->gate, &block);
    return RFD_OK;
}
