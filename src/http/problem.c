/* SPDX-License-Identifier: EUPL-1.2
 *
 * Problem details (RFC 9457) in JSON (RFC 8259).
 */
#include "http/response.h"

#include "base/buf.h"

enum { PROBLEM_LONGEST = 8192 };

static void put_string(struct buf *b, const char *text)
{
    buf_put_byte(b, '"');
    for (; *text != '\0'; text++) {
        uint8_t c = (uint8_t)*text;
        if (c == '"' || c == '\\') buf_put_byte(b, '\\');
        if (c < 0x20)
            buf_print(b, "\\u%04x", c);
        else
            buf_put_byte(b, c);
    }
    buf_put_byte(b, '"');
}

static void put_member(struct buf *b, const char *name, const char *text)
{
    if (text[0] == '\0') return;
    buf_print(b, ",\"%s\":", name);
    put_string(b, text);
}

/** Forgets what the handler had prepared: a half-made answer's headers may say what is not true any more. */
static void start_again(struct http_response *response)
{
    response->header_count = 0;
    response->failed = RFD_OK;
    response->etag = SLICE_EMPTY;
    response->last_modified = RFD_TIME_NONE;
    http_prepared_release(response->prepared);
    response->prepared = NULL;
}

void http_response_problem(struct http_response *response, const struct http_request *request,
                           const struct rfd_error *error)
{
    struct buf b;
    int status = rfd_status_http(error->code);
    start_again(response);
    buf_init(&b, PROBLEM_LONGEST);
    buf_print(&b, "{\"type\":\"tag:refrenda,2026:%s\",\"title\":", rfd_status_name(error->code));
    put_string(&b, language_get(request->language, rfd_status_message(error->code)));
    buf_print(&b, ",\"status\":%d", status);
    put_member(&b, "code", rfd_status_name(error->code));
    if (rfd_status_class(error->code) != RFD_CLASS_SYSTEM) put_member(&b, "detail", error->detail);
    put_member(&b, "hint", language_get(request->language, rfd_status_hint(error->code)));
    put_member(&b, "request", request->id);
    buf_put_text(&b, "}\n");
    response->status = status;
    response->error = error->code;
    http_response_body(response, "application/problem+json", arena_copy(response->arena, buf_slice(&b)));
    http_response_cache(response, HTTP_NO_STORE, 0);
    if (request->language != NULL)
        http_response_header(response, "Content-Language", slice_text(language_code(request->language)));
    if (status == 503) http_response_retry_after(response, 5);
    buf_dispose(&b);
}
