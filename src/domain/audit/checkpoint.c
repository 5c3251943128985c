/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/audit/audit_internal.h"

#include "base/error.h"

enum { ALGORITHM_MAXIMUM = 256, SIGNATURE_MAXIMUM = 4096, CONTENT_MAXIMUM = 4096 };

struct point {
    struct audit_end end;
    uint64_t last; /* sequence number of the last checkpoint */
    rfd_time time;
    slice content, algorithm, signature;
};

static rfd_status read_point(struct transaction *t, void *context, struct rfd_error *error)
{
    struct point *p = context;
    struct store_rows rows;
    TRY(audit_read_end(t, &p->end, error));
    TRY(store_run(t, "SELECT max(sequence) FROM audit_checkpoint", NULL, 0, &rows, error));
    p->last = (uint64_t)store_cell(&rows, 0, 0)->integer; /* NULL reads as 0 */
    return RFD_OK;
}

static rfd_status write_point(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct point *p = context;
    const struct store_value values[] = {
        store_integer((int64_t)p->end.sequence),
        store_integer(p->time),
        store_bytes(slice_of(p->end.hash, sizeof p->end.hash)),
        store_bytes(p->content),
        store_bytes(p->algorithm),
        store_bytes(p->signature),
    };
    return store_run(t,
                     "INSERT INTO audit_checkpoint(sequence, time, hash, content, algorithm, signature) "
                     "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT(sequence) DO NOTHING",
                     values, sizeof values / sizeof *values, NULL, error);
}

static rfd_status sign(struct store *store, struct keeper_client *keeper, const char *seal_key, struct point *p,
                       struct rfd_error *error)
{
    struct keeper_reply reply;
    struct buf body;
    rfd_status status;
    buf_init(&body, AUDIT_ASK_MAXIMUM);
    buf_init(&reply.memory, KEEPER_MESSAGE_MAXIMUM);
    message_put_text(&body, seal_key);
    message_put_text(&body, AUDIT_CHAIN);
    message_put_u64(&body, p->end.sequence);
    message_put_bytes(&body, slice_of(p->end.hash, sizeof p->end.hash));
    TRY_OUT(buf_check(&body, "sign-checkpoint", error));
    TRY_OUT(
        keeper_client_ask(keeper, KEEPER_SIGN_CHECKPOINT, buf_slice(&body), -1, AUDIT_ASK_MILLISECONDS, &reply, error));
    p->time = message_get_i64(&reply.fields);
    p->content = message_get_bytes(&reply.fields, CONTENT_MAXIMUM);
    p->algorithm = message_get_bytes(&reply.fields, ALGORITHM_MAXIMUM);
    p->signature = message_get_bytes(&reply.fields, SIGNATURE_MAXIMUM);
    TRY_OUT(message_end(&reply.fields, "sign-checkpoint", error));
    status = store_write(store, write_point, p, error);
out:
    keeper_reply_dispose(&reply);
    buf_dispose(&body);
    return status;
}

rfd_status audit_checkpoint(struct store *store, struct keeper_client *keeper, const char *seal_key,
                            struct rfd_error *error)
{
    struct point p = {.time = RFD_TIME_NONE};
    TRY(store_read(store, read_point, &p, error));
    return p.end.sequence == p.last ? RFD_OK : sign(store, keeper, seal_key, &p, error);
}
