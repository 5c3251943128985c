/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/response.h"

#include "base/buf.h"

#include <unistd.h>

/** The first failure stays. */
static void fail(struct http_response *response, rfd_status status)
{
    if (response->failed == RFD_OK) response->failed = status;
}

/** RFC 9110 §5.5: visible characters, blanks, tabs, and bytes above ASCII. */
static bool is_value(slice s)
{
    for (size_t i = 0; i < s.length; i++)
        if ((s.data[i] < 0x20 && s.data[i] != '\t') || s.data[i] == 0x7F) return false;
    return true;
}

void http_response_header(struct http_response *response, const char *name, slice value)
{
    if (!is_value(value) || !http_is_token(slice_text(name))) {
        fail(response, RFD_E_ARGUMENT);
        return;
    }
    char *copy = arena_text(response->arena, value);
    if (copy == NULL || response->header_count == HTTP_RESPONSE_HEADERS) {
        fail(response, RFD_E_LIMIT);
        return;
    }
    response->headers[response->header_count++] = (struct http_field){slice_text(name), slice_of(copy, value.length)};
}

static void close_file(struct http_response *response)
{
    if (response->file >= 0) (void)close(response->file);
    response->file = -1;
}

void http_response_body(struct http_response *response, const char *content_type, slice body)
{
    close_file(response);
    http_response_header(response, "Content-Type", slice_text(content_type));
    response->body = body;
}

void http_response_text(struct http_response *response, int status, slice text)
{
    response->status = status;
    http_response_cache(response, HTTP_NO_STORE, 0);
    http_response_body(response, "text/plain; charset=utf-8", text);
}

void http_response_file(struct http_response *response, const char *content_type, int file, uint64_t offset,
                        uint64_t length)
{
    close_file(response);
    http_response_header(response, "Content-Type", slice_text(content_type));
    response->file = file;
    response->file_offset = offset;
    response->file_length = length;
}

void http_response_prepared(struct http_response *response, struct http_prepared *prepared)
{
    http_prepared_release(response->prepared);
    response->prepared = http_prepared_hold(prepared);
}

void http_response_etag(struct http_response *response, slice tag)
{
    char *text = arena_print(response->arena, "\"%.*s\"", (int)tag.length, (const char *)tag.data);
    for (size_t i = 0; i < tag.length; i++) {
        uint8_t c = tag.data[i];
        bool letter = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
        if (!letter) fail(response, RFD_E_ARGUMENT);
    }
    if (text == NULL)
        fail(response, RFD_E_LIMIT);
    else
        response->etag = slice_text(text);
}

void http_response_last_modified(struct http_response *response, rfd_time moment)
{
    response->last_modified = moment;
}

void http_response_cache(struct http_response *response, enum http_cache cache, uint64_t seconds)
{
    static const char *const forms[] = {
        [HTTP_NO_STORE] = "no-store",
        [HTTP_REVALIDATE] = "private, no-cache",
        [HTTP_PUBLIC] = "public, max-age=%llu",
        [HTTP_IMMUTABLE] = "public, max-age=%llu, immutable",
    };
    char text[64];
    (void)snprintf(text, sizeof text, forms[cache], (unsigned long long)seconds);
    http_response_header(response, "Cache-Control", slice_text(text));
}

void http_response_redirect(struct http_response *response, int status, slice location)
{
    bool ours = location.length > 0 && location.data[0] == '/' &&
                (location.length == 1 || (location.data[1] != '/' && location.data[1] != '\\'));
    if (!ours) fail(response, RFD_E_ARGUMENT);
    response->status = status;
    http_response_header(response, "Location", location);
}

void http_response_cookie(struct http_response *response, const char *name, slice value, int64_t seconds)
{
    struct buf text;
    buf_init(&text, 4096);
    bool sound = http_is_token(slice_text(name));
    for (size_t i = 0; i < value.length; i++)
        sound = sound && value.data[i] > 0x20 && value.data[i] < 0x7F && strchr("\",;\\", value.data[i]) == NULL;
    buf_put_text(&text, name);
    buf_put_byte(&text, '=');
    buf_put_slice(&text, value);
    buf_put_text(&text, "; Path=/; Secure; HttpOnly; SameSite=Lax");
    if (seconds != 0) buf_print(&text, "; Max-Age=%lld", (long long)(seconds < 0 ? 0 : seconds));
    if (!sound || buf_status(&text) != RFD_OK)
        fail(response, RFD_E_ARGUMENT);
    else
        http_response_header(response, "Set-Cookie", buf_slice(&text));
    buf_dispose(&text);
}

void http_response_page(struct http_response *response, const char *content_security_policy)
{
    static const char policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                                 "font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; "
                                 "base-uri 'none'; frame-ancestors 'none'";
    static const char *const page_headers[][2] = {
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "same-origin"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"},
    };
    http_response_header(response, "Content-Security-Policy",
                         slice_text(content_security_policy == NULL ? policy : content_security_policy));
    for (size_t i = 0; i < sizeof page_headers / sizeof *page_headers; i++)
        http_response_header(response, page_headers[i][0], slice_text(page_headers[i][1]));
}

void http_response_retry_after(struct http_response *response, unsigned seconds)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%u", seconds);
    http_response_header(response, "Retry-After", slice_text(text));
}
