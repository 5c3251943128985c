/* SPDX-License-Identifier: EUPL-1.2
 *
 * What all addresses of the CSC API have in common: how they answer and refuse.
 */
#include "base/error.h"
#include "base/memory.h"
#include "web/csc/csc_pages.h"
#include "web/internal.h"

const struct csc_oauth_row csc_oauth_rows[CSC_OAUTH_REFUSALS] = {
#define A CSC_OAUTH_AUTHORIZE
#define P CSC_OAUTH_PUSH
#define T CSC_OAUTH_TOKEN
#define R CSC_OAUTH_REVOKE
#define OAUTH_REFUSAL(name, endpoints, versions, parameter, status, error, description)                                \
    [CSC_OAUTH_##name] = {endpoints, versions, parameter, status, error, description},
#include "web/csc/oauth_refusals.def"
#undef OAUTH_REFUSAL
#undef A
#undef P
#undef T
#undef R
};

unsigned csc_version(const struct page *page)
{
    return slice_starts(page->request->path, SLICE(CSC_V1 "/")) ? 1 : 2;
}

const char *csc_issuer(const struct page *page, unsigned version)
{
    const char *text = arena_print(page->arena, "%s%s", page_settings(page)->web.url, version == 1 ? CSC_V1 : CSC_V2);
    return text == NULL ? "" : text;
}

rfd_status csc_put_json(struct page *page, json_t *json, struct rfd_error *error)
{
    char *text = json_dumps(json, JSON_COMPACT);
    slice copy = text == NULL ? SLICE_EMPTY : arena_copy(page->arena, slice_text(text));
    memory_wipe_and_free(text);
    json_decref(json);
    if (copy.data == NULL) return error_memory(error);
    http_response_body(page->response, "application/json", copy);
    return RFD_OK;
}

rfd_status csc_answer(struct page *page, json_t *json, struct rfd_error *error)
{
    http_response_cache(page->response, HTTP_NO_STORE, 0);
    return csc_put_json(page, json, error);
}

void csc_answer_nothing(struct page *page)
{
    page->response->status = 204;
    http_response_cache(page->response, HTTP_NO_STORE, 0);
}

/** RFC 6749 §5.2 for clients, RFC 6750 §3 for tokens. */
static slice challenge(const char *error)
{
    if (strcmp(error, "invalid_client") == 0) return SLICE("Basic realm=\"refrenda\"");
    return strcmp(error, "invalid_token") == 0 ? SLICE("Bearer error=\"invalid_token\"") : SLICE("Bearer");
}

void csc_refuse(struct page *page, int status, const char *error, const char *description)
{
    json_t *json = json_object();
    (void)json_object_set_new(json, "error", json_string(error));
    if (description != NULL) (void)json_object_set_new(json, "error_description", json_string(description));
    page->response->status = status;
    if (csc_answer(page, json, NULL) != RFD_OK) http_response_body(page->response, "application/json", SLICE("{}"));
    if (status == 401) http_response_header(page->response, "WWW-Authenticate", challenge(error));
}

void csc_oauth_refuse(struct page *page, enum csc_oauth_refusal refusal)
{
    const struct csc_oauth_row *row = &csc_oauth_rows[refusal];
    csc_refuse(page, row->status, row->error, row->description);
}

/** A portal is a network of its own for this. */
unsigned csc_wait(const struct page *page, int64_t portal)
{
    struct http_address counted = {.family = HTTP_IPV6, .bytes = {0xFD}};
    for (unsigned i = 0; i < 6; i++) counted.bytes[1 + i] = (uint8_t)((uint64_t)portal >> (40 - 8 * i));
    return limit_take(page->web->csc_limit, &counted, page->now);
}
