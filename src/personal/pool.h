/* SPDX-License-Identifier: EUPL-1.2
 *
 * Threads for messages that cost time (Argon2id, making and using keys), so that the one that owns the channels answers
 * everything else at once. What waits is bounded: whoever comes later is told so, and comes again.
 *
 * Jobs of one lane (tries of one seal) would wait for each other: no more of them are in work at once than can go on,
 * the others leave the threads to whoever comes behind them, and half of the places to wait.
 *
 * A job belongs to the pool from pool_add() to pool_next(). It names its channel by a number that is never used twice,
 * so that an answer never reaches who came after its client.
 */
#ifndef PERSONAL_POOL_H
#define PERSONAL_POOL_H

#include "keeper/keeper.h"

enum {
    POOL_THREADS = 64,
    POOL_WAITING = 128,     /* jobs that no thread has taken, */
    POOL_LANE_WAITING = 64, /* and so many of one lane */
};

struct pool_job {
    struct pool_job *next;
    uint64_t client;
    uint64_t lane; /* 0: none */
    uint64_t request;
    uint16_t type;
    struct keeper_session session; /* as it was when the message came */
    struct buf body, answer;
};
/** A copy of the message; NULL when memory lacks. */
struct pool_job *pool_job_new(uint64_t client, const struct keeper_session *session, const struct message *message);
/** Wiped: it may have activation data. Safe on NULL. */
void pool_job_free(struct pool_job *job);

/** Called by several threads: puts the answer into the job. */
typedef void pool_work(void *context, struct pool_job *job);
/** Called by several threads, and shortly: the lane of a job, which stays the same (0: none), and how many of it may be
 * in work now, one at least. */
typedef uint64_t pool_lane(void *context, const struct pool_job *job, unsigned *most);

struct pool;
/** `notify` (an eventfd, borrowed) can be read when a job is done. Threads start with the first job: a sandbox that is
 * entered before holds for them, too. */
rfd_status pool_new(unsigned threads, pool_work *work, void *context, int notify, struct pool **out,
                    struct rfd_error *error) RFD_MUST_CHECK;
/** Before the first job. */
void pool_set_lanes(struct pool *pool, pool_lane *lane);
/** What is in work is worked to its end, the rest is thrown away. Safe on NULL. */
void pool_free(struct pool *pool);
/** Takes the job over on success. RFD_E_BUSY when enough wait, also of its lane; RFD_E_INTERNAL when no thread can be
 * started. */
rfd_status pool_add(struct pool *pool, struct pool_job *job, struct rfd_error *error) RFD_MUST_CHECK;
/** One that is done, the caller's from now on; NULL when there is none. */
struct pool_job *pool_next(struct pool *pool);

#endif
