/* SPDX-License-Identifier: EUPL-1.2
 *
 * The follower's thread: it keeps the memory of answers true.
 *
 * The order is what makes it safe. First the node says that it lives, with the last change that it has applied: from
 * then on, who revokes waits for it. Only when all changes that were there afterwards are applied, too, may answers
 * from memory be given, for AUTHORITY_NODE_SECONDS from the moment before it said so: for longer nobody waits for a
 * node that stands still.
 */
#include "api/status/service.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/metrics.h"

#include <time.h>
#include <unistd.h>

enum {
    TICK = 20000, /* microseconds */
    ALIVE_EVERY = 2000000,
    ATTEND_EVERY = 1000000, /* authorities, clock, figures */
    CHANGES_BATCH = 1000,
    CHANGES_MEMORY = 8 << 20,
    RENEW_LOOK = 128, /* answers that are looked at in a tick */
    RENEW_MOST = 16,  /* renewals that are begun in a tick */
    RENEW_FLYING = 64 /* not beyond so many questions on their way */
};

struct follower {
    struct status_service *service;
    struct arena arena; /* of a tick */
    int64_t alive_at;   /* uptime before it said so last; 0: never */
    uint64_t alive_seen;
    int64_t attended_at;
    bool ready; /* the keeper answered when it was looked at last */
};

/* ---- Changes ---- */

static rfd_status is_beyond(struct follower *f, uint64_t number, bool *beyond, struct rfd_error *error)
{
    struct status_change *changes;
    size_t count;
    TRY(authority_changes(f->service->store, number, 1, &f->arena, &changes, &count, error));
    *beyond = count > 0;
    return RFD_OK;
}

/** The last change's number. Numbers have no gaps, so that it is found by halving. */
static rfd_status find_end(struct follower *f, struct rfd_error *error)
{
    uint64_t low = 0; /* the last number is not below */
    uint64_t high = INT64_MAX;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        bool beyond = false;
        TRY(is_beyond(f, middle, &beyond, error));
        if (beyond)
            low = middle + 1;
        else
            high = middle;
    }
    f->service->seen = low;
    f->service->knows_seen = true;
    return RFD_OK;
}

static rfd_status apply_changes(struct follower *f, struct rfd_error *error)
{
    struct status_service *s = f->service;
    size_t count = CHANGES_BATCH;
    while (count == CHANGES_BATCH) {
        struct status_change *changes;
        struct arena_mark mark = arena_mark(&f->arena);
        TRY(authority_changes(s->store, s->seen, CHANGES_BATCH, &f->arena, &changes, &count, error));
        for (size_t i = 0; i < count; i++) {
            known_drop(s->known, changes[i].serial); /* first: answers are made of it */
            ocsp_memory_drop(s->memory, changes[i].serial);
        }
        if (count > 0) s->seen = changes[count - 1].number;
        arena_release(&f->arena, mark);
    }
    return RFD_OK;
}

static rfd_status say_alive(struct follower *f, int64_t now, struct rfd_error *error)
{
    struct status_service *s = f->service;
    bool due = f->alive_at == 0 || now - f->alive_at >= ALIVE_EVERY || f->alive_seen != s->seen;
    if (!due) return RFD_OK;
    TRY(authority_node_alive(s->store, slice_text(s->node), s->seen, error));
    f->alive_at = now;
    f->alive_seen = s->seen;
    return RFD_OK;
}

static rfd_status follow_changes(struct follower *f, struct rfd_error *error)
{
    int64_t now = status_uptime();
    if (!f->service->knows_seen) TRY(find_end(f, error));
    TRY(apply_changes(f, error));
    TRY(say_alive(f, now, error));
    if (atomic_load(&f->service->trusted_until) <= now) TRY(apply_changes(f, error));
    atomic_store(&f->service->trusted_until, f->alive_at + AUTHORITY_NODE_SECONDS * INT64_C(1000000));
    return RFD_OK;
}

/* ---- What else is looked after ---- */

static void read_authorities(struct status_service *s)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct status_authorities *fresh = NULL;
    struct status_authorities *before = s->authorities; /* only this thread changes it */
    rfd_status status = status_authorities_read(s, before, &fresh, &error);
    if (status != RFD_OK) {
        status_complain(s, "authorities", "the authorities cannot be read", &error);
        return;
    }
    if (fresh == NULL) return;
    (void)pthread_mutex_lock(&s->lock);
    s->authorities = fresh;
    (void)pthread_mutex_unlock(&s->lock);
    status_authorities_release(before);
    log_event(LOG_INFO, "authorities", "the authorities were read", LOG_NUMBER("count", fresh->count));
}

static void attend(struct follower *f, int64_t now)
{
    struct status_service *s = f->service;
    struct rfd_error error = RFD_ERROR_INIT;
    uint64_t answers;
    bool ready = keeper_client_ready(s->signers), came = ready && !f->ready;
    f->ready = ready;
    /* Nobody waits a second for time-stamps because the keeper came a moment later than this process. */
    if (f->attended_at != 0 && now - f->attended_at < ATTEND_EVERY && !came) return;
    f->attended_at = now;
    read_authorities(s);
    bool was_good = atomic_load(&s->clock.good);
    if (s->settings->status.tsa_key[0] != '\0' && trusted_clock_look(&s->clock, now, &error) != RFD_OK && was_good)
        log_failure(LOG_ERROR, "clock", "time-stamps are refused until the clock is right again", &error);
    status_tsa_probe(s);
    metrics_set(METRIC_OCSP_MEMORY, (int64_t)ocsp_memory_size(s->memory, &answers));
    metrics_set(METRIC_KEEPER_READY, ready);
}

static void renew(struct status_service *s)
{
    struct ocsp_flight *flights[RENEW_MOST];
    if (atomic_load(&s->asked) >= RENEW_FLYING || !keeper_client_ready(s->signers)) return;
    size_t count = ocsp_memory_renew(s->memory, clock_now(), RENEW_LOOK, flights, RENEW_MOST);
    for (size_t i = 0; i < count; i++) status_ocsp_renew(s, flights[i]);
}

void *status_follow(void *service)
{
    struct status_service *s = service;
    struct follower f = {.service = s};
    struct rfd_error error = RFD_ERROR_INIT;
    while (!atomic_load(&s->stopping)) {
        arena_init(&f.arena, CHANGES_MEMORY);
        attend(&f, status_uptime());
        if (follow_changes(&f, &error) == RFD_OK)
            renew(s);
        else
            status_complain(s, "follow", "changes of the register cannot be followed", &error);
        arena_dispose(&f.arena);
        (void)usleep(TICK);
    }
    if (authority_node_gone(s->store, slice_text(s->node), &error) != RFD_OK)
        status_complain(s, "follow", "the node could not say good-bye", &error);
    return NULL;
}
