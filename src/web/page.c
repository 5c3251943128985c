/* SPDX-License-Identifier: EUPL-1.2
 *
 * What handlers ask their page for.
 */
#include "web/internal.h"

#include "base/error.h"
#include "base/log.h"
#include "base/number.h"
#include "base/text.h"
#include "base/url.h"
#include "domain/account/security_code.h"

struct store *page_store(const struct page *page)
{
    return page->web->options.store;
}

const struct settings *page_settings(const struct page *page)
{
    return page->web->options.settings;
}

const struct packs *page_packs(const struct page *page)
{
    return page->web->options.packs;
}

struct keeper_client *page_keeper(const struct page *page)
{
    return page->web->options.keeper;
}

struct blob_store *page_blobs(const struct page *page)
{
    return page->web->blobs;
}

struct identity_client *page_identity(const struct page *page)
{
    return page->web->options.identity;
}

/** The keeper has to be asked, which is not there yet when this process starts: so they come with the first request. */
static void open_key(struct web *w, const char *name, struct secret *key)
{
    struct rfd_error error = RFD_ERROR_INIT;
    if (key->length > 0) return;
    if (account_key_open(w->options.store, w->options.keeper, "wrapping", name, key, &error) != RFD_OK)
        log_failure(LOG_WARNING, "no-key", "a key of the installation could not be opened", &error);
}

void page_open_keys(struct page *page)
{
    struct web *w = page->web;
    if (atomic_load(&w->has_keys) || w->options.keeper == NULL || !keeper_client_ready(w->options.keeper)) return;
    (void)pthread_mutex_lock(&w->keys_lock);
    open_key(w, "accounts", &w->account_key);
    open_key(w, "security-code", &w->security_key);
    atomic_store(&w->has_keys, w->account_key.length > 0 && w->security_key.length > 0);
    (void)pthread_mutex_unlock(&w->keys_lock);
}

const struct account_settings *page_account_settings(struct page *page)
{
    page->account_settings = page->web->account;
    if (atomic_load(&page->web->has_keys)) page->account_settings.key = secret_slice(&page->web->account_key);
    return &page->account_settings;
}

slice page_security_key(struct page *page)
{
    return atomic_load(&page->web->has_keys) ? secret_slice(&page->web->security_key) : SLICE_EMPTY;
}

struct proof {
    slice key, answer;
    rfd_time now;
    bool right;
};

static rfd_status check_proof(struct transaction *t, void *context, struct rfd_error *error)
{
    struct proof *p = context;
    return security_code_check(t, p->key, p->answer, p->now, &p->right, error);
}

rfd_status page_security_code(struct page *page, bool *right, struct rfd_error *error)
{
    struct proof p = {.answer = page_field(page, "codigo-de-seguridad"), .now = page->now};
    *right = false;
    if (p.answer.length == 0) return RFD_OK;
    p.key = page_security_key(page);
    if (p.key.length == 0) return RFD_OK;
    TRY(page_write(page, check_proof, &p, error));
    *right = p.right;
    return RFD_OK;
}

const char *page_text(const struct page *page, const char *message)
{
    return language_get(page->language, message);
}

rfd_status page_id(const struct page *page, const char *part, int64_t *out, struct rfd_error *error)
{
    uint64_t number = 0;
    if (!number_unsigned(http_request_part(page->request, part), INT64_MAX, &number) || number == 0)
        return error_set(error, RFD_E_NOT_FOUND, NULL);
    *out = (int64_t)number;
    return RFD_OK;
}

rfd_status page_read(struct page *page, store_work *work, void *context, struct rfd_error *error)
{
    return store_read(page_store(page), work, context, error);
}

rfd_status page_write(struct page *page, store_work *work, void *context, struct rfd_error *error)
{
    return store_write(page_store(page), work, context, error);
}

/* ---- Texts ---- */

slice page_field(const struct page *page, const char *name)
{
    slice value = http_field_get(&page->fields, name, 0);
    return value.data == NULL ? SLICE_EMPTY : value;
}

int64_t page_number(slice text)
{
    int64_t number = 0;
    return number_signed(text, &number) && number > 0 ? number : 0;
}

slice page_keep(const struct page *page, slice text)
{
    return text.length == 0 ? SLICE_EMPTY : arena_copy(page->arena, text);
}

void page_fact(const struct page *page, struct view *facts, const char *label, slice text, const char *link)
{
    struct view *item = view_item(facts);
    view_string(item, "label", page_text(page, label));
    view_text(item, "text", page_keep(page, text));
    view_string(item, "link", link == NULL ? "" : link);
    view_string(item, "markup", "");
}

void page_event(const struct page *page, struct view *events, rfd_time time, const char *title, slice text, slice actor,
                const char *tone)
{
    struct view *item = view_item(events);
    view_text(item, "time", page_time(page, time));
    view_string(item, "title", page_text(page, title));
    view_text(item, "text", page_keep(page, text));
    view_text(item, "actor", page_keep(page, actor));
    view_string(item, "tone", tone);
    view_string(item, "state", ""); /* the page's own is not the event's */
}

void page_tab(const struct page *page, struct view *tabs, const char *title, const char *link, bool current)
{
    struct view *item = view_item(tabs);
    view_string(item, "title", page_text(page, title));
    view_string(item, "link", link);
    view_flag(item, "current", current);
}

/* ---- Addresses ---- */

static slice keep(const struct page *page, struct buf *b)
{
    slice copy = buf_status(b) == RFD_OK ? arena_copy(page->arena, buf_slice(b)) : SLICE_EMPTY;
    buf_dispose(b);
    return copy;
}

enum { LINK_MAXIMUM = 64 << 10 };

slice page_escape(const struct page *page, slice text)
{
    struct buf b;
    buf_init(&b, LINK_MAXIMUM);
    url_put_escaped(&b, text, "/");
    return keep(page, &b);
}

slice page_link(const struct page *page, slice path, const char *name, slice value)
{
    const struct http_fields *query = &page->request->query;
    struct buf b;
    buf_init(&b, LINK_MAXIMUM);
    url_put_escaped(&b, path, "/");
    char separator = '?';
    bool own = slice_equal(path, page->request->path);
    for (size_t i = 0; own && i < query->count; i++) {
        if (slice_is(query->items[i].name, name) || slice_is(query->items[i].name, "lang")) continue;
        buf_put_byte(&b, (uint8_t)separator);
        url_put_escaped(&b, query->items[i].name, "/");
        buf_put_byte(&b, '=');
        url_put_escaped(&b, query->items[i].value, "/");
        separator = '&';
    }
    if (value.length > 0) {
        buf_put_byte(&b, (uint8_t)separator);
        url_put_escaped(&b, slice_text(name), "/");
        buf_put_byte(&b, '=');
        url_put_escaped(&b, value, "/");
    }
    return keep(page, &b);
}

/* ---- Sessions ---- */

/** Takes back what was said before: of two cookies of one name in an answer, browsers need not take the last. */
static void forget_cookie(struct http_response *response, const char *name)
{
    size_t kept = 0;
    const char *start = arena_print(response->arena, "%s=", name);
    for (size_t i = 0; start != NULL && i < response->header_count; i++) {
        const struct http_field *h = &response->headers[i];
        bool same = slice_is(h->name, "Set-Cookie") && slice_starts(h->value, slice_text(start));
        if (!same) response->headers[kept++] = *h;
    }
    if (start != NULL) response->header_count = kept;
}

void page_cookie(struct page *page, const char token[ACCOUNT_TOKEN_SIZE])
{
    const char *name = page->web->cookie_session;
    forget_cookie(page->response, name);
    if (token == NULL)
        http_response_cookie(page->response, name, SLICE("-"), -1);
    else
        http_response_cookie(page->response, name, slice_text(token), 0);
}

void page_forget_keys(struct page *page)
{
    if ((page->session.methods & METHOD_CERTIFICATE) == 0) return;
    http_response_header(page->response, "Clear-Site-Data", SLICE("\"storage\""));
}

struct beginning {
    struct page *page;
    char token[ACCOUNT_TOKEN_SIZE];
    struct session session;
};

static rfd_status begin(struct transaction *t, void *context, struct rfd_error *error)
{
    struct beginning *b = context;
    slice agent = slice_part(http_request_header(b->page->request, "user-agent", 0), 0, 200);
    if (!text_is_utf8(agent)) agent = SLICE_EMPTY;
    return session_new(t, &b->page->web->account, b->page->actor.client, agent, b->token, &b->session, error);
}

rfd_status page_begin_session(struct page *page, struct rfd_error *error)
{
    struct beginning b = {.page = page};
    if (page->session.id != 0) return RFD_OK;
    TRY(page_write(page, begin, &b, error));
    page->session = b.session;
    page->session.notice = page->session.client = page->session.agent = SLICE_EMPTY;
    page_cookie(page, b.token);
    secret_wipe(b.token, sizeof b.token);
    return RFD_OK;
}
