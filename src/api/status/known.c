/* SPDX-License-Identifier: EUPL-1.2
 *
 * A place is chosen by the hash of the serial number alone, which certificates have as random numbers: no need to key
 * it, since only what was issued comes in.
 */
#include "api/status/known.h"

#include "base/error.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdatomic.h>

enum { LOCKS = 64, SERIAL_MAXIMUM = 20 };

struct place {
    int64_t authority; /* 0: free */
    struct responder_record record;
    uint8_t length;
    uint8_t serial[SERIAL_MAXIMUM];
};
struct known {
    _Atomic uint64_t moment; /* how many changes there were */
    pthread_mutex_t locks[LOCKS];
    struct place places[KNOWN_PLACES];
};

rfd_status known_new(struct known **out, struct rfd_error *error)
{
    struct known *k = memory_zeroed(1, sizeof *k);
    if (k == NULL) return error_memory(error);
    for (size_t i = 0; i < LOCKS; i++) (void)pthread_mutex_init(&k->locks[i], NULL);
    *out = k;
    return RFD_OK;
}

void known_free(struct known *k)
{
    if (k == NULL) return;
    for (size_t i = 0; i < LOCKS; i++) (void)pthread_mutex_destroy(&k->locks[i]);
    memory_free(k);
}

/** FNV-1a. */
static size_t place_of(slice serial)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < serial.length; i++) hash = (hash ^ serial.data[i]) * UINT64_C(0x100000001b3);
    return (size_t)((hash ^ hash >> 32) % KNOWN_PLACES);
}

static bool is_at(const struct place *p, slice serial)
{
    return p->authority != 0 && slice_equal(slice_of(p->serial, p->length), serial);
}

uint64_t known_moment(struct known *k)
{
    return atomic_load(&k->moment);
}

bool known_get(struct known *k, int64_t authority, slice serial, struct responder_record *out)
{
    size_t at = place_of(serial);
    (void)pthread_mutex_lock(&k->locks[at % LOCKS]);
    bool found = k->places[at].authority == authority && is_at(&k->places[at], serial);
    if (found) *out = k->places[at].record;
    (void)pthread_mutex_unlock(&k->locks[at % LOCKS]);
    return found;
}

void known_put(struct known *k, uint64_t moment, int64_t authority, slice serial, const struct responder_record *record)
{
    bool issued = record->state == RESPONDER_GOOD || record->state == RESPONDER_REVOKED;
    if (!issued || serial.length > SERIAL_MAXIMUM) return;
    size_t at = place_of(serial);
    struct place p = {.authority = authority, .record = *record, .length = (uint8_t)serial.length};
    memcpy(p.serial, serial.data, serial.length);
    (void)pthread_mutex_lock(&k->locks[at % LOCKS]);
    /* A change that is counted after this look will find the place when it has the lock. */
    if (atomic_load(&k->moment) == moment) k->places[at] = p;
    (void)pthread_mutex_unlock(&k->locks[at % LOCKS]);
}

void known_drop(struct known *k, slice serial)
{
    size_t at = place_of(serial);
    atomic_fetch_add(&k->moment, 1);
    (void)pthread_mutex_lock(&k->locks[at % LOCKS]);
    if (is_at(&k->places[at], serial)) k->places[at].authority = 0;
    (void)pthread_mutex_unlock(&k->locks[at % LOCKS]);
}
