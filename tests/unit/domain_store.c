/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "domain_store.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/** With a PostgreSQL, only its tests: the others have run without it. */
__attribute__((constructor)) static void choose_tests(void)
{
    if (getenv("REFRENDA_POSTGRESQL") != NULL) cmocka_set_test_filter("*_postgresql");
}

static struct domain_store *open_plain(const char *address)
{
    struct domain_store *d = memory_zeroed(1, sizeof *d);
    struct store_options options = {.address = address};
    struct rfd_error error = RFD_ERROR_INIT;
    assert_non_null(d);
    (void)snprintf(d->address, sizeof d->address, "%s", address);
    if (store_open(&options, &d->store, &error) != RFD_OK) fail_msg("%s", error.detail);
    return d;
}

static void make_tables(struct domain_store *d)
{
    struct rfd_error error = RFD_ERROR_INIT;
    if (store_migrate(d->store, domain_migrations, domain_migration_count, &error) != RFD_OK)
        fail_msg("%s: %s", error.detail, error.causes[0].detail);
}

/** Another program of tests may have left one in this folder. */
static void forget_file(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    char name[96];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        (void)snprintf(name, sizeof name, "%s%s", path, endings[i]);
        (void)unlink(name);
    }
}

int domain_store_sqlite(void **state)
{
    static int number;
    char address[64];
    (void)snprintf(address, sizeof address, "sqlite:domain-%d.db", ++number);
    forget_file(address + sizeof "sqlite:" - 1);
    struct domain_store *d = open_plain(address);
    make_tables(d);
    *state = d;
    return 0;
}

int domain_store_postgresql(void **state)
{
    const char *address = getenv("REFRENDA_POSTGRESQL");
    struct domain_store *d = address == NULL ? memory_zeroed(1, sizeof *d) : open_plain(address);
    *state = d;
    if (address == NULL) return 0;
    (void)domain_store_run(d->store, "DROP SCHEMA public CASCADE");
    (void)domain_store_run(d->store, "CREATE SCHEMA public");
    make_tables(d);
    return 0;
}

int domain_store_close(void **state)
{
    struct domain_store *d = *state;
    store_close(d->store);
    memory_free(d);
    return 0;
}

struct store *domain_store_of(void **state)
{
    const struct domain_store *d = *state;
    if (d->store == NULL) skip();
    return d->store;
}

struct statement_run {
    const char *sql;
    uint64_t changed;
    int64_t number;
};

static rfd_status run_statement(struct transaction *t, void *context, struct rfd_error *error)
{
    struct statement_run *r = context;
    struct store_rows rows;
    TRY(store_run(t, r->sql, NULL, 0, &rows, error));
    r->changed = rows.changed;
    if (rows.count > 0 && rows.columns > 0) r->number = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

uint64_t domain_store_run(struct store *store, const char *sql)
{
    struct statement_run r = {.sql = sql};
    struct rfd_error error = RFD_ERROR_INIT;
    if (store_write(store, run_statement, &r, &error) != RFD_OK) fail_msg("%s: %s", sql, error.detail);
    return r.changed;
}

int64_t domain_store_number(struct store *store, const char *sql)
{
    struct statement_run r = {.sql = sql, .number = -1};
    struct rfd_error error = RFD_ERROR_INIT;
    if (store_read(store, run_statement, &r, &error) != RFD_OK) fail_msg("%s: %s", sql, error.detail);
    return r.number;
}
