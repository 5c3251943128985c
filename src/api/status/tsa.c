/* SPDX-License-Identifier: EUPL-1.2
 *
 * Time-stamps over HTTP (RFC 3161 §3.4). Requests are judged here, tokens are made by the signers, with their own clock
 * and serial numbers; whether that clock may be believed is looked after here (trusted_clock.h). Every rejection is a
 * TimeStampResp with status 200.
 *
 * Each token leaves three traces: the key's counter and the audit line of the signer, which come before the token is
 * handed out, and the line in this process's log with serial number, imprint and time.
 *
 * The policy of the service is bound to its key, in the signers. It is learned from a token that is made of nothing as
 * soon as a signer answers, which also shows that the whole way works.
 */
#include "api/status/service.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "base/number.h"
#include "pki/cms/timestamp.h"

enum { RESULT_GRANTED, RESULT_REJECTED, RESULT_FAILED }; /* rows of the metric */
static const char content_type[] = "application/timestamp-reply";
/* Policies below 2.999, the arc for examples (X.660), promise nothing. */
static const uint8_t example_arc[] = {0x88, 0x37};

struct token_job {
    struct status_service *service;
    struct http_later *later; /* NULL: the service's own */
    rfd_time since;
    enum digest_id digest;
    size_t hash_length;
    uint8_t hash[DIGEST_SIZE_MAXIMUM];
};

static void reject(struct http_response *response, enum stamper_failure failure, unsigned row)
{
    enum { REJECTION_MAXIMUM = 256 };
    uint8_t *bytes = arena_allocate(response->arena, REJECTION_MAXIMUM);
    struct buf b = {.data = bytes, .capacity = REJECTION_MAXIMUM, .maximum = REJECTION_MAXIMUM};
    if (bytes == NULL) b.status = RFD_E_MEMORY;
    stamper_put_rejection(&b, failure);
    metrics_add_row(METRIC_TSA_TOKENS, row, 1);
    http_response_body(response, content_type, buf_slice(&b));
    http_response_cache(response, HTTP_NO_STORE, 0);
}

/* ---- Answers of signers ---- */

static void log_token(const struct token_job *j, slice serial, rfd_time time)
{
    uint8_t serial_text[2 * STAMPER_SERIAL_MAXIMUM];
    uint8_t hash_text[2 * DIGEST_SIZE_MAXIMUM];
    char time_text[CLOCK_TEXT_SIZE];
    if (serial.length > STAMPER_SERIAL_MAXIMUM) serial.length = STAMPER_SERIAL_MAXIMUM;
    number_to_hex(serial, false, serial_text);
    number_to_hex(slice_of(j->hash, j->hash_length), false, hash_text);
    log_event(LOG_INFO, "time-stamp", "a time-stamp was made",
              LOG_SLICE("serial", slice_of(serial_text, 2 * serial.length)), LOG_TEXT("digest", digest_name(j->digest)),
              LOG_SLICE("imprint", slice_of(hash_text, 2 * j->hash_length)),
              LOG_TEXT("time", clock_iso(time, time_text)), LOG_NUMBER("microseconds", time % RFD_SECOND));
}

static void grant(struct token_job *j, slice token)
{
    struct http_response *response = http_later_response(j->later);
    slice copy = arena_copy(response->arena, token);
    if (copy.data == NULL) {
        reject(response, STAMPER_SYSTEM_FAILURE, RESULT_FAILED);
        return;
    }
    http_response_body(response, content_type, copy);
    http_response_cache(response, HTTP_NO_STORE, 0);
    metrics_add_row(METRIC_TSA_TOKENS, RESULT_GRANTED, 1);
    metrics_time(METRIC_TSA_TIME, clock_now() - j->since);
}

/** RFD_OK: `policy` has the policy of a token that is as asked. */
static rfd_status read_policy(const struct token_job *j, slice response, struct buf *policy, struct rfd_error *error)
{
    struct timestamp token;
    slice bytes;
    TRY(timestamp_read_response(response, j->digest, slice_of(j->hash, j->hash_length), SLICE_EMPTY, &bytes, error));
    TRY(timestamp_parse(bytes, &token, error));
    buf_put_slice(policy, token.policy);
    timestamp_dispose(&token);
    return buf_check(policy, "policy", error);
}

static void learn(const struct token_job *j, slice response)
{
    struct status_service *s = j->service;
    struct rfd_error error = RFD_ERROR_INIT;
    struct buf policy = {.data = s->policy, .capacity = sizeof s->policy, .maximum = sizeof s->policy};
    enum status_stamps now = STATUS_STAMPS_NOT_YET;
    if (read_policy(j, response, &policy, &error) != RFD_OK) {
        status_complain(s, "tsa-token", "the first time-stamp cannot be read", &error);
    } else if (s->clock.source == CLOCK_UNCHECKED &&
               !slice_starts(buf_slice(&policy), slice_of(example_arc, sizeof example_arc))) {
        now = STATUS_STAMPS_REFUSED;
        log_event(LOG_ERROR, "tsa-clock-unchecked",
                  "no time-stamps are made: status.clock is \"unchecked\", which only policies below 2.999 allow");
    } else {
        s->stamper.plan.policies[0] = buf_slice(&policy);
        s->stamper.plan.policy_count = 1;
        now = STATUS_STAMPS_READY;
    }
    atomic_store(&s->stamps, now);
}

static void end(struct token_job *j)
{
    struct status_service *s = j->service;
    if (j->later != NULL) http_later_done(j->later, NULL);
    memory_free(j);
    atomic_fetch_sub(&s->asked, 1);
}

static void token_failed(struct token_job *j, rfd_status status, const struct rfd_error *error)
{
    /* The signer's clock fell behind its last use, or is said to be wrong. */
    bool by_clock = status == RFD_E_KEY_REFUSED || status == RFD_E_CLOCK;
    status_complain(j->service, "tsa-not-signed", "time-stamps are not made", error);
    if (j->later != NULL)
        reject(http_later_response(j->later), by_clock ? STAMPER_TIME_NOT_AVAILABLE : STAMPER_SYSTEM_FAILURE,
               RESULT_FAILED);
    else
        atomic_store(&j->service->stamps, STATUS_STAMPS_NOT_YET);
}

static void answered(void *context, rfd_status status, struct message_reader *fields, const struct rfd_error *why)
{
    struct token_job *j = context;
    struct rfd_error error = RFD_ERROR_INIT;
    slice token = SLICE_EMPTY;
    if (status == RFD_OK) {
        token = message_get_bytes(fields, STAMPER_RESPONSE_MAXIMUM);
        slice serial = message_get_bytes(fields, STAMPER_SERIAL_MAXIMUM);
        rfd_time time = message_get_i64(fields);
        status = message_end(fields, "time-stamp", &error);
        if (status == RFD_OK) log_token(j, serial, time);
    } else {
        error = *why;
    }
    if (status != RFD_OK)
        token_failed(j, status, &error);
    else if (j->later != NULL)
        grant(j, token);
    else
        learn(j, token);
    end(j);
}

static void ask(struct token_job *j, slice nonce, bool wants_certificate)
{
    enum { QUESTION_MAXIMUM = 512 };
    uint8_t bytes[QUESTION_MAXIMUM];
    struct buf b = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    struct rfd_error error = RFD_ERROR_INIT;
    message_put_text(&b, j->service->settings->status.tsa_key);
    message_put_text(&b, digest_name(j->digest));
    message_put_bytes(&b, slice_of(j->hash, j->hash_length));
    message_put_bytes(&b, nonce);
    message_put_u8(&b, wants_certificate);
    rfd_status status = buf_check(&b, "question", &error);
    if (status == RFD_OK)
        status = keeper_client_send(j->service->signers, KEEPER_SIGN_TIMESTAMP, buf_slice(&b),
                                    STATUS_SIGNER_MILLISECONDS, answered, j, &error);
    if (status != RFD_OK) answered(j, status, NULL, &error);
}

static struct token_job *job_new(struct status_service *s, enum digest_id digest, slice hash)
{
    struct token_job *j = memory_zeroed(1, sizeof *j);
    if (j == NULL || hash.length > sizeof j->hash) {
        memory_free(j);
        return NULL;
    }
    j->service = s;
    j->since = clock_now();
    j->digest = digest;
    j->hash_length = hash.length;
    memcpy(j->hash, hash.data, hash.length);
    atomic_fetch_add(&s->asked, 1);
    return j;
}

void status_tsa_probe(struct status_service *s)
{
    static const uint8_t nothing[32];
    int not_yet = STATUS_STAMPS_NOT_YET;
    if (s->settings->status.tsa_key[0] == '\0' || !keeper_client_ready(s->signers)) return;
    if (!atomic_compare_exchange_strong(&s->stamps, &not_yet, STATUS_STAMPS_ASKED)) return;
    struct token_job *j = job_new(s, DIGEST_SHA256, slice_of(nothing, sizeof nothing));
    if (j == NULL)
        atomic_store(&s->stamps, STATUS_STAMPS_NOT_YET);
    else
        ask(j, SLICE_EMPTY, true);
}

/* ---- Requests ---- */

/** True when a token may be asked for; else the failure is set. */
static bool may_be_granted(struct status_service *s, const struct http_request *http, struct stamper_request *request,
                           enum stamper_failure *failure)
{
    struct rfd_error error = RFD_ERROR_INIT;
    bool silent = http_request_header(http, "content-type", 0).data == NULL;
    *failure = STAMPER_BAD_DATA_FORMAT;
    if (!silent && !http_request_is(http, "application/timestamp-query")) return false;
    int stamps = atomic_load(&s->stamps);
    if (stamps != STATUS_STAMPS_READY) {
        *failure = stamps == STATUS_STAMPS_REFUSED ? STAMPER_TIME_NOT_AVAILABLE : STAMPER_SYSTEM_FAILURE;
        return false;
    }
    if (stamper_request_parse(&s->stamper, http->body, request, failure, &error) != RFD_OK) return false;
    *failure = STAMPER_TIME_NOT_AVAILABLE;
    return trusted_clock_good(&s->clock, status_uptime());
}

rfd_status status_tsa_post(struct http_request *http, struct http_response *response, void *context,
                           struct rfd_error *error)
{
    struct status_service *s = context;
    struct stamper_request request;
    enum stamper_failure failure;
    if (s->settings->status.tsa_key[0] == '\0') return error_set(error, RFD_E_NOT_FOUND, NULL);
    if (!may_be_granted(s, http, &request, &failure)) {
        reject(response, failure, RESULT_REJECTED);
        return RFD_OK;
    }
    struct token_job *j = job_new(s, request.digest, request.hash);
    if (j != NULL) j->later = http_request_later(http);
    if (j == NULL || j->later == NULL) {
        reject(response, STAMPER_SYSTEM_FAILURE, RESULT_FAILED);
        if (j != NULL) end(j);
        return RFD_OK;
    }
    ask(j, request.nonce, request.wants_certificate);
    return RFD_OK;
}
