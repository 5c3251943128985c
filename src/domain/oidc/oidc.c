/* SPDX-License-Identifier: EUPL-1.2
 *
 * Codes and tokens. What is wrong with an authorization request is a row of a table, in the order in which it is looked
 * at.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/url.h"
#include "domain/account/token.h"
#include "domain/audit/audit.h"
#include "domain/oidc/oidc_internal.h"
#include "domain/oidc/provider.h"
#include "pki/digest.h"

enum { CHALLENGE_LENGTH = 43, VERIFIER_LEAST = 43, VERIFIER_MOST = 128, STATE_MAXIMUM = 1024 };

bool oidc_scope_has(slice scopes, const char *scope)
{
    slice wanted = slice_text(scope);
    while (scopes.length > 0) {
        const uint8_t *blank = memchr(scopes.data, ' ', scopes.length);
        size_t length = blank == NULL ? scopes.length : (size_t)(blank - scopes.data);
        if (slice_equal(slice_part(scopes, 0, length), wanted)) return true;
        scopes = slice_from(scopes, length + 1);
    }
    return false;
}

/* ---- The authorization request ---- */

static bool wrong_type(const struct oidc_request *r)
{
    return !slice_is(r->response_type, "code");
}

static bool wrong_mode(const struct oidc_request *r)
{
    return r->response_mode.length > 0 && !slice_is(r->response_mode, "query");
}

static bool wrong_scope(const struct oidc_request *r)
{
    return !oidc_scope_has(r->scope, "openid") || !text_is_printable(r->scope) || r->scope.length > STATE_MAXIMUM;
}

/** RFC 7636 §4.2; "plain" is not taken (RFC 9700 §2.1.1). */
static bool wrong_challenge(const struct oidc_request *r)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (!slice_is(r->challenge_method, "S256") || r->challenge.length != CHALLENGE_LENGTH) return true;
    for (size_t i = 0; i < r->challenge.length; i++) {
        if (memchr(alphabet, r->challenge.data[i], sizeof alphabet - 1) == NULL) return true;
    }
    return false;
}

static bool wrong_text(const struct oidc_request *r)
{
    uint64_t seconds;
    if (r->max_age.length > 0 && !number_unsigned(r->max_age, UINT32_MAX, &seconds)) return true;
    return r->nonce.length > STATE_MAXIMUM || !text_is_printable(r->nonce) || r->state.length > OIDC_PARAMETER_MAXIMUM;
}

/** OpenID Connect Core §3.1.2.1: "none" stands alone. */
static bool wrong_prompt(const struct oidc_request *r)
{
    return oidc_scope_has(r->prompt, "none") && !slice_is(r->prompt, "none");
}

static bool has_object(const struct oidc_request *r)
{
    return r->object.length > 0;
}

static bool has_object_uri(const struct oidc_request *r)
{
    return r->object_uri.length > 0;
}

static const struct {
    bool (*wrong)(const struct oidc_request *request);
    const char *code;
} request_checks[] = {
    {has_object, "request_not_supported"},
    {has_object_uri, "request_uri_not_supported"},
    {wrong_type, "unsupported_response_type"},
    {wrong_mode, "invalid_request"},
    {wrong_scope, "invalid_scope"},
    {wrong_challenge, "invalid_request"},
    {wrong_prompt, "invalid_request"},
    {wrong_text, "invalid_request"},
};

rfd_status oidc_check(struct transaction *t, const struct oidc_request *request, struct oidc_client *client,
                      const char **code, struct rfd_error *error)
{
    struct oidc_client found;
    rfd_status status = oidc_client_by_name(t, request->client_id, &found, error);
    if (status == RFD_E_NOT_FOUND) return error_set(error, RFD_E_REQUEST, "client_id: there is no such program");
    TRY(status);
    if (!oidc_address_listed(found.redirects, request->redirect))
        return error_set(error, RFD_E_REQUEST, "redirect_uri: it is not one that was registered");
    *code = NULL;
    for (size_t i = 0; i < sizeof request_checks / sizeof *request_checks && *code == NULL; i++) {
        if (request_checks[i].wrong(request)) *code = request_checks[i].code;
    }
    *client = found;
    return RFD_OK;
}

bool oidc_wants_sign_in(const struct oidc_request *request, const struct session *session, rfd_time now)
{
    uint64_t seconds = 0;
    if (oidc_scope_has(request->prompt, "login") || oidc_scope_has(request->prompt, "select_account")) return true;
    if (request->max_age.length == 0 || !number_unsigned(request->max_age, UINT32_MAX, &seconds)) return false;
    return now - session->signed_in > (rfd_time)seconds * RFD_SECOND;
}

rfd_status oidc_authorize(struct transaction *t, const struct oidc_request *request, const struct oidc_client *client,
                          const struct session *session, const struct actor *actor, char code[ACCOUNT_TOKEN_SIZE],
                          struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    TRY(token_make(code, hash, error));
    const struct store_value values[] = {store_bytes(slice_of(hash, sizeof hash)),
                                         store_integer(client->id),
                                         store_integer(actor->account),
                                         store_integer(session->id),
                                         store_text(request->redirect),
                                         store_text(request->scope),
                                         store_text(request->nonce),
                                         store_text(request->challenge),
                                         store_integer(session->methods),
                                         store_integer(session->signed_in),
                                         store_boolean(false),
                                         store_integer(clock_now() + OIDC_CODE_SECONDS * RFD_SECOND)};
    TRY(store_run(t,
                  "INSERT INTO oidc_code(hash, client, account, session, redirect, scope, nonce, challenge, methods, "
                  "signed_in, used, ends) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                  values, 12, NULL, error));
    const char *object = arena_print(store_arena(t), "sso-client:%lld", (long long)client->id);
    if (object == NULL) return arena_failed(store_arena(t), error);
    const struct audit_event event = {
        .action = "sso.sign-in", .actor = actor_audit(actor, store_arena(t)), .object = slice_text(object)};
    return audit_put(t, &event, error);
}

/* ---- Exchange ---- */

/** Empty secrets are those of clients that have none: PKCE shows who began. */
static rfd_status check_client(struct transaction *t, const struct oidc_exchange *x, struct oidc_client *client,
                               bool *right, struct rfd_error *error)
{
    uint8_t given[TOKEN_HASH_SIZE];
    slice kept = SLICE_EMPTY;
    *right = false;
    rfd_status status = oidc_client_by_name(t, x->client_id, client, error);
    if (status == RFD_E_NOT_FOUND) return RFD_OK;
    TRY(status);
    TRY(oidc_client_secret_hash(t, client->id, &kept, error));
    TRY(token_hash(x->secret, given, error));
    *right = kept.length == 0 ? x->secret.length == 0 : secret_equal(kept, slice_of(given, sizeof given));
    return RFD_OK;
}

/** RFC 7636 §4.6. */
static rfd_status check_verifier(slice verifier, slice challenge, bool *right, struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct buf text;
    *right = false;
    if (verifier.length < VERIFIER_LEAST || verifier.length > VERIFIER_MOST) return RFD_OK;
    TRY(token_hash(verifier, hash, error));
    buf_init(&text, TOKEN_TEXT_SIZE);
    url_put_base64(&text, slice_of(hash, sizeof hash));
    *right = buf_status(&text) == RFD_OK && secret_equal(buf_slice(&text), challenge);
    buf_dispose(&text);
    return RFD_OK;
}

/** The code's row, now used, when it is this client's; a second use takes back what the first one gave. */
static rfd_status use_code(struct transaction *t, slice hash, const struct oidc_client *client, struct store_rows *rows,
                           struct rfd_error *error)
{
    const struct store_value values[] = {store_bytes(hash), store_integer(client->id), store_boolean(true),
                                         store_boolean(false)};
    TRY(store_run(
        t,
        "UPDATE oidc_code SET used = $3 WHERE hash = $1 AND client = $2 AND used = $4 RETURNING account, scope, "
        "nonce, challenge, methods, signed_in, redirect, ends",
        values, 4, rows, error));
    if (rows->count > 0) return RFD_OK;
    return store_run(t, "DELETE FROM oidc_token WHERE code = $1", values, 1, NULL, error);
}

static rfd_status add_token(struct transaction *t, slice code, struct oidc_grant *grant, rfd_time now,
                            struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    rfd_time ends = now + OIDC_TOKEN_SECONDS * RFD_SECOND;
    TRY(token_make(grant->token, hash, error));
    const struct store_value values[] = {store_bytes(slice_of(hash, sizeof hash)),
                                         store_bytes(code),
                                         store_integer(grant->client.id),
                                         store_integer(grant->account),
                                         store_text(grant->scope),
                                         store_integer(ends)};
    TRY(store_run(t, "INSERT INTO oidc_token(hash, code, client, account, scope, ends) VALUES ($1, $2, $3, $4, $5, $6)",
                  values, 6, NULL, error));
    /* The code is remembered as long as what it gave: so that its second use is seen. */
    const struct store_value keep[] = {store_bytes(code), store_integer(ends)};
    return store_run(t, "UPDATE oidc_code SET ends = $2 WHERE hash = $1", keep, 2, NULL, error);
}

static bool account_usable(const struct account *account)
{
    return !account->locked && !account->closed;
}

rfd_status oidc_exchange(struct transaction *t, const struct oidc_exchange *exchange, struct oidc_grant *out,
                         const char **code, struct rfd_error *error)
{
    struct oidc_grant grant = {.account = 0};
    struct account account;
    struct store_rows rows;
    uint8_t hash[TOKEN_HASH_SIZE];
    rfd_time now = clock_now();
    bool right = false;
    *code = "invalid_client";
    TRY(check_client(t, exchange, &grant.client, &right, error));
    if (!right) return RFD_OK;
    *code = "invalid_grant";
    TRY(token_hash(exchange->code, hash, error));
    TRY(use_code(t, slice_of(hash, sizeof hash), &grant.client, &rows, error));
    if (rows.count == 0 || store_cell(&rows, 0, 7)->integer <= now) return RFD_OK;
    TRY(check_verifier(exchange->verifier, store_cell(&rows, 0, 3)->bytes, &right, error));
    if (!right || !slice_equal(store_cell(&rows, 0, 6)->bytes, exchange->redirect)) return RFD_OK;
    grant.account = store_cell(&rows, 0, 0)->integer;
    grant.scope = store_cell(&rows, 0, 1)->bytes;
    grant.nonce = store_cell(&rows, 0, 2)->bytes;
    grant.methods = (unsigned)store_cell(&rows, 0, 4)->integer;
    grant.signed_in = store_cell(&rows, 0, 5)->integer;
    TRY(account_find(t, grant.account, &account, error));
    if (!account_usable(&account)) return RFD_OK;
    TRY(add_token(t, slice_of(hash, sizeof hash), &grant, now, error));
    *code = NULL;
    *out = grant;
    return RFD_OK;
}

/* ---- Access tokens ---- */

rfd_status oidc_token_find(struct transaction *t, slice token, int64_t *account, slice *scope, struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct store_rows rows;
    struct account found;
    *account = 0;
    TRY(token_hash(token, hash, error));
    const struct store_value values[] = {store_bytes(slice_of(hash, sizeof hash)), store_integer(clock_now())};
    TRY(store_run(t, "SELECT account, scope FROM oidc_token WHERE hash = $1 AND ends > $2", values, 2, &rows, error));
    if (rows.count == 0) return RFD_OK;
    *scope = store_cell(&rows, 0, 1)->bytes;
    TRY(account_find(t, store_cell(&rows, 0, 0)->integer, &found, error));
    if (account_usable(&found)) *account = found.id;
    return RFD_OK;
}

rfd_status oidc_token_revoke(struct transaction *t, slice token, struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    TRY(token_hash(token, hash, error));
    const struct store_value values[] = {store_bytes(slice_of(hash, sizeof hash))};
    return store_run(t, "DELETE FROM oidc_token WHERE hash = $1", values, 1, NULL, error);
}

static rfd_status sweep(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(*(const rfd_time *)context)};
    TRY(store_run(t, "DELETE FROM oidc_token WHERE ends <= $1", values, 1, NULL, error));
    TRY(store_run(t, "DELETE FROM oidc_code WHERE ends <= $1", values, 1, NULL, error));
    return provider_sweep(t, values[0].integer, error);
}

rfd_status oidc_sweep(struct store *store, rfd_time now, struct rfd_error *error)
{
    return store_write(store, sweep, &now, error);
}
