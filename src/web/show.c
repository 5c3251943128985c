/* SPDX-License-Identifier: EUPL-1.2
 *
 * From a view to an answer: pages in the layout, redirects, errors.
 */
#include "web/internal.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/number.h"

#include <stdarg.h>
#include <stdio.h>

/* AWAY_SECONDS: when to try again what database or keeper cannot do now. */
enum { PAGE_MAXIMUM = 8 << 20, NOTICE_MAXIMUM = 500, AWAY_SECONDS = 5 };

/* Two years, and for what is below this host (RFC 6797 §6.1). */
#define STRICT_TRANSPORT "max-age=63072000; includeSubDomains"

bool show_wants_page(const struct http_request *request)
{
    slice accept = http_request_list(request, "accept");
    while (accept.length > 0) {
        slice parameters = http_trim(http_cut(&accept, ','));
        if (http_equal_any_case(http_trim(http_cut(&parameters, ';')), SLICE("text/html"))) return true;
    }
    return false;
}

void show_headers(struct page *page)
{
    struct http_response *r = page->response;
    http_response_page(r, page->policy);
    http_response_cache(r, HTTP_NO_STORE, 0);
    http_response_header(r, "Content-Language", slice_text(language_code(page->language)));
    http_response_header(r, "Vary", SLICE("Accept-Language, Cookie"));
    if (page->web->https) http_response_header(r, "Strict-Transport-Security", SLICE(STRICT_TRANSPORT));
}

static bool has_header(const struct http_response *r, const char *name)
{
    for (size_t i = 0; i < r->header_count; i++)
        if (http_equal_any_case(r->headers[i].name, slice_text(name))) return true;
    return false;
}

/** An answer that a browser were to take for a page, whatever it says to be, may load and run nothing. */
void show_baseline(const struct page *page, struct http_response *r)
{
    static const char *const others[][2] = {
        {"X-Content-Type-Options", "nosniff"},
        {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
        {"Cache-Control", "no-store"},
        {"Referrer-Policy", "same-origin"},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!has_header(r, others[i][0])) http_response_header(r, others[i][0], slice_text(others[i][1]));
    if (page->web->https && !has_header(r, "Strict-Transport-Security"))
        http_response_header(r, "Strict-Transport-Security", SLICE(STRICT_TRANSPORT));
}

/* ---- The layout's part of the view ---- */

static void put_languages(const struct page *page, struct view *view)
{
    static const struct {
        const char *code, *name;
    } names[] = {{"es", "Español"}, {"ca", "Català"}, {"en", "English"}};
    const struct web_options *o = &page->web->options;
    struct view *list = view_list(view, "languages");
    /* The answer to a form has no address of its own. */
    slice path =
        page->request->method == HTTP_GET || page->request->method == HTTP_HEAD ? page->request->path : SLICE("/");
    for (size_t i = 0; i < o->language_count; i++) {
        const char *code = language_code(o->languages[i]);
        struct view *item = view_item(list);
        const char *name = code;
        for (size_t n = 0; n < sizeof names / sizeof *names; n++)
            if (strcmp(names[n].code, code) == 0) name = names[n].name;
        view_string(item, "code", code);
        view_string(item, "name", name);
        view_flag(item, "current", o->languages[i] == page->language);
        view_text(item, "link", page_link(page, path, "lang", slice_text(code)));
    }
}

static void put_user(const struct page *page, struct view *view)
{
    const struct actor *actor = &page->actor;
    view_flag(view, "signed_in", actor->account != 0);
    if (actor->account == 0) return;
    struct view *user = view_object(view, "user");
    view_text(user, "name", actor->name.length > 0 ? actor->name : actor->code);
    view_text(user, "code", actor->code);
    view_flag(user, "level_advanced", actor->level == LEVEL_ADVANCED);
    view_text(user, "unit", page->unit);
    rfd_time idle = (rfd_time)page_settings(page)->web.idle_minutes * 60;
    rfd_time left = (page->session.ends - page->now) / 1000000;
    view_number(view, "session_seconds", left < idle ? left : idle);
    view_number(view, "warning_seconds", WARNING_SECONDS);
    view_text(view, "key_tag", csrf_key_tag(page));
}

static slice address_of(const struct page *page, const char *name)
{
    const char *text =
        asset_find(slice_text(name)) == NULL ? NULL : arena_print(page->arena, "/a/%s/%s", assets_version, name);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

static void put_assets(const struct page *page, struct view *view)
{
    view_string(view, "assets", arena_print(page->arena, "/a/%s/", assets_version));
    view_text(view, "style", address_of(page, "style.css"));
    view_text(view, "script", address_of(page, "main.js"));
}

/** The sign-in page of a demonstration shows who one may be. */
static void put_demo(const struct page *page, struct view *view)
{
    bool demo = page_settings(page)->web.demo;
    view_flag(view, "demo", demo);
    if (!demo || page->actor.account != 0) return;
    struct view *list = view_list(view, "demo_accounts");
    for (size_t i = 0; i < page->web->demo_account_count; i++) {
        const struct demo_account *a = &page->web->demo_accounts[i];
        struct view *item = view_item(list);
        view_text(item, "code", a->code);
        view_text(item, "password", a->password);
        view_text(item, "title", a->title);
    }
}

/* ---- Notices ---- */

/** A visitor's, or the session's own. */
static slice take_notice(struct page *page)
{
    struct web *w = page->web;
    slice mac = visit_cookie(page, w->cookie_notice);
    if (mac.length == 0) {
        const char *own = arena_text(page->arena, page->session.notice);
        return own == NULL ? SLICE_EMPTY : slice_text(page_text(page, own));
    }
    http_response_cookie(page->response, w->cookie_notice, SLICE("-"), -1);
    slice hex = http_cut(&mac, '.');
    uint8_t *text = hex.length > 2 * NOTICE_MAXIMUM ? NULL : arena_allocate(page->arena, hex.length / 2 + 1);
    if (text == NULL || hex.length % 2 != 0 || !number_hex(hex, text)) return SLICE_EMPTY;
    text[hex.length / 2] = '\0';
    slice wanted = csrf_seal(page, (const char *)text);
    if (wanted.length == 0 || !secret_equal(wanted, mac)) return SLICE_EMPTY;
    return slice_text(page_text(page, (const char *)text));
}

static void give_notice(struct page *page, const char *message)
{
    size_t length = strlen(message);
    uint8_t *hex = length > NOTICE_MAXIMUM ? NULL : arena_allocate(page->arena, 2 * length + 1);
    slice mac = csrf_seal(page, message);
    if (hex == NULL || mac.length == 0) return;
    number_to_hex(slice_text(message), false, hex);
    const char *value = arena_print(page->arena, "%.*s.%.*s", (int)(2 * length), (const char *)hex, (int)mac.length,
                                    (const char *)mac.data);
    if (value != NULL) http_response_cookie(page->response, page->web->cookie_notice, slice_text(value), 300);
}

/* ---- Pages ---- */

/** The layout looks first at what is its own, then at what the page has put for it (crumbs, narrow). */
static struct view *put_frame(struct page *page, const char *title)
{
    struct view *frame = view_object(page->view, "frame");
    view_string(frame, "title", page_text(page, title));
    view_string(frame, "house", page_settings(page)->web.name);
    put_languages(page, frame);
    put_user(page, frame);
    put_demo(page, frame);
    menu_show(page, frame);
    return frame;
}

/** What parts may read anywhere. */
static void put_common(struct page *page)
{
    view_string(page->view, "language", language_code(page->language));
    put_assets(page, page->view);
    view_text(page->view, "csrf", csrf_token(page));
    view_text(page->view, "notice", take_notice(page));
    put_demo(page, page->view);
}

static rfd_status render(struct page *page, slice template, struct buf *out, struct rfd_error *error)
{
    buf_init_secret(out, PAGE_MAXIMUM); /* a page may show what is shown once */
    return template_render(page->web->templates, template, page->view, page->language, TEMPLATE_HTML, out, error);
}

static rfd_status show(struct page *page, const char *title, const char *template, struct rfd_error *error)
{
    struct buf content;
    struct buf whole;
    buf_init_secret(&whole, 1);
    put_common(page);
    rfd_status status = render(page, slice_text(template), &content, error);
    if (status == RFD_OK) {
        view_markup(put_frame(page, title), "content", buf_slice(&content));
        status = render(page, SLICE("frame"), &whole, error);
    }
    slice body = status == RFD_OK ? arena_copy(page->arena, buf_slice(&whole)) : SLICE_EMPTY;
    if (status == RFD_OK && body.data == NULL) status = arena_failed(page->arena, error);
    buf_dispose(&content);
    buf_dispose(&whole);
    /* A name that no template has is our fault, not the one's who asks. */
    if (status == RFD_E_ARGUMENT) return error_wrap(error, RFD_E_INTERNAL, "%s", template);
    if (status != RFD_OK) return status;
    show_headers(page);
    http_response_body(page->response, "text/html; charset=utf-8", body);
    return RFD_OK;
}

rfd_status page_show(struct page *page, const char *title, const char *template, struct rfd_error *error)
{
    return show(page, title, template, error);
}

void page_json(struct page *page, slice json)
{
    http_response_cache(page->response, HTTP_NO_STORE, 0);
    http_response_header(page->response, "X-Content-Type-Options", SLICE("nosniff"));
    http_response_body(page->response, "application/json", arena_copy(page->arena, json));
}

/** Browsers leave out tabs and line breaks, and take "\\" for "/" (WHATWG URL §4.4): neither may make an address of
 * another host out of a path. */
static bool is_own_path(const char *path)
{
    if (path[0] != '/' || path[1] == '/') return false;
    for (const char *at = path; *at != '\0'; at++)
        if ((unsigned char)*at <= ' ' || *at == 0x7F || *at == '\\') return false;
    return true;
}

rfd_status page_redirect(struct page *page, const char *notice, struct rfd_error *error, const char *format, ...)
{
    struct http_response *r = page->response;
    char path[2048];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(path, sizeof path, format, arguments);
    va_end(arguments);
    bool ours = length > 0 && length < (int)sizeof path && is_own_path(path);
    if (!ours) return error_set(error, RFD_E_INTERNAL, "a redirect that leads elsewhere");
    if (notice != NULL) give_notice(page, notice);
    http_response_cache(r, HTTP_NO_STORE, 0);
    http_response_header(r, "Referrer-Policy", SLICE("same-origin"));
    r->status = 303;
    /* From the listener for certificates, back to the pages. */
    if (page->route->flags & PAGE_TLS)
        http_response_header(r, "Location",
                             slice_text(arena_print(page->arena, "%s%s", page_settings(page)->web.url, path)));
    else
        http_response_redirect(r, 303, slice_text(path));
    return RFD_OK;
}

/* ---- Errors ---- */

static bool is_machines(rfd_status code)
{
    enum rfd_error_class class = rfd_status_class(code);
    return class == RFD_CLASS_SYSTEM || class == RFD_CLASS_NETWORK;
}

/** Even without memory or templates something is said. */
static void show_plain(struct page *page, const struct rfd_error *error)
{
    const char *text = page_text(page, rfd_status_message(error->code));
    http_response_page(page->response, NULL);
    http_response_text(page->response, rfd_status_http(error->code), slice_text(text));
}

void show_error(struct page *page, const struct rfd_error *error)
{
    struct rfd_error again = RFD_ERROR_INIT;
    int status = rfd_status_http(error->code);
    const char *title = rfd_status_message(error->code);
    const char *hint = rfd_status_hint(error->code);
    if (error->code == RFD_E_UNAUTHORISED) hint = N_("Sign in first.");
    page->view = view_new(page->arena);
    view_number(page->view, "status", status);
    view_string(page->view, "title", page_text(page, title));
    view_string(page->view, "message",
                is_machines(error->code)
                    ? page_text(page, N_("Nothing that you did is wrong. What was acknowledged before is safe."))
                    : "");
    view_string(page->view, "hint", hint[0] == '\0' ? "" : page_text(page, hint));
    view_string(page->view, "link", error->code == RFD_E_UNAUTHORISED ? "/acceso" : "");
    view_string(page->view, "reference", is_machines(error->code) ? page->request->id : "");
    if (page->view == NULL || show(page, title, "error", &again) != RFD_OK) show_plain(page, error);
    page->response->status = status;
    if (status == 503) http_response_retry_after(page->response, AWAY_SECONDS);
}

/** Passwords are never sent back. Which other field of their form is one, too, nobody can tell here: of such
 * a form nothing is. */
static bool has_secret(const struct page *page)
{
    static const char *const words[] = {"password", "clave", "secret"};
    for (size_t i = 0; i < page->fields.count; i++) {
        slice name = page->fields.items[i].name;
        for (size_t w = 0; w < sizeof words / sizeof *words; w++)
            if (memmem(name.data, name.length, words[w], strlen(words[w])) != NULL) return true;
    }
    return false;
}

rfd_status show_again(struct page *page, bool signed_out, struct rfd_error *error)
{
    struct view *fields = view_list(page->view, "fields");
    bool files = false;
    bool secret = has_secret(page);
    for (size_t i = 0; !secret && i < page->fields.count; i++) {
        const struct http_field *f = &page->fields.items[i];
        if (slice_is(f->name, FIELD_TOKEN)) continue;
        struct view *item = view_item(fields);
        view_text(item, "name", f->name);
        view_text(item, "value", f->value);
    }
    struct view *list = view_list(page->view, "files");
    for (size_t i = 0; i < page->parts.count; i++) {
        if (page->parts.items[i].file_name.data == NULL) continue;
        files = true;
        view_text(view_item(list), "name", page->parts.items[i].name);
    }
    view_flag(page->view, "has_files", files);
    view_flag(page->view, "is_secret", secret);
    view_text(page->view, "page_link", page_escape(page, page->request->path));
    view_flag(page->view, "signed_out", signed_out);
    TRY(page_show(page, signed_out ? N_("Your session has ended") : N_("Please send the form once more"), "home/again",
                  error));
    page->response->status = signed_out ? 401 : 403;
    return RFD_OK;
}
