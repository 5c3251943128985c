/* SPDX-License-Identifier: EUPL-1.2
 *
 * The CSC API (domain/csc): addresses under /csc/v1 and /csc/v2. Parameters, error codes and descriptions are decided
 * here; what is allowed is the domain's.
 */
#ifndef WEB_CSC_PAGES_H
#define WEB_CSC_PAGES_H

#include "domain/csc/csc.h"
#include "http/response.h"
#include "web/program.h"

#include <jansson.h>

#define CSC_V1 "/csc/v1"
#define CSC_V2 "/csc/v2"
/* Where people agree; behind it, what ends the request's request_uri. */
#define AGREEMENT "/autorizaciones"
/* What they let portals do. */
#define ACCESSES "/certificados/central/portales"

/* For programs, on both listeners: who comes with a TLS client certificate has it on the one for certificates. The
 * token of a request is program_bearer() (web/program.h). */
enum { CSC_PROGRAM = PAGE_NO_SESSION | PAGE_NO_CSRF | PAGE_BOTH, CSC_BODY_MAXIMUM = 256 << 10 };

/* ---- oauth_common.c: what all addresses have in common ---- */

/** 1 or 2, by the address. */
unsigned csc_version(const struct page *page);
/** "https://host/csc/v1": issuer of the tokens, and base of the addresses. In the arena. */
const char *csc_issuer(const struct page *page, unsigned version);
/** {"error","error_description"}; 401 has WWW-Authenticate, and nothing is kept anywhere. `description` NULL: none. */
void csc_refuse(struct page *page, int status, const char *error, const char *description);
/* What the OAuth 2.0 endpoints refuse with: oauth_refusals.def. */
enum csc_oauth_refusal {
#define OAUTH_REFUSAL(name, endpoints, versions, parameter, status, error, description) CSC_OAUTH_##name,
#include "web/csc/oauth_refusals.def"
#undef OAUTH_REFUSAL
    CSC_OAUTH_REFUSALS
};
enum csc_oauth_endpoint {
    CSC_OAUTH_AUTHORIZE = 1,
    CSC_OAUTH_PUSH = 2,
    CSC_OAUTH_TOKEN = 4,
    CSC_OAUTH_REVOKE = 8,
};
struct csc_oauth_row {
    unsigned endpoints, versions; /* enum csc_oauth_endpoint; 1, 2, or 3: both */
    const char *parameter;        /* of 1.0.4; "": of none alone */
    int status;
    const char *error, *description;
};
extern const struct csc_oauth_row csc_oauth_rows[CSC_OAUTH_REFUSALS];
/** As csc_refuse(), with this row's words. */
void csc_oauth_refuse(struct page *page, enum csc_oauth_refusal refusal);
/** Seconds that this portal has to wait, as its requests of a minute are used up (central.requests); 0: none. */
unsigned csc_wait(const struct page *page, int64_t portal);
/** Puts it into the answer, takes it. */
rfd_status csc_put_json(struct page *page, json_t *json, struct rfd_error *error) RFD_MUST_CHECK;
/** Answers with this, which nobody keeps; takes it. 200 unless the status was set. */
rfd_status csc_answer(struct page *page, json_t *json, struct rfd_error *error) RFD_MUST_CHECK;
/** 204. */
void csc_answer_nothing(struct page *page);
/** The portal that asks, by whatever proof came with the request (web/program.h); in a transaction of its own. When it
 * is none, the refusal is answered and *refused is true. Texts are kept for the page. */
rfd_status csc_client(struct page *page, const struct http_fields *form, const char *endpoint, struct portal *out,
                      bool *refused, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- parameters.c: what portals ask for, from a query or a form ---- */

struct csc_asked {
    const struct http_fields *fields;
    unsigned version;
    const struct portal *portal;
    struct csc_request request; /* in the page's arena */
    const char *refused, *why;  /* RFC 6749 §4.1.2.1, with its description (oauth_refusals.def); NULL: it is right */
};
/** Reads all but `client_id`, `redirect_uri` and `request_uri`. */
rfd_status csc_ask_read(struct page *page, struct csc_asked *asked, struct rfd_error *error) RFD_MUST_CHECK;
/** Where people are sent back to: one of the portal's, octet by octet; the only one, where none is named. False: none.
 */
bool csc_ask_redirect(const struct http_fields *fields, const struct portal *portal, slice *out);
/** Into the page's arena, to outlive a transaction. */
rfd_status csc_ask_keep(struct page *page, struct csc_request *request, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- oauth_*.c, authorize*.c ---- */

page_handler csc_metadata;                                               /* oauth_metadata.c */
page_handler csc_push_answer, csc_token_answer, csc_oauth_revoke_answer; /* oauth_push.c, oauth_token.c */
page_handler csc_authorize;                                              /* authorize.c */
page_handler agreement_show, agreement_service, agreement_begin, agreement_again, agreement_finish, agreement_cancel;

/** Portals that somebody let see their certificates: `portals`, `with_portals`. access.c */
rfd_status accesses_put(struct page *page, struct rfd_error *error) RFD_MUST_CHECK;
page_handler access_withdraw_show, access_withdraw_send;

#endif
