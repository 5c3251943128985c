/* SPDX-License-Identifier: EUPL-1.2
 *
 * PostgreSQL: a pool of connections, each with its prepared statements. Integers and text travel as text, bytes as they
 * are; results come in binary. A conflict between transactions (serialisation, deadlock) and a connection that broke
 * before the commit was asked for are tried again, at another host when the address names several and one of them has
 * taken over; when it broke while committing, nobody knows, and that is said.
 */
#include "store/postgresql_link.h"
#include "store/statement.h"
#include "store/store_internal.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"

#include <pthread.h>
#include <unistd.h>

/* Who wants a row that many change at once (a counter) is crossed more often than a server goes away. */
enum { TRIES = 6, CROSSED_TRIES = 30, LONGEST_WAIT = 6 /* so often it doubles */ };
enum { NAME_SIZE = 32, INTEGER_SIZE = 24, WAIT_MICROSECONDS = 2000, UNNEEDED_MAXIMUM = 1 << 20 };
enum { TYPE_BOOLEAN = 16, TYPE_BYTES = 17, TYPE_INT8 = 20, TYPE_INT2 = 21, TYPE_INT4 = 23, TYPE_TEXT = 25 };

struct connection {
    PGconn *link; /* NULL: not connected yet, or lost */
    const char *address;
    struct statements statements;
    struct buf unneeded; /* what the server is told before the next transaction: statements to forget */
    uint64_t names;
    bool writes;  /* what runs now */
    bool again;   /* the last failure is one that trying again may cure */
    bool crossed; /* because of somebody else's transaction */
    bool leaving; /* on another connection */
    bool warned;  /* the server remarked something since this was set back */
    bool busy;
};

struct postgresql {
    struct connection connections[STORE_CONNECTIONS_MAXIMUM];
    size_t count;
    char *address;
    pthread_mutex_t lock;
    pthread_cond_t free;
};

/* --- One connection ----------------------------------------------------------------------------------------------- */

/** Prepared statements die with their connection; only the names were kept. The server forgets one that is given up
 * while the connection goes on, but not at once: anything but a lock as the first statement of a transaction settles
 * what it sees, and who then waits for the lock sees what was before. */
static void release(void *connection, void *prepared)
{
    struct connection *c = connection;
    if (c->link != NULL) buf_print(&c->unneeded, "DEALLOCATE %s;", (const char *)prepared);
    memory_free(prepared);
}

static void forget_unneeded(struct connection *c)
{
    if (c->unneeded.length == 0) return;
    buf_put_byte(&c->unneeded, '\0');
    if (buf_status(&c->unneeded) == RFD_OK)
        PQclear(link_run(c->link, (const char *)c->unneeded.data, LINK_SILENCE_SECONDS));
    buf_reset(&c->unneeded);
}

static void disconnect(struct connection *c)
{
    PGconn *link = c->link;
    c->link = NULL;
    statements_dispose(&c->statements, release, c);
    buf_dispose(&c->unneeded);
    PQfinish(link);
}

static void take_notice(void *connection, const PGresult *notice)
{
    struct connection *c = connection;
    (void)notice;
    c->warned = true;
}

static rfd_status connect_now(struct connection *c, struct rfd_error *error)
{
    /* Compiling a statement takes longer than running any of ours. Who holds a lock for so long waits for a standby
     * that does not confirm. */
    static const char settings[] = "SET default_transaction_isolation='repeatable read'; "
                                   "SET client_min_messages=warning; SET jit=off; SET lock_timeout='20s'";
    if (c->link != NULL && PQstatus(c->link) == CONNECTION_OK) return RFD_OK;
    disconnect(c);
    buf_init(&c->unneeded, UNNEEDED_MAXIMUM);
    c->link = link_connect(c->address, take_notice, c);
    if (c->link == NULL) return error_memory(error);
    if (PQstatus(c->link) == CONNECTION_OK) {
        PGresult *set = link_run(c->link, settings, LINK_SILENCE_SECONDS);
        bool good = PQresultStatus(set) == PGRES_COMMAND_OK;
        PQclear(set);
        if (good) return RFD_OK;
    }
    rfd_status status = error_set(error, RFD_E_STORE, "%.250s", PQerrorMessage(c->link));
    disconnect(c);
    c->again = true;
    return status;
}

/** The server shuts down or starts up (57P01 to 57P03), or writes no more: another one may have taken over. */
static bool is_leaving(const struct connection *c, const char *state)
{
    return strncmp(state, "57P", 3) == 0 || (c->writes && strcmp(state, "25006") == 0);
}

/** What the server says is wrong, by SQLSTATE (PostgreSQL, appendix A). */
static rfd_status fail(struct connection *c, const PGresult *result, const char *sql, struct rfd_error *error)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (PQstatus(c->link) != CONNECTION_OK || state == NULL) {
        c->again = PQstatus(c->link) != CONNECTION_OK;
        return error_set(error, RFD_E_STORE, "%.200s", PQerrorMessage(c->link));
    }
    c->leaving = c->leaving || is_leaving(c, state);
    c->crossed = strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0;
    c->again = c->leaving || c->crossed;
    rfd_status status = RFD_E_STORE;
    if (strncmp(state, "23", 2) == 0) status = RFD_E_STORE_CONFLICT;
    if (strcmp(state, "53100") == 0) status = RFD_E_NO_SPACE;
    return error_set(error, status, "%.150s: %.150s", text == NULL ? state : text, sql);
}

static rfd_status check(struct connection *c, PGresult *result, ExecStatusType wanted, const char *sql,
                        struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    if (result == NULL)
        status = fail(c, result, sql, error);
    else if (PQresultStatus(result) != wanted)
        status = fail(c, result, sql, error);
    PQclear(result);
    return status;
}

static rfd_status do_plain(struct connection *c, const char *sql, struct rfd_error *error)
{
    return check(c, link_run(c->link, sql, LINK_SILENCE_SECONDS), PGRES_COMMAND_OK, sql, error);
}

/* --- Statements --------------------------------------------------------------------------------------------------- */

static rfd_status prepare(struct connection *c, const char *sql, const char **out, struct rfd_error *error)
{
    const char *name = statements_find(&c->statements, sql);
    if (name != NULL) {
        *out = name;
        return RFD_OK;
    }
    char *made = memory_allocate(NAME_SIZE);
    if (made == NULL) return error_memory(error);
    (void)snprintf(made, NAME_SIZE, "s%llu", (unsigned long long)++c->names);
    bool sent = PQsendPrepare(c->link, made, sql, 0, NULL) == 1;
    PGresult *prepared = sent ? link_finish(c->link, LINK_SILENCE_SECONDS) : NULL;
    rfd_status status = check(c, prepared, PGRES_COMMAND_OK, sql, error);
    if (status == RFD_OK) status = statements_keep(&c->statements, sql, made, release, c, error);
    if (status != RFD_OK)
        memory_free(made);
    else
        *out = made;
    return status;
}

struct bound {
    const char *values[STORE_PARAMETERS];
    int lengths[STORE_PARAMETERS], formats[STORE_PARAMETERS];
    char integers[STORE_PARAMETERS][INTEGER_SIZE];
    char *texts[STORE_PARAMETERS]; /* libpq wants text to end with a zero */
};

static rfd_status bind_one(struct bound *b, size_t i, const struct store_value *v, struct rfd_error *error)
{
    switch (v->type) {
    case STORE_NULL: break;
    case STORE_BOOLEAN: b->values[i] = v->integer != 0 ? "t" : "f"; break;
    case STORE_INTEGER:
        (void)snprintf(b->integers[i], INTEGER_SIZE, "%lld", (long long)v->integer);
        b->values[i] = b->integers[i];
        break;
    case STORE_TEXT:
        b->texts[i] = memory_zeroed(v->bytes.length + 1, 1);
        if (b->texts[i] == NULL) return error_memory(error);
        if (v->bytes.length > 0) memcpy(b->texts[i], v->bytes.data, v->bytes.length);
        if (strlen(b->texts[i]) != v->bytes.length) return error_set(error, RFD_E_ARGUMENT, "a text with a zero byte");
        b->values[i] = b->texts[i];
        break;
    case STORE_BYTES:
        if (v->bytes.length > INT32_MAX) return error_set(error, RFD_E_LIMIT, "%zu bytes", v->bytes.length);
        b->values[i] = v->bytes.length == 0 ? "" : (const char *)v->bytes.data;
        b->lengths[i] = (int)v->bytes.length;
        b->formats[i] = 1;
        break;
    }
    return RFD_OK;
}

static int64_t sign_extended(const uint8_t *bytes, size_t length)
{
    uint64_t value = number_big_endian(bytes, length);
    unsigned unused = (unsigned)(8 * (sizeof value - length));
    return (int64_t)(value << unused) >> unused;
}

static rfd_status read_one(const PGresult *r, int row, int column, struct store_value *out, struct rfd_error *error)
{
    const uint8_t *bytes = (const uint8_t *)PQgetvalue(r, row, column);
    size_t length = (size_t)PQgetlength(r, row, column);
    *out = store_null();
    if (PQgetisnull(r, row, column)) return RFD_OK;
    switch (PQftype(r, column)) {
    case TYPE_BOOLEAN: *out = store_boolean(length == 1 && bytes[0] != 0); break;
    case TYPE_BYTES: *out = store_bytes(slice_of(bytes, length)); break;
    case TYPE_TEXT: *out = store_text(slice_of(bytes, length)); break;
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8: *out = store_integer(sign_extended(bytes, length)); break;
    default: return error_set(error, RFD_E_INTERNAL, "column %d has type %u", column + 1, (unsigned)PQftype(r, column));
    }
    return RFD_OK;
}

static rfd_status hand_out(const PGresult *r, store_row *row, void *context, struct rfd_error *error)
{
    struct store_value values[STORE_COLUMNS];
    int columns = PQnfields(r);
    if (columns > STORE_COLUMNS) return error_set(error, RFD_E_INTERNAL, "%d columns", columns);
    for (int i = 0; i < PQntuples(r); i++) {
        for (int k = 0; k < columns; k++) TRY(read_one(r, i, k, &values[k], error));
        TRY(row(context, values, (size_t)columns, error));
    }
    return RFD_OK;
}

/** Row by row, so that a large result is never held; after a failure the rest is read away. */
static rfd_status receive(struct connection *c, const char *sql, store_row *row, void *context, uint64_t *changed,
                          struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    uint64_t count = 0;
    for (PGresult *r; (r = link_result(c->link, LINK_SILENCE_SECONDS)) != NULL; PQclear(r)) {
        ExecStatusType kind = PQresultStatus(r);
        if (status != RFD_OK) continue;
        if (kind != PGRES_SINGLE_TUPLE && kind != PGRES_TUPLES_OK && kind != PGRES_COMMAND_OK) {
            status = fail(c, r, sql, error);
            continue;
        }
        if (kind != PGRES_SINGLE_TUPLE) (void)number_unsigned(slice_text(PQcmdTuples(r)), UINT64_MAX, &count);
        if (row != NULL && kind != PGRES_COMMAND_OK) status = hand_out(r, row, context, error);
    }
    if (status == RFD_OK && changed != NULL) *changed = count;
    return status;
}

static rfd_status send(struct connection *c, const char *sql, const struct store_value *values, size_t count,
                       struct bound *b, struct rfd_error *error)
{
    const char *name = NULL;
    for (size_t i = 0; i < count; i++) TRY(bind_one(b, i, &values[i], error));
    TRY(prepare(c, sql, &name, error));
    if (PQsendQueryPrepared(c->link, name, (int)count, b->values, b->lengths, b->formats, 1) == 1 &&
        PQsetSingleRowMode(c->link) == 1)
        return RFD_OK;
    c->again = PQstatus(c->link) != CONNECTION_OK;
    return error_set(error, RFD_E_STORE, "%.200s", PQerrorMessage(c->link));
}

static rfd_status run(void *connection, const char *sql, const struct store_value *values, size_t count, store_row *row,
                      void *context, uint64_t *changed, struct rfd_error *error)
{
    struct connection *c = connection;
    struct bound *b = memory_zeroed(1, sizeof *b);
    if (b == NULL) return error_memory(error);
    rfd_status status = count > STORE_PARAMETERS ? error_set(error, RFD_E_INTERNAL, "%zu parameters", count)
                                                 : send(c, sql, values, count, b, error);
    if (status == RFD_OK) status = receive(c, sql, row, context, changed, error);
    for (size_t i = 0; i < count && i < STORE_PARAMETERS; i++) memory_free(b->texts[i]);
    memory_free(b);
    return status;
}

/* --- Transactions ------------------------------------------------------------------------------------------------- */

static struct connection *take(struct postgresql *p)
{
    pthread_mutex_lock(&p->lock);
    for (;;) {
        for (size_t i = 0; i < p->count; i++) {
            if (p->connections[i].busy) continue;
            p->connections[i].busy = true;
            pthread_mutex_unlock(&p->lock);
            return &p->connections[i];
        }
        pthread_cond_wait(&p->free, &p->lock);
    }
}

static void give(struct postgresql *p, struct connection *c)
{
    pthread_mutex_lock(&p->lock);
    c->busy = false;
    pthread_cond_signal(&p->free);
    pthread_mutex_unlock(&p->lock);
}

/** Only these say that nothing was committed: conflicts (class 40), and what deferred constraints find (class 23). */
static bool is_rolled_back(const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return state != NULL && (strncmp(state, "40", 2) == 0 || strncmp(state, "23", 2) == 0);
}

static rfd_status judge_commit(struct connection *c, PGresult *result, struct rfd_error *error)
{
    if (PQresultStatus(result) == PGRES_COMMAND_OK) {
        if (strcmp(PQcmdStatus(result), "COMMIT") != 0)
            return error_set(error, RFD_E_STORE, "rolled back: a statement had failed");
        /* Somebody cancelled the wait for the synchronous standby (PostgreSQL §27.2.8): committed, but on one machine
         * alone, and lost when that is. */
        if (!c->warned) return RFD_OK;
        return error_set(error, RFD_E_STORE_UNKNOWN, "committed, but the server warned: a standby may not have it");
    }
    rfd_status status = fail(c, result, "COMMIT", error);
    if (is_rolled_back(result)) return status;
    c->again = false;
    return error_wrap(error, RFD_E_STORE_UNKNOWN, "while committing");
}

/** Between asking for the commit and its answer the connection may break. */
static rfd_status commit(struct connection *c, struct rfd_error *error)
{
    c->warned = false;
    PGresult *result = link_run(c->link, "COMMIT", LINK_COMMIT_SECONDS);
    rfd_status status = judge_commit(c, result, error);
    PQclear(result);
    return status;
}

enum kind_of_work { WORK_ALONE, WORK_READS, WORK_WRITES };

static rfd_status try_once(struct store *store, struct connection *c, enum kind_of_work kind, store_work *work,
                           void *context, struct rfd_error *error)
{
    struct rfd_error ignored;
    c->writes = kind == WORK_WRITES;
    c->again = c->crossed = false;
    TRY(connect_now(c, error));
    forget_unneeded(c);
    if (kind == WORK_ALONE) return store_call(store, c, false, work, context, error);
    TRY(do_plain(c, c->writes ? "BEGIN" : "BEGIN READ ONLY", error));
    rfd_status status = store_call(store, c, c->writes, work, context, error);
    if (status == RFD_OK) return commit(c, error);
    bool again = c->again;
    (void)!do_plain(c, "ROLLBACK", &ignored);
    c->again = again;
    return status;
}

static rfd_status transact(struct store *store, enum kind_of_work kind, store_work *work, void *context,
                           struct rfd_error *error)
{
    struct postgresql *p = store->state;
    struct connection *c = take(p);
    c->crossed = false;
    rfd_status status = RFD_OK;
    for (unsigned n = 0; n < (c->crossed ? CROSSED_TRIES : TRIES); n++) {
        if (n > 0) (void)usleep((useconds_t)WAIT_MICROSECONDS << (n < LONGEST_WAIT ? n : LONGEST_WAIT));
        c->leaving = false;
        status = try_once(store, c, kind, work, context, error);
        if (c->leaving) disconnect(c);
        if (status == RFD_OK || !c->again) break;
    }
    give(p, c);
    return status;
}

static rfd_status read_work(struct store *store, store_work *work, void *context, struct rfd_error *error)
{
    return transact(store, WORK_READS, work, context, error);
}

static rfd_status look_work(struct store *store, store_work *work, void *context, struct rfd_error *error)
{
    return transact(store, WORK_ALONE, work, context, error);
}

static rfd_status write_work(struct store *store, store_work *work, void *context, struct rfd_error *error)
{
    return transact(store, WORK_WRITES, work, context, error);
}

/* --- Opening ------------------------------------------------------------------------------------------------------ */

static void close_all(void *backend)
{
    struct postgresql *p = backend;
    for (size_t i = 0; i < p->count; i++) disconnect(&p->connections[i]);
    pthread_cond_destroy(&p->free);
    pthread_mutex_destroy(&p->lock);
    memory_free(p->address);
    memory_free(p);
}

static rfd_status open_backend(const struct store_options *options, void **out, struct rfd_error *error)
{
    struct postgresql *p = memory_zeroed(1, sizeof *p);
    if (p == NULL) return error_memory(error);
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_cond_init(&p->free, NULL);
    p->count = options->connections == 0 ? STORE_CONNECTIONS : options->connections;
    p->address = memory_text(options->address);
    for (size_t i = 0; i < p->count; i++) p->connections[i].address = p->address;
    rfd_status status = p->address == NULL ? error_memory(error) : connect_now(&p->connections[0], error);
    if (status != RFD_OK) {
        close_all(p);
        return status;
    }
    *out = p;
    return RFD_OK;
}

const struct store_backend store_postgresql = {.kind = STORE_POSTGRESQL,
                                               .open = open_backend,
                                               .close = close_all,
                                               .read = read_work,
                                               .look = look_work,
                                               .write = write_work,
                                               .run = run};
