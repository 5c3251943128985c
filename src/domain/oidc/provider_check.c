/* SPDX-License-Identifier: EUPL-1.2
 *
 * What another provider says, judged: each rule is a function, so that none is forgotten when one is added.
 */
#include "base/error.h"
#include "base/text.h"
#include "domain/oidc/provider.h"

enum { SKEW_SECONDS = 60, AGE_SECONDS = 600, ENDPOINT_MAXIMUM = 2048 };

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static bool is(const char *text, const char *wanted)
{
    return text != NULL && strcmp(text, wanted) == 0;
}

/* ---- Metadata ---- */

static bool is_endpoint(const char *address)
{
    if (address == NULL || strlen(address) > ENDPOINT_MAXIMUM || !text_is_ascii(slice_text(address))) return false;
    for (const char *at = address; *at != '\0'; at++) {
        if (*at <= ' ' || *at == 0x7F || strchr("\"<>\\", *at) != NULL) return false;
    }
    return strchr(address, '#') == NULL &&
           (strncmp(address, "https://", 8) == 0 || strncmp(address, "http://", 7) == 0);
}

rfd_status provider_check_metadata(const json_t *metadata, const char *issuer, struct rfd_error *error)
{
    static const char *const endpoints[] = {"authorization_endpoint", "token_endpoint", "jwks_uri"};
    if (!is(text_of(metadata, "issuer"), issuer))
        return error_set(error, RFD_E_INVALID, "%s: its metadata is of another issuer", issuer);
    for (size_t i = 0; i < sizeof endpoints / sizeof *endpoints; i++) {
        const char *address = text_of(metadata, endpoints[i]);
        if (!is_endpoint(address)) return error_set(error, RFD_E_INVALID, "%s: %s", issuer, endpoints[i]);
        /* Nobody is sent from https to what others can read. */
        if (strncmp(issuer, "https://", 8) == 0 && strncmp(address, "https://", 8) != 0)
            return error_set(error, RFD_E_INVALID, "%s: %s is not https", issuer, endpoints[i]);
    }
    return RFD_OK;
}

/* ---- Claims ---- */

static bool wrong_issuer(const json_t *claims, const struct provider_expectation *w)
{
    return !is(text_of(claims, "iss"), w->issuer);
}

static bool wrong_audience(const json_t *claims, const struct provider_expectation *w)
{
    const json_t *audience = json_object_get(claims, "aud");
    if (json_is_string(audience)) return !is(json_string_value(audience), w->client_id);
    for (size_t i = 0; i < json_array_size(audience); i++) {
        if (is(json_string_value(json_array_get(audience, i)), w->client_id)) return false;
    }
    return true;
}

/** With several audiences it has to say whom it was given to. */
static bool wrong_party(const json_t *claims, const struct provider_expectation *w)
{
    bool several = json_array_size(json_object_get(claims, "aud")) > 1;
    const json_t *party = json_object_get(claims, "azp");
    return party == NULL ? several : !is(json_string_value(party), w->client_id);
}

static bool wrong_times(const json_t *claims, const struct provider_expectation *w)
{
    const json_t *ends = json_object_get(claims, "exp");
    const json_t *issued = json_object_get(claims, "iat");
    double now = (double)(w->now / RFD_SECOND);
    if (!json_is_number(ends) || !json_is_number(issued)) return true;
    return json_number_value(ends) <= now - SKEW_SECONDS || json_number_value(issued) > now + SKEW_SECONDS ||
           json_number_value(issued) < now - AGE_SECONDS;
}

static bool wrong_nonce(const json_t *claims, const struct provider_expectation *w)
{
    const char *nonce = text_of(claims, "nonce");
    return nonce == NULL || !secret_equal(slice_text(nonce), w->nonce);
}

static bool wrong_holder(const json_t *claims, const struct provider_expectation *w)
{
    const json_t *holder = json_object_get(claims, w->claim);
    size_t length = json_string_length(holder);
    return length == 0 || length > PROVIDER_HOLDER_MAXIMUM || strlen(json_string_value(holder)) != length ||
           !text_is_printable(slice_text(json_string_value(holder)));
}

static const struct {
    bool (*wrong)(const json_t *claims, const struct provider_expectation *wanted);
    const char *what;
} checks[] = {
    {wrong_issuer, "iss"},     {wrong_audience, "aud"}, {wrong_party, "azp"},
    {wrong_times, "exp, iat"}, {wrong_nonce, "nonce"},  {wrong_holder, "the claim that says who it is"},
};

rfd_status provider_check_claims(const json_t *claims, const struct provider_expectation *wanted, slice *holder,
                                 struct rfd_error *error)
{
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if (checks[i].wrong(claims, wanted))
            return error_set(error, RFD_E_INVALID, "identity token: %s", checks[i].what);
    }
    *holder = slice_text(text_of(claims, wanted->claim));
    return RFD_OK;
}
