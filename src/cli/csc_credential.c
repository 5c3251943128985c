/* SPDX-License-Identifier: EUPL-1.2
 *
 * One of the service's credentials: which, what its certificate is, and what its owner has to give (CSC API §11.4,
 * §11.5).
 */
#include "base/error.h"
#include "base/number.h"
#include "cli/csc.h"
#include "pki/certificate/pem.h"

enum { CHAIN_MAXIMUM = 512 << 10, CERTIFICATES_MAXIMUM = 10, CERTIFICATE_MAXIMUM = 64 << 10, OBJECTS_MAXIMUM = 16 };

/* ---- Which ---- */

static rfd_status choose_only(struct csc_service *s, const json_t *answer, struct rfd_error *error)
{
    const json_t *ids = json_object_get(answer, "credentialIDs");
    size_t count = json_array_size(ids);
    const json_t *first = json_array_get(ids, 0);
    const char *id = json_string_value(first);
    if (!json_is_array(ids)) return error_set(error, RFD_E_REMOTE_ANSWER, "it has no credentialIDs");
    if (count == 0) return error_set(error, RFD_E_NOT_FOUND, "the service has no credential for you");
    if (count > 1)
        return error_set(error, RFD_E_ARGUMENT, "the service has %zu credentials: choose by --csc-credential", count);
    if (id == NULL || json_string_length(first) > CSC_ID_MAXIMUM)
        return error_set(error, RFD_E_REMOTE_ANSWER, "a credential's name");
    s->credential.id = arena_text(&s->arena, slice_text(id));
    return s->credential.id == NULL ? arena_failed(&s->arena, error) : RFD_OK;
}

static rfd_status find_id(struct csc_service *s, struct rfd_error *error)
{
    json_t *answer = NULL;
    s->credential.id = s->arguments->csc_credential;
    if (s->credential.id != NULL) return RFD_OK;
    rfd_status status = csc_call(s, "credentials/list", json_object(), NULL, NULL, &answer, error);
    if (status == RFD_OK) status = choose_only(s, answer, error);
    json_decref(answer);
    return status;
}

/* ---- Its certificates ---- */

static rfd_status take_certificate(struct csc_credential *c, const json_t *value, struct rfd_error *error)
{
    uint8_t der[CERTIFICATE_MAXIMUM / 4 * 3 + 3];
    const struct certificate *parsed = NULL;
    size_t length = 0;
    const char *text = json_string_value(value);
    if (text == NULL || json_string_length(value) > CERTIFICATE_MAXIMUM ||
        !number_base64(slice_text(text), der, &length))
        return error_set(error, RFD_E_REMOTE_ANSWER, "a certificate that is none");
    TRY(certificate_parse(slice_of(der, length), &parsed, error));
    pem_put(&c->chain, "CERTIFICATE", slice_of(der, length));
    if (c->certificate == NULL)
        c->certificate = parsed;
    else
        certificate_unref(parsed);
    return buf_check(&c->chain, "certificates", error);
}

static rfd_status take_certificates(struct csc_credential *c, const json_t *answer, struct rfd_error *error)
{
    const json_t *cert = json_object_get(answer, "cert");
    const json_t *list = json_object_get(cert, "certificates");
    const char *state = csc_text(cert, "status", 32);
    size_t count = json_array_size(list);
    if (state != NULL && strcmp(state, "valid") != 0)
        return error_set(error,
                         strcmp(state, "revoked") == 0   ? RFD_E_CERTIFICATE_REVOKED
                         : strcmp(state, "expired") == 0 ? RFD_E_CERTIFICATE_EXPIRED
                                                         : RFD_E_CERTIFICATE_UNTRUSTED,
                         "the service says: %s", state);
    if (count == 0 || count > CERTIFICATES_MAXIMUM)
        return error_set(error, RFD_E_REMOTE_ANSWER, "%zu certificates", count);
    buf_init(&c->chain, CHAIN_MAXIMUM);
    for (size_t i = 0; i < count; i++) TRY(take_certificate(c, json_array_get(list, i), error));
    return RFD_OK;
}

/* ---- Its key ---- */

static rfd_status take_key(struct csc_service *s, const json_t *answer, struct rfd_error *error)
{
    struct csc_credential *c = &s->credential;
    const json_t *key = json_object_get(answer, "key");
    const json_t *algorithms = json_object_get(key, "algo");
    const char *state = csc_text(key, "status", 32);
    json_int_t multisign = json_integer_value(json_object_get(answer, "multisign"));
    if (state != NULL && strcmp(state, "enabled") != 0)
        return error_set(error, RFD_E_KEY_REFUSED, "the service says that the key is %s", state);
    for (size_t i = 0; i < json_array_size(algorithms) && c->algorithm_count < CSC_ALGORITHMS; i++) {
        const char *oid = json_string_value(json_array_get(algorithms, i));
        if (oid == NULL) return error_set(error, RFD_E_REMOTE_ANSWER, "algorithms of the key");
        c->algorithms[c->algorithm_count] = arena_text(&s->arena, slice_text(oid));
        if (c->algorithms[c->algorithm_count++] == NULL) return arena_failed(&s->arena, error);
    }
    c->multisign = multisign < 1                       ? 1
                   : multisign > CSC_MULTISIGN_MAXIMUM ? (size_t)CSC_MULTISIGN_MAXIMUM
                                                       : (size_t)multisign;
    return c->algorithm_count > 0 ? RFD_OK : error_set(error, RFD_E_REMOTE_ANSWER, "the key has no algorithms");
}

/* ---- What its owner gives ---- */

static enum csc_mode mode_of(const char *name)
{
    if (name == NULL || strcmp(name, "explicit") == 0) return CSC_EXPLICIT;
    return strcmp(name, "implicit") == 0 ? CSC_IMPLICIT : CSC_BROWSER;
}

/** "true", "optional" (1.0.4 §11.5); an optional one is given when there is a file with it. */
static bool is_wanted(const json_t *object, const char *file)
{
    const char *presence = csc_text(object, "presence", 32);
    if (presence == NULL) return false;
    return strcmp(presence, "true") == 0 || (strcmp(presence, "optional") == 0 && file != NULL);
}

static void take_proofs_1(struct csc_credential *c, const json_t *answer, const struct arguments *a)
{
    const json_t *pin = json_object_get(answer, "PIN"), *code = json_object_get(answer, "OTP");
    const char *type = csc_text(code, "type", 32);
    c->mode = mode_of(csc_text(answer, "authMode", 32));
    c->pin = is_wanted(pin, a->csc_pin_file);
    c->code = is_wanted(code, a->csc_otp_file);
    c->code_is_sent = c->code && (type == NULL || strcmp(type, "online") == 0);
}

static rfd_status take_object(struct csc_service *s, const json_t *object, struct rfd_error *error)
{
    struct csc_credential *c = &s->credential;
    const char *type = csc_text(object, "type", 64), *id = csc_text(object, "id", CSC_ID_MAXIMUM);
    const char *generator = csc_text(object, "generator", 64);
    if (type == NULL || id == NULL) return error_set(error, RFD_E_REMOTE_ANSWER, "authentication objects");
    if (strcmp(type, "PasswordOOB") == 0 || strcmp(type, "ChallengeResponseOOB") == 0) return RFD_OK; /* elsewhere */
    bool code = strcmp(type, "ChallengeResponse") == 0 || generator != NULL || strstr(id, "OTP") != NULL;
    bool *wanted = code ? &c->code : &c->pin;
    if ((!code && strcmp(type, "Password") != 0) || *wanted)
        return error_set(error, RFD_E_UNSUPPORTED, "authentication object %s of type %s", id, type);
    *wanted = true;
    if (code) c->code_is_sent = strcmp(type, "ChallengeResponse") == 0;
    const char *kept = arena_text(&s->arena, slice_text(id));
    if (kept == NULL) return arena_failed(&s->arena, error);
    *(code ? &c->code_id : &c->pin_id) = kept;
    return RFD_OK;
}

static rfd_status take_proofs_2(struct csc_service *s, const json_t *answer, struct rfd_error *error)
{
    const json_t *auth = json_object_get(answer, "auth");
    const json_t *objects = json_object_get(auth, "objects");
    s->credential.mode = mode_of(csc_text(auth, "mode", 32));
    if (json_is_object(objects)) return take_object(s, objects, error); /* as the text's own sample has it */
    if (json_array_size(objects) > OBJECTS_MAXIMUM)
        return error_set(error, RFD_E_REMOTE_ANSWER, "authentication objects");
    for (size_t i = 0; i < json_array_size(objects); i++) TRY(take_object(s, json_array_get(objects, i), error));
    return RFD_OK;
}

static rfd_status take_info(struct csc_service *s, const json_t *answer, struct rfd_error *error)
{
    TRY(take_key(s, answer, error));
    TRY(take_certificates(&s->credential, answer, error));
    if (s->version == 2) return take_proofs_2(s, answer, error);
    take_proofs_1(&s->credential, answer, s->arguments);
    return RFD_OK;
}

rfd_status csc_choose(struct csc_service *s, struct rfd_error *error)
{
    json_t *answer = NULL;
    TRY(find_id(s, error));
    json_t *body = json_pack("{s:s, s:s, s:b, s:b}", "credentialID", s->credential.id, "certificates", "chain",
                             "certInfo", 1, "authInfo", 1);
    rfd_status status = csc_call(s, "credentials/info", body, NULL, NULL, &answer, error);
    if (status == RFD_OK) status = take_info(s, answer, error);
    json_decref(answer);
    return status;
}
