/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who found a session open does not change how its owner signs in: for that the password is asked for once more
 * (OWASP ASVS 5.0, 7.5.1), counted together with the one that a change of the password asks for.
 */
#include "domain/account/account_internal.h"

#include "base/clock.h"
#include "base/error.h"

enum { TRIES_AN_HOUR = 10 };

struct confirmation {
    const struct session *before;
    struct arena *arena;
    char key[24];
    struct limit limit;
    slice hash;
    bool slow;
    char token[ACCOUNT_TOKEN_SIZE];
    rfd_time now;
};

static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct confirmation *c = context;
    const struct store_value values[] = {store_integer(c->before->account)};
    struct store_rows rows;
    unsigned tries;
    TRY(limit_count(t, &c->limit, c->now, &tries, error));
    c->slow = tries > TRIES_AN_HOUR;
    TRY(store_run(t, "SELECT password FROM account WHERE id = $1 AND state = 'open' AND password <> ''", values, 1,
                  &rows, error));
    if (rows.count != 1) return error_set(error, RFD_E_STATE, "the account has no password");
    c->hash = arena_copy(c->arena, store_cell(&rows, 0, 0)->bytes);
    return c->hash.data == NULL ? arena_failed(c->arena, error) : RFD_OK;
}

static rfd_status enter(struct transaction *t, void *context, struct rfd_error *error)
{
    struct confirmation *c = context;
    const struct store_value values[] = {store_integer(c->before->id), store_integer(c->before->account),
                                         store_integer(c->now), store_text(c->hash)};
    struct store_rows rows;
    TRY(store_run(t,
                  "UPDATE session SET signed_in = $3 WHERE id = $1 AND account = $2 AND EXISTS (SELECT 1 FROM account "
                  "WHERE account.id = $2 AND password = $4)",
                  values, 4, &rows, error));
    if (rows.changed != 1) return error_set(error, RFD_E_UNAUTHORISED, "the session is over");
    TRY(limit_forget(t, &c->limit, error));
    return session_renew(t, c->before->id, c->token, error);
}

static rfd_status confirm(struct store *store, const struct account_settings *settings, struct confirmation *c,
                          slice password, bool *right, struct rfd_error *error)
{
    if (c->before->account == 0) return error_set(error, RFD_E_UNAUTHORISED, "nobody is signed in");
    (void)snprintf(c->key, sizeof c->key, "%lld", (long long)c->before->account);
    c->limit = (struct limit){"old", slice_text(c->key), SLICE_EMPTY};
    TRY(store_write(store, look, c, error));
    if (c->slow) return error_set(error, RFD_E_SLOW_DOWN, "confirmations by password");
    TRY(password_check(settings, c->hash, password, right, error));
    return *right ? store_write(store, enter, c, error) : RFD_OK;
}

rfd_status account_confirm(struct store *store, const struct account_settings *settings, struct session *session,
                           slice password, char token[ACCOUNT_TOKEN_SIZE], bool *right, struct rfd_error *error)
{
    struct arena arena;
    bool matches = false;
    arena_init(&arena, 4096);
    struct confirmation c = {.before = session, .arena = &arena, .now = clock_now()};
    rfd_status status = confirm(store, settings, &c, password, &matches, error);
    if (status == RFD_OK && matches) {
        memcpy(token, c.token, sizeof c.token);
        session->signed_in = c.now;
    }
    if (status == RFD_OK) *right = matches;
    arena_dispose(&arena);
    return status;
}
