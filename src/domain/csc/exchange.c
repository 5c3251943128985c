/* SPDX-License-Identifier: EUPL-1.2
 *
 * Codes and refresh tokens become tokens. Each is used once, whoever comes first, and whatever comes of it: a code that
 * was shown with a wrong verifier is gone. What comes twice was stolen, by the one or by the other: all that came of it
 * is taken back (RFC 6749 §4.1.2, RFC 9700 §4.14.2).
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "base/url.h"
#include "domain/account/token.h"
#include "domain/audit/audit.h"
#include "domain/csc/csc_seal.h"
#include "domain/csc/token.h"

enum { VERIFIER_LEAST = 43, VERIFIER_MOST = 128 };

/** What comes of an exchange. */
struct exchanging {
    const struct csc_exchange *x;
    struct csc_token token;
    int64_t family;
    rfd_time now;
    const char *refused, *why;
};

static void refuse(struct exchanging *w, const char *why)
{
    w->refused = "invalid_grant";
    w->why = why;
}

static rfd_status take_back(struct transaction *t, const struct exchanging *w, int64_t family, const char *what,
                            struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    const struct portal *p = w->x->portal;
    const char *actor = arena_print(a, "portal:%.*s", (int)p->client.length, (const char *)p->client.data);
    const char *object = arena_print(a, "portal:%lld", (long long)p->id);
    const char *detail = arena_print(a, "{\"what\":\"%s\"}", what);
    if (actor == NULL || object == NULL || detail == NULL) return arena_failed(a, error);
    const struct audit_event event = {
        .action = "csc.replay", .actor = slice_text(actor), .object = slice_text(object), .detail = slice_text(detail)};
    TRY(csc_family_end(t, family, error));
    return audit_put(t, &event, error);
}

static rfd_status check_account(struct transaction *t, struct exchanging *w, struct rfd_error *error)
{
    bool usable = false;
    TRY(csc_account_usable(t, w->token.account, &usable, error));
    if (!usable) refuse(w, "The user's account is closed or locked");
    return RFD_OK;
}

/* ---- Codes ---- */

static const char invalid_code[] = "Authorization code is invalid or expired";

/** The code's row, from now on used; a second use takes back what the first one gave. */
static rfd_status use_code(struct transaction *t, struct exchanging *w, slice hash, struct store_rows *rows,
                           struct rfd_error *error)
{
    const struct store_value values[] = {store_bytes(hash), store_integer(w->x->portal->id), store_boolean(true)};
    struct store_rows used;
    TRY(store_run(t,
                  "UPDATE csc_code SET used = $3 WHERE hash = $1 AND portal = $2 AND NOT used RETURNING id, version, "
                  "credential_scope, account, person, holder, credential, details, digest, documents, count, sad_ends, "
                  "redirect, challenge, ends, sealed",
                  values, 3, rows, error));
    if (rows->count > 0) return RFD_OK;
    TRY(store_run(t, "SELECT id FROM csc_code WHERE hash = $1 AND portal = $2", values, 2, &used, error));
    if (used.count == 0) return RFD_OK;
    return take_back(t, w, store_cell(&used, 0, 0)->integer, "code", error);
}

static void read_code(struct exchanging *w, const struct store_value *v)
{
    w->family = v[0].integer;
    w->token = (struct csc_token){.version = (unsigned)v[1].integer,
                                  .kind = v[2].integer != 0 ? CSC_TOKEN_CREDENTIAL : CSC_TOKEN_SERVICE,
                                  .portal = *w->x->portal,
                                  .account = v[3].integer,
                                  .person = v[4].integer,
                                  .holder = v[5].bytes,
                                  .credential = v[6].bytes,
                                  .details = v[7].bytes,
                                  .digest = (enum digest_id)v[8].integer,
                                  .documents = v[9].integer != 0,
                                  .count = (unsigned)v[10].integer,
                                  .ends = v[11].integer};
}

/** RFC 7636 §4.6; without a challenge there is no verifier (RFC 9700 §2.1.1). */
static rfd_status check_verifier(slice verifier, slice challenge, bool *right, struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct buf text;
    *right = challenge.length == 0 && verifier.length == 0;
    if (challenge.length == 0 || verifier.length < VERIFIER_LEAST || verifier.length > VERIFIER_MOST) return RFD_OK;
    TRY(token_hash(verifier, hash, error));
    buf_init(&text, TOKEN_TEXT_SIZE);
    url_put_base64(&text, slice_of(hash, sizeof hash));
    *right = buf_status(&text) == RFD_OK && secret_equal(buf_slice(&text), challenge);
    buf_dispose(&text);
    return RFD_OK;
}

/** It may be left out where there is only one. */
static bool same_redirect(const struct csc_exchange *x, slice redirect)
{
    if (x->redirect.length == 0) return x->portal->return_count == 1 && slice_equal(x->portal->returns[0], redirect);
    return slice_equal(x->redirect, redirect);
}

static rfd_status check_code(struct transaction *t, struct exchanging *w, const struct store_value *v,
                             struct rfd_error *error)
{
    bool right = false;
    read_code(w, v);
    TRY(check_verifier(w->x->verifier, v[13].bytes, &right, error));
    if (v[14].integer <= w->now || w->token.version != w->x->version)
        refuse(w, invalid_code);
    else if (!same_redirect(w->x, v[12].bytes))
        refuse(w, "redirect_uri parameter does not match");
    else if (!right)
        refuse(w, "code_verifier does not match");
    else if (w->token.kind == CSC_TOKEN_CREDENTIAL &&
             (w->token.ends <= w->now || !csc_unseal(CSC_SEAL_CODE, w->x->code, v[15].bytes, &w->token)))
        refuse(w, invalid_code);
    else
        TRY(check_account(t, w, error));
    return RFD_OK;
}

static rfd_status give_for_code(struct transaction *t, struct exchanging *w, char token[CSC_TOKEN_SIZE],
                                struct rfd_error *error)
{
    struct csc_token refresh = w->token;
    bool service = w->token.kind == CSC_TOKEN_SERVICE;
    if (service) w->token.ends = w->now + CSC_SERVICE_SECONDS * RFD_SECOND;
    /* The code is remembered as long as anything of its family can be used: so that its second use is seen. */
    rfd_time ends = service ? w->now + CSC_REFRESH_SECONDS * RFD_SECOND : w->token.ends;
    const struct store_value keep[] = {store_integer(w->family), store_integer(ends), store_bytes(SLICE(""))};
    TRY(store_run(t, "UPDATE csc_code SET ends = $2, sealed = $3 WHERE id = $1", keep, 3, NULL, error));
    TRY(csc_token_put(t, &w->token, w->family, token, error));
    if (!service) return RFD_OK;
    refresh.kind = CSC_TOKEN_REFRESH;
    refresh.ends = 0;
    return csc_token_put(t, &refresh, w->family, w->token.refresh, error);
}

static rfd_status exchange_code(struct transaction *t, struct exchanging *w, char token[CSC_TOKEN_SIZE],
                                struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct store_rows rows;
    TRY(token_hash(w->x->code, hash, error));
    TRY(use_code(t, w, slice_of(hash, sizeof hash), &rows, error));
    if (rows.count == 0)
        refuse(w, invalid_code);
    else
        TRY(check_code(t, w, store_cell(&rows, 0, 0), error));
    return w->refused == NULL ? give_for_code(t, w, token, error) : RFD_OK;
}

/* ---- Refresh tokens ---- */

static rfd_status use_refresh(struct transaction *t, struct exchanging *w, slice hash, struct store_rows *rows,
                              struct rfd_error *error)
{
    const struct store_value values[] = {store_bytes(hash), store_integer(w->x->portal->id),
                                         store_integer(CSC_TOKEN_REFRESH), store_boolean(true)};
    struct store_rows used;
    TRY(store_run(t,
                  "UPDATE csc_token SET used = $4 WHERE hash = $1 AND portal = $2 AND kind = $3 AND NOT used RETURNING "
                  "family, version, account, person, holder, ends",
                  values, 4, rows, error));
    if (rows->count > 0) return RFD_OK;
    TRY(store_run(t, "SELECT family FROM csc_token WHERE hash = $1 AND portal = $2 AND kind = $3", values, 3, &used,
                  error));
    if (used.count == 0) return RFD_OK;
    return take_back(t, w, store_reference_of(store_cell(&used, 0, 0)), "refresh_token", error);
}

/** What renews ends when the first one would have: then the person is asked again. */
static rfd_status give_for_refresh(struct transaction *t, struct exchanging *w, char token[CSC_TOKEN_SIZE],
                                   struct rfd_error *error)
{
    struct csc_token refresh = w->token;
    rfd_time hour = w->now + CSC_SERVICE_SECONDS * RFD_SECOND;
    refresh.kind = CSC_TOKEN_REFRESH;
    w->token.ends = hour < refresh.ends ? hour : refresh.ends;
    TRY(csc_token_put(t, &w->token, w->family, token, error));
    return csc_token_put(t, &refresh, w->family, w->token.refresh, error);
}

static rfd_status exchange_refresh(struct transaction *t, struct exchanging *w, char token[CSC_TOKEN_SIZE],
                                   struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct store_rows rows;
    TRY(token_hash(w->x->refresh, hash, error));
    TRY(use_refresh(t, w, slice_of(hash, sizeof hash), &rows, error));
    if (rows.count > 0) {
        const struct store_value *v = store_cell(&rows, 0, 0);
        w->family = store_reference_of(&v[0]);
        w->token = (struct csc_token){.kind = CSC_TOKEN_SERVICE,
                                      .portal = *w->x->portal,
                                      .version = (unsigned)v[1].integer,
                                      .account = store_reference_of(&v[2]),
                                      .person = store_reference_of(&v[3]),
                                      .holder = v[4].bytes,
                                      .ends = v[5].integer};
    }
    if (rows.count == 0 || w->token.ends <= w->now || w->token.version != w->x->version)
        refuse(w, "Refresh token expired");
    else
        TRY(check_account(t, w, error));
    return w->refused == NULL ? give_for_refresh(t, w, token, error) : RFD_OK;
}

/* ---- All ---- */

static rfd_status exchange_own(struct transaction *t, struct exchanging *w, char token[CSC_TOKEN_SIZE],
                               struct rfd_error *error)
{
    w->token = (struct csc_token){.kind = CSC_TOKEN_SERVICE,
                                  .portal = *w->x->portal,
                                  .version = w->x->version,
                                  .ends = w->now + CSC_SERVICE_SECONDS * RFD_SECOND};
    return csc_token_put(t, &w->token, 0, token, error);
}

rfd_status csc_token_exchange(struct transaction *t, const struct csc_exchange *exchange, struct csc_token *out,
                              char token[CSC_TOKEN_SIZE], const char **refused, const char **why,
                              struct rfd_error *error)
{
    struct exchanging w = {.x = exchange, .now = clock_now()};
    rfd_status status;
    if (exchange->own)
        status = exchange_own(t, &w, token, error);
    else if (exchange->refresh.length > 0)
        status = exchange_refresh(t, &w, token, error);
    else
        status = exchange_code(t, &w, token, error);
    secret_wipe(w.token.sad, sizeof w.token.sad); /* nobody needs it here */
    if (status != RFD_OK) return status;
    *refused = w.refused;
    *why = w.why;
    *out = w.token;
    secret_wipe(w.token.refresh, sizeof w.token.refresh);
    return RFD_OK;
}
