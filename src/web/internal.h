/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the files of this folder share; areas take of it what web.h has no word for: the zone, moments, what the browser
 * sealed.
 */
#ifndef WEB_INTERNAL_H
#define WEB_INTERNAL_H

#include "base/secret.h"
#include "web/assets.h"
#include "web/limit.h"
#include "web/web.h"

#include <pthread.h>
#include <stdatomic.h>

/* Names of cookies without the prefix that browsers demand of safe ones (RFC 6265bis §4.1.3.2). */
#define COOKIE_SESSION  "refrenda"
#define COOKIE_VISITOR  "refrenda-visitor"  /* the secret of who has no session: CSRF tokens are made of it */
#define COOKIE_NOTICE   "refrenda-notice"   /* what the next page says: base64url of the message, ".", its HMAC */
#define COOKIE_LANGUAGE "refrenda-language" /* "ca", or "ca.7" when account 7 chose it */

/* Fields that no form of an area may have. */
#define FIELD_TOKEN  "csrf"
#define HEADER_TOKEN "x-csrf-token"

enum { TOKEN_SIZE = 44, WARNING_SECONDS = 60, DEMO_ACCOUNTS = 64 };

struct zone;

struct demo_account {
    slice code, password, title;
};

/** One of the two sets of routes: the pages, and those of the listener for certificates. */
struct web_table {
    struct http_route *routes;
    const struct page_route **pages; /* the same order */
    size_t count;
};

struct web {
    struct web_options options;
    struct account_settings account;
    struct secret account_key, security_key; /* unwrapped by the keeper when they are first needed */
    pthread_mutex_t keys_lock;
    atomic_bool has_keys;
    struct blob_store *blobs; /* NULL: none of the settings name a folder for it */
    struct template_set *templates;
    struct zone *zone;
    struct fonts *fonts; /* of printed forms */
    struct limit *limit;
    struct limit *folio_limit;    /* tries to see a request, by its folio */
    struct limit *unproved_limit; /* requests that come without a security code */
    struct limit *kept_limit;     /* megabytes of files that come with requests */
    struct limit *csc_limit;      /* requests of portals to the CSC API */
    struct csc_known *csc_known;  /* credentials that portals have sign (web/csc/api.h) */
    struct web_table plain, certificates;
    struct arena arena; /* tables and names */
    bool https;
    const char *cookie_session, *cookie_visitor, *cookie_notice, *cookie_language;
    struct demo_account demo_accounts[DEMO_ACCOUNTS];
    size_t demo_account_count;
};

/** Whether there is a page at this address (a pattern without parts). */
bool web_has_page(const struct web *web, const char *path);

/* ---- dispatch.c ---- */

http_handler web_handle;

/* ---- visit.c: who asks, and in which language ---- */

/** Session, account and roles, in one transaction; without a session everything stays empty. */
rfd_status visit_load(struct page *page, struct rfd_error *error) RFD_MUST_CHECK;
/** By `?lang=`, the cookie, the account, Accept-Language. */
void visit_language(struct page *page);
/** The one value of our cookie; empty when there is none, or two. */
slice visit_cookie(const struct page *page, const char *name);

/* ---- csrf.c ---- */

/** Whether a form was sent by a page of our own, as far as the browser says: Origin and Sec-Fetch-Site. */
bool csrf_is_ours(const struct page *page);
/** Whether the token of the form, or of the header, is right. */
bool csrf_is_right(struct page *page);
/** The token of forms: an HMAC under the session's secret, or the visitor's, who gets one when needed; base64url. Empty
 * without memory. */
slice csrf_token(struct page *page);
/** The tag that a key which the browser keeps (assets/script/kept-key.js) has to have: an HMAC under the session's
 * secret; empty for who did not sign in with a certificate. */
slice csrf_key_tag(const struct page *page);
/** An HMAC of `text` under the browser's own secret, which is the same before and after signing in and out. */
slice csrf_seal(struct page *page, const char *text);

/* ---- page.c ---- */

/** The installation's keys, which are asked for before any transaction begins. */
void page_open_keys(struct page *page);

/* ---- show.c ---- */

/** Headers that every page has. */
void show_headers(struct page *page);
/** What every answer has that is no page either: files, JSON, redirects, problems. */
void show_baseline(const struct page *page, struct http_response *response);
/** The page of an error. */
void show_error(struct page *page, const struct rfd_error *error);
/** A form that came too late, or after the session: everything but passwords and files can be sent once more. */
rfd_status show_again(struct page *page, bool signed_out, struct rfd_error *error) RFD_MUST_CHECK;
/** Whether the one who asks wants a page, rather than an answer for programs. */
bool show_wants_page(const struct http_request *request);

/* ---- moment.c ---- */

/** "2026-11-21", as date fields want it. */
slice moment_iso_day(const struct page *page, rfd_time moment);
/** The first instant of a day in the installation's zone; false when there is no such day. */
struct civil;
bool moment_of_day(const struct page *page, const struct civil *day, rfd_time *out);
/** The first instant of the day after the one in which the moment is: not always 86,400 seconds after its begin.
 * RFD_TIME_NONE of none, and beyond the year 9999. */
rfd_time moment_after_day(const struct page *page, rfd_time day);
/** A day of the address, "2026-11-21": its first instant and the next day's; false when it is none. */
bool moment_read_day(const struct page *page, slice text, rfd_time *first, rfd_time *after);

/* ---- menu.c ---- */

void menu_show(struct page *page, struct view *view);

/* ---- demo/accounts.c ---- */

/** Reads `<home>/demo-accounts.csv`, where there is one. */
rfd_status demo_accounts_read(struct web *web, struct rfd_error *error) RFD_MUST_CHECK;

#endif
