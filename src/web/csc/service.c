/* SPDX-License-Identifier: EUPL-1.2
 *
 * info, auth/login, auth/revoke.
 */
#include "base/error.h"
#include "base/i18n.h"
#include "base/number.h"
#include "base/secret.h"
#include "web/assets.h"
#include "web/csc/api.h"
#include "web/internal.h"

#include <ctype.h>

/* ---- info ---- */

static json_t *texts(const char *const *items, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) (void)json_array_append_new(list, json_string(items[i]));
    return list;
}

static json_t *list_methods(const struct csc_call *call)
{
    static const char *const oauth[] = {"oauth2/authorize", "oauth2/token", "oauth2/revoke", "oauth2/pushed_authorize"};
    json_t *list = json_array();
    for (const struct csc_method *m = call->version == 1 ? csc_methods_v1 : csc_methods_v2; m->name != NULL; m++)
        if (m->offer != CSC_NEVER && csc_is_offered(call->page, m))
            (void)json_array_append_new(list, json_string(m->name));
    for (unsigned i = 0; i < (call->version == 1 ? 3U : 4U); i++)
        (void)json_array_append_new(list, json_string(oauth[i]));
    return list;
}

static json_t *list_authorisations(const struct csc_call *call)
{
    json_t *list = json_array();
    if (page_settings(call->page)->central.explicit) (void)json_array_append_new(list, json_string("basic"));
    (void)json_array_append_new(list, json_string("oauth2code"));
    (void)json_array_append_new(list, json_string("oauth2client"));
    return list;
}

static void put_formats(const struct csc_call *call, json_t *o)
{
    static const char *const algorithms[] = {CSC_OID_RSA,         CSC_OID_RSA_SHA256,   CSC_OID_RSA_SHA384,
                                             CSC_OID_RSA_SHA512,  CSC_OID_ECDSA_SHA256, CSC_OID_ECDSA_SHA384,
                                             CSC_OID_ECDSA_SHA512};
    static const char *const levels[] = {"Ades-B-B", "Ades-B-T", "Ades-B-LT", "Ades-B-LTA"};
    const struct csc_method *stamping = csc_method_find(2, SLICE("signatures/timestamp"));
    size_t level_count = csc_is_offered(call->page, stamping) ? 4 : 1;
    (void)json_object_set_new(o, "asynchronousOperationMode", json_true());
    (void)json_object_set_new(o, "validationInfo", json_true());
    (void)json_object_set_new(o, "signAlgorithms",
                              json_pack("{s:o}", "algos", texts(algorithms, sizeof algorithms / sizeof *algorithms)));
    (void)json_object_set_new(o, "signature_formats",
                              json_pack("{s:[s,s], s:[[s,s],[s,s]]}", "formats", "P", "C", "envelope_properties",
                                        "Certification", "Revision", "Detached", "Attached"));
    (void)json_object_set_new(o, "documentLimits",
                              json_pack("{s:i, s:i}", "count", CSC_DOCUMENTS, "requestOctets", CSC_DOCUMENTS_BODY));
    (void)json_object_set_new(o, "conformance_levels", texts(levels, level_count));
}

static json_t *region_of(const struct settings *s)
{
    char text[3] = {(char)toupper((unsigned char)s->web.country[0]), '\0', '\0'};
    if (text[0] != '\0') text[1] = (char)toupper((unsigned char)s->web.country[1]);
    return json_string(text);
}

rfd_status csc_info(struct csc_call *call, struct rfd_error *error)
{
    struct page *page = call->page;
    const struct settings *s = page_settings(page);
    bool first = call->version == 1;
    csc_speak(call);
    const char *description = page_text(page, N_("Remote signatures of people and seals of entities"));
    json_t *o = json_object();
    (void)json_object_set_new(o, "specs", json_string(first ? "1.0.4.0" : "2.0.0.0"));
    (void)json_object_set_new(o, "name", json_string(s->web.name));
    (void)json_object_set_new(o, "logo", json_sprintf("%s/a/%s/mark.png", s->web.url, assets_version));
    (void)json_object_set_new(o, "region", region_of(s));
    (void)json_object_set_new(o, "lang", json_string(language_code(page->language)));
    (void)json_object_set_new(o, "description", json_string(description));
    (void)json_object_set_new(o, "authType", list_authorisations(call));
    (void)json_object_set_new(o, "oauth2", json_string(csc_issuer(page, call->version)));
    (void)json_object_set_new(o, "methods", list_methods(call));
    if (!first) put_formats(call, o);
    return csc_answer(page, o, error);
}

/* ---- auth/login ---- */

struct logging_in {
    struct csc_call *call;
    struct portal_proof proof;
    struct csc_token token;
    char text[CSC_TOKEN_SIZE];
    const char *refused, *why;
};

static rfd_status log_in(struct transaction *t, void *context, struct rfd_error *error)
{
    struct logging_in *w = context;
    struct portal portal;
    TRY(portal_prove(t, &w->proof, &portal, error));
    const struct csc_exchange exchange = {.portal = &portal, .version = w->call->version, .own = true};
    return csc_token_exchange(t, &exchange, &w->token, w->text, &w->refused, &w->why, error);
}

/** "Basic" and base64, of which the pair is in the next step. */
static bool is_basic(const struct page *page)
{
    slice header = http_request_header(page->request, "authorization", 0);
    uint8_t decoded[CSC_TEXT_MAXIMUM];
    size_t length = 0;
    if (http_request_header(page->request, "authorization", 1).data != NULL) return false;
    if (header.length < 7 || header.length > CSC_TEXT_MAXIMUM) return false;
    if (!http_equal_any_case(slice_part(header, 0, 6), SLICE("Basic "))) return false;
    bool good = number_base64(http_trim(slice_from(header, 6)), decoded, &length) && length > 0;
    secret_wipe(decoded, sizeof decoded);
    return good;
}

static rfd_status read_proof(struct csc_call *call, struct portal_proof *out, struct rfd_error *error)
{
    const char *endpoint = arena_print(call->page->arena, "%s/auth/login", csc_issuer(call->page, call->version));
    if (endpoint == NULL) return arena_failed(call->page->arena, error);
    if (!is_basic(call->page)) return csc_no(call, CSC_NO_LOGIN_HEADER, error);
    slice client = SLICE_EMPTY, secret = SLICE_EMPTY;
    if (!program_basic(call->page, &client, &secret) || client.length == 0)
        return csc_no(call, CSC_NO_LOGIN_PAIR, error);
    *out = (struct portal_proof){.client = client,
                                 .secret = secret,
                                 .issuer = slice_text(csc_issuer(call->page, call->version)),
                                 .endpoint = slice_text(endpoint)};
    return RFD_OK;
}

/** No token is given here that renews one: a secret is at hand at any time, and says the same. */
rfd_status csc_login(struct csc_call *call, struct rfd_error *error)
{
    struct logging_in w = {.call = call};
    if (csc_value(call, "refresh_token") != NULL) return csc_no(call, CSC_NO_LOGIN_REFRESH, error);
    TRY(read_proof(call, &w.proof, error));
    rfd_status status = page_write(call->page, log_in, &w, error);
    if (status == RFD_E_UNAUTHORISED || (status == RFD_OK && w.refused != NULL)) {
        /* Answered with 400, it counts as a try all the same. */
        (void)limit_take(call->page->web->limit, &call->page->request->client, call->page->now);
        return csc_no(call, CSC_NO_LOGIN_FAILED, error);
    }
    if (status != RFD_OK) return status;
    json_t *json = json_pack("{s:s, s:i}", "access_token", w.text, "expires_in", (int)CSC_SERVICE_SECONDS);
    secret_wipe(w.text, sizeof w.text);
    return csc_answer(call->page, json, error);
}

/* ---- auth/revoke ---- */

static rfd_status revoke(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct csc_call *call = context;
    return csc_token_revoke(t, call->token.portal.id, csc_text(call, "token"), error);
}

rfd_status csc_revoke(struct csc_call *call, struct rfd_error *error)
{
    slice hint = csc_text(call, "token_type_hint");
    if (hint.length > 0 && !slice_is(hint, "access_token") && !slice_is(hint, "refresh_token"))
        return csc_no(call, CSC_NO_HINT, error);
    TRY(page_write(call->page, revoke, call, error));
    csc_answer_nothing(call->page);
    return RFD_OK;
}
