/* SPDX-License-Identifier: EUPL-1.2
 *
 * A session is in force as long as its row says so and its account does: whoever closes or locks an account needs not
 * to find its sessions. Reading one is a single indexed statement, since every page begins with it.
 */
#include "domain/account/account_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

enum { AGENT_MAXIMUM = 300, SEEN_MINUTES = 1 };

/** What a stranger's browser says of itself, cut to length at a character's boundary. */
static slice cut(slice text, size_t maximum)
{
    if (!text_is_utf8(text)) return SLICE_EMPTY;
    if (text.length <= maximum) return text;
    while (maximum > 0 && (text.data[maximum] & 0xC0) == 0x80) maximum--;
    return slice_part(text, 0, maximum);
}

rfd_status session_new(struct transaction *t, const struct account_settings *settings, slice client, slice agent,
                       char token[ACCOUNT_TOKEN_SIZE], struct session *out, struct rfd_error *error)
{
    rfd_time now = clock_now();
    struct session s = {.created = now, .seen = now, .ends = now + (rfd_time)settings->absolute_hours * ACCOUNT_HOUR};
    uint8_t hash[TOKEN_HASH_SIZE];
    struct store_rows rows;
    char text[ACCOUNT_TOKEN_SIZE];
    TRY(token_make(text, hash, error));
    TRY(token_random(s.secret, sizeof s.secret, error));
    s.client = cut(client, AGENT_MAXIMUM);
    s.agent = cut(agent, AGENT_MAXIMUM);
    const struct store_value values[] = {
        store_bytes(slice_of(hash, sizeof hash)),         store_integer(now),   store_integer(s.ends),
        store_bytes(slice_of(s.secret, sizeof s.secret)), store_text(s.client), store_text(s.agent),
    };
    TRY(store_run(t,
                  "INSERT INTO session(token, pending_ends, methods, wanted, created, seen, ends, secret, notice, "
                  "client, agent) VALUES ($1, 0, 0, 0, $2, $2, $3, $4, '', $5, $6) RETURNING id",
                  values, sizeof values / sizeof *values, &rows, error));
    s.id = store_cell(&rows, 0, 0)->integer;
    memcpy(token, text, sizeof text);
    *out = s;
    return RFD_OK;
}

/** Columns: id, account, person, methods, wanted, pending, created, seen, ends, secret, notice, client, agent,
 * pending_ends, signed_in, certificate. */
static void read_row(const struct store_value *v, rfd_time now, struct session *out)
{
    *out = (struct session){
        .id = v[0].integer,
        .account = store_reference_of(&v[1]),
        .person = store_reference_of(&v[2]),
        .methods = (unsigned)v[3].integer,
        .wanted = (unsigned)v[4].integer,
        .pending = store_reference_of(&v[5]),
        .created = v[6].integer,
        .seen = v[7].integer,
        .ends = v[8].integer,
        .notice = v[10].bytes,
        .client = v[11].bytes,
        .agent = v[12].bytes,
        .signed_in = v[14].type == STORE_NULL ? v[6].integer : v[14].integer,
        .certificate = store_reference_of(&v[15]),
    };
    if (v[9].bytes.length == sizeof out->secret) memcpy(out->secret, v[9].bytes.data, sizeof out->secret);
    if (out->pending == 0 || v[13].integer > now) return;
    out->pending = 0;
    out->wanted = 0;
    out->methods = 0;
}

#define SESSION_COLUMNS                                                                                                \
    "SELECT s.id, s.account, a.person, s.methods, s.wanted, s.pending, s.created, s.seen, s.ends, s.secret, "          \
    "s.notice, s.client, s.agent, s.pending_ends, s.signed_in, s.certificate FROM session s "

rfd_status session_find(struct transaction *t, const struct account_settings *settings, slice token, rfd_time now,
                        struct session *out, bool *stale, struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct store_rows rows;
    struct session found = {0};
    if (token.length == ACCOUNT_TOKEN_SIZE - 1) {
        TRY(token_hash(token, hash, error));
        const struct store_value values[] = {store_bytes(slice_of(hash, sizeof hash)), store_integer(now),
                                             store_integer(now - (rfd_time)settings->idle_minutes * ACCOUNT_MINUTE)};
        TRY(store_run(t,
                      SESSION_COLUMNS
                      "LEFT JOIN account a ON a.id = s.account LEFT JOIN account p ON p.id = s.pending WHERE "
                      "s.token = $1 AND s.ends > $2 AND s.seen > $3 AND (s.account IS NULL OR a.state = 'open') AND "
                      "(s.pending IS NULL OR p.state = 'open')",
                      values, 3, &rows, error));
        if (rows.count == 1) read_row(store_cell(&rows, 0, 0), now, &found);
    }
    *out = found;
    *stale = found.id != 0 && found.seen <= now - SEEN_MINUTES * ACCOUNT_MINUTE;
    return RFD_OK;
}

rfd_status session_touch(struct transaction *t, int64_t id, rfd_time now, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(id), store_integer(now)};
    return store_run(t, "UPDATE session SET seen = $2 WHERE id = $1 AND seen < $2", values, 2, NULL, error);
}

rfd_status session_renew(struct transaction *t, int64_t id, char token[ACCOUNT_TOKEN_SIZE], struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    uint8_t secret[32];
    struct store_rows rows;
    char text[ACCOUNT_TOKEN_SIZE];
    TRY(token_make(text, hash, error));
    TRY(token_random(secret, sizeof secret, error));
    const struct store_value values[] = {store_integer(id), store_bytes(slice_of(hash, sizeof hash)),
                                         store_bytes(slice_of(secret, sizeof secret))};
    TRY(store_run(t, "UPDATE session SET token = $2, secret = $3 WHERE id = $1", values, 3, &rows, error));
    if (rows.changed != 1) return error_set(error, RFD_E_UNAUTHORISED, "the session is over");
    memcpy(token, text, sizeof text);
    return RFD_OK;
}

rfd_status session_notice(struct transaction *t, int64_t id, slice notice, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(id), store_text(notice)};
    return store_run(t, "UPDATE session SET notice = $2 WHERE id = $1", values, 2, NULL, error);
}

rfd_status session_end(struct transaction *t, int64_t id, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(id)};
    return store_run(t, "DELETE FROM session WHERE id = $1", values, 1, NULL, error);
}

rfd_status session_end_of(struct transaction *t, int64_t account, int64_t id, int64_t except, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(account), store_integer(id), store_integer(except)};
    return store_run(t, "DELETE FROM session WHERE account = $1 AND id <> $3 AND (id = $2 OR $2 = 0)", values, 3, NULL,
                     error);
}

rfd_status session_list(struct transaction *t, int64_t account, struct session **out, size_t *count,
                        struct rfd_error *error)
{
    rfd_time now = clock_now();
    const struct store_value values[] = {store_integer(account), store_integer(now)};
    struct store_rows rows;
    TRY(store_run(t,
                  SESSION_COLUMNS "JOIN account a ON a.id = s.account WHERE s.account = $1 AND s.ends > $2 "
                                  "ORDER BY s.seen DESC, s.id DESC LIMIT 200",
                  values, 2, &rows, error));
    struct session *list = arena_zeroed(store_arena(t), rows.count + 1, sizeof *list);
    if (list == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++) {
        read_row(store_cell(&rows, i, 0), now, &list[i]);
        memset(list[i].secret, 0, sizeof list[i].secret); /* nobody makes forms of another session */
    }
    *out = list;
    *count = rows.count;
    return RFD_OK;
}
