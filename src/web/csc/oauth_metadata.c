/* SPDX-License-Identifier: EUPL-1.2
 *
 * What programs find out by themselves of the authorization servers of both versions (RFC 8414), those of RFC 8705 §5
 * among it: where they go with a TLS client certificate.
 */
#include "base/error.h"
#include "web/csc/csc_pages.h"
#include "web/oidc/oidc_pages.h"

enum { KEEP_SECONDS = 3600 };

static const struct {
    const char *name, *path;
    bool for_programs; /* it has an alias where certificates are asked for */
} addresses[] = {
    {"authorization_endpoint", "/oauth2/authorize", false},
    {"token_endpoint", "/oauth2/token", true},
    {"revocation_endpoint", "/oauth2/revoke", true},
    {"pushed_authorization_request_endpoint", "/oauth2/pushed_authorize", true},
};
static const struct {
    const char *name, *values; /* separated by blanks */
} features[] = {
    {"response_types_supported", "code"},
    {"response_modes_supported", "query"},
    {"grant_types_supported", "authorization_code refresh_token client_credentials"},
    {"scopes_supported", "service credential"},
    {"token_endpoint_auth_signing_alg_values_supported", "ES256 ES384 RS256"},
    {"revocation_endpoint_auth_signing_alg_values_supported", "ES256 ES384 RS256"},
    {"code_challenge_methods_supported", "S256"},
    {"ui_locales_supported", "es ca en"},
};

/** By certificate only where there is a listener that asks for one. */
static void put_proofs(const struct page *page, json_t *o)
{
    const char *ways = program_certificate_base(page) != NULL
                           ? "private_key_jwt self_signed_tls_client_auth client_secret_basic client_secret_post"
                           : "private_key_jwt client_secret_basic client_secret_post";
    (void)json_object_set_new(o, "token_endpoint_auth_methods_supported", oidc_words(ways));
    (void)json_object_set_new(o, "revocation_endpoint_auth_methods_supported", oidc_words(ways));
}

static void put_addresses(json_t *o, const char *base, bool for_programs)
{
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        if (!for_programs || addresses[i].for_programs)
            (void)json_object_set_new(o, addresses[i].name, json_sprintf("%s%s", base, addresses[i].path));
}

static void put_aliases(const struct page *page, json_t *o, unsigned version)
{
    const char *certificates = program_certificate_base(page);
    const char *base =
        certificates == NULL ? NULL : arena_print(page->arena, "%s%s", certificates, version == 1 ? CSC_V1 : CSC_V2);
    if (base == NULL) return;
    json_t *aliases = json_object();
    put_addresses(aliases, base, true);
    (void)json_object_set_new(o, "mtls_endpoint_aliases", aliases);
}

rfd_status csc_metadata(struct page *page, struct rfd_error *error)
{
    unsigned version = slice_ends(page->request->path, SLICE(CSC_V1)) ? 1 : 2;
    const char *issuer = csc_issuer(page, version);
    json_t *o = json_object();
    (void)json_object_set_new(o, "issuer", json_string(issuer));
    put_addresses(o, issuer, false);
    for (size_t i = 0; i < sizeof features / sizeof *features; i++)
        (void)json_object_set_new(o, features[i].name, oidc_words(features[i].values));
    put_proofs(page, o);
    if (version == 2) (void)json_object_set_new(o, "authorization_details_types_supported", oidc_words("credential"));
    (void)json_object_set_new(o, "authorization_response_iss_parameter_supported", json_true());
    (void)json_object_set_new(o, "require_pushed_authorization_requests", json_false());
    (void)json_object_set_new(o, "request_parameter_supported", json_false());
    put_aliases(page, o, version);
    TRY(csc_put_json(page, o, error));
    http_response_cache(page->response, HTTP_PUBLIC, KEEP_SECONDS);
    http_response_header(page->response, "Access-Control-Allow-Origin", SLICE("*"));
    return RFD_OK;
}
