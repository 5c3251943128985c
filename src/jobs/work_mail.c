/* SPDX-License-Identifier: EUPL-1.2
 *
 * A few mails are taken from the outbox at a time, for so long that all of them can run into their time limit. Those of
 * which this process does not say how it went, because it was killed, come again when that time is over: a mail may
 * come twice, with the same Message-ID, and is never lost. When no server answers, they go back as if they had not been
 * taken.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/number.h"
#include "domain/outbox/outbox.h"
#include "jobs/mail.h"
#include "jobs/work.h"
#include "pki/digest.h"

enum { MAILS_AT_ONCE = 4, HELD_SECONDS = 300, ARENA_MAXIMUM = 16 << 20, WHY_MAXIMUM = 300 };
/* Rows of METRIC_MAIL. */
enum { ROW_SENT, ROW_LATER, ROW_GIVEN_UP };

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

static rfd_status settle(struct jobs *jobs, const struct outbox_item *item, enum mail_result result,
                         const struct rfd_error *why, struct rfd_error *error)
{
    struct store *store = jobs->authority.store;
    if (result == MAIL_SENT) {
        metrics_add_row(METRIC_MAIL, ROW_SENT, 1);
        return outbox_sent(store, item->id, error);
    }
    bool for_good = result == MAIL_REFUSED;
    metrics_add_row(METRIC_MAIL, for_good ? ROW_GIVEN_UP : ROW_LATER, 1);
    log_event(for_good ? LOG_WARNING : LOG_NOTICE, for_good ? "mail-refused" : "mail-later",
              for_good ? "a mail was refused for good; correct the recipient's address and tell him another way"
                       : "a mail could not be delivered now and is tried again",
              LOG_NUMBER("mail", item->id), LOG_TEXT("why", why->detail));
    return outbox_failed(store, item->id, for_good, slice_part(slice_text(why->detail), 0, WHY_MAXIMUM), error);
}

static rfd_status send_one(struct jobs *jobs, struct mail_sender *sender, const struct outbox_item *item,
                           struct rfd_error *error)
{
    const char *from = jobs->settings->mail.from;
    struct mail mail = {
        .from = from, .to = item->to, .subject = item->subject, .text = item->text, .time = clock_now()};
    struct rfd_error why = RFD_ERROR_INIT;
    enum mail_result result = MAIL_LATER;
    struct buf b;
    TRY(make_id(item, mail.id, error));
    buf_init(&b, MAIL_MAXIMUM);
    mail_write(&mail, &b);
    rfd_status status = buf_check(&b, "mail", error);
    if (status == RFD_OK) result = mail_send(sender, from, item->to, buf_slice(&b), &why);
    buf_dispose(&b);
    TRY(status);
    if (result != MAIL_NO_SERVER) return settle(jobs, item, result, &why, error);
    if (atomic_load(&jobs->hurry)) return RFD_E_CANCELLED;
    return error_set(error, RFD_E_MAIL, "%s; see mail in refrenda.yaml, and the mail server's log", why.detail);
}

/** Those that were not tried. */
static void release(struct jobs *jobs, const struct outbox_item *items, size_t count)
{
    struct rfd_error error = RFD_ERROR_INIT;
    for (size_t i = 0; i < count; i++) {
        if (outbox_release(jobs->authority.store, items[i].id, &error) != RFD_OK)
            log_failure(LOG_NOTICE, "mail-held", "a mail waits some minutes more", &error);
    }
}

static rfd_status send_some(struct jobs *jobs, struct mail_sender **sender, size_t *count, struct rfd_error *error)
{
    const struct settings *s = jobs->settings;
    const struct mail_server server = {.address = s->mail.server,
                                       .user = s->mail.user,
                                       .password = secret_slice(&jobs->mail_password),
                                       .authorities = buf_slice(&jobs->mail_authorities),
                                       .stop = &jobs->hurry};
    struct outbox_item *items = NULL;
    struct arena a;
    arena_init(&a, ARENA_MAXIMUM);
    rfd_status status = outbox_take(jobs->authority.store, HELD_SECONDS, MAILS_AT_ONCE, &a, &items, count, error);
    if (status == RFD_OK && *count > 0 && *sender == NULL) status = mail_sender_new(&server, sender, error);
    for (size_t i = 0; i < *count && status == RFD_OK; i++) {
        status = send_one(jobs, *sender, &items[i], error);
        if (status != RFD_OK) release(jobs, items + i, *count - i);
    }
    arena_dispose(&a);
    return status;
}

rfd_status job_mail(struct jobs *jobs, struct rfd_error *error)
{
    struct mail_sender *sender = NULL;
    size_t count = 1;
    rfd_status status = RFD_OK;
    if (jobs->settings->mail.server[0] == '\0') return RFD_OK;
    while (count > 0 && status == RFD_OK && !atomic_load(&jobs->hurry)) {
        count = 0;
        status = send_some(jobs, &sender, &count, error);
    }
    mail_sender_free(sender);
    return status == RFD_E_CANCELLED ? RFD_OK : status;
}
