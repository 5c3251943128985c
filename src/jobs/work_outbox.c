/* SPDX-License-Identifier: EUPL-1.2
 *
 * A few mails or SMS are taken from the outbox at a time, for so long that all of them can run into their time limit.
 * Those of which this process does not say how it went, because it was killed, come again when that time is over: a
 * mail may come twice, with the same Message-ID, and is never lost. When no server answers, they go back as if they had
 * not been taken.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/number.h"
#include "domain/outbox/outbox.h"
#include "jobs/mail.h"
#include "jobs/sms.h"
#include "jobs/work.h"
#include "pki/digest.h"

enum { ITEMS_AT_ONCE = 4, HELD_SECONDS = 300, ARENA_MAXIMUM = 16 << 20, WHY_MAXIMUM = 300 };
/* Rows of METRIC_MAIL and METRIC_SMS. */
enum { ROW_SENT, ROW_LATER, ROW_GIVEN_UP };

/** A way out of the house. */
struct way {
    enum outbox_channel channel;
    enum metric metric;
    const char *settings; /* where to look when its server does not answer */
    rfd_status (*open)(struct jobs *jobs, void **sender, struct rfd_error *error);
    /** How it went is `*delivery`, why it was not sent `why`; a failure says nothing about the item. */
    rfd_status (*send)(struct jobs *jobs, void *sender, const struct outbox_item *item, enum delivery *delivery,
                       struct rfd_error *why, struct rfd_error *error);
};

/* ---- Mails ---- */

rfd_status jobs_open_mail(const struct jobs *jobs, struct mail_sender **sender, struct rfd_error *error)
{
    const struct settings *s = jobs->settings;
    const struct mail_server server = {.address = s->mail.server,
                                       .user = s->mail.user,
                                       .password = secret_slice(&jobs->mail_password),
                                       .authorities = buf_slice(&jobs->mail_authorities),
                                       .stop = &jobs->hurry};
    return mail_sender_new(&server, sender, error);
}

static rfd_status open_mail(struct jobs *jobs, void **sender, struct rfd_error *error)
{
    struct mail_sender *made = NULL;
    TRY(jobs_open_mail(jobs, &made, error));
    *sender = made;
    return RFD_OK;
}

/** The same for the same item, whoever sends it; nothing can be read from it. */
static rfd_status make_id(const struct outbox_item *item, char id[MAIL_ID_SIZE], struct rfd_error *error)
{
    uint8_t hash[32];
    struct buf b;
    buf_init(&b, MAIL_MAXIMUM);
    buf_put_signed(&b, item->id);
    buf_put_byte(&b, '\n');
    buf_put_slice(&b, item->identity);
    buf_put_byte(&b, '\n');
    buf_put_slice(&b, item->to);
    buf_put_slice(&b, item->text);
    rfd_status status = buf_check(&b, "mail", error);
    if (status == RFD_OK) status = digest_of(DIGEST_SHA256, buf_slice(&b), hash, error);
    buf_dispose(&b);
    TRY(status);
    number_to_hex(slice_of(hash, (MAIL_ID_SIZE - 1) / 2), false, (uint8_t *)id);
    id[MAIL_ID_SIZE - 1] = '\0';
    return RFD_OK;
}

static rfd_status send_mail(struct jobs *jobs, void *sender, const struct outbox_item *item, enum delivery *delivery,
                            struct rfd_error *why, struct rfd_error *error)
{
    const char *from = jobs->settings->mail.from;
    struct mail mail = {
        .from = from, .to = item->to, .subject = item->subject, .text = item->text, .time = clock_now()};
    struct buf b;
    TRY(make_id(item, mail.id, error));
    buf_init_secret(&b, MAIL_MAXIMUM);
    mail_write(&mail, &b);
    rfd_status status = buf_check(&b, "mail", error);
    if (status == RFD_OK) *delivery = mail_send(sender, from, item->to, buf_slice(&b), why);
    buf_dispose(&b); /* there may be a link or code in it */
    return status;
}

static const struct way mail_way = {OUTBOX_MAIL, METRIC_MAIL, "mail", open_mail, send_mail};

/* ---- SMS ---- */

rfd_status jobs_open_sms(const struct jobs *jobs, struct sms_sender **sender, struct rfd_error *error)
{
    const struct settings *s = jobs->settings;
    const struct sms_gateway gateway = {.address = s->sms.gateway,
                                        .user = s->sms.user,
                                        .from = s->sms.from,
                                        .password = secret_slice(&jobs->sms_password),
                                        .stop = &jobs->hurry};
    return sms_sender_new(&gateway, sender, error);
}

static rfd_status open_sms(struct jobs *jobs, void **sender, struct rfd_error *error)
{
    struct sms_sender *made = NULL;
    TRY(jobs_open_sms(jobs, &made, error));
    *sender = made;
    return RFD_OK;
}

static rfd_status send_sms(struct jobs *jobs, void *sender, const struct outbox_item *item, enum delivery *delivery,
                           struct rfd_error *why, struct rfd_error *error)
{
    (void)jobs;
    (void)error;
    *delivery = sms_send(sender, item->to, item->text, why);
    return RFD_OK;
}

static const struct way sms_way = {OUTBOX_SMS, METRIC_SMS, "sms", open_sms, send_sms};

/* ---- Either ---- */

static rfd_status settle(struct jobs *jobs, const struct way *way, const struct outbox_item *item, enum delivery result,
                         const struct rfd_error *why, struct rfd_error *error)
{
    struct store *store = jobs->authority.store;
    if (result == DELIVERY_SENT) {
        metrics_add_row(way->metric, ROW_SENT, 1);
        return outbox_sent(store, item->id, jobs->settings->web.demo, error);
    }
    bool for_good = result == DELIVERY_REFUSED;
    metrics_add_row(way->metric, for_good ? ROW_GIVEN_UP : ROW_LATER, 1);
    log_event(for_good ? LOG_WARNING : LOG_NOTICE, for_good ? "message-refused" : "message-later",
              for_good ? "a message was refused for good; correct the recipient's address and tell him another way"
                       : "a message could not be delivered now and is tried again",
              LOG_NUMBER("message", item->id), LOG_TEXT("way", way->settings), LOG_TEXT("why", why->detail));
    return outbox_failed(store, item->id, for_good, slice_part(slice_text(why->detail), 0, WHY_MAXIMUM), error);
}

static rfd_status send_one(struct jobs *jobs, const struct way *way, void *sender, const struct outbox_item *item,
                           struct rfd_error *error)
{
    struct rfd_error why = RFD_ERROR_INIT;
    enum delivery result = DELIVERY_LATER;
    TRY(way->send(jobs, sender, item, &result, &why, error));
    if (result != DELIVERY_NO_SERVER) return settle(jobs, way, item, result, &why, error);
    if (atomic_load(&jobs->hurry)) return RFD_E_CANCELLED;
    return error_set(error, RFD_E_MAIL, "%s; see \"%s\" in refrenda.yaml, and that server's log", why.detail,
                     way->settings);
}

/** Those that were not tried. */
static void release(struct jobs *jobs, const struct outbox_item *items, size_t count)
{
    struct rfd_error error = RFD_ERROR_INIT;
    for (size_t i = 0; i < count; i++) {
        if (outbox_release(jobs->authority.store, items[i].id, &error) != RFD_OK)
            log_failure(LOG_NOTICE, "message-held", "a message waits some minutes more", &error);
    }
}

static rfd_status send_some(struct jobs *jobs, const struct way *way, void **sender, size_t *count,
                            struct rfd_error *error)
{
    struct outbox_item *items = NULL;
    struct arena a;
    arena_init(&a, ARENA_MAXIMUM);
    rfd_status status =
        outbox_take(jobs->authority.store, way->channel, HELD_SECONDS, ITEMS_AT_ONCE, &a, &items, count, error);
    if (status == RFD_OK && *count > 0 && *sender == NULL) status = way->open(jobs, sender, error);
    for (size_t i = 0; i < *count && status == RFD_OK; i++) {
        status = send_one(jobs, way, *sender, &items[i], error);
        if (status != RFD_OK) release(jobs, items + i, *count - i);
    }
    arena_dispose(&a);
    return status;
}

static rfd_status send_all(struct jobs *jobs, const struct way *way, void **sender, struct rfd_error *error)
{
    size_t count = 1;
    rfd_status status = RFD_OK;
    while (count > 0 && status == RFD_OK && !atomic_load(&jobs->hurry)) {
        count = 0;
        status = send_some(jobs, way, sender, &count, error);
    }
    return status == RFD_E_CANCELLED ? RFD_OK : status;
}

rfd_status job_mail(struct jobs *jobs, struct rfd_error *error)
{
    void *sender = NULL;
    if (jobs->settings->mail.server[0] == '\0') return RFD_OK;
    rfd_status status = send_all(jobs, &mail_way, &sender, error);
    mail_sender_free(sender);
    return status;
}

rfd_status job_sms(struct jobs *jobs, struct rfd_error *error)
{
    void *sender = NULL;
    if (jobs->settings->sms.gateway[0] == '\0') return RFD_OK;
    rfd_status status = send_all(jobs, &sms_way, &sender, error);
    sms_sender_free(sender);
    return status;
}
