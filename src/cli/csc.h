/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing with a remote service that speaks the API of the Cloud Signature Consortium, 1.0.4 or 2.0 (which of them, its
 * "info" tells). The key stays there; documents stay here: what travels is the digest of each.
 *
 *     open       info, and the way in: a token that was brought along, client credentials, a name and a password, or
 * the person's browser choose     one credential, with its chain of certificates prepare    every document, as in the
 * first of the two steps (two_step.h) authorise  all their hashes at once: PIN and code, or the person's browser again
 *     sign       these hashes; each signature is verified with the certificate, and only then embedded
 */
#ifndef CLI_CSC_H
#define CLI_CSC_H

#include "base/secret.h"
#include "cli/batch.h"
#include "cli/csc_http.h"
#include "cli/signing.h"
#include "pki/certificate/certificate.h"
#include "pki/digest.h"

enum { CSC_ALGORITHMS = 32, CSC_ID_MAXIMUM = 512, CSC_MULTISIGN_MAXIMUM = 200 };

enum csc_mode { CSC_IMPLICIT, CSC_EXPLICIT, CSC_BROWSER };
struct csc_credential {
    const char *id;
    const struct certificate *certificate;
    struct buf chain;                       /* PEM, signer first */
    const char *algorithms[CSC_ALGORITHMS]; /* OIDs */
    size_t algorithm_count;
    size_t multisign;
    enum csc_mode mode;
    bool pin, code;               /* are wanted */
    bool code_is_sent;            /* when it is asked for */
    const char *pin_id, *code_id; /* version 2: of the authentication objects */
};
struct csc_service {
    const struct arguments *arguments;
    struct csc_http http;
    struct arena arena;
    const char *base;                        /* "https://.../csc/v1" */
    unsigned version;                        /* 1 or 2 */
    const char *authorize, *token_url;       /* of OAuth 2.0; NULL: there is none */
    bool client_credentials, login, browser; /* the ways in that it has */
    struct secret client_secret, token, pin;
    struct csc_credential credential;
};

/* ---- csc_service.c, csc_login.c, csc_credential.c ---- */

rfd_status csc_open(const struct arguments *a, struct csc_service *s, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status csc_log_in(struct csc_service *s, struct rfd_error *error) RFD_MUST_CHECK;
/** The one of the arguments, or the only one. */
rfd_status csc_choose(struct csc_service *s, struct rfd_error *error) RFD_MUST_CHECK;
/** Safe on a zeroed struct; wipes. */
void csc_close(struct csc_service *s);
/** Posts to a method, with the token of the service, or with `bearer` where it is not NULL. Takes `body` over. */
rfd_status csc_call(const struct csc_service *s, const char *method, json_t *body, const struct secret *bearer,
                    long *http, json_t **out, struct rfd_error *error) RFD_MUST_CHECK;
/** A token of an answer. RFD_E_REMOTE_ANSWER. */
rfd_status csc_keep_token(const json_t *answer, const char *name, struct secret *out,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** Asks a person on the terminal, or reads the file's first line. */
rfd_status csc_secret(const char *file, const char *option, const char *question, struct secret *out,
                      struct rfd_error *error) RFD_MUST_CHECK;

/* ---- csc_browser.c ---- */

/** What the person is asked to agree to in their browser. */
struct csc_consent {
    bool credential; /* scope "credential", with hashes; else "service" */
    const slice *hashes;
    size_t count;
    enum digest_id digest;
};
/** The token that came of it (RFC 6749 §4.1 with RFC 7636 and RFC 8252). */
rfd_status csc_browse(const struct csc_service *s, const struct csc_consent *consent, struct secret *token,
                      struct rfd_error *error) RFD_MUST_CHECK;

/* ---- csc_authorise.c ---- */

struct csc_order {
    const slice *hashes;
    size_t count;
    enum digest_id digest;
    bool pss;
};
/** Appends the signatures to `signatures` (each in the arena of the service), in the order of the hashes. */
rfd_status csc_sign_hashes(struct csc_service *s, const struct csc_order *order, slice *signatures,
                           struct rfd_error *error) RFD_MUST_CHECK;

/* ---- csc_sign.c ---- */

/** Each document of the batch has its status; what ends all of it is returned. */
rfd_status csc_sign(const struct arguments *a, struct batch *b, struct signing *signing,
                    struct rfd_error *error) RFD_MUST_CHECK;

#endif
