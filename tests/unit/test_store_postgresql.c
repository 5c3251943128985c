/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a PostgreSQL that goes away, comes back, says nothing or warns does to a store. Those that need a server are
 * skipped when REFRENDA_POSTGRESQL does not name one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "store/store.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct store *open_store(const char *address)
{
    struct store *store = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    const struct store_options options = {.address = address, .connections = 2};
    if (store_open(&options, &store, &error) != RFD_OK) fail_msg("%s", error.detail);
    return store;
}

static int set_up(void **state)
{
    const char *address = getenv("REFRENDA_POSTGRESQL");
    *state = address == NULL ? NULL : open_store(address);
    return 0;
}

static int tear_down(void **state)
{
    store_close(*state);
    return 0;
}

static struct store *store_of(void **state)
{
    if (*state == NULL) skip();
    return *state;
}

/** A script of statements, one after the other. */
struct script {
    const char *statements[4];
    bool forgiving; /* goes on after one that failed */
    unsigned runs;
};

static rfd_status play(struct transaction *t, void *context, struct rfd_error *error)
{
    struct script *s = context;
    s->runs++;
    for (size_t i = 0; i < sizeof s->statements / sizeof *s->statements && s->statements[i] != NULL; i++) {
        rfd_status status = store_run(t, s->statements[i], NULL, 0, NULL, error);
        if (status != RFD_OK && !s->forgiving) return status;
    }
    return RFD_OK;
}

static rfd_status play_now(struct store *store, struct script *s)
{
    struct rfd_error error = RFD_ERROR_INIT;
    s->runs = 0;
    return store_write(store, play, s, &error);
}

static void prepare(struct store *store)
{
    struct script tables = {
        .statements = {"DROP TABLE IF EXISTS place", "CREATE TABLE place(id BIGINT PRIMARY KEY, name TEXT)"}};
    assert_int_equal(play_now(store, &tables), RFD_OK);
}

static rfd_status count_places(struct transaction *t, void *context, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, "SELECT count(*) FROM place", NULL, 0, &rows, error));
    *(int64_t *)context = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

static int64_t places(struct store *store)
{
    int64_t n = -1;
    assert_int_equal(store_read(store, count_places, &n, NULL), RFD_OK);
    return n;
}

/* As an administrator, or a server that is shut down, ends them: nobody who works with the store hears of it. */
static void test_connections_that_were_ended(void **state)
{
    struct store *store = store_of(state);
    struct store *other = open_store(getenv("REFRENDA_POSTGRESQL"));
    struct script end_all = {
        .statements = {"SELECT pg_terminate_backend(pid)::int FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                       "AND backend_type = 'client backend'"}};
    struct script insert = {.statements = {"INSERT INTO place(id, name) VALUES (1, 'one')"}};
    prepare(store);
    assert_int_equal(play_now(other, &end_all), RFD_OK);
    assert_int_equal(play_now(store, &insert), RFD_OK);
    assert_int_equal(places(store), 1);
    /* In the middle of one's own work, too: it is done once more, from its beginning. */
    struct script suicide = {.statements = {"INSERT INTO place(id, name) VALUES (2, 'two')",
                                            "SELECT pg_terminate_backend(pg_backend_pid())::int"}};
    assert_int_equal(play_now(store, &suicide), RFD_E_STORE);
    assert_in_range(suicide.runs, 2, 10);
    assert_int_equal(places(store), 1);
    store_close(other);
}

/* One that has become a standby refuses to write: that is seen, and cured when there is another. */
static void test_server_that_writes_no_more(void **state)
{
    struct store *store = store_of(state);
    struct script forbid = {.statements = {"ALTER ROLE refrenda SET default_transaction_read_only = on"}};
    struct script allow = {
        .statements = {"SET TRANSACTION READ WRITE", "ALTER ROLE refrenda RESET default_transaction_read_only"}};
    struct script insert = {.statements = {"INSERT INTO place(id, name) VALUES (1, 'one')"}};
    prepare(store);
    struct store *reads = NULL;
    assert_int_equal(play_now(store, &forbid), RFD_OK);
    reads = open_store(getenv("REFRENDA_POSTGRESQL"));
    rfd_status status = play_now(reads, &insert);
    rfd_status allowed = play_now(reads, &allow);
    assert_int_equal(allowed, RFD_OK);
    assert_int_equal(status, RFD_E_STORE);
    assert_true(insert.runs > 1);
    assert_int_equal(play_now(store, &insert), RFD_OK);
    assert_int_equal(insert.runs, 1);
    store_close(reads);
}

enum { MANY_STATEMENTS = 400 /* more than are kept prepared */, WAITING_MICROSECONDS = 300000 };

static rfd_status play_many(struct transaction *t, void *context, struct rfd_error *error)
{
    (void)context;
    for (unsigned i = 0; i < MANY_STATEMENTS; i++) {
        char sql[32];
        (void)snprintf(sql, sizeof sql, "SELECT %u", i);
        TRY(store_run(t, sql, NULL, 0, NULL, error));
    }
    return RFD_OK;
}

#define LOCK_PLACE "LOCK TABLE place IN EXCLUSIVE MODE"

static rfd_status lock_and_count(struct transaction *t, void *context, struct rfd_error *error)
{
    TRY(store_run(t, LOCK_PLACE, NULL, 0, NULL, error));
    return count_places(t, context, error);
}

struct locker {
    struct store *store;
    pthread_t thread;
    int64_t seen;
};

static void *lock_in_thread(void *context)
{
    struct locker *l = context;
    if (store_write(l->store, lock_and_count, &l->seen, NULL) != RFD_OK) l->seen = -2;
    return NULL;
}

/** Has the lock until the other waits for it. */
static rfd_status insert_slowly(struct transaction *t, void *context, struct rfd_error *error)
{
    struct locker *l = context;
    TRY(store_run(t, LOCK_PLACE, NULL, 0, NULL, error));
    assert_int_equal(pthread_create(&l->thread, NULL, lock_in_thread, l), 0);
    (void)usleep(WAITING_MICROSECONDS);
    return store_run(t, "INSERT INTO place(id, name) VALUES (1, 'one')", NULL, 0, NULL, error);
}

/* Who begins with a lock sees what whoever had it before has done, however many statements the connection has prepared.
 */
static void test_lock_comes_first(void **state)
{
    struct locker waits = {.store = store_of(state), .seen = -1};
    struct store *other = open_store(getenv("REFRENDA_POSTGRESQL"));
    prepare(waits.store);
    assert_int_equal(store_write(waits.store, play_many, NULL, NULL), RFD_OK);
    assert_int_equal(store_write(other, insert_slowly, &waits, NULL), RFD_OK);
    assert_int_equal(pthread_join(waits.thread, NULL), 0);
    assert_int_equal(waits.seen, 1);
    store_close(other);
}

/* PostgreSQL answers COMMIT with ROLLBACK, and no error, when a statement had failed. */
static void test_failure_that_was_passed_over(void **state)
{
    struct store *store = store_of(state);
    struct script twice = {.statements = {"INSERT INTO place(id, name) VALUES (1, 'one')",
                                          "INSERT INTO place(id, name) VALUES (1, 'again')"},
                           .forgiving = true};
    prepare(store);
    assert_int_not_equal(play_now(store, &twice), RFD_OK);
    assert_int_equal(places(store), 0);
}

/* A commit with a warning may be on one machine only; here the warning is that nothing was left to commit. */
static void test_commit_with_a_warning(void **state)
{
    struct store *store = store_of(state);
    struct script early = {.statements = {"INSERT INTO place(id, name) VALUES (1, 'one')", "COMMIT"}};
    struct script insert = {.statements = {"INSERT INTO place(id, name) VALUES (2, 'two')"}};
    prepare(store);
    assert_int_equal(play_now(store, &early), RFD_E_STORE_UNKNOWN);
    assert_int_equal(early.runs, 1);
    assert_int_equal(play_now(store, &insert), RFD_OK);
    assert_int_equal(places(store), 2);
}

/* ---- Without a server ---- */

static int listen_only(unsigned short *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(s >= 0);
    assert_int_equal(bind(s, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(s, 8), 0);
    assert_int_equal(getsockname(s, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    return s;
}

/* The kernel takes the connection, and nobody ever says anything: the address's limit, and ours when it has none. */
static void test_server_that_says_nothing(void **state)
{
    static const char *const limits[] = {"?connect_timeout=2", ""};
    (void)state;
    unsigned short port = 0;
    int s = listen_only(&port);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        char address[128];
        struct store *store = NULL;
        time_t begun = time(NULL);
        (void)snprintf(address, sizeof address, "postgresql://nobody@127.0.0.1:%u/none%s", port, limits[i]);
        const struct store_options options = {.address = address};
        assert_int_equal(store_open(&options, &store, NULL), RFD_E_STORE);
        assert_in_range(time(NULL) - begun, 1, 60);
    }
    (void)close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_connections_that_were_ended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_server_that_writes_no_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lock_comes_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failure_that_was_passed_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_commit_with_a_warning, set_up, tear_down),
        cmocka_unit_test(test_server_that_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
