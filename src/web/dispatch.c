/* SPDX-License-Identifier: EUPL-1.2
 *
 * A request's way through the house; each step may end it.
 */
#include "web/internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "web/csc/api.h"

static const struct page_route *find_route(const struct web *web, const struct http_route *route)
{
    const struct web_table *tables[] = {&web->plain, &web->certificates};
    for (size_t i = 0; i < 2; i++) {
        if (route >= tables[i]->routes && route < tables[i]->routes + tables[i]->count)
            return tables[i]->pages[route - tables[i]->routes];
    }
    return NULL;
}

static rfd_status page_new(struct web *web, struct http_request *request, struct http_response *response,
                           struct page **out, struct rfd_error *error)
{
    struct page *page = arena_zeroed(request->arena, 1, sizeof *page);
    if (page == NULL) return arena_failed(request->arena, error);
    page->web = web;
    page->request = request;
    page->response = response;
    page->arena = request->arena;
    page->route = request->route == NULL ? NULL : find_route(web, request->route);
    page->now = clock_now();
    page->view = view_new(page->arena);
    page->language = request->language;
    *out = page;
    return page->view == NULL ? arena_failed(page->arena, error) : RFD_OK;
}

static bool changes(const struct page *page)
{
    return page->route->method != HTTP_GET;
}

/* ---- Steps ---- */

/** Who is not signed in may only try so often: that is where passwords, codes and addresses are guessed. Of programs
 * that prove themselves only what is refused counts: they may work as fast as they can. */
static rfd_status check_limit(struct page *page, struct rfd_error *error)
{
    const struct http_address *client = &page->request->client;
    bool program = (page->route->flags & PAGE_BOTH) != 0; /* whose reading is tries as well */
    if ((!changes(page) && !program) || page->route->action != ACTION_PUBLIC) return RFD_OK;
    unsigned wait =
        program ? limit_peek(page->web->limit, client, page->now) : limit_take(page->web->limit, client, page->now);
    if (wait == 0) return RFD_OK;
    page->retry_after = wait;
    return error_set(error, RFD_E_SLOW_DOWN, NULL);
}

/** Multipart forms: the parts that are no files are fields. */
static rfd_status read_parts(struct page *page, struct rfd_error *error)
{
    TRY(http_request_parts(page->request, &page->parts, error));
    struct http_fields fields = {.items = arena_zeroed(page->arena, page->parts.count, sizeof *fields.items)};
    if (fields.items == NULL) return arena_failed(page->arena, error);
    for (size_t i = 0; i < page->parts.count; i++) {
        const struct http_part *part = &page->parts.items[i];
        if (part->file_name.data != NULL) continue;
        if (!text_is_utf8(part->body) || memchr(part->body.data, 0, part->body.length) != NULL)
            return error_set(error, RFD_E_REQUEST, "a field that is not UTF-8");
        fields.items[fields.count++] = (struct http_field){part->name, part->body};
    }
    page->fields = fields;
    return RFD_OK;
}

static rfd_status read_body(struct page *page, struct rfd_error *error)
{
    if (!changes(page)) return RFD_OK;
    if (http_request_is(page->request, "application/x-www-form-urlencoded"))
        return http_request_form(page->request, &page->fields, error);
    if (http_request_is(page->request, "multipart/form-data")) return read_parts(page, error);
    return RFD_OK; /* JSON of our own script, which sends the token as a header; or of programs */
}

enum verdict { VERDICT_GO, VERDICT_SIGN_IN, VERDICT_SHOWN };

/** Whether the person may come here at all; the domain asks again, for the object. */
static rfd_status check_policy(struct page *page, enum verdict *out, struct rfd_error *error)
{
    enum action action = page->route->action;
    *out = VERDICT_GO;
    if (action == ACTION_PUBLIC) return RFD_OK;
    if (page->actor.account == 0) {
        if ((page->route->flags & PAGE_PENDING) && page->session.pending != 0) return RFD_OK;
        *out = VERDICT_SIGN_IN;
        return RFD_OK;
    }
    if (action == ACTION_SIGNED_IN || actor_may(&page->actor, action, NULL)) return RFD_OK;
    return error_set(error, RFD_E_FORBIDDEN, NULL);
}

/** Where to go on after signing in. */
static rfd_status go_to_sign_in(struct page *page, struct rfd_error *error)
{
    if (!show_wants_page(page->request)) return error_set(error, RFD_E_UNAUTHORISED, NULL);
    if (changes(page)) return csrf_is_ours(page) ? show_again(page, true, error) : error_set(error, RFD_E_CSRF, NULL);
    if (slice_is(page->request->path, "/")) return page_redirect(page, NULL, error, "/acceso");
    slice back = page_escape(page, page_link(page, page->request->path, "lang", SLICE_EMPTY));
    return page_redirect(page, NULL, error, "/acceso?volver=%.*s", (int)back.length, (const char *)back.data);
}

static rfd_status check_form(struct page *page, enum verdict *out, struct rfd_error *error)
{
    *out = VERDICT_GO;
    if (!changes(page) || (page->route->flags & (PAGE_NO_CSRF | PAGE_NO_SESSION))) return RFD_OK;
    if (!csrf_is_ours(page)) return error_set(error, RFD_E_CSRF, "sent by a page of another site");
    if (csrf_is_right(page)) return RFD_OK;
    if (!show_wants_page(page->request)) return error_set(error, RFD_E_CSRF, NULL);
    *out = VERDICT_SHOWN;
    return show_again(page, false, error);
}

static rfd_status serve(struct page *page, struct rfd_error *error)
{
    enum verdict verdict = VERDICT_GO;
    if ((page->route->flags & PAGE_DEMO) && !page_settings(page)->web.demo)
        return error_set(error, RFD_E_NOT_FOUND, NULL);
    TRY(check_limit(page, error));
    if (!(page->route->flags & PAGE_QUICK)) page_open_keys(page);
    if (!(page->route->flags & PAGE_NO_SESSION)) TRY(visit_load(page, error));
    visit_language(page);
    TRY(check_policy(page, &verdict, error));
    TRY(read_body(page, error));
    if (verdict == VERDICT_SIGN_IN) return go_to_sign_in(page, error);
    TRY(check_form(page, &verdict, error));
    return verdict == VERDICT_GO ? page->route->handler(page, error) : RFD_OK;
}

/* ---- What http calls ---- */

/** Forgets a half-made answer, but for its cookies: a session that has got a new token is lost without it. */
static void start_again(struct http_response *response)
{
    size_t kept = 0;
    http_response_body(response, "text/plain", SLICE_EMPTY); /* closes a file */
    for (size_t i = 0; i < response->header_count; i++)
        if (slice_is(response->headers[i].name, "Set-Cookie")) response->headers[kept++] = response->headers[i];
    response->header_count = kept;
    response->failed = RFD_OK;
    response->etag = SLICE_EMPTY;
    response->last_modified = RFD_TIME_NONE;
    response->status = 200;
}

static bool is_csc(const struct http_request *request)
{
    return slice_starts(request->path, SLICE("/csc/"));
}

static void answer_error(struct page *page, const struct rfd_error *error)
{
    start_again(page->response);
    if (show_wants_page(page->request)) {
        show_error(page, error);
    } else if (is_csc(page->request)) {
        csc_refuse_failure(page, error);
    } else {
        page->request->language = page->language;
        http_response_problem(page->response, page->request, error);
    }
    if (page->retry_after != 0) http_response_retry_after(page->response, page->retry_after);
    page->response->error = error->code;
}

/** The audit has what happened; what was not let happen is in the log. Of accounts the number: codes may be those of
 * identity documents. */
static void tell_refused(const struct page *page, rfd_status code)
{
    if (code != RFD_E_FORBIDDEN && code != RFD_E_CSRF) return;
    log_event(LOG_NOTICE, "refused", "somebody was not let do something; the request's line follows",
              LOG_TEXT("request", page->request->id), LOG_TEXT("error", rfd_status_name(code)),
              LOG_TEXT("route", page->route == NULL ? "-" : page->route->name),
              LOG_NUMBER("account", page->actor.account), LOG_NUMBER("session", page->session.id));
}

static void count_refusal(const struct page *page)
{
    if (page->route != NULL && (page->route->flags & PAGE_BOTH) && page->response->status == 401)
        (void)limit_take(page->web->limit, &page->request->client, page->now);
}

rfd_status web_handle(struct http_request *request, struct http_response *response, void *context,
                      struct rfd_error *error)
{
    struct page *page;
    TRY(page_new(context, request, response, &page, error));
    rfd_status status = serve(page, error);
    if (status == RFD_OK && response->failed != RFD_OK)
        status = error_set(error, RFD_E_INTERNAL, "the answer could not be put together");
    if (status != RFD_OK && error->code == RFD_OK) error->code = status;
    if (status != RFD_OK && rfd_status_class(error->code) == RFD_CLASS_SYSTEM)
        log_failure(LOG_WARNING, "page", "a page could not be shown; the request's line follows", error);
    if (status != RFD_OK) tell_refused(page, error->code);
    if (status != RFD_OK) answer_error(page, error);
    count_refusal(page);
    show_baseline(page, response);
    return RFD_OK;
}

void web_problem(void *context, const struct http_request *request, struct http_response *response,
                 const struct rfd_error *error)
{
    struct page *page;
    struct http_request own = *request;
    struct rfd_error ignored;
    if (page_new(context, &own, response, &page, &ignored) != RFD_OK) {
        http_response_problem(response, request, error);
        return;
    }
    if (show_wants_page(request) || is_csc(request)) {
        visit_language(page);
        answer_error(page, error);
    } else {
        http_response_problem(response, request, error);
    }
    show_baseline(page, response);
}
