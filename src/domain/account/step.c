/* SPDX-License-Identifier: EUPL-1.2
 *
 * The one place where a session becomes somebody's. Whatever proved who it is, the token is new afterwards (fixation),
 * and the session is the account's only when nothing is wanted any more: first the second factor, so that a password
 * alone changes nothing, then the password that has to be changed.
 */
#include "domain/account/account_internal.h"

#include "base/clock.h"
#include "base/error.h"

enum {
    SECOND_FACTORS = METHOD_TOTP | METHOD_SMS | METHOD_MAIL | METHOD_PASSKEY,
    STRONG_ALONE = METHOD_PASSKEY | METHOD_CERTIFICATE /* something one has, opened by something one knows or is */
};

static unsigned still_wanted(const struct account *account, unsigned methods)
{
    unsigned wanted = 0;
    bool second = (methods & (SECOND_FACTORS | STRONG_ALONE)) != 0;
    if (account->factors != 0 && !second) wanted |= WANT_FACTOR;
    if (account->must_change && (methods & METHOD_PASSWORD) != 0) wanted |= WANT_CHANGE;
    return wanted;
}

static rfd_status signed_in(struct transaction *t, const struct account *account, const struct session *session,
                            rfd_time now, struct rfd_error *error)
{
    char methods[16];
    const struct store_value values[] = {store_integer(account->id), store_integer(now)};
    (void)snprintf(methods, sizeof methods, "%u", session->methods);
    TRY(store_run(t, "UPDATE account SET sign_in_before = last_sign_in, last_sign_in = $2 WHERE id = $1", values, 2,
                  NULL, error));
    return account_audit(t, "account.sign-in", NULL, account, "methods", slice_text(methods), error);
}

rfd_status account_step(struct transaction *t, const struct account_settings *settings, struct session *session,
                        const struct account *account, unsigned methods, char token[ACCOUNT_TOKEN_SIZE],
                        enum sign_in_result *out, struct rfd_error *error)
{
    rfd_time now = clock_now();
    struct session s = *session;
    struct store_rows rows;
    bool fresh = s.id == 0;
    if (fresh) TRY(session_new(t, settings, s.client, s.agent, token, &s, error));
    /* Methods of another account that began here count for nothing. */
    s.methods = (s.pending == account->id ? s.methods : 0) | methods;
    s.wanted = still_wanted(account, s.methods);
    s.account = s.wanted == 0 ? account->id : 0;
    s.person = s.wanted == 0 ? account->person : 0;
    s.pending = s.wanted == 0 ? 0 : account->id;
    if (session->account == 0) s.ends = now + (rfd_time)settings->absolute_hours * ACCOUNT_HOUR;
    const struct store_value values[] = {store_integer(s.id),
                                         store_reference(s.account),
                                         store_reference(s.pending),
                                         store_integer(now + PENDING_MINUTES * ACCOUNT_MINUTE),
                                         store_integer(s.methods),
                                         store_integer(s.wanted),
                                         store_integer(account->id),
                                         store_integer(s.ends),
                                         store_reference(s.wanted == 0 ? now : 0)};
    TRY(store_run(t,
                  "UPDATE session SET account = $2, pending = $3, pending_ends = $4, methods = $5, wanted = $6, "
                  "ends = $8, signed_in = $9 WHERE id = $1 AND (account IS NULL OR account = $7)",
                  values, 9, &rows, error));
    if (rows.changed != 1) return error_set(error, RFD_E_UNAUTHORISED, "the session is over, or another's");
    if (!fresh) TRY(session_renew(t, s.id, token, error));
    s.signed_in = s.wanted == 0 ? now : 0;
    if (s.wanted == 0) TRY(signed_in(t, account, &s, now, error));
    *session = s;
    *out = (s.wanted & WANT_FACTOR) != 0 ? SIGN_IN_FACTOR : s.wanted != 0 ? SIGN_IN_CHANGE : SIGN_IN_DONE;
    return RFD_OK;
}

rfd_status account_sign_in_as(struct transaction *t, const struct account_settings *settings, struct session *session,
                              int64_t account, enum sign_in_method method, char token[ACCOUNT_TOKEN_SIZE],
                              enum sign_in_result *out, struct rfd_error *error)
{
    struct account found;
    TRY(account_find(t, account, &found, error));
    if (found.closed) {
        *out = SIGN_IN_WRONG;
        return RFD_OK;
    }
    if (found.locked) {
        *out = SIGN_IN_LOCKED;
        return RFD_OK;
    }
    return account_step(t, settings, session, &found, method, token, out, error);
}
