/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who asks, and how answers look: JSON, and problems (RFC 9457) where something is wrong.
 */
#include "web/portals/portal_pages.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "domain/csc/csc.h"
#include "web/central/central_pages.h"

#include <stdlib.h>

/* ---- Who asks ---- */

struct proving {
    struct page *page;
    struct api_caller *caller;
    slice bearer;
    struct portal_proof proof;
};

static rfd_status keep_portal(const struct page *page, const struct portal *found, struct portal *out,
                              struct rfd_error *error)
{
    struct portal p = *found;
    slice *const texts[] = {&p.name, &p.client, &p.key, &p.certificate_hash, &p.secret_hash, &p.webhook};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) TRY(store_keep(page->arena, texts[i], error));
    for (size_t i = 0; i < p.return_count; i++) TRY(store_keep(page->arena, &p.returns[i], error));
    *out = p;
    return RFD_OK;
}

/** A token that stands for a person who let the portal see their credentials is none for this. */
static rfd_status find_token(struct transaction *t, void *context, struct rfd_error *error)
{
    struct proving *w = context;
    struct csc_token token;
    TRY(csc_token_find(t, w->bearer, &token, error));
    bool own = token.kind == CSC_TOKEN_SERVICE && token.account == 0 && token.person == 0;
    rfd_status status = own ? keep_portal(w->page, &token.portal, &w->caller->portal, error)
                            : error_set(error, RFD_E_UNAUTHORISED, "a token for something else");
    secret_wipe(&token, sizeof token);
    return status;
}

static rfd_status prove(struct transaction *t, void *context, struct rfd_error *error)
{
    struct proving *w = context;
    struct portal portal;
    TRY(portal_prove(t, &w->proof, &portal, error));
    return keep_portal(w->page, &portal, &w->caller->portal, error);
}

/** Nothing but the name is taken from the query: secrets have no place in addresses, nor have assertions. So nothing
 * is remembered of it, and who is refused writes nothing: they would have everybody's writes done over again. */
static rfd_status prove_without_token(struct proving *w, struct rfd_error *error)
{
    struct page *page = w->page;
    struct http_field field = {.name = SLICE("client_id")};
    TRY(http_request_query(page->request, "client_id", &field.value, error));
    const struct http_fields form = {.items = &field, .count = field.value.length > 0 ? 1 : 0};
    const char *endpoint = arena_print(page->arena, "%s" OPERATIONS, page_settings(page)->web.url);
    if (endpoint == NULL) return arena_failed(page->arena, error);
    TRY(program_proof(page, &form, page_settings(page)->web.url, endpoint, &w->proof, error));
    return page_read(page, prove, w, error);
}

rfd_status api_caller_of(struct page *page, struct api_caller *out, struct rfd_error *error)
{
    struct proving w = {.page = page, .caller = out, .bearer = program_bearer(page)};
    if (w.bearer.length > 0)
        TRY(page_read(page, find_token, &w, error));
    else
        TRY(prove_without_token(&w, error));
    return redirect_actor(&out->portal, page->arena, &out->actor, error);
}

/* ---- Answers ---- */

static void put_body(struct page *page, const char *type, slice text)
{
    http_response_body(page->response, type, text);
    http_response_cache(page->response, HTTP_NO_STORE, 0);
}

static rfd_status dump(struct page *page, json_t *json, slice *out, struct rfd_error *error)
{
    size_t size = json == NULL ? 0 : json_dumpb(json, NULL, 0, JSON_COMPACT);
    char *text = size == 0 ? NULL : arena_allocate(page->arena, size);
    if (text != NULL) (void)json_dumpb(json, text, size, JSON_COMPACT);
    json_decref(json);
    if (text == NULL) return error_memory(error);
    *out = slice_of(text, size);
    return RFD_OK;
}

rfd_status api_answer(struct page *page, int status, json_t *json, struct rfd_error *error)
{
    slice text;
    TRY(dump(page, json, &text, error));
    page->response->status = status;
    put_body(page, "application/json", text);
    return RFD_OK;
}

/** "document-2" of the domain is "/documents/1"; others are named as they are. What a program named itself is a pointer
 * already (api_read.c). */
static const char *pointer_of(const struct page *page, const char *field)
{
    uint64_t place = 0;
    slice name = slice_text(field);
    if (name.length == 0 || name.data[0] == '/') return field;
    if (slice_is(name, "document")) return "/documents";
    if (slice_starts(name, SLICE("document-")) &&
        number_unsigned(slice_from(name, strlen("document-")), SIGNING_DOCUMENTS, &place) && place > 0)
        return arena_print(page->arena, "/documents/%llu", (unsigned long long)place - 1);
    return arena_print(page->arena, "/%s", field);
}

rfd_status api_answer_faults(struct page *page, const struct faults *faults, struct rfd_error *error)
{
    json_t *errors = json_array();
    slice text;
    const char *name = rfd_status_name(RFD_E_INVALID);
    for (unsigned i = 0; i < faults->count; i++) {
        const char *pointer = pointer_of(page, faults->items[i].field);
        (void)json_array_append_new(errors, json_pack("{s:s, s:s}", "pointer", pointer == NULL ? "" : pointer, "detail",
                                                      page_text(page, faults->items[i].message)));
    }
    TRY(dump(page,
             json_pack("{s:o, s:s, s:i, s:s, s:s, s:o}", "type", json_sprintf("tag:refrenda,2026:%s", name), "title",
                       page_text(page, rfd_status_message(RFD_E_INVALID)), "status", 422, "code", name, "request",
                       page->request->id, "errors", errors),
             &text, error));
    error_clear(error);
    page->response->status = 422;
    put_body(page, "application/problem+json", text);
    return RFD_OK;
}

rfd_status api_fail(struct page *page, rfd_status status, struct rfd_error *error)
{
    if (status != RFD_E_UNAUTHORISED) return status;
    const struct rfd_error why = {.code = RFD_E_UNAUTHORISED}; /* which of it was wrong, nobody is told */
    error_clear(error);
    page->request->language = page->language;
    http_response_problem(page->response, page->request, &why);
    http_response_header(page->response, "WWW-Authenticate", SLICE("Basic realm=\"refrenda\", Bearer"));
    return RFD_OK;
}

/* ---- An operation ---- */

static json_t *text_json(slice text)
{
    return json_stringn(text.length == 0 ? "" : (const char *)text.data, text.length);
}

static void put_text(json_t *object, const char *name, slice text)
{
    if (text.length > 0) (void)json_object_set_new(object, name, text_json(text));
}

static void put_time(json_t *object, const char *name, rfd_time time)
{
    char text[CLOCK_TEXT_SIZE];
    if (time != RFD_TIME_NONE && time != 0) (void)json_object_set_new(object, name, json_string(clock_iso(time, text)));
}

/** Below the address of an operation. */
static json_t *link_json(const struct page *page, const struct signing *s, const char *rest)
{
    return json_sprintf("%s" OPERATIONS "/%.*s%s", page_settings(page)->web.url, (int)s->token.length,
                        (const char *)s->token.data, rest);
}

static json_t *document_json(const struct page *page, const struct signing *s, const struct signing_document *d)
{
    bool is_signed = d->result.length > 0;
    const char *state = is_signed ? "signed" : signing_is_open(s) ? "waiting" : "unsigned";
    const char *rest = arena_print(page->arena, "/documentos/%u", d->place);
    json_t *object =
        json_pack("{s:i, s:o, s:i, s:I, s:o, s:s}", "n", (int)d->place, "title", text_json(d->title), "pages",
                  (int)d->pages, "size", (json_int_t)d->size, "sha256", text_json(d->blob), "state", state);
    put_text(object, "signed_sha256", d->result);
    if (is_signed && rest != NULL) (void)json_object_set_new(object, "address", link_json(page, s, rest));
    if (!is_signed) put_text(object, "failure", d->failure);
    return object;
}

json_t *api_operation_json(const struct page *page, const struct signing *s)
{
    static const char *const levels[] = {"B-B", "B-T", "B-LT", "B-LTA"};
    json_t *documents = json_array();
    json_t *object = json_pack("{s:o, s:s, s:s}", "id", text_json(s->token), "state", signing_state_name(s->state),
                               "level", levels[s->options.level]);
    (void)json_object_set_new(object, "address",
                              json_sprintf("%s" SIGNING "/%.*s", page_settings(page)->web.url, (int)s->token.length,
                                           (const char *)s->token.data));
    put_text(object, "purpose", s->purpose);
    put_text(object, "reference", s->reference);
    put_text(object, "holder", s->holder);
    put_time(object, "created", s->created);
    put_time(object, "ends", s->ends);
    put_time(object, "concluded", s->concluded);
    for (size_t i = 0; i < s->count; i++)
        (void)json_array_append_new(documents, document_json(page, s, &s->documents[i]));
    (void)json_object_set_new(object, "documents", documents);
    if (s->state == SIGNING_SIGNED || s->state == SIGNING_PARTLY)
        (void)json_object_set_new(object, "receipt", link_json(page, s, "/constancia"));
    return object;
}

rfd_status api_keep_signing(const struct page *page, struct signing *s, struct rfd_error *error)
{
    slice *const texts[] = {&s->token, &s->holder, &s->purpose, &s->reference, &s->return_address, &s->error_address};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) TRY(store_keep(page->arena, texts[i], error));
    struct signing_document *all = arena_zeroed(page->arena, s->count + 1, sizeof *all);
    if (all == NULL) return arena_failed(page->arena, error);
    for (size_t i = 0; i < s->count; i++) {
        all[i] = s->documents[i];
        slice *const parts[] = {&all[i].title, &all[i].blob, &all[i].result, &all[i].failure};
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) TRY(store_keep(page->arena, parts[k], error));
    }
    s->documents = all;
    return RFD_OK;
}
