/* SPDX-License-Identifier: EUPL-1.2
 *
 * Lists against what a plain loop finds, in both databases, by every way of finding rows: 12,000 things whose
 * properties follow from their number.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base_support.h"
#include "domain/list/list.h"
#include "domain_store.h"

#include <stdio.h>
#include <stdlib.h>

enum { THINGS = 12000 };

static const struct list_column columns[] = {
    {.name = "name", .title = "Name", .sql = "x.name", .sort = "x.name"},
    {.name = "group", .title = "Group", .sql = "x.part", .kind = LIST_NUMBER, .sort = "x.part"},
    {.name = "unit", .title = "Unit", .sql = "u.name"},
    {.name = "id", .title = "Id", .sql = "x.id", .kind = LIST_ID, .sort = "x.id"},
};
static const struct list_filter filters[] = {
    {"group", "x.part = $?", LIST_NUMBER},
    {"name", "x.name = $? OR x.name = $?", LIST_TEXT},
    {"even", "x.even = $?", LIST_FLAG},
    {"since", "x.id >= $?", LIST_TIME},
};
#define LIST_OF_THINGS                                                                                                 \
    .name = "things", .from = "thing x LEFT JOIN thing_unit u ON u.id = x.unit", .id = "x.id", .words = "thing_word",  \
    .columns = columns, .column_count = sizeof columns / sizeof *columns, .filters = filters,                          \
    .filter_count = sizeof filters / sizeof *filters, .order = "name", .scope_person = "x.person",                     \
    .scope_entity = "x.entity", .scope_unit = "x.unit", .scope_path = "u.path"
static const struct list_definition things = {LIST_OF_THINGS, .count = "thing x", .action = ACTION_NONE};
static const struct list_definition seen_things = {LIST_OF_THINGS, .count = "thing x",
                                                   .action = ACTION_ORGANISATION_SEE};
static const struct list_definition own_things = {LIST_OF_THINGS, .action = ACTION_ACCESS_SEE};
#define WALKED(which, first)                                                                                           \
    .name = "walked", .from = "(SELECT * FROM thing WHERE " which ") x LEFT JOIN thing_unit u ON u.id = x.unit",       \
    .count = "(SELECT * FROM thing WHERE " which ") x", .id = "x.id", .words = "thing_word", .columns = columns,       \
    .column_count = sizeof columns / sizeof *columns, .filters = filters,                                              \
    .filter_count = sizeof filters / sizeof *filters, .order = "name", .walked = true, .leading = (first),             \
    .scope_person = "x.person", .scope_entity = "x.entity", .scope_unit = "x.unit", .scope_tree = true
static const struct list_definition walked_things = {WALKED("id > 0", "group since "), .action = ACTION_NONE};
static const struct list_definition walked_later = {WALKED("id > 3800", NULL), .action = ACTION_NONE};
static const struct list_definition walked_seen = {WALKED("id > 0", "since "), .action = ACTION_ORGANISATION_SEE};
static const struct list_definition later_things = {LIST_OF_THINGS, .where = "x.id > 6000", .action = ACTION_NONE};

static const char *const tables[] = {
    "CREATE TABLE thing_unit(id BIGINT PRIMARY KEY, name TEXT NOT NULL, path TEXT NOT NULL)",
    "CREATE TABLE thing(id BIGINT PRIMARY KEY, name TEXT NOT NULL, part BIGINT NOT NULL, person BIGINT NOT NULL, "
    "entity BIGINT NOT NULL, unit BIGINT NOT NULL, even BOOLEAN NOT NULL)",
    "CREATE TABLE thing_word(word TEXT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (word, id))",
    "CREATE INDEX thing_word_id ON thing_word(id)",
    "CREATE INDEX thing_name ON thing(name, id)",
    "CREATE INDEX thing_unit_index ON thing(unit)",
    "INSERT INTO thing_unit SELECT i, 'U' || i, '/' || ((i - 1) % 5 + 1) || '/' || i || '/' FROM (WITH RECURSIVE n(i) AS "
    "(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) SELECT i FROM n) numbers",
    "INSERT INTO thing SELECT i, CAST((i * 7919) % 12000 + 100000 AS TEXT), i % 10, i % 100, i % 5 + 1, i % 50 + 1, "
    "i % 2 = 0 FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000) SELECT i FROM n) "
    "numbers",
    "INSERT INTO thing_word SELECT 'comun', id FROM thing WHERE id % 12 <> 0",
    "INSERT INTO thing_word SELECT 'comunidad', id FROM thing WHERE id % 100 = 1",
    "INSERT INTO thing_word SELECT 'medio', id FROM thing WHERE id % 4 = 0",
    "INSERT INTO thing_word SELECT 'mediano', id FROM thing WHERE id % 3 = 0",
    "INSERT INTO thing_word SELECT 'raro', id FROM thing WHERE id % 1000 = 0",
    "INSERT INTO thing_word SELECT 'vario' || part_, id FROM thing, (SELECT 1 AS part_ UNION SELECT 2 UNION SELECT 3 UNION "
    "SELECT 4) parts WHERE id % 5 <> 0",
};

static void make_things(struct store *store)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) (void)domain_store_run(store, tables[i]);
}

/* ---- The plain loop ---- */

typedef bool predicate(int64_t id);
static bool any(int64_t i)
{
    return i > 0;
}
static bool has_comun(int64_t i)
{
    return i % 12 != 0 || i % 100 == 1;
}
static bool has_comun_medio(int64_t i)
{
    return has_comun(i) && i % 4 == 0;
}
static bool has_medi(int64_t i)
{
    return i % 4 == 0 || i % 3 == 0;
}
static bool has_medio_mediano(int64_t i)
{
    return i % 4 == 0 && i % 3 == 0;
}
static bool has_raro(int64_t i)
{
    return i % 1000 == 0;
}
static bool has_raro_mediano(int64_t i)
{
    return i % 1000 == 0 && i % 3 == 0;
}
static bool none(int64_t i)
{
    return i < 0;
}
static bool in_group_3(int64_t i)
{
    return i % 10 == 3;
}
static bool comun_in_group_3(int64_t i)
{
    return i % 10 == 3 && has_comun(i);
}
static bool in_unit_7(int64_t i)
{
    return i % 50 + 1 == 7;
}
static bool comun_in_unit_7(int64_t i)
{
    return in_unit_7(i) && has_comun(i);
}
static bool in_units_7_8(int64_t i)
{
    return i % 50 + 1 == 7 || i % 50 + 1 == 8;
}
static bool comun_in_units_7_8(int64_t i)
{
    return in_units_7_8(i) && has_comun(i);
}
static bool in_entity_2(int64_t i)
{
    return i % 5 + 1 == 2;
}
static bool even_in_entity_2(int64_t i)
{
    return in_entity_2(i) && i % 2 == 0;
}
static bool own_or_in_unit_7(int64_t i)
{
    return i % 100 == 42 || i % 50 + 1 == 7;
}
static bool own(int64_t i)
{
    return i % 100 == 42;
}
static bool later(int64_t i)
{
    return i > 6000;
}
static bool later_comun(int64_t i)
{
    return i > 6000 && has_comun(i);
}
static bool has_vario(int64_t i)
{
    return i % 5 != 0;
}
static bool walked_vario(int64_t i)
{
    return i > 3800 && has_vario(i);
}
static bool vario_in_entity_2(int64_t i)
{
    return in_entity_2(i) && has_vario(i);
}
static bool most_of_all(int64_t i)
{
    return i > 1000;
}
static bool medi_of_most(int64_t i)
{
    return most_of_all(i) && has_medi(i);
}
static bool named(int64_t i)
{
    return (i * 7919) % 12000 == 5;
}

static const char *sorted_by;
static int64_t key(int64_t id)
{
    if (strcmp(sorted_by, "name") == 0) return (id * 7919) % 12000;
    return strcmp(sorted_by, "group") == 0 ? id % 10 : 0;
}
static int in_order(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    int64_t first = key(x) - key(y);
    return first != 0 ? (first > 0) - (first < 0) : (x > y) - (x < y);
}

/** All that are wanted, in their order; how many. */
static size_t expected(predicate *wanted, const char *sort, bool descending, int64_t *ids)
{
    size_t count = 0;
    sorted_by = sort;
    for (int64_t i = 1; i <= THINGS; i++)
        if (wanted(i)) ids[count++] = i;
    qsort(ids, count, sizeof *ids, in_order);
    for (size_t i = 0; descending && i < count / 2; i++) {
        int64_t other = ids[i];
        ids[i] = ids[count - 1 - i];
        ids[count - 1 - i] = other;
    }
    return count;
}

/* ---- Asking ---- */

static const struct actor_role operator_7[] = {{ROLE_ACCESS_OPERATOR, 2, 7, {NULL, 0}}};
static const struct actor_role operator_7_8[] = {{ROLE_ACCESS_OPERATOR, 2, 7, {NULL, 0}},
                                                 {ROLE_ACCESS_OPERATOR, 2, 7, {NULL, 0}},
                                                 {ROLE_ACCESS_OPERATOR, 3, 8, {NULL, 0}}};
static const struct actor_role approver_top[] = {{ROLE_ACCESS_APPROVER, 2, 5000, {(const uint8_t *)"/2/", 3}}};
static const struct actor_role approver_7[] = {{ROLE_ACCESS_APPROVER, 2, 7, {(const uint8_t *)"/2/7/", 5}}};
static const struct actor_role personnel_2[] = {{ROLE_PERSONNEL, 2, 9, {NULL, 0}}};
static const struct actor_role auditor[] = {{ROLE_AUDITOR, 0, 0, {NULL, 0}}};
static const struct actor_role personnel_everywhere[] = {{ROLE_PERSONNEL, 0, 0, {NULL, 0}}};

struct question {
    const struct list_definition *definition;
    const char *search, *sort, *filter, *value;
    predicate *wanted;
    const struct actor_role *roles;
    size_t role_count;
};
static const struct question questions[] = {
    {&things, "", NULL, NULL, NULL, any, NULL, 0},
    {&things, "", "group", NULL, NULL, any, NULL, 0},
    {&things, "", "id", NULL, NULL, any, NULL, 0},
    {&things, "raro", NULL, NULL, NULL, has_raro, NULL, 0},
    {&things, "RÁRO", "group", NULL, NULL, has_raro, NULL, 0},
    {&things, "rar median", NULL, NULL, NULL, has_raro_mediano, NULL, 0},
    {&things, "com", NULL, NULL, NULL, has_comun, NULL, 0},
    {&things, "comun com c", "group", NULL, NULL, has_comun, NULL, 0},
    {&things, "comun medio", NULL, NULL, NULL, has_comun_medio, NULL, 0},
    {&things, "medi", NULL, NULL, NULL, has_medi, NULL, 0},
    {&things, "medio mediano", NULL, NULL, NULL, has_medio_mediano, NULL, 0},
    {&things, "nadie", NULL, NULL, NULL, none, NULL, 0},
    {&things, "comun nadie", NULL, NULL, NULL, none, NULL, 0},
    {&things, "?!", NULL, NULL, NULL, none, NULL, 0},
    {&things, " \t ", NULL, NULL, NULL, any, NULL, 0},
    {&things, "'; DROP TABLE thing; --", NULL, NULL, NULL, none, NULL, 0},
    {&things, "%", NULL, NULL, NULL, none, NULL, 0},
    {&things, "", NULL, "group", "3", in_group_3, NULL, 0},
    {&things, "comun", NULL, "group", "3", comun_in_group_3, NULL, 0},
    {&things, "", NULL, "name", "100005", named, NULL, 0},
    {&things, "", NULL, "name", "x' OR 1=1 --", none, NULL, 0},
    {&things, "", NULL, "since", "6001", later, NULL, 0},
    {&things, "", NULL, "group", "", any, NULL, 0},
    {&later_things, "", NULL, NULL, NULL, later, NULL, 0},
    {&later_things, "comun", NULL, NULL, NULL, later_comun, NULL, 0},
    {&seen_things, "", NULL, NULL, NULL, in_unit_7, operator_7, 1},
    {&seen_things, "comun", "group", NULL, NULL, comun_in_unit_7, operator_7, 1},
    {&seen_things, "", NULL, NULL, NULL, in_units_7_8, operator_7_8, 3},
    {&seen_things, "comun", NULL, NULL, NULL, comun_in_units_7_8, operator_7_8, 3},
    {&seen_things, "", NULL, NULL, NULL, in_entity_2, approver_top, 1},
    {&seen_things, "", NULL, NULL, NULL, in_unit_7, approver_7, 1},
    {&seen_things, "", NULL, NULL, NULL, in_entity_2, personnel_2, 1},
    {&seen_things, "", NULL, "even", "true", even_in_entity_2, personnel_2, 1},
    {&seen_things, "", NULL, NULL, NULL, any, auditor, 1},
    {&seen_things, "com", NULL, NULL, NULL, has_comun, auditor, 1},
    {&seen_things, "", NULL, NULL, NULL, any, personnel_everywhere, 1},
    {&seen_things, "", "group", NULL, NULL, in_units_7_8, operator_7_8, 3},
    {&things, "vari", NULL, NULL, NULL, has_vario, NULL, 0},
    {&walked_later, "vari", NULL, NULL, NULL, walked_vario, NULL, 0},
    {&walked_things, "", NULL, "since", "1001", most_of_all, NULL, 0},
    {&walked_things, "", "group", "since", "1001", most_of_all, NULL, 0},
    {&walked_things, "medi", NULL, "since", "1001", medi_of_most, NULL, 0},
    {&walked_things, "", NULL, "group", "3", in_group_3, NULL, 0},
    {&walked_seen, "", NULL, "since", "1001", most_of_all, auditor, 1},
    {&walked_seen, "", NULL, NULL, NULL, in_units_7_8, operator_7_8, 3},
    {&walked_seen, "vari", NULL, NULL, NULL, vario_in_entity_2, personnel_2, 1},
    {&own_things, "", NULL, NULL, NULL, own, NULL, 0},
    {&own_things, "", NULL, NULL, NULL, own_or_in_unit_7, operator_7, 1},
};

struct asking {
    const struct question *question;
    struct list_query query;
    struct actor actor;
    const int64_t *ids;
    size_t count;
    size_t seen; /* list_each */
};

static struct asking ask(const struct question *q)
{
    struct asking a = {.question = q,
                       .actor = {.account = 1, .person = 42, .roles = q->roles, .role_count = q->role_count}};
    a.query.search = slice_text(q->search);
    a.query.sort = q->sort;
    a.query.filters[1].name = q->filter;
    a.query.filters[1].value = q->value == NULL ? SLICE_EMPTY : slice_text(q->value);
    return a;
}

static void check_rows(const struct asking *a, const struct list_page *page)
{
    uint64_t size = a->query.size == 0 ? 10 : a->query.size;
    uint64_t first = page->first - 1;
    uint64_t end = first + size < page->total ? first + size : page->total;
    assert_int_equal(page->rows.columns, 5);
    assert_int_equal(page->rows.count, end - first);
    for (size_t i = 0; i < page->rows.count; i++)
        if (store_cell(&page->rows, i, 4)->integer != a->ids[first + i])
            fail_msg("search \"%s\", page %llu, row %zu: %lld instead of %lld", a->question->search,
                     (unsigned long long)a->query.page, i, (long long)store_cell(&page->rows, i, 4)->integer,
                     (long long)a->ids[first + i]);
}

static rfd_status read_page(struct transaction *t, void *context, struct rfd_error *error)
{
    struct asking *a = context;
    struct list_page page;
    TRY(list_read(t, a->question->definition, &a->query, &a->actor, &page, error));
    if (page.more)
        assert_true(a->count > page.total && page.total <= LIST_COUNTED && page.total >= LIST_PAGE);
    else
        assert_int_equal(page.total, a->count);
    if (a->count == 0)
        assert_true(page.first == 0 && page.rows.count == 0);
    else
        check_rows(a, &page);
    return RFD_OK;
}

static void as_a_loop_finds(void **state)
{
    static const uint64_t pages[] = {0, 1, 2, 7, 500, 1000, 1001, 1100, 1199, 1200, UINT64_MAX};
    static int64_t ids[THINGS];
    struct store *store = domain_store_of(state);
    make_things(store);
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        struct asking a = ask(&questions[i]);
        for (size_t k = 0; k < 2 * sizeof pages / sizeof *pages; k++) {
            struct rfd_error error = RFD_ERROR_INIT;
            a.query.page = pages[k / 2];
            a.query.size = k % 5 == 0 ? 0 : 7;
            a.query.descending = k % 2 == 1;
            a.ids = ids;
            a.count = expected(questions[i].wanted, a.query.sort == NULL ? "name" : a.query.sort,
                               a.query.sort != NULL && a.query.descending, ids);
            if (store_read(store, read_page, &a, &error) != RFD_OK)
                fail_msg("%s: %s %s", questions[i].search, error.detail, error.causes[0].detail);
        }
    }
}

/* ---- How many ---- */

struct counting {
    struct asking asking;
    uint64_t most, count;
};

static rfd_status count_rows(struct transaction *t, void *context, struct rfd_error *error)
{
    struct counting *c = context;
    return list_count(t, c->asking.question->definition, &c->asking.query, &c->asking.actor, c->most, &c->count, error);
}

static uint64_t counted(struct store *store, const struct question *question, uint64_t most)
{
    struct counting c = {.asking = ask(question), .most = most};
    struct rfd_error error = RFD_ERROR_INIT;
    if (store_read(store, count_rows, &c, &error) != RFD_OK) fail_msg("%s", error.detail);
    return c.count;
}

static void how_many(void **state)
{
    static const struct question asked[] = {
        {&walked_things, "", NULL, "group", "3", in_group_3, NULL, 0},
        {&walked_seen, "", NULL, NULL, NULL, in_units_7_8, operator_7_8, 3},
        {&walked_seen, "", NULL, NULL, NULL, in_entity_2, personnel_2, 1},
        {&seen_things, "", NULL, "even", "true", even_in_entity_2, personnel_2, 1},
        {&own_things, "", NULL, NULL, NULL, own_or_in_unit_7, operator_7, 1},
        {&own_things, "", NULL, "group", "3", none, operator_7, 1},
    };
    static int64_t ids[THINGS];
    struct store *store = domain_store_of(state);
    make_things(store);
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        size_t count = expected(asked[i].wanted, "name", false, ids);
        assert_int_equal(counted(store, &asked[i], THINGS), count);
        assert_int_equal(counted(store, &asked[i], count), count);
        if (count > 1) assert_int_equal(counted(store, &asked[i], count / 2), count / 2 + 1);
    }
}

static rfd_status see_row(void *context, const struct store_value *values, size_t row_columns, struct rfd_error *error)
{
    (void)error;
    struct asking *a = context;
    assert_int_equal(row_columns, 5);
    assert_true(a->seen < a->count);
    assert_int_equal(values[4].integer, a->ids[a->seen++]);
    return RFD_OK;
}

static rfd_status read_all(struct transaction *t, void *context, struct rfd_error *error)
{
    struct asking *a = context;
    a->seen = 0;
    return list_each(t, a->question->definition, &a->query, &a->actor, see_row, a, error);
}

static void all_for_exports(void **state)
{
    static int64_t ids[THINGS];
    struct store *store = domain_store_of(state);
    make_things(store);
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        struct asking a = ask(&questions[i]);
        struct rfd_error error = RFD_ERROR_INIT;
        a.ids = ids;
        a.count = expected(questions[i].wanted, a.query.sort == NULL ? "name" : a.query.sort, false, ids);
        if (store_read(store, read_all, &a, &error) != RFD_OK) fail_msg("%s", error.detail);
        assert_int_equal(a.seen, a.count);
    }
}

static rfd_status refused(struct store *store, const struct question *q, int64_t account, const char *second_filter)
{
    struct asking a = ask(q);
    a.actor.account = account;
    a.query.filters[2].name = second_filter;
    a.query.filters[2].value = SLICE("1");
    return store_read(store, read_page, &a, NULL);
}

static void what_is_refused(void **state)
{
    struct store *store = domain_store_of(state);
    make_things(store);
    struct question q = {&things, "", "unit", NULL, NULL, none, NULL, 0};
    assert_int_equal(refused(store, &q, 1, NULL), RFD_E_REQUEST); /* not sorted by it */
    q.sort = "name; DROP TABLE thing";
    assert_int_equal(refused(store, &q, 1, NULL), RFD_E_REQUEST);
    q.sort = NULL;
    assert_int_equal(refused(store, &q, 1, "no such"), RFD_E_REQUEST);
    q.filter = "group";
    q.value = "three";
    assert_int_equal(refused(store, &q, 1, NULL), RFD_E_REQUEST);
    q.filter = "name";
    q.value = "\xFF";
    assert_int_equal(refused(store, &q, 1, NULL), RFD_E_REQUEST);
    q.filter = "even";
    q.value = "maybe";
    assert_int_equal(refused(store, &q, 1, NULL), RFD_E_REQUEST);
    q.filter = NULL;
    q.definition = &seen_things;
    assert_int_equal(refused(store, &q, 1, NULL), RFD_E_FORBIDDEN); /* no role */
    assert_int_equal(refused(store, &q, 0, NULL), RFD_E_UNAUTHORISED);
    struct actor_role many[40];
    for (size_t i = 0; i < 40; i++) many[i] = (struct actor_role){ROLE_ACCESS_OPERATOR, 1, (int64_t)i + 1, {NULL, 0}};
    q.roles = many;
    q.role_count = 40;
    assert_int_equal(refused(store, &q, 1, NULL), RFD_E_LIMIT);
}

/* ---- Words ---- */

static const char *words_of(const char *text)
{
    static char shown[4096];
    struct list_words words;
    slice s = slice_text(text);
    list_words(&s, 1, &words);
    shown[0] = '\0';
    size_t length = 0;
    for (size_t i = 0; i < words.count; i++)
        length += (size_t)snprintf(shown + length, sizeof shown - length, "%s%s", i == 0 ? "" : " ", words.words[i]);
    return shown;
}

static void words(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", ""},
        {"José MARÍA", "jose maria"},
        {"Núñez Muñoz ÑANDÚ", "nuñez muñoz ñandu"},
        {"Mun\xCC\x83oz Jose\xCC\x81", "muñoz jose"},
        {"Col·legi Gal·la", "collegi galla"},
        {"CAPEŁŁA Ŀl", "capella ll"},
        {"O'Brien-Ferrer, d'Hondt (2)", "o brien ferrer d hondt 2"},
        {"Straße Æther Œuvre Łódź", "strasse aether oeuvre lodz"},
        {"Nguyễn Văn Đức", "nguyen van duc"},
        {"Пётр ΣΩΚΡΑΤΗΣ", "пётр σωκρατησ"},
        {"a a A á b", "a b"},
        {"20.123.456-K", "20 123 456 k"},
        {"1ª planta, nº 5", "1a planta no 5"},
        {"“x” – y… 😀z", "x y z"},
        {"\xFF\xFEz", "z"},
        {"Çelik Şahin İstanbul ığ", "celik sahin istanbul ig"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) assert_string_equal(words_of(cases[i][0]), cases[i][1]);
}

static void words_have_limits(void **state)
{
    (void)state;
    char text[4096] = "";
    size_t length = 0;
    for (int i = 0; i < 100; i++) length += (size_t)snprintf(text + length, sizeof text - length, "w%d ", i);
    struct list_words w;
    slice s = slice_text(text);
    list_words(&s, 1, &w);
    assert_int_equal(w.count, LIST_WORDS);
    assert_string_equal(w.words[LIST_WORDS - 1], "w23");
    memset(text, 'a', 100);
    text[100] = '\0';
    assert_int_equal(strlen(words_of(text)), LIST_WORD_SIZE - 1);
    for (int i = 0; i < 100; i += 2) memcpy(text + i, "ñ", 2);
    assert_int_equal(strlen(words_of(text)), LIST_WORD_SIZE - 2); /* not half a letter */
}

static rfd_status index_work(struct transaction *t, void *context, struct rfd_error *error)
{
    const char *text = context;
    slice texts[] = {slice_text(text), SLICE("Uno")};
    return list_index(t, "thing_word", 7, texts, 2, error);
}

static void words_of_a_row(void **state)
{
    struct store *store = domain_store_of(state);
    (void)domain_store_run(store,
                           "CREATE TABLE thing_word(word TEXT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (word, id))");
    static const char count[] = "SELECT count(*) FROM thing_word";
    assert_int_equal(store_write(store, index_work, (void *)(uintptr_t) "Tres Dos", NULL), RFD_OK);
    assert_int_equal(domain_store_number(store, count), 3);
    assert_int_equal(store_write(store, index_work, (void *)(uintptr_t) "dos, tres", NULL), RFD_OK);
    assert_int_equal(domain_store_number(store, count), 3);
    assert_int_equal(store_write(store, index_work, (void *)(uintptr_t) "Dos Cuatro Cinco", NULL), RFD_OK);
    assert_int_equal(domain_store_number(store, count), 4);
    assert_int_equal(
        domain_store_number(store, "SELECT count(*) FROM thing_word WHERE word IN ('cinco', 'cuatro', 'dos', 'uno')"),
        4);
    assert_int_equal(store_write(store, index_work, (void *)(uintptr_t) "", NULL), RFD_OK);
    assert_int_equal(domain_store_number(store, count), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_STORES(as_a_loop_finds), ON_BOTH_STORES(all_for_exports),     ON_BOTH_STORES(what_is_refused),
        cmocka_unit_test(words),         cmocka_unit_test(words_have_limits), ON_BOTH_STORES(words_of_a_row),
        ON_BOTH_STORES(how_many),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
