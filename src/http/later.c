/* SPDX-License-Identifier: EUPL-1.2
 *
 * Answers that come later. While a connection rests, its row in the table points to its exchange; who takes the pointer
 * out, the one who has the answer or the one who stops the listener, wakes it, and nobody else does. After a stop,
 * whoever still owes an answer finds the pointer gone; exchange and listener stay as long as such are left.
 */
#include "http/exchange.h"

#include <stddef.h>
#include <unistd.h>

static struct exchange *exchange_of(struct http_request *request)
{
    return (struct exchange *)(void *)((uint8_t *)request - offsetof(struct exchange, request));
}

static struct exchange *exchange_owing(struct http_later *later)
{
    return (struct exchange *)(void *)later;
}

struct http_later *http_request_later(struct http_request *request)
{
    struct exchange *x = exchange_of(request);
    struct http_listener *listener = x->listener;
    if ((request->route->flags & HTTP_IMMEDIATE) == 0 || x->rests) return NULL;
    atomic_fetch_add(&listener->resting, 1);
    if (atomic_load(&listener->cutting)) {
        atomic_fetch_sub(&listener->resting, 1);
        return NULL;
    }
    x->rests = true;
    x->stage = STAGE_WORK;
    atomic_store(&x->holders, 2);
    connection_set(x->connection, PHASE_WORK, DEADLINE_NONE);
    MHD_suspend_connection(x->mhd);
    atomic_store(&x->connection->resting, x);
    return (struct http_later *)(void *)x;
}

struct http_response *http_later_response(struct http_later *later)
{
    return &exchange_owing(later)->response;
}

static void wake(struct exchange *x, enum stage stage)
{
    struct http_listener *listener = x->listener;
    struct MHD_Connection *mhd = x->mhd;
    x->stage = stage;
    MHD_resume_connection(mhd);              /* from here on, x may be gone */
    atomic_fetch_sub(&listener->resting, 1); /* and from here on, the listener */
}

void http_later_done(struct http_later *later, const struct rfd_error *error)
{
    struct exchange *x = exchange_owing(later);
    struct http_listener *listener = x->listener;
    void *resting = x;
    if (!atomic_compare_exchange_strong(&x->connection->resting, &resting, NULL)) {
        exchange_release(x);
        listener_release(listener);
        return;
    }
    if (error != NULL && error->code != RFD_OK) exchange_problem(x, 0, error);
    atomic_fetch_sub(&x->holders, 1);
    wake(x, STAGE_READY);
}

/** Those whose answer did not come in time. */
static void cut_resting(struct http_listener *listener)
{
    for (unsigned i = 0; i < listener->connections.used_slots; i++) {
        atomic_fetch_add(&listener->holders, 1); /* for who still owes the answer */
        struct exchange *x = atomic_exchange(&listener->connections.slots[i].resting, NULL);
        if (x != NULL)
            wake(x, STAGE_CUT);
        else
            listener_release(listener);
    }
}

void later_stop(struct http_listener *listener)
{
    atomic_store(&listener->cutting, true);
    while (atomic_load(&listener->resting) > 0) {
        cut_resting(listener);
        (void)usleep(1000);
    }
}
