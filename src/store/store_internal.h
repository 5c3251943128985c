/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the two databases offer to store.c.
 */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include "store/store.h"

#include <pthread.h>

struct transaction {
    struct store *store;
    void *connection; /* of the backend */
    struct arena arena;
    bool writes;
};

struct store_backend {
    enum store_kind kind;
    rfd_status (*open)(const struct store_options *options, void **out, struct rfd_error *error);
    void (*close)(void *backend);
    rfd_status (*read)(struct store *store, store_work *work, void *context, struct rfd_error *error);
    rfd_status (*look)(struct store *store, store_work *work, void *context, struct rfd_error *error);
    rfd_status (*write)(struct store *store, store_work *work, void *context, struct rfd_error *error);
    /** NULL: there is no such thing. */
    rfd_status (*write_later)(struct store *store, store_work *work, void *context, store_done *done,
                              struct rfd_error *error);
    /** `changed` may be NULL, `row` too. */
    rfd_status (*run)(void *connection, const char *sql, const struct store_value *values, size_t count, store_row *row,
                      void *context, uint64_t *changed, struct rfd_error *error);
};
extern const struct store_backend store_sqlite;
extern const struct store_backend store_postgresql;

enum { STORE_MEMOS = 32 };
struct store_memo {
    const void *key;
    uint64_t value;
    int64_t moment; /* seconds of the monotonic clock */
};
struct store_memos {
    pthread_mutex_t lock;
    struct store_memo items[STORE_MEMOS];
    size_t count;
};
struct store {
    const struct store_backend *backend;
    void *state; /* the backend's */
    size_t memory_maximum;
    struct store_memos memos;
};

/** Calls the work with a transaction on `connection`. */
rfd_status store_call(struct store *store, void *connection, bool writes, store_work *work, void *context,
                      struct rfd_error *error) RFD_MUST_CHECK;

enum { STORE_CONNECTIONS = 4, STORE_CONNECTIONS_MAXIMUM = 256, STORE_PARAMETERS = 64, STORE_COLUMNS = 64 };

#endif
