/* SPDX-License-Identifier: EUPL-1.2
 *
 * Requests for an authorization while they wait: pushed by a portal, or kept for a person who has to sign in first. The
 * address that people follow names one by a random text, of which the database has the SHA-256.
 */
#include "base/clock.h"
#include "base/error.h"
#include "domain/account/token.h"
#include "domain/central/internal.h"
#include "domain/csc/request.h"

#define URI CSC_REQUEST_URI

/* ---- Keeping ---- */

static rfd_status put_row(struct transaction *t, const struct csc_request *r, slice hash, rfd_time ends, int64_t *id,
                          struct rfd_error *error)
{
    const struct store_value values[] = {
        store_bytes(hash),          store_integer(r->portal),
        store_integer(r->version),  store_boolean(r->credential_scope),
        store_text(r->redirect),    store_text(r->state),
        store_text(r->challenge),   store_text(r->credential),
        store_text(r->description), store_text(r->language),
        store_text(r->statement),   store_text(r->details),
        store_integer(r->digest),   store_boolean(r->documents),
        store_bytes(SLICE("")),     store_integer(ends),
    };
    struct store_rows rows;
    TRY(store_run(t,
                  "INSERT INTO csc_request(hash, portal, version, credential_scope, redirect, state, challenge, "
                  "credential, description, language, statement, details, digest, documents, chosen, operation, ends) "
                  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, '', $15, $16) RETURNING id",
                  values, sizeof values / sizeof *values, &rows, error));
    *id = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

rfd_status csc_request_keep(struct transaction *t, const struct csc_request *request, unsigned seconds, slice *uri,
                            struct rfd_error *error)
{
    char text[TOKEN_TEXT_SIZE];
    uint8_t hash[TOKEN_HASH_SIZE];
    int64_t id = 0;
    rfd_time ends = clock_now() + (rfd_time)seconds * RFD_SECOND;
    if (request->count > CSC_HASHES) return error_set(error, RFD_E_LIMIT, "%zu hashes", request->count);
    TRY(token_make(text, hash, error));
    TRY(put_row(t, request, slice_of(hash, sizeof hash), ends, &id, error));
    for (size_t i = 0; i < request->count; i++) {
        const struct store_value values[] = {store_integer(id), store_integer((int64_t)i),
                                             store_bytes(request->hashes[i].hash),
                                             store_text(request->hashes[i].label)};
        TRY(store_run(t, "INSERT INTO csc_request_hash(request, place, hash, label) VALUES ($1, $2, $3, $4)", values, 4,
                      NULL, error));
    }
    const char *made = arena_print(store_arena(t), URI "%s", text);
    if (made == NULL) return arena_failed(store_arena(t), error);
    *uri = slice_text(made);
    return RFD_OK;
}

/* ---- Finding ---- */

static rfd_status none(struct rfd_error *error)
{
    return error_set(error, RFD_E_NOT_FOUND, "there is no such request (any more)");
}

static rfd_status read_hashes(struct transaction *t, struct csc_request *r, struct rfd_error *error)
{
    const struct store_value value = store_integer(r->id);
    struct store_rows rows;
    TRY(store_run(t, "SELECT hash, label FROM csc_request_hash WHERE request = $1 ORDER BY place", &value, 1, &rows,
                  error));
    r->hashes = arena_zeroed(store_arena(t), rows.count + 1, sizeof *r->hashes);
    if (r->hashes == NULL) return arena_failed(store_arena(t), error);
    for (r->count = 0; r->count < rows.count; r->count++) {
        r->hashes[r->count] =
            (struct csc_hash){store_cell(&rows, r->count, 0)->bytes, store_cell(&rows, r->count, 1)->bytes};
    }
    return RFD_OK;
}

static void read_row(const struct store_value *v, struct csc_request_row *out)
{
    *out = (struct csc_request_row){.r = {.id = v[0].integer,
                                          .portal = v[1].integer,
                                          .version = (unsigned)v[2].integer,
                                          .credential_scope = v[3].integer != 0,
                                          .redirect = v[4].bytes,
                                          .state = v[5].bytes,
                                          .challenge = v[6].bytes,
                                          .credential = v[7].bytes,
                                          .description = v[8].bytes,
                                          .language = v[9].bytes,
                                          .statement = v[10].bytes,
                                          .details = v[11].bytes,
                                          .digest = (enum digest_id)v[12].integer,
                                          .documents = v[13].integer != 0},
                                    .account = store_reference_of(&v[14]),
                                    .chosen = v[15].bytes,
                                    .operation = v[16].bytes};
}

static rfd_status load(struct transaction *t, const char *where, const struct store_value *key,
                       struct csc_request_row *out, struct rfd_error *error)
{
    const struct store_value values[] = {*key, store_integer(clock_now())};
    struct store_rows rows;
    const char *sql = arena_print(
        store_arena(t),
        "SELECT id, portal, version, credential_scope, redirect, state, challenge, credential, description, language, "
        "statement, details, digest, documents, account, chosen, operation FROM csc_request WHERE %s = $1 AND "
        "ends > $2",
        where);
    if (sql == NULL) return arena_failed(store_arena(t), error);
    TRY(store_run(t, sql, values, 2, &rows, error));
    if (rows.count == 0) return none(error);
    read_row(store_cell(&rows, 0, 0), out);
    return read_hashes(t, &out->r, error);
}

static rfd_status load_by_uri(struct transaction *t, slice uri, struct csc_request_row *out, struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    if (!slice_starts(uri, SLICE(URI)) || uri.length != sizeof URI - 1 + TOKEN_TEXT_SIZE - 1) return none(error);
    TRY(token_hash(slice_from(uri, sizeof URI - 1), hash, error));
    const struct store_value key = store_bytes(slice_of(hash, sizeof hash));
    return load(t, "hash", &key, out, error);
}

rfd_status csc_request_find(struct transaction *t, slice uri, int64_t portal, struct csc_request *out,
                            struct rfd_error *error)
{
    struct csc_request_row row;
    TRY(load_by_uri(t, uri, &row, error));
    if (portal != 0 && row.r.portal != portal) return none(error);
    *out = row.r;
    return RFD_OK;
}

rfd_status csc_request_load(struct transaction *t, int64_t id, struct csc_request_row *out, struct rfd_error *error)
{
    const struct store_value key = store_integer(id);
    return load(t, "id", &key, out, error);
}

/* ---- Going on ---- */

static rfd_status remove_hashes(struct transaction *t, int64_t id, struct rfd_error *error)
{
    const struct store_value value = store_integer(id);
    return store_run(t, "DELETE FROM csc_request_hash WHERE request = $1", &value, 1, NULL, error);
}

rfd_status csc_request_start(struct transaction *t, const struct csc_request *request, slice *uri,
                             struct rfd_error *error)
{
    const struct store_value value = store_integer(request->id);
    struct store_rows rows;
    if (request->id != 0) {
        TRY(store_run(t, "DELETE FROM csc_request WHERE id = $1 AND account IS NULL", &value, 1, &rows, error));
        if (rows.changed == 0) return none(error);
        TRY(remove_hashes(t, request->id, error));
    }
    return csc_request_keep(t, request, CSC_REQUEST_SECONDS, uri, error);
}

rfd_status csc_request_open(struct transaction *t, const struct actor *actor, slice uri, struct csc_request *out,
                            struct rfd_error *error)
{
    struct csc_request_row row;
    struct store_rows rows;
    TRY(actor_check(actor, ACTION_CENTRAL_SIGN, NULL, error));
    TRY(load_by_uri(t, uri, &row, error));
    const struct store_value values[] = {store_integer(row.r.id), store_integer(actor->account)};
    TRY(store_run(t, "UPDATE csc_request SET account = $2 WHERE id = $1 AND (account IS NULL OR account = $2)", values,
                  2, &rows, error));
    if (rows.changed == 0) return none(error);
    *out = row.r;
    return RFD_OK;
}

rfd_status csc_request_begun(struct transaction *t, const struct actor *actor, int64_t id, slice credential,
                             slice operation, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(id), store_integer(actor->account), store_integer(clock_now()),
                                         store_text(credential), store_bytes(operation)};
    struct store_rows rows;
    TRY(store_run(t, "UPDATE csc_request SET chosen = $4, operation = $5 WHERE id = $1 AND account = $2 AND ends > $3",
                  values, 5, &rows, error));
    return rows.changed > 0 ? RFD_OK : none(error);
}

rfd_status csc_request_end(struct transaction *t, const struct actor *actor, int64_t id, slice operation,
                           struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(id), store_integer(actor->account), store_integer(clock_now()),
                                         store_bytes(operation)};
    struct store_rows rows;
    TRY(store_run(t, "DELETE FROM csc_request WHERE id = $1 AND account = $2 AND ends > $3 AND operation = $4", values,
                  4, &rows, error));
    if (rows.changed == 0) return error_set(error, RFD_E_ACTIVATION_ENDED, "the request has ended");
    return remove_hashes(t, id, error);
}

struct giving_up {
    const struct actor *actor;
    int64_t id;
    uint8_t operation[PERSONAL_OPERATION_SIZE];
    bool begun;
};

static rfd_status give_up(struct transaction *t, void *context, struct rfd_error *error)
{
    struct giving_up *g = context;
    const struct store_value values[] = {store_integer(g->id), store_integer(g->actor->account)};
    struct store_rows rows;
    TRY(store_run(t, "DELETE FROM csc_request WHERE id = $1 AND (account IS NULL OR account = $2) RETURNING operation",
                  values, 2, &rows, error));
    if (rows.count == 0) return none(error);
    slice operation = store_cell(&rows, 0, 0)->bytes;
    g->begun = operation.length == sizeof g->operation;
    if (g->begun) memcpy(g->operation, operation.data, operation.length);
    return remove_hashes(t, g->id, error);
}

rfd_status csc_request_give_up(const struct central *c, const struct actor *actor, const struct csc_request *request,
                               struct rfd_error *error)
{
    struct giving_up g = {.actor = actor, .id = request->id};
    TRY(store_write(c->store, give_up, &g, error));
    if (g.begun) central_forget(c, slice_of(g.operation, sizeof g.operation));
    return RFD_OK;
}
