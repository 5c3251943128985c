/* SPDX-License-Identifier: EUPL-1.2
 *
 * The same tests for SQLite and, when REFRENDA_POSTGRESQL names a server, for PostgreSQL.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "store/migrate.h"
#include "store/statement.h"
#include "base_support.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/stat.h>

static const struct migration migrations[] = {
    {1, "account",
     "CREATE TABLE account(\n  id {integer} PRIMARY KEY,\n  name {text} NOT NULL UNIQUE,\n  photo {bytes},\n"
     "  active {boolean} NOT NULL\n) {strict};\n"},
    {2, "movement",
     "CREATE TABLE movement(id {integer} PRIMARY KEY, account {integer} NOT NULL REFERENCES account(id)) {strict};\n"
     "CREATE INDEX movement_account ON movement(account); -- sqlite\n"
     "CREATE INDEX movement_account ON movement USING btree(account); -- postgresql\n"},
};

struct fixture {
    struct store *store;
    char address[256];
};

static void open_store(struct fixture *f)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct store_options options = {.address = f->address};
    if (store_open(&options, &f->store, &error) != RFD_OK) fail_msg("%s", error.detail);
}

static int set_up_sqlite(void **state)
{
    static int number;
    struct fixture *f = memory_zeroed(1, sizeof *f);
    (void)snprintf(f->address, sizeof f->address, "sqlite:database-%d", ++number);
    open_store(f);
    *state = f;
    return 0;
}

static rfd_status drop_all(struct transaction *t, void *context, struct rfd_error *error)
{
    (void)context;
    return store_run(t, "DROP TABLE IF EXISTS movement, account, migration", NULL, 0, NULL, error);
}

static int set_up_postgresql(void **state)
{
    const char *address = getenv("REFRENDA_POSTGRESQL");
    struct fixture *f = memory_zeroed(1, sizeof *f);
    *state = f;
    if (address == NULL) return 0;
    (void)snprintf(f->address, sizeof f->address, "%s", address);
    open_store(f);
    return store_write(f->store, drop_all, NULL, NULL) == RFD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    store_close(f->store);
    memory_free(f);
    return 0;
}

static struct store *store_of(void **state)
{
    struct fixture *f = *state;
    if (f->store == NULL) skip();
    assert_int_equal(store_migrate(f->store, migrations, 2, NULL), RFD_OK);
    return f->store;
}

struct person {
    int64_t id;
    const char *name;
    rfd_status end; /* what the work returns after all went well */
};

static rfd_status insert(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct person *p = context;
    static const uint8_t photo[] = {0, 1, 2, 0xFF, 0, '\''};
    struct store_value values[] = {store_integer(p->id), store_text(slice_text(p->name)),
                                   store_bytes(slice_of(photo, sizeof photo)), store_boolean(p->id % 2 == 0)};
    TRY(store_run(t, "INSERT INTO account(id, name, photo, active) VALUES ($1, $2, $3, $4)", values, 4, NULL, error));
    return p->end == RFD_OK ? RFD_OK : error_set(error, p->end, "on purpose");
}

static rfd_status count(struct transaction *t, void *context, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, "SELECT count(*) FROM account", NULL, 0, &rows, error));
    assert_int_equal(rows.count, 1);
    *(int64_t *)context = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

static int64_t accounts(struct store *store)
{
    int64_t n = -1;
    assert_int_equal(store_read(store, count, &n, NULL), RFD_OK);
    return n;
}

static rfd_status read_back(struct transaction *t, void *context, struct rfd_error *error)
{
    (void)context;
    struct store_rows rows;
    struct store_value values[] = {store_text(slice_text("Ñusta l·l O'Higgins")), store_integer(INT64_MIN)};
    TRY(store_run(t, "SELECT id, name, photo, active, NULL FROM account WHERE name = $1 AND id > $2 -- it's $3 here\n",
                  values, 2, &rows, error));
    assert_int_equal(rows.count, 1);
    assert_int_equal(rows.columns, 5);
    assert_true(store_cell(&rows, 0, 0)->integer == INT64_MAX);
    assert_true(slice_is(store_cell(&rows, 0, 1)->bytes, "Ñusta l·l O'Higgins"));
    assert_int_equal(store_cell(&rows, 0, 2)->type, STORE_BYTES);
    assert_int_equal(store_cell(&rows, 0, 2)->bytes.length, 6);
    assert_int_equal(store_cell(&rows, 0, 2)->bytes.data[3], 0xFF);
    assert_int_equal(store_cell(&rows, 0, 3)->integer, 0);
    assert_int_equal(store_cell(&rows, 0, 4)->type, STORE_NULL);
    return RFD_OK;
}

static void test_values_come_back(void **state)
{
    struct store *store = store_of(state);
    struct person p = {INT64_MAX, "Ñusta l·l O'Higgins", RFD_OK};
    assert_int_equal(store_write(store, insert, &p, NULL), RFD_OK);
    assert_int_equal(store_read(store, read_back, NULL, NULL), RFD_OK);
}

static void test_failed_work_leaves_nothing(void **state)
{
    struct store *store = store_of(state);
    struct rfd_error error = RFD_ERROR_INIT;
    struct person p = {1, "uno", RFD_E_ARGUMENT};
    assert_int_equal(store_write(store, insert, &p, &error), RFD_E_ARGUMENT);
    assert_string_equal(error.detail, "on purpose");
    assert_int_equal(accounts(store), 0);
}

static void test_conflicts_have_their_code(void **state)
{
    struct store *store = store_of(state);
    struct person first = {1, "uno", RFD_OK};
    struct person again = {2, "uno", RFD_OK};
    assert_int_equal(store_write(store, insert, &first, NULL), RFD_OK);
    assert_int_equal(store_write(store, insert, &again, NULL), RFD_E_STORE_CONFLICT);
    assert_int_equal(accounts(store), 1);
}

static rfd_status insert_orphan(struct transaction *t, void *context, struct rfd_error *error)
{
    (void)context;
    return store_run(t, "INSERT INTO movement(id, account) VALUES (1, 99)", NULL, 0, NULL, error);
}

static void test_references_are_kept(void **state)
{
    assert_int_equal(store_write(store_of(state), insert_orphan, NULL, NULL), RFD_E_STORE_CONFLICT);
}

static void test_readers_cannot_write(void **state)
{
    struct store *store = store_of(state);
    struct person p = {1, "uno", RFD_OK};
    assert_int_equal(store_read(store, insert, &p, NULL), RFD_E_STORE);
    assert_int_equal(accounts(store), 0);
}

static rfd_status wrong(struct transaction *t, void *context, struct rfd_error *error)
{
    return store_run(t, context, NULL, 0, NULL, error);
}

static void test_one_statement_needs_no_transaction(void **state)
{
    struct store *store = store_of(state);
    int64_t n = -1;
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(store_look(store, count, &n, NULL), RFD_OK);
    assert_int_equal(n, 0);
    char sql[] = "SELECT nothing FROM nowhere";
    assert_int_equal(store_look(store, wrong, sql, &error), RFD_E_STORE);
    assert_int_equal(store_look(store, count, &n, NULL), RFD_OK); /* and the next one is not hurt */
}

static void test_mistakes_are_errors(void **state)
{
    struct store *store = store_of(state);
    struct rfd_error error = RFD_ERROR_INIT;
    char sql[] = "SELECT nothing FROM nowhere";
    assert_int_equal(store_read(store, wrong, sql, &error), RFD_E_STORE);
    assert_non_null(strstr(error.detail, "nowhere"));
    struct person p = {1, "uno", RFD_OK};
    assert_int_equal(store_write(store, insert, &p, NULL), RFD_OK); /* the connection still works */
}

static rfd_status insert_twice(struct transaction *t, void *context, struct rfd_error *error)
{
    struct store_rows rows;
    struct store_value values[] = {store_integer(7), store_text(slice_text("siete")), store_boolean(true)};
    (void)context;
    static const char sql[] = "INSERT INTO account(id, name, active) VALUES ($1, $2, $3) "
                              "ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING name";
    for (int i = 0; i < 2; i++) {
        TRY(store_run(t, sql, values, 3, &rows, error));
        assert_int_equal(rows.count, 1);
        assert_int_equal(rows.changed, 1);
        assert_true(slice_is(store_cell(&rows, 0, 0)->bytes, i == 0 ? "siete" : "otro"));
        values[1] = store_text(slice_text("otro"));
    }
    TRY(store_run(t, "UPDATE account SET active = $1 WHERE active = $2",
                  (struct store_value[]){store_boolean(false), store_boolean(true)}, 2, &rows, error));
    assert_int_equal(rows.changed, 1);
    return RFD_OK;
}

static void test_returning_and_on_conflict(void **state)
{
    assert_int_equal(store_write(store_of(state), insert_twice, NULL, NULL), RFD_OK);
}

/* --- Many at once --------------------------------------------------------------------------------------------------
 */

enum { THREADS = 8, EACH = 50 };
struct writer {
    struct store *store;
    int first;
    int done;
};

static void *write_many(void *context)
{
    struct writer *w = context;
    char name[32];
    for (int i = 0; i < EACH; i++) {
        (void)snprintf(name, sizeof name, "n%d", w->first + i);
        struct person p = {w->first + i, name, i % 10 == 9 ? RFD_E_ARGUMENT : RFD_OK};
        if (store_write(w->store, insert, &p, NULL) == RFD_OK) w->done++;
        int64_t n;
        if (store_read(w->store, count, &n, NULL) != RFD_OK) return NULL;
    }
    return NULL;
}

static void test_many_threads(void **state)
{
    struct store *store = store_of(state);
    struct writer writers[THREADS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        writers[i] = (struct writer){store, i * 1000 + 1, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, &writers[i]), 0);
    }
    int done = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        done += writers[i].done;
    }
    assert_int_equal(done, THREADS * EACH * 9 / 10);
    assert_int_equal(accounts(store), done);
}

static rfd_status increment(struct transaction *t, void *context, struct rfd_error *error)
{
    (void)context;
    struct store_rows rows;
    TRY(store_run(t, "SELECT id, name FROM account WHERE name = 'contador'", NULL, 0, &rows, error));
    struct store_value next = store_integer(store_cell(&rows, 0, 0)->integer + 1);
    return store_run(t, "UPDATE account SET id = $1 WHERE name = 'contador'", &next, 1, NULL, error);
}

static void *increment_many(void *context)
{
    struct writer *w = context;
    for (int i = 0; i < EACH; i++) {
        while (store_write(w->store, increment, NULL, NULL) != RFD_OK) {
        }
        w->done++;
    }
    return NULL;
}

static rfd_status read_counter(struct transaction *t, void *context, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, "SELECT id FROM account WHERE name = 'contador'", NULL, 0, &rows, error));
    *(int64_t *)context = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

/* Read, then written: nobody's step may be lost. */
static void test_no_lost_update(void **state)
{
    struct store *store = store_of(state);
    struct person p = {1000000, "contador", RFD_OK};
    struct writer writers[4];
    pthread_t threads[4];
    int64_t value = 0;
    assert_int_equal(store_write(store, insert, &p, NULL), RFD_OK);
    for (int i = 0; i < 4; i++) {
        writers[i] = (struct writer){store, 0, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, increment_many, &writers[i]), 0);
    }
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    assert_int_equal(store_read(store, read_counter, &value, NULL), RFD_OK);
    assert_int_equal(value, 1000000 + 4 * EACH);
}

/* --- Results --------------------------------------------------------------------------------------------------------
 */

static rfd_status add_up(void *context, const struct store_value *values, size_t columns, struct rfd_error *error)
{
    assert_int_equal(columns, 1);
    *(int64_t *)context += values[0].integer;
    return *(int64_t *)context > 1000 ? error_set(error, RFD_E_LIMIT, "enough") : RFD_OK;
}

static rfd_status sum(struct transaction *t, void *context, struct rfd_error *error)
{
    return store_each(t, "SELECT id FROM account ORDER BY id", NULL, 0, add_up, context, error);
}

static void test_rows_one_by_one(void **state)
{
    struct store *store = store_of(state);
    char name[16];
    int64_t total = 0;
    for (int i = 1; i <= 50; i++) {
        (void)snprintf(name, sizeof name, "n%d", i);
        struct person p = {i, name, RFD_OK};
        assert_int_equal(store_write(store, insert, &p, NULL), RFD_OK);
    }
    assert_int_equal(store_read(store, sum, &total, NULL), RFD_E_LIMIT);
    assert_true(total > 1000 && total < 1100); /* it was stopped */
    assert_int_equal(accounts(store), 50);     /* and the connection is clean */
}

/* --- Much at once ---------------------------------------------------------------------------------------------------
 */

enum { PHOTOS = 70, PHOTO_SIZE = 1 << 20 };

static rfd_status insert_photos(struct transaction *t, void *context, struct rfd_error *error)
{
    uint8_t *photo = context;
    char name[16];
    int64_t octets = 0;
    struct store_rows rows;
    for (int i = 1; i <= PHOTOS; i++) {
        memset(photo, i, PHOTO_SIZE);
        (void)snprintf(name, sizeof name, "n%d", i);
        const struct store_value values[] = {store_integer(i), store_text(slice_text(name)),
                                             store_bytes(slice_of(photo, PHOTO_SIZE)), store_boolean(true)};
        TRY(store_run(t, "INSERT INTO account(id, name, photo, active) VALUES ($1, $2, $3, $4)", values, 4, NULL,
                      error));
    }
    /* Part of it is in the log already, nothing of it is committed. */
    TRY(store_run(t, "SELECT length(photo) FROM account ORDER BY id", NULL, 0, &rows, error));
    for (size_t i = 0; i < rows.count; i++) octets += store_cell(&rows, i, 0)->integer;
    assert_int_equal(octets, PHOTOS * PHOTO_SIZE);
    return RFD_OK;
}

static rfd_status check_photo(void *context, const struct store_value *values, size_t columns, struct rfd_error *error)
{
    slice photo = values[1].bytes;
    (void)columns, (void)error;
    assert_int_equal(photo.length, PHOTO_SIZE);
    for (size_t i = 0; i < photo.length; i += 1021) assert_int_equal(photo.data[i], values[0].integer);
    ++*(int *)context;
    return RFD_OK;
}

static rfd_status check_photos(struct transaction *t, void *context, struct rfd_error *error)
{
    return store_each(t, "SELECT id, photo FROM account ORDER BY id", NULL, 0, check_photo, context, error);
}

/* More than what the writer keeps in memory: pages go to the log before the commit, and come back from there. */
static void test_large_transaction(void **state)
{
    struct store *store = store_of(state);
    struct fixture *f = *state;
    uint8_t *photo = memory_zeroed(PHOTO_SIZE, 1);
    int seen = 0;
    assert_int_equal(store_write(store, insert_photos, photo, NULL), RFD_OK);
    assert_int_equal(store_read(store, check_photos, &seen, NULL), RFD_OK);
    assert_int_equal(seen, PHOTOS);
    store_close(store);
    open_store(f);
    seen = 0;
    assert_int_equal(store_read(f->store, check_photos, &seen, NULL), RFD_OK);
    assert_int_equal(seen, PHOTOS);
    memory_free(photo);
}

struct failing {
    struct store *store;
    int first;
    int failed;
};

static void *fail_sometimes(void *context)
{
    struct failing *f = context;
    char name[32];
    for (int i = 0; i < EACH; i++) {
        (void)snprintf(name, sizeof name, "n%d", f->first + i);
        struct person p = {f->first + i, name, RFD_OK};
        struct person again = {f->first + i, name, RFD_OK}; /* a conflict, while others are committed with it */
        struct rfd_error error = RFD_ERROR_INIT;
        if (store_write(f->store, insert, &p, &error) != RFD_OK) f->failed++;
        if (store_write(f->store, insert, &again, &error) != RFD_E_STORE_CONFLICT || error.detail[0] == 0) f->failed++;
    }
    return NULL;
}

/* Whose work fails hears of it; the others, taken together with it, do not. */
static void test_failures_are_ones_own(void **state)
{
    struct store *store = store_of(state);
    struct failing all[THREADS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        all[i] = (struct failing){store, i * 1000 + 1, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, fail_sometimes, &all[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(all[i].failed, 0);
    }
    assert_int_equal(accounts(store), THREADS * EACH);
}

struct later {
    sem_t done;
    rfd_status status[2];
    int told;
};
static struct later later_told;

static void note_later(void *context, rfd_status status, const struct rfd_error *error)
{
    (void)context;
    (void)error;
    later_told.status[later_told.told++] = status;
    (void)sem_post(&later_told.done);
}

/* Who does not wait is told after the commit; PostgreSQL has no such way. */
static void test_nobody_waits(void **state)
{
    struct store *store = store_of(state);
    struct person first = {1, "uno", RFD_OK};
    struct person again = {2, "uno", RFD_OK};
    later_told.told = 0;
    if (store_kind(store) == STORE_POSTGRESQL) {
        assert_int_equal(store_write_later(store, insert, &first, note_later, NULL), RFD_E_UNSUPPORTED);
        return;
    }
    (void)sem_init(&later_told.done, 0, 0);
    assert_int_equal(store_write_later(store, insert, &first, note_later, NULL), RFD_OK);
    assert_int_equal(store_write_later(store, insert, &again, note_later, NULL), RFD_OK);
    for (int i = 0; i < 2; i++) {
        while (sem_wait(&later_told.done) != 0) continue;
    }
    (void)sem_destroy(&later_told.done);
    assert_int_equal(later_told.status[0], RFD_OK);
    assert_int_equal(later_told.status[1], RFD_E_STORE_CONFLICT);
    assert_int_equal(accounts(store), 1);
}

static rfd_status remember(struct transaction *t, void *context, struct rfd_error *error)
{
    (void)error;
    store_remember(t, context, 7);
    return RFD_OK;
}

static const char remembered, not_remembered;

static rfd_status recall(struct transaction *t, void *context, struct rfd_error *error)
{
    uint64_t *value = context;
    (void)error;
    assert_false(store_recall(t, &not_remembered, 30, value));
    assert_false(store_recall(t, &remembered, 0, value)); /* too old */
    if (!store_recall(t, &remembered, 30, value)) *value = 0;
    return RFD_OK;
}

static void test_numbers_are_remembered(void **state)
{
    struct store *store = store_of(state);
    void *key = (void *)(uintptr_t)&remembered;
    uint64_t value = 1;
    assert_int_equal(store_write(store, remember, key, NULL), RFD_OK); /* what may be undone is not */
    assert_int_equal(store_read(store, recall, &value, NULL), RFD_OK);
    assert_int_equal(value, 0);
    assert_int_equal(store_read(store, remember, key, NULL), RFD_OK);
    assert_int_equal(store_read(store, recall, &value, NULL), RFD_OK);
    assert_int_equal(value, 7);
    assert_int_equal(store_write(store, recall, &value, NULL), RFD_OK); /* who writes sees what is there */
    assert_int_equal(value, 0);
}

/* A reader is opened when it is needed: then the file may be gone. */
static void test_readers_make_no_file(void **state)
{
    const struct fixture *f = *state;
    struct store *store = store_of(state);
    struct rfd_error error = RFD_ERROR_INIT;
    int64_t n;
    assert_int_equal(rename(f->address + strlen("sqlite:"), "moved"), 0);
    assert_int_equal(store_read(store, count, &n, &error), RFD_E_STORE);
    assert_int_equal(rename("moved", f->address + strlen("sqlite:")), 0);
    assert_int_equal(store_read(store, count, &n, &error), RFD_OK);
}

/* --- Migrations ------------------------------------------------------------------------------------------------------
 */

static void test_migrations_once(void **state)
{
    struct store *store = store_of(state);
    assert_int_equal(store_migrate(store, migrations, 2, NULL), RFD_OK);
    assert_int_equal(store_migrate(store, migrations, 1, NULL), RFD_E_STORE_VERSION); /* an older program */
    struct migration other[] = {{1, "other", ""}, migrations[1]};
    assert_int_equal(store_migrate(store, other, 2, NULL), RFD_E_STORE_VERSION);
}

static void test_broken_migration_leaves_nothing(void **state)
{
    struct store *store = store_of(state);
    struct migration list[] = {
        migrations[0], migrations[1], {3, "broken", "CREATE TABLE half(id {integer}) {strict};\nCREATE NONSENSE;\n"}};
    struct migration fixed[] = {
        migrations[0], migrations[1], {3, "fixed", "CREATE TABLE half(id {integer}) {strict};\nDROP TABLE half;\n"}};
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(store_migrate(store, list, 3, &error), RFD_E_STORE);
    assert_non_null(strstr(error.detail, "broken"));
    assert_int_equal(store_migrate(store, fixed, 3, NULL), RFD_OK);
}

/* --- Statements
 * ------------------------------------------------------------------------------------------------------- */

static void test_parameters_are_rewritten(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"SELECT $2, $1", "SELECT ?2, ?1"},
        {"SELECT '$1', \"$2\", $3", "SELECT '$1', \"$2\", ?3"},
        {"SELECT 'it''s $1' || $1", "SELECT 'it''s $1' || ?1"},
        {"-- $1\n$2 /* $3 */ $12", "-- $1\n?2 /* $3 */ ?12"},
        {"'open $1", "'open $1"},
        {"$0 $a $", "$0 $a $"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b;
        buf_init(&b, 1000);
        statement_for_sqlite(cases[i][0], &b);
        assert_true(slice_is(buf_slice(&b), cases[i][1]));
        buf_dispose(&b);
    }
}

static void test_address(void **state)
{
    (void)state;
    struct store *store = NULL;
    struct store_options options = {.address = "mysql:nothing"};
    assert_int_equal(store_open(&options, &store, NULL), RFD_E_ARGUMENT);
    options.address = "sqlite:/nonexistent/folder/db";
    assert_int_equal(store_open(&options, &store, NULL), RFD_E_STORE);
    options.address = "postgresql://localhost:1/none?connect_timeout=1";
    assert_int_equal(store_open(&options, &store, NULL), RFD_E_STORE);
}

static void test_file_is_private(void **state)
{
    struct fixture *f = *state;
    struct stat found;
    (void)store_of(state);
    assert_int_equal(stat(f->address + strlen("sqlite:"), &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
}

#define BOTH(test)                                                                                                     \
    cmocka_unit_test_setup_teardown(test, set_up_sqlite, tear_down),                                                   \
    {                                                                                                                  \
#test "_postgresql", test, set_up_postgresql, tear_down, NULL                                                  \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(test_values_come_back),
        BOTH(test_failed_work_leaves_nothing),
        BOTH(test_conflicts_have_their_code),
        BOTH(test_references_are_kept),
        BOTH(test_readers_cannot_write),
        BOTH(test_one_statement_needs_no_transaction),
        BOTH(test_mistakes_are_errors),
        BOTH(test_returning_and_on_conflict),
        BOTH(test_many_threads),
        BOTH(test_large_transaction),
        BOTH(test_failures_are_ones_own),
        BOTH(test_nobody_waits),
        BOTH(test_no_lost_update),
        BOTH(test_rows_one_by_one),
        BOTH(test_numbers_are_remembered),
        BOTH(test_migrations_once),
        BOTH(test_broken_migration_leaves_nothing),
        cmocka_unit_test_setup_teardown(test_file_is_private, set_up_sqlite, tear_down),
        cmocka_unit_test_setup_teardown(test_readers_make_no_file, set_up_sqlite, tear_down),
        cmocka_unit_test(test_parameters_are_rewritten),
        cmocka_unit_test(test_address),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
