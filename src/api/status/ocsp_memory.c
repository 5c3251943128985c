/* SPDX-License-Identifier: EUPL-1.2
 *
 * A hash table in shards, each with its lock. The hash is that of the serial number alone, so that all certIDs of a
 * certificate are in one chain, where a drop finds them. It is keyed: strangers choose the serial numbers they ask for.
 *
 * Entries with an answer are in their shard's ring, too, where the hand goes round: an entry that was used since the
 * last time is passed over once. Entries that are only a flight are not in the ring, and cannot be evicted: there are
 * no more of them than connections.
 */
#include "api/status/ocsp_memory.h"

#include "base/error.h"
#include "base/memory.h"

#include <pthread.h>
#include <sys/random.h>

enum { SHARDS = 64, USUAL_ENTRY = 3072, LEAST_BUCKETS = 16 };

struct ocsp_flight {
    struct ocsp_flight *chain;          /* of the bucket */
    struct ocsp_flight *before, *after; /* of the ring, when there is an answer */
    struct http_prepared *answer;       /* NULL: none yet */
    struct ocsp_waiter *waiters;
    struct ocsp_window window;
    uint64_t hash;
    size_t size;  /* octets that it counts for in the ring */
    bool used;    /* since the hand came by */
    bool asked;   /* since it was signed */
    bool flies;   /* somebody will land it */
    bool dropped; /* is in no bucket any more */
    uint16_t id_length, serial_length;
    uint8_t id[];
};

struct shard {
    pthread_mutex_t lock;
    struct ocsp_flight **buckets;
    struct ocsp_flight *hand; /* the next to be looked at, NULL: the ring is empty */
    struct ocsp_flight *look; /* the next to be looked at for renewal */
    uint64_t octets, count;
} __attribute__((aligned(64)));

struct ocsp_memory {
    struct shard shards[SHARDS];
    size_t buckets;  /* of each shard, a power of two */
    uint64_t octets; /* of each shard */
    uint64_t keys[2];
    size_t renewing; /* the shard where renewal goes on */
};

rfd_status ocsp_memory_new(uint64_t octets, struct ocsp_memory **out, struct rfd_error *error)
{
    struct ocsp_memory *m = memory_zeroed(1, sizeof *m);
    if (m == NULL) return error_memory(error);
    m->octets = octets / SHARDS;
    m->buckets = LEAST_BUCKETS;
    while (m->buckets < m->octets / USUAL_ENTRY) m->buckets *= 2;
    bool made = getrandom(m->keys, sizeof m->keys, 0) == (ssize_t)sizeof m->keys;
    m->keys[1] |= 1;
    for (size_t i = 0; i < SHARDS; i++) {
        (void)pthread_mutex_init(&m->shards[i].lock, NULL);
        m->shards[i].buckets = memory_zeroed(m->buckets, sizeof *m->shards[i].buckets);
        made = made && m->shards[i].buckets != NULL;
    }
    if (!made) {
        ocsp_memory_free(m);
        return error_memory(error);
    }
    *out = m;
    return RFD_OK;
}

static void entry_free(struct ocsp_flight *e)
{
    http_prepared_release(e->answer);
    memory_free(e);
}

void ocsp_memory_free(struct ocsp_memory *m)
{
    if (m == NULL) return;
    for (size_t i = 0; i < SHARDS; i++) {
        for (size_t b = 0; m->shards[i].buckets != NULL && b < m->buckets; b++) {
            for (struct ocsp_flight *e = m->shards[i].buckets[b], *next; e != NULL; e = next) {
                next = e->chain;
                entry_free(e);
            }
        }
        memory_free(m->shards[i].buckets);
        (void)pthread_mutex_destroy(&m->shards[i].lock);
    }
    memory_free(m);
}

/* ---- Where an entry is ---- */

static uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_of(const struct ocsp_memory *m, slice serial)
{
    uint64_t hash = m->keys[0] ^ serial.length;
    for (size_t i = 0; i < serial.length; i += sizeof(uint64_t)) {
        uint64_t word = 0;
        slice part = slice_part(serial, i, sizeof word);
        memcpy(&word, part.data, part.length);
        hash = mix(hash ^ word, m->keys[1]);
    }
    return mix(hash, m->keys[0] | 1);
}

static struct shard *shard_of(struct ocsp_memory *m, uint64_t hash)
{
    return &m->shards[hash % SHARDS];
}

static struct ocsp_flight **bucket_of(const struct ocsp_memory *m, struct shard *s, uint64_t hash)
{
    return &s->buckets[(hash / SHARDS) & (m->buckets - 1)];
}

static struct ocsp_flight *find(const struct ocsp_memory *m, struct shard *s, uint64_t hash, slice id)
{
    struct ocsp_flight *e = *bucket_of(m, s, hash);
    while (e != NULL && !(e->hash == hash && slice_equal(slice_of(e->id, e->id_length), id))) e = e->chain;
    return e;
}

static void take_out_of_bucket(const struct ocsp_memory *m, struct shard *s, const struct ocsp_flight *e)
{
    struct ocsp_flight **at = bucket_of(m, s, e->hash);
    while (*at != e) at = &(*at)->chain;
    *at = e->chain;
}

/* ---- The ring ---- */

static void put_into_ring(struct shard *s, struct ocsp_flight *e)
{
    if (s->hand == NULL) {
        e->before = e->after = e;
        s->hand = s->look = e;
    } else { /* behind the hand: it comes to this one last */
        e->after = s->hand;
        e->before = s->hand->before;
        e->before->after = e;
        e->after->before = e;
    }
    s->octets += e->size;
    s->count++;
}

static void take_out_of_ring(struct shard *s, struct ocsp_flight *e)
{
    struct ocsp_flight *next = e->after == e ? NULL : e->after;
    if (s->hand == e) s->hand = next;
    if (s->look == e) s->look = next;
    e->before->after = e->after;
    e->after->before = e->before;
    s->octets -= e->size;
    s->count--;
}

/** Forgets the answer; the entry goes, too, unless it flies. */
static void forget(const struct ocsp_memory *m, struct shard *s, struct ocsp_flight *e)
{
    take_out_of_ring(s, e);
    http_prepared_release(e->answer);
    e->answer = NULL;
    if (e->flies) return;
    take_out_of_bucket(m, s, e);
    entry_free(e);
}

static void make_room(const struct ocsp_memory *m, struct shard *s, size_t size)
{
    while (s->hand != NULL && s->octets + size > m->octets) {
        struct ocsp_flight *e = s->hand;
        s->hand = e->after;
        if (!e->used)
            forget(m, s, e);
        else
            e->used = false;
    }
}

/* ---- Asking ---- */

static struct http_prepared *answer_of(struct ocsp_flight *e, rfd_time now)
{
    if (e == NULL || e->answer == NULL || now >= e->window.use_until) return NULL;
    e->used = e->asked = true;
    return http_prepared_hold(e->answer);
}

struct http_prepared *ocsp_memory_find(struct ocsp_memory *m, slice id, slice serial, rfd_time now)
{
    uint64_t hash = hash_of(m, serial);
    struct shard *s = shard_of(m, hash);
    (void)pthread_mutex_lock(&s->lock);
    struct http_prepared *answer = answer_of(find(m, s, hash, id), now);
    (void)pthread_mutex_unlock(&s->lock);
    return answer;
}

static struct ocsp_flight *begin(const struct ocsp_memory *m, struct shard *s, uint64_t hash, slice id, slice serial)
{
    struct ocsp_flight *e = id.length > UINT16_MAX ? NULL : memory_zeroed(1, sizeof *e + id.length);
    if (e == NULL) return NULL;
    struct ocsp_flight **bucket = bucket_of(m, s, hash);
    e->hash = hash;
    e->id_length = (uint16_t)id.length;
    e->serial_length = (uint16_t)serial.length;
    memcpy(e->id, id.data, id.length);
    e->chain = *bucket;
    *bucket = e;
    return e;
}

enum ocsp_joined ocsp_memory_join(struct ocsp_memory *m, slice id, slice serial, rfd_time now,
                                  struct ocsp_waiter *waiter, struct http_prepared **answer,
                                  struct ocsp_flight **flight)
{
    uint64_t hash = hash_of(m, serial);
    struct shard *s = shard_of(m, hash);
    enum ocsp_joined joined = OCSP_JOINED_FLIGHT;
    (void)pthread_mutex_lock(&s->lock);
    struct ocsp_flight *e = find(m, s, hash, id);
    *answer = answer_of(e, now);
    if (*answer != NULL) {
        joined = OCSP_JOINED_ANSWER;
    } else {
        if (e == NULL) e = begin(m, s, hash, id, serial);
        if (e == NULL || !e->flies) joined = OCSP_JOINED_BEGUN;
        if (e != NULL) {
            waiter->next = e->waiters;
            e->waiters = waiter;
            e->flies = true;
        }
        *flight = e;
    }
    (void)pthread_mutex_unlock(&s->lock);
    return joined;
}

struct ocsp_waiter *ocsp_memory_land(struct ocsp_memory *m, struct ocsp_flight *flight, struct http_prepared *answer,
                                     size_t size, const struct ocsp_window *window)
{
    struct shard *s = shard_of(m, flight->hash);
    (void)pthread_mutex_lock(&s->lock);
    struct ocsp_waiter *waiters = flight->waiters;
    flight->waiters = NULL;
    flight->flies = false;
    size += sizeof *flight + flight->id_length + OCSP_MEMORY_OVERHEAD;
    if (flight->dropped) {
        entry_free(flight);
    } else if (answer != NULL && size <= m->octets) {
        if (flight->answer != NULL) take_out_of_ring(s, flight);
        http_prepared_release(flight->answer);
        flight->answer = http_prepared_hold(answer);
        flight->size = size;
        flight->window = *window;
        flight->used = false; /* what is asked for once only, goes before what is asked for again */
        flight->asked = waiters != NULL;
        make_room(m, s, size);
        put_into_ring(s, flight);
    } else if (flight->answer == NULL) {
        take_out_of_bucket(m, s, flight);
        entry_free(flight);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return waiters;
}

slice ocsp_flight_id(const struct ocsp_flight *flight)
{
    return slice_of(flight->id, flight->id_length);
}

slice ocsp_flight_serial(const struct ocsp_flight *flight)
{
    return slice_from(ocsp_flight_id(flight), (size_t)(flight->id_length - flight->serial_length));
}

/* ---- Forgetting and renewing ---- */

void ocsp_memory_drop(struct ocsp_memory *m, slice serial)
{
    uint64_t hash = hash_of(m, serial);
    struct shard *s = shard_of(m, hash);
    (void)pthread_mutex_lock(&s->lock);
    for (struct ocsp_flight **at = bucket_of(m, s, hash), *e; (e = *at) != NULL;) {
        if (e->hash != hash || !slice_equal(ocsp_flight_serial(e), serial)) {
            at = &e->chain;
            continue;
        }
        *at = e->chain;
        if (e->answer != NULL) take_out_of_ring(s, e);
        http_prepared_release(e->answer);
        e->answer = NULL;
        e->dropped = true;
        if (!e->flies) entry_free(e);
    }
    (void)pthread_mutex_unlock(&s->lock);
}

/** The entry that is looked at next; false at the end of the shard's ring. */
static bool look_at_next(const struct ocsp_memory *m, struct shard *s, rfd_time now, struct ocsp_flight **flight)
{
    struct ocsp_flight *e = s->look;
    if (e == NULL) return false;
    s->look = e->after;
    if (e->flies) return true;
    if (now >= e->window.use_until) {
        forget(m, s, e);
    } else if (now >= e->window.renew_from && e->asked) {
        e->flies = true;
        *flight = e;
    }
    return true;
}

size_t ocsp_memory_renew(struct ocsp_memory *m, rfd_time now, size_t look, struct ocsp_flight **flights, size_t most)
{
    size_t found = 0;
    for (size_t turn = 0; turn < SHARDS && look > 0; turn++) {
        struct shard *s = &m->shards[m->renewing++ % SHARDS];
        (void)pthread_mutex_lock(&s->lock);
        size_t here = look / (SHARDS - turn) + 1;
        if (here > s->count) here = (size_t)s->count;
        for (size_t i = 0; i < here && look > 0 && found < most; i++, look--) {
            flights[found] = NULL;
            if (!look_at_next(m, s, now, &flights[found])) break;
            if (flights[found] != NULL) found++;
        }
        (void)pthread_mutex_unlock(&s->lock);
    }
    return found;
}

uint64_t ocsp_memory_size(struct ocsp_memory *m, uint64_t *answers)
{
    uint64_t octets = 0;
    *answers = 0;
    for (size_t i = 0; i < SHARDS; i++) {
        (void)pthread_mutex_lock(&m->shards[i].lock);
        octets += m->shards[i].octets;
        *answers += m->shards[i].count;
        (void)pthread_mutex_unlock(&m->shards[i].lock);
    }
    return octets;
}
