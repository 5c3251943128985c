/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/batch.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"

enum { ANSWER_MAXIMUM = KEEPER_MESSAGE_MAXIMUM - MESSAGE_HEADER_SIZE, GATHERING_MILLISECONDS = 1 };

void batch_init(struct batch *b, int audit)
{
    *b = (struct batch){.audit = audit};
    buf_init_secret(&b->answer, ANSWER_MAXIMUM);
    for (size_t i = 0; i < 2; i++) {
        buf_init_secret(&b->parts[i].answers, BATCH_OCTETS + ANSWER_MAXIMUM);
        buf_init(&b->parts[i].lines, (BATCH_ANSWERS + 1) * KEEPER_EVENT_MAXIMUM);
        b->parts[i].why = RFD_ERROR_INIT;
    }
    b->filling = &b->parts[0];
}

void batch_dispose(struct batch *b)
{
    buf_dispose(&b->answer);
    for (size_t i = 0; i < 2; i++) {
        buf_dispose(&b->parts[i].answers);
        buf_dispose(&b->parts[i].lines);
    }
}

rfd_status batch_audit(void *context, const struct keeper_event *event, struct rfd_error *error)
{
    struct batch *b = context;
    keeper_event_put(&b->filling->lines, event);
    return buf_check(&b->filling->lines, "audit", error);
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
    struct batch_part *p = b->filling;
    p->items[p->count] =
        (struct batch_item){channel, message->request, p->answers.length, b->answer.length, message->type};
    buf_put_slice(&p->answers, buf_slice(&b->answer));
    TRY(buf_check(&p->answers, "answers", error));
    p->count++;
    return RFD_OK;
}

bool batch_is_full(const struct batch *b)
{
    return b->filling->count == BATCH_ANSWERS || b->filling->answers.length >= BATCH_OCTETS;
}

size_t batch_count(const struct batch *b)
{
    return b->filling->count;
}

int batch_gathers(const struct batch *b)
{
    if (b->filling->count == 0 || b->filling->count >= BATCH_GATHERED || !keeper_owes(b->keeper)) return 0;
    return b->last > 1 ? GATHERING_MILLISECONDS : 0;
}

static void forget(struct batch_part *p, const struct channel *channel)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->items[i].channel == channel) p->items[i].channel = NULL;
    }
}

void batch_forget(struct batch *b, const struct channel *channel)
{
    forget(&b->parts[0], channel);
    forget(&b->parts[1], channel);
}

/** What was told of these answers is not what becomes of them; that is told, too. */
static void tell_refusal(struct batch_part *p)
{
    const struct keeper_event event = {
        .time = clock_now(), .operation = "withheld", .uses = p->count, .status = p->why.code, .detail = p->why.detail};
    keeper_event_put(&p->lines, &event);
}

/** To the audit, after the disk. What cannot be told is refused. */
static void tell(const struct batch *b, struct batch_part *p)
{
    struct rfd_error unsaid = RFD_ERROR_INIT;
    if (p->why.code != RFD_OK) tell_refusal(p);
    rfd_status told = keeper_event_send(b->audit, buf_slice(&p->lines), &unsaid);
    buf_reset(&p->lines);
    if (told != RFD_OK && p->why.code == RFD_OK) p->why = unsaid;
}

/** A peer that has hung up, or reads nothing, loses its answers; the server sees to its channel. */
static void send_item(const struct batch_part *p, const struct batch_item *item, slice refusal)
{
    slice body = refusal.length > 0 ? refusal : slice_part(buf_slice(&p->answers), item->start, item->length);
    channel_hold(item->channel, true);
    (void)!channel_send(item->channel, item->type, item->request, body, NULL, 0, NULL);
}

/** What is settled, or refused, leaves. */
static void send_part(struct batch *b, struct batch_part *p)
{
    wipe(&b->answer);
    tell(b, p);
    if (p->why.code != RFD_OK) keeper_refuse(&b->answer, 0, &p->why);
    for (size_t i = 0; i < p->count; i++) {
        if (p->items[i].channel != NULL) send_item(p, &p->items[i], buf_slice(&b->answer));
    }
    for (size_t i = 0; i < p->count; i++) {
        struct channel *channel = p->items[i].channel;
        if (channel == NULL) continue;
        channel_hold(channel, false);
        (void)!channel_flush(channel, NULL);
        forget(p, channel);
    }
    b->last = p->count;
    p->count = 0;
    p->why = RFD_ERROR_INIT;
    wipe(&p->answers);
}

/** What was taken since has lost its records, too: the journal is read again before more is written. */
static void land(struct batch *b)
{
    struct batch_part *p = b->flying;
    if (p == NULL) return;
    b->flying = NULL;
    if (keeper_settle_land(b->keeper, &p->why) != RFD_OK && b->filling->count > 0) b->filling->why = p->why;
    send_part(b, p);
}

bool batch_land(struct batch *b)
{
    if (b->flying == NULL || !keeper_has_landed(b->keeper)) return false;
    land(b);
    return true;
}

void batch_send(struct batch *b)
{
    struct batch_part *p = b->filling;
    land(b);
    if (p->count == 0 && p->lines.length == 0) return;
    if (p->why.code == RFD_OK) (void)!keeper_settle(b->keeper, &p->why);
    send_part(b, p);
}

void batch_go(struct batch *b)
{
    struct batch_part *p = b->filling;
    if (b->flying != NULL) return;
    if (p->why.code != RFD_OK || !keeper_settle_go(b->keeper)) {
        batch_send(b);
        return;
    }
    b->flying = p;
    b->filling = p == &b->parts[0] ? &b->parts[1] : &b->parts[0];
}
