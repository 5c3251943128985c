/* SPDX-License-Identifier: EUPL-1.2 */
#include "jobs/provider_http.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/url.h"

#include <stdlib.h>

enum { CONNECT_SECONDS = 5, ALL_SECONDS = 10, BODY_MAXIMUM = 16 << 10 };

struct provider_http {
    struct provider_party party;
    struct json_http *http;
};

rfd_status provider_http_new(const struct provider_party *party, struct provider_http **out, struct rfd_error *error)
{
    const struct json_http_service service = {.address = party->issuer,
                                              .authorities = party->authorities,
                                              .maximum = PROVIDER_HTTP_MAXIMUM,
                                              .connect_seconds = CONNECT_SECONDS,
                                              .seconds = ALL_SECONDS,
                                              .stop = party->stop};
    struct provider_http *h = memory_zeroed(1, sizeof *h);
    if (h == NULL) return error_memory(error);
    h->party = *party;
    rfd_status status = json_http_new(&service, &h->http, error);
    if (status == RFD_OK)
        *out = h;
    else
        provider_http_free(h);
    return status;
}

void provider_http_free(struct provider_http *http)
{
    if (http == NULL) return;
    json_http_free(http->http);
    memory_free(http);
}

rfd_status provider_http_get(struct provider_http *http, const char *address, json_t **out, struct rfd_error *error)
{
    const struct json_http_request request = {.address = address};
    return json_http_ask(http->http, &request, out, error);
}

/* ---- Codes ---- */

static void put_field(struct buf *b, const char *name, slice value)
{
    buf_print(b, "%s%s=", b->length > 0 ? "&" : "", name);
    url_put_escaped(b, value, "");
}

/** RFC 8414 §2: without a list it is the header. */
static bool wants_body(const json_t *methods)
{
    bool body = false;
    for (size_t i = 0; i < json_array_size(methods); i++) {
        const char *method = json_string_value(json_array_get(methods, i));
        if (method != NULL && strcmp(method, "client_secret_basic") == 0) return false;
        body = body || (method != NULL && strcmp(method, "client_secret_post") == 0);
    }
    return body;
}

/** RFC 6749 §2.3.1: each encoded as in a form first. */
static bool put_basic(struct buf *header, const struct provider_party *party)
{
    struct buf pair;
    buf_init_secret(&pair, BODY_MAXIMUM);
    url_put_escaped(&pair, slice_text(party->client_id), "");
    buf_put_byte(&pair, ':');
    url_put_escaped(&pair, party->secret, "");
    buf_put_text(header, "Authorization: Basic ");
    buf_put_base64(header, buf_slice(&pair));
    buf_put_byte(header, '\0');
    bool good = buf_status(&pair) == RFD_OK;
    buf_dispose(&pair);
    return good;
}

static void put_body(struct buf *body, const struct provider_party *party, const struct provider_code *code,
                     bool in_body)
{
    put_field(body, "grant_type", SLICE("authorization_code"));
    put_field(body, "code", code->code);
    put_field(body, "redirect_uri", slice_text(code->redirect));
    put_field(body, "code_verifier", code->verifier);
    if (in_body || party->secret.length == 0) put_field(body, "client_id", slice_text(party->client_id));
    if (in_body && party->secret.length > 0) put_field(body, "client_secret", party->secret);
}

rfd_status provider_http_redeem(struct provider_http *http, const struct provider_code *code, json_t **out,
                                struct rfd_error *error)
{
    struct buf header, body;
    bool in_body = wants_body(code->methods);
    bool in_header = !in_body && http->party.secret.length > 0;
    rfd_status status;
    buf_init_secret(&header, BODY_MAXIMUM);
    buf_init_secret(&body, BODY_MAXIMUM);
    if (in_header && !put_basic(&header, &http->party)) {
        status = error_memory(error);
        goto out;
    }
    put_body(&body, &http->party, code, in_body);
    TRY_OUT(buf_check(&header, "header", error));
    TRY_OUT(buf_check(&body, "request", error));
    const struct json_http_request request = {
        .address = code->endpoint, .authorization = in_header ? (const char *)header.data : NULL, .form = &body};
    TRY_OUT(json_http_ask(http->http, &request, out, error));
out:
    buf_dispose(&body);
    buf_dispose(&header);
    return status;
}

rfd_status provider_json_text(const json_t *json, struct buf *out, struct rfd_error *error)
{
    char *text = json_dumps(json, JSON_COMPACT);
    if (text == NULL) return error_memory(error);
    buf_put_text(out, text);
    free(text);
    return buf_check(out, "JSON", error);
}
