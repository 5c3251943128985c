/* SPDX-License-Identifier: EUPL-1.2
 *
 * How far an operation is, its code once more, and its end.
 */
#include "personal/internal.h"

#include "base/error.h"

static uint8_t way_of(const struct pending *o)
{
    uint8_t way = PERSONAL_SENT;
    for (size_t i = 0; i < 2; i++) {
        if (!o->ways[i].wanted || o->ways[i].delivery == PERSONAL_SENT) continue;
        if (o->ways[i].delivery == PERSONAL_NOT_SENT) return PERSONAL_NOT_SENT;
        way = PERSONAL_QUEUED;
    }
    return way;
}

static uint8_t left(unsigned limit, unsigned wrong)
{
    return (uint8_t)(wrong < limit ? limit - wrong : 0);
}

/** Under `lock`. */
static void put_progress(const struct personal *p, const struct pending *o, struct buf *answer)
{
    const struct personal_options *options = &p->options;
    message_put_u8(answer, (uint8_t)o->state);
    message_put_u8(answer, way_of(o));
    message_put_i64(answer, o->ends);
    message_put_i64(answer, o->again);
    message_put_u8(answer, left(options->wrong_codes, o->holder->counters.wrong));
    message_put_u8(answer, left(options->wrong_passwords, o->entry == NULL ? 0 : o->entry->wrong_passwords));
    message_put_u32(answer, (uint32_t)o->signed_count);
}

rfd_status progress_show(struct personal *p, struct personal_request *q, struct message_reader *r, struct buf *answer,
                         struct rfd_error *error)
{
    struct pending *o = NULL;
    (void)q;
    slice id = message_get_bytes(r, PERSONAL_OPERATION_SIZE);
    TRY(message_end(r, "progress", error));
    (void)pthread_mutex_lock(&p->lock);
    rfd_status status = pending_find(p, id, &o, error);
    if (status == RFD_OK) put_progress(p, o, answer);
    (void)pthread_mutex_unlock(&p->lock);
    return status;
}

/** Under `lock`. */
static rfd_status send_again(struct personal *p, struct pending *o, rfd_time now, struct rfd_error *error)
{
    rfd_time here = p->monotonic();
    rfd_time wait = (rfd_time)p->options.again_seconds * RFD_SECOND;
    if (o->state != PERSONAL_BEGUN) return error_set(error, RFD_E_ACTIVATION_ENDED, "it was activated, or has ended");
    if (!o->ways[0].wanted) return error_set(error, RFD_E_ARGUMENT, "no code of it is sent");
    if (here < o->again_here) return error_set(error, RFD_E_BUSY, "the last one is still on its way");
    if (o->sent_again == PERSONAL_SENT_MAXIMUM)
        return error_set(error, RFD_E_LIMIT, "sent %u times", o->sent_again + 1);
    TRY(count_message(p, o->holder, error));
    o->sent_again++;
    o->again = now + wait;
    o->again_here = here + wait;
    for (size_t i = 0; i < 2; i++) {
        o->ways[i].delivery = PERSONAL_QUEUED;
        o->ways[i].taken = 0;
    }
    return RFD_OK;
}

rfd_status progress_send_again(struct personal *p, struct personal_request *q, struct message_reader *r,
                               struct buf *answer, struct rfd_error *error)
{
    struct pending *o = NULL;
    rfd_time now;
    (void)q;
    slice id = message_get_bytes(r, PERSONAL_OPERATION_SIZE);
    TRY(message_end(r, "send-again", error));
    TRY(personal_now(p, &now, error));
    (void)pthread_mutex_lock(&p->lock);
    rfd_status status = pending_find(p, id, &o, error);
    if (status == RFD_OK) status = send_again(p, o, now, error);
    if (status == RFD_OK) put_progress(p, o, answer);
    (void)pthread_mutex_unlock(&p->lock);
    return status;
}

rfd_status progress_cancel(struct personal *p, struct personal_request *q, struct message_reader *r, struct buf *answer,
                           struct rfd_error *error)
{
    struct pending *o = NULL;
    (void)q;
    (void)answer;
    slice id = message_get_bytes(r, PERSONAL_OPERATION_SIZE);
    TRY(message_end(r, "cancel", error));
    (void)pthread_mutex_lock(&p->lock);
    rfd_status status = pending_find(p, id, &o, error);
    if (status == RFD_OK && o->state == PERSONAL_BEGUN && o->users > 0)
        status = error_set(error, RFD_E_BUSY, "it is being activated");
    if (status == RFD_OK && (o->state == PERSONAL_BEGUN || o->state == PERSONAL_ACTIVATED))
        pending_end(o, PERSONAL_ENDED);
    (void)pthread_mutex_unlock(&p->lock);
    return status;
}
