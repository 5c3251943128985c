/* SPDX-License-Identifier: EUPL-1.2
 *
 * The CSC API (Cloud Signature Consortium, 1.0.4 and 2.0) as the domain sees it: what a portal may ask for, tokens, and
 * signing hashes. Paths, parameters, error codes and descriptions are web/csc's.
 *
 * - A person's credential, "oauth2code", SCAL2: the portal pushes or sends a request (csc_request). The person agrees
 * to it on our pages with password and code (csc_begin, csc_activate). The portal gets a code, and for it a token that
 *   stands for the SAD.
 * - An entity's credential, "explicit", where the settings allow it: the portal sends the PIN (csc_authorise).
 *
 * The keeper's SAD is never stored: what is, is sealed under a key that only the code, and then only the token, gives
 * (csc_seal.c); of these the database has the SHA-256. A copy of the database signs nothing.
 */
#ifndef DOMAIN_CSC_CSC_H
#define DOMAIN_CSC_CSC_H

#include "domain/central/central.h"
#include "pki/digest.h"

enum {
    CSC_HASHES = PERSONAL_HASHES_MAXIMUM, /* "multisign" of every credential */
    CSC_CODE_SECONDS = 60,
    CSC_PUSHED_SECONDS = 90,
    CSC_REQUEST_SECONDS = 1800,       /* to sign in and agree */
    CSC_SERVICE_SECONDS = 3600,       /* of a token for scope "service" */
    CSC_REFRESH_SECONDS = 30 * 86400, /* of what renews it */
    CSC_TOKEN_SIZE = 44,              /* with its terminating zero */
    CSC_LABEL_MAXIMUM = 200,
    CSC_DESCRIPTION_MAXIMUM = 500,    /* characters */
    CSC_STATEMENT_MAXIMUM = 56 << 10, /* octets: of 200 documents with SHA-512, and a signature of RSA-4096 */
    CSC_ENDED_SECONDS = 86400         /* for which tokens that ended are told from those that never were */
};

/* ---- Requests for an authorization: request.c ---- */

struct csc_hash {
    slice hash;  /* octets */
    slice label; /* what people read of it; empty: "Document N" */
};
/** Parameters of oauth2/authorize, checked and decoded. */
struct csc_request {
    int64_t id; /* when it was kept; 0: not yet */
    int64_t portal;
    unsigned version; /* 1 or 2, by the address that was used */
    bool credential_scope;
    slice redirect, state, challenge /* RFC 7636, S256; empty: v1 without PKCE, for portals that prove themselves */;
    slice credential; /* empty: the person chooses */
    slice description, language;
    slice statement; /* the portal's JWS over the hashes that are shown (personal/protocol.h); empty: none */
    slice details;   /* authorization_details as they came, to be given back with the token; empty: none */
    enum digest_id digest;
    bool documents; /* hashes of documents that signDoc will sign, not of what signHash signs */
    struct csc_hash *hashes;
    size_t count;
};
/** Keeps it: pushed (RFC 9126), or while the person signs in; `uri` is "urn:ietf:params:oauth:request_uri:" and a
 * random text, good once for whoever starts with it. */
rfd_status csc_request_keep(struct transaction *t, const struct csc_request *request, unsigned seconds, slice *uri,
                            struct rfd_error *error) RFD_MUST_CHECK;
#define CSC_REQUEST_URI "urn:ietf:params:oauth:request_uri:"
/** RFD_E_NOT_FOUND when there is none (any more), or it is another portal's (0: whoever's). In the transaction's arena.
 */
rfd_status csc_request_find(struct transaction *t, slice uri, int64_t portal, struct csc_request *out,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** A browser has come with it: one that was pushed ends, and goes on under another `uri` for CSC_REQUEST_SECONDS.
 * RFD_E_NOT_FOUND for whoever comes second. */
rfd_status csc_request_start(struct transaction *t, const struct csc_request *request, slice *uri,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** For who is signed in, who takes it at first; another: RFD_E_NOT_FOUND. */
rfd_status csc_request_open(struct transaction *t, const struct actor *actor, slice uri, struct csc_request *out,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** Nobody agrees to it any more. RFD_E_NOT_FOUND */
rfd_status csc_request_give_up(const struct central *c, const struct actor *actor, const struct csc_request *request,
                               struct rfd_error *error) RFD_MUST_CHECK;

/* ---- The person agrees: agree.c ---- */

/** Scope "service": a code by which the portal may see the person's credentials. */
rfd_status csc_agree_service(struct transaction *t, const struct actor *actor, const struct packs *packs,
                             const struct csc_request *request, char code[CSC_TOKEN_SIZE],
                             struct rfd_error *error) RFD_MUST_CHECK;
/** Scope "credential": begins with the keeper, for this credential of the person's own; the text that people see names
 * portal, labels and hashes. Errors as signing_prepare(). */
rfd_status csc_begin(const struct central *c, const struct actor *actor, struct arena *a,
                     const struct csc_request *request, slice credential, enum personal_channel channel, slice language,
                     struct central_authorisation *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Activates with what the browser encrypted, and gives the code for the portal. Errors as signing_sign(). */
rfd_status csc_activate(const struct central *c, const struct actor *actor, struct arena *a,
                        const struct csc_request *request, slice credential, const uint8_t *operation,
                        const struct central_proofs *proofs, char code[CSC_TOKEN_SIZE],
                        struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Tokens: token.c ---- */

enum csc_token_kind {
    CSC_TOKEN_NONE,
    CSC_TOKEN_SERVICE,    /* lists, info, authorize of entities' credentials */
    CSC_TOKEN_CREDENTIAL, /* stands for a SAD: "SAD" of v1, Bearer of v2, or the answer of credentials/authorize */
    CSC_TOKEN_REFRESH
};
struct csc_token {
    int64_t id;
    enum csc_token_kind kind;
    unsigned version;
    struct portal portal;
    int64_t account, person; /* 0: the portal itself (client credentials, auth/login) */
    slice holder;            /* whose credentials: a person's; empty: the entity's that the portal may use */
    slice credential, details;
    bool documents;
    enum digest_id digest;
    unsigned count; /* hashes that were authorised */
    rfd_time ends;
    uint8_t sad[PERSONAL_SAD_SIZE]; /* of CSC_TOKEN_CREDENTIAL: to be wiped (secret_wipe) */
    char refresh[CSC_TOKEN_SIZE];   /* given with a new one; empty: none */
};
/** Whatever is wrong: account 0 and kind CSC_TOKEN_NONE are never answered, but RFD_E_UNAUTHORISED (unknown, revoked,
 * ended, its portal or account closed); then of `*out` only `ends` says something: when it ended, 0 of what is not
 * known at all. Of a transaction that reads. */
rfd_status csc_token_find(struct transaction *t, slice token, struct csc_token *out,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** A new one as `wanted` says. */
rfd_status csc_token_give(struct transaction *t, const struct csc_token *wanted, char token[CSC_TOKEN_SIZE],
                          struct rfd_error *error) RFD_MUST_CHECK;
struct csc_exchange {
    const struct portal *portal; /* proved (domain/central/portal_proof.h) */
    unsigned version;
    slice code, redirect, verifier; /* grant authorization_code */
    slice refresh;                  /* grant refresh_token: it is replaced (RFC 9700 §4.14.2) */
    bool own;                       /* grant client_credentials */
};
/** `*refused` is the code of RFC 6749 §5.2 with `*why` for error_description when it is refused; the transaction is
 * committed all the same (a code that comes twice takes back what its first use gave). */
rfd_status csc_token_exchange(struct transaction *t, const struct csc_exchange *exchange, struct csc_token *out,
                              char token[CSC_TOKEN_SIZE], const char **refused, const char **why,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** RFC 7009: one's own; a refresh token takes its access tokens along. Others and unknown ones are no error. */
rfd_status csc_token_revoke(struct transaction *t, int64_t portal, slice token, struct rfd_error *error) RFD_MUST_CHECK;
/** The same SAD under a new token; the old one ends (credentials/extendTransaction). */
rfd_status csc_token_renew(struct transaction *t, const struct csc_token *old, slice old_token,
                           char token[CSC_TOKEN_SIZE], struct rfd_error *error) RFD_MUST_CHECK;
/** Portals that somebody let see their certificates, and may do so now. In the transaction's arena. */
struct csc_access {
    int64_t portal;
    slice name;
    rfd_time since, ends;
};
rfd_status csc_accesses(struct transaction *t, const struct actor *actor, struct csc_access **out, size_t *count,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** Takes back all that the actor let this portal do; twice is once. */
rfd_status csc_access_end(struct transaction *t, const struct actor *actor, int64_t portal,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** The worker's: what has ended; tokens after CSC_ENDED_SECONDS. */
rfd_status csc_sweep(struct transaction *t, rfd_time now, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Credentials, authorising by PIN, signing: sign.c, authorise.c ---- */

/** Those that a token of scope "service" shows: the person's, or the entities' whose use the portal was granted
 * (domain/central/entity_seal.h). */
rfd_status csc_credentials(const struct central *c, const struct csc_token *token, struct arena *a,
                           struct central_credential **out, size_t *count, struct rfd_error *error) RFD_MUST_CHECK;
/** Explicit mode: the PIN is encrypted to the keeper at once and wiped by the caller; out comes a token of kind
 * CSC_TOKEN_CREDENTIAL. RFD_E_FORBIDDEN: explicit mode is off, or the credential is a person's; RFD_E_SLOW_DOWN: over
 * the grant's quota; RFD_E_ARGUMENT: a text that cannot be shown; and the keeper's. */
struct csc_order {
    const struct csc_token *token; /* of kind CSC_TOKEN_SERVICE */
    unsigned version;              /* that asks: in 1 hashes are what is signed; in 2 they may be of documents, too */
    slice credential, pin, description;
    slice statement; /* the portal's JWS over the hashes (personal/statement.c); empty: none */
    slice code;      /* of a seal that wants one (csc_send_code) */
    enum digest_id digest;
    const struct csc_hash *hashes;
    size_t count;
};
rfd_status csc_authorise(const struct central *c, const struct csc_order *order, struct arena *a,
                         char token[CSC_TOKEN_SIZE], rfd_time *ends, struct rfd_error *error) RFD_MUST_CHECK;
/** Explicit mode: a code goes to the mobile of who answers for the seal; its message names portal and seal. The next
 * csc_authorise() of the same portal and seal that gives it uses it up; each new one ends the one before.
 * RFD_E_FORBIDDEN: as above, or it wants no code; RFD_E_SLOW_DOWN: too many messages; RFD_E_CREDENTIAL_LOCKED. */
rfd_status csc_send_code(const struct central *c, const struct csc_token *token, slice credential, slice language,
                         struct arena *a, struct rfd_error *error) RFD_MUST_CHECK;
/** Signatures of these hashes in their order, in `a`: all or none. RFD_E_HASH_NOT_AUTHORISED, RFD_E_ACTIVATION_ENDED.
 */
rfd_status csc_sign(const struct central *c, const struct csc_token *token, const slice *hashes, size_t count,
                    struct arena *a, slice *signatures, struct rfd_error *error) RFD_MUST_CHECK;
/** Signatures for documents that were authorised by their own digests: of signed attributes that the keeper makes of
 * digest and certificate, with the time that comes out (CAdES) or without (`timed` false: PAdES; RFD_TIME_NONE). Else
 * as csc_sign(). What is authorised so signs nothing else. */
rfd_status csc_sign_documents(const struct central *c, const struct csc_token *token, bool timed, const slice *digests,
                              size_t count, struct arena *a, slice *signatures, rfd_time *time,
                              struct rfd_error *error) RFD_MUST_CHECK;

#endif
