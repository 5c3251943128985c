/* SPDX-License-Identifier: EUPL-1.2
 *
 * The keeper is asked often while people sign, and seldom otherwise. It gives a code again when it is not told in time
 * how it went; so each is told at once.
 */
#include "jobs/courier.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "base/number.h"
#include "ipc/channel.h"
#include "jobs/courier_text.h"
#include "jobs/mail.h"
#include "jobs/sms.h"
#include "jobs/work.h"
#include "pki/digest.h"

enum {
    BUSY_PAUSE = 250, /* milliseconds, while people sign */
    IDLE_PAUSE = 1000,
    BUSY_FOR = 60 * 1000, /* since the last code */
    PATIENCE = 5000,
    BODY_SIZE = 64,
    ADDRESS_MAXIMUM = 320,
    WORD_MAXIMUM = 32,
    TITLE_MAXIMUM = 1024,
    LETTER_MAXIMUM = 16 << 10
};
/* Rows of METRIC_CODES. */
enum { ROW_SENT, ROW_LATER };

struct courier {
    const struct jobs *jobs;
    struct mail_sender *mail;
    struct sms_sender *sms;
    int64_t last; /* channel_clock() of the last code; 0: none yet */
    bool failing; /* which is in the log already */
};

rfd_status courier_new(const struct jobs *jobs, struct courier **out, struct rfd_error *error)
{
    struct courier *c = memory_zeroed(1, sizeof *c);
    if (c == NULL) return error_memory(error);
    c->jobs = jobs;
    *out = c;
    return RFD_OK;
}

void courier_free(struct courier *courier)
{
    if (courier == NULL) return;
    mail_sender_free(courier->mail);
    sms_sender_free(courier->sms);
    memory_free(courier);
}

/* ---- Sending ---- */

static rfd_status open_way(struct courier *c, enum personal_channel channel, struct rfd_error *error)
{
    const struct settings *s = c->jobs->settings;
    bool mail = channel == PERSONAL_MAIL;
    if ((mail ? s->mail.server : s->sms.gateway)[0] == '\0')
        return error_set(error, RFD_E_MAIL, "there is no %s in refrenda.yaml", mail ? "mail.server" : "sms.gateway");
    if (mail) return c->mail != NULL ? RFD_OK : jobs_open_mail(c->jobs, &c->mail, error);
    return c->sms != NULL ? RFD_OK : jobs_open_sms(c->jobs, &c->sms, error);
}

/** Of this sending: one that is sent again is not taken for the last one. The code has no part in it. */
static rfd_status make_id(const struct courier_code *code, char id[MAIL_ID_SIZE], struct rfd_error *error)
{
    uint8_t hash[32];
    rfd_time now = clock_now();
    TRY(digest_of(DIGEST_SHA256, code->operation, hash, error));
    for (size_t i = 0; i < sizeof now; i++) hash[i] ^= (uint8_t)(now >> 8 * i);
    hash[sizeof now] ^= code->which;
    number_to_hex(slice_of(hash, (MAIL_ID_SIZE - 1) / 2), false, (uint8_t *)id);
    id[MAIL_ID_SIZE - 1] = '\0';
    return RFD_OK;
}

static rfd_status send_mail(struct courier *c, const struct courier_code *code, slice subject, slice text,
                            enum delivery *delivery, struct rfd_error *why)
{
    const char *from = c->jobs->settings->mail.from;
    struct mail mail = {.from = from, .to = code->address, .subject = subject, .text = text, .time = clock_now()};
    struct buf b;
    TRY(make_id(code, mail.id, why));
    buf_init_secret(&b, MAIL_MAXIMUM);
    mail_write(&mail, &b);
    rfd_status status = buf_check(&b, "mail", why);
    if (status == RFD_OK) *delivery = mail_send(c->mail, from, code->address, buf_slice(&b), why);
    buf_dispose(&b);
    return status;
}

static rfd_status deliver(struct courier *c, const struct courier_code *code, enum delivery *delivery,
                          struct rfd_error *why)
{
    struct buf subject, text;
    rfd_status status = RFD_OK;
    buf_init_secret(&subject, LETTER_MAXIMUM);
    buf_init_secret(&text, LETTER_MAXIMUM);
    TRY_OUT(open_way(c, code->channel, why));
    TRY_OUT(courier_write(c->jobs, code, clock_now(), &subject, &text, why));
    if (code->channel == PERSONAL_MAIL)
        status = send_mail(c, code, buf_slice(&subject), buf_slice(&text), delivery, why);
    else
        *delivery = sms_send(c->sms, code->address, buf_slice(&text), why);
out:
    buf_dispose(&subject);
    buf_dispose(&text);
    return status;
}

/** Whatever came of it, the person's page says so. */
static rfd_status tell_keeper(struct courier *c, const struct courier_code *code, bool taken, struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, BODY_SIZE);
    message_put_u32(&b, 1);
    message_put_bytes(&b, code->operation);
    message_put_u8(&b, code->which);
    message_put_u8(&b, taken);
    rfd_status status = buf_check(&b, "codes-sent", error);
    if (status == RFD_OK)
        status = keeper_client_ask(c->jobs->personal, PERSONAL_CODES_SENT, buf_slice(&b), -1, PATIENCE, NULL, error);
    buf_dispose(&b);
    return status;
}

static rfd_status send_one(struct courier *c, const struct courier_code *code, struct rfd_error *error)
{
    struct rfd_error why = RFD_ERROR_INIT;
    enum delivery delivery = DELIVERY_LATER;
    rfd_status status = deliver(c, code, &delivery, &why);
    bool taken = status == RFD_OK && delivery == DELIVERY_SENT;
    metrics_add_row(METRIC_CODES, taken ? ROW_SENT : ROW_LATER, 1);
    if (!taken)
        log_event(LOG_WARNING, "code-later",
                  "a code for central signing could not be sent; it is tried again as long as its operation lasts",
                  LOG_TEXT("way", code->channel == PERSONAL_MAIL ? "mail" : "sms"), LOG_TEXT("why", why.detail));
    return tell_keeper(c, code, taken, error);
}

/* ---- Taking ---- */

static struct courier_code read_code(struct message_reader *r)
{
    struct courier_code code = {.operation = message_get_bytes(r, PERSONAL_OPERATION_SIZE)};
    code.which = message_get_u8(r);
    code.channel = message_get_u8(r);
    code.address = message_get_text(r, ADDRESS_MAXIMUM);
    code.language = message_get_text(r, WORD_MAXIMUM);
    code.kind = message_get_text(r, WORD_MAXIMUM);
    code.portal = message_get_text(r, TITLE_MAXIMUM);
    code.title = message_get_text(r, TITLE_MAXIMUM);
    code.documents = message_get_u32(r);
    code.code = message_get_text(r, WORD_MAXIMUM);
    code.ends = message_get_i64(r);
    return code;
}

static rfd_status send_all(struct courier *c, struct message_reader *r, struct rfd_error *error)
{
    uint32_t count = message_get_u32(r);
    if (count > 0) c->last = channel_clock();
    for (uint32_t i = 0; i < count && !r->failed && !atomic_load(&c->jobs->hurry); i++) {
        const struct courier_code code = read_code(r);
        if (!r->failed) TRY(send_one(c, &code, error));
    }
    return atomic_load(&c->jobs->hurry) ? RFD_OK : message_end(r, "codes", error);
}

static rfd_status take_and_send(struct courier *c, struct rfd_error *error)
{
    struct keeper_reply reply = {0};
    rfd_status status =
        keeper_client_ask(c->jobs->personal, PERSONAL_TAKE_CODES, SLICE_EMPTY, -1, PATIENCE, &reply, error);
    if (status == RFD_OK) status = send_all(c, &reply.fields, error);
    keeper_reply_dispose(&reply);
    return status;
}

unsigned courier_run(struct courier *courier)
{
    struct rfd_error error = RFD_ERROR_INIT;
    if (!keeper_client_ready(courier->jobs->personal)) return IDLE_PAUSE;
    rfd_status status = take_and_send(courier, &error);
    if (status != RFD_OK && !courier->failing)
        log_failure(LOG_WARNING, "codes", "the personal keeper gives no codes to send; it is asked again", &error);
    courier->failing = status != RFD_OK;
    bool busy = courier->last != 0 && channel_clock() - courier->last < BUSY_FOR;
    return status == RFD_OK && busy ? BUSY_PAUSE : IDLE_PAUSE;
}
