/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/program.h"

#include "base/error.h"
#include "base/number.h"
#include "http/percent.h"

enum { AUTHORIZATION_MAXIMUM = 4096 };

/** What follows the scheme of an Authorization header; data NULL: it has another one. */
static slice credentials(const struct page *page, slice scheme)
{
    slice header = http_request_header(page->request, "authorization", 0);
    if (header.length <= scheme.length || header.length > AUTHORIZATION_MAXIMUM ||
        !http_equal_any_case(slice_part(header, 0, scheme.length), scheme))
        return SLICE_EMPTY;
    return http_trim(slice_from(header, scheme.length));
}

/** RFC 6749 §2.3.1: both parts are encoded as in a form before Basic. Empty for what is not. */
static slice decode(struct arena *a, slice text)
{
    slice decoded;
    return percent_decode(text, PERCENT_PLUS_BLANK, a, &decoded, NULL) == RFD_OK ? decoded : SLICE_EMPTY;
}

bool program_basic(struct page *page, slice *name, slice *secret)
{
    slice text = credentials(page, SLICE("Basic "));
    size_t length = 0;
    uint8_t *decoded = text.length == 0 ? NULL : arena_allocate(page->arena, text.length / 4 * 3 + 3);
    if (decoded == NULL || !number_base64(text, decoded, &length)) return false;
    const uint8_t *colon = memchr(decoded, ':', length);
    if (colon == NULL) return false;
    size_t cut = (size_t)(colon - decoded);
    *name = decode(page->arena, slice_of(decoded, cut));
    *secret = decode(page->arena, slice_of(colon + 1, length - cut - 1));
    return true;
}

slice program_bearer(const struct page *page)
{
    return credentials(page, SLICE("Bearer "));
}

slice program_field(const struct http_fields *form, const char *name)
{
    return http_field_count(form, name) == 1 ? http_field_get(form, name, 0) : SLICE_EMPTY;
}

rfd_status program_proof(struct page *page, const struct http_fields *form, const char *issuer, const char *endpoint,
                         struct portal_proof *out, struct rfd_error *error)
{
    slice name = SLICE_EMPTY, secret = SLICE_EMPTY;
    struct portal_proof proof = {.client = program_field(form, "client_id"),
                                 .secret = program_field(form, "client_secret"),
                                 .assertion = program_field(form, "client_assertion"),
                                 .certificate = page->request->shown_certificate,
                                 .issuer = slice_text(issuer),
                                 .endpoint = slice_text(endpoint)};
    bool typed = slice_is(program_field(form, "client_assertion_type"), PROGRAM_ASSERTION_TYPE);
    if (proof.assertion.length > 0 && !typed)
        return error_set(error, RFD_E_REQUEST, "client_assertion_type: jwt-bearer is the one that is taken");
    if (program_basic(page, &name, &secret)) {
        bool same = proof.client.length == 0 || slice_equal(proof.client, name);
        if (proof.secret.length > 0 || !same)
            return error_set(error, RFD_E_REQUEST, "the client says in two ways who it is");
        proof.client = name;
        proof.secret = secret;
    }
    if (proof.secret.length > 0 && proof.assertion.length > 0)
        return error_set(error, RFD_E_REQUEST, "the client proves in two ways who it is");
    *out = proof;
    return RFD_OK;
}

const char *program_certificate_base(const struct page *page)
{
    const struct settings *s = page_settings(page);
    if (s->web.certificate_listen.count == 0) return NULL;
    const char *port = strrchr(s->web.certificate_listen.items[0], ':');
    const char *host = strstr(s->web.url, "://");
    if (port == NULL || host == NULL) return NULL;
    host += 3;
    size_t length = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
    return arena_print(page->arena, "https://%.*s%s", (int)length, host, port);
}
