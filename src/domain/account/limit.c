/* SPDX-License-Identifier: EUPL-1.2
 *
 * A try is counted before it is looked at, in a transaction of its own: a thousand at once are a thousand tries, and
 * what kills the process in between makes none of them free. Names are counted whether or not there is such an
 * account, so that nobody learns which there are.
 */
#include "domain/account/account_internal.h"

#include "base/error.h"

enum { FREE_TRIES = 2, FIRST_SECONDS = 4, LONGEST_SECONDS = 300 };

rfd_status limit_look(struct transaction *t, const struct limit *limit, rfd_time now, unsigned *tries, rfd_time *waits,
                      struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct store_rows rows;
    TRY(token_hash_pair(limit->kind, limit->a, limit->b, hash, error));
    const struct store_value values[] = {account_hash_value(hash), store_integer(now)};
    TRY(store_run(t, "SELECT tries, waits FROM sign_in_counter WHERE hash = $1 AND ends > $2", values, 2, &rows,
                  error));
    *tries = rows.count == 0 ? 0 : (unsigned)store_cell(&rows, 0, 0)->integer;
    *waits = rows.count == 0 ? 0 : store_cell(&rows, 0, 1)->integer;
    return RFD_OK;
}

/** After the free ones 4 s, 8 s, 16 s ... 5 minutes. */
static rfd_time delay(unsigned tries)
{
    unsigned seconds = FIRST_SECONDS;
    if (tries < FREE_TRIES) return 0;
    for (unsigned i = FREE_TRIES; i < tries && seconds < LONGEST_SECONDS; i++) seconds *= 2;
    return (rfd_time)(seconds < LONGEST_SECONDS ? seconds : LONGEST_SECONDS) * RFD_SECOND;
}

rfd_status limit_count(struct transaction *t, const struct limit *limit, rfd_time now, unsigned *tries,
                       struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct store_rows rows;
    TRY(token_hash_pair(limit->kind, limit->a, limit->b, hash, error));
    struct store_value values[] = {account_hash_value(hash), store_integer(now), store_integer(now + ACCOUNT_HOUR)};
    TRY(store_run(t,
                  "INSERT INTO sign_in_counter(hash, tries, waits, ends) VALUES ($1, 1, 0, $3) ON CONFLICT(hash) DO "
                  "UPDATE SET tries = CASE WHEN sign_in_counter.ends > $2 THEN sign_in_counter.tries + 1 ELSE 1 END, "
                  "ends = $3 RETURNING tries",
                  values, 3, &rows, error));
    *tries = (unsigned)store_cell(&rows, 0, 0)->integer;
    if (*tries < FREE_TRIES) return RFD_OK;
    values[1] = store_integer(now + delay(*tries));
    return store_run(t, "UPDATE sign_in_counter SET waits = $2 WHERE hash = $1", values, 2, NULL, error);
}

rfd_status limit_forget(struct transaction *t, const struct limit *limit, struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    TRY(token_hash_pair(limit->kind, limit->a, limit->b, hash, error));
    const struct store_value values[] = {account_hash_value(hash)};
    return store_run(t, "DELETE FROM sign_in_counter WHERE hash = $1", values, 1, NULL, error);
}
