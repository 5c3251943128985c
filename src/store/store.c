/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/store_internal.h"

#include "base/error.h"
#include "base/memory.h"

#define MEMORY_DEFAULT ((size_t)64 << 20)

static const struct store_backend *backend_of(const char *address)
{
    if (strncmp(address, "sqlite:", 7) == 0) return &store_sqlite;
    if (strncmp(address, "postgresql://", 13) == 0) return &store_postgresql;
    return NULL;
}

rfd_status store_open(const struct store_options *options, struct store **out, struct rfd_error *error)
{
    const struct store_backend *backend = options->address == NULL ? NULL : backend_of(options->address);
    if (backend == NULL) return error_set(error, RFD_E_ARGUMENT, "a database is sqlite:PATH or postgresql://...");
    if (options->connections > STORE_CONNECTIONS_MAXIMUM)
        return error_set(error, RFD_E_ARGUMENT, "%u connections (at most %d)", options->connections,
                         STORE_CONNECTIONS_MAXIMUM);
    struct store *store = memory_zeroed(1, sizeof *store);
    if (store == NULL) return error_memory(error);
    store->backend = backend;
    store->memory_maximum = options->memory_maximum == 0 ? MEMORY_DEFAULT : options->memory_maximum;
    (void)pthread_mutex_init(&store->memos.lock, NULL);
    rfd_status status = backend->open(options, &store->state, error);
    if (status != RFD_OK) {
        (void)pthread_mutex_destroy(&store->memos.lock);
        memory_free(store);
        return status;
    }
    *out = store;
    return RFD_OK;
}

void store_close(struct store *store)
{
    if (store == NULL) return;
    store->backend->close(store->state);
    (void)pthread_mutex_destroy(&store->memos.lock);
    memory_free(store);
}

enum store_kind store_kind(const struct store *store)
{
    return store->backend->kind;
}

enum store_kind store_transaction_kind(const struct transaction *transaction)
{
    return store_kind(transaction->store);
}

rfd_status store_read(struct store *store, store_work *work, void *context, struct rfd_error *error)
{
    return store->backend->read(store, work, context, error);
}

rfd_status store_look(struct store *store, store_work *work, void *context, struct rfd_error *error)
{
    return store->backend->look(store, work, context, error);
}

rfd_status store_write(struct store *store, store_work *work, void *context, struct rfd_error *error)
{
    return store->backend->write(store, work, context, error);
}

rfd_status store_write_later(struct store *store, store_work *work, void *context, store_done *done,
                             struct rfd_error *error)
{
    if (store->backend->write_later == NULL) return error_set(error, RFD_E_UNSUPPORTED, "writing later");
    return store->backend->write_later(store, work, context, done, error);
}

rfd_status store_call(struct store *store, void *connection, bool writes, store_work *work, void *context,
                      struct rfd_error *error)
{
    struct transaction t = {.store = store, .connection = connection, .writes = writes};
    arena_init_secret(&t.arena, store->memory_maximum); /* codes and keys are in rows, too */
    rfd_status status = work(&t, context, error);
    arena_dispose(&t.arena);
    return status;
}

struct arena *store_arena(struct transaction *t)
{
    return &t->arena;
}

/* --- Rows that are kept ------------------------------------------------------------------------------------------- */

struct collector {
    struct arena *arena;
    struct store_value *values;
    size_t count, capacity, columns; /* count and capacity in rows */
};

static rfd_status grow(struct collector *c, struct rfd_error *error)
{
    size_t capacity = c->capacity == 0 ? 8 : c->capacity * 2;
    struct store_value *grown = arena_zeroed(c->arena, capacity * c->columns, sizeof *grown);
    if (grown == NULL) return arena_failed(c->arena, error);
    if (c->count > 0) memcpy(grown, c->values, c->count * c->columns * sizeof *grown);
    c->values = grown;
    c->capacity = capacity;
    return RFD_OK;
}

static rfd_status collect(void *context, const struct store_value *values, size_t columns, struct rfd_error *error)
{
    struct collector *c = context;
    c->columns = columns;
    if (columns == 0) return RFD_OK;
    if (c->count == c->capacity) TRY(grow(c, error));
    struct store_value *row = &c->values[c->count * columns];
    for (size_t i = 0; i < columns; i++) {
        row[i] = values[i];
        if (values[i].bytes.length == 0) continue;
        row[i].bytes = arena_copy(c->arena, values[i].bytes);
        if (row[i].bytes.data == NULL) return arena_failed(c->arena, error);
    }
    c->count++;
    return RFD_OK;
}

rfd_status store_run(struct transaction *t, const char *sql, const struct store_value *values, size_t count,
                     struct store_rows *rows, struct rfd_error *error)
{
    struct collector c = {.arena = &t->arena};
    uint64_t changed = 0;
    TRY(t->store->backend->run(t->connection, sql, values, count, rows == NULL ? NULL : collect, &c, &changed, error));
    if (rows != NULL)
        *rows = (struct store_rows){.values = c.values, .count = c.count, .columns = c.columns, .changed = changed};
    return RFD_OK;
}

rfd_status store_plan_by_values(struct transaction *t, struct rfd_error *error)
{
    if (store_kind(t->store) != STORE_POSTGRESQL) return RFD_OK;
    return store_run(t,
                     "SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true), "
                     "set_config('max_parallel_workers_per_gather', '0', true)",
                     NULL, 0, NULL, error);
}

rfd_status store_each(struct transaction *t, const char *sql, const struct store_value *values, size_t count,
                      store_row *row, void *context, struct rfd_error *error)
{
    return t->store->backend->run(t->connection, sql, values, count, row, context, NULL, error);
}

rfd_status store_keep(struct arena *a, slice *text, struct rfd_error *error)
{
    slice copy = arena_copy(a, *text);
    if (copy.data == NULL) return arena_failed(a, error);
    *text = copy;
    return RFD_OK;
}
