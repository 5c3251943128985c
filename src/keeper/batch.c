/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/batch.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"

enum { ANSWER_MAXIMUM = KEEPER_MESSAGE_MAXIMUM - MESSAGE_HEADER_SIZE };

void batch_init(struct batch *b, int audit)
{
    *b = (struct batch){.audit = audit};
    buf_init(&b->answer, ANSWER_MAXIMUM);
    buf_init(&b->answers, BATCH_OCTETS + ANSWER_MAXIMUM);
    buf_init(&b->lines, (BATCH_ANSWERS + 1) * KEEPER_EVENT_MAXIMUM);
}

void batch_dispose(struct batch *b)
{
    buf_dispose_secret(&b->answer);
    buf_dispose_secret(&b->answers);
    buf_dispose(&b->lines);
}

rfd_status batch_audit(void *context, const struct keeper_event *event, struct rfd_error *error)
{
    struct batch *b = context;
    keeper_event_put(&b->lines, event);
    return buf_check(&b->lines, "audit", error);
}

/** An answer may be a key or a person's text. */
static void wipe(struct buf *b)
{
    if (b->length > 0) secret_wipe(b->data, b->length);
    buf_reset(b);
}

rfd_status batch_take(struct batch *b, struct keeper_session *session, struct channel *channel,
                      const struct message *message, struct rfd_error *error)
{
    wipe(&b->answer);
    TRY(keeper_take(b->keeper, session, message, &b->answer, error));
    struct batch_item *item = &b->items[b->count];
    *item = (struct batch_item){channel, message->request, b->answers.length, b->answer.length, message->type};
    buf_put_slice(&b->answers, buf_slice(&b->answer));
    TRY(buf_check(&b->answers, "answers", error));
    b->count++;
    return RFD_OK;
}

bool batch_is_full(const struct batch *b)
{
    return b->count == BATCH_ANSWERS || b->answers.length >= BATCH_OCTETS;
}

bool batch_gathers(const struct batch *b)
{
    return b->count > 0 && b->count < BATCH_GATHERED && keeper_owes(b->keeper);
}

void batch_forget(struct batch *b, const struct channel *channel)
{
    for (size_t i = 0; i < b->count; i++) {
        if (b->items[i].channel == channel) b->items[i].channel = NULL;
    }
}

/** What was told of these answers is not what becomes of them; that is told, too. */
static void tell_refusal(struct batch *b, const struct rfd_error *why)
{
    const struct keeper_event event = {
        .time = clock_now(), .operation = "withheld", .uses = b->count, .status = why->code, .detail = why->detail};
    keeper_event_put(&b->lines, &event);
}

/** Disk first, then the audit. */
static rfd_status settle(struct batch *b, struct rfd_error *error)
{
    struct rfd_error unsaid = RFD_ERROR_INIT;
    rfd_status status = keeper_settle(b->keeper, error);
    if (status != RFD_OK) tell_refusal(b, error);
    rfd_status told = keeper_event_send(b->audit, buf_slice(&b->lines), &unsaid);
    buf_reset(&b->lines);
    if (status != RFD_OK || told == RFD_OK) return status;
    *error = unsaid;
    return told;
}

/** A peer that has hung up, or reads nothing, loses its answers; the server sees to its channel. */
static void send_item(const struct batch *b, const struct batch_item *item, slice refusal)
{
    slice body = refusal.length > 0 ? refusal : slice_part(buf_slice(&b->answers), item->start, item->length);
    channel_hold(item->channel, true);
    (void)!channel_send(item->channel, item->type, item->request, body, NULL, 0, NULL);
}

void batch_send(struct batch *b)
{
    struct rfd_error why = RFD_ERROR_INIT;
    if (b->count == 0 && b->lines.length == 0) return;
    wipe(&b->answer);
    if (settle(b, &why) != RFD_OK) keeper_refuse(&b->answer, 0, &why);
    for (size_t i = 0; i < b->count; i++) {
        if (b->items[i].channel != NULL) send_item(b, &b->items[i], buf_slice(&b->answer));
    }
    for (size_t i = 0; i < b->count; i++) {
        struct channel *channel = b->items[i].channel;
        if (channel == NULL) continue;
        channel_hold(channel, false);
        (void)!channel_flush(channel, NULL);
        batch_forget(b, channel);
    }
    b->count = 0;
    wipe(&b->answers);
}
