/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/client_internal.h"

#include "base/error.h"
#include "base/memory.h"

#include <sys/socket.h>
#include <unistd.h>

/* Writes by one thread for others before it hands that over to the reader. */
enum { WRITES_FOR_OTHERS = 16, ROOM_FIRST = 64, PLACE_BITS = 14 };

void client_wake(struct keeper_client *c)
{
    const uint64_t one = 1;
    (void)!write(c->wake, &one, sizeof one); /* fails only when it is awake already */
}

/* ---- Questions ---- */

static rfd_status make_room(struct keeper_client *c, struct rfd_error *error)
{
    if (c->room == CLIENT_QUESTIONS) return error_set(error, RFD_E_BUSY, "%u questions on their way", c->room);
    uint32_t room = c->room == 0 ? ROOM_FIRST : c->room * 2;
    struct question *more = memory_resize(c->questions, room * sizeof *more);
    if (more == NULL) return error_memory(error);
    for (uint32_t i = c->room; i < room; i++) more[i] = (struct question){.next_free = i + 1};
    c->first_free = c->room;
    c->questions = more;
    c->room = room;
    return RFD_OK;
}

struct question client_take(struct keeper_client *c, struct question *place)
{
    struct question taken = *place;
    *place = (struct question){.next_free = c->first_free};
    c->first_free = (uint32_t)(place - c->questions);
    taken.link->waiting--;
    return taken;
}

struct question *client_find_question(struct keeper_client *c, const struct link *link, uint64_t request)
{
    uint64_t at = request & ((1U << PLACE_BITS) - 1);
    if (at >= c->room) return NULL;
    struct question *q = &c->questions[at];
    return q->link == link && q->request == request ? q : NULL;
}

rfd_status client_post(struct keeper_client *c, struct link *link, const struct question *wanted, slice body,
                       int descriptor, struct rfd_error *error)
{
    _Static_assert(CLIENT_QUESTIONS == 1U << PLACE_BITS, "a place fits into a request number");
    if (body.length > KEEPER_MESSAGE_MAXIMUM - MESSAGE_HEADER_SIZE)
        return error_set(error, RFD_E_LIMIT, "question of %zu octets", body.length);
    if (body.length > CLIENT_BACKLOG - MESSAGE_HEADER_SIZE - outgoing_waiting(&link->queued))
        return error_set(error, RFD_E_BUSY, "%zu octets wait for the keeper", outgoing_waiting(&link->queued));
    if (c->first_free == c->room) TRY(make_room(c, error));
    uint32_t at = c->first_free;
    uint64_t request = ++c->number << PLACE_BITS | at;
    TRY(outgoing_add(&link->queued, (uint16_t)wanted->operation, request, body, descriptor < 0 ? NULL : &descriptor,
                     descriptor < 0 ? 0 : 1, error));
    c->first_free = c->questions[at].next_free;
    c->questions[at] = *wanted;
    c->questions[at].link = link;
    c->questions[at].request = request;
    link->waiting++;
    link->unanswered++;
    if (wanted->deadline < c->sleeps_until) {
        c->sleeps_until = wanted->deadline; /* one call for it is enough */
        client_wake(c);
    }
    return RFD_OK;
}

/* ---- Writing ---- */

static bool swap_when_sent(struct link *link)
{
    if (outgoing_waiting(&link->flying) > 0) return true;
    struct outgoing empty = link->flying;
    link->flying = link->queued;
    link->queued = empty;
    return outgoing_waiting(&link->flying) > 0;
}

void client_write(struct keeper_client *c, struct link *link)
{
    rfd_status status = RFD_OK;
    if (link->writing || link->blocked || link->broken) return;
    link->writing = true;
    for (int i = 0; status == RFD_OK && !link->ended && !link->blocked && swap_when_sent(link); i++) {
        (void)pthread_mutex_unlock(&c->mutex);
        status = outgoing_flush(&link->flying, link->descriptor, NULL);
        (void)pthread_mutex_lock(&c->mutex);
        link->blocked = outgoing_waiting(&link->flying) > 0 || i == WRITES_FOR_OTHERS;
    }
    link->writing = false;
    if (status != RFD_OK) {
        link->broken = true;
        (void)shutdown(link->descriptor, SHUT_RDWR); /* the reader finds its end behind the last answer */
    }
    if (link->ended || link->blocked) client_wake(c);
}
