/* SPDX-License-Identifier: EUPL-1.2
 *
 * How fast lists are over many rows: the list of people, as its page asks for it.
 *
 *   bench_lists sqlite:FILE|postgresql://... [people]
 *
 * The tables are filled first when they are empty. Prints for each question: the median and the longest of its rounds
 * in milliseconds, how many rows there are ("+": more), and the question, with tabs between them.
 */
#include "base/error.h"
#include "base/number.h"
#include "domain/organisation/organisation.h"
#include "domain/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { GIVEN = 300, SURNAMES = 4000, UNITS = 1000, ROUNDS = 15, FILLING_MEMORY = 1 << 30 };

#define NEED(call)                                                                                                     \
    do {                                                                                                               \
        struct rfd_error need_error_ = RFD_ERROR_INIT;                                                                 \
        if ((call) != RFD_OK) {                                                                                        \
            (void)fprintf(stderr, "bench_lists: %s: %s\n", #call, need_error_.detail);                                 \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

/* ---- Filling ---- */

/** Names of two to four syllables; the lower the number, the more people have it. */
static void put_name(struct buf *b, unsigned number)
{
    static const char *const syllables[] = {"ma", "ri",  "jo",  "se", "qui", "pe",  "ra", "mon",
                                            "ti", "lla", "que", "va", "sa",  "nar", "do", "gu"};
    for (unsigned n = number + 17; n > 0; n /= 16) buf_put_text(b, syllables[n % 16]);
}

static rfd_status put_names(struct transaction *t, void *context, struct rfd_error *error)
{
    (void)context;
    struct buf sql;
    buf_init(&sql, 1 << 20);
    buf_put_text(&sql, "INSERT INTO bench_name(number, name) VALUES ");
    for (unsigned i = 0; i < SURNAMES; i++) {
        buf_print(&sql, "%s(%u, '", i == 0 ? "" : ", ", i);
        put_name(&sql, i);
        buf_put_text(&sql, "')");
    }
    buf_put_byte(&sql, 0);
    rfd_status status = store_run(t, (const char *)sql.data, NULL, 0, NULL, error);
    buf_dispose(&sql);
    return status;
}

static rfd_status run_sql(struct transaction *t, void *context, struct rfd_error *error)
{
    return store_run(t, context, NULL, 0, NULL, error);
}

static void run(struct store *store, const char *sql)
{
    NEED(store_write(store, run_sql, (void *)(uintptr_t)sql, &need_error_));
}

#define NUMBERS "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < %u) "
/** Numbers of names, so that few are common. */
#define NAME_OF(factor, other, names)                                                                                  \
    "(i * " factor " %% 999983) %% " names " * ((i * " other " %% 999979) %% 1000) / 1000"

static void fill(struct store *store, unsigned people)
{
    static const char *const words[] = {"lower(given_names)", "lower(surname)", "lower(second_surname)", "number"};
    char sql[2048];
    run(store, "CREATE TABLE bench_name(number BIGINT PRIMARY KEY, name TEXT NOT NULL)");
    NEED(store_write(store, put_names, NULL, &need_error_));
    run(store,
        "INSERT INTO entity(name, short_name, sort_name, country, tax_number, domains) SELECT 'Entity ' || number, "
        "'E' || number, 'entity ' || number, 'pe', CAST(20000000000 + number AS TEXT), '' FROM bench_name WHERE number < 4");
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO unit(entity, code, abbreviation, name, sort_name, path) SELECT number %% 4 + 1, 'U' || number, 'U' || number, "
        "'Unit ' || number, 'unit ' || number, '/' || (number %% 4 + 1) || '/' || (number + 1) || '/' FROM bench_name WHERE number < %d",
        UNITS);
    run(store, sql);
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO person(country, document, number, given_names, surname, second_surname, sort_name, mail, mobile, language, entity, unit) " NUMBERS
        "SELECT 'pe', 'dni', CAST(10000000 + i * 7919 %% 89999999 AS TEXT), g.name, CASE WHEN i %% 250000 = 7 THEN 'Quetzalcoatl' ELSE s.name END, z.name, "
        "s.name || ' ' || z.name || ' ' || g.name, 'p' || i || '@example.pe', '', 'es', u.entity, u.id FROM n "
        "JOIN bench_name g ON g.number = " NAME_OF("7919", "104729", "%d") " JOIN bench_name s ON s.number = " NAME_OF(
            "15485863", "32452843",
            "%d") " JOIN bench_name z ON z.number = " NAME_OF("49979687", "67867967",
                                                              "%d") " JOIN unit u ON u.id = i %% %d + 1",
        people, GIVEN, SURNAMES, SURNAMES, UNITS);
    run(store, sql);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO person_word(word, id) SELECT %s, id FROM person WHERE true ON CONFLICT DO NOTHING",
                       words[i]);
        run(store, sql);
    }
    /* PostgreSQL does this by itself, a minute later; nobody does it for SQLite. */
    if (store_kind(store) == STORE_POSTGRESQL) run(store, "ANALYZE");
}

static rfd_status count_people(struct transaction *t, void *context, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, "SELECT count(*) FROM person", NULL, 0, &rows, error));
    *(int64_t *)context = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

/* ---- Asking ---- */

static const struct actor_role everything[] = {{ROLE_AUDITOR, 0, 0, {NULL, 0}}};
static const struct actor_role entity[] = {{ROLE_PERSONNEL, 2, 6, {NULL, 0}}};
static const struct actor_role tree[] = {{ROLE_ACCESS_APPROVER, 2, 6, {(const uint8_t *)"/2/6/", 5}}};
static const struct actor_role units[] = {{ROLE_ACCESS_OPERATOR, 2, 6, {NULL, 0}},
                                          {ROLE_ACCESS_OPERATOR, 3, 7, {NULL, 0}}};

struct question {
    const char *name, *search, *sort;
    bool descending;
    uint64_t page;
    const struct actor_role *roles;
    size_t role_count;
};
#define EVERYTHING everything, 1
static const struct question questions[] = {
    {"first page", "", NULL, false, 1, EVERYTHING},
    {"page 1000", "", NULL, false, 1000, EVERYTHING},
    {"page 50000", "", NULL, false, 50000, EVERYTHING},
    {"last page", "", NULL, false, UINT64_MAX, EVERYTHING},
    {"by name, descending", "", "name", true, 1, EVERYTHING},
    {"by number", "", "number", false, 1, EVERYTHING},
    {"by number, last page", "", "number", true, UINT64_MAX, EVERYTHING},
    {"a rare word", "quetzalcoatl", NULL, false, 1, EVERYTHING},
    {"a number", "100079", NULL, false, 1, EVERYTHING},
    {"nobody's name", "zzz", NULL, false, 1, EVERYTHING},
    {"a common prefix", "ma", NULL, false, 1, EVERYTHING},
    {"a common prefix, page 100", "ma", NULL, false, 100, EVERYTHING},
    {"a common prefix, page 1000", "ma", NULL, false, 1000, EVERYTHING},
    {"two common words", "mama riri", NULL, false, 1, EVERYTHING},
    {"two common prefixes", "ma ri", NULL, false, 1, EVERYTHING},
    {"two words, one rare", "ma quetzal", NULL, false, 1, EVERYTHING},
    {"an entity's", "", NULL, false, 1, entity, 1},
    {"an entity's, page 1000", "", NULL, false, 1000, entity, 1},
    {"an entity's, by number", "", "number", false, 1, entity, 1},
    {"an entity's, a common prefix", "ma", NULL, false, 1, entity, 1},
    {"a unit and below", "", NULL, false, 1, tree, 1},
    {"a unit and below, a common prefix", "ma", NULL, false, 1, tree, 1},
    {"two units", "", NULL, false, 1, units, 2},
    {"two units, a common prefix", "ma", NULL, false, 1, units, 2},
};

struct asking {
    const struct question *question;
    uint64_t total;
    bool more;
};
static rfd_status ask(struct transaction *t, void *context, struct rfd_error *error)
{
    struct asking *a = context;
    const struct question *q = a->question;
    struct list_query query = {
        .search = slice_text(q->search), .sort = q->sort, .descending = q->descending, .page = q->page};
    struct actor actor = {.account = 1, .person = 1, .roles = q->roles, .role_count = q->role_count};
    struct list_page page;
    TRY(list_read(t, &person_list, &query, &actor, &page, error));
    a->total = page.total;
    a->more = page.more;
    return RFD_OK;
}

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(struct store *store, const struct question *question)
{
    double took[ROUNDS];
    struct asking a = {.question = question};
    for (size_t i = 0; i < ROUNDS; i++) {
        double before = now();
        NEED(store_read(store, ask, &a, &need_error_));
        took[i] = now() - before;
    }
    qsort(took, ROUNDS, sizeof *took, by_size);
    (void)printf("%.2f\t%.2f\t%llu%s\t%s\n", took[ROUNDS / 2], took[ROUNDS - 1], (unsigned long long)a.total,
                 a.more ? "+" : "", question->name);
}

int main(int argc, char **argv)
{
    uint64_t people = 1000000;
    int64_t there = 0;
    struct store *store = NULL;
    if (argc < 2 || (argc > 2 && !number_unsigned(slice_text(argv[2]), 100000000, &people))) {
        (void)fprintf(stderr, "usage: bench_lists sqlite:FILE|postgresql://... [people]\n");
        return 2;
    }
    struct store_options options = {.address = argv[1], .memory_maximum = FILLING_MEMORY};
    NEED(domain_open_store(&options, &store, &need_error_));
    NEED(store_read(store, count_people, &there, &need_error_));
    if (there == 0) fill(store, (unsigned)people);
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) measure(store, &questions[i]);
    store_close(store);
    return 0;
}
