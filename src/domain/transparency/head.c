/* SPDX-License-Identifier: EUPL-1.2
 *
 * Tree heads: what of them is signed (RFC 6962 §3.5), and having it signed. Of heads of the same hour only the last one
 * is kept, so that a log that grows all day does not grow twice.
 */
#include "domain/transparency/transparency_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "keeper/ask.h"
#include "pki/algorithm.h"
#include "pki/authority/key_check.h"
#include "pki/signature_pool.h"

#include <openssl/evp.h>

enum { ASK_MILLISECONDS = 10000, QUESTION_MAXIMUM = 256, SIGNATURE_MAXIMUM = 4096 };
enum { VERSION_1 = 0, TREE_HASH = 1 };
#define MILLISECOND ((rfd_time)1000)
#define HOUR        ((rfd_time)3600 * 1000 * MILLISECOND)

/* --- What is signed ----------------------------------------------------------------------------------------------- */

static void put_number(uint8_t out[8], uint64_t value)
{
    for (unsigned i = 0; i < 8; i++) out[i] = (uint8_t)(value >> (56 - 8 * i));
}

void tree_head_content(const struct tree_head *head, uint8_t out[TREE_HEAD_CONTENT_SIZE])
{
    out[0] = VERSION_1;
    out[1] = TREE_HASH;
    put_number(out + 2, (uint64_t)(head->time / MILLISECOND));
    put_number(out + 10, head->size);
    memcpy(out + 18, head->root, TRANSPARENCY_HASH_SIZE);
}

static bool read_content(slice content, struct tree_head *out)
{
    if (content.length != TREE_HEAD_CONTENT_SIZE || content.data[0] != VERSION_1 || content.data[1] != TREE_HASH)
        return false;
    uint64_t milliseconds = number_big_endian(content.data + 2, 8);
    if (milliseconds > INT64_MAX / MILLISECOND) return false;
    out->time = (rfd_time)milliseconds * MILLISECOND;
    out->size = number_big_endian(content.data + 10, 8);
    memcpy(out->root, content.data + 18, TRANSPARENCY_HASH_SIZE);
    return true;
}

rfd_status tree_head_verify(const struct tree_head *head, slice spki, struct rfd_error *error)
{
    static const struct key_rules rules = {
        KEY_KIND_RSA | KEY_KIND_P256 | KEY_KIND_P384 | KEY_KIND_P521 | KEY_KIND_ED25519, 2048, 8192};
    struct signature_algorithm a;
    struct signature_pool pool;
    uint8_t content[TREE_HEAD_CONTENT_SIZE];
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    EVP_PKEY *key = NULL;
    tree_head_content(head, content);
    TRY(signature_algorithm_read(head->algorithm, DIGEST_NONE, &a, error));
    if (!digest_is_strong(a.digest)) return error_set(error, RFD_E_KEY_WEAK, "%s", signature_algorithm_name(&a));
    TRY(digest_of(a.digest, slice_of(content, sizeof content), digest, error));
    TRY(key_check(spki, &rules, &key, error));
    signature_pool_init(&pool);
    rfd_status status =
        signature_algorithm_fits(&a, key)
            ? signature_pool_verify(&pool, key, &a, slice_of(content, sizeof content),
                                    slice_of(digest, digest_size(a.digest)), head->signature, error)
            : error_set(error, RFD_E_SIGNING, "%s with another kind of key", signature_algorithm_name(&a));
    signature_pool_dispose(&pool);
    EVP_PKEY_free(key);
    return status;
}

/* --- Stored heads ------------------------------------------------------------------------------------------------- */

struct reading {
    struct arena *arena;
    struct tree_head head;
    slice key;
};

static rfd_status copy(struct arena *a, slice from, slice *out, struct rfd_error *error)
{
    *out = arena_copy(a, from);
    return out->data == NULL ? arena_failed(a, error) : RFD_OK;
}

static rfd_status read_head(struct transaction *t, void *context, struct rfd_error *error)
{
    struct reading *r = context;
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT size, time, root, algorithm, signature, key FROM transparency_head "
                  "ORDER BY size DESC, time DESC LIMIT 1",
                  NULL, 0, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "the log has no signed head yet");
    slice root = store_cell(&rows, 0, 2)->bytes;
    if (root.length != sizeof r->head.root) return error_set(error, RFD_E_STORE, "the log's head is damaged");
    r->head.size = (uint64_t)store_cell(&rows, 0, 0)->integer;
    r->head.time = store_cell(&rows, 0, 1)->integer;
    memcpy(r->head.root, root.data, sizeof r->head.root);
    TRY(copy(r->arena, store_cell(&rows, 0, 3)->bytes, &r->head.algorithm, error));
    TRY(copy(r->arena, store_cell(&rows, 0, 4)->bytes, &r->head.signature, error));
    return copy(r->arena, store_cell(&rows, 0, 5)->bytes, &r->key, error);
}

rfd_status transparency_head(struct store *store, struct arena *a, struct tree_head *out, struct rfd_error *error)
{
    struct reading r = {.arena = a};
    TRY(store_read(store, read_head, &r, error));
    *out = r.head;
    return RFD_OK;
}

rfd_status transparency_key(struct store *store, struct arena *a, slice *spki, struct rfd_error *error)
{
    struct reading r = {.arena = a};
    TRY(store_read(store, read_head, &r, error));
    *spki = r.key;
    return RFD_OK;
}

static rfd_status write_head(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct reading *r = context;
    const struct store_value values[] = {
        store_integer(r->head.time / HOUR),
        store_integer((int64_t)r->head.size),
        store_integer(r->head.time),
        store_bytes(slice_of(r->head.root, sizeof r->head.root)),
        store_bytes(r->head.algorithm),
        store_bytes(r->head.signature),
        store_bytes(r->key),
    };
    return store_run(
        t,
        "INSERT INTO transparency_head(hour, size, time, root, algorithm, signature, key) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT(hour) DO UPDATE SET size = excluded.size, "
        "time = excluded.time, root = excluded.root, algorithm = excluded.algorithm, signature = excluded.signature, "
        "key = excluded.key WHERE transparency_head.size <= excluded.size",
        values, sizeof values / sizeof *values, NULL, error);
}

/* --- Signing ------------------------------------------------------------------------------------------------------ */

static rfd_status read_tree(struct transaction *t, void *context, struct rfd_error *error)
{
    return transparency_read_tree(t, context, error);
}

/** The answer's parts, in `a`. The keeper repeats what it signed: it must be what it was asked for. */
static rfd_status take_signature(struct keeper_reply *reply, struct arena *a, struct tree_head *head,
                                 struct rfd_error *error)
{
    struct tree_head said = {0};
    slice content = message_get_bytes(&reply->fields, TREE_HEAD_CONTENT_SIZE);
    slice algorithm = message_get_bytes(&reply->fields, SIGNATURE_MAXIMUM);
    slice signature = message_get_bytes(&reply->fields, SIGNATURE_MAXIMUM);
    TRY(message_end(&reply->fields, "sign-log-head", error));
    if (!read_content(content, &said) || said.size != head->size ||
        memcmp(said.root, head->root, sizeof said.root) != 0)
        return error_set(error, RFD_E_PROTOCOL, "the keeper signed another head");
    head->time = said.time;
    TRY(copy(a, algorithm, &head->algorithm, error));
    return copy(a, signature, &head->signature, error);
}

static rfd_status ask_signature(struct keeper_client *keeper, const char *log_key, struct arena *a,
                                struct tree_head *head, struct rfd_error *error)
{
    struct keeper_reply reply;
    struct buf body;
    buf_init(&body, QUESTION_MAXIMUM);
    buf_init(&reply.memory, KEEPER_MESSAGE_MAXIMUM);
    message_put_text(&body, log_key);
    message_put_u64(&body, head->size);
    message_put_bytes(&body, slice_of(head->root, sizeof head->root));
    rfd_status status = buf_check(&body, "sign-log-head", error);
    if (status == RFD_OK)
        status = keeper_client_ask(keeper, KEEPER_SIGN_LOG_HEAD, buf_slice(&body), -1, ASK_MILLISECONDS, &reply, error);
    if (status == RFD_OK) status = take_signature(&reply, a, head, error);
    keeper_reply_dispose(&reply);
    buf_dispose(&body);
    return status;
}

static rfd_status sign(struct store *store, struct keeper_client *keeper, const char *log_key, const struct tree *tree,
                       struct arena *a, struct rfd_error *error)
{
    struct reading next = {.head = {.size = tree->size}};
    struct ask_public_key key;
    tree_root(tree, next.head.root);
    TRY(ask_signature(keeper, log_key, a, &next.head, error));
    TRY(ask_public_key(keeper, slice_text(log_key), a, &key, error));
    next.key = key.spki;
    TRY(tree_head_verify(&next.head, next.key, error));
    return store_write(store, write_head, &next, error);
}

rfd_status transparency_sign_head(struct store *store, struct keeper_client *keeper, const char *log_key, rfd_time age,
                                  struct rfd_error *error)
{
    struct arena a;
    struct tree tree;
    struct tree_head last;
    rfd_status status;
    arena_init(&a, KEEPER_MESSAGE_MAXIMUM);
    TRY_OUT(store_read(store, read_tree, &tree, error));
    status = transparency_head(store, &a, &last, error);
    if (status != RFD_OK && status != RFD_E_NOT_FOUND) goto out;
    if (status == RFD_OK && last.size == tree.size && clock_now() - last.time < age) goto out;
    error_clear(error);
    status = sign(store, keeper, log_key, &tree, &a, error);
out:
    arena_dispose(&a);
    return status;
}
