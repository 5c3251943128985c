/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/csc/use.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/account/token.h"
#include "domain/authority/state.h"

#define DAY_LENGTH (INT64_C(86400) * RFD_SECOND)

rfd_status csc_shown(slice hash, uint8_t shown[32], struct rfd_error *error)
{
    if (hash.length != 32) return digest_of(DIGEST_SHA256, hash, shown, error);
    memcpy(shown, hash.data, 32);
    return RFD_OK;
}

/* ---- Quota ---- */

/** Whoever counts has waited for who counted before: the row of the portal is written first. A clock that was set back
 * begins no day anew. */
rfd_status csc_quota_use(struct transaction *t, const struct portal *portal, rfd_time now, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(portal->id), store_integer(now / DAY_LENGTH),
                                         store_integer(now - DAY_LENGTH)};
    struct store_rows rows;
    TRY(store_run(t, "UPDATE portal SET quota = quota WHERE id = $1 AND NOT closed RETURNING quota", values, 1, &rows,
                  error));
    if (rows.count == 0) return error_set(error, RFD_E_FORBIDDEN, "this portal was closed");
    int64_t quota = store_cell(&rows, 0, 0)->integer;
    TRY(store_run(
        t,
        "INSERT INTO portal_day(portal, day, operations) VALUES ($1, $2, 1) ON CONFLICT (portal) DO UPDATE "
        "SET operations = CASE WHEN portal_day.day >= excluded.day THEN portal_day.operations + 1 ELSE 1 END, "
        "day = CASE WHEN portal_day.day >= excluded.day THEN portal_day.day ELSE excluded.day END "
        "RETURNING operations",
        values, 2, &rows, error));
    int64_t used = store_cell(&rows, 0, 0)->integer;
    if (quota == 0) return RFD_OK;
    const struct store_value since[] = {values[0], values[2]};
    TRY(store_run(t, "SELECT count(*) FROM signing WHERE portal = $1 AND created > $2", since, 2, &rows, error));
    if (used + store_cell(&rows, 0, 0)->integer <= quota) return RFD_OK;
    return error_set(error, RFD_E_SLOW_DOWN, "the portal's operations of a day are used up");
}

/* ---- Results that are asked for later ---- */

rfd_status csc_result_room(struct transaction *t, int64_t portal, rfd_time now, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(now), store_integer(portal)};
    struct store_rows rows;
    TRY(store_run(t, "DELETE FROM csc_result WHERE ends <= $1", values, 1, NULL, error));
    TRY(store_run(t, "SELECT count(*), coalesce(sum(length(answer)), 0) FROM csc_result WHERE portal = $1", &values[1],
                  1, &rows, error));
    if (store_cell(&rows, 0, 0)->integer < CSC_RESULTS && store_cell(&rows, 0, 1)->integer < CSC_RESULTS_OCTETS)
        return RFD_OK;
    return error_set(error, RFD_E_SLOW_DOWN, "too many results of this portal wait to be asked for");
}

rfd_status csc_result_keep(struct transaction *t, const struct csc_token *token, slice answer, unsigned seconds,
                           char id[CSC_TOKEN_SIZE], struct rfd_error *error)
{
    _Static_assert((int)CSC_TOKEN_SIZE == (int)TOKEN_TEXT_SIZE, "tokens are as long as tokens");
    uint8_t hash[TOKEN_HASH_SIZE];
    rfd_time now = clock_now();
    if (answer.length > CSC_RESULT_MAXIMUM) return error_set(error, RFD_E_LIMIT, "a result");
    TRY(csc_result_room(t, token->portal.id, now, error));
    TRY(token_make(id, hash, error));
    const struct store_value values[] = {store_bytes(slice_of(hash, sizeof hash)), store_integer(token->portal.id),
                                         store_reference(token->account), store_text(answer),
                                         store_integer(now + (rfd_time)seconds * RFD_SECOND)};
    return store_run(t, "INSERT INTO csc_result(hash, portal, account, answer, ends) VALUES ($1, $2, $3, $4, $5)",
                     values, sizeof values / sizeof *values, NULL, error);
}

rfd_status csc_result_find(struct transaction *t, const struct csc_token *token, slice id, slice *answer,
                           struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct store_rows rows;
    TRY(token_hash(id, hash, error));
    const struct store_value values[] = {store_bytes(slice_of(hash, sizeof hash)), store_integer(token->portal.id),
                                         store_integer(clock_now())};
    TRY(store_run(t, "SELECT answer, account FROM csc_result WHERE hash = $1 AND portal = $2 AND ends > $3", values, 3,
                  &rows, error));
    if (rows.count == 0 || store_reference_of(store_cell(&rows, 0, 1)) != token->account)
        return error_set(error, RFD_E_NOT_FOUND, "there is no such result");
    *answer = store_cell(&rows, 0, 0)->bytes;
    return RFD_OK;
}

/* ---- Tokens, certificates ---- */

rfd_status csc_token_has_ended(struct transaction *t, slice token, bool *out, struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct store_rows rows;
    TRY(token_hash(token, hash, error));
    const struct store_value values[] = {store_bytes(slice_of(hash, sizeof hash)), store_integer(clock_now())};
    TRY(store_run(t, "SELECT 1 FROM csc_token WHERE hash = $1 AND ends <= $2", values, 2, &rows, error));
    *out = rows.count > 0;
    return RFD_OK;
}

rfd_status csc_in_force(struct transaction *t, int64_t registered, bool *out, struct rfd_error *error)
{
    const struct store_value value = store_integer(registered);
    struct store_rows rows;
    TRY(store_run(t, "SELECT state FROM certificate_status WHERE certificate = $1", &value, 1, &rows, error));
    *out = rows.count > 0;
    for (size_t i = 0; i < rows.count; i++) {
        int64_t state = store_cell(&rows, i, 0)->integer;
        if (state == CERTIFICATE_REVOKED || state == CERTIFICATE_HELD) *out = false;
    }
    return RFD_OK;
}
