/* SPDX-License-Identifier: EUPL-1.2
 *
 * The CSC API as portals use it, whole ways through the web with both keepers behind it: people's hashes and documents,
 * seals by PIN, answers that are asked for later, time stamps; and what is tried with what was once given: again, by
 * others, for more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "authority_support.h"
#include "csc_world.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/number.h"
#include "http/listener.h"
#include "jws_maker.h"
#include "keeper/ask.h"
#include "keeper/client_internal.h"
#include "pki/authority/stamper.h"
#include "pki/certificate/certificate.h"
#include "pki/cms/timestamp.h"
#include "pki/oid.h"

#include <refrenda/verify.h>

#include <openssl/ec.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define SHA256 "2.16.840.1.101.3.4.2.1"
#define ECDSA  "1.2.840.10045.4.3.2"

enum { FIRST = 500, OCTETS = 1 << 17 };

/* ---- Helpers ---- */

static slice decode(const json_t *text, struct buf *out)
{
    size_t length = 0;
    assert_true(json_is_string(text));
    buf_init(out, OCTETS);
    uint8_t *to = buf_reserve(out, json_string_length(text) / 4 * 3 + 3);
    assert_non_null(to);
    assert_true(number_base64(slice_text(json_string_value(text)), to, &length));
    out->length = length;
    return buf_slice(out);
}

/** Whether it is the signature of hash `number` by this certificate. */
static bool verifies(slice certificate, unsigned number, const json_t *signature)
{
    uint8_t digest[32];
    struct buf octets;
    const unsigned char *at = certificate.data;
    X509 *x = d2i_X509(NULL, &at, (long)certificate.length);
    slice value = decode(signature, &octets);
    csc_world_digest(number, digest);
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(NULL, X509_get0_pubkey(x), NULL);
    assert_int_equal(EVP_PKEY_verify_init(c), 1);
    assert_int_equal(EVP_PKEY_CTX_set_signature_md(c, EVP_sha256()), 1);
    bool good = EVP_PKEY_verify(c, value.data, value.length, digest, sizeof digest) == 1;
    EVP_PKEY_CTX_free(c);
    X509_free(x);
    buf_dispose(&octets);
    return good;
}

static json_t *hashes_of(unsigned first, unsigned count)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < count; i++) (void)json_array_append_new(list, json_string(csc_world_hash(first + i)));
    return list;
}

static json_t *sign_request(const struct csc_world *w, unsigned version, const char *credential, const char *sad,
                            unsigned first, unsigned count)
{
    (void)w;
    json_t *o =
        json_pack("{s:s, s:o, s:s, s:s}", "credentialID", credential, version == 1 ? "hash" : "hashes",
                  hashes_of(first, count), version == 1 ? "hashAlgo" : "hashAlgorithmOID", SHA256, "signAlgo", ECDSA);
    if (sad != NULL) (void)json_object_set_new(o, "SAD", json_string(sad));
    return o;
}

static void signs(struct csc_world *w, unsigned version, const char *credential, const char *sad, unsigned first,
                  unsigned count)
{
    slice certificate = csc_world_certificate(w, credential);
    json_t *answer =
        csc_world_good(w, version, "signatures/signHash", sign_request(w, version, credential, sad, first, count));
    const json_t *signatures = json_object_get(answer, "signatures");
    assert_int_equal(json_array_size(signatures), count);
    for (unsigned i = 0; i < count; i++) assert_true(verifies(certificate, first + i, json_array_get(signatures, i)));
    json_decref(answer);
}

static void does_not_sign(struct csc_world *w, unsigned version, const char *credential, const char *sad,
                          unsigned first, unsigned count, enum csc_refusal refusal)
{
    csc_world_refused(w, version, "signatures/signHash", sign_request(w, version, credential, sad, first, count),
                      csc_refusal_row(refusal, version));
}

static int64_t number_of(const json_t *o, const char *name)
{
    return json_integer_value(json_object_get(o, name));
}

static bool has(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0) return true;
    return false;
}

/* ---- info ---- */

static json_t *get_info(struct csc_world *w, unsigned version)
{
    struct exchange_of_test x;
    web_request(&x, HTTP_GET, version == 1 ? "/csc/v1/info" : "/csc/v2/info");
    assert_int_equal(web_send(w->web, &x), 200);
    json_t *info = json_loadb((const char *)x.response.body.data, x.response.body.length, 0, NULL);
    web_forget(&x);
    return info;
}

static void what_info_says(void **state)
{
    struct csc_world w;
    csc_world_open(state, &w, __func__);
    csc_world_as(&w, NULL);
    for (unsigned version = 1; version <= 2; version++) {
        json_t *info = csc_world_good(&w, version, "info", json_pack("{s:s}", "lang", "en-US")),
               *got = get_info(&w, version);
        const json_t *methods = json_object_get(info, "methods");
        assert_string_equal(json_string_value(json_object_get(info, "specs")), version == 1 ? "1.0.4.0" : "2.0.0.0");
        assert_string_equal(json_string_value(json_object_get(info, "lang")), "en");
        assert_string_equal(json_string_value(json_object_get(info, "region")), "PE");
        assert_true(has(methods, "signatures/signHash") && has(methods, "auth/login") && has(methods, "oauth2/token"));
        assert_true(has(methods, "signatures/timestamp"));
        assert_true(has(methods, version == 1 ? "credentials/sendOTP" : "credentials/getChallenge"));
        assert_false(has(methods, "credentials/authorizeCheck"));
        assert_true(json_equal(methods, json_object_get(got, "methods")));
        json_decref(info);
        json_decref(got);
        w.web->settings.central.explicit = false;
        w.web->settings.requests.tsa_url = "";
        info = get_info(&w, version);
        methods = json_object_get(info, "methods");
        assert_false(has(methods, "auth/login") || has(methods, "credentials/authorize") ||
                     has(methods, "credentials/sendOTP") || has(methods, "credentials/getChallenge") ||
                     has(methods, "signatures/timestamp") || has(json_object_get(info, "authType"), "basic"));
        assert_int_equal(json_array_size(json_object_get(info, "conformance_levels")), version == 1 ? 0 : 1);
        json_decref(info);
        w.web->settings.central.explicit = true;
        w.web->settings.requests.tsa_url = "http://127.0.0.1:1/tsa";
    }
    csc_world_close(&w);
}

/* ---- People ---- */

static void credentials_of(struct csc_world *w, unsigned version, const char *wanted, const char *mode)
{
    json_t *list = csc_world_good(w, version, "credentials/list", json_object());
    assert_int_equal(json_array_size(json_object_get(list, "credentialIDs")), 1);
    assert_true(has(json_object_get(list, "credentialIDs"), wanted));
    json_decref(list);
    json_t *one = csc_world_good(w, version, "credentials/info",
                                 json_pack("{s:s, s:s, s:b, s:b}", "credentialID", wanted, "certificates", "chain",
                                           "certInfo", 1, "authInfo", 1));
    const json_t *cert = json_object_get(one, "cert"), *key = json_object_get(one, "key");
    const json_t *given =
        version == 1 ? json_object_get(one, "authMode") : json_object_get(json_object_get(one, "auth"), "mode");
    assert_string_equal(json_string_value(given), mode);
    assert_string_equal(json_string_value(json_object_get(cert, "status")), "valid");
    assert_string_equal(json_string_value(json_object_get(key, "status")), "enabled");
    assert_string_equal(json_string_value(json_object_get(key, "curve")), "1.2.840.10045.3.1.7");
    assert_int_equal(number_of(key, "len"), 256);
    assert_true(json_array_size(json_object_get(cert, "certificates")) >= 2);
    assert_int_equal(json_string_length(json_object_get(cert, "validFrom")), 15);
    assert_int_equal(number_of(one, "multisign"), CSC_HASHES);
    struct buf der;
    assert_true(slice_equal(decode(json_array_get(json_object_get(cert, "certificates"), 0), &der),
                            csc_world_certificate(w, wanted)));
    buf_dispose(&der);
    json_decref(one);
}

static void people_sign_hashes(void **state)
{
    struct csc_world w;
    char sad[CSC_TOKEN_SIZE];
    csc_world_open(state, &w, __func__);
    for (unsigned version = 1; version <= 2; version++) {
        unsigned first = FIRST + 10 * version;
        csc_world_as(&w, w.of_person);
        credentials_of(&w, version, w.person, "oauth2code");
        csc_world_sad(&w, version, first, 5, sad);
        signs(&w, version, w.person, sad, first, 2);
        /* Once each; and what is wrong with one is wrong with all. */
        does_not_sign(&w, version, w.person, sad, first, 1, CSC_NO_HASH_REFUSED);
        does_not_sign(&w, version, w.person, sad, first + 1, 2, CSC_NO_HASH_REFUSED);
        does_not_sign(&w, version, w.person, sad, first + 4, 2, CSC_NO_HASH_REFUSED);
        /* Without the parameter only by the token itself. */
        csc_world_as(&w, sad);
        if (version == 2) signs(&w, version, w.person, NULL, first + 2, 1);
        csc_world_as(&w, w.of_person);
        signs(&w, version, w.person, sad, first + version + 1, 4 - version);
        /* All were signed: it is over. */
        does_not_sign(&w, version, w.person, sad, first + 4, 1, CSC_NO_SAD_EXPIRED);
    }
    csc_world_close(&w);
}

/** Lists of 2.0 with all there is to know. */
static void lists_of_2_0(void **state)
{
    struct csc_world w;
    csc_world_open(state, &w, __func__);
    json_t *list = csc_world_good(&w, 2, "credentials/list",
                                  json_pack("{s:b, s:s, s:b, s:b, s:b}", "credentialInfo", 1, "certificates", "none",
                                            "certInfo", 1, "authInfo", 1, "onlyValid", 1));
    const json_t *info = json_array_get(json_object_get(list, "credentialInfos"), 0);
    assert_string_equal(json_string_value(json_object_get(info, "credentialID")), w.person);
    assert_null(json_object_get(json_object_get(info, "cert"), "certificates"));
    assert_true(json_is_true(json_object_get(list, "onlyValid")));
    json_decref(list);
    (void)domain_store_run(w.office->store, "UPDATE certificate_status SET state = 2 WHERE state = 1");
    list = csc_world_good(&w, 2, "credentials/list", json_pack("{s:b}", "onlyValid", 1));
    assert_int_equal(json_array_size(json_object_get(list, "credentialIDs")), 0);
    json_decref(list);
    list = csc_world_good(&w, 1, "credentials/list", json_pack("{s:i}", "maxResults", 1));
    assert_int_equal(json_array_size(json_object_get(list, "credentialIDs")), 1);
    assert_null(json_object_get(list, "nextPageToken"));
    json_decref(list);
    json_t *one = csc_world_good(&w, 1, "credentials/info", json_pack("{s:s}", "credentialID", w.person));
    assert_string_equal(json_string_value(json_object_get(json_object_get(one, "cert"), "status")), "suspended");
    assert_string_equal(json_string_value(json_object_get(json_object_get(one, "key"), "status")), "disabled");
    json_decref(one);
    csc_world_close(&w);
}

/** PKCS #1 v1.5 under each of its names, and nothing else. */
static void rsa_keys(void **state)
{
    static const char *const algorithms[] = {"1.2.840.113549.1.1.1", "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.12",
                                             ECDSA};
    static const int refusals[] = {0, 0, CSC_NO_HASH_LENGTH, CSC_NO_ALGORITHM};
    struct csc_world w;
    char sad[CSC_TOKEN_SIZE];
    central_keys(KEY_ALGORITHM_RSA_2048);
    csc_world_open(state, &w, __func__);
    central_keys(KEY_ALGORITHM_NONE);
    slice certificate = csc_world_certificate(&w, w.person);
    for (unsigned version = 1; version <= 2; version++) {
        json_t *one = csc_world_good(&w, version, "credentials/info", json_pack("{s:s}", "credentialID", w.person));
        const json_t *key = json_object_get(one, "key");
        assert_int_equal(number_of(key, "len"), 2048);
        assert_int_equal(json_array_size(json_object_get(key, "algo")), 4);
        assert_null(json_object_get(key, "curve"));
        json_decref(one);
        csc_world_sad(&w, version, FIRST, 4, sad);
        for (unsigned i = 0; i < 4; i++) {
            json_t *body = sign_request(&w, version, w.person, sad, FIRST + i, 1);
            (void)json_object_set_new(body, "signAlgo", json_string(algorithms[i]));
            if (refusals[i] != 0) {
                csc_world_refused(&w, version, "signatures/signHash", body,
                                  csc_refusal_row((enum csc_refusal)refusals[i], version));
                continue;
            }
            json_t *answer = csc_world_good(&w, version, "signatures/signHash", body);
            assert_true(verifies(certificate, FIRST + i, json_array_get(json_object_get(answer, "signatures"), 0)));
            json_decref(answer);
        }
    }
    csc_world_close(&w);
}

/* ---- Who has stolen something ---- */

static void others_get_nothing(void **state)
{
    struct csc_world w;
    char sad[CSC_TOKEN_SIZE];
    csc_world_open(state, &w, __func__);
    csc_world_sad(&w, 2, FIRST, 3, sad);
    /* Another portal, with its own token: neither as SAD, nor for the seal. */
    csc_world_as(&w, w.of_other);
    does_not_sign(&w, 2, w.person, sad, FIRST, 1, CSC_NO_SAD_INVALID);
    csc_world_refused(&w, 2, "credentials/info", json_pack("{s:s}", "credentialID", w.seal),
                      csc_refusal_row(CSC_NO_CREDENTIAL_INVALID, 2));
    csc_world_refused(&w, 2, "credentials/info", json_pack("{s:s}", "credentialID", w.person),
                      csc_refusal_row(CSC_NO_CREDENTIAL_INVALID, 2));
    /* The same portal for another credential. */
    csc_world_as(&w, w.of_person);
    does_not_sign(&w, 2, w.seal, sad, FIRST, 1, CSC_NO_CREDENTIAL_INVALID);
    /* Taken back by another it holds on; by its own portal it does not. */
    csc_world_as(&w, w.of_other);
    struct csc_reply r = csc_world_ask(&w, 2, "auth/revoke", json_pack("{s:s}", "token", sad));
    assert_int_equal(r.status, 204);
    csc_world_as(&w, w.of_person);
    signs(&w, 2, w.person, sad, FIRST, 1);
    r = csc_world_ask(&w, 2, "auth/revoke", json_pack("{s:s, s:s}", "token", sad, "token_type_hint", "access_token"));
    assert_int_equal(r.status, 204);
    does_not_sign(&w, 2, w.person, sad, FIRST + 1, 1, CSC_NO_SAD_INVALID);
    /* A portal that was closed, a certificate that was revoked since. */
    csc_world_sad(&w, 2, FIRST, 1, sad);
    (void)domain_store_run(w.office->store, "UPDATE certificate_status SET state = 3 WHERE state = 1");
    does_not_sign(&w, 2, w.person, sad, FIRST, 1, CSC_NO_CREDENTIAL_DISABLED);
    (void)domain_store_run(w.office->store, "UPDATE certificate_status SET state = 1 WHERE state = 3");
    (void)domain_store_run(w.office->store, "UPDATE portal SET closed = TRUE WHERE client = 'sede'");
    does_not_sign(&w, 2, w.person, sad, FIRST, 1, CSC_NO_TOKEN_INVALID);
    csc_world_close(&w);
}

static void extending(void **state)
{
    struct csc_world w;
    char sad[CSC_TOKEN_SIZE], next[CSC_TOKEN_SIZE];
    csc_world_open(state, &w, __func__);
    for (unsigned version = 1; version <= 2; version++) {
        unsigned first = FIRST + 10 * version;
        csc_world_sad(&w, version, first, 3, sad);
        signs(&w, version, w.person, sad, first, 1);
        json_t *body = sign_request(&w, version, w.person, sad, first + 1, 2);
        (void)json_object_del(body, "signAlgo");
        (void)json_object_del(body, "hashAlgo");
        json_t *signed_one = json_deep_copy(body);
        (void)json_object_set_new(signed_one, version == 1 ? "hash" : "hashes", hashes_of(first, 1));
        csc_world_refused(&w, version, "credentials/extendTransaction", signed_one,
                          csc_refusal_row(CSC_NO_HASH_REFUSED, version));
        json_t *answer = csc_world_good(&w, version, "credentials/extendTransaction", body);
        (void)snprintf(next, sizeof next, "%s", json_string_value(json_object_get(answer, "SAD")));
        assert_in_range(number_of(answer, "expiresIn"), 1, 300);
        json_decref(answer);
        assert_string_not_equal(next, sad);
        does_not_sign(&w, version, w.person, sad, first + 1, 1, CSC_NO_SAD_INVALID);
        signs(&w, version, w.person, next, first + 1, 2);
    }
    csc_world_close(&w);
}

/* ---- Seals ---- */

static json_t *order_of(const struct csc_world *w, unsigned version, unsigned first, unsigned count)
{
    if (version == 1)
        return json_pack("{s:s, s:i, s:o, s:s, s:s}", "credentialID", w->seal, "numSignatures", (int)count, "hash",
                         hashes_of(first, count), "PIN", CENTRAL_PASSWORD, "description", "Padrones");
    return json_pack("{s:s, s:i, s:o, s:s, s:[{s:s, s:s}]}", "credentialID", w->seal, "numSignatures", (int)count,
                     "hashes", hashes_of(first, count), "hashAlgorithmOID", SHA256, "authData", "id", "PIN", "value",
                     CENTRAL_PASSWORD);
}

/** From the secret to signatures, as a program without a person does it. */
static void seals_by_pin(void **state)
{
    struct csc_world w;
    char token[CSC_TOKEN_SIZE], sad[CSC_TOKEN_SIZE];
    csc_world_open(state, &w, __func__);
    for (unsigned version = 1; version <= 2; version++) {
        unsigned first = FIRST + 100 * version;
        (void)snprintf(w.header, sizeof w.header, "Basic c2VkZTp1bi1zZWNyZXRvLWRlLWxhLXNlZGU="); /* sede:CSC_SECRET */
        json_t *answer = csc_world_good(&w, version, "auth/login", json_pack("{s:b}", "rememberMe", 1));
        (void)snprintf(token, sizeof token, "%s", json_string_value(json_object_get(answer, "access_token")));
        assert_int_equal(number_of(answer, "expires_in"), 3600);
        json_decref(answer);
        csc_world_as(&w, token);
        credentials_of(&w, version, w.seal, "explicit");
        answer = csc_world_good(&w, version, "credentials/authorize", order_of(&w, version, first, 60));
        (void)snprintf(sad, sizeof sad, "%s", json_string_value(json_object_get(answer, "SAD")));
        assert_in_range(number_of(answer, "expiresIn"), 200, 300);
        json_decref(answer);
        signs(&w, version, w.seal, sad, first, 60);
        does_not_sign(&w, version, w.seal, sad, first, 1, CSC_NO_SAD_EXPIRED);
        struct csc_reply r = csc_world_ask(&w, version, "auth/revoke", json_pack("{s:s}", "token", token));
        assert_int_equal(r.status, 204);
        csc_world_refused(&w, version, "credentials/list", json_object(),
                          csc_refusal_row(CSC_NO_TOKEN_INVALID, version));
    }
    assert_int_equal(domain_store_number(w.office->store,
                                         "SELECT count(*) FROM audit_waiting WHERE action = 'credential.authorise'"),
                     2);
    csc_world_close(&w);
}

/* ---- Seals that want a code, too ---- */

static void send_code(struct csc_world *w, unsigned version)
{
    json_t *body = json_pack("{s:s}", "credentialID", w->coded);
    if (version == 2) (void)json_object_set_new(body, "authObjectID", json_string("OTP"));
    struct csc_reply r =
        csc_world_ask(w, version, version == 1 ? "credentials/sendOTP" : "credentials/getChallenge", body);
    assert_int_equal(r.status, 204);
    json_decref(r.json);
}

static json_t *order_with(const struct csc_world *w, unsigned version, unsigned hash, const char *pin, const char *code)
{
    if (version == 1)
        return json_pack("{s:s, s:i, s:o, s:s, s:s}", "credentialID", w->coded, "numSignatures", 1, "hash",
                         hashes_of(hash, 1), "PIN", pin, "OTP", code);
    return json_pack("{s:s, s:i, s:o, s:s, s:[{s:s, s:s}, {s:s, s:s}]}", "credentialID", w->coded, "numSignatures", 1,
                     "hashes", hashes_of(hash, 1), "hashAlgorithmOID", SHA256, "authData", "id", "OTP", "value", code,
                     "id", "PIN", "value", pin);
}

/** PIN and OTP as this version tells of them. */
static void check_described(struct csc_world *w, unsigned version, const char *credential, bool code)
{
    json_t *info = csc_world_good(w, version, "credentials/info",
                                  json_pack("{s:s, s:b}", "credentialID", credential, "authInfo", 1));
    const json_t *otp = json_object_get(info, "OTP"), *auth = json_object_get(info, "auth");
    const json_t *object = json_array_get(json_object_get(auth, "objects"), 1);
    if (version == 1) {
        assert_string_equal(json_string_value(json_object_get(otp, "presence")), code ? "true" : "false");
        if (code) assert_string_equal(json_string_value(json_object_get(otp, "type")), "online");
    } else {
        assert_string_equal(json_string_value(json_object_get(auth, "expression")), code ? "PIN AND OTP" : "PIN");
        assert_int_equal(object != NULL, code);
        if (code) assert_string_equal(json_string_value(json_object_get(object, "type")), "ChallengeResponse");
    }
    json_decref(info);
}

static void seals_by_pin_and_code(void **state)
{
    struct csc_world w;
    char code[16], sad[CSC_TOKEN_SIZE];
    const char *seal = "";
    csc_world_open(state, &w, __func__);
    csc_world_code_seal(&w);
    csc_world_as(&w, w.of_portal);
    for (unsigned version = 1; version <= 2; version++) {
        unsigned first = FIRST + 100 * version;
        enum csc_refusal wrong = version == 1 ? CSC_NO_OTP_INVALID : CSC_NO_PROOF_INVALID;
        check_described(&w, version, w.seal, false);
        check_described(&w, version, w.coded, true);
        send_code(&w, version);
        (void)snprintf(code, sizeof code, "%s", central_code_of_seal("sede", &seal));
        assert_true(seal[0] != '\0');
        json_t *answer = csc_world_good(&w, version, "credentials/authorize",
                                        order_with(&w, version, first, CENTRAL_PASSWORD, code));
        (void)snprintf(sad, sizeof sad, "%s", json_string_value(json_object_get(answer, "SAD")));
        json_decref(answer);
        does_not_sign(&w, version, w.coded, sad, first + 1, 1, CSC_NO_HASH_REFUSED);
        signs(&w, version, w.coded, sad, first, 1);
        /* Once; and with a wrong PIN it is used up, too. */
        csc_world_refused(&w, version, "credentials/authorize", order_with(&w, version, first, CENTRAL_PASSWORD, code),
                          csc_refusal_row(wrong, version));
        send_code(&w, version);
        (void)snprintf(code, sizeof code, "%s", central_code_of_seal("sede", NULL));
        csc_world_refused(&w, version, "credentials/authorize", order_with(&w, version, first, "otro pin", code),
                          csc_refusal_row(version == 1 ? CSC_NO_PIN_INVALID : CSC_NO_PROOF_INVALID, version));
        csc_world_refused(&w, version, "credentials/authorize", order_with(&w, version, first, CENTRAL_PASSWORD, code),
                          csc_refusal_row(wrong, version));
    }
    /* What the database and its audit have of it is that it was sent. */
    assert_int_equal(
        domain_store_number(w.office->store, "SELECT count(*) FROM audit_waiting WHERE action = 'credential.code'"), 4);
    csc_world_close(&w);
}

/** 150 signatures of the grant's day; and what the portal may have authorised in all. */
static void seals_over_the_limit(void **state)
{
    struct csc_world w;
    csc_world_open(state, &w, __func__);
    csc_world_as(&w, w.of_portal);
    json_decref(csc_world_good(&w, 1, "credentials/authorize", order_of(&w, 1, FIRST, 100)));
    csc_world_refused(&w, 1, "credentials/authorize", order_of(&w, 1, FIRST, 51), csc_refusal_row(CSC_NO_TOO_MANY, 1));
    json_decref(csc_world_good(&w, 1, "credentials/authorize", order_of(&w, 1, FIRST, 50)));
    (void)domain_store_run(w.office->store, "UPDATE seal_grant SET daily = 0");
    (void)domain_store_run(w.office->store, "UPDATE portal SET quota = 3");
    json_decref(csc_world_good(&w, 2, "credentials/authorize", order_of(&w, 2, FIRST, 1)));
    csc_world_refused(&w, 2, "credentials/authorize", order_of(&w, 2, FIRST, 1), csc_refusal_row(CSC_NO_TOO_MANY, 2));
    (void)domain_store_run(w.office->store, "UPDATE portal_day SET day = day - 1");
    json_decref(csc_world_good(&w, 2, "credentials/authorize", order_of(&w, 2, FIRST, 1)));
    /* Of what was refused nothing is left behind. */
    assert_int_equal(domain_store_number(w.office->store, "SELECT count(*) FROM csc_token WHERE kind = 2"), 4);
    csc_world_close(&w);
}

/* ---- Later ---- */

static void answers_for_later(void **state)
{
    struct csc_world w;
    char sad[CSC_TOKEN_SIZE];
    csc_world_open(state, &w, __func__);
    csc_world_sad(&w, 2, FIRST, 2, sad);
    json_t *body = sign_request(&w, 2, w.person, sad, FIRST, 2);
    (void)json_object_set_new(body, "operationMode", json_string("A"));
    (void)json_object_set_new(body, "validity_period", json_integer(60000));
    json_t *answer = csc_world_good(&w, 2, "signatures/signHash", body);
    assert_null(json_object_get(answer, "signatures"));
    json_t *poll = json_pack("{s:O}", "requestID", json_object_get(answer, "responseID"));
    json_decref(answer);
    for (unsigned i = 0; i < 2; i++) {
        answer = csc_world_good(&w, 2, "signatures/signPolling", json_incref(poll));
        const json_t *signatures = json_object_get(answer, "signatures");
        assert_true(verifies(csc_world_certificate(&w, w.person), FIRST + 1, json_array_get(signatures, 1)));
        json_decref(answer);
    }
    csc_world_as(&w, w.of_other);
    csc_world_refused(&w, 2, "signatures/signPolling", json_incref(poll), csc_refusal_row(CSC_NO_REQUEST, 2));
    csc_world_as(&w, w.of_portal); /* the same portal, but not for ANA */
    csc_world_refused(&w, 2, "signatures/signPolling", json_incref(poll), csc_refusal_row(CSC_NO_REQUEST, 2));
    csc_world_as(&w, w.of_person);
    (void)domain_store_run(w.office->store, "UPDATE csc_result SET ends = 1");
    csc_world_refused(&w, 2, "signatures/signPolling", poll, csc_refusal_row(CSC_NO_REQUEST, 2));
    csc_world_close(&w);
}

/* ---- A time-stamp service ---- */

static struct {
    struct hand root, service;
    struct stamper stamper;
    const struct certificate *chain[1];
    struct http_router *router;
    struct http_listener *listener;
    uint8_t serial;
    char url[64];
} tsa;

static rfd_status stamp(struct http_request *request, struct http_response *response, void *context,
                        struct rfd_error *error)
{
    struct stamper_request read;
    struct buf b;
    bool granted = false;
    (void)context;
    uint8_t serial[] = {1, ++tsa.serial};
    buf_init(&b, STAMPER_RESPONSE_MAXIMUM);
    rfd_status status = stamper_respond(&tsa.stamper, request->body, slice_of(serial, sizeof serial), clock_now(), &b,
                                        &read, &granted, error);
    if (status == RFD_OK)
        http_response_body(response, "application/timestamp-reply", arena_copy(request->arena, buf_slice(&b)));
    buf_dispose(&b);
    return status;
}

static void start_tsa(void)
{
    static const struct http_route routes[] = {{HTTP_POST, "/tsa", 8192, 0, stamp, "tsa"}};
    static const char *const addresses[] = {"127.0.0.1:0"};
    hand_new(&tsa.root, &(struct make){.name = "Raíz", .extensions = AUTHORITY_EXTENSIONS});
    hand_new(&tsa.service, &(struct make){.name = "Hora", .issuer = &tsa.root.made, .extensions = TSA_EXTENSIONS});
    tsa.chain[0] = tsa.root.made.certificate;
    const struct stamper_plan plan = {.signer = &tsa.service.signer,
                                      .chain = tsa.chain,
                                      .chain_count = 1,
                                      .policies = {SLICE("\x2A\x03\x04\x01")},
                                      .policy_count = 1,
                                      .accuracy = RFD_SECOND,
                                      .fraction_digits = 3};
    WORLD_OK(stamper_set(&tsa.stamper, &plan, &error));
    WORLD_OK(http_router_new(routes, 1, &tsa.router, &error));
    const struct http_options options = {
        .addresses = addresses, .address_count = 1, .router = tsa.router, .threads = 1, .workers = 1};
    WORLD_OK(http_listener_start(&options, &tsa.listener, &error));
    (void)snprintf(tsa.url, sizeof tsa.url, "http://127.0.0.1:%u/tsa", (unsigned)http_listener_port(tsa.listener, 0));
}

static void stop_tsa(void)
{
    http_listener_stop(tsa.listener, 5);
    http_router_free(tsa.router);
    stamper_dispose(&tsa.stamper);
    hand_free(&tsa.service);
    hand_free(&tsa.root);
}

static void check_stamp(const json_t *text, unsigned number, slice nonce)
{
    struct timestamp t;
    struct buf token;
    uint8_t digest[32];
    csc_world_digest(number, digest);
    WORLD_OK(timestamp_parse(decode(text, &token), &t, &error));
    WORLD_OK(timestamp_verify(&t, slice_of(digest, sizeof digest), &error));
    if (nonce.length > 0) assert_true(slice_equal(t.nonce, nonce));
    timestamp_dispose(&t);
    buf_dispose(&token);
}

static void time_stamps(void **state)
{
    struct csc_world w;
    csc_world_open(state, &w, __func__);
    start_tsa();
    w.web->settings.requests.tsa_url = tsa.url;
    for (unsigned version = 1; version <= 2; version++) {
        json_t *answer = csc_world_good(
            &w, version, "signatures/timestamp",
            json_pack("{s:s, s:s, s:s}", "hash", csc_world_hash(FIRST), "hashAlgo", SHA256, "nonce", "00F1020304"));
        check_stamp(json_object_get(answer, "timestamp"), FIRST, SLICE("\x00\xF1\x02\x03\x04"));
        json_decref(answer);
        answer = csc_world_good(&w, version, "signatures/timestamp",
                                json_pack("{s:s, s:s}", "hash", csc_world_hash(FIRST), "hashAlgo", SHA256));
        check_stamp(json_object_get(answer, "timestamp"), FIRST, SLICE_EMPTY);
        json_decref(answer);
        w.web->settings.requests.tsa_url = "http://127.0.0.1:1/tsa"; /* nobody is there */
        csc_world_refused(&w, version, "signatures/timestamp",
                          json_pack("{s:s, s:s}", "hash", csc_world_hash(FIRST), "hashAlgo", SHA256),
                          csc_refusal_row(CSC_NO_UNAVAILABLE, version));
        w.web->settings.requests.tsa_url = tsa.url;
    }
    stop_tsa();
    csc_world_close(&w);
}

/* ---- Documents ---- */

static json_t *digest_item(unsigned number, const char *level)
{
    return json_pack("{s:[s], s:s, s:s, s:s, s:s, s:s}", "hashes", csc_world_hash(number), "hashAlgorithmOID", SHA256,
                     "signature_format", "P", "conformance_level", level, "signAlgo", ECDSA, "signed_envelope_property",
                     "Revision");
}

/** A PAdES signature of this digest, by this certificate; stamped, or not. */
static void check_document(slice certificate, const json_t *text, unsigned number, bool stamped)
{
    struct cms cms;
    struct cms_check check;
    struct buf octets;
    uint8_t digest[32];
    csc_world_digest(number, digest);
    WORLD_OK(cms_parse(decode(text, &octets), &cms, &error));
    assert_non_null(cms.signer);
    assert_true(slice_equal(cms.signer->der, certificate));
    cms_verify(&cms, cms.signer, slice_of(digest, sizeof digest), &check);
    assert_true(check.digest_matches && check.signature_matches && check.signing_certificate_matches);
    assert_true(check.content_type_matches && check.algorithms_consistent);
    assert_false(cms.has_content);
    assert_true(cms.signing_time == RFD_TIME_NONE); /* EN 319 142-1 §6.3 */
    assert_true(cms.certificates.count >= 2);
    assert_int_equal(cms.signature_timestamp_count, stamped ? 1 : 0);
    cms_dispose(&cms);
    buf_dispose(&octets);
}

static void people_sign_documents(void **state)
{
    struct csc_world w;
    char sad[CSC_TOKEN_SIZE];
    csc_world_open(state, &w, __func__);
    start_tsa();
    w.web->settings.requests.tsa_url = tsa.url;
    csc_world_documents(&w, FIRST, 4, sad);
    slice certificate = csc_world_certificate(&w, w.person);
    csc_world_as(&w, sad);
    json_t *answer = csc_world_good(&w, 2, "signatures/signDoc",
                                    json_pack("{s:s, s:[o,o]}", "credentialID", w.person, "documentDigests",
                                              digest_item(FIRST, "AdES-B-B"), digest_item(FIRST + 1, "Ades-B-T")));
    const json_t *objects = json_object_get(answer, "SignatureObject");
    assert_int_equal(json_array_size(objects), 2);
    check_document(certificate, json_array_get(objects, 0), FIRST, false);
    check_document(certificate, json_array_get(objects, 1), FIRST + 1, true);
    json_decref(answer);
    /* Each once; and not by signHash, whose hashes nobody was shown. */
    csc_world_refused(
        &w, 2, "signatures/signDoc",
        json_pack("{s:s, s:[o]}", "credentialID", w.person, "documentDigests", digest_item(FIRST, "Ades-B-B")),
        csc_refusal_row(CSC_NO_DIGESTS_DIFFER, 2));
    does_not_sign(&w, 2, w.person, NULL, FIRST + 2, 1, CSC_NO_HASH_REFUSED);
    /* As the examples of the standard have it: a text in the place of an array; later. */
    json_t *item = digest_item(FIRST + 2, "Ades-B-B");
    (void)json_object_set_new(item, "hashes", json_string(csc_world_hash(FIRST + 2)));
    answer = csc_world_good(
        &w, 2, "signatures/signDoc",
        json_pack("{s:s, s:[o], s:s}", "credentialID", w.person, "documentDigests", item, "operationMode", "A"));
    json_t *result = csc_world_good(&w, 2, "signatures/signPolling",
                                    json_pack("{s:O}", "requestID", json_object_get(answer, "responseID")));
    check_document(certificate, json_array_get(json_object_get(result, "SignatureObject"), 0), FIRST + 2, false);
    json_decref(answer);
    json_decref(result);
    stop_tsa();
    csc_world_close(&w);
}

/* ---- Whole documents ---- */

/** As base64, and its hash. */
static json_t *encoded(const struct buf *b)
{
    struct buf text;
    buf_init(&text, OCTETS);
    buf_put_base64(&text, buf_slice(b));
    json_t *json = json_stringn((const char *)text.data, text.length);
    buf_dispose(&text);
    return json;
}

static json_t *document_item(const struct buf *content, const char *format, const char *envelope, const char *level)
{
    return json_pack("{s:o, s:s, s:s, s:s, s:s}", "document", encoded(content), "signature_format", format,
                     "conformance_level", level, "signAlgo", ECDSA, "signed_envelope_property", envelope);
}

/** Its only signature is whole, by this certificate, over the whole file, and the document is what it begins with. */
static void check_pdf(slice certificate, const json_t *text, const struct buf *document, bool certified, bool stamped)
{
    struct buf octets;
    struct rfd_verification *v = NULL;
    struct rfd_verify_options options = RFD_VERIFY_OPTIONS_INIT;
    slice file = decode(text, &octets);
    options.offline = true;
    assert_true(file.length > document->length && memcmp(file.data, document->data, document->length) == 0);
    WORLD_OK(rfd_verify_memory(file, &options, &v, &error));
    assert_int_equal(rfd_verification_count(v), 1);
    const struct rfd_signature_report *r = rfd_verification_signature(v, 0);
    char fingerprint[65] = "";
    uint8_t hash[32];
    WORLD_OK(digest_of(DIGEST_SHA256, certificate, hash, &error));
    number_to_hex(slice_of(hash, sizeof hash), false, (uint8_t *)fingerprint);
    assert_true(r->intact && r->covers_whole_file);
    assert_int_equal(r->certification, certified ? 2 : 0);
    assert_int_equal(r->timestamp_count, stamped ? 1 : 0);
    assert_true(r->path_count > 0 && strcasecmp(r->path[0].fingerprint, fingerprint) == 0);
    rfd_verification_free(v);
    buf_dispose(&octets);
}

static void check_cades(slice certificate, const json_t *text, const struct buf *content, bool attached, bool stamped)
{
    struct cms cms;
    struct cms_check check;
    struct buf octets;
    uint8_t digest[32];
    WORLD_OK(digest_of(DIGEST_SHA256, buf_slice(content), digest, &error));
    WORLD_OK(cms_parse(decode(text, &octets), &cms, &error));
    assert_true(slice_equal(cms.signer->der, certificate));
    cms_verify(&cms, cms.signer, slice_of(digest, sizeof digest), &check);
    assert_true(check.digest_matches && check.signature_matches && check.signing_certificate_matches);
    assert_int_equal(cms.has_content, attached);
    if (attached) assert_true(slice_equal(cms.content, buf_slice(content)));
    assert_true(cms.signing_time != RFD_TIME_NONE); /* EN 319 122-1 §6.3 */
    assert_int_equal(cms.signature_timestamp_count, stamped ? 1 : 0);
    cms_dispose(&cms);
    buf_dispose(&octets);
}

enum { WHOLE = 6 };

struct whole {
    struct buf content[WHOLE];
    uint8_t digests[WHOLE][32];
    slice hashes[WHOLE];
};

static void make_whole(struct whole *d)
{
    for (unsigned i = 0; i < WHOLE; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "Documento %u", i);
        buf_init(&d->content[i], OCTETS);
        if (i < 4)
            central_put_pdf(text, &d->content[i]);
        else
            buf_put_text(&d->content[i], text);
        WORLD_OK(digest_of(DIGEST_SHA256, buf_slice(&d->content[i]), d->digests[i], &error));
        d->hashes[i] = slice_of(d->digests[i], 32);
    }
}

static void free_whole(struct whole *d)
{
    for (unsigned i = 0; i < WHOLE; i++) buf_dispose(&d->content[i]);
}

static void put_property(json_t *item, const char *name, const char *value)
{
    json_t *list = json_object_get(item, "signed_props");
    if (list == NULL) {
        list = json_array();
        (void)json_object_set_new(item, "signed_props", list);
    }
    (void)json_array_append_new(list, json_pack("{s:s, s:s}", "attribute_name", name, "attribute_value", value));
}

static bool has_octets(const json_t *text, const char *octets)
{
    struct buf b;
    slice file = decode(text, &b);
    bool found = memmem(file.data, file.length, octets, strlen(octets)) != NULL;
    buf_dispose(&b);
    return found;
}

static void people_sign_whole_documents(void **state)
{
    struct csc_world w;
    struct whole d;
    char sad[CSC_TOKEN_SIZE];
    csc_world_open(state, &w, __func__);
    start_tsa();
    w.web->settings.requests.tsa_url = tsa.url;
    make_whole(&d);
    csc_world_digests(&w, d.hashes, WHOLE, sad);
    slice certificate = csc_world_certificate(&w, w.person);
    csc_world_as(&w, sad);
    json_t *reasoned = document_item(&d.content[0], "P", "Revision", "Ades-B-B");
    put_property(reasoned, "Reason", "Q29uZm9ybWU="); /* Conforme */
    put_property(reasoned, "Location", "TGltYQ==");   /* Lima */
    json_t *list = json_pack("[o,o,o,o]", document_item(&d.content[4], "C", "Detached", "Ades-B-B"), reasoned,
                             document_item(&d.content[1], "P", "Certification", "AdES-B-T"),
                             document_item(&d.content[5], "C", "Attached", "Ades-B-T"));
    json_t *answer = csc_world_good(&w, 2, "signatures/signDoc",
                                    json_pack("{s:s, s:o}", "credentialID", w.person, "documents", list));
    const json_t *documents = json_object_get(answer, "DocumentWithSignature");
    const json_t *signatures = json_object_get(answer, "SignatureObject");
    assert_int_equal(json_array_size(documents), 2);
    assert_int_equal(json_array_size(signatures), 2);
    check_pdf(certificate, json_array_get(documents, 0), &d.content[0], false, false);
    assert_true(has_octets(json_array_get(documents, 0), "Conforme") &&
                has_octets(json_array_get(documents, 0), "Lima"));
    check_pdf(certificate, json_array_get(documents, 1), &d.content[1], true, true);
    check_cades(certificate, json_array_get(signatures, 0), &d.content[4], false, false);
    check_cades(certificate, json_array_get(signatures, 1), &d.content[5], true, true);
    json_decref(answer);
    /* Each once. */
    csc_world_refused(&w, 2, "signatures/signDoc",
                      json_pack("{s:s, s:[o]}", "credentialID", w.person, "documents",
                                document_item(&d.content[0], "P", "Revision", "Ades-B-B")),
                      csc_refusal_row(CSC_NO_DIGESTS_DIFFER, 2));
    /* Later. */
    answer = csc_world_good(&w, 2, "signatures/signDoc",
                            json_pack("{s:s, s:[o], s:s}", "credentialID", w.person, "documents",
                                      document_item(&d.content[2], "P", "Revision", "Ades-B-B"), "operationMode", "A"));
    json_t *result = csc_world_good(&w, 2, "signatures/signPolling",
                                    json_pack("{s:O}", "requestID", json_object_get(answer, "responseID")));
    check_pdf(certificate, json_array_get(json_object_get(result, "DocumentWithSignature"), 0), &d.content[2], false,
              false);
    json_decref(answer);
    json_decref(result);
    free_whole(&d);
    stop_tsa();
    csc_world_close(&w);
}

/** Whatever is wrong with one of them, no other is signed, and nothing is used up. */
static void whole_documents_or_none(void **state)
{
    struct csc_world w;
    struct whole d;
    char sad[CSC_TOKEN_SIZE];
    csc_world_open(state, &w, __func__);
    make_whole(&d);
    csc_world_digests(&w, d.hashes, 5, sad);
    csc_world_as(&w, sad);
    /* The last one was not authorised; is no PDF; one is there twice; cannot be stamped; nobody can say if it is
     * revoked. */
    static const struct {
        unsigned second;
        const char *format, *level;
        bool validation;
        enum csc_refusal refusal;
    } rows[] = {{5, "C", "Ades-B-B", false, CSC_NO_DIGESTS_DIFFER},
                {0, "P", "Ades-B-B", false, CSC_NO_DIGESTS_DIFFER},
                {1, "P", "Ades-B-B", true, CSC_NO_UNAVAILABLE}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *body = json_pack("{s:s, s:[o,o], s:b}", "credentialID", w.person, "documents",
                                 document_item(&d.content[0], "P", "Revision", "Ades-B-B"),
                                 document_item(&d.content[rows[i].second], rows[i].format,
                                               rows[i].format[0] == 'C' ? "Detached" : "Revision", rows[i].level),
                                 "returnValidationInfo", rows[i].validation);
        csc_world_refused(&w, 2, "signatures/signDoc", body, csc_refusal_row(rows[i].refusal, 2));
    }
    json_t *body = json_pack("{s:s, s:[o,o]}", "credentialID", w.person, "documents",
                             document_item(&d.content[0], "P", "Revision", "Ades-B-B"),
                             document_item(&d.content[4], "P", "Revision", "Ades-B-B"));
    const struct csc_refusal_row no_pdf = {"documents", 400, "invalid_request", "Invalid array parameter documents"};
    csc_world_refused(&w, 2, "signatures/signDoc", body, no_pdf);
    body = json_pack("{s:s, s:[o,o]}", "credentialID", w.person, "documents",
                     document_item(&d.content[0], "P", "Revision", "Ades-B-B"),
                     document_item(&d.content[1], "P", "Certification", "Ades-B-B"));
    json_t *answer = csc_world_good(&w, 2, "signatures/signDoc", body);
    assert_int_equal(json_array_size(json_object_get(answer, "DocumentWithSignature")), 2);
    json_decref(answer);
    assert_int_equal(domain_store_number(w.office->store, "SELECT count(*) FROM csc_result"), 0);
    free_whole(&d);
    csc_world_close(&w);
}

/** A seal's hashes are of either kind. */
static void seals_sign_documents(void **state)
{
    struct csc_world w;
    struct whole d;
    csc_world_open(state, &w, __func__);
    csc_world_as(&w, w.of_portal);
    make_whole(&d);
    struct buf hash;
    buf_init(&hash, 64);
    buf_put_slice(&hash, d.hashes[0]);
    json_t *order = order_of(&w, 2, FIRST, 2);
    (void)json_array_set_new(json_object_get(order, "hashes"), 0, encoded(&hash));
    json_t *answer = csc_world_good(&w, 2, "credentials/authorize", order);
    const char *sad = json_string_value(json_object_get(answer, "SAD"));
    json_t *signed_one = csc_world_good(&w, 2, "signatures/signDoc",
                                        json_pack("{s:s, s:s, s:[o]}", "credentialID", w.seal, "SAD", sad, "documents",
                                                  document_item(&d.content[0], "P", "Revision", "Ades-B-B")));
    check_pdf(csc_world_certificate(&w, w.seal),
              json_array_get(json_object_get(signed_one, "DocumentWithSignature"), 0), &d.content[0], false, false);
    json_decref(signed_one);
    signs(&w, 2, w.seal, sad, FIRST + 1, 1);
    json_decref(answer);
    buf_dispose(&hash);
    free_whole(&d);
    csc_world_close(&w);
}

/* ---- A portal whose key the personal keeper knows ---- */

static slice public_key(EVP_PKEY *key, struct buf *out)
{
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    assert_true(length > 0);
    buf_init(out, 1024);
    buf_put_slice(out, slice_of(der, (size_t)length));
    OPENSSL_free(der);
    return buf_slice(out);
}

static json_t *stated_order(const struct csc_world *w, unsigned version, EVP_PKEY *key, unsigned stated, unsigned asked)
{
    uint8_t digest[32];
    char hex[65] = "", claims[512];
    struct buf jws;
    csc_world_digest(stated, digest);
    number_to_hex(slice_of(digest, sizeof digest), false, (uint8_t *)hex);
    (void)snprintf(claims, sizeof claims, "{\"documents\":[\"%s\"],\"hashes\":[\"%s\"],\"iat\":%lld}", hex, hex,
                   (long long)(clock_now() / RFD_SECOND));
    buf_init(&jws, 4096);
    jws_make(key, JWS_STATEMENT_ES256, claims, &jws);
    json_t *order = order_of(w, version, asked, 1);
    (void)json_object_set_new(order, "statement", json_stringn((const char *)jws.data, jws.length));
    buf_dispose(&jws);
    return order;
}

static void seals_of_stating_portals(void **state)
{
    struct csc_world w;
    struct buf der;
    csc_world_open(state, &w, __func__);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    const struct profile_value names[] = {{OID_COMMON_NAME, "sede"}};
    const struct ask_registration known = {.kind = KEEPER_PORTAL,
                                           .name = "sede",
                                           .proof = public_key(key, &der),
                                           .profiles = "",
                                           .values = names,
                                           .value_count = 1};
    WORLD_OK(ask_register(central_link(KEEPER_FROM_ADMIN), &known, &error));
    csc_world_as(&w, w.of_portal);
    for (unsigned version = 1; version <= 2; version++) {
        const struct csc_refusal_row row = csc_refusal_row(CSC_NO_STATEMENT, version);
        csc_world_refused(&w, version, "credentials/authorize", order_of(&w, version, FIRST, 1), row);
        csc_world_refused(&w, version, "credentials/authorize", stated_order(&w, version, key, FIRST + version, FIRST),
                          row);
        json_t *answer = csc_world_good(&w, version, "credentials/authorize",
                                        stated_order(&w, version, key, FIRST + version, FIRST + version));
        signs(&w, version, w.seal, json_string_value(json_object_get(answer, "SAD")), FIRST + version, 1);
        json_decref(answer);
    }
    EVP_PKEY_free(key);
    buf_dispose(&der);
    csc_world_close(&w);
}

/* ---- A keeper that cannot ---- */

static struct {
    const struct keeper_client *right;
    unsigned operation;
    rfd_status status;
} failing;

static rfd_status handle_failing(void *context, struct keeper_session *session, const struct message *message,
                                 struct buf *answer, struct rfd_error *error)
{
    const struct keeper_client *right = failing.right;
    (void)context;
    if (message->type == failing.operation) return error_set(error, failing.status, "so that it is seen");
    session->sender = KEEPER_FROM_WEB;
    return right->direct(right->direct_context, session, message, answer, error);
}

/** Too much that is open, or ended by what is newer: nobody's fault, and to be tried again. */
static void seals_of_busy_keepers(void **state)
{
    static const struct {
        unsigned operation;
        rfd_status status;
    } rows[] = {
        {PERSONAL_BEGIN, RFD_E_LIMIT}, {PERSONAL_ACTIVATE, RFD_E_ACTIVATION_ENDED}, {PERSONAL_BEGIN, RFD_E_BUSY}};
    struct csc_world w;
    struct keeper_client *client = NULL;
    csc_world_open(state, &w, __func__);
    failing.right = w.central.personal;
    WORLD_OK(keeper_client_direct_to(handle_failing, NULL, &client, &error));
    w.web->web->options.personal = client;
    csc_world_as(&w, w.of_portal);
    for (unsigned version = 1; version <= 2; version++) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            failing.operation = rows[i].operation;
            failing.status = rows[i].status;
            csc_world_refused(&w, version, "credentials/authorize", order_of(&w, version, FIRST, 1),
                              csc_refusal_row(CSC_NO_UNAVAILABLE, version));
        }
        /* A name of the portal that cannot be shown is nobody's PIN. */
        failing.operation = PERSONAL_BEGIN;
        failing.status = RFD_E_ARGUMENT;
        json_t *order = order_of(&w, version, FIRST, 1);
        (void)json_object_del(order, "description");
        csc_world_refused(&w, version, "credentials/authorize", order, csc_refusal_row(CSC_NO_SERVER, version));
        order = order_of(&w, version, FIRST, 1);
        (void)json_object_set_new(order, "description", json_string("Padrones"));
        csc_world_refused(&w, version, "credentials/authorize", order, csc_refusal_row(CSC_NO_DESCRIPTION, version));
        /* Proofs that the keeper cannot read are none that are right. */
        failing.operation = PERSONAL_ACTIVATE;
        order = order_of(&w, version, FIRST, 1);
        csc_world_refused(&w, version, "credentials/authorize", order,
                          csc_refusal_row(version == 1 ? CSC_NO_PIN_INVALID : CSC_NO_PROOF_INVALID, version));
    }
    w.web->web->options.personal = w.central.personal;
    keeper_client_free(client);
    csc_world_close(&w);
}

/* ---- Words ---- */

/** 500 letters, which are a thousand octets; blanks around them. */
static void long_descriptions(void **state)
{
    struct csc_world w;
    char text[2 * CSC_DESCRIPTION_MAXIMUM + 1] = "";
    csc_world_open(state, &w, __func__);
    csc_world_as(&w, w.of_portal);
    for (unsigned i = 0; i < CSC_DESCRIPTION_MAXIMUM; i++) memcpy(text + 2 * i, "ñ", 3);
    for (unsigned version = 1; version <= 2; version++) {
        json_t *order = order_of(&w, version, FIRST, 1);
        (void)json_object_set_new(order, "description", json_string(text));
        json_decref(csc_world_good(&w, version, "credentials/authorize", order));
        order = order_of(&w, version, FIRST, 1);
        (void)json_object_set_new(order, "description", json_string(" Padrones de mayo  "));
        json_decref(csc_world_good(&w, version, "credentials/authorize", order));
    }
    csc_world_close(&w);
}

static const json_t *words_of(const json_t *one, unsigned version, unsigned object)
{
    const json_t *objects = json_object_get(json_object_get(one, "auth"), "objects");
    const json_t *o = version == 2  ? json_array_get(objects, object)
                      : object == 0 ? json_object_get(one, "PIN")
                                    : json_object_get(one, "OTP");
    return json_object_get(o, "description");
}

static void check_language(struct csc_world *w, const json_t *one, unsigned version, const char *code)
{
    const struct rfd_language *language = NULL;
    const struct web_options *o = &w->web->web->options;
    for (size_t i = 0; i < o->language_count; i++)
        if (strcmp(language_code(o->languages[i]), code) == 0) language = o->languages[i];
    assert_non_null(language);
    assert_string_equal(json_string_value(json_object_get(one, "lang")), code);
    assert_string_equal(json_string_value(words_of(one, version, 0)),
                        language_get(language, N_("The password of the seal")));
    assert_string_equal(
        json_string_value(words_of(one, version, 1)),
        language_get(language, N_("A code for one authorization, sent to the mobile of who answers for the seal")));
}

/** `lang` is followed: texts, and what they say that they are in. */
static void languages(void **state)
{
    static const char *const asked[] = {"ca", "ca-ES", "es-PE", "en"};
    static const char *const wanted[] = {"ca", "ca", "es", "en"};
    struct csc_world w;
    csc_world_open(state, &w, __func__);
    csc_world_code_seal(&w);
    csc_world_as(&w, w.of_portal);
    for (unsigned version = 1; version <= 2; version++) {
        for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
            json_t *one =
                csc_world_good(&w, version, "credentials/info",
                               json_pack("{s:s, s:b, s:s}", "credentialID", w.coded, "authInfo", 1, "lang", asked[i]));
            check_language(&w, one, version, wanted[i]);
            json_decref(one);
        }
    }
    json_t *list = csc_world_good(&w, 2, "credentials/list",
                                  json_pack("{s:b, s:b, s:s}", "credentialInfo", 1, "authInfo", 1, "lang", "ca"));
    const json_t *infos = json_object_get(list, "credentialInfos");
    for (size_t i = 0; i < json_array_size(infos); i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(infos, i), "credentialID")), w.coded) == 0)
            check_language(&w, json_array_get(infos, i), 2, "ca");
    json_decref(list);
    csc_world_close(&w);
}

/* ---- What ends ---- */

static rfd_status do_sweep(struct transaction *t, void *context, struct rfd_error *error)
{
    (void)context;
    return csc_sweep(t, clock_now(), error);
}

/** A token that ended is told from one that never was, whenever the worker sweeps. */
static void ended_tokens(void **state)
{
    struct csc_world w;
    csc_world_open(state, &w, __func__);
    csc_world_as(&w, w.of_portal);
    clock_fix(clock_now() + 2 * CSC_SERVICE_SECONDS * RFD_SECOND);
    WORLD_OK(store_write(w.office->store, do_sweep, NULL, &error));
    csc_world_refused(&w, 2, "credentials/list", NULL, csc_refusal_row(CSC_NO_TOKEN_EXPIRED, 2));
    clock_fix(clock_now() + CSC_ENDED_SECONDS * RFD_SECOND);
    WORLD_OK(store_write(w.office->store, do_sweep, NULL, &error));
    csc_world_refused(&w, 2, "credentials/list", NULL, csc_refusal_row(CSC_NO_TOKEN_INVALID, 2));
    clock_fix(RFD_TIME_NONE);
    csc_world_close(&w);
}

/** The certificate ends while what it authorised holds: as its own octets say, nobody having remembered anything. */
static void certificate_ends(void **state, unsigned version, const char *test)
{
    const struct certificate *c = NULL;
    struct csc_world w;
    struct buf name;
    char sad[CSC_TOKEN_SIZE], wanted[512];
    csc_world_open(state, &w, test);
    WORLD_OK(certificate_parse(csc_world_certificate(&w, w.person), &c, &error));
    clock_fix(c->not_after - 60 * RFD_SECOND);
    csc_world_sad(&w, version, FIRST, 1, sad);
    (void)domain_store_run(w.office->store, "UPDATE csc_token SET ends = ends + 4000000000000000 WHERE kind = 1");
    clock_fix(c->not_after + RFD_SECOND);
    buf_init(&name, sizeof wanted);
    buf_put_text(&name, "Signing certificate 'O=");
    (void)certificate_name_attribute(c->subject, oid(OID_ORGANIZATION), &name);
    buf_put_text(&name, ",CN=");
    (void)certificate_name_attribute(c->subject, oid(OID_COMMON_NAME), &name);
    buf_put_text(&name, "' is expired.");
    (void)snprintf(wanted, sizeof wanted, "%.*s", (int)name.length, (const char *)name.data);
    struct csc_refusal_row row = csc_refusal_row(CSC_NO_CERTIFICATE_EXPIRED, version);
    if (version == 1) row.description = wanted;
    csc_world_refused(&w, version, "signatures/signHash", sign_request(&w, version, w.person, sad, FIRST, 1), row);
    json_t *one = csc_world_good(&w, version, "credentials/info", json_pack("{s:s}", "credentialID", w.person));
    assert_string_equal(json_string_value(json_object_get(json_object_get(one, "cert"), "status")), "expired");
    json_decref(one);
    clock_fix(RFD_TIME_NONE);
    buf_dispose(&name);
    certificate_unref(c);
    csc_world_close(&w);
}

static void certificate_ends_v1(void **state)
{
    certificate_ends(state, 1, __func__);
}

static void certificate_ends_v2(void **state)
{
    certificate_ends(state, 2, __func__);
}

/* ---- Lists ---- */

/** Page after page, and of the holder that is named. */
static void pages_of_lists(void **state)
{
    struct csc_world w;
    csc_world_open(state, &w, __func__);
    csc_world_code_seal(&w);
    csc_world_as(&w, w.of_portal);
    json_t *first = csc_world_good(&w, 1, "credentials/list", json_pack("{s:i}", "maxResults", 1));
    const json_t *next = json_object_get(first, "nextPageToken");
    assert_int_equal(json_array_size(json_object_get(first, "credentialIDs")), 1);
    assert_true(json_is_string(next));
    json_t *second = csc_world_good(&w, 1, "credentials/list",
                                    json_pack("{s:i, s:s}", "maxResults", 1, "pageToken", json_string_value(next)));
    assert_int_equal(json_array_size(json_object_get(second, "credentialIDs")), 1);
    assert_null(json_object_get(second, "nextPageToken"));
    assert_false(json_equal(json_object_get(first, "credentialIDs"), json_object_get(second, "credentialIDs")));
    json_decref(first);
    json_decref(second);
    struct central_credential shown;
    struct arena a;
    arena_init(&a, 1 << 20);
    WORLD_OK(central_credential_show(&w.central, slice_text(w.seal), &a, &shown, &error));
    for (unsigned version = 1; version <= 2; version++) {
        json_t *list = csc_world_good(&w, version, "credentials/list", json_pack("{s:s}", "userID", shown.holder));
        assert_int_equal(json_array_size(json_object_get(list, "credentialIDs")), 2);
        json_decref(list);
    }
    arena_dispose(&a);
    csc_world_close(&w);
}

static void check_name(const json_t *cert, const char *member, slice name)
{
    struct buf b;
    buf_init(&b, 4096);
    certificate_put_name(&b, name);
    assert_true(slice_is(buf_slice(&b), json_string_value(json_object_get(cert, member))));
    buf_dispose(&b);
}

/** What is told of a certificate is what it says. */
static void details_of_certificates(void **state)
{
    struct csc_world w;
    csc_world_open(state, &w, __func__);
    for (unsigned version = 1; version <= 2; version++) {
        const struct certificate *c = NULL;
        WORLD_OK(certificate_parse(csc_world_certificate(&w, w.person), &c, &error));
        json_t *one = csc_world_good(&w, version, "credentials/info",
                                     json_pack("{s:s, s:b}", "credentialID", w.person, "certInfo", 1));
        const json_t *cert = json_object_get(one, "cert");
        char serial[2 * 32 + 1] = "", time[CLOCK_TEXT_SIZE];
        slice number = c->serial;
        while (number.length > 1 && number.data[0] == 0) number = slice_from(number, 1);
        number_to_hex(number, true, (uint8_t *)serial);
        check_name(cert, "issuerDN", c->issuer);
        check_name(cert, "subjectDN", c->subject);
        assert_non_null(strstr(json_string_value(json_object_get(cert, "subjectDN")), "CN="));
        assert_string_equal(json_string_value(json_object_get(cert, "serialNumber")), serial);
        assert_string_equal(json_string_value(json_object_get(cert, "validFrom")),
                            clock_asn1(c->not_before, true, time));
        assert_string_equal(json_string_value(json_object_get(cert, "validTo")), clock_asn1(c->not_after, true, time));
        json_decref(one);
        certificate_unref(c);
    }
    csc_world_close(&w);
}

/* ---- Other digests, other forms ---- */

static json_t *longer_hash(enum digest_id digest, unsigned number, uint8_t out[DIGEST_SIZE_MAXIMUM])
{
    struct buf b;
    WORLD_OK(digest_of(digest, slice_of(&number, sizeof number), out, &error));
    buf_init(&b, 256);
    buf_put_slice(&b, slice_of(out, digest_size(digest)));
    json_t *text = encoded(&b);
    buf_dispose(&b);
    return text;
}

static bool verifies_digest(slice certificate, const EVP_MD *md, slice digest, const json_t *signature)
{
    struct buf octets;
    const unsigned char *at = certificate.data;
    X509 *x = d2i_X509(NULL, &at, (long)certificate.length);
    slice value = decode(signature, &octets);
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(NULL, X509_get0_pubkey(x), NULL);
    assert_int_equal(EVP_PKEY_verify_init(c), 1);
    assert_int_equal(EVP_PKEY_CTX_set_signature_md(c, md), 1);
    bool good = EVP_PKEY_verify(c, value.data, value.length, digest.data, digest.length) == 1;
    EVP_PKEY_CTX_free(c);
    X509_free(x);
    buf_dispose(&octets);
    return good;
}

/** SHA-384 and SHA-512 from the order to the signature. */
static void longer_digests(void **state)
{
    static const struct {
        enum digest_id digest;
        const char *hash, *algorithm;
        const EVP_MD *(*md)(void);
    } rows[] = {{DIGEST_SHA384, "2.16.840.1.101.3.4.2.2", "1.2.840.10045.4.3.3", EVP_sha384},
                {DIGEST_SHA512, "2.16.840.1.101.3.4.2.3", "1.2.840.10045.4.3.4", EVP_sha512}};
    struct csc_world w;
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    csc_world_open(state, &w, __func__);
    csc_world_as(&w, w.of_portal);
    for (unsigned version = 1; version <= 2; version++) {
        const char *name = version == 1 ? "hash" : "hashes";
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            json_t *list = json_pack("[o]", longer_hash(rows[i].digest, FIRST, digest));
            json_t *order = order_of(&w, version, FIRST, 1);
            (void)json_object_set(order, name, list);
            if (version == 2) (void)json_object_set_new(order, "hashAlgorithmOID", json_string(rows[i].hash));
            json_t *answer = csc_world_good(&w, version, "credentials/authorize", order);
            json_t *body = sign_request(&w, version, w.seal, json_string_value(json_object_get(answer, "SAD")), 0, 1);
            (void)json_object_set_new(body, name, list);
            (void)json_object_set_new(body, version == 1 ? "hashAlgo" : "hashAlgorithmOID", json_string(rows[i].hash));
            (void)json_object_set_new(body, "signAlgo", json_string(rows[i].algorithm));
            json_t *given = csc_world_good(&w, version, "signatures/signHash", body);
            assert_true(verifies_digest(csc_world_certificate(&w, w.seal), rows[i].md(),
                                        slice_of(digest, digest_size(rows[i].digest)),
                                        json_array_get(json_object_get(given, "signatures"), 0)));
            json_decref(given);
            json_decref(answer);
        }
    }
    csc_world_close(&w);
}

/** As examples of 2.0 have it: one text in the place of an array. */
static void hashes_as_text(void **state)
{
    struct csc_world w;
    csc_world_open(state, &w, __func__);
    csc_world_as(&w, w.of_portal);
    json_t *order = order_of(&w, 2, FIRST, 1);
    (void)json_object_set_new(order, "hashes", json_string(csc_world_hash(FIRST)));
    json_t *answer = csc_world_good(&w, 2, "credentials/authorize", order);
    json_t *body = sign_request(&w, 2, w.seal, json_string_value(json_object_get(answer, "SAD")), FIRST, 1);
    (void)json_object_set_new(body, "hashes", json_string(csc_world_hash(FIRST)));
    (void)json_object_del(body, "signAlgo");
    json_t *extended = csc_world_good(&w, 2, "credentials/extendTransaction", json_incref(body));
    (void)json_object_set(body, "SAD", json_object_get(extended, "SAD"));
    (void)json_object_set_new(body, "signAlgo", json_string(ECDSA));
    json_t *given = csc_world_good(&w, 2, "signatures/signHash", body);
    assert_true(
        verifies(csc_world_certificate(&w, w.seal), FIRST, json_array_get(json_object_get(given, "signatures"), 0)));
    json_decref(given);
    json_decref(extended);
    json_decref(answer);
    csc_world_close(&w);
}

/* ---- How much ---- */

enum { LONG_TEXT = 76000 /* of base64: fifty are below what a request may have */ };

static json_t *many_documents(unsigned count, const char *level)
{
    char text[LONG_TEXT + 1];
    json_t *list = json_array();
    memset(text, 'A', LONG_TEXT);
    text[LONG_TEXT] = '\0';
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(text, 9, "%08u", i);
        text[8] = 'A';
        (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "document", text, "signature_format",
                                                    "P", "conformance_level", level, "signAlgo", ECDSA,
                                                    "hashAlgorithmOID", SHA256));
    }
    return list;
}

/** Fifty-one are too many; and what could not be kept for later is refused before anything is signed. */
static void many_or_long(void **state)
{
    struct csc_world w;
    char sad[CSC_TOKEN_SIZE];
    const struct csc_refusal_row many = {"documents", 400, "invalid_request", "Invalid array parameter documents"};
    csc_world_open(state, &w, __func__);
    csc_world_documents(&w, FIRST, CSC_DOCUMENTS + 1, sad);
    csc_world_as(&w, sad);
    csc_world_refused(
        &w, 2, "signatures/signDoc",
        json_pack("{s:s, s:o}", "credentialID", w.person, "documents", many_documents(CSC_DOCUMENTS + 1, "Ades-B-B")),
        many);
    csc_world_refused(&w, 2, "signatures/signDoc",
                      json_pack("{s:s, s:s, s:o}", "credentialID", w.person, "operationMode", "A", "documents",
                                many_documents(CSC_DOCUMENTS, "Ades-B-LT")),
                      csc_refusal_row(CSC_NO_MODE, 2));
    /* At once, or without what makes them so long, it is only these that were not authorised. */
    csc_world_refused(
        &w, 2, "signatures/signDoc",
        json_pack("{s:s, s:o}", "credentialID", w.person, "documents", many_documents(CSC_DOCUMENTS, "Ades-B-LT")),
        csc_refusal_row(CSC_NO_DIGESTS_DIFFER, 2));
    csc_world_refused(&w, 2, "signatures/signDoc",
                      json_pack("{s:s, s:s, s:o}", "credentialID", w.person, "operationMode", "A", "documents",
                                many_documents(CSC_DOCUMENTS, "Ades-B-B")),
                      csc_refusal_row(CSC_NO_DIGESTS_DIFFER, 2));
    csc_world_close(&w);
}

/* ---- The description ---- */

static void the_description_is_served(void **state)
{
    struct csc_world w;
    csc_world_open(state, &w, __func__);
    for (unsigned version = 1; version <= 2; version++) {
        struct exchange_of_test x;
        web_request(&x, HTTP_GET, version == 1 ? "/csc/v1/openapi.json" : "/csc/v2/openapi.json");
        assert_int_equal(web_send(w.web, &x), 200);
        json_t *document = json_loadb((const char *)x.response.body.data, x.response.body.length, 0, NULL);
        assert_true(json_equal(document, w.openapi[version]));
        json_decref(document);
        web_forget(&x);
    }
    csc_world_close(&w);
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, office_sqlite, office_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(what_info_says),
        IN_BOTH_OFFICES(people_sign_hashes),
        IN_A_HOUSE(lists_of_2_0),
        IN_A_HOUSE(rsa_keys),
        IN_BOTH_OFFICES(others_get_nothing),
        IN_BOTH_OFFICES(extending),
        IN_BOTH_OFFICES(seals_by_pin),
        IN_BOTH_OFFICES(seals_over_the_limit),
        IN_BOTH_OFFICES(answers_for_later),
        IN_A_HOUSE(time_stamps),
        IN_A_HOUSE(people_sign_documents),
        IN_A_HOUSE(the_description_is_served),
        IN_BOTH_OFFICES(seals_by_pin_and_code),
        IN_BOTH_OFFICES(people_sign_whole_documents),
        IN_A_HOUSE(whole_documents_or_none),
        IN_A_HOUSE(seals_sign_documents),
        IN_A_HOUSE(seals_of_stating_portals),
        IN_A_HOUSE(seals_of_busy_keepers),
        IN_A_HOUSE(long_descriptions),
        IN_A_HOUSE(languages),
        IN_A_HOUSE(ended_tokens),
        IN_A_HOUSE(pages_of_lists),
        IN_A_HOUSE(certificate_ends_v1),
        IN_A_HOUSE(certificate_ends_v2),
        IN_A_HOUSE(details_of_certificates),
        IN_A_HOUSE(longer_digests),
        IN_A_HOUSE(hashes_as_text),
        IN_A_HOUSE(many_or_long),
    };
    return cmocka_run_group_tests(tests, central_setup, central_teardown);
}
