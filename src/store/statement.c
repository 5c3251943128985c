/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/statement.h"

#include "base/error.h"
#include "base/memory.h"

/** Where a quoted stretch or comment that starts at `at` ends; `at` itself when none starts there. */
static const char *skip_quoted(const char *at)
{
    const char *end = NULL;
    if (*at == '\'' || *at == '"') {
        end = strchr(at + 1, *at);
        return end == NULL ? at + strlen(at) : end + 1; /* a doubled quote begins the next stretch */
    }
    if (at[0] == '-' && at[1] == '-') {
        end = strchr(at, '\n');
        return end == NULL ? at + strlen(at) : end;
    }
    if (at[0] == '/' && at[1] == '*') {
        end = strstr(at + 2, "*/");
        return end == NULL ? at + strlen(at) : end + 2;
    }
    return at;
}

void statement_for_sqlite(const char *sql, struct buf *out)
{
    for (const char *at = sql; *at != '\0';) {
        const char *end = skip_quoted(at);
        if (end != at) {
            buf_put(out, at, (size_t)(end - at));
            at = end;
            continue;
        }
        bool parameter = at[0] == '$' && at[1] >= '1' && at[1] <= '9';
        buf_put_byte(out, parameter ? '?' : (uint8_t)*at);
        at++;
    }
}

/** FNV-1a. */
static uint64_t hash_of(const char *sql)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *sql != '\0'; sql++) hash = (hash ^ (uint8_t)*sql) * UINT64_C(0x100000001b3);
    return hash;
}

static uint8_t *remembered(struct statements *s, const char *sql)
{
    uintptr_t address = (uintptr_t)sql;
    return &s->remembered[(address ^ (address >> 8)) % STATEMENTS_REMEMBERED];
}

static size_t search(const struct statements *s, const char *sql)
{
    uint64_t hash = hash_of(sql);
    size_t i = 0;
    while (i < s->count && (s->items[i].hash != hash || strcmp(s->items[i].sql, sql) != 0)) i++;
    return i;
}

void *statements_find(struct statements *s, const char *sql)
{
    uint8_t *guess = remembered(s, sql);
    size_t i = *guess;
    if (i >= s->count || strcmp(s->items[i].sql, sql) != 0) i = search(s, sql);
    if (i == s->count) return NULL;
    *guess = (uint8_t)i;
    s->items[i].used = ++s->clock;
    return s->items[i].prepared;
}

static struct statement *room(struct statements *s, statement_free *release, void *connection)
{
    if (s->count < STATEMENTS_KEPT) return &s->items[s->count++];
    struct statement *oldest = &s->items[0];
    for (size_t i = 1; i < s->count; i++) {
        if (s->items[i].used < oldest->used) oldest = &s->items[i];
    }
    release(connection, oldest->prepared);
    memory_free(oldest->sql);
    return oldest;
}

rfd_status statements_keep(struct statements *s, const char *sql, void *prepared, statement_free *release,
                           void *connection, struct rfd_error *error)
{
    char *copy = memory_text(sql);
    if (copy == NULL) return error_memory(error);
    struct statement *item = room(s, release, connection);
    *item = (struct statement){.sql = copy, .prepared = prepared, .hash = hash_of(sql), .used = ++s->clock};
    return RFD_OK;
}

void statements_dispose(struct statements *s, statement_free *release, void *connection)
{
    for (size_t i = 0; i < s->count; i++) {
        release(connection, s->items[i].prepared);
        memory_free(s->items[i].sql);
    }
    s->count = 0;
}
