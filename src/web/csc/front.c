/* SPDX-License-Identifier: EUPL-1.2
 *
 * A call's way: method → JSON (body.c) → tokens (one look into the database) → scope → how often → parameters by their
 * table → handler. What refuses ends it; what fails is told by its standard's name, and the log knows why.
 */
#include "base/error.h"
#include "base/log.h"
#include "base/secret.h"
#include "web/central/central_pages.h"
#include "web/csc/api.h"
#include "web/internal.h"

enum { TOKEN_MAXIMUM = 256 };

/* ---- Tokens ---- */

/** What outlives the transaction of a token: who, whose, for what. */
static rfd_status keep_token(struct csc_call *call, struct csc_token *token, struct rfd_error *error)
{
    struct arena *a = call->page->arena;
    const struct portal kept = {.id = token->portal.id,
                                .entity = token->portal.entity,
                                .name = token->portal.name,
                                .client = token->portal.client,
                                .quota = token->portal.quota};
    token->portal = kept;
    token->details = SLICE_EMPTY;
    TRY(store_keep(a, &token->portal.name, error));
    TRY(store_keep(a, &token->portal.client, error));
    TRY(store_keep(a, &token->holder, error));
    return store_keep(a, &token->credential, error);
}

/** Kind CSC_TOKEN_NONE: there is no such token; `ended`: there was. */
static rfd_status find(struct transaction *t, struct csc_call *call, slice text, struct csc_token *out, bool *ended,
                       struct rfd_error *error)
{
    *out = (struct csc_token){.kind = CSC_TOKEN_NONE};
    *ended = false;
    if (text.length == 0 || text.length > TOKEN_MAXIMUM) return RFD_OK;
    rfd_status status = csc_token_find(t, text, out, error);
    if (status == RFD_OK) return keep_token(call, out, error);
    *out = (struct csc_token){.kind = CSC_TOKEN_NONE};
    if (status != RFD_E_UNAUTHORISED) return status;
    error_clear(error);
    return csc_token_has_ended(t, text, ended, error);
}

struct looking {
    struct csc_call *call;
    slice sad; /* the parameter; empty: there is none */
    bool ended;
};

static rfd_status find_sad(struct transaction *t, struct looking *l, struct rfd_error *error)
{
    struct csc_call *call = l->call;
    if (l->sad.length > 0) {
        TRY(find(t, call, l->sad, &call->sad, &call->sad_ended, error));
        call->sad_text = l->sad;
    } else if (call->token.kind == CSC_TOKEN_CREDENTIAL) {
        call->sad = call->token;
        call->sad_text = call->token_text;
    }
    call->has_sad = call->sad.kind == CSC_TOKEN_CREDENTIAL;
    call->key_known = call->has_sad && csc_known_get(call->page->web->csc_known, call->sad.credential, &call->key);
    return call->key_known ? csc_in_force(t, call->key.registered, &call->key_in_force, error) : RFD_OK;
}

static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct looking *l = context;
    TRY(find(t, l->call, l->call->token_text, &l->call->token, &l->ended, error));
    if (l->call->token.kind == CSC_TOKEN_REFRESH) l->call->token.kind = CSC_TOKEN_NONE;
    if (l->call->token.kind == CSC_TOKEN_NONE) return RFD_OK;
    return find_sad(t, l, error);
}

/** RFC 6750 §2.1: exactly one header, of this scheme, with something behind it. */
static rfd_status read_header(struct csc_call *call, struct rfd_error *error)
{
    const struct http_request *request = call->page->request;
    if (http_request_header(request, "authorization", 0).data == NULL)
        return csc_no(call, CSC_NO_AUTHORIZATION_MISSING, error);
    call->token_text = program_bearer(call->page);
    if (http_request_header(request, "authorization", 1).data != NULL || call->token_text.length == 0)
        return csc_no(call, CSC_NO_AUTHORIZATION_MALFORMED, error);
    return RFD_OK;
}

static rfd_status check_token(struct csc_call *call, struct rfd_error *error)
{
    struct looking l = {.call = call, .sad = call->body == NULL ? SLICE_EMPTY : csc_text(call, "SAD")};
    if (call->method->scope == CSC_NO_TOKEN) return RFD_OK;
    TRY(read_header(call, error));
    TRY(page_read(call->page, look, &l, error));
    if (call->token.kind == CSC_TOKEN_NONE)
        return csc_no(call, l.ended ? CSC_NO_TOKEN_EXPIRED : CSC_NO_TOKEN_INVALID, error);
    bool allowed = call->token.kind == CSC_TOKEN_SERVICE || call->method->scope == CSC_CREDENTIAL;
    return allowed ? RFD_OK : csc_no(call, CSC_NO_SCOPE, error);
}

static rfd_status check_limit(struct csc_call *call, struct rfd_error *error)
{
    struct page *page = call->page;
    if (call->token.kind == CSC_TOKEN_NONE) return RFD_OK;
    unsigned wait = csc_wait(page, call->token.portal.id);
    if (wait == 0) return RFD_OK;
    page->retry_after = wait;
    return csc_no(call, CSC_NO_TOO_MANY, error);
}

/* ---- Together ---- */

bool csc_is_offered(const struct page *page, const struct csc_method *method)
{
    const struct settings *s = page_settings(page);
    if (method->offer == CSC_EXPLICIT) return s->central.explicit;
    if (method->offer != CSC_STAMPING) return true;
    const char *service = sign_options_service(s, page->arena);
    return service != NULL && service[0] != '\0';
}

static rfd_status serve(struct csc_call *call, struct rfd_error *error)
{
    struct page *page = call->page;
    slice body = page->request->body;
    if (!csc_is_offered(page, call->method)) return csc_no(call, CSC_NO_UNKNOWN, error);
    if (body.length == 0 || http_request_is(page->request, "application/json")) call->body = csc_read_body(body);
    TRY(check_token(call, error));
    TRY(check_limit(call, error));
    if (call->body == NULL) return csc_no(call, CSC_NO_MALFORMED, error);
    TRY(csc_check_parameters(call, error));
    if (call->method->scope != CSC_NO_TOKEN) TRY(page_central(page, &call->central, error));
    return call->method->handler(call, error);
}

/** What is not said by handlers. */
static enum csc_refusal refusal_of(rfd_status status)
{
    switch (status) {
    case RFD_E_SLOW_DOWN: return CSC_NO_TOO_MANY;
    case RFD_E_REQUEST:
    case RFD_E_MEDIA: return CSC_NO_MALFORMED;
    case RFD_E_LIMIT: /* of operations that are open with the keeper */
    case RFD_E_PEER_GONE:
    case RFD_E_BUSY:
    case RFD_E_CLOCK:
    case RFD_E_REVOCATION_MISSING:
    case RFD_E_NETWORK:
    case RFD_E_TSP:
    case RFD_E_TSP_REFUSED: return CSC_NO_UNAVAILABLE;
    default: return CSC_NO_SERVER;
    }
}

void csc_refuse_failure(struct page *page, const struct rfd_error *error)
{
    const rfd_status code = error->code;
    struct csc_refusal_row row = csc_refusal_row(refusal_of(code), csc_version(page));
    /* What the listener itself refuses, before there is a method: its status, and the standard's form. */
    if (code == RFD_E_METHOD || code == RFD_E_LIMIT || code == RFD_E_NOT_FOUND)
        row = (struct csc_refusal_row){NULL, rfd_status_http(code), "invalid_request", rfd_status_message(code)};
    csc_refuse(page, row.status, row.error, row.description);
}

static void answer_refusal(struct csc_call *call, rfd_status status, const struct rfd_error *error)
{
    struct page *page = call->page;
    if (call->refused.status == 0) {
        enum csc_refusal refusal = refusal_of(status);
        call->refused = csc_refusal_row(refusal, call->version);
        if (refusal != CSC_NO_TOO_MANY) log_failure(LOG_WARNING, "csc", "the request's line follows", error);
    }
    csc_refuse(page, call->refused.status, call->refused.error, call->refused.description);
    if (page->retry_after != 0) http_response_retry_after(page->response, page->retry_after);
}

rfd_status csc_serve(struct page *page, struct rfd_error *error)
{
    static const struct csc_method unknown = {.name = ""};
    unsigned version = csc_version(page);
    struct csc_call call = {.page = page, .version = version};
    (void)error;
    slice name = slice_from(page->request->path, sizeof CSC_V1);
    struct rfd_error why = RFD_ERROR_INIT;
    call.method = csc_method_find(version, name);
    bool known = call.method != NULL;
    if (!known) call.method = &unknown;
    rfd_status status = known ? serve(&call, &why) : csc_no(&call, CSC_NO_UNKNOWN, &why);
    if (status != RFD_OK) answer_refusal(&call, status, &why);
    json_decref(call.body);
    secret_wipe(call.token.sad, sizeof call.token.sad);
    secret_wipe(call.sad.sad, sizeof call.sad.sad);
    return RFD_OK;
}

const struct page_route csc_api_routes[] = {
    {HTTP_GET, CSC_V1 "/info", "csc-info", ACTION_PUBLIC, 0, CSC_PROGRAM, csc_serve},
    {HTTP_GET, CSC_V2 "/info", "csc-info", ACTION_PUBLIC, 0, CSC_PROGRAM, csc_serve},
    {HTTP_POST, CSC_V1 "/info", "csc-info", ACTION_PUBLIC, CSC_BODY_MAXIMUM, CSC_PROGRAM, csc_serve},
    {HTTP_POST, CSC_V2 "/info", "csc-info", ACTION_PUBLIC, CSC_BODY_MAXIMUM, CSC_PROGRAM, csc_serve},
    {HTTP_GET, CSC_V1 "/openapi.json", "csc-openapi", ACTION_PUBLIC, 0, CSC_PROGRAM, csc_openapi},
    {HTTP_GET, CSC_V2 "/openapi.json", "csc-openapi", ACTION_PUBLIC, 0, CSC_PROGRAM, csc_openapi},
    {HTTP_POST, CSC_V2 "/signatures/signDoc", "csc-documents", ACTION_PUBLIC, CSC_DOCUMENTS_BODY,
     CSC_PROGRAM | PAGE_SPOOL, csc_serve},
    {HTTP_POST, CSC_V1 "/{method*}", "csc-v1", ACTION_PUBLIC, CSC_BODY_MAXIMUM, CSC_PROGRAM, csc_serve},
    {HTTP_POST, CSC_V2 "/{method*}", "csc-v2", ACTION_PUBLIC, CSC_BODY_MAXIMUM, CSC_PROGRAM, csc_serve},
    {.pattern = NULL},
};
