/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is over and in nobody's way is deleted now and then. Nothing depends on it: everything is checked by its end
 * when it is used.
 */
#include "domain/account/account_internal.h"

#include "base/error.h"

enum { IDLE_DAYS = 1, BATCH = 5000 };

static rfd_status sweep(struct transaction *t, void *context, struct rfd_error *error)
{
    static const char *const statements[] = {
        "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE ends < $1 OR seen < $2 LIMIT $3)",
        "DELETE FROM account_link WHERE hash IN (SELECT hash FROM account_link WHERE ends < $1 LIMIT $2)",
        "DELETE FROM account_challenge WHERE hash IN (SELECT hash FROM account_challenge WHERE ends < $1 LIMIT $2)",
        "DELETE FROM sign_in_counter WHERE hash IN (SELECT hash FROM sign_in_counter WHERE ends < $1 LIMIT $2)",
        "DELETE FROM security_code WHERE hash IN (SELECT hash FROM security_code WHERE ends < $1 LIMIT $2)",
        "DELETE FROM account_code WHERE account IN (SELECT account FROM account_code WHERE ends < $1 LIMIT $2)",
    };
    rfd_time now = *(const rfd_time *)context;
    const struct store_value values[] = {store_integer(now), store_integer(now - 24 * IDLE_DAYS * ACCOUNT_HOUR),
                                         store_integer(BATCH)};
    const struct store_value ends[] = {values[0], values[2]};
    TRY(store_run(t, statements[0], values, 3, NULL, error));
    for (size_t i = 1; i < sizeof statements / sizeof *statements; i++)
        TRY(store_run(t, statements[i], ends, 2, NULL, error));
    return RFD_OK;
}

rfd_status account_sweep(struct store *store, rfd_time now, struct rfd_error *error)
{
    return store_write(store, sweep, &now, error);
}
