/* SPDX-License-Identifier: EUPL-1.2 */
#include "personal/pool.h"

#include "base/error.h"
#include "base/memory.h"

#include <pthread.h>
#include <unistd.h>

enum { ANSWER_MAXIMUM = KEEPER_MESSAGE_MAXIMUM - MESSAGE_HEADER_SIZE };

/** Jobs in the order in which they came. */
struct queue {
    struct pool_job *first, **end;
    size_t count;
};

struct pool {
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    pthread_t threads[POOL_THREADS];
    unsigned wanted, running, idle;
    struct queue waiting, working, done;
    bool stopping;
    pool_work *work;
    pool_lane *lane; /* NULL: there are none */
    void *context;
    int notify;
};

/* ---- Jobs ---- */

struct pool_job *pool_job_new(uint64_t client, const struct keeper_session *session, const struct message *message)
{
    struct pool_job *job = memory_zeroed(1, sizeof *job);
    if (job == NULL) return NULL;
    job->client = client;
    job->request = message->request;
    job->type = message->type;
    job->session = *session;
    buf_init_secret(&job->body, KEEPER_MESSAGE_MAXIMUM);
    buf_init_secret(&job->answer, ANSWER_MAXIMUM);
    buf_put_slice(&job->body, message->body);
    if (buf_status(&job->body) == RFD_OK) return job;
    pool_job_free(job);
    return NULL;
}

void pool_job_free(struct pool_job *job)
{
    if (job == NULL) return;
    buf_dispose(&job->body);
    buf_dispose(&job->answer);
    memory_free(job);
}

static void put(struct queue *q, struct pool_job *job)
{
    job->next = NULL;
    *q->end = job;
    q->end = &job->next;
    q->count++;
}

/** The one that this link of the queue leads to. */
static struct pool_job *take_at(struct queue *q, struct pool_job **link)
{
    struct pool_job *job = *link;
    if (job == NULL) return NULL;
    *link = job->next;
    if (job->next == NULL) q->end = link;
    q->count--;
    return job;
}

static struct pool_job *take(struct queue *q)
{
    return take_at(q, &q->first);
}

static void take_out(struct queue *q, const struct pool_job *job)
{
    struct pool_job **link = &q->first;
    while (*link != job) link = &(*link)->next;
    (void)take_at(q, link);
}

static size_t count_lane(const struct queue *q, uint64_t lane)
{
    size_t count = 0;
    for (const struct pool_job *job = q->first; job != NULL; job = job->next) count += job->lane == lane;
    return count;
}

static void throw_away(struct queue *q)
{
    for (struct pool_job *job = take(q); job != NULL; job = take(q)) pool_job_free(job);
}

/* ---- Threads ---- */

static void tell(const struct pool *pool)
{
    const uint64_t one = 1;
    (void)!write(pool->notify, &one, sizeof one); /* fails only when it can be read already */
}

/** The first whose lane has room; NULL: none is there. With the mutex. */
static struct pool_job *take_ready(struct pool *pool)
{
    for (struct pool_job **link = &pool->waiting.first; *link != NULL; link = &(*link)->next) {
        unsigned most = 1;
        if ((*link)->lane == 0) return take_at(&pool->waiting, link);
        (void)pool->lane(pool->context, *link, &most);
        if (count_lane(&pool->working, (*link)->lane) < most) return take_at(&pool->waiting, link);
    }
    return NULL;
}

/** The next job; NULL when the pool ends. With the mutex, which is released while there is none. */
static struct pool_job *wait_for_job(struct pool *pool)
{
    struct pool_job *job = NULL;
    while (!pool->stopping && (job = take_ready(pool)) == NULL) {
        pool->idle++;
        (void)pthread_cond_wait(&pool->wake, &pool->mutex);
        pool->idle--;
    }
    if (job == NULL) return NULL;
    put(&pool->working, job);
    /* When a job has ended, its lane may have room for more than the one that its thread takes. */
    if (pool->waiting.count > 0 && pool->idle > 0) (void)pthread_cond_signal(&pool->wake);
    return job;
}

static void *run(void *context)
{
    struct pool *pool = context;
    (void)pthread_mutex_lock(&pool->mutex);
    for (struct pool_job *job = wait_for_job(pool); job != NULL; job = wait_for_job(pool)) {
        (void)pthread_mutex_unlock(&pool->mutex);
        pool->work(pool->context, job);
        (void)pthread_mutex_lock(&pool->mutex);
        take_out(&pool->working, job);
        put(&pool->done, job);
        tell(pool);
    }
    (void)pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

/** Unless one has nothing to do for the job that comes. With the mutex; one thread is enough to go on with. */
static rfd_status start_thread(struct pool *pool, struct rfd_error *error)
{
    if (pool->running < pool->wanted && pool->idle <= pool->waiting.count &&
        pthread_create(&pool->threads[pool->running], NULL, run, pool) == 0)
        pool->running++;
    return pool->running > 0 ? RFD_OK : error_set(error, RFD_E_INTERNAL, "no thread can be started");
}

/* ---- The pool ---- */

rfd_status pool_new(unsigned threads, pool_work *work, void *context, int notify, struct pool **out,
                    struct rfd_error *error)
{
    struct pool *pool = memory_zeroed(1, sizeof *pool);
    if (pool == NULL) return error_memory(error);
    pool->wanted = threads == 0 ? 1 : (threads > POOL_THREADS ? POOL_THREADS : threads);
    pool->work = work;
    pool->context = context;
    pool->notify = notify;
    pool->waiting.end = &pool->waiting.first;
    pool->working.end = &pool->working.first;
    pool->done.end = &pool->done.first;
    (void)pthread_mutex_init(&pool->mutex, NULL);
    (void)pthread_cond_init(&pool->wake, NULL);
    *out = pool;
    return RFD_OK;
}

void pool_set_lanes(struct pool *pool, pool_lane *lane)
{
    pool->lane = lane;
}

void pool_free(struct pool *pool)
{
    if (pool == NULL) return;
    (void)pthread_mutex_lock(&pool->mutex);
    pool->stopping = true;
    (void)pthread_cond_broadcast(&pool->wake);
    (void)pthread_mutex_unlock(&pool->mutex);
    for (unsigned i = 0; i < pool->running; i++) (void)pthread_join(pool->threads[i], NULL);
    throw_away(&pool->waiting);
    throw_away(&pool->done);
    (void)pthread_cond_destroy(&pool->wake);
    (void)pthread_mutex_destroy(&pool->mutex);
    memory_free(pool);
}

rfd_status pool_add(struct pool *pool, struct pool_job *job, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    unsigned most = 1;
    (void)pthread_mutex_lock(&pool->mutex);
    job->lane = pool->lane == NULL ? 0 : pool->lane(pool->context, job, &most);
    if (pool->waiting.count == POOL_WAITING)
        status = error_set(error, RFD_E_BUSY, "%zu wait already", pool->waiting.count);
    else if (job->lane != 0 && count_lane(&pool->waiting, job->lane) >= POOL_LANE_WAITING)
        status = error_set(error, RFD_E_BUSY, "%d wait for the same already", POOL_LANE_WAITING);
    if (status == RFD_OK) status = start_thread(pool, error);
    if (status == RFD_OK) {
        put(&pool->waiting, job);
        (void)pthread_cond_signal(&pool->wake);
    }
    (void)pthread_mutex_unlock(&pool->mutex);
    return status;
}

struct pool_job *pool_next(struct pool *pool)
{
    (void)pthread_mutex_lock(&pool->mutex);
    struct pool_job *job = take(&pool->done);
    (void)pthread_mutex_unlock(&pool->mutex);
    return job;
}
