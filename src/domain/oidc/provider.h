/* SPDX-License-Identifier: EUPL-1.2
 *
 * This installation as a program of another OpenID provider: people may sign in with the account that they have there
 * (OpenID Connect Core §3.1, with PKCE, state and nonce). The process of pages may not speak with the world: it writes
 * down what came back with the person (provider_return), a worker redeems it (provider_take, provider_settle), and the
 * page, which asks again every second, signs them in (provider_result). A provider that is slow, or never answers, so
 * keeps nobody else waiting.
 */
#ifndef DOMAIN_OIDC_PROVIDER_H
#define DOMAIN_OIDC_PROVIDER_H

#include "domain/account/account.h"

#include <jansson.h>

enum {
    PROVIDER_MINUTES = 10, /* to sign in there and come back */
    PROVIDER_PARAMETER_MAXIMUM = 4096,
    PROVIDER_HOLDER_MAXIMUM = 64
};

struct provider {
    const char *issuer, *client_id, *scope;
    const char *redirect; /* where people come back to */
};

/* ---- The pages' part ---- */

/** Sends somebody there: the address, in the transaction's arena. `back` is where they want to go afterwards.
 * RFD_E_PEER_GONE: no worker has found the provider yet. */
rfd_status provider_begin(struct transaction *t, const struct provider *provider, int64_t session, slice back,
                          slice *address, struct rfd_error *error) RFD_MUST_CHECK;
struct provider_answer { /* parameters of the way back; empty when they were not there */
    slice state, code, issuer, error;
};
enum provider_stage {
    PROVIDER_UNKNOWN, /* nobody was sent there from this session, or it was too long ago, or it was used already */
    PROVIDER_WAITING,
    PROVIDER_REFUSED, /* by the provider, or what it said was not right */
    PROVIDER_DONE
};
/** Takes what came back: WAITING for a worker, REFUSED, or UNKNOWN. `back` is of the transaction's arena. */
rfd_status provider_return(struct transaction *t, const struct provider *provider, int64_t session,
                           const struct provider_answer *answer, enum provider_stage *stage, slice *back,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** How far it is. DONE is said once: `account` is whom it was; 0: nobody whom we know. `by_number`: the provider says
 * identity numbers, not codes. */
rfd_status provider_result(struct transaction *t, int64_t session, slice state, bool by_number,
                           enum provider_stage *stage, int64_t *account, slice *back,
                           struct rfd_error *error) RFD_MUST_CHECK;

/* ---- The worker's part ---- */

struct provider_task {
    uint8_t hash[32];
    slice code, verifier, nonce; /* in the caller's arena */
};
/** One that waits; each is given to one worker only. */
rfd_status provider_take(struct transaction *t, struct arena *a, struct provider_task *out, bool *found,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** `holder` empty: refused. */
rfd_status provider_settle(struct transaction *t, const uint8_t hash[32], slice holder,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** What was found out about the provider: its metadata (checked by provider_check_metadata) and its JWK set. */
rfd_status provider_keep(struct transaction *t, const char *issuer, slice metadata, slice keys,
                         struct rfd_error *error) RFD_MUST_CHECK;

/** OpenID Connect Discovery §3, §4.3: that it is about this issuer, and says all that is needed. */
rfd_status provider_check_metadata(const json_t *metadata, const char *issuer, struct rfd_error *error) RFD_MUST_CHECK;
struct provider_expectation {
    const char *issuer, *client_id, *claim;
    slice nonce;
    rfd_time now;
};
/** The claims of a token whose signature is right (OpenID Connect Core §3.1.3.7): issuer, audience, authorized party,
 * times, nonce. `holder` is what the claim says, of the claims' memory. RFD_E_INVALID. */
rfd_status provider_check_claims(const json_t *claims, const struct provider_expectation *wanted, slice *holder,
                                 struct rfd_error *error) RFD_MUST_CHECK;

/** The worker's: who never came back. */
rfd_status provider_sweep(struct transaction *t, rfd_time now, struct rfd_error *error) RFD_MUST_CHECK;

#endif
