/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/migrate.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"

enum { SQL_MAXIMUM = 1 << 20 };

static const struct {
    const char *word;
    const char *text[2]; /* by store_kind */
} words[] = {
    {"{integer}", {"INTEGER", "BIGINT"}}, {"{text}", {"TEXT", "TEXT COLLATE \"C\""}}, /* compared by octets on both */
    {"{bytes}", {"BLOB", "BYTEA"}},       {"{boolean}", {"INTEGER", "BOOLEAN"}},      {"{strict}", {"STRICT", ""}},
};

/** One line with the words of `kind`; false, and nothing, when it is for the other database. */
static bool put_line(struct buf *out, slice line, enum store_kind kind)
{
    static const char *const marks[] = {[STORE_SQLITE] = "-- sqlite", [STORE_POSTGRESQL] = "-- postgresql"};
    if (slice_ends(line, slice_text(marks[kind == STORE_SQLITE ? STORE_POSTGRESQL : STORE_SQLITE]))) return false;
    while (line.length > 0) {
        size_t taken = 0;
        for (size_t i = 0; line.data[0] == '{' && i < sizeof words / sizeof *words && taken == 0; i++) {
            if (!slice_starts(line, slice_text(words[i].word))) continue;
            buf_put_text(out, words[i].text[kind]);
            taken = strlen(words[i].word);
        }
        if (taken == 0) {
            buf_put_byte(out, line.data[0]);
            taken = 1;
        }
        line = slice_from(line, taken);
    }
    buf_put_byte(out, '\n');
    return true;
}

/** Takes lines up to one that ends with ';'. False at the end. */
static bool next_statement(const char **at, struct buf *out, enum store_kind kind)
{
    buf_reset(out);
    while (**at != '\0') {
        size_t length = strcspn(*at, "\n");
        slice line = slice_of(*at, length);
        bool ours = put_line(out, line, kind);
        *at += length + ((*at)[length] == '\n');
        bool ends = slice_ends(line, SLICE(";")) || slice_ends(line, SLICE("; -- sqlite")) ||
                    slice_ends(line, SLICE("; -- postgresql"));
        if (ours && ends) return true;
    }
    return false;
}

struct applying {
    const struct migration *list;
    size_t count;
};

static rfd_status apply(struct transaction *t, enum store_kind kind, const struct migration *m, struct rfd_error *error)
{
    struct buf sql;
    const char *at = m->sql;
    rfd_status status = RFD_OK;
    struct store_value row[] = {store_integer(m->number), store_text(slice_text(m->name)), store_integer(clock_now())};
    buf_init(&sql, SQL_MAXIMUM);
    while (next_statement(&at, &sql, kind)) {
        if (sql.length == 0) continue;
        buf_put_byte(&sql, 0);
        TRY_OUT(buf_check(&sql, "migration", error));
        status = store_run(t, (const char *)sql.data, NULL, 0, NULL, error);
        if (status != RFD_OK) {
            status = error_wrap(error, status, "migration %d, %s", m->number, m->name);
            goto out;
        }
    }
    status = store_run(t, "INSERT INTO migration(number, name, applied_at) VALUES ($1, $2, $3)", row, 3, NULL, error);
out:
    buf_dispose(&sql);
    return status;
}

/** What is there must be the beginning of the list. */
static rfd_status check_known(const struct applying *a, const struct store_rows *rows, struct rfd_error *error)
{
    for (size_t i = 0; i < rows->count; i++) {
        int64_t number = store_cell(rows, i, 0)->integer;
        slice name = store_cell(rows, i, 1)->bytes;
        bool known = i < a->count && a->list[i].number == number && slice_is(name, a->list[i].name);
        if (!known)
            return error_set(error, RFD_E_STORE_VERSION, "migration %lld, %.*s", (long long)number, (int)name.length,
                             (const char *)name.data);
    }
    return RFD_OK;
}

static rfd_status apply_missing(struct transaction *t, enum store_kind kind, const struct applying *a,
                                struct rfd_error *error)
{
    struct store_rows rows;
    if (kind == STORE_POSTGRESQL) TRY(store_run(t, "LOCK TABLE migration IN EXCLUSIVE MODE", NULL, 0, NULL, error));
    TRY(store_run(t, "SELECT number, name FROM migration ORDER BY number", NULL, 0, &rows, error));
    TRY(check_known(a, &rows, error));
    for (size_t i = rows.count; i < a->count; i++) TRY(apply(t, kind, &a->list[i], error));
    return RFD_OK;
}

static rfd_status make_list(struct transaction *t, void *context, struct rfd_error *error)
{
    const enum store_kind *kind = context;
    static const char *const sql[] = {
        [STORE_SQLITE] = "CREATE TABLE IF NOT EXISTS migration(number INTEGER PRIMARY KEY, name TEXT NOT NULL, "
                         "applied_at INTEGER NOT NULL) STRICT",
        [STORE_POSTGRESQL] = "CREATE TABLE IF NOT EXISTS migration(number BIGINT PRIMARY KEY, name TEXT NOT NULL, "
                             "applied_at BIGINT NOT NULL)",
    };
    return store_run(t, sql[*kind], NULL, 0, NULL, error);
}

struct work {
    struct applying applying;
    enum store_kind kind;
};

static rfd_status migrate(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct work *w = context;
    return apply_missing(t, w->kind, &w->applying, error);
}

rfd_status store_migrate(struct store *store, const struct migration *list, size_t count, struct rfd_error *error)
{
    struct work w = {.applying = {list, count}, .kind = store_kind(store)};
    /* Two nodes that make the list at the same moment: one of them is told that it exists, and sees it then. */
    rfd_status status = store_write(store, make_list, &w.kind, error);
    if (status == RFD_E_STORE_CONFLICT) status = store_write(store, make_list, &w.kind, error);
    return status == RFD_OK ? store_write(store, migrate, &w, error) : status;
}
