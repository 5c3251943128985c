/* SPDX-License-Identifier: EUPL-1.2
 *
 * That a form was sent by a page of ours. Two ways, both have to agree: what the browser says about where the request
 * comes from (Origin, RFC 6454; Sec-Fetch-Site, W3C Fetch Metadata), and a token that only our pages know: an HMAC
 * under the session's secret. A visitor without a session has a secret in a cookie of its own, which no other site can
 * read or, with the __Host- prefix, set: so that showing a form costs no database row.
 */
#include "web/internal.h"

#include "base/url.h"

#include <openssl/hmac.h>
#include <sys/random.h>

enum { SECRET_SIZE = 32, MAC_SIZE = 32 };

static slice base64url(struct arena *a, slice bytes)
{
    struct buf b;
    buf_init_secret(&b, 256);
    url_put_base64(&b, bytes);
    slice copy = buf_status(&b) == RFD_OK ? arena_copy(a, buf_slice(&b)) : SLICE_EMPTY;
    buf_dispose(&b);
    return copy;
}

static bool is_token(slice text)
{
    if (text.length != TOKEN_SIZE - 1) return false;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
        if (!good) return false;
    }
    return true;
}

/** What the visitor's cookie holds; a new one is set when there is none. */
static slice visitor_secret(struct page *page, bool make)
{
    uint8_t random[SECRET_SIZE];
    const struct web *w = page->web;
    if (page->visitor.length > 0) return page->visitor;
    slice known = visit_cookie(page, w->cookie_visitor);
    if (is_token(known)) {
        page->visitor = known;
    } else if (make && getrandom(random, sizeof random, 0) == (ssize_t)sizeof random) {
        page->visitor = base64url(page->arena, slice_of(random, sizeof random));
        if (page->visitor.length > 0) http_response_cookie(page->response, w->cookie_visitor, page->visitor, 0);
    }
    return page->visitor;
}

static slice sign(const struct page *page, slice key, const char *text)
{
    uint8_t mac[MAC_SIZE];
    if (key.length == 0) return SLICE_EMPTY;
    if (HMAC(EVP_sha256(), key.data, (int)key.length, (const uint8_t *)text, strlen(text), mac, NULL) == NULL)
        return SLICE_EMPTY;
    return base64url(page->arena, slice_of(mac, sizeof mac));
}

static slice token(struct page *page, bool make)
{
    slice session = slice_of(page->session.secret, sizeof page->session.secret);
    return sign(page, page->session.id != 0 ? session : visitor_secret(page, make), FIELD_TOKEN);
}

slice csrf_token(struct page *page)
{
    return token(page, true);
}

slice csrf_key_tag(const struct page *page)
{
    if (page->actor.account == 0 || (page->actor.methods & METHOD_CERTIFICATE) == 0) return SLICE_EMPTY;
    return sign(page, slice_of(page->session.secret, sizeof page->session.secret), "kept-key");
}

slice csrf_seal(struct page *page, const char *text)
{
    return sign(page, visitor_secret(page, true), text);
}

/** The origin of `settings.web.url`, or of what the client says it asks. */
static bool is_own_origin(const struct page *page, slice origin)
{
    slice url = slice_text(page_settings(page)->web.url);
    if (url.length > 0 && http_equal_any_case(origin, url)) return true;
    /* The listener for certificates has another port, and a machine may be called by another name: then the host that
     * was asked for is what the origin has to be. */
    slice host = http_request_header(page->request, "host", 0);
    slice rest = origin;
    if (slice_starts(rest, SLICE("https://")))
        rest = slice_from(rest, sizeof "https://" - 1);
    else if (slice_starts(rest, SLICE("http://")) && !page->web->https)
        rest = slice_from(rest, sizeof "http://" - 1);
    else
        return false;
    return host.length > 0 && http_equal_any_case(rest, host);
}

bool csrf_is_ours(const struct page *page)
{
    slice origin = http_request_header(page->request, "origin", 0);
    slice site = http_request_header(page->request, "sec-fetch-site", 0);
    if (site.data != NULL && !slice_is(site, "same-origin") && !slice_is(site, "none")) return false;
    return origin.data == NULL || is_own_origin(page, origin);
}

bool csrf_is_right(struct page *page)
{
    slice given = http_field_get(&page->fields, FIELD_TOKEN, 0);
    if (given.data == NULL) given = http_request_header(page->request, HEADER_TOKEN, 0);
    slice wanted = token(page, false);
    return wanted.length > 0 && given.length > 0 && secret_equal(given, wanted);
}
