/* SPDX-License-Identifier: EUPL-1.2
 *
 * New passwords: one's own, a temporary one by an office, the one of a link (recovery.c). Hashes are computed before
 * the transaction that enters them; whoever had the old one is signed out everywhere else, and is told.
 */
#include "domain/account/account_internal.h"

#include "base/clock.h"
#include "base/error.h"

enum { CHANGES_AN_HOUR = 10, FIRST_MINUTES = 15 };

rfd_status account_enter_password(struct transaction *t, const struct actor *actor, const struct account *account,
                                  slice hash, bool must_change, int64_t except, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(account->id), store_text(hash), store_boolean(must_change),
                                         store_integer(except)};
    struct store_rows rows;
    TRY(store_run(t, "UPDATE account SET password = $2, must_change = $3 WHERE id = $1 AND state <> 'closed'", values,
                  3, &rows, error));
    if (rows.changed != 1) return error_set(error, RFD_E_STATE, "the account is closed");
    TRY(store_run(t, "DELETE FROM account_link WHERE account = $1", values, 1, NULL, error));
    TRY(store_run(t, "DELETE FROM oidc_token WHERE account = $1", values, 1, NULL, error));
    TRY(session_end_of(t, account->id, 0, except, error));
    const struct store_value pending[] = {store_integer(account->id), store_integer(except)};
    TRY(store_run(t, "DELETE FROM session WHERE pending = $1 AND id <> $2", pending, 2, NULL, error));
    TRY(account_audit(t, must_change ? "account.password-set" : "account.password-change", actor, account, "",
                      SLICE_EMPTY, error));
    return account_tell_password(t, account, error);
}

/* ---- By an office ---- */

static rfd_status judge_for(struct transaction *t, const struct actor *actor, int64_t id, slice password,
                            struct faults *faults, struct account *out, struct rfd_error *error)
{
    slice own[ACCOUNT_OWN_WORDS];
    size_t own_count;
    TRY(account_find(t, id, out, error));
    const struct access_object object = {.person = out->person, .entity = out->entity};
    TRY(actor_check(actor, ACTION_ACCOUNT_MANAGE, &object, error));
    TRY(account_own_words(t, out, own, &own_count, error));
    (void)password_judge(password, own, own_count, faults);
    return faults->count > 0 ? error_set(error, RFD_E_INVALID, "the password") : RFD_OK;
}

rfd_status account_set_password(struct transaction *t, const struct actor *actor,
                                const struct account_settings *settings, int64_t id, slice password, bool must_change,
                                struct faults *faults, struct rfd_error *error)
{
    struct faults mine = {.count = 0};
    struct account account;
    slice hash;
    TRY(judge_for(t, actor, id, password, faults == NULL ? &mine : faults, &account, error));
    TRY(password_hash(settings, password, store_arena(t), &hash, error));
    return account_enter_password(t, actor, &account, hash, must_change, 0, error);
}

struct gift {
    const struct actor *actor;
    int64_t account;
    slice password, hash;
    struct faults *faults;
};

static rfd_status judge_gift(struct transaction *t, void *context, struct rfd_error *error)
{
    struct gift *g = context;
    struct account account;
    g->faults->count = 0;
    return judge_for(t, g->actor, g->account, g->password, g->faults, &account, error);
}

static rfd_status enter_gift(struct transaction *t, void *context, struct rfd_error *error)
{
    struct gift *g = context;
    struct account account;
    TRY(judge_for(t, g->actor, g->account, g->password, g->faults, &account, error));
    return account_enter_password(t, g->actor, &account, g->hash, true, 0, error);
}

rfd_status account_give_password(struct store *store, const struct actor *actor,
                                 const struct account_settings *settings, int64_t account, slice password,
                                 struct faults *faults, struct rfd_error *error)
{
    struct gift g = {.actor = actor, .account = account, .password = password, .faults = faults};
    struct arena arena;
    arena_init(&arena, 4096);
    rfd_status status = store_read(store, judge_gift, &g, error);
    if (status == RFD_OK) status = password_hash(settings, password, &arena, &g.hash, error);
    if (status == RFD_OK) status = store_write(store, enter_gift, &g, error);
    arena_dispose(&arena);
    return status;
}

/* ---- By its holder ---- */

struct change {
    const struct account_settings *settings;
    slice old, password;
    struct faults *faults;
    struct arena *arena;
    const struct session *before;
    struct account account;
    slice own[ACCOUNT_OWN_WORDS];
    size_t own_count;
    slice old_hash, hash;
    bool asks_old, slow;
    char key[24];
    struct limit limit;
    struct session session;
    char token[ACCOUNT_TOKEN_SIZE];
    enum sign_in_result result;
};

/** Who found a session open does not find the password out here. */
static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct change *c = context;
    unsigned tries;
    int64_t id = c->before->account != 0 ? c->before->account : c->before->pending;
    const struct store_value values[] = {store_integer(id)};
    struct store_rows rows;
    if (id == 0) return error_set(error, RFD_E_UNAUTHORISED, "nobody is signed in");
    TRY(account_find(t, id, &c->account, error));
    (void)snprintf(c->key, sizeof c->key, "%lld", (long long)id);
    c->limit = (struct limit){"old", slice_text(c->key), SLICE_EMPTY};
    TRY(limit_count(t, &c->limit, clock_now(), &tries, error));
    c->slow = tries > CHANGES_AN_HOUR;
    TRY(account_own_words(t, &c->account, c->own, &c->own_count, error));
    TRY(store_run(t, "SELECT password FROM account WHERE id = $1", values, 1, &rows, error));
    c->old_hash = store_cell(&rows, 0, 0)->bytes;
    TRY(store_keep(c->arena, &c->old_hash, error));
    TRY(store_keep(c->arena, &c->account.code, error));
    TRY(store_keep(c->arena, &c->account.language, error));
    for (size_t i = 0; i < c->own_count; i++) TRY(store_keep(c->arena, &c->own[i], error));
    return RFD_OK;
}

static rfd_status judge(struct change *c, struct rfd_error *error)
{
    bool right = true;
    bool same = false;
    if (c->asks_old && c->old_hash.length > 0) TRY(password_check(c->settings, c->old_hash, c->old, &right, error));
    if (!right) fault_add(c->faults, "old", N_("This is not your present password"));
    /* Who never had one signed in otherwise: only who has just done so makes the first, not who found a session open.
     */
    if (c->asks_old && c->old_hash.length == 0 && clock_now() - c->before->signed_in > FIRST_MINUTES * ACCOUNT_MINUTE)
        fault_add(c->faults, "old",
                  N_("Your account has no password yet: sign in again, and choose one within 15 minutes"));
    (void)password_judge(c->password, c->own, c->own_count, c->faults);
    if (c->faults->count > 0) return error_set(error, RFD_E_INVALID, "the password");
    TRY(password_check(c->settings, c->old_hash, c->password, &same, error));
    if (!same) return RFD_OK;
    fault_add(c->faults, "password", N_("The new password is the old one"));
    return error_set(error, RFD_E_INVALID, "the password");
}

static rfd_status enter(struct transaction *t, void *context, struct rfd_error *error)
{
    struct change *c = context;
    const struct store_value values[] = {store_integer(c->account.id), store_text(c->old_hash)};
    struct store_rows rows;
    struct account account;
    c->session = *c->before;
    TRY(store_run(t, "SELECT 1 FROM account WHERE id = $1 AND password = $2 AND state = 'open'", values, 2, &rows,
                  error));
    if (rows.count != 1) return error_set(error, RFD_E_STATE, "the password was changed meanwhile");
    TRY(limit_forget(t, &c->limit, error));
    TRY(account_enter_password(t, NULL, &c->account, c->hash, false, c->session.id, error));
    TRY(account_find(t, c->account.id, &account, error));
    return account_step(t, c->settings, &c->session, &account, METHOD_PASSWORD | c->before->methods, c->token,
                        &c->result, error);
}

static rfd_status change(struct store *store, struct change *c, struct rfd_error *error)
{
    TRY(store_write(store, look, c, error));
    if (c->slow) return error_set(error, RFD_E_SLOW_DOWN, "changes of a password");
    if ((c->before->wanted & WANT_FACTOR) != 0)
        return error_set(error, RFD_E_UNAUTHORISED, "the second factor comes first");
    c->asks_old = (c->before->wanted & WANT_CHANGE) == 0;
    TRY(judge(c, error));
    TRY(password_hash(c->settings, c->password, c->arena, &c->hash, error));
    return store_write(store, enter, c, error);
}

rfd_status account_change_password(struct store *store, const struct account_settings *settings,
                                   struct session *session, slice old, slice password, struct faults *faults,
                                   char token[ACCOUNT_TOKEN_SIZE], enum sign_in_result *out, struct rfd_error *error)
{
    struct faults mine = {.count = 0};
    struct arena arena;
    arena_init(&arena, 64 << 10);
    struct change c = {.settings = settings,
                       .old = old,
                       .password = password,
                       .faults = faults == NULL ? &mine : faults,
                       .arena = &arena,
                       .before = session};
    rfd_status status = change(store, &c, error);
    if (status == RFD_OK) {
        *session = c.session;
        memcpy(token, c.token, sizeof c.token);
        *out = c.result;
    }
    arena_dispose(&arena);
    return status;
}
