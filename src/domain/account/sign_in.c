/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing in by name and password, in three steps:
 *
 *   claim    one transaction: may it be tried now? It counts as a wrong try from here on, so that many at once, or a
 *            kill, win nothing. Finds the account.
 *   compute  Argon2id, outside of transactions; of a decoy when there is no such account.
 *   settle   one transaction: takes the count back and goes on (step.c), or enters what went wrong.
 *
 * Two counts are kept, both whether or not there is such an account. By what was typed: from the third try within an
 * hour on a proof of work or a wait is asked for. By account: ten wrong ones lock it. That it is locked is told only to
 * who knows the password.
 */
#include "domain/account/account_internal.h"

#include "base/clock.h"
#include "base/error.h"

enum { PROOF_FROM = 2, LOCK_AT = 10, NETWORK_PROOF = 60, NETWORK_SLOW = 300, NAME_MAXIMUM = 64, UNLOCK_MAILS = 3 };

struct attempt {
    const struct account_settings *settings;
    const struct sign_in *try;
    rfd_time now;
    slice name, entity; /* as they are compared */
    struct limit by_name, by_account, by_network;
    char account_key[32];
    struct arena *arena;
    /* What claim() found. */
    int64_t account; /* 0: none */
    slice hash;      /* of its password, or a decoy */
    enum sign_in_result refused;
    bool tried;
    unsigned wrong; /* tries of the account, with this one */
    /* For settle(). */
    bool right;
    slice better; /* a hash of today's cost, to be kept instead; empty: as it is */
    const struct session *before;
    struct session session;
    char token[ACCOUNT_TOKEN_SIZE]; /* "": none was made */
    enum sign_in_result result;
};

/* ---- Claim ---- */

/** By code; else by the holder's identity number when that is of one account only. */
static rfd_status find_account(struct transaction *t, struct attempt *s, struct rfd_error *error)
{
    const struct store_value values[] = {store_text(s->name), store_text(s->entity)};
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT a.id, a.password FROM account a LEFT JOIN entity e ON e.id = a.entity WHERE a.code = $1 AND "
                  "a.state <> 'closed' AND ($2 = '' OR e.tax_number = $2)",
                  values, 2, &rows, error));
    if (rows.count == 0)
        TRY(store_run(t,
                      "SELECT a.id, a.password FROM person p JOIN account a ON a.person = p.id LEFT JOIN entity e ON "
                      "e.id = a.entity WHERE p.number = $1 AND a.state <> 'closed' AND coalesce(e.tax_number, '') = "
                      "$2 LIMIT 2",
                      values, 2, &rows, error));
    bool one = rows.count == 1 && store_cell(&rows, 0, 1)->bytes.length > 0;
    s->account = one ? store_cell(&rows, 0, 0)->integer : 0;
    s->hash = one ? arena_copy(s->arena, store_cell(&rows, 0, 1)->bytes) : password_decoy(s->settings, s->arena);
    return s->hash.data == NULL ? arena_failed(s->arena, error) : RFD_OK;
}

static rfd_status may_try(struct transaction *t, struct attempt *s, bool *may, struct rfd_error *error)
{
    unsigned by_name, by_network;
    rfd_time waits, ignored;
    TRY(limit_look(t, &s->by_network, s->now, &by_network, &ignored, error));
    TRY(limit_look(t, &s->by_name, s->now, &by_name, &waits, error));
    *may = false;
    if (by_network >= NETWORK_SLOW)
        s->refused = SIGN_IN_SLOW;
    else if (!s->try->proof && (by_network >= NETWORK_PROOF || (by_name >= PROOF_FROM && s->now < waits)))
        s->refused = SIGN_IN_PROOF;
    else
        *may = true;
    return RFD_OK;
}

static rfd_status claim(struct transaction *t, void *context, struct rfd_error *error)
{
    struct attempt *s = context;
    unsigned ignored;
    bool may;
    TRY(may_try(t, s, &may, error));
    s->tried = may;
    if (!may) return RFD_OK;
    TRY(find_account(t, s, error));
    if (s->account != 0)
        (void)snprintf(s->account_key, sizeof s->account_key, "%lld", (long long)s->account);
    else
        (void)snprintf(s->account_key, sizeof s->account_key, "-");
    s->by_account = (struct limit){"account", slice_text(s->account_key), s->account != 0 ? SLICE_EMPTY : s->name};
    TRY(limit_count(t, &s->by_name, s->now, &ignored, error));
    return limit_count(t, &s->by_account, s->now, &s->wrong, error);
}

/* ---- Settle ---- */

static rfd_status lock(struct transaction *t, const struct account *account, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(account->id)};
    struct store_rows rows;
    TRY(store_run(t, "UPDATE account SET state = 'locked' WHERE id = $1 AND state = 'open'", values, 1, &rows, error));
    if (rows.changed == 0) return RFD_OK;
    TRY(account_audit(t, "account.lock", NULL, account, "", SLICE_EMPTY, error));
    return account_send_link(t, account, "unlock", error);
}

static rfd_status enter_wrong(struct transaction *t, const struct attempt *s, struct rfd_error *error)
{
    const struct actor nobody = {.client = s->try->client};
    struct account account = {.code = SLICE("unknown")};
    unsigned ignored;
    TRY(limit_count(t, &s->by_network, s->now, &ignored, error));
    if (s->account != 0) TRY(account_find(t, s->account, &account, error));
    TRY(account_audit(t, "account.sign-in-failed", &nobody, &account, "client", s->try->client, error));
    return s->account != 0 && s->wrong >= LOCK_AT ? lock(t, &account, error) : RFD_OK;
}

/** The password is right, and the account locked: another mail, should the first have gone astray, but not many. */
static rfd_status tell_locked(struct transaction *t, const struct attempt *s, const struct account *account,
                              struct rfd_error *error)
{
    const struct limit mails = {"unlock", s->by_account.a, SLICE_EMPTY};
    unsigned sent;
    TRY(limit_count(t, &mails, s->now, &sent, error));
    return sent <= UNLOCK_MAILS ? account_send_link(t, account, "unlock", error) : RFD_OK;
}

static rfd_status keep_better(struct transaction *t, const struct attempt *s, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(s->account), store_text(s->better), store_text(s->hash)};
    if (s->better.length == 0) return RFD_OK;
    return store_run(t, "UPDATE account SET password = $2 WHERE id = $1 AND password = $3", values, 3, NULL, error);
}

/** Whether the password that was compared is still the account's. */
static rfd_status is_still(struct transaction *t, const struct attempt *s, bool *still, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(s->account), store_text(s->hash)};
    struct store_rows rows;
    TRY(store_run(t, "SELECT 1 FROM account WHERE id = $1 AND password = $2 AND state <> 'closed'", values, 2, &rows,
                  error));
    *still = rows.count == 1;
    return RFD_OK;
}

static rfd_status settle(struct transaction *t, void *context, struct rfd_error *error)
{
    struct attempt *s = context;
    struct account account;
    bool right = s->right && s->account != 0;
    s->session = *s->before; /* may run again after a conflict */
    s->token[0] = '\0';
    s->result = SIGN_IN_WRONG;
    if (right) TRY(is_still(t, s, &right, error));
    if (!right) return enter_wrong(t, s, error);
    TRY(account_find(t, s->account, &account, error));
    TRY(limit_forget(t, &s->by_name, error));
    if (account.locked) {
        s->result = SIGN_IN_LOCKED;
        return tell_locked(t, s, &account, error);
    }
    TRY(limit_forget(t, &s->by_account, error));
    TRY(keep_better(t, s, error));
    return account_step(t, s->settings, &s->session, &account, METHOD_PASSWORD, s->token, &s->result, error);
}

/* ---- All three ---- */

static rfd_status compute(struct attempt *s, struct rfd_error *error)
{
    TRY(password_check(s->settings, s->hash, s->try->password, &s->right, error));
    if (!s->right || s->account == 0 || !password_is_old(s->settings, s->hash)) return RFD_OK;
    return password_hash(s->settings, s->try->password, s->arena, &s->better, error);
}

static rfd_status sign_in(struct store *store, struct attempt *s, struct session *session,
                          char token[ACCOUNT_TOKEN_SIZE], enum sign_in_result *out, struct rfd_error *error)
{
    s->name = account_capitals(s->try->name, s->arena);
    s->entity = account_capitals(s->try->entity, s->arena);
    if (s->name.data == NULL || s->entity.data == NULL) return arena_failed(s->arena, error);
    s->by_name = (struct limit){"name", s->name, s->entity};
    s->by_network = (struct limit){"network", s->try->network, SLICE_EMPTY};
    TRY(store_write(store, claim, s, error));
    if (!s->tried) {
        *out = s->refused;
        return RFD_OK;
    }
    TRY(compute(s, error));
    s->before = session;
    TRY(store_write(store, settle, s, error));
    if (s->token[0] != '\0') {
        *session = s->session;
        memcpy(token, s->token, sizeof s->token);
    }
    *out = s->result;
    return RFD_OK;
}

rfd_status account_sign_in(struct store *store, const struct account_settings *settings, struct session *session,
                           const struct sign_in *try, char token[ACCOUNT_TOKEN_SIZE], enum sign_in_result *out,
                           struct rfd_error *error)
{
    struct arena arena;
    *out = SIGN_IN_WRONG;
    if (try->name.length > NAME_MAXIMUM || try->entity.length > NAME_MAXIMUM)
        return error_set(error, RFD_E_INVALID, "a name of %zu octets", try->name.length);
    arena_init(&arena, 64 << 10);
    struct attempt s = {.settings = settings, .try = try, .now = clock_now(), .arena = &arena};
    rfd_status status = sign_in(store, &s, session, token, out, error);
    arena_dispose(&arena);
    return status;
}
