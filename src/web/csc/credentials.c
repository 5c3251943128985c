/* SPDX-License-Identifier: EUPL-1.2
 *
 * credentials/list and credentials/info: one credential as JSON, as each version wants it.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/number.h"
#include "pki/certificate/certificate.h"
#include "web/csc/api.h"
#include "web/internal.h"

enum { NAME_MAXIMUM = 4096, PAGE_SIZE = 100 };

/** What is to be shown of each. */
struct showing {
    bool single, chain, certificate, authorisation;
};

static rfd_status read_showing(struct csc_call *call, struct showing *out, struct rfd_error *error)
{
    slice certificates = csc_text(call, "certificates");
    bool any = csc_value(call, "certificates") != NULL;
    *out = (struct showing){.single = !any || slice_is(certificates, "single"),
                            .chain = slice_is(certificates, "chain"),
                            .certificate = csc_switch(call, "certInfo"),
                            .authorisation = csc_switch(call, "authInfo")};
    if (out->single || out->chain || slice_is(certificates, "none")) return RFD_OK;
    return csc_no(call, CSC_NO_CERTIFICATES, error);
}

/* ---- Key ---- */

static json_t *key_of(const struct central_credential *c, const struct certificate *certificate, rfd_time now)
{
    static const char *const curves[][2] = {
        {"P-256", "1.2.840.10045.3.1.7"}, {"P-384", "1.3.132.0.34"}, {"P-521", "1.3.132.0.35"}};
    bool usable = central_credential_is_usable(c, now);
    bool rsa = certificate->key_type == KEY_RSA;
    json_t *key = json_pack("{s:s, s:i}", "status", usable ? "enabled" : "disabled", "len", certificate->key_bits_size);
    json_t *algorithms =
        rsa ? json_pack("[s,s,s,s]", CSC_OID_RSA, CSC_OID_RSA_SHA256, CSC_OID_RSA_SHA384, CSC_OID_RSA_SHA512)
            : json_pack("[s,s,s]", CSC_OID_ECDSA_SHA256, CSC_OID_ECDSA_SHA384, CSC_OID_ECDSA_SHA512);
    (void)json_object_set_new(key, "algo", algorithms);
    for (size_t i = 0; certificate->curve != NULL && i < sizeof curves / sizeof *curves; i++)
        if (strcmp(certificate->curve, curves[i][0]) == 0)
            (void)json_object_set_new(key, "curve", json_string(curves[i][1]));
    return key;
}

/* ---- Certificate ---- */

static const char *status_of(const struct central_credential *c, rfd_time now)
{
    if (c->revoked) return "revoked";
    if (c->held) return "suspended";
    return now >= c->not_after ? "expired" : "valid";
}

static void put_name(json_t *o, const char *member, slice name)
{
    struct buf b;
    buf_init(&b, NAME_MAXIMUM);
    certificate_put_name(&b, name);
    if (buf_status(&b) == RFD_OK) (void)json_object_set_new(o, member, json_stringn((const char *)b.data, b.length));
    buf_dispose(&b);
}

static void put_serial(json_t *o, slice serial)
{
    char text[2 * 32];
    while (serial.length > 1 && serial.data[0] == 0) serial = slice_from(serial, 1);
    if (serial.length > sizeof text / 2) return;
    number_to_hex(serial, true, (uint8_t *)text);
    (void)json_object_set_new(o, "serialNumber", json_stringn(text, 2 * serial.length));
}

static void put_details(json_t *o, const struct certificate *certificate)
{
    char from[CLOCK_TEXT_SIZE], to[CLOCK_TEXT_SIZE];
    put_name(o, "issuerDN", certificate->issuer);
    put_serial(o, certificate->serial);
    put_name(o, "subjectDN", certificate->subject);
    (void)json_object_set_new(o, "validFrom", json_string(clock_asn1(certificate->not_before, true, from)));
    (void)json_object_set_new(o, "validTo", json_string(clock_asn1(certificate->not_after, true, to)));
}

struct chaining {
    struct csc_call *call;
    int64_t registered;
    slice chain[CSC_CHAIN_MAXIMUM];
    size_t count;
};

static rfd_status find_chain(struct transaction *t, void *context, struct rfd_error *error)
{
    struct chaining *c = context;
    return csc_chain(t, c->registered, c->call->page->arena, c->chain, &c->count, error);
}

static rfd_status put_certificate(struct csc_call *call, const struct central_credential *c,
                                  const struct certificate *certificate, const struct showing *show, json_t *out,
                                  struct rfd_error *error)
{
    struct chaining chain = {.call = call, .registered = c->registered, .chain = {c->certificate}, .count = 1};
    json_t *o = json_pack("{s:s}", "status", status_of(c, call->page->now));
    json_t *list = json_array();
    (void)json_object_set_new(out, "cert", o);
    if (show->certificate) put_details(o, certificate);
    rfd_status status = show->chain && c->registered != 0 ? page_read(call->page, find_chain, &chain, error) : RFD_OK;
    for (size_t i = 0; status == RFD_OK && i < chain.count; i++)
        (void)json_array_append_new(list, csc_json_base64(call, chain.chain[i]));
    if (show->chain || show->single)
        (void)json_object_set_new(o, "certificates", list);
    else
        json_decref(list);
    return status;
}

/* ---- How it is authorised ---- */

static const char *pin_description(const struct csc_call *call)
{
    return page_text(call->page, N_("The password of the seal"));
}

static const char *code_description(const struct csc_call *call)
{
    return page_text(call->page, N_("A code for one authorization, sent to the mobile of who answers for the seal"));
}

static void put_mode_v1(const struct csc_call *call, const struct central_credential *c, const struct showing *show,
                        json_t *out)
{
    (void)json_object_set_new(out, "authMode", json_string(c->entity ? "explicit" : "oauth2code"));
    if (!c->entity || !show->authorisation) return;
    (void)json_object_set_new(out, "PIN",
                              json_pack("{s:s, s:s, s:s, s:s}", "presence", "true", "format", "A", "label", "PIN",
                                        "description", pin_description(call)));
    json_t *code = !c->code ? json_pack("{s:s}", "presence", "false")
                            : json_pack("{s:s, s:s, s:s, s:s, s:s}", "presence", "true", "type", "online", "format",
                                        "N", "label", "OTP", "description", code_description(call));
    (void)json_object_set_new(out, "OTP", code);
}

static void put_mode_v2(const struct csc_call *call, const struct central_credential *c, const struct showing *show,
                        json_t *out)
{
    json_t *mode = json_pack("{s:s}", "mode", c->entity ? "explicit" : "oauth2code");
    (void)json_object_set_new(out, "auth", mode);
    if (!c->entity || !show->authorisation) return;
    json_t *objects = json_pack("[{s:s, s:s, s:s, s:s, s:s}]", "type", "Password", "id", "PIN", "format", "A", "label",
                                "PIN", "description", pin_description(call));
    if (c->code)
        (void)json_array_append_new(objects,
                                    json_pack("{s:s, s:s, s:s, s:s, s:s}", "type", "ChallengeResponse", "id", "OTP",
                                              "format", "N", "label", "OTP", "description", code_description(call)));
    (void)json_object_set_new(mode, "expression", json_string(c->code ? "PIN AND OTP" : "PIN"));
    (void)json_object_set_new(mode, "objects", objects);
}

/** A new reference; RFD_E_NOT_FOUND of one that has no certificate yet. */
static rfd_status make(struct csc_call *call, const struct central_credential *c, const struct showing *show,
                       json_t **out, struct rfd_error *error)
{
    const struct certificate *certificate = NULL;
    if (c->certificate.length == 0) return error_set(error, RFD_E_NOT_FOUND, "no certificate yet");
    TRY(certificate_parse(c->certificate, &certificate, error));
    json_t *o = json_object();
    (void)json_object_set_new(o, "key", key_of(c, certificate, call->page->now));
    rfd_status status = put_certificate(call, c, certificate, show, o, error);
    certificate_unref(certificate);
    if (call->version == 1)
        put_mode_v1(call, c, show, o);
    else
        put_mode_v2(call, c, show, o);
    (void)json_object_set_new(o, "SCAL", json_string("2"));
    (void)json_object_set_new(o, "multisign", json_integer(CSC_HASHES));
    (void)json_object_set_new(o, "lang", json_string(language_code(call->page->language)));
    if (status == RFD_OK)
        *out = o;
    else
        json_decref(o);
    return status;
}

rfd_status csc_show(struct csc_call *call, struct rfd_error *error)
{
    struct central_credential c;
    struct showing show;
    json_t *o = NULL;
    TRY(csc_find_credential(call, &c, error));
    TRY(read_showing(call, &show, error));
    csc_speak(call);
    rfd_status status = make(call, &c, &show, &o, error);
    if (status == RFD_E_NOT_FOUND) return csc_no(call, CSC_NO_CREDENTIAL_INVALID, error);
    return status == RFD_OK ? csc_answer(call->page, o, error) : status;
}

/* ---- Lists ---- */

/** A person's token is for the person alone; a portal's for the holders of its seals, one of whom may be named. */
static rfd_status find_all(struct csc_call *call, struct central_credential **out, size_t *count,
                           struct rfd_error *error)
{
    slice user = csc_text(call, "userID");
    size_t kept = 0;
    bool named = csc_value(call, "userID") != NULL;
    if (named && call->token.account != 0) return csc_no(call, CSC_NO_USER_NOT_NULL, error);
    TRY(csc_credentials(&call->central, &call->token, call->page->arena, out, count, error));
    for (size_t i = 0; i < *count; i++) {
        const struct central_credential *c = &(*out)[i];
        if (c->certificate.length == 0 || c->state == PERSONAL_DESTROYED) continue;
        if (!named || slice_is(user, c->holder)) (*out)[kept++] = *c;
    }
    *count = kept;
    return named && kept == 0 ? csc_no(call, CSC_NO_USER_INVALID, error) : RFD_OK;
}

rfd_status csc_list_v1(struct csc_call *call, struct rfd_error *error)
{
    struct central_credential *all = NULL;
    const json_t *most = csc_value(call, "maxResults");
    uint64_t from = 0;
    size_t count = 0;
    slice token = csc_text(call, "pageToken");
    if (most != NULL && (json_integer_value(most) < 1 || json_integer_value(most) > INT32_MAX))
        return csc_no(call, CSC_NO_RESULTS, error);
    TRY(find_all(call, &all, &count, error));
    bool wrong = csc_value(call, "pageToken") != NULL && (!number_unsigned(token, count, &from) || from == 0);
    if (wrong || (from > 0 && from == count)) return csc_no(call, CSC_NO_PAGE_TOKEN, error);
    size_t size = most == NULL || json_integer_value(most) > PAGE_SIZE ? PAGE_SIZE : (size_t)json_integer_value(most);
    json_t *list = json_array(), *o = json_pack("{s:o}", "credentialIDs", list);
    for (size_t i = 0; i < size && from < count; i++) (void)json_array_append_new(list, json_string(all[from++].id));
    if (from < count) (void)json_object_set_new(o, "nextPageToken", json_sprintf("%llu", (unsigned long long)from));
    return csc_answer(call->page, o, error);
}

static rfd_status put_info(struct csc_call *call, const struct central_credential *c, const struct showing *show,
                           json_t *list, struct rfd_error *error)
{
    json_t *o = NULL;
    TRY(make(call, c, show, &o, error));
    (void)json_object_set_new(o, "credentialID", json_string(c->id));
    return json_array_append_new(list, o) == 0 ? RFD_OK : error_memory(error);
}

rfd_status csc_list_v2(struct csc_call *call, struct rfd_error *error)
{
    struct central_credential *all = NULL;
    struct showing show;
    size_t count = 0;
    bool only = csc_switch(call, "onlyValid"), whole = csc_switch(call, "credentialInfo");
    TRY(find_all(call, &all, &count, error));
    TRY(read_showing(call, &show, error));
    csc_speak(call);
    json_t *ids = json_array(), *infos = json_array();
    rfd_status status = RFD_OK;
    for (size_t i = 0; i < count && status == RFD_OK; i++) {
        if (only && !central_credential_is_usable(&all[i], call->page->now)) continue;
        (void)json_array_append_new(ids, json_string(all[i].id));
        if (whole) status = put_info(call, &all[i], &show, infos, error);
    }
    json_t *o = json_pack("{s:o}", "credentialIDs", ids);
    if (only) (void)json_object_set_new(o, "onlyValid", json_true());
    if (whole)
        (void)json_object_set_new(o, "credentialInfos", infos);
    else
        json_decref(infos);
    if (status == RFD_OK) return csc_answer(call->page, o, error);
    json_decref(o);
    return status;
}
