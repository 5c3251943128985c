/* SPDX-License-Identifier: EUPL-1.2
 *
 * The second factor of who is signing in. A try is counted as wrong before the code is compared, in the same
 * transaction, whose first write makes others of the same account wait: any number at once stays within five.
 */
#include "domain/account/factor_internal.h"

#include "base/clock.h"
#include "base/error.h"

enum { WRONG_CODES = 5, LOCK_MINUTES = 15, LOCKS_MAXIMUM = 7 };

rfd_status factor_own(struct transaction *t, const struct actor *actor, int64_t account, struct account *out,
                      struct rfd_error *error)
{
    TRY(account_find(t, account, out, error));
    if (out->closed) return error_set(error, RFD_E_STATE, "the account is closed");
    const struct access_object object = {.person = out->person, .entity = out->entity};
    return actor_check(actor, actor->account == account ? ACTION_ACCOUNT_OWN : ACTION_ACCOUNT_MANAGE, &object, error);
}

slice factor_digits(slice code, struct arena *a)
{
    uint8_t *to = arena_allocate(a, code.length + 1);
    size_t length = 0;
    if (to == NULL) return SLICE_EMPTY;
    for (size_t i = 0; i < code.length; i++) {
        if (code.data[i] != ' ' && code.data[i] != '-') to[length++] = code.data[i];
    }
    return slice_of(to, length);
}

rfd_status factor_claim(struct transaction *t, const struct account *account, bool *locked, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(account->id), store_integer(clock_now())};
    struct store_rows rows;
    TRY(store_run(t,
                  "INSERT INTO account_factor(account, failures, locks, locked_until) VALUES ($1, 1, 0, 0) ON "
                  "CONFLICT(account) DO UPDATE SET failures = CASE WHEN account_factor.locked_until > $2 THEN "
                  "account_factor.failures ELSE account_factor.failures + 1 END RETURNING locked_until",
                  values, 2, &rows, error));
    *locked = store_cell(&rows, 0, 0)->integer > values[1].integer;
    return RFD_OK;
}

rfd_status factor_wrong(struct transaction *t, const struct account *account, struct rfd_error *error)
{
    struct store_value values[] = {store_integer(account->id), store_integer(WRONG_CODES), store_null()};
    struct store_rows rows;
    TRY(store_run(t, "SELECT locks FROM account_factor WHERE account = $1 AND failures >= $2", values, 2, &rows,
                  error));
    if (rows.count == 0) return RFD_OK;
    int64_t locks = store_cell(&rows, 0, 0)->integer;
    values[2] =
        store_integer(clock_now() + (LOCK_MINUTES * ACCOUNT_MINUTE << (locks < LOCKS_MAXIMUM ? locks : LOCKS_MAXIMUM)));
    TRY(store_run(t,
                  "UPDATE account_factor SET failures = 0, locks = locks + 1, locked_until = $3 WHERE account = $1 AND "
                  "failures >= $2",
                  values, 3, NULL, error));
    return account_audit(t, "account.factor-lock", NULL, account, "", SLICE_EMPTY, error);
}

rfd_status factor_forget(struct transaction *t, int64_t account, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(account)};
    return store_run(t, "DELETE FROM account_factor WHERE account = $1", values, 1, NULL, error);
}

static const char *factor_name(enum sign_in_method method)
{
    switch (method) {
    case METHOD_TOTP: return "authenticator app";
    case METHOD_SMS: return "SMS";
    case METHOD_MAIL: return "e-mail";
    default: return "passkey";
    }
}

rfd_status factor_set(struct transaction *t, const struct actor *actor, const struct account *account,
                      enum sign_in_method method, bool on, struct rfd_error *error)
{
    unsigned factors = on ? account->factors | (unsigned)method : account->factors & ~(unsigned)method;
    const struct store_value values[] = {store_integer(account->id), store_integer(factors),
                                         store_integer(account->factors)};
    struct store_rows rows;
    if (factors == account->factors) return RFD_OK;
    TRY(store_run(t, "UPDATE account SET factors = $2 WHERE id = $1 AND factors = $3", values, 3, &rows, error));
    if (rows.changed != 1) return error_set(error, RFD_E_STORE_CONFLICT, "factors were changed meanwhile");
    TRY(account_audit(t, on ? "account.factor-add" : "account.factor-remove", actor, account, "factor",
                      slice_text(factor_name(method)), error));
    return account_tell_factor(t, account, method, on, error);
}

rfd_status factor_enable(struct transaction *t, const struct actor *actor, int64_t account, enum sign_in_method method,
                         bool on, struct rfd_error *error)
{
    struct account found;
    struct person person;
    TRY(factor_own(t, actor, account, &found, error));
    if (method != METHOD_SMS && method != METHOD_MAIL) return error_set(error, RFD_E_ARGUMENT, "a factor by message");
    TRY(person_find(t, found.person, &person, error));
    if (on && (method == METHOD_SMS ? person.mobile : person.mail).length == 0)
        return error_set(error, RFD_E_STATE, "the person has no such address");
    return factor_set(t, actor, &found, method, on, error);
}

static rfd_status use_code(struct transaction *t, const struct account_settings *settings,
                           const struct account *account, enum sign_in_method method, slice code, bool *right,
                           struct rfd_error *error)
{
    slice digits = factor_digits(code, store_arena(t));
    *right = false;
    if ((account->factors & (unsigned)method) == 0) return RFD_OK; /* not one that this account may use */
    if (method == METHOD_TOTP) return totp_use(t, settings, account, true, digits, right, error);
    if (method == METHOD_SMS || method == METHOD_MAIL)
        return code_use(t, settings, account, method, digits, right, error);
    return RFD_OK;
}

rfd_status factor_check(struct transaction *t, const struct account_settings *settings, struct session *session,
                        enum sign_in_method method, slice code, char token[ACCOUNT_TOKEN_SIZE],
                        enum sign_in_result *out, struct rfd_error *error)
{
    struct account account;
    bool locked, right;
    *out = SIGN_IN_WRONG;
    if (session->pending == 0 || (session->wanted & WANT_FACTOR) == 0)
        return error_set(error, RFD_E_STATE, "no second factor is wanted");
    TRY(account_find(t, session->pending, &account, error));
    TRY(factor_claim(t, &account, &locked, error));
    if (account.closed || account.locked) return RFD_OK;
    if (locked) {
        *out = SIGN_IN_SLOW;
        return RFD_OK;
    }
    TRY(use_code(t, settings, &account, method, code, &right, error));
    if (!right) return factor_wrong(t, &account, error);
    TRY(factor_forget(t, account.id, error));
    return account_step(t, settings, session, &account, method, token, out, error);
}
