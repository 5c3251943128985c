/* SPDX-License-Identifier: EUPL-1.2
 *
 * Asking a time-stamp service (RFC 3161 §2.4, §3.4): the request, and what its answer must echo before the token in it
 * is believed.
 */
#include "pki/cms/timestamp.h"

#include "base/error.h"
#include "base/text.h"

#include <openssl/rand.h>

enum { NONCE_SIZE = 16, RESPONSE_MAXIMUM = 1 << 20 };

void timestamp_put_request(struct buf *b, enum digest_id id, slice digest, slice nonce, slice policy)
{
    size_t request = der_open(b, DER_SEQUENCE);
    der_put_unsigned(b, 1);
    size_t imprint = der_open(b, DER_SEQUENCE);
    digest_put_algorithm(b, id);
    der_put(b, DER_OCTET_STRING, digest);
    der_close(b, imprint);
    if (policy.length > 0) der_put_oid(b, policy);
    if (nonce.length > 0) der_put_integer(b, nonce);
    der_put_boolean(b, true); /* certReq: the token must be verifiable by itself */
    der_close(b, request);
}

/* --- Refusals in words ------------------------------------------------------------------------------------------- */

/* PKIStatus (RFC 3161 §2.4.2); 0 and 1 are success. */
static const char *const status_words[] = {
    "granted", "granted with modifications", "rejected", "waiting", "revocation warning", "revocation notification",
};

static const struct {
    int bit;
    const char *words;
} failure_words[] = {
    {0, "badAlg: the digest algorithm is not known or not supported"},
    {2, "badRequest: this kind of request is not allowed or not supported"},
    {5, "badDataFormat: the request is malformed"},
    {14, "timeNotAvailable: its time source is not available"},
    {15, "unacceptedPolicy: the policy asked for is not supported"},
    {16, "unacceptedExtension: the extension asked for is not supported"},
    {17, "addInfoNotAvailable: additional information asked for is not available"},
    {25, "systemFailure: the service failed"},
};

static bool bit_is_set(slice bits, int bit)
{
    size_t at = 1 + (size_t)bit / 8; /* the first octet counts unused bits */
    return at < bits.length && (bits.data[at] & (0x80 >> (bit % 8))) != 0;
}

/* PKIFreeText: what a stranger says, made safe to print. */
static void put_texts(struct buf *b, slice texts)
{
    enum { TEXTS_SHOWN = 4 };
    slice text;
    for (int i = 0; i < TEXTS_SHOWN && der_take_optional(&texts, DER_UTF8_STRING, &text); i++) {
        buf_put_text(b, "; \"");
        text_put_printable(b, slice_part(text, 0, 120));
        buf_put_text(b, "\"");
    }
}

static rfd_status refused(uint64_t code, slice texts, slice failures, struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, 4096);
    buf_put_text(&b, code < sizeof status_words / sizeof *status_words ? status_words[code] : "unknown status");
    for (size_t i = 0; i < sizeof failure_words / sizeof *failure_words; i++) {
        if (!bit_is_set(failures, failure_words[i].bit)) continue;
        buf_put_text(&b, "; ");
        buf_put_text(&b, failure_words[i].words);
    }
    put_texts(&b, texts);
    rfd_status status = buf_status(&b) == RFD_E_MEMORY
                            ? error_memory(error)
                            : error_set(error, RFD_E_TSP_REFUSED, "%.*s", (int)b.length, (const char *)b.data);
    buf_dispose(&b);
    return status;
}

/* PKIStatusInfo { status, statusString OPTIONAL, failInfo OPTIONAL }. */
static rfd_status check_status(slice info, struct rfd_error *error)
{
    slice code, texts = SLICE_EMPTY, failures = SLICE_EMPTY;
    uint64_t number;
    TRY(der_take(&info, DER_INTEGER, &code, "PKIStatus", error));
    (void)der_take_optional(&info, DER_SEQUENCE, &texts);
    (void)der_take_optional(&info, DER_BIT_STRING, &failures);
    TRY(der_end_of(info, "PKIStatusInfo", error));
    if (!der_unsigned(code, &number)) return error_set(error, RFD_E_TSP, "PKIStatus is malformed");
    return number <= 1 ? RFD_OK : refused(number, texts, failures, error);
}

/* --- The answer -------------------------------------------------------------------------------------------------- */

static slice magnitude(slice integer)
{
    while (integer.length > 0 && integer.data[0] == 0) integer = slice_from(integer, 1);
    return integer;
}

static rfd_status check_echo(const struct timestamp *t, enum digest_id id, slice digest, slice nonce,
                             struct rfd_error *error)
{
    if (t->imprint_digest != id || !slice_equal(t->imprint, digest)) {
        return error_set(error, RFD_E_TSP, "the token stamps another digest than the one sent");
    }
    if (nonce.length == 0) return RFD_OK;
    bool negative = t->nonce.length > 0 && t->nonce.data[0] >= 0x80;
    if (t->nonce.length == 0 || negative || !slice_equal(magnitude(t->nonce), magnitude(nonce))) {
        return error_set(error, RFD_E_TSP, "the answer %s (RFC 3161 §2.4.2)",
                         t->nonce.length == 0 ? "lacks the nonce that was sent"
                                              : "is for another request: other nonce");
    }
    return RFD_OK;
}

/* Splits TimeStampResp { status, timeStampToken OPTIONAL }. */
static rfd_status open_response(slice response, slice *token, struct rfd_error *error)
{
    slice in, info;
    struct der_item item;
    TRY(der_only(response, DER_SEQUENCE, &in, "TimeStampResp", error));
    TRY(der_take(&in, DER_SEQUENCE, &info, "PKIStatusInfo", error));
    TRY(check_status(info, error));
    if (!der_next(&in, &item)) return error_set(error, RFD_E_TSP, "granted, but there is no token");
    TRY(der_end_of(in, "TimeStampResp", error));
    *token = item.whole;
    return RFD_OK;
}

rfd_status timestamp_read_response(slice response, enum digest_id id, slice digest, slice nonce, slice *token,
                                   struct rfd_error *error)
{
    slice found;
    struct timestamp t;
    rfd_status status = open_response(response, &found, error);
    if (status == RFD_E_DER) return error_wrap(error, RFD_E_TSP, "the answer is not a TimeStampResp");
    if (status != RFD_OK) return status;
    TRY(timestamp_parse(found, &t, error));
    status = check_echo(&t, id, digest, nonce, error);
    timestamp_dispose(&t);
    if (status == RFD_OK) *token = found;
    return status;
}

static rfd_status verify_token(slice token, slice digest, struct rfd_error *error)
{
    struct timestamp t;
    TRY(timestamp_parse(token, &t, error));
    rfd_status status = timestamp_verify(&t, digest, error);
    timestamp_dispose(&t);
    return status;
}

/* RFC 3161 §3.4: the request as the body of a POST. */
static rfd_status ask(const struct rfd_fetcher *fetcher, const char *url, slice body, struct buf *answer,
                      struct rfd_error *error)
{
    const struct fetch_request request = {.url = url,
                                          .body = body,
                                          .content_type = "application/timestamp-query",
                                          .accept = "application/timestamp-reply",
                                          .maximum = RESPONSE_MAXIMUM};
    return fetch(fetcher, &request, answer, error);
}

rfd_status timestamp_fetch(const struct rfd_fetcher *fetcher, const char *url, enum digest_id id, slice digest,
                           struct buf *token, struct rfd_error *error)
{
    uint8_t random[NONCE_SIZE];
    slice nonce = slice_of(random, sizeof random);
    struct buf request, answer;
    slice found;
    rfd_status status;
    buf_init(&request, 1024);
    buf_init(&answer, RESPONSE_MAXIMUM);
    if (RAND_bytes(random, sizeof random) != 1) {
        status = error_set(error, RFD_E_INTERNAL, "no random numbers for the nonce");
        goto out;
    }
    timestamp_put_request(&request, id, digest, nonce, SLICE_EMPTY);
    TRY_OUT(buf_check(&request, "time-stamp request", error));
    TRY_OUT(ask(fetcher, url, buf_slice(&request), &answer, error));
    TRY_OUT(timestamp_read_response(buf_slice(&answer), id, digest, nonce, &found, error));
    TRY_OUT(verify_token(found, digest, error));
    buf_put_slice(token, found);
    TRY_OUT(buf_check(token, "time-stamp token", error));
out:
    buf_dispose(&request);
    buf_dispose(&answer);
    return status;
}
