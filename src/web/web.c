/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/internal.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/zone.h"
#include "print/font.h"
#include "web/csc/api.h"

#include <jansson.h>
#include <sys/sysinfo.h>

enum { ARENA_MAXIMUM = 8 << 20, FORM_BYTES = 64 << 10 };
enum { FOLIO_TRIES = 10, UNPROVED_REQUESTS = 6, KEPT_MEGABYTES = 150 }; /* in a minute */

/* The areas of the house; a new one has its line here and in web.h. */
static const struct page_route *const areas[] = {
    home_routes,           account_routes,   access_routes, organisation_routes, audit_routes, help_routes,
    administration_routes, demo_routes,      oidc_routes,   applicant_routes,    desk_routes,  agency_routes,
    holding_routes,        catalogue_routes, viewer_routes, central_routes,      csc_routes,   csc_api_routes,
    portal_routes,
};
enum { AREAS = sizeof areas / sizeof *areas };

static rfd_status get_asset(struct page *page, struct rfd_error *error)
{
    return assets_get(page->request, page->response, error);
}

static const struct page_route asset_routes[] = {
    {HTTP_GET, "/a/{version}/{path*}", "asset", ACTION_PUBLIC, 0, PAGE_NO_SESSION | PAGE_QUICK, get_asset},
    {.pattern = NULL},
};

/* ---- Routes ---- */

const struct page_route *web_area(size_t number)
{
    return number < AREAS ? areas[number] : number == AREAS ? asset_routes : NULL;
}

static void add(struct web_table *table, const struct page_route *page)
{
    unsigned flags = (page->flags & PAGE_QUICK ? HTTP_IMMEDIATE : 0) | (page->flags & PAGE_SPOOL ? HTTP_SPOOL : 0);
    uint64_t body = page->body_maximum != 0 || page->method == HTTP_GET ? page->body_maximum : FORM_BYTES;
    table->pages[table->count] = page;
    table->routes[table->count++] =
        (struct http_route){page->method, page->pattern, body, flags, web_handle, page->name};
}

static rfd_status make_table(struct web *w, struct web_table *table, bool certificates, struct rfd_error *error)
{
    size_t room = 1;
    for (size_t a = 0; a < AREAS; a++)
        for (const struct page_route *p = areas[a]; p->pattern != NULL; p++) room++;
    table->routes = arena_zeroed(&w->arena, room, sizeof *table->routes);
    table->pages = arena_zeroed(&w->arena, room, sizeof *table->pages);
    if (table->routes == NULL || table->pages == NULL) return arena_failed(&w->arena, error);
    for (size_t a = 0; a < AREAS; a++) {
        for (const struct page_route *p = areas[a]; p->pattern != NULL; p++)
            if ((p->flags & PAGE_BOTH) != 0 || ((p->flags & PAGE_TLS) != 0) == certificates) add(table, p);
    }
    add(table, asset_routes);
    return RFD_OK;
}

const struct http_route *web_http_routes(const struct web *web, bool certificates, size_t *count)
{
    const struct web_table *table = certificates ? &web->certificates : &web->plain;
    *count = table->count;
    return table->routes;
}

bool web_has_page(const struct web *web, const char *path)
{
    for (size_t i = 0; i < web->plain.count; i++) {
        const struct http_route *r = &web->plain.routes[i];
        if (r->method == HTTP_GET && strcmp(r->pattern, path) == 0) return true;
    }
    return false;
}

/* ---- What the settings say ---- */

/** The host of an address: "firma.example" of "https://firma.example:8443". */
static slice host_of(slice url)
{
    const uint8_t *scheme = memmem(url.data, url.length, "://", 3);
    slice rest = scheme == NULL ? url : slice_from(url, (size_t)(scheme - url.data) + 3);
    if (slice_starts(rest, SLICE("["))) {
        const uint8_t *end = memchr(rest.data, ']', rest.length);
        return end == NULL ? rest : slice_part(rest, 0, (size_t)(end - rest.data) + 1);
    }
    slice host = http_cut(&rest, '/');
    return http_cut(&host, ':');
}

/** Browsers keep what is marked Secure from https only, and from this machine's own name (W3C Secure Contexts §3.1). */
static const char *cookie(struct web *w, const char *name)
{
    return arena_print(&w->arena, "__Host-%s", name);
}

static rfd_status name_cookies(struct web *w, struct rfd_error *error)
{
    w->cookie_session = cookie(w, COOKIE_SESSION);
    w->cookie_visitor = cookie(w, COOKIE_VISITOR);
    w->cookie_notice = cookie(w, COOKIE_NOTICE);
    w->cookie_language = cookie(w, COOKIE_LANGUAGE);
    bool all = w->cookie_session != NULL && w->cookie_visitor != NULL && w->cookie_notice != NULL &&
               w->cookie_language != NULL;
    return all ? RFD_OK : arena_failed(&w->arena, error);
}

static rfd_status read_settings(struct web *w, struct rfd_error *error)
{
    const struct settings *s = w->options.settings;
    slice url = slice_text(s->web.url);
    char *host = arena_text(&w->arena, host_of(url));
    if (host == NULL) return arena_failed(&w->arena, error);
    w->https = slice_starts(url, SLICE("https://"));
    w->account = (struct account_settings){.argon_kib = s->web.argon_kib,
                                           .argon_passes = s->web.argon_passes,
                                           .argon_lanes = 1,
                                           .idle_minutes = s->web.idle_minutes,
                                           .absolute_hours = s->web.session_hours,
                                           .url = s->web.url,
                                           .relying_party = host,
                                           .packs = w->options.packs};
    return name_cookies(w, error);
}

/* ---- Templates ---- */

/** The layout is drawn inside the view of the frame (show.c). */
static const char frame_text[] = "{{#frame}}{{> layout}}{{/frame}}";
static const struct template_source frame = {"frame", {(const uint8_t *)frame_text, sizeof frame_text - 1}};

static rfd_status read_templates(struct web *w, struct rfd_error *error)
{
    struct template_source *all = memory_zeroed(web_template_count + 1, sizeof *all);
    if (all == NULL) return error_memory(error);
    for (size_t i = 0; i < web_template_count; i++) all[i] = web_templates[i];
    all[web_template_count] = frame;
    rfd_status status = template_set_new(all, web_template_count + 1, &w->templates, error);
    memory_free(all);
    return status;
}

/* ---- Life ---- */

static rfd_status open_blobs(struct web *w, struct rfd_error *error)
{
    const struct settings *s = w->options.settings;
    const struct blob_options options = {.folder = s->web.blobs, .key = "wrapping", .keeper = w->options.keeper};
    return s->web.blobs[0] == '\0' ? RFD_OK : blob_store_open(&options, &w->blobs, error);
}

static void *allocate(size_t size)
{
    return memory_allocate(size);
}

rfd_status web_new(const struct web_options *options, struct web **out, struct rfd_error *error)
{
    json_set_alloc_funcs(allocate, memory_wipe_and_free); /* programs send PINs and get tokens in JSON */
    struct web *w = memory_zeroed(1, sizeof *w);
    rfd_status status;
    if (w == NULL) return error_memory(error);
    w->options = *options;
    arena_init(&w->arena, ARENA_MAXIMUM);
    (void)pthread_mutex_init(&w->keys_lock, NULL);
    TRY_OUT(read_settings(w, error));
    TRY_OUT(password_gate_new((unsigned)get_nprocs(), &w->account.gate, error));
    TRY_OUT(make_table(w, &w->plain, false, error));
    TRY_OUT(make_table(w, &w->certificates, true, error));
    TRY_OUT(read_templates(w, error));
    TRY_OUT(zone_open(options->settings->web.zone, &w->zone, error));
    TRY_OUT(fonts_new(NULL, &w->fonts, error));
    TRY_OUT(limit_new(options->settings->web.posts_per_minute, &w->limit, error));
    TRY_OUT(limit_new(FOLIO_TRIES, &w->folio_limit, error));
    TRY_OUT(limit_new(UNPROVED_REQUESTS, &w->unproved_limit, error));
    TRY_OUT(limit_new(KEPT_MEGABYTES, &w->kept_limit, error));
    TRY_OUT(limit_new(options->settings->central.requests, &w->csc_limit, error));
    TRY_OUT(csc_known_new(&w->csc_known, error));
    TRY_OUT(open_blobs(w, error));
    if (options->settings->web.demo) TRY_OUT(demo_accounts_read(w, error));
out:
    if (status == RFD_OK)
        *out = w;
    else
        web_free(w);
    return status;
}

void web_free(struct web *web)
{
    if (web == NULL) return;
    blob_store_close(web->blobs);
    password_gate_free(web->account.gate);
    secret_dispose(&web->account_key);
    secret_dispose(&web->security_key);
    (void)pthread_mutex_destroy(&web->keys_lock);
    zone_close(web->zone);
    fonts_free(web->fonts);
    template_set_free(web->templates);
    limit_free(web->limit);
    limit_free(web->folio_limit);
    limit_free(web->unproved_limit);
    limit_free(web->kept_limit);
    limit_free(web->csc_limit);
    csc_known_free(web->csc_known);
    arena_dispose(&web->arena);
    memory_free(web);
}
