/* SPDX-License-Identifier: EUPL-1.2
 *
 * Operations that were begun. They are bounded in number and octets, and each ends by itself: an attacker who begins
 * many gets "too many", not the machine's memory.
 */
#include "personal/internal.h"

#include "base/error.h"
#include "base/memory.h"
#include "pki/certificate/certificate.h"

#include <openssl/evp.h>

struct pending *pending_new(void)
{
    struct pending *o = memory_zeroed(1, sizeof *o);
    if (o == NULL) return NULL;
    o->state = PERSONAL_BEGUN;
    buf_init(&o->text, PERSONAL_TEXT_MAXIMUM);
    buf_init(&o->info, PERSONAL_TEXT_MAXIMUM);
    buf_init(&o->profile, PERSONAL_TEXT_MAXIMUM);
    return o;
}

void pending_free(struct pending *o)
{
    if (o == NULL) return;
    EVP_PKEY_free(o->key);
    certificate_unref(o->certificate);
    digest_free(o->reading.digest);
    memory_free(o->operation.documents);
    memory_free(o->hashes);
    memory_free(o->used);
    buf_dispose(&o->text);
    buf_dispose(&o->info);
    buf_dispose(&o->profile);
    secret_wipe(o, sizeof *o);
    memory_free(o);
}

void pending_end(struct pending *o, enum personal_progress state)
{
    o->state = state;
    EVP_PKEY_free(o->key);
    o->key = NULL;
    secret_wipe(o->sad, sizeof o->sad);
    secret_wipe(o->totp, sizeof o->totp);
    for (size_t i = 0; i < 2; i++) {
        secret_wipe(o->ways[i].code, sizeof o->ways[i].code);
        o->ways[i].wanted = false;
    }
}

static bool is_open(const struct pending *o)
{
    return o->state == PERSONAL_BEGUN || o->state == PERSONAL_ACTIVATED;
}

static void end_late(struct pending *o, rfd_time here)
{
    /* One that is being judged ends when that is done. */
    if (is_open(o) && o->users == 0 && here >= o->ends_here) pending_end(o, PERSONAL_ENDED);
}

static size_t octets(const struct pending *o)
{
    return sizeof *o + o->text.capacity + o->info.capacity + o->profile.capacity +
           o->operation.count * (sizeof *o->operation.documents + o->hash_size + sizeof *o->used) +
           (o->certificate == NULL ? 0 : 2 * o->certificate->der.length);
}

static struct pending **bucket_of(struct pending_table *t, const uint8_t id[PERSONAL_OPERATION_SIZE])
{
    return &t->buckets[(id[0] | (unsigned)id[1] << 8) % PENDING_BUCKETS];
}

/* ---- What is over ---- */

enum { SWEEP_SECONDS = 1, KEPT_SECONDS = 600 /* that people may see how it ended */ };

/** Removes from a bucket what is over; with `all`, also what ended just now. */
static void sweep_bucket(struct pending_table *t, struct pending **at, rfd_time here, bool all)
{
    while (*at != NULL) {
        struct pending *o = *at;
        end_late(o, here);
        bool old = all || here >= o->ends_here + (rfd_time)KEPT_SECONDS * RFD_SECOND;
        if (is_open(o) || o->users > 0 || !old) {
            at = &o->next;
            continue;
        }
        *at = o->next;
        t->count--;
        t->bytes -= octets(o);
        pending_free(o);
    }
}

static void sweep(struct pending_table *t, rfd_time here, bool all)
{
    for (size_t i = 0; i < PENDING_BUCKETS; i++) sweep_bucket(t, &t->buckets[i], here, all);
}

void pending_sweep(struct personal *p, rfd_time here)
{
    if (here < p->pending->swept + SWEEP_SECONDS * RFD_SECOND) return;
    p->pending->swept = here;
    sweep(p->pending, here, false);
}

void pending_free_all(struct personal *p)
{
    for (size_t i = 0; p->pending != NULL && i < PENDING_BUCKETS; i++) {
        while (p->pending->buckets[i] != NULL) {
            struct pending *o = p->pending->buckets[i];
            p->pending->buckets[i] = o->next;
            pending_free(o);
        }
    }
    memory_free(p->pending);
    p->pending = NULL;
}

/* ---- Adding ---- */

static bool is_same_owner(const struct pending *a, const struct pending *b)
{
    return a->entry == b->entry && a->holder == b->holder;
}

/** All but the newest of the same owner have ended. */
static void end_older(struct pending_table *t, const struct pending *newest)
{
    struct pending *kept[PERSONAL_SEAL_OPEN_MAXIMUM - 1] = {NULL};
    bool seal = newest->entry != NULL && newest->entry->entity;
    size_t others = (seal ? PERSONAL_SEAL_OPEN_MAXIMUM : PERSONAL_OPEN_MAXIMUM) - 1;
    for (size_t i = 0; i < PENDING_BUCKETS; i++) {
        for (struct pending *o = t->buckets[i]; o != NULL; o = o->next) {
            if (!is_open(o) || o->users > 0 || !is_same_owner(o, newest)) continue;
            struct pending *older = o;
            for (size_t k = 0; k < others && older != NULL; k++) {
                if (kept[k] != NULL && kept[k]->ends_here >= older->ends_here) continue;
                struct pending *pushed = kept[k];
                kept[k] = older;
                older = pushed;
            }
            if (older != NULL) pending_end(older, PERSONAL_ENDED);
        }
    }
}

rfd_status pending_add(struct personal *p, struct pending *o, struct rfd_error *error)
{
    struct pending_table *t = p->pending;
    size_t size = octets(o);
    rfd_time here = p->monotonic();
    if (t->count >= PERSONAL_OPERATIONS_MAXIMUM || t->bytes + size > PERSONAL_BYTES_MAXIMUM) sweep(t, here, true);
    if (t->count >= PERSONAL_OPERATIONS_MAXIMUM || t->bytes + size > PERSONAL_BYTES_MAXIMUM)
        return error_set(error, RFD_E_LIMIT, "%zu operations are open", t->count);
    end_older(t, o);
    struct pending **bucket = bucket_of(t, o->id);
    o->next = *bucket;
    *bucket = o;
    t->count++;
    t->bytes += size;
    return RFD_OK;
}

/* ---- Finding ---- */

rfd_status pending_find(struct personal *p, slice id, struct pending **out, struct rfd_error *error)
{
    struct pending *o = NULL;
    rfd_time here = p->monotonic();
    pending_sweep(p, here);
    if (id.length == PERSONAL_OPERATION_SIZE) o = *bucket_of(p->pending, id.data);
    while (o != NULL && memcmp(o->id, id.data, PERSONAL_OPERATION_SIZE) != 0) o = o->next;
    if (o == NULL) return error_set(error, RFD_E_NOT_FOUND, "there is no such operation");
    end_late(o, here);
    *out = o;
    return RFD_OK;
}

void pending_end_of(struct personal *p, const struct entry *e, const struct pending *but)
{
    for (size_t i = 0; i < PENDING_BUCKETS; i++) {
        for (struct pending *o = p->pending->buckets[i]; o != NULL; o = o->next) {
            if (o->entry == e && o != but && is_open(o)) pending_end(o, PERSONAL_ENDED);
        }
    }
}

struct pending *pending_code_of(struct personal *p, const struct entry *e, slice portal)
{
    struct pending *newest = NULL;
    rfd_time here = p->monotonic();
    for (size_t i = 0; i < PENDING_BUCKETS; i++) {
        for (struct pending *o = p->pending->buckets[i]; o != NULL; o = o->next) {
            if (o->entry != e || o->operation.kind != OPERATION_CODE || o->state != PERSONAL_BEGUN ||
                here >= o->ends_here || !slice_equal(o->operation.portal, portal))
                continue;
            if (newest == NULL || o->ends_here > newest->ends_here) newest = o;
        }
    }
    return newest;
}
