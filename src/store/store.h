/* SPDX-License-Identifier: EUPL-1.2
 *
 * The database: SQLite (one machine, nothing to install) or PostgreSQL (several nodes, replication), one face for both.
 *
 * All work is done in transactions, given as functions: a function that reads sees one state of the database, one that
 * writes has happened, durably, when store_write() says so, and has not happened when it says anything else. The
 * function may be called again after a conflict with another transaction: it must not change anything but what it is
 * given to fill.
 *
 * SQL is written once, for both: parameters are $1 to $n, always bound, never pasted in; RETURNING, ON CONFLICT and the
 * usual joins work in both. A store may be used by several threads.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"

struct store;
enum store_kind { STORE_SQLITE, STORE_POSTGRESQL };

struct store_options {
    const char *address;   /* "sqlite:PATH", or a libpq connection string that begins with "postgresql://" */
    unsigned connections;  /* SQLite: for reading, beside the one that writes; PostgreSQL: all. 0: 4 */
    size_t memory_maximum; /* bytes of rows that one transaction may hold; 0: 64 MiB */
};

/** RFD_E_STORE when it cannot be opened. A file of SQLite is made, readable only by its owner. */
rfd_status store_open(const struct store_options *options, struct store **out, struct rfd_error *error) RFD_MUST_CHECK;
/** No work may be going on any more. */
void store_close(struct store *store);
enum store_kind store_kind(const struct store *store);

enum store_type { STORE_NULL, STORE_INTEGER, STORE_TEXT, STORE_BYTES, STORE_BOOLEAN };
/** What is bound or read. Text is UTF-8. Read from columns of SQLite, a boolean is an integer. */
struct store_value {
    enum store_type type;
    int64_t integer; /* of a boolean 0 or 1 */
    slice bytes;     /* of a text, too */
};
static inline struct store_value store_null(void)
{
    return (struct store_value){.type = STORE_NULL};
}

static inline struct store_value store_integer(int64_t integer)
{
    return (struct store_value){.type = STORE_INTEGER, .integer = integer};
}

static inline struct store_value store_boolean(bool value)
{
    return (struct store_value){.type = STORE_BOOLEAN, .integer = value};
}

static inline struct store_value store_text(slice text)
{
    return (struct store_value){.type = STORE_TEXT, .bytes = text};
}

static inline struct store_value store_bytes(slice bytes)
{
    return (struct store_value){.type = STORE_BYTES, .bytes = bytes};
}

/** NULL for 0. */
static inline struct store_value store_reference(int64_t id)
{
    return id == 0 ? store_null() : store_integer(id);
}

static inline int64_t store_reference_of(const struct store_value *v)
{
    return v->type == STORE_NULL ? 0 : v->integer;
}

/** NULL for RFD_TIME_NONE. */
static inline struct store_value store_moment(rfd_time moment)
{
    return moment == RFD_TIME_NONE ? store_null() : store_integer(moment);
}

static inline rfd_time store_moment_of(const struct store_value *v)
{
    return v->type == STORE_NULL ? RFD_TIME_NONE : v->integer;
}

struct transaction;
enum store_kind store_transaction_kind(const struct transaction *transaction);
typedef rfd_status store_work(struct transaction *t, void *context, struct rfd_error *error);
/** RFD_E_STORE, RFD_E_STORE_CONFLICT (a unique key is taken, a reference leads nowhere), or what `work` returned. */
rfd_status store_read(struct store *store, store_work *work, void *context, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status store_write(struct store *store, store_work *work, void *context, struct rfd_error *error) RFD_MUST_CHECK;

/** Writes and goes on: `done` is called with the same context, once, by the thread that writes for all, after what
 * store_write() would have waited for. It is quick, and of the store calls nothing but this. Unless this fails; then
 * nothing is called. RFD_E_UNSUPPORTED with PostgreSQL, where whoever writes waits on a connection of his own. */
typedef void store_done(void *context, rfd_status status, const struct rfd_error *error);
rfd_status store_write_later(struct store *store, store_work *work, void *context, store_done *done,
                             struct rfd_error *error) RFD_MUST_CHECK;

/** As store_read() for work that runs exactly one statement, which only reads: it needs no transaction around it, which
 * costs more than the statement itself (and two more ways to PostgreSQL and back). */
rfd_status store_look(struct store *store, store_work *work, void *context, struct rfd_error *error) RFD_MUST_CHECK;

/** What a statement gave; lives as long as the transaction's function runs. */
struct store_rows {
    const struct store_value *values; /* row by row */
    size_t count, columns;
    uint64_t changed; /* rows inserted, updated or deleted */
};
/** Runs one statement. `rows` may be NULL. RFD_E_LIMIT when the rows are more than the transaction may hold. */
rfd_status store_run(struct transaction *t, const char *sql, const struct store_value *values, size_t count,
                     struct store_rows *rows, struct rfd_error *error) RFD_MUST_CHECK;
static inline const struct store_value *store_cell(const struct store_rows *rows, size_t row, size_t column)
{
    return &rows->values[row * rows->columns + column];
}

/** For searches: PostgreSQL plans what the transaction runs from here on anew each time, for the values that are bound,
 * which takes longer than keeping plans, and is much better where one value is rare and another common. It does not
 * compile them or share them out: what runs for some milliseconds is done sooner than a worker is there. */
rfd_status store_plan_by_values(struct transaction *t, struct rfd_error *error) RFD_MUST_CHECK;

/** For results that need not be held: `row` gets each row's values, which live until it returns; anything but RFD_OK
 * ends the statement and is returned. */
typedef rfd_status store_row(void *context, const struct store_value *values, size_t columns, struct rfd_error *error);
rfd_status store_each(struct transaction *t, const char *sql, const struct store_value *values, size_t count,
                      store_row *row, void *context, struct rfd_error *error) RFD_MUST_CHECK;

/** Memory for what the work wants to keep while it runs. */
struct arena *store_arena(struct transaction *t);
/** The text, copied into an arena that outlives the transaction. */
rfd_status store_keep(struct arena *a, slice *text, struct rfd_error *error) RFD_MUST_CHECK;

/** Numbers that take long to find and may be some seconds old, of this process: counts of whole tables. `key` is the
 * address of something constant. Transactions that write neither recall nor remember. */
bool store_recall(const struct transaction *t, const void *key, unsigned seconds, uint64_t *value);
void store_remember(const struct transaction *t, const void *key, uint64_t value);

#endif
