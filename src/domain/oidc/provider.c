/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/oidc/provider.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "base/url.h"
#include "domain/account/account_internal.h"
#include "domain/account/token.h"

enum { ADDRESS_MAXIMUM = 8 << 10 };

/* ---- Going there ---- */

static void put_parameter(struct buf *b, const char *name, slice value)
{
    bool first = memchr(b->data, '?', b->length) == NULL;
    buf_print(b, "%c%s=", first ? '?' : '&', name);
    url_put_escaped(b, value, "");
}

/** What a worker has found out about the provider; NULL when none has, yet. */
static rfd_status load_metadata(struct transaction *t, const char *issuer, json_t **out, struct rfd_error *error)
{
    const struct store_value values[] = {store_text(slice_text(issuer))};
    struct store_rows rows;
    TRY(store_run(t, "SELECT metadata FROM provider WHERE issuer = $1", values, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_PEER_GONE, "%s was not reached yet", issuer);
    slice text = store_cell(&rows, 0, 0)->bytes;
    *out = json_loadb((const char *)text.data, text.length, 0, NULL);
    return *out == NULL ? error_set(error, RFD_E_PEER_GONE, "%s: its metadata", issuer) : RFD_OK;
}

struct secrets { /* of one way there and back */
    char state[TOKEN_TEXT_SIZE], nonce[TOKEN_TEXT_SIZE], verifier[TOKEN_TEXT_SIZE];
    uint8_t state_hash[TOKEN_HASH_SIZE], challenge[TOKEN_HASH_SIZE];
};

static rfd_status make_secrets(struct secrets *s, struct rfd_error *error)
{
    uint8_t ignored[TOKEN_HASH_SIZE];
    TRY(token_make(s->state, s->state_hash, error));
    TRY(token_make(s->nonce, ignored, error));
    return token_make(s->verifier, s->challenge, error); /* 43 letters are a verifier (RFC 7636 §4.1) */
}

static rfd_status write_address(struct transaction *t, const struct provider *provider, const char *endpoint,
                                const struct secrets *s, slice *out, struct rfd_error *error)
{
    struct buf b, challenge;
    buf_init(&b, ADDRESS_MAXIMUM);
    buf_init(&challenge, TOKEN_TEXT_SIZE);
    url_put_base64(&challenge, slice_of(s->challenge, sizeof s->challenge));
    buf_put_text(&b, endpoint);
    put_parameter(&b, "response_type", SLICE("code"));
    put_parameter(&b, "client_id", slice_text(provider->client_id));
    put_parameter(&b, "redirect_uri", slice_text(provider->redirect));
    put_parameter(&b, "scope", slice_text(provider->scope));
    put_parameter(&b, "state", slice_text(s->state));
    put_parameter(&b, "nonce", slice_text(s->nonce));
    put_parameter(&b, "code_challenge", buf_slice(&challenge));
    put_parameter(&b, "code_challenge_method", SLICE("S256"));
    rfd_status status = buf_check(&b, "address", error);
    if (status == RFD_OK) {
        *out = arena_copy(store_arena(t), buf_slice(&b));
        if (out->data == NULL) status = arena_failed(store_arena(t), error);
    }
    buf_dispose(&challenge);
    buf_dispose(&b);
    return status;
}

rfd_status provider_begin(struct transaction *t, const struct provider *provider, int64_t session, slice back,
                          slice *address, struct rfd_error *error)
{
    struct secrets s;
    json_t *metadata = NULL;
    rfd_status status;
    TRY_OUT(load_metadata(t, provider->issuer, &metadata, error));
    TRY_OUT(make_secrets(&s, error));
    const struct store_value values[] = {store_bytes(slice_of(s.state_hash, sizeof s.state_hash)),
                                         store_integer(session),
                                         store_text(slice_text(s.nonce)),
                                         store_text(slice_text(s.verifier)),
                                         store_text(back),
                                         store_integer(clock_now() + PROVIDER_MINUTES * ACCOUNT_MINUTE)};
    TRY_OUT(store_run(t,
                      "INSERT INTO provider_visit(hash, session, nonce, verifier, back, stage, code, holder, ends) "
                      "VALUES ($1, $2, $3, $4, $5, 'begun', '', '', $6)",
                      values, 6, NULL, error));
    TRY_OUT(write_address(t, provider, json_string_value(json_object_get(metadata, "authorization_endpoint")), &s,
                          address, error));
out:
    secret_wipe(&s, sizeof s);
    json_decref(metadata);
    return status;
}

/* ---- Coming back ---- */

/** RFC 9207: who answers says who it is, when it has promised to. */
static rfd_status is_from(struct transaction *t, const struct provider *provider, slice issuer, bool *right,
                          struct rfd_error *error)
{
    json_t *metadata = NULL;
    TRY(load_metadata(t, provider->issuer, &metadata, error));
    bool promised = json_is_true(json_object_get(metadata, "authorization_response_iss_parameter_supported"));
    json_decref(metadata);
    *right = issuer.length == 0 ? !promised : slice_is(issuer, provider->issuer);
    return RFD_OK;
}

rfd_status provider_return(struct transaction *t, const struct provider *provider, int64_t session,
                           const struct provider_answer *answer, enum provider_stage *stage, slice *back,
                           struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct store_rows rows;
    bool right = false;
    *stage = PROVIDER_UNKNOWN;
    *back = SLICE_EMPTY;
    TRY(token_hash(answer->state, hash, error));
    TRY(is_from(t, provider, answer->issuer, &right, error));
    right = right && answer->error.length == 0 && answer->code.length > 0 &&
            answer->code.length <= PROVIDER_PARAMETER_MAXIMUM && text_is_printable(answer->code);
    const struct store_value values[] = {store_bytes(slice_of(hash, sizeof hash)), store_integer(session),
                                         store_integer(clock_now()), store_text(right ? answer->code : SLICE_EMPTY),
                                         store_text(right ? SLICE("asked") : SLICE("failed"))};
    TRY(store_run(t,
                  "UPDATE provider_visit SET code = $4, stage = $5 WHERE hash = $1 AND session = $2 AND ends > $3 AND "
                  "stage = 'begun' RETURNING back",
                  values, 5, &rows, error));
    if (rows.count == 0) return RFD_OK;
    *back = store_cell(&rows, 0, 0)->bytes;
    *stage = right ? PROVIDER_WAITING : PROVIDER_REFUSED;
    return RFD_OK;
}

/** A code is of one account; a number may be of a person who holds several: then their own is meant. */
static rfd_status find_account(struct transaction *t, slice holder, bool by_number, int64_t *account,
                               struct rfd_error *error)
{
    static const char by_code_sql[] = "SELECT id FROM account WHERE code = $1 AND state <> 'closed'";
    static const char by_number_sql[] =
        "SELECT a.id FROM person p JOIN account a ON a.person = p.id WHERE p.number = $1 AND a.entity IS NULL AND "
        "a.state <> 'closed' LIMIT 2";
    struct store_rows rows;
    slice name = account_capitals(holder, store_arena(t));
    if (name.data == NULL) return arena_failed(store_arena(t), error);
    const struct store_value values[] = {store_text(name)};
    TRY(store_run(t, by_number ? by_number_sql : by_code_sql, values, 1, &rows, error));
    *account = rows.count == 1 ? store_cell(&rows, 0, 0)->integer : 0;
    return RFD_OK;
}

rfd_status provider_result(struct transaction *t, int64_t session, slice state, bool by_number,
                           enum provider_stage *stage, int64_t *account, slice *back, struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct store_rows rows;
    *stage = PROVIDER_UNKNOWN;
    *account = 0;
    *back = SLICE_EMPTY;
    TRY(token_hash(state, hash, error));
    const struct store_value values[] = {store_bytes(slice_of(hash, sizeof hash)), store_integer(session),
                                         store_integer(clock_now())};
    TRY(store_run(t, "SELECT stage, back, holder FROM provider_visit WHERE hash = $1 AND session = $2 AND ends > $3",
                  values, 3, &rows, error));
    if (rows.count == 0) return RFD_OK;
    slice said = store_cell(&rows, 0, 0)->bytes;
    slice holder = store_cell(&rows, 0, 2)->bytes;
    if (slice_is(said, "begun")) return RFD_OK;
    *back = store_cell(&rows, 0, 1)->bytes;
    if (slice_is(said, "asked") || slice_is(said, "working")) {
        *stage = PROVIDER_WAITING;
        return RFD_OK;
    }
    TRY(store_run(t, "DELETE FROM provider_visit WHERE hash = $1 AND session = $2", values, 2, &rows, error));
    if (rows.changed != 1) return RFD_OK; /* two at once: the other one was first */
    *stage = slice_is(said, "done") ? PROVIDER_DONE : PROVIDER_REFUSED;
    return *stage == PROVIDER_DONE ? find_account(t, holder, by_number, account, error) : RFD_OK;
}

/* ---- The worker ---- */

rfd_status provider_take(struct transaction *t, struct arena *a, struct provider_task *out, bool *found,
                         struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_integer(clock_now())};
    *found = false;
    TRY(store_run(t,
                  "UPDATE provider_visit SET stage = 'working' WHERE stage = 'asked' AND hash = (SELECT hash FROM "
                  "provider_visit WHERE stage = 'asked' AND ends > $1 ORDER BY ends LIMIT 1) RETURNING hash, code, "
                  "verifier, nonce",
                  values, 1, &rows, error));
    if (rows.count == 0) return RFD_OK;
    slice hash = store_cell(&rows, 0, 0)->bytes;
    if (hash.length != sizeof out->hash) return error_set(error, RFD_E_STORE, "provider_visit.hash");
    memcpy(out->hash, hash.data, sizeof out->hash);
    out->code = arena_copy(a, store_cell(&rows, 0, 1)->bytes);
    out->verifier = arena_copy(a, store_cell(&rows, 0, 2)->bytes);
    out->nonce = arena_copy(a, store_cell(&rows, 0, 3)->bytes);
    if (out->code.data == NULL || out->verifier.data == NULL || out->nonce.data == NULL) return arena_failed(a, error);
    *found = true;
    return RFD_OK;
}

rfd_status provider_settle(struct transaction *t, const uint8_t hash[32], slice holder, struct rfd_error *error)
{
    const struct store_value values[] = {store_bytes(slice_of(hash, TOKEN_HASH_SIZE)), store_text(holder),
                                         store_text(holder.length > 0 ? SLICE("done") : SLICE("failed"))};
    return store_run(t,
                     "UPDATE provider_visit SET stage = $3, holder = $2, code = '', verifier = '' WHERE hash = $1 AND "
                     "stage = 'working'",
                     values, 3, NULL, error);
}

rfd_status provider_keep(struct transaction *t, const char *issuer, slice metadata, slice keys, struct rfd_error *error)
{
    const struct store_value values[] = {store_text(slice_text(issuer)), store_text(metadata), store_text(keys),
                                         store_integer(clock_now())};
    return store_run(t,
                     "INSERT INTO provider(issuer, metadata, keys, fetched) VALUES ($1, $2, $3, $4) ON CONFLICT "
                     "(issuer) DO UPDATE SET metadata = excluded.metadata, keys = excluded.keys, fetched = "
                     "excluded.fetched",
                     values, 4, NULL, error);
}

rfd_status provider_sweep(struct transaction *t, rfd_time now, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(now)};
    return store_run(t, "DELETE FROM provider_visit WHERE ends <= $1", values, 1, NULL, error);
}
