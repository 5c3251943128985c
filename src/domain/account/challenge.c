/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/account/account_internal.h"

#include "base/clock.h"
#include "base/error.h"

rfd_status challenge_make(struct transaction *t, const struct session *session, const char *kind, uint8_t out[32],
                          struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    TRY(token_random(out, 32, error));
    TRY(token_hash(slice_of(out, 32), hash, error));
    const struct store_value values[] = {store_integer(session->id), store_text(slice_text(kind)),
                                         account_hash_value(hash),
                                         store_integer(clock_now() + CHALLENGE_MINUTES * ACCOUNT_MINUTE)};
    /* Whoever asks again and again keeps a few. Visitors (session 0) are told apart by nothing but the challenge. */
    if (session->id != 0)
        TRY(store_run(t,
                      "DELETE FROM account_challenge WHERE session = $1 AND hash NOT IN (SELECT hash FROM "
                      "account_challenge WHERE session = $1 ORDER BY ends DESC LIMIT 7)",
                      values, 1, NULL, error));
    return store_run(t, "INSERT INTO account_challenge(hash, session, kind, ends) VALUES ($3, $1, $2, $4)", values, 4,
                     NULL, error);
}

rfd_status challenge_use(struct transaction *t, const struct session *session, const char *kind, slice challenge,
                         bool *good, struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct store_rows rows;
    TRY(token_hash(challenge, hash, error));
    const struct store_value values[] = {account_hash_value(hash), store_integer(session->id),
                                         store_text(slice_text(kind)), store_integer(clock_now())};
    TRY(store_run(t, "DELETE FROM account_challenge WHERE hash = $1 AND session = $2 AND kind = $3 AND ends > $4",
                  values, 4, &rows, error));
    *good = rows.changed == 1;
    return RFD_OK;
}
