/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/connection.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <linux/tcp.h>
#include <sys/resource.h>
#include <time.h>

enum { PHASE_BITS = 4, PHASE_MASK = 15, BATCH = 256, MOST_DESCRIPTORS = 1 << 20 };

static int64_t state_of(enum phase phase, int64_t deadline)
{
    return (deadline << PHASE_BITS) | (int64_t)phase;
}

rfd_status connections_init(struct connections *all, unsigned maximum, struct rfd_error *error)
{
    struct rlimit limit;
    *all = (struct connections){.maximum = maximum};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return error_errno(error, RFD_E_INTERNAL, errno, "getrlimit");
    all->descriptors = limit.rlim_cur > MOST_DESCRIPTORS ? MOST_DESCRIPTORS : (size_t)limit.rlim_cur;
    TRY(crowd_init(&all->crowd, maximum, error));
    all->slots = memory_zeroed(maximum, sizeof *all->slots);
    all->by_descriptor = memory_zeroed(all->descriptors, sizeof *all->by_descriptor);
    if (all->slots == NULL || all->by_descriptor == NULL || pthread_mutex_init(&all->lock, NULL) != 0) {
        crowd_dispose(&all->crowd);
        memory_free(all->slots);
        memory_free(all->by_descriptor);
        all->slots = NULL;
        return error_memory(error);
    }
    return RFD_OK;
}

void connections_dispose(struct connections *all)
{
    if (all->slots == NULL) return;
    (void)pthread_mutex_destroy(&all->lock);
    crowd_dispose(&all->crowd);
    memory_free(all->slots);
    memory_free(all->by_descriptor);
    all->slots = NULL;
}

static struct connection *take_slot(struct connections *all)
{
    struct connection *c = NULL;
    if (all->free_slot != 0) {
        c = &all->slots[all->free_slot - 1];
        all->free_slot = c->next_free;
    } else if (all->used_slots < all->maximum) {
        c = &all->slots[all->used_slots++];
    }
    return c;
}

static void drop(struct connections *all, struct connection *c)
{
    if (c->network != 0) crowd_leave(&all->crowd, c->network);
    memory_free(c->certificate.data);
    memory_free(c->held.data);
    c->certificate = c->held = (rfd_bytes){0};
    c->answer = 0;
    c->vouched_for = false;
    if (all->by_descriptor[c->fd] == (uint32_t)(c - all->slots) + 1) all->by_descriptor[c->fd] = 0;
    atomic_store(&c->state, state_of(PHASE_FREE, 0));
    c->next_free = all->free_slot;
    all->free_slot = (uint32_t)(c - all->slots) + 1;
    atomic_fetch_sub(&all->open, 1);
}

/** libmicrohttpd may have closed a socket before it started (no memory): its number comes again, its row goes. */
static void drop_stale(struct connections *all, int fd)
{
    uint32_t slot = all->by_descriptor[fd];
    if (slot != 0) drop(all, &all->slots[slot - 1]);
}

static struct connection *add(struct connections *all, int fd, const struct http_address *peer, unsigned per_network,
                              enum http_event *why)
{
    uint64_t network = per_network == 0 ? 0 : crowd_network(peer);
    *why = HTTP_EVENT_REFUSED_FULL;
    if ((size_t)fd >= all->descriptors) return NULL;
    drop_stale(all, fd);
    if (atomic_load(&all->open) >= all->maximum) return NULL;
    *why = HTTP_EVENT_REFUSED_NETWORK;
    if (network != 0 && !crowd_enter(&all->crowd, network, per_network)) return NULL;
    struct connection *c = take_slot(all);
    c->fd = fd;
    c->peer = *peer;
    c->network = network;
    c->idle_state = 0;
    atomic_store(&c->state, state_of(PHASE_QUEUED, DEADLINE_NONE));
    all->by_descriptor[fd] = (uint32_t)(c - all->slots) + 1;
    atomic_fetch_add(&all->open, 1);
    return c;
}

struct connection *connections_add(struct connections *all, int fd, const struct http_address *peer,
                                   unsigned per_network, enum http_event *why)
{
    (void)pthread_mutex_lock(&all->lock);
    struct connection *c = add(all, fd, peer, per_network, why);
    (void)pthread_mutex_unlock(&all->lock);
    return c;
}

struct connection *connections_started(struct connections *all, int fd, int64_t deadline)
{
    struct connection *c = NULL;
    (void)pthread_mutex_lock(&all->lock);
    if (fd >= 0 && (size_t)fd < all->descriptors && all->by_descriptor[fd] != 0) {
        c = &all->slots[all->by_descriptor[fd] - 1];
        connection_set(c, PHASE_HEADER, deadline);
    }
    (void)pthread_mutex_unlock(&all->lock);
    return c;
}

void connections_remove(struct connections *all, struct connection *c)
{
    (void)pthread_mutex_lock(&all->lock);
    drop(all, c);
    (void)pthread_mutex_unlock(&all->lock);
}

int64_t connection_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

int64_t connection_now_exactly(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

void connection_set(struct connection *c, enum phase phase, int64_t deadline)
{
    atomic_store_explicit(&c->state, state_of(phase, deadline), memory_order_release);
}

void connection_wake(struct connection *c, int64_t deadline)
{
    int64_t state = atomic_load(&c->state);
    if ((state & PHASE_MASK) == PHASE_IDLE)
        (void)atomic_compare_exchange_strong(&c->state, &state, state_of(PHASE_HEADER, deadline));
}

/** Whether bytes have come since this idle state was first seen; what came with the request before does not count. */
static bool has_begun(struct connection *c, int64_t state)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    if (c->peer.family == HTTP_UNIX || getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
    if (c->idle_state != state) {
        c->idle_state = state;
        c->idle_bytes = info.tcpi_bytes_received;
    }
    return info.tcpi_bytes_received != c->idle_bytes;
}

static const enum http_event event_of[PHASE_MASK + 1] = {
    [PHASE_HEADER] = HTTP_EVENT_CUT_HEADER,
    [PHASE_BODY] = HTTP_EVENT_CUT_BODY,
    [PHASE_ANSWER] = HTTP_EVENT_CUT_ANSWER,
    [PHASE_IDLE] = HTTP_EVENT_CUT_IDLE,
};

static void cut_off(struct connection *c, int64_t state, struct cuts *cuts)
{
    int phase = (int)(state & PHASE_MASK);
    if (!atomic_compare_exchange_strong(&c->state, &state, state_of(PHASE_CUT, DEADLINE_NONE))) return;
    if (phase == PHASE_ANSWER) {
        /* What the client does not take shall not stay in the kernel. */
        struct linger now = {.l_onoff = 1};
        (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    (void)shutdown(c->fd, SHUT_RDWR);
    cuts->events[event_of[phase]]++;
}

static void watch_one(struct connection *c, enum cut cut, int64_t now, int64_t header, struct cuts *cuts)
{
    int64_t state = atomic_load_explicit(&c->state, memory_order_acquire);
    int phase = (int)(state & PHASE_MASK);
    if (phase == PHASE_FREE || phase == PHASE_QUEUED || phase == PHASE_WORK || phase == PHASE_CUT) return;
    if (phase == PHASE_IDLE && cut == CUT_LATE && has_begun(c, state))
        connection_wake(c, now + header);
    else if (now > state >> PHASE_BITS || cut == CUT_ALL || (cut == CUT_IDLE_TOO && phase == PHASE_IDLE))
        cut_off(c, state, cuts);
}

void connections_watch(struct connections *all, enum cut cut, int64_t header, struct cuts *cuts)
{
    int64_t now = connection_now();
    bool more = true;
    for (unsigned from = 0; more; from += BATCH) {
        /* In batches, so that nobody who wants to close waits for the whole table. */
        (void)pthread_mutex_lock(&all->lock);
        for (unsigned i = from; i < from + BATCH && i < all->used_slots; i++)
            watch_one(&all->slots[i], cut, now, header, cuts);
        more = from + BATCH < all->used_slots;
        (void)pthread_mutex_unlock(&all->lock);
    }
}
