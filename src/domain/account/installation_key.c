/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys that the pages need at every start: made by the keeper (KEEPER_NEW_BLOB_KEY), and kept wrapped in the database,
 * so that who reads the database alone has nothing. Two processes that begin at once end with the same key.
 */
#include "domain/account/account_internal.h"

#include "base/error.h"

enum { KEY_SIZE = 32, WRAPPED_MAXIMUM = 512, PATIENCE = 30 * 1000 };

struct key_row {
    const char *name;
    slice wrapped; /* to enter; empty: only look */
    struct arena *arena;
    slice found;
};

static rfd_status enter_key(struct transaction *t, void *context, struct rfd_error *error)
{
    struct key_row *k = context;
    const struct store_value values[] = {store_text(slice_text(k->name)), store_bytes(k->wrapped)};
    struct store_rows rows;
    if (k->wrapped.length > 0)
        TRY(store_run(t, "INSERT INTO installation_key(name, wrapped) VALUES ($1, $2) ON CONFLICT(name) DO NOTHING",
                      values, 2, NULL, error));
    TRY(store_run(t, "SELECT wrapped FROM installation_key WHERE name = $1", values, 1, &rows, error));
    k->found = rows.count == 0 ? SLICE_EMPTY : arena_copy(k->arena, store_cell(&rows, 0, 0)->bytes);
    return RFD_OK;
}

static void put_label(struct buf *body, const struct key_row *k)
{
    struct buf label;
    buf_init(&label, 128);
    buf_print(&label, "installation-key:%s", k->name);
    message_put_bytes(body, buf_slice(&label));
    buf_dispose(&label);
}

static rfd_status make_key(struct keeper_client *keeper, const char *wrapping, struct key_row *k,
                           struct rfd_error *error)
{
    struct keeper_reply reply = {.memory = {0}};
    struct buf body;
    buf_init(&body, 1024);
    message_put_text(&body, wrapping);
    put_label(&body, k);
    rfd_status status = buf_check(&body, "new-blob-key", error);
    if (status == RFD_OK)
        status = keeper_client_ask(keeper, KEEPER_NEW_BLOB_KEY, buf_slice(&body), -1, PATIENCE, &reply, error);
    if (status == RFD_OK) {
        (void)message_get_bytes(&reply.fields, KEY_SIZE);
        k->wrapped = arena_copy(k->arena, message_get_bytes(&reply.fields, WRAPPED_MAXIMUM));
        status = message_end(&reply.fields, "new-blob-key", error);
    }
    buf_dispose(&body);
    keeper_reply_dispose(&reply);
    return status;
}

static rfd_status unwrap(struct keeper_client *keeper, const char *wrapping, const struct key_row *k,
                         struct secret *out, struct rfd_error *error)
{
    struct keeper_reply reply = {.memory = {0}};
    struct buf body;
    buf_init(&body, 1024);
    message_put_text(&body, wrapping);
    put_label(&body, k);
    message_put_bytes(&body, k->found);
    rfd_status status = buf_check(&body, "unwrap-blob-key", error);
    if (status == RFD_OK)
        status = keeper_client_ask(keeper, KEEPER_UNWRAP_BLOB_KEY, buf_slice(&body), -1, PATIENCE, &reply, error);
    if (status == RFD_OK) {
        slice key = message_get_bytes(&reply.fields, KEY_SIZE);
        status = message_end(&reply.fields, "unwrap-blob-key", error);
        if (status == RFD_OK && key.length != KEY_SIZE) status = error_set(error, RFD_E_PROTOCOL, "length of a key");
        if (status == RFD_OK) status = secret_set(out, key, error);
    }
    buf_dispose(&body);
    keeper_reply_dispose(&reply);
    return status;
}

rfd_status account_key_open(struct store *store, struct keeper_client *keeper, const char *wrapping, const char *name,
                            struct secret *out, struct rfd_error *error)
{
    struct arena arena;
    arena_init(&arena, 8192);
    struct key_row k = {.name = name, .arena = &arena};
    rfd_status status = store_read(store, enter_key, &k, error);
    if (status == RFD_OK && k.found.length == 0) {
        status = make_key(keeper, wrapping, &k, error);
        if (status == RFD_OK) status = store_write(store, enter_key, &k, error);
    }
    if (status == RFD_OK) status = unwrap(keeper, wrapping, &k, out, error);
    arena_dispose(&arena);
    return status;
}
