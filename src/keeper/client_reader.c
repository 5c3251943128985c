/* SPDX-License-Identifier: EUPL-1.2
 *
 * The client's thread: it alone calls back. Each round fails what has waited too long and what waits for a link that
 * ended, waits for something to do, and takes what has come.
 */
#include "keeper/client_internal.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { FOREVER = 3600 * 1000 };

/* ---- Questions that get no answer ---- */

static rfd_status why_not(const struct question *q, int64_t now, struct rfd_error *error)
{
    if (q->link == NULL) return RFD_OK;
    if (q->link->ended) return error_set(error, RFD_E_PEER_GONE, "the keeper hung up");
    return q->deadline > now ? RFD_OK : error_set(error, RFD_E_DEADLINE, "the keeper did not answer in time");
}

/** With the mutex, which is released while those are called that wait in vain. The next deadline is known then. */
static void fail_hopeless(struct keeper_client *c)
{
    int64_t now = channel_clock();
    c->sleeps_until = now + FOREVER;
    for (uint32_t i = 0; i < c->room; i++) {
        struct rfd_error error = RFD_ERROR_INIT;
        rfd_status status = why_not(&c->questions[i], now, &error);
        if (status == RFD_OK) {
            if (c->questions[i].link != NULL && c->questions[i].deadline < c->sleeps_until)
                c->sleeps_until = c->questions[i].deadline;
            continue;
        }
        struct question q = client_take(c, &c->questions[i]);
        (void)pthread_mutex_unlock(&c->mutex);
        q.answered(q.context, status, NULL, &error);
        (void)pthread_mutex_lock(&c->mutex);
    }
}

static void free_link(struct link *link)
{
    channel_free(link->channel);
    outgoing_dispose(&link->queued);
    outgoing_dispose(&link->flying);
    memory_free(link);
}

/** Whether there may be questions that get no answer any more, or links to be freed; a link's writer wakes us when it
 * is done. */
static bool is_hopeless(const struct keeper_client *c)
{
    for (const struct link *l = c->links; l != NULL; l = l->next) {
        if (l->ended && !l->writing) return true;
    }
    return channel_clock() >= c->sleeps_until;
}

static void free_ended(struct keeper_client *c)
{
    for (unsigned i = 0; i < c->peer_count; i++) {
        if (c->peers[i] != NULL && c->peers[i]->ended) c->peers[i] = NULL;
    }
    struct link **at = &c->links;
    while (*at != NULL) {
        struct link *link = *at;
        if (!link->ended || link->writing || link->waiting > 0) {
            at = &link->next;
            continue;
        }
        *at = link->next;
        free_link(link);
    }
}

/* ---- Answers ---- */

/** Looks up the questions of what arrived. */
static void find_questions(struct keeper_client *c, struct link *link, const struct message *messages, size_t count,
                           struct question *questions)
{
    (void)pthread_mutex_lock(&c->mutex);
    for (size_t i = 0; i < count; i++) {
        struct question *place = client_find_question(c, link, messages[i].request);
        questions[i] = place == NULL ? (struct question){.link = NULL} : client_take(c, place);
    }
    link->unanswered -= count < link->unanswered ? count : link->unanswered;
    (void)pthread_mutex_unlock(&c->mutex);
}

static void answer(const struct question *q, const struct message *m)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct message_reader fields = message_read(SLICE_EMPTY);
    rfd_status status = keeper_answer_read(m, q->operation, &fields, &error);
    q->answered(q->context, status, status == RFD_OK ? &fields : NULL, &error);
}

static void take_answers(struct keeper_client *c, struct link *link)
{
    struct message messages[CLIENT_BATCH];
    struct question questions[CLIENT_BATCH];
    size_t count;
    rfd_status status = channel_receive(link->channel, NULL);
    do {
        for (count = 0; count < CLIENT_BATCH && channel_next(link->channel, &messages[count]); count++)
            message_close_descriptors(&messages[count]);
        find_questions(c, link, messages, count, questions);
        for (size_t i = 0; i < count; i++) {
            if (questions[i].answered != NULL) answer(&questions[i], &messages[i]);
        }
    } while (count == CLIENT_BATCH);
    if (status == RFD_OK) return;
    (void)pthread_mutex_lock(&c->mutex);
    link->ended = true;
    (void)pthread_mutex_unlock(&c->mutex);
}

/* ---- Rounds ---- */

struct round {
    struct pollfd polled[CLIENT_PEERS + 1];
    struct link *links[CLIENT_PEERS + 1];
    nfds_t count;
    int milliseconds;
};

/** With the mutex. */
static void prepare(struct keeper_client *c, struct round *r)
{
    while (is_hopeless(c)) {
        fail_hopeless(c);
        free_ended(c);
    }
    r->polled[0] = (struct pollfd){.fd = c->wake, .events = POLLIN};
    r->count = 1;
    for (struct link *l = c->links; l != NULL; l = l->next) {
        if (l->ended) continue;
        r->links[r->count] = l;
        r->polled[r->count++] =
            (struct pollfd){.fd = l->descriptor, .events = (short)(POLLIN | (l->blocked ? POLLOUT : 0))};
    }
    int64_t left = c->sleeps_until - channel_clock();
    r->milliseconds = left < 0 ? 0 : (int)left;
}

static void write_more(struct keeper_client *c, struct link *link)
{
    (void)pthread_mutex_lock(&c->mutex);
    link->blocked = false;
    client_write(c, link);
    (void)pthread_mutex_unlock(&c->mutex);
}

static void do_round(struct keeper_client *c, struct round *r)
{
    uint64_t calls;
    if (poll(r->polled, r->count, r->milliseconds) <= 0) return;
    if (r->polled[0].revents != 0) (void)!read(c->wake, &calls, sizeof calls);
    for (nfds_t i = 1; i < r->count; i++) {
        if ((r->polled[i].revents & POLLOUT) != 0) write_more(c, r->links[i]);
        if ((r->polled[i].revents & ~POLLOUT) != 0) take_answers(c, r->links[i]);
    }
}

/** False when there is nothing to be read any more. */
static bool begin_round(struct keeper_client *c, struct round *r)
{
    (void)pthread_mutex_lock(&c->mutex);
    for (struct link *l = c->links; c->stopping && l != NULL; l = l->next) l->ended = true;
    prepare(c, r);
    bool going_on = !c->stopping || c->links != NULL;
    (void)pthread_mutex_unlock(&c->mutex);
    return going_on;
}

void *client_reader_run(void *context)
{
    struct keeper_client *c = context;
    struct round r;
    while (begin_round(c, &r)) do_round(c, &r);
    return NULL;
}
