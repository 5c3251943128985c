/* SPDX-License-Identifier: EUPL-1.2
 *
 * The server's database with all its tables, new for each test: a file of SQLite, and, when REFRENDA_POSTGRESQL names a
 * server, PostgreSQL; then only tests with a name that ends with _postgresql run. A test's state is a struct
 * domain_store.
 */
#ifndef TESTS_DOMAIN_STORE_H
#define TESTS_DOMAIN_STORE_H

#include "domain/schema.h"

struct domain_store {
    struct store *store; /* NULL: there is no PostgreSQL here */
    char address[256];
};
int domain_store_sqlite(void **state);
int domain_store_postgresql(void **state);
int domain_store_close(void **state);
/** Of this test; skips it when there is none. */
struct store *domain_store_of(void **state);

/** Runs one statement without parameters; how many rows it changed. A failure fails the test. */
uint64_t domain_store_run(struct store *store, const char *sql);
/** The one number that a query gives. */
int64_t domain_store_number(struct store *store, const char *sql);

/** Both databases, for cmocka's table. */
#define ON_BOTH_STORES(test)                                                                                           \
    cmocka_unit_test_setup_teardown(test, domain_store_sqlite, domain_store_close),                                    \
    {                                                                                                                  \
#test "_postgresql", test, domain_store_postgresql, domain_store_close, NULL                                   \
    }

#endif
