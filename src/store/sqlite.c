/* SPDX-License-Identifier: EUPL-1.2
 *
 * SQLite: several connections read, one thread writes. Work that waits for the writer is taken together: one commit,
 * and so one sync, for all of it. Whoever came with a piece hears of it after the commit.
 *
 * Pieces rarely fail. So they run one after the other as they are; only when one fails, all is undone and they run
 * again, each in a savepoint of its own, which costs copies of all pages that it changes.
 */
#include "store/sqlite_checkpoint.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

enum { TOGETHER_MAXIMUM = 512, GATHERING_MICROSECONDS = 250, ENOUGH = 16 };

struct request {
    struct request *next;
    struct store *store;
    store_work *work;
    void *context;
    struct rfd_error error;
    rfd_status status;
    store_done *later; /* NULL: somebody waits for `done` */
    sem_t done;
};

struct sqlite {
    struct sqlite_connection writer;
    struct sqlite_connection readers[STORE_CONNECTIONS_MAXIMUM]; /* opened when they are first needed */
    size_t reader_count;
    char *path;
    bool busy[STORE_CONNECTIONS_MAXIMUM];
    pthread_mutex_t lock;
    pthread_cond_t work_came, reader_free;
    struct request *first, *last;
    size_t waiting;  /* requests that do */
    size_t together; /* that were taken the last time */
    bool closing, running;
    pthread_t thread;
    struct sqlite_checkpoint checkpoint;
};

/* --- Writing ------------------------------------------------------------------------------------------------------ */

/** Waits, with the lock, until there is something. Those who came together the last time do so again, one just after
 * the other: a moment's patience spares all of them a sync. Who comes alone is not kept waiting. */
static void await_requests(struct sqlite *s)
{
    if (s->first != NULL || s->closing) return;
    while (s->first == NULL && !s->closing) pthread_cond_wait(&s->work_came, &s->lock);
    if (s->together < 2 || s->waiting >= ENOUGH || s->closing) return;
    pthread_mutex_unlock(&s->lock);
    (void)usleep(GATHERING_MICROSECONDS);
    pthread_mutex_lock(&s->lock);
}

/** Takes what waits, in order; NULL when the store closes. */
static struct request *take_requests(struct sqlite *s)
{
    size_t n = 1;
    pthread_mutex_lock(&s->lock);
    await_requests(s);
    struct request *all = s->first;
    struct request *end = all;
    for (; end != NULL && n < TOGETHER_MAXIMUM && end->next != NULL; n++) end = end->next;
    if (end != NULL) {
        s->together = n;
        s->waiting -= n;
        s->first = end->next;
        if (s->first == NULL) s->last = NULL;
        end->next = NULL;
    }
    pthread_mutex_unlock(&s->lock);
    return all;
}

/** One piece of work; what it changed is undone when it fails. */
static void work_apart(struct sqlite *s, struct request *r)
{
    struct rfd_error ignored;
    r->error = RFD_ERROR_INIT;
    r->status = sqlite_connection_do(&s->writer, "SAVEPOINT piece", &r->error);
    if (r->status != RFD_OK) return;
    r->status = store_call(r->store, &s->writer, true, r->work, r->context, &r->error);
    if (r->status != RFD_OK) (void)!sqlite_connection_do(&s->writer, "ROLLBACK TO piece", &ignored);
    rfd_status released = sqlite_connection_do(&s->writer, "RELEASE piece", &ignored);
    if (r->status != RFD_OK || released == RFD_OK) return;
    r->status = released;
    r->error = ignored;
}

/** Some failures (a full disk, no memory) make SQLite roll back the whole. */
static bool is_rolled_back(struct sqlite *s)
{
    return sqlite3_get_autocommit(s->writer.database) != 0;
}

/** All of it without savepoints. False when a piece failed: nothing has happened then. */
static bool work_plainly(struct sqlite *s, struct request *all)
{
    struct rfd_error ignored;
    for (struct request *r = all; r != NULL; r = r->next) {
        r->error = RFD_ERROR_INIT;
        r->status = store_call(r->store, &s->writer, true, r->work, r->context, &r->error);
        if (r->status == RFD_OK) continue;
        if (!is_rolled_back(s)) (void)!sqlite_connection_do(&s->writer, "ROLLBACK", &ignored);
        return false;
    }
    return true;
}

/** When the commit fails, nothing of it has happened: everybody must know. */
static void fail_all(struct request *all, const struct rfd_error *error)
{
    for (struct request *r = all; r != NULL; r = r->next) {
        if (r->status != RFD_OK) continue;
        r->status = error->code;
        r->error = *error;
    }
}

static rfd_status work_with_savepoints(struct sqlite *s, struct request *all, struct rfd_error *error)
{
    TRY(sqlite_connection_do(&s->writer, "BEGIN IMMEDIATE", error));
    for (struct request *r = all; r != NULL; r = r->next) {
        work_apart(s, r);
        if (!is_rolled_back(s)) continue;
        *error = r->error;
        return error->code == RFD_OK ? error_set(error, RFD_E_STORE, "rolled back by the database") : error->code;
    }
    return RFD_OK;
}

static void work_together(struct sqlite *s, struct request *all)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct rfd_error ignored;
    rfd_status status = sqlite_connection_do(&s->writer, "BEGIN IMMEDIATE", &error);
    if (status == RFD_OK && !work_plainly(s, all)) {
        /* A piece that was alone needs no second try: it is undone. */
        if (all->next == NULL) return;
        status = work_with_savepoints(s, all, &error);
    }
    if (status == RFD_OK) status = sqlite_connection_do(&s->writer, "COMMIT", &error);
    if (status == RFD_OK) return;
    if (!is_rolled_back(s)) (void)!sqlite_connection_do(&s->writer, "ROLLBACK", &ignored);
    fail_all(all, &error);
}

/** The request is its caller's again as soon as he is told. */
static void tell(struct request *r)
{
    if (r->later == NULL) {
        (void)sem_post(&r->done);
        return;
    }
    r->later(r->context, r->status, &r->error);
    memory_free(r);
}

static void *write_for_all(void *context)
{
    struct sqlite *s = context;
    for (struct request *all; (all = take_requests(s)) != NULL;) {
        work_together(s, all);
        for (struct request *r = all, *next; r != NULL; r = next) {
            next = r->next;
            tell(r);
        }
    }
    return NULL;
}

static void enqueue(struct sqlite *s, struct request *r)
{
    pthread_mutex_lock(&s->lock);
    bool first = s->last == NULL;
    if (first)
        s->first = r;
    else
        s->last->next = r;
    s->last = r;
    s->waiting++;
    pthread_mutex_unlock(&s->lock);
    if (first) pthread_cond_signal(&s->work_came);
}

static rfd_status write_later(struct store *store, store_work *work, void *context, store_done *done,
                              struct rfd_error *error)
{
    struct request *r = memory_zeroed(1, sizeof *r);
    if (r == NULL) return error_memory(error);
    *r = (struct request){.store = store, .work = work, .context = context, .later = done};
    enqueue(store->state, r);
    return RFD_OK;
}

static rfd_status write_work(struct store *store, store_work *work, void *context, struct rfd_error *error)
{
    struct request r = {.store = store, .work = work, .context = context};
    (void)sem_init(&r.done, 0, 0);
    enqueue(store->state, &r);
    while (sem_wait(&r.done) != 0) continue; /* EINTR: somebody's signal */
    (void)sem_destroy(&r.done);
    if (r.status != RFD_OK && error != NULL) *error = r.error;
    return r.status;
}

/* --- Reading ------------------------------------------------------------------------------------------------------ */

/** The first that is free. */
static size_t await_reader(struct sqlite *s)
{
    pthread_mutex_lock(&s->lock);
    for (;;) {
        for (size_t i = 0; i < s->reader_count; i++) {
            if (s->busy[i]) continue;
            s->busy[i] = true;
            pthread_mutex_unlock(&s->lock);
            return i;
        }
        pthread_cond_wait(&s->reader_free, &s->lock);
    }
}

static void give_reader(struct sqlite *s, size_t i)
{
    pthread_mutex_lock(&s->lock);
    s->busy[i] = false;
    pthread_cond_signal(&s->reader_free);
    pthread_mutex_unlock(&s->lock);
}

/** Each connection holds the whole schema, some 200 KB: those that only a crowd needs wait for one. */
static rfd_status take_reader(struct sqlite *s, size_t *out, struct rfd_error *error)
{
    size_t i = await_reader(s);
    rfd_status status = RFD_OK;
    if (s->readers[i].database == NULL) status = sqlite_connection_open(s->path, false, &s->readers[i], error);
    if (status != RFD_OK) give_reader(s, i);
    *out = i;
    return status;
}

static rfd_status read_work(struct store *store, store_work *work, void *context, struct rfd_error *error)
{
    struct sqlite *s = store->state;
    struct rfd_error ignored;
    size_t i;
    TRY(take_reader(s, &i, error));
    rfd_status status = sqlite_connection_do(&s->readers[i], "BEGIN", error);
    if (status == RFD_OK) {
        status = store_call(store, &s->readers[i], false, work, context, error);
        (void)!sqlite_connection_do(&s->readers[i], "ROLLBACK", &ignored);
    }
    give_reader(s, i);
    return status;
}

static rfd_status look_work(struct store *store, store_work *work, void *context, struct rfd_error *error)
{
    struct sqlite *s = store->state;
    size_t i;
    TRY(take_reader(s, &i, error));
    rfd_status status = store_call(store, &s->readers[i], false, work, context, error);
    give_reader(s, i);
    return status;
}

static rfd_status run(void *connection, const char *sql, const struct store_value *values, size_t count, store_row *row,
                      void *context, uint64_t *changed, struct rfd_error *error)
{
    return sqlite_connection_run(connection, sql, values, count, row, context, changed, error);
}

/* --- Opening ------------------------------------------------------------------------------------------------------ */

static void close_all(void *backend)
{
    struct sqlite *s = backend;
    pthread_mutex_lock(&s->lock);
    s->closing = true;
    pthread_cond_signal(&s->work_came);
    pthread_mutex_unlock(&s->lock);
    if (s->running) pthread_join(s->thread, NULL);
    sqlite_checkpoint_end(&s->checkpoint);
    for (size_t i = 0; i < s->reader_count; i++) sqlite_connection_close(&s->readers[i]);
    sqlite_connection_close(&s->writer);
    pthread_cond_destroy(&s->work_came);
    pthread_cond_destroy(&s->reader_free);
    pthread_mutex_destroy(&s->lock);
    memory_free(s->path);
    memory_free(s);
}

static rfd_status open_all(struct sqlite *s, const char *path, struct rfd_error *error)
{
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600); /* its journals get the same permissions */
    if (file < 0) return error_errno(error, RFD_E_STORE, errno, "%s", path);
    (void)close(file);
    s->path = memory_text(path);
    if (s->path == NULL) return error_memory(error);
    TRY(sqlite_connection_open(path, true, &s->writer, error));
    sqlite_checkpoint_begin(&s->checkpoint, s->path, &s->writer);
    s->running = pthread_create(&s->thread, NULL, write_for_all, s) == 0;
    return s->running ? RFD_OK : error_set(error, RFD_E_STORE, "no thread can be started");
}

static rfd_status open_backend(const struct store_options *options, void **out, struct rfd_error *error)
{
    struct sqlite *s = memory_zeroed(1, sizeof *s);
    if (s == NULL) return error_memory(error);
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->work_came, NULL);
    (void)pthread_cond_init(&s->reader_free, NULL);
    s->reader_count = options->connections == 0 ? STORE_CONNECTIONS : options->connections;
    rfd_status status = open_all(s, options->address + strlen("sqlite:"), error);
    if (status != RFD_OK) {
        close_all(s);
        return status;
    }
    *out = s;
    return RFD_OK;
}

const struct store_backend store_sqlite = {.kind = STORE_SQLITE,
                                           .open = open_backend,
                                           .close = close_all,
                                           .read = read_work,
                                           .look = look_work,
                                           .write = write_work,
                                           .write_later = write_later,
                                           .run = run};
