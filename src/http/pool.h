/* SPDX-License-Identifier: EUPL-1.2
 *
 * Threads for handlers that may block, with a bounded queue. They are started when there is more to do than those that
 * are there can take: what nobody needs takes no memory.
 */
#ifndef HTTP_POOL_H
#define HTTP_POOL_H

#include <refrenda/base.h>

#include <pthread.h>

/** Embedded in what is to be done. */
struct pool_item {
    struct pool_item *next;
};
typedef void pool_work(struct pool_item *item);

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t waiting;
    struct pool_item *first, **last;
    pool_work *work;
    pthread_t *threads;
    unsigned thread_count, thread_maximum;
    unsigned idle, queued;   /* threads that wait, items that do */
    unsigned room, reserved; /* reserved: not put yet */
    bool ending;
};

/** With the first of so many threads. */
rfd_status pool_start(struct pool *pool, unsigned threads, unsigned room, pool_work *work,
                      struct rfd_error *error) RFD_MUST_CHECK;
/** False when the queue is full or the pool is ending. A place that was reserved is filled by pool_put(), always. */
bool pool_reserve(struct pool *pool);
void pool_put(struct pool *pool, struct pool_item *item);
/** Does what is queued or reserved, then ends the threads; nothing can be reserved any more. */
void pool_stop(struct pool *pool);

#endif
