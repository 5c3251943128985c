/* SPDX-License-Identifier: EUPL-1.2
 *
 * Single sign-on: this installation as an OpenID Connect provider (OpenID Connect Core 1.0), authorization code flow
 * with PKCE (RFC 7636, S256 only) and nothing else: no implicit flow, no password grant, redirect addresses compared
 * octet by octet (RFC 9700). Codes and access tokens are random, kept as hashes; a code that is used twice takes back
 * what its first use gave. Identity tokens are signed by the keeper.
 *
 * Here is what is allowed and remembered; addresses and their parameters are in web/oidc.
 */
#ifndef DOMAIN_OIDC_H
#define DOMAIN_OIDC_H

#include "domain/account/account.h"
#include "domain/fault.h"

enum { OIDC_CODE_SECONDS = 60, OIDC_TOKEN_SECONDS = 600, OIDC_ADDRESSES = 10, OIDC_PARAMETER_MAXIMUM = 2048 };

/* ---- Clients ---- */

struct oidc_client {
    int64_t id;
    slice client_id; /* letters, digits, "-", "_", "." */
    slice name;      /* for people */
    slice redirects,
        logout_redirects; /* one address a line: https, or http on localhost; no fragment (RFC 6749 §3.1.2) */
    bool confidential;    /* has a secret */
    bool roles;           /* is told the person's roles (scope "roles") */
    bool enabled;
    rfd_time created;
};
/** Puts a new one (id 0), or changes one. A new confidential one, and one with `renew`, gets a secret, which is shown
 * once: `secret` is "" otherwise. Faults: "client_id", "name", "redirects", "logout_redirects". */
rfd_status oidc_client_put(struct transaction *t, const struct actor *actor, const struct oidc_client *client,
                           bool renew, struct faults *faults, int64_t *id, char secret[ACCOUNT_TOKEN_SIZE],
                           struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_NOT_FOUND, also of one that is not enabled (by its name; not by its number). */
rfd_status oidc_client_by_name(struct transaction *t, slice client_id, struct oidc_client *out,
                               struct rfd_error *error) RFD_MUST_CHECK;
rfd_status oidc_client_find(struct transaction *t, int64_t id, struct oidc_client *out,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** Whether the address is one of those, octet by octet. */
bool oidc_address_listed(slice addresses, slice address);
extern const struct list_definition oidc_client_list;

/* ---- Authorization ---- */

struct oidc_request { /* parameters of the authorization endpoint, decoded; empty when they were not sent */
    slice client_id, redirect, response_type, response_mode, scope, state, nonce, challenge, challenge_method, prompt,
        max_age, object, object_uri; /* the last two: "request" and "request_uri", which are not taken */
};
/** What is wrong with it as the code of RFC 6749 §4.1.2.1 or OpenID Connect Core §3.1.2.6 ("invalid_scope"), which goes
 * to the redirect address; NULL: nothing. An unknown client or redirect address is RFD_E_REQUEST: nobody is sent
 * anywhere. */
rfd_status oidc_check(struct transaction *t, const struct oidc_request *request, struct oidc_client *client,
                      const char **code, struct rfd_error *error) RFD_MUST_CHECK;
/** Whether the person has to sign in again: prompt=login, or longer ago than max_age. */
bool oidc_wants_sign_in(const struct oidc_request *request, const struct session *session, rfd_time now);
/** A code for who is signed in. */
rfd_status oidc_authorize(struct transaction *t, const struct oidc_request *request, const struct oidc_client *client,
                          const struct session *session, const struct actor *actor, char code[ACCOUNT_TOKEN_SIZE],
                          struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Tokens ---- */

struct oidc_exchange {
    slice client_id, secret; /* an empty secret: the client has none */
    slice code, redirect, verifier;
};
struct oidc_grant {
    struct oidc_client client;
    int64_t account;
    slice scope, nonce;
    unsigned methods; /* enum sign_in_method */
    rfd_time signed_in;
    char token[ACCOUNT_TOKEN_SIZE]; /* the access token, for OIDC_TOKEN_SECONDS */
};
/** Uses a code. `*code` is the code of RFC 6749 §5.2 when it is refused ("invalid_client", "invalid_grant"); then the
 * transaction has to be committed all the same (a replayed code takes back tokens). */
rfd_status oidc_exchange(struct transaction *t, const struct oidc_exchange *exchange, struct oidc_grant *out,
                         const char **code, struct rfd_error *error) RFD_MUST_CHECK;
/** Whose access token it is, and for what; account 0: it is none (any more), or the account was closed or locked. */
rfd_status oidc_token_find(struct transaction *t, slice token, int64_t *account, slice *scope,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** RFC 7009; unknown ones are no error. */
rfd_status oidc_token_revoke(struct transaction *t, slice token, struct rfd_error *error) RFD_MUST_CHECK;

/** Appends a JSON object with claims about the account (OpenID Connect Core §5.1): what the scope allows ("profile",
 * "email", "roles"), and always "sub" and "acr" ("basic", "advanced"). */
rfd_status oidc_claims(struct transaction *t, int64_t account, slice scope, struct buf *out,
                       struct rfd_error *error) RFD_MUST_CHECK;
/** The claims of an identity token (§2), a whole JSON object. */
rfd_status oidc_identity(struct transaction *t, const struct oidc_grant *grant, const char *issuer, rfd_time now,
                         struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Whether a scope is among those of a list separated by blanks. */
bool oidc_scope_has(slice scopes, const char *scope);

/** The worker's: codes and tokens that are over. */
rfd_status oidc_sweep(struct store *store, rfd_time now, struct rfd_error *error) RFD_MUST_CHECK;

#endif
