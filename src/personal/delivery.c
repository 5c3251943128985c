/* SPDX-License-Identifier: EUPL-1.2
 *
 * Codes on their way to people: the worker takes them, and says whether the gateway did. One that was taken and not
 * spoken of is given again, so that a worker that dies loses none.
 */
#include "personal/internal.h"

#include "base/error.h"

enum { ANSWER_MAXIMUM = KEEPER_MESSAGE_MAXIMUM - 1024, ITEM_MAXIMUM = 1024 };

struct taking {
    struct buf items;
    uint32_t count;
    rfd_time here;
};

static void put_code(struct taking *t, const struct pending *o, uint8_t which)
{
    const struct code_way *way = &o->ways[which];
    const struct operation_text *v = &o->operation;
    message_put_bytes(&t->items, slice_of(o->id, sizeof o->id));
    message_put_u8(&t->items, which);
    message_put_u8(&t->items, way->channel);
    message_put_text(&t->items, way->address);
    message_put_text(&t->items, o->language);
    message_put_text(&t->items, operation_kind_name(v->kind));
    message_put_bytes(&t->items, v->portal);
    message_put_bytes(&t->items, v->count > 0 ? v->documents[0].title : slice_text(o->title));
    message_put_u32(&t->items, (uint32_t)v->count);
    message_put_text(&t->items, way->code);
    message_put_i64(&t->items, o->ends);
    t->count++;
}

static bool is_due(const struct pending *o, const struct code_way *way, rfd_time here)
{
    if (o->state != PERSONAL_BEGUN || here >= o->ends_here || !way->wanted || way->delivery == PERSONAL_SENT)
        return false;
    return way->taken == 0 || here >= way->taken + (rfd_time)PERSONAL_TAKE_SECONDS * RFD_SECOND;
}

static void take_codes(struct taking *t, struct pending *o)
{
    for (uint8_t which = 0; which < 2; which++) {
        struct code_way *way = &o->ways[which];
        if (!is_due(o, way, t->here) || t->count == PERSONAL_CODES_MAXIMUM ||
            t->items.length + ITEM_MAXIMUM > ANSWER_MAXIMUM)
            continue;
        put_code(t, o, which);
        way->taken = t->here;
    }
}

rfd_status delivery_take(struct personal *p, struct personal_request *q, struct message_reader *r, struct buf *answer,
                         struct rfd_error *error)
{
    struct taking t = {.here = p->monotonic()};
    (void)q;
    TRY(message_end(r, "take-codes", error));
    buf_init_secret(&t.items, ANSWER_MAXIMUM);
    (void)pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < PENDING_BUCKETS; i++) {
        for (struct pending *o = p->pending->buckets[i]; o != NULL; o = o->next) take_codes(&t, o);
    }
    (void)pthread_mutex_unlock(&p->lock);
    message_put_u32(answer, t.count);
    buf_put_slice(answer, buf_slice(&t.items));
    rfd_status status = buf_check(&t.items, "codes", error);
    buf_dispose(&t.items);
    return status;
}

rfd_status delivery_sent(struct personal *p, struct personal_request *q, struct message_reader *r, struct buf *answer,
                         struct rfd_error *error)
{
    (void)q;
    (void)answer;
    uint32_t count = message_get_u32(r);
    if (count > PERSONAL_CODES_MAXIMUM) return error_set(error, RFD_E_ARGUMENT, "%u codes", count);
    (void)pthread_mutex_lock(&p->lock);
    for (uint32_t i = 0; i < count; i++) {
        struct pending *o = NULL;
        slice id = message_get_bytes(r, PERSONAL_OPERATION_SIZE);
        uint8_t which = message_get_u8(r);
        uint8_t sent = message_get_u8(r);
        if (r->failed || which > 1 || pending_find(p, id, &o, NULL) != RFD_OK || !o->ways[which].wanted) continue;
        o->ways[which].delivery = sent == 1 ? PERSONAL_SENT : PERSONAL_NOT_SENT;
    }
    (void)pthread_mutex_unlock(&p->lock);
    return message_end(r, "codes-sent", error);
}
