/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/pool.h"

#include "base/error.h"
#include "base/memory.h"

static void *run(void *context)
{
    struct pool *pool = context;
    (void)pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (pool->first == NULL && !(pool->ending && pool->reserved == 0)) {
            pool->idle++;
            (void)pthread_cond_wait(&pool->waiting, &pool->lock);
            pool->idle--;
        }
        struct pool_item *item = pool->first;
        if (item == NULL) break;
        pool->first = item->next;
        if (pool->first == NULL) pool->last = &pool->first;
        pool->room++;
        pool->queued--;
        (void)pthread_mutex_unlock(&pool->lock);
        pool->work(item);
        (void)pthread_mutex_lock(&pool->lock);
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static int start_thread(struct pool *pool)
{
    int failed = pthread_create(&pool->threads[pool->thread_count], NULL, run, pool);
    if (failed == 0) pool->thread_count++;
    return failed;
}

rfd_status pool_start(struct pool *pool, unsigned threads, unsigned room, pool_work *work, struct rfd_error *error)
{
    *pool = (struct pool){.work = work, .room = room, .thread_maximum = threads};
    pool->last = &pool->first;
    pool->threads = memory_zeroed(threads, sizeof *pool->threads);
    if (pool->threads == NULL) return error_memory(error);
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_cond_init(&pool->waiting, NULL);
    int failed = start_thread(pool);
    if (failed == 0) return RFD_OK;
    pool_stop(pool);
    return error_errno(error, RFD_E_MEMORY, failed, "no thread for the pool");
}

bool pool_reserve(struct pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    bool fits = pool->room > 0 && !pool->ending;
    if (fits) {
        pool->room--;
        pool->reserved++;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return fits;
}

void pool_put(struct pool *pool, struct pool_item *item)
{
    item->next = NULL;
    (void)pthread_mutex_lock(&pool->lock);
    *pool->last = item;
    pool->last = &item->next;
    pool->reserved--;
    pool->queued++;
    /* One that cannot be started is done without: there is the first. */
    if (pool->queued > pool->idle && pool->thread_count < pool->thread_maximum && !pool->ending)
        (void)start_thread(pool);
    if (pool->ending)
        (void)pthread_cond_broadcast(&pool->waiting);
    else
        (void)pthread_cond_signal(&pool->waiting);
    (void)pthread_mutex_unlock(&pool->lock);
}

void pool_stop(struct pool *pool)
{
    if (pool->threads == NULL) return;
    (void)pthread_mutex_lock(&pool->lock);
    pool->ending = true;
    (void)pthread_cond_broadcast(&pool->waiting);
    (void)pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->thread_count; i++) (void)pthread_join(pool->threads[i], NULL);
    (void)pthread_cond_destroy(&pool->waiting);
    (void)pthread_mutex_destroy(&pool->lock);
    memory_free(pool->threads);
    pool->threads = NULL;
}
