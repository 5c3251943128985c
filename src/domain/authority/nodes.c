/* SPDX-License-Identifier: EUPL-1.2
 *
 * How status processes learn what they must not answer any more, and how those who revoke know that they did.
 *
 * A node writes its row every so often; whoever waits watches the rows. That a node is dead is not told from clocks,
 * which differ between machines, but from its row standing still while one looks on: then the row goes, so that nobody
 * waits for the same dead node again. Only one that is old beyond any such difference is taken for dead at once.
 */
#include "domain/authority/authority.h"

#include "base/clock.h"
#include "base/error.h"

#include <unistd.h>

enum {
    POLL_MICROSECONDS = 10000,
    POLLS_A_SECOND = 100,
    NODES_MAXIMUM = 256,
    NAME_MAXIMUM = 200,
    CHANGES_MAXIMUM = 100000
};
#define LONG_DEAD (60 * RFD_SECOND)

/* --- Following changes -------------------------------------------------------------------------------------------- */

struct following {
    uint64_t after;
    size_t limit;
    struct arena *a;
    struct status_change *items;
    size_t count;
};

static rfd_status read_changes(struct transaction *t, void *context, struct rfd_error *error)
{
    struct following *f = context;
    struct store_rows rows;
    const struct store_value values[] = {store_integer((int64_t)f->after), store_integer((int64_t)f->limit)};
    TRY(store_run(t, "SELECT number, authority, serial FROM status_change WHERE number > $1 ORDER BY number LIMIT $2",
                  values, 2, &rows, error));
    f->items = arena_zeroed(f->a, rows.count + 1, sizeof *f->items);
    if (f->items == NULL) return arena_failed(f->a, error);
    for (size_t i = 0; i < rows.count; i++) {
        f->items[i] = (struct status_change){.number = (uint64_t)store_cell(&rows, i, 0)->integer,
                                             .authority = store_cell(&rows, i, 1)->integer,
                                             .serial = arena_copy(f->a, store_cell(&rows, i, 2)->bytes)};
        if (f->items[i].serial.data == NULL) return arena_failed(f->a, error);
    }
    f->count = rows.count;
    return RFD_OK;
}

rfd_status authority_changes(struct store *store, uint64_t after, size_t limit, struct arena *a,
                             struct status_change **out, size_t *count, struct rfd_error *error)
{
    struct following f = {.after = after, .limit = limit > CHANGES_MAXIMUM ? CHANGES_MAXIMUM : limit, .a = a};
    if (after > INT64_MAX) return error_set(error, RFD_E_ARGUMENT, "the number of a change");
    TRY(store_read(store, read_changes, &f, error));
    *out = f.items;
    *count = f.count;
    return RFD_OK;
}

/* --- Being alive -------------------------------------------------------------------------------------------------- */

struct node {
    slice name;
    uint64_t seen;
};

static rfd_status write_node(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct node *n = context;
    const struct store_value values[] = {store_text(n->name), store_integer((int64_t)n->seen),
                                         store_integer(clock_now())};
    return store_run(t,
                     "INSERT INTO status_node(name, seen, alive_at) VALUES ($1, $2, $3) "
                     "ON CONFLICT (name) DO UPDATE SET seen = excluded.seen, alive_at = excluded.alive_at",
                     values, 3, NULL, error);
}

rfd_status authority_node_alive(struct store *store, slice node, uint64_t seen, struct rfd_error *error)
{
    struct node n = {node, seen};
    if (node.length == 0 || node.length > NAME_MAXIMUM || seen > INT64_MAX)
        return error_set(error, RFD_E_ARGUMENT, "the name of a node, or the number of a change");
    return store_write(store, write_node, &n, error);
}

static rfd_status delete_node(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct node *n = context;
    struct store_value value = store_text(n->name);
    return store_run(t, "DELETE FROM status_node WHERE name = $1", &value, 1, NULL, error);
}

rfd_status authority_node_gone(struct store *store, slice node, struct rfd_error *error)
{
    struct node n = {.name = node};
    return store_write(store, delete_node, &n, error);
}

static rfd_status delete_nodes(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct node *n = context;
    const struct store_value values[] = {store_text(n->name), store_integer((int64_t)n->name.length)};
    return store_run(t, "DELETE FROM status_node WHERE substr(name, 1, $2) = $1", values, 2, NULL, error);
}

rfd_status authority_nodes_gone(struct store *store, slice beginning, struct rfd_error *error)
{
    struct node n = {.name = beginning};
    if (beginning.length == 0) return error_set(error, RFD_E_ARGUMENT, "the beginning of a node's name");
    return store_write(store, delete_nodes, &n, error);
}

/* --- Waiting ------------------------------------------------------------------------------------------------------ */

struct watched {
    uint64_t name; /* its hash */
    rfd_time alive_at;
    unsigned since; /* the poll at which it was written last */
};
struct waiting {
    uint64_t number;
    unsigned poll;
    struct watched nodes[NODES_MAXIMUM];
    size_t count;
    bool told;       /* nobody alive has not seen it */
    rfd_time buried; /* when a node that stood still was alive last; RFD_TIME_NONE: there is none */
};

static uint64_t hash_name(slice name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < name.length; i++) hash = (hash ^ name.data[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static struct watched *watch(struct waiting *w, uint64_t name)
{
    for (size_t i = 0; i < w->count; i++) {
        if (w->nodes[i].name == name) return &w->nodes[i];
    }
    if (w->count == NODES_MAXIMUM) return NULL;
    w->nodes[w->count] = (struct watched){.name = name, .alive_at = RFD_TIME_NONE};
    return &w->nodes[w->count++];
}

/** A node that has not seen the change yet: alive, unless its row stood still for too long. */
static rfd_status see_node(void *context, const struct store_value *values, size_t columns, struct rfd_error *error)
{
    struct waiting *w = context;
    (void)columns;
    struct watched *node = watch(w, hash_name(values[0].bytes));
    if (node == NULL) return error_set(error, RFD_E_LIMIT, "more than %d status processes", NODES_MAXIMUM);
    if (node->alive_at != values[1].integer) {
        node->alive_at = values[1].integer;
        node->since = w->poll;
    }
    bool still = w->poll - node->since >= AUTHORITY_NODE_SECONDS * POLLS_A_SECOND;
    bool dead = still || node->alive_at < clock_now() - LONG_DEAD;
    if (still) w->buried = node->alive_at;
    if (!dead) w->told = false;
    return RFD_OK;
}

static rfd_status see_nodes(struct transaction *t, void *context, struct rfd_error *error)
{
    struct waiting *w = context;
    struct store_value value = store_integer((int64_t)w->number);
    w->told = true;
    return store_each(t, "SELECT name, alive_at FROM status_node WHERE seen < $1", &value, 1, see_node, w, error);
}

static rfd_status bury(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct waiting *w = context;
    const struct store_value values[] = {store_integer((int64_t)w->number), store_integer(w->buried)};
    return store_run(t, "DELETE FROM status_node WHERE seen < $1 AND alive_at = $2", values, 2, NULL, error);
}

rfd_status authority_wait_told(struct store *store, uint64_t number, struct rfd_error *error)
{
    struct waiting w = {.number = number > INT64_MAX ? INT64_MAX : number, .buried = RFD_TIME_NONE};
    for (; w.poll <= (AUTHORITY_NODE_SECONDS + 1) * POLLS_A_SECOND; w.poll++) {
        TRY(store_read(store, see_nodes, &w, error));
        if (w.told) return w.buried == RFD_TIME_NONE ? RFD_OK : store_write(store, bury, &w, error);
        (void)usleep(POLL_MICROSECONDS);
    }
    return error_set(error, RFD_E_DEADLINE, "change %llu is made; a status process that is alive has not seen it yet",
                     (unsigned long long)number);
}
