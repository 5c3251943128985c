/* SPDX-License-Identifier: EUPL-1.2
 *
 * A table of sets of eight rows: a network belongs to one set, by a hash with a seed that strangers do not know. When a
 * set is full, the fullest bucket goes: it is the one whose loss gives away least.
 */
#include "web/limit.h"

#include "base/error.h"
#include "base/memory.h"
#include "http/crowd.h"

#include <pthread.h>
#include <sys/random.h>

enum { SETS = 512, WAYS = 8 };
#define MINUTE INT64_C(60000000)

/* A bucket is kept as the moment when it will be full again: a request moves it by what it costs. */
struct row {
    uint64_t network; /* 0: free */
    int64_t full;
};
struct limit {
    pthread_mutex_t lock;
    int64_t cost; /* microseconds that a request stands for; 0: no limit */
    uint64_t seed;
    struct row rows[SETS][WAYS];
};

rfd_status limit_new(unsigned per_minute, struct limit **out, struct rfd_error *error)
{
    struct limit *l = memory_zeroed(1, sizeof *l);
    if (l == NULL) return error_memory(error);
    l->cost = per_minute == 0 ? 0 : MINUTE / per_minute;
    if (getrandom(&l->seed, sizeof l->seed, 0) != (ssize_t)sizeof l->seed || pthread_mutex_init(&l->lock, NULL) != 0) {
        memory_free(l);
        return error_set(error, RFD_E_INTERNAL, "no randomness or mutex");
    }
    *out = l;
    return RFD_OK;
}

void limit_free(struct limit *limit)
{
    if (limit == NULL) return;
    (void)pthread_mutex_destroy(&limit->lock);
    memory_free(limit);
}

static struct row *find(struct limit *l, uint64_t network)
{
    uint64_t hash = (network ^ l->seed) * UINT64_C(0x9E3779B97F4A7C15);
    struct row *set = l->rows[(hash >> 40) % SETS];
    struct row *loss = &set[0];
    for (int i = 0; i < WAYS; i++) {
        if (set[i].network == network) return &set[i];
        if (set[i].full < loss->full) loss = &set[i];
    }
    *loss = (struct row){network, 0};
    return loss;
}

static unsigned ask(struct limit *limit, const struct http_address *client, rfd_time now, int64_t taken)
{
    uint64_t network = crowd_network(client);
    unsigned wait = 0;
    if (limit->cost == 0 || network == 0) return 0;
    (void)pthread_mutex_lock(&limit->lock);
    struct row *row = find(limit, network);
    if (row->full < now) row->full = now;
    int64_t missing = row->full + limit->cost - now - MINUTE;
    if (missing > 0)
        wait = (unsigned)((missing + 999999) / 1000000);
    else
        row->full += taken;
    (void)pthread_mutex_unlock(&limit->lock);
    return wait;
}

unsigned limit_take(struct limit *limit, const struct http_address *client, rfd_time now)
{
    return ask(limit, client, now, limit->cost);
}

unsigned limit_peek(struct limit *limit, const struct http_address *client, rfd_time now)
{
    return ask(limit, client, now, 0);
}
