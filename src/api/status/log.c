/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/status/log.h"

#include "api/status/service.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "domain/transparency/transparency.h"
#include "pki/certificate/pem.h"
#include "pki/digest.h"

enum {
    HASH = TRANSPARENCY_HASH_SIZE,
    HEAD_SECONDS = 5,
    KEY_SECONDS = 3600,
    END_SECONDS = 5,
    FOREVER_SECONDS = 365 * 24 * 3600,
    ANSWER_MAXIMUM = 16 << 10,
    KEPT_MICROSECONDS = 1000000
};
#define JSON "application/json"

struct status_log {
    struct store *store;
    pthread_mutex_t lock;
    struct http_prepared *head; /* NULL: none was read yet */
    int64_t until;              /* by status_uptime() */
};

rfd_status status_log_new(struct store *store, struct status_log **out, struct rfd_error *error)
{
    struct status_log *log = memory_zeroed(1, sizeof *log);
    if (log == NULL) return error_memory(error);
    log->store = store;
    (void)pthread_mutex_init(&log->lock, NULL);
    *out = log;
    return RFD_OK;
}

void status_log_free(struct status_log *log)
{
    if (log == NULL) return;
    http_prepared_release(log->head);
    (void)pthread_mutex_destroy(&log->lock);
    memory_free(log);
}

static struct status_log *log_of(void *context)
{
    return ((struct status_service *)context)->log;
}

/* --- Answers ------------------------------------------------------------------------------------------------------ */

enum { TAG_OCTETS = 12, TAG_SIZE = 2 * TAG_OCTETS };

/** A validator is the beginning of the body's hash. */
static rfd_status tag_of(slice body, uint8_t tag[TAG_SIZE], struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    TRY(digest_of(DIGEST_SHA256, body, digest, error));
    number_to_hex(slice_of(digest, TAG_OCTETS), false, tag);
    return RFD_OK;
}

/** What is in `body` becomes the answer; `body` is disposed of. */
static rfd_status answer(struct http_response *response, const char *type, struct buf *body, enum http_cache cache,
                         uint64_t seconds, struct rfd_error *error)
{
    uint8_t tag[TAG_SIZE];
    slice kept = SLICE_EMPTY;
    rfd_status status = buf_check(body, "answer", error);
    if (status == RFD_OK) status = tag_of(buf_slice(body), tag, error);
    if (status == RFD_OK) {
        kept = arena_copy(response->arena, buf_slice(body));
        if (kept.data == NULL) status = arena_failed(response->arena, error);
    }
    buf_dispose(body);
    if (status != RFD_OK) return status;
    http_response_body(response, type, kept);
    http_response_etag(response, slice_of(tag, sizeof tag));
    http_response_cache(response, cache, seconds);
    return RFD_OK;
}

static void put_path(struct buf *b, const struct tree_proof *proof)
{
    buf_put_text(b, ",\"path\":[");
    for (size_t i = 0; i < proof->count; i++) {
        buf_put_text(b, i == 0 ? "\"" : ",\"");
        buf_put_hex(b, slice_of(proof->hashes[i], HASH), false);
        buf_put_byte(b, '"');
    }
    buf_put_text(b, "]}\n");
}

/* --- Parameters --------------------------------------------------------------------------------------------------- */

static rfd_status number_parameter(const struct http_request *request, const char *name, uint64_t maximum,
                                   uint64_t *out, struct rfd_error *error)
{
    slice text = SLICE_EMPTY;
    TRY(http_request_query(request, name, &text, error));
    if (!number_unsigned(text, maximum, out))
        return error_set(error, RFD_E_REQUEST, "%s: a number up to %llu is needed", name, (unsigned long long)maximum);
    return RFD_OK;
}

static rfd_status hash_parameter(const struct http_request *request, uint8_t out[HASH], struct rfd_error *error)
{
    slice text = SLICE_EMPTY;
    TRY(http_request_query(request, "hash", &text, error));
    if (text.length != 2 * (size_t)HASH || !number_hex(text, out))
        return error_set(error, RFD_E_REQUEST, "hash: 64 hexadecimal digits are needed");
    return RFD_OK;
}

/* --- The head ----------------------------------------------------------------------------------------------------- */

static rfd_status prepare(const struct tree_head *head, struct http_prepared **out, struct rfd_error *error)
{
    uint8_t tag[TAG_SIZE];
    char cache[40];
    struct buf b;
    buf_init(&b, ANSWER_MAXIMUM);
    buf_print(&b, "{\"size\":%llu,\"timestamp\":%lld,\"root\":\"", (unsigned long long)head->size,
              (long long)(head->time / 1000));
    buf_put_hex(&b, slice_of(head->root, HASH), false);
    buf_put_text(&b, "\",\"algorithm\":\"");
    buf_put_base64(&b, head->algorithm);
    buf_put_text(&b, "\",\"signature\":\"");
    buf_put_base64(&b, head->signature);
    buf_put_text(&b, "\"}\n");
    (void)snprintf(cache, sizeof cache, "public, max-age=%d", HEAD_SECONDS);
    rfd_status status = buf_check(&b, "head", error);
    if (status == RFD_OK) status = tag_of(buf_slice(&b), tag, error);
    const struct http_prepared_options options = {.content_type = JSON,
                                                  .body = buf_slice(&b),
                                                  .etag = slice_of(tag, sizeof tag),
                                                  .last_modified = RFD_TIME_NONE,
                                                  .expires = RFD_TIME_NONE,
                                                  .cache_control = cache};
    if (status == RFD_OK) status = http_prepared_new(&options, out, error);
    buf_dispose(&b);
    return status;
}

/** The kept head while it is young; held. NULL when it has to be read again. */
static struct http_prepared *young_head(struct status_log *log)
{
    (void)pthread_mutex_lock(&log->lock);
    bool young = log->head != NULL && status_uptime() < log->until;
    struct http_prepared *head = young ? http_prepared_hold(log->head) : NULL;
    (void)pthread_mutex_unlock(&log->lock);
    return head;
}

static void keep_head(struct status_log *log, struct http_prepared *head)
{
    (void)pthread_mutex_lock(&log->lock);
    http_prepared_release(log->head);
    log->head = http_prepared_hold(head);
    log->until = status_uptime() + KEPT_MICROSECONDS;
    (void)pthread_mutex_unlock(&log->lock);
}

rfd_status status_log_head_get(struct http_request *request, struct http_response *response, void *context,
                               struct rfd_error *error)
{
    struct status_log *log = log_of(context);
    struct http_prepared *prepared = young_head(log);
    if (prepared == NULL) {
        struct tree_head head;
        TRY(transparency_head(log->store, request->arena, &head, error));
        TRY(prepare(&head, &prepared, error));
        keep_head(log, prepared);
    }
    http_response_prepared(response, prepared);
    http_prepared_release(prepared);
    return RFD_OK;
}

rfd_status status_log_key_get(struct http_request *request, struct http_response *response, void *context,
                              struct rfd_error *error)
{
    struct buf b;
    slice spki = SLICE_EMPTY;
    TRY(transparency_key(log_of(context)->store, request->arena, &spki, error));
    buf_init(&b, ANSWER_MAXIMUM);
    pem_put(&b, "PUBLIC KEY", spki);
    return answer(response, "application/x-pem-file", &b, HTTP_PUBLIC, KEY_SECONDS, error);
}

/* --- Proofs and leaves -------------------------------------------------------------------------------------------- */

rfd_status status_log_proof_get(struct http_request *request, struct http_response *response, void *context,
                                struct rfd_error *error)
{
    uint8_t hash[HASH];
    uint64_t size;
    struct tree_proof proof;
    struct buf b;
    TRY(hash_parameter(request, hash, error));
    TRY(number_parameter(request, "size", INT64_MAX, &size, error));
    TRY(transparency_inclusion(log_of(context)->store, hash, size, &proof, error));
    buf_init(&b, ANSWER_MAXIMUM);
    buf_print(&b, "{\"index\":%llu,\"size\":%llu", (unsigned long long)proof.index, (unsigned long long)size);
    put_path(&b, &proof);
    return answer(response, JSON, &b, HTTP_IMMUTABLE, FOREVER_SECONDS, error);
}

rfd_status status_log_consistency_get(struct http_request *request, struct http_response *response, void *context,
                                      struct rfd_error *error)
{
    uint64_t from;
    uint64_t to;
    struct tree_proof proof;
    struct buf b;
    TRY(number_parameter(request, "from", INT64_MAX, &from, error));
    TRY(number_parameter(request, "to", INT64_MAX, &to, error));
    if (from > to) return error_set(error, RFD_E_REQUEST, "from: the earlier tree cannot be the larger one");
    TRY(transparency_consistency(log_of(context)->store, from, to, &proof, error));
    buf_init(&b, ANSWER_MAXIMUM);
    buf_print(&b, "{\"from\":%llu,\"to\":%llu", (unsigned long long)from, (unsigned long long)to);
    put_path(&b, &proof);
    return answer(response, JSON, &b, HTTP_IMMUTABLE, FOREVER_SECONDS, error);
}

rfd_status status_log_leaves_get(struct http_request *request, struct http_response *response, void *context,
                                 struct rfd_error *error)
{
    uint64_t from;
    uint64_t count;
    struct buf b;
    TRY(number_parameter(request, "from", INT64_MAX, &from, error));
    TRY(number_parameter(request, "count", STATUS_LOG_LEAVES, &count, error));
    buf_init(&b, (size_t)STATUS_LOG_LEAVES * HASH);
    rfd_status status = transparency_leaves(log_of(context)->store, from, (size_t)count, &b, error);
    if (status != RFD_OK) {
        buf_dispose(&b);
        return status;
    }
    bool complete = b.length == count * HASH;
    return answer(response, "application/octet-stream", &b, complete ? HTTP_IMMUTABLE : HTTP_PUBLIC,
                  complete ? (uint64_t)FOREVER_SECONDS : (uint64_t)END_SECONDS, error);
}
