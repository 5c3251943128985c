/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/central/redirect.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/central/internal.h"

rfd_status redirect_actor(const struct portal *portal, struct arena *a, struct actor *out, struct rfd_error *error)
{
    const char *name = arena_print(a, "portal:%.*s", (int)portal->client.length, (const char *)portal->client.data);
    if (name == NULL) return arena_failed(a, error);
    *out = actor_system(name);
    return RFD_OK;
}

rfd_status redirect_find(struct transaction *t, int64_t portal, slice token, struct signing *out,
                         struct rfd_error *error)
{
    struct signing s;
    TRY(signing_find(t, token, &s, error));
    if (s.portal != portal) return error_set(error, RFD_E_NOT_FOUND, "there is no such operation");
    *out = s;
    return RFD_OK;
}

rfd_status redirect_seen(struct transaction *t, int64_t portal, slice name, const uint8_t hash[REDIRECT_HASH_SIZE],
                         struct signing *out, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(portal), store_text(name)};
    struct store_rows rows;
    struct signing_row row;
    out->id = 0;
    TRY(store_run(t, "UPDATE portal SET quota = quota WHERE id = $1", values, 1, NULL, error));
    TRY(store_run(t, "SELECT hash, signing FROM portal_request WHERE portal = $1 AND name = $2", values, 2, &rows,
                  error));
    if (rows.count == 0) return RFD_OK;
    if (!slice_equal(store_cell(&rows, 0, 0)->bytes, slice_of(hash, REDIRECT_HASH_SIZE)))
        return error_set(error, RFD_E_STORE_CONFLICT, "another request had this Idempotency-Key");
    TRY(signing_load(t, SLICE_EMPTY, store_cell(&rows, 0, 1)->integer, clock_now(), &row, error));
    *out = row.s;
    return RFD_OK;
}

rfd_status redirect_remember(struct transaction *t, int64_t portal, slice name, const uint8_t hash[REDIRECT_HASH_SIZE],
                             int64_t signing, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(portal), store_text(name),
                                         store_bytes(slice_of(hash, REDIRECT_HASH_SIZE)), store_integer(signing),
                                         store_integer(clock_now())};
    return store_run(t, "INSERT INTO portal_request(portal, name, hash, signing, created) VALUES ($1, $2, $3, $4, $5)",
                     values, sizeof values / sizeof *values, NULL, error);
}

rfd_status redirect_wait(struct transaction *t, const struct portal *portal, rfd_time now, unsigned *seconds,
                         struct rfd_error *error)
{
    struct store_value values[] = {store_integer(portal->id), store_integer(now - REGISTRATION_DAY),
                                   store_integer(now / REGISTRATION_DAY)};
    struct store_rows rows;
    *seconds = 0;
    if (portal->quota == 0) return RFD_OK;
    /* Today's authorizations of the CSC API (domain/csc/use.c) leave so many; none: until tomorrow. */
    const struct store_value today[] = {values[0], values[2]};
    TRY(store_run(t, "SELECT operations FROM portal_day WHERE portal = $1 AND day >= $2", today, 2, &rows, error));
    int64_t left = portal->quota - (rows.count == 0 ? 0 : store_cell(&rows, 0, 0)->integer);
    if (left <= 0) *seconds = (unsigned)((REGISTRATION_DAY - now % REGISTRATION_DAY) / RFD_SECOND) + 1;
    if (left <= 0) return RFD_OK;
    values[2] = store_integer(left - 1);
    TRY(store_run(
        t, "SELECT created FROM signing WHERE portal = $1 AND created > $2 ORDER BY created DESC LIMIT 1 OFFSET $3",
        values, 3, &rows, error));
    if (rows.count > 0)
        *seconds = (unsigned)((store_cell(&rows, 0, 0)->integer + REGISTRATION_DAY - now) / RFD_SECOND) + 1;
    return RFD_OK;
}

static rfd_status sweep(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct store_value before = store_integer(*(const rfd_time *)context - REDIRECT_DAYS * REGISTRATION_DAY);
    return store_run(t, "DELETE FROM portal_request WHERE created < $1", &before, 1, NULL, error);
}

rfd_status redirect_sweep(struct store *store, rfd_time now, struct rfd_error *error)
{
    return store_write(store, sweep, &now, error);
}
