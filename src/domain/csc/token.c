/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/csc/token.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "domain/account/account.h"
#include "domain/account/token.h"
#include "domain/central/internal.h"
#include "domain/csc/csc_seal.h"

enum { SEALED_MAXIMUM = 256 };

/* ---- Giving ---- */

static rfd_time end_of(const struct csc_token *wanted, rfd_time now)
{
    if (wanted->ends != 0) return wanted->ends;
    rfd_time seconds = wanted->kind == CSC_TOKEN_REFRESH ? CSC_REFRESH_SECONDS : CSC_SERVICE_SECONDS;
    return now + seconds * RFD_SECOND;
}

static rfd_status put_row(struct transaction *t, const struct csc_token *k, int64_t family, slice hash, slice sealed,
                          rfd_time now, struct rfd_error *error)
{
    const struct store_value values[] = {
        store_bytes(hash),          store_integer(k->kind),
        store_reference(family),    store_integer(k->portal.id),
        store_integer(k->version),  store_reference(k->account),
        store_reference(k->person), store_text(k->holder),
        store_text(k->credential),  store_text(k->details),
        store_integer(k->digest),   store_boolean(k->documents),
        store_integer(k->count),    store_bytes(sealed.length == 0 ? SLICE("") : sealed),
        store_boolean(false),       store_integer(now),
        store_integer(k->ends),
    };
    return store_run(t,
                     "INSERT INTO csc_token(hash, kind, family, portal, version, account, person, holder, credential, "
                     "details, digest, documents, count, sealed, used, created, ends) VALUES ($1, $2, $3, $4, $5, $6, "
                     "$7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
                     values, sizeof values / sizeof *values, NULL, error);
}

rfd_status csc_token_put(struct transaction *t, const struct csc_token *wanted, int64_t family,
                         char token[CSC_TOKEN_SIZE], struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    char made[TOKEN_TEXT_SIZE];
    struct buf sealed;
    struct csc_token k = *wanted;
    rfd_time now = clock_now();
    k.ends = end_of(wanted, now);
    buf_init(&sealed, SEALED_MAXIMUM);
    rfd_status status = token_make(made, hash, error);
    if (status == RFD_OK && k.kind == CSC_TOKEN_CREDENTIAL)
        status = csc_seal(CSC_SEAL_TOKEN, slice_text(made), &k, &sealed, error);
    if (status == RFD_OK) status = put_row(t, &k, family, slice_of(hash, sizeof hash), buf_slice(&sealed), now, error);
    if (status == RFD_OK) memcpy(token, made, sizeof made);
    secret_wipe(made, sizeof made);
    secret_wipe(k.sad, sizeof k.sad);
    buf_dispose(&sealed);
    return status;
}

rfd_status csc_token_give(struct transaction *t, const struct csc_token *wanted, char token[CSC_TOKEN_SIZE],
                          struct rfd_error *error)
{
    if (wanted->kind == CSC_TOKEN_CREDENTIAL && wanted->ends == 0)
        return error_set(error, RFD_E_ARGUMENT, "what authorises signatures ends");
    return csc_token_put(t, wanted, 0, token, error);
}

/* ---- Finding ---- */

rfd_status csc_account_usable(struct transaction *t, int64_t account, bool *out, struct rfd_error *error)
{
    struct account found;
    *out = true;
    if (account == 0) return RFD_OK;
    rfd_status status = account_find(t, account, &found, error);
    *out = status == RFD_OK && !found.locked && !found.closed;
    if (status != RFD_E_NOT_FOUND) return status;
    error_clear(error);
    return RFD_OK;
}

static void read_row(const struct store_value *v, struct csc_token *out)
{
    *out = (struct csc_token){.id = v[0].integer,
                              .kind = (enum csc_token_kind)v[1].integer,
                              .portal = {.id = v[2].integer},
                              .version = (unsigned)v[3].integer,
                              .account = store_reference_of(&v[4]),
                              .person = store_reference_of(&v[5]),
                              .holder = v[6].bytes,
                              .credential = v[7].bytes,
                              .details = v[8].bytes,
                              .digest = (enum digest_id)v[9].integer,
                              .documents = v[10].integer != 0,
                              .count = (unsigned)v[11].integer,
                              .ends = v[12].integer};
}

/** What is wrong with it now; NULL: nothing. */
static rfd_status look_at(struct transaction *t, slice token, slice sealed, struct csc_token *k, const char **wrong,
                          struct rfd_error *error)
{
    bool usable = false;
    *wrong = NULL;
    if (k->kind == CSC_TOKEN_REFRESH) {
        *wrong = "it only renews";
        return RFD_OK;
    }
    if (k->ends <= clock_now()) {
        *wrong = "it has ended";
        return RFD_OK;
    }
    TRY(portal_find(t, k->portal.id, &k->portal, error));
    TRY(csc_account_usable(t, k->account, &usable, error));
    if (k->portal.closed)
        *wrong = "its portal was closed";
    else if (!usable)
        *wrong = "its account is closed or locked";
    else if (k->kind == CSC_TOKEN_CREDENTIAL && !csc_unseal(CSC_SEAL_TOKEN, token, sealed, k))
        *wrong = "its row was altered";
    return RFD_OK;
}

rfd_status csc_token_find(struct transaction *t, slice token, struct csc_token *out, struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct csc_token found;
    struct store_rows rows;
    const char *wrong = NULL;
    *out = (struct csc_token){.kind = CSC_TOKEN_NONE};
    if (token.length != CSC_TOKEN_SIZE - 1) return error_set(error, RFD_E_UNAUTHORISED, "token: not one of ours");
    TRY(token_hash(token, hash, error));
    const struct store_value value = store_bytes(slice_of(hash, sizeof hash));
    TRY(store_run(t,
                  "SELECT id, kind, portal, version, account, person, holder, credential, details, digest, documents, "
                  "count, ends, sealed FROM csc_token WHERE hash = $1",
                  &value, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_UNAUTHORISED, "token: unknown, or taken back");
    read_row(store_cell(&rows, 0, 0), &found);
    TRY(look_at(t, token, store_cell(&rows, 0, 13)->bytes, &found, &wrong, error));
    if (wrong != NULL) {
        out->ends = found.ends;
        return error_set(error, RFD_E_UNAUTHORISED, "token: %s", wrong);
    }
    *out = found;
    secret_wipe(found.sad, sizeof found.sad);
    return RFD_OK;
}

/* ---- Ending ---- */

rfd_status csc_family_end(struct transaction *t, int64_t family, struct rfd_error *error)
{
    const struct store_value value = store_integer(family);
    return store_run(t, "DELETE FROM csc_token WHERE family = $1", &value, 1, NULL, error);
}

rfd_status csc_token_revoke(struct transaction *t, int64_t portal, slice token, struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct store_rows rows;
    TRY(token_hash(token, hash, error));
    const struct store_value values[] = {store_bytes(slice_of(hash, sizeof hash)), store_integer(portal)};
    TRY(store_run(t, "DELETE FROM csc_token WHERE hash = $1 AND portal = $2 RETURNING kind, family", values, 2, &rows,
                  error));
    if (rows.count == 0 || store_cell(&rows, 0, 0)->integer != CSC_TOKEN_REFRESH) return RFD_OK;
    return csc_family_end(t, store_reference_of(store_cell(&rows, 0, 1)), error);
}

rfd_status csc_token_renew(struct transaction *t, const struct csc_token *old, slice old_token,
                           char token[CSC_TOKEN_SIZE], struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct store_rows rows;
    TRY(token_hash(old_token, hash, error));
    const struct store_value values[] = {store_integer(old->id), store_bytes(slice_of(hash, sizeof hash))};
    TRY(store_run(t, "DELETE FROM csc_token WHERE id = $1 AND hash = $2 RETURNING family", values, 2, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_UNAUTHORISED, "token: it was renewed, or taken back");
    return csc_token_put(t, old, store_reference_of(store_cell(&rows, 0, 0)), token, error);
}

/* ---- What somebody let portals do ---- */

rfd_status csc_accesses(struct transaction *t, const struct actor *actor, struct csc_access **out, size_t *count,
                        struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(actor->account), store_integer(clock_now()),
                                         store_integer(CSC_TOKEN_SERVICE), store_integer(CSC_TOKEN_REFRESH)};
    struct store_rows rows;
    struct csc_access *all;
    TRY(actor_check(actor, ACTION_CENTRAL_SIGN, NULL, error));
    TRY(store_run(t,
                  "SELECT k.portal, p.name, min(k.created), max(k.ends) FROM csc_token k JOIN portal p ON p.id = "
                  "k.portal WHERE k.account = $1 AND k.ends > $2 AND k.kind IN ($3, $4) AND NOT p.closed GROUP BY "
                  "k.portal, p.name ORDER BY p.name, k.portal",
                  values, 4, &rows, error));
    all = arena_zeroed(store_arena(t), rows.count + 1, sizeof *all);
    if (all == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct store_value *v = store_cell(&rows, i, 0);
        all[i] = (struct csc_access){v[0].integer, v[1].bytes, v[2].integer, v[3].integer};
    }
    *out = all;
    *count = rows.count;
    return RFD_OK;
}

rfd_status csc_access_end(struct transaction *t, const struct actor *actor, int64_t portal, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(actor->account), store_integer(portal)};
    struct portal p;
    struct store_rows tokens, codes;
    TRY(actor_check(actor, ACTION_CENTRAL_SIGN, NULL, error));
    TRY(portal_find(t, portal, &p, error));
    TRY(store_run(t, "DELETE FROM csc_token WHERE account = $1 AND portal = $2", values, 2, &tokens, error));
    TRY(store_run(t, "DELETE FROM csc_code WHERE account = $1 AND portal = $2", values, 2, &codes, error));
    if (tokens.changed + codes.changed == 0) return RFD_OK;
    return central_audit(t, actor, "csc.withdraw", "portal", portal,
                         central_detail(t, "client", p.client, NULL, SLICE_EMPTY), error);
}

/* ---- The worker's ---- */

rfd_status csc_sweep(struct transaction *t, rfd_time now, struct rfd_error *error)
{
    static const char *const statements[] = {
        "DELETE FROM csc_code WHERE ends <= $1",
        "DELETE FROM csc_result WHERE ends <= $1",
        "DELETE FROM csc_request_hash WHERE request IN (SELECT id FROM csc_request WHERE ends <= $1)",
        "DELETE FROM csc_request WHERE ends <= $1",
    };
    const struct store_value value = store_integer(now);
    const struct store_value long_ago = store_integer(now - CSC_ENDED_SECONDS * RFD_SECOND);
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        TRY(store_run(t, statements[i], &value, 1, NULL, error));
    return store_run(t, "DELETE FROM csc_token WHERE ends <= $1", &long_ago, 1, NULL, error);
}
