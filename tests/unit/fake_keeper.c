/* SPDX-License-Identifier: EUPL-1.2 */
#include "fake_keeper.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/transparency/transparency.h"
#include "keeper/checkpoint.h"

struct fake_keeper fake_keeper;

enum { ANSWER_MAXIMUM = 16384, NAME_MAXIMUM = 64 };

rfd_status __wrap_keeper_client_ask(struct keeper_client *client, enum keeper_operation operation, slice body,
                                    int descriptor, unsigned milliseconds, struct keeper_reply *reply,
                                    struct rfd_error *error);

void fake_keeper_open(const char *kind)
{
    fake_keeper = (struct fake_keeper){.identity = identity_new(kind, "Log", NULL, NULL)};
}

void fake_keeper_close(void)
{
    identity_free(&fake_keeper.identity);
}

/** What is signed, the algorithm and the signature. */
static rfd_status put_signed(slice content, struct buf *answer, struct rfd_error *error)
{
    struct signature_algorithm a;
    struct buf algorithm, signature;
    TRY(signature_algorithm_choose(fake_keeper.identity.certificate, DIGEST_NONE, false, &a, error));
    buf_init(&algorithm, ANSWER_MAXIMUM);
    buf_init(&signature, ANSWER_MAXIMUM);
    signature_algorithm_put(&algorithm, &a);
    identity_sign(&fake_keeper.identity, &a, content, &signature);
    message_put_bytes(answer, content);
    message_put_bytes(answer, buf_slice(&algorithm));
    message_put_bytes(answer, buf_slice(&signature));
    buf_dispose(&algorithm);
    buf_dispose(&signature);
    fake_keeper.signatures++;
    return RFD_OK;
}

static rfd_status sign_head(struct message_reader *r, struct buf *answer, struct rfd_error *error)
{
    uint8_t content[TREE_HEAD_CONTENT_SIZE];
    struct tree_head head = {.size = message_get_u64(r), .time = clock_now()};
    slice root = message_get_bytes(r, sizeof head.root);
    TRY(message_end(r, "head", error));
    memcpy(head.root, root.data, sizeof head.root);
    if (fake_keeper.lies) head.root[0] ^= 1;
    tree_head_content(&head, content);
    return put_signed(slice_of(content, sizeof content), answer, error);
}

static rfd_status sign_checkpoint(struct message_reader *r, struct buf *answer, struct rfd_error *error)
{
    struct checkpoint c = {.time = clock_now()};
    struct buf text;
    slice chain = message_get_text(r, sizeof c.chain - 1);
    c.sequence = message_get_u64(r);
    slice hash = message_get_bytes(r, sizeof c.hash);
    TRY(message_end(r, "checkpoint", error));
    if (hash.length != sizeof c.hash || c.sequence < fake_keeper.sequence)
        return error_set(error, RFD_E_KEY_REFUSED, "an earlier checkpoint");
    memcpy(c.chain, chain.data, chain.length);
    memcpy(c.hash, hash.data, hash.length);
    fake_keeper.sequence = c.sequence;
    memcpy(fake_keeper.hash, c.hash, sizeof c.hash);
    fake_keeper.time = c.time;
    if (fake_keeper.lies) c.hash[0] ^= 1;
    buf_init(&text, ANSWER_MAXIMUM);
    checkpoint_write(&c, &text);
    message_put_i64(answer, c.time);
    rfd_status status = put_signed(buf_slice(&text), answer, error);
    buf_dispose(&text);
    return status;
}

static rfd_status last_checkpoint(struct message_reader *r, struct buf *answer, struct rfd_error *error)
{
    TRY(message_end(r, "last-checkpoint", error));
    message_put_u64(answer, fake_keeper.sequence);
    message_put_bytes(answer, slice_of(fake_keeper.hash, fake_keeper.sequence == 0 ? 0 : sizeof fake_keeper.hash));
    message_put_i64(answer, fake_keeper.time);
    return RFD_OK;
}

static rfd_status public_key(struct message_reader *r, struct buf *answer, struct rfd_error *error)
{
    TRY(message_end(r, "public-key", error));
    message_put_text(answer, "log");
    message_put_text(answer, "P-256");
    message_put_i64(answer, 0);
    message_put_bytes(answer, fake_keeper.identity.certificate->spki);
    message_put_bytes(answer, SLICE_EMPTY);
    message_put_u64(answer, fake_keeper.signatures);
    return RFD_OK;
}

rfd_status __wrap_keeper_client_ask(struct keeper_client *client, enum keeper_operation operation, slice body,
                                    int descriptor, unsigned milliseconds, struct keeper_reply *reply,
                                    struct rfd_error *error)
{
    struct message_reader r = message_read(body);
    rfd_status status;
    (void)client;
    (void)descriptor;
    (void)milliseconds;
    if (fake_keeper.refuses != RFD_OK) return error_set(error, fake_keeper.refuses, "the fake keeper refuses");
    (void)message_get_text(&r, NAME_MAXIMUM);
    switch (operation) {
    case KEEPER_SIGN_LOG_HEAD: status = sign_head(&r, &reply->memory, error); break;
    case KEEPER_SIGN_CHECKPOINT: status = sign_checkpoint(&r, &reply->memory, error); break;
    case KEEPER_LAST_CHECKPOINT: status = last_checkpoint(&r, &reply->memory, error); break;
    case KEEPER_PUBLIC_KEY: status = public_key(&r, &reply->memory, error); break;
    default: return error_set(error, RFD_E_UNSUPPORTED, "operation %d", (int)operation);
    }
    reply->fields = message_read(buf_slice(&reply->memory));
    return status;
}
